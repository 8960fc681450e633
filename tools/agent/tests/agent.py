# SPDX-License-Identifier: GPL-2.0
"""Agents of the test's own, and the board that they ask."""

import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "board/tests"))

from board import OUT, PATIENCE, eventually  # noqa: E402

VMNETD = OUT / "vmnetd"
VMNETCTL = OUT / "vmnetctl"


def domain(board, name="lab"):
    """A domain with one segment; returns an administrator of it."""
    admin = board.client(board.token("admin"))
    # A board that serves learns of a token within a second.
    eventually(lambda: admin.get("/v1/domains").status == 200)
    made = admin.put(f"/v1/domains/{name}")
    assert made.status == 201, made
    made = admin.put(f"/v1/domains/{name}/segments/lan", {"vni": 42, "ipv4": "10.1.0.0/16"})
    assert made.status == 201, made
    return admin


class Agent:
    """A vmnetd, and the vmnetctl that talks to it."""

    def __init__(self, board, host, name="lab", ttl=2):
        self.board, self.host, self.name, self.ttl = board, host, name, ttl
        self.dir = tempfile.mkdtemp(prefix="vmnetd-")
        self.conf, self.state = f"{self.dir}/vmnetd.conf", f"{self.dir}/state"
        self.socket, self.log = f"{self.dir}/socket", f"{self.dir}/log"
        self.database = f"{self.state}/{name}.json"
        self.process = None
        self.token = board.token("host", "domain", name, "host", host)
        own = board.client(self.token)
        eventually(lambda: own.get(f"/v1/domains/{name}").status == 200)
        pathlib.Path(self.conf).write_text(f"state = {self.state}\nsocket = {self.socket}\n",
                                           encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def ctl(self, *words, stdin=None, json_form=False):
        """Runs vmnetctl with the configuration of this agent."""
        flag = ["-j"] if json_form else []
        return subprocess.run([VMNETCTL, *flag, *words, "config", self.conf], text=True,
                              input=stdin, timeout=PATIENCE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)

    def join(self, *words, url=None, fingerprint=None, token=None):
        return self.ctl("join", url or f"https://127.0.0.1:{self.board.port}", self.name,
                        "fingerprint", fingerprint or self.board.fingerprint,
                        "token", token or self.token, "host", self.host,
                        "address", "192.0.2.1/24", "ttl", str(self.ttl), *words)

    def start(self, **how):
        log = open(self.log, "a", encoding="utf-8")
        self.process = subprocess.Popen([VMNETD, "-c", self.conf], stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, **how)
        log.close()
        return self

    def stop(self, sig=signal.SIGTERM):
        if not self.process:
            return None
        self.process.send_signal(sig)
        status = self.process.wait(PATIENCE)
        self.process = None
        return status

    def said(self):
        return pathlib.Path(self.log).read_text(encoding="utf-8")

    def control(self, data):
        """Says octets to the control socket; returns all that comes."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(self.socket)
            sock.sendall(data)
            got = b""
            while part := sock.recv(65536):
                got += part
            return got

    def status(self):
        """Of the domain, as "vmnetctl status" says it; {} if there is none."""
        done = self.ctl("status", json_form=True)
        if done.returncode:
            return {}
        for found in json.loads(done.stdout)["domains"]:
            if found["domain"] == self.name:
                return found
        return {}

    def registered(self):
        return self.status().get("state") == "registered"


def hosts(admin, name="lab"):
    return sorted(h["name"] for h in admin.get(f"/v1/domains/{name}/hosts").json["items"])
