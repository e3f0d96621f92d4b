/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioArguments: the arguments of an event or ack: JSON text, kept byte for byte, with the binary attachments
 * that its placeholders stand for. Immutable once it is used; shared by reference, also between threads. */

#pragma once

#include "sio-types.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SioArguments:
 *
 * The arguments of one event or ack. Must not change any more once they were handed on; from then on
 * they may be shared between threads.
 */
#define SIO_TYPE_ARGUMENTS (sio_arguments_get_type ())
GType          sio_arguments_get_type          (void);

SioArguments  *sio_arguments_new               (void);
SioArguments  *sio_arguments_ref               (SioArguments   *self);
void           sio_arguments_unref             (SioArguments   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioArguments, sio_arguments_unref)

/* Building. Text goes out as the person wrote it, after validation. {"$binary":"<base64>"} anywhere in it becomes
 * an attachment if @binary_notation is set. */
gboolean       sio_arguments_add_json          (SioArguments   *self,
                                                const char     *text,
                                                gssize          size,
                                                gboolean        binary_notation,
                                                GError        **error);
void           sio_arguments_add_string        (SioArguments   *self,
                                                const char     *text);
void           sio_arguments_add_binary        (SioArguments   *self,
                                                GBytes         *bytes);
void           sio_arguments_add_node          (SioArguments   *self,
                                                JsonNode       *node);

/* Reading. */
guint          sio_arguments_get_n             (SioArguments   *self);
SioSpan        sio_arguments_get_json          (SioArguments   *self,
                                                guint           index);
/* The bytes, if the whole argument is one attachment; else NULL. */
GBytes        *sio_arguments_get_binary        (SioArguments   *self,
                                                guint           index);
SioSpan        sio_arguments_get_text          (SioArguments   *self); /* all, with commas between */
GPtrArray     *sio_arguments_get_attachments   (SioArguments   *self); /* of GBytes; never NULL */
JsonNode      *sio_arguments_dup_node          (SioArguments   *self,
                                                guint           index,
                                                GError        **error);

G_END_DECLS
