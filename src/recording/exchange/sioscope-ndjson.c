/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing NDJSON: one line a row, nothing left out, and the same rows always give the same bytes. */

#include "sioscope-exporter-private.h"
#include "sioscope-ndjson-private.h"

#include "wire/sio-base64.h"
#include "wire/sio-json.h"

static void
append_name (GString    *out,
             const char *name)
{
  g_string_append (out, ",\"");
  g_string_append (out, name);
  g_string_append (out, "\":");
}

static void
append_bytes (GString *out,
              SioSpan  bytes)
{
  g_string_append (out, "{\"$binary\":\"");
  sio_base64_append (out, bytes.data, bytes.size);
  g_string_append (out, "\"}");
}

static void
append_text (GString *out,
             SioSpan  text)
{
  if (text.size == 0)
    g_string_append (out, "\"\"");
  else if (sio_utf8_validate (text))
    sio_json_append_quoted (out, text.data, (gssize) text.size);
  else
    append_bytes (out, text);
}

/* What should be JSON and cannot stand in a line as it is. */
static void
append_wrapped (GString *out,
                SioSpan  text)
{
  if (!sio_utf8_validate (text))
    {
      append_bytes (out, text);
      return;
    }
  g_string_append (out, "{\"$text\":");
  sio_json_append_quoted (out, text.data, (gssize) text.size);
  g_string_append_c (out, '}');
}

static gboolean
has_line_end (SioSpan text)
{
  return memchr (text.data, '\n', text.size) != NULL || memchr (text.data, '\r', text.size) != NULL;
}

/* Not if it could be taken for one of our own wrappings, nor with blanks around it, which a reader would lose. */
static gboolean
can_stand (SioSpan json)
{
  gsize second = 1;

  if (has_line_end (json) || !sio_json_validate (json.data, json.size, SIOSCOPE_NDJSON_MAX_DEPTH, NULL, NULL, NULL)
      || g_ascii_isspace (json.data[0]) || g_ascii_isspace (json.data[json.size - 1]))
    return FALSE;
  while (second < json.size && g_ascii_isspace (json.data[second]))
    second++;
  return json.data[0] != '{' || second + 1 >= json.size || json.data[second] != '"'
         || (json.data[second + 1] != '$' && json.data[second + 1] != '\\');
}

static gboolean
same_text (SioSpan a,
           SioSpan b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

static void
append_args (GString             *out,
             const SioscopeEntry *entry)
{
  gsize start = out->len;
  gboolean good;

  g_string_append_c (out, '[');
  g_string_append_len (out, entry->args.data, (gssize) entry->args.size);
  g_string_append_c (out, ']');
  good = sio_json_validate (out->str + start, out->len - start, SIOSCOPE_NDJSON_MAX_DEPTH + 1, NULL, NULL, NULL);
  if (good && !has_line_end (entry->args))
    return;

  g_string_truncate (out, start);
  /* Blanks between tokens are line ends here, and a line is a line. The packet's own text has them still. */
  if (good && entry->kind == SIOSCOPE_KIND_PACKET)
    {
      SioscopeNdjsonPacket packet;

      if (sioscope_ndjson_read_packet (entry->raw, &packet) && same_text (packet.args, entry->args))
        {
          g_autofree char *array = g_malloc (entry->args.size + 2);

          array[0] = '[';
          memcpy (array + 1, entry->args.data, entry->args.size);
          array[entry->args.size + 1] = ']';
          sio_json_append_compact (out, (SioSpan) { array, entry->args.size + 2 });
          return;
        }
    }
  append_wrapped (out, entry->args);
}

static void
append_lines (GString *out,
              SioSpan  text)
{
  const char *p = text.data, *end = text.data + text.size;

  if (text.size < 2 || memcmp (end - 2, "\r\n", 2) != 0)
    {
      append_text (out, text);
      return;
    }
  g_string_append_c (out, '[');
  while (p < end)
    {
      const char *line_end = memmem (p, (gsize) (end - p), "\r\n", 2);

      if (p != text.data)
        g_string_append_c (out, ',');
      append_text (out, (SioSpan) { p, (gsize) (line_end - p) });
      p = line_end + 2;
    }
  g_string_append_c (out, ']');
}

static void
append_tls (GString *out,
            guint    flags)
{
  const char *separator = "";

  g_string_append_c (out, '[');
  for (const SioscopeNdjsonFlag *flag = sioscope_ndjson_tls_flags; flag->flag != 0; flag++)
    if (flags & flag->flag)
      {
        g_string_append_printf (out, "%s\"%s\"", separator, flag->word);
        separator = ",";
        flags &= ~flag->flag;
      }
  if (flags != 0)
    g_string_append_printf (out, "%s%u", separator, flags);
  g_string_append_c (out, ']');
}

static void
append_ms (GString *out,
           gint64   us)
{
  guint64 size = us < 0 ? 0 - (guint64) us : (guint64) us;

  g_string_append_printf (out, "%s%" G_GUINT64_FORMAT ".%03u", us < 0 ? "-" : "", size / 1000, (guint) (size % 1000));
}

static gboolean
is_default (const SioscopeNdjsonField *field,
            const SioscopeEntry       *entry)
{
  gconstpointer value = G_STRUCT_MEMBER_P (entry, field->offset);

  switch (field->type)
    {
    case SIOSCOPE_NDJSON_TEXT:
    case SIOSCOPE_NDJSON_BYTES:
    case SIOSCOPE_NDJSON_JSON:
    case SIOSCOPE_NDJSON_ARGS:
    case SIOSCOPE_NDJSON_LINES:
      return ((const SioSpan *) value)->size == 0;
    case SIOSCOPE_NDJSON_UINT:
    case SIOSCOPE_NDJSON_INT:
    case SIOSCOPE_NDJSON_BOOL:
    case SIOSCOPE_NDJSON_WORD:
    case SIOSCOPE_NDJSON_TLS:
      return *(const guint *) value == 0;
    case SIOSCOPE_NDJSON_INT64:
    case SIOSCOPE_NDJSON_UINT64:
    case SIOSCOPE_NDJSON_MS:
      return *(const gint64 *) value == 0;
    case SIOSCOPE_NDJSON_ID:
    case SIOSCOPE_NDJSON_REF:
      return *(const gint64 *) value == -1;
    }
  g_return_val_if_reached (FALSE);
}

static void
append_value (GString                   *out,
              const SioscopeNdjsonField *field,
              const SioscopeEntry       *entry)
{
  gconstpointer value = G_STRUCT_MEMBER_P (entry, field->offset);

  switch (field->type)
    {
    case SIOSCOPE_NDJSON_TEXT:
      append_text (out, *(const SioSpan *) value);
      break;
    case SIOSCOPE_NDJSON_BYTES:
      append_bytes (out, *(const SioSpan *) value);
      break;
    case SIOSCOPE_NDJSON_JSON:
      if (can_stand (*(const SioSpan *) value))
        g_string_append_len (out, ((const SioSpan *) value)->data, (gssize) ((const SioSpan *) value)->size);
      else
        append_wrapped (out, *(const SioSpan *) value);
      break;
    case SIOSCOPE_NDJSON_ARGS:
      append_args (out, entry);
      break;
    case SIOSCOPE_NDJSON_LINES:
      append_lines (out, *(const SioSpan *) value);
      break;
    case SIOSCOPE_NDJSON_UINT:
      g_string_append_printf (out, "%u", *(const guint *) value);
      break;
    case SIOSCOPE_NDJSON_INT:
      g_string_append_printf (out, "%d", *(const gint *) value);
      break;
    case SIOSCOPE_NDJSON_INT64:
    case SIOSCOPE_NDJSON_ID:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, *(const gint64 *) value);
      break;
    case SIOSCOPE_NDJSON_UINT64:
    case SIOSCOPE_NDJSON_REF:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, *(const guint64 *) value);
      break;
    case SIOSCOPE_NDJSON_BOOL:
      g_string_append (out, *(const gboolean *) value ? "true" : "false");
      break;
    case SIOSCOPE_NDJSON_MS:
      append_ms (out, *(const gint64 *) value);
      break;
    case SIOSCOPE_NDJSON_WORD:
      g_string_append_printf (out, "\"%s\"", field->words[*(const guint *) value]);
      break;
    case SIOSCOPE_NDJSON_TLS:
      append_tls (out, *(const guint *) value);
      break;
    }
}

static void
append_entry (GString             *out,
              const SioscopeEntry *entry)
{
  g_string_append_printf (out, "{\"kind\":\"%s\",\"time\":%" G_GINT64_FORMAT ".%06d,\"row\":%" G_GUINT64_FORMAT,
                          sioscope_ndjson_kinds[entry->kind], entry->time_us / G_USEC_PER_SEC,
                          (int) (entry->time_us % G_USEC_PER_SEC), entry->row);
  for (const SioscopeNdjsonField *field = sioscope_ndjson_fields; field->name != NULL; field++)
    {
      if (!(field->kinds & (1u << entry->kind)) || (!field->always && is_default (field, entry)))
        continue;
      append_name (out, field->name);
      append_value (out, field, entry);
    }
  g_string_append (out, "}\n");
}

/* A time of the calendar for people; whoever wants to know exactly reads the number. */
static void
append_calendar (GString *out,
                 gint64   real_us)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (real_us / G_USEC_PER_SEC);
  g_autofree char *text = time != NULL && real_us >= 0 ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%S") : NULL;

  if (text != NULL)
    g_string_append_printf (out, ",\"start\":\"%s.%06dZ\"", text, (int) (real_us % G_USEC_PER_SEC));
}

/* The format is docs/formats.md. */
void
sioscope_export_ndjson (SioscopeExporter *self)
{
  GString *out = sioscope_exporter_get_out (self);
  SioscopeRecording *recording = sioscope_exporter_get_recording (self);
  gint64 start_us = sioscope_recording_get_start_real_us (recording);
  const char *title = sioscope_exporter_get_title (self);
  const char *client = sioscope_recording_get_client (recording);
  SioscopeEntry entry;

  g_string_append_printf (out, "{\"format\":\"" SIOSCOPE_NDJSON_FORMAT "\",\"version\":%d,\"title\":",
                          SIOSCOPE_NDJSON_VERSION);
  append_text (out, (SioSpan) { title, strlen (title) });
  append_name (out, "client");
  append_text (out, (SioSpan) { client, strlen (client) });
  append_name (out, "start_us");
  g_string_append_printf (out, "%" G_GINT64_FORMAT, start_us);
  append_calendar (out, start_us);
  g_string_append (out, "}\n");

  while (sioscope_exporter_flush (self) && sioscope_exporter_next (self, &entry))
    append_entry (out, &entry);
}
