#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Zero copy on real drivers, by MSG_ZEROCOPY and by the ring: what ndo_start_xmit() is handed are the sender's own pages.

A program knows the page frames of its message from /proc/self/pagemap; a module notes
those of each frame just before the driver gets it. virtio-net takes buffers in pieces only if
QEMU's backend is a tap. Where there can be none it stands for devices that do not, to
which everything is copied, as the completion must say.
"""
import itertools
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "net")]
from lab import TOP, Lab  # noqa: E402 # pylint: disable=wrong-import-position
from stage import Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

# In a network of our own we may have taps.
OWN_NETWORK = "--own-network"
ENTER = ["unshare", "--user", "--map-root-user", "--net"]
TAPS = OWN_NETWORK in sys.argv
TOPOLOGY = {
    "subnet": {"lan": {"kind": "bridge" if TAPS else "hub"}},
    "host": {"v": {"nics": ["lan"]}, "e": {"nics": ["lan"], "nic_model": "e1000e"},
             "x": {"nics": ["lan"], "nic_model": "vmxnet3"}},
}
DRIVERS = {"v": "virtio_net", "e": "e1000e", "x": "vmxnet3"}
GATHER = ("v", "e", "x") if TAPS else ("e", "x")
# One segment, and a message of many that ends within a page.
SIZES = 1400, 65000
# MSG_ZEROCOPY, and the transmit ring.
WAYS = "", "ring"
# Ethernet's header and ours with a credit.
HEADERS = 14 + 14 + 2


class Frame:
    """A line of /proc/rrdp_frames."""

    def __init__(self, line):
        self.device, linear, length, *parts = line.split()
        self.linear, self.length = int(linear), int(length)
        self.pages, self.octets = set(), 0
        for part in parts:
            place, octets = part.split(":")
            page, offset = (int(word, 16) for word in place.split("+"))
            self.octets += int(octets)
            last = offset + int(octets) - 1
            self.pages.update(range(page, page + last // 4096 + 1))


class ZeroCopy(Stage):
    """Hosts with different drivers, each of which sends to another."""

    make_words = ("testers", "TESTS=y")

    def __init__(self, tap):
        super().__init__(prefix="# ")
        self.tap = tap
        self.lab = Lab(TOPOLOGY, "zerocopy")

    def set_up(self):
        self.build()
        with self.waiting("hosts boot"):
            self.lab.up()
        tool = TOP / "out/tools/vmnetctl"
        for host in self.lab.hosts.values():
            host.run(f"insmod {self.built(host)}/kmod/rrdp/rrdp.ko && ip link set eth0 up"
                     f" && {tool} add-node {host.number} local dev eth0")
            for other in self.lab.hosts.values():
                if other is not host:
                    host.run(f"{tool} add-node {other.number} dev eth0 lladdr {other.mac(0)}")

    def send(self, name, size, how):
        """One message to another host and back: what the sender and its driver saw."""
        host, other = self.lab[name], self.lab["e" if name == "v" else "v"]
        module = self.built(host) / "selftests/kmod/rrdp_frames_probe.ko"
        program = TOP / "out/net/rrdp-msg"
        echo = other.start(f"{program} echo 80")
        host.run(f"insmod {module}")
        said = host.run(f"{program} pages {other.number} 80 {size} {how}").out.split()
        frames = [Frame(line) for line in host.run("cat /proc/rrdp_frames").out.splitlines()]
        host.run("rmmod rrdp_frames_probe")
        echo.wait()
        return said, [frame for frame in frames if frame.pages]

    def prove(self, name, size, how):
        said, frames = self.send(name, size, how)
        what = f"{DRIVERS[name]}, {size} octets{how and ' by the '}{how}"
        if name not in GATHER:
            self.tap.is_(f"{what}: completed as copied", said[0], "copied")
            return
        own = {int(word, 16) for word in said[1:]}
        seen = set().union(*(frame.pages for frame in frames))
        self.tap.is_(f"{what}: completed as not copied", said[0], "sent")
        self.tap.is_(f"{what}: the driver is handed the sender's pages", seen, own)
        self.tap.flawless(f"{what}: and but headers beside them",
                          (vars(frame) for frame in frames if frame.linear > HEADERS))
        self.tap.result(sum(frame.octets for frame in frames) >= size, f"{what}: all of them")

    def run(self):
        self.set_up()
        for name, driver in DRIVERS.items():
            self.tap.is_(f"{driver} drives it", driver, self.lab[name].run(
                "basename $(readlink /sys/class/net/eth0/device/driver)").out.strip())
            for size, how in itertools.product(SIZES, WAYS):
                self.prove(name, size, how)
        self.lab.check()


def may_have_taps():
    """Whether a namespace, a tap, and a bridge can be made here."""
    steps = "ip tuntap add dev t0 mode tap vnet_hdr && ip link add b0 type bridge"
    return subprocess.run([*ENTER, "sh", "-c", steps], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def main():
    if not TAPS and may_have_taps():
        os.execvp(ENTER[0], [*ENTER, sys.executable, __file__, OWN_NETWORK])
    copied = len(DRIVERS) - len(GATHER)
    tap = Tap(3 + (copied + 4 * len(GATHER)) * len(SIZES) * len(WAYS))
    test = ZeroCopy(tap)
    return test.verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
