/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificates made for one run of the tests, in a folder that goes with it. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  CERTIFICATE_PLAIN = 0,
  CERTIFICATE_CA = 1 << 0,
  CERTIFICATE_EXPIRED = 1 << 1,
  CERTIFICATE_FUTURE = 1 << 2,
} CertificateFlags;

typedef struct _Certificates Certificates;

Certificates *certificates_new         (void);
void          certificates_free        (Certificates     *self);
/* Makes NAME.crt and NAME.key. issuer: the name of one that was made before, NULL: signed by itself. host: a DNS name or an
 * IP address, or NULL. */
void          certificates_make        (Certificates     *self,
                                        const char       *name,
                                        const char       *issuer,
                                        const char       *host,
                                        CertificateFlags  flags);
/* The path of a file in the folder; valid as long as self. */
const char   *certificates_get_path    (Certificates     *self,
                                        const char       *file);
void          certificates_write       (Certificates     *self,
                                        const char       *file,
                                        const char       *content);
/* SHA-256 of NAME.crt as openssl says it, "AB:CD:…". (transfer full) */
char         *certificates_dup_fingerprint (Certificates *self,
                                        const char       *name);
/* Runs openssl in the folder, e.g. "ec -in a.key -aes256 -passout pass:secret -out b.key". */
char         *certificates_openssl     (Certificates     *self,
                                        const char       *arguments);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificates, certificates_free)

G_END_DECLS
