/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A recording again: of the wanted rows, without the secrets. */

#include "sioscope-exporter-private.h"
#include "sioscope-recording-copy.h"

/* Packets whose attachments are still to come: one of each direction at most, but other rows stand between. */
#define PACKETS 2

typedef struct {
  guint64 row;
  guint64 copied;
} Moved;

static guint64
get_moved (const Moved *moved,
           guint64      row)
{
  for (guint i = 0; i < PACKETS; i++)
    if (moved[i].row == row)
      return moved[i].copied;
  return SIOSCOPE_NO_ROW;
}

void
sioscope_export_recording (SioscopeExporter *self,
                           const char       *path)
{
  SioscopeRecording *recording = sioscope_exporter_get_recording (self);
  g_autoptr(SioscopeRecording) copy = NULL;
  Moved moved[PACKETS] = { { SIOSCOPE_NO_ROW, SIOSCOPE_NO_ROW }, { SIOSCOPE_NO_ROW, SIOSCOPE_NO_ROW } };
  GError *error = NULL;
  SioscopeEntry entry;
  guint64 copied = 0;

  copy = sioscope_recording_new_copy (path, sioscope_exporter_get_title (self), sioscope_recording_get_client (recording),
                                      sioscope_recording_get_start_real_us (recording), &error);
  while (error == NULL && sioscope_exporter_next (self, &entry))
    {
      /* An attachment stands behind its packet in the copy too; a packet that was discarded has none to go to. */
      if (entry.kind == SIOSCOPE_KIND_ATTACHMENT && entry.ref != SIOSCOPE_NO_ROW)
        entry.ref = get_moved (moved, entry.ref);
      else if (entry.kind == SIOSCOPE_KIND_PACKET)
        moved[entry.direction == SIO_DIRECTION_OUT] = (Moved) { entry.row, copied };
      sioscope_recording_append_entry (copy, &entry, &error);
      copied++;
      if (error == NULL && !sioscope_exporter_flush (self))
        break;
    }
  if (error == NULL)
    sioscope_recording_finish_copy (copy, &error);
  if (error != NULL)
    sioscope_exporter_fail (self, error);
}
