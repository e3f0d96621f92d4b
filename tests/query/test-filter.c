/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of cases, and what a table cannot say: rows that arrive while it matches, stopping, colours and completion. */

#include "recording-script.h"
#include "sioscope-filter.h"
#include "sioscope-recording-private.h"

/* 2026-05-01T10:00:00Z */
#define START_US (G_GINT64_CONSTANT (1777629600) * G_USEC_PER_SEC)

typedef struct {
  GString           *script;
  GPtrArray         *matches;  /* of lines */
  GPtrArray         *mistakes;
  SioscopeRecorder  *recorder;
  SioscopeRecording *recording;
  SioscopeProjection *acks;
} Table;

static void
load_table (Table         *table,
            gconstpointer  data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "query", "filter-cases.txt", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;
  const char *section = "";
  guint n_rows = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  table->script = g_string_new (NULL);
  table->matches = g_ptr_array_new_with_free_func (g_free);
  table->mistakes = g_ptr_array_new_with_free_func (g_free);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] == '[' && g_str_has_suffix (lines[i], "]"))
        section = lines[i];
      else if (lines[i][0] == '\0' || lines[i][0] == '#')
        continue;
      else if (g_str_equal (section, "[rows]"))
        {
          g_string_append_printf (table->script, "%s\n", lines[i]);
          n_rows++;
        }
      else
        g_ptr_array_add (g_str_equal (section, "[match]") ? table->matches : table->mistakes, g_strdup (lines[i]));
    }

  table->recording = script_record (table->script->str, &table->recorder);
  table->recording->start_real_us = START_US;
  g_assert_cmpuint (sioscope_recording_get_n_rows (table->recording), ==, n_rows);
  /* A recording that is over ends with its last row. */
  g_assert_finalize_object (g_steal_pointer (&table->recorder));
  table->acks = sioscope_projection_new (table->recording);
  sioscope_projection_update (table->acks, 0);
}

static void
free_table (Table         *table,
            gconstpointer  data)
{
  g_string_free (table->script, TRUE);
  g_ptr_array_unref (table->matches);
  g_ptr_array_unref (table->mistakes);
  g_assert_finalize_object (table->acks);
  g_assert_finalize_object (table->recording);
}

/* "1 4-6" to a set of rows. */
static GString *
expand_rows (const char *text,
             guint64     n_rows)
{
  g_auto(GStrv) words = g_strsplit (text, " ", -1);
  g_autofree gboolean *wanted = g_new0 (gboolean, n_rows);
  GString *rows = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint64 first, last;
      char *end;

      if (g_str_equal (words[i], "none") || *words[i] == '\0')
        continue;
      first = g_str_equal (words[i], "all") ? 0 : g_ascii_strtoull (words[i], &end, 10);
      last = g_str_equal (words[i], "all") ? n_rows - 1 : *end == '-' ? g_ascii_strtoull (end + 1, NULL, 10) : first;
      g_assert_cmpuint (last, <, n_rows);
      for (guint64 row = first; row <= last; row++)
        wanted[row] = TRUE;
    }
  for (guint64 row = 0; row < n_rows; row++)
    if (wanted[row])
      g_string_append_printf (rows, "%" G_GUINT64_FORMAT " ", row);
  return rows;
}

static GString *
matching_rows (SioscopeFilter     *filter,
               SioscopeRecording  *recording,
               SioscopeProjection *acks)
{
  g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, acks);
  guint64 n_rows = sioscope_recording_get_n_rows (recording);
  GString *rows = g_string_new (NULL);

  for (guint64 row = 0; row < n_rows; row++)
    if (sioscope_matcher_wants (matcher, row))
      g_string_append_printf (rows, "%" G_GUINT64_FORMAT " ", row);
  g_assert_false (sioscope_matcher_wants (matcher, n_rows));
  return rows;
}

static char *
cut (const char *line,
     const char *what,
     const char **rest)
{
  const char *arrow = strstr (line, " => ");

  if (arrow == NULL)
    g_error ("%s is missing in: %s", what, line);
  *rest = arrow + strlen (" => ");
  return g_strndup (line, (gsize) (arrow - line));
}

static void
test_matches (Table         *table,
              gconstpointer  data)
{
  guint n_wrong = 0;

  for (guint i = 0; i < table->matches->len; i++)
    {
      const char *rows;
      g_autofree char *line = cut (g_ptr_array_index (table->matches, i), "the rows", &rows);
      g_autoptr(GString) expected = expand_rows (rows, sioscope_recording_get_n_rows (table->recording));
      g_autoptr(GString) found = NULL;
      g_autoptr(SioscopeFilter) filter = NULL;
      g_autoptr(GError) error = NULL;
      SioscopePlace mistake;

      filter = sioscope_filter_new (line, &mistake, &error);
      if (filter == NULL)
        {
          g_test_message ("%s: a mistake at %zu-%zu: %s", line, mistake.start, mistake.end, error->message);
          n_wrong++;
          continue;
        }
      g_assert_no_error (error);
      found = matching_rows (filter, table->recording, table->acks);
      if (!g_str_equal (found->str, expected->str))
        {
          g_test_message ("%s: wants %snot %s", line, found->str, expected->str);
          n_wrong++;
        }
      g_assert_true (sioscope_filter_is_everything (filter) == (strspn (line, " ") == strlen (line)));
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

static void
test_mistakes (Table         *table,
               gconstpointer  data)
{
  guint n_wrong = 0;

  for (guint i = 0; i < table->mistakes->len; i++)
    {
      const char *rest, *message;
      g_autofree char *line = cut (g_ptr_array_index (table->mistakes, i), "the place", &rest);
      g_autofree char *place = cut (rest, "the message", &message);
      g_autofree char *found = NULL;
      g_autoptr(SioscopeFilter) filter = NULL;
      g_autoptr(GError) error = NULL;
      SioscopePlace mistake;

      filter = sioscope_filter_new (line, &mistake, &error);
      if (filter != NULL)
        {
          g_test_message ("%s: no mistake", line);
          n_wrong++;
          continue;
        }
      g_assert_error (error, SIOSCOPE_FILTER_ERROR, SIOSCOPE_FILTER_ERROR_SYNTAX);
      found = g_strdup_printf ("%zu-%zu", mistake.start, mistake.end);
      if (!g_str_equal (found, place) || strstr (error->message, message) == NULL)
        {
          g_test_message ("%s: %s: %s", line, found, error->message);
          n_wrong++;
        }
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

static SioscopeFilter *
parse (const char *line)
{
  g_autoptr(GError) error = NULL;
  SioscopeFilter *filter = sioscope_filter_new (line, NULL, &error);

  g_assert_no_error (error);
  return filter;
}

/* An event whose arguments are as they are said, not a copy of them: rows may be large. */
static void
feed_event (SioscopeRecorder *recorder,
            const char       *event,
            const char       *args)
{
  g_autofree char *raw = g_strdup_printf ("42[\"%s\",%s]", event, args);
  SioTapPacket packet = {
    .direction = SIO_DIRECTION_IN,
    .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
    .type = SIO_PACKET_EVENT,
    .raw = { raw, strlen (raw) },
    .nsp = { "/", 1 },
    .event = { raw + 3, strlen (event) + 2 },
    .args = { raw + strlen (event) + 6, strlen (args) },
    .n_args = 1,
    .id = -1,
  };

  SIO_TAP_GET_IFACE (SIO_TAP (recorder))->packet (SIO_TAP (recorder), &packet);
  sioscope_recorder_flush (recorder);
}

/* Names that come later, more than fit into a word of answers, and more than are numbered. */
static void
test_names (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record ("", &recorder);
  g_autoptr(SioscopeFilter) even = parse ("event:*0,*2,*4,*6,*8");
  g_autoptr(SioscopeFilter) root = parse ("ns:/");
  g_autoptr(SioscopeMatcher) names = sioscope_matcher_new (even, recording, NULL);
  g_autoptr(SioscopeMatcher) nsps = sioscope_matcher_new (root, recording, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("name%u", i);
      guint64 row = 2 * i;

      feed_event (recorder, name, "1");
      feed_event (recorder, "name0", "1");
      g_assert_true (sioscope_matcher_wants (names, row) == (i % 2 == 0));
      g_assert_true (sioscope_matcher_wants (names, row + 1));
      g_assert_true (sioscope_matcher_wants (nsps, row));
      g_assert_false (sioscope_matcher_wants (names, row + 2));
    }
  g_assert_cmpuint (sioscope_recording_get_n_names (recording), ==, 1000);

  {
    g_autofree char *long_name = g_strnfill (70000, 'x');

    /* Too long for a number, not for a filter. */
    feed_event (recorder, long_name, "1");
    g_assert_cmpuint (sioscope_recording_get_name_number (recording, 2000), ==, SIOSCOPE_NAME_UNNUMBERED);
    g_assert_false (sioscope_matcher_wants (names, 2000));
    g_assert_true (sioscope_matcher_wants (nsps, 2000));
    {
      g_autoptr(SioscopeFilter) filter = parse ("event:xxx*x");
      g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, NULL);

      g_assert_true (sioscope_matcher_wants (matcher, 2000));
      g_assert_false (sioscope_matcher_wants (matcher, 1999));
    }
  }
}

static gpointer
stop_cb (gpointer data)
{
  g_usleep (20000);
  g_atomic_int_set ((gint *) data, 1);
  return NULL;
}

/* A row that takes minutes is given up within a moment, and what was not finished is not wanted, whatever the line says. */
static void
test_stop (void)
{
  static const char * const lines[] = { "zzz", "not zzz", "/a*[bc]/", "not /a*[bc]/", "arg[0].x:1", "arg[0]:/a*[bc]/", "-arg[0]:b*c*d" };
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record ("", &recorder);
  g_autofree char *text = g_strnfill (24 << 20, 'a');

  text[0] = text[strlen (text) - 1] = '"';
  feed_event (recorder, "large", text);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr(SioscopeFilter) filter = parse (lines[i]);
      g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, NULL);
      gboolean hostile = strchr (lines[i], '[') != NULL && strchr (lines[i], '/') != NULL;
      GThread *thread = NULL;
      gint stop = hostile ? 0 : 1;

      if (hostile)
        thread = g_thread_new ("stop", stop_cb, &stop);
      sioscope_matcher_set_stop (matcher, &stop);
      g_assert_false (sioscope_matcher_wants (matcher, 0));
      if (thread != NULL)
        g_thread_join (thread);
      g_assert_cmpint (g_atomic_int_get (&stop), ==, 1);
    }
}

/* Expressions that would think for ages, on texts that make them. */
static void
test_hostile (void)
{
  static const char * const lines[] = {
    "/(a+)+$/", "/(a|aa)+$/", "/a.*b.*c/", "/^(([a-z])+.)+[A-Z]([a-z])+$/", "/(?:a?){30}a{30}b/", "/(a*)*\\1b/",
    "/((a{1,50}){1,50}){1,50}b/", "/(.*)(.*)(.*)(.*)(.*)x/", "/(?<=a{0,200})b/", "/(?R)?b/", "/((a(?1)?)+)+b/",
  };
  static const gsize sizes[] = { 60, 500, 520, 70000 };
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record ("", &recorder);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_strnfill (sizes[i], 'a');

      text[0] = text[sizes[i] - 1] = '"';
      feed_event (recorder, "e", text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(SioscopeFilter) filter = sioscope_filter_new (lines[i], NULL, &error);
      g_autoptr(SioscopeMatcher) matcher = NULL;

      if (filter == NULL)
        continue;
      matcher = sioscope_matcher_new (filter, recording, NULL);
      for (guint row = 0; row < G_N_ELEMENTS (sizes); row++)
        g_assert_false (sioscope_matcher_wants (matcher, row));
    }
}

/* Where the text is walked along in windows: nothing falls between two of them, and neither end is mistaken for the text's. */
static void
test_windows (void)
{
  g_autofree char *text = g_strnfill (40000, 'a');
  static const guint places[] = { 4, 4085, 4090, 4091, 4095, 4096, 8180, 8192, 16380, 16384, 20480, 39000, 39990 };
  static const struct { const char *line; gboolean wanted; } cases[] = {
    { "/XYZ/", TRUE }, { "/(?<=aaa)XYZ(?=aaa)/", TRUE }, { "/^XYZ/", FALSE }, { "/XYZ$/", FALSE }, { "/XYZa{1,9}$/", FALSE },
    { "/\\bXYZ/", FALSE }, { "/aXYZa/", TRUE }, { "/xyz/i", TRUE }, { "/\303\244?XYZ/", TRUE }, { "/^42.*XYZ/", TRUE }, { "/XYZ.*\"\\]$/", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(SioscopeRecorder) recorder = NULL;
      g_autoptr(SioscopeRecording) recording = script_record ("", &recorder);

      memset (text, 'a', 40000);
      text[0] = text[39999] = '"';
      memcpy (text + places[i], "XYZ", 3);
      feed_event (recorder, "e", text);
      for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
        {
          g_autoptr(SioscopeFilter) filter = parse (cases[j].line);
          g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, NULL);
          gboolean far = strstr (cases[j].line, ".*") != NULL;

          /* A match may be so long and no longer. */
          if (far && (g_str_has_prefix (cases[j].line, "/^") ? places[i] > 12000 : places[i] < 28000))
            continue;
          if (g_str_equal (cases[j].line, "/XYZa{1,9}$/") && places[i] > 39980)
            continue;
          if (sioscope_matcher_wants (matcher, 0) != cases[j].wanted)
            g_error ("%s at %u", cases[j].line, places[i]);
        }
    }
}

/* Bytes that are no text. */
static void
test_binary (void)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record ("", &recorder);
  static const guint8 bytes[] = { 0x00, 0xff, 0xfe, 'P', 'N', 'G', 0xc3, 0x00, 0x80 };
  SioSpan attachment = { (const char *) bytes, sizeof bytes };
  static const struct { const char *line; gboolean wanted; } cases[] = {
    { "png", TRUE }, { "/PNG/", TRUE }, { "/png/", FALSE }, { "/png/i", TRUE }, { "/^...PNG/s", TRUE }, { "/\\xff\\xfe/", TRUE },
    { "\"\\u0000\"", TRUE }, { "/\303\244/", FALSE }, { "/\\x{20ac}/", FALSE },
  };

  SIO_TAP_GET_IFACE (SIO_TAP (recorder))->attachment (SIO_TAP (recorder), SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET, 0, attachment);
  sioscope_recorder_flush (recorder);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(SioscopeFilter) filter = parse (cases[i].line);
      g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, NULL);

      if (sioscope_matcher_wants (matcher, 0) != cases[i].wanted)
        g_error ("%s", cases[i].line);
    }
}

static void
test_algebra (void)
{
  g_autoptr(SioscopeFilter) everything = parse (NULL);
  g_autoptr(SioscopeFilter) all = sioscope_filter_new_show (SIOSCOPE_SHOW_ALL, TRUE, TRUE);
  g_autoptr(SioscopeFilter) events = sioscope_filter_new_show (SIOSCOPE_SHOW_EVENTS, TRUE, FALSE);
  g_autoptr(SioscopeFilter) a = parse ("event:chat  (hello and  size:>1k)");
  g_autoptr(SioscopeFilter) b = parse ("event:chat hello size:>1k");
  g_autoptr(SioscopeFilter) c = parse ("event:chat hello or size:>1k");
  g_autoptr(SioscopeFilter) both = sioscope_filter_new_and (a, events);
  g_autoptr(SioscopeFilter) same = sioscope_filter_new_and (b, events);
  g_autoptr(SioscopeFilter) alone = sioscope_filter_new_and (a, everything);
  g_autoptr(SioscopeFilter) acks = parse ("kind:error or -(not ack:ok)");
  g_autoptr(SioscopeFilter) named = parse ("kind:ping or not (kind:http or not kind:error) or status:200");

  g_assert_true (sioscope_filter_is_everything (everything));
  g_assert_true (sioscope_filter_is_everything (all));
  g_assert_true (sioscope_filter_equal (everything, all));
  g_assert_false (sioscope_filter_is_everything (events));
  g_assert_true (sioscope_filter_equal (a, b));
  g_assert_false (sioscope_filter_equal (a, c));
  g_assert_true (sioscope_filter_equal (both, same));
  g_assert_false (sioscope_filter_equal (both, a));
  g_assert_true (sioscope_filter_equal (alone, a));
  g_assert_true (sioscope_filter_equal (NULL, NULL));
  g_assert_false (sioscope_filter_equal (NULL, a));
  g_assert_true (sioscope_filter_needs_acks (acks));
  g_assert_false (sioscope_filter_needs_acks (both));
  g_assert_cmpuint (sioscope_filter_get_named (a), ==, 0);
  g_assert_cmpuint (sioscope_filter_get_named (events), ==, 0);
  g_assert_cmpuint (sioscope_filter_get_named (named), ==,
                    SIOSCOPE_SHOW_HEARTBEATS | SIOSCOPE_SHOW_ERRORS | SIOSCOPE_SHOW_HTTP);
}

static void
test_limits (void)
{
  static const struct { const char *piece; guint n; gboolean good; } cases[] = {
    { "a ", 256, TRUE }, { "a ", 257, FALSE }, { "a ", 3000, FALSE }, { "not ", 60, TRUE }, { "not ", 200, FALSE },
    { "(", 1000, FALSE }, { "-", 4000, FALSE }, { "\"", 4001, FALSE }, { "/", 4000, FALSE }, { "arg[0]", 600, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) line = g_string_new (NULL);
      g_autoptr(SioscopeFilter) filter = NULL;
      g_autoptr(GError) error = NULL;
      SioscopePlace mistake;

      for (guint j = 0; j < cases[i].n; j++)
        g_string_append (line, cases[i].piece);
      g_string_append_c (line, 'x');
      if (cases[i].good && g_str_equal (cases[i].piece, "a "))
        g_string_truncate (line, line->len - 1);
      filter = sioscope_filter_new (line->str, &mistake, &error);
      if ((filter != NULL) != cases[i].good)
        g_error ("%u times %s: %s", cases[i].n, cases[i].piece, error != NULL ? error->message : "a filter");
      if (filter == NULL)
        g_assert_cmpuint (mistake.end, <=, line->len);
    }
}

static void
test_parts (void)
{
  static const struct { const char *line; const char *parts; } cases[] = {
    { "", "" },
    { "hello", "T0-5 " },
    { "event:chat", "K0-6 V6-10 " },
    { "event:a,\"b c\" or -(/x/i)", "K0-6 V6-7 V8-13 W14-16 W17-18 W18-19 R19-23 W23-24 " },
    { "event:/a b/ ns:/a", "K0-6 R6-11 K12-15 V15-17 " },
    { "arg[0][\"a b\"]:>1.5", "K0-14 V14-18 " },
    { "foo:bar \"open", "K0-4 V4-7 T8-13 " },
    { "event:", "K0-6 " },
    { "http://a/b", "T0-10 " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GArray) parts = sioscope_filter_dup_parts (cases[i].line);
      g_autoptr(GString) text = g_string_new (NULL);

      for (guint j = 0; j < parts->len; j++)
        {
          const SioscopeFilterPart *part = &g_array_index (parts, SioscopeFilterPart, j);

          g_string_append_printf (text, "%c%zu-%zu ", "TKVRW"[part->token], part->place.start, part->place.end);
        }
      g_assert_cmpstr (text->str, ==, cases[i].parts);
    }
}

static void
test_completion (Table         *table,
                 gconstpointer  data)
{
  /* "|" is the cursor. */
  static const struct { const char *line; const char *replaced; const char *offers; } cases[] = {
    { "|", "0-0", "event: ns: dir: kind: id: ack: size: latency: time: arg[0]. arg: sid: reason: status: replayed:" },
    { "s|", "0-1", "size: sid: status: ns: reason:" },
    { "hello k|", "6-7", "kind: ack:" },
    { "hello |", "6-6", "event: ns: dir: kind: id: ack: size: latency: time: arg[0]. arg: sid: reason: status: replayed:" },
    { "-(ki|", "2-4", "kind:" },
    { "ki|nd:ping", "0-5", "kind:" },
    { "cha|", "0-3", "event:chat event:chat:typing event:Chat" },
    { "kind:|", "5-5", "event ack state packet http ping error engine frame attachment emit note" },
    { "kind:p|x", "5-7", "packet ping http" },
    { "kind:ping,no|", "10-12", "note" },
    { "dir:|", "4-4", "in out" },
    { "ack:o|", "4-5", "ok timeout abandoned none" },
    { "event:ch|", "6-8", "chat chat:typing Chat" },
    { "event:wor|", "6-9", "\"two words\"" },
    { "event:\"two w|", "6-12", "\"two words\"" },
    { "event:chat,sa| x", "11-13", "save" },
    { "ns:|", "3-3", "/ /admin /room-1 /room-2" },
    { "ns:roo|", "3-6", "/room-1 /room-2" },
    { "\"ev|", "3-3", "" },
    { "/ev|/", "3-3", "" },
    { "event:/ch|/", "9-9", "" },
    { "size:|", "5-5", "" },
    { "event:chat |ns:/", "11-14", "event: ns: dir: kind: id: ack: size: latency: time: arg[0]. arg: sid: reason: status: replayed:" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GString) line = g_string_new (cases[i].line);
      gsize cursor = (gsize) (strchr (cases[i].line, '|') - cases[i].line);
      g_autofree char *replaced = NULL;
      g_autofree char *joined = NULL;
      g_auto(GStrv) offers = NULL;
      SioscopePlace place;

      g_string_erase (line, (gssize) cursor, 1);
      offers = sioscope_filter_complete (line->str, cursor, table->recording, &place);
      joined = g_strjoinv (" ", offers);
      replaced = g_strdup_printf ("%zu-%zu", place.start, place.end);
      g_test_message ("%s", cases[i].line);
      g_assert_cmpstr (joined, ==, cases[i].offers);
      g_assert_cmpstr (replaced, ==, cases[i].replaced);
    }
  {
    g_auto(GStrv) offers = sioscope_filter_complete (NULL, 7, NULL, NULL);

    g_assert_cmpstr (offers[0], ==, "event:");
  }
}

/* What a server calls an event is offered so that one sees all of it, and wanted exactly. */
static void
test_completion_hostile (void)
{
  static const struct { const char *name, *offer; } cases[] = {
    { "e\xcc\x81t", "e\xcc\x81t" },
    { "ev\xe2\x80\xaeil", "\"ev\\u202eil\"" },
    { "zero\xe2\x80\x8bwidth\xe2\x80\xa8line", "\"zero\\u200bwidth\\u2028line\"" },
    { "tag\xf3\xa0\x80\x81", "\"tag\\udb40\\udc01\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *script = g_strdup_printf ("1 packet in 42[\"%s\",1]\n2 packet in 42[\"a\",1]\n", cases[i].name);
      g_autoptr(SioscopeRecorder) recorder = NULL;
      g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
      g_autofree char *wanted = g_strdup_printf ("event:%s", cases[i].offer);
      g_auto(GStrv) offers = sioscope_filter_complete ("event:", 6, recording, NULL);
      g_autoptr(SioscopeFilter) filter = sioscope_filter_new (wanted, NULL, NULL);
      g_autoptr(SioscopeMatcher) matcher = sioscope_matcher_new (filter, recording, NULL);

      g_assert_cmpstr (offers[0], ==, cases[i].offer);
      g_assert_true (sioscope_matcher_wants (matcher, 0));
      g_assert_false (sioscope_matcher_wants (matcher, 1));
    }
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "+02:00", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/query/filter/matches", Table, NULL, load_table, test_matches, free_table);
  g_test_add ("/query/filter/mistakes", Table, NULL, load_table, test_mistakes, free_table);
  g_test_add ("/query/filter/completion", Table, NULL, load_table, test_completion, free_table);
  g_test_add_func ("/query/filter/completion-hostile", test_completion_hostile);
  g_test_add_func ("/query/filter/names", test_names);
  g_test_add_func ("/query/filter/stop", test_stop);
  g_test_add_func ("/query/filter/hostile", test_hostile);
  g_test_add_func ("/query/filter/windows", test_windows);
  g_test_add_func ("/query/filter/binary", test_binary);
  g_test_add_func ("/query/filter/algebra", test_algebra);
  g_test_add_func ("/query/filter/limits", test_limits);
  g_test_add_func ("/query/filter/parts", test_parts);

  return g_test_run ();
}
