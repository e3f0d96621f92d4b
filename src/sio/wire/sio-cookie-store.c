/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Set-Cookie in, Cookie out. What a date or a number says that nobody can mean is as if it were not there: the cookie
 * then lives as long as the manager. Dates are read as RFC 6265 5.1.1 tells, with arithmetic that cannot overflow. */

#include "sio-cookie-store.h"

#include <string.h>

/* No expiry, and none that is further away. */
#define NEVER G_MAXINT64
#define SECOND G_GINT64_CONSTANT (1000000)

typedef struct {
  char     *name;
  char     *value;
  gint64    expires_us; /* wall clock */
  gboolean  secure;
} Cookie;

struct _SioCookieStore {
  GPtrArray *cookies; /* oldest first */
  guint      max_cookies;
  guint      ref_count;
};

static void
cookie_free (gpointer data)
{
  Cookie *self = data;

  g_free (self->name);
  g_free (self->value);
  g_free (self);
}

/**
 * sio_cookie_store_new:
 * @max_cookies: how many it holds; 0 for none at all
 *
 * Returns: (transfer full): an empty store. It belongs to one thread
 */
SioCookieStore *
sio_cookie_store_new (guint max_cookies)
{
  SioCookieStore *self = g_new0 (SioCookieStore, 1);

  self->cookies = g_ptr_array_new_with_free_func (cookie_free);
  self->max_cookies = max_cookies;
  self->ref_count = 1;
  return self;
}

SioCookieStore *
sio_cookie_store_ref (SioCookieStore *self)
{
  self->ref_count++;
  return self;
}

void
sio_cookie_store_unref (SioCookieStore *self)
{
  if (--self->ref_count > 0)
    return;

  g_ptr_array_unref (self->cookies);
  g_free (self);
}

static SioSpan
trim (SioSpan span)
{
  while (span.size > 0 && (*span.data == ' ' || *span.data == '\t'))
    span = (SioSpan) { span.data + 1, span.size - 1 };
  while (span.size > 0 && (span.data[span.size - 1] == ' ' || span.data[span.size - 1] == '\t'))
    span.size--;
  return span;
}

/* Takes what stands before the separator off *rest. Without one: everything, and *rest has no data any more. */
static SioSpan
take_until (SioSpan *rest,
            char     separator)
{
  const char *at = rest->size > 0 ? memchr (rest->data, separator, rest->size) : NULL;
  SioSpan taken = *rest;

  if (at == NULL)
    *rest = (SioSpan) { NULL, 0 };
  else
    {
      taken.size = (gsize) (at - rest->data);
      *rest = (SioSpan) { at + 1, rest->size - taken.size - 1 };
    }
  return taken;
}

static gboolean
is_name (SioSpan     span,
         const char *name)
{
  return span.size == strlen (name) && g_ascii_strncasecmp (span.data, name, span.size) == 0;
}

/* Digits at the start; how many of them. No more than eight are counted on. */
static gsize
read_digits (SioSpan  span,
             gint64  *value)
{
  gsize n = 0;

  *value = 0;
  while (n < span.size && g_ascii_isdigit (span.data[n]))
    {
      if (n < 8)
        *value = *value * 10 + (span.data[n] - '0');
      n++;
    }
  return n;
}

/* "10:01:11", what follows is not looked at. */
static gboolean
read_time (SioSpan  token,
           gint64  *seconds)
{
  static const gint64 most[] = { 23, 59, 59 };
  gint64 sum = 0;

  for (guint i = 0; i < 3; i++)
    {
      gint64 value;
      gsize n = read_digits (token, &value);

      if (n < 1 || n > 2 || value > most[i])
        return FALSE;
      token = (SioSpan) { token.data + n, token.size - n };
      if (i < 2)
        {
          if (token.size == 0 || *token.data != ':')
            return FALSE;
          token = (SioSpan) { token.data + 1, token.size - 1 };
        }
      sum = sum * 60 + value;
    }

  *seconds = sum;
  return TRUE;
}

/* 1 to 12; 0: no month. */
static guint
read_month (SioSpan token)
{
  static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

  for (guint i = 0; token.size >= 3 && i < 12; i++)
    if (g_ascii_strncasecmp (token.data, names + 3 * i, 3) == 0)
      return i + 1;
  return 0;
}

/* Days since 1970-01-01 in the Gregorian calendar; year is 1601 or later. */
static gint64
days_from_civil (gint64 year,
                 guint  month,
                 gint64 day)
{
  static const guint before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
  gint64 last = year - 1;
  gboolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

  return last * 365 + last / 4 - last / 100 + last / 400 - 719162
         + before[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1;
}

static gboolean
is_delimiter (char c)
{
  guchar u = (guchar) c;

  return u == 0x09 || (u >= 0x20 && u <= 0x2f) || (u >= 0x3b && u <= 0x40) || (u >= 0x5b && u <= 0x60)
         || (u >= 0x7b && u <= 0x7e);
}

static gboolean
parse_date (SioSpan  text,
            gint64  *us)
{
  static const guint lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gint64 time = -1;
  gint64 day = -1;
  gint64 year = -1;
  guint month = 0;

  for (gsize i = 0; i < text.size;)
    {
      SioSpan token;
      gint64 value;
      gsize n;

      if (is_delimiter (text.data[i]))
        {
          i++;
          continue;
        }
      token = (SioSpan) { text.data + i, 0 };
      while (i < text.size && !is_delimiter (text.data[i]))
        i++, token.size++;

      n = read_digits (token, &value);
      if (time < 0 && read_time (token, &time))
        continue;
      if (day < 0 && n >= 1 && n <= 2)
        day = value;
      else if (month == 0 && read_month (token) != 0)
        month = read_month (token);
      else if (year < 0 && (n == 2 || n == 4))
        year = n == 4 ? value : value + (value < 70 ? 2000 : 1900);
    }

  if (time < 0 || month == 0 || day < 1 || year < 1601 || day > lengths[month - 1])
    return FALSE;

  *us = (days_from_civil (year, month, day) * 86400 + time) * SECOND;
  return TRUE;
}

/* As parseInt() takes it: what follows the digits does not matter. */
static gboolean
parse_max_age (SioSpan  text,
               gint64   now_us,
               gint64  *us)
{
  gboolean negative = text.size > 0 && *text.data == '-';
  gint64 seconds;
  gsize n;

  if (text.size > 0 && (*text.data == '-' || *text.data == '+'))
    text = (SioSpan) { text.data + 1, text.size - 1 };
  n = read_digits (text, &seconds);
  if (n == 0)
    return FALSE;

  if (negative || seconds == 0)
    *us = G_MININT64;
  else
    *us = n > 8 || now_us > NEVER - seconds * SECOND ? NEVER : now_us + seconds * SECOND;
  return TRUE;
}

static void
read_attributes (Cookie  *cookie,
                 SioSpan  rest,
                 gint64   now_us)
{
  while (rest.data != NULL)
    {
      SioSpan value = take_until (&rest, ';');
      SioSpan name = trim (take_until (&value, '='));

      value = trim (value);
      /* the later one of the two counts, as in the official client */
      if (is_name (name, "expires"))
        parse_date (value, &cookie->expires_us);
      else if (is_name (name, "max-age"))
        parse_max_age (value, now_us, &cookie->expires_us);
      else if (is_name (name, "secure"))
        cookie->secure = TRUE;
    }
}

static gboolean
can_be_sent (SioSpan span)
{
  for (gsize i = 0; i < span.size; i++)
    if ((guchar) span.data[i] < 0x20 || span.data[i] == 0x7f)
      return FALSE;
  return TRUE;
}

/**
 * sio_cookie_store_set:
 * @self: a store
 * @set_cookie: "name=value; attributes"
 * @now_us: the wall clock, microseconds since 1970
 *
 * Takes a cookie in the place of one of the same name, and as the newest. One that has expired only removes. Expires and
 * Max-Age count, and Secure; Path, Domain, HttpOnly and SameSite do not: there is one server, and no page. What has no
 * name, a control character, or is larger than %SIO_COOKIE_MAX_SIZE is ignored. "Cookies", RFC 6265 5.2.
 */
void
sio_cookie_store_set (SioCookieStore *self,
                      const char     *set_cookie,
                      gint64          now_us)
{
  SioSpan rest = { set_cookie, strlen (set_cookie) };
  SioSpan value = take_until (&rest, ';');
  SioSpan name;
  Cookie *cookie;

  if (memchr (value.data, '=', value.size) == NULL)
    return;
  name = trim (take_until (&value, '='));
  value = trim (value);
  if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
    value = (SioSpan) { value.data + 1, value.size - 2 };
  if (name.size == 0 || name.size + 1 + value.size > SIO_COOKIE_MAX_SIZE || !can_be_sent (name) || !can_be_sent (value))
    return;

  cookie = g_new0 (Cookie, 1);
  cookie->name = g_strndup (name.data, name.size);
  cookie->value = g_strndup (value.size > 0 ? value.data : "", value.size);
  cookie->expires_us = NEVER;
  read_attributes (cookie, rest, now_us);

  for (guint i = 0; i < self->cookies->len; i++)
    if (g_str_equal (((Cookie *) self->cookies->pdata[i])->name, cookie->name))
      {
        g_ptr_array_remove_index (self->cookies, i);
        break;
      }

  if (cookie->expires_us < now_us || self->max_cookies == 0)
    {
      cookie_free (cookie);
      return;
    }
  if (self->cookies->len >= self->max_cookies)
    g_ptr_array_remove_index (self->cookies, 0);
  g_ptr_array_add (self->cookies, cookie);
}

/**
 * sio_cookie_store_dup_header:
 * @self: a store
 * @secure: the request goes over TLS
 * @now_us: the wall clock, microseconds since 1970
 *
 * What has expired is forgotten here.
 *
 * Returns: (transfer full) (nullable): "a=1; b=2", oldest first, or %NULL if there is nothing to send
 */
char *
sio_cookie_store_dup_header (SioCookieStore *self,
                             gboolean        secure,
                             gint64          now_us)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->cookies->len;)
    {
      const Cookie *cookie = self->cookies->pdata[i];

      if (cookie->expires_us < now_us)
        {
          g_ptr_array_remove_index (self->cookies, i);
          continue;
        }
      if (secure || !cookie->secure)
        g_string_append_printf (text, "%s%s=%s", text->len > 0 ? "; " : "", cookie->name, cookie->value);
      i++;
    }

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/**
 * sio_cookie_store_get_size:
 * @self: a store
 *
 * Returns: how many cookies it holds, expired ones too until they are forgotten
 */
guint
sio_cookie_store_get_size (SioCookieStore *self)
{
  return self->cookies->len;
}
