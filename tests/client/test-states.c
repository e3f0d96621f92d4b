/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every pair of states of both machines: what the table has is possible, and nothing else. */

#include "client/sio-manager-private.h"

typedef struct {
  guint            n;
  SioManagerState  from;
  SioManagerState  to;
  char            *why;
} Seen;

static void
transition_cb (SioManager      *manager,
               SioManagerState  from,
               SioManagerState  to,
               const char      *why,
               Seen            *seen)
{
  seen->n++;
  seen->from = from;
  seen->to = to;
  g_free (seen->why);
  seen->why = g_strdup (why);
  g_assert_cmpint (sio_manager_get_state (manager), ==, to);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          guint      *n)
{
  ++*n;
}

static void
test_manager (void)
{
  guint n_edges;
  const SioManagerEdge *edges = sio_manager_get_edges (&n_edges);
  guint n_possible = 0;

  for (SioManagerState from = 0; from <= SIO_MANAGER_STATE_FAILED; from++)
    for (SioManagerState to = 0; to <= SIO_MANAGER_STATE_FAILED; to++)
      {
        SioManager *manager = sio_manager_new ("http://127.0.0.1:1", NULL, NULL);
        const SioManagerEdge *edge = NULL;
        Seen seen = { 0 };
        guint n_notified = 0;

        for (guint i = 0; i < n_edges; i++)
          if (edges[i].from == from && edges[i].to == to)
            {
              g_assert_null (edge); /* once */
              edge = &edges[i];
            }

        manager->state = from;
        g_signal_connect (manager, "transition", G_CALLBACK (transition_cb), &seen);
        g_signal_connect (manager, "notify::state", G_CALLBACK (count_cb), &n_notified);

        if (edge != NULL)
          {
            n_possible++;
            g_assert_true (sio_manager_move_to (manager, to));
            g_assert_cmpuint (seen.n, ==, 1);
            g_assert_cmpint (seen.from, ==, from);
            g_assert_cmpint (seen.to, ==, to);
            g_assert_cmpstr (seen.why, ==, edge->why);
            g_assert_cmpuint (n_notified, ==, 1);
          }
        else
          {
            g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*why != NULL*");
            g_assert_false (sio_manager_move_to (manager, to));
            g_test_assert_expected_messages ();
            g_assert_cmpint (manager->state, ==, from);
            g_assert_cmpuint (seen.n + n_notified, ==, 0);
          }

        g_free (seen.why);
        g_assert_finalize_object (manager);
      }

  g_assert_cmpuint (n_possible, ==, n_edges);
}

static void
test_socket (void)
{
  guint n_edges;
  const SioSocketEdge *edges = sio_socket_get_edges (&n_edges);
  guint n_possible = 0;

  for (SioSocketState from = 0; from <= SIO_SOCKET_STATE_CONNECTED; from++)
    for (SioSocketState to = 0; to <= SIO_SOCKET_STATE_CONNECTED; to++)
      {
        SioManager *manager = sio_manager_new ("http://127.0.0.1:1", NULL, NULL);
        SioSocket *socket = sio_manager_get_socket (manager, "/", NULL);
        gboolean known = FALSE;
        guint n_notified = 0;
        guint n_active = 0;

        for (guint i = 0; i < n_edges; i++)
          known = known || (edges[i].from == from && edges[i].to == to);

        socket->state = from;
        g_signal_connect (socket, "notify::state", G_CALLBACK (count_cb), &n_notified);
        g_signal_connect (socket, "notify::active", G_CALLBACK (count_cb), &n_active);

        if (known)
          {
            n_possible++;
            g_assert_true (sio_socket_move_to (socket, to));
            g_assert_cmpint (sio_socket_get_state (socket), ==, to);
            g_assert_cmpuint (n_notified, ==, 1);
            g_assert_cmpuint (n_active, ==,
                              (from == SIO_SOCKET_STATE_INACTIVE) != (to == SIO_SOCKET_STATE_INACTIVE));
          }
        else
          {
            g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*known*");
            g_assert_false (sio_socket_move_to (socket, to));
            g_test_assert_expected_messages ();
            g_assert_cmpint (sio_socket_get_state (socket), ==, from);
            g_assert_cmpuint (n_notified + n_active, ==, 0);
          }

        socket->state = SIO_SOCKET_STATE_INACTIVE;
        g_assert_finalize_object (manager);
      }

  g_assert_cmpuint (n_possible, ==, n_edges);
}

static void
test_new (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *long_name = g_strnfill (600, 'x');
  SioManager *manager;

  g_assert_null (sio_manager_new ("ftp://example.org", NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  manager = sio_manager_new ("http://127.0.0.1:1/admin", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sio_manager_get_nsp (manager), ==, "/admin");
  g_assert_cmpint (sio_manager_get_state (manager), ==, SIO_MANAGER_STATE_CLOSED);
  g_assert_cmpint (sio_manager_get_transport (manager), ==, SIO_TRANSPORT_KIND_NONE);

  /* one socket for a name, and not for every name */
  g_assert_true (sio_manager_get_socket (manager, "/", NULL) == sio_manager_get_socket (manager, "", NULL));
  g_assert_true (sio_manager_get_socket (manager, "/a", NULL) == sio_manager_get_socket (manager, "/a", NULL));
  g_assert_true (sio_manager_get_socket (manager, "/a", NULL) != sio_manager_get_socket (manager, "/b", NULL));
  g_assert_null (sio_manager_get_socket (manager, "/a,b", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (sio_manager_get_socket (manager, "admin", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  *long_name = '/';
  g_assert_null (sio_manager_get_socket (manager, long_name, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  for (int i = 0; i < 253; i++)
    {
      g_autofree char *nsp = g_strdup_printf ("/%d", i);

      g_assert_nonnull (sio_manager_get_socket (manager, nsp, NULL));
    }
  g_assert_null (sio_manager_get_socket (manager, "/one-too-many", &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_FULL);
  g_assert_nonnull (sio_manager_get_socket (manager, "/a", NULL));

  g_assert_finalize_object (manager);
}

/* A socket may outlive its manager: it can do nothing then, and says so. */
static void
test_orphan (void)
{
  g_autoptr(GError) error = NULL;
  SioManager *manager = sio_manager_new ("http://127.0.0.1:1", NULL, NULL);
  SioSocket *socket = g_object_ref (sio_manager_get_socket (manager, "/", NULL));

  g_assert_true (sio_socket_emit (socket, "waits", NULL, NULL, NULL));
  g_assert_true (sio_socket_get_manager (socket) == manager);
  g_assert_finalize_object (manager);
  g_assert_null (sio_socket_get_manager (socket));
  g_assert_false (sio_socket_emit (socket, "late", NULL, NULL, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (sio_socket_reply (socket, 0, NULL, 0, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_CLOSED);
  sio_socket_connect (socket);
  sio_socket_disconnect (socket);
  g_assert_finalize_object (socket);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/states/manager", test_manager);
  g_test_add_func ("/client/states/socket", test_socket);
  g_test_add_func ("/client/states/new", test_new);
  g_test_add_func ("/client/states/orphan", test_orphan);

  return g_test_run ();
}
