#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Checkers: much
# Kernels: uml
"""Each place in both modules that allocates has no memory for a while, as long as it is
called at all, while hosts and guests do what they do. When it has some again, all works.

Tells which place failed how often: "# failed: MODULE FUNCTION+OFFSET TIMES".
"""

import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import allocsites  # noqa: E402 # pylint: disable=wrong-import-position
import faults  # noqa: E402 # pylint: disable=wrong-import-position
import fleet  # noqa: E402 # pylint: disable=wrong-import-position
from chores import Chores, World  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

MODULES = ("rrdp", os.environ["RRDP_KO"]), ("vmnet", os.environ["VMNET_KO"])
KINDS = "failslab", "fail_page_alloc"
PLENTY = 1 << 20
SAMPLE = os.environ["SAMPLES"] + "/rrdp/rrdp_dvmm.ko"
# What is called once, when a module is loaded, fails in nomem-load.t.
FOR_LIFE = ".text"


def known():
    """All places: module, function, offset, and their address."""
    for module, path in MODULES:
        section = pathlib.Path(f"/sys/module/{module}/sections/{FOR_LIFE}").read_text(
            encoding="ascii")
        for (function, offset), site in sorted(allocsites.sites(path).items()):
            if site.section == FOR_LIFE:
                yield module, function, offset, int(section, 16) + site.address


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

    def __init__(self, chores):
        self.chores = chores
        # The one that got to a function before comes first.
        self.hints = {}

    def fail(self, function, address):
        """How often the place failed."""
        hint = self.hints.get(function)
        count = 0
        begin(address)
        try:
            for chore in sorted(self.chores.all, key=lambda chore: chore.__name__ != hint):
                self.chores.attempt(chore)
                count = times()
                if count:
                    self.hints[function] = chore.__name__
                    break
        finally:
            end()
        return count


def each(tap, world, search):
    never, number = [], 0
    for module, function, offset, address in known():
        start = time.monotonic()
        count = search.fail(function, address)
        world.repair()
        number += 1
        name = f"{module} {function}+{offset:#x}"
        if count:
            print(f"# failed: {name} {count} ({time.monotonic() - start:.1f} s)", flush=True)
            missing = world.works()
            if missing:
                tap.result(False, f"all works after {name}", missing)
        else:
            never.append(name)
    return never, number


def main():
    prepare()
    tap = Tap()
    subprocess.run(["vmnetctl", "add-node", "1", "local"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["insmod", SAMPLE, "peer=1"], check=True)
    world = World()
    chores = Chores(world)
    tap.is_("all works", world.works(), [])
    # Without failures first: each finds what it needs.
    for chore in chores.all:
        try:
            chore()
            wrong = []
        except OSError as error:
            wrong = [error]
        tap.flawless(chore.__name__, wrong)
    world.repair()
    never, number = each(tap, world, Search(chores))
    for name in never:
        print(f"# never failed: {name}")
    tap.result(number > len(never), f"{number - len(never)} of {number} places have failed")
    tap.is_("then all works", world.works(), [])
    fleet.enter_first()
    subprocess.run(["rmmod", "rrdp_dvmm"], check=True)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
