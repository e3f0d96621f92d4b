/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Limits that are options: what is refused at them says which one it was, and what goes on goes on. */

#include "client-fixture.h"

static void
assert_refused (Client     *self,
                GError     *error,
                int         code,
                const char *option)
{
  g_assert_error (error, SIO_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, option));
  g_error_free (error);
}

/* --- L5 --- */

static void
test_attachments (Client *self)
{
  sio_options_set_max_attachments (self->options, 2);
  client_connect (self);
  raw_session_send (self->session, "452-[\"e\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
  raw_session_send_binary (self->session, "a", 1);
  raw_session_send_binary (self->session, "b", 1);
  WAIT_FOR (self->heard->n_events == 1);
  raw_session_send (self->session, "453-[\"e\"]");
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  g_assert_nonnull (tap_log_find (self->tap, "error packet BINARY_EVENT announces 3 attachments, the limit is 2 (max-attachments)"));
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1"));
}

/* However many there may be: all parts of one packet together are limited too. */
static void
test_attachments_size (Client *self)
{
  g_autofree char *large = g_strnfill (600, 'x');
  g_autofree char *errors = NULL;

  sio_options_set_max_payload (self->options, 1024);
  client_connect (self);
  raw_session_send (self->session, "452-[\"e\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
  raw_session_send_binary (self->session, large, 600);
  WAIT_FOR (tap_log_count (self->tap, "attachment in 0 600") == 1);
  raw_session_send_binary (self->session, large, 600);
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
  errors = tap_log_dup (self->tap, "error");
  g_test_message ("%s", errors);
  g_assert_nonnull (strstr (errors, "error packet attachment 2 of 2 makes the packet larger than the limit of 1024 bytes (max-payload)"));
  g_assert_cmpuint (self->heard->n_events, ==, 0);
}

static void
test_attachments_out (Client *self)
{
  g_autoptr(SioArguments) args = sio_arguments_new ();
  g_autoptr(GBytes) bytes = g_bytes_new_static ("x", 1);
  GError *error = NULL;

  sio_options_set_max_attachments_out (self->options, 2);
  client_connect (self);
  for (guint i = 0; i < 3; i++)
    sio_arguments_add_binary (args, bytes);
  g_assert_false (sio_socket_emit (self->socket, "e", args, NULL, &error));
  assert_refused (self, error, SIO_ERROR_INVALID_ARGUMENT, "(max-attachments-out)");
  client_expect_nothing (self);

  sio_options_set_max_attachments_out (self->options, 3);
  g_assert_true (sio_socket_emit (self->socket, "e", args, NULL, NULL));
}

/* --- L6 --- */

static char *
nest (guint       depth,
      const char *before,
      const char *behind)
{
  GString *out = g_string_new (before);

  for (guint i = 0; i < depth; i++)
    g_string_append_c (out, '[');
  for (guint i = 0; i < depth; i++)
    g_string_append_c (out, ']');
  g_string_append (out, behind);
  return g_string_free (out, FALSE);
}

static void
count_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  ++*(guint *) data;
}

/* It is seen and said, nobody gets it, and everything goes on: the valid one, the one deeper than anything is looked into, the bomb. */
static void
test_depth (Client *self)
{
  static const guint depths[] = { 256, 1023, 1024, 500000 };
  guint n = 0;

  client_connect (self);
  sio_socket_on (self->socket, "deep", count_cb, &n, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autofree char *packet = nest (depths[i], "42[\"deep\",", "]");

      raw_session_send (self->session, packet);
      WAIT_FOR (tap_log_count (self->tap, "packet in EVENT / \"deep\" id=-1") == i + 1);
      g_assert_cmpuint (tap_log_count (self->tap, "error limit the packet nests deeper than 256 levels (max-depth): kept as text"),
                        ==, i + 1);
    }
  raw_session_send (self->session, "42[\"flat\"]");
  WAIT_FOR (heard_count (self->heard, "socket flat:[]") == 1);
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpuint (self->heard->n_events, ==, 1);
  g_assert_true (sio_socket_get_connected (self->socket));
}

static void
test_depth_option (Client *self)
{
  sio_options_set_max_depth (self->options, 3);
  client_connect (self);
  raw_session_send (self->session, "42[\"e\",[[1]]]");
  WAIT_FOR (heard_count (self->heard, "socket e:[[[1]]]") == 1);
  raw_session_send (self->session, "42[\"e\",[[[]]]]");
  WAIT_FOR (tap_log_count (self->tap, "error limit the packet nests deeper than 3 levels (max-depth)") == 1);
  g_assert_cmpuint (self->heard->n_events, ==, 1);
}

/* Its attachments follow and are its own; the next one is whole again. */
static void
test_depth_binary (Client *self)
{
  g_autofree char *packet = nest (300, "451-[\"deep\",{\"_placeholder\":true,\"num\":0},", "]");

  client_connect (self);
  raw_session_send (self->session, packet);
  raw_session_send_binary (self->session, "x", 1);
  WAIT_FOR (tap_log_count (self->tap, "attachment in 0 1") == 1);
  raw_session_send (self->session, "451-[\"flat\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "y", 1);
  WAIT_FOR (heard_count (self->heard, "socket flat:[{\"$bin\":\"79\"}]") == 1);
  g_assert_cmpuint (self->heard->n_events, ==, 1);
}

static void
ack_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  g_autoptr(SioArguments) args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, data);

  g_assert_null (args);
}

/* Who waits for it hears that it cannot be read; who wants an answer can have one. */
static void
test_depth_acks (Client *self)
{
  g_autofree char *answer = nest (300, "430[", "]");
  g_autofree char *question = nest (300, "427[\"q\",", "]");
  GError *error = NULL;

  client_connect (self);
  sio_socket_emit_with_ack_async (self->socket, "ask", NULL, NULL, NULL, ack_cb, &error);
  client_expect (self, "420[\"ask\"]");
  raw_session_send (self->session, answer);
  WAIT_FOR (error != NULL);
  assert_refused (self, error, SIO_ERROR_TOO_LARGE, "(max-depth)");

  raw_session_send (self->session, question);
  WAIT_FOR (tap_log_count (self->tap, "packet in EVENT / \"q\" id=7") == 1);
  g_assert_true (sio_socket_reply (self->socket, 7, NULL, 0, NULL));
  client_expect (self, "437[]");
}

/* What moves the namespace has to be understood. */
static void
test_depth_control (Client *self)
{
  g_autofree char *packet = nest (300, "44{\"message\":\"no\",\"data\":", "}");

  client_connect (self);
  raw_session_send (self->session, packet);
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
}

/* Too deep and wrong besides is wrong. */
static void
test_depth_malformed (Client *self)
{
  g_autofree char *packet = nest (300, "42[\"e\",", "");

  client_connect (self);
  packet[strlen (packet) - 1] = '\0';
  packet[strlen (packet) - 1] = '}';
  raw_session_send (self->session, packet);
  WAIT_FOR (heard_count (self->heard, "manager close:parse error") == 1);
}

/* --- L9 --- */

static void
test_pending_acks (Client *self)
{
  SioEmitOptions with_ack = { .want_ack = TRUE };
  GError *error = NULL;

  sio_options_set_max_pending_acks (self->options, 2);
  client_connect (self);
  g_assert_true (sio_socket_emit (self->socket, "a", NULL, &with_ack, NULL));
  g_assert_true (sio_socket_emit (self->socket, "b", NULL, &with_ack, NULL));
  g_assert_false (sio_socket_emit (self->socket, "c", NULL, &with_ack, &error));
  assert_refused (self, error, SIO_ERROR_FULL, "(max-pending-acks)");
  g_assert_true (client_emit (self, "plain", NULL));
  client_expect (self, "420[\"a\"]");
  raw_session_send (self->session, "430[]");
  WAIT_FOR (tap_log_count (self->tap, "packet in ACK") == 1);
  g_assert_true (sio_socket_emit (self->socket, "c", NULL, &with_ack, NULL));
  client_expect (self, "421[\"b\"]");
  client_expect (self, "42[\"plain\"]");
  client_expect (self, "422[\"c\"]");
}

static void
test_answerable (Client *self)
{
  g_autoptr(GError) error = NULL;

  sio_options_set_max_pending_acks (self->options, 2);
  client_connect (self);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *packet = g_strdup_printf ("42%u[\"q\"]", i);

      raw_session_send (self->session, packet);
    }
  WAIT_FOR (self->heard->n_events == 3);
  g_assert_nonnull (tap_log_find (self->tap, "error limit more than 2 events of / wait for an answer (max-pending-acks): the one with id 0"));
  g_assert_false (sio_socket_reply (self->socket, 0, NULL, 0, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_assert_true (sio_socket_reply (self->socket, 1, NULL, 0, NULL));
  g_assert_true (sio_socket_reply (self->socket, 2, NULL, 0, NULL));
}

/* --- L10 --- */

static void
test_namespaces (Client *self)
{
  GError *error = NULL;

  sio_options_set_max_namespaces (self->options, 2);
  g_assert_nonnull (sio_manager_get_socket (self->manager, "/two", NULL));
  g_assert_null (sio_manager_get_socket (self->manager, "/three", &error));
  assert_refused (self, error, SIO_ERROR_FULL, "(max-namespaces)");
}

/* --- L16 --- */

static void
test_send_buffer (Client *self)
{
  GError *error = NULL;

  sio_options_set_max_queued_packets (self->options, 2);
  g_assert_true (client_emit (self, "a", NULL));
  g_assert_true (client_emit (self, "b", NULL));
  g_assert_false (sio_socket_emit (self->socket, "c", NULL, NULL, &error));
  assert_refused (self, error, SIO_ERROR_FULL, "(max-queued-packets, max-queued-size)");

  client_connect (self);
  client_expect (self, "42[\"a\"]");
  client_expect (self, "42[\"b\"]");
  client_expect_nothing (self);
}

static void
test_receive_buffer (Client *self)
{
  sio_options_set_max_queued_packets (self->options, 2);
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  for (guint i = 0; i < 3; i++)
    raw_session_send (self->session, "42[\"early\"]");
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (self->heard->n_events, ==, 2);
  g_assert_nonnull (tap_log_find (self->tap, "error limit too many events for / before it was connected (max-queued-packets"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("limits/max-attachments", test_attachments);
  client_add ("limits/max-payload-of-all-attachments", test_attachments_size);
  client_add ("limits/max-attachments-out", test_attachments_out);
  client_add ("limits/max-depth", test_depth);
  client_add ("limits/max-depth-option", test_depth_option);
  client_add ("limits/max-depth-binary", test_depth_binary);
  client_add ("limits/max-depth-acks", test_depth_acks);
  client_add ("limits/max-depth-control", test_depth_control);
  client_add ("limits/max-depth-malformed", test_depth_malformed);
  client_add ("limits/max-pending-acks", test_pending_acks);
  client_add ("limits/max-pending-acks-of-the-server", test_answerable);
  client_add ("limits/max-namespaces", test_namespaces);
  client_add ("limits/max-queued-packets-to-send", test_send_buffer);
  client_add ("limits/max-queued-packets-received", test_receive_buffer);

  return g_test_run ();
}
