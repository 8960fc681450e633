#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""A send buffer that is larger than the send queue of a connection: who sends more than
that waits until the other end reads, or is told, however he sends; all arrives in order."""

import errno
import resource
import select
import socket
import struct
import sys
import threading
import time

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
import rrdpsock  # noqa: E402 # pylint: disable=wrong-import-position
from fleet import run  # noqa: E402 # pylint: disable=wrong-import-position
from rrdpring import ready  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SO_SNDBUFFORCE, SO_ZEROCOPY, MSG_ZEROCOPY = 32, 4, 0x4000000
COUNT, LIMIT = 20000, 60


class Pair:
    """A connection of this host to itself."""

    def __init__(self, port):
        listener, self.one = rrdpsock.Socket(), rrdpsock.Socket()
        listener.bind_port(port)
        listener.listen(1)
        self.one.connect_to(1, port)
        ready(listener, select.POLLIN)
        self.other = listener.accept_one()
        ready(self.one, select.POLLOUT)
        listener.close()
        self.one.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 30)
        # What is sent without a copy must not change.
        self.kept = [struct.pack("=I", number) for number in range(COUNT)]

    def close(self):
        self.one.close()
        self.other.close()

    def receive(self):
        """Of COUNT messages, those that are not the next one."""
        wrong = []
        for number in range(COUNT):
            ready(self.other, select.POLLIN, LIMIT)
            got = self.other.recv(100)
            if got != self.kept[number]:
                wrong.append(f"{got} is not {number}")
        return wrong


def fill(pair):
    """Sends until it would have to wait; how many, and why no more."""
    pair.one.setblocking(False)
    for number in range(COUNT):
        try:
            pair.one.send(pair.kept[number])
        except OSError as error:
            return number, error.errno
    return COUNT, 0


def send(pair, start, flags):
    """The rest; a few in the way that is meant."""
    pair.one.setblocking(True)
    for number in range(start, COUNT):
        pair.one.send(pair.kept[number], flags if number < start + 5 else 0)


def queue(tap, what, port, flags):
    pair = Pair(port)
    pair.one.option(SO_ZEROCOPY, 1)
    start, why = fill(pair)
    tap.is_(f"{what}: the queue has an end", why, errno.EAGAIN)
    late = threading.Thread(target=send, args=(pair, start, flags), daemon=True)
    late.start()
    late.join(0.3)
    tap.result(late.is_alive(), f"{what}: who sends more waits")
    tap.flawless(f"{what}: all arrives", pair.receive())
    late.join(LIMIT)
    tap.result(not late.is_alive(), f"{what}: and goes on")
    # The other end takes some of it before it has no more room.
    while fill(pair)[0]:
        time.sleep(0.2)
    pair.one.setblocking(True)
    pair.one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("=qq", 0, 300000))
    begin = time.monotonic()
    try:
        pair.one.send(b"late", flags)
        why = 0
    except OSError as error:
        why = error.errno
    tap.result(why == errno.EAGAIN and time.monotonic() - begin >= 0.2,
               f"{what}: who waits no longer than that is told", [why])
    pair.close()


def main():
    tap = Tap()
    faults.LIBC.unshare(faults.CLONE_NEWNET)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    run("ip", "link", "set", "lo", "up")
    run("vmnetctl", "add-node", "1", "local")
    queue(tap, "send()", 80, 0)
    queue(tap, "MSG_ZEROCOPY", 81, MSG_ZEROCOPY)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
