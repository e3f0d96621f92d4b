/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Scripted recordings, and what must be counted in them, as text. */

#include "describe.h"
#include "recording-script.h"
#include "sioscope-latencies-private.h"

typedef struct {
  SioscopeRecorder   *recorder;
  SioscopeRecording  *recording;
  SioscopeStatistics *statistics;
  guint               changed;
  guint               n_changed;
} Fixture;

static void
changed_cb (SioscopeStatistics *statistics,
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
  fixture->statistics = sioscope_statistics_new (fixture->recording);
  g_signal_connect (fixture->statistics, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->statistics);
  g_assert_finalize_object (fixture->recorder);
  g_assert_finalize_object (fixture->recording);
}

static guint
play (Fixture    *fixture,
      const char *script)
{
  fixture->changed = 0;
  fixture->n_changed = 0;
  script_play (fixture->recorder, fixture->recording, script);
  g_assert_false (sioscope_statistics_update (fixture->statistics, 0));
  g_assert_cmpuint (fixture->n_changed, ==, fixture->changed != 0 ? 1 : 0);
  return fixture->changed;
}

static void
test_events (Fixture       *f,
             gconstpointer  data)
{
  guint changed = play (f, "10 packet in 42[\"tick\",1]\n"            /* 0: 12 bytes */
                           "20 packet in 42/admin,[\"tick\"]\n"        /* 1: 17 */
                           "30 packet out 42[\"tick\"] tag=1\n"        /* 2: 10 */
                           "40 packet in 452-[\"bin\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]\n" /* 3: 71 */
                           "41 attachment in 0 abc\n"
                           "42 attachment in 1 abcdef\n"
                           "50 packet in 42[\"tick\",22]\n");          /* 6: 13 */

  g_assert_cmpuint (changed, ==, SIOSCOPE_STATISTICS_EVENTS | SIOSCOPE_STATISTICS_TRAFFIC | SIOSCOPE_STATISTICS_EMITS);
  ASSERT_TEXT (describe_events (f->statistics),
               "/ \"tick\" in 2×25B @0-6 from 10 to 50\n"
               "/admin \"tick\" in 1×17B @1-1 from 20 to 20\n"
               "/ \"tick\" out 1×10B @2-2 from 30 to 30\n"
               "/ \"bin\" in 1×80B @3-3 from 40 to 40");
  ASSERT_TEXT (describe_traffic (f->statistics), "each 100; 0: in 6×122B out 1×10B; all: in 6×122B out 1×10B; http: in 0×0B out 0×0B");
  g_assert_cmpuint (play (f, "60 note hello\n61 frame in 9 x\n"), ==, 0);
  g_assert_null (sioscope_statistics_dup_limits (f->statistics));

  /* With another parser a message is what was on the wire, and the attachments are inside of it. */
  play (f, "70 packet in 451-[\"m\",{\"_placeholder\":true,\"num\":0}] wire=12345678\n71 attachment in 0 abc\n");
  g_assert_cmpuint (sioscope_statistics_get_total_traffic (f->statistics)->bytes[SIO_DIRECTION_IN], ==, 130);
  g_assert_cmpuint (sioscope_statistics_get_total_traffic (f->statistics)->messages[SIO_DIRECTION_IN], ==, 7);
}

static void
test_rate (Fixture       *f,
           gconstpointer  data)
{
  g_autoptr(GString) script = g_string_new (NULL);

  /* one each 10 ms for two seconds */
  for (guint i = 0; i < 200; i++)
    g_string_append_printf (script, "%u packet in 42[\"tick\"]\n", i * 10);
  play (f, script->str);
  g_assert_cmpfloat_with_epsilon (sioscope_statistics_get_rate (f->statistics, 0, 2000000), 100, 0.0001);
  /* all of them in five seconds; then fewer and fewer; then none, without a new row */
  g_assert_cmpfloat_with_epsilon (sioscope_statistics_get_rate (f->statistics, 0, 4999999), 200 / 4.999999, 0.0001);
  g_assert_cmpfloat_with_epsilon (sioscope_statistics_get_rate (f->statistics, 0, 5950000), 100 / 4.95, 0.0001);
  g_assert_cmpfloat_with_epsilon (sioscope_statistics_get_rate (f->statistics, 0, 7000000), 0, 0.0001);
  g_assert_cmpfloat_with_epsilon (sioscope_statistics_get_rate (f->statistics, 0, G_MAXINT64), 0, 0.0001);
  play (f, "60000 packet in 42[\"tick\"]\n");
  g_assert_cmpfloat_with_epsilon (sioscope_statistics_get_rate (f->statistics, 0, 60000000), 1 / 4.9, 0.0001);
}

static void
test_latencies (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr(GString) script = g_string_new (NULL);

  /* 1 ms to 100 ms, in no order: nearest rank makes p50 the 50th and p95 the 95th */
  for (guint i = 0; i < 100; i++)
    {
      guint ms = (i * 37) % 100 + 1;

      g_string_append_printf (script, "%u packet out 42%u[\"q\"] tag=1\n%u packet in 43%u[]\n", i * 1000, i, i * 1000 + ms, i);
    }
  g_string_append (script, "200000 packet in 427[\"ask\"]\n200004 packet out 437[]\n");
  play (f, script->str);
  ASSERT_TEXT (describe_latencies (f->statistics),
               "/ \"q\" out n 100 min 1 p50 50 p95 95 max 100\n"
               "/ \"ask\" in n 1 min 4 p50 4 p95 4 max 4");
  g_assert_cmpuint (play (f, "200005 packet in 439[]\n"), ==, SIOSCOPE_STATISTICS_TRAFFIC);

  play (f, "200010 packet out 42200[\"q\"]\n200011 packet out 42201[\"q\"]\n200012 packet out 42202[\"q\"]\n"
           "200013 packet in 42/a,1[\"ask\"]\n200014 packet in 42/a,2[\"ask\"]\n200015 packet in 428[\"ask\"]\n"
           "200020 emit ack-timeout / 200 q\n200021 emit ack-abandoned / 201 q text=socket_has_been_disconnected\n"
           "200022 socket disconnected /a reason=left\n");
  ASSERT_TEXT (describe_events (f->statistics),
               "/ \"q\" out 103×920B @0-205 from 0 to 200012 asked 103 answered 100 timed-out 1 abandoned 1 pending 1\n"
               "/ \"ask\" in 2×20B @200-208 from 200000 to 200015 asked 2 answered 1 timed-out 0 abandoned 0 pending 1\n"
               "/a \"ask\" in 2×26B @206-207 from 200013 to 200014 asked 2 answered 0 timed-out 0 abandoned 2 pending 0");
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  const guint32 *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

/* Against sorting; and what rounding costs. */
static void
test_percentiles (void)
{
  for (guint round = 0; round < 300; round++)
    {
      SioscopeLatencies latencies = { 0 };
      guint n = (guint) g_test_rand_int_range (1, round < 200 ? 50 : 3000);
      guint range = 1u << g_test_rand_int_range (1, 31);
      g_autofree guint32 *sorted = g_new (guint32, n);

      for (guint i = 0; i < n; i++)
        {
          sorted[i] = (guint32) g_test_rand_int () % range;
          sioscope_latencies_add (&latencies, sorted[i]);
        }
      qsort (sorted, n, sizeof *sorted, compare_numbers);
      for (guint again = 0; again < 2; again++)
        {
          for (guint percent = 1; percent <= 100; percent += 7)
            {
              gint64 exact = sorted[(n * percent + 99) / 100 - 1];
              gint64 found = sioscope_latencies_get (&latencies, percent);

              if (again == 0)
                g_assert_cmpint (found, ==, exact);
              else
                {
                  g_assert_cmpint (found, >=, exact);
                  g_assert_cmpint (found, <=, exact + exact / 64);
                }
            }
          g_assert_cmpint (latencies.min_us, ==, sorted[0]);
          g_assert_cmpint (latencies.max_us, ==, sorted[n - 1]);
          sioscope_latencies_coarsen (&latencies);
        }
      sioscope_latencies_clear (&latencies);
    }
}

static void
test_traffic (Fixture       *f,
              gconstpointer  data)
{
  guint n;
  gint64 width_us;
  const SioscopeTraffic *list;
  guint64 sum = 0;

  play (f, "50 engine in 2\n150 engine out 3\n160 packet in 42[\"tick\"]\n"
           "170 http POST 200 4 http://h/ request=12345 response=ok headers=A:_b~\n180 http GET 0 9 http://h/\n");
  ASSERT_TEXT (describe_traffic (f->statistics),
               "each 100; 0: in 1×1B out 0×0B; 1: in 1×10B out 1×1B; all: in 2×11B out 1×1B; http: in 1×114B out 2×10B");

  /* A minute in which much happens, and a day: buckets become longer, and nothing is lost of what was in them. */
  for (guint i = 1; i < 60; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u engine in 2\n", i * 1000);

      play (f, line);
    }
  for (guint i = 1; i < 1440; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u engine in 2\n", i * 60000);

      play (f, line);
    }
  list = sioscope_statistics_get_traffic (f->statistics, &n, &width_us);
  g_assert_cmpuint (n, <=, 4096);
  g_assert_cmpuint (n, >, 2048);
  g_assert_cmpint (width_us, ==, 25600000);
  for (guint i = 0; i < n; i++)
    sum += list[i].messages[SIO_DIRECTION_IN];
  g_assert_cmpuint (sum, ==, 1500);
  g_assert_cmpuint (list[0].messages[SIO_DIRECTION_IN], ==, 2 + 25);
  g_assert_cmpuint (list[0].bytes[SIO_DIRECTION_IN], ==, 11 + 25);
  g_assert_cmpuint (list[1].messages[SIO_DIRECTION_IN], ==, 26);
  g_assert_cmpuint (list[60000000 / 25600000].messages[SIO_DIRECTION_IN], ==, 8 + 1);
}

/* What the client tells around an end: what was not written before it, what is not answered after it. */
static void
test_cuts (Fixture       *f,
           gconstpointer  data)
{
  play (f, "0 state connecting transport=websocket\n1 state open transport=websocket sid=a eio=4\n"          /* 0, 1 */
           "2 socket connecting /\n3 socket connected / reason=s\n"                                           /* 2, 3 */
           "4 packet out 420[\"q\"] tag=1\n5 packet in 430[]\n"                                              /* 4, 5: acked */
           "6 packet out 421[\"q\"] tag=2\n"                                                                  /* 6: in flight */
           "7 packet out 42[\"p\"] tag=3\n"                                                                   /* 7: in flight, no ack */
           "8 packet out 422[\"q\"] tag=4\n"                                                                  /* 8: in the write buffer */
           "9 packet out 42[\"p\"] tag=5\n"                                                                   /* 9: was written */
           "10 emit lost / -1 p tag=3 text=it_may_be_lost:_the_connection_ended_while_it_was_being_written\n" /* 10 */
           "10 emit lost / 2 q tag=4 text=it_was_never_sent:_the_connection_ended\n"                          /* 11 */
           "10 state closed transport=websocket reason=transport_close again=1\n"                             /* 12 */
           "10 socket disconnected / reason=transport_close again=1\n"                                        /* 13 */
           "10 emit ack-abandoned / 1 q tag=2 text=socket_has_been_disconnected\n"                            /* 14 */
           "10 emit ack-abandoned / 2 q tag=4 text=socket_has_been_disconnected\n"                            /* 15 */
           "10 state waiting attempt=1 delay=100 min=50 max=150\n");                                          /* 16 */
  ASSERT_TEXT (describe_emits (f->statistics),
               "all: handed-over 5 acked 1 may-be-lost 2 never-sent 1\n"
               "cut @12 at 10 in flight 3: may-be-lost 2 never-sent 1");

  play (f, "20 emit buffered / 3 q tag=6\n21 emit buffered / -1 p tag=7\n22 emit dropped / -1 v tag=8\n"   /* 17-19 */
           "23 emit refused / -1 r tag=9 text=too_large\n24 emit buffered / 4 q tag=10\n"                  /* 20, 21 */
           "25 emit ack-timeout / 4 q tag=10 text=operation_has_timed_out;_it_was_never_sent\n"            /* 22 */
           "110 state connecting transport=websocket attempt=1\n111 state open transport=websocket sid=b eio=4\n" /* 23, 24 */
           "111 emit buffered / 5 q tag=11\n"                                                              /* 25: not joined yet */
           "112 socket connecting /\n113 socket connected / reason=t\n"                                    /* 26, 27 */
           "114 packet out 423[\"q\"] tag=6\n114 packet out 42[\"p\"] tag=7\n114 packet out 425[\"q\"] tag=11\n" /* 28-30 */
           "115 emit buffered / -1 later tag=12\n"                                                         /* 31: of no cut */
           "116 packet in 433[]\n120 emit ack-timeout / 5 q tag=11 text=operation_has_timed_out\n");       /* 32, 33 */
  ASSERT_TEXT (describe_emits (f->statistics),
               "all: buffered 5 handed-over 8 acked 2 timed-out 1 may-be-lost 2 never-sent 2 dropped 1 refused 1\n"
               "cut @12 at 10 open @24 at 111 in flight 3: buffered 4 handed-over 3 acked 1 timed-out 1 may-be-lost 2 never-sent 2 "
               "dropped 1 refused 1");

  /* Tries; one that is cancelled; one that waited in a cut and was lost in the next; and the person closes. */
  play (f, "130 packet out 426[\"r\"] tag=13\n"
           "140 emit ack-timeout / 6 r tag=13 text=operation_has_timed_out;_that_was_try_1_of_3,_it_will_be_sent_again\n"
           "141 packet out 427[\"r\"] tag=13\n142 packet in 437[]\n"
           "150 packet out 428[\"c\"] tag=14\n151 emit ack-abandoned / 8 c tag=14 text=cancelled\n"
           "160 packet out 429[\"c\"] tag=15\n161 state closed reason=forced_close\n"
           "161 emit ack-abandoned / 9 c tag=15 text=socket_has_been_disconnected\n");
  ASSERT_TEXT (describe_emits (f->statistics),
               "all: buffered 5 handed-over 12 acked 3 timed-out 1 may-be-lost 3 tried-again 1 cancelled 1 never-sent 2 dropped 1 refused 1\n"
               "cut @12 at 10 open @24 at 111 in flight 3: buffered 4 handed-over 3 acked 1 timed-out 1 may-be-lost 2 never-sent 2 "
               "dropped 1 refused 1\n"
               "cut @41 asked at 161 in flight 1: may-be-lost 1");
}

/* One truth: what single emits came to is what the sums say. */
static void
test_fates (Fixture       *f,
            gconstpointer  data)
{
  static const struct {
    guint64      tag;
    SioscopeFate fate;
    guint64      why_row;
  } expected[] = {
    { 1, SIOSCOPE_FATE_ACKED, 3 }, { 2, SIOSCOPE_FATE_MAY_BE_LOST, 10 }, { 3, SIOSCOPE_FATE_MAY_BE_LOST, 7 }, { 4, SIOSCOPE_FATE_NEVER_SENT, 8 },
    { 5, SIOSCOPE_FATE_HANDED_OVER, 16 }, { 6, SIOSCOPE_FATE_DROPPED, 12 }, { 7, SIOSCOPE_FATE_REFUSED, 13 }, { 8, SIOSCOPE_FATE_WAITING, 15 },
    { 9, SIOSCOPE_FATE_BUFFERED, 17 }, { 10, SIOSCOPE_FATE_NONE, SIOSCOPE_NO_ROW },
  };
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (f->recording);
  guint64 why_row;

  play (f, "0 state connecting transport=websocket\n1 state open transport=websocket sid=a eio=4\n" /* 0, 1 */
           "2 packet out 420[\"q\"] tag=1\n3 packet in 430[]\n"                                     /* 2, 3 */
           "4 packet out 421[\"q\"] tag=2\n5 packet out 42[\"p\"] tag=3\n6 packet out 422[\"q\"] tag=4\n" /* 4-6 */
           "7 emit lost / -1 p tag=3 text=it_may_be_lost\n7 emit lost / 2 q tag=4 text=it_was_never_sent\n" /* 7, 8 */
           "7 state closed reason=transport_close again=1\n"                                        /* 9 */
           "7 emit ack-abandoned / 1 q tag=2 text=socket_has_been_disconnected\n"                   /* 10 */
           "8 emit buffered / -1 p tag=5\n9 emit dropped / -1 v tag=6\n9 emit refused / -1 v tag=7\n" /* 11-13 */
           "10 state open sid=b eio=4\n11 packet out 423[\"q\"] tag=8\n12 packet out 42[\"p\"] tag=5\n" /* 14-16 */
           "13 emit buffered / 4 q tag=9\n");                                                       /* 17 */
  sioscope_projection_update (projection, 0);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmpint (sioscope_projection_get_fate_of_tag (projection, expected[i].tag, &why_row), ==, expected[i].fate);
      g_assert_cmpuint (why_row, ==, expected[i].why_row);
    }
  g_assert_cmpint (sioscope_projection_get_fate (projection, 11, NULL), ==, SIOSCOPE_FATE_HANDED_OVER);
  g_assert_cmpint (sioscope_projection_get_fate (projection, 3, NULL), ==, SIOSCOPE_FATE_NONE);
  g_assert_cmpint (sioscope_projection_get_fate (projection, 999, NULL), ==, SIOSCOPE_FATE_NONE);
  ASSERT_TEXT (describe_emits (f->statistics),
               "all: buffered 2 handed-over 6 waiting 1 acked 1 may-be-lost 2 never-sent 1 dropped 1 refused 1\n"
               "cut @9 at 7 open @14 at 10 in flight 3: buffered 2 handed-over 1 may-be-lost 2 never-sent 1 dropped 1 refused 1");
}

static void
test_handshakes (Fixture       *f,
                 gconstpointer  data)
{
  play (f, "100 state connecting transport=polling\n"                         /* 0 */
           "130 http GET 200 25 http://h/?EIO=4&transport=polling\n"          /* 1 */
           "131 state open transport=polling sid=a eio=4\n"                    /* 2 */
           "132 socket connecting /\n133 socket connecting /admin\n"           /* 3, 4 */
           "140 http POST 200 7 http://h/?EIO=4&transport=polling&sid=a\n"     /* 5 */
           "141 socket connected / reason=s\n145 socket connect-error /admin reason=no\n" /* 6, 7 */
           "150 http GET 101 12 ws://h/?EIO=4&transport=websocket&sid=a\n"     /* 8 */
           "151 engine out 2probe\n155 engine in 3probe\n"                     /* 9, 10 */
           "155 state upgrading transport=websocket\n160 state upgraded transport=websocket\n" /* 11, 12 */
           "161 http GET 200 30 http://h/?EIO=4&transport=polling&sid=a\n"     /* 13: the poll that was under way */
           "500 state closed reason=transport_close again=1\n"                 /* 14 */
           "600 state connecting attempt=1 transport=polling\n"                /* 15 */
           "610 http GET 400 5 http://h/?EIO=4&transport=polling\n"            /* 16 */
           "611 state connecting attempt=1 transport=polling reason=again\n"   /* 17: the same attempt */
           "620 http GET 503 5 http://h/?EIO=3&transport=polling\n"            /* 18 */
           "621 state attempt-failed attempt=1 reason=connect_error again=1\n" /* 19 */
           "700 state connecting attempt=2 transport=websocket\n"              /* 20 */
           "705 state open transport=websocket sid=b eio=4\n"                  /* 21 */
           "706 state upgrade-failed transport=websocket reason=probe\n"       /* 22 */
           "710 socket connecting /\n");                                       /* 23 */
  ASSERT_TEXT (describe_handshakes (f->statistics),
               "#0 @0 at 100 http 1 last @1 sent 5 took 25 open 31 joined 41 probe 4 upgrade-http @8 took 12 upgrade 5 upgraded 60; "
               "/ @3 at 132 answer @6 took 9; /admin @4 at 133 refused @7 took 12\n"
               "#1 @15 at 600 http 2 last @18 sent 15 took 5 failed @19 after 21\n"
               "#2 @20 at 700 http 0 open 5 no-upgrade @22; / @23 at 710");
}

static void
test_recoveries (Fixture       *f,
                 gconstpointer  data)
{
  play (f, "0 state open transport=websocket sid=a eio=4\n1 socket connecting /\n2 socket connected / reason=s\n" /* 0-2 */
           "3 packet in 42[\"tick\",\"o1\"]\n4 packet in 42[\"tock\",\"o2\"]\n"                               /* 3, 4 */
           "5 state closed again=1 reason=transport_close\n6 socket disconnected / again=1 reason=transport_close\n" /* 5, 6 */
           "7 state open transport=websocket sid=b eio=4\n8 socket connecting /\n8 socket connecting /admin\n" /* 7-9 */
           "9 packet in 42[\"tick\",\"o3\"]\n9 packet in 42[\"tick\",\"o4\"]\n9 packet in 42/admin,[\"tick\"]\n" /* 10-12 */
           "9 packet out 42[\"tick\"]\n");                                                                     /* 13 */
  ASSERT_TEXT (describe_recoveries (f->statistics), "");
  g_assert_cmpuint (play (f, "10 socket connected / reason=s recovered=1\n11 socket connected /admin reason=t\n"), ==, /* 14, 15 */
                    SIOSCOPE_STATISTICS_RECOVERIES | SIOSCOPE_STATISTICS_EVENTS);
  play (f, "12 packet in 42[\"tick\",\"o5\"]\n13 packet in 42[\"tock\",\"o6\"]\n14 packet in 42/admin,[\"tick\"]\n"
           "15 socket disconnected / reason=left\n16 packet in 42[\"tock\",\"o7\"]\n");
  ASSERT_TEXT (describe_recoveries (f->statistics), "/ @8-14 at 10 replayed 2 new 2");
  ASSERT_TEXT (describe_events (f->statistics),
               "/ \"tick\" in 4×60B @3-16 from 3 to 12 replayed 2\n"
               "/ \"tock\" in 3×45B @4-20 from 4 to 16\n"
               "/admin \"tick\" in 2×34B @12-18 from 9 to 14\n"
               "/ \"tick\" out 1×10B @13-13 from 9 to 9");
}

/* Rows that are discarded stay counted; those that were discarded before are told. */
static void
test_discarded (Fixture       *f,
                gconstpointer  data)
{
  play (f, "1 packet out 420[\"q\"]\n2 packet in 42[\"tick\"]\n");
  sioscope_recorder_discard_before (f->recorder, 2);
  play (f, "5 packet in 430[]\n");
  ASSERT_TEXT (describe_latencies (f->statistics), "/ \"q\" out n 1 min 4 p50 4 p95 4 max 4");
  g_assert_cmpuint (sioscope_statistics_get_n_missed (f->statistics), ==, 0);

  script_play (f->recorder, f->recording, "6 packet in 42[\"tick\"]\n7 packet in 42[\"tick\"]\n8 packet in 42[\"tick\"]\n");
  sioscope_recorder_discard_before (f->recorder, 5);
  play (f, "");
  g_assert_cmpuint (sioscope_statistics_get_n_missed (f->statistics), ==, 2);
  ASSERT_TEXT (describe_events (f->statistics),
               "/ \"q\" out 1×8B @0-0 from 1 to 1 asked 1 answered 1 timed-out 0 abandoned 0 pending 0\n"
               "/ \"tick\" in 2×20B @1-5 from 2 to 8");
}

/* A server that never gives peace must not fill our memory; sums stay what they are, and it is said. */
static void
test_bounds (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr(GString) script = g_string_new (NULL);
  const SioscopeEventCount *events;
  guint64 sum = 0;
  guint n;

  for (guint i = 0; i < 6000; i++)
    g_string_append_printf (script, "%u state connecting attempt=%u\n%u state open sid=a eio=4\n%u socket connecting /\n%u socket connecting /a\n"
                                    "%u socket connected / recovered=1\n%u socket connecting /b\n%u packet in 42[\"event%u\"]\n"
                                    "%u emit buffered / -1 q tag=%u\n%u state closed again=1\n",
                            i, i, i, i, i, i, i, i, i, i, i + 1, i);
  play (f, script->str);
  events = sioscope_statistics_get_events (f->statistics, &n);
  g_assert_cmpuint (n, ==, 4097);
  for (guint i = 0; i < n; i++)
    sum += events[i].count;
  g_assert_cmpuint (sum, ==, 6000);
  g_assert_cmpuint (events[n - 1].name, ==, SIOSCOPE_NAME_UNNUMBERED);
  g_assert_cmpuint (events[n - 1].count, ==, 6000 - 4096);
  sioscope_statistics_get_cuts (f->statistics, &n);
  g_assert_cmpuint (n, <=, 4096);
  g_assert_cmpuint (n, >, 3000);
  sioscope_statistics_get_handshakes (f->statistics, &n);
  g_assert_cmpuint (n, <=, 4096);
  for (guint i = 0; i < n; i++)
    {
      guint n_joins;

      sioscope_statistics_get_joins (f->statistics, i, &n_joins);
      g_assert_cmpuint (n_joins, <=, 3);
      if (i == n - 1)
        g_assert_cmpuint (n_joins, ==, 3);
    }
  sioscope_statistics_get_recoveries (f->statistics, &n);
  g_assert_cmpuint (n, <=, 4096);
  ASSERT_TEXT (sioscope_statistics_dup_limits (f->statistics),
               "Too many to count each: events with other names are counted together; the oldest cuts or emits are not followed any more; "
               "the oldest attempts are forgotten; the oldest recoveries are forgotten");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, body) g_test_add ("/statistics/" name, Fixture, NULL, set_up, body, tear_down)
  ADD ("events", test_events);
  ADD ("rate", test_rate);
  ADD ("latencies", test_latencies);
  g_test_add_func ("/statistics/percentiles", test_percentiles);
  ADD ("traffic", test_traffic);
  ADD ("cuts", test_cuts);
  ADD ("fates", test_fates);
  ADD ("handshakes", test_handshakes);
  ADD ("recoveries", test_recoveries);
  ADD ("discarded", test_discarded);
  ADD ("bounds", test_bounds);
#undef ADD

  return g_test_run ();
}
