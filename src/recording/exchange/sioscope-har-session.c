/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What frames and bodies mean: packets to rows, and the states that can be concluded from them. */

#include "sioscope-har-read-private.h"
#include "sioscope-redactor.h"
#include "sioscope-seeded-hash-private.h"

#include "wire/sio-engine-packet.h"
#include "wire/sio-handshake.h"
#include "wire/sio-json.h"
#include "wire/sio-packet.h"
#include "sio.h"

/* As large as the library takes any message. */
#define MAX_MESSAGE ((gsize) 256 * 1024 * 1024)
/* More namespaces than anybody has at once; of others is not said when they end. */
#define MAX_NAMESPACES 1000
#define MAX_NAMESPACE 4096

static void
session_free (gpointer data)
{
  SioscopeHarSession *session = data;

  g_clear_pointer (&session->namespaces, g_hash_table_unref);
  g_free (session->sid);
  g_free (session);
}

void
sioscope_har_sessions_init (SioscopeHarSessions *self,
                            SioscopeImport      *import,
                            gint64               start_real_us)
{
  *self = (SioscopeHarSessions) { .import = import, .start_real_us = start_real_us };
  self->by_sid = g_hash_table_new (sioscope_seeded_hash_text, g_str_equal);
  self->sessions = g_ptr_array_new_with_free_func (session_free);
  self->msgpack = sio_msgpack_parser_new ();
  self->to_come = g_hash_table_new_full (sioscope_seeded_hash_text, g_str_equal, g_free, NULL);
}

void
sioscope_har_sessions_clear (SioscopeHarSessions *self)
{
  g_hash_table_unref (self->by_sid);
  g_hash_table_unref (self->to_come);
  g_ptr_array_unref (self->sessions);
  g_object_unref (self->msgpack);
}

SioscopeHarSession *
sioscope_har_sessions_find (SioscopeHarSessions      *self,
                            const SioscopeHarAddress *address)
{
  g_autofree char *sid = address->sid.size != 0 ? g_strndup (address->sid.data, address->sid.size) : NULL;
  SioscopeHarSession *session = sid != NULL ? g_hash_table_lookup (self->by_sid, sid) : NULL;

  if (session != NULL)
    return session;
  session = g_new0 (SioscopeHarSession, 1);
  session->eio = address->eio;
  session->transport = address->transport;
  session->sid = g_steal_pointer (&sid);
  g_ptr_array_add (self->sessions, session);
  if (session->sid != NULL)
    g_hash_table_insert (self->by_sid, session->sid, session);
  return session;
}

gboolean
sioscope_har_session_is_waiting (SioscopeHarSession *session)
{
  return session->pending[0].n_left > 0 || session->pending[1].n_left > 0;
}

gboolean
sioscope_har_append (SioscopeHarSessions  *self,
                     SioscopeEntry        *entry,
                     GError              **error)
{
  entry->time_us = self->now_us;
  if (!sioscope_import_append (self->import, entry, error))
    return FALSE;
  self->n_rows++;
  return TRUE;
}

static SioSpan
span (const char *text)
{
  return text != NULL ? (SioSpan) { text, strlen (text) } : (SioSpan) { NULL, 0 };
}

static SioscopeEntry
new_entry (SioscopeKind kind)
{
  return (SioscopeEntry) { .kind = kind, .id = -1, .ref = SIOSCOPE_NO_ROW };
}

gboolean
sioscope_har_note (SioscopeHarSessions  *self,
                   const char           *message,
                   GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_NOTE);

  entry.message = span (message);
  return sioscope_har_append (self, &entry, error);
}

gboolean
sioscope_har_say_wrong (SioscopeHarSessions  *self,
                        const char           *where,
                        const char           *message,
                        SioSpan               bytes,
                        GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_ERROR);

  entry.reason = span (where);
  entry.message = span (message);
  entry.raw = bytes;
  return sioscope_har_append (self, &entry, error);
}

static gboolean
append_socket (SioscopeHarSessions  *self,
               SioTapSocketChange    change,
               SioSpan               nsp,
               SioSpan               reason,
               SioSpan               data,
               gboolean              active,
               GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_SOCKET);

  entry.socket_change = change;
  entry.nsp = nsp;
  entry.reason = reason;
  entry.args = data;
  entry.active = active;
  return sioscope_har_append (self, &entry, error);
}

static gboolean
close_session (SioscopeHarSessions  *self,
               SioscopeHarSession   *session,
               const char           *reason,
               gboolean              active,
               GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_STATE);
  GHashTableIter iter;
  gpointer nsp;

  session->is_over = TRUE;
  if (!session->is_open)
    return TRUE;
  session->is_open = FALSE;
  session->pending[0].n_left = session->pending[1].n_left = 0;
  entry.state = SIO_TAP_STATE_CLOSED;
  entry.transport = session->transport;
  entry.reason = span (reason);
  entry.active = active;
  if (!sioscope_har_append (self, &entry, error))
    return FALSE;
  if (session->namespaces == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, session->namespaces);
  while (g_hash_table_iter_next (&iter, &nsp, NULL))
    if (!append_socket (self, SIO_TAP_SOCKET_DISCONNECTED, span (nsp), span (reason), (SioSpan) { NULL, 0 }, active, error))
      return FALSE;
  g_hash_table_remove_all (session->namespaces);
  return TRUE;
}

/* What is open when another one begins was lost, unless more of it follows: then there are two. */
static gboolean
make_room (SioscopeHarSessions  *self,
           GError              **error)
{
  SioscopeHarSession *before = self->current;

  if (before == NULL || !before->is_open)
    return TRUE;
  /* What was taken out is the same of all sessions. */
  if (before->n_left == 0 && (before->sid == NULL || g_str_equal (before->sid, SIOSCOPE_REDACTED)
                              || !g_hash_table_contains (self->to_come, before->sid)))
    return close_session (self, before, "transport close", TRUE, error);
  if (self->said_parallel)
    return TRUE;
  self->said_parallel = TRUE;
  return sioscope_har_note (self, "From here on there are several connections at the same time. Their rows stand among each other, and "
                                  "what is said of the connection is of the one that was opened last.", error);
}

gboolean
sioscope_har_session_begin (SioscopeHarSessions  *self,
                            SioscopeHarSession   *session,
                            SioTransportKind      transport,
                            gboolean              has_sid,
                            GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_STATE);

  if (session->is_open || session->is_over)
    return TRUE;
  if (!make_room (self, error))
    return FALSE;
  entry.state = has_sid ? SIO_TAP_STATE_OPEN : SIO_TAP_STATE_CONNECTING;
  entry.transport = transport;
  entry.attempt = self->attempt++;
  if (!has_sid)
    return sioscope_har_append (self, &entry, error);

  session->is_open = TRUE;
  self->current = session;
  entry.sid = span (session->sid);
  entry.eio = session->eio;
  return sioscope_har_note (self, "This session was opened before the HAR begins.", error)
         && sioscope_har_append (self, &entry, error);
}

gboolean
sioscope_har_session_fail (SioscopeHarSessions  *self,
                           SioscopeHarSession   *session,
                           SioTransportKind      transport,
                           SioSpan               message,
                           GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_STATE);

  if (session->is_open)
    return close_session (self, session, "transport error", TRUE, error);
  session->is_over = TRUE;
  entry.state = SIO_TAP_STATE_ATTEMPT_FAILED;
  entry.transport = transport;
  entry.reason = span ("transport error");
  entry.message = message;
  return sioscope_har_append (self, &entry, error);
}

static gboolean
append_open (SioscopeHarSessions  *self,
             SioscopeHarSession   *session,
             SioTransportKind      transport,
             SioSpan               json,
             GError              **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autoptr(SioHandshake) handshake = sio_handshake_parse (json, &local_error);
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_STATE);

  if (handshake == NULL)
    return sioscope_har_say_wrong (self, "engine", local_error->message, json, error);
  if (session->sid == NULL || !g_str_equal (session->sid, handshake->sid))
    {
      if (session->sid != NULL && g_hash_table_lookup (self->by_sid, session->sid) == session)
        g_hash_table_remove (self->by_sid, session->sid);
      g_free (session->sid);
      session->sid = g_strdup (handshake->sid);
    }
  g_hash_table_replace (self->by_sid, session->sid, session);

  session->is_open = TRUE;
  session->is_over = FALSE;
  session->transport = transport;
  self->current = session;
  entry.state = SIO_TAP_STATE_OPEN;
  entry.transport = transport;
  entry.sid = span (session->sid);
  entry.eio = session->eio;
  entry.server = session->eio == 3 ? 2 : handshake->max_payload > 0 ? 4 : 0;
  entry.ping_interval_ms = handshake->ping_interval_ms;
  entry.ping_timeout_ms = handshake->ping_timeout_ms;
  entry.max_payload = handshake->max_payload;
  entry.attempt = self->attempt > 0 ? self->attempt - 1 : 0;
  return sioscope_har_append (self, &entry, error);
}

static gboolean
append_state (SioscopeHarSessions  *self,
              SioTapState           state,
              SioTransportKind      transport,
              GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_STATE);

  entry.state = state;
  entry.transport = transport;
  return sioscope_har_append (self, &entry, error);
}

static gboolean
receive_engine (SioscopeHarSessions   *self,
                SioscopeHarSession    *session,
                SioDirection           direction,
                SioTransportKind       transport,
                const SioEnginePacket *packet,
                SioSpan                raw,
                GError               **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_ENGINE);
  gboolean is_websocket = transport == SIO_TRANSPORT_KIND_WEBSOCKET;

  entry.direction = direction;
  entry.transport = transport;
  entry.engine_type = packet->type;
  entry.raw = raw;
  if (!sioscope_har_append (self, &entry, error))
    return FALSE;
  switch (packet->type)
    {
    case SIO_ENGINE_PACKET_OPEN:
      return direction == SIO_DIRECTION_OUT || append_open (self, session, transport, packet->data, error);
    case SIO_ENGINE_PACKET_CLOSE:
      return close_session (self, session, direction == SIO_DIRECTION_IN ? "transport close" : "forced close", FALSE, error);
    case SIO_ENGINE_PACKET_PONG:
      return !is_websocket || direction == SIO_DIRECTION_OUT || !sio_span_equals (packet->data, "probe")
             || append_state (self, SIO_TAP_STATE_UPGRADING, transport, error);
    case SIO_ENGINE_PACKET_UPGRADE:
      session->transport = transport;
      return !is_websocket || direction == SIO_DIRECTION_IN
             || append_state (self, SIO_TAP_STATE_UPGRADED, transport, error);
    case SIO_ENGINE_PACKET_PING:
    case SIO_ENGINE_PACKET_MESSAGE:
    case SIO_ENGINE_PACKET_NOOP:
      break;
    }
  return TRUE;
}

/* The text of a JSON string, or of a member of an object; kept until the next row of the file. */
static SioSpan
get_text (SioscopeHarSessions *self,
          SioSpan              json,
          const char          *member)
{
  if (member != NULL && !sio_json_object_get (json, member, &json))
    return (SioSpan) { NULL, 0 };
  if (json.size < 2 || json.data[0] != '"')
    return (SioSpan) { NULL, 0 };
  return sioscope_import_keep (self->import, g_string_free_to_bytes (sio_json_unquote (json)));
}

static gboolean
conclude_connect (SioscopeHarSessions  *self,
                  SioscopeHarSession   *session,
                  const SioPacket      *packet,
                  GError              **error)
{
  SioSpan id = get_text (self, packet->payload, "sid");

  if (session->eio == 3 && session->sid != NULL)
    {
      gboolean is_root = sio_span_equals (packet->nsp, "/");
      char *made = is_root ? g_strdup (session->sid)
                           : g_strdup_printf ("%.*s#%s", (int) MIN (packet->nsp.size, MAX_NAMESPACE), packet->nsp.data, session->sid);

      id = sioscope_import_keep (self->import, g_bytes_new_take (made, strlen (made)));
    }
  if (session->namespaces == NULL)
    session->namespaces = g_hash_table_new_full (sioscope_seeded_hash_text, g_str_equal, g_free, NULL);
  if (g_hash_table_size (session->namespaces) < MAX_NAMESPACES && packet->nsp.size <= MAX_NAMESPACE)
    g_hash_table_add (session->namespaces, g_strndup (packet->nsp.data, packet->nsp.size));
  return append_socket (self, SIO_TAP_SOCKET_CONNECTED, packet->nsp, id, (SioSpan) { NULL, 0 }, FALSE, error);
}

static gboolean
conclude (SioscopeHarSessions  *self,
          SioscopeHarSession   *session,
          SioDirection          direction,
          const SioPacket      *packet,
          GError              **error)
{
  static const SioSpan none = { NULL, 0 };
  gboolean is_in = direction == SIO_DIRECTION_IN;
  g_autofree char *nsp = NULL;
  SioSpan data = none;

  switch (packet->type)
    {
    case SIO_PACKET_CONNECT:
      if (is_in)
        return conclude_connect (self, session, packet, error);
      return append_socket (self, SIO_TAP_SOCKET_CONNECTING, packet->nsp, none, none, FALSE, error);
    case SIO_PACKET_CONNECT_ERROR:
      if (!is_in)
        return TRUE;
      sio_json_object_get (packet->payload, "data", &data);
      return append_socket (self, SIO_TAP_SOCKET_CONNECT_ERROR, packet->nsp,
                            get_text (self, packet->payload, packet->payload.size != 0 && packet->payload.data[0] == '{'
                                                             ? "message" : NULL), data, FALSE, error);
    case SIO_PACKET_DISCONNECT:
      nsp = g_strndup (packet->nsp.data, packet->nsp.size);
      if (session->namespaces != NULL)
        g_hash_table_remove (session->namespaces, nsp);
      return append_socket (self, SIO_TAP_SOCKET_DISCONNECTED, packet->nsp,
                            span (is_in ? "io server disconnect" : "io client disconnect"), none, FALSE, error);
    case SIO_PACKET_EVENT:
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_EVENT:
    case SIO_PACKET_BINARY_ACK:
      break;
    }
  return TRUE;
}

static SioPacketLimits
get_limits (SioscopeHarSession *session)
{
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;

  limits.max_attachments = G_MAXUINT;
  limits.max_depth = SIOSCOPE_IMPORT_MAX_DEPTH;
  limits.revision = session->eio == 3 ? 4 : 5;
  return limits;
}

static gboolean
append_packet (SioscopeHarSessions  *self,
               SioscopeHarSession   *session,
               SioDirection          direction,
               SioTransportKind      transport,
               SioSpan               raw,
               SioSpan               wire,
               const SioPacket      *packet,
               GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_PACKET);

  entry.direction = direction;
  entry.transport = transport;
  entry.packet_type = packet->type;
  entry.raw = raw;
  entry.wire = wire;
  entry.nsp = packet->nsp;
  entry.event = packet->event;
  entry.args = packet->type == SIO_PACKET_CONNECT || packet->type == SIO_PACKET_CONNECT_ERROR ? packet->payload : packet->args;
  entry.n_args = packet->n_args;
  entry.n_attachments = packet->n_attachments;
  entry.id = packet->id;
  session->pending[direction].row = self->n_rows;
  session->pending[direction].n_left = packet->n_attachments;
  session->pending[direction].index = 0;
  return sioscope_har_append (self, &entry, error) && conclude (self, session, direction, packet, error);
}

static gboolean
append_attachment (SioscopeHarSessions  *self,
                   SioscopeHarSession   *session,
                   SioDirection          direction,
                   SioTransportKind      transport,
                   SioSpan               bytes,
                   GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_ATTACHMENT);

  entry.direction = direction;
  entry.transport = transport;
  entry.raw = bytes;
  if (session->pending[direction].n_left > 0)
    {
      entry.ref = session->pending[direction].row;
      entry.index = session->pending[direction].index++;
      session->pending[direction].n_left--;
    }
  return sioscope_har_append (self, &entry, error);
}

/* A message of the parser that people use beside socket.io's own. *is_one FALSE: it is none, and nothing was appended. */
static gboolean
receive_msgpack (SioscopeHarSessions  *self,
                 SioscopeHarSession   *session,
                 SioDirection          direction,
                 SioTransportKind      transport,
                 gboolean              is_text,
                 SioSpan               message,
                 gboolean             *is_one,
                 GError              **error)
{
  SioParserLimits limits = { SIO_JSON_DEFAULT_MAX_DEPTH, 10000, MAX_MESSAGE };
  SioPacketLimits packet_limits = get_limits (session);
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) text = g_string_new ("4");
  SioPacket packet;

  *is_one = FALSE;
  if (!sio_parser_decode (self->msgpack, packet_limits.revision, is_text, message, &limits, text, attachments, NULL)
      || !sio_packet_decode ((SioSpan) { text->str + 1, text->len - 1 }, &packet_limits, &packet, NULL)
      || packet.n_attachments != attachments->len)
    return TRUE;
  *is_one = TRUE;
  if (!append_packet (self, session, direction, transport, (SioSpan) { text->str, text->len }, message, &packet, error))
    return FALSE;
  for (guint i = 0; i < attachments->len; i++)
    {
      SioSpan bytes;

      bytes.data = g_bytes_get_data (g_ptr_array_index (attachments, i), &bytes.size);
      if (!append_attachment (self, session, direction, transport, bytes, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sioscope_har_session_text (SioscopeHarSessions  *self,
                           SioscopeHarSession   *session,
                           SioDirection          direction,
                           SioTransportKind      transport,
                           SioSpan               text,
                           GError              **error)
{
  g_autoptr(GError) local_error = NULL;
  SioPacketLimits limits = get_limits (session);
  SioEnginePacket packet;
  SioPacket decoded;
  gboolean good, is_one;

  if (!sio_engine_packet_decode_text (session->eio, text, &packet, &local_error))
    return sioscope_har_say_wrong (self, "engine", local_error->message, text, error);
  if (packet.binary)
    good = sioscope_har_session_binary (self, session, direction, transport, packet.data, error);
  else if (packet.type != SIO_ENGINE_PACKET_MESSAGE)
    good = receive_engine (self, session, direction, transport, &packet, text, error);
  else if (sio_packet_decode (packet.data, &limits, &decoded, &local_error))
    good = append_packet (self, session, direction, transport, text, (SioSpan) { NULL, 0 }, &decoded, error);
  else
    {
      good = receive_msgpack (self, session, direction, transport, TRUE, packet.data, &is_one, error);
      if (good && !is_one)
        good = sioscope_har_say_wrong (self, "packet", local_error->message, text, error);
    }
  sio_engine_packet_clear (&packet);
  return good;
}

gboolean
sioscope_har_session_binary (SioscopeHarSessions  *self,
                             SioscopeHarSession   *session,
                             SioDirection          direction,
                             SioTransportKind      transport,
                             SioSpan               bytes,
                             GError              **error)
{
  gboolean is_one = FALSE;

  if (session->pending[direction].n_left == 0
      && !receive_msgpack (self, session, direction, transport, FALSE, bytes, &is_one, error))
    return FALSE;
  return is_one || append_attachment (self, session, direction, transport, bytes, error);
}

gboolean
sioscope_har_session_frame (SioscopeHarSessions  *self,
                            SioscopeHarSession   *session,
                            SioDirection          direction,
                            guint                 opcode,
                            SioSpan               payload,
                            GError              **error)
{
  SioscopeEntry entry = new_entry (SIOSCOPE_KIND_FRAME);

  entry.direction = direction;
  entry.transport = SIO_TRANSPORT_KIND_WEBSOCKET;
  entry.opcode = opcode;
  entry.raw = payload;
  if (!sioscope_har_append (self, &entry, error))
    return FALSE;
  /* RFC 6455, 5.5.1: a connection ends with it. */
  return opcode != 8 || close_session (self, session, direction == SIO_DIRECTION_IN ? "transport close" : "forced close", FALSE, error);
}
