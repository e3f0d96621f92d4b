# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""siocat serve, with siocat connect as its client, and by hand where the bytes matter."""

import json
import signal
import urllib.request

from siocat_test import Serve, Siocat, check, main, run


def request(url, data=None):
    """One HTTP request: status and body."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_demo():
    """Within seconds everything that is worth seeing."""
    with Serve("--demo") as server:
        with Siocat("connect", server.url) as cat:
            cat.wait_for("connect", nsp="/")
            cat.wait_for("event", direction="in", event="tick")
            seen = {line["event"] for line in cat.of("event", direction="in")}
            for event in ("binary", "confirm"):
                if event not in seen:
                    cat.wait_for("event", direction="in", event=event)
            binary = cat.of("event", event="binary")[0]
            check("$binary" in json.dumps(binary["args"]), binary)
            asked = cat.of("event", event="confirm")[0]
            cat.send({"ack": asked["id"], "args": ["yes"]})
            check(cat.wait_for("ack", direction="out")["args"] == ["yes"], cat.lines[-1])
            cat.wait_for("event", direction="in", event="confirmed")

            cat.send(b'{"emit":["echo",18446744073709551615,{"$binary":"AQI="}],"ack":true}')
            cat.wait_for("ack", direction="in")
            check(b"18446744073709551615" in cat.raw[-1] and b'{"$binary":"AQI="}' in cat.raw[-1], cat.raw[-1])

            cat.send({"connect": "/admin"})
            refused = cat.wait_for("connect_error", nsp="/admin")
            check(refused["message"] == "not authorized" and refused["data"]["code"] == "E_TOKEN", refused)
            cat.send({"connect": "/admin", "auth": {"token": "demo"}})
            cat.wait_for("connect", nsp="/admin")

            cat.send(["drop"])
            cat.wait_for("state", state="waiting")
            cat.wait_for("reconnect")
            cat.wait_for("connect", nsp="/")
            cat.send({"close": True})
            check(cat.wait() == 0, "exit status")
        server.wait_for("disconnect", nsp="/", reason="client namespace disconnect")
        check(server.end() == 0, "exit status of the server")
    for line in server.lines:
        if line["kind"] in ("connect", "disconnect", "event", "ack", "connect_error"):
            check(line.get("client") and line.get("nsp"), line)
    check(server.of("connect_error", nsp="/admin", message="not authorized"), server.kinds())
    check(server.of("connect", nsp="/admin")[0]["auth"] == {"token": "demo"}, server.of("connect"))
    check(server.of("event", direction="in", event="echo") and server.of("event", direction="out", event="tick"),
          server.kinds())
    check(server.of("ack", direction="in") and server.of("ack", direction="out"), server.kinds())
    check(server.of("state", state="open") and server.of("state", state="closed"), server.kinds())


def test_suite_behaviour():
    """What the protocols' public test suites expect of a server."""
    with Serve() as server:
        with Siocat("connect", "--auth", '{"a":1.0}', "--namespace", "/custom", server.url) as cat:
            first = cat.wait_for("event", event="auth", nsp="/")
            check(first["args"] == [{"a": 1}] and b'{"a":1.0}' in b"".join(cat.raw), first)
            if not cat.of("connect", nsp="/custom"):
                cat.wait_for("connect", nsp="/custom")
            cat.send(b'["message",1.50,{"$binary":"AAE="},18446744073709551615]')
            cat.wait_for("event", event="message-back")
            check(b'"args":[1.50,{"$binary":"AAE="},18446744073709551615]' in cat.raw[-1], cat.raw[-1])
            cat.send(b'{"emit":["message-with-ack","x",1e400],"ack":true,"nsp":"/custom"}')
            cat.wait_for("ack", direction="in", nsp="/custom")
            check(b'"args":["x",1e400]' in cat.raw[-1], cat.raw[-1])
            cat.send({"connect": "/other"})
            check(cat.wait_for("connect_error", nsp="/other")["message"] == "Invalid namespace", cat.lines[-1])
            cat.send({"close": True})
            check(cat.wait() == 0, "exit status")
        server.process.send_signal(signal.SIGINT)
        check(server.wait() == 0, "exit status of the server")


def test_engine_echo():
    with Serve("--engine-echo", "--ping-interval", "300", "--ping-timeout", "200", "--max-payload", "1000",
               "--path", "/e/") as server:
        check(server.lines[0]["path"] == "/e/", server.lines[0])
        base = server.url + "/e/?EIO=4&transport=polling"
        status, body = request(base)
        check(status == 200 and body[:1] == b"0", (status, body))
        handshake = json.loads(body[1:])
        check(handshake["pingInterval"] == 300 and handshake["pingTimeout"] == 200
              and handshake["maxPayload"] == 1000, handshake)
        session = base + "&sid=" + handshake["sid"]
        check(request(session, "4hällo\x1ebAQID".encode()) == (200, b"ok"), "the post")
        status, body = request(session)
        check(status == 200 and body == "4hällo\x1ebAQID".encode(), (status, body))
        check(request(session)[1] == b"2", "a ping")
        check(request(session, b"3")[0] == 200, "its pong")
        check(request(session, b"4" + b"x" * 1001)[0] == 413, "too large")
        check(request(server.url + "/socket.io/?EIO=4&transport=polling")[0] in (400, 404), "another path")
        check(server.end() == 0, "exit status")


def test_port_in_use():
    with Serve("--host", "localhost") as server:
        status, out, err = run("serve", "--port", str(server.port))
        check(status == 1 and out == b"" and "--port" in err, (status, err))
        check(server.end() == 0, "exit status")


def test_server_goes():
    """The server is ended: its clients hear of it, and come back to the next one on the same port."""
    first = Serve("--demo")
    with first, Siocat("connect", "--reconnection-delay", "20", "--reconnection-delay-max", "50", first.url) as cat:
        cat.wait_for("event", event="tick")
        check(first.end() == 0, "exit status of the server")
        closed = cat.wait_for("state", state="closed")
        check(closed["reason"] in ("transport close", "transport error"), closed)
        with Serve("--demo", "--port", str(first.port)):
            cat.wait_for("reconnect")
            cat.wait_for("event", event="tick")
            cat.send({"close": True})
            check(cat.wait() == 0, "exit status")


main([test_demo, test_suite_behaviour, test_engine_echo, test_port_in_use, test_server_goes])
