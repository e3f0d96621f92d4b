/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-option-row.h"

#include "sioscope-json-hint.h"
#include "sioscope-looks.h"
#include "sioscope-profile.h"

#include <glib/gi18n.h>

struct _SioscopeOptionRow {
  AdwPreferencesRow     parent_instance;

  const SioscopeOption *option;
  char                 *standard; /* the text of the default */
  char                 *strange;  /* CHOICE: a text that is none of the choices; NULL if there is none */

  GtkWidget            *input;    /* what holds the value; its kind is the option's */
  GtkLabel             *note;

  guint                 forgotten : 1;
  guint                 wrong : 1;
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeOptionRow, sioscope_option_row, ADW_TYPE_PREFERENCES_ROW)

/* Above it a text stands on its own; beside a short one there is room for the title. */
#define NUMBER_CHARS 11
#define TEXT_CHARS 14

static char *
dup_value (SioscopeOptionRow *self)
{
  switch (self->option->kind)
    {
    case SIOSCOPE_OPTION_SWITCH:
      return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->input)) ? "true" : "false");
    case SIOSCOPE_OPTION_SWITCH_OFF:
      return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->input)) ? "false" : "true");
    case SIOSCOPE_OPTION_CHOICE:
      {
        guint choice = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->input));

        if (choice < G_N_ELEMENTS (self->option->values) && self->option->values[choice] != NULL)
          return g_strdup (self->option->values[choice]);
        return g_strdup (self->strange != NULL ? self->strange : self->standard);
      }
    case SIOSCOPE_OPTION_LINES:
      {
        GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->input));
        GtkTextIter start, end;
        g_autofree char *text = NULL;

        gtk_text_buffer_get_bounds (buffer, &start, &end);
        text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
        return g_strdup (g_strstrip (text));
      }
    case SIOSCOPE_OPTION_SECRET: /* blanks may belong to it */
      return g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->input)));
    case SIOSCOPE_OPTION_NUMBER:
    case SIOSCOPE_OPTION_TEXT:
    case SIOSCOPE_OPTION_FILE:
    default:
      return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->input))));
    }
}

/* A mistake in JSON is told with its column; of everything else the profile knows what is wrong. */
static char *
dup_mistake (SioscopeOptionRow *self,
             const char        *text)
{
  g_autoptr (GError) error = NULL;

  if (g_str_equal (self->option->option, "auth"))
    return sioscope_json_hint_for_object (text);
  if (sioscope_profile_check_option (self->option->option, text, &error))
    return NULL;
  return sioscope_looks_dup_safe (error->message);
}

static void
check (SioscopeOptionRow *self)
{
  g_autofree char *text = dup_value (self);
  g_autofree char *mistake = dup_mistake (self, text);
  gboolean changed = *text != '\0' && !g_str_equal (text, self->standard);
  const char *note = self->option->hint != NULL ? _(self->option->hint) : "";
  gboolean warning = FALSE;

  self->wrong = mistake != NULL;
  if (mistake != NULL)
    note = mistake;
  else if (changed && self->option->warning != NULL)
    {
      note = _(self->option->warning);
      warning = TRUE;
    }
  else if (self->forgotten)
    {
      note = _("It was set and is not kept on the disk. Enter it again if the server wants it.");
      warning = TRUE;
    }

  gtk_label_set_text (self->note, note);
  gtk_widget_set_visible (GTK_WIDGET (self->note), *note != '\0');
  if (self->wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  if (warning)
    gtk_widget_add_css_class (GTK_WIDGET (self->note), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->note), "warning");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->input), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, note, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->input), GTK_ACCESSIBLE_STATE_INVALID,
                               self->wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
changed_cb (SioscopeOptionRow *self)
{
  self->forgotten = FALSE;
  check (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
chosen_cb (SioscopeOptionRow    *self,
           int                   response,
           GtkFileChooserNative *chooser)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      const char *path = g_file_peek_path (file);

      if (path != NULL)
        gtk_editable_set_text (GTK_EDITABLE (self->input), path);
    }
  g_object_unref (chooser);
}

static void
choose_cb (SioscopeOptionRow *self)
{
  GtkFileChooserNative *chooser =
    gtk_file_chooser_native_new (_(self->option->title), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                 GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static GtkWidget *
make_entry (SioscopeOptionRow *self)
{
  GtkWidget *entry = self->option->kind == SIOSCOPE_OPTION_SECRET ? gtk_password_entry_new () : gtk_entry_new ();
  gboolean number = self->option->kind == SIOSCOPE_OPTION_NUMBER;

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), number ? NUMBER_CHARS : TEXT_CHARS);
  if (number)
    {
      gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), NUMBER_CHARS);
      gtk_entry_set_input_purpose (GTK_ENTRY (entry), GTK_INPUT_PURPOSE_NUMBER);
      gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
      gtk_widget_add_css_class (entry, "numeric");
    }
  else
    {
      gtk_widget_set_hexpand (entry, TRUE);
      g_object_set (entry, "activates-default", TRUE, NULL);
    }
  if (self->option->kind == SIOSCOPE_OPTION_SECRET)
    gtk_password_entry_set_show_peek_icon (GTK_PASSWORD_ENTRY (entry), TRUE);
  g_signal_connect_object (entry, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  return entry;
}

static GtkWidget *
make_lines (SioscopeOptionRow *self)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 6);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 6);
  g_signal_connect_object (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  return view;
}

static GtkWidget *
make_choice (SioscopeOptionRow *self)
{
  GtkStringList *list = gtk_string_list_new (NULL);
  GtkWidget *drop_down;

  for (guint i = 0; i < G_N_ELEMENTS (self->option->values) && self->option->values[i] != NULL; i++)
    gtk_string_list_append (list, _(self->option->choices[i]));
  drop_down = gtk_drop_down_new (G_LIST_MODEL (list), NULL);
  g_signal_connect_object (drop_down, "notify::selected", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  return drop_down;
}

static GtkWidget *
make_input (SioscopeOptionRow *self)
{
  GtkWidget *input;

  switch (self->option->kind)
    {
    case SIOSCOPE_OPTION_SWITCH:
    case SIOSCOPE_OPTION_SWITCH_OFF:
      input = gtk_switch_new ();
      g_signal_connect_object (input, "notify::active", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
      return input;
    case SIOSCOPE_OPTION_CHOICE:
      return make_choice (self);
    case SIOSCOPE_OPTION_LINES:
      return make_lines (self);
    case SIOSCOPE_OPTION_NUMBER:
    case SIOSCOPE_OPTION_TEXT:
    case SIOSCOPE_OPTION_SECRET:
    case SIOSCOPE_OPTION_FILE:
    default:
      return make_entry (self);
    }
}

/* A click anywhere on the row is for what stands in it. */
static void
pressed_cb (SioscopeOptionRow *self)
{
  if (GTK_IS_SWITCH (self->input))
    gtk_switch_set_active (GTK_SWITCH (self->input), !gtk_switch_get_active (GTK_SWITCH (self->input)));
  else
    gtk_widget_grab_focus (self->input);
}

static void
sioscope_option_row_finalize (GObject *object)
{
  SioscopeOptionRow *self = SIOSCOPE_OPTION_ROW (object);

  g_free (self->standard);
  g_free (self->strange);

  G_OBJECT_CLASS (sioscope_option_row_parent_class)->finalize (object);
}

static void
sioscope_option_row_class_init (SioscopeOptionRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_option_row_finalize;

  signals[CHANGED] = g_signal_new ("changed", SIOSCOPE_TYPE_OPTION_ROW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sioscope_option_row_init (SioscopeOptionRow *self)
{
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "option");
}

static GtkWidget *
make_label (const char *text,
            const char *style_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (style_class != NULL)
    gtk_widget_add_css_class (label, style_class);
  return label;
}

/**
 * sioscope_option_row_new:
 * @option: what it is about; must live for ever
 *
 * Returns: (transfer floating): a row that holds the default
 */
GtkWidget *
sioscope_option_row_new (const SioscopeOption *option)
{
  SioscopeOptionRow *self = g_object_new (SIOSCOPE_TYPE_OPTION_ROW, NULL);
  GtkWidget *root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = make_label (_(option->title), NULL);
  gboolean lines = option->kind == SIOSCOPE_OPTION_LINES;
  GtkGesture *click = gtk_gesture_click_new ();

  self->option = option;
  self->standard = sioscope_profile_dup_option_default (option->option);
  self->input = make_input (self);
  gtk_widget_set_name (GTK_WIDGET (self), option->option);
  gtk_widget_add_css_class (root, "option-box");

  gtk_box_append (GTK_BOX (line), title);
  if (lines)
    {
      GtkWidget *frame = gtk_frame_new (NULL);

      gtk_frame_set_child (GTK_FRAME (frame), self->input);
      gtk_widget_add_css_class (frame, "option-lines");
      gtk_box_append (GTK_BOX (root), line);
      gtk_box_append (GTK_BOX (root), frame);
    }
  else
    {
      gtk_widget_set_valign (self->input, GTK_ALIGN_CENTER);
      if (!gtk_widget_get_hexpand (self->input))
        gtk_widget_set_hexpand (title, TRUE);
      gtk_box_append (GTK_BOX (line), self->input);
      gtk_box_append (GTK_BOX (root), line);
    }
  if (option->kind == SIOSCOPE_OPTION_FILE)
    {
      GtkWidget *button = gtk_button_new_from_icon_name ("document-open-symbolic");

      gtk_widget_set_tooltip_text (button, _("Choose a file…"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Choose a file…"), -1);
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      g_signal_connect_object (button, "clicked", G_CALLBACK (choose_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (line), button);
    }
  self->note = GTK_LABEL (make_label ("", "option-note"));
  gtk_box_append (GTK_BOX (root), GTK_WIDGET (self->note));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), root);

  g_signal_connect_object (click, "released", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (title, GTK_EVENT_CONTROLLER (click));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->input), GTK_ACCESSIBLE_PROPERTY_LABEL, _(option->title), -1);
  sioscope_option_row_set_text (self, NULL);
  return GTK_WIDGET (self);
}

const SioscopeOption *
sioscope_option_row_get_option (SioscopeOptionRow *self)
{
  return self->option;
}

char *
sioscope_option_row_dup_text (SioscopeOptionRow *self)
{
  return dup_value (self);
}

static void
set_choice (SioscopeOptionRow *self,
            const char        *text)
{
  GtkStringList *list = GTK_STRING_LIST (gtk_drop_down_get_model (GTK_DROP_DOWN (self->input)));
  guint n = 0;

  while (n < G_N_ELEMENTS (self->option->values) && self->option->values[n] != NULL
         && !g_str_equal (self->option->values[n], text))
    n++;
  /* What a file says and nobody could choose is shown as it is: it is the person who decides what becomes of it. */
  if (n == G_N_ELEMENTS (self->option->values) || self->option->values[n] == NULL)
    {
      g_autofree char *line = g_strdelimit (g_strdup (text), "\n", ' ');
      g_autofree char *shown = sioscope_looks_dup_safe (line);

      if (self->strange != NULL)
        gtk_string_list_remove (list, n);
      g_free (self->strange);
      self->strange = g_strdup (text);
      gtk_string_list_append (list, shown);
    }
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->input), n);
}

void
sioscope_option_row_set_text (SioscopeOptionRow *self,
                              const char        *text)
{
  if (text == NULL)
    text = self->standard;

  switch (self->option->kind)
    {
    case SIOSCOPE_OPTION_SWITCH:
    case SIOSCOPE_OPTION_SWITCH_OFF:
      gtk_switch_set_active (GTK_SWITCH (self->input),
                             g_str_equal (text, self->option->kind == SIOSCOPE_OPTION_SWITCH ? "true" : "false"));
      break;
    case SIOSCOPE_OPTION_CHOICE:
      set_choice (self, text);
      break;
    case SIOSCOPE_OPTION_LINES:
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->input)), text, -1);
      break;
    case SIOSCOPE_OPTION_NUMBER:
    case SIOSCOPE_OPTION_TEXT:
    case SIOSCOPE_OPTION_SECRET:
    case SIOSCOPE_OPTION_FILE:
    default:
      gtk_editable_set_text (GTK_EDITABLE (self->input), text);
      break;
    }
  check (self);
}

void
sioscope_option_row_set_forgotten (SioscopeOptionRow *self,
                                   gboolean           forgotten)
{
  self->forgotten = forgotten;
  check (self);
}

gboolean
sioscope_option_row_get_changed (SioscopeOptionRow *self)
{
  g_autofree char *text = dup_value (self);

  return *text != '\0' && !g_str_equal (text, self->standard);
}

gboolean
sioscope_option_row_get_wrong (SioscopeOptionRow *self)
{
  return self->wrong;
}

void
sioscope_option_row_focus (SioscopeOptionRow *self)
{
  gtk_widget_grab_focus (self->input);
}
