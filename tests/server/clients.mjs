// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The official JavaScript clients of 2.x, 3.x and 4.x against our server, on each transport.

import { Server, equal, ok, require, run, test, until, within } from './harness.mjs';

const clients = {
  'client 2': require('socket.io-client-v2'),
  'client 3': require('socket.io-client-v3').io,
  'client 4': require('socket.io-client-v4').io,
};
const transports = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

const next = (emitter, event) => within(new Promise((resolve) => emitter.once(event, (...args) => resolve(args))),
  `"${event}"`);
const ack = (socket, ...args) => within(new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer))),
  `the ack of "${args[0]}"`);

function each(name, behaviour, args, body, filter = () => true) {
  for (const [client, io] of Object.entries(clients)) {
    for (const [transport, options] of Object.entries(transports)) {
      if (!filter(transport))
        continue;
      test(`${client}, ${transport}: ${name}`, async () => {
        const server = await Server.start(behaviour, ...args);
        const open = (nsp = '/', more = {}) => io(server.url + nsp, {
          forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 100, ...options, ...more,
        });
        const sockets = [];

        try {
          await body({
            server, open: (...a) => { const s = open(...a); sockets.push(s); return s; }, transport, is2: client === 'client 2',
          });
        } finally {
          // The whole manager: with another namespace open it would knock at this port for ever, and the port be another's soon.
          for (const { io: manager } of sockets)
            (manager._close ?? manager.close).call(manager);
          await server.stop();
        }
      });
    }
  }
}

// How a namespace says no: a client 2.x is told in an event "error", and what: the data, or the words.
const refusal = async (socket, is2) => (await next(socket, is2 ? 'error' : 'connect_error'))[0];

each('auth, events, binary, acks', 'suite', [], async ({ server, open, transport, is2 }) => {
  const socket = open('/', { auth: { name: 'Ada', n: 1 } });
  const auth = next(socket, 'auth');

  await next(socket, 'connect');
  equal(await auth, [is2 ? {} : { name: 'Ada', n: 1 }]);
  if (transport === 'upgrade')
    await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');

  let back = next(socket, 'message-back');
  socket.emit('message', 1, 'two €😀\u2028"', { three: [null, true] });
  equal(await back, [1, 'two €😀\u2028"', { three: [null, true] }]);

  back = next(socket, 'message-back');
  socket.emit('message', { a: Buffer.from([1, 2, 3]), b: [Buffer.alloc(0)] }, 'x');
  const [nested, text] = await back;
  equal([[...nested.a], [...nested.b[0]], text], [[1, 2, 3], [], 'x']);

  equal(await ack(socket, 'message-with-ack', 7, 'é'), [7, 'é']);
  const [buffer] = await ack(socket, 'message-with-ack', Buffer.alloc(70000, 7));
  ok(Buffer.isBuffer(buffer) && buffer.length === 70000 && buffer.every((byte) => byte === 7), 'a big attachment');

  const many = await Promise.all(Array.from({ length: 200 }, (_, i) => ack(socket, 'message-with-ack', i)));
  equal(many.map(([i]) => i), Array.from({ length: 200 }, (_, i) => i));

  socket.disconnect();
  await server.heard('disconnected / client namespace disconnect');
  await server.heard('engine closed');
  if (transport === 'upgrade')
    ok(server.lines.includes('engine upgraded websocket'), 'the listener heard of the upgrade');
});

each('namespaces side by side, refused and left', 'suite', [], async ({ server, open, is2 }) => {
  const root = open();

  await next(root, 'connect');
  const custom = root.io.socket('/custom', { auth: { t: 1 }, query: { t: 'a&b, €' } });
  const auth = next(custom, 'auth');
  await next(custom, 'connect');
  equal(await auth, [is2 ? { t: 'a&b, €' } : { t: 1 }]);
  ok(root.id !== custom.id, 'each namespace has its own id');
  if (is2)
    equal([root.id, custom.id], [root.io.engine.id, `/custom#${root.io.engine.id}`]);

  equal((await refusal(root.io.socket('/nowhere'), is2)).message, 'Invalid namespace');
  await server.heard('refused /nowhere Invalid namespace');

  custom.disconnect();
  await server.heard('disconnected /custom client namespace disconnect');
  equal(await ack(root, 'message-with-ack', 'still here'), ['still here']);
  custom.connect();
  await next(custom, 'connect');
});

each('heartbeat', 'suite', [100, 5000], async ({ server, open, is2 }) => {
  const socket = open();
  let pings = 0;

  await next(socket, 'connect');
  socket.io.engine.on('packet', (packet) => { pings += packet.type === (is2 ? 'pong' : 'ping'); });
  await until(() => pings >= 5, 'five pings');
  ok(socket.connected, 'the socket is still connected');
  ok(!server.lines.some((line) => line.includes('ping timeout')), 'no ping timed out');
});

each('the demo', 'demo', [], async ({ server, open, is2 }) => {
  const socket = open();
  const seen = {};
  const started = Date.now();
  let first = 0;

  socket.on('connect', () => { first = Date.now(); });
  for (const event of ['welcome', 'people', 'chat', 'tick', 'binary', 'confirm', 'confirmed']) {
    socket.on(event, (...args) => {
      seen[event] = (seen[event] ?? 0) + 1;
      if (event === 'confirm')
        args.at(-1)({ yes: true });
    });
  }
  await next(socket, 'connect');
  await until(() => seen.welcome && seen.people && seen.chat && seen.tick && seen.binary && seen.confirm,
    'one of each event', 2);
  ok(Date.now() - first < 1500, 'the first events come at once');
  await until(() => seen.confirmed, '"confirmed"');
  await until(() => seen.tick > 2, 'more ticks', 3);

  const [{ file }] = await next(socket, 'binary');
  equal([...file.bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);

  equal(await ack(socket, 'echo', 'a', { b: 1 }), ['a', { b: 1 }]);
  const slow = Date.now();
  await ack(socket, 'slow', 300);
  ok(Date.now() - slow >= 295, 'slow is slow');
  let chat = next(socket, 'chat');
  socket.emit('chat', { from: 'test', text: '🦊' });
  do {
    const [said] = await chat;
    if (said.from === 'test')
      break;
    chat = next(socket, 'chat');
  } while (true);

  const error = await refusal(socket.io.socket('/admin'), is2);
  if (!is2)
    equal(error.message, 'not authorized');
  equal((is2 ? error : error.data).code, 'E_TOKEN');
  const allowed = open('/admin', is2 ? { query: { token: 'demo' } } : { auth: { token: 'demo' } });
  const [stats] = await next(allowed, 'stats');
  equal(typeof stats.uptime, 'number');
}, (transport) => transport !== 'websocket');

each('dropped and back, kicked and not', 'demo', [], async ({ server, open, transport }) => {
  const socket = open();

  await next(socket, 'connect');
  if (transport === 'upgrade')
    await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
  for (let i = 0; i < 3; i++) {
    const gone = next(socket, 'disconnect');
    const back = next(socket, 'connect');
    socket.emit('drop');
    const [reason] = await gone;
    ok(['transport close', 'transport error'].includes(reason), `the reason is ${reason}`);
    await back;
    if (transport === 'upgrade')
      await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
  }

  const kicked = next(socket, 'disconnect');
  socket.emit('kick');
  equal((await kicked)[0], 'io server disconnect');
  await server.heard('disconnected / server namespace disconnect');
});

each('nothing is lost or doubled while it upgrades', 'suite', [], async ({ server, open }) => {
  for (let round = 0; round < 5; round++) {
    const socket = open();
    const back = [];
    const n = 300;

    socket.on('message-back', (i, buffer) => back.push(buffer ? buffer[0] + 256 * buffer[1] : i));
    await next(socket, 'connect');
    for (let i = 0; i < n; i++) {
      if (i % 7 === 0)
        socket.emit('message', i, Buffer.from([i % 256, i >> 8]));
      else
        socket.emit('message', i);
      if (i % 3 === 0)
        await new Promise(setImmediate);
    }
    await until(() => back.length >= n, 'all that was sent');
    await until(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
    equal(await ack(socket, 'message-with-ack', 'last'), ['last']);
    equal(back, Array.from({ length: n }, (_, i) => i));
    socket.disconnect();
  }
}, (transport) => transport === 'upgrade');

each('the server closes', 'suite', [], async ({ server, open }) => {
  const socket = open('/', { reconnection: false });

  await next(socket, 'connect');
  const gone = next(socket, 'disconnect');
  await server.stop();
  const [reason] = await gone;
  ok(['transport close', 'transport error'].includes(reason), `the reason is ${reason}`);
  server.stop = async () => {};
});

await run();
