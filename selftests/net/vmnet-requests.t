#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Requests to the family "vmnet" of which each attribute is right, but not all of them
together: each is refused, says why and changes nothing."""

import errno
import socket
import struct
import sys

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
import vmnetnl  # noqa: E402 # pylint: disable=wrong-import-position
from fleet import run  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLM_F_DUMP, attr, attrs, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position
from vmnetnl import ATTRS, TOP, peer_of, u32  # noqa: E402 # pylint: disable=wrong-import-position

PORT = ATTRS["port"]
# What a request sets. All else is counted or found out, at any time.
SET = {TOP["peer"]: [ATTRS["peer"][name] for name in (
           "transport", "node", "ipv4", "ipv6", "port", "plain", "subnet", "leaving")],
       TOP["port-info"]: [PORT[name] for name in (
           "ifindex", "all-vlans", "vlans", "untagged", "pvid", "isolated", "learning",
           "limit", "storm", "mcast-limit", "confined")]}
ALL = attr(PORT["all-vlans"])


def vlans(name, *numbers):
    octets = bytearray(512)
    for number in numbers:
        octets[number // 8] |= 1 << number % 8
    return attr(PORT[name], bytes(octets))


def pvid(number):
    return attr(PORT["pvid"], struct.pack("=H", number))


class Requests:
    """On the network vmnet0."""

    def __init__(self, tap):
        self.tap, self.vmnet = tap, vmnetnl.Vmnet()
        self.net = attr(TOP["ifindex"], u32(socket.if_nametoindex("vmnet0")))
        self.port = attr(PORT["ifindex"], u32(socket.if_nametoindex("nic0")))

    def state(self):
        """All peers and ports, as they were set."""
        found = []
        for op in "peer-get", "port-get":
            for body in self.vmnet.do(op, self.net, flags=NLM_F_DUMP).replies:
                found += [[field for field in attrs(value) if field[0] in SET[number]]
                          for number, value in attrs(body[4:]) if number in SET]
        return found

    def refused(self, what, why, op, *fields):
        before = self.state()
        answer = self.vmnet.do(op, self.net, *fields)
        self.tap.result(answer.errno == errno.EINVAL and why in (answer.msg or ""), what, [answer])
        self.tap.is_(f"{what}: all is as it was", self.state() == before, True)

    def set_port(self, what, why, *fields):
        self.refused(what, why, "port-set", nest(TOP["port-info"], self.port, *fields))


def main():
    tap = Tap()
    faults.LIBC.unshare(faults.CLONE_NEWNET)
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "nic0", "type", "dummy")
    run("vmnetctl", "add-net", "vmnet0", "vni", "42", "node", "1", "subnet", "1")
    run("ip", "link", "set", "nic0", "master", "vmnet0")
    run("vmnetctl", "add-peer", "vmnet0", "udp", "192.0.2.2")
    run("vmnetctl", "add-peer", "vmnet0", "udp", "192.0.2.3", "node", "3", "subnet", "1")
    ask = Requests(tap)

    ask.set_port("a port in no VLANs that are said", "give one of both", pvid(5))
    ask.set_port("in all and in some", "give one of both", ALL, vlans("vlans", 5))
    ask.set_port("in all, with a PVID", "it has no PVID", ALL, pvid(5))
    ask.set_port("in all, some without tags", "it has no PVID", ALL, vlans("untagged", 5))
    ask.set_port("in VLAN 0", "from 1 to 4094", vlans("vlans", 0, 5))
    ask.set_port("in VLAN 4095", "from 1 to 4094", vlans("vlans", 5, 4095))
    ask.set_port("without tags where it is not", "a VLAN without tags must be one",
                 vlans("vlans", 5), vlans("untagged", 6))
    ask.set_port("with a PVID where it is not", "the PVID must be one", vlans("vlans", 5), pvid(6))
    ask.refused("nothing to set of a peer", "say what to set", "peer-set", peer_of("192.0.2.3"))
    leaving = attr(ATTRS["peer"]["leaving"], b"\1")
    peer = peer_of("192.0.2.9")
    ask.refused("a peer that is leaving, and forwards for none", "only a peer with a subnet",
                "peer-new", nest(TOP["peer"], peer[4:], leaving))
    before = ask.state()
    tap.is_("two peers, the port and that of the host", len(before), 4)
    answer = ask.vmnet.do("port-set", ask.net, nest(
        TOP["port-info"], ask.port, vlans("vlans", 5, 4094), vlans("untagged", 5), pvid(5)))
    tap.is_("and one that is right", answer.errno, 0)
    tap.is_("which changes what it says", ask.state() == before, False)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
