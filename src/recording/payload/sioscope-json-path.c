/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Recursion follows the steps of the path, never the depth of the text: what a step does not want is skipped by counting
 * brackets. */

#include "sioscope-json-path.h"

/* How much is read between two looks at *stop. */
#define PIECE ((gsize) 1 << 18)

typedef enum {
  STEP_ANY,
  STEP_INDEX,
  STEP_NAME,
} StepType;

typedef struct {
  StepType type;
  guint64  index;
  char    *name;
  gsize    name_size;
} Step;

struct _SioscopeJsonPath {
  GArray *steps; /* the first one says which argument */
};

static void
clear_step (gpointer data)
{
  g_free (((Step *) data)->name);
}

static gboolean
ends_name (char c)
{
  return c == '.' || c == '[' || c == ']' || c == '"' || c == ':' || c == ',' || c == '(' || c == ')'
         || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
add_name (SioscopeJsonPath *self,
          const char       *text,
          gsize             size,
          gsize            *at)
{
  gsize start = *at;
  Step step = { STEP_NAME };

  while (*at < size && !ends_name (text[*at]))
    (*at)++;
  if (*at == start)
    return "a name, such as .user";
  if (*at == start + 1 && text[start] == '*')
    step.type = STEP_ANY;
  else
    {
      step.name_size = *at - start;
      step.name = g_strndup (text + start, step.name_size);
    }
  g_array_append_val (self->steps, step);
  return NULL;
}

static const char *
add_index (SioscopeJsonPath *self,
           const char       *text,
           gsize             size,
           gsize            *at)
{
  static const char expected[] = "a number such as [0], a name such as [\"a b\"], or [*]";
  gsize start = *at, end = start;
  Step step = { STEP_ANY };

  if (end < size && text[end] == '*')
    end++;
  else if (end < size && text[end] == '"')
    {
      g_autoptr(GString) name = NULL;

      end = start + sio_json_skip_value (text + start, size - start, 1, NULL, NULL);
      if (end == start)
        return "a name in quotes, such as [\"a b\"]";
      name = sio_json_unquote ((SioSpan) { text + start, end - start });
      step.type = STEP_NAME;
      step.name_size = name->len;
      step.name = g_string_free (g_steal_pointer (&name), FALSE);
    }
  else
    {
      step.type = STEP_INDEX;
      for (; end < size && g_ascii_isdigit (text[end]) && end - start < 15; end++)
        step.index = step.index * 10 + (guint64) (text[end] - '0');
      if (end == start)
        return expected;
    }
  if (end >= size || text[end] != ']')
    {
      clear_step (&step);
      *at = end;
      return "]";
    }
  g_array_append_val (self->steps, step);
  *at = end + 1;
  return NULL;
}

/**
 * sioscope_json_path_new:
 * @text: a path such as `[0].user.id`; need not be NUL-terminated
 * @size: how many bytes
 * @offset: (out) (optional): on failure, the byte of the mistake
 * @expected: (out) (optional): on failure, what was expected there, in English
 *
 * Returns: (transfer full) (nullable): the path, or %NULL if @text is none
 */
SioscopeJsonPath *
sioscope_json_path_new (const char  *text,
                        gsize        size,
                        gsize       *offset,
                        const char **expected)
{
  g_autoptr(SioscopeJsonPath) self = g_new0 (SioscopeJsonPath, 1);
  const char *wrong = NULL;
  gsize at = 0;

  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (self->steps, clear_step);

  /* Of any argument, unless it says which. */
  if (size < 2 || text[0] != '[' || text[1] == '"')
    {
      Step any = { STEP_ANY };

      g_array_append_val (self->steps, any);
    }
  while (at < size && wrong == NULL)
    {
      if (self->steps->len > SIOSCOPE_JSON_PATH_MAX_STEPS)
        wrong = "a shorter path: 32 steps at most";
      else if (text[at] == '.')
        {
          at++;
          wrong = add_name (self, text, size, &at);
        }
      else if (text[at] == '[')
        {
          at++;
          wrong = add_index (self, text, size, &at);
        }
      else
        wrong = "a path such as [0].user.id";
    }
  if (wrong == NULL)
    return g_steal_pointer (&self);

  if (offset != NULL)
    *offset = at;
  if (expected != NULL)
    *expected = wrong;
  return NULL;
}

void
sioscope_json_path_free (SioscopeJsonPath *self)
{
  g_array_unref (self->steps);
  g_free (self);
}

/* One reading: where it is, and who asked. */
typedef struct {
  SioscopeJsonPath    *path;
  const gint          *stop;
  SioscopeJsonPathFunc func;
  gpointer             data;
  gsize                read; /* since *stop was looked at */
  gboolean             over;
} Reading;

static gboolean
goes_on (Reading *self,
         gsize    read)
{
  self->read += read;
  if (self->read >= PIECE)
    {
      self->read = 0;
      self->over |= self->stop != NULL && g_atomic_int_get (self->stop) != 0;
    }
  return !self->over;
}

static const char *
skip_blanks (const char *p,
             const char *end)
{
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
    p++;
  return p;
}

/* p is behind the opening quote. Behind the closing one, or NULL. */
static const char *
skip_string (Reading    *self,
             const char *start,
             const char *end)
{
  const char *p = start;

  while (p < end)
    {
      gsize piece = MIN ((gsize) (end - p), PIECE);
      const char *quote = memchr (p, '"', piece);
      const char *before;

      if (!goes_on (self, quote != NULL ? (gsize) (quote - p) + 1 : piece))
        return NULL;
      if (quote == NULL)
        {
          p += piece;
          continue;
        }
      for (before = quote; before > start && before[-1] == '\\'; before--)
        ;
      if ((quote - before) % 2 == 0)
        return quote + 1;
      p = quote + 1;
    }
  return NULL;
}

static const char *
skip_container (Reading    *self,
                const char *p,
                const char *end)
{
  gsize depth = 0;
  const char *looked = p;

  while (p < end)
    switch (*p++)
      {
      case '"':
        p = skip_string (self, p, end);
        if (p == NULL)
          return NULL;
        break;
      case '{':
      case '[':
        depth++;
        break;
      case '}':
      case ']':
        if (--depth == 0)
          return p;
        break;
      default:
        if ((gsize) (p - looked) >= PIECE)
          {
            if (!goes_on (self, PIECE))
              return NULL;
            looked = p;
          }
        break;
      }
  return NULL;
}

/* Behind the value at p, or NULL if there is none. */
static const char *
skip_value (Reading    *self,
            const char *p,
            const char *end)
{
  const char *start = p;

  if (p >= end)
    return NULL;
  if (*p == '"')
    return skip_string (self, p + 1, end);
  if (*p == '{' || *p == '[')
    return skip_container (self, p, end);
  while (p < end && (g_ascii_isalnum (*p) || *p == '-' || *p == '+' || *p == '.'))
    p++;
  return p > start && goes_on (self, (gsize) (p - start)) ? p : NULL;
}

static gboolean
is_name (const Step *step,
         SioSpan     token)
{
  g_autoptr(GString) name = NULL;

  if (step->type == STEP_ANY)
    return TRUE;
  if (step->type != STEP_NAME)
    return FALSE;
  /* An escape makes a text longer, never shorter. */
  if (token.size - 2 < step->name_size)
    return FALSE;
  if (token.size - 2 == step->name_size && memcmp (token.data + 1, step->name, step->name_size) == 0)
    return TRUE;
  if (memchr (token.data, '\\', token.size) == NULL)
    return FALSE;
  name = sio_json_unquote (token);
  return name->len == step->name_size && memcmp (name->str, step->name, name->len) == 0;
}

static gboolean find_in_value (Reading *self, guint depth, SioSpan value);

/* The members or elements between the brackets, or the arguments. */
static gboolean
find_in_sequence (Reading    *self,
                  guint       depth,
                  const char *p,
                  const char *end,
                  gboolean    named)
{
  const Step *step = &g_array_index (self->path->steps, Step, depth);
  guint64 n = 0;

  if (named ? step->type == STEP_INDEX : step->type == STEP_NAME)
    return FALSE;
  for (;;)
    {
      gboolean wanted = step->type == STEP_ANY || (step->type == STEP_INDEX && step->index == n);
      const char *start;

      p = skip_blanks (p, end);
      if (named)
        {
          const char *name = p;

          if (p >= end || *p != '"' || (p = skip_string (self, p + 1, end)) == NULL)
            return FALSE;
          wanted = is_name (step, (SioSpan) { name, (gsize) (p - name) });
          p = skip_blanks (p, end);
          if (p >= end || *p != ':')
            return FALSE;
          p = skip_blanks (p + 1, end);
        }
      start = p;
      p = skip_value (self, p, end);
      if (p == NULL)
        return FALSE;
      if (wanted && find_in_value (self, depth + 1, (SioSpan) { start, (gsize) (p - start) }))
        return TRUE;
      if (self->over || (step->type == STEP_INDEX && n >= step->index))
        return FALSE;
      p = skip_blanks (p, end);
      if (p >= end || *p != ',')
        return FALSE;
      p++;
      n++;
    }
}

static gboolean
find_in_value (Reading *self,
               guint    depth,
               SioSpan  value)
{
  if (depth == self->path->steps->len)
    return self->func (value, self->data);
  if (value.data[0] == '{')
    return find_in_sequence (self, depth, value.data + 1, value.data + value.size - 1, TRUE);
  if (value.data[0] == '[')
    return find_in_sequence (self, depth, value.data + 1, value.data + value.size - 1, FALSE);
  return FALSE;
}

/**
 * sioscope_json_path_find:
 * @self: a path
 * @args: arguments as the wire has them, "v,v,v"; any bytes
 * @stop: (nullable): becoming not 0, from any thread, it ends the reading
 * @func: (scope call): is told each value that is there, in order; of keys that stand twice, both. %TRUE: look no further
 * @data: for @func
 *
 * Reads the text once for each step of the path at most, whatever is in it. Where @args are no JSON any more, the reading may end.
 *
 * Returns: whether @func was content with one; %FALSE if it was stopped
 */
gboolean
sioscope_json_path_find (SioscopeJsonPath    *self,
                         SioSpan              args,
                         const gint          *stop,
                         SioscopeJsonPathFunc func,
                         gpointer             data)
{
  Reading reading = { .path = self, .stop = stop, .func = func, .data = data };

  if (args.size == 0)
    return FALSE;
  return find_in_sequence (&reading, 0, args.data, args.data + args.size, FALSE) && !reading.over;
}
