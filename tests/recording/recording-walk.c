/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "recording-walk.h"
#include "sioscope-print.h"
#include "sioscope-projection.h"
#include "sioscope-recording-copy.h"
#include "sioscope-recording-private.h"

#include <glib/gstdio.h>
#include <stddef.h>

static const gsize spans[] = {
  offsetof (SioscopeEntry, raw), offsetof (SioscopeEntry, wire), offsetof (SioscopeEntry, nsp),
  offsetof (SioscopeEntry, event), offsetof (SioscopeEntry, args), offsetof (SioscopeEntry, reason),
  offsetof (SioscopeEntry, message), offsetof (SioscopeEntry, error_domain), offsetof (SioscopeEntry, sid),
  offsetof (SioscopeEntry, parser), offsetof (SioscopeEntry, method), offsetof (SioscopeEntry, uri),
  offsetof (SioscopeEntry, request_headers), offsetof (SioscopeEntry, response_headers),
  offsetof (SioscopeEntry, request_body), offsetof (SioscopeEntry, response_body),
  offsetof (SioscopeEntry, tls_fingerprint), offsetof (SioscopeEntry, tls_certificate),
};

static SioSpan
get_span (const SioscopeEntry *entry,
          guint                i)
{
  return *(const SioSpan *) ((const char *) entry + spans[i]);
}

static guint64
touch (SioSpan span)
{
  guint64 sum = 0;

  for (gsize i = 0; i < span.size; i++)
    sum += (guint8) span.data[i];
  return sum;
}

void
walk_mend_checks (guint8 *bytes,
                  gsize   size)
{
  gsize offset = sioscope_get32 (bytes + 12), row = 0;

  while (offset <= size && size - offset >= SIOSCOPE_RECORD_HEADER_SIZE)
    {
      gsize record = SIOSCOPE_ALIGN8 ((gsize) sioscope_get32 (bytes + offset));

      sioscope_put32 (bytes + offset + 16, (guint32) row++);
      sioscope_put32 (bytes + offset + 20, sioscope_format_check (bytes + offset, 20));
      if (record < SIOSCOPE_RECORD_HEADER_SIZE || record > size - offset)
        break;
      offset += record;
    }
}

static void
assert_within_limits (const SioscopeEntry *e)
{
  g_assert_cmpint (e->kind, >=, SIOSCOPE_KIND_PACKET);
  g_assert_cmpint (e->kind, <=, SIOSCOPE_KIND_NOTE);
  g_assert_cmpint (e->direction, <=, SIO_DIRECTION_OUT);
  g_assert_cmpint (e->transport, <=, SIO_TRANSPORT_KIND_WEBSOCKET);
  g_assert_cmpint (e->state, <=, SIO_TAP_STATE_FAILED);
  g_assert_cmpint (e->fate, <=, SIO_TAP_EMIT_LOST);
  g_assert_cmpint (e->socket_change, <=, SIO_TAP_SOCKET_DISCONNECTED);
  g_assert_cmpint (e->packet_type, <=, SIO_PACKET_BINARY_ACK);
  g_assert_cmpint (e->engine_type, <=, SIO_ENGINE_PACKET_NOOP);
  g_assert_cmpint (e->id, >=, -1);
  g_assert_cmpint (e->time_us, >=, 0);
}

static void
assert_index_agrees (SioscopeRecording   *recording,
                     const SioscopeEntry *e)
{
  SioscopeIndexWord word = sioscope_recording_get_word (recording, e->row);
  guint number = sioscope_recording_get_name_number (recording, e->row);
  SioscopeName name;

  g_assert_cmpint (sioscope_recording_get_kind (recording, e->row), ==, e->kind);
  g_assert_cmpint (SIOSCOPE_INDEX_DIRECTION (word), ==, e->direction);
  g_assert_cmpint (SIOSCOPE_INDEX_TYPE (word), ==, e->kind == SIOSCOPE_KIND_PACKET ? (int) e->packet_type
                   : e->kind == SIOSCOPE_KIND_ENGINE ? (int) e->engine_type : 0);
  if (e->kind == SIOSCOPE_KIND_PACKET)
    {
      g_assert_cmpint ((word & SIOSCOPE_INDEX_HAS_ID) != 0, ==, e->id >= 0);
      g_assert_cmpint ((word & SIOSCOPE_INDEX_HAS_TAG) != 0, ==, e->tag != 0);
    }
  if (e->kind != SIOSCOPE_KIND_PACKET && e->kind != SIOSCOPE_KIND_SOCKET && e->kind != SIOSCOPE_KIND_EMIT)
    g_assert_cmpuint (number, ==, SIOSCOPE_NAME_NONE);
  else if (number == SIOSCOPE_NAME_UNNUMBERED)
    g_assert_cmpuint (e->nsp.size + e->event.size, >, 1024);
  else
    {
      g_assert_true (sioscope_recording_get_name (recording, number, &name));
      g_assert_cmpmem (name.nsp.data, name.nsp.size, e->nsp.data, e->nsp.size);
      g_assert_cmpmem (name.event.data, name.event.size, e->event.data, e->event.size);
    }
}

static guint64
walk_row (SioscopeRecording *recording,
          guint64            row)
{
  g_autoptr(GPtrArray) attachments = sioscope_recording_dup_attachments (recording, row);
  const guint8 *record;
  g_autofree guint8 *exact = NULL;
  SioscopeEntry e, again;
  SioSpan raw;
  guint64 sum = 0, sum_again = 0;
  gsize size;

  g_assert_true (sioscope_recording_read (recording, row, &e));
  g_assert_cmpuint (e.row, ==, row);
  assert_within_limits (&e);
  assert_index_agrees (recording, &e);
  if (sioscope_recording_read_raw (recording, row, &raw))
    g_assert_cmpmem (raw.data, raw.size, e.raw.data, e.raw.size);

  /* Reading behind a record is seen where nothing is behind it. */
  record = recording->base + SIOSCOPE_INDEX_OFFSET (sioscope_recording_get_word (recording, row));
  size = sioscope_get32 (record);
  exact = g_memdup2 (record, size);
  sioscope_recording_parse (exact, size, row, &again);
  g_assert_cmpint (again.kind, ==, e.kind);
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      sum += touch (get_span (&e, i));
      sum_again += touch (get_span (&again, i));
    }
  g_assert_cmpuint (sum, ==, sum_again);

  for (guint i = 0; i < attachments->len; i++)
    sum += touch ((SioSpan) { g_bytes_get_data (attachments->pdata[i], NULL), g_bytes_get_size (attachments->pdata[i]) });
  return sum;
}

void
walk_everything (SioscopeRecording *recording)
{
  guint64 n_rows = sioscope_recording_get_n_rows (recording);
  g_autoptr(SioscopeProjection) projection = sioscope_projection_new (recording);
  SioscopeEntry e;

  for (guint64 row = 0; row < n_rows; row++)
    walk_row (recording, row);
  g_assert_false (sioscope_recording_read (recording, n_rows, &e));
  g_assert_cmpint (sioscope_recording_get_now_us (recording), >=, 0);

  for (int depth = SIOSCOPE_PRINT_EVENTS; depth <= SIOSCOPE_PRINT_FRAMES; depth++)
    {
      g_autoptr(SioscopePrinter) printer = sioscope_printer_new (recording, (SioscopePrintDepth) depth);
      g_autoptr(GString) lines = g_string_new (NULL);

      while (sioscope_printer_next (printer, lines))
        ;
      g_assert_true (lines->len == 0 || lines->str[lines->len - 1] == '\n');
    }
  while (sioscope_projection_update (projection, 0))
    ;
}

static void
assert_same_text (SioSpan a,
                  SioSpan b)
{
  g_assert_cmpmem (a.data, a.size, b.data, b.size);
}

void
walk_copy (SioscopeRecording *recording,
           const char        *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SioscopeRecording) copy = sioscope_recording_new_copy (path, sioscope_recording_get_title (recording),
                                                                   sioscope_recording_get_client (recording),
                                                                   sioscope_recording_get_start_real_us (recording), &error);
  SioscopeEntry e, c;

  g_assert_no_error (error);
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &e));
      sioscope_recording_append_entry (copy, &e, &error);
      g_assert_no_error (error);
    }
  sioscope_recording_finish_copy (copy, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (sioscope_recording_get_n_rows (copy), ==, sioscope_recording_get_n_rows (recording));
  g_assert_cmpstr (sioscope_recording_get_title (copy), ==, sioscope_recording_get_title (recording));
  for (guint64 row = 0; row < sioscope_recording_get_n_rows (recording); row++)
    {
      g_assert_true (sioscope_recording_read (recording, row, &e));
      g_assert_true (sioscope_recording_read (copy, row, &c));
      g_assert_cmpint (c.kind, ==, e.kind);
      g_assert_cmpint (c.time_us, ==, e.time_us);
      for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
        assert_same_text (get_span (&c, i), get_span (&e, i));
      /* What is not text, all at once. */
      for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
        {
          memset ((char *) &c + spans[i], 0, sizeof (SioSpan));
          memset ((char *) &e + spans[i], 0, sizeof (SioSpan));
        }
      g_assert_cmpmem (&c, sizeof c, &e, sizeof e);
    }
  g_unlink (path);
}
