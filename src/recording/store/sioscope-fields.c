/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Building a record that is a list of fields, on the stack and without copying what may be large. */

#include "sioscope-recording-private.h"

static const guint8 zeros[8];

void
sioscope_fields_init (SioscopeFields *fields)
{
  fields->small_len = 0;
  fields->n_parts = 0;
}

static guint8 *
add_field_header (SioscopeFields *fields,
                  guint           field,
                  gsize           size)
{
  guint8 *p = fields->small + fields->small_len;

  g_assert (fields->n_parts + 3 <= G_N_ELEMENTS (fields->parts)
            && fields->small_len + 16 <= sizeof fields->small);
  sioscope_put32 (p, field);
  sioscope_put32 (p + 4, (guint32) MIN (size, G_MAXUINT32));
  fields->small_len += 8;
  return p;
}

/* Zero is what a reader takes for a number that is not there; but 0 is an ack id. */
void
sioscope_fields_add_number (SioscopeFields *fields,
                            guint           field,
                            gint64          value)
{
  guint8 *p;

  if (value == 0 && field != SIOSCOPE_FIELD_ID)
    return;
  p = add_field_header (fields, field, 8);
  sioscope_put64 (p + 8, (guint64) value);
  fields->small_len += 8;
  fields->parts[fields->n_parts++] = (struct iovec) { p, 16 };
}

void
sioscope_fields_add_bytes (SioscopeFields *fields,
                           guint           field,
                           const void     *data,
                           gsize           size)
{
  guint8 *p;

  if (size == 0)
    return;
  p = add_field_header (fields, field, size);
  fields->parts[fields->n_parts++] = (struct iovec) { p, 8 };
  fields->parts[fields->n_parts++] = (struct iovec) { (void *) data, size };
  if (size % 8 != 0)
    fields->parts[fields->n_parts++] = (struct iovec) { (guint8 *) zeros, 8 - size % 8 };
}
