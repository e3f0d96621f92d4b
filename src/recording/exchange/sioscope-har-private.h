/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What writing and reading a HAR share, and one entry as it is written. */

#pragma once

#include "sioscope-exporter-private.h"

G_BEGIN_DECLS

/* What the query of an address says of Engine.IO. */
typedef struct {
  guint            eio;       /* 3 or 4; 0: it is no address of Engine.IO */
  SioTransportKind transport;
  gboolean         base64;    /* b64: binary goes as text in both directions */
  SioSpan          sid;       /* empty: none */
} SioscopeHarAddress;

void sioscope_har_read_address  (SioSpan               url,
                                 SioscopeHarAddress   *address);

/* One entry, without its closing brace. comment may be NULL. */
void sioscope_har_append_entry  (GString              *out,
                                 const SioscopeEntry  *entry,
                                 gint64                start_real_us,
                                 gboolean              is_socket,
                                 const char           *comment);
/* One message of a WebSocket as its frame was. Of a text what is in front of it is text too. */
void sioscope_har_append_message (GString             *out,
                                 const SioscopeEntry  *entry,
                                 gint64                real_us,
                                 const SioscopeHarAddress *address);

gint64 sioscope_har_add_us      (gint64                a,
                                 gint64                b); /* the nearest there is */

G_END_DECLS
