/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes along with CONNECT: a value, or the answer of a function that is asked each time. The answer may come at once,
 * later, or when nobody wants it any more: the engine can be gone by then, and another one be open. */

#include "sio-manager-private.h"

#include "../wire/sio-json.h"

/* Servers 4.x close the whole connection on anything but an object. */
static gboolean
check_auth (const char  *auth,
            GError     **error)
{
  g_autoptr(GError) local_error = NULL;
  SioJsonType type;
  gsize offset;

  if (auth == NULL)
    return TRUE;

  if (!sio_json_validate (auth, strlen (auth), SIO_JSON_DEFAULT_MAX_DEPTH, &type, &offset, &local_error))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "auth is not JSON: %s", local_error->message);
      return FALSE;
    }
  if (type != SIO_JSON_OBJECT)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "auth is not a JSON object");
      return FALSE;
    }
  return TRUE;
}

static void
source_clear (gpointer data)
{
  SioAuthSource *self = data;

  if (self->destroy != NULL)
    self->destroy (self->data);
}

static void
source_unref (SioAuthSource *self)
{
  if (self != NULL)
    g_rc_box_release_full (self, source_clear);
}

/**
 * sio_socket_set_auth:
 * @self: a socket
 * @auth: (nullable): text of a JSON object; %NULL for the option auth
 * @error: %SIO_ERROR_INVALID_ARGUMENT if it is none
 *
 * What goes along with CONNECT, from the next one on, unless a function is asked (sio_socket_set_auth_func()). Servers 2.x
 * do not get it. Socket.IO protocol 5, "Connection to a namespace".
 *
 * Returns: whether it was set
 */
gboolean
sio_socket_set_auth (SioSocket   *self,
                     const char  *auth,
                     GError     **error)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  if (!check_auth (auth, error))
    return FALSE;

  if (g_strcmp0 (self->auth, auth) == 0)
    return TRUE;
  g_free (self->auth);
  self->auth = g_strdup (auth);
  g_object_notify (G_OBJECT (self), "auth");
  return TRUE;
}

static void
push (SioSocket *self)
{
  if (self->manager != NULL && !sio_put_off (self, self->manager->context, (SioPutOffFunc) sio_socket_push))
    sio_socket_push (self);
}

/**
 * sio_socket_set_auth_func:
 * @self: a socket
 * @func: (nullable): is asked each time before CONNECT is sent; %NULL asks nobody any more
 * @user_data: for @func
 * @destroy: (nullable): frees @user_data when another function is set or the socket goes away
 *
 * The other form of auth. @func answers with sio_socket_provide_auth(), before it returns or later; until then the
 * namespace waits. A server closes a connection that has joined no namespace for long (45 s by default), and whoever answers
 * after that is told so; the next connection asks again.
 */
void
sio_socket_set_auth_func (SioSocket      *self,
                          SioAuthFunc     func,
                          gpointer        user_data,
                          GDestroyNotify  destroy)
{
  g_autoptr(SioSocket) kept = NULL;
  SioAuthSource *old;

  g_return_if_fail (SIO_IS_SOCKET (self));

  kept = g_object_ref (self);
  old = g_steal_pointer (&self->auth_request.source);
  if (func != NULL)
    {
      self->auth_request.source = g_rc_box_new0 (SioAuthSource);
      self->auth_request.source->func = func;
      self->auth_request.source->data = user_data;
      self->auth_request.source->destroy = destroy;
    }

  /* whoever was asked before has nothing to say any more; the question goes to the new one, or to the value */
  sio_socket_auth_forget (self);
  push (self);
  source_unref (old);
}

/**
 * sio_socket_provide_auth:
 * @self: a socket
 * @request: the number that came with the question
 * @auth: (nullable): text of a JSON object; %NULL: nothing goes along
 * @error: why the answer was not taken
 *
 * Answers the function of sio_socket_set_auth_func(). CONNECT goes out with it.
 *
 * Fails with %SIO_ERROR_CLOSED if nobody waits for this answer any more: it was given already, the connection ended or the
 * namespace was left since the question, or another function was set. With %SIO_ERROR_INVALID_ARGUMENT if @auth is no JSON
 * object; then the question stays open.
 *
 * Returns: whether it was taken
 */
gboolean
sio_socket_provide_auth (SioSocket   *self,
                         guint        request,
                         const char  *auth,
                         GError     **error)
{
  g_return_val_if_fail (SIO_IS_SOCKET (self), FALSE);

  if (!self->auth_request.waiting || self->auth_request.number != request)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_CLOSED,
                   "nobody waits for the answer to question %u about the auth of %s any more", request, self->nsp);
      return FALSE;
    }
  if (!check_auth (auth, error))
    return FALSE;

  self->auth_request.waiting = FALSE;
  self->auth_request.answered = TRUE;
  self->auth_request.answer = g_strdup (auth);
  push (self);
  return TRUE;
}

gboolean
sio_socket_auth_is_ready (SioSocket *self)
{
  SioAuthRequest *request = &self->auth_request;
  SioAuthSource *source = request->source;

  if (source == NULL || request->answered)
    return TRUE;
  if (request->waiting)
    return FALSE;

  request->waiting = TRUE;
  if (++request->number == 0)
    request->number = 1;
  /* An answer that comes inside of this has sent the CONNECT already. */
  g_rc_box_acquire (source);
  source->func (self, request->number, source->data);
  source_unref (source);
  return FALSE;
}

const char *
sio_socket_auth_get (SioSocket *self)
{
  if (self->auth_request.source != NULL)
    return self->auth_request.answer;
  return self->auth != NULL ? self->auth : sio_options_get_auth (self->options);
}

void
sio_socket_auth_forget (SioSocket *self)
{
  self->auth_request.waiting = FALSE;
  self->auth_request.answered = FALSE;
  g_clear_pointer (&self->auth_request.answer, g_free);
}

void
sio_socket_auth_clear (SioSocket *self)
{
  sio_socket_auth_forget (self);
  source_unref (g_steal_pointer (&self->auth_request.source));
  g_free (self->auth);
}
