#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A Xen host with Debian 12's kernel, one with Debian 13's, and a host without Xen.

Guests of all three are neighbours in one LAN: the first exchange of two of them,
step by step from a capture of the wire; modules of two kernels that call
rrdp_send(), the sample among them; a driver other than virtio's; and unloading
under traffic.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NET_TESTS = HERE.parents[1] / "net"
sys.path[:0] = [str(HERE.parent), str(NET_TESTS)]
from dvmm import Dvmm  # noqa: E402 # pylint: disable=wrong-import-position
from lab import TOP, LabError  # noqa: E402 # pylint: disable=wrong-import-position
from stage import NET, VNI, Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

STEPS = 13
MESSAGES = 2000
CAPTURE = TOP / "out/net/capture"


class ThreeHosts(Stage):
    """The stage of the demonstration with a third host, and no show."""

    make_words = ("testers", "TESTS=y")

    def __init__(self, tap):
        super().__init__("three-hosts.toml", prefix="# ")
        self.tap = tap

    def works(self, what, call, *args):
        """One result: the call raises no error. What it returned."""
        try:
            got = call(*args)
        except LabError as error:
            self.tap.result(False, what, [error])
            return None
        self.tap.result(True, what)
        return got

    def observe(self):
        """Jobs that note what the hosts learn and what their guests say."""
        jobs = {}
        for node in self.nodes:
            jobs[node.host.name] = node.host.start("vmnetctl -j monitor")
            jobs[f"p{node.number}"] = node.host.start(f"{CAPTURE} {node.guest.port}")
        for job in jobs.values():
            job.machine.run(f"until test -s {job.path}.out; do sleep 0.1; done")
        return jobs

    def wire(self):
        """Each frame on the wire until now: a line as capture prints them."""
        path = self.lab.wires["lan"].capture()
        done = subprocess.run([CAPTURE, "-r", path], stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.splitlines()

    def exchange(self, transport):
        """One echo between guests, and what was seen of it."""
        a, b, _ = self.nodes
        before = len(self.wire())
        jobs = self.observe()
        self.works(f"{transport}: one echo", a.guest.run, f"ping -c 1 -W 20 {b.overlay}")
        a.host.run("sleep 0.5")
        files = self.lab.files / transport
        files.mkdir()
        for name, job in jobs.items():
            job.stop()
            (files / name).write_text(job.output())
        frames = self.wire()[before:]
        for node in self.nodes:
            mine = [f"{frame}\n" for frame in frames if node.host.mac(0) in frame.split()[:2]]
            (files / f"to-{node.host.name}").write_text("".join(mine))
        self.steps(transport, files)

    def steps(self, transport, files):
        words = [transport.lower(), *(node.host.mac(0) for node in self.nodes),
                 *(node.guest.mac for node in self.nodes[:2]),
                 *(node.guest.port for node in self.nodes[:2])]
        script = (f'. {NET_TESTS}/lib.sh; . {NET_TESTS}/steps.sh; dir=$1; shift; steps "$@";'
                  ' rm "$said"')
        done = subprocess.run(["bash", "-c", script, "steps", files, *words],
                              stdout=subprocess.PIPE, text=True, check=False)
        why = []
        for line in reversed(done.stdout.splitlines()):
            if line.startswith("#"):
                why.insert(0, line[2:])
        for line in done.stdout.splitlines():
            if not line.startswith("#"):
                verdict, _, what = line.partition(" - ")
                self.tap.result(verdict.startswith("ok"), what, why)

    def forget(self):
        """The network anew; nobody knows anybody."""
        for node in self.nodes:
            self.type(node.host, f"vmnetctl del-net {NET} && vmnetctl add-net {NET} vni {VNI}")
            self.type(node.host, f"ip link set {node.guest.port} master {NET}")
            self.type(node.guest, "ip neigh flush dev eth0")

    def kapi(self):
        """Modules of two kernels talk."""
        a, b, _ = self.nodes
        module = "selftests/kmod/rrdp_kapi_test.ko"
        self.works("a module listens on Debian 13's kernel", b.host.run,
                   f"insmod {self.built(b.host)}/{module} port=100")
        self.works(f"rrdp_send() from Debian 12's: {MESSAGES} messages come back", a.host.run,
                   f"insmod {self.built(a.host)}/{module} node=2 port=100 count={MESSAGES}", 120)
        for node in (a, b):
            node.host.run("rmmod rrdp_kapi_test", check=False)

    def unload(self):
        """Everything goes while the guests still talk."""
        a, b, _ = self.nodes
        traffic = a.guest.start(f"ping -i 0.05 -s 1000 {b.overlay}")
        a.guest.run(f"until grep -q 'seq=3' {traffic.path}.out; do sleep 0.1; done")
        for node in self.nodes:
            self.works(f"{node.host.name}: modules unload under traffic", node.host.run,
                       "rmmod vmnet && rmmod rrdp")
        traffic.stop()

    def run(self):
        self.join("RRDP")
        for node in self.nodes:
            # Guests ask for an address once, when they need it.
            node.guest.run("echo 3600 >/proc/sys/net/ipv4/neigh/eth0/delay_first_probe_time")
        self.tap.result(True, "three hosts join over RRDP")
        self.set_mtu()
        self.exchange("RRDP")
        self.forget()
        self.add_peers("UDP")
        self.exchange("UDP")
        self.kapi()
        Dvmm(self, self.tap).run(*(node.host for node in self.nodes[:2]))
        self.unload()
        self.works("no kernel complained", self.lab.check)


def main():
    tap = Tap(1 + 2 * (1 + STEPS) + 2 + Dvmm.TESTS + 3 + 1)
    test = ThreeHosts(tap)
    return test.verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
