/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing a HAR. The rows are gone through once to learn which exchanges there are and which messages belong to which WebSocket,
 * then the entries are written in order of their begins, each WebSocket with the rows of its time. Kept are a few numbers for each
 * exchange. */

#include "sioscope-har-private.h"

#include "wire/sio-engine-packet.h"
#include "wire/sio-json.h"

#include "config.h"

/* Between looks at whether to go on. */
#define LOOK_ROWS 1024

typedef enum {
  PLAIN,     /* a request and its answer */
  SOCKET,    /* the handshake of a WebSocket */
  UNWANTED,  /* the same, which the filter leaves out: it stands there for its messages */
  UNKNOWN,   /* messages whose handshake is not in the recording */
} ExchangeKind;

typedef struct {
  gint64       start_us;
  guint64      row;   /* of the exchange; UNKNOWN: of the first message */
  guint        kind;
  guint        socket; /* its number, if it is no plain one */
} Exchange;

typedef struct {
  guint64 from;       /* the rows in which its messages are */
  guint64 to;
  guint   eio;        /* as the last open packet said; 0: none did */
  gboolean is_used;   /* it has messages that are wanted */
  guint64 upgrade_row; /* of the packet that takes over from polling, or SIOSCOPE_NO_ROW */
  guint   late;       /* messages that waited for that: place in all of them, and how many */
  guint   n_late;
} Socket;

typedef struct {
  SioscopeExporter  *exporter;
  SioscopeRecording *recording;
  GString           *out;
  gint64             real_us;
  GArray            *exchanges;
  GArray            *sockets;
  /* What was handed to polling and not yet seen in a request. Rows are noted with the transport at that moment; what still waits
   * when the WebSocket takes over goes out there. */
  GArray            *waiting;
  guint              n_gone;    /* of the waiting */
  GArray            *late;      /* rows */
  gboolean           has_socket; /* of this attempt */
  guint              eio;
} Har;

static void
add_socket (Har     *self,
            guint64  row,
            guint64  from,
            gint64   start_us,
            guint    kind)
{
  Exchange exchange = { start_us, row, kind, self->sockets->len };
  Socket socket = { .from = from, .to = G_MAXUINT64, .eio = self->eio, .upgrade_row = SIOSCOPE_NO_ROW };

  if (self->sockets->len > 0)
    g_array_index (self->sockets, Socket, self->sockets->len - 1).to = row;
  g_array_append_val (self->sockets, socket);
  g_array_append_val (self->exchanges, exchange);
  self->has_socket = TRUE;
}

static void
forget_waiting (Har *self)
{
  g_array_set_size (self->waiting, 0);
  self->n_gone = 0;
}

/* A request took the first ones that waited with it. */
static void
take_posted (Har                      *self,
             const SioscopeEntry      *entry,
             const SioscopeHarAddress *address)
{
  SioPayloadShape shape = sio_payload_get_shape (entry->request_body);
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;

  if (address->eio == 4)
    shape = SIO_PAYLOAD_SHAPE_EIO4;
  else if (shape != SIO_PAYLOAD_SHAPE_EIO3_BINARY)
    shape = SIO_PAYLOAD_SHAPE_EIO3_TEXT;
  if (shape != SIO_PAYLOAD_SHAPE_EIO3_BINARY && !sio_utf8_validate (entry->request_body))
    return;
  sio_payload_iter_init (&iter, shape, entry->request_body);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, NULL) && self->n_gone < self->waiting->len)
    self->n_gone++;
  if (self->n_gone > self->waiting->len / 2)
    {
      g_array_remove_range (self->waiting, 0, self->n_gone);
      self->n_gone = 0;
    }
}

static void
see_http (Har                 *self,
          const SioscopeEntry *entry)
{
  gboolean is_wanted = sioscope_exporter_wants (self->exporter, entry);
  gint64 start_us = entry->time_us - MAX (0, entry->duration_us);
  SioscopeHarAddress address;

  sioscope_har_read_address (entry->uri, &address);
  if (address.transport == SIO_TRANSPORT_KIND_WEBSOCKET)
    {
      add_socket (self, entry->row, entry->row + 1, start_us, is_wanted ? SOCKET : UNWANTED);
      return;
    }
  if (entry->request_body.size != 0)
    take_posted (self, entry, &address);
  if (is_wanted)
    {
      Exchange exchange = { start_us, entry->row, PLAIN, 0 };

      g_array_append_val (self->exchanges, exchange);
    }
}

static void
see_message (Har                 *self,
             const SioscopeEntry *entry)
{
  gboolean is_wanted = sioscope_exporter_wants (self->exporter, entry);
  Socket *socket;

  if (entry->transport == SIO_TRANSPORT_KIND_POLLING && entry->direction == SIO_DIRECTION_OUT)
    {
      guint64 row = is_wanted ? entry->row : SIOSCOPE_NO_ROW;

      g_array_append_val (self->waiting, row);
    }
  if (entry->transport != SIO_TRANSPORT_KIND_WEBSOCKET)
    return;
  /* The goodbye of the one before may come late; it begins nothing. */
  if (!self->has_socket && (entry->kind != SIOSCOPE_KIND_FRAME || self->sockets->len == 0))
    add_socket (self, entry->row, entry->row, entry->time_us, UNKNOWN);
  socket = &g_array_index (self->sockets, Socket, self->sockets->len - 1);
  socket->is_used = socket->is_used || is_wanted;
  if (entry->kind != SIOSCOPE_KIND_ENGINE || entry->engine_type != SIO_ENGINE_PACKET_UPGRADE
      || entry->direction != SIO_DIRECTION_OUT)
    return;
  socket->upgrade_row = entry->row;
  socket->late = self->late->len;
  for (guint i = self->n_gone; i < self->waiting->len; i++)
    if (g_array_index (self->waiting, guint64, i) != SIOSCOPE_NO_ROW)
      g_array_append_val (self->late, g_array_index (self->waiting, guint64, i));
  socket->n_late = self->late->len - socket->late;
  socket->is_used = socket->is_used || socket->n_late > 0;
  forget_waiting (self);
}

static void
see_state (Har                 *self,
           const SioscopeEntry *entry)
{
  if (entry->state == SIO_TAP_STATE_OPEN)
    {
      self->eio = entry->eio;
      if (self->has_socket)
        g_array_index (self->sockets, Socket, self->sockets->len - 1).eio = entry->eio;
    }
  if (entry->state == SIO_TAP_STATE_CONNECTING)
    {
      self->has_socket = FALSE;
      self->eio = 0;
    }
  if (entry->state == SIO_TAP_STATE_CONNECTING || entry->state == SIO_TAP_STATE_CLOSED)
    forget_waiting (self);
}

/* The bytes inside of a message of another parser are no messages. */
static gboolean
is_inside_message (Har                 *self,
                   const SioscopeEntry *entry)
{
  SioscopeEntry packet;

  return entry->kind == SIOSCOPE_KIND_ATTACHMENT && entry->ref != SIOSCOPE_NO_ROW
         && sioscope_recording_read (self->recording, entry->ref, &packet) && packet.wire.size != 0;
}

static gboolean
look_at_rows (Har *self)
{
  guint64 end = sioscope_exporter_get_end (self->exporter);
  SioscopeEntry entry;

  for (guint64 row = 0; row < end; row++)
    {
      SioscopeKind kind = sioscope_recording_get_kind (self->recording, row);

      if (kind == 0 && row < sioscope_recording_get_first_row (self->recording))
        row = sioscope_recording_get_first_row (self->recording) - 1;
      if (row % LOOK_ROWS == 0 && !sioscope_exporter_flush (self->exporter))
        return FALSE;
      if (kind == 0 || !sioscope_recording_read (self->recording, row, &entry))
        continue;
      switch (entry.kind)
        {
        case SIOSCOPE_KIND_HTTP:
          see_http (self, &entry);
          break;
        case SIOSCOPE_KIND_STATE:
          see_state (self, &entry);
          break;
        case SIOSCOPE_KIND_PACKET:
        case SIOSCOPE_KIND_ATTACHMENT:
        case SIOSCOPE_KIND_ENGINE:
        case SIOSCOPE_KIND_FRAME:
          if (!is_inside_message (self, &entry))
            see_message (self, &entry);
          break;
        case SIOSCOPE_KIND_SOCKET:
        case SIOSCOPE_KIND_EMIT:
        case SIOSCOPE_KIND_ERROR:
        case SIOSCOPE_KIND_NOTE:
        default:
          break;
        }
    }
  return TRUE;
}

static int
compare_exchanges (gconstpointer a,
                   gconstpointer b)
{
  const Exchange *first = a, *second = b;

  if (first->start_us != second->start_us)
    return first->start_us < second->start_us ? -1 : 1;
  return first->row < second->row ? -1 : first->row > second->row;
}

static void
append_one (Har                      *self,
            const SioscopeEntry      *entry,
            gint64                    time_us,
            const SioscopeHarAddress *address,
            const char              **separator)
{
  g_string_append (self->out, *separator);
  sioscope_har_append_message (self->out, entry, sioscope_har_add_us (self->real_us, time_us), address);
  *separator = ",\n";
}

/* At the moment of the upgrade: the recording has only the time when they were handed over. */
static gboolean
append_late (Har                      *self,
             const Socket             *socket,
             const SioscopeHarAddress *address,
             const char              **separator)
{
  SioscopeEntry entry;
  gint64 time_us;

  if (socket->n_late == 0 || !sioscope_recording_read (self->recording, socket->upgrade_row, &entry))
    return TRUE;
  time_us = entry.time_us;
  for (guint i = 0; i < socket->n_late; i++)
    {
      if (!sioscope_exporter_read (self->exporter, g_array_index (self->late, guint64, socket->late + i), &entry))
        continue;
      append_one (self, &entry, time_us, address, separator);
      if (!sioscope_exporter_flush (self->exporter))
        return FALSE;
    }
  return TRUE;
}

static gboolean
append_messages (Har                      *self,
                 const Socket             *socket,
                 const SioscopeHarAddress *address)
{
  gboolean is_late = socket->upgrade_row != SIOSCOPE_NO_ROW;
  const char *separator = "\n";
  SioscopeEntry entry;

  g_string_append (self->out, ",\"_webSocketMessages\":[");
  sioscope_exporter_rewind (self->exporter, socket->from);
  while (socket->is_used && sioscope_exporter_next (self->exporter, &entry) && entry.row < socket->to)
    {
      if (is_late && entry.row > socket->upgrade_row)
        {
          is_late = FALSE;
          if (!append_late (self, socket, address, &separator))
            return FALSE;
        }
      if (entry.transport != SIO_TRANSPORT_KIND_WEBSOCKET || entry.kind < SIOSCOPE_KIND_PACKET
          || entry.kind > SIOSCOPE_KIND_FRAME || is_inside_message (self, &entry))
        continue;
      append_one (self, &entry, entry.time_us, address, &separator);
      if (!sioscope_exporter_flush (self->exporter))
        return FALSE;
    }
  if (is_late && !append_late (self, socket, address, &separator))
    return FALSE;
  g_string_append_c (self->out, ']');
  return sioscope_exporter_flush (self->exporter);
}

/* Of a handshake that nobody recorded: as much of an address as its messages need to be read again. */
static char *
make_address (Har   *self,
              guint  eio)
{
  g_autoptr(GUri) uri = g_uri_parse (sioscope_exporter_get_title (self->exporter), G_URI_FLAGS_NONE, NULL);
  gboolean has_host = uri != NULL && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0';
  gboolean is_secure = has_host && (g_str_equal (g_uri_get_scheme (uri), "https") || g_str_equal (g_uri_get_scheme (uri), "wss"));
  g_autofree char *query = g_strdup_printf ("EIO=%u&transport=websocket", eio == 3 ? 3u : 4u);

  return g_uri_join (G_URI_FLAGS_NONE, is_secure ? "wss" : "ws", NULL, has_host ? g_uri_get_host (uri) : "unknown.invalid",
                     has_host ? g_uri_get_port (uri) : -1, "/socket.io/", query, NULL);
}

static gboolean
append_exchange (Har            *self,
                 const Exchange *exchange,
                 const char     *separator)
{
  const Socket *socket = exchange->kind != PLAIN ? &g_array_index (self->sockets, Socket, exchange->socket) : NULL;
  g_autofree char *address_text = NULL;
  SioscopeHarAddress address;
  const char *comment = NULL;
  SioscopeEntry entry;

  if (exchange->kind == UNKNOWN)
    {
      address_text = make_address (self, socket->eio);
      entry = (SioscopeEntry) { .kind = SIOSCOPE_KIND_HTTP, .time_us = exchange->start_us };
      entry.uri = (SioSpan) { address_text, strlen (address_text) };
      comment = "The handshake is not in the recording. The address is put together from the recording's title.";
    }
  else if (!sioscope_exporter_read (self->exporter, exchange->row, &entry))
    return TRUE;
  if (exchange->kind == UNWANTED)
    comment = "The filter leaves this exchange out. It is here for its messages.";

  sioscope_har_read_address (entry.uri, &address);
  /* What was asked for and what the server speaks may differ. */
  if (socket != NULL && socket->eio != 0)
    address.eio = socket->eio == 3 ? 3 : 4;
  sioscope_exporter_rewind (self->exporter, exchange->row); /* that is how far it is */
  g_string_append (self->out, separator);
  sioscope_har_append_entry (self->out, &entry, self->real_us, socket != NULL, comment);
  if (socket != NULL && !append_messages (self, socket, &address))
    return FALSE;
  g_string_append_c (self->out, '}');
  return sioscope_exporter_flush (self->exporter);
}

static void
append_quoted (GString    *out,
               const char *text)
{
  sio_json_append_quoted (out, text, -1);
}

/* The format is docs/formats.md. */
void
sioscope_export_har (SioscopeExporter *exporter)
{
  Har self = {
    .exporter = exporter,
    .recording = sioscope_exporter_get_recording (exporter),
    .out = sioscope_exporter_get_out (exporter),
    .exchanges = g_array_new (FALSE, FALSE, sizeof (Exchange)),
    .sockets = g_array_new (FALSE, FALSE, sizeof (Socket)),
    .waiting = g_array_new (FALSE, FALSE, sizeof (guint64)),
    .late = g_array_new (FALSE, FALSE, sizeof (guint64)),
  };
  const char *separator = "\n";
  gboolean good;

  self.real_us = sioscope_recording_get_start_real_us (self.recording);
  g_string_append (self.out, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"Sioscope\",\"version\":");
  append_quoted (self.out, SIOSCOPE_VERSION);
  g_string_append (self.out, "},\"browser\":{\"name\":");
  append_quoted (self.out, sioscope_recording_get_client (self.recording));
  g_string_append (self.out, ",\"version\":\"\"},\"comment\":");
  append_quoted (self.out, sioscope_exporter_get_title (exporter));
  g_string_append (self.out, ",\"entries\":[");

  good = look_at_rows (&self);
  g_array_sort (self.exchanges, compare_exchanges);
  for (guint i = 0; good && i < self.exchanges->len; i++)
    {
      const Exchange *exchange = &g_array_index (self.exchanges, Exchange, i);

      if ((exchange->kind == UNWANTED || exchange->kind == UNKNOWN)
          && !g_array_index (self.sockets, Socket, exchange->socket).is_used)
        continue;
      good = append_exchange (&self, exchange, separator);
      separator = ",\n";
    }
  if (good)
    g_string_append (self.out, "\n]}}\n");
  g_array_unref (self.exchanges);
  g_array_unref (self.sockets);
  g_array_unref (self.waiting);
  g_array_unref (self.late);
}
