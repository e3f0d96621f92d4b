/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is said while all is well: events and answers of every type and size, both ways. */

#include "interop.h"

#define MEGABYTE (1024 * 1024)

static void
test_types (Interop *self)
{
  g_autofree char *types = NULL;

  interop_connect (self);
  interop_emit (self, "types", NULL);
  WAIT_FOR (self->heard->n_events == 1);

  /* as received, not as understood */
  types = g_strdup_printf ("socket types:[\"text\",\"\",0,-1,1.5,%s,9007199254740991,true,false,null,"
                           "[],[1,[2,[3]]],{},{\"a\":{\"b\":[null,{\"c\":\"d\"}]}},"
                           "\"emoji 😀 and family 👨‍👩‍👧\",\"line\xe2\x80\xa8separator\xe2\x80\xa9\","
                           "\"quote \\\" backslash \\\\ slash / newline \\n tab \\t nul \\u0000\"]",
                           interop_is_msgpack () ? "0.5" : "1e+21");
  g_assert_cmpstr (heard_find (self->heard, "socket types:"), ==, types);
}

static void
test_types_out (Interop *self)
{
  g_autofree char *args = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *answer = NULL;

  interop_connect (self);
  /* notepack, which answers, has no whole numbers beyond 64 bits */
  args = g_strdup_printf ("\"text\",\"\",0,-1,1.5,%s,true,false,null,[],[1,[2,[3]]],{},{\"a\":{\"b\":[null]}},"
                          "\"emoji 😀 \\ud83d\\ude00\",\"line\xe2\x80\xa8separator\xe2\x80\xa9\",\"\\u0000\\n\"",
                          interop_is_msgpack () ? "0.5" : "1e21");
  expected = g_strdup_printf ("[\"text\",\"\",0,-1,1.5,%s,true,false,null,[],[1,[2,[3]]],{},{\"a\":{\"b\":[null]}},"
                              "\"emoji 😀 😀\",\"line\xe2\x80\xa8separator\xe2\x80\xa9\",\"\\u0000\\n\"]",
                              interop_is_msgpack () ? "0.5" : "1e+21");
  answer = interop_ask_text (self, "ack", args);
  g_assert_cmpstr (answer, ==, expected);
}

/* A name is just a string, for whoever says it and whoever hears it. */
static void
test_event_names (Interop *self)
{
  static const char *names[] = { "", "with \"quotes\", \\ and\n😀", "123", "__proto__", "event" };

  interop_connect (self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *expected = g_strdup_printf ("socket %s:[%u]", names[i], i);
      g_autofree char *arg = g_strdup_printf ("%u", i);

      interop_emit (self, names[i], arg);
      WAIT_FOR (heard_count (self->heard, expected) == 1);
    }
}

static void
test_binary_in (Interop *self)
{
  g_autofree char *answer = NULL;

  interop_connect (self);
  interop_emit (self, "binary", NULL);
  WAIT_FOR (self->heard->n_events == 1);
  g_assert_cmpstr (heard_find (self->heard, "socket binary:"), ==,
                   "socket binary:[{\"deep\":[{\"_placeholder\":true,\"num\":0},"
                   "{\"bytes\":{\"_placeholder\":true,\"num\":1},\"none\":{\"_placeholder\":true,\"num\":2}}],"
                   "\"text\":\"beside\"},{\"$bin\":\"6c617374\"}]");
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 2 0"));
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 3 4"));

  answer = interop_ask_text (self, "ack-binary", NULL);
  g_assert_nonnull (strstr (answer, "_placeholder"));
}

static void
test_binary_out (Interop *self)
{
  g_autofree char *answer = NULL;

  interop_connect (self);
  answer = interop_ask_text (self, "ack",
                             "{\"$binary\":\"AQID\"},{\"a\":[{\"$binary\":\"\"},1]},\"x\"");
  g_assert_true (g_str_has_prefix (answer, "[{\"$bin\":\"010203\"},{\"a\":[{\"_placeholder\":true,\"num\":1},1]},\"x\"]"));

  answer = (g_free (answer), interop_ask_text (self, "measure", "{\"$binary\":\"AAECA//+\"}"));
  g_assert_cmpstr (answer, ==, "[{\"size\":6,\"kind\":\"binary\",\"last\":254}]");

  /* ten are what a server takes */
  for (int n = 10; n <= 11; n++)
    {
      g_autoptr(SioArguments) args = sio_arguments_new ();
      g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
      g_autoptr(GError) error = NULL;

      for (int i = 0; i < n; i++)
        sio_arguments_add_binary (args, bytes);
      sio_socket_emit (self->socket, "echo", args, NULL, &error);
      if (n == 10)
        g_assert_no_error (error);
      else
        g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
    }
  WAIT_FOR (heard_find (self->heard, "socket echo:[{\"$bin\":\"78\"}") != NULL);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_acks (Interop *self)
{
  g_autofree char *answer = NULL;
  gint64 question;
  g_autoptr(SioArguments) args = NULL;
  g_autoptr(GError) error = NULL;

  interop_connect (self);
  answer = interop_ask_text (self, "ack", "5,{\"test\":true}");
  g_assert_cmpstr (answer, ==, "[5,{\"test\":true}]");

  /* the other way */
  interop_emit (self, "ask", "\"how?\"");
  WAIT_FOR (heard_count (self->heard, "socket question:[\"how?\"]") == 1);
  question = self->heard->last_ack_id;
  g_assert_cmpint (question, >=, 0);
  args = interop_args ("\"so\",{\"$binary\":\"AQ==\"}");
  g_assert_true (sio_socket_reply (self->socket, question, args, 7, &error));
  g_assert_no_error (error);
  WAIT_FOR (heard_count (self->heard, "socket answer:[\"so\",{\"$bin\":\"01\"}]") == 1);

  /* once */
  g_assert_false (sio_socket_reply (self->socket, question, args, 7, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
}

static void
test_ack_timeout (Interop *self)
{
  g_autoptr(SioArguments) args = interop_args ("250");
  g_autoptr(SioArguments) answer = NULL;
  g_autoptr(GError) error = NULL;

  interop_connect (self);
  answer = interop_ask (self->socket, "no-ack", NULL, 50, &error);
  g_assert_null (answer);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  g_assert_nonnull (tap_log_find (self->tap, "emit ack-timeout / \"no-ack\" id=0"));
  g_clear_error (&error);

  /* one that comes too late is told as what it is */
  answer = interop_ask (self->socket, "late-ack", args, 50, &error);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TIMED_OUT);
  WAIT_FOR (tap_log_count (self->tap, "error packet ack 1 of /, which nobody waits for") == 1);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_big (Interop *self)
{
  g_autofree char *text = g_malloc (5 * MEGABYTE + 1);
  g_autofree guchar *bytes = g_malloc0 (5 * MEGABYTE);
  g_autoptr(SioArguments) as_text = sio_arguments_new ();
  g_autoptr(SioArguments) as_bytes = sio_arguments_new ();
  g_autoptr(SioArguments) answer = NULL;
  g_autoptr(GBytes) all = NULL;
  g_autofree char *told = NULL;
  g_autoptr(GError) error = NULL;

  memset (text, 'y', 5 * MEGABYTE);
  text[5 * MEGABYTE] = '\0';
  bytes[5 * MEGABYTE - 1] = 9;
  all = g_bytes_new (bytes, 5 * MEGABYTE);
  sio_arguments_add_string (as_text, text);
  sio_arguments_add_binary (as_bytes, all);
  interop_connect (self);

  answer = interop_ask (self->socket, "measure", as_text, 15000, &error);
  g_assert_no_error (error);
  told = heard_format_args (answer);
  g_assert_cmpstr (told, ==, "[{\"size\":5242880,\"kind\":\"text\",\"last\":121}]");
  g_clear_pointer (&told, g_free);
  g_clear_pointer (&answer, sio_arguments_unref);

  answer = interop_ask (self->socket, "measure", as_bytes, 15000, &error);
  g_assert_no_error (error);
  told = heard_format_args (answer);
  g_assert_cmpstr (told, ==, "[{\"size\":5242880,\"kind\":\"binary\",\"last\":9}]");

  interop_emit (self, "big", "5242880");
  WAIT_FOR (heard_find (self->heard, "socket big:[\"xxxx") != NULL);
  g_assert_cmpuint (strlen (heard_find (self->heard, "socket big:")), ==, strlen ("socket big:[\"\"]") + 5 * MEGABYTE);

  interop_emit (self, "big-binary", "5242880");
  WAIT_FOR (heard_find (self->heard, "socket big-binary:") != NULL);
  g_assert_nonnull (tap_log_find (self->tap, "attachment in 0 5242880"));
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_order (Interop *self)
{
  GString *expected = g_string_new (NULL);
  g_autofree char *echoes = NULL;

  /* some before it is connected, some after, and on the way from polling to websocket: none lost, none twice, in order */
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d", i);

      g_string_append_printf (expected, "socket echo:[%d]\n", i);
      if (i == 50)
        interop_connect (self);
      interop_emit (self, "echo", text);
      if (i > 50)
        g_main_context_iteration (NULL, FALSE);
    }
  WAIT_FOR (self->heard->n_events == 200);

  echoes = interop_dup_echoes (self);
  g_assert_cmpstr (echoes, ==, expected->str);
  g_string_free (expected, TRUE);
}

static void
test_flood (Interop *self)
{
  interop_connect (self);
  interop_emit (self, "flood", "20000");
  WAIT_FOR_SECONDS (heard_count (self->heard, "socket flooded:[20000]") == 1, 60);
  g_assert_cmpuint (self->heard->n_events, ==, 20001);
  g_assert_cmpuint (tap_log_count (self->tap, "packet in EVENT / \"tick\""), ==, 20000);
  g_assert_cmpstr (heard_find (self->heard, "socket tick:"), ==, "socket tick:[0]");
}

/* A double of JavaScript would be another number, or another way to write it; nobody on the way may make one of it. */
static void
test_numbers (Interop *self)
{
  const char *numbers = interop_is_msgpack ()
    ? "9007199254740993,-9007199254740993,18446744073709551615,-9223372036854775808,4294967296,0.1"
    : "9007199254740993,-9007199254740993,18446744073709551615,-9223372036854775808,123456789012345678901234567890,"
      "0.1000000000000000055511151231257827,1.0,1E2,-0,1e-400";
  g_autofree char *expected = g_strdup_printf ("socket echo-raw:[%s]", numbers);

  interop_connect (self);
  interop_emit (self, "echo-raw", numbers);
  WAIT_FOR (self->heard->n_events == 1);
  g_assert_cmpstr (heard_find (self->heard, "socket echo-raw:"), ==, expected);
}

/* JavaScript writes them as text; msgpack has a type of its own for them. */
static void
test_dates (Interop *self)
{
  const char *date = interop_is_msgpack () ? "{\"$date\":981173106789}" : "\"2001-02-03T04:05:06.789Z\"";
  g_autofree char *expected = g_strdup_printf ("[%s]", date);
  g_autofree char *expected_event = g_strdup_printf ("socket dates:[%s,{\"at\":%s}]", date, date);
  g_autofree char *answer = NULL;

  interop_connect (self);
  answer = interop_ask_text (self, "dates", NULL);
  g_assert_cmpstr (answer, ==, expected);
  WAIT_FOR (heard_count (self->heard, expected_event) == 1);
}

/* Many at once, so that they share payloads, whose lengths older servers count in UTF-16 units. */
static void
test_unicode (Interop *self)
{
  interop_connect (self);
  for (guint i = 0; i < 40; i++)
    {
      GString *text = g_string_new (NULL);

      g_string_append_printf (text, "%u,\"", i);
      for (guint j = 0; j < i; j++)
        g_string_append (text, "aé漢😀\xe2\x80\xa8\xef\xbf\xbf");
      g_string_append (text, "\"");
      interop_emit (self, "echo", text->str);
      g_string_free (text, TRUE);
    }
  WAIT_FOR (self->heard->n_events == 40);
  for (guint i = 0; i < 40; i++)
    {
      GString *text = g_string_new (NULL);

      g_string_append_printf (text, "socket echo:[%u,\"", i);
      for (guint j = 0; j < i; j++)
        g_string_append (text, "aé漢😀\xe2\x80\xa8\xef\xbf\xbf");
      g_string_append (text, "\"]");
      g_assert_cmpuint (heard_count (self->heard, text->str), ==, 1);
      g_string_free (text, TRUE);
    }
}

static void
test_send (Interop *self)
{
  g_autoptr(SioArguments) args = interop_args ("\"hello\",{\"$binary\":\"AQI=\"}");
  g_autoptr(GError) error = NULL;

  interop_connect (self);
  sio_socket_send (self->socket, args, NULL, &error);
  g_assert_no_error (error);
  WAIT_FOR (heard_count (self->heard, "socket message:[\"hello\",{\"$bin\":\"0102\"}]") == 1);
}

static gboolean
emit_volatile (Interop    *self,
               const char *args)
{
  g_autoptr(SioArguments) arguments = interop_args (args);
  SioEmitOptions options = { .is_volatile = TRUE };

  return sio_socket_emit (self->socket, "echo", arguments, &options, NULL);
}

static void
emit_volatile_when_free (Interop    *self,
                         const char *args)
{
  gboolean sent = FALSE;

  WAIT_FOR (sent || (sent = emit_volatile (self, args)));
}

static void
test_volatile (Interop *self)
{
  g_autofree char *answer = NULL;

  /* nobody is there */
  g_assert_false (emit_volatile (self, "\"early\""));
  interop_settle (self);

  /* somebody is there, as soon as nothing else is being written */
  emit_volatile_when_free (self, "\"now\"");
  WAIT_FOR (heard_find (self->heard, "socket echo:") != NULL);

  /* two in one turn: the first one goes, the second one finds the transport busy */
  emit_volatile_when_free (self, "\"first\"");
  g_assert_false (emit_volatile (self, "\"second\""));
  answer = interop_ask_text (self, "ack", "0");
  g_assert_nonnull (heard_find (self->heard, "socket echo:[\"now\"]"));
  g_assert_nonnull (heard_find (self->heard, "socket echo:[\"first\"]"));
  g_assert_null (heard_find (self->heard, "socket echo:[\"early\"]"));
  g_assert_null (heard_find (self->heard, "socket echo:[\"second\"]"));
  g_assert_cmpuint (tap_log_count (self->tap, "emit dropped / \"echo\""), >=, 2);
}

const InteropCase interop_message_cases[] = {
  { "types", test_types },
  { "types-out", test_types_out },
  { "event-names", test_event_names },
  { "unicode", test_unicode },
  { "numbers", test_numbers },
  { "dates", test_dates },
  { "binary-in", test_binary_in },
  { "binary-out", test_binary_out },
  { "send", test_send },
  { "acks", test_acks },
  { "ack-timeout", test_ack_timeout },
  { "volatile", test_volatile },
  { "big", test_big },
  { "order", test_order },
  { "flood", test_flood },
  { NULL },
};
