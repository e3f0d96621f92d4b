// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the public test suites of the Engine.IO and Socket.IO protocols check on a server, in our own words, and what
// the official server does beside them.

import { equal, ok, run, until, within } from './harness.mjs';
import {
  PINGING, SHORT, WebSocket, begin, connect, get, handshake, http, join, on, open, post, upgrade,
} from './peer.mjs';

/* ---- Engine.IO, handshake ---- */

for (const behaviour of ['echo', 'suite']) {
  on(behaviour, `${behaviour}: a session is opened by polling`, async (server) => {
    const { status, body, headers } = await http(server, 'EIO=4&transport=polling');
    const open = JSON.parse(body.slice(1));

    equal([status, body[0]], [200, '0']);
    equal(Object.keys(open).sort(), ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
    equal([open.upgrades, open.pingInterval, open.pingTimeout, open.maxPayload], [['websocket'], ...SHORT, 1000000]);
    ok(/^[A-Za-z0-9_-]{20}$/.test(open.sid), 'the sid is 20 characters of base64url');
    equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
    equal(headers.get('cache-control'), 'no-store');
  }, SHORT);

  for (const [name, requests] of Object.entries({
    'an invalid EIO': [
      ['transport=polling', {}, 5, 'Unsupported protocol version'],
      ['EIO=abc&transport=polling', {}, 5, 'Unsupported protocol version'],
    ],
    'an invalid transport': [
      ['EIO=4', {}, 0, 'Transport unknown'],
      ['EIO=4&transport=abc', {}, 0, 'Transport unknown'],
    ],
    'an invalid request method': [
      ['EIO=4&transport=polling', { method: 'POST', body: 'x' }, 2, 'Bad handshake method'],
      ['EIO=4&transport=polling', { method: 'PUT', body: 'x' }, 2, 'Bad handshake method'],
    ],
    'no upgrade, and no session': [
      ['EIO=4&transport=websocket', {}, 3, 'Bad request'],
      ['EIO=4&transport=polling&sid=nobody', {}, 1, 'Session ID unknown'],
    ],
  })) {
    on(behaviour, `${behaviour}: a handshake by polling with ${name}`, async (server) => {
      for (const [query, options, code, message] of requests) {
        const { status, body, headers } = await http(server, query, options);

        equal([status, body], [400, JSON.stringify({ code, message })], query);
        equal(headers.get('content-type'), 'application/json');
      }
    });
  }

  on(behaviour, `${behaviour}: a session is opened by WebSocket`, async (server) => {
    const ws = connect(server);
    const frame = await ws.next();

    equal(frame[0], '0');
    equal(JSON.parse(frame.slice(1)).upgrades, []);
    ws.close();
  });

  for (const [name, queries] of Object.entries({
    'an invalid EIO': ['transport=websocket', 'EIO=abc&transport=websocket'],
    'an invalid transport': ['EIO=4', 'EIO=4&transport=abc'],
    'the transport of polling, and no session': ['EIO=4&transport=polling', 'EIO=4&transport=websocket&sid=nobody'],
  })) {
    on(behaviour, `${behaviour}: a handshake by WebSocket with ${name}`, async (server) => {
      for (const query of queries) {
        const ws = connect(server, query);

        await ws.end();
        ok(ws.failure.includes('400'), `${query} fails with 400, not ${ws.failure}`);
      }
    });
  }

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
  }, PINGING);

  on(behaviour, `${behaviour}: a poller that does not answer pings is gone`, async (server) => {
    const sid = await handshake(server);

    await server.heard('engine closed ping timeout');
    equal((await get(server, sid)).status, 400);
  }, SHORT);

  on(behaviour, `${behaviour}: pings by WebSocket`, async (server) => {
    const ws = behaviour === 'suite' ? await join(server) : await open(server);

    for (let i = 0; i < 3; i++) {
      equal(await ws.next(), '2');
      ws.send('3');
    }
    ws.close();
    await server.heard('engine closed transport close');
  }, PINGING);

  on(behaviour, `${behaviour}: a WebSocket that does not answer pings is closed`, async (server) => {
    const ws = await open(server);

    await ws.end();
    equal(ws.code, 1005);
    await server.heard('engine closed ping timeout');
  }, SHORT);

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

    // The close of the WebSocket would be the signal; so it is the heartbeat that ends it, as in the official server.
    ws.send('1');
    await ws.end();
  }, SHORT);

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

    ws.close();
  });

  on(behaviour, `${behaviour}: after the upgrade requests of polling are refused`, async (server) => {
    const { sid, ws } = await upgrade(server);

    equal((await get(server, sid)).body, '{"code":3,"message":"Bad request"}');
    equal((await post(server, sid, '4x')).status, 400);
    equal(ws.closed, false, 'closed');
    ws.close();
  });

  on(behaviour, `${behaviour}: after the upgrade a second WebSocket is closed`, async (server) => {
    const { sid, ws } = await upgrade(server);
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

on('echo', 'one text packet by polling', async (server) => {
  const sid = await handshake(server);

  equal((await post(server, sid, '4hello')).body, 'ok');
  equal((await get(server, sid)).body, '4hello');
});

on('echo', 'several text packets by polling', async (server) => {
  const sid = await handshake(server);

  equal((await post(server, sid, '4test1\x1e4test2\x1e4tést€😀')).body, 'ok');
  equal((await get(server, sid)).body, '4test1\x1e4test2\x1e4tést€😀');
});

on('echo', 'text and binary packets by polling', async (server) => {
  const sid = await handshake(server);

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

on('echo', 'a text packet by WebSocket', async (server) => {
  const ws = await open(server);

  ws.send('4hello €😀');
  equal(await ws.next(), '4hello €😀');
  ws.close();
});

on('echo', 'a binary packet by WebSocket', async (server) => {
  const ws = await open(server);

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
});

/* ---- Socket.IO ---- */

on('suite', 'the main namespace is joined', async (server) => {
  (await join(server)).close();
});

on('suite', 'the main namespace is joined with a payload', async (server) => {
  const ws = await open(server);

  ws.send('40{"token":"123"}');
  ok((await ws.next()).startsWith('40{"sid":"'), 'the namespace is joined');
  equal(await ws.next(), '42["auth",{"token":"123"}]');
  ws.close();
});

on('suite', 'a custom namespace is joined', async (server) => {
  (await join(server, '40/custom,', '40/custom,{"sid":"')).close();
});

on('suite', 'a custom namespace is joined with a payload', async (server) => {
  const ws = await open(server);

  ws.send('40/custom,{"token": "abc"}');
  ok((await ws.next()).startsWith('40/custom,{"sid":"'), 'the namespace is joined');
  equal(await ws.next(), '42/custom,["auth",{"token": "abc"}]');
  ws.close();
});

on('suite', 'an unknown namespace is refused', async (server) => {
  const ws = await open(server);

  ws.send('40/random');
  equal(await ws.next(), '44/random,{"message":"Invalid namespace"}');
  ws.close();
});

on('suite', 'a wrong first packet closes the connection', async (server) => {
  for (const packet of ['4abc', '40"abc"', '4', '49', '41', '42["message","too early"]']) {
    const ws = await open(server);

    ws.send(packet);
    await ws.end();
    ok(ws.frames.length === 0 || ws.frames.every((frame) => frame === '2'), `${packet}: no answer`);
  }
});

for (const [name, packets] of Object.entries({
  'an unknown packet type': ['4abc', '47', '49[1]'],
  'an invalid payload': ['42{}', '42', '42["connect"]', '451-["message"]x', '452-["message",{"_placeholder":true,"num":2}]'],
  'an invalid ack id': ['42abc["message-with-ack",1]', '43'],
  'a packet out of place': ['40', '44{}', '42/custom,["x"]'],
})) {
  on('suite', `${name} closes the connection`, async (server) => {
    for (const packet of packets) {
      const ws = await join(server);

      ws.send(packet);
      await ws.end();
    }
  });
}

on('suite', 'an attachment of nothing closes the connection', async (server) => {
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
  ok(['1', '6\x1e1'].includes(await within(pump, 'the close packet')), 'the poll, or the next one, is told');
});

on('suite', 'a poller that comes late is told that it is over', async (server) => {
  const sid = await handshake(server);

  await server.heard('engine closed no namespace was joined in time');
  equal((await get(server, sid)).body, '6\x1e1');
  equal((await get(server, sid)).body, '{"code":1,"message":"Session ID unknown"}');
});

on('suite', 'a text event', async (server) => {
  const ws = await join(server);

  ws.send('42["message",1,"2",{"3":[true]}, 1.50]');
  equal(await ws.next(), '42["message-back",1,"2",{"3":[true]}, 1.50]');
  ws.close();
});

on('suite', 'a text event with an ack', async (server) => {
  const ws = await join(server);

  ws.send('42456["message-with-ack",1,"2",{"3":[false]}]');
  equal(await ws.next(), '43456[1,"2",{"3":[false]}]');
  ws.send('420["message-with-ack"]');
  equal(await ws.next(), '430[]');
  ws.close();
});

on('suite', 'an event with attachments', async (server) => {
  const ws = await join(server);

  ws.send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  ws.send(Buffer.from([1, 2, 3]));
  ws.send(Buffer.from([4, 5, 6]));
  equal(await ws.next(), '452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  equal([[...await ws.next()], [...await ws.next()]], [[1, 2, 3], [4, 5, 6]]);
  ws.close();
});

on('suite', 'an event with attachments and an ack', async (server) => {
  const ws = await join(server);

  ws.send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  ws.send(Buffer.from([1, 2, 3]));
  ws.send(Buffer.from([4, 5, 6]));
  equal(await ws.next(), '462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  equal([[...await ws.next()], [...await ws.next()]], [[1, 2, 3], [4, 5, 6]]);
  ws.close();
});

on('suite', 'the main namespace is left', async (server) => {
  const ws = await join(server);

  ws.send('41');
  await server.heard('disconnected / client namespace disconnect');
  ws.send('42["message","to nobody"]');
  await ws.end();
});

on('suite', 'a custom namespace is joined and left', async (server) => {
  const ws = await join(server);

  ws.send('40/custom,');
  await ws.next();
  await ws.next();
  ws.send('41/custom,');
  await server.heard('disconnected /custom client namespace disconnect');
  ws.send('42["message","message to main namespace"]');
  equal(await ws.next(), '42["message-back","message to main namespace"]');
  ws.close();
});

await run();
