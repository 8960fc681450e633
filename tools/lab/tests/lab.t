#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmnetctl lab against a real board and two agents on loopback, without the kernel
modules: what is planned, what is refused, and that of what fails nothing stays."""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "agent/tests"), str(HERE.parents[1] / "board/tests")]
from agent import VMNETCTL, Agent, domain  # noqa: E402
from board import Board, eventually, main  # noqa: E402

D = "/v1/domains/lab"
TOPOLOGY = """\
name: t
defaults: {kernel: /no/such/kernel}
networks:
  red: {ipv4: 10.7.0.0/24, gateway: r}
  blue: {ipv4: 10.8.0.0/24}
guests:
  a: {nics: [red]}
  b: {nics: [red], host: h2}
  c: {nics: [{network: blue, ipv4: 10.8.0.1}]}
appliances:
  r: {nics: [red, blue]}
"""


class Desk:
    """A board, two agents and a file."""

    def __init__(self, tap, board):
        self.tap, self.board = tap, board
        self.admin = domain(board)
        self.dir = board.dir
        self.file = self.write("t.yaml", TOPOLOGY)
        token = board.token("admin", "domain", "lab")
        client = board.client(token)
        eventually(lambda: client.get(D).status == 200)
        self.token = self.write("admin", token + "\n")

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def rsh(self, agent):
        """A command that reaches the host of an agent."""
        return "sh " + self.write("rsh", f'test "$1" = {agent.host} || exit 1\nshift 2\n'
                                         f'exec {VMNETCTL} "$@" config {agent.conf}\n')

    def left(self, agent):
        """What is there of labs, on the board and on a host."""
        segments = [s["name"] for s in self.admin.get(f"{D}/segments").json["items"]]
        vms = [v["name"] for v in self.admin.get(f"{D}/vms").json["items"]]
        files = [str(path) for path in pathlib.Path(agent.state).glob("*/*")
                 if path.suffix != ".lock"]
        return segments, vms, files


def check(tap, desk, agent):
    """Files are read before anything else is done."""
    done = agent.ctl("lab", "up", desk.write("bad.yaml", TOPOLOGY + "  b: {}\n"))
    tap.same((done.returncode, done.stderr),
             (2, f'vmnetctl: {desk.dir}/bad.yaml:12: there is a guest "b" already: choose another'
                 " name\n"), "a file that is wrong")
    done = agent.ctl("lab", "up", desk.file, "token", "/no/such/token")
    tap.ok(done.returncode == 1 and "cannot read a token from /no/such/token" in done.stderr,
           "a token that is not there", done.stderr)
    done = agent.ctl("lab", "status", json_form=True)
    tap.same((done.returncode, done.stdout.strip()), (0, "[]"), "no lab was begun")
    done = agent.ctl("lab", "status", "t")
    tap.ok(done.returncode == 1 and "no lab t was begun here" in done.stderr, "not that one",
           done.stderr)


def plan(tap, desk, agent):
    """Guests are spread over the hosts, and nothing is done."""
    before = desk.left(agent)
    done = agent.ctl("lab", "up", desk.file, "dry-run", json_form=True)
    rows = json.loads(done.stdout or "[]")
    tap.same([(r["guest"], r["host"], r["state"], r["addresses"]) for r in rows],
             [("a", "h1", "planned", "red=?"), ("b", "h2", "planned", "red=?"),
              ("c", "h1", "planned", "blue=10.8.0.1"), ("r", "h2", "planned", "red=?,blue=?")],
             "a plan")
    tap.same(desk.left(agent), before, "changes nothing")
    gone = desk.write("gone.yaml", TOPOLOGY.replace("h2", "h9"))
    done = agent.ctl("lab", "up", gone, "dry-run")
    tap.ok(done.returncode == 1 and f'{gone}:8: host "h9" is not there' in done.stderr,
           "a host that is not there", done.stderr)


def undone(tap, desk, agent, other):
    """What fails leaves nothing."""
    before = desk.left(agent)
    done = agent.ctl("lab", "up", desk.file)
    tap.ok(done.returncode == 1 and f"{desk.file}:4: network" in done.stderr,
           "a host's token is not enough", done.stderr)
    tap.same(desk.left(agent), before, "nothing is left")
    words = ("token", desk.token, "rsh", desk.rsh(other))
    done = agent.ctl("lab", "up", desk.file, *words)
    tap.ok(done.returncode == 1 and
           "host h1: guest a: kernel /no/such/kernel: No such file" in done.stderr and
           "host h2: guest b: kernel /no/such/kernel: No such file" in done.stderr and
           "lab t is not up: what was done is undone" in done.stderr,
           "both hosts say what they lack", done.stderr)
    tap.same(desk.left(agent), before, "nothing is left")
    done = agent.ctl("lab", "up", desk.file, "token", desk.token, "rsh", "/no/such/shell")
    tap.ok(done.returncode == 1 and "host h2: the remote shell cannot be started" in done.stderr
           and '"vmnetctl lab down t" tries again' in done.stderr,
           "a host that is not reached", done.stderr)
    tap.ok("t-red" in desk.left(agent)[0], "what may run there is not forgotten")
    red, blue = (desk.admin.get(f"{D}/segments/t-{net}").json for net in ("red", "blue"))
    router = desk.admin.get(f"{D}/segments/t-red/vms/r").json
    tap.same((red.get("gateway"), blue.get("gateway")), (router["ipv4"], None),
             "its gateway is told to who asks by DHCP")
    vni = red["vni"]
    tap.ok(1 << 23 <= vni < 1 << 24, "its number is far from those that people choose", vni)
    done = agent.ctl("lab", "up", desk.file, *words)
    tap.ok(done.returncode == 1 and "lab t was begun here already" in done.stderr,
           "and not begun twice", done.stderr)
    done = agent.ctl("lab", "status", "rsh", desk.rsh(other), json_form=True)
    tap.same([r["state"] for r in json.loads(done.stdout)], ["missing"] * 4,
             "status says what is missing")
    done = agent.ctl("lab", "down", "t", *words)
    tap.same((done.returncode, done.stderr, desk.left(agent)), (0, "", before),
             "once it can be reached, all of it goes")


def others(tap, desk, agent, other):
    """A host has a lab of that name that somebody else began, and keeps it."""
    record = pathlib.Path(other.state) / "guests/t.json"
    record.parent.mkdir(exist_ok=True)
    record.write_text(json.dumps({"lab": "t", "domain": "lab", "id": "x", "guests": []}),
                      encoding="utf-8")
    before = desk.left(agent)
    done = agent.ctl("lab", "up", desk.file, "token", desk.token, "rsh", desk.rsh(other))
    tap.ok(done.returncode == 1 and "host h2: it has guests of a lab t already" in done.stderr,
           "a host with another lab of that name", done.stderr)
    tap.same((desk.left(agent), record.exists()), (before, True), "keeps it, and nothing else")
    record.unlink()


def away(tap, desk, agent, other):
    """A host that had guests is not there."""
    before = desk.left(agent)
    record = pathlib.Path(agent.state) / "labs/t.json"
    hosts = [{"name": name, "host": host, "nics": []} for name, host in (("a", "h2"), ("b", "h9"))]
    record.write_text(json.dumps({"lab": "t", "domain": "lab", "id": "x", "segments": ["t-red"],
                                  "refused": [], "guests": hosts}), encoding="utf-8")
    desk.admin.put(f"{D}/segments/t-red", {"vni": 7, "ipv4": "10.7.0.0/24"})
    words = ("token", desk.token, "rsh", desk.rsh(other))
    done = agent.ctl("lab", "down", "t", *words)
    tap.ok(done.returncode == 1 and "host h9 is not there, and may have guests" in done.stderr,
           "a host that is not there", done.stderr)
    kept = json.loads(record.read_text(encoding="utf-8"))
    tap.same(([g["host"] for g in kept["guests"]], kept["segments"], desk.left(agent)[0]),
             (["h9"], [], before[0]), "is not forgotten, all else is gone")
    record.unlink()


def leftover(tap, desk, agent, other):
    """What another host began, and left."""
    before = desk.left(agent)
    desk.admin.put(f"{D}/segments/t-red", {"vni": 7, "ipv4": "10.7.0.0/24"})
    desk.admin.put(f"{D}/segments/t-red/vms/a")
    words = ("token", desk.token, "rsh", desk.rsh(other))
    done = agent.ctl("lab", "up", desk.file, *words)
    tap.ok(done.returncode == 1 and f'{desk.file}:4: segment "t-red" is there already' in
           done.stderr, "a segment of that name is not taken over", done.stderr)
    done = agent.ctl("lab", "down", "t", *words)
    tap.ok(done.returncode == 1 and "no lab t was begun here" in done.stderr,
           "its name alone does not say what it has", done.stderr)
    for what in ("the file does", "and does so again"):
        done = agent.ctl("lab", "down", desk.file, *words)
        tap.same((done.returncode, done.stderr, desk.left(agent)), (0, "", before), what)


def run(tap):
    with Board() as board:
        board.start()
        desk = Desk(tap, board)
        with Agent(board, "h1", ttl=30) as one, Agent(board, "h2", ttl=30) as two:
            for agent in (one, two):
                agent.join()
                agent.start()
            tap.ok(eventually(one.registered) and eventually(two.registered),
                   "two hosts are registered")
            check(tap, desk, one)
            plan(tap, desk, one)
            undone(tap, desk, one, two)
            others(tap, desk, one, two)
            away(tap, desk, one, two)
            leftover(tap, desk, one, two)


main(run)
