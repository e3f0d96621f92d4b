/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServerSocket: one client in one namespace: what is emitted to it, and the acks it owes. */

#include "sio-server-socket-private.h"
#include "../wire/sio-json.h"

typedef struct {
  SioServerAckFunc func;
  gpointer         data;
} PendingAck;

/*< private >
 * sio_server_socket_new:
 * @client: the client
 * @nsp: the namespace it has been let into
 *
 * Returns: (transfer full): the socket, connected
 */
SioServerSocket *
sio_server_socket_new (SioServerClient  *client,
                       SioServerSession *session,
                       const char       *nsp)
{
  SioServerSocket *self = g_new0 (SioServerSocket, 1);

  g_ref_count_init (&self->ref_count);
  self->client = client;
  self->session = sio_server_session_ref (session);
  self->nsp = g_strdup (nsp);
  /* A client of Socket.IO 4 is not told its id, it makes it the same way. */
  if (session->eio == 4)
    self->id = sio_server_generate_id (session->server);
  else if (g_str_equal (nsp, "/"))
    self->id = g_strdup (session->sid);
  else
    self->id = g_strconcat (nsp, "#", session->sid, NULL);
  self->acks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return self;
}

SioServerSocket *
sio_server_socket_ref (SioServerSocket *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
sio_server_socket_unref (SioServerSocket *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->client == NULL);
  sio_server_socket_set_data (self, NULL, NULL);
  g_hash_table_unref (self->acks);
  sio_server_session_unref (self->session);
  g_free (self->nsp);
  g_free (self->id);
  g_free (self);
}

const char *
sio_server_socket_get_id (SioServerSocket *self)
{
  return self->id;
}

const char *
sio_server_socket_get_nsp (SioServerSocket *self)
{
  return self->nsp;
}

gboolean
sio_server_socket_is_connected (SioServerSocket *self)
{
  return self->client != NULL;
}

gpointer
sio_server_socket_get_data (SioServerSocket *self)
{
  return self->data;
}

void
sio_server_socket_set_data (SioServerSocket *self,
                            gpointer         data,
                            GDestroyNotify   destroy)
{
  if (self->destroy_data != NULL)
    self->destroy_data (self->data);
  self->data = data;
  self->destroy_data = destroy;
}

/* ---- sending ---- */

static void
send_packet (SioServerSocket *self,
             SioPacketType    type,
             gint64           id,
             const char      *event,
             SioSpan          args,
             GPtrArray       *attachments)
{
  SioServerSession *session = self->session;
  guint n = attachments != NULL ? attachments->len : 0;
  GString *text = g_string_sized_new (args.size + 64);

  if (n > 0)
    type = type == SIO_PACKET_EVENT ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_BINARY_ACK;
  sio_packet_append_header (text, type, n, self->nsp, id);
  g_string_append_c (text, '[');
  if (event != NULL)
    {
      sio_json_append_quoted (text, event, -1);
      if (args.size > 0)
        g_string_append_c (text, ',');
    }
  if (args.size > 0)
    g_string_append_len (text, args.data, (gssize) args.size);
  g_string_append_c (text, ']');

  /* Header and attachments in one go: nothing may come between them. */
  sio_server_session_send_text (session, (SioSpan) { text->str, text->len });
  for (guint i = 0; i < n; i++)
    sio_server_session_send_binary (session, g_ptr_array_index (attachments, i));
  g_string_free (text, TRUE);
}

static void
emit (SioServerSocket *self,
      const char      *event,
      SioSpan          args,
      GPtrArray       *attachments,
      gint64           id)
{
  g_autoptr(GString) token = g_string_new (NULL);

  sio_json_append_quoted (token, event, -1);
  sio_server_report_event (self->session->server, self, SIO_DIRECTION_OUT,
                           (SioSpan) { token->str, token->len }, args, attachments, id);
  send_packet (self, SIO_PACKET_EVENT, id, event, args, attachments);
}

/*< private >
 * sio_server_socket_emit:
 * @self: a socket; nothing happens if it is not connected any more
 * @event: the event's name
 * @args: JSON values with commas between; placeholders in it stand for @attachments
 * @attachments: (nullable) (element-type GBytes): the attachments
 */
void
sio_server_socket_emit (SioServerSocket *self,
                        const char      *event,
                        SioSpan          args,
                        GPtrArray       *attachments)
{
  if (self->client != NULL)
    emit (self, event, args, attachments, -1);
}

/* Takes the pending ack with this id out and calls it. */
static gboolean
settle (SioServerSocket *self,
        gint64           id,
        const SioSpan   *args,
        GPtrArray       *attachments)
{
  gpointer key, value;
  PendingAck ack;

  if (!g_hash_table_lookup_extended (self->acks, &id, &key, &value))
    return FALSE;

  ack = *(PendingAck *) value;
  g_hash_table_remove (self->acks, &id);
  ack.func (self, args, attachments, ack.data);
  return TRUE;
}

/*< private >
 * sio_server_socket_emit_with_ack:
 * @func: called exactly once, with %NULL for args if the ack cannot come any more
 *
 * Like sio_server_socket_emit(), and asks for an ack. Of more than 256 acks that are owed the oldest is given up.
 */
void
sio_server_socket_emit_with_ack (SioServerSocket  *self,
                                 const char       *event,
                                 SioSpan           args,
                                 GPtrArray        *attachments,
                                 SioServerAckFunc  func,
                                 gpointer          data)
{
  PendingAck *ack;
  gint64 *key;
  gint64 id;

  if (self->client == NULL)
    {
      func (self, NULL, NULL, data);
      return;
    }

  id = self->next_id++;
  ack = g_new (PendingAck, 1);
  *ack = (PendingAck) { func, data };
  key = g_new (gint64, 1);
  *key = id;
  g_hash_table_insert (self->acks, key, ack);
  if (g_hash_table_size (self->acks) > SIO_SERVER_MAX_PENDING_ACKS)
    {
      while (!settle (self, self->oldest_id, NULL, NULL))
        self->oldest_id++;
    }

  emit (self, event, args, attachments, id);
}

void
sio_server_socket_ack (SioServerSocket *self,
                       gint64           id,
                       SioSpan          args,
                       GPtrArray       *attachments)
{
  if (self->client == NULL)
    return;

  sio_server_report_ack (self->session->server, self, SIO_DIRECTION_OUT, args, attachments, id);
  send_packet (self, SIO_PACKET_ACK, id, NULL, args, attachments);
}

/*< private >
 * sio_server_socket_receive_ack:
 *
 * An ack came. One that nobody waits for is ignored, as in the official server.
 */
void
sio_server_socket_receive_ack (SioServerSocket *self,
                               gint64           id,
                               SioSpan          args,
                               GPtrArray       *attachments)
{
  sio_server_report_ack (self->session->server, self, SIO_DIRECTION_IN, args, attachments, id);
  settle (self, id, &args, attachments);
}

/* ---- the end ---- */

/*< private >
 * sio_server_socket_closed:
 * @reason: in the official server's words
 *
 * The socket has left, whoever wanted it. The caller takes it out of the client's table.
 */
void
sio_server_socket_closed (SioServerSocket *self,
                          const char      *reason)
{
  SioServer *server = self->session->server;
  const SioServerBehaviour *behaviour;
  GHashTableIter iter;
  gpointer data, value;
  g_autoptr(GPtrArray) acks = g_ptr_array_new_with_free_func (g_free);

  if (self->client == NULL)
    return;

  self->client = NULL;
  sio_server_leave (server, self);

  g_hash_table_iter_init (&iter, self->acks);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (acks, g_memdup2 (value, sizeof (PendingAck)));
  g_hash_table_remove_all (self->acks);
  for (guint i = 0; i < acks->len; i++)
    {
      PendingAck *ack = g_ptr_array_index (acks, i);

      ack->func (self, NULL, NULL, ack->data);
    }

  sio_server_report_disconnected (server, self, reason);
  behaviour = sio_server_get_behaviour (server, &data);
  if (behaviour->disconnected != NULL)
    behaviour->disconnected (data, self);
}

void
sio_server_socket_disconnect (SioServerSocket *self)
{
  g_autoptr(SioServerSocket) held = sio_server_socket_ref (self);
  g_autoptr(GString) text = NULL;

  if (self->client == NULL)
    return;

  text = g_string_new (NULL);
  sio_packet_append_header (text, SIO_PACKET_DISCONNECT, 0, self->nsp, -1);
  sio_server_session_send_text (self->session, (SioSpan) { text->str, text->len });
  sio_server_client_forget (self->client, self, "server namespace disconnect");
}

void
sio_server_socket_drop (SioServerSocket *self)
{
  if (self->client != NULL)
    sio_server_session_end (self->session, "forced server close", NULL);
}
