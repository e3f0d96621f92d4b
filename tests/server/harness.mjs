// SPDX-FileCopyrightText: Sioscope contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the scripts of this folder share: a server to talk to, waiting with a deadline, and TAP.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export const require = createRequire(new URL('../servers/package.json', import.meta.url));

const [, , program] = process.argv;
const cases = [];

export function test(name, body) {
  cases.push({ name, body });
}

export class Server {
  static async start(...args) {
    const self = new Server();

    self.lines = [];
    self.process = spawn(program, args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    self.exited = new Promise((resolve) => self.process.on('exit', (code, signal) => resolve(code ?? signal)));
    createInterface({ input: self.process.stdout }).on('line', (line) => self.lines.push(line));
    await until(() => self.lines.some((line) => line.startsWith('port ')), 'the port');
    self.port = Number(self.lines.find((line) => line.startsWith('port ')).slice(5));
    self.url = `http://127.0.0.1:${self.port}`;
    self.ws = `ws://127.0.0.1:${self.port}`;
    return self;
  }

  heard(text) {
    return until(() => this.lines.some((line) => line.includes(text)), `the server's "${text}"`);
  }

  async stop() {
    this.process.stdin.end();
    equal(await this.exited, 0);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition, what, seconds = 15) {
  const deadline = Date.now() + seconds * 1000;

  while (!condition()) {
    if (Date.now() > deadline)
      throw new Error(`waited ${seconds} s in vain for ${what}`);
    await sleep(5);
  }
}

export function within(promise, what, seconds = 15) {
  let timer;

  return Promise.race([
    promise,
    new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`waited ${seconds} s in vain for ${what}`)), seconds * 1000);
    }),
  ]).finally(() => clearTimeout(timer));
}

export function equal(actual, expected, what = '') {
  const a = JSON.stringify(actual);
  const b = JSON.stringify(expected);

  if (a !== b)
    throw new Error(`${what} is ${a}, expected ${b}`);
}

export function ok(value, what) {
  if (!value)
    throw new Error(what);
}

export async function run() {
  let failed = 0;

  console.log(`1..${cases.length}`);
  for (const [i, { name, body }] of cases.entries()) {
    try {
      await within(body(), 'the test to end', 40);
      console.log(`ok ${i + 1} ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} ${name}`);
      console.log(String(error.stack ?? error).replace(/^/gm, '# '));
    }
  }
  process.exit(failed > 0 ? 1 : 0);
}
