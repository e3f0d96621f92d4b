/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The vectors of socket.io-msgpack-parser, versions 2 and 3: encoding byte by byte, decoding by value. */

#include "vectors.h"
#include "wire/sio-packet.h"

/* "options" of the client as notepack writes them: a key and {"compress":true}. */
#define OPTIONS "a76f7074696f6e7381a8636f6d7072657373c3"

static guint
get_revision (JsonObject *vector)
{
  return g_str_equal (get_string (vector, "parser"), "2.2.1") ? 4 : 5;
}

/* The member of a packet as JSON text of our notation; NULL if there is none. */
static char *
dup_member (const char *packet_json, const char *name)
{
  SioSpan packet = { packet_json, strlen (packet_json) };
  SioSpan value;

  if (!sio_json_object_get (packet, name, &value))
    return NULL;
  return g_strndup (value.data, value.size);
}

/* {"$bin":"<hex>"} becomes {"$binary":"<base64>"}; the other tags are the same. */
static char *
translate_binary (const char *json)
{
  GString *out = g_string_new (NULL);

  while (*json != '\0')
    if (g_str_has_prefix (json, "{\"$bin\":\""))
      {
        const char *end = strchr (json, '}');
        g_autofree char *hex = g_strndup (json + 9, (gsize) (end - json) - 10);
        g_autoptr(GBytes) bytes = hex_to_bytes (hex);

        g_string_append (out, "{\"$binary\":\"");
        sio_base64_append (out, span_of (bytes).data, span_of (bytes).size);
        g_string_append (out, "\"}");
        json = end + 1;
      }
    else
      {
        g_string_append_c (out, *json++);
      }

  return g_string_free (out, FALSE);
}

static SioPacketType
to_text_type (gint64 type, guint n_attachments)
{
  if (type == SIO_PACKET_EVENT || type == SIO_PACKET_BINARY_EVENT)
    return n_attachments > 0 ? SIO_PACKET_BINARY_EVENT : SIO_PACKET_EVENT;
  if (type == SIO_PACKET_ACK || type == SIO_PACKET_BINARY_ACK)
    return n_attachments > 0 ? SIO_PACKET_BINARY_ACK : SIO_PACKET_ACK;
  return (SioPacketType) type;
}

/* The packet in socket.io's own encoding. */
static GString *
make_text (const char *packet_json, GPtrArray *attachments)
{
  GString *text = g_string_new (NULL);
  g_autoptr(GString) content = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *type = dup_member (packet_json, "type");
  g_autofree char *nsp = dup_member (packet_json, "nsp");
  g_autofree char *id = dup_member (packet_json, "id");
  g_autofree char *data = dup_member (packet_json, "data");
  g_autoptr(GString) name = sio_json_unquote ((SioSpan) { nsp, strlen (nsp) });

  if (data != NULL && !g_str_equal (data, "{\"$undefined\":true}"))
    {
      g_autofree char *ours = translate_binary (data);

      g_assert_true (sio_json_extract_binary (content, (SioSpan) { ours, strlen (ours) }, attachments, &error));
      g_assert_no_error (error);
    }

  sio_packet_append_header (text, to_text_type (atoi (type), attachments->len), attachments->len, name->str,
                            id != NULL ? g_ascii_strtoll (id, NULL, 10) : -1);
  g_string_append_len (text, content->str, (gssize) content->len);
  return text;
}

static void
run_msgpack_encode (JsonObject *vector, GString *expected, GString *ours)
{
  JsonObject *out = json_array_get_object_element (json_object_get_array_member (vector, "out"), 0);
  const char *packet_json = get_string (vector, "packet_json");
  gboolean binary = get_string (out, "bin") != NULL;
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) text = make_text (packet_json, attachments);
  g_autoptr(GBytes) message = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *options = dup_member (packet_json, "options");
  g_autofree char *hex = NULL;
  gboolean is_text = FALSE;
  char *found;

  g_string_append (expected, get_string (out, binary ? "bin" : "hex"));

  message = sio_parser_encode (parser, get_revision (vector), (SioSpan) { text->str, text->len }, attachments,
                               &is_text, &error);
  g_assert_no_error (error);
  g_assert_cmpint (is_text, ==, !binary);
  hex = span_to_hex (span_of (message));

  /* A server's events have no options, ours are the client's: one pair less is what a server writes. */
  found = strstr (hex, OPTIONS);
  if (found != NULL && options == NULL)
    {
      memmove (found, found + strlen (OPTIONS), strlen (found + strlen (OPTIONS)) + 1);
      g_assert_cmpint (hex[0], ==, '8');
      hex[1]--;
    }
  g_string_append (ours, hex);
}

/* "TYPE nsp id data", the data compact. */
static void
append_packet (GString *out, gint64 type, const char *nsp, gint64 id, const char *data)
{
  g_string_append_printf (out, "%s %s %" G_GINT64_FORMAT " %s", sio_packet_type_get_name (to_text_type (type, 0)),
                          nsp, id, data);
}

static void
run_msgpack_decode (JsonObject *vector, GString *expected, GString *ours)
{
  static const SioParserLimits limits = { 256, 64, 1000000 };
  JsonObject *in = json_object_get_object_member (vector, "in");
  JsonArray *emits = json_object_get_array_member (vector, "emits_json");
  guint revision = get_revision (vector);
  gboolean binary = get_string (in, "bin") != NULL;
  g_autoptr(GBytes) message = hex_to_bytes (get_string (in, binary ? "bin" : "hex"));
  g_autoptr(SioParser) parser = sio_msgpack_parser_new ();
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) data = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *nsp = NULL;
  SioPacketLimits packet_limits = SIO_PACKET_DEFAULT_LIMITS;
  SioPacket packet;

  if (get_string (vector, "throws") != NULL)
    g_string_append (expected, "throw");
  else
    {
      const char *packet_json = json_array_get_string_element (emits, 0);
      g_autofree char *type = dup_member (packet_json, "type");
      g_autofree char *quoted = dup_member (packet_json, "nsp");
      g_autofree char *id = dup_member (packet_json, "id");
      g_autofree char *raw = dup_member (packet_json, "data");
      g_autofree char *translated = translate_binary (raw != NULL ? raw : "-");
      g_autoptr(GString) name = sio_json_unquote ((SioSpan) { quoted, strlen (quoted) });

      append_packet (expected, atoi (type), name->str, id != NULL ? g_ascii_strtoll (id, NULL, 10) : -1, translated);
    }

  if (!sio_parser_decode (parser, revision, !binary, span_of (message), &limits, text, attachments, &error))
    {
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
      g_string_append (ours, "throw");
      return;
    }

  packet_limits.revision = revision;
  if (!sio_packet_decode ((SioSpan) { text->str, text->len }, &packet_limits, &packet, &error))
    {
      g_string_append_printf (ours, "%s, which is no packet", text->str);
      return;
    }
  g_assert_cmpuint (packet.n_attachments, ==, attachments->len);

  nsp = g_strndup (packet.nsp.data, packet.nsp.size);
  if (packet.payload.size > 0)
    sio_json_append_with_binary (data, packet.payload, attachments);
  append_packet (ours, packet.type, nsp, packet.id, data->len > 0 ? data->str : "-");
}

void
run_msgpack (JsonObject *vector, GString *expected, GString *ours)
{
  if (g_str_equal (get_string (vector, "op"), "encode"))
    run_msgpack_encode (vector, expected, ours);
  else
    run_msgpack_decode (vector, expected, ours);
}
