/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options that change while a manager lives: the next attempt has them. And what ends the attempts: who is refused need not ask again.
 * Every request is written down here. */

#include "client-fixture.h"
#include "client/sio-manager-private.h"

typedef struct {
  RawPeer    *peer;
  GMutex      mutex;
  GPtrArray  *targets;  /* path and query of each handshake */
  char       *cookie;   /* (nullable): of the last handshake */
  const char *status;   /* of the answer to a handshake, and … */
  const char *later;    /* … of what comes after it over polling; NULL: 200 */
  const char *body;     /* of both, if they are not 200 */
  char       *url;
  SioOptions *options;
  SioManager *manager;
  SioSocket  *socket;
  TapLog     *tap;
  Heard      *heard;
} Fixture;

#define OPEN "0{\"sid\":\"S\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"

static void
serve (RawConnection *connection,
       guint          n,
       gpointer       data)
{
  Fixture *self = data;
  g_auto(RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      gboolean known = raw_request_has_parameter (&request, "sid", NULL);
      const char *status = known ? self->later : self->status;

      if (!known)
        {
          g_mutex_lock (&self->mutex);
          g_ptr_array_add (self->targets, g_strdup (request.target));
          g_free (self->cookie);
          self->cookie = g_strdup (g_hash_table_lookup (request.headers, "cookie"));
          g_mutex_unlock (&self->mutex);
        }
      if (status != NULL)
        {
          if (!raw_connection_respond (connection, status, "Content-Type: application/json\r\n", self->body, -1))
            return;
        }
      else if (raw_request_has_parameter (&request, "transport", "websocket"))
        {
          if (raw_connection_accept_websocket (connection, &request, NULL, 0))
            raw_connection_write_frame (connection, 0x81, OPEN, -1);
          raw_connection_await_end (connection);
          return;
        }
      else if (!known)
        raw_connection_respond (connection, "200 OK", "Set-Cookie: a=1\r\n", OPEN, -1);
      else if (g_str_equal (request.method, "POST"))
        raw_connection_respond (connection, "200 OK", NULL, "ok", -1);
      else
        raw_connection_await_end (connection);
    }
}

/* transport: which the client begins with */
static void
set_up (Fixture       *self,
        gconstpointer  transport)
{
  g_mutex_init (&self->mutex);
  self->targets = g_ptr_array_new_with_free_func (g_free);
  self->body = "{\"code\":1,\"message\":\"Session ID unknown\"}";
  self->peer = raw_peer_new (serve, self);
  self->url = raw_peer_dup_url (self->peer);
  self->options = sio_options_new ();
  sio_options_set_transports (self->options, (const char * const[]) { transport, NULL }, NULL);
  sio_options_set_reconnection_delay_ms (self->options, 60000);
  sio_options_set_reconnection_delay_max_ms (self->options, 60000);
  sio_options_set_randomization_factor (self->options, 0);
  self->manager = sio_manager_new (self->url, self->options, NULL);
  self->tap = tap_log_new ();
  sio_manager_set_tap (self->manager, SIO_TAP (self->tap));
  self->heard = heard_new ();
  heard_watch_manager (self->heard, self->manager);
  self->socket = sio_manager_get_socket (self->manager, "/", NULL);
  heard_watch_socket (self->heard, self->socket);
}

static void
tear_down (Fixture       *self,
           gconstpointer  transport)
{
  g_assert_finalize_object (self->manager);
  g_assert_finalize_object (self->options);
  g_assert_finalize_object (self->tap);
  heard_free (self->heard);
  raw_peer_free (self->peer);
  g_ptr_array_unref (self->targets);
  g_mutex_clear (&self->mutex);
  g_free (self->cookie);
  g_free (self->url);
}

static void
open_manager (Fixture *self)
{
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_OPEN);
}

static void
lose (Fixture *self)
{
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
}

static const char *
last_target (Fixture *self)
{
  const char *target;

  g_mutex_lock (&self->mutex);
  target = g_ptr_array_index (self->targets, self->targets->len - 1);
  g_mutex_unlock (&self->mutex);
  return target;
}

static void
test_query (Fixture       *self,
            gconstpointer  transport)
{
  sio_options_set_query (self->options, (const char * const[]) { "token=1", NULL });
  open_manager (self);
  g_assert_nonnull (strstr (last_target (self), "token=1"));
  sio_options_set_query (self->options, (const char * const[]) { "token=2", "more=yes", NULL });
  lose (self);
  open_manager (self);
  g_assert_null (strstr (last_target (self), "token=1"));
  g_assert_nonnull (strstr (last_target (self), "token=2"));
  g_assert_nonnull (strstr (last_target (self), "more=yes"));
}

static void
change_query_cb (SioManager *manager,
                 guint       attempt,
                 Fixture    *self)
{
  sio_options_set_query (self->options, (const char * const[]) { "token=late", NULL });
}

/* socket.io.on ("reconnect_attempt", () => socket.io.opts.query = …), as the official documentation has it. */
static void
test_query_in_reconnect_attempt (Fixture       *self,
                                 gconstpointer  transport)
{
  open_manager (self);
  g_signal_connect (self->manager, "reconnect-attempt", G_CALLBACK (change_query_cb), self);
  lose (self);
  open_manager (self);
  g_assert_nonnull (strstr (last_target (self), "token=late"));
}

static void
test_path (Fixture       *self,
           gconstpointer  transport)
{
  open_manager (self);
  g_assert_true (g_str_has_prefix (last_target (self), "/socket.io/?"));
  sio_options_set_path (self->options, "/elsewhere");
  lose (self);
  open_manager (self);
  g_assert_true (g_str_has_prefix (last_target (self), "/elsewhere/?"));
  sio_options_set_add_trailing_slash (self->options, FALSE);
  lose (self);
  open_manager (self);
  g_assert_true (g_str_has_prefix (last_target (self), "/elsewhere?"));
}

/* Each transport has what its own options say, whatever is said for all. */
static void
test_credentials (Fixture       *self,
                  gconstpointer  transport)
{
  SioTransportKind kind = g_str_equal (transport, "polling") ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_WEBSOCKET;

  for (guint wanted = 0; wanted < 2; wanted++)
    {
      g_autoptr(SioOptions) taking = sio_options_new ();
      g_autoptr(SioOptions) own = sio_options_new ();

      /* the cookie comes over polling */
      sio_options_set_with_credentials (self->options, wanted == 0);
      sio_options_set_with_credentials (taking, TRUE);
      sio_options_set_transport_options (self->options, SIO_TRANSPORT_KIND_POLLING, taking);
      sio_options_set_transports (self->options, (const char * const[]) { "polling", NULL }, NULL);
      open_manager (self);
      lose (self);

      sio_options_set_with_credentials (own, wanted == 1);
      sio_options_set_transport_options (self->options, kind, own);
      sio_options_set_transports (self->options, (const char * const[]) { transport, NULL }, NULL);
      open_manager (self);
      g_mutex_lock (&self->mutex);
      g_assert_cmpstr (self->cookie, ==, wanted == 1 ? "a=1" : NULL);
      g_mutex_unlock (&self->mutex);
      lose (self);
    }
}

static void
test_transports (Fixture       *self,
                 gconstpointer  transport)
{
  gboolean polling = g_str_equal (transport, "polling");
  const char *other = polling ? "websocket" : "polling";

  open_manager (self);
  sio_options_set_transports (self->options, (const char * const[]) { other, NULL }, NULL);
  g_assert_cmpint (sio_manager_get_transport (self->manager), ==,
                   polling ? SIO_TRANSPORT_KIND_POLLING : SIO_TRANSPORT_KIND_WEBSOCKET);
  lose (self);
  open_manager (self);
  g_assert_cmpint (sio_manager_get_transport (self->manager), ==,
                   polling ? SIO_TRANSPORT_KIND_WEBSOCKET : SIO_TRANSPORT_KIND_POLLING);
}

static void
test_server (Fixture       *self,
             gconstpointer  transport)
{
  open_manager (self);
  g_assert_nonnull (strstr (last_target (self), "EIO=4"));
  g_assert_cmpuint (sio_manager_get_revision (self->manager), ==, 4);
  sio_options_set_server (self->options, 2, NULL);
  lose (self);
  tap_log_clear (self->tap);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (tap_log_count (self->tap, "state open") + tap_log_count (self->tap, "state attempt-failed") == 1);
  g_assert_nonnull (strstr (last_target (self), "EIO=3"));
}

static void
test_reconnection_delay (Fixture       *self,
                         gconstpointer  transport)
{
  open_manager (self);
  lose (self);
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1 delay=60000"));
  sio_options_set_reconnection_delay_ms (self->options, 7000);
  sio_options_set_reconnection_delay_max_ms (self->options, 20000);
  open_manager (self);
  lose (self);
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1 delay=7000"));
  sio_options_set_reconnection_delay_max_ms (self->options, 3000);
  open_manager (self);
  lose (self);
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1 delay=3000"));
}

static double
lucky (gpointer data)
{
  return 0.0; /* all of the jitter, downwards */
}

static void
test_randomization_factor (Fixture       *self,
                           gconstpointer  transport)
{
  sio_manager_set_random_for_tests (self->manager, lucky, NULL);
  sio_options_set_reconnection_delay_ms (self->options, 30000);
  open_manager (self);
  lose (self);
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1 delay=30000"));
  sio_options_set_randomization_factor (self->options, 0.5);
  tap_log_clear (self->tap);
  open_manager (self);
  lose (self);
  /* the window is that of the new factor: the log asserts that the delay is inside of it */
  g_assert_nonnull (tap_log_find (self->tap, "state waiting attempt=1 delay="));
}

static void
test_reconnection_attempts (Fixture       *self,
                            gconstpointer  transport)
{
  self->status = "500 Broken";
  sio_options_set_reconnection_attempts (self->options, 5);
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
  sio_options_set_reconnection_attempts (self->options, 1);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
  g_assert_nonnull (tap_log_find (self->tap, "state failed (attempts used up)"));
}

static void
test_reconnection (Fixture       *self,
                   gconstpointer  transport)
{
  open_manager (self);
  lose (self);
  sio_options_set_reconnection (self->options, FALSE);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_FAILED);
  g_assert_nonnull (tap_log_find (self->tap, "state failed (reconnection off)"));

  /* turned on again it counts at the next loss */
  sio_options_set_reconnection (self->options, TRUE);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_FAILED);
  open_manager (self);
  lose (self);

  /* and off while it is open: the session stays, the loss is the end */
  open_manager (self);
  sio_options_set_reconnection (self->options, FALSE);
  g_assert_cmpint (sio_manager_get_state (self->manager), ==, SIO_MANAGER_STATE_OPEN);
  sio_manager_cut (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
}

/* Which revision the last session spoke is remembered, until somebody answers otherwise. */
static void
test_memory (Fixture       *self,
             gconstpointer  transport)
{
  open_manager (self);
  g_assert_cmpuint (self->manager->memory.revision, ==, 4);
  lose (self);
  g_assert_cmpuint (self->manager->memory.revision, ==, 4);

  self->status = "404 Not Found";
  self->body = "not here";
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (tap_log_count (self->tap, "state attempt-failed") == 1);
  g_assert_cmpuint (self->manager->memory.revision, ==, 0);

  /* that nobody is there proves nothing */
  self->status = NULL;
  open_manager (self);
  lose (self);
  raw_peer_free (self->peer);
  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (tap_log_count (self->tap, "state attempt-failed") == 2);
  g_assert_cmpuint (self->manager->memory.revision, ==, 4);
  self->peer = raw_peer_new (serve, self);
}

/* --- L17: refused for good --- */

static void
test_stop_on_refusal (Fixture       *self,
                      gconstpointer  transport)
{
  static const char *statuses[] = { "401 Unauthorized", "403 Forbidden" };

  self->body = "{\"code\":4,\"message\":\"Forbidden\"}";
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      self->status = statuses[i];
      sio_options_set_stop_on_refusal (self->options, TRUE);
      heard_clear (self->heard);
      tap_log_clear (self->tap);
      sio_socket_connect (self->socket);
      WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
      g_assert_nonnull (tap_log_find (self->tap, "state failed (refused)"));
      g_assert_null (tap_log_find (self->tap, "state waiting"));
      g_assert_cmpuint (heard_count (self->heard, "manager reconnect_failed"), ==, 1);
      g_assert_true (sio_socket_get_active (self->socket));

      /* other credentials: asked again by hand */
      sio_options_set_stop_on_refusal (self->options, FALSE);
      sio_manager_reconnect_now (self->manager);
      WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
      sio_manager_close (self->manager);
    }

  /* anything else is tried again */
  sio_options_set_stop_on_refusal (self->options, TRUE);
  self->status = "503 Busy";
  self->body = "<html>";
  sio_manager_open (self->manager);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_WAITING);
}

/* In the middle of a session: a proxy that wants to see credentials again. */
static void
test_stop_on_late_refusal (Fixture       *self,
                           gconstpointer  transport)
{
  self->later = "403 Forbidden";
  self->body = "sign in again";
  sio_socket_connect (self->socket);
  WAIT_FOR (sio_manager_get_state (self->manager) == SIO_MANAGER_STATE_FAILED);
  g_assert_nonnull (tap_log_find (self->tap, "state failed (refused)"));
  g_assert_cmpuint (heard_count (self->heard, "manager close:transport error"), ==, 1);
  g_assert_cmpuint (heard_count (self->heard, "manager reconnect_failed"), ==, 1);
}

/* Whoever answers there has no TLS. */
static void
speak_plainly (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  if (raw_connection_printf (connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
    raw_connection_await_end (connection);
}

static void
test_stop_on_tls (Fixture       *self,
                  gconstpointer  transport)
{
  g_autoptr(RawPeer) peer = raw_peer_new (speak_plainly, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/", raw_peer_get_port (peer));
  g_autoptr(SioManager) manager = sio_manager_new (url, self->options, NULL);
  g_autoptr(TapLog) tap = tap_log_new ();

  sio_options_set_timeout_ms (self->options, 5000);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  sio_manager_open (manager);
  WAIT_FOR (sio_manager_get_state (manager) == SIO_MANAGER_STATE_FAILED
            || sio_manager_get_state (manager) == SIO_MANAGER_STATE_WAITING);
  g_assert_nonnull (tap_log_find (tap, "state failed (refused)"));
}

/* --- several nodes without sticky sessions --- */

static void
error_cb (SioManager   *manager,
          const GError *error,
          GPtrArray    *messages)
{
  g_assert_error (error, SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION);
  g_ptr_array_add (messages, g_strdup (error->message));
}

static void
test_sticky_sessions (Fixture       *self,
                      gconstpointer  transport)
{
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func (g_free);

  sio_options_set_reconnection_delay_ms (self->options, 1);
  sio_options_set_reconnection_delay_max_ms (self->options, 1);
  self->later = "400 Bad Request";
  g_signal_connect (self->manager, "error", G_CALLBACK (error_cb), messages);
  sio_socket_connect (self->socket);
  WAIT_FOR (messages->len >= 4);
  sio_manager_close (self->manager);
  g_test_message ("%s", (char *) g_ptr_array_index (messages, 2));
  for (guint i = 0; i < 4; i++)
    {
      const char *message = g_ptr_array_index (messages, i);

      g_assert_cmpint (strstr (message, "sticky sessions") != NULL, ==, i >= 2);
      g_assert_cmpint (strstr (message, "WebSocket only") != NULL, ==, i >= 2);
      g_assert_nonnull (strstr (message, "Session ID unknown"));
    }
}

#define ADD(name, body)                                                                                   \
  G_STMT_START {                                                                                          \
    g_test_add ("/client/polling/options/" name, Fixture, "polling", set_up, body, tear_down);            \
    g_test_add ("/client/websocket/options/" name, Fixture, "websocket", set_up, body, tear_down);        \
  } G_STMT_END

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("query-changes", test_query);
  ADD ("query-changes-in-reconnect-attempt", test_query_in_reconnect_attempt);
  ADD ("path-changes", test_path);
  ADD ("credentials-of-a-transport", test_credentials);
  ADD ("transports-change", test_transports);
  ADD ("server-changes", test_server);
  ADD ("reconnection-delay-changes", test_reconnection_delay);
  ADD ("randomization-factor-changes", test_randomization_factor);
  ADD ("reconnection-attempts-change", test_reconnection_attempts);
  ADD ("reconnection-changes", test_reconnection);
  ADD ("revision-is-remembered", test_memory);
  ADD ("stop-on-refusal", test_stop_on_refusal);
  ADD ("stop-on-refusal-of-tls", test_stop_on_tls);
  g_test_add ("/client/polling/options/stop-on-late-refusal", Fixture, "polling", set_up, test_stop_on_late_refusal, tear_down);
  g_test_add ("/client/polling/options/sticky-sessions", Fixture, "polling", set_up, test_sticky_sessions, tear_down);

  return g_test_run ();
}
