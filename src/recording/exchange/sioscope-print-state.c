/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The lines about the connection as a whole and about namespaces. */

#include "sioscope-print-private.h"

static void
print_reconnect (SioscopePrinter     *self,
                 GString             *out,
                 const char          *kind,
                 const SioscopeEntry *entry,
                 guint                attempt)
{
  sioscope_line_begin (out, kind, entry->time_us);
  sioscope_line_add_number (out, "attempt", attempt);
  sioscope_printer_add_message (self, out, entry->message.size != 0 ? entry->message : entry->reason);
  sioscope_line_end (out);
}

void
sioscope_printer_print_state (SioscopePrinter     *self,
                              GString             *out,
                              const SioscopeEntry *entry)
{
  static const char * const words[] = {
    [SIO_TAP_STATE_CONNECTING] = "connecting",
    [SIO_TAP_STATE_OPEN] = "open",
    [SIO_TAP_STATE_UPGRADING] = "upgrading",
    [SIO_TAP_STATE_UPGRADED] = "upgraded",
    [SIO_TAP_STATE_UPGRADE_FAILED] = "upgrade_failed",
    [SIO_TAP_STATE_CLOSED] = "closed",
    [SIO_TAP_STATE_ATTEMPT_FAILED] = "closed",
    [SIO_TAP_STATE_WAITING] = "waiting",
    [SIO_TAP_STATE_FAILED] = "failed",
  };
  guint attempt = entry->attempt;

  switch (entry->state)
    {
    case SIO_TAP_STATE_CONNECTING:
      /* A second transport that is tried in the same attempt is not another attempt. */
      if (attempt > 0 && attempt != self->attempt)
        print_reconnect (self, out, "reconnect_attempt", entry, attempt);
      self->attempt = attempt;
      break;
    case SIO_TAP_STATE_OPEN:
      self->last_ping_us = entry->time_us;
      break;
    default:
      break;
    }
  attempt = attempt > 0 ? attempt : self->attempt;

  sioscope_line_begin (out, "state", entry->time_us);
  sioscope_line_add_word (out, "state", words[entry->state]);
  if (sioscope_transport_word (entry->transport) != NULL)
    sioscope_line_add_word (out, "transport", sioscope_transport_word (entry->transport));
  if (entry->state == SIO_TAP_STATE_OPEN)
    {
      sioscope_line_add_text (out, "sid", entry->sid);
      sioscope_line_add_number (out, "eio", entry->eio);
      if (entry->server != 0)
        sioscope_line_add_number (out, "server", entry->server);
      sioscope_line_add_number (out, "ping_interval_ms", entry->ping_interval_ms);
      sioscope_line_add_number (out, "ping_timeout_ms", entry->ping_timeout_ms);
      if (entry->max_payload != 0)
        sioscope_line_add_number (out, "max_payload", entry->max_payload);
      sioscope_line_add_optional (out, "parser", entry->parser);
    }
  if (entry->state == SIO_TAP_STATE_WAITING)
    {
      sioscope_line_add_number (out, "attempt", entry->attempt);
      sioscope_line_add_number (out, "delay_ms", entry->delay_ms);
    }
  else if (entry->attempt != 0)
    sioscope_line_add_number (out, "attempt", entry->attempt);
  /* Of open: how the version was found. Of connecting once more: why it goes on in another way. */
  sioscope_line_add_optional (out, "reason", entry->reason);
  sioscope_printer_add_message (self, out, entry->message);
  sioscope_line_end (out);

  switch (entry->state)
    {
    case SIO_TAP_STATE_OPEN:
      if (attempt > 0)
        {
          sioscope_line_begin (out, "reconnect", entry->time_us);
          sioscope_line_add_number (out, "attempt", attempt);
          sioscope_line_end (out);
        }
      self->attempt = 0;
      break;
    case SIO_TAP_STATE_ATTEMPT_FAILED:
      if (attempt > 0)
        print_reconnect (self, out, "reconnect_error", entry, attempt);
      break;
    case SIO_TAP_STATE_FAILED:
      /* "stopped" is the person's own doing and not the end of the attempts. */
      if (attempt > 0 && !sio_span_equals (entry->reason, "stopped"))
        print_reconnect (self, out, "reconnect_failed", entry, attempt);
      self->attempt = 0;
      break;
    case SIO_TAP_STATE_CLOSED:
      self->attempt = 0;
      break;
    default:
      break;
    }
}

void
sioscope_printer_print_socket (SioscopePrinter     *self,
                               GString             *out,
                               const SioscopeEntry *entry)
{
  static const char * const kinds[] = {
    [SIO_TAP_SOCKET_CONNECTED] = "connect",
    [SIO_TAP_SOCKET_CONNECT_ERROR] = "connect_error",
    [SIO_TAP_SOCKET_DISCONNECTED] = "disconnect",
  };

  if (entry->socket_change == SIO_TAP_SOCKET_CONNECTING)
    return;
  sioscope_line_begin (out, kinds[entry->socket_change], entry->time_us);
  sioscope_line_add_text (out, "nsp", entry->nsp);
  switch (entry->socket_change)
    {
    case SIO_TAP_SOCKET_CONNECTING:
      break;
    case SIO_TAP_SOCKET_CONNECTED:
      sioscope_line_add_text (out, "id", entry->reason);
      sioscope_line_add_bool (out, "recovered", entry->recovered);
      break;
    case SIO_TAP_SOCKET_CONNECT_ERROR:
      sioscope_line_add_text (out, "message", entry->reason);
      if (entry->args.size != 0)
        sioscope_line_add_json (out, "data", entry->args, self->trusted);
      sioscope_line_add_bool (out, "active", entry->active);
      break;
    case SIO_TAP_SOCKET_DISCONNECTED:
      sioscope_line_add_text (out, "reason", entry->reason);
      sioscope_line_add_bool (out, "active", entry->active);
      break;
    }
  sioscope_line_end (out);
}
