/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeJsonPath: values inside of arguments, found in their text: nothing is parsed into a tree, rounded or re-serialised,
 * and any text, however deep or damaged, takes one pass for each step of the path. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

#define SIOSCOPE_JSON_PATH_MAX_STEPS 32u

/**
 * SioscopeJsonPath:
 *
 * Where in a list of arguments to look. Never changes; any thread.
 */
typedef struct _SioscopeJsonPath SioscopeJsonPath;

/* value is the token, or an object or array as far as it goes. TRUE: it was the one, look no further. */
typedef gboolean (*SioscopeJsonPathFunc) (SioSpan  value,
                                          gpointer data);

/* text: "[0].user.id", ".user.id" (of any argument), "[0][\"odd key\"]", "[*]" (any member or element), "" (any argument).
 * NULL, the byte of the mistake, and what was expected there in English (static) if it is wrong. */
SioscopeJsonPath *sioscope_json_path_new  (const char           *text,
                                           gsize                 size,
                                           gsize                *offset,
                                           const char          **expected);
void              sioscope_json_path_free (SioscopeJsonPath     *self);
gboolean          sioscope_json_path_find (SioscopeJsonPath     *self,
                                           SioSpan               args,
                                           const gint           *stop,
                                           SioscopeJsonPathFunc  func,
                                           gpointer              data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeJsonPath, sioscope_json_path_free)

G_END_DECLS
