# SPDX-License-Identifier: GPL-2.0
"""The netlink family "rrdp" of a namespace: nodes, events, counters."""

import socket
import struct

import genl
import nlspec
from genl import NLM_F_DUMP, attr, attrs

SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
SO_RCVBUFFORCE = 33

SPEC = nlspec.Spec("rrdp")
OPS = {name: op["number"] for name, op in SPEC.ops.items()}
ATTRS = {name: a["number"] for name, a in SPEC.sets["rrdp"].attrs.items()}
CONN = {name: a["number"] for name, a in SPEC.sets["conn"].attrs.items()}
EVENTS = {name: number for number, name in enumerate(
    e if isinstance(e, str) else e["name"]
    for e in SPEC.definitions["event-type"]["entries"])}


def u32(data):
    return struct.unpack("=I", data)[0]


class Rrdp(genl.Genl):
    """The family in a namespace."""

    def __init__(self):
        super().__init__()
        self.id, self.groups = self.family("rrdp")

    def listen(self, rcvbuf):
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, rcvbuf)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups["events"])

    def events(self):
        """Type and attributes of each event that has come."""
        self.sock.settimeout(0.3)
        while True:
            try:
                for _, _, _, body in self.messages():
                    fields = dict(attrs(body[4:]))
                    yield u32(fields[ATTRS["event"]]), fields
            except TimeoutError:
                return

    def add(self, node, ifindex, mac):
        return self.ask(self.id, OPS["node-new"],
                        attr(ATTRS["node"], struct.pack("=I", node)) +
                        attr(ATTRS["ifindex"], struct.pack("=I", ifindex)) +
                        attr(ATTRS["lladdr"], mac)).errno

    def add_local(self, node, ifindex=None):
        where = b"" if ifindex is None else attr(ATTRS["ifindex"],
                                                 struct.pack("=I", ifindex))
        return self.ask(self.id, OPS["node-new"],
                        attr(ATTRS["node"], struct.pack("=I", node)) + where +
                        attr(ATTRS["local"])).errno

    def delete(self, node):
        return self.ask(self.id, OPS["node-del"],
                        attr(ATTRS["node"], struct.pack("=I", node))).errno

    def nodes(self, only=b""):
        answer = self.ask(self.id, OPS["node-get"], only, NLM_F_DUMP)
        return [u32(dict(attrs(r[4:]))[ATTRS["node"]]) for r in answer.replies], answer

    def stats(self):
        """Counters by name."""
        answer = self.ask(self.id, OPS["stats-get"])
        stats = dict(attrs(answer.replies[0][4:]))[ATTRS["stats"]]
        found = {}
        for _, stat in attrs(stats):
            fields = dict(attrs(stat))
            found[fields[ATTRS["stat-name"]].rstrip(b"\0").decode()] = struct.unpack(
                "=Q", fields[ATTRS["stat-value"]])[0]
        return found
