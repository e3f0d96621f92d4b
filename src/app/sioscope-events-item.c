/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-events-item.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"

#define MAX_NAME_CHARS 80

enum { PROP_0, PROP_NSP, PROP_EVENT, PROP_ICON_NAME, PROP_WAY, PROP_COUNT, PROP_RATE, PROP_LATENCY, PROP_TOOLTIP, N_PROPS };
static GParamSpec *properties[N_PROPS];

struct _SioscopeEventsItem {
  GObject    parent_instance;

  char      *filter;
  char      *texts[N_PROPS]; /* by property */
};

G_DEFINE_FINAL_TYPE (SioscopeEventsItem, sioscope_events_item, G_TYPE_OBJECT)

static void
set_text (SioscopeEventsItem *self,
          guint               prop,
          char               *text)
{
  if (g_strcmp0 (self->texts[prop], text) == 0)
    {
      g_free (text);
      return;
    }
  g_free (self->texts[prop]);
  self->texts[prop] = text;
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop]);
}

static void
sioscope_events_item_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  g_value_set_string (value, SIOSCOPE_EVENTS_ITEM (object)->texts[prop_id]);
}

static void
sioscope_events_item_finalize (GObject *object)
{
  SioscopeEventsItem *self = SIOSCOPE_EVENTS_ITEM (object);

  for (guint i = 0; i < N_PROPS; i++)
    g_free (self->texts[i]);
  g_free (self->filter);

  G_OBJECT_CLASS (sioscope_events_item_parent_class)->finalize (object);
}

static void
sioscope_events_item_class_init (SioscopeEventsItemClass *klass)
{
  static const char *const names[N_PROPS] = {
    [PROP_NSP] = "nsp", [PROP_EVENT] = "event", [PROP_ICON_NAME] = "icon-name", [PROP_WAY] = "way",
    [PROP_COUNT] = "count", [PROP_RATE] = "rate", [PROP_LATENCY] = "latency", [PROP_TOOLTIP] = "tooltip",
  };

  G_OBJECT_CLASS (klass)->get_property = sioscope_events_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = sioscope_events_item_finalize;
  for (guint i = 1; i < N_PROPS; i++)
    properties[i] = g_param_spec_string (names[i], NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
}

static void
sioscope_events_item_init (SioscopeEventsItem *self)
{
}

SioscopeEventsItem *
sioscope_events_item_new (SioscopeRecording *recording,
                          guint              name,
                          SioDirection       direction)
{
  SioscopeEventsItem *self = g_object_new (SIOSCOPE_TYPE_EVENTS_ITEM, NULL);
  gboolean in = direction == SIO_DIRECTION_IN;
  SioscopeName names;

  if (name != SIOSCOPE_NAME_UNNUMBERED && sioscope_recording_get_name (recording, name, &names))
    {
      self->texts[PROP_NSP] = sioscope_format_text (names.nsp, MAX_NAME_CHARS);
      self->texts[PROP_EVENT] = sioscope_format_token (names.event, MAX_NAME_CHARS);
      self->filter = sioscope_events_dup_filter (recording, name);
    }
  else
    {
      self->texts[PROP_NSP] = g_strdup ("");
      /* Translators: all the events that have no line of their own in the list of events */
      self->texts[PROP_EVENT] = g_strdup (_("all others"));
    }
  self->texts[PROP_ICON_NAME] = g_strdup (in ? "sioscope-in-symbolic" : "sioscope-out-symbolic");
  /* Translators: the direction of an event: from the server, to the server. In a narrow column */
  self->texts[PROP_WAY] = g_strdup (in ? C_("direction", "in") : C_("direction", "out"));
  return self;
}

static char *
dup_rate (double rate)
{
  if (rate < 0.05)
    /* Translators: a rate per second that is next to nothing */
    return g_strdup (rate > 0 ? _("< 0.1") : "0");
  return rate < 9.95 ? g_strdup_printf ("%.1f", rate) : sioscope_format_count ((guint64) (rate + 0.5));
}

void
sioscope_events_item_set (SioscopeEventsItem       *self,
                          const SioscopeEventsLine *line)
{
  g_autofree char *asked = sioscope_format_count (line->n_asked);
  g_autofree char *answered = sioscope_format_count (line->n_answered);
  g_autofree char *timed_out = sioscope_format_count (line->n_timed_out);
  g_autofree char *pending = sioscope_format_count (line->n_pending);
  g_autofree char *latency = line->p95_us >= 0 ? sioscope_format_duration (line->p95_us) : g_strdup ("–");
  g_autofree char *acks = NULL;

  if (line->n_asked == 0)
    acks = g_strdup (_("no acks were asked for"));
  else
    /* Translators: numbers of events */
    acks = g_strdup_printf (_("%s asked for an ack: %s answered, %s timed out, %s wait"), asked, answered, timed_out, pending);
  if (self->filter != NULL)
    /* Translators: in front of this stands what is known of the acks of an event */
    set_text (self, PROP_TOOLTIP, g_strdup_printf (_("%s\nClick to see only these events"), acks));
  else
    set_text (self, PROP_TOOLTIP, g_strdup (acks));
  set_text (self, PROP_COUNT, sioscope_format_count (line->count));
  set_text (self, PROP_RATE, dup_rate (line->rate));
  set_text (self, PROP_LATENCY, g_steal_pointer (&latency));
}

const char *
sioscope_events_item_get_filter (SioscopeEventsItem *self)
{
  return self->filter;
}

char *
sioscope_events_item_dup_text_for_tests (SioscopeEventsItem *self)
{
  return g_strjoin ("|", self->texts[PROP_NSP], self->texts[PROP_EVENT], self->texts[PROP_WAY], self->texts[PROP_COUNT],
                    self->texts[PROP_RATE], self->texts[PROP_LATENCY], NULL);
}
