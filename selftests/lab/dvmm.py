# SPDX-License-Identifier: GPL-2.0
"""The sample module in two Dom0s.

Each is loaded with the other as its peer: interrupts, access to registers and
pages of memory in both directions, with results that are compared; requests that
are none; and a server that goes while calls wait for it.
"""
import time

from lab import TOP, LabError

FILES = "/sys/kernel/debug/rrdp_dvmm"
PORT = 5203
PAGE = 4096
PAGES = 64
WAITING = 5
BELL = f"dd if={FILES}/io bs=8 skip=8 count=1 status=none"


class Dvmm:
    """Results of a test whose stage has two hosts that know each other's node number."""

    TESTS = 2 + 2 * (2 + 4 + 2) + 2 * 2 + 4 + 2

    def __init__(self, stage, tap):
        self.stage, self.tap = stage, tap
        self.type = stage.type

    def set_up(self, a, b):
        for host in (a, b):
            self.tap.is_(f"{host.name} is a Dom0", host.run(
                "cat /sys/hypervisor/type; grep -o control_d /proc/xen/capabilities").out.split(),
                         ["xen", "control_d"])
            host.run("mount -t debugfs debugfs /sys/kernel/debug", check=False)
        for host, other in ((a, b), (b, a)):
            self.load(host, other)

    def load(self, host, other):
        self.type(host, f"insmod {self.stage.built(host)}/samples/rrdp/rrdp_dvmm.ko"
                        f" peer={other.number} pages={PAGES}")

    def refuses(self, what, host, command, reason):
        done = host.run(command, check=False)
        self.tap.result(done.status != 0 and reason in done.err, what, [done.err or done.out])

    @staticmethod
    def stat(host, name):
        return int(host.run(f"awk '$1 == \"{name}\" {{ print $2 }}' {FILES}/stats").out)

    def until(self, host, what, command, wanted):
        """What the command says in the end."""
        deadline = time.monotonic() + 30
        while (got := host.run(command).out.split()) != wanted and time.monotonic() < deadline:
            time.sleep(0.2)
        self.tap.is_(what, got, wanted)

    def interrupts(self, host, other):
        for vcpu, vector in ((1, 65), (1, 65), (host.number, 200 + host.number)):
            self.type(host, f"echo {vcpu} {vector} > {FILES}/interrupt")
        wanted = {(1, 65): 2}
        wanted[host.number, 200 + host.number] = 1
        self.until(other, f"{host.name} interrupts {other.name}: each vector is counted",
                   f"cat {FILES}/interrupts",
                   [str(n) for key in sorted(wanted) for n in (*key, wanted[key])])
        self.refuses("a vector that is not there", host, f"env echo 1 256 > {FILES}/interrupt",
                     "Invalid argument")

    def registers(self, host, other):
        text = f"from-{host.name}"[:6] + "-8"
        self.type(host, f"printf {text} | dd of={FILES}/io bs=8 seek=3 conv=notrunc status=none")
        got = self.type(host, f"dd if={FILES}/io bs=8 skip=3 count=1 status=none").out
        self.tap.is_(f"{host.name} writes to a register of {other.name} and reads it", got, text)
        got = host.run(f"dd if={FILES}/io bs=2 skip=12 count=1 status=none").out
        self.tap.is_("and a part of it", got, text[:2])
        self.refuses("a register that is not there", host,
                     f"dd if={FILES}/io bs=4 skip=100 count=1", "No such device")
        self.refuses("an access of three octets", host,
                     f"dd if={FILES}/io bs=3 count=1", "Invalid argument")

    def pages(self, host, other):
        other.run(f"dd if=/dev/urandom of={FILES}/memory bs={PAGE} count={PAGES} status=none")
        wanted = self.type(other, f"sha256sum < {FILES}/memory").out
        got = self.type(host, f"dd if={FILES}/page bs={PAGE} count={PAGES} status=none"
                              " | sha256sum").out
        self.tap.is_(f"{host.name} fetches {PAGES} pages of {other.name}", got, wanted)
        self.refuses("a page that is not there", host,
                     f"dd if={FILES}/page bs={PAGE} skip={PAGES} count=1", "No such device")
        self.type(host, f"echo page 500 > {FILES}/measure && cat {FILES}/measure"
                        "   # nanoseconds, emulated")

    def abuse(self, host, other):
        """Requests that are none, by a program."""
        before = self.stat(other, "malformed")
        sent = int(self.type(host, f"python3 {TOP}/selftests/net/dvmm-abuse client"
                                   f" {other.number} {PORT}").out)
        self.tap.is_(f"{other.name} counts what is no request",
                     self.stat(other, "malformed") - before, sent)
        self.tap.is_("and serves on", host.run(
            f"dd if={FILES}/io bs=1 skip=24 count=1 status=none").out, "f")

    def vanish(self, host, other):
        """The server goes while calls wait for it, and comes back."""
        before = self.stat(host, "calls")
        jobs = [host.start(BELL) for _ in range(WAITING)]
        self.until(host, f"{WAITING} calls wait", f"awk '$1 == \"calls\" {{ print $2 }}'"
                   f" {FILES}/stats", [str(before + WAITING)])
        self.type(other, "rmmod rrdp_dvmm")
        done = [job.wait(check=False) for job in jobs]
        self.tap.flawless(f"{other.name} unloads: each is told", [
            job.err for job in done if job.status == 0 or "reset by peer" not in job.err])
        self.refuses("nobody serves", host, f"dd if={FILES}/io bs=8 count=1",
                     "Connection refused")
        self.load(other, host)
        self.tap.is_("another one does", host.run(
            f"dd if={FILES}/io bs=8 count=1 status=none | tr -d '\\0'").out, "")

    def leave(self, a, b):
        for host in (a, b):
            try:
                self.type(host, "rmmod rrdp_dvmm")
                self.tap.result(True, f"{host.name}: it unloads, connections open")
            except LabError as error:
                self.tap.result(False, f"{host.name}: it unloads", [error])

    def run(self, a, b):
        self.set_up(a, b)
        for one, other in ((a, b), (b, a)):
            self.interrupts(one, other)
            self.registers(one, other)
            self.pages(one, other)
        for one, other in ((a, b), (b, a)):
            self.abuse(one, other)
        self.vanish(a, b)
        self.leave(a, b)
