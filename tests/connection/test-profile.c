/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Profiles, and the file that they are kept in: what is written, what is not, and what becomes of a damaged file. */

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "sioscope-profile.h"

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
remove_all (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_all (child);
        }
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("sioscope-profiles-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "made", "profiles.ini", NULL);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  remove_all (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static char *
read_file (const char *path)
{
  g_autoptr(GError) error = NULL;
  char *contents;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);

  return contents;
}

static SioscopeProfile *
get_profile (SioscopeProfileStore *store,
             guint                 position)
{
  SioscopeProfile *profile = g_list_model_get_item (G_LIST_MODEL (store), position);

  g_assert_nonnull (profile);
  g_object_unref (profile); /* the store holds it */

  return profile;
}

static void
test_names (void)
{
  static const struct { const char *url, *name; } cases[] = {
    { "http://localhost:3000", "localhost:3000" },
    { "localhost:3000/admin", "localhost:3000/admin" },
    { "https://chat.example", "chat.example" },
    { "https://chat.example:8443/x?token=1", "chat.example:8443/x" },
    { "http://[::1]:3000/", "[::1]:3000" },
    { "http://:99999", "http://:99999" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SioscopeProfile) profile = sioscope_profile_new (cases[i].url);

      g_assert_cmpstr (sioscope_profile_get_name (profile), ==, cases[i].name);
      g_object_set (profile, "name", "Mine", NULL);
      g_assert_cmpstr (sioscope_profile_get_name (profile), ==, "Mine");
      g_object_set (profile, "name", "", NULL);
      g_assert_cmpstr (sioscope_profile_get_name (profile), ==, cases[i].name);
    }
}

static void
count_cb (guint *n)
{
  ++*n;
}

static void
test_properties (void)
{
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("http://localhost:3000");
  g_autoptr(SioscopeProfile) other = sioscope_profile_new ("http://localhost:3000");
  const char * const polling[] = { "polling", NULL };
  g_auto(GStrv) transports = NULL;
  guint n = 0;

  g_assert_cmpstr (sioscope_profile_get_id (profile), !=, sioscope_profile_get_id (other));
  g_object_get (profile, "transports", &transports, NULL);
  g_assert_cmpuint (g_strv_length (transports), ==, 2);
  g_assert_cmpstr (transports[0], ==, "polling");

  g_signal_connect_swapped (profile, "notify", G_CALLBACK (count_cb), &n);
  g_object_set (profile, "url", "http://localhost:3000", "path", "/socket.io/", "auth", NULL, NULL);
  g_assert_cmpuint (n, ==, 0);
  g_object_set (profile, "url", "http://localhost:3001", "auth", "{}", "transports", polling, NULL);
  g_assert_cmpuint (n, ==, 3);
}

static void
test_options (void)
{
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("http://localhost:3000/admin");
  const char * const websocket[] = { "websocket", NULL };
  const char * const nonsense[] = { "pigeon", NULL };
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(GError) error = NULL;

  g_object_set (profile, "path", "/sio/", "auth", "{\"token\":1}", "transports", websocket, NULL);
  options = sioscope_profile_make_options (profile, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sio_options_get_path (options), ==, "/sio/");
  g_assert_cmpstr (sio_options_get_auth (options), ==, "{\"token\":1}");
  g_assert_cmpstr (sio_options_get_transports (options)[0], ==, "websocket");

  g_object_set (profile, "auth", "[1]", NULL);
  g_assert_null (sioscope_profile_make_options (profile, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_object_set (profile, "auth", NULL, "transports", nonsense, NULL);
  g_assert_null (sioscope_profile_make_options (profile, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_object_set (profile, "transports", websocket, "url", "ftp://localhost", NULL);
  g_assert_null (sioscope_profile_make_options (profile, &error));
  g_assert_nonnull (error);
}

static void
test_round_trip (Fixture       *fixture,
                 gconstpointer  data)
{
  const char * const websocket[] = { "websocket", NULL };
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *contents = NULL;
  g_autofree char *id = NULL;
  g_autoptr(GError) error = NULL;
  struct stat buf;

  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, &error);
    g_autoptr(SioscopeProfile) one = NULL;
    g_autoptr(SioscopeProfile) two = NULL;

    g_assert_no_error (error);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 0);

    one = sioscope_profile_new ("https://ada:geheim@chat.example/admin?room=7&access_token=geheim&x=%20#f");
    g_object_set (one, "name", "Käse; \"x\"\n[y]", "auth", "{\"token\":\"geheim\"}", "transports", websocket, NULL);
    two = sioscope_profile_new ("localhost:3000");
    id = g_strdup (sioscope_profile_get_id (one));
    g_assert_true (sioscope_profile_store_add (store, one, &error));
    g_assert_true (sioscope_profile_store_add (store, two, &error));
    g_assert_no_error (error);
  }

  g_assert_cmpint (stat (fixture->path, &buf), ==, 0);
  g_assert_cmpint (buf.st_mode & 0777, ==, 0600);
  g_assert_cmpint (stat (folder, &buf), ==, 0);
  g_assert_cmpint (buf.st_mode & 0777, ==, 0700);
  contents = read_file (fixture->path);
  g_assert_null (strstr (contents, "geheim"));

  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, &error);
    g_auto(GStrv) transports = NULL;
    g_autofree char *auth = NULL;

    g_assert_no_error (error);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 2);
    g_assert_cmpstr (sioscope_profile_get_id (get_profile (store, 0)), ==, id);
    g_assert_cmpstr (sioscope_profile_get_name (get_profile (store, 0)), ==, "Käse; \"x\"\n[y]");
    g_assert_cmpstr (sioscope_profile_get_url (get_profile (store, 0)), ==,
                     "https://chat.example/admin?room=7&x=%20#f");
    g_object_get (get_profile (store, 0), "auth", &auth, "transports", &transports, NULL);
    g_assert_null (auth);
    g_assert_cmpuint (g_strv_length (transports), ==, 1);
    g_assert_cmpstr (transports[0], ==, "websocket");
    g_assert_cmpstr (sioscope_profile_get_name (get_profile (store, 1)), ==, "localhost:3000");

    g_assert_true (sioscope_profile_store_remove (store, get_profile (store, 0), &error));
    g_assert_no_error (error);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 1);
  }

  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, &error);

    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 1);
    g_assert_cmpstr (sioscope_profile_get_url (get_profile (store, 0)), ==, "localhost:3000");
  }
}

static void
test_unknown_is_kept (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "profiles.ini", NULL);
  g_autoptr(SioscopeProfileStore) store = NULL;
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path,
                                      "[Sioscope]\nversion=1\nwhim=7\n"
                                      "[Profile abc]\nurl=localhost:1\ncolour=mauve\n"
                                      "[Profile no-url]\nname=x\n"
                                      "[Plugin]\nkey=value\n", -1, NULL));
  store = sioscope_profile_store_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 1);
  g_object_set (get_profile (store, 0), "name", "New", NULL);
  g_assert_true (sioscope_profile_store_save (store, &error));

  contents = read_file (path);
  g_assert_nonnull (strstr (contents, "colour=mauve"));
  g_assert_nonnull (strstr (contents, "whim=7"));
  g_assert_nonnull (strstr (contents, "[Plugin]\nkey=value"));
  g_assert_nonnull (strstr (contents, "name=New"));
}

/* How many files of the folder have ".corrupt-" in their name. */
static guint
count_kept (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += strstr (name, ".corrupt-") != NULL;

  return n;
}

static void
check_damaged (const char *folder,
               const char *path,
               guint       n_kept)
{
  g_autoptr(SioscopeProfileStore) store = NULL;
  g_autoptr(SioscopeProfileStore) again = NULL;
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("localhost:3000");
  g_autoptr(GError) error = NULL;

  store = sioscope_profile_store_new (path, &error);
  g_assert_nonnull (store);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 0);
  g_assert_cmpuint (count_kept (folder), ==, n_kept);

  g_assert_true (sioscope_profile_store_add (store, profile, &error));
  g_assert_no_error (error);
  again = sioscope_profile_store_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (again)), ==, 1);
}

static void
test_damaged (Fixture       *fixture,
              gconstpointer  data)
{
  static const struct { const char *text; gssize size; } cases[] = {
    { "", 0 },
    { "\0\0\0\0\0\0\0\0", 8 },
    { "{\"half\": [", -1 },
    { "[Sioscope]\nversion=1\n[Profile a]\nurl=\xff\xfe\n[Pro", -1 },
    { "[Sioscope]\nversion=2\n[Profile a]\nurl=x\n", -1 },
    { "[Sioscope]\nversion=0\n", -1 },
    { "[Sioscope]\nversion=99999999999999999999\n", -1 },
    { "[Profile a]\nurl=x\n", -1 },
  };
  g_autofree char *path = g_build_filename (fixture->folder, "profiles.ini", NULL);
  guint n_kept = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (path, cases[i].text, cases[i].size, NULL));
      check_damaged (fixture->folder, path, ++n_kept);
    }

  /* A folder, a pipe, and a file of a gigabyte with nothing in it. */
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  check_damaged (fixture->folder, path, ++n_kept);

  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  check_damaged (fixture->folder, path, ++n_kept);

  g_assert_cmpint (truncate (path, 1 << 30), ==, 0);
  check_damaged (fixture->folder, path, ++n_kept);
}

static void
test_dangling_link (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "profiles.ini", NULL);
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("localhost:3000");
  g_autoptr(SioscopeProfileStore) store = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (symlink ("/nowhere/at/all", path), ==, 0);
  store = sioscope_profile_store_new (path, &error);
  g_assert_no_error (error);
  g_assert_true (sioscope_profile_store_add (store, profile, &error));
  g_assert_no_error (error);
}

/* The folder cannot be made: the person's profile stays in the list, and they are told. */
static void
test_cannot_save (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autofree char *file = g_build_filename (fixture->folder, "file", NULL);
  g_autofree char *path = g_build_filename (file, "folder", "profiles.ini", NULL);
  g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("localhost:3000");
  g_autoptr(SioscopeProfileStore) store = NULL;
  g_autoptr(GError) error = NULL;

  store = sioscope_profile_store_new (path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_false (sioscope_profile_store_add (store, profile, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (store)), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/profile/names", test_names);
  g_test_add_func ("/profile/properties", test_properties);
  g_test_add_func ("/profile/options", test_options);
  g_test_add ("/profile-store/round-trip", Fixture, NULL, fixture_set_up, test_round_trip, fixture_tear_down);
  g_test_add ("/profile-store/unknown-is-kept", Fixture, NULL, fixture_set_up, test_unknown_is_kept, fixture_tear_down);
  g_test_add ("/profile-store/damaged", Fixture, NULL, fixture_set_up, test_damaged, fixture_tear_down);
  g_test_add ("/profile-store/dangling-link", Fixture, NULL, fixture_set_up, test_dangling_link, fixture_tear_down);
  g_test_add ("/profile-store/cannot-save", Fixture, NULL, fixture_set_up, test_cannot_save, fixture_tear_down);

  return g_test_run ();
}
