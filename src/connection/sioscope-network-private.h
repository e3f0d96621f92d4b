/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeNetwork: the network thread and the one way into it: a queue of commands that overtakes
 * whatever the servers send. */

#pragma once

#include "sio.h"

G_BEGIN_DECLS

typedef struct _SioscopeNetwork SioscopeNetwork;

/* Runs on the network thread. */
typedef void (*SioscopeNetworkFunc)    (gpointer         data);
/* Runs on the network thread: ends something that lives there. now FALSE: politely; it may take a
 * few turns of the loop and then calls sioscope_network_release(). now TRUE: the time is up,
 * release before returning. May be called FALSE and later TRUE. */
typedef void (*SioscopeNetworkEndFunc) (gpointer         member,
                                        gboolean         now);

/* Any thread. */
SioscopeNetwork *sioscope_network_ref_default (void);
SioscopeNetwork *sioscope_network_ref         (SioscopeNetwork        *self);
void             sioscope_network_unref       (SioscopeNetwork        *self);
gboolean         sioscope_network_post        (SioscopeNetwork        *self,
                                               SioscopeNetworkFunc     func,
                                               gpointer                data,
                                               GDestroyNotify          destroy);
gboolean         sioscope_network_call        (SioscopeNetwork        *self,
                                               SioscopeNetworkFunc     func,
                                               gpointer                data);

/* The network thread only. */
gboolean         sioscope_network_is_current  (SioscopeNetwork        *self);
void             sioscope_network_hold        (SioscopeNetwork        *self,
                                               gpointer                member,
                                               SioscopeNetworkEndFunc  end);
void             sioscope_network_release     (SioscopeNetwork        *self,
                                               gpointer                member);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SioscopeNetwork, sioscope_network_unref)

G_END_DECLS
