/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* msgpack, for the files of this room: tokens, values as JSON text and back. sio-msgpack-parser.c says how values that
 * JSON does not have are written. */

#pragma once

#include "../sio-parser.h"

G_BEGIN_DECLS

/* What notepack.io, the library of the official parser, puts into type 0. */
#define SIO_MSGPACK_EXT_NOTEPACK 0

typedef enum {
  SIO_MSGPACK_NIL,
  SIO_MSGPACK_FALSE,
  SIO_MSGPACK_TRUE,
  SIO_MSGPACK_UINT,
  SIO_MSGPACK_INT,       /* negative */
  SIO_MSGPACK_FLOAT,
  SIO_MSGPACK_STRING,
  SIO_MSGPACK_BINARY,    /* bin, and ext 8/16/32 of type 0: an ArrayBuffer */
  SIO_MSGPACK_EXT,
  SIO_MSGPACK_UNDEFINED, /* fixext 1 of type 0 */
  SIO_MSGPACK_DATE,      /* fixext 8 of type 0 */
  SIO_MSGPACK_ARRAY,
  SIO_MSGPACK_MAP,
} SioMsgpackType;

/* One value without its items. A view into the message. */
typedef struct {
  SioMsgpackType type;
  gsize          offset;   /* of its first byte in the message */
  guint64        uint;     /* UINT */
  gint64         sint;     /* INT; DATE: milliseconds since 1970 */
  double         number;   /* FLOAT */
  gsize          count;    /* ARRAY: values; MAP: pairs. There are at least as many bytes as that needs */
  SioSpan        bytes;    /* STRING, BINARY, EXT */
  gint8          ext_type; /* EXT */
} SioMsgpackToken;

typedef struct {
  const char *start;
  const char *next;
  const char *end;
} SioMsgpackReader;

gboolean    sio_msgpack_read       (SioMsgpackReader       *reader,
                                    SioMsgpackToken        *token,
                                    GError                **error);
const char *sio_msgpack_type_get_name (SioMsgpackType       type);
/* Always FALSE: SIO_ERROR_MALFORMED, "msgpack, byte 12: …". */
gboolean    sio_msgpack_fail       (gsize                   offset,
                                    GError                **error,
                                    const char             *format,
                                    ...) G_GNUC_PRINTF (3, 4);

/* What the first pass over a value finds out for the second. All zero to begin with. */
typedef struct {
  GByteArray *odd_maps;   /* one bit a map, in order: it cannot be a JSON object. NULL if there is none */
  gsize       n_maps;
  gsize       n_binaries;
} SioMsgpackNotes;

void        sio_msgpack_notes_clear (SioMsgpackNotes       *notes);
/* Goes behind the next values without a look at what they are. */
gboolean    sio_msgpack_skip       (SioMsgpackReader       *reader,
                                    guint64                 n_values,
                                    GError                **error);
/* Goes behind the next value. SIO_ERROR_TOO_LARGE if it nests too deep: then, too, the reader is behind it, and it is
 * known to be whole. */
gboolean    sio_msgpack_scan       (SioMsgpackReader       *reader,
                                    guint                   max_depth,
                                    SioMsgpackNotes        *notes,
                                    GError                **error);

/* Where a packet is written to. attachments: NULL where binary values are to be {"$binary":"<base64>"}. */
typedef struct {
  GString    *text;
  GPtrArray  *attachments;
  gsize       size;       /* bytes written: text and binary values together */
  gsize       max_size;
  guint       max_depth;
  gboolean    too_deep;   /* which is why it failed */
} SioMsgpackOutput;

gboolean    sio_msgpack_output_reserve (SioMsgpackOutput   *output,
                                    gsize                   size,
                                    GError                **error);
/* The same value again, which was scanned with these notes, as JSON text. */
gboolean    sio_msgpack_append_json (SioMsgpackReader      *reader,
                                    const SioMsgpackNotes  *notes,
                                    SioMsgpackOutput       *output,
                                    GError                **error);

/* The other way. Nothing here may be larger than 32 bits can say. */
void        sio_msgpack_write_nil  (GByteArray             *out);
void        sio_msgpack_write_boolean (GByteArray          *out,
                                    gboolean                value);
void        sio_msgpack_write_uint (GByteArray             *out,
                                    guint64                 value);
void        sio_msgpack_write_int  (GByteArray             *out,
                                    gint64                  value);
void        sio_msgpack_write_double (GByteArray           *out,
                                    double                  value);
void        sio_msgpack_write_string (GByteArray           *out,
                                    SioSpan                 text);
void        sio_msgpack_write_binary (GByteArray           *out,
                                    SioSpan                 bytes);
void        sio_msgpack_write_ext  (GByteArray             *out,
                                    gint8                   type,
                                    SioSpan                 bytes);
void        sio_msgpack_write_undefined (GByteArray        *out);
void        sio_msgpack_write_date (GByteArray             *out,
                                    gint64                  ms);
void        sio_msgpack_write_array (GByteArray            *out,
                                    gsize                   n_values);
void        sio_msgpack_write_map  (GByteArray             *out,
                                    gsize                   n_pairs);
/* json has been validated and nests at most SIO_JSON_HARD_MAX_DEPTH deep. attachments: NULL if there are none. */
gboolean    sio_msgpack_write_json (GByteArray             *out,
                                    SioSpan                 json,
                                    GPtrArray              *attachments,
                                    GError                **error);

/* Objects of one member that stand for what JSON does not have. */
typedef enum {
  SIO_MSGPACK_TAG_NONE,
  SIO_MSGPACK_TAG_PLACEHOLDER,
  SIO_MSGPACK_TAG_BINARY,
  SIO_MSGPACK_TAG_UNDEFINED,
  SIO_MSGPACK_TAG_DATE,
  SIO_MSGPACK_TAG_NUMBER,
  SIO_MSGPACK_TAG_EXT,
  SIO_MSGPACK_TAG_MAP,
} SioMsgpackTag;

SioMsgpackTag sio_msgpack_tag_from_key (SioSpan key);

/* sio-msgpack-packet.c */
gboolean    sio_msgpack_is_event_or_ack (guint              type);
SioPacketType sio_msgpack_get_text_type (guint              type,
                                    gboolean                binary);
gboolean    sio_msgpack_decode_packet (guint                revision,
                                    gboolean                is_text,
                                    SioSpan                 message,
                                    const SioParserLimits  *limits,
                                    GString                *packet,
                                    GPtrArray              *attachments,
                                    GError                **error);
/* sio-msgpack-packet-write.c */
GBytes     *sio_msgpack_encode_packet (guint                revision,
                                    SioSpan                 packet,
                                    GPtrArray              *attachments,
                                    gboolean               *is_text,
                                    GError                **error);

G_END_DECLS
