# SPDX-License-Identifier: GPL-2.0
"""The netlink family "vmnet" of a namespace, and what rtnetlink has to do with networks."""

import errno
import socket
import struct

import genl
import nlspec
from genl import NLM_F_ACK, NLM_F_REQUEST, attr, attrs, nest

NETLINK_ADD_MEMBERSHIP = 1
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK = 16, 17, 18, 19
RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH = 28, 29, 30
AF_BRIDGE, NUD_PERMANENT, NTF_SELF = 7, 0x80, 2
NLM_F_CREATE = 0x600
IFLA_IFNAME, IFLA_MASTER, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA = 3, 10, 18, 1, 2
IFLA_VMNET_VNI = 1

SPEC = nlspec.Spec("vmnet")
OPS = {name: op["number"] for name, op in SPEC.ops.items()}
ATTRS = {name: {a: node["number"] for a, node in s.attrs.items()}
         for name, s in SPEC.sets.items()}
TOP, PEER, FDB = ATTRS["vmnet"], ATTRS["peer"], ATTRS["fdb"]
EVENTS = {e if isinstance(e, str) else e["name"]: number for number, e in enumerate(
    SPEC.definitions["event-type"]["entries"])}


def u32(value):
    return struct.pack("=I", value)


class Route(genl.Genl):
    """rtnetlink: requests without the header of a family."""

    def __init__(self):
        super().__init__()
        self.sock.close()
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.settimeout(20)

    def send(self, family, cmd, body=b"", flags=0, cut=None):
        self.seq += 1
        self.sock.send(struct.pack("=IHHII", 16 + len(body), cmd,
                                   NLM_F_REQUEST | NLM_F_ACK | flags, self.seq, 0) + body)

    def do(self, cmd, ifindex, *fields, flags=0, family=0, up=0):
        if cmd in (RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH):
            head = struct.pack("=BxxxiHBB", AF_BRIDGE, ifindex, NUD_PERMANENT, NTF_SELF, 0)
        else:
            head = struct.pack("=BxHiII", family, 0, ifindex, up, up)
        return self.ask(0, cmd, head + b"".join(fields), flags).errno


class Vmnet(genl.Genl):
    """The family of networks."""

    def __init__(self):
        super().__init__()
        self.id, self.groups = self.family("vmnet")

    def do(self, op, *fields, flags=0):
        return self.ask(self.id, OPS[op], b"".join(fields), flags)


class Robust:
    """Makes a socket anew after one that has ended with an error."""

    def __init__(self, kind):
        self.kind, self.nl = kind, kind()

    def __call__(self, *args, **more):
        try:
            got = self.nl.do(*args, **more)
        except OSError as error:
            self.nl.close()
            self.nl = None
            return error.errno
        return got if isinstance(got, int) else got.errno

    def again(self, *_):
        self.nl = self.nl or self.kind()


class Listener(genl.Genl):
    """Events, or that some are lost."""

    def __init__(self, groups):
        super().__init__()
        self.sock.setsockopt(genl.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups["events"])
        self.sock.settimeout(0.05)

    def heard(self, event):
        """Was it told of the event, or that it has missed some?"""
        found = False
        while True:
            try:
                for _, _, _, body in self.messages():
                    number = dict(attrs(body[4:]))[TOP["event"]]
                    found |= struct.unpack("=I", number)[0] == EVENTS[event]
            except TimeoutError:
                return found
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                found = True


def peer_of(what, **more):
    """Attributes by which a peer is named; numbers say @more."""
    numbers = [attr(PEER[name], u32(value)) for name, value in more.items()]
    if isinstance(what, int):
        return nest(TOP["peer"], attr(PEER["transport"], b"\2"), attr(PEER["node"], u32(what)))
    kind, family = ("ipv6", socket.AF_INET6) if ":" in what else ("ipv4", socket.AF_INET)
    return nest(TOP["peer"], attr(PEER["transport"], b"\1"),
                attr(PEER[kind], socket.inet_pton(family, what)), *numbers)


def network(vni):
    """Attributes of a network that is to be made."""
    return nest(IFLA_LINKINFO, attr(IFLA_INFO_KIND, b"vmnet\0"),
                nest(IFLA_INFO_DATA, attr(IFLA_VMNET_VNI, u32(vni))))
