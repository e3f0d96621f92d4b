/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Single values of msgpack, each in its smallest form, unsigned where it can be, as notepack.io writes them. By hand,
 * because libmpack 1.0.5 writes 127 for -129 and 32767 for -32769. */

#include "sio-msgpack-private.h"

static void
write_byte (GByteArray *out, guint byte)
{
  guint8 value = (guint8) byte;

  g_byte_array_append (out, &value, 1);
}

/* The type, and the lowest n_bytes of the value, the highest first. */
static void
write_number (GByteArray *out, guint type, guint64 value, guint n_bytes)
{
  guint8 bytes[9] = { (guint8) type, };

  for (guint i = 0; i < n_bytes; i++)
    bytes[n_bytes - i] = (guint8) (value >> 8 * i);
  g_byte_array_append (out, bytes, n_bytes + 1);
}

void
sio_msgpack_write_uint (GByteArray *out, guint64 value)
{
  if (value < 0x80)
    write_byte (out, (guint) value);
  else if (value <= G_MAXUINT8)
    write_number (out, 0xcc, value, 1);
  else if (value <= G_MAXUINT16)
    write_number (out, 0xcd, value, 2);
  else if (value <= G_MAXUINT32)
    write_number (out, 0xce, value, 4);
  else
    write_number (out, 0xcf, value, 8);
}

void
sio_msgpack_write_int (GByteArray *out, gint64 value)
{
  if (value >= 0)
    sio_msgpack_write_uint (out, (guint64) value);
  else if (value >= -0x20)
    write_byte (out, (guint) (value & 0xff));
  else if (value >= G_MININT8)
    write_number (out, 0xd0, (guint64) value, 1);
  else if (value >= G_MININT16)
    write_number (out, 0xd1, (guint64) value, 2);
  else if (value >= G_MININT32)
    write_number (out, 0xd2, (guint64) value, 4);
  else
    write_number (out, 0xd3, (guint64) value, 8);
}

void
sio_msgpack_write_double (GByteArray *out, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  write_number (out, 0xcb, bits, 8);
}

/* The length goes into the smallest of the forms: fix (0 for none), 8 bits (0 for none), 16, 32. */
static void
write_length (GByteArray *out, gsize length, guint fix, guint max_fix, guint type8, guint type16, guint type32)
{
  if (fix != 0 && length <= max_fix)
    write_byte (out, fix | (guint) length);
  else if (type8 != 0 && length <= G_MAXUINT8)
    write_number (out, type8, length, 1);
  else if (length <= G_MAXUINT16)
    write_number (out, type16, length, 2);
  else
    write_number (out, type32, length, 4);
}

static void
write_bytes (GByteArray *out, SioSpan bytes)
{
  if (bytes.size > 0)
    g_byte_array_append (out, (const guint8 *) bytes.data, (guint) bytes.size);
}

void
sio_msgpack_write_array (GByteArray *out, gsize n_values)
{
  write_length (out, n_values, 0x90, 15, 0, 0xdc, 0xdd);
}

void
sio_msgpack_write_map (GByteArray *out, gsize n_pairs)
{
  write_length (out, n_pairs, 0x80, 15, 0, 0xde, 0xdf);
}

void
sio_msgpack_write_string (GByteArray *out, SioSpan text)
{
  write_length (out, text.size, 0xa0, 31, 0xd9, 0xda, 0xdb);
  write_bytes (out, text);
}

void
sio_msgpack_write_binary (GByteArray *out, SioSpan bytes)
{
  write_length (out, bytes.size, 0, 0, 0xc4, 0xc5, 0xc6);
  write_bytes (out, bytes);
}

void
sio_msgpack_write_ext (GByteArray *out, gint8 type, SioSpan bytes)
{
  /* A size that has a form of its own takes it; notepack's type 0 would read as something else in the others. */
  switch (bytes.size)
    {
    case 1:
    case 2:
    case 4:
    case 8:
    case 16:
      write_byte (out, 0xd4 + (guint) g_bit_nth_lsf (bytes.size, -1));
      break;
    default:
      write_length (out, bytes.size, 0, 0, 0xc7, 0xc8, 0xc9);
      break;
    }
  write_byte (out, (guint8) type);
  write_bytes (out, bytes);
}

void
sio_msgpack_write_nil (GByteArray *out)
{
  write_byte (out, 0xc0);
}

void
sio_msgpack_write_boolean (GByteArray *out, gboolean value)
{
  write_byte (out, value ? 0xc3 : 0xc2);
}

void
sio_msgpack_write_undefined (GByteArray *out)
{
  sio_msgpack_write_ext (out, SIO_MSGPACK_EXT_NOTEPACK, (SioSpan) { "", 1 });
}

void
sio_msgpack_write_date (GByteArray *out, gint64 ms)
{
  write_byte (out, 0xd7);
  write_number (out, SIO_MSGPACK_EXT_NOTEPACK, (guint64) ms, 8);
}
