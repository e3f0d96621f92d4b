# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader sees of a window, and real keys: enough to go through the program from outside."""

import subprocess
import time

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

Atspi.init()


def wait(what, condition, seconds=20):
    """Polls until condition() gives something; fails with what."""
    end = time.time() + seconds
    while True:
        try:
            value = condition()
        except GLib.Error:  # it was replaced while it was being looked at
            value = None
        if value:
            return value
        if time.time() > end:
            raise AssertionError(f'waited {seconds} s in vain for: {what}')
        time.sleep(.05)


def application(name):
    desktop = Atspi.get_desktop(0)

    def find():
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child and child.get_name() == name:
                return child
        return None

    return wait(f'the application {name}', find)


def walk(node):
    yield node
    for i in range(min(node.get_child_count(), 200)):
        child = node.get_child_at_index(i)
        if child is not None:
            yield from walk(child)


def visible(node):
    # GTK 4.8 says SHOWING of the window only.
    return node.get_state_set().contains(Atspi.StateType.VISIBLE)


def find(root, condition):
    root.clear_cache()
    for node in walk(root):
        try:
            if condition(node) and visible(node):
                return node
        except GLib.Error:
            continue
    return None


def says(root, text):
    """The first thing that can be seen and whose name contains text."""
    return find(root, lambda node: text in (node.get_name() or ''))


def name(node):
    """What a node says now. Looking at one node is quick, where a walk through all of them may miss what passes."""
    node.clear_cache()
    return node.get_name() or ''


def label(root, text):
    return find(root, lambda node: node.get_role_name() == 'label' and text in (node.get_name() or ''))


def key(*names):
    subprocess.run(['xdotool', 'key', '--clearmodifiers', *names], check=True)


def write(text):
    subprocess.run(['xdotool', 'type', '--clearmodifiers', '--delay', '20', text], check=True)
