/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One engine of the manager: what it says, what goes out and whether it got out, and how it is let go. */

#include "sio-manager-private.h"

#include "../sio-options-private.h"

/* As the official client counts them: how many engines may still be saying goodbye. */
#define MAX_LEAVING 8

static void
link_opened (gpointer            data,
             const SioHandshake *handshake,
             guint               eio,
             const char         *how)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  sio_manager_opened (self, handshake, eio, how);
  link->depth--;
  g_object_unref (self);
}

static void
link_drained (gpointer data)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  sio_manager_link_settle (link);
  if (!self->congested)
    return;

  g_object_ref (self);
  link->depth++;
  self->congested = FALSE;

  for (guint i = 0; i < self->sockets->len && self->link == link; i++)
    sio_socket_push (g_ptr_array_index (self->sockets, i));

  link->depth--;
  g_object_unref (self);
}

static void
link_upgraded (gpointer data)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  sio_manager_notify_transport (self);
  link->depth--;
  g_object_unref (self);
}

static void
link_ping (gpointer data)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_PING], 0);
  link->depth--;
  g_object_unref (self);
}

static void
link_pong (gpointer data,
           gint64   rtt_us)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL || self->link != link)
    return;

  g_object_ref (self);
  link->depth++;
  g_signal_emit (self, sio_manager_signals[SIO_MANAGER_SIGNAL_PONG], 0, rtt_us);
  link->depth--;
  g_object_unref (self);
}

static void
link_closed (gpointer      data,
             const char   *reason,
             const GError *error)
{
  SioManagerLink *link = data;
  SioManager *self = link->manager;

  if (self == NULL)
    return;

  g_object_ref (self);
  link->depth++;
  if (self->link == link)
    sio_manager_engine_lost (self, reason, error);
  if (sio_manager_link_left (self, link) && self->leaving->len == 0)
    sio_manager_notify_closing (self);
  link->depth--;
  g_object_unref (self);
}

static const SioEngineListener engine_listener = {
  .opened = link_opened,
  .text = sio_manager_receive_text,
  .binary = sio_manager_receive_binary,
  .drained = link_drained,
  .upgraded = link_upgraded,
  .closed = link_closed,
  .ping = link_ping,
  .pong = link_pong,
};

/* The transports look themselves whether they may have any: their own options may say another thing. */
static gboolean
wants_cookies (SioOptions *options)
{
  static const SioTransportKind kinds[] = { SIO_TRANSPORT_KIND_POLLING, SIO_TRANSPORT_KIND_WEBSOCKET };
  gboolean wants = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (kinds) && !wants; i++)
    {
      g_autoptr(SioOptions) own = sio_options_dup_for_transport (options, kinds[i]);

      wants = sio_options_get_with_credentials (own);
    }
  return wants;
}

SioManagerLink *
sio_manager_link_new (SioManager *self)
{
  SioManagerLink *link = g_new0 (SioManagerLink, 1);
  SioEngineMemory memory = self->memory;
  SioParser *parser = sio_options_get_parser (self->options);

  memory.attempt = self->attempt;
  if (!wants_cookies (self->options))
    memory.cookies = NULL;
  else if (memory.cookies == NULL)
    memory.cookies = self->memory.cookies = sio_cookie_store_new (sio_options_get_max_cookies (self->options));

  link->parser = parser != NULL ? g_object_ref (parser) : NULL;
  link->manager = self;
  link->context = g_main_context_ref (self->context);
  sio_tap_handle_set (&link->tap, self->tap.tap);
  link->engine = sio_engine_new (self->url, self->options, &memory, &link->tap, &engine_listener, link);
  return link;
}

static void
link_destroy (gpointer data)
{
  SioManagerLink *link = data;

  g_queue_clear_full (&link->unwritten, (GDestroyNotify) sio_outgoing_unref);
  sio_engine_free (link->engine);
  g_clear_object (&link->parser);
  g_main_context_unref (link->context);
  g_free (link);
}

/* --- what goes out --- */

void
sio_manager_link_settle (SioManagerLink *link)
{
  guint64 n_written = sio_engine_get_progress (link->engine).n_written;
  SioOutgoing *first;

  while ((first = g_queue_peek_head (&link->unwritten)) != NULL && first->end <= n_written)
    {
      link->unwritten_size -= first->size;
      sio_outgoing_unref (g_queue_pop_head (&link->unwritten));
    }
}

/* Another parser makes one message of a packet and its attachments. */
static guint
count_messages (const SioManagerLink *link,
                const SioOutgoing    *outgoing)
{
  return 1 + (link->parser == NULL && outgoing->attachments != NULL ? outgoing->attachments->len : 0);
}

gboolean
sio_manager_link_send (SioManagerLink  *link,
                       SioOutgoing     *outgoing,
                       GError         **error)
{
  g_autoptr(GBytes) message = NULL;
  gboolean is_text = TRUE;
  gboolean sent;

  if (link->parser != NULL)
    {
      SioSpan raw;
      SioSpan packet;

      raw.data = g_bytes_get_data (outgoing->raw, &raw.size);
      packet = (SioSpan) { raw.data + 1, raw.size - 1 };
      message = sio_parser_encode (link->parser, link->manager->limits.revision, packet, outgoing->attachments,
                                   &is_text, error);
      if (message == NULL)
        return FALSE;
    }

  /* it reports frames to the tap, and who is there may end us */
  link->depth++;
  if (message != NULL)
    sent = sio_engine_send (link->engine, is_text, message, NULL, error);
  else
    sent = sio_engine_send_packet (link->engine, outgoing->raw, outgoing->attachments, error);
  link->depth--;
  if (!sent)
    return FALSE;

  link->n_sent += count_messages (link, outgoing);
  if (link->tap.tap != NULL && link->parser != NULL)
    {
      g_clear_pointer (&outgoing->wire, g_bytes_unref);
      outgoing->wire = g_bytes_ref (message);
    }
  if (link->tap.tap != NULL && link->tap.iface->emit != NULL)
    {
      outgoing->end = link->n_sent;
      g_queue_push_tail (&link->unwritten, sio_outgoing_ref (outgoing));
      link->unwritten_size += outgoing->size;
      sio_manager_link_settle (link);
    }
  return TRUE;
}

/* The engine is not open any more, or is cut off. */
static void
report_lost (SioManagerLink *link)
{
  SioEngineProgress progress = sio_engine_get_progress (link->engine);
  SioOutgoing *outgoing;

  sio_manager_link_settle (link);
  while ((outgoing = g_queue_pop_head (&link->unwritten)) != NULL)
    {
      gboolean begun = outgoing->end - count_messages (link, outgoing) < progress.n_handed;
      g_autofree char *nsp = g_strndup (outgoing->nsp.data, outgoing->nsp.size);
      SioTapEmit emit = { SIO_TAP_EMIT_LOST, nsp, outgoing->event, outgoing->args, outgoing->id, outgoing->tag,
                          begun ? "it may be lost: the connection ended while it was being written"
                                : "it was never sent: the connection ended while it waited in the write buffer" };

      if (outgoing->type != SIO_PACKET_CONNECT && outgoing->type != SIO_PACKET_DISCONNECT)
        SIO_TAP_CALL (&link->tap, emit, &emit);
      sio_outgoing_unref (outgoing);
    }
  link->unwritten_size = 0;
}

static gboolean
link_reap_cb (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* Never frees an engine under its own feet: while it is calling us it is freed at the next turn of the loop. */
void
sio_manager_link_free (SioManagerLink *link)
{
  g_autoptr(GSource) source = NULL;

  report_lost (link);
  link->manager = NULL;
  sio_tap_handle_set (&link->tap, NULL);

  if (link->depth == 0)
    {
      link_destroy (link);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[sio] free the engine");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, link_reap_cb, link, link_destroy);
  g_source_attach (source, link->context);
}

/* --- engines that are on their way out --- */

/* The manager turns away from link, whose engine may still have something to write. */
void
sio_manager_let_go (SioManager     *self,
                    SioManagerLink *link,
                    const char     *reason)
{
  g_ptr_array_add (self->leaving, link);

  if (!sio_engine_is_open (link->engine))
    {
      sio_manager_link_left (self, link);
      return;
    }

  sio_engine_close (link->engine, reason);
  if (self->leaving->len > MAX_LEAVING)
    sio_manager_link_left (self, g_ptr_array_index (self->leaving, 0));
}

/* TRUE if it was one of them. It is freed. */
gboolean
sio_manager_link_left (SioManager     *self,
                       SioManagerLink *link)
{
  if (!g_ptr_array_remove (self->leaving, link))
    return FALSE;
  sio_manager_link_free (link);
  return TRUE;
}

/* --- for sockets --- */

gboolean
sio_manager_is_ready (SioManager *self)
{
  return self->state == SIO_MANAGER_STATE_OPEN && self->link != NULL
         && sio_engine_is_open (self->link->engine) && !sio_engine_is_expired (self->link->engine);
}

static void
tap_outgoing (SioManager        *self,
              const SioOutgoing *outgoing)
{
  SioTransportKind transport = sio_engine_get_transport (self->link->engine);
  SioTapPacket packet;

  packet.direction = SIO_DIRECTION_OUT;
  packet.transport = transport;
  packet.type = outgoing->type;
  packet.raw.data = g_bytes_get_data (outgoing->raw, &packet.raw.size);
  packet.nsp = outgoing->nsp;
  packet.event = outgoing->event;
  packet.args = outgoing->args;
  packet.n_args = outgoing->n_args;
  packet.n_attachments = outgoing->attachments != NULL ? outgoing->attachments->len : 0;
  packet.id = outgoing->id;
  packet.tag = outgoing->tag;
  packet.wire = SIO_NO_SPAN;
  if (outgoing->wire != NULL)
    packet.wire.data = g_bytes_get_data (outgoing->wire, &packet.wire.size);
  SIO_TAP_CALL (&self->tap, packet, &packet);

  for (guint i = 0; i < packet.n_attachments; i++)
    {
      SioSpan bytes;

      bytes.data = g_bytes_get_data (g_ptr_array_index (outgoing->attachments, i), &bytes.size);
      SIO_TAP_CALL (&self->tap, attachment, SIO_DIRECTION_OUT, transport, i, bytes);
    }
}

/* Hands a packet to the engine. Calls nobody but the tap. */
gboolean
sio_manager_send (SioManager   *self,
                  SioOutgoing  *outgoing,
                  GError      **error)
{
  g_autoptr(GError) local_error = NULL;

  if (self->state != SIO_MANAGER_STATE_OPEN || self->link == NULL)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_CLOSED, "the connection is not open");
      return FALSE;
    }

  if (!sio_manager_link_send (self->link, outgoing, &local_error))
    {
      if (g_error_matches (local_error, SIO_ERROR, SIO_ERROR_FULL))
        self->congested = TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  if (self->tap.tap != NULL && self->link != NULL)
    tap_outgoing (self, outgoing);
  return TRUE;
}
