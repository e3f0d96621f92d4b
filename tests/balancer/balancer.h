/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Balancer: nginx or haproxy in front of two servers, an ordinary process with its configuration in a folder of its own. */

#pragma once

#include <gio/gio.h>

typedef struct _Balancer Balancer;

typedef enum {
  BALANCER_NGINX,
  BALANCER_HAPROXY,
} BalancerKind;

typedef enum {
  BALANCER_ROUND_ROBIN, /* each request to the other server */
  BALANCER_BY_ADDRESS,  /* all requests of one client to one server */
  BALANCER_BY_COOKIE,   /* round robin, and back to the server that a cookie names */
} BalancerMethod;

/* Whether the program is there. */
gboolean    balancer_is_installed (BalancerKind   kind);
/* Connections are taken from now on. */
Balancer   *balancer_start        (BalancerKind   kind,
                                   BalancerMethod method,
                                   guint          port_a,
                                   guint          port_b);
void        balancer_stop         (Balancer      *self);
/* "http://127.0.0.1:PORT/" */
const char *balancer_get_url      (Balancer      *self);
