// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rival: the official client.
//
//   node node-emit.mjs emit PORT SIZE N CREDIT     emits N events of SIZE bytes, 2 * CREDIT under way
//   node node-emit.mjs ack PORT N WARM             prints p50 and p99 of N round trips in microseconds

import { createRequire } from 'node:module';
const require = createRequire(new URL('../servers/', import.meta.url));
const { io } = require('socket.io-client-v4');
const [, , what, port, ...numbers] = process.argv;
const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false });

if (what === 'emit') {
  const [size, n, credit] = numbers.map(Number);
  const text = 'x'.repeat(size - '42["tick",""]'.length);
  let sent = 0;
  const pump = (count) => {
    for (; count > 0 && sent < n; count--, sent++) socket.emit('tick', text);
  };
  socket.on('credit', () => pump(credit));
  socket.on('connect', () => pump(2 * credit));
  socket.on('disconnect', () => process.exit(0));
} else {
  const [n, warm] = numbers.map(Number);
  const times = [];
  const next = () => {
    const start = process.hrtime.bigint();
    socket.emit('ack', () => {
      times.push(Number(process.hrtime.bigint() - start) / 1e3);
      if (times.length < n + warm) return next();
      const sorted = times.slice(warm).sort((a, b) => a - b);
      console.log(sorted[Math.floor(n * 0.5)], sorted[Math.floor(n * 0.99)]);
      process.exit(0);
    });
  };
  socket.on('connect', next);
}
