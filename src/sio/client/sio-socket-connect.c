/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CONNECT and its answers, and DISCONNECT as we send it. Servers 2.x (Socket.IO protocol 4, "legacy" here) put every client
 * into "/" by themselves, give no ids, and a refusal ends nothing. */

#include "sio-manager-private.h"

#include "../wire/sio-json.h"

/* A server 2.x without middlewares says nothing to a CONNECT for "/", which it usually needs none for. A refusal comes
 * at once. */
#define SILENCE_IS_YES_MS 250

/* Ids and sessions of real servers have 20 bytes. */
#define MAX_ID_SIZE 1024

/* The words of the official client, which people search the web for. */
#define OLD_SERVER_MESSAGE \
  "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible " \
  "(more information here: https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)"

void
sio_socket_stop_rejoin (SioSocket *self)
{
  if (self->rejoin == NULL)
    return;
  g_source_destroy (self->rejoin);
  g_clear_pointer (&self->rejoin, g_source_unref);
}

static void accept_legacy (SioSocket *self);

static gboolean
rejoin_cb (gpointer data)
{
  SioSocket *self = data;

  sio_socket_stop_rejoin (self);
  if (self->state == SIO_SOCKET_STATE_CONNECTING)
    accept_legacy (self);
  else
    sio_socket_push (self);
  return G_SOURCE_REMOVE;
}

static void
start_rejoin (SioSocket *self,
              guint      delay_ms)
{
  sio_socket_stop_rejoin (self);
  self->rejoin = g_timeout_source_new (delay_ms);
  g_source_set_static_name (self->rejoin, "[sio] rejoin");
  g_source_set_callback (self->rejoin, rejoin_cb, self, NULL);
  g_source_attach (self->rejoin, self->manager->context);
}

static gboolean
is_legacy_root (SioSocket *self)
{
  return sio_manager_is_legacy (self->manager) && strcmp (self->nsp, "/") == 0;
}

/* A server 2.x knows us in "/", or does not any more. Nothing for others. */
void
sio_socket_note_root (SioSocket *self,
                      gboolean   joined)
{
  if (is_legacy_root (self))
    {
      self->manager->root_joined = joined;
      self->manager->root_left = !joined;
    }
}

/* --- connecting --- */

/* The session to recover goes in front: of two members of the same name the last one counts, so that the person's own
 * win, as in the official client. */
static char *
dup_connect_payload (SioSocket *self)
{
  const char *auth = sio_socket_auth_get (self);
  const char *rest = NULL;
  GString *out;

  if (self->session == NULL)
    return g_strdup (auth);

  out = g_string_new ("{\"pid\":");
  g_string_append (out, self->session);
  if (self->offset != NULL)
    g_string_append_printf (out, ",\"offset\":%s", self->offset);

  if (auth != NULL)
    {
      rest = strchr (auth, '{') + 1;
      rest += strspn (rest, " \t\r\n");
    }
  if (rest != NULL && *rest != '}')
    {
      g_string_append_c (out, ',');
      g_string_append (out, rest);
    }
  else
    g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* Socket.IO 2.x: "K=V" is encoded; the query of the URL, which counts if nobody gave another, goes as it is. Only what would
 * end the namespace, or is no text, is escaped in it. NULL: there is none. */
static char *
dup_query (SioSocket *self)
{
  const char * const *items = (const char * const *) self->query;
  GString *out = g_string_new (NULL);

  if (items == NULL)
    items = sio_options_get_query (self->options);

  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      const char *equals = strchr (items[i], '=');
      g_autofree char *name = g_strndup (items[i], equals != NULL ? (gsize) (equals - items[i]) : strlen (items[i]));
      g_autofree char *escaped_name = sio_url_escape (name);
      g_autofree char *escaped_value = sio_url_escape (equals != NULL ? equals + 1 : "");

      g_string_append_printf (out, "%s%s=%s", i > 0 ? "&" : "", escaped_name, escaped_value);
    }

  if (out->len == 0 && self->query == NULL && self->manager->url->query != NULL)
    for (const char *p = self->manager->url->query; *p != '\0'; p++)
      {
        if (*p != ',' && g_ascii_isgraph (*p))
          g_string_append_c (out, *p);
        else
          g_string_append_printf (out, "%%%02X", (guchar) *p);
      }

  return g_string_free (out, out->len == 0);
}

gboolean
sio_socket_send_disconnect (SioSocket *self)
{
  g_autoptr(SioOutgoing) outgoing = sio_outgoing_new_control (SIO_PACKET_DISCONNECT, self->nsp, NULL, NULL);

  /* If the engine is full the server goes on thinking that we are here; it is told as soon as there is room. */
  self->disconnect_owed = !sio_manager_send (self->manager, outgoing, NULL);
  if (self->disconnect_owed)
    return FALSE;

  start_rejoin (self, SIO_SOCKET_REJOIN_DELAY_MS);
  sio_socket_note_root (self, FALSE);
  return TRUE;
}

/* FALSE: not now. Anything may be gone then. */
static gboolean
write_connect (SioSocket *self)
{
  gboolean legacy = sio_manager_is_legacy (self->manager);
  g_autofree char *query = NULL;
  g_autofree char *payload = NULL;
  g_autoptr(SioOutgoing) outgoing = NULL;
  g_autoptr(GError) error = NULL;

  if (!legacy && !sio_socket_auth_is_ready (self))
    return FALSE;

  if (!legacy)
    payload = dup_connect_payload (self);
  else if (!is_legacy_root (self))
    query = dup_query (self);
  outgoing = sio_outgoing_new_control (SIO_PACKET_CONNECT, self->nsp, query, payload);
  if (!sio_manager_send (self->manager, outgoing, &error))
    {
      /* a full engine drains, a closed one is followed by another; a parser that cannot say it never will */
      if (g_error_matches (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT))
        sio_manager_tap_error (self->manager, "packet", SIO_ERROR_INVALID_ARGUMENT, SIO_NO_SPAN,
                               "CONNECT for %s cannot be sent: %s", self->nsp, error->message);
      return FALSE;
    }

  sio_socket_auth_forget (self);
  self->connect_owed = TRUE;
  self->said_old_server = FALSE;
  return TRUE;
}

static void
send_connect (SioSocket *self)
{
  gboolean legacy_root = is_legacy_root (self);
  gboolean silent = legacy_root && self->manager->root_left;

  /* A CONNECT that was not answered yet serves again: a second one makes a server 4.x close the whole connection. */
  if (legacy_root && !silent)
    self->connect_owed = TRUE;
  else if (!self->connect_owed && !write_connect (self))
    return;

  sio_socket_tap_change (self, SIO_TAP_SOCKET_CONNECTING, NULL, SIO_NO_SPAN, TRUE);
  sio_socket_move_to (self, SIO_SOCKET_STATE_CONNECTING);

  if (self->manager == NULL || self->state != SIO_SOCKET_STATE_CONNECTING)
    return;
  if (silent)
    start_rejoin (self, SILENCE_IS_YES_MS);
  else if (legacy_root && self->manager->root_joined)
    accept_legacy (self);
}

void
sio_socket_push (SioSocket *self)
{
  g_autoptr(SioSocket) kept = g_object_ref (self);

  if (self->manager == NULL || !sio_manager_is_ready (self->manager))
    return;
  if (self->disconnect_owed && !sio_socket_send_disconnect (self))
    return;

  if (self->state != SIO_SOCKET_STATE_WAITING)
    sio_socket_flush_sends (self);
  else if (self->rejoin == NULL && !self->refused)
    send_connect (self);
}

/* --- answers --- */

static char *
dup_token (SioSpan     payload,
           const char *name)
{
  SioSpan token;

  if (payload.size == 0 || !sio_json_object_get (payload, name, &token)
      || sio_json_get_type (token) != SIO_JSON_STRING || token.size < 3 || token.size > MAX_ID_SIZE)
    return NULL;
  return g_strndup (token.data, token.size);
}

/* The server took us in. session: the token of "pid"; NULL if the server recovers nothing. */
static void
become_connected (SioSocket  *self,
                  const char *id,
                  const char *session)
{
  self->connect_owed = FALSE;
  sio_socket_stop_rejoin (self);

  self->recovered = session != NULL && g_strcmp0 (session, self->session) == 0;
  if (!self->recovered)
    g_clear_pointer (&self->offset, g_free);
  g_free (self->session);
  self->session = g_strdup (session);
  g_free (self->id);
  self->id = g_strdup (id);

  sio_socket_tap_change (self, SIO_TAP_SOCKET_CONNECTED, self->id, SIO_NO_SPAN, TRUE);
  sio_socket_move_to (self, SIO_SOCKET_STATE_CONNECTED);

  sio_socket_flush_received (self);
  sio_socket_flush_sends (self);
  if (self->state == SIO_SOCKET_STATE_CONNECTED)
    g_signal_emit (self, sio_socket_signals[SIO_SOCKET_SIGNAL_CONNECT], 0);
}

/* Socket.IO 2.x: the client makes the id of the session's. */
static void
accept_legacy (SioSocket *self)
{
  g_autoptr(SioSocket) kept = g_object_ref (self);
  const char *sid = sio_engine_get_sid (self->manager->link->engine);
  g_autofree char *id = is_legacy_root (self) ? g_strdup (sid) : g_strconcat (self->nsp, "#", sid, NULL);

  sio_socket_note_root (self, TRUE);
  become_connected (self, id, NULL);
}

static void
handle_connect_legacy (SioSocket       *self,
                       const SioPacket *packet,
                       SioSpan          raw)
{
  gboolean root = is_legacy_root (self);

  sio_socket_note_root (self, TRUE);
  if (self->state == SIO_SOCKET_STATE_CONNECTING)
    {
      accept_legacy (self);
    }
  else if (self->state == SIO_SOCKET_STATE_CONNECTED)
    {
      sio_socket_ignore (self, raw, packet, "which is connected already");
    }
  else if (root)
    {
      /* everybody is in "/": what we do not ask for is no surprise, and what was refused is taken back */
      self->connect_owed = FALSE;
      self->refused = FALSE;
      sio_socket_push (self);
    }
  else if (self->connect_owed && self->state == SIO_SOCKET_STATE_INACTIVE)
    {
      /* we left before the answer came; only now can the server be told */
      self->connect_owed = FALSE;
      sio_socket_send_disconnect (self);
    }
  else
    {
      sio_socket_ignore (self, raw, packet, "which was not asked for");
    }
}

void
sio_socket_handle_connect (SioSocket       *self,
                           const SioPacket *packet,
                           SioSpan          raw)
{
  g_autofree char *sid = NULL;
  g_autofree char *session = NULL;
  g_autoptr(GString) id = NULL;

  if (sio_manager_is_legacy (self->manager))
    {
      handle_connect_legacy (self, packet, raw);
      return;
    }
  if (!self->connect_owed)
    {
      sio_socket_ignore (self, raw, packet, self->state == SIO_SOCKET_STATE_CONNECTED
                                   ? "which is connected already" : "which was not asked for");
      return;
    }

  sid = dup_token (packet->payload, "sid");
  if (sid == NULL && self->said_old_server)
    {
      sio_socket_ignore (self, raw, packet, "again without an id");
      return;
    }
  if (sid == NULL)
    {
      self->said_old_server = TRUE;
      sio_socket_tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, OLD_SERVER_MESSAGE, SIO_NO_SPAN, TRUE);
      sio_socket_emit_connect_error (self, OLD_SERVER_MESSAGE, NULL);
      return;
    }

  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    {
      /* we left before the answer came; only now can the server be told */
      self->connect_owed = FALSE;
      sio_socket_send_disconnect (self);
      return;
    }

  id = sio_json_unquote ((SioSpan) { sid, strlen (sid) });
  session = dup_token (packet->payload, "pid");
  become_connected (self, id->str, session);
}

/* {"message":…,"data":…}, a string, or anything else: all of them are seen (protocol: "CONNECT_ERROR"). Servers 2.x send
 * the "data" of their error, if it has one, in place of both. */
static GString *
read_refusal (SioSocket *self,
              SioSpan    payload,
              SioSpan   *data)
{
  GString *message;
  SioSpan token;

  *data = SIO_NO_SPAN;
  if (payload.size == 0)
    return g_string_new ("");
  if (sio_json_get_type (payload) == SIO_JSON_STRING)
    return sio_json_unquote (payload);

  if (sio_json_get_type (payload) != SIO_JSON_OBJECT || !sio_json_object_get (payload, "message", &token))
    {
      *data = payload;
      return g_string_new ("");
    }

  message = sio_json_unquote (token);
  if (!sio_json_object_get (payload, "data", data) && sio_manager_is_legacy (self->manager)
      && payload.size > token.size + strlen ("{\"message\":}"))
    *data = payload;
  return message;
}

void
sio_socket_handle_connect_error (SioSocket       *self,
                                 const SioPacket *packet,
                                 SioSpan          raw)
{
  gboolean legacy = sio_manager_is_legacy (self->manager);
  gboolean ours = packet->nsp.size == self->nsp_key.size; /* else it is the one of "/", which all are told */
  g_autoptr(GString) message = NULL;
  g_autofree char *data = NULL;
  SioSpan data_span;

  if (!self->connect_owed && !legacy)
    {
      sio_socket_ignore (self, raw, packet, "which waits for no answer");
      return;
    }
  if (ours)
    self->connect_owed = FALSE;
  if (self->state == SIO_SOCKET_STATE_INACTIVE)
    return;

  message = read_refusal (self, packet->payload, &data_span);
  if (data_span.size > 0)
    data = g_strndup (data_span.data, data_span.size);
  /* servers 2.x say it about an event too (socket.use ()): then the namespace stays what it is */
  if (self->state != SIO_SOCKET_STATE_CONNECTED)
    sio_socket_tap_change (self, SIO_TAP_SOCKET_CONNECT_ERROR, message->str, data_span, /* active= */ legacy);

  if (!legacy)
    {
      sio_socket_become_inactive (self, NULL, FALSE);
    }
  else if (ours && self->state == SIO_SOCKET_STATE_CONNECTING)
    {
      /* it stays asked for, and is asked for again over the next engine */
      self->refused = TRUE;
      sio_socket_stop_rejoin (self);
      sio_socket_move_to (self, SIO_SOCKET_STATE_WAITING);
    }
  sio_socket_emit_connect_error (self, message->str, data);
}

