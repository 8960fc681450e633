#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# Checkers: little
"""Who may do what: users without privilege, owners of user namespaces, and whoever
gets a privileged program to write what they want. What is on the wire: numbers that
nobody can guess, and nothing of the kernel's memory."""

import errno
import os
import select
import socket
import struct
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True

import fleet  # noqa: E402 # pylint: disable=wrong-import-position
import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpnl  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpsock  # noqa: E402 # pylint: disable=wrong-import-position
from fleet import enter  # noqa: E402 # pylint: disable=wrong-import-position
from genl import attr, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NOBODY = 65534
NETLINK_ROUTE, RTM_NEWNEIGH, RTM_DELNEIGH = 0, 28, 29
AF_BRIDGE, NUD_NOARP, NTF_SELF = 7, 0x40, 0x02
NDA_DST, NDA_LLADDR = 1, 2
ETH_P_ALL, ETH_P_RRDP, ETH_P_RESOLVE, ETH_P_IP = 3, 0x88B5, 0x88B6, 0x0800
SYN, RST = 0x80, 0x10
CALLS = 64
# Read before the right to do so is given up.
SPEC = next(spec for spec in nlspec.families() if spec.name == "vmnet")
MACS = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"
GUEST = b"\2\0\0\0\0\x99"
# Octets that no frame has, but memory that was used before.
STAIN = b"\x6b" * 4


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def unshare(what):
    rrdpsock.call(rrdpsock.LIBC.unshare, what)


def drop():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


class Child:
    """A process that calls @function with a socket to us."""

    def __init__(self, function):
        self.sock, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            self.sock.close()
            try:
                function(other)
            except BaseException:  # pylint: disable=broad-exception-caught
                traceback.print_exc()
            finally:
                os._exit(0)  # pylint: disable=protected-access
        other.close()

    def hear(self):
        return self.sock.recv(4096).decode()

    def end(self):
        self.sock.close()
        os.waitpid(self.pid, 0)


def outcome(function, *args):
    """The name of the error, or "ok"."""
    try:
        function(*args)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "ok"


def outcomes(prepare, *calls):
    """What becomes of each of @calls after @prepare, in a process of its own."""
    def run(pipe):
        prepare()
        pipe.send(" ".join(outcome(*call) for call in calls).encode())
    child = Child(run)
    said = child.hear()
    child.end()
    return said


def open_socket(kind):
    socket.socket(rrdpsock.AF_RRDP, kind, 0).close()


def bind(port):
    rrdpsock.Socket().bind_port(port)


def connect():
    number = rrdpsock.Socket().connect_to(2, 80)
    if number not in (0, errno.EINPROGRESS):
        raise OSError(number, "connect")


def write_floor():
    with open("/proc/sys/net/rrdp/rto_min_us", "w", encoding="ascii") as file:
        file.write("1000")


def add_local():
    error = rrdpnl.Rrdp().add_local(7, socket.if_nametoindex("lo"))
    if error:
        raise OSError(error, "node")


def sockets(tap):
    """What needs a right, and which."""
    def owner_without_net():
        drop()
        unshare(CLONE_NEWUSER)

    def owner():
        drop()
        unshare(CLONE_NEWUSER | CLONE_NEWNET)

    kinds = [(open_socket, kind) for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM,
                                              socket.SOCK_DGRAM, socket.SOCK_RAW)]
    tap.is_("sockets of a user: messages and streams, nothing raw",
            outcomes(drop, *kinds), "ok ok ESOCKTNOSUPPORT ESOCKTNOSUPPORT")
    ports = [(bind, port) for port in (1, 1023, 1024, 49152)]
    tap.is_("ports of a user", outcomes(drop, *ports), "EACCES EACCES ok ok")
    tap.is_("of root in a user namespace that does not own the network",
            outcomes(owner_without_net, *ports), "EACCES EACCES ok ok")
    tap.is_("of the owner of the network", outcomes(owner, *ports), "ok ok ok ok")
    tap.is_("nodes and settings of a user", outcomes(drop, (add_local,), (write_floor,)),
            "EPERM EACCES")
    tap.is_("of root in a user namespace that does not own the network",
            outcomes(owner_without_net, (add_local,), (write_floor,)), "EPERM EACCES")
    tap.is_("a network of one's own leads nowhere",
            outcomes(owner, (connect,), (add_local,)), "ENETUNREACH ok")


# ---- a network that was given to a container ----

def neighbour(kind, ifindex):
    """Result of "bridge fdb": 0 or the number of an error."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as sock:
        sock.bind((0, 0))
        body = (struct.pack("=BBHiHBB", AF_BRIDGE, 0, 0, ifindex, NUD_NOARP, NTF_SELF, 0) +
                attr(NDA_LLADDR, GUEST) + attr(NDA_DST, socket.inet_aton("192.0.2.2")))
        flags = genl.NLM_F_REQUEST | genl.NLM_F_ACK | (0x600 if kind == RTM_NEWNEIGH else 0)
        sock.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        return -struct.unpack_from("=i", sock.recv(65536), 16)[0]


def fdb_request():
    """What adds the same entry by generic netlink, but for the network."""
    entry = SPEC.sets["fdb"].attrs
    peer = SPEC.sets["peer"].attrs
    return nest(SPEC.sets["vmnet"].attrs["fdb"]["number"],
                attr(entry["lladdr"]["number"], GUEST),
                nest(entry["peer"]["number"],
                     attr(peer["transport"]["number"], b"\1"),
                     attr(peer["ipv4"]["number"], socket.inet_aton("192.0.2.2"))))


def container(pipe):
    """Tells that it is there, then what it may; then gives its socket away."""
    drop()
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    pipe.send(b"here")
    pipe.recv(16)
    ifindex = socket.if_nametoindex("vmnet0")
    said = [errno.errorcode.get(neighbour(kind, ifindex), "ok")
            for kind in (RTM_NEWNEIGH, RTM_DELNEIGH)]
    sock = genl.Genl()
    answer = sock.ask(sock.family("vmnet")[0], SPEC.ops["fdb-new"]["number"],
                      attr(1, struct.pack("=I", ifindex)) + fdb_request())
    said += [errno.errorcode.get(answer.errno, "ok"), str(ifindex)]
    socket.send_fds(pipe, [" ".join(said).encode()], [sock.sock.fileno()])
    pipe.recv(16)


class Given(genl.Genl):
    """A socket that somebody else has opened."""

    def __init__(self, fd):  # pylint: disable=super-init-not-called
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  genl.NETLINK_GENERIC, fd)
        self.sock.settimeout(20)
        self.seq = 1000


def given(tap):
    """Who rules over the device only does not rule over the network."""
    enter("near")
    subprocess.run(["vmnetctl", "add-net", "vmnet0", "vni", "7"], check=True)
    subprocess.run(["vmnetctl", "add-peer", "vmnet0", "udp", "192.0.2.2"], check=True)
    child = Child(container)
    child.hear()
    ip("link", "set", "vmnet0", "netns", str(child.pid))
    child.sock.send(b"go on")
    said, fds, _, _ = socket.recv_fds(child.sock, 4096, 1)
    *said, ifindex = said.decode().split()
    tap.is_("bridge fdb add, bridge fdb del, add-fdb in a container", " ".join(said),
            "EPERM EPERM EPERM")

    deputy, family = Given(fds[0]), genl.Genl().family("vmnet")[0]
    answer = deputy.ask(family, SPEC.ops["fdb-new"]["number"],
                        attr(1, struct.pack("=I", int(ifindex))) + fdb_request())
    tap.is_("what a privileged program is made to write to a container's socket",
            errno.errorcode.get(answer.errno, "ok"), "EPERM")
    child.end()


# ---- the wire ----

def make_wire():
    """This host is node 1, "far" is 2."""
    fleet.wire(MACS)
    for number, name in ((1, "near"), (2, "far")):
        ip("-n", name, "addr", "add", f"192.0.2.{number}/24", "dev", "eth0")
        enter(name)
        if rrdpnl.Rrdp().add_local(number, socket.if_nametoindex("eth0")):
            sys.exit("no nodes")


def stain():
    """Leaves STAIN in memory that buffers of all sizes are made of."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.setblocking(False)
    for size in (1, 60, 200, 400, 700, 1500, 3000, 8000):
        try:
            for _ in range(60):
                one.send(STAIN * (size // 4 + 1))
        except BlockingIOError:
            pass
        try:
            while other.recv(16384, socket.MSG_DONTWAIT):
                pass
        except BlockingIOError:
            pass
    one.close()
    other.close()


class Capture:
    """Frames that come to eth0 of this namespace."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.bind(("eth0", ETH_P_ALL))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self.frames = []

    def take(self, seconds=0.2):
        """All that has come, and what does within @seconds of the last."""
        while select.select([self.sock], [], [], seconds)[0]:
            self.frames.append(self.sock.recv(65536))

    def of(self, ethertype):
        return [f for f in self.frames if struct.unpack_from("!H", f, 12)[0] == ethertype]


def length_of(frame):
    """Octets that a frame of ours says it has; None if it is not ours."""
    ethertype, = struct.unpack_from("!H", frame, 12)
    if ethertype == ETH_P_RRDP:
        return 14 + 2 * frame[15] + struct.unpack_from("!H", frame, 20)[0]
    if ethertype == ETH_P_RESOLVE:
        return 24
    if ethertype == ETH_P_IP and frame[23] == socket.IPPROTO_UDP:
        # Between hosts of a subnet: headers of VXLAN, and of the extension.
        return 14 + 20 + 8 + 16 if frame[42] == 0x68 else None
    return None


def call_far(port):
    """A connection that is refused, or the socket of one that is not."""
    sock = rrdpsock.Socket()
    sock.connect_to(2, port)
    select.select([], [sock], [], 20)
    return sock


def converse():
    """Everything that two hosts say to each other."""
    enter("far")
    listener = rrdpsock.Socket()
    listener.bind_port(80)
    listener.listen(5)
    enter("near")
    one = call_far(80)
    select.select([listener], [], [], 20)
    two = listener.accept_one()
    one.option(rrdpsock.SO_DEADTIME, 400)
    for size in (1, 2, 3, 17, 33, 300, 1001):
        stain()
        one.send(b"\1" * size)
        select.select([two], [], [], 20)
        two.send(two.recv(2000))
        select.select([one], [], [], 20)
        one.recv(2000)
    # Silence is filled.
    time.sleep(0.5)
    one.close()
    two.close()
    listener.close()


def spread(numbers, bits):
    """Faults of numbers that are to be as if by chance."""
    if len(set(numbers)) < CALLS - 4:
        yield f"{CALLS - len(set(numbers))} come twice"
    steps = {(b - a) % (1 << bits) for a, b in zip(numbers, numbers[1:])}
    if len(steps) < CALLS - 8:
        yield f"only {len(steps)} distances"
    for bit in range(bits):
        if len({n >> bit & 1 for n in numbers}) == 1:
            yield f"bit {bit} never changes"


def wire(tap):
    """What a stranger can know of it."""
    enter("far")
    capture = Capture()
    enter("near")
    for _ in range(CALLS):
        stain()
        call_far(81).close()
    capture.take()
    syns = [f for f in capture.of(ETH_P_RRDP) if f[14] & SYN]
    first = list({f[16:18] + f[22:24]: f for f in syns}.values())
    tap.is_("each call has a SYN", len(first) >= CALLS, True)
    tap.flawless("initial sequence numbers", spread(
        [struct.unpack_from("!H", f, 22)[0] for f in first][:CALLS], 16))
    tap.flawless("epochs", spread(
        [struct.unpack_from("!I", f, 34)[0] for f in first][:CALLS], 32))

    converse()
    for name, number in (("near", 1), ("far", 2)):
        enter(name)
        for command in (f"add-net vmnet1 vni 8 node {number} subnet 1",
                        f"add-peer vmnet1 udp 192.0.2.{3 - number} node {3 - number} subnet 1"):
            subprocess.run(["vmnetctl", *command.split()], check=True)
        ip("link", "set", "vmnet1", "up")
    for _ in range(40):
        stain()
        capture.take(0.1)
        if any(length_of(f) == 58 for f in capture.of(ETH_P_IP)):
            break
    ours = [(f, length_of(f)) for f in capture.frames if length_of(f)]
    kinds = {f[14] & 0xfc for f, _ in ours if f[12:14] == b"\x88\xb5"}
    tap.is_("SYN, data, NUL and RST were seen", {0x80, 0x40, 0x48} <= kinds and
            any(kind & RST for kind in kinds), True)
    tap.is_("node resolution and hellos, too",
            {24, 58} <= {n for f, n in ours if f[12:14] != b"\x88\xb5"}, True)
    tap.flawless("no frame is longer than what is in it",
                 [f"{f.hex()}: {n} octets" for f, n in ours if len(f) != n])
    tap.flawless("nothing of the kernel's memory is in one",
                 [f.hex() for f, _ in ours if STAIN in f])


def main():
    make_wire()
    tap = Tap()
    enter("near")
    sockets(tap)
    given(tap)
    wire(tap)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
