/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeProfile: a saved target: what a person typed to say where to connect and how. */

#include "sioscope-profile.h"

struct _SioscopeProfile {
  GObject   parent_instance;

  char     *id;         /* never NULL after construction */
  char     *name;       /* never NULL; may be empty */
  char     *url;        /* never NULL */
  char     *path;       /* never NULL */
  char     *auth;       /* NULL: none */
  char    **transports; /* never NULL, never empty */

  char     *shown_name; /* name, or what stands for it */
};

enum {
  PROP_ID = 1,
  PROP_NAME,
  PROP_URL,
  PROP_PATH,
  PROP_AUTH,
  PROP_TRANSPORTS,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static const char * const default_transports[] = { "polling", "websocket", NULL };

G_DEFINE_FINAL_TYPE (SioscopeProfile, sioscope_profile, G_TYPE_OBJECT)

/* "localhost:3000/admin": what tells two targets apart at a glance. The URL itself if it is no URL. */
static char *
make_name (const char *text)
{
  g_autoptr(SioUrl) url = sio_url_parse (text, NULL);
  g_autofree char *port = NULL;
  gboolean brackets;

  if (url == NULL)
    return g_strdup (text);

  brackets = strchr (url->host, ':') != NULL;
  if (url->port != (url->tls ? 443 : 80))
    port = g_strdup_printf (":%u", url->port);

  return g_strconcat (brackets ? "[" : "", url->host, brackets ? "]" : "", port != NULL ? port : "",
                      g_str_equal (url->nsp, "/") ? "" : url->nsp, NULL);
}

static void
update_shown_name (SioscopeProfile *self)
{
  g_free (self->shown_name);
  self->shown_name = self->name != NULL && *self->name != '\0'
                     ? g_strdup (self->name)
                     : make_name (self->url != NULL ? self->url : "");
}

/* Takes value and says whether it was another one. */
static gboolean
set_text (char **field,
          char  *value)
{
  if (g_strcmp0 (*field, value) == 0)
    {
      g_free (value);
      return FALSE;
    }

  g_free (*field);
  *field = value;

  return TRUE;
}

static char *
dup_text (const GValue *value,
          const char   *fallback)
{
  const char *text = g_value_get_string (value);

  return g_strdup (text != NULL ? text : fallback);
}

static gboolean
set_transports (SioscopeProfile    *self,
                const char * const *transports)
{
  if (transports == NULL || *transports == NULL)
    transports = default_transports;

  if (self->transports != NULL && g_strv_equal ((const char * const *) self->transports, transports))
    return FALSE;

  g_strfreev (self->transports);
  self->transports = g_strdupv ((char **) transports);

  return TRUE;
}

static void
sioscope_profile_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  SioscopeProfile *self = SIOSCOPE_PROFILE (object);
  gboolean changed = FALSE;

  switch (prop_id)
    {
    case PROP_ID:
      self->id = g_value_dup_string (value);
      if (self->id == NULL)
        self->id = g_uuid_string_random ();
      break;

    case PROP_NAME:
      changed = set_text (&self->name, dup_text (value, ""));
      update_shown_name (self);
      break;

    case PROP_URL:
      changed = set_text (&self->url, dup_text (value, ""));
      update_shown_name (self);
      break;

    case PROP_PATH:
      changed = set_text (&self->path, dup_text (value, "/socket.io/"));
      break;

    case PROP_AUTH:
      changed = set_text (&self->auth, g_value_dup_string (value));
      break;

    case PROP_TRANSPORTS:
      changed = set_transports (self, g_value_get_boxed (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }

  if (changed)
    g_object_notify_by_pspec (object, pspec);
}

static void
sioscope_profile_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  SioscopeProfile *self = SIOSCOPE_PROFILE (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;

    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;

    case PROP_URL:
      g_value_set_string (value, self->url);
      break;

    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;

    case PROP_AUTH:
      g_value_set_string (value, self->auth);
      break;

    case PROP_TRANSPORTS:
      g_value_set_boxed (value, self->transports);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sioscope_profile_finalize (GObject *object)
{
  SioscopeProfile *self = SIOSCOPE_PROFILE (object);

  g_free (self->id);
  g_free (self->name);
  g_free (self->url);
  g_free (self->path);
  g_free (self->auth);
  g_strfreev (self->transports);
  g_free (self->shown_name);

  G_OBJECT_CLASS (sioscope_profile_parent_class)->finalize (object);
}

static void
sioscope_profile_class_init (SioscopeProfileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY
                            | G_PARAM_STATIC_STRINGS;

  object_class->set_property = sioscope_profile_set_property;
  object_class->get_property = sioscope_profile_get_property;
  object_class->finalize = sioscope_profile_finalize;

  /**
   * SioscopeProfile:id:
   *
   * What tells it from every other profile, for good. Made up if it is not given.
   */
  properties[PROP_ID] =
    g_param_spec_string ("id", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * SioscopeProfile:name:
   *
   * What the person calls it. Empty: sioscope_profile_get_name() makes one from the URL.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);

  /**
   * SioscopeProfile:url:
   *
   * What io (url) takes, as it was typed; its path is the namespace.
   */
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, "", flags);

  /**
   * SioscopeProfile:path:
   *
   * The option `path`: where Socket.IO is served.
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, "/socket.io/", flags);

  /**
   * SioscopeProfile:auth:
   *
   * The option `auth`: a JSON object as text, or %NULL. It is kept in memory only.
   */
  properties[PROP_AUTH] = g_param_spec_string ("auth", NULL, NULL, NULL, flags);

  /**
   * SioscopeProfile:transports:
   *
   * The option `transports`, in order. An empty list sets the default.
   */
  properties[PROP_TRANSPORTS] = g_param_spec_boxed ("transports", NULL, NULL, G_TYPE_STRV, flags);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
sioscope_profile_init (SioscopeProfile *self)
{
}

/**
 * sioscope_profile_new:
 * @url: where to, as typed; need not be right yet
 *
 * Returns: (transfer full): a new profile with defaults
 */
SioscopeProfile *
sioscope_profile_new (const char *url)
{
  g_return_val_if_fail (url != NULL, NULL);

  return g_object_new (SIOSCOPE_TYPE_PROFILE, "url", url, NULL);
}

/**
 * sioscope_profile_get_id:
 * @self: a profile
 *
 * Returns: what tells it from every other profile, for good
 */
const char *
sioscope_profile_get_id (SioscopeProfile *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);

  return self->id;
}

/**
 * sioscope_profile_get_name:
 * @self: a profile
 *
 * Returns: what to show for it: its name or, while that is empty, host, port and namespace of its URL
 */
const char *
sioscope_profile_get_name (SioscopeProfile *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);

  return self->shown_name;
}

/**
 * sioscope_profile_get_url:
 * @self: a profile
 *
 * Returns: what io (url) takes, as it was typed; may be wrong
 */
const char *
sioscope_profile_get_url (SioscopeProfile *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);

  return self->url;
}

/**
 * sioscope_profile_make_options:
 * @self: a profile
 * @error: the first mistake in the profile, its URL included: %SIO_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full) (nullable): new options, which the caller may hand to another thread
 */
SioOptions *
sioscope_profile_make_options (SioscopeProfile  *self,
                               GError          **error)
{
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(SioUrl) url = NULL;

  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  url = sio_url_parse (self->url, error);
  if (url == NULL)
    return NULL;

  options = sio_options_new ();
  sio_options_set_path (options, self->path);
  if (!sio_options_set_auth (options, self->auth, error)
      || !sio_options_set_transports (options, (const char * const *) self->transports, error))
    return NULL;

  return g_steal_pointer (&options);
}
