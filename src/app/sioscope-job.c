/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-job.h"

#include <glib/gi18n.h>

/* What is over sooner would only flash. */
#define SHOW_AFTER_MS 250

struct _SioscopeJob
{
  GtkBox parent_instance;

  GtkLabel *title;
  GtkProgressBar *bar;
  GCancellable *cancellable;
  guint show_source; /* 0 when it is shown, or over */
};

G_DEFINE_FINAL_TYPE (SioscopeJob, sioscope_job, GTK_TYPE_BOX)

static gboolean
sioscope_job_show_cb (gpointer data)
{
  SioscopeJob *self = data;

  self->show_source = 0;
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  return G_SOURCE_REMOVE;
}

static void
sioscope_job_cancel_cb (SioscopeJob *self)
{
  g_cancellable_cancel (self->cancellable);
}

static void
sioscope_job_dispose (GObject *object)
{
  SioscopeJob *self = SIOSCOPE_JOB (object);

  g_clear_handle_id (&self->show_source, g_source_remove);

  G_OBJECT_CLASS (sioscope_job_parent_class)->dispose (object);
}

static void
sioscope_job_finalize (GObject *object)
{
  g_object_unref (SIOSCOPE_JOB (object)->cancellable);

  G_OBJECT_CLASS (sioscope_job_parent_class)->finalize (object);
}

static void
sioscope_job_class_init (SioscopeJobClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sioscope_job_dispose;
  G_OBJECT_CLASS (klass)->finalize = sioscope_job_finalize;
}

static void
sioscope_job_init (SioscopeJob *self)
{
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_("C_ancel"));

  self->cancellable = g_cancellable_new ();
  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->bar), GTK_ALIGN_CENTER);
  /* Where nothing is known about how far it is, words are enough. */
  gtk_widget_set_visible (GTK_WIDGET (self->bar), FALSE);
  gtk_widget_add_css_class (cancel, "flat");
  gtk_widget_set_valign (cancel, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (sioscope_job_cancel_cb), self);

  gtk_box_set_spacing (GTK_BOX (self), 12);
  gtk_widget_add_css_class (GTK_WIDGET (self), "job-bar");
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (self), cancel);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  self->show_source = g_timeout_add (SHOW_AFTER_MS, sioscope_job_show_cb, self);
}

/**
 * sioscope_job_new:
 * @box: where to
 * @title: what is done, safe to show
 *
 * Appends it to @box.
 *
 * Returns: (transfer full): a job
 */
SioscopeJob *
sioscope_job_new (GtkBox *box, const char *title)
{
  SioscopeJob *self = g_object_new (SIOSCOPE_TYPE_JOB, NULL);

  gtk_label_set_text (self->title, title);
  gtk_box_append (box, GTK_WIDGET (self));
  return g_object_ref (self);
}

GCancellable *
sioscope_job_get_cancellable (SioscopeJob *self)
{
  return self->cancellable;
}

const char *
sioscope_job_get_title (SioscopeJob *self)
{
  return gtk_label_get_text (self->title);
}

void
sioscope_job_progress (double done, gpointer data)
{
  SioscopeJob *self = SIOSCOPE_JOB (data);

  gtk_widget_set_visible (GTK_WIDGET (self->bar), TRUE);
  gtk_progress_bar_set_fraction (self->bar, CLAMP (done, 0, 1));
}

void
sioscope_job_end (SioscopeJob *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  g_clear_handle_id (&self->show_source, g_source_remove);
  if (parent != NULL)
    gtk_box_remove (GTK_BOX (parent), GTK_WIDGET (self));
}
