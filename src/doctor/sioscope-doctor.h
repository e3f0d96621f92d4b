/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The doctor: probes a server from the bottom up, as a person would who wonders why it does not connect, and says in words
 * what it found. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

typedef enum {
  SIOSCOPE_CHECK_INFO,    /* as it should be, or good to know */
  SIOSCOPE_CHECK_WARNING, /* it works, and is likely to hurt one day */
  SIOSCOPE_CHECK_ERROR,   /* it does not work */
} SioscopeCheckLevel;

/* What one check found. Valid during the call only. */
typedef struct {
  const char         *name;    /* "name", "tcp", "tls", …; the same one may come more than once */
  SioscopeCheckLevel  level;
  const char         *message; /* plain English */
  SioSpan             details; /* members of a JSON object, commas between; may be empty */
} SioscopeCheck;

typedef void (*SioscopeDoctorFunc) (const SioscopeCheck *check,
                                    gpointer             user_data);

typedef enum {
  SIOSCOPE_DIAGNOSIS_FINE,
  SIOSCOPE_DIAGNOSIS_WORKS,        /* with warnings, or not in every way */
  SIOSCOPE_DIAGNOSIS_NO_CONNECTION,
  SIOSCOPE_DIAGNOSIS_REFUSED,      /* connected, but not to the namespace */
} SioscopeDiagnosisKind;

typedef struct {
  SioscopeDiagnosisKind kind;
  guint                 n_errors;
  guint                 n_warnings;
  char                 *message;   /* the verdict in one sentence; g_free() it */
} SioscopeDiagnosis;

gboolean sioscope_doctor_run (const char         *url,
                              SioOptions         *options,
                              const char         *auth,
                              GCancellable       *cancellable,
                              SioscopeDoctorFunc  func,
                              gpointer            user_data,
                              SioscopeDiagnosis  *diagnosis,
                              GError            **error);

G_END_DECLS
