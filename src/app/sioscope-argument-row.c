/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-argument-row.h"
#include "sioscope-format.h"
#include "sioscope-json-hint.h"
#include "sioscope-looks.h"

#include <glib/gi18n.h>

/* What the largest message that we take is, too. */
#define MAX_FILE_BYTES (100 * 1024 * 1024)

struct _SioscopeArgumentRow
{
  GtkWidget parent_instance;

  guint number;
  char *mistake;             /* NULL: it can be sent */
  GBytes *bytes;             /* of the file; NULL until one has been read */
  GCancellable *loading;     /* NULL unless a file is being read */
  GtkFileChooserNative *chooser; /* NULL unless it is open */

  guint resize_source;       /* 0 unless the editor's height is to be asked for again */

  GtkDropDown *kind;
  GtkStack *stack;
  GtkTextView *editor;
  GtkButton *choose;
  GtkLabel *file_name;
  GtkWidget *remove;
  GtkLabel *hint;
};

enum { CHANGED, REMOVE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SioscopeArgumentRow, sioscope_argument_row, GTK_TYPE_WIDGET)

static char *
sioscope_argument_row_dup_text (SioscopeArgumentRow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->editor);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static void
sioscope_argument_row_check (SioscopeArgumentRow *self)
{
  g_autofree char *text = sioscope_argument_row_dup_text (self);
  gboolean untouched = FALSE;

  g_clear_pointer (&self->mistake, g_free);
  switch (gtk_drop_down_get_selected (self->kind))
    {
    case SIOSCOPE_ARGUMENT_JSON:
      self->mistake = sioscope_json_hint_for_value (text);
      untouched = *text == '\0';
      break;
    case SIOSCOPE_ARGUMENT_FILE:
      if (self->loading != NULL)
        self->mistake = g_strdup (_("The file is being read"));
      else if (self->bytes == NULL)
        self->mistake = g_strdup (_("Choose a file"));
      untouched = TRUE;
      break;
    case SIOSCOPE_ARGUMENT_TEXT:
    default:
      break;
    }

  gtk_label_set_text (self->hint, self->mistake != NULL ? self->mistake : "");
  gtk_widget_set_visible (GTK_WIDGET (self->hint), self->mistake != NULL && !untouched);
  if (self->mistake != NULL && !untouched)
    gtk_widget_add_css_class (GTK_WIDGET (self->stack), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->stack), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->editor), GTK_ACCESSIBLE_STATE_INVALID,
                               self->mistake != NULL && !untouched ? GTK_ACCESSIBLE_INVALID_TRUE
                                                                   : GTK_ACCESSIBLE_INVALID_FALSE, -1);

  g_signal_emit (self, signals[CHANGED], 0);
}

static void
sioscope_argument_row_kind_cb (SioscopeArgumentRow *self)
{
  gtk_stack_set_visible_child_name (self->stack, gtk_drop_down_get_selected (self->kind) == SIOSCOPE_ARGUMENT_FILE
                                                   ? "file" : "editor");
  sioscope_argument_row_check (self);
}

static void
sioscope_argument_row_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SioscopeArgumentRow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown = sioscope_looks_dup_safe (name);
  GBytes *bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->loading);
  if (bytes != NULL)
    {
      g_autofree char *size = sioscope_format_size (g_bytes_get_size (bytes));
      g_autofree char *text = g_strdup_printf ("%s · %s", shown, size);

      self->bytes = bytes;
      gtk_label_set_text (self->file_name, text);
    }
  else
    gtk_label_set_text (self->file_name, error->message);
  sioscope_argument_row_check (self);
}

static void
sioscope_argument_row_size_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SioscopeArgumentRow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  /* The size is asked for first, or a wrong choice could fill the memory. */
  if (info != NULL && g_file_info_get_size (info) > MAX_FILE_BYTES)
    {
      g_autofree char *most = sioscope_format_size (MAX_FILE_BYTES);

      /* Translators: the largest size, for example "100 MB" */
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _("The file is larger than %s"), most);
    }
  if (error != NULL)
    {
      g_clear_object (&self->loading);
      gtk_label_set_text (self->file_name, error->message);
      sioscope_argument_row_check (self);
      return;
    }
  g_file_load_bytes_async (G_FILE (source), self->loading, sioscope_argument_row_loaded_cb, g_object_ref (self));
}

/**
 * sioscope_argument_row_load_file:
 * @self: an argument row
 * @file: what to send
 *
 * Makes the row a file's and reads it. What is sent is what was read now, whatever becomes of the file.
 */
void
sioscope_argument_row_load_file (SioscopeArgumentRow *self, GFile *file)
{
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  self->loading = g_cancellable_new ();
  gtk_drop_down_set_selected (self->kind, SIOSCOPE_ARGUMENT_FILE);
  gtk_label_set_text (self->file_name, _("Reading…"));
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT,
                           self->loading, sioscope_argument_row_size_cb, g_object_ref (self));
  sioscope_argument_row_check (self);
}

static void
sioscope_argument_row_chosen_cb (SioscopeArgumentRow *self, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser));

      sioscope_argument_row_load_file (self, file);
    }
  g_clear_object (&self->chooser);
}

static void
sioscope_argument_row_choose_cb (SioscopeArgumentRow *self)
{
  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (_("Send a File"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_swapped (self->chooser, "response", G_CALLBACK (sioscope_argument_row_chosen_cb), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
sioscope_argument_row_remove_cb (SioscopeArgumentRow *self)
{
  g_signal_emit (self, signals[REMOVE], 0);
}

void
sioscope_argument_row_set_number (SioscopeArgumentRow *self, guint number)
{
  /* Translators: the number of an argument of an event */
  g_autofree char *label = g_strdup_printf (_("Argument %u"), number);
  g_autofree char *kind = g_strdup_printf (_("Type of argument %u"), number);
  g_autofree char *remove = g_strdup_printf (_("Remove argument %u"), number);

  self->number = number;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->editor), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->kind), GTK_ACCESSIBLE_PROPERTY_LABEL, kind, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->remove), GTK_ACCESSIBLE_PROPERTY_LABEL, remove, -1);
  gtk_widget_set_tooltip_text (self->remove, remove);
}

void
sioscope_argument_row_set_kind (SioscopeArgumentRow *self, SioscopeArgumentKind kind)
{
  gtk_drop_down_set_selected (self->kind, kind);
}

void
sioscope_argument_row_set_text (SioscopeArgumentRow *self, const char *text)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->editor), text, -1);
}

const char *
sioscope_argument_row_get_mistake (SioscopeArgumentRow *self)
{
  return self->mistake;
}

/**
 * sioscope_argument_row_append_to:
 * @self: an argument row
 * @args: where to
 * @error: what is wrong with it
 *
 * Appends the argument: JSON as it was written, byte for byte, with {"$binary": "…"} made an attachment; text as one string; a file as
 * one attachment.
 *
 * Returns: %FALSE with @error set if it cannot be sent
 */
gboolean
sioscope_argument_row_append_to (SioscopeArgumentRow *self, SioArguments *args, GError **error)
{
  g_autofree char *text = sioscope_argument_row_dup_text (self);

  if (self->mistake != NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, self->mistake);
      return FALSE;
    }

  switch (gtk_drop_down_get_selected (self->kind))
    {
    case SIOSCOPE_ARGUMENT_FILE:
      sio_arguments_add_binary (args, self->bytes);
      return TRUE;
    case SIOSCOPE_ARGUMENT_TEXT:
      sio_arguments_add_string (args, text);
      return TRUE;
    case SIOSCOPE_ARGUMENT_JSON:
    default:
      return sio_arguments_add_json (args, text, -1, /* binary_notation= */ TRUE, error);
    }
}

static gboolean
sioscope_argument_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SIOSCOPE_ARGUMENT_ROW (widget)->editor));
}

static void
sioscope_argument_row_dispose (GObject *object)
{
  SioscopeArgumentRow *self = SIOSCOPE_ARGUMENT_ROW (object);

  g_clear_handle_id (&self->resize_source, g_source_remove);
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->mistake, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_ARGUMENT_ROW);

  G_OBJECT_CLASS (sioscope_argument_row_parent_class)->dispose (object);
}

static void
sioscope_argument_row_class_init (SioscopeArgumentRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_argument_row_dispose;
  widget_class->grab_focus = sioscope_argument_row_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-argument-row.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  /* So that dispose_template () takes it away. */
  gtk_widget_class_bind_template_child_full (widget_class, "root", FALSE, 0);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeArgumentRow, name)
  BIND (kind);
  BIND (stack);
  BIND (editor);
  BIND (choose);
  BIND (file_name);
  BIND (remove);
  BIND (hint);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, sioscope_argument_row_kind_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_argument_row_choose_cb);
  gtk_widget_class_bind_template_callback (widget_class, sioscope_argument_row_remove_cb);

  signals[CHANGED] = g_signal_new ("changed", SIOSCOPE_TYPE_ARGUMENT_ROW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[REMOVE] = g_signal_new ("remove", SIOSCOPE_TYPE_ARGUMENT_ROW, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static gboolean
sioscope_argument_row_resize_cb (gpointer data)
{
  SioscopeArgumentRow *self = data;

  self->resize_source = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self->editor));
  return G_SOURCE_REMOVE;
}

/* In another width the text has another number of lines; the text view alone would not ask for another height. */
static void
sioscope_argument_row_width_cb (SioscopeArgumentRow *self)
{
  if (self->resize_source == 0)
    self->resize_source = g_idle_add (sioscope_argument_row_resize_cb, self);
}

static void
sioscope_argument_row_init (SioscopeArgumentRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (self->editor)), "notify::page-size",
                           G_CALLBACK (sioscope_argument_row_width_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_text_view_get_buffer (self->editor), "changed",
                           G_CALLBACK (sioscope_argument_row_check), self, G_CONNECT_SWAPPED);
  sioscope_argument_row_check (self);
}

GtkWidget *
sioscope_argument_row_new (void)
{
  return g_object_new (SIOSCOPE_TYPE_ARGUMENT_ROW, NULL);
}
