#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what can be checked of the Flatpak manifests without the runtime: that they say what the build needs and no more."""

import json
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
# Whoever may talk to the network and draw a window needs these; anything more has to be argued for here.
ALLOWED = {'--share=network', '--share=ipc', '--socket=wayland', '--socket=fallback-x11', '--device=dri'}


def check(name, problems):
    path = os.path.join(TOP, 'flatpak', name)
    with open(path, encoding='utf-8') as f:
        manifest = json.load(f)

    def expect(condition, text):
        if not condition:
            problems.append(f'{name}: {text}')

    expect(manifest.get('id') + '.json' == name, f"the id is {manifest.get('id')!r}, expected the file's name")
    expect(manifest.get('runtime') == 'org.gnome.Platform', 'the runtime is not org.gnome.Platform')
    expect(manifest.get('sdk') == 'org.gnome.Sdk', 'the sdk is not org.gnome.Sdk')
    expect(re.fullmatch(r'\d+', str(manifest.get('runtime-version', ''))), 'runtime-version is no number')
    expect(manifest.get('command') == 'sioscope', 'the command is not sioscope')
    extra = set(manifest.get('finish-args', [])) - ALLOWED
    expect(not extra, f'asks for {sorted(extra)}')
    modules = manifest.get('modules', [])
    expect(modules and modules[-1].get('buildsystem') == 'meson', 'the last module is not built with Meson')
    with open(os.path.join(TOP, 'meson_options.txt'), encoding='utf-8') as f:
        known = set(re.findall(r"option\('([a-z-]+)'", f.read()))
    for option in modules[-1].get('config-opts', []):
        match = re.fullmatch(r'-D([a-z-]+)=.*', option)
        expect(match is None or match.group(1) in known, f'{option} is no option of the build')
    for module in modules[:-1]:
        for archive in module.get('sources', []):
            expect(str(archive.get('url', '')).startswith('https://') and
                   re.fullmatch(r'[0-9a-f]{64}', str(archive.get('sha256', ''))),
                   f"{module.get('name')} is not pinned: an https address and a sha256 are expected")
    source = modules[-1]['sources'][0]
    expect(os.path.exists(os.path.join(TOP, 'flatpak', source.get('path', ''), 'meson.build')),
           'the source is not this project')
    devel = '-Ddevelopment=true' in modules[-1].get('config-opts', [])
    expect(devel == name.endswith('.Devel.json'), 'development and the id do not agree')


def main():
    names = sorted(n for n in os.listdir(os.path.join(TOP, 'flatpak')) if n.endswith('.json'))
    problems = []
    for name in names:
        check(name, problems)
    print('1..1')
    for problem in problems:
        print('#', problem)
    good = names and not problems
    print(f'ok 1 - {len(names)} manifests' if good else 'not ok 1 - manifests')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
