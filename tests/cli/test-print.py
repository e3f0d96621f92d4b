#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""siocat print: filters, formats, files in their place, and what is left out."""

import csv
import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

from siocat_test import NodeServer, SIOCAT, check, main, run

folder = tempfile.TemporaryDirectory()
server = NodeServer()
RECORDING = os.path.join(folder.name, "session.sioscope")
FORMATS = ("ndjson", "csv", "har", "text", "sioscope")


def record():
    commands = b"".join(line + b"\n" for line in (
        b'{"emit":["echo","first",1.0],"ack":true}', b'["types"]', b'{"emit":["ack",{"token":"tok-f00dbeef42"}],"ack":true}', b'["binary"]',
        b'{"connect":"/admin"}', b'{"emit":["echo","the tok-f00dbeef42 again"],"ack":true}',
        b'{"emit":["echo","there"],"nsp":"/admin","ack":true}'))
    status, _, err = run("connect", "--record", RECORDING, "--show", "frames", server.url, stdin=commands)
    check(status == 0, (status, err))


def lines(*args):
    status, out, err = run("print", *args, RECORDING)
    check(status == 0 and err == "", (args, status, err))
    return [json.loads(line) for line in out.splitlines()]


def names():
    return set(os.listdir(folder.name))


def test_filter():
    every = [line for line in lines() if line["kind"] == "event"]
    some = lines("--filter", "event:echo dir:in")
    check(some == [line for line in every if line["event"] == "echo" and line["direction"] == "in"] and len(some) == 3, some)
    check(lines("--filter", "ns:/admin kind:event") == [line for line in every if line["nsp"] == "/admin"], "namespace")
    check(lines("--filter", "") == lines(), "an empty filter")
    acks = lines("--filter", "ack:ok")
    check({line["event"] for line in acks} == {"echo", "ack"} and {line["kind"] for line in acks} <= {"event", "ack"}, acks)
    only_ack = lines("--filter", "kind:ack")
    check([line["event"] for line in only_ack].count("echo") == 3 and {line["kind"] for line in only_ack} == {"ack"}, only_ack)  # its event is named, wanted or not
    binary = lines("--filter", "event:binary dir:in")
    check(len(binary) == 1 and "$binary" in json.dumps(binary), binary)


def test_filter_mistake():
    for query, start in (("event:tick and (", None), ("size:>x", None), ("/[/", None)):
        status, out, err = run("print", "--filter", query, RECORDING)
        said = err.splitlines()
        check(status == 1 and out == b"" and len(said) == 3, (query, status, err))
        check(said[0].startswith("siocat: --filter: ") and said[1] == "  " + query, err)
        check(said[2].strip("^ ") == "" and "^" in said[2] and said[2].index("^") <= len(query) + 2, err)


def test_formats():
    status, rows, _ = run("print", "--show", "rows", RECORDING)
    check(status == 0 and rows.count(b"\n") > 20, rows[:200])
    status, table, _ = run("print", "--format", "csv", RECORDING)
    parsed = list(csv.reader(io.StringIO(table.decode(), newline="")))
    check(status == 0 and len({len(row) for row in parsed}) == 1, "columns")
    check(parsed[0][:2] == ["row", "time"] and len(parsed) > 20, parsed[0])
    status, har, _ = run("print", "--format", "har", RECORDING)
    check(status == 0 and json.loads(har)["log"]["version"] == "1.2", har[:200])
    status, text, _ = run("print", "--format", "text", RECORDING)
    check(status == 0 and "→ / echo  [\"first\",1.0]".encode() in text, text[-500:])


def test_foreign_files():
    """What was exported is printed like what it was made from, and nothing of it stays."""
    rows = os.path.join(folder.name, "rows")
    private = os.path.join(folder.name, "tmp")
    os.mkdir(private)
    status, _, err = run("print", "--show", "rows", "--output", rows, RECORDING)
    check(status == 0 and err == "", err)
    environment = dict(os.environ, TMPDIR=private)
    done = subprocess.run([SIOCAT, "print", "--show", "frames", rows], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    check(done.returncode == 0 and done.stdout == run("print", "--show", "frames", RECORDING)[1], done.stderr)
    broken = os.path.join(folder.name, "broken")
    with open(rows, "rb") as file, open(broken, "wb") as half:
        half.write(file.read()[:-40])
    done = subprocess.run([SIOCAT, "print", broken], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    check(done.returncode == 6 and done.stdout == b"" and broken.encode() in done.stderr, (done.returncode, done.stderr))
    check(os.listdir(private) == [], "something was left")
    # A file is named once.
    for wrong in (os.path.join(folder.name, "none"), "/dev/null"):
        status, out, err = run("print", wrong)
        check(status == 6 and out == b"" and err.count(wrong) == 1, (status, err))
    os.rmdir(private)
    os.unlink(rows)
    os.unlink(broken)


def test_output():
    before = names()
    path = os.path.join(folder.name, "out")
    for format in FORMATS:
        with open(path, "wb") as file:
            file.write(b"old")
        status, out, err = run("print", "--format", format, "--output", path, RECORDING)
        check(status == 0 and out == b"" and err == "", (format, status, err))
        check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "mode")
        with open(path, "rb") as file:
            written = file.read()
        if format != "sioscope":
            check(written == run("print", "--format", format, RECORDING)[1], format)
        else:
            check(run("print", "--show", "frames", path)[1] == run("print", "--show", "frames", RECORDING)[1], format)
    os.unlink(path)
    check(names() == before, names())


def test_output_refused():
    before = names()
    with open(RECORDING, "rb") as file:
        recording = file.read()
    status, _, err = run("print", "--output", RECORDING, RECORDING)
    check(status == 1 and "--output" in err, (status, err))
    link = os.path.join(folder.name, "link")
    os.link(RECORDING, link)
    check(run("print", "--output", link, RECORDING)[0] == 1, "the same under another name")
    os.unlink(link)
    os.symlink(os.path.join(folder.name, "nothing"), link)
    for path in (folder.name, os.path.join(folder.name, "no", "such"), "/dev/full", link):
        for format in FORMATS:
            status, out, err = run("print", "--format", format, "--output", path, RECORDING)
            check(status == 6 and out == b"" and path.rstrip("/").rsplit("/", 1)[0] in err and err.count("\n") == 1, (path, err))
    os.unlink(link)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([SIOCAT, "print", RECORDING], stdout=full, stderr=subprocess.PIPE)
    check(done.returncode == 6 and b"No space left" in done.stderr, (done.returncode, done.stderr))
    with open(RECORDING, "rb") as file:
        check(file.read() == recording, "the recording was touched")
    check(names() == before, names())


def test_full_disk():
    """A write that fails: what was there stays, and no half file."""
    before = names()
    path = os.path.join(folder.name, "out")
    for format in FORMATS:
        with open(path, "wb") as file:
            file.write(b"old")
        done = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 2; exec "$0" "$@"', SIOCAT, "print", "--format", format,
                               "--output", path, RECORDING], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(done.returncode == 6 and path.encode() in done.stderr, (format, done.returncode, done.stderr))
        with open(path, "rb") as file:
            check(file.read() == b"old", format)
    os.unlink(path)
    check(names() == before, names())


def test_failing_calls():
    """What the disk may say at the last moment: the old file is there, whole."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-o", "/dev/null", "true"]).returncode != 0:
        print("# no strace here")
        return
    before = names()
    path = os.path.join(folder.name, "out")
    for calls, error, words in (("fsync,fdatasync", "EIO", "Input/output"), ("rename,renameat,renameat2", "EROFS", "Read-only")):
        for format in ("csv", "sioscope"):
            with open(path, "wb") as file:
                file.write(b"old")
            done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}:when=1",
                                   SIOCAT, "print", "--format", format, "--output", path, RECORDING], stderr=subprocess.PIPE,
                                  env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))  # which is traced itself
            with open(path, "rb") as file:
                check(file.read() == b"old", (calls, format))
            check(done.returncode == 6 and words.encode() in done.stderr, (calls, format, done.returncode, done.stderr))
    os.unlink(path)
    check(names() == before, names())


def test_pipe_closes():
    done = subprocess.run(["sh", "-c", '"$0" print --show frames "$1" | head -n 1', SIOCAT, RECORDING], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    check(done.stdout.count(b"\n") == 1 and done.stderr == b"", done.stderr)


def test_interrupt():
    """While nobody reads, and into a file: it ends, and nothing half is left."""
    before = names()
    large = os.path.join(folder.name, "large")
    status, rows, _ = run("print", "--show", "rows", RECORDING)
    with Large(large):
        for extra in (["--output", os.path.join(folder.name, "out")], []):
            process = subprocess.Popen([SIOCAT, "print", "--redact", "--show", "rows", *extra, large], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
            until = time.monotonic() + 20
            if extra:  # as soon as it is at it
                while not any(name.endswith(".part") for name in os.listdir(folder.name)) and process.poll() is None:
                    check(time.monotonic() < until, "it did not begin")
            else:
                process.stdout.read(1)
            process.send_signal(signal.SIGINT)
            status = process.wait(20)
            check(status in (-signal.SIGINT, 0), status)
            check(process.stderr.read() == b"", "it said something")
            process.stdout.close()
            process.stderr.close()
            check(status != 0 or not extra or os.path.exists(extra[1]), "done, and not there")
            if extra and os.path.exists(extra[1]):
                os.unlink(extra[1])
    check(names() == before, names())


class Large:
    """A recording of many rows: the same packet again and again."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        status, _, err = run("connect", "--no-stdin", "--record", self.path, "--quiet", "--count", "60001", "--emit",
                             '["flood",60000]', server.url)
        check(status == 0, err)

    def __exit__(self, *_):
        os.unlink(self.path)


def test_redact():
    for format in FORMATS[:4]:
        args = ["--format", format] + (["--show", "rows"] if format == "ndjson" else [])
        _, plain, _ = run("print", *args, RECORDING)
        _, redacted, _ = run("print", "--redact", *args, RECORDING)
        check(b"tok-f00dbeef42" in plain, format)
        check(b"tok-f00dbeef42" not in redacted and b"[redacted]" in redacted, format)
        check(format == "har" or plain.count(b"\n") + (format == "text") == redacted.count(b"\n"), format)
    for show in ("events", "packets", "frames"):
        _, plain, _ = run("print", "--show", show, RECORDING)
        _, redacted, _ = run("print", "--redact", "--show", show, RECORDING)
        check(plain.count(b"\n") == redacted.count(b"\n"), show)
        check(b"tok-f00dbeef42" in plain and b"tok-f00dbeef42" not in redacted, show)
        ids = [line["sid"] for line in map(json.loads, plain.splitlines()) if line["kind"] == "state" and "sid" in line]
        ids += [line["id"] for line in map(json.loads, plain.splitlines()) if line["kind"] == "connect"]
        check(len(ids) >= 2 and not any(each.encode() in redacted for each in ids), ids)


record()
main([test_filter, test_filter_mistake, test_formats, test_foreign_files, test_output, test_output_refused, test_full_disk, test_failing_calls,
      test_pipe_closes, test_interrupt, test_redact], [server, folder])
