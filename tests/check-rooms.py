#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a file includes a header that its room must not know. The map is src/ROOMS.md."""

import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'src')

RECORDING = {'recording/store', 'recording/payload', 'recording/projection', 'recording/query', 'recording/exchange'}
PURE = r'libsoup|gtk|adwaita|libintl|gi18n|mpack\.h|gnutls'

ROOMS = {
    # room: (rooms it may include from, system headers it must not include).
    # PUBLIC stands for what sio.h offers to everybody outside of the library.
    'sio':           ({'sio', 'sio/wire'},                                   r'libsoup|gtk|adwaita|gio/gunix|mpack\.h|gnutls'),
    'sio/wire':      ({'sio', 'sio/wire'},                                   r'libsoup|gtk|adwaita|sys/socket|gnutls'),
    'sio/transport': ({'sio', 'sio/wire', 'sio/transport'},                  r'gtk|adwaita|mpack\.h'),
    'sio/engine':    ({'sio', 'sio/wire', 'sio/transport', 'sio/engine'},    r'libsoup|gtk|adwaita|mpack\.h|gnutls'),
    'sio/client':    ({'sio', 'sio/wire', 'sio/engine', 'sio/client'},       r'libsoup|gtk|adwaita|mpack\.h|gnutls'),
    'sio/server':    ({'sio', 'sio/wire', 'sio/server'},                     r'gtk|adwaita|mpack\.h|gnutls'),
    'doctor':        ({'PUBLIC', 'doctor'},                                  r'libsoup|gtk|adwaita|libintl|gi18n|mpack\.h'),
    'recording/store':      ({'PUBLIC', 'recording/store'},                  PURE),
    'recording/payload':    ({'PUBLIC', 'recording/payload'},                PURE),
    'recording/projection': ({'PUBLIC', 'recording/store', 'recording/payload', 'recording/projection'}, PURE),
    'recording/query':      (RECORDING - {'recording/exchange'} | {'PUBLIC'}, PURE),
    'recording/exchange':   (RECORDING | {'PUBLIC', 'sio/wire'},             PURE),
    'connection':    (RECORDING | {'PUBLIC', 'connection'},                  r'libsoup|gtk|adwaita|mpack\.h|gnutls'),
    'cli':           (RECORDING | {'PUBLIC', 'doctor', 'cli'},               r'libsoup|gtk|adwaita|mpack\.h|gnutls'),
    'app':           (RECORDING | {'PUBLIC', 'doctor', 'connection', 'app'}, r'libsoup|mpack\.h|gnutls'),
}

# Whose -private.h headers no other room includes.
CLOSED = RECORDING - {'recording/projection'} | {'doctor', 'connection', 'app', 'cli'}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]')


def room_of(path):
    relative = os.path.relpath(os.path.dirname(path), TOP).replace(os.sep, '/')
    return relative


def includes(path):
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def main():
    files = []
    for folder, _, names in os.walk(TOP):
        files += [os.path.join(folder, n) for n in names if n.endswith(('.c', '.h'))]
    by_name = {os.path.basename(f): f for f in files}

    public = set()
    queue = [os.path.join(TOP, 'sio', 'sio.h')]
    while queue:
        path = queue.pop()
        if path in public:
            continue
        public.add(path)
        for _, kind, name in includes(path):
            target = by_name.get(os.path.basename(name))
            if kind == '"' and target:
                queue.append(target)

    problems = []
    for path in sorted(files):
        room = room_of(path)
        where = os.path.relpath(path, os.path.join(TOP, '..'))
        if room == '.' or where.endswith('src/sio/sio.h'):
            continue  # sio.h gathers the library's rooms for the outside
        if room not in ROOMS:
            problems.append(f'{where}: the folder is no room; see src/ROOMS.md')
            continue
        allowed, forbidden = ROOMS[room]
        for number, kind, name in includes(path):
            if kind == '<':
                if re.search(forbidden, name):
                    problems.append(f'{where}:{number}: {room} must not include <{name}>')
                continue
            target = by_name.get(os.path.basename(name))
            if target is None:
                continue
            target_room = room_of(target)
            if target_room in CLOSED and target_room != room and name.endswith('-private.h'):
                problems.append(f'{where}:{number}: "{name}" is for {target_room} alone')
                continue
            if target_room in allowed or ('PUBLIC' in allowed and target in public):
                continue
            problems.append(f'{where}:{number}: {room} must not include "{name}" of {target_room}')

    checked = len(files)
    print('1..1')
    for problem in problems:
        print('#', problem)
    print('not ok 1 - rooms' if problems or not checked else f'ok 1 - rooms ({checked} files)')
    return 1 if problems or not checked else 0


if __name__ == '__main__':
    sys.exit(main())
