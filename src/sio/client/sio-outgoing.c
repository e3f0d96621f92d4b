/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The text is built once, with the Engine.IO digit in front, so that what a tap sees and what is written are the same
 * bytes. Arguments go in as they are: nobody re-serialises a person's JSON. */

#include "sio-outgoing-private.h"

#include "../wire/sio-json.h"
#include "../wire/sio-packet.h"

static SioOutgoing *
outgoing_new (SioPacketType type,
              const char   *nsp,
              const char   *event,
              SioSpan       payload,
              SioArguments *args,
              gint64        id,
              guint64       tag)
{
  SioOutgoing *self = g_rc_box_new0 (SioOutgoing);
  gboolean array = event != NULL || args != NULL || type == SIO_PACKET_ACK;
  GPtrArray *attachments = args != NULL ? sio_arguments_get_attachments (args) : NULL;
  guint n_attachments = attachments != NULL ? attachments->len : 0;
  SioSpan text = args != NULL ? sio_arguments_get_text (args) : payload;
  gsize event_start = 0;
  gsize event_end = 0;
  gsize args_start;
  GString *out;
  const char *base;

  if (n_attachments > 0)
    type = type == SIO_PACKET_EVENT ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_BINARY_ACK;

  out = g_string_sized_new (48 + strlen (nsp) + text.size + (event != NULL ? strlen (event) : 0));
  g_string_append_c (out, '0' + SIO_ENGINE_PACKET_MESSAGE);
  sio_packet_append_header (out, type, n_attachments, nsp, id);

  if (array)
    g_string_append_c (out, '[');
  if (event != NULL)
    {
      event_start = out->len;
      sio_json_append_quoted (out, event, -1);
      event_end = out->len;
      if (text.size > 0)
        g_string_append_c (out, ',');
    }
  args_start = out->len;
  if (text.size > 0)
    g_string_append_len (out, text.data, (gssize) text.size);
  if (array)
    g_string_append_c (out, ']');

  self->type = type;
  self->raw = g_string_free_to_bytes (out);
  self->size = g_bytes_get_size (self->raw);
  base = g_bytes_get_data (self->raw, NULL);

  if (n_attachments > 0)
    {
      self->attachments = g_ptr_array_ref (attachments);
      for (guint i = 0; i < n_attachments; i++)
        self->size += g_bytes_get_size (g_ptr_array_index (attachments, i));
    }

  /* where the namespace stands in the text is the header's business; "/" is left out there */
  self->nsp = SIO_SPAN_LITERAL ("/");
  if (strcmp (nsp, "/") != 0)
    self->nsp = (SioSpan) { memchr (base, '/', self->size), strlen (nsp) };
  self->event = (SioSpan) { base + event_start, event_end - event_start };
  self->args = (SioSpan) { base + args_start, text.size };
  self->n_args = args != NULL ? sio_arguments_get_n (args) : 0;
  self->id = id;
  self->tag = tag;
  self->name = g_strdup (event);
  self->arguments = args != NULL ? sio_arguments_ref (args) : NULL;
  return self;
}

SioOutgoing *
sio_outgoing_new_event (const char   *nsp,
                        const char   *event,
                        SioArguments *args,
                        gint64        id,
                        guint64       tag)
{
  return outgoing_new (SIO_PACKET_EVENT, nsp, event, (SioSpan) { NULL, 0 }, args, id, tag);
}

SioOutgoing *
sio_outgoing_new_ack (const char   *nsp,
                      SioArguments *args,
                      gint64        id,
                      guint64       tag)
{
  return outgoing_new (SIO_PACKET_ACK, nsp, NULL, (SioSpan) { NULL, 0 }, args, id, tag);
}

SioOutgoing *
sio_outgoing_new_control (SioPacketType type,
                          const char   *nsp,
                          const char   *query,
                          const char   *payload)
{
  SioSpan text = { payload, payload != NULL ? strlen (payload) : 0 };
  g_autofree char *target = query != NULL ? g_strconcat (nsp, "?", query, NULL) : g_strdup (nsp);
  SioOutgoing *self = outgoing_new (type, target, NULL, text, NULL, -1, 0);

  /* the query is the packet's: the namespace has none */
  self->nsp.size = strlen (nsp);
  return self;
}

SioOutgoing *
sio_outgoing_ref (SioOutgoing *self)
{
  return g_rc_box_acquire (self);
}

static void
outgoing_clear (gpointer data)
{
  SioOutgoing *self = data;

  g_bytes_unref (self->raw);
  g_clear_pointer (&self->wire, g_bytes_unref);
  g_clear_pointer (&self->attachments, g_ptr_array_unref);
  g_clear_pointer (&self->arguments, sio_arguments_unref);
  g_free (self->name);
}

void
sio_outgoing_unref (SioOutgoing *self)
{
  g_rc_box_release_full (self, outgoing_clear);
}
