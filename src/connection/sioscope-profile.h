/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeProfile: a saved target: its URL and every option of a client as it was typed. Connecting never changes it. Secrets
 * stay in memory and are never in the file. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

/**
 * SioscopeProfile:
 *
 * Where to connect and how, as the person typed it; it need not be right. Main thread only.
 */
#define SIOSCOPE_TYPE_PROFILE (sioscope_profile_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeProfile, sioscope_profile, SIOSCOPE, PROFILE, GObject)

/* Properties, all readable, writable and notified: id (construct only), name, url; and, as of the options, path, auth
 * (JSON text or NULL), transports (GStrv). */
SioscopeProfile *sioscope_profile_new          (const char       *url); /* name is made from it */
const char      *sioscope_profile_get_id       (SioscopeProfile  *self);
const char      *sioscope_profile_get_name     (SioscopeProfile  *self); /* falls back to host and port */
const char      *sioscope_profile_get_url      (SioscopeProfile  *self);
/* What a connection needs; the first mistake in the profile is the error. */
SioOptions      *sioscope_profile_make_options (SioscopeProfile  *self,
                                                GError          **error);
/* Where that mistake is: "url" or the name of an option. NULL: nowhere. */
const char      *sioscope_profile_find_mistake (SioscopeProfile  *self,
                                                GError          **error);

/* Options by the names of SioOptions' properties, as text: true and false, digits, lists with one item a line; NULL is
 * the default. What is set need not be right. */
const char * const *sioscope_profile_list_options (void);
const char      *sioscope_profile_get_option   (SioscopeProfile  *self,
                                                const char       *name);
void             sioscope_profile_set_option   (SioscopeProfile  *self,
                                                const char       *name,
                                                const char       *text);
gboolean         sioscope_profile_check_option (const char       *name,
                                                const char       *text,
                                                GError          **error);
gboolean         sioscope_profile_option_is_list (const char     *name);
char            *sioscope_profile_dup_option_default (const char *name);
char            *sioscope_profile_dup_public_option (const char  *name,
                                                const char       *text);
/* The options of a saved profile that had secrets when it was saved, and have not been set since. */
const char * const *sioscope_profile_get_forgotten (SioscopeProfile *self);

/* The saved profiles: a GListModel kept in a key file of the user's data folder (0600, replaced atomically). */
/**
 * SioscopeProfileStore:
 *
 * A #GListModel of #SioscopeProfile, in the order they were added. Main thread only.
 */
#define SIOSCOPE_TYPE_PROFILE_STORE (sioscope_profile_store_get_type ())
G_DECLARE_FINAL_TYPE (SioscopeProfileStore, sioscope_profile_store, SIOSCOPE, PROFILE_STORE, GObject)

/* A damaged file is kept aside as FILE.corrupt-TIME and *error tells it once; the store is usable then too. */
SioscopeProfileStore *sioscope_profile_store_new    (const char            *path,
                                                     GError               **error);
gboolean              sioscope_profile_store_add    (SioscopeProfileStore  *self,
                                                     SioscopeProfile       *profile,
                                                     GError               **error);
gboolean              sioscope_profile_store_remove (SioscopeProfileStore  *self,
                                                     SioscopeProfile       *profile,
                                                     GError               **error);
/* Writes after a change of a profile. */
gboolean              sioscope_profile_store_save   (SioscopeProfileStore  *self,
                                                     GError               **error);

G_END_DECLS
