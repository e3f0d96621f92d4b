/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioTls: whom to trust and who we are, as the options say; and what a certificate says, in words. */

#pragma once

#include "../sio-options.h"

G_BEGIN_DECLS

/**
 * SioTls:
 * @database: (nullable): trusted issuers instead of the system's
 * @identity: (nullable): our certificate with its key
 * @reject_unauthorized: whether a certificate that is not in order is refused
 * @fingerprints: (nullable): SHA-256 of those that are accepted anyway, 64 hexadecimal digits in upper case
 */
typedef struct {
  GTlsDatabase     *database;
  GTlsCertificate  *identity;
  gboolean          reject_unauthorized;
  char            **fingerprints;
} SioTls;

/* Reads the files; bounded. FALSE and SIO_ERROR_TLS with the file's name and what is wrong with it. self is to be
 * cleared in any case. */
gboolean         sio_tls_init                 (SioTls                *self,
                                               SioOptions            *options,
                                               GError               **error);
void             sio_tls_clear                (SioTls                *self);
/* Whether to go on although something is wrong with it. */
gboolean         sio_tls_accepts              (const SioTls          *self,
                                               GTlsCertificate       *certificate);

/* "AB:CD:…", SHA-256 of the DER. (transfer full) */
char            *sio_tls_dup_fingerprint      (GTlsCertificate       *certificate);
/* "Name: value" lines, each ended by CRLF; a server's words, so bounded and escaped. (transfer full) */
char            *sio_tls_describe             (GTlsCertificate       *certificate);
/* All that flags say, for a sentence: "it has expired (on 2026-01-01)". host: who was asked. (transfer full) */
char            *sio_tls_explain              (GTlsCertificate       *certificate,
                                               GTlsCertificateFlags   flags,
                                               const char            *host);

/* Our certificate from the options' files; NULL without an error: none is asked for. */
GTlsCertificate *sio_tls_load_identity        (SioOptions            *options,
                                               GError               **error);
/* A file of at most a MiB, to be wiped with sio_tls_wipe_bytes(). NULL and SIO_ERROR_TLS. what: "ca-file" … */
GByteArray      *sio_tls_read_file            (const char            *path,
                                               const char            *what,
                                               GError               **error);
void             sio_tls_wipe_bytes           (GByteArray            *bytes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SioTls, sio_tls_clear)

G_END_DECLS
