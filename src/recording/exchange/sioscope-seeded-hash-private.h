/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Hashes for tables of what others chose: GLib's are the same everywhere, and whoever knows them makes 65,536 values that all meet
 * in one place. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* key: a GBytes. */
guint sioscope_seeded_hash_bytes (gconstpointer key);
/* key: a text that ends with a NUL. */
guint sioscope_seeded_hash_text  (gconstpointer key);

G_END_DECLS
