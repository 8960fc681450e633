#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Each command on the node table with one allocation after the other failing
(Documentation/fault-injection of the kernel). Only the UML kernel of the tests
injects faults.
"""

import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLM_F_DUMP, attr  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWNET = 0x40000000
FAIL_NTH = "/proc/thread-self/fail-nth"
FAILSLAB = "/sys/kernel/debug/failslab/"
LIBC = ctypes.CDLL(None)
MOST = 2000

SPEC = nlspec.Spec("rrdp")
OPS = {name: op["number"] for name, op in SPEC.ops.items()}
ATTRS = {name: a["number"] for name, a in SPEC.sets["rrdp"].attrs.items()}


def each_failing(action, undo):
    """Runs @action with its first, second ... allocation failing until one run
    has no more to fail. Numbers of runs that failed, and their errors."""
    failed, errors = 0, set()
    nth = os.open(FAIL_NTH, os.O_RDWR)
    for n in range(1, MOST):
        os.pwrite(nth, f"{n}".encode(), 0)
        error = action()
        left = int(os.pread(nth, 20, 0))
        os.pwrite(nth, b"0", 0)
        if error:
            failed += 1
            errors.add(error)
        # It may have been done, and only the answer failed.
        undo()
        if left:
            break
    else:
        errors.add("no end")
    os.close(nth)
    return failed, errors


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
    failed, errors = each_failing(action, undo)
    names = ", ".join(os.strerror(e) if isinstance(e, int) else e
                      for e in sorted(errors, key=str))
    # Some allocations do without: a message that nobody hears.
    tap.result(failed > 0 and errors <= {errno.ENOMEM, errno.ENOBUFS},
               f"{what}: {failed} times {names}")


def main():
    if not os.path.exists(FAILSLAB):
        print("1..0 # SKIP this kernel injects no faults")
        return 0
    for name, value in (("ignore-gfp-wait", "N"), ("verbose", "0")):
        with open(FAILSLAB + name, "w", encoding="ascii") as file:
            file.write(value)

    tap = Tap()
    LIBC.unshare(CLONE_NEWNET)
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
