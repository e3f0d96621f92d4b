/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SiocatClient: everything is decided from the rows of the recording, in their order, right after
 * they were printed: so what is printed and what is done can never tell two stories. */

#include "siocat-client.h"
#include "siocat-interrupt.h"
#include "siocat-output.h"
#include "siocat-tally.h"
#include "siocat-words.h"
#include "sioscope-recorder.h"

/* Lines are collected up to this size before they are written. */
#define OUTPUT_CHUNK (64 * 1024)
/* How long the goodbye may take. */
#define END_GRACE_MS 2000
/* More is not emitted while so much waits to be written: the library would refuse it soon. */
#define BUSY_PACKETS 1000
#define BUSY_BYTES (4 * 1024 * 1024)

struct _SiocatClient {
  SiocatClientConfig          config;
  const SiocatClientListener *listener;
  gpointer                    data;

  GMainLoop                  *loop;
  SioManager                 *manager;
  SioscopeRecorder           *recorder;
  SioscopeRecording          *recording;
  SioscopePrinter            *printer;    /* NULL if quiet */

  guint64                     next_row;   /* to be printed */
  gboolean                    pumping;
  GString                    *out;

  SiocatTally                *tally;
  GHashTable                 *joined;     /* set of char *: namespaces that were asked for */
  guint                       eio;        /* of the engine that is open; 0 while there is none */
  guint                       retries;
  gboolean                    was_joined; /* the URL's namespace was connected once */
  guint64                     last_tag;

  gboolean                    ending;
  SiocatStatus                status;
};

static void pump (SiocatClient *self);

/* Whether it is so of one of the namespaces that were asked for. */
static gboolean
any_socket (SiocatClient  *self,
            gboolean     (*is_so) (SioSocket *socket))
{
  GHashTableIter iter;
  gpointer nsp;

  g_hash_table_iter_init (&iter, self->joined);
  while (g_hash_table_iter_next (&iter, &nsp, NULL))
    {
      SioSocket *socket = sio_manager_get_socket (self->manager, nsp, NULL);

      if (socket != NULL && is_so (socket))
        return TRUE;
    }

  return FALSE;
}

static void
answered (SiocatClient *self,
          guint64       tag,
          SiocatStatus  how)
{
  if (tag != 0 && self->listener->answered != NULL)
    self->listener->answered (self->data, tag, how);
}

static void
handle_state (SiocatClient        *self,
              const SioscopeEntry *entry)
{
  if (entry->state == SIO_TAP_STATE_OPEN)
    self->eio = entry->eio;
  else if (entry->state == SIO_TAP_STATE_CLOSED)
    self->eio = 0;
  else if (entry->state == SIO_TAP_STATE_FAILED)
    siocat_client_end (self, SIOCAT_NOT_CONNECTED);
}

static void
handle_socket (SiocatClient        *self,
               const SioscopeEntry *entry)
{
  switch (entry->socket_change)
    {
    case SIO_TAP_SOCKET_CONNECTED:
      if (!self->was_joined && sio_span_equals (entry->nsp, sio_manager_get_nsp (self->manager)))
        {
          self->was_joined = TRUE;
          if (self->listener->connected != NULL)
            self->listener->connected (self->data);
        }
      break;

    case SIO_TAP_SOCKET_CONNECT_ERROR:
      /* A socket of Socket.IO 2 stays active, but is asked for again only when the connection was lost. */
      if (entry->active ? self->eio == 3 && !any_socket (self, sio_socket_get_connected)
                        : !any_socket (self, sio_socket_get_active))
        siocat_client_end (self, SIOCAT_REFUSED);
      break;

    case SIO_TAP_SOCKET_DISCONNECTED:
      if (sio_span_equals (entry->reason, "io server disconnect") && !any_socket (self, sio_socket_get_active))
        siocat_client_end (self, SIOCAT_DISCONNECTED);
      break;

    case SIO_TAP_SOCKET_CONNECTING:
    default:
      break;
    }
}

static void
handle_fate (SiocatClient        *self,
             const SioscopeEntry *entry)
{
  switch (entry->fate)
    {
    case SIO_TAP_EMIT_DROPPED:
    case SIO_TAP_EMIT_REFUSED:
    case SIO_TAP_EMIT_LOST:
      siocat_tally_forget (self->tally, entry->tag);
      break;

    case SIO_TAP_EMIT_ACK_TIMEOUT:
      if (siocat_tally_try_again (self->tally, entry->tag, self->retries))
        break;
      siocat_tally_forget (self->tally, entry->tag);
      answered (self, entry->tag, SIOCAT_TIMED_OUT);
      break;

    case SIO_TAP_EMIT_ACK_ABANDONED:
      if (siocat_tally_try_again (self->tally, entry->tag, self->retries))
        break;
      siocat_tally_forget (self->tally, entry->tag);
      answered (self, entry->tag, SIOCAT_DISCONNECTED);
      break;

    case SIO_TAP_EMIT_BUFFERED:
    default:
      break;
    }
}

static void
handle_row (SiocatClient        *self,
            const SioscopeEntry *entry)
{
  switch (entry->kind)
    {
    case SIOSCOPE_KIND_PACKET:
    case SIOSCOPE_KIND_ATTACHMENT:
      answered (self, siocat_tally_add (self->tally, entry), SIOCAT_DONE);
      if (self->config.count > 0 && siocat_tally_get_events (self->tally) >= self->config.count)
        siocat_client_end (self, SIOCAT_DONE);
      break;

    case SIOSCOPE_KIND_STATE:
      handle_state (self, entry);
      break;

    case SIOSCOPE_KIND_SOCKET:
      handle_socket (self, entry);
      break;

    case SIOSCOPE_KIND_EMIT:
      handle_fate (self, entry);
      break;

    case SIOSCOPE_KIND_ENGINE:
    case SIOSCOPE_KIND_FRAME:
    case SIOSCOPE_KIND_HTTP:
    case SIOSCOPE_KIND_ERROR:
    case SIOSCOPE_KIND_NOTE:
    default:
      break;
    }
}

/* --quiet: what went wrong, and nothing else. */
static void
append_trouble (SiocatClient        *self,
                const SioscopeEntry *entry)
{
  g_autofree char *message = NULL;
  g_autofree char *named = NULL;

  if (entry->kind == SIOSCOPE_KIND_ERROR)
    {
      siocat_append_head (self->out, "error", entry->time_us);
      g_string_append (self->out, ",\"where\":");
      sio_json_append_quoted (self->out, entry->reason.data, (gssize) entry->reason.size);
      g_string_append (self->out, ",\"message\":");
    }
  else if (entry->kind == SIOSCOPE_KIND_SOCKET && entry->socket_change == SIO_TAP_SOCKET_CONNECT_ERROR)
    {
      siocat_append_head (self->out, "connect_error", entry->time_us);
      g_string_append (self->out, ",\"nsp\":");
      sio_json_append_quoted (self->out, entry->nsp.data, (gssize) entry->nsp.size);
      g_string_append_printf (self->out, ",\"active\":%s,\"message\":", entry->active ? "true" : "false");
      sio_json_append_quoted (self->out, entry->reason.data, (gssize) entry->reason.size);
      g_string_append (self->out, "}\n");
      return;
    }
  else if (entry->kind == SIOSCOPE_KIND_STATE && entry->state == SIO_TAP_STATE_FAILED)
    {
      siocat_append_head (self->out, "state", entry->time_us);
      g_string_append (self->out, ",\"state\":\"failed\",\"reason\":");
      sio_json_append_quoted (self->out, entry->reason.data, (gssize) entry->reason.size);
      g_string_append (self->out, ",\"message\":");
    }
  else
    return;

  message = g_strndup (entry->message.data, entry->message.size);
  named = siocat_words_name_options (message);
  sio_json_append_quoted (self->out, named, -1);
  g_string_append (self->out, "}\n");
}

/* --count N prints N of them, however many came in the same breath. */
static gboolean
is_surplus (SiocatClient        *self,
            const SioscopeEntry *entry)
{
  return self->config.count > 0
         && siocat_tally_get_events (self->tally) >= self->config.count
         && (entry->kind == SIOSCOPE_KIND_ATTACHMENT
             || (entry->kind == SIOSCOPE_KIND_PACKET && entry->direction == SIO_DIRECTION_IN
                 && (entry->packet_type == SIO_PACKET_EVENT || entry->packet_type == SIO_PACKET_BINARY_EVENT)));
}

static void
flush_out (SiocatClient *self)
{
  if (self->out->len > 0)
    siocat_output_write (self->out->str, self->out->len);
  g_string_truncate (self->out, 0);

  if (self->config.record_path == NULL)
    sioscope_recorder_discard_before (self->recorder, self->next_row);

  if (siocat_output_is_broken ())
    siocat_client_end (self, SIOCAT_DONE);
}

static void
pump (SiocatClient *self)
{
  SioscopeEntry entry;

  /* Ending flushes, and that may come back here. */
  if (self->pumping)
    return;
  self->pumping = TRUE;

  /* The memory for rows is bounded: what fell out of it is passed, by the printer too, which says so. */
  self->next_row = MAX (self->next_row, sioscope_recording_get_first_row (self->recording));
  while (sioscope_recording_read (self->recording, self->next_row, &entry))
    {
      gsize before = self->out->len;
      gboolean surplus = is_surplus (self, &entry);

      if (self->printer == NULL)
        append_trouble (self, &entry);
      else if (!sioscope_printer_next (self->printer, self->out))
        break; /* a binary event that is not complete */
      if (surplus)
        g_string_truncate (self->out, before);

      self->next_row++;
      handle_row (self, &entry);
      if (self->out->len >= OUTPUT_CHUNK)
        flush_out (self);
    }

  flush_out (self);
  self->pumping = FALSE;

  if (!self->ending && self->listener->advanced != NULL)
    self->listener->advanced (self->data);
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

static gboolean
interrupted_cb (gpointer data)
{
  siocat_client_end (data, SIOCAT_DONE);

  return G_SOURCE_REMOVE;
}

/* DISCONNECT for each namespace first, so that the server knows that we meant it. */
static void
say_goodbye (SiocatClient *self)
{
  GHashTableIter iter;
  gpointer nsp;

  g_hash_table_iter_init (&iter, self->joined);
  while (g_hash_table_iter_next (&iter, &nsp, NULL))
    {
      SioSocket *socket = sio_manager_get_socket (self->manager, nsp, NULL);

      if (socket != NULL && sio_socket_get_connected (socket))
        sio_socket_disconnect (socket);
    }

  sio_manager_close (self->manager);
}

void
siocat_client_end (SiocatClient *self,
                   SiocatStatus  status)
{
  if (self->ending)
    return;

  self->ending = TRUE;
  self->status = status;
  say_goodbye (self);
  if (sio_manager_get_closing (self->manager))
    {
      g_signal_connect_swapped (self->manager, "notify::closing", G_CALLBACK (g_main_loop_quit), self->loop);
      g_timeout_add (END_GRACE_MS, quit_cb, self->loop);
    }
  else
    g_idle_add (quit_cb, self->loop);
}

/* For people: where it goes, without the userinfo and the query, which may hold secrets. */
static char *
make_title (const char *text)
{
  g_autoptr(SioUrl) url = sio_url_parse (text, NULL);
  g_autofree char *key = url != NULL ? sio_url_dup_key (url, "") : NULL;

  return g_strconcat (key != NULL ? key : "", url != NULL ? url->nsp : "", NULL);
}

/**
 * siocat_client_new:
 * @options: (transfer none): of the manager
 * @listener: must outlive the client
 * @status: set to what to exit with if %NULL is returned; the reason was said then
 */
SiocatClient *
siocat_client_new (const SiocatClientConfig   *config,
                   SioOptions                 *options,
                   const SiocatClientListener *listener,
                   gpointer                    data,
                   SiocatStatus               *status)
{
  g_autoptr(SiocatClient) self = g_new0 (SiocatClient, 1);
  g_autofree char *title = NULL;
  g_autoptr(GError) error = NULL;

  self->config = *config;
  self->retries = sio_options_get_retries (options);
  self->listener = listener;
  self->data = data;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->out = g_string_new (NULL);
  self->tally = siocat_tally_new ();
  self->joined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self->manager = sio_manager_new (config->url, options, &error);
  if (self->manager == NULL)
    {
      siocat_complain ("URL: %s", error->message);
      *status = SIOCAT_USAGE;
      return NULL;
    }

  title = make_title (config->url);
  self->recording = sioscope_recording_new (config->record_path, title);
  if (config->record_path != NULL && sioscope_recording_get_path (self->recording) == NULL)
    {
      g_autofree char *notice = sioscope_recording_dup_notice (self->recording);

      siocat_complain ("--record %s: %s", config->record_path, notice != NULL ? notice : "it cannot be written");
      *status = SIOCAT_FILE;
      return NULL;
    }

  self->recorder = sioscope_recorder_new (self->recording);
  sio_manager_set_tap (self->manager, SIO_TAP (self->recorder));
  if (!config->quiet)
    {
      self->printer = sioscope_printer_new (self->recording, config->depth);
      sioscope_printer_set_words (self->printer, siocat_words_name_options);
    }
  g_signal_connect_swapped (self->recording, "advanced", G_CALLBACK (pump), self);
  siocat_interrupt_watch (interrupted_cb, self);

  return g_steal_pointer (&self);
}

void
siocat_client_free (SiocatClient *self)
{
  if (self->manager != NULL)
    sio_manager_set_tap (self->manager, NULL);
  g_clear_object (&self->manager);
  if (self->recording != NULL)
    g_signal_handlers_disconnect_by_data (self->recording, self);
  g_clear_object (&self->recorder);
  g_clear_pointer (&self->printer, sioscope_printer_free);
  g_clear_object (&self->recording);
  g_hash_table_unref (self->joined);
  siocat_tally_free (self->tally);
  g_string_free (self->out, TRUE);
  g_main_loop_unref (self->loop);
  g_free (self);
}

static void
append_summary (SiocatClient *self)
{
  gint64 now_us = siocat_client_get_now_us (self);

  siocat_append_head (self->out, "summary", now_us);
  g_string_append_printf (self->out, ",\"events\":%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT
                          ",\"seconds\":%" G_GINT64_FORMAT ".%06d}\n",
                          siocat_tally_get_events (self->tally), siocat_tally_get_bytes (self->tally),
                          now_us / G_USEC_PER_SEC, (int) (now_us % G_USEC_PER_SEC));
}

SiocatStatus
siocat_client_run (SiocatClient *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *notice = NULL;

  if (!siocat_client_join (self, sio_manager_get_nsp (self->manager), self->config.auth, &error))
    {
      siocat_complain ("URL: %s", error->message);
      return SIOCAT_USAGE;
    }

  g_main_loop_run (self->loop);

  /* From the last "advanced" to the end. */
  sio_manager_set_tap (self->manager, NULL);
  sioscope_recorder_flush (self->recorder);
  pump (self);
  if (self->config.quiet)
    append_summary (self);
  flush_out (self);
  sioscope_recorder_finish (self->recorder); /* last: it stops the clock too */

  notice = self->config.record_path != NULL ? sioscope_recording_dup_notice (self->recording) : NULL;
  if (notice != NULL)
    {
      siocat_complain ("--record %s: %s", self->config.record_path, notice);
      if (self->status == SIOCAT_DONE)
        self->status = SIOCAT_FILE;
    }

  return siocat_output_finish (self->status);
}

SioManager *
siocat_client_get_manager (SiocatClient *self)
{
  return self->manager;
}

gint64
siocat_client_get_now_us (SiocatClient *self)
{
  return sioscope_recording_get_now_us (self->recording);
}

void
siocat_client_note (SiocatClient *self,
                    const char   *where,
                    const char   *message)
{
  sioscope_recorder_note (self->recorder, SIOSCOPE_KIND_ERROR, where, message);
}

gboolean
siocat_client_join (SiocatClient  *self,
                    const char    *nsp,
                    const char    *auth,
                    GError       **error)
{
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, error);

  if (socket == NULL || !sio_socket_set_auth (socket, auth, error))
    return FALSE;

  g_hash_table_add (self->joined, g_strdup (nsp));
  sio_socket_connect (socket);

  return TRUE;
}

SioSocket *
siocat_client_get_socket (SiocatClient  *self,
                          const char    *nsp,
                          GError       **error)
{
  if (nsp == NULL)
    nsp = sio_manager_get_nsp (self->manager);

  if (!g_hash_table_contains (self->joined, nsp))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "the namespace %s was not joined", nsp);
      return NULL;
    }

  return sio_manager_get_socket (self->manager, nsp, error);
}

static gsize
args_size (SioArguments *args)
{
  GPtrArray *attachments = sio_arguments_get_attachments (args);
  gsize size = sio_arguments_get_text (args).size;

  for (guint i = 0; i < attachments->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (attachments, i));

  return size;
}

/*< private >
 * siocat_client_emit:
 * @nsp: (nullable): a namespace that was joined; %NULL: the URL's
 * @error: why not. If it is @event or @args, an error line says it too
 *
 * Returns: the emit's tag, or 0
 */
guint64
siocat_client_emit (SiocatClient          *self,
                    const char            *nsp,
                    const char            *event,
                    SioArguments          *args,
                    const SioEmitOptions  *options,
                    GError               **error)
{
  SioSocket *socket = siocat_client_get_socket (self, nsp, error);
  SioEmitOptions with_tag = *options;

  if (socket == NULL)
    return 0;

  with_tag.tag = ++self->last_tag;
  /* What is sent again until there is an ack waits for one, asked for or not. */
  siocat_tally_expect (self->tally, with_tag.tag, args_size (args),
                       options->want_ack || (self->retries > 0 && !options->is_volatile));
  if (!sio_socket_emit (socket, event, args, &with_tag, error))
    {
      siocat_tally_forget (self->tally, with_tag.tag);
      return 0;
    }

  return with_tag.tag;
}

gboolean
siocat_client_is_busy (SiocatClient *self)
{
  gsize bytes;

  return siocat_tally_is_busy (self->tally)
         || sio_manager_get_unwritten (self->manager, &bytes) >= BUSY_PACKETS || bytes >= BUSY_BYTES;
}

gboolean
siocat_client_is_idle (SiocatClient *self)
{
  return self->was_joined && siocat_tally_is_empty (self->tally)
         && self->next_row >= sioscope_recording_get_n_rows (self->recording);
}
