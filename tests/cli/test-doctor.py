# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""siocat doctor: against real servers, and against what stands where one should be."""

import json
import signal
import ssl

from front import Certificates, Front, without_upgrade
from siocat_test import NodeServer, Serve, Siocat, check, main, run

server = NodeServer(serveClient=True)
certificates = Certificates()


class Doctor:
    """What it found."""

    def __init__(self, url, *args, status=0):
        self.status, out, err = run("doctor", *args, url)
        self.lines = [json.loads(line) for line in out.splitlines()]
        self.text = out.decode()
        check(err == "", err)
        check(self.status == status, f"{args} {url}: exit status {self.status}\n{self.text}")
        check(self.lines[-1]["kind"] == "verdict" and [line["kind"] for line in self.lines[:-1]]
              == ["check"] * (len(self.lines) - 1), self.text)
        self.verdict = self.lines[-1]
        for line in self.lines[:-1]:
            check(line["ok"] == (line["level"] == "info") and line["message"] and line["time"] >= 0, line)
        levels = [line["level"] for line in self.lines[:-1]]
        check((self.verdict["errors"], self.verdict["warnings"]) == (levels.count("error"), levels.count("warning")),
              self.text)
        check(self.verdict["ok"] == (levels.count("info") == len(levels)), self.text)

    def get(self, name):
        found = [line for line in self.lines if line.get("name") == name]
        check(len(found) == 1, f"{len(found)} times {name}:\n{self.text}")
        return found[0]

    def has(self, name, level, *words, **members):
        line = self.get(name)
        check(line["level"] == level and all(word in line["message"] for word in words), f"{words}: {line}")
        for member, value in members.items():
            check(line.get(member) == value, f"{member}: {line}")
        return line

    def names(self):
        return [line["name"] for line in self.lines if "name" in line]


def test_socket_io_4():
    found = Doctor(server.url)
    check(found.names() == ["proxy", "name", "tcp", "http", "version", "polling", "sticky", "compression", "namespace",
                            "upgrade", "heartbeat", "payload", "websocket", "eio3"], found.names())
    check(found.verdict["ok"] and found.verdict["message"] == "All is fine", found.verdict)
    found.has("tcp", "info", "open at 127.0.0.1", address="127.0.0.1", port=server.port, family="IPv4")
    found.has("http", "info", polling=True, websocket=True, path="/socket.io/")
    found.has("version", "info", "4.8.4", "Socket.IO 4", version="4.8.4")
    line = found.has("polling", "info", "Engine.IO 4", "both ways", eio=4, server=4)
    check(line["polls"] >= 2 and line["posts"] >= 1, line)
    found.has("sticky", "info")
    found.has("upgrade", "info", "upgraded")
    found.has("heartbeat", "info", ping_interval_ms=25000, ping_timeout_ms=20000)
    found.has("payload", "info", max_payload=32 * 1024 * 1024)
    found.has("websocket", "info", "works", eio=4)
    found.has("eio3", "info", "may not", allowed=False)


def test_it_leaves_as_it_came():
    """Every session that the doctor opens is closed in good order."""
    with NodeServer(allowEIO3=True) as own:
        Doctor(own.url).has("eio3", "info", "may connect", allowed=True)
        status, out, err = run("connect", own.url, stdin=b'{"emit":["history"],"ack":true}')
        check(status == 0, err)
        history = [json.loads(line) for line in out.splitlines() if b'"kind":"ack"' in line][0]["args"][0]
        connections = [what for what in history if what[0] == "connection"]
        goodbyes = [what for what in history if what[0] == "disconnect"]
        check(len(connections) == 3 and len(goodbyes) == 2, history)  # one by polling, one of 2.x; and ours
        check(sorted(what[2] for what in goodbyes) == ["client namespace disconnect", "transport close"], history)


def test_socket_io_3():
    with NodeServer("socket.io-v3", serveClient=True) as own:
        found = Doctor(own.url)
        found.has("version", "info", version="3.1.2")
        found.has("polling", "info", "Engine.IO 4")
        found.has("websocket", "info", "Engine.IO 4")
        found.has("heartbeat", "info", ping_interval_ms=25000, ping_timeout_ms=5000)
        check("max_payload" not in found.has("payload", "info", "does not say"), found.text)


def test_socket_io_2():
    with NodeServer("socket.io-v2", serveClient=True) as own:
        found = Doctor(own.url)
        found.has("version", "info", version="2.5.0")
        found.has("polling", "info", "Engine.IO 3", eio=3, server=2)
        found.has("websocket", "info", "Engine.IO 3", eio=3)
        found.has("upgrade", "info")
        check("eio3" not in found.names() and found.verdict["ok"], found.text)
        found = Doctor(own.url, "--server", "4", status=3)
        found.has("version", "warning", "Socket.IO 2", "--server says 4")
        found.has("polling", "error")
        refused = Doctor(own.url + "/auth", status=3).has("namespace", "error", "data", nsp="/auth")
        check(refused["data"]["code"] == 401, refused)


def test_our_own_server():
    with Serve() as own:
        found = Doctor(own.url)
        found.has("eio3", "info", allowed=True)
        found.has("version", "info", "does not hand out")
        check(found.verdict["ok"], found.text)
        Doctor(own.url, "--server", "2").has("polling", "info", "Engine.IO 3")
        check(own.end() == 0, "exit status")


def test_nothing_there():
    with Front() as front:
        port = front.port
    found = Doctor(f"http://127.0.0.1:{port}", status=2)
    check(found.names() == ["proxy", "name", "tcp"], found.names())
    found.has("tcp", "error", "Nothing listens")
    check("Nothing listens" in found.verdict["message"], found.verdict)
    found = Doctor("http://no-such-host.invalid", "--timeout", "5000", status=2)
    check(found.names() == ["proxy", "name"], found.names())
    found.has("name", "error", "no-such-host.invalid")


def test_wrong_path():
    with NodeServer(path="/api/socket.io") as own:
        Doctor(own.url, status=2).has("http", "error", "--path /api/socket.io/", status=404, found_path="/api/socket.io/")
        Doctor(own.url, "--path", "/api/socket.io").has("http", "info")
    with NodeServer(path="/my/app/socket.io") as own:
        for url in (own.url + "/my/app", own.url + "/my/app/", own.url + "/my/app/socket.io/"):
            Doctor(url, status=2).has("http", "error", "--path /my/app/socket.io/", found_path="/my/app/socket.io/")
    Doctor(server.url, "--path", "/nowhere", status=2).has("http", "error", found_path="/socket.io/")


def test_no_socket_io():
    for answer, words in (
            ("HTTP/1.1 404 Not Found\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\n\r\n", ("404", "usual other ones")),
            ("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Hello</h1>", ("no Socket.IO server", "ordinary page")),
            ("HTTP/1.1 301 Moved\r\nLocation: https://example.com/\r\n\r\n", ("elsewhere", "https://example.com/")),
            ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", ("credentials", "401")),
            ('HTTP/1.1 403 Forbidden\r\nContent-Length: 32\r\n\r\n{"code":4,"message":"Forbidden"}', ("credentials", "code 4")),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", ("does not reach the server behind it", "502")),
            ("HTTP/1.1 500 Oops \x1b[31m\r\n\r\n\x00\xff", ("not that of a Socket.IO server", "500")),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", ("ordinary page",)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello", ("ordinary page",)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", ("ordinary page",)),
            ("HTTP/1.1 \r\n\r\n", ("does not speak HTTP",)),
            ("SSH-2.0-OpenSSH_9.2\r\n\r\n", ("does not speak HTTP",)),
            ("\x15\x03\x01\x00\x02\x02\x46", ("speaks TLS", "https:")),
            (None, ("no answer",)),
            ("", ("no answer to an HTTP request came within 300 ms",))):
        with Front(answer=answer) as front:
            found = Doctor(front.url, "--timeout", "300", status=2)
            line = found.has("http", "error", *words)
            check(words[0] in found.verdict["message"], found.verdict)
            if "nginx" in (answer or ""):
                check(line["server_header"] == "nginx/1.22.1", line)
            check(all("EIO=4&transport=" in head and "sid=" in head for head in front.heads), front.heads)


def test_who_speaks_first():
    """A banner is no HTTP, and nothing else will come; who says nothing at all is not waited for as long as a session."""
    with Front(answer="SSH-2.0-OpenSSH_9.2\r\n", stays=True) as front:
        line = Doctor(front.url, status=2).has("http", "error", "does not speak HTTP. It says: SSH-2.0-OpenSSH_9.2")
        check(line["time"] < 4, line)
    with Front(answer="") as front:
        line = Doctor(front.url, status=2).has("http", "error", "within 5000 ms", "--timeout")
        check(line["time"] < 15, line)


def test_endless_answer():
    """It reads a bounded part of what comes, and does not wait for the end."""
    with Front(answer="HTTP/1.1 200 OK\r\n\r\n" + "x" * 3000000) as front:
        Doctor(front.url, status=2).has("http", "error", "ordinary page")
    with Front(answer="HTTP/1.1 200 OK\r\n" + "X: " + "y" * 3000000) as front:
        Doctor(front.url, status=2).has("http", "error")


def test_transports():
    with NodeServer(transports=["websocket"]) as own:
        found = Doctor(own.url)
        found.has("http", "info", polling=False, websocket=True)
        found.has("polling", "warning", "--transports websocket")
        found.has("namespace", "info")
        found.has("websocket", "info")
        found = Doctor(own.url, "--transports", "websocket")
        check(found.verdict["ok"] and "polling" not in found.names(), found.text)
    with NodeServer(transports=["polling"]) as own:
        found = Doctor(own.url)
        found.has("websocket", "warning", "does not offer WebSocket")
        found.has("polling", "info", "works")
        check("upgrade" not in found.names(), found.text)
    with NodeServer(allowUpgrades=False) as own:
        Doctor(own.url).has("upgrade", "info", "does not offer to upgrade")
    found = Doctor(server.url, "--transports", "polling")
    found.has("websocket", "info", "--transports leaves it out")
    check("upgrade" not in found.names(), found.text)


def test_blocked_websocket():
    with Front([server.port], change=without_upgrade) as front:
        found = Doctor(front.url)
        found.has("http", "info", websocket=True)
        found.has("polling", "info", "works")
        found.has("upgrade", "warning", "stays with polling")
        found.has("websocket", "error", "proxy or load balancer", "Upgrade")
        check("It works, but" in found.verdict["message"] and "proxy or load balancer" in found.verdict["message"], found.verdict)


def test_no_sticky_sessions():
    with NodeServer() as second, Front([server.port, second.port], change=lambda head: head) as front:
        found = Doctor(front.url, "--transports", "polling", status=2)
        line = found.has("sticky", "error", "sticky sessions", "--with-credentials")
        check(line["requests"] >= 1, line)
        check("sticky sessions" in found.verdict["message"], found.verdict)


def test_namespaces():
    found = Doctor(server.url + "/nowhere", status=3)
    found.has("namespace", "error", "Invalid namespace", "--path", nsp="/nowhere")
    check("refused" in found.verdict["message"], found.verdict)
    found = Doctor(server.url + "/auth", "--auth", '{"token":"wrong"}', status=3)
    found.has("namespace", "error", "not authorized", refusal="not authorized",
              data={"code": 401, "hint": "token", "given": "wrong"})
    Doctor(server.url + "/auth", "--auth", '{"token":"secret"}').has("namespace", "info", nsp="/auth")


def test_other_parser():
    with NodeServer(parser="msgpack") as own:
        Doctor(own.url, "--timeout", "1500", status=2).has("namespace", "error", "--parser msgpack")
        check(Doctor(own.url, "--parser", "msgpack").verdict["ok"], "msgpack with msgpack")
    Doctor(server.url, "--parser", "msgpack", "--timeout", "1500", status=2).has("namespace", "error", "--parser json")


def test_limits():
    with NodeServer(pingInterval=300, pingTimeout=200, maxHttpBufferSize=1000) as own:
        found = Doctor(own.url)
        found.has("heartbeat", "warning", "very fast", ping_interval_ms=300)
        found.has("payload", "warning", "1000 bytes", max_payload=1000)
    with NodeServer(pingInterval=120000) as own:
        Doctor(own.url).has("heartbeat", "warning", "every 120 s")
    with NodeServer(pingInterval=1000, pingTimeout=1000) as own:
        line = Doctor(own.url).has("heartbeat", "info")
        check(900 <= line["first_ping_ms"] < 3000, line)


def test_headers_and_query_go_along():
    with Front([server.port]) as front:
        Doctor(front.url + "/?a=b%20c", "--header", "X-Token: abc", "--query", "d=é")
        check(front.heads and all("X-Token: abc" in head for head in front.heads), front.heads)
        asked = [head for head in front.heads if "sid=sioscope-doctor" in head]
        check(asked and all("&a=b%20c&d=%C3%A9 " in head for head in asked), asked)


def test_certificates():
    with Front([server.port], context=certificates.context(certificates.good)) as front:
        found = Doctor(front.url, status=2)
        line = found.has("tls", "error", "self-signed", "--trust")
        check(found.names()[-1] == "tls" and len(line["fingerprint"]) == 95 and line["protocol"].startswith("TLS 1."), line)
        check("sioscope test" in line["subject"] and line["valid_from"] < line["valid_until"], line)
        check(not front.heads, "something was sent to a server that is not trusted")
        for args in (["--trust", line["fingerprint"]], ["--insecure"]):
            trusted = Doctor(front.url, *args)
            trusted.has("tls", "warning", "only because you said so")
            trusted.has("websocket", "info")
        found = Doctor(front.url, "--ca", certificates.good)
        found.has("tls", "info", "valid")
        check(found.verdict["ok"], found.text)
        Doctor(front.url.replace("https", "http"), "--timeout", "3000", status=2).has("http", "error")
    for certificate, words in ((certificates.expired, "expired"), (certificates.other, "not for the name 127.0.0.1")):
        with Front([server.port], context=certificates.context(certificate)) as front:
            Doctor(front.url, "--ca", certificate, status=2).has("tls", "error", words)
    with Front([server.port], context=certificates.context(certificates.soon)) as front:
        Doctor(front.url, "--ca", certificates.soon).has("tls", "warning", "ends in 4 days")
    Doctor(server.url.replace("http", "https"), "--timeout", "3000", status=2).has("tls", "error", "does not speak TLS", "http: instead of https:")


def test_client_certificate():
    context = certificates.context(certificates.good, client_ca=certificates.good)
    with Front([server.port], context=context) as front:
        found = Doctor(front.url, "--ca", certificates.good, "--timeout", "3000", status=2)
        check("certificate from us" in found.verdict["message"], found.text)
        found = Doctor(front.url, "--ca", certificates.good, "--cert", certificates.good, "--key", certificates.key)
        check(found.verdict["ok"], found.text)
        found = Doctor(front.url, "--ca", certificates.good, "--pfx", certificates.pfx,
                       "--passphrase-file", certificates.passphrase)
        check(found.verdict["ok"], found.text)
        # A key that only the library can open: then only sessions can tell.
        found = Doctor(front.url, "--ca", certificates.good, "--cert", certificates.good, "--key", certificates.locked_key,
                       "--passphrase-file", certificates.passphrase)
        check(found.verdict["ok"] and "version" not in found.names(), found.text)
        found.has("http", "info", "left out")
        found.has("polling", "info")
        found.has("websocket", "info")


def test_client_certificate_is_not_for_strangers():
    context = certificates.context(certificates.good, client_ca=certificates.good)
    context.verify_mode = ssl.CERT_OPTIONAL
    own = ("--cert", certificates.good, "--key", certificates.key)
    with Front([server.port], context=context) as front:
        Doctor(front.url, *own, status=2).has("tls", "error", "self-signed", "--trust")
        check(run("connect", "--no-stdin", "--no-reconnection", *own, front.url)[0] == 2, "connected")
        check(set(front.client_certificates) == {None}, "the certificate was shown to a server that is not trusted")
        Doctor(front.url, *own, "--ca", certificates.good, "--transports", "polling")
        check(front.client_certificates[-1] is not None, "the certificate was not shown")


def test_proxy():
    def to_origin(head):
        line, rest = head.split("\r\n", 1)
        method, uri, version = line.split(" ")
        check(uri.startswith(server.url + "/"), uri)
        return f"{method} {uri[len(server.url):]} {version}\r\n{rest}"

    with Front([server.port], change=to_origin) as proxy:
        found = Doctor(server.url, "--proxy", f"http://user:secret@127.0.0.1:{proxy.port}", "--transports", "polling")
        line = found.has("proxy", "info", "through the proxy")
        check("secret" not in found.text and line["proxy"] == f"http://127.0.0.1:{proxy.port}", found.text)
        found.has("polling", "info", "works")
    Doctor(server.url, "--proxy", f"http://127.0.0.1:{proxy.port}", status=2).has("tcp", "error", "proxy")


def test_interrupt():
    with Front(answer="") as front, Siocat("doctor", front.url) as cat:
        cat.wait_for("check", name="tcp")
        cat.process.send_signal(signal.SIGINT)
        check(cat.wait() == 0, "exit status")
        check("verdict" not in cat.kinds() and not cat.of("check", name="http"), cat.kinds())


main([test_socket_io_4, test_it_leaves_as_it_came, test_socket_io_3, test_socket_io_2, test_our_own_server, test_nothing_there,
      test_wrong_path, test_no_socket_io, test_who_speaks_first, test_endless_answer, test_transports, test_blocked_websocket,
      test_no_sticky_sessions, test_namespaces, test_other_parser, test_limits, test_headers_and_query_go_along, test_certificates,
      test_client_certificate, test_client_certificate_is_not_for_strangers, test_proxy, test_interrupt], [server, certificates])
