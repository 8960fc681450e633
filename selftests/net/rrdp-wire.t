#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
"""The protocol on the wire, segment by segment: the kernel at one end, the scripts
of rrdp-wire/ at the other. Arguments are files, or words in the names of cases."""

import ctypes
import pathlib
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import rrdpnl  # noqa: E402 # pylint: disable=wrong-import-position
import wireline  # noqa: E402 # pylint: disable=wrong-import-position
import wirepeer  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position
from wirescript import Script  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWNET = 0x40000000
SCRIPTS = pathlib.Path(__file__).resolve().parent / "rrdp-wire"
MACS = b"\x02\0\0\0\0\1", b"\x02\0\0\0\0\2"


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def make_wire():
    ip("link", "add", "veth0", "address", MACS[0].hex(":"), "type", "veth",
       "peer", "name", "veth1", "address", MACS[1].hex(":"))
    # Segments are looked at, not trains of them: the stack cuts these.
    ip("link", "set", "veth0", "gso_max_segs", "1", "up")
    ip("link", "set", "veth1", "up")
    rrdp = rrdpnl.Rrdp()
    ifindex = socket.if_nametoindex("veth0")
    if rrdp.add_local(wirepeer.KERNEL, ifindex) or \
            rrdp.add(wirepeer.PEER, ifindex, MACS[1]):
        sys.exit("no nodes")
    return rrdp


def wanted(case, words):
    return not words or any(word in case.name or word == case.file for word in words)


def main():
    if ctypes.CDLL(None).unshare(CLONE_NEWNET):
        sys.exit("this needs to be root")
    rrdp, tap = make_wire(), Tap()
    link = wirepeer.Link("veth1", "veth0", MACS[0])
    cases = [case for path in sorted(SCRIPTS.glob("*.wire"))
             for case in wireline.read_cases(path) if wanted(case, sys.argv[1:])]
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases):
        start = time.monotonic()
        script = Script(link, rrdp.stats, (5000 + number, 2000 + number))
        faults = script.run(case)
        tap.result(not faults, case.name, faults)
        if time.monotonic() - start > 1:
            print(f"# {time.monotonic() - start:.1f} s")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
