/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The printer's lines as an export. */

#include "sioscope-print-private.h"

void
sioscope_export_lines (SioscopeExporter *self)
{
  const SioscopeExportLines *lines = sioscope_exporter_get_options (self)->lines;
  g_autoptr(SioscopePrinter) printer = sioscope_printer_new (sioscope_exporter_get_recording (self), lines->depth);
  GString *out = sioscope_exporter_get_out (self);

  sioscope_printer_set_words (printer, lines->words);
  sioscope_printer_set_door (printer, self);
  while (printer->next_row < sioscope_exporter_get_end (self) && sioscope_printer_next (printer, out))
    {
      /* How far it is. */
      sioscope_exporter_rewind (self, printer->next_row);
      if (!sioscope_exporter_flush (self))
        break;
    }
}
