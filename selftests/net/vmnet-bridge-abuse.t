#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""What "bridge vlan" and "bridge link" would never send about a port of vmnet.

Each must be refused, must change nothing, and must not disturb the kernel, which
the runner looks for.
"""

import ctypes
import errno
import json
import os
import random
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

from genl import attr, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWNET = 0x40000000
RTM_SETLINK, RTM_DELLINK, AF_BRIDGE = 19, 17, 7
NLM_F_REQUEST, NLM_F_ACK = 1, 4
IFLA_PROTINFO, IFLA_AF_SPEC = 12, 26
FLAGS, MODE, VLAN_INFO = 0, 1, 2
PVID, UNTAGGED, BEGIN, END = 2, 4, 8, 16
RANDOM_MESSAGES = 2000


def vlan(vid, flags=0):
    return attr(VLAN_INFO, struct.pack("=HH", flags, vid))


def spec(*members):
    return attr(IFLA_AF_SPEC, b"".join(members))


class Bridge:
    """Requests about one device."""

    def __init__(self, dev):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.bind((0, 0))
        self.sock.settimeout(20)
        self.index = socket.if_nametoindex(dev)
        self.seq = 0

    def ask(self, kind, body):
        """The errno of the answer."""
        self.seq += 1
        message = struct.pack("=BxHiII", AF_BRIDGE, 0, self.index, 0, 0) + body
        self.sock.send(struct.pack("=IHHII", 16 + len(message), kind,
                                   NLM_F_REQUEST | NLM_F_ACK, self.seq, 0) + message)
        while True:
            data = self.sock.recv(1 << 17)
            if struct.unpack_from("=I", data, 8)[0] == self.seq:
                return -struct.unpack_from("=i", data, 16)[0]


def shown(dev):
    """What is set of a port."""
    out = subprocess.run(["vmnetctl", "-j", "show-ports"], check=True,
                         capture_output=True, text=True).stdout
    port = next(port for port in json.loads(out) if port["port"] == dev)
    return {key: value for key, value in port.items()
            if key in ("pvid", "untagged", "tagged", "isolated", "learning", "limit", "storm")}


WRONG = {
    "a VLAN of no octets": spec(attr(VLAN_INFO)),
    "a VLAN of 3 octets": spec(attr(VLAN_INFO, b"\1\0\1")),
    "a VLAN of 8 octets": spec(attr(VLAN_INFO, bytes(8))),
    "VLAN 0": spec(vlan(0)),
    "VLAN 4095": spec(vlan(4095)),
    "VLAN 65535": spec(vlan(65535)),
    "a range that does not end": spec(vlan(5, BEGIN)),
    "a range that does not begin": spec(vlan(5, END)),
    "a range in a range": spec(vlan(5, BEGIN), vlan(6, BEGIN), vlan(7, END)),
    "a VLAN in a range": spec(vlan(5, BEGIN), vlan(6), vlan(7, END)),
    "a range backwards": spec(vlan(7, BEGIN), vlan(5, END)),
    "a range from 0": spec(vlan(0, BEGIN), vlan(5, END)),
    "a range to 4095": spec(vlan(1, BEGIN), vlan(4095, END)),
    "a range to 65535": spec(vlan(1, BEGIN), vlan(65535, END)),
    "many PVIDs": spec(vlan(1, BEGIN | PVID), vlan(9, END | PVID)),
    "good and then bad": spec(vlan(77, PVID | UNTAGGED), vlan(4095)),
    "a mode": spec(attr(MODE, b"\0\0")),
    "an attribute of the future": spec(attr(99, b"\0\0")),
    "VLANs and an unknown flag": spec(vlan(77)) + nest(IFLA_PROTINFO, attr(4, b"\1")),
    "isolated 2": nest(IFLA_PROTINFO, attr(33, b"\2")),
    "isolated of 4 octets": nest(IFLA_PROTINFO, attr(33, b"\1\0\0\0")),
    "learning of no octets": nest(IFLA_PROTINFO, attr(8)),
    "a state of spanning tree": nest(IFLA_PROTINFO, attr(1, b"\3")),
    "a state of the old kind": attr(IFLA_PROTINFO, b"\3"),
}


def refusals(dev):
    bridge = Bridge(dev)
    before = shown(dev)
    for what, body in WRONG.items():
        for kind in RTM_SETLINK, RTM_DELLINK:
            # To delete looks at VLANs only.
            if kind == RTM_DELLINK and "flag" in what:
                continue
            if not bridge.ask(kind, body):
                yield f"{what}, command {kind}: accepted"
    if shown(dev) != before:
        yield f"changed: {before} to {shown(dev)}"


def fuzz(devs):
    """Anything may come back, but it comes, and all still works.

    The first two of @devs are a port and its network.
    """
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    print(f"# seed {seed}")
    bridges = [Bridge(dev) for dev in devs]
    for i in range(RANDOM_MESSAGES):
        members = [rng.choice((
            lambda: vlan(rng.choice((0, 1, 2, 4094, 4095, rng.randrange(0x10000))),
                         rng.randrange(32)),
            lambda: attr(FLAGS, struct.pack("=H", rng.randrange(4))),
            lambda: attr(rng.randrange(40), rng.randbytes(rng.randrange(12))),
        ))() for _ in range(rng.randrange(6))]
        body = rng.choice((spec, lambda *m: nest(IFLA_PROTINFO, *m)))(*members)
        if rng.random() < 0.1:
            body = body[:rng.randrange(len(body) + 1)]
        try:
            rng.choice(bridges).ask(rng.choice((RTM_SETLINK, RTM_DELLINK)), body)
        except TimeoutError:
            yield f"seed {seed}, message {i}: no answer"
            return
    for dev in devs[:2]:
        shown(dev)
    if subprocess.run(["bridge", "vlan", "show"], stdout=subprocess.DEVNULL,
                      check=False).returncode:
        yield f"seed {seed}: bridge vlan show fails"


def every_other():
    """The longest answer: no two VLANs are next to each other."""
    bridge = Bridge("p0")
    for first in range(2, 4095, 512):
        error = bridge.ask(RTM_SETLINK, spec(*(
            vlan(vid) for vid in range(first, min(first + 512, 4095), 2))))
        if error:
            yield f"from {first}: {errno.errorcode[error]}"
    out = subprocess.run(["bridge", "vlan", "show", "dev", "p0"], check=True,
                         capture_output=True, text=True).stdout
    if len(out.splitlines()) < 2048:
        yield f"{len(out.splitlines())} lines"


def main():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    for command in ("ip link add p0 type veth peer g0", "vmnetctl add-net vmnet0",
                    "ip link set p0 up master vmnet0", "ip link set g0 up"):
        subprocess.run(command.split(), check=True)
    tap = Tap()
    tap.flawless("a port in all VLANs", refusals("p0"))
    subprocess.run("vmnetctl set-port vmnet0 p0 pvid 10 tagged 20-30".split(), check=True)
    tap.flawless("a port in some VLANs", refusals("p0"))
    subprocess.run("vmnetctl set-port vmnet0 p0 vlans all".split(), check=True)
    tap.flawless("every other VLAN", every_other())
    tap.flawless(f"{RANDOM_MESSAGES} random messages", fuzz(["p0", "vmnet0", "g0"]))
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C")
    sys.exit(main())
