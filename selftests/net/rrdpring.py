# SPDX-License-Identifier: GPL-2.0
"""A transmit ring, and waiting for a socket."""

import mmap
import select
import struct

from rrdpsock import SOL_RRDP

SO_TX_RING = 6
PAGE, FRAME, FRAMES = 4096, 16384, 4
SIZE = PAGE + FRAME * FRAMES
AVAILABLE, SEND_REQUEST = 0, 1
LIMIT = 20


def ready(sock, events, limit=LIMIT):
    poll = select.poll()
    poll.register(sock, events)
    if not poll.poll(int(1000 * limit)):
        raise TimeoutError("the socket was not ready in time")


class Ring:
    """A transmit ring."""

    def __init__(self, sock):
        self.sock, self.next = sock, 0
        self.ask()
        self.map()

    @staticmethod
    def request():
        return struct.pack("=II", FRAME, FRAMES)

    def ask(self):
        self.sock.setsockopt(SOL_RRDP, SO_TX_RING, self.request())

    def map(self):
        self.memory = mmap.mmap(self.sock.fileno(), SIZE, mmap.MAP_SHARED)

    def status(self, frame):
        return struct.unpack_from("=I", self.memory, 8 * frame)[0]

    def available(self):
        while self.status(self.next) != AVAILABLE:
            ready(self.sock, select.POLLOUT)

    def mark(self, message):
        at = PAGE + FRAME * self.next
        self.memory[at:at + len(message)] = message
        struct.pack_into("=I", self.memory, 8 * self.next + 4, len(message))
        struct.pack_into("=I", self.memory, 8 * self.next, SEND_REQUEST)
        self.next = (self.next + 1) % FRAMES
