/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Asking the disk: that what was written survives a power failure, and whether there is room left. */

#include "sioscope-recording-private.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LOW_SPACE (G_GUINT64_CONSTANT (200) << 20)

static void
sync_in_thread (gpointer data,
                gpointer user_data)
{
  g_autoptr(SioscopeRecording) self = data;
  struct statvfs vfs;

  if (fdatasync (self->fd) != 0 && errno != EINVAL && errno != EROFS)
    __atomic_store_n (&self->sync_errno, errno, __ATOMIC_RELAXED);

  /* Leave room for others, but a small disk may be filled: its owner knows why. */
  if (fstatvfs (self->fd, &vfs) == 0)
    {
      guint64 total = (guint64) vfs.f_blocks * vfs.f_frsize;

      if ((guint64) vfs.f_bavail * vfs.f_frsize < MIN (LOW_SPACE, total / 20))
        __atomic_store_n (&self->low_space, 1, __ATOMIC_RELAXED);
    }
}

/* Asks that what was written survives a power failure too. Returns at once: one thread does it for all recordings. */
void
sioscope_recording_sync_soon (SioscopeRecording *self)
{
  static GThreadPool *pool;

  if (self->fd < 0 || self->writer.in_memory || !self->writer.dirty)
    return;
  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, g_thread_pool_new (sync_in_thread, NULL, 1, FALSE, NULL));
  self->writer.dirty = FALSE;
  g_thread_pool_push (pool, g_object_ref (self), NULL);
}
