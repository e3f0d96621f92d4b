/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-diff-job.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

/* What is shown of a long value before the place where it differs. */
#define CONTEXT_BYTES 40

G_DEFINE_FINAL_TYPE (SioscopeDiffItem, sioscope_diff_item, G_TYPE_OBJECT)

static void
sioscope_diff_item_finalize (GObject *object)
{
  SioscopeDiffItem *self = SIOSCOPE_DIFF_ITEM (object);

  g_free (self->path);
  g_free (self->before);
  g_free (self->after);

  G_OBJECT_CLASS (sioscope_diff_item_parent_class)->finalize (object);
}

static void
sioscope_diff_item_class_init (SioscopeDiffItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_diff_item_finalize;
}

static void
sioscope_diff_item_init (SioscopeDiffItem *self)
{
}

void
sioscope_diff_result_free (SioscopeDiffResult *self)
{
  g_ptr_array_unref (self->items);
  g_free (self);
}

/* Where to begin, so that of two long values that begin alike the difference can be seen. */
static gsize
find_start (SioSpan a,
            SioSpan b)
{
  gsize n = MIN (a.size, b.size), i = 0;

  if (MAX (a.size, b.size) <= SIOSCOPE_DIFF_MAX_CHARS)
    return 0;
  while (i < n && a.data[i] == b.data[i])
    i++;
  if (i <= SIOSCOPE_DIFF_MAX_CHARS / 2)
    return 0;
  i -= CONTEXT_BYTES;
  /* Not inside of a character: up to here both are the same. */
  while (i > 0 && ((guchar) a.data[i] & 0xc0) == 0x80)
    i--;
  return i;
}

static char *
dup_value (SioSpan span,
           gsize   start)
{
  g_autofree char *text = NULL;

  if (span.size == 0)
    return NULL;
  text = sioscope_format_text ((SioSpan) { span.data + start, span.size - start }, SIOSCOPE_DIFF_MAX_CHARS);
  return start > 0 ? g_strconcat ("…", text, NULL) : g_steal_pointer (&text);
}

static SioscopeDiffItem *
make_item (const SioscopeJsonDifference *difference)
{
  SioscopeDiffItem *item = g_object_new (SIOSCOPE_TYPE_DIFF_ITEM, NULL);
  gboolean both = difference->before.size > 0 && difference->after.size > 0;
  gsize start = both ? find_start (difference->before, difference->after) : 0;
  g_autofree char *path = sioscope_format_text ((SioSpan) { difference->path, strlen (difference->path) }, SIOSCOPE_DIFF_MAX_CHARS);
  g_autofree char *old_path = sioscope_format_text ((SioSpan) { difference->old_path, strlen (difference->old_path) },
                                                    SIOSCOPE_DIFF_MAX_CHARS);
  GString *where = g_string_new (path);

  /* Translators: where a value was in the older message, when it is elsewhere in the newer one */
  if (!g_str_equal (difference->path, difference->old_path))
    g_string_append_printf (where, _(" (was %s)"), old_path);
  if (difference->occurrence > 0)
    /* Translators: a name that stands several times in an object: the second one, the third one … */
    g_string_append_printf (where, _(" · number %u of that name"), difference->occurrence + 1);

  item->kind = difference->kind;
  item->by_bytes = both && difference->before.size == difference->after.size &&
                   memcmp (difference->before.data, difference->after.data, difference->before.size) == 0;
  item->path = g_string_free (where, FALSE);
  item->before = dup_value (difference->before, start);
  item->after = dup_value (difference->after, start);
  return item;
}

typedef struct {
  guint64 rows[2];
} Job;

/* A copy: what is read must not change while it is compared, and a recording in memory gives old rows back. */
static GBytes *
copy_args (SioscopeRecording  *recording,
           guint64             row,
           gsize               limit,
           GPtrArray         **attachments,
           gboolean           *incomplete,
           GError            **error)
{
  g_autoptr(GBytes) copy = NULL;
  SioscopeEntry entry;

  if (sioscope_recording_read (recording, row, &entry))
    {
      if (entry.args.size > limit)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "too large to compare");
          return NULL;
        }
      copy = g_bytes_new (entry.args.data, entry.args.size);
      *attachments = entry.n_attachments > 0 ? sioscope_recording_dup_attachments (recording, row) : NULL;
      if (*attachments != NULL && (*attachments)->len < entry.n_attachments)
        *incomplete = TRUE;
      if (sioscope_recording_read (recording, row, &entry))
        return g_steal_pointer (&copy);
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "not kept any more");
  return NULL;
}

static void
compare_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Job *job = task_data;
  g_autoptr(SioscopeDiffResult) result = g_new0 (SioscopeDiffResult, 1);
  g_autoptr(GPtrArray) before_attachments = NULL;
  g_autoptr(GPtrArray) after_attachments = NULL;
  g_autoptr(GBytes) before = NULL;
  g_autoptr(GBytes) after = NULL;
  g_autoptr(SioscopeJsonDiff) diff = NULL;
  const SioscopeJsonDifference *differences;
  GError *error = NULL;
  SioSpan a, b;
  guint n;

  result->items = g_ptr_array_new_with_free_func (g_object_unref);
  before = copy_args (source, job->rows[0], SIOSCOPE_DIFF_MAX_BYTES, &before_attachments, &result->incomplete, &error);
  if (before != NULL)
    after = copy_args (source, job->rows[1], SIOSCOPE_DIFF_MAX_BYTES - g_bytes_get_size (before), &after_attachments,
                       &result->incomplete, &error);
  if (after != NULL)
    {
      a.data = g_bytes_get_data (before, &a.size);
      b.data = g_bytes_get_data (after, &b.size);
      diff = sioscope_json_diff_new (a, before_attachments, b, after_attachments, &error);
    }
  if (diff == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  differences = sioscope_json_diff_get (diff, &n);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (result->items, make_item (&differences[i]));
  result->limits = sioscope_json_diff_get_limits (diff);
  result->same = sioscope_json_diff_get_same (diff);
  result->identical = g_bytes_equal (before, after);
  g_task_return_pointer (task, g_steal_pointer (&result), (GDestroyNotify) sioscope_diff_result_free);
}

void
sioscope_diff_compare_async (SioscopeRecording   *recording,
                             guint64              before,
                             guint64              after,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (recording, NULL, callback, data);
  Job *job = g_new (Job, 1);

  *job = (Job) { { before, after } };
  g_task_set_source_tag (task, sioscope_diff_compare_async);
  g_task_set_task_data (task, job, g_free);
  g_task_run_in_thread (task, compare_thread);
}

SioscopeDiffResult *
sioscope_diff_compare_finish (SioscopeRecording  *recording,
                              GAsyncResult       *result,
                              GError            **error)
{
  g_return_val_if_fail (g_task_is_valid (result, recording), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
