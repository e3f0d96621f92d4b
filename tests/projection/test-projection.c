/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Scripted recordings, and what must be concluded from them, as text. */

#include "recording-script.h"
#include "sioscope-projection.h"

static const char * const phases[] = { "idle", "connecting", "connected", "waiting", "failed" };
static const char * const transports[] = { "-", "polling", "websocket" };
static const char * const marks[] = { "ping", "failed", "lost", "upgrade", "refused", "emit-lost" };
static const char * const socket_states[] = { "inactive", "waiting", "connecting", "connected" };
static const char * const ack_states[] = { "none", "pending", "answered", "timed-out", "abandoned" };

static char *
describe_segments (SioscopeProjection *projection)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeSegment *segments = sioscope_projection_get_segments (projection, &n);

  for (guint i = 0; i < n; i++)
    {
      const SioscopeSegment *s = &segments[i];

      /* They follow each other without gaps. */
      if (i > 0)
        g_assert_cmpint (s->start_us, ==, segments[i - 1].end_us);
      g_string_append_printf (out, "%s%s %s %d-%d #%u row %d", i > 0 ? "\n" : "", phases[s->phase], transports[s->transport],
                              (int) (s->start_us / 1000), s->end_us < 0 ? -1 : (int) (s->end_us / 1000), s->attempt,
                              (int) s->row);
      if (s->end_row != SIOSCOPE_NO_ROW)
        g_string_append_printf (out, "-%d", (int) s->end_row);
      if (s->phase == SIOSCOPE_PHASE_WAITING)
        g_string_append_printf (out, " %u in %u-%u", s->delay_ms, s->delay_min_ms, s->delay_max_ms);
    }
  g_assert_true (n == 0 || segments[n - 1].end_us == -1);
  return g_string_free (out, FALSE);
}

static char *
describe_marks (SioscopeProjection *projection)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeMark *list = sioscope_projection_get_marks (projection, &n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s@%d", i > 0 ? " " : "", marks[list[i].kind], (int) list[i].row);
  return g_string_free (out, FALSE);
}

static char *
describe_namespaces (SioscopeProjection *projection)
{
  GString *out = g_string_new (NULL);
  guint n;
  const SioscopeNamespace *list = sioscope_projection_get_namespaces (projection, &n);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s %s%s reason=%s id=%s", i > 0 ? "; " : "", list[i].nsp, socket_states[list[i].state],
                            list[i].refused ? " refused" : "", list[i].reason, list[i].id);
  return g_string_free (out, FALSE);
}

static char *
describe_status (SioscopeProjection *projection)
{
  const SioscopeStatus *s = sioscope_projection_get_status (projection);

  return g_strdup_printf ("%s %s since %d attempt %u retry %d eio %u ping %d rtt %d sid %s reason %s message %s",
                          phases[s->phase], transports[s->transport], (int) (s->since_us / 1000), s->attempt,
                          s->retry_at_us < 0 ? -1 : (int) (s->retry_at_us / 1000), s->eio,
                          s->last_ping_us < 0 ? -1 : (int) (s->last_ping_us / 1000),
                          s->rtt_us < 0 ? -1 : (int) (s->rtt_us / 1000), s->sid, s->reason, s->message);
}

static char *
describe_ack (SioscopeProjection *projection,
              guint64             row)
{
  SioscopeAck ack = sioscope_projection_get_ack (projection, row);

  return g_strdup_printf ("%s %d %d", ack_states[ack.state],
                          ack.other_row == SIOSCOPE_NO_ROW ? -1 : (int) ack.other_row,
                          ack.latency_us < 0 ? -1 : (int) (ack.latency_us / 1000));
}

#define ASSERT_TEXT(call, expected)       \
  G_STMT_START {                          \
    g_autofree char *text_ = call;        \
    g_assert_cmpstr (text_, ==, expected); \
  } G_STMT_END

typedef struct {
  SioscopeRecorder   *recorder;
  SioscopeRecording  *recording;
  SioscopeProjection *projection;
  guint               changed;
  guint               n_changed;
} Fixture;

static void
changed_cb (SioscopeProjection *projection,
            guint               what,
            Fixture            *fixture)
{
  fixture->changed |= what;
  fixture->n_changed++;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->recording = script_record ("", &fixture->recorder);
  fixture->projection = sioscope_projection_new (fixture->recording);
  g_signal_connect (fixture->projection, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->projection);
  g_assert_finalize_object (fixture->recorder);
  g_assert_finalize_object (fixture->recording);
}

/* Plays on, folds in, and says what was told to have changed. */
static guint
play (Fixture    *fixture,
      const char *script)
{
  fixture->changed = 0;
  fixture->n_changed = 0;
  script_play (fixture->recorder, fixture->recording, script);
  g_assert_false (sioscope_projection_update (fixture->projection, 0));
  g_assert_cmpuint (fixture->n_changed, ==, fixture->changed != 0 ? 1 : 0);
  return fixture->changed;
}

static void
test_life (Fixture       *f,
           gconstpointer  data)
{
  SioscopeProjection *p = f->projection;

  ASSERT_TEXT (describe_status (p), "idle - since 0 attempt 0 retry -1 eio 0 ping -1 rtt -1 sid (null) reason (null) message (null)");

  play (f, "10 state connecting transport=polling\n"
           "20 state open transport=polling sid=abc eio=4\n"
           "25 state upgrading transport=websocket\n"
           "21 engine out 2probe\n"
           "24 engine in 3probe\n"
           "30 state upgraded transport=websocket\n");
  ASSERT_TEXT (describe_segments (p), "connecting polling 10-20 #0 row 0-1\n"
                                      "connected polling 20-30 #0 row 1-5\n"
                                      "connected websocket 30--1 #0 row 5");
  ASSERT_TEXT (describe_status (p), "connected websocket since 30 attempt 0 retry -1 eio 4 ping -1 rtt 3 sid abc reason (null) message (null)");

  g_assert_cmpuint (play (f, "25030 engine in 2\n"), ==, SIOSCOPE_CHANGED_STATUS | SIOSCOPE_CHANGED_MARKS);
  /* A plain event says nothing to anybody here. */
  g_assert_cmpuint (play (f, "25031 packet in 42[\"tick\"]\n25032 engine out 3\n"), ==, 0);
  ASSERT_TEXT (describe_status (p), "connected websocket since 30 attempt 0 retry -1 eio 4 ping 25030 rtt 3 sid abc reason (null) message (null)");

  play (f, "26000 state closed transport=websocket reason=ping_timeout again=1\n");
  ASSERT_TEXT (describe_status (p), "waiting - since 26000 attempt 0 retry -1 eio 4 ping -1 rtt 3 sid (null) reason ping timeout message (null)");
  play (f, "26001 state waiting attempt=1 delay=1000 min=500 max=1500\n");
  ASSERT_TEXT (describe_status (p), "waiting - since 26000 attempt 1 retry 27001 eio 4 ping -1 rtt 3 sid (null) reason ping timeout message (null)");
  play (f, "27001 state connecting transport=polling attempt=1\n"
           "27002 state attempt-failed transport=polling attempt=1 reason=connect_error message=refused again=1\n"
           "27002 state waiting attempt=2 delay=2000 min=1000 max=3000\n"
           "29002 state connecting transport=polling attempt=2\n"
           "29003 state attempt-failed transport=polling attempt=2 message=no\n"
           "29003 state failed attempt=2\n");
  ASSERT_TEXT (describe_segments (p), "connecting polling 10-20 #0 row 0-1\n"
                                      "connected polling 20-30 #0 row 1-5\n"
                                      "connected websocket 30-26000 #0 row 5-9\n"
                                      "waiting - 26000-27001 #1 row 10-11 1000 in 500-1500\n"
                                      "connecting polling 27001-27002 #1 row 11-12\n"
                                      "waiting - 27002-29002 #2 row 13-14 2000 in 1000-3000\n"
                                      "connecting polling 29002-29003 #2 row 14-15\n"
                                      "failed - 29003--1 #2 row 15");
  ASSERT_TEXT (describe_marks (p), "upgrade@5 ping@6 lost@9 failed@12 failed@15");
  ASSERT_TEXT (describe_status (p), "failed - since 29003 attempt 2 retry -1 eio 4 ping -1 rtt -1 sid (null) reason (null) message no");
}

/* Closed by the person: that is no loss. */
static void
test_closed (Fixture       *f,
             gconstpointer  data)
{
  play (f, "0 state connecting transport=websocket\n"
           "1 state open transport=websocket sid=a eio=4\n"
           "9 state closed transport=websocket reason=forced_close\n");
  ASSERT_TEXT (describe_segments (f->projection), "connecting websocket 0-1 #0 row 0-1\n"
                                                  "connected websocket 1-9 #0 row 1-2\n"
                                                  "idle - 9--1 #0 row 2");
  ASSERT_TEXT (describe_marks (f->projection), "");

  play (f, "10 state connecting transport=websocket\n"
           "11 state open transport=websocket sid=b eio=4\n"
           "12 state closed transport=websocket reason=io_server_disconnect\n");
  ASSERT_TEXT (describe_marks (f->projection), "lost@5");
  ASSERT_TEXT (describe_status (f->projection), "idle - since 12 attempt 0 retry -1 eio 4 ping -1 rtt -1 sid (null) reason io server disconnect message (null)");

  /* Closed while it changed over: the change is ended first, and that makes it no more connected. */
  play (f, "20 state connecting transport=polling\n"
           "21 state open transport=polling sid=c eio=4\n"
           "22 state upgrading transport=websocket\n"
           "23 state closed transport=polling reason=forced_close\n"
           "24 state upgraded transport=websocket\n");
  g_assert_cmpint (sioscope_projection_get_status (f->projection)->phase, ==, SIOSCOPE_PHASE_IDLE);
}

/* Engine.IO 3: we ping, and that measures. */
static void
test_revision_3 (Fixture       *f,
                 gconstpointer  data)
{
  play (f, "0 state connecting transport=websocket\n"
           "1 state open transport=websocket sid=a eio=3\n"
           "100 engine out 2\n"
           "107 engine in 3\n");
  ASSERT_TEXT (describe_marks (f->projection), "ping@3");
  ASSERT_TEXT (describe_status (f->projection), "connected websocket since 1 attempt 0 retry -1 eio 3 ping 107 rtt 7 sid a reason (null) message (null)");
  play (f, "200 http POST 200 4 http://h/ request=x\n201 http GET 200 9000 http://h/\n");
  g_assert_cmpint (sioscope_projection_get_status (f->projection)->rtt_us, ==, 4000);
}

static void
test_namespaces (Fixture       *f,
                 gconstpointer  data)
{
  play (f, "1 socket connecting /\n2 socket connected / reason=s1\n3 socket connecting /admin\n"
           "4 socket connect-error /admin reason=not_authorized data={}\n");
  ASSERT_TEXT (describe_namespaces (f->projection),
               "/ connected reason=(null) id=s1; /admin inactive refused reason=not authorized id=(null)");
  ASSERT_TEXT (describe_marks (f->projection), "refused@3");
  g_assert_cmpuint (play (f, "5 socket disconnected / reason=transport_close again=1\n"
                             "6 socket connect-error / reason=refused again=1\n"), ==, SIOSCOPE_CHANGED_NAMESPACES);
  ASSERT_TEXT (describe_namespaces (f->projection),
               "/ waiting reason=refused id=(null); /admin inactive refused reason=not authorized id=(null)");
  play (f, "7 socket connecting /admin\n8 socket connected /admin reason=s2\n9 socket disconnected / reason=io_server_disconnect\n");
  ASSERT_TEXT (describe_namespaces (f->projection),
               "/ inactive reason=io server disconnect id=(null); /admin connected reason=(null) id=s2");
}

static void
test_acks (Fixture       *f,
           gconstpointer  data)
{
  SioscopeProjection *p = f->projection;

  play (f, "0 packet out 420[\"q\"] tag=11\n"        /* 0 */
           "1 packet out 42/admin,0[\"q\"] tag=12\n"  /* 1: same id, another namespace */
           "2 packet in 420[\"ask\"]\n"               /* 2: same id, the other way */
           "3 packet out 42[\"plain\"] tag=13\n");    /* 3 */
  g_assert_cmpuint (sioscope_projection_get_n_pending (p), ==, 2);
  ASSERT_TEXT (describe_ack (p, 0), "pending -1 -1");
  ASSERT_TEXT (describe_ack (p, 2), "pending -1 -1");
  ASSERT_TEXT (describe_ack (p, 3), "none -1 -1");
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 12), ==, 1);
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 13), ==, 3);
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 14), ==, SIOSCOPE_NO_ROW);

  play (f, "10 packet in 430[1]\n"      /* 4 */
           "12 packet out 430[2]\n"     /* 5 */
           "13 packet in 430[3]\n"      /* 6: nobody waits any more */
           "14 packet in 439[]\n");     /* 7: never asked */
  ASSERT_TEXT (describe_ack (p, 0), "answered 4 10");
  ASSERT_TEXT (describe_ack (p, 4), "answered 0 10");
  ASSERT_TEXT (describe_ack (p, 2), "answered 5 10");
  ASSERT_TEXT (describe_ack (p, 5), "answered 2 10");
  ASSERT_TEXT (describe_ack (p, 6), "none -1 -1");
  ASSERT_TEXT (describe_ack (p, 7), "none -1 -1");
  ASSERT_TEXT (describe_ack (p, 1), "pending -1 -1");
  g_assert_cmpint (sioscope_projection_get_status (p)->rtt_us, ==, 10000);

  play (f, "20 emit ack-timeout /admin 0 q tag=12\n"           /* 8 */
           "21 packet out 421[\"r\"] tag=15\n"                 /* 9 */
           "22 packet in 421[\"ask\"]\n"                       /* 10 */
           "22 packet in 42/admin,5[\"ask\"]\n"                /* 11 */
           "23 socket disconnected /admin reason=left\n"       /* 12 */
           "24 state closed reason=transport_close again=1\n"  /* 13 */
           "24 emit ack-abandoned / 1 r tag=15\n"              /* 14 */
           "25 packet in 421[\"again\"]\n"                     /* 15: the server's ids begin again */
           "26 packet out 431[]\n");                           /* 16 */
  ASSERT_TEXT (describe_ack (p, 1), "timed-out 8 -1");
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 12), ==, 1);
  ASSERT_TEXT (describe_ack (p, 9), "abandoned 14 -1");
  ASSERT_TEXT (describe_ack (p, 10), "abandoned 13 -1");
  ASSERT_TEXT (describe_ack (p, 11), "abandoned 12 -1");
  ASSERT_TEXT (describe_ack (p, 15), "answered 16 1");
  g_assert_cmpuint (sioscope_projection_get_n_pending (p), ==, 0);

  play (f, "30 emit buffered / -1 later tag=20\n"  /* 17 */
           "31 emit dropped / -1 never tag=21\n"); /* 18 */
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 20), ==, SIOSCOPE_NO_ROW);
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 21), ==, 18);
  play (f, "40 packet out 42[\"later\"] tag=20\n"); /* 19 */
  g_assert_cmpuint (sioscope_projection_get_emit_row (p, 20), ==, 19);
}

/* A server that never gives peace must not fill our memory; what is new is remembered. */
static void
test_bounds (Fixture       *f,
             gconstpointer  data)
{
  SioscopeProjection *p = f->projection;
  g_autoptr(GString) script = g_string_new (NULL);
  guint n_segments, n_marks;
  guint64 last;

  for (guint i = 0; i < 40000; i++)
    {
      g_string_append_printf (script, "%u state connecting attempt=%u\n%u state attempt-failed again=1 attempt=%u\n"
                                      "%u engine in 2\n%u packet in 42%u[\"ask\"]\n%u packet in 42%u[\"ask\"]\n"
                                      "%u packet in 42%u[\"ask\"]\n%u packet in 42%u[\"ask\"]\n",
                              i, i, i, i, i, i, i * 4, i, i * 4 + 1, i, i * 4 + 2, i, i * 4 + 3);
      if (i % 500 != 499)
        continue;
      play (f, script->str);
      g_string_truncate (script, 0);
    }
  sioscope_projection_get_segments (p, &n_segments);
  sioscope_projection_get_marks (p, &n_marks);
  g_assert_cmpuint (n_segments, <=, 16384);
  g_assert_cmpuint (n_segments, >, 8000);
  g_assert_cmpuint (n_marks, <=, 8192);
  last = sioscope_recording_get_n_rows (f->recording) - 1;
  g_assert_cmpint (sioscope_projection_get_ack (p, last).state, ==, SIOSCOPE_ACK_PENDING);
  g_assert_cmpuint (sioscope_projection_get_forgotten (p), ==, SIOSCOPE_FORGOTTEN_SEGMENTS | SIOSCOPE_FORGOTTEN_MARKS);

  for (guint i = 0; i < 131073; i++)
    g_string_append_printf (script, "50000 packet out 42%u[\"q\"]\n", i);
  play (f, script->str);
  g_assert_cmpuint (sioscope_projection_get_n_pending (p), <=, 131072);
  ASSERT_TEXT (sioscope_projection_dup_forgotten (p),
               "Too many to remember all: the oldest stretches of the history, old heartbeats and other marks, some events that "
               "waited for an ack are forgotten here, but not in the recording");
}

/* A namespace with a name that no server could have given is not listed, and that is said. */
static void
test_bounds_of_names (Fixture       *f,
                      gconstpointer  data)
{
  g_autofree char *name = g_strnfill (513, 'n');
  g_autofree char *script = g_strdup_printf ("1 socket connecting /\n2 socket connecting /%s\n", name);
  guint n;

  g_assert_null (sioscope_projection_dup_forgotten (f->projection));
  play (f, script);
  sioscope_projection_get_namespaces (f->projection, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (sioscope_projection_get_forgotten (f->projection), ==,
                    SIOSCOPE_FORGOTTEN_NAMESPACES | SIOSCOPE_FORGOTTEN_REPLAYS);
}

/* Rows that were discarded: what had been asked in them is answered all the same. */
static void
test_discarded (Fixture       *f,
                gconstpointer  data)
{
  play (f, "5 packet out 420[\"q\"] tag=11\n6 packet out 421[\"q\"] tag=12\n");
  sioscope_recorder_discard_before (f->recorder, 1);
  play (f, "17 packet in 430[]\n18 packet in 431[]\n");
  ASSERT_TEXT (describe_ack (f->projection, 2), "answered 0 12");
  ASSERT_TEXT (describe_ack (f->projection, 3), "answered 1 12");
  ASSERT_TEXT (describe_ack (f->projection, 1), "answered 3 12");

  /* An ack that is gone takes its latency with it. */
  sioscope_recorder_discard_before (f->recorder, 4);
  ASSERT_TEXT (describe_ack (f->projection, 1), "answered 3 -1");
}

/* Every event acked, far from each other and many: pairs are found from both sides. */
static void
test_many_acks (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr(GString) script = g_string_new (NULL);

  for (guint i = 0; i < 20000; i++)
    {
      g_string_append_printf (script, "%u packet out 42%u[\"q\"]\n%u packet in 42%u[\"ask\"]\n", i, i, i, i);
      if (i >= 1000)
        g_string_append_printf (script, "%u packet in 43%u[]\n%u packet out 43%u[]\n", i, i - 1000, i, i - 1000);
    }
  play (f, script->str);
  for (guint i = 0; i < 19000; i++)
    {
      guint64 event = i < 1000 ? i * 2 : 2000 + (i - 1000) * 4;
      guint64 ack = 2000 + i * 4 + 2;

      for (guint j = 0; j < 2; j++)
        {
          SioscopeAck of_event = sioscope_projection_get_ack (f->projection, event + j);
          SioscopeAck of_ack = sioscope_projection_get_ack (f->projection, ack + j);

          g_assert_cmpint (of_event.state, ==, SIOSCOPE_ACK_ANSWERED);
          g_assert_cmpuint (of_event.other_row, ==, ack + j);
          g_assert_cmpint (of_event.latency_us, ==, 1000000);
          g_assert_cmpint (of_ack.state, ==, SIOSCOPE_ACK_ANSWERED);
          g_assert_cmpuint (of_ack.other_row, ==, event + j);
          g_assert_cmpint (of_ack.latency_us, ==, 1000000);
        }
    }
  g_assert_cmpuint (sioscope_projection_get_n_pending (f->projection), ==, 1000);
}

/* Row by row, or all at once: the same comes out. */
static void
test_slices (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr(SioscopeProjection) all = sioscope_projection_new (f->recording);
  g_autofree char *expected = NULL;
  guint n = 0;

  script_play (f->recorder, f->recording, "0 state connecting transport=polling\n1 state open transport=polling sid=a eio=4\n"
                                          "2 packet out 420[\"q\"]\n3 packet in 430[]\n4 state closed again=1\n");
  while (sioscope_projection_update (f->projection, 1))
    n++;
  g_assert_cmpuint (n, ==, 4);
  g_assert_false (sioscope_projection_update (all, 0));
  expected = describe_segments (all);
  ASSERT_TEXT (describe_segments (f->projection), expected);
  ASSERT_TEXT (describe_ack (f->projection, 2), "answered 3 1");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, body) g_test_add ("/projection/" name, Fixture, NULL, set_up, body, tear_down)
  ADD ("life", test_life);
  ADD ("closed", test_closed);
  ADD ("revision-3", test_revision_3);
  ADD ("namespaces", test_namespaces);
  ADD ("acks", test_acks);
  ADD ("bounds", test_bounds);
  ADD ("bounds-of-names", test_bounds_of_names);
  ADD ("discarded", test_discarded);
  ADD ("many-acks", test_many_acks);
  ADD ("slices", test_slices);
#undef ADD

  return g_test_run ();
}
