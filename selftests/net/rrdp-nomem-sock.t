#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Each call on a socket with one allocation after the other failing: an error says
so, nothing is lost or half done, and afterwards all works."""

import ctypes
import errno
import mmap
import os
import pathlib
import resource
import select
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
import fleet  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpnl  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpring  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpsock  # noqa: E402 # pylint: disable=wrong-import-position
from faults import Sweep, call  # noqa: E402 # pylint: disable=wrong-import-position
from fleet import enter  # noqa: E402 # pylint: disable=wrong-import-position
from rrdpring import LIMIT, SO_TX_RING, Ring, ready  # noqa: E402 # pylint: disable=wrong-import-position
from rrdpsock import SOL_RRDP  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

NODE, PORT = 2, 80
MACS = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"
SO_ZEROCOPY = 4
MSG_ZEROCOPY, MSG_ERRQUEUE = 0x4000000, 0x2000
ZEROCOPY_COPIED = 1
# What makes a file says so of the memory that it has not.
FILES = faults.NO_MEMORY | {errno.ENFILE}


def make_wire():
    """This host is node 1, "far" is 2."""
    fleet.wire(MACS)
    for number, name in ((2, "far"), (1, "near")):
        enter(name)
        rrdp, ifindex = rrdpnl.Rrdp(), socket.if_nametoindex("eth0")
        if rrdp.add_local(number, ifindex) or rrdp.add(3 - number, ifindex, MACS[2 - number]):
            sys.exit("no nodes")


class Pair:
    """A connection, with both of its ends; @kind is the type of its sockets."""

    def __init__(self, port, kind=socket.SOCK_SEQPACKET):
        enter("far")
        self.listener = new_socket(kind)
        enter("near")
        self.listener.bind_port(port)
        self.listener.listen(5)
        self.one = new_socket(kind)
        self.one.connect_to(NODE, port)
        ready(self.listener, select.POLLIN)
        self.other = self.listener.accept_one()
        ready(self.one, select.POLLOUT)

    def close(self):
        for sock in self.one, self.other, self.listener:
            sock.close()


def new_socket(kind=socket.SOCK_SEQPACKET):
    sock = rrdpsock.Socket(socket.socket(rrdpsock.AF_RRDP, kind, 0).detach())
    sock.setblocking(False)
    return sock


class Messages:
    """Each has a number of its own; one that was refused does not arrive."""

    def __init__(self, pair, size):
        self.pair, self.size, self.number = pair, size, 0

    def next(self):
        self.number += 1
        return struct.pack("=I", self.number) * (self.size // 4)

    def arrives(self, error):
        """After a message that was sent, or not: what is wrong."""
        if error:
            return None
        ready(self.pair.other, select.POLLIN)
        got = self.pair.other.recv(1 << 17)
        if got != struct.pack("=I", self.number) * (self.size // 4):
            return f"{len(got)} octets, message {got[:4]}, wanted {self.number}"
        return None


def sends(tap, pair, what, size, flags=0):
    messages = Messages(pair, size)
    held = []

    def prepare():
        held[:] = [messages.next()]

    def after(error):
        return messages.arrives(error)

    sweep = Sweep().run(lambda: call(pair.one.send, held[0], flags), prepare, after)
    sweep.report(tap, what)


def copies(sock):
    """What completions say of messages that were to be sent without a copy."""
    extra = ctypes.create_string_buffer(512)
    message = rrdpsock.MsgHdr()
    while True:
        message.control, message.controllen = ctypes.addressof(extra), len(extra)
        if rrdpsock.LIBC.recvmsg(sock.fileno(), ctypes.byref(message), MSG_ERRQUEUE) < 0:
            return
        # struct cmsghdr, and struct sock_extended_err with ee_code.
        yield extra.raw[16 + 6] == ZEROCOPY_COPIED


def zero_copy(tap, pair):
    pair.one.option(SO_ZEROCOPY, 1)
    sends(tap, pair, "send() of 60000, MSG_ZEROCOPY", 60000, MSG_ZEROCOPY)
    # Completions come when what has been sent is nowhere any more. Whether anything was
    # copied depends on which allocation it was that failed.
    said, deadline = [], time.monotonic() + LIMIT
    while not said and time.monotonic() < deadline:
        said += copies(pair.one)
        time.sleep(0.01)
    tap.result(said, "completions come", ["none"])
    sends(tap, pair, "send() of 32 octets, MSG_ZEROCOPY", 32, MSG_ZEROCOPY)


def life(tap):
    """From socket() to accept()."""
    made = []

    def close(_):
        while made:
            made.pop().close()

    Sweep().run(lambda: call(lambda: made.append(new_socket())), after=close).report(
        tap, "socket()", FILES)

    def fresh():
        made.append(new_socket())

    Sweep().run(lambda: call(made[-1].bind_port, 90), fresh, close).report(tap, "bind()")
    Sweep().run(lambda: call(made[-1].listen, 5), fresh, close).report(tap, "listen()")
    enter("far")
    listener = new_socket()
    enter("near")
    listener.bind_port(91)
    listener.listen(1000)
    Sweep().run(lambda: call(lambda: rrdpsock.call(
        rrdpsock.LIBC.connect, made[-1].fileno(), rrdpsock.address(NODE, 91), 8)),
                fresh, close).report(tap, "connect()")
    while not call(lambda: made.append(listener.accept_one())) and select.select(
            [listener], [], [], 0.5)[0]:
        close(None)
    close(None)

    def caller():
        made.append(new_socket())
        made[-1].connect_to(NODE, 91)
        ready(listener, select.POLLIN)

    def accepted(error):
        # Who could not be accepted waits, or was told.
        while not error and select.select([listener], [], [], 0)[0]:
            made.append(listener.accept_one())
        close(None)

    Sweep().run(lambda: call(lambda: made.append(listener.accept_one())), caller,
                accepted).report(tap, "accept()", FILES)
    close(None)
    listener.close()


def only_sockets():
    """Allocations that cannot wait fail from now on, if they are for a socket of RRDP's."""
    pathlib.Path("/sys/kernel/slab/RRDP/failslab").write_text("1", encoding="ascii")
    for name, value in (("cache-filter", "Y"), ("ignore-gfp-wait", "Y"), ("task-filter", "N"),
                        ("times", -1), ("probability", 100)):
        faults.write("failslab", name, value)


def plenty():
    for name, value in (("probability", 0), ("cache-filter", "N"), ("ignore-gfp-wait", "N"),
                        ("times", 1)):
        faults.write("failslab", name, value)


def callers(tap):
    """Those for whose sockets there is no memory when they call."""
    enter("far")
    listener = new_socket()
    enter("near")
    listener.bind_port(87)
    listener.listen(10)
    only_sockets()
    try:
        call_without(tap, listener)
    finally:
        plenty()
    listener.close()


def call_without(tap, listener):
    """While there is no memory for sockets."""
    for turn in "first", "next":
        one = new_socket()
        one.connect_to(NODE, 87)
        ready(one, select.POLLOUT)
        tap.is_(f"the {turn} caller is not turned away", call(one.send, b"call"), 0)
        ready(listener, select.POLLIN)
        other = listener.accept_one()
        ready(other, select.POLLIN)
        tap.is_(f"the {turn} caller is heard", other.recv(10), b"call")
        one.close()
        other.close()

    # No more than the one that was set aside.
    ones = [new_socket() for _ in range(2)]
    for one in ones:
        one.connect_to(NODE, 87)
        ready(one, select.POLLOUT)
    ready(ones[1], 0)
    tap.is_("one of two at once is, and is told",
            [call(one.send, b"call") for one in ones], [0, errno.ECONNRESET])
    for sock in ones:
        sock.close()


def stream(tap):
    pair = Pair(82, socket.SOCK_STREAM)
    octets = os.urandom(150000)
    sent, got = [], bytearray()

    def send():
        del sent[:]
        return call(lambda: sent.append(pair.one.send(octets)))

    def arrives(_):
        wanted = octets[:sent[0] if sent else 0]
        del got[:]
        while len(got) < len(wanted):
            ready(pair.other, select.POLLIN)
            got.extend(pair.other.recv(1 << 17))
        return None if got == wanted else f"{len(got)} octets, not those that were sent"

    Sweep().run(send, after=arrives).report(tap, "a stream's send()")
    pair.close()


def rings(tap):
    made = []

    def fresh():
        made.append(new_socket())

    def close(_):
        made.pop().close()

    Sweep().run(lambda: call(made[-1].setsockopt, SOL_RRDP, SO_TX_RING, Ring.request()),
                fresh, close).report(tap, "a transmit ring")

    def fresh_ring():
        fresh()
        made[-1].setsockopt(SOL_RRDP, SO_TX_RING, Ring.request())

    Sweep().run(lambda: call(lambda: mmap.mmap(
        made[-1].fileno(), rrdpring.SIZE, mmap.MAP_SHARED).close()),
                fresh_ring, close).report(tap, "mmap() of it")


def frames(tap):
    """Each of a connection of its own: later ones use again what the first one had."""
    made = []

    def prepare():
        pair = Pair(86)
        messages, ring = Messages(pair, 12000), Ring(pair.one)
        ring.mark(messages.next())
        made[:] = pair, messages, ring

    def after(error):
        pair, messages, ring = made
        # The frame is marked still: it leaves with the next call.
        if error:
            ready(pair.one, select.POLLOUT)
            pair.one.send(b"")
        wrong = messages.arrives(0)
        ring.next = 0
        ring.available()
        pair.close()
        return wrong

    # Where there is no memory for what refers to the frame, it is copied.
    sweep = Sweep().run(lambda: call(made[0].one.send, b""), prepare, after)
    tap.result(sweep.runs > 1 and sweep.errors <= faults.NO_MEMORY and not sweep.why,
               f"a frame of it: {sweep.failed} of {sweep.runs}", sweep.why)


def receive(tap):
    pair = Pair(84)
    messages = Messages(pair, 60000)

    def prepare():
        ready(pair.one, select.POLLOUT)
        pair.one.send(messages.next())
        ready(pair.other, select.POLLIN)

    got = []

    def recv():
        del got[:]
        return call(lambda: got.append(pair.other.recv(1 << 17)))

    def after(error):
        if error:
            return messages.arrives(0)
        right = struct.pack("=I", messages.number) * (messages.size // 4)
        return None if got == [right] else "another message"

    # It need not allocate anything.
    sweep = Sweep().run(recv, prepare, after)
    tap.result(sweep.errors <= faults.NO_MEMORY and not sweep.why, "recv()", sweep.why)
    pair.close()


def main():
    faults.prepare()
    tap = Tap()
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    make_wire()
    life(tap)
    callers(tap)
    pair = Pair(PORT)
    sends(tap, pair, "send() of 32 octets", 32)
    sends(tap, pair, "send() of 60000", 60000)
    zero_copy(tap, pair)
    pair.close()
    stream(tap)
    rings(tap)
    frames(tap)
    receive(tap)

    pair = Pair(85)
    sends_again = Messages(pair, 60000)
    pair.one.send(sends_again.next())
    tap.result(not sends_again.arrives(0), "afterwards messages go over")
    pair.close()
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
