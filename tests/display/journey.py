#!/usr/bin/python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way with the keyboard alone, from outside the program: real key events in, and out what a screen reader is told.

usage: journey.py SIOSCOPE SCREENSHOTS"""

import os
import re
import subprocess
import sys

try:
    import atspi
    from gi.repository import Atspi
except (ImportError, ValueError) as error:
    print(f'1..0 # SKIP no AT-SPI for this Python: {error}')
    sys.exit(0)

program, pictures = sys.argv[1:]
os.makedirs(pictures, exist_ok=True)
done = 0


def step(what):
    global done
    done += 1
    subprocess.run(['import', '-window', 'root', f'{pictures}/keyboard-{done}.png'], check=False)
    print(f'ok {done} {what}', flush=True)


print('1..7', flush=True)
process = subprocess.Popen([program, '--demo', '--size', '1200x780'])
try:
    app = atspi.application('sioscope')

    # The labels that tell the state and the fate of the last emit; they stay the same ones.
    state = atspi.wait('the connection', lambda: atspi.label(app, 'Connected'))
    fate = atspi.wait('the ack of the greeting', lambda: atspi.says(app, 'acked in'))
    step('starts with the demo and is connected')

    # To the log: a row is chosen and its details are there.
    atspi.key('ctrl+g')
    atspi.key('Home', 'Down', 'Down', 'space')
    atspi.wait('details of a row', lambda: atspi.says(app, ' · row '))
    row = atspi.wait('the row that has the focus', lambda: atspi.find(
        app, lambda node: node.get_state_set().contains(Atspi.StateType.FOCUSED) and node.get_role_name() == 'list item'))
    atspi.wait('its name', lambda: re.search(r'\d\d:\d\d:\d\d\.\d{3}, .', atspi.name(row)))
    step('a row is chosen, is told, and its details are read')

    # An event with ack; what stands in the entry is replaced. The demo answers it after a second.
    atspi.key('ctrl+e')
    atspi.key('ctrl+a')
    atspi.write('slow')
    atspi.key('ctrl+Return')
    atspi.wait('the waiting for the ack', lambda: 'waiting for ack' in atspi.name(fate))
    step('emits an event and waits for its ack')
    atspi.wait('the ack', lambda: re.search(r'acked in \d+\.\d s', atspi.name(fate)))
    step('the ack came')

    atspi.key('ctrl+shift+x')
    atspi.wait('the countdown', lambda: 'Retry 1 in' in atspi.name(state))
    atspi.key('ctrl+r')
    step('cut, the countdown is told, and the key that ends it pressed')
    atspi.wait('the connection', lambda: 'Connected' in atspi.name(state))
    atspi.wait('the transport', lambda: atspi.says(app, 'Socket.IO 4 · Engine.IO 4 · websocket'))
    step('reconnected')

    atspi.key('ctrl+q')
    assert process.wait(20) == 0
    step('ended')
except AssertionError as error:
    subprocess.run(['import', '-window', 'root', f'{pictures}/keyboard-failed.png'], check=False)
    print(f'not ok {done + 1} {error}', flush=True)
    try:
        for node in atspi.walk(app):
            if atspi.visible(node) and node.get_name():
                print(f'# {node.get_role_name()}: {node.get_name()}')
    except Exception as failure:  # the report of a failure must not hide it
        print(f'# {failure}')
finally:
    process.kill()
    process.wait()
