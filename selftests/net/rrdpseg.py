# SPDX-License-Identifier: GPL-2.0
"""Segments of RRDP as they are on the wire (Documentation/rrdp.rst)."""

import struct
from dataclasses import dataclass

ETHERTYPE = 0x88B5
VERSION = 1
HEADER = struct.Struct(">BBHHHHHH")
SYN, ACK, EACK, RST, NUL, MORE = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04
FLAGS = {"SYN": SYN, "RST": RST, "ACK": ACK, "EACK": EACK, "NUL": NUL, "MORE": MORE}
OPTIONS = {"SEQUENCED": 0x01, "CKSUM_HDR": 0x02, "XSEQ": 0x04, "CREDIT": 0x08,
           "MORE": 0x10, "EACKR": 0x20}


def names(bits, table):
    """Flags or options by name, or "none"."""
    return "+".join(name for name, bit in table.items() if bits & bit) or "none"


def ones_sum(data):
    """The sum of RFC 1071, not complemented."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def pseudo_header(nodes, secrets=()):
    """What is summed but not sent: both node numbers, and with XSEQ what is in
    @secrets: both numbers in 64 bits, of which 48 count, and both epochs."""
    octets = struct.pack(">II", *nodes)
    if secrets:
        seq, ack, *epochs = secrets
        octets += struct.pack(">QQII", seq >> 16, ack >> 16, *epochs)
    return octets


@dataclass
class Segment:
    """A segment; @var is the variable part of its header, in words."""

    flags: int
    sport: int
    dport: int
    seq: int
    ack: int
    var: tuple = ()
    data: bytes = b""
    version: int = VERSION
    sum: int = 0

    def header(self, value):
        fixed = HEADER.pack(self.flags | self.version, 7 + len(self.var), self.sport,
                            self.dport, len(self.data), self.seq, self.ack, value)
        return fixed + struct.pack(f">{len(self.var)}H", *self.var)

    def covered(self, pseudo, value, header_only):
        return pseudo + self.header(value) + (b"" if header_only else self.data)

    def octets(self, pseudo, header_only):
        """With the right checksum."""
        value = ones_sum(self.covered(pseudo, 0, header_only)) ^ 0xffff
        return self.header(value) + self.data

    def sum_right(self, pseudo, header_only):
        return ones_sum(self.covered(pseudo, self.sum, header_only)) == 0xffff

    @classmethod
    def parse(cls, octets):
        if len(octets) < HEADER.size:
            raise ValueError("shorter than a header")
        first, words, sport, dport, length, seq, ack, value = HEADER.unpack_from(octets)
        if first & 3 != VERSION or words < 7 or 2 * words + length != len(octets):
            raise ValueError(f"version {first & 3}, header of {words} words, "
                             f"data of {length}, frame of {len(octets)} octets")
        var = struct.unpack_from(f">{words - 7}H", octets, HEADER.size)
        return cls(first & ~3, sport, dport, seq, ack, var, octets[2 * words:],
                   sum=value)
