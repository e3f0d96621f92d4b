/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The raw session: what a correct server of one session does, with the faults of an upgrade on request. */

#include "raw-payload.h"
#include "raw-session.h"

#include <string.h>

struct _RawSession {
  RawPeer       *peer;
  char          *open;         /* "0{…}" */

  GMutex         mutex;
  GCond          cond;
  GQueue         outgoing;     /* of GBytes: 't' or 'b', then the packet */
  GQueue         incoming;     /* of char * */
  RawConnection *websocket;    /* the current transport, if it is one */
  RawConnection *poll;         /* the pending one */
  GPtrArray     *connections;  /* that are being served */
  RawUpgrade     upgrade;
  guint          eio;
  guint          asked_eio;
  guint          n_handshakes;
  char          *post_status;
  const char    *goodbye;
  guint          n_polls;
  guint          n_posts;
  guint          n_gets_now;
  guint          n_posts_now;
  guint          max_gets;
  guint          max_posts;
  gboolean       released;     /* the upgrade's fault is over */
  gboolean       upgraded;
  gboolean       probing;      /* "3probe" was sent: polls end with a noop */
  gboolean       stopping;
  gboolean       usual;        /* the open packet is our own: each life has a sid of its own */
  guint          life;         /* counts handshakes over polling from 1 */
  gboolean       gone;         /* dropped: the sid is unknown from now on */
};

static void
raw_session_changed (RawSession *self)
{
  g_cond_broadcast (&self->cond);
  raw_peer_wake_tests ();
}

/* Takes packet. life: of the session that it belongs to; the goodbye of one that is over ends no other. */
static void
raw_session_receive (RawSession *self,
                     char       *packet,
                     guint       life)
{
  g_mutex_lock (&self->mutex);
  if (strcmp (packet, "1") == 0 && self->life == life)
    self->goodbye = "1";
  g_queue_push_tail (&self->incoming, packet);
  raw_session_changed (self);
  g_mutex_unlock (&self->mutex);
}

static void
write_websocket (RawSession    *self,
                 RawConnection *connection,
                 GBytes        *item)
{
  gsize size;
  const char *data = g_bytes_get_data (item, &size);
  g_autoptr (GString) frame = g_string_new (NULL);

  if (*data == 'b' && self->eio == 3)
    g_string_append_c (frame, 4);
  g_string_append_len (frame, data + 1, (gssize) size - 1);
  raw_connection_write_frame (connection, *data == 't' ? 0x81 : 0x82, frame->str, (gssize) frame->len);
}

/* Whether the WebSocket is the session's now: one of a life before may still have something to read. */
static gboolean
raw_session_has_websocket (RawSession    *self,
                           RawConnection *connection)
{
  gboolean has;

  g_mutex_lock (&self->mutex);
  has = self->websocket == connection;
  g_mutex_unlock (&self->mutex);
  return has;
}

/* Reads frames until the client closes. */
static void
raw_session_serve_websocket (RawSession    *self,
                             RawConnection *connection)
{
  g_autoptr (GString) payload = g_string_new (NULL);
  guint8 first;

  while (raw_connection_read_frame (connection, &first, payload))
    {
      if ((first & 0x0f) != 8 && !raw_session_has_websocket (self, connection))
        continue;
      if ((first & 0x0f) == 8)
        {
          g_mutex_lock (&self->mutex);
          if (self->goodbye == NULL && self->websocket == connection)
            self->goodbye = "close";
          raw_session_changed (self);
          g_mutex_unlock (&self->mutex);
          raw_connection_write_frame (connection, 0x88, payload->str, (gssize) payload->len);
          break;
        }
      if ((first & 0x0f) == 1)
        raw_session_receive (self, g_strdup (payload->str), G_MAXUINT);
      else if ((first & 0x0f) == 2)
        {
          gsize skip = self->eio == 3;
          g_autofree char *base64 = NULL;

          if (self->eio == 3)
            g_assert_cmpint (payload->str[0], ==, 4);
          base64 = g_base64_encode ((const guchar *) payload->str + skip, payload->len - skip);
          raw_session_receive (self, g_strconcat (self->eio == 3 ? "b4" : "b", base64, NULL), G_MAXUINT);
        }
    }

  g_mutex_lock (&self->mutex);
  if (self->websocket == connection)
    self->websocket = NULL;
  g_mutex_unlock (&self->mutex);
}

/* The connection becomes the session's transport. request: the handshake to answer with the open packet, under the same lock, so that
 * whoever the client has told that it is open finds it here; NULL for an upgrade, of this life. FALSE if the client has begun anew
 * and left this behind. */
static gboolean
raw_session_take_over (RawSession    *self,
                       RawConnection *connection,
                       RawRequest    *request,
                       guint          life)
{
  GBytes *item;

  g_mutex_lock (&self->mutex);
  if (request == NULL && (self->life != life || self->gone))
    {
      g_mutex_unlock (&self->mutex);
      return FALSE;
    }
  if (request == NULL)
    {
      self->upgraded = TRUE;
      g_queue_push_tail (&self->incoming, g_strdup ("5"));
    }
  if (request != NULL)
    {
      g_autoptr (GString) frame = g_string_new (NULL);

      self->n_handshakes++;
      raw_append_frame (frame, 0x81, self->open, strlen (self->open));
      raw_connection_accept_websocket (connection, request, frame->str, frame->len);
    }
  self->websocket = connection;
  while ((item = g_queue_pop_head (&self->outgoing)) != NULL)
    {
      write_websocket (self, connection, item);
      g_bytes_unref (item);
    }
  raw_session_changed (self);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

static void
raw_session_await_release (RawSession *self)
{
  g_mutex_lock (&self->mutex);
  while (!self->released && !self->stopping)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

/* The sid of a life. The first is plain, so that tests may know it. */
static char *
raw_session_dup_sid (RawSession *self)
{
  return self->life <= 1 ? g_strdup ("raw-session") : g_strdup_printf ("raw-session-%u", self->life);
}

/* A request of a life before that comes late must not take what is meant for this one. */
static gboolean
raw_session_is_stale (RawSession *self,
                      RawRequest *request,
                      guint      *life)
{
  g_autofree char *sid = NULL;
  gboolean gone;

  g_mutex_lock (&self->mutex);
  sid = raw_session_dup_sid (self);
  gone = self->gone;
  *life = self->life;
  g_mutex_unlock (&self->mutex);
  return gone || (self->usual && !raw_request_has_parameter (request, "sid", sid));
}

static void
raw_session_serve_upgrade (RawSession    *self,
                           RawConnection *connection,
                           RawRequest    *request)
{
  g_autoptr (GString) payload = g_string_new (NULL);
  guint8 first;
  guint life;

  if (self->upgrade == RAW_UPGRADE_REFUSED)
    {
      raw_connection_respond (connection, "400 Bad Request", "Content-Type: text/html\r\nConnection: close\r\n", "Bad request", -1);
      return;
    }
  if (self->upgrade == RAW_UPGRADE_HANGS)
    {
      raw_connection_await_end (connection);
      return;
    }

  if (raw_session_is_stale (self, request, &life))
    return;
  raw_connection_accept_websocket (connection, request, NULL, 0);
  if (!raw_connection_read_frame (connection, &first, payload) || strcmp (payload->str, "2probe") != 0)
    return;
  raw_session_receive (self, g_strdup ("2probe"), life);

  switch (self->upgrade)
    {
    case RAW_UPGRADE_NO_ANSWER:
      raw_connection_await_end (connection);
      return;
    case RAW_UPGRADE_WRONG_ANSWER:
      raw_connection_write_frame (connection, 0x81, "4early", -1);
      raw_connection_await_end (connection);
      return;
    case RAW_UPGRADE_CLOSES:
      return;
    default:
      break;
    }

  raw_connection_write_frame (connection, 0x81, "3probe", -1);
  if (self->upgrade == RAW_UPGRADE_CLOSES_LATE)
    {
      raw_session_await_release (self);
      return;
    }
  if (self->upgrade == RAW_UPGRADE_NO_NOOP)
    raw_session_await_release (self);
  g_mutex_lock (&self->mutex);
  if (self->life == life)
    self->probing = TRUE;
  raw_session_changed (self);
  g_mutex_unlock (&self->mutex);

  if (!raw_connection_read_frame (connection, &first, payload) || strcmp (payload->str, "5") != 0)
    return;
  if (raw_session_take_over (self, connection, NULL, life))
    raw_session_serve_websocket (self, connection);
}

/* Everything that waits, as one body. The mutex is held. */
static GString *
raw_session_take_payload (RawSession *self)
{
  GString *body = g_string_new (NULL);
  GBytes *item;

  while ((item = g_queue_pop_head (&self->outgoing)) != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (item, &size);

      g_autofree char *text = *data == 't' ? g_strndup (data + 1, size - 1)
                                           : g_base64_encode ((const guchar *) data + 1, size - 1);
      g_autofree char *packet = g_strconcat (*data == 't' ? "" : self->eio == 3 ? "b4" : "b", text, NULL);

      raw_payload_append (body, self->eio, packet);
      g_bytes_unref (item);
    }
  return body;
}

static gboolean
raw_session_serve_poll (RawSession    *self,
                        RawConnection *connection,
                        guint          life)
{
  g_autoptr (GString) body = NULL;

  g_mutex_lock (&self->mutex);
  if (self->life != life)
    {
      /* the next life began while this was being read */
      g_mutex_unlock (&self->mutex);
      return FALSE;
    }
  self->n_polls++;
  self->n_gets_now++;
  self->max_gets = MAX (self->max_gets, self->n_gets_now);
  self->poll = connection;
  raw_session_changed (self);
  while (g_queue_is_empty (&self->outgoing) && !self->stopping && !self->probing && self->goodbye == NULL
         && self->poll == connection)
    g_cond_wait (&self->cond, &self->mutex);
  /* a poll of the life before must not take what is meant for this one */
  if (self->poll == connection && !g_queue_is_empty (&self->outgoing))
    body = raw_session_take_payload (self);
  else if (self->poll != connection || self->probing || self->goodbye != NULL)
    raw_payload_append (body = g_string_new (NULL), self->eio, "6");
  self->n_gets_now--;
  if (self->poll == connection)
    self->poll = NULL;
  g_mutex_unlock (&self->mutex);

  return body != NULL && raw_connection_respond (connection, "200 OK", "Content-Type: text/plain; charset=UTF-8\r\n",
                                                 body->str, (gssize) body->len);
}

static gboolean
raw_session_serve_post (RawSession    *self,
                        RawConnection *connection,
                        RawRequest    *request,
                        guint          life)
{
  g_autoptr (GPtrArray) packets = raw_payload_split (self->eio, request->body->str);
  g_autofree char *status = NULL;
  gboolean ok;

  g_mutex_lock (&self->mutex);
  self->n_posts++;
  self->n_posts_now++;
  self->max_posts = MAX (self->max_posts, self->n_posts_now);
  status = g_strdup (self->post_status);
  g_mutex_unlock (&self->mutex);

  for (guint i = 0; i < packets->len; i++)
    raw_session_receive (self, g_strdup (packets->pdata[i]), life);
  g_mutex_lock (&self->mutex);
  /* before the answer: the next may come on another connection at once */
  self->n_posts_now--;
  g_mutex_unlock (&self->mutex);

  if (status != NULL && *status == '\0')
    raw_connection_await_end (connection);
  ok = raw_connection_respond (connection, status != NULL ? status : "200 OK", "Content-Type: text/html\r\n",
                               status != NULL ? "" : "ok", -1);
  return ok && status == NULL;
}

/* A handshake after raw_session_drop(), or after a goodbye, is a new life. Returns its open packet. */
static char *
raw_session_begin (RawSession *self)
{
  char *packet;

  g_mutex_lock (&self->mutex);
  self->life++;
  self->n_handshakes++;
  self->gone = FALSE;
  self->upgraded = FALSE;
  self->probing = FALSE;
  self->goodbye = NULL;
  self->poll = NULL;
  /* nothing that is meant for this life goes out over one of the life before */
  self->websocket = NULL;
  if (self->usual)
    {
      g_autofree char *sid = raw_session_dup_sid (self);
      GString *text = g_string_new (self->open);

      g_string_replace (text, "raw-session", sid, 1);
      packet = g_string_free (text, FALSE);
    }
  else
    packet = g_strdup (self->open);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  return packet;
}

static void
raw_session_script (RawConnection *connection,
                    guint          n,
                    gpointer       data)
{
  RawSession *self = data;
  g_auto (RawRequest) request = { 0 };

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->connections, connection);
  g_mutex_unlock (&self->mutex);

  while (raw_connection_read_request (connection, &request))
    {
      gboolean known = raw_request_has_parameter (&request, "sid", NULL);
      gboolean ok;
      guint life = 0;

      g_mutex_lock (&self->mutex);
      self->asked_eio = raw_request_has_parameter (&request, "EIO", "3") ? 3 : 4;
      g_mutex_unlock (&self->mutex);
      if (raw_request_has_parameter (&request, "transport", "websocket"))
        {
          if (known)
            raw_session_serve_upgrade (self, connection, &request);
          else
            {
              raw_session_take_over (self, connection, &request, 0);
              raw_session_serve_websocket (self, connection);
            }
          break;
        }

      if (known && raw_session_is_stale (self, &request, &life))
        ok = raw_connection_respond (connection, "400 Bad Request", "Content-Type: application/json\r\n",
                                     "{\"code\":1,\"message\":\"Session ID unknown\"}", -1);
      else if (strcmp (request.method, "POST") == 0)
        ok = raw_session_serve_post (self, connection, &request, life);
      else if (known)
        ok = raw_session_serve_poll (self, connection, life);
      else
        {
          g_autofree char *packet = raw_session_begin (self);
          g_autoptr (GString) body = g_string_new (NULL);

          raw_payload_append (body, self->eio, packet);
          ok = raw_connection_respond (connection, "200 OK", "Content-Type: text/plain; charset=UTF-8\r\n", body->str, -1);
        }
      if (!ok)
        break;
    }

  g_mutex_lock (&self->mutex);
  g_ptr_array_remove (self->connections, connection);
  g_mutex_unlock (&self->mutex);
}

/* The test's side */

RawSession *
raw_session_new (const char *open_json)
{
  RawSession *self = g_new0 (RawSession, 1);

  self->eio = 4;
  self->usual = open_json == NULL;
  self->open = g_strconcat ("0", open_json != NULL ? open_json
                            : "{\"sid\":\"raw-session\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                              "\"pingTimeout\":20000,\"maxPayload\":1000000}", NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->connections = g_ptr_array_new ();
  self->peer = raw_peer_new (raw_session_script, self);
  return self;
}

void
raw_session_free (RawSession *self)
{
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);

  raw_peer_free (self->peer);
  g_queue_clear_full (&self->outgoing, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->incoming, g_free);
  g_ptr_array_unref (self->connections);
  g_free (self->open);
  g_free (self->post_status);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

char *
raw_session_dup_url (RawSession *self)
{
  return raw_peer_dup_url (self->peer);
}

void
raw_session_set_eio3 (RawSession *self)
{
  self->eio = 3;
}

void
raw_session_set_upgrade (RawSession *self,
                         RawUpgrade  upgrade)
{
  self->upgrade = upgrade;
}

void
raw_session_release_upgrade (RawSession *self)
{
  g_mutex_lock (&self->mutex);
  self->released = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
raw_session_set_post_status (RawSession *self,
                             const char *status)
{
  g_mutex_lock (&self->mutex);
  g_free (self->post_status);
  self->post_status = g_strdup (status);
  g_mutex_unlock (&self->mutex);
}

static void
raw_session_send_item (RawSession *self,
                       char        kind,
                       const void *data,
                       gsize       size)
{
  g_autoptr (GString) item = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  g_string_append_c (item, kind);
  g_string_append_len (item, data, (gssize) size);
  bytes = g_bytes_new (item->str, item->len);

  g_mutex_lock (&self->mutex);
  if (self->websocket != NULL)
    write_websocket (self, self->websocket, bytes);
  else
    g_queue_push_tail (&self->outgoing, g_steal_pointer (&bytes));
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

void
raw_session_send (RawSession *self,
                  const char *packet)
{
  raw_session_send_item (self, 't', packet, strlen (packet));
}

void
raw_session_send_binary (RawSession *self,
                         const void *data,
                         gsize       size)
{
  raw_session_send_item (self, 'b', data, size);
}

char *
raw_session_take (RawSession *self)
{
  char *packet;

  g_mutex_lock (&self->mutex);
  packet = g_queue_pop_head (&self->incoming);
  g_mutex_unlock (&self->mutex);
  return packet;
}

void
raw_session_close (RawSession *self,
                   const char *payload,
                   gsize       size)
{
  RawConnection *websocket;

  g_mutex_lock (&self->mutex);
  websocket = self->websocket;
  if (websocket != NULL)
    raw_connection_write_frame (websocket, 0x88, payload, (gssize) size);
  g_mutex_unlock (&self->mutex);
  if (websocket == NULL)
    raw_session_send (self, "1");
}

void
raw_session_drop (RawSession *self,
                  gboolean    reset)
{
  g_mutex_lock (&self->mutex);
  self->poll = NULL;
  self->gone = TRUE;
  g_cond_broadcast (&self->cond);
  for (guint i = 0; i < self->connections->len; i++)
    raw_connection_interrupt (self->connections->pdata[i], reset);
  g_mutex_unlock (&self->mutex);
}

#define GETTER(type, name, expression)  \
  type                                  \
  raw_session_##name (RawSession *self) \
  {                                     \
    type value;                         \
                                        \
    g_mutex_lock (&self->mutex);        \
    value = (expression);               \
    g_mutex_unlock (&self->mutex);      \
    return value;                       \
  }

GETTER (guint, get_n_handshakes, self->n_handshakes)
GETTER (guint, get_asked_eio, self->asked_eio)
GETTER (guint, get_n_polls, self->n_polls)
GETTER (guint, get_n_posts, self->n_posts)
GETTER (guint, get_max_gets, self->max_gets)
GETTER (guint, get_max_posts, self->max_posts)
GETTER (gboolean, is_poll_pending, self->poll != NULL)
GETTER (gboolean, is_upgraded, self->upgraded)
GETTER (const char *, get_goodbye, self->goodbye)
