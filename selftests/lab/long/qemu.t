#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A guest of QEMU, its virtio-net on a tap, moves to another host while it is pinged.

It says nothing by itself: that it has moved, the hosts learn from the RARP frames that
QEMU sends for it.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
NET_TESTS = HERE.parents[1] / "net"
sys.path[:0] = [str(HERE.parent), str(NET_TESTS)]
from stage import MAY_LOSE, NET, Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

MIB = 1
PORT = 5001
# Of pings, in ms.
INTERVAL = 100


class Qemu(Stage):
    """The stage of two hosts without Xen."""

    def __init__(self, tap):
        super().__init__("qemu.toml", prefix="# ")
        self.tap = tap

    def migrate(self, guest, node):
        with self.waiting(f"{guest.name} moves from {guest.host.name} to {node.host.name}"):
            guest.migrate(node.host, NET, node.underlay)

    def behind(self, mac):
        """Where each host believes an address to be: a port, or a node."""
        entries = [json.loads(node.host.run(f"vmnetctl -j show-fdb {NET}").out)
                   for node in self.nodes]
        return [e.get("port") or e["node"] for some in entries for e in some if e["mac"] == mac]

    def transfer(self, guest, other):
        """Whether octets of the guest arrive as they were."""
        sink = other.start(f"nc -l {PORT} | sha256sum")
        other.run(f"until grep -qi ':{PORT:04x} [0-9a-f:]* 0A' /proc/net/tcp*; do sleep 0.1; done")
        sent = guest.run(f"dd if=/dev/urandom of=/tmp/octets bs=1M count={MIB} 2>/dev/null;"
                         f" nc {self.nodes[1].overlay} {PORT} < /tmp/octets;"
                         " sha256sum < /tmp/octets", timeout=120)
        self.tap.is_(f"it sends {MIB} MiB", sink.wait(60).out, sent.out)

    def run(self):
        self.join("RRDP")
        self.set_mtu()
        a, b = self.nodes
        guest, other = a.guest, b.guest
        self.tap.result(True, "a guest of QEMU boots")
        self.transfer(guest, other)
        seen = self.watch_move(other, guest, b, f"eth0 {a.overlay} {INTERVAL}")
        self.tap.result(seen["sent"] > seen["lost"], "it answers before and after it moves")
        self.tap.result(seen["beyond"] <= MAY_LOSE,
                        f"beyond its pause {MAY_LOSE} pings are lost at most", [seen])
        self.tap.is_("every host knows where it is", self.behind(guest.mac), [2, guest.port])
        self.quiet_move(guest, a, other)
        self.lab.check()
        self.tap.result(True, "no kernel complained")

    def quiet_move(self, guest, node, other):
        """Nobody talks to the guest: it is found by what QEMU says for it."""
        job = other.start("exec tcpdump -Z root -c 1 -l -n -i eth0 rarp")
        other.run(f"until grep -q listening {job.path}.err; do sleep 0.1; done")
        self.migrate(guest, node)
        said = job.wait(30).out
        self.tap.result(f"Reverse Request who-is {guest.mac}" in said,
                        "QEMU announces where it is", [said])
        self.tap.is_("every host knows that by the announcement alone", self.behind(guest.mac),
                     [guest.port, 1])


def main():
    tap = Tap(8)
    test = Qemu(tap)
    return test.verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
