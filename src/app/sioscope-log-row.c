/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A row of the log. bind() only notes which row it is; the first snapshot() after it reads the entry and shapes the text. */

#include "config.h"

#include "sioscope-log-row.h"

#include <glib/gi18n.h>

#include "sioscope-format.h"
#include "sioscope-words.h"

/* Nothing longer is ever laid out in a row, whatever a server sends. */
#define MAX_EVENT_CHARS 128
#define MAX_PREVIEW_CHARS 200
#define CHIP_PADDING 8
#define CHIP_HEIGHT 20
#define FIELD_GAP 12

typedef enum {
  CHIP_NONE,
  CHIP_PLAIN,
  CHIP_PENDING,
  CHIP_OK,
  CHIP_FAILED,
  CHIP_REPLY,
} ChipStyle;

typedef enum {
  TONE_NORMAL,  /* an event: bold name, dim arguments */
  TONE_QUIET,   /* everything else */
  TONE_ERROR,
  TONE_LOSS,    /* the separator of a cut */
} Tone;

enum { FIELD_TIME, FIELD_DELTA, FIELD_NSP, FIELD_EVENT, FIELD_PREVIEW, FIELD_CHIP, FIELD_SIZE, N_FIELDS };

struct _SioscopeLogRow {
  GtkWidget           parent_instance;

  SioscopeLogContext *context;
  GtkListItem        *item;      /* not owned; NULL unless bound */
  guint64             row;

  /* What was read and shaped. */
  gboolean            valid;
  guint               position;  /* for which the delta was computed */
  PangoLayout        *layouts[N_FIELDS];
  ChipStyle           chip;
  Tone                tone;
  SioDirection        direction;
  gboolean            has_arrow;
  const char         *icon;      /* static */
  GdkRGBA             nsp_background;
  GdkRGBA             nsp_text;
  graphene_rect_t     chip_area; /* as drawn; zero without one */
};

G_DEFINE_FINAL_TYPE (SioscopeLogRow, sioscope_log_row, GTK_TYPE_WIDGET)

enum { REPLY, N_SIGNALS };
static guint signals[N_SIGNALS];

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
      return entry->raw.size;
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
        words = g_strdup_printf (_("answer %" G_GINT64_FORMAT), entry->id);
    }
  else
    words = sioscope_words_entry (entry);

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
  else if (sioscope_words_is_error (entry))
    self->tone = TONE_ERROR;

  if (entry->kind == SIOSCOPE_KIND_PACKET || entry->kind == SIOSCOPE_KIND_EMIT ||
      (entry->kind == SIOSCOPE_KIND_SOCKET && entry->args.size > 0))
    arguments = preview (entry->args);
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
  g_autofree char *words = sioscope_words_entry (entry);
  g_autofree char *answer = sioscope_words_ack (entry, ack,
                                                sioscope_recording_get_now_us (self->context->recording));
  g_autofree char *label = g_strdup_printf ("%s, %s%s%s%s%s", pango_layout_get_text (self->layouts[FIELD_TIME]), words,
                                            *pango_layout_get_text (self->layouts[FIELD_PREVIEW]) ? ", " : "",
                                            pango_layout_get_text (self->layouts[FIELD_PREVIEW]),
                                            answer != NULL ? ", " : "", answer != NULL ? answer : "");

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static gboolean
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

  sioscope_log_context_load (context, GTK_WIDGET (self));
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

/* Where a piece of the row lies: columns are told in reading direction. */
static float
mirror (SioscopeLogRow *self,
        float           x,
        float           width)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    return (float) gtk_widget_get_width (GTK_WIDGET (self)) - x - width;
  return x;
}

/* Draws a field into a column; returns how wide it came out. */
static float
draw_field (SioscopeLogRow *self,
            GtkSnapshot    *snapshot,
            guint           field,
            float           x,
            float           width,
            gboolean        at_end,
            const GdkRGBA  *color)
{
  PangoLayout *layout = self->layouts[field];
  PangoRectangle extents;
  float text_width;

  if (width <= 4 || *pango_layout_get_text (layout) == '\0')
    return 0;

  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_get_pixel_extents (layout, NULL, &extents);
  text_width = MIN ((float) extents.width, width);
  if (at_end)
    x += width - text_width;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mirror (self, x, text_width) - (float) extents.x,
                                                          (float) ((SIOSCOPE_LOG_ROW_HEIGHT - extents.height) / 2)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  return text_width;
}

static void
draw_rounded (GtkSnapshot           *snapshot,
              const graphene_rect_t *area,
              float                  radius,
              const GdkRGBA         *color)
{
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, area, radius);
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, color, area);
  gtk_snapshot_pop (snapshot);
}

static int
text_width_of (PangoLayout *layout)
{
  int width;

  pango_layout_set_width (layout, -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static void
draw_namespace (SioscopeLogRow          *self,
                GtkSnapshot             *snapshot,
                const SioscopeLogColumn *column)
{
  PangoLayout *layout = self->layouts[FIELD_NSP];
  graphene_rect_t area;
  float width;

  if (column->width <= 0 || *pango_layout_get_text (layout) == '\0')
    return;

  width = MIN ((float) text_width_of (layout) + 2 * CHIP_PADDING, column->width);
  area = GRAPHENE_RECT_INIT (mirror (self, column->x, width), (SIOSCOPE_LOG_ROW_HEIGHT - CHIP_HEIGHT) / 2.0f,
                             width, CHIP_HEIGHT);
  draw_rounded (snapshot, &area, CHIP_HEIGHT / 2.0f, &self->nsp_background);
  draw_field (self, snapshot, FIELD_NSP, column->x + CHIP_PADDING, width - 2 * CHIP_PADDING + 1, FALSE,
              &self->nsp_text);
}

static void
draw_chip (SioscopeLogRow          *self,
           GtkSnapshot             *snapshot,
           const SioscopeLogColumn *column)
{
  const SioscopePalette *palette = &self->context->palette;
  PangoLayout *layout = self->layouts[FIELD_CHIP];
  GdkRGBA color = palette->dim;
  GdkRGBA fill;
  float width;
  float x;

  self->chip_area = GRAPHENE_RECT_INIT (0, 0, 0, 0);
  if (self->chip == CHIP_NONE)
    return;

  if (self->chip == CHIP_OK)
    color = palette->success;
  else if (self->chip == CHIP_FAILED)
    color = palette->error;
  else if (self->chip == CHIP_REPLY)
    color = palette->accent;
  else if (self->chip == CHIP_PENDING)
    color = palette->warning;

  width = MIN ((float) text_width_of (layout) + 2 * CHIP_PADDING, column->width);
  x = column->x + column->width - width;
  self->chip_area = GRAPHENE_RECT_INIT (mirror (self, x, width), (SIOSCOPE_LOG_ROW_HEIGHT - CHIP_HEIGHT) / 2.0f,
                                        width, CHIP_HEIGHT);
  if (self->chip != CHIP_PLAIN)
    {
      fill = sioscope_palette_alpha (&color, self->chip == CHIP_REPLY ? 0.18f : 0.1f);
      draw_rounded (snapshot, &self->chip_area, self->chip == CHIP_REPLY ? 6 : CHIP_HEIGHT / 2.0f, &fill);
    }
  draw_field (self, snapshot, FIELD_CHIP, x + CHIP_PADDING, width - 2 * CHIP_PADDING + 1, FALSE, &color);
}

static void
draw_sign (SioscopeLogRow          *self,
           GtkSnapshot             *snapshot,
           const SioscopeLogColumn *column,
           const GdkRGBA           *color)
{
  GdkPaintable *icon;
  gboolean in = self->direction == SIO_DIRECTION_IN;

  if (self->has_arrow)
    icon = sioscope_log_context_get_icon (self->context, GTK_WIDGET (self),
                                          in ? "sioscope-in-symbolic" : "sioscope-out-symbolic");
  else if (self->icon != NULL)
    icon = sioscope_log_context_get_icon (self->context, GTK_WIDGET (self), self->icon);
  else
    return;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (mirror (self, column->x, 16),
                                                          (SIOSCOPE_LOG_ROW_HEIGHT - 16) / 2.0f));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, 16, 16, color, 1);
  gtk_snapshot_restore (snapshot);
}

/* The event's name, or a sentence, and what room is left for the arguments. */
static void
draw_words (SioscopeLogRow          *self,
            GtkSnapshot             *snapshot,
            const SioscopeLogColumn *column,
            float                    usual,
            const GdkRGBA           *color)
{
  const SioscopePalette *palette = &self->context->palette;
  float most = *pango_layout_get_text (self->layouts[FIELD_PREVIEW]) != '\0' ? column->width * 0.6f : column->width;
  float used = draw_field (self, snapshot, FIELD_EVENT, column->x, most, FALSE, color);
  float start = (self->tone == TONE_NORMAL ? MAX (used, usual) : used) + FIELD_GAP;

  draw_field (self, snapshot, FIELD_PREVIEW, column->x + start, column->width - start, FALSE, &palette->dim);
  if (self->tone == TONE_LOSS && column->width - start > 24)
    {
      GdkRGBA line = sioscope_palette_alpha (&palette->error, 0.5f);
      float width = column->width - start;

      gtk_snapshot_append_color (snapshot, &line,
                                 &GRAPHENE_RECT_INIT (mirror (self, column->x + start, width),
                                                      SIOSCOPE_LOG_ROW_HEIGHT / 2.0f, width, 1));
    }
}

static void
sioscope_log_row_snapshot (GtkWidget   *widget,
                           GtkSnapshot *snapshot)
{
  SioscopeLogRow *self = SIOSCOPE_LOG_ROW (widget);
  const SioscopePalette *palette = &self->context->palette;
  int width = gtk_widget_get_width (widget);
  SioscopeLogColumns columns;
  const GdkRGBA *words;
  const GdkRGBA *sign;
  float usual;

  if (!sioscope_log_row_ensure (self))
    return;

  columns = sioscope_log_context_get_columns (self->context, width);
  /* Short names leave the arguments of all rows on one line; long ones push theirs aside. */
  usual = CLAMP (columns.event.width * 0.24f, 72, 190);
  /* A row that has nothing to put there lets its words run into the columns at the end. */
  if (self->chip == CHIP_NONE)
    {
      columns.event.width += columns.chip.width + FIELD_GAP;
      if (columns.size.width > 0 && *pango_layout_get_text (self->layouts[FIELD_SIZE]) == '\0')
        columns.event.width += columns.size.width + FIELD_GAP;
    }
  words = self->tone == TONE_NORMAL ? &palette->text
          : self->tone == TONE_QUIET ? &palette->dim : &palette->error;
  sign = self->tone != TONE_NORMAL ? words
         : self->direction == SIO_DIRECTION_OUT ? &palette->accent : &palette->dim;

  if (self->tone == TONE_LOSS)
    {
      GdkRGBA tint = sioscope_palette_alpha (&palette->error, 0.06f);

      gtk_snapshot_append_color (snapshot, &tint, &GRAPHENE_RECT_INIT (0, 0, (float) width, SIOSCOPE_LOG_ROW_HEIGHT));
    }

  draw_field (self, snapshot, FIELD_TIME, columns.time.x, columns.time.width, FALSE, &palette->dim);
  draw_field (self, snapshot, FIELD_DELTA, columns.delta.x, columns.delta.width, TRUE, &palette->dim);
  draw_sign (self, snapshot, &columns.arrow, sign);
  draw_namespace (self, snapshot, &columns.nsp);
  draw_words (self, snapshot, &columns.event, usual, words);
  draw_chip (self, snapshot, &columns.chip);
  draw_field (self, snapshot, FIELD_SIZE, columns.size.x, columns.size.width, TRUE, &palette->dim);
}

static void
sioscope_log_row_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? SIOSCOPE_LOG_ROW_HEIGHT : 240;
}

static void
sioscope_log_row_pressed_cb (SioscopeLogRow  *self,
                             int              n_press,
                             double           x,
                             double           y,
                             GtkGestureClick *gesture)
{
  if (self->chip != CHIP_REPLY ||
      !graphene_rect_contains_point (&self->chip_area, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  g_signal_emit (self, signals[REPLY], 0);
}

static void
sioscope_log_row_dispose (GObject *object)
{
  SioscopeLogRow *self = SIOSCOPE_LOG_ROW (object);

  sioscope_log_row_unbind (self);
  for (guint i = 0; i < N_FIELDS; i++)
    g_clear_object (&self->layouts[i]);

  G_OBJECT_CLASS (sioscope_log_row_parent_class)->dispose (object);
}

static void
sioscope_log_row_finalize (GObject *object)
{
  SioscopeLogRow *self = SIOSCOPE_LOG_ROW (object);

  g_clear_pointer (&self->context, sioscope_log_context_unref);

  G_OBJECT_CLASS (sioscope_log_row_parent_class)->finalize (object);
}

static void
sioscope_log_row_class_init (SioscopeLogRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sioscope_log_row_dispose;
  object_class->finalize = sioscope_log_row_finalize;
  widget_class->snapshot = sioscope_log_row_snapshot;
  widget_class->measure = sioscope_log_row_measure;

  /**
   * SioscopeLogRow::reply:
   *
   * The person pressed Reply on an event of the server that waits for an answer.
   */
  signals[REPLY] = g_signal_new ("reply", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);

  gtk_widget_class_set_css_name (widget_class, "logrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
sioscope_log_row_init (SioscopeLogRow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->row = SIOSCOPE_NO_ROW;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (sioscope_log_row_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
sioscope_log_row_new (SioscopeLogContext *context)
{
  SioscopeLogRow *self = g_object_new (SIOSCOPE_TYPE_LOG_ROW, NULL);

  self->context = sioscope_log_context_ref (context);
  return GTK_WIDGET (self);
}

/**
 * sioscope_log_row_bind:
 * @self: a row
 * @item: a list item whose object is a #SioscopeLogItem
 *
 * Notes what is to be shown. Nothing is read before it is drawn.
 */
void
sioscope_log_row_bind (SioscopeLogRow *self,
                       GtkListItem    *item)
{
  self->item = item;
  self->row = sioscope_log_item_get_row (gtk_list_item_get_item (item));
  g_ptr_array_add (self->context->rows, self);
  sioscope_log_row_invalidate (self);
}

void
sioscope_log_row_unbind (SioscopeLogRow *self)
{
  if (self->item == NULL)
    return;

  g_ptr_array_remove_fast (self->context->rows, self);
  self->item = NULL;
  self->row = SIOSCOPE_NO_ROW;
}

/* What the row shows may have changed: it is read again when it is drawn. */
void
sioscope_log_row_invalidate (SioscopeLogRow *self)
{
  self->valid = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A second passed: whoever shows a running clock moves it on. */
void
sioscope_log_row_tick (SioscopeLogRow *self)
{
  if (self->valid && self->chip == CHIP_PENDING)
    sioscope_log_row_invalidate (self);
}

guint64
sioscope_log_row_get_row (SioscopeLogRow *self)
{
  return self->row;
}

guint
sioscope_log_row_get_position (SioscopeLogRow *self)
{
  return self->item != NULL ? gtk_list_item_get_position (self->item) : GTK_INVALID_LIST_POSITION;
}

char *
sioscope_log_row_dup_text_for_tests (SioscopeLogRow *self)
{
  GString *text = g_string_new (NULL);

  if (!sioscope_log_row_ensure (self))
    return g_string_free (text, FALSE);

  for (guint i = 0; i < N_FIELDS; i++)
    {
      if (i > 0)
        g_string_append_c (text, '|');
      g_string_append (text, pango_layout_get_text (self->layouts[i]));
    }
  return g_string_free (text, FALSE);
}
