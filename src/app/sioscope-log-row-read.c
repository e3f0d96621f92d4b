/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a row says: its entry as short texts in each field, of bounded length whatever a server sends. */

#include "config.h"

#include "sioscope-log-row-private.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"
#include "sioscope-words.h"

/* Nothing longer is ever laid out in a row, whatever a server sends. */
#define MAX_EVENT_CHARS 128
#define MAX_PREVIEW_CHARS 200

static void
set_field (SioscopeLogRow *self,
           guint           field,
           const char     *text)
{
  PangoLayout *layout = self->layouts[field];

  if (layout == NULL)
    {
      g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

      layout = self->layouts[field] = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
      pango_layout_set_single_paragraph_mode (layout, TRUE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      if (field == FIELD_PREVIEW)
        {
          pango_attr_list_insert (attributes, pango_attr_family_new ("monospace"));
          pango_attr_list_insert (attributes, pango_attr_scale_new (0.9));
        }
      else if (field != FIELD_EVENT)
        {
          pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
          pango_attr_list_insert (attributes, pango_attr_scale_new (field == FIELD_NSP || field == FIELD_CHIP
                                                                      ? 0.87 : 0.92));
        }
      pango_layout_set_attributes (layout, attributes);
    }
  pango_layout_set_text (layout, text != NULL ? text : "", -1);
}

static void
set_event_weight (SioscopeLogRow *self,
                  PangoWeight     weight)
{
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_weight_new (weight));
  pango_layout_set_attributes (self->layouts[FIELD_EVENT], attributes);
}

/* The first part of the arguments, with blanks between tokens as one space; inside of strings nothing is touched. */
static char *
preview (SioSpan args)
{
  SioSpan head = { args.data, MIN (args.size, MAX_PREVIEW_CHARS * 4 + 8) };
  g_autoptr(GString) squeezed = g_string_sized_new (head.size);
  gboolean inside = FALSE;
  g_autofree char *text = NULL;

  for (gsize i = 0; i < head.size; i++)
    {
      char c = head.data[i];

      if (inside && c == '\\' && i + 1 < head.size)
        g_string_append_c (squeezed, head.data[i++]);
      else if (c == '"')
        inside = !inside;
      else if (!inside && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
        {
          if (squeezed->len > 0 && squeezed->str[squeezed->len - 1] != ' ')
            g_string_append_c (squeezed, ' ');
          continue;
        }
      g_string_append_c (squeezed, head.data[i]);
    }
  /* A character that the cut went through would be shown as broken. */
  if (head.size < args.size)
    while (squeezed->len > 0 && (squeezed->str[squeezed->len - 1] & 0x80) != 0)
      g_string_truncate (squeezed, squeezed->len - 1);

  text = sioscope_format_text ((SioSpan) { squeezed->str, squeezed->len }, MAX_PREVIEW_CHARS);
  if (head.size < args.size && !g_str_has_suffix (text, "…"))
    return g_strconcat (text, "…", NULL);
  return g_steal_pointer (&text);
}

static void
read_time (SioscopeLogRow      *self,
           const SioscopeEntry *entry)
{
  SioscopeLogContext *context = self->context;
  g_autofree char *time = NULL;
  g_autofree char *delta = NULL;
  SioscopeEntry above;

  if (self->position > 0 && self->position != GTK_INVALID_LIST_POSITION &&
      sioscope_recording_read (context->recording, sioscope_log_model_get_row (context->model, self->position - 1),
                               &above))
    delta = sioscope_format_delta (entry->time_us - above.time_us);
  else
    delta = sioscope_format_delta (0);

  switch (context->time_mode)
    {
    case SIOSCOPE_TIME_SINCE_START:
      time = sioscope_format_since_start (entry->time_us);
      break;
    case SIOSCOPE_TIME_DELTA:
      time = g_strdup (delta);
      break;
    case SIOSCOPE_TIME_CLOCK:
    default:
      time = sioscope_format_clock (sioscope_recording_get_start_real_us (context->recording) + entry->time_us);
      break;
    }
  set_field (self, FIELD_TIME, time);
  set_field (self, FIELD_DELTA, delta);
}

static void
read_chip (SioscopeLogRow      *self,
           const SioscopeEntry *entry,
           const SioscopeAck   *ack)
{
  g_autofree char *duration = NULL;
  g_autofree char *text = NULL;
  gboolean ours = entry->direction == SIO_DIRECTION_OUT;

  self->chip = CHIP_NONE;
  switch (ack->state)
    {
    case SIOSCOPE_ACK_PENDING:
      if (ours)
        {
          gint64 waited = sioscope_recording_get_now_us (self->context->recording) - entry->time_us;

          /* Whole seconds: a chip that changed faster would only flicker. */
          self->chip = CHIP_PENDING;
          text = waited < G_USEC_PER_SEC ? g_strdup (_("waiting"))
                                         : g_strdup_printf (_("waiting %d s"), (int) (waited / G_USEC_PER_SEC));
        }
      else if (sioscope_recording_get_live (self->context->recording))
        {
          self->chip = CHIP_REPLY;
          text = g_strdup (_("Reply"));
        }
      else
        {
          self->chip = CHIP_PLAIN;
          text = g_strdup (_("wants ack"));
        }
      break;
    case SIOSCOPE_ACK_ANSWERED:
      duration = sioscope_format_duration (ack->latency_us);
      self->chip = sioscope_words_is_ack (entry) ? CHIP_PLAIN : CHIP_OK;
      text = sioscope_words_is_ack (entry) ? g_strdup_printf (_("after %s"), duration)
                                           : g_strdup_printf ("✓ %s", duration);
      break;
    case SIOSCOPE_ACK_TIMED_OUT:
      self->chip = CHIP_FAILED;
      text = g_strdup_printf ("✕ %s", _("timed out"));
      break;
    case SIOSCOPE_ACK_ABANDONED:
      self->chip = CHIP_FAILED;
      text = g_strdup_printf ("✕ %s", _("no answer"));
      break;
    case SIOSCOPE_ACK_NONE:
    default:
      break;
    }
  set_field (self, FIELD_CHIP, text);
}

/* How long a cut lasted, from the segments that followed it; -1 while it lasts, or if nothing is known. */
static gint64
loss_duration (SioscopeLogRow      *self,
               const SioscopeEntry *entry)
{
  guint n;
  const SioscopeSegment *segments = sioscope_projection_get_segments (self->context->projection, &n);
  guint low = 0;

  for (guint high = n; low < high;)
    {
      guint middle = low + (high - low) / 2;

      if (segments[middle].row < entry->row)
        low = middle + 1;
      else
        high = middle;
    }
  /* The connection usually comes back within a few attempts; a storm of thousands is not searched at every drawing. */
  for (guint i = low; i < n && i < low + 200; i++)
    if (segments[i].phase == SIOSCOPE_PHASE_CONNECTED && segments[i].row > entry->row)
      return segments[i].start_us - entry->time_us;
  return -1;
}

static guint64
shown_size (const SioscopeEntry *entry)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_HTTP:
      return entry->response_body.size + entry->request_body.size;
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
      return entry->wire.size > 0 ? entry->wire.size : entry->raw.size;
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
    default:
      return 0;
    }
}

static void
read_words (SioscopeLogRow      *self,
            const SioscopeEntry *entry,
            const SioscopeAck   *ack)
{
  g_autofree char *words = NULL;
  g_autofree char *arguments = NULL;
  SioscopeEntry event;
  gint64 lasted;

  self->tone = TONE_QUIET;
  if (sioscope_words_is_event (entry))
    {
      self->tone = TONE_NORMAL;
      words = sioscope_format_token (entry->event, MAX_EVENT_CHARS);
      /* An event may well have no name: that has to be seen too. */
      if (*words == '\0')
        {
          g_free (words);
          words = g_strdup ("“”");
        }
    }
  else if (sioscope_words_is_ack (entry))
    {
      if (ack->other_row != SIOSCOPE_NO_ROW &&
          sioscope_recording_read (self->context->recording, ack->other_row, &event))
        {
          g_autofree char *token = sioscope_format_token (event.event, MAX_EVENT_CHARS);
          g_autofree char *name = sioscope_format_isolated ((SioSpan) { token, strlen (token) }, 0);

          words = g_strdup_printf (_("answer to %s"), name);
        }
      else
        words = g_strdup_printf (_("answer %lld"), (long long) entry->id);
    }
  else
    words = sioscope_words_row (self->context->recording, entry);

  if (sioscope_words_is_loss (entry))
    {
      self->tone = TONE_LOSS;
      lasted = loss_duration (self, entry);
      if (lasted >= 0)
        {
          g_autofree char *reason = sioscope_words_reason (entry->reason);
          g_autofree char *duration = sioscope_format_duration (lasted);

          g_free (words);
          words = g_strdup_printf (_("Connection lost for %s · %s"), duration, reason);
        }
    }
  else if (sioscope_words_row_is_error (self->context->recording, entry))
    self->tone = TONE_ERROR;

  if (entry->kind == SIOSCOPE_KIND_PACKET || entry->kind == SIOSCOPE_KIND_EMIT ||
      (entry->kind == SIOSCOPE_KIND_SOCKET && entry->args.size > 0))
    arguments = preview (entry->args);
  if (sioscope_projection_get_replayed (self->context->projection, entry->row))
    {
      g_autofree char *rest = g_steal_pointer (&arguments);

      /* Translators: of an event that the server sent again, because it was missed; then its arguments */
      arguments = g_strdup_printf (_("replayed · %s"), rest);
    }
  else if (entry->kind == SIOSCOPE_KIND_ENGINE && entry->raw.size > 1)
    arguments = preview ((SioSpan) { entry->raw.data + 1, entry->raw.size - 1 });

  set_field (self, FIELD_EVENT, words);
  set_event_weight (self, self->tone == TONE_NORMAL ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  set_field (self, FIELD_PREVIEW, arguments);
}

static void
tell_accessible (SioscopeLogRow      *self,
                 const SioscopeEntry *entry,
                 const SioscopeAck   *ack)
{
  g_autofree char *words = sioscope_words_row (self->context->recording, entry);
  g_autofree char *answer = sioscope_words_ack (entry, ack,
                                                sioscope_recording_get_now_us (self->context->recording));
  g_autofree char *label = g_strdup_printf ("%s, %s%s%s%s%s", pango_layout_get_text (self->layouts[FIELD_TIME]), words,
                                            *pango_layout_get_text (self->layouts[FIELD_PREVIEW]) ? ", " : "",
                                            pango_layout_get_text (self->layouts[FIELD_PREVIEW]),
                                            answer != NULL ? ", " : "", answer != NULL ? answer : "");
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  /* What gets the focus is the list's own widget around the row; GTK gives it no name. */
  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

gboolean
sioscope_log_row_ensure (SioscopeLogRow *self)
{
  SioscopeLogContext *context = self->context;
  SioscopeAck ack = { .state = SIOSCOPE_ACK_NONE, .other_row = SIOSCOPE_NO_ROW, .latency_us = -1 };
  g_autofree char *nsp = NULL;
  g_autofree char *size = NULL;
  SioscopeEntry entry;
  guint position;
  guint64 bytes;

  if (self->item == NULL || context->recording == NULL)
    return FALSE;

  position = gtk_list_item_get_position (self->item);
  if (self->valid && position == self->position)
    return TRUE;

  sioscope_log_context_load (context);
  self->row = sioscope_log_row_get_row (self);
  self->position = position;
  self->valid = TRUE;
  if (!sioscope_recording_read (context->recording, self->row, &entry))
    {
      /* A recording in memory gave it back in the meantime. */
      for (guint i = 0; i < N_FIELDS; i++)
        set_field (self, i, NULL);
      set_field (self, FIELD_EVENT, _("This row is no longer kept"));
      set_event_weight (self, PANGO_WEIGHT_NORMAL);
      self->tone = TONE_QUIET;
      self->chip = CHIP_NONE;
      self->has_arrow = FALSE;
      self->icon = NULL;
      return TRUE;
    }

  if (sioscope_words_is_event (&entry) || sioscope_words_is_ack (&entry))
    ack = sioscope_projection_get_ack (context->projection, self->row);

  self->direction = entry.direction;
  self->icon = sioscope_words_icon (&entry);
  self->has_arrow = self->icon == NULL;
  read_time (self, &entry);
  read_words (self, &entry, &ack);
  read_chip (self, &entry, &ack);

  nsp = sioscope_format_text (entry.nsp, 40);
  set_field (self, FIELD_NSP, nsp);
  sioscope_palette_hue (entry.nsp, context->palette.dark, &self->nsp_background, &self->nsp_text);

  bytes = shown_size (&entry);
  size = bytes > 0 ? sioscope_format_size (bytes) : NULL;
  set_field (self, FIELD_SIZE, size);

  tell_accessible (self, &entry, &ack);
  return TRUE;
}
