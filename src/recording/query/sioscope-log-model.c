/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Positions to rows. While nothing is hidden that is a sum; from the first hidden row on it is four
 * bytes for each shown row. Work is done in slices of some milliseconds, so that neither a million
 * new rows nor a new filter over them holds a frame up. */

#include "sioscope-log-model.h"
#include "sioscope-recording-private.h"
#include "sioscope-text-search-private.h"

#define BUDGET_US     4000
#define BATCH_ROWS    512u
#define SEARCH_PIECE  ((gsize) 1 << 20)
/* GListModel counts with 32 bits, and so do we. */
#define ROWS_MAX      ((guint64) G_MAXUINT32)

struct _SioscopeLogItem {
  GObject parent_instance;

  guint64 row;
};

G_DEFINE_FINAL_TYPE (SioscopeLogItem, sioscope_log_item, G_TYPE_OBJECT)

struct _SioscopeLogModel {
  GObject parent_instance;

  SioscopeRecording *recording;

  /* Shown: first_row … first_row + n_identity - 1, and then what stands in rows from rows_begin on. */
  guint64  first_row;
  guint    n_identity;
  guint32 *rows;
  gsize    rows_begin;
  gsize    rows_end;
  gsize    rows_size;
  guint    n_items; /* what has been told */

  guint64  next_row;    /* the first that was not looked at */
  gsize    next_offset; /* where in its bytes the search goes on, if one slice was not enough */
  guint64  hole_end;    /* rows discarded so far, as taken into account */
  gboolean restart;     /* the filter changed, and the items are still those of the old one */

  SioscopeShow show;
  gboolean     in;
  gboolean     out;
  char        *needle;  /* folded; NULL: no text filter */
  gsize        needle_size;
};

static void sioscope_log_model_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SioscopeLogModel, sioscope_log_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, sioscope_log_model_list_init))

static guint
n_shown (SioscopeLogModel *self)
{
  return self->n_identity + (guint) (self->rows_end - self->rows_begin);
}

static void
show_row (SioscopeLogModel *self,
          guint64           row)
{
  if (self->rows_end == self->rows_begin && row == self->first_row + self->n_identity)
    {
      self->n_identity++;
      return;
    }
  if (n_shown (self) == 0)
    {
      self->first_row = row;
      self->n_identity = 1;
      return;
    }
  if (self->rows_end == self->rows_size)
    {
      if (self->rows_begin > self->rows_size / 2)
        {
          memmove (self->rows, self->rows + self->rows_begin,
                   (self->rows_end - self->rows_begin) * sizeof *self->rows);
          self->rows_end -= self->rows_begin;
          self->rows_begin = 0;
        }
      else
        {
          self->rows_size = MAX (1024, self->rows_size * 2);
          self->rows = g_renew (guint32, self->rows, self->rows_size);
        }
    }
  self->rows[self->rows_end++] = (guint32) row;
}

/* What a row is, from its word in the index alone. 0 if it must be looked at. */
static SioscopeShow
class_of_word (SioscopeIndexWord word)
{
  switch ((guint) SIOSCOPE_INDEX_KIND (word))
    {
    case SIOSCOPE_KIND_PACKET:
      switch (SIOSCOPE_INDEX_TYPE (word))
        {
        case SIO_PACKET_EVENT:
        case SIO_PACKET_BINARY_EVENT:
          return SIOSCOPE_SHOW_EVENTS;
        case SIO_PACKET_ACK:
        case SIO_PACKET_BINARY_ACK:
          return SIOSCOPE_SHOW_ACKS;
        default:
          return SIOSCOPE_SHOW_STATES;
        }
    case SIOSCOPE_KIND_ENGINE:
      if (SIOSCOPE_INDEX_TYPE (word) == SIO_ENGINE_PACKET_PING
          || SIOSCOPE_INDEX_TYPE (word) == SIO_ENGINE_PACKET_PONG)
        return SIOSCOPE_SHOW_HEARTBEATS;
      return SIOSCOPE_SHOW_ENGINE;
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_FRAME:
      return SIOSCOPE_SHOW_ENGINE;
    case SIOSCOPE_KIND_HTTP:
      return SIOSCOPE_SHOW_HTTP;
    case SIOSCOPE_KIND_ERROR:
      return SIOSCOPE_SHOW_ERRORS;
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_NOTE:
      return SIOSCOPE_SHOW_STATES;
    default:
      return 0;
    }
}

static gboolean
has_direction (SioscopeIndexWord word)
{
  switch ((guint) SIOSCOPE_INDEX_KIND (word))
    {
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
      return TRUE;
    default:
      return FALSE;
    }
}

typedef enum {
  SEARCH_NO,
  SEARCH_YES,
  SEARCH_LATER, /* next_offset says where to go on */
} SearchResult;

/* Searches one large text in pieces, so that a payload of 100 MB does not hold the frame up. */
static SearchResult
search_span (SioscopeLogModel *self,
             SioSpan           span)
{
  gsize piece;

  if (self->next_offset >= span.size)
    return SEARCH_NO;
  piece = MIN (span.size - self->next_offset, SEARCH_PIECE + self->needle_size - 1);
  if (sioscope_text_search (span.data + self->next_offset, piece, self->needle, self->needle_size))
    return SEARCH_YES;
  if (self->next_offset + piece >= span.size)
    return SEARCH_NO;
  self->next_offset += SEARCH_PIECE;
  return SEARCH_LATER;
}

static SearchResult
search_entry (SioscopeLogModel *self,
              guint64           row)
{
  SioscopeEntry entry;
  SioSpan large = { NULL, 0 };
  gsize offset = 0;

  if (!sioscope_recording_read (self->recording, row, &entry))
    return SEARCH_NO;

  if (self->next_offset == 0)
    {
      const SioSpan small[] = {
        entry.nsp, entry.event, entry.args, entry.reason, entry.message, entry.method, entry.uri,
        entry.request_headers, entry.response_headers,
      };

      for (guint i = 0; i < G_N_ELEMENTS (small); i++)
        if (small[i].size <= SEARCH_PIECE
            && sioscope_text_search (small[i].data, small[i].size, self->needle, self->needle_size))
          return SEARCH_YES;
    }

  /* Whatever of the rest is being searched: next_offset counts through all three, one after the other. */
  {
    const SioSpan spans[] = { entry.raw, entry.request_body, entry.response_body };

    for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
      {
        if (self->next_offset < offset + spans[i].size)
          {
            SearchResult result;

            large = spans[i];
            self->next_offset -= offset;
            result = search_span (self, large);
            self->next_offset += offset;
            if (result != SEARCH_NO)
              return result;
            self->next_offset = offset + spans[i].size;
          }
        offset += spans[i].size;
      }
  }
  return SEARCH_NO;
}

static SearchResult
is_shown (SioscopeLogModel *self,
          guint64           row)
{
  SioscopeIndexWord word = sioscope_recording_get_word (self->recording, row);
  SioSpan raw;

  if ((class_of_word (word) & self->show) == 0)
    return SEARCH_NO;
  if (has_direction (word)
      && !(SIOSCOPE_INDEX_DIRECTION (word) == SIO_DIRECTION_IN ? self->in : self->out))
    return SEARCH_NO;
  if (self->needle == NULL)
    return SEARCH_YES;
  if (SIOSCOPE_INDEX_KIND (word) == SIOSCOPE_KIND_PACKET)
    {
      if (!sioscope_recording_read_raw (self->recording, row, &raw))
        return SEARCH_NO;
      return search_span (self, raw);
    }
  return search_entry (self, row);
}

/* Takes discarded rows out. Returns how many items that were, and where. */
static guint
drop_discarded (SioscopeLogModel *self,
                guint64           hole_start,
                guint64           hole_end,
                guint            *position)
{
  guint end;

  *position = sioscope_log_model_get_position (self, hole_start);
  end = sioscope_log_model_get_position (self, hole_end);
  if (end == *position)
    return 0;

  if (*position == 0 && end <= self->n_identity)
    {
      self->first_row += end;
      self->n_identity -= end;
      return end;
    }

  /* The hole begins behind rows that stay: what is behind it is listed from now on. At most once
   * many rows, they fit into the cap of the memory. */
  if (*position < self->n_identity)
    {
      guint first = MIN (end, self->n_identity);
      guint listed = (guint) (self->rows_end - self->rows_begin);
      guint moved = self->n_identity - first;
      gsize size = (gsize) moved + listed;
      guint32 *rows = g_new (guint32, MAX (size, 1024));

      for (guint i = 0; i < moved; i++)
        rows[i] = (guint32) (self->first_row + first + i);
      if (listed != 0)
        memcpy (rows + moved, self->rows + self->rows_begin, listed * sizeof *rows);
      g_free (self->rows);
      self->rows = rows;
      self->rows_size = MAX (size, 1024);
      self->rows_begin = 0;
      self->rows_end = size;
      self->n_identity = *position;
      if (end > first)
        self->rows_begin += end - first;
      return end - *position;
    }

  {
    gsize from = self->rows_begin + (*position - self->n_identity);
    gsize to = self->rows_begin + (end - self->n_identity);

    if (from == self->rows_begin)
      self->rows_begin = to;
    else
      {
        memmove (self->rows + from, self->rows + to, (self->rows_end - to) * sizeof *self->rows);
        self->rows_end -= to - from;
      }
  }
  return end - *position;
}

/* Looks at new rows until the budget is used up. TRUE if some are left. */
static gboolean
take_rows (SioscopeLogModel *self)
{
  guint64 n_rows = MIN (sioscope_recording_get_n_rows (self->recording), ROWS_MAX);
  gint64 deadline = g_get_monotonic_time () + BUDGET_US;

  self->next_row = MAX (self->next_row, sioscope_recording_skip_discarded (self->recording, self->next_row));
  for (guint i = 1; self->next_row < n_rows; i++)
    {
      gsize offset = self->next_offset;
      SearchResult result = is_shown (self, self->next_row);

      if (result != SEARCH_LATER)
        {
          if (result == SEARCH_YES)
            show_row (self, self->next_row);
          self->next_row++;
          self->next_offset = 0;
        }
      if ((offset != 0 || result == SEARCH_LATER || i % BATCH_ROWS == 0)
          && g_get_monotonic_time () >= deadline)
        return self->next_row < n_rows;
    }
  return FALSE;
}

/**
 * sioscope_log_model_new:
 * @recording: what to show
 *
 * Returns: (transfer full): a model that shows %SIOSCOPE_SHOW_DEFAULT in both directions; empty until the first
 *   sioscope_log_model_advance()
 */
SioscopeLogModel *
sioscope_log_model_new (SioscopeRecording *recording)
{
  SioscopeLogModel *self;

  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);

  self = g_object_new (SIOSCOPE_TYPE_LOG_MODEL, NULL);
  self->recording = g_object_ref (recording);
  self->hole_end = sioscope_recording_get_first_row (recording);
  return self;
}

/**
 * sioscope_log_model_set_filter:
 * @self: a model
 * @show: what kinds of rows to show
 * @in: whether to show what came from the server
 * @out: whether to show what went to the server
 * @text: (nullable): what must be in the row's bytes, ASCII letters in either case; %NULL or "" for no matter what
 *
 * The items stay those of the old filter until the next sioscope_log_model_advance().
 */
void
sioscope_log_model_set_filter (SioscopeLogModel *self,
                               SioscopeShow      show,
                               gboolean          in,
                               gboolean          out,
                               const char       *text)
{
  g_autofree char *needle = text != NULL && *text != '\0' ? g_ascii_strdown (text, -1) : NULL;

  in = in != FALSE;
  out = out != FALSE;
  if (self->show == show && self->in == in && self->out == out && g_strcmp0 (self->needle, needle) == 0)
    return;

  self->show = show;
  self->in = in;
  self->out = out;
  g_free (self->needle);
  self->needle = g_steal_pointer (&needle);
  self->needle_size = self->needle != NULL ? strlen (self->needle) : 0;
  self->restart = TRUE;
}

/**
 * sioscope_log_model_advance:
 * @self: a model
 *
 * Takes in what was published since, for some milliseconds at most. Emits
 * #GListModel::items-changed once or not at all.
 *
 * Returns: %TRUE if more is waiting
 */
gboolean
sioscope_log_model_advance (SioscopeLogModel *self)
{
  guint64 hole_start = __atomic_load_n (&self->recording->hole_start, __ATOMIC_ACQUIRE);
  guint64 hole_end = __atomic_load_n (&self->recording->hole_end, __ATOMIC_ACQUIRE);
  guint before = self->n_items;
  gboolean more;

  if (self->restart)
    {
      self->restart = FALSE;
      self->n_identity = 0;
      self->rows_begin = self->rows_end = 0;
      self->next_row = 0;
      self->next_offset = 0;
      self->hole_end = hole_end;
      more = take_rows (self);
      self->n_items = n_shown (self);
      if (before != 0 || self->n_items != 0)
        g_list_model_items_changed (G_LIST_MODEL (self), 0, before, self->n_items);
      return more;
    }

  if (hole_end != self->hole_end)
    {
      guint position, removed;

      self->hole_end = hole_end;
      removed = drop_discarded (self, hole_start, hole_end, &position);
      if (removed != 0)
        {
          /* What came at the end is told the next time: one change cannot say both. */
          self->n_items -= removed;
          g_list_model_items_changed (G_LIST_MODEL (self), position, removed, 0);
          return TRUE;
        }
    }

  more = take_rows (self);
  self->n_items = n_shown (self);
  if (self->n_items != before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->n_items - before);
  return more;
}

/**
 * sioscope_log_model_get_behind:
 * @self: a model
 *
 * Returns: whether sioscope_log_model_advance() has something to look at
 */
gboolean
sioscope_log_model_get_behind (SioscopeLogModel *self)
{
  return self->next_row < sioscope_recording_get_n_rows (self->recording);
}

/**
 * sioscope_log_model_get_row:
 * @self: a model
 * @position: a position below the number of items
 *
 * Returns: the row that is shown there, or %SIOSCOPE_NO_ROW
 */
guint64
sioscope_log_model_get_row (SioscopeLogModel *self,
                            guint             position)
{
  if (position < self->n_identity)
    return self->first_row + position;
  if (position - self->n_identity < self->rows_end - self->rows_begin)
    return self->rows[self->rows_begin + (position - self->n_identity)];
  return SIOSCOPE_NO_ROW;
}

/**
 * sioscope_log_model_get_position:
 * @self: a model
 * @row: a row, shown or not
 *
 * Returns: the position of the first shown row at or after @row; the number of items if there is none
 */
guint
sioscope_log_model_get_position (SioscopeLogModel *self,
                                 guint64           row)
{
  gsize low = self->rows_begin, high = self->rows_end;

  if (row < self->first_row + self->n_identity)
    return row > self->first_row ? (guint) (row - self->first_row) : 0;
  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (self->rows[middle] < row)
        low = middle + 1;
      else
        high = middle;
    }
  return self->n_identity + (guint) (low - self->rows_begin);
}

/**
 * sioscope_log_item_get_row:
 * @self: an item
 *
 * Returns: the row of the recording that it stands for
 */
guint64
sioscope_log_item_get_row (SioscopeLogItem *self)
{
  return self->row;
}

static void
sioscope_log_item_class_init (SioscopeLogItemClass *klass)
{
}

static void
sioscope_log_item_init (SioscopeLogItem *self)
{
}

static GType
sioscope_log_model_get_item_type (GListModel *model)
{
  return SIOSCOPE_TYPE_LOG_ITEM;
}

static guint
sioscope_log_model_get_n_items (GListModel *model)
{
  return SIOSCOPE_LOG_MODEL (model)->n_items;
}

static gpointer
sioscope_log_model_get_item (GListModel *model,
                             guint       position)
{
  SioscopeLogModel *self = SIOSCOPE_LOG_MODEL (model);
  SioscopeLogItem *item;

  if (position >= self->n_items)
    return NULL;
  item = g_object_new (SIOSCOPE_TYPE_LOG_ITEM, NULL);
  item->row = sioscope_log_model_get_row (self, position);
  return item;
}

static void
sioscope_log_model_finalize (GObject *object)
{
  SioscopeLogModel *self = SIOSCOPE_LOG_MODEL (object);

  g_clear_object (&self->recording);
  g_free (self->rows);
  g_free (self->needle);

  G_OBJECT_CLASS (sioscope_log_model_parent_class)->finalize (object);
}

static void
sioscope_log_model_class_init (SioscopeLogModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sioscope_log_model_finalize;
}

static void
sioscope_log_model_init (SioscopeLogModel *self)
{
  self->show = SIOSCOPE_SHOW_DEFAULT;
  self->in = TRUE;
  self->out = TRUE;
}

static void
sioscope_log_model_list_init (GListModelInterface *iface)
{
  iface->get_item_type = sioscope_log_model_get_item_type;
  iface->get_n_items = sioscope_log_model_get_n_items;
  iface->get_item = sioscope_log_model_get_item;
}
