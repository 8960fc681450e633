#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What monitors of traffic get, a line each, until it is terminated.

usage: flows.py samples		of psample: "GROUP IFINDEX RATE OCTETS" of each frame
       flows.py netflow PORT	of NetFlow 5: "FROM TO PROTOCOL FRAMES OCTETS" of each flow

The first line is "ready".
"""

import socket
import struct
import sys

from genl import SOL_NETLINK, Genl, attrs

NETLINK_ADD_MEMBERSHIP = 1
IIFINDEX, ORIGSIZE, GROUP, RATE = 0, 2, 3, 5


def number(octets):
    return int.from_bytes(octets, sys.byteorder)


def samples():
    genl = Genl()
    genl.sock.settimeout(None)
    family, groups = genl.family("psample")
    genl.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups["packets"])
    print("ready", flush=True)
    while True:
        for kind, _, _, body in genl.messages():
            if kind == family:
                found = dict(attrs(body[4:]))
                print(*(number(found[what]) for what in (GROUP, IIFINDEX, RATE, ORIGSIZE)),
                      flush=True)


def netflow(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", port))
    print("ready", flush=True)
    while True:
        data = sock.recv(65536)
        version, count = struct.unpack_from("!HH", data)
        if version != 5:
            print("bad version", version, flush=True)
            continue
        for start in range(24, 24 + 48 * count, 48):
            one, two = (socket.inet_ntoa(data[start + n:start + n + 4]) for n in (0, 4))
            frames, octets = struct.unpack_from("!II", data, start + 16)
            print(one, two, data[start + 38], frames, octets, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["samples"]:
        samples()
    elif len(sys.argv) == 3 and sys.argv[1] == "netflow":
        netflow(int(sys.argv[2]))
    else:
        sys.exit(__doc__)
