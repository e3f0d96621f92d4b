/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "second-life.h"

#include <stdio.h>

#define OPEN "0{\"sid\":\"s%u\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}"

/* {"type":0,"nsp":"/","data":{"sid":"x"}} and {"type":2,"nsp":"/","data":["well"]} */
static const char msgpack_connect[] = "\x83\xa4type\x00\xa3nsp\xa1/\xa4" "data\x81\xa3sid\xa1x";
static const char msgpack_event[] = "\x83\xa4type\x02\xa3nsp\xa1/\xa4" "data\x91\xa4well";

static gboolean
write_bad (SecondLife    *self,
           RawConnection *connection)
{
  gsize size;
  const char *data = g_bytes_get_data (self->bytes, &size);

  do
    if (!raw_connection_write (connection, data, (gssize) size))
      return FALSE;
  while (self->for_ever);
  return TRUE;
}

static void
serve_websocket (SecondLife    *self,
                 RawConnection *connection,
                 RawRequest    *request)
{
  guint session = (guint) g_atomic_int_add (&self->n_sessions, 1);
  g_autofree char *open = g_strdup_printf (OPEN, session);
  g_autoptr (GString) payload = g_string_new (NULL);
  guint8 first;

  if (session == 0 && self->at_handshake)
    {
      if (self->http != NULL)
        raw_connection_write (connection, self->http, -1);
      else
        raw_connection_accept_websocket (connection, request, NULL, 0);
      write_bad (self, connection);
      raw_connection_await_end (connection);
      return;
    }

  if (!raw_connection_accept_websocket (connection, request, NULL, 0)
      || !raw_connection_write_frame (connection, 0x81, open, -1)
      || (self->eio == 4 && !raw_connection_read_frame (connection, &first, payload)))
    return;
  if (self->msgpack)
    raw_connection_write_frame (connection, 0x82, msgpack_connect, sizeof msgpack_connect - 1);
  else
    raw_connection_write_frame (connection, 0x81, self->eio == 3 ? "40" : "40{\"sid\":\"x\"}", -1);
  if (session == 0)
    write_bad (self, connection);
  else if (self->msgpack)
    raw_connection_write_frame (connection, 0x82, msgpack_event, sizeof msgpack_event - 1);
  else
    raw_connection_write_frame (connection, 0x81, "42[\"well\"]", -1);
  /* whoever says goodbye waits for the end */
  while (raw_connection_read_frame (connection, &first, payload) && first != 0x88)
    ;
}

static char *
dup_well (SecondLife *self,
          guint       session,
          guint       poll)
{
  g_autofree char *event = NULL;

  if (self->msgpack)
    {
      g_autofree char *connect = g_base64_encode ((const guchar *) msgpack_connect, sizeof msgpack_connect - 1);

      event = g_base64_encode ((const guchar *) msgpack_event, sizeof msgpack_event - 1);
      return poll == 0 ? g_strconcat ("b", connect, NULL) : g_strconcat ("b", event, NULL);
    }
  if (self->eio == 3)
    return g_strdup (poll == 0 ? "2:40" : "10:42[\"well\"]");
  return g_strdup (poll == 0 ? "40{\"sid\":\"x\"}" : "42[\"well\"]");
}

/* FALSE: nothing more is said on this connection. */
static gboolean
serve_poll (SecondLife    *self,
            RawConnection *connection,
            RawRequest    *request)
{
  g_autofree char *content_type = self->content_type != NULL ? g_strdup_printf ("Content-Type: %s\r\n", self->content_type) : NULL;
  const char *sid = strstr (request->target, "sid=s");
  g_autofree char *well = NULL;
  guint session;
  guint poll = 0;

  if (g_str_equal (request->method, "POST"))
    return raw_connection_respond (connection, "200 OK", NULL, "ok", 2);
  session = sid != NULL ? (guint) g_ascii_strtoull (sid + strlen ("sid=s"), NULL, 10) : (guint) g_atomic_int_add (&self->n_sessions, 1);
  g_assert_cmpuint (session, <, G_N_ELEMENTS (self->n_polls));
  if (sid != NULL)
    poll = (guint) g_atomic_int_add (&self->n_polls[session], 1);

  if (session == 0 && (self->at_handshake ? sid == NULL : sid != NULL && poll == 1))
    {
      gsize size;
      const char *data = g_bytes_get_data (self->bytes, &size);

      if (self->http == NULL)
        return raw_connection_respond (connection, "200 OK", content_type, data != NULL ? data : "", (gssize) size);
      return raw_connection_write (connection, self->http, -1) && write_bad (self, connection);
    }
  if (sid == NULL)
    {
      g_autofree char *open = g_strdup_printf (OPEN, session);

      well = self->eio == 3 ? g_strdup_printf ("%u:%s", (guint) strlen (open), open) : g_strdup (open);
    }
  else if (poll < 2)
    well = dup_well (self, session, poll);
  if (well != NULL)
    return raw_connection_respond (connection, "200 OK", NULL, well, -1);
  raw_connection_await_end (connection);
  return FALSE;
}

static void
serve (RawConnection *connection,
       guint          n,
       gpointer       data)
{
  SecondLife *self = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    if (raw_request_has_parameter (&request, "transport", "websocket"))
      {
        serve_websocket (self, connection, &request);
        return;
      }
    else if (!serve_poll (self, connection, &request))
      return;
}

static guint64
reset_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  if (file != NULL)
    {
      fputs ("5", file);
      fclose (file);
    }
  return test_get_memory ("VmRSS:");
}

void
second_life_run (SecondLife *self,
                 SioOptions *options,
                 const char *reason,
                 const char *error)
{
  guint64 before = reset_peak ();
  g_autoptr (RawPeer) peer = raw_peer_new (serve, self);
  g_autofree char *url = raw_peer_dup_url (peer);
  g_autoptr (TapLog) tap = tap_log_new ();
  g_autoptr (Heard) heard = heard_new ();
  g_autoptr (GError) failed = NULL;
  g_autofree char *errors = NULL;
  SioManager *manager;
  SioSocket *socket;
  guint64 peak;

  sio_options_set_transports (options, (const char * const[]) { self->transport, NULL }, NULL);
  sio_options_set_server (options, self->eio == 3 ? 2 : 4, NULL);
  sio_options_set_reconnection_delay_ms (options, 1);
  sio_options_set_reconnection_delay_max_ms (options, 1);
  if (self->msgpack)
    {
      g_autoptr (SioParser) parser = sio_msgpack_parser_new ();

      sio_options_set_parser (options, parser);
    }
  manager = sio_manager_new (url, options, &failed);
  g_assert_no_error (failed);
  sio_manager_set_tap (manager, SIO_TAP (tap));
  heard_watch_manager (heard, manager);
  socket = sio_manager_get_socket (manager, "/", NULL);
  heard_watch_socket (heard, socket);
  sio_socket_connect (socket);

  WAIT_FOR (heard_count (heard, "socket well:[]") == 1);
  peak = test_get_memory ("VmHWM:");
  g_assert_true (sio_socket_get_connected (socket));
  g_assert_cmpint (g_atomic_int_get (&self->n_sessions), ==, 2);
  g_assert_cmpuint (heard_count (heard, "manager reconnect:1"), ==, 1);
  g_assert_cmpuint (heard_count (heard, "socket connect"), ==, reason != NULL ? 2 : 1);
  if (reason != NULL && *reason == '\0')
    g_assert_nonnull (heard_find (heard, "socket disconnect:"));
  else if (reason != NULL)
    {
      g_autofree char *line = g_strconcat ("socket disconnect:", reason, NULL);

      g_assert_cmpstr (heard_find (heard, "socket disconnect:"), ==, line);
    }
  else
    g_assert_nonnull (heard_find (heard, "socket connect_error:"));
  errors = tap_log_dup (tap, "error");
  g_test_message ("%" G_GUINT64_FORMAT " MiB more at the most; %.300s", (peak - MIN (peak, before)) >> 20, errors);
  if (strstr (errors, error) == NULL && (heard_find (heard, "socket connect_error:") == NULL
                                         || strstr (heard_find (heard, "socket connect_error:"), error) == NULL))
    g_error ("expected an error with \"%s\", but there is\n%s%s", error, errors, heard_dup (heard));
  /* under a sanitizer memory is not what it is */
#if !defined (__SANITIZE_ADDRESS__)
  g_assert_cmpuint (peak - MIN (peak, before), <, 100 * 1024 * 1024);
#endif

  sio_manager_close (manager);
  WAIT_FOR (!sio_manager_get_closing (manager));
  g_assert_finalize_object (manager);
}
