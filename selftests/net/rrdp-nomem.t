#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Each command on the node table with one allocation after the other failing
(Documentation/fault-injection of the kernel). Only the UML kernel of the tests
injects faults.
"""

import errno
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLM_F_DUMP, attr  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SPEC = nlspec.Spec("rrdp")
OPS = {name: op["number"] for name, op in SPEC.ops.items()}
ATTRS = {name: a["number"] for name, a in SPEC.sets["rrdp"].attrs.items()}


class Rrdp(genl.Genl):
    """The family in a namespace."""

    def __init__(self):
        super().__init__()
        self.id, _ = self.family("rrdp")

    def do(self, op, *fields, flags=0):
        """What the command's end, or the socket, says."""
        body = b"".join(attr(ATTRS[name], value) for name, value in fields)
        try:
            return self.ask(self.id, OPS[op], body, flags).errno
        except OSError as error:
            self.sock.close()
            self.__init__()
            return error.errno


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def refused(tap, what, action, undo):
    # It may have been done, and only the answer failed.
    faults.Sweep().run(action, after=lambda error: undo() and None).report(tap, what)


def main():
    faults.prepare()
    tap = Tap()
    faults.LIBC.unshare(faults.CLONE_NEWNET)
    ip("link", "set", "lo", "up")
    ip("link", "add", "veth0", "type", "veth", "peer", "veth1")
    ifindex = struct.pack("=I", socket.if_nametoindex("veth0"))
    rrdp = Rrdp()
    node = ("node", struct.pack("=I", 7))
    local = ("node", struct.pack("=I", 1)), ("local", b""), ("ifindex", ifindex)
    far = node, ("ifindex", ifindex), ("lladdr", b"\x02\0\0\0\0\1")

    refused(tap, "own number", lambda: rrdp.do("node-new", *local),
            lambda: rrdp.do("node-del", local[0]))
    refused(tap, "another host", lambda: rrdp.do("node-new", *far),
            lambda: rrdp.do("node-del", node))
    rrdp.do("node-new", *local)
    rrdp.do("node-new", *far)
    refused(tap, "show one", lambda: rrdp.do("node-get", node), lambda: None)
    refused(tap, "show all", lambda: rrdp.do("node-get", flags=NLM_F_DUMP),
            lambda: None)
    refused(tap, "counters", lambda: rrdp.do("stats-get"), lambda: None)
    # A reference that leaked would keep it, and the namespace.
    ip("link", "del", "veth0")
    tap.result(rrdp.do("node-get", node) == errno.ENOENT, "the device goes with its nodes")
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
