#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Each command on a network with one allocation after the other failing: it is refused
and has done nothing, or who listens is told that it has missed an event."""

import errno
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position
from faults import Sweep  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, attr, attrs, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

NETLINK_ADD_MEMBERSHIP = 1
RTM_NEWLINK, RTM_DELLINK, RTM_SETLINK = 16, 17, 19
NLM_F_CREATE = 0x600
IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA = 3, 10, 18, 1, 2
IFLA_VMNET_VNI = 1

# A socket's file says so of the memory that it has not.
FILES = faults.NO_MEMORY | {errno.ENFILE}
# And the kernel of a device that it has no memory to name.
DEVICES = faults.NO_MEMORY | {errno.EINVAL}

SPEC = nlspec.Spec("vmnet")
OPS = {name: op["number"] for name, op in SPEC.ops.items()}
ATTRS = {name: {a: node["number"] for a, node in s.attrs.items()}
         for name, s in SPEC.sets.items()}
TOP, PEER, FDB = ATTRS["vmnet"], ATTRS["peer"], ATTRS["fdb"]
EVENTS = {e if isinstance(e, str) else e["name"]: number for number, e in enumerate(
    SPEC.definitions["event-type"]["entries"])}


def u32(value):
    return struct.pack("=I", value)


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def exists(name):
    try:
        return bool(socket.if_nametoindex(name))
    except OSError:
        return False


class Route(genl.Genl):
    """rtnetlink: requests without the header of a family."""

    def __init__(self):
        super().__init__()
        self.sock.close()
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.settimeout(20)

    def send(self, family, cmd, body=b"", flags=0, cut=None):
        self.seq += 1
        self.sock.send(struct.pack("=IHHII", 16 + len(body), cmd,
                                   NLM_F_REQUEST | NLM_F_ACK | flags, self.seq, 0) + body)

    def do(self, cmd, ifindex, *fields, flags=0):
        return self.ask(0, cmd, struct.pack("=BxHiII", 0, 0, ifindex, 0, 0) +
                        b"".join(fields), flags).errno


class Vmnet(genl.Genl):
    """The family of networks."""

    def __init__(self):
        super().__init__()
        self.id, self.groups = self.family("vmnet")

    def do(self, op, *fields, flags=0):
        return self.ask(self.id, OPS[op], b"".join(fields), flags)


class Robust:
    """Makes a socket anew after one that has ended with an error."""

    def __init__(self, kind):
        self.kind, self.nl = kind, kind()

    def __call__(self, *args, **more):
        try:
            got = self.nl.do(*args, **more)
        except OSError as error:
            self.nl.close()
            self.nl = None
            return error.errno
        return got if isinstance(got, int) else got.errno

    def again(self, *_):
        self.nl = self.nl or self.kind()


class Listener(genl.Genl):
    """Events, or that some are lost."""

    def __init__(self, groups):
        super().__init__()
        self.sock.setsockopt(genl.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups["events"])
        self.sock.settimeout(0.05)

    def heard(self, event):
        """Was it told of the event, or that it has missed some?"""
        found = False
        while True:
            try:
                for _, _, _, body in self.messages():
                    number = dict(attrs(body[4:]))[TOP["event"]]
                    found |= struct.unpack("=I", number)[0] == EVENTS[event]
            except TimeoutError:
                return found
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                found = True


def peer_of(what):
    """Attributes by which a peer is named."""
    if isinstance(what, int):
        return nest(TOP["peer"], attr(PEER["transport"], b"\2"), attr(PEER["node"], u32(what)))
    kind, family = ("ipv6", socket.AF_INET6) if ":" in what else ("ipv4", socket.AF_INET)
    return nest(TOP["peer"], attr(PEER["transport"], b"\1"),
                attr(PEER[kind], socket.inet_pton(family, what)))


def networks(tap, route):
    info = nest(IFLA_LINKINFO, attr(IFLA_INFO_KIND, b"vmnet\0"),
                nest(IFLA_INFO_DATA, attr(IFLA_VMNET_VNI, u32(42))))

    def after(error):
        route.again()
        # It may have been made, and only the answer failed.
        there = exists("vmnet1")
        if there:
            ip("link", "del", "vmnet1")
        return None if error or there else "done, but not there"

    Sweep().run(lambda: route(RTM_NEWLINK, 0, attr(IFLA_IFNAME, b"vmnet1\0"), info,
                              flags=NLM_F_CREATE), after=after).report(tap, "a network", DEVICES)


def peers(tap, vmnet, listener):
    net = attr(TOP["ifindex"], u32(socket.if_nametoindex("vmnet0")))
    for what, peer in (("a UDP peer, IPv4", "192.0.2.2"), ("a UDP peer, IPv6", "2001:db8::2"),
                       ("an RRDP peer", 2), ("an RRDP peer, to connect to", 9)):
        def after(error, peer=peer):
            vmnet.again()
            heard = listener.heard("peer-new")
            gone = vmnet("peer-del", net, peer_of(peer))
            # It may have been done, and only the answer failed.
            if gone not in (0, errno.ENOENT):
                return f"cannot be deleted: {gone}"
            if not error and gone:
                return "done, but not there"
            listener.heard("peer-del")
            return None if heard or gone else "nobody was told"

        Sweep().run(lambda peer=peer: vmnet("peer-new", net, peer_of(peer)),
                    after=after).report(tap, what, FILES)


def ports(tap, route):
    port, net = (socket.if_nametoindex(name) for name in ("veth0", "vmnet0"))

    def after(error):
        route.again()
        ip("link", "set", "veth0", "nomaster")

    Sweep().run(lambda: route(RTM_SETLINK, port, attr(IFLA_MASTER, u32(net))),
                after=after).report(tap, "a port")


def entries(tap, vmnet):
    net = attr(TOP["ifindex"], u32(socket.if_nametoindex("vmnet0")))
    ip("link", "set", "veth0", "master", "vmnet0")
    mac = attr(FDB["lladdr"], b"\2\0\0\0\0\7")
    entry = nest(TOP["fdb"], mac, attr(FDB["port"], u32(socket.if_nametoindex("veth0"))))
    gone = set()

    def after(error):
        vmnet.again()
        gone.add(vmnet("fdb-del", net, nest(TOP["fdb"], mac)))

    Sweep().run(lambda: vmnet("fdb-new", net, entry), after=after).report(
        tap, "an entry of the MAC database")
    tap.result(gone <= {0, errno.ENOENT}, "which can be deleted if it is there", [gone])
    vmnet("fdb-new", net, entry)
    vmnet("peer-new", net, peer_of("192.0.2.2"))
    for op in "net-get", "peer-get", "fdb-get", "stats-get":
        Sweep().run(lambda op=op: vmnet(op, flags=NLM_F_DUMP), after=vmnet.again).report(tap, op)


def main():
    faults.prepare()
    tap = Tap()
    faults.LIBC.unshare(faults.CLONE_NEWNET)
    ip("link", "set", "lo", "up")
    for name in "veth0", "under":
        ip("link", "add", name, "type", "dummy")
        ip("link", "set", name, "up")
    ip("addr", "add", "192.0.2.1/24", "dev", "under")
    ip("addr", "add", "2001:db8::1/64", "dev", "under", "nodad")
    for node in ("5", "local", "dev", "under"), \
            ("2", "dev", "under", "lladdr", "02:00:00:00:00:02"), \
            ("9", "dev", "under", "lladdr", "02:00:00:00:00:09"):
        subprocess.run(["vmnetctl", "add-node", *node], check=True)
    subprocess.run(["vmnetctl", "add-net", "vmnet0", "vni", "7"], check=True)

    route, vmnet = Robust(Route), Robust(Vmnet)
    networks(tap, route)
    peers(tap, vmnet, Listener(vmnet.nl.groups))
    ports(tap, route)
    entries(tap, vmnet)

    # A reference that leaked would keep them, and the namespace.
    for name in "vmnet0", "under", "veth0":
        ip("link", "del", name)
    tap.result(not exists("vmnet0"), "the network goes with all that it had")
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
