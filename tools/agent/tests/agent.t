#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmnetd and what vmnetctl does with boards, against a real board on loopback, without
the kernel modules: Membership, node query, the database, and what goes wrong."""

import json
import os
import pathlib
import shutil
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from agent import Agent, domain, hosts  # noqa: E402
from board import Board, eventually, main  # noqa: E402

H = "/v1/domains/lab/hosts/"


def join(tap, board, admin, agent):
    """What join refuses, and what it does."""
    wrong = ":".join(["AB"] * 32)
    done = agent.join(fingerprint=wrong)
    tap.ok(done.returncode == 1 and f"{board.fingerprint}, not {wrong}" in done.stderr,
           "another fingerprint is refused", done.stderr)
    done = agent.join(token="vmb_000000000000_" + 64 * "0")
    tap.ok(done.returncode == 1 and "not known" in done.stderr, "so is a wrong token",
           done.stderr)
    other = board.token("host", "domain", "lab", "host", "other")
    client = board.client(other)
    eventually(lambda: client.get("/v1/domains/lab").status == 200)
    done = agent.join(token=other)
    tap.ok(done.returncode == 1 and 'to "other"' in done.stderr, "and another host's",
           done.stderr)
    done = agent.join(url="https://127.0.0.1:1")
    tap.ok(done.returncode == 1 and "onnect" in done.stderr, "and a board that is not there",
           done.stderr)
    tap.ok("domain" not in pathlib.Path(agent.conf).read_text(encoding="utf-8"),
           "nothing is written then")
    done = agent.ctl("show-hosts")
    tap.ok(done.returncode == 1 and "in no domain" in done.stderr, "and nothing joined",
           done.stderr)
    done = agent.join(token="-")
    tap.same(done.returncode, 2, "a token from standard input that is not there")
    done = agent.join()
    tap.ok(done.returncode == 0 and f"vmnetd -c {agent.conf}" in done.stderr,
           "joined; it says what comes next", done.stderr)
    tap.same(os.stat(agent.conf).st_mode & 0o777, 0o600, "the file is for its owner only")
    done = agent.ctl("status")
    tap.ok(done.returncode == 1 and "vmnetd does not answer" in done.stderr,
           "status without vmnetd", done.stderr)
    tap.same(hosts(admin), [], "to join is not to register")


def life(tap, board, admin, agent):
    """Registered, renewed, forgotten, registered again."""
    agent.start()
    tap.ok(eventually(agent.registered), "registered", agent.said())
    status = agent.status()
    tap.same((status["node"], status["hosts"], status["saved"]), (1, 1, True), "status says so")
    tap.ok(any("vmnet is not loaded" in text for text in status["differs"]),
           "and what the kernel lacks", status["differs"])
    tap.same(admin.get(H + "h1").json["segments"], ["lan"], "in all segments")
    time.sleep(2 * agent.ttl)
    tap.same(hosts(admin), ["h1"], "after two TTLs it is there")
    made = admin.put("/v1/domains/lab/segments/dmz", {"vni": 43, "ipv4": "10.2.0.0/16"})
    tap.same(made.status, 201, "another segment")
    tap.ok(eventually(lambda: admin.get(H + "h1").json["segments"] == ["dmz", "lan"] or
                      admin.get(H + "h1").json["segments"] == ["lan", "dmz"]),
           "of which it is at once")

    # Forgotten: stopped for longer than its lease
    vm = agent.ctl("add-vm", "lan", "web")
    tap.ok(vm.returncode == 0 and "10.1.0.1" in vm.stdout, "a VM gets an address", vm.stderr)
    agent.process.send_signal(signal.SIGSTOP)
    tap.ok(eventually(lambda: hosts(admin) == []), "a host that is silent is gone")
    agent.process.send_signal(signal.SIGCONT)
    tap.ok(eventually(lambda: hosts(admin) == ["h1"]), "and comes back")
    tap.ok(eventually(lambda: admin.get("/v1/domains/lab/segments/lan/vms/web").json["live"]),
           "with its VM")
    tap.same(admin.get("/v1/domains/lab/segments/lan/vms/web").json["ipv4"], "10.1.0.1",
             "which has its address")
    tap.same(admin.get(H + "h1").json["node"], 1, "and its number")

    # SIGTERM only stops
    tap.same(agent.stop(), 0, "stopped")
    tap.same(hosts(admin), ["h1"], "the lease goes on")
    tap.ok(not os.path.exists(agent.socket), "the socket is gone")
    tap.ok(eventually(lambda: hosts(admin) == []), "until it ends")
    agent.start()
    tap.ok(eventually(agent.registered), "started again")


def board_down(tap, board, admin, agent):
    """The board is killed and comes back; changes meanwhile are seen."""
    before = pathlib.Path(agent.database).read_text(encoding="utf-8")
    tap.ok('"h1"' in before, "the database is on the disk")
    port = board.port
    board.stop(signal.SIGKILL)
    tap.ok(eventually(lambda: agent.status().get("state") == "unreachable"),
           "the agent says that the board is down")
    tap.ok("onnect" in agent.status()["error"], "and why", agent.status())
    agent.stop(signal.SIGKILL)
    agent.start()
    tap.ok(eventually(lambda: agent.status().get("hosts") == 1),
           "who starts now knows from the disk", agent.said())
    tap.same(agent.status()["node"], 1, "also its number")
    with open(board.conf, "a", encoding="utf-8") as conf:
        conf.write(f"listen = 127.0.0.1:{port}\n")
    board.start()
    tap.ok(eventually(agent.registered), "the board is back, and the agent registers",
           agent.said())
    admin.close()
    admin.put("/v1/domains/lab/segments/lan/vms/x", {"host": None})
    tap.ok(eventually(lambda: "lan/x" in pathlib.Path(agent.database).read_text(
        encoding="utf-8")), "it watches again")

    # Changes that the agent has seen are lost: the board comes back as it was before
    board.stop()
    shutil.copytree(board.state, f"{board.dir}/backup")
    board.start()
    admin.close()
    for i in range(20):
        admin.put(f"/v1/domains/lab/segments/lan/vms/later{i}", {"host": None})
    tap.ok(eventually(lambda: "later19" in pathlib.Path(agent.database).read_text(
        encoding="utf-8")), "what is new is known")
    board.stop(signal.SIGKILL)
    shutil.rmtree(board.state)
    os.rename(f"{board.dir}/backup", board.state)
    board.start()
    admin.close()
    tap.ok(eventually(lambda: "all is read again" in agent.said()),
           "a board that knows less than before is read anew", agent.said())
    tap.ok(eventually(lambda: "later" not in pathlib.Path(agent.database).read_text(
        encoding="utf-8")), "what it does not have is forgotten")
    tap.ok(eventually(lambda: hosts(admin) == ["h1"] and agent.registered()),
           "and the agent is registered there")


def verbs(tap, agent):
    """All verbs, as text and as JSON."""
    for words in (("show-domains",), ("show-hosts",), ("show-vms",), ("show-vms", "segment", "lan"),
                  ("status",)):
        text, form = agent.ctl(*words), agent.ctl(*words, json_form=True)
        tap.ok(text.returncode == 0 and text.stdout.strip() and not text.stderr,
               " ".join(words), text.stderr)
        tap.ok(form.returncode == 0 and json.loads(form.stdout), " ".join(words) + " in JSON",
               form.stderr)
    vm = agent.ctl("add-vm", "lan", "db", "mac", "52:54:00:00:00:01", "ipv4", "10.1.0.77",
                   json_form=True)
    tap.same([(o["vm"], o["mac"], o["ipv4"], o["live"]) for o in json.loads(vm.stdout)],
             [("db", "52:54:00:00:00:01", "10.1.0.77", True)], "a VM as it was asked for")
    done = agent.ctl("add-vm", "lan", "db2", "ipv4", "10.1.0.77")
    tap.ok(done.returncode == 1 and "choose another address" in done.stderr,
           "an address that is taken", done.stderr)
    tap.same(agent.ctl("del-vm", "lan", "db").returncode, 0, "a VM is deleted")
    done = agent.ctl("del-vm", "lan", "db")
    tap.ok(done.returncode == 1 and 'no VM "db"' in done.stderr, "once", done.stderr)


def disk_full(tap, admin, agent):
    """The database cannot be written: all else goes on, and it says so."""
    agent.stop()
    os.rename(agent.state, agent.state + ".old")
    pathlib.Path(agent.state).write_text("no directory", encoding="utf-8")
    agent.start()
    tap.ok(eventually(agent.registered), "registered without a disk", agent.said())
    tap.same(agent.status()["saved"], False, "it says that nothing is saved")
    tap.ok("cannot write" in agent.said(), "and why", agent.said())
    os.unlink(agent.state)
    os.rename(agent.state + ".old", agent.state)
    admin.put("/v1/domains/lab/segments/lan/vms/y", {"host": None})
    tap.ok(eventually(lambda: agent.status()["saved"]), "as soon as it can it is")

    # A database that is none
    agent.stop()
    pathlib.Path(agent.database).write_text('{"version": 99}', encoding="utf-8")
    agent.start()
    tap.ok(eventually(agent.registered), "a database of another version is no hindrance")
    tap.ok("no database of this version" in agent.said(), "and is told of", agent.said())


def hostile(tap, agent):
    """Who talks nonsense to the control socket."""
    for name, data in (("no JSON", b"frob\n"), ("another JSON", b"[1, 2]\n"),
                       ("an unknown command", b'{"cmd": "frob"}\n'),
                       ("a command that is a number", b'{"cmd": 1}\n'),
                       ("deep JSON", b"[" * 3000 + b"\n"), ("zeros", bytes(100) + b"\n"),
                       ("no UTF-8", b'{"cmd": "\xff\xfe"}\n')):
        tap.ok("error" in json.loads(agent.control(data)), name)
    tap.ok("too long" in agent.control(b"x" * 4096).decode(), "a line without end")
    socks = []
    for _ in range(40):
        socks.append(socket.socket(socket.AF_UNIX))
        try:
            socks[-1].connect(agent.socket)
            socks[-1].sendall(b'{"cmd":')
        except OSError:
            pass
    tap.ok(eventually(lambda: agent.status().get("state") == "registered"),
           "many who say nothing do not keep others waiting for long")
    for sock in socks:
        sock.close()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(agent.socket)
        sock.sendall(b'{"cmd": "status"}\n')
    tap.ok(eventually(agent.registered), "one who does not wait for the answer")
    tap.same(os.stat(agent.socket).st_mode & 0o777, 0o600, "others may not connect")


def configuration(tap, agent):
    """What is wrong is said with the line, and changes nothing."""
    good = pathlib.Path(agent.conf).read_text(encoding="utf-8")
    lines = good.count("\n")
    for name, line, want in (
            ("no setting", "frob = 1", "there is no setting"),
            ("no value", "ttl", "expected"),
            ("DHCP perhaps", "dhcp = perhaps", 'must be "yes" or "no"'),
            ("a program without path", "dnsmasq = dnsmasq", "begins with"),
            ("a TTL of nothing", "ttl = 0", "from 1 to 3600"),
            ("a board without TLS", "board = http://127.0.0.1:1", "https://"),
            ("a domain twice", "domain = lab", "there twice"),
            ("a name that is none", "host = a/b", "must be a name"),
            ("an address without mask", "address = 192.0.2.1", "192.0.2.1/24"),
            ("a fingerprint that is none", "fingerprint = 12", "vmnet-board fingerprint"),
            ("a device name that is none", "network = lan a/b", "no name of a network device"),
            ("a transport that is none", "transports = tcp", "udp rrdp")):
        pathlib.Path(agent.conf).write_text(good + line + "\n", encoding="utf-8")
        done = agent.ctl("show-hosts")
        tap.ok(done.returncode == 2 and f"{agent.conf}:{lines + 1}: " in done.stderr and
               want in done.stderr, name, done.stderr)
    agent.process.send_signal(signal.SIGHUP)
    tap.ok(eventually(lambda: "all goes on as before" in agent.said()),
           "vmnetd goes on with what it had", agent.said())
    pathlib.Path(agent.conf).write_text(good, encoding="utf-8")
    tap.ok(agent.registered(), "registered")
    os.rename(agent.conf, agent.conf + ".gone")
    agent.process.send_signal(signal.SIGHUP)
    tap.ok(eventually(lambda: "No such file" in agent.said()), "a file that is gone", agent.said())
    os.rename(agent.conf + ".gone", agent.conf)
    tap.ok(agent.registered(), "is no wish to leave")

    # Two boards, of which one is down
    first, board, rest = good.partition("board = ")
    url = board + rest.partition("\n")[0]
    dead = "board = https://127.0.0.1:1\n" + rest.partition("\n")[2].partition("address")[0]
    pathlib.Path(agent.conf).write_text(first + dead + board + rest, encoding="utf-8")
    agent.process.send_signal(signal.SIGHUP)
    tap.ok(eventually(lambda: "127.0.0.1 port 1 " in agent.said()), "a board that is down",
           agent.said())
    tap.ok(eventually(lambda: agent.registered() and
                      f"board = {agent.status()['board']}" == url), "the other is asked",
           agent.said(), agent.status())
    tap.same(agent.ctl("show-hosts").returncode, 0, "also by vmnetctl")
    pathlib.Path(agent.conf).write_text(good, encoding="utf-8")
    agent.process.send_signal(signal.SIGHUP)
    tap.ok(eventually(agent.registered), "one board again", agent.said())


def expired(tap, board, admin, agent):
    """A token that is void is told of; the next one helps."""
    token = agent.token.split("_")[1]
    assert board.run("token", "del", token).returncode == 0
    tap.ok(eventually(lambda: "not known" in agent.status().get("error", "")),
           "a token that is void", agent.said())
    tap.ok(eventually(lambda: agent.status()["state"] == "unregistered"),
           "the lease ends without it", agent.status())
    agent.token = board.token("host", "domain", "lab", "host", "h1")
    own = board.client(agent.token)
    eventually(lambda: own.get("/v1/domains/lab").status == 200)
    tap.same(agent.join().returncode, 0, "joined with another")
    # Idle for long, it may have been closed.
    admin.close()
    tap.ok(eventually(agent.registered), "vmnetd knows it without a restart", agent.said())
    tap.same(agent.status().get("error"), None, "all is well")
    tap.same(agent.ctl("leave").returncode, 0, "leaves")
    tap.ok(eventually(lambda: hosts(admin) == []), "and is gone at once")
    tap.ok(eventually(lambda: agent.status() == {}), "also here", agent.said())
    tap.ok(not os.path.exists(agent.database), "with its database")
    tap.same(admin.get("/v1/domains/lab/segments/lan/vms/web").code, "not_found",
             "its VMs are deleted")


def test(tap):
    with Board() as board:
        board.start()
        admin = domain(board)
        with Agent(board, "h1") as agent:
            join(tap, board, admin, agent)
            life(tap, board, admin, agent)
            verbs(tap, agent)
            board_down(tap, board, admin, agent)
            disk_full(tap, admin, agent)
            hostile(tap, agent)
            configuration(tap, agent)
            expired(tap, board, admin, agent)
            tap.same(agent.stop(), 0, "it ends well")
            tap.ok("ERROR" not in agent.said() and "runtime error" not in agent.said(),
                   "and without complaints of checkers", agent.said()[-3000:])


main(test)
