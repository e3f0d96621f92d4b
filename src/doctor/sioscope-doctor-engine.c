/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the server says without a session: whether it is Engine.IO at this path, with which transports, and which version.
 * A request with a session id that cannot be makes every Engine.IO server of every version answer with its error code, and
 * has no effect. Engine.IO, "Errors". */

#include "sioscope-doctor-private.h"

#define CODE_UNKNOWN_TRANSPORT 0
#define CODE_UNKNOWN_SID       1
#define CODE_FORBIDDEN         4
#define CODE_UNSUPPORTED       5

#define NO_SID "sid=sioscope-doctor"

/* How much of a body is shown. */
#define MAX_SHOWN 160

/* ---- asking ---- */

static DoctorAnswer *
ask (Doctor      *self,
     const char  *path,
     const char  *transport,
     GError     **error)
{
  g_autofree char *piece = g_strconcat ("transport=", transport, NULL);
  const char * const query[] = { sio_options_get_server (self->options) == 2 ? "EIO=3" : "EIO=4", piece, NO_SID, NULL };

  return doctor_fetch (self, path, "", query, NULL, error);
}

static gboolean
is_engine_answer (DoctorAnswer *answer)
{
  int code = doctor_answer_get_code (answer);

  return answer->status == 400 && (code == CODE_UNKNOWN_TRANSPORT || code == CODE_UNKNOWN_SID);
}

static char *
show_start (const GString *body)
{
  g_autofree char *valid = g_utf8_make_valid (body->str, (gssize) MIN (body->len, MAX_SHOWN));

  return g_strdup (g_strstrip (valid));
}

/* ---- is it there, and if not, where ---- */

static gboolean
try_path (Doctor     *self,
          const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DoctorAnswer) answer = NULL;

  if (doctor_stopped (self))
    return FALSE;
  answer = ask (self, path, "polling", &error);
  return answer != NULL && is_engine_answer (answer);
}

/* The path of another place where Engine.IO answers, or NULL. */
static char *
find_path (Doctor *self)
{
  static const char * const usual[] = { "/socket.io/", "/engine.io/", "/api/socket.io/", "/ws/", "/ws/socket.io/" };
  const char *path = sio_options_get_path (self->options);

  /* People put the application's path into the URL, where it is the namespace. */
  if (!g_str_equal (self->url->nsp, "/"))
    {
      g_autofree char *trimmed = g_strdup (self->url->nsp);
      g_autofree char *below = NULL;

      if (g_str_has_suffix (trimmed, "/"))
        trimmed[strlen (trimmed) - 1] = '\0';
      if (g_str_has_suffix (trimmed, "/socket.io") && try_path (self, trimmed))
        return g_strconcat (trimmed, "/", NULL);
      below = g_strconcat (trimmed, "/socket.io/", NULL);
      if (try_path (self, below))
        return g_steal_pointer (&below);
    }

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    if (!g_str_equal (usual[i], path) && try_path (self, usual[i]))
      return g_strdup (usual[i]);

  return NULL;
}

static void
report_not_engine (Doctor       *self,
                   DoctorAnswer *answer,
                   GString      *details)
{
  g_autofree char *path = find_path (self);
  g_autofree char *start = show_start (answer->body);

  doctor_add_text (details, "body", start);
  if (path != NULL)
    {
      doctor_add_text (details, "found_path", path);
      doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                     "There is no Socket.IO at the path %s (status %u), but there is at %s: use --path %s",
                     sio_options_get_path (self->options), answer->status, path, path);
    }
  else if (answer->status == 404)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                   "There is a web server, but nothing at the path %s (404), nor at the usual other ones. "
                   "Is it the right port, and which path does the server serve Socket.IO at?",
                   sio_options_get_path (self->options));
  else if (answer->status == 200)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                   "Something answers at %s, but it is no Socket.IO server: an ordinary page, it seems.",
                   sio_options_get_path (self->options));
  else
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                   "The answer at %s is not that of a Socket.IO server: status %u%s%s",
                   sio_options_get_path (self->options), answer->status, answer->reason != NULL ? " " : "",
                   answer->reason != NULL ? answer->reason : "");
}

static void
report_refusal (Doctor       *self,
                DoctorAnswer *answer,
                GString      *details)
{
  guint status = answer->status;
  int code = doctor_answer_get_code (answer);
  g_autofree char *location = doctor_answer_dup_header (answer, "Location");

  if (status >= 300 && status < 400)
    {
      doctor_add_text (details, "location", location);
      doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                     "The server sends us elsewhere (status %u, to %.*s). Redirects are not followed: use that address.",
                     status, location != NULL ? (int) strcspn (location, "?") : 7, location != NULL ? location : "nowhere");
    }
  else if (status == 401 || status == 403)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                   "The server, or what stands in front of it, wants other credentials (status %u%s): --header sends them.", status,
                   code == CODE_FORBIDDEN ? ", Engine.IO code 4: refused by allowRequest or origins" : "");
  else if (status == 407)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details, "The proxy wants a user and a password (407).");
  else if (status == 502 || status == 503 || status == 504)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                   "A proxy or load balancer answers, but it does not reach the server behind it (status %u).", status);
  else if (status == 421)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details,
                   "The server does not feel responsible for the name %s (421).", self->url->host);
  else
    {
      report_not_engine (self, answer, details);
    }
}

static void
report_no_http (Doctor       *self,
                DoctorAnswer *answer,
                GString      *details)
{
  const guint8 *bytes = (const guint8 *) answer->body->str;

  /* TLS 1.2, "Alert protocol": content type 21, version 3.x. */
  if (!self->url->tls && answer->body->len >= 2 && bytes[0] == 0x15 && bytes[1] == 0x03)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details, "This port speaks TLS: use https: instead of http:.");
  else
    {
      g_autofree char *start = show_start (answer->body);

      doctor_add_text (details, "body", start);
      doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, details, "Something listens at this port, but it does not speak HTTP%s%.*s",
                     *start != '\0' ? ". It says: " : ".", (int) strcspn (start, "\r\n"), start);
    }
}

static void
report_silence (Doctor  *self,
                GError  *error)
{
  gboolean has_own = sio_options_get_cert_file (self->options) != NULL || sio_options_get_pfx_file (self->options) != NULL;
  gboolean was_cut = g_error_matches (error, SIO_ERROR, SIO_ERROR_UNREACHABLE)
                     || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  /* In TLS 1.3 the server says so only after the handshake, and GIO has no code for it then. */
  if (error->domain == G_TLS_ERROR && !has_own)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, NULL,
                   "The server ended the secure connection (%s). It wants a certificate from us, it seems: --cert and --key, "
                   "or --pfx.", error->message);
  else if (error->domain == G_TLS_ERROR)
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, NULL,
                   "The server ended the secure connection (%s). It does not accept our certificate, it seems.",
                   error->message);
  else if (g_error_matches (error, SIO_ERROR, SIO_ERROR_TIMED_OUT))
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, NULL,
                   "The port is open, but no answer to an HTTP request came within %u ms. Is it a web server at all? If it is a "
                   "slow one: --timeout gives it longer.", self->look_ms);
  else
    doctor_report (self, "http", SIOSCOPE_CHECK_ERROR, NULL, "The port is open, but there is no answer: %s%s",
                   error->message, was_cut && !self->url->tls ? ". Perhaps it speaks TLS only: try https:" : "");
}

/* What the server says of one transport. */
static gboolean
is_offered (DoctorAnswer *answer)
{
  return answer != NULL && doctor_answer_get_code (answer) != CODE_UNKNOWN_TRANSPORT;
}

gboolean
doctor_check_http (Doctor       *self,
                   DoctorEngine *engine)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DoctorAnswer) polling = NULL;
  g_autoptr(DoctorAnswer) websocket = NULL;
  g_autofree char *server = NULL;
  GString *details;

  /* Only the library can show our certificate; so only its sessions can tell. */
  if (self->has_closed_key)
    {
      *engine = (DoctorEngine) { TRUE, TRUE, TRUE };
      doctor_report (self, "http", SIOSCOPE_CHECK_INFO, NULL,
                     "Our key could not be opened without its passphrase: what is asked before a session is left out.");
      return TRUE;
    }

  polling = ask (self, sio_options_get_path (self->options), "polling", &error);
  if (polling == NULL)
    {
      report_silence (self, error);
      return FALSE;
    }

  server = doctor_answer_dup_header (polling, "Server");
  details = g_string_new (NULL);
  doctor_add_text (details, "path", sio_options_get_path (self->options));
  if (polling->status > 0)
    doctor_add_number (details, "status", polling->status);
  doctor_add_text (details, "server_header", server);
  doctor_add_number (details, "ms", polling->ms);

  if (polling->status == 0)
    {
      report_no_http (self, polling, details);
      return FALSE;
    }
  if (!is_engine_answer (polling))
    {
      report_refusal (self, polling, details);
      return FALSE;
    }

  engine->is_engine = TRUE;
  engine->polling = is_offered (polling);
  websocket = ask (self, sio_options_get_path (self->options), "websocket", NULL);
  engine->websocket = is_offered (websocket);
  doctor_add_bool (details, "polling", engine->polling);
  doctor_add_bool (details, "websocket", engine->websocket);
  doctor_report (self, "http", SIOSCOPE_CHECK_INFO, details, "A Socket.IO server answers at %s; it offers %s.",
                 sio_options_get_path (self->options),
                 engine->polling && engine->websocket ? "polling and WebSocket"
                 : engine->polling ? "polling only" : engine->websocket ? "WebSocket only" : "no transport");

  return TRUE;
}

/* ---- version ---- */

/* The client that the server hands out to browsers is of its own version, and asking for it has no effect. */
void
doctor_check_version (Doctor *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DoctorAnswer) answer = NULL;
  g_autofree char *etag = NULL;
  g_autofree char *version = NULL;
  const char *start;
  GString *details;
  guint major;

  if (self->has_closed_key)
    return;

  answer = doctor_fetch (self, sio_options_get_path (self->options), "socket.io.js", NULL, NULL, &error);
  etag = answer != NULL && answer->status == 200 ? doctor_answer_dup_header (answer, "ETag") : NULL;
  start = etag != NULL ? strpbrk (etag, "0123456789") : NULL;
  if (start != NULL)
    version = g_strndup (start, strspn (start, "0123456789."));

  /* Other servers, and proxies, have ETags of their own kind. */
  if (version == NULL || strchr (version, '.') == NULL || strlen (version) > 16)
    {
      doctor_report (self, "version", SIOSCOPE_CHECK_INFO, NULL,
                     "The server does not hand out the client for browsers, by which its version could be told.");
      return;
    }

  major = (guint) g_ascii_strtoull (version, NULL, 10);
  details = g_string_new (NULL);
  doctor_add_text (details, "version", version);
  if (sio_options_get_server (self->options) != 0 && sio_options_get_server (self->options) != major)
    doctor_report (self, "version", SIOSCOPE_CHECK_WARNING, details,
                   "The server hands out the client %s for browsers, so it is Socket.IO %u; --server says %u.", version, major,
                   sio_options_get_server (self->options));
  else
    doctor_report (self, "version", SIOSCOPE_CHECK_INFO, details,
                   "The server hands out the client %s for browsers, so it is Socket.IO %u.", version, major);
}

/* ---- clients of 2.x ---- */

/* The session that the question opened, closed in good order. */
static void
close_session (Doctor       *self,
               DoctorAnswer *answer,
               gboolean      is_eio3)
{
  const char *open = g_strstr_len (answer->body->str, (gssize) answer->body->len, "{");
  const char *end = open != NULL ? strchr (open, '}') : NULL;
  g_autoptr(GString) sid = NULL;
  SioSpan token;

  if (end == NULL || !sio_json_validate (open, (gsize) (end + 1 - open), 16, NULL, NULL, NULL)
      || !sio_json_object_get ((SioSpan) { open, (gsize) (end + 1 - open) }, "sid", &token)
      || sio_json_get_type (token) != SIO_JSON_STRING)
    return;

  sid = sio_json_unquote (token);
  {
    g_autofree char *escaped = sio_url_escape (sid->str);
    g_autofree char *piece = g_strconcat ("sid=", escaped, NULL);
    const char * const query[] = { is_eio3 ? "EIO=3" : "EIO=4", "transport=polling", piece, NULL };
    /* It ends by itself if this does not arrive. */
    g_autoptr(DoctorAnswer) closed = doctor_fetch (self, sio_options_get_path (self->options), "", query,
                                                   is_eio3 ? "1:1" : "1", NULL);
  }
}

void
doctor_check_eio3 (Doctor *self)
{
  static const char * const query[] = { "EIO=3", "transport=polling", "b64=1", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(DoctorAnswer) answer = NULL;
  gboolean allowed;
  GString *details;

  if (self->has_closed_key)
    return;

  answer = doctor_fetch (self, sio_options_get_path (self->options), "", query, NULL, &error);
  if (answer == NULL)
    {
      doctor_report (self, "eio3", SIOSCOPE_CHECK_WARNING, NULL, "Whether clients 2.x may connect could not be asked: %s",
                     error->message);
      return;
    }

  allowed = answer->status == 200 && answer->body->len > 0 && g_ascii_isdigit (answer->body->str[0])
            && answer->body->str[0] != '0';
  if (answer->status == 200)
    close_session (self, answer, allowed);

  details = g_string_new (NULL);
  doctor_add_bool (details, "allowed", allowed);
  doctor_report (self, "eio3", SIOSCOPE_CHECK_INFO, details,
                 allowed ? "Clients of Socket.IO 2.x may connect too (allowEIO3)."
                 : doctor_answer_get_code (answer) == CODE_UNSUPPORTED
                   ? "Clients of Socket.IO 2.x may not connect (allowEIO3 is off)."
                 : "Clients of Socket.IO 2.x would not be understood.");
}
