/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the vector tests share: reading a vector, and the form of a run. */

#pragma once

#include <json-glib/json-glib.h>

#include "sio.h"

static inline GBytes *
hex_to_bytes (const char *hex)
{
  gsize size = strlen (hex) / 2;
  guint8 *data = g_malloc (size + 1);

  g_assert_cmpuint (strlen (hex) % 2, ==, 0);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));

  return g_bytes_new_take (data, size);
}

static inline char *
span_to_hex (SioSpan span)
{
  GString *hex = g_string_new (NULL);

  for (gsize i = 0; i < span.size; i++)
    g_string_append_printf (hex, "%02x", (guchar) span.data[i]);

  return g_string_free (hex, FALSE);
}

static inline SioSpan
span_of (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return (SioSpan) { data, size };
}

static inline const char *
get_string (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, NULL);
}

/* Expected and ours go into the two strings; the caller compares. */
typedef void (*RunFunc) (JsonObject *vector, GString *expected, GString *ours);

void run_eio3_packet (JsonObject *vector, GString *expected, GString *ours);
void run_eio3_payload (JsonObject *vector, GString *expected, GString *ours);
void run_eio4_packet (JsonObject *vector, GString *expected, GString *ours);
void run_eio4_payload (JsonObject *vector, GString *expected, GString *ours);
void run_slicing (JsonObject *vector, GString *expected, GString *ours);
void run_msgpack (JsonObject *vector, GString *expected, GString *ours);
void run_sio4_packet (JsonObject *vector, GString *expected, GString *ours);
void run_sio5_packet (JsonObject *vector, GString *expected, GString *ours);
