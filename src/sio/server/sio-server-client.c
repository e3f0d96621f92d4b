/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServerClient: the Socket.IO side of a session: decodes what comes, lets the client into
 * namespaces, hands events to the behaviour. As strict as the official server 4.8: what does not
 * fit the state ends the whole connection. */

#include "sio-server-socket-private.h"
#include "../wire/sio-json.h"

struct _SioServerClient {
  SioServerSession   *session;   /* not owned: it owns us */
  GHashTable         *sockets;   /* nsp → SioServerSocket, owned */
  SioPacketAssembler  assembler;
};

SioServerClient *
sio_server_client_new (SioServerSession *session)
{
  SioServerClient *self = g_new0 (SioServerClient, 1);

  self->session = session;
  self->sockets = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) sio_server_socket_unref);
  return self;
}

void
sio_server_client_free (SioServerClient *self)
{
  g_assert (g_hash_table_size (self->sockets) == 0);
  sio_packet_assembler_clear (&self->assembler);
  g_hash_table_unref (self->sockets);
  g_free (self);
}

void
sio_server_client_forget (SioServerClient *self,
                          SioServerSocket *socket,
                          const char      *reason)
{
  g_autoptr(SioServerSocket) held = sio_server_socket_ref (socket);

  g_hash_table_remove (self->sockets, socket->nsp);
  sio_server_socket_closed (socket, reason);
}

void
sio_server_client_closed (SioServerClient *self,
                          const char      *reason)
{
  g_autoptr(GList) sockets = g_hash_table_get_values (self->sockets);

  sio_packet_assembler_clear (&self->assembler);
  g_hash_table_steal_all (self->sockets);
  for (GList *l = sockets; l != NULL; l = l->next)
    {
      sio_server_socket_closed (l->data, reason);
      sio_server_socket_unref (l->data);
    }
}

/* ---- namespaces ---- */

/* The name as a string. NULL, and the end of the session, if it cannot be one. */
static char *
dup_nsp (SioServerClient *self,
         SioSpan          nsp)
{
  if (memchr (nsp.data, '\0', nsp.size) == NULL)
    return g_strndup (nsp.data, nsp.size);

  sio_server_session_fail (self->session, "parse error", "a namespace with a NUL in its name");
  return NULL;
}

/* What an ERROR packet of Socket.IO 4 carries: the data if there is some, else the words. */
static SioSpan
shorten_refusal (SioSpan payload)
{
  SioSpan token;

  if (sio_json_object_get (payload, "data", &token) || sio_json_object_get (payload, "message", &token))
    return token;
  return payload;
}

static void
refuse (SioServerClient *self,
        const char      *nsp,
        const char      *refusal)
{
  /* To an unknown namespace the official server answers with the object in both revisions. */
  const char *payload = refusal != NULL ? refusal : "{\"message\":\"Invalid namespace\"}";
  SioSpan content = { payload, strlen (payload) };
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) message = NULL;
  SioSpan token;

  if (refusal != NULL && self->session->eio == 3)
    content = shorten_refusal (content);
  sio_packet_append_header (text, SIO_PACKET_CONNECT_ERROR, 0, nsp, -1);
  g_string_append_len (text, content.data, (gssize) content.size);
  sio_server_session_send_text (self->session, (SioSpan) { text->str, text->len });

  if (sio_json_object_get ((SioSpan) { payload, strlen (payload) }, "message", &token))
    message = sio_json_unquote (token);
  sio_server_report_refused (self->session->server, self->session->sid, nsp,
                             message != NULL ? message->str : payload);
}

static void
join (SioServerClient *self,
      const char      *nsp,
      SioSpan          auth)
{
  SioServer *server = self->session->server;
  const SioServerBehaviour *behaviour;
  g_autofree char *refusal = NULL;
  g_autoptr(GString) answer = NULL;
  g_autoptr(SioServerSocket) socket = NULL;
  gpointer data;

  behaviour = sio_server_get_behaviour (server, &data);
  if (g_hash_table_size (self->sockets) >= SIO_SERVER_MAX_NAMESPACES)
    {
      refuse (self, nsp, "{\"message\":\"Too many namespaces\"}");
      return;
    }
  if (behaviour->connect == NULL || !behaviour->connect (data, nsp, auth, &refusal))
    {
      refuse (self, nsp, refusal);
      return;
    }

  sio_server_session_stop_connect_timeout (self->session);
  socket = sio_server_socket_new (self, self->session, nsp);
  g_hash_table_insert (self->sockets, socket->nsp, sio_server_socket_ref (socket));
  sio_server_join (server, socket);

  answer = g_string_new (NULL);
  sio_packet_append_header (answer, SIO_PACKET_CONNECT, 0, nsp, -1);
  /* A client of Socket.IO 4 makes its id itself. */
  if (self->session->eio == 4)
    g_string_append_printf (answer, "{\"sid\":\"%s\"}", socket->id);
  sio_server_session_send_text (self->session, (SioSpan) { answer->str, answer->len });

  sio_server_report_connected (server, socket, auth);
  if (behaviour->connected != NULL)
    behaviour->connected (data, socket, auth);
}

void
sio_server_client_join_root (SioServerClient *self)
{
  join (self, "/", (SioSpan) { NULL, 0 });
}

/* Socket.IO 4 has no auth: it comes as a query behind the namespace. Up to the first thing in it that
 * is not "name=value". */
static GString *
query_to_json (const char *query)
{
  GString *json = g_string_new ("{");
  GUriParamsIter iter;
  char *name, *value;

  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      if (json->len > 1)
        g_string_append_c (json, ',');
      sio_json_append_quoted (json, name, -1);
      g_string_append_c (json, ':');
      sio_json_append_quoted (json, value, -1);
      g_free (name);
      g_free (value);
    }
  g_string_append_c (json, '}');

  return json;
}

static void
receive_connect (SioServerClient *self,
                 const SioPacket *packet)
{
  g_autofree char *nsp = dup_nsp (self, packet->nsp);
  g_autoptr(GString) json = NULL;
  SioSpan auth = packet->payload;

  if (nsp == NULL)
    return;

  if (self->session->eio == 3)
    {
      char *query = strchr (nsp, '?');

      auth.size = 0;
      if (query != NULL)
        {
          *query = '\0';
          json = query_to_json (query + 1);
          auth = (SioSpan) { json->str, json->len };
        }
    }

  if (g_hash_table_contains (self->sockets, nsp))
    {
      sio_server_session_fail (self->session, "parse error", "a second CONNECT for a namespace");
      return;
    }

  join (self, nsp, auth);
}

/* ---- packets ---- */

static void
receive_packet (SioServerClient *self,
                const SioPacket *packet,
                GPtrArray       *attachments)
{
  SioServer *server = self->session->server;
  g_autofree char *nsp = NULL;
  g_autoptr(SioServerSocket) socket = NULL;
  SioServerSocket *found;

  if (packet->type == SIO_PACKET_CONNECT)
    {
      receive_connect (self, packet);
      return;
    }

  nsp = dup_nsp (self, packet->nsp);
  if (nsp == NULL)
    return;
  found = g_hash_table_lookup (self->sockets, nsp);
  if (found == NULL || packet->type == SIO_PACKET_CONNECT_ERROR)
    {
      sio_server_session_fail (self->session, "parse error",
                               found == NULL ? "a packet for a namespace that is not joined"
                                             : "a CONNECT_ERROR from a client");
      return;
    }
  socket = sio_server_socket_ref (found);

  switch (packet->type)
    {
    case SIO_PACKET_DISCONNECT:
      sio_server_client_forget (self, socket, "client namespace disconnect");
      break;

    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      {
        gpointer data;
        const SioServerBehaviour *behaviour = sio_server_get_behaviour (server, &data);
        g_autoptr(GString) name = sio_json_unquote (packet->event);
        SioServerEvent event = {
          .name = { name->str, name->len },
          .args = packet->args,
          .n_args = packet->n_args,
          .attachments = attachments,
          .id = packet->id,
        };

        sio_server_report_event (server, socket, SIO_DIRECTION_IN, packet->event, packet->args, attachments,
                                 packet->id);
        if (behaviour->event != NULL)
          behaviour->event (data, socket, &event);
        break;
      }

    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      sio_server_socket_receive_ack (socket, packet->id, packet->args, attachments);
      break;

    default:
      g_assert_not_reached ();
    }
}

/*< private >
 * sio_server_client_receive_text:
 * @self: a client whose session the caller holds
 * @owner: what @text points into
 * @text: a Socket.IO packet
 *
 * Anything malformed ends the session.
 */
void
sio_server_client_receive_text (SioServerClient *self,
                                GBytes          *owner,
                                SioSpan          text)
{
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;
  g_autoptr(GError) error = NULL;
  SioPacket packet;

  if (self->assembler.owner != NULL)
    {
      sio_server_session_fail (self->session, "parse error", "a text message where an attachment was expected");
      return;
    }
  if (!sio_packet_decode (text, &limits, &packet, &error))
    {
      sio_server_session_fail (self->session, "parse error", error->message);
      return;
    }

  if (packet.n_attachments > 0)
    sio_packet_assembler_begin (&self->assembler, owner, &packet);
  else
    receive_packet (self, &packet, NULL);
}

void
sio_server_client_receive_binary (SioServerClient *self,
                                  GBytes          *bytes)
{
  g_autoptr(GError) error = NULL;
  SioPacketAssembler assembler;
  gboolean complete;
  /* Each message is limited by the transport; this limits all of one packet together. */
  gsize max_size = sio_server_get_options (self->session->server)->max_payload * 4;

  if (self->assembler.owner == NULL)
    {
      sio_server_session_fail (self->session, "parse error", "a binary message that no packet announced");
      return;
    }
  if (!sio_packet_assembler_add (&self->assembler, bytes, max_size, &complete, &error))
    {
      sio_server_session_fail (self->session, "parse error", error->message);
      return;
    }
  if (!complete)
    return;

  /* Out of the way first: what the behaviour does with the packet may end the session. */
  assembler = self->assembler;
  self->assembler = (SioPacketAssembler) { 0 };
  receive_packet (self, &assembler.header, assembler.attachments);
  sio_packet_assembler_clear (&assembler);
}
