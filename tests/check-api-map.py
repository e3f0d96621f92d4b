#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails when docs/api-map.md names something that is not there: a function in no public header, a property or signal that
nobody documents, a test that its file does not have."""

import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
MAP = os.path.join(TOP, 'docs', 'api-map.md')


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def sources(pattern):
    return '\n'.join(read(path) for path in sorted(glob.glob(os.path.join(TOP, 'src', 'sio', '**', pattern), recursive=True))
                     if '/server/' not in path and not (pattern == '*.h' and path.endswith('-private.h')))


def has_test(path, name):
    """A literal that is the name, or ends with it: many programs put the transport in front."""
    literals = re.findall(r'"((?:[^"\\\n]|\\.)*)"', read(path))
    return any(literal == name or literal.endswith('/' + name) for literal in literals)


def main():
    headers = sources('*.h')
    code = sources('*.c')
    problems = []
    n_names = n_tests = n_rows = 0

    for number, line in enumerate(read(MAP).splitlines(), 1):
        if line.startswith('| ') and not line.startswith('| official'):
            n_rows += 1
            cells = line.strip('|\n').split(' | ')
            if len(cells) != 3:
                problems.append(f'line {number}: {len(cells)} columns')
            elif not re.search(r'\[`|– |–\s*$', cells[2]):
                problems.append(f'line {number}: no test, and no reason')

        for name in re.findall(r'`(sio_\w+)(?: \(\))?`', line):
            n_names += 1
            if not re.search(rf'\b{name}\b', headers):
                problems.append(f'line {number}: {name} is in no public header')
        for owner, kind, name in re.findall(r'`(Sio\w+)(::?)([\w-]+)`', line):
            n_names += 1
            if not re.search(rf'\* {owner}{kind}{name}:', code):
                problems.append(f'line {number}: {owner}{kind}{name} is documented nowhere')
        for name in re.findall(r'#(Sio\w+)|%(SIO_\w+)', line):
            n_names += 1
            if not re.search(rf'\b{name[0] or name[1]}\b', headers):
                problems.append(f'line {number}: {name[0] or name[1]} is in no public header')

        for name, target in re.findall(r'\[`([^`]+)`\]\(([^)]+)\)', line):
            n_tests += 1
            path = os.path.join(os.path.dirname(MAP), target)
            if not os.path.exists(path):
                problems.append(f'line {number}: there is no {target}')
            elif not has_test(path, name):
                problems.append(f'line {number}: {target} has no test {name}')

    # a map that cannot be read proves nothing
    if n_rows < 80 or n_names < 60 or n_tests < 80:
        problems.append(f'only {n_rows} rows, {n_names} names, {n_tests} tests were found')

    print('1..1')
    for problem in problems:
        print(f'# docs/api-map.md, {problem}')
    print(f'{"not ok" if problems else "ok"} 1 - {n_rows} rows, {n_names} names and {n_tests} tests')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
