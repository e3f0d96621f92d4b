/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeProfile: a saved target: what a person typed to say where to connect and how. */

#include "sioscope-profile-private.h"

struct _SioscopeProfile {
  GObject   parent_instance;

  char     *id;         /* never NULL after construction */
  char     *name;       /* never NULL; may be empty */
  char     *url;        /* never NULL */
  GHashTable *options;  /* name (static) to text; what is not there has its default */
  char    **forgotten;  /* never NULL */

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
    case PROP_AUTH:
      sioscope_profile_set_option (self, pspec->name, g_value_get_string (value));
      break;

    case PROP_TRANSPORTS:
      {
        char **transports = g_value_get_boxed (value);
        g_autofree char *text = transports != NULL ? g_strjoinv ("\n", transports) : NULL;

        sioscope_profile_set_option (self, pspec->name, text);
        break;
      }

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
    case PROP_TRANSPORTS:
      {
        const char *text = sioscope_profile_get_option (self, pspec->name);
        g_autofree char *shown = text != NULL ? g_strdup (text) : sioscope_profile_dup_option_default (pspec->name);

        if (prop_id == PROP_PATH)
          g_value_set_string (value, shown);
        else
          g_value_take_boxed (value, sioscope_profile_split (shown));
        break;
      }

    case PROP_AUTH:
      g_value_set_string (value, sioscope_profile_get_option (self, "auth"));
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
  g_hash_table_unref (self->options);
  g_strfreev (self->forgotten);
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
  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->forgotten = g_new0 (char *, 1);
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

/* The list's own string, which lives for ever. */
static const char *
intern_name (const char *name)
{
  for (const char * const *p = sioscope_profile_list_options (); *p != NULL; p++)
    if (g_str_equal (*p, name))
      return *p;
  return NULL;
}

/**
 * sioscope_profile_get_option:
 * @self: a profile
 * @name: one of sioscope_profile_list_options()
 *
 * Returns: (transfer none) (nullable): its text as it was set, right or wrong; %NULL: the default
 */
const char *
sioscope_profile_get_option (SioscopeProfile *self,
                             const char      *name)
{
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);

  return g_hash_table_lookup (self->options, name);
}

static void
remember (SioscopeProfile *self,
          const char      *name)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  if (!g_strv_contains ((const char * const *) self->forgotten, name))
    return;
  for (guint i = 0; self->forgotten[i] != NULL; i++)
    if (!g_str_equal (self->forgotten[i], name))
      g_strv_builder_add (builder, self->forgotten[i]);
  g_strfreev (self->forgotten);
  self->forgotten = g_strv_builder_end (builder);
}

/**
 * sioscope_profile_set_option:
 * @self: a profile
 * @name: one of sioscope_profile_list_options()
 * @text: (nullable): what was typed; need not be right. %NULL, "" or the text of the default: the default
 *
 * Sets one option.
 */
void
sioscope_profile_set_option (SioscopeProfile *self,
                             const char      *name,
                             const char      *text)
{
  const char *key = intern_name (name);
  g_autofree char *standard = NULL;

  g_return_if_fail (SIOSCOPE_IS_PROFILE (self));
  g_return_if_fail (key != NULL);

  if (text != NULL)
    {
      standard = sioscope_profile_dup_option_default (key);
      if (*text == '\0' || g_str_equal (text, standard))
        text = NULL;
      remember (self, key);
    }
  if (g_strcmp0 (g_hash_table_lookup (self->options, key), text) == 0)
    return;
  if (text != NULL)
    g_hash_table_insert (self->options, (char *) key, g_strdup (text));
  else
    g_hash_table_remove (self->options, key);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self), key) != NULL)
    g_object_notify (G_OBJECT (self), key);
}

/**
 * sioscope_profile_get_forgotten:
 * @self: a profile
 *
 * Returns: (transfer none): names of options that had secrets when the profile was saved; %NULL-terminated
 */
const char * const *
sioscope_profile_get_forgotten (SioscopeProfile *self)
{
  return (const char * const *) self->forgotten;
}

void
sioscope_profile_set_forgotten (SioscopeProfile    *self,
                                const char * const *names)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (; names != NULL && *names != NULL; names++)
    if (intern_name (*names) != NULL)
      g_strv_builder_add (builder, *names);
  g_strfreev (self->forgotten);
  self->forgotten = g_strv_builder_end (builder);
}

static SioOptions *
make_options (SioscopeProfile  *self,
              const char      **where,
              GError          **error)
{
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(SioUrl) url = sio_url_parse (self->url, error);

  *where = "url";
  if (url == NULL)
    return NULL;

  options = sio_options_new ();
  for (const char * const *name = sioscope_profile_list_options (); *name != NULL; name++)
    {
      const char *text = g_hash_table_lookup (self->options, *name);

      *where = *name;
      if (text != NULL && !sioscope_profile_apply_option (options, *name, text, error))
        return NULL;
    }

  *where = NULL;
  return g_steal_pointer (&options);
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
  const char *where;

  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return make_options (self, &where, error);
}

/**
 * sioscope_profile_find_mistake:
 * @self: a profile
 * @error: what is wrong there
 *
 * Returns: (transfer none) (nullable): where the first mistake is: "url" or the name of an option; %NULL if there is none
 */
const char *
sioscope_profile_find_mistake (SioscopeProfile  *self,
                               GError          **error)
{
  g_autoptr(SioOptions) options = NULL;
  const char *where;

  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (self), NULL);

  options = make_options (self, &where, error);
  return where;
}
