/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-json-hint.h"

#include <glib/gi18n.h>

static char *
sioscope_json_hint_at (const char *text, gsize offset, const char *message)
{
  guint line = 1;
  guint column = 1;

  for (const char *at = text; *at != '\0' && (gsize) (at - text) < offset; at = g_utf8_next_char (at))
    {
      column++;
      if (*at == '\n')
        {
          line++;
          column = 1;
        }
    }

  if (strchr (text, '\n') != NULL)
    /* Translators: the line and column of a mistake in JSON, and what was expected there */
    return g_strdup_printf (_("Line %u, column %u: %s"), line, column, message);
  /* Translators: the column of a mistake in JSON, and what was expected there */
  return g_strdup_printf (_("Column %u: %s"), column, message);
}

/* NULL if text is one value with blanks around it at most. */
static char *
sioscope_json_hint_find (const char *text, SioJsonType *type)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *wanted = NULL;
  const char *expected = NULL;
  gsize start = strspn (text, " \t\r\n");
  gsize offset = 0;
  gsize inner = 0;

  if (sio_json_validate (text, strlen (text), SIO_JSON_DEFAULT_MAX_DEPTH, type, &offset, &error))
    return NULL;

  /* The field says where; of the scanner's message only what was expected is still needed. */
  if (text[start] == '\0')
    wanted = g_strdup (_("a value is expected"));
  else if (sio_json_skip_value (text + start, strlen (text + start), SIO_JSON_DEFAULT_MAX_DEPTH, &inner, &expected) == 0)
    /* Translators: what the grammar of JSON wants there, for example "a value" */
    wanted = g_strdup_printf (_("%s is expected"), expected);
  else
    wanted = g_strdup (_("nothing may follow the value"));
  return sioscope_json_hint_at (text, offset, wanted);
}

/**
 * sioscope_json_hint_for_value:
 * @text: what stands in the field
 *
 * Checks that @text is one JSON value.
 *
 * Returns: (transfer full) (nullable): the mistake in words, or %NULL
 */
char *
sioscope_json_hint_for_value (const char *text)
{
  SioJsonType type;

  return sioscope_json_hint_find (text, &type);
}

/**
 * sioscope_json_hint_for_object:
 * @text: what stands in the field
 *
 * Checks that @text is one JSON object, or nothing at all.
 *
 * Returns: (transfer full) (nullable): the mistake in words, or %NULL
 */
char *
sioscope_json_hint_for_object (const char *text)
{
  SioJsonType type;
  char *mistake;
  gsize start = strspn (text, " \t\r\n");

  if (text[start] == '\0')
    return NULL;
  mistake = sioscope_json_hint_find (text, &type);
  if (mistake == NULL && type != SIO_JSON_OBJECT)
    mistake = sioscope_json_hint_at (text, start, _("an object, { … }, is expected"));
  return mistake;
}
