/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row of the log. bind() only notes which row it is; the first snapshot() after it reads the entry and shapes the text. */

#include "config.h"

#include "sioscope-log-row-private.h"

G_DEFINE_FINAL_TYPE (SioscopeLogRow, sioscope_log_row, GTK_TYPE_WIDGET)

static void
sioscope_log_row_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? SIOSCOPE_LOG_ROW_HEIGHT : 240;
}

static void
sioscope_log_row_dispose (GObject *object)
{
  SioscopeLogRow *self = SIOSCOPE_LOG_ROW (object);

  sioscope_log_row_unbind (self);
  for (guint i = 0; i < N_FIELDS; i++)
    g_clear_object (&self->layouts[i]);

  G_OBJECT_CLASS (sioscope_log_row_parent_class)->dispose (object);
}

static void
sioscope_log_row_finalize (GObject *object)
{
  SioscopeLogRow *self = SIOSCOPE_LOG_ROW (object);

  g_clear_pointer (&self->context, sioscope_log_context_unref);

  G_OBJECT_CLASS (sioscope_log_row_parent_class)->finalize (object);
}

static void
sioscope_log_row_class_init (SioscopeLogRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_log_row_dispose;
  object_class->finalize = sioscope_log_row_finalize;
  widget_class->snapshot = sioscope_log_row_snapshot;
  widget_class->measure = sioscope_log_row_measure;

  gtk_widget_class_set_css_name (widget_class, "logrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
sioscope_log_row_init (SioscopeLogRow *self)
{
  self->row = SIOSCOPE_NO_ROW;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
sioscope_log_row_new (SioscopeLogContext *context)
{
  SioscopeLogRow *self = g_object_new (SIOSCOPE_TYPE_LOG_ROW, NULL);

  self->context = sioscope_log_context_ref (context);
  return GTK_WIDGET (self);
}

/**
 * sioscope_log_row_bind:
 * @self: a row
 * @item: a list item whose object is a #SioscopeLogItem
 *
 * Notes what is to be shown. Nothing is read before it is drawn.
 */
void
sioscope_log_row_bind (SioscopeLogRow *self,
                       GtkListItem    *item)
{
  self->item = item;
  g_ptr_array_add (self->context->rows, self);
  sioscope_log_row_invalidate (self);
}

void
sioscope_log_row_unbind (SioscopeLogRow *self)
{
  if (self->item == NULL)
    return;

  g_ptr_array_remove_fast (self->context->rows, self);
  self->item = NULL;
}

/* What the row shows may have changed: it is read again when it is drawn. */
void
sioscope_log_row_invalidate (SioscopeLogRow *self)
{
  self->valid = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A second passed: whoever shows a running clock moves it on. */
void
sioscope_log_row_tick (SioscopeLogRow *self)
{
  if (self->valid && self->chip == CHIP_PENDING)
    sioscope_log_row_invalidate (self);
}

guint64
sioscope_log_row_get_row (SioscopeLogRow *self)
{
  return self->item != NULL ? sioscope_log_item_get_row (gtk_list_item_get_item (self->item)) : SIOSCOPE_NO_ROW;
}

/* Whether a press there, in the row's coordinates, is one on Reply: on an event of the server that waits for an answer. */
gboolean
sioscope_log_row_is_reply (SioscopeLogRow *self,
                           double          x,
                           double          y)
{
  return self->chip == CHIP_REPLY &&
         graphene_rect_contains_point (&self->chip_area, &GRAPHENE_POINT_INIT ((float) x, (float) y));
}

guint
sioscope_log_row_get_position (SioscopeLogRow *self)
{
  return self->item != NULL ? gtk_list_item_get_position (self->item) : GTK_INVALID_LIST_POSITION;
}

char *
sioscope_log_row_dup_text_for_tests (SioscopeLogRow *self)
{
  GString *text = g_string_new (NULL);

  if (!sioscope_log_row_ensure (self))
    return g_string_free (text, FALSE);

  for (guint i = 0; i < N_FIELDS; i++)
    {
      if (i > 0)
        g_string_append_c (text, '|');
      g_string_append (text, pango_layout_get_text (self->layouts[i]));
    }
  return g_string_free (text, FALSE);
}
