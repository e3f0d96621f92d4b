/* SPDX-FileCopyrightText: Sioscope contributors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "sioscope-connect-options.h"

#include <glib/gi18n.h>

static const SioscopeOption protocol[] = {
  { "server", SIOSCOPE_OPTION_CHOICE, N_("Server"), NULL, NULL,
    { "0", "2", "3", "4" },
    { N_("Find out"), "Socket.IO 2.x", "Socket.IO 3.x", "Socket.IO 4.x" } },
  { "parser", SIOSCOPE_OPTION_CHOICE, N_("Parser"), N_("Both sides must use the same one."), NULL,
    { "json", "msgpack" }, { N_("JSON"), "msgpack" } },
  { "transports", SIOSCOPE_OPTION_CHOICE, N_("Transports"), NULL, NULL,
    { "polling\nwebsocket", "websocket", "polling", "websocket\npolling" },
    { N_("Polling, then WebSocket"), N_("WebSocket only"), N_("Polling only"), N_("WebSocket, then polling") } },
  { "upgrade", SIOSCOPE_OPTION_SWITCH, N_("Upgrade the transport"), N_("Goes over to the next transport once connected.") },
  { "remember-upgrade", SIOSCOPE_OPTION_SWITCH, N_("Remember the upgrade"),
    N_("Begins with WebSocket where it worked the last time.") },
  { "try-all-transports", SIOSCOPE_OPTION_SWITCH, N_("Try all transports"),
    N_("An attempt that fails goes on with the next one.") },
  { "path", SIOSCOPE_OPTION_TEXT, N_("Path"), N_("Where Socket.IO is served. The namespace is another thing: it stands in the URL.") },
  { "add-trailing-slash", SIOSCOPE_OPTION_SWITCH, N_("Slash at the end of the path") },
  { "force-base64", SIOSCOPE_OPTION_SWITCH, N_("Binary as base64"), N_("Over WebSocket too.") },
  { "timestamp-requests", SIOSCOPE_OPTION_SWITCH, N_("Timestamp in polling requests"), N_("Against caches on the way.") },
  { "timestamp-websocket", SIOSCOPE_OPTION_SWITCH, N_("Timestamp in the WebSocket’s request") },
  { "timestamp-param", SIOSCOPE_OPTION_TEXT, N_("Name of the timestamp") },
  { "protocols", SIOSCOPE_OPTION_LINES, N_("WebSocket sub-protocols"), N_("One a line.") },
  { NULL }
};

static const SioscopeOption handshake[] = {
  { "auth", SIOSCOPE_OPTION_LINES, N_("Auth"),
    N_("A JSON object that the server gets when it is connected to. Kept in memory only, never written to the disk.") },
  { "ask-auth", SIOSCOPE_OPTION_SWITCH, N_("Ask for auth each time"),
    N_("Whenever a namespace is joined or joined again, in place of the one above.") },
  { "query", SIOSCOPE_OPTION_LINES, N_("Query"),
    N_("NAME=VALUE, one a line. What is called a token, a key or the like is kept in memory only.") },
  { "extra-headers", SIOSCOPE_OPTION_LINES, N_("Headers"),
    N_("Name: value, one a line, on every request. Authorization, Cookie and the like are kept in memory only.") },
  { "with-credentials", SIOSCOPE_OPTION_SWITCH, N_("Keep cookies"),
    N_("Sends back what the server sets, until the connection is closed.") },
  { NULL }
};

static const SioscopeOption security[] = {
  { "ca-file", SIOSCOPE_OPTION_FILE, N_("Own authorities"), N_("A PEM file, in place of those of the system.") },
  { "cert-file", SIOSCOPE_OPTION_FILE, N_("Client certificate"), N_("A PEM file.") },
  { "key-file", SIOSCOPE_OPTION_FILE, N_("Its key"), N_("A PEM file. Not needed if it is in the certificate’s.") },
  { "pfx-file", SIOSCOPE_OPTION_FILE, N_("Certificate and key in one"), N_("A PKCS #12 file.") },
  { "passphrase", SIOSCOPE_OPTION_SECRET, N_("Passphrase of the key"), N_("Kept in memory only, never written to the disk.") },
  { "trusted-fingerprints", SIOSCOPE_OPTION_LINES, N_("Trusted certificates"),
    N_("SHA-256 fingerprints, one a line. A certificate with one of them is accepted, whatever is wrong with it.") },
  { "reject-unauthorized", SIOSCOPE_OPTION_SWITCH_OFF, N_("Accept any certificate"), NULL,
    N_("Whoever is on the way can read and change everything.") },
  { NULL }
};

static const SioscopeOption network[] = {
  { "proxy", SIOSCOPE_OPTION_TEXT, N_("Proxy"), N_("A URL. Empty: as the system says. direct:// for none. Its password is kept in memory only.") },
  { "local-address", SIOSCOPE_OPTION_TEXT, N_("Local address"), N_("Where connections start from. Empty: any.") },
  { "timeout-ms", SIOSCOPE_OPTION_NUMBER, N_("Longest attempt, in milliseconds"), N_("0: without end.") },
  { "request-timeout-ms", SIOSCOPE_OPTION_NUMBER, N_("Longest request, in milliseconds"), N_("0: no limit of its own.") },
  { "ack-timeout-ms", SIOSCOPE_OPTION_NUMBER, N_("Longest wait for an acknowledgement, in milliseconds"), N_("0: without end.") },
  { "retries", SIOSCOPE_OPTION_NUMBER, N_("Emit again without an acknowledgement"), N_("So many times at most. 0: never.") },
  { NULL }
};

static const SioscopeOption reconnection[] = {
  { "reconnection", SIOSCOPE_OPTION_SWITCH, N_("Reconnect") },
  { "reconnection-attempts", SIOSCOPE_OPTION_NUMBER, N_("Attempts"), N_("0: without end.") },
  { "reconnection-delay-ms", SIOSCOPE_OPTION_NUMBER, N_("First delay, in milliseconds"), N_("Twice as long with each attempt.") },
  { "reconnection-delay-max-ms", SIOSCOPE_OPTION_NUMBER, N_("Longest delay, in milliseconds") },
  { "randomization-factor", SIOSCOPE_OPTION_NUMBER, N_("Chance in the delay"), N_("From 0, always the same, to 1, anything up to twice as long.") },
  { "stop-on-refusal", SIOSCOPE_OPTION_SWITCH, N_("Stop when refused"),
    N_("What will not get better by itself is not tried again.") },
  { NULL }
};

static const SioscopeOption limits[] = {
  { "max-payload", SIOSCOPE_OPTION_NUMBER, N_("Largest message, in bytes") },
  { "max-attachments", SIOSCOPE_OPTION_NUMBER, N_("Attachments of a received packet") },
  { "max-attachments-out", SIOSCOPE_OPTION_NUMBER, N_("Attachments of a sent packet") },
  { "max-depth", SIOSCOPE_OPTION_NUMBER, N_("Levels of nesting") },
  { "max-namespaces", SIOSCOPE_OPTION_NUMBER, N_("Namespaces") },
  { "max-pending-acks", SIOSCOPE_OPTION_NUMBER, N_("Acknowledgements that are waited for"), N_("In each namespace.") },
  { "max-queued-packets", SIOSCOPE_OPTION_NUMBER, N_("Packets waiting to be sent") },
  { "max-queued-size", SIOSCOPE_OPTION_NUMBER, N_("Bytes waiting to be sent") },
  { "max-packets-per-poll", SIOSCOPE_OPTION_NUMBER, N_("Packets in one poll") },
  { "max-fragments", SIOSCOPE_OPTION_NUMBER, N_("Fragments of a WebSocket message") },
  { "max-control-rate", SIOSCOPE_OPTION_NUMBER, N_("Control frames in a second") },
  { "max-informational", SIOSCOPE_OPTION_NUMBER, N_("Provisional HTTP answers") },
  { "max-cookies", SIOSCOPE_OPTION_NUMBER, N_("Cookies") },
  { NULL }
};

static const SioscopeOptionGroup groups[] = {
  { N_("Protocol"), protocol },
  { N_("Handshake"), handshake },
  { N_("Security"), security },
  { N_("Network"), network },
  { N_("Reconnection"), reconnection },
  { N_("Limits"), limits },
};

const SioscopeOptionGroup *
sioscope_connect_options_get_groups (guint *n)
{
  *n = G_N_ELEMENTS (groups);
  return groups;
}

const char *
sioscope_connect_options_get_title (const char *option)
{
  if (g_str_equal (option, "url"))
    return _("URL");
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const SioscopeOption *o = groups[i].options; o->option != NULL; o++)
      if (g_str_equal (o->option, option))
        return _(o->title);
  return option;
}
