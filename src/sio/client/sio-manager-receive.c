/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes in: the path that every received byte takes. Nothing is allocated here for an event that nobody but the tap
 * listens to. */

#include "sio-manager-private.h"

#include "../wire/sio-json.h"
#include "../wire/sio-printable.h"

/**
 * sio_manager_tap_error:
 *
 * Tells the tap what was ignored or refused. @bytes is what was wrong.
 */
void
sio_manager_tap_error (SioManager *self,
                       const char *where,
                       SioError    code,
                       SioSpan     bytes,
                       const char *format,
                       ...)
{
  g_autoptr(GError) error = NULL;
  va_list args;

  if (self->tap.tap == NULL || self->tap.iface->error == NULL)
    return;

  va_start (args, format);
  error = g_error_new_valist (SIO_ERROR, (int) code, format, args);
  va_end (args);
  SIO_TAP_CALL (&self->tap, error, where, error, bytes);
}

SioSocket *
sio_manager_look_up (SioManager *self,
                     SioSpan     nsp)
{
  SioSocket *last = self->last_socket;

  if (last != NULL && last->nsp_key.size == nsp.size
      && memcmp (last->nsp_key.data, nsp.data, nsp.size) == 0)
    return last;

  last = g_hash_table_lookup (self->by_nsp, &nsp);
  if (last != NULL)
    self->last_socket = last;
  return last;
}

static void
tap_packet (SioManager       *self,
            SioTransportKind  transport,
            SioSpan           raw,
            SioSpan           wire,
            const SioPacket  *packet)
{
  SioTapPacket seen;

  if (self->tap.tap == NULL || self->tap.iface->packet == NULL)
    return;

  seen.direction = SIO_DIRECTION_IN;
  seen.transport = transport;
  seen.type = packet->type;
  seen.raw = raw;
  seen.nsp = packet->nsp;
  seen.event = packet->event;
  seen.args = packet->args;
  if (packet->type == SIO_PACKET_CONNECT || packet->type == SIO_PACKET_CONNECT_ERROR)
    seen.args = packet->payload;
  seen.n_args = packet->n_args;
  seen.n_attachments = packet->n_attachments;
  seen.id = packet->id;
  seen.tag = 0;
  seen.wire = wire;
  SIO_TAP_CALL (&self->tap, packet, &seen);
}

static void
parse_error (SioManager   *self,
             const GError *error,
             SioSpan       bytes)
{
  SIO_TAP_CALL (&self->tap, error, "packet", error, bytes);
  sio_manager_engine_lost (self, "parse error", error);
}

/* Socket.IO protocol, "Detecting the server version": over WebSocket a server 2.x can keep silent for so long that it was
 * taken for a later one. Its answer to CONNECT has no id, and its refusals are plain text as no later server sends them. */
static void
settle_doubt (SioManager      *self,
              const SioPacket *packet)
{
  SioSpan sid;

  if (packet->type == SIO_PACKET_CONNECT && packet->payload.size > 0)
    self->doubtful = !sio_json_object_get (packet->payload, "sid", &sid);
  else if (packet->type == SIO_PACKET_CONNECT)
    sio_manager_adopt_legacy (self, "CONNECT was answered without an id, as Socket.IO 2 does");
  else if (packet->type == SIO_PACKET_CONNECT_ERROR && packet->payload.size > 0
           && sio_json_get_type (packet->payload) == SIO_JSON_STRING)
    sio_manager_adopt_legacy (self, "CONNECT was refused with plain text, as Socket.IO 2 does");
}

/* Socket.IO 2.x: a refusal of "/" is told to every namespace. */
static void
dispatch_root_error (SioManager      *self,
                     GBytes          *owner,
                     SioSpan          raw,
                     const SioPacket *packet)
{
  SioManagerLink *link = self->link;
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->sockets->len; i++)
    if (sio_socket_get_active (g_ptr_array_index (self->sockets, i)))
      g_ptr_array_add (sockets, g_object_ref (g_ptr_array_index (self->sockets, i)));

  for (guint i = 0; i < sockets->len && self->link == link; i++)
    sio_socket_handle_packet (g_ptr_array_index (sockets, i), owner, raw, packet, NULL);
}

static void
dispatch (SioManager      *self,
          GBytes          *owner,
          SioSpan          raw,
          const SioPacket *packet,
          GPtrArray       *attachments)
{
  SioSocket *socket;

  if (self->doubtful)
    settle_doubt (self, packet);

  if (sio_manager_is_legacy (self) && packet->nsp.size == 1)
    {
      if (packet->type == SIO_PACKET_CONNECT_ERROR)
        {
          dispatch_root_error (self, owner, raw, packet);
          return;
        }
      if (packet->type == SIO_PACKET_CONNECT)
        self->root_joined = TRUE;
    }

  socket = sio_manager_look_up (self, packet->nsp);
  if (socket == NULL && packet->type == SIO_PACKET_CONNECT && sio_manager_is_legacy (self) && packet->nsp.size == 1)
    return;
  if (socket == NULL)
    {
      g_autofree char *nsp = sio_printable (packet->nsp.data, (gssize) packet->nsp.size, 80);

      /* no object is made for what only the server asked for */
      sio_manager_tap_error (self, "packet", SIO_ERROR_REFUSED, raw,
                             "%s for the namespace %s, which was not asked for: ignored",
                             sio_packet_type_get_name (packet->type), nsp);
      return;
    }

  if (self->too_deep)
    sio_socket_handle_too_deep (socket, raw, packet);
  else
    sio_socket_handle_packet (socket, owner, raw, packet, attachments);
}

static void
move_span (SioSpan *span,
           SioSpan  from,
           SioSpan  to)
{
  if (span->data >= from.data && span->data <= from.data + from.size)
    span->data = to.data + (span->data - from.data);
}

/* So that whoever wants may keep what the packet points into. */
static GBytes *
copy_packet (SioSpan   *raw,
             SioPacket *packet)
{
  GBytes *copy = g_bytes_new (raw->data, raw->size);
  SioSpan to;

  to.data = g_bytes_get_data (copy, &to.size);
  move_span (&packet->nsp, *raw, to);
  move_span (&packet->payload, *raw, to);
  move_span (&packet->event, *raw, to);
  move_span (&packet->args, *raw, to);
  *raw = to;
  return copy;
}

/* L6: it is kept as text, and who waits for it hears that it could not be read. TRUE if packet can be used so far. */
static gboolean
is_too_deep (SioManager    *self,
             SioSpan        text,
             SioPacket     *packet,
             const GError  *error)
{
  return g_error_matches (error, SIO_ERROR, SIO_ERROR_TOO_LARGE)
         && sio_packet_decode_shallow (text, &self->limits, packet, NULL);
}

/* With another parser one message is the whole packet. */
static void
receive_parsed (SioManagerLink   *link,
                gboolean          is_text,
                SioSpan           message,
                SioTransportKind  transport)
{
  g_autoptr(SioManager) self = g_object_ref (link->manager);
  SioParserLimits limits = { self->limits.max_depth, self->limits.max_attachments, self->max_payload };
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) owner = NULL;
  GString *out = g_string_new ("4");
  SioPacket packet;
  SioSpan raw;
  gboolean too_deep = FALSE;
  gboolean good;

  link->depth++;
  good = sio_parser_decode (link->parser, self->limits.revision, is_text, message, &limits,
                            out, attachments, &error);
  owner = g_string_free_to_bytes (out);
  raw.data = g_bytes_get_data (owner, &raw.size);
  good = good && sio_packet_decode ((SioSpan) { raw.data + 1, raw.size - 1 }, &self->limits, &packet, &error);
  if (!good && is_too_deep (self, (SioSpan) { raw.data + 1, raw.size - 1 }, &packet, error))
    {
      good = too_deep = TRUE;
      g_clear_error (&error);
    }
  if (good && packet.n_attachments != attachments->len)
    {
      g_set_error (&error, SIO_ERROR, SIO_ERROR_MALFORMED, "the packet has %u attachments and came with %u",
                   packet.n_attachments, attachments->len);
      good = FALSE;
    }

  if (!good)
    {
      parse_error (self, error, message);
    }
  else
    {
      tap_packet (self, transport, raw, message, &packet);
      if (too_deep)
        sio_manager_tap_error (self, "limit", SIO_ERROR_TOO_LARGE, message,
                               "the packet nests deeper than %u levels (max-depth): kept as it was on the wire, "
                               "no listener gets it", self->limits.max_depth);
      for (guint i = 0; i < attachments->len; i++)
        {
          SioSpan bytes;

          bytes.data = g_bytes_get_data (g_ptr_array_index (attachments, i), &bytes.size);
          SIO_TAP_CALL (&self->tap, attachment, SIO_DIRECTION_IN, transport, i, bytes);
        }
      self->too_deep = too_deep;
      dispatch (self, owner, raw, &packet, attachments->len > 0 ? attachments : NULL);
    }
  link->depth--;
}

void
sio_manager_receive_text (gpointer          data,
                          GBytes           *owner,
                          SioSpan           raw,
                          SioTransportKind  transport)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) copy = NULL;
  SioSpan text = { raw.data + 1, raw.size - 1 };
  SioPacket packet;
  gboolean too_deep = FALSE;

  if (self == NULL || self->link != link || self->state != SIO_MANAGER_STATE_OPEN)
    return;
  if (G_UNLIKELY (link->parser != NULL))
    {
      receive_parsed (link, TRUE, text, transport);
      return;
    }

  if (G_LIKELY (sio_packet_decode (text, &self->limits, &packet, &error)))
    {
      /* before anything is said about it: what passed, passed */
      tap_packet (self, transport, raw, SIO_NO_SPAN, &packet);

      if (G_LIKELY (packet.type == SIO_PACKET_EVENT && packet.id < 0 && self->assembler.owner == NULL))
        {
          SioSocket *socket = sio_manager_look_up (self, packet.nsp);

          /* the hot path: an inspector watches, no handler listens */
          if (socket != NULL && socket->state == SIO_SOCKET_STATE_CONNECTED
              && socket->session == NULL && !sio_socket_has_audience (socket))
            return;
        }
    }
  else if (is_too_deep (self, text, &packet, error))
    {
      too_deep = TRUE;
      g_clear_error (&error);
      tap_packet (self, transport, raw, SIO_NO_SPAN, &packet);
      sio_manager_tap_error (self, "limit", SIO_ERROR_TOO_LARGE, raw,
                             "the packet nests deeper than %u levels (max-depth): kept as text, no listener gets it",
                             self->limits.max_depth);
    }

  g_object_ref (self);
  link->depth++;

  if (owner == NULL && error == NULL)
    owner = copy = copy_packet (&raw, &packet);

  if (self->assembler.owner != NULL)
    {
      if (error == NULL)
        error = g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED,
                                     "got plaintext data when reconstructing a packet");
      parse_error (self, error, raw);
    }
  else if (error != NULL)
    {
      /* the official client 2.x makes an error packet without namespace of it, which nobody gets */
      if (g_error_matches (error, SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION))
        SIO_TAP_CALL (&self->tap, error, "packet", error, raw);
      else
        parse_error (self, error, raw);
    }
  else if (packet.n_attachments > 0)
    {
      /* the packet's own size counts, not that of the poll that brought it */
      const char *start = g_bytes_get_data (owner, NULL);
      g_autoptr(GBytes) header = g_bytes_new_from_bytes (owner, (gsize) (raw.data - start), raw.size);

      self->n_attachments = 0;
      self->too_deep = too_deep;
      self->assembler_raw = raw;
      sio_packet_assembler_begin (&self->assembler, header, &packet);
    }
  else
    {
      self->too_deep = too_deep;
      dispatch (self, owner, raw, &packet, NULL);
    }

  link->depth--;
  g_object_unref (self);
}

void
sio_manager_receive_binary (gpointer          data,
                            GBytes           *bytes,
                            SioTransportKind  transport)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;
  g_autoptr(GError) error = NULL;
  SioSpan span;
  gboolean complete = FALSE;

  if (self == NULL || self->link != link || self->state != SIO_MANAGER_STATE_OPEN)
    return;

  span.data = g_bytes_get_data (bytes, &span.size);
  if (link->parser != NULL)
    {
      receive_parsed (link, FALSE, span, transport);
      return;
    }

  g_object_ref (self);
  link->depth++;

  SIO_TAP_CALL (&self->tap, attachment, SIO_DIRECTION_IN, transport, self->n_attachments, span);
  self->n_attachments++;

  if (self->assembler.owner == NULL)
    {
      error = g_error_new_literal (SIO_ERROR, SIO_ERROR_MALFORMED,
                                   "got binary data when not reconstructing a packet");
      self->n_attachments = 0;
      parse_error (self, error, span);
    }
  else if (!sio_packet_assembler_add (&self->assembler, bytes, self->max_payload, &complete, &error))
    parse_error (self, error, span);
  else if (complete)
    {
      /* taken out first: a handler may close the engine, which clears the assembler */
      g_autoptr(GBytes) owner = g_bytes_ref (self->assembler.owner);
      g_autoptr(GPtrArray) attachments = g_ptr_array_ref (self->assembler.attachments);
      SioPacket packet = self->assembler.header;
      SioSpan raw = self->assembler_raw;

      sio_packet_assembler_clear (&self->assembler);
      dispatch (self, owner, raw, &packet, attachments);
    }

  link->depth--;
  g_object_unref (self);
}
