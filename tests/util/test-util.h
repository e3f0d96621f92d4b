/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every test needs: waiting for a condition with a deadline instead of sleeping and hoping; and what memory
 * the process has. */

#pragma once

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static inline gboolean
test_deadline_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Iterates the thread-default main context until condition holds; fails the test after seconds. */
#define WAIT_FOR_SECONDS(condition, seconds)                                               \
  G_STMT_START {                                                                           \
    gboolean wait_late_ = FALSE;                                                           \
    GSource *wait_source_ = g_timeout_source_new ((guint) ((seconds) * 1000));             \
    g_source_set_callback (wait_source_, test_deadline_cb, &wait_late_, NULL);             \
    g_source_attach (wait_source_, g_main_context_get_thread_default ());                  \
    while (!(condition) && !wait_late_)                                                    \
      g_main_context_iteration (g_main_context_get_thread_default (), TRUE);               \
    if (!(condition))                                                                      \
      g_error ("%s:%d: waited %g s in vain for: %s", __FILE__, __LINE__,                   \
               (double) (seconds), #condition);                                            \
    g_source_destroy (wait_source_);                                                       \
    g_source_unref (wait_source_);                                                         \
  } G_STMT_END

#define WAIT_FOR(condition) WAIT_FOR_SECONDS (condition, 20)

/* The CPU time of this thread: the difference of two says what something costs, whatever else the machine does meanwhile. */
static inline gint64
test_get_work_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* A line of /proc/self/status, in bytes: "RssAnon:" is what the process owns beside files, "VmRSS:" all that is in memory,
 * "VmHWM:" the most that ever was. */
static inline guint64
test_get_memory (const char *what)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, what);
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen (what), NULL, 10) * 1024;
}

/* Forgets the "VmHWM:" there was, where the kernel lets us; gives what is in memory now. */
static inline guint64
test_reset_peak_memory (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  if (file != NULL)
    {
      fputs ("5", file);
      fclose (file);
    }
  return test_get_memory ("VmRSS:");
}

/* Bytes as the vectors write them. */
static inline GBytes *
test_decode_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; *hex != '\0'; hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) * 16 + g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (bytes);
}
