/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* msgpack, token by token, with libmpack's reader, which takes no memory and knows of no more than one token. Every
 * length is compared with what is left of the message before anybody believes it. */

#include "sio-msgpack-private.h"

#include "../sio-error.h"

#include <mpack.h>

gboolean
sio_msgpack_fail (gsize        offset,
                  GError     **error,
                  const char  *format,
                  ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "msgpack, byte %" G_GSIZE_FORMAT ": %s", offset, message);
  return FALSE;
}

const char *
sio_msgpack_type_get_name (SioMsgpackType type)
{
  static const char * const names[] = {
    "nil", "false", "true", "an integer", "an integer", "a float", "a string", "binary", "an extension", "undefined",
    "a date", "an array", "a map",
  };

  return (guint) type < G_N_ELEMENTS (names) ? names[type] : "unknown";
}

static gint64
get_sint (const mpack_token_t *token)
{
  mpack_uint32_t lo = token->data.value.lo;

  switch (token->length)
    {
    case 1:
      return (gint8) lo;
    case 2:
      return (gint16) lo;
    case 4:
      return (gint32) lo;
    default:
      return (gint64) ((guint64) token->data.value.hi << 32 | lo);
    }
}

static double
get_float (const mpack_token_t *token)
{
  if (token->length == 4)
    {
      guint32 bits = token->data.value.lo;
      float value;

      memcpy (&value, &bits, sizeof value);
      return (double) value;
    }
  else
    {
      guint64 bits = (guint64) token->data.value.hi << 32 | token->data.value.lo;
      double value;

      memcpy (&value, &bits, sizeof value);
      return value;
    }
}

static gint64
get_date (SioSpan bytes)
{
  guint64 value = 0;

  for (gsize i = 0; i < 8; i++)
    value = value << 8 | (guchar) bytes.data[i];

  return (gint64) value;
}

static gboolean
read_bytes (SioMsgpackReader     *reader,
            const mpack_token_t  *raw,
            guchar                first,
            SioMsgpackToken      *token,
            GError              **error)
{
  gsize left = (gsize) (reader->end - reader->next);

  token->type = raw->type == MPACK_TOKEN_STR ? SIO_MSGPACK_STRING
              : raw->type == MPACK_TOKEN_BIN ? SIO_MSGPACK_BINARY : SIO_MSGPACK_EXT;
  if (raw->length > left)
    return sio_msgpack_fail (token->offset, error, "%s of %u bytes, but only %" G_GSIZE_FORMAT " are left",
                             sio_msgpack_type_get_name (token->type), raw->length, left);

  token->bytes = (SioSpan) { reader->next, raw->length };
  reader->next += raw->length;

  if (token->type == SIO_MSGPACK_EXT)
    {
      token->ext_type = (gint8) raw->data.ext_type;
      if (token->ext_type == SIO_MSGPACK_EXT_NOTEPACK)
        {
          /* The first byte tells the fixext forms from those that carry their length. */
          if (first == 0xd4)
            token->type = SIO_MSGPACK_UNDEFINED;
          else if (first >= 0xc7 && first <= 0xc9)
            token->type = SIO_MSGPACK_BINARY;
          else if (first == 0xd7)
            {
              token->type = SIO_MSGPACK_DATE;
              token->sint = get_date (token->bytes);
            }
        }
    }

  return TRUE;
}

static gboolean
check_count (SioMsgpackReader  *reader,
             SioMsgpackToken   *token,
             guint              bytes_each,
             GError           **error)
{
  gsize left = (gsize) (reader->end - reader->next);

  if (token->count > left / bytes_each)
    return sio_msgpack_fail (token->offset, error,
                             "%s of %" G_GSIZE_FORMAT " %s, but only %" G_GSIZE_FORMAT " bytes are left",
                             sio_msgpack_type_get_name (token->type), token->count,
                             token->type == SIO_MSGPACK_MAP ? "pairs" : "values", left);

  return TRUE;
}

/* Reads one token and, of what has bytes, the bytes. */
gboolean
sio_msgpack_read (SioMsgpackReader  *reader,
                  SioMsgpackToken   *token,
                  GError           **error)
{
  mpack_tokbuf_t tokbuf = MPACK_TOKBUF_INITIAL_VALUE;
  const char *at = reader->next;
  gsize left = (gsize) (reader->end - at);
  mpack_token_t raw;
  int status;

  memset (token, 0, sizeof *token);
  token->offset = (gsize) (at - reader->start);

  if (left == 0)
    return sio_msgpack_fail (token->offset, error, "expected a value, found the end");

  status = mpack_read (&tokbuf, &reader->next, &left, &raw);
  if (status == MPACK_EOF)
    return sio_msgpack_fail (token->offset, error, "the message ends within a value");
  if (status != MPACK_OK)
    return sio_msgpack_fail (token->offset, error, "0x%02x begins no value", (guchar) *at);

  switch (raw.type)
    {
    case MPACK_TOKEN_NIL:
      token->type = SIO_MSGPACK_NIL;
      return TRUE;

    case MPACK_TOKEN_BOOLEAN:
      token->type = raw.data.value.lo != 0 ? SIO_MSGPACK_TRUE : SIO_MSGPACK_FALSE;
      return TRUE;

    case MPACK_TOKEN_UINT:
      token->type = SIO_MSGPACK_UINT;
      token->uint = (guint64) raw.data.value.hi << 32 | raw.data.value.lo;
      return TRUE;

    case MPACK_TOKEN_SINT:
      token->type = SIO_MSGPACK_INT;
      token->sint = get_sint (&raw);
      return TRUE;

    case MPACK_TOKEN_FLOAT:
      token->type = SIO_MSGPACK_FLOAT;
      token->number = get_float (&raw);
      return TRUE;

    case MPACK_TOKEN_STR:
    case MPACK_TOKEN_BIN:
    case MPACK_TOKEN_EXT:
      return read_bytes (reader, &raw, (guchar) *at, token, error);

    case MPACK_TOKEN_ARRAY:
      token->type = SIO_MSGPACK_ARRAY;
      token->count = raw.length;
      return check_count (reader, token, 1, error);

    case MPACK_TOKEN_MAP:
      token->type = SIO_MSGPACK_MAP;
      token->count = raw.length;
      return check_count (reader, token, 2, error);

    case MPACK_TOKEN_CHUNK:
      break;
    }

  g_return_val_if_reached (FALSE);
}
