# SPDX-License-Identifier: GPL-2.0
"""Chores with frames as NICs and taps may leave them, and no program can: shared, with
their headers in pages, with pages that are lent (selftests/kmod/onlooker.c)."""

import contextlib
import socket
import struct
import time

import rrdpseg
from chores import (CROWD, HOSTS, NETS, PATIENCE, PORT, Chores, Talk, big_v4,
                    guest_mac, mac_of)
from fleet import enter, run

DO = "/sys/module/onlooker/parameters/do"
# Where headers end: of Ethernet, of RRDP without and with credit, and of its SYN; of the
# tunnel over each transport, of the frame in it, and of a super-frame.
ETHER, RRDP, CREDIT, SYN, VXLAN, SUPER, UDP_TUNNEL = 14, 14, 2, 10, 8, 10, 20 + 8 + 8
DATA = ETHER + RRDP + CREDIT
CUTS = sorted({ETHER, ETHER + RRDP, ETHER + RRDP + SYN, DATA, DATA + VXLAN,
               DATA + VXLAN + ETHER, DATA + VXLAN + SUPER, ETHER + UDP_TUNNEL,
               ETHER + UDP_TUNNEL + ETHER})
CALLER = 100


def onlook(words):
    with open(DO, "w", encoding="ascii") as file:
        file.write(words)


def ports_of(host):
    names = (host, "more") if host == "near" else (host,)
    return [f"{name}{net}" for name in names for net in NETS]


def syn(node, mac, sport):
    """To near, from a node that does not answer."""
    seg = rrdpseg.Segment(rrdpseg.SYN, sport, PORT, 77, 0, (100, 1500, 1, 0, 1))
    nodes = rrdpseg.pseudo_header((node, HOSTS["near"]))
    return (mac_of("near") + mac + struct.pack("!H", rrdpseg.ETHERTYPE)
            + seg.octets(nodes, False) + bytes(22))


class LookedOn(Chores):
    """Those that nobody looks on belong to it as well."""

    @contextlib.contextmanager
    def onlookers(self, how, devices):
        """@devices: each a host and a name."""
        try:
            for host, dev in devices:
                enter(host)
                verb, *octets = how.split()
                onlook(" ".join([verb, dev, *octets]))
            yield
        finally:
            onlook("off")

    def attempt_all(self, *chores):
        for chore in chores:
            self.attempt(chore)

    def do_shared(self):
        devices = [(host, dev) for host in ("near", "far")
                   for dev in ["eth0", *ports_of(host), *(f"vmnet{net}" for net in NETS)]]
        for how in "keep", "clone":
            with self.onlookers(how, devices):
                self.attempt_all(self.do_messages, self.do_frames, self.do_datagrams,
                                 self.do_tcp, self.do_impostor, self.do_resolution)

    def do_cut(self):
        devices = [(host, dev) for host in ("near", "far")
                   for dev in ["eth0", *ports_of(host)]]
        for octets in CUTS:
            with self.onlookers(f"cut {octets}", devices):
                self.attempt_all(self.do_frames, self.do_tagged, self.do_too_big,
                                 self.do_impostor, self.do_messages)

    def do_cut_trains(self):
        """By a bridge on the way."""
        for octets in ETHER, ETHER + RRDP:
            with (self.no_trains("wire", "to-far"),
                  self.onlookers(f"cut {octets}", [("wire", "to-near")])):
                self.attempt(self.do_messages)

    def do_lists(self):
        """Segments one by one, and frames larger than one."""
        with (self.no_trains("near", "eth0"),
              self.onlookers("list 60", [("far", "eth0"), ("near", "near1")])):
            self.attempt_all(self.do_messages, self.do_frames)

    def do_lent(self):
        with self.onlookers("lend", [("near", "near1")]):
            self.attempt(self.do_frames)

    def do_tagged(self):
        """A frame of a VLAN in another, whose checksum is left to whoever sends it."""
        frame = (guest_mac(4, 1) + guest_mac(1, 1) + bytes.fromhex("88a80005810000058100000588b7")
                 + bytes(100))
        self.world.pieces["gnear"].send(frame, 36, (34, 0))

    def do_too_big(self):
        """For the port of the other guest."""
        frame = guest_mac(4, 1) + guest_mac(1, 1) + big_v4(b"\x0a\0\1\1", b"\x0a\0\1\4")
        run("ip", "-n", "near", "link", "set", "more1", "mtu", "1000")
        try:
            self.world.frames["near", 1].send(frame)
        finally:
            run("ip", "-n", "near", "link", "set", "more1", "mtu", "1500")

    @contextlib.contextmanager
    def unplugged(self):
        """Far gets nothing."""
        run("ip", "-n", "wire", "link", "set", "to-far", "down")
        try:
            yield
        finally:
            run("ip", "-n", "wire", "link", "set", "to-far", "up")

    def do_lost(self):
        """Who looked on still holds what is sent again."""
        with Talk(socket.SOCK_SEQPACKET) as talk, self.unplugged():
            with self.onlookers("clone", [("near", "eth0")]):
                talk.one.send(b"x" * 32)
                time.sleep(PATIENCE)

    def do_lost_room(self):
        """The device wants more in front of what is sent again than it did."""
        with Talk(socket.SOCK_SEQPACKET) as talk, self.unplugged():
            talk.one.send(b"x" * 32)
            with self.onlookers("headroom 2000", [("near", "eth0")]):
                time.sleep(PATIENCE)

    def do_small(self):
        """One segment of TCP, which its sender keeps, to each peer."""
        for net in NETS:
            with contextlib.suppress(OSError):
                self.transfer(net, 100)

    # ---- more at once than there is time to make room for ----

    def do_callers(self):
        """Of which none answers."""
        enter("near")
        rrdp, eth0 = self.world.rrdp["near"], socket.if_nametoindex("eth0")
        mac = b"\2\0\0\1\0" + bytes([CALLER])
        rrdp.add(CALLER, eth0, mac)
        try:
            with Talk(socket.SOCK_SEQPACKET).new() as listener:
                listener.bind_port(PORT)
                listener.listen(5)
                self.world.rings["far"].send_all(
                    [syn(CALLER, mac, 1000 + number) for number in range(CROWD)])
        finally:
            rrdp.delete(CALLER)
