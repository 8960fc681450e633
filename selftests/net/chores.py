# SPDX-License-Identifier: GPL-2.0
"""Three hosts with guests, and all that both modules do for them, in short pieces.

Host "near" is node 1 in subnet 1, "far" and "third" are 2 and 3 in subnet 2. They have
three networks: vmnet1 over RRDP, vmnet2 over UDP with forwarders of floods, vmnet3 over
UDP on IPv6. A chore does what it can and does not care whether it succeeds.
"""

import contextlib
import ipaddress
import mmap
import os
import random
import select
import socket
import struct
import subprocess
import time

import faults
import fleet
import mcast
import nd
import rrdpnl
import rrdpring
import rrdpseg
import rrdpsock
import vmnetnl
from fleet import enter, run
from genl import NLM_F_DUMP, attr, nest
from rrdpring import ready
from vmnetnl import AF_BRIDGE, ATTRS, FDB, TOP, peer_of, u32

HOSTS = {"near": 1, "far": 2, "third": 3}
# Those that send.
GUESTS = {"near": 1, "more": 4, "far": 2}
NETS = 1, 2, 3
SUBNETS = {"near": 1, "far": 2, "third": 2}
PORT, CLOSED, UDP_PORT, TCP_PORT = 80, 81, 7, 5001
PATIENCE, CROWD = 0.3, 200
SO_ZEROCOPY, MSG_ZEROCOPY = 4, 0x4000000
ETH_P_ALL, PROTOCOLS = 3, (rrdpseg.ETHERTYPE, 0x88b6)
SOL_PACKET, PACKET_TX_RING, PACKET_VNET_HDR = 263, 13, 15
# Of version 1: where the octets of a frame are.
TPACKET_DATA, TP_STATUS_SEND_REQUEST = 32, 1
# Of the header of VXLAN: it has a VNI, and a description of a super-frame follows.
SUPER = 0x18000000
IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN, IFLA_AF_SPEC, IFLA_BRIDGE_VLAN_INFO = 29, 2, 26, 2
NDA_LLADDR, NDA_IFINDEX = 2, 8
NETLINK_ROUTE, RTMGRP_NEIGH = 0, 4


def mac_of(host):
    return b"\2\0\0\0\0" + bytes([HOSTS[host]])


def guest_mac(number, net):
    return b"\2\0\0\0" + bytes([net, number])


def peers_of(host):
    """Network and name of each peer of a host."""
    for other, number in HOSTS.items():
        if other == host:
            continue
        if "third" not in (host, other):
            yield 1, peer_of(number)
            yield 3, peer_of(f"2001:db8::{number}")
        yield 2, peer_of(f"192.0.2.{number}", node=number, subnet=SUBNETS[other])


class World:
    """The hosts, and sockets that stay."""

    def __init__(self):
        self.rnd, self.changed = random.Random(1), False
        self.make_hosts()
        self.rrdp, self.vmnet, self.route, self.index = {}, {}, {}, {}
        for host in HOSTS:
            self.make_networks(host)
        for host, number in HOSTS.items():
            self.make_guest(host, host, number)
        self.make_guest("near", "more", 4)
        self.make_sockets()
        self.repair()

    def make_hosts(self):
        lines = ["link add br0 type bridge mcast_snooping 0", "link set br0 up"]
        run("ip", "netns", "add", "wire")
        for host, number in HOSTS.items():
            run("ip", "netns", "add", host)
            lines += [f"link add to-{host} type veth peer name eth0 netns {host}",
                      f"link set to-{host} master br0 up"]
        run("ip", "-n", "wire", "-batch", "-", text="\n".join(lines) + "\n")
        for host, number in HOSTS.items():
            run("ip", "-n", host, "-batch", "-", text=(
                f"link set lo up\nlink set eth0 address {mac_of(host).hex(':')}\n"
                f"addr add 192.0.2.{number}/24 dev eth0\n"
                f"addr add 2001:db8::{number}/64 dev eth0 nodad\nlink set eth0 up\n"))

    def make_networks(self, host):
        enter(host)
        self.rrdp[host], self.route[host] = rrdpnl.Rrdp(), vmnetnl.Robust(vmnetnl.Route)
        if self.rrdp[host].add_local(HOSTS[host], socket.if_nametoindex("eth0")):
            raise RuntimeError("no node")
        for net in NETS:
            where = ["node", str(HOSTS[host]), "subnet", str(SUBNETS[host])] if net == 2 else []
            run("vmnetctl", "add-net", f"vmnet{net}", "vni", str(net), *where)
            run("vmnetctl", "set-net", f"vmnet{net}", "mcast-snooping", "on",
                "neigh-suppress", "on")
            self.index[host, net] = socket.if_nametoindex(f"vmnet{net}")
        self.vmnet[host] = vmnetnl.Robust(vmnetnl.Vmnet)

    def make_guest(self, host, name, number):
        run("ip", "netns", "add", "g" + name)
        lines, inside = [], []
        for net in NETS:
            port, nic = f"{name}{net}", f"e{net}"
            lines += [f"link add {port} type veth peer name {nic} netns g{name}",
                      f"link set {port} master vmnet{net} up"]
            inside += [f"link set {nic} address {guest_mac(number, net).hex(':')}",
                       f"addr add 10.0.{net}.{number}/24 dev {nic}",
                       f"addr add fd00:0:0:{net}::{number}/64 dev {nic} nodad",
                       f"link set {nic} up"]
        run("ip", "-n", host, "-batch", "-", text="\n".join(lines) + "\n")
        run("ip", "-n", "g" + name, "-batch", "-", text="\n".join(inside) + "\n")

    def make_sockets(self):
        """To send and to receive by, before anything fails."""
        self.frames, self.datagrams, self.listeners = {}, {}, {}
        for name, net in [(n, k) for n in ("near", "more", "far", "third") for k in NETS]:
            enter("g" + name)
            self.frames[name, net] = packet_socket(f"e{net}", 0)
            if name == "more":
                continue
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            sock.bind((f"10.0.{net}.{HOSTS[name]}", UDP_PORT))
            self.datagrams[name, net] = sock
            sock = socket.create_server((f"10.0.{net}.{HOSTS[name]}", TCP_PORT))
            sock.setblocking(False)
            self.listeners[name, net] = sock
        enter("near")
        self.pieces = {}
        for name, dev in ("gnear", "e1"), ("far", "eth0"), ("near", "vmnet1"):
            enter(name)
            self.pieces[name] = Pieces(dev)
        self.rings = {}
        for name, ns, dev in ("more", "gmore", "e3"), ("far", "far", "eth0"):
            enter(ns)
            self.rings[name] = PacketRing(dev)
        enter("near")
        self.own = {net: packet_socket(f"vmnet{net}", 0) for net in NETS}
        self.events = vmnetnl.Listener(self.vmnet["near"].nl.groups), rrdpnl.Rrdp()
        self.events[1].listen(1 << 20)
        # Who listens is told of each address.
        self.neighbours = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE)
        self.neighbours.bind((0, RTMGRP_NEIGH))

    # ---- what is to be there ----

    def repair(self):
        """All that chores take away is there again."""
        if self.changed:
            # A device that is down, or whose MTU is too small for IPv6, has no address of it.
            for host in "near", "far":
                run("ip", "-n", host, "-batch", "-", text=(
                    "link set eth0 mtu 1500 up\n"
                    f"addr replace 2001:db8::{HOSTS[host]}/64 dev eth0 nodad\n"))
            self.changed = False
        for host, number in HOSTS.items():
            enter(host)
            # Of a socket an answer may still come, or an error.
            self.rrdp[host].close()
            self.rrdp[host] = rrdpnl.Rrdp()
            self.route[host].again()
            self.vmnet[host].again()
            eth0 = socket.if_nametoindex("eth0")
            for other, to in HOSTS.items():
                if other != host:
                    self.rrdp[host].add(to, eth0, mac_of(other))
            for net, peer in peers_of(host):
                self.add_peer(host, net, peer)
            for net in NETS:
                self.enslave(host, f"{host}{net}", net)

    def add_peer(self, host, net, peer):
        self.vmnet[host].again()
        self.vmnet[host]("peer-new", attr(TOP["ifindex"], u32(self.index[host, net])), peer)

    def enslave(self, host, port, net):
        self.route[host](vmnetnl.RTM_SETLINK, socket.if_nametoindex(port),
                         attr(vmnetnl.IFLA_MASTER, u32(self.index[host, net] if net else 0)))

    def works(self):
        """Whether messages and datagrams arrive; what does not, if not."""
        missing = [f"vmnet{net}" for net in NETS if not fleet.eventually(
            20, lambda net=net: self.datagram(net), 0.05)]
        if not fleet.eventually(20, self.message, 0.05):
            missing.append("rrdp")
        return missing

    def datagram(self, net):
        """One from near's guest to far's."""
        word = self.rnd.randbytes(8)
        with contextlib.suppress(OSError):
            self.datagrams["near", net].sendto(word, (f"10.0.{net}.2", UDP_PORT))
        there = self.datagrams["far", net]
        while select.select([there], [], [], 0.1)[0]:
            if there.recv(2000) == word:
                return True
        return False

    def message(self):
        with contextlib.suppress(OSError), Talk(socket.SOCK_SEQPACKET) as talk:
            return talk.say(b"word" * 1000)
        return False


def packet_socket(dev, kind):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    sock.bind((dev, kind))
    return sock


def watcher(dev, protocol):
    """It never reads: what does not fit into its buffer is not shared with it."""
    sock = packet_socket(dev, protocol)
    sock.setsockopt(socket.SOL_SOCKET, rrdpnl.SO_RCVBUFFORCE, 64 << 20)
    return sock


class Talk:
    """A connection of near to far."""

    def __init__(self, kind):
        self.kind, self.made = kind, []

    def new(self):
        sock = rrdpsock.Socket(socket.socket(rrdpsock.AF_RRDP, self.kind, 0).detach())
        self.made.append(sock)
        return sock

    def __enter__(self):
        try:
            enter("far")
            listener = self.new()
            listener.bind_port(PORT)
            listener.listen(5)
            enter("near")
            self.one = self.new()
            self.one.connect_to(HOSTS["far"], PORT)
            ready(listener, select.POLLIN, PATIENCE)
            self.other = listener.accept_one()
            self.made.append(self.other)
            ready(self.one, select.POLLOUT, PATIENCE)
        except OSError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for sock in self.made:
            sock.close()

    def say(self, octets, flags=0):
        sent = self.one.send(octets, flags)
        return self.hear(octets[:sent])

    def hear(self, octets):
        got = b""
        while len(got) < len(octets):
            ready(self.other, select.POLLIN, PATIENCE)
            got += self.other.recv(1 << 17)
        return got == octets


class Chores:
    """Each method whose name begins with do_ is one."""

    def __init__(self, world):
        self.world, self.rnd = world, world.rnd
        # Those that wait come last.
        self.all = sorted((getattr(self, name) for name in dir(self) if name.startswith("do_")),
                          key=lambda chore: chore.__name__ in ("do_retry", "do_silence"))

    @staticmethod
    def attempt(chore):
        """Whatever comes of it: an answer may be missing, or a program not run."""
        with contextlib.suppress(OSError, LookupError, AttributeError,
                                 subprocess.SubprocessError):
            chore()

    # ---- RRDP ----

    def do_messages(self):
        with Talk(socket.SOCK_SEQPACKET) as talk:
            talk.say(b"x" * 32)
            talk.say(b"x" * 60000)
            talk.one.option(SO_ZEROCOPY, 1)
            talk.say(b"y" * 60000, MSG_ZEROCOPY)
            talk.say(b"y" * 10000, MSG_ZEROCOPY)
            talk.say(b"y" * 100, MSG_ZEROCOPY)

    def do_stream(self):
        with Talk(socket.SOCK_STREAM) as talk:
            talk.say(b"z" * 150000)
            talk.one.option(SO_ZEROCOPY, 1)
            talk.say(b"z" * 100000, MSG_ZEROCOPY)

    def do_ring(self):
        with Talk(socket.SOCK_SEQPACKET) as talk:
            ring = rrdpring.Ring(talk.one)
            for _ in range(2):
                ring.mark(b"r" * 12000)
                talk.one.send(b"")
                talk.hear(b"r" * 12000)

    def do_refused(self):
        """By who does not listen."""
        enter("near")
        with Talk(socket.SOCK_SEQPACKET).new() as sock:
            sock.connect_to(HOSTS["far"], CLOSED)
            ready(sock, select.POLLOUT, PATIENCE)

    def do_nodes(self):
        rrdp = self.world.rrdp["near"]
        enter("near")
        rrdp.add(9, socket.if_nametoindex("eth0"), b"\2\0\0\0\0\x09")
        rrdp.nodes()
        rrdp.stats()
        rrdp.ask(rrdp.id, rrdpnl.OPS["node-get"], attr(rrdpnl.ATTRS["node"], u32(2)))
        rrdp.ask(rrdp.id, rrdpnl.OPS["conn-get"], flags=NLM_F_DUMP)
        rrdp.delete(9)

    def do_device(self):
        """One that no node was on before."""
        enter("near")
        with contextlib.suppress(subprocess.SubprocessError):
            run("ip", "link", "add", "nic9", "type", "dummy")
            self.world.rrdp["near"].add(9, socket.if_nametoindex("nic9"), b"\2\0\0\0\0\x09")
        run("ip", "link", "del", "nic9")

    @staticmethod
    @contextlib.contextmanager
    def no_trains(host, dev):
        """A NIC that cannot send them."""
        command = "ip", "netns", "exec", host, "ethtool", "-K", dev, "tx-gso-list"
        run(*command, "off")
        try:
            yield
        finally:
            run(*command, "on")

    def do_trains(self):
        """Cut up before a NIC that cannot do it."""
        with self.no_trains("near", "eth0"):
            self.attempt(self.do_messages)
        self.attempt(self.do_messages)

    def do_resolution(self):
        """Each looks for the other."""
        for host, other in ("near", "far"), ("far", "near"):
            self.world.rrdp[host].delete(HOSTS[other])
        with Talk(socket.SOCK_SEQPACKET) as talk:
            talk.say(b"x" * 32)

    def do_services(self):
        """Of the sample, which serves itself by rrdp_send()."""
        for name, size in ("page", 4096), ("io", 8):
            path = f"{faults.DEBUG}rrdp_dvmm/{name}"
            with contextlib.suppress(OSError), open(path, "rb") as file:
                os.pread(file.fileno(), size, size)

    # ---- commands on networks ----

    def do_namespace(self):
        faults.LIBC.unshare(faults.CLONE_NEWNET)
        fleet.enter_first()

    def do_network(self):
        enter("near")
        route = self.world.route["near"]
        route(vmnetnl.RTM_NEWLINK, 0, attr(vmnetnl.IFLA_IFNAME, b"vmnet9\0"), vmnetnl.network(9),
              flags=vmnetnl.NLM_F_CREATE)
        with contextlib.suppress(OSError):
            index = socket.if_nametoindex("vmnet9")
            vmnet = self.world.vmnet["near"]
            for peer in peer_of(2), peer_of("192.0.2.9", node=9, subnet=1), peer_of("2001:db8::9"):
                vmnet.again()
                vmnet("peer-new", attr(TOP["ifindex"], u32(index)), peer)
            route.again()
            route(vmnetnl.RTM_NEWLINK, index, up=1)
            vmnet("net-set", attr(TOP["ifindex"], u32(index)), nest(
                TOP["net"], *(attr(ATTRS["net"][name], b"\1")
                              for name in ("neigh-suppress", "mcast-snooping"))))
            self.crowded(index)
            route.again()
            route(vmnetnl.RTM_DELLINK, index)

    def crowded(self, index):
        """As many come at once as make each table grow."""
        port = socket.if_nametoindex("more3")
        self.world.route["near"].again()
        self.world.route["near"](vmnetnl.RTM_SETLINK, port, attr(vmnetnl.IFLA_MASTER, u32(index)))
        crowd = [list(self.kinds(3, 1))[:7] for _ in range(CROWD)]
        for frames in zip(*crowd):
            self.world.rings["more"].send_all(frames)

    def do_crowd(self):
        """Of nodes and of connections."""
        rrdp = self.world.rrdp["near"]
        enter("near")
        eth0 = socket.if_nametoindex("eth0")
        for number in range(100, 200):
            rrdp.add(number, eth0, b"\2\0\0\1\0" + bytes([number]))
        talk = Talk(socket.SOCK_SEQPACKET)
        for _ in range(CROWD):
            with contextlib.suppress(OSError):
                talk.new().connect_to(HOSTS["far"], CLOSED)
        for sock in talk.made:
            sock.close()
        for number in range(100, 200):
            rrdp.delete(number)

    def do_peers(self):
        self.renew_peers()
        with contextlib.suppress(OSError):
            self.world.events[0].heard("peer-new")

    def renew_peers(self):
        for host in "near", "far":
            for net, peer in peers_of(host):
                self.world.vmnet[host].again()
                self.world.vmnet[host]("peer-del", attr(TOP["ifindex"], u32(
                    self.world.index[host, net])), peer)
        for host in "near", "far":
            for net, peer in peers_of(host):
                self.world.add_peer(host, net, peer)
        # The connection of one to the other begins.
        time.sleep(PATIENCE)

    def do_silence(self):
        """Of the host that forwards, and of one that is there no more."""
        self.world.changed = True
        run("ip", "-n", "far", "link", "set", "eth0", "down")
        for _ in range(20):
            self.do_frames()
            time.sleep(0.1)
        self.world.repair()

    def do_retry(self):
        """Of the connection to who does not know this host as a peer."""
        net = attr(TOP["ifindex"], u32(self.world.index["far", 1]))
        self.world.vmnet["far"]("peer-del", net, peer_of(1))
        time.sleep(1.5)
        self.world.repair()
        time.sleep(1)

    def do_ports(self):
        enter("near")
        for net in NETS:
            self.world.route["near"].again()
            self.world.enslave("near", f"near{net}", 0)
            self.world.enslave("near", f"near{net}", net)

    def do_entries(self):
        enter("near")
        vmnet, route = self.world.vmnet["near"], self.world.route["near"]
        port = socket.if_nametoindex("near1")
        net = attr(TOP["ifindex"], u32(self.world.index["near", 1]))
        mac = attr(FDB["lladdr"], b"\2\0\0\0\0\x77")
        vmnet("fdb-new", net, nest(TOP["fdb"], mac, attr(FDB["port"], u32(port))))
        vmnet("fdb-del", net, nest(TOP["fdb"], mac))
        for kind in vmnetnl.RTM_NEWNEIGH, vmnetnl.RTM_DELNEIGH:
            route.again()
            route(kind, self.world.index["near", 1], attr(NDA_LLADDR, b"\2\0\0\0\0\x78"),
                  attr(NDA_IFINDEX, u32(port)), flags=vmnetnl.NLM_F_CREATE)

    def do_vlans(self):
        """By the family and as of a bridge; then there are none again."""
        enter("near")
        vmnet, route = self.world.vmnet["near"], self.world.route["near"]
        numbers = ATTRS["port"]
        net, port = self.world.index["near", 1], socket.if_nametoindex("more1")
        info = attr(IFLA_BRIDGE_VLAN_INFO, struct.pack("=HH", 0, 7))
        for kind in vmnetnl.RTM_SETLINK, vmnetnl.RTM_DELLINK:
            route.again()
            route(kind, port, nest(IFLA_AF_SPEC, info), family=AF_BRIDGE)
        vmnet.again()
        vmnet("port-set", attr(TOP["ifindex"], u32(net)), nest(
            TOP["port-info"], attr(numbers["ifindex"], u32(port)),
            attr(numbers["pvid"], struct.pack("=H", 5)),
            attr(numbers["vlans"], b"\x20" + bytes(511)),
            attr(numbers["untagged"], b"\x20" + bytes(511))))
        self.do_frames()
        vmnet.again()
        vmnet("port-set", attr(TOP["ifindex"], u32(net)), nest(
            TOP["port-info"], attr(numbers["ifindex"], u32(port)), attr(numbers["all-vlans"])))

    def do_settings(self):
        enter("near")
        vmnet, numbers = self.world.vmnet["near"], ATTRS["net"]
        for state in b"\0", b"\1":
            for name in "neigh-suppress", "mcast-snooping":
                vmnet.again()
                vmnet("net-set", attr(TOP["ifindex"], u32(self.world.index["near", 2])),
                      nest(TOP["net"], attr(numbers[name], state)))

    def do_dumps(self):
        enter("near")
        for op in "net-get", "peer-get", "fdb-get", "port-get", "mdb-get", "neigh-get", "stats-get":
            self.world.vmnet["near"].again()
            self.world.vmnet["near"](op, flags=NLM_F_DUMP)
        route = self.world.route["near"]
        route.again()
        route(vmnetnl.RTM_GETNEIGH, 0, flags=NLM_F_DUMP)
        route.again()
        route(vmnetnl.RTM_GETLINK, 0, attr(IFLA_EXT_MASK, u32(RTEXT_FILTER_BRVLAN)),
              family=AF_BRIDGE, flags=NLM_F_DUMP)

    # ---- frames ----

    def kinds(self, net, number):
        """Frames of a guest: of all kinds that the switch looks into."""
        own, other = guest_mac(number, net), guest_mac(2 if number == 1 else 1, net)
        new = b"\2\1" + self.rnd.randbytes(4)
        yield b"\xff" * 6 + new + b"\x88\xb7" + bytes(46)
        yield other + new + b"\x88\xb7" + bytes(46)
        ip, wanted = bytes([10, 0, net, number]), bytes([10, 0, net, 2 if number == 1 else 1])
        yield (b"\xff" * 6 + own + bytes.fromhex("08060001080006040001") + own + ip + bytes(6)
               + wanted)
        yield (b"\xff" * 6 + new + bytes.fromhex("08060001080006040001") + new + b"\x0a\1"
               + self.rnd.randbytes(2) + bytes(6) + wanted)
        source, target = (ipaddress.ip_address(f"fd00:0:0:{net}::{n}")
                          for n in (number, 2 if number == 1 else 1))
        yield nd.solicitation(own, source, target)
        group = self.rnd.randrange(1 << 16)
        for words in (("records", f"4:239.1.{group >> 8}.{group & 255}"),
                      ("records", f"4:ff15::{group:x}"), ("query", "0.0.0.0"), ("query", "::"),
                      ("pim", "4"), ("report2", "239.1.1.1"), ("data", "239.1.1.1"),
                      ("data", "239.9.9.9"), ("data", "ff15::9"), ("leave", "239.1.1.1")):
            yield mcast.frame(number, *words)
        yield b"\xff" * 6 + own + bytes.fromhex("8100000588b7") + bytes(46)
        yield other + own + bytes.fromhex("8100000588b7") + bytes(46)
        yield b"\xff" * 6 + own + bytes.fromhex("88a8000588b7") + bytes(46)
        # Too large for the tunnel.
        yield other + own + big_v4(ip, wanted)
        yield other + own + big_v6(source.packed, target.packed)

    def do_frames(self):
        for name, net in [(n, k) for n in GUESTS for k in NETS]:
            for frame in self.kinds(net, GUESTS[name]):
                with contextlib.suppress(OSError):
                    self.world.frames[name, net].send(frame)
        for net in NETS:
            for frame in self.kinds(net, 1):
                # Too long for the network is none of its own.
                with contextlib.suppress(OSError):
                    self.world.own[net].send(frame)

    def do_small_segments(self):
        """A super-frame is more than one buffer of RRDP's holds."""
        self.world.changed = True
        for host in "near", "far":
            run("ip", "-n", host, "link", "set", "eth0", "mtu", "600")
        self.renew_peers()
        fleet.eventually(2, lambda: self.world.datagram(1), 0.05)
        with contextlib.suppress(OSError):
            self.transfer(1)
        self.world.repair()
        self.renew_peers()

    def do_datagrams(self):
        for net in NETS:
            self.world.datagram(net)
            # In fragments, each of which is too large for the tunnel.
            self.world.datagrams["near", net].sendto(bytes(4000), (f"10.0.{net}.2", UDP_PORT))

    def do_tcp(self):
        for net in NETS:
            with contextlib.suppress(OSError):
                self.transfer(net)

    def transfer(self, net, octets=200000):
        enter("gnear")
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as one:
            with contextlib.suppress(BlockingIOError):
                one.connect((f"10.0.{net}.2", TCP_PORT))
            listener = self.world.listeners["far", net]
            ready(listener, select.POLLIN, PATIENCE)
            other, _ = listener.accept()
            with other:
                self.pump(one, other, octets)

    @staticmethod
    def pump(one, other, left):
        end = time.monotonic() + 2 * PATIENCE
        while left and time.monotonic() < end:
            readable, writable, _ = select.select([other], [one], [], PATIENCE)
            if writable:
                left -= one.send(bytes(min(left, 60000)))
            if readable:
                other.recv(1 << 18)

    @contextlib.contextmanager
    def watched(self):
        """Somebody watches each device, so that buffers are shared."""
        with contextlib.ExitStack() as stack:
            for host in "near", "far":
                enter(host)
                ports = ("vmnet", host) + (("more",) if host == "near" else ())
                for dev in ["eth0"] + [f"{name}{net}" for name in ports for net in NETS]:
                    stack.enter_context(watcher(dev, ETH_P_ALL))
                # Who asks for a protocol last gets its frames first, shared with others.
                for protocol in PROTOCOLS:
                    stack.enter_context(watcher("eth0", protocol))
                eth0, rrdp = socket.if_nametoindex("eth0"), self.world.rrdp[host]
                rrdp.delete(HOSTS[host])
                rrdp.add_local(HOSTS[host], eth0)
            self.world.repair()
            yield

    def do_watched(self):
        with self.watched():
            for chore in (self.do_frames, self.do_messages, self.do_stream, self.do_tcp,
                          self.do_resolution, self.do_pieces, self.do_impostor, self.do_vlans,
                          self.do_trains):
                self.attempt(chore)

    # ---- frames whose headers are not in one piece ----

    def do_pieces(self):
        """Cut at each of their headers."""
        for frame in list(self.kinds(1, 1)) + list(self.kinds(2, 1)):
            for cut in 14, 18, 34, 54, 60:
                self.world.pieces["gnear"].send(frame, cut)
                self.world.pieces["near"].send(frame, cut)
        for frame in self.wire_frames():
            for cut in 14, 26, 28, 34, 42, 50, 58, 64:
                self.world.pieces["far"].send(frame, cut)

    def wire_frames(self):
        """Of RRDP, of its resolution and of the tunnel, from far."""
        head = mac_of("near") + mac_of("far")
        yield head + b"\x88\xb5" + bytes(60)
        yield head + b"\x88\xb5\x10\x03" + bytes(60)
        yield head + b"\x88\xb6" + bytes(60)
        inner = b"\xff" * 6 + b"\2\1" + self.rnd.randbytes(4)
        for kind in b"\x88\xb7", b"\x81\x00\0\5\x88\xb7", b"\x08\x06", b"\x86\xdd", b"\x08\x00":
            for flags in 0x08, 0x48:
                vxlan = struct.pack("!II", flags << 24, 2 << 8) + inner + kind + bytes(60)
                udp = struct.pack("!HHHH", 4789, 4789, 8 + len(vxlan), 0) + vxlan
                yield head + ipv4(17, bytes([192, 0, 2, 2]), bytes([192, 0, 2, 1]), udp)

    def do_impostor(self):
        """A program that speaks for the network, of which all but the header is in pages."""
        with contextlib.suppress(ConnectionError), Talk(socket.SOCK_SEQPACKET) as talk:
            # Of two hosts the one with the lower number connects.
            enter("near")
            sock = talk.new()
            sock.connect_to(HOSTS["far"], 4789)
            ready(sock, select.POLLOUT, PATIENCE)
            sock.option(SO_ZEROCOPY, 1)
            # Until near itself has a connection again, and this one is none any more.
            plain = struct.pack("!II", 0x08000000, 1 << 8)
            whole = struct.pack("!II", SUPER, 1 << 8) + struct.pack(
                ">BBHHHH", 1, 1, 54, 100, 34, 16)
            for frame in self.kinds(1, 1):
                for flags in 0, MSG_ZEROCOPY:
                    sock.send(plain + frame, flags)
                    for size in 400, 30000:
                        sock.send(whole + guest_mac(2, 1) + guest_mac(1, 1) + segment(size),
                                  flags)


class PacketRing:
    """Sends as many frames at once as it has slots."""

    SIZE, SLOTS = 256, 256

    def __init__(self, dev):
        self.sock = packet_socket(dev, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        octets = self.SIZE * self.SLOTS
        self.sock.setsockopt(SOL_PACKET, PACKET_TX_RING, struct.pack(
            "=IIII", max(self.SIZE, 4096), octets // max(self.SIZE, 4096), self.SIZE, self.SLOTS))
        self.ring, self.next = mmap.mmap(self.sock.fileno(), octets, mmap.MAP_SHARED), 0

    def put(self, frame, head, sum_at=None):
        """Of which @head octets are in one piece; @sum_at: where a sum begins, and where
        in that it is to be."""
        octets = struct.pack("=BBHHHH", sum_at is not None, 0, min(head, len(frame)), 0,
                             *(sum_at or (0, 0))) + frame
        assert TPACKET_DATA + len(octets) <= self.SIZE
        start = self.next * self.SIZE
        self.ring[start + TPACKET_DATA:start + TPACKET_DATA + len(octets)] = octets
        struct.pack_into("=QII", self.ring, start, TP_STATUS_SEND_REQUEST, len(octets),
                         len(octets))
        self.next = (self.next + 1) % self.SLOTS

    def flush(self):
        with contextlib.suppress(OSError):
            self.sock.send(b"")

    def send_all(self, frames):
        """No work of the kernel's comes in between."""
        for frame in frames:
            self.put(frame, len(frame))
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        try:
            self.flush()
        finally:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


class Pieces(PacketRing):
    """Sends a frame from a page: behind the first octets it is not copied."""

    SIZE, SLOTS = 4096, 1

    def send(self, frame, head, sum_at=None):
        self.put(frame, head, sum_at)
        self.flush()


def ipv4(protocol, source, to, payload, flags=0):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, flags, 64, protocol, 0,
                         source, to)
    total = struct.pack("!H", mcast.checksum(header))
    return b"\x08\x00" + header[:10] + total + header[12:] + payload


def segment(size):
    """Of TCP, so many octets of near's guest."""
    return ipv4(6, bytes([10, 0, 1, 1]), bytes([10, 0, 1, 2]),
                struct.pack("!HHIIBBHHH", 9, TCP_PORT, 1, 1, 0x50, 0x10, 1000, 0, 0) + bytes(size))


def big_v4(source, to):
    """That must not be fragmented."""
    return ipv4(17, source, to, struct.pack("!HHHH", 7, 7, 1480, 0) + bytes(1472), 0x4000)


def big_v6(source, to):
    return (b"\x86\xdd" + struct.pack("!IHBB16s16s", 0x60000000, 1460, 59, 64, source, to)
            + bytes(1460))
