/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the server says and understands differently to clients of Engine.IO 3, which are those of
 * socket.io 2.x: polling bodies with lengths, and the type in front of binary messages. Written for
 * the server alone, so that a test against the library's own client proves something. */

#include "sio-server-private.h"
#include "../sio-error.h"
#include "../wire/sio-base64.h"

/* Engine.IO 3, "Payload": how a binary payload marks its units. */
#define UNIT_TEXT   0x00
#define UNIT_BINARY 0x01
#define LENGTH_END  0xff
/* No POST is as long as a number with more digits says. */
#define MAX_LENGTH_DIGITS 10

/* The type of a message in front of its bytes: a number, not a digit. */
#define BINARY_MESSAGE 0x04

/* ---- writing ---- */

/* Engine.IO 3 counts what JavaScript calls length: UTF-16 units. */
static gsize
count_utf16_units (const char *text,
                   gsize       size)
{
  gsize n = 0;

  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = (guint8) text[i];

      if ((byte & 0xc0) != 0x80)
        n += byte >= 0xf0 ? 2 : 1;
    }

  return n;
}

static void
append_binary_unit (GString    *body,
                    guint8      kind,
                    const char *content,
                    gsize       size,
                    gboolean    with_type)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GSIZE_FORMAT, size + (with_type ? 1 : 0));

  g_string_append_c (body, (char) kind);
  for (const char *digit = digits; *digit != '\0'; digit++)
    g_string_append_c (body, (char) (*digit - '0'));
  g_string_append_c (body, (char) LENGTH_END);
  if (with_type)
    g_string_append_c (body, BINARY_MESSAGE);
  g_string_append_len (body, content, (gssize) size);
}

/*< private >
 * sio_server_eio3_append:
 * @body: the body of a poll's answer
 * @frame: what to append
 * @binary_payload: write it in the form of the binary payload
 *
 * Engine.IO 3, "Payload".
 */
void
sio_server_eio3_append (GString              *body,
                        const SioServerFrame *frame,
                        gboolean              binary_payload)
{
  gsize size;
  const char *content = g_bytes_get_data (frame->content, &size);

  if (binary_payload)
    {
      append_binary_unit (body, frame->binary ? UNIT_BINARY : UNIT_TEXT, content, size, frame->binary);
    }
  else if (frame->binary)
    {
      g_string_append_printf (body, "%" G_GSIZE_FORMAT ":b4", 2 + (size + 2) / 3 * 4);
      sio_base64_append (body, content, size);
    }
  else
    {
      g_string_append_printf (body, "%" G_GSIZE_FORMAT ":", count_utf16_units (content, size));
      g_string_append_len (body, content, (gssize) size);
    }
}

/*< private >
 * sio_server_eio3_make_frame:
 * @frame: a binary message
 *
 * Returns: (transfer full): what goes into a binary WebSocket frame
 */
GBytes *
sio_server_eio3_make_frame (const SioServerFrame *frame)
{
  gsize size;
  const char *content = g_bytes_get_data (frame->content, &size);
  GString *bytes = g_string_sized_new (size + 1);

  g_string_append_c (bytes, BINARY_MESSAGE);
  g_string_append_len (bytes, content, (gssize) size);

  return g_string_free_to_bytes (bytes);
}

/* ---- reading ---- */

static gboolean
set_malformed (GError     **error,
               const char  *message)
{
  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_MALFORMED, message);
  return FALSE;
}

/* Digits up to an end mark; base is what the digit 0 looks like. */
static gboolean
read_length (SioServerEio3Iter  *iter,
             guint8              base,
             guint8              end_mark,
             gsize              *length,
             GError            **error)
{
  guint n_digits = 0;

  *length = 0;
  while (iter->next < iter->end && (guint8) *iter->next != end_mark)
    {
      guint digit = (guint) (guint8) *iter->next - base;

      if ((guint8) *iter->next < base || digit > 9 || ++n_digits > MAX_LENGTH_DIGITS)
        return set_malformed (error, "a packet's length is no number");
      *length = *length * 10 + digit;
      iter->next++;
    }

  if (n_digits == 0 || iter->next == iter->end)
    return set_malformed (error, "a packet without its length");
  iter->next++;

  return TRUE;
}

static gboolean
next_of_text (SioServerEio3Iter  *iter,
              SioSpan            *unit,
              GError            **error)
{
  const char *start;
  gsize n_units;

  if (!read_length (iter, '0', ':', &n_units, error))
    return FALSE;

  start = iter->next;
  while (n_units > 0)
    {
      guint8 byte = iter->next < iter->end ? (guint8) *iter->next : 0;
      gsize n = byte >= 0xf0 ? 2 : 1;

      if (iter->next == iter->end || n > n_units)
        return set_malformed (error, "a packet's length is not that of the text");
      n_units -= n;
      /* The body was found to be UTF-8 before. */
      iter->next += byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    }
  *unit = (SioSpan) { start, (gsize) (iter->next - start) };

  return TRUE;
}

static gboolean
next_of_binary (SioServerEio3Iter  *iter,
                SioSpan            *unit,
                gboolean           *binary,
                GError            **error)
{
  guint8 kind = (guint8) *iter->next++;
  gsize size;

  if (kind != UNIT_TEXT && kind != UNIT_BINARY)
    return set_malformed (error, "a packet that is neither text nor binary");
  if (!read_length (iter, 0, LENGTH_END, &size, error))
    return FALSE;
  if (size > (gsize) (iter->end - iter->next))
    return set_malformed (error, "a packet's length is more than there is");

  *binary = kind == UNIT_BINARY;
  *unit = (SioSpan) { iter->next, size };
  iter->next += size;
  if (!*binary && !sio_server_is_text (*unit))
    return set_malformed (error, "a text packet that is not UTF-8");

  return TRUE;
}

void
sio_server_eio3_iter_init (SioServerEio3Iter *iter,
                           SioSpan            body,
                           gboolean           binary_payload)
{
  iter->next = body.data;
  iter->end = body.data + body.size;
  iter->binary_payload = binary_payload;
}

/*< private >
 * sio_server_eio3_iter_next:
 * @unit: (out): the packet, with its type in front
 * @binary: (out): whether its type is a number, and bytes follow
 * @error: set if what comes is malformed, not at the end
 *
 * Packets of no length are passed over, as in the official server.
 *
 * Returns: %FALSE at the end, or if what comes is malformed
 */
gboolean
sio_server_eio3_iter_next (SioServerEio3Iter  *iter,
                           SioSpan            *unit,
                           gboolean           *binary,
                           GError            **error)
{
  *binary = FALSE;

  while (iter->next < iter->end)
    {
      if (iter->binary_payload ? !next_of_binary (iter, unit, binary, error) : !next_of_text (iter, unit, error))
        return FALSE;
      if (unit->size > 0)
        return TRUE;
    }

  return FALSE;
}

/*< private >
 * sio_server_eio3_receive_base64:
 * @self: a session; the caller holds a reference
 * @text: a text packet in which binary may hide: "b4…"
 *
 * Returns: %FALSE if it is an ordinary text packet, and nothing happened
 */
gboolean
sio_server_eio3_receive_base64 (SioServerSession *self,
                                SioSpan           text)
{
  g_autoptr(GBytes) bytes = NULL;

  if (text.size == 0 || text.data[0] != 'b')
    return FALSE;

  if (text.size < 2 || text.data[1] != '4')
    {
      sio_server_session_fail (self, "parse error", "base64 that is no message");
      return TRUE;
    }

  bytes = sio_base64_decode (text.data + 2, text.size - 2);
  sio_server_session_receive_binary (self, bytes);

  return TRUE;
}

/*< private >
 * sio_server_eio3_receive_binary:
 * @self: a session; the caller holds a reference
 * @owner: what @packet points into
 * @packet: a number that is the type, and the bytes of the message
 */
void
sio_server_eio3_receive_binary (SioServerSession *self,
                                GBytes           *owner,
                                SioSpan           packet)
{
  g_autoptr(GBytes) bytes = NULL;
  const char *start = g_bytes_get_data (owner, NULL);

  if (packet.size == 0 || packet.data[0] != BINARY_MESSAGE)
    {
      sio_server_session_fail (self, "parse error", "a binary packet that is no message");
      return;
    }

  bytes = g_bytes_new_from_bytes (owner, (gsize) (packet.data + 1 - start), packet.size - 1);
  sio_server_session_receive_binary (self, bytes);
}
