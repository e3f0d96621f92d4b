/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A text view that cannot be made to stall by what it shows. */

#include "config.h"

#include "sioscope-text-pane.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>

#include "sioscope-format.h"

/* Highlighting costs a second for one line of 10 KB: beyond this it is left out. */
#define MAX_HIGHLIGHTED_LINE 1000
/* Styled pieces are cheap, but not for a text that is nothing else. */
#define MAX_STYLED_ESCAPES 2000

struct _SioscopeTextPane {
  GtkWidget          parent_instance;

  SioscopeTextSource source;    /* NULL: empty */
  gpointer           data;
  gsize              limit;     /* how much of the source's text was asked for */
  gsize              taken;     /* how much of it is in the buffer */
  gboolean           complete;
  gboolean           is_json;
  SioscopeSanitiser  sanitiser;

  GtkSourceBuffer   *buffer;
  GtkTextTag        *tags[2];   /* by SioscopeTextStyle */
  GtkTextTag        *escape_tag;

  GtkSourceView     *view;
  GtkWidget         *footer;
  GtkLabel          *footer_label;
  GtkButton         *more_button;
};

G_DEFINE_FINAL_TYPE (SioscopeTextPane, sioscope_text_pane, GTK_TYPE_WIDGET)

static void
show_footer (SioscopeTextPane *self)
{
  g_autofree char *size = sioscope_format_size (self->taken);
  g_autofree char *text = NULL;

  if (!self->complete)
    text = g_strdup_printf (_("This is the first %s."), size);
  else if (self->sanitiser.n_escaped > 0)
    text = g_strdup (_("Contains invisible characters, shown as \\u{…}."));
  else if (self->sanitiser.broken)
    text = g_strdup (_("Very long lines were broken to show them."));

  gtk_label_set_label (self->footer_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->more_button), !self->complete);
  gtk_widget_set_visible (self->footer, text != NULL);
}

static void
apply_tag (SioscopeTextPane *self,
           GtkTextTag       *tag,
           int               base,
           const char       *text,
           gsize             start,
           gsize             end,
           gsize            *known_byte,
           int              *known_char)
{
  GtkTextIter from, to;
  int first, last;

  /* Offsets in characters, counted on from where the last piece ended. */
  first = *known_char + (int) g_utf8_strlen (text + *known_byte, (gssize) (start - *known_byte));
  last = first + (int) g_utf8_strlen (text + start, (gssize) (end - start));
  *known_byte = end;
  *known_char = last;
  gtk_text_buffer_get_iter_at_offset (GTK_TEXT_BUFFER (self->buffer), &from, base + first);
  gtk_text_buffer_get_iter_at_offset (GTK_TEXT_BUFFER (self->buffer), &to, base + last);
  gtk_text_buffer_apply_tag (GTK_TEXT_BUFFER (self->buffer), tag, &from, &to);
}

static gboolean
has_long_line (const char *text,
               gsize       size)
{
  const char *end = text + size;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      const char *line_end = newline != NULL ? newline : end;

      if (line_end - text > MAX_HIGHLIGHTED_LINE)
        return TRUE;
      text = line_end + 1;
    }
  return FALSE;
}

/* Takes the source's text up to the limit into the buffer. */
static void
fill (SioscopeTextPane *self)
{
  g_autoptr(GString) all = g_string_new (NULL);
  g_autoptr(GString) shown = g_string_new (NULL);
  g_autoptr(GArray) runs = g_array_new (FALSE, FALSE, sizeof (SioscopeTextRun));
  g_autoptr(GArray) escapes = g_array_new (FALSE, FALSE, sizeof (SioscopeTextRange));
  g_autoptr(GArray) placed = g_array_new (FALSE, FALSE, sizeof (SioscopeTextRun));
  GtkTextIter end;
  gboolean all_of_it;
  gsize known_byte = 0;
  int known_char = 0;
  gsize at;
  int base;

  all_of_it = self->source (self->data, self->limit, all, runs);
  /* The limit may have gone through a character: its rest comes with the next piece. */
  if (!all_of_it)
    for (guint i = 1; i < 4 && i <= all->len; i++)
      {
        guchar c = (guchar) all->str[all->len - i];

        if (c < 0x80)
          break;
        if (c >= 0xc0)
          {
            if (i < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u))
              g_string_truncate (all, all->len - i);
            break;
          }
      }
  at = MIN (self->taken, all->len);
  self->sanitiser.escapes = escapes;
  self->sanitiser.max_escapes = MAX_STYLED_ESCAPES;
  /* Escapes make the text up to ten times longer: what is shown is bounded as well as what is read. */
  self->sanitiser.max_chars = (self->limit - self->taken) * 2;

  for (guint i = 0; i <= runs->len && at < all->len; i++)
    {
      SioscopeTextRun run = i < runs->len ? g_array_index (runs, SioscopeTextRun, i)
                                          : (SioscopeTextRun) { all->len, all->len, 0 };
      gsize before;

      if (run.end <= at && i < runs->len)
        continue;
      if (run.start > at)
        {
          SioSpan text = { all->str + at, run.start - at };
          gsize used = sioscope_sanitiser_append (&self->sanitiser, shown, text);

          at += used;
          if (used < text.size)
            break;
        }
      if (i < runs->len)
        {
          SioscopeTextRun place = { .style = run.style };

          before = shown->len;
          at += sioscope_sanitiser_append (&self->sanitiser, shown, (SioSpan) { all->str + at, run.end - at });
          place.start = before;
          place.end = shown->len;
          g_array_append_val (placed, place);
        }
    }

  self->complete = all_of_it && at >= all->len;
  self->taken = at;
  self->limit = MAX (self->limit, at);

  /* The mode can only be decided before the text is there; a later piece with a long line ends highlighting. */
  if (gtk_source_buffer_get_highlight_syntax (self->buffer) && has_long_line (shown->str, shown->len))
    gtk_source_buffer_set_highlight_syntax (self->buffer, FALSE);

  gtk_text_buffer_get_end_iter (GTK_TEXT_BUFFER (self->buffer), &end);
  base = gtk_text_iter_get_offset (&end);
  gtk_text_buffer_insert (GTK_TEXT_BUFFER (self->buffer), &end, shown->str, (int) shown->len);
  for (guint i = 0; i < placed->len; i++)
    {
      SioscopeTextRun *run = &g_array_index (placed, SioscopeTextRun, i);

      apply_tag (self, self->tags[run->style], base, shown->str, run->start, run->end, &known_byte, &known_char);
    }
  known_byte = 0;
  known_char = 0;
  for (guint i = 0; i < escapes->len; i++)
    {
      SioscopeTextRange *range = &g_array_index (escapes, SioscopeTextRange, i);

      apply_tag (self, self->escape_tag, base, shown->str, range->start, range->end, &known_byte, &known_char);
    }
  self->sanitiser.escapes = NULL;
  show_footer (self);
}

/* The highlighter makes its tags when it needs them, above ours: it would underline our remarks as bad JSON. */
static void
tag_added_cb (SioscopeTextPane *self,
              GtkTextTag       *tag,
              GtkTextTagTable  *table)
{
  int top = gtk_text_tag_table_get_size (table) - 1;

  if (tag == self->escape_tag || tag == self->tags[SIOSCOPE_TEXT_HEADING] || tag == self->tags[SIOSCOPE_TEXT_NOTE])
    return;
  gtk_text_tag_set_priority (self->tags[SIOSCOPE_TEXT_HEADING], top);
  gtk_text_tag_set_priority (self->tags[SIOSCOPE_TEXT_NOTE], top);
  gtk_text_tag_set_priority (self->escape_tag, top);
}

static void
style_changed_cb (SioscopeTextPane *self)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GtkSourceStyleScheme *scheme =
    gtk_source_style_scheme_manager_get_scheme (gtk_source_style_scheme_manager_get_default (),
                                                dark ? "Adwaita-dark" : "Adwaita");

  gtk_source_buffer_set_style_scheme (self->buffer, scheme);
  g_object_set (self->escape_tag, "foreground", dark ? "#ffbe6f" : "#a04000",
                "background", dark ? "#4a3520" : "#fdeed8", NULL);
}

static void
sioscope_text_pane_dispose (GObject *object)
{
  SioscopeTextPane *self = SIOSCOPE_TEXT_PANE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->buffer);

  G_OBJECT_CLASS (sioscope_text_pane_parent_class)->dispose (object);
}

static void
sioscope_text_pane_class_init (SioscopeTextPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_text_pane_dispose;

  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-text-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeTextPane, view);
  gtk_widget_class_bind_template_child (widget_class, SioscopeTextPane, footer);
  gtk_widget_class_bind_template_child (widget_class, SioscopeTextPane, footer_label);
  gtk_widget_class_bind_template_child (widget_class, SioscopeTextPane, more_button);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_text_pane_show_more);
  gtk_widget_class_set_css_name (widget_class, "textpane");
}

static void
sioscope_text_pane_init (SioscopeTextPane *self)
{
  GtkTextTagTable *table;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->buffer = gtk_source_buffer_new (NULL);
  gtk_source_buffer_set_highlight_matching_brackets (self->buffer, FALSE);
  /* Nobody edits here: what was shown before need not be kept. */
  gtk_text_buffer_set_enable_undo (GTK_TEXT_BUFFER (self->buffer), FALSE);
  gtk_source_buffer_set_language (self->buffer,
                                  gtk_source_language_manager_get_language (gtk_source_language_manager_get_default (),
                                                                            "json"));
  table = gtk_text_buffer_get_tag_table (GTK_TEXT_BUFFER (self->buffer));
  self->tags[SIOSCOPE_TEXT_HEADING] = gtk_text_tag_new ("heading");
  g_object_set (self->tags[SIOSCOPE_TEXT_HEADING], "family", "sans", "scale", 0.87, "foreground", "#808080",
                "pixels-above-lines", 6, "pixels-below-lines", 2, "underline", PANGO_UNDERLINE_NONE, NULL);
  gtk_text_tag_table_add (table, self->tags[SIOSCOPE_TEXT_HEADING]);
  self->tags[SIOSCOPE_TEXT_NOTE] = gtk_text_tag_new ("note");
  g_object_set (self->tags[SIOSCOPE_TEXT_NOTE], "family", "sans", "scale", 0.87, "foreground", "#808080",
                "underline", PANGO_UNDERLINE_NONE, NULL);
  gtk_text_tag_table_add (table, self->tags[SIOSCOPE_TEXT_NOTE]);
  self->escape_tag = gtk_text_tag_new ("escape");
  g_object_set (self->escape_tag, "underline", PANGO_UNDERLINE_NONE, NULL);
  gtk_text_tag_table_add (table, self->escape_tag);
  g_object_unref (self->tags[SIOSCOPE_TEXT_HEADING]);
  g_object_unref (self->tags[SIOSCOPE_TEXT_NOTE]);
  g_object_unref (self->escape_tag);
  g_signal_connect_object (table, "tag-added", G_CALLBACK (tag_added_cb), self, G_CONNECT_SWAPPED);
  gtk_text_view_set_buffer (GTK_TEXT_VIEW (self->view), GTK_TEXT_BUFFER (self->buffer));

  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
  style_changed_cb (self);
}

/**
 * sioscope_text_pane_set_source:
 * @self: a pane
 * @source: writes the text; called again for every piece, until the source is another one
 * @data: for @source; it stays the caller's and has to live as long
 * @is_json: highlight it as JSON where that is cheap
 * @wraps: lines are wrapped, not scrolled sideways
 *
 * Shows the first piece of a text.
 */
void
sioscope_text_pane_set_source (SioscopeTextPane   *self,
                               SioscopeTextSource  source,
                               gpointer            data,
                               gboolean            is_json,
                               gboolean            wraps)
{
  g_return_if_fail (SIOSCOPE_IS_TEXT_PANE (self));

  sioscope_text_pane_clear (self);
  self->source = source;
  self->data = data;
  self->limit = SIOSCOPE_TEXT_PANE_FIRST;
  gtk_source_buffer_set_highlight_syntax (self->buffer, is_json);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->view), wraps ? GTK_WRAP_WORD_CHAR : GTK_WRAP_NONE);
  fill (self);
}

void
sioscope_text_pane_clear (SioscopeTextPane *self)
{
  g_return_if_fail (SIOSCOPE_IS_TEXT_PANE (self));

  self->source = NULL;
  self->data = NULL;
  self->taken = 0;
  self->limit = 0;
  self->complete = TRUE;
  self->sanitiser = (SioscopeSanitiser) { .keep_lines = TRUE, .break_after = SIOSCOPE_TEXT_PANE_LINE };
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (self->buffer), "", 0);
  show_footer (self);
}

void
sioscope_text_pane_show_more (SioscopeTextPane *self)
{
  g_return_if_fail (SIOSCOPE_IS_TEXT_PANE (self));

  if (self->source == NULL || self->complete)
    return;

  self->limit = self->taken + SIOSCOPE_TEXT_PANE_MORE;
  fill (self);
}

char *
sioscope_text_pane_dup_text_for_tests (SioscopeTextPane *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  return gtk_text_buffer_get_text (GTK_TEXT_BUFFER (self->buffer), &start, &end, TRUE);
}

gboolean
sioscope_text_pane_fits (SioscopeTextPane *self,
                         guint             n_chars,
                         int               width)
{
  g_autofree char *line = g_strnfill (n_chars, '0');
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->view), line);
  int margins = gtk_text_view_get_left_margin (GTK_TEXT_VIEW (self->view)) +
                gtk_text_view_get_right_margin (GTK_TEXT_VIEW (self->view));
  int needed;

  pango_layout_get_pixel_size (layout, &needed, NULL);
  return needed + margins <= width;
}
