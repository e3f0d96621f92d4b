/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Damaged input for decoders, for a fixed number of rounds. The luck is GLib's test seed, so that a failure is
 * repeated with --seed. SIO_FUZZ_ROUNDS sets another number of rounds. */

#pragma once

#include "sio.h"

/* Every "hex" and "text_hex" (texts), or every "bin", that is anywhere in these files of tests/vectors, and every
 * "uri". */
GPtrArray *fuzz_load_seeds      (const char * const *files,
                                 gboolean            binary);
void       fuzz_add_seed        (GPtrArray          *seeds,
                                 const void         *data,
                                 gsize               size);

/* What damages: bytes that mean something. */
typedef struct {
  const char *data;
  gsize       size;
} FuzzWord;

typedef struct {
  const char      *path;
  void           (*func) (SioSpan input);
  GPtrArray      **seeds;
  const FuzzWord  *words;
  guint            n_words;
} FuzzRounds;

/* A test's function. A round gets its input in a block of exactly its size: reading behind it is seen by the address
 * sanitizer. */
void       fuzz_run_rounds      (gconstpointer       rounds);
guint      fuzz_luck            (guint               below);

/* What goes into messages is read in terminals and lists: one line, and nothing that turns it around. */
void       fuzz_assert_plain    (const GError       *error);
void       fuzz_assert_inside   (SioSpan             span,
                                 SioSpan             whole);
