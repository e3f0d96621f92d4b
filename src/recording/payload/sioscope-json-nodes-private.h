/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The values of a payload in the order of its text, each with where it is and what it is worth, for whoever compares two. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

typedef enum {
  SIOSCOPE_JSON_NODE_OBJECT,
  SIOSCOPE_JSON_NODE_ARRAY,
  SIOSCOPE_JSON_NODE_STRING,
  SIOSCOPE_JSON_NODE_NUMBER,
  SIOSCOPE_JSON_NODE_BOOL,
  SIOSCOPE_JSON_NODE_NULL,
  SIOSCOPE_JSON_NODE_BINARY, /* a placeholder whose attachment is there */
} SioscopeJsonNodeType;

typedef struct {
  guint64 hash;     /* equal values have equal ones; the other way round is very likely only */
  guint64 key_hash; /* of a member */
  gsize   start;
  gsize   size;
  gsize   key_start;
  guint32 key_size; /* 0: no member */
  guint32 next;     /* the node behind this one and all that is in it */
  guint32 n;        /* how many elements or members; BINARY: which attachment */
  guint8  type;     /* SioscopeJsonNodeType */
  guint8  whole;    /* not looked into: too deep, or too much */
} SioscopeJsonNode;

typedef struct {
  const char *text;
  GPtrArray  *attachments; /* of GBytes; may be NULL */
  GArray     *nodes;       /* of SioscopeJsonNode: number 0 is an array of the list's values */
  gboolean    coarse;
} SioscopeJsonNodes;

/* list: "v,v,v". which names it in errors. */
gboolean sioscope_json_nodes_read       (SioscopeJsonNodes  *self,
                                         SioSpan             list,
                                         GPtrArray          *attachments,
                                         guint               max_nodes,
                                         guint               max_depth,
                                         const char         *which,
                                         GError            **error);
void     sioscope_json_nodes_clear      (SioscopeJsonNodes  *self);

/* Two valid string tokens, unescaped. */
gboolean sioscope_json_strings_equal    (SioSpan             a,
                                         SioSpan             b);
guint64  sioscope_json_hash_start       (guint64             kind);
guint64  sioscope_json_hash_string      (SioSpan             token);
/* Of numbers that compare as equal: the same. sioscope-json-number.c */
guint64  sioscope_json_hash_number      (SioSpan             token);

/* Servers choose the texts. With a number in it that they do not know, they cannot choose what looks alike. */
static inline guint64
sioscope_json_hash_mix (guint64 h,
                        guint64 value)
{
  h = (h ^ value) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return h ^ (h >> 29);
}

#define SIOSCOPE_JSON_NO_NODE G_MAXUINT32

/* Of two objects: which member belongs to which, the first of equal keys to the first. */
typedef struct {
  guint    n[2];
  guint32 *partner[2];    /* by place: the node of the other object, or SIOSCOPE_JSON_NO_NODE */
  guint32 *occurrence[2]; /* by place: which of its equals it is, from 0 */
} SioscopeJsonMatches;

/* nodes: of both sides; a and b: an object of each. */
void     sioscope_json_matches_init     (SioscopeJsonMatches     *self,
                                         const SioscopeJsonNodes *nodes,
                                         guint                    a,
                                         guint                    b);
void     sioscope_json_matches_clear    (SioscopeJsonMatches     *self);
/* Of elements of two arrays, n nodes of the first side and m of the second: a longest common subsequence. For each of a the place of its
 * partner in b, or SIOSCOPE_JSON_NO_NODE; the caller frees it. NULL if more pairs would have to be looked at than *budget, of which is taken
 * what was looked at. */
guint32 *sioscope_json_match_elements   (const SioscopeJsonNodes *nodes,
                                         const guint32           *a,
                                         guint                    n,
                                         const guint32           *b,
                                         guint                    m,
                                         gsize                   *budget);

static inline const SioscopeJsonNode *
sioscope_json_nodes_get (const SioscopeJsonNodes *self,
                         guint                    i)
{
  return &g_array_index (self->nodes, SioscopeJsonNode, i);
}

static inline SioSpan
sioscope_json_nodes_span (const SioscopeJsonNodes *self,
                          guint                    i)
{
  const SioscopeJsonNode *node = sioscope_json_nodes_get (self, i);

  return (SioSpan) { self->text + node->start, node->size };
}

static inline SioSpan
sioscope_json_nodes_key (const SioscopeJsonNodes *self,
                         guint                    i)
{
  const SioscopeJsonNode *node = sioscope_json_nodes_get (self, i);

  return (SioSpan) { self->text + node->key_start, node->key_size };
}

G_END_DECLS
