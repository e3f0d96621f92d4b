/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-certificate-bar.h"
#include "sioscope-looks.h"

#include <glib/gi18n.h>

struct _SioscopeCertificateBar
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkLabel *sentence;
  GtkLabel *subject;
  GtkLabel *issuer;
  GtkLabel *validity;
  GtkLabel *fingerprint;
  GtkWidget *trust;

  char *shown; /* the fingerprint and what was wrong, as shown; NULL: hidden */
};

G_DEFINE_FINAL_TYPE (SioscopeCertificateBar, sioscope_certificate_bar, GTK_TYPE_WIDGET)

/* The value of one of the "Name: value" lines. */
static char *
dup_line (const char *lines, const char *name)
{
  g_auto (GStrv) all = g_strsplit (lines != NULL ? lines : "", "\n", -1);
  gsize size = strlen (name);

  for (guint i = 0; all[i] != NULL; i++)
    if (strncmp (all[i], name, size) == 0 && all[i][size] == ':')
      return sioscope_looks_dup_safe (g_strstrip (all[i] + size + 1));
  return g_strdup (_("not said"));
}

void
sioscope_certificate_bar_update (SioscopeCertificateBar *self, SioscopeSubject *subject)
{
  const SioscopeStatus *status = sioscope_subject_get_status (subject);
  gboolean refused = status->tls_refused && status->tls_fingerprint != NULL && status->phase != SIOSCOPE_PHASE_IDLE;
  g_autofree char *key = refused ? g_strdup_printf ("%u %s", status->tls_errors, status->tls_fingerprint) : NULL;
  g_autofree char *wrong = NULL, *sentence = NULL, *owner = NULL, *issuer = NULL, *from = NULL, *until = NULL;
  g_autofree char *validity = NULL, *fingerprint = NULL;

  if (g_strcmp0 (key, self->shown) == 0)
    return;
  g_free (self->shown);
  self->shown = g_steal_pointer (&key);
  gtk_widget_set_visible (self->root, refused);
  if (!refused)
    return;

  wrong = sioscope_looks_dup_certificate_errors (status->tls_errors);
  /* Translators: what is wrong with it, for example "it has expired" */
  sentence = g_strdup_printf (_("The certificate that the server showed is not accepted: %s."), wrong);
  owner = dup_line (status->tls_certificate, "Subject");
  issuer = dup_line (status->tls_certificate, "Issuer");
  from = dup_line (status->tls_certificate, "Not before");
  until = dup_line (status->tls_certificate, "Not after");
  /* Translators: two dates */
  validity = g_strdup_printf (_("%s to %s"), from, until);
  fingerprint = sioscope_looks_dup_safe (status->tls_fingerprint);
  gtk_label_set_text (self->sentence, sentence);
  gtk_label_set_text (self->subject, owner);
  gtk_label_set_text (self->issuer, issuer);
  gtk_label_set_text (self->validity, validity);
  gtk_label_set_text (self->fingerprint, fingerprint);
  /* Live, the line above says it. A recording can be read and not be connected. */
  gtk_widget_set_visible (GTK_WIDGET (self->sentence), !sioscope_subject_get_live (subject));
  gtk_widget_set_visible (self->trust, sioscope_subject_get_live (subject));
}

static void
sioscope_certificate_bar_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIOSCOPE_TYPE_CERTIFICATE_BAR);
  g_clear_pointer (&SIOSCOPE_CERTIFICATE_BAR (object)->shown, g_free);

  G_OBJECT_CLASS (sioscope_certificate_bar_parent_class)->dispose (object);
}

static void
sioscope_certificate_bar_class_init (SioscopeCertificateBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sioscope_certificate_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIOSCOPE_RESOURCE_BASE "/sioscope-certificate-bar.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, SioscopeCertificateBar, name)
  BIND (root);
  BIND (sentence);
  BIND (subject);
  BIND (issuer);
  BIND (validity);
  BIND (fingerprint);
  BIND (trust);
#undef BIND
}

static void
sioscope_certificate_bar_init (SioscopeCertificateBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
