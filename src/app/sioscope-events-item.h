/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeEventsItem: the events of one name that went one way, as texts for one line of a list. Safe to show. */

#pragma once

#include "sioscope-events-figures.h"

G_BEGIN_DECLS

#define SIOSCOPE_TYPE_EVENTS_ITEM (sioscope_events_item_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeEventsItem, sioscope_events_item, SIOSCOPE, EVENTS_ITEM, GObject)

SioscopeEventsItem *sioscope_events_item_new        (SioscopeRecording        *recording,
                                                     guint                     name,
                                                     SioDirection              direction);
void                sioscope_events_item_set        (SioscopeEventsItem       *self,
                                                     const SioscopeEventsLine *line);
/* NULL: no line of the filter language finds them. */
const char         *sioscope_events_item_get_filter (SioscopeEventsItem       *self);
char               *sioscope_events_item_dup_text_for_tests (SioscopeEventsItem *self);

G_END_DECLS
