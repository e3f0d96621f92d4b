/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The raw peer: blocking sockets, one thread a connection, no protocol that it does not break on request. */

#include "raw-peer.h"

#include <string.h>
#include <sys/socket.h>

struct _RawPeer {
  GSocket       *listener;
  guint          port;
  GThread       *acceptor;
  RawPeerScript  script;
  gpointer       data;

  GMutex         mutex;
  GCond          cond;        /* stopping has changed */
  GPtrArray     *connections;
  gboolean       stopping;
};

struct _RawConnection {
  RawPeer *peer;
  GSocket *socket;
  GThread *thread;
  guint    n;
  GString *read;    /* what was received and not used */
  GMutex   write_mutex;
};

void
raw_peer_wake_tests (void)
{
  g_main_context_wakeup (NULL);
}

/* Reading and writing */

static gboolean
raw_connection_fill (RawConnection *self)
{
  char buffer[16384];
  gssize n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, NULL);

  if (n <= 0)
    return FALSE;
  g_string_append_len (self->read, buffer, n);
  return TRUE;
}

gboolean
raw_connection_write (RawConnection *self,
                      const void    *data,
                      gssize         size)
{
  const char *p = data;
  gsize left = size < 0 ? strlen (p) : (gsize) size;
  gboolean ok = TRUE;

  g_mutex_lock (&self->write_mutex);
  while (ok && left > 0)
    {
      gssize n = g_socket_send (self->socket, p, left, NULL, NULL);

      ok = n > 0;
      if (ok)
        {
          p += n;
          left -= (gsize) n;
        }
    }
  g_mutex_unlock (&self->write_mutex);
  return ok;
}

gboolean
raw_connection_printf (RawConnection *self,
                       const char    *format,
                       ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return raw_connection_write (self, text, -1);
}

/* HTTP */

void
raw_request_clear (RawRequest *request)
{
  g_clear_pointer (&request->method, g_free);
  g_clear_pointer (&request->target, g_free);
  g_clear_pointer (&request->headers, g_hash_table_unref);
  if (request->body != NULL)
    g_string_free (g_steal_pointer (&request->body), TRUE);
}

const char *
raw_request_get_header (RawRequest *request,
                        const char *lower_case_name)
{
  return g_hash_table_lookup (request->headers, lower_case_name);
}

gboolean
raw_request_has_parameter (RawRequest *request,
                           const char *name,
                           const char *value)
{
  const char *query = strchr (request->target, '?');
  g_auto (GStrv) pieces = NULL;

  if (query == NULL)
    return FALSE;

  pieces = g_strsplit (query + 1, "&", -1);
  for (guint i = 0; pieces[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pieces[i], "=", 2);

      if (g_strcmp0 (pair[0], name) == 0 && (value == NULL || g_strcmp0 (pair[1], value) == 0))
        return TRUE;
    }
  return FALSE;
}

gboolean
raw_connection_read_request (RawConnection *self,
                             RawRequest    *request)
{
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) words = NULL;
  g_autofree char *head = NULL;
  const char *end;
  const char *length;
  gsize size = 0;

  raw_request_clear (request);
  while ((end = strstr (self->read->str, "\r\n\r\n")) == NULL)
    if (!raw_connection_fill (self))
      return FALSE;

  head = g_strndup (self->read->str, (gsize) (end - self->read->str));
  g_string_erase (self->read, 0, end - self->read->str + 4);
  lines = g_strsplit (head, "\r\n", -1);
  words = g_strsplit (lines[0], " ", 3);
  g_assert_cmpuint (g_strv_length (words), ==, 3);
  request->method = g_strdup (words[0]);
  request->target = g_strdup (words[1]);
  request->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');

      g_assert_nonnull (colon);
      g_hash_table_replace (request->headers, g_ascii_strdown (lines[i], colon - lines[i]),
                            g_strstrip (g_strdup (colon + 1)));
    }

  length = raw_request_get_header (request, "content-length");
  if (length != NULL)
    size = (gsize) g_ascii_strtoull (length, NULL, 10);
  while (self->read->len < size)
    if (!raw_connection_fill (self))
      return FALSE;
  request->body = g_string_new_len (self->read->str, (gssize) size);
  g_string_erase (self->read, 0, (gssize) size);
  return TRUE;
}

gboolean
raw_connection_respond (RawConnection *self,
                        const char    *status,
                        const char    *extra_headers,
                        const char    *body,
                        gssize         size)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize length = size < 0 ? strlen (body) : (gsize) size;

  g_string_printf (out, "HTTP/1.1 %s\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n", status,
                   extra_headers != NULL ? extra_headers : "", length);
  g_string_append_len (out, body, (gssize) length);
  return raw_connection_write (self, out->str, (gssize) out->len);
}

/* WebSocket */

gboolean
raw_connection_accept_websocket (RawConnection *self,
                                 RawRequest    *request,
                                 const void    *more,
                                 gsize          size)
{
  const char *key = raw_request_get_header (request, "sec-websocket-key");
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *accept = NULL;
  guint8 digest[20];
  gsize n = sizeof digest;

  if (key == NULL)
    return FALSE;
  g_checksum_update (sha1, (const guchar *) key, -1);
  g_checksum_update (sha1, (const guchar *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1);
  g_checksum_get_digest (sha1, digest, &n);
  accept = g_base64_encode (digest, n);
  g_string_printf (out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
  if (size > 0)
    g_string_append_len (out, more, (gssize) size);
  return raw_connection_write (self, out->str, (gssize) out->len);
}

void
raw_append_frame (GString    *out,
                  guint8      first,
                  const void *data,
                  gsize       size)
{
  g_string_append_c (out, (char) first);
  if (size < 126)
    g_string_append_c (out, (char) size);
  else if (size < 65536)
    {
      g_string_append_c (out, 126);
      g_string_append_c (out, (char) (size >> 8));
      g_string_append_c (out, (char) (size & 0xff));
    }
  else
    {
      g_string_append_c (out, 127);
      for (int shift = 56; shift >= 0; shift -= 8)
        g_string_append_c (out, (char) ((guint64) size >> shift & 0xff));
    }
  if (size > 0)
    g_string_append_len (out, data, (gssize) size);
}

gboolean
raw_connection_write_frame (RawConnection *self,
                            guint8         first,
                            const void    *data,
                            gssize         size)
{
  g_autoptr (GString) out = g_string_new (NULL);

  raw_append_frame (out, first, data, size < 0 ? strlen (data) : (gsize) size);
  return raw_connection_write (self, out->str, (gssize) out->len);
}

gboolean
raw_connection_read_frame (RawConnection *self,
                           guint8        *first,
                           GString       *payload)
{
  const guint8 *p;
  gsize at = 2;
  guint64 size;

  while (self->read->len < 14)
    {
      if (self->read->len >= 2)
        {
          gsize small = (guint8) self->read->str[1] & 0x7f;

          if (small < 126 && self->read->len >= 6 + small)
            break;
        }
      if (!raw_connection_fill (self))
        return FALSE;
    }

  p = (const guint8 *) self->read->str;
  g_assert_true (p[1] & 0x80); /* clients mask */
  *first = p[0];
  size = p[1] & 0x7f;
  if (size == 126)
    {
      size = (guint64) p[2] << 8 | p[3];
      at = 4;
    }
  else if (size == 127)
    {
      size = 0;
      for (guint i = 2; i < 10; i++)
        size = size << 8 | p[i];
      at = 10;
    }

  while (self->read->len < at + 4 + size)
    if (!raw_connection_fill (self))
      return FALSE;

  p = (const guint8 *) self->read->str;
  g_string_truncate (payload, 0);
  for (guint64 i = 0; i < size; i++)
    g_string_append_c (payload, (char) (p[at + 4 + i] ^ p[at + i % 4]));
  g_string_erase (self->read, 0, (gssize) (at + 4 + size));
  return TRUE;
}

/* Life */

void
raw_connection_await_end (RawConnection *self)
{
  while (raw_connection_fill (self))
    g_string_truncate (self->read, 0);
}

gboolean
raw_connection_sleep (RawConnection *self,
                      guint          ms)
{
  gint64 until = g_get_monotonic_time () + (gint64) ms * 1000;
  gboolean stopping;

  g_mutex_lock (&self->peer->mutex);
  while (!self->peer->stopping && g_cond_wait_until (&self->peer->cond, &self->peer->mutex, until))
    ;
  stopping = self->peer->stopping;
  g_mutex_unlock (&self->peer->mutex);
  return !stopping;
}

void
raw_connection_reset_on_close (RawConnection *self)
{
  struct linger linger = { 1, 0 };

  setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void
raw_connection_interrupt (RawConnection *self,
                          gboolean       reset)
{
  g_mutex_lock (&self->peer->mutex);
  if (reset)
    raw_connection_reset_on_close (self);
  /* nothing goes out before a reset */
  if (!g_socket_is_closed (self->socket))
    g_socket_shutdown (self->socket, TRUE, !reset, NULL);
  g_mutex_unlock (&self->peer->mutex);
}

void
raw_connection_close (RawConnection *self)
{
  /* not while raw_peer_free() looks at it */
  g_mutex_lock (&self->peer->mutex);
  g_socket_close (self->socket, NULL);
  g_mutex_unlock (&self->peer->mutex);
}

void
raw_connection_set_small_buffers (RawConnection *self)
{
  g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, 8192, NULL);
  g_socket_set_option (self->socket, SOL_SOCKET, SO_SNDBUF, 8192, NULL);
}

static gpointer
raw_connection_thread (gpointer data)
{
  RawConnection *self = data;

  self->peer->script (self, self->n, self->peer->data);
  raw_connection_close (self);
  raw_peer_wake_tests ();
  return NULL;
}

static gpointer
raw_peer_accept_thread (gpointer data)
{
  RawPeer *self = data;

  for (;;)
    {
      GSocket *socket = g_socket_accept (self->listener, NULL, NULL);
      RawConnection *connection;

      if (socket == NULL)
        return NULL;

      connection = g_new0 (RawConnection, 1);
      connection->peer = self;
      connection->socket = socket;
      connection->read = g_string_new (NULL);
      g_mutex_init (&connection->write_mutex);
      g_socket_set_option (socket, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, 1, NULL);

      g_mutex_lock (&self->mutex);
      if (self->stopping)
        {
          g_mutex_unlock (&self->mutex);
          g_socket_close (socket, NULL);
          g_object_unref (socket);
          g_string_free (connection->read, TRUE);
          g_mutex_clear (&connection->write_mutex);
          g_free (connection);
          return NULL;
        }
      connection->n = self->connections->len;
      g_ptr_array_add (self->connections, connection);
      connection->thread = g_thread_new ("raw-connection", raw_connection_thread, connection);
      g_mutex_unlock (&self->mutex);
      raw_peer_wake_tests ();
    }
}

RawPeer *
raw_peer_new (RawPeerScript script,
              gpointer      data)
{
  RawPeer *self = g_new0 (RawPeer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GError) error = NULL;

  self->script = script;
  self->data = data;
  self->connections = g_ptr_array_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);

  self->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_bind (self->listener, address, TRUE, &error));
  g_assert_true (g_socket_listen (self->listener, &error));
  local = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  self->acceptor = g_thread_new ("raw-peer", raw_peer_accept_thread, self);
  return self;
}

void
raw_peer_free (RawPeer *self)
{
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_cond_broadcast (&self->cond);
  for (guint i = 0; i < self->connections->len; i++)
    {
      RawConnection *connection = self->connections->pdata[i];

      if (!g_socket_is_closed (connection->socket))
        g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
    }
  g_mutex_unlock (&self->mutex);

  g_socket_shutdown (self->listener, TRUE, TRUE, NULL);
  g_thread_join (self->acceptor);
  for (guint i = 0; i < self->connections->len; i++)
    {
      RawConnection *connection = self->connections->pdata[i];

      g_thread_join (connection->thread);
      g_object_unref (connection->socket);
      g_string_free (connection->read, TRUE);
      g_mutex_clear (&connection->write_mutex);
      g_free (connection);
    }
  g_ptr_array_unref (self->connections);
  g_socket_close (self->listener, NULL);
  g_object_unref (self->listener);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

guint
raw_peer_get_port (RawPeer *self)
{
  return self->port;
}

char *
raw_peer_dup_url (RawPeer *self)
{
  return g_strdup_printf ("http://127.0.0.1:%u/", self->port);
}

guint
raw_peer_get_n_connections (RawPeer *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->connections->len;
  g_mutex_unlock (&self->mutex);
  return n;
}
