/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* DoctorTap: remembers of a session what the doctor judges it by. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

#define DOCTOR_TYPE_TAP (doctor_tap_get_type ())
G_DECLARE_FINAL_TYPE (DoctorTap, doctor_tap, DOCTOR, TAP, GObject)

struct _DoctorTap {
  GObject   parent_instance;

  gboolean  opened;
  guint     eio;
  guint     server;
  guint     ping_interval_ms;
  guint     ping_timeout_ms;
  gint64    max_payload;
  char     *how;              /* the revision was found, or NULL */
  gint64    opened_us;

  gboolean  may_upgrade;      /* the open packet says so */
  gboolean  upgraded;
  char     *upgrade_failure;  /* or NULL */

  gboolean  over;             /* the session has ended, or there was none */
  GError   *error;            /* why, or NULL */

  gboolean  joined;
  char     *refusal;          /* the message, or NULL */
  char     *refusal_data;     /* JSON, or NULL */

  guint     n_polls;          /* answered with 200 */
  guint     n_posts;
  guint     websocket_status; /* of the last handshake */
  gboolean  compressed;       /* an answer was */
  gint64    first_ping_us;    /* after the opening; -1: none came */
};

DoctorTap *doctor_tap_new (void);

G_END_DECLS
