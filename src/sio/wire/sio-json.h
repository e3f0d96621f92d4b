/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON as text: a strict, iterative scanner (RFC 8259) that finds where things are and never changes
 * them, and the few things that are done with JSON text: indent, quote, unquote. No tree is made here. */

#pragma once

#include "../sio-types.h"

G_BEGIN_DECLS

/* As deep as JSON.parse users nest in practice, and far from where anything recursive would break. */
#define SIO_JSON_DEFAULT_MAX_DEPTH 256

/**
 * SioJsonType:
 *
 * What a JSON value is. RFC 8259, section 3.
 */
typedef enum {
  SIO_JSON_OBJECT,
  SIO_JSON_ARRAY,
  SIO_JSON_STRING,
  SIO_JSON_NUMBER,
  SIO_JSON_TRUE,
  SIO_JSON_FALSE,
  SIO_JSON_NULL,
} SioJsonType;

/* Checks that text is exactly one JSON value with blanks around it at most. On failure: SIO_ERROR_MALFORMED
 * (or SIO_ERROR_TOO_LARGE for depth), *error_offset is the byte where it went wrong, and the message
 * says what was expected there. */
gboolean  sio_json_validate     (const char   *text,
                                 gsize         size,
                                 guint         max_depth,
                                 SioJsonType  *type,
                                 gsize        *error_offset,
                                 GError      **error);

/* Skips one value that starts at text[0] (no blanks before it). Returns its size. On failure returns 0
 * and, if they are not NULL, sets *error_offset and *expected (a static string). */
gsize     sio_json_skip_value   (const char   *text,
                                 gsize         size,
                                 guint         max_depth,
                                 gsize        *error_offset,
                                 const char  **expected);

/**
 * SioJsonIter:
 *
 * Walks the elements of a sequence "v,v,v" (an args span) or, after the brackets are taken off, of any
 * array. The text must have been validated. Its fields are private.
 */
typedef struct { const char *next; const char *end; } SioJsonIter;
void      sio_json_iter_init    (SioJsonIter  *iter,
                                 SioSpan       elements);
gboolean  sio_json_iter_next    (SioJsonIter  *iter,
                                 SioSpan      *element);

/* Whether text is valid UTF-8 (Unicode 15, table 3-7); NUL is a character like others. Fast where it is ASCII. */
gboolean  sio_utf8_validate     (SioSpan       text);

/* What a valid token is, by its first byte. */
SioJsonType sio_json_get_type   (SioSpan       value);

/* The text of a string token, escapes decoded; lone surrogates become U+FFFD; NULs are kept, so use the
 * size. A token that is no string is returned as its text. */
GString  *sio_json_unquote      (SioSpan       token);

/* Appends text as a JSON string with quotes. Invalid UTF-8 becomes U+FFFD. */
void      sio_json_append_quoted (GString     *out,
                                 const char   *text,
                                 gssize        size);

/* Appends the value re-indented: only blanks between tokens change, every token stays byte for byte as it
 * was. Stops after max_out bytes; returns how many bytes of the input were consumed. */
gsize     sio_json_append_indented (GString   *out,
                                 SioSpan       value,
                                 guint         indent,
                                 gsize         max_out);

/* Appends the value with the blanks between tokens taken out. */
void      sio_json_append_compact (GString    *out,
                                 SioSpan       value);

/* Finds member "name" of a validated object; FALSE if it is not there or value is no object. The last of
 * duplicate keys wins, as in JSON.parse. */
gboolean  sio_json_object_get   (SioSpan       object,
                                 const char   *name,
                                 SioSpan      *value);

/* Replaces every {"_placeholder":true,"num":N,…} of a validated value by {"$binary":"<base64>"}, taking
 * attachment N from attachments (an array of GBytes); everything else is copied byte for byte. A number that has
 * no attachment is left as it is. */
void      sio_json_append_with_binary (GString *out,
                                 SioSpan       value,
                                 GPtrArray    *attachments);

/* The other way: replaces every {"$binary":"<base64>"} (exactly that one member) by a placeholder and
 * appends its bytes to attachments (numbers go on from attachments->len). SIO_ERROR_MALFORMED if the base64 is not. */
gboolean  sio_json_extract_binary (GString     *out,
                                 SioSpan       value,
                                 GPtrArray    *attachments,
                                 GError      **error);

/* How many placeholders there are in a validated value, whatever their "num". */
guint     sio_json_count_placeholders (SioSpan value);

/* Checks the placeholders of a validated value: each "num" an integer below n_attachments. */
gboolean  sio_json_check_placeholders (SioSpan value,
                                 guint         n_attachments,
                                 GError      **error);

G_END_DECLS
