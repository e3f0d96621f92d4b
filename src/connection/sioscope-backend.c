/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeBackend: what a connection is on the network thread. The struct is shared and counted;
 * everything in it that belongs to Sio or to the recorder is made, used and released on the network
 * thread only. */

#include "sioscope-backend-private.h"

/* Commands that a stuck network thread lets pile up; more are refused and the recording says how many. */
#define MAX_WAITING_COMMANDS 10000
#define MAX_WAITING_BYTES (256 * 1024 * 1024)
/* How long a server that takes nothing any more may keep a connection that was let go. */
#define END_GRACE_MS 2000

struct _SioscopeBackend {
  gatomicrefcount    ref_count;
  SioscopeNetwork   *network;

  /* Between the threads: what waits in the queue, and what did not get into it. */
  int                n_waiting;     /* atomic */
  gssize             waiting_bytes; /* atomic */
  int                n_refused;     /* atomic */

  /* Written once, before the network thread sees it; then only that one touches it. */
  char              *url;
  SioOptions        *options;
  SioscopeRecording *recording;

  /* The network thread's own. NULL before it started and after it ended. */
  SioscopeRecorder  *recorder;
  SioManager        *manager;       /* NULL too if the URL was no good */
  GHashTable        *asked_for;     /* namespaces that were joined once: set of char * */
  gulong             closing_handler; /* 0 unless ending */
  GSource           *grace;           /* NULL unless ending */
};

static SioscopeBackend *
sioscope_backend_ref (SioscopeBackend *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
sioscope_backend_unref (SioscopeBackend *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->manager == NULL && self->recorder == NULL);
  g_clear_object (&self->options);
  g_clear_object (&self->recording);
  g_clear_pointer (&self->asked_for, g_hash_table_unref);
  g_clear_pointer (&self->network, sioscope_network_unref);
  g_free (self->url);
  g_free (self);
}

G_GNUC_PRINTF (2, 3) static void
tell (SioscopeBackend *self,
      const char      *format,
      ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  sioscope_recorder_note (self->recorder, SIOSCOPE_KIND_ERROR, "command", message);
}

static void
clear_grace (SioscopeBackend *self)
{
  if (self->grace == NULL)
    return;

  g_source_destroy (self->grace);
  g_clear_pointer (&self->grace, g_source_unref);
}

static void
release_all (SioscopeBackend *self)
{
  if (self->recorder == NULL)
    return;

  clear_grace (self);
  if (self->manager != NULL)
    {
      g_clear_signal_handler (&self->closing_handler, self->manager);
      /* With its tap: what it still held and could not say any more is lost, and the recording shall tell. */
      g_object_run_dispose (G_OBJECT (self->manager));
      g_clear_object (&self->manager);
    }

  sioscope_recorder_finish (self->recorder);
  g_clear_object (&self->recorder);

  sioscope_network_release (self->network, self);
  sioscope_backend_unref (self);
}

/* Nothing more goes out: neither an engine nor one that still says goodbye. */
static gboolean
is_over (SioscopeBackend *self)
{
  return self->manager == NULL || !sio_manager_get_closing (self->manager);
}

static gboolean
release_all_cb (gpointer data)
{
  release_all (data);

  return G_SOURCE_REMOVE;
}

static void
release_all_in (SioscopeBackend *self,
                guint            ms)
{
  clear_grace (self);
  self->grace = g_timeout_source_new (ms);
  g_source_set_callback (self->grace, release_all_cb, sioscope_backend_ref (self),
                         (GDestroyNotify) sioscope_backend_unref);
  g_source_attach (self->grace, g_main_context_get_thread_default ());
}

static void
closing_cb (SioscopeBackend *self)
{
  if (!is_over (self))
    return;

  /* Not from inside the manager's own signal: it has more to say, and it would be released while it speaks. */
  g_clear_signal_handler (&self->closing_handler, self->manager);
  release_all_in (self, 0);
}

static void
end (gpointer member,
     gboolean now)
{
  SioscopeBackend *self = member;

  if (self->recorder == NULL)
    return;

  if (now)
    {
      release_all (self);
      return;
    }

  if (self->grace != NULL)
    return;

  if (self->manager != NULL)
    sio_manager_close (self->manager);

  if (is_over (self))
    {
      release_all (self);
      return;
    }

  self->closing_handler = g_signal_connect_swapped (self->manager, "notify::closing",
                                                    G_CALLBACK (closing_cb), self);
  release_all_in (self, END_GRACE_MS);
}

static void
start_cb (gpointer data)
{
  SioscopeBackend *self = data;
  g_autoptr(GError) error = NULL;

  self->asked_for = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->recorder = sioscope_recorder_new (self->recording);
  self->manager = sio_manager_new (self->url, self->options, &error);
  if (self->manager != NULL)
    sio_manager_set_tap (self->manager, SIO_TAP (self->recorder));
  else
    tell (self, "%s cannot be connected to: %s", self->url, error->message);

  /* Released in release_all(). */
  sioscope_network_hold (self->network, sioscope_backend_ref (self), end);
}

static void
end_cb (gpointer data)
{
  end (data, /* now= */ FALSE);
}

/*< private >
 * sioscope_backend_new:
 * @url: where to
 * @options: (transfer full): nobody else may hold a reference
 * @recording: what to write into
 *
 * Makes manager and recorder on the network thread, as its first command. To be ended with sioscope_backend_end().
 */
SioscopeBackend *
sioscope_backend_new (const char        *url,
                      SioOptions        *options,
                      SioscopeRecording *recording)
{
  SioscopeBackend *self = g_new0 (SioscopeBackend, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->network = sioscope_network_ref_default ();
  self->url = g_strdup (url);
  self->options = options;
  self->recording = g_object_ref (recording);

  sioscope_network_post (self->network, start_cb, sioscope_backend_ref (self),
                         (GDestroyNotify) sioscope_backend_unref);

  return self;
}

/*< private >
 * sioscope_backend_end:
 * @self: (transfer full): nothing may be asked of it afterwards
 *
 * Closes the connection as its person would, finishes the recording and releases everything, on the
 * network thread and after the commands that were given before.
 */
void
sioscope_backend_end (SioscopeBackend *self)
{
  sioscope_network_post (self->network, end_cb, self, (GDestroyNotify) sioscope_backend_unref);
}

/* The socket of a namespace that was asked for before, or NULL, and then the recording says so. */
static SioSocket *
find_socket (SioscopeBackend *self,
             const char      *nsp,
             const char      *what)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket;

  if (!g_hash_table_contains (self->asked_for, nsp))
    {
      tell (self, "%s: the namespace %s was never joined on this connection", what, nsp);
      return NULL;
    }

  socket = sio_manager_get_socket (self->manager, nsp, &error);
  if (socket == NULL)
    tell (self, "%s: %s", what, error->message);

  return socket;
}

static void
join (SioscopeBackend *self,
      const char      *nsp,
      const char      *auth)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, &error);

  if (socket == NULL || !sio_socket_set_auth (socket, auth, &error))
    {
      tell (self, "The namespace %s cannot be joined: %s", nsp, error->message);
      return;
    }

  g_hash_table_add (self->asked_for, g_strdup (nsp));
  sio_socket_connect (socket);
}

static void
open_all (SioscopeBackend *self)
{
  const char *nsp = sio_manager_get_nsp (self->manager);
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, nsp, &error);

  if (socket == NULL)
    {
      tell (self, "The namespace %s cannot be joined: %s", nsp, error->message);
      return;
    }

  g_hash_table_add (self->asked_for, g_strdup (nsp));
  sio_socket_connect (socket);
  sio_manager_open (self->manager);
}

typedef struct {
  SioscopeAsker *asker;
  guint          request;
} Question;

static gboolean
ask_cb (gpointer data)
{
  Question *question = data;

  sioscope_asker_ask (question->asker, question->request);

  return G_SOURCE_REMOVE;
}

static void
question_free (Question *question)
{
  sioscope_asker_unref (question->asker);
  g_free (question);
}

/* On the network thread; the question goes over to the main thread. */
static void
auth_wanted (SioSocket *socket,
             guint      request,
             gpointer   data)
{
  g_autoptr(GSource) source = g_idle_source_new ();
  Question *question = g_new (Question, 1);

  /* Not g_main_context_invoke(): that would run here while the main thread is between two turns of its loop. */
  *question = (Question) { sioscope_asker_ref (data), request };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, ask_cb, question, (GDestroyNotify) question_free);
  g_source_attach (source, NULL);
}

static void
ask_auth (SioscopeBackend       *self,
          const SioscopeCommand *command)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, command->nsp, &error);

  if (socket == NULL)
    tell (self, "Nobody is asked for the auth of %s: %s", command->nsp, error->message);
  else if (command->asker != NULL)
    sio_socket_set_auth_func (socket, auth_wanted, sioscope_asker_ref (command->asker),
                              (GDestroyNotify) sioscope_asker_unref);
  else
    sio_socket_set_auth_func (socket, NULL, NULL, NULL);
}

static void
answer_auth (SioscopeBackend       *self,
             const SioscopeCommand *command)
{
  g_autoptr(GError) error = NULL;
  SioSocket *socket = sio_manager_get_socket (self->manager, command->nsp, &error);

  if (socket == NULL || !sio_socket_provide_auth (socket, command->request, command->auth, &error))
    tell (self, "The auth for %s was not sent: %s", command->nsp, error->message);
}

static void
emit (SioscopeBackend       *self,
      const SioscopeCommand *command)
{
  g_autofree char *what = g_strdup_printf ("“%s” was not sent", command->event);
  SioSocket *socket = find_socket (self, command->nsp, what);
  SioEmitOptions options = {
    .is_volatile = command->is_volatile,
    .want_ack = command->want_ack,
    .timeout_ms = command->timeout_ms,
    .tag = command->tag,
  };

  /* What the library refuses it tells the tap itself, with the tag and the reason. */
  if (socket != NULL)
    sio_socket_emit (socket, command->event, command->args, &options, NULL);
}

static void
reply (SioscopeBackend       *self,
       const SioscopeCommand *command)
{
  g_autofree char *what = g_strdup_printf ("The ack %" G_GINT64_FORMAT " was not sent", command->ack_id);
  SioSocket *socket = find_socket (self, command->nsp, what);

  if (socket != NULL)
    sio_socket_reply (socket, command->ack_id, command->args, command->tag, NULL);
}

static void
leave (SioscopeBackend *self,
       const char      *nsp)
{
  SioSocket *socket = find_socket (self, nsp, "Nothing was left");

  if (socket != NULL)
    sio_socket_disconnect (socket);
}

/* The manager reads its options at each attempt, so it must keep the object that it has. */
static void
take_options (SioscopeBackend *self,
              SioOptions      *options)
{
  SioOptions *target = sio_manager_get_options (self->manager);
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (options), &n);
  for (guint i = 0; i < n; i++)
    {
      g_auto(GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (options), pspecs[i]->name, &value);
      g_object_set_property (G_OBJECT (target), pspecs[i]->name, &value);
    }
}

static void
run (SioscopeBackend       *self,
     const SioscopeCommand *command)
{
  switch (command->kind)
    {
    case SIOSCOPE_COMMAND_OPEN:
      open_all (self);
      break;

    case SIOSCOPE_COMMAND_CLOSE:
      sio_manager_close (self->manager);
      sioscope_recorder_flush (self->recorder);
      break;

    case SIOSCOPE_COMMAND_RECONNECT_NOW:
      sio_manager_reconnect_now (self->manager);
      break;

    case SIOSCOPE_COMMAND_STOP_RECONNECTING:
      sio_manager_stop_reconnecting (self->manager);
      break;

    case SIOSCOPE_COMMAND_CUT:
      sio_manager_cut (self->manager);
      break;

    case SIOSCOPE_COMMAND_SET_OPTIONS:
      take_options (self, command->options);
      break;

    case SIOSCOPE_COMMAND_ASK_AUTH:
      ask_auth (self, command);
      break;

    case SIOSCOPE_COMMAND_ANSWER_AUTH:
      answer_auth (self, command);
      break;

    case SIOSCOPE_COMMAND_JOIN:
      join (self, command->nsp, command->auth);
      break;

    case SIOSCOPE_COMMAND_LEAVE:
      leave (self, command->nsp);
      break;

    case SIOSCOPE_COMMAND_EMIT:
      emit (self, command);
      break;

    case SIOSCOPE_COMMAND_REPLY:
      reply (self, command);
      break;

    default:
      g_assert_not_reached ();
    }
}

/* One command on its way over. */
typedef struct {
  SioscopeBackend *backend;
  SioscopeCommand  command;
  gssize           size;
} Parcel;

static void
parcel_free (Parcel *parcel)
{
  g_atomic_int_add (&parcel->backend->n_waiting, -1);
  g_atomic_pointer_add (&parcel->backend->waiting_bytes, -parcel->size);

  g_free (parcel->command.nsp);
  g_free (parcel->command.auth);
  g_free (parcel->command.event);
  g_clear_pointer (&parcel->command.args, sio_arguments_unref);
  g_clear_object (&parcel->command.options);
  g_clear_pointer (&parcel->command.asker, sioscope_asker_unref);
  sioscope_backend_unref (parcel->backend);
  g_free (parcel);
}

static void
run_cb (gpointer data)
{
  Parcel *parcel = data;
  SioscopeBackend *self = parcel->backend;
  int n_refused;

  if (self->recorder == NULL)
    return;

  do
    n_refused = g_atomic_int_get (&self->n_refused);
  while (!g_atomic_int_compare_and_exchange (&self->n_refused, n_refused, 0));
  if (n_refused > 0)
    tell (self, "%d commands were refused: more than %d were waiting to be done", n_refused,
          MAX_WAITING_COMMANDS);

  if (self->manager != NULL)
    run (self, &parcel->command);
  else
    tell (self, "Nothing can be done on this connection: its URL is not usable");
}

static gssize
command_size (const SioscopeCommand *command)
{
  GPtrArray *attachments;
  gsize size;

  if (command->args == NULL)
    return 0;

  size = sio_arguments_get_text (command->args).size;
  attachments = sio_arguments_get_attachments (command->args);
  for (guint i = 0; i < attachments->len; i++)
    size += g_bytes_get_size (g_ptr_array_index (attachments, i));

  return (gssize) size;
}

/*< private >
 * sioscope_backend_run:
 * @command: (transfer full): its members; the struct itself is copied
 *
 * Has @command done on the network thread. Commands are done in the order they were given. Emits and
 * replies are refused while too much is waiting; the others always get through.
 */
void
sioscope_backend_run (SioscopeBackend *self,
                      SioscopeCommand *command)
{
  Parcel *parcel = g_new (Parcel, 1);

  *parcel = (Parcel) { sioscope_backend_ref (self), *command, command_size (command) };
  g_atomic_int_inc (&self->n_waiting);
  g_atomic_pointer_add (&self->waiting_bytes, parcel->size);

  if (command->kind >= SIOSCOPE_COMMAND_JOIN
      && (g_atomic_int_get (&self->n_waiting) > MAX_WAITING_COMMANDS
          || (gssize) g_atomic_pointer_get (&self->waiting_bytes) > MAX_WAITING_BYTES))
    {
      g_atomic_int_inc (&self->n_refused);
      parcel_free (parcel);
      return;
    }

  sioscope_network_post (self->network, run_cb, parcel, (GDestroyNotify) parcel_free);
}
