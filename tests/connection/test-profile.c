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

/* One right value for each option that a profile has. */
static const struct { const char *name, *text; } all_options[] = {
  { "server", "3" }, { "parser", "msgpack" }, { "transports", "websocket\npolling" }, { "upgrade", "false" },
  { "remember-upgrade", "true" }, { "try-all-transports", "true" }, { "path", "/sio/" },
  { "add-trailing-slash", "false" }, { "auth", "{\"token\":\"geheim\"}" },
  { "ask-auth", "true" }, { "query", "room=7;8\nx=\xc3\xa4 b" },
  { "extra-headers", "X-A: 1, 2\nX-B: c" }, { "with-credentials", "true" }, { "force-base64", "true" },
  { "timestamp-requests", "false" }, { "timestamp-websocket", "true" }, { "timestamp-param", "ts" },
  { "protocols", "a\nb" }, { "ca-file", "/etc/hosts" }, { "cert-file", "/etc/hosts" }, { "key-file", "/etc/hosts" },
  { "pfx-file", "/etc/hosts" }, { "passphrase", " geheim " }, { "reject-unauthorized", "false" },
  { "trusted-fingerprints",
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF" },
  { "proxy", "http://proxy.example:3128" }, { "local-address", "127.0.0.1" }, { "timeout-ms", "1" },
  { "request-timeout-ms", "2" }, { "ack-timeout-ms", "3" }, { "retries", "4" }, { "reconnection", "false" },
  { "reconnection-attempts", "5" }, { "reconnection-delay-ms", "6" }, { "reconnection-delay-max-ms", "7" },
  { "randomization-factor", "0.25" }, { "stop-on-refusal", "false" }, { "max-payload", "1000" },
  { "max-fragments", "11" }, { "max-packets-per-poll", "12" }, { "max-informational", "13" },
  { "max-attachments", "14" }, { "max-attachments-out", "15" }, { "max-depth", "16" }, { "max-pending-acks", "17" },
  { "max-namespaces", "18" }, { "max-control-rate", "19" }, { "max-queued-packets", "20" },
  { "max-queued-size", "21" }, { "max-cookies", "22" },
};

static void
assert_option (SioOptions *options,
               const char *name,
               const char *text)
{
  g_autoptr(GTypeClass) klass = g_type_class_ref (SIO_TYPE_OPTIONS);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_CLASS (klass), name);
  g_auto(GValue) value = G_VALUE_INIT;
  g_autofree char *shown = NULL;

  /* What the library has a function for is not an option of it. */
  if (g_str_equal (name, "ask-auth"))
    return;
  g_object_get_property (G_OBJECT (options), name, &value);
  if (g_str_equal (name, "parser"))
    shown = g_strdup (g_value_get_object (&value) != NULL ? "msgpack" : "json");
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    shown = g_strdup (g_value_get_boolean (&value) ? "true" : "false");
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    shown = g_strdup_printf ("%u", g_value_get_uint (&value));
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    shown = g_strdup_printf ("%" G_GUINT64_FORMAT, g_value_get_uint64 (&value));
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    shown = g_strdup_printf ("%g", g_value_get_double (&value));
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    shown = g_value_dup_string (&value);
  else
    shown = g_strjoinv ("\n", g_value_get_boxed (&value));
  g_assert_cmpstr (shown, ==, text);
}

static void
test_every_option (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (G_N_ELEMENTS (all_options), ==, g_strv_length ((char **) sioscope_profile_list_options ()));
  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, NULL);
    g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("localhost:3000");
    g_autoptr(SioOptions) options = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (all_options); i++)
      {
        sioscope_profile_set_option (profile, all_options[i].name, all_options[i].text);
        sioscope_profile_check_option (all_options[i].name, all_options[i].text, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (sioscope_profile_get_option (profile, all_options[i].name), ==, all_options[i].text);
      }
    options = sioscope_profile_make_options (profile, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < G_N_ELEMENTS (all_options); i++)
      assert_option (options, all_options[i].name, all_options[i].text);
    g_assert_true (sioscope_profile_store_add (store, profile, &error));
  }

  contents = read_file (fixture->path);
  g_assert_null (strstr (contents, "geheim"));
  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, &error);
    SioscopeProfile *profile = get_profile (store, 0);
    const char * const forgotten[] = { "auth", "passphrase", NULL };

    g_assert_no_error (error);
    for (guint i = 0; i < G_N_ELEMENTS (all_options); i++)
      if (!g_strv_contains (forgotten, all_options[i].name))
        g_assert_cmpstr (sioscope_profile_get_option (profile, all_options[i].name), ==, all_options[i].text);
    g_assert_true (g_strv_equal (sioscope_profile_get_forgotten (profile), forgotten));

    /* Saved again they are still missed; entered again they are not. */
    g_assert_true (sioscope_profile_store_save (store, &error));
    sioscope_profile_set_option (profile, "auth", "{}");
    g_assert_cmpuint (g_strv_length ((char **) sioscope_profile_get_forgotten (profile)), ==, 1);
  }
  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, &error);

    g_assert_cmpuint (g_strv_length ((char **) sioscope_profile_get_forgotten (get_profile (store, 0))), ==, 2);
  }
}

/* Of lists and of a proxy's URL what is no secret is kept. */
static void
test_secrets (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;

  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, NULL);
    g_autoptr(SioscopeProfile) profile = sioscope_profile_new ("localhost:3000");

    sioscope_profile_set_option (profile, "query", "room=7\naccess_token=geheim");
    sioscope_profile_set_option (profile, "extra-headers", "Authorization: Bearer geheim\nX-A: 1\ncookie: geheim");
    sioscope_profile_set_option (profile, "proxy", "http://ada:geheim@proxy.example:3128");
    g_assert_true (sioscope_profile_store_add (store, profile, &error));
  }
  contents = read_file (fixture->path);
  g_assert_null (strstr (contents, "geheim"));
  {
    g_autoptr(SioscopeProfileStore) store = sioscope_profile_store_new (fixture->path, &error);
    SioscopeProfile *profile = get_profile (store, 0);

    g_assert_cmpstr (sioscope_profile_get_option (profile, "query"), ==, "room=7");
    g_assert_cmpstr (sioscope_profile_get_option (profile, "extra-headers"), ==, "X-A: 1");
    g_assert_cmpstr (sioscope_profile_get_option (profile, "proxy"), ==, "http://proxy.example:3128");
    g_assert_cmpuint (g_strv_length ((char **) sioscope_profile_get_forgotten (profile)), ==, 3);
  }
}

/* What the file says is kept as it is, and told where it is wrong to whoever wants to connect. */
static void
test_bad_values (Fixture       *fixture,
                 gconstpointer  data)
{
  static const struct { const char *line, *where; } cases[] = {
    { "server=5", "server" }, { "parser=xml", "parser" }, { "transports=pigeon;", "transports" },
    { "upgrade=maybe", "upgrade" }, { "query=a;", "query" }, { "extra-headers=none;", "extra-headers" },
    { "protocols=a b;", "protocols" }, { "ca-file=/nowhere/ca.pem", "ca-file" }, { "cert-file=cert.pem", "cert-file" },
    { "trusted-fingerprints=AB:CD;", "trusted-fingerprints" }, { "proxy=what", "proxy" },
    { "local-address=here", "local-address" }, { "timeout-ms=soon", "timeout-ms" },
    { "timeout-ms=-1", "timeout-ms" }, { "max-payload=0", "max-payload" },
    { "randomization-factor=nan", "randomization-factor" }, { "randomization-factor=2", "randomization-factor" },
    { "path=/x/", NULL }, { "timeout-ms=0", NULL },
  };
  g_autofree char *path = g_build_filename (fixture->folder, "profiles.ini", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("[Sioscope]\nversion=1\n[Profile a]\nurl=localhost:1\n%s\n", cases[i].line);
      g_autoptr(SioscopeProfileStore) store = NULL;
      g_autoptr(SioOptions) options = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) where_error = NULL;
      g_autofree char *saved = NULL;

      g_assert_true (g_file_set_contents (path, text, -1, NULL));
      store = sioscope_profile_store_new (path, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (sioscope_profile_find_mistake (get_profile (store, 0), &where_error), ==, cases[i].where);
      options = sioscope_profile_make_options (get_profile (store, 0), &error);
      g_assert_true ((options == NULL) == (cases[i].where != NULL));
      if (cases[i].where != NULL)
        g_assert_error (where_error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_assert_true (sioscope_profile_store_save (store, NULL));
      saved = read_file (path);
      g_assert_nonnull (strstr (saved, cases[i].line));
    }
}

/* A file of the version before, which knew no options. */
static void
test_old_file (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "profiles.ini", NULL);
  g_autoptr(SioscopeProfileStore) store = NULL;
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "[Sioscope]\nversion=1\n\n[Profile 7c9e6679]\nname=Chat staging\n"
                                      "url=https://chat.example/admin\npath=/sio/\ntransports=websocket;\n", -1, NULL));
  store = sioscope_profile_store_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sioscope_profile_get_name (get_profile (store, 0)), ==, "Chat staging");
  options = sioscope_profile_make_options (get_profile (store, 0), &error);
  g_assert_no_error (error);
  assert_option (options, "path", "/sio/");
  assert_option (options, "transports", "websocket");
  assert_option (options, "timeout-ms", "20000");
  g_assert_cmpuint (g_strv_length ((char **) sioscope_profile_get_forgotten (get_profile (store, 0))), ==, 0);
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
  g_test_add ("/profile-store/every-option", Fixture, NULL, fixture_set_up, test_every_option, fixture_tear_down);
  g_test_add ("/profile-store/secrets", Fixture, NULL, fixture_set_up, test_secrets, fixture_tear_down);
  g_test_add ("/profile-store/bad-values", Fixture, NULL, fixture_set_up, test_bad_values, fixture_tear_down);
  g_test_add ("/profile-store/old-file", Fixture, NULL, fixture_set_up, test_old_file, fixture_tear_down);
  g_test_add ("/profile-store/unknown-is-kept", Fixture, NULL, fixture_set_up, test_unknown_is_kept, fixture_tear_down);
  g_test_add ("/profile-store/damaged", Fixture, NULL, fixture_set_up, test_damaged, fixture_tear_down);
  g_test_add ("/profile-store/dangling-link", Fixture, NULL, fixture_set_up, test_dangling_link, fixture_tear_down);
  g_test_add ("/profile-store/cannot-save", Fixture, NULL, fixture_set_up, test_cannot_save, fixture_tear_down);

  return g_test_run ();
}
