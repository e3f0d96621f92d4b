/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading NDJSON: the values that a member can have. All but flags live until the next row. */

#pragma once

#include "sioscope-import-private.h"
#include "sioscope-ndjson-private.h"

G_BEGIN_DECLS

gboolean sioscope_ndjson_read_text  (SioscopeImport *self,
                                     SioSpan         value,
                                     SioSpan        *text);
gboolean sioscope_ndjson_read_lines (SioscopeImport *self,
                                     SioSpan         value,
                                     SioSpan        *text);
gboolean sioscope_ndjson_read_args  (SioscopeImport *self,
                                     SioSpan         value,
                                     SioSpan        *args);
gboolean sioscope_ndjson_read_json  (SioscopeImport *self,
                                     SioSpan         value,
                                     SioSpan        *json);
gboolean sioscope_ndjson_read_tls   (SioSpan         value,
                                     guint          *flags);

G_END_DECLS
