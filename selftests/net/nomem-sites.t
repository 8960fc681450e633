#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Checkers: much
# Kernels: uml
"""Each place in both modules that allocates has no memory for a while, as long as it is
called at all, while hosts and guests do what they do. When it has some again, all works.

Tells which place failed how often: "# failed: MODULE FUNCTION+OFFSET TIMES".
"""

import collections
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import allocsites  # noqa: E402 # pylint: disable=wrong-import-position
import faults  # noqa: E402 # pylint: disable=wrong-import-position
import fleet  # noqa: E402 # pylint: disable=wrong-import-position
from chores import World  # noqa: E402 # pylint: disable=wrong-import-position
from onlookers import LookedOn  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

MODULES = ("rrdp", os.environ["RRDP_KO"]), ("vmnet", os.environ["VMNET_KO"])
KINDS = "failslab", "fail_page_alloc"
PLENTY = 1 << 20
SAMPLE = os.environ["SAMPLES"] + "/rrdp/rrdp_dvmm.ko"
ONLOOKER = os.environ["TEST_MODULES"] + "/onlooker.ko"
# What is called once, when a module is loaded, fails in nomem-load.t.
FOR_LIFE = ".text"

# Places that cannot fail: function, what it calls, how many.
CANNOT = {
    # The Ethernet header is in the first part of the frame: it has been read.
    ("vmnet_link_send_ext", "__pskb_pull_tail"): 1,
    ("vmnet_udp_send_one", "__pskb_pull_tail"): 1,
    ("vmnet_vlan_ingress", "__pskb_pull_tail"): 1,
    # Of what the host itself sends it is there, but for a BPF program.
    ("vmnet_dev_xmit", "__pskb_pull_tail"): 1,
    # The head of the buffer is private already.
    ("vmnet_udp_send_one", "iptunnel_handle_offloads"): 1,
    # As much has been pulled before; and no super-frame is without a sum to be computed.
    ("vmnet_super_open", "__pskb_pull_tail"): 2,
    # The frame was made for the device a moment before.
    ("rrdp_dev_xmit_resolve", "pskb_expand_head"): 1,
    # Memory of each processor: no faults are injected while there is some in store.
    ("vmnet_peer_alloc", "dst_cache_init"): 1,
}


def known():
    """All places: module, function, offset, their address, and what is called."""
    for module, path in MODULES:
        section = pathlib.Path(f"/sys/module/{module}/sections/{FOR_LIFE}").read_text(
            encoding="ascii")
        for (function, offset), site in sorted(allocsites.sites(path).items()):
            if site.section == FOR_LIFE:
                yield module, function, offset, int(section, 16) + site.address, site.callee


def prepare():
    faults.prepare()
    if not os.path.exists(f"{faults.DEBUG}failslab/require-start"):
        print("1..0 # SKIP this kernel cannot tell where an allocation is made")
        sys.exit(0)
    for kind in KINDS:
        faults.write(kind, "verbose", 0)
        faults.write(kind, "task-filter", "N")
        faults.write(kind, "probability", 0)


def begin(address):
    for kind in KINDS:
        faults.write(kind, "require-start", hex(address))
        faults.write(kind, "require-end", hex(address + 1))
        faults.write(kind, "times", PLENTY)
        faults.write(kind, "probability", 100)


def times():
    """How often something has failed."""
    return sum(PLENTY - int(pathlib.Path(f"{faults.DEBUG}{kind}/times").read_text(
        encoding="ascii")) for kind in KINDS)


def end():
    """Other tests have their allocations fail anywhere."""
    for kind in KINDS:
        faults.write(kind, "probability", 0)
        faults.write(kind, "times", 1)
        faults.write(kind, "require-start", 0)
        faults.write(kind, "require-end", hex((1 << 64) - 1))


class Search:
    """For the chore that gets to a place."""

    def __init__(self, world, costs):
        self.world, self.costs = world, costs
        # The one that got to a function before comes first.
        self.hints, self.found = {}, collections.Counter()

    def order(self, function):
        """Those that find most in the least time come first."""
        return sorted(self.costs, key=lambda chore: (
            chore.__name__ != self.hints.get(function),
            self.costs[chore] / (1 + self.found[chore.__name__])))

    def fail(self, function, address):
        """How often the place failed."""
        for chore in self.order(function):
            begin(address)
            try:
                LookedOn.attempt(chore)
                count = times()
            finally:
                end()
            if count:
                self.hints[function] = chore.__name__
                self.found[chore.__name__] += 1
                return count
            # What it took away may take its time to come back.
            self.world.repair()
            missing = self.world.works()
            if missing:
                print(f"# does not work after {chore.__name__}: {missing}", flush=True)
        return 0


def each(tap, world, search):
    """How many places there are, and which have not failed."""
    places, never = list(known()), collections.Counter()
    for module, function, offset, address, callee in places:
        start = time.monotonic()
        count = search.fail(function, address)
        world.repair()
        name = f"{module} {function}+{offset:#x}"
        if count:
            print(f"# failed: {name} {count} ({time.monotonic() - start:.1f} s)", flush=True)
            missing = world.works()
            if missing:
                tap.result(False, f"all works after {name}", missing)
        else:
            print(f"# never failed: {name} {callee}", flush=True)
            never[function, callee] += 1
    return len(places), never


def main():
    prepare()
    tap = Tap()
    subprocess.run(["vmnetctl", "add-node", "1", "local"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["insmod", SAMPLE, "peer=1"], check=True)
    subprocess.run(["insmod", ONLOOKER], check=True)
    world = World()
    chores = LookedOn(world)
    tap.is_("all works", world.works(), [])
    # Without failures first: each finds what it needs.
    costs = {}
    for chore in chores.all:
        start = time.monotonic()
        try:
            chore()
            wrong = []
        except OSError as error:
            wrong = [error]
        costs[chore] = time.monotonic() - start
        tap.flawless(chore.__name__, wrong)
    world.repair()
    number, never = each(tap, world, Search(world, costs))
    tap.is_(f"{number - never.total()} of {number} places have failed: all that can", never, CANNOT)
    tap.is_("then all works", world.works(), [])
    fleet.enter_first()
    subprocess.run(["rmmod", "rrdp_dvmm", "onlooker"], check=True)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
