#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when CONFORMANCE.md names a test that does not exist, or has lost one of the official cases.

The names are those of the test programs of a build folder, and of the scripts that test the server."""

import hashlib
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SUITES = {'wire', 'engine', 'network', 'client', 'interop', 'balancer', 'options'}

# Section of CONFORMANCE.md: how many official cases it must have.
SECTIONS = {
    'engine.io-client/test/connection.js': 11,
    'engine.io-client/test/socket.js': 11,
    'engine.io-client/test/transport.js': 20,
    'engine.io-client/test/engine.io-client.js': 14,
    'engine.io-client/test/node.js': 6,
    'engine.io-client/test/parseuri.js': 1,
    'engine.io-client/test/arraybuffer/polling.js': 4,
    'engine.io-client/test/arraybuffer/ws.js': 3,
    'socket.io-client/test/connection.ts': 42,
    'socket.io-client/test/socket.ts': 48,
    'socket.io-client/test/retry.ts': 4,
    'socket.io-client/test/connection-state-recovery.ts': 1,
    'socket.io-client/test/url.ts': 6,
    'engine.io-parser/test/index.ts': 4,
    'engine.io-parser/test/node.ts': 8,
    'socket.io-parser/test/parser.js': 15,
    'socket.io-parser/test/buffer.js': 7,
    'socket.io-parser/test/arraybuffer.js': 6,
    'engine.io-parser 2.2/test/parser.js': 27,
    'engine.io-parser 2.2/test/node/index.js': 9,
    'socket.io-parser 3.3/test/parser.js': 10,
    'socket.io-parser 3.3/test/buffer.js': 6,
    'socket.io-parser 3.3/test/arraybuffer.js': 5,
    'engine.io-protocol test-suite': 24,
    'socket.io-protocol test-suite': 32,
}

# Of the lines "section|title", so that no case is taken for another one.
TITLES = '1c82e221ff4e9de19597764d34a9d8804f24b6854de3a06d244c28bd44216056'


def program_names(build):
    """The paths of every program in SUITES, from its own mouth."""
    names, missing, seen = set(), [], set()
    with open(os.path.join(build, 'meson-info', 'intro-tests.json'), encoding='utf-8') as f:
        tests = json.load(f)
    for test in tests:
        program = test['cmd'][0]
        suite = test['suite'][0].split(':')[-1]
        if suite not in SUITES or program in seen or not os.path.abspath(program).startswith(os.path.abspath(build)):
            continue
        seen.add(program)
        if not os.access(program, os.X_OK):
            missing.append(f'{program} is not built')
            continue
        environment = dict(os.environ)
        environment.update(test['env'])
        listed = subprocess.run([program, '-l'], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                timeout=60, check=False)
        names.update(line for line in listed.stdout.decode().splitlines() if line.startswith('/'))
    return names, missing


def script_names():
    """What the scripts of the server's tests call their tests: patterns, as some names are put together."""
    patterns = []
    with open(os.path.join(HERE, 'server', 'suites.mjs'), encoding='utf-8') as f:
        text = f.read()
    for quote, name in re.findall(r"\b(?:test|on)\((?:'?\w+'?, )?(['`])(.+?)\1,", text):
        parts = re.split(r'\$\{[^}]*\}', name) if quote == '`' else [name]
        patterns.append(re.compile('.+'.join(re.escape(part) for part in parts)))
    return patterns


def rows():
    """(line number, section, case, cell) of each row of the tables; (number, section, None, count) of each heading."""
    section = None
    with open(os.path.join(HERE, 'CONFORMANCE.md'), encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            if line.startswith('### '):
                section, _, count = line[4:].strip().rpartition(': ')
                yield number, section, None, int(count)
            elif section and line.startswith('| ') and not line.startswith('| official'):
                case, cell = line.strip().strip('|').rsplit(' | ', 1)
                yield number, section, case.strip(), cell.strip()


def main():
    names, problems = program_names(sys.argv[1])
    patterns = script_names()
    found, seen, without = {}, set(), 0

    for number, section, case, cell in rows():
        where = f'CONFORMANCE.md:{number}'
        if case is None:
            found[section] = 0
            if SECTIONS.get(section) != cell:
                problems.append(f'{where}: {section} has {SECTIONS.get(section)} cases, not {cell}')
            continue
        found[section] += 1
        if (section, case) in seen:
            problems.append(f'{where}: "{case}" is there twice')
        seen.add((section, case))
        paths = re.findall(r'`([^`]+)`', cell)
        if not paths and not re.match(r'— \S', cell):
            problems.append(f'{where}: "{case}" has neither a test nor a reason why not')
        without += not paths
        for path in paths:
            if path.startswith('server: '):
                known = any(pattern.fullmatch(path[len('server: '):]) for pattern in patterns)
            else:
                known = path in names
            if not known:
                problems.append(f'{where}: no test is called {path}')
    for section, count in SECTIONS.items():
        if found.get(section) != count:
            problems.append(f'{section}: {found.get(section, 0)} of {count} cases')

    titles = '\n'.join(f'{section}|{case}' for section, case in sorted(seen))
    titles = hashlib.sha256(titles.encode()).hexdigest()
    if titles != TITLES:
        problems.append(f'the titles are not the official ones: their hash is {titles}')

    print('1..1')
    for problem in problems:
        print('#', problem)
    total = sum(found.values())
    print('not ok 1 - conformance' if problems else
          f'ok 1 - conformance ({total} official cases, {total - without} with tests, {without} with a reason)')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
