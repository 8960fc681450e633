#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmnetctl lab hand: guests of QEMU on a host, in a namespace of the network where a
bridge stands for the network, and this test for vmnetd, whose answers it gives."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "agent/tests"), str(HERE.parents[1] / "board/tests")]
from agent import VMNETCTL  # noqa: E402
from board import PATIENCE, eventually, main  # noqa: E402

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
STATUS = {"domains": [{"domain": "d", "nets": [{"device": "br0", "segment": "t-red"},
                                               {"device": "br1", "segment": "t-blue"},
                                               {"device": "br2", "segment": "t-green"}]}]}


class Host:
    """A configuration, and what answers as vmnetd."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="hand-"))
        self.conf, self.disk = self.dir / "conf", self.dir / "disk"
        self.conf.write_text(f"state = {self.dir}/state\nsocket = {self.dir}/socket\n",
                             encoding="utf-8")
        # Nothing boots from it, and the machine stays.
        self.disk.write_bytes(bytes(1 << 20))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{self.dir}/socket")
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(json.dumps(STATUS).encode())

    def guest(self, name="g", **changes):
        nics = [{"segment": f"t-{net}", "mac": mac} for net, mac in zip(("red", "blue"), MACS)]
        return {"name": name, "memory": 64, "vcpus": 1, "disk": str(self.disk), "nics": nics,
                **changes}

    def ask(self, cmd, *guests, **changes):
        """The answer of a hand."""
        request = {"cmd": cmd, "lab": "t", "domain": "d", "id": "1", "guests": guests, **changes}
        done = subprocess.run([VMNETCTL, "lab", "hand", "config", self.conf], text=True,
                              env={**os.environ, "PATH": f"{self.dir}:{os.environ['PATH']}"},
                              input=json.dumps(request), stdout=subprocess.PIPE,
                              timeout=4 * PATIENCE, check=False)
        return json.loads(done.stdout)

    def left(self):
        """What a hand keeps."""
        return [path.name for path in self.dir.glob("state/guests/*") if path.suffix != ".lock"]

    def pid(self):
        return int((self.dir / "state/guests/t.files/g.pid").read_text(encoding="utf-8"))


def ports():
    said = subprocess.run(["ip", "-j", "link", "show"], text=True, stdout=subprocess.PIPE,
                          check=True).stdout
    return [link for link in json.loads(said) if link["ifname"].startswith("lab")]


def taps():
    """Ports: what they are called by alias, and the bridge."""
    return sorted((link.get("ifalias"), link.get("master")) for link in ports())


def tap_names():
    return sorted(link["ifname"] for link in ports())


def state(answer):
    return answer.get("error") or [(guest["name"], guest["state"]) for guest in answer["guests"]]


def life(tap, host):
    """A guest runs, dies, and is ended."""
    tap.same(host.ask("status"), {"guests": []}, "no guests")
    tap.same(host.ask("stop"), {"guests": []}, "none to end")
    tap.same(state(host.ask("start", host.guest())), [("g", "running")], "a guest starts")
    tap.same(taps(), [("g", "br0"), ("g", "br1")], "each NIC is a port, and says whose")
    tap.same(state(host.ask("status")), [("g", "running")], "it runs")
    said = host.ask("start", host.guest())
    tap.ok("already" in said.get("error", "") and said.get("refused"),
           "it does not start twice, and says that nothing was begun", said)
    for what, change in (("begun by another", {"id": "2"}), ("of another domain", {"domain": "e"}),
                         ("in a file of another domain", {"domain": "e", "id": ""})):
        tap.same((host.ask("stop", **change), state(host.ask("status"))),
                 ({"guests": []}, [("g", "running")]), f"one of its name {what} is not this one")
    os.kill(host.pid(), 9)
    tap.ok(eventually(lambda: state(host.ask("status")) == [("g", "dead")]), "it dies")
    tap.same(host.ask("stop"), {"guests": []}, "it is ended")
    tap.same((taps(), host.left()), ([], []), "and nothing is left")


def ended(tap, host):
    """One that runs."""
    host.ask("start", host.guest())
    pid = host.pid()
    tap.same(host.ask("stop", id=""), {"guests": []}, "one that runs is ended by its domain")
    tap.ok(eventually(lambda: not os.path.exists(f"/proc/{pid}")), "its process is gone")
    tap.same((taps(), host.left()), ([], []), "and nothing is left")


def foreign(tap, host):
    """Devices that others made."""
    host.ask("start", host.guest("h"))
    name = tap_names()[1]
    host.ask("stop")
    subprocess.run(["ip", "tuntap", "add", "dev", name, "mode", "tap"], check=True)
    said = host.ask("start", host.guest(), host.guest("h"))
    tap.ok(said.get("refused") and f"guest h: {name}: there is such a device" in said["error"],
           "a device of that name that others made is refused", said)
    tap.same((tap_names(), host.left()), ([name], []), "before anything was begun")
    # As if it had come while the guest before it began
    record = host.dir / "state/guests/t.json"
    guests = [{**host.guest("h"), "begun": False}]
    record.write_text(json.dumps({"lab": "t", "domain": "d", "guests": guests}), encoding="utf-8")
    tap.same(host.ask("stop", id=""), {"guests": []}, "who has not begun is not ended")
    tap.same((tap_names(), host.left()), ([name], []), "the device stays")
    subprocess.run(["ip", "link", "del", name], check=True)


def xen(tap, host):
    """A domain of Xen, of which a script tells as xl does."""
    xl, domains = host.dir / "xl", host.dir / "domains"

    def write_xl():
        xl.write_text(f"""#!/bin/sh
case $1 in
list) cat {domains} ;;
destroy) sed -i "/^$2 /d" {domains} ;;
esac
""", encoding="utf-8")
        xl.chmod(0o755)

    write_xl()
    record = host.dir / "state/guests/t.json"
    record.write_text(json.dumps({"lab": "t", "domain": "d", "kind": "xen",
                                  "guests": [{**host.guest(), "begun": True}]}), encoding="utf-8")
    said = host.ask("stop", id="")
    tap.ok(said.get("error", "").startswith("guest g: xl list: ") and record.exists(),
           "xl does not work: a domain may be there", said)
    xl.write_bytes(b"#!/bin/sh\nprintf '\\377 is no text'; exit 1\n")
    said = host.ask("stop", id="")
    tap.ok(said.get("error", "") == "guest g: xl list: ? is no text" and record.exists(),
           "what it says need not be UTF-8", said)
    write_xl()
    domains.write_text("Name ID Mem VCPUs State Time(s)\nDomain-0 0 512 1 r----- 9.9\n"
                       "t:g 3 64 1 -b---- 0.1\nt:g2 4 64 1 -b---- 0.1\n", encoding="utf-8")
    tap.same(state(host.ask("status", id="")), [("g", "running")], "it is")
    tap.same(host.ask("stop", id=""), {"guests": []}, "it is ended")
    tap.ok("t:g " not in (left := domains.read_text(encoding="utf-8")) and "t:g2 " in left,
           "and no other one", left)
    tap.same(host.left(), [], "nothing is left")


def wrong(tap, host):
    """What does not start is undone, as who asks does then."""
    said = host.ask("start", host.guest(kernel="/no/such/kernel"))
    tap.same(said, {"error": "guest g: kernel /no/such/kernel: No such file or directory",
                    "refused": True},
             "a kernel that is not there")
    tap.same((taps(), host.left()), ([], []), "nothing was begun")
    said = host.ask("start", host.guest(nics=[{"segment": "t-green", "mac": MACS[0]}]))
    tap.ok(said.get("refused") and "device br2 has the number of segment t-green but vmnetd did not"
           in said["error"], "a device that vmnetd has not made", said)
    tap.same((taps(), host.left()), ([], []), "nothing was begun")
    said = host.ask("start", host.guest(nics=[{"segment": "t-red", "mac": "x,romfile=/f"}]))
    tap.same(said, {"error": "guest g: no MAC address: x,romfile=/f", "refused": True},
             "an address that is none")
    tap.same(host.ask("start", host.guest("../g")),
             {"error": "a guest has no valid name", "refused": True}, "a name that is none")
    said = host.ask("start", host.guest(), host.guest("h", kernel=str(host.disk)))
    tap.ok(said.get("error", "").startswith("guest h: QEMU: "), "a kernel that is none", said)
    tap.same(state(host.ask("status")), [("g", "running"), ("h", "dead")],
             "who began before it runs")
    tap.same(host.ask("stop"), {"guests": []}, "all are ended")
    tap.same((taps(), host.left()), ([], []), "and nothing is left")
    tap.same(host.ask("frob"), {"guests": []}, "another request does nothing")


def test(tap):
    for net in STATUS["domains"][0]["nets"]:
        bridge, segment = net["device"], net["segment"]
        subprocess.run(["ip", "link", "add", bridge, "up", "type", "bridge"], check=True)
        if segment != "t-green":
            alias = f"vmnetd d/{segment}"
            subprocess.run(["ip", "link", "set", bridge, "alias", alias], check=True)
    host = Host()
    try:
        life(tap, host)
        ended(tap, host)
        foreign(tap, host)
        xen(tap, host)
        wrong(tap, host)
    finally:
        host.ask("stop")
        shutil.rmtree(host.dir)


if sys.argv[1:] == ["inside"]:
    main(test)
elif not os.access("/dev/net/tun", os.W_OK) or not shutil.which("qemu-system-x86_64"):
    print("1..0 # SKIP no /dev/net/tun, or no QEMU")
else:
    os.execvp("unshare", ["unshare", "-n" if os.geteuid() == 0 else "-rn", sys.executable,
                          __file__, "inside"])
