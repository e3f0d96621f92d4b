/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The members of a line. Whatever a server or a file holds, what comes out is one JSON object on one line. */

#include "sioscope-headers-private.h"
#include "sioscope-print-private.h"

#define HEADERS_MAX 256

const char *
sioscope_transport_word (SioTransportKind transport)
{
  switch (transport)
    {
    case SIO_TRANSPORT_KIND_POLLING: return "polling";
    case SIO_TRANSPORT_KIND_WEBSOCKET: return "websocket";
    case SIO_TRANSPORT_KIND_NONE: break;
    }
  return NULL;
}

void
sioscope_line_begin (GString    *out,
                     const char *kind,
                     gint64      time_us)
{
  g_string_append_printf (out, "{\"kind\":\"%s\",\"time\":%" G_GINT64_FORMAT ".%06d",
                          kind, time_us / G_USEC_PER_SEC, (int) (time_us % G_USEC_PER_SEC));
}

void
sioscope_line_end (GString *out)
{
  g_string_append (out, "}\n");
}

static void
add_name (GString    *out,
          const char *name)
{
  g_string_append (out, ",\"");
  g_string_append (out, name);
  g_string_append (out, "\":");
}

void
sioscope_line_add_text (GString    *out,
                        const char *name,
                        SioSpan     text)
{
  add_name (out, name);
  sio_json_append_quoted (out, text.size != 0 ? text.data : "", (gssize) text.size);
}

void
sioscope_line_add_optional (GString    *out,
                            const char *name,
                            SioSpan     text)
{
  if (text.size != 0)
    sioscope_line_add_text (out, name, text);
}

void
sioscope_line_add_word (GString    *out,
                        const char *name,
                        const char *word)
{
  sioscope_line_add_text (out, name, (SioSpan) { word, strlen (word) });
}

void
sioscope_line_add_number (GString    *out,
                          const char *name,
                          gint64      value)
{
  add_name (out, name);
  g_string_append_printf (out, "%" G_GINT64_FORMAT, value);
}

void
sioscope_line_add_ms (GString    *out,
                      const char *name,
                      gint64      value_us)
{
  add_name (out, name);
  value_us = MAX (0, value_us);
  g_string_append_printf (out, "%" G_GINT64_FORMAT ".%03d", value_us / 1000, (int) (value_us % 1000));
}

void
sioscope_line_add_bool (GString    *out,
                        const char *name,
                        gboolean    value)
{
  add_name (out, name);
  g_string_append (out, value ? "true" : "false");
}

void
sioscope_line_add_json (GString    *out,
                        const char *name,
                        SioSpan     json,
                        gboolean    trusted)
{
  add_name (out, name);
  if (!trusted
      && (!sio_json_validate (json.data, json.size, 1024, NULL, NULL, NULL)
          || !g_utf8_validate_len (json.data, json.size, NULL)))
    sio_json_append_quoted (out, json.size != 0 ? json.data : "", (gssize) json.size);
  else if (json.size == 0)
    g_string_append (out, "null");
  /* Blanks between tokens may be line ends, and a line is a line. */
  else if (memchr (json.data, '\n', json.size) != NULL || memchr (json.data, '\r', json.size) != NULL)
    sio_json_append_compact (out, json);
  else
    g_string_append_len (out, json.data, (gssize) json.size);
}

void
sioscope_line_add_data (GString    *out,
                        const char *name,
                        SioSpan     data,
                        gboolean    binary)
{
  if (!binary && (data.size == 0 || g_utf8_validate_len (data.data, data.size, NULL)))
    {
      sioscope_line_add_text (out, name, data);
      return;
    }
  add_name (out, name);
  g_string_append (out, "{\"$binary\":\"");
  sio_base64_append (out, data.data, data.size);
  g_string_append (out, "\"}");
}

/* A name that comes again makes an array of its values. */
void
sioscope_line_add_headers (GString    *out,
                           const char *name,
                           SioSpan     headers)
{
  struct { SioSpan name, value; gboolean told; } list[HEADERS_MAX];
  guint n = 0;

  while (n < HEADERS_MAX && sioscope_headers_next (&headers, &list[n].name, &list[n].value))
    {
      SioSpan *value = &list[n].value;

      while (value->size > 0 && *value->data == ' ')
        *value = (SioSpan) { value->data + 1, value->size - 1 };
      list[n++].told = FALSE;
    }

  add_name (out, name);
  g_string_append_c (out, '{');
  for (guint i = 0, told = 0; i < n; i++)
    {
      guint same = 0;

      if (list[i].told)
        continue;
      if (told++ > 0)
        g_string_append_c (out, ',');
      sio_json_append_quoted (out, list[i].name.data, (gssize) list[i].name.size);
      g_string_append_c (out, ':');
      for (guint j = i + 1; j < n; j++)
        if (list[j].name.size == list[i].name.size
            && g_ascii_strncasecmp (list[j].name.data, list[i].name.data, list[i].name.size) == 0)
          same++;
      if (same == 0)
        {
          sio_json_append_quoted (out, list[i].value.data, (gssize) list[i].value.size);
          continue;
        }
      g_string_append_c (out, '[');
      sio_json_append_quoted (out, list[i].value.data, (gssize) list[i].value.size);
      for (guint j = i + 1; j < n; j++)
        if (list[j].name.size == list[i].name.size
            && g_ascii_strncasecmp (list[j].name.data, list[i].name.data, list[i].name.size) == 0)
          {
            list[j].told = TRUE;
            g_string_append_c (out, ',');
            sio_json_append_quoted (out, list[j].value.data, (gssize) list[j].value.size);
          }
      g_string_append_c (out, ']');
    }
  g_string_append_c (out, '}');

  /* What is not listed is counted: nothing goes without a word. */
  if (n == HEADERS_MAX)
    {
      g_autofree char *member = g_strconcat (name, "_left_out", NULL);
      SioSpan left_name, left_value;
      gint64 n_left = 0;

      while (sioscope_headers_next (&headers, &left_name, &left_value))
        n_left++;
      if (n_left > 0)
        sioscope_line_add_number (out, member, n_left);
    }
}

/* Which certificate it was, and what was wrong with it. */
void
sioscope_line_add_tls (GString             *out,
                       const SioscopeEntry *entry)
{
  static const struct { guint flag; const char *word; } words[] = {
    { G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown-ca" },
    { G_TLS_CERTIFICATE_BAD_IDENTITY, "bad-identity" },
    { G_TLS_CERTIFICATE_NOT_ACTIVATED, "not-activated" },
    { G_TLS_CERTIFICATE_EXPIRED, "expired" },
    { G_TLS_CERTIFICATE_REVOKED, "revoked" },
    { G_TLS_CERTIFICATE_INSECURE, "insecure" },
    { G_TLS_CERTIFICATE_GENERIC_ERROR, "generic-error" },
  };
  const char *separator = "";

  sioscope_line_add_optional (out, "tls_fingerprint", entry->tls_fingerprint);
  if (entry->tls_certificate.size != 0)
    sioscope_line_add_headers (out, "tls_certificate", entry->tls_certificate);
  if (entry->tls_errors == 0)
    return;
  g_string_append (out, ",\"tls_errors\":[");
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (entry->tls_errors & words[i].flag)
      {
        g_string_append_printf (out, "%s\"%s\"", separator, words[i].word);
        separator = ",";
      }
  g_string_append_c (out, ']');
}
