// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The rival: counts "tick" events with the official client and prints the seconds from the first to the last one.

import { createRequire } from 'node:module';
const require = createRequire(new URL('../servers/', import.meta.url));
const { io } = require('socket.io-client-v4');
const [, , port, n] = process.argv;
const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
let seen = 0;
let start;
socket.on('tick', () => {
  if (seen++ === 0) start = process.hrtime.bigint();
  if (seen === Number(n)) {
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
    process.exit(0);
  }
});
