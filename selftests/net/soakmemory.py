# SPDX-License-Identifier: GPL-2.0
"""Memory of the kernel while nothing happens, and whether it grows."""

import re
import statistics

# In KiB. What lists of free objects and of free pages hold goes up and down by this.
SLACK = 3072


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def meminfo():
    return {name: int(kib) for name, kib in re.findall(r"(\w+):\s+(\d+)", read("/proc/meminfo"))}


def protocol(name):
    """Sockets of it, which are in use."""
    found = re.search(rf"^{name}\s+\d+\s+(\d+)", read("/proc/net/protocols"), re.M)
    return int(found[1]) if found else 0


def slab(name):
    """Objects of a cache in use, if it is not shared with others."""
    found = re.search(rf"^{name}\s+(\d+)", read("/proc/slabinfo"), re.M)
    return int(found[1]) if found else -1


class Memory:
    """Samples, in KiB and numbers of objects."""

    NAMES = "used", "slab", "percpu", "vmalloc", "conns", "sockets"

    def __init__(self):
        self.samples = []

    def sample(self):
        info = meminfo()
        self.samples.append({
            "used": info["MemTotal"] - info["MemAvailable"],
            "slab": info["SUnreclaim"],
            "percpu": info.get("Percpu", 0),
            "vmalloc": info.get("VmallocUsed", 0),
            "conns": slab("rrdp_conn"),
            "sockets": protocol("RRDP"),
        })
        return self.samples[-1]

    def growth(self, name):
        """From the first third of the samples to the last, but for the very first."""
        values = [sample[name] for sample in self.samples[1:]]
        third = max(1, len(values) // 3)
        return statistics.median(values[-third:]) - statistics.median(values[:third])

    def tells(self):
        """Are there enough samples?"""
        return len(self.samples) >= 7

    def faults(self):
        """What has grown."""
        if not self.tells():
            return []
        return [f"{name} grew by {self.growth(name):.0f} KiB"
                for name in ("used", "slab", "percpu", "vmalloc") if self.growth(name) > SLACK]
