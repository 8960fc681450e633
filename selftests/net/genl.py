# SPDX-License-Identifier: GPL-2.0
"""Generic netlink over a raw socket, so that a test can say what it should not."""

import os
import socket
import struct

NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 10, 11, 12

NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x4, 0x300
NLM_F_DUMP_INTR, NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x10, 0x100, 0x200

NLA_F_NESTED = 0x8000
NLA_TYPE = 0x3fff

GENL_ID_CTRL = 16
CTRL_GETFAMILY, CTRL_GETPOLICY = 3, 10
CTRL_A_FAMILY_ID, CTRL_A_FAMILY_NAME, CTRL_A_MCAST_GROUPS = 1, 2, 7
CTRL_A_POLICY, CTRL_A_OP_POLICY = 8, 9


def attr(number, payload=b"", length=None):
    """One attribute; @length is what its header claims."""
    if length is None:
        length = len(payload) + 4
    return (struct.pack("=HH", length & 0xffff, number) + payload +
            b"\0" * (-len(payload) % 4))


def nest(number, *members):
    return attr(number | NLA_F_NESTED, b"".join(members))


def attrs(data):
    """Pairs of number and payload of what the kernel sent."""
    while len(data) >= 4:
        length, number = struct.unpack_from("=HH", data)
        yield number & NLA_TYPE, data[4:length]
        data = data[length + 3 & ~3:]


class Answer:
    """What became of a request."""

    def __init__(self):
        self.errno = None
        self.msg = None
        self.missing = None
        self.interrupted = False
        self.replies = []

    def end(self, errno, tlvs):
        self.errno = errno
        for number, value in attrs(tlvs):
            if number == 1:
                # It may name a device, whose name may be any octets.
                self.msg = value.rstrip(b"\0").decode(errors="backslashreplace")
            elif number == 5:
                self.missing = struct.unpack("=I", value)[0]

    def __str__(self):
        name = os.strerror(self.errno) if self.errno else "success"
        return f"{name} ({self.msg or self.missing})"


class Genl:
    """A socket of the namespace that it was made in."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.settimeout(20)
        for option in NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK:
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.seq = 0

    def close(self):
        self.sock.close()

    def send(self, family, cmd, body=b"", flags=0, cut=None):
        """Sends a request, of which only the first @cut octets."""
        self.seq += 1
        message = struct.pack("=BBH", cmd, 1, 0) + body
        if cut is not None:
            message = message[:cut]
        header = struct.pack("=IHHII", 16 + len(message), family,
                             NLM_F_REQUEST | NLM_F_ACK | flags, self.seq, 0)
        self.sock.send(header + message)

    def messages(self):
        """Header fields and body of what has come."""
        data = self.sock.recv(1 << 18)
        while len(data) >= 16:
            length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            yield kind, flags, seq, data[16:length]
            data = data[length + 3 & ~3:]

    def ask(self, family, cmd, body=b"", flags=0, cut=None):
        """Sends a request and waits for how it ends."""
        self.send(family, cmd, body, flags, cut)
        answer = Answer()
        while answer.errno is None:
            for kind, bits, seq, payload in self.messages():
                if seq != self.seq:
                    continue
                answer.interrupted |= bool(bits & NLM_F_DUMP_INTR)
                if kind == NLMSG_ERROR:
                    # With NLM_F_CAPPED the request's body is left out.
                    skip = 20 if bits & NLM_F_CAPPED else 4 + 16 + len(body) + 4
                    answer.end(-struct.unpack_from("=i", payload)[0],
                               payload[skip:] if bits & NLM_F_ACK_TLVS else b"")
                elif kind == NLMSG_DONE:
                    answer.end(-struct.unpack_from("=i", payload)[0],
                               payload[4:] if bits & NLM_F_ACK_TLVS else b"")
                else:
                    answer.replies.append(payload)
        return answer

    def family(self, name):
        """Number of a family, and those of its multicast groups by name."""
        answer = self.ask(GENL_ID_CTRL, CTRL_GETFAMILY,
                          attr(CTRL_A_FAMILY_NAME, name.encode() + b"\0"))
        if answer.errno:
            raise OSError(answer.errno, f"no generic netlink family {name}")
        found = dict(attrs(answer.replies[0][4:]))
        groups = {}
        for _, group in attrs(found.get(CTRL_A_MCAST_GROUPS, b"")):
            fields = dict(attrs(group))
            groups[fields[1].rstrip(b"\0").decode()] = struct.unpack("=I", fields[2])[0]
        return struct.unpack("=H", found[CTRL_A_FAMILY_ID])[0], groups

    def policies(self, family):
        """Policies in force: ops, {cmd: {"do"|"dump": index}}, and by index
        {attribute: {what: value}}."""
        ops, policies = {}, {}
        answer = self.ask(GENL_ID_CTRL, CTRL_GETPOLICY,
                          attr(CTRL_A_FAMILY_ID, struct.pack("=H", family)), NLM_F_DUMP)
        if answer.errno:
            raise OSError(answer.errno, "no policies")
        for reply in answer.replies:
            for number, value in attrs(reply[4:]):
                if number == CTRL_A_OP_POLICY:
                    for cmd, op in attrs(value):
                        ops[cmd] = {("", "do", "dump")[mode]: struct.unpack("=I", index)[0]
                                    for mode, index in attrs(op)}
                elif number == CTRL_A_POLICY:
                    for index, policy in attrs(value):
                        for attribute, says in attrs(policy):
                            policies.setdefault(index, {})[attribute] = {
                                what: int.from_bytes(data, "little")
                                for what, data in attrs(says)}
        return ops, policies
