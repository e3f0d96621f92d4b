/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Putting a file in a place so that there is either all of it or what was there before. Not with g_file_replace(): closing its
 * stream after a write has failed puts the half file over the old one. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sioscope-exporter-private.h"

#define TEMPORARY_TRIES 16

static void
set_error (GError     **error,
           const char  *path,
           int          number)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (number), "%s: %s", name, g_strerror (number));
}

/* Its writer would go on with a file that has no name any more. */
static gboolean
is_being_written (const char *path)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  gboolean locked = fd >= 0 && flock (fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

  if (fd >= 0)
    close (fd);
  return locked;
}

static gboolean
check_place (const char  *path,
             GError     **error)
{
  g_autofree char *name = g_filename_display_name (path);
  struct stat info;

  if (lstat (path, &info) != 0)
    {
      if (errno == ENOENT)
        return TRUE;
      set_error (error, path, errno);
      return FALSE;
    }
  if (S_ISDIR (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "%s: that is a folder", name);
  else if (S_ISLNK (info.st_mode))
    /* Whoever can make a link where we write would choose what is overwritten. */
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s: that is a symbolic link; name the file itself", name);
  else if (!S_ISREG (info.st_mode))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s: that is no ordinary file", name);
  else if (access (path, W_OK) != 0)
    set_error (error, path, errno);
  else if (is_being_written (path))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: that recording is just being written", name);
  else
    return TRUE;
  return FALSE;
}

/* The name says nothing of the destination's: that may already be as long as a name can be. */
static char *
make_temporary_name (const char *folder)
{
  g_autofree char *base = g_strdup_printf (".sioscope-%08x%08x.part", g_random_int (), g_random_int ());

  return g_build_filename (folder, base, NULL);
}

gboolean
sioscope_placing_begin (SioscopePlacing  *self,
                        const char       *path,
                        GError          **error)
{
  g_autofree char *folder = NULL;
  gsize size = strlen (path);

  *self = (SioscopePlacing) { .folder = -1 };
  if (size == 0 || path[size - 1] == '/')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, "%s: that is no name of a file", size == 0 ? "\"\"" : path);
      return FALSE;
    }
  if (!check_place (path, error))
    return FALSE;
  folder = g_path_get_dirname (path);
  self->folder = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->folder < 0)
    {
      set_error (error, folder, errno);
      return FALSE;
    }
  self->path = g_strdup (path);
  self->temporary = make_temporary_name (folder);
  return TRUE;
}

int
sioscope_placing_create (SioscopePlacing  *self,
                         GError          **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  int fd = -1;

  for (guint i = 0; i < TEMPORARY_TRIES; i++)
    {
      fd = open (self->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd >= 0 || errno != EEXIST)
        break;
      g_free (self->temporary);
      self->temporary = make_temporary_name (folder);
    }
  if (fd < 0)
    {
      int number = errno;

      g_clear_pointer (&self->temporary, g_free); /* whoever's it is */
      set_error (error, self->path, number);
    }
  return fd;
}

gboolean
sioscope_placing_finish (SioscopePlacing  *self,
                         GError          **error)
{
  if (!check_place (self->path, error))
    return FALSE;
  if (rename (self->temporary, self->path) != 0)
    {
      set_error (error, self->path, errno);
      return FALSE;
    }
  g_clear_pointer (&self->temporary, g_free);
  /* All of it is there. Where a folder cannot be synced, or fails to be, a power failure now could bring the old file back, and
   * that is all: nothing that could be undone. */
  if (fsync (self->folder) != 0)
    g_debug ("the folder of %s is not synced: %s", self->path, g_strerror (errno));
  return TRUE;
}

void
sioscope_placing_clear (SioscopePlacing *self)
{
  if (self->temporary != NULL)
    g_unlink (self->temporary);
  g_clear_pointer (&self->temporary, g_free);
  g_clear_pointer (&self->path, g_free);
  if (self->folder >= 0)
    close (self->folder);
  self->folder = -1;
}
