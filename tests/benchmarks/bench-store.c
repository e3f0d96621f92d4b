/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The recording as a file: appending, opening, reading anywhere, and what ten million rows take of memory. Each beside what it cannot
 * be faster than, measured in turn. Prints ratios; passes and fails nothing. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "bench-util.h"
#include "sioscope-log-model.h"
#include "sioscope-projection.h"
#include "sioscope-recorder.h"

#define EVENT_SIZE    50
#define N_LOOKS       1000000u
#define FRAME_NS      16.7e6
#define WRITE_SIZE    (256u * 1024)
#define GOAL_MB       250.0
#define RECORD_HEADER 24u

static double
now_s (void)
{
  return (double) g_get_monotonic_time () / 1e6;
}

/* The two numbers of the format that floors need: docs/recording-format.md. */
static gsize
get_header_size (const char *bytes)
{
  guint32 size;

  memcpy (&size, bytes + 12, 4);
  return GUINT32_FROM_LE (size);
}

static gsize
get_record_size (const char *record)
{
  guint32 size;

  memcpy (&size, record, 4);
  return (GUINT32_FROM_LE (size) + (gsize) 7) & ~(gsize) 7;
}

static void
print_line (const char *what,
            double      ours,
            const char *unit,
            double      floor,
            const char *floor_is,
            double      ratio)
{
  g_print ("%-22s | %8.1f %-8s | %8.1f %-8s | %7.2f | %s\n", what, ours, unit, floor, unit, ratio, floor_is);
}

/* --- What is appended --- */

typedef struct {
  SioTapPacket packet; /* its spans point into text */
  char         text[EVENT_SIZE + 64];
} Row;

/* As a busy server sends: forty events in three namespaces, and one row in ten is an emit that wants an ack, or its ack. */
static void
make_row (Row     *row,
          guint64  number)
{
  static const char * const nsps[] = { "", "/orders", "/admin" };
  gboolean wants_ack = number % 20 == 7, is_ack = number % 20 == 12;
  const char *nsp = wants_ack || is_ack ? "" : nsps[number % 3];
  char *text = row->text;
  gsize size, args_at;

  row->packet = (SioTapPacket) {
    .direction = wants_ack ? SIO_DIRECTION_OUT : SIO_DIRECTION_IN,
    .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
    .type = is_ack ? SIO_PACKET_ACK : SIO_PACKET_EVENT,
    .id = wants_ack || is_ack ? (gint64) (number / 20) : -1,
    .tag = wants_ack ? number / 20 + 1 : 0,
    .n_args = 1,
  };
  size = (gsize) g_snprintf (text, sizeof row->text, "4%c%s%s", is_ack ? '3' : '2', nsp, nsp[0] != '\0' ? "," : "");
  if (row->packet.id >= 0)
    size += (gsize) g_snprintf (text + size, sizeof row->text - size, "%" G_GINT64_FORMAT, row->packet.id);
  text[size++] = '[';
  args_at = size;
  if (!is_ack)
    {
      size += (gsize) g_snprintf (text + size, sizeof row->text - size, "\"event-%02u\"", (guint) (number / 3 % 40));
      row->packet.event = (SioSpan) { text + args_at, size - args_at };
      text[size++] = ',';
      args_at = size;
    }
  size += (gsize) g_snprintf (text + size, sizeof row->text - size, "{\"n\":%" G_GUINT64_FORMAT, number);
  while (size < EVENT_SIZE - 2)
    text[size++] = ' ';
  text[size++] = '}';
  row->packet.args = (SioSpan) { text + args_at, size - args_at };
  text[size++] = ']';
  row->packet.raw = (SioSpan) { text, size };
  row->packet.nsp = nsp[0] != '\0' ? (SioSpan) { text + 2, strlen (nsp) } : SIO_SPAN_LITERAL ("/");
}

/* What has to be taken off: making the texts is none of the recording's business. */
static double
measure_texts (guint64 n_rows)
{
  static volatile gsize sum;
  double start = now_s ();
  Row row;

  for (guint64 i = 0; i < n_rows; i++)
    {
      make_row (&row, i);
      sum += row.packet.raw.size;
    }
  return now_s () - start;
}

/* --- Appending --- */

static void
note_dead (gpointer  data,
           GObject  *object)
{
  __atomic_store_n ((int *) data, TRUE, __ATOMIC_RELEASE);
}

/* Returns the seconds it took until all was written and published. */
static double
append_rows (const char *path,
             guint64     n_rows)
{
  SioscopeRecording *recording = sioscope_recording_new (path, "benchmark");
  g_autoptr(SioscopeRecorder) recorder = sioscope_recorder_new (recording);
  g_autofree char *notice = NULL;
  SioTapInterface *iface = SIO_TAP_GET_IFACE (recorder);
  double start = now_s (), end;
  int dead = FALSE;
  Row row;

  for (guint64 i = 0; i < n_rows; i++)
    {
      make_row (&row, i);
      iface->packet (SIO_TAP (recorder), &row.packet);
    }
  sioscope_recorder_flush (recorder);
  end = now_s ();
  sioscope_recorder_finish (recorder);
  notice = sioscope_recording_dup_notice (recording);
  if (notice != NULL)
    g_error ("%s", notice);

  /* A thread may still be asking it onto the disk: that must not disturb what is measured next. */
  g_object_weak_ref (G_OBJECT (recording), note_dead, &dead);
  g_clear_object (&recorder);
  g_object_unref (recording);
  while (!__atomic_load_n (&dead, __ATOMIC_ACQUIRE))
    g_usleep (1000);
  return end - start;
}

/* The floor: the same bytes, copied record by record into a buffer that is written when it is full. */
static double
write_same_bytes (const char *path,
                  const char *copy)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const char *bytes = g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file), used = 0;
  g_autofree char *buffer = g_malloc (WRITE_SIZE);
  int fd = open (copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  double start = now_s (), end;

  g_assert_cmpint (fd, >=, 0);
  for (gsize offset = 0, record; offset < size; offset += record)
    {
      record = offset == 0 ? get_header_size (bytes) : get_record_size (bytes + offset);
      if (used + record > WRITE_SIZE)
        {
          g_assert_cmpint (write (fd, buffer, used), ==, (gssize) used);
          used = 0;
        }
      memcpy (buffer + used, bytes + offset, record);
      used += record;
    }
  g_assert_cmpint (write (fd, buffer, used), ==, (gssize) used);
  end = now_s ();
  close (fd);
  g_unlink (copy);
  return end - start;
}

static void
bench_append (const char *path,
              const char *other,
              guint64     n_rows,
              int         n_rounds)
{
  g_autofree double *ours = g_new (double, (gsize) n_rounds);
  g_autofree double *floor = g_new (double, (gsize) n_rounds);
  double o, f;

  for (int i = 0; i < n_rounds; i++)
    {
      g_unlink (path);
      ours[i] = append_rows (path, n_rows) - measure_texts (n_rows);
      floor[i] = write_same_bytes (path, other);
    }
  o = bench_quantile (ours, (gsize) n_rounds, 0.5);
  f = bench_quantile (floor, (gsize) n_rounds, 0.5);
  print_line ("append", o * 1e9 / (double) n_rows, "ns a row", f * 1e9 / (double) n_rows, "the bytes through a buffer to write ()",
              bench_ratio (o, f));
  g_print ("%-22s   %.1f million rows a second\n", "", (double) n_rows / o / 1e6);
}

/* --- Opening --- */

static double
open_recording (const char *path,
                guint64     n_rows)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  double start = now_s (), end;

  recording = sioscope_recording_open (path, &error);
  end = now_s ();
  g_assert_no_error (error);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), ==, n_rows);
  return end - start;
}

/* The floor: from header to header over a plain mapping. */
static double
walk_headers (const char *path,
              guint64     n_rows)
{
  double start = now_s (), end;
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const char *bytes = g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file);
  guint64 n = 0;

  for (gsize offset = get_header_size (bytes); offset < size; offset += get_record_size (bytes + offset))
    n++;
  end = now_s ();
  g_assert_cmpuint (n, ==, n_rows);
  return end - start;
}

/* As well as a program may ask for it: pages that are nowhere mapped and written leave the memory. */
static void
forget_file (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  fsync (fd);
  posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  close (fd);
}

static void
bench_open (const char *path,
            guint64     n_rows,
            int         n_rounds,
            gboolean    cold)
{
  g_autofree double *ours = g_new (double, (gsize) n_rounds);
  g_autofree double *floor = g_new (double, (gsize) n_rounds);
  double o, f;

  for (int i = 0; i < n_rounds; i++)
    {
      if (cold)
        forget_file (path);
      ours[i] = open_recording (path, n_rows);
      if (cold)
        forget_file (path);
      floor[i] = walk_headers (path, n_rows);
    }
  o = bench_quantile (ours, (gsize) n_rounds, 0.5);
  f = bench_quantile (floor, (gsize) n_rounds, 0.5);
  print_line (cold ? "open, not in memory" : "open", o * 1e3, "ms", f * 1e3, "walking from header to header", bench_ratio (o, f));
}

/* --- Any row --- */

static void
bench_random (const char *path,
              guint64     n_rows,
              int         n_rounds)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) recording = sioscope_recording_open (path, &error);
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  const char *bytes = g_mapped_file_get_contents (file);
  g_autofree guint64 *rows = g_new (guint64, N_LOOKS);
  g_autofree gsize *offsets = g_new (gsize, n_rows);
  g_autofree double *ours = g_new (double, (gsize) n_rounds);
  g_autofree double *floor = g_new (double, (gsize) n_rounds);
  static volatile guint64 sum;
  gsize offset = get_header_size (bytes);
  double o, f;

  g_assert_no_error (error);
  for (guint64 row = 0; row < n_rows; row++)
    {
      offsets[row] = offset;
      offset += get_record_size (bytes + offset);
    }
  for (guint i = 0; i < N_LOOKS; i++)
    rows[i] = (((guint64) g_rand_int (rand) << 32) | g_rand_int (rand)) % n_rows;

  for (int round = 0; round < n_rounds; round++)
    {
      double start = now_s ();
      SioscopeEntry entry;

      for (guint i = 0; i < N_LOOKS; i++)
        {
          if (!sioscope_recording_read (recording, rows[i], &entry))
            g_error ("a row is missing");
          sum += (guint8) entry.raw.data[0];
        }
      ours[round] = now_s () - start;

      start = now_s ();
      for (guint i = 0; i < N_LOOKS; i++)
        sum += (guint8) bytes[offsets[rows[i]] + RECORD_HEADER];
      floor[round] = now_s () - start;
    }
  o = bench_quantile (ours, (gsize) n_rounds, 0.5) * 1e9 / N_LOOKS;
  f = bench_quantile (floor, (gsize) n_rounds, 0.5) * 1e9 / N_LOOKS;
  print_line ("read any row", o, "ns a row", f, "one byte at the same places", bench_ratio (o, f));
  g_print ("%-22s   %.0f rows in a frame of 16.7 ms\n", "", FRAME_NS / o);
}

/* --- Memory --- */

/* Resident, anonymous: what is neither the file's pages nor the program's text. */
static double
get_own_bytes (void)
{
  g_autofree char *rollup = NULL;
  const char *line;

  malloc_trim (0);
  if (!g_file_get_contents ("/proc/self/smaps_rollup", &rollup, NULL, NULL))
    return 0;
  line = strstr (rollup, "\nAnonymous:");
  return line != NULL ? g_ascii_strtod (line + strlen ("\nAnonymous:"), NULL) * 1024 : 0;
}

static void
print_memory (const char *what,
              double      bytes,
              guint64     n_rows)
{
  g_print ("  %-34s %8.1f MB %8.1f bytes a row\n", what, bytes / 1e6, bytes / (double) n_rows);
}

static void
catch_up (SioscopeLogModel *model)
{
  while (sioscope_log_model_advance (model) || sioscope_log_model_get_behind (model))
    g_main_context_iteration (NULL, FALSE);
}

static void
bench_memory (const char *path,
              guint64     n_rows)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) recording = NULL;
  g_autoptr(SioscopeProjection) projection = NULL;
  g_autoptr(SioscopeLogModel) model = NULL;
  double start_s, open_s, fold_s, model_s, before, opened, folded, all;

  g_unlink (path);
  append_rows (path, n_rows);
  before = get_own_bytes ();
  start_s = now_s ();
  recording = sioscope_recording_open (path, &error);
  g_assert_no_error (error);
  open_s = now_s ();
  opened = get_own_bytes ();
  projection = sioscope_projection_new (recording);
  while (sioscope_projection_update (projection, 0))
    ;
  fold_s = now_s ();
  folded = get_own_bytes ();
  model = sioscope_log_model_new (recording);
  catch_up (model);
  model_s = now_s ();
  all = get_own_bytes ();

  g_print ("\nown memory at %.1f million rows: resident and anonymous, all of it advanced to the end\n", (double) n_rows / 1e6);
  print_memory ("recording", opened - before, n_rows);
  print_memory ("projection", folded - opened, n_rows);
  print_memory ("log model, every row shown", all - folded, n_rows);
  print_memory ("together", all - before, n_rows);
  print_memory ("the whole program", all, n_rows);
  g_print ("  goal: the whole program below %.0f MB at 10 million rows\n", GOAL_MB);
  g_print ("  opened in %.2f s, projection in %.2f s, log model in %.2f s\n", open_s - start_s, fold_s - open_s, model_s - fold_s);
}

int
main (int    argc,
      char **argv)
{
  int n_rounds = 5;
  gint64 n_rows = 1000000, n_memory_rows = 10000000;
  g_autofree char *dir = NULL;
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "Rounds of the floor and ours in turn", "N" },
    { "rows", 0, 0, G_OPTION_ARG_INT64, &n_rows, "Rows to append, open and read", "N" },
    { "memory-rows", 0, 0, G_OPTION_ARG_INT64, &n_memory_rows, "Rows to measure the memory with; 0: not", "N" },
    { "dir", 0, 0, G_OPTION_ARG_FILENAME, &dir, "Where recordings go", "FOLDER" },
    { NULL },
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *other = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  n_rounds = CLAMP (n_rounds, 1, 99);
  n_rows = MAX (n_rows, 1000);
  if (dir == NULL)
    dir = g_strdup (g_get_tmp_dir ());
  folder = g_build_filename (dir, "sioscope-bench-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (folder));
  path = g_build_filename (folder, "bench.sioscope", NULL);
  other = g_build_filename (folder, "floor", NULL);

  g_print ("a recording of %.1f million rows, events of %u B; median of %d rounds in turn\n",
           (double) n_rows / 1e6, EVENT_SIZE, n_rounds);
  g_print ("%-22s | %17s | %17s | %7s | %s\n", "", "ours", "floor", "ratio", "the floor is");
  bench_append (path, other, (guint64) n_rows, n_rounds);
  bench_open (path, (guint64) n_rows, n_rounds, FALSE);
  bench_open (path, (guint64) n_rows, n_rounds, TRUE);
  bench_random (path, (guint64) n_rows, n_rounds);
  if (n_memory_rows > 0)
    bench_memory (path, (guint64) n_memory_rows);

  g_unlink (path);
  g_rmdir (folder);
  return 0;
}
