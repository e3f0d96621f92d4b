/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine's table of states, every pair of it, and the queue that it writes from. */

#include "engine/sio-engine-private.h"

static void
test_every_pair (void)
{
  /* from, to: what the life of an engine is, written down a second time */
  static const gboolean allowed[SIO_ENGINE_N_STATES][SIO_ENGINE_N_STATES] = {
    [SIO_ENGINE_STATE_OPENING] = { [SIO_ENGINE_STATE_OPEN] = TRUE, [SIO_ENGINE_STATE_CLOSED] = TRUE },
    [SIO_ENGINE_STATE_OPEN] = { [SIO_ENGINE_STATE_CLOSING] = TRUE, [SIO_ENGINE_STATE_CLOSED] = TRUE },
    [SIO_ENGINE_STATE_CLOSING] = { [SIO_ENGINE_STATE_CLOSED] = TRUE },
  };

  for (guint from = 0; from < SIO_ENGINE_N_STATES; from++)
    for (guint to = 0; to < SIO_ENGINE_N_STATES; to++)
      g_assert_cmpint (sio_engine_may_move_to (from, to), ==, allowed[from][to]);
}

static void
test_queue (void)
{
  SioPacketQueue queue = { 0 };
  SioQueuedPacket packet;
  guint64 n_in = 0;
  guint64 n_out = 0;

  g_assert_null (sio_packet_queue_peek (&queue, 0));
  g_assert_false (sio_packet_queue_pop (&queue, &packet));

  /* round and round the ring, growing on the way */
  for (guint round = 0; round < 50; round++)
    {
      for (guint i = 0; i < round + 3; i++, n_in++)
        {
          g_autoptr (GBytes) bytes = g_bytes_new (&n_in, sizeof n_in);

          sio_packet_queue_push (&queue, SIO_ENGINE_PACKET_MESSAGE, n_in % 2 == 0, FALSE, bytes);
        }
      for (guint i = 0; i < round + 1; i++, n_out++)
        {
          g_assert_true (sio_packet_queue_pop (&queue, &packet));
          g_assert_cmpmem (g_bytes_get_data (packet.bytes, NULL), 8, &n_out, 8);
          g_assert_cmpint (packet.binary, ==, n_out % 2 == 0);
          g_bytes_unref (packet.bytes);
        }
    }
  g_assert_cmpuint (queue.n, ==, n_in - n_out);
  g_assert_cmpuint (queue.size, ==, (n_in - n_out) * 8);
  g_assert_cmpuint (queue.n_taken, ==, n_out);

  /* a pong overtakes, once */
  sio_packet_queue_push_front (&queue, SIO_ENGINE_PACKET_PONG);
  sio_packet_queue_push_front (&queue, SIO_ENGINE_PACKET_PONG);
  g_assert_cmpuint (queue.n, ==, n_in - n_out + 1);
  g_assert_true (sio_packet_queue_pop (&queue, &packet));
  g_assert_cmpint (packet.type, ==, SIO_ENGINE_PACKET_PONG);
  g_assert_null (packet.bytes);

  sio_packet_queue_clear (&queue);
  g_assert_cmpuint (queue.size, ==, 0);
  sio_packet_queue_push_front (&queue, SIO_ENGINE_PACKET_PONG);
  g_assert_cmpuint (queue.n, ==, 1);
  sio_packet_queue_clear (&queue);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/states/every-pair", test_every_pair);
  g_test_add_func ("/engine/queue", test_queue);

  return g_test_run ();
}
