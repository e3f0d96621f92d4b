/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-format.h"
#include "sioscope-screenshot.h"
#include "sioscope-words.h"

#include <glib/gi18n.h>

/**
 * sioscope_screenshot_save:
 * @window: a window that has been drawn
 * @path: where to, a PNG
 * @error: why it could not be written; %G_IO_ERROR_WOULD_BLOCK if it is to be tried again in a frame's time
 *
 * Draws @window once more, into a file.
 *
 * Returns: %FALSE with @error set
 */
gboolean
sioscope_screenshot_save (GtkWidget *window, const char *path, GError **error)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GBytes) png = NULL;
  GskRenderNode *node;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gsize size = 0;
  gconstpointer data;

  /* The paintable's size has the window's shadow in it, the widget's has not. */
  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    {
      /* Between a change and its frame there is no picture. */
      gtk_widget_queue_draw (window);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, _("The window is not drawn at the moment"));
      return FALSE;
    }
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  gsk_render_node_unref (node);
  png = gdk_texture_save_to_png_bytes (texture);
  data = g_bytes_get_data (png, &size);
  return g_file_set_contents (path, data, (gssize) size, error);
}

/**
 * sioscope_screenshot_dup_summary:
 * @recording: a recording
 *
 * Counts what was received.
 *
 * Returns: (transfer full): one sentence
 */
char *
sioscope_screenshot_dup_summary (SioscopeRecording *recording)
{
  guint64 events_in = 0;
  guint64 events_out = 0;
  guint64 acks = 0;
  guint64 heartbeats = 0;
  SioTransportKind transport = SIO_TRANSPORT_KIND_NONE;
  g_autoptr (GString) namespaces = g_string_new (NULL);
  guint64 n = sioscope_recording_get_n_rows (recording);

  for (guint64 row = sioscope_recording_get_first_row (recording); row < n; row++)
    {
      SioscopeEntry entry;

      if (!sioscope_recording_read (recording, row, &entry))
        continue;
      if (entry.kind == SIOSCOPE_KIND_PACKET &&
          (entry.packet_type == SIO_PACKET_EVENT || entry.packet_type == SIO_PACKET_BINARY_EVENT))
        {
          if (entry.direction == SIO_DIRECTION_IN)
            events_in++;
          else
            events_out++;
          transport = entry.transport;
        }
      else if (entry.kind == SIOSCOPE_KIND_PACKET &&
               (entry.packet_type == SIO_PACKET_ACK || entry.packet_type == SIO_PACKET_BINARY_ACK))
        acks++;
      else if (entry.kind == SIOSCOPE_KIND_ENGINE && entry.engine_type == SIO_ENGINE_PACKET_PING)
        heartbeats++;
      else if (entry.kind == SIOSCOPE_KIND_SOCKET && entry.socket_change == SIO_TAP_SOCKET_CONNECTED)
        g_string_append_printf (namespaces, "%s%.*s", namespaces->len > 0 ? ", " : "",
                                (int) MIN (entry.nsp.size, 60), entry.nsp.data);
    }

  {
    /* As text, so that the translators' sentence has no size of a number in it. */
    g_autofree char *in = sioscope_format_count (events_in);
    g_autofree char *out = sioscope_format_count (events_out);
    g_autofree char *ack = sioscope_format_count (acks);
    g_autofree char *ping = sioscope_format_count (heartbeats);
    g_autofree char *rows = sioscope_format_count (n);

    /* Translators: numbers of events received and sent, acks and heartbeats; names of namespaces; a transport; a number of rows */
    return g_strdup_printf (_("Received %s events, sent %s; %s acks, %s heartbeats; namespaces: %s; last over %s; %s rows in the recording."),
                            in, out, ack, ping, namespaces->len > 0 ? namespaces->str : _("none"),
                            sioscope_words_transport (transport), rows);
  }
}
