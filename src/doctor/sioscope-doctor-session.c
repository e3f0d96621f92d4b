/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sessions by the library's own client, with the caller's options: what works here works everywhere in Sioscope. Two of them:
 * one by polling that upgrades, one that is a WebSocket from the beginning. Each is closed in good order. */

#include "sioscope-doctor-private.h"
#include "sioscope-doctor-tap.h"

/* What comes late is not waited for so long as for an answer. */
#define UPGRADE_MS 5000
#define PING_MS    3000
#define GOODBYE_MS 2000
/* Proxies cut connections that are silent for a minute. */
#define LONG_INTERVAL_MS 60000
#define SHORT_MS         1000
#define SMALL_PAYLOAD    16384

typedef struct {
  Doctor     *doctor;
  DoctorTap  *tap;
  SioManager *manager;
  SioSocket  *socket; /* NULL: only the engine is opened */
} Session;

/* ---- running one ---- */

static gboolean
wake_cb (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_CONTINUE;
}

/* Until condition () or for so long; FALSE if it was in vain. */
static gboolean
wait_until (Session    *session,
            guint       ms,
            gboolean  (*condition) (Session *session))
{
  gboolean late = FALSE;
  GSource *source = g_timeout_source_new (ms);

  g_source_set_callback (source, wake_cb, &late, NULL);
  g_source_attach (source, session->doctor->context);
  while (!condition (session) && !late && !doctor_stopped (session->doctor))
    g_main_context_iteration (session->doctor->context, TRUE);
  g_source_destroy (source);
  g_source_unref (source);

  return condition (session);
}

static gboolean
is_settled (Session *session)
{
  DoctorTap *tap = session->tap;

  return tap->over || tap->joined || tap->refusal != NULL || (session->socket == NULL && tap->opened);
}

static gboolean
is_upgrade_settled (Session *session)
{
  return session->tap->over || session->tap->upgraded || session->tap->upgrade_failure != NULL;
}

static gboolean
has_pinged (Session *session)
{
  return session->tap->over || session->tap->first_ping_us >= 0;
}

static gboolean
has_closed (Session *session)
{
  return !sio_manager_get_closing (session->manager);
}

static gboolean
begin_session (Session             *session,
               Doctor              *self,
               const char * const  *transports,
               gboolean             join)
{
  g_autoptr(SioOptions) options = sio_options_copy (self->options);
  g_autofree char *key = sio_url_dup_key (self->url, "");
  g_autofree char *url = g_strconcat (key, self->url->nsp, self->url->query != NULL ? "?" : NULL, self->url->query, NULL);

  *session = (Session) { .doctor = self, .tap = doctor_tap_new () };
  sio_options_set_transports (options, transports, NULL);
  sio_options_set_upgrade (options, TRUE);
  sio_options_set_remember_upgrade (options, FALSE);
  sio_options_set_try_all_transports (options, FALSE);
  sio_options_set_reconnection (options, FALSE);
  sio_options_set_timeout_ms (options, self->timeout_ms);

  session->manager = sio_manager_new (url, options, &session->tap->error);
  if (session->manager == NULL)
    return FALSE;
  sio_manager_set_tap (session->manager, SIO_TAP (session->tap));

  if (join)
    {
      session->socket = sio_manager_get_socket (session->manager, self->url->nsp, &session->tap->error);
      if (session->socket == NULL || !sio_socket_set_auth (session->socket, self->auth, &session->tap->error))
        return FALSE;
      sio_socket_connect (session->socket);
    }
  else
    sio_manager_open (session->manager);

  return TRUE;
}

static void
end_session (Session *session)
{
  if (session->manager != NULL)
    {
      if (session->socket != NULL && sio_socket_get_connected (session->socket))
        sio_socket_disconnect (session->socket);
      sio_manager_close (session->manager);
      wait_until (session, GOODBYE_MS, has_closed);
      sio_manager_set_tap (session->manager, NULL);
    }

  g_clear_object (&session->manager);
  g_clear_object (&session->tap);
}

static const char *
get_trouble (DoctorTap *tap)
{
  return tap->error != NULL ? tap->error->message : "no answer came in time";
}

static gboolean
is_wanted (Doctor     *self,
           const char *transport)
{
  return g_strv_contains (sio_options_get_transports (self->options), transport);
}

/* ---- what a session has shown ---- */

static void
report_namespace (Doctor    *self,
                  DoctorTap *tap)
{
  GString *details = g_string_new (NULL);

  doctor_add_text (details, "nsp", self->url->nsp);
  if (tap->joined)
    doctor_report (self, "namespace", SIOSCOPE_CHECK_INFO, details, "The namespace %s lets us in.", self->url->nsp);
  else if (tap->refusal != NULL)
    {
      doctor_add_text (details, "refusal", tap->refusal);
      if (tap->refusal_data != NULL)
        doctor_add_json (details, "data", (SioSpan) { tap->refusal_data, strlen (tap->refusal_data) });
      doctor_report (self, "namespace", SIOSCOPE_CHECK_ERROR, details, "The namespace %s refuses us: %s%s", self->url->nsp,
                     *tap->refusal != '\0' ? tap->refusal : "it gives no words for it, but data",
                     g_str_equal (tap->refusal, "Invalid namespace")
                       ? ". The path of the URL is the namespace; the path on the server is --path." : "");
    }
  else
    doctor_report (self, "namespace", SIOSCOPE_CHECK_ERROR, details,
                   "The namespace %s did not answer: %s. %s --parser %s.", self->url->nsp, get_trouble (tap),
                   strstr (get_trouble (tap), "parser") != NULL ? "Try" : "A server that is set to another parser does that:",
                   sio_options_get_parser (self->options) != NULL ? "json" : "msgpack");
}

static void
report_heartbeat (Doctor    *self,
                  DoctorTap *tap)
{
  GString *details = g_string_new (NULL);

  doctor_add_number (details, "ping_interval_ms", tap->ping_interval_ms);
  doctor_add_number (details, "ping_timeout_ms", tap->ping_timeout_ms);
  if (tap->first_ping_us >= 0)
    doctor_add_number (details, "first_ping_ms", tap->first_ping_us / 1000);

  if (tap->ping_interval_ms >= LONG_INTERVAL_MS)
    doctor_report (self, "heartbeat", SIOSCOPE_CHECK_WARNING, details,
                   "There is a ping only every %u s. Proxies and load balancers usually cut what is silent for 60 s.",
                   tap->ping_interval_ms / 1000);
  else if (tap->ping_interval_ms < SHORT_MS || tap->ping_timeout_ms < SHORT_MS)
    doctor_report (self, "heartbeat", SIOSCOPE_CHECK_WARNING, details,
                   "The heartbeat is very fast (ping every %u ms, an answer within %u ms): a slow network will lose the "
                   "connection.", tap->ping_interval_ms, tap->ping_timeout_ms);
  else if (tap->eio == 4 && tap->first_ping_us < 0 && tap->ping_interval_ms <= PING_MS)
    doctor_report (self, "heartbeat", SIOSCOPE_CHECK_WARNING, details,
                   "The server promised a ping every %u ms; none came.", tap->ping_interval_ms);
  else
    doctor_report (self, "heartbeat", SIOSCOPE_CHECK_INFO, details,
                   "There is a ping every %u ms, to be answered within %u ms.", tap->ping_interval_ms, tap->ping_timeout_ms);
}

static void
report_payload (Doctor    *self,
                DoctorTap *tap)
{
  GString *details = g_string_new (NULL);

  if (tap->max_payload > 0)
    doctor_add_number (details, "max_payload", tap->max_payload);
  if (tap->max_payload <= 0)
    doctor_report (self, "payload", SIOSCOPE_CHECK_INFO, details,
                   "The server does not say how large a message may be (servers before 4.5 do not).");
  else if (tap->max_payload < SMALL_PAYLOAD)
    doctor_report (self, "payload", SIOSCOPE_CHECK_WARNING, details,
                   "The server takes messages of %" G_GINT64_FORMAT " bytes at most; a larger one ends the connection.",
                   tap->max_payload);
  else
    doctor_report (self, "payload", SIOSCOPE_CHECK_INFO, details,
                   "The server takes messages of up to %" G_GINT64_FORMAT " bytes.", tap->max_payload);
}

static void
add_session (GString   *details,
             DoctorTap *tap)
{
  doctor_add_number (details, "eio", tap->eio);
  if (tap->server > 0)
    doctor_add_number (details, "server", tap->server);
  doctor_add_text (details, "how", tap->how);
}

static gboolean
is_unsticky (DoctorTap *tap)
{
  return tap->opened && g_error_matches (tap->error, SIO_ERROR, SIO_ERROR_UNKNOWN_SESSION);
}

/* ---- polling ---- */

static void
report_sticky (Doctor    *self,
               DoctorTap *tap)
{
  guint n = tap->n_polls + tap->n_posts;
  GString *details;

  if (!is_unsticky (tap) && n < 2)
    return;

  details = g_string_new (NULL);
  doctor_add_number (details, "requests", n);
  if (is_unsticky (tap))
    doctor_report (self, "sticky", SIOSCOPE_CHECK_ERROR, details,
                   "The session was opened, and then the server did not know it: requests go to different servers behind one "
                   "address. The load balancer needs sticky sessions (with cookies: --with-credentials), or use "
                   "--transports websocket.");
  else
    doctor_report (self, "sticky", SIOSCOPE_CHECK_INFO, details, "All %u requests of the session reached the same server.", n);
}

static void
report_polling (Doctor    *self,
                DoctorTap *tap)
{
  GString *details = g_string_new (NULL);

  doctor_add_number (details, "polls", tap->n_polls);
  doctor_add_number (details, "posts", tap->n_posts);
  if (!tap->opened)
    {
      doctor_report (self, "polling", SIOSCOPE_CHECK_ERROR, details, "Polling does not work: %s", get_trouble (tap));
      return;
    }

  add_session (details, tap);
  /* If nothing was answered to the CONNECT it is the namespace's trouble. */
  if (tap->error != NULL && (is_unsticky (tap) || tap->n_polls < 2))
    doctor_report (self, "polling", SIOSCOPE_CHECK_ERROR, details, "A session by polling was opened and broke: %s",
                   get_trouble (tap));
  else
    doctor_report (self, "polling", SIOSCOPE_CHECK_INFO, details, "Polling works: Engine.IO %u%s.", tap->eio,
                   tap->n_posts > 0 ? ", both ways" : "");
}

static void
report_upgrade (Doctor    *self,
                DoctorTap *tap)
{
  if (tap->upgraded)
    doctor_report (self, "upgrade", SIOSCOPE_CHECK_INFO, NULL, "The session was upgraded to a WebSocket.");
  else if (!tap->may_upgrade)
    doctor_report (self, "upgrade", SIOSCOPE_CHECK_INFO, NULL, "The server does not offer to upgrade the session.");
  else if (tap->upgrade_failure != NULL)
    doctor_report (self, "upgrade", SIOSCOPE_CHECK_WARNING, NULL,
                   "The session could not be upgraded to a WebSocket and stays with polling: %s", tap->upgrade_failure);
  else if (tap->error != NULL)
    doctor_report (self, "upgrade", SIOSCOPE_CHECK_WARNING, NULL, "The session ended before it was upgraded: %s",
                   get_trouble (tap));
  else
    doctor_report (self, "upgrade", SIOSCOPE_CHECK_WARNING, NULL,
                   "The upgrade to a WebSocket was not done within %u ms: something in between may hold it up.",
                   MIN (self->timeout_ms, UPGRADE_MS));
}

static void
wait_for_ping (Session *session)
{
  DoctorTap *tap = session->tap;

  /* In Engine.IO 3 it is we who ping, and the answer comes soon. */
  if (tap->opened && !tap->over && tap->ping_interval_ms <= PING_MS)
    wait_until (session, MIN (session->doctor->timeout_ms, PING_MS + SHORT_MS), has_pinged);
}

void
doctor_check_polling (Doctor             *self,
                      const DoctorEngine *engine,
                      DoctorSession      *result)
{
  static const char * const both[] = { "polling", "websocket", NULL };
  static const char * const alone[] = { "polling", NULL };
  gboolean upgrade = engine->websocket && is_wanted (self, "websocket") && sio_options_get_upgrade (self->options);
  Session session;
  DoctorTap *tap;

  if (!is_wanted (self, "polling"))
    {
      doctor_report (self, "polling", SIOSCOPE_CHECK_INFO, NULL, "Polling is not tried: --transports leaves it out.");
      return;
    }

  if (begin_session (&session, self, upgrade ? both : alone, TRUE))
    {
      wait_until (&session, self->timeout_ms, is_settled);
      if (upgrade && session.tap->may_upgrade && session.tap->joined)
        wait_until (&session, MIN (self->timeout_ms, UPGRADE_MS), is_upgrade_settled);
      wait_for_ping (&session);
    }

  /* Before the goodbye: what that brings is no finding. */
  tap = session.tap;
  *result = (DoctorSession) {
    .opened = tap->opened,
    .joined = tap->joined,
    .refused = tap->refusal != NULL,
    .asked = tap->opened && !is_unsticky (tap),
    .eio = tap->eio,
  };
  if (tap->opened)
    {
      GString *details = g_string_new (NULL);

      report_polling (self, tap);
      report_sticky (self, tap);
      doctor_add_bool (details, "compressed", tap->compressed);
      doctor_report (self, "compression", SIOSCOPE_CHECK_INFO, details,
                     tap->compressed ? "Answers to polls come compressed, although that was not asked for."
                                     : "Answers to polls are not compressed: this client does not ask for it.");
      if (result->asked)
        report_namespace (self, tap);
      if (upgrade && tap->joined)
        report_upgrade (self, tap);
      report_heartbeat (self, tap);
      report_payload (self, tap);
    }
  else
    report_polling (self, tap);

  end_session (&session);
}

/* ---- WebSocket ---- */

static void
report_no_websocket (Doctor             *self,
                     const DoctorEngine *engine,
                     DoctorTap          *tap)
{
  GString *details = g_string_new (NULL);

  if (tap->websocket_status > 0)
    doctor_add_number (details, "status", tap->websocket_status);

  if (engine->is_engine && tap->websocket_status > 0 && tap->websocket_status != 101)
    doctor_report (self, "websocket", SIOSCOPE_CHECK_ERROR, details,
                   "The server offers WebSocket, but none comes about: %s. A proxy or load balancer in between seems not to "
                   "pass it on (nginx needs proxy_http_version 1.1 and the headers Upgrade and Connection).",
                   get_trouble (tap));
  else
    doctor_report (self, "websocket", SIOSCOPE_CHECK_ERROR, details, "WebSocket does not work: %s", get_trouble (tap));
}

void
doctor_check_websocket (Doctor              *self,
                        const DoctorEngine  *engine,
                        const DoctorSession *polling,
                        DoctorSession       *result)
{
  static const char * const alone[] = { "websocket", NULL };
  /* Once is enough. */
  gboolean join = !polling->asked;
  Session session;
  DoctorTap *tap;

  *result = (DoctorSession) { 0 };
  if (!engine->polling && is_wanted (self, "polling"))
    doctor_report (self, "polling", SIOSCOPE_CHECK_WARNING, NULL,
                   "The server does not offer polling, with which clients begin unless they are told otherwise: "
                   "use --transports websocket.");
  if (!engine->websocket)
    {
      doctor_report (self, "websocket", SIOSCOPE_CHECK_WARNING, NULL,
                     "The server does not offer WebSocket: everything goes by polling, which is slower.");
      return;
    }
  if (!is_wanted (self, "websocket"))
    {
      doctor_report (self, "websocket", SIOSCOPE_CHECK_INFO, NULL, "WebSocket is not tried: --transports leaves it out.");
      return;
    }

  if (begin_session (&session, self, alone, join))
    {
      wait_until (&session, self->timeout_ms, is_settled);
      if (!polling->opened)
        wait_for_ping (&session);
    }

  tap = session.tap;
  *result = (DoctorSession) {
    .opened = tap->opened,
    .joined = tap->joined,
    .refused = tap->refusal != NULL,
    .asked = tap->opened && join,
    .eio = tap->eio,
  };
  if (tap->opened)
    {
      GString *details = g_string_new (NULL);

      add_session (details, tap);
      doctor_report (self, "websocket", SIOSCOPE_CHECK_INFO, details, "WebSocket works: Engine.IO %u.", tap->eio);
      if (join)
        report_namespace (self, tap);
      if (!polling->opened)
        {
          report_heartbeat (self, tap);
          report_payload (self, tap);
        }
    }
  else
    report_no_websocket (self, engine, tap);

  end_session (&session);
}
