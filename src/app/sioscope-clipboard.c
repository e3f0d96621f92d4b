/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Exact bytes to the clipboard. */

#include "config.h"

#include "sioscope-clipboard.h"

/**
 * sioscope_clipboard_copy:
 * @widget: whose clipboard
 * @bytes: what to copy
 *
 * Copies @bytes unchanged. A C string would end at the first NUL, and what is no UTF-8 cannot be a string at all: those go as bytes.
 */
void
sioscope_clipboard_copy (GtkWidget *widget,
                         SioSpan    bytes)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (widget);
  const char *data = bytes.size > 0 ? bytes.data : "";

  if (g_utf8_validate_len (data, bytes.size, NULL))
    {
      g_autofree char *text = g_strndup (data, bytes.size);

      gdk_clipboard_set_text (clipboard, text);
    }
  else
    {
      g_autoptr(GBytes) copy = g_bytes_new (data, bytes.size);
      GdkContentProvider *providers[] = {
        gdk_content_provider_new_for_bytes ("text/plain;charset=utf-8", copy),
        gdk_content_provider_new_for_bytes ("application/octet-stream", copy),
      };
      g_autoptr(GdkContentProvider) all = gdk_content_provider_new_union (providers, G_N_ELEMENTS (providers));

      gdk_clipboard_set_content (clipboard, all);
    }
}
