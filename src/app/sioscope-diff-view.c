/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The row to compare with is looked for in idle time, the two are compared in a thread, one comparison at a time: what is chosen meanwhile
 * waits for its end. */

#include "config.h"

#include "sioscope-diff-view.h"

#include <glib/gi18n.h>

#include "sioscope-diff-job.h"
#include "sioscope-diff-search.h"
#include "sioscope-format.h"

#define SLICE_US 2000

struct _SioscopeDiffView {
  GtkWidget           parent_instance;

  SioscopeProjection *projection; /* NULL: nothing is shown */
  guint64             row;
  SioscopeDiffSearch  search;
  guint               idle_id;
  gboolean            wanted;     /* a row was found and is still to be compared */
  gboolean            comparing;
  guint               compared;   /* counts the rows that were set, of the comparison that runs */
  guint               serial;

  GtkWidget          *root;
  GtkWidget          *bar;
  GtkLabel           *summary;
  GtkLabel           *other;
  GtkLabel           *limits;
  GtkStack           *stack;
  GtkLabel           *message;
  GtkWidget          *scroller;
  GListStore         *items;
};

G_DEFINE_FINAL_TYPE (SioscopeDiffView, sioscope_diff_view, GTK_TYPE_WIDGET)

enum { ROW_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ── The rows of the list ── */

static const struct {
  const char *word;
  const char *style_class;
} kinds[] = {
  [SIOSCOPE_JSON_ADDED] = { N_("added"), "success" },
  [SIOSCOPE_JSON_REMOVED] = { N_("removed"), "error" },
  [SIOSCOPE_JSON_CHANGED] = { N_("changed"), "accent" },
  [SIOSCOPE_JSON_RETYPED] = { N_("other type"), "warning" },
  [SIOSCOPE_JSON_RESPELLED] = { N_("same value, written differently"), "dim-label" },
  [SIOSCOPE_JSON_REORDERED] = { N_("members in another order"), "dim-label" },
};

typedef struct {
  GtkLabel *path;
  GtkLabel *word;
  GtkLabel *names[2];
  GtkLabel *values[2];
} RowWidgets;

static const char *
get_word (SioscopeDiffItem *item)
{
  return item->by_bytes ? _("the attachment has other bytes") : _(kinds[item->kind].word);
}

static void
setup_cb (GtkSignalListItemFactory *factory,
          GtkListItem              *list_item)
{
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  RowWidgets *widgets = g_new0 (RowWidgets, 1);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_widget_add_css_class (grid, "difference");
  widgets->path = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (widgets->path, 0);
  gtk_label_set_ellipsize (widgets->path, PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (GTK_WIDGET (widgets->path), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (widgets->path), "path");
  widgets->word = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (widgets->word, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (widgets->word), "word");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (widgets->path));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (widgets->word));
  gtk_grid_attach (GTK_GRID (grid), head, 0, 0, 2, 1);
  for (guint i = 0; i < 2; i++)
    {
      widgets->names[i] = GTK_LABEL (gtk_label_new (i == 0 ? _("before") : _("after")));
      gtk_label_set_xalign (widgets->names[i], 0);
      gtk_widget_set_valign (GTK_WIDGET (widgets->names[i]), GTK_ALIGN_BASELINE);
      gtk_widget_add_css_class (GTK_WIDGET (widgets->names[i]), "side");
      gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (widgets->names[i]), 0, (int) i + 1, 1, 1);
      widgets->values[i] = GTK_LABEL (gtk_label_new (NULL));
      gtk_label_set_xalign (widgets->values[i], 0);
      gtk_label_set_wrap (widgets->values[i], TRUE);
      gtk_label_set_wrap_mode (widgets->values[i], PANGO_WRAP_CHAR);
      gtk_label_set_lines (widgets->values[i], 6);
      gtk_label_set_ellipsize (widgets->values[i], PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (GTK_WIDGET (widgets->values[i]), TRUE);
      gtk_widget_add_css_class (GTK_WIDGET (widgets->values[i]), "monospace");
      gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (widgets->values[i]), 1, (int) i + 1, 1, 1);
    }
  g_object_set_data_full (G_OBJECT (list_item), "row-widgets", widgets, g_free);
  gtk_list_item_set_child (list_item, grid);
  gtk_list_item_set_activatable (list_item, FALSE);
}

static void
bind_cb (GtkSignalListItemFactory *factory,
         GtkListItem              *list_item)
{
  RowWidgets *widgets = g_object_get_data (G_OBJECT (list_item), "row-widgets");
  SioscopeDiffItem *item = gtk_list_item_get_item (list_item);
  const char *values[2] = { item->before, item->after };

  gtk_label_set_text (widgets->path, item->path);
  gtk_widget_set_tooltip_text (GTK_WIDGET (widgets->path), item->path);
  gtk_label_set_text (widgets->word, get_word (item));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (widgets->word), kinds[i].style_class);
  gtk_widget_add_css_class (GTK_WIDGET (widgets->word), kinds[item->kind].style_class);
  for (guint i = 0; i < 2; i++)
    {
      gtk_label_set_text (widgets->values[i], values[i] != NULL ? values[i] : "");
      gtk_widget_set_visible (GTK_WIDGET (widgets->values[i]), values[i] != NULL);
      gtk_widget_set_visible (GTK_WIDGET (widgets->names[i]), values[i] != NULL);
    }
}

/* ── What is said ── */

static void
show_message (SioscopeDiffView *self,
              const char       *text)
{
  gtk_label_set_text (self->message, text);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->message));
}

/* Against which row, and of when. FALSE if it is not kept any more. */
static gboolean
show_other (SioscopeDiffView *self)
{
  SioscopeRecording *recording = sioscope_projection_get_recording (self->projection);
  g_autofree char *number = sioscope_format_count (self->search.found);
  g_autofree char *clock = NULL;
  g_autofree char *earlier = NULL;
  g_autofree char *text = NULL;
  SioscopeEntry entry, before;

  if (!sioscope_recording_read (recording, self->row, &entry) || !sioscope_recording_read (recording, self->search.found, &before))
    return FALSE;
  clock = sioscope_format_clock (sioscope_recording_get_start_real_us (recording) + before.time_us);
  earlier = sioscope_format_duration (entry.time_us - before.time_us);
  text = self->search.event_row == self->row
           /* Translators: a row's number, a clock's time, a duration: "Compared with row 1 204 · 12:01:03.114 · 3 s earlier" */
           ? g_strdup_printf (_("Compared with row %s · %s · %s earlier"), number, clock, earlier)
           : g_strdup_printf (_("Compared with the answer in row %s · %s · %s earlier"), number, clock, earlier);
  gtk_label_set_text (self->other, text);
  return TRUE;
}

static void
show_limits (SioscopeDiffView         *self,
             const SioscopeDiffResult *result)
{
  g_autoptr(GString) text = g_string_new (NULL);
  const char *sentences[4] = { NULL };
  guint n = 0;

  if ((result->limits & SIOSCOPE_JSON_DIFF_TRUNCATED) != 0)
    sentences[n++] = _("There are more differences than are listed.");
  if ((result->limits & SIOSCOPE_JSON_DIFF_COARSE) != 0)
    sentences[n++] = _("Something is too large or nests too deep: as a whole it was compared by its bytes.");
  if ((result->limits & SIOSCOPE_JSON_DIFF_BY_PLACE) != 0)
    sentences[n++] = _("The elements of a large array were compared by their places.");
  if (result->incomplete)
    sentences[n++] = _("Not all attachments have come.");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, i > 0 ? " %s" : "%s", sentences[i]);
  gtk_label_set_text (self->limits, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->limits), n > 0);
}

static void
show_result (SioscopeDiffView         *self,
             const SioscopeDiffResult *result)
{
  guint n = result->items->len;
  g_autofree char *count = g_strdup_printf (ngettext ("%u difference", "%u differences", n), n);

  show_limits (self, result);
  gtk_widget_set_visible (self->bar, TRUE);
  if (n == 0)
    {
      gtk_label_set_text (self->summary, _("Equal"));
      show_message (self, result->identical ? _("Both have the same arguments.")
                                            : _("Both have the same arguments, with other blanks between them."));
      return;
    }
  gtk_label_set_text (self->summary, result->same ? _("Equal values, written differently") : count);
  g_list_store_splice (self->items, 0, g_list_model_get_n_items (G_LIST_MODEL (self->items)), result->items->pdata, n);
  gtk_stack_set_visible_child (self->stack, self->scroller);
}

static void
show_error (SioscopeDiffView *self,
            const GError     *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    {
      g_autofree char *size = sioscope_format_size (SIOSCOPE_DIFF_MAX_BYTES);
      g_autofree char *text = g_strdup_printf (_("Too large to compare: the arguments of both may have %s together."), size);

      show_message (self, text);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    show_message (self, _("The row to compare with is no longer kept."));
  else
    show_message (self, _("The arguments of one of them cannot be read."));
}

/* ── At work ── */

static void compare (SioscopeDiffView *self);

static void
compared_cb (GObject      *source,
             GAsyncResult *async_result,
             gpointer      data)
{
  g_autoptr(SioscopeDiffView) self = data;
  g_autoptr(SioscopeDiffResult) result = NULL;
  g_autoptr(GError) error = NULL;

  result = sioscope_diff_compare_finish (SIOSCOPE_RECORDING (source), async_result, &error);
  self->comparing = FALSE;
  if (self->root == NULL)
    return;
  if (self->wanted)
    compare (self);
  else if (self->compared == self->serial && self->projection != NULL)
    {
      gtk_label_set_text (self->summary, _("Not compared"));
      gtk_widget_set_visible (self->bar, TRUE);
      if (result != NULL)
        show_result (self, result);
      else
        show_error (self, error);
    }
}

static void
compare (SioscopeDiffView *self)
{
  self->wanted = self->comparing;
  if (self->comparing)
    return;
  self->comparing = TRUE;
  self->compared = self->serial;
  sioscope_diff_compare_async (sioscope_projection_get_recording (self->projection), self->search.found, self->row, compared_cb,
                               g_object_ref (self));
}

static void
show_finding (SioscopeDiffView    *self,
              SioscopeDiffFinding  finding)
{
  switch (finding)
    {
    case SIOSCOPE_DIFF_SEARCHING:
      show_message (self, _("Looking for the one before…"));
      break;
    case SIOSCOPE_DIFF_FOUND:
      if (show_other (self))
        {
          show_message (self, _("Comparing…"));
          compare (self);
        }
      else
        show_message (self, _("The row to compare with is no longer kept."));
      break;
    case SIOSCOPE_DIFF_FIRST:
      show_message (self, self->search.event_row == self->row
                            ? _("Nothing to compare with: this is the first event of its name here that went this way.")
                            : _("Nothing to compare with: no event of that name was answered before."));
      break;
    case SIOSCOPE_DIFF_NO_EVENT:
      show_message (self, _("Nothing to compare with: it is not known which event this answers."));
      break;
    case SIOSCOPE_DIFF_GONE:
      show_message (self, _("This row is no longer kept"));
      break;
    case SIOSCOPE_DIFF_NO_PAYLOAD:
    default:
      show_message (self, _("Events and answers are compared here with the one before. This row is something else."));
      break;
    }
}

static gboolean
search_cb (gpointer data)
{
  SioscopeDiffView *self = data;
  SioscopeDiffFinding finding = sioscope_diff_search_step (&self->search, SLICE_US);

  if (finding == SIOSCOPE_DIFF_SEARCHING)
    return G_SOURCE_CONTINUE;
  self->idle_id = 0;
  show_finding (self, finding);
  return G_SOURCE_REMOVE;
}

void
sioscope_diff_view_set_row (SioscopeDiffView   *self,
                            SioscopeProjection *projection,
                            guint64             row)
{
  SioscopeDiffFinding finding;

  g_return_if_fail (SIOSCOPE_IS_DIFF_VIEW (self));

  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_set_object (&self->projection, projection);
  self->row = row;
  self->wanted = FALSE;
  self->serial++;
  gtk_widget_set_visible (self->bar, FALSE);
  g_list_store_remove_all (self->items);
  show_message (self, "");
  if (projection == NULL)
    return;

  finding = sioscope_diff_search_start (&self->search, projection, row);
  show_finding (self, finding);
  if (finding == SIOSCOPE_DIFF_SEARCHING)
    self->idle_id = g_idle_add (search_cb, self);
}

static void
show_clicked_cb (SioscopeDiffView *self)
{
  g_signal_emit (self, signals[ROW_ACTIVATED], 0, self->search.found);
}

static void
sioscope_diff_view_dispose (GObject *object)
{
  SioscopeDiffView *self = SIOSCOPE_DIFF_VIEW (object);

  g_clear_handle_id (&self->idle_id, g_source_remove);
  self->wanted = FALSE;
  g_clear_pointer (&self->root, gtk_widget_unparent);
  g_clear_object (&self->projection);

  G_OBJECT_CLASS (sioscope_diff_view_parent_class)->dispose (object);
}

static void
sioscope_diff_view_class_init (SioscopeDiffViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_diff_view_dispose;

  signals[ROW_ACTIVATED] = g_signal_new ("row-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_UINT64);

  g_type_ensure (SIOSCOPE_TYPE_DIFF_ITEM);
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-diff-view.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, root);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, bar);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, summary);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, other);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, limits);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, stack);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, message);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, scroller);
  gtk_widget_class_bind_template_child (widget_class, SioscopeDiffView, items);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_clicked_cb);
  gtk_widget_class_set_css_name (widget_class, "diffview");
}

static void
sioscope_diff_view_init (SioscopeDiffView *self)
{
  self->row = SIOSCOPE_NO_ROW;
  gtk_widget_init_template (GTK_WIDGET (self));
}

char *
sioscope_diff_view_dup_text_for_tests (SioscopeDiffView *self)
{
  g_autoptr(GString) out = g_string_new (NULL);
  GListModel *items = G_LIST_MODEL (self->items);

  if (self->idle_id != 0 || self->comparing)
    return NULL;
  if (gtk_widget_get_visible (self->bar))
    g_string_append_printf (out, "%s|%s|%s\n", gtk_label_get_text (self->summary), gtk_label_get_text (self->other),
                            gtk_label_get_text (self->limits));
  if (gtk_stack_get_visible_child (self->stack) == GTK_WIDGET (self->message))
    g_string_append (out, gtk_label_get_text (self->message));
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr(SioscopeDiffItem) item = g_list_model_get_item (items, i);

      g_string_append_printf (out, "%s|%s|%s|%s\n", get_word (item), item->path, item->before != NULL ? item->before : "",
                              item->after != NULL ? item->after : "");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
