/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A handler may do anything: each deed inside of each callback, at its first and at later calls, over each way of transport,
 * in the middle of a whole life: joining, events and acks both ways, binary, upgrade, refusal, timeout, goodbye, loss,
 * reconnection, giving up. What counts is that nothing is touched that is gone, that every ack is told exactly once, that
 * the life goes on if it can, and that everything is finalized. */

#include "raw-session.h"
#include "sio.h"
#include "test-util.h"

typedef enum {
  DEED_CLOSE,      /* the manager */
  DEED_DISPOSE,
  DEED_UNREF,
  DEED_DISCONNECT, /* the socket */
  DEED_REJOIN,
  DEED_CUT,
  DEED_REOPEN,
  DEED_CANCEL,
  DEED_OFF,
  N_DEEDS,
} Deed;

static const char *deeds[] = {
  "close", "dispose", "unref", "disconnect", "rejoin", "cut", "reopen", "cancel", "off",
};

static const char *manager_signals[] = {
  "open", "close", "error", "reconnect-attempt", "reconnect", "reconnect-error", "reconnect-failed", "ping", "transition",
  "notify::state", "notify::attempt", "notify::transport", "notify::closing", NULL,
};

static const char *socket_signals[] = {
  "connect", "disconnect", "event::e", "notify::state", "notify::id", "notify::connected", "notify::active", "notify::recovered", NULL,
};

static const char *others[] = {
  "refused", "on", "once", "any", "outgoing", "destroy", "ack", "auth", "tap-http", "tap-engine-packet", "tap-packet",
  "tap-attachment", "tap-state", "tap-socket", "tap-emit", "tap-error", NULL,
};

/* A poll's body is told as part of its HTTP exchange. */
static const char *websocket_only[] = { "tap-frame", NULL };

/* A server 2.x, whose heartbeat is ours. */
static const char *legacy_places[] = {
  "manager pong", "manager ping", "manager open", "manager close", "socket connect", "socket disconnect", "socket event::e",
  "refused", "on", "once", "destroy", "ack", "tap-engine-packet", "tap-packet", "tap-attachment", "tap-state", "tap-error", NULL,
};

static const char *modes[] = { "polling", "websocket", "upgrade" };

typedef struct {
  const char *mode;
  const char *place;
  Deed        deed;
} Case;

enum { ASK_FIRST, ASK_LATE, ASK_ANSWERED, ASK_NEVER, N_ASKS };

typedef struct {
  const Case   *this;
  guint         occurrence; /* of the place, from 1: then the deed is done */
  guint         n_reached;

  RawSession   *session; /* NULL once the server is gone */
  guint         n_handshakes; /* of Engine.IO 3, which were let in */
  SioOptions   *options;
  SioManager   *manager; /* NULL once it was disposed */
  SioSocket    *socket;
  GCancellable *cancellable;
  guint         n_events;
  guint         n_lost;
  guint         n_pongs;
  gboolean      asked[N_ASKS];
  guint         n_answers[N_ASKS];
} World;

static void
act (World      *world,
     const char *place)
{
  SioManager *manager = world->manager;

  if (strcmp (place, world->this->place) != 0 || ++world->n_reached != world->occurrence || manager == NULL)
    return;

  switch (world->this->deed)
    {
    case DEED_CLOSE:
      sio_manager_close (manager);
      break;
    case DEED_DISPOSE:
      world->manager = NULL;
      g_object_run_dispose (G_OBJECT (manager));
      g_object_unref (manager);
      break;
    case DEED_UNREF:
      world->manager = NULL;
      g_object_unref (manager);
      break;
    case DEED_DISCONNECT:
      sio_socket_disconnect (world->socket);
      break;
    case DEED_REJOIN:
      sio_socket_disconnect (world->socket);
      sio_socket_connect (world->socket);
      break;
    case DEED_CUT:
      sio_manager_cut (manager);
      break;
    case DEED_REOPEN:
      sio_manager_close (manager);
      sio_manager_open (manager);
      break;
    case DEED_CANCEL:
      g_cancellable_cancel (world->cancellable);
      break;
    case DEED_OFF:
      sio_socket_off (world->socket, 0);
      break;
    case N_DEEDS:
    default:
      g_assert_not_reached ();
    }
}

/* --- the places --- */

static void
place_cb (World *world)
{
  act (world, world->this->place);
}

static void
event_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  act (data, ((World *) data)->this->place);
  /* still whole, whatever happened */
  g_assert_cmpuint (strlen (event), >, 0);
  g_assert_cmpuint (sio_arguments_get_n (args), <=, 1);
}

static void
destroy_cb (gpointer data)
{
  act (data, "destroy");
}

static void
count_event_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, World *world)
{
  world->n_events++;
  if (ack_id >= 0)
    sio_socket_reply (socket, ack_id, args, 0, NULL);
}

static void
count_lost_cb (SioSocket *socket, const char *reason, const GError *error, World *world)
{
  world->n_lost++;
}

static void
count_pong_cb (SioManager *manager, gint64 rtt_us, World *world)
{
  world->n_pongs++;
}

static void
auth_cb (SioSocket *socket, guint request, gpointer data)
{
  act (data, "auth");
  sio_socket_provide_auth (socket, request, "{\"a\":1}", NULL);
}

typedef struct {
  World *world;
  guint  number;
} Ask;

static void
ack_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Ask *ask = data;
  g_autoptr(SioArguments) args = NULL;
  g_autoptr(GError) error = NULL;

  args = sio_socket_emit_with_ack_finish (SIO_SOCKET (source), result, &error);
  g_assert_true ((args != NULL) != (error != NULL));
  ask->world->n_answers[ask->number]++;
  act (ask->world, "ack");
}

static void
ask (World *world, guint number, const char *event, guint timeout_ms)
{
  SioEmitOptions options = { .timeout_ms = timeout_ms };
  Ask *data = g_new (Ask, 1);

  data->world = world;
  data->number = number;
  world->asked[number] = TRUE;
  sio_socket_emit_with_ack_async (world->socket, event, NULL, &options, world->cancellable, ack_cb, data);
}

/* --- the tap: its nine methods are places too --- */

#define ACTING_TYPE_TAP (acting_tap_get_type ())
G_DECLARE_FINAL_TYPE (ActingTap, acting_tap, ACTING, TAP, GObject)

struct _ActingTap {
  GObject  parent_instance;
  World   *world;
};

static void acting_tap_iface_init (SioTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ActingTap, acting_tap, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIO_TYPE_TAP, acting_tap_iface_init))

static void
acting_tap_class_init (ActingTapClass *klass)
{
}

static void
acting_tap_init (ActingTap *self)
{
}

static void
tap_act (SioTap *tap, const char *place)
{
  act (ACTING_TAP (tap)->world, place);
}

static void
tap_http (SioTap *tap, const SioHttpExchange *exchange)
{
  tap_act (tap, "tap-http");
}

static void
tap_frame (SioTap *tap, SioDirection direction, SioTransportKind transport, guint opcode, SioSpan payload)
{
  tap_act (tap, "tap-frame");
}

static void
tap_engine_packet (SioTap *tap, SioDirection direction, SioTransportKind transport, SioEnginePacketType type, SioSpan raw)
{
  tap_act (tap, "tap-engine-packet");
}

static void
tap_packet (SioTap *tap, const SioTapPacket *packet)
{
  tap_act (tap, "tap-packet");
}

static void
tap_attachment (SioTap *tap, SioDirection direction, SioTransportKind transport, guint index, SioSpan bytes)
{
  tap_act (tap, "tap-attachment");
}

static void
tap_state (SioTap *tap, const SioTapStateChange *change)
{
  tap_act (tap, "tap-state");
}

static void
tap_socket (SioTap *tap, const SioTapSocketEvent *event)
{
  tap_act (tap, "tap-socket");
}

static void
tap_emit (SioTap *tap, const SioTapEmit *emit)
{
  tap_act (tap, "tap-emit");
}

static void
tap_error (SioTap *tap, const char *where, const GError *error, SioSpan bytes)
{
  tap_act (tap, "tap-error");
}

static void
acting_tap_iface_init (SioTapInterface *iface)
{
  iface->http = tap_http;
  iface->frame = tap_frame;
  iface->engine_packet = tap_engine_packet;
  iface->packet = tap_packet;
  iface->attachment = tap_attachment;
  iface->state = tap_state;
  iface->socket = tap_socket;
  iface->emit = tap_emit;
  iface->error = tap_error;
}

/* --- the life --- */

static gboolean
is_legacy (World *world)
{
  return g_str_equal (world->this->mode, "legacy");
}

static void
let_in (World      *world,
        const char *connect)
{
  raw_session_send (world->session, connect);
  raw_session_send (world->session, "42[\"e\",1]");
  raw_session_send (world->session, "451-[\"b\",{\"_placeholder\":true,\"num\":0}]");
  raw_session_send_binary (world->session, "x", 1);
  raw_session_send (world->session, "420[\"q\",{\"a\":[]}]");
  raw_session_send (world->session, is_legacy (world) ? "6" : "2");
  raw_session_send (world->session, "4399[]"); /* nobody asked */
}

/* The server: lets everybody into "/", nobody into "/no", and answers what wants to be answered. */
static void
serve (World *world)
{
  char *packet;

  if (world->session != NULL && is_legacy (world) && raw_session_get_n_handshakes (world->session) > world->n_handshakes)
    {
      world->n_handshakes = raw_session_get_n_handshakes (world->session);
      let_in (world, "40");
    }
  while (world->session != NULL && (packet = raw_session_take (world->session)) != NULL)
    {
      g_autofree char *taken = packet;
      char *name = NULL;

      if (g_str_has_prefix (taken, "40{"))
        let_in (world, strstr (world->this->place, "recovered") != NULL ? "40{\"sid\":\"x\",\"pid\":\"p\"}" : "40{\"sid\":\"x\"}");
      else if (is_legacy (world) && g_str_equal (taken, "40"))
        let_in (world, "40"); /* again */
      else if (is_legacy (world) && g_str_equal (taken, "2"))
        {
          raw_session_send (world->session, "3");
          /* what came while "/" was left does not come again */
          raw_session_send (world->session, "42[\"e\",1]");
        }
      else if (g_str_equal (taken, "40/no,"))
        raw_session_send (world->session, "44/no,{\"message\":\"no\"}");
      else if (g_str_has_prefix (taken, "42") && g_ascii_isdigit (taken[2]) && (name = strchr (taken, '[')) != NULL
               && (g_str_equal (name, "[\"first\"]") || g_str_equal (name, "[\"answered\"]")))
        {
          g_autofree char *answer = g_strdup_printf ("43%.*s[\"ok\"]", (int) (name - taken - 2), taken + 2);

          raw_session_send (world->session, answer);
        }
    }
}

static gboolean
is_answered (World *world, guint number)
{
  return world->n_answers[number] > 0;
}

static gboolean
tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Until the condition holds, or there is no manager any more. Whoever was left, closed or given up comes back. */
#define LIVE_UNTIL(world, condition, revive)                                                \
  G_STMT_START {                                                                            \
    gint64 end_us_ = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                         \
                                                                                            \
    while ((world)->manager != NULL)                                                        \
      {                                                                                     \
        serve (world);                                                                      \
        if (condition)                                                                      \
          break;                                                                            \
        if ((revive) && (!sio_socket_get_active ((world)->socket)                           \
                         || sio_manager_get_state ((world)->manager) == SIO_MANAGER_STATE_CLOSED \
                         || sio_manager_get_state ((world)->manager) == SIO_MANAGER_STATE_FAILED)) \
          {                                                                                 \
            sio_socket_connect ((world)->socket);                                           \
            if ((world)->manager != NULL)                                                   \
              sio_manager_open ((world)->manager);                                          \
          }                                                                                 \
        g_main_context_iteration (NULL, TRUE);                                              \
        if (g_get_monotonic_time () > end_us_)                                              \
          g_error ("line %d: waited in vain for: %s", __LINE__, #condition);                \
      }                                                                                     \
  } G_STMT_END

static void
connect_places (World *world, SioSocket *no)
{
  const char *place = world->this->place;

  if (g_str_equal (place, "refused"))
    g_signal_connect_swapped (no, "connect-error", G_CALLBACK (place_cb), world);
  else if (g_str_equal (place, "on"))
    sio_socket_on (world->socket, "e", event_cb, world, NULL);
  else if (g_str_equal (place, "once"))
    sio_socket_once (world->socket, "e", event_cb, world, NULL);
  else if (g_str_equal (place, "any"))
    sio_socket_on_any (world->socket, event_cb, world, NULL);
  else if (g_str_equal (place, "outgoing"))
    sio_socket_on_any_outgoing (world->socket, event_cb, world, NULL);
  else if (g_str_equal (place, "destroy"))
    sio_socket_once (world->socket, "e", event_cb, world, destroy_cb);
  else if (g_str_has_prefix (place, "manager "))
    g_signal_connect_swapped (world->manager, place + strlen ("manager "), G_CALLBACK (place_cb), world);
  else if (g_str_has_prefix (place, "socket "))
    g_signal_connect_swapped (world->socket, place + strlen ("socket "), G_CALLBACK (place_cb), world);

  g_signal_connect (world->manager, "pong", G_CALLBACK (count_pong_cb), world);
  g_signal_connect (world->socket, "event", G_CALLBACK (count_event_cb), world);
  g_signal_connect (world->socket, "disconnect", G_CALLBACK (count_lost_cb), world);
  sio_socket_set_auth_func (world->socket, auth_cb, world, NULL);
}

static void
live (World *world)
{
  SioSocket *no = sio_manager_get_socket (world->manager, "/no", NULL);
  guint n_events;

  connect_places (world, no);

  /* two wait unsent; then in, and refused elsewhere */
  ask (world, ASK_FIRST, "first", 0);
  if (world->manager != NULL)
    ask (world, ASK_LATE, "late", 5);
  if (world->manager != NULL)
    sio_socket_connect (no);
  sio_socket_connect (world->socket);
  LIVE_UNTIL (world, sio_socket_get_connected (world->socket) && world->n_events >= 3
              && is_answered (world, ASK_FIRST) && is_answered (world, ASK_LATE) && (!is_legacy (world) || world->n_pongs > 0), TRUE);

  /* acks of a connection that ends */
  ask (world, ASK_ANSWERED, "answered", 0);
  ask (world, ASK_NEVER, "never", 0);
  LIVE_UNTIL (world, sio_socket_get_connected (world->socket) && is_answered (world, ASK_ANSWERED), TRUE);
  world->n_lost = 0;
  n_events = world->n_events;
  if (world->manager != NULL)
    raw_session_drop (world->session, FALSE);
  LIVE_UNTIL (world, world->n_lost > 0 && sio_socket_get_connected (world->socket) && world->n_events >= n_events + 3
              && is_answered (world, ASK_NEVER), TRUE);

  /* said properly */
  if (world->manager != NULL)
    sio_manager_close (world->manager);
  LIVE_UNTIL (world, !sio_manager_get_closing (world->manager), FALSE);
  LIVE_UNTIL (world, sio_socket_get_connected (world->socket), TRUE);

  /* nobody there any more */
  raw_session_free (g_steal_pointer (&world->session));
  LIVE_UNTIL (world, sio_manager_get_state (world->manager) == SIO_MANAGER_STATE_CLOSED
              || sio_manager_get_state (world->manager) == SIO_MANAGER_STATE_FAILED, FALSE);
  sio_socket_disconnect (world->socket);
}

static guint
run_life (const Case *this, guint occurrence)
{
  static const Case over = { "", "", DEED_OFF };
  World world = { .this = this, .occurrence = occurrence };
  const char *transports[3] = { is_legacy (&world) || g_str_equal (this->mode, "websocket") ? "websocket" : "polling", NULL, NULL };
  guint tick = g_timeout_add (20, tick_cb, NULL);
  g_autofree char *url = NULL;
  ActingTap *tap;

  if (g_str_equal (this->mode, "upgrade"))
    transports[1] = "websocket";

  world.session = raw_session_new (is_legacy (&world) ? "{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":2,\"pingTimeout\":20000}" : NULL);
  if (is_legacy (&world))
    raw_session_set_eio3 (world.session);
  url = raw_session_dup_url (world.session);
  world.options = sio_options_new ();
  sio_options_set_transports (world.options, transports, NULL);
  sio_options_set_server (world.options, is_legacy (&world) ? 2 : 0, NULL);
  sio_options_set_reconnection_delay_ms (world.options, 1);
  sio_options_set_reconnection_delay_max_ms (world.options, 1);
  sio_options_set_reconnection_attempts (world.options, 1);
  /* every second life with the retry queue */
  if (occurrence % 2 == 0)
    {
      sio_options_set_retries (world.options, 1);
      sio_options_set_ack_timeout_ms (world.options, 15);
    }
  world.cancellable = g_cancellable_new ();
  world.manager = sio_manager_new (url, world.options, NULL);
  tap = g_object_new (ACTING_TYPE_TAP, NULL);
  tap->world = &world;
  sio_manager_set_tap (world.manager, SIO_TAP (tap));
  world.socket = g_object_ref (sio_manager_get_socket (world.manager, "/", NULL));

  live (&world);

  world.this = &over;
  if (world.manager != NULL)
    g_assert_finalize_object (world.manager);
  for (guint i = 0; i < N_ASKS; i++)
    {
      WAIT_FOR (!world.asked[i] || is_answered (&world, i));
      g_assert_cmpuint (world.n_answers[i], ==, world.asked[i]);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_false (sio_socket_emit (world.socket, "e", NULL, NULL, NULL));
  g_assert_null (sio_socket_get_manager (world.socket));
  sio_socket_off (world.socket, 0);
  g_assert_finalize_object (world.socket);
  g_assert_finalize_object (tap);
  g_assert_finalize_object (world.options);
  g_object_unref (world.cancellable);
  if (world.session != NULL)
    raw_session_free (world.session);
  g_source_remove (tick);
  return world.n_reached;
}

static void
test_deed (gconstpointer data)
{
  static const guint occurrences[] = { 1, 2, 3, 6 };
  const Case *this = data;

  for (guint i = 0; i < G_N_ELEMENTS (occurrences); i++)
    {
      guint n = run_life (this, occurrences[i]);

      if (i == 0)
        g_assert_cmpuint (n, >, 0);
      if (n < occurrences[i])
        break;
    }
}

/* GLib frees the data of a test only if it runs it, and "-p" leaves most of these out. */
static GPtrArray *cases;

static void
add (const char *mode, const char *whose, const char * const *places)
{
  for (guint i = 0; places[i] != NULL; i++)
    for (Deed deed = 0; deed < N_DEEDS; deed++)
      {
        Case *this = g_new0 (Case, 1);
        g_autofree char *place = g_strdup_printf ("%s%s", whose, places[i]);
        g_autofree char *name = g_strdelimit (g_strdup (place), " :", '-');
        g_autofree char *path = g_strdup_printf ("/client/%s/lifetime/%s-in-%s", mode, deeds[deed], name);

        this->mode = mode;
        this->place = g_intern_string (place);
        this->deed = deed;
        g_ptr_array_add (cases, this);
        g_test_add_data_func (path, this, test_deed);
      }
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);

  cases = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      add (modes[i], "manager ", manager_signals);
      add (modes[i], "socket ", socket_signals);
      add (modes[i], "", others);
      if (!g_str_equal (modes[i], "polling"))
        add (modes[i], "", websocket_only);
    }
  add ("legacy", "", legacy_places);

  status = g_test_run ();
  g_ptr_array_unref (cases);
  return status;
}
