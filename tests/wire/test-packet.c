/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the vectors do not say about packets: spans, limits, hostile numbers; the assembler, the handshake, the
 * back-off. */

#include <math.h>

#include "sio.h"
#include "wire/sio-handshake.h"
#include "wire/sio-packet.h"

#define assert_span(span, text) g_assert_cmpmem ((span).data, (span).size, text, strlen (text))

static SioSpan
span (const char *text)
{
  return (SioSpan) { text, strlen (text) };
}

static void
decode (const char *text, SioPacket *packet)
{
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;
  g_autoptr(GError) error = NULL;

  sio_packet_decode (span (text), &limits, packet, &error);
  g_assert_no_error (error);
}

static void
test_spans (void)
{
  SioPacket packet;

  decode ("2/admin,7[ \"chat\" , {\"a\":1} , [2] ] ", &packet);
  g_assert_cmpint (packet.type, ==, SIO_PACKET_EVENT);
  g_assert_cmpint (packet.id, ==, 7);
  assert_span (packet.nsp, "/admin");
  assert_span (packet.payload, "[ \"chat\" , {\"a\":1} , [2] ]");
  assert_span (packet.event, "\"chat\"");
  assert_span (packet.args, "{\"a\":1} , [2]");
  g_assert_cmpuint (packet.n_args, ==, 2);

  decode ("2[\"chat\"]", &packet);
  g_assert_cmpint (packet.id, ==, -1);
  assert_span (packet.nsp, "/");
  assert_span (packet.args, "");
  g_assert_cmpuint (packet.n_args, ==, 0);

  decode ("2[-1.5,true]", &packet);
  assert_span (packet.event, "-1.5");
  assert_span (packet.args, "true");

  decode ("30[ ]", &packet);
  g_assert_cmpint (packet.id, ==, 0);
  assert_span (packet.payload, "[ ]");
  assert_span (packet.args, "");
  g_assert_cmpuint (packet.event.size, ==, 0);
  g_assert_cmpuint (packet.n_args, ==, 0);

  decode ("31[null, 2 ]", &packet);
  assert_span (packet.args, "null, 2");
  g_assert_cmpuint (packet.n_args, ==, 2);

  decode ("39007199254740991[]", &packet);
  g_assert_cmpint (packet.id, ==, 9007199254740991);

  decode ("4/admin,{\"message\":\"no\"}", &packet);
  assert_span (packet.payload, "{\"message\":\"no\"}");
  g_assert_cmpuint (packet.args.size, ==, 0);

  decode ("40", &packet);
  g_assert_cmpint (packet.type, ==, SIO_PACKET_CONNECT_ERROR);
  g_assert_cmpint (packet.id, ==, 0);

  decode ("52-/b,3[\"x\",{\"_placeholder\":true,\"num\":1}]", &packet);
  g_assert_cmpuint (packet.n_attachments, ==, 2);
  assert_span (packet.nsp, "/b");
  g_assert_cmpint (packet.id, ==, 3);
}

static void
test_errors (void)
{
  static const struct {
    const char *text;
    const char *message; /* how it begins */
    int         code;
  } cases[] = {
    { "", "Socket.IO packet, byte 0 (line 1, column 1): expected a packet type from 0 to 6, found the end", SIO_ERROR_MALFORMED },
    { "7", "Socket.IO packet, byte 0 (line 1, column 1): expected a packet type from 0 to 6, found '7'", SIO_ERROR_MALFORMED },
    { "2", "Socket.IO packet, byte 1 (line 1, column 2): expected an array with the event's name, found the end", SIO_ERROR_MALFORMED },
    { "2[1e]", "Socket.IO packet, byte 4", SIO_ERROR_MALFORMED },
    { "2[\"a\",1,]", "Socket.IO packet, byte 8 (line 1, column 9): expected a value", SIO_ERROR_MALFORMED },
    { "2[\"connect\"]", "Socket.IO packet, byte 2", SIO_ERROR_MALFORMED },
    { "2[\"c\\u006fnnect\"]", "Socket.IO packet, byte 2", SIO_ERROR_MALFORMED },
    { "2[\"\\u0064isconnect\"]", "Socket.IO packet, byte 2", SIO_ERROR_MALFORMED },
    { "29007199254740992[\"a\"]", "Socket.IO packet, byte 1", SIO_ERROR_MALFORMED },
    { "2999999999999999999999999999999[\"a\"]", "Socket.IO packet, byte 1", SIO_ERROR_MALFORMED },
    { "565-[\"a\"]", "BINARY_EVENT announces 65 attachments, the limit is 64", SIO_ERROR_TOO_LARGE },
    { "599999999999999999999999-[\"a\"]", "BINARY_EVENT announces 99999999999999999999999 attachments", SIO_ERROR_TOO_LARGE },
    { "51-[\"a\",{\"_placeholder\":true,\"num\":\"splice\"}]", "placeholder's \"num\" is \"splice\", expected an integer below 1", SIO_ERROR_MALFORMED },
    { "51-[\"a\",{\"_placeholder\":true,\"num\":{}}]", "placeholder's \"num\"", SIO_ERROR_MALFORMED },
    { "2/\xff,[\"a\"]", "Socket.IO packet, byte 2", SIO_ERROR_MALFORMED },
    { "0[1]", "Socket.IO packet, byte 1 (line 1, column 2): expected an object or nothing as payload of CONNECT", SIO_ERROR_MALFORMED },
    { "1{}", "Socket.IO packet, byte 1 (line 1, column 2): expected no payload in DISCONNECT", SIO_ERROR_MALFORMED },
  };
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SioPacket packet, before;
      g_autoptr(GError) error = NULL;

      memset (&packet, 0x5a, sizeof packet);
      before = packet;
      g_assert_false (sio_packet_decode (span (cases[i].text), &limits, &packet, &error));
      g_assert_error (error, SIO_ERROR, cases[i].code);
      if (!g_str_has_prefix (error->message, cases[i].message))
        g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_cmpmem (&packet, sizeof packet, &before, sizeof before);
    }

  /* A NUL is no part of a namespace: it would cut the name in C. */
  {
    SioPacket packet;
    g_autoptr(GError) error = NULL;

    g_assert_false (sio_packet_decode ((SioSpan) { "0/a\0b", 5 }, &limits, &packet, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
  }
}

static void
test_depth (void)
{
  SioPacketLimits limits = { 64, 3 };
  SioPacket packet;
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_packet_decode (span ("2[\"a\",[[1]]]"), &limits, &packet, &error));
  g_assert_no_error (error);
  g_assert_false (sio_packet_decode (span ("2[\"a\",[[[]]]]"), &limits, &packet, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
}

/* What nests too deep can still be told apart from other packets. */
static void
test_shallow (void)
{
  static const char *bad[] = { "", "7[]", "2", "2{}", "2[]", "2[[[]]]", "2[\"connect\",[[]]]", "2[\"a\",[[", "2[\"a",
                               "0{\"a\":[[]]}", "4{\"a\":[[]]}", "1", "2[\"a\",[[\"\xff\"]]]", "565-[\"a\",[[]]]" };
  SioPacketLimits limits = { 64, 1 };
  SioPacket packet;
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_packet_decode_shallow (span ("51-/n,7[ \"a[\" , [[[ whatever ]"), &limits, &packet, &error));
  g_assert_no_error (error);
  g_assert_cmpint (packet.type, ==, SIO_PACKET_BINARY_EVENT);
  g_assert_cmpuint (packet.n_attachments, ==, 1);
  g_assert_true (sio_span_equals (packet.nsp, "/n"));
  g_assert_cmpint (packet.id, ==, 7);
  g_assert_true (sio_span_equals (packet.event, "\"a[\""));
  g_assert_cmpuint (packet.payload.size + packet.args.size + packet.n_args, ==, 0);

  g_assert_true (sio_packet_decode_shallow (span ("30[[[]]]"), &limits, &packet, &error));
  g_assert_cmpint (packet.type, ==, SIO_PACKET_ACK);
  g_assert_cmpint (packet.id, ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (sio_packet_decode_shallow (span (bad[i]), &limits, &packet, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
}

static void
test_assembler (void)
{
  static const char text[] = "52-[\"x\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":0}]";
  g_autoptr(GBytes) owner = g_bytes_new_static (text, strlen (text));
  g_autoptr(GBytes) bytes = g_bytes_new_static ("0123456789", 10);
  g_autoptr(GBytes) none = g_bytes_new_static ("", 0);
  SioPacketAssembler assembler = { NULL, };
  SioPacket packet;
  gboolean complete = TRUE;
  g_autoptr(GError) error = NULL;

  g_assert_false (sio_packet_assembler_add (&assembler, bytes, 1000, &complete, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
  g_clear_error (&error);

  decode (text, &packet);
  sio_packet_assembler_begin (&assembler, owner, &packet);
  g_assert_true (sio_packet_assembler_add (&assembler, bytes, 1000, &complete, &error));
  g_assert_false (complete);
  g_assert_true (sio_packet_assembler_add (&assembler, none, 1000, &complete, &error));
  g_assert_true (complete);
  g_assert_cmpuint (assembler.size, ==, strlen (text) + 10);
  g_assert_false (sio_packet_assembler_add (&assembler, bytes, 1000, &complete, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
  g_clear_error (&error);
  sio_packet_assembler_clear (&assembler);
  g_assert_null (assembler.owner);

  /* The sum of the messages is limited … */
  sio_packet_assembler_begin (&assembler, owner, &packet);
  g_assert_true (sio_packet_assembler_add (&assembler, bytes, strlen (text) + 19, &complete, &error));
  g_assert_false (sio_packet_assembler_add (&assembler, bytes, strlen (text) + 19, &complete, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
  g_clear_error (&error);
  sio_packet_assembler_clear (&assembler);

  /* … and so is what the placeholders make of them. */
  {
    g_autoptr(GBytes) large = g_bytes_new_take (g_malloc0 (600), 600);

    sio_packet_assembler_begin (&assembler, owner, &packet);
    g_assert_true (sio_packet_assembler_add (&assembler, large, 1000, &complete, &error));
    g_assert_false (sio_packet_assembler_add (&assembler, none, 1000, &complete, &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
    sio_packet_assembler_clear (&assembler);
  }
}

static void
test_handshake (void)
{
  static const char text[] = " {\"sid\":\"ab_-\\u0041\",\"upgrades\":[\"websocket\",\"webtransport\"],\"pingInterval\":25000,"
                             "\"pingTimeout\":20000,\"maxPayload\":1000000,\"new\":[{}]}";
  g_autoptr(GError) error = NULL;
  g_autoptr(SioHandshake) handshake = sio_handshake_parse (span (text), &error);
  g_autoptr(SioHandshake) small = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (handshake->sid, ==, "ab_-A");
  g_assert_cmpuint (g_strv_length (handshake->upgrades), ==, 2);
  g_assert_cmpstr (handshake->upgrades[0], ==, "websocket");
  g_assert_cmpuint (handshake->ping_interval_ms, ==, 25000);
  g_assert_cmpuint (handshake->ping_timeout_ms, ==, 20000);
  g_assert_cmpint (handshake->max_payload, ==, 1000000);

  small = sio_handshake_parse (span ("{\"sid\":\"x\",\"pingInterval\":1,\"pingTimeout\":86400000,\"maxPayload\":null}"), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (small->upgrades), ==, 0);
  g_assert_cmpint (small->max_payload, ==, 0);
}

static void
test_handshake_errors (void)
{
  /* Each replaces one field of a good one. */
  static const struct {
    const char *field;
    const char *value; /* NULL: left out */
    gboolean    valid;
  } cases[] = {
    { "sid", NULL, FALSE }, { "sid", "\"\"", FALSE }, { "sid", "5", FALSE }, { "sid", "null", FALSE }, { "sid", "\"a\\u0000b\"", FALSE },
    { "sid", "\"a\\r\\nb\"", FALSE }, { "sid", "\"\xc3\xa9\"", FALSE }, { "sid", "\"a b\"", TRUE },
    { "pingInterval", NULL, FALSE }, { "pingInterval", "0", FALSE }, { "pingInterval", "-1", FALSE }, { "pingInterval", "1e15", FALSE },
    { "pingInterval", "86400001", FALSE }, { "pingInterval", "86400000", TRUE }, { "pingInterval", "\"x\"", FALSE },
    { "pingInterval", "18446744073709551617", FALSE }, { "pingInterval", "1.5", FALSE }, { "pingInterval", "{}", FALSE },
    { "pingTimeout", NULL, FALSE }, { "pingTimeout", "true", FALSE }, { "pingTimeout", "0", FALSE },
    { "maxPayload", NULL, TRUE }, { "maxPayload", "0", TRUE }, { "maxPayload", "-1", FALSE }, { "maxPayload", "\"1\"", FALSE },
    { "maxPayload", "1e+21", TRUE }, { "maxPayload", "0.5", FALSE },
    { "upgrades", NULL, TRUE }, { "upgrades", "null", TRUE }, { "upgrades", "[]", TRUE }, { "upgrades", "{}", FALSE }, { "upgrades", "[1]", FALSE },
    { "upgrades", "[\"a\\u0000\"]", FALSE }, { "upgrades", "\"websocket\"", FALSE },
    { "upgrades", "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]", FALSE },
  };
  static const char * const fields[][2] = {
    { "sid", "\"x\"" }, { "upgrades", "[]" }, { "pingInterval", "25000" }, { "pingTimeout", "20000" }, { "maxPayload", "1000" },
  };
  static const char * const broken[] = { "", "[]", "null", "{", "{\"sid\":\"x\"}x" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) text = g_string_new ("{\"other\":0");
      g_autoptr(SioHandshake) handshake = NULL;
      g_autoptr(GError) error = NULL;

      for (guint k = 0; k < G_N_ELEMENTS (fields); k++)
        {
          const char *value = g_str_equal (fields[k][0], cases[i].field) ? cases[i].value : fields[k][1];

          if (value != NULL)
            g_string_append_printf (text, ",\"%s\":%s", fields[k][0], value);
        }
      g_string_append_c (text, '}');

      handshake = sio_handshake_parse (span (text->str), &error);
      if (cases[i].valid)
        g_assert_no_error (error);
      else
        {
          g_assert_null (handshake);
          g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
          g_assert_nonnull (strstr (error->message, cases[i].field));
        }
    }

  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (sio_handshake_parse (span (broken[i]), &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
    }

  {
    g_autofree char *huge = g_strnfill (70000, ' ');
    g_autoptr(GError) error = NULL;

    g_assert_null (sio_handshake_parse (span (huge), &error));
    g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
  }
}

static void
test_backoff (void)
{
  guint shortest, longest;

  /* No attempt, however late, waits less than the formula's floor: NaN and overflow would be 0. */
  for (guint attempt = 0; attempt < 4000; attempt++)
    for (guint i = 0; i < 10; i++)
      {
        guint delay = sio_backoff_delay_ms (attempt, 1000, 5000, 1.0, i / 10.0 + 0.05);

        sio_backoff_window_ms (attempt, 1000, 5000, 1.0, &shortest, &longest);
        g_assert_cmpuint (delay, >=, shortest);
        g_assert_cmpuint (delay, <=, longest);
        g_assert_cmpuint (delay, >=, 100);
        g_assert_cmpuint (delay, <=, 5000);
      }

  g_assert_cmpuint (sio_backoff_delay_ms (G_MAXUINT, G_MAXUINT, G_MAXUINT, 0.0, 0.5), ==, G_MAXUINT);
  g_assert_cmpuint (sio_backoff_delay_ms (0, 0, 0, 0.0, 0.5), ==, 1000);
  g_assert_cmpuint (sio_backoff_delay_ms (9, 0, 0, 0.0, 0.5), ==, 5000);

  sio_backoff_window_ms (0, 1000, 5000, 0.5, &shortest, &longest);
  g_assert_cmpuint (shortest, ==, 551);
  g_assert_cmpuint (longest, ==, 1499);
}

/* The window is what the formula can draw, to the millisecond, for delays where each of them matters. */
static void
test_backoff_window (void)
{
  static const double jitters[] = { 0.0, 0.1, 0.3, 0.5, 0.9, 1.0, 1.5 };

  for (guint min_ms = 1; min_ms <= 40; min_ms++)
    for (guint i = 0; i < G_N_ELEMENTS (jitters); i++)
      {
        guint lowest = G_MAXUINT, highest = 0;
        guint shortest, longest;

        for (guint k = 0; k < 1000; k++)
          {
            double random01 = nextafter ((k + 1) / 1000.0, 0.0);

            /* The last numbers below each thousandth: which of them is still "minus" is a matter of rounding. */
            for (guint e = 0; e < 4; e++, random01 = nextafter (random01, 0.0))
              {
                guint delay = sio_backoff_delay_ms (0, min_ms, 1000, jitters[i], random01);

                lowest = MIN (lowest, delay);
                highest = MAX (highest, delay);
              }
          }
        sio_backoff_window_ms (0, min_ms, 1000, jitters[i], &shortest, &longest);
        g_assert_cmpuint (shortest, ==, lowest);
        g_assert_cmpuint (longest, ==, highest);
      }
}

/* Socket.IO 4: what only its decoder takes, and what it ignores. */
static void
test_revision4 (void)
{
  static const struct { const char *text; gboolean also_5; } cases[] = {
    { "0", TRUE }, { "0/admin", TRUE }, { "0/admin,", TRUE }, { "0{\"sid\":\"x\"}", TRUE }, { "0null", FALSE }, { "0[1]", FALSE },
    { "0\"x\"", FALSE }, { "1", TRUE }, { "1/admin,", TRUE }, { "4/admin,\"no\"", TRUE }, { "4{\"code\":1}", TRUE }, { "4[1]", FALSE },
    { "4null", FALSE }, { "4", TRUE }, { "2[\"connect\"]", FALSE }, { "2[\"error\"]", TRUE }, { "61-/admin,456[{\"_placeholder\":true,\"num\":0}]", TRUE },
  };
  static const char * const malformed[] = { "", "1{}", "2", "2{}", "2[]", "3", "3{}", "2[\"a\"", "0{", "5[\"a\"]", "4,", "2x[\"a\"]" };
  static const char * const unknown[] = { "7", "9[\"a\"]", "abc", " 2[\"a\"]", "\xff" };
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;
  SioPacket packet;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      limits.revision = 4;
      sio_packet_decode (span (cases[i].text), &limits, &packet, &error);
      g_assert_no_error (error);
      limits.revision = 5;
      g_assert_cmpint (sio_packet_decode (span (cases[i].text), &limits, &packet, NULL), ==, cases[i].also_5);
    }

  limits.revision = 4;
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_packet_decode (span (malformed[i]), &limits, &packet, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_packet_decode (span (unknown[i]), &limits, &packet, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION);
      g_clear_error (&error);
      limits.revision = 5;
      g_assert_false (sio_packet_decode (span (unknown[i]), &limits, &packet, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      limits.revision = 4;
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/packet/spans", test_spans);
  g_test_add_func ("/packet/errors", test_errors);
  g_test_add_func ("/packet/depth", test_depth);
  g_test_add_func ("/packet/shallow", test_shallow);
  g_test_add_func ("/packet/assembler", test_assembler);
  g_test_add_func ("/handshake/fields", test_handshake);
  g_test_add_func ("/handshake/errors", test_handshake_errors);
  g_test_add_func ("/packet/revision-4", test_revision4);
  g_test_add_func ("/backoff/never-zero", test_backoff);
  g_test_add_func ("/backoff/window-is-exact", test_backoff_window);

  return g_test_run ();
}
