// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the public test suites of the Engine.IO and Socket.IO protocols check on a server, in our own words, and what
// the official server does beside them.

import { once } from 'node:events';
import { request } from 'node:http';

import { Server, equal, ok, require, run, test, until, within } from './harness.mjs';

const WebSocket = require('ws');
const INTERVAL = 300;
const TIMEOUT = 200;

/* ---- little tools ---- */

async function http(server, query, options = {}) {
  const response = await fetch(`${server.url}/socket.io/?${query}`, options);

  return { status: response.status, body: await response.text(), headers: response.headers };
}

async function handshake(server) {
  const { status, body } = await http(server, 'EIO=4&transport=polling');

  equal(status, 200);
  equal(body[0], '0');
  return JSON.parse(body.slice(1)).sid;
}

const get = (server, sid) => http(server, `EIO=4&transport=polling&sid=${sid}`);
const post = (server, sid, body, more = {}) =>
  http(server, `EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body, ...more });

// A poll that the server has: it reads the requests in the order of their connections, so that it has read this one when
// it has answered the one behind it.
async function begin(server, sid, eio = 4) {
  const poll = request(`${server.url}/socket.io/?EIO=${eio}&transport=polling&sid=${sid}`, { agent: false });
  const answer = (async () => {
    const [response] = await once(poll, 'response');
    const chunks = await response.toArray();

    return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
  })();

  answer.catch(() => {});
  const [socket] = await once(poll, 'socket');
  await once(socket, 'connect');
  poll.end();
  await once(poll, 'finish');
  equal((await http(server, 'EIO=4&transport=polling&sid=nobody')).status, 400);
  return { answer, abort: () => poll.destroy() };
}

// A WebSocket whose frames and end can be waited for.
function connect(server, query = 'EIO=4&transport=websocket', options = {}) {
  const ws = new WebSocket(`${server.ws}/socket.io/?${query}`, options);
  const frames = [];

  ws.binaryType = 'nodebuffer';
  ws.closed = false;
  ws.on('message', (data, binary) => frames.push(binary ? data : data.toString()));
  ws.on('error', (error) => { ws.failure = error.message; });
  ws.on('close', (code) => { ws.closed = true; ws.code = code; });
  ws.next = async () => {
    await until(() => frames.length > 0, 'a frame', 5);
    return frames.shift();
  };
  ws.end = () => until(() => ws.closed, 'the close', 5);
  ws.frames = frames;
  return ws;
}

async function open(server) {
  const ws = connect(server);

  equal((await ws.next())[0], '0');
  return ws;
}

async function join(server, packet = '40', answer = '40{"sid":"') {
  const ws = await open(server);

  ws.send(packet);
  ok((await ws.next()).startsWith(answer), 'the namespace is joined');
  ok((await ws.next()).includes('["auth",'), 'the auth comes back');
  return ws;
}

function on(behaviour, name, body, times = [INTERVAL, TIMEOUT]) {
  test(name, async () => {
    const server = await Server.start(behaviour, ...times);

    try {
      await body(server);
    } finally {
      await server.stop();
    }
  });
}

/* ---- Engine.IO, handshake ---- */

for (const behaviour of ['echo', 'suite']) {
  on(behaviour, `${behaviour}: a session is opened by polling`, async (server) => {
    const { status, body, headers } = await http(server, 'EIO=4&transport=polling');
    const open = JSON.parse(body.slice(1));

    equal([status, body[0]], [200, '0']);
    equal(Object.keys(open).sort(), ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
    equal([open.upgrades, open.pingInterval, open.pingTimeout, open.maxPayload], [['websocket'], 300, 200, 1000000]);
    ok(/^[A-Za-z0-9_-]{20}$/.test(open.sid), 'the sid is 20 characters of base64url');
    equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
    equal(headers.get('cache-control'), 'no-store');
  });

  on(behaviour, `${behaviour}: wrong handshakes by polling`, async (server) => {
    for (const [query, options, code, message] of [
      ['transport=polling', {}, 5, 'Unsupported protocol version'],
      ['EIO=abc&transport=polling', {}, 5, 'Unsupported protocol version'],
      ['EIO=4', {}, 0, 'Transport unknown'],
      ['EIO=4&transport=abc', {}, 0, 'Transport unknown'],
      ['EIO=4&transport=polling', { method: 'POST', body: 'x' }, 2, 'Bad handshake method'],
      ['EIO=4&transport=polling', { method: 'PUT', body: 'x' }, 2, 'Bad handshake method'],
      ['EIO=4&transport=websocket', {}, 3, 'Bad request'],
      ['EIO=4&transport=polling&sid=nobody', {}, 1, 'Session ID unknown'],
    ]) {
      const { status, body, headers } = await http(server, query, options);

      equal([status, body], [400, JSON.stringify({ code, message })], query);
      equal(headers.get('content-type'), 'application/json');
    }
  });

  on(behaviour, `${behaviour}: a session is opened by WebSocket`, async (server) => {
    const ws = connect(server);
    const frame = await ws.next();

    equal(frame[0], '0');
    equal(JSON.parse(frame.slice(1)).upgrades, []);
    ws.close();
  });

  on(behaviour, `${behaviour}: wrong handshakes by WebSocket`, async (server) => {
    for (const query of ['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc',
      'EIO=4&transport=polling', 'EIO=4&transport=websocket&sid=nobody']) {
      const ws = connect(server, query);

      await ws.end();
      ok(ws.failure.includes('400'), `${query} fails with 400, not ${ws.failure}`);
    }
  });

  /* ---- heartbeat ---- */

  on(behaviour, `${behaviour}: pings by polling`, async (server) => {
    const sid = await handshake(server);

    if (behaviour === 'suite') {
      await post(server, sid, '40');
      await get(server, sid);
    }
    for (let i = 0; i < 3; i++) {
      equal((await get(server, sid)).body, '2');
      equal((await post(server, sid, '3')).body, 'ok');
    }
  });

  on(behaviour, `${behaviour}: a poller that does not answer pings is gone`, async (server) => {
    const sid = await handshake(server);

    await server.heard('engine closed ping timeout');
    equal((await get(server, sid)).status, 400);
  });

  on(behaviour, `${behaviour}: pings by WebSocket`, async (server) => {
    const ws = behaviour === 'suite' ? await join(server) : await open(server);

    for (let i = 0; i < 3; i++) {
      equal(await ws.next(), '2');
      ws.send('3');
    }
    ws.close();
    await server.heard('engine closed transport close');
  });

  on(behaviour, `${behaviour}: a WebSocket that does not answer pings is closed`, async (server) => {
    const ws = await open(server);

    await ws.end();
    equal(ws.code, 1005);
    await server.heard('engine closed ping timeout');
  });

  /* ---- close ---- */

  on(behaviour, `${behaviour}: a poller closes`, async (server) => {
    const sid = await handshake(server);
    const poll = await begin(server, sid);

    equal((await post(server, sid, '1')).status, 200);
    equal(await poll.answer, { status: 200, body: '6' });
    equal((await get(server, sid)).status, 400);
  });

  on(behaviour, `${behaviour}: a close packet on a WebSocket`, async (server) => {
    const ws = await open(server);

    ws.send('1');
    await ws.end();
  });

  /* ---- upgrade ---- */

  on(behaviour, `${behaviour}: from polling to WebSocket`, async (server) => {
    const sid = await handshake(server);
    const ws = connect(server, `EIO=4&transport=websocket&sid=${sid}`);

    await until(() => ws.readyState === WebSocket.OPEN, 'the WebSocket');
    const poll = await begin(server, sid);
    const started = Date.now();
    ws.send('2probe');
    equal(await ws.next(), '3probe');
    equal((await poll.answer).body, '6');
    ok(Date.now() - started < 250, 'the noop comes soon');
    equal((await post(server, sid, '6')).body, 'ok');
    ws.send('5');
    await server.heard('engine upgraded websocket');
    if (behaviour === 'echo') {
      ws.send('4hello');
      equal(await ws.next(), '4hello');
    }

    equal((await get(server, sid)).body, '{"code":3,"message":"Bad request"}');
    equal((await post(server, sid, '4x')).status, 400);

    const second = connect(server, `EIO=4&transport=websocket&sid=${sid}`);
    await second.end();
    equal(ws.closed, false, 'closed');
    ws.close();
  });

  on(behaviour, `${behaviour}: a wrong packet while upgrading ends the WebSocket only`, async (server) => {
    const sid = await handshake(server);
    const ws = connect(server, `EIO=4&transport=websocket&sid=${sid}`);
    let second;

    await until(() => ws.readyState === WebSocket.OPEN, 'the WebSocket');
    second = connect(server, `EIO=4&transport=websocket&sid=${sid}`);
    await second.end();
    equal(ws.closed, false, 'closed');
    ws.send('2something');
    await ws.end();
    equal((await post(server, sid, '6')).body, 'ok');
  });
}

/* ---- Engine.IO, messages ---- */

on('echo', 'text and binary by polling', async (server) => {
  const sid = await handshake(server);

  equal((await post(server, sid, '4hello')).body, 'ok');
  equal((await get(server, sid)).body, '4hello');
  equal((await post(server, sid, '4test1\x1e4test2\x1e4tést€😀')).body, 'ok');
  equal((await get(server, sid)).body, '4test1\x1e4test2\x1e4tést€😀');
  equal((await post(server, sid, '4\x1ebAQIDBA==\x1eb')).body, 'ok');
  equal((await get(server, sid)).body, '4\x1ebAQIDBA==\x1eb');

  const poll = await begin(server, sid);
  await post(server, sid, '4a\x1ebAQ==\x1e4b');
  equal((await poll.answer).body, '4a\x1ebAQ==\x1e4b', 'one answer for one turn');
});

on('echo', 'bad bodies end the session', async (server) => {
  for (const body of ['abc', '', '4ok\x1e', new Uint8Array([0x34, 0xff, 0xfe]), '2', '7']) {
    const sid = await handshake(server);

    equal((await post(server, sid, body)).status, 400, 'the status of the POST');
    equal((await get(server, sid)).status, 400, 'the status of the poll');
  }
  const sid = await handshake(server);
  equal((await post(server, sid, 'bAQ==', { headers: { 'content-type': 'application/octet-stream' } })).status, 400);
  equal((await get(server, sid)).status, 400);
});

on('echo', 'two polls at once end the session', async (server) => {
  const sid = await handshake(server);
  const first = await begin(server, sid);

  equal((await get(server, sid)).status, 400);
  equal(await first.answer, { status: 200, body: '1' });
  equal((await get(server, sid)).status, 400);
});

on('echo', 'a poll that hangs up ends the session', async (server) => {
  const sid = await handshake(server);

  (await begin(server, sid)).abort();
  await server.heard('engine closed transport error');
});

on('echo', 'text and binary by WebSocket', async (server) => {
  const ws = await open(server);

  ws.send('4hello €😀');
  equal(await ws.next(), '4hello €😀');
  ws.send(Buffer.from([1, 2, 3, 4]));
  equal([...await ws.next()], [1, 2, 3, 4]);
  ws.send(Buffer.alloc(0));
  equal((await ws.next()).length, 0);
  ws.send('bAQID');
  equal([...await ws.next()], [1, 2, 3]);
  ws.close();

  const base64 = connect(server, 'EIO=4&transport=websocket&b64=1');
  await base64.next();
  base64.send(Buffer.from([1, 2, 3]));
  equal(await base64.next(), 'bAQID');
  base64.close();
});

on('echo', 'bad frames end the session', async (server) => {
  for (const frame of ['abc', '', '7', '2']) {
    const ws = await open(server);

    ws.send(frame);
    await ws.end();
  }
});

on('echo', 'a message over the limit, whole or in fragments', async (server) => {
  const ws = await open(server);

  ws.send('4' + 'x'.repeat(999000));
  equal((await ws.next()).length, 999001);
  ws.send('4' + 'x'.repeat(1000001));
  await ws.end();

  const pieces = await open(server);
  pieces.send('4', { fin: false });
  for (let i = 0; i < 20 && !pieces.closed; i++)
    pieces.send('x'.repeat(60000), { fin: false });
  await pieces.end();
  await until(() => server.lines.filter((line) => line.startsWith('error websocket')).length === 2, 'two errors');
  ok(server.lines.some((line) => line.includes('fragments')), 'the guard has said so');
});

on('echo', 'a sub-protocol is accepted, compression is not', async (server) => {
  const ws = new WebSocket(`${server.ws}/socket.io/?EIO=4&transport=websocket`, ['one', 'two'],
    { perMessageDeflate: true });

  await until(() => ws.readyState === WebSocket.OPEN, 'the WebSocket');
  equal([ws.protocol, ws.extensions], ['one', '']);
  ws.close();
});

on('echo', 'a client that floods and reads late', async (server) => {
  const ws = await open(server);
  const other = await open(server);
  const n = 60000;

  ws._socket.pause();
  for (let i = 0; i < n; i++)
    ws.send('4' + 'x'.repeat(200));
  other.send('4me too');
  equal(await other.next(), '4me too', 'while one floods, the other is answered');
  ws._socket.resume();
  await until(() => ws.frames.filter((frame) => frame[0] === '4').length === n, 'all that was echoed', 20);
  ws.close();
}, [25000, 20000]);

/* ---- Socket.IO ---- */

on('suite', 'namespaces by WebSocket', async (server) => {
  (await join(server)).close();
  (await join(server, '40/custom,', '40/custom,{"sid":"')).close();

  let ws = await open(server);
  ws.send('40{"token":"123"}');
  await ws.next();
  equal(await ws.next(), '42["auth",{"token":"123"}]');
  ws.send('40/custom,{"token": "abc"}');
  await ws.next();
  equal(await ws.next(), '42/custom,["auth",{"token": "abc"}]');
  ws.send('40/random');
  equal(await ws.next(), '44/random,{"message":"Invalid namespace"}');
  ws.close();
});

on('suite', 'what is not allowed closes the connection', async (server) => {
  for (const packet of ['40"abc"', '4', '4abc', '49', '41', '42["message","too early"]']) {
    const ws = await open(server);

    ws.send(packet);
    await ws.end();
    ok(ws.frames.length === 0 || ws.frames.every((frame) => frame === '2'), `${packet}: no answer`);
  }
  for (const packet of ['4abc', '42{}', '42abc["message-with-ack",1]', '42', '40', '43', '44{}', '42["connect"]',
    '451-["message"]x', '42/custom,["x"]', '452-["message",{"_placeholder":true,"num":2}]']) {
    const ws = await join(server);
    const started = Date.now();

    ws.send(packet);
    await ws.end();
    ok(Date.now() - started < INTERVAL + TIMEOUT - 50, `${packet} closes by itself, not by the heartbeat`);
  }
  const ws = await join(server);
  ws.send(Buffer.from([1]));
  await ws.end();
  await server.heard('a binary message that no packet announced');
});

on('suite', 'no CONNECT, no connection', async (server) => {
  const ws = await open(server);
  const started = Date.now();

  ws.on('message', (data) => { if (data.toString() === '2') ws.send('3'); });
  await ws.end();
  ok(Date.now() - started > 800, 'it was given time');
  await server.heard('engine closed no namespace was joined in time');

  const sid = await handshake(server);
  const pump = (async () => {
    for (;;) {
      const { body } = await get(server, sid);

      if (body.includes('1'))
        return body;
      await post(server, sid, '3');
    }
  })();
  equal(await within(pump, 'the close packet'), '1');
});

on('suite', 'a poller that comes late is told that it is over', async (server) => {
  const sid = await handshake(server);

  await server.heard('engine closed no namespace was joined in time');
  equal((await get(server, sid)).body, '6\x1e1');
  equal((await get(server, sid)).body, '{"code":1,"message":"Session ID unknown"}');
}, [25000, 20000]);

on('suite', 'events, acks, attachments, leaving', async (server) => {
  const ws = await join(server);

  ws.send('42["message",1,"2",{"3":[true]}, 1.50]');
  equal(await ws.next(), '42["message-back",1,"2",{"3":[true]}, 1.50]');
  ws.send('42456["message-with-ack",1,"2",{"3":[false]}]');
  equal(await ws.next(), '43456[1,"2",{"3":[false]}]');
  ws.send('420["message-with-ack"]');
  equal(await ws.next(), '430[]');

  ws.send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  ws.send(Buffer.from([1, 2, 3]));
  ws.send(Buffer.from([4, 5, 6]));
  equal(await ws.next(), '452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  equal([[...await ws.next()], [...await ws.next()]], [[1, 2, 3], [4, 5, 6]]);

  ws.send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  ws.send(Buffer.from([1, 2, 3]));
  ws.send(Buffer.from([4, 5, 6]));
  equal(await ws.next(), '462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  equal([[...await ws.next()], [...await ws.next()]], [[1, 2, 3], [4, 5, 6]]);

  ws.send('40/custom,');
  await ws.next();
  await ws.next();
  ws.send('41/custom,');
  await server.heard('disconnected /custom client namespace disconnect');
  ws.send('42["message","message to main namespace"]');
  equal(await ws.next(), '42["message-back","message to main namespace"]');
  ws.send('41');
  await server.heard('disconnected / client namespace disconnect');
  ws.close();
});

/* ---- Engine.IO 3 and Socket.IO 4: clients 2.x ---- */

const old = (server, query, options) => http(server, `EIO=3&transport=polling${query}`, options);
const oldPost = (server, sid, body, more = {}) => old(server, `&sid=${sid}`, { method: 'POST', body, ...more });

async function oldHandshake(server, more = '') {
  const { status, body } = await old(server, more);
  const [, length, open] = /^([0-9]+):0(\{[^}]*\})/.exec(body);

  equal([status, Number(length)], [200, open.length + 1]);
  return JSON.parse(open).sid;
}

// A POST in the form of the binary payload, and an answer in it.
async function oldBinary(server, sid, body) {
  const url = `${server.url}/socket.io/?EIO=3&transport=polling&sid=${sid}`;

  if (body)
    equal((await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } })).status, 200);
  const answer = await fetch(url);
  return { type: answer.headers.get('content-type'), body: [...new Uint8Array(await answer.arrayBuffer())] };
}

const oldConnect = (server, more = '') => connect(server, `EIO=3&transport=websocket${more}`);

on('echo', 'EIO 3: a session is opened, by polling and by WebSocket', async (server) => {
  const { body, headers } = await old(server, '');
  const open = JSON.parse(/^[0-9]+:0(.*)$/.exec(body)[1]);

  equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
  equal(Object.keys(open).sort(), ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
  const ws = oldConnect(server);
  equal(JSON.parse((await ws.next()).slice(1)).upgrades, []);
  ws.close();
});

on('echo', 'EIO 3: refused when it is turned off, and the revision cannot change', async (server) => {
  const sid = await oldHandshake(server);
  const sid4 = await handshake(server);

  equal((await get(server, sid)).body, '{"code":3,"message":"Bad request"}');
  equal((await old(server, `&sid=${sid4}`)).body, '{"code":3,"message":"Bad request"}');

  const strict = await Server.start('echo', 300, 200, 'no-eio3');
  equal(await old(strict, '').then(({ status, body }) => [status, body]),
    [400, '{"code":5,"message":"Unsupported protocol version"}']);
  const ws = oldConnect(strict);
  await ws.end();
  ok(ws.failure.includes('400'), `it fails with 400, not ${ws.failure}`);
  await handshake(strict);
  await strict.stop();
});

on('echo', 'EIO 3: text and binary by polling', async (server) => {
  const sid = await oldHandshake(server, '&b64=1');

  equal((await oldPost(server, sid, '6:4hello')).body, 'ok');
  equal((await old(server, `&sid=${sid}`)).body, '6:4hello');
  equal((await oldPost(server, sid, '4:4€😀0:2:4é10:b4AQIDBA==')).body, 'ok');
  equal((await old(server, `&sid=${sid}`)).body, '4:4€😀2:4é10:b4AQIDBA==', 'lengths in UTF-16 units');

  // From here on without b64: a batch with binary comes as bytes.
  const other = await oldHandshake(server);
  equal((await oldPost(server, other, '3:4€x')).body, 'ok');
  equal((await old(server, `&sid=${other}`)).body, '3:4€x', 'text stays text');
  const bytes = new Uint8Array([0, 4, 255, 0x34, 0xe2, 0x82, 0xac, 1, 5, 255, 4, 1, 2, 3, 4, 0, 6, 255, 0x62, 0x34, 0x41, 0x51, 0x3d, 0x3d]);
  equal(await oldBinary(server, other, bytes), {
    type: 'application/octet-stream',
    body: [0, 4, 255, 0x34, 0xe2, 0x82, 0xac, 1, 5, 255, 4, 1, 2, 3, 4, 1, 2, 255, 4, 1],
  });
});

on('echo', 'EIO 3: bad bodies end the session', async (server) => {
  for (const body of ['', 'abc', '4', '4:', ':4', '5:4abc', '2:4abc', '2:4😀', '1:9', 'x:4', ' 2:4a', '99999999999:4', '3:b9A', '1:b',
    '1:3', new Uint8Array([0x32, 0x3a, 0x34, 0xff])]) {
    const sid = await oldHandshake(server);

    equal((await oldPost(server, sid, body)).status, 400, `the status of the POST ${body}`);
    equal((await old(server, `&sid=${sid}`)).status, 400, `the status of the poll after ${body}`);
  }
  for (const body of [[], [2, 1, 255, 0x34], [0, 1], [0, 255, 0x34], [0, 1, 255], [0, 2, 255, 0x34], [0, 0x31, 255, 0x34],
    [0, 1, 255, 0x34, 0], [0, 2, 255, 0x34, 0xff], [1, 1, 255, 0], [1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255, 4]]) {
    const sid = await oldHandshake(server);
    const more = { headers: { 'content-type': 'application/octet-stream' } };

    equal((await oldPost(server, sid, new Uint8Array(body), more)).status, 400, `the status of the POST ${body}`);
    equal((await old(server, `&sid=${sid}`)).status, 400, `the status of the poll after ${body}`);
  }
});

on('echo', 'EIO 3: text and binary by WebSocket', async (server) => {
  const ws = oldConnect(server);

  await ws.next();
  ws.send('4hello €😀');
  equal(await ws.next(), '4hello €😀');
  ws.send(Buffer.from([4, 1, 2, 3]));
  equal([...await ws.next()], [4, 1, 2, 3]);
  ws.send(Buffer.from([4]));
  equal([...await ws.next()], [4]);
  ws.send('b4AQID');
  equal([...await ws.next()], [4, 1, 2, 3]);
  ws.close();

  const base64 = oldConnect(server, '&b64=1');
  await base64.next();
  base64.send(Buffer.from([4, 1, 2, 3]));
  equal(await base64.next(), 'b4AQID');
  base64.close();

  for (const frame of [Buffer.alloc(0), Buffer.from([0x34]), Buffer.from([2]), 'b', 'b9AQ', '', '7', 'x']) {
    const bad = oldConnect(server);

    await bad.next();
    bad.send(frame);
    await bad.end();
  }
});

on('echo', 'EIO 3: the client pings', async (server) => {
  const ws = oldConnect(server);
  const started = Date.now();

  await ws.next();
  while (Date.now() - started < 2 * (INTERVAL + TIMEOUT)) {
    ws.send(Math.random() < 0.5 ? '2' : '2probe');
    equal(await ws.next(), '3', 'the bare pong');
  }
  ws.close();
  await server.heard('engine closed transport close');

  const sid = await oldHandshake(server);
  const poll = await begin(server, sid, 3);
  equal((await oldPost(server, sid, '1:2')).body, 'ok');
  equal((await poll.answer).body, '1:3');

  const silent = oldConnect(server);
  await silent.next();
  silent.send('4words are no ping');
  await silent.next();
  await silent.end();
  equal([silent.code, silent.frames], [1005, []], 'nothing was asked of it');
  await server.heard('engine closed ping timeout');

  const wrong = oldConnect(server);
  await wrong.next();
  wrong.send('3');
  await wrong.end();
  await server.heard('a pong from the client');
});

on('echo', 'EIO 3: from polling to WebSocket, and closing', async (server) => {
  const sid = await oldHandshake(server, '&b64=1');
  const ws = oldConnect(server, `&sid=${sid}`);

  await until(() => ws.readyState === WebSocket.OPEN, 'the WebSocket');
  const poll = await begin(server, sid, 3);
  ws.send('2probe');
  equal(await ws.next(), '3probe');
  equal((await poll.answer).body, '1:6');
  ws.send('5');
  await server.heard('engine upgraded websocket');
  ws.send(Buffer.from([4, 1]));
  equal([...await ws.next()], [4, 1], 'b64 was for polling');
  ws.close();

  const other = await oldHandshake(server);
  const last = await begin(server, other, 3);
  equal((await oldPost(server, other, '1:1')).status, 200);
  equal((await last.answer).body, '1:6');
});

on('suite', 'EIO 3: "/" by itself, other namespaces with a query', async (server) => {
  const ws = oldConnect(server);
  const { sid } = JSON.parse((await ws.next()).slice(1));

  equal(await ws.next(), '40');
  equal(await ws.next(), '42["auth",{}]');
  await server.heard('connected / ');
  ws.send('40/custom?token=a%26b&n=%E2%82%AC+1,');
  equal(await ws.next(), '40/custom,');
  equal(await ws.next(), '42/custom,["auth",{"token":"a&b","n":"€ 1"}]');
  ws.send('40/nowhere?a=b');
  equal(await ws.next(), '44/nowhere,{"message":"Invalid namespace"}');
  ws.send('42/custom,7["message-with-ack","x"]');
  equal(await ws.next(), '43/custom,7["x"]');
  ws.send('451-["message",{"_placeholder":true,"num":0}]');
  ws.send(Buffer.from([4, 9, 8]));
  equal(await ws.next(), '451-["message-back",{"_placeholder":true,"num":0}]');
  equal([...await ws.next()], [4, 9, 8]);
  ws.send('41/custom');
  await server.heard('disconnected /custom client namespace disconnect');
  ok(sid.length === 20, 'the sid');
  ws.close();

  const polling = (await old(server, '')).body;
  ok(/^[0-9]+:0\{[^}]*\}2:4013:42\["auth",\{\}\]$/.test(polling), `the first body is ${polling}`);
});

on('demo', 'EIO 3: a refusal carries its data', async (server) => {
  const ws = oldConnect(server);

  await ws.next();
  ws.send('40/admin');
  await until(() => ws.frames.some((frame) => String(frame).startsWith('44')), 'the refusal', 5);
  ok(ws.frames.find((frame) => String(frame).startsWith('44')).startsWith('44/admin,{"code":"E_TOKEN"'), 'its data');
  ws.close();
});

await run();
