/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers by their text: whatever is written in the same line of the table is the same, and less than what stands in the next. */

#include "sioscope-json-number.h"
#include "sioscope-json-nodes-private.h"

static const char * const ascending[][5] = {
  { "-1e10000000000000000000000000000001" },
  { "-1e10000000000000000000000000000000", "-10e9999999999999999999999999999999" },
  { "-1e9223372036854775808", "-0.1e9223372036854775809" },
  { "-10", "-1e1", "-100.0e-1" },
  { "-1.5", "-15e-1" },
  { "-1", "-1.0" },
  { "-1e-1000000000000000000000", "-0.001e-999999999999999999997" },
  { "-1e-1000000000000000000001" },
  { "0", "-0", "0.000", "0e99999999999999999999999", "-0.0E-99999999999999999999999" },
  { "1e-288230376151711745" },
  { "1e-288230376151711744", "10e-288230376151711745" },
  { "0.05", "5e-2", "0.5e-1", "0.50e-00000000000000000000000001" },
  { "0.1" },
  { "0.10000000000000000001" },
  { "1", "1e0", "10e-1", "0.1E1", "1e-0000000000000000000000000000" },
  { "1.05", "105e-2", "0.0105e+2" },
  { "100", "1E+2", "100.00" },
  { "120.5", "1.205e2", "1205e-1" },
  { "18446744073709551615" },
  { "18446744073709551616", "1.8446744073709551616e19" },
  { "1e99999999999999999", "0.1e100000000000000000", "10e99999999999999998" },
  { "1e288230376151711744" },
  { "1e288230376151711745" },
  { "1e999999999999999999998" },
  { "1e999999999999999999999", "10e999999999999999999998", "0.01e1000000000000000000001" },
  { "2e999999999999999999999" },
  { "1e10000000000000000000000000000000", "10e9999999999999999999999999999999" },
};

static SioSpan
span_of (const char *text)
{
  return (SioSpan) { text, strlen (text) };
}

static void
test_order (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ascending); i++)
    for (guint k = 0; k < 5 && ascending[i][k] != NULL; k++)
      for (guint j = 0; j < G_N_ELEMENTS (ascending); j++)
        for (guint l = 0; l < 5 && ascending[j][l] != NULL; l++)
          {
            SioSpan a = span_of (ascending[i][k]), b = span_of (ascending[j][l]);
            gint order = sioscope_json_compare_numbers (a, b);

            if ((order > 0) - (order < 0) != (i > j) - (i < j))
              {
                g_test_message ("%s and %s: %d", a.data, b.data, order);
                g_test_fail ();
              }
            if (i == j)
              g_assert_cmpuint (sioscope_json_hash_number (a), ==, sioscope_json_hash_number (b));
          }
}

static void
test_random (void)
{
  /* Against arithmetic: integers written with the point anywhere. */
  for (guint round = 0; round < 20000; round++)
    {
      gint numbers[2];
      char texts[2][64];
      gint order;

      for (guint i = 0; i < 2; i++)
        {
          gint shift = g_test_rand_int_range (-3, 4);
          gint value = g_test_rand_int_range (-99, 100);

          numbers[i] = value;
          for (gint n = -3; n < shift; n++)
            numbers[i] *= 10;
          if (g_test_rand_bit ())
            g_snprintf (texts[i], sizeof texts[i], "%de%+d", value, shift);
          else
            g_snprintf (texts[i], sizeof texts[i], "%s%d.%03dE%d", value < 0 ? "-" : "", ABS (value) / 10, ABS (value) % 10 * 100,
                        shift + 1);
        }
      order = sioscope_json_compare_numbers (span_of (texts[0]), span_of (texts[1]));
      if ((order > 0) - (order < 0) != (numbers[0] > numbers[1]) - (numbers[0] < numbers[1]))
        g_error ("%s and %s: %d", texts[0], texts[1], order);
    }
}

static void
test_long (void)
{
  /* A million digits are one pass, not a million of them. */
  g_autoptr(GString) a = g_string_new ("0."), b = g_string_new ("1e-");

  for (guint i = 1; i < 1000000; i++)
    g_string_append_c (a, '0');
  g_string_append_c (a, '1');
  g_string_append (b, "1000000");
  g_assert_cmpint (sioscope_json_compare_numbers (span_of (a->str), span_of (b->str)), ==, 0);
  g_string_append_c (a, '1');
  g_assert_cmpint (sioscope_json_compare_numbers (span_of (a->str), span_of (b->str)), >, 0);

  g_string_assign (a, "1e");
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (a, '9');
  g_string_assign (b, "0.1e1");
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (b, '0');
  g_assert_cmpint (sioscope_json_compare_numbers (span_of (a->str), span_of (b->str)), ==, 0);
  b->str[b->len - 1] = '1';
  g_assert_cmpint (sioscope_json_compare_numbers (span_of (a->str), span_of (b->str)), <, 0);
}

static void
test_none (void)
{
  static const char * const none[] = {
    "", "-", "+1", "01", "-01", ".5", "1.", "1.e2", "1e", "1e+", "1e1.5", "0x1", "1 ", " 1", "1,2", "\"1\"", "null", "NaN", "-Infinity", "1e1e1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_false (sioscope_json_is_number (span_of (none[i])));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-number/order", test_order);
  g_test_add_func ("/json-number/random", test_random);
  g_test_add_func ("/json-number/long", test_long);
  g_test_add_func ("/json-number/none", test_none);

  return g_test_run ();
}
