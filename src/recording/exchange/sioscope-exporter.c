/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The door between a recording and the formats: which rows, without what, how far, and when to stop. */

#include "sioscope-exporter-private.h"
#include "sioscope-projection.h"
#include "sioscope-recording-index.h"
#include "sioscope-redactor.h"

#define OUTPUT_CHUNK (64 * 1024)
#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 4)
/* Between looks at the clock. */
#define PROGRESS_ROWS 256
/* Between looks at the cancellable, where nothing is written yet. */
#define FOLD_ROWS 65536
/* Of the whole, where every row is looked at for secrets first. */
#define LEARN_SHARE 0.3

struct _SioscopeExporter {
  SioscopeRecording          *recording;
  const SioscopeExportOptions *options;
  GOutputStream              *stream;   /* NULL: of a recording */
  GCancellable               *cancellable;
  GError                     *error;    /* the first one; nothing more is read or written */

  SioscopeProjection         *projection; /* NULL until somebody asks */
  SioscopeMatcher            *matcher;    /* NULL: every row */
  gulong                      stop_id;
  gint                        stop;       /* for the matcher: cancelled */
  SioscopeRedactor           *redactor;   /* NULL: secrets stay */
  SioscopeRedacted           *next_memory;
  SioscopeRedacted           *read_memory;
  char                       *title;
  GString                    *out;

  guint64                     row;
  guint64                     end;
  guint64                     wanted_ref; /* the packet that was asked about last for an attachment */
  gboolean                    wanted;

  SioscopeProgress            progress;
  gpointer                    progress_data;
  gint64                      progress_us;
  double                      done;
  double                      done_before; /* by the first look */
  guint                       countdown;
};

static void
tell_progress (SioscopeExporter *self,
               double            done)
{
  gint64 now_us;

  if (self->progress == NULL)
    return;
  now_us = g_get_monotonic_time ();
  /* A format that looks at the rows twice does not go back. */
  if (now_us < self->progress_us + PROGRESS_INTERVAL_US || done <= self->done)
    return;
  self->progress_us = now_us;
  self->done = done;
  self->progress (done, self->progress_data);
}

/* FALSE: stop. */
static gboolean
goes_on (SioscopeExporter *self,
         guint64           row)
{
  if (self->error != NULL || g_cancellable_set_error_if_cancelled (self->cancellable, &self->error))
    return FALSE;
  if (self->countdown-- == 0)
    {
      self->countdown = PROGRESS_ROWS;
      tell_progress (self, self->done_before + (1 - self->done_before) * (double) row / (double) MAX (1, self->end));
    }
  return TRUE;
}

/* A credential that is seen late in one place may have been told in another before: so all rows come first. */
static void
learn (SioscopeExporter *self)
{
  SioscopeEntry entry;
  SioscopeName name;

  self->redactor = sioscope_redactor_new ();
  self->next_memory = sioscope_redacted_new ();
  self->read_memory = sioscope_redacted_new ();
  sioscope_redactor_learn_text (self->redactor, sioscope_recording_get_title (self->recording));
  for (guint64 row = 0; row < self->end; row++)
    {
      row = sioscope_recording_skip_discarded (self->recording, row);
      if (row >= self->end || g_cancellable_set_error_if_cancelled (self->cancellable, &self->error))
        break;
      if (sioscope_recording_read (self->recording, row, &entry))
        sioscope_redactor_learn (self->redactor, &entry);
      if (row % PROGRESS_ROWS == 0)
        tell_progress (self, LEARN_SHARE * (double) row / (double) self->end);
    }
  for (guint number = 1; number <= sioscope_recording_get_n_names (self->recording); number++)
    if (sioscope_recording_get_name (self->recording, number, &name))
      sioscope_redactor_learn_name (self->redactor, &name);
  sioscope_redactor_seal (self->redactor);
  self->done_before = LEARN_SHARE;
}

/* One large row may take the matcher a while. */
static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  SioscopeExporter *self = data;

  g_atomic_int_set (&self->stop, 1);
}

SioscopeExporter *
sioscope_exporter_new (SioscopeRecording           *recording,
                       const SioscopeExportOptions *options,
                       GOutputStream               *stream,
                       SioscopeProgress             progress,
                       gpointer                     progress_data,
                       GCancellable                *cancellable)
{
  SioscopeExporter *self = g_new0 (SioscopeExporter, 1);
  const char *title = sioscope_recording_get_title (recording);

  self->recording = g_object_ref (recording);
  self->options = options;
  self->stream = stream;
  self->cancellable = cancellable;
  self->progress = progress;
  self->progress_data = progress_data;
  self->out = g_string_sized_new (OUTPUT_CHUNK * 2);
  self->end = sioscope_recording_get_n_rows (recording);
  self->wanted_ref = SIOSCOPE_NO_ROW;

  if (!options->include_secrets)
    learn (self);
  self->title = self->redactor != NULL ? sioscope_redactor_redact_text (self->redactor, title != NULL ? title : "")
                                       : g_strdup (title != NULL ? title : "");
  if (options->filter != NULL && !sioscope_filter_is_everything (options->filter))
    {
      self->matcher = sioscope_matcher_new (options->filter, recording,
                                            sioscope_filter_needs_acks (options->filter)
                                            ? sioscope_exporter_get_projection (self) : NULL);
      sioscope_matcher_set_stop (self->matcher, &self->stop);
      if (cancellable != NULL)
        self->stop_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
    }
  return self;
}

void
sioscope_exporter_free (SioscopeExporter *self)
{
  if (self->stop_id != 0)
    g_cancellable_disconnect (self->cancellable, self->stop_id);
  g_clear_pointer (&self->matcher, sioscope_matcher_free);
  g_clear_object (&self->projection);
  g_clear_pointer (&self->redactor, sioscope_redactor_free);
  g_clear_pointer (&self->next_memory, sioscope_redacted_free);
  g_clear_pointer (&self->read_memory, sioscope_redacted_free);
  g_clear_error (&self->error);
  g_string_free (self->out, TRUE);
  g_free (self->title);
  g_object_unref (self->recording);
  g_free (self);
}

gboolean
sioscope_exporter_finish (SioscopeExporter  *self,
                          GError           **error)
{
  if (self->error == NULL && self->stream != NULL && self->out->len > 0)
    g_output_stream_write_all (self->stream, self->out->str, self->out->len, NULL, self->cancellable, &self->error);
  if (self->error == NULL && self->stream != NULL)
    g_output_stream_flush (self->stream, self->cancellable, &self->error);
  if (self->error == NULL)
    g_cancellable_set_error_if_cancelled (self->cancellable, &self->error);
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (self->progress != NULL)
    self->progress (1.0, self->progress_data);
  return TRUE;
}

SioscopeRecording *
sioscope_exporter_get_recording (SioscopeExporter *self)
{
  return self->recording;
}

const SioscopeExportOptions *
sioscope_exporter_get_options (SioscopeExporter *self)
{
  return self->options;
}

const char *
sioscope_exporter_get_title (SioscopeExporter *self)
{
  return self->title;
}

guint64
sioscope_exporter_get_end (SioscopeExporter *self)
{
  return self->end;
}

gboolean
sioscope_exporter_get_redacts (SioscopeExporter *self)
{
  return self->redactor != NULL;
}

SioscopeProjection *
sioscope_exporter_get_projection (SioscopeExporter *self)
{
  if (self->projection == NULL)
    {
      self->projection = sioscope_projection_new (self->recording);
      for (guint64 row = 0; row < self->end && self->error == NULL; )
        {
          row = MIN (self->end, row + FOLD_ROWS);
          sioscope_projection_update_to (self->projection, row);
          g_cancellable_set_error_if_cancelled (self->cancellable, &self->error);
        }
    }
  return self->projection;
}

/* The bytes of a binary event are part of it: they come with their packet, and never without. */
gboolean
sioscope_exporter_wants (SioscopeExporter    *self,
                         const SioscopeEntry *entry)
{
  if (self->matcher == NULL)
    return TRUE;
  if (entry->kind != SIOSCOPE_KIND_ATTACHMENT || entry->ref == SIOSCOPE_NO_ROW)
    return sioscope_matcher_wants (self->matcher, entry->row);
  if (entry->ref != self->wanted_ref)
    {
      self->wanted_ref = entry->ref;
      self->wanted = sioscope_matcher_wants (self->matcher, entry->ref);
    }
  return self->wanted;
}

void
sioscope_exporter_redact (SioscopeExporter *self,
                          SioscopeEntry    *entry)
{
  if (self->redactor != NULL)
    sioscope_redactor_redact (self->redactor, entry, self->next_memory);
}

gboolean
sioscope_exporter_next (SioscopeExporter *self,
                        SioscopeEntry    *entry)
{
  while (self->row < self->end)
    {
      guint64 row = sioscope_recording_skip_discarded (self->recording, self->row);

      if (!goes_on (self, row) || row >= self->end)
        return FALSE;
      self->row = row + 1;
      if (!sioscope_recording_read (self->recording, row, entry) || !sioscope_exporter_wants (self, entry))
        continue;
      sioscope_exporter_redact (self, entry);
      return TRUE;
    }
  return FALSE;
}

void
sioscope_exporter_rewind (SioscopeExporter *self,
                          guint64           row)
{
  self->row = row;
}

gboolean
sioscope_exporter_read (SioscopeExporter *self,
                        guint64           row,
                        SioscopeEntry    *entry)
{
  if (row >= self->end || !sioscope_recording_read (self->recording, row, entry))
    return FALSE;
  if (self->redactor != NULL)
    sioscope_redactor_redact (self->redactor, entry, self->read_memory);
  return TRUE;
}

GPtrArray *
sioscope_exporter_dup_attachments (SioscopeExporter *self,
                                   guint64           packet_row)
{
  GPtrArray *attachments = sioscope_recording_dup_attachments (self->recording, packet_row);

  if (self->redactor != NULL)
    sioscope_redactor_redact_attachments (self->redactor, packet_row, attachments);
  return attachments;
}

void
sioscope_exporter_fail (SioscopeExporter *self,
                        GError           *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

GString *
sioscope_exporter_get_out (SioscopeExporter *self)
{
  return self->out;
}

gboolean
sioscope_exporter_flush (SioscopeExporter *self)
{
  if (!goes_on (self, self->row))
    return FALSE;
  if (self->out->len < OUTPUT_CHUNK)
    return TRUE;
  if (!g_output_stream_write_all (self->stream, self->out->str, self->out->len, NULL, self->cancellable, &self->error))
    return FALSE;
  /* One large row must not be held for the rest of the export. */
  if (self->out->allocated_len > 16 * OUTPUT_CHUNK)
    {
      GString *fresh = g_string_sized_new (OUTPUT_CHUNK * 2);
      GString large = *self->out;

      *self->out = *fresh; /* formats keep the pointer */
      *fresh = large;
      g_string_free (fresh, TRUE);
    }
  g_string_truncate (self->out, 0);
  return TRUE;
}
