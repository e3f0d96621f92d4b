# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the siocat tests share: a siocat process whose lines can be waited for, a real server, and TAP."""

import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback

SIOCAT = sys.argv[1]
SOURCE_DIR = pathlib.Path(__file__).resolve().parent.parent
DEADLINE = 20.0


class Failure(Exception):
    pass


def check(condition, message):
    if not condition:
        raise Failure(message)


class Siocat:
    """A running siocat. Its lines are parsed as they come."""

    def __init__(self, *args, stdin=True, stdout=subprocess.PIPE):
        self.args = args
        self.lines = []
        self.raw = []
        self._queue = queue.Queue()
        self.process = subprocess.Popen(
            [SIOCAT, *args],
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        self._threads = [threading.Thread(target=self._read_errors, daemon=True)]
        if stdout == subprocess.PIPE:
            self._threads.append(threading.Thread(target=self._read_lines, daemon=True))
        self.errors = b""
        self.was_killed = False  # then the last line may be torn
        for thread in self._threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if kind is not None and self.lines:
            for line in self.raw[-30:]:
                print("#   " + line.decode("utf-8", "replace").rstrip())

    def _read_lines(self):
        for raw in self.process.stdout:
            self._queue.put(raw)
        self._queue.put(None)

    def _read_errors(self):
        self.errors = self.process.stderr.read()

    def send(self, *values):
        for value in values:
            text = value if isinstance(value, (str, bytes)) else json.dumps(value)
            data = text if isinstance(text, bytes) else text.encode()
            self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def kill(self):
        self.was_killed = True
        self.process.kill()

    def end_input(self):
        self.process.stdin.close()

    def _take(self, timeout):
        try:
            raw = self._queue.get(timeout=timeout)
        except queue.Empty:
            raise Failure(f"{self.args}: nothing came in {DEADLINE} s")
        if raw is None:
            return None
        if self.was_killed and not raw.endswith(b"\n"):
            return self._take(timeout)
        self.raw.append(raw)
        check(raw.endswith(b"\n"), f"a line without an end: {raw!r}")
        line = json.loads(raw)
        check("kind" in line and "time" in line, f"a line without kind or time: {raw!r}")
        self.lines.append(line)
        return line

    def wait_for(self, kind, **members):
        """The next line of this kind with these members."""
        until = time.monotonic() + DEADLINE
        while True:
            line = self._take(max(0.01, until - time.monotonic()))
            if line is None:
                raise Failure(f"{self.args}: ended without {kind} {members}; {self.errors!r}")
            if line["kind"] == kind and all(name in line and line[name] == value for name, value in members.items()):
                return line

    def wait(self):
        """Everything that is still to come; the exit status."""
        if self._threads[1:]:
            while self._take(DEADLINE) is not None:
                pass
        try:
            status = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.args}: did not end")
        for thread in self._threads:
            thread.join(DEADLINE)
        return status

    def kinds(self):
        return [line["kind"] for line in self.lines]

    def of(self, kind, **members):
        return [line for line in self.lines
                if line["kind"] == kind and all(line.get(name) == value for name, value in members.items())]


def run(*args, stdin=b""):
    """Runs it to its end: status, lines, what it said on standard error."""
    done = subprocess.run([SIOCAT, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=DEADLINE * 2)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


class NodeServer:
    """tests/servers/server.mjs, a real Socket.IO 4, or 2 or 3."""

    def __init__(self, module="socket.io-v4", **options):
        self.module = module
        self.options = options
        self.port = options.get("port", 0)
        self.process = None
        self.start()

    def start(self):
        options = dict(self.options, port=self.port)
        self.process = subprocess.Popen(
            ["node", str(SOURCE_DIR / "servers" / "server.mjs"), self.module, json.dumps(options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().split()
        check(len(line) == 2 and line[0] == b"port", "the Node.js server did not start; are its packages installed?")
        self.port = int(line[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Serve(Siocat):
    """siocat serve."""

    def __init__(self, *args):
        super().__init__("serve", *args, stdin=False)
        self.port = self.wait_for("listening")["port"]
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()


def main(tests, fixtures=()):
    """Runs the tests as TAP. fixtures are context managers that all of them share."""
    wanted = sys.argv[2:]
    tests = [test for test in tests if not wanted or test.__name__ in wanted]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__.removeprefix("test_").replace("_", "-")
        begun = time.monotonic()
        try:
            test()
            print(f"ok {number} {name} # {time.monotonic() - begun:.2f} s", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} {name}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            sys.stdout.flush()
    for fixture in fixtures:
        fixture.__exit__(None, None, None)
    sys.exit(1 if failed else 0)
