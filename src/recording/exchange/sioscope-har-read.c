/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading a HAR. It is gone through once to find the exchanges of Engine.IO and when they were; then they are read again side by side,
 * what was first first, each as far as it has come. Kept are a few numbers for each exchange, and never a tree. */

#include "sioscope-har-source-private.h"

#include "wire/sio-json-private.h"

#define MAX_SOURCES 1000000
/* Between looks at whether to go on. */
#define LOOK_MESSAGES 256

/* ── What is wrong, and where ── */

static gboolean
refuse_at (SioscopeHar  *self,
           const char   *place,
           const char   *expected,
           GError      **error)
{
  g_set_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_INVALID, "byte %" G_GSIZE_FORMAT ": expected %s",
               (gsize) (place - self->import->text.data), expected);
  return FALSE;
}

/* ISO 8601, microseconds exact. GLib's own reading of fractions goes through a double. */
static gboolean
read_calendar (SioSpan  token,
               gint64  *real_us)
{
  g_autoptr(GString) text = sio_json_unquote (token);
  g_autoptr(GDateTime) time = NULL;
  char *point = strpbrk (text->str, ".,");
  gint64 us = 0;

  if (token.size < 2 || token.data[0] != '"' || token.size > 64 || strlen (text->str) != text->len)
    return FALSE;
  if (point != NULL)
    {
      gsize n = 1;

      for (; g_ascii_isdigit (point[n]); n++)
        if (n <= 6)
          us = us * 10 + (point[n] - '0');
      if (n == 1)
        return FALSE;
      for (gsize i = n; i <= 6; i++)
        us *= 10;
      g_string_erase (text, point - text->str, (gssize) n);
    }
  time = g_date_time_new_from_iso8601 (text->str, NULL);
  if (time == NULL)
    {
      g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();

      time = g_date_time_new_from_iso8601 (text->str, utc);
    }
  if (time == NULL)
    return FALSE;
  *real_us = g_date_time_to_unix (time) * G_USEC_PER_SEC + us;
  return TRUE;
}

/* ── Which exchanges there are ── */

static void
expect_one (SioscopeHar              *self,
            const SioscopeHarAddress *address)
{
  char *sid;
  guint n;

  if (address->sid.size == 0)
    return;
  sid = g_strndup (address->sid.data, address->sid.size);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (self->sessions.to_come, sid));
  g_hash_table_replace (self->sessions.to_come, sid, GUINT_TO_POINTER (n + 1));
}

static gboolean
add_entry (SioscopeHar  *self,
           SioSpan       text,
           guint         number,
           GError      **error)
{
  SioscopeHarSource source = { .text = text, .number = number };
  SioSpan url = sioscope_har_get (text, "request.url"), start = sioscope_har_get (text, "startedDateTime");
  SioSpan time = sioscope_har_get (text, "time");
  SioSpan messages = sioscope_har_get (text, "_webSocketMessages");
  SioscopeHarAddress address;
  gint64 duration_us;

  if (url.size < 2 || url.data[0] != '"')
    return TRUE;
  sioscope_har_read_address (sioscope_har_unquote (self, url), &address);
  if (address.eio == 0)
    return TRUE;
  if (self->sources->len == MAX_SOURCES)
    {
      g_set_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_INVALID,
                   "entry %u: there are more than %d exchanges of Engine.IO", number, MAX_SOURCES);
      return FALSE;
    }
  if (!read_calendar (start, &source.begin_us))
    return sioscope_har_refuse (self, &source, "startedDateTime", start, "a time such as \"2020-01-31T12:00:00.000Z\"", error);
  if (!sioscope_import_int64 (time, 3, TRUE, &duration_us) || duration_us < 0)
    duration_us = 0; /* a browser that does not know says -1 or null */
  source.end_us = sioscope_har_add_us (source.begin_us, duration_us);
  source.next_us = source.begin_us;
  if (address.transport == SIO_TRANSPORT_KIND_WEBSOCKET)
    {
      self->n_sockets++;
      source.stage = SIOSCOPE_HAR_END;
      if (messages.size != 0 && messages.data[0] != '[')
        return sioscope_har_refuse (self, &source, "_webSocketMessages", messages, "an array", error);
      if (messages.size != 0)
        source.next = messages.data + 1;
      /* Of a WebSocket browsers give the time until it was closed. Its handshake was over when the first message came. */
      if (sioscope_har_look_ahead (&source))
        source.end_us = MIN (source.end_us, source.next_us);
      source.next_us = source.end_us;
    }
  expect_one (self, &address);
  g_array_append_val (self->sources, source);
  return TRUE;
}

static gboolean
read_entries (SioscopeHar           *self,
              SioscopeImportReader  *reader,
              GError               **error)
{
  gboolean first = TRUE;
  guint number = 0;
  SioSpan entry;

  if (!sioscope_import_open (reader, '['))
    return TRUE;
  while (sioscope_import_more (reader, &first, ']') && sioscope_import_value (reader, &entry))
    {
      if (!add_entry (self, entry, number++, error)
          || !sioscope_import_go_on (self->import, 0.5 * (double) (entry.data - self->import->text.data)
                                                   / (double) self->import->text.size, error))
        return FALSE;
      g_ptr_array_set_size (self->import->scratch, 0);
    }
  return TRUE;
}

static gboolean
read_log (SioscopeHar           *self,
          SioscopeImportReader  *reader,
          GError               **error)
{
  gboolean first = TRUE, has_entries = FALSE;
  SioSpan name, value;

  if (!sioscope_import_open (reader, '{'))
    return TRUE;
  while (sioscope_import_more (reader, &first, '}') && sioscope_import_name (reader, &name))
    {
      if (sio_json_token_equals (name, "entries") && !has_entries)
        {
          has_entries = TRUE;
          if (!read_entries (self, reader, error))
            return FALSE;
          if (reader->expected != NULL)
            return TRUE;
          continue;
        }
      if (!sioscope_import_value (reader, &value))
        break;
      if (sio_json_token_equals (name, "creator"))
        self->creator = value;
      else if (sio_json_token_equals (name, "browser"))
        self->browser = value;
      else if (sio_json_token_equals (name, "comment"))
        self->comment = value;
    }
  if (reader->expected == NULL && !has_entries)
    return refuse_at (self, reader->p, "\"entries\" in \"log\"", error);
  return TRUE;
}

static gboolean
read_document (SioscopeHar  *self,
               GError      **error)
{
  SioscopeImportReader reader;
  gboolean first = TRUE, has_log = FALSE;
  SioSpan name, value;

  sioscope_import_reader_init (&reader, self->import->text);
  sioscope_import_open (&reader, '{');
  while (reader.expected == NULL && sioscope_import_more (&reader, &first, '}') && sioscope_import_name (&reader, &name))
    {
      if (!sio_json_token_equals (name, "log") || has_log)
        {
          sioscope_import_value (&reader, &value);
          continue;
        }
      has_log = TRUE;
      if (!read_log (self, &reader, error))
        return FALSE;
    }
  if (reader.expected == NULL)
    sioscope_import_end (&reader);
  return reader.expected == NULL || refuse_at (self, reader.p, reader.expected, error);
}

/* ── In order of time ── */

static gboolean
is_before (SioscopeHar *self,
           guint        a,
           guint        b)
{
  const SioscopeHarSource *first = &g_array_index (self->sources, SioscopeHarSource, a);
  const SioscopeHarSource *second = &g_array_index (self->sources, SioscopeHarSource, b);

  return first->next_us != second->next_us ? first->next_us < second->next_us : a < b;
}

static void
swap (guint *a,
      guint *b)
{
  guint kept = *a;

  *a = *b;
  *b = kept;
}

static void
sift_down (SioscopeHar *self,
           guint        place)
{
  guint *heap = (guint *) (gpointer) self->heap->data;

  while (TRUE)
    {
      guint least = place;

      for (guint child = 2 * place + 1; child <= 2 * place + 2 && child < self->heap->len; child++)
        if (is_before (self, heap[child], heap[least]))
          least = child;
      if (least == place)
        return;
      swap (&heap[place], &heap[least]);
      place = least;
    }
}

static gboolean
read_sources (SioscopeHar  *self,
              GError      **error)
{
  guint64 n_done = 0;

  for (guint i = 0; i < self->sources->len; i++)
    g_array_append_val (self->heap, i);
  for (guint i = self->heap->len / 2; i > 0; i--)
    sift_down (self, i - 1);

  while (self->heap->len > 0)
    {
      guint *heap = (guint *) (gpointer) self->heap->data;
      SioscopeHarSource *source = &g_array_index (self->sources, SioscopeHarSource, heap[0]);
      double done = 1.0 - (double) self->heap->len / (double) self->sources->len;
      gboolean more;

      if (!sioscope_har_advance (self, source, &more, error))
        return FALSE;
      g_ptr_array_set_size (self->import->scratch, 0);
      if (!more)
        {
          heap[0] = heap[self->heap->len - 1];
          g_array_set_size (self->heap, self->heap->len - 1);
        }
      /* Where there are several connections, no packet of another one comes between one and its attachments. */
      if (!more || !self->sessions.said_parallel || !sioscope_har_session_is_waiting (source->session))
        sift_down (self, 0);
      if (n_done++ % LOOK_MESSAGES == 0 && !sioscope_import_go_on (self->import, 0.5 + done / 2, error))
        return FALSE;
    }
  return TRUE;
}

/* ── The recording ── */

static char *
make_title (SioscopeHar *self)
{
  const SioscopeHarSource *first = &g_array_index (self->sources, SioscopeHarSource, 0);
  SioSpan url = sioscope_har_unquote (self, sioscope_har_get (first->text, "request.url"));
  g_autofree char *text = g_strndup (url.data, url.size);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr(GUri) uri = g_uri_parse (valid, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
  gboolean is_secure;

  if (sio_span_equals (sioscope_har_unquote (self, sioscope_har_get (self->creator, "name")), "Sioscope") && self->comment.size > 2)
    {
      SioSpan comment = sioscope_har_unquote (self, self->comment);

      if (comment.size != 0 && memchr (comment.data, 0, comment.size) == NULL)
        return g_strndup (comment.data, comment.size);
    }
  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return g_strdup ("HAR");
  is_secure = g_str_equal (g_uri_get_scheme (uri), "https") || g_str_equal (g_uri_get_scheme (uri), "wss");
  return g_uri_join (G_URI_FLAGS_ENCODED, is_secure ? "https" : "http", NULL, g_uri_get_host (uri), g_uri_get_port (uri), "/",
                     NULL, NULL);
}

static char *
make_name (SioscopeHar *self,
           SioSpan      program)
{
  SioSpan name = sioscope_har_unquote (self, sioscope_har_get (program, "name"));
  SioSpan version = sioscope_har_unquote (self, sioscope_har_get (program, "version"));
  g_autoptr(GString) text = g_string_new (NULL);

  g_string_append_len (text, name.data, (gssize) MIN (name.size, 100));
  if (version.size != 0)
    g_string_append_c (text, ' ');
  g_string_append_len (text, version.data, (gssize) MIN (version.size, 100));
  g_string_truncate (text, strlen (text->str));
  return g_utf8_make_valid (text->str, (gssize) text->len);
}

static gboolean
begin (SioscopeHar  *self,
       GError      **error)
{
  g_autofree char *title = make_title (self);
  g_autofree char *creator = make_name (self, self->creator);
  g_autofree char *browser = make_name (self, self->browser);
  g_autofree char *note = NULL;
  gint64 start_us = G_MAXINT64;

  for (guint i = 0; i < self->sources->len; i++)
    start_us = MIN (start_us, MIN (g_array_index (self->sources, SioscopeHarSource, i).begin_us,
                                   g_array_index (self->sources, SioscopeHarSource, i).next_us));
  self->sessions.start_real_us = start_us;
  note = g_strdup_printf ("Made from a HAR of %s, with %u requests and %u WebSockets of Engine.IO. The states of the connection and of "
                          "its namespaces are concluded from the packets.", *creator != '\0' ? creator : "an unnamed program",
                          self->sources->len - self->n_sockets, self->n_sockets);
  return sioscope_import_begin (self->import, title, *browser != '\0' ? browser : creator, start_us, error)
         && sioscope_har_note (&self->sessions, note, error);
}

/* The format is docs/formats.md. */
gboolean
sioscope_import_har (SioscopeImport  *import,
                     GError         **error)
{
  SioscopeHar self = { .import = import };
  gboolean good;

  self.sources = g_array_new (FALSE, FALSE, sizeof (SioscopeHarSource));
  self.heap = g_array_new (FALSE, FALSE, sizeof (guint));
  sioscope_har_sessions_init (&self.sessions, import, 0);
  good = read_document (&self, error);
  if (good && self.sources->len == 0)
    {
      g_set_error (error, SIOSCOPE_IMPORT_ERROR, SIOSCOPE_IMPORT_ERROR_NOTHING,
                   "There is nothing of Socket.IO in this HAR: no address with EIO=3 or EIO=4 and a transport");
      good = FALSE;
    }
  good = good && begin (&self, error) && read_sources (&self, error);
  sioscope_har_sessions_clear (&self.sessions);
  g_array_unref (self.sources);
  g_array_unref (self.heap);
  return good;
}
