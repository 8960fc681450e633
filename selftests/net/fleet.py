# SPDX-License-Identifier: GPL-2.0
"""A network of many hosts in several subnets, and what crosses their wires."""

import ctypes
import os
import re
import socket
import struct
import subprocess
import time

import genl
import nlspec
from genl import attr, nest

CLONE_NEWNET = 0x40000000

SPEC = nlspec.Spec("vmnet")
TOP, PEER = SPEC.sets["vmnet"].attrs, SPEC.sets["peer"].attrs
CMD = {name: op["number"] for name, op in SPEC.ops.items()}


class Host:
    """A host of the network, number @number of subnet @subnet."""

    def __init__(self, subnet, number):
        self.subnet, self.node = subnet, 100 * subnet + number
        self.name = f"h{self.node}"
        self.address = f"172.16.{subnet}.{number}"

    def enter(self):
        enter(self.name)

    def make(self):
        """Its address, its route and its end of the network."""
        self.enter()
        for conf in "all", "default":
            sysctl(f"ipv6/conf/{conf}/disable_ipv6", 1)
        run("ip", "-batch", "-", text=f"link set lo up\naddr add {self.address}/24 dev eth0\n"
            f"link set eth0 up\nroute add default via 172.16.{self.subnet}.254\n")
        run("vmnetctl", "add-net", "vmnet0", "vni", "42", "node", str(self.node),
            "subnet", str(self.subnet))

    def add_peers(self, hosts):
        """Returns how many of them were refused."""
        self.enter()
        ifindex = socket.if_nametoindex("vmnet0")
        sock = genl.Genl()
        family = sock.family("vmnet")[0]
        refused = 0
        for peer in hosts:
            if peer is self:
                continue
            body = attr(TOP["ifindex"]["number"], struct.pack("=I", ifindex)) + nest(
                TOP["peer"]["number"],
                attr(PEER["transport"]["number"], b"\1"),
                attr(PEER["ipv4"]["number"], socket.inet_aton(peer.address)),
                attr(PEER["node"]["number"], struct.pack("=I", peer.node)),
                attr(PEER["subnet"]["number"], struct.pack("=I", peer.subnet)))
            refused += bool(sock.ask(family, CMD["peer-new"], body).errno)
        sock.close()
        return refused

    def hearing(self):
        """How many peers hear its multicasts."""
        self.enter()
        sock = genl.Genl()
        answer = sock.ask(sock.family("vmnet")[0], CMD["peer-get"], flags=genl.NLM_F_DUMP)
        sock.close()
        heard = 0
        for reply in answer.replies:
            peer = dict(genl.attrs(dict(genl.attrs(reply[4:]))[TOP["peer"]["number"]]))
            heard += PEER["hears"]["number"] in peer
        return heard

    def received(self):
        """Frames that its NIC on the network has received."""
        self.enter()
        with open("/proc/thread-self/net/dev", encoding="ascii") as file:
            return int(re.search(r"vmnet0:\s*\d+\s+(\d+)", file.read()).group(1))

    def broadcast(self, frames):
        """So many of them leave its NIC on the network."""
        self.enter()
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind(("vmnet0", 0))
            for _ in range(frames):
                sock.send(b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x88\xb6" + b"\0" * 46)


class Fleet:
    """@subnets subnets with @number hosts in each, and a router between them."""

    def __init__(self, subnets, number):
        self.subnets, self.number = subnets, number
        self.hosts = [Host(s, n) for s in range(1, subnets + 1) for n in range(1, number + 1)]

    def make_wires(self):
        # All namespaces share the table of neighbours.
        for number in 1, 2, 3:
            sysctl(f"ipv4/neigh/default/gc_thresh{number}", 16384)
        run("ip", "-batch", "-", text="".join(
            f"netns add {name}\n" for name in ["wire"] + [h.name for h in self.hosts]))
        enter("wire")
        sysctl("ipv4/ip_forward", 1)
        lines = []
        for subnet in range(1, self.subnets + 1):
            lines += [f"link add br{subnet} address 02:00:00:00:fe:{subnet:02x} type bridge"
                      " mcast_snooping 0",
                      f"addr add 172.16.{subnet}.254/24 dev br{subnet}",
                      f"link set br{subnet} up"]
        for host in self.hosts:
            lines += [f"link add to-{host.name} type veth peer name eth0 netns {host.name}",
                      f"link set to-{host.name} master br{host.subnet} up"]
        run("ip", "-batch", "-", text="\n".join(lines) + "\n")
        run("tc", "-batch", "-", text="".join(
            f"qdisc add dev to-{host.name} clsact\n"
            f"filter add dev to-{host.name} ingress protocol ip prio 1 u32"
            " match ip protocol 17 0xff match ip dport 4789 0xffff"
            " match u8 0x48 0xff at 28 action pass\n" for host in self.hosts))

    def make(self):
        """All of it; returns how many peers were refused."""
        self.make_wires()
        for host in self.hosts:
            host.make()
        return sum(host.add_peers(self.hosts) for host in self.hosts)

    def remove(self):
        enter_first()
        run("ip", "-batch", "-", text="".join(
            f"netns del {name}\n" for name in ["wire"] + [h.name for h in self.hosts]))

    def hear(self):
        """Whether in each subnet all hear each other."""
        return all(host.hearing() == self.number - 1 for host in self.hosts)

    def flows(self):
        """Frames of floods that each host has sent."""
        enter("wire")
        out = run("tc", "-s", "-batch", "-", text="".join(
            f"filter show dev to-{host.name} ingress\n" for host in self.hosts))
        return [int(n) for n in re.findall(r"Sent \d+ bytes (\d+) pkt", out)]


def run(*command, text=None):
    return subprocess.run(command, input=text, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def enter_file(path):
    """This process goes to the namespace of that file."""
    fd = os.open(path, os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def enter(name):
    """This process goes to a namespace."""
    enter_file(f"/run/netns/{name}")


def enter_first():
    """This process goes to where all began."""
    enter_file("/proc/1/ns/net")


def sysctl(path, value):
    try:
        with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as file:
            file.write(str(value))
    except FileNotFoundError:
        pass


def wire(macs):
    """Namespaces "near" and "far", whose NICs eth0 have one wire and @macs."""
    for name in "near", "far":
        run("ip", "netns", "add", name)
    run("ip", "-n", "near", "link", "add", "eth0", "address", macs[0].hex(":"), "type", "veth",
        "peer", "name", "eth0", "address", macs[1].hex(":"), "netns", "far")
    for name in "near", "far":
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "link", "set", "eth0", "up")


def eventually(seconds, condition, pause=0.5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
