/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioServer: listens on loopback, keeps the tables of sessions and namespaces, and tells a listener
 * what happens. */

#include "sio-server-private.h"
#include "../sio-error.h"

#include <sys/random.h>

/* An answer that ends a poll needs a moment to leave; until then the accepted connections stay. */
#define GOODBYE_MS 250

struct _SioServer {
  GObject             parent_instance;

  SioServerOptions    options;    /* host and path point to the two below */
  char               *host;
  char               *path;

  GMainContext       *context;
  SoupServer         *soup;       /* NULL once closed */
  GHashTable         *sessions;   /* sid → SioServerSession, owned */
  GHashTable         *namespaces; /* name → GPtrArray of SioServerSocket, owned; none is empty */
  guint32             n_ids;

  SioServerBehaviour  behaviour;
  gpointer            behaviour_data;
  SioServerListener   listener;
  gpointer            listener_data;
};

G_DEFINE_FINAL_TYPE (SioServer, sio_server, G_TYPE_OBJECT)

static void
sio_server_dispose (GObject *object)
{
  SioServer *self = SIO_SERVER (object);

  sio_server_close (self);

  G_OBJECT_CLASS (sio_server_parent_class)->dispose (object);
}

static void
sio_server_finalize (GObject *object)
{
  SioServer *self = SIO_SERVER (object);

  if (self->behaviour.free_data != NULL)
    self->behaviour.free_data (self->behaviour_data);
  g_hash_table_unref (self->sessions);
  g_hash_table_unref (self->namespaces);
  g_main_context_unref (self->context);
  g_free (self->host);
  g_free (self->path);

  G_OBJECT_CLASS (sio_server_parent_class)->finalize (object);
}

static void
sio_server_class_init (SioServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sio_server_dispose;
  object_class->finalize = sio_server_finalize;
}

static void
sio_server_init (SioServer *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                          (GDestroyNotify) sio_server_session_unref);
  self->namespaces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) g_ptr_array_unref);
}

static gboolean
sio_server_listen (SioServer  *self,
                   GError    **error)
{
  SoupServerListenOptions ipv4 = SOUP_SERVER_LISTEN_IPV4_ONLY;

  self->soup = soup_server_new (NULL, NULL);
  /* libsoup offers permessage-deflate by itself; a small frame could then unpack to gigabytes. */
  soup_server_remove_websocket_extension (self->soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  sio_server_add_handlers (self, self->soup);

  if (g_str_equal (self->host, "::1"))
    return soup_server_listen_local (self->soup, self->options.port, SOUP_SERVER_LISTEN_IPV6_ONLY, error);

  /* "localhost" may be looked up as either; where there is no IPv6, IPv4 alone is right. With port
   * 0 libsoup takes the same free port for both. */
  if (g_str_equal (self->host, "localhost") &&
      soup_server_listen_local (self->soup, self->options.port, 0, NULL))
    return TRUE;

  return soup_server_listen_local (self->soup, self->options.port, ipv4, error);
}

static char *
normalize_path (const char *path)
{
  gsize size = strlen (path);

  if (size > 0 && path[size - 1] == '/')
    return g_strdup (path);
  return g_strconcat (path, "/", NULL);
}

/**
 * sio_server_new:
 * @options: (nullable): where to listen and with which limits; %NULL for the defaults
 * @error: return location for an error
 *
 * Listens. The server lives on the thread-default main context of this call, and every callback runs there.
 *
 * Fails with %SIO_ERROR_INVALID_ARGUMENT for options that cannot be, a host that is not loopback among them,
 * or with GIO's error if the port is taken.
 *
 * Returns: (transfer full): the server; its last reference closes it
 */
SioServer *
sio_server_new (const SioServerOptions  *options,
                GError                 **error)
{
  SioServerOptions defaults = SIO_SERVER_DEFAULT_OPTIONS;
  g_autoptr(SioServer) self = NULL;

  if (options == NULL)
    options = &defaults;

  if (options->host == NULL ||
      (!g_str_equal (options->host, "127.0.0.1") && !g_str_equal (options->host, "::1") &&
       !g_str_equal (options->host, "localhost")))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "host is \"%s\", expected 127.0.0.1, ::1 or localhost: the server is for this machine only",
                   options->host != NULL ? options->host : "");
      return NULL;
    }
  if (options->path == NULL || options->path[0] != '/')
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "path is \"%s\", expected something that starts with \"/\"",
                   options->path != NULL ? options->path : "");
      return NULL;
    }
  if (options->port > G_MAXUINT16)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "port is %u, expected 0 to 65535", options->port);
      return NULL;
    }
  if (options->ping_interval_ms == 0 || options->ping_interval_ms > 86400000 ||
      options->ping_timeout_ms == 0 || options->ping_timeout_ms > 86400000)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                           "ping interval and ping timeout must be 1 to 86400000 ms");
      return NULL;
    }
  /* 0 would tell libsoup "no limit", and a frame that claims 2^64 - 1 bytes then crashes it
   * (CVE-2026-0716). */
  if (options->max_payload == 0 || options->max_payload > 256 * 1024 * 1024)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                           "the largest payload must be 1 to 268435456 bytes");
      return NULL;
    }

  self = g_object_new (SIO_TYPE_SERVER, NULL);
  self->host = g_strdup (options->host);
  self->path = normalize_path (options->path);
  self->options = *options;
  self->options.host = self->host;
  self->options.path = self->path;

  if (!sio_server_listen (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * sio_server_get_port:
 * @self: a server
 *
 * Returns: the TCP port it listens on; 0 once it is closed
 */
guint
sio_server_get_port (SioServer *self)
{
  GSList *uris;
  guint port = 0;

  g_return_val_if_fail (SIO_IS_SERVER (self), 0);

  if (self->soup == NULL)
    return 0;

  uris = soup_server_get_uris (self->soup);
  if (uris != NULL)
    port = (guint) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return port;
}

/**
 * sio_server_get_eio:
 * @self: a server
 * @sid: the id of a session, as a listener is told it
 *
 * Returns: the revision of Engine.IO that the session speaks, 3 or 4; 0 if there is no session of this id
 */
guint
sio_server_get_eio (SioServer  *self,
                    const char *sid)
{
  SioServerSession *session;

  g_return_val_if_fail (SIO_IS_SERVER (self) && sid != NULL, 0);

  session = sio_server_find_session (self, sid);

  return session != NULL ? session->eio : 0;
}

/**
 * sio_server_set_listener:
 * @self: a server
 * @listener: (nullable): functions to call, any of them %NULL; the structure is copied
 * @data: passed to them
 *
 * Sets who is told what happens, on the server's context. What a function is given is valid during the call only.
 */
void
sio_server_set_listener (SioServer               *self,
                         const SioServerListener *listener,
                         gpointer                 data)
{
  g_return_if_fail (SIO_IS_SERVER (self));

  self->listener = listener != NULL ? *listener : (SioServerListener) { 0 };
  self->listener_data = data;
}

static gboolean
disconnect_soup_cb (gpointer data)
{
  soup_server_disconnect (data);
  return G_SOURCE_REMOVE;
}

/**
 * sio_server_close:
 * @self: a server
 *
 * Closes every session: a pending poll is answered, a WebSocket is closed in good order. The port is free when this
 * returns; the connections that are left are cut a moment later. Does nothing the second time.
 */
void
sio_server_close (SioServer *self)
{
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(SoupServer) soup = NULL;
  GSource *source;
  GSList *sockets;
  GHashTableIter iter;
  gpointer session;

  g_return_if_fail (SIO_IS_SERVER (self));

  if (self->soup == NULL)
    return;

  soup = g_steal_pointer (&self->soup);
  soup_server_remove_handler (soup, NULL);

  sockets = soup_server_get_listeners (soup);
  for (GSList *l = sockets; l != NULL; l = l->next)
    g_socket_close (l->data, NULL);
  g_slist_free (sockets);

  sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_server_session_unref);
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    g_ptr_array_add (sessions, sio_server_session_ref (session));
  for (guint i = 0; i < sessions->len; i++)
    sio_server_session_end (g_ptr_array_index (sessions, i), "server shutting down", "1");

  source = g_timeout_source_new (GOODBYE_MS);
  g_source_set_callback (source, disconnect_soup_cb, g_object_ref (soup), g_object_unref);
  g_source_attach (source, self->context);
  g_source_unref (source);
}

/* ---- what the layers above use ---- */

void
sio_server_set_behaviour (SioServer                *self,
                          const SioServerBehaviour *behaviour,
                          gpointer                  data)
{
  g_return_if_fail (SIO_IS_SERVER (self));
  g_return_if_fail (g_hash_table_size (self->sessions) == 0);

  if (self->behaviour.free_data != NULL)
    self->behaviour.free_data (self->behaviour_data);
  self->behaviour = *behaviour;
  self->behaviour_data = data;
}

const SioServerOptions *
sio_server_get_options (SioServer *self)
{
  return &self->options;
}

const SioServerBehaviour *
sio_server_get_behaviour (SioServer *self,
                          gpointer  *data)
{
  if (data != NULL)
    *data = self->behaviour_data;
  return &self->behaviour;
}

GMainContext *
sio_server_get_context (SioServer *self)
{
  return self->context;
}

/* Twelve random bytes and three that count, in base64url: 20 characters, as the official server's.
 * Who knows a sid can read the session, so the randomness is the kernel's. */
char *
sio_server_generate_id (SioServer *self)
{
  guint8 bytes[15];
  gsize size = 0;
  char *id;

  while (size < 12)
    {
      gssize n = getrandom (bytes + size, 12 - size, 0);

      if (n < 0 && errno != EINTR)
        g_error ("getrandom: %s", g_strerror (errno));
      if (n > 0)
        size += (gsize) n;
    }
  self->n_ids++;
  bytes[12] = (guint8) (self->n_ids >> 16);
  bytes[13] = (guint8) (self->n_ids >> 8);
  bytes[14] = (guint8) self->n_ids;

  id = g_base64_encode (bytes, sizeof bytes);
  g_strdelimit (id, "+", '-');
  g_strdelimit (id, "/", '_');
  return id;
}

SioServerSession *
sio_server_find_session (SioServer  *self,
                         const char *sid)
{
  return g_hash_table_lookup (self->sessions, sid);
}

guint
sio_server_get_n_sessions (SioServer *self)
{
  return g_hash_table_size (self->sessions);
}

void
sio_server_add_session (SioServer        *self,
                        SioServerSession *session)
{
  g_hash_table_insert (self->sessions, session->sid, sio_server_session_ref (session));
}

void
sio_server_remove_session (SioServer        *self,
                           SioServerSession *session)
{
  g_hash_table_remove (self->sessions, session->sid);
}

void
sio_server_join (SioServer       *self,
                 SioServerSocket *socket)
{
  const char *nsp = sio_server_socket_get_nsp (socket);
  GPtrArray *sockets = g_hash_table_lookup (self->namespaces, nsp);

  if (sockets == NULL)
    {
      sockets = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_server_socket_unref);
      g_hash_table_insert (self->namespaces, g_strdup (nsp), sockets);
    }
  g_ptr_array_add (sockets, sio_server_socket_ref (socket));
}

void
sio_server_leave (SioServer       *self,
                  SioServerSocket *socket)
{
  const char *nsp = sio_server_socket_get_nsp (socket);
  GPtrArray *sockets = g_hash_table_lookup (self->namespaces, nsp);

  if (sockets == NULL)
    return;

  if (sockets->len == 1 && g_ptr_array_index (sockets, 0) == socket)
    g_hash_table_remove (self->namespaces, nsp);
  else
    g_ptr_array_remove (sockets, socket);
}

GPtrArray *
sio_server_list_sockets (SioServer  *self,
                         const char *nsp)
{
  GPtrArray *sockets = g_hash_table_lookup (self->namespaces, nsp);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) sio_server_socket_unref);

  for (guint i = 0; sockets != NULL && i < sockets->len; i++)
    g_ptr_array_add (list, sio_server_socket_ref (g_ptr_array_index (sockets, i)));

  return list;
}

void
sio_server_broadcast (SioServer  *self,
                      const char *nsp,
                      const char *event,
                      SioSpan     args,
                      GPtrArray  *attachments)
{
  g_autoptr(GPtrArray) sockets = sio_server_list_sockets (self, nsp);

  for (guint i = 0; i < sockets->len; i++)
    sio_server_socket_emit (g_ptr_array_index (sockets, i), event, args, attachments);
}

GSource *
sio_server_add_timeout (SioServer   *self,
                        guint        ms,
                        GSourceFunc  func,
                        gpointer     data)
{
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, self->context);
  return source;
}

void
sio_server_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* ---- reports ---- */

void
sio_server_report_connected (SioServer       *self,
                             SioServerSocket *socket,
                             SioSpan          auth)
{
  if (self->listener.connected != NULL)
    self->listener.connected (self->listener_data, sio_server_socket_get_id (socket),
                              sio_server_socket_get_nsp (socket), auth);
}

void
sio_server_report_refused (SioServer  *self,
                           const char *sid,
                           const char *nsp,
                           const char *message)
{
  if (self->listener.refused != NULL)
    self->listener.refused (self->listener_data, sid, nsp, message);
}

void
sio_server_report_disconnected (SioServer       *self,
                                SioServerSocket *socket,
                                const char      *reason)
{
  if (self->listener.disconnected != NULL)
    self->listener.disconnected (self->listener_data, sio_server_socket_get_id (socket),
                                 sio_server_socket_get_nsp (socket), reason);
}

void
sio_server_report_event (SioServer       *self,
                         SioServerSocket *socket,
                         SioDirection     direction,
                         SioSpan          event,
                         SioSpan          args,
                         GPtrArray       *attachments,
                         gint64           id)
{
  if (self->listener.event != NULL)
    self->listener.event (self->listener_data, sio_server_socket_get_id (socket),
                          sio_server_socket_get_nsp (socket), direction, event, args, attachments, id);
}

void
sio_server_report_ack (SioServer       *self,
                       SioServerSocket *socket,
                       SioDirection     direction,
                       SioSpan          args,
                       GPtrArray       *attachments,
                       gint64           id)
{
  if (self->listener.ack != NULL)
    self->listener.ack (self->listener_data, sio_server_socket_get_id (socket),
                        sio_server_socket_get_nsp (socket), direction, args, attachments, id);
}

void
sio_server_report_engine (SioServer  *self,
                          const char *sid,
                          const char *state,
                          const char *detail)
{
  if (self->listener.engine != NULL)
    self->listener.engine (self->listener_data, sid, state, detail);
}

void
sio_server_report_error (SioServer  *self,
                         const char *where,
                         const char *message)
{
  if (self->listener.error != NULL)
    self->listener.error (self->listener_data, where, message);
}
