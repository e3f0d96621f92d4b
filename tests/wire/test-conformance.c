/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the official packages' own tests ask of their parsers, asked of ours: engine.io-parser 5 (revision 4) and 2
 * (revision 3), socket.io-parser 4 (revision 5) and 3 (revision 4). One test a case, named by the official title, in
 * our words. */

#include "vectors.h"
#include "wire/sio-engine-packet.h"
#include "wire/sio-packet.h"

#define BYTES(literal) ((SioSpan) { (literal), sizeof (literal) - 1 })

/* --- Engine.IO --- */

typedef struct {
  SioEnginePacketType type;
  gboolean            binary;
  SioSpan             data;
} Packet;

#define TEXT(type, literal) { SIO_ENGINE_PACKET_##type, FALSE, { (literal), sizeof (literal) - 1 } }
#define BINARY(literal) { SIO_ENGINE_PACKET_MESSAGE, TRUE, { (literal), sizeof (literal) - 1 } }

typedef struct {
  const char      *path;
  void           (*run) (gconstpointer data);
  guint            eio;
  guint            n_packets;
  Packet           packets[7];
  SioSpan          wire;     /* of one packet, or of the body */
  SioPayloadShape  shape;    /* of a body that is only read */
} EngineCase;

static void
assert_packet (const SioEnginePacket *packet, const Packet *expected)
{
  g_assert_cmpint (packet->type, ==, expected->type);
  g_assert_cmpint (packet->binary, ==, expected->binary);
  g_assert_cmpmem (packet->data.data, packet->data.size, expected->data.data, expected->data.size);
}

/* One packet as a text frame, there and back. */
static void
run_text_frame (gconstpointer data)
{
  const EngineCase *self = data;
  const Packet *packet = &self->packets[0];
  g_autoptr(GString) frame = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  SioEnginePacket decoded = { 0, };

  if (packet->binary)
    sio_engine_packet_append_base64 (self->eio, packet->data, frame);
  else
    {
      g_string_append_c (frame, (char) ('0' + packet->type));
      g_string_append_len (frame, packet->data.data, (gssize) packet->data.size);
    }
  g_assert_cmpmem (frame->str, frame->len, self->wire.data, self->wire.size);

  g_assert_true (sio_engine_packet_decode_text (self->eio, self->wire, &decoded, &error));
  g_assert_no_error (error);
  assert_packet (&decoded, packet);
  sio_engine_packet_clear (&decoded);
}

/* One binary message as a binary frame. */
static void
run_binary_frame (gconstpointer data)
{
  const EngineCase *self = data;
  SioSpan prefix = sio_engine_packet_get_binary_prefix (self->eio);
  g_autoptr(GString) frame = g_string_new_len (prefix.data, (gssize) prefix.size);
  g_autoptr(GError) error = NULL;
  SioEnginePacket decoded = { 0, };

  g_string_append_len (frame, self->packets[0].data.data, (gssize) self->packets[0].data.size);
  g_assert_cmpmem (frame->str, frame->len, self->wire.data, self->wire.size);

  g_assert_true (sio_engine_packet_decode_binary (self->eio, self->wire, &decoded, &error));
  g_assert_no_error (error);
  assert_packet (&decoded, &self->packets[0]);
  sio_engine_packet_clear (&decoded);
}

/* Each byte string of the wire, separated by "|", is no packet. */
static void
run_bad_frames (gconstpointer data)
{
  const EngineCase *self = data;
  g_autofree char *all = g_strndup (self->wire.data, self->wire.size);
  g_auto(GStrv) frames = g_strsplit (all, "|", -1);

  for (guint i = 0; frames[i] != NULL; i++)
    {
      SioEnginePacket packet = { 0, };
      g_autoptr(GError) error = NULL;

      g_assert_false (sio_engine_packet_decode_text (self->eio, (SioSpan) { frames[i], strlen (frames[i]) }, &packet, &error));
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
    }
}

static guint
read_body (const EngineCase *self, SioPayloadShape shape, SioSpan body, GError **error)
{
  SioPayloadIter iter;
  SioSpan unit;
  gboolean is_binary;
  guint n = 0;

  sio_payload_iter_init (&iter, shape, body);
  while (sio_payload_iter_next (&iter, &unit, &is_binary, error))
    {
      SioEnginePacket packet = { 0, };

      if (!(is_binary ? sio_engine_packet_decode_binary (self->eio, unit, &packet, error)
                      : sio_engine_packet_decode_text (self->eio, unit, &packet, error)))
        return n;
      if (n < self->n_packets)
        assert_packet (&packet, &self->packets[n]);
      sio_engine_packet_clear (&packet);
      n++;
    }

  return n;
}

static void
run_payload (gconstpointer data)
{
  const EngineCase *self = data;
  g_autoptr(GString) body = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  if (self->shape != SIO_PAYLOAD_SHAPE_NONE)
    g_string_append_len (body, self->wire.data, (gssize) self->wire.size);
  else
    {
      for (guint i = 0; i < self->n_packets; i++)
        if (self->packets[i].binary)
          sio_payload_append_binary (self->eio, body, self->packets[i].data);
        else
          sio_payload_append_text (self->eio, body, self->packets[i].type, self->packets[i].data);
      g_assert_cmpmem (body->str, body->len, self->wire.data, self->wire.size);
      if (self->n_packets == 0)
        return;
    }

  g_assert_cmpuint (read_body (self, self->shape != SIO_PAYLOAD_SHAPE_NONE ? self->shape
                                     : self->eio == 4 ? SIO_PAYLOAD_SHAPE_EIO4 : SIO_PAYLOAD_SHAPE_EIO3_TEXT,
                               (SioSpan) { body->str, body->len }, &error), ==, self->n_packets);
  g_assert_no_error (error);
}

/* Each body of the wire, separated by "|", has something wrong with its first packet. */
static void
run_bad_payloads (gconstpointer data)
{
  const EngineCase *self = data;
  g_autofree char *all = g_strndup (self->wire.data, self->wire.size);
  g_auto(GStrv) bodies = g_strsplit (all, "|", -1);

  for (guint i = 0; bodies[i] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_cmpuint (read_body (self, self->shape, (SioSpan) { bodies[i], strlen (bodies[i]) }, &error), ==, 0);
      g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
    }
}

/* The whole wire is one of those. */
static void
run_bad_payload (gconstpointer data)
{
  const EngineCase *self = data;
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (read_body (self, self->shape, self->wire, &error), ==, 0);
  g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
}

#define EIO4 "/engine.io-parser-5/"
#define EIO3 "/engine.io-parser-2/"
#define FIVE "\x00\x01\x02\x03\x04"

static const EngineCase engine_cases[] = {
  { EIO4 "single-packet/should-encode-decode-a-string", run_text_frame, 4, 1, { TEXT (MESSAGE, "test") },
    BYTES ("4test") },
  { EIO4 "single-packet/should-fail-to-decode-a-malformed-packet", run_bad_frames, 4, 0, { { 0 } }, BYTES ("|a123|7") },
  { EIO4 "single-packet/should-encode-decode-a-buffer", run_binary_frame, 4, 1, { BINARY ("\1\2\3\4") },
    BYTES ("\1\2\3\4") },
  { EIO4 "single-packet/should-encode-decode-a-buffer-as-base64", run_text_frame, 4, 1, { BINARY ("\1\2\3\4") },
    BYTES ("bAQIDBA==") },
  { EIO4 "single-packet/should-encode-a-typed-array", run_binary_frame, 4, 1, { BINARY ("\1\0\2\0") },
    BYTES ("\1\0\2\0") },
  { EIO4 "payload/should-encode-decode-all-packet-types", run_payload, 4, 7,
    { TEXT (OPEN, ""), TEXT (CLOSE, ""), TEXT (PING, "probe"), TEXT (PONG, "probe"), TEXT (MESSAGE, "test"), TEXT (UPGRADE, ""),
      TEXT (NOOP, "") },
    BYTES ("0\x1e" "1\x1e" "2probe\x1e" "3probe\x1e" "4test\x1e" "5\x1e" "6") },
  { EIO4 "payload/should-fail-to-decode-a-malformed-payload", run_bad_payloads, 4, 0, { { 0 } },
    BYTES ("{|{}|[\"a123\", \"a456\"]"),
    SIO_PAYLOAD_SHAPE_EIO4 },
  { EIO4 "payload/should-encode-decode-a-string-and-buffer-payload", run_payload, 4, 2, { TEXT (MESSAGE, "test"),
    BINARY ("\1\2\3\4") },
    BYTES ("4test\x1e" "bAQIDBA==") },

  { EIO3 "packets/should-encode-packets-as-strings", run_text_frame, 3, 1, { TEXT (MESSAGE, "test") },
    BYTES ("4test") },
  { EIO3 "packets/should-allow-no-data", run_text_frame, 3, 1, { TEXT (MESSAGE, "") }, BYTES ("4") },
  { EIO3 "packets/should-encode-an-open-packet", run_text_frame, 3, 1, { TEXT (OPEN, "{\"some\":\"json\"}") },
    BYTES ("0{\"some\":\"json\"}") },
  { EIO3 "packets/should-encode-a-close-packet", run_text_frame, 3, 1, { TEXT (CLOSE, "") }, BYTES ("1") },
  { EIO3 "packets/should-encode-a-ping-packet", run_text_frame, 3, 1, { TEXT (PING, "1") }, BYTES ("21") },
  { EIO3 "packets/should-encode-a-pong-packet", run_text_frame, 3, 1, { TEXT (PONG, "1") }, BYTES ("31") },
  { EIO3 "packets/should-encode-a-message-packet", run_text_frame, 3, 1, { TEXT (MESSAGE, "aaa") }, BYTES ("4aaa") },
  { EIO3 "packets/should-encode-a-utf8-special-chars-message-packet", run_text_frame, 3, 1,
    { TEXT (MESSAGE, "utf8 \xe2\x80\x94 string") }, BYTES ("4utf8 \xe2\x80\x94 string") },
  { EIO3 "packets/should-not-utf8-encode-by-default", run_text_frame, 3, 1, { TEXT (MESSAGE,
    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac") },
    BYTES ("4\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac") },
  { EIO3 "packets/should-encode-an-upgrade-packet", run_text_frame, 3, 1, { TEXT (UPGRADE, "") }, BYTES ("5") },
  { EIO3 "packets/should-match-the-encoding-format", run_text_frame, 3, 1, { TEXT (NOOP, "") }, BYTES ("6") },
  { EIO3 "packets/should-disallow-empty-payload", run_bad_frames, 3, 0, { { 0 } }, BYTES ("|") },
  { EIO3 "packets/should-disallow-bad-format", run_bad_frames, 3, 0, { { 0 } }, BYTES (":::") },
  { EIO3 "packets/should-disallow-inexistent-types", run_bad_frames, 3, 0, { { 0 } }, BYTES ("94103") },
  { EIO3 "payloads/should-encode-payloads-as-strings", run_payload, 3, 2, { TEXT (PING, ""), TEXT (PONG, "") },
    BYTES ("1:21:3") },
  { EIO3 "payloads/should-encode-decode-packets", run_payload, 3, 2, { TEXT (MESSAGE, "a"), TEXT (PING, "") },
    BYTES ("2:4a1:2") },
  { EIO3 "payloads/should-encode-decode-empty-payloads", run_payload, 3, 0, { { 0 } }, BYTES ("0:"),
    SIO_PAYLOAD_SHAPE_EIO3_TEXT },
  { EIO3 "payloads/should-not-utf8-encode-when-dealing-with-strings-only", run_payload, 3, 2,
    { TEXT (MESSAGE, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"), TEXT (MESSAGE, "\xce\xb1") },
    BYTES ("4:4\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac" "2:4\xce\xb1") },
  { EIO3 "payloads/should-encode-string-payloads-as-strings-even-if-binary-supported", run_payload, 3, 2,
    { TEXT (PING, ""), TEXT (PONG, "") }, BYTES ("1:21:3") },
  { EIO3 "payloads/should-err-on-bad-payload-format", run_bad_payloads, 3, 0, { { 0 } }, BYTES ("1!|))|@"),
    SIO_PAYLOAD_SHAPE_EIO3_TEXT },
  { EIO3 "payloads/should-err-on-bad-payload-format-binary", run_bad_payloads, 3, 0, { { 0 } }, BYTES ("@"),
    SIO_PAYLOAD_SHAPE_EIO3_BINARY },
  { EIO3 "payloads/should-err-on-bad-payload-length", run_bad_payloads, 3, 0, { { 0 } }, BYTES ("1:"),
    SIO_PAYLOAD_SHAPE_EIO3_TEXT },
  { EIO3 "payloads/should-err-on-bad-packet-format", run_bad_payloads, 3, 0, { { 0 } }, BYTES ("3:99:|1:aa|1:a2:b"),
    SIO_PAYLOAD_SHAPE_EIO3_TEXT },
  { EIO3 "payloads/should-disallow-invalid-utf8", run_bad_payload, 3, 0, { { 0 } }, BYTES ("\0\4\377" "4\xef\xbf\xff"),
    SIO_PAYLOAD_SHAPE_EIO3_BINARY },
  { EIO3 "binary/should-encode-a-binary-message", run_text_frame, 3, 1, { BINARY (FIVE) }, BYTES ("b4AAECAwQ=") },
  { EIO3 "binary/should-encode-decode-mixed-binary-and-string-contents-as-b64", run_payload, 3, 2,
    { BINARY (FIVE), TEXT (MESSAGE, "hello") }, BYTES ("10:b4AAECAwQ=6:4hello") },
  { EIO3 "binary/should-decode-binary-contents-as-binary", run_payload, 3, 2, { BINARY (FIVE), BINARY ("\5\6\7\10") },
    BYTES ("\1\6\377\4" FIVE "\1\5\377\4\5\6\7\10"), SIO_PAYLOAD_SHAPE_EIO3_BINARY },
  { EIO3 "binary/should-decode-mixed-binary-and-string-contents-as-binary", run_payload, 3, 3,
    { BINARY ("0123456789"), TEXT (MESSAGE, "hello"), TEXT (CLOSE, "") },
    BYTES ("\1\1\1\377\4" "0123456789" "\0\6\377" "4hello" "\0\1\377" "1"), SIO_PAYLOAD_SHAPE_EIO3_BINARY },
  { EIO3 "binary/should-encode-decode-an-arraybuffer-as-b64", run_text_frame, 3, 1, { BINARY ("\0\1\2\3") },
    BYTES ("b4AAECAw==") },
  { EIO3 "binary/should-encode-decode-an-arraybuffer-as-binary", run_binary_frame, 3, 1, { BINARY ("\0\1\2\3") },
    BYTES ("\4\0\1\2\3") },
  { EIO3 "binary/should-decode-a-buffer-with-undeclared-type-as-binary", run_binary_frame, 3, 1,
    { BINARY ("\3\2\1") }, BYTES ("\4\3\2\1") },
};

/* --- Socket.IO --- */

typedef struct {
  const char    *path;
  void         (*run) (gconstpointer data);
  guint          revision;
  SioPacketType  type;
  const char    *nsp;
  gint64         id;
  const char    *data;    /* JSON, binary as {"$binary":"…"} */
  const char    *wire;    /* the text */
} PacketCase;

static gboolean
decode (guint revision, const char *text, SioPacket *packet, GError **error)
{
  SioPacketLimits limits = { 64, 256, revision };

  return sio_packet_decode ((SioSpan) { text, strlen (text) }, &limits, packet, error);
}

static void
run_packet (gconstpointer data)
{
  const PacketCase *self = data;
  g_autoptr(GPtrArray) attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr(GString) content = g_string_new (NULL);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GString) back = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = g_strdup (self->data);
  SioPacketAssembler assembler = { NULL, };
  SioPacket packet;

  if (self->data != NULL)
    g_assert_true (sio_json_extract_binary (content, (SioSpan) { self->data, strlen (self->data) }, attachments, &error));
  g_assert_no_error (error);
  /* The caller's text is what it was. */
  g_assert_cmpstr (self->data, ==, copy);

  sio_packet_append_header (text, self->type, attachments->len, self->nsp, self->id);
  g_string_append_len (text, content->str, (gssize) content->len);
  g_assert_cmpstr (text->str, ==, self->wire);

  g_assert_true (decode (self->revision, text->str, &packet, &error));
  g_assert_no_error (error);
  g_assert_cmpint (packet.type, ==, self->type);
  g_assert_cmpint (packet.id, ==, self->id);
  g_assert_true (sio_span_equals (packet.nsp, self->nsp));
  g_assert_cmpuint (packet.n_attachments, ==, attachments->len);

  if (packet.n_attachments > 0)
    {
      g_autoptr(GBytes) owner = g_bytes_new (text->str, text->len);
      gboolean complete = FALSE;

      sio_packet_assembler_begin (&assembler, owner, &packet);
      for (guint i = 0; i < attachments->len; i++)
        {
          g_assert_false (complete);
          g_assert_true (sio_packet_assembler_add (&assembler, g_ptr_array_index (attachments, i), 100000, &complete, &error));
        }
      g_assert_true (complete);
    }
  if (packet.payload.size > 0)
    sio_json_append_with_binary (back, packet.payload, assembler.attachments);
  g_assert_cmpstr (back->str, ==, self->data != NULL ? self->data : "");
  sio_packet_assembler_clear (&assembler);
}

/* Each line of the wire is refused. */
static void
run_bad_packets (gconstpointer data)
{
  const PacketCase *self = data;
  g_auto(GStrv) texts = g_strsplit (self->wire, "\n", -1);

  for (guint i = 0; texts[i] != NULL; i++)
    {
      SioPacket packet;
      g_autoptr(GError) error = NULL;

      g_assert_false (decode (self->revision, texts[i], &packet, &error));
      g_assert_true (error->domain == SIO_ERROR);
    }
}

/* And what is not refused, of each type: with what it may carry, and without what it need not. */
static void
run_packet_validity (gconstpointer data)
{
  static const char * const good[] = {
    "0", "0/admin,", "0{\"token\":\"123\"}", "0/admin,{}", "1", "1/admin,", "2[\"foo\"]", "2[1,\"bar\"]", "2[\"foo\",{}]", "2/admin,7[\"foo\"]",
    "30[]", "37[\"connect\",null]", "4{\"message\":\"no\"}", "4\"no\"", "4/admin,{}",
  };
  const PacketCase *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      SioPacket packet;
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", good[i]);
      g_assert_true (decode (self->revision, good[i], &packet, &error));
      g_assert_no_error (error);
      g_assert_cmpint (packet.type, ==, good[i][0] - '0');
    }
  run_bad_packets (data);
}

static void
run_too_many_attachments (gconstpointer data)
{
  const PacketCase *self = data;
  SioPacketLimits limits = { 10, 256, self->revision };
  g_autoptr(GError) error = NULL;
  SioPacket packet;

  g_assert_true (sio_packet_decode (SIO_SPAN_LITERAL ("510-[\"hello\"]"), &limits, &packet, NULL));
  g_assert_false (sio_packet_decode (SIO_SPAN_LITERAL ("511-[\"hello\"]"), &limits, &packet, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE);
}

/* What is half there is forgotten, and the next packet is read. */
static void
run_resume (gconstpointer data)
{
  const PacketCase *self = data;
  g_autoptr(GBytes) owner = g_bytes_new_static ("51-[\"hello\"]", 11);
  SioPacketAssembler assembler = { NULL, };
  g_autoptr(GError) error = NULL;
  SioPacket packet;

  g_assert_true (decode (self->revision, "51-[\"hello\"]", &packet, NULL));
  sio_packet_assembler_begin (&assembler, owner, &packet);
  sio_packet_assembler_clear (&assembler);
  g_assert_null (assembler.owner);

  g_assert_true (decode (self->revision, "2[\"hello\"]", &packet, &error));
  g_assert_no_error (error);
  g_assert_true (sio_span_equals (packet.payload, "[\"hello\"]"));
}

static void
run_attachment_without_header (gconstpointer data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("world", 5);
  SioPacketAssembler assembler = { NULL, };
  g_autoptr(GError) error = NULL;
  gboolean complete;

  g_assert_false (sio_packet_assembler_add (&assembler, bytes, 1000, &complete, &error));
  g_assert_error (error, SIO_ERROR, SIO_ERROR_MALFORMED);
}

/* While attachments are missing the assembler says so: text is the server's error then, which the manager tells. */
static void
run_text_instead_of_attachment (gconstpointer data)
{
  const PacketCase *self = data;
  static const char text[] = "51-[\"hello\",{\"_placeholder\":true,\"num\":0}]";
  g_autoptr(GBytes) owner = g_bytes_new_static (text, strlen (text));
  SioPacketAssembler assembler = { NULL, };
  SioPacket packet;

  g_assert_true (decode (self->revision, text, &packet, NULL));
  sio_packet_assembler_begin (&assembler, owner, &packet);
  g_assert_nonnull (assembler.owner);
  g_assert_cmpuint (assembler.attachments->len, <, assembler.header.n_attachments);
  sio_packet_assembler_clear (&assembler);
}

static void
run_types (gconstpointer data)
{
  static const char * const names[] = {
    "CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (sio_packet_type_get_name ((SioPacketType) i), ==, names[i]);
}

#define PLACE(n) "{\"_placeholder\":true,\"num\":" #n "}"
#define BIN(text) "{\"$binary\":\"" text "\"}"
#define DEEP_DATA "[\"a\",{\"a\":\"hi\",\"b\":{\"why\":" BIN ("AAAA") "},\"c\":{\"a\":\"bye\",\"b\":{\"a\":" BIN ("AAAAAAAA") "}}}]"
#define DEEP_WIRE "[\"a\",{\"a\":\"hi\",\"b\":{\"why\":" PLACE (0) "},\"c\":{\"a\":\"bye\",\"b\":{\"a\":" PLACE (1) "}}}]"
#define NULLS_DATA "[\"a\",{\"a\":\"b\",\"c\":4,\"e\":{\"g\":null},\"h\":" BIN ("AAAAAAAAAAAA") "}]"
#define NULLS_WIRE "[\"a\",{\"a\":\"b\",\"c\":4,\"e\":{\"g\":null},\"h\":" PLACE (0) "}]"

/* The same of both revisions. */
#define COMMON(suite, rev) \
  { suite "exposes-types", run_types, rev }, \
  { suite "encodes-disconnection", run_packet, rev, SIO_PACKET_DISCONNECT, "/woot", -1, NULL, "1/woot," }, \
  { suite "encodes-an-event", run_packet, rev, SIO_PACKET_EVENT, "/", -1, "[\"a\",1,{}]", "2[\"a\",1,{}]" }, \
  { suite "encodes-an-event-with-an-integer-as-event-name", run_packet, rev, SIO_PACKET_EVENT, "/", -1, \
    "[1,\"a\",{}]", \
    "2[1,\"a\",{}]" }, \
  { suite "encodes-an-event-with-ack", run_packet, rev, SIO_PACKET_EVENT, "/test", 1, "[\"a\",1,{}]", \
    "2/test,1[\"a\",1,{}]" }, \
  { suite "encodes-an-ack", run_packet, rev, SIO_PACKET_ACK, "/", 123, "[\"a\",1,{}]", "3123[\"a\",1,{}]" }, \
  { suite "decodes-a-bad-binary-packet", run_bad_packets, rev, .wire = "5\n5[\"a\"]\n5-[\"a\"]\n6\n51" }, \
  { suite "throws-an-error-when-receiving-too-many-attachments", run_too_many_attachments, rev }, \
  { suite "should-resume-decoding-after-calling-destroy", run_resume, rev }, \
  { suite "encodes-a-buffer", run_packet, rev, SIO_PACKET_BINARY_EVENT, "/cool", 23, "[\"a\"," BIN ("YWJj") "]", \
    "51-/cool,23[\"a\"," PLACE (0) "]" }, \
  { suite "encodes-a-nested-buffer", run_packet, rev, SIO_PACKET_BINARY_EVENT, "/cool", 23, \
    "[\"a\",{\"b\":[\"c\"," BIN ("YWJj") "]}]", "51-/cool,23[\"a\",{\"b\":[\"c\"," PLACE (0) "]}]" }, \
  { suite "encodes-a-binary-ack-with-buffer", run_packet, rev, SIO_PACKET_BINARY_ACK, "/back", 127, \
    "[\"a\"," BIN ("eHh4") ",{}]", "61-/back,127[\"a\"," PLACE (0) ",{}]" }, \
  { suite "throws-an-error-when-adding-an-attachment-with-an-invalid-num-attribute-string", run_bad_packets, rev, \
    .wire = "51-[\"hello\",{\"_placeholder\":true,\"num\":\"splice\"}]" }, \
  { suite "throws-an-error-when-adding-an-attachment-with-an-invalid-num-attribute-out-of-bound", run_bad_packets, \
    rev, \
    .wire = "51-[\"hello\"," PLACE (1) "]" }, \
  { suite "throws-an-error-when-adding-an-attachment-without-header", run_attachment_without_header, rev }, \
  { suite "throws-an-error-when-decoding-a-binary-event-without-attachments", run_text_instead_of_attachment, rev }, \
  { suite "encodes-an-arraybuffer", run_packet, rev, SIO_PACKET_BINARY_EVENT, "/", 0, "[\"a\"," BIN ("AAA=") "]", \
    "51-0[\"a\"," PLACE (0) "]" }, \
  { suite "encodes-a-typedarray", run_packet, rev, SIO_PACKET_BINARY_EVENT, "/", 0, "[\"a\"," BIN ("AAECAwQ=") "]", \
    "51-0[\"a\"," PLACE (0) "]" }, \
  { suite "encodes-arraybuffers-deep-in-json", run_packet, rev, SIO_PACKET_BINARY_EVENT, "/deep", 999, DEEP_DATA, \
    "52-/deep,999" DEEP_WIRE }, \
  { suite "encodes-deep-binary-json-with-null-values", run_packet, rev, SIO_PACKET_BINARY_EVENT, "/", 600, NULLS_DATA, \
    "51-600" NULLS_WIRE }

static const PacketCase packet_cases[] = {
  COMMON ("/socket.io-parser-4/", 5),
  { "/socket.io-parser-4/encodes-connection", run_packet, 5, SIO_PACKET_CONNECT, "/woot", -1, "{\"token\":\"123\"}",
    "0/woot,{\"token\":\"123\"}" },
  { "/socket.io-parser-4/encodes-an-connect-error", run_packet, 5, SIO_PACKET_CONNECT_ERROR, "/", -1,
    "\"Unauthorized\"",
    "4\"Unauthorized\"" },
  { "/socket.io-parser-4/encodes-an-connect-error-with-object", run_packet, 5, SIO_PACKET_CONNECT_ERROR, "/", -1,
    "{\"message\":\"Unauthorized\"}", "4{\"message\":\"Unauthorized\"}" },
  { "/socket.io-parser-4/throw-an-error-upon-parsing-error", run_bad_packets, 5,
    .wire = "442[\"some\",\"data\"\n0/admin,\"invalid\"\n0[]\n1/admin,{}\n2/admin,\"invalid\n2/admin,{}\n2[{\"toString\":\"foo\"}]\n"
            "2[true,\"foo\"]\n2[null,\"bar\"]\n2[\"connect\"]\n2[\"disconnect\",\"123\"]\n5[\"some\"]\n5x-[\"some\"]\n"
            "5-1-[\"some\"]\n51.5-[\"some\"]\n999\nx" },
  { "/socket.io-parser-4/should-ensure-that-a-packet-is-valid", run_packet_validity, 5,
    .wire = "0/admin,\"invalid\"\n0[]\n1/admin,{}\n2/admin,\"invalid\"\n2/admin,{}\n2{\"toString\":\"foo\"}\n2[true,\"foo\"]\n"
            "2[null,\"bar\"]\n2[\"connect\"]\n2[\"disconnect\",\"123\"]" },
  { "/socket.io-parser-4/encodes-an-arraybuffer-into-an-object-with-a-null-prototype", run_packet, 5,
    SIO_PACKET_BINARY_EVENT, "/", 0,
    "[\"a\",{\"array\":" BIN ("AAA=") "}]", "51-0[\"a\",{\"array\":" PLACE (0) "}]" },
  { "/socket.io-parser-4/should-not-modify-the-input-packet", run_packet, 5, SIO_PACKET_BINARY_EVENT, "/", -1,
    "[\"a\"," BIN ("AQID") "," BIN ("BAUG") "]", "52-[\"a\"," PLACE (0) "," PLACE (1) "]" },

  COMMON ("/socket.io-parser-3/", 4),
  { "/socket.io-parser-3/encodes-connection", run_packet, 4, SIO_PACKET_CONNECT, "/woot", -1, NULL, "0/woot," },
  { "/socket.io-parser-3/encodes-connection-with-query", run_packet, 4, SIO_PACKET_CONNECT, "/woot?token=123", -1, NULL,
    "0/woot?token=123," },
  { "/socket.io-parser-3/encodes-an-error", run_packet, 4, SIO_PACKET_CONNECT_ERROR, "/", -1, "\"Unauthorized\"",
    "4\"Unauthorized\"" },
  { "/socket.io-parser-3/encodes-an-error-with-object", run_packet, 4, SIO_PACKET_CONNECT_ERROR, "/", -1,
    "{\"message\":\"Unauthorized\"}", "4{\"message\":\"Unauthorized\"}" },
  { "/socket.io-parser-3/throws-an-error-upon-parsing-error", run_bad_packets, 4,
    .wire = "442[\"some\",\"data\"\n1/admin,{}\n2/admin,\"invalid\n2/admin,{}\n2[{\"toString\":\"foo\"}]\n2[true,\"foo\"]\n999" },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (engine_cases); i++)
    g_test_add_data_func (engine_cases[i].path, &engine_cases[i], engine_cases[i].run);
  for (guint i = 0; i < G_N_ELEMENTS (packet_cases); i++)
    g_test_add_data_func (packet_cases[i].path, &packet_cases[i], packet_cases[i].run);

  return g_test_run ();
}
