/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The scanner of the library says whether the text is JSON; what is behind it may therefore be read loosely. */

#include "sioscope-json-nodes-private.h"

#define SCANNER_MAX_DEPTH 1024

/* --- reading --- */

typedef struct {
  SioscopeJsonNodes *nodes;
  const char        *p;
  const char        *end;
  guint              max_nodes;
  guint              max_depth;
} Reader;

static SioscopeJsonNode *
node_at (Reader *self,
         guint   i)
{
  return &g_array_index (self->nodes->nodes, SioscopeJsonNode, i);
}

static void
skip_blanks (Reader *self)
{
  while (self->p < self->end && (*self->p == ' ' || *self->p == '\t' || *self->p == '\n' || *self->p == '\r'))
    self->p++;
}

static SioSpan
take_string (Reader *self)
{
  const char *start = self->p++;

  while (self->p < self->end && *self->p != '"')
    self->p += *self->p == '\\' ? 2 : 1;
  self->p = MIN (self->p + 1, self->end);
  return (SioSpan) { start, (gsize) (self->p - start) };
}

static SioscopeJsonNodeType
type_of (char c)
{
  switch (c)
    {
    case '{': return SIOSCOPE_JSON_NODE_OBJECT;
    case '[': return SIOSCOPE_JSON_NODE_ARRAY;
    case '"': return SIOSCOPE_JSON_NODE_STRING;
    case 't':
    case 'f': return SIOSCOPE_JSON_NODE_BOOL;
    case 'n': return SIOSCOPE_JSON_NODE_NULL;
    default: return SIOSCOPE_JSON_NODE_NUMBER;
    }
}

static guint64
hash_bytes (guint64     h,
            const char *bytes,
            gsize       size)
{
  for (gsize i = 0; i < size; i++)
    h = sioscope_json_hash_mix (h, (guchar) bytes[i]);
  return sioscope_json_hash_mix (h, size);
}

/* A value as its bytes. */
static void
add_whole (Reader *self,
           SioSpan value)
{
  SioscopeJsonNode node = {
    .hash = hash_bytes (sioscope_json_hash_start (type_of (*value.data)), value.data, value.size),
    .start = (gsize) (value.data - self->nodes->text),
    .size = value.size,
    .next = self->nodes->nodes->len + 1,
    .type = (guint8) type_of (*value.data),
    .whole = TRUE,
  };

  g_array_append_val (self->nodes->nodes, node);
  self->nodes->coarse = TRUE;
}

/* Socket.IO protocol 5, "Binary event": {"_placeholder":true,"num":0}. FALSE: an object like others. */
static gboolean
get_placeholder (Reader *self,
                 guint   object,
                 guint  *number)
{
  SioscopeJsonNodes *nodes = self->nodes;
  SioSpan mark = { NULL, 0 }, num = { NULL, 0 };
  guint64 value = 0;

  if (nodes->attachments == NULL || node_at (self, object)->n < 2)
    return FALSE;
  for (guint i = object + 1; i < nodes->nodes->len; i = node_at (self, i)->next)
    {
      SioSpan key = sioscope_json_nodes_key (nodes, i);

      if (sio_span_equals (key, "\"_placeholder\""))
        mark = sioscope_json_nodes_span (nodes, i);
      else if (sio_span_equals (key, "\"num\""))
        num = sioscope_json_nodes_span (nodes, i);
    }
  if (!sio_span_equals (mark, "true") || num.size == 0 || num.size > 9)
    return FALSE;
  for (gsize i = 0; i < num.size; i++)
    {
      if (!g_ascii_isdigit (num.data[i]))
        return FALSE;
      value = value * 10 + (guint64) (num.data[i] - '0');
    }
  if (value >= nodes->attachments->len)
    return FALSE;
  *number = (guint) value;
  return TRUE;
}

/* Of large ones the begin only: there may be many placeholders for one attachment. */
static guint64
hash_attachment (SioscopeJsonNodes *nodes,
                 guint              number)
{
  gsize size;
  const char *data = g_bytes_get_data (g_ptr_array_index (nodes->attachments, number), &size);

  return hash_bytes (sioscope_json_hash_mix (sioscope_json_hash_start (SIOSCOPE_JSON_NODE_BINARY), size), data, MIN (size, 256));
}

/* Depth first, never deeper than max_depth. FALSE: too many. */
static gboolean
read_value (Reader *self,
            guint   depth)
{
  SioscopeJsonNode node = { .start = (gsize) (self->p - self->nodes->text), .type = (guint8) type_of (*self->p) };
  guint i = self->nodes->nodes->len, number;
  gboolean object = node.type == SIOSCOPE_JSON_NODE_OBJECT;
  guint64 hash = sioscope_json_hash_start (node.type);

  if (i >= self->max_nodes)
    return FALSE;
  if (object || node.type == SIOSCOPE_JSON_NODE_ARRAY)
    {
      if (depth >= self->max_depth)
        {
          gsize size = sio_json_skip_value (self->p, (gsize) (self->end - self->p), SCANNER_MAX_DEPTH, NULL, NULL);

          add_whole (self, (SioSpan) { self->p, size });
          self->p += size;
          return TRUE;
        }
      g_array_append_val (self->nodes->nodes, node);
      self->p++;
      skip_blanks (self);
      while (self->p < self->end && *self->p != '}' && *self->p != ']')
        {
          guint child = self->nodes->nodes->len;
          SioSpan key = { NULL, 0 };

          if (object)
            {
              key = take_string (self);
              skip_blanks (self);
              self->p++; /* the colon */
              skip_blanks (self);
            }
          if (!read_value (self, depth + 1))
            return FALSE;
          if (object)
            {
              node_at (self, child)->key_start = (gsize) (key.data - self->nodes->text);
              node_at (self, child)->key_size = (guint32) MIN (key.size, G_MAXUINT32);
              node_at (self, child)->key_hash = sioscope_json_hash_string (key);
              hash += sioscope_json_hash_mix (node_at (self, child)->key_hash, node_at (self, child)->hash);
            }
          else
            hash = sioscope_json_hash_mix (hash, node_at (self, child)->hash);
          node.n++;
          skip_blanks (self);
          if (self->p < self->end && *self->p == ',')
            {
              self->p++;
              skip_blanks (self);
            }
        }
      self->p = MIN (self->p + 1, self->end);
      node_at (self, i)->n = node.n;
      if (object && get_placeholder (self, i, &number))
        {
          g_array_set_size (self->nodes->nodes, i + 1);
          node_at (self, i)->type = SIOSCOPE_JSON_NODE_BINARY;
          node_at (self, i)->n = number;
          hash = hash_attachment (self->nodes, number);
        }
    }
  else
    {
      SioSpan token = { self->p, 0 };

      if (node.type == SIOSCOPE_JSON_NODE_STRING)
        token = take_string (self);
      else
        {
          while (self->p < self->end && strchr (",]} \t\r\n", *self->p) == NULL)
            self->p++;
          token.size = (gsize) (self->p - token.data);
        }
      hash = node.type == SIOSCOPE_JSON_NODE_STRING ? sioscope_json_hash_string (token)
             : node.type == SIOSCOPE_JSON_NODE_NUMBER ? sioscope_json_hash_number (token)
             : sioscope_json_hash_mix (hash, (guchar) *token.data);
      g_array_append_val (self->nodes->nodes, node);
    }
  node_at (self, i)->hash = hash;
  node_at (self, i)->size = (gsize) (self->p - self->nodes->text) - node_at (self, i)->start;
  node_at (self, i)->next = self->nodes->nodes->len;
  return TRUE;
}

static gboolean
read_element (Reader      *self,
              const char  *which,
              GError     **error)
{
  guint before = self->nodes->nodes->len;
  const char *start = self->p, *end = self->end, *expected = NULL;
  gsize size, offset = 0;
  gboolean coarse = self->nodes->coarse;

  size = sio_json_skip_value (start, (gsize) (self->end - start), SCANNER_MAX_DEPTH, &offset, &expected);
  if (size == 0)
    {
      g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "the %s payload is not JSON: byte %" G_GSIZE_FORMAT ": expected %s",
                   which, (gsize) (start - self->nodes->text) + offset, expected != NULL ? expected : "a value");
      return FALSE;
    }
  /* Of what follows nothing is known yet: it may touch the value without a comma. */
  self->end = start + size;
  if (!read_value (self, 0))
    {
      g_array_set_size (self->nodes->nodes, before);
      self->nodes->coarse = coarse;
      add_whole (self, (SioSpan) { start, size });
      self->p = start + size;
    }
  self->end = end;
  return TRUE;
}

gboolean
sioscope_json_nodes_read (SioscopeJsonNodes  *self,
                          SioSpan             list,
                          GPtrArray          *attachments,
                          guint               max_nodes,
                          guint               max_depth,
                          const char         *which,
                          GError            **error)
{
  const char *text = list.data != NULL ? list.data : "";
  Reader reader = { self, text, text + list.size, max_nodes, max_depth };
  SioscopeJsonNode root = { .type = SIOSCOPE_JSON_NODE_ARRAY, .size = list.size };

  self->text = text;
  self->attachments = attachments;
  self->nodes = g_array_new (FALSE, FALSE, sizeof (SioscopeJsonNode));
  self->coarse = FALSE;
  g_array_append_val (self->nodes, root);

  skip_blanks (&reader);
  while (reader.p < reader.end)
    {
      guint child = self->nodes->len;

      /* A comma must be followed by a value, which is told by the scanner. */
      if (!read_element (&reader, which, error))
        {
          sioscope_json_nodes_clear (self);
          return FALSE;
        }
      root.n++;
      root.hash = sioscope_json_hash_mix (root.hash, node_at (&reader, child)->hash);
      skip_blanks (&reader);
      if (reader.p == reader.end)
        break;
      if (*reader.p != ',')
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "the %s payload is not JSON: byte %" G_GSIZE_FORMAT ": expected ,",
                       which, (gsize) (reader.p - text));
          sioscope_json_nodes_clear (self);
          return FALSE;
        }
      reader.p++;
      skip_blanks (&reader);
      if (reader.p == reader.end)
        {
          g_set_error (error, SIO_ERROR, SIO_ERROR_MALFORMED, "the %s payload is not JSON: it ends with a comma", which);
          sioscope_json_nodes_clear (self);
          return FALSE;
        }
    }
  root.next = self->nodes->len;
  g_array_index (self->nodes, SioscopeJsonNode, 0) = root;
  return TRUE;
}

void
sioscope_json_nodes_clear (SioscopeJsonNodes *self)
{
  g_clear_pointer (&self->nodes, g_array_unref);
}
