/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames of every size and kind, cut anywhere: each message arrives once, whole and in order, whoever of the two that read frames
 * had to read it. */

#include "engine-fixture.h"

#define OPEN "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"
#define N_MESSAGES 120
#define N_SEEDS 4

typedef struct {
  GString   *bytes; /* what is on the wire after the open packet */
  GPtrArray *lines; /* what the log has then */
  guint      n_pings;
  guint32    seed;
} Plan;

static const gsize sizes[] = { 1, 2, 17, 124, 125, 126, 127, 1000, 65535, 65536, 100000, 262144, 1048560, 1048576, 1100000 };

static char *
make_text (GRand *rand,
           gsize  size)
{
  char *text = g_malloc (size + 1);

  text[0] = '4';
  for (gsize i = 1; i < size; i++)
    text[i] = (char) ('a' + (i + size) % 26);
  text[size] = '\0';
  if (size >= 20 && g_rand_boolean (rand))
    memcpy (text + size - 4, "\xc3\xbc\xc3\x9f", 4);
  return text;
}

static void
append_fragments (Plan       *plan,
                  GRand      *rand,
                  guint8      opcode,
                  const char *data,
                  gsize       size)
{
  gsize at = 0;

  do
    {
      gsize n = (gsize) g_rand_int_range (rand, 0, (gint32) (size - at + 1));
      gboolean last = at + n == size;

      raw_append_frame (plan->bytes, (guint8) ((last ? 0x80 : 0) | (at == 0 ? opcode : 0)), data + at, n);
      if (n == 0 && at == 0 && !last)
        opcode = 0; /* an empty first fragment was the first */
      at += n;
      if (!last && g_rand_int_range (rand, 0, 3) == 0)
        {
          raw_append_frame (plan->bytes, 0x89, "ping", 4);
          plan->n_pings++;
        }
      if (last)
        return;
    }
  while (TRUE);
}

static void
plan_init (Plan    *plan,
           guint32  seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  plan->bytes = g_string_new (NULL);
  plan->lines = g_ptr_array_new_with_free_func (g_free);
  plan->n_pings = 0;
  plan->seed = seed;
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      /* the large ones are rare, and small ones come in rows */
      guint n_sizes = g_rand_int_range (rand, 0, 8) == 0 ? G_N_ELEMENTS (sizes) : 8;
      gsize size = sizes[g_rand_int_range (rand, 0, (gint32) n_sizes)];
      gboolean binary = g_rand_int_range (rand, 0, 6) == 0;
      g_autofree char *text = make_text (rand, size);
      guint8 opcode = binary ? 2 : 1;

      if (g_rand_int_range (rand, 0, 6) == 0)
        append_fragments (plan, rand, opcode, text, size);
      else
        raw_append_frame (plan->bytes, 0x80 | opcode, text, size);
      if (g_rand_int_range (rand, 0, 8) == 0)
        {
          raw_append_frame (plan->bytes, g_rand_boolean (rand) ? 0x89 : 0x8a, "ping", 4);
          plan->n_pings++;
        }
      if (binary)
        {
          g_autofree char *base64 = g_base64_encode ((const guchar *) text, size);

          g_ptr_array_add (plan->lines, g_strconcat ("binary ", base64, NULL));
        }
      else
        g_ptr_array_add (plan->lines, g_strconcat ("text ", text, NULL));
    }
  raw_append_frame (plan->bytes, 0x88, "\x03\xe8", 2);
}

static void
plan_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  Plan *plan = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (plan->seed);
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) frame = g_string_new (NULL);
  gsize at = 0;

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_append_frame (frame, 0x81, OPEN, strlen (OPEN));
  raw_connection_accept_websocket (connection, &request, frame->str, frame->len);

  while (at < plan->bytes->len)
    {
      gsize left = plan->bytes->len - at;
      gsize size = (gsize) g_rand_int_range (rand, 1, g_rand_boolean (rand) ? 40 : 200000);

      size = MIN (size, left);
      if (!raw_connection_write (connection, plan->bytes->str + at, (gssize) size))
        return;
      at += size;
      if (g_rand_int_range (rand, 0, 4) == 0)
        raw_connection_sleep (connection, 1);
    }
  raw_connection_await_end (connection);
}

static void
test_mixed (void)
{
  for (guint32 seed = 1; seed <= N_SEEDS; seed++)
    {
      g_auto (Fixture) fixture;
      Plan plan;

      plan_init (&plan, seed);
      fixture_init (&fixture, "websocket");
      fixture_use_peer (&fixture, plan_script, &plan);
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
      fixture_expect_message (&fixture, "code 1000");

      g_assert_cmpstr (fixture.log->pdata[0], ==, "opened");
      for (guint i = 0; i < N_MESSAGES && i + 1 < fixture.log->len; i++)
        if (strcmp (fixture.log->pdata[i + 1], plan.lines->pdata[i]) != 0)
          g_error ("seed %u: message %u is %.60s, expected %.60s", seed, i,
                   (const char *) fixture.log->pdata[i + 1], (const char *) plan.lines->pdata[i]);
      g_assert_cmpuint (fixture.log->len, ==, N_MESSAGES + 2);
      g_assert_cmpuint (fixture_count_tap (&fixture, "frame in 9 ") + fixture_count_tap (&fixture, "frame in 10 "), ==,
                        plan.n_pings);

      g_string_free (plan.bytes, TRUE);
      g_ptr_array_unref (plan.lines);
    }
}

/* The same, and the engine is freed by the message in the middle of a buffer that has more. */

static void
many_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autoptr (GString) frames = g_string_new (NULL);

  if (!raw_connection_read_request (connection, &request))
    return;
  raw_append_frame (frames, 0x81, OPEN, strlen (OPEN));
  for (guint i = 0; i < 100; i++)
    raw_append_frame (frames, i % 2 == 0 ? 0x81 : 0x82, "4x", 2);
  raw_connection_accept_websocket (connection, &request, frames->str, frames->len);
  raw_connection_await_end (connection);
}

static void
test_freed_inside (gconstpointer where)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "websocket");
  fixture.free_at = where;
  fixture_use_peer (&fixture, many_script, NULL);
  fixture_open (&fixture);
  WAIT_FOR (fixture.engine == NULL);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture.log->len, <=, 3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/frames/mixed", test_mixed);
  g_test_add_data_func ("/engine/frames/freed-in-text", "text", test_freed_inside);
  g_test_add_data_func ("/engine/frames/freed-in-binary", "binary", test_freed_inside);

  return g_test_run ();
}
