# SPDX-License-Identifier: GPL-2.0
"""An etcd cluster of the test's own, on loopback."""

import base64
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request

from board import PATIENCE, TOP, eventually

MEMBERS = 3


CERTIFICATE = """[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
O = etcd
[extensions]
subjectAltName = IP:127.0.0.1
basicConstraints = CA:true
"""


def program(name, package):
    """A program of Debian's, which need not be installed."""
    found = subprocess.run(
        ["bash", "-c", ". selftests/lab/cache.sh; toolbox_add \"$1\" && command -v \"$0\"",
         name, package], cwd=TOP, check=True, stdout=subprocess.PIPE, text=True)
    return found.stdout.strip()


def free_ports(count):
    """Ports that nobody has just now."""
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


def octets(text):
    return base64.b64encode(text.encode()).decode()


class Cluster:
    """Three members, that can be killed and started again. With @tls all who talk to
    them have one certificate, which @tls_settings are for a board."""

    def __init__(self, count=MEMBERS, tls=False):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="etcd-"))
        self.program = program("etcd", "etcd-server")
        self.scheme, self.context, self.tls_flags, self.tls_settings = "http", None, [], {}
        if tls:
            self.make_certificate()
        ports = free_ports(2 * count)
        self.ports, self.peers = ports[:count], ports[count:]
        self.processes = [None] * count

    def __enter__(self):
        for number in range(len(self.ports)):
            self.start(number)
        assert eventually(self.leader), self.log()
        return self

    def __exit__(self, *_):
        for number in range(len(self.ports)):
            self.kill(number)
        shutil.rmtree(self.dir, ignore_errors=True)

    def make_certificate(self):
        conf, cert, key = (self.dir / name for name in ("openssl.conf", "cert.pem", "key.pem"))
        conf.write_text(CERTIFICATE, encoding="utf-8")
        subprocess.run([program("openssl", "openssl"), "req", "-x509", "-config", conf, "-nodes",
                        "-newkey", "rsa:2048", "-keyout", key, "-out", cert, "-days", "30"],
                       check=True, stderr=subprocess.DEVNULL)
        self.scheme = "https"
        self.context = ssl.create_default_context(cafile=cert)
        self.context.load_cert_chain(cert, key)
        self.tls_flags = ["--cert-file", cert, "--key-file", key, "--client-cert-auth",
                          "--trusted-ca-file", cert]
        self.tls_settings = {"etcd-ca": cert, "etcd-certificate": cert, "etcd-key": key}

    def store(self, prefix="vmnet", members=None):
        """What a board is told."""
        ports = self.ports if members is None else [self.ports[n] for n in members]
        scheme = self.scheme.replace("http", "etcd")
        return f"{scheme}://{','.join(f'127.0.0.1:{port}' for port in ports)}/{prefix}"

    def start(self, number):
        client = f"{self.scheme}://127.0.0.1:{self.ports[number]}"
        peer = f"http://127.0.0.1:{self.peers[number]}"
        cluster = ",".join(f"m{n}=http://127.0.0.1:{p}" for n, p in enumerate(self.peers))
        with open(self.dir / f"log{number}", "a", encoding="utf-8") as log:
            self.processes[number] = subprocess.Popen(
                [self.program, "--name", f"m{number}", "--data-dir", self.dir / f"m{number}",
                 "--listen-client-urls", client, "--advertise-client-urls", client,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", cluster, "--logger", "zap", "--log-outputs", "stderr",
                 *self.tls_flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, number):
        if self.processes[number]:
            self.processes[number].send_signal(signal.SIGKILL)
            self.processes[number].wait(PATIENCE)
        self.processes[number] = None

    def ask(self, number, path, **body):
        """What a member says, None if nothing."""
        request = urllib.request.Request(
            f"{self.scheme}://127.0.0.1:{self.ports[number]}/v3/{path}", json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=5, context=self.context) as answer:
                return json.load(answer)
        except (OSError, urllib.error.URLError):
            return None

    def leader(self):
        """Number of the member that leads, as all that run see it; None if there is none."""
        seen, ids = set(), {}
        for number, process in enumerate(self.processes):
            if not process:
                continue
            status = self.ask(number, "maintenance/status")
            if not status or not status.get("leader"):
                return None
            ids[status["header"]["member_id"]] = str(number)
            seen.add(status["leader"])
        return ids.get(seen.pop()) if len(seen) == 1 else None

    def compact(self, number, prefix="vmnet"):
        """Lets the cluster forget all but what is."""
        there = self.ask(number, "kv/range", key=octets(prefix + "/mark"))
        return self.ask(number, "kv/compaction", revision=there["header"]["revision"])

    def log(self):
        return "".join((self.dir / f"log{n}").read_text(encoding="utf-8")[-2000:]
                       for n in range(len(self.ports)))
