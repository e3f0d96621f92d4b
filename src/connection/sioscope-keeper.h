/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeKeeper: the folder of recordings that nobody has saved yet: what is in it, and how much of it is kept. */

#pragma once

#include "sioscope-recording.h"

G_BEGIN_DECLS

/**
 * SioscopeKeptProblem:
 * @SIOSCOPE_KEPT_READABLE: none is seen; its rows were not looked at
 * @SIOSCOPE_KEPT_EMPTY: there is not a byte in it
 * @SIOSCOPE_KEPT_NOT_A_RECORDING: it is something else
 * @SIOSCOPE_KEPT_NEWER_VERSION: a later version of the format
 * @SIOSCOPE_KEPT_DAMAGED: its header is
 * @SIOSCOPE_KEPT_REFUSED: the system does not let us read it; `message` says why
 *
 * Whether a recording could be opened.
 */
typedef enum {
  SIOSCOPE_KEPT_READABLE,
  SIOSCOPE_KEPT_EMPTY,
  SIOSCOPE_KEPT_NOT_A_RECORDING,
  SIOSCOPE_KEPT_NEWER_VERSION,
  SIOSCOPE_KEPT_DAMAGED,
  SIOSCOPE_KEPT_REFUSED,
} SioscopeKeptProblem;

/**
 * SioscopeKept:
 *
 * One recording in the folder, as it was when it was looked at. Never changes.
 */
#define SIOSCOPE_TYPE_KEPT (sioscope_kept_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeKept, sioscope_kept, SIOSCOPE, KEPT, GObject)

struct _SioscopeKept {
  GObject             parent_instance;

  char               *path;
  char               *title;      /* what it is of, as the file says; valid UTF-8, may be empty, not safe to show */
  gint64              start_us;   /* since 1970, UTC; if the file does not say it, of the last change */
  gint64              changed_us; /* likewise */
  guint64             size;       /* bytes */
  gboolean            being_written;
  SioscopeKeptProblem problem;
  char               *message;    /* NULL, or the system's words */
};

/**
 * SioscopeKeeping:
 * @recordings: (element-type SioscopeKept): the newest first
 * @bytes: of all of them
 * @n_removed: how many went because of the limits
 * @removed_bytes: and how much that was
 * @message: (nullable): why one that should have gone is still there, in the system's words
 *
 * What is in the folder.
 */
typedef struct {
  GPtrArray *recordings;
  guint64    bytes;
  guint      n_removed;
  guint64    removed_bytes;
  char      *message;
} SioscopeKeeping;
void              sioscope_keeping_free         (SioscopeKeeping     *self);

/**
 * SioscopeKeeper:
 *
 * Lives on one thread; the disk is touched on others.
 */
#define SIOSCOPE_TYPE_KEEPER (sioscope_keeper_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeKeeper, sioscope_keeper, SIOSCOPE, KEEPER, GObject)

SioscopeKeeper   *sioscope_keeper_new           (const char          *folder);
const char       *sioscope_keeper_get_folder    (SioscopeKeeper      *self);
/* 0: no limit. Without this call there is none. */
void              sioscope_keeper_set_limits    (SioscopeKeeper      *self,
                                                 guint64              max_bytes,
                                                 guint                max_days);
/* Is being looked at: the limits do not take it away. As often as it is held it must be let go. */
void              sioscope_keeper_hold          (SioscopeKeeper      *self,
                                                 const char          *path);
void              sioscope_keeper_let_go        (SioscopeKeeper      *self,
                                                 const char          *path);
/* tidy: the limits are applied first. */
void              sioscope_keeper_look_async    (SioscopeKeeper      *self,
                                                 gboolean             tidy,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             data);
SioscopeKeeping  *sioscope_keeper_look_finish   (SioscopeKeeper      *self,
                                                 GAsyncResult        *result,
                                                 GError             **error);
/* Those that can be are deleted, also if another one cannot. */
void              sioscope_keeper_delete_async  (SioscopeKeeper      *self,
                                                 const char *const   *paths,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             data);
gboolean          sioscope_keeper_delete_finish (SioscopeKeeper      *self,
                                                 GAsyncResult        *result,
                                                 GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeKeeping, sioscope_keeping_free)

G_END_DECLS
