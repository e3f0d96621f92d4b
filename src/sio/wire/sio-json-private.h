/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The scanner's inside, for the files of this room: no error objects, no memory. */

#pragma once

#include "sio-json.h"

G_BEGIN_DECLS

/* One bit a level, on the stack. */
#define SIO_JSON_HARD_MAX_DEPTH 1024

typedef struct {
  const char *at;       /* the byte that was wrong; may be the end */
  const char *expected; /* a static string, fits behind "expected" */
  gboolean    too_deep; /* a limit, not the grammar */
} SioJsonFault;

/* Scans the one value that starts at p. Returns the byte behind it, or NULL and fills fault. */
const char *sio_json_scan_value    (const char         *p,
                                    const char         *end,
                                    guint               max_depth,
                                    SioJsonFault       *fault);

/* The same without the fast pass over large values (sio-json-blocks-private.h). */
const char *sio_json_scan_bytes    (const char         *p,
                                    const char         *end,
                                    guint               max_depth,
                                    SioJsonFault       *fault);

/* Finds where a value ends that somebody has validated. Never leaves the text, whatever is in it. */
const char *sio_json_pass_value    (const char         *p,
                                    const char         *end);
const char *sio_json_pass_string   (const char         *p,
                                    const char         *end);

/* The first byte that a plain ASCII run cannot hold: a quote, a backslash, a control character, the start of a longer
 * UTF-8 sequence; or end. */
const char *sio_json_find_special  (const char         *p,
                                    const char         *end);

/* Whether a string token, its escapes decoded, is name. */
gboolean    sio_json_token_equals  (SioSpan             token,
                                    const char         *name);

/* The number of an integer token without sign, fraction or exponent; FALSE if it is not one or exceeds max. */
gboolean    sio_json_get_uint      (SioSpan             token,
                                    guint64             max,
                                    guint64            *value);

/* How many bytes all placeholders of a validated value stand for together; one that is named twice counts twice. */
gsize       sio_json_sum_placeholders (SioSpan          value,
                                    GPtrArray          *attachments);

/* Turns a fault into an error that says where and what: "byte 12: expected …, found …". what names the whole. */
void        sio_json_fault_to_error (const SioJsonFault *fault,
                                    const char         *what,
                                    const char         *text,
                                    gsize               size,
                                    GError            **error);

static inline gboolean
sio_json_is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline const char *
sio_json_skip_blanks (const char *p, const char *end)
{
  /* Most JSON on the wire has none. */
  if (G_LIKELY (p < end && (guchar) *p > 0x20))
    return p;

  while (p < end && sio_json_is_blank (*p))
    p++;

  return p;
}

/* The size of the UTF-8 sequence that starts at p, 0 if there is no valid one (Unicode 15, table 3-7). */
static inline guint
sio_utf8_sequence_size (const char *text, const char *end)
{
  const guchar *p = (const guchar *) text;
  gsize left = (gsize) (end - text);

  if (left == 0)
    return 0;
  if (p[0] < 0x80)
    return 1;
  if (p[0] < 0xc2)
    return 0;
  if (p[0] < 0xe0)
    return left >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;

  if (p[0] < 0xf0)
    {
      if (left < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
        return 0;
      if (p[0] == 0xe0 && p[1] < 0xa0) /* overlong */
        return 0;
      if (p[0] == 0xed && p[1] > 0x9f) /* surrogate */
        return 0;
      return 3;
    }

  if (p[0] > 0xf4 || left < 4 ||
      (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80)
    return 0;
  if (p[0] == 0xf0 && p[1] < 0x90)
    return 0;
  if (p[0] == 0xf4 && p[1] > 0x8f) /* above U+10FFFF */
    return 0;

  return 4;
}

G_END_DECLS
