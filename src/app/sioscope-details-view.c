/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The details: a header in words, and three pages that are only filled when they are looked at. */

#include "config.h"

#include "sioscope-details-view.h"

#include <glib/gi18n.h>

#include "sioscope-attachment-row.h"
#include "sioscope-clipboard.h"
#include "sioscope-details-content.h"
#include "sioscope-format.h"
#include "sioscope-save.h"
#include "sioscope-text-pane.h"
#include "sioscope-words.h"

#define MAX_ATTACHMENTS_SHOWN 64

enum { PAGE_ARGUMENTS, PAGE_RAW, PAGE_FRAME, N_PAGES };

struct _SioscopeDetailsView {
  GtkWidget              parent_instance;

  SioscopeProjection    *projection;
  guint64                row;
  SioscopeDetailsContent content;
  gboolean               filled[N_PAGES];
  guint64                other_row;    /* where the link goes, or SIOSCOPE_NO_ROW */
  gboolean               ack_open;     /* the ack is not decided: its words change */
  guint                  n_shown;      /* attachments in the list */
  guint                  seconds_id;

  GtkStack              *outer;
  GtkLabel              *title;
  GtkLabel              *subtitle;
  GtkWidget             *ack_box;
  GtkImage              *ack_icon;
  GtkLabel              *ack_label;
  GtkButton             *link_button;
  GtkWidget             *copy_button;
  GtkWidget             *save_button;
  GtkLabel              *notice;
  GtkStack              *pages;
  GtkStackPage          *arguments_page;
  SioscopeTextPane      *arguments;
  GtkWidget             *attachments_scroller;
  GtkBox                *attachments;
  SioscopeTextPane      *raw;
  SioscopeTextPane      *frame;
};

G_DEFINE_FINAL_TYPE (SioscopeDetailsView, sioscope_details_view, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_PROJECTION, PROP_ROW, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { ROW_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

static SioscopeRecording *
get_recording (SioscopeDetailsView *self)
{
  return self->projection != NULL ? sioscope_projection_get_recording (self->projection) : NULL;
}

static gboolean
read_row (SioscopeDetailsView *self,
          SioscopeEntry       *entry)
{
  return self->projection != NULL && self->row != SIOSCOPE_NO_ROW &&
         sioscope_recording_read (get_recording (self), self->row, entry);
}

/* ── Filling ── */

static void
fill_page (SioscopeDetailsView *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->pages);
  SioscopeEntry entry;

  self->content.columns = sioscope_details_content_fit (self->frame, GTK_WIDGET (self));
  if (name == NULL || !read_row (self, &entry))
    return;

  if (g_str_equal (name, "arguments") && !self->filled[PAGE_ARGUMENTS])
    {
      self->filled[PAGE_ARGUMENTS] = TRUE;
      sioscope_text_pane_set_source (self->arguments, sioscope_details_content_arguments, &self->content,
                                     entry.kind == SIOSCOPE_KIND_PACKET, TRUE);
    }
  else if (g_str_equal (name, "raw") && !self->filled[PAGE_RAW])
    {
      self->filled[PAGE_RAW] = TRUE;
      sioscope_text_pane_set_source (self->raw, sioscope_details_content_raw, &self->content, FALSE, TRUE);
    }
  else if (g_str_equal (name, "frame") && !self->filled[PAGE_FRAME])
    {
      self->filled[PAGE_FRAME] = TRUE;
      sioscope_text_pane_set_source (self->frame, sioscope_details_content_frame, &self->content, FALSE, FALSE);
    }
}

static void
show_ack (SioscopeDetailsView *self,
          const SioscopeEntry *entry)
{
  SioscopeAck ack = { .state = SIOSCOPE_ACK_NONE, .other_row = SIOSCOPE_NO_ROW };
  g_autofree char *words = NULL;
  const char *icon = "sioscope-state-connected-symbolic";

  if (sioscope_words_is_event (entry) || sioscope_words_is_ack (entry))
    {
      ack = sioscope_projection_get_ack (self->projection, self->row);
      words = sioscope_words_ack (entry, &ack, sioscope_recording_get_now_us (get_recording (self)));
    }
  self->other_row = ack.other_row;
  self->ack_open = ack.state == SIOSCOPE_ACK_PENDING && sioscope_recording_get_live (get_recording (self));

  gtk_widget_set_visible (self->ack_box, words != NULL);
  if (words == NULL)
    return;

  gtk_widget_remove_css_class (self->ack_box, "success");
  gtk_widget_remove_css_class (self->ack_box, "warning");
  gtk_widget_remove_css_class (self->ack_box, "error");
  switch (ack.state)
    {
    case SIOSCOPE_ACK_PENDING:
      icon = "sioscope-state-waiting-symbolic";
      gtk_widget_add_css_class (self->ack_box, "warning");
      break;
    case SIOSCOPE_ACK_TIMED_OUT:
    case SIOSCOPE_ACK_ABANDONED:
      icon = "sioscope-state-failed-symbolic";
      gtk_widget_add_css_class (self->ack_box, "error");
      break;
    case SIOSCOPE_ACK_ANSWERED:
    case SIOSCOPE_ACK_NONE:
    default:
      gtk_widget_add_css_class (self->ack_box, "success");
      break;
    }
  gtk_image_set_from_icon_name (self->ack_icon, icon);
  gtk_label_set_text (self->ack_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->link_button), self->other_row != SIOSCOPE_NO_ROW);
  gtk_button_set_label (self->link_button, sioscope_words_is_ack (entry) ? _("Show the event")
                                           : ack.state == SIOSCOPE_ACK_ANSWERED ? _("Show the answer")
                                                                                : _("Show what happened"));
}

static void
show_header (SioscopeDetailsView *self,
             const SioscopeEntry *entry)
{
  g_autofree char *words = sioscope_words_row (get_recording (self), entry);
  gint64 start = sioscope_recording_get_start_real_us (get_recording (self));
  g_autofree char *clock = sioscope_format_clock (start + entry->time_us);
  g_autofree char *number = sioscope_format_count (self->row);
  g_autofree char *row = g_strdup_printf (_("row %s"), number);
  g_autofree char *nsp = entry->nsp.size > 0 ? sioscope_format_isolated (entry->nsp, 60) : NULL;
  g_autofree char *size = entry->raw.size > 0 ? sioscope_format_size (entry->raw.size) : NULL;
  g_autofree char *id = entry->kind == SIOSCOPE_KIND_PACKET && entry->id >= 0
                          ? g_strdup_printf (_("ack %lld"), (long long) entry->id) : NULL;
  const char *transport = sioscope_words_transport (entry->transport);
  const char *parts[8] = { clock };
  guint n = 1;
  g_autofree char *subtitle = NULL;

  if (nsp != NULL)
    parts[n++] = nsp;
  if (size != NULL)
    parts[n++] = size;
  if (*transport != '\0')
    parts[n++] = transport;
  if (id != NULL)
    parts[n++] = id;
  if (sioscope_projection_get_replayed (self->projection, self->row))
    parts[n++] = _("replayed");
  parts[n++] = row;
  subtitle = g_strjoinv (" · ", (char **) parts);

  gtk_label_set_text (self->title, words);
  gtk_label_set_text (self->subtitle, subtitle);
  show_ack (self, entry);
  gtk_stack_page_set_title (self->arguments_page, entry->kind == SIOSCOPE_KIND_PACKET ? _("Arguments") : _("Facts"));
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
  gtk_widget_set_visible (GTK_WIDGET (self->notice), FALSE);
  self->other_row = SIOSCOPE_NO_ROW;
  self->ack_open = FALSE;

  if (!read_row (self, &entry))
    {
      sioscope_details_content_clear (&self->content);
      gtk_stack_set_visible_child_name (self->outer, "empty");
      return;
    }

  sioscope_details_content_set (&self->content, get_recording (self), self->row);
  gtk_stack_set_visible_child_name (self->outer, "row");
  show_header (self, &entry);
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

  if (read_row (self, &entry))
    sioscope_clipboard_copy (GTK_WIDGET (self), get_span (self, &entry));
}

static void
save_clicked_cb (SioscopeDetailsView *self)
{
  g_autoptr(GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  SioscopeEntry entry;
  SioSpan span;

  if (!read_row (self, &entry))
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

  if (!read_row (self, &entry))
    return;
  /* A row may be selected before it is there. */
  if (self->content.recording == NULL)
    show_row (self);
  else if ((changed & SIOSCOPE_CHANGED_REPLAYED) != 0)
    show_header (self, &entry);
  else if ((changed & SIOSCOPE_CHANGED_ACKS) != 0)
    show_ack (self, &entry);
}

static gboolean
seconds_cb (gpointer data)
{
  SioscopeDetailsView *self = data;
  SioscopeEntry entry;

  if (!read_row (self, &entry))
    return G_SOURCE_CONTINUE;
  if (self->ack_open)
    show_ack (self, &entry);
  /* There is another width. */
  if (self->content.columns != sioscope_details_content_fit (self->frame, GTK_WIDGET (self)))
    {
      self->filled[PAGE_RAW] = self->filled[PAGE_FRAME] = FALSE;
      fill_page (self);
    }
  /* Attachments that come after their packet are added, and their sizes in the text. */
  if (entry.kind == SIOSCOPE_KIND_PACKET && self->content.attachments != NULL &&
      self->content.attachments->len < entry.n_attachments)
    {
      g_autoptr(GPtrArray) now = sioscope_recording_dup_attachments (get_recording (self), self->row);

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
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
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
  return sioscope_text_pane_dup_text_for_tests (g_str_equal (name, "raw")     ? self->raw
                                                : g_str_equal (name, "frame") ? self->frame : self->arguments);
}

char *
sioscope_details_view_dup_header_for_tests (SioscopeDetailsView *self)
{
  return g_strjoin ("|", gtk_label_get_text (self->title), gtk_label_get_text (self->subtitle),
                    gtk_widget_get_visible (self->ack_box) ? gtk_label_get_text (self->ack_label) : "", NULL);
}
