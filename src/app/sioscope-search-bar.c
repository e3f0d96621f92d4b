/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-search-bar.h"

struct _SioscopeSearchBar {
  GtkWidget       parent_instance;

  GtkSearchEntry *entry;
  GtkLabel       *words_label;
  GtkWidget      *previous_button;
  GtkWidget      *next_button;
};

G_DEFINE_FINAL_TYPE (SioscopeSearchBar, sioscope_search_bar, GTK_TYPE_WIDGET)

enum { CHANGED, MOVE, CLOSED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
changed_cb (SioscopeSearchBar *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
next_cb (SioscopeSearchBar *self)
{
  g_signal_emit (self, signals[MOVE], 0, TRUE);
}

static void
previous_cb (SioscopeSearchBar *self)
{
  g_signal_emit (self, signals[MOVE], 0, FALSE);
}

static void
close_cb (SioscopeSearchBar *self)
{
  g_signal_emit (self, signals[CLOSED], 0);
}

/* An entry is activated by Enter alone; with Shift it goes back. */
static gboolean
key_pressed_cb (SioscopeSearchBar *self,
                guint              keyval,
                guint              keycode,
                GdkModifierType    modifiers)
{
  gboolean enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;

  if (!enter || (modifiers & GDK_SHIFT_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  previous_cb (self);
  return GDK_EVENT_STOP;
}

static gboolean
sioscope_search_bar_grab_focus (GtkWidget *widget)
{
  SioscopeSearchBar *self = SIOSCOPE_SEARCH_BAR (widget);

  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
  return gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
sioscope_search_bar_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (sioscope_search_bar_parent_class)->dispose (object);
}

static void
sioscope_search_bar_class_init (SioscopeSearchBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_search_bar_dispose;
  widget_class->grab_focus = sioscope_search_bar_grab_focus;

  /**
   * SioscopeSearchBar::changed:
   *
   * The person searches for something else.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SioscopeSearchBar::move:
   * @self: the bar
   * @forward: to the next one, or to the one before
   *
   * The person wants to see another match.
   */
  signals[MOVE] = g_signal_new ("move", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_BOOLEAN);
  /**
   * SioscopeSearchBar::closed:
   *
   * The person is done.
   */
  signals[CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-search-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SioscopeSearchBar, entry);
  gtk_widget_class_bind_template_child (widget_class, SioscopeSearchBar, words_label);
  gtk_widget_class_bind_template_child (widget_class, SioscopeSearchBar, previous_button);
  gtk_widget_class_bind_template_child (widget_class, SioscopeSearchBar, next_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, previous_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_set_css_name (widget_class, "logsearch");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SEARCH);
}

static void
sioscope_search_bar_init (SioscopeSearchBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

const char *
sioscope_search_bar_get_line (SioscopeSearchBar *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

void
sioscope_search_bar_say (SioscopeSearchBar *self,
                         const char        *words,
                         gboolean           mistake)
{
  if (g_str_equal (gtk_label_get_label (self->words_label), words))
    return;
  gtk_label_set_label (self->words_label, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->words_label), words);
  if (mistake)
    gtk_widget_add_css_class (GTK_WIDGET (self->words_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->words_label), "error");
}

void
sioscope_search_bar_set_usable (SioscopeSearchBar *self,
                                gboolean           usable)
{
  gtk_widget_set_sensitive (self->previous_button, usable);
  gtk_widget_set_sensitive (self->next_button, usable);
}
