/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-recovery-page.h"

#include "sioscope-format.h"
#include "sioscope-looks.h"
#include "sioscope-settings.h"
#include "sioscope-subject.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _SioscopeRecoveryPage
{
  GtkWidget parent_instance;

  GListStore *recordings; /* of SioscopeKept */

  GtkLabel *limits;
  GtkStack *stack;
  GtkWidget *scroller;
  GtkWidget *empty;
  GtkListView *list;
};

enum { COMMAND, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeRecoveryPage, sioscope_recovery_page, GTK_TYPE_WIDGET)

static const char *const commands[] = { "open", "save", "delete" };

char *
sioscope_recovery_page_dup_when (gint64 real_us)
{
  g_autoptr (GDateTime) when = g_date_time_new_from_unix_local (real_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  char *words;

  if (when == NULL)
    return g_strdup ("?");
  words = g_date_time_get_year (when) == g_date_time_get_year (now)
            /* Translators: the day and the time at which a recording was begun, as short as it can be */
            ? g_date_time_format (when, _("%e %b %H:%M"))
            /* Translators: the same with the year */
            : g_date_time_format (when, _("%e %b %Y %H:%M"));
  return words != NULL ? g_strstrip (words) : g_strdup ("?");
}

char *
sioscope_recovery_page_dup_limits (void)
{
  guint days = (guint) sioscope_settings_get_int ("keep-days");
  guint64 bytes = (guint64) sioscope_settings_get_int ("keep-megabytes") * 1000 * 1000;
  g_autofree char *size = sioscope_format_size (bytes);

  if (days == 0 && bytes == 0)
    return g_strdup (_("They are kept until they are saved or deleted."));
  if (days == 0)
    /* Translators: a size */
    return g_strdup_printf (_("Up to %s are kept. Beyond that the oldest are deleted."), size);
  if (bytes == 0)
    return g_strdup_printf (ngettext ("They are kept for %u day, and then deleted.", "They are kept for %u days, and then deleted.", days), days);
  return g_strdup_printf (ngettext ("Up to %2$s are kept, for %1$u day. Beyond that the oldest are deleted.",
                                    "Up to %2$s are kept, for %1$u days. Beyond that the oldest are deleted.", days),
                          days, size);
}

static const char *
get_problem_words (SioscopeKeptProblem problem)
{
  switch (problem)
    {
    case SIOSCOPE_KEPT_EMPTY:
      return _("empty");
    case SIOSCOPE_KEPT_NOT_A_RECORDING:
      return _("not a recording");
    case SIOSCOPE_KEPT_NEWER_VERSION:
      return _("written by a newer version of Sioscope");
    case SIOSCOPE_KEPT_DAMAGED:
      return _("its beginning is damaged");
    case SIOSCOPE_KEPT_REFUSED:
      return _("cannot be read");
    case SIOSCOPE_KEPT_READABLE:
    default:
      return NULL;
    }
}

static char *
dup_words (SioscopeKept *kept)
{
  g_autofree char *when = sioscope_recovery_page_dup_when (kept->start_us);
  g_autofree char *size = sioscope_format_size (kept->size);
  const char *problem = get_problem_words (kept->problem);

  if (kept->problem == SIOSCOPE_KEPT_READABLE && kept->being_written)
    problem = _("still being written by another program");
  if (problem == NULL)
    return g_strdup_printf ("%s · %s", when, size);
  return kept->message != NULL ? g_strdup_printf ("%s · %s · %s: %s", when, size, problem, kept->message)
                               : g_strdup_printf ("%s · %s · %s", when, size, problem);
}

static void
sioscope_recovery_page_clicked_cb (GtkListItem *item, GtkButton *button)
{
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (button), SIOSCOPE_TYPE_RECOVERY_PAGE);
  g_autoptr (SioscopeKept) kept = g_object_ref (gtk_list_item_get_item (item));

  g_signal_emit (page, signals[COMMAND], 0, gtk_widget_get_name (GTK_WIDGET (button)), kept);
}

static void
sioscope_recovery_page_activate_cb (SioscopeRecoveryPage *self, guint position)
{
  g_autoptr (SioscopeKept) kept = g_list_model_get_item (G_LIST_MODEL (self->recordings), position);

  if (kept->problem == SIOSCOPE_KEPT_READABLE)
    g_signal_emit (self, signals[COMMAND], 0, "open", kept);
}

static void
sioscope_recovery_page_setup_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *words = gtk_label_new (NULL);
  GtkWidget *buttons[] = { gtk_button_new_with_mnemonic (_("_Open")), gtk_button_new_with_mnemonic (_("_Save…")),
                           gtk_button_new_from_icon_name ("user-trash-symbolic") };

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (words), 0);
  gtk_label_set_ellipsize (GTK_LABEL (words), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (words, "caption");
  gtk_widget_add_css_class (words, "dim-label");
  gtk_widget_add_css_class (words, "numeric");
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), words);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), texts);
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      gtk_widget_set_name (buttons[i], commands[i]);
      gtk_widget_set_valign (buttons[i], GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (buttons[i], "flat");
      g_signal_connect_object (buttons[i], "clicked", G_CALLBACK (sioscope_recovery_page_clicked_cb), item, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (row), buttons[i]);
    }
  gtk_widget_set_tooltip_text (buttons[2], _("Delete…"));
  gtk_list_item_set_child (item, row);
}

static void
sioscope_recovery_page_bind_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  SioscopeKept *kept = gtk_list_item_get_item (item);
  GtkWidget *row = gtk_list_item_get_child (item);
  GtkWidget *texts = gtk_widget_get_first_child (row);
  GtkWidget *title = gtk_widget_get_first_child (texts);
  GtkWidget *words = gtk_widget_get_last_child (texts);
  g_autofree char *name = sioscope_subject_dup_recording_title (kept->path, kept->title);
  g_autofree char *text = dup_words (kept);
  g_autofree char *safe = sioscope_looks_dup_safe (text);
  gboolean readable = kept->problem == SIOSCOPE_KEPT_READABLE;

  gtk_label_set_text (GTK_LABEL (title), name);
  gtk_label_set_text (GTK_LABEL (words), safe);
  gtk_widget_set_tooltip_text (words, safe);
  for (GtkWidget *button = gtk_widget_get_next_sibling (texts); button != NULL; button = gtk_widget_get_next_sibling (button))
    {
      const char *command = gtk_widget_get_name (button);
      /* Translators: the name of a recording */
      g_autofree char *label = g_strdup_printf (g_str_equal (command, "open") ? _("Open %s") :
                                                g_str_equal (command, "save") ? _("Save %s") : _("Delete %s"), name);

      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
      gtk_widget_set_sensitive (button, g_str_equal (command, "delete") ? !kept->being_written
                                        : g_str_equal (command, "save") ? readable && !kept->being_written : readable);
    }
}

void
sioscope_recovery_page_set_recordings (SioscopeRecoveryPage *self, GPtrArray *recordings)
{
  g_autofree char *limits = sioscope_recovery_page_dup_limits ();

  gtk_label_set_text (self->limits, limits);
  g_list_store_splice (self->recordings, 0, g_list_model_get_n_items (G_LIST_MODEL (self->recordings)), recordings->pdata, recordings->len);
  gtk_stack_set_visible_child (self->stack, recordings->len > 0 ? self->scroller : self->empty);
}

static gboolean
sioscope_recovery_page_grab_focus (GtkWidget *widget)
{
  SioscopeRecoveryPage *self = SIOSCOPE_RECOVERY_PAGE (widget);

  return gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
sioscope_recovery_page_dispose (GObject *object)
{
  SioscopeRecoveryPage *self = SIOSCOPE_RECOVERY_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_RECOVERY_PAGE);
  g_clear_object (&self->recordings);

  G_OBJECT_CLASS (sioscope_recovery_page_parent_class)->dispose (object);
}

static void
sioscope_recovery_page_class_init (SioscopeRecoveryPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_recovery_page_dispose;
  widget_class->grab_focus = sioscope_recovery_page_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-recovery-page.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  /* So that dispose_template () takes it away. */
  gtk_widget_class_bind_template_child_full (widget_class, "root", FALSE, 0);
  gtk_widget_class_bind_template_child (widget_class, SioscopeRecoveryPage, limits);
  gtk_widget_class_bind_template_child (widget_class, SioscopeRecoveryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SioscopeRecoveryPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, SioscopeRecoveryPage, empty);
  gtk_widget_class_bind_template_child (widget_class, SioscopeRecoveryPage, list);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_recovery_page_activate_cb);

  signals[COMMAND] = g_signal_new ("command", SIOSCOPE_TYPE_RECOVERY_PAGE, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, SIOSCOPE_TYPE_KEPT);
}

static void
sioscope_recovery_page_init (SioscopeRecoveryPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->recordings = g_list_store_new (SIOSCOPE_TYPE_KEPT);
  g_signal_connect (factory, "setup", G_CALLBACK (sioscope_recovery_page_setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (sioscope_recovery_page_bind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  {
    g_autoptr (GtkNoSelection) selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->recordings)));

    gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  }
}
