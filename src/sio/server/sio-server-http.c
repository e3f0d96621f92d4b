/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The server's door: who may call (Host, Origin), how much a body may hold, and which session a
 * request is for. Everything that can be refused is refused when the headers are there, before a
 * byte of the body is kept. */

#include "sio-server-private.h"

/* The codes of Engine.IO's error bodies. */
enum {
  CODE_UNKNOWN_TRANSPORT    = 0,
  CODE_UNKNOWN_SID          = 1,
  CODE_BAD_HANDSHAKE_METHOD = 2,
  CODE_BAD_REQUEST          = 3,
  CODE_FORBIDDEN            = 4,
  CODE_UNSUPPORTED_PROTOCOL = 5,
};

static const char * const code_texts[] = {
  "Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden",
  "Unsupported protocol version",
};

void
sio_server_respond_error (SoupServerMessage *message,
                          guint              status,
                          int                code,
                          const char        *text)
{
  g_autofree char *body = NULL;

  /* Only our own words come here: nothing of a request is ever echoed. */
  body = g_strdup_printf ("{\"code\":%d,\"message\":\"%s\"}", code, text);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

/* ---- who may call ---- */

/* Is it a name of this machine with our port? A page of a stranger whose name was made to point to
 * 127.0.0.1 (DNS rebinding) sends its own name as Host. */
static gboolean
is_our_authority (const char *authority,
                  guint       port)
{
  static const char * const names[] = { "127.0.0.1", "localhost", "[::1]" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize size = strlen (names[i]);
      g_autofree char *suffix = NULL;

      if (g_ascii_strncasecmp (authority, names[i], size) != 0)
        continue;
      if (port == 80 && authority[size] == '\0')
        return TRUE;
      suffix = g_strdup_printf (":%u", port);
      return g_str_equal (authority + size, suffix);
    }

  return FALSE;
}

static gboolean
is_welcome (SoupServerMessage *message,
            guint              port)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  /* The lists: a header given twice comes joined by a comma, and fails. */
  const char *host = soup_message_headers_get_list (headers, "Host");
  const char *origin = soup_message_headers_get_list (headers, "Origin");

  if (host == NULL || !is_our_authority (host, port))
    return FALSE;
  if (origin == NULL)
    return TRUE;
  return g_ascii_strncasecmp (origin, "http://", 7) == 0 && is_our_authority (origin + 7, port);
}

/* ---- bodies ---- */

typedef struct {
  GByteArray *body;    /* NULL: nothing is kept */
  gsize       max_size;
  gsize       size;    /* of all that came, kept or not */
  GSource    *timeout;
} Upload;

static void
upload_free (Upload *upload)
{
  sio_server_clear_source (&upload->timeout);
  g_clear_pointer (&upload->body, g_byte_array_unref);
  g_free (upload);
}

static void
cut (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static gboolean
upload_timeout_cb (gpointer message)
{
  cut (message);
  return G_SOURCE_REMOVE;
}

static void
got_chunk_cb (SoupServerMessage *message,
              GBytes            *chunk,
              Upload            *upload)
{
  gsize size;
  const void *data = g_bytes_get_data (chunk, &size);

  upload->size += size;
  if (upload->size > upload->max_size)
    g_clear_pointer (&upload->body, g_byte_array_unref);
  else if (upload->body != NULL)
    g_byte_array_append (upload->body, data, (guint) size);

  if (upload->size > SIO_SERVER_MAX_DISCARD + upload->max_size)
    cut (message);
}

static void
got_body_cb (SoupServerMessage *message,
             Upload            *upload)
{
  sio_server_clear_source (&upload->timeout);
}

static void
begin_upload (SioServer         *self,
              SoupServerMessage *message)
{
  Upload *upload = g_new0 (Upload, 1);

  upload->max_size = sio_server_get_options (self)->max_payload;
  upload->timeout = sio_server_add_timeout (self, SIO_SERVER_POST_TIMEOUT_MS, upload_timeout_cb, message);

  g_object_set_data_full (G_OBJECT (message), "sio-server-upload", upload, (GDestroyNotify) upload_free);
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), upload);
  g_signal_connect (message, "got-body", G_CALLBACK (got_body_cb), upload);
}

/* Called for a body that somebody will want, and that does not already say that it is too large. */
static void
keep_upload (SoupServerMessage *message)
{
  Upload *upload = g_object_get_data (G_OBJECT (message), "sio-server-upload");
  goffset length = soup_message_headers_get_content_length (soup_server_message_get_request_headers (message));

  if (length >= 0 && (guint64) length <= upload->max_size)
    upload->body = g_byte_array_new ();
}

/*< private >
 * sio_server_take_upload:
 * @message: a request whose body has come
 *
 * Returns: (transfer full) (nullable): the body; %NULL if it was larger than the limit
 */
GBytes *
sio_server_take_upload (SoupServerMessage *message)
{
  Upload *upload = g_object_get_data (G_OBJECT (message), "sio-server-upload");

  if (upload == NULL || upload->body == NULL)
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&upload->body));
}

/* ---- which session ---- */

static gboolean
is_upgrade (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return soup_server_message_get_method (message) == SOUP_METHOD_GET &&
         soup_message_headers_header_contains (headers, "Connection", "Upgrade") &&
         soup_message_headers_header_contains (headers, "Upgrade", "websocket");
}

/* The revision of Engine.IO that a client wants to speak; 0 if we do not. */
static guint
parse_eio (SioServer  *self,
           GHashTable *query)
{
  const char *eio = query != NULL ? g_hash_table_lookup (query, "EIO") : NULL;

  if (g_strcmp0 (eio, "4") == 0)
    return 4;
  return g_strcmp0 (eio, "3") == 0 && !sio_server_get_options (self)->no_eio3 ? 3 : 0;
}

/* Engine.IO 4, "HTTP long-polling": the same checks in the same order as the official server.
 * Returns a code or -1; *session is NULL for a handshake. */
static int
verify (SioServer         *self,
        SoupServerMessage *message,
        GHashTable        *query,
        SioServerSession **session)
{
  const char *transport = query != NULL ? g_hash_table_lookup (query, "transport") : NULL;
  const char *sid = query != NULL ? g_hash_table_lookup (query, "sid") : NULL;
  guint eio = parse_eio (self, query);
  gboolean websocket = g_strcmp0 (transport, "websocket") == 0;

  *session = NULL;

  if (!websocket && g_strcmp0 (transport, "polling") != 0)
    return CODE_UNKNOWN_TRANSPORT;

  if (sid != NULL)
    {
      SioServerSession *found = sio_server_find_session (self, sid);

      if (found == NULL)
        return CODE_UNKNOWN_SID;
      if (websocket != is_upgrade (message))
        return CODE_BAD_REQUEST;
      if (!websocket && found->transport != SIO_TRANSPORT_KIND_POLLING)
        return CODE_BAD_REQUEST;
      if (eio != found->eio)
        return CODE_BAD_REQUEST;
      *session = found;
      return -1;
    }

  if (soup_server_message_get_method (message) != SOUP_METHOD_GET)
    return CODE_BAD_HANDSHAKE_METHOD;
  if (websocket != is_upgrade (message))
    return CODE_BAD_REQUEST;
  if (eio == 0)
    return CODE_UNSUPPORTED_PROTOCOL;
  return -1;
}

static void
refuse (SoupServerMessage *message,
        int                code)
{
  /* Over WebSocket the official server answers in plain words. */
  if (is_upgrade (message))
    {
      soup_server_message_set_status (message, 400, NULL);
      soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC,
                                        code_texts[code], strlen (code_texts[code]));
    }
  else
    {
      sio_server_respond_error (message, 400, code, code_texts[code]);
    }
}

/* Runs when the headers are there. A status set here is final. */
static void
headers_cb (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  SioServer *self = data;
  SioServerSession *session = NULL;
  int code;

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Cache-Control", "no-store");
  begin_upload (self, message);

  if (!is_welcome (message, sio_server_get_port (self)))
    {
      sio_server_report_error (self, "http", "refused a request whose Host or Origin is not this server");
      sio_server_respond_error (message, 403, CODE_FORBIDDEN, code_texts[CODE_FORBIDDEN]);
      return;
    }

  if (!g_str_has_prefix (path, sio_server_get_options (self)->path))
    {
      soup_server_message_set_status (message, 404, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "Not found", 9);
      return;
    }

  code = verify (self, message, query, &session);
  if (code >= 0)
    {
      refuse (message, code);
      return;
    }

  if (session != NULL && soup_server_message_get_method (message) == SOUP_METHOD_POST)
    {
      keep_upload (message);
      sio_server_session_begin_post (session, message);
    }
}

/* ---- WebSockets ---- */

typedef struct {
  guint    eio;
  gboolean base64;
} Handshake;

static void
handshake_done_cb (SioServer               *self,
                   SoupWebsocketConnection *connection,
                   gpointer                 data)
{
  const Handshake *handshake = data;
  g_autoptr(SioServerSession) session = NULL;

  session = sio_server_session_new (self, SIO_TRANSPORT_KIND_WEBSOCKET, handshake->eio, handshake->base64);
  sio_server_session_set_websocket (session, connection);
  sio_server_session_open (session);
}

static void
upgrade_accepted_cb (SioServer               *self,
                     SoupWebsocketConnection *connection,
                     gpointer                 data)
{
  SioServerSession *session = data;

  /* "ignores WebSocket connection with same sid after upgrade": accepted and closed at once, also
   * while another upgrade is running. */
  if (session->state != SIO_SERVER_SESSION_OPEN ||
      session->transport != SIO_TRANSPORT_KIND_POLLING ||
      session->probe != NULL)
    sio_server_retire_websocket (self, connection, FALSE);
  else
    sio_server_session_start_probe (session, connection);
}

/* ---- requests that are complete ---- */

static void
request_cb (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  SioServer *self = data;
  g_autoptr(SioServerSession) held = NULL;
  SioServerSession *session = NULL;
  const char *method = soup_server_message_get_method (message);
  gboolean base64;
  int code;

  /* Again: the session may have ended while the body was coming. */
  code = verify (self, message, query, &session);
  if (code >= 0)
    {
      refuse (message, code);
      return;
    }

  base64 = g_strcmp0 (g_hash_table_lookup (query, "b64"), "1") == 0;

  if (session != NULL)
    {
      held = sio_server_session_ref (session);
      if (is_upgrade (message))
        {
          session->base64_websocket |= base64;
          sio_server_accept_websocket (self, message, upgrade_accepted_cb, g_steal_pointer (&held),
                                       (GDestroyNotify) sio_server_session_unref);
        }
      else if (method == SOUP_METHOD_GET)
        sio_server_session_handle_get (session, message);
      else if (method == SOUP_METHOD_POST)
        sio_server_session_handle_post (session, message);
      else
        soup_server_message_set_status (message, 500, NULL);
      return;
    }

  if (sio_server_get_n_sessions (self) >= SIO_SERVER_MAX_SESSIONS)
    {
      sio_server_report_error (self, "http", "refused a client: there are 64 already");
      sio_server_respond_error (message, 503, CODE_FORBIDDEN, "Too many sessions");
      return;
    }

  if (is_upgrade (message))
    {
      const Handshake handshake = { parse_eio (self, query), base64 };

      sio_server_accept_websocket (self, message, handshake_done_cb, g_memdup2 (&handshake, sizeof handshake), g_free);
      return;
    }

  session = held = sio_server_session_new (self, SIO_TRANSPORT_KIND_POLLING, parse_eio (self, query), base64);
  sio_server_session_open (session);
  sio_server_session_handle_get (session, message);
}

void
sio_server_add_handlers (SioServer  *self,
                         SoupServer *soup)
{
  soup_server_add_early_handler (soup, NULL, headers_cb, self, NULL);
  soup_server_add_handler (soup, NULL, request_cb, self, NULL);
}
