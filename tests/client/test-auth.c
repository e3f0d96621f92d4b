/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Auth as a function: asked at each CONNECT, answered at once, later, or when nobody wants to know any more. */

#include "client-fixture.h"

typedef struct {
  guint       n_asked;
  guint       number;  /* of the last question */
  const char *at_once; /* NULL: answered later */
  guint       n_destroyed;
} Question;

static void
asked_cb (SioSocket *socket, guint request, gpointer data)
{
  Question *question = data;
  g_autoptr(GError) error = NULL;

  question->n_asked++;
  g_assert_cmpuint (request, !=, question->number);
  question->number = request;
  if (question->at_once != NULL)
    {
      g_assert_true (sio_socket_provide_auth (socket, request, question->at_once, &error));
      g_assert_no_error (error);
      g_assert_cmpint (sio_socket_get_state (socket), ==, SIO_SOCKET_STATE_CONNECTING);
    }
}

static void
destroyed_cb (gpointer data)
{
  ((Question *) data)->n_destroyed++;
}

static void
assert_refused (Client *self, guint number, const char *auth, int code)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (sio_socket_provide_auth (self->socket, number, auth, &error));
  g_assert_error (error, SIO_ERROR, code);
}

static void
answer (Client *self, guint number, const char *auth)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (sio_socket_provide_auth (self->socket, number, auth, &error));
  g_assert_no_error (error);
}

static void
test_at_once (Client *self)
{
  Question question = { .at_once = "{\"token\": 1.0}" };

  g_assert_true (sio_socket_set_auth (self->socket, "{\"not\":\"this\"}", NULL));
  sio_socket_set_auth_func (self->socket, asked_cb, &question, destroyed_cb);
  g_assert_cmpuint (question.n_asked, ==, 0);
  sio_socket_connect (self->socket);
  client_expect (self, "40{\"token\": 1.0}");
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_cmpuint (question.n_asked, ==, 1);

  /* anew for each CONNECT, with another answer */
  question.at_once = "{}";
  client_lose (self, FALSE);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40{}");
  g_assert_cmpuint (question.n_asked, ==, 2);

  sio_socket_set_auth_func (self->socket, NULL, NULL, NULL);
  g_assert_cmpuint (question.n_destroyed, ==, 1);
}

static void
test_later (Client *self)
{
  Question question = { 0 };

  sio_socket_set_auth_func (self->socket, asked_cb, &question, destroyed_cb);
  sio_socket_connect (self->socket);
  WAIT_FOR (question.n_asked == 1);
  g_assert_cmpint (sio_socket_get_state (self->socket), ==, SIO_SOCKET_STATE_WAITING);
  client_expect_nothing (self);
  sio_socket_connect (self->socket); /* asks no second time */
  client_emit (self, "early", NULL);
  client_expect_nothing (self);

  /* what is no object is refused, and may be said better */
  assert_refused (self, question.number, "[1]", SIO_ERROR_INVALID_ARGUMENT);
  assert_refused (self, question.number, "{", SIO_ERROR_INVALID_ARGUMENT);
  assert_refused (self, question.number + 1, "{}", SIO_ERROR_CLOSED);
  answer (self, question.number, NULL);
  client_expect (self, "40");
  assert_refused (self, question.number, "{}", SIO_ERROR_CLOSED); /* once */
  raw_session_send (self->session, "40{\"sid\":\"id1\"}");
  client_expect (self, "42[\"early\"]");
  client_expect_nothing (self);
  g_assert_cmpuint (question.n_asked, ==, 1);
  sio_socket_set_auth_func (self->socket, NULL, NULL, NULL);
}

/* The engine that the answer was for is gone when it comes. */
static void
test_engine_gone (Client *self)
{
  Question question = { 0 };
  guint first;

  sio_socket_set_auth_func (self->socket, asked_cb, &question, NULL);
  sio_socket_connect (self->socket);
  WAIT_FOR (question.n_asked == 1);
  first = question.number;
  client_lose (self, FALSE);
  assert_refused (self, first, "{\"too\":\"late\"}", SIO_ERROR_CLOSED);

  sio_manager_reconnect_now (self->manager);
  WAIT_FOR (question.n_asked == 2);
  assert_refused (self, first, "{\"too\":\"late\"}", SIO_ERROR_CLOSED);
  client_expect_nothing (self);
  answer (self, question.number, "{\"in\":\"time\"}");
  client_expect (self, "40{\"in\":\"time\"}");
  sio_socket_set_auth_func (self->socket, NULL, NULL, NULL);
}

static void
test_disconnect_while_waiting (Client *self)
{
  Question question = { 0 };
  SioSocket *other = client_get_socket (self, "/other");

  /* so that the engine stays */
  sio_socket_connect (other);
  client_expect (self, "40/other,");
  sio_socket_set_auth_func (self->socket, asked_cb, &question, NULL);
  sio_socket_connect (self->socket);
  WAIT_FOR (question.n_asked == 1);
  sio_socket_disconnect (self->socket);
  assert_refused (self, question.number, "{}", SIO_ERROR_CLOSED);
  client_expect_nothing (self);

  sio_socket_connect (self->socket);
  g_assert_cmpuint (question.n_asked, ==, 2);
  answer (self, question.number, "{\"a\":2}");
  client_expect (self, "40{\"a\":2}");
  sio_socket_set_auth_func (self->socket, NULL, NULL, NULL);
}

/* Whoever is asked no more cannot answer; the new one is asked at once. */
static void
test_replaced (Client *self)
{
  Question first = { 0 };
  Question second = { 0 };

  sio_socket_set_auth_func (self->socket, asked_cb, &first, destroyed_cb);
  sio_socket_connect (self->socket);
  WAIT_FOR (first.n_asked == 1);
  sio_socket_set_auth_func (self->socket, asked_cb, &second, destroyed_cb);
  g_assert_cmpuint (first.n_destroyed, ==, 1);
  g_assert_cmpuint (second.n_asked, ==, 1);
  assert_refused (self, first.number, "{}", SIO_ERROR_CLOSED);

  g_assert_true (sio_socket_set_auth (self->socket, "{\"plain\":true}", NULL));
  client_expect_nothing (self);
  sio_socket_set_auth_func (self->socket, NULL, NULL, NULL);
  g_assert_cmpuint (second.n_destroyed, ==, 1);
  client_expect (self, "40{\"plain\":true}");
  assert_refused (self, second.number, "{}", SIO_ERROR_CLOSED);
}

/* The function may replace itself while it is asked. */
static void
replacing_cb (SioSocket *socket, guint request, gpointer data)
{
  Question *question = data;

  sio_socket_set_auth_func (socket, NULL, NULL, NULL);
  g_assert_cmpuint (question->n_destroyed, ==, 0); /* it is still running */
  question->n_asked++;
}

static void
test_replaces_itself (Client *self)
{
  Question question = { 0 };

  sio_socket_set_auth_func (self->socket, replacing_cb, &question, destroyed_cb);
  sio_socket_connect (self->socket);
  client_expect (self, "40");
  g_assert_cmpuint (question.n_asked, ==, 1);
  g_assert_cmpuint (question.n_destroyed, ==, 1);
}

/* With the session to recover, as with any other auth. */
static void
test_with_session (Client *self)
{
  Question question = { .at_once = "{\"t\":1}" };

  sio_socket_set_auth_func (self->socket, asked_cb, &question, NULL);
  sio_socket_connect (self->socket);
  client_expect (self, "40{\"t\":1}");
  raw_session_send (self->session, "40{\"sid\":\"id1\",\"pid\":\"p\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_false (sio_socket_get_recovered (self->socket));
  client_lose (self, FALSE);
  sio_manager_reconnect_now (self->manager);
  client_expect (self, "40{\"pid\":\"p\",\"t\":1}");
  raw_session_send (self->session, "40{\"sid\":\"id1\",\"pid\":\"p\"}");
  WAIT_FOR (sio_socket_get_connected (self->socket));
  g_assert_true (sio_socket_get_recovered (self->socket));
  sio_socket_set_auth_func (self->socket, NULL, NULL, NULL);
}

static void
test_gone (void)
{
  Client *self = client_new ("websocket");
  SioSocket *socket = g_object_ref (self->socket);
  Question question = { 0 };

  sio_socket_set_auth_func (socket, asked_cb, &question, destroyed_cb);
  sio_socket_connect (socket);
  WAIT_FOR (question.n_asked == 1);
  g_signal_handlers_disconnect_by_data (socket, self->heard);
  g_assert_finalize_object (g_steal_pointer (&self->manager));
  assert_refused (self, question.number, "{}", SIO_ERROR_CLOSED);
  g_assert_cmpuint (question.n_destroyed, ==, 0);
  g_assert_finalize_object (socket);
  g_assert_cmpuint (question.n_destroyed, ==, 1);

  client_free (self);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  client_add ("auth-func/at-once", test_at_once);
  client_add ("auth-func/later", test_later);
  client_add ("auth-func/engine-gone", test_engine_gone);
  client_add ("auth-func/disconnect-while-waiting", test_disconnect_while_waiting);
  client_add ("auth-func/replaced", test_replaced);
  client_add ("auth-func/replaces-itself", test_replaces_itself);
  client_add ("auth-func/with-session", test_with_session);
  g_test_add_func ("/client/auth-func/manager-gone", test_gone);

  return g_test_run ();
}
