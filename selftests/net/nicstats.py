#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints the counters of a device as "ethtool -S DEV" would, "NAME VALUE" each.

usage: nicstats.py DEV
"""

import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
GDRVINFO, GSTRINGS, GSTATS = 0x3, 0x1b, 0x1d
STRINGS_OF_STATS, STRING_LEN = 1, 32
# Offset of the number of counters in struct ethtool_drvinfo, and its size.
N_STATS, DRVINFO_LEN = 180, 196


def ask(sock, dev, request):
    """Gives the driver @request, which it fills in."""
    data = array.array("B", request)
    fcntl.ioctl(sock, SIOCETHTOOL,
                struct.pack("16sP", dev.encode(), data.buffer_info()[0]))
    return data.tobytes()


def main(dev):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    info = ask(sock, dev, struct.pack("=I", GDRVINFO) + bytes(DRVINFO_LEN - 4))
    count = struct.unpack_from("=I", info, N_STATS)[0]
    names = ask(sock, dev, struct.pack("=III", GSTRINGS, STRINGS_OF_STATS, count) +
                bytes(STRING_LEN * count))[12:]
    values = ask(sock, dev, struct.pack("=II", GSTATS, count) + bytes(8 * count))[8:]
    for i in range(count):
        name = names[STRING_LEN * i:STRING_LEN * (i + 1)].rstrip(b"\0").decode()
        print(name, struct.unpack_from("=Q", values, 8 * i)[0])


if __name__ == "__main__":
    main(sys.argv[1])
