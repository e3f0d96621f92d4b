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
  g_autoptr (GError) error = NULL;
  SioJsonType type;
  gsize offset = 0;

  if (sio_json_validate (text, strlen (text), SIO_JSON_DEFAULT_MAX_DEPTH, &type, &offset, &error))
    return NULL;
  return sioscope_json_hint_at (text, offset, error->message);
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
  g_autoptr (GError) error = NULL;
  SioJsonType type;
  gsize offset = 0;
  gsize start = strspn (text, " \t\r\n");

  if (text[start] == '\0')
    return NULL;
  if (!sio_json_validate (text, strlen (text), SIO_JSON_DEFAULT_MAX_DEPTH, &type, &offset, &error))
    return sioscope_json_hint_at (text, offset, error->message);
  if (type != SIO_JSON_OBJECT)
    return sioscope_json_hint_at (text, start, _("expected an object, { … }"));
  return NULL;
}
