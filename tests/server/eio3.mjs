// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What clients 2.x say to our server, byte by byte: Engine.IO 3 and Socket.IO 4.

import { Server, equal, ok, run, until } from './harness.mjs';
import { SHORT, WebSocket, begin, connect, get, handshake, http, on } from './peer.mjs';

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

on('echo', 'a session is opened, by polling and by WebSocket', async (server) => {
  const { body, headers } = await old(server, '');
  const open = JSON.parse(/^[0-9]+:0(.*)$/.exec(body)[1]);

  equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
  equal(Object.keys(open).sort(), ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
  const ws = oldConnect(server);
  equal(JSON.parse((await ws.next()).slice(1)).upgrades, []);
  ws.close();
});

on('echo', 'refused when it is turned off, and the revision cannot change', async (server) => {
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

on('echo', 'text and binary by polling', async (server) => {
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

on('echo', 'bad bodies end the session', async (server) => {
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

on('echo', 'text and binary by WebSocket', async (server) => {
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

on('echo', 'the client pings', async (server) => {
  const ws = oldConnect(server);
  const started = Date.now();

  await ws.next();
  while (Date.now() - started < 2 * (SHORT[0] + SHORT[1])) {
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
}, SHORT);

on('echo', 'from polling to WebSocket, and closing', async (server) => {
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

on('suite', '"/" by itself, other namespaces with a query', async (server) => {
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

on('demo', 'a refusal carries its data', async (server) => {
  const ws = oldConnect(server);

  await ws.next();
  ws.send('40/admin');
  await until(() => ws.frames.some((frame) => String(frame).startsWith('44')), 'the refusal', 5);
  ok(ws.frames.find((frame) => String(frame).startsWith('44')).startsWith('44/admin,{"code":"E_TOKEN"'), 'its data');
  ws.close();
});

await run();
