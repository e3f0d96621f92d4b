/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arguments, and the writer of nodes. */

#include "sio.h"
#include "sio-arguments-private.h"

#include <math.h>

#define assert_span(span, text) g_assert_cmpmem ((span).data, (span).size, text, strlen (text))

static void
test_build (void)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GBytes) bytes = g_bytes_new_static ("\1\2", 2);
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_arguments_add_json (args, " {\"a\": 1.0} \n", -1, TRUE, &error));
  sio_arguments_add_string (args, "\"\xe2\x82\xac\n");
  sio_arguments_add_binary (args, bytes);
  g_assert_true (sio_arguments_add_json (args, "[{\"$binary\":\"AQI=\"}]", -1, TRUE, &error));
  g_assert_true (sio_arguments_add_json (args, "{\"$binary\":\"AQI=\"}", -1, FALSE, &error));
  g_assert_no_error (error);

  g_assert_cmpuint (sio_arguments_get_n (args), ==, 5);
  assert_span (sio_arguments_get_text (args),
               "{\"a\": 1.0},\"\\\"\xe2\x82\xac\\n\",{\"_placeholder\":true,\"num\":0},"
               "[{\"_placeholder\":true,\"num\":1}],{\"$binary\":\"AQI=\"}");
  assert_span (sio_arguments_get_json (args, 0), "{\"a\": 1.0}");
  assert_span (sio_arguments_get_json (args, 4), "{\"$binary\":\"AQI=\"}");
  g_assert_cmpuint (sio_arguments_get_attachments (args)->len, ==, 2);
  g_assert_true (sio_arguments_get_binary (args, 2) == bytes);
  g_assert_null (sio_arguments_get_binary (args, 0));
  g_assert_null (sio_arguments_get_binary (args, 3));
}

static void
test_refused (void)
{
  static const char * const cases[] = { "", " ", "nope", "[1,]", "1 2", "{\"$binary\":\"A\"}", "'x'" };
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GString) deep = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  sio_arguments_add_string (args, "kept");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_false (sio_arguments_add_json (args, cases[i], -1, TRUE, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  g_assert_false (sio_arguments_add_json (args, deep->str, -1, TRUE, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);

  g_assert_cmpuint (sio_arguments_get_n (args), ==, 1);
  assert_span (sio_arguments_get_text (args), "\"kept\"");
  g_assert_cmpuint (sio_arguments_get_attachments (args)->len, ==, 0);
}

static void
test_received (void)
{
  static const char text[] = "2[\"x\",1, {\"_placeholder\":true,\"num\":0}]";
  GBytes *owner = g_bytes_new (text, strlen (text));
  GPtrArray *attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *data = g_bytes_get_data (owner, NULL);
  SioArguments *args;
  SioArguments *other;

  g_ptr_array_add (attachments, g_bytes_new_static ("", 0));
  args = sio_arguments_new_received (owner, (SioSpan) { data + 6, strlen (text) - 7 }, 2, attachments);
  g_ptr_array_unref (attachments);
  g_bytes_unref (owner);

  other = sio_arguments_ref (args);
  sio_arguments_unref (args);
  g_assert_cmpuint (sio_arguments_get_n (other), ==, 2);
  assert_span (sio_arguments_get_json (other, 0), "1");
  g_assert_true (sio_arguments_get_json (other, 0).data == data + 6); /* a view */
  g_assert_cmpuint (g_bytes_get_size (sio_arguments_get_binary (other, 1)), ==, 0);
  sio_arguments_unref (other);
}

static void
test_node (void)
{
  static const double numbers[] = {
    0.1, 1e21, 1e-7, 5.0, -0.0, 1.0 / 3, 1.7976931348623157e308, 5e-324, 123456789.125, 4503599627370497.5,
  };
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(JsonNode) tree = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr(JsonNode) node = json_node_init_double (json_node_alloc (), numbers[i]);
      g_autoptr(GString) text = g_string_new (NULL);

      sio_json_append_node (text, node);
      g_assert_true (sio_json_validate (text->str, text->len, 8, NULL, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (g_ascii_strtod (text->str, NULL), ==, numbers[i]);
    }

  {
    g_autoptr(JsonNode) nan_node = json_node_init_double (json_node_alloc (), (double) NAN);
    g_autoptr(JsonNode) inf_node = json_node_init_double (json_node_alloc (), -(double) INFINITY);

    tree = json_from_string ("{\"a\":[1,-2,true,false,null,\"x\\u0001\\\"\",{},[]],\"b\":{\"c\":0.1}}", &error);
    g_assert_no_error (error);
    sio_arguments_add_node (args, tree);
    sio_arguments_add_node (args, nan_node);
    sio_arguments_add_node (args, inf_node);
    sio_arguments_add_node (args, NULL);
  }
  assert_span (sio_arguments_get_text (args),
               "{\"a\":[1,-2,true,false,null,\"x\\u0001\\\"\",{},[]],\"b\":{\"c\":0.1}},null,null,null");
}

static void
test_dup_node (void)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GError) error = NULL;
  static const char * const cases[][2] = {
    { "\"\\ud800\"", "\xef\xbf\xbd" },
    { "\"\\ud83d x\"", "\xef\xbf\xbd x" },
    { "\"a\\u0000b\"", "a\xef\xbf\xbd""b" },
    { "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
    { "\"\\\\ud800\"", "\\ud800" },
    { "\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(JsonNode) node = NULL;

      g_assert_true (sio_arguments_add_json (args, cases[i][0], -1, FALSE, &error));
      node = sio_arguments_dup_node (args, i, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (json_node_get_string (node), ==, cases[i][1]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arguments/build", test_build);
  g_test_add_func ("/arguments/refused", test_refused);
  g_test_add_func ("/arguments/received", test_received);
  g_test_add_func ("/arguments/node", test_node);
  g_test_add_func ("/arguments/dup-node", test_dup_node);

  return g_test_run ();
}
