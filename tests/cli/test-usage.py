# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""siocat's command line: what is wrong is said on standard error, by name, and exits with 1."""

import os
import tempfile

from siocat_test import check, main, run

URL = "http://127.0.0.1:1"

# Each is refused with a sentence that has the word in it.
WRONG = [
    ([], "command"),
    (["fly"], "fly"),
    (["--count", "1"], "--count"),
    (["doctor"], "URL"),
    (["doctor", URL, "more"], "more"),
    (["doctor", "ftp://localhost"], "URL"),
    (["doctor", "--server", "5", URL], "--server"),
    (["connect"], "URL"),
    (["connect", URL, "more"], "more"),
    (["connect", "http://"], "URL"),
    (["connect", "ftp://localhost"], "URL"),
    (["connect", "--fly", URL], "--fly"),
    (["connect", "--count", "x", URL], "--count"),
    (["connect", "--count", "0", URL], "--count"),
    (["connect", "--count", "-1x", URL], "--count"),
    (["connect", "--duration", "-1", URL], "--duration"),
    (["connect", "--duration", "nan", URL], "--duration"),
    (["connect", "--duration", "long", URL], "--duration"),
    (["connect", "--show", "all", URL], "--show"),
    (["connect", "--emit", "x", URL], "--emit"),
    (["connect", "--emit", "[]", URL], "--emit"),
    (["connect", "--emit", "[1]", URL], "--emit"),
    (["connect", "--emit", '{"a":1}', URL], "--emit"),
    (["connect", "--emit", '["a",{"$binary":"A"},]', URL], "--emit"),
    (["connect", "--auth", "token", URL], "--auth"),
    (["connect", "--auth", "[1]", URL], "--auth"),
    (["connect", "--transports", "pigeon", URL], "--transports"),
    (["connect", "--transports", "", URL], "--transports"),
    (["connect", "--transports", "polling,polling", URL], "--transports"),
    (["connect", "--header", "no colon", URL], "--header"),
    (["connect", "--header", "A: b\r\nC: d", URL], "--header"),
    (["connect", "--query", "novalue", URL], "--query"),
    (["connect", "--query", b"k=\xff", URL], "--query"),
    (["connect", "--timeout", "-1", URL], "--timeout"),
    (["connect", "--timeout", "99999999999", URL], "--timeout"),
    (["connect", "--reconnection-attempts", "-2", URL], "--reconnection-attempts"),
    (["connect", "--reconnection-delay", "1.5", URL], "--reconnection-delay"),
    (["connect", "--reconnection-delay-max", "-1", URL], "--reconnection-delay-max"),
    (["connect", "--randomization-factor", "2", URL], "--randomization-factor"),
    (["connect", "--ack-timeout", "-1", URL], "--ack-timeout"),
    (["connect", "--max-payload", "0", URL], "--max-payload"),
    (["connect", "--max-payload", "999999999999", URL], "--max-payload"),
    (["connect", "--server", "1", URL], "--server"),
    (["connect", "--server", "", URL], "--server"),
    (["connect", "--server", "2.5", URL], "--server"),
    (["connect", "--parser", "xml", URL], "--parser"),
    (["connect", "--retries", "-1", URL], "--retries"),
    (["connect", "--retries", "many", URL], "--retries"),
    (["connect", "--request-timeout", "-1", URL], "--request-timeout"),
    (["connect", "--protocol", "two words", URL], "--protocol"),
    (["connect", "--protocol", "", URL], "--protocol"),
    (["connect", "--protocol", "a", "--protocol", "a", URL], "--protocol"),
    (["connect", "--trust", "AB:CD", URL], "--trust"),
    (["connect", "--trust", "x" * 64, URL], "--trust"),
    (["connect", "--proxy", "not a proxy", URL], "--proxy"),
    (["connect", "--proxy", "ftp://127.0.0.1:1", URL], "--proxy"),
    (["connect", "--local-address", "localhost", URL], "--local-address"),
    (["connect", "--local-address", "300.0.0.1", URL], "--local-address"),
    (["connect", "--key", "key.pem", URL], "--key"),
    (["connect", "--pfx", "a.pfx", "--cert", "a.pem", URL], "--pfx"),
    (["connect", "--header", "X: \x1b", URL], "--header"),
    (["emit", "--server", "6", URL, "event"], "--server"),
    (["emit", URL], "EVENT"),
    (["emit", URL, "event", "not json"], "ARG 1"),
    (["emit", URL, "event", "1", "{"], "ARG 2"),
    (["serve", "extra"], "extra"),
    (["serve", "--port", "65536"], "--port"),
    (["serve", "--port", "x"], "--port"),
    (["serve", "--host", "0.0.0.0"], "--host"),
    (["serve", "--host", "example.com"], "--host"),
    (["serve", "--ping-interval", "0"], "--ping-interval"),
    (["serve", "--ping-timeout", "-5"], "--ping-timeout"),
    (["serve", "--max-payload", "0"], "--max-payload"),
    (["serve", "--demo", "--engine-echo"], "--demo"),
    (["print"], "FILE"),
    (["print", "a", "b"], "FILE"),
    (["print", "--format", "pdf", "a"], "--format"),
    (["print", "--show", "x", "a"], "--show"),
    (["print", "--show", "rows", "--format", "csv", "a"], "--show"),
    (["print", "--format", "sioscope", "a"], "--output"),
    (["print", "--filter", b"\xff", "a"], "--filter"),
]

# One option for each of the official client's; and what is only siocat's.
CONTRACT = (
    "path server transports no-upgrade remember-upgrade try-all-transports query header auth with-credentials force-base64 "
    "no-timestamp timestamp-param protocol parser no-compression ca cert key insecure passphrase-file proxy local-address "
    "no-reconnection reconnection-attempts reconnection-delay reconnection-delay-max randomization-factor timeout "
    "ack-timeout retries max-payload namespace emit show count duration record no-stdin quiet").split()

# Files that cannot be read: exit status 6.
UNREADABLE = ["--ca", "--cert", "--pfx", "--passphrase-file"]


def test_wrong_usage():
    for args, word in WRONG:
        status, out, err = run(*args)
        check(status == 1, f"{args}: exit status {status}: {err}")
        check(out == b"", f"{args}: printed {out!r}")
        check(word in err and err.startswith("siocat: ") and err.count("\n") == 1, f"{args}: said {err!r}")


def test_accepted_options():
    """Everything is taken: it then fails to connect, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        passphrase = os.path.join(folder, "passphrase")
        with open(passphrase, "w", encoding="utf-8") as file:
            file.write("secret\n")
        status, out, err = run(
            "connect", "--path", "/x/", "--no-trailing-slash", "--server", "4", "--transports", "websocket,polling",
            "--no-upgrade", "--remember-upgrade", "--try-all-transports", "--query", "a=b", "--query", "c=d e",
            "--header", "X-A: b", "--auth", '{"a":1}', "--with-credentials", "--force-base64", "--no-timestamp",
            "--timestamp-websocket", "--timestamp-param", "q", "--protocol", "one", "--protocol", "two", "--parser", "msgpack",
            "--no-compression", "--passphrase-file", passphrase, "--insecure", "--trust", "ab" * 32,
            "--trust", ":".join(["CD"] * 32), "--proxy", "direct://", "--local-address", "127.0.0.1", "--no-reconnection",
            "--reconnection-attempts", "1", "--reconnection-delay", "1", "--reconnection-delay-max", "2",
            "--randomization-factor", "0.1", "--timeout", "1000", "--request-timeout", "900", "--ack-timeout", "10",
            "--retries", "2", "--max-payload", "1000", "--namespace", "/b", "--emit", '["a"]', "--show", "frames",
            "--count", "1", "--duration", "10", URL)
    check(status == 2, f"exit status {status}: {err}")
    check(err == "", f"said {err!r}")


def test_option_files():
    """A file that an option names and that cannot be read is said at once."""
    with tempfile.TemporaryDirectory() as folder:
        missing = os.path.join(folder, "missing")
        empty = os.path.join(folder, "empty")
        endless = os.path.join(folder, "endless")
        open(empty, "wb").close()
        with open(endless, "wb") as file:
            file.write(b"x" * 5000)
        for option in UNREADABLE:
            for path in (missing, empty, folder):
                for command in (["connect"], ["emit"], ["doctor"]):
                    status, out, err = run(*command, option, path, URL, *(["event"] if command == ["emit"] else []))
                    check(status == 6 and out == b"" and option in err and path in err, f"{option} {path}: {status} {err!r}")
        status, _, err = run("connect", "--cert", endless, "--key", missing, URL)
        check(status == 6 and "--key" in err, f"--key: {status} {err!r}")
        status, _, err = run("connect", "--passphrase-file", endless, URL)
        check(status == 6 and "--passphrase-file" in err, f"an endless passphrase: {status} {err!r}")


def test_help():
    for args in (["--help"], ["-h"], ["connect", "--help"], ["emit", "--help"], ["doctor", "--help"], ["serve", "--help"], ["print", "--help"]):
        status, out, err = run(*args)
        check(status == 0 and err == "" and b"Usage:" in out, f"{args}: {status} {err!r} {out!r}")
    _, out, _ = run("connect", "--help")
    check(b"siocat connect [OPTION" in out, out.decode("utf-8", "replace"))
    for option in CONTRACT:
        check(("--" + option).encode() in out, f"{option} is missing")
    status, out, _ = run("--version")
    check(status == 0 and out.startswith(b"siocat "), f"{out!r}")


def test_files():
    with tempfile.TemporaryDirectory() as folder:
        garbage = os.path.join(folder, "garbage")
        empty = os.path.join(folder, "empty")
        with open(garbage, "wb") as file:
            file.write(os.urandom(100000))
        open(empty, "wb").close()
        for path in (os.path.join(folder, "missing"), garbage, empty, folder):
            status, out, err = run("print", path)
            check(status == 6 and out == b"" and path in err, f"{path}: {status} {out!r} {err!r}")
        status, out, err = run("connect", "--record", garbage, URL)
        check(status == 6 and "--record" in err, f"an existing file: {status} {err!r}")
        status, out, err = run("connect", "--record", os.path.join(folder, "no", "folder"), URL)
        check(status == 6 and "--record" in err, f"no folder: {status} {err!r}")
        status, out, err = run("emit", URL, "event", "@" + os.path.join(folder, "missing"))
        check(status == 6 and "ARG 1" in err, f"a missing argument file: {status} {err!r}")


main([test_wrong_usage, test_accepted_options, test_option_files, test_help, test_files])
