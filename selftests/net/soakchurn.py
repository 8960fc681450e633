# SPDX-License-Identifier: GPL-2.0
"""What happens to a network in the soak while it is used."""

import time

from fleet import run


class Churn:
    """Steps taken at random, which @traffic is told of."""

    def __init__(self, net, traffic, rnd):
        self.net, self.traffic, self.rnd = net, traffic, rnd
        self.steps = 0
        self.counts = {}
        self.kinds = [getattr(self, name) for name in dir(self) if name.startswith("do_")]
        self.moved = {}

    def step(self):
        kind = self.rnd.choice(self.kinds)
        self.steps += 1
        name = kind.__name__[3:]
        self.counts[name] = self.counts.get(name, 0) + 1
        kind(self.rnd.choice(self.net.hosts), self.rnd.choice(self.net.guests))

    def wires(self, host):
        """All that gets to the host is lost, late, repeated or altered now and then."""
        rnd = self.rnd
        lines = []
        for link in host.links():
            delay = rnd.randrange(100, 2000)
            bad = (f"netem limit 10000 delay {delay}us {delay // 2}us"
                   f" loss {rnd.uniform(0, 4):.2f}% duplicate {rnd.uniform(0, 3):.2f}%"
                   f" reorder {rnd.uniform(0, 20):.2f}%")
            lines += [f"qdisc replace dev {link} parent 1:1 {bad}"
                      f" corrupt {rnd.uniform(0, 0.5):.2f}%",
                      f"qdisc replace dev {link} parent 1:2 {bad}"]
        run("tc", "-n", "wire", "-batch", "-", text="\n".join(lines) + "\n")

    def do_wires(self, host, _):
        self.wires(host)

    # ---- ports ----

    def do_port_leaves(self, _, guest):
        self.traffic.touch({guest})
        guest.unplug()
        time.sleep(self.rnd.uniform(0, 0.5))
        guest.plug()

    def do_port_goes(self, _, guest):
        self.traffic.kill({guest})
        guest.remove()
        time.sleep(0.1)
        guest.port = f"v{guest.number}.{self.steps}"
        guest.make()

    def do_port_moves(self, host, guest):
        # One that moves all the time is damped, as it should be.
        if host is guest.host or time.monotonic() < self.moved.get(guest, 0) + 60:
            return
        self.moved[guest] = time.monotonic()
        self.traffic.touch({guest})
        guest.move(host)

    def do_port_settings(self, host, guest):
        guest.host.ctl("set-port", "vmnet0", guest.port,
                       "limit", str(self.rnd.randrange(500, 65536)),
                       "mcast-limit", str(self.rnd.randrange(10, 512)))
        host.ctl("set-net", "vmnet0", "mcast-snooping", self.rnd.choice(["on", "off"]),
                 "neigh-suppress", self.rnd.choice(["on", "off"]))

    # ---- MAC addresses ----

    def do_mac_of_guest(self, _, guest):
        self.traffic.touch({guest})
        guest.set_mac()

    def do_mac_of_host(self, host, _):
        self.traffic.lose({host})
        host.set_mac()

    def do_macs_unknown(self, _, guest):
        guest.frames_of(100)

    def do_mac_fixed(self, host, guest):
        mac = f"02:aa:00:00:00:{self.rnd.randrange(256):02x}"
        host.ctl("add-fdb", "vmnet0", mac, "peer",
                 *host.peer_words(self.other(host)))
        guest.host.ctl("add-fdb", "vmnet0", mac.replace("aa", "bb"), "port", guest.port)
        host.ctl("del-fdb", "vmnet0", mac)
        guest.host.ctl("del-fdb", "vmnet0", mac.replace("aa", "bb"))

    # ---- peers, nodes, networks, hosts ----

    def other(self, host):
        return self.rnd.choice([other for other in self.net.hosts if other is not host])

    def on_network(self, host):
        """The host and its guests, and all who may need it to forward."""
        return {host, *host.guests}

    def do_peer(self, host, _):
        peer = self.other(host)
        self.traffic.touch({host, peer})
        host.del_peer(peer)
        time.sleep(self.rnd.uniform(0, 0.3))
        host.add_peer(peer)

    def do_peer_leaving(self, host, _):
        self.traffic.touch({host})
        others = [other for other in self.net.hosts if other is not host]
        for state in "on", "off":
            for other in others:
                other.ctl("set-peer", "vmnet0", *other.peer_words(host), "leaving", state)

    def do_node(self, host, _):
        peer = self.other(host)
        self.traffic.touch({host, peer})
        host.ctl("del-node", "learned")

    def do_node_number(self, host, _):
        self.traffic.lose({host})
        host.ctl("del-node", str(host.node))
        host.ctl("add-node", str(host.node), "local", "dev", "eth1")

    def do_network(self, host, _):
        self.traffic.touch(self.on_network(host))
        host.leave()
        host.join()
        for guest in host.guests:
            guest.plug()

    def do_link(self, host, _):
        self.traffic.lose(self.on_network(host))
        run("ip", "-n", host.name, "link", "set", self.rnd.choice(["eth0", "eth1"]), "down")
        time.sleep(self.rnd.uniform(0, 1))
        run("ip", "-n", host.name, "link", "set", "eth1", "up")
        host.eth0_up()

    def do_host(self, host, _):
        """It goes, and comes back with its guests."""
        gone = self.on_network(host)
        self.traffic.kill(gone)
        host.remove()
        host.make()
        self.wires(host)
        for guest in host.guests:
            guest.make()
