/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A setting of tests. */

#pragma once

#include "sioscope-query.h"

G_BEGIN_DECLS

/* For queries made from now on: how many rows are looked at between two looks at the orders, and found before they are told. 0: as
 * usual. */
void sioscope_query_set_block_for_tests (guint n_rows);

G_END_DECLS
