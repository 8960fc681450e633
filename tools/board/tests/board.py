# SPDX-License-Identifier: GPL-2.0
"""A board of the test's own, on loopback, and results as TAP."""

import fcntl
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent.parent
OUT = pathlib.Path(os.environ.get("OUT", TOP / "out/tools"))
PROGRAM = OUT / "vmnet-board"
# Much longer than anything takes, on any machine.
PATIENCE = 60


class Tap:
    """Results."""

    count = failed = 0

    def ok(self, good, name, *said):
        self.count += 1
        self.failed += not good
        print(f"{'' if good else 'not '}ok {self.count} - {name}", flush=True)
        if not good:
            for line in said:
                print(f"# {line}")
        return good

    def same(self, got, want, name):
        return self.ok(got == want, name, f"got  {got}", f"want {want}")

    def end(self):
        print(f"1..{self.count}")
        return int(self.failed > 0)


class Answer:
    """Status, headers and what the body says."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()
        self.type = response.headers["Content-Type"]
        self.json = json.loads(self.text) if "json" in (self.type or "") else None

    @property
    def code(self):
        """What a problem is called."""
        return self.json.get("code") if self.json else None

    def __str__(self):
        return f"{self.status} {self.text.strip()}"


class Client:
    """One connection, which stays open, to a board whose certificate is known."""

    def __init__(self, board, token=None):
        self.board, self.token, self.conn = board, token, None

    def connect(self):
        context = ssl.create_default_context()
        # The fingerprint says who it is.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        conn = http.client.HTTPSConnection("127.0.0.1", self.board.port, context=context,
                                           timeout=PATIENCE)
        conn.connect()
        digest = hashlib.sha256(conn.sock.getpeercert(True)).hexdigest()
        assert digest == self.board.fingerprint.replace(":", "").lower(), "another board"
        return conn

    def start(self, method, path, body=None, headers=None):
        """Sends a request and returns what then comes."""
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if not self.conn:
            self.conn = self.connect()
        self.conn.request(method, path, body, headers)
        return self.conn.getresponse()

    def ask(self, method, path, body=None, headers=None):
        try:
            answer = Answer(self.start(method, path, body, headers))
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.headers["Connection"] == "close":
            self.close()
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def put(self, path, body=None):
        return self.ask("PUT", path, body)

    def delete(self, path):
        return self.ask("DELETE", path)

    def close(self):
        if self.conn:
            self.conn.close()
        self.conn = None


class Board:
    """A vmnet-board with a directory of its own."""

    def __init__(self, **settings):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="board-"))
        self.state = self.dir / "state"
        self.conf = self.dir / "board.conf"
        self.process = self.port = self.fingerprint = self.portal = None
        settings = {"listen": "127.0.0.1:0", "state": self.state, "rate": 1000000,
                    "burst": 1000000, "per-address": 4096, **settings}
        self.conf.write_text("".join(f"{key} = {value}\n" for key, value in settings.items()),
                             encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *words):
        """Runs a command of the program to its end."""
        return subprocess.run([PROGRAM, "-c", self.conf, *words], text=True, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def token(self, *words):
        done = self.run("token", "add", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, **how):
        self.process = subprocess.Popen([PROGRAM, "-c", self.conf], text=True,
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        **how)
        for line in self.process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "fingerprint":
                self.fingerprint = rest
            if word == "portal":
                self.portal = rest
            if word == "listening":
                self.port = int(rest.rpartition(":")[2])
                return self
        raise RuntimeError(f"the board ended with status {self.process.wait()}")

    def stop(self, sig=signal.SIGTERM):
        """Ends the board; returns its exit status."""
        if not self.process:
            return None
        self.process.send_signal(sig)
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        return status

    def client(self, token=None):
        return Client(self, token)


def metric(client, name):
    """A figure of the board."""
    found = re.search(rf"^vmnet_board_{re.escape(name)} (\d+)$", client.get("/metrics").text, re.M)
    return int(found[1]) if found else None


def eventually(condition, seconds=PATIENCE):
    """Waits until the condition holds; returns what it says then."""
    end = time.monotonic() + seconds
    while not (said := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return said


def make(*targets):
    """Makes the program unless it is there, and the targets; one test at a time."""
    OUT.mkdir(parents=True, exist_ok=True)
    lock = os.open(OUT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if targets or not PROGRAM.exists():
        subprocess.run(["make", "-s", "-C", TOP / "tools", f"OUT={OUT}", *targets], check=True,
                       stdout=sys.stderr)
    os.close(lock)


def main(test):
    """Runs a test with a Tap, and ends with its status."""
    make()
    tap = Tap()
    test(tap)
    sys.exit(tap.end())
