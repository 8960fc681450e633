#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""IP multicast from userspace.

usage: mcast.py join DEV GROUP...		listen to groups until killed
       mcast.py frames				of each line "GUEST KIND [ARGUMENT]...",
						a frame of that guest, in hexadecimal

KIND is one of
  data GROUP			a datagram
  report1 GROUP, report2 GROUP	a report of IGMPv1 or 2, or of MLDv1
  leave GROUP			a leave of IGMPv2, or a done of MLDv1
  records TYPE:GROUP[/N]...	a report of IGMPv3 or MLDv2, N sources each
  query GROUP [CODE]		a query of IGMPv2 or MLDv1; 0.0.0.0 or ::, for all groups
  query3 GROUP [CODE [N]]	a query of IGMPv3 or MLDv2, N sources
  pim 4|6			a hello of PIM
  mrd 4|6			an advertisement of a multicast router
"""

import ipaddress
import signal
import socket
import struct
import sys

IGMP, UDP, ICMPV6, PIM = 2, 17, 58, 103
# A hop-by-hop option that says: routers, look at this.
ROUTER_ALERT_V6 = bytes([ICMPV6, 0, 5, 2, 0, 0, 1, 0])


def checksum(octets):
    """Of the Internet."""
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets[:len(octets) // 2 * 2]))
    if len(octets) % 2:
        total += octets[-1] << 8
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def with_checksum(octets, before=b""):
    """The message with its checksum, at octet 2, filled in."""
    return octets[:2] + struct.pack("!H", checksum(before + octets)) + octets[4:]


def ethernet(guest, group, packet):
    """A frame to the MAC address of a group."""
    last = group.packed[-4:]
    if group.version == 4:
        address = b"\x01\x00\x5e" + bytes([last[1] & 0x7f]) + last[2:]
    else:
        address = b"\x33\x33" + last
    return (address + bytes.fromhex(f"02000000 01{guest:02x}")
            + (b"\x08\x00" if group.version == 4 else b"\x86\xdd") + packet)


def packet(guest, group, protocol, payload):
    """An IP packet to a group."""
    if group.version == 4:
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 20 + len(payload), 0, 0, 1, protocol,
                           0, bytes([10, 0, 0, guest]), group.packed)
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return ethernet(guest, group, head + payload)
    source = ipaddress.ip_address(f"fe80::{guest:x}").packed
    options = b""
    if protocol == ICMPV6:
        pseudo = source + group.packed + struct.pack("!II", len(payload), ICMPV6)
        payload = with_checksum(payload, pseudo)
        options, protocol = ROUTER_ALERT_V6, 0
    head = struct.pack("!IHBB16s16s", 0x60000000, len(options + payload), protocol, 1,
                       source, group.packed)
    return ethernet(guest, group, head + options + payload)


def message(guest, to, v4, v6):
    """A message of IGMP or MLD."""
    if to.version == 4:
        return packet(guest, to, IGMP, with_checksum(v4))
    return packet(guest, to, ICMPV6, v6)


def everyone(group, v4, v6):
    """Where messages about a group go that are not for its listeners."""
    return ipaddress.ip_address(v4 if group.version == 4 else v6)


def simple(guest, group, to, kinds):
    """A message of IGMPv2 or MLDv1."""
    v4, v6 = kinds
    return message(guest, to, struct.pack("!BBH", v4, 0, 0) + group.packed[-4:],
                   struct.pack("!BBHHH", v6, 0, 0, 0, 0) + group.packed)


def record(text):
    """One of a report: its group and its octets."""
    kind, _, rest = text.partition(":")
    name, _, sources = rest.partition("/")
    group = ipaddress.ip_address(name)
    count = int(sources or 0)
    return group, (struct.pack("!BBH", int(kind), 0, count) + group.packed
                   + count * everyone(group, "192.0.2.1", "2001:db8::1").packed)


def records(guest, *texts):
    """A report of IGMPv3 or MLDv2."""
    parts = [record(text) for text in texts]
    to = everyone(parts[0][0], "224.0.0.22", "ff02::16")
    body = struct.pack("!HH", 0, len(parts)) + b"".join(octets for _, octets in parts)
    return message(guest, to, struct.pack("!BBH", 0x22, 0, 0) + body,
                   struct.pack("!BBH", 143, 0, 0) + body)


def query(guest, group, code=10, sources=None):
    """A query; of IGMPv3 or MLDv2 if there are sources to speak of."""
    to = group if int(group) else everyone(group, "224.0.0.1", "ff02::1")
    tail = b""
    if sources is not None:
        tail = (struct.pack("!BBH", 2, 125, sources)
                + sources * everyone(group, "192.0.2.1", "2001:db8::1").packed)
    return message(guest, to, struct.pack("!BBH", 0x11, code, 0) + group.packed[-4:] + tail,
                   struct.pack("!BBHHH", 130, 0, 0, code, 0) + group.packed + tail)


def frame(guest, kind, *args):
    """A frame."""
    if kind == "records":
        return records(guest, *args)
    if kind in ("pim", "mrd"):
        version = 0 if args[0] == "4" else 1
        to = ipaddress.ip_address([("224.0.0.13", "ff02::d"),
                                   ("224.0.0.106", "ff02::6a")][kind == "mrd"][version])
        if kind == "mrd":
            return message(guest, to, struct.pack("!BBHHH", 0x30, 20, 0, 0, 0),
                           struct.pack("!BBHHH", 151, 20, 0, 0, 0))
        return packet(guest, to, PIM, with_checksum(struct.pack("!BBHHHH", 0x20, 0, 0, 1, 2, 105)))
    group = ipaddress.ip_address(args[0])
    numbers = [int(number) for number in args[1:]]
    if kind == "data":
        return packet(guest, group, UDP, struct.pack("!HHHH", 9, 9, 58, 0) + bytes(50))
    if kind == "report1":
        return simple(guest, group, group, (0x12, 131))
    if kind == "report2":
        return simple(guest, group, group, (0x16, 131))
    if kind == "leave":
        return simple(guest, group, everyone(group, "224.0.0.2", "ff02::2"), (0x17, 132))
    if kind == "query":
        return query(guest, group, *numbers)
    if kind == "query3":
        return query(guest, group, numbers[0] if numbers else 10, (numbers[1:] or [0])[0])
    sys.exit(f"mcast.py: what is \"{kind}\"?")


def join(dev, groups):
    """Listens until killed."""
    index = socket.if_nametoindex(dev)
    socks = []
    for group in map(ipaddress.ip_address, groups):
        if group.version == 4:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            struct.pack("=4sIi", group.packed, 0, index))
        else:
            sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                            struct.pack("=16si", group.packed, index))
        socks.append(sock)
    print("ready", flush=True)
    signal.pause()


def main():
    if sys.argv[1] == "join":
        join(sys.argv[2], sys.argv[3:])
        return
    for line in sys.stdin:
        guest, *words = line.split()
        print(frame(int(guest), *words).hex(), flush=True)


if __name__ == "__main__":
    main()
