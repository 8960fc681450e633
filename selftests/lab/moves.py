# SPDX-License-Identifier: GPL-2.0
"""A guest that moves between Xen hosts, live, while a third host's guest talks to it.

A PVH domain goes from one Xen host to the other over RRDP, and back over UDP. It is
pinged and sent a stream; its address moves with the first frame from the new place, on
every host.
"""
from stage import NET, Stage

PORT = 5001


class Moves(Stage):
    """The stage of three hosts, two of which a guest moves between.

    Pings are @interval ms apart. Who inherits says in moved() what became of it.
    """

    def __init__(self, interval, prefix=""):
        super().__init__("migrate.toml", prefix)
        self.interval = interval

    def moved(self, what, guest, transport, seen):
        """A guest has moved: how, where it was seen from ("follow" says what)."""
        raise NotImplementedError

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
                               f"eth0 {self.nodes[0].overlay} {self.interval} {PORT}")
        job.stop()
        self.moved(what, guest, transport, seen)

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
