/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which fields of an entry are what, and keeping them consistent: places in the raw packet go with it, and what is the same on
 * the wire in another form is hidden whole. */

#include "sioscope-redactor-private.h"
#include "sioscope-secrets.h"
#include "sioscope-waiting-private.h"

/* Attachments that are values of secret members, by packet; more than that, and all are. */
#define ATTACHMENTS_MAX 65536
#define BINARY_LEARNED 4096

struct _SioscopeRedactor {
  SioscopeNet *net;
  GHashTable  *attachments; /* guint64: a packet's row; to a guint64: bits */
  gboolean     all_attachments;
  SioscopeWaiting waiting; /* events that want an ack and whose names sound secret */
};

struct _SioscopeRedacted {
  GPtrArray *pieces; /* GString */
};

static const SioSpan redacted = { SIOSCOPE_REDACTED, sizeof SIOSCOPE_REDACTED - 1 };

static void
string_free (gpointer data)
{
  g_string_free (data, TRUE);
}

SioscopeRedacted *
sioscope_redacted_new (void)
{
  SioscopeRedacted *self = g_new (SioscopeRedacted, 1);

  self->pieces = g_ptr_array_new_with_free_func (string_free);
  return self;
}

void
sioscope_redacted_free (SioscopeRedacted *self)
{
  g_ptr_array_unref (self->pieces);
  g_free (self);
}

SioscopeRedactor *
sioscope_redactor_new (void)
{
  SioscopeRedactor *self = g_new0 (SioscopeRedactor, 1);

  self->net = sioscope_net_new ();
  self->attachments = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  sioscope_waiting_init (&self->waiting);
  return self;
}

void
sioscope_redactor_free (SioscopeRedactor *self)
{
  sioscope_net_free (self->net);
  g_hash_table_unref (self->attachments);
  sioscope_waiting_clear (&self->waiting);
  g_free (self);
}

static gboolean
is_inside (SioSpan part,
           SioSpan whole)
{
  return part.size != 0 && whole.size != 0 && part.data >= whole.data && part.data + part.size <= whole.data + whole.size;
}

static gboolean
looks_like_json (SioSpan text)
{
  return text.size > 1 && (text.data[0] == '{' || text.data[0] == '[') && sio_utf8_validate (text);
}

static gboolean
attachment_is_told (SioscopeRedactor *self,
                    guint64           packet_row,
                    guint             index)
{
  const guint64 *bits;

  if (self->all_attachments)
    return TRUE;
  bits = packet_row != SIOSCOPE_NO_ROW ? g_hash_table_lookup (self->attachments, &packet_row) : NULL;
  return bits != NULL && (*bits == SIOSCOPE_LOOK_ALL || (index < 63 && (*bits >> index & 1) != 0));
}

/* ── Learning ── */

static void
learn_mixed (SioscopeLook *look,
             SioSpan       text)
{
  if (text.size == 0)
    return;
  sioscope_look_json (look, text, FALSE);
  sioscope_look_plain (look, text);
}

/* The body of a poll has it too. Its begin is enough: binary is hidden whole. */
static void
learn_binary (SioscopeRedactor *self,
              SioSpan           bytes)
{
  gboolean even = TRUE;

  bytes.size = MIN (bytes.size, BINARY_LEARNED);
  for (gsize i = 1; i < bytes.size && even; i++)
    even = bytes.data[i] == bytes.data[0];
  if (!even)
    sioscope_net_add (self->net, bytes, SIOSCOPE_SECRET_PLAIN, FALSE);
}

static gboolean
event_sounds_secret (SioSpan event)
{
  return event.size > 2 && sioscope_sounds_secret ((SioSpan) { event.data + 1, event.size - 2 });
}

static void
remember_attachments (SioscopeRedactor *self,
                      guint64           row,
                      guint64           bits)
{
  guint64 *known = g_hash_table_lookup (self->attachments, &row);

  if (known != NULL)
    *known |= bits;
  else if (g_hash_table_size (self->attachments) < ATTACHMENTS_MAX)
    g_hash_table_insert (self->attachments, g_memdup2 (&row, sizeof row), g_memdup2 (&bits, sizeof bits));
  else
    self->all_attachments = TRUE;
}

/* emit ("getToken", callback): what the ack brings is what the event is called by. */
static void
learn_answer (SioscopeRedactor    *self,
              SioscopeLook        *look,
              const SioscopeEntry *entry)
{
  SioscopeAsked asked = { .row = entry->row };

  if (entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT)
    {
      if (entry->id >= 0 && event_sounds_secret (entry->event))
        sioscope_waiting_add (&self->waiting, entry->direction, entry->nsp, entry->id, &asked);
    }
  else if ((entry->packet_type == SIO_PACKET_ACK || entry->packet_type == SIO_PACKET_BINARY_ACK)
           && sioscope_waiting_answer (&self->waiting, entry->direction, entry->nsp, entry->id, &asked))
    sioscope_look_json (look, entry->args, TRUE);
}

void
sioscope_redactor_learn (SioscopeRedactor    *self,
                         const SioscopeEntry *entry)
{
  SioscopeLook look = { .net = self->net };

  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
      sioscope_look_packet (&look, entry->raw);
      learn_answer (self, &look, entry);
      if (look.binary)
        remember_attachments (self, entry->row, look.attachments);
      break;
    case SIOSCOPE_KIND_ENGINE:
      sioscope_look_packet (&look, entry->raw);
      break;
    case SIOSCOPE_KIND_ATTACHMENT:
      if (attachment_is_told (self, entry->ref, entry->index))
        learn_binary (self, entry->raw);
      else if (looks_like_json (entry->raw))
        learn_mixed (&look, entry->raw);
      break;
    case SIOSCOPE_KIND_HTTP:
      sioscope_look_plain (&look, entry->uri);
      sioscope_look_headers (&look, entry->request_headers);
      sioscope_look_headers (&look, entry->response_headers);
      sioscope_look_body (&look, entry->request_body);
      sioscope_look_body (&look, entry->response_body);
      break;
    case SIOSCOPE_KIND_STATE:
      sioscope_net_add (self->net, entry->sid, SIOSCOPE_SECRET_PLAIN, FALSE);
      break;
    case SIOSCOPE_KIND_SOCKET:
      if (entry->socket_change == SIO_TAP_SOCKET_CONNECTED)
        sioscope_net_add (self->net, entry->reason, SIOSCOPE_SECRET_PLAIN, FALSE);
      learn_mixed (&look, entry->nsp);
      learn_mixed (&look, entry->args);
      break;
    case SIOSCOPE_KIND_EMIT:
      learn_mixed (&look, entry->nsp);
      sioscope_look_json (&look, entry->args, event_sounds_secret (entry->event));
      sioscope_look_plain (&look, entry->args);
      break;
    case SIOSCOPE_KIND_ERROR:
      sioscope_look_packet (&look, entry->raw);
      break;
    case SIOSCOPE_KIND_FRAME:
    case SIOSCOPE_KIND_NOTE:
      break;
    }
  learn_mixed (&look, entry->message);
}

void
sioscope_redactor_learn_text (SioscopeRedactor *self,
                              const char       *text)
{
  SioscopeLook look = { .net = self->net };

  if (text != NULL)
    learn_mixed (&look, (SioSpan) { text, strlen (text) });
}

void
sioscope_redactor_learn_name (SioscopeRedactor   *self,
                              const SioscopeName *name)
{
  if (name->event.size > 2)
    {
      g_autoptr(GString) event = sio_json_unquote (name->event);

      sioscope_net_add_name (self->net, (SioSpan) { event->str, event->len });
    }
  if (name->nsp.size > 1)
    sioscope_net_add_name (self->net, (SioSpan) { name->nsp.data + 1, name->nsp.size - 1 });
}

void
sioscope_redactor_seal (SioscopeRedactor *self)
{
  sioscope_net_seal (self->net);
}

/* ── Redacting ── */

static SioSpan
keep (SioscopeRedacted *memory,
      GString          *text)
{
  g_ptr_array_add (memory->pieces, text);
  return (SioSpan) { text->str, text->len };
}

typedef gboolean (*RedactText) (SioscopeNet *net,
                                SioSpan      text,
                                GString     *out);

static void
redact_span (SioscopeRedactor *self,
             SioSpan          *span,
             RedactText        redact_text,
             SioscopeRedacted *memory)
{
  GString *out;

  if (span->size == 0)
    return;
  out = g_string_new (NULL);
  if (redact_text (self->net, *span, out))
    *span = keep (memory, out);
  else
    g_string_free (out, TRUE);
}

static gboolean
redact_headers (SioscopeNet *net,
                SioSpan      headers,
                GString     *out)
{
  g_autoptr(GArray) masks = g_array_new (FALSE, FALSE, sizeof (SioscopeMask));
  SioscopeLook look = { .base = headers.data, .masks = masks };

  sioscope_look_headers (&look, headers);
  sioscope_net_find (net, headers, masks);
  /* A header is a text, whatever is hidden in it. */
  for (guint i = 0; i < masks->len; i++)
    g_array_index (masks, SioscopeMask, i).whole = FALSE;
  if (masks->len != 0)
    sioscope_render_masked (out, headers, headers.size, masks, NULL);
  return masks->len != 0;
}

/* It would tell how long what was hidden in the body is. */
static gboolean
redact_content_length (SioscopeNet *net,
                       SioSpan      headers,
                       GString     *out)
{
  static const char name[] = "Content-Length:";
  const char *p = headers.data, *end = p + headers.size;
  gboolean any = FALSE;

  while (p < end)
    {
      const char *stop = memchr (p, '\n', (gsize) (end - p));

      stop = stop != NULL ? stop + 1 : end;
      if ((gsize) (stop - p) >= sizeof name - 1 && g_ascii_strncasecmp (p, name, sizeof name - 1) == 0)
        {
          g_string_append_len (out, p, sizeof name - 1);
          g_string_append (out, " " SIOSCOPE_REDACTED "\r\n");
          any = TRUE;
        }
      else
        g_string_append_len (out, p, stop - p);
      p = stop;
    }
  return any;
}

static void
redact_message (SioscopeRedactor *self,
                SioSpan          *headers,
                SioSpan          *body,
                SioscopeRedacted *memory)
{
  const char *before = body->data;

  redact_span (self, headers, redact_headers, memory);
  redact_span (self, body, sioscope_redact_body, memory);
  if (body->data != before)
    redact_span (self, headers, redact_content_length, memory);
}

/* Values with commas between. */
static gboolean
redact_values (SioscopeNet *net,
               SioSpan      text,
               GString     *out)
{
  g_autoptr(GArray) masks = g_array_new (FALSE, FALSE, sizeof (SioscopeMask));
  SioscopeLook look = { .base = text.data, .masks = masks };

  sioscope_look_json (&look, text, FALSE);
  sioscope_look_plain (&look, text);
  sioscope_net_find (net, text, masks);
  if (masks->len != 0)
    sioscope_render_masked (out, text, 0, masks, NULL);
  return masks->len != 0;
}

/* Of an event whose name says what they are. */
static gboolean
redact_all_values (SioscopeNet *net,
                   SioSpan      text,
                   GString     *out)
{
  g_autoptr(GArray) masks = g_array_new (FALSE, FALSE, sizeof (SioscopeMask));
  SioscopeLook look = { .base = text.data, .masks = masks };

  sioscope_look_json (&look, text, TRUE);
  if (masks->len != 0)
    sioscope_render_masked (out, text, 0, masks, NULL);
  return masks->len != 0;
}

static gboolean
redact_packet (SioscopeNet *net,
               SioSpan      text,
               GString     *out)
{
  return sioscope_redact_packet (net, text, out, NULL);
}

/* An error's bytes were no packet, or one that should not have come. */
static gboolean
redact_wrong_bytes (SioscopeNet *net,
                    SioSpan      bytes,
                    GString     *out)
{
  if (!sio_utf8_validate (bytes))
    {
      if (!sioscope_net_find (net, bytes, NULL) && !sioscope_look_msgpack (bytes))
        return FALSE;
      g_string_append (out, SIOSCOPE_REDACTED);
      return TRUE;
    }
  return sioscope_redact_body (net, bytes, out);
}

static void
redact_binary (SioscopeRedactor *self,
               SioSpan          *bytes,
               gboolean          told)
{
  SioscopeLook look = { .base = bytes->data };
  g_autoptr(GArray) masks = NULL;

  if (bytes->size == 0)
    return;
  if (!told && !sioscope_net_find (self->net, *bytes, NULL))
    {
      if (!looks_like_json (*bytes))
        return;
      look.masks = masks = g_array_new (FALSE, FALSE, sizeof (SioscopeMask));
      learn_mixed (&look, *bytes);
      if (masks->len == 0)
        return;
    }
  *bytes = redacted;
}

static void
move_span (SioSpan *span,
           SioSpan  old,
           SioSpan  fresh,
           GArray  *moved)
{
  gsize start = (gsize) (span->data - old.data);
  gsize end = sioscope_moved_place (moved, start + span->size, TRUE);

  start = sioscope_moved_place (moved, start, FALSE);
  *span = (SioSpan) { fresh.data + start, end - start };
}

static void
redact_packet_entry (SioscopeRedactor *self,
                     SioscopeEntry    *entry,
                     SioscopeRedacted *memory)
{
  GString *out = g_string_new (NULL);
  g_autoptr(GArray) moved = g_array_new (FALSE, FALSE, sizeof (SioscopeMoved));
  SioSpan old = entry->raw, *parts[] = { &entry->nsp, &entry->event, &entry->args };
  static const RedactText ways[] = { sioscope_redact_mixed, redact_values, redact_values };

  if (old.size != 0 && sioscope_redact_packet (self->net, old, out, moved))
    {
      SioSpan fresh = keep (memory, out);

      entry->raw = fresh;
      for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        if (is_inside (*parts[i], old))
          move_span (parts[i], old, fresh, moved);
        else
          redact_span (self, parts[i], ways[i], memory);
      /* Another parser's message says the same in another way. */
      if (entry->wire.size != 0)
        entry->wire = redacted;
      return;
    }
  g_string_free (out, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!is_inside (*parts[i], old))
      redact_span (self, parts[i], ways[i], memory);
  redact_binary (self, &entry->wire, self->all_attachments || g_hash_table_contains (self->attachments, &entry->row));
}

void
sioscope_redactor_redact (SioscopeRedactor *self,
                          SioscopeEntry    *entry,
                          SioscopeRedacted *memory)
{
  g_ptr_array_set_size (memory->pieces, 0);
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
      redact_packet_entry (self, entry, memory);
      return;
    case SIOSCOPE_KIND_ATTACHMENT:
      redact_binary (self, &entry->raw, attachment_is_told (self, entry->ref, entry->index));
      return;
    case SIOSCOPE_KIND_ENGINE:
      redact_span (self, &entry->raw, redact_packet, memory);
      return;
    case SIOSCOPE_KIND_FRAME:
    case SIOSCOPE_KIND_ERROR:
      redact_span (self, &entry->raw, redact_wrong_bytes, memory);
      break;
    case SIOSCOPE_KIND_HTTP:
      redact_span (self, &entry->uri, sioscope_redact_mixed, memory);
      redact_message (self, &entry->request_headers, &entry->request_body, memory);
      redact_message (self, &entry->response_headers, &entry->response_body, memory);
      break;
    case SIOSCOPE_KIND_STATE:
      if (entry->sid.size != 0)
        entry->sid = redacted;
      break;
    case SIOSCOPE_KIND_SOCKET:
      if (entry->socket_change == SIO_TAP_SOCKET_CONNECTED && entry->reason.size != 0)
        entry->reason = redacted;
      break;
    case SIOSCOPE_KIND_EMIT:
      if (event_sounds_secret (entry->event))
        redact_span (self, &entry->args, redact_all_values, memory);
      break;
    case SIOSCOPE_KIND_NOTE:
      break;
    }

  redact_span (self, &entry->nsp, sioscope_redact_mixed, memory);
  redact_span (self, &entry->event, redact_values, memory);
  redact_span (self, &entry->args, redact_values, memory);
  redact_span (self, &entry->reason, sioscope_redact_mixed, memory);
  redact_span (self, &entry->message, sioscope_redact_mixed, memory);
  redact_span (self, &entry->tls_certificate, redact_headers, memory);
}

char *
sioscope_redactor_redact_text (SioscopeRedactor *self,
                               const char       *text)
{
  GString *out = g_string_new (NULL);

  if (!sioscope_redact_mixed (self->net, (SioSpan) { text, strlen (text) }, out))
    g_string_assign (out, text);
  return g_string_free (out, FALSE);
}

void
sioscope_redactor_redact_attachments (SioscopeRedactor *self,
                                      guint64           packet_row,
                                      GPtrArray        *attachments)
{
  for (guint i = 0; i < attachments->len; i++)
    {
      SioSpan bytes, before;

      before.data = g_bytes_get_data (g_ptr_array_index (attachments, i), &before.size);
      bytes = before;
      redact_binary (self, &bytes, attachment_is_told (self, packet_row, i));
      if (bytes.data == before.data)
        continue;
      g_bytes_unref (g_ptr_array_index (attachments, i));
      g_ptr_array_index (attachments, i) = g_bytes_new_static (bytes.data, bytes.size);
    }
}
