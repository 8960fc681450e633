#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Two hosts under traffic: the NIC of one is reset, the processors of the other come and
go, and then the power of one is cut, and it comes back knowing nothing."""
import pathlib
import re
import sys
import time

LAB = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(LAB), str(LAB.parent / "net")]
from lab import TOP  # noqa: E402 # pylint: disable=wrong-import-position
from stage import NET, Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

RESETS = 5
MESSAGES = 3000
MSG = TOP / "out/net/rrdp-msg"


class Power(Stage):
    """Faults of machines."""

    TESTS = 9
    make_words = ("testers", "TESTS=y")

    def __init__(self, tap):
        super().__init__("power.toml", prefix="# ")
        self.tap = tap
        self.port = 100

    def survives(self, what, host, command):
        """Messages arrive although the command is run five times meanwhile."""
        a, b = (node.host for node in self.nodes)
        self.port += 1
        receiver = b.start(f"timeout 300 {MSG} recv {self.port} {MESSAGES}")
        sender = a.start(f"sleep 1; timeout 300 {MSG} send 2 {self.port} {MESSAGES} 8000")
        time.sleep(1)
        for _ in range(RESETS):
            self.type(host, command)
            time.sleep(0.5)
        done = [job.wait(400, check=False) for job in (sender, receiver)]
        self.tap.result(not any(job.status for job in done), f"{what}: messages arrive", done)
        self.pings(f"{what}: frames, too")

    def pings(self, what):
        a, b = self.nodes
        done = a.guest.run(f"ping -c 3 -i 0.2 -W 20 -q {b.overlay}", timeout=120, check=False)
        self.tap.result(not done.status, what, [done])

    def state(self):
        """Of the peer, as the first host has it."""
        out = self.nodes[0].host.run(f"vmnetctl -j show-peers {NET}").out
        return re.search(r'"state":"([a-z]*)"', out)[1]

    def becomes(self, seconds, *states):
        end = time.monotonic() + seconds
        while self.state() not in states:
            if time.monotonic() > end:
                return False
            time.sleep(0.3)
        return True

    def cut(self):
        """From one moment to the next."""
        a, b = self.nodes
        traffic = a.guest.start(f"ping -i 0.05 -s 1000 {b.overlay}")
        a.guest.run(f"until grep -q 'seq=3' {traffic.path}.out; do sleep 0.1; done")
        b.host.start(f"{MSG} recv 99 1000000")
        sender = a.host.start(f"sleep 1; timeout 300 {MSG} send 2 99 1000000 8000")
        time.sleep(3)
        b.host.process.kill()
        b.host.process.wait()
        b.host.ready = False
        self.tap.result(self.becomes(60, "down", "connecting"), "its peer is down", [self.state()])
        self.tap.result(sender.wait(120, check=False).status, "who sends to it is told",
                        [sender.output()])
        traffic.stop()

    def back(self):
        """It boots, and is set up as before; nobody tells the other."""
        a, b = self.nodes
        with self.waiting("host b boots"):
            b.host.connect()
            b.host.prepare()
        everybody, self.nodes = self.nodes, [b]
        self.insert_modules()
        self.type(b.host, f"ip addr add {b.underlay}/24 dev eth0 && ip link set eth0 mtu 9000 up")
        self.type(b.host, f"vmnetctl add-net {NET} vni 42 && vmnetctl add-node 2 local dev eth0 &&"
                          f" vmnetctl add-node 1 dev eth0 lladdr {a.host.mac(0)} &&"
                          f" vmnetctl add-peer {NET} rrdp 1")
        self.start_guests()
        self.nodes = everybody
        self.tap.result(self.becomes(120, "up"), "it comes back: its peer is up", [self.state()])
        self.pings("and its guest answers")

    def run(self):
        self.join("RRDP")
        a, b = (node.host for node in self.nodes)
        self.title("The NIC of one is reset")
        self.survives("a NIC is reset", b, "ethtool -r eth0")
        self.title("The processors of the other come and go")
        cpu = "/sys/devices/system/cpu/cpu1/online"
        self.survives("a processor goes and comes", a, f"echo 0 >{cpu}; sleep 0.2; echo 1 >{cpu}")
        self.title("The power of one is cut")
        self.cut()
        self.back()
        self.lab.check()
        self.tap.result(True, "no kernel complained")


def main():
    tap = Tap(Power.TESTS)
    return Power(tap).verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
