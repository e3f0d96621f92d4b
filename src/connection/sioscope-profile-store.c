/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeProfileStore: the saved profiles, as a GListModel and as a key file:
 *
 *   [Sioscope]
 *   version=1
 *
 *   [Profile 7c9e6679-…]
 *   name=Chat staging
 *   url=https://chat.example/admin
 *   path=/socket.io/
 *   transports=polling;websocket;
 *   timeout-ms=5000
 *   forgotten=auth;
 *
 * and every other option that was set, under the name of its property in SioOptions.
 * Keys and groups that this version does not know are kept. Secrets are not written: no auth, no passphrase, no userinfo, and of headers and queries nothing whose name says that it is
 * one; "forgotten" says which options had some. */

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "sioscope-profile-private.h"
#include "sioscope-secrets.h"

#define FILE_VERSION 1
#define HEADER_GROUP "Sioscope"
#define GROUP_PREFIX "Profile "
/* Room for some ten thousand profiles; whatever is larger was not written by us. */
#define MAX_FILE_SIZE (8 * 1024 * 1024)

struct _SioscopeProfileStore {
  GObject    parent_instance;

  char      *path;
  GKeyFile  *key_file; /* as it was read; never NULL */
  GPtrArray *profiles; /* of SioscopeProfile, in the order of the file */
  gboolean   locked;   /* a damaged file could not be moved away: it must not be written over */
};

static GType
sioscope_profile_store_get_item_type (GListModel *model)
{
  return SIOSCOPE_TYPE_PROFILE;
}

static guint
sioscope_profile_store_get_n_items (GListModel *model)
{
  return SIOSCOPE_PROFILE_STORE (model)->profiles->len;
}

static gpointer
sioscope_profile_store_get_item (GListModel *model,
                                 guint       position)
{
  SioscopeProfileStore *self = SIOSCOPE_PROFILE_STORE (model);

  if (position >= self->profiles->len)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->profiles, position));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = sioscope_profile_store_get_item_type;
  iface->get_n_items = sioscope_profile_store_get_n_items;
  iface->get_item = sioscope_profile_store_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SioscopeProfileStore, sioscope_profile_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
sioscope_profile_store_finalize (GObject *object)
{
  SioscopeProfileStore *self = SIOSCOPE_PROFILE_STORE (object);

  g_free (self->path);
  g_key_file_unref (self->key_file);
  g_ptr_array_unref (self->profiles);

  G_OBJECT_CLASS (sioscope_profile_store_parent_class)->finalize (object);
}

static void
sioscope_profile_store_class_init (SioscopeProfileStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_profile_store_finalize;
}

static void
sioscope_profile_store_init (SioscopeProfileStore *self)
{
  self->key_file = g_key_file_new ();
  self->profiles = g_ptr_array_new_with_free_func (g_object_unref);
}

/* The URL as it may lie on a disk. */
static char *
dup_url_without_secrets (const char *url)
{
  g_autoptr(GString) out = g_string_new (NULL);
  const char *scheme_end = strstr (url, "://");
  const char *rest = scheme_end != NULL ? scheme_end + 3 : url;
  gsize authority = strcspn (rest, "/?#");
  const char *at = g_strrstr_len (rest, (gssize) authority, "@");
  const char *query = strchr (rest, '?');
  gsize query_size;
  char mark = '?';

  g_string_append_len (out, url, rest - url);
  if (at != NULL)
    rest = at + 1;

  if (query == NULL)
    {
      g_string_append (out, rest);
      return g_string_free (g_steal_pointer (&out), FALSE);
    }

  g_string_append_len (out, rest, query - rest);
  query++;
  query_size = strcspn (query, "#");
  for (const char *piece = query; piece < query + query_size;)
    {
      gsize size = MIN (strcspn (piece, "&"), (gsize) (query + query_size - piece));

      if (!sioscope_sounds_secret ((SioSpan) { piece, strcspn (piece, "=&#") }))
        {
          g_string_append_c (out, mark);
          g_string_append_len (out, piece, (gssize) size);
          mark = '&';
        }
      piece += size + 1;
    }
  g_string_append (out, query + query_size);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
dup_group (SioscopeProfile *profile)
{
  return g_strconcat (GROUP_PREFIX, sioscope_profile_get_id (profile), NULL);
}

static gboolean
has_id (SioscopeProfileStore *self,
        const char           *id)
{
  for (guint i = 0; i < self->profiles->len; i++)
    if (g_str_equal (sioscope_profile_get_id (g_ptr_array_index (self->profiles, i)), id))
      return TRUE;

  return FALSE;
}

/* As they stand there, right or wrong: who wants to connect is told. */
static void
take_options (GKeyFile        *key_file,
              const char      *group,
              SioscopeProfile *profile)
{
  for (const char * const *name = sioscope_profile_list_options (); *name != NULL; name++)
    {
      g_autofree char *text = NULL;
      g_auto(GStrv) items = NULL;

      if (!sioscope_profile_option_is_list (*name))
        text = g_key_file_get_string (key_file, group, *name, NULL);
      else if ((items = g_key_file_get_string_list (key_file, group, *name, NULL, NULL)) != NULL)
        text = g_strjoinv ("\n", items);
      if (text != NULL)
        sioscope_profile_set_option (profile, *name, text);
    }
}

/* Path and transports are always there: a person who reads the file finds them. */
static void
write_options (GKeyFile        *key_file,
               const char      *group,
               SioscopeProfile *profile)
{
  g_autoptr(GStrvBuilder) forgotten = g_strv_builder_new ();
  g_auto(GStrv) forgotten_names = NULL;

  for (const char * const *name = sioscope_profile_list_options (); *name != NULL; name++)
    {
      const char *text = sioscope_profile_get_option (profile, *name);
      gboolean always = g_str_equal (*name, "path") || g_str_equal (*name, "transports");
      g_autofree char *standard = text == NULL && always ? sioscope_profile_dup_option_default (*name) : NULL;
      g_autofree char *safe = text != NULL ? sioscope_profile_dup_public_option (*name, text) : NULL;
      const char *written = standard != NULL ? standard : safe;

      if ((text != NULL && g_strcmp0 (safe, text) != 0)
          || g_strv_contains (sioscope_profile_get_forgotten (profile), *name))
        g_strv_builder_add (forgotten, *name);

      if (written == NULL)
        g_key_file_remove_key (key_file, group, *name, NULL);
      else if (sioscope_profile_option_is_list (*name))
        {
          g_auto(GStrv) items = sioscope_profile_split (written);

          g_key_file_set_string_list (key_file, group, *name, (const char * const *) items, g_strv_length (items));
        }
      else
        g_key_file_set_string (key_file, group, *name, written);
    }

  forgotten_names = g_strv_builder_end (forgotten);
  if (*forgotten_names != NULL)
    g_key_file_set_string_list (key_file, group, "forgotten", (const char * const *) forgotten_names,
                                g_strv_length (forgotten_names));
  else
    g_key_file_remove_key (key_file, group, "forgotten", NULL);
}

static gboolean
take_groups (SioscopeProfileStore  *self,
             GError               **error)
{
  g_auto(GStrv) groups = g_key_file_get_groups (self->key_file, NULL);
  int version = g_key_file_get_integer (self->key_file, HEADER_GROUP, "version", error);

  if (version == 0)
    {
      if (*error == NULL)
        g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "its version is 0");
      return FALSE;
    }
  if (version < 0 || version > FILE_VERSION)
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   "it is of version %d, and this program knows %d", version, FILE_VERSION);
      return FALSE;
    }

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *name = g_key_file_get_string (self->key_file, groups[i], "name", NULL);
      g_autofree char *url = g_key_file_get_string (self->key_file, groups[i], "url", NULL);
      g_auto(GStrv) forgotten = g_key_file_get_string_list (self->key_file, groups[i], "forgotten", NULL, NULL);
      g_autoptr(SioscopeProfile) profile = NULL;
      const char *id = groups[i] + strlen (GROUP_PREFIX);

      if (!g_str_has_prefix (groups[i], GROUP_PREFIX) || url == NULL || has_id (self, id))
        continue;

      profile = g_object_new (SIOSCOPE_TYPE_PROFILE, "id", id, "name", name, "url", url, NULL);
      take_options (self->key_file, groups[i], profile);
      sioscope_profile_set_forgotten (profile, (const char * const *) forgotten);
      g_ptr_array_add (self->profiles, g_steal_pointer (&profile));
    }

  return TRUE;
}

static gboolean
load (SioscopeProfileStore  *self,
      GError               **error)
{
  g_autofree char *contents = NULL;
  gsize size;
  struct stat buf;

  /* Asked for first: opening a FIFO would wait for ever, and a large file would be read whole. */
  if (stat (self->path, &buf) != 0)
    {
      int saved_errno = errno;

      if (saved_errno == ENOENT)
        return TRUE;
      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), g_strerror (saved_errno));
      return FALSE;
    }

  if (!S_ISREG (buf.st_mode) || buf.st_size > MAX_FILE_SIZE)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                           S_ISREG (buf.st_mode) ? "it is too large" : "it is no file");
      return FALSE;
    }

  return g_file_get_contents (self->path, &contents, &size, error)
         && g_key_file_load_from_data (self->key_file, contents, size,
                                       G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, error)
         && take_groups (self, error);
}

/* Keeps what could not be read, and makes room for a new file. */
static void
put_aside (SioscopeProfileStore  *self,
           GError               **error)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *aside = g_strdup_printf ("%s.corrupt-%s", self->path, stamp);

  for (guint i = 2; g_file_test (aside, G_FILE_TEST_EXISTS) && i < 1000; i++)
    {
      g_free (aside);
      aside = g_strdup_printf ("%s.corrupt-%s-%u", self->path, stamp, i);
    }

  if (g_rename (self->path, aside) == 0)
    {
      g_prefix_error (error, "The saved connections in %s could not be read; the file is kept as %s: ",
                      self->path, aside);
      return;
    }

  self->locked = TRUE;
  g_prefix_error (error, "The saved connections in %s could not be read, and the file could not be moved away (%s): ",
                  self->path, g_strerror (errno));
}

/**
 * sioscope_profile_store_new:
 * @path: (type filename) (nullable): the file; it need not exist. %NULL: `sioscope/profiles.ini` in
 *   the user's data folder
 * @error: set if a file was there and could not be read
 *
 * Reads the saved profiles. This never fails: with @error set the store is empty and works; the
 * damaged file was renamed to FILE.corrupt-TIME, and the message says so in a sentence for the
 * person.
 *
 * Returns: (transfer full): the store
 */
SioscopeProfileStore *
sioscope_profile_store_new (const char  *path,
                            GError     **error)
{
  SioscopeProfileStore *self = g_object_new (SIOSCOPE_TYPE_PROFILE_STORE, NULL);
  g_autoptr(GError) local_error = NULL;

  self->path = path != NULL
               ? g_strdup (path)
               : g_build_filename (g_get_user_data_dir (), "sioscope", "profiles.ini", NULL);

  if (!load (self, &local_error))
    {
      g_ptr_array_set_size (self->profiles, 0);
      g_key_file_unref (self->key_file);
      self->key_file = g_key_file_new ();
      put_aside (self, &local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
    }

  return self;
}

/**
 * sioscope_profile_store_save:
 * @self: a store
 * @error: why nothing was written; the file is then as it was
 *
 * Writes the file anew beside the old one and puts it in its place, so that there is a whole file
 * at any instant. Mode 0600; a folder that is made for it has 0700.
 *
 * Returns: whether it is on the disk
 */
gboolean
sioscope_profile_store_save (SioscopeProfileStore  *self,
                             GError               **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *data = NULL;
  gsize size;

  g_return_val_if_fail (SIOSCOPE_IS_PROFILE_STORE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->locked)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                   "%s could not be read and is not written over; move it away and start again", self->path);
      return FALSE;
    }

  g_key_file_set_integer (self->key_file, HEADER_GROUP, "version", FILE_VERSION);
  for (guint i = 0; i < self->profiles->len; i++)
    {
      SioscopeProfile *profile = g_ptr_array_index (self->profiles, i);
      g_autofree char *group = dup_group (profile);
      g_autofree char *name = NULL;
      g_autofree char *url = NULL;
      g_autofree char *safe_url = NULL;

      g_object_get (profile, "name", &name, "url", &url, NULL);
      safe_url = dup_url_without_secrets (url);
      g_key_file_set_string (self->key_file, group, "name", name);
      g_key_file_set_string (self->key_file, group, "url", safe_url);
      write_options (self->key_file, group, profile);
    }

  folder = g_path_get_dirname (self->path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                   "The folder %s could not be made: %s", folder, g_strerror (saved_errno));
      return FALSE;
    }

  data = g_key_file_to_data (self->key_file, &size, NULL);

  return g_file_set_contents_full (self->path, data, (gssize) size,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

/**
 * sioscope_profile_store_add:
 * @self: a store
 * @profile: a profile that is not in the store
 * @error: why it could not be saved
 *
 * Adds @profile at the end and saves. If that fails it is in the list all the same: the person does
 * not lose what they typed.
 *
 * Returns: whether it is on the disk
 */
gboolean
sioscope_profile_store_add (SioscopeProfileStore  *self,
                            SioscopeProfile       *profile,
                            GError               **error)
{
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE_STORE (self), FALSE);
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (profile), FALSE);
  g_return_val_if_fail (!has_id (self, sioscope_profile_get_id (profile)), FALSE);

  g_ptr_array_add (self->profiles, g_object_ref (profile));
  g_list_model_items_changed (G_LIST_MODEL (self), self->profiles->len - 1, 0, 1);

  return sioscope_profile_store_save (self, error);
}

/**
 * sioscope_profile_store_remove:
 * @self: a store
 * @profile: a profile; nothing happens if it is not in the store
 * @error: why the file could not be written
 *
 * Removes @profile and saves.
 *
 * Returns: whether the disk knows
 */
gboolean
sioscope_profile_store_remove (SioscopeProfileStore  *self,
                               SioscopeProfile       *profile,
                               GError               **error)
{
  g_autofree char *group = NULL;
  guint position;

  g_return_val_if_fail (SIOSCOPE_IS_PROFILE_STORE (self), FALSE);
  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (profile), FALSE);

  if (!g_ptr_array_find (self->profiles, profile, &position))
    return TRUE;

  group = dup_group (profile);
  g_key_file_remove_group (self->key_file, group, NULL);
  g_ptr_array_remove_index (self->profiles, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);

  return sioscope_profile_store_save (self, error);
}
