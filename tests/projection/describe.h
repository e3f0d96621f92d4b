/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Statistics as text, for tests: everything that the getters tell. */

#pragma once

#include "sioscope-statistics.h"

G_BEGIN_DECLS

char *describe_events     (SioscopeStatistics *statistics);
char *describe_latencies  (SioscopeStatistics *statistics);
char *describe_traffic    (SioscopeStatistics *statistics);
char *describe_emits      (SioscopeStatistics *statistics);
char *describe_handshakes (SioscopeStatistics *statistics);
char *describe_recoveries (SioscopeStatistics *statistics);
char *describe_all        (SioscopeStatistics *statistics);

#define ASSERT_TEXT(call, expected)        \
  G_STMT_START {                           \
    g_autofree char *text_ = call;         \
    g_assert_cmpstr (text_, ==, expected); \
  } G_STMT_END

G_END_DECLS
