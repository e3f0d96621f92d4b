# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""siocat connect, emit and print against a real Socket.IO 4 server."""

import difflib
import fcntl
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

from siocat_test import DEADLINE, SIOCAT, NodeServer, Siocat, check, main, run

server = NodeServer()


def test_lines():
    """Each kind of line, in order, with its members."""
    with Siocat("connect", server.url) as cat:
        connecting = cat.wait_for("state", state="connecting")
        opened = cat.wait_for("state", state="open")
        connected = cat.wait_for("connect", nsp="/")
        if not cat.of("state", state="upgraded"):
            cat.wait_for("state", state="upgraded", transport="websocket")
        cat.send(["echo", "a", {"b": [1, None]}])
        out = cat.wait_for("event", direction="out")
        back = cat.wait_for("event", direction="in", event="echo")
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")
    check(connecting["transport"] == "polling", connecting)
    check(opened["eio"] == 4 and opened["server"] in (3, 4) and len(opened["sid"]) > 10, opened)
    check(opened["ping_interval_ms"] == 25000 and opened["ping_timeout_ms"] == 20000, opened)
    check(opened["max_payload"] == 32 * 1024 * 1024 and opened["transport"] == "polling", opened)
    check(connected["recovered"] is False and connected["id"], connected)
    check(out["nsp"] == "/" and out["event"] == "echo" and out["args"] == ["a", {"b": [1, None]}], out)
    check("id" not in out and back["args"] == out["args"], back)
    check(cat.of("disconnect")[0]["reason"] == "io client disconnect", cat.lines)
    check(cat.of("disconnect")[0]["active"] is False, cat.lines)
    check(cat.of("state", state="upgrading"), cat.kinds())
    times = [line["time"] for line in cat.lines]
    check(times == sorted(times), "the times go back")
    check(all(re.match(rb'\{"kind":"[a-z_]+","time":\d+\.\d{6},', raw) for raw in cat.raw), "kind and time")


def test_every_transport():
    for args in (["--transports", "websocket"], ["--transports", "polling"], ["--no-upgrade"], []):
        with Siocat("connect", *args, server.url) as cat:
            cat.wait_for("connect")
            cat.send({"emit": ["types"]}, ["binary"])
            types = cat.wait_for("event", direction="in", event="types")
            binary = cat.wait_for("event", direction="in", event="binary")
            cat.end_input()
            check(cat.wait() == 0, "exit status")
        check(types["args"][14:16] == ["emoji 😀 and family 👨‍👩‍👧", "line\u2028separator\u2029"], types)
        check(binary["args"] == [{"deep": [{"$binary": "AQID"}, {"bytes": {"$binary": "/wD+"}, "none": {"$binary": ""}}],
                                  "text": "beside"}, {"$binary": "bGFzdA=="}], binary)
        upgraded = bool(cat.of("state", state="upgraded"))
        check(not (upgraded and args), f"{args} upgraded")


def test_end_of_input():
    """With nothing to say it connects and leaves; what was said is sent, and its ack is waited for."""
    status, out, err = run("connect", server.url)
    check(status == 0 and b'"kind":"connect"' in out and err == "", (status, out, err))
    status, out, err = run("connect", server.url, stdin=b'{"emit":["late-ack",300],"ack":true}\n["echo",1]')
    check(status == 0, (status, err))
    check(out.count(b'"kind":"ack"') == 1 and b'"args":["late"]' in out, out)
    check(out.count(b'"direction":"out","event":"echo"') == 1, out)


def test_bad_lines():
    """Each is told with its number, and nothing else happens."""
    bad = [
        b"", b"nonsense", b"1", b'"text"', b"null", b"[]", b"[1]", b'["a",]', b'["a"] ["b"]', b'{"emit":[]}', b'{"emit":"x"}',
        b"{}", b'{"fly":1}', b'{"emit":["a"],"close":true}', b'{"emit":["a"],"wings":2}', b'{"emit":["a"],"ack":1}',
        b'{"emit":["a"],"timeout":-1}', b'{"emit":["a"],"timeout":1.5}', b'{"emit":["a"],"nsp":"/nowhere"}',
        b'{"emit":["a"],"nsp":7}', b'{"ack":"7"}', b'{"ack":-1}', b'{"ack":1,"args":{}}', b'{"ack":1,"nsp":"/nowhere"}',
        b'{"connect":7}', b'{"connect":"/x","auth":[]}', b'{"disconnect":"/nowhere"}', b'{"transport":"open"}',
        b'{"open":false}', b'{"close":1}', b'["a\\u0000b"]', b'["\xff"]', b"[" * 100000, b'["a",' + b"[" * 5000 + b"]" * 5001,
        b'{"emit":["a"],"volatile":"yes"}',
    ]
    with Siocat("connect", server.url) as cat:
        cat.wait_for("connect")
        cat.send(*bad, ["echo", "still there"])
        cat.wait_for("event", direction="in", event="echo", args=["still there"])
        cat.end_input()
        check(cat.wait() == 0, "exit status")
    errors = cat.of("error")
    check([error["where"] for error in errors] == ["stdin"] * len(bad), errors)
    for number, error in enumerate(errors, 1):
        check(error["message"].startswith(f"line {number}: "), error)
        check(error["line"] == number, error)
    check(len(cat.of("event", direction="out")) == 1, "something was emitted")


def test_refused_commands():
    """Right lines that cannot be done are told too."""
    with Siocat("connect", server.url) as cat:
        cat.wait_for("connect")
        for line in (["connect"], ["disconnect", 1], {"ack": 77, "args": []}):
            cat.send(line)
            cat.wait_for("error")
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


def test_acks():
    with Siocat("connect", server.url) as cat:
        cat.wait_for("connect")
        cat.send({"emit": ["ack", 1, "two"], "ack": True, "timeout": 5000})
        out = cat.wait_for("event", direction="out")
        ack = cat.wait_for("ack", direction="in")
        check(ack["id"] == out["id"] and ack["args"] == [1, "two"] and ack["event"] == "ack", ack)
        check(0 < ack["rtt_ms"] < 5000, ack)
        cat.send({"emit": ["ack-binary"], "ack": True})
        ack = cat.wait_for("ack", direction="in")
        check(ack["args"][0]["deep"][0] == {"$binary": "AQID"}, ack)
        cat.send({"emit": ["no-ack", 1], "ack": True, "timeout": 100})
        late = cat.wait_for("ack_timeout")
        check(late["event"] == "no-ack" and late["id"] == ack["id"] + 1, late)
        cat.send(["ask", {"q": 1}])
        question = cat.wait_for("event", direction="in", event="question")
        cat.send({"ack": question["id"], "nsp": "/", "args": ["yes", {"$binary": "/+8="}]})
        check(cat.wait_for("ack", direction="out")["args"] == ["yes", {"$binary": "/+8="}], "the answer")
        check(cat.wait_for("event", event="answer")["args"] == ["yes", {"$binary": "/+8="}], "what the server heard")
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


def test_numbers_and_binary():
    """No digit is changed on the way out, and binary is told as it is written."""
    with Siocat("connect", server.url) as cat:
        cat.wait_for("connect")
        cat.send(b'["echo",18446744073709551615,1.0,-0,1e400,0.1e-7,{"a":1,"a":2},{"$binary":"AAEC/w=="}]')
        cat.wait_for("event", direction="out")
        check(b'"args":[18446744073709551615,1.0,-0,1e400,0.1e-7,{"a":1,"a":2},{"$binary":"AAEC/w=="}]' in cat.raw[-1], cat.raw[-1])
        back = cat.wait_for("event", direction="in", event="echo")
        check(back["args"][-1] == {"$binary": "AAEC/w=="}, back)
        cat.end_input()
        check(cat.wait() == 0, "exit status")


def test_namespaces():
    with Siocat("connect", "--namespace", "/admin", server.url) as cat:
        cat.wait_for("connect", nsp="/admin")
        if not cat.of("connect", nsp="/"):
            cat.wait_for("connect", nsp="/")
        cat.send({"emit": ["echo", 1], "nsp": "/admin"})
        cat.wait_for("event", direction="in", nsp="/admin")
        cat.send({"connect": "/auth"})
        refused = cat.wait_for("connect_error", nsp="/auth")
        check(refused["message"] == "not authorized" and refused["active"] is False, refused)
        check(refused["data"] == {"code": 401, "hint": "token", "given": None}, refused)
        cat.send({"connect": "/auth", "auth": {"token": "secret"}})
        cat.wait_for("connect", nsp="/auth")
        cat.send({"disconnect": "/admin"})
        check(cat.wait_for("disconnect", nsp="/admin")["reason"] == "io client disconnect", cat.lines[-1])
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")
    check(len(cat.of("state", state="open")) == 1, "one connection for all")


def test_auth_and_handshake():
    """--auth is for the URL's namespace alone; query and headers go along."""
    args = ["--auth", '{"token":"secret"}', "--query", "a=b c", "--header", "X-Test: yes", "--namespace", "/"]
    with Siocat("connect", *args, "--emit", '["handshake-of-auth"]', server.url + "/auth?d=1") as cat:
        welcome = cat.wait_for("event", nsp="/auth", event="welcome")
        check(welcome["args"] == [{"token": "secret"}], welcome)
        # What we emit and what the server says first may pass each other.
        out = (cat.of("event", direction="out") or [cat.wait_for("event", direction="out")])[0]
        check(out["event"] == "handshake-of-auth", out)
        if not cat.of("connect", nsp="/"):
            cat.wait_for("connect", nsp="/")
        cat.send({"emit": ["handshake"], "nsp": "/", "ack": True})
        told = cat.wait_for("ack")["args"][0]
        check(told["query"]["a"] == "b c" and told["query"]["d"] == "1", told)
        check(told["headers"]["x-test"] == "yes", told)
        check(told["auth"] in (None, {}), told)
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


def test_cut_and_open():
    with Siocat("connect", "--reconnection-delay", "60000", "--reconnection-delay-max", "60000", server.url) as cat:
        first = cat.wait_for("connect")
        cat.send({"transport": "close"})
        closed = cat.wait_for("state", state="closed")
        check(closed["reason"] == "transport close", closed)
        waiting = cat.wait_for("state", state="waiting")
        check(waiting["attempt"] == 1 and 30000 <= waiting["delay_ms"] <= 90000, waiting)
        check(cat.of("disconnect")[0]["active"] is True, cat.of("disconnect"))
        cat.send({"open": True})
        check(cat.wait_for("reconnect_attempt")["attempt"] == 1, cat.lines[-1])
        check(cat.wait_for("reconnect")["attempt"] == 1, cat.lines[-1])
        check(cat.wait_for("connect")["id"] != first["id"], "the same id")
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


def test_killed_and_restarted():
    with NodeServer() as own, Siocat("connect", "--reconnection-delay", "50", "--reconnection-delay-max", "100", own.url) as cat:
        cat.wait_for("connect")
        own.stop()
        cat.wait_for("reconnect_error")
        cat.send(["echo", "meanwhile"])
        own.start()
        cat.wait_for("reconnect")
        cat.wait_for("event", direction="in", event="echo", args=["meanwhile"])
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


def test_heartbeat():
    with NodeServer(pingInterval=200, pingTimeout=200) as own, Siocat("connect", own.url) as cat:
        cat.wait_for("ping")
        check(100 < cat.wait_for("ping")["since_ms"] < 2000, cat.lines[-1])
        own.process.send_signal(signal.SIGSTOP)
        check(cat.wait_for("state", state="closed")["reason"] == "ping timeout", cat.lines[-1])
        own.process.send_signal(signal.SIGCONT)
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


def test_exit_statuses():
    nowhere = "http://127.0.0.1:1"
    quick = ["--reconnection-attempts", "2", "--reconnection-delay", "10", "--reconnection-delay-max", "10"]

    status, out, _ = run("connect", "--no-reconnection", nowhere)
    check(status == 2 and b'"state":"failed"' in out, (status, out))
    status, out, _ = run("connect", *quick, nowhere)
    check(status == 2 and out.count(b'"kind":"reconnect_attempt"') == 2, (status, out))
    check(out.count(b'"kind":"reconnect_failed"') == 1, out)
    status, out, _ = run("connect", "--reconnection-attempts", "0", nowhere)
    check(status == 2 and b"reconnect_attempt" not in out, (status, out))
    status, _, _ = run("connect", "--duration", "0.2", nowhere)
    check(status == 2, status)
    status, _, _ = run("emit", *quick, nowhere, "event")
    check(status == 2, status)

    status, out, _ = run("connect", "--no-stdin", server.url + "/auth")
    check(status == 3 and b'"message":"not authorized"' in out, (status, out))
    status, out, _ = run("connect", "--no-stdin", server.url + "/nowhere")
    check(status == 3 and b'"message":"Invalid namespace"' in out, (status, out))
    status, _, _ = run("emit", server.url + "/auth", "event")
    check(status == 3, status)

    status, out, _ = run("emit", "--ack", "--ack-timeout", "100", server.url, "no-ack")
    check(status == 4 and b'"kind":"ack_timeout"' in out, (status, out))

    status, out, _ = run("connect", "--no-stdin", "--emit", '["kick"]', server.url)
    check(status == 5 and b'"reason":"io server disconnect","active":false' in out, (status, out))
    status, out, _ = run("emit", "--ack", server.url, "kick")
    check(status == 5, (status, out))
    status, out, _ = run("emit", "--ack", "--no-reconnection", server.url, "cut")
    check(status in (2, 5), (status, out))


def test_refused_beside_another():
    """A refusal ends it only with nothing else connected."""
    with Siocat("connect", "--namespace", "/auth", server.url) as cat:
        cat.wait_for("connect_error", nsp="/auth")
        cat.send(["echo", 1])
        cat.wait_for("event", direction="in")
        cat.end_input()
        check(cat.wait() == 0, "exit status")


def test_emit():
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(range(256)))
        file.flush()
        status, out, err = run("emit", "--ack", "--text", server.url, "ack", '{"a":1.0}', "plain text", "@" + file.name)
        check(status == 0 and err == "", (status, err))
        check(b'"direction":"out","event":"ack","args":[{"a":1.0},"plain text",{"$binary":"AAECAwQFBgcICQ' in out, out)
        check(out.count(b'"kind":"ack"') == 1 and b'"args":[{"a":1},"plain text",{"$binary":"AAEC' in out, out)
    status, out, _ = run("emit", server.url + "/admin", "--", "echo", "-1")
    check(status == 0 and b'"nsp":"/admin","direction":"out","event":"echo","args":[-1]' in out, (status, out))
    status, out, err = run("emit", server.url, "connect")
    check(status == 1 and "reserved" in err, (status, err))


def test_emit_arrives():
    """An emit without an ack is on the wire before siocat is gone, however large, on both transports."""
    for transport in ("polling", "websocket"):
        with NodeServer() as own:
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"x" * 5000000)
                file.flush()
                status, _, err = run("emit", "--transports", transport, own.url, "echo", "@" + file.name)
                check(status == 0, (status, err))
            status, out, _ = run("emit", "--ack", own.url, "history")
            check(b'["disconnect","/","client namespace disconnect"]' in out, out)


def test_count():
    with Siocat("connect", "--no-stdin", "--emit", '["flood",5000]', "--count", "1234", server.url, stdin=False) as cat:
        check(cat.wait() == 0, "exit status")
    ticks = cat.of("event", direction="in", event="tick")
    check([tick["args"][0] for tick in ticks] == list(range(1234)), f"{len(ticks)} ticks")
    with Siocat("connect", "--emit", '["binary"]', "--count", "1", server.url, stdin=False) as cat:
        check(cat.wait() == 0, "exit status")
    check(cat.of("event", event="binary", direction="in")[0]["args"][1] == {"$binary": "bGFzdA=="}, cat.lines)


def test_duration():
    begun = time.monotonic()
    status, out, _ = run("connect", "--duration", "0.5", server.url)
    took = time.monotonic() - begun
    check(status == 0 and 0.45 < took < 5, (status, took))
    check(b'"kind":"disconnect"' in out, out)


def test_quiet():
    status, out, _ = run("connect", "--quiet", "--no-stdin", "--emit", '["flood",3000]', "--count", "3001", server.url)
    check(status == 0, status)
    lines = out.splitlines()
    check(len(lines) == 1, lines)
    match = re.fullmatch(rb'\{"kind":"summary","time":[\d.]+,"events":3001,"bytes":(\d+),"seconds":([\d.]+)\}', lines[0])
    check(match and 3000 * 13 < int(match[1]) < 3001 * 30 and float(match[2]) > 0, lines)
    status, out, _ = run("connect", "--quiet", server.url + "/auth", stdin=b"nonsense\n")
    kinds = re.findall(rb'"kind":"(\w+)"', out)
    check(status == 3 and kinds == [b"error", b"connect_error", b"summary"], (status, out))


def test_signals():
    for number in (signal.SIGINT, signal.SIGTERM):
        for args in (["--no-stdin"], []):
            with Siocat("connect", *args, server.url) as cat:
                cat.wait_for("connect")
                cat.process.send_signal(number)
                check(cat.wait() == 0, "exit status")
            check(cat.of("disconnect") and cat.lines[-1]["kind"] in ("state", "disconnect"), cat.kinds())
    with Siocat("connect", "http://127.0.0.1:1") as cat:
        cat.wait_for("state", state="waiting")
        cat.process.send_signal(signal.SIGINT)
        check(cat.wait() == 0, "exit status while waiting")


def test_blocked_output():
    """Nobody reads: Ctrl+C gets through all the same."""
    read_end, write_end = os.pipe()
    process = subprocess.Popen([SIOCAT, "connect", "--no-stdin", "--emit", '["flood",100000]', server.url],
                               stdin=subprocess.DEVNULL, stdout=write_end)
    os.close(write_end)
    try:
        # Full is when no more comes, though there is more to come.
        until = time.monotonic() + DEADLINE
        queued, same = -1, 0
        while time.monotonic() < until and same < 30:
            before = queued
            queued = int.from_bytes(fcntl.ioctl(read_end, termios.FIONREAD, bytes(4)), sys.byteorder)
            same = same + 1 if queued == before and queued > 30000 else 0
            time.sleep(0.01)
        check(same >= 30, f"{queued} bytes in the pipe")
        process.send_signal(signal.SIGINT)
        check(process.wait(DEADLINE) == 0, "exit status")
    finally:
        process.kill()
        os.close(read_end)


def test_reader_goes():
    """siocat connect | head -n 3: a clean end."""
    with NodeServer() as own:
        process = subprocess.Popen([SIOCAT, "connect", "--no-stdin", "--emit", '["flood",100000]', own.url],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3):
            process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        check(process.wait(DEADLINE) == 0 and err == b"", err)
        process.stderr.close()
        with open("/dev/full", "wb") as full:
            done = subprocess.run([SIOCAT, "connect", own.url], stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=subprocess.PIPE, timeout=DEADLINE)
        check(done.returncode == 6 and b"standard output" in done.stderr, done)


def test_much_input():
    """A large file on standard input arrives whole and in order."""
    count = 20000
    lines = b"".join(b'["echo",%d]\n' % number for number in range(count))
    status, out, err = run("connect", "--count", str(count), server.url, stdin=lines)
    check(status == 0 and err == "", (status, err))
    numbers = [int(n) for n in re.findall(rb'"direction":"in","event":"echo","args":\[(\d+)\]', out)]
    check(numbers == list(range(count)), f"{len(numbers)} of {count}")
    check(b'"kind":"error"' not in out, "errors")


def test_record_and_print():
    with tempfile.TemporaryDirectory() as folder:
        for show in ("events", "packets", "frames"):
            path = os.path.join(folder, show)
            commands = b"".join(line + b"\n" for line in (
                b'["types"]', b'["binary"]', b"nonsense", b'{"emit":["ack",1.0],"ack":true}', b'{"connect":"/auth"}',
                b'{"emit":["no-ack"],"ack":true,"timeout":50}', b'{"emit":["echo",{"$binary":"AQ=="}]}'))
            status, out, err = run("connect", "--record", path, "--show", show, server.url, stdin=commands)
            check(status == 0 and err == "", (status, err))
            again, printed, err = run("print", "--show", show, path)
            check(again == 0 and err == "", (again, err))
            check(printed == out, "print differs from connect:\n" + diff(out, printed))
            check(os.stat(path).st_mode & 0o777 == 0o600, "the recording's mode")
        check(b'"kind":"http"' in out and b'"kind":"frame"' in out and b'"layer":"engine"' in out
              and b'"layer":"socket"' in out, "not every layer")


def diff(left, right):
    return "".join(line.decode("utf-8", "replace") + "\n" for line in list(difflib.diff_bytes(
        difflib.unified_diff, left.splitlines(), right.splitlines(), lineterm=b""))[:20])


def test_killed_recording():
    """kill -9 in the middle: what was printed can be printed again."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "flood.sioscope")
        with Siocat("connect", "--no-stdin", "--record", path, "--emit", '["flood",50000]', server.url, stdin=False) as cat:
            cat.wait_for("event", event="tick", args=[2000])
            cat.kill()
            cat.wait()
        status, printed, _ = run("print", path)
        check(status == 0, status)
        check(printed.startswith(b"".join(cat.raw)), "something that was printed is missing")


def test_terminal():
    """What a terminal would act on is escaped there, and is still the same JSON."""
    nasty = "\x1b[2J \x7f \u009b31m \u202e \u2066 \u200b \ufeff \U000e0041 plain ä 😀"
    status, out, _ = run("connect", "--count", "1", server.url, stdin=b'["echo",' + json.dumps(
        nasty, ensure_ascii=False).encode() + b"]\n")
    check(status == 0 and "\u202e".encode() in out and b"\x1b" not in out, "a pipe gets the bytes")

    leader, follower = pty.openpty()
    process = subprocess.Popen([SIOCAT, "connect", "--count", "1", "--emit", json.dumps(
        ["echo", nasty], ensure_ascii=False), "--no-stdin", server.url], stdin=subprocess.DEVNULL, stdout=follower)
    os.close(follower)
    text = b""
    try:
        while select.select([leader], [], [], DEADLINE)[0]:
            text += os.read(leader, 65536)
    except OSError:
        pass  # the end of a terminal
    os.close(leader)
    check(process.wait(DEADLINE) == 0, "exit status")
    decoded = text.decode()
    check(not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]", decoded),
          repr(decoded))
    lines = [json.loads(line) for line in decoded.splitlines()]
    echo = [line for line in lines if line["kind"] == "event" and line["direction"] == "in"]
    check(echo[0]["args"] == [nasty], echo)
    check("ä 😀" in decoded, "harmless text was escaped")


main([
    test_lines, test_every_transport, test_end_of_input, test_bad_lines, test_refused_commands, test_acks,
    test_numbers_and_binary, test_namespaces, test_auth_and_handshake, test_cut_and_open, test_killed_and_restarted,
    test_heartbeat, test_exit_statuses, test_refused_beside_another, test_emit, test_emit_arrives, test_count,
    test_duration, test_quiet, test_signals, test_blocked_output, test_reader_goes, test_much_input,
    test_record_and_print, test_killed_recording, test_terminal,
], [server])
