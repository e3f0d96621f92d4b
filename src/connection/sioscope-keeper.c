/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The folder is another program's as much as ours: whatever lies in it is looked at without trust, by its descriptor and not by its
 * name, and what is no recording is left alone. */

#include "sioscope-keeper.h"

#include "sioscope-recording-header.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".sioscope"
#define DAY_US (G_GINT64_CONSTANT (24) * 3600 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE (SioscopeKept, sioscope_kept, G_TYPE_OBJECT)

struct _SioscopeKeeper {
  GObject parent_instance;

  char       *folder;
  guint64     max_bytes; /* 0: no limit */
  guint       max_days;
  gint64      since_us;  /* what was changed later than that is of this run */
  GHashTable *held;      /* paths, to how often */
};

G_DEFINE_FINAL_TYPE (SioscopeKeeper, sioscope_keeper, G_TYPE_OBJECT)

/* What a thread gets: nothing of it is shared with the keeper. */
typedef struct {
  char       *folder;
  gboolean    tidy;
  guint64     max_bytes;
  gint64      max_age_us;
  gint64      since_us;
  GHashTable *held;
} Look;

static void
sioscope_kept_finalize (GObject *object)
{
  SioscopeKept *self = SIOSCOPE_KEPT (object);

  g_free (self->path);
  g_free (self->title);
  g_free (self->message);

  G_OBJECT_CLASS (sioscope_kept_parent_class)->finalize (object);
}

static void
sioscope_kept_class_init (SioscopeKeptClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_kept_finalize;
}

static void
sioscope_kept_init (SioscopeKept *self)
{
}

void
sioscope_keeping_free (SioscopeKeeping *self)
{
  g_ptr_array_unref (self->recordings);
  g_free (self->message);
  g_free (self);
}

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->folder);
  g_hash_table_unref (look->held);
  g_free (look);
}

static gint64
change_time (const struct stat *st)
{
  return (gint64) st->st_mtim.tv_sec * G_USEC_PER_SEC + st->st_mtim.tv_nsec / 1000;
}

/* Made for this user only if it is not there, and only this user's if it is. -1: errno says why not. */
static int
open_folder (const char *folder)
{
  struct stat st;
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return -1;
  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 077) != 0)
    (void) fchmod (fd, 0700); /* where that is forbidden nothing is lost: the files are 0600 each */
  return fd;
}

/* -1: not a file of ours, or it cannot be read: errno is 0 for the first. A symbolic link is not followed and a fifo does not hold us. */
static int
open_file (int folder_fd, const char *name, struct stat *st)
{
  int fd;

  errno = 0;
  if (fstatat (folder_fd, name, st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (st->st_mode))
    return errno = 0, -1;
  fd = openat (folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return -1;
  if (fstat (fd, st) != 0 || !S_ISREG (st->st_mode))
    {
      close (fd);
      return errno = 0, -1;
    }
  return fd;
}

/* TRUE: no program writes it, and none will: a recording is written by the one that made it, under a lock. This one, shared or not,
 * is ours until the descriptor is closed. An empty file may be one that is just being made, between its creation and its lock: it is not touched,
 * or its writer would not get it. */
static gboolean
lock_file (int fd, const struct stat *st, int operation)
{
  if (st->st_size == 0)
    return g_get_real_time () - change_time (st) > DAY_US;
  /* A file system without locks: nobody who could be asked. */
  return flock (fd, operation | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static void
read_header (SioscopeKept *kept, int fd)
{
  g_auto (SioscopeRecordingHeader) header = { NULL };
  g_autoptr (GError) error = NULL;

  if (kept->size == 0)
    kept->problem = SIOSCOPE_KEPT_EMPTY;
  else if (sioscope_recording_header_read (&header, fd, kept->size, kept->path, &error))
    {
      kept->start_us = header.start_real_us;
      g_free (kept->title);
      kept->title = g_steal_pointer (&header.title);
    }
  else if (g_error_matches (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_NOT_A_RECORDING))
    kept->problem = SIOSCOPE_KEPT_NOT_A_RECORDING;
  else if (g_error_matches (error, SIOSCOPE_RECORDING_ERROR, SIOSCOPE_RECORDING_ERROR_NEWER_VERSION))
    kept->problem = SIOSCOPE_KEPT_NEWER_VERSION;
  else if (error->domain == SIOSCOPE_RECORDING_ERROR)
    kept->problem = SIOSCOPE_KEPT_DAMAGED;
  else
    {
      kept->problem = SIOSCOPE_KEPT_REFUSED;
      kept->message = g_strdup (error->message);
    }
}

/* NULL: no file of ours. */
static SioscopeKept *
look_at_file (int folder_fd, const char *folder, const char *name)
{
  struct stat st;
  int fd = open_file (folder_fd, name, &st);
  SioscopeKept *kept;

  if (fd < 0 && errno == 0)
    return NULL;

  kept = g_object_new (SIOSCOPE_TYPE_KEPT, NULL);
  kept->path = g_build_filename (folder, name, NULL);
  kept->title = g_strdup ("");
  if (fd < 0)
    {
      kept->problem = SIOSCOPE_KEPT_REFUSED;
      kept->message = g_strdup (g_strerror (errno));
    }
  kept->size = (guint64) st.st_size;
  kept->changed_us = kept->start_us = change_time (&st);
  if (fd < 0)
    return kept;

  if (st.st_uid == geteuid () && (st.st_mode & 077) != 0)
    (void) fchmod (fd, 0600);
  kept->being_written = !lock_file (fd, &st, LOCK_SH);
  read_header (kept, fd);
  close (fd);
  return kept;
}

static int
compare_newest_start (gconstpointer a, gconstpointer b)
{
  const SioscopeKept *x = *(SioscopeKept *const *) a;
  const SioscopeKept *y = *(SioscopeKept *const *) b;

  return x->start_us != y->start_us ? (x->start_us < y->start_us ? 1 : -1) : strcmp (y->path, x->path);
}

static int
compare_newest_change (gconstpointer a, gconstpointer b)
{
  const SioscopeKept *x = *(SioscopeKept *const *) a;
  const SioscopeKept *y = *(SioscopeKept *const *) b;

  return x->changed_us != y->changed_us ? (x->changed_us < y->changed_us ? 1 : -1) : strcmp (y->path, x->path);
}

/* Under its lock, so that nobody has begun to write it. kept: what was seen, which must be the same file still; or NULL. */
static gboolean
remove_file (int folder_fd, const char *name, const SioscopeKept *kept, GError **error)
{
  struct stat st;
  int fd = open_file (folder_fd, name, &st);
  gboolean removed = FALSE;
  int saved_errno = errno;

  if (fd < 0 && saved_errno == 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s: %s", name, g_strerror (ENOENT));
      return FALSE;
    }
  if (kept != NULL && change_time (&st) != kept->changed_us)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: %s", name, g_strerror (EBUSY));
  else if (fd >= 0 && st.st_size > 0 && !lock_file (fd, &st, LOCK_EX))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: %s", name, g_strerror (EBUSY));
  else if (unlinkat (folder_fd, name, 0) != 0)
    {
      saved_errno = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", name, g_strerror (saved_errno));
    }
  else
    removed = TRUE;
  if (fd >= 0)
    close (fd);
  return removed;
}

/* The oldest go first. Never the newest of all, and nothing that was written to within a day or in this run: what a crash has left
 * behind must be there when the person comes to look for it. */
static void
tidy (SioscopeKeeping *keeping, const Look *look, int folder_fd)
{
  gint64 now_us = g_get_real_time ();
  guint64 kept_bytes = 0;

  g_ptr_array_sort (keeping->recordings, compare_newest_change);
  for (guint i = 0; i < keeping->recordings->len;)
    {
      SioscopeKept *kept = g_ptr_array_index (keeping->recordings, i);
      g_autofree char *name = g_path_get_basename (kept->path);
      gint64 age_us = now_us - kept->changed_us;
      g_autoptr (GError) error = NULL;
      gboolean beyond = (look->max_age_us > 0 && age_us > look->max_age_us) ||
                        (look->max_bytes > 0 && kept_bytes + kept->size > look->max_bytes);
      gboolean spared = i == 0 || kept->being_written || kept->problem != SIOSCOPE_KEPT_READABLE || age_us < DAY_US ||
                        kept->changed_us >= look->since_us || g_hash_table_contains (look->held, kept->path);

      if (beyond && !spared && remove_file (folder_fd, name, kept, &error))
        {
          keeping->n_removed++;
          keeping->removed_bytes += kept->size;
          keeping->bytes -= kept->size;
          g_ptr_array_remove_index (keeping->recordings, i);
          continue;
        }
      if (error != NULL && keeping->message == NULL)
        keeping->message = g_strdup (error->message);
      kept_bytes += kept->size;
      i++;
    }
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Look *look = data;
  g_autoptr (SioscopeKeeping) keeping = g_new0 (SioscopeKeeping, 1);
  int folder_fd = open_folder (look->folder);
  int saved_errno = errno;
  DIR *dir;

  keeping->recordings = g_ptr_array_new_with_free_func (g_object_unref);
  dir = folder_fd >= 0 ? fdopendir (folder_fd) : NULL;
  if (dir == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", look->folder,
                               g_strerror (saved_errno));
      if (folder_fd >= 0)
        close (folder_fd);
      return;
    }

  for (struct dirent *entry = readdir (dir); entry != NULL && !g_cancellable_is_cancelled (cancellable); entry = readdir (dir))
    {
      SioscopeKept *kept;

      if (entry->d_name[0] == '.' || !g_str_has_suffix (entry->d_name, SUFFIX))
        continue;
      kept = look_at_file (folder_fd, look->folder, entry->d_name);
      if (kept == NULL)
        continue;
      g_ptr_array_add (keeping->recordings, kept);
      keeping->bytes += kept->size;
    }
  if (!g_task_return_error_if_cancelled (task))
    {
      if (look->tidy)
        tidy (keeping, look, folder_fd);
      g_ptr_array_sort (keeping->recordings, compare_newest_start);
      g_task_return_pointer (task, g_steal_pointer (&keeping), (GDestroyNotify) sioscope_keeping_free);
    }
  closedir (dir);
}

/**
 * sioscope_keeper_look_async:
 * @self: a keeper
 * @tidy: whether what is beyond the limits is removed
 * @cancellable: (nullable): stops it; nothing is removed then
 * @callback: called once
 * @data: for @callback
 *
 * Looks through the folder on another thread. Only the headers are read, however large the recordings are. The folder is made, with mode
 * 0700, if it is not there; modes that let others read are mended.
 *
 * Removed are the oldest, but never the newest of all; nor one that a living program writes, was written to in the last day or in this
 * run, is held, or cannot be read; nor anything but regular files that are called like recordings.
 */
void
sioscope_keeper_look_async (SioscopeKeeper      *self,
                            gboolean             tidy_first,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  Look *look = g_new0 (Look, 1);
  GHashTableIter iter;
  gpointer path;

  g_task_set_source_tag (task, sioscope_keeper_look_async);
  look->folder = g_strdup (self->folder);
  look->tidy = tidy_first;
  look->max_bytes = self->max_bytes;
  look->max_age_us = self->max_days * DAY_US;
  look->since_us = self->since_us;
  look->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    g_hash_table_add (look->held, g_strdup (path));
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_thread);
}

/**
 * sioscope_keeper_look_finish:
 * @self: a keeper
 * @result: of sioscope_keeper_look_async()
 * @error: why the folder cannot be read, a %G_IO_ERROR
 *
 * Returns: (transfer full): what is there now, or %NULL with @error set
 */
SioscopeKeeping *
sioscope_keeper_look_finish (SioscopeKeeper *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
delete_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  char **paths = data;
  GError *first = NULL;

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *folder = g_path_get_dirname (paths[i]);
      g_autofree char *name = g_path_get_basename (paths[i]);
      int folder_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      int saved_errno = errno;
      GError *error = NULL;

      if (folder_fd < 0)
        g_set_error (&error, G_IO_ERROR, g_io_error_from_errno (saved_errno), "%s: %s", folder, g_strerror (saved_errno));
      else
        {
          remove_file (folder_fd, name, NULL, &error);
          close (folder_fd);
        }
      /* That it is gone already is what was wanted. */
      if (first != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        g_clear_error (&error);
      else
        first = error;
    }
  if (first != NULL)
    g_task_return_error (task, first);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * sioscope_keeper_delete_async:
 * @self: a keeper
 * @paths: (array zero-terminated=1): recordings in its folder
 * @callback: called once
 * @data: for @callback
 *
 * Deletes them for good, because a person wants it, on another thread. One that is being written, here or by another program, is not:
 * that is %G_IO_ERROR_BUSY.
 */
void
sioscope_keeper_delete_async (SioscopeKeeper *self, const char *const *paths, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (task, sioscope_keeper_delete_async);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *folder = g_path_get_dirname (paths[i]);

      if (!g_str_equal (folder, self->folder))
        {
          g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s is not in %s", paths[i], self->folder);
          return;
        }
    }
  g_task_set_task_data (task, g_strdupv ((char **) paths), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, delete_thread);
}

/**
 * sioscope_keeper_delete_finish:
 * @self: a keeper
 * @result: of sioscope_keeper_delete_async()
 * @error: why the first that is still there could not be deleted, a %G_IO_ERROR
 *
 * Returns: whether all of them are gone
 */
gboolean
sioscope_keeper_delete_finish (SioscopeKeeper *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * sioscope_keeper_hold:
 * @self: a keeper
 * @path: a recording in its folder
 *
 * The limits do not take it away before sioscope_keeper_let_go() was called as often. A look that is under way knows nothing of it.
 */
void
sioscope_keeper_hold (SioscopeKeeper *self, const char *path)
{
  gpointer times = g_hash_table_lookup (self->held, path);

  g_hash_table_insert (self->held, g_strdup (path), GUINT_TO_POINTER (GPOINTER_TO_UINT (times) + 1));
}

/**
 * sioscope_keeper_let_go:
 * @self: a keeper
 * @path: a recording that is held
 *
 * Takes back one sioscope_keeper_hold().
 */
void
sioscope_keeper_let_go (SioscopeKeeper *self, const char *path)
{
  guint times = GPOINTER_TO_UINT (g_hash_table_lookup (self->held, path));

  if (times > 1)
    g_hash_table_insert (self->held, g_strdup (path), GUINT_TO_POINTER (times - 1));
  else
    g_hash_table_remove (self->held, path);
}

/**
 * sioscope_keeper_set_limits:
 * @self: a keeper
 * @max_bytes: how large all recordings together may be; 0: there is no limit
 * @max_days: how long after its last change one is kept; 0: for ever
 *
 * What the next sioscope_keeper_look_async() that tidies keeps to.
 */
void
sioscope_keeper_set_limits (SioscopeKeeper *self, guint64 max_bytes, guint max_days)
{
  self->max_bytes = max_bytes;
  self->max_days = max_days;
}

/**
 * sioscope_keeper_get_folder:
 * @self: a keeper
 *
 * Returns: (transfer none): where the recordings are
 */
const char *
sioscope_keeper_get_folder (SioscopeKeeper *self)
{
  return self->folder;
}

static void
sioscope_keeper_finalize (GObject *object)
{
  SioscopeKeeper *self = SIOSCOPE_KEEPER (object);

  g_free (self->folder);
  g_hash_table_unref (self->held);

  G_OBJECT_CLASS (sioscope_keeper_parent_class)->finalize (object);
}

static void
sioscope_keeper_class_init (SioscopeKeeperClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_keeper_finalize;
}

static void
sioscope_keeper_init (SioscopeKeeper *self)
{
  self->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->since_us = g_get_real_time ();
}

/**
 * sioscope_keeper_new:
 * @folder: where the recordings are that nobody has saved; it need not be there yet
 *
 * What is written to from now on counts as of this run.
 *
 * Returns: (transfer full): a keeper without limits
 */
SioscopeKeeper *
sioscope_keeper_new (const char *folder)
{
  SioscopeKeeper *self = g_object_new (SIOSCOPE_TYPE_KEEPER, NULL);

  self->folder = g_canonicalize_filename (folder, NULL);
  return self;
}
