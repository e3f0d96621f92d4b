// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A Socket.IO server over TLS, or without, for the tests of the network.
//
//   node server.mjs '{"cert":"a.crt","key":"a.key","ca":"ca.crt","requestCert":true,"cookie":"node=a; Path=/",…}'
//
// Other settings are those of socket.io. Prints "port N" once it listens and a line for each request. Ends with its standard
// input.

import { createServer as createPlain } from "node:http";
import { createServer as createSecure } from "node:https";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(new URL("../servers/package.json", import.meta.url));
const { Server } = require("socket.io-v4");
const { cert, key, ca, requestCert, cookie, cookies = 0, port = 0, minVersion, maxVersion, ...settings } =
  JSON.parse(process.argv[2] ?? "{}");

const nothing = (request, response) => {
  response.writeHead(404, { "Content-Type": "text/plain" });
  response.end("nothing here");
};
const http = cert
  ? createSecure({ cert: readFileSync(cert), key: readFileSync(key), ca: ca && readFileSync(ca), requestCert,
                   rejectUnauthorized: requestCert, minVersion, maxVersion }, nothing)
  : createPlain({ maxHeaderSize: 1 << 20 }, nothing);
const io = new Server(http, { maxHttpBufferSize: 32 * 1024 * 1024, serveClient: false, ...settings });

const log = (kind) => (request) =>
  process.stdout.write(`${kind} ${request.method} cookie=${request.headers.cookie ?? ""} client=` +
                       `${request.socket.getPeerCertificate?.()?.subject?.CN ?? ""}\n`);
http.prependListener("request", log("request"));
http.prependListener("upgrade", log("upgrade"));

let n = 0;
const addCookies = (headers) => {
  const more = [];
  for (let i = 0; i < cookies; i++) more.push(`c${n++}=v`);
  if (cookie) more.push(cookie);
  if (more.length) headers["Set-Cookie"] = more;
};
io.engine.on("headers", addCookies);

io.on("connection", (socket) => {
  socket.on("echo", (...args) => socket.emit("echo", ...args));
  socket.on("big", (size) => socket.emit("big", "x".repeat(size)));
  socket.on("measure", (text) => socket.emit("measured", text.length));
  socket.on("fragmented", (count, size) => {
    const ws = socket.conn.transport.socket;
    ws.send('42["fragmented","', { fin: false, compress: false });
    for (let i = 0; i < count; i++) ws.send("y".repeat(size), { fin: false, compress: false });
    ws.send('"]', { fin: true, compress: false });
  });
});

http.on("error", (error) => {
  process.stderr.write(error.message + "\n");
  process.exit(3);
});
http.listen(port, "127.0.0.1", () => process.stdout.write(`port ${http.address().port}\n`));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
