/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Packets as text, alone and in the bodies of polling. A body keeps its shape: lengths in it are those of what stands there now,
 * for they would tell the length of what was hidden. */

#include "sioscope-redactor-private.h"
#include "sioscope-secrets.h"
#include "wire/sio-base64.h"
#include "wire/sio-engine-payload-private.h"

void
sioscope_packet_split (SioSpan              text,
                       SioscopePacketParts *parts)
{
  const char *p = text.data, *end = p + text.size;

  *parts = (SioscopePacketParts) { { NULL, 0 }, text.size, FALSE };
  if (text.size < 2)
    return;
  if (*p++ != '4')
    {
      parts->json = 1; /* an open packet; of others it does not matter */
      return;
    }
  parts->auth = *p == '0';
  if (g_ascii_isdigit (*p))
    p++;
  if (p > text.data + 1 && (p[-1] == '5' || p[-1] == '6'))
    {
      while (p < end && g_ascii_isdigit (*p))
        p++;
      if (p < end && *p == '-')
        p++;
    }
  if (p < end && *p == '/')
    {
      const char *stop = memchr (p, ',', (gsize) (end - p));

      stop = stop != NULL ? stop : end;
      parts->nsp = (SioSpan) { p, (gsize) (stop - p) };
      p = MIN (end, stop + 1);
    }
  while (p < end && g_ascii_isdigit (*p))
    p++;
  parts->json = (gsize) (p - text.data);
}

/* emit ("token", "abc"): the name is the event's. */
static gboolean
event_sounds_secret (SioSpan json)
{
  gsize size;

  if (json.size < 4 || json.data[0] != '[' || json.data[1] != '"')
    return FALSE;
  size = sio_json_skip_value (json.data + 1, json.size - 1, 1, NULL, NULL);
  return size > 2 && sioscope_sounds_secret ((SioSpan) { json.data + 2, size - 2 });
}

void
sioscope_look_packet (SioscopeLook *look,
                      SioSpan       text)
{
  SioscopePacketParts parts;
  SioSpan json;

  sioscope_packet_split (text, &parts);
  json = (SioSpan) { text.data + parts.json, text.size - parts.json };
  if (parts.nsp.size != 0)
    sioscope_look_plain (look, parts.nsp);
  if (json.size == 0)
    return;
  if (!parts.auth && event_sounds_secret (json))
    {
      gsize name = 1 + sio_json_skip_value (json.data + 1, json.size - 1, 1, NULL, NULL);

      sioscope_look_json (look, (SioSpan) { json.data + name, json.size - name }, TRUE);
    }
  else
    sioscope_look_json (look, json, parts.auth);
  sioscope_look_plain (look, json);
}

/* Of what was found in the whole packet: digits in front are not text. */
static void
find_in_packet (SioscopeNet *net,
                SioSpan      text,
                GArray      *masks)
{
  SioscopePacketParts parts;
  guint before = masks->len, kept = before;
  gsize nsp_start, nsp_end;

  if (!sioscope_net_find (net, text, masks))
    return;
  sioscope_packet_split (text, &parts);
  nsp_start = parts.nsp.size != 0 ? (gsize) (parts.nsp.data - text.data) + 1 : 0;
  nsp_end = parts.nsp.size != 0 ? nsp_start - 1 + parts.nsp.size : 0;
  for (guint i = before; i < masks->len; i++)
    {
      SioscopeMask mask = g_array_index (masks, SioscopeMask, i), piece;

      piece = (SioscopeMask) { MAX (mask.start, nsp_start), MIN (mask.end, nsp_end), FALSE };
      mask.start = MAX (mask.start, parts.json);
      if (piece.start < piece.end)
        g_array_index (masks, SioscopeMask, kept++) = piece;
      else if (mask.start < mask.end)
        g_array_index (masks, SioscopeMask, kept++) = mask;
    }
  g_array_set_size (masks, kept);
}

gboolean
sioscope_redact_packet (SioscopeNet *net,
                        SioSpan      text,
                        GString     *out,
                        GArray      *moved)
{
  g_autoptr(GArray) masks = g_array_new (FALSE, FALSE, sizeof (SioscopeMask));
  SioscopeLook look = { .base = text.data, .masks = masks };
  SioscopePacketParts parts;

  sioscope_look_packet (&look, text);
  find_in_packet (net, text, masks);
  if (masks->len == 0)
    return FALSE;
  sioscope_packet_split (text, &parts);
  sioscope_render_masked (out, text, parts.json, masks, moved);
  return TRUE;
}

gboolean
sioscope_redact_mixed (SioscopeNet *net,
                       SioSpan      text,
                       GString     *out)
{
  g_autoptr(GArray) masks = NULL;
  SioscopeLook look = { .base = text.data };

  if (text.size == 0)
    return FALSE;
  look.masks = masks = g_array_new (FALSE, FALSE, sizeof (SioscopeMask));
  sioscope_look_json (&look, text, FALSE);
  sioscope_look_plain (&look, text);
  sioscope_net_find (net, text, masks);
  if (masks->len == 0)
    return FALSE;
  if (sio_json_validate (text.data, text.size, 1024, NULL, NULL, NULL))
    sioscope_render_masked (out, text, 0, masks, NULL);
  else
    sioscope_render_masked (out, text, text.size, masks, NULL);
  return TRUE;
}

static gboolean
has_secret (SioscopeNet *net,
            SioSpan      bytes)
{
  return bytes.size != 0 && (sioscope_net_find (net, bytes, NULL) || sioscope_look_msgpack (bytes));
}

/* "b…" or, of revision 3, "b4…". */
static gboolean
redact_base64 (SioscopeNet *net,
               SioSpan      unit,
               gsize        prefix,
               GString     *out)
{
  g_autoptr(GBytes) bytes = sio_base64_decode (unit.data + prefix, unit.size - prefix);
  SioSpan decoded;

  decoded.data = g_bytes_get_data (bytes, &decoded.size);
  if (!has_secret (net, decoded))
    return FALSE;
  g_string_append_len (out, unit.data, (gssize) prefix);
  sio_base64_append (out, SIOSCOPE_REDACTED, strlen (SIOSCOPE_REDACTED));
  return TRUE;
}

static gboolean
redact_unit (SioscopeNet *net,
             SioSpan      unit,
             gboolean     is_binary,
             gboolean     eio3,
             GString     *out)
{
  if (is_binary)
    {
      if (!has_secret (net, unit))
        return FALSE;
      g_string_append_len (out, unit.data, 1); /* the type */
      g_string_append (out, SIOSCOPE_REDACTED);
      return TRUE;
    }
  if (unit.size > 1 && unit.data[0] == 'b')
    return redact_base64 (net, unit, eio3 ? 2 : 1, out);
  return sioscope_redact_packet (net, unit, out, NULL);
}

static void
append_length (GString         *out,
               SioPayloadShape  shape,
               gboolean         is_binary,
               SioSpan          unit)
{
  g_autofree char *digits = NULL;

  if (shape == SIO_PAYLOAD_SHAPE_EIO3_TEXT)
    {
      g_string_append_printf (out, "%" G_GSIZE_FORMAT ":", sio_utf16_length (unit));
      return;
    }
  digits = g_strdup_printf ("%" G_GSIZE_FORMAT, unit.size);
  g_string_append_c (out, (char) is_binary);
  for (const char *p = digits; *p != '\0'; p++)
    g_string_append_c (out, (char) (*p - '0'));
  g_string_append_c (out, SIO_PAYLOAD_EIO3_BINARY_LENGTH_END);
}

gboolean
sioscope_redact_body (SioscopeNet *net,
                      SioSpan      body,
                      GString     *out)
{
  SioPayloadShape shape;
  SioPayloadIter iter;
  gsize begin = out->len;
  const char *done = body.data, *end = body.data + body.size;
  gboolean any = FALSE, is_binary = FALSE;
  g_autoptr(GString) fresh = NULL;
  SioSpan unit;

  if (body.size == 0)
    return FALSE;
  shape = sio_payload_get_shape (body);
  if (shape == SIO_PAYLOAD_SHAPE_NONE)
    return sioscope_redact_mixed (net, body, out);

  fresh = g_string_new (NULL);
  sio_payload_iter_init (&iter, shape, body);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, NULL))
    {
      g_string_truncate (fresh, 0);
      if (redact_unit (net, unit, is_binary, shape != SIO_PAYLOAD_SHAPE_EIO4, fresh))
        {
          any = TRUE;
          /* what stands before the unit: a separator, or the length of the old one */
          if (shape == SIO_PAYLOAD_SHAPE_EIO4)
            g_string_append_len (out, done, (gssize) (unit.data - done));
          else
            append_length (out, shape, is_binary, (SioSpan) { fresh->str, fresh->len });
          g_string_append_len (out, fresh->str, (gssize) fresh->len);
        }
      else
        g_string_append_len (out, done, (gssize) (unit.data + unit.size - done));
      done = unit.data + unit.size;
    }
  /* What is wrong in a body is looked at as it is. */
  if (done < end)
    {
      SioSpan rest = { done, (gsize) (end - done) };

      if (sioscope_redact_mixed (net, rest, out))
        any = TRUE;
      else
        g_string_append_len (out, rest.data, (gssize) rest.size);
    }
  if (!any)
    g_string_truncate (out, begin);
  return any;
}

void
sioscope_look_body (SioscopeLook *look,
                    SioSpan       body)
{
  SioPayloadShape shape;
  SioPayloadIter iter;
  gboolean is_binary = FALSE;
  SioSpan unit;

  if (body.size == 0)
    return;
  shape = sio_payload_get_shape (body);
  if (shape == SIO_PAYLOAD_SHAPE_NONE)
    {
      sioscope_look_json (look, body, FALSE);
      sioscope_look_plain (look, body);
      return;
    }
  sio_payload_iter_init (&iter, shape, body);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, NULL))
    if (!is_binary && unit.size > 1 && unit.data[0] != 'b')
      sioscope_look_packet (look, unit);
}
