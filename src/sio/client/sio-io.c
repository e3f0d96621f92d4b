/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* socket.io's io (url): who shares a manager with whom, and what keeps it alive. A manager owns its sockets, and here each
 * socket that somebody else holds a reference on owns the manager: a toggle reference tells when that begins and ends, so
 * that there is no cycle. The cache itself holds nothing. */

#include "sio-manager-private.h"

/* What the official client calls its default path. Ours has the slash that it adds; both ask for the same. */
#define OFFICIAL_DEFAULT_PATH "/socket.io"

static GMutex lock;
/* "CONTEXT KEY" to SioManager (not owned): a manager lives on one main context, which stays alive as long as it does. */
static GHashTable *managers;

static char *
dup_cache_key (GMainContext *context,
               const SioUrl *url,
               SioOptions   *options)
{
  const char *path = sio_options_get_path (options);
  g_autofree char *key = NULL;

  if (g_str_equal (path, OFFICIAL_DEFAULT_PATH "/"))
    path = OFFICIAL_DEFAULT_PATH;
  key = sio_url_dup_key (url, path);
  return g_strdup_printf ("%p %s", (void *) context, key);
}

/* (transfer full) (nullable) */
static SioManager *
look_up (const char *key)
{
  SioManager *manager;

  g_mutex_lock (&lock);
  manager = managers != NULL ? g_hash_table_lookup (managers, key) : NULL;
  if (manager != NULL)
    g_object_ref (manager);
  g_mutex_unlock (&lock);
  return manager;
}

static void
remember (SioManager *manager,
          char       *key)
{
  manager->io_key = key;
  g_mutex_lock (&lock);
  if (managers == NULL)
    managers = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (managers, key, manager);
  g_mutex_unlock (&lock);
}

/* The manager is being disposed: whoever asks from now on gets another one. */
void
sio_io_forget (SioManager *manager)
{
  if (manager->io_key == NULL)
    return;

  g_mutex_lock (&lock);
  g_hash_table_remove (managers, manager->io_key);
  if (g_hash_table_size (managers) == 0)
    g_clear_pointer (&managers, g_hash_table_unref);
  g_mutex_unlock (&lock);
  g_clear_pointer (&manager->io_key, g_free);
}

static void
toggled_cb (gpointer  data,
            GObject  *socket,
            gboolean  is_last_ref)
{
  if (is_last_ref)
    g_object_unref (data);
  else
    g_object_ref (data);
}

/* The manager's reference becomes one that knows whether it is the only one. */
void
sio_io_hold (SioManager *manager,
             SioSocket  *socket)
{
  g_object_ref (manager);
  g_object_add_toggle_ref (G_OBJECT (socket), toggled_cb, manager);
  g_object_unref (socket);
}

void
sio_io_release (SioManager *manager,
                SioSocket  *socket)
{
  g_object_remove_toggle_ref (G_OBJECT (socket), toggled_cb, manager);
}

/* "a=1&b=%20" as sio_socket_set_query() takes it. */
static char **
split_query (const char *query)
{
  char **pairs = g_strsplit (query, "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *plain;

      g_strdelimit (pairs[i], "+", ' ');
      /* what is not escaped properly stays as it was written */
      plain = g_uri_unescape_string (pairs[i], NULL);
      if (plain != NULL && g_utf8_validate (plain, -1, NULL))
        {
          g_free (pairs[i]);
          pairs[i] = g_steal_pointer (&plain);
        }
      g_free (plain);
    }
  return pairs;
}

/* Servers 2.x: the options of this call, or else the query of this URL. Not those of whoever made the manager. */
static void
set_query (SioSocket    *socket,
           const SioUrl *url,
           SioOptions   *options)
{
  const char * const none[] = { NULL };
  const char * const *given = sio_options_get_query (options);
  g_auto(GStrv) from_url = NULL;

  if ((given == NULL || given[0] == NULL) && url->query != NULL)
    from_url = split_query (url->query);

  if (from_url != NULL)
    sio_socket_set_query (socket, (const char * const *) from_url);
  else
    sio_socket_set_query (socket, given != NULL ? given : none);
}

/**
 * sio_io:
 * @url: as for sio_manager_new(); its path is the namespace
 * @options: (nullable): %NULL for the defaults
 * @error: %SIO_ERROR_INVALID_ARGUMENT if @url is none, %SIO_ERROR_FULL if its server has too many namespaces already
 *
 * The socket of the URL's namespace on a manager that all callers on this thread-default main context share who name the
 * same scheme, host, port and #SioOptions:path. A manager of its own is made, that nobody shares, if #SioOptions:force-new
 * is set, #SioOptions:multiplex is not, or the shared one has this namespace already, even a disconnected one.
 *
 * The first caller's whole URL, its query too, and the first caller's options are the manager's. From a later caller's
 * options are taken: auth, retries and ack-timeout-ms, which are read whenever they are needed, and, for servers 2.x, the
 * query (of the options, else of the URL).
 *
 * Unless the first caller's #SioOptions:auto-connect is off, the socket connects by itself, and so does each other socket
 * of this manager that sio_manager_get_socket() makes or finds inactive.
 *
 * Whoever holds a reference on one of the manager's sockets keeps the manager and all of them alive. When the last one is
 * dropped, all of it ends at once; who wants to part properly calls sio_socket_disconnect() and waits until the manager is
 * no longer #SioManager:closing. An ack that is waited for holds a reference too.
 *
 * Returns: (transfer full): the socket, or %NULL
 */
SioSocket *
sio_io (const char  *url,
        SioOptions  *options,
        GError     **error)
{
  g_autoptr(SioUrl) parsed = NULL;
  g_autoptr(SioOptions) own = NULL;
  g_autoptr(GMainContext) context = NULL;
  g_autoptr(SioManager) manager = NULL;
  g_autofree char *key = NULL;
  gboolean alone;
  SioSpan nsp;
  SioSocket *socket;

  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (options == NULL || SIO_IS_OPTIONS (options), NULL);

  parsed = sio_url_parse (url, error);
  if (parsed == NULL)
    return NULL;
  if (options == NULL)
    options = own = sio_options_new ();

  context = g_main_context_ref_thread_default ();
  key = dup_cache_key (context, parsed, options);
  nsp = (SioSpan) { parsed->nsp, strlen (parsed->nsp) };
  alone = sio_options_get_force_new (options) || !sio_options_get_multiplex (options);
  manager = alone ? NULL : look_up (key);
  if (manager != NULL && sio_manager_look_up (manager, nsp) != NULL)
    {
      alone = TRUE;
      g_clear_object (&manager);
    }

  if (manager != NULL)
    g_clear_pointer (&key, g_free);
  else
    {
      manager = sio_manager_new (url, options, error);
      if (manager == NULL)
        return NULL;
      manager->held_by_sockets = TRUE;
    }

  socket = sio_manager_add_socket (manager, parsed->nsp, options, error);
  if (socket == NULL)
    return NULL;
  g_object_ref (socket);
  if (!alone && key != NULL)
    remember (manager, g_steal_pointer (&key));

  set_query (socket, parsed, options);
  if (sio_options_get_auto_connect (manager->options))
    sio_socket_connect (socket);
  return socket;
}
