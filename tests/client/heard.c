/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "heard.h"

Heard *
heard_new (void)
{
  Heard *self = g_new0 (Heard, 1);

  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->last_ack_id = -1;
  return self;
}

void
heard_free (Heard *self)
{
  g_ptr_array_unref (self->lines);
  g_free (self);
}

void
heard_clear (Heard *self)
{
  g_ptr_array_set_size (self->lines, 0);
  self->n_events = 0;
}

void
heard_add (Heard      *self,
           const char *line)
{
  g_ptr_array_add (self->lines, g_strdup (line));
}

static void
add (Heard      *self,
     const char *format,
     ...) G_GNUC_PRINTF (2, 3);

static void
add (Heard      *self,
     const char *format,
     ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->lines, g_strdup_vprintf (format, args));
  va_end (args);
}

guint
heard_count (Heard      *self,
             const char *line)
{
  guint n = 0;

  for (guint i = 0; i < self->lines->len; i++)
    n += g_str_equal (g_ptr_array_index (self->lines, i), line);
  return n;
}

const char *
heard_find (Heard      *self,
            const char *prefix)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (self->lines, i), prefix))
      return g_ptr_array_index (self->lines, i);
  return NULL;
}

char *
heard_dup (Heard *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (self->lines, i));
  return g_string_free (text, FALSE);
}

char *
heard_format_args (SioArguments *args)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < sio_arguments_get_n (args); i++)
    {
      GBytes *bytes = sio_arguments_get_binary (args, i);
      SioSpan json = sio_arguments_get_json (args, i);

      if (i > 0)
        g_string_append_c (text, ',');
      if (bytes == NULL)
        {
          g_string_append_len (text, json.data, (gssize) json.size);
          continue;
        }
      g_string_append (text, "{\"$bin\":\"");
      for (gsize j = 0; j < g_bytes_get_size (bytes); j++)
        g_string_append_printf (text, "%02x", ((const guchar *) g_bytes_get_data (bytes, NULL))[j]);
      g_string_append (text, "\"}");
    }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

/* --- manager --- */

static void
open_cb (SioManager *manager, Heard *self)
{
  add (self, "manager open");
}

static void
close_cb (SioManager *manager, const char *reason, const GError *error, Heard *self)
{
  add (self, "manager close:%s", reason);
}

static void
error_cb (SioManager *manager, const GError *error, Heard *self)
{
  g_assert_nonnull (error);
  add (self, "manager error");
}

static void
reconnect_attempt_cb (SioManager *manager, guint attempt, Heard *self)
{
  add (self, "manager reconnect_attempt:%u", attempt);
}

static void
reconnect_cb (SioManager *manager, guint attempt, Heard *self)
{
  add (self, "manager reconnect:%u", attempt);
}

static void
reconnect_error_cb (SioManager *manager, const GError *error, Heard *self)
{
  g_assert_nonnull (error);
  add (self, "manager reconnect_error");
}

static void
reconnect_failed_cb (SioManager *manager, Heard *self)
{
  add (self, "manager reconnect_failed");
}

void
heard_watch_manager (Heard      *self,
                     SioManager *manager)
{
  g_signal_connect (manager, "open", G_CALLBACK (open_cb), self);
  g_signal_connect (manager, "close", G_CALLBACK (close_cb), self);
  g_signal_connect (manager, "error", G_CALLBACK (error_cb), self);
  g_signal_connect (manager, "reconnect-attempt", G_CALLBACK (reconnect_attempt_cb), self);
  g_signal_connect (manager, "reconnect", G_CALLBACK (reconnect_cb), self);
  g_signal_connect (manager, "reconnect-error", G_CALLBACK (reconnect_error_cb), self);
  g_signal_connect (manager, "reconnect-failed", G_CALLBACK (reconnect_failed_cb), self);
}

/* --- socket --- */

static const char *
label (SioSocket *socket)
{
  return g_str_equal (sio_socket_get_nsp (socket), "/") ? "" : sio_socket_get_nsp (socket);
}

static void
connect_cb (SioSocket *socket, Heard *self)
{
  g_assert_nonnull (sio_socket_get_id (socket));
  add (self, "socket%s connect", label (socket));
}

static void
disconnect_cb (SioSocket *socket, const char *reason, const GError *error, Heard *self)
{
  g_assert_null (sio_socket_get_id (socket));
  add (self, "socket%s disconnect:%s", label (socket), reason);
}

static void
connect_error_cb (SioSocket *socket, const char *message, const char *data, Heard *self)
{
  add (self, "socket%s connect_error:%s%s%s", label (socket), message, data != NULL ? " " : "", data != NULL ? data : "");
}

static void
event_cb (SioSocket *socket, const char *event, SioArguments *args, gint64 ack_id, gpointer data)
{
  Heard *self = data;
  g_autofree char *text = heard_format_args (args);

  self->n_events++;
  self->last_ack_id = ack_id;
  add (self, "socket%s %s:%s", label (socket), event, text);
}

void
heard_watch_socket (Heard     *self,
                    SioSocket *socket)
{
  g_signal_connect (socket, "connect", G_CALLBACK (connect_cb), self);
  g_signal_connect (socket, "disconnect", G_CALLBACK (disconnect_cb), self);
  g_signal_connect (socket, "connect-error", G_CALLBACK (connect_error_cb), self);
  sio_socket_on_any (socket, event_cb, self, NULL);
}
