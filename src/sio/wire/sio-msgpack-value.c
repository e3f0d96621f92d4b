/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A msgpack value as JSON text, in two passes over the message: the first checks it and notes which maps cannot be
 * objects, so that the second knows it before it writes the first bracket. Both take time in proportion to the bytes,
 * and no memory for levels. */

#include "sio-msgpack-private.h"

#include "sio-base64.h"
#include "sio-json-private.h"
#include "../sio-error.h"

#include <math.h>

/* Levels of JSON that a value takes in which JSON does not have it: {"$map":[[k,v]]} and so on. */
#define LEVELS_OF_OBJECT_TAG 1
#define LEVELS_OF_EXT        2
#define LEVELS_OF_ODD_MAP    3

typedef struct {
  SioMsgpackType type;     /* ARRAY or MAP */
  gboolean       odd;      /* a map that is written as a list of pairs */
  gboolean       started;
  gsize          left;     /* values that are still to come; a key is one */
  gsize          map;      /* which one it is, for the notes */
  guint          levels;   /* of JSON, this one and those around it */
} Frame;

static const struct {
  const char    *key;
  SioMsgpackTag  tag;
} tags[] = {
  { "_placeholder", SIO_MSGPACK_TAG_PLACEHOLDER },
  { "$binary", SIO_MSGPACK_TAG_BINARY },
  { "$undefined", SIO_MSGPACK_TAG_UNDEFINED },
  { "$date", SIO_MSGPACK_TAG_DATE },
  { "$number", SIO_MSGPACK_TAG_NUMBER },
  { "$ext", SIO_MSGPACK_TAG_EXT },
  { "$map", SIO_MSGPACK_TAG_MAP },
};

/* The key is plain text, without quotes. */
SioMsgpackTag
sio_msgpack_tag_from_key (SioSpan key)
{
  if (key.size == 0 || (key.data[0] != '$' && key.data[0] != '_'))
    return SIO_MSGPACK_TAG_NONE;

  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    if (sio_span_equals (key, tags[i].key))
      return tags[i].tag;

  return SIO_MSGPACK_TAG_NONE;
}

void
sio_msgpack_notes_clear (SioMsgpackNotes *notes)
{
  g_clear_pointer (&notes->odd_maps, g_byte_array_unref);
  memset (notes, 0, sizeof *notes);
}

static void
note_odd_map (SioMsgpackNotes *notes, gsize map)
{
  gsize byte = map / 8;

  if (notes->odd_maps == NULL)
    notes->odd_maps = g_byte_array_new ();
  if (notes->odd_maps->len <= byte)
    {
      guint old = notes->odd_maps->len;

      g_byte_array_set_size (notes->odd_maps, (guint) byte + 1);
      memset (notes->odd_maps->data + old, 0, notes->odd_maps->len - old);
    }
  notes->odd_maps->data[byte] |= (guint8) (1 << map % 8);
}

static gboolean
is_odd_map (const SioMsgpackNotes *notes, gsize map)
{
  return notes->odd_maps != NULL && map / 8 < notes->odd_maps->len
         && (notes->odd_maps->data[map / 8] >> map % 8 & 1) != 0;
}

static gboolean
fail_depth (gsize offset, guint max_depth, GError **error)
{
  g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
               "msgpack, byte %" G_GSIZE_FORMAT ": nested deeper than %u levels", offset, max_depth);
  return FALSE;
}

static gboolean
fail_output_depth (SioMsgpackOutput *output, gsize offset, GError **error)
{
  output->too_deep = TRUE;
  return fail_depth (offset, output->max_depth, error);
}

/* However deep they nest: how many values are still to come is all there is to remember. */
gboolean
sio_msgpack_skip (SioMsgpackReader  *reader,
                  guint64            n_values,
                  GError           **error)
{
  for (; n_values > 0; n_values--)
    {
      SioMsgpackToken token;

      if (!sio_msgpack_read (reader, &token, error))
        return FALSE;
      if (token.type == SIO_MSGPACK_ARRAY)
        n_values += token.count;
      else if (token.type == SIO_MSGPACK_MAP)
        n_values += 2 * (guint64) token.count;
    }
  return TRUE;
}

gboolean
sio_msgpack_scan (SioMsgpackReader  *reader,
                  guint              max_depth,
                  SioMsgpackNotes   *notes,
                  GError           **error)
{
  Frame frames[SIO_JSON_HARD_MAX_DEPTH];
  guint depth = 0;

  max_depth = MIN (max_depth, SIO_JSON_HARD_MAX_DEPTH);

  for (;;)
    {
      Frame *frame = depth > 0 ? &frames[depth - 1] : NULL;
      SioMsgpackToken token;
      gboolean is_key;

      if (frame != NULL && frame->left == 0)
        {
          if (--depth == 0)
            return TRUE;
          continue;
        }

      if (!sio_msgpack_read (reader, &token, error))
        return FALSE;

      is_key = frame != NULL && frame->type == SIO_MSGPACK_MAP && frame->left % 2 == 0;
      if (frame != NULL)
        frame->left--;
      if (is_key && notes != NULL
          && (token.type != SIO_MSGPACK_STRING || sio_msgpack_tag_from_key (token.bytes) != SIO_MSGPACK_TAG_NONE))
        note_odd_map (notes, frame->map);
      if (token.type == SIO_MSGPACK_BINARY && notes != NULL)
        notes->n_binaries++;

      if (token.type == SIO_MSGPACK_ARRAY || token.type == SIO_MSGPACK_MAP)
        {
          gboolean is_map = token.type == SIO_MSGPACK_MAP;

          if (depth == max_depth)
            {
              guint64 left = is_map ? 2 * (guint64) token.count : token.count;

              for (guint i = 0; i < depth; i++)
                left += frames[i].left;
              return sio_msgpack_skip (reader, left, error) && fail_depth (token.offset, max_depth, error);
            }
          frames[depth++] = (Frame) {
            .type = token.type,
            .left = is_map ? token.count * 2 : token.count,
            .map = is_map && notes != NULL ? notes->n_maps++ : 0,
          };
        }
      else if (depth == 0)
        return TRUE;
    }
}

/* Before anything is taken for it: counts the bytes, FALSE if they are too many. */
gboolean
sio_msgpack_output_reserve (SioMsgpackOutput  *output,
                            gsize              size,
                            GError           **error)
{
  if (size > output->max_size || output->size > output->max_size - size)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                   "msgpack: the packet becomes larger than the limit of %" G_GSIZE_FORMAT " bytes", output->max_size);
      return FALSE;
    }

  output->size += size;
  return TRUE;
}

static gboolean
append (SioMsgpackOutput *output, const char *text, GError **error)
{
  gsize size = strlen (text);

  if (!sio_msgpack_output_reserve (output, size, error))
    return FALSE;

  g_string_append_len (output->text, text, (gssize) size);
  return TRUE;
}

static gboolean
append_string (SioMsgpackOutput *output, const SioMsgpackToken *token, GError **error)
{
  const char *p = token->bytes.data;
  const char *end = p + token->bytes.size;
  gsize before = output->text->len;
  gsize size = token->bytes.size + 2;

  if (!sio_utf8_validate (token->bytes))
    {
      guint n;

      while ((n = sio_utf8_sequence_size (p, end)) > 0)
        p += n;
      return sio_msgpack_fail (token->offset, error, "invalid UTF-8 at byte %" G_GSIZE_FORMAT " of the string",
                               (gsize) (p - token->bytes.data));
    }

  /* An escape takes six bytes at most. */
  for (const char *q = p; (q = sio_json_find_special (q, end)) < end; q++)
    if ((guchar) *q < 0x80)
      size += 5;
  if (!sio_msgpack_output_reserve (output, size, error))
    return FALSE;

  sio_json_append_quoted (output->text, token->bytes.data, (gssize) token->bytes.size);
  output->size -= size - (output->text->len - before);
  return TRUE;
}

/* How many digits come back from a double as they were: the subnormal numbers, which are multiples of the smallest one, have
 * fewer. To try less would find nothing, and every try takes microseconds; a message holds half a million numbers. */
static int
count_safe_digits (double number)
{
  double magnitude = fabs (number);

  if (magnitude == 0 || magnitude >= G_MINDOUBLE)
    return 15;
  return MAX (1, (int) log10 (ldexp (magnitude, 1074)));
}

/* The shortest text that reads back as the same number; %g leaves zeros out. */
static void
format_double (double number, char *buffer, gsize size)
{
  for (int precision = count_safe_digits (number); precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (buffer, (int) size, format, number);
      if (precision == 17 || g_ascii_strtod (buffer, NULL) == number)
        return;
    }
}

static gboolean
append_float (SioMsgpackOutput *output, const SioMsgpackToken *token, guint levels, GError **error)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (token->number))
    {
      format_double (token->number, buffer, sizeof buffer);
      return append (output, buffer, error);
    }

  if (levels + LEVELS_OF_OBJECT_TAG > output->max_depth)
    return fail_output_depth (output, token->offset, error);
  return append (output, isnan (token->number) ? "{\"$number\":\"NaN\"}"
                       : token->number > 0 ? "{\"$number\":\"Infinity\"}" : "{\"$number\":\"-Infinity\"}", error);
}

static gboolean
append_base64 (SioMsgpackOutput *output, SioSpan bytes, GError **error)
{
  if (!sio_msgpack_output_reserve (output, (bytes.size + 2) / 3 * 4, error))
    return FALSE;

  sio_base64_append (output->text, bytes.data, bytes.size);
  return TRUE;
}

static gboolean
append_binary (SioMsgpackOutput *output, const SioMsgpackToken *token, GError **error)
{
  char placeholder[64];

  if (output->attachments == NULL)
    return append (output, "{\"$binary\":\"", error) && append_base64 (output, token->bytes, error)
           && append (output, "\"}", error);

  g_snprintf (placeholder, sizeof placeholder, "{\"_placeholder\":true,\"num\":%u}", output->attachments->len);
  if (!append (output, placeholder, error) || !sio_msgpack_output_reserve (output, token->bytes.size, error))
    return FALSE;

  g_ptr_array_add (output->attachments, g_bytes_new (token->bytes.data, token->bytes.size));
  return TRUE;
}

/* Whatever is no array and no map. levels: of JSON around it. */
static gboolean
append_leaf (SioMsgpackOutput *output, const SioMsgpackToken *token, guint levels, GError **error)
{
  char buffer[64];

  switch (token->type)
    {
    case SIO_MSGPACK_NIL:
      return append (output, "null", error);

    case SIO_MSGPACK_FALSE:
      return append (output, "false", error);

    case SIO_MSGPACK_TRUE:
      return append (output, "true", error);

    case SIO_MSGPACK_UINT:
      g_snprintf (buffer, sizeof buffer, "%" G_GUINT64_FORMAT, token->uint);
      return append (output, buffer, error);

    case SIO_MSGPACK_INT:
      g_snprintf (buffer, sizeof buffer, "%" G_GINT64_FORMAT, token->sint);
      return append (output, buffer, error);

    case SIO_MSGPACK_FLOAT:
      return append_float (output, token, levels, error);

    case SIO_MSGPACK_STRING:
      return append_string (output, token, error);

    case SIO_MSGPACK_BINARY:
      if (levels + LEVELS_OF_OBJECT_TAG > output->max_depth)
        return fail_output_depth (output, token->offset, error);
      return append_binary (output, token, error);

    case SIO_MSGPACK_UNDEFINED:
      if (levels + LEVELS_OF_OBJECT_TAG > output->max_depth)
        return fail_output_depth (output, token->offset, error);
      return append (output, "{\"$undefined\":true}", error);

    case SIO_MSGPACK_DATE:
      if (levels + LEVELS_OF_OBJECT_TAG > output->max_depth)
        return fail_output_depth (output, token->offset, error);
      g_snprintf (buffer, sizeof buffer, "{\"$date\":%" G_GINT64_FORMAT "}", token->sint);
      return append (output, buffer, error);

    case SIO_MSGPACK_EXT:
      if (levels + LEVELS_OF_EXT > output->max_depth)
        return fail_output_depth (output, token->offset, error);
      g_snprintf (buffer, sizeof buffer, "{\"$ext\":[%d,\"", token->ext_type);
      return append (output, buffer, error) && append_base64 (output, token->bytes, error)
             && append (output, "\"]}", error);

    case SIO_MSGPACK_ARRAY:
    case SIO_MSGPACK_MAP:
      break;
    }

  g_return_val_if_reached (FALSE);
}

/* What stands in front of the next value of a frame. */
static const char *
get_separator (const Frame *frame)
{
  if (frame->type == SIO_MSGPACK_ARRAY)
    return frame->started ? "," : "";
  if (frame->left % 2 != 0)
    return frame->odd ? "," : ":";
  if (frame->odd)
    return frame->started ? "],[" : "[";
  return frame->started ? "," : "";
}

static const char *
get_end (const Frame *frame)
{
  if (frame->type == SIO_MSGPACK_ARRAY)
    return "]";
  return frame->odd ? "]]}" : "}";
}

gboolean
sio_msgpack_append_json (SioMsgpackReader       *reader,
                         const SioMsgpackNotes  *notes,
                         SioMsgpackOutput       *output,
                         GError                **error)
{
  Frame frames[SIO_JSON_HARD_MAX_DEPTH];
  guint depth = 0;
  gsize n_maps = 0;

  for (;;)
    {
      Frame *frame = depth > 0 ? &frames[depth - 1] : NULL;
      guint levels = frame != NULL ? frame->levels : 0;
      SioMsgpackToken token;

      if (frame != NULL && frame->left == 0)
        {
          if (!append (output, get_end (frame), error))
            return FALSE;
          if (--depth == 0)
            return TRUE;
          continue;
        }

      if (!sio_msgpack_read (reader, &token, error))
        return FALSE;

      if (frame != NULL)
        {
          if (!append (output, get_separator (frame), error))
            return FALSE;
          frame->left--;
          frame->started = TRUE;
        }

      if (token.type == SIO_MSGPACK_ARRAY || token.type == SIO_MSGPACK_MAP)
        {
          gboolean is_map = token.type == SIO_MSGPACK_MAP;
          gboolean odd = is_map && is_odd_map (notes, n_maps++);

          levels += odd ? LEVELS_OF_ODD_MAP : 1;
          if (depth == SIO_JSON_HARD_MAX_DEPTH || levels > output->max_depth)
            return fail_output_depth (output, token.offset, error);
          if (!append (output, odd ? "{\"$map\":[" : is_map ? "{" : "[", error))
            return FALSE;
          frames[depth++] = (Frame) {
            .type = token.type,
            .odd = odd,
            .left = is_map ? token.count * 2 : token.count,
            .levels = levels,
          };
        }
      else
        {
          if (!append_leaf (output, &token, levels, error))
            return FALSE;
          if (depth == 0)
            return TRUE;
        }
    }
}
