/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of NDJSON: docs/formats.md says the same in words. */

#include "sioscope-ndjson-private.h"

#include "wire/sio-packet.h"

#define PACKET     (1u << SIOSCOPE_KIND_PACKET)
#define ATTACHMENT (1u << SIOSCOPE_KIND_ATTACHMENT)
#define ENGINE     (1u << SIOSCOPE_KIND_ENGINE)
#define FRAME      (1u << SIOSCOPE_KIND_FRAME)
#define HTTP       (1u << SIOSCOPE_KIND_HTTP)
#define STATE      (1u << SIOSCOPE_KIND_STATE)
#define SOCKET     (1u << SIOSCOPE_KIND_SOCKET)
#define EMIT       (1u << SIOSCOPE_KIND_EMIT)
#define ERROR      (1u << SIOSCOPE_KIND_ERROR)
#define NOTE       (1u << SIOSCOPE_KIND_NOTE)
#define MESSAGES   (PACKET | ATTACHMENT | ENGINE | FRAME)
#define LISTS      (HTTP | STATE | SOCKET | EMIT | ERROR | NOTE)
#define FAILURES   (HTTP | STATE | ERROR | NOTE)

const char * const sioscope_ndjson_kinds[] = {
  "", "packet", "attachment", "engine", "frame", "http", "state", "socket", "emit", "error", "note", NULL,
};

static const char * const directions[] = { "in", "out", NULL };
static const char * const transports[] = { "none", "polling", "websocket", NULL };
static const char * const packet_types[] = {
  "connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack", NULL,
};
static const char * const engine_types[] = { "open", "close", "ping", "pong", "message", "upgrade", "noop", NULL };
static const char * const states[] = {
  "connecting", "open", "upgrading", "upgraded", "upgrade_failed", "closed", "attempt_failed", "waiting", "failed", NULL,
};
static const char * const changes[] = { "connecting", "connect", "connect_error", "disconnect", NULL };
static const char * const fates[] = {
  "buffered", "dropped", "refused", "ack_timeout", "ack_abandoned", "lost", NULL,
};

const SioscopeNdjsonFlag sioscope_ndjson_tls_flags[] = {
  { G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown-ca" },
  { G_TLS_CERTIFICATE_BAD_IDENTITY, "bad-identity" },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, "not-activated" },
  { G_TLS_CERTIFICATE_EXPIRED, "expired" },
  { G_TLS_CERTIFICATE_REVOKED, "revoked" },
  { G_TLS_CERTIFICATE_INSECURE, "insecure" },
  { G_TLS_CERTIFICATE_GENERIC_ERROR, "generic-error" },
  { 0, NULL },
};

#define FIELD(name, type, member, kinds) \
  { name, SIOSCOPE_NDJSON_ ## type, FALSE, G_STRUCT_OFFSET (SioscopeEntry, member), kinds, NULL }
#define ALWAYS(name, type, member, kinds) \
  { name, SIOSCOPE_NDJSON_ ## type, TRUE, G_STRUCT_OFFSET (SioscopeEntry, member), kinds, NULL }
#define WORD(name, member, kinds, words) \
  { name, SIOSCOPE_NDJSON_WORD, TRUE, G_STRUCT_OFFSET (SioscopeEntry, member), kinds, words }
#define RARELY(name, member, kinds, words) \
  { name, SIOSCOPE_NDJSON_WORD, FALSE, G_STRUCT_OFFSET (SioscopeEntry, member), kinds, words }

const SioscopeNdjsonField sioscope_ndjson_fields[] = {
  WORD   ("direction", direction, MESSAGES, directions),
  RARELY ("direction", direction, LISTS, directions),
  RARELY ("transport", transport, MESSAGES | LISTS, transports),
  WORD   ("type", packet_type, PACKET, packet_types),
  WORD   ("type", engine_type, ENGINE, engine_types),
  WORD   ("state", state, STATE, states),
  WORD   ("change", socket_change, SOCKET, changes),
  WORD   ("fate", fate, EMIT, fates),
  ALWAYS ("opcode", UINT, opcode, FRAME),
  FIELD  ("ref", REF, ref, ATTACHMENT),
  ALWAYS ("index", UINT, index, ATTACHMENT),
  ALWAYS ("nsp", TEXT, nsp, PACKET | SOCKET | EMIT),
  FIELD  ("event", JSON, event, PACKET | EMIT),
  FIELD  ("args", ARGS, args, PACKET | EMIT),
  FIELD  ("data", JSON, args, SOCKET),
  FIELD  ("n_args", UINT, n_args, PACKET | EMIT),
  FIELD  ("attachments", UINT, n_attachments, PACKET),
  FIELD  ("id", ID, id, PACKET | EMIT),
  FIELD  ("tag", UINT64, tag, PACKET | EMIT),
  ALWAYS ("raw", TEXT, raw, PACKET | ENGINE),
  ALWAYS ("data", BYTES, raw, ATTACHMENT),
  ALWAYS ("data", TEXT, raw, FRAME),
  FIELD  ("data", TEXT, raw, ERROR | NOTE),
  FIELD  ("wire", TEXT, wire, PACKET),
  FIELD  ("method", TEXT, method, HTTP),
  FIELD  ("url", TEXT, uri, HTTP),
  ALWAYS ("status", UINT, status, HTTP),
  ALWAYS ("ms", MS, duration_us, HTTP),
  FIELD  ("reason", TEXT, reason, HTTP | STATE | SOCKET | NOTE),
  FIELD  ("where", TEXT, reason, ERROR),
  FIELD  ("message", TEXT, message, FAILURES | EMIT),
  FIELD  ("domain", TEXT, error_domain, FAILURES),
  FIELD  ("code", INT, error_code, FAILURES),
  FIELD  ("active", BOOL, active, STATE | SOCKET),
  FIELD  ("recovered", BOOL, recovered, SOCKET),
  FIELD  ("attempt", UINT, attempt, STATE),
  FIELD  ("delay_ms", UINT, delay_ms, STATE),
  FIELD  ("delay_min_ms", UINT, delay_min_ms, STATE),
  FIELD  ("delay_max_ms", UINT, delay_max_ms, STATE),
  FIELD  ("sid", TEXT, sid, STATE),
  FIELD  ("eio", UINT, eio, STATE),
  FIELD  ("server", UINT, server, STATE),
  FIELD  ("ping_interval_ms", UINT, ping_interval_ms, STATE),
  FIELD  ("ping_timeout_ms", UINT, ping_timeout_ms, STATE),
  FIELD  ("max_payload", INT64, max_payload, STATE),
  FIELD  ("parser", TEXT, parser, STATE),
  FIELD  ("request_headers", LINES, request_headers, HTTP),
  FIELD  ("response_headers", LINES, response_headers, HTTP),
  FIELD  ("request_body", TEXT, request_body, HTTP),
  FIELD  ("response_body", TEXT, response_body, HTTP),
  FIELD  ("tls_errors", TLS, tls_errors, HTTP),
  FIELD  ("tls_fingerprint", TEXT, tls_fingerprint, HTTP),
  FIELD  ("tls_certificate", LINES, tls_certificate, HTTP),
  { NULL, SIOSCOPE_NDJSON_TEXT, FALSE, 0, 0, NULL },
};

static gboolean
decode (SioSpan    text,
        SioPacket *packet)
{
  SioPacketLimits limits = SIO_PACKET_DEFAULT_LIMITS;

  limits.max_attachments = G_MAXUINT;
  limits.max_depth = SIOSCOPE_NDJSON_MAX_DEPTH;
  if (sio_packet_decode (text, &limits, packet, NULL) || sio_packet_decode_shallow (text, &limits, packet, NULL))
    return TRUE;
  limits.revision = 4;
  return sio_packet_decode (text, &limits, packet, NULL);
}

gboolean
sioscope_ndjson_read_packet (SioSpan               raw,
                             SioscopeNdjsonPacket *packet)
{
  SioPacket decoded;

  if (raw.size < 2 || raw.data[0] != '4' || !decode ((SioSpan) { raw.data + 1, raw.size - 1 }, &decoded))
    return FALSE;
  packet->nsp = decoded.nsp;
  packet->event = decoded.event;
  packet->args = decoded.args;
  packet->n_args = decoded.n_args;
  if (decoded.type == SIO_PACKET_CONNECT || decoded.type == SIO_PACKET_CONNECT_ERROR)
    packet->args = decoded.payload;
  return TRUE;
}
