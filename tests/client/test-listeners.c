/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Listeners of events, of all of them, and of what goes out: called in their order, counted, taken off one by one and by
 * kind, also while they are being called. */

#include "client-fixture.h"

typedef struct {
  Client     *client;
  const char *name;
  const char *deed;  /* NULL: only says its name */
  guint       id;    /* for "off" */
  guint       n_destroyed;
} Listener;

static void
destroyed_cb (gpointer data)
{
  ((Listener *) data)->n_destroyed++;
}

static void
said_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  Listener *self = data;
  g_autofree char *text = heard_format_args (args);
  g_autofree char *line = g_strdup_printf ("%s %s%s", self->name, event, text);

  g_assert_cmpuint (self->n_destroyed, ==, 0);
  heard_add (self->client->heard, line);
  if (self->deed == NULL)
    return;
  if (g_str_equal (self->deed, "off"))
    sio_socket_off (socket, self->id);
  else if (g_str_equal (self->deed, "off-event"))
    sio_socket_off_event (socket, event);
  else if (g_str_equal (self->deed, "off-any"))
    sio_socket_off_any (socket);
  else if (g_str_equal (self->deed, "off-any-outgoing"))
    sio_socket_off_any_outgoing (socket);
  else if (g_str_equal (self->deed, "off-all"))
    sio_socket_off (socket, 0);
  g_assert_cmpuint (self->n_destroyed, ==, 0); /* it is still running */
}

static void
send_event (Client *self, const char *event)
{
  g_autofree char *packet = g_strdup_printf ("42[\"%s\",1]", event);

  heard_clear (self->heard);
  raw_session_send (self->session, packet);
  client_expect_nothing (self);
}

static void
assert_heard (Client *self, const char *expected)
{
  g_autofree char *said = heard_dup (self->heard);

  g_assert_cmpstr (said, ==, expected);
}

/* The fixture's own listener goes. */
static void
connect_silent (Client *self)
{
  client_connect (self);
  sio_socket_off (self->socket, 0);
  heard_clear (self->heard);
}

static void
test_on (Client *self)
{
  Listener a = { self, "a" };
  Listener b = { self, "b" };

  connect_silent (self);
  sio_socket_on (self->socket, "e", said_cb, &a, destroyed_cb);
  b.id = sio_socket_on (self->socket, "e", said_cb, &b, destroyed_cb);
  sio_socket_on (self->socket, "e", said_cb, &a, destroyed_cb); /* twice is twice */
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, "e"), ==, 3);
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, "f"), ==, 0);
  send_event (self, "e");
  assert_heard (self, "a e[1]\nb e[1]\na e[1]\n");

  sio_socket_off (self->socket, b.id);
  sio_socket_off (self->socket, b.id); /* nothing */
  g_assert_cmpuint (b.n_destroyed, ==, 1);
  send_event (self, "e");
  assert_heard (self, "a e[1]\na e[1]\n");

  sio_socket_on (self->socket, "f", said_cb, &a, NULL);
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, NULL), ==, 3);
  sio_socket_off_event (self->socket, "e");
  g_assert_cmpuint (a.n_destroyed, ==, 2);
  a.n_destroyed = 0;
  send_event (self, "e");
  assert_heard (self, "");
  send_event (self, "f");
  assert_heard (self, "a f[1]\n");
  sio_socket_off_event (self->socket, NULL);
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, NULL), ==, 0);
  send_event (self, "f");
  assert_heard (self, "");
}

static void
test_once (Client *self)
{
  Listener a = { self, "a" };

  connect_silent (self);
  sio_socket_once (self->socket, "e", said_cb, &a, destroyed_cb);
  a.id = sio_socket_once (self->socket, "f", said_cb, &a, NULL);
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, "e"), ==, 1);
  send_event (self, "e");
  assert_heard (self, "a e[1]\n");
  g_assert_cmpuint (a.n_destroyed, ==, 1);
  a.n_destroyed = 0;
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, "e"), ==, 0);
  send_event (self, "e");
  assert_heard (self, "");
  sio_socket_off (self->socket, a.id);
  send_event (self, "f");
  assert_heard (self, "");
}

/* Reserved names are nobody's events: they can be listened to, and never come. Other names of signals are ordinary. */
static void
test_names (Client *self)
{
  Listener a = { self, "a" };

  connect_silent (self);
  sio_socket_on (self->socket, "error", said_cb, &a, NULL);
  sio_socket_on (self->socket, "", said_cb, &a, NULL);
  sio_socket_on (self->socket, "é", said_cb, &a, NULL);
  send_event (self, "error");
  assert_heard (self, "a error[1]\n");
  send_event (self, "");
  assert_heard (self, "a [1]\n");
  send_event (self, "\\u00e9");
  assert_heard (self, "a é[1]\n");
}

static void
test_any (Client *self)
{
  Listener any = { self, "any" };

  connect_silent (self);
  any.id = sio_socket_on_any (self->socket, said_cb, &any, destroyed_cb);
  g_assert_cmpuint (sio_socket_get_n_listeners_any (self->socket), ==, 1);
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, NULL), ==, 0);
  send_event (self, "e");
  assert_heard (self, "any e[1]\n");
  send_event (self, "f");
  assert_heard (self, "any f[1]\n");
  sio_socket_off (self->socket, any.id);
  g_assert_cmpuint (any.n_destroyed, ==, 1);
}

static void
test_any_prepend (Client *self)
{
  Listener first = { self, "first" };
  Listener second = { self, "second" };
  Listener third = { self, "third" };
  Listener own = { self, "own" };

  connect_silent (self);
  sio_socket_on (self->socket, "e", said_cb, &own, NULL);
  sio_socket_on_any (self->socket, said_cb, &third, NULL);
  sio_socket_prepend_any (self->socket, said_cb, &second, NULL);
  sio_socket_prepend_any (self->socket, said_cb, &first, NULL);
  send_event (self, "e");
  assert_heard (self, "first e[1]\nsecond e[1]\nthird e[1]\nown e[1]\n");
}

static void
test_any_remove (Client *self)
{
  Listener a = { self, "a" };
  Listener b = { self, "b" };
  Listener own = { self, "own" };

  connect_silent (self);
  a.id = sio_socket_on_any (self->socket, said_cb, &a, destroyed_cb);
  sio_socket_on_any (self->socket, said_cb, &b, destroyed_cb);
  sio_socket_on (self->socket, "e", said_cb, &own, NULL);
  sio_socket_off (self->socket, a.id);
  g_assert_cmpuint (a.n_destroyed, ==, 1);
  send_event (self, "e");
  assert_heard (self, "b e[1]\nown e[1]\n");
  sio_socket_off_any (self->socket);
  g_assert_cmpuint (sio_socket_get_n_listeners_any (self->socket), ==, 0);
  g_assert_cmpuint (b.n_destroyed, ==, 1);
  send_event (self, "e");
  assert_heard (self, "own e[1]\n");
}

static void
test_outgoing (Client *self)
{
  Listener a = { self, "out" };

  connect_silent (self);
  sio_socket_on_any_outgoing (self->socket, said_cb, &a, NULL);
  client_emit (self, "my-event", "123");
  assert_heard (self, "out my-event[123]\n");
  client_expect (self, "42[\"my-event\",123]");

  /* not for acks */
  heard_clear (self->heard);
  raw_session_send (self->session, "427[\"q\"]");
  client_expect_nothing (self);
  g_assert_true (sio_socket_reply (self->socket, 7, NULL, 0, NULL));
  client_expect (self, "437[]");
  assert_heard (self, "");
}

static void
test_outgoing_binary (Client *self)
{
  Listener a = { self, "out" };

  connect_silent (self);
  sio_socket_on_any_outgoing (self->socket, said_cb, &a, NULL);
  client_emit (self, "my-event", "{\"$binary\":\"AQID\"}");
  assert_heard (self, "out my-event[{\"$bin\":\"010203\"}]\n");
  client_expect (self, "451-[\"my-event\",{\"_placeholder\":true,\"num\":0}]");
  client_expect (self, "bAQID");
}

static void
test_outgoing_prepend (Client *self)
{
  Listener first = { self, "first" };
  Listener second = { self, "second" };
  Listener third = { self, "third" };

  connect_silent (self);
  sio_socket_on_any_outgoing (self->socket, said_cb, &third, NULL);
  sio_socket_prepend_any_outgoing (self->socket, said_cb, &second, NULL);
  sio_socket_prepend_any_outgoing (self->socket, said_cb, &first, NULL);
  g_assert_cmpuint (sio_socket_get_n_listeners_any_outgoing (self->socket), ==, 3);
  g_assert_cmpuint (sio_socket_get_n_listeners_any (self->socket), ==, 0);
  client_emit (self, "e", NULL);
  assert_heard (self, "first e[]\nsecond e[]\nthird e[]\n");
}

static void
test_outgoing_remove (Client *self)
{
  Listener a = { self, "a" };
  Listener b = { self, "b" };

  connect_silent (self);
  a.id = sio_socket_on_any_outgoing (self->socket, said_cb, &a, destroyed_cb);
  sio_socket_on_any_outgoing (self->socket, said_cb, &b, destroyed_cb);
  sio_socket_off (self->socket, a.id);
  client_emit (self, "e", NULL);
  assert_heard (self, "b e[]\n");
  sio_socket_off_any_outgoing (self->socket);
  g_assert_cmpuint (a.n_destroyed + b.n_destroyed, ==, 2);
  heard_clear (self->heard);
  client_emit (self, "e", NULL);
  assert_heard (self, "");
  g_assert_cmpuint (sio_socket_get_n_listeners_any_outgoing (self->socket), ==, 0);
}

/* Who is taken off while others are called is called no more, not even this once, and freed when the turn is over. */
static void
test_removed_while_called (Client *self)
{
  static const char *deeds[] = { "off-event", "off-all" };

  connect_silent (self);
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      Listener a = { self, "a", deeds[i] };
      Listener b = { self, "b" };

      sio_socket_on (self->socket, "e", said_cb, &a, destroyed_cb);
      sio_socket_on (self->socket, "e", said_cb, &b, destroyed_cb);
      send_event (self, "e");
      assert_heard (self, "a e[1]\n");
      g_assert_cmpuint (a.n_destroyed, ==, 1);
      g_assert_cmpuint (b.n_destroyed, ==, 1);
      g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, NULL), ==, 0);
    }
  {
    Listener any = { self, "any", "off-any" };
    Listener other = { self, "other" };
    Listener out = { self, "out", "off-any-outgoing" };

    sio_socket_on_any (self->socket, said_cb, &any, destroyed_cb);
    sio_socket_on_any (self->socket, said_cb, &other, destroyed_cb);
    sio_socket_on_any_outgoing (self->socket, said_cb, &out, destroyed_cb);
    sio_socket_on_any_outgoing (self->socket, said_cb, &other, destroyed_cb);
    send_event (self, "e");
    assert_heard (self, "any e[1]\n");
    other.n_destroyed = 0;
    heard_clear (self->heard);
    client_emit (self, "e", NULL);
    assert_heard (self, "out e[]\n");
    g_assert_cmpuint (out.n_destroyed + any.n_destroyed + other.n_destroyed, ==, 3);
  }
}

static void
adding_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  sio_socket_on (socket, "e", said_cb, data, NULL);
}

/* Who is added while others are called is called from the next event on. */
static void
test_added_while_called (Client *self)
{
  Listener late = { self, "late" };

  connect_silent (self);
  sio_socket_once (self->socket, "e", adding_cb, &late, NULL);
  send_event (self, "e");
  assert_heard (self, "");
  send_event (self, "e");
  assert_heard (self, "late e[1]\n");
}

static void
readding_cb (gpointer data)
{
  Listener *self = data;

  self->n_destroyed++;
  sio_socket_on (self->client->socket, "e", said_cb, self, NULL);
}

/* A destroy notify is somebody else's code too. */
static void
test_added_while_removed (Client *self)
{
  Listener a = { self, "a" };

  connect_silent (self);
  sio_socket_on (self->socket, "e", said_cb, &a, readding_cb);
  sio_socket_on (self->socket, "e", said_cb, &a, readding_cb);
  sio_socket_off_event (self->socket, "e");
  g_assert_cmpuint (a.n_destroyed, ==, 2);
  g_assert_cmpuint (sio_socket_get_n_listeners (self->socket, "e"), ==, 2);
  sio_socket_off (self->socket, 0);
}

static void
signal_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  g_autofree char *line = g_strdup_printf ("signal %s %d", event, (int) ack_id);

  heard_add (((Client *) data)->heard, line);
}

/* The detailed signal stands beside, after all of them. */
static void
test_signal (Client *self)
{
  Listener a = { self, "a" };

  connect_silent (self);
  g_signal_connect (self->socket, "event::e", G_CALLBACK (signal_cb), self);
  sio_socket_on (self->socket, "e", said_cb, &a, NULL);
  send_event (self, "e");
  assert_heard (self, "a e[1]\nsignal e -1\n");
  send_event (self, "f");
  assert_heard (self, "");
  sio_socket_off (self->socket, 0); /* not the signal's handlers */
  send_event (self, "e");
  assert_heard (self, "signal e -1\n");
}

static void
test_send (Client *self)
{
  Listener a = { self, "out" };
  SioEmitOptions options = { .want_ack = TRUE };
  g_autoptr(SioArguments) args = sio_arguments_new ();

  connect_silent (self);
  sio_socket_on_any_outgoing (self->socket, said_cb, &a, NULL);
  sio_arguments_add_json (args, "\"hello\"", -1, FALSE, NULL);
  g_assert_true (sio_socket_send (self->socket, args, NULL, NULL));
  client_expect (self, "42[\"message\",\"hello\"]");
  g_assert_true (sio_socket_send (self->socket, NULL, &options, NULL));
  client_expect (self, "420[\"message\"]");
  assert_heard (self, "out message[\"hello\"]\nout message[]\n");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("listeners/on-off", test_on);
  client_add ("listeners/once", test_once);
  client_add ("listeners/names", test_names);
  client_add ("listeners/any/call", test_any);
  client_add ("listeners/any/prepend", test_any_prepend);
  client_add ("listeners/any/remove", test_any_remove);
  client_add ("listeners/any-outgoing/call", test_outgoing);
  client_add ("listeners/any-outgoing/binary", test_outgoing_binary);
  client_add ("listeners/any-outgoing/prepend", test_outgoing_prepend);
  client_add ("listeners/any-outgoing/remove", test_outgoing_remove);
  client_add ("listeners/removed-while-called", test_removed_while_called);
  client_add ("listeners/added-while-called", test_added_while_called);
  client_add ("listeners/added-while-removed", test_added_while_removed);
  client_add ("listeners/signal", test_signal);
  client_add ("listeners/send", test_send);

  return g_test_run ();
}
