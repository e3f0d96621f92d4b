/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the library says about the fate of an emit, in its own English words: read for what it means. */

#include "config.h"

#include "sioscope-words.h"

#include <glib/gi18n.h>

#include <stdio.h>

/**
 * sioscope_words_loss:
 * @entry: the fate of an emit that was lost
 *
 * Returns: whether any of it can have reached the server, as far as the recording tells
 */
SioscopeLoss
sioscope_words_loss (const SioscopeEntry *entry)
{
  SioSpan text = entry->message.size > 0 ? entry->message : entry->reason;

  if (text.size > 0 && g_strstr_len (text.data, (gssize) text.size, "never sent") != NULL)
    return SIOSCOPE_LOSS_NEVER_SENT;
  if (text.size > 0 && g_strstr_len (text.data, (gssize) text.size, "may be lost") != NULL)
    return SIOSCOPE_LOSS_POSSIBLE;
  return SIOSCOPE_LOSS_UNKNOWN;
}

/**
 * sioscope_words_try:
 * @entry: an emit that was not answered
 *
 * Returns: (transfer full) (nullable): which try it was and whether there is another one; %NULL if there was to be only one
 */
char *
sioscope_words_try (const SioscopeEntry *entry)
{
  const char *text = entry->message.data;
  gssize size = (gssize) entry->message.size;
  g_autofree char *found = NULL;
  const char *at;
  guint n, of;

  if (size == 0)
    return NULL;
  at = g_strstr_len (text, size, "; that was try ");
  if (at == NULL)
    at = g_strstr_len (text, size, "; given up after ");
  if (at == NULL)
    return NULL;
  found = g_strndup (at, (gsize) (text + size - at));
  if (sscanf (found, "; that was try %u of %u", &n, &of) == 2)
    /* Translators: of an event that is sent again until it is acknowledged: "try 1 of 3, will be sent again" */
    return g_strdup_printf (_("try %u of %u, will be sent again"), n, of);
  if (sscanf (found, "; given up after %u", &n) == 1)
    return g_strdup_printf (ngettext ("given up after %u try", "given up after %u tries", n), n);
  return NULL;
}

/**
 * sioscope_words_will_try:
 * @entry: an emit that was not answered
 *
 * Returns: whether it is sent again
 */
gboolean
sioscope_words_will_try (const SioscopeEntry *entry)
{
  return entry->message.size > 0
         && g_strstr_len (entry->message.data, (gssize) entry->message.size, "it will be sent again") != NULL;
}
