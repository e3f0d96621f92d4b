# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""siocat's options do what they say: seen on the wire, and against servers of every version, ours among them."""

import base64
import json
import os
import tempfile

from front import Certificates, Front, without_upgrade
from siocat_test import NodeServer, Serve, Siocat, check, main, run

server = NodeServer()
certificates = Certificates()


def connect(url, *args, stdin=b"", status=0):
    """Runs siocat connect to the end of its input; its lines."""
    got, out, err = run("connect", *args, url, stdin=stdin)
    lines = [json.loads(line) for line in out.splitlines()]
    check(got == status, f"{args}: exit status {got}: {err}\n{out.decode()}")
    return lines


def of(lines, kind, **members):
    return [line for line in lines if line["kind"] == kind and all(line.get(name) == value for name, value in members.items())]


def first(lines, kind, **members):
    found = of(lines, kind, **members)
    check(found, f"no {kind} {members} in {lines}")
    return found[0]


def queries(front):
    return [head.split(" ")[1].partition("?")[2].split("&") for head in front.heads]


def test_server_versions():
    """What is found out is what is there; what is forced is what is spoken."""
    for module, eio, versions in (("socket.io-v2", 3, (2,)), ("socket.io-v3", 4, (3, None)), ("socket.io-v4", 4, (4,))):
        with NodeServer(module) as own:
            for transports in ("polling", "websocket", "polling,websocket"):
                for forced in ("auto", "2" if eio == 3 else "4"):
                    lines = connect(own.url, "--server", forced, "--transports", transports,
                                    stdin='{"emit":["ack","€😀",{"$binary":"AAH/"}],"ack":true}'.encode())
                    opened = first(lines, "state", state="open")
                    check(opened["eio"] == eio, opened)
                    check(opened.get("server") in versions, (module, opened))
                    check(first(lines, "ack", direction="in")["args"] == ["€😀", {"$binary": "AAH/"}], lines)
                    check(first(lines, "connect")["id"], lines)


def test_our_server_speaks_2():
    """Ours with ours, in Engine.IO 3: each checks the other."""
    said = '["message","€😀\\u0000",{"$binary":"AAECAw=="},1.50,{"$binary":""}]'.encode()
    for transports in ("polling", "websocket", "polling,websocket"):
        for more in ([], ["--force-base64"]):
            with Serve() as own:
                with Siocat("connect", "--server", "2", "--transports", transports, *more, "--namespace", "/custom",
                            own.url + "/?token=a%26b") as cat:
                    opened = cat.wait_for("state", state="open")
                    check(opened["eio"] == 3, opened)
                    root = cat.wait_for("connect", nsp="/")
                    if not cat.of("connect", nsp="/custom"):
                        cat.wait_for("connect", nsp="/custom")
                    check(root["id"] == opened["sid"], (root, opened))
                    check(cat.of("connect", nsp="/custom")[0]["id"] == "/custom#" + opened["sid"], cat.of("connect"))
                    if "polling," in transports and not cat.of("state", state="upgraded"):
                        cat.wait_for("state", state="upgraded")
                    cat.send(said)
                    cat.wait_for("event", direction="in", event="message-back")
                    check('"args":["€😀\\u0000",{"$binary":"AAECAw=="},1.50,{"$binary":""}]'.encode() in cat.raw[-1], cat.raw[-1])
                    cat.send({"emit": ["message-with-ack", {"$binary": base64.b64encode(bytes(range(256))).decode()}],
                              "ack": True, "nsp": "/custom"})
                    answer = cat.wait_for("ack", direction="in", nsp="/custom")
                    check(base64.b64decode(answer["args"][0]["$binary"]) == bytes(range(256)), answer)
                    cat.send({"connect": "/nowhere"})
                    check(cat.wait_for("connect_error", nsp="/nowhere")["message"] == "Invalid namespace", cat.lines[-1])
                    cat.send({"close": True})
                    check(cat.wait() == 0, "exit status")
                own.wait_for("state", state="closed")
                check(own.of("state", state="open")[0]["eio"] == 3, own.of("state"))
                check(own.of("connect", nsp="/custom")[0]["auth"] == {"token": "a&b"}, own.of("connect"))
                check(own.of("disconnect", nsp="/", reason="client namespace disconnect"), own.of("disconnect"))
                check(own.end() == 0, "exit status of the server")


def test_our_server_is_found_out():
    """siocat serve speaks both: auto takes 4."""
    with Serve() as own:
        for transports in ("polling", "websocket"):
            check(first(connect(own.url, "--transports", transports), "state", state="open")["eio"] == 4, transports)
        check(own.end() == 0, "exit status")


def test_our_server_refuses_2():
    with Serve("--no-eio3") as own:
        for transports in ("polling", "websocket"):
            with Siocat("connect", "--no-stdin", "--no-reconnection", "--timeout", "2000", "--server", "2",
                        "--transports", transports, own.url) as cat:
                check(cat.wait() == 2, "exit status")
            check(not cat.of("connect"), cat.kinds())
        check(first(connect(own.url), "state", state="open")["eio"] == 4, "clients of 4 may")
        check(own.end() == 0, "exit status")


def test_heartbeat_of_both():
    """In Engine.IO 3 the client pings, and the time there and back is known; in 4 the server does."""
    for forced, member in (("2", "rtt_ms"), ("4", "since_ms")):
        with Serve("--ping-interval", "100", "--ping-timeout", "2000") as own, \
                Siocat("connect", "--server", forced, "--show", "packets", own.url) as cat:
            for _ in range(3):
                ping = cat.wait_for("ping")
                check(set(ping) == {"kind", "time", member} and ping[member] >= 0, ping)
            sent = [line for line in cat.of("packet", layer="engine", type="ping" if forced == "2" else "pong")
                    if line["data"] == ""]
            check(sent and all(line["direction"] == "out" for line in sent), sent)
            check(not cat.of("state", state="closed"), cat.of("state"))


def test_namespace_query_of_2():
    """The URL's query, or --query, goes along with CONNECT."""
    with NodeServer("socket.io-v2") as own:
        lines = connect(own.url + "/auth?token=secret", "--show", "packets")
        check(first(lines, "event", event="welcome")["args"] == ["secret"], lines)
        check(of(lines, "packet", layer="socket", direction="out", type="connect")[0]["data"].startswith("0/auth?token=secret"),
              lines)
        lines = connect(own.url + "/auth", "--query", "token=secret")
        check(first(lines, "event", event="welcome")["args"] == ["secret"], lines)
        lines = connect(own.url + "/auth", status=3)
        refused = first(lines, "connect_error", nsp="/auth")
        check(refused["data"]["code"] == 401 and refused["active"] is True, refused)


def test_trailing_slash():
    with Front(answer="HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as front:
        args = ("--no-reconnection", "--path", "/x")
        connect(front.url, *args, status=2)
        connect(front.url, *args, "--no-trailing-slash", status=2)
        check([head.split(" ")[1].split("?")[0] for head in front.heads] == ["/x/", "/x"], front.heads)


def test_timestamps():
    for args, polling, websocket in (([], True, False), (["--no-timestamp"], False, False),
                                     (["--timestamp-websocket", "--timestamp-param", "stamp"], True, True)):
        name = "stamp=" if "stamp" in args else "t="
        with Front([server.port]) as front:
            connect(front.url, "--transports", "polling", *args)
            check(all(any(piece.startswith(name) for piece in query) == polling for query in queries(front)), queries(front))
        with Front([server.port]) as front:
            connect(front.url, "--transports", "websocket", *args)
            check(all(any(piece.startswith(name) for piece in query) == websocket for query in queries(front)), queries(front))


def test_protocols():
    with Front([server.port]) as front:
        connect(front.url, "--transports", "websocket", "--protocol", "one", "--protocol", "two")
        check(any("sec-websocket-protocol: one, two" in head.lower() for head in front.heads), front.heads)
        check("sec-websocket-extensions" not in "".join(front.heads).lower(), "compression is offered")


def test_cookies():
    """With --with-credentials what the server sets comes back; else it does not."""
    with NodeServer(cookie=True) as own, Front([own.port]) as front:
        for args, wanted in ((["--with-credentials"], True), ([], False)):
            front.heads.clear()
            connect(front.url, *args)
            later = front.heads[1:]
            check(later and all(("\r\ncookie: io=" in head.lower()) == wanted for head in later), front.heads)


def test_try_all_transports():
    with NodeServer(transports=["websocket"]) as own:
        args = ("--no-reconnection", "--transports", "polling,websocket")
        connect(own.url, *args, status=2)
        lines = connect(own.url, *args, "--try-all-transports")
        check(first(lines, "state", state="open")["transport"] == "websocket", lines)
        check(not of(lines, "reconnect_attempt"), "it is the same attempt")


def test_remember_upgrade():
    """After an upgrade the next connection begins with the WebSocket."""
    for args, transport in ((["--remember-upgrade"], "websocket"), ([], "polling")):
        with Siocat("connect", "--reconnection-delay", "10", *args, server.url) as cat:
            check(cat.wait_for("state", state="open")["transport"] == "polling", cat.lines[-1])
            cat.wait_for("state", state="upgraded")
            cat.send({"transport": "close"})
            check(cat.wait_for("state", state="open")["transport"] == transport, cat.lines[-1])


def test_upgrade_that_fails():
    """It stays on polling, and says so."""
    with Front([server.port], change=without_upgrade) as front, Siocat("connect", front.url) as cat:
        cat.wait_for("state", state="upgrade_failed")
        cat.send(["echo", 1])
        cat.wait_for("event", direction="in", event="echo")


def test_retries():
    with Siocat("connect", "--retries", "2", "--ack-timeout", "60", server.url) as cat:
        cat.wait_for("connect")
        cat.send({"emit": ["no-ack", 1], "ack": True})
        for words in ("that was try 1 of 3, it will be sent again", "that was try 2 of 3, it will be sent again",
                      "given up after 3 tries"):
            check(cat.wait_for("ack_timeout")["message"].endswith("; " + words), cat.lines[-1])
        check(len(cat.of("event", direction="out", event="no-ack")) == 3, cat.of("event"))
        cat.send({"emit": ["ack", 2], "ack": True})
        check(cat.wait_for("ack", direction="in")["args"] == [2], cat.lines[-1])
        # Not asked for an ack: it waits for one all the same.
        cat.send(["no-ack", 3])
        cat.end_input()
        check(cat.wait() == 0, "exit status")
        check(len(cat.of("ack_timeout")) == 6 and len(cat.of("event", direction="out", args=[3])) == 3, cat.lines)
    status, out, _ = run("emit", "--ack", "--retries", "1", "--ack-timeout", "50", server.url, "no-ack")
    check(status == 4 and out.count(b'"direction":"out"') == 2, (status, out))


def test_request_timeout():
    """One poll that takes longer ends the connection."""
    with Siocat("connect", "--transports", "polling", "--request-timeout", "150", "--no-reconnection", "--no-stdin",
                server.url) as cat:
        cat.wait_for("connect")
        closed = cat.wait_for("state", state="closed")
        check(closed["reason"] == "transport error", closed)
        check(cat.wait() == 2, "exit status")


def test_tls():
    with Front([server.port], context=certificates.context(certificates.good)) as front:
        lines = connect(front.url, "--show", "frames", status=2, stdin=b'["echo"]')
        fingerprint = first(lines, "http")["tls_fingerprint"]
        check(not front.heads and len(fingerprint) == 95, "something was sent to a server that is not trusted")
        for args in (["--insecure"], ["--trust", fingerprint], ["--trust", fingerprint.replace(":", "").lower()],
                     ["--ca", certificates.good]):
            for transports in ("polling", "websocket"):
                lines = connect(front.url, *args, "--transports", transports)
                check(first(lines, "connect"), lines)
        connect(front.url, "--trust", "00" * 32, "--no-reconnection", status=2)
    with Front([server.port], context=certificates.context(certificates.good, client_ca=certificates.good)) as front:
        connect(front.url, "--ca", certificates.good, "--no-reconnection", "--no-stdin", status=2)
        own = ("--ca", certificates.good, "--cert", certificates.good)
        for more in (("--key", certificates.key), ("--key", certificates.locked_key, "--passphrase-file", certificates.passphrase)):
            check(first(connect(front.url, *own, *more), "connect"), more)
        check(first(connect(front.url, "--ca", certificates.good, "--pfx", certificates.pfx,
                            "--passphrase-file", certificates.passphrase), "connect"), "--pfx")
        check(first(connect(front.url, "--ca", certificates.good, "--cert", certificates.both), "connect"), "key in --cert")


def test_proxy():
    def to_origin(head):
        line, rest = head.split("\r\n", 1)
        method, uri, version = line.split(" ")
        return f"{method} {uri[len(server.url):]} {version}\r\n{rest}"

    with Front([server.port], change=to_origin) as proxy:
        lines = connect(server.url, "--proxy", proxy.url, "--transports", "polling")
        check(first(lines, "connect") and all(head.split(" ")[1].startswith(server.url) for head in proxy.heads), proxy.heads)
    connect(server.url, "--proxy", proxy.url, "--no-reconnection", status=2)
    check(first(connect(server.url, "--proxy", "direct://"), "connect"), "direct")


def test_local_address():
    check(first(connect(server.url, "--local-address", "127.0.0.1"), "connect"), "from 127.0.0.1")
    connect(server.url, "--local-address", "192.0.2.1", "--no-reconnection", status=2)


def test_other_parser():
    """A server that does not understand us hangs up and says no word of why; what is said asks the right question."""
    for module, own, other in (("socket.io-v4", "msgpack", "json"), ("socket.io-v4", None, "msgpack"), ("socket.io-v2", None, "msgpack"),
                               ("socket.io-v2", "msgpack", "json")):
        with NodeServer(module, **({"parser": own} if own else {})) as server:
            for transports in ("polling", "websocket"):
                lines = connect(server.url, "--parser", other, "--transports", transports, "--no-reconnection", "--no-stdin",
                                status=2)
                check(f"another parser than {other}" in first(lines, "state", state="failed")["message"], lines)
    with NodeServer() as server:  # who was in has the right one
        lines = connect(server.url, "--no-reconnection", "--no-stdin", "--emit", '["kick-all"]', status=5)
        check("parser" not in json.dumps(of(lines, "state", state="closed")), lines)


def test_words():
    """What the library says of its options names them as --help does; what a server says stays as it is."""
    def said(url, *args):
        lines = connect(url, "--no-reconnection", "--no-stdin", "--transports", "polling", *args, status=2)
        return first(lines, "state", state="failed")["message"]

    with Front(answer="HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as front:
        for args in ((), ("--quiet",)):
            check(said(front.url, *args).endswith("is the option --path right?"), said(front.url, *args))
    with Front(answer='HTTP/1.1 401 No\r\nContent-Length: 37\r\n\r\n{"path":"(proxy)","extra-headers":""}') as front:
        check('{"path":"(proxy)","extra-headers":""}' in said(front.url) and 'a header "Authorization" in --header' in said(front.url),
              said(front.url))
    with Front([server.port], context=certificates.context(certificates.good)) as front:
        check(": --trust accepts exactly this one, --ca an issuer" in said(front.url), said(front.url))
    with tempfile.TemporaryDirectory() as folder:  # a recording keeps the words, and they are printed alike
        file = os.path.join(folder, "file.sioscope")
        with Front(answer="HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as front:
            said(front.url, "--record", file)
        check(b"is the option --path right?" in run("print", file)[1], run("print", file))
    with Siocat("connect", "--max-payload", "1000", "--no-reconnection", server.url) as cat:
        cat.wait_for("connect")
        cat.send(["echo", "x" * 2000])
        check("--max-payload" in cat.wait_for("state", state="closed")["message"], cat.lines)


def test_msgpack():
    """What was on the wire is a message of msgpack; what is printed of it reads as any other."""
    for module in ("socket.io-v4", "socket.io-v3", "socket.io-v2"):
        with NodeServer(module, parser="msgpack") as own:
            for transports in ("polling", "websocket"):
                lines = connect(own.url, "--parser", "msgpack", "--transports", transports, "--show", "packets",
                                stdin='{"emit":["ack","é",{"deep":{"$binary":"AQI="}},7],"ack":true}'.encode())
                answer = first(lines, "ack", direction="in")
                check(answer["args"] == ["é", {"deep": {"$binary": "AQI="}}, 7], answer)
                check(first(lines, "state", state="open")["parser"] == "msgpack", lines)
                sent = [line for line in of(lines, "packet", layer="engine", direction="out", type="message")
                        if "$binary" in (line["data"] if isinstance(line["data"], dict) else {})]
                check(sent and all(base64.b64decode(line["data"]["$binary"])[0] & 0xf0 == 0x80 for line in sent), lines)
    with NodeServer() as own:
        connect(own.url, "--parser", "msgpack", "--no-reconnection", "--no-stdin", "--duration", "5",
                "--timeout", "1000", status=2)


def test_recovery():
    """What was missed comes after a cut, marked as such."""
    with NodeServer(connectionStateRecovery={}) as own, \
            Siocat("connect", "--reconnection-delay", "300", "--randomization-factor", "0", own.url) as cat:
        check(cat.wait_for("connect")["recovered"] is False, cat.lines[-1])
        cat.wait_for("state", state="upgraded")
        cat.send(["echo", "an offset"])
        cat.wait_for("event", direction="in", event="echo")
        cat.send(["echo-later", 100, "missed"])
        cat.wait_for("event", direction="out", event="echo-later")
        cat.send({"emit": ["ack", "through"], "ack": True})
        cat.wait_for("ack", direction="in")
        cat.send({"transport": "close"})
        back = cat.wait_for("event", direction="in", event="echo")
        check(back["args"][0] == "missed" and back["replayed"] is True, back)
        check(cat.wait_for("connect")["recovered"] is True, cat.lines[-1])
        cat.send({"close": True})
        check(cat.wait() == 0, "exit status")


main([test_server_versions, test_our_server_speaks_2, test_our_server_is_found_out, test_our_server_refuses_2,
      test_heartbeat_of_both, test_namespace_query_of_2, test_trailing_slash, test_timestamps, test_protocols, test_cookies,
      test_try_all_transports, test_remember_upgrade, test_upgrade_that_fails, test_retries, test_request_timeout, test_tls,
      test_proxy, test_local_address, test_other_parser, test_words, test_msgpack, test_recovery], [server, certificates])
