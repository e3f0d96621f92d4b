/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The options of a connection in groups, as the connect dialog shows them: what each is called and what it means. */

#pragma once

#include "sioscope-option-row.h"

G_BEGIN_DECLS

typedef struct {
  const char           *title;   /* not translated yet */
  const SioscopeOption *options; /* ended by one without a name */
} SioscopeOptionGroup;

const SioscopeOptionGroup *sioscope_connect_options_get_groups (guint *n);
/* The title of an option or of the URL, translated; the name itself if it has none. */
const char                *sioscope_connect_options_get_title  (const char *option);

G_END_DECLS
