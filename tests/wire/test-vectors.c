/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the vectors of tests/vectors, which were made by the official JavaScript packages, one test a vector. Run here:
 * all but live-*, which are whole connections.
 *
 * Where ours differs on purpose, the table of exceptions says what we do instead and why. An exception that is
 * not needed any more fails. */

#include "vectors.h"

/* What happened, as text: one word a step for packets, the pieces with blanks between for the others. */
static const struct {
  const char *id;
  const char *ours;
  const char *why;
} exceptions[] = {
  { "eio3-payload/003", "", "no packets are no body: none is ever sent" },
  { "eio3-payload/007", "323a34e282ac31303a62344151494442413d3d", "binary goes as base64: every server reads it" },
  { "eio3-payload/009", "333a34f09f9880363a62342f773d3d", "the same" },
  { "eio3-payload/010", "31383a623442776348427763484277634842773d3d", "the same" },
  { "eio3-payload/011", "323a6234", "the same" },
  { "eio3-payload/013", "323a34efbfbd363a623441513d3d", "the same" },
  { "eio3-payload/023", "error:t ", "a length must not split a character" },
  { "eio3-payload/026", "error:t ", "a length is digits" },
  { "eio3-payload/027", "error:t ", "the same" },
  { "eio3-payload/029", "error:t ", "the same" },
  { "eio3-payload/030", "error:t ", "the same" },
  { "eio3-payload/031", "error:t ", "the same" },
  { "eio3-payload/041", "error:t ", "a surrogate is no UTF-8" },
  { "eio3-payload/042", "error:t ", "a packet that was cut is not delivered" },
  { "sio4-packet/007", "325b2261225d ", "current decoders refuse 50-: the type follows from what is there" },
  { "sio4-packet/020", "throw", "empty text is no CONNECT" },
  { "sio4-packet/023", "EVENT", "zero attachments are complete at once: a 2.x client sends them after binary (true)" },
  { "sio4-packet/024", "wait", "our limit is 64: any server may send more than 10" },
  { "sio4-packet/027", "throw", "a bad placeholder is seen in the header, before memory is spent on attachments" },
  { "sio5-packet/045", "throw", "an event without payload is a crash in the official client" },
  { "sio5-packet/046", "throw", "the same with an id" },
  { "sio5-packet/048", "throw", "the same for an ack" },
  { "sio5-packet/050", "throw", "an id above 2^53-1 could not be answered" },
  { "sio5-packet/051", "throw", "a blank is no digit" },
  { "sio5-packet/052", "throw", "a tab is no digit" },
  { "sio5-packet/053", "throw", "a newline is no digit" },
  { "sio5-packet/071", "throw", "0.5 is no number of an attachment" },
  { "sio5-packet/075", "throw", "empty text is no CONNECT" },
  { "sio5-packet/076", "throw", "a blank is no CONNECT" },
  { "sio5-packet/118", "throw", "a byte order mark is no digit" },
  { "sio5-packet/121", "EVENT", "zero attachments are complete at once: older servers send them" },
  { "sio5-packet/124", "throw", "the number of attachments is digits" },
  { "sio5-packet/125", "throw", "the number of attachments is digits" },
  { "sio5-packet/127", "throw", "the number of attachments is digits" },
  { "sio5-packet/128", "wait", "our limit is 64: any server may send more than 10" },
  { "sio5-packet/131", "throw", "a bad placeholder is seen in the header, before memory is spent on attachments" },
  { "sio5-packet/132", "throw", "the same" },
  { "sio5-packet/133", "throw", "the same" },
  { "sio5-packet/134", "throw", "the same" },
  { "sio5-packet-old/001", "EVENT EVENT", "zero attachments must not leave the decoder stuck" },
  { "sio5-packet-old/003", "throw", "CONNECT carries an object: the current rule" },
  { "sio5-packet-old/004", "throw", "CONNECT carries an object: the current rule" },
  { "sio5-packet-old/005", "throw", "reserved names are refused: the current rule" },
  { "sio5-packet-old/006", "throw", "a name is a string or a number: the current rule" },
  { "msgpack/010", "83a47479706502a46461746192a162c4020102a36e7370a12f", "binary is written as a Buffer" },
  { "msgpack/011", "83a47479706502a46461746192a162c40102a36e7370a12f", "the same" },
  { "msgpack/024", "2[], which is no packet", "an event without a name is an error whatever the parser" },
  { "msgpack/026", "EVENT / -1 [\"a\",1.5,{\"$ext\":[5,\"Kg==\"]}]", "an extension is told from an array" },
  { "msgpack/036", "CONNECT_ERROR / -1 {}", "a refusal is shown whatever the server says" },
  { "post-slicing/006", "2:16 1:5", "exact sizes: the estimate would send 22 bytes where 20 are allowed" },
  { "backoff/017", "5000", "the exponent is clamped, so that the delay never becomes 0 by overflow" },
  { "url/023", "http example.com 80 /x - http://example.com:80/socket.io", "no scheme means http" },
};

/* --- The vectors as JSON --- */

typedef struct {
  const char *suite;
  JsonObject *vector;
} Vector;

/* --- Back-off and addresses --- */

static void
run_backoff (JsonObject *vector, GString *expected, GString *ours)
{
  guint min_ms = (guint) json_object_get_int_member (vector, "min");
  guint max_ms = (guint) json_object_get_int_member (vector, "max");
  double jitter = json_object_get_double_member (vector, "jitter");

  if (g_str_equal (get_string (vector, "op"), "backoff-nth"))
    {
      guint n = (guint) json_object_get_int_member (vector, "n");

      g_string_append_printf (expected, "%d", (int) json_object_get_int_member (vector, "out_ms"));
      g_string_append_printf (ours, "%u", sio_backoff_delay_ms (n - 1, min_ms, max_ms, jitter,
                                                                json_object_get_double_member (vector, "random")));
    }
  else
    {
      JsonArray *random = json_object_get_array_member (vector, "random");
      JsonArray *out = json_object_get_array_member (vector, "out_ms");

      for (guint i = 0; i < json_array_get_length (out); i++)
        {
          guint delay = sio_backoff_delay_ms (i, min_ms, max_ms, jitter, json_array_get_double_element (random, i));
          guint shortest, longest;

          sio_backoff_window_ms (i, min_ms, max_ms, jitter, &shortest, &longest);
          g_assert_cmpuint (shortest, <=, delay);
          g_assert_cmpuint (delay, <=, longest);
          g_string_append_printf (expected, "%d ", (int) json_array_get_int_element (out, i));
          g_string_append_printf (ours, "%u ", delay);
        }
    }
}

static void
run_url (JsonObject *vector, GString *expected, GString *ours)
{
  JsonObject *out = json_object_get_object_member (vector, "out");
  const char *query = get_string (out, "query");
  g_autoptr(GError) error = NULL;
  g_autoptr(SioUrl) url = sio_url_parse (get_string (vector, "uri"), &error);
  g_autofree char *key = NULL;

  g_assert_no_error (error);
  key = sio_url_dup_key (url, get_string (vector, "path"));

  g_string_append_printf (expected, "%s %s %s %s %s %s", get_string (out, "protocol"), get_string (out, "host"),
                          get_string (out, "port"), get_string (out, "namespace"), *query != '\0' ? query : "-",
                          get_string (out, "manager_key"));
  g_string_append_printf (ours, "%s %s %u %s %s %s", url->scheme, url->host, url->port, url->nsp,
                          url->query != NULL ? url->query : "-", key);
  g_assert_cmpint (url->tls, ==, g_str_equal (url->scheme, "https") || g_str_equal (url->scheme, "wss"));
}

/* --- All of them --- */

static const struct {
  const char *name;
  RunFunc     run;
  guint       n;   /* vectors in the file: none is left out */
} suites[] = {
  { "eio3-packet", run_eio3_packet, 23 },
  { "eio3-payload", run_eio3_payload, 45 },
  { "eio4-packet", run_eio4_packet, 40 },
  { "eio4-payload", run_eio4_payload, 17 },
  { "post-slicing", run_slicing, 9 },
  { "sio4-packet", run_sio4_packet, 27 },
  { "sio5-packet", run_sio5_packet, 137 },
  { "sio5-packet-old", run_sio5_packet, 7 },
  { "msgpack", run_msgpack, 37 },
  { "backoff", run_backoff, 17 },
  { "url", run_url, 24 },
};

static void
test_vector (gconstpointer data)
{
  const Vector *self = data;
  const char *id = get_string (self->vector, "id");
  g_autoptr(GString) expected = g_string_new (NULL);
  g_autoptr(GString) ours = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (g_str_equal (suites[i].name, self->suite))
      suites[i].run (self->vector, expected, ours);

  for (guint i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (g_str_equal (exceptions[i].id, id))
      {
        g_assert_cmpstr (ours->str, ==, exceptions[i].ours);
        if (g_string_equal (ours, expected))
          g_error ("%s: ours is what the vector says; take the exception out", id);
        return;
      }

  g_assert_cmpstr (ours->str, ==, expected->str);
}

/* An exception for a vector that does not exist would never be noticed otherwise. */
static void
test_exceptions_exist (gconstpointer data)
{
  GHashTable *ids = (GHashTable *) data;

  for (guint i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (!g_hash_table_contains (ids, exceptions[i].id))
      g_error ("there is no vector %s", exceptions[i].id);
}

/* Every file of vectors is run: here, or by the client's tests, which count theirs. */
static void
test_files (void)
{
  static const struct { const char *name; guint n; } live[] = {
    { "live-client4.json", 42 }, { "live-client2.json", 16 }, { "live-polling4.json", 20 },
  };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (path, 0, &error);
  const char *file;
  guint n = 0;

  g_assert_no_error (error);
  while ((file = g_dir_read_name (dir)) != NULL)
    {
      gboolean known = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
        if (g_str_has_prefix (file, suites[i].name) && g_str_equal (file + strlen (suites[i].name), ".json"))
          {
            known = TRUE;
            n += suites[i].n;
          }
      for (guint i = 0; i < G_N_ELEMENTS (live); i++)
        if (g_str_equal (file, live[i].name))
          {
            known = TRUE;
            n += live[i].n;
          }
      if (!known)
        g_error ("nothing runs the vectors of %s", file);
    }
  g_assert_cmpuint (n, ==, 461);
}

int
main (int argc, char *argv[])
{
  g_autoptr(GPtrArray) parsers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) vectors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    {
      g_autofree char *file = g_strconcat (suites[i].name, ".json", NULL);
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", file, NULL);
      g_autoptr(GError) error = NULL;
      JsonParser *parser = json_parser_new_immutable ();
      JsonArray *list;

      g_ptr_array_add (parsers, parser);
      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
      list = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "vectors");

      g_assert_cmpuint (json_array_get_length (list), ==, suites[i].n);
      for (guint k = 0; k < json_array_get_length (list); k++)
        {
          Vector *vector = g_new0 (Vector, 1);
          g_autofree char *test = NULL;

          vector->suite = suites[i].name;
          vector->vector = json_array_get_object_element (list, k);
          g_ptr_array_add (vectors, vector);
          g_hash_table_add (ids, (gpointer) get_string (vector->vector, "id"));
          test = g_strconcat ("/wire/vectors/", get_string (vector->vector, "id"), NULL);
          g_test_add_data_func (test, vector, test_vector);
        }
    }

  g_test_add_data_func ("/wire/vectors/exceptions-exist", ids, test_exceptions_exist);
  g_test_add_func ("/wire/vectors/every-file", test_files);

  return g_test_run ();
}
