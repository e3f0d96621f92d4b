/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-connect-options.h"
#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-words.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

/* More than that of a reason or a name is never laid out. */
#define MAX_CHARS 300

static const char *const state_classes[] = {
  "state-closed", "state-recording", "state-connecting", "state-connected", "state-waiting", "state-failed",
};

/**
 * sioscope_looks_get_phase:
 * @phase: where a connection stands
 * @live: %FALSE for a recording that was opened from a file
 *
 * The icon, the style class and the short word for @phase.
 *
 * Returns: static strings
 */
SioscopeLook
sioscope_looks_get_phase (SioscopePhase phase, gboolean live)
{
  if (!live)
    return (SioscopeLook) { "sioscope-state-recording-symbolic", "state-recording", _("Recording") };

  switch (phase)
    {
    case SIOSCOPE_PHASE_CONNECTING:
      return (SioscopeLook) { "sioscope-state-connecting-symbolic", "state-connecting", _("Connecting…") };
    case SIOSCOPE_PHASE_CONNECTED:
      return (SioscopeLook) { "sioscope-state-connected-symbolic", "state-connected", _("Connected") };
    case SIOSCOPE_PHASE_WAITING:
      return (SioscopeLook) { "sioscope-state-waiting-symbolic", "state-waiting", _("Waiting") };
    case SIOSCOPE_PHASE_FAILED:
      return (SioscopeLook) { "sioscope-state-failed-symbolic", "state-failed", _("Failed") };
    case SIOSCOPE_PHASE_IDLE:
    default:
      return (SioscopeLook) { "sioscope-state-closed-symbolic", "state-closed", _("Closed") };
    }
}

/**
 * sioscope_looks_get_namespace:
 * @nsp: a namespace as the projection tells it
 *
 * Like sioscope_looks_get_phase(), for a namespace.
 *
 * Returns: static strings
 */
SioscopeLook
sioscope_looks_get_namespace (const SioscopeNamespace *nsp)
{
  SioscopeLook look;

  switch (nsp->state)
    {
    case SIO_SOCKET_STATE_CONNECTED:
      return sioscope_looks_get_phase (SIOSCOPE_PHASE_CONNECTED, TRUE);
    case SIO_SOCKET_STATE_WAITING:
      return sioscope_looks_get_phase (SIOSCOPE_PHASE_WAITING, TRUE);
    case SIO_SOCKET_STATE_CONNECTING:
      return sioscope_looks_get_phase (SIOSCOPE_PHASE_CONNECTING, TRUE);
    case SIO_SOCKET_STATE_INACTIVE:
    default:
      look = sioscope_looks_get_phase (nsp->refused ? SIOSCOPE_PHASE_FAILED : SIOSCOPE_PHASE_IDLE, TRUE);
      look.word = nsp->refused ? _("Refused") : _("Not connected");
      return look;
    }
}

/**
 * sioscope_looks_dup_safe:
 * @text: (nullable): text that came from a server or a person
 *
 * What may be shown in a label, a tooltip or a title: invisible characters escaped, and not endless.
 *
 * Returns: (transfer full): never %NULL
 */
char *
sioscope_looks_dup_safe (const char *text)
{
  return sioscope_format_text ((SioSpan) { text, text != NULL ? strlen (text) : 0 }, MAX_CHARS);
}

/* The library calls options by their names, in quotation marks; here they are called what the dialog calls them. */
static char *
name_options (const char *text)
{
  GString *named = g_string_new (NULL);
  const char *start;

  for (; (start = strchr (text, '"')) != NULL; text = start)
    {
      gsize size = strspn (start + 1, "abcdefghijklmnopqrstuvwxyz-");
      g_autofree char *option = g_strndup (start + 1, size);
      const char *title = start[1 + size] == '"' ? sioscope_connect_options_get_title (option) : option;

      g_string_append_len (named, text, start - text);
      start++;
      if (title == option)
        {
          g_string_append_c (named, '"');
          continue;
        }
      /* Translators: the title of an option, in quotation marks */
      g_string_append_printf (named, _("“%s”"), title);
      start += size + 1;
    }
  g_string_append (named, text);
  return g_string_free (named, FALSE);
}

/**
 * sioscope_looks_dup_reason:
 * @reason: (nullable): socket.io's word
 * @message: (nullable): the detail, from the error behind it
 * @heartbeat_ms: how long the server may be silent by the handshake, milliseconds; 0 if it is not known
 *
 * A sentence for people, without a full stop. What it does not know it says as it came.
 *
 * Returns: (transfer full): "" if there is no reason
 */
char *
sioscope_looks_dup_reason (const char *reason, const char *message, guint heartbeat_ms)
{
  SioSpan head = sioscope_words_head ((SioSpan) { message, message != NULL ? strlen (message) : 0 });
  g_autofree char *first = g_strndup (head.data, head.size);
  g_autofree char *safe = sioscope_looks_dup_safe (first);
  g_autofree char *detail = name_options (safe);
  g_autofree char *sentence = NULL;
  gboolean is_plain; /* the word only says that it failed; the detail says why */

  if (g_strcmp0 (reason, "ping timeout") == 0 && heartbeat_ms > 0)
    {
      g_autofree char *silence = sioscope_format_duration ((gint64) heartbeat_ms * 1000);

      /* Translators: a duration, for example "45 s" */
      return g_strdup_printf (_("No heartbeat for %s"), silence);
    }

  /* What a person can do about it stands at the start, where a narrow line does not cut it off. */
  if (g_strcmp0 (reason, "connect error") == 0 && g_str_has_prefix (detail, "HTTP 404"))
    return g_strdup_printf (_("No Socket.IO server at this address and path (%s)"), "HTTP 404");
  is_plain = g_strcmp0 (reason, "connect error") == 0 || g_strcmp0 (reason, "refused") == 0
             || g_strcmp0 (reason, "reconnection off") == 0;
  if (reason == NULL || *reason == '\0' || (is_plain && *detail != '\0'))
    return g_steal_pointer (&detail);
  sentence = sioscope_words_reason ((SioSpan) { reason, strlen (reason) });
  if (*detail == '\0' || g_str_equal (sentence, detail))
    return g_steal_pointer (&sentence);
  /* Translators: what happened, and the detail in the words of the system */
  return g_strdup_printf (_("%s: %s"), sentence, detail);
}

/**
 * sioscope_looks_dup_ending:
 * @projection: (nullable): what became of a connection
 *
 * Why it is closed, if it was the server who wanted that: it sent us away from every namespace, or did not let us in. After that a client
 * does not try again by itself, and a person has to know.
 *
 * Returns: (transfer full) (nullable): a sentence; %NULL if it is not closed, or was closed from here
 */
char *
sioscope_looks_dup_ending (SioscopeProjection *projection)
{
  const SioscopeNamespace *first = NULL;
  const SioscopeNamespace *list;
  g_autofree char *name = NULL;
  g_autofree char *reason = NULL;
  guint n;

  if (projection == NULL || sioscope_projection_get_status (projection)->phase != SIOSCOPE_PHASE_IDLE)
    return NULL;

  list = sioscope_projection_get_namespaces (projection, &n);
  for (guint i = 0; i < n; i++)
    {
      if (list[i].state != SIO_SOCKET_STATE_INACTIVE ||
          (!list[i].refused && g_strcmp0 (list[i].reason, "io server disconnect") != 0))
        return NULL;
      if (first == NULL)
        first = &list[i];
    }
  if (first == NULL)
    return NULL;

  name = sioscope_looks_dup_safe (first->nsp);
  if (!first->refused)
    /* Translators: a namespace */
    return g_strdup_printf (_("The server closed %s. A client does not come back from that by itself."), name);
  reason = sioscope_looks_dup_safe (first->reason);
  /* Translators: a namespace, and why in the server's words */
  return g_strdup_printf (_("The server refused %s: %s. A client does not try that again by itself."), name, reason);
}

/**
 * sioscope_looks_dup_state:
 * @status: where it stands
 * @live: %FALSE for a recording that was opened from a file
 * @now_us: the recording's time now, microseconds
 *
 * The word that stands beside the icon, with the countdown while waiting.
 *
 * Returns: (transfer full): for example "Retry 3 in 2.1 s"
 */
char *
sioscope_looks_dup_state (const SioscopeStatus *status, gboolean live, gint64 now_us)
{
  SioscopeLook look = sioscope_looks_get_phase (status->phase, live);

  if (live && status->phase == SIOSCOPE_PHASE_WAITING && status->retry_at_us >= 0)
    {
      g_autofree char *left = sioscope_format_countdown (MAX (status->retry_at_us - now_us, 0));

      /* Translators: the number of the attempt, and the time until it starts, for example "2.1 s" */
      return g_strdup_printf (_("Retry %u in %s"), status->attempt, left);
    }
  if (live && status->phase == SIOSCOPE_PHASE_CONNECTING && status->attempt > 0)
    /* Translators: the number of the attempt that is running */
    return g_strdup_printf (_("Retry %u…"), status->attempt);
  return g_strdup (look.word);
}

/**
 * sioscope_looks_dup_link:
 * @status: where it stands
 *
 * What carries the connection, for the line under the title.
 *
 * Returns: (transfer full): for example "Socket.IO 4 · Engine.IO 4 · websocket · rtt 3 ms"; "" if it is not connected
 */
char *
sioscope_looks_dup_link (const SioscopeStatus *status)
{
  GString *text = g_string_new (NULL);
  g_autofree char *versions = sioscope_words_dup_versions (status->server, status->eio);

  if (status->phase != SIOSCOPE_PHASE_CONNECTED)
    return g_string_free (text, FALSE);

  g_string_append_printf (text, "%s%s%s", versions, *versions != '\0' ? " · " : "", sioscope_words_transport (status->transport));
  if (status->parser != NULL)
    {
      g_autofree char *parser = sioscope_looks_dup_safe (status->parser);

      g_string_append_printf (text, " · %s", parser);
    }
  if (status->rtt_us >= 0)
    {
      g_autofree char *rtt = sioscope_format_duration (status->rtt_us);

      g_string_append (text, " · ");
      /* Translators: the round-trip time, for example "rtt 3 ms" */
      g_string_append_printf (text, _("rtt %s"), rtt);
    }
  return g_string_free (text, FALSE);
}

void
sioscope_looks_set_class (gpointer widget, const char *style_class)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_classes); i++)
    {
      if (g_str_equal (state_classes[i], style_class))
        gtk_widget_add_css_class (widget, state_classes[i]);
      else
        gtk_widget_remove_css_class (widget, state_classes[i]);
    }
}

/**
 * sioscope_looks_dup_certificate_errors:
 * @errors: #GTlsCertificateFlags
 *
 * Returns: (transfer full): what is wrong, for example "it has expired, it is for another host"
 */
char *
sioscope_looks_dup_certificate_errors (guint errors)
{
  static const struct { guint flag; const char *words; } all[] = {
    { G_TLS_CERTIFICATE_UNKNOWN_CA, N_("it is self-signed, or its issuer is not known here") },
    { G_TLS_CERTIFICATE_BAD_IDENTITY, N_("it is for another host") },
    { G_TLS_CERTIFICATE_NOT_ACTIVATED, N_("it is not valid yet") },
    { G_TLS_CERTIFICATE_EXPIRED, N_("it has expired") },
    { G_TLS_CERTIFICATE_REVOKED, N_("it was revoked") },
    { G_TLS_CERTIFICATE_INSECURE, N_("its algorithm is not safe") },
  };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (errors & all[i].flag)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", _(all[i].words));
  if (text->len == 0)
    g_string_append (text, _("something is wrong with it"));
  return g_string_free (text, FALSE);
}
