/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* HTTP servers and proxies that are hostile, broken, or something else altogether; and what our requests look like. */

#include "engine-fixture.h"

#define OPEN "0{\"sid\":\"s/1:2\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"

/* Answers the first request with data as it stands. */
static void
answer_script (RawConnection *connection,
               guint          n,
               gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  if (raw_connection_read_request (connection, &request))
    raw_connection_write (connection, data, -1);
}

static void
test_refused (void)
{
  static const struct { const char *answer; SioError code; const char *message; } cases[] = {
    { "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n\r\n"
      "{\"code\":1,\"message\":\"Session ID unknown\"}", SIO_ERROR_UNKNOWN_SESSION, "HTTP 400 Bad Request: Session ID unknown (code 1)" },
    { "HTTP/1.1 400 Bad Request\r\n\r\n"
      "{\"code\":5,\"message\":\"Unsupported protocol version\"}", SIO_ERROR_UNSUPPORTED_VERSION, "(code 5)" },
    { "HTTP/1.1 403 Forbidden\r\n\r\n{\"code\":4,\"message\":\"go\\u0007!\"}", SIO_ERROR_UNAUTHORIZED,
      "HTTP 403 Forbidden: go" },
    { "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", domain=\"http:/x\"\r\n"
      "Content-Length: 0\r\n\r\n", SIO_ERROR_UNAUTHORIZED, "HTTP 401 Unauthorized" },
    { "HTTP/1.1 302 Found\r\nLocation: https://login.test/\x1b[31m?next=secret\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_REFUSED,
      "redirects to https://login.test/%1B[31m; " },
    { "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>\nBad\x07 Gateway</h", SIO_ERROR_REFUSED,
      "<html> Bad\\u{0007} Gateway" },
    { "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_REFUSED, "Retry-After: 120" },
    { "HTTP/1.1 204 No Content\r\n\r\n", SIO_ERROR_REFUSED, "HTTP 204" },
    { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>captive!", SIO_ERROR_NOT_SOCKET_IO,
      "not an Engine.IO response: text/html" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", SIO_ERROR_MALFORMED, "(empty)" },
    { "HTTP/1.1 200 OK\r\n\r\n97:hello", SIO_ERROR_MALFORMED, "open packet" },
    { "HTTP/1.1 200 OK\r\n\r\n4late", SIO_ERROR_MALFORMED, "open packet" },
    { "HTTP/1.1 200 OK\r\n\r\n0{\"\xff\xfe}", SIO_ERROR_MALFORMED, "UTF-8" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, "polling");
      fixture_use_peer (&fixture, answer_script, (gpointer) cases[i].answer);
      fixture_open (&fixture);
      WAIT_FOR (fixture.closed);
      g_test_message ("%s", fixture.error->message);
      fixture_expect_closed (&fixture, "connect error", SIO_ERROR, (int) cases[i].code);
      fixture_expect_message (&fixture, cases[i].message);
      g_assert_true (g_utf8_validate (fixture.error->message, -1, NULL));
      g_assert_cmpuint (raw_peer_get_n_connections (fixture.peer), ==, 1);
      g_assert_cmpuint (fixture_count_tap (&fixture, "http GET"), ==, 1);
    }
}

/* Errors that are GIO's or libsoup's, in our domain, with their words kept. */
static void
test_broken (void)
{
  static const struct { const char *answer; SioError code; const char *message; } cases[] = {
    { "", SIO_ERROR_UNREACHABLE, "closed the connection before it answered" },
    { "SSH-2.0-OpenSSH_9.2p1\r\n", SIO_ERROR_NOT_SOCKET_IO, "does not speak HTTP" },
    { "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n0{\"sid\"", SIO_ERROR_UNREACHABLE, "in the middle of the answer" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n0{\"sid\"", SIO_ERROR_UNREACHABLE, "in the middle of the answer" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;

      fixture_init (&fixture, "polling");
      fixture_use_peer (&fixture, answer_script, (gpointer) cases[i].answer);
      fixture_open (&fixture);
      WAIT_FOR (fixture.closed);
      g_test_message ("%s: %s", g_quark_to_string (fixture.error->domain), fixture.error->message);
      g_assert_true (fixture_has (&fixture, "closed connect error"));
      g_assert_error (fixture.error, SIO_ERROR, (int) cases[i].code);
      fixture_expect_message (&fixture, cases[i].message);
    }
}

/* A body in one piece, after a good handshake. */

typedef struct {
  const char *answer;
  gsize       size;
} PollAnswer;

static void
poll_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  PollAnswer *answer = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      if (!raw_request_has_parameter (&request, "sid", NULL))
        raw_connection_respond (connection, "200 OK", NULL, OPEN, -1);
      else if (answer != NULL)
        {
          raw_connection_respond (connection, "200 OK", NULL, answer->answer, (gssize) answer->size);
          answer = NULL;
        }
      else
        raw_connection_await_end (connection);
    }
}

static void
test_payload (void)
{
  g_auto (Fixture) fixture;
  PollAnswer answer = { "4one\x1e" "2\x1e" "b/w==\x1e" "4€😀\x1e" "6\x1e" "4", 0 };

  answer.size = strlen (answer.answer);
  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, poll_script, &answer);
  fixture_open (&fixture);
  WAIT_FOR (fixture.log->len == 5);
  g_assert_cmpstr (fixture.log->pdata[1], ==, "text 4one");
  g_assert_cmpstr (fixture.log->pdata[2], ==, "binary /w==");
  g_assert_cmpstr (fixture.log->pdata[3], ==, "text 4€😀");
  g_assert_cmpstr (fixture.log->pdata[4], ==, "text 4");
}

/* A close packet ends it; what follows in the same body is not delivered. */
static void
test_close_in_payload (void)
{
  g_auto (Fixture) fixture;
  PollAnswer answer = { "4one\x1e" "1\x1e" "4two", 11 };

  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, poll_script, &answer);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport close", SIO_ERROR, SIO_ERROR_CLOSED);
  g_assert_true (fixture_has (&fixture, "text 4one"));
  g_assert_false (fixture_has (&fixture, "text 4two"));
}

static void
test_bad_payloads (void)
{
  static const struct { const char *body; gsize size; } cases[] = {
    { "", 0 }, { "4one\x1e", 5 }, { "\x1e" "4one", 5 }, { "4one\x1e" "9", 6 }, { "4\xff", 2 }, { "4a\0b", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture;
      PollAnswer answer = { cases[i].body, cases[i].size };

      fixture_init (&fixture, "polling");
      fixture_use_peer (&fixture, poll_script, &answer);
      fixture_open (&fixture);
      fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_MALFORMED);
      g_assert_cmpuint (fixture_count_tap (&fixture, "error "), ==, 1);
    }
}

/* A body in chunks whose connection breaks between two of them looks whole: libsoup 3.2 reports no error. What came counts, and
 * the session goes on; if a packet was cut, its namespace says so. */
static void
chunk_border_script (RawConnection *connection,
                     guint          n,
                     gpointer       data)
{
  gint *n_polls = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    if (!raw_request_has_parameter (&request, "sid", NULL))
      raw_connection_respond (connection, "200 OK", NULL, OPEN, -1);
    else if (g_atomic_int_add (n_polls, 1) == 0)
      {
        raw_connection_write (connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n4one\x1e" "4two\r\n", -1);
        return;
      }
    else
      {
        raw_connection_respond (connection, "200 OK", NULL, "4next", -1);
        raw_connection_await_end (connection);
      }
}

static void
test_chunk_border (void)
{
  g_auto (Fixture) fixture;
  gint n_polls = 0;

  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, chunk_border_script, &n_polls);
  fixture_open (&fixture);
  WAIT_FOR (fixture_has (&fixture, "text 4next"));
  g_assert_cmpuint (fixture.log->len, ==, 4);
  g_assert_cmpstr (fixture.log->pdata[1], ==, "text 4one");
  g_assert_cmpstr (fixture.log->pdata[2], ==, "text 4two");
  g_clear_pointer (&fixture.engine, sio_engine_free);
  g_clear_pointer (&fixture.peer, raw_peer_free);
}

/* A big body is worked through without keeping the loop waiting, in order, to its end. */
static void
test_big_payload (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (GString) body = g_string_new (NULL);
  PollAnswer answer;
  const guint n = 300000;

  for (guint i = 0; i < n; i++)
    g_string_append (body, i > 0 ? "\x1e" "42[\"n\"]" : "42[\"n\"]");
  answer.answer = body->str;
  answer.size = body->len;
  fixture_init (&fixture, "polling");
  fixture.count_only = TRUE;
  fixture_use_peer (&fixture, poll_script, &answer);
  fixture_open (&fixture);
  WAIT_FOR (fixture.n_texts == n);
  g_assert_cmpuint (fixture.n_bytes, ==, n * 7);
  g_assert_false (fixture.closed);
}

static void
test_too_large (void)
{
  g_auto (Fixture) fixture;
  g_autofree char *body = g_strnfill (300000, '4');
  PollAnswer answer = { body, 300000 };

  fixture_init (&fixture, "polling");
  sio_options_set_max_payload (fixture.options, 200000);
  fixture_use_peer (&fixture, poll_script, &answer);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  fixture_expect_message (&fixture, "max-payload (200000 bytes)");
  g_assert_true (fixture_has_tap (&fixture, "error limit 1"));
}

/* Each packet becomes more than its few bytes for whoever keeps it. */
static void
test_too_many_packets (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (GString) body = g_string_new ("4a");
  PollAnswer answer;

  for (guint i = 0; i < 1000000; i++)
    g_string_append (body, "\x1e" "4a");
  answer = (PollAnswer) { body->str, body->len };
  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, poll_script, &answer);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_TOO_LARGE);
  fixture_expect_message (&fixture, "1000001 packets in one body, the limit is 1000000");
  g_assert_cmpuint (fixture.n_texts, ==, 0);
  g_assert_true (fixture_has_tap (&fixture, "error limit 1"));
}

static void
endless_body_script (RawConnection *connection,
                     guint          n,
                     gpointer       data)
{
  g_auto (RawRequest) request = { 0 };
  g_autofree char *chunk = g_strnfill (65536, 'x');

  raw_connection_read_request (connection, &request);
  raw_connection_printf (connection, "HTTP/1.1 %s\r\nContent-Type: text/html\r\n\r\n", (const char *) data);
  while (raw_connection_write (connection, chunk, 65536))
    ;
}

/* Without a length and without an end; an error's body is cut shorter. */
static void
test_endless_body (gconstpointer data)
{
  g_auto (Fixture) fixture;
  const char *status = data;

  fixture_init (&fixture, "polling");
  sio_options_set_max_payload (fixture.options, 4 * 1024 * 1024);
  fixture_use_peer (&fixture, endless_body_script, (gpointer) status);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR,
                         g_str_has_prefix (status, "200") ? SIO_ERROR_TOO_LARGE : SIO_ERROR_REFUSED);
  g_assert_cmpuint (strlen (fixture.error->message), <, 1000);
}

/* We ask for no compression and decode none: a bomb stays as small as it came. */
static void
gzip_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  g_auto (RawRequest) request = { 0 };

  raw_connection_read_request (connection, &request);
  g_assert_null (raw_request_get_header (&request, "accept-encoding"));
  raw_connection_respond (connection, "200 OK", "Content-Encoding: gzip\r\n", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
}

static void
test_gzip (void)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling");
  fixture_use_peer (&fixture, gzip_script, NULL);
  fixture_open (&fixture);
  fixture_expect_closed (&fixture, "connect error", SIO_ERROR, SIO_ERROR_MALFORMED);
}

static void
test_post_refused (gconstpointer data)
{
  g_auto (Fixture) fixture;

  fixture_init (&fixture, "polling");
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  raw_session_set_post_status (fixture.session, data);
  g_assert_true (fixture_send (&fixture, "2[\"too large\"]", NULL));
  g_assert_true (fixture_send (&fixture, "2[\"another\"]", NULL));
  fixture_expect_closed (&fixture, "transport error", SIO_ERROR, SIO_ERROR_REFUSED);
  fixture_expect_message (&fixture, data);
  /* not repeated: the server may have read it */
  g_assert_cmpuint (raw_session_get_n_posts (fixture.session), ==, 1);
}

/* Closing while a POST hangs: two seconds, not thirty. */
static void
test_close_while_posting (void)
{
  g_auto (Fixture) fixture;
  gint64 start;

  fixture_init (&fixture, "polling");
  fixture_use_session (&fixture, NULL);
  fixture_open_well (&fixture);
  raw_session_set_post_status (fixture.session, "");
  g_assert_true (fixture_send (&fixture, "2[\"hangs\"]", NULL));
  fixture_expect_packet (&fixture, "42[\"hangs\"]");
  g_assert_false (sio_engine_is_writable (fixture.engine));
  start = g_get_monotonic_time ();
  sio_engine_close (fixture.engine, "forced close");
  fixture_expect_closed (&fixture, "forced close", 0, 0);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_USEC_PER_SEC);
}

/* No POST is larger than the server said, except for a message that is larger by itself. Bytes of the real encoding count. */
static void
test_slices (void)
{
  g_auto (Fixture) fixture;
  g_autoptr (GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) header = g_bytes_new_static ("51-[]", 5);

  fixture_init (&fixture, "polling");
  fixture_use_session (&fixture, "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":9999,\"pingTimeout\":9999,\"maxPayload\":20}");
  fixture_open_well (&fixture);
  g_assert_true (fixture_send (&fixture, "first", NULL)); /* goes alone; the others wait for it */
  g_assert_true (fixture_send (&fixture, "12345678", NULL)); /* 9 + 1 + 10 = 20 */
  g_assert_true (fixture_send (&fixture, "123456789", NULL));
  g_assert_true (fixture_send (&fixture, "much too long for one slice", NULL));
  g_ptr_array_add (attachments, g_bytes_new ("0123456789", 10)); /* 6 + 1 + 17 > 20 */
  g_assert_true (sio_engine_send (fixture.engine, TRUE, header, attachments, NULL));
  fixture_expect_packet (&fixture, "4first");
  fixture_expect_packet (&fixture, "412345678");
  fixture_expect_packet (&fixture, "4123456789");
  fixture_expect_packet (&fixture, "4much too long for one slice");
  fixture_expect_packet (&fixture, "451-[]");
  fixture_expect_packet (&fixture, "bMDEyMzQ1Njc4OQ==");
  g_assert_cmpuint (raw_session_get_n_posts (fixture.session), ==, 5);
}

/* What our requests look like */

typedef struct {
  GMutex      mutex;
  char       *first;
  char       *second;
  GHashTable *headers;
} Seen;

static void
seen_script (RawConnection *connection,
             guint          n,
             gpointer       data)
{
  Seen *seen = data;
  g_auto (RawRequest) request = { 0 };

  while (raw_connection_read_request (connection, &request))
    {
      gboolean known = raw_request_has_parameter (&request, "sid", NULL);

      g_mutex_lock (&seen->mutex);
      if (seen->headers == NULL)
        seen->headers = g_hash_table_ref (request.headers);
      if (!known)
        seen->first = g_strdup (request.target);
      else if (seen->second == NULL)
        seen->second = g_strdup (request.target);
      g_mutex_unlock (&seen->mutex);
      raw_peer_wake_tests ();

      if (raw_request_has_parameter (&request, "transport", "websocket"))
        {
          raw_connection_accept_websocket (connection, &request, NULL, 0);
          raw_connection_write_frame (connection, 0x81, OPEN, -1);
        }
      else if (!known)
        {
          raw_connection_respond (connection, "200 OK", NULL, OPEN, -1);
          continue;
        }
      raw_connection_await_end (connection);
    }
}

static void
test_requests (gconstpointer data)
{
  const char *transport = data;
  gboolean polling = g_str_equal (transport, "polling");
  static const char * const query[] = { "token=a b&c", "EIO=3", "flag", NULL };
  static const char * const headers[] = { "X-Token: secret", "Cookie: a=b", NULL };
  g_auto (Fixture) fixture;
  Seen seen = { 0 };

  g_mutex_init (&seen.mutex);
  fixture_init (&fixture, transport);
  sio_options_set_query (fixture.options, query);
  sio_options_set_force_base64 (fixture.options, TRUE);
  g_assert_true (sio_options_set_extra_headers (fixture.options, headers, NULL));
  fixture_use_peer (&fixture, seen_script, &seen);
  fixture_open_well (&fixture);
  if (polling)
    WAIT_FOR (g_atomic_pointer_get (&seen.second) != NULL);

  g_mutex_lock (&seen.mutex);
  g_test_message ("%s, %s", seen.first, seen.second);
  g_assert_true (g_str_has_prefix (seen.first, polling ? "/socket.io/?token=a%20b%26c&flag=&EIO=4&transport=polling&t="
                                                       : "/socket.io/?token=a%20b%26c&flag=&EIO=4&transport=websocket&b64=1"));
  g_assert_true (g_str_has_suffix (seen.first, "&b64=1"));
  if (polling)
    g_assert_true (g_str_has_suffix (seen.second, "&b64=1&sid=s%2F1%3A2"));
  g_assert_cmpstr (g_hash_table_lookup (seen.headers, "x-token"), ==, "secret");
  g_assert_cmpstr (g_hash_table_lookup (seen.headers, "cookie"), ==, "a=b");
  g_assert_cmpstr (g_hash_table_lookup (seen.headers, "accept"), ==, "*/*");
  g_mutex_unlock (&seen.mutex);

  g_clear_pointer (&fixture.engine, sio_engine_free);
  g_clear_pointer (&fixture.peer, raw_peer_free);
  g_free (seen.first);
  g_free (seen.second);
  g_hash_table_unref (seen.headers);
  g_mutex_clear (&seen.mutex);
}

/* A query in the URL replaces the option's. */
static void
test_url_query (void)
{
  static const char * const query[] = { "option=1", NULL };
  g_auto (Fixture) fixture;
  g_autofree char *base = NULL;
  g_autofree char *url = NULL;
  Seen seen = { 0 };

  g_mutex_init (&seen.mutex);
  fixture_init (&fixture, "polling");
  sio_options_set_query (fixture.options, query);
  sio_options_set_timestamp_requests (fixture.options, FALSE);
  sio_options_set_path (fixture.options, "/my/path/");
  fixture_use_peer (&fixture, seen_script, &seen);
  base = raw_peer_dup_url (fixture.peer);
  url = g_strconcat (base, "admin?url=%C3%A9+&sid=mine", NULL);
  fixture_open_url (&fixture, url);
  WAIT_FOR (fixture.opened);
  g_mutex_lock (&seen.mutex);
  g_assert_cmpstr (seen.first, ==, "/my/path/?url=%C3%A9%2B&EIO=4&transport=polling&b64=1");
  g_mutex_unlock (&seen.mutex);

  g_clear_pointer (&fixture.engine, sio_engine_free);
  g_clear_pointer (&fixture.peer, raw_peer_free);
  g_free (seen.first);
  g_free (seen.second);
  g_hash_table_unref (seen.headers);
  g_mutex_clear (&seen.mutex);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/polling/refused", test_refused);
  g_test_add_func ("/engine/polling/broken", test_broken);
  g_test_add_func ("/engine/polling/payload", test_payload);
  g_test_add_func ("/engine/polling/close-in-payload", test_close_in_payload);
  g_test_add_func ("/engine/polling/bad-payloads", test_bad_payloads);
  g_test_add_func ("/engine/polling/cut-at-a-chunk's-border", test_chunk_border);
  g_test_add_func ("/engine/polling/big-payload", test_big_payload);
  g_test_add_func ("/engine/polling/too-large", test_too_large);
  g_test_add_func ("/engine/polling/too-many-packets", test_too_many_packets);
  g_test_add_data_func ("/engine/polling/endless-body", "200 OK", test_endless_body);
  g_test_add_data_func ("/engine/polling/endless-refusal", "500 Oops", test_endless_body);
  g_test_add_func ("/engine/polling/gzip", test_gzip);
  g_test_add_data_func ("/engine/polling/post-413", "413 Payload Too Large", test_post_refused);
  g_test_add_data_func ("/engine/polling/post-204", "204 No Content", test_post_refused);
  g_test_add_func ("/engine/polling/close-while-posting", test_close_while_posting);
  g_test_add_func ("/engine/polling/slices", test_slices);
  g_test_add_data_func ("/engine/polling/requests", "polling", test_requests);
  g_test_add_data_func ("/engine/websocket/requests", "websocket", test_requests);
  g_test_add_func ("/engine/polling/url-query", test_url_query);

  return g_test_run ();
}
