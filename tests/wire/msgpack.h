/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the tests of msgpack share: a message from hex, and decoding and encoding as text that can be compared. */

#pragma once

#include "vectors.h"

/* The packet of an EVENT around its data, and what else a packet needs. */
#define EVENT "83 a4 74797065 02 a3 6e7370 a1 2f a4 64617461 "
#define TYPE_EVENT "a4 74797065 02 "
#define NSP "a3 6e7370 a1 2f "
#define DATA "a4 64617461 "

static const SioParserLimits default_limits G_GNUC_UNUSED = { 256, 64, 1000000 };

static inline GBytes *
bytes_of (const char *spaced)
{
  g_autoptr(GString) hex = g_string_new (spaced);

  g_string_replace (hex, " ", "", 0);
  return hex_to_bytes (hex->str);
}

/* The text, with the attachments behind it in hex; or the error's message. */
static inline char *
decode (guint revision, GBytes *message, gboolean is_text, const SioParserLimits *limits, int *code)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  *code = -1;
  if (!sio_parser_decode (parser, revision, is_text, span_of (message), limits, text, attachments, &error))
    {
      g_assert_true (error->domain == SIO_ERROR);
      *code = error->code;
      return g_strdup (error->message);
    }
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text->str), ==, text->len);

  for (guint i = 0; i < attachments->len; i++)
    {
      g_autofree char *hex = span_to_hex (span_of (g_ptr_array_index (attachments, i)));

      g_string_append_printf (text, " <%s>", hex);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Encodes a packet without attachments; its bytes in hex, or the error's message. */
static inline char *
encode (guint revision, const char *text, int *code)
{
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) message = NULL;
  gboolean is_text;

  *code = -1;
  message = sio_parser_encode (parser, revision, (SioSpan) { text, strlen (text) }, NULL, &is_text, &error);
  if (message == NULL)
    {
      g_assert_true (error->domain == SIO_ERROR);
      *code = error->code;
      return g_strdup (error->message);
    }
  g_assert_no_error (error);
  if (is_text)
    return g_strndup (span_of (message).data, span_of (message).size);
  return span_to_hex (span_of (message));
}
