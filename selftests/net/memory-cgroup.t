#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
"""What users make the kernel keep is charged to their memory cgroup."""

import ctypes
import os
import socket
import sys

sys.dont_write_bytecode = True

import fleet  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpnl  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpsock  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWNET, MNT_DETACH = 0x40000000, 2
ROOT = "/tmp/cgroup"
PAIRS, NODES = 30, 4000


def unmount():
    """Also while a file of it is open."""
    ctypes.CDLL(None).umount2(ROOT.encode(), MNT_DETACH)


def prepare():
    """A cgroup for this process; ends a test that can have none."""
    os.makedirs(ROOT, exist_ok=True)
    mount = ctypes.CDLL(None).mount
    if mount(b"none", ROOT.encode(), b"cgroup2", 0, None):
        print("1..0 # SKIP no cgroups")
        sys.exit(0)
    with open(f"{ROOT}/cgroup.controllers", encoding="ascii") as file:
        if "memory" not in file.read().split():
            unmount()
            print("1..0 # SKIP no memory cgroups")
            sys.exit(0)
    with open(f"{ROOT}/cgroup.subtree_control", "w", encoding="ascii") as file:
        file.write("+memory")
    os.makedirs(f"{ROOT}/test", exist_ok=True)
    with open(f"{ROOT}/test/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))


def finish():
    with open(f"{ROOT}/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.rmdir(f"{ROOT}/test")
    unmount()


def slab():
    """Octets of small objects that are charged to us."""
    with open(f"{ROOT}/test/memory.stat", encoding="ascii") as file:
        return int(dict(line.split() for line in file)["slab"])


def charged_since(before, least):
    """Octets charged, which the kernel adds up every now and then."""
    fleet.eventually(5, lambda: slab() - before > least)
    return slab() - before


def fill(sock):
    """Octets that could be sent, and nobody reads."""
    sent = 0
    try:
        while True:
            sent += sock.send(b"x" * 1000)
    except BlockingIOError:
        return sent


def messages(tap):
    listener = rrdpsock.Socket()
    listener.bind_port(2000)
    listener.listen(PAIRS)
    ends = []
    for _ in range(PAIRS):
        sock = rrdpsock.Socket()
        sock.connect_to(1, 2000)
        ends.append(sock)
    before = slab()
    sent = sum(fill(sock) for sock in ends)
    charged = charged_since(before, sent // 2)
    print(f"# {sent} octets sent, {charged} charged")
    tap.is_("messages that nobody has read", sent > 0 and charged > sent // 2, True)
    for sock in ends:
        sock.close()
    listener.close()


def nodes(tap):
    netlink, ifindex = rrdpnl.Rrdp(), socket.if_nametoindex("veth0")
    before = slab()
    for number in range(NODES):
        if netlink.add(number + 10, ifindex, b"\2\1" + number.to_bytes(4, "big")):
            break
    charged = charged_since(before, 64 * NODES)
    print(f"# {NODES} nodes, {charged} charged")
    tap.is_("nodes of the table", charged > 64 * NODES, True)


def main():
    rrdpsock.call(rrdpsock.LIBC.unshare, CLONE_NEWNET)
    os.system("ip link set lo up; ip link add veth0 type veth peer veth1; ip link set veth0 up")
    prepare()
    tap = Tap()
    if rrdpnl.Rrdp().add_local(1, socket.if_nametoindex("lo")):
        sys.exit("no node")
    try:
        # In this order: what messages took is given back after their sockets have gone.
        nodes(tap)
        messages(tap)
    finally:
        finish()
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
