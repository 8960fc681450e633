# SPDX-License-Identifier: GPL-2.0
"""Four hosts in two subnets with guests in one virtual network, for the soak.

Each host has eth0 in its subnet, for IP, and eth1 on a link that all share, for RRDP.
Hosts of one subnet are peers over RRDP, all others over UDP.
"""

import json
import socket
import subprocess

import fleet
from fleet import run

VNI = 42
GROUP = "239.1.1.1"


def octets(rnd):
    """The rest of a MAC address. Those of two have more than one bit between them."""
    return ":".join(f"{rnd.randrange(256):02x}" for _ in range(5))


class Guest:
    """Guest number @number of @host."""

    def __init__(self, net, host, number):
        self.net, self.host, self.number = net, host, number
        self.name, self.port = f"g{number}", f"v{number}"
        self.address = f"10.0.0.{number}"
        self.mac = "02:" + octets(net.rnd)

    def make(self):
        run("ip", "netns", "add", self.name)
        fleet.enter(self.name)
        fleet.sysctl("ipv6/conf/default/disable_ipv6", 1)
        # Who changes its MAC address tells the others.
        fleet.sysctl("ipv4/conf/default/arp_notify", 1)
        fleet.sysctl("ipv4/conf/default/arp_accept", 1)
        run("ip", "-n", self.host.name, "link", "add", self.port, "type", "veth",
            "peer", "name", "eth0", "netns", self.name)
        self.plug()
        run("ip", "-batch", "-", text=f"link set lo up\nlink set eth0 address {self.mac}\n"
            f"addr add {self.address}/24 brd + dev eth0\nlink set eth0 up\n"
            "route add default dev eth0\n")

    def plug(self):
        run("ip", "-n", self.host.name, "link", "set", self.port, "master", "vmnet0", "up")

    def unplug(self):
        run("ip", "-n", self.host.name, "link", "set", self.port, "nomaster")

    def set_mac(self):
        self.mac = "02:" + octets(self.net.rnd)
        run("ip", "-n", self.name, "link", "set", "eth0", "address", self.mac)

    def move(self, host):
        run("ip", "-n", self.host.name, "link", "set", self.port, "netns", host.name)
        self.host.guests.remove(self)
        self.host = host
        host.guests.append(self)
        self.plug()
        # It tells where it is now.
        run("ip", "-n", self.name, "-batch", "-", text="link set eth0 down\n"
            "link set eth0 up\nroute replace default dev eth0\n")

    def frames_of(self, count):
        """Broadcasts from so many MAC addresses that nobody else has."""
        fleet.enter(self.name)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind(("eth0", 0))
            for _ in range(count):
                sock.send(b"\xff" * 6 + bytes.fromhex("02" + octets(self.net.rnd).replace(":", ""))
                          + b"\x88\xb7" + b"\0" * 46)

    def remove(self):
        run("ip", "netns", "del", self.name)


class Host:
    """Host @number of subnet @subnet."""

    def __init__(self, net, subnet, number):
        self.net, self.subnet, self.node = net, subnet, 10 * subnet + number
        self.name = f"h{self.node}"
        self.address = f"172.16.{subnet}.{number}"
        self.guests = []

    def ctl(self, *words):
        return run("vmnetctl", "-n", self.name, *words)

    def show(self, *words):
        return json.loads(self.ctl("-j", *words))

    def links(self):
        """Its ends of the wires, in the namespace "wire"."""
        return [f"ip-{self.name}", f"rrdp-{self.name}"]

    def make(self):
        run("ip", "netns", "add", self.name)
        fleet.enter(self.name)
        fleet.sysctl("ipv6/conf/default/disable_ipv6", 1)
        run("ip", "-n", "wire", "-batch", "-", text="".join(
            f"link add {link} type veth peer name eth{n} netns {self.name}\n"
            f"link set {link} master {bridge} up\n"
            for n, (link, bridge) in enumerate(zip(self.links(), [f"br{self.subnet}", "br0"]))))
        # Requests for addresses, of ARP and of RRDP, have no checksum but Ethernet's: who
        # alters their frames as well as the others makes them say what nobody said.
        run("tc", "-n", "wire", "-batch", "-", text="".join(
            f"qdisc add dev {link} root handle 1: prio bands 2"
            " priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n" + "".join(
                f"filter add dev {link} parent 1: protocol {kind} prio {n} matchall classid 1:2\n"
                for n, kind in enumerate(["arp", "0x88b6"], 1)) for link in self.links()))
        run("ip", "-batch", "-", text=f"link set lo up\naddr add {self.address}/24 dev eth0\n"
            f"link set eth1 address 02:{octets(self.net.rnd)}\nlink set eth1 up\n")
        self.eth0_up()
        self.ctl("add-node", str(self.node), "local", "dev", "eth1")
        self.join()

    def eth0_up(self):
        run("ip", "-n", self.name, "-batch", "-",
            text=f"link set eth0 up\nroute replace default via 172.16.{self.subnet}.254\n")

    def join(self):
        """The virtual network, its peers and those guests that are there."""
        # Addresses that nobody uses any more are to go soon.
        self.ctl("add-net", "vmnet0", "vni", str(VNI), "ageing", "30",
                 "node", str(self.node), "subnet", str(self.subnet))
        for peer in self.net.hosts:
            if peer is not self:
                self.add_peer(peer)

    def peer_words(self, peer):
        if peer.subnet == self.subnet:
            return ["rrdp", str(peer.node)]
        return ["udp", peer.address]

    def add_peer(self, peer):
        words = self.peer_words(peer)
        if words[0] == "udp":
            words += ["node", str(peer.node)]
        self.ctl("add-peer", "vmnet0", *words, "subnet", str(peer.subnet))

    def del_peer(self, peer):
        self.ctl("del-peer", "vmnet0", *self.peer_words(peer))

    def leave(self):
        self.ctl("del-net", "vmnet0")

    def set_mac(self):
        run("ip", "-n", self.name, "link", "set", "eth1", "address", "02:" + octets(self.net.rnd))

    def remove(self):
        """It is no more. Its guests go before it, as what they do goes through it."""
        for guest in self.guests:
            guest.remove()
        run("ip", "netns", "del", self.name)
        # A namespace goes in its own time, and takes its devices along.
        if not fleet.eventually(120, self.gone):
            raise RuntimeError(f"{self.name} does not go")

    def gone(self):
        return subprocess.run(["ip", "-n", "wire", "link", "show", self.links()[1]], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def up(self):
        """Its peers are, and those of its subnet hear it."""
        peers = self.show("show-peers", "vmnet0")
        return all(peer["state"] == "up" for peer in peers)

    def connections(self):
        return len(self.show("show-connections"))


class Net:
    """All of it; @rnd makes its addresses."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.hosts = [Host(self, s, n) for s in (1, 2) for n in (1, 2)]
        self.guests = []
        for number, host in enumerate(self.hosts * 2, 1):
            guest = Guest(self, host, number)
            self.guests.append(guest)
            host.guests.append(guest)

    def make(self):
        run("ip", "netns", "add", "wire")
        fleet.enter("wire")
        fleet.sysctl("ipv4/ip_forward", 1)
        lines = ["link add br0 type bridge mcast_snooping 0", "link set br0 up"]
        for s in 1, 2:
            lines += [f"link add br{s} address 02:00:00:00:fe:0{s} type bridge mcast_snooping 0",
                      f"addr add 172.16.{s}.254/24 dev br{s}", f"link set br{s} up"]
        run("ip", "-batch", "-", text="\n".join(lines) + "\n")
        for host in self.hosts:
            host.make()
        for guest in self.guests:
            guest.make()

    def remove(self):
        for host in self.hosts:
            host.remove()
        run("ip", "netns", "del", "wire")

    def carried(self):
        """Octets that the wires brought to each host, by link."""
        fleet.enter("wire")
        found = {}
        with open("/proc/thread-self/net/dev", encoding="ascii") as file:
            for line in file:
                name, _, numbers = line.partition(":")
                if "-h" in name:
                    found[name.strip()] = int(numbers.split()[8])
        return found
