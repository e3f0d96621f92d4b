/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is a secret and what only looks like one, one thing each; and any bytes whatsoever. */

#include "recording-script.h"
#include "sioscope-export.h"
#include "sioscope-redactor.h"
#include "sioscope-secrets.h"

static char *
redact_script (const char *script)
{
  g_autoptr(SioscopeRecorder) recorder = NULL;
  g_autoptr(SioscopeRecording) recording = script_record (script, &recorder);
  g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable ();
  SioscopeExportLines lines = { .depth = SIOSCOPE_PRINT_FRAMES };
  SioscopeExportOptions options = { .format = SIOSCOPE_FORMAT_NDJSON, .lines = &lines };
  g_autoptr(GError) error = NULL;

  sioscope_export_write (recording, &options, out, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (out, "", 1, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (out, NULL, NULL));
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (out));
}

static void
test_cases (void)
{
  static const struct { const char *script, *shown, *hidden; } cases[] = {
    /* names, and what only looks like one */
    { "1 packet in 42[\"a\",{\"author\":\"Ada\",\"inside\":1,\"monkey\":\"Moe\",\"apiKey\":\"k\"}]\n",
      "{\"author\":\"Ada\",\"inside\":1,\"monkey\":\"Moe\",\"apiKey\":\"[redacted]\"}", "\"k\"" },
    /* of any type, whole */
    { "1 packet in 42[\"a\",{\"token\":{\"x\":[1,{\"y\":2}]},\"secret\":[3],\"pwd\":4.50,\"jwt\":null,\"z\":5}]\n",
      "[{\"token\":\"[redacted]\",\"secret\":\"[redacted]\",\"pwd\":\"[redacted]\",\"jwt\":\"[redacted]\",\"z\":5}]", "4.50" },
    /* true and 1 are everywhere */
    { "1 packet in 42[\"a\",{\"token\":true,\"key\":1}]\n2 packet in 42[\"b\",true,1,\"true\"]\n", "\"args\":[true,1,\"true\"]", NULL },
    /* a value: before and after, as a part, and not within a word if it is short */
    { "1 packet in 42[\"a\",\"x-hunter2longer-y\"]\n2 packet in 42[\"b\",{\"password\":\"hunter2longer\"}]\n",
      "\"x-[redacted]-y\"", "hunter2longer" },
    { "1 packet in 42[\"a\",\"cats\",\"concatsed\"]\n2 packet in 42[\"b\",{\"password\":\"cats\"}]\n", "[\"[redacted]\",\"concatsed\"]", "\"cats\"" },
    /* an event that is called like a secret keeps its name */
    { "1 packet in 42[\"chatter\",1]\n2 packet in 42[\"b\",{\"password\":\"chatter\"}]\n", "\"event\":\"chatter\"", NULL },
    /* but not one that is called by somebody's token */
    { "1 packet in 42[\"T0ken4711x\",1]\n2 packet in 42[\"b\",{\"token\":\"T0ken4711x\"}]\n", "\"event\":\"[redacted]\"", "T0ken4711x" },
    { "1 packet in 42/T0ken4711x,[\"a\",1]\n2 packet in 42[\"b\",{\"token\":\"T0ken4711x\"}]\n", "\"nsp\":\"/[redacted]\"", "T0ken4711x" },
    /* an event whose name says that a secret follows */
    { "1 packet in 42[\"token\",\"abc\",{\"a\":\"def\"}]\n", "\"event\":\"token\",\"args\":[\"[redacted]\",{\"a\":\"[redacted]\"}]", "def" },
    /* and what the ack of one brings */
    { "1 packet out 421[\"getToken\"]\n2 packet in 431[\"opaque-4711\",1]\n3 packet out 422[\"a\"]\n4 packet in 432[\"plain-4711\"]\n5 packet in 42[\"b\",\"opaque-4711\"]\n",
      "\"args\":[\"plain-4711\"]", "opaque-4711" },
    /* escapes: a name, a value, a cut within one */
    { "1 packet in 42[\"a\",{\"t\\u006fken\":\"abcd\"}]\n", "\"[redacted]\"", "abcd" },
    { "1 packet in 42[\"a\",\"\\n123456789\"]\n2 packet in 42[\"a\",{\"token\":\"n123456789\"}]\n", "\"args\":[\"[redacted]\"]", "123456789" },
    { "1 packet in 42[\"a\",{\"token\":\"ab+cd/ef12\"}]\n2 packet in 42[\"a\",\"ab\\u002Bcd\\/\\u0065f12\",\"\\u00e9\"]\n",
      "\"args\":[\"[redacted]\",\"\\u00e9\"]", "u002B" },
    { "1 packet in 42[\"a\",{\"token\":\"ab+cd/ef12\"}]\n2 packet in 42[\"a\",\"{\\\"x\\\":\\\"ab\\\\u002bcd/ef12\\\"}\"]\n",
      "\"args\":[\"[redacted]\"]", "u002b" },
    /* as others write bytes */
    { "1 packet in 42[\"a\",{\"token\":\"ab+cd\"}]\n2 packet in 42[\"a\",\"61622b6364\",\"61622B6364\"]\n",
      "\"args\":[\"[redacted]\",\"[redacted]\"]", "6364" },
    { "1 packet in 42[\"a\",{\"password\":\"one\\u0020two\\u00203\"}]\n2 packet in 42[\"a\",\"http://h/?q=one+two+3\"]\n", "?q=[redacted]", "two+3" },
    /* JSON in a string */
    { "1 packet in 42[\"a\",\"{\\\"token\\\":\\\"embedded1\\\",\\\"x\\\":2}\"]\n", "\\\"token\\\":\\\"[redacted]\\\",\\\"x\\\":2", "embedded1" },
    /* numbers in front of a packet are not text */
    { "1 packet in 42123456[\"a\",{\"token\":123456}]\n2 packet in 42[\"b\",123456,1234567]\n",
      "\"args\":[\"[redacted]\",1234567]", NULL },
    /* servers 2.x: a namespace with a query */
    { "1 packet out 40/admin?token=nsp-tok-1,\n2 packet in 40/admin\n", "/admin?token=[redacted],", "nsp-tok-1" },
    /* an auth: every leaf, and its bytes */
    { "1 packet out 40{\"who\":\"u\",\"n\":7,\"deep\":{\"x\":[\"v\"]}}\n", "{\\\"who\\\":\\\"[redacted]\\\",\\\"n\\\":\\\"[redacted]\\\",\\\"deep\\\":{\\\"x\\\":[\\\"[redacted]\\\"]}}", "[\\\"v" },
    { "1 packet in 451-[\"a\",{\"token\":{\"_placeholder\":true,\"num\":0}}]\n2 attachment in 0 bytes\n", "\"[redacted]\"", "Ynl0ZXM" },
    { "1 packet in 451-[\"a\",{\"token\":{\"_placeholder\":true,\"num\":0}}]\n2 attachment in 0 sekrit-bytes\n"
      "3 http GET 200 1 http://h/ response=451-[\"a\",{\"token\":{\"_placeholder\":true,\"num\":0}}]\x1e" "bc2Vrcml0LWJ5dGVz\x1e" "2\n",
      "\\u001ebW3JlZGFjdGVkXQ==\\u001e2", "c2Vrcml0LWJ5dGVz" },
    /* an emit that is not sent yet */
    { "1 emit dropped / -1 token args=\"abc\"\n", "\"event\":\"token\"", "abc" },
    /* tokens that say themselves what they are */
    { "1 packet in 42[\"a\",\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl\"]\n", "[\"[redacted]\"]", "eyJ" },
    { "1 error http see_http://u:pw12345@h/?sid=abc#accessToken=defg\n", "http://[redacted]@h/?sid=[redacted]#accessToken=[redacted]", "pw12345" },
    /* a broken packet */
    { "1 error packet bad_{\"token\":\"torn\n", "{\\\"token\\\":\\\"[redacted]", "torn" },
    { "1 http POST 200 3 http://h/?EIO=4 headers=content-length:_24~X:_1 request=42[\"a\",{\"token\":\"abcd\"}]\n",
      "{\"content-length\":\"[redacted]\",\"X\":\"1\"}", "24" },
    /* headers: by their name, whatever their value is; of cookies the names stay */
    { "1 http GET 200 3 http://h/ headers=X-Api-Key:_opaque_credential-1\r~Authorization:_opaque_credential-2\r~\n",
      "{\"X-Api-Key\":\"[redacted]\",\"Authorization\":\"[redacted]\"}", "opaque" },
    { "1 http GET 200 3 http://h/ headers=Cookie:_theme=dark-9;_plain=some-7\r~\n", "theme=[redacted]; plain=[redacted]", "dark-9" },
    { "1 http GET 200 3 http://h/ headers=Authorization:_Bearer\r~_f0lded-value\r~X:_1\r~\n", "\"X\":\"1\"", "f0lded" },
    { "1 http GET 200 3 http://h/ headers=Sec-WebSocket-Protocol:_access_token,_sh0rt\r~\n", "[redacted]", "sh0rt" },
    /* reasons, of those who stand in none of the other places */
    { "1 packet in 42[\"a\",{\"token\":\"reason-tok-1\"}]\n2 state closed reason=reason-tok-1 message=x\n", "\"reason\":\"[redacted]\"",
      "reason-tok-1" },
    /* a body keeps its shape, with the lengths of now */
    { "1 http POST 200 3 http://h/?EIO=3 request=24:42[\"a\",{\"token\":\"abcd\"}]2:2x\n", "30:42[\\\"a\\\",{\\\"token\\\":\\\"[redacted]\\\"}]2:2x", "abcd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *out = redact_script (cases[i].script);

      if (strstr (out, cases[i].shown) == NULL)
        g_error ("%s: not shown: %s in\n%s", cases[i].script, cases[i].shown, out);
      if (cases[i].hidden != NULL && strstr (out, cases[i].hidden) != NULL)
        g_error ("%s: not hidden: %s in\n%s", cases[i].script, cases[i].hidden, out);
    }
}

static void
test_names (void)
{
  static const char * const secret[] = {
    "auth", "authToken", "apiKey", "api_key", "API_KEY", "APIKey", "x-api-key", "mykey", "key", "accessKeys", "sid", "connect.sid",
    "PHPSESSID", "sessionId", "session", "pid", "password", "dbPassword", "pwd", "userPass", "jwt", "Cookie", "Set-Cookie", "oauth",
    "Authorization", "Proxy-Authorization", "X-Auth", "authdata", "token2", "otp", "X-CSRF", "client_credentials",
  };
  static const char * const none[] = {
    "author", "authority", "inside", "side", "rapid", "monkey", "keyboard", "keyCode", "name", "president", "Keep-Alive", "user", "id",
    "price", "passenger", "compass", "keyframe", "consider", "", "a", "spider", "topic", "pinned",
  };

  for (guint i = 0; i < G_N_ELEMENTS (secret); i++)
    if (!sioscope_sounds_secret ((SioSpan) { secret[i], strlen (secret[i]) }))
      g_error ("%s", secret[i]);
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    if (sioscope_sounds_secret ((SioSpan) { none[i], strlen (none[i]) }))
      g_error ("%s", none[i]);
}

/* More of them than are kept, and all alike at their ends: it takes its time, and not for ever; and what stands where a secret
 * stands is hidden all the same. */
static void
test_many (void)
{
  g_autoptr(GString) script = g_string_new (NULL);
  g_autofree char *out = NULL;

  for (guint i = 0; i < 70000; i++)
    g_string_append_printf (script, "1 packet in 42[\"a\",{\"token\":\"%u-is-the-same-at-the-end\"}]\n", i);
  out = redact_script (script->str);
  g_assert_null (strstr (out, "same-at-the-end"));
}

/* Values that GLib's hash takes for the same, and ones that end with each other for long: without a seed and a limit each of them
 * takes many minutes. */
static void
test_hostile (void)
{
  g_autoptr(GString) script = g_string_new (NULL);
  g_autoptr(GString) same = g_string_new (NULL);
  g_autofree char *out = NULL;

  for (guint i = 0; i < 60000; i++)
    {
      g_string_append (script, "1 packet in 42[\"a\",{\"token\":\"");
      for (guint bit = 0; bit < 16; bit++)
        g_string_append (script, (i >> bit & 1) != 0 ? "Ez" : "FY");
      g_string_append (script, "\"}]\n");
    }
  for (guint i = 0; i < 20000; i++)
    g_string_append (same, "A1");
  for (guint i = 0; i < 20; i++)
    g_string_append_printf (script, "1 packet in 42[\"a\",{\"token\":\"%s\"}]\n", same->str + i * 2);
  for (guint i = 0; i < 4; i++)
    g_string_append_len (same, same->str, (gssize) same->len);
  g_string_append_printf (script, "1 packet in 42[\"a\",\"%s\"]\n2 packet in 42[\"a\",\"shown-as-ever\"]\n", same->str);
  out = redact_script (script->str);
  g_assert_null (strstr (out, "EzEz"));
  g_assert_null (strstr (out, "A1A1"));
  g_assert_nonnull (strstr (out, "shown-as-ever"));
}

/* Any bytes, in every field: nothing is read beyond them, what was JSON stays JSON, and parts stay parts. */
static void
test_random (void)
{
  static const char * const pieces[] = {
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\"token\":", "\"a\":", "token=", "?", "&", "=", "://", "u:p@", "eyJ", ".a.b", "Bearer ",
    "abcdefgh", "abcd", "1234567", "\x1e", "b", "4", "42", "451-", "/nsp", "\n", "\r\n", "Cookie: ", "Authorization: Basic ", "\xc3\xa9", "\xff",
    "\\u00e9", "%61bcd", "YWJjZGVmZ2g=", "\xa4type", "\xa5token", "{\"_placeholder\":true,\"num\":0}", "12:", " ", "true",
  };

  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr(SioscopeRedactor) redactor = sioscope_redactor_new ();
      g_autoptr(SioscopeRedacted) memory = sioscope_redacted_new ();
      g_autoptr(GString) text = g_string_new (g_test_rand_bit () ? "42[\"e\"," : NULL);
      g_autofree char *bytes = NULL;
      SioscopeEntry entry = { .id = -1, .ref = SIOSCOPE_NO_ROW, .direction = SIO_DIRECTION_IN };
      SioSpan *spans[] = {
        &entry.raw, &entry.wire, &entry.nsp, &entry.event, &entry.args, &entry.reason, &entry.message, &entry.sid, &entry.uri,
        &entry.request_headers, &entry.response_headers, &entry.request_body, &entry.response_body, &entry.tls_certificate,
      };
      gsize json_size = 0;
      gboolean valid;

      for (gint n = g_test_rand_int_range (0, 24); n > 0; n--)
        g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      bytes = g_memdup2 (text->str, text->len); /* no NUL behind it */
      entry.kind = (SioscopeKind) g_test_rand_int_range (SIOSCOPE_KIND_PACKET, SIOSCOPE_KIND_NOTE + 1);
      entry.socket_change = (SioTapSocketChange) g_test_rand_int_range (0, 4);
      for (guint i = 0; i < G_N_ELEMENTS (spans) && text->len > 0; i++)
        if (i == 0 || g_test_rand_bit ())
          *spans[i] = (SioSpan) { bytes, text->len };
      if (entry.kind == SIOSCOPE_KIND_PACKET && text->len > 8)
        {
          json_size = text->len - 2;
          entry.args = (SioSpan) { bytes + 2, json_size };
        }
      valid = json_size != 0 && sio_json_validate (entry.args.data, json_size, 64, NULL, NULL, NULL);

      sioscope_redactor_learn (redactor, &entry);
      sioscope_redactor_seal (redactor);
      sioscope_redactor_redact (redactor, &entry, memory);
      if (json_size != 0)
        {
          g_assert_true (entry.args.data >= entry.raw.data && entry.args.data + entry.args.size <= entry.raw.data + entry.raw.size);
          g_assert_true (!valid || sio_json_validate (entry.args.data, entry.args.size, 64, NULL, NULL, NULL));
        }
      {
        /* Once is enough: nothing is left that a second look finds. */
        g_autoptr(SioscopeRedacted) again = sioscope_redacted_new ();
        SioSpan raw = entry.raw;

        sioscope_redactor_redact (redactor, &entry, again);
        g_assert_cmpint (entry.raw.size == 0, ==, raw.size == 0);
      }
    }
}

/* The length of what is hidden is not told. */
static void
test_length (void)
{
  g_autofree char *one = redact_script ("1 packet in 42[\"a\",{\"token\":\"abcd\"}]\n2 http GET 200 1 http://h/ response=24:42[\"a\",{\"token\":\"abcd\"}]\n");
  g_autofree char *two = redact_script ("1 packet in 42[\"a\",{\"token\":\"abcdefghi\"}]\n2 http GET 200 1 http://h/ response=29:42[\"a\",{\"token\":\"abcdefghi\"}]\n");

  g_assert_cmpstr (one, ==, two);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/redaction/cases", test_cases);
  g_test_add_func ("/redaction/length", test_length);
  g_test_add_func ("/redaction/names", test_names);
  g_test_add_func ("/redaction/many", test_many);
  g_test_add_func ("/redaction/hostile", test_hostile);
  g_test_add_func ("/redaction/random", test_random);

  return g_test_run ();
}
