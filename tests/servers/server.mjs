// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A real Socket.IO server for the tests, of any major version that package.json has: the module is the first argument.
//
//   node server.mjs [socket.io-v4] ['{"port":0,"parser":"msgpack","pingInterval":300,…}']
//
// The options are those of the server; "port", and "parser", which may be "msgpack" and is then the one of that version.
// Prints "port N" once it listens. Ends when its standard input does, so that it never outlives the test that started it.
// What it does is the same for all versions and parsers, as far as they can.
//
// Namespaces: / and /admin take anybody; /auth wants {"token":"secret"} (2.x: ?token=secret) and refuses with data.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const moduleName = process.argv[2] ?? "socket.io-v4";
const { port = 0, parser, ...options } = JSON.parse(process.argv[3] ?? "{}");
const manifest = new URL(`node_modules/${moduleName}/package.json`, import.meta.url);
const major = Number(JSON.parse(readFileSync(manifest, "utf8")).version.split(".")[0]);

const http = createServer((request, response) => {
  response.writeHead(404);
  response.end();
});
const settings = { maxHttpBufferSize: 32 * 1024 * 1024, serveClient: false, ...options };
if (parser === "msgpack") settings.parser = require(`socket.io-msgpack-parser-v${major === 2 ? 2 : 3}`);
let io;
if (major === 2) {
  io = require(moduleName)(http, settings);
} else {
  const { Server } = require(moduleName);
  io = new Server(http, settings);
}

// What happened to the server's sockets, for whoever asks with "history".
const history = [];
const log = (...what) => {
  history.push(what);
  if (history.length > 1000) history.shift();
};

// All requests of this server, polling's and for WebSockets.
const requests = [];
for (const kind of ["request", "upgrade"]) {
  http.prependListener(kind, ({ method, url }) => {
    requests.push(`${method} ${url}`);
    if (requests.length > 1000) requests.shift();
  });
}

// Everything that JSON can say, and what JavaScript makes of what it cannot. notepack writes whole numbers beyond 64 bits as
// integers of 64 bits, which are others: over msgpack the largest one goes without.
const largest = parser === "msgpack" ? 0.5 : 1e21;
const allTypes = [
  "text", "", 0, -1, 1.5, largest, 9007199254740991, true, false, null,
  [], [1, [2, [3]]], {}, { a: { b: [null, { c: "d" }] } },
  "emoji 😀 and family 👨‍👩‍👧", "line\u2028separator\u2029", "quote \" backslash \\ slash / newline \n tab \t nul \u0000",
];

const nested = () => ({
  deep: [Buffer.from([1, 2, 3]), { bytes: Buffer.from([255, 0, 254]), none: Buffer.alloc(0) }],
  text: "beside",
});

function behave(socket) {
  const nsp = socket.nsp.name;
  log("connection", nsp);
  socket.on("disconnect", (reason) => log("disconnect", nsp, reason));

  // echo: whatever comes goes back, in an event and in the ack if one is wanted
  socket.on("echo", (...args) => {
    const ack = typeof args.at(-1) === "function" ? args.pop() : null;
    socket.emit("echo", ...args);
    if (ack) ack(...args);
  });
  // a name is just a string
  for (const name of ["", "with \"quotes\", \\ and\n😀", "123", "__proto__", "event"]) {
    socket.on(name, (...args) => socket.emit(name, ...args));
  }
  // the same bytes go back, not what JavaScript understood of them
  socket.on("echo-raw", () => socket.conn.send(socket.conn.lastMessage));
  socket.on("echo-later", (ms, ...args) => setTimeout(() => io.emit("echo", ...args), ms)); // also to who is away
  socket.on("message", (...args) => socket.send(...args));
  socket.on("ack", (...args) => {
    const ack = args.pop();
    ack(...args);
  });
  socket.on("ack-binary", (ack) => ack(nested()));
  socket.on("no-ack", () => {}); // takes the function and never calls it
  socket.on("late-ack", (ms, ack) => setTimeout(() => ack("late"), ms));
  socket.on("ask", (...args) => { // the server wants an ack from us, and says what it got
    socket.emit("question", ...args, (...answer) => socket.emit("answer", ...answer));
  });
  socket.on("types", () => socket.emit("types", ...allTypes));
  socket.on("dates", (ack) => {
    const at = new Date("2001-02-03T04:05:06.789Z");
    socket.emit("dates", at, { at });
    ack(at);
  });
  socket.on("binary", () => socket.emit("binary", nested(), Buffer.from("last")));
  socket.on("measure", (payload, ack) => { // how much of it arrived, and whether whole
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload, "utf8");
    ack({ size: bytes.length, kind: Buffer.isBuffer(payload) ? "binary" : "text", last: bytes.at(-1) });
  });
  socket.on("big", (size) => socket.emit("big", "x".repeat(size)));
  socket.on("big-binary", (size) => socket.emit("big-binary", Buffer.alloc(size, 7)));
  socket.on("flood", (n) => {
    for (let i = 0; i < n; i++) socket.emit("tick", i);
    socket.emit("flooded", n);
  });
  socket.on("handshake", (ack) => ack({
    query: socket.handshake.query,
    auth: socket.handshake.auth ?? null,
    headers: socket.handshake.headers,
    transport: socket.conn.transport.name,
  }));
  socket.on("id", (ack) => ack(socket.id));
  socket.on("history", (ack) => ack(history));
  socket.on("requests", (ack) => ack(requests));
  socket.on("kick", () => socket.disconnect());
  socket.on("kick-all", () => socket.disconnect(true));
  // as a crash would: no goodbye of any layer; what is missed is sent to everybody once the session is known to be lost
  socket.on("cut", (...missed) => {
    socket.once("disconnect", () => missed.forEach((each) => io.emit("echo", each)));
    const transport = socket.conn.transport;
    if (transport.socket?._socket) transport.socket._socket.destroy();
    else socket.conn.close(true);
  });
}

// Before anything has read it.
io.engine.on("connection", (conn) => conn.prependListener("data", (data) => { conn.lastMessage = data; }));
io.on("connection", behave);
io.of("/admin").on("connection", behave);

const guarded = io.of("/auth");
guarded.use((socket, next) => {
  const { token } = major === 2 ? socket.handshake.query : socket.handshake.auth;
  if (token === "secret") return next();
  const error = new Error("not authorized");
  error.data = { code: 401, hint: "token", given: token ?? null };
  next(error);
});
guarded.on("connection", (socket) => {
  behave(socket);
  socket.emit("welcome", major === 2 ? socket.handshake.query.token : socket.handshake.auth);
});

http.on("error", (error) => {
  process.stderr.write(error.message + "\n");
  process.exit(3);
});
http.listen(port, "127.0.0.1", () => process.stdout.write(`port ${http.address().port}\n`));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
