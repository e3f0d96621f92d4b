# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may stand in front of a server: TLS, a load balancer, a proxy that strips headers, or something else altogether."""

import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading


class Front:
    """Listens, and hands each connection on to the next of the ports, its first request as change (head) makes it.
    Without ports each request is answered with answer; "" says nothing, None closes; with stays the line stays open behind it."""

    def __init__(self, ports=(), change=None, answer=None, context=None, stays=False):
        self.ports = list(ports)
        self.change = change
        self.answer = answer
        self.context = context
        self.stays = stays
        self.heads = []
        self.client_certificates = []  # what each client of TLS has shown
        self._next = 0
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._sockets:
            one.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        self._sockets.append(client)
        try:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
                self._sockets.append(client)
                self.client_certificates.append(client.getpeercert(True))
            data = b""
            while b"\r\n\r\n" not in data:
                more = client.recv(65536)
                if not more:
                    return
                data += more
            head, _, rest = data.partition(b"\r\n\r\n")
            self.heads.append(head.decode("latin-1"))
            if self.ports:
                self._forward(client, head, rest)
            elif self.answer:
                client.sendall(self.answer.encode())
                if self.stays:
                    return
                client.shutdown(socket.SHUT_RDWR)
            elif self.answer is None:
                client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # one of the two has gone

    def _forward(self, client, head, rest):
        port = self.ports[self._next % len(self.ports)]
        self._next += 1
        # One request a connection, so that each can be changed.
        head = head.decode("latin-1")
        if "upgrade: websocket" not in head.lower() or self.change is not None:
            head = re.sub(r"(?im)^connection:.*\r\n", "", head + "\r\n").rstrip("\r\n")
            if self.change is not None:
                head = self.change(head)
            head += "\r\nConnection: close"
        server = socket.create_connection(("127.0.0.1", port))
        self._sockets.append(server)
        server.sendall(head.encode("latin-1") + b"\r\n\r\n" + rest)
        threading.Thread(target=_pump, args=(client, server), daemon=True).start()
        _pump(server, client)


def _pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the other direction ended it


def without_upgrade(head):
    """As nginx does unless it is told otherwise."""
    return re.sub(r"(?im)\r\n(upgrade|sec-websocket-[a-z]+):[^\r]*", "", head)


class Certificates:
    """A folder of them, made anew."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.key = self.path("key.pem")
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key)
        self.good = self._make("good", "IP:127.0.0.1", 365)
        self.soon = self._make("soon", "IP:127.0.0.1", 5)
        self.expired = self._make("expired", "IP:127.0.0.1", -1)
        self.other = self._make("other", "DNS:example.com", 365)

        # The same key in other clothes.
        self.passphrase = self.path("passphrase")
        with open(self.passphrase, "w", encoding="utf-8") as file:
            file.write("open sesame\n")
        self.locked_key = self.path("locked.pem")
        self._openssl("pkcs8", "-topk8", "-in", self.key, "-out", self.locked_key, "-passout", "file:" + self.passphrase)
        self.pfx = self.path("own.pfx")
        self._openssl("pkcs12", "-export", "-in", self.good, "-inkey", self.key, "-out", self.pfx,
                      "-passout", "file:" + self.passphrase)
        self.both = self.path("both.pem")
        with open(self.both, "w", encoding="utf-8") as file:
            for path in (self.good, self.key):
                with open(path, encoding="utf-8") as part:
                    file.write(part.read())

    def path(self, name):
        return os.path.join(self._folder.name, name)

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _make(self, name, alternative, days):
        request, extensions, certificate = self.path(name + ".csr"), self.path(name + ".ext"), self.path(name + ".pem")
        with open(extensions, "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={alternative}\n")
        self._openssl("req", "-new", "-key", self.key, "-subj", "/CN=sioscope test", "-out", request)
        self._openssl("x509", "-req", "-in", request, "-signkey", self.key, "-days", str(days), "-extfile", extensions,
                      "-out", certificate)
        return certificate

    def context(self, certificate, client_ca=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, self.key)
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)
        return context

    def __exit__(self, *_):
        self._folder.cleanup()
