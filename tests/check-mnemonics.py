#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when two things of one .ui file have the same letter for Alt, in English or in a translation: the key would only move
the focus from one to the other."""

import pathlib
import re
import sys
import xml.etree.ElementTree as ET

root = pathlib.Path(__file__).resolve().parent.parent
wrong = []


def unquoted(lines):
    """A string as PO files write it, in one or more lines."""
    return ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', lines)).replace('\\n', '\n').replace('\\"', '"').replace('\\\\', '\\')


def translations(path):
    """What the file says in place of what; fuzzy ones are not used."""
    found = {}
    for entry in path.read_text(encoding='utf-8').split('\n\n'):
        match = re.search(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', entry, re.M)
        if match and '#, fuzzy' not in entry:
            found[unquoted(match.group(1))] = unquoted(match.group(2))
    return found


def titles(path):
    for node in ET.parse(path).iter('object'):
        properties = {p.get('name'): p.text or '' for p in node.findall('property')}
        if properties.get('use-underline', '').lower() in ('true', '1', 'yes'):
            yield properties.get('label') or properties.get('title') or ''


languages = {'en': {}}
languages.update((name, translations(root / 'po' / f'{name}.po')) for name in (root / 'po' / 'LINGUAS').read_text().split()
                 if not name.startswith('#'))
files = sorted((root / 'src' / 'app').glob('*.ui'))
n_letters = 0
for file in files:
    for language, words in languages.items():
        taken = {}
        for title in titles(file):
            title = words.get(title) or title
            letter = re.search('_(.)', title.replace('__', ''))
            if letter is None:
                continue
            n_letters += 1
            other = taken.setdefault(letter.group(1).lower(), title)
            if other != title:
                wrong.append(f'{file.name}, {language}: {other} and {title}')

if not files or n_letters == 0:
    wrong.append('no letters were found')
print('1..1')
for line in wrong:
    print(f'# {line}')
print(f"{'not ok' if wrong else 'ok'} 1 mnemonics: {n_letters} in {len(files)} files")
sys.exit(bool(wrong))
