/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lines: "state …", "socket …", "packet in|out …", "attachment …", "emit …", "error …". What lies below Socket.IO is left out. */

#include "tap-log.h"

#include <signal.h>

#define MAX_SHOWN 200

struct _TapLog {
  GObject    parent_instance;
  GPtrArray *lines;
};

static void tap_init (SioTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TapLog, tap_log, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (SIO_TYPE_TAP, tap_init))

static const char *states[] = {
  "connecting", "open", "upgrading", "upgraded", "upgrade-failed", "closed", "attempt-failed", "waiting", "failed",
};
static const char *changes[] = { "connecting", "connected", "connect-error", "disconnected" };
static const char *fates[] = { "buffered", "dropped", "refused", "ack-timeout", "ack-abandoned", "lost" };
static const char *kinds[] = { "none", "polling", "websocket" };
static const char *types[] = {
  "CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK",
};

static int
shown (SioSpan span)
{
  return (int) MIN (span.size, MAX_SHOWN);
}

static void
add (TapLog     *self,
     const char *format,
     ...) G_GNUC_PRINTF (2, 3);

static void
add (TapLog     *self,
     const char *format,
     ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->lines, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
tap_state (SioTap                 *tap,
           const SioTapStateChange *change)
{
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "state %s", states[change->state]);
  if (change->state == SIO_TAP_STATE_WAITING)
    {
      g_assert_cmpuint (change->delay_min_ms, <=, change->delay_ms);
      g_assert_cmpuint (change->delay_ms, <=, change->delay_max_ms);
      g_string_append_printf (line, " attempt=%u delay=%u", change->attempt, change->delay_ms);
    }
  else if (change->state == SIO_TAP_STATE_CONNECTING || change->state == SIO_TAP_STATE_ATTEMPT_FAILED)
    g_string_append_printf (line, " attempt=%u %s", change->attempt, kinds[change->transport]);
  else if (change->state == SIO_TAP_STATE_OPEN)
    g_string_append_printf (line, " attempt=%u %s eio=%u", change->attempt, kinds[change->transport], change->eio);
  if (change->parser != NULL)
    g_string_append_printf (line, " parser=%s", change->parser);
  if (change->reason != NULL)
    g_string_append_printf (line, " (%s)", change->reason);
  if (change->will_reconnect)
    g_string_append (line, " again");
  g_ptr_array_add (TAP_LOG (tap)->lines, g_string_free (line, FALSE));
}

static void
tap_socket (SioTap                  *tap,
            const SioTapSocketEvent *event)
{
  add (TAP_LOG (tap), "socket %s %s%s%s%s%s%s%.*s%s%s", event->nsp, changes[event->change],
       event->reason != NULL ? " (" : "", event->reason != NULL ? event->reason : "", event->reason != NULL ? ")" : "",
       event->data.size > 0 ? " " : "", event->data.size > 0 ? "data=" : "", shown (event->data), event->data.data,
       event->active ? " active" : "", event->recovered ? " recovered" : "");
}

static void
tap_packet (SioTap             *tap,
            const SioTapPacket *packet)
{
  g_autofree char *wire = g_strdelimit (g_strndup (packet->wire.size > 0 ? packet->wire.data : "", MIN (packet->wire.size, MAX_SHOWN)), "\n", '|');

  g_assert_cmpint (packet->raw.data[0], ==, '4');
  add (TAP_LOG (tap), "packet %s %s %.*s%s%.*s%s%.*s id=%d%s%s%s", packet->direction == SIO_DIRECTION_IN ? "in" : "out",
       types[packet->type], shown (packet->nsp), packet->nsp.data,
       packet->event.size > 0 ? " " : "", shown (packet->event), packet->event.data,
       packet->args.size > 0 ? " " : "", shown (packet->args), packet->args.data, (int) packet->id,
       packet->tag != 0 ? " tagged" : "", packet->wire.size > 0 ? " wire=" : "", packet->wire.size > 0 ? wire : "");
}

static void
tap_attachment (SioTap           *tap,
                SioDirection      direction,
                SioTransportKind  transport,
                guint             index,
                SioSpan           bytes)
{
  add (TAP_LOG (tap), "attachment %s %u %" G_GSIZE_FORMAT, direction == SIO_DIRECTION_IN ? "in" : "out",
       index, bytes.size);
}

static void
tap_emit (SioTap           *tap,
          const SioTapEmit *emit)
{
  add (TAP_LOG (tap), "emit %s %s %.*s id=%d tag=%d%s%s", fates[emit->fate], emit->nsp,
       shown (emit->event), emit->event.data, (int) emit->id, (int) emit->tag,
       emit->text != NULL ? ": " : "", emit->text != NULL ? emit->text : "");
}

static void
tap_error (SioTap       *tap,
           const char   *where,
           const GError *error,
           SioSpan       bytes)
{
  add (TAP_LOG (tap), "error %s %s", where, error->message);
}

static void
tap_init (SioTapInterface *iface)
{
  iface->state = tap_state;
  iface->socket = tap_socket;
  iface->packet = tap_packet;
  iface->attachment = tap_attachment;
  iface->emit = tap_emit;
  iface->error = tap_error;
}

/* What led to a failure is worth more than the line where it was noticed. */
static TapLog *current;

static void
failed (int number)
{
  TapLog *self = current;

  signal (number, SIG_DFL);
  current = NULL;
  for (guint i = self != NULL && self->lines->len > 100 ? self->lines->len - 100 : 0;
       self != NULL && i < self->lines->len; i++)
    g_printerr ("# %s\n", (char *) g_ptr_array_index (self->lines, i));
  raise (number);
}

static void
tap_log_finalize (GObject *object)
{
  if (current == TAP_LOG (object))
    current = NULL;
  g_ptr_array_unref (TAP_LOG (object)->lines);
  G_OBJECT_CLASS (tap_log_parent_class)->finalize (object);
}

static void
tap_log_class_init (TapLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tap_log_finalize;
}

static void
tap_log_init (TapLog *self)
{
  self->lines = g_ptr_array_new_with_free_func (g_free);
  current = self;
  signal (SIGABRT, failed);
  signal (SIGTRAP, failed);
}

TapLog *
tap_log_new (void)
{
  return g_object_new (TAP_TYPE_LOG, NULL);
}

void
tap_log_clear (TapLog *self)
{
  g_ptr_array_set_size (self->lines, 0);
}

guint
tap_log_count (TapLog     *self,
               const char *prefix)
{
  guint n = 0;

  for (guint i = 0; i < self->lines->len; i++)
    n += g_str_has_prefix (g_ptr_array_index (self->lines, i), prefix);
  return n;
}

const char *
tap_log_find (TapLog     *self,
              const char *prefix)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (self->lines, i), prefix))
      return g_ptr_array_index (self->lines, i);
  return NULL;
}

char *
tap_log_dup (TapLog     *self,
             const char *prefixes)
{
  g_auto(GStrv) wanted = g_strsplit (prefixes, "|", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->lines->len; i++)
    for (guint j = 0; wanted[j] != NULL; j++)
      if (g_str_has_prefix (g_ptr_array_index (self->lines, i), wanted[j]))
        {
          g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (self->lines, i));
          break;
        }
  return g_string_free (text, FALSE);
}
