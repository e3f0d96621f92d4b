/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fast pass over large JSON: 64 bytes at a time, a bit for each of them. It only ever says "one value, good, it ends
 * here" or "ask the scanner": what is wrong with a text, and where, has one place that says it, sio_json_scan_value().
 *
 * Why not simdjson: it is C++, and notes where each token is, which nobody wants to know here. yyjson builds a tree, which
 * takes longer than this by an order. We need to know that it is JSON, to the letter, and nothing else of it. */

#pragma once

#include "sio-json.h"

G_BEGIN_DECLS

/* Brackets that are open at once are bits of one word; deeper ones are the scanner's. */
#define SIO_JSON_BLOCKS_MAX_DEPTH 62

/* p is at '{' or '['. The byte behind the value that starts there, or NULL: it may be wrong, or only not for this pass. */
typedef const char *(*SioJsonBlocksScan) (const char *p,
                                          const char *end,
                                          guint       max_depth);

/* All that this machine can run, the best one first; a NULL at the end. Machines that are none of x86-64 have none: it is
 * the scanner that is portable. */
typedef struct {
  const char        *name;
  SioJsonBlocksScan  scan;
} SioJsonBlocks;
const SioJsonBlocks *sio_json_blocks_get   (void);

/* With the best one. */
const char         *sio_json_blocks_scan   (const char *p,
                                            const char *end,
                                            guint       max_depth);

/* One for each set of instructions. */
const char         *sio_json_blocks_scan_sse2 (const char *p,
                                            const char *end,
                                            guint       max_depth);
const char         *sio_json_blocks_scan_avx2 (const char *p,
                                            const char *end,
                                            guint       max_depth);

/* What the slow sides of the pass need, out of line. p is behind a backslash: is it a valid escape? */
gboolean            sio_json_blocks_check_escape (const char *p,
                                            const char *end);
/* p is at the first byte of a number: is it a valid one that ends properly? */
gboolean            sio_json_blocks_check_number (const char *p,
                                            const char *end);
/* Where the number that p is in the middle of begins. */
const char         *sio_json_blocks_find_number (const char *start,
                                            const char *p);

G_END_DECLS
