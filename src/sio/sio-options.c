/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SioOptions: a bag of checked values as a GObject. The properties are made in sio-options-properties.c; what reads,
 * checks and sets the values is in sio-options-protocol.c, -start.c, -times.c, -network.c and -limits.c. */

#include "sio-options-private.h"

G_DEFINE_FINAL_TYPE (SioOptions, sio_options, G_TYPE_OBJECT)

/* Where the value of each property is. */
static const gsize offsets[SIO_OPTIONS_N_PROPS] = {
  [SIO_OPTIONS_PROP_PATH] = offsetof (SioOptions, path),
  [SIO_OPTIONS_PROP_TRANSPORTS] = offsetof (SioOptions, transports),
  [SIO_OPTIONS_PROP_UPGRADE] = offsetof (SioOptions, upgrade),
  [SIO_OPTIONS_PROP_QUERY] = offsetof (SioOptions, query),
  [SIO_OPTIONS_PROP_EXTRA_HEADERS] = offsetof (SioOptions, extra_headers),
  [SIO_OPTIONS_PROP_AUTH] = offsetof (SioOptions, auth),
  [SIO_OPTIONS_PROP_FORCE_BASE64] = offsetof (SioOptions, force_base64),
  [SIO_OPTIONS_PROP_TIMESTAMP_REQUESTS] = offsetof (SioOptions, timestamp_requests),
  [SIO_OPTIONS_PROP_TIMESTAMP_PARAM] = offsetof (SioOptions, timestamp_param),
  [SIO_OPTIONS_PROP_RECONNECTION] = offsetof (SioOptions, reconnection),
  [SIO_OPTIONS_PROP_RECONNECTION_ATTEMPTS] = offsetof (SioOptions, reconnection_attempts),
  [SIO_OPTIONS_PROP_RECONNECTION_DELAY_MS] = offsetof (SioOptions, reconnection_delay_ms),
  [SIO_OPTIONS_PROP_RECONNECTION_DELAY_MAX_MS] = offsetof (SioOptions, reconnection_delay_max_ms),
  [SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR] = offsetof (SioOptions, randomization_factor),
  [SIO_OPTIONS_PROP_TIMEOUT_MS] = offsetof (SioOptions, timeout_ms),
  [SIO_OPTIONS_PROP_ACK_TIMEOUT_MS] = offsetof (SioOptions, ack_timeout_ms),
  [SIO_OPTIONS_PROP_MAX_PAYLOAD] = offsetof (SioOptions, max_payload),
  [SIO_OPTIONS_PROP_SERVER] = offsetof (SioOptions, server),
  [SIO_OPTIONS_PROP_PARSER] = offsetof (SioOptions, parser),
  [SIO_OPTIONS_PROP_REMEMBER_UPGRADE] = offsetof (SioOptions, remember_upgrade),
  [SIO_OPTIONS_PROP_TRY_ALL_TRANSPORTS] = offsetof (SioOptions, try_all_transports),
  [SIO_OPTIONS_PROP_ADD_TRAILING_SLASH] = offsetof (SioOptions, add_trailing_slash),
  [SIO_OPTIONS_PROP_TIMESTAMP_WEBSOCKET] = offsetof (SioOptions, timestamp_websocket),
  [SIO_OPTIONS_PROP_PROTOCOLS] = offsetof (SioOptions, protocols),
  [SIO_OPTIONS_PROP_POLLING_OPTIONS] = offsetof (SioOptions, polling_options),
  [SIO_OPTIONS_PROP_WEBSOCKET_OPTIONS] = offsetof (SioOptions, websocket_options),
  [SIO_OPTIONS_PROP_FORCE_NEW] = offsetof (SioOptions, force_new),
  [SIO_OPTIONS_PROP_MULTIPLEX] = offsetof (SioOptions, multiplex),
  [SIO_OPTIONS_PROP_AUTO_CONNECT] = offsetof (SioOptions, auto_connect),
  [SIO_OPTIONS_PROP_WITH_CREDENTIALS] = offsetof (SioOptions, with_credentials),
  [SIO_OPTIONS_PROP_PROXY] = offsetof (SioOptions, proxy),
  [SIO_OPTIONS_PROP_LOCAL_ADDRESS] = offsetof (SioOptions, local_address),
  [SIO_OPTIONS_PROP_REQUEST_TIMEOUT_MS] = offsetof (SioOptions, request_timeout_ms),
  [SIO_OPTIONS_PROP_REJECT_UNAUTHORIZED] = offsetof (SioOptions, reject_unauthorized),
  [SIO_OPTIONS_PROP_TRUSTED_FINGERPRINTS] = offsetof (SioOptions, trusted_fingerprints),
  [SIO_OPTIONS_PROP_CA_FILE] = offsetof (SioOptions, ca_file),
  [SIO_OPTIONS_PROP_CERT_FILE] = offsetof (SioOptions, cert_file),
  [SIO_OPTIONS_PROP_KEY_FILE] = offsetof (SioOptions, key_file),
  [SIO_OPTIONS_PROP_PFX_FILE] = offsetof (SioOptions, pfx_file),
  [SIO_OPTIONS_PROP_PASSPHRASE] = offsetof (SioOptions, passphrase),
  [SIO_OPTIONS_PROP_RETRIES] = offsetof (SioOptions, retries),
  [SIO_OPTIONS_PROP_STOP_ON_REFUSAL] = offsetof (SioOptions, stop_on_refusal),
  [SIO_OPTIONS_PROP_MAX_FRAGMENTS] = offsetof (SioOptions, max_fragments),
  [SIO_OPTIONS_PROP_MAX_PACKETS_PER_POLL] = offsetof (SioOptions, max_packets_per_poll),
  [SIO_OPTIONS_PROP_MAX_INFORMATIONAL] = offsetof (SioOptions, max_informational),
  [SIO_OPTIONS_PROP_MAX_ATTACHMENTS] = offsetof (SioOptions, max_attachments),
  [SIO_OPTIONS_PROP_MAX_ATTACHMENTS_OUT] = offsetof (SioOptions, max_attachments_out),
  [SIO_OPTIONS_PROP_MAX_DEPTH] = offsetof (SioOptions, max_depth),
  [SIO_OPTIONS_PROP_MAX_PENDING_ACKS] = offsetof (SioOptions, max_pending_acks),
  [SIO_OPTIONS_PROP_MAX_NAMESPACES] = offsetof (SioOptions, max_namespaces),
  [SIO_OPTIONS_PROP_MAX_CONTROL_RATE] = offsetof (SioOptions, max_control_rate),
  [SIO_OPTIONS_PROP_MAX_QUEUED_PACKETS] = offsetof (SioOptions, max_queued_packets),
  [SIO_OPTIONS_PROP_MAX_QUEUED_SIZE] = offsetof (SioOptions, max_queued_size),
  [SIO_OPTIONS_PROP_MAX_COOKIES] = offsetof (SioOptions, max_cookies),
};

#define FIELD(self, ctype, prop_id) ((ctype *) ((char *) (self) + offsets[prop_id]))

static void
sio_options_finalize (GObject *object)
{
  SioOptions *self = SIO_OPTIONS (object);

  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    {
      GType type = sio_options_properties[i]->value_type;

      if (type == G_TYPE_STRING)
        g_free (*FIELD (self, char *, i));
      else if (type == G_TYPE_STRV)
        g_strfreev (*FIELD (self, char **, i));
      else if (g_type_is_a (type, G_TYPE_OBJECT) || G_TYPE_IS_INTERFACE (type))
        g_clear_object (FIELD (self, GObject *, i));
    }

  G_OBJECT_CLASS (sio_options_parent_class)->finalize (object);
}

static void
sio_options_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  SioOptions *self = SIO_OPTIONS (object);
  GType type = pspec->value_type;

  if (type == G_TYPE_STRING)
    g_value_set_string (value, *FIELD (self, char *, prop_id));
  else if (type == G_TYPE_STRV)
    g_value_set_boxed (value, *FIELD (self, char **, prop_id));
  else if (type == G_TYPE_BOOLEAN)
    g_value_set_boolean (value, *FIELD (self, gboolean, prop_id));
  else if (type == G_TYPE_UINT)
    g_value_set_uint (value, *FIELD (self, guint, prop_id));
  else if (type == G_TYPE_UINT64)
    g_value_set_uint64 (value, *FIELD (self, gsize, prop_id));
  else if (type == G_TYPE_DOUBLE)
    g_value_set_double (value, *FIELD (self, double, prop_id));
  else
    g_value_set_object (value, *FIELD (self, GObject *, prop_id));
}

static void
sio_options_set_checked (SioOptions    *self,
                         guint          prop_id,
                         const GValue  *value,
                         GError       **error)
{
  GType type = sio_options_properties[prop_id]->value_type;

  switch (prop_id)
    {
    case SIO_OPTIONS_PROP_PATH:
      sio_options_set_path (self, g_value_get_string (value));
      return;
    case SIO_OPTIONS_PROP_TRANSPORTS:
      sio_options_set_transports (self, g_value_get_boxed (value), error);
      return;
    case SIO_OPTIONS_PROP_EXTRA_HEADERS:
      sio_options_set_extra_headers (self, g_value_get_boxed (value), error);
      return;
    case SIO_OPTIONS_PROP_AUTH:
      sio_options_set_auth (self, g_value_get_string (value), error);
      return;
    case SIO_OPTIONS_PROP_SERVER:
      sio_options_set_server (self, g_value_get_uint (value), error);
      return;
    case SIO_OPTIONS_PROP_PROTOCOLS:
      sio_options_set_protocols (self, g_value_get_boxed (value), error);
      return;
    case SIO_OPTIONS_PROP_PROXY:
      sio_options_set_proxy (self, g_value_get_string (value), error);
      return;
    case SIO_OPTIONS_PROP_LOCAL_ADDRESS:
      sio_options_set_local_address (self, g_value_get_string (value), error);
      return;
    case SIO_OPTIONS_PROP_TRUSTED_FINGERPRINTS:
      sio_options_set_trusted_fingerprints (self, g_value_get_boxed (value), error);
      return;
    case SIO_OPTIONS_PROP_TIMESTAMP_PARAM:
      sio_options_set_timestamp_param (self, g_value_get_string (value));
      return;
    case SIO_OPTIONS_PROP_MAX_PAYLOAD:
      sio_options_set_max_payload (self, (gsize) g_value_get_uint64 (value));
      return;
    case SIO_OPTIONS_PROP_RANDOMIZATION_FACTOR:
      sio_options_set_randomization_factor (self, g_value_get_double (value));
      return;
    default:
      break;
    }

  if (type == G_TYPE_STRING)
    sio_options_assign_string (self, FIELD (self, char *, prop_id), g_value_get_string (value), prop_id);
  else if (type == G_TYPE_STRV)
    sio_options_assign_strv (self, FIELD (self, char **, prop_id), g_value_get_boxed (value), prop_id);
  else if (type == G_TYPE_BOOLEAN)
    sio_options_assign_boolean (self, FIELD (self, gboolean, prop_id), g_value_get_boolean (value), prop_id);
  else if (type == G_TYPE_UINT)
    sio_options_assign_uint (self, FIELD (self, guint, prop_id), g_value_get_uint (value), prop_id);
  else if (type == G_TYPE_UINT64)
    sio_options_assign_size (self, FIELD (self, gsize, prop_id), (gsize) g_value_get_uint64 (value), prop_id);
  else
    sio_options_assign_object (self, FIELD (self, GObject *, prop_id), g_value_get_object (value), prop_id);
}

static void
sio_options_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  g_autoptr(GError) error = NULL;

  sio_options_set_checked (SIO_OPTIONS (object), prop_id, value, &error);
  if (error != NULL)
    g_critical ("SioOptions:%s: %s", pspec->name, error->message);
}

static void
sio_options_class_init (SioOptionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = sio_options_finalize;
  object_class->get_property = sio_options_get_property;
  object_class->set_property = sio_options_set_property;

  sio_options_install_properties (object_class);
}

/* The defaults are those of the properties; only what no property can say is said here. */
static void
sio_options_init (SioOptions *self)
{
  static const char * const transports[] = { "polling", "websocket", NULL };

  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    {
      const GValue *value = g_param_spec_get_default_value (sio_options_properties[i]);
      GType type = sio_options_properties[i]->value_type;

      if (type == G_TYPE_STRING)
        *FIELD (self, char *, i) = g_value_dup_string (value);
      else if (type == G_TYPE_STRV)
        *FIELD (self, char **, i) = g_new0 (char *, 1);
      else if (type == G_TYPE_BOOLEAN)
        *FIELD (self, gboolean, i) = g_value_get_boolean (value);
      else if (type == G_TYPE_UINT)
        *FIELD (self, guint, i) = g_value_get_uint (value);
      else if (type == G_TYPE_UINT64)
        *FIELD (self, gsize, i) = (gsize) g_value_get_uint64 (value);
      else if (type == G_TYPE_DOUBLE)
        *FIELD (self, double, i) = g_value_get_double (value);
    }

  g_strfreev (self->transports);
  self->transports = g_strdupv ((char **) transports);
}

/* --- how values are set --- */

static void
sio_options_note_set (SioOptions *self,
                      guint       prop)
{
  self->is_set |= G_GUINT64_CONSTANT (1) << prop;
}

void
sio_options_assign_boolean (SioOptions *self,
                            gboolean   *field,
                            gboolean    value,
                            guint       prop)
{
  sio_options_note_set (self, prop);
  value = !!value;
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

void
sio_options_assign_uint (SioOptions *self,
                         guint      *field,
                         guint       value,
                         guint       prop)
{
  GParamSpecUInt *range = G_PARAM_SPEC_UINT (sio_options_properties[prop]);

  sio_options_note_set (self, prop);
  value = CLAMP (value, range->minimum, range->maximum);
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

void
sio_options_assign_size (SioOptions *self,
                         gsize      *field,
                         gsize       value,
                         guint       prop)
{
  GParamSpecUInt64 *range = G_PARAM_SPEC_UINT64 (sio_options_properties[prop]);

  sio_options_note_set (self, prop);
  value = (gsize) CLAMP (value, range->minimum, range->maximum);
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

void
sio_options_assign_string (SioOptions  *self,
                           char       **field,
                           const char  *value,
                           guint        prop)
{
  char *copy;

  sio_options_note_set (self, prop);
  if (g_strcmp0 (*field, value) == 0)
    return;

  copy = g_strdup (value);
  g_free (*field);
  *field = copy;
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

void
sio_options_assign_strv (SioOptions           *self,
                         char               ***field,
                         const char * const   *value,
                         guint                 prop)
{
  g_auto(GStrv) copy = value != NULL ? g_strdupv ((char **) value) : g_new0 (char *, 1);

  sio_options_note_set (self, prop);
  if (g_strv_equal ((const char * const *) *field, (const char * const *) copy))
    return;

  g_strfreev (*field);
  *field = g_steal_pointer (&copy);
  g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

void
sio_options_assign_object (SioOptions  *self,
                           GObject    **field,
                           gpointer     value,
                           guint        prop)
{
  sio_options_note_set (self, prop);
  if (g_set_object (field, value))
    g_object_notify_by_pspec (G_OBJECT (self), sio_options_properties[prop]);
}

/* --- copies --- */

static void
copy_property (SioOptions *from,
               SioOptions *to,
               guint       prop)
{
  g_auto(GValue) value = G_VALUE_INIT;

  g_object_get_property (G_OBJECT (from), sio_options_properties[prop]->name, &value);
  g_object_set_property (G_OBJECT (to), sio_options_properties[prop]->name, &value);
}

/**
 * sio_options_new:
 *
 * Returns: (transfer full): options with the official client's defaults
 */
SioOptions *
sio_options_new (void)
{
  return g_object_new (SIO_TYPE_OPTIONS, NULL);
}

/**
 * sio_options_copy:
 * @self: options
 *
 * Returns: (transfer full): others with the same values, for another thread
 */
SioOptions *
sio_options_copy (SioOptions *self)
{
  SioOptions *copy;

  g_return_val_if_fail (SIO_IS_OPTIONS (self), NULL);

  copy = sio_options_new ();
  for (guint i = 1; i < SIO_OPTIONS_N_PROPS; i++)
    copy_property (self, copy, i);
  /* they belong to the thread too; the parser keeps no state and may serve both */
  if (self->polling_options != NULL)
    {
      g_autoptr(SioOptions) polling = sio_options_copy (SIO_OPTIONS (self->polling_options));

      sio_options_set_transport_options (copy, SIO_TRANSPORT_KIND_POLLING, polling);
    }
  if (self->websocket_options != NULL)
    {
      g_autoptr(SioOptions) websocket = sio_options_copy (SIO_OPTIONS (self->websocket_options));

      sio_options_set_transport_options (copy, SIO_TRANSPORT_KIND_WEBSOCKET, websocket);
    }
  copy->is_set = self->is_set;

  return copy;
}

/**
 * sio_options_dup_for_transport:
 * @self: options
 * @kind: a transport
 *
 * Returns: (transfer full): the options as they count for @kind: with what its transport options set in their place.
 *   What decides about transports, reconnection and namespaces is not read from them.
 */
SioOptions *
sio_options_dup_for_transport (SioOptions       *self,
                               SioTransportKind  kind)
{
  SioOptions *overrides = sio_options_get_transport_options (self, kind);
  SioOptions *copy = sio_options_copy (self);

  for (guint i = 1; overrides != NULL && i < SIO_OPTIONS_N_PROPS; i++)
    if (overrides->is_set & (G_GUINT64_CONSTANT (1) << i))
      copy_property (overrides, copy, i);

  return copy;
}
