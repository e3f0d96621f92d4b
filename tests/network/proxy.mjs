// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// An HTTP proxy: CONNECT, and GET and POST with absolute URIs. Or one that speaks SOCKS 5.
//
//   node proxy.mjs '{"auth":"user:password","mode":"refuse"}'
//
// mode: "refuse" (403 to CONNECT), "fail" (502), "silent" (never answers CONNECT), "close", "socks" (every name is this
// machine's). With "cert" and "key" it speaks HTTP over TLS. Prints "port N" once it listens and
// a line for each request. Ends with its standard input.

import { readFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { createServer as createSecure } from "node:https";
import { connect, createServer as listen } from "node:net";

const { auth, mode, cert, key } = JSON.parse(process.argv[2] ?? "{}");
const wanted = auth && "Basic " + Buffer.from(auth).toString("base64");
const say = (line) => process.stdout.write(line + "\n");

const forward = (request, response) => {
  say(`${request.method} ${request.url}`);
  if (wanted && request.headers["proxy-authorization"] !== wanted) {
    response.writeHead(407, { "Proxy-Authenticate": 'Basic realm="test"' });
    return response.end();
  }
  if (!request.url.startsWith("http://")) {
    response.writeHead(400);
    return response.end("not an absolute URI");
  }
  const { "proxy-authorization": _, ...headers } = request.headers;
  const onward = ask(request.url, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => {
    response.writeHead(502);
    response.end();
  });
  response.on("close", () => onward.destroy());
  request.pipe(onward);
};

const server = cert ? createSecure({ cert: readFileSync(cert), key: readFileSync(key) }, forward) : createServer(forward);
server.on("connect", (request, socket, head) => {
  say(`CONNECT ${request.url}`);
  socket.on("error", () => {});
  if (wanted && request.headers["proxy-authorization"] !== wanted)
    return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n');
  if (mode === "refuse") return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  if (mode === "fail") return socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  if (mode === "close") return socket.destroy();
  if (mode === "silent") return;
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(request.url);
  const onward = connect(Number(port), host, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length) onward.write(head);
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on("error", () => socket.destroy());
  socket.on("close", () => onward.destroy());
});

// RFC 1928: no password, CONNECT to a name or an IPv4 address.
const socks = listen((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => {
    socket.write(Buffer.from([5, 0]));
    socket.once("data", (bytes) => {
      const named = bytes[3] === 3;
      const host = named ? bytes.toString("latin1", 5, 5 + bytes[4]) : bytes.subarray(4, 8).join(".");
      const port = bytes.readUInt16BE(named ? 5 + bytes[4] : 8);
      say(`SOCKS ${host}`);
      const onward = connect(port, "127.0.0.1", () => {
        socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 1]));
        onward.pipe(socket);
        socket.pipe(onward);
      });
      onward.on("error", () => socket.destroy());
      socket.on("close", () => onward.destroy());
    });
  });
});

const chosen = mode === "socks" ? socks : server;
chosen.listen(0, "127.0.0.1", () => say(`port ${chosen.address().port}`));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
