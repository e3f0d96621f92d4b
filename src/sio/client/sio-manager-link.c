/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One engine of the manager. What goes out, and whether it got out; how it is let go. What comes
 * in: the path that every received byte takes. Nothing is allocated here for an event that nobody
 * but the tap listens to. */

#include "sio-manager-private.h"

#include "../wire/sio-printable.h"

/* As the official client counts them: how many engines may still be saying goodbye. */
#define MAX_LEAVING 8

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
  self->tap.iface->error (self->tap.tap, where, error, bytes);
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
  self->tap.iface->packet (self->tap.tap, &seen);
}

static void
parse_error (SioManager   *self,
             const GError *error,
             SioSpan       bytes)
{
  SIO_TAP_CALL (&self->tap, error, "packet", error, bytes);
  sio_manager_engine_lost (self, "parse error", error);
}

static void
dispatch (SioManager      *self,
          GBytes          *owner,
          SioSpan          raw,
          const SioPacket *packet,
          GPtrArray       *attachments)
{
  SioSocket *socket = sio_manager_look_up (self, packet->nsp);

  if (socket == NULL)
    {
      g_autofree char *nsp = sio_printable (packet->nsp.data, (gssize) packet->nsp.size, 80);

      /* no object is made for what only the server asked for */
      sio_manager_tap_error (self, "packet", SIO_ERROR_REFUSED, raw,
                             "%s for the namespace %s, which was not asked for: ignored",
                             sio_packet_type_get_name (packet->type), nsp);
      return;
    }

  sio_socket_handle_packet (socket, owner, raw, packet, attachments);
}

static void
link_opened (gpointer            data,
             const SioHandshake *handshake,
             guint               eio,
             const char         *how)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  sio_manager_opened (self, handshake, eio, how);
  link->depth--;
  g_object_unref (self);
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

static void
link_text (gpointer          data,
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

  if (self == NULL || self->link != link || self->state != SIO_MANAGER_STATE_OPEN)
    return;

  if (G_LIKELY (sio_packet_decode (text, &self->limits, &packet, &error)))
    {
      /* before anything is said about it: what passed, passed */
      tap_packet (self, transport, raw, &packet);

      if (G_LIKELY (packet.type == SIO_PACKET_EVENT && packet.id < 0 && self->assembler.owner == NULL))
        {
          SioSocket *socket = sio_manager_look_up (self, packet.nsp);

          /* the hot path: an inspector watches, no handler listens */
          if (socket != NULL && socket->state == SIO_SOCKET_STATE_CONNECTED
              && socket->session == NULL && !sio_socket_has_audience (socket))
            return;
        }
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
    parse_error (self, error, raw);
  else if (packet.n_attachments > 0)
    {
      self->n_attachments = 0;
      self->assembler_raw = raw;
      sio_packet_assembler_begin (&self->assembler, owner, &packet);
    }
  else
    dispatch (self, owner, raw, &packet, NULL);

  link->depth--;
  g_object_unref (self);
}

static void
link_binary (gpointer          data,
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

  g_object_ref (self);
  link->depth++;

  span.data = g_bytes_get_data (bytes, &span.size);
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

static void
link_drained (gpointer data)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  sio_manager_link_settle (link);
  if (!self->congested)
    return;

  g_object_ref (self);
  link->depth++;
  self->congested = FALSE;

  for (guint i = 0; i < self->sockets->len && self->link == link; i++)
    sio_socket_push (g_ptr_array_index (self->sockets, i));

  link->depth--;
  g_object_unref (self);
}

static void
link_upgraded (gpointer data)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  sio_manager_notify_transport (self);
  link->depth--;
  g_object_unref (self);
}

static void
link_ping (gpointer data)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_PING], 0);
  link->depth--;
  g_object_unref (self);
}

static void
link_closed (gpointer      data,
             const char   *reason,
             const GError *error)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL)
    return;

  g_object_ref (self);
  link->depth++;
  if (self->link == link)
    sio_manager_engine_lost (self, reason, error);
  if (sio_manager_link_left (self, link) && self->leaving->len == 0)
    sio_manager_notify_closing (self);
  link->depth--;
  g_object_unref (self);
}

static const SioEngineListener engine_listener = {
  .opened = link_opened,
  .text = link_text,
  .binary = link_binary,
  .drained = link_drained,
  .upgraded = link_upgraded,
  .closed = link_closed,
  .ping = link_ping,
};

SioManagerLink *
sio_manager_link_new (SioManager *self)
{
  SioManagerLink *link = g_new0 (SioManagerLink, 1);

  link->manager = self;
  link->context = g_main_context_ref (self->context);
  sio_tap_handle_set (&link->tap, self->tap.tap);
  link->engine = sio_engine_new (self->url, self->options, NULL, &link->tap, &engine_listener, link);
  return link;
}

static void
link_destroy (gpointer data)
{
  SioManagerLink *link = data;

  g_queue_clear_full (&link->unwritten, (GDestroyNotify) sio_outgoing_unref);
  sio_engine_free (link->engine);
  g_main_context_unref (link->context);
  g_free (link);
}

/* --- what goes out --- */

void
sio_manager_link_settle (SioManagerLink *link)
{
  guint64 n_written = sio_engine_get_progress (link->engine).n_written;
  SioOutgoing *first;

  while ((first = g_queue_peek_head (&link->unwritten)) != NULL && first->end <= n_written)
    {
      link->unwritten_size -= first->size;
      sio_outgoing_unref (g_queue_pop_head (&link->unwritten));
    }
}

gboolean
sio_manager_link_send (SioManagerLink  *link,
                       SioOutgoing     *outgoing,
                       GError         **error)
{
  g_autoptr(GBytes) text = g_bytes_new_from_bytes (outgoing->raw, 1, g_bytes_get_size (outgoing->raw) - 1);
  guint n_attachments = outgoing->attachments != NULL ? outgoing->attachments->len : 0;

  gboolean sent;

  /* it reports frames to the tap, and who is there may end us */
  link->depth++;
  sent = sio_engine_send (link->engine, TRUE, text, outgoing->attachments, error);
  link->depth--;
  if (!sent)
    return FALSE;

  link->n_sent += 1 + n_attachments;
  if (link->tap.tap != NULL && link->tap.iface->emit != NULL)
    {
      outgoing->end = link->n_sent;
      g_queue_push_tail (&link->unwritten, sio_outgoing_ref (outgoing));
      link->unwritten_size += outgoing->size;
      sio_manager_link_settle (link);
    }
  return TRUE;
}

/* The engine is not open any more, or is cut off. */
static void
report_lost (SioManagerLink *link)
{
  SioEngineProgress progress = sio_engine_get_progress (link->engine);
  SioOutgoing *outgoing;

  sio_manager_link_settle (link);
  while ((outgoing = g_queue_pop_head (&link->unwritten)) != NULL)
    {
      guint n_attachments = outgoing->attachments != NULL ? outgoing->attachments->len : 0;
      gboolean begun = outgoing->end - n_attachments <= progress.n_handed;
      g_autofree char *nsp = g_strndup (outgoing->nsp.data, outgoing->nsp.size);
      SioTapEmit emit = { SIO_TAP_EMIT_LOST, nsp, outgoing->event, outgoing->args, outgoing->id, outgoing->tag,
                          begun ? "it may be lost: the connection ended while it was being written"
                                : "it was never sent: the connection ended while it waited in the write buffer" };

      if (outgoing->type != SIO_PACKET_CONNECT && outgoing->type != SIO_PACKET_DISCONNECT)
        SIO_TAP_CALL (&link->tap, emit, &emit);
      sio_outgoing_unref (outgoing);
    }
  link->unwritten_size = 0;
}

static gboolean
link_reap_cb (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* Never frees an engine under its own feet: while it is calling us it is freed at the next turn of the loop. */
void
sio_manager_link_free (SioManagerLink *link)
{
  g_autoptr(GSource) source = NULL;

  report_lost (link);
  link->manager = NULL;
  sio_tap_handle_set (&link->tap, NULL);

  if (link->depth == 0)
    {
      link_destroy (link);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[sio] free the engine");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, link_reap_cb, link, link_destroy);
  g_source_attach (source, link->context);
}

/* --- engines that are on their way out --- */

/* The manager turns away from link, whose engine may still have something to write. */
void
sio_manager_let_go (SioManager     *self,
                    SioManagerLink *link,
                    const char     *reason)
{
  g_ptr_array_add (self->leaving, link);

  if (!sio_engine_is_open (link->engine))
    {
      sio_manager_link_left (self, link);
      return;
    }

  sio_engine_close (link->engine, reason);
  if (self->leaving->len > MAX_LEAVING)
    sio_manager_link_left (self, g_ptr_array_index (self->leaving, 0));
}

/* TRUE if it was one of them. It is freed. */
gboolean
sio_manager_link_left (SioManager     *self,
                       SioManagerLink *link)
{
  if (!g_ptr_array_remove (self->leaving, link))
    return FALSE;
  sio_manager_link_free (link);
  return TRUE;
}

/* --- for sockets --- */

gboolean
sio_manager_is_ready (SioManager *self)
{
  return self->state == SIO_MANAGER_STATE_OPEN && self->link != NULL
         && sio_engine_is_open (self->link->engine) && !sio_engine_is_expired (self->link->engine);
}

static void
tap_outgoing (SioManager        *self,
              const SioOutgoing *outgoing)
{
  SioTransportKind transport = sio_engine_get_transport (self->link->engine);
  SioTapPacket packet;

  packet.direction = SIO_DIRECTION_OUT;
  packet.transport = transport;
  packet.type = outgoing->type;
  packet.raw.data = g_bytes_get_data (outgoing->raw, &packet.raw.size);
  packet.nsp = outgoing->nsp;
  packet.event = outgoing->event;
  packet.args = outgoing->args;
  packet.n_args = outgoing->n_args;
  packet.n_attachments = outgoing->attachments != NULL ? outgoing->attachments->len : 0;
  packet.id = outgoing->id;
  packet.tag = outgoing->tag;
  SIO_TAP_CALL (&self->tap, packet, &packet);

  for (guint i = 0; i < packet.n_attachments; i++)
    {
      SioSpan bytes;

      bytes.data = g_bytes_get_data (g_ptr_array_index (outgoing->attachments, i), &bytes.size);
      SIO_TAP_CALL (&self->tap, attachment, SIO_DIRECTION_OUT, transport, i, bytes);
    }
}

/* Hands a packet to the engine. Calls nobody but the tap. */
gboolean
sio_manager_send (SioManager   *self,
                  SioOutgoing  *outgoing,
                  GError      **error)
{
  g_autoptr(GError) local_error = NULL;

  if (self->state != SIO_MANAGER_STATE_OPEN || self->link == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the connection is not open");
      return FALSE;
    }

  if (!sio_manager_link_send (self->link, outgoing, &local_error))
    {
      if (g_error_matches (local_error, SIO_ERROR, SIO_ERROR_FULL))
        self->congested = TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (self->tap.tap != NULL && self->link != NULL)
    tap_outgoing (self, outgoing);
  return TRUE;
}
