/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The values of a line of NDJSON, back to the bytes that they were made of. */

#include "sioscope-ndjson-read-private.h"

#include "wire/sio-json-private.h"

/* {"$binary":"…"} or {"$text":"…"}; FALSE with *wrapped FALSE if it is something else. */
static gboolean
read_wrapped (SioscopeImport *self,
              SioSpan         value,
              SioSpan        *bytes,
              gboolean       *wrapped)
{
  SioscopeImportReader reader;
  gboolean first = TRUE, binary;
  SioSpan name, token;

  *wrapped = FALSE;
  sioscope_import_reader_init (&reader, value);
  if (value.data[0] != '{' || !sioscope_import_open (&reader, '{') || !sioscope_import_more (&reader, &first, '}')
      || !sioscope_import_name (&reader, &name))
    return FALSE;
  binary = sio_json_token_equals (name, "$binary");
  if (!binary && !sio_json_token_equals (name, "$text"))
    return FALSE;
  *wrapped = TRUE;
  if (!sioscope_import_value (&reader, &token) || token.data[0] != '"' || sioscope_import_more (&reader, &first, '}')
      || reader.expected != NULL)
    return FALSE;
  if (!binary)
    return sioscope_import_text (self, token, bytes);
  return sioscope_import_base64 (self, (SioSpan) { token.data + 1, token.size - 2 }, bytes);
}

gboolean
sioscope_ndjson_read_text (SioscopeImport *self,
                           SioSpan         value,
                           SioSpan        *text)
{
  gboolean wrapped;

  if (value.data[0] == '"')
    return sioscope_import_text (self, value, text);
  return read_wrapped (self, value, text, &wrapped);
}

gboolean
sioscope_ndjson_read_lines (SioscopeImport *self,
                            SioSpan         value,
                            SioSpan        *text)
{
  SioscopeImportReader reader;
  GString *lines;
  gboolean first = TRUE;
  SioSpan token, line;

  if (value.data[0] != '[')
    return sioscope_ndjson_read_text (self, value, text);
  lines = g_string_sized_new (value.size);
  sioscope_import_reader_init (&reader, value);
  sioscope_import_open (&reader, '[');
  while (sioscope_import_more (&reader, &first, ']'))
    {
      if (!sioscope_import_value (&reader, &token) || !sioscope_ndjson_read_text (self, token, &line))
        {
          g_string_free (lines, TRUE);
          return FALSE;
        }
      g_string_append_len (lines, line.data, (gssize) line.size);
      g_string_append (lines, "\r\n");
    }
  *text = sioscope_import_keep (self, g_string_free_to_bytes (lines));
  return reader.expected == NULL;
}

gboolean
sioscope_ndjson_read_tls (SioSpan  value,
                          guint   *flags)
{
  SioscopeImportReader reader;
  gboolean first = TRUE;
  SioSpan token;

  *flags = 0;
  sioscope_import_reader_init (&reader, value);
  if (!sioscope_import_open (&reader, '['))
    return FALSE;
  while (sioscope_import_more (&reader, &first, ']'))
    {
      const SioscopeNdjsonFlag *flag = sioscope_ndjson_tls_flags;
      guint64 number;

      if (!sioscope_import_value (&reader, &token))
        return FALSE;
      while (flag->flag != 0 && !sio_json_token_equals (token, flag->word))
        flag++;
      if (token.data[0] != '"' && sio_json_get_uint (token, G_MAXUINT, &number))
        *flags |= (guint) number;
      else if (token.data[0] == '"' && flag->flag != 0)
        *flags |= flag->flag;
      else
        return FALSE;
    }
  return reader.expected == NULL;
}

gboolean
sioscope_ndjson_read_args (SioscopeImport *self,
                           SioSpan         value,
                           SioSpan        *args)
{
  gboolean wrapped;

  if (value.data[0] != '[')
    return read_wrapped (self, value, args, &wrapped);
  *args = value.size > 2 ? (SioSpan) { value.data + 1, value.size - 2 } : (SioSpan) { NULL, 0 };
  return TRUE;
}

gboolean
sioscope_ndjson_read_json (SioscopeImport *self,
                           SioSpan         value,
                           SioSpan        *json)
{
  gboolean wrapped;

  *json = value;
  return read_wrapped (self, value, json, &wrapped) || !wrapped;
}
