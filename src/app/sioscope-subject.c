/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-looks.h"
#include "sioscope-settings.h"
#include "sioscope-subject-private.h"

#include <glib/gstdio.h>

/* A frame at 60 Hz. What comes in faster than that is folded in together. */
#define FRAME_MS 16
/* How long one frame may fold rows before the window gets its turn. */
#define BUDGET_US 5000
#define ROWS_AT_ONCE 2048
/* The countdown's resolution, as it is shown. */
#define COUNTDOWN_MS 100

typedef struct
{
  char *nsp;
  guint request;
} Question;

enum { PROP_0, PROP_TITLE, N_PROPS };
enum { CHANGED, REPLACED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeSubject, sioscope_subject, G_TYPE_OBJECT)

static gboolean
sioscope_subject_countdown_cb (gpointer data)
{
  g_signal_emit (data, signals[CHANGED], 0, (guint) SIOSCOPE_CHANGED_STATUS);
  return G_SOURCE_CONTINUE;
}

static void
sioscope_subject_projection_changed_cb (SioscopeSubject *self, guint what)
{
  gboolean waiting = sioscope_subject_get_live (self) &&
                     sioscope_subject_get_status (self)->phase == SIOSCOPE_PHASE_WAITING;

  if (waiting && self->countdown_source == 0)
    self->countdown_source = g_timeout_add (COUNTDOWN_MS, sioscope_subject_countdown_cb, self);
  else if (!waiting)
    g_clear_handle_id (&self->countdown_source, g_source_remove);

  g_signal_emit (self, signals[CHANGED], 0, what);
}

static gboolean
sioscope_subject_frame_cb (gpointer data)
{
  SioscopeSubject *self = data;
  gint64 start_us = g_get_monotonic_time ();
  gboolean more;

  do
    more = sioscope_projection_update (self->projection, ROWS_AT_ONCE);
  while (more && g_get_monotonic_time () - start_us < BUDGET_US);

  self->folded_us = g_get_monotonic_time ();
  if (more)
    return G_SOURCE_CONTINUE;
  self->frame_source = 0;
  return G_SOURCE_REMOVE;
}

static void
sioscope_subject_advanced_cb (SioscopeSubject *self)
{
  gint64 since_us = g_get_monotonic_time () - self->folded_us;

  if (self->frame_source != 0)
    return;
  /* The first row after a quiet time is folded at once, those that follow with the frame. */
  self->frame_source = g_timeout_add (since_us > FRAME_MS * 1000 ? 0 : FRAME_MS, sioscope_subject_frame_cb, self);
}

static void
sioscope_subject_forget_recording (SioscopeSubject *self)
{
  g_clear_handle_id (&self->frame_source, g_source_remove);
  g_clear_handle_id (&self->countdown_source, g_source_remove);
  if (self->recording != NULL)
    g_signal_handlers_disconnect_by_data (self->recording, self);
  if (self->projection != NULL)
    g_signal_handlers_disconnect_by_data (self->projection, self);
  g_clear_object (&self->projection);
  g_clear_object (&self->recording);
}

static void
sioscope_subject_take_recording (SioscopeSubject *self, SioscopeRecording *recording)
{
  self->recording = recording;
  self->projection = sioscope_projection_new (recording);
  g_signal_connect_swapped (self->projection, "changed",
                            G_CALLBACK (sioscope_subject_projection_changed_cb), self);
  g_signal_connect_swapped (self->recording, "advanced", G_CALLBACK (sioscope_subject_advanced_cb), self);
  g_signal_emit (self, signals[REPLACED], 0);
  sioscope_subject_advanced_cb (self);
}

static void
sioscope_subject_update_title (SioscopeSubject *self)
{
  g_free (self->title);
  self->title = sioscope_looks_dup_safe (sioscope_profile_get_name (self->profile));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

static void
question_free (gpointer data)
{
  g_free (((Question *) data)->nsp);
  g_free (data);
}

static void
sioscope_subject_dispose (GObject *object)
{
  SioscopeSubject *self = SIOSCOPE_SUBJECT (object);

  sioscope_subject_forget_recording (self);
  if (self->profile != NULL)
    g_signal_handlers_disconnect_by_data (self->profile, self);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->profile);
  g_clear_pointer (&self->questions, g_ptr_array_unref);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->url, g_free);

  G_OBJECT_CLASS (sioscope_subject_parent_class)->dispose (object);
}

static void
sioscope_subject_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_TITLE)
    g_value_set_string (value, SIOSCOPE_SUBJECT (object)->title);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
sioscope_subject_class_init (SioscopeSubjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sioscope_subject_dispose;
  object_class->get_property = sioscope_subject_get_property;

  /**
   * SioscopeSubject:title:
   *
   * Name of the profile or of the file, safe to show. Follows the profile.
   */
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL,
                                                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[CHANGED] = g_signal_new ("changed", SIOSCOPE_TYPE_SUBJECT, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[REPLACED] = g_signal_new ("replaced", SIOSCOPE_TYPE_SUBJECT, G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sioscope_subject_init (SioscopeSubject *self)
{
  self->questions = g_ptr_array_new_with_free_func (question_free);
  self->saved_rows = G_MAXUINT64;
  self->idle.retry_at_us = self->idle.last_ping_us = self->idle.rtt_us = -1;
}

/**
 * sioscope_subject_new_for_profile:
 * @profile: the target
 * @saved: whether it is in the store
 *
 * A line for @profile. Nothing is connected by this.
 *
 * Returns: (transfer full): a subject
 */
SioscopeSubject *
sioscope_subject_new_for_profile (SioscopeProfile *profile, gboolean saved)
{
  SioscopeSubject *self = g_object_new (SIOSCOPE_TYPE_SUBJECT, NULL);

  self->profile = g_object_ref (profile);
  self->saved = saved;
  g_signal_connect_swapped (profile, "notify::name", G_CALLBACK (sioscope_subject_update_title), self);
  g_signal_connect_swapped (profile, "notify::url", G_CALLBACK (sioscope_subject_update_title), self);
  sioscope_subject_update_title (self);
  return self;
}

/**
 * sioscope_subject_new_for_recording:
 * @recording: one that was opened from a file
 * @leftover: it is in the folder of unsaved recordings
 *
 * A line for @recording, read-only.
 *
 * Returns: (transfer full): a subject
 */
SioscopeSubject *
sioscope_subject_new_for_recording (SioscopeRecording *recording, gboolean leftover)
{
  SioscopeSubject *self = g_object_new (SIOSCOPE_TYPE_SUBJECT, NULL);

  self->leftover = leftover;
  self->title = sioscope_subject_dup_recording_title (sioscope_recording_get_path (recording),
                                                      leftover ? sioscope_recording_get_title (recording) : NULL);
  sioscope_subject_take_recording (self, g_object_ref (recording));
  return self;
}

SioscopeProfile *
sioscope_subject_get_profile (SioscopeSubject *self)
{
  return self->profile;
}

gboolean
sioscope_subject_get_saved (SioscopeSubject *self)
{
  return self->saved;
}

void
sioscope_subject_set_saved (SioscopeSubject *self, gboolean saved)
{
  self->saved = saved;
}

gboolean
sioscope_subject_get_leftover (SioscopeSubject *self)
{
  return self->leftover;
}

const char *
sioscope_subject_get_title (SioscopeSubject *self)
{
  return self->title;
}

SioscopeConnection *
sioscope_subject_get_connection (SioscopeSubject *self)
{
  return self->connection;
}

SioscopeRecording *
sioscope_subject_get_recording (SioscopeSubject *self)
{
  return self->recording;
}

SioscopeProjection *
sioscope_subject_get_projection (SioscopeSubject *self)
{
  return self->projection;
}

const SioscopeStatus *
sioscope_subject_get_status (SioscopeSubject *self)
{
  return self->projection != NULL ? sioscope_projection_get_status (self->projection) : &self->idle;
}

gboolean
sioscope_subject_get_live (SioscopeSubject *self)
{
  return self->profile != NULL;
}

gboolean
sioscope_subject_get_active (SioscopeSubject *self)
{
  SioscopePhase phase = sioscope_subject_get_status (self)->phase;

  return self->connection != NULL &&
         (phase == SIOSCOPE_PHASE_CONNECTING || phase == SIOSCOPE_PHASE_CONNECTED || phase == SIOSCOPE_PHASE_WAITING);
}

gint64
sioscope_subject_get_now_us (SioscopeSubject *self)
{
  return self->recording != NULL ? sioscope_recording_get_now_us (self->recording) : 0;
}

/* A namespace that asks again has forgotten what it asked before. */
static void
sioscope_subject_auth_wanted_cb (SioscopeSubject *self, const char *nsp, guint request)
{
  Question *question = NULL;

  for (guint i = 0; i < self->questions->len && question == NULL; i++)
    if (g_str_equal (((Question *) g_ptr_array_index (self->questions, i))->nsp, nsp))
      question = g_ptr_array_index (self->questions, i);
  if (question == NULL)
    {
      question = g_new0 (Question, 1);
      question->nsp = g_strdup (nsp);
      g_ptr_array_add (self->questions, question);
    }
  question->request = request;
  g_signal_emit (self, signals[CHANGED], 0, (guint) SIOSCOPE_CHANGED_NAMESPACES);
}

const char *
sioscope_subject_get_question (SioscopeSubject *self, guint *request)
{
  Question *question;

  /* Without a session nobody waits for the answer; the next one asks again. */
  if (self->questions->len == 0 || sioscope_subject_get_status (self)->phase != SIOSCOPE_PHASE_CONNECTED)
    return NULL;
  question = g_ptr_array_index (self->questions, 0);
  *request = question->request;
  return question->nsp;
}

void
sioscope_subject_answer (SioscopeSubject *self, gboolean join, const char *auth)
{
  guint request;
  const char *nsp = sioscope_subject_get_question (self, &request);

  if (nsp == NULL)
    return;
  if (join)
    sioscope_connection_answer_auth (self->connection, nsp, request, auth);
  else
    sioscope_connection_leave (self->connection, nsp);
  g_ptr_array_remove_index (self->questions, 0);
  g_signal_emit (self, signals[CHANGED], 0, (guint) SIOSCOPE_CHANGED_NAMESPACES);
}

/**
 * sioscope_subject_connect:
 * @self: a subject with a profile
 * @error: the first mistake in the profile
 *
 * Connects; the first time it makes the connection and its recording. A connection whose URL was edited since is replaced by a new one. What then
 * happens is in the recording.
 *
 * Returns: %FALSE with @error set if the profile is wrong
 */
gboolean
sioscope_subject_connect (SioscopeSubject *self, GError **error)
{
  g_return_val_if_fail (self->profile != NULL, FALSE);

  if (self->connection == NULL || self->stale)
    {
      g_autoptr (SioUrl) url = sio_url_parse (sioscope_profile_get_url (self->profile), NULL);
      g_autofree char *path = sioscope_subject_dup_new_path (url != NULL ? url->host : "connection");
      SioscopeConnection *connection = sioscope_connection_new (self->profile, path, error);

      if (connection == NULL)
        return FALSE;
      if (self->connection != NULL)
        {
          sioscope_connection_close (self->connection);
          sioscope_subject_forget_recording (self);
          g_signal_handlers_disconnect_by_data (self->connection, self);
          g_object_unref (self->connection);
        }
      self->connection = connection;
      g_ptr_array_set_size (self->questions, 0);
      g_signal_connect_swapped (connection, "auth-wanted", G_CALLBACK (sioscope_subject_auth_wanted_cb), self);
      self->stale = FALSE;
      g_free (self->url);
      self->url = g_strdup (sioscope_profile_get_url (self->profile));
      self->saved_rows = G_MAXUINT64;
      sioscope_subject_take_recording (self, g_object_ref (sioscope_connection_get_recording (connection)));
      sioscope_recording_set_max_file (self->recording,
                                       (guint64) sioscope_settings_get_int ("recording-megabytes") * 1000 * 1000);
    }

  sioscope_connection_open (self->connection);
  return TRUE;
}

void
sioscope_subject_disconnect (SioscopeSubject *self)
{
  g_ptr_array_set_size (self->questions, 0);
  if (self->connection != NULL)
    sioscope_connection_close (self->connection);
}

void
sioscope_subject_profile_changed (SioscopeSubject *self)
{
  if (self->connection == NULL)
    return;

  self->stale = !g_str_equal (self->url, sioscope_profile_get_url (self->profile)) ||
                !sioscope_connection_update_options (self->connection, NULL);
  if (g_strcmp0 (sioscope_profile_get_option (self->profile, "ask-auth"), "true") != 0)
    g_ptr_array_set_size (self->questions, 0);
}

gboolean
sioscope_subject_trust_certificate (SioscopeSubject *self)
{
  const SioscopeStatus *status = sioscope_subject_get_status (self);
  const char *trusted;
  g_autofree char *text = NULL;

  if (self->connection == NULL || !status->tls_refused || status->tls_fingerprint == NULL)
    return FALSE;

  trusted = sioscope_profile_get_option (self->profile, "trusted-fingerprints");
  text = trusted != NULL ? g_strconcat (trusted, "\n", status->tls_fingerprint, NULL) : g_strdup (status->tls_fingerprint);
  sioscope_profile_set_option (self->profile, "trusted-fingerprints", text);
  sioscope_subject_profile_changed (self);
  sioscope_connection_reconnect_now (self->connection);
  return TRUE;
}

/**
 * sioscope_subject_end:
 * @self: a subject
 *
 * Ends the connection, if there is one. What it recorded stays in the folder of unsaved recordings, unless all of it was saved elsewhere.
 */
void
sioscope_subject_end (SioscopeSubject *self)
{
  const char *path = self->recording != NULL ? sioscope_recording_get_path (self->recording) : NULL;

  if (path != NULL && (self->connection != NULL || self->leftover) && !sioscope_subject_get_active (self) &&
      !sioscope_subject_get_unsaved (self) && g_unlink (path) != 0 && errno != ENOENT)
    g_warning ("Could not delete %s: %s", path, g_strerror (errno));
  if (self->connection == NULL)
    return;

  sioscope_connection_close (self->connection);
  sioscope_subject_forget_recording (self);
  g_ptr_array_set_size (self->questions, 0);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_signal_emit (self, signals[REPLACED], 0);
}
