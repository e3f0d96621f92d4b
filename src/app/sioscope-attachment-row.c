/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* An attachment in the list below the arguments. */

#include "config.h"

#include "sioscope-attachment-row.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

#define PREVIEW_BYTES 24

struct _SioscopeAttachmentRow {
  GtkWidget  parent_instance;

  GBytes    *bytes;
};

G_DEFINE_FINAL_TYPE (SioscopeAttachmentRow, sioscope_attachment_row, GTK_TYPE_WIDGET)

enum { SAVE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
save_clicked_cb (SioscopeAttachmentRow *self)
{
  g_signal_emit (self, signals[SAVE], 0, self->bytes);
}

static void
sioscope_attachment_row_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&SIOSCOPE_ATTACHMENT_ROW (object)->bytes, g_bytes_unref);

  G_OBJECT_CLASS (sioscope_attachment_row_parent_class)->dispose (object);
}

static void
sioscope_attachment_row_class_init (SioscopeAttachmentRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sioscope_attachment_row_dispose;

  /**
   * SioscopeAttachmentRow::save:
   * @self: the row
   * @bytes: the attachment
   *
   * The person wants to keep the attachment in a file.
   */
  signals[SAVE] = g_signal_new ("save", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_BYTES);

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
sioscope_attachment_row_init (SioscopeAttachmentRow *self)
{
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 12);
}

/**
 * sioscope_attachment_row_new:
 * @index: its number within its packet
 * @bytes: the attachment
 *
 * Returns: (transfer floating): a row for it
 */
GtkWidget *
sioscope_attachment_row_new (guint   index,
                             GBytes *bytes)
{
  SioscopeAttachmentRow *self = g_object_new (SIOSCOPE_TYPE_ATTACHMENT_ROW, NULL);
  gsize n;
  const guint8 *data = g_bytes_get_data (bytes, &n);
  GtkWidget *name, *hex, *save;
  g_autofree char *size = sioscope_format_size (n);
  g_autofree char *words = g_strdup_printf (_("Attachment %u · %s"), index, size);
  g_autofree char *label = g_strdup_printf (_("Save attachment %u"), index);
  g_autoptr(GString) digits = g_string_new (NULL);

  self->bytes = g_bytes_ref (bytes);
  for (gsize i = 0; i < MIN (n, PREVIEW_BYTES); i++)
    g_string_append_printf (digits, i > 0 ? " %02x" : "%02x", data[i]);
  if (n > PREVIEW_BYTES)
    g_string_append (digits, " …");

  name = gtk_label_new (words);
  gtk_widget_add_css_class (name, "numeric");
  gtk_widget_set_parent (name, GTK_WIDGET (self));

  hex = gtk_label_new (digits->str);
  gtk_widget_add_css_class (hex, "monospace");
  gtk_widget_add_css_class (hex, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (hex), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (hex), 0);
  gtk_widget_set_hexpand (hex, TRUE);
  gtk_widget_set_parent (hex, GTK_WIDGET (self));

  save = gtk_button_new_with_label (_("Save…"));
  gtk_widget_add_css_class (save, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (save), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (save, "clicked", G_CALLBACK (save_clicked_cb), self);
  gtk_widget_set_parent (save, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
