/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeStartPage: what a person sees who has not chosen anything: one entry, and the demo server. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_START_PAGE (sioscope_start_page_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeStartPage, sioscope_start_page, SIOSCOPE, START_PAGE, GtkWidget)

/* As if @url had been typed: what is wrong with it stands under it. @mistake (nullable) is said if nothing is seen to be wrong. */
void sioscope_start_page_propose (SioscopeStartPage *self,
                                  const char        *url,
                                  const char        *mistake);

/* Signals: "connect-to" (const char *url): a URL that can be connected to was entered. */

G_END_DECLS
