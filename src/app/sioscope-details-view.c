/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The details: a header in words, and pages that are only filled when they are looked at. */

#include "config.h"

#include "sioscope-details-view-private.h"

#include <glib/gi18n.h>

#include "sioscope-attachment-row.h"
#include "sioscope-clipboard.h"
#include "sioscope-format.h"
#include "sioscope-save.h"
#include "sioscope-text-pane.h"
#include "sioscope-words.h"

#define MAX_ATTACHMENTS_SHOWN 64

G_DEFINE_FINAL_TYPE (SioscopeDetailsView, sioscope_details_view, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_PROJECTION, PROP_ROW, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { ROW_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ── Filling ── */

static void
fill_page (SioscopeDetailsView *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->pages);
  SioscopeEntry entry;

  self->content.columns = sioscope_details_content_fit (self->frame, GTK_WIDGET (self));
  if (name == NULL || !sioscope_details_view_read (self, &entry))
    return;

  if (g_str_equal (name, "arguments") && !self->filled[SIOSCOPE_DETAILS_ARGUMENTS])
    {
      self->filled[SIOSCOPE_DETAILS_ARGUMENTS] = TRUE;
      sioscope_text_pane_set_source (self->arguments, sioscope_details_content_arguments, &self->content,
                                     entry.kind == SIOSCOPE_KIND_PACKET, TRUE);
    }
  else if (g_str_equal (name, "raw") && !self->filled[SIOSCOPE_DETAILS_RAW])
    {
      self->filled[SIOSCOPE_DETAILS_RAW] = TRUE;
      sioscope_text_pane_set_source (self->raw, sioscope_details_content_raw, &self->content, FALSE, TRUE);
    }
  else if (g_str_equal (name, "frame") && !self->filled[SIOSCOPE_DETAILS_FRAME])
    {
      self->filled[SIOSCOPE_DETAILS_FRAME] = TRUE;
      sioscope_text_pane_set_source (self->frame, sioscope_details_content_frame, &self->content, FALSE, FALSE);
    }
  else if (g_str_equal (name, "diff") && !self->filled[SIOSCOPE_DETAILS_DIFF])
    {
      self->filled[SIOSCOPE_DETAILS_DIFF] = TRUE;
      sioscope_diff_view_set_row (self->diff, self->projection, self->row);
    }
}

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  SioscopeDetailsView *self = SIOSCOPE_DETAILS_VIEW (source);
  g_autoptr(GError) error = NULL;

  if (sioscope_save_bytes_finish (GTK_WIDGET (source), result, &error))
    gtk_widget_set_visible (GTK_WIDGET (self->notice), FALSE);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *text = g_strdup_printf (_("Could not save: %s"), error->message);

      gtk_label_set_text (self->notice, text);
      gtk_widget_set_visible (GTK_WIDGET (self->notice), TRUE);
    }
}

static void
attachment_save_cb (SioscopeDetailsView *self,
                    GBytes              *bytes)
{
  g_autofree char *name = sioscope_save_dup_name (bytes, "attachment", "bin");

  sioscope_save_bytes_async (GTK_WIDGET (self), bytes, name, NULL, saved_cb, NULL);
}

static void
show_attachments (SioscopeDetailsView *self)
{
  GPtrArray *all = self->content.attachments;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->attachments))) != NULL)
    gtk_box_remove (self->attachments, child);
  self->n_shown = all != NULL ? MIN (all->len, MAX_ATTACHMENTS_SHOWN) : 0;
  for (guint i = 0; i < self->n_shown; i++)
    {
      GtkWidget *row = sioscope_attachment_row_new (i, g_ptr_array_index (all, i));

      g_signal_connect_object (row, "save", G_CALLBACK (attachment_save_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (self->attachments, row);
    }
  gtk_widget_set_visible (self->attachments_scroller, self->n_shown > 0);
}

static void
show_row (SioscopeDetailsView *self)
{
  SioscopeEntry entry;

  memset (self->filled, 0, sizeof self->filled);
  sioscope_text_pane_clear (self->arguments);
  sioscope_text_pane_clear (self->raw);
  sioscope_text_pane_clear (self->frame);
  sioscope_diff_view_set_row (self->diff, NULL, SIOSCOPE_NO_ROW);
  gtk_widget_set_visible (GTK_WIDGET (self->notice), FALSE);
  self->other_row = SIOSCOPE_NO_ROW;
  self->ack_open = FALSE;

  if (!sioscope_details_view_read (self, &entry))
    {
      sioscope_details_content_clear (&self->content);
      gtk_stack_set_visible_child_name (self->outer, "empty");
      return;
    }

  sioscope_details_content_set (&self->content, sioscope_details_view_get_recording (self), self->row);
  gtk_stack_set_visible_child_name (self->outer, "row");
  sioscope_details_view_show_header (self, &entry);
  show_attachments (self);
  gtk_widget_set_sensitive (self->copy_button, entry.raw.size > 0 || entry.args.size > 0);
  gtk_widget_set_sensitive (self->save_button, entry.raw.size > 0 || entry.args.size > 0 ||
                                                 entry.response_body.size > 0);
  fill_page (self);
}

/* ── Handlers ── */

static void
page_changed_cb (SioscopeDetailsView *self)
{
  fill_page (self);
}

static void
diff_row_activated_cb (SioscopeDetailsView *self,
                       guint64              row)
{
  g_signal_emit (self, signals[ROW_ACTIVATED], 0, row);
}

static void
link_clicked_cb (SioscopeDetailsView *self)
{
  if (self->other_row != SIOSCOPE_NO_ROW)
    g_signal_emit (self, signals[ROW_ACTIVATED], 0, self->other_row);
}

/* The bytes behind the page that is shown. */
static SioSpan
get_span (SioscopeDetailsView *self,
          const SioscopeEntry *entry)
{
  gboolean arguments = g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "arguments") == 0;

  if (arguments && entry->args.size > 0)
    return entry->args;
  if (entry->wire.size > 0)
    return entry->wire;
  return entry->kind == SIOSCOPE_KIND_HTTP ? entry->response_body : entry->raw;
}

static void
copy_clicked_cb (SioscopeDetailsView *self)
{
  SioscopeEntry entry;

  if (sioscope_details_view_read (self, &entry))
    sioscope_clipboard_copy (GTK_WIDGET (self), get_span (self, &entry));
}

static void
save_clicked_cb (SioscopeDetailsView *self)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  SioscopeEntry entry;
  SioSpan span;

  if (!sioscope_details_view_read (self, &entry))
    return;
  span = get_span (self, &entry);
  bytes = g_bytes_new (span.data, span.size);
  name = sioscope_save_dup_name (bytes, "packet", entry.kind == SIOSCOPE_KIND_ATTACHMENT || entry.wire.size > 0 ? "bin" : "txt");
  sioscope_save_bytes_async (GTK_WIDGET (self), bytes, name, NULL, saved_cb, NULL);
}

static void
projection_changed_cb (SioscopeDetailsView *self,
                       guint                changed)
{
  SioscopeEntry entry;

  if (!sioscope_details_view_read (self, &entry))
    return;
  /* A row may be selected before it is there. */
  if (self->content.recording == NULL)
    show_row (self);
  else if ((changed & SIOSCOPE_CHANGED_REPLAYED) != 0)
    sioscope_details_view_show_header (self, &entry);
  else if ((changed & SIOSCOPE_CHANGED_ACKS) != 0)
    sioscope_details_view_show_ack (self, &entry);
}

static gboolean
seconds_cb (gpointer data)
{
  SioscopeDetailsView *self = data;
  SioscopeEntry entry;

  if (!sioscope_details_view_read (self, &entry))
    return G_SOURCE_CONTINUE;
  if (self->ack_open)
    sioscope_details_view_show_ack (self, &entry);
  /* There is another width. */
  if (self->content.columns != sioscope_details_content_fit (self->frame, GTK_WIDGET (self)))
    {
      self->filled[SIOSCOPE_DETAILS_RAW] = self->filled[SIOSCOPE_DETAILS_FRAME] = FALSE;
      fill_page (self);
    }
  /* Attachments that come after their packet are added, and their sizes in the text. */
  if (entry.kind == SIOSCOPE_KIND_PACKET && self->content.attachments != NULL &&
      self->content.attachments->len < entry.n_attachments)
    {
      g_autoptr(GPtrArray) now = sioscope_recording_dup_attachments (sioscope_details_view_get_recording (self), self->row);

      if (now->len > self->content.attachments->len)
        show_row (self);
    }
  return G_SOURCE_CONTINUE;
}

/* ── The object ── */

static void
sioscope_details_view_map (GtkWidget *widget)
{
  SioscopeDetailsView *self = SIOSCOPE_DETAILS_VIEW (widget);

  GTK_WIDGET_CLASS (sioscope_details_view_parent_class)->map (widget);
  if (self->seconds_id == 0)
    self->seconds_id = g_timeout_add_seconds (1, seconds_cb, self);
}

static void
sioscope_details_view_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&SIOSCOPE_DETAILS_VIEW (widget)->seconds_id, g_source_remove);
  GTK_WIDGET_CLASS (sioscope_details_view_parent_class)->unmap (widget);
}

static void
sioscope_details_view_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  SioscopeDetailsView *self = SIOSCOPE_DETAILS_VIEW (object);

  switch (prop_id)
    {
    case PROP_PROJECTION:
      g_value_set_object (value, self->projection);
      break;
    case PROP_ROW:
      g_value_set_uint64 (value, self->row);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sioscope_details_view_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  SioscopeDetailsView *self = SIOSCOPE_DETAILS_VIEW (object);

  switch (prop_id)
    {
    case PROP_PROJECTION:
      sioscope_details_view_set_projection (self, g_value_get_object (value));
      break;
    case PROP_ROW:
      sioscope_details_view_set_row (self, g_value_get_uint64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sioscope_details_view_dispose (GObject *object)
{
  SioscopeDetailsView *self = SIOSCOPE_DETAILS_VIEW (object);

  if (self->outer != NULL)
    sioscope_details_view_set_projection (self, NULL);
  g_clear_handle_id (&self->seconds_id, g_source_remove);
  sioscope_details_content_clear (&self->content);
  if (self->outer != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->outer));
  self->outer = NULL;

  G_OBJECT_CLASS (sioscope_details_view_parent_class)->dispose (object);
}

static void
sioscope_details_view_class_init (SioscopeDetailsViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = sioscope_details_view_get_property;
  object_class->set_property = sioscope_details_view_set_property;
  object_class->dispose = sioscope_details_view_dispose;
  widget_class->map = sioscope_details_view_map;
  widget_class->unmap = sioscope_details_view_unmap;

  /**
   * SioscopeDetailsView:projection:
   *
   * Where the row is from; %NULL for none.
   */
  properties[PROP_PROJECTION] =
    g_param_spec_object ("projection", NULL, NULL, SIOSCOPE_TYPE_PROJECTION,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * SioscopeDetailsView:row:
   *
   * The row that is read, %SIOSCOPE_NO_ROW for none.
   */
  properties[PROP_ROW] =
    g_param_spec_uint64 ("row", NULL, NULL, 0, G_MAXUINT64, SIOSCOPE_NO_ROW,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * SioscopeDetailsView::row-activated:
   * @self: the view
   * @row: the row at the other end of an acknowledgement
   *
   * The person wants to see that row.
   */
  signals[ROW_ACTIVATED] = g_signal_new ("row-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);

  g_type_ensure (SIOSCOPE_TYPE_DIFF_VIEW);
  g_type_ensure (SIOSCOPE_TYPE_TEXT_PANE);
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-details-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, outer);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, title);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, subtitle);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, ack_box);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, ack_icon);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, ack_label);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, link_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, copy_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, save_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, notice);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, pages);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, arguments_page);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, arguments);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, attachments_scroller);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, attachments);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, raw);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, frame);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDetailsView, diff);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, diff_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, link_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
  gtk_widget_class_set_css_name (widget_class, "detailsview");
}

static void
sioscope_details_view_init (SioscopeDetailsView *self)
{
  self->row = SIOSCOPE_NO_ROW;
  self->content.row = SIOSCOPE_NO_ROW;
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sioscope_details_view_new (void)
{
  return g_object_new (SIOSCOPE_TYPE_DETAILS_VIEW, NULL);
}

SioscopeProjection *
sioscope_details_view_get_projection (SioscopeDetailsView *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_DETAILS_VIEW (self), NULL);

  return self->projection;
}

/* Another recording: its rows are other ones, so none is shown. */
void
sioscope_details_view_set_projection (SioscopeDetailsView *self,
                                      SioscopeProjection  *projection)
{
  g_return_if_fail (SIOSCOPE_IS_DETAILS_VIEW (self));

  if (self->projection == projection)
    return;

  sioscope_details_view_set_row (self, SIOSCOPE_NO_ROW);
  if (self->projection != NULL)
    g_signal_handlers_disconnect_by_data (self->projection, self);
  g_set_object (&self->projection, projection);
  if (projection != NULL)
    g_signal_connect_object (projection, "changed", G_CALLBACK (projection_changed_cb), self, G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROJECTION]);
}

guint64
sioscope_details_view_get_row (SioscopeDetailsView *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_DETAILS_VIEW (self), SIOSCOPE_NO_ROW);

  return self->row;
}

void
sioscope_details_view_set_row (SioscopeDetailsView *self,
                               guint64              row)
{
  g_return_if_fail (SIOSCOPE_IS_DETAILS_VIEW (self));

  if (self->row == row)
    return;

  self->row = row;
  show_row (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROW]);
}

void
sioscope_details_view_set_page (SioscopeDetailsView *self,
                                const char          *name)
{
  g_return_if_fail (SIOSCOPE_IS_DETAILS_VIEW (self));

  gtk_stack_set_visible_child_name (self->pages, name);
}

char *
sioscope_details_view_dup_page_text_for_tests (SioscopeDetailsView *self,
                                               const char          *name)
{
  sioscope_details_view_set_page (self, name);
  if (g_str_equal (name, "diff"))
    return sioscope_diff_view_dup_text_for_tests (self->diff);
  return sioscope_text_pane_dup_text_for_tests (g_str_equal (name, "raw")     ? self->raw
                                                : g_str_equal (name, "frame") ? self->frame : self->arguments);
}

char *
sioscope_details_view_dup_header_for_tests (SioscopeDetailsView *self)
{
  return g_strjoin ("|", gtk_label_get_text (self->title), gtk_label_get_text (self->subtitle),
                    gtk_widget_get_visible (self->ack_box) ? gtk_label_get_text (self->ack_label) : "", NULL);
}
