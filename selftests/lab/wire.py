#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A wire: a hub between QEMU's network cards that keeps a capture of what crosses it.

usage: wire.py DIR COUNT SNAPLEN

Card N of COUNT is QEMU's "-netdev dgram" from the Unix socket DIR/nic.N to
DIR/hub.N. Frames go to DIR/pcap, their first SNAPLEN bytes; none if SNAPLEN is 0.
No frame is lost on the wire: a sender waits for the slowest receiver, unless
that receiver takes nothing for a second.
"""
import collections
import os
import select
import socket
import struct
import sys
import time

QUEUE = 256
DEAD_AFTER = 1.0
PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)


class Port:
    def __init__(self, directory, number):
        self.peer = f"{directory}/nic.{number}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{directory}/hub.{number}")
        self.socket.setblocking(False)
        self.connected = False
        self.queue = collections.deque()
        self.moved = 0.0
        self.dropped = 0

    def connect(self):
        """Connected, the socket becomes writable when its peer has room."""
        if not self.connected:
            try:
                self.socket.connect(self.peer)
                self.connected = True
            except OSError:
                pass
        return self.connected

    def send(self, frame):
        """Whether the frame is gone, be it because nobody listens."""
        try:
            self.socket.send(frame)
        except BlockingIOError:
            return False
        except OSError:
            self.connected = False
        self.moved = time.monotonic()
        return True

    def put(self, frame):
        if not self.connect():
            return
        if self.queue or not self.send(frame):
            if not self.queue:
                self.moved = time.monotonic()
            self.queue.append(frame)

    def drain(self):
        while self.queue and self.send(self.queue[0]):
            self.queue.popleft()

    def full(self):
        if len(self.queue) < QUEUE:
            return False
        if time.monotonic() - self.moved > DEAD_AFTER:
            self.dropped += len(self.queue)
            self.queue.clear()
            return False
        return True


class Capture:
    def __init__(self, path, snaplen):
        self.snaplen = snaplen
        self.file = open(path, "wb") if snaplen else None
        if self.file:
            self.file.write(PCAP_HEADER)
            self.file.flush()

    def add(self, frame):
        if self.file:
            seconds, nanoseconds = divmod(time.time_ns(), 10**9)
            kept = frame[:self.snaplen]
            self.file.write(struct.pack("<IIII", seconds, nanoseconds, len(kept), len(frame)))
            self.file.write(kept)

    def flush(self):
        if self.file:
            self.file.flush()


def run(ports, capture):
    parent = os.getppid()
    while os.getppid() == parent:
        jam = any(port.full() for port in ports)
        readers = [] if jam else [port.socket for port in ports]
        writers = [port.socket for port in ports if port.queue]
        ready, room, _ = select.select(readers, writers, [], 0.05)
        if not ready and not room:
            capture.flush()
        for port in ports:
            if port.socket in room:
                port.drain()
            if port.socket not in ready:
                continue
            for _ in range(32):
                try:
                    frame = port.socket.recv(65536)
                except OSError:
                    break
                capture.add(frame)
                for other in ports:
                    if other is not port:
                        other.put(frame)


def main(directory, count, snaplen):
    ports = [Port(directory, number) for number in range(int(count))]
    capture = Capture(f"{directory}/pcap", int(snaplen))
    print("ready", flush=True)
    try:
        run(ports, capture)
    finally:
        capture.flush()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass
