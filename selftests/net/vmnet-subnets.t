#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
"""A network of 64 hosts in 4 subnets: what a broadcast costs, counted on the wires.

And a host in more networks than a socket may be in groups.
"""

import re
import sys
import time

sys.dont_write_bytecode = True

from fleet import Fleet, eventually, run  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SUBNETS, HOSTS = 4, 16
FRAMES = 10
NETWORKS = 25


def many_networks(host, peer):
    """Groups of a host that is in many networks."""
    host.enter()
    for number in range(1, NETWORKS + 1):
        run("vmnetctl", "add-net", f"many{number}", "vni", str(1000 + number),
            "node", str(host.node), "subnet", str(host.subnet))
        run("vmnetctl", "add-peer", f"many{number}", "udp", peer.address,
            "node", str(peer.node), "subnet", str(peer.subnet))
    with open("/proc/thread-self/net/igmp", encoding="ascii") as file:
        return len(re.findall(r"\b[0-9A-F]{2}0[34]00EF\b", file.read()))


def main():
    tap = Tap(7)
    fleet = Fleet(SUBNETS, HOSTS)
    source, others = fleet.hosts[0], fleet.hosts[1:]
    tap.is_("peers are added", fleet.make(), 0)
    tap.result(eventually(60, fleet.hear), "in each subnet all hear each other")

    wanted, before = [host.received() + FRAMES for host in others], fleet.flows()
    source.broadcast(FRAMES)
    tap.result(eventually(20, lambda: [host.received() for host in others] == wanted),
               "each host gets each broadcast")
    sent = [now - was for now, was in zip(fleet.flows(), before)]
    print(f"# {len(fleet.hosts)} hosts in {SUBNETS} subnets: of each broadcast the source sends"
          f" {sent[0] / FRAMES:g} frames, all hosts {sum(sent) / FRAMES:g}")
    tap.is_("the source sends a frame for each subnet", sent[0], SUBNETS * FRAMES)
    tap.is_("all hosts two for each but one", sum(sent), (2 * SUBNETS - 1) * FRAMES)
    time.sleep(1)
    tap.is_("nothing comes twice", [host.received() for host in others], wanted)
    tap.is_(f"a host is in the groups of {NETWORKS} networks",
            many_networks(source, fleet.hosts[1]), NETWORKS)
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
