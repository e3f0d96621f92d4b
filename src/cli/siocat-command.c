/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The language of standard input: an array is an event, an object is one of a few verbs with its members. */

#include "siocat-command.h"

#define MAX_TIMEOUT_MS (24 * 60 * 60 * 1000)

/* As the tokens that they are; empty: not there. */
typedef struct {
  SioSpan emit;
  SioSpan nsp;
  SioSpan ack;
  SioSpan timeout;
  SioSpan is_volatile;
  SioSpan compress;
  SioSpan args;
  SioSpan connect;
  SioSpan auth;
  SioSpan disconnect;
  SioSpan transport;
  SioSpan open;
  SioSpan close;
} Members;

static const struct {
  const char *name;
  gsize       offset;
} member_table[] = {
  { "emit", G_STRUCT_OFFSET (Members, emit) },
  { "nsp", G_STRUCT_OFFSET (Members, nsp) },
  { "ack", G_STRUCT_OFFSET (Members, ack) },
  { "timeout", G_STRUCT_OFFSET (Members, timeout) },
  { "volatile", G_STRUCT_OFFSET (Members, is_volatile) },
  { "compress", G_STRUCT_OFFSET (Members, compress) },
  { "args", G_STRUCT_OFFSET (Members, args) },
  { "connect", G_STRUCT_OFFSET (Members, connect) },
  { "auth", G_STRUCT_OFFSET (Members, auth) },
  { "disconnect", G_STRUCT_OFFSET (Members, disconnect) },
  { "transport", G_STRUCT_OFFSET (Members, transport) },
  { "open", G_STRUCT_OFFSET (Members, open) },
  { "close", G_STRUCT_OFFSET (Members, close) },
};

G_GNUC_PRINTF (2, 3) static gboolean
fail (GError     **error,
      const char  *format,
      ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, format, args);
  va_end (args);

  return FALSE;
}

static SioSpan
trim (SioSpan text)
{
  while (text.size > 0 && g_ascii_isspace (text.data[0]))
    text = (SioSpan) { text.data + 1, text.size - 1 };
  while (text.size > 0 && g_ascii_isspace (text.data[text.size - 1]))
    text.size--;

  return text;
}

/* What is between the brackets or braces. */
static SioSpan
inside (SioSpan value)
{
  return (SioSpan) { value.data + 1, value.size - 2 };
}

static gboolean
is_set (SioSpan span)
{
  return span.size > 0;
}

/* A string without NUL, as a namespace or an event's name has to be. */
static char *
dup_string (SioSpan      token,
            const char  *what,
            GError     **error)
{
  g_autoptr(GString) text = NULL;

  if (sio_json_get_type (token) != SIO_JSON_STRING)
    {
      fail (error, "%s has to be a string", what);
      return NULL;
    }

  text = sio_json_unquote (token);
  if (strlen (text->str) != text->len)
    {
      fail (error, "%s must not have a NUL in it", what);
      return NULL;
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
get_boolean (SioSpan      token,
             const char  *what,
             gboolean    *value,
             GError     **error)
{
  if (is_set (token) && sio_json_get_type (token) != SIO_JSON_TRUE && sio_json_get_type (token) != SIO_JSON_FALSE)
    return fail (error, "\"%s\" has to be true or false", what);

  *value = is_set (token) && sio_json_get_type (token) == SIO_JSON_TRUE;

  return TRUE;
}

/* Digits only: neither 1e3 nor 1.0. */
static gboolean
get_number (SioSpan      token,
            const char  *what,
            guint64      max,
            guint64     *value,
            GError     **error)
{
  g_autofree char *digits = g_strndup (token.data, token.size);

  if (!g_ascii_string_to_unsigned (digits, 10, 0, max, value, NULL))
    return fail (error, "\"%s\" has to be an integer from 0 to %" G_GUINT64_FORMAT, what, max);

  return TRUE;
}

static gboolean
parse_args (SioSpan        elements,
            SioArguments **args,
            GError       **error)
{
  g_autoptr(SioArguments) parsed = sio_arguments_new ();
  SioJsonIter iter;
  SioSpan element;

  sio_json_iter_init (&iter, elements);
  while (sio_json_iter_next (&iter, &element))
    if (!sio_arguments_add_json (parsed, element.data, (gssize) element.size, /* binary_notation= */ TRUE, error))
      return FALSE;

  *args = g_steal_pointer (&parsed);

  return TRUE;
}

/* Of a validated value. */
static gboolean
parse_event_array (SioSpan        array,
                   char         **event,
                   SioArguments **args,
                   GError       **error)
{
  g_autofree char *name = NULL;
  SioJsonIter iter;
  SioSpan first;

  if (sio_json_get_type (array) != SIO_JSON_ARRAY)
    return fail (error, "an event has to be an array: [\"event\", argument, ...]");

  sio_json_iter_init (&iter, inside (array));
  if (!sio_json_iter_next (&iter, &first))
    return fail (error, "the array is empty; its first element is the event's name");

  name = dup_string (first, "the event's name", error);
  if (name == NULL || !parse_args ((SioSpan) { iter.next, (gsize) (iter.end - iter.next) }, args, error))
    return FALSE;

  *event = g_steal_pointer (&name);

  return TRUE;
}

static gboolean
validate (SioSpan       text,
          SioSpan      *value,
          SioJsonType  *type,
          GError      **error)
{
  g_autoptr(GError) local_error = NULL;

  if (!g_utf8_validate_len (text.data, text.size, NULL))
    return fail (error, "not valid UTF-8");

  if (!sio_json_validate (text.data, text.size, SIO_JSON_DEFAULT_MAX_DEPTH, type, NULL, &local_error))
    return fail (error, "not JSON: %s", local_error->message);

  *value = trim (text);

  return TRUE;
}

gboolean
siocat_parse_event (SioSpan        text,
                    char         **event,
                    SioArguments **args,
                    GError       **error)
{
  SioJsonType type;
  SioSpan value;

  return validate (text, &value, &type, error) && parse_event_array (value, event, args, error);
}

static gboolean
emit (SiocatClient    *client,
      SioSpan          array,
      const Members   *members,
      GError         **error)
{
  g_autoptr(SioArguments) args = NULL;
  g_autofree char *event = NULL;
  g_autofree char *nsp = NULL;
  SioEmitOptions options = { 0 };
  guint64 timeout = 0;
  gboolean compress;

  if (!parse_event_array (array, &event, &args, error)
      || !get_boolean (members->ack, "ack", &options.want_ack, error)
      || !get_boolean (members->is_volatile, "volatile", &options.is_volatile, error)
      || !get_boolean (members->compress, "compress", &compress, error) /* nothing ever is */
      || (is_set (members->timeout) && !get_number (members->timeout, "timeout", MAX_TIMEOUT_MS, &timeout, error)))
    return FALSE;

  if (is_set (members->nsp) && (nsp = dup_string (members->nsp, "\"nsp\"", error)) == NULL)
    return FALSE;

  options.timeout_ms = (guint) timeout;
  if (siocat_client_get_socket (client, nsp, error) == NULL)
    return FALSE;

  /* The line was right. What becomes of the emit is the recording's to say: sent, dropped, refused. */
  siocat_client_emit (client, nsp, event, args, &options, NULL);

  return TRUE;
}

static gboolean
reply (SiocatClient   *client,
       const Members  *members,
       GError        **error)
{
  g_autoptr(SioArguments) args = NULL;
  g_autofree char *nsp = NULL;
  SioSocket *socket;
  guint64 id;

  if (!get_number (members->ack, "ack", G_GUINT64_CONSTANT (1) << 53, &id, error))
    return FALSE;
  if (is_set (members->nsp) && (nsp = dup_string (members->nsp, "\"nsp\"", error)) == NULL)
    return FALSE;
  if (is_set (members->args) && sio_json_get_type (members->args) != SIO_JSON_ARRAY)
    return fail (error, "\"args\" has to be an array");
  if (!parse_args (is_set (members->args) ? inside (members->args) : members->args, &args, error))
    return FALSE;

  socket = siocat_client_get_socket (client, nsp, error);
  if (socket == NULL)
    return FALSE;

  sio_socket_reply (socket, (gint64) id, args, /* tag= */ 0, NULL);

  return TRUE;
}

static gboolean
join (SiocatClient   *client,
      const Members  *members,
      GError        **error)
{
  g_autofree char *nsp = dup_string (members->connect, "\"connect\"", error);
  g_autofree char *auth = g_strndup (members->auth.data, members->auth.size);

  if (nsp == NULL)
    return FALSE;
  if (is_set (members->auth) && sio_json_get_type (members->auth) != SIO_JSON_OBJECT)
    return fail (error, "\"auth\" has to be an object");

  return siocat_client_join (client, nsp, is_set (members->auth) ? auth : NULL, error);
}

static gboolean
leave (SiocatClient   *client,
       const Members  *members,
       GError        **error)
{
  g_autofree char *nsp = dup_string (members->disconnect, "\"disconnect\"", error);
  SioSocket *socket = nsp != NULL ? siocat_client_get_socket (client, nsp, error) : NULL;

  if (socket == NULL)
    return FALSE;

  sio_socket_disconnect (socket);

  return TRUE;
}

/* A verb and the members that may stand beside it. */
static gboolean
only (const Members  *members,
      const char     *verb,
      const char     *companions,
      GError        **error)
{
  g_auto(GStrv) allowed = g_strsplit (companions, " ", -1);

  for (guint i = 0; i < G_N_ELEMENTS (member_table); i++)
    {
      const char *name = member_table[i].name;

      if (is_set (G_STRUCT_MEMBER (SioSpan, members, member_table[i].offset))
          && !g_str_equal (name, verb) && !g_strv_contains ((const char * const *) allowed, name))
        return fail (error, "\"%s\" does not go with \"%s\"", name, verb);
    }

  return TRUE;
}

static gboolean
run_object (SiocatClient   *client,
            const Members  *members,
            GError        **error)
{
  SioManager *manager = siocat_client_get_manager (client);
  gboolean yes = FALSE;

  if (is_set (members->emit))
    return only (members, "emit", "nsp ack timeout volatile compress", error)
           && emit (client, members->emit, members, error);

  if (is_set (members->ack))
    return only (members, "ack", "nsp args", error) && reply (client, members, error);

  if (is_set (members->connect))
    return only (members, "connect", "auth", error) && join (client, members, error);

  if (is_set (members->disconnect))
    return only (members, "disconnect", "", error) && leave (client, members, error);

  if (is_set (members->transport))
    {
      if (!only (members, "transport", "", error))
        return FALSE;
      if (!sio_span_equals (members->transport, "\"close\""))
        return fail (error, "\"transport\" knows \"close\" only");
      sio_manager_cut (manager);
      return TRUE;
    }

  if (is_set (members->open))
    {
      if (!only (members, "open", "", error) || !get_boolean (members->open, "open", &yes, error))
        return FALSE;
      if (!yes)
        return fail (error, "\"open\" has to be true");
      sio_manager_reconnect_now (manager);
      return TRUE;
    }

  if (is_set (members->close))
    {
      if (!only (members, "close", "", error) || !get_boolean (members->close, "close", &yes, error))
        return FALSE;
      if (!yes)
        return fail (error, "\"close\" has to be true");
      siocat_client_end (client, SIOCAT_DONE);
      return TRUE;
    }

  return fail (error, "there is nothing to do in it: none of emit, ack, connect, disconnect, transport, open, close");
}

static gboolean
parse_members (SioSpan    object,
               Members   *members,
               GError   **error)
{
  SioJsonIter iter;
  SioSpan key;
  SioSpan value;

  /* The iterator passes the colon as it passes a comma: names and values take turns. */
  sio_json_iter_init (&iter, inside (object));
  while (sio_json_iter_next (&iter, &key) && sio_json_iter_next (&iter, &value))
    {
      g_autoptr(GString) name = sio_json_unquote (key);
      guint i;

      for (i = 0; i < G_N_ELEMENTS (member_table); i++)
        if (g_str_equal (name->str, member_table[i].name))
          break;
      if (i == G_N_ELEMENTS (member_table))
        return fail (error, "\"%s\" is not known", name->str);

      G_STRUCT_MEMBER (SioSpan, members, member_table[i].offset) = value;
    }

  return TRUE;
}

gboolean
siocat_command_run (SiocatClient  *client,
                    const char    *line,
                    gsize          size,
                    GError       **error)
{
  Members members = { 0 };
  SioJsonType type;
  SioSpan value;

  if (!validate ((SioSpan) { line, size }, &value, &type, error))
    return FALSE;

  if (type == SIO_JSON_ARRAY)
    return emit (client, value, &members, error);

  if (type != SIO_JSON_OBJECT)
    return fail (error, "neither an array nor an object");

  return parse_members (value, &members, error) && run_object (client, &members, error);
}
