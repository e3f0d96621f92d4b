// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A client by hand: requests and WebSockets whose bytes a test chooses.

import { once } from 'node:events';
import { request } from 'node:http';

import { Server, equal, ok, require, test, until } from './harness.mjs';

export const WebSocket = require('ws');

// Of the heartbeat. Only a test that wants a timeout has one that is short: a slow machine would lose connections by it.
export const SHORT = [300, 200];
export const PINGING = [300, 5000];
const LONG = [25000, 20000];

export async function http(server, query, options = {}) {
  const response = await fetch(`${server.url}/socket.io/?${query}`, options);

  return { status: response.status, body: await response.text(), headers: response.headers };
}

export async function handshake(server) {
  const { status, body } = await http(server, 'EIO=4&transport=polling');

  equal(status, 200);
  equal(body[0], '0');
  return JSON.parse(body.slice(1)).sid;
}

export const get = (server, sid) => http(server, `EIO=4&transport=polling&sid=${sid}`);
export const post = (server, sid, body, more = {}) =>
  http(server, `EIO=4&transport=polling&sid=${sid}`, { method: 'POST', body, ...more });

// A poll that the server has: it reads the requests in the order of their connections, so that it has read this one when
// it has answered the one behind it.
export async function begin(server, sid, eio = 4) {
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
export function connect(server, query = 'EIO=4&transport=websocket', options = {}) {
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

export async function open(server) {
  const ws = connect(server);

  equal((await ws.next())[0], '0');
  return ws;
}

export async function join(server, packet = '40', answer = '40{"sid":"') {
  const ws = await open(server);

  ws.send(packet);
  ok((await ws.next()).startsWith(answer), 'the namespace is joined');
  ok((await ws.next()).includes('["auth",'), 'the auth comes back');
  return ws;
}

export async function upgrade(server) {
  const sid = await handshake(server);
  const ws = connect(server, `EIO=4&transport=websocket&sid=${sid}`);

  await until(() => ws.readyState === WebSocket.OPEN, 'the WebSocket');
  ws.send('2probe');
  equal(await ws.next(), '3probe');
  ws.send('5');
  await server.heard('engine upgraded websocket');
  return { sid, ws };
}

export function on(behaviour, name, body, times = LONG) {
  test(name, async () => {
    const server = await Server.start(behaviour, ...times);

    try {
      await body(server);
    } finally {
      await server.stop();
    }
  });
}
