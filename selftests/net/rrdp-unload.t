#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Objects: many
# Checkers: much
# Kernels: uml
"""Modules that are to go at every step of a connection's life: as long as there is a
socket they are refused, and when it is closed they go, whatever the connection is about."""

import mmap
import os
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
import fleet  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpnl  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpsock  # noqa: E402 # pylint: disable=wrong-import-position
from fleet import enter  # noqa: E402 # pylint: disable=wrong-import-position
from rrdpsock import SOL_RRDP  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

NEAR, FAR, NOBODY = 1, 2, 3
MACS = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2", b"\2\0\0\0\0\3"
SO_ZEROCOPY, SO_TX_RING, MSG_ZEROCOPY = 4, 6, 0x4000000
PAGE, FRAME, FRAMES, SEND_REQUEST = 4096, 4096, 4, 1
SYN_SENT, SYN_RCVD, OPEN = 2, 3, 4
LIMIT = 60


def silence(name):
    """Nothing leaves the host."""
    subprocess.run(["tc", "-n", name, "qdisc", "replace", "dev", "eth0", "root", "netem",
                    "loss", "100%"], check=True)


def loosen():
    """Whoever was silenced may speak."""
    for name in "near", "far":
        subprocess.run(["tc", "-n", name, "qdisc", "del", "dev", "eth0", "root"], check=False,
                       stderr=subprocess.DEVNULL)


def eventually(condition):
    return fleet.eventually(LIMIT, condition, 0.02)


def remove(module):
    return subprocess.run(["rmmod", module], check=False, stderr=subprocess.DEVNULL).returncode == 0


def insert(what):
    subprocess.run(["insmod", os.environ[what]], check=True)


def connections():
    """States of the connections of this namespace, of each end."""
    rrdp = rrdpnl.Rrdp()
    answer = rrdp.ask(rrdp.id, rrdpnl.OPS["conn-get"], b"", rrdpnl.NLM_F_DUMP)
    rrdp.close()
    return [dict(rrdpnl.attrs(dict(rrdpnl.attrs(reply[4:]))[rrdpnl.ATTRS["conn"]]))[
        rrdpnl.CONN["state"]][0] for reply in answer.replies]


class World:
    """Two hosts, their modules just loaded, and the sockets of a step."""

    def __init__(self):
        self.sockets, self.maps = [], []
        fleet.wire(MACS)

    def begin(self):
        for own, name in ((FAR, "far"), (NEAR, "near")):
            enter(name)
            rrdp, ifindex = rrdpnl.Rrdp(), socket.if_nametoindex("eth0")
            rrdp.add_local(own, ifindex)
            for node in {NEAR, FAR, NOBODY} - {own}:
                rrdp.add(node, ifindex, MACS[node - 1])
            rrdp.close()

    def new(self, kind=socket.SOCK_SEQPACKET):
        sock = rrdpsock.Socket(socket.socket(rrdpsock.AF_RRDP, kind, 0).detach())
        sock.setblocking(False)
        self.sockets.append(sock)
        return sock

    def listener(self, name="far", port=80, kind=socket.SOCK_SEQPACKET):
        enter(name)
        sock = self.new(kind)
        sock.bind_port(port)
        sock.listen(5)
        return sock

    def caller(self, node=FAR, port=80, kind=socket.SOCK_SEQPACKET):
        enter("near")
        sock = self.new(kind)
        sock.connect_to(node, port)
        return sock

    def pair(self, kind=socket.SOCK_SEQPACKET):
        listener, caller = self.listener(kind=kind), self.caller(kind=kind)
        accepted = []

        def accept():
            if not faults.call(lambda: accepted.append(listener.accept_one())):
                return bool(accepted)
            return False

        if not eventually(accept) or not eventually(lambda: caller.connected() == 0):
            raise TimeoutError("no connection")
        self.sockets += accepted
        return caller, accepted[0]

    def close(self):
        for sock in self.sockets:
            sock.close()
        for ring in self.maps:
            ring.close()
        self.sockets, self.maps = [], []


# ---- the steps ----

def unbound(world):
    enter("near")
    world.new()


def bound(world):
    enter("near")
    world.new().bind_port(80)


def listening(world):
    world.listener()


def syn_sent(world):
    world.caller(NOBODY)
    return SYN_SENT


def asking(world):
    """The MAC of the node that is called is not known."""
    world.caller(99)


def syn_rcvd(world):
    """Its answer is lost."""
    silence("near")
    world.listener("near")
    enter("far")
    world.new().connect_to(NEAR, 80)
    enter("near")
    return SYN_RCVD


def waiting(world):
    """For accept()"""
    world.listener()
    caller = world.caller()
    eventually(lambda: caller.connected() == 0)
    return OPEN


def idle(world):
    world.pair()
    return OPEN


def talking(world):
    caller, accepted = world.pair()
    for _ in range(50):
        faults.call(caller.send, bytes(20000))
        faults.call(accepted.send, bytes(20000))
    return OPEN


def unread(world):
    caller, _ = world.pair()
    caller.send(bytes(5000))
    return OPEN


def draining(world):
    """What was sent is not acknowledged, and the sender has gone."""
    caller, _ = world.pair()
    silence("far")
    caller.send(bytes(5000))
    caller.close()
    return OPEN


def stream(world):
    caller, accepted = world.pair(socket.SOCK_STREAM)
    caller.send(bytes(200000))
    accepted.recv(10)
    return OPEN


def closed(world):
    """By both; the ports are in quarantine."""
    caller, accepted = world.pair()
    caller.close()
    accepted.close()


def shut(world):
    caller, _ = world.pair()
    caller.shutdown(socket.SHUT_WR)


def by_reference(world):
    """Pages of the process wait for their acknowledgement."""
    caller, _ = world.pair()
    caller.option(SO_ZEROCOPY, 1)
    silence("far")
    caller.send(bytes(60000), MSG_ZEROCOPY)
    return OPEN


def from_ring(world):
    """So do frames of a ring, which stays mapped when the socket is closed."""
    caller, _ = world.pair()
    caller.setsockopt(SOL_RRDP, SO_TX_RING, struct.pack("=II", FRAME, FRAMES))
    ring = mmap.mmap(caller.fileno(), PAGE + FRAME * FRAMES, mmap.MAP_SHARED)
    world.maps.append(ring)
    silence("far")
    struct.pack_into("=I", ring, 4, 1000)
    struct.pack_into("=I", ring, 0, SEND_REQUEST)
    caller.send(b"")
    return OPEN


STEPS = (unbound, bound, listening, syn_sent, asking, syn_rcvd, waiting, idle, talking, unread,
         draining, stream, closed, shut, by_reference, from_ring)


def step(tap, world, what):
    name = what.__name__.replace("_", " ")
    world.begin()
    state = what(world)
    enter("near")
    if state is not None:
        tap.result(eventually(lambda: state in connections()), f"{name}: it is so",
                   [state, connections()])
    # The family is in use as long as there is a socket.
    tap.result(not remove("rrdp"), f"{name}: the module is needed")
    world.close()
    tap.result(eventually(lambda: remove("rrdp")), f"{name}: it goes")
    loosen()
    insert("RRDP_KO")


def vmnetctl(*args):
    subprocess.run(["vmnetctl", *args], check=True)


def links(tap, world):
    """The switch goes with links that are being made, are there, or are not."""
    for name in "connecting", "up", "cut off":
        insert("VMNET_KO")
        world.begin()
        for host, peer in (("far", NEAR), ("near", FAR)):
            enter(host)
            vmnetctl("add-net", "vmnet0", "vni", "42")
            if name != "connecting":
                vmnetctl("add-peer", "vmnet0", "rrdp", str(peer))
            else:
                silence(host)
        if name == "connecting":
            vmnetctl("add-peer", "vmnet0", "rrdp", str(FAR))
            tap.result(eventually(lambda: SYN_SENT in connections()), "a link is being made")
        else:
            tap.result(eventually(lambda: OPEN in connections()), "a link is up")
        if name == "cut off":
            silence("near")
        tap.result(not remove("rrdp"), f"{name}: rrdp is needed")
        tap.result(eventually(lambda: remove("vmnet")), f"{name}: vmnet goes")
        tap.result(eventually(lambda: remove("rrdp")), f"{name}: and rrdp")
        loosen()
        insert("RRDP_KO")


def main():
    tap = Tap()
    world = World()
    if not remove("vmnet"):
        sys.exit("vmnet is in use")
    for what in STEPS:
        step(tap, world, what)
    links(tap, world)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
