/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sentences about rows and segments. A projection and a recording are read, never the client. */

#include "config.h"

#include "sioscope-words.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

/* What fits into one line that is looked at, and not read. */
#define MAX_NAME_CHARS 80
#define MAX_DETAIL_CHARS 160

/**
 * sioscope_words_transport:
 * @transport: a transport
 *
 * Returns: its name as Socket.IO writes it; it is a proper name and not translated
 */
const char *
sioscope_words_transport (SioTransportKind transport)
{
  switch (transport)
    {
    case SIO_TRANSPORT_KIND_POLLING:
      return "polling";
    case SIO_TRANSPORT_KIND_WEBSOCKET:
      return "websocket";
    case SIO_TRANSPORT_KIND_NONE:
    default:
      return "";
    }
}

/**
 * sioscope_words_reason:
 * @reason: socket.io's word for why something ended
 *
 * Returns: (transfer full): a sentence without its full stop; an unknown word as it stands, sanitised and isolated
 */
char *
sioscope_words_reason (SioSpan reason)
{
  static const struct { const char *word; const char *sentence; } known[] = {
    { "transport close",      N_("The connection was cut") },
    { "transport error",      N_("The transport failed") },
    { "ping timeout",         N_("No heartbeat in time") },
    { "io server disconnect", N_("The server closed this namespace") },
    { "io client disconnect", N_("Left by us") },
    { "forced close",         N_("Closed by us") },
    { "parse error",          N_("The server sent something unreadable") },
    { "server shutting down", N_("The server is shutting down") },
    { "xhr poll error",       N_("A poll failed") },
    { "xhr post error",       N_("A post failed") },
    { "websocket error",      N_("The WebSocket failed") },
    { "connect error",        N_("Could not connect") },
    { "timeout",              N_("No answer in time") },
    { "refused",              N_("Trying again would not help") },
    { "attempts used up",     N_("All attempts are used up") },
    { "reconnection off",     N_("Reconnecting is switched off") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (sio_span_equals (reason, known[i].word))
      return g_strdup (_(known[i].sentence));

  return sioscope_format_isolated (reason, MAX_DETAIL_CHARS);
}

/**
 * sioscope_words_head:
 * @text: why something failed
 *
 * The page that a proxy sends along with its status belongs into the details, and not into a line.
 *
 * Returns: @text up to such a page; empty if it begins with one
 */
SioSpan
sioscope_words_head (SioSpan text)
{
  static const char *const pages[] = { "<!doctype", "<html", "<head", "<body", "<?xml" };

  for (gsize i = 0; i < text.size; i++)
    for (guint j = 0; text.data[i] == '<' && j < G_N_ELEMENTS (pages); j++)
      if (text.size - i >= strlen (pages[j]) && g_ascii_strncasecmp (text.data + i, pages[j], strlen (pages[j])) == 0)
        {
          while (i > 0 && (text.data[i - 1] == ':' || g_ascii_isspace (text.data[i - 1])))
            i--;
          return (SioSpan) { text.data, i };
        }
  return text;
}

static char *
message_of (SioSpan text)
{
  SioSpan head = sioscope_words_head (text);

  return head.size > 0 || text.size == 0 ? sioscope_format_isolated (head, MAX_DETAIL_CHARS)
                                         : g_strdup (_("The answer was a web page"));
}

static char *
name_of (const SioscopeEntry *entry)
{
  g_autofree char *token = sioscope_format_token (entry->event, MAX_NAME_CHARS);

  return sioscope_format_isolated ((SioSpan) { token, strlen (token) }, 0);
}

/* "reason: message", either of them, or nothing. */
static char *
why (const SioscopeEntry *entry)
{
  g_autofree char *reason = entry->reason.size > 0 ? sioscope_words_reason (entry->reason) : NULL;
  g_autofree char *message = entry->message.size > 0 ? message_of (entry->message) : NULL;

  if (reason != NULL && message != NULL)
    return g_strdup_printf (_("%s · %s"), reason, message);
  if (reason != NULL || message != NULL)
    return g_strdup (reason != NULL ? reason : message);
  return g_strdup (_("no reason was given"));
}

/**
 * sioscope_words_dup_versions:
 * @server: the major version of Socket.IO, 0 if it is not known
 * @eio: that of Engine.IO, 0 if it is not known
 *
 * Returns: (transfer full): for example "Socket.IO 2 · Engine.IO 3", what people know a server by first; ""
 */
char *
sioscope_words_dup_versions (guint server, guint eio)
{
  if (server > 0)
    return g_strdup_printf (_("Socket.IO %u · Engine.IO %u"), server, eio);
  /* only servers 4.5 and later tell that they are no 3.x */
  if (eio == 4)
    return g_strdup (_("Socket.IO 3 or 4 · Engine.IO 4"));
  return eio > 0 ? g_strdup_printf (_("Engine.IO %u"), eio) : g_strdup ("");
}

static char *
words_open (const SioscopeEntry *entry)
{
  const char *transport = sioscope_words_transport (entry->transport);
  g_autofree char *versions = sioscope_words_dup_versions (entry->server, entry->eio);
  g_autofree char *beat = sioscope_format_duration ((gint64) entry->ping_interval_ms * 1000);
  g_autofree char *how = NULL;

  if (entry->reason.size == 0)
    return g_strdup_printf (_("Connected over %s · %s · heartbeat every %s"), transport, versions, beat);
  how = sioscope_words_reason (entry->reason);
  /* Translators: the last one says how the version was found out */
  return g_strdup_printf (_("Connected over %s · %s · heartbeat every %s · %s"), transport, versions, beat, how);
}

static char *
words_state (const SioscopeEntry *entry)
{
  const char *transport = sioscope_words_transport (entry->transport);
  g_autofree char *because = why (entry);
  g_autofree char *delay = NULL;
  g_autofree char *shortest = NULL;
  g_autofree char *longest = NULL;

  switch (entry->state)
    {
    case SIO_TAP_STATE_CONNECTING:
      /* The same attempt in another way. */
      if (entry->reason.size > 0)
        return g_strdup_printf (_("Goes on over %s · %s"), transport, because);
      return entry->attempt == 0 ? g_strdup_printf (_("Connecting over %s"), transport)
                                 : g_strdup_printf (_("Attempt %u: connecting over %s"), entry->attempt, transport);
    case SIO_TAP_STATE_OPEN:
      return words_open (entry);
    case SIO_TAP_STATE_UPGRADING:
      return g_strdup_printf (_("Changing over to %s"), transport);
    case SIO_TAP_STATE_UPGRADED:
      return g_strdup_printf (_("Now over %s"), transport);
    case SIO_TAP_STATE_UPGRADE_FAILED:
      return g_strdup_printf (_("Stays on polling · %s"), because);
    case SIO_TAP_STATE_CLOSED:
      return entry->active ? g_strdup_printf (_("Connection lost · %s"), because)
                           : g_strdup_printf (_("Connection closed · %s"), because);
    case SIO_TAP_STATE_ATTEMPT_FAILED:
      /* The word only says that it failed; the detail says why. */
      if (entry->message.size > 0)
        {
          g_free (because);
          because = message_of (entry->message);
        }
      return entry->attempt == 0 ? g_strdup_printf (_("Could not connect · %s"), because)
                                 : g_strdup_printf (_("Attempt %u failed · %s"), entry->attempt, because);
    case SIO_TAP_STATE_WAITING:
      delay = sioscope_format_duration ((gint64) entry->delay_ms * 1000);
      shortest = sioscope_format_duration ((gint64) entry->delay_min_ms * 1000);
      longest = sioscope_format_duration ((gint64) entry->delay_max_ms * 1000);
      if (entry->delay_min_ms == entry->delay_max_ms)
        return g_strdup_printf (_("Waiting %s before attempt %u"), delay, entry->attempt);
      return g_strdup_printf (_("Waiting %s before attempt %u · drawn between %s and %s"),
                              delay, entry->attempt, shortest, longest);
    case SIO_TAP_STATE_FAILED:
      return g_strdup_printf (_("Gave up · %s"), because);
    default:
      return g_strdup_printf (_("Unknown state %u"), (guint) entry->state);
    }
}

static char *
words_socket (const SioscopeEntry *entry)
{
  g_autofree char *nsp = sioscope_format_isolated (entry->nsp, MAX_NAME_CHARS);
  g_autofree char *because = NULL;

  switch (entry->socket_change)
    {
    case SIO_TAP_SOCKET_CONNECTING:
      return g_strdup_printf (_("Joining %s"), nsp);
    case SIO_TAP_SOCKET_CONNECTED:
      return entry->recovered ? g_strdup_printf (_("Joined %s · missed events were recovered"), nsp)
                              : g_strdup_printf (_("Joined %s"), nsp);
    case SIO_TAP_SOCKET_CONNECT_ERROR:
      because = message_of (entry->reason);
      /* One that will be tried again was not refused: the connection below it failed. */
      return entry->active ? g_strdup_printf (_("%s could not be joined · %s"), nsp, because)
                           : g_strdup_printf (_("%s refused us · %s"), nsp, because);
    case SIO_TAP_SOCKET_DISCONNECTED:
      because = why (entry);
      return g_strdup_printf (_("Left %s · %s"), nsp, because);
    default:
      return g_strdup_printf (_("Unknown change %u of %s"), (guint) entry->socket_change, nsp);
    }
}

/* It waits to be sent: for the connection, or for the answer to what was sent before it. */
static gboolean
waits_for_its_turn (const SioscopeEntry *entry)
{
  return entry->message.size > 0
         && g_strstr_len (entry->message.data, (gssize) entry->message.size, "retry queue") != NULL;
}

static char *
words_emit (const SioscopeEntry *entry)
{
  g_autofree char *tried = sioscope_words_try (entry);
  g_autofree char *name = name_of (entry);
  g_autofree char *text = entry->message.size > 0 ? sioscope_format_isolated (entry->message, MAX_DETAIL_CHARS)
                                                  : sioscope_format_isolated (entry->reason, MAX_DETAIL_CHARS);

  switch (entry->fate)
    {
    case SIO_TAP_EMIT_BUFFERED:
      if (waits_for_its_turn (entry))
        return g_strdup_printf (_("%s waits for its turn: it is sent again until it is acknowledged"), name);
      return g_strdup_printf (_("%s waits until the namespace is connected"), name);
    case SIO_TAP_EMIT_DROPPED:
      return g_strdup_printf (_("%s was dropped: volatile, and the transport was busy"), name);
    case SIO_TAP_EMIT_REFUSED:
      return g_strdup_printf (_("%s could not be sent · %s"), name, text);
    case SIO_TAP_EMIT_ACK_TIMEOUT:
      if (tried != NULL)
        return g_strdup_printf (_("%s was not answered in time · %s"), name, tried);
      return g_strdup_printf (_("%s was not answered in time"), name);
    case SIO_TAP_EMIT_ACK_ABANDONED:
      if (tried != NULL)
        return g_strdup_printf (_("%s was not answered before the connection ended · %s"), name, tried);
      return g_strdup_printf (_("%s will never be answered: the connection ended first"), name);
    case SIO_TAP_EMIT_LOST:
      switch (sioscope_words_loss (entry))
        {
        case SIOSCOPE_LOSS_NEVER_SENT:
          return g_strdup_printf (_("%s was never sent: the connection ended first"), name);
        case SIOSCOPE_LOSS_POSSIBLE:
          return g_strdup_printf (_("%s may be lost: the connection ended while it was being sent"), name);
        case SIOSCOPE_LOSS_UNKNOWN:
        default:
          return g_strdup_printf (_("%s may be lost · %s"), name, text);
        }
    default:
      return g_strdup_printf (_("Unknown fate %u of %s"), (guint) entry->fate, name);
    }
}

static char *
words_packet (const SioscopeEntry *entry)
{
  gboolean in = entry->direction == SIO_DIRECTION_IN;
  g_autofree char *nsp = sioscope_format_isolated (entry->nsp, MAX_NAME_CHARS);
  g_autofree char *name = NULL;

  switch (entry->packet_type)
    {
    case SIO_PACKET_CONNECT:
      return in ? g_strdup_printf (_("The server let us into %s"), nsp)
                : g_strdup_printf (_("Asked to join %s"), nsp);
    case SIO_PACKET_DISCONNECT:
      return in ? g_strdup_printf (_("The server closed %s"), nsp) : g_strdup_printf (_("Left %s"), nsp);
    case SIO_PACKET_CONNECT_ERROR:
      return g_strdup_printf (_("The server refused %s"), nsp);
    case SIO_PACKET_EVENT:
    case SIO_PACKET_BINARY_EVENT:
      name = name_of (entry);
      return in ? g_strdup_printf (_("%s received on %s"), name, nsp) : g_strdup_printf (_("%s sent to %s"), name, nsp);
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_ACK:
      return in ? g_strdup_printf (_("Acknowledgement %lld received on %s"), (long long) entry->id, nsp)
                : g_strdup_printf (_("Acknowledgement %lld sent to %s"), (long long) entry->id, nsp);
    default:
      return g_strdup_printf (_("Unknown packet %u on %s"), (guint) entry->packet_type, nsp);
    }
}

static char *
words_engine (const SioscopeEntry *entry)
{
  SioSpan rest = entry->raw;

  switch (entry->engine_type)
    {
    case SIO_ENGINE_PACKET_OPEN:
      return g_strdup (_("Handshake"));
    case SIO_ENGINE_PACKET_CLOSE:
      return g_strdup (_("Close"));
    case SIO_ENGINE_PACKET_PING:
    case SIO_ENGINE_PACKET_PONG:
      if (rest.size > 1)
        return entry->engine_type == SIO_ENGINE_PACKET_PING ? g_strdup (_("Ping, to try the transport"))
                                                            : g_strdup (_("Pong, the transport works"));
      return entry->engine_type == SIO_ENGINE_PACKET_PING ? g_strdup (_("Ping")) : g_strdup (_("Pong"));
    case SIO_ENGINE_PACKET_UPGRADE:
      return g_strdup (_("Upgrade"));
    case SIO_ENGINE_PACKET_NOOP:
      return g_strdup (_("Nothing, to end a poll"));
    case SIO_ENGINE_PACKET_MESSAGE:
    default:
      return g_strdup (_("Message"));
    }
}

static char *
words_http (const SioscopeEntry *entry)
{
  g_autofree char *method = sioscope_format_text (entry->method, 16);
  g_autofree char *uri = sioscope_format_isolated (entry->uri, MAX_DETAIL_CHARS);
  g_autofree char *took = sioscope_format_duration (entry->duration_us);

  if (entry->status == 0)
    return g_strdup_printf (_("%s without an answer after %s · %s"), method, took, uri);
  return g_strdup_printf (_("%s %u in %s · %s"), method, entry->status, took, uri);
}

/**
 * sioscope_words_entry:
 * @entry: a row
 *
 * Returns: (transfer full): one sentence of bounded length that says what the row is
 */
char *
sioscope_words_entry (const SioscopeEntry *entry)
{
  g_autofree char *size = NULL;

  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
      return words_packet (entry);
    case SIOSCOPE_KIND_ATTACHMENT:
      size = sioscope_format_size (entry->raw.size);
      return g_strdup_printf (_("Attachment %u · %s"), entry->index, size);
    case SIOSCOPE_KIND_ENGINE:
      return words_engine (entry);
    case SIOSCOPE_KIND_FRAME:
      return entry->opcode == 8   ? g_strdup (_("WebSocket close frame"))
             : entry->opcode == 9  ? g_strdup (_("WebSocket ping frame"))
             : entry->opcode == 10 ? g_strdup (_("WebSocket pong frame"))
                                   : g_strdup_printf (_("WebSocket frame %u"), entry->opcode);
    case SIOSCOPE_KIND_HTTP:
      return words_http (entry);
    case SIOSCOPE_KIND_STATE:
      return words_state (entry);
    case SIOSCOPE_KIND_SOCKET:
      return words_socket (entry);
    case SIOSCOPE_KIND_EMIT:
      return words_emit (entry);
    case SIOSCOPE_KIND_ERROR:
      {
        g_autofree char *where = sioscope_format_isolated (entry->reason, 40);
        g_autofree char *message = message_of (entry->message);

        return g_strdup_printf (_("%s · %s"), where, message);
      }
    case SIOSCOPE_KIND_NOTE:
      return entry->message.size > 0 ? sioscope_format_isolated (entry->message, MAX_DETAIL_CHARS)
                                     : sioscope_format_isolated (entry->reason, MAX_DETAIL_CHARS);
    default:
      return g_strdup_printf (_("Row of an unknown kind, %u"), (guint) entry->kind);
    }
}

/**
 * sioscope_words_icon:
 * @entry: a row that is no packet
 *
 * Returns: (nullable): the name of a symbolic icon that says the same as its words; %NULL for rows that have an arrow
 */
const char *
sioscope_words_icon (const SioscopeEntry *entry)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_STATE:
      switch (entry->state)
        {
        case SIO_TAP_STATE_OPEN:
        case SIO_TAP_STATE_UPGRADED:
          return "sioscope-state-connected-symbolic";
        case SIO_TAP_STATE_WAITING:
          return "sioscope-state-waiting-symbolic";
        case SIO_TAP_STATE_CONNECTING:
        case SIO_TAP_STATE_UPGRADING:
          return "sioscope-state-connecting-symbolic";
        case SIO_TAP_STATE_CLOSED:
          return "sioscope-cut-symbolic";
        case SIO_TAP_STATE_ATTEMPT_FAILED:
        case SIO_TAP_STATE_FAILED:
          return "sioscope-state-failed-symbolic";
        case SIO_TAP_STATE_UPGRADE_FAILED:
        default:
          return "dialog-warning-symbolic";
        }
    case SIOSCOPE_KIND_SOCKET:
      return entry->socket_change == SIO_TAP_SOCKET_CONNECTED       ? "sioscope-state-connected-symbolic"
             : entry->socket_change == SIO_TAP_SOCKET_CONNECT_ERROR ? "sioscope-state-failed-symbolic"
             : entry->socket_change == SIO_TAP_SOCKET_DISCONNECTED  ? "sioscope-cut-symbolic"
                                                                    : "sioscope-state-connecting-symbolic";
    case SIOSCOPE_KIND_EMIT:
      return entry->fate == SIO_TAP_EMIT_BUFFERED ? "sioscope-state-waiting-symbolic" : "dialog-warning-symbolic";
    case SIOSCOPE_KIND_ERROR:
      return "dialog-error-symbolic";
    case SIOSCOPE_KIND_NOTE:
      return "dialog-information-symbolic";
    case SIOSCOPE_KIND_HTTP:
      return "network-transmit-receive-symbolic";
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
    default:
      return NULL;
    }
}

/**
 * sioscope_words_segment:
 * @segment: a stretch of the strip
 * @now_us: the recording's now, in its time
 *
 * Returns: (transfer full): what it was and for how long
 */
char *
sioscope_words_segment (const SioscopeSegment *segment,
                        gint64                 now_us)
{
  gint64 end = segment->end_us >= 0 ? segment->end_us : now_us;
  const char *transport = sioscope_words_transport (segment->transport);
  g_autofree char *lasted = sioscope_format_duration (end - segment->start_us);
  g_autofree char *delay = NULL;
  g_autofree char *shortest = NULL;
  g_autofree char *longest = NULL;

  switch (segment->phase)
    {
    case SIOSCOPE_PHASE_CONNECTING:
      return segment->attempt == 0
               ? g_strdup_printf (_("Connecting over %s, %s"), transport, lasted)
               : g_strdup_printf (_("Attempt %u over %s, %s"), segment->attempt, transport, lasted);
    case SIOSCOPE_PHASE_CONNECTED:
      return g_strdup_printf (_("Connected over %s for %s"), transport, lasted);
    case SIOSCOPE_PHASE_WAITING:
      delay = sioscope_format_duration ((gint64) segment->delay_ms * 1000);
      shortest = sioscope_format_duration ((gint64) segment->delay_min_ms * 1000);
      longest = sioscope_format_duration ((gint64) segment->delay_max_ms * 1000);
      return g_strdup_printf (_("Waiting %s before attempt %u, drawn between %s and %s"),
                              delay, segment->attempt, shortest, longest);
    case SIOSCOPE_PHASE_FAILED:
      return g_strdup_printf (_("Gave up, %s ago"), lasted);
    case SIOSCOPE_PHASE_IDLE:
    default:
      return g_strdup_printf (_("Closed for %s"), lasted);
    }
}

/**
 * sioscope_words_ack:
 * @entry: an event with an ack id, or an ack
 * @ack: what the projection says about it
 * @now_us: the recording's now, in its time
 *
 * Returns: (transfer full) (nullable): how its acknowledgement stands, as a sentence; %NULL if there is none
 */
char *
sioscope_words_ack (const SioscopeEntry *entry,
                    const SioscopeAck   *ack,
                    gint64               now_us)
{
  gboolean ours = entry->direction == SIO_DIRECTION_OUT;
  g_autofree char *time = NULL;

  switch (ack->state)
    {
    case SIOSCOPE_ACK_PENDING:
      time = sioscope_format_duration (now_us - entry->time_us);
      return ours ? g_strdup_printf (_("Waiting for the answer for %s"), time)
                  : g_strdup_printf (_("The server has been waiting for our answer for %s"), time);
    case SIOSCOPE_ACK_ANSWERED:
      time = sioscope_format_duration (ack->latency_us);
      if (sioscope_words_is_ack (entry))
        return g_strdup_printf (_("The answer, after %s"), time);
      return ours ? g_strdup_printf (_("Answered after %s"), time) : g_strdup_printf (_("We answered after %s"), time);
    case SIOSCOPE_ACK_TIMED_OUT:
      return g_strdup (_("Not answered in time"));
    case SIOSCOPE_ACK_ABANDONED:
      return g_strdup (_("Never answered: the connection ended first"));
    case SIOSCOPE_ACK_NONE:
    default:
      return NULL;
    }
}

/* TRUE for the rows at which the connection was cut: the log draws a separator there. */
gboolean
sioscope_words_is_loss (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_STATE && entry->state == SIO_TAP_STATE_CLOSED && entry->active;
}

/* TRUE for what a person must not overlook. */
gboolean
sioscope_words_is_error (const SioscopeEntry *entry)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_ERROR:
      return TRUE;
    case SIOSCOPE_KIND_STATE:
      return entry->state == SIO_TAP_STATE_ATTEMPT_FAILED || entry->state == SIO_TAP_STATE_FAILED ||
             sioscope_words_is_loss (entry);
    case SIOSCOPE_KIND_SOCKET:
      /* One that will be tried again failed with its attempt, and that row says so. */
      return entry->socket_change == SIO_TAP_SOCKET_CONNECT_ERROR && !entry->active;
    case SIOSCOPE_KIND_PACKET:
      /* A refusal is told by the row of its namespace, which follows. */
      return FALSE;
    case SIOSCOPE_KIND_EMIT:
      return entry->fate != SIO_TAP_EMIT_BUFFERED;
    case SIOSCOPE_KIND_HTTP:
      return entry->status == 0 || entry->status >= 400;
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
    case SIOSCOPE_KIND_NOTE:
    default:
      return FALSE;
    }
}

gboolean
sioscope_words_is_event (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_PACKET &&
         (entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT);
}

gboolean
sioscope_words_is_ack (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_PACKET &&
         (entry->packet_type == SIO_PACKET_ACK || entry->packet_type == SIO_PACKET_BINARY_ACK);
}
