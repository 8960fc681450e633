#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Neighbours of IPv6.

usage: nd.py solicit DEV SOURCE TARGET	send a solicitation, and wait for who answers
       nd.py hex DEV SOURCE TARGET	print the frame in hexadecimal
       nd.py host DEV SOURCE TARGET	tell all that the target is here, and no router

SOURCE is :: for whoever looks for a duplicate of its own address.
"""

import ipaddress
import pathlib
import socket
import struct
import sys

ICMPV6 = 58
WAIT = 0.5


def checksum(octets):
    """Of the Internet; of an even number of octets."""
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def solicitation(mac, source, target):
    """The frame."""
    group = ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + target.packed[13:]
    message = struct.pack("!BBHI", 135, 0, 0, 0) + target.packed
    if int(source):
        message += b"\x01\x01" + mac
    return packet(mac, source, group, message)


def advertisement(mac, source, target):
    """To all, of a host; it overrides what was said before."""
    message = struct.pack("!BBHI", 136, 0, 0, 0x20000000) + target.packed + b"\x02\x01" + mac
    return packet(mac, source, ipaddress.ip_address("ff02::1").packed, message)


def packet(mac, source, group, message):
    """A frame with that message of ICMP."""
    pseudo = source.packed + group + struct.pack("!II", len(message), ICMPV6)
    message = (message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:])
    head = struct.pack("!IHBB16s16s", 0x60000000, len(message), ICMPV6, 255, source.packed,
                       group)
    return b"\x33\x33" + group[-4:] + mac + b"\x86\xdd" + head + message


def main():
    dev = sys.argv[2]
    mac = bytes.fromhex(pathlib.Path(f"/sys/class/net/{dev}/address").read_text(
        encoding="ascii").replace(":", ""))
    source, target = map(ipaddress.ip_address, sys.argv[3:5])
    frame = (advertisement if sys.argv[1] == "host" else solicitation)(mac, source, target)
    if sys.argv[1] == "hex":
        print(frame.hex())
        return
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86dd))
    sock.bind((dev, 0x86dd))
    sock.settimeout(WAIT)
    sock.send(frame)
    if sys.argv[1] == "host":
        return
    try:
        while True:
            answer = sock.recv(2048)
            if answer[20] == ICMPV6 and answer[54] == 136 and answer[62:78] == target.packed:
                print(answer[6:12].hex(":"))
                return
    except TimeoutError:
        sys.exit("nobody answers")


if __name__ == "__main__":
    main()
