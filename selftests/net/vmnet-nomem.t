#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Each command on a network with one allocation after the other failing: it is refused
and has done nothing, or who listens is told that it has missed an event."""

import errno
import socket
import subprocess
import sys

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
from faults import Sweep  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLM_F_DUMP, attr, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position
from vmnetnl import FDB, IFLA_IFNAME, IFLA_MASTER, NLM_F_CREATE, RTM_NEWLINK, RTM_SETLINK  # noqa: E402 # pylint: disable=wrong-import-position
from vmnetnl import TOP, Listener, Robust, Route, Vmnet, network, peer_of, u32  # noqa: E402 # pylint: disable=wrong-import-position

# A socket's file says so of the memory that it has not.
FILES = faults.NO_MEMORY | {errno.ENFILE}
# And the kernel of a device that it has no memory to name.
DEVICES = faults.NO_MEMORY | {errno.EINVAL}


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def exists(name):
    try:
        return bool(socket.if_nametoindex(name))
    except OSError:
        return False


def networks(tap, route):
    def after(error):
        route.again()
        # It may have been made, and only the answer failed.
        there = exists("vmnet1")
        if there:
            ip("link", "del", "vmnet1")
        return None if error or there else "done, but not there"

    Sweep().run(lambda: route(RTM_NEWLINK, 0, attr(IFLA_IFNAME, b"vmnet1\0"), network(42),
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
