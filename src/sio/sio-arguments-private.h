/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arguments of a packet that arrived: a view, nothing is copied. */

#pragma once

#include "sio-arguments.h"

G_BEGIN_DECLS

/* args points into owner and was validated; attachments may be NULL for none. Takes references on both. */
SioArguments *sio_arguments_new_received (GBytes    *owner,
                                          SioSpan    args,
                                          guint      n_args,
                                          GPtrArray *attachments);

/* Whether a peer will read in a binary packet what was meant: SIO_ERROR_INVALID_ARGUMENT if not. */
gboolean      sio_arguments_check_binary (SioArguments *self,
                                          GError      **error);

/* Makes text of a node whose numbers parse back. Exported for the tests of the writer. */
void          sio_json_append_node       (GString   *out,
                                          JsonNode  *node);

G_END_DECLS
