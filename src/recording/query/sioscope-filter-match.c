/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A filter at work. The tree is copied into steps, sorted by what they cost: what the index word answers comes first, and most
 * rows are decided without a look at the file. A term answers the same whenever it is asked, so the order changes nothing. */

#include "sioscope-filter-private.h"
#include "sioscope-recording-index.h"
#include "sioscope-text-search-private.h"

#define SEARCH_PIECE ((gsize) 1 << 20)

typedef struct _Step Step;
struct _Step {
  const FilterNode *node;
  FilterOp          op;
  guint             cost;
  guint             n_children;
  Step             *children;
  FilterClasses     classes;  /* CLASS */
  guint             n_names;  /* EVENT, NSP: names below have their answer in the bits */
  GArray           *names;    /* of guint64 */
  GArray           *ranges;   /* TIME: of FilterRange, in time_us */
};

struct _SioscopeMatcher {
  SioscopeFilter     *filter;
  SioscopeRecording  *recording;
  SioscopeProjection *acks;
  const gint         *stop;
  Step               *root; /* NULL: everything */

  /* The row that is asked about, as far as anybody wanted to know. */
  guint64             row;
  SioscopeIndexWord   word;
  gboolean            has_entry;
  gboolean            entry_there;
  SioscopeEntry       entry;
  gboolean            stopped;
  GByteArray         *held; /* of what was only in memory; NULL until then */
};

static const guint costs[] = {
  [FILTER_CLASS] = 0,
  [FILTER_EVENT] = 1,
  [FILTER_NSP] = 1,
  [FILTER_ID] = 3,
  [FILTER_STATUS] = 3,
  [FILTER_TIME] = 4,
  [FILTER_SIZE] = 4,
  [FILTER_SID] = 5,
  [FILTER_REASON] = 5,
  [FILTER_ACK] = 6,
  [FILTER_LATENCY] = 6,
  [FILTER_REPLAYED] = 6,
  [FILTER_TEXT] = 10,
  [FILTER_ARGUMENT] = 12,
  [FILTER_REGEX] = 20,
};

static int
compare_cost (const void *a,
              const void *b)
{
  return (int) ((const Step *) a)->cost - (int) ((const Step *) b)->cost;
}

static void
step_clear (Step *self)
{
  for (guint i = 0; i < self->n_children; i++)
    step_clear (&self->children[i]);
  g_free (self->children);
  g_clear_pointer (&self->names, g_array_unref);
  g_clear_pointer (&self->ranges, g_array_unref);
}

/* Sets of classes that are and'ed or or'ed are one set. */
static void
merge_classes (Step *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_children; i++)
    {
      Step *child = &self->children[i];

      if (child->op == FILTER_CLASS && n > 0 && self->children[0].op == FILTER_CLASS)
        for (guint j = 0; j < G_N_ELEMENTS (child->classes.bits); j++)
          {
            if (self->op == FILTER_AND)
              self->children[0].classes.bits[j] &= child->classes.bits[j];
            else
              self->children[0].classes.bits[j] |= child->classes.bits[j];
          }
      else
        self->children[n++] = *child;
    }
  self->n_children = n;
}

static void
step_init (Step              *self,
           const FilterNode  *node,
           SioscopeRecording *recording)
{
  *self = (Step) { node, node->op };
  if (node->children == NULL)
    {
      self->cost = costs[node->op];
      self->classes = node->classes;
      if (node->op == FILTER_EVENT || node->op == FILTER_NSP)
        self->names = g_array_new (FALSE, TRUE, sizeof (guint64));
      if (node->op == FILTER_TIME)
        self->ranges = filter_resolve_periods (node->periods, recording);
      return;
    }

  self->n_children = node->children->len;
  self->children = g_new (Step, self->n_children);
  for (guint i = 0; i < self->n_children; i++)
    {
      step_init (&self->children[i], g_ptr_array_index (node->children, i), recording);
      self->cost = MAX (self->cost, self->children[i].cost);
    }
  if (self->op == FILTER_NOT && self->children[0].op == FILTER_CLASS)
    {
      self->classes = self->children[0].classes;
      for (guint i = 0; i < G_N_ELEMENTS (self->classes.bits); i++)
        self->classes.bits[i] = ~self->classes.bits[i];
      step_clear (&self->children[0]);
      g_clear_pointer (&self->children, g_free);
      self->n_children = 0;
      self->op = FILTER_CLASS;
      return;
    }
  if (self->op != FILTER_NOT)
    {
      qsort (self->children, self->n_children, sizeof (Step), compare_cost);
      merge_classes (self);
    }
}

/**
 * sioscope_matcher_new:
 * @filter: a filter
 * @recording: what its rows are of
 * @acks: (nullable): what became of acks, of the same recording, brought up to date by the caller; may be %NULL unless
 *   sioscope_filter_needs_acks()
 *
 * Times that are relative to the end count from the end as it is now.
 *
 * Returns: (transfer full): a matcher
 */
SioscopeMatcher *
sioscope_matcher_new (SioscopeFilter     *filter,
                      SioscopeRecording  *recording,
                      SioscopeProjection *acks)
{
  SioscopeMatcher *self;

  g_return_val_if_fail (filter != NULL, NULL);
  g_return_val_if_fail (SIOSCOPE_IS_RECORDING (recording), NULL);
  g_return_val_if_fail (acks != NULL || !filter->needs_acks, NULL);

  self = g_new0 (SioscopeMatcher, 1);
  self->filter = sioscope_filter_ref (filter);
  self->recording = g_object_ref (recording);
  g_set_object (&self->acks, acks);
  if (filter->root != NULL)
    {
      self->root = g_new (Step, 1);
      step_init (self->root, filter->root, recording);
    }
  return self;
}

void
sioscope_matcher_free (SioscopeMatcher *self)
{
  g_return_if_fail (self != NULL);

  if (self->root != NULL)
    step_clear (self->root);
  g_free (self->root);
  g_clear_pointer (&self->held, g_byte_array_unref);
  g_clear_object (&self->acks);
  g_object_unref (self->recording);
  sioscope_filter_unref (self->filter);
  g_free (self);
}

/**
 * sioscope_matcher_set_stop:
 * @self: a matcher
 * @stop: (nullable): becomes not 0, atomically and in any thread, when nobody waits for the answer any more; must outlive @self
 *
 * What sioscope_matcher_wants() says of the row at which it was stopped means nothing.
 */
void
sioscope_matcher_set_stop (SioscopeMatcher *self,
                           const gint      *stop)
{
  g_return_if_fail (self != NULL);

  self->stop = stop;
}

static gboolean
is_stopped (SioscopeMatcher *self)
{
  if (self->stop != NULL && g_atomic_int_get (self->stop) != 0)
    self->stopped = TRUE;
  return self->stopped;
}

static const SioscopeEntry *
get_entry (SioscopeMatcher *self)
{
  if (!self->has_entry)
    {
      self->has_entry = TRUE;
      self->entry_there = sioscope_recording_read (self->recording, self->row, &self->entry);
    }
  return self->entry_there ? &self->entry : NULL;
}

/* What the file says stays. What is only in memory may be given to a newer row while we read, and who reads it twice would
 * believe two different things. */
static SioSpan
hold (SioscopeMatcher *self,
      SioSpan          span)
{
  if (span.size == 0 || sioscope_recording_get_stays (self->recording, self->word))
    return span;
  if (self->held == NULL)
    self->held = g_byte_array_new ();
  g_byte_array_set_size (self->held, 0);
  g_byte_array_append (self->held, (const guint8 *) span.data, (guint) span.size);
  return (SioSpan) { (const char *) self->held->data, span.size };
}

/* The text in one span, in pieces, so that a payload of a gigabyte can be given up. */
static gboolean
search_span (SioscopeMatcher  *self,
             const FilterNode *node,
             SioSpan           span)
{
  for (gsize start = 0; start < span.size; start += SEARCH_PIECE)
    {
      gsize piece = MIN (span.size - start, SEARCH_PIECE + node->needle_size - 1);

      if (sioscope_text_search (span.data + start, piece, node->needle, node->needle_size))
        return TRUE;
      if (piece == span.size - start || is_stopped (self))
        return FALSE;
    }
  return FALSE;
}

static gboolean
is_in_span (SioscopeMatcher  *self,
            const FilterNode *node,
            SioSpan           span)
{
  if (node->op == FILTER_TEXT)
    return search_span (self, node, span);
  return span.size != 0 && !is_stopped (self)
         && filter_pattern_matches (g_ptr_array_index (node->patterns, 0), hold (self, span), self->stop);
}

/* A packet is its bytes on the wire; of other rows everything that is text or body. */
static gboolean
is_in_row (SioscopeMatcher  *self,
           const FilterNode *node)
{
  const SioscopeEntry *entry;
  SioSpan raw;

  if (SIOSCOPE_INDEX_KIND (self->word) == SIOSCOPE_KIND_PACKET)
    return sioscope_recording_read_raw (self->recording, self->row, &raw) && is_in_span (self, node, raw);

  entry = get_entry (self);
  if (entry == NULL)
    return FALSE;
  {
    const SioSpan spans[] = {
      entry->nsp, entry->event, entry->args, entry->reason, entry->message, entry->method, entry->uri, entry->request_headers,
      entry->response_headers, entry->raw, entry->request_body, entry->response_body,
    };

    for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
      if (is_in_span (self, node, spans[i]))
        return TRUE;
  }
  return FALSE;
}

static gboolean
matches_any (SioscopeMatcher *self,
             GPtrArray       *patterns,
             SioSpan          text,
             gboolean         token)
{
  for (guint i = 0; i < patterns->len; i++)
    if (token ? filter_pattern_matches_token (g_ptr_array_index (patterns, i), text, self->stop)
              : filter_pattern_matches (g_ptr_array_index (patterns, i), text, self->stop))
      return TRUE;
  return FALSE;
}

static gboolean
matches_name (SioscopeMatcher  *self,
              const FilterNode *node,
              SioSpan           nsp,
              SioSpan           event)
{
  if (node->op == FILTER_NSP)
    return matches_any (self, node->patterns, nsp, FALSE);
  return event.size != 0 && matches_any (self, node->patterns, event, TRUE);
}

/* Every name is asked once. */
static gboolean
has_name (SioscopeMatcher *self,
          Step            *step)
{
  guint number = SIOSCOPE_INDEX_NAME (self->word);

  if (number == SIOSCOPE_NAME_NONE)
    return FALSE;
  if (number == SIOSCOPE_NAME_UNNUMBERED)
    {
      const SioscopeEntry *entry = get_entry (self);

      if (entry == NULL || entry->nsp.size == 0)
        return FALSE;
      return step->op == FILTER_NSP ? matches_name (self, step->node, hold (self, entry->nsp), entry->event)
             : matches_name (self, step->node, entry->nsp, hold (self, entry->event));
    }
  while (step->n_names <= number)
    {
      SioscopeName name;
      guint i = step->n_names;

      g_array_set_size (step->names, i / 64 + 1);
      if (i != 0 && sioscope_recording_get_name (self->recording, i, &name)
          && matches_name (self, step->node, name.nsp, name.event))
        g_array_index (step->names, guint64, i / 64) |= G_GUINT64_CONSTANT (1) << (i % 64);
      /* Given up in the middle of a name, it has no answer yet. */
      if (is_stopped (self))
        return FALSE;
      step->n_names++;
    }
  return (g_array_index (step->names, guint64, number / 64) >> (number % 64)) & 1;
}

static gboolean
is_in_ranges (GArray *ranges,
              gint64  value)
{
  for (guint i = 0; i < ranges->len; i++)
    {
      const FilterRange *range = &g_array_index (ranges, FilterRange, i);

      if (value >= range->low && value <= range->high)
        return TRUE;
    }
  return FALSE;
}

static gint64
get_id (SioscopeMatcher *self)
{
  SioscopeKind kind = SIOSCOPE_INDEX_KIND (self->word);
  const SioscopeEntry *entry;

  if (kind != SIOSCOPE_KIND_EMIT && (kind != SIOSCOPE_KIND_PACKET || !(self->word & SIOSCOPE_INDEX_HAS_ID)))
    return -1;
  entry = get_entry (self);
  return entry != NULL ? entry->id : -1;
}

/* What the log shows as the row's size; -1 if it shows none. */
static gint64
get_size (const SioscopeEntry *entry)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
      return (gint64) (entry->wire.size != 0 ? entry->wire.size : entry->raw.size);
    case SIOSCOPE_KIND_ATTACHMENT:
    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
      return (gint64) entry->raw.size;
    case SIOSCOPE_KIND_HTTP:
      return (gint64) (entry->request_body.size + entry->response_body.size);
    case SIOSCOPE_KIND_STATE:
    case SIOSCOPE_KIND_SOCKET:
    case SIOSCOPE_KIND_EMIT:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
    default:
      return -1;
    }
}

static gboolean
is_socket_id (const SioscopeEntry *entry)
{
  return entry->kind == SIOSCOPE_KIND_SOCKET && entry->socket_change == SIO_TAP_SOCKET_CONNECTED;
}

typedef struct {
  SioscopeMatcher  *matcher;
  const FilterNode *node;
} ArgumentSearch;

static gboolean
passes_test (SioscopeMatcher  *self,
             const FilterTest *test,
             SioSpan           value)
{
  if ((test->low != NULL || test->high != NULL) && sioscope_json_is_number (value))
    {
      gint low = test->low != NULL
                 ? sioscope_json_compare_numbers (value, (SioSpan) { test->low, strlen (test->low) }) : 1;
      gint high = test->high != NULL
                  ? sioscope_json_compare_numbers (value, (SioSpan) { test->high, strlen (test->high) }) : -1;

      return (test->above ? low > 0 : low >= 0) && (test->below ? high < 0 : high <= 0);
    }
  if (test->pattern == NULL || (test->strings && value.data[0] != '"'))
    return FALSE;
  if (filter_pattern_is_any (test->pattern))
    return TRUE;
  return value.data[0] != '{' && value.data[0] != '['
         && filter_pattern_matches_token (test->pattern, value, self->stop);
}

static gboolean
is_argument (SioSpan  value,
             gpointer data)
{
  ArgumentSearch *search = data;

  for (guint i = 0; i < search->node->tests->len; i++)
    if (passes_test (search->matcher, g_ptr_array_index (search->node->tests, i), value))
      return TRUE;
  return FALSE;
}

/* Terms for which the entry must be read. */
static gboolean
wants_entry (SioscopeMatcher *self,
             Step            *step)
{
  const FilterNode *node = step->node;
  const SioscopeEntry *entry = get_entry (self);

  if (entry == NULL)
    return FALSE;
  switch ((guint) node->op)
    {
    case FILTER_TIME:
      return is_in_ranges (step->ranges, entry->time_us);
    case FILTER_SIZE:
      {
        gint64 size = get_size (entry);

        return size >= 0 && is_in_ranges (node->ranges, size);
      }
    case FILTER_STATUS:
      return is_in_ranges (node->ranges, (gint64) entry->status);
    case FILTER_SID:
      if (is_socket_id (entry))
        return matches_any (self, node->patterns, hold (self, entry->reason), FALSE);
      return entry->sid.size != 0 && matches_any (self, node->patterns, hold (self, entry->sid), FALSE);
    case FILTER_REASON:
      return entry->reason.size != 0 && !is_socket_id (entry)
             && matches_any (self, node->patterns, hold (self, entry->reason), FALSE);
    case FILTER_ARGUMENT:
      {
        ArgumentSearch search = { self, node };

        return entry->args.size != 0
               && sioscope_json_path_find (node->path, hold (self, entry->args), self->stop, is_argument, &search);
      }
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
wants_ack (SioscopeMatcher  *self,
           const FilterNode *node)
{
  SioscopeAck ack;

  if (SIOSCOPE_INDEX_KIND (self->word) != SIOSCOPE_KIND_PACKET)
    return FALSE;
  if (node->op == FILTER_REPLAYED)
    return sioscope_projection_get_replayed (self->acks, self->row) == node->yes;
  ack = sioscope_projection_get_ack (self->acks, self->row);
  if (node->op == FILTER_LATENCY)
    return ack.latency_us >= 0 && is_in_ranges (node->ranges, ack.latency_us);
  return (node->states >> ack.state) & 1;
}

static gboolean
wants (SioscopeMatcher *self,
       Step            *step)
{
  switch (step->op)
    {
    case FILTER_AND:
      for (guint i = 0; i < step->n_children; i++)
        if (!wants (self, &step->children[i]))
          return FALSE;
      return TRUE;
    case FILTER_OR:
      for (guint i = 0; i < step->n_children; i++)
        if (wants (self, &step->children[i]))
          return TRUE;
      return FALSE;
    case FILTER_NOT:
      return !wants (self, &step->children[0]);
    case FILTER_CLASS:
      return filter_classes_has (&step->classes, (guint) (self->word & 0xff));
    case FILTER_EVENT:
    case FILTER_NSP:
      return has_name (self, step);
    case FILTER_ID:
      {
        gint64 id = get_id (self);

        return id >= 0 && is_in_ranges (step->node->ranges, id);
      }
    case FILTER_STATUS:
      return SIOSCOPE_INDEX_KIND (self->word) == SIOSCOPE_KIND_HTTP && wants_entry (self, step);
    case FILTER_TIME:
    case FILTER_SIZE:
    case FILTER_SID:
    case FILTER_REASON:
    case FILTER_ARGUMENT:
      return wants_entry (self, step);
    case FILTER_ACK:
    case FILTER_LATENCY:
    case FILTER_REPLAYED:
      return wants_ack (self, step->node);
    case FILTER_TEXT:
    case FILTER_REGEX:
    default:
      return is_in_row (self, step->node);
    }
}

/**
 * sioscope_matcher_wants:
 * @self: a matcher
 * @row: a row
 *
 * Returns: whether the filter wants @row; %FALSE for a row that was discarded or is not there, and if it was stopped
 */
gboolean
sioscope_matcher_wants (SioscopeMatcher *self,
                        guint64          row)
{
  gboolean wanted;

  self->word = sioscope_recording_get_word (self->recording, row);
  if (self->word == 0)
    return FALSE;
  if (self->root == NULL)
    return TRUE;
  self->row = row;
  self->has_entry = FALSE;
  self->stopped = FALSE;
  wanted = wants (self, self->root);
  return wanted && !is_stopped (self);
}
