/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeCertificateBar: a certificate that was not accepted: whose it is, and what can be done about it. */

#pragma once

#include "sioscope-subject.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_CERTIFICATE_BAR (sioscope_certificate_bar_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeCertificateBar, sioscope_certificate_bar, SIOSCOPE, CERTIFICATE_BAR, GtkWidget)

/* Shows the certificate of the subject's last attempt, or hides itself if that was not refused because of one. */
void sioscope_certificate_bar_update (SioscopeCertificateBar *self,
                                      SioscopeSubject        *subject);

G_END_DECLS
