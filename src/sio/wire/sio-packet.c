/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The text of Socket.IO packets: one pass from the type digit to the last bracket, no memory for packets
 * without attachments. Socket.IO protocol 4 and 5, "Packet encoding". */

#include "sio-packet.h"

#include "sio-json-private.h"
#include "sio-printable.h"
#include "../sio-error.h"

/* Beyond it a JavaScript peer cannot tell ids apart. */
#define MAX_ID G_GINT64_CONSTANT (9007199254740991)

#define FIRST_NAMESPACE_BYTE '/'
#define NAMESPACE_END ','
#define ATTACHMENTS_END '-'

static const char * const reserved_events[] = {
  "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
};

gboolean
sio_event_is_reserved (const char *name)
{
  g_return_val_if_fail (name != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (reserved_events); i++)
    if (strcmp (name, reserved_events[i]) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
token_is_reserved (SioSpan token)
{
  if (token.data[0] != '"')
    return FALSE;

  /* The first letter rules most names out, unless an escape hides it. */
  if (strchr ("cdnr", token.data[1]) == NULL && memchr (token.data, '\\', token.size) == NULL)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (reserved_events); i++)
    if (sio_json_token_equals (token, reserved_events[i]))
      return TRUE;

  return FALSE;
}

const char *
sio_packet_type_get_name (SioPacketType type)
{
  static const char * const names[] = {
    "CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK",
  };

  return (guint) type < G_N_ELEMENTS (names) ? names[type] : "unknown";
}

static gboolean
is_binary (SioPacketType type)
{
  return type == SIO_PACKET_BINARY_EVENT || type == SIO_PACKET_BINARY_ACK;
}

static gboolean
is_event (SioPacketType type)
{
  return type == SIO_PACKET_EVENT || type == SIO_PACKET_BINARY_EVENT;
}

static gboolean
fail (SioSpan text, const char *at, const char *expected, GError **error)
{
  SioJsonFault fault = { .at = at, .expected = expected };

  sio_json_fault_to_error (&fault, "Socket.IO packet", text.data, text.size, error);
  return FALSE;
}

/* Reads the run of digits at *p. FALSE if it exceeds max. */
static gboolean
read_digits (const char **p, const char *end, guint64 max, guint64 *value)
{
  guint64 n = 0;

  for (; *p < end && **p >= '0' && **p <= '9'; (*p)++)
    {
      n = n * 10 + (guint64) (**p - '0');
      if (n > max)
        return FALSE;
    }

  *value = n;
  return TRUE;
}

static gboolean
decode_attachments (SioSpan                 text,
                    const char            **p,
                    const SioPacketLimits  *limits,
                    SioPacket              *packet,
                    GError                **error)
{
  const char *end = text.data + text.size;
  const char *start = *p;
  guint64 n;

  if (!read_digits (p, end, limits->max_attachments, &n))
    {
      while (*p < end && g_ascii_isdigit (**p))
        (*p)++;
      g_set_error (error, SIO_ERROR, SIO_ERROR_TOO_LARGE,
                   "%s announces %.*s attachments, the limit is %u (max-attachments)",
                   sio_packet_type_get_name (packet->type), (int) MIN (*p - start, 40), start, limits->max_attachments);
      return FALSE;
    }
  if (*p == start)
    return fail (text, *p, "the number of attachments", error);
  if (*p == end || **p != ATTACHMENTS_END)
    return fail (text, *p, "'-' after the number of attachments", error);

  (*p)++;
  packet->n_attachments = (guint) n;
  return TRUE;
}

static gboolean
decode_namespace (SioSpan text, const char **p, SioPacket *packet, GError **error)
{
  const char *end = text.data + text.size;
  const char *comma;
  const char *bad;

  if (*p == end || **p != FIRST_NAMESPACE_BYTE)
    {
      packet->nsp = SIO_SPAN_LITERAL ("/");
      return TRUE;
    }

  comma = memchr (*p, NAMESPACE_END, (gsize) (end - *p));
  packet->nsp = (SioSpan) { *p, (gsize) ((comma != NULL ? comma : end) - *p) };
  if (!g_utf8_validate_len (packet->nsp.data, packet->nsp.size, &bad))
    return fail (text, bad, "UTF-8 without NUL in the namespace", error);

  /* The comma may be missing at the very end: "40/admin". */
  *p = comma != NULL ? comma + 1 : end;
  return TRUE;
}

/* The array of an event or ack: checks the grammar and notes the spans in the same pass. */
static gboolean
decode_array (SioSpan                 text,
              const char             *p,
              const SioPacketLimits  *limits,
              SioPacket              *packet,
              const char            **payload_end,
              GError                **error)
{
  const char *end = text.data + text.size;
  const char *args_start = NULL;
  const char *args_end = NULL;
  guint depth = MIN (limits->max_depth, SIO_JSON_HARD_MAX_DEPTH);
  guint n = 0;
  gboolean named = !is_event (packet->type);
  SioJsonFault fault;

  if (p == end || *p != '[')
    return fail (text, p, is_event (packet->type) ? "an array with the event's name" : "an array", error);
  depth = depth > 0 ? depth - 1 : 0;

  p = sio_json_skip_blanks (p + 1, end);
  args_start = args_end = p;
  if (p < end && *p == ']')
    {
      if (!named)
        return fail (text, p, "the event's name", error);
    }
  else
    {
      for (;;)
        {
          const char *value = p;

          if (!named && (p == end || !(*p == '"' || *p == '-' || g_ascii_isdigit (*p))))
            return fail (text, p, "the event's name, a string or a number", error);

          p = sio_json_scan_value (value, end, depth, &fault);
          if (p == NULL)
            {
              sio_json_fault_to_error (&fault, "Socket.IO packet", text.data, text.size, error);
              return FALSE;
            }

          if (!named)
            {
              packet->event = (SioSpan) { value, (gsize) (p - value) };
              named = TRUE;
              if (limits->revision != 4 && token_is_reserved (packet->event))
                return fail (text, value, "an event name that is not reserved", error);
              args_start = args_end = p;
            }
          else
            {
              if (n++ == 0)
                args_start = value;
              args_end = p;
            }

          p = sio_json_skip_blanks (p, end);
          if (p < end && *p == ']')
            break;
          if (p == end || *p != ',')
            return fail (text, p, "',' or ']'", error);
          p = sio_json_skip_blanks (p + 1, end);
        }
    }

  packet->args = (SioSpan) { args_start, (gsize) (args_end - args_start) };
  packet->n_args = n;
  *payload_end = p + 1;
  return TRUE;
}

static gboolean
decode_payload (SioSpan                 text,
                const char             *p,
                const SioPacketLimits  *limits,
                SioPacket              *packet,
                GError                **error)
{
  const char *end = text.data + text.size;
  const char *start = p;
  SioJsonFault fault;

  switch (packet->type)
    {
    case SIO_PACKET_CONNECT:
      if (limits->revision != 4 && p < end && *p != '{')
        return fail (text, p, "an object or nothing as payload of CONNECT", error);
      break;

    case SIO_PACKET_DISCONNECT:
      if (p < end)
        return fail (text, p, "no payload in DISCONNECT", error);
      break;

    case SIO_PACKET_CONNECT_ERROR:
      if (limits->revision != 4 && p < end && *p != '{' && *p != '"')
        return fail (text, p, "an object, a string or nothing as payload of CONNECT_ERROR", error);
      break;

    case SIO_PACKET_EVENT:
    case SIO_PACKET_ACK:
    case SIO_PACKET_BINARY_EVENT:
    case SIO_PACKET_BINARY_ACK:
      if (!decode_array (text, p, limits, packet, &p, error))
        return FALSE;
      break;
    }

  if (start == end)
    return TRUE;

  if (p == start)
    {
      p = sio_json_scan_value (p, end, limits->max_depth, &fault);
      if (p == NULL)
        {
          sio_json_fault_to_error (&fault, "Socket.IO packet", text.data, text.size, error);
          return FALSE;
        }
    }

  packet->payload = (SioSpan) { start, (gsize) (p - start) };

  p = sio_json_skip_blanks (p, end);
  if (p != end)
    return fail (text, p, "nothing after the payload", error);

  return TRUE;
}

/* In revision 4 the msgpack parser writes what carries no data as an object of JSON: {"type":0,"nsp":"/"} */
static gboolean
is_of_msgpack_parser (SioSpan text, const SioPacketLimits *limits)
{
  SioSpan token;

  return text.size > 0 && text.data[0] == '{'
         && sio_json_validate (text.data, text.size, limits->max_depth, NULL, NULL, NULL)
         && sio_json_object_get (text, "type", &token) && sio_json_get_type (token) == SIO_JSON_NUMBER
         && sio_json_object_get (text, "nsp", &token) && sio_json_get_type (token) == SIO_JSON_STRING;
}

/* The official decoder of revision 4 makes an ERROR of no namespace out of it, which nobody receives. */
static gboolean
fail_type (SioSpan text, const SioPacketLimits *limits, GError **error)
{
  g_autofree char *start = sio_printable (text.data, (gssize) MIN (text.size, 80), 40);

  if (is_of_msgpack_parser (text, limits))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "this packet is as the parser msgpack writes it: %s", start);
      return FALSE;
    }
  if (limits->revision != 4 || text.size == 0)
    return fail (text, text.data, "a packet type from 0 to 6", error);

  /* the protocol's revision 4 is Socket.IO 2 */
  g_set_error (error, SIO_ERROR, SIO_ERROR_UNSUPPORTED_VERSION,
               "packet of a type that Socket.IO 2 does not know, expected 0 to 6: %s", start);
  return FALSE;
}

/* Everything in front of the JSON, which begins at *rest. */
static inline gboolean
decode_header (SioSpan                 text,
               const SioPacketLimits  *limits,
               SioPacket              *packet,
               const char            **rest,
               GError                **error)
{
  const char *p = text.data;
  const char *end = p + text.size;
  const char *digits;
  guint64 id;

  if (p == end || *p < '0' || *p > '0' + SIO_PACKET_BINARY_ACK)
    return fail_type (text, limits, error);
  packet->type = (SioPacketType) (*p++ - '0');

  if (is_binary (packet->type) && !decode_attachments (text, &p, limits, packet, error))
    return FALSE;
  if (!decode_namespace (text, &p, packet, error))
    return FALSE;

  digits = p;
  if (!read_digits (&p, end, MAX_ID, &id))
    return fail (text, digits, "an id of at most 9007199254740991", error);
  if (p != digits)
    packet->id = (gint64) id;

  *rest = p;
  return TRUE;
}

/**
 * sio_packet_decode:
 * @text: an Engine.IO message, its digit taken off
 * @limits: what is allowed, and which revision is spoken
 * @packet: (out caller-allocates): the packet, a view into @text; untouched on failure
 * @error: return location
 *
 * Strict where the official parser is strict, and where its leniency is an accident of JavaScript (empty text is
 * CONNECT, a blank is the id 0, an event without payload): an error. Ids above 2^53-1 are errors, because we could not
 * answer them.
 *
 * Revision 4 differs: the payload of CONNECT and of ERROR (type 4) may be any JSON, no name of an event is reserved,
 * and a type that is none of the seven is %SIO_ERROR_UNSUPPORTED_VERSION: the official client ignores such a packet,
 * so report it and go on. Empty text is malformed in both.
 *
 * Fails with %SIO_ERROR_TOO_LARGE if the attachments or the depth exceed @limits, else with %SIO_ERROR_MALFORMED.
 */
gboolean
sio_packet_decode (SioSpan                 text,
                   const SioPacketLimits  *limits,
                   SioPacket              *packet,
                   GError                **error)
{
  SioPacket result = { .id = -1 };
  const char *p = text.data;

  g_return_val_if_fail (limits != NULL && packet != NULL, FALSE);

  if (text.size == 0)
    text = SIO_SPAN_LITERAL ("");

  if (!decode_header (text, limits, &result, &p, error))
    return FALSE;
  if (!decode_payload (text, p, limits, &result, error))
    return FALSE;
  if (is_binary (result.type) && !sio_json_check_placeholders (result.payload, result.n_attachments, error))
    return FALSE;

  *packet = result;
  return TRUE;
}

/**
 * sio_packet_decode_shallow:
 * @text: an Engine.IO message, its digit taken off
 * @limits: what is allowed; the depth does not count
 * @packet: (out caller-allocates): the packet, a view into @text, without payload and arguments; untouched on failure
 * @error: return location
 *
 * For an event or ack whose arguments nest too deep to be looked into: type, namespace, id and the event's name are
 * read, and the text is checked to be UTF-8 in an array's brackets. Of what is between them nothing is known.
 *
 * Fails with %SIO_ERROR_MALFORMED if that is not so, or if it is another packet.
 */
gboolean
sio_packet_decode_shallow (SioSpan                 text,
                           const SioPacketLimits  *limits,
                           SioPacket              *packet,
                           GError                **error)
{
  SioPacket result = { .id = -1 };
  SioJsonFault fault;
  const char *end;
  const char *p = text.data;

  g_return_val_if_fail (limits != NULL && packet != NULL, FALSE);

  if (text.size == 0)
    text = SIO_SPAN_LITERAL ("");
  end = text.data + text.size;

  if (!decode_header (text, limits, &result, &p, error))
    return FALSE;
  if (result.type == SIO_PACKET_CONNECT || result.type == SIO_PACKET_DISCONNECT
      || result.type == SIO_PACKET_CONNECT_ERROR)
    return fail (text, text.data, "an event or an ack", error);
  if (p == end || *p != '[' || end[-1] != ']')
    return fail (text, p, "an array", error);
  if (!sio_utf8_validate (text))
    return fail (text, p, "UTF-8", error);

  if (is_event (result.type))
    {
      const char *name = sio_json_skip_blanks (p + 1, end);

      if (name == end || !(*name == '"' || *name == '-' || g_ascii_isdigit (*name)))
        return fail (text, name, "the event's name, a string or a number", error);
      p = sio_json_scan_value (name, end, 1, &fault);
      if (p == NULL)
        {
          sio_json_fault_to_error (&fault, "Socket.IO packet", text.data, text.size, error);
          return FALSE;
        }
      result.event = (SioSpan) { name, (gsize) (p - name) };
      if (limits->revision != 4 && token_is_reserved (result.event))
        return fail (text, name, "an event name that is not reserved", error);
    }

  *packet = result;
  return TRUE;
}

/**
 * sio_packet_append_header:
 * @out: where to
 * @type: the packet's type
 * @n_attachments: how many; written for the two binary types only
 * @nsp: the namespace, without comma; for CONNECT of revision 4 "?" and a query may follow, without comma too
 * @id: the id, -1 for none; 0 is an id
 *
 * Appends everything in front of the JSON. The namespace's comma is written even if nothing follows: "1/admin,".
 */
void
sio_packet_append_header (GString       *out,
                          SioPacketType  type,
                          guint          n_attachments,
                          const char    *nsp,
                          gint64         id)
{
  g_return_if_fail (out != NULL);
  g_return_if_fail (nsp != NULL && nsp[0] == FIRST_NAMESPACE_BYTE);

  g_string_append_c (out, (char) ('0' + type));
  if (is_binary (type))
    g_string_append_printf (out, "%u%c", n_attachments, ATTACHMENTS_END);
  if (nsp[1] != '\0')
    {
      g_string_append (out, nsp);
      g_string_append_c (out, NAMESPACE_END);
    }
  if (id >= 0)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, id);
}
