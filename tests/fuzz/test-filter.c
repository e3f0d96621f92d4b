/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Damaged lines of the filter language over rows that a hostile file may hold. Beside "does not crash" the invariants are: a mistake lies inside of
 * the line and says so in plain words, the parts are in order, offers replace what is at the cursor, and not, and, or do what they say. */

#include "fuzz.h"
#include "recording-script.h"
#include "sioscope-filter.h"
#include "sioscope-recording-private.h"

#define MAX_ROWS 64

static GPtrArray *seeds; /* of GBytes */
static SioscopeRecording *recording;
static SioscopeProjection *acks;
static char *other;      /* the last line that was right */

static const char rows[] =
  "0 state open transport=websocket sid=abc eio=4\n"
  "1 http GET 200 18 http://example.org/ response=0{}\n"
  "2 socket connected /admin reason=Ks0\n"
  "3 packet out 420[\"save\",{\"a\":1.5}]\n"
  "4 packet in 430[{\"ok\":true}]\n"
  "5 packet out 421[\"save\",null]\n"
  "6 engine in 2\n"
  "7 frame in 9 beat\n"
  "8 emit ack-timeout / 1 save args={\"a\":1}\n"
  "9 error packet Unexpected_byte\n"
  "10 note Something\n";

/* What no server that keeps to the protocol would send. */
static const char * const hostile[] = {
  "", "{", "[", "\"", "\"\\", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1,\"a\":2}", "[[[[[[[[[[[[[[[[", "]]]]", "}{", "{]", "[}", ",,,", "1,2,3", "-", "1e",
  "\"\\ud800\"", "\"\\u00\"", "\377\376", "\"\303\"", "{\"a b\":{\"c\":[1,2,{\"d\":null}]}}", "1e99999999999999999999", "0.00000000000000000001",
  "-0", "true,false,null", "nul", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "{\"a\" : \t1 , \"b\":[ ] }",
};

static void
feed (SioscopeRecorder *recorder,
      const char       *event,
      const char       *args)
{
  g_autofree char *raw = g_strdup_printf ("42[%s,%s]", event, args);
  SioTapPacket packet = {
    .direction = SIO_DIRECTION_IN,
    .type = SIO_PACKET_EVENT,
    .raw = { raw, strlen (raw) },
    .nsp = { "/", 1 },
    .event = { raw + 3, strlen (event) },
    .args = { raw + 4 + strlen (event), strlen (args) },
    .n_args = 1,
    .id = -1,
  };

  SIO_TAP_GET_IFACE (SIO_TAP (recorder))->packet (SIO_TAP (recorder), &packet);
}

static void
make_recording (void)
{
  g_autofree char *deep = g_strnfill (3000, '[');
  SioscopeRecorder *recorder;

  recording = script_record (rows, &recorder);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    feed (recorder, i % 3 == 0 ? "\"e\\u0020x\"" : i % 3 == 1 ? "\"e\"" : "\"\377\\", hostile[i]);
  feed (recorder, "5", deep);
  sioscope_recorder_flush (recorder);
  g_object_unref (recorder);
  acks = sioscope_projection_new (recording);
  sioscope_projection_update (acks, 0);
  g_assert_cmpuint (sioscope_recording_get_n_rows (recording), <=, MAX_ROWS);
}

/* FALSE: the line is wrong, or longer or deeper than may be. */
static gboolean
match (const char *line,
       guint64    *wanted)
{
  g_autoptr(SioscopeFilter) filter = sioscope_filter_new (line, NULL, NULL);
  g_autoptr(SioscopeMatcher) matcher = NULL;

  if (filter == NULL)
    return FALSE;
  matcher = sioscope_matcher_new (filter, recording, acks);
  *wanted = 0;
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    if (sioscope_matcher_wants (matcher, row))
      *wanted |= G_GUINT64_CONSTANT (1) << row;
  return TRUE;
}

static void
check_parts (const char *line)
{
  g_autoptr(GArray) parts = sioscope_filter_dup_parts (line);
  gsize end = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const SioscopeFilterPart *part = &g_array_index (parts, SioscopeFilterPart, i);

      g_assert_cmpuint (part->place.start, >=, end);
      g_assert_cmpuint (part->place.end, >, part->place.start);
      end = part->place.end;
    }
  g_assert_cmpuint (end, <=, strlen (line));
}

static void
check_offers (const char *line)
{
  gsize size = strlen (line), cursor = fuzz_luck ((guint) size + 1);
  SioscopePlace place;
  g_auto(GStrv) offers = sioscope_filter_complete (line, cursor, recording, &place);

  g_assert_cmpuint (g_strv_length (offers), <=, 20);
  g_assert_cmpuint (place.start, <=, cursor);
  g_assert_cmpuint (place.end, >=, cursor);
  g_assert_cmpuint (place.end, <=, size);
}

static void
round_filter (SioSpan input)
{
  guint64 all = (G_GUINT64_CONSTANT (1) << sioscope_recording_get_n_rows (recording)) - 1;
  g_autofree char *line = g_strndup (input.data, input.size);
  g_autofree char *negated = g_strdup_printf ("not (%s)", line);
  g_autofree char *both = g_strdup_printf ("(%s) and (%s)", line, other);
  g_autofree char *either = g_strdup_printf ("(%s) or (%s)", line, other);
  g_autoptr(SioscopeFilter) filter = NULL;
  g_autoptr(GError) error = NULL;
  guint64 x, y, result;
  SioscopePlace mistake;

  check_parts (line);
  check_offers (line);
  filter = sioscope_filter_new (line, &mistake, &error);
  if (filter == NULL)
    {
      g_assert_error (error, SIOSCOPE_FILTER_ERROR, SIOSCOPE_FILTER_ERROR_SYNTAX);
      g_assert_cmpuint (mistake.start, <=, mistake.end);
      g_assert_cmpuint (mistake.end, <=, strlen (line));
      fuzz_assert_plain (error);
      return;
    }
  g_assert_no_error (error);
  if (sioscope_filter_is_everything (filter))
    return;

  g_assert_true (match (line, &x));
  g_assert_true (match (other, &y));
  if (match (negated, &result))
    g_assert_cmphex (result, ==, ~x & all);
  if (match (both, &result))
    g_assert_cmphex (result, ==, x & y);
  if (match (either, &result))
    g_assert_cmphex (result, ==, x | y);
  g_free (other);
  other = g_steal_pointer (&line);
}

static const FuzzWord words[] = {
#define WORD(text) { text, sizeof text - 1 }
  WORD (" "), WORD (" and "), WORD (" or "), WORD (" not "), WORD ("-"), WORD ("("), WORD (")"), WORD ("\""), WORD ("/"), WORD (":"), WORD (","),
  WORD (".."), WORD (">"), WORD ("<="), WORD ("*"), WORD ("\\"), WORD ("event:"), WORD ("ns:"), WORD ("kind:"), WORD ("dir:"), WORD ("id:"),
  WORD ("ack:"), WORD ("size:"), WORD ("latency:"), WORD ("time:"), WORD ("arg[0]"), WORD ("arg"), WORD (".a"), WORD ("[*]"), WORD ("[\"a b\"]"),
  WORD ("replayed:yes"), WORD ("1.5"), WORD ("1e9"), WORD ("1k"), WORD ("5ms"), WORD ("12:01"), WORD ("2026-05-01"), WORD ("[a-z]+"), WORD ("\\u0000"),
  WORD ("\303\244"), WORD ("\377"), WORD ("(?:"), WORD ("{1,9}"), WORD ("i "),
};

static const char * const lines[] = {
  "hello", "\"two words\" or e", "/[a-e]+x/i", "event:e,\"e x\",/^s/", "event:e*", "ns:/,admin", "kind:event,ack -dir:out", "id:0..3,>7",
  "ack:ok,timeout", "size:>1k or size:2..20", "latency:>50us", "time:0.001..0.005", "time:-3ms", "time:12:01:03..12:02", "time:2026-05-01T12:00..",
  "arg[0].a:1.5", "arg.a:>1", "arg[*][*]:*", "arg[0][\"a b\"].c[2].d:null", "arg:/a/", "sid:a*", "reason:/./", "status:200..299", "replayed:no",
  "(a or b) and not (c or -d)", "not kind:packet", "http://example.org/",
};

static const FuzzRounds filter_rounds = { "/fuzz/filter", round_filter, &seeds, words, G_N_ELEMENTS (words) };

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    fuzz_add_seed (seeds, lines[i], strlen (lines[i]));
  make_recording ();
  other = g_strdup ("e");
  g_test_add_data_func (filter_rounds.path, &filter_rounds, fuzz_run_rounds);

  status = g_test_run ();
  g_free (other);
  g_object_unref (acks);
  g_object_unref (recording);
  g_ptr_array_unref (seeds);
  return status;
}
