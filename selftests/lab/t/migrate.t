#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A guest that moves between Xen hosts, live, while a third host's guest talks to it.

A PVH domain goes from one Xen host to the other over RRDP, and back over UDP. It is
pinged each 10 ms and sent a stream; its address moves with the first frame from the new
place, on every host.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
NET_TESTS = HERE.parents[1] / "net"
sys.path[:0] = [str(HERE.parent), str(NET_TESTS)]
from stage import MAY_LOSE, NET, Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

PORT = 5001


class Migrate(Stage):
    """The stage of three hosts, two of which a guest moves between."""

    def __init__(self, tap):
        super().__init__("migrate.toml", prefix="# ")
        self.tap = tap

    def behind(self, mac):
        """Where each host believes an address to be: kind and name."""
        places = []
        for node in self.nodes:
            words = [line.split() for line in
                     node.host.run(f"vmnetctl show-fdb {NET}").out.splitlines()]
            places += [" ".join(line[2:4]) for line in words if line[1] == mac]
        return places

    def wanted(self, guest, transport):
        """The same, as it should be."""
        at = next(node for node in self.nodes if node.host is guest.host)
        peer = f"rrdp {at.number}" if transport == "RRDP" else f"udp {at.underlay}:4789"
        return [f"port {guest.port}" if node is at else peer for node in self.nodes]

    def listen(self, guest):
        """The guest sums what comes."""
        job = guest.start(f"nc -l -p {PORT} -e sha256sum")
        guest.run(f"until grep -qi ':{PORT:04x} [0-9a-f:]* 0A' /proc/net/tcp*;"
                  " do sleep 0.1; done")
        return job

    def move(self, guest, to, transport):
        what = f"{transport}, {guest.host.name} to {to.host.name}"
        job = self.listen(guest)
        seen = self.watch_move(self.lab["c1"], guest, to,
                               f"eth0 {self.nodes[0].overlay} 10 {PORT}")
        job.stop()
        self.tap.result(seen["sent"] > seen["lost"], f"{what}: it answers before and after")
        self.tap.result(seen["beyond"] <= MAY_LOSE,
                        f"{what}: beyond its pause {MAY_LOSE} pings are lost at most", [seen])
        self.tap.result(seen["announced"], f"{what}: it announces itself before it answers", [seen])
        self.tap.result(seen["octets"] > 0 and seen["intact"], f"{what}: the stream is intact",
                        [seen])
        self.tap.is_(f"{what}: every host knows where it is", self.behind(guest.mac),
                     self.wanted(guest, transport))

    def run(self):
        self.join("RRDP")
        self.set_mtu()
        a, b, _ = self.nodes
        self.move(a.guest, b, "RRDP")
        self.del_peers("RRDP")
        self.add_peers("UDP")
        self.set_mtu()
        self.move(a.guest, a, "UDP")
        self.lab.check()
        self.tap.result(True, "no kernel complained")


def main():
    tap = Tap(2 * 5 + 1)
    test = Migrate(tap)
    return test.verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
