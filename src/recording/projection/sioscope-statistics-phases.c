/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The phases of each attempt to connect: what it did, when, and where it stopped. */

#include "sioscope-statistics-private.h"

#define HANDSHAKES_MAX 4096
#define JOINS_MAX      16384

static SioscopeHandshake *
last_handshake (SioscopeStatistics *self)
{
  if (self->handshakes->len == 0)
    return NULL;
  return &g_array_index (self->handshakes, SioscopeHandshake, self->handshakes->len - 1);
}

static gboolean
is_under_way (const SioscopeHandshake *handshake)
{
  return handshake != NULL && handshake->open_us < 0 && handshake->failed_us < 0;
}

static gint64
since (const SioscopeHandshake *handshake,
       gint64                   time_us)
{
  return MAX (0, time_us - handshake->start_us);
}

static void
begin (SioscopeStatistics  *self,
       const SioscopeEntry *entry)
{
  SioscopeHandshake handshake = {
    .row = entry->row, .start_us = entry->time_us, .attempt = entry->attempt, .http_row = SIOSCOPE_NO_ROW,
    .request_us = -1, .http_us = -1, .open_us = -1, .joined_us = -1, .probe_us = -1, .upgrade_http_row = SIOSCOPE_NO_ROW,
    .upgrade_http_us = -1, .upgrade_us = -1, .upgraded_us = -1, .upgrade_failed_row = SIOSCOPE_NO_ROW,
    .failed_row = SIOSCOPE_NO_ROW, .failed_us = -1,
  };
  guint64 first_join = self->n_joins_forgotten + self->joins->len;

  if (self->handshakes->len >= HANDSHAKES_MAX)
    {
      g_array_remove_range (self->handshakes, 0, HANDSHAKES_MAX / 4);
      g_array_remove_range (self->join_starts, 0, HANDSHAKES_MAX / 4);
      self->limits |= SIOSCOPE_STATISTICS_HANDSHAKES;
    }
  g_array_append_val (self->handshakes, handshake);
  g_array_append_val (self->join_starts, first_join);
  self->probe_us = -1;
  self->upgrading_us = -1;
}

guint
sioscope_statistics_phase_state (SioscopeStatistics  *self,
                                 const SioscopeEntry *entry)
{
  SioscopeHandshake *handshake = last_handshake (self);

  if (entry->state == SIO_TAP_STATE_CONNECTING)
    {
      /* Said again within an attempt: it goes on in another way, and is still the same one. */
      if (!is_under_way (handshake) || handshake->attempt != entry->attempt)
        begin (self, entry);
      return SIOSCOPE_STATISTICS_HANDSHAKES;
    }
  if (handshake == NULL)
    return 0;
  switch (entry->state)
    {
    case SIO_TAP_STATE_OPEN:
      if (!is_under_way (handshake))
        return 0;
      handshake->open_us = since (handshake, entry->time_us);
      break;
    case SIO_TAP_STATE_UPGRADING:
      self->upgrading_us = entry->time_us;
      return 0;
    case SIO_TAP_STATE_UPGRADED:
      if (!self->session)
        return 0;
      if (self->upgrading_us >= 0)
        handshake->upgrade_us = MAX (0, entry->time_us - self->upgrading_us);
      handshake->upgraded_us = since (handshake, entry->time_us);
      break;
    case SIO_TAP_STATE_UPGRADE_FAILED:
      handshake->upgrade_failed_row = entry->row;
      break;
    case SIO_TAP_STATE_ATTEMPT_FAILED:
    case SIO_TAP_STATE_CLOSED:
      self->probe_us = -1;
      self->upgrading_us = -1;
      if (!is_under_way (handshake))
        return 0;
      handshake->failed_row = entry->row;
      handshake->failed_us = since (handshake, entry->time_us);
      break;
    case SIO_TAP_STATE_CONNECTING:
    case SIO_TAP_STATE_WAITING:
    case SIO_TAP_STATE_FAILED:
    default:
      return 0;
    }
  return SIOSCOPE_STATISTICS_HANDSHAKES;
}

guint
sioscope_statistics_phase_http (SioscopeStatistics  *self,
                                const SioscopeEntry *entry)
{
  SioscopeHandshake *handshake = last_handshake (self);
  gint64 took_us = MAX (0, entry->duration_us);

  if (is_under_way (handshake))
    {
      handshake->n_http++;
      handshake->http_row = entry->row;
      handshake->http_us = took_us;
      handshake->request_us = since (handshake, entry->time_us - MIN (took_us, entry->time_us));
      return SIOSCOPE_STATISTICS_HANDSHAKES;
    }
  /* Engine.IO, "Upgrade": the WebSocket is asked for with the session's id. */
  if (handshake == NULL || !self->session || handshake->upgraded_us >= 0 || handshake->upgrade_http_row != SIOSCOPE_NO_ROW
      || entry->uri.size == 0 || g_strstr_len (entry->uri.data, (gssize) entry->uri.size, "transport=websocket") == NULL)
    return 0;
  handshake->upgrade_http_row = entry->row;
  handshake->upgrade_http_us = took_us;
  return SIOSCOPE_STATISTICS_HANDSHAKES;
}

guint
sioscope_statistics_phase_engine (SioscopeStatistics  *self,
                                  const SioscopeEntry *entry)
{
  SioscopeHandshake *handshake = last_handshake (self);

  if (handshake == NULL)
    return 0;
  if (entry->direction == SIO_DIRECTION_OUT && sio_span_equals (entry->raw, "2probe"))
    self->probe_us = entry->time_us;
  else if (entry->direction == SIO_DIRECTION_IN && self->probe_us >= 0 && sio_span_equals (entry->raw, "3probe"))
    {
      handshake->probe_us = MAX (0, entry->time_us - self->probe_us);
      self->probe_us = -1;
      return SIOSCOPE_STATISTICS_HANDSHAKES;
    }
  return 0;
}

guint
sioscope_statistics_phase_socket (SioscopeStatistics  *self,
                                  const SioscopeEntry *entry,
                                  guint                name)
{
  SioscopeHandshake *handshake = last_handshake (self);
  guint64 first;

  if (entry->socket_change == SIO_TAP_SOCKET_CONNECTED && self->session)
    self->away = FALSE;
  if (handshake == NULL || entry->socket_change == SIO_TAP_SOCKET_DISCONNECTED)
    return 0;
  if (entry->socket_change == SIO_TAP_SOCKET_CONNECTED && handshake->joined_us < 0)
    handshake->joined_us = since (handshake, entry->time_us);
  if (entry->socket_change == SIO_TAP_SOCKET_CONNECTING)
    {
      SioscopeJoin join = { name, entry->row, entry->time_us, SIOSCOPE_NO_ROW, -1, FALSE };

      if (self->joins->len >= JOINS_MAX)
        {
          g_array_remove_range (self->joins, 0, JOINS_MAX / 4);
          self->n_joins_forgotten += JOINS_MAX / 4;
          self->limits |= SIOSCOPE_STATISTICS_HANDSHAKES;
        }
      g_array_append_val (self->joins, join);
      return SIOSCOPE_STATISTICS_HANDSHAKES;
    }

  first = g_array_index (self->join_starts, guint64, self->join_starts->len - 1);
  for (guint64 i = self->n_joins_forgotten + self->joins->len; i-- > MAX (first, self->n_joins_forgotten);)
    {
      SioscopeJoin *join = &g_array_index (self->joins, SioscopeJoin, i - self->n_joins_forgotten);

      if (join->name != name)
        continue;
      if (join->answer_row == SIOSCOPE_NO_ROW)
        {
          join->answer_row = entry->row;
          join->refused = entry->socket_change == SIO_TAP_SOCKET_CONNECT_ERROR;
          join->took_us = MAX (0, entry->time_us - join->time_us);
        }
      break;
    }
  return SIOSCOPE_STATISTICS_HANDSHAKES;
}
