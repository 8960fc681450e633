#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""A network of 64 hosts in 4 subnets: what a broadcast costs, counted on the wires.

And a host in more networks than a socket may be in groups.
"""

import ctypes
import os
import re
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position
from genl import attr, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SUBNETS, HOSTS = 4, 16
FRAMES = 10
NETWORKS = 25
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


ALL = [Host(s, n) for s in range(1, SUBNETS + 1) for n in range(1, HOSTS + 1)]


def run(*command, text=None):
    return subprocess.run(command, input=text, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def enter(name):
    """This process goes to a namespace."""
    fd = os.open(f"/run/netns/{name}", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def sysctl(path, value):
    try:
        with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as file:
            file.write(str(value))
    except FileNotFoundError:
        pass


def make_wires():
    # All namespaces share the table of neighbours.
    for number in 1, 2, 3:
        sysctl(f"ipv4/neigh/default/gc_thresh{number}", 16384)
    run("ip", "-batch", "-", text="".join(
        f"netns add {name}\n" for name in ["wire"] + [h.name for h in ALL]))
    enter("wire")
    sysctl("ipv4/ip_forward", 1)
    lines = []
    for subnet in range(1, SUBNETS + 1):
        lines += [f"link add br{subnet} type bridge mcast_snooping 0",
                  f"addr add 172.16.{subnet}.254/24 dev br{subnet}",
                  f"link set br{subnet} up"]
    for host in ALL:
        lines += [f"link add to-{host.name} type veth peer name eth0 netns {host.name}",
                  f"link set to-{host.name} master br{host.subnet} up"]
    run("ip", "-batch", "-", text="\n".join(lines) + "\n")
    run("tc", "-batch", "-", text="".join(
        f"qdisc add dev to-{host.name} clsact\n"
        f"filter add dev to-{host.name} ingress protocol ip prio 1 u32"
        " match ip protocol 17 0xff match ip dport 4789 0xffff"
        " match u8 0x48 0xff at 28 action pass\n" for host in ALL))


def make_host(host):
    host.enter()
    for conf in "all", "default":
        sysctl(f"ipv6/conf/{conf}/disable_ipv6", 1)
    run("ip", "-batch", "-", text=f"link set lo up\naddr add {host.address}/24 dev eth0\n"
        f"link set eth0 up\nroute add default via 172.16.{host.subnet}.254\n")
    run("vmnetctl", "add-net", "vmnet0", "vni", "42", "node", str(host.node),
        "subnet", str(host.subnet))


def add_peers(host):
    """Returns how many of them were refused."""
    host.enter()
    ifindex = socket.if_nametoindex("vmnet0")
    sock = genl.Genl()
    family = sock.family("vmnet")[0]
    refused = 0
    for peer in ALL:
        if peer is host:
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


def hearing(host):
    """How many peers hear the host's multicasts."""
    host.enter()
    sock = genl.Genl()
    answer = sock.ask(sock.family("vmnet")[0], CMD["peer-get"], flags=genl.NLM_F_DUMP)
    sock.close()
    heard = 0
    for reply in answer.replies:
        peer = dict(genl.attrs(dict(genl.attrs(reply[4:]))[TOP["peer"]["number"]]))
        heard += PEER["hears"]["number"] in peer
    return heard


def received(host):
    """Frames that the host's NIC on the network has received."""
    host.enter()
    with open("/proc/thread-self/net/dev", encoding="ascii") as file:
        return int(re.search(r"vmnet0:\s*\d+\s+(\d+)", file.read()).group(1))


def flows():
    """Frames of floods that each host has sent."""
    enter("wire")
    out = run("tc", "-s", "-batch", "-", text="".join(
        f"filter show dev to-{host.name} ingress\n" for host in ALL))
    return [int(n) for n in re.findall(r"Sent \d+ bytes (\d+) pkt", out)]


def broadcast(host):
    host.enter()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(("vmnet0", 0))
        for _ in range(FRAMES):
            sock.send(b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x88\xb6" + b"\0" * 46)


def eventually(seconds, condition):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def many_networks(host, peer):
    """Groups of a host that is in many networks."""
    host.enter()
    for number in range(1, NETWORKS + 1):
        run("vmnetctl", "add-net", f"many{number}", "vni", str(1000 + number),
            "node", str(host.node), "subnet", str(host.subnet))
        run("vmnetctl", "add-peer", f"many{number}", "udp", peer.address,
            "node", str(peer.node), "subnet", str(peer.subnet))
    with open("/proc/thread-self/net/igmp", encoding="ascii") as file:
        return len(re.findall(r"\b[0-9A-F]{2}0[34]00EF\b", file.read()))


def main():
    tap = Tap(7)
    source, others = ALL[0], ALL[1:]
    make_wires()
    for host in ALL:
        make_host(host)
    tap.is_("peers are added", sum(add_peers(host) for host in ALL), 0)
    tap.result(eventually(60, lambda: all(hearing(h) == HOSTS - 1 for h in ALL)),
               "in each subnet all hear each other")

    wanted, before = [received(host) + FRAMES for host in others], flows()
    broadcast(source)
    tap.result(eventually(20, lambda: [received(host) for host in others] == wanted),
               "each host gets each broadcast")
    sent = [now - was for now, was in zip(flows(), before)]
    print(f"# {len(ALL)} hosts in {SUBNETS} subnets: of each broadcast the source sends"
          f" {sent[0] / FRAMES:g} frames, all hosts {sum(sent) / FRAMES:g}")
    tap.is_("the source sends a frame for each subnet", sent[0], SUBNETS * FRAMES)
    tap.is_("all hosts two for each but one", sum(sent), (2 * SUBNETS - 1) * FRAMES)
    time.sleep(1)
    tap.is_("nothing comes twice", [received(host) for host in others], wanted)
    tap.is_(f"a host is in the groups of {NETWORKS} networks",
            many_networks(source, ALL[1]), NETWORKS)
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
