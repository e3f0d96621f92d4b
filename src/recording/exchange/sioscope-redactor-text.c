/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking for secrets by what stands around them. Nothing here needs a text to be right: what is wrong on the wire has secrets
 * too. */

#include "sioscope-redactor-private.h"
#include "sioscope-secrets.h"
#include "wire/sio-base64.h"

#define NAME_MAX_SIZE 256
/* JSON in a string in JSON … */
#define EMBEDDED_MAX_SIZE (1024 * 1024)

static void
note_attachments (SioscopeLook *look,
                  SioSpan       value)
{
  static const char member[] = "\"num\":";
  const char *p = value.data, *end = p + value.size;

  if (p == NULL || memmem (p, value.size, "\"_placeholder\"", 14) == NULL)
    return;
  look->binary = TRUE;
  while ((p = memmem (p, (gsize) (end - p), member, sizeof member - 1)) != NULL)
    {
      guint number = 0;

      for (p += sizeof member - 1; p < end && g_ascii_isdigit (*p) && number < 64; p++)
        number = number * 10 + (guint) (*p - '0');
      look->attachments = number < 63 ? look->attachments | (G_GUINT64_CONSTANT (1) << number) : SIOSCOPE_LOOK_ALL;
    }
}

static void
found (SioscopeLook       *look,
       SioSpan             value,
       SioscopeSecretForm  form,
       gboolean            weak)
{
  if (value.size == 0)
    return;
  if (form == SIOSCOPE_SECRET_JSON && (*value.data == '{' || *value.data == '['))
    note_attachments (look, value);
  if (look->net != NULL)
    sioscope_net_add (look->net, value, form, weak);
  if (look->masks != NULL)
    {
      SioscopeMask mask = { (gsize) (value.data - look->base), 0, form == SIOSCOPE_SECRET_JSON };

      mask.end = mask.start + value.size;
      g_array_append_val (look->masks, mask);
    }
}

/* ── JSON ── */

static inline const char *
skip_blanks (const char *p,
             const char *end)
{
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
    p++;
  return p;
}

/* Behind the quote that ends the string at p, or the end. */
static const char *
pass_string (const char *p,
             const char *end)
{
  for (p++; p < end; p++)
    {
      if (*p == '\\')
        p++;
      else if (*p == '"')
        return p + 1;
    }
  return end;
}

/* Behind the value at p, as far as one can tell; at least one byte. */
static const char *
pass_value (const char *p,
            const char *end)
{
  const char *start = p;
  guint depth = 0;

  if (*p == '"')
    return pass_string (p, end);
  if (*p != '{' && *p != '[')
    {
      while (p < end && strchr (",]}\"{[ \t\r\n", *p) == NULL)
        p++;
      return p > start ? p : MIN (end, start + (*start != ',' && *start != ']' && *start != '}'));
    }
  while (p < end)
    {
      if (*p == '"')
        {
          p = pass_string (p, end);
          continue;
        }
      if (*p == '{' || *p == '[')
        depth++;
      else if ((*p == '}' || *p == ']') && --depth == 0)
        return p + 1;
      p++;
    }
  return end;
}

static gboolean
name_sounds_secret (SioSpan token)
{
  g_autoptr(GString) name = NULL;

  if (token.size > NAME_MAX_SIZE * 6)
    return FALSE;
  if (memchr (token.data, '\\', token.size) == NULL)
    return sioscope_sounds_secret ((SioSpan) { token.data + 1, token.size - MIN (token.size, 2) });
  name = sio_json_unquote (token);
  return sioscope_sounds_secret ((SioSpan) { name->str, name->len });
}

/* A string that is itself JSON: what it says is learned, and so found in the string. */
static void
look_embedded (SioscopeLook *look,
               SioSpan       token)
{
  SioscopeLook inner = { .net = look->net };
  g_autoptr(GString) text = NULL;

  if (look->net == NULL || token.size < 8 || token.size > EMBEDDED_MAX_SIZE || memchr (token.data, '\\', token.size) == NULL
      || (token.data[1] != '{' && token.data[1] != '['))
    return;
  text = sio_json_unquote (token);
  inner.base = text->str;
  sioscope_look_json (&inner, (SioSpan) { text->str, text->len }, FALSE);
}

void
sioscope_look_json (SioscopeLook *look,
                    SioSpan       text,
                    gboolean      everything)
{
  const char *p = text.data, *end = p + text.size;

  while (p < end)
    {
      const char *start = p, *next;

      if (*p == '"')
        {
          SioSpan token;

          p = pass_string (p, end);
          token = (SioSpan) { start, (gsize) (p - start) };
          next = skip_blanks (p, end);
          if (next < end && *next == ':')
            {
              p = skip_blanks (next + 1, end);
              if (p < end && name_sounds_secret (token))
                {
                  next = pass_value (p, end);
                  found (look, (SioSpan) { p, (gsize) (next - p) }, SIOSCOPE_SECRET_JSON, FALSE);
                  p = next;
                }
            }
          else if (everything)
            found (look, token, SIOSCOPE_SECRET_JSON, TRUE);
          else
            look_embedded (look, token);
        }
      else if (everything && *p == '{' && (next = skip_blanks (p + 1, end), end - next > 14)
               && memcmp (next, "\"_placeholder\"", 14) == 0)
        {
          p = pass_value (p, end);
          found (look, (SioSpan) { start, (gsize) (p - start) }, SIOSCOPE_SECRET_JSON, TRUE);
        }
      else if (everything && (g_ascii_isalnum (*p) || *p == '-'))
        {
          p = pass_value (p, end);
          found (look, (SioSpan) { start, (gsize) (p - start) }, SIOSCOPE_SECRET_JSON, TRUE);
        }
      else
        p++;
    }
}

/* ── URLs and the like ── */

static gboolean
is_name (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-' || c == '.' || c == '%' || c == '[' || c == ']' || c == '~' || c == '$';
}

static gboolean
parameter_sounds_secret (SioSpan name)
{
  char decoded[NAME_MAX_SIZE];
  gsize n = 0;

  for (gsize i = 0; i < name.size && n < sizeof decoded; i++)
    if (name.data[i] == '%' && i + 2 < name.size && g_ascii_isxdigit (name.data[i + 1]) && g_ascii_isxdigit (name.data[i + 2]))
      {
        decoded[n++] = (char) (g_ascii_xdigit_value (name.data[i + 1]) * 16 + g_ascii_xdigit_value (name.data[i + 2]));
        i += 2;
      }
    else
      decoded[n++] = name.data[i];
  return sioscope_sounds_secret ((SioSpan) { decoded, n });
}

static void
look_at_equals (SioscopeLook *look,
                SioSpan       text,
                const char   *equals)
{
  const char *end = text.data + text.size, *name = equals, *value = equals + 1, *stop;

  while (name > text.data && equals - name < NAME_MAX_SIZE && is_name (name[-1]))
    name--;
  if (name == equals || value == end || *value == '=')
    return;
  if (!parameter_sounds_secret ((SioSpan) { name, (gsize) (equals - name) }))
    return;
  for (stop = value; stop < end; stop++)
    if ((guchar) *stop <= ' ' || *stop == 0x7f || strchr ("&;#\"'<>,)}", *stop) != NULL
        || (*stop == '\\' && (stop + 1 == end || stop[1] != '/')))
      break;
  found (look, (SioSpan) { value, (gsize) (stop - value) }, SIOSCOPE_SECRET_URL, FALSE);
}

/* "://user:password@", its slashes escaped or not. */
static void
look_at_colon (SioscopeLook *look,
               SioSpan       text,
               const char   *colon)
{
  const char *end = text.data + text.size, *p = colon + 1, *start, *at = NULL, *password;

  for (guint i = 0; i < 2; i++)
    {
      if (p < end && *p == '\\')
        p++;
      if (p >= end || *p++ != '/')
        return;
    }
  for (start = p; p < end; p++)
    {
      if ((guchar) *p <= ' ' || strchr ("/?#\"'<>\\", *p) != NULL)
        break;
      if (*p == '@')
        at = p;
    }
  if (at == NULL || at == start)
    return;
  password = memchr (start, ':', (gsize) (at - start));
  if (look->net != NULL && password != NULL)
    sioscope_net_add (look->net, (SioSpan) { password + 1, (gsize) (at - password - 1) }, SIOSCOPE_SECRET_URL, FALSE);
  if (look->masks != NULL)
    {
      SioscopeMask mask = { (gsize) (start - look->base), (gsize) (at - look->base), FALSE };

      g_array_append_val (look->masks, mask);
    }
}

static gboolean
is_credential (char c)
{
  return g_ascii_isalnum (c) || strchr ("._~+/=-", c) != NULL;
}

/* user:password. */
static void
learn_basic (SioscopeLook *look,
             SioSpan       value)
{
  g_autoptr(GBytes) bytes = sio_base64_decode (value.data, value.size);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size), *colon = size != 0 ? memchr (data, ':', size) : NULL;

  if (look->net == NULL || colon == NULL)
    return;
  sioscope_net_add (look->net, (SioSpan) { colon + 1, size - (gsize) (colon + 1 - data) }, SIOSCOPE_SECRET_PLAIN, FALSE);
}

static void
look_at_scheme (SioscopeLook *look,
                SioSpan       text,
                const char   *word)
{
  const char *end = text.data + text.size, *p = text.data;
  gsize size = strlen (word);

  while ((p = memmem (p, (gsize) (end - p), word, size)) != NULL)
    {
      const char *start = p + size;

      for (p = start; p < end && *p != '\0' && is_credential (*p); p++)
        ;
      if (p - start < 8)
        continue;
      if (*word == 'a')
        learn_basic (look, (SioSpan) { start, (gsize) (p - start) });
      found (look, (SioSpan) { start, (gsize) (p - start) }, SIOSCOPE_SECRET_PLAIN, TRUE);
    }
}

/* A JSON Web Token begins with {" and has two dots. */
static void
look_for_tokens (SioscopeLook *look,
                 SioSpan       text)
{
  const char *end = text.data + text.size, *p = text.data;

  while ((p = memmem (p, (gsize) (end - p), "eyJ", 3)) != NULL)
    {
      const char *start = p;
      guint dots = 0;

      for (; p < end && (g_ascii_isalnum (*p) || *p == '-' || *p == '_' || *p == '.'); p++)
        dots += *p == '.';
      if (dots >= 2)
        found (look, (SioSpan) { start, (gsize) (p - start) }, SIOSCOPE_SECRET_PLAIN, FALSE);
    }
}

void
sioscope_look_plain (SioscopeLook *look,
                     SioSpan       text)
{
  const char *end = text.data + text.size;

  if (text.size == 0)
    return;
  for (const char *p = text.data; (p = memchr (p, '=', (gsize) (end - p))) != NULL; p++)
    look_at_equals (look, text, p);
  for (const char *p = text.data; (p = memchr (p, ':', (gsize) (end - p))) != NULL; p++)
    if (p + 2 < end && (p[1] == '/' || p[1] == '\\'))
      look_at_colon (look, text, p);
  look_at_scheme (look, text, "earer ");
  look_at_scheme (look, text, "asic ");
  look_for_tokens (look, text);
}

/* ── Headers ── */

static gboolean
equals_folded (SioSpan     name,
               const char *word)
{
  return name.size == strlen (word) && g_ascii_strncasecmp (name.data, word, name.size) == 0;
}

/* "a=1; b=2": what they are called stays. first: the rest are attributes. */
static void
look_cookies (SioscopeLook *look,
              SioSpan       value,
              gboolean      first)
{
  const char *p = value.data, *end = p + value.size;

  do
    {
      const char *stop = memchr (p, ';', (gsize) (end - p)), *equals;

      if (stop == NULL)
        stop = end;
      equals = memchr (p, '=', (gsize) (stop - p));
      equals = equals != NULL ? equals + 1 : p;
      found (look, (SioSpan) { equals, (gsize) (stop - equals) }, SIOSCOPE_SECRET_URL, FALSE);
      p = MIN (end, stop + 1);
    }
  while (!first && p < end);
}

static void
look_header (SioscopeLook *look,
             SioSpan       name,
             SioSpan       value)
{
  if (equals_folded (name, "Cookie") || equals_folded (name, "Set-Cookie"))
    {
      look_cookies (look, value, name.size > 6);
      return;
    }
  if (sioscope_header_sounds_secret (name))
    {
      const char *blank = memchr (value.data, ' ', value.size);

      /* The scheme is none of it, but who guards every word needs no exception for one. */
      if (blank != NULL && look->net != NULL)
        {
          SioSpan rest = { blank + 1, value.size - (gsize) (blank + 1 - value.data) };

          sioscope_net_add (look->net, rest, SIOSCOPE_SECRET_PLAIN, FALSE);
          if (blank - value.data == 5 && g_ascii_strncasecmp (value.data, "basic", 5) == 0)
            learn_basic (look, rest);
        }
      found (look, value, SIOSCOPE_SECRET_PLAIN, FALSE);
      return;
    }
  /* Some send a token as one of the protocols, for want of headers in browsers: a long one, or one beside what says so. */
  if (equals_folded (name, "Sec-WebSocket-Protocol"))
    {
      const char *p, *stop, *end = value.data + value.size;
      gboolean told = FALSE;

      for (guint pass = 0; pass < 2; pass++)
        for (p = value.data; p < end; p = MIN (end, stop + 1))
          {
            stop = memchr (p, ',', (gsize) (end - p));
            stop = stop != NULL ? stop : end;
            p = skip_blanks (p, stop);
            if (pass == 0)
              told = told || sioscope_sounds_secret ((SioSpan) { p, (gsize) (stop - p) });
            else if (told || stop - p >= 20)
              found (look, (SioSpan) { p, (gsize) (stop - p) }, SIOSCOPE_SECRET_PLAIN, TRUE);
          }
    }
}

void
sioscope_look_headers (SioscopeLook *look,
                       SioSpan       headers)
{
  const char *p = headers.data, *end = p + headers.size;

  while (p < end)
    {
      const char *stop = memchr (p, '\n', (gsize) (end - p)), *colon, *next;

      stop = stop != NULL ? stop : end;
      /* A line that begins with a blank goes on with the one before. */
      while (stop + 1 < end && (stop[1] == ' ' || stop[1] == '\t'))
        {
          next = memchr (stop + 1, '\n', (gsize) (end - stop - 1));
          stop = next != NULL ? next : end;
        }
      next = MIN (end, stop + 1);
      if (stop > p && stop[-1] == '\r')
        stop--;
      colon = memchr (p, ':', (gsize) (stop - p));
      if (colon != NULL)
        {
          const char *value = skip_blanks (colon + 1, stop);

          if (value < stop)
            look_header (look, (SioSpan) { p, (gsize) (colon - p) }, (SioSpan) { value, (gsize) (stop - value) });
        }
      p = next;
    }
  sioscope_look_json (look, headers, FALSE);
  sioscope_look_plain (look, headers);
}

/* ── msgpack ── */

gboolean
sioscope_look_msgpack (SioSpan bytes)
{
  const guchar *p = (const guchar *) bytes.data;

  /* {type: 0, …}: CONNECT, with an auth or the server's answer to one */
  if (memmem (bytes.data, bytes.size, "\xa4type\x00", 6) != NULL)
    return TRUE;
  for (gsize i = 0; i + 1 < bytes.size; i++)
    {
      gsize start = i + 1, size = p[i] & 0x1f;

      if (p[i] == 0xd9)
        size = p[start++];
      else if (p[i] < 0xa1 || p[i] > 0xbf)
        continue;
      if (start + size > bytes.size)
        continue;
      for (gsize j = 0; j < size; j++)
        if (p[start + j] < 0x20 || p[start + j] > 0x7e)
          size = 0;
      if (size > 0 && sioscope_sounds_secret ((SioSpan) { bytes.data + start, size }))
        return TRUE;
    }
  return FALSE;
}
