/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON text as msgpack. The length of an array or map stands in front of it, so a first pass over the text counts
 * them, and finds the objects that stand for something else. */

#include "sio-msgpack-private.h"

#include "sio-base64.h"
#include "sio-json-private.h"
#include "../sio-error.h"

#include <math.h>

/* No count and no length needs more than 32 bits below it. */
#define TOO_LARGE "a packet of more than 2 GiB"

/* --- Tokens of JSON --- */

static gboolean
is_integer (SioSpan token)
{
  gsize i = token.size > 0 && token.data[0] == '-' ? 1 : 0;

  if (i == token.size)
    return FALSE;
  for (; i < token.size; i++)
    if (!g_ascii_isdigit (token.data[i]))
      return FALSE;

  return TRUE;
}

/* Only what fits; "-0" is no integer, because it would lose its sign. */
static gboolean
get_int64 (SioSpan token, gint64 *value)
{
  gboolean negative = token.size > 0 && token.data[0] == '-';
  SioSpan digits = { token.data + negative, token.size - negative };
  guint64 max = (guint64) G_MAXINT64 + (negative ? 1 : 0);
  guint64 n;

  if (!sio_json_get_uint (digits, max, &n) || (negative && n == 0))
    return FALSE;

  *value = negative ? (gint64) (0 - n) : (gint64) n;
  return TRUE;
}

/* Whether a double says all digits of an integer token. */
static gboolean
is_exact (double number, SioSpan token)
{
  g_autofree char *text = g_strdup_printf ("%.0f", number);

  return isfinite (number) && sio_span_equals (token, text);
}

static gboolean
write_json_number (GByteArray *out, SioSpan token, GError **error)
{
  g_autofree char *text = NULL;
  gint64 sint;
  guint64 uint;
  double number;

  if (sio_json_get_uint (token, G_MAXUINT64, &uint))
    {
      sio_msgpack_write_uint (out, uint);
      return TRUE;
    }
  if (get_int64 (token, &sint))
    {
      sio_msgpack_write_int (out, sint);
      return TRUE;
    }

  text = g_strndup (token.data, token.size);
  number = g_ascii_strtod (text, NULL);
  if (!isfinite (number) || (is_integer (token) && !is_exact (number, token)))
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT,
                   "msgpack has no such number: %.*s%s", (int) MIN (token.size, 40), token.data,
                   token.size > 40 ? "…" : "");
      return FALSE;
    }

  sio_msgpack_write_double (out, number);
  return TRUE;
}

static void
write_json_string (GByteArray *out, SioSpan token)
{
  g_autoptr (GString) text = NULL;

  if (memchr (token.data, '\\', token.size) == NULL)
    {
      sio_msgpack_write_string (out, (SioSpan) { token.data + 1, token.size - 2 });
      return;
    }

  text = sio_json_unquote (token);
  sio_msgpack_write_string (out, (SioSpan) { text->str, text->len });
}

/* --- First pass: what each array and object is --- */

typedef struct {
  SioMsgpackTag tag;   /* NONE: itself */
  guint         count; /* values or pairs */
  guint         next;  /* the first one behind it */
} Container;

typedef struct {
  guint         index;       /* of its Container */
  gboolean      is_object;
  gboolean      in_member;   /* an object's key has been read, its value comes */
  gboolean      placeholder; /* "_placeholder" is true */
  gboolean      all_pairs;   /* an array of arrays of two */
  gboolean      ext;         /* an array of an int8 and a string, as far as it has been read */
  gboolean      fits;        /* the first member's value is what its tag wants */
  SioMsgpackTag first;       /* tag of the first key */
  SioMsgpackTag key;         /* tag of the key before this value */
} Level;

static gboolean
scalar_fits (SioMsgpackTag tag, SioSpan value)
{
  gint64 number;

  switch (tag)
    {
    case SIO_MSGPACK_TAG_BINARY:
      return value.data[0] == '"';
    case SIO_MSGPACK_TAG_UNDEFINED:
      return sio_span_equals (value, "true");
    case SIO_MSGPACK_TAG_DATE:
      return get_int64 (value, &number);
    case SIO_MSGPACK_TAG_NUMBER:
      return sio_span_equals (value, "\"NaN\"") || sio_span_equals (value, "\"Infinity\"")
             || sio_span_equals (value, "\"-Infinity\"");
    default:
      return FALSE;
    }
}

static void
note_scalar (Level *level, Container *self, SioSpan value)
{
  gint64 number;

  if (level->is_object)
    {
      if (level->key == SIO_MSGPACK_TAG_PLACEHOLDER)
        level->placeholder = sio_span_equals (value, "true");
      if (self->count == 0)
        level->fits = scalar_fits (level->first, value);
      level->in_member = FALSE;
    }
  else
    {
      level->all_pairs = FALSE;
      if (self->count == 0)
        level->ext = get_int64 (value, &number) && number >= G_MININT8 && number <= G_MAXINT8;
      else
        level->ext = level->ext && self->count == 1 && value.data[0] == '"';
    }
  self->count++;
}

static void
note_container (Level *level, Container *self, const Level *child, const Container *child_self)
{
  gboolean is_pair = !child->is_object && child_self->count == 2;

  if (level->is_object)
    {
      if (level->key == SIO_MSGPACK_TAG_PLACEHOLDER)
        level->placeholder = FALSE;
      if (self->count == 0)
        level->fits = !child->is_object && ((level->first == SIO_MSGPACK_TAG_EXT && is_pair && child->ext)
                                            || (level->first == SIO_MSGPACK_TAG_MAP && child->all_pairs));
      level->in_member = FALSE;
    }
  else
    {
      level->all_pairs = level->all_pairs && is_pair;
      level->ext = FALSE;
    }
  self->count++;
}

static void
note_key (Level *level, const Container *self, SioSpan token)
{
  level->key = sio_msgpack_tag_from_key ((SioSpan) { token.data + 1, token.size - 2 });
  level->in_member = TRUE;
  if (self->count == 0)
    level->first = level->key;
}

static SioMsgpackTag
find_tag (const Level *level, const Container *self, gboolean has_attachments)
{
  if (level->placeholder && has_attachments)
    return SIO_MSGPACK_TAG_PLACEHOLDER;
  return self->count == 1 && level->fits ? level->first : SIO_MSGPACK_TAG_NONE;
}

static GArray *
find_containers (SioSpan json, gboolean has_attachments)
{
  GArray *containers = g_array_new (FALSE, TRUE, sizeof (Container));
  Level levels[SIO_JSON_HARD_MAX_DEPTH];
  const char *end = json.data + json.size;
  const char *p = json.data;
  guint depth = 0;

  while ((p = sio_json_skip_blanks (p, end)) < end)
    {
      Level *level = depth > 0 ? &levels[depth - 1] : NULL;
      Container *self = level != NULL ? &g_array_index (containers, Container, level->index) : NULL;

      if (*p == '{' || *p == '[')
        {
          levels[depth++] = (Level) { .index = containers->len, .is_object = *p == '{', .all_pairs = TRUE };
          g_array_set_size (containers, containers->len + 1);
          p++;
        }
      else if (*p == '}' || *p == ']')
        {
          self->tag = level->is_object ? find_tag (level, self, has_attachments) : SIO_MSGPACK_TAG_NONE;
          self->next = containers->len;
          if (--depth > 0)
            note_container (level - 1, &g_array_index (containers, Container, level[-1].index), level, self);
          p++;
        }
      else if (*p == ',' || *p == ':')
        {
          p++;
        }
      else
        {
          const char *start = p;
          SioSpan token;

          p = sio_json_pass_value (p, end);
          token = (SioSpan) { start, (gsize) (p - start) };
          if (level != NULL && level->is_object && !level->in_member)
            note_key (level, self, token);
          else if (level != NULL)
            note_scalar (level, self, token);
        }
    }

  return containers;
}

/* --- Second pass: writing --- */

typedef enum {
  PLACE_VALUE,    /* in an array or object, or alone */
  PLACE_ODD_MAP,  /* in {"$map":…}: its key and its list are not written */
  PLACE_ODD_LIST, /* in that list: its pairs are not written */
  PLACE_PAIR,     /* in one of those: key and value are */
} Place;

static gboolean
write_placeholder (GByteArray *out, SioSpan object, GPtrArray *attachments, GError **error)
{
  SioSpan num;
  guint64 n;
  gsize size;
  const char *data;

  if (attachments->len == 0 || !sio_json_object_get (object, "num", &num)
      || !sio_json_get_uint (num, attachments->len - 1, &n))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, "a placeholder that stands for no attachment");
      return FALSE;
    }

  data = g_bytes_get_data (g_ptr_array_index (attachments, n), &size);
  if (size > (gsize) G_MAXINT32 - MIN (out->len, G_MAXINT32))
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, TOO_LARGE);
      return FALSE;
    }
  sio_msgpack_write_binary (out, (SioSpan) { data, size });
  return TRUE;
}

static GBytes *
decode_base64 (SioSpan token)
{
  return sio_base64_decode (token.data + 1, token.size - 2);
}

static gboolean
write_tag (GByteArray *out, SioMsgpackTag tag, SioSpan object, GPtrArray *attachments, GError **error)
{
  const char *end = object.data + object.size;
  const char *p;
  g_autoptr (GBytes) bytes = NULL;
  SioSpan value;
  SioSpan content;
  SioJsonIter iter;
  gint64 number = 0;

  if (tag == SIO_MSGPACK_TAG_PLACEHOLDER)
    return write_placeholder (out, object, attachments, error);

  /* {"$…": value }: the first pass has looked. */
  p = sio_json_pass_value (sio_json_skip_blanks (object.data + 1, end), end);
  p = sio_json_skip_blanks (p, end);
  p = sio_json_skip_blanks (p + 1, end);
  value = (SioSpan) { p, (gsize) (sio_json_pass_value (p, end) - p) };

  switch (tag)
    {
    case SIO_MSGPACK_TAG_UNDEFINED:
      sio_msgpack_write_undefined (out);
      return TRUE;

    case SIO_MSGPACK_TAG_DATE:
      get_int64 (value, &number);
      sio_msgpack_write_date (out, number);
      return TRUE;

    case SIO_MSGPACK_TAG_NUMBER:
      sio_msgpack_write_double (out, value.data[1] == 'N' ? NAN : value.data[1] == '-' ? -INFINITY : INFINITY);
      return TRUE;

    case SIO_MSGPACK_TAG_BINARY:
      bytes = decode_base64 (value);
      content.data = g_bytes_get_data (bytes, &content.size);
      sio_msgpack_write_binary (out, content);
      return TRUE;

    case SIO_MSGPACK_TAG_EXT:
      sio_json_iter_init (&iter, (SioSpan) { value.data + 1, value.size - 2 });
      sio_json_iter_next (&iter, &value);
      get_int64 (value, &number);
      sio_json_iter_next (&iter, &value);
      bytes = decode_base64 (value);
      content.data = g_bytes_get_data (bytes, &content.size);
      sio_msgpack_write_ext (out, (gint8) number, content);
      return TRUE;

    case SIO_MSGPACK_TAG_NONE:
    case SIO_MSGPACK_TAG_PLACEHOLDER:
    case SIO_MSGPACK_TAG_MAP:
      break;
    }

  g_return_val_if_reached (FALSE);
}

/* What the values of this container are in. */
static Place
write_container (GByteArray *out, const Container *self, gboolean is_object, Place place)
{
  if (place == PLACE_ODD_MAP)
    return PLACE_ODD_LIST;
  if (place == PLACE_ODD_LIST)
    return PLACE_PAIR;
  if (self->tag == SIO_MSGPACK_TAG_MAP)
    {
      /* Its list comes next. */
      sio_msgpack_write_map (out, self[1].count);
      return PLACE_ODD_MAP;
    }

  if (is_object)
    sio_msgpack_write_map (out, self->count);
  else
    sio_msgpack_write_array (out, self->count);
  return PLACE_VALUE;
}

gboolean
sio_msgpack_write_json (GByteArray  *out,
                        SioSpan      json,
                        GPtrArray   *attachments,
                        GError     **error)
{
  g_autoptr (GArray) containers = NULL;
  Place places[SIO_JSON_HARD_MAX_DEPTH + 1] = { PLACE_VALUE, };
  const char *end = json.data + json.size;
  const char *p = json.data;
  guint depth = 0;
  guint next = 0;

  if (json.size > G_MAXINT32)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_INVALID_ARGUMENT, TOO_LARGE);
      return FALSE;
    }

  containers = find_containers (json, attachments != NULL);

  while ((p = sio_json_skip_blanks (p, end)) < end)
    {
      if (*p == '{' || *p == '[')
        {
          const Container *self = &g_array_index (containers, Container, next);

          if (self->tag != SIO_MSGPACK_TAG_NONE && self->tag != SIO_MSGPACK_TAG_MAP)
            {
              SioSpan object = { p, (gsize) (sio_json_pass_value (p, end) - p) };

              if (!write_tag (out, self->tag, object, attachments, error))
                return FALSE;
              next = self->next;
              p += object.size;
            }
          else
            {
              places[depth + 1] = write_container (out, self, *p == '{', places[depth]);
              depth++;
              next++;
              p++;
            }
        }
      else if (*p == '}' || *p == ']')
        {
          depth--;
          p++;
        }
      else if (*p == ',' || *p == ':')
        {
          p++;
        }
      else
        {
          const char *start = p;
          SioSpan token;

          p = sio_json_pass_value (p, end);
          token = (SioSpan) { start, (gsize) (p - start) };
          if (places[depth] == PLACE_ODD_MAP)
            continue;
          switch (*start)
            {
            case '"':
              write_json_string (out, token);
              break;
            case 'n':
              sio_msgpack_write_nil (out);
              break;
            case 'f':
              sio_msgpack_write_boolean (out, FALSE);
              break;
            case 't':
              sio_msgpack_write_boolean (out, TRUE);
              break;
            default:
              if (!write_json_number (out, token, error))
                return FALSE;
              break;
            }
        }
    }

  return TRUE;
}
