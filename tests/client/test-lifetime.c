/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A handler may do anything: each deed inside of each callback, on each transport. What counts is that nothing is touched that is
 * gone, that every ack is told exactly once, and that the manager is finalized. */

#include "client-fixture.h"

typedef enum {
  DEED_CLOSE,      /* the manager */
  DEED_DISCONNECT, /* the socket */
  DEED_REJOIN,
  DEED_CUT,
  DEED_REOPEN,
  DEED_CANCEL,
  DEED_OFF,
  DEED_DISPOSE,
  N_DEEDS,
} Deed;

static const char *deeds[] = { "close", "disconnect", "rejoin", "cut", "reopen", "cancel", "off", "dispose" };

static const char *places[] = {
  "connect", "disconnect", "connect-error", "event", "any", "outgoing", "ack", "open", "close", "error",
  "reconnect-attempt", "transition", "socket-state", "closing", "attempt",
};

typedef struct {
  const char *transport;
  const char *place;
  Deed        deed;
} Case;

typedef struct {
  const Case   *this;
  SioManager   *manager; /* NULL once it was disposed */
  SioSocket    *socket;
  GCancellable *cancellable;
  guint         n_acks;
  guint         n_reached;
} World;

static void
act (World *world)
{
  SioManager *manager = world->manager;

  if (world->n_reached++ > 0 || manager == NULL)
    return;

  switch (world->this->deed)
    {
    case DEED_CLOSE:
      sio_manager_close (manager);
      break;
    case DEED_DISCONNECT:
      sio_socket_disconnect (world->socket);
      break;
    case DEED_REJOIN:
      sio_socket_disconnect (world->socket);
      sio_socket_connect (world->socket);
      break;
    case DEED_CUT:
      sio_manager_cut (manager);
      break;
    case DEED_REOPEN:
      sio_manager_close (manager);
      sio_manager_open (manager);
      break;
    case DEED_CANCEL:
      g_cancellable_cancel (world->cancellable);
      break;
    case DEED_OFF:
      sio_socket_off (world->socket, 0);
      break;
    case DEED_DISPOSE:
      world->manager = NULL;
      g_object_run_dispose (G_OBJECT (manager));
      g_object_unref (manager);
      break;
    case N_DEEDS:
    default:
      g_assert_not_reached ();
    }
}

static void
swapped_cb (World *world)
{
  act (world);
}

static void
event_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  act (data);
  /* still whole, whatever happened */
  g_assert_cmpuint (strlen (event), >, 0);
  g_assert_cmpuint (sio_arguments_get_n (args), <=, 1);
}

static void
ack_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  World *world = data;
  g_autoptr(SioArguments) args = NULL;
  g_autoptr(GError) error = NULL;

  args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);
  g_assert_true ((args != NULL) != (error != NULL));
  world->n_acks++;
  if (g_str_equal (world->this->place, "ack"))
    act (world);
}

static void
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
run_for (guint ms)
{
  gboolean over = FALSE;
  guint id = g_timeout_add_once (ms, late_cb, &over);

  while (!over)
    g_main_context_iteration (NULL, TRUE);
  (void) id;
}

static void
test_deed (gconstpointer data)
{
  const Case *this = data;
  Client *client = client_new (this->transport);
  World world = { this, client->manager, client->socket, g_cancellable_new (), 0, 0 };
  const char *place = this->place;
  SioSocket *socket = g_object_ref (client->socket);
  SioEmitOptions options = { .timeout_ms = 60000 };
  const Case over = { this->transport, "", DEED_OFF };

  /* heard of by the fixture no more: its lists belong to this test */
  sio_options_set_reconnection_delay_ms (client->options, 1);
  sio_options_set_reconnection_delay_max_ms (client->options, 1);

  if (g_str_equal (place, "event"))
    g_signal_connect_swapped (socket, "event::e", G_CALLBACK (swapped_cb), &world);
  else if (g_str_equal (place, "any"))
    sio_socket_on_any (socket, event_cb, &world, NULL);
  else if (g_str_equal (place, "outgoing"))
    sio_socket_on_any_outgoing (socket, event_cb, &world, NULL);
  else if (g_str_equal (place, "socket-state"))
    g_signal_connect_swapped (socket, "notify::state", G_CALLBACK (swapped_cb), &world);
  else if (g_str_equal (place, "attempt"))
    g_signal_connect_swapped (client->manager, "notify::attempt", G_CALLBACK (swapped_cb), &world);
  else if (g_str_equal (place, "closing"))
    g_signal_connect_swapped (client->manager, "notify::closing", G_CALLBACK (swapped_cb), &world);
  else if (g_str_has_prefix (place, "connect") || g_str_equal (place, "disconnect"))
    g_signal_connect_swapped (socket, place, G_CALLBACK (swapped_cb), &world);
  else if (!g_str_equal (place, "ack"))
    g_signal_connect_swapped (client->manager, place, G_CALLBACK (swapped_cb), &world);

  /* one waits unsent, then the whole life: join, event, ack, loss, again, refusal */
  sio_socket_emit_with_ack_async (socket, "first", NULL, &options, world.cancellable, ack_cb, &world);
  sio_socket_connect (socket);
  for (guint i = 0; i < 3; i++)
    {
      char *packet;
      gint64 end_us = g_get_monotonic_time () + 40 * G_TIME_SPAN_MILLISECOND;

      while (g_get_monotonic_time () < end_us && !sio_socket_get_connected (socket))
        {
          while ((packet = raw_session_take (client->session)) != NULL)
            {
              if (g_str_equal (packet, "40"))
                raw_session_send (client->session, i < 2 ? "40{\"sid\":\"x\"}" : "44{\"message\":\"no\"}");
              g_free (packet);
            }
          run_for (2);
        }
      raw_session_send (client->session, "42[\"e\",1]");
      raw_session_send (client->session, "42[\"e\",2]");
      raw_session_send (client->session, "430[]");
      sio_socket_emit_with_ack_async (socket, "later", NULL, &options, world.cancellable, ack_cb, &world);
      run_for (5);
      raw_session_drop (client->session, i == 1);
      run_for (10);
    }

  if (world.manager != NULL)
    {
      g_signal_handlers_disconnect_by_data (world.manager, &world);
      g_signal_handlers_disconnect_by_data (world.manager, client->heard);
      world.this = &over;
      g_assert_finalize_object (world.manager);
    }
  g_signal_handlers_disconnect_by_data (socket, &world);
  g_signal_handlers_disconnect_by_data (socket, client->heard);
  sio_socket_off (socket, 0);
  WAIT_FOR (world.n_acks == 4);
  g_assert_finalize_object (socket);

  g_object_unref (world.cancellable);
  g_object_unref (client->options);
  g_object_unref (client->tap);
  heard_free (client->heard);
  raw_session_free (client->session);
  g_free (client);
}

int
main (int    argc,
      char **argv)
{
  static const char *transports[] = { "polling", "websocket" };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    for (guint j = 0; j < G_N_ELEMENTS (places); j++)
      for (Deed deed = 0; deed < N_DEEDS; deed++)
        {
          g_autofree char *path = g_strdup_printf ("/client/%s/lifetime/%s-in-%s", transports[i], deeds[deed], places[j]);
          Case *this = g_new0 (Case, 1);

          this->transport = transports[i];
          this->place = places[j];
          this->deed = deed;
          g_test_add_data_func_full (path, this, test_deed, g_free);
        }

  return g_test_run ();
}
