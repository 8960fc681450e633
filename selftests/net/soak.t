#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
"""Four hosts and their guests under mixed traffic on bad wires, while all about them changes.

In turns, the network is churned, and then left in peace: all must work again, what is
begun then must succeed, and memory is what it was. $SOAK_SECONDS say how long that goes
on, $SEED which random numbers are used. What happens is told to $PROGRESS now and then.
"""

import os
import random
import sys
import time
from functools import partial

sys.dont_write_bytecode = True

import fleet  # noqa: E402 # pylint: disable=wrong-import-position
import soakmemory  # noqa: E402 # pylint: disable=wrong-import-position
from soakchurn import Churn  # noqa: E402 # pylint: disable=wrong-import-position
from soaknet import Net  # noqa: E402 # pylint: disable=wrong-import-position
import soaktraffic  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SECONDS = int(os.environ.get("SOAK_SECONDS") or 10)
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
CHURNED = 60		# seconds of a round in which the network is churned
JOBS = 5		# at once
# Kernels with every checker, and busy machines, are slow.
PATIENCE = 300


class Tally:
    """Counters of hosts that come and go."""

    def __init__(self):
        self.last, self.sums = {}, {}

    def add(self, host, name, value):
        """One that is less than it was began anew."""
        was = self.last.get((host, name), 0)
        self.last[host, name] = value
        self.sums[name] = self.sums.get(name, 0) + value - (was if value >= was else 0)

    def look(self, net):
        for host in net.hosts:
            for row in host.show("show-stats"):
                name = row["name"]
                self.add(host.name, row["of"].rstrip("0") + "." + name, row["value"])
        for link, octets in net.carried().items():
            self.add(link, "octets", octets)

    def get(self, *names):
        return sum(self.sums.get(name, 0) for name in names)

    def drops(self):
        return {name: n for name, n in sorted(self.sums.items()) if ".drop_" in name and n}


class Soak:
    """The network, what it is used for and what happens to it."""

    def __init__(self):
        rnd = random.Random(SEED)
        self.net = Net(random.Random(rnd.random()))
        self.traffic = soaktraffic.Traffic(self.net, random.Random(rnd.random()), PATIENCE)
        self.churn = Churn(self.net, self.traffic, random.Random(rnd.random()))
        self.memory, self.tally = soakmemory.Memory(), Tally()
        self.start = self.told = time.monotonic()
        self.faults = []
        with open(os.environ.get("PROGRESS", "/dev/null"), "w", encoding="ascii") as file:
            self.out = os.dup(file.fileno())

    def say(self, line):
        os.write(self.out, f"{line}\n".encode())

    def tell(self):
        """A line of how far things are, each minute."""
        if time.monotonic() < self.told + 60:
            return
        self.told += 60
        self.tally.look(self.net)
        self.say(self.figures())

    def figures(self):
        t, counts = self.tally, self.traffic.counts
        info = soakmemory.meminfo()
        return (f"{(time.monotonic() - self.start) / 60:5.1f} min"
                f"  jobs {counts['done']} done {counts['ended']} broken off"
                f"  churn {self.churn.steps}  messages {t.get('rrdp.rx_messages')}"
                f"  frames {t.get('vmnet.rx_udp_frames', 'vmnet.rx_rrdp_frames')}"
                f"  MB {t.get('octets') >> 20}  drops {sum(t.drops().values())}"
                f"  MiB used {(info['MemTotal'] - info['MemAvailable']) >> 10}"
                f" slab {info['SUnreclaim'] >> 10}")

    def churned(self, seconds):
        """All at once: jobs end and begin, and something happens once a second or so."""
        end = time.monotonic() + seconds
        step = 0
        while time.monotonic() < end:
            self.traffic.keep(JOBS)
            if time.monotonic() > step:
                # A host that goes takes its counters with it.
                self.tally.look(self.net)
                self.churn.step()
                step = time.monotonic() + self.churn.rnd.uniform(0, 1.5)
            self.tell()
            time.sleep(0.1)
        self.traffic.drain()

    def settled(self):
        return all(host.up() for host in self.net.hosts)

    def reached(self, kind, ends):
        """Whether such jobs succeed again between all."""
        was = len(self.traffic.wrong)
        self.traffic.begin_all(kind, ends)
        self.traffic.drain()
        new = self.traffic.wrong[was:]
        # It may take some tries, but what arrives is right from the first.
        self.traffic.wrong[was:] = filter(soaktraffic.BROKEN.search, new)
        return not new

    def peace(self):
        """What is begun when nothing happens succeeds, and leaves nothing behind."""
        if not fleet.eventually(PATIENCE, self.settled):
            self.faults += [f"{h.name}: {h.ctl('show-peers')}" for h in self.net.hosts]
        for kind, ends in ((soaktraffic.Message, self.net.hosts),
                           (soaktraffic.Ping, self.net.guests[:4])):
            if not fleet.eventually(PATIENCE, partial(self.reached, kind, ends)):
                self.faults.append(f"no {kind.kind} after churn")
        self.traffic.well.clear()
        for kind in soaktraffic.KINDS:
            self.traffic.begin(kind)
            self.traffic.begin(kind)
        self.traffic.drain()
        if not fleet.eventually(PATIENCE, self.idle):
            self.faults += [f"{h.name}: {h.ctl('show-connections')}" for h in self.net.hosts]
        self.tell()
        self.memory.sample()

    def idle(self):
        """Of connections there are those of the peers, two ends each."""
        return all(host.connections() == 1 for host in self.net.hosts)

    def run(self):
        self.net.make()
        for host in self.net.hosts:
            self.churn.wires(host)
        fleet.eventually(PATIENCE, self.settled)
        end = time.monotonic() + SECONDS
        while not self.bad() and time.monotonic() < end:
            self.churned(min(CHURNED, SECONDS))
            self.peace()
        self.tally.look(self.net)

    def bad(self):
        return self.faults + self.traffic.wrong

    def report(self):
        lines = [self.figures()]
        lines += [f"{name:36} {n:10}" for name, n in self.tally.drops().items()]
        lines += [f"churn: {name:29} {n:10}" for name, n in sorted(self.churn.counts.items())]
        lines.append("  ".join(f"{name:>8}" for name in self.memory.NAMES))
        lines += ["  ".join(f"{sample[name]:8}" for name in self.memory.NAMES)
                  for sample in self.memory.samples]
        print("\n".join(f"# {line}" for line in lines), flush=True)


def quick():
    """Nodes that have gone are to be missed soon."""
    for name, msec in ("reachable", 5000), ("delay", 1000), ("stale", 10000):
        path = f"/sys/module/rrdp/parameters/node_{name}_ms"
        with open(path, "w", encoding="ascii") as file:
            file.write(str(msec))


def main():
    tap = Tap(4)
    print(f"# SEED={SEED} SOAK_SECONDS={SECONDS}", flush=True)
    soak = Soak()
    quick()
    try:
        soak.run()
    finally:
        soak.report()
    tap.flawless(f"what was sent arrived, unless it was broken off (SEED={SEED})",
                 soak.traffic.wrong)
    tap.flawless("all worked again after churn", soak.faults)
    skip = "" if soak.memory.tells() else " # SKIP it was looked at too seldom"
    tap.flawless("memory is what it was" + skip, soak.memory.faults())
    soak.net.remove()
    soaktraffic.Kernel.forget()
    tap.result(fleet.eventually(60, lambda: not soakmemory.protocol("RRDP")), "no socket is left")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
