/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The engine's calls as lines of text. */

#include "engine-fixture.h"

/* The tap. Lines: "http GET 200", "frame in 1 hello", "engine out websocket 2probe", "state upgraded", "error limit 1". */

static void test_tap_iface_init (SioTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestTap, test_tap, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (SIO_TYPE_TAP, test_tap_iface_init))

static const char *
kind_name (SioTransportKind kind)
{
  return kind == SIO_TRANSPORT_KIND_POLLING ? "polling" : kind == SIO_TRANSPORT_KIND_WEBSOCKET ? "websocket" : "none";
}

static const char *
direction_name (SioDirection direction)
{
  return direction == SIO_DIRECTION_IN ? "in" : "out";
}

static void
test_tap_http (SioTap                *tap,
               const SioHttpExchange *exchange)
{
  g_assert_nonnull (exchange->request_headers);
  g_assert_nonnull (exchange->response_headers);
  g_assert_cmpint (exchange->started_us, <=, exchange->ended_us);
  g_assert_true (g_str_has_prefix (exchange->uri, "http") || g_str_has_prefix (exchange->uri, "ws"));
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("http %s %u", exchange->method, exchange->status));
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("uri %s", exchange->uri));
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("headers %s", exchange->request_headers));
}

static void
test_tap_frame (SioTap           *tap,
                SioDirection      direction,
                SioTransportKind  transport,
                guint             opcode,
                SioSpan           payload)
{
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("frame %s %u %.*s", direction_name (direction), opcode,
                                                           (int) MIN (payload.size, 100), payload.data));
}

static void
test_tap_engine_packet (SioTap              *tap,
                        SioDirection         direction,
                        SioTransportKind     transport,
                        SioEnginePacketType  type,
                        SioSpan              raw)
{
  g_assert_cmpuint (raw.size, >, 0);
  g_assert_cmpint (raw.data[0], ==, '0' + (int) type);
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("engine %s %s %.*s", direction_name (direction),
                                                           kind_name (transport), (int) raw.size, raw.data));
}

static void
test_tap_state (SioTap                  *tap,
                const SioTapStateChange *change)
{
  const char *names[] = { "connecting", "open", "upgrading", "upgraded", "upgrade-failed", "closed" };

  g_assert_cmpuint (change->state, <, G_N_ELEMENTS (names));
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("state %s", names[change->state]));
  if (change->state == SIO_TAP_STATE_CONNECTING)
    {
      g_assert_nonnull (change->error);
      g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("connecting %u %s: %s", change->attempt,
                                                               kind_name (change->transport), change->reason));
    }
}

static void
test_tap_error (SioTap       *tap,
                const char   *where,
                const GError *error,
                SioSpan       bytes)
{
  g_assert_nonnull (error);
  g_ptr_array_add (TEST_TAP (tap)->lines, g_strdup_printf ("error %s %d", where, error->code));
}

static void
test_tap_iface_init (SioTapInterface *iface)
{
  iface->http = test_tap_http;
  iface->frame = test_tap_frame;
  iface->engine_packet = test_tap_engine_packet;
  iface->state = test_tap_state;
  iface->error = test_tap_error;
}

static void
test_tap_finalize (GObject *object)
{
  g_ptr_array_unref (TEST_TAP (object)->lines);
  G_OBJECT_CLASS (test_tap_parent_class)->finalize (object);
}

static void
test_tap_class_init (TestTapClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_tap_finalize;
}

static void
test_tap_init (TestTap *self)
{
  self->lines = g_ptr_array_new_with_free_func (g_free);
}

/* The listener */

/* After each call: nothing may come after closed(), and the test may want the engine gone right here. */
static void
fixture_note (Fixture    *self,
              const char *call,
              char       *line)
{
  g_assert_false (self->closed && g_strcmp0 (call, "closed") != 0);
  g_assert_nonnull (self->engine);
  g_ptr_array_add (self->log, line);
  if (g_strcmp0 (self->free_at, call) == 0)
    g_clear_pointer (&self->engine, sio_engine_free);
}

static void
opened_cb (gpointer            data,
           const SioHandshake *handshake,
           guint               eio,
           const char         *how)
{
  Fixture *self = data;

  g_assert_false (self->opened);
  g_assert_true (eio == 3 || eio == 4);
  g_assert_cmpint (how == NULL, ==, sio_options_get_server (self->options) != 0);
  self->eio = eio;
  self->how = g_strdup (how);
  g_assert_true (sio_engine_is_open (self->engine));
  g_assert_cmpstr (sio_engine_get_sid (self->engine), ==, handshake->sid);
  self->opened = TRUE;
  fixture_note (self, "opened", g_strdup ("opened"));
}

static void
text_cb (gpointer          data,
         GBytes           *owner,
         SioSpan           raw,
         SioTransportKind  transport)
{
  Fixture *self = data;
  gsize size = 0;
  const char *bytes = owner != NULL ? g_bytes_get_data (owner, &size) : NULL;

  g_assert_true (self->opened);
  g_assert_true (owner == NULL || (raw.data >= bytes && raw.data + raw.size <= bytes + size));
  g_assert_cmpint (raw.data[0], ==, '4');
  self->n_texts++;
  self->n_bytes += raw.size;
  if (!self->count_only)
    fixture_note (self, "text", g_strdup_printf ("text %.*s", (int) raw.size, raw.data));
}

static void
binary_cb (gpointer          data,
           GBytes           *bytes,
           SioTransportKind  transport)
{
  Fixture *self = data;
  gsize size;
  gconstpointer p = g_bytes_get_data (bytes, &size);
  g_autofree char *base64 = g_base64_encode (p, size);

  g_assert_true (self->opened);
  if (self->kept != NULL)
    g_ptr_array_add (self->kept, g_bytes_ref (bytes));
  fixture_note (self, "binary", g_strdup_printf ("binary %s", base64));
}

static void
drained_cb (gpointer data)
{
  Fixture *self = data;

  g_assert_false (self->closed);
  self->n_drained++;
  if (g_strcmp0 (self->free_at, "drained") == 0)
    g_clear_pointer (&self->engine, sio_engine_free);
}

static void
upgraded_cb (gpointer data)
{
  Fixture *self = data;

  g_assert_cmpint (sio_engine_get_transport (self->engine), ==, SIO_TRANSPORT_KIND_WEBSOCKET);
  fixture_note (self, "upgraded", g_strdup ("upgraded"));
}

static void
closed_cb (gpointer      data,
           const char   *reason,
           const GError *error)
{
  Fixture *self = data;

  g_assert_false (self->closed);
  g_assert_false (sio_engine_is_open (self->engine));
  self->closed = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  fixture_note (self, "closed", g_strdup_printf ("closed %s", reason));
}

/* Heartbeats are counted and not written down: they may come anywhere. */
static void
fixture_count (Fixture    *self,
               const char *call,
               guint      *count)
{
  g_assert_true (self->opened && !self->closed);
  (*count)++;
  if (g_strcmp0 (self->free_at, call) == 0)
    g_clear_pointer (&self->engine, sio_engine_free);
}

static void
ping_cb (gpointer data)
{
  Fixture *self = data;

  fixture_count (self, "ping", &self->n_pings);
}

static void
pong_cb (gpointer data,
         gint64   rtt_us)
{
  Fixture *self = data;

  g_assert_cmpint (rtt_us, >, 0);
  self->rtt_us = rtt_us;
  g_assert_cmpuint (self->n_pongs, <, self->n_pings);
  fixture_count (self, "pong", &self->n_pongs);
}

static const SioEngineListener listener = {
  opened_cb, text_cb, binary_cb, drained_cb, upgraded_cb, closed_cb, ping_cb, pong_cb,
};

/* The fixture */

void
fixture_init (Fixture    *self,
              const char *transports)
{
  g_auto (GStrv) names = g_strsplit (transports, ",", -1);
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->options = sio_options_new ();
  sio_options_set_transports (self->options, (const char * const *) names, &error);
  g_assert_no_error (error);
  sio_options_set_timeout_ms (self->options, 15000);
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->tap = g_object_new (TEST_TYPE_TAP, NULL);
  sio_tap_handle_set (&self->handle, SIO_TAP (self->tap));
}

void
fixture_clear (Fixture *self)
{
  g_clear_pointer (&self->engine, sio_engine_free);
  g_clear_pointer (&self->session, raw_session_free);
  g_clear_pointer (&self->peer, raw_peer_free);
  g_clear_object (&self->options);
  g_clear_object (&self->tap);
  g_clear_pointer (&self->log, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->how, g_free);
  /* what libsoup has left to do, so that a leak or a late call shows here */
  for (guint i = 0; i < 20; i++)
    while (g_main_context_iteration (NULL, FALSE))
      ;
}

void
fixture_use_session (Fixture    *self,
                     const char *open_json)
{
  self->session = raw_session_new (open_json);
}

void
fixture_use_peer (Fixture       *self,
                  RawPeerScript  script,
                  gpointer       data)
{
  self->peer = raw_peer_new (script, data);
}

void
fixture_open_url (Fixture    *self,
                  const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SioUrl) url = sio_url_parse (text, &error);

  g_assert_no_error (error);
  self->engine = sio_engine_new (url, self->options, &self->memory, &self->handle, &listener, self);
  sio_engine_open (self->engine);
  g_assert_false (self->closed);
}

void
fixture_open (Fixture *self)
{
  g_autofree char *url = self->session != NULL ? raw_session_dup_url (self->session) : raw_peer_dup_url (self->peer);

  fixture_open_url (self, url);
}

void
fixture_open_well (Fixture *self)
{
  fixture_open (self);
  WAIT_FOR (self->opened || self->closed);
  if (self->closed)
    g_error ("closed instead of opened: %s", self->error != NULL ? self->error->message : "no error");
}

gboolean
fixture_send (Fixture     *self,
              const char  *text,
              GError     **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return sio_engine_send (self->engine, TRUE, bytes, NULL, error);
}

static guint
count_lines (GPtrArray  *lines,
             const char *line,
             gboolean    prefix)
{
  guint n = 0;

  for (guint i = 0; i < lines->len; i++)
    if (prefix ? g_str_has_prefix (lines->pdata[i], line) : g_str_equal (lines->pdata[i], line))
      n++;
  return n;
}

gboolean
fixture_has (Fixture    *self,
             const char *line)
{
  return count_lines (self->log, line, FALSE) > 0;
}

gboolean
fixture_has_tap (Fixture    *self,
                 const char *line)
{
  return count_lines (self->tap->lines, line, FALSE) > 0;
}

guint
fixture_count_tap (Fixture    *self,
                   const char *prefix)
{
  return count_lines (self->tap->lines, prefix, TRUE);
}

void
fixture_expect_closed (Fixture    *self,
                       const char *reason,
                       GQuark      domain,
                       int         code)
{
  g_autofree char *line = g_strconcat ("closed ", reason, NULL);

  WAIT_FOR (self->closed);
  g_assert_cmpstr (self->log->pdata[self->log->len - 1], ==, line);
  if (domain == 0)
    g_assert_no_error (self->error);
  else
    g_assert_error (self->error, domain, code);
  /* the listener asserts that nothing follows */
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
}

void
fixture_expect_message (Fixture    *self,
                        const char *part)
{
  g_assert_nonnull (self->error);
  if (strstr (self->error->message, part) == NULL)
    g_error ("expected \"%s\" in \"%s\"", part, self->error->message);
}

/* Asked again and again, takes once. */
static gboolean
fixture_take (Fixture  *self,
              char    **packet)
{
  if (*packet == NULL)
    *packet = raw_session_take (self->session);
  return *packet != NULL;
}

void
fixture_expect_packet (Fixture    *self,
                       const char *packet)
{
  g_autofree char *taken = NULL;

  WAIT_FOR (fixture_take (self, &taken));
  g_assert_cmpstr (taken, ==, packet);
}
