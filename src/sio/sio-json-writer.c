/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A JsonNode as text. json-glib's own generator writes 1e21 as "1e+21.0", which servers answer by dropping the
 * connection, and infinity as "inf.0". Iterative, because the nesting is the caller's. */

#include "sio-arguments-private.h"

#include "wire/sio-json.h"
#include <math.h>

/* The shortest of 15 to 17 digits that reads back as the same number; JSON has no word for NaN and infinity. */
static void
append_double (GString *out, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (out, "null");
      return;
    }

  for (int precision = 15; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (buffer, sizeof buffer, format, value);
      if (memcmp (&(double) { g_ascii_strtod (buffer, NULL) }, &value, sizeof value) == 0)
        break;
    }

  g_string_append (out, buffer);
}

static void
append_value (GString *out, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_INT64)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else if (type == G_TYPE_DOUBLE)
    append_double (out, json_node_get_double (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_STRING && json_node_get_string (node) != NULL)
    sio_json_append_quoted (out, json_node_get_string (node), -1);
  else
    g_string_append (out, "null");
}

/* One open bracket: what is left of it. */
typedef struct {
  JsonArray *array;  /* NULL for an object */
  JsonObject *object;
  GList *members;    /* names, owned; next is the one to write */
  GList *next;
  guint index;
} Frame;

static void
frame_clear (gpointer data)
{
  Frame *frame = data;

  g_list_free (frame->members);
}

/* Writes a value that is no container, or opens the container and pushes it. */
static void
begin_node (GString *out, GArray *frames, JsonNode *node)
{
  Frame frame = { NULL, };

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node) && json_node_get_array (node) != NULL)
    {
      frame.array = json_node_get_array (node);
      g_string_append_c (out, '[');
      g_array_append_val (frames, frame);
    }
  else if (node != NULL && JSON_NODE_HOLDS_OBJECT (node) && json_node_get_object (node) != NULL)
    {
      frame.object = json_node_get_object (node);
      frame.members = frame.next = json_object_get_members (frame.object);
      g_string_append_c (out, '{');
      g_array_append_val (frames, frame);
    }
  else if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    {
      append_value (out, node);
    }
  else
    {
      g_string_append (out, "null");
    }
}

void
sio_json_append_node (GString *out, JsonNode *node)
{
  g_autoptr(GArray) frames = g_array_new (FALSE, FALSE, sizeof (Frame));

  g_return_if_fail (out != NULL);

  g_array_set_clear_func (frames, frame_clear);
  begin_node (out, frames, node);

  while (frames->len > 0)
    {
      Frame *frame = &g_array_index (frames, Frame, frames->len - 1);
      JsonNode *child;

      if (frame->array != NULL)
        {
          if (frame->index == json_array_get_length (frame->array))
            {
              g_string_append_c (out, ']');
              g_array_set_size (frames, frames->len - 1);
              continue;
            }
          if (frame->index > 0)
            g_string_append_c (out, ',');
          child = json_array_get_element (frame->array, frame->index++);
        }
      else
        {
          const char *name;

          if (frame->next == NULL)
            {
              g_string_append_c (out, '}');
              g_array_set_size (frames, frames->len - 1);
              continue;
            }
          if (frame->next != frame->members)
            g_string_append_c (out, ',');
          name = frame->next->data;
          frame->next = frame->next->next;
          sio_json_append_quoted (out, name, -1);
          g_string_append_c (out, ':');
          child = json_object_get_member (frame->object, name);
        }

      begin_node (out, frames, child);
    }
}
