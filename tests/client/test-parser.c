/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Another parser than socket.io's own: one written here, which says everything in lines of base64. */

#include "client-fixture.h"

/* --- the parser: a line for the packet and one for each attachment; text unless there are attachments --- */

#define TEST_TYPE_PARSER (test_parser_get_type ())
G_DECLARE_FINAL_TYPE (TestParser, test_parser, TEST, PARSER, GObject)

struct _TestParser {
  GObject         parent_instance;
  SioParserLimits limits;   /* of the last decode() */
  guint           revision; /* likewise */
};

static void parser_init (SioParserInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestParser, test_parser, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (SIO_TYPE_PARSER, parser_init))

static const char *
test_parser_get_name (SioParser *parser)
{
  return "base64";
}

static gboolean
test_parser_decode (SioParser              *parser,
                    guint                   revision,
                    gboolean                is_text,
                    SioSpan                 message,
                    const SioParserLimits  *limits,
                    GString                *packet,
                    GPtrArray              *attachments,
                    GError                **error)
{
  g_autofree char *text = g_strndup (message.data, message.size);
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  TEST_PARSER (parser)->limits = *limits;
  TEST_PARSER (parser)->revision = revision;
  if (strchr (text, '!') != NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED, "that is no base64");
      return FALSE;
    }
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gsize size = 0;
      guchar *bytes = *lines[i] != '\0' ? g_base64_decode (lines[i], &size) : NULL;

      if (i == 0)
        g_string_append_len (packet, (char *) bytes, (gssize) size);
      else
        g_ptr_array_add (attachments, g_bytes_new (bytes, size));
      g_free (bytes);
    }
  return TRUE;
}

static char *
in_lines (SioSpan    packet,
          GPtrArray *attachments)
{
  GString *out = g_string_new (NULL);
  g_autofree char *first = g_base64_encode ((const guchar *) packet.data, packet.size);

  g_string_append (out, first);
  for (guint i = 0; attachments != NULL && i < attachments->len; i++)
    {
      gsize size;
      const guchar *data = g_bytes_get_data (g_ptr_array_index (attachments, i), &size);
      g_autofree char *line = g_base64_encode (data, size);

      g_string_append_printf (out, "\n%s", line);
    }
  return g_string_free (out, FALSE);
}

static GBytes *
test_parser_encode (SioParser  *parser,
                    guint       revision,
                    SioSpan     packet,
                    GPtrArray  *attachments,
                    gboolean   *is_text,
                    GError    **error)
{
  char *lines;

  if (g_strstr_len (packet.data, (gssize) packet.size, "unspeakable") != NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "there is no base64 for that");
      return NULL;
    }
  *is_text = attachments == NULL || attachments->len == 0;
  lines = in_lines (packet, attachments);
  return g_bytes_new_take (lines, strlen (lines));
}

static void
parser_init (SioParserInterface *iface)
{
  iface->get_name = test_parser_get_name;
  iface->decode = test_parser_decode;
  iface->encode = test_parser_encode;
}

static void
test_parser_class_init (TestParserClass *klass)
{
}

static void
test_parser_init (TestParser *self)
{
}

/* --- what the server says and hears in it --- */

static void
say (Client     *self,
     const char *packet)
{
  g_autofree char *lines = in_lines ((SioSpan) { packet, strlen (packet) }, NULL);
  g_autofree char *message = g_strconcat ("4", lines, NULL);

  raw_session_send (self->session, message);
}

static void
say_binary (Client     *self,
            const char *packet,
            const char *first,
            const char *second)
{
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *lines = NULL;

  if (first != NULL)
    g_ptr_array_add (attachments, g_bytes_new_static (first, strlen (first)));
  if (second != NULL)
    g_ptr_array_add (attachments, g_bytes_new_static (second, strlen (second)));
  lines = in_lines ((SioSpan) { packet, strlen (packet) }, attachments);
  raw_session_send_binary (self->session, lines, strlen (lines));
}

static void
expect (Client     *self,
        const char *packet)
{
  g_autofree char *lines = in_lines ((SioSpan) { packet, strlen (packet) }, NULL);
  g_autofree char *message = g_strconcat ("4", lines, NULL);

  client_expect (self, message);
}

static TestParser *
begin (Client *self)
{
  TestParser *parser = g_object_new (TEST_TYPE_PARSER, NULL);
  g_autofree char *opened = NULL;

  sio_options_set_parser (self->options, SIO_PARSER (parser));
  g_object_unref (parser); /* the options have it */
  sio_socket_connect (self->socket);
  expect (self, "0");
  say (self, "0{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  opened = tap_log_dup (self->tap, "state open");
  g_assert_nonnull (strstr (opened, " parser=base64 "));
  return parser;
}

/* One message is the whole packet, in either direction, and the tap sees it both ways. */
static void
test_events (Client *self)
{
  static const char header[] = "51-[\"send\",{\"_placeholder\":true,\"num\":0}]";
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *lines = NULL;
  g_autofree char *in_base64 = NULL;
  g_autofree char *message = NULL;
  g_autofree char *seen = NULL;

  begin (self);
  heard_clear (self->heard);
  tap_log_clear (self->tap);
  say (self, "2[\"text\",1.0]");
  say_binary (self, "52-[\"binary\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]", "a", "bc");
  WAIT_FOR (self->heard->n_events == 2);
  g_assert_cmpuint (heard_count (self->heard, "socket text:[1.0]"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "socket binary:[{\"$bin\":\"6263\"},{\"$bin\":\"61\"}]"), ==, 1);
  seen = tap_log_dup (self->tap, "packet|attachment");
  g_assert_cmpstr (seen, ==,
                   "packet in EVENT / \"text\" 1.0 id=-1 wire=MlsidGV4dCIsMS4wXQ==\n"
                   "packet in BINARY_EVENT / \"binary\" {\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0} id=-1 "
                   "wire=NTItWyJiaW5hcnkiLHsiX3BsYWNlaG9sZGVyIjp0cnVlLCJudW0iOjF9LHsiX3BsYWNlaG9sZGVyIjp0cnVlLCJudW0iOjB9XQ==|YQ==|YmM=\n"
                   "attachment in 0 1\nattachment in 1 2\n");

  /* one binary message goes out, not two */
  tap_log_clear (self->tap);
  g_assert_true (client_emit (self, "send", "{\"$binary\":\"YWJj\"}"));
  g_ptr_array_add (attachments, g_bytes_new_static ("abc", 3));
  lines = in_lines ((SioSpan) { header, strlen (header) }, attachments);
  in_base64 = g_base64_encode ((const guchar *) lines, strlen (lines));
  message = g_strconcat ("b", in_base64, NULL);
  client_expect (self, message);
  client_expect_nothing (self);
  g_assert_nonnull (tap_log_find (self->tap, "packet out BINARY_EVENT / \"send\" {\"_placeholder\":true,\"num\":0} id=-1 wire=NTEt"));
  g_assert_nonnull (tap_log_find (self->tap, "attachment out 0 3"));

  /* and a full parting tells what was written and what was not */
  WAIT_FOR (sio_manager_get_unwritten (self->manager, NULL) == 0);
}

static void
ack_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  GError **error = data;
  g_autoptr(GError) local_error = NULL;
  g_autoptr(SioArguments) args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &local_error);
  g_autofree char *text = args != NULL ? heard_format_args (args) : g_strdup ("none");

  *error = local_error != NULL ? g_steal_pointer (&local_error) : g_error_new_literal (SIO_ERROR, SIO_ERROR_REFUSED, text);
}

static void
test_acks (Client *self)
{
  g_autoptr(GError) answer = NULL;

  begin (self);
  sio_socket_emit_with_ack_async (self->socket, "ask", NULL, NULL, NULL, ack_cb, &answer);
  expect (self, "20[\"ask\"]");
  say_binary (self, "61-0[{\"_placeholder\":true,\"num\":0}]", "x", NULL);
  WAIT_FOR (answer != NULL);
  g_assert_cmpstr (answer->message, ==, "[{\"$bin\":\"78\"}]");

  say (self, "27[\"question\"]");
  WAIT_FOR (self->heard->n_events == 1);
  g_assert_true (sio_socket_reply (self->socket, 7, NULL, 0, NULL));
  expect (self, "37[]");
}

/* What cannot be said is told to whoever wanted to say it, now or when its turn comes, and to nobody else. */
static void
test_encoding_error (Client *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) answer = NULL;

  sio_socket_emit_with_ack_async (self->socket, "unspeakable", NULL, NULL, NULL, ack_cb, &answer);
  g_assert_true (client_emit (self, "after", NULL));
  begin (self);
  expect (self, "2[\"after\"]");
  WAIT_FOR (answer != NULL);
  g_assert_error (answer, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (tap_log_find (self->tap, "emit refused / \"unspeakable\" id=0 tag=0: there is no base64 for that"));

  g_assert_false (sio_socket_emit (self->socket, "unspeakable", NULL, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  client_expect_nothing (self);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_decoding_error (Client *self)
{
  static const struct { gboolean binary; const char *message; const char *error; } cases[] = {
    { FALSE, "4!!!", "error packet that is no base64" },
    { TRUE, "!!!", "error packet that is no base64" },
    { FALSE, "4", "error packet Socket.IO packet, byte 0 (line 1, column 1): expected a packet type from 0 to 6" },
    { FALSE, "4eA==", "error packet Socket.IO packet, byte 0 (line 1, column 1): expected a packet type from 0 to 6" },
    { TRUE, "MlsiYSJd\nYQ==", "error packet the packet has 0 attachments and came with 1" },
    { FALSE, "4NTEtWyJhIl0=", "error packet the packet has 1 attachments and came with 0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].message);
      begin (self);
      heard_clear (self->heard);
      tap_log_clear (self->tap);
      if (cases[i].binary)
        raw_session_send_binary (self->session, cases[i].message, strlen (cases[i].message));
      else
        raw_session_send (self->session, cases[i].message);
      WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
      g_assert_cmpuint (heard_count (self->heard, "socket disconnect:parse error"), ==, 1);
      g_assert_nonnull (tap_log_find (self->tap, cases[i].error));
      g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1"));
      WAIT_FOR (!sio_manager_get_closing (self->manager));
      sio_socket_disconnect (self->socket);
      for (char *sent; (sent = raw_session_take (self->session)) != NULL; )
        g_free (sent);
    }
}

static void
test_change (Client *self)
{
  g_autofree char *opened = NULL;

  begin (self);
  sio_options_set_parser (self->options, NULL);
  client_emit (self, "still", NULL);
  expect (self, "2[\"still\"]");
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40");
  opened = tap_log_dup (self->tap, "state open attempt=1");
  g_assert_cmpstr (opened, !=, "");
  g_assert_null (strstr (opened, "parser="));
  raw_session_send (self->session, "40{\"sid\":\"id2\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

static void
test_limits (Client *self)
{
  TestParser *parser;

  sio_options_set_max_attachments (self->options, 7);
  sio_options_set_max_depth (self->options, 8);
  sio_options_set_max_payload (self->options, 9999);
  parser = begin (self);
  g_assert_cmpuint (parser->limits.max_attachments, ==, 7);
  g_assert_cmpuint (parser->limits.max_depth, ==, 8);
  g_assert_cmpuint (parser->limits.max_size, ==, 9999);
  g_assert_cmpuint (parser->revision, ==, 5);
}

static void
say_msgpack (Client     *self,
             SioParser  *parser,
             const char *text)
{
  SioSpan packet = { text, strlen (text) };
  g_autoptr(GError) error = NULL;
  gboolean is_text;
  g_autoptr(GBytes) message = sio_parser_encode (parser, 5, packet, NULL, &is_text, &error);

  g_assert_no_error (error);
  g_assert_false (is_text);
  raw_session_send_binary (self->session, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
}

/* L6, as with JSON: it is seen and said, whoever waits for it hears that it cannot be read, and everything goes on. */
static void
test_too_deep (Client *self)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GError) answer = NULL;
  g_autofree char *seen = NULL;

  sio_options_set_parser (self->options, parser);
  sio_options_set_max_depth (self->options, 3);
  sio_socket_connect (self->socket);
  WAIT_FOR (tap_log_find (self->tap, "packet out CONNECT") != NULL);
  say_msgpack (self, parser, "0{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  sio_socket_emit_with_ack_async (self->socket, "ask", NULL, NULL, NULL, ack_cb, &answer);
  WAIT_FOR (tap_log_find (self->tap, "packet out EVENT") != NULL);
  tap_log_clear (self->tap);

  say_msgpack (self, parser, "27[\"deep\",[[[]]]]");
  say_msgpack (self, parser, "30[[[[]]]]");
  WAIT_FOR (answer != NULL);
  g_assert_error (answer, SIO_ERROR, SIO_ERROR_TOO_LARGE);
  say_msgpack (self, parser, "2[\"flat\",[[]]]");
  WAIT_FOR (heard_count (self->heard, "socket flat:[[[]]]") == 1);
  g_assert_cmpuint (self->heard->n_events, ==, 1);
  g_assert_true (sio_socket_get_connected (self->socket));
  g_assert_true (sio_socket_reply (self->socket, 7, NULL, 0, NULL));

  g_assert_nonnull (tap_log_find (self->tap, "packet in EVENT / \"deep\" id=7 wire="));
  g_assert_nonnull (tap_log_find (self->tap, "packet in ACK / id=0 wire="));
  seen = tap_log_dup (self->tap, "error");
  g_test_message ("%s", seen);
  g_assert_cmpuint (tap_log_count (self->tap, "error limit the packet nests deeper than 3 levels (max-depth): kept as it was on the wire"),
                    ==, 2);

  /* what moves the namespace has to be understood, and what is cut off is no depth */
  say_msgpack (self, parser, "4{\"message\":\"no\",\"data\":[[[]]]}");
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
}

static void
test_too_deep_and_cut_off (Client *self)
{
  static const char message[] = "\x83\xa4type\x02\xa3nsp\xa1/\xa4" "data\x92\xa1x\x91\x91\x91";
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();

  sio_options_set_parser (self->options, parser);
  sio_options_set_max_depth (self->options, 3);
  sio_socket_connect (self->socket);
  WAIT_FOR (tap_log_find (self->tap, "packet out CONNECT") != NULL);
  say_msgpack (self, parser, "0{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  raw_session_send_binary (self->session, message, sizeof message - 1);
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("parser/events", test_events);
  client_add ("parser/acks", test_acks);
  client_add ("parser/encoding-error", test_encoding_error);
  client_add ("parser/decoding-error", test_decoding_error);
  client_add ("parser/changed-at-the-next-attempt", test_change);
  client_add ("parser/limits", test_limits);
  client_add ("parser/too-deep", test_too_deep);
  client_add ("parser/too-deep-and-cut-off", test_too_deep_and_cut_off);

  return g_test_run ();
}
