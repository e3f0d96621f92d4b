/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client through a balancer with two socket.io servers behind it: what works with stickiness, what works without, and what
 * is said when it cannot. */

#include "balancer.h"
#include "heard.h"
#include "node-server.h"
#include "tap-log.h"
#include "test-util.h"

typedef enum {
  EXPECT_WORKS,
  EXPECT_UPGRADES,
  EXPECT_WORDS, /* no session is found again, and the reason says why that may be */
} Expected;

typedef struct {
  const char     *name;
  BalancerMethod  method;
  gboolean        with_credentials;
  const char     *transports[3];
  Expected        expected;
} BalancerCase;

typedef struct {
  BalancerKind        kind;
  const BalancerCase *which;
} Run;

static const BalancerCase cases[] = {
  { "cookie/polling", BALANCER_BY_COOKIE, TRUE, { "polling" }, EXPECT_WORKS },
  { "cookie/upgrade", BALANCER_BY_COOKIE, TRUE, { "polling", "websocket" }, EXPECT_UPGRADES },
  { "cookie/without-credentials", BALANCER_BY_COOKIE, FALSE, { "polling" }, EXPECT_WORDS },
  { "address/polling", BALANCER_BY_ADDRESS, FALSE, { "polling" }, EXPECT_WORKS },
  { "address/upgrade", BALANCER_BY_ADDRESS, FALSE, { "polling", "websocket" }, EXPECT_UPGRADES },
  { "round-robin/polling", BALANCER_ROUND_ROBIN, TRUE, { "polling" }, EXPECT_WORDS },
  { "round-robin/upgrade", BALANCER_ROUND_ROBIN, TRUE, { "polling", "websocket" }, EXPECT_WORDS },
  { "round-robin/websocket", BALANCER_ROUND_ROBIN, FALSE, { "websocket" }, EXPECT_WORKS },
};

static NodeServer *nodes[2];

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* A session of many requests: each of them has to find the same server. */
static void
converse (SioManager *manager,
          SioSocket  *socket)
{
  for (int i = 0; i < 10; i++)
    {
      g_autoptr(SioArguments) args = sio_arguments_new ();
      g_autoptr(SioArguments) answer = NULL;
      g_autoptr(GBytes) bytes = g_bytes_new (&i, 1);
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      sio_arguments_add_binary (args, bytes);
      sio_socket_emit_with_ack_async (socket, "ack", args, NULL, NULL, answered_cb, &result);
      WAIT_FOR (result != NULL);
      answer = sio_socket_emit_with_ack_finish (socket, result, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (sio_arguments_get_binary (answer, 0), bytes));
    }
}

typedef struct {
  guint n_unknown; /* sessions that a server did not know */
  char *words;     /* of the last one */
} Failures;

static void
close_cb (SioManager   *manager,
          const char   *reason,
          const GError *error,
          Failures     *failures)
{
  if (!g_error_matches (error, SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION))
    return;
  failures->n_unknown++;
  g_free (failures->words);
  failures->words = g_strdup (error->message);
}

static void
run (gconstpointer data)
{
  const Run *this = data;
  Balancer *balancer;
  g_autoptr(SioOptions) options = sio_options_new ();
  g_autoptr(SioManager) manager = NULL;
  g_autoptr(TapLog) tap = tap_log_new ();
  g_autoptr(GError) error = NULL;
  SioSocket *socket;
  Failures failures = { 0 };

  if (!balancer_is_installed (this->kind))
    {
      g_test_skip ("the balancer is not installed");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    if (nodes[i] == NULL)
      nodes[i] = node_server_start ("socket.io-v4", NULL);
  balancer = balancer_start (this->kind, this->which->method,
                             node_server_get_port (nodes[0]), node_server_get_port (nodes[1]));

  sio_options_set_transports (options, this->which->transports, &error);
  g_assert_no_error (error);
  sio_options_set_with_credentials (options, this->which->with_credentials);
  sio_options_set_reconnection_delay_ms (options, 20);
  sio_options_set_reconnection_delay_max_ms (options, 50);
  manager = sio_manager_new (balancer_get_url (balancer), options, &error);
  g_assert_no_error (error);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  g_signal_connect (manager, "close", G_CALLBACK (close_cb), &failures);
  socket = sio_manager_get_socket (manager, "/", &error);
  g_assert_no_error (error);
  sio_socket_connect (socket);

  if (this->which->expected == EXPECT_WORDS)
    {
      /* once may be a server that was started again; more often is not */
      WAIT_FOR (failures.n_unknown >= 4);
      g_assert_nonnull (strstr (failures.words, "there are probably several servers behind this address, without sticky sessions"));
      g_assert_nonnull (strstr (failures.words, "keep cookies (\"with-credentials\")"));
      g_assert_nonnull (strstr (failures.words, "or use WebSocket only"));
      g_assert_false (sio_socket_get_connected (socket));
    }
  else
    {
      WAIT_FOR (sio_socket_get_connected (socket));
      if (this->which->expected == EXPECT_UPGRADES)
        WAIT_FOR (tap_log_count (tap, "state upgraded") == 1);
      converse (manager, socket);

      /* and again, with what is known from before */
      sio_manager_cut (manager);
      WAIT_FOR (sio_socket_get_connected (socket));
      converse (manager, socket);
      g_assert_cmpuint (failures.n_unknown, ==, 0);
      g_assert_cmpuint (tap_log_count (tap, "state attempt-failed"), ==, 0);
    }

  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
  balancer_stop (balancer);
  g_free (failures.words);
}

int
main (int    argc,
      char **argv)
{
  static const char *kinds[] = { "nginx", "haproxy" };
  int status;

  g_test_init (&argc, &argv, NULL);

  for (guint kind = BALANCER_NGINX; kind <= BALANCER_HAPROXY; kind++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_autofree char *path = g_strdup_printf ("/balancer/%s/%s", kinds[kind], cases[i].name);
        Run *this = g_new0 (Run, 1);

        this->kind = kind;
        this->which = &cases[i];
        g_test_add_data_func_full (path, this, run, g_free);
      }

  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    g_clear_pointer (&nodes[i], node_server_stop);
  return status;
}
