/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Servers that answer what was not asked, answer twice, or are never content: nothing grows, nobody is told twice, and whoever waits
 * for something hears of its end. */

#include "client-fixture.h"

static gboolean
is_plain (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

/* CONNECT without an id, again and again: the one answer of a server 2.x that is said, and then the real one is still taken. */
static void
test_connect_without_id (Client *self)
{
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  for (guint i = 0; i < 500; i++)
    raw_session_send (self->session, i % 2 == 0 ? "40" : "40{\"sid\":7}");
  WAIT_FOR (tap_log_count (self->tap, "packet in") == 500);
  g_assert_cmpuint (tap_log_count (self->tap, "socket / connect-error"), ==, 1);
  g_assert_nonnull (heard_find (self->heard, "socket connect_error:It seems"));
  g_assert_cmpuint (tap_log_count (self->tap, "error packet CONNECT for /, again without an id: ignored"), ==, 499);

  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
}

/* Namespaces that nobody asked for make no objects, whatever their packets say and whatever their names look like. */
static void
test_strangers (Client *self)
{
  static const char *packets[] = { "40%s,{\"sid\":\"x\"}", "41%s,", "42%s,[\"e\"]", "42%s,7[\"e\"]", "43%s,0[]", "44%s,{\"message\":\"no\"}" };
  g_autoptr (GString) odd = g_string_new ("/");
  g_autofree char *lines = NULL;
  const char *names[3];
  guint n = 0;

  for (guint i = 0; i < 400; i++)
    g_string_append (odd, "\xe2\x80\xae" "é\x1b"); /* turns the line around, is cut in the middle, moves the cursor */
  names[0] = "/x";
  names[1] = odd->str;
  names[2] = "/x\r\n12:00 faked";

  client_connect (self);
  heard_clear (self->heard);
  for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
    for (guint j = 0; j < G_N_ELEMENTS (names); j++)
      {
        g_auto (GStrv) halves = g_strsplit (packets[i], "%s", 2);
        g_autofree char *packet = g_strconcat (halves[0], names[j], halves[1], NULL);

        raw_session_send (self->session, packet);
        n++;
      }
  raw_session_send (self->session, "451-/x,[\"e\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "x", 1);
  WAIT_FOR (tap_log_count (self->tap, "error packet") == n + 1);
  lines = tap_log_dup (self->tap, "error packet");
  g_strdelimit (lines, "\n", ' '); /* those between the lines */
  g_assert_true (is_plain (lines));
  client_expect_nothing (self);
  g_assert_true (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (self->heard->lines->len, ==, 0);
}

typedef struct {
  guint   n;
  GError *error;
} Answers;

static void
answers_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Answers *answers = data;
  g_autoptr (SioArguments) args = NULL;

  g_clear_error (&answers->error);
  args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &answers->error);
  answers->n++;
}

static void
ask (SioSocket *socket,
     Answers   *answers)
{
  sio_socket_emit_with_ack_async (socket, "q", NULL, NULL, NULL, answers_cb, answers);
}

/* Ids that were never given, that were answered already, of the other namespace, and at the edge of what a number can be. */
static void
test_ack_ids (Client *self)
{
  SioSocket *other = client_get_socket (self, "/b");
  Answers mine = { 0 };
  Answers others = { 0 };

  client_connect (self);
  sio_socket_connect (other);
  client_expect (self, "40/b,");
  raw_session_send (self->session, "40/b,{\"sid\":\"id2\"}");
  WAIT_FOR (sio_socket_get_connected (other));

  ask (self->socket, &mine);
  client_expect (self, "420[\"q\"]");
  raw_session_send (self->session, "43/b,0[1]");             /* nobody asked there */
  raw_session_send (self->session, "431[1]");                /* not given yet */
  raw_session_send (self->session, "439007199254740991[1]"); /* 2^53 - 1 is an id */
  WAIT_FOR (tap_log_count (self->tap, "error packet") == 3);
  g_assert_cmpuint (mine.n, ==, 0);
  raw_session_send (self->session, "430[1]");
  raw_session_send (self->session, "430[2]");
  raw_session_send (self->session, "461-0[{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (self->session, "x", 1);
  WAIT_FOR (tap_log_count (self->tap, "error packet") == 5);
  g_assert_cmpuint (mine.n, ==, 1);
  g_assert_no_error (mine.error);

  /* 2^53 is none any more */
  ask (self->socket, &mine);
  ask (other, &others);
  raw_session_send (self->session, "439007199254740992[1]");
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  WAIT_FOR (mine.n == 2 && others.n == 1);
  g_assert_error (mine.error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_error (others.error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_cmpuint (heard_count (self->heard, "manager close:parse error"), ==, 1);
  g_clear_error (&mine.error);
  g_clear_error (&others.error);
}

/* The end comes while a namespace waits for its answer, another has an ack pending, and half a binary packet is there. */
static void
test_end_in_the_middle (Client *self)
{
  static const char *ends[] = { "41", "41/b,", "40/b,{\"sid\":\"id2\"}", "42[\"e\"]", "451-[\"e\",{\"_placeholder\":true,\"num\":0}]", "4", "49" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      SioSocket *other = client_get_socket (self, "/b");
      Answers answers = { 0 };
      char *sent;

      client_connect (self);
      sio_socket_connect (other);
      client_expect (self, "40/b,");
      ask (self->socket, &answers);
      heard_clear (self->heard);
      raw_session_send (self->session, "452-[\"half\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
      raw_session_send_binary (self->session, "x", 1);
      raw_session_send (self->session, ends[i]);
      WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
      WAIT_FOR (answers.n == 1);
      g_assert_error (answers.error, SIO_ERROR, SIO_ERROR_CLOSED);
      g_assert_cmpuint (heard_count (self->heard, "manager close:parse error"), ==, 1);
      g_assert_cmpuint (self->heard->n_events, ==, 0);
      /* sent away was nobody: both are asked for, and come back */
      g_assert_true (sio_socket_get_active (self->socket));
      g_assert_true (sio_socket_get_active (other));
      WAIT_FOR (!sio_manager_get_closing (self->manager));
      g_clear_error (&answers.error);

      sio_socket_disconnect (self->socket);
      sio_socket_disconnect (other);
      while ((sent = raw_session_take (self->session)) != NULL)
        g_free (sent);
      g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_CLOSED);
    }
}

/* Before it is connected a namespace keeps what comes, but not for ever. */
static void
test_early_flood (Client *self)
{
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  for (guint i = 0; i < 12000; i++)
    raw_session_send (self->session, "42[\"early\"]");
  WAIT_FOR (tap_log_count (self->tap, "packet in EVENT") == 12000);
  g_assert_cmpuint (tap_log_count (self->tap, "error limit too many events for / before it was connected"), ==, 2000);
  raw_session_send (self->session, "41"); /* and it is all given back */
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_CLOSED);
  g_assert_cmpuint (self->heard->n_events, ==, 0);
}

/* L10 */
static void
test_namespaces (Client *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *long_name = g_strnfill (512, 'n');
  g_autofree char *too_long = g_strnfill (513, 'n');

  long_name[0] = too_long[0] = '/';
  g_assert_null (sio_manager_get_socket (self->manager, too_long, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, "the namespace has 513 bytes; 512 are allowed");
  g_clear_error (&error);
  g_assert_nonnull (sio_manager_get_socket (self->manager, long_name, NULL));

  for (guint i = 2; i < 256; i++)
    {
      g_autofree char *nsp = g_strdup_printf ("/%u", i);

      g_assert_nonnull (sio_manager_get_socket (self->manager, nsp, NULL));
    }
  g_assert_null (sio_manager_get_socket (self->manager, "/one-more", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "256 namespaces"));
  g_assert_nonnull (sio_manager_get_socket (self->manager, "/2", NULL)); /* known ones stay */
}

/* L17: a server that lets us in and throws us out at once, or is not there at all. */

static void
revolving_door (RawConnection *connection,
                guint          n,
                gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request)
      && raw_connection_accept_websocket (connection, &request, NULL, 0)
      && raw_connection_write_frame (connection, 0x81, "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}", -1))
    raw_connection_write_frame (connection, 0x81, "40{\"sid\":\"id1\"}", -1);
}

static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_reconnect_storm (gconstpointer data)
{
  gboolean opens = GPOINTER_TO_UINT (data);
  g_autoptr (RawPeer) peer = raw_peer_new (revolving_door, NULL);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_autoptr (SioOptions) options = sio_options_new ();
  g_autoptr (SioManager) manager = NULL;
  g_autoptr (TapLog) tap = tap_log_new ();
  g_autofree char *lines = NULL;
  guint n_fds;

  if (!opens)
    g_clear_pointer (&peer, raw_peer_free);
  sio_options_set_transports (options, (const char * const[]) { "websocket", NULL }, NULL);
  sio_options_set_reconnection_delay_ms (options, 1);
  sio_options_set_reconnection_delay_max_ms (options, 2);
  manager = sio_manager_new (url, options, NULL);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  sio_socket_connect (sio_manager_get_socket (manager, "/", NULL));
  WAIT_FOR (tap_log_count (tap, "state waiting") == 1);
  n_fds = count_fds ();

  WAIT_FOR (tap_log_count (tap, "state waiting") == 51);
  lines = tap_log_dup (tap, "state waiting");
  g_assert_true (g_str_has_suffix (g_strchomp (lines), " delay=60000"));
  g_assert_true (strstr (lines, " delay=60000") > strrchr (lines, '\n')); /* not before */
  /* the numbers stay those of the official client */
  g_assert_cmpuint (sio_manager_get_attempt (manager), ==, opens ? 1 : 51);

  /* whoever asks by hand is let at it again */
  sio_manager_reconnect_now (manager);
  WAIT_FOR (tap_log_count (tap, "state waiting") == 52);
  g_free (lines);
  lines = tap_log_dup (tap, "state waiting");
  g_assert_false (g_str_has_suffix (g_strchomp (lines), " delay=60000"));

  /* nothing is left of those that are over */
  sio_manager_close (manager);
  WAIT_FOR (count_fds () <= n_fds + 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("hostile/connect-without-id", test_connect_without_id);
  client_add ("hostile/strangers", test_strangers);
  client_add ("hostile/ack-ids", test_ack_ids);
  client_add ("hostile/end-in-the-middle", test_end_in_the_middle);
  client_add ("hostile/early-flood", test_early_flood);
  client_add ("hostile/namespaces", test_namespaces);
  g_test_add_data_func ("/client/hostile/reconnect-storm/revolving-door", GUINT_TO_POINTER (TRUE), test_reconnect_storm);
  g_test_add_data_func ("/client/hostile/reconnect-storm/nobody-there", GUINT_TO_POINTER (FALSE), test_reconnect_storm);

  return g_test_run ();
}
