/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two shapes of Engine.IO 3's polling bodies. A length says where a packet ends, in UTF-16 units in one shape and
 * in bytes in the other; it is never believed beyond the body. Engine.IO 3, "Payload encoding". */

#include "sio-engine-payload-private.h"

#include "sio-json.h"
#include "sio-printable.h"
#include "../sio-error.h"

gsize
sio_utf16_length (SioSpan text)
{
  gsize n = 0;

  for (gsize i = 0; i < text.size; i++)
    {
      guchar c = (guchar) text.data[i];

      /* One for a character's first byte, one more if it needs a surrogate pair. */
      n += ((c & 0xc0) != 0x80) + (c >= 0xf0);
    }

  return n;
}

static gboolean
fail (SioPayloadIter *iter, const char *at, const char *expected, GError **error)
{
  g_autofree char *found = sio_printable (at, (gssize) MIN (iter->end - at, 8), 8);

  iter->done = TRUE;
  g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
               "Engine.IO 3 payload, byte %" G_GSIZE_FORMAT ": expected %s, found %s",
               (gsize) (at - iter->start), expected, at < iter->end ? found : "the end");
  return FALSE;
}

static gboolean
fail_length (SioPayloadIter *iter, const char *at, GError **error)
{
  iter->done = TRUE;
  g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
               "Engine.IO 3 payload, byte %" G_GSIZE_FORMAT ": the length is more than the rest of the body",
               (gsize) (at - iter->start));
  return FALSE;
}

/* Reads digits with the given value of zero up to the mark behind them; *p is then behind the mark. */
static gboolean
read_length (SioPayloadIter  *iter,
             const char     **p,
             guchar           zero,
             char             mark,
             gsize           *length,
             GError         **error)
{
  const char *start = *p;
  const char *q = start;
  gsize n = 0;

  for (; q < iter->end && (guchar) ((guchar) *q - zero) <= 9; q++)
    {
      if (q - start == SIO_PAYLOAD_EIO3_MAX_DIGITS)
        return fail (iter, q, "the end of a length", error);

      /* A body has no more bytes, and no unit takes less than one: what is above stays above, whatever follows. */
      n = MIN (n * 10 + (gsize) ((guchar) *q - zero), (gsize) (iter->end - iter->start) + 1);
    }

  if (q == start)
    return fail (iter, q, "the digits of a length", error);
  if (q == iter->end || *q != mark)
    return fail (iter, q, mark == SIO_PAYLOAD_EIO3_LENGTH_END ? "':' after the length" : "0xff after the length",
                 error);

  *p = q + 1;
  *length = n;
  return TRUE;
}

/* Skips as many UTF-16 units of valid UTF-8; NULL if there are not so many. A character that would be split is left. */
static const char *
skip_utf16 (const char *p, const char *end, gsize units, gboolean *split)
{
  *split = FALSE;

  while (units > 0 && p < end)
    {
      guchar c = (guchar) *p;
      gsize size = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

      if (size == 4)
        {
          if (units == 1)
            {
              *split = TRUE;
              return p;
            }
          units--;
        }
      if (size > (gsize) (end - p))
        return NULL;
      p += size;
      units--;
    }

  return units == 0 ? p : NULL;
}

gboolean
sio_payload_iter_next_eio3_text (SioPayloadIter  *iter,
                                 SioSpan         *unit,
                                 GError         **error)
{
  if (iter->start == iter->end)
    return fail (iter, iter->next, "a packet", error);

  while (iter->next < iter->end)
    {
      const char *start = iter->next;
      const char *end;
      gsize length;
      gboolean split;

      if (!read_length (iter, &start, '0', SIO_PAYLOAD_EIO3_LENGTH_END, &length, error))
        return FALSE;

      end = skip_utf16 (start, iter->end, length, &split);
      if (end == NULL)
        return fail_length (iter, iter->next, error);
      if (split)
        return fail (iter, end, "a length that does not end within a character", error);

      iter->next = end;
      if (length > 0)
        {
          *unit = (SioSpan) { start, (gsize) (end - start) };
          return TRUE;
        }
    }

  iter->done = TRUE;
  return FALSE;
}

gboolean
sio_payload_iter_next_eio3_binary (SioPayloadIter  *iter,
                                   SioSpan         *unit,
                                   gboolean        *is_binary,
                                   GError         **error)
{
  const char *p = iter->next;
  gsize length;

  if (p == iter->end)
    {
      iter->done = TRUE;
      return FALSE;
    }

  if (*p != 0 && *p != 1)
    return fail (iter, p, "the byte 0 or 1", error);
  *is_binary = *p++ == 1;

  if (!read_length (iter, &p, 0, SIO_PAYLOAD_EIO3_BINARY_LENGTH_END, &length, error))
    return FALSE;
  if (length > (gsize) (iter->end - p))
    return fail_length (iter, iter->next, error);

  *unit = (SioSpan) { p, length };
  if (!*is_binary && !sio_utf8_validate (*unit))
    return fail (iter, p, "UTF-8 in a text packet", error);

  iter->next = p + length;
  return TRUE;
}
