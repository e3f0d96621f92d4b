/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeNetwork: the network thread. It has a main context of its own, pushed as thread default,
 * so that everything of Sio that is made by a command lives there; libsoup's objects must never be
 * touched, nor released, by another thread. */

#include "sioscope-connection.h"
#include "sioscope-network-private.h"

/* How long the farewells may take at the end of the program before what is left is cut. */
#define SHUTDOWN_GRACE_MS 1000
/* One turn of commands; then the network has its turn, so that even an endless stream of commands
 * cannot stop a heartbeat. */
#define COMMAND_BUDGET_US 5000

typedef struct {
  SioscopeNetworkFunc func;
  gpointer            data;
  GDestroyNotify      destroy;
} Command;

struct _SioscopeNetwork {
  gatomicrefcount  ref_count;

  GThread         *thread;
  GMainContext    *context;
  GMainLoop       *loop;
  GSource         *source;   /* runs the commands */

  GMutex           mutex;    /* guards the two below */
  GQueue           commands; /* of Command */
  gboolean         stopped;  /* nothing is taken any more */

  /* The network thread's own. */
  GHashTable      *members;  /* what has to be ended: gpointer → SioscopeNetworkEndFunc */
  gboolean         ending;
  gboolean         yielding; /* the commands had their turn */
};

typedef struct {
  GSource          parent;
  SioscopeNetwork *network;
} CommandSource;

static GMutex           default_mutex;
static SioscopeNetwork *default_network; /* guarded by default_mutex; holds a reference */

static void
command_free (Command *command)
{
  if (command->destroy != NULL)
    command->destroy (command->data);
  g_free (command);
}

static Command *
take_command (SioscopeNetwork *self)
{
  Command *command;

  g_mutex_lock (&self->mutex);
  command = g_queue_pop_head (&self->commands);
  g_mutex_unlock (&self->mutex);

  return command;
}

static gboolean
has_commands (SioscopeNetwork *self)
{
  gboolean has;

  g_mutex_lock (&self->mutex);
  has = !g_queue_is_empty (&self->commands);
  g_mutex_unlock (&self->mutex);

  return has;
}

static gboolean
command_source_prepare (GSource *source,
                        int     *timeout)
{
  SioscopeNetwork *self = ((CommandSource *) source)->network;

  *timeout = -1;
  if (!has_commands (self))
    {
      self->yielding = FALSE;
      return FALSE;
    }

  if (self->yielding)
    {
      *timeout = 0;
      return FALSE;
    }

  return TRUE;
}

static gboolean
command_source_check (GSource *source)
{
  SioscopeNetwork *self = ((CommandSource *) source)->network;

  if (self->yielding)
    {
      self->yielding = FALSE;
      return FALSE;
    }

  return has_commands (self);
}

static gboolean
command_source_dispatch (GSource     *source,
                         GSourceFunc  callback,
                         gpointer     user_data)
{
  SioscopeNetwork *self = ((CommandSource *) source)->network;
  gint64 until = g_get_monotonic_time () + COMMAND_BUDGET_US;
  Command *command;

  /* Time first: a command that was taken has to be run. */
  while (g_get_monotonic_time () < until && (command = take_command (self)) != NULL)
    {
      command->func (command->data);
      command_free (command);
    }

  self->yielding = TRUE;

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs command_source_funcs = {
  .prepare = command_source_prepare,
  .check = command_source_check,
  .dispatch = command_source_dispatch,
};

static gpointer
network_thread (gpointer data)
{
  SioscopeNetwork *self = data;
  gint64 until;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);

  /* What was cancelled still has its callbacks to run: they hold the last references of what lives
   * here. A bound, because a server may keep a socket readable for ever. */
  until = g_get_monotonic_time () + 200 * 1000;
  while (g_get_monotonic_time () < until && g_main_context_iteration (self->context, /* may_block= */ FALSE))
    ;

  g_source_destroy (self->source);
  g_main_context_pop_thread_default (self->context);

  return NULL;
}

static SioscopeNetwork *
sioscope_network_new (void)
{
  SioscopeNetwork *self = g_new0 (SioscopeNetwork, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  g_queue_init (&self->commands);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->members = g_hash_table_new (NULL, NULL);

  /* Above everything else: what a person asks for is done before the next bytes of a flood are looked at. */
  self->source = g_source_new (&command_source_funcs, sizeof (CommandSource));
  ((CommandSource *) self->source)->network = self;
  g_source_set_static_name (self->source, "sioscope commands");
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_attach (self->source, self->context);

  self->thread = g_thread_new ("sioscope-network", network_thread, self);

  return self;
}

/*< private >
 * sioscope_network_ref_default:
 *
 * The network thread that every connection shares; the first call starts it.
 *
 * Returns: (transfer full): it
 */
SioscopeNetwork *
sioscope_network_ref_default (void)
{
  SioscopeNetwork *network;

  g_mutex_lock (&default_mutex);
  if (default_network == NULL)
    default_network = sioscope_network_new ();
  network = sioscope_network_ref (default_network);
  g_mutex_unlock (&default_mutex);

  return network;
}

SioscopeNetwork *
sioscope_network_ref (SioscopeNetwork *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/*< private >
 * sioscope_network_unref:
 *
 * Gives a reference back. The thread itself is ended by sioscope_network_shutdown() only, which holds the last one.
 */
void
sioscope_network_unref (SioscopeNetwork *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->stopped);
  g_source_unref (self->source);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->members);
  g_queue_clear_full (&self->commands, (GDestroyNotify) command_free);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/*< private >
 * sioscope_network_post:
 * @func: what to run on the network thread
 * @data: for @func
 * @destroy: (nullable): frees @data afterwards, on the network thread; also when @func never ran
 *
 * Asks for @func to be run on the network thread, after everything that was posted before, and returns at once.
 *
 * Returns: %FALSE if the network was shut down: then @func will not run, and @data was freed here
 */
gboolean
sioscope_network_post (SioscopeNetwork     *self,
                       SioscopeNetworkFunc  func,
                       gpointer             data,
                       GDestroyNotify       destroy)
{
  Command *command = g_new (Command, 1);
  gboolean stopped;

  *command = (Command) { func, data, destroy };

  g_mutex_lock (&self->mutex);
  stopped = self->stopped;
  if (!stopped)
    g_queue_push_tail (&self->commands, command);
  g_mutex_unlock (&self->mutex);

  if (stopped)
    command_free (command);
  else
    g_main_context_wakeup (self->context);

  return !stopped;
}

typedef struct {
  SioscopeNetworkFunc func;
  gpointer            data;
  GMutex              mutex;
  GCond               cond;
  gboolean            done;
} Call;

static void
call_cb (gpointer data)
{
  Call *call = data;

  call->func (call->data);

  g_mutex_lock (&call->mutex);
  call->done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->mutex);
}

/*< private >
 * sioscope_network_call:
 *
 * As sioscope_network_post(), but waits until @func has run. Not from the network thread.
 *
 * Returns: %FALSE if the network was shut down and @func did not run
 */
gboolean
sioscope_network_call (SioscopeNetwork     *self,
                       SioscopeNetworkFunc  func,
                       gpointer             data)
{
  Call call = { .func = func, .data = data };
  gboolean posted;

  g_assert (!sioscope_network_is_current (self));

  g_mutex_init (&call.mutex);
  g_cond_init (&call.cond);

  posted = sioscope_network_post (self, call_cb, &call, NULL);
  g_mutex_lock (&call.mutex);
  while (posted && !call.done)
    g_cond_wait (&call.cond, &call.mutex);
  g_mutex_unlock (&call.mutex);

  g_mutex_clear (&call.mutex);
  g_cond_clear (&call.cond);

  return posted;
}

gboolean
sioscope_network_is_current (SioscopeNetwork *self)
{
  return g_thread_self () == self->thread;
}

/*< private >
 * sioscope_network_hold:
 *
 * Keeps the network thread from ending until @member was released: @end is called when it is to end.
 */
void
sioscope_network_hold (SioscopeNetwork        *self,
                       gpointer                member,
                       SioscopeNetworkEndFunc  end)
{
  g_assert (sioscope_network_is_current (self));
  g_hash_table_insert (self->members, member, (gpointer) end);
}

void
sioscope_network_release (SioscopeNetwork *self,
                          gpointer         member)
{
  g_assert (sioscope_network_is_current (self));

  g_hash_table_remove (self->members, member);
  if (self->ending && g_hash_table_size (self->members) == 0)
    g_main_loop_quit (self->loop);
}

static void
end_members (SioscopeNetwork *self,
             gboolean         now)
{
  g_autofree gpointer *members = g_hash_table_get_keys_as_array (self->members, NULL);

  for (guint i = 0; members[i] != NULL; i++)
    {
      SioscopeNetworkEndFunc end = (SioscopeNetworkEndFunc) g_hash_table_lookup (self->members, members[i]);

      /* Ending one may have released another. */
      if (end != NULL)
        end (members[i], now);
    }
}

static gboolean
grace_is_over_cb (gpointer data)
{
  SioscopeNetwork *self = data;

  end_members (self, /* now= */ TRUE);
  g_main_loop_quit (self->loop);

  return G_SOURCE_REMOVE;
}

static void
end_cb (gpointer data)
{
  SioscopeNetwork *self = data;
  g_autoptr(GSource) grace = NULL;

  self->ending = TRUE;
  end_members (self, /* now= */ FALSE);

  if (g_hash_table_size (self->members) == 0)
    {
      g_main_loop_quit (self->loop);
      return;
    }

  grace = g_timeout_source_new (SHUTDOWN_GRACE_MS);
  g_source_set_priority (grace, G_PRIORITY_HIGH);
  g_source_set_callback (grace, grace_is_over_cb, self, NULL);
  g_source_attach (grace, self->context);
}

/**
 * sioscope_network_shutdown:
 *
 * Ends the network thread: closes every connection as if its person had closed it, finishes the
 * recordings, stops the demo server, and waits for the thread to end. That takes a few milliseconds
 * as a rule; after one second what is left is cut.
 *
 * To be called on the main thread, once, when the program ends. Connections that are still held
 * afterwards are inert: their commands do nothing, their recordings can be read. (In a test the
 * next connection simply starts a new thread.)
 */
void
sioscope_network_shutdown (void)
{
  SioscopeNetwork *self;

  g_mutex_lock (&default_mutex);
  self = g_steal_pointer (&default_network);
  g_mutex_unlock (&default_mutex);

  if (self == NULL)
    return;

  sioscope_network_post (self, end_cb, self, NULL);
  g_mutex_lock (&self->mutex);
  self->stopped = TRUE;
  g_mutex_unlock (&self->mutex);

  g_thread_join (self->thread);
  sioscope_network_unref (self);
}
