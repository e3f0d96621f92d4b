/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Binary in JSON text: placeholders of the wire, and the {"$binary":"<base64>"} that people write and read instead.
 * One walk over the tokens with a stack of the open brackets; an object is judged when it closes, so the
 * order of its members does not matter and the work stays linear. Socket.IO protocol 5, "Binary". */

#include "sio-json-private.h"

#include "sio-base64.h"
#include "sio-printable.h"
#include "../sio-error.h"

/* A packet may name one attachment as often as it likes. Written out, that must not fill the memory. */
#define MAX_EXPANSION (256 * 1024 * 1024)

typedef struct {
  gboolean is_object;
  gboolean expects_name;
  guint    n_members;
  gsize    out_start;   /* where this object's "{" is in the output */
  SioSpan  name;        /* of the member whose value comes next */
  SioSpan  placeholder; /* values of the members that matter; size 0 if there are none */
  SioSpan  num;
  SioSpan  binary;
} Level;

/* Called for each object that closed. May cut out back to level->out_start and write something
 * else. FALSE stops the walk. */
typedef gboolean (*ObjectFunc) (const Level  *level,
                                GString      *out,
                                gpointer      data,
                                GError      **error);

static void
note_value (Level *level, SioSpan value)
{
  if (!level->is_object || level->name.size == 0)
    return;

  if (sio_json_token_equals (level->name, "_placeholder"))
    level->placeholder = value;
  else if (sio_json_token_equals (level->name, "num"))
    level->num = value;
  else if (sio_json_token_equals (level->name, "$binary"))
    level->binary = value;

  level->name = (SioSpan) { NULL, 0 };
}

/* out may be NULL: nothing is copied. */
static gboolean
walk (SioSpan value, GString *out, ObjectFunc func, gpointer data, GError **error)
{
  g_autoptr(GArray) levels = g_array_new (FALSE, FALSE, sizeof (Level));
  const char *p = value.data;
  const char *end = value.size > 0 ? p + value.size : p;

  while (p < end)
    {
      const char *start = p;
      Level *top = levels->len > 0 ? &g_array_index (levels, Level, levels->len - 1) : NULL;

      switch (*p)
        {
        case '{':
        case '[':
          {
            Level level = { .is_object = *p == '{', .expects_name = *p == '{' };

            if (top != NULL)
              note_value (top, (SioSpan) { p, 1 });
            if (out != NULL)
              level.out_start = out->len;
            g_array_append_val (levels, level);
            p++;
            break;
          }

        case '}':
        case ']':
          p++;
          if (out != NULL)
            g_string_append_len (out, start, 1);
          if (top == NULL)
            continue;

          if (top->is_object && !func (top, out, data, error))
            return FALSE;
          g_array_set_size (levels, levels->len - 1);
          continue;

        case ',':
          if (top != NULL)
            top->expects_name = top->is_object;
          p++;
          break;

        case ':':
        case ' ':
        case '\t':
        case '\n':
        case '\r':
          p++;
          break;

        default:
          p = sio_json_pass_value (p, end);
          if (top != NULL)
            {
              SioSpan token = { start, (gsize) (p - start) };

              if (top->expects_name)
                {
                  top->name = token;
                  top->expects_name = FALSE;
                  top->n_members++;
                }
              else
                {
                  note_value (top, token);
                }
            }
          break;
        }

      if (out != NULL)
        g_string_append_len (out, start, p - start);
    }

  return TRUE;
}

static gboolean
is_placeholder (const Level *level)
{
  return sio_span_equals (level->placeholder, "true");
}

static void
append_placeholder (GString *out, guint num)
{
  g_string_append_printf (out, "{\"_placeholder\":true,\"num\":%u}", num);
}

typedef struct {
  GPtrArray *attachments;
  gsize      expanded; /* bytes of attachments written out or counted so far */
} Attachments;

static GBytes *
lookup (const Level *level, GPtrArray *attachments)
{
  guint64 num;

  if (!is_placeholder (level) || attachments == NULL || attachments->len == 0 ||
      !sio_json_get_uint (level->num, attachments->len - 1, &num))
    return NULL;

  return g_ptr_array_index (attachments, num);
}

static gboolean
write_binary (const Level *level, GString *out, gpointer data, GError **error)
{
  Attachments *self = data;
  GBytes *bytes = lookup (level, self->attachments);
  gsize size;

  if (bytes == NULL)
    return TRUE;

  size = g_bytes_get_size (bytes);
  if (size > MAX_EXPANSION - self->expanded)
    return TRUE;
  self->expanded += size;

  g_string_truncate (out, level->out_start);
  g_string_append (out, "{\"$binary\":\"");
  sio_base64_append (out, g_bytes_get_data (bytes, NULL), size);
  g_string_append (out, "\"}");

  return TRUE;
}

/**
 * sio_json_append_with_binary:
 * @out: where to
 * @value: a validated value
 * @attachments: (nullable) (element-type GBytes): what its placeholders stand for
 *
 * Appends @value with each placeholder replaced by `{"$binary":"<base64>"}`; all else byte for
 * byte. A placeholder whose number has no attachment stays, and so do those after 256 MiB were
 * written, because one attachment may be named a million times.
 */
void
sio_json_append_with_binary (GString   *out,
                             SioSpan    value,
                             GPtrArray *attachments)
{
  Attachments self = { attachments, 0 };

  g_return_if_fail (out != NULL);

  walk (value, out, write_binary, &self, NULL);
}

static gboolean
sum_binary (const Level *level, GString *out, gpointer data, GError **error)
{
  Attachments *self = data;
  GBytes *bytes = lookup (level, self->attachments);

  if (bytes != NULL)
    {
      gsize size = g_bytes_get_size (bytes);

      self->expanded = size > G_MAXSIZE - self->expanded ? G_MAXSIZE : self->expanded + size;
    }

  return TRUE;
}

gsize
sio_json_sum_placeholders (SioSpan value, GPtrArray *attachments)
{
  Attachments self = { attachments, 0 };

  walk (value, NULL, sum_binary, &self, NULL);
  return self.expanded;
}

/* Unlike what a server sends, this is written by a person: a typing error must not become other bytes. */
static GBytes *
decode_strict (SioSpan token, GError **error)
{
  g_autoptr(GString) text = sio_json_unquote (token);
  gsize digits = 0;
  gsize padding = 0;

  for (gsize i = 0; i < text->len; i++)
    {
      char c = text->str[i];

      if (c == '=')
        padding++;
      else if (padding == 0 && (g_ascii_isalnum (c) || c == '+' || c == '/' || c == '-' || c == '_'))
        digits++;
      else
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                       "\"$binary\": byte %" G_GSIZE_FORMAT " of the text is not base64", i + 1);
          return NULL;
        }
    }

  if (digits % 4 == 1 || padding > 2 || (padding > 0 && (digits + padding) % 4 != 0))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
                   "\"$binary\": the base64 is incomplete: %" G_GSIZE_FORMAT " digits and %" G_GSIZE_FORMAT " times '='",
                   digits, padding);
      return NULL;
    }

  return sio_base64_decode (text->str, text->len);
}

static gboolean
take_binary (const Level *level, GString *out, gpointer data, GError **error)
{
  GPtrArray *attachments = data;
  GBytes *bytes;

  if (level->n_members != 1 || level->binary.size == 0 || level->binary.data[0] != '"')
    return TRUE;

  bytes = decode_strict (level->binary, error);
  if (bytes == NULL)
    return FALSE;

  g_string_truncate (out, level->out_start);
  append_placeholder (out, attachments->len);
  g_ptr_array_add (attachments, bytes);

  return TRUE;
}

/**
 * sio_json_extract_binary:
 * @out: where to
 * @value: a validated value
 * @attachments: (element-type GBytes): each bytes found is appended
 * @error: %SIO_ERROR_MALFORMED if a text is not base64
 *
 * Appends @value with each `{"$binary":"<base64>"}` replaced by a placeholder. An object with other members
 * beside, or whose `$binary` is no string, is somebody's data and stays.
 *
 * Returns: whether all went well; if not, @out and @attachments are as they were
 */
gboolean
sio_json_extract_binary (GString    *out,
                         SioSpan     value,
                         GPtrArray  *attachments,
                         GError    **error)
{
  gsize out_len;
  guint n_attachments;

  g_return_val_if_fail (out != NULL && attachments != NULL, FALSE);

  out_len = out->len;
  n_attachments = attachments->len;
  if (!walk (value, out, take_binary, attachments, error))
    {
      g_string_truncate (out, out_len);
      while (attachments->len > n_attachments)
        g_bytes_unref (g_ptr_array_steal_index (attachments, attachments->len - 1));
      return FALSE;
    }

  return TRUE;
}

static gboolean
count_placeholder (const Level *level, GString *out, gpointer data, GError **error)
{
  guint *n = data;

  *n += is_placeholder (level);
  return TRUE;
}

/**
 * sio_json_count_placeholders:
 * @value: a validated value
 *
 * Returns: how many objects in it a peer would take for an attachment if it came in a binary packet
 */
guint
sio_json_count_placeholders (SioSpan value)
{
  guint n = 0;

  walk (value, NULL, count_placeholder, &n, NULL);
  return n;
}

static gboolean
check_num (const Level *level, GString *out, gpointer data, GError **error)
{
  guint n_attachments = GPOINTER_TO_UINT (data);
  g_autofree char *shown = NULL;
  guint64 num;

  if (!is_placeholder (level))
    return TRUE;

  if (n_attachments > 0 && sio_json_get_uint (level->num, n_attachments - 1, &num))
    return TRUE;

  shown = level->num.size > 0 ? sio_printable (level->num.data, (gssize) level->num.size, 40) : g_strdup ("missing");
  g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED,
               "placeholder's \"num\" is %s, expected an integer below %u", shown, n_attachments);
  return FALSE;
}

/**
 * sio_json_check_placeholders:
 * @value: a validated value
 * @n_attachments: how many attachments there are or will be
 * @error: return location
 *
 * Checks that the `num` of each placeholder is an integer below @n_attachments (CVE-2022-2421 was a string there).
 *
 * Returns: whether it is
 */
gboolean
sio_json_check_placeholders (SioSpan   value,
                             guint     n_attachments,
                             GError  **error)
{
  return walk (value, NULL, check_num, GUINT_TO_POINTER (n_attachments), error);
}
