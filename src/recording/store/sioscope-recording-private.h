/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of this room share: the numbers of the format, the recording's insides, and the one writer's calls. */

#pragma once

#include "sioscope-recording-header.h"
#include "sioscope-recording-index.h"

#include <sys/uio.h>

G_BEGIN_DECLS

/* The format: docs/recording-format.md. Everything is little endian. */
#define SIOSCOPE_FORMAT_MAGIC        "SIOSCOPE"
#define SIOSCOPE_FORMAT_VERSION      1u
#define SIOSCOPE_FILE_HEADER_SIZE    40u
#define SIOSCOPE_FILE_HEADER_MAX     65536u
#define SIOSCOPE_RECORD_HEADER_SIZE  24u
#define SIOSCOPE_PACKET_FIELDS_SIZE  40u
#define SIOSCOPE_RECORD_MAX          0x7fffffffu

/* Who wrote the file, kept in its header. For those who include config.h. */
#define SIOSCOPE_RECORDING_CLIENT    "sioscope " SIOSCOPE_VERSION

#define SIOSCOPE_PACKET_HAS_ID       0x01u
#define SIOSCOPE_PACKET_HAS_TAG      0x02u
#define SIOSCOPE_PACKET_HAS_WIRE     0x04u

/* Fields of the kinds that are a list of fields. The numbers never change. */
enum {
  SIOSCOPE_FIELD_REASON           = 1,
  SIOSCOPE_FIELD_MESSAGE          = 2,
  SIOSCOPE_FIELD_ERROR_DOMAIN     = 3,
  SIOSCOPE_FIELD_ERROR_CODE       = 4,
  SIOSCOPE_FIELD_WHAT             = 5, /* the state, change or fate */
  SIOSCOPE_FIELD_NSP              = 6,
  SIOSCOPE_FIELD_EVENT            = 7,
  SIOSCOPE_FIELD_ARGS             = 8,
  SIOSCOPE_FIELD_N_ARGS           = 9,
  SIOSCOPE_FIELD_ID               = 10,
  SIOSCOPE_FIELD_TAG              = 11,
  SIOSCOPE_FIELD_ACTIVE           = 12,
  SIOSCOPE_FIELD_RECOVERED        = 13,
  SIOSCOPE_FIELD_ATTEMPT          = 14,
  SIOSCOPE_FIELD_DELAY_MS         = 15,
  SIOSCOPE_FIELD_DELAY_MIN_MS     = 16,
  SIOSCOPE_FIELD_DELAY_MAX_MS     = 17,
  SIOSCOPE_FIELD_SID              = 18,
  SIOSCOPE_FIELD_EIO              = 19,
  SIOSCOPE_FIELD_SERVER           = 20,
  SIOSCOPE_FIELD_PING_INTERVAL_MS = 21,
  SIOSCOPE_FIELD_PING_TIMEOUT_MS  = 22,
  SIOSCOPE_FIELD_MAX_PAYLOAD      = 23,
  SIOSCOPE_FIELD_METHOD           = 24,
  SIOSCOPE_FIELD_URI              = 25,
  SIOSCOPE_FIELD_STATUS           = 26,
  SIOSCOPE_FIELD_DURATION_US      = 27,
  SIOSCOPE_FIELD_REQUEST_HEADERS  = 28,
  SIOSCOPE_FIELD_RESPONSE_HEADERS = 29,
  SIOSCOPE_FIELD_REQUEST_BODY     = 30,
  SIOSCOPE_FIELD_RESPONSE_BODY    = 31,
  SIOSCOPE_FIELD_RAW              = 32,
  SIOSCOPE_FIELD_TLS_ERRORS       = 33,
  SIOSCOPE_FIELD_TLS_FINGERPRINT  = 34,
  SIOSCOPE_FIELD_TLS_CERTIFICATE  = 35,
  SIOSCOPE_FIELD_PARSER           = 36,
};

/* How a word of the index is made; sioscope-recording-index.h says what is in it. */
#define SIOSCOPE_INDEX_NAME_BITS(name) ((guint) (name) << 10)
#define SIOSCOPE_INDEX_OFFSET(word)    (((word) >> 28) << 3)
#define SIOSCOPE_INDEX_OFFSET_MAX      (G_GUINT64_CONSTANT (1) << 39)
#define SIOSCOPE_INDEX_LOW(word)       ((guint) ((word) & 0xfffffff))
#define SIOSCOPE_INDEX_WORD(offset, low) (((guint64) (offset) << 25) | (low))
#define SIOSCOPE_INDEX_CLASS(kind, type, direction) \
  ((guint) (kind) | ((guint) (type) << 4) | ((guint) (direction) << 7))

/* Where the two texts of a name are in the arena. Size 0 of the namespace: the root. */
typedef struct {
  guint32 nsp_offset;
  guint32 event_offset;
  guint16 nsp_size;
  guint16 event_size;
} SioscopeNamePlace;

typedef struct {
  guint32 hash;
  guint32 number; /* 0: free */
} SioscopeNameSlot;

typedef struct {
  SioscopeNamePlace *places;   /* address space for all; of name 1 first. Readers follow up to n_names */
  char              *arena;
  guint              n_names;  /* published with a release store */

  /* The writer's */
  gsize              places_ready; /* bytes that are writable */
  gsize              arena_ready;
  guint32            arena_used;
  SioscopeNameSlot  *slots;
  guint              n_slots;
  guint              last;     /* the name of the row before */
  guint64            seed;
  gboolean           full;
} SioscopeNames;

/* What the writer keeps; nothing of it is touched by readers. */
typedef struct {
  guint8  *buffer;     /* records that were not written yet */
  gsize    buffer_len;
  guint64  position;   /* logical offset at which the buffer will be written */
  guint64  next_row;   /* the number of the next record; n_rows once everything is published */
  gboolean only_file;  /* a copy that is not finished: when the disk refuses it has failed */
  int      failed;     /* why, of a copy */
  gboolean in_memory;
  gboolean stopped;    /* neither the file nor the memory takes more */
  gboolean dirty;      /* written since the last sync */
  char    *note;       /* what to say in a NOTE row as soon as it can be written */
  gboolean said_dropped;
  guint64  lost_rows;  /* what could not be kept at all */
} SioscopeWriter;

struct _SioscopeRecording {
  GObject parent_instance;

  char   *path;  /* NULL: in memory */
  char   *title;
  char   *client;
  gint64  start_real_us;
  gint64  start_monotonic_us;

  /* One mapping that never moves; offsets of the index count from its begin. The file comes first;
   * when the disk refuses, memory is mapped over what lies behind it. */
  guint8 *base;
  gsize   region;
  int     fd;
  int     has_memory;
  guint64 memory_base;
  guint64 memory_cap;
  guint64 max_file;       /* the file never grows beyond it; any thread */

  SioscopeIndexWord *index;
  guint64 index_reserved; /* rows of address space */
  guint64 index_ready;    /* rows that are writable */
  SioscopeNames names;

  /* Written by the writer, read by anybody. Rows from hole_start up to hole_end are discarded. */
  guint64 n_rows;
  guint64 hole_start;
  guint64 hole_end;
  guint64 file_end;       /* nobody reads the file beyond it */
  int     live;
  int     low_space;      /* set by the sync thread */
  int     sync_errno;

  GMutex   notice_lock;
  char    *notice;
  GSource *wake_source;
  int      wake_pending;

  SioscopeWriter writer;
};

static inline guint32
sioscope_get32 (const guint8 *p)
{
  guint32 v;

  memcpy (&v, p, 4);
  return GUINT32_FROM_LE (v);
}

static inline guint64
sioscope_get64 (const guint8 *p)
{
  guint64 v;

  memcpy (&v, p, 8);
  return GUINT64_FROM_LE (v);
}

static inline void
sioscope_put32 (guint8 *p, guint32 v)
{
  v = GUINT32_TO_LE (v);
  memcpy (p, &v, 4);
}

static inline void
sioscope_put64 (guint8 *p, guint64 v)
{
  v = GUINT64_TO_LE (v);
  memcpy (p, &v, 8);
}

/* Over the first n bytes of a header, n a multiple of 4. */
static inline guint32
sioscope_format_check (const guint8 *p, gsize n)
{
  guint32 h = 0x51050c09u;

  for (gsize i = 0; i < n; i += 4)
    {
      h = (h ^ sioscope_get32 (p + i)) * 0x01000193u;
      h ^= h >> 15;
    }
  return h;
}

#define SIOSCOPE_ALIGN8(n) (((n) + 7) & ~(typeof (n)) 7)

/* sioscope-recording.c */
gboolean sioscope_recording_create_file     (SioscopeRecording *self);
gboolean sioscope_recording_reserve_index   (SioscopeRecording *self);
gboolean sioscope_recording_grow_index      (SioscopeRecording *self);
void     sioscope_recording_set_notice      (SioscopeRecording *self,
                                             const char        *notice);
void     sioscope_recording_wake            (SioscopeRecording *self);

/* sioscope-recording-header.c. FALSE with errno; self->size is not looked at. */
gboolean sioscope_recording_header_write    (const SioscopeRecordingHeader *self,
                                             int                fd,
                                             guint64           *end);

/* sioscope-recording-names.c. The writer's thread. */
guint    sioscope_names_get_number          (SioscopeNames     *names,
                                             SioSpan            nsp,
                                             SioSpan            event);
void     sioscope_names_clear               (SioscopeNames     *names);

/* sioscope-recording-read.c */
gboolean sioscope_recording_parse           (const guint8      *record,
                                             gsize              available,
                                             guint64            row,
                                             SioscopeEntry     *entry);
/* sioscope-recording-write.c. One thread at a time: the recorder's. */
typedef struct {
  SioscopeKind     kind;
  SioDirection     direction;
  SioTransportKind transport;
  guint8           flags;
  guint            word;    /* SIOSCOPE_INDEX_CLASS, HAS and NAME bits */
  gint64           time_us;
} SioscopeRecordHead;

void     sioscope_recording_start_buffer    (SioscopeRecording *self);
/* Returns the row that it will be, or SIOSCOPE_NO_ROW if it could not be kept. parts are not changed. */
guint64  sioscope_recording_append          (SioscopeRecording        *self,
                                             const SioscopeRecordHead *head,
                                             const struct iovec       *parts,
                                             guint                     n_parts);
void     sioscope_recording_flush           (SioscopeRecording *self);
void     sioscope_recording_finish          (SioscopeRecording *self);

/* sioscope-recording-memory.c, the writer's thread. */
gboolean sioscope_recording_start_memory    (SioscopeRecording *self);
void     sioscope_recording_make_room       (SioscopeRecording *self,
                                             guint64            size);
void     sioscope_recording_discard_before  (SioscopeRecording *self,
                                             guint64            row);
/* Whoever was about to read a row that is given away gets this much time to notice. */
static inline guint64
sioscope_recording_get_grace (SioscopeRecording *self)
{
  return self->memory_cap / 8;
}

/* sioscope-recording-sync.c, the writer's thread. */
void     sioscope_recording_sync_soon       (SioscopeRecording *self);

/* Settings of tests, before the first row. */
void     sioscope_recording_set_memory_cap_for_tests (SioscopeRecording *self,
                                             guint64            cap);

/* A list of fields on the stack: numbers are kept in it, bytes are only pointed at. */
#define SIOSCOPE_FIELDS_MAX 32
typedef struct {
  guint8       small[SIOSCOPE_FIELDS_MAX * 16];
  gsize        small_len;
  struct iovec parts[SIOSCOPE_FIELDS_MAX * 3];
  guint        n_parts;
} SioscopeFields;

void     sioscope_fields_init               (SioscopeFields    *fields);
void     sioscope_fields_add_number         (SioscopeFields    *fields,
                                             guint              field,
                                             gint64             value);
void     sioscope_fields_add_bytes          (SioscopeFields    *fields,
                                             guint              field,
                                             const void        *data,
                                             gsize              size);

/* For tests: what the recorder takes as its clock instead of g_get_monotonic_time(). NULL restores it. */
typedef struct _SioscopeRecorder SioscopeRecorder;
void     sioscope_recorder_set_clock_for_tests (SioscopeRecorder *self,
                                             gint64           (*now_us) (void));

G_END_DECLS
