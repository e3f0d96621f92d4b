/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-panes.h"
#include "sioscope-settings.h"

#include <glib/gi18n.h>

/* What each must have to be of use. */
#define MIN_LOG_HEIGHT 120
#define MIN_LOG_WIDTH 280
#define MIN_BOTTOM_HEIGHT 130
#define MIN_SIDE_WIDTH 240

/* Between these, what is below the log gets three tenths until a hand moves the divider. */
#define LEAST_BOTTOM_HEIGHT 176
#define MOST_BOTTOM_HEIGHT 280

struct _SioscopePanes
{
  GtkWidget parent_instance;

  GtkWidget *log;
  GtkWidget *emitter;
  GtkWidget *details;

  GtkWidget *bottom;     /* what is below the log, if that is not the emitter alone */
  GtkWidget *root;       /* what is around them in this shape; NULL before there are children */
  GtkWidget *vertical;   /* GtkPaned with the log on top; NULL if narrow */
  GtkWidget *horizontal; /* GtkPaned with the details at its end; NULL if narrow or stacked */
  GtkWidget *stack;      /* AdwViewStack; NULL unless narrow or stacked */

  SioscopePanesShape shape;
  guint show_emitter : 1;
  guint show_details : 1;
  guint placed : 1;      /* the dividers are where the settings want them */
  int placed_width;      /* the size of all when they were placed, and where they came to be */
  int placed_height;
  int placed_x;
  int placed_y;
  gboolean moved_x;      /* by hand since then */
  gboolean moved_y;
};

G_DEFINE_FINAL_TYPE (SioscopePanes, sioscope_panes, GTK_TYPE_WIDGET)

static void
sioscope_panes_detach (GtkWidget *child)
{
  GtkWidget *parent = gtk_widget_get_parent (child);

  if (parent == NULL)
    return;
  if (GTK_IS_PANED (parent))
    {
      if (gtk_paned_get_start_child (GTK_PANED (parent)) == child)
        gtk_paned_set_start_child (GTK_PANED (parent), NULL);
      else
        gtk_paned_set_end_child (GTK_PANED (parent), NULL);
    }
  else if (ADW_IS_BIN (parent))
    adw_bin_set_child (ADW_BIN (parent), NULL);
}

static void
sioscope_panes_update_visibility (SioscopePanes *self)
{
  gboolean narrow = self->shape == SIOSCOPE_PANES_NARROW;

  if (self->root == NULL)
    return;
  gtk_widget_set_visible (self->emitter, narrow || self->show_emitter);
  gtk_widget_set_visible (self->details, narrow || self->show_details);
  if (self->stack != NULL && !narrow)
    {
      AdwViewStack *stack = ADW_VIEW_STACK (self->stack);
      GtkWidget *emitter = gtk_widget_get_parent (self->emitter);
      GtkWidget *details = gtk_widget_get_parent (self->details);

      adw_view_stack_page_set_visible (adw_view_stack_get_page (stack, emitter), self->show_emitter);
      adw_view_stack_page_set_visible (adw_view_stack_get_page (stack, details), self->show_details);
    }
  if (self->bottom != NULL)
    gtk_widget_set_visible (self->bottom, self->show_emitter || self->show_details);
  self->placed = FALSE;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/* A GtkPaned moves its divider by itself too, when what it holds needs more room: only a hand on the divider counts. */
static void
sioscope_panes_pressed_cb (gboolean *moved, int n_press, double x, double y, GtkGesture *gesture)
{
  GtkWidget *paned = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));
  GtkWidget *picked = gtk_widget_pick (paned, x, y, GTK_PICK_DEFAULT);

  if (picked != NULL && gtk_widget_get_parent (picked) == paned &&
      picked != gtk_paned_get_start_child (GTK_PANED (paned)) && picked != gtk_paned_get_end_child (GTK_PANED (paned)))
    *moved = TRUE;
}

static gboolean
sioscope_panes_moved_cb (GtkPaned *paned, GtkScrollType scroll, gboolean *moved)
{
  *moved = TRUE;
  return FALSE;
}

static GtkWidget *
sioscope_panes_new_paned (SioscopePanes *self, GtkOrientation orientation, GtkWidget *start, GtkWidget *end, gboolean resize_end)
{
  GtkWidget *paned = gtk_paned_new (orientation);
  GtkGesture *press = gtk_gesture_click_new ();
  gboolean *moved = orientation == GTK_ORIENTATION_VERTICAL ? &self->moved_y : &self->moved_x;

  /* What is moved lives as long as the paned does: it is in the widget that holds it. */
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (press), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (press, "pressed", G_CALLBACK (sioscope_panes_pressed_cb), moved);
  gtk_widget_add_controller (paned, GTK_EVENT_CONTROLLER (press));
  g_signal_connect (paned, "move-handle", G_CALLBACK (sioscope_panes_moved_cb), moved);

  gtk_paned_set_start_child (GTK_PANED (paned), start);
  gtk_paned_set_end_child (GTK_PANED (paned), end);
  gtk_paned_set_resize_end_child (GTK_PANED (paned), resize_end);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
  return paned;
}

static void
sioscope_panes_add_page (SioscopePanes *self, GtkWidget *child, const char *name, const char *title, const char *icon)
{
  GtkWidget *bin = adw_bin_new ();
  AdwViewStackPage *page;

  adw_bin_set_child (ADW_BIN (bin), child);
  page = adw_view_stack_add_titled (ADW_VIEW_STACK (self->stack), bin, name, title);
  adw_view_stack_page_set_icon_name (page, icon);
}

static void
sioscope_panes_build (SioscopePanes *self)
{
  GtkWidget *bar;

  sioscope_panes_detach (self->log);
  sioscope_panes_detach (self->emitter);
  sioscope_panes_detach (self->details);
  g_clear_pointer (&self->root, gtk_widget_unparent);
  self->vertical = self->horizontal = self->stack = self->bottom = NULL;

  gtk_widget_set_size_request (self->log, MIN_LOG_WIDTH, MIN_LOG_HEIGHT);
  gtk_widget_set_size_request (self->emitter, MIN_SIDE_WIDTH, MIN_BOTTOM_HEIGHT);
  gtk_widget_set_size_request (self->details, MIN_SIDE_WIDTH, MIN_BOTTOM_HEIGHT);

  switch (self->shape)
    {
    case SIOSCOPE_PANES_NARROW:
      self->stack = adw_view_stack_new ();
      gtk_widget_set_vexpand (self->stack, TRUE);
      sioscope_panes_add_page (self, self->log, "log", _("Log"), "view-list-symbolic");
      sioscope_panes_add_page (self, self->emitter, "emitter", _("Emit"), "sioscope-emit-symbolic");
      sioscope_panes_add_page (self, self->details, "details", _("Details"), "document-properties-symbolic");
      bar = adw_view_switcher_bar_new ();
      adw_view_switcher_bar_set_stack (ADW_VIEW_SWITCHER_BAR (bar), ADW_VIEW_STACK (self->stack));
      adw_view_switcher_bar_set_reveal (ADW_VIEW_SWITCHER_BAR (bar), TRUE);
      self->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      gtk_box_append (GTK_BOX (self->root), self->stack);
      gtk_box_append (GTK_BOX (self->root), bar);
      break;

    case SIOSCOPE_PANES_STACKED:
      self->stack = adw_view_stack_new ();
      adw_view_stack_set_vhomogeneous (ADW_VIEW_STACK (self->stack), FALSE);
      gtk_widget_set_vexpand (self->stack, TRUE);
      sioscope_panes_add_page (self, self->emitter, "emitter", _("Emit"), "sioscope-emit-symbolic");
      sioscope_panes_add_page (self, self->details, "details", _("Details"), "document-properties-symbolic");
      bar = adw_view_switcher_new ();
      adw_view_switcher_set_stack (ADW_VIEW_SWITCHER (bar), ADW_VIEW_STACK (self->stack));
      adw_view_switcher_set_policy (ADW_VIEW_SWITCHER (bar), ADW_VIEW_SWITCHER_POLICY_WIDE);
      gtk_widget_add_css_class (bar, "panes-switcher");
      self->bottom = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
      gtk_box_append (GTK_BOX (self->bottom), self->stack);
      gtk_box_append (GTK_BOX (self->bottom), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
      gtk_box_append (GTK_BOX (self->bottom), bar);
      self->vertical = sioscope_panes_new_paned (self, GTK_ORIENTATION_VERTICAL, self->log, self->bottom, FALSE);
      self->root = self->vertical;
      break;

    case SIOSCOPE_PANES_WIDE:
      self->vertical = sioscope_panes_new_paned (self, GTK_ORIENTATION_VERTICAL, self->log, self->emitter, FALSE);
      self->horizontal = sioscope_panes_new_paned (self, GTK_ORIENTATION_HORIZONTAL, self->vertical, self->details, FALSE);
      self->root = self->horizontal;
      break;

    case SIOSCOPE_PANES_NORMAL:
    default:
      self->horizontal = sioscope_panes_new_paned (self, GTK_ORIENTATION_HORIZONTAL, self->emitter, self->details, TRUE);
      self->bottom = self->horizontal;
      self->vertical = sioscope_panes_new_paned (self, GTK_ORIENTATION_VERTICAL, self->log, self->horizontal, FALSE);
      self->root = self->vertical;
      break;
    }

  gtk_widget_set_parent (self->root, GTK_WIDGET (self));
  sioscope_panes_update_visibility (self);
}

/* Puts the dividers where the settings want them, in a size that has been allocated. */
static void
sioscope_panes_place (SioscopePanes *self, int width, int height)
{
  int bottom = sioscope_settings_get_int ("bottom-height");

  /* The log is what is looked at: whatever was asked for in a bigger window, half of the height stays the log's. */
  if (bottom <= 0)
    bottom = CLAMP (height * 3 / 10, LEAST_BOTTOM_HEIGHT, MOST_BOTTOM_HEIGHT);
  bottom = MIN (bottom, height / 2);
  gtk_paned_set_position (GTK_PANED (self->vertical), MAX (height - bottom, MIN_LOG_HEIGHT));
  if (self->shape == SIOSCOPE_PANES_WIDE)
    gtk_paned_set_position (GTK_PANED (self->horizontal),
                            MAX (width - sioscope_settings_get_int ("details-width"), MIN_LOG_WIDTH));
  else if (self->shape == SIOSCOPE_PANES_NORMAL)
    {
      int emitter = sioscope_settings_get_int ("emitter-width");

      gtk_paned_set_position (GTK_PANED (self->horizontal), emitter > 0 ? emitter : width / 2);
    }
}

/* What was placed in proportion, or pushed aside, is placed anew next time. */
static void
sioscope_panes_remember (SioscopePanes *self)
{
  int position;

  if (!self->placed || self->vertical == NULL)
    return;
  position = gtk_paned_get_position (GTK_PANED (self->vertical));
  if (self->moved_y && position != self->placed_y && (self->show_emitter || (self->show_details && self->bottom != NULL)))
    sioscope_settings_set_int ("bottom-height", MAX (self->placed_height - position, 0));
  if (self->horizontal == NULL || !self->show_details)
    return;
  position = gtk_paned_get_position (GTK_PANED (self->horizontal));
  if (!self->moved_x || position == self->placed_x)
    return;
  if (self->shape == SIOSCOPE_PANES_WIDE)
    sioscope_settings_set_int ("details-width", MAX (self->placed_width - position, 0));
  else if (self->shape == SIOSCOPE_PANES_NORMAL && self->show_emitter)
    sioscope_settings_set_int ("emitter-width", position);
}

static void
sioscope_panes_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                        int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  SioscopePanes *self = SIOSCOPE_PANES (widget);

  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  if (self->root == NULL)
    return;
  gtk_widget_measure (self->root, orientation, for_size, minimum, natural, NULL, NULL);
  /* The window decides about the shape by its width. What does not fit for the moment is cut until it has decided, or it could never
   * be made narrower. */
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = MIN (*minimum, MIN_LOG_WIDTH);
  *natural = MAX (*natural, *minimum);
}

static void
sioscope_panes_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  SioscopePanes *self = SIOSCOPE_PANES (widget);
  int minimum = 0;

  if (self->root == NULL)
    return;
  if (self->vertical != NULL && (width != self->placed_width || height != self->placed_height))
    {
      sioscope_panes_remember (self);
      self->placed = FALSE;
    }
  gtk_widget_measure (self->root, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_allocate (self->root, MAX (width, minimum), height, baseline, NULL);
  if (self->placed || self->vertical == NULL)
    return;
  /* A GtkPaned adds what its size changed by to whatever it was told before: it is told once it has its size. */
  sioscope_panes_place (self, width, height);
  gtk_widget_allocate (self->root, MAX (width, minimum), height, baseline, NULL);
  self->placed_width = width;
  self->placed_height = height;
  self->placed_y = gtk_paned_get_position (GTK_PANED (self->vertical));
  self->placed_x = self->horizontal != NULL ? gtk_paned_get_position (GTK_PANED (self->horizontal)) : 0;
  self->moved_x = self->moved_y = FALSE;
  self->placed = TRUE;
}

static void
sioscope_panes_unmap (GtkWidget *widget)
{
  sioscope_panes_remember (SIOSCOPE_PANES (widget));
  SIOSCOPE_PANES (widget)->placed = FALSE;
  GTK_WIDGET_CLASS (sioscope_panes_parent_class)->unmap (widget);
}

static void
sioscope_panes_dispose (GObject *object)
{
  SioscopePanes *self = SIOSCOPE_PANES (object);

  if (self->root != NULL)
    {
      sioscope_panes_detach (self->log);
      sioscope_panes_detach (self->emitter);
      sioscope_panes_detach (self->details);
      g_clear_pointer (&self->root, gtk_widget_unparent);
    }
  g_clear_object (&self->log);
  g_clear_object (&self->emitter);
  g_clear_object (&self->details);

  G_OBJECT_CLASS (sioscope_panes_parent_class)->dispose (object);
}

static void
sioscope_panes_class_init (SioscopePanesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_panes_dispose;
  widget_class->measure = sioscope_panes_measure;
  widget_class->size_allocate = sioscope_panes_size_allocate;
  widget_class->unmap = sioscope_panes_unmap;
  gtk_widget_class_set_css_name (widget_class, "panes");
}

static void
sioscope_panes_init (SioscopePanes *self)
{
  self->shape = SIOSCOPE_PANES_NORMAL;
  self->show_emitter = self->show_details = TRUE;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

void
sioscope_panes_set_children (SioscopePanes *self, GtkWidget *log, GtkWidget *emitter, GtkWidget *details)
{
  g_return_if_fail (self->log == NULL);

  self->log = g_object_ref_sink (log);
  self->emitter = g_object_ref_sink (emitter);
  self->details = g_object_ref_sink (details);
  sioscope_panes_build (self);
}

void
sioscope_panes_set_shape (SioscopePanes *self, SioscopePanesShape shape)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (self->shape == shape)
    return;
  sioscope_panes_remember (self);
  self->shape = shape;
  if (self->log == NULL)
    return;
  if (focus != NULL && !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    focus = NULL;
  sioscope_panes_build (self);
  /* Whoever was typing goes on typing there. */
  if (focus != NULL)
    {
      sioscope_panes_raise (self, focus);
      gtk_widget_grab_focus (focus);
    }
}

void
sioscope_panes_set_shown (SioscopePanes *self, gboolean emitter, gboolean details)
{
  if (self->show_emitter == emitter && self->show_details == details)
    return;
  sioscope_panes_remember (self);
  self->show_emitter = emitter;
  self->show_details = details;
  sioscope_panes_update_visibility (self);
}

void
sioscope_panes_raise (SioscopePanes *self, GtkWidget *child)
{
  const char *name = "log";

  if (self->stack == NULL)
    return;
  if (child == self->emitter || gtk_widget_is_ancestor (child, self->emitter))
    name = "emitter";
  else if (child == self->details || gtk_widget_is_ancestor (child, self->details))
    name = "details";
  if (self->shape == SIOSCOPE_PANES_STACKED && g_str_equal (name, "log"))
    return;
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->stack), name);
}
