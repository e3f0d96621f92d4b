/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Seeds from the vectors, their damage, and the rounds. */

#include "fuzz.h"

#include <json-glib/json-glib.h>

#define DEFAULT_ROUNDS 20000

static guint
n_rounds (void)
{
  const char *text = g_getenv ("SIO_FUZZ_ROUNDS");

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : DEFAULT_ROUNDS;
}

void
fuzz_assert_plain (const GError *error)
{
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *p = error->message; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isprint (c) || g_unichar_type (c) == G_UNICODE_FORMAT)
        g_error ("U+%04X in: %s", c, error->message);
    }
}

void
fuzz_add_seed (GPtrArray *seeds, const void *data, gsize size)
{
  g_ptr_array_add (seeds, g_bytes_new (data, size));
}

typedef struct {
  GPtrArray *seeds;
  gboolean   binary;
} Collector;

static void collect (JsonObject *object, const char *name, JsonNode *node, gpointer data);

static void
collect_element (JsonArray *array, guint index, JsonNode *node, gpointer data)
{
  collect (NULL, "", node, data);
}

static void
collect_hex (GPtrArray *seeds, const char *hex)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  for (gsize i = 0; hex[i] != '\0' && hex[i + 1] != '\0'; i += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[i]) << 4 | g_ascii_xdigit_value (hex[i + 1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  fuzz_add_seed (seeds, bytes->data != NULL ? (gconstpointer) bytes->data : "", bytes->len);
}

static void
collect (JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
  Collector *self = data;

  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), collect, data);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), collect_element, data);
  else if (self->binary ? g_str_equal (name, "bin") : g_str_equal (name, "hex") || g_str_equal (name, "text_hex"))
    collect_hex (self->seeds, json_node_get_string (node));
  else if (!self->binary && g_str_equal (name, "uri"))
    fuzz_add_seed (self->seeds, json_node_get_string (node), strlen (json_node_get_string (node)));
}

GPtrArray *
fuzz_load_seeds (const char * const *files, gboolean binary)
{
  Collector collector = { g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref), binary };

  for (; *files != NULL; files++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "vectors", *files, NULL);
      g_autoptr(JsonParser) parser = json_parser_new ();
      g_autoptr(GError) error = NULL;

      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
      collect (NULL, "", json_parser_get_root (parser), &collector);
    }

  return collector.seeds;
}

guint
fuzz_luck (guint below)
{
  return below == 0 ? 0 : (guint) g_test_rand_int_range (0, (gint32) below);
}

/* A seed with up to four damages: a byte changed, cut, doubled, a word put in, two seeds joined. */
static GByteArray *
mutate (const FuzzRounds *rounds)
{
  GPtrArray *from = *rounds->seeds;
  GByteArray *bytes = g_byte_array_new ();
  GBytes *seed = g_ptr_array_index (from, fuzz_luck (from->len));

  g_byte_array_append (bytes, g_bytes_get_data (seed, NULL), (guint) g_bytes_get_size (seed));

  for (guint i = fuzz_luck (5); i > 0; i--)
    {
      guint at = fuzz_luck (bytes->len + 1);

      switch (fuzz_luck (6))
        {
        case 0:
          if (at < bytes->len)
            bytes->data[at] = (guint8) fuzz_luck (256);
          break;
        case 1:
          g_byte_array_set_size (bytes, at);
          break;
        case 2:
          if (at < bytes->len)
            g_byte_array_remove_range (bytes, at, 1 + fuzz_luck (MIN (bytes->len - at, 8)));
          break;
        case 3:
          if (bytes->len < 4096)
            {
              guint n = bytes->len - at;
              g_autofree guint8 *tail = g_memdup2 (bytes->data + at, n);

              g_byte_array_append (bytes, tail, n);
            }
          break;
        case 4:
          {
            GBytes *other = g_ptr_array_index (from, fuzz_luck (from->len));

            g_byte_array_append (bytes, g_bytes_get_data (other, NULL), (guint) MIN (g_bytes_get_size (other), 4096));
            break;
          }
        default:
          {
            const FuzzWord *word = &rounds->words[fuzz_luck (rounds->n_words)];
            guint n = bytes->len - at;
            g_autofree guint8 *tail = g_memdup2 (bytes->data + at, n);

            g_byte_array_set_size (bytes, at);
            g_byte_array_append (bytes, (const guint8 *) word->data, (guint) word->size);
            g_byte_array_append (bytes, tail, n);
            break;
          }
        }
    }

  return bytes;
}

void
fuzz_assert_inside (SioSpan span, SioSpan whole)
{
  if (span.size == 0)
    return;
  g_assert_true (span.data >= whole.data && span.data + span.size <= whole.data + whole.size);
}

void
fuzz_run_rounds (gconstpointer data)
{
  const FuzzRounds *self = data;

  for (guint i = n_rounds (); i > 0; i--)
    {
      g_autoptr(GByteArray) bytes = mutate (self);
      g_autofree char *exact = g_malloc (MAX (bytes->len, 1));

      if (bytes->len > 0)
        memcpy (exact, bytes->data, bytes->len);
      self->func ((SioSpan) { exact, bytes->len });
    }
}
