/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* SioscopeConnection: the handle that the main thread holds. It has the profile, the recording to
 * read from, and a way to have commands done; it never touches the manager. */

#include "sioscope-backend-private.h"
#include "sioscope-connection.h"

struct _SioscopeConnection {
  GObject            parent_instance;

  SioscopeProfile   *profile;
  SioscopeRecording *recording;
  SioscopeBackend   *backend; /* NULL after dispose */
  char              *nsp;     /* the URL's */
  GHashTable        *asking;  /* of namespaces: whose auth the profile wants asked for */
};

enum {
  PROP_PROFILE = 1,
  PROP_RECORDING,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

enum {
  AUTH_WANTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Tags are unique in the whole program, so that two connections may share one table of them. 0 means none. */
static guint64 last_tag;

G_DEFINE_FINAL_TYPE (SioscopeConnection, sioscope_connection, G_TYPE_OBJECT)

static void
sioscope_connection_dispose (GObject *object)
{
  SioscopeConnection *self = SIOSCOPE_CONNECTION (object);

  g_clear_pointer (&self->backend, sioscope_backend_end);
  g_clear_object (&self->profile);
  g_clear_object (&self->recording);
  g_clear_pointer (&self->nsp, g_free);
  g_clear_pointer (&self->asking, g_hash_table_unref);

  G_OBJECT_CLASS (sioscope_connection_parent_class)->dispose (object);
}

static void
sioscope_connection_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  SioscopeConnection *self = SIOSCOPE_CONNECTION (object);

  switch (prop_id)
    {
    case PROP_PROFILE:
      g_value_set_object (value, self->profile);
      break;

    case PROP_RECORDING:
      g_value_set_object (value, self->recording);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
sioscope_connection_class_init (SioscopeConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sioscope_connection_dispose;
  object_class->get_property = sioscope_connection_get_property;

  /**
   * SioscopeConnection:profile:
   *
   * What the connection was made from. Later changes of it reach this connection with
   * sioscope_connection_update_options() only.
   */
  properties[PROP_PROFILE] =
    g_param_spec_object ("profile", NULL, NULL, SIOSCOPE_TYPE_PROFILE,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * SioscopeConnection:recording:
   *
   * Everything that happens on the connection.
   */
  properties[PROP_RECORDING] =
    g_param_spec_object ("recording", NULL, NULL, SIOSCOPE_TYPE_RECORDING,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * SioscopeConnection::auth-wanted:
   * @self: the connection
   * @nsp: the namespace that is to be joined
   * @request: which question this is
   *
   * Asks for the auth of @nsp, after sioscope_connection_ask_auth(). To be answered with
   * sioscope_connection_answer_auth(), at once or later; until then the namespace waits.
   */
  signals[AUTH_WANTED] = g_signal_new ("auth-wanted", SIOSCOPE_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);
}

static void
sioscope_connection_init (SioscopeConnection *self)
{
  self->asking = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* For people: where it goes, without the userinfo and the query, which may hold secrets. */
static char *
make_title (const SioUrl *url)
{
  g_autofree char *key = sio_url_dup_key (url, "");

  return g_strconcat (key, url->nsp, NULL);
}

/**
 * sioscope_connection_new:
 * @profile: where to and how; read now, and again with sioscope_connection_update_options()
 * @recording_path: (nullable) (type filename): where to write the recording; must not exist. %NULL: in memory
 * @error: the first mistake in the profile
 *
 * Makes a connection that does nothing yet: sioscope_connection_open() starts it. If the recording
 * cannot be written to @recording_path it is kept in memory instead, and
 * sioscope_recording_dup_notice() says why.
 *
 * Must be called on the main thread, as everything here.
 *
 * Returns: (transfer full) (nullable): the connection
 */
SioscopeConnection *
sioscope_connection_new (SioscopeProfile  *profile,
                         const char       *recording_path,
                         GError          **error)
{
  g_autoptr(SioOptions) options = NULL;
  g_autoptr(SioUrl) url = NULL;
  g_autofree char *title = NULL;
  SioscopeConnection *self;

  g_return_val_if_fail (SIOSCOPE_IS_PROFILE (profile), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  options = sioscope_profile_make_options (profile, error);
  if (options == NULL)
    return NULL;

  url = sio_url_parse (sioscope_profile_get_url (profile), error);
  if (url == NULL)
    return NULL;

  title = make_title (url);

  self = g_object_new (SIOSCOPE_TYPE_CONNECTION, NULL);
  self->profile = g_object_ref (profile);
  self->nsp = g_strdup (url->nsp);
  self->recording = sioscope_recording_new (recording_path, title);
  self->backend = sioscope_backend_new (sioscope_profile_get_url (profile), g_steal_pointer (&options),
                                        self->recording);

  return self;
}

/**
 * sioscope_connection_get_profile:
 * @self: a connection
 *
 * Returns: (transfer none): the profile it was made from
 */
SioscopeProfile *
sioscope_connection_get_profile (SioscopeConnection *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_CONNECTION (self), NULL);

  return self->profile;
}

/**
 * sioscope_connection_get_recording:
 * @self: a connection
 *
 * The recording is live for as long as the connection is: closing and opening again goes on in the
 * same one. It is finished when the connection is disposed of, or the network shut down; whoever
 * holds a reference can read it then too.
 *
 * Returns: (transfer none): what happened so far
 */
SioscopeRecording *
sioscope_connection_get_recording (SioscopeConnection *self)
{
  g_return_val_if_fail (SIOSCOPE_IS_CONNECTION (self), NULL);

  return self->recording;
}

/* As the profile says: told to the other thread only when it changes, because who is asked anew has to answer anew. */
static void
ask_as_profile_says (SioscopeConnection *self,
                     const char         *nsp,
                     gboolean            possible)
{
  gboolean ask = possible && g_strcmp0 (sioscope_profile_get_option (self->profile, "ask-auth"), "true") == 0;

  if (ask == g_hash_table_contains (self->asking, nsp))
    return;
  if (ask)
    g_hash_table_add (self->asking, g_strdup (nsp));
  else
    g_hash_table_remove (self->asking, nsp);
  sioscope_connection_ask_auth (self, nsp, ask);
}

static void
run (SioscopeConnection  *self,
     SioscopeCommandKind  kind)
{
  sioscope_backend_run (self->backend, &(SioscopeCommand) { .kind = kind });
}

/**
 * sioscope_connection_open:
 * @self: a connection
 *
 * Connects the URL's namespace. Does nothing while that is connected or under way.
 */
void
sioscope_connection_open (SioscopeConnection *self)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));

  ask_as_profile_says (self, self->nsp, TRUE);
  run (self, SIOSCOPE_COMMAND_OPEN);
}

/**
 * sioscope_connection_close:
 * @self: a connection
 *
 * Leaves every namespace, closes, and stops reconnecting. What is already in the write buffer is still sent.
 */
void
sioscope_connection_close (SioscopeConnection *self)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));

  run (self, SIOSCOPE_COMMAND_CLOSE);
}

/**
 * sioscope_connection_reconnect_now:
 * @self: a connection
 *
 * Ends the waiting for the next attempt; or opens again what was closed or given up, with the
 * namespaces that were asked for.
 */
void
sioscope_connection_reconnect_now (SioscopeConnection *self)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));

  run (self, SIOSCOPE_COMMAND_RECONNECT_NOW);
}

/**
 * sioscope_connection_stop_reconnecting:
 * @self: a connection
 *
 * Gives up, if an attempt is running or waited for.
 */
void
sioscope_connection_stop_reconnecting (SioscopeConnection *self)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));

  run (self, SIOSCOPE_COMMAND_STOP_RECONNECTING);
}

/**
 * sioscope_connection_cut:
 * @self: a connection
 *
 * Drops the transport as a network failure would. It reconnects by itself.
 */
void
sioscope_connection_cut (SioscopeConnection *self)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));

  run (self, SIOSCOPE_COMMAND_CUT);
}

/**
 * sioscope_connection_update_options:
 * @self: a connection
 * @error: the first mistake in the profile; nothing is changed then
 *
 * Has the options of the profile as they are now take effect at the next attempt, as in the official client. The URL
 * stays what it was.
 *
 * Returns: %FALSE with @error set
 */
gboolean
sioscope_connection_update_options (SioscopeConnection  *self,
                                    GError             **error)
{
  SioOptions *options;

  g_return_val_if_fail (SIOSCOPE_IS_CONNECTION (self), FALSE);

  options = sioscope_profile_make_options (self->profile, error);
  if (options == NULL)
    return FALSE;

  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_SET_OPTIONS,
    .options = options,
  });
  ask_as_profile_says (self, self->nsp, TRUE);
  return TRUE;
}

SioscopeAsker *
sioscope_asker_new (gpointer    connection,
                    const char *nsp)
{
  SioscopeAsker *self = g_atomic_rc_box_new0 (SioscopeAsker);

  g_weak_ref_init (&self->connection, connection);
  self->nsp = g_strdup (nsp);

  return self;
}

SioscopeAsker *
sioscope_asker_ref (SioscopeAsker *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
asker_clear (SioscopeAsker *self)
{
  g_weak_ref_clear (&self->connection);
  g_free (self->nsp);
}

void
sioscope_asker_unref (SioscopeAsker *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) asker_clear);
}

void
sioscope_asker_ask (SioscopeAsker *self,
                    guint          request)
{
  g_autoptr(SioscopeConnection) connection = g_weak_ref_get (&self->connection);

  if (connection != NULL)
    g_signal_emit (connection, signals[AUTH_WANTED], 0, self->nsp, request);
}

/**
 * sioscope_connection_ask_auth:
 * @self: a connection
 * @nsp: a namespace; need not be joined yet
 * @ask: whether to ask
 *
 * From the next CONNECT of @nsp on, #SioscopeConnection::auth-wanted asks for its auth each time, in place of any value.
 */
void
sioscope_connection_ask_auth (SioscopeConnection *self,
                              const char         *nsp,
                              gboolean            ask)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));
  g_return_if_fail (nsp != NULL);

  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_ASK_AUTH,
    .nsp = g_strdup (nsp),
    .asker = ask ? sioscope_asker_new (self, nsp) : NULL,
  });
}

/**
 * sioscope_connection_answer_auth:
 * @self: a connection
 * @nsp: a namespace
 * @request: which question, as #SioscopeConnection::auth-wanted said
 * @auth: (nullable): a JSON object as text
 *
 * Answers. An answer that comes too late is an ERROR entry of the recording: the next CONNECT asks again.
 */
void
sioscope_connection_answer_auth (SioscopeConnection *self,
                                 const char         *nsp,
                                 guint               request,
                                 const char         *auth)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));
  g_return_if_fail (nsp != NULL);

  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_ANSWER_AUTH,
    .nsp = g_strdup (nsp),
    .request = request,
    .auth = g_strdup (auth),
  });
}

/**
 * sioscope_connection_join:
 * @self: a connection
 * @nsp: a namespace
 * @auth: (nullable): a JSON object as text, sent with CONNECT now and at each reconnection; %NULL: the profile's
 *
 * Joins @nsp on this connection.
 */
void
sioscope_connection_join (SioscopeConnection *self,
                          const char         *nsp,
                          const char         *auth)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));
  g_return_if_fail (nsp != NULL);

  ask_as_profile_says (self, nsp, auth == NULL);
  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_JOIN,
    .nsp = g_strdup (nsp),
    .auth = g_strdup (auth),
  });
}

/**
 * sioscope_connection_leave:
 * @self: a connection
 * @nsp: a namespace that was joined
 *
 * Leaves @nsp; the connection and its other namespaces stay.
 */
void
sioscope_connection_leave (SioscopeConnection *self,
                           const char         *nsp)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));
  g_return_if_fail (nsp != NULL);

  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_LEAVE,
    .nsp = g_strdup (nsp),
  });
}

/**
 * sioscope_connection_emit:
 * @self: a connection
 * @nsp: a namespace that was joined
 * @event: the event's name
 * @args: (nullable): its arguments; must not be changed any more
 * @want_ack: ask the server for an ack
 * @timeout_ms: how long to wait for it, milliseconds; 0: the option ack-timeout
 * @is_volatile: drop it rather than wait
 *
 * Emits. Whether it waits, is sent, dropped or refused is in the recording, in entries that carry the tag.
 *
 * Returns: the emit's tag, never 0, unique in the program
 */
guint64
sioscope_connection_emit (SioscopeConnection *self,
                          const char         *nsp,
                          const char         *event,
                          SioArguments       *args,
                          gboolean            want_ack,
                          guint               timeout_ms,
                          gboolean            is_volatile)
{
  guint64 tag;

  g_return_val_if_fail (SIOSCOPE_IS_CONNECTION (self), 0);
  g_return_val_if_fail (nsp != NULL, 0);
  g_return_val_if_fail (event != NULL, 0);

  tag = ++last_tag;
  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_EMIT,
    .nsp = g_strdup (nsp),
    .event = g_strdup (event),
    .args = args != NULL ? sio_arguments_ref (args) : NULL,
    .tag = tag,
    .want_ack = want_ack,
    .timeout_ms = timeout_ms,
    .is_volatile = is_volatile,
  });

  return tag;
}

/**
 * sioscope_connection_reply:
 * @self: a connection
 * @nsp: the namespace that the event came on
 * @ack_id: the id that it came with
 * @args: (nullable): the answer; must not be changed any more
 *
 * Answers an event of the server that wants an ack. Only once, and only on the connection that it came over.
 */
void
sioscope_connection_reply (SioscopeConnection *self,
                           const char         *nsp,
                           gint64              ack_id,
                           SioArguments       *args)
{
  g_return_if_fail (SIOSCOPE_IS_CONNECTION (self));
  g_return_if_fail (nsp != NULL);
  g_return_if_fail (ack_id >= 0);

  sioscope_backend_run (self->backend, &(SioscopeCommand) {
    .kind = SIOSCOPE_COMMAND_REPLY,
    .nsp = g_strdup (nsp),
    .args = args != NULL ? sio_arguments_ref (args) : NULL,
    .ack_id = ack_id,
    .tag = ++last_tag,
  });
}
