/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a session begins: over which transport, and in which revision of Engine.IO. A server that speaks another revision
 * than it was asked for is understood without a second session: one that nobody uses would stay on the server, with
 * events that its application sees, until its heartbeat ends it. */

#include "sio-engine-private.h"

#include "../sio-error.h"
#include "../transport/sio-polling-transport.h"
#include "../transport/sio-websocket-transport.h"

/* Over WebSocket the open packets of Socket.IO 2, 3 and 4.0 to 4.4 are the same, but the first greets its client by itself. */
#define GRACE_MS 300

/* remember-upgrade: whether the last WebSocket of this process worked. Any thread. */
static gint websocket_worked;

void
sio_engine_note_websocket (gboolean works)
{
  g_atomic_int_set (&websocket_worked, works);
}

/**
 * sio_engine_set_websocket_worked_for_tests:
 * @worked: what engines with remember-upgrade are to believe from now on
 *
 * The official client's flag, for the whole process.
 */
void
sio_engine_set_websocket_worked_for_tests (gboolean worked)
{
  sio_engine_note_websocket (worked);
}

/* Which transport */

static const char *
get_kind_name (SioTransportKind kind)
{
  return kind == SIO_TRANSPORT_KIND_POLLING ? "polling" : "websocket";
}

gboolean
sio_engine_has_kind (SioEngine        *self,
                     SioTransportKind  kind)
{
  for (guint i = 0; i < self->n_kinds; i++)
    if (self->kinds[i] == kind)
      return TRUE;
  return FALSE;
}

static void
sio_engine_drop_kind (SioEngine        *self,
                      SioTransportKind  kind)
{
  if (self->kinds[0] == kind)
    self->kinds[0] = self->kinds[1];
  self->n_kinds--;
}

static void
sio_engine_make_transport (SioEngine *self)
{
  SioTransportKind kind = self->kinds[0];

  if (sio_options_get_remember_upgrade (self->options) && g_atomic_int_get (&websocket_worked)
      && sio_engine_has_kind (self, SIO_TRANSPORT_KIND_WEBSOCKET))
    kind = SIO_TRANSPORT_KIND_WEBSOCKET;

  self->accepted = FALSE;
  self->transport = (kind == SIO_TRANSPORT_KIND_WEBSOCKET ? sio_websocket_transport_new : sio_polling_transport_new)
                    (self->http, self->options, &self->queue, &sio_engine_transport_listener, self);
}

/* The same attempt goes on. reason says why and how, for people. */
static void
sio_engine_open_again (SioEngine    *self,
                       const char   *reason,
                       const GError *error)
{
  SioTransport *old = g_steal_pointer (&self->transport);
  SioTapStateChange change = { .state = SIO_TAP_STATE_CONNECTING };

  sio_transport_abandon (old);
  sio_transport_unref (old);
  /* the tap hears of dropped requests, and may do what it likes */
  if (self->state != SIO_ENGINE_STATE_OPENING)
    return;

  sio_engine_make_transport (self);
  change.transport = sio_transport_get_kind (self->transport);
  change.reason = reason;
  change.error = error;
  change.attempt = self->attempt_number;
  SIO_TAP_CALL (self->tap, state, &change);
  if (self->transport != NULL)
    sio_transport_open (self->transport);
}

/* Which revision */

static void
sio_engine_speak (SioEngine  *self,
                  guint       eio,
                  const char *how)
{
  self->eio = eio;
  self->how = how;
  sio_http_set_eio (self->http, eio);
  sio_http_set_poll_base64 (self->http, eio == 3);
}

static GError *
new_mismatch (guint spoken)
{
  return g_error_new_literal (SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION,
                              spoken == 3
                              ? "the server speaks Engine.IO 3, which is Socket.IO 2, but the option \"server\" asks for"
                                " Socket.IO 3 or 4: set it to 2, or to 0 to find out"
                              : "the server speaks Engine.IO 4, which is Socket.IO 3 and 4, but the option \"server\" asks for"
                                " Socket.IO 2: set it to 4, or to 0 to find out");
}

void
sio_engine_init_opening (SioEngine             *self,
                         const SioEngineMemory *memory)
{
  const char * const *transports = sio_options_get_transports (self->options);
  guint server = sio_options_get_server (self->options);

  for (guint i = 0; transports[i] != NULL && self->n_kinds < G_N_ELEMENTS (self->kinds); i++)
    {
      SioTransportKind kind = g_str_equal (transports[i], "websocket") ? SIO_TRANSPORT_KIND_WEBSOCKET
                                                                       : SIO_TRANSPORT_KIND_POLLING;

      if (!sio_engine_has_kind (self, kind))
        self->kinds[self->n_kinds++] = kind;
    }
  self->attempt_number = memory != NULL ? memory->attempt : 0;

  self->detecting = server == 0;
  self->remembered = memory != NULL ? memory->revision : 0;
  sio_engine_speak (self, server == 2 || (self->detecting && self->remembered == 3) ? 3 : 4, NULL);
  if (self->detecting)
    sio_http_set_poll_base64 (self->http, TRUE); /* for Engine.IO 3; 4 does not care */
  sio_engine_make_transport (self);
}

void
sio_engine_take_answer (SioEngine *self,
                        guint      eio)
{
  if (eio != self->eio && !self->detecting)
    {
      g_autoptr (GError) error = new_mismatch (eio);

      sio_engine_finish (self, "connect error", error);
    }
  else if (eio == 3)
    sio_engine_speak (self, 3, self->eio == 3
                      ? "asked for Engine.IO 3, as in the session before, and the first answer begins with a length again"
                      : "the first answer begins with a length, as only Engine.IO 3 does: asked for 4, going on with 3");
  else if (self->eio == 3)
    sio_engine_speak (self, 4, "the first answer begins with a packet, as only Engine.IO 4 does: asked for 3, as in the"
                      " session before, going on with 4");
  else
    sio_engine_speak (self, 4, self->how);
}

static void
sio_engine_begin (SioEngine *self)
{
  SioTransportKind kind = sio_transport_get_kind (self->transport);

  sio_engine_stop_source (&self->grace);
  sio_engine_note_websocket (kind == SIO_TRANSPORT_KIND_WEBSOCKET);
  sio_engine_move_to (self, SIO_ENGINE_STATE_OPEN);
  sio_engine_start_heartbeat (self);
  self->listener.opened (self->data, self->handshake, self->eio, self->detecting ? self->how : NULL);

  if (self->state == SIO_ENGINE_STATE_OPEN && kind == SIO_TRANSPORT_KIND_POLLING
      && sio_options_get_upgrade (self->options) && sio_engine_has_kind (self, SIO_TRANSPORT_KIND_WEBSOCKET)
      && g_strv_contains ((const char * const *) self->handshake->upgrades, "websocket"))
    sio_engine_start_upgrade (self);
}

void
sio_engine_end_grace (SioEngine *self)
{
  self->guessed = TRUE;
  self->how = "the server did not speak first, as Socket.IO 2 does: taken for Engine.IO 4";
  sio_engine_begin (self);
}

static gboolean
sio_engine_grace_cb (gpointer data)
{
  SioEngine *self = data;

  sio_engine_ref_internal (self);
  sio_engine_end_grace (self);
  sio_engine_unref_internal (self);
  return G_SOURCE_REMOVE;
}

void
sio_engine_take_handshake (SioEngine *self)
{
  if (self->how != NULL)
    ; /* the way to here has told */
  else if (self->eio == 4 && self->handshake->max_payload > 0)
    self->how = "the open packet has maxPayload: Socket.IO 4.5 or later";
  else if (sio_transport_get_kind (self->transport) == SIO_TRANSPORT_KIND_POLLING)
    self->how = "the first answer begins with a packet, as only Engine.IO 4 does";
  else if (self->eio == 3)
    self->how = "Engine.IO 3, as in the session before";
  else if (self->remembered == 4 || !self->detecting)
    {
      self->guessed = TRUE;
      self->how = "Engine.IO 4, as in the session before";
    }
  else
    {
      self->grace = sio_engine_add_timeout (self, GRACE_MS, sio_engine_grace_cb);
      return;
    }

  sio_engine_begin (self);
}

gboolean
sio_engine_settle (SioEngine *self,
                   gboolean   message)
{
  if (self->grace == NULL)
    return TRUE;

  if (message)
    sio_engine_speak (self, 3, "the server spoke first, as only Socket.IO 2 does: asked for Engine.IO 4, going on with 3");
  else
    self->how = "the server sent a ping, as only in Engine.IO 4";
  sio_engine_begin (self);
  return self->transport != NULL;
}

/**
 * sio_engine_adopt_eio3:
 * @self: an open engine
 *
 * Corrects a guess. Over WebSocket alone a server of Socket.IO 2 cannot always be told from one of 3 or 4 before 4.5 by
 * what its engine says; its first namespace packet does tell. From now on the session speaks Engine.IO 3, and it is us
 * who ping.
 *
 * If the options ask for Socket.IO 3 or 4, the session ends instead: closed() with %SIO_ERROR_UNSUPPORTED_VERSION follows.
 *
 * Returns: whether the session is of Engine.IO 3 now, or was. %FALSE: the server has shown that it speaks Engine.IO 4, or
 *   the session ends
 */
gboolean
sio_engine_adopt_eio3 (SioEngine *self)
{
  if (self->state != SIO_ENGINE_STATE_OPEN)
    return FALSE;
  if (self->eio == 3)
    return TRUE;
  if (!self->guessed)
    return FALSE;

  self->guessed = FALSE;
  if (self->detecting)
    {
      sio_engine_stop_heartbeat (self);
      sio_engine_speak (self, 3, self->how);
      sio_engine_start_heartbeat (self);
    }
  else
    {
      g_autoptr (GError) error = new_mismatch (3);

      sio_engine_ref_internal (self);
      sio_engine_fail (self, "transport error", error);
      sio_engine_unref_internal (self);
      return FALSE;
    }
  return TRUE;
}

/* When it does not work */

/* A server of Engine.IO 4 that was asked for 3 says so over HTTP (code 5); over WebSocket it accepts, and then writes an
 * HTTP answer into the stream (4.x) or nothing at all (3.1). */
static gboolean
sio_engine_is_revision_refused (SioEngine    *self,
                                const GError *error)
{
  return self->eio == 3 && self->handshake == NULL
         && (g_error_matches (error, SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION) || self->accepted);
}

gboolean
sio_engine_try_another_way (SioEngine    *self,
                            const GError *error)
{
  if (self->handshake != NULL || self->transport == NULL)
    return FALSE;

  /* once in an attempt, whatever the server answers to what it is asked then */
  if (self->detecting && self->remembered == 3 && sio_engine_is_revision_refused (self, error))
    {
      self->remembered = 0;
      sio_engine_speak (self, 4, "the server does not take Engine.IO 3, which the session before spoke: asked again, for 4");
      sio_engine_open_again (self, self->how, error);
      return TRUE;
    }

  if (self->n_kinds > 1 && sio_options_get_try_all_transports (self->options))
    {
      SioTransportKind kind = sio_transport_get_kind (self->transport);
      g_autofree char *reason = NULL;

      sio_engine_drop_kind (self, kind);
      reason = g_strdup_printf ("%s failed, trying %s", get_kind_name (kind), get_kind_name (self->kinds[0]));
      sio_engine_open_again (self, reason, error);
      return TRUE;
    }

  return FALSE;
}

GError *
sio_engine_explain_failure (SioEngine    *self,
                            const GError *error)
{
  if (self->detecting || !sio_engine_is_revision_refused (self, error))
    return NULL;

  return g_error_new (SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION,
                      "the server does not take Engine.IO 3, which the option \"server\" asks for: set it to 4, or to 0 to"
                      " find out (%s)", error != NULL ? error->message : "no open packet came");
}
