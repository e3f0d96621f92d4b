/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines go out at once, with write (2) and no buffer of stdio's in between. A pipe that nobody
 * empties holds the program up, and with it, by way of TCP, the server; an interrupt gets through
 * all the same.
 *
 * Into a file or a pipe go the bytes as they came over the wire. On a terminal they must not be
 * able to act: JSON leaves C1 controls, DEL and the characters that turn text around unescaped, so
 * there they are written as \u escapes, which is the same JSON. */

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "siocat-interrupt.h"
#include "siocat-output.h"

/* A pipe that poll (2) calls writable takes this much without blocking. */
#define PIPE_CHUNK 4096
/* After an interrupt: how long the last lines may wait for the reader. */
#define LAST_WORDS_MS 250

static struct {
  gboolean known;
  gboolean is_terminal;
  gboolean is_file;
  int      error; /* errno of the write that failed, or 0 */
} output;

static gboolean
is_harmless (gunichar c)
{
  if (c < 0x80)
    return c != 0x7f && (c >= 0x20 || c == '\n');

  return !(c < 0xa0
           || c == 0x061c
           || (c >= 0x200b && c <= 0x200f)
           || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f)
           || c == 0xfeff
           || (c >= 0xfff9 && c <= 0xfffb)
           || (c >= 0xe0000 && c <= 0xe007f));
}

void
siocat_append_harmless (GString    *out,
                        const char *text,
                        gsize       size)
{
  const char *end = text + size;

  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          /* A lone byte 0x9b starts an escape sequence on some terminals. */
          g_string_append (out, "\xef\xbf\xbd");
          text++;
          continue;
        }

      if (is_harmless (c))
        g_string_append_unichar (out, c);
      else if (c < 0x10000)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_printf (out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
      text = g_utf8_next_char (text);
    }
}

static void
look_at_output (void)
{
  struct stat buf;

  if (output.known)
    return;

  output.known = TRUE;
  output.is_terminal = isatty (STDOUT_FILENO);
  output.is_file = fstat (STDOUT_FILENO, &buf) == 0 && S_ISREG (buf.st_mode);
}

/* FALSE if nobody is going to read it. */
static gboolean
wait_for_room (void)
{
  struct pollfd fds[2] = { { STDOUT_FILENO, POLLOUT, 0 }, { siocat_interrupt_get_fd (), POLLIN, 0 } };

  for (;;)
    {
      gboolean interrupted = siocat_interrupt_is_pending ();
      int n = poll (fds, interrupted || fds[1].fd < 0 ? 1 : 2, interrupted ? LAST_WORDS_MS : -1);

      if (n < 0 && errno != EINTR)
        return FALSE;
      if (n > 0 && fds[0].revents != 0)
        return TRUE;
      if (n == 0 && interrupted)
        return FALSE;
    }
}

static void
write_all (const char *text,
           gsize       size)
{
  while (size > 0 && output.error == 0)
    {
      gssize written;

      if (!output.is_file && !wait_for_room ())
        {
          output.error = EPIPE;
          return;
        }

      written = write (STDOUT_FILENO, text, output.is_file ? size : MIN (size, PIPE_CHUNK));
      if (written >= 0)
        {
          text += written;
          size -= (gsize) written;
        }
      else if (errno != EINTR && errno != EAGAIN)
        output.error = errno;
    }
}

void
siocat_output_write (const char *text,
                     gsize       size)
{
  g_autoptr(GString) harmless = NULL;

  look_at_output ();

  if (output.is_terminal)
    {
      harmless = g_string_sized_new (size + 64);
      siocat_append_harmless (harmless, text, size);
      text = harmless->str;
      size = harmless->len;
    }

  write_all (text, size);
}

gboolean
siocat_output_is_broken (void)
{
  return output.error != 0;
}

SiocatStatus
siocat_output_finish (SiocatStatus status)
{
  /* Whoever closes the pipe has seen enough: `siocat … | head`. */
  if (output.error == 0 || output.error == EPIPE)
    return status;

  siocat_complain ("standard output could not be written: %s", g_strerror (output.error));

  return status != SIOCAT_DONE ? status : SIOCAT_FILE;
}

void
siocat_complain (const char *format,
                 ...)
{
  g_autofree char *message = NULL;
  g_autoptr(GString) line = g_string_new ("siocat: ");
  gsize sent = 0;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  siocat_append_harmless (line, message, strlen (message));
  g_string_append_c (line, '\n');

  while (sent < line->len)
    {
      gssize written = write (STDERR_FILENO, line->str + sent, line->len - sent);

      /* There is nobody left to be told. */
      if (written < 0 && errno != EINTR)
        return;
      if (written > 0)
        sent += (gsize) written;
    }
}

void
siocat_append_head (GString    *line,
                    const char *kind,
                    gint64      time_us)
{
  g_string_append_printf (line, "{\"kind\":\"%s\",\"time\":%" G_GINT64_FORMAT ".%06d", kind,
                          time_us / G_USEC_PER_SEC, (int) (time_us % G_USEC_PER_SEC));
}
