/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioCorkedOutput over a pair of sockets: what arrives when, and in which order. */

#include <sys/socket.h>

#include "transport/sio-corked-output.h"
#include "test-util.h"

typedef struct {
  GSocketConnection *near;
  GSocketConnection *far;
  SioCorkedOutput   *output;
  GInputStream      *peer;
} Fixture;

static GSocketConnection *
new_connection (int fd)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);
  return g_socket_connection_factory_create_connection (socket);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  self->near = new_connection (ends[0]);
  self->far = new_connection (ends[1]);
  self->output = SIO_CORKED_OUTPUT (sio_corked_output_new (g_io_stream_get_output_stream (G_IO_STREAM (self->near))));
  self->peer = g_io_stream_get_input_stream (G_IO_STREAM (self->far));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->output);
  g_object_unref (self->near);
  g_object_unref (self->far);
}

static gssize
put (Fixture     *self,
     const char  *text,
     gsize        size,
     GError     **error)
{
  return g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (self->output), text, size, NULL, error);
}

/* What is there by now. */
static void
get (Fixture *self,
     GString *text)
{
  char buffer[8192];
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->peer), buffer, sizeof buffer,
                                                        NULL, NULL)) > 0)
    g_string_append_len (text, buffer, n);
}

static void
test_together (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr(GString) text = g_string_new (NULL);

  g_assert_cmpint (put (self, "1", 1, NULL), ==, 1);
  get (self, text);
  g_assert_cmpstr (text->str, ==, "1");

  sio_corked_output_cork (self->output);
  g_assert_cmpint (put (self, "22", 2, NULL), ==, 2);
  g_assert_cmpint (put (self, "333", 3, NULL), ==, 3);
  get (self, text);
  g_assert_cmpstr (text->str, ==, "1");
  g_assert_true (sio_corked_output_uncork (self->output));
  get (self, text);
  g_assert_cmpstr (text->str, ==, "122333");
}

/* More than is kept goes at once, behind what was kept. */
static void
test_large (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *large = g_strnfill (100 * 1024, 'x');
  gssize n;

  sio_corked_output_cork (self->output);
  g_assert_cmpint (put (self, "1", 1, NULL), ==, 1);
  n = put (self, large, strlen (large), NULL);
  g_assert_cmpint (n, >, 0);
  get (self, text);
  g_assert_cmpuint (text->len, ==, 1 + (gsize) n);
  g_assert_true (g_str_has_prefix (text->str, "1x"));
  g_assert_true (sio_corked_output_uncork (self->output));
}

static gboolean
writable_cb (GObject  *stream,
             gpointer  data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_full (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GSource) source = NULL;
  g_autoptr(GError) error = NULL;
  gboolean writable = FALSE;
  gsize sent = 0;

  /* until the kernel takes no more of it */
  do
    {
      g_autofree char *digits = g_strnfill (60 * 1024, (char) ('a' + sent / (60 * 1024) % 26));

      sio_corked_output_cork (self->output);
      g_assert_cmpint (put (self, digits, strlen (digits), NULL), ==, (gssize) strlen (digits));
      sent += strlen (digits);
    }
  while (sio_corked_output_uncork (self->output));

  /* nothing overtakes what is left */
  g_assert_cmpint (put (self, "!", 1, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (self->output), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (writable_cb), &writable, NULL);
  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, FALSE);
  g_assert_false (writable);

  get (self, text);
  WAIT_FOR (writable);
  g_assert_true (sio_corked_output_uncork (self->output));
  g_assert_cmpint (put (self, "!", 1, NULL), ==, 1);
  get (self, text);
  g_assert_cmpuint (text->len, ==, sent + 1);
  for (gsize i = 0; i < sent; i++)
    g_assert_cmpint (text->str[i], ==, (char) ('a' + i / (60 * 1024) % 26));
  g_assert_cmpint (text->str[sent], ==, '!');
}

/* Whoever writes next is told, and nobody waits for what can never be written. */
static void
test_gone (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr(GError) error = NULL;

  g_io_stream_close (G_IO_STREAM (self->far), NULL, NULL);
  sio_corked_output_cork (self->output);
  g_assert_cmpint (put (self, "1", 1, NULL), ==, 1);
  g_assert_true (sio_corked_output_uncork (self->output));
  g_assert_cmpint (put (self, "2", 1, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

#define ADD_TEST(name, body) g_test_add ("/engine/corked-output/" name, Fixture, NULL, set_up, body, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_TEST ("together", test_together);
  ADD_TEST ("large", test_large);
  ADD_TEST ("full", test_full);
  ADD_TEST ("gone", test_gone);

  return g_test_run ();
}
