/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Names are all that there is to go by: what they stand for looks like anything. */

#include "sioscope-secrets.h"

/* No name of a secret is much longer. */
#define NAME_MAX_SIZE 256

static gboolean
is_one_of (const char         *word,
           gsize               size,
           const char * const *words)
{
  for (; *words != NULL; words++)
    if (strlen (*words) == size && memcmp (*words, word, size) == 0)
      return TRUE;
  return FALSE;
}

/* Every name in an export is asked, and hardly one has any two letters of the words below beside each other. folded is lower case. */
static gboolean
may_sound_secret (const char *folded,
                  gsize       size)
{
#define LETTER(c) (1u << ((c) - 'a'))
  static const guint32 followed_by[26] = {
    ['a' - 'a'] = LETTER ('u'),
    ['b' - 'a'] = LETTER ('e'),
    ['c' - 'a'] = LETTER ('o') | LETTER ('r') | LETTER ('s'),
    ['j' - 'a'] = LETTER ('w'),
    ['k' - 'a'] = LETTER ('e'),
    ['o' - 'a'] = LETTER ('t'),
    ['p' - 'a'] = LETTER ('a') | LETTER ('i') | LETTER ('w'),
    ['s' - 'a'] = LETTER ('e') | LETTER ('i'),
    ['t' - 'a'] = LETTER ('o'),
    ['x' - 'a'] = LETTER ('s'),
  };

  for (gsize i = 1; i < size; i++)
    if (g_ascii_islower (folded[i - 1]) && g_ascii_islower (folded[i])
        && (followed_by[folded[i - 1] - 'a'] & LETTER (folded[i])) != 0)
      return TRUE;
  return FALSE;
#undef LETTER
}

/* "apiKey", "x-api-key", "API_KEY": where one word of a name ends and the next begins. */
static gboolean
is_word_end (SioSpan name,
             gsize   at)
{
  char last = name.data[at - 1], next = name.data[at];

  if (!g_ascii_isalnum (next) || !g_ascii_isalnum (last) || g_ascii_isdigit (last) != g_ascii_isdigit (next))
    return TRUE;
  return g_ascii_isupper (next)
         && (g_ascii_islower (last) || (at + 1 < name.size && g_ascii_islower (name.data[at + 1])));
}

static gboolean
has_secret_word (SioSpan     name,
                 const char *folded)
{
  /* Anywhere in a name, and as what a name is about: its last word ("keyCode" is no key). */
  static const char * const anywhere[] = { "auth", "sid", "pid", "pwd", "passwd", "otp", "totp", "jwt", "creds", NULL };
  static const char * const last[] = { "key", "keys", "pass", "pw", "cred", "session", "sess", "pin", NULL };
  gsize start = 0, last_start = 0, last_size = 0;

  for (gsize i = 1; i <= name.size; i++)
    {
      if (i < name.size && !is_word_end (name, i))
        continue;
      if (is_one_of (folded + start, i - start, anywhere))
        return TRUE;
      if (g_ascii_isalpha (folded[start]))
        {
          last_start = start;
          last_size = i - start;
        }
      start = i;
    }
  return is_one_of (folded + last_start, last_size, last);
}

/* "mykey", "authdata": words that nothing keeps apart. */
static gboolean
has_secret_end (const char *folded)
{
  static const char * const animals[] = { "monkey", "donkey", "turkey", "hockey", "jockey", "whiskey", "hotkey", NULL };

  for (guint i = 0; animals[i] != NULL; i++)
    if (g_str_has_suffix (folded, animals[i]))
      return FALSE;
  return g_str_has_suffix (folded, "key") || g_str_has_suffix (folded, "keys") || g_str_has_suffix (folded, "auth")
         || (g_str_has_prefix (folded, "auth") && !g_str_has_prefix (folded, "author"));
}

/**
 * sioscope_sounds_secret:
 * @name: the name of a header, of a parameter, of a member of an object
 *
 * Whole words count, and within a name what is part of no other word: "author", "inside" and "rapid" are none.
 *
 * Returns: whether what has that name is to be kept off disks
 */
gboolean
sioscope_sounds_secret (SioSpan name)
{
  static const char * const parts[] = {
    "token", "secret", "passw", "passphrase", "passcode", "cookie", "authoriz", "authoris", "authent", "credential", "apikey",
    "jwt", "sessionid", "session_id", "session-id", "sessid", "bearer", "csrf", "xsrf",
  };
  char folded[NAME_MAX_SIZE + 1];

  name.size = MIN (name.size, NAME_MAX_SIZE);
  if (name.size < 2)
    return FALSE;
  for (gsize i = 0; i < name.size; i++)
    folded[i] = name.data[i] != '\0' ? g_ascii_tolower (name.data[i]) : ' ';
  folded[name.size] = '\0';
  if (!may_sound_secret (folded, name.size))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (folded, parts[i]) != NULL)
      return TRUE;
  return has_secret_word (name, folded) || has_secret_end (folded);
}

gboolean
sioscope_uri_has_secret (SioSpan uri)
{
  const char *p = uri.size != 0 ? memchr (uri.data, '?', uri.size) : NULL;
  const char *end = uri.data + uri.size;

  while (p != NULL)
    {
      const char *name = p + 1, *next = memchr (name, '&', (gsize) (end - name));
      const char *stop = next != NULL ? next : end;
      const char *equals = memchr (name, '=', (gsize) (stop - name));
      SioSpan span = { name, (gsize) ((equals != NULL ? equals : stop) - name) };

      if (!sio_span_equals (span, "sid") && sioscope_sounds_secret (span))
        return TRUE;
      p = next;
    }
  return FALSE;
}

gboolean
sioscope_header_sounds_secret (SioSpan name)
{
  /* Every WebSocket handshake has a key, which is none; and permission to send credentials is not one. */
  static const char * const harmless[] = { "Sec-WebSocket-", "Access-Control-" };

  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    if (name.size >= strlen (harmless[i]) && g_ascii_strncasecmp (name.data, harmless[i], strlen (harmless[i])) == 0)
      return FALSE;
  return sioscope_sounds_secret (name);
}

gboolean
sioscope_headers_have_secret (SioSpan headers)
{
  const char *p = headers.data, *end = headers.size != 0 ? p + headers.size : p;

  while (p < end)
    {
      const char *newline = memchr (p, '\n', (gsize) (end - p));
      const char *stop = newline != NULL ? newline : end;
      const char *colon = memchr (p, ':', (gsize) (stop - p));

      if (colon != NULL && sioscope_header_sounds_secret ((SioSpan) { p, (gsize) (colon - p) }))
        return TRUE;
      p = stop + 1;
    }
  return FALSE;
}
