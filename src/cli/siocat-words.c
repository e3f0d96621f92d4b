/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The library calls its options by the names of their properties: a setting as "ca-file" or the option "path", a limit as
 * max-payload without. Here they are called what whoever typed the command has to type. */

#include <string.h>

#include "siocat-words.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz-"
#define OPTION "option "

static const struct { const char *property; const char *flag; } names[] = {
  { "ack-timeout-ms", "--ack-timeout" },
  { "auth", "--auth" },
  { "ca-file", "--ca" },
  { "cert-file", "--cert" },
  { "extra-headers", "--header" },
  { "force-base64", "--force-base64" },
  { "key-file", "--key" },
  { "local-address", "--local-address" },
  { "max-payload", "--max-payload" },
  { "parser", "--parser" },
  { "passphrase", "--passphrase-file" },
  { "path", "--path" },
  { "pfx-file", "--pfx" },
  { "protocols", "--protocol" },
  { "proxy", "--proxy" },
  { "query", "--query" },
  { "reconnection-attempts", "--reconnection-attempts" },
  { "request-timeout-ms", "--request-timeout" },
  { "retries", "--retries" },
  { "server", "--server" },
  { "timeout-ms", "--timeout" },
  { "transports", "--transports" },
  { "trusted-fingerprints", "--trust" },
  { "with-credentials", "--with-credentials" },
};

/* A message may quote a server, and a server may say "path" too: a plain word is an option only where it is called one, a
 * name with a hyphen where it is no member of an object, and only a limit is one without quotation marks. */
static gboolean
is_named_here (const GString *before,
               const char    *name,
               gsize          size,
               char           behind)
{
  char quote = name[-1];

  if (quote != '"')
    return g_str_has_prefix (name, "max-") && (name[size] == ')' || name[size] == ' ');
  return name[size] == '"' && behind != ':'
         && (memchr (name, '-', size) != NULL || g_str_has_suffix (before->str, OPTION));
}

static const char *
find_flag (const char *name,
           gsize       size)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i].property) == size && memcmp (names[i].property, name, size) == 0)
      return names[i].flag;

  return NULL;
}

char *
siocat_words_name_options (const char *text)
{
  GString *named = g_string_new (NULL);
  const char *start;

  for (; (start = strpbrk (text, "\"( ")) != NULL; text = start)
    {
      const char *name = start + 1;
      gsize size = strspn (name, LETTERS);
      const char *flag = find_flag (name, size);

      g_string_append_len (named, text, start - text);
      start++;
      if (flag == NULL || !is_named_here (named, name, size, name[size] != '\0' ? name[size + 1] : '\0'))
        {
          g_string_append_c (named, name[-1]);
          continue;
        }
      if (name[-1] != '"')
        g_string_append_c (named, name[-1]);
      g_string_append (named, flag);
      start = name + size + (name[-1] == '"' ? 1 : 0);
    }
  g_string_append (named, text);

  return g_string_free (named, FALSE);
}
