/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A filter's insides: a tree of terms that never changes, and the scanner, the parser and the matcher that share it. */

#pragma once

#include "sioscope-filter.h"
#include "sioscope-filter-pattern-private.h"
#include "sioscope-json-number.h"
#include "sioscope-json-path.h"

G_BEGIN_DECLS

/* What a line may be; beyond it there is a mistake in words. */
#define SIOSCOPE_FILTER_MAX_LINE  4096u
#define SIOSCOPE_FILTER_MAX_TERMS 256u
#define SIOSCOPE_FILTER_MAX_DEPTH 64u

typedef enum {
  FILTER_AND,
  FILTER_OR,
  FILTER_NOT,
  FILTER_CLASS,    /* kind, type and direction: whatever the low byte of the index word says */
  FILTER_EVENT,
  FILTER_NSP,
  FILTER_ID,
  FILTER_TIME,
  FILTER_SIZE,
  FILTER_STATUS,
  FILTER_SID,
  FILTER_REASON,
  FILTER_REPLAYED,
  FILTER_ACK,
  FILTER_LATENCY,
  FILTER_ARGUMENT,
  FILTER_TEXT,
  FILTER_REGEX,
} FilterOp;

/* The low byte of an index word, as a set. */
typedef struct {
  guint64 bits[4];
} FilterClasses;

/* Both ends are included. */
typedef struct {
  gint64 low;
  gint64 high;
} FilterRange;

typedef enum {
  FILTER_TIME_OPEN,
  FILTER_TIME_START, /* since the recording's start */
  FILTER_TIME_END,   /* since its end: negative */
  FILTER_TIME_CLOCK, /* since midnight of the day on which it started */
  FILTER_TIME_REAL,  /* since 1970 */
} FilterTimeBase;

/* In microseconds. */
typedef struct {
  FilterTimeBase base;
  gint64         us;
} FilterInstant;

typedef struct {
  FilterInstant low;
  FilterInstant high;
} FilterPeriod;

/* What the value at a path must be. */
typedef struct {
  FilterPattern *pattern;  /* NULL: a number between the two ends, decimal text each */
  gboolean       strings;  /* the pattern is for strings only: it was in quotes */
  char          *low;      /* NULL: open */
  char          *high;
  gboolean       above;    /* low itself is not wanted */
  gboolean       below;
} FilterTest;

typedef struct _FilterNode FilterNode;
struct _FilterNode {
  gatomicrefcount ref_count;
  FilterOp        op;
  char           *source;    /* of a term: what was written; two terms with the same are the same */

  GPtrArray      *children;  /* AND, OR, NOT: of FilterNode */
  FilterClasses   classes;   /* CLASS */
  SioscopeShow    named;     /* CLASS, STATUS: the kinds that it asks to see */
  GPtrArray      *patterns;  /* EVENT, NSP, SID, REASON, REGEX: of FilterPattern */
  GArray         *ranges;    /* ID, SIZE, STATUS, LATENCY: of FilterRange */
  GArray         *periods;   /* TIME: of FilterPeriod */
  guint           states;    /* ACK: 1 << SioscopeAckState */
  gboolean        yes;       /* REPLAYED */
  SioscopeJsonPath *path;    /* ARGUMENT */
  GPtrArray      *tests;     /* ARGUMENT: of FilterTest */
  char           *needle;    /* TEXT, folded */
  gsize           needle_size;
};

struct _SioscopeFilter {
  gatomicrefcount ref_count;
  FilterNode     *root;      /* NULL: everything */
  gboolean        needs_acks;
  SioscopeShow    named;
};

FilterNode     *filter_node_new           (FilterOp            op,
                                           const char         *source,
                                           gsize               size);
FilterNode     *filter_node_ref           (FilterNode         *self);
void            filter_node_unref         (FilterNode         *self);
/* Takes both. */
FilterNode     *filter_node_new_pair      (FilterOp            op,
                                           FilterNode         *a,
                                           FilterNode         *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FilterNode, filter_node_unref)

static inline gboolean
filter_classes_has (const FilterClasses *self, guint low)
{
  return (self->bits[(low & 0xff) >> 6] >> (low & 63)) & 1;
}

static inline void
filter_classes_add (FilterClasses *self, guint low)
{
  self->bits[(low & 0xff) >> 6] |= G_GUINT64_CONSTANT (1) << (low & 63);
}

/* sioscope-filter-class.c */
extern const char * const filter_kind_names[];
gboolean        filter_classes_add_kind   (FilterClasses      *self,
                                           const char         *kind,
                                           gsize               size,
                                           SioscopeShow       *named);
void            filter_classes_add_direction (FilterClasses   *self,
                                           SioDirection        direction);
void            filter_classes_add_show   (FilterClasses      *self,
                                           SioscopeShow        show,
                                           gboolean            in,
                                           gboolean            out);

/* sioscope-filter-scan.c */
typedef enum {
  FILTER_LEX_END,
  FILTER_LEX_OPEN,
  FILTER_LEX_CLOSE,
  FILTER_LEX_AND,
  FILTER_LEX_OR,
  FILTER_LEX_NOT,
  FILTER_LEX_KEY,    /* up to its colon and with it; its values follow */
  FILTER_LEX_WORD,
  FILTER_LEX_QUOTED,
  FILTER_LEX_REGEX,
} FilterLex;

typedef struct {
  FilterLex     lex;
  SioscopePlace place;
  SioscopePlace inner;  /* QUOTED, REGEX: between the signs; KEY: without its colon */
  gboolean      closed; /* QUOTED, REGEX */
} FilterLexeme;

typedef enum {
  FILTER_KEY_NONE, /* no key of ours */
  FILTER_KEY_EVENT,
  FILTER_KEY_NS,
  FILTER_KEY_DIR,
  FILTER_KEY_KIND,
  FILTER_KEY_ID,
  FILTER_KEY_ACK,
  FILTER_KEY_SIZE,
  FILTER_KEY_LATENCY,
  FILTER_KEY_TIME,
  FILTER_KEY_ARG,
  FILTER_KEY_SID,
  FILTER_KEY_REASON,
  FILTER_KEY_STATUS,
  FILTER_KEY_REPLAYED,
} FilterKey;

/* By number, from 1; NULL-terminated. */
extern const char * const filter_key_names[];
FilterKey       filter_key_get            (const char         *name,
                                           gsize               size);
gboolean        filter_key_takes_regex    (FilterKey           key);
gsize           filter_find_comparison    (const char         *word,
                                           gsize               size);
/* What stands at pos, blanks skipped. Never behind end. */
FilterLexeme    filter_scan               (const char         *line,
                                           gsize               size,
                                           gsize               pos);
/* One value of a key, right at pos: WORD (maybe empty), QUOTED or REGEX. */
FilterLexeme    filter_scan_value         (const char         *line,
                                           gsize               size,
                                           gsize               pos,
                                           gboolean            regex);

/* sioscope-filter-parse.c */
FilterNode     *filter_parse              (const char         *line,
                                           gsize               size,
                                           SioscopePlace      *mistake,
                                           GError            **error);

/* sioscope-filter-values.c. What a term's values say. FALSE: that is not a number, a size … */
gboolean        filter_read_number        (const char         *word,
                                           gsize               size,
                                           GArray             *ranges);
gboolean        filter_read_size          (const char         *word,
                                           gsize               size,
                                           GArray             *ranges);
gboolean        filter_read_duration      (const char         *word,
                                           gsize               size,
                                           GArray             *ranges);
gboolean        filter_read_period        (const char         *word,
                                           gsize               size,
                                           GArray             *periods);
/* A comparison of a decimal number; NULL if the word is none (and then it is a text, or a mistake). */
FilterTest     *filter_read_decimal       (const char         *word,
                                           gsize               size);
void            filter_test_free          (FilterTest         *self);
/* What the periods are of one recording: of FilterRange, in its time_us. */
GArray         *filter_resolve_periods    (GArray             *periods,
                                           SioscopeRecording  *recording);

G_END_DECLS
