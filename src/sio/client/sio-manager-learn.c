/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What sessions tell of their server: which version it is after all, and what may be behind an end of theirs. */

#include "sio-manager-private.h"

/* A session that was shorter counts as a failure. */
#define SHORT_SESSION_US (10 * G_USEC_PER_SEC)

/* Several nodes without sticky sessions show themselves this way; once may be a server that was started anew. */
#define MANY_UNKNOWN_SESSIONS 3

gboolean
sio_manager_is_session_short (SioManager *self)
{
  return g_get_monotonic_time () - self->opened_us < SHORT_SESSION_US;
}

void
sio_manager_adopt_legacy (SioManager *self,
                          const char *how)
{
  self->doubtful = FALSE;
  if (!sio_engine_adopt_eio3 (self->link->engine))
    return;

  self->revision = self->memory.revision = 3;
  self->limits.revision = 4;
  self->opened.reason = how;
  self->opened.sid = sio_engine_get_sid (self->link->engine);
  self->opened.eio = 3;
  self->opened.server = 2;
  SIO_TAP_CALL (&self->tap, state, &self->opened);
}

/* Whoever cannot read what he is told hangs up: a server's parser is set by its owner, and nothing of the handshake tells it. */
static GError *
explain_early_end (SioManager   *self,
                   const char   *reason,
                   const GError *error)
{
  SioParser *parser = sio_options_get_parser (self->options);
  gboolean asked = FALSE;

  if (error == NULL || (!g_str_equal (reason, "parse error") && !g_str_equal (reason, "transport close")))
    return NULL;
  for (guint i = 0; i < self->sockets->len; i++)
    {
      SioSocket *socket = g_ptr_array_index (self->sockets, i);

      if (socket->state == SIO_SOCKET_STATE_CONNECTED)
        return NULL;
      asked |= socket->connect_owed;
    }
  /* servers 2.x let us into "/" unasked: not even that could be read */
  if (!asked && !g_str_equal (reason, "parse error"))
    return NULL;

  return g_error_new (error->domain, error->code,
                      "perhaps the server uses another parser than %s (the option \"parser\"): before any namespace was joined, %s",
                      parser != NULL ? sio_parser_get_name (parser) : "json", error->message);
}

GError *
sio_manager_learn_from_end (SioManager   *self,
                            const char   *reason,
                            const GError *error)
{
  gboolean open = self->state == SIO_MANAGER_STATE_OPEN;
  gboolean was_short = !open || sio_manager_is_session_short (self);

  /* whoever was there did not speak what was remembered, or it is not sure that he did */
  if (open ? g_str_equal (reason, "parse error") || g_str_equal (reason, "ping timeout")
           : !g_error_matches (error, SIO_ERROR, SIO_ERROR_UNREACHABLE))
    self->memory.revision = 0;

  if (!g_error_matches (error, SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION) || !was_short)
    self->n_unknown_sessions = 0;
  if (!g_error_matches (error, SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION)
      || ++self->n_unknown_sessions < MANY_UNKNOWN_SESSIONS)
    return open && was_short ? explain_early_end (self, reason, error) : NULL;

  return g_error_new (SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION,
                      "there are probably several servers behind this address, without sticky sessions: keep cookies "
                      "(\"with-credentials\") if that is how they are told apart, or use WebSocket only (%u times in a row: %s)",
                      self->n_unknown_sessions, error->message);
}
