#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Two hosts under traffic: the NIC of one is reset, the processors of the other come and
go, and then the power of one is cut, and it comes back knowing nothing. "make
check-debug" runs it with the kernel that has every checker."""
import pathlib
import re
import sys

LAB = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(LAB), str(LAB.parent / "net")]
from bulletin import eventually  # noqa: E402 # pylint: disable=wrong-import-position
from lab import TOP  # noqa: E402 # pylint: disable=wrong-import-position
from stage import NET, Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

FAULTS = 3
RATE = 50
MSG = TOP / "out/net/rrdp-msg"


class Power(Stage):
    """Faults of machines."""

    TESTS = 13
    make_words = ("testers", "TESTS=y")

    def __init__(self, tap):
        super().__init__("power.toml", prefix="# ")
        self.tap = tap
        self.port = 100

    def flow(self):
        """Checked messages from the first host to the second, some at a time, until told:
        the jobs of both ends."""
        a, b = (node.host for node in self.nodes)
        self.port += 1
        receiver = b.start(f"timeout 600 {MSG} recv {self.port} 0")
        b.run(f"until grep -q listening {receiver.path}.out; do sleep 0.1; done")
        return a.start(f"timeout 600 {MSG} flow 2 {self.port} {RATE} 8000"), receiver

    def received(self):
        """Messages of the second host, of which few are its peer's own."""
        stats = self.nodes[1].host.run("vmnetctl -j show-stats").out
        return int(re.search(r'"rrdp","name":"rx_messages","value":(\d+)', stats)[1])

    def come(self, seconds):
        """Whether messages come in that time."""
        enough = self.received() + RATE
        return eventually(seconds, lambda: self.received() >= enough)

    def survives(self, what, host, command):
        """Messages arrive although the command is run three times meanwhile: a NIC that is
        reset is silent for some seconds, so not in one go."""
        jobs = self.flow()
        began = self.come(20)
        for _ in range(FAULTS):
            self.type(host, command)
            began = began and self.come(60)
        self.tap.result(began, f"{what}: messages go on",
                        [job.output() for job in jobs])
        self.nodes[0].host.run("kill $(pidof rrdp-msg)", check=False)
        done = [job.wait(120, check=False) for job in jobs]
        sent, received = (re.search(r"(?:sent|received) (\d+)", job.out) for job in done)
        self.tap.result(sent and received and sent[1] == received[1], f"{what}: none was lost",
                        [job.out + job.err for job in done])
        self.pings(f"{what}: frames arrive")

    def pings(self, what):
        a, b = self.nodes
        # A peer that was away for a second is connecting.
        done = a.guest.run(f"until ping -c 3 -i 0.2 -W 2 -q {b.overlay}; do sleep 0.5; done",
                           timeout=60, check=False)
        self.tap.result(not done.status, what, [done.out + done.err])

    def state(self):
        """Of the peer, as the first host has it."""
        out = self.nodes[0].host.run(f"vmnetctl -j show-peers {NET}").out
        return re.search(r'"state":"([a-z]*)"', out)[1]

    def becomes(self, seconds, *states):
        return eventually(seconds, lambda: self.state() in states)

    def cut(self):
        """From one moment to the next."""
        a, b = self.nodes
        traffic = a.guest.start(f"ping -i 0.05 -s 1000 {b.overlay}")
        a.guest.run(f"until grep -q seq=3 {traffic.path}.out; do sleep 0.1; done")
        sender, _ = self.flow()
        self.tap.result(self.come(20), "messages come", [])
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
        self.set_mtu()
        self.nodes = everybody
        self.tap.result(self.becomes(120, "up"), "it comes back: its peer is up", [self.state()])
        self.pings("and its guest answers")

    def unload(self):
        """Nothing is left that could be taken for used."""
        for node in self.nodes:
            node.guest.destroy()
            self.type(node.host, f"vmnetctl del-net {NET} && rmmod vmnet &&"
                                 " until rmmod rrdp; do sleep 0.1; done")
        self.tap.result(True, "the modules unload")

    def run(self):
        self.join("RRDP")
        self.set_mtu()
        a, b = (node.host for node in self.nodes)
        self.title("The NIC of one is reset")
        self.survives("a NIC is reset", b, "ethtool -r eth0;"
                      " until grep -q 1 /sys/class/net/eth0/carrier; do sleep 0.1; done")
        self.title("The processors of the other come and go")
        cpu = "/sys/devices/system/cpu/cpu1/online"
        self.survives("a processor goes and comes", a, f"echo 0 >{cpu}; sleep 0.2; echo 1 >{cpu}")
        self.title("The power of one is cut")
        # What its kernel has to say goes with it.
        self.lab.check()
        self.cut()
        self.back()
        self.title("It all goes")
        self.unload()
        self.lab.check()
        self.tap.result(True, "no kernel complained")


def main():
    tap = Tap(Power.TESTS)
    return Power(tap).verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
