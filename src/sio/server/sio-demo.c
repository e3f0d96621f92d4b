/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The demo: a server that shows within seconds everything that an inspector should make visible,
 * and stays calm. One beat drives all that is said to everybody; what a client asks for is answered
 * at once, late or never. */

#include "sio-server-private.h"
#include "../wire/sio-json.h"

#define BEAT_MS          250
#define TICK_BEATS       2   /* 0.5 s */
#define STATS_BEATS      8   /* 2 s */
#define BINARY_BEATS     16  /* 4 s */
#define CONFIRM_BEATS    20  /* 5 s */
#define CHAT_BEATS       27  /* 6.75 s: not in step with the others */
#define REPLY_BEATS      5
/* After connecting: the rest of what there is to see, well within 300 ms. */
#define OPENING_MS       150
#define MAX_SLOW_MS      60000
#define MAX_SLOW_PENDING 256
#define MAX_BURST        1000
#define MAX_BIG_KIB      512

/* An 8 by 8 chequerboard in two colours. */
static const guint8 picture[] = {
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
  0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x01, 0x03, 0x00, 0x00, 0x00, 0xfe, 0xc1, 0x2c,
  0xc8, 0x00, 0x00, 0x00, 0x06, 0x50, 0x4c, 0x54, 0x45, 0x35, 0x84, 0xe4, 0xf6, 0xd3, 0x2d, 0xb2,
  0x28, 0x2a, 0x27, 0x00, 0x00, 0x00, 0x0e, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x08, 0x65,
  0x58, 0xc5, 0x80, 0x84, 0x01, 0x1e, 0x9c, 0x03, 0xfd, 0x70, 0x15, 0xc9, 0x90, 0x00, 0x00, 0x00,
  0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82
};

static const struct { const char *from, *text; } lines[] = {
  { "Ada 🦊",     "Good morning! Is the ticker live today?" },
  { "Grace 🐙",   "It is. Two ticks a second, as ever." },
  { "Linus 🐧",   "Who ordered the flat white?" },
  { "Ada 🦊",     "Me. Somebody has to confirm it, though…" },
  { "Hedy 🛰️",    "Try emitting \\\"drop\\\" and watch what happens." },
  { "Grace 🐙",   "Or \\\"kick\\\". It is gentler." },
  { "Margaret 🚀", "Reconnected after 1.2 s. Not bad." },
  { "Hedy 🛰️",    "The picture every four seconds: that is a real PNG." },
};

static const struct { const char *item, *total; } orders[] = {
  { "Flat white ☕", "3.80" }, { "Croissant 🥐", "2.50" }, { "Green tea 🍵", "3.10" }, { "Waffle 🧇", "4.00" },
};

typedef struct {
  SioServer *server;     /* not owned: it owns us */
  GSource   *beat;       /* NULL while nobody is there */
  guint      n_beats;

  guint      n_ticks;
  int        cents;      /* the price that the ticker plays with */
  guint      n_orders;
  guint      n_lines;
  guint      reply_at;   /* the beat of a reply to somebody's chat; 0: none is due */
  gint64     started_us;
} Demo;

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

static void emitf (SioServerSocket *socket, const char *event, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
emitf (SioServerSocket *socket,
       const char      *event,
       const char      *format,
       ...)
{
  g_autofree char *args = NULL;
  va_list list;

  va_start (list, format);
  args = g_strdup_vprintf (format, list);
  va_end (list);
  sio_server_socket_emit (socket, event, (SioSpan) { args, strlen (args) }, NULL);
}

static void
tell_all (Demo       *self,
          const char *nsp,
          const char *event,
          const char *args)
{
  sio_server_broadcast (self->server, nsp, event, (SioSpan) { args, strlen (args) }, NULL);
}

/* ---- what is said ---- */

/* Numbers are written by hand, so that 1.50 stays 1.50: an inspector must not make 1.5 of it. */
static char *
make_tick (Demo *self)
{
  self->n_ticks++;
  self->cents += g_random_int_range (-9, 10);
  self->cents = CLAMP (self->cents, 100, 250);
  return g_strdup_printf ("{\"id\":%u,\"price\":%d.%02d,\"at\":%" G_GINT64_FORMAT "}",
                          self->n_ticks, self->cents / 100, self->cents % 100, now_ms ());
}

static char *
make_line (Demo *self)
{
  guint i = self->n_lines++ % G_N_ELEMENTS (lines);

  return g_strdup_printf ("{\"from\":\"%s\",\"text\":\"%s\"}", lines[i].from, lines[i].text);
}

static char *
make_stats (Demo *self)
{
  g_autoptr(GPtrArray) people = sio_server_list_sockets (self->server, "/");
  gint64 uptime_ms = (g_get_monotonic_time () - self->started_us) / 1000;

  return g_strdup_printf ("{\"sessions\":%u,\"people\":%u,\"ticks\":%u,\"orders\":%u,"
                          "\"uptime\":%" G_GINT64_FORMAT ".%03d}",
                          sio_server_get_n_sessions (self->server), people->len, self->n_ticks, self->n_orders,
                          uptime_ms / 1000, (int) (uptime_ms % 1000));
}

static void
tell_people (Demo *self)
{
  g_autoptr(GPtrArray) people = sio_server_list_sockets (self->server, "/");
  g_autofree char *args = g_strdup_printf ("{\"online\":%u}", people->len);

  tell_all (self, "/", "people", args);
}

static void
emit_picture (SioServerSocket *socket)
{
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *args = NULL;

  g_ptr_array_add (attachments, g_bytes_new_static (picture, sizeof picture));
  args = g_strdup_printf ("{\"file\":{\"name\":\"chequers.png\",\"type\":\"image/png\","
                          "\"bytes\":{\"_placeholder\":true,\"num\":0}},\"at\":%" G_GINT64_FORMAT "}", now_ms ());
  sio_server_socket_emit (socket, "binary", (SioSpan) { args, strlen (args) }, attachments);
}

static void
order_answered_cb (SioServerSocket *socket,
                   const SioSpan   *args,
                   GPtrArray       *attachments,
                   gpointer         data)
{
  g_autoptr(GString) text = NULL;

  if (args == NULL)
    return;

  text = g_string_new (NULL);
  g_string_printf (text, "{\"order\":%u,\"answer\":[", GPOINTER_TO_UINT (data));
  if (args->size > 0)
    g_string_append_len (text, args->data, (gssize) args->size);
  g_string_append (text, "]}");
  sio_server_socket_emit (socket, "confirmed", (SioSpan) { text->str, text->len }, attachments);
}

static void
emit_order (Demo            *self,
            SioServerSocket *socket)
{
  guint n = ++self->n_orders;
  guint i = n % G_N_ELEMENTS (orders);
  g_autofree char *args = NULL;

  args = g_strdup_printf ("{\"order\":%u,\"item\":\"%s\",\"total\":%s}", n, orders[i].item, orders[i].total);
  sio_server_socket_emit_with_ack (socket, "confirm", (SioSpan) { args, strlen (args) }, NULL,
                                   order_answered_cb, GUINT_TO_POINTER (n));
}

/* ---- the beat ---- */

static gboolean
beat_cb (gpointer data)
{
  Demo *self = data;
  g_autoptr(GPtrArray) people = sio_server_list_sockets (self->server, "/");
  g_autoptr(GPtrArray) admins = sio_server_list_sockets (self->server, "/admin");

  if (people->len == 0 && admins->len == 0)
    {
      sio_server_clear_source (&self->beat);
      return G_SOURCE_REMOVE;
    }

  self->n_beats++;
  if (self->n_beats % TICK_BEATS == 0)
    {
      g_autofree char *tick = make_tick (self);

      tell_all (self, "/", "tick", tick);
    }
  if (self->n_beats % CHAT_BEATS == 0 || self->n_beats == self->reply_at)
    {
      g_autofree char *line = make_line (self);

      tell_all (self, "/", "chat", line);
    }
  if (self->n_beats % STATS_BEATS == 0)
    {
      g_autofree char *stats = make_stats (self);

      tell_all (self, "/admin", "stats", stats);
    }
  for (guint i = 0; i < people->len; i++)
    {
      if (self->n_beats % BINARY_BEATS == 0)
        emit_picture (g_ptr_array_index (people, i));
      if (self->n_beats % CONFIRM_BEATS == 0)
        emit_order (self, g_ptr_array_index (people, i));
    }

  return G_SOURCE_CONTINUE;
}

/* ---- something for one socket, later ---- */

typedef struct {
  Demo            *demo;
  SioServerSocket *socket;
  gint64           id;
  char            *args;
  GPtrArray       *attachments;
} Later;

static void
later_free (gpointer data)
{
  Later *later = data;

  g_free (later->args);
  g_clear_pointer (&later->attachments, g_ptr_array_unref);
  sio_server_socket_unref (later->socket);
  g_free (later);
}

static void
do_later (Demo            *self,
          SioServerSocket *socket,
          guint            ms,
          GSourceFunc      func,
          const SioServerEvent *event)
{
  GSource *source = g_timeout_source_new (ms);
  Later *later = g_new0 (Later, 1);

  later->demo = self;
  later->socket = sio_server_socket_ref (socket);
  if (event != NULL)
    {
      later->id = event->id;
      later->args = g_strndup (event->args.data, event->args.size);
      later->attachments = event->attachments != NULL ? g_ptr_array_ref (event->attachments) : NULL;
    }
  g_source_set_callback (source, func, later, later_free);
  g_source_attach (source, sio_server_get_context (self->server));
  g_source_unref (source);
}

static gboolean
opening_cb (gpointer data)
{
  Later *later = data;

  /* The demo is there as long as a socket is connected. */
  if (sio_server_socket_is_connected (later->socket))
    {
      emit_picture (later->socket);
      emit_order (later->demo, later->socket);
    }
  return G_SOURCE_REMOVE;
}

static gboolean
slow_cb (gpointer data)
{
  Later *later = data;
  guint n_pending = GPOINTER_TO_UINT (sio_server_socket_get_data (later->socket));

  sio_server_socket_set_data (later->socket, GUINT_TO_POINTER (n_pending - 1), NULL);
  sio_server_socket_ack (later->socket, later->id, (SioSpan) { later->args, strlen (later->args) },
                         later->attachments);
  return G_SOURCE_REMOVE;
}

/* ---- what comes ---- */

static gboolean
demo_connect (gpointer     data,
              const char  *nsp,
              SioSpan      auth,
              char       **refusal)
{
  SioSpan token;

  if (g_str_equal (nsp, "/"))
    return TRUE;
  if (!g_str_equal (nsp, "/admin"))
    return FALSE;

  if (auth.size > 0 && sio_json_object_get (auth, "token", &token) && sio_json_get_type (token) == SIO_JSON_STRING)
    {
      g_autoptr(GString) text = sio_json_unquote (token);

      if (sio_span_equals ((SioSpan) { text->str, text->len }, "demo"))
        return TRUE;
    }

  *refusal = g_strdup ("{\"message\":\"not authorized\",\"data\":{\"code\":\"E_TOKEN\","
                       "\"hint\":\"connect with the auth {\\\"token\\\":\\\"demo\\\"}\"}}");
  return FALSE;
}

static void
demo_connected (gpointer         data,
                SioServerSocket *socket,
                SioSpan          auth)
{
  Demo *self = data;

  if (self->beat == NULL)
    self->beat = sio_server_add_timeout (self->server, BEAT_MS, beat_cb, self);

  if (g_str_equal (sio_server_socket_get_nsp (socket), "/admin"))
    {
      g_autofree char *stats = make_stats (self);

      emitf (socket, "stats", "%s", stats);
      return;
    }

  emitf (socket, "welcome",
         "{\"message\":\"Welcome to the Sioscope demo\",\"you\":\"%s\",\"try\":[\"echo\",\"chat\",\"slow\","
         "\"silent\",\"burst\",\"big\",\"kick\",\"drop\"],\"namespaces\":{\"/admin\":{\"token\":\"demo\"}}}",
         sio_server_socket_get_id (socket));
  tell_people (self);
  {
    g_autofree char *tick = make_tick (self);
    g_autofree char *line = make_line (self);

    emitf (socket, "chat", "%s", line);
    emitf (socket, "tick", "%s", tick);
  }
  do_later (self, socket, OPENING_MS, opening_cb, NULL);
}

static void
demo_disconnected (gpointer         data,
                   SioServerSocket *socket)
{
  if (g_str_equal (sio_server_socket_get_nsp (socket), "/"))
    tell_people (data);
}

/* The first argument as a whole number between 0 and max; otherwise if it is none. */
static guint
get_number (const SioServerEvent *event,
            guint                 otherwise,
            guint                 max)
{
  SioJsonIter iter;
  SioSpan value;
  g_autofree char *text = NULL;
  double number;

  sio_json_iter_init (&iter, event->args);
  if (event->n_args == 0 || !sio_json_iter_next (&iter, &value) || sio_json_get_type (value) != SIO_JSON_NUMBER)
    return otherwise;

  text = g_strndup (value.data, value.size);
  number = g_ascii_strtod (text, NULL);
  return (guint) CLAMP (number, 0, (double) max);
}

static void
be_slow (Demo                 *self,
         SioServerSocket      *socket,
         const SioServerEvent *event)
{
  guint n_pending = GPOINTER_TO_UINT (sio_server_socket_get_data (socket));

  if (n_pending >= MAX_SLOW_PENDING)
    {
      sio_server_socket_ack (socket, event->id, SIO_SPAN_LITERAL ("{\"error\":\"too many are waiting\"}"), NULL);
      return;
    }

  sio_server_socket_set_data (socket, GUINT_TO_POINTER (n_pending + 1), NULL);
  do_later (self, socket, get_number (event, 1000, MAX_SLOW_MS), slow_cb, event);
}

static void
be_big (SioServerSocket      *socket,
        const SioServerEvent *event)
{
  gsize size = get_number (event, 64, MAX_BIG_KIB) * 1024;
  g_autoptr(GString) text = g_string_sized_new (size + 128);

  g_string_append (text, "{\"rows\":[");
  for (guint i = 0; text->len < size; i++)
    g_string_append_printf (text, "%s{\"row\":%u,\"name\":\"Row %u\",\"value\":%u.50}", i > 0 ? "," : "", i, i, i);
  g_string_append (text, "]}");
  sio_server_socket_emit (socket, "big", (SioSpan) { text->str, text->len }, NULL);
}

static void
demo_event (gpointer              data,
            SioServerSocket      *socket,
            const SioServerEvent *event)
{
  Demo *self = data;
  gboolean wants_ack = event->id >= 0;

  if (sio_span_equals (event->name, "echo"))
    {
      if (wants_ack)
        sio_server_socket_ack (socket, event->id, event->args, event->attachments);
      else
        sio_server_socket_emit (socket, "echo", event->args, event->attachments);
    }
  else if (sio_span_equals (event->name, "chat"))
    {
      sio_server_broadcast (self->server, sio_server_socket_get_nsp (socket), "chat", event->args,
                            event->attachments);
      if (wants_ack)
        sio_server_socket_ack (socket, event->id, SIO_SPAN_LITERAL ("{\"said\":true}"), NULL);
      self->reply_at = self->n_beats + REPLY_BEATS;
    }
  else if (sio_span_equals (event->name, "slow"))
    {
      if (wants_ack)
        be_slow (self, socket, event);
    }
  else if (sio_span_equals (event->name, "burst"))
    {
      guint n = get_number (event, 100, MAX_BURST);

      for (guint i = 1; i <= n; i++)
        emitf (socket, "burst", "{\"n\":%u,\"of\":%u}", i, n);
      if (wants_ack)
        sio_server_socket_ack (socket, event->id, (SioSpan) { NULL, 0 }, NULL);
    }
  else if (sio_span_equals (event->name, "big"))
    {
      be_big (socket, event);
    }
  else if (sio_span_equals (event->name, "kick"))
    {
      sio_server_socket_disconnect (socket);
    }
  else if (sio_span_equals (event->name, "drop"))
    {
      sio_server_socket_drop (socket);
    }
  /* "silent" and whatever else: nothing, ever. */
}

static void
demo_free (gpointer data)
{
  Demo *self = data;

  sio_server_clear_source (&self->beat);
  g_free (self);
}

/**
 * sio_server_behave_as_demo:
 * @self: a server without clients
 *
 * Namespace `/` greets ("welcome", "people"), ticks twice a second ("tick"), chats ("chat"), sends a picture ("binary")
 * and asks for a confirmation ("confirm", then "confirmed" with the answer). It reacts to "echo", "chat", "slow" (acks
 * after the milliseconds given), "silent" (never acks), "burst" and "big" (many events, one large one), "kick"
 * (disconnects the namespace) and "drop" (cuts the connection without a word). Namespace `/admin` wants the auth
 * `{"token":"demo"}` and sends "stats". Every other namespace is refused.
 */
void
sio_server_behave_as_demo (SioServer *self)
{
  SioServerBehaviour behaviour = {
    .connect = demo_connect,
    .connected = demo_connected,
    .event = demo_event,
    .disconnected = demo_disconnected,
    .free_data = demo_free,
    .connect_timeout_ms = SIO_SERVER_CONNECT_TIMEOUT_MS,
  };
  Demo *demo;

  g_return_if_fail (SIO_IS_SERVER (self));

  demo = g_new0 (Demo, 1);
  demo->server = self;
  demo->cents = 125;
  demo->started_us = g_get_monotonic_time ();
  sio_server_set_behaviour (self, &behaviour, demo);
}
