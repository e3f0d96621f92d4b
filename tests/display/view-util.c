/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Feeding, showing, and taking pictures. */

#include "config.h"

#include "view-util.h"

#include "sioscope-app-resources.h"

void
view_test_init (int    *argc,
                char ***argv)
{
  gtk_test_init (argc, argv);
  adw_init ();
  sioscope_app_register_resource ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    SIOSCOPE_RESOURCE_BASE "/icons");
  {
    g_autoptr(GtkCssProvider) provider = gtk_css_provider_new ();

    gtk_css_provider_load_from_resource (provider, SIOSCOPE_RESOURCE_BASE "/style.css");
    gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider),
                                                GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  }
}

void
view_fixture_init (ViewFixture *f)
{
  f->recording = sioscope_recording_new (NULL, "http://localhost:3000/");
  f->recorder = sioscope_recorder_new (f->recording);
  f->projection = sioscope_projection_new (f->recording);
  f->window = NULL;
}

void
view_fixture_clear (ViewFixture *f)
{
  sioscope_recorder_finish (f->recorder);
  if (f->window != NULL)
    gtk_window_destroy (GTK_WINDOW (f->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&f->recorder);
  g_clear_object (&f->projection);
  g_clear_object (&f->recording);
}

void
view_fixture_show (ViewFixture *f,
                   GtkWidget   *child,
                   int          width,
                   int          height)
{
  f->window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (f->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (f->window), width, height);
  gtk_window_set_child (GTK_WINDOW (f->window), child);
  gtk_window_present (GTK_WINDOW (f->window));
  gtk_test_widget_wait_for_draw (f->window);
}

void
view_fixture_publish (ViewFixture *f)
{
  sioscope_recorder_flush (f->recorder);
  sioscope_projection_update (f->projection, 0);
}

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

void
view_run_ms (guint ms)
{
  gboolean late = FALSE;

  g_timeout_add (ms, late_cb, &late);
  while (!late)
    g_main_context_iteration (NULL, TRUE);
}

/* Into $SIOSCOPE_SCREENSHOTS, or nowhere. */
void
view_screenshot (ViewFixture *f,
                 const char  *name)
{
  const char *folder = g_getenv ("SIOSCOPE_SCREENSHOTS");
  g_autoptr(GdkPaintable) paintable = NULL;
  g_autoptr(GtkSnapshot) snapshot = NULL;
  g_autoptr(GskRenderNode) node = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  g_autofree char *path = NULL;
  int width, height;

  if (folder == NULL)
    return;

  paintable = gtk_widget_paintable_new (f->window);
  /* Two frames: the first one lays out, the second one is what the paintable holds. */
  for (guint i = 0; i < 2; i++)
    {
      gtk_widget_queue_draw (f->window);
      gtk_test_widget_wait_for_draw (f->window);
      view_run_ms (30);
    }
  width = gdk_paintable_get_intrinsic_width (paintable);
  height = gdk_paintable_get_intrinsic_height (paintable);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (f->window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  path = g_strdup_printf ("%s/%s-%s.png", folder, name,
                          adw_style_manager_get_dark (adw_style_manager_get_default ()) ? "dark" : "light");
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

/* A key as the widget's own shortcuts and controllers see it: no window manager gives the focus to a test's window, so events are not sent
 * through the display. */
void
view_send_key (GtkWidget       *widget,
               guint            keyval,
               GdkModifierType  modifiers)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        {
          gboolean handled;

          g_signal_emit_by_name (controller, "key-pressed", keyval, 0, modifiers, &handled);
        }
      else if (GTK_IS_SHORTCUT_CONTROLLER (controller))
        for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
          {
            g_autoptr(GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
            g_autofree char *trigger = gtk_shortcut_trigger_to_string (gtk_shortcut_get_trigger (shortcut));
            g_auto(GStrv) alternatives = g_strsplit (trigger, "|", -1);
            g_autoptr(GtkShortcutTrigger) wanted = gtk_keyval_trigger_new (keyval, modifiers);
            g_autofree char *name = gtk_shortcut_trigger_to_string (wanted);

            if (g_strv_contains ((const char *const *) alternatives, name))
              {
                gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, widget,
                                              gtk_shortcut_get_arguments (shortcut));
                return;
              }
          }
    }
}

static const SioTapInterface *
iface (ViewFixture *f)
{
  return SIO_TAP_GET_IFACE (f->recorder);
}

void
view_feed_state (ViewFixture       *f,
                 SioTapStateChange  change)
{
  iface (f)->state (SIO_TAP (f->recorder), &change);
}

void
view_feed_open (ViewFixture      *f,
                SioTransportKind  transport)
{
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_OPEN, .transport = transport, .sid = "lv_VI97HAXpY6yYWAAAB",
                                            .eio = 4, .server = 4, .ping_interval_ms = 25000, .ping_timeout_ms = 20000,
                                            .max_payload = 1000000 });
}

void
view_feed_packet (ViewFixture   *f,
                  SioDirection   direction,
                  SioPacketType  type,
                  const char    *nsp,
                  const char    *event,
                  const char    *args,
                  gint64         id)
{
  g_autoptr(GString) raw = g_string_new ("4");
  gsize event_at = 0, event_size = 0, args_at = 0;
  gboolean array = event != NULL || type == SIO_PACKET_ACK;
  SioTapPacket packet = { 0 };

  g_string_append_printf (raw, "%d", (int) type);
  if (strcmp (nsp, "/") != 0)
    g_string_append_printf (raw, "%s,", nsp);
  if (id >= 0)
    g_string_append_printf (raw, "%" G_GINT64_FORMAT, id);
  if (array)
    g_string_append_c (raw, '[');
  if (event != NULL)
    {
      event_at = raw->len;
      g_string_append_printf (raw, "\"%s\"", event);
      event_size = raw->len - event_at;
      if (*args != '\0')
        g_string_append_c (raw, ',');
    }
  args_at = raw->len;
  g_string_append (raw, args);
  if (array)
    g_string_append_c (raw, ']');

  packet.direction = direction;
  packet.transport = SIO_TRANSPORT_KIND_WEBSOCKET;
  packet.type = type;
  packet.raw = (SioSpan) { raw->str, raw->len };
  packet.nsp = (SioSpan) { nsp, strlen (nsp) };
  packet.event = (SioSpan) { raw->str + event_at, event_size };
  packet.args = (SioSpan) { raw->str + args_at, strlen (args) };
  packet.n_args = *args != '\0' ? 1 : 0;
  packet.id = id;
  iface (f)->packet (SIO_TAP (f->recorder), &packet);
}

void
view_feed_ping (ViewFixture *f)
{
  iface (f)->engine_packet (SIO_TAP (f->recorder), SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET,
                            SIO_ENGINE_PACKET_PING, SIO_SPAN_LITERAL ("2"));
  iface (f)->engine_packet (SIO_TAP (f->recorder), SIO_DIRECTION_OUT, SIO_TRANSPORT_KIND_WEBSOCKET,
                            SIO_ENGINE_PACKET_PONG, SIO_SPAN_LITERAL ("3"));
}

void
view_feed_http (ViewFixture *f)
{
  SioHttpExchange exchange = {
    .method = "GET",
    .uri = "http://localhost:3000/socket.io/?EIO=4&transport=polling&t=abc",
    .started_us = g_get_monotonic_time () - 12300,
    .ended_us = g_get_monotonic_time (),
    .status = 200,
    .reason = "OK",
    .request_headers = "Host: localhost:3000\r\nUser-Agent: Sioscope\r\n",
    .response_headers = "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: 118\r\n",
    .response_body = SIO_SPAN_LITERAL ("0{\"sid\":\"lv_VI97HAXpY6yYWAAAB\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                                       "\"pingTimeout\":20000,\"maxPayload\":1000000}"),
  };

  iface (f)->http (SIO_TAP (f->recorder), &exchange);
}

void
view_feed_story (ViewFixture *f)
{
  static const guint8 binary[] = { 0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 'h', 'i' };
  g_autoptr(GError) refused = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED,
                                                   "Could not connect to localhost: Connection refused");
  SioTapSocketEvent joined = { .change = SIO_TAP_SOCKET_CONNECTED, .nsp = "/", .reason = "oSO0OpakMV_3jnilAAAA" };
  SioTapSocketEvent denied = { .change = SIO_TAP_SOCKET_CONNECT_ERROR, .nsp = "/orders", .reason = "not authorized",
                               .data = SIO_SPAN_LITERAL ("{\"code\":403}") };
  SioTapEmit lost = { .fate = SIO_TAP_EMIT_ACK_TIMEOUT, .nsp = "/", .event = SIO_SPAN_LITERAL ("\"save\""), .id = 3 };

  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CONNECTING, .transport = SIO_TRANSPORT_KIND_POLLING });
  view_feed_http (f);
  view_run_ms (60);
  view_feed_open (f, SIO_TRANSPORT_KIND_POLLING);
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_CONNECT, "/", NULL, "{\"token\":\"123\"}", -1);
  view_run_ms (20);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_CONNECT, "/", NULL, "{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}", -1);
  iface (f)->socket (SIO_TAP (f->recorder), &joined);
  view_run_ms (250);
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_UPGRADED, .transport = SIO_TRANSPORT_KIND_WEBSOCKET });
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "tick", "{\"id\":123,\"price\":1.25}", -1);
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/admin", "login", "{\"user\":\"ada\",\"roles\":[\"admin\",\"operator\"]}", 7);
  view_run_ms (12);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_ACK, "/admin", NULL, "{\"ok\":true}", 7);
  iface (f)->socket (SIO_TAP (f->recorder), &denied);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "chat message",
                    "\"héllo 👋 – a sentence that somebody typed\",{\"room\":\"general\",\"at\":1700000000000}", -1);
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/", "save", "{\"draft\":1}", 3);
  iface (f)->emit (SIO_TAP (f->recorder), &lost);
  view_feed_ping (f);
  view_run_ms (400);
  view_feed_ping (f);
  {
    SioTapPacket packet = {
      .direction = SIO_DIRECTION_IN, .transport = SIO_TRANSPORT_KIND_WEBSOCKET, .type = SIO_PACKET_BINARY_EVENT,
      .raw = SIO_SPAN_LITERAL ("451-/orders,[\"picture\",{\"name\":\"a.png\",\"data\":{\"_placeholder\":true,\"num\":0}}]"),
      .nsp = SIO_SPAN_LITERAL ("/orders"), .n_args = 1, .n_attachments = 1, .id = -1,
    };

    packet.event = (SioSpan) { packet.raw.data + 13, 9 };
    packet.args = (SioSpan) { packet.raw.data + 23, packet.raw.size - 24 };
    iface (f)->packet (SIO_TAP (f->recorder), &packet);
    iface (f)->attachment (SIO_TAP (f->recorder), SIO_DIRECTION_IN, SIO_TRANSPORT_KIND_WEBSOCKET, 0,
                           (SioSpan) { (const char *) binary, sizeof binary });
  }
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CLOSED, .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
                                            .reason = "transport close", .will_reconnect = TRUE });
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_WAITING, .attempt = 1, .delay_ms = 150,
                                            .delay_min_ms = 100, .delay_max_ms = 300 });
  view_run_ms (150);
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CONNECTING, .transport = SIO_TRANSPORT_KIND_POLLING,
                                            .attempt = 1 });
  view_run_ms (40);
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_ATTEMPT_FAILED, .transport = SIO_TRANSPORT_KIND_POLLING,
                                            .attempt = 1, .reason = "xhr poll error", .error = refused,
                                            .will_reconnect = TRUE });
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_WAITING, .attempt = 2, .delay_ms = 400,
                                            .delay_min_ms = 250, .delay_max_ms = 600 });
  view_run_ms (400);
  view_feed_state (f, (SioTapStateChange) { .state = SIO_TAP_STATE_CONNECTING, .transport = SIO_TRANSPORT_KIND_WEBSOCKET,
                                            .attempt = 2 });
  view_run_ms (100);
  view_feed_open (f, SIO_TRANSPORT_KIND_WEBSOCKET);
  iface (f)->socket (SIO_TAP (f->recorder), &joined);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "confirm", "{\"order\":9}", 4);
  view_feed_packet (f, SIO_DIRECTION_OUT, SIO_PACKET_EVENT, "/chat-rooms-of-everybody", "an event with quite a long name, really", "[1,2,3],null,true", 8);
  view_feed_packet (f, SIO_DIRECTION_IN, SIO_PACKET_EVENT, "/", "evil\xe2\x80\xae" "gnp.exe", "\"\xe2\x80\xae reversed \xe2\x80\xa8 line\"", -1);
  view_run_ms (300);
  view_feed_ping (f);
  view_fixture_publish (f);
}

GtkWidget *
view_find_child (GtkWidget *widget,
                 GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = view_find_child (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}
