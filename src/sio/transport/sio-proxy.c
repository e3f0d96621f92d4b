/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The resolver, and the proxy protocol that it names: GIO's CONNECT under another name. */

#include "sio-proxy.h"

#include <string.h>

#define TUNNEL "sio-connect"

/* The protocol */

#define SIO_TYPE_TUNNEL (sio_tunnel_get_type ())
G_DECLARE_FINAL_TYPE (SioTunnel, sio_tunnel, SIO, TUNNEL, GObject)

struct _SioTunnel {
  GObject parent_instance;
};

static void sio_tunnel_iface_init (GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioTunnel, sio_tunnel, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, sio_tunnel_iface_init))

static GIOStream *
sio_tunnel_connect (GProxy         *proxy,
                    GIOStream      *stream,
                    GProxyAddress  *address,
                    GCancellable   *cancellable,
                    GError        **error)
{
  g_autoptr (GProxy) http = g_proxy_get_default_for_protocol ("http");

  return g_proxy_connect (http, stream, address, cancellable, error);
}

static void
sio_tunnel_connect_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GIOStream *stream = g_proxy_connect_finish (G_PROXY (source), result, &error);

  if (stream != NULL)
    g_task_return_pointer (task, stream, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
sio_tunnel_connect_async (GProxy              *proxy,
                          GIOStream           *stream,
                          GProxyAddress       *address,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (GProxy) http = g_proxy_get_default_for_protocol ("http");
  GTask *task = g_task_new (proxy, cancellable, callback, user_data);

  g_task_set_source_tag (task, sio_tunnel_connect_async);
  g_proxy_connect_async (http, stream, address, cancellable, sio_tunnel_connect_cb, task);
}

static GIOStream *
sio_tunnel_connect_finish (GProxy        *proxy,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
sio_tunnel_supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
sio_tunnel_iface_init (GProxyInterface *iface)
{
  iface->connect = sio_tunnel_connect;
  iface->connect_async = sio_tunnel_connect_async;
  iface->connect_finish = sio_tunnel_connect_finish;
  iface->supports_hostname = sio_tunnel_supports_hostname;
}

static void
sio_tunnel_class_init (SioTunnelClass *klass)
{
}

static void
sio_tunnel_init (SioTunnel *self)
{
}

static void
register_tunnel (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      /* GIO registers its own, and the extension point, when it is asked for one */
      g_autoptr (GProxy) http = g_proxy_get_default_for_protocol ("http");

      g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, SIO_TYPE_TUNNEL, TUNNEL, 0);
      g_once_init_leave (&once, 1);
    }
}

/* The resolver */

struct _SioProxyResolver {
  GObject   parent_instance;

  char     *proxy; /* NULL: the system's */
  gboolean  tunnel;
};

static void sio_proxy_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioProxyResolver, sio_proxy_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, sio_proxy_resolver_iface_init))

static char *
sio_proxy_resolver_translate (SioProxyResolver *self,
                              const char       *proxy)
{
  if (self->tunnel && g_ascii_strncasecmp (proxy, "http://", 7) == 0)
    return g_strconcat (TUNNEL, proxy + 4, NULL);
  /* curl's names for what GIO does anyway: the proxy looks the host up */
  if (g_ascii_strncasecmp (proxy, "socks5h://", 10) == 0)
    return g_strconcat ("socks5", proxy + 7, NULL);
  if (g_ascii_strncasecmp (proxy, "socks://", 8) == 0)
    return g_strconcat ("socks5", proxy + 5, NULL);
  return g_strdup (proxy);
}

/* Takes what the system's resolver found. */
static char **
sio_proxy_resolver_translate_all (SioProxyResolver  *self,
                                  char             **proxies)
{
  for (guint i = 0; proxies != NULL && proxies[i] != NULL; i++)
    {
      char *proxy = proxies[i];

      proxies[i] = sio_proxy_resolver_translate (self, proxy);
      g_free (proxy);
    }
  return proxies;
}

static char **
sio_proxy_resolver_dup_fixed (SioProxyResolver *self)
{
  char **proxies = g_new0 (char *, 2);

  proxies[0] = sio_proxy_resolver_translate (self, self->proxy);
  return proxies;
}

static gboolean
sio_proxy_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
sio_proxy_resolver_lookup (GProxyResolver  *resolver,
                           const char      *uri,
                           GCancellable    *cancellable,
                           GError         **error)
{
  SioProxyResolver *self = SIO_PROXY_RESOLVER (resolver);

  if (self->proxy != NULL)
    return sio_proxy_resolver_dup_fixed (self);
  return sio_proxy_resolver_translate_all (self, g_proxy_resolver_lookup (g_proxy_resolver_get_default (), uri,
                                                                          cancellable, error));
}

static void
sio_proxy_resolver_lookup_cb (GObject      *source,
                              GAsyncResult *result,
                              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  SioProxyResolver *self = g_task_get_source_object (task);
  GError *error = NULL;
  char **proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (proxies != NULL)
    g_task_return_pointer (task, sio_proxy_resolver_translate_all (self, proxies), (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static void
sio_proxy_resolver_lookup_async (GProxyResolver      *resolver,
                                 const char          *uri,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  SioProxyResolver *self = SIO_PROXY_RESOLVER (resolver);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, sio_proxy_resolver_lookup_async);
  if (self->proxy != NULL)
    g_task_return_pointer (task, sio_proxy_resolver_dup_fixed (self), (GDestroyNotify) g_strfreev);
  else
    g_proxy_resolver_lookup_async (g_proxy_resolver_get_default (), uri, cancellable, sio_proxy_resolver_lookup_cb,
                                   g_steal_pointer (&task));
}

static char **
sio_proxy_resolver_lookup_finish (GProxyResolver  *resolver,
                                  GAsyncResult    *result,
                                  GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
sio_proxy_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = sio_proxy_resolver_is_supported;
  iface->lookup = sio_proxy_resolver_lookup;
  iface->lookup_async = sio_proxy_resolver_lookup_async;
  iface->lookup_finish = sio_proxy_resolver_lookup_finish;
}

static void
sio_proxy_resolver_finalize (GObject *object)
{
  g_free (SIO_PROXY_RESOLVER (object)->proxy);

  G_OBJECT_CLASS (sio_proxy_resolver_parent_class)->finalize (object);
}

static void
sio_proxy_resolver_class_init (SioProxyResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sio_proxy_resolver_finalize;
}

static void
sio_proxy_resolver_init (SioProxyResolver *self)
{
}

GProxyResolver *
sio_proxy_resolver_new (const char *proxy,
                        gboolean    tunnel)
{
  SioProxyResolver *self = g_object_new (SIO_TYPE_PROXY_RESOLVER, NULL);

  register_tunnel ();
  self->proxy = g_strdup (proxy);
  self->tunnel = tunnel;
  return G_PROXY_RESOLVER (self);
}
