#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""siocat on disks that refuse: a connection that is recorded goes on and says why the file does not; what is written over an
older file leaves that one as it was. strace makes the system calls of a real siocat fail; what cannot be injected, a write that
takes only a part, comes from a limit on the size of files and from a small file system that is full."""

import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from siocat_test import DEADLINE, NodeServer, SIOCAT, check, main, run  # noqa: E402

FORMATS = ("ndjson", "csv", "har", "text", "sioscope")
ERRORS = {"ENOSPC": "No space left on device", "EIO": "Input/output error", "EDQUOT": "Disk quota exceeded",
          "EMFILE": "Too many open files", "EACCES": "Permission denied", "EROFS": "Read-only file system"}
DONE, FILE = 0, 6
N_EMITS = 300
# the leak checker cannot trace what is traced
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")

server = NodeServer()
folder = tempfile.TemporaryDirectory()
GOOD = os.path.join(folder.name, "good.sioscope")


def can_inject():
    if shutil.which("strace") is None:
        return "strace is not installed"
    try:
        done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "true"],
                              stderr=subprocess.DEVNULL)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else "strace may not trace here"


def strace(inject, *args, path=None, stdin=b""):
    """siocat under strace, which makes these calls fail: (calls, error, when)."""
    calls, error, when = inject
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", *(["-P", path] if path else []), "-e", f"trace={calls}",
         "-e", f"inject={calls}:error={error}:when={when}", SIOCAT, *args],
        input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE * 3, env=ENVIRONMENT)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def emits(n=N_EMITS):
    return b"".join(b'{"emit":["echo",%d,"%s"],"ack":true}\n' % (i, b"x" * (i % 7 * 300)) for i in range(n))


def connect(inject, path, *args, only=None, n=N_EMITS):
    return strace(inject, "connect", *args, "--record", path, server.url, path=only, stdin=emits(n))


def echoes(output):
    lines = [json.loads(line) for line in output.splitlines()]
    return [line["args"][0] for line in lines if line["kind"] == "event" and line["direction"] == "in" and line["event"] == "echo"]


def check_prefix(path):
    """The file opens, and its events are the first ones. Returns how many."""
    status, out, err = run("print", path)
    check(status == DONE, (status, err))
    found = echoes(out)
    check(found == list(range(len(found))), found)
    return len(found)


def in_folder(test):
    with tempfile.TemporaryDirectory() as place:
        test(place)
        return set(os.listdir(place))


def test_record_write():
    """From some write on the disk takes nothing: every event is printed all the same, the file has the first ones."""
    for error in ("ENOSPC", "EIO", "EDQUOT"):
        for when in ("1+", "2+", "3", "7+"):
            def one(place):
                path = os.path.join(place, "a.sioscope")
                status, out, err = connect(("pwritev", error, when), path)
                check(echoes(out) == list(range(N_EMITS)), (error, when, "not all events came", err))
                kept = check_prefix(path)
                if when == "7+" and status == DONE:
                    check(err == "" and kept == N_EMITS, (err, kept))  # there were not so many
                    return
                check(status == FILE, (error, when, status, err))
                check(ERRORS[error] in err and "goes on in memory" in err and path in err, err)
                check(kept < N_EMITS and (kept == 0 or when != "1+"), kept)
            check(in_folder(one) == {"a.sioscope"}, "something was left")


def test_record_sync():
    """Once a second it is asked onto the disk, and the disk says no: from then on the file does not grow."""
    def one(place):
        path = os.path.join(place, "a.sioscope")
        process = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=1+",
             SIOCAT, "connect", "--record", path, server.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
        n_emits = n_same = size = 0
        until = time.monotonic() + DEADLINE
        while n_same < 10 and time.monotonic() < until:
            process.stdin.write(b'{"emit":["echo",%d],"ack":true}\n' % n_emits)
            process.stdin.flush()
            n_emits += 1
            while True:
                line = json.loads(process.stdout.readline())
                if line["kind"] == "event" and line["direction"] == "in" and line["event"] == "echo":
                    break
            # the row is written at the latest before siocat waits for the next command
            time.sleep(0.02)
            before, size = size, os.path.getsize(path)
            n_same = n_same + 1 if size == before else 0
        check(n_same == 10, "the file still grows")
        out, err = process.communicate(timeout=DEADLINE)
        check(process.returncode == FILE and ERRORS["EIO"] in err.decode() and "goes on in memory" in err.decode(), err)
        check(check_prefix(path) < n_emits, "all of it is in the file")
    in_folder(one)


def test_record_refused():
    """A file that cannot be made is said before anything is connected, and leaves nothing."""
    for calls, error in (("openat", "EMFILE"), ("openat", "EACCES"), ("openat", "EROFS"), ("pwrite64", "ENOSPC")):
        def one(place):
            path = os.path.join(place, "a.sioscope")
            status, out, err = connect((calls, error, "1+"), path, only=path, n=1)
            check(status == FILE and out == b"", (calls, error, status, out))
            check(ERRORS[error] in err and path in err, err)
        left = in_folder(one)
        check(left <= {"a.sioscope"}, left)


def test_record_folder():
    """A folder that may not be written."""
    if os.geteuid() == 0:
        print("# root may write anywhere: only the error codes were tried")
        return
    def one(place):
        os.chmod(place, 0o500)
        path = os.path.join(place, "a.sioscope")
        status, out, err = run("connect", "--record", path, server.url)
        os.chmod(place, 0o700)
        check(status == FILE and ERRORS["EACCES"] in err, (status, err))
    check(in_folder(one) == set(), "something was left")


def limit_files(size):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def test_record_short_write():
    """The last write takes a part of what it was given."""
    for size in (20000, 65536 + 12345, 100001):
        def one(place):
            path = os.path.join(place, "a.sioscope")
            done = subprocess.run([SIOCAT, "connect", "--record", path, server.url], input=emits(), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=DEADLINE * 2, preexec_fn=limit_files(size), restore_signals=False)
            check(echoes(done.stdout) == list(range(N_EMITS)), done.stderr)
            check(done.returncode == FILE and b"File too large" in done.stderr, (done.returncode, done.stderr))
            check(os.path.getsize(path) <= size, os.path.getsize(path))
            check(check_prefix(path) < N_EMITS, "all of it was written")
        in_folder(one)


OLD = b"what was there before\n"


def check_export_refused(place, result, reason, what):
    status, out, err = result
    check(status == FILE, (what, status, err))
    check(reason in err and os.path.join(place, "out") in err, (what, err))
    with open(os.path.join(place, "out"), "rb") as file:
        check(file.read() == OLD, (what, "the old file was touched"))
    check(os.listdir(place) == ["out"], (what, os.listdir(place)))


def write_old(place):
    path = os.path.join(place, "out")
    with open(path, "wb") as file:
        file.write(OLD)
    return path


def test_print_injected():
    """Each call that puts the new file in the old one's place fails."""
    faults = [("fsync,fdatasync", "EIO", "1"), ("fsync,fdatasync", "ENOSPC", "1"), ("rename,renameat,renameat2", "EROFS", "1+"),
              ("rename,renameat,renameat2", "EACCES", "1+"), ("rename,renameat,renameat2", "EDQUOT", "1+")]
    copy_faults = [("pwritev", "ENOSPC", "1+"), ("pwritev", "EDQUOT", "2"), ("pwrite64", "EIO", "1+")]
    for name in FORMATS:
        for fault in faults + (copy_faults if name == "sioscope" else []):
            def one(place):
                path = write_old(place)
                result = strace(fault, "print", "--format", name, "--output", path, GOOD)
                check_export_refused(place, result, ERRORS[fault[1]], (name, fault))
            in_folder(one)


def test_print_no_descriptor():
    """The new file cannot be made: none of the names that are tried may be opened."""
    for error in ("EMFILE", "EACCES"):
        def one(place):
            path = write_old(place)
            # the folder itself is what is opened first
            result = strace(("openat", error, "1+"), "print", "--output", path, GOOD, path=place)
            status, _, err = result
            check(status == FILE and ERRORS[error] in err and place in err, (status, err))
            with open(path, "rb") as file:
                check(file.read() == OLD, "the old file was touched")
        check(in_folder(one) == {"out"}, "something was left")


def test_print_short_write():
    for name in FORMATS:
        def one(place):
            path = write_old(place)
            done = subprocess.run([SIOCAT, "print", "--format", name, "--output", path, GOOD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE * 2,
                                  preexec_fn=limit_files(10000), restore_signals=False)
            check_export_refused(place, (done.returncode, done.stdout, done.stderr.decode()), "File too large", name)
        in_folder(one)


def test_print_full_disk():
    """A file system of 64 KiB, in a namespace of its own."""
    enter = ["unshare", "-rm"]
    script = 'mount -t tmpfs -o size=64k none "$1" || exit 99; cp "$2" "$1/out"; shift 2; "$@"; status=$?; ls -A "$0"; cat "$0/out"; exit $status'
    for name in FORMATS:
        def one(place):
            old = os.path.join(folder.name, "old")
            with open(old, "wb") as file:
                file.write(OLD)
            done = subprocess.run([*enter, "sh", "-c", script, place, place, old, SIOCAT, "print", "--format", name,
                                   "--output", os.path.join(place, "out"), GOOD],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE * 2)
            if done.returncode in (1, 99) and b"siocat" not in done.stderr:
                print(f"# no mount here: {done.stderr.decode().strip()}")
                return
            check(done.returncode == FILE, (name, done.returncode, done.stderr))
            check(ERRORS["ENOSPC"].encode() in done.stderr and place.encode() in done.stderr, done.stderr)
            check(done.stdout == b"out\n" + OLD, (name, done.stdout))
        in_folder(one)


def test_read_only():
    """A file system that may only be read, in a namespace of its own: root may not write there either."""
    script = ('mount -t tmpfs none "$1" || exit 99; cp "$2" "$1/out"; mount -o remount,ro "$1" || exit 99; shift 2; "$@" </dev/null; '
              'status=$?; ls -A "$0"; cat "$0/out"; exit $status')
    def one(place):
        out = os.path.join(place, "out")
        old = os.path.join(folder.name, "old")
        with open(old, "wb") as file:
            file.write(OLD)
        for args, said in ((("connect", "--record", os.path.join(place, "a.sioscope"), server.url), "a.sioscope"),
                           *(((("print", "--format", name, "--output", out, GOOD), "out")) for name in FORMATS)):
            done = subprocess.run(["unshare", "-rm", "sh", "-c", script, place, place, old, SIOCAT, *args],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE * 2)
            if done.returncode in (1, 99) and b"siocat" not in done.stderr:
                print(f"# no mount here: {done.stderr.decode().strip()}")
                return
            check(done.returncode == FILE, (args, done.returncode, done.stderr))
            check(ERRORS["EROFS"].encode() in done.stderr and os.path.join(place, said).encode() in done.stderr, done.stderr)
            check(done.stdout == b"out\n" + OLD, (args, done.stdout))
    check(in_folder(one) == set(), "something was left")


WITH_STRACE = (test_record_write, test_record_sync, test_record_refused, test_print_injected, test_print_no_descriptor)
OTHERS = (test_record_folder, test_read_only, test_record_short_write, test_print_short_write, test_print_full_disk)

recorded, _, message = run("connect", "--record", GOOD, server.url, stdin=emits())
check(recorded == DONE, (recorded, message))
why_not = can_inject()
if why_not:
    # nobody shall think that they ran
    for test in WITH_STRACE:
        print(f"# {test.__name__} is skipped, no system call was made to fail: {why_not}")
main((() if why_not else WITH_STRACE) + OTHERS, fixtures=(server,))
