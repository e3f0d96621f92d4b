/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be known of rows without touching them, for those rooms of the recording that walk millions. Any thread, without a lock. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/* One word of the index: where the record begins, and enough of what it is that whoever walks
 * millions of rows need not touch the file: bits 0–3 kind, 4–6 packet or Engine.IO type, 7
 * direction, 8 has an ack id, 9 has a tag, 10–27 the number of its name, 28–63 offset, which is a
 * multiple of 8. It is not part of the format. */
typedef guint64 SioscopeIndexWord;

#define SIOSCOPE_INDEX_KIND(word)      ((SioscopeKind) ((word) & 0xf))
#define SIOSCOPE_INDEX_TYPE(word)      ((guint) (((word) >> 4) & 7))
#define SIOSCOPE_INDEX_DIRECTION(word) ((SioDirection) (((word) >> 7) & 1))
#define SIOSCOPE_INDEX_HAS_ID          (1u << 8)
#define SIOSCOPE_INDEX_HAS_TAG         (1u << 9)
#define SIOSCOPE_INDEX_NAME(word)      ((guint) (((word) >> 10) & SIOSCOPE_NAME_UNNUMBERED))

/* Rows from start up to end were discarded; none if start is not below end. */
typedef struct {
  guint64 start;
  guint64 end;
} SioscopeHole;

SioscopeHole      sioscope_recording_get_hole          (SioscopeRecording *self);
/* The word of a row that can be read, else 0. */
SioscopeIndexWord sioscope_recording_get_word          (SioscopeRecording *self,
                                                        guint64            row);
/* Whether what the row's entry points to stays as it is; else it may become the bytes of newer rows. */
gboolean          sioscope_recording_get_stays         (SioscopeRecording *self,
                                                        SioscopeIndexWord  word);
/* The first row at or after row that was not discarded; may be n_rows or more. */
guint64           sioscope_recording_skip_discarded    (SioscopeRecording *self,
                                                        guint64            row);
/* The raw bytes of a PACKET, without reading the rest of the entry. */
gboolean          sioscope_recording_read_raw          (SioscopeRecording *self,
                                                        guint64            row,
                                                        SioSpan           *raw);
/* How many attachments of the packet are there, and whether no more can come. */
guint             sioscope_recording_count_attachments (SioscopeRecording *self,
                                                        guint64            packet_row,
                                                        guint              n_wanted,
                                                        gboolean          *over);

G_END_DECLS
