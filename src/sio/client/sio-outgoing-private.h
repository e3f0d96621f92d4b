/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioOutgoing: one Socket.IO packet made ready for the wire, and what a tap wants to know about it. */

#pragma once

#include "../sio-arguments.h"

G_BEGIN_DECLS

typedef struct {
  SioPacketType type;
  GBytes       *raw;         /* the Engine.IO text packet, its "4" included */
  GPtrArray    *attachments; /* (nullable): of GBytes */
  gsize         size;        /* bytes, attachments included */

  SioSpan       nsp;         /* inside of raw, or a static "/" */
  SioSpan       event;       /* inside of raw: the name as JSON token */
  SioSpan       args;        /* inside of raw: what is between the brackets, without the name */
  guint         n_args;
  gint64        id;          /* -1: none */
  guint64       tag;
  guint64       end;         /* behind which of its engine's messages it ends, once it was sent; attachments count */
  GBytes       *wire;        /* (nullable): the one message that another parser made of it, once it was sent */

  char         *name;        /* (nullable): the event's name as plain text */
  SioArguments *arguments;   /* (nullable) */
} SioOutgoing;

SioOutgoing *sio_outgoing_new_event   (const char   *nsp,
                                       const char   *event,
                                       SioArguments *args,
                                       gint64        id,
                                       guint64       tag);
SioOutgoing *sio_outgoing_new_ack     (const char   *nsp,
                                       SioArguments *args,
                                       gint64        id,
                                       guint64       tag);
/* CONNECT or DISCONNECT. query: (nullable): encoded, put behind the namespace for servers 2.x; payload: JSON text or NULL. */
SioOutgoing *sio_outgoing_new_control (SioPacketType type,
                                       const char   *nsp,
                                       const char   *query,
                                       const char   *payload);
SioOutgoing *sio_outgoing_ref         (SioOutgoing  *self);
void         sio_outgoing_unref       (SioOutgoing  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioOutgoing, sio_outgoing_unref)

G_END_DECLS
