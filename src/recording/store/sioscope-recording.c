/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The recording as an object: making, what it says about itself, and the wake-up of its readers. */

#include "sioscope-recording-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

/* Address space, not memory: the mapping of a file that grows must never move. */
#define REGION_BYTES     (G_GUINT64_CONSTANT (64) << 30)
#define REGION_BYTES_MIN (G_GUINT64_CONSTANT (64) << 20)
#define FILE_BYTES_MAX   (G_GUINT64_CONSTANT (16) << 30)
#define INDEX_ROWS       (G_GUINT64_CONSTANT (1) << 34)
#define INDEX_ROWS_MIN   (G_GUINT64_CONSTANT (1) << 20)
#define INDEX_STEP       (G_GUINT64_CONSTANT (1) << 16)
#define MEMORY_CAP       (G_GUINT64_CONSTANT (256) << 20)

enum {
  ADVANCED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeRecording, sioscope_recording, G_TYPE_OBJECT)
/**
 * sioscope_recording_error_quark:
 *
 * Returns: the domain of #SioscopeRecordingError
 */
G_DEFINE_QUARK (sioscope-recording-error-quark, sioscope_recording_error)

typedef struct {
  GSource  source;
  GWeakRef recording;
} WakeSource;

static gboolean
wake_source_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     data)
{
  WakeSource *wake = (WakeSource *) source;
  g_autoptr(SioscopeRecording) self = g_weak_ref_get (&wake->recording);

  g_source_set_ready_time (source, -1);
  if (self == NULL)
    return G_SOURCE_REMOVE;

  /* Before the signal: what is published while handlers run wakes again. */
  __atomic_store_n (&self->wake_pending, 0, __ATOMIC_SEQ_CST);
  g_signal_emit (self, signals[ADVANCED], 0);
  return G_SOURCE_CONTINUE;
}

static void
wake_source_finalize (GSource *source)
{
  g_weak_ref_clear (&((WakeSource *) source)->recording);
}

static GSourceFuncs wake_source_funcs = {
  .dispatch = wake_source_dispatch,
  .finalize = wake_source_finalize,
};

/* Wakes the readers' main context, once until it has run. Any thread. */
void
sioscope_recording_wake (SioscopeRecording *self)
{
  if (__atomic_exchange_n (&self->wake_pending, 1, __ATOMIC_SEQ_CST) == 0)
    g_source_set_ready_time (self->wake_source, 0);
}

void
sioscope_recording_set_notice (SioscopeRecording *self,
                               const char        *notice)
{
  g_mutex_lock (&self->notice_lock);
  g_free (self->notice);
  self->notice = g_strdup (notice);
  g_mutex_unlock (&self->notice_lock);
  sioscope_recording_wake (self);
}

/* PROT_NONE costs nothing, not even where overcommit is forbidden; pages become writable as rows come. */
gboolean
sioscope_recording_reserve_index (SioscopeRecording *self)
{
  for (guint64 rows = INDEX_ROWS; rows >= INDEX_ROWS_MIN; rows /= 4)
    {
      void *index = mmap (NULL, rows * sizeof (SioscopeIndexWord), PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

      if (index == MAP_FAILED)
        continue;
      self->index = index;
      self->index_reserved = rows;
      return TRUE;
    }
  return FALSE;
}

gboolean
sioscope_recording_grow_index (SioscopeRecording *self)
{
  guint64 step = MIN (INDEX_STEP, self->index_reserved - self->index_ready);

  if (step == 0
      || mprotect (self->index + self->index_ready, step * sizeof (SioscopeIndexWord),
                   PROT_READ | PROT_WRITE) != 0)
    return FALSE;
  self->index_ready += step;
  return TRUE;
}

static guint64
largest_file (SioscopeRecording *self)
{
  return self->region - self->memory_cap - (1 << 16);
}

static gboolean
map_region (SioscopeRecording *self)
{
  for (guint64 bytes = REGION_BYTES; bytes >= REGION_BYTES_MIN; bytes /= 2)
    {
      void *base = mmap (NULL, bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, self->fd, 0);

      if (base == MAP_FAILED)
        continue;
      self->base = base;
      self->region = bytes;
      /* The memory that may have to follow the file needs its place in the same mapping. */
      self->memory_cap = MIN (self->memory_cap, bytes / 2);
      self->max_file = MIN (self->writer.only_file ? bytes : FILE_BYTES_MAX, largest_file (self));
      return TRUE;
    }
  return FALSE;
}

/* FALSE with errno; then there is no file. */
gboolean
sioscope_recording_create_file (SioscopeRecording *self)
{
  const SioscopeRecordingHeader header = { self->title, self->client, self->start_real_us };
  int saved_errno;

  self->fd = open (self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->fd < 0)
    return FALSE;

  /* Says that the writer still lives. A file system without locks is no reason not to record. */
  if (flock (self->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    goto failed;
  if (!sioscope_recording_header_write (&header, self->fd, &self->file_end) || !map_region (self))
    goto failed;
  self->writer.position = self->file_end;
  return TRUE;

failed:
  saved_errno = errno;
  g_unlink (self->path);
  close (self->fd);
  self->fd = -1;
  errno = saved_errno;
  return FALSE;
}

/**
 * sioscope_recording_new:
 * @path: (nullable): where to make the file, which must not exist; %NULL records in memory only
 * @title: (nullable): what the recording is of, for people: the URL without its userinfo
 *
 * Makes a recording to write into, with mode 0600. It is live until its recorder finishes.
 *
 * Never fails: if the file cannot be made, the recording is in memory, sioscope_recording_get_path() is %NULL and
 * sioscope_recording_dup_notice() says why.
 *
 * Returns: (transfer full): the recording
 */
SioscopeRecording *
sioscope_recording_new (const char *path,
                        const char *title)
{
  SioscopeRecording *self = g_object_new (SIOSCOPE_TYPE_RECORDING, NULL);
  g_autofree char *short_title = g_strndup (title != NULL ? title : "", 4096);

  self->title = g_utf8_make_valid (short_title, -1);
  self->client = g_strdup (SIOSCOPE_RECORDING_CLIENT);
  self->start_monotonic_us = g_get_monotonic_time ();
  self->start_real_us = g_get_real_time ();
  self->live = TRUE;
  self->path = g_strdup (path);

  if (!sioscope_recording_reserve_index (self))
    g_error ("no address space for the index of a recording");

  if (path != NULL && sioscope_recording_create_file (self))
    {
      sioscope_recording_start_buffer (self);
      return self;
    }

  if (path != NULL)
    {
      g_autofree char *notice = g_strdup_printf ("%s could not be made: %s: recording in memory",
                                                 path, g_strerror (errno));

      sioscope_recording_set_notice (self, notice);
      self->writer.note = g_steal_pointer (&notice);
      g_clear_pointer (&self->path, g_free);
    }
  sioscope_recording_start_memory (self);
  return self;
}

/**
 * sioscope_recording_set_max_file:
 * @self: a recording
 * @max_file: bytes, or 0 for as many as there can be
 *
 * Limits the size of the file; it is 16 GiB unless this is called. The row that would pass the limit and all after it are kept in
 * memory instead, and sioscope_recording_dup_notice() says so: they are lost with the program. A larger limit later does not bring
 * them back to the file. Any thread, at any time; of one that is not live or has no file it changes nothing.
 */
void
sioscope_recording_set_max_file (SioscopeRecording *self,
                                 guint64            max_file)
{
  g_return_if_fail (SIOSCOPE_IS_RECORDING (self));

  if (self->path == NULL || !sioscope_recording_get_live (self))
    return;
  __atomic_store_n (&self->max_file, max_file != 0 ? MIN (max_file, largest_file (self)) : largest_file (self),
                    __ATOMIC_RELAXED);
}

/**
 * sioscope_recording_get_n_rows:
 * @self: a recording
 *
 * Any thread. Rows below it are published and never change.
 *
 * Returns: how many rows there are
 */
guint64
sioscope_recording_get_n_rows (SioscopeRecording *self)
{
  return __atomic_load_n (&self->n_rows, __ATOMIC_ACQUIRE);
}

/**
 * sioscope_recording_get_first_row:
 * @self: a recording
 *
 * A recording in memory discards its oldest rows at its cap. Rows that were written to a file stay:
 * then this remains 0, and sioscope_recording_read() is %FALSE for those discarded in between.
 *
 * Returns: the first row that can still be read
 */
guint64
sioscope_recording_get_first_row (SioscopeRecording *self)
{
  if (__atomic_load_n (&self->hole_start, __ATOMIC_ACQUIRE) != 0)
    return 0;
  return __atomic_load_n (&self->hole_end, __ATOMIC_ACQUIRE);
}

/**
 * sioscope_recording_get_path:
 * @self: a recording
 *
 * Returns: (nullable): the file, or %NULL if the recording is in memory from its begin
 */
const char *
sioscope_recording_get_path (SioscopeRecording *self)
{
  return self->path;
}

/**
 * sioscope_recording_get_title:
 * @self: a recording
 *
 * Returns: what it is of; valid UTF-8, never %NULL
 */
const char *
sioscope_recording_get_title (SioscopeRecording *self)
{
  return self->title;
}

/**
 * sioscope_recording_get_client:
 * @self: a recording
 *
 * Returns: the program that wrote it, with its version; valid UTF-8, never %NULL
 */
const char *
sioscope_recording_get_client (SioscopeRecording *self)
{
  return self->client;
}

/**
 * sioscope_recording_get_start_real_us:
 * @self: a recording
 *
 * Returns: the wall clock at `time_us` 0, microseconds since 1970 in UTC
 */
gint64
sioscope_recording_get_start_real_us (SioscopeRecording *self)
{
  return self->start_real_us;
}

/**
 * sioscope_recording_get_now_us:
 * @self: a recording
 *
 * Returns: now, in the entries' `time_us`; of one that is not live the time of its last row, 0 if it has none
 */
gint64
sioscope_recording_get_now_us (SioscopeRecording *self)
{
  SioscopeEntry entry;
  guint64 n_rows;

  if (sioscope_recording_get_live (self))
    return g_get_monotonic_time () - self->start_monotonic_us;

  n_rows = sioscope_recording_get_n_rows (self);
  if (n_rows == 0 || !sioscope_recording_read (self, n_rows - 1, &entry))
    return 0;
  return entry.time_us;
}

/**
 * sioscope_recording_get_live:
 * @self: a recording
 *
 * Returns: %TRUE until its recorder has finished
 */
gboolean
sioscope_recording_get_live (SioscopeRecording *self)
{
  return __atomic_load_n (&self->live, __ATOMIC_ACQUIRE);
}

/**
 * sioscope_recording_dup_notice:
 * @self: a recording
 *
 * Any thread. #SioscopeRecording::advanced is emitted after a change.
 *
 * Returns: (transfer full) (nullable): one English sentence about what went wrong with the keeping
 */
char *
sioscope_recording_dup_notice (SioscopeRecording *self)
{
  char *notice;

  g_mutex_lock (&self->notice_lock);
  notice = g_strdup (self->notice);
  g_mutex_unlock (&self->notice_lock);
  return notice;
}

/* A copy that was never finished is no recording of anything. */
static void
remove_unfinished (SioscopeRecording *self)
{
  struct stat ours, there;

  if (fstat (self->fd, &ours) == 0 && lstat (self->path, &there) == 0
      && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
    g_unlink (self->path);
}

static void
sioscope_recording_finalize (GObject *object)
{
  SioscopeRecording *self = SIOSCOPE_RECORDING (object);

  g_source_destroy (self->wake_source);
  g_source_unref (self->wake_source);
  if (self->base != NULL)
    munmap (self->base, self->region);
  if (self->index != NULL)
    munmap (self->index, self->index_reserved * sizeof (SioscopeIndexWord));
  sioscope_names_clear (&self->names);
  if (self->fd >= 0 && self->writer.only_file)
    remove_unfinished (self);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->writer.buffer);
  g_free (self->writer.note);
  g_mutex_clear (&self->notice_lock);
  g_free (self->notice);
  g_free (self->path);
  g_free (self->title);
  g_free (self->client);

  G_OBJECT_CLASS (sioscope_recording_parent_class)->finalize (object);
}

static void
sioscope_recording_class_init (SioscopeRecordingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  struct sigaction action;

  object_class->finalize = sioscope_recording_finalize;

  /* A file size limit is one more error code of write(), and not the end of the program. */
  if (sigaction (SIGXFSZ, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
    {
      action.sa_handler = SIG_IGN;
      sigaction (SIGXFSZ, &action, NULL);
    }

  /**
   * SioscopeRecording::advanced:
   * @self: the recording
   *
   * Rows were published, or the notice changed, or it is not live any more. Emitted on the main context that was
   * the thread's default when the recording was made, at most once an iteration.
   */
  signals[ADVANCED] = g_signal_new ("advanced", SIOSCOPE_TYPE_RECORDING, G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sioscope_recording_init (SioscopeRecording *self)
{
  self->fd = -1;
  self->memory_cap = MEMORY_CAP;
  g_mutex_init (&self->notice_lock);

  self->wake_source = g_source_new (&wake_source_funcs, sizeof (WakeSource));
  g_source_set_static_name (self->wake_source, "[sioscope] recording advanced");
  g_weak_ref_init (&((WakeSource *) self->wake_source)->recording, self);
  g_source_set_ready_time (self->wake_source, -1);
  g_source_attach (self->wake_source, g_main_context_get_thread_default ());
}
