/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arguments of an event or ack. Received ones are a view into the message; built ones own their text. In both the
 * text is what the wire has, so that nothing is lost by passing through here. */

#include "sio-arguments-private.h"

#include "sio-error.h"
#include "wire/sio-json.h"

struct _SioArguments {
  gatomicrefcount ref_count;

  GBytes    *owner;       /* received: what text points into. NULL: built */
  GString   *built;       /* NULL if received */
  SioSpan    text;        /* received only */
  guint      n;
  GPtrArray *attachments; /* of GBytes; never NULL */
};

/**
 * sio_arguments_get_type:
 *
 * Returns: a boxed type; copying takes a reference
 */
G_DEFINE_BOXED_TYPE (SioArguments, sio_arguments, sio_arguments_ref, sio_arguments_unref)

/**
 * sio_arguments_new:
 *
 * Returns: (transfer full): an empty list to be filled. It must not change any more once it was handed on
 */
SioArguments *
sio_arguments_new (void)
{
  SioArguments *self = g_new0 (SioArguments, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->built = g_string_new (NULL);
  self->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  return self;
}

SioArguments *
sio_arguments_new_received (GBytes    *owner,
                            SioSpan    args,
                            guint      n_args,
                            GPtrArray *attachments)
{
  SioArguments *self;

  g_return_val_if_fail (owner != NULL, NULL);

  self = g_new0 (SioArguments, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->owner = g_bytes_ref (owner);
  self->text = args;
  self->n = n_args;
  self->attachments = attachments != NULL
                        ? g_ptr_array_ref (attachments)
                        : g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  return self;
}

/**
 * sio_arguments_ref:
 * @self: arguments
 *
 * Atomic: arguments that do not change any more may be shared between threads.
 *
 * Returns: (transfer full): @self
 */
SioArguments *
sio_arguments_ref (SioArguments *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * sio_arguments_unref:
 * @self: (transfer full): arguments
 *
 * Any thread. The last reference frees them.
 */
void
sio_arguments_unref (SioArguments *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->owner, g_bytes_unref);
  g_ptr_array_unref (self->attachments);
  if (self->built != NULL)
    g_string_free (self->built, TRUE);
  g_free (self);
}

static void
begin_argument (SioArguments *self)
{
  if (self->n++ > 0)
    g_string_append_c (self->built, ',');
}

/**
 * sio_arguments_add_json:
 * @self: arguments that were built
 * @text: one JSON value
 * @size: its size in bytes, -1 if it ends in NUL
 * @binary_notation: whether `{"$binary":"<base64>"}` in it means an attachment
 * @error: %SIO_ERROR_INVALID_ARGUMENT, the message says where and what was expected; %SIO_ERROR_TOO_LARGE if
 *   it nests too deep
 *
 * Adds the value as it is written; only blanks around it are left out.
 *
 * Returns: whether it was added
 */
gboolean
sio_arguments_add_json (SioArguments  *self,
                        const char    *text,
                        gssize         size,
                        gboolean       binary_notation,
                        GError       **error)
{
  g_autoptr(GError) local_error = NULL;
  SioSpan value;
  gsize old_len;

  g_return_val_if_fail (self != NULL && self->built != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  value = (SioSpan) { text, size < 0 ? strlen (text) : (gsize) size };
  if (!sio_json_validate (value.data, value.size, SIO_JSON_DEFAULT_MAX_DEPTH, NULL, NULL, &local_error))
    goto fail;

  while (g_ascii_isspace (value.data[0]))
    value = (SioSpan) { value.data + 1, value.size - 1 };
  while (g_ascii_isspace (value.data[value.size - 1]))
    value.size--;

  old_len = self->built->len;
  begin_argument (self);
  if (!binary_notation)
    {
      g_string_append_len (self->built, value.data, (gssize) value.size);
    }
  else if (!sio_json_extract_binary (self->built, value, self->attachments, &local_error))
    {
      g_string_truncate (self->built, old_len);
      self->n--;
      goto fail;
    }

  return TRUE;

fail:
  if (g_error_matches (local_error, SIO_ERROR, SIO_ERROR_MALFORMED))
    local_error->code = SIO_ERROR_INVALID_ARGUMENT;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

/**
 * sio_arguments_add_string:
 * @self: arguments that were built
 * @text: plain text; invalid UTF-8 becomes U+FFFD
 */
void
sio_arguments_add_string (SioArguments *self, const char *text)
{
  g_return_if_fail (self != NULL && self->built != NULL);
  g_return_if_fail (text != NULL);

  begin_argument (self);
  sio_json_append_quoted (self->built, text, -1);
}

/**
 * sio_arguments_add_binary:
 * @self: arguments that were built
 * @bytes: becomes an attachment; may be empty
 */
void
sio_arguments_add_binary (SioArguments *self, GBytes *bytes)
{
  g_return_if_fail (self != NULL && self->built != NULL);
  g_return_if_fail (bytes != NULL);

  begin_argument (self);
  g_string_append_printf (self->built, "{\"_placeholder\":true,\"num\":%u}", self->attachments->len);
  g_ptr_array_add (self->attachments, g_bytes_ref (bytes));
}

/**
 * sio_arguments_add_node:
 * @self: arguments that were built
 * @node: (nullable): a value; %NULL is null
 *
 * Adds the node as text whose numbers parse back. NaN and infinity become null, as in JSON.stringify.
 */
void
sio_arguments_add_node (SioArguments *self, JsonNode *node)
{
  g_return_if_fail (self != NULL && self->built != NULL);

  begin_argument (self);
  sio_json_append_node (self->built, node);
}

/**
 * sio_arguments_get_n:
 * @self: arguments
 *
 * Returns: how many there are; an attachment is a part of the argument it is in
 */
guint
sio_arguments_get_n (SioArguments *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n;
}

/**
 * sio_arguments_get_text:
 * @self: arguments
 *
 * Returns: all of them, with commas between; lives as long as @self does not change
 */
SioSpan
sio_arguments_get_text (SioArguments *self)
{
  g_return_val_if_fail (self != NULL, ((SioSpan) { NULL, 0 }));

  if (self->built != NULL)
    return (SioSpan) { self->built->str, self->built->len };

  return self->text;
}

/**
 * sio_arguments_get_json:
 * @self: arguments
 * @index: which, below sio_arguments_get_n()
 *
 * Walks from the first one: whoever wants all uses #SioJsonIter on sio_arguments_get_text().
 *
 * Returns: its JSON text, attachments as placeholders; lives as long as @self does not change
 */
SioSpan
sio_arguments_get_json (SioArguments *self, guint index)
{
  SioSpan element = { NULL, 0 };
  SioJsonIter iter;

  g_return_val_if_fail (self != NULL && index < self->n, ((SioSpan) { NULL, 0 }));

  sio_json_iter_init (&iter, sio_arguments_get_text (self));
  for (guint i = 0; i <= index; i++)
    if (!sio_json_iter_next (&iter, &element))
      return (SioSpan) { NULL, 0 };

  return element;
}

/**
 * sio_arguments_get_binary:
 * @self: arguments
 * @index: which, below sio_arguments_get_n()
 *
 * Returns: (transfer none) (nullable): the bytes, if the whole argument is one attachment
 */
GBytes *
sio_arguments_get_binary (SioArguments *self, guint index)
{
  SioSpan json;
  SioSpan flag;
  SioSpan num;
  guint64 n = 0;

  g_return_val_if_fail (self != NULL && index < self->n, NULL);

  if (self->attachments->len == 0)
    return NULL;

  json = sio_arguments_get_json (self, index);
  if (!sio_json_object_get (json, "_placeholder", &flag) || !sio_span_equals (flag, "true") ||
      !sio_json_object_get (json, "num", &num) || num.size == 0 || num.size > 9)
    return NULL;

  for (gsize i = 0; i < num.size; i++)
    {
      if (!g_ascii_isdigit (num.data[i]))
        return NULL;
      n = n * 10 + (guint64) (num.data[i] - '0');
    }

  return n < self->attachments->len ? g_ptr_array_index (self->attachments, n) : NULL;
}

/**
 * sio_arguments_get_attachments:
 * @self: arguments
 *
 * Returns: (transfer none) (element-type GBytes): what the placeholders stand for
 */
GPtrArray *
sio_arguments_get_attachments (SioArguments *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->attachments;
}

/* Beside attachments, a person's own {"_placeholder":true,…} is one more of them to the peer: it
 * hands out the wrong bytes, or closes the connection. Without attachments it is data like any
 * other. Arguments that were received are passed on as they were understood. Socket.IO protocol 5,
 * "Binary". */
gboolean
sio_arguments_check_binary (SioArguments *self, GError **error)
{
  if (self->built == NULL || self->attachments->len == 0
      || sio_json_count_placeholders (sio_arguments_get_text (self)) == self->attachments->len)
    return TRUE;

  g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                       "there is a {\"_placeholder\":true} in the JSON beside binary data: "
                       "the server would take it for an attachment");
  return FALSE;
}

/* json-glib refuses what JSON.parse takes: a surrogate without its other half. And it ends a string at an escaped NUL.
 * Both become U+FFFD for it; the text that we keep and show stays as it is. */
static char *
dup_for_json_glib (SioSpan json)
{
  GString *out = g_string_sized_new (json.size + 1);
  const char *p = json.data;
  const char *end = p + json.size;

  while (p < end)
    {
      const char *backslash = memchr (p, '\\', (gsize) (end - p));
      guint unit = 0;

      if (backslash == NULL)
        backslash = end;
      g_string_append_len (out, p, backslash - p);
      p = backslash;
      if (p == end)
        break;

      if (end - p < 6 || p[1] != 'u')
        {
          gsize n = (gsize) MIN (end - p, 2);

          g_string_append_len (out, p, (gssize) n);
          p += n;
          continue;
        }

      for (guint i = 2; i < 6; i++)
        unit = unit << 4 | (guint) g_ascii_xdigit_value (p[i]);

      if (unit >= 0xd800 && unit < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u' &&
          g_ascii_tolower (p[8]) == 'd' && strchr ("cdefCDEF", p[9]) != NULL)
        {
          g_string_append_len (out, p, 12);
          p += 12;
          continue;
        }

      if (unit == 0 || (unit >= 0xd800 && unit < 0xe000))
        g_string_append (out, "\\ufffd");
      else
        g_string_append_len (out, p, 6);
      p += 6;
    }

  return g_string_free (out, FALSE);
}

/**
 * sio_arguments_dup_node:
 * @self: arguments
 * @index: which, below sio_arguments_get_n()
 * @error: return location
 *
 * A tree of the argument, for who prefers that to text. json-glib's limits apply to the tree:
 * integers beyond 64 bits do not survive, escaped NULs and lone surrogates are U+FFFD. The text has
 * them all.
 *
 * Returns: (transfer full): the tree, or %NULL with an error of json-glib
 */
JsonNode *
sio_arguments_dup_node (SioArguments  *self,
                        guint          index,
                        GError       **error)
{
  g_autoptr(JsonParser) parser = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL && index < self->n, NULL);

  parser = json_parser_new ();
  text = dup_for_json_glib (sio_arguments_get_json (self, index));
  if (!json_parser_load_from_data (parser, text, -1, error))
    return NULL;

  return json_parser_steal_root (parser);
}
