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
    (["doctor", URL], "doctor"),
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
    (["connect", "--parser", "xml", URL], "--parser"),
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
]

# In the contract, and not in this version: never swallowed.
LATER = [
    (["--server", "2"], "--server 2"),
    (["--parser", "msgpack"], "--parser msgpack"),
    (["--remember-upgrade"], "--remember-upgrade"),
    (["--try-all-transports"], "--try-all-transports"),
    (["--with-credentials"], "--with-credentials"),
    (["--protocol", "x"], "--protocol"),
    (["--ca", "x"], "--ca"),
    (["--cert", "x"], "--cert"),
    (["--key", "x"], "--key"),
    (["--insecure"], "--insecure"),
    (["--passphrase-file", "x"], "--passphrase-file"),
    (["--proxy", "http://127.0.0.1:1"], "--proxy"),
    (["--local-address", "127.0.0.1"], "--local-address"),
    (["--retries", "3"], "--retries"),
]


def test_wrong_usage():
    for args, word in WRONG:
        status, out, err = run(*args)
        check(status == 1, f"{args}: exit status {status}: {err}")
        check(out == b"", f"{args}: printed {out!r}")
        check(word in err and err.startswith("siocat: ") and err.count("\n") == 1, f"{args}: said {err!r}")


def test_not_in_this_version():
    for args, word in LATER:
        for command in (["connect"], ["emit"]):
            status, out, err = run(*command, *args, URL, *(["event"] if command == ["emit"] else []))
            check(status == 1 and out == b"", f"{args}: exit status {status}")
            check(word in err and "not supported" in err, f"{args}: said {err!r}")
    for args, word in ((["--format", "csv"], "--format csv"), (["--filter", "x"], "--filter"), (["--redact"], "--redact")):
        status, out, err = run("print", *args, "file")
        check(status == 1 and word in err and "not supported" in err, f"{args}: {status} {err!r}")


def test_accepted_options():
    """Everything that this version has is taken: it then fails to connect, and nothing else."""
    status, out, err = run(
        "connect", "--path", "/x/", "--server", "4", "--transports", "websocket,polling", "--no-upgrade",
        "--query", "a=b", "--query", "c=d e", "--header", "X-A: b", "--auth", '{"a":1}', "--force-base64",
        "--no-timestamp", "--timestamp-param", "q", "--parser", "json", "--no-compression", "--no-reconnection",
        "--reconnection-attempts", "1", "--reconnection-delay", "1", "--reconnection-delay-max", "2",
        "--randomization-factor", "0.1", "--timeout", "1000", "--ack-timeout", "10", "--max-payload", "1000",
        "--namespace", "/b", "--emit", '["a"]', "--show", "frames", "--count", "1", "--duration", "10", URL)
    check(status == 2, f"exit status {status}: {err}")
    check(err == "", f"said {err!r}")


def test_help():
    for args in (["--help"], ["-h"], ["connect", "--help"], ["emit", "--help"], ["serve", "--help"], ["print", "--help"]):
        status, out, err = run(*args)
        check(status == 0 and err == "" and b"Usage:" in out, f"{args}: {status} {err!r} {out!r}")
    _, out, _ = run("connect", "--help")
    check(b"siocat connect [OPTION" in out, out.decode("utf-8", "replace"))
    check(b"--randomization-factor" in out, "an option is missing")
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


main([test_wrong_usage, test_not_in_this_version, test_accepted_options, test_help, test_files])
