/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A line that is half written is a mistake most of the time: the filter goes away at once and what is shown stays, but the words come
 * when the typing pauses. */

#include "config.h"

#include "sioscope-filter-entry.h"

#include "sioscope-palette.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* How long nothing is typed until a mistake is said. */
#define PAUSE_MS    500
#define ROW_HEIGHT  28
#define MAX_VISIBLE 8

struct _SioscopeFilterEntry {
  GtkWidget parent_instance;

  SioscopeRecording *recording;
  SioscopeFilter    *filter;  /* of the line; NULL while there is a mistake */
  SioscopeFilter    *told;    /* the last one that "changed" was about */
  SioscopePlace      place;   /* of the mistake */
  char              *message; /* what was expected there; NULL: no mistake */
  guint              pause_id;
  SioscopePlace      replaced; /* by an offer; in bytes */

  GtkEntry          *entry;
  GtkLabel          *mistake;
  GtkPopover        *popover;
  GtkScrolledWindow *scroller;
  GtkListBox        *offers;

  gboolean           quiet;   /* the change is not the person's: nothing is offered */
  gboolean           typed;   /* the cursor may still have to follow the text */
};

G_DEFINE_FINAL_TYPE (SioscopeFilterEntry, sioscope_filter_entry, GTK_TYPE_WIDGET)

enum { CHANGED, ACTIVATE, STOP, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
add_attribute (PangoAttrList  *list,
               SioscopePlace   place,
               PangoAttribute *attribute)
{
  attribute->start_index = (guint) place.start;
  attribute->end_index = (guint) place.end;
  pango_attr_list_insert (list, attribute);
}

static PangoAttribute *
new_color (const GdkRGBA *c)
{
  return pango_attr_foreground_new ((guint16) (c->red * 65535), (guint16) (c->green * 65535), (guint16) (c->blue * 65535));
}

/* A mistake that is a gap is marked at what stands before it. */
static SioscopePlace
place_to_mark (SioscopeFilterEntry *self,
               const char          *text)
{
  SioscopePlace place = self->place;
  gsize size = strlen (text);

  place.end = MIN (place.end, size);
  place.start = MIN (place.start, place.end);
  if (place.start == place.end && place.start > 0)
    place.start = (gsize) (g_utf8_find_prev_char (text, text + place.start) - text);
  return place;
}

static void
color (SioscopeFilterEntry *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr(PangoAttrList) list = pango_attr_list_new ();
  g_autoptr(GArray) parts = sioscope_filter_dup_parts (text);
  SioscopePalette palette;

  sioscope_palette_load (&palette, GTK_WIDGET (self->entry));
  for (guint i = 0; i < parts->len; i++)
    {
      const SioscopeFilterPart *part = &g_array_index (parts, SioscopeFilterPart, i);

      switch (part->token)
        {
        case SIOSCOPE_FILTER_TOKEN_KEY:
          add_attribute (list, part->place, new_color (&palette.accent));
          break;
        case SIOSCOPE_FILTER_TOKEN_REGEX:
          add_attribute (list, part->place, new_color (&palette.warning));
          break;
        case SIOSCOPE_FILTER_TOKEN_WORD:
          add_attribute (list, part->place, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
          break;
        case SIOSCOPE_FILTER_TOKEN_TEXT:
        case SIOSCOPE_FILTER_TOKEN_VALUE:
        default:
          break;
        }
    }
  if (gtk_widget_get_visible (GTK_WIDGET (self->mistake)))
    {
      SioscopePlace place = place_to_mark (self, text);
      const GdkRGBA *c = &palette.error;

      add_attribute (list, place, pango_attr_underline_new (PANGO_UNDERLINE_ERROR));
      add_attribute (list, place, pango_attr_underline_color_new ((guint16) (c->red * 65535), (guint16) (c->green * 65535),
                                                                  (guint16) (c->blue * 65535)));
    }
  gtk_entry_set_attributes (self->entry, list);
}

/* Says the mistake, or that there is none any more. */
static void
show_mistake (SioscopeFilterEntry *self)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)));
  gboolean wrong = self->message != NULL;

  g_clear_handle_id (&self->pause_id, g_source_remove);
  if (wrong)
    {
      /* Where it is, for who does not see the line under it. */
      const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
      gsize start = MIN (self->place.start, strlen (text));
      g_autofree char *words = g_strdup_printf (_("Column %ld: %s"), g_utf8_strlen (text, (gssize) start) + 1, self->message);

      gtk_label_set_text (self->mistake, words);
      gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
      gtk_accessible_update_state (accessible, GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE, -1);
      gtk_widget_add_css_class (GTK_WIDGET (self->entry), "wrong");
    }
  else
    {
      gtk_accessible_reset_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
      gtk_accessible_update_state (accessible, GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_FALSE, -1);
      gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "wrong");
    }
  gtk_widget_set_visible (GTK_WIDGET (self->mistake), wrong);
  color (self);
}

static gboolean
is_offering (SioscopeFilterEntry *self)
{
  return gtk_widget_get_visible (GTK_WIDGET (self->popover));
}

static gboolean
pause_cb (gpointer data)
{
  SioscopeFilterEntry *self = data;

  /* Who is choosing among offers has not finished. */
  if (is_offering (self))
    return G_SOURCE_CONTINUE;
  self->pause_id = 0;
  show_mistake (self);
  return G_SOURCE_REMOVE;
}

static void
read_line (SioscopeFilterEntry *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr(GError) error = NULL;

  g_clear_pointer (&self->filter, sioscope_filter_unref);
  g_clear_pointer (&self->message, g_free);
  g_clear_handle_id (&self->pause_id, g_source_remove);
  self->filter = sioscope_filter_new (text, &self->place, &error);
  gtk_entry_set_icon_from_icon_name (self->entry, GTK_ENTRY_ICON_SECONDARY, *text != '\0' ? "edit-clear-symbolic" : NULL);

  if (self->filter == NULL)
    {
      self->message = g_strdup (error->message);
      /* What is said now is about a line that is no more, but taking it away for half a second would make everything below jump. */
      self->pause_id = g_timeout_add (PAUSE_MS, pause_cb, self);
      color (self);
      return;
    }
  show_mistake (self);
  if (sioscope_filter_equal (self->filter, self->told))
    return;
  g_clear_pointer (&self->told, sioscope_filter_unref);
  self->told = sioscope_filter_ref (self->filter);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
stop_offering (SioscopeFilterEntry *self)
{
  if (is_offering (self))
    gtk_popover_popdown (self->popover);
}

static void
clear_offers (SioscopeFilterEntry *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->offers))) != NULL)
    gtk_list_box_remove (self->offers, child);
}

/* Under the word that an offer would replace. */
static void
point_to_word (SioscopeFilterEntry *self,
               const char          *text)
{
  GtkText *inner = GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)));
  gsize position = (gsize) g_utf8_strlen (text, (gssize) self->replaced.start);
  graphene_rect_t rect;
  double x, y;

  gtk_text_compute_cursor_extents (inner, position, &rect, NULL);
  gtk_widget_translate_coordinates (GTK_WIDGET (inner), GTK_WIDGET (self), (double) rect.origin.x, 0, &x, &y);
  x = CLAMP (x, 0, MAX (0, gtk_widget_get_width (GTK_WIDGET (self->entry)) - 1));
  gtk_popover_set_pointing_to (self->popover, &(GdkRectangle) { (int) x, 0, 1, gtk_widget_get_height (GTK_WIDGET (self->entry)) });
}

/* Who asks is told also where nothing was begun: which keys there are. */
static void
offer (SioscopeFilterEntry *self,
       gboolean             asked)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  int position = gtk_editable_get_position (GTK_EDITABLE (self->entry));
  gsize cursor = (gsize) (g_utf8_offset_to_pointer (text, position) - text);
  g_auto(GStrv) offers = sioscope_filter_complete (text, cursor, self->recording, &self->replaced);
  gsize n = g_strv_length (offers), typed = cursor - MIN (cursor, self->replaced.start);

  /* Nothing is offered by itself where nothing was begun, nor what stands there already. */
  if (n == 0 || (!asked && typed == 0 && (cursor == 0 || text[cursor - 1] != ':'))
      || (n == 1 && strlen (offers[0]) == self->replaced.end - self->replaced.start
          && memcmp (offers[0], text + self->replaced.start, strlen (offers[0])) == 0))
    {
      stop_offering (self);
      return;
    }

  clear_offers (self);
  for (gsize i = 0; i < n; i++)
    {
      GtkWidget *label = gtk_label_new (offers[i]);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 48);
      gtk_list_box_append (self->offers, label);
    }
  gtk_list_box_unselect_all (self->offers);
  gtk_scrolled_window_set_max_content_height (self->scroller, MAX_VISIBLE * ROW_HEIGHT);
  gtk_scrolled_window_set_min_content_height (self->scroller, (int) MIN (n, MAX_VISIBLE) * ROW_HEIGHT);
  /* A bar that is not needed would be higher than a single offer. */
  gtk_scrolled_window_set_policy (self->scroller, GTK_POLICY_NEVER, n > MAX_VISIBLE ? GTK_POLICY_AUTOMATIC : GTK_POLICY_NEVER);
  point_to_word (self, text);
  gtk_popover_popup (self->popover);
}

static void
take_offer (SioscopeFilterEntry *self,
            GtkListBoxRow       *row)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  const char *taken = gtk_label_get_text (GTK_LABEL (gtk_list_box_row_get_child (row)));
  gboolean key = g_str_has_suffix (taken, ":") || g_str_has_suffix (taken, ".");
  int start = (int) g_utf8_strlen (text, (gssize) self->replaced.start);
  int end = start + (int) g_utf8_strlen (text + self->replaced.start, (gssize) (self->replaced.end - self->replaced.start));
  int position = start;
  g_autofree char *word = g_strconcat (taken, key || text[self->replaced.end] != '\0' ? "" : " ", NULL);

  self->quiet = TRUE;
  gtk_editable_delete_text (GTK_EDITABLE (self->entry), start, end);
  gtk_editable_insert_text (GTK_EDITABLE (self->entry), word, -1, &position);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), position);
  self->quiet = FALSE;
  stop_offering (self);
  read_line (self);
  /* Behind a key its values. */
  if (key)
    offer (self, FALSE);
}

static void
text_changed_cb (SioscopeFilterEntry *self)
{
  if (self->quiet)
    return;
  read_line (self);
  if (gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)))))
    {
      offer (self, FALSE);
      self->typed = TRUE;
    }
}

static void
cursor_moved_cb (SioscopeFilterEntry *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gsize cursor = (gsize) (g_utf8_offset_to_pointer (text, gtk_editable_get_position (GTK_EDITABLE (self->entry))) - text);

  if (self->quiet)
    return;
  if (self->typed)
    offer (self, FALSE);
  else if (cursor < self->replaced.start || cursor > self->replaced.end)
    stop_offering (self);
  self->typed = FALSE;
}

static void
activate_cb (SioscopeFilterEntry *self)
{
  stop_offering (self);
  if (self->message != NULL)
    show_mistake (self);
  g_signal_emit (self, signals[ACTIVATE], 0);
}

static void
icon_pressed_cb (SioscopeFilterEntry  *self,
                 GtkEntryIconPosition  position)
{
  if (position == GTK_ENTRY_ICON_SECONDARY)
    sioscope_filter_entry_set_text (self, NULL);
}

static void
focus_left_cb (SioscopeFilterEntry *self)
{
  stop_offering (self);
  if (self->message != NULL)
    show_mistake (self);
}

static void
offer_activated_cb (SioscopeFilterEntry *self,
                    GtkListBoxRow       *row)
{
  take_offer (self, row);
}

static void
select_offer (SioscopeFilterEntry *self,
              int                  step)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (self->offers), *row;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  int index = selected != NULL ? gtk_list_box_row_get_index (selected) + step : step > 0 ? 0 : -1;

  row = index >= 0 ? gtk_list_box_get_row_at_index (self->offers, index) : NULL;
  if (row == NULL)
    {
      gtk_list_box_unselect_all (self->offers);
      return;
    }
  gtk_list_box_select_row (self->offers, row);
  gtk_adjustment_clamp_page (adjustment, index * ROW_HEIGHT, (index + 1) * ROW_HEIGHT);
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint                  keyval,
                guint                  keycode,
                GdkModifierType        modifiers,
                gpointer               data)
{
  SioscopeFilterEntry *self = SIOSCOPE_FILTER_ENTRY (gtk_widget_get_ancestor (
    gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller)), SIOSCOPE_TYPE_FILTER_ENTRY));
  GtkListBoxRow *selected = is_offering (self) ? gtk_list_box_get_selected_row (self->offers) : NULL;

  self->typed = FALSE;
  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Escape)
    {
      if (is_offering (self))
        stop_offering (self);
      else if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
        sioscope_filter_entry_set_text (self, NULL);
      else
        g_signal_emit (self, signals[STOP], 0);
      return GDK_EVENT_STOP;
    }
  if (!is_offering (self))
    {
      if (keyval != GDK_KEY_Down && keyval != GDK_KEY_KP_Down)
        return GDK_EVENT_PROPAGATE;
      offer (self, TRUE);
      if (is_offering (self))
        select_offer (self, 1);
      return GDK_EVENT_STOP;
    }
  switch (keyval)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      select_offer (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      select_offer (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Tab:
      take_offer (self, selected != NULL ? selected : gtk_list_box_get_row_at_index (self->offers, 0));
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      if (selected == NULL)
        return GDK_EVENT_PROPAGATE;
      take_offer (self, selected);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
style_changed_cb (SioscopeFilterEntry *self)
{
  color (self);
}

static gboolean
sioscope_filter_entry_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SIOSCOPE_FILTER_ENTRY (widget)->entry));
}

static void
sioscope_filter_entry_dispose (GObject *object)
{
  SioscopeFilterEntry *self = SIOSCOPE_FILTER_ENTRY (object);

  g_clear_handle_id (&self->pause_id, g_source_remove);
  g_clear_object (&self->recording);
  if (self->entry != NULL)
    {
      GtkWidget *child;

      while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
      self->entry = NULL;
    }
  G_OBJECT_CLASS (sioscope_filter_entry_parent_class)->dispose (object);
}

static void
sioscope_filter_entry_finalize (GObject *object)
{
  SioscopeFilterEntry *self = SIOSCOPE_FILTER_ENTRY (object);

  g_clear_pointer (&self->filter, sioscope_filter_unref);
  g_clear_pointer (&self->told, sioscope_filter_unref);
  g_free (self->message);
  G_OBJECT_CLASS (sioscope_filter_entry_parent_class)->finalize (object);
}

static void
sioscope_filter_entry_class_init (SioscopeFilterEntryClass *klass)
{
  static const char * const names[] = { "changed", "activate", "stop" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_filter_entry_dispose;
  object_class->finalize = sioscope_filter_entry_finalize;
  widget_class->grab_focus = sioscope_filter_entry_grab_focus;

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], SIOSCOPE_TYPE_FILTER_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-filter-entry.ui");
  gtk_widget_class_set_css_name (widget_class, "filterentry");
  gtk_widget_class_bind_template_child (widget_class, SioscopeFilterEntry, entry);
  gtk_widget_class_bind_template_child (widget_class, SioscopeFilterEntry, mistake);
  gtk_widget_class_bind_template_child (widget_class, SioscopeFilterEntry, popover);
  gtk_widget_class_bind_template_child (widget_class, SioscopeFilterEntry, scroller);
  gtk_widget_class_bind_template_child (widget_class, SioscopeFilterEntry, offers);
  gtk_widget_class_bind_template_callback (widget_class, text_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, cursor_moved_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, icon_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, focus_left_cb);
  gtk_widget_class_bind_template_callback (widget_class, offer_activated_cb);
}

static void
sioscope_filter_entry_init (SioscopeFilterEntry *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = sioscope_filter_new (NULL, NULL, NULL);
  self->told = sioscope_filter_ref (self->filter);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (style_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
sioscope_filter_entry_new (void)
{
  return g_object_new (SIOSCOPE_TYPE_FILTER_ENTRY, NULL);
}

/**
 * sioscope_filter_entry_get_filter:
 * @self: a filter entry
 *
 * Returns: (transfer full) (nullable): what the line says; %NULL while there is a mistake
 */
SioscopeFilter *
sioscope_filter_entry_get_filter (SioscopeFilterEntry *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_FILTER_ENTRY (self), NULL);

  return self->filter != NULL ? sioscope_filter_ref (self->filter) : NULL;
}

const char *
sioscope_filter_entry_get_text (SioscopeFilterEntry *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_FILTER_ENTRY (self), NULL);

  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

/**
 * sioscope_filter_entry_set_text:
 * @self: a filter entry
 * @text: (nullable): a line; %NULL for an empty one
 *
 * Emits #SioscopeFilterEntry::changed if the line says something else than before. Nothing is offered.
 */
void
sioscope_filter_entry_set_text (SioscopeFilterEntry *self,
                                const char          *text)
{
  g_return_if_fail (SIOSCOPE_IS_FILTER_ENTRY (self));

  stop_offering (self);
  self->quiet = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text != NULL ? text : "");
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  self->quiet = FALSE;
  read_line (self);
}

/**
 * sioscope_filter_entry_set_recording:
 * @self: a filter entry
 * @recording: (nullable): whose names are offered
 */
void
sioscope_filter_entry_set_recording (SioscopeFilterEntry *self,
                                     SioscopeRecording   *recording)
{
  g_return_if_fail (SIOSCOPE_IS_FILTER_ENTRY (self));
  g_return_if_fail (recording == NULL || SIOSCOPE_IS_RECORDING (recording));

  g_set_object (&self->recording, recording);
}
