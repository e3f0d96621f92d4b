/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One HTTP request by hand: nothing is followed, retried or decoded, so that what is told is what came. */

#include "sioscope-doctor-private.h"

/* Enough to see who answers. */
#define MAX_ANSWER (64 * 1024)
#define CHUNK 8192
#define HTTP "HTTP/1."

void
doctor_answer_free (DoctorAnswer *answer)
{
  g_free (answer->reason);
  g_free (answer->head);
  g_string_free (answer->body, TRUE);
  g_free (answer);
}

char *
doctor_answer_dup_header (DoctorAnswer *answer,
                          const char   *name)
{
  g_auto(GStrv) lines = g_strsplit (answer->head, "\r\n", -1);
  gsize size = strlen (name);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, size) == 0 && lines[i][size] == ':')
      return g_strstrip (g_strdup (lines[i] + size + 1));

  return NULL;
}

int
doctor_answer_get_code (DoctorAnswer *answer)
{
  SioSpan body = { answer->body->str, answer->body->len };
  SioSpan token;

  if (!sio_json_validate (body.data, body.size, 16, NULL, NULL, NULL) || sio_json_get_type (body) != SIO_JSON_OBJECT
      || !sio_json_object_get (body, "code", &token) || token.size != 1 || !g_ascii_isdigit (token.data[0]))
    return -1;

  return token.data[0] - '0';
}

static gboolean
is_ours (const char *header)
{
  static const char * const names[] = { "connection:", "content-length:", "content-type:", "transfer-encoding:", "expect:" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strncasecmp (header, names[i], strlen (names[i])) == 0)
      return TRUE;

  return FALSE;
}

static GString *
make_request (Doctor             *self,
              const char         *path,
              const char         *file,
              const char * const *query,
              const char         *body)
{
  const char * const *headers = sio_options_get_extra_headers (self->options);
  g_autofree char *uri = sio_url_build (self->url, FALSE, path, NULL);
  const char *rest = strchr (strstr (uri, "://") + 3, '/');
  GString *request = g_string_new (body != NULL ? "POST " : "GET ");
  gboolean has_host = FALSE;

  g_string_append (request, doctor_asks_proxy (self) ? uri : rest);
  g_string_append (request, file);
  if (query != NULL)
    {
      const char * const *own = sio_options_get_query (self->options);
      g_autofree char *pieces = g_strjoinv ("&", (char **) query);

      g_string_append_printf (request, "?%s", pieces);
      /* As the official client: a query of the URL takes the place of the option. */
      if (self->url->query != NULL)
        g_string_append_printf (request, "&%s", self->url->query);
      else
        for (guint i = 0; own != NULL && own[i] != NULL; i++)
          {
            g_auto(GStrv) pair = g_strsplit (own[i], "=", 2);
            g_autofree char *name = sio_url_escape (pair[0]);
            g_autofree char *value = sio_url_escape (pair[1] != NULL ? pair[1] : "");

            g_string_append_printf (request, "&%s=%s", name, value);
          }
    }
  g_string_append (request, " HTTP/1.1\r\n");

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    if (!is_ours (headers[i]))
      {
        has_host |= g_ascii_strncasecmp (headers[i], "host:", 5) == 0;
        g_string_append_printf (request, "%s\r\n", headers[i]);
      }
  if (!has_host)
    g_string_append_printf (request, "Host: %.*s\r\n", (int) (rest - strstr (uri, "://") - 3), strstr (uri, "://") + 3);
  g_string_append (request, "Accept: */*\r\nConnection: close\r\n");
  if (body != NULL)
    g_string_append_printf (request, "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n",
                            strlen (body));
  g_string_append_printf (request, "\r\n%s", body != NULL ? body : "");

  return request;
}

/* ---- the answer ---- */

static const char *
find (const GString *text,
      const char    *what)
{
  return g_strstr_len (text->str, (gssize) text->len, what);
}

/* Who speaks another protocol often speaks first, and then waits for us. */
static gboolean
is_http (const GString *text)
{
  return strncmp (text->str, HTTP, MIN (text->len, strlen (HTTP))) == 0;
}

/* Whether all of it has come, as far as can be told before the connection ends. */
static gboolean
is_complete (const GString *text)
{
  const char *end = find (text, "\r\n\r\n");
  g_autofree char *head = end != NULL ? g_ascii_strdown (text->str, end + 2 - text->str) : NULL;
  const char *length = head != NULL ? strstr (head, "\r\ncontent-length:") : NULL;

  if (length == NULL)
    return head != NULL && strstr (head, "\r\ntransfer-encoding:") != NULL && g_str_has_suffix (text->str, "\r\n0\r\n\r\n");

  return text->len - (gsize) (end + 4 - text->str)
         >= g_ascii_strtoull (length + strlen ("\r\ncontent-length:"), NULL, 10);
}

static GString *
unchunk (const char *text,
         gsize       size)
{
  const char *end = text + size;
  GString *body = g_string_new (NULL);

  while (text < end)
    {
      guint64 length = g_ascii_strtoull (text, NULL, 16);
      const char *line = g_strstr_len (text, end - text, "\r\n");

      if (line == NULL || length == 0)
        break;
      text = line + 2;
      length = MIN (length, (guint64) (end - text));
      g_string_append_len (body, text, (gssize) length);
      text += length;
      text += MIN (2, end - text);
    }

  return body;
}

static DoctorAnswer *
parse_answer (const GString *text,
              gint64         ms)
{
  DoctorAnswer *answer = g_new0 (DoctorAnswer, 1);
  const char *end = find (text, "\r\n\r\n");
  g_autofree char *encoding = NULL;
  const char *space, *line;

  answer->ms = ms;
  if (!g_str_has_prefix (text->str, HTTP) || end == NULL)
    {
      answer->head = g_strdup ("");
      answer->body = g_string_new_len (text->str, (gssize) text->len);
      return answer;
    }

  line = find (text, "\r\n");
  space = memchr (text->str, ' ', (gsize) (line - text->str));
  if (space != NULL)
    {
      answer->status = (guint) g_ascii_strtoull (space + 1, NULL, 10);
      space = memchr (space + 1, ' ', (gsize) (line - space - 1));
      answer->reason = space != NULL ? g_strndup (space + 1, (gsize) (line - space - 1)) : NULL;
    }
  answer->head = end > line ? g_strndup (line + 2, (gsize) (end - line - 2)) : g_strdup ("");

  encoding = doctor_answer_dup_header (answer, "Transfer-Encoding");
  end += 4;
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "chunked") == 0)
    answer->body = unchunk (end, text->len - (gsize) (end - text->str));
  else
    answer->body = g_string_new_len (end, (gssize) (text->len - (gsize) (end - text->str)));

  return answer;
}

static gboolean
write_request (Doctor     *self,
               GIOStream  *stream,
               GString    *request,
               GError    **error)
{
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  gboolean done;
  DoctorWait wait;

  doctor_wait_begin (self, &wait);
  g_output_stream_write_all_async (output, request->str, request->len, G_PRIORITY_DEFAULT, wait.cancellable, doctor_wait_cb,
                                   &wait);
  done = g_output_stream_write_all_finish (output, doctor_wait (&wait), NULL, error);
  doctor_wait_end (&wait, error);

  return done;
}

static GString *
read_answer (Doctor     *self,
             GIOStream  *stream,
             GError    **error)
{
  GInputStream *input = g_io_stream_get_input_stream (stream);
  gint64 deadline_us = g_get_monotonic_time () + self->look_ms * (gint64) 1000;
  GString *text = g_string_new (NULL);

  while (text->len < MAX_ANSWER && is_http (text) && !is_complete (text))
    {
      GError *local = NULL;
      DoctorWait wait;
      gsize before = text->len;
      gssize n;

      g_string_set_size (text, before + CHUNK);
      doctor_wait_begin (self, &wait);
      g_input_stream_read_async (input, text->str + before, CHUNK, G_PRIORITY_DEFAULT, wait.cancellable, doctor_wait_cb, &wait);
      n = g_input_stream_read_finish (input, doctor_wait (&wait), &local);
      doctor_wait_end (&wait, &local);
      g_string_set_size (text, before + (gsize) MAX (n, 0));

      /* Who cuts the line after the whole answer has answered. */
      if (n < 0 && (text->len == 0 || find (text, "\r\n\r\n") == NULL))
        {
          g_propagate_error (error, local);
          g_string_free (text, TRUE);
          return NULL;
        }
      g_clear_error (&local);
      /* Each piece may take its time, all of them together may not: a drip never ends. */
      if (n <= 0 || g_get_monotonic_time () > deadline_us)
        break;
    }

  return text;
}

/*< private >
 * doctor_fetch:
 * @path: the path option
 * @file: what stands behind it, or ""
 * @query: (nullable): pieces "K=V", already encoded; the caller's query is put behind them. %NULL: no query at all
 * @body: (nullable): what to POST; %NULL for a GET
 *
 * Returns: (transfer full) (nullable): what came, whatever it is; %NULL with @error if nothing did
 */
DoctorAnswer *
doctor_fetch (Doctor             *self,
              const char         *path,
              const char         *file,
              const char * const *query,
              const char         *body,
              GError            **error)
{
  g_autoptr(GIOStream) stream = doctor_connect (self, error);
  g_autoptr(GString) request = NULL;
  g_autoptr(GString) text = NULL;
  gint64 started_us = g_get_monotonic_time ();

  if (stream == NULL)
    return NULL;

  request = make_request (self, path, file, query, body);
  if (!write_request (self, stream, request, error))
    return NULL;
  text = read_answer (self, stream, error);
  if (text == NULL)
    return NULL;
  if (text->len == 0)
    {
      g_set_error_literal (error, SIO_ERROR, SIO_ERROR_UNREACHABLE, "the connection was closed without an answer");
      return NULL;
    }

  return parse_answer (text, (g_get_monotonic_time () - started_us) / 1000);
}
