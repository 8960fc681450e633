# SPDX-License-Identifier: GPL-2.0
"""What hosts and guests send each other in the soak: jobs, of which every octet is checked.

A job is a pair of processes and ends by itself. What churn has touched may break off,
anything else must succeed; and what is altered, lost or repeated fails in any case.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import fleet
from soaknet import GROUP

# Seconds after which one that has another address is known to be there by all.
MISSED = 30
# Seconds after which a connection of peers that ended, as only one of them may know at
# first, is there again.
AGAIN = 15
# Seconds within which the last of what was sent has arrived.
LATE = 3

# What a program says when it was sent something else than it got.
BROKEN = re.compile(r"wrong|altered|but not|came back|Invalid argument|Bad address")


class Job:
    """Between two ends; @parts are the hosts and guests that it depends on."""

    kind = ""
    number = 0

    def __init__(self, net, parts, patience):
        Job.number += 1
        # Ports come around long after those who had them have gone.
        self.port = 2000 + Job.number % 20000
        self.net, self.parts = net, set(parts)
        self.touched = False
        self.end = time.monotonic() + patience
        self.said = tempfile.TemporaryFile("w+")
        self.processes, self.statuses = [], []

    def start(self, where, *command):
        fleet.enter(where.name)
        # The kernel is one that starts few processes in a second.
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said)
        self.processes.append(process)
        return process

    def ready(self, process):
        """Waits until it has said something."""
        fleet.eventually(30, lambda: os.fstat(self.said.fileno()).st_size
                         or process.poll() is not None)

    def poll(self):
        """Whether it has ended."""
        if any(p.poll() for p in self.processes):
            # The other end has nobody to wait for.
            self.end = min(self.end, time.monotonic() + 10)
        if time.monotonic() > self.end:
            self.stop(signal.SIGKILL)
        return all(p.poll() is not None for p in self.processes)

    def stop(self, sig=signal.SIGTERM):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(sig)
            if sig == signal.SIGKILL:
                process.wait()

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def good(self):
        return all(p.returncode == 0 for p in self.processes)

    def verdict(self):
        """"done", "ended" by churn, or what is wrong."""
        text, good = self.text(), self.good()
        self.said.close()
        if BROKEN.search(text) or not good and not self.touched:
            statuses = [p.returncode for p in self.processes]
            return f"{self}: {text.strip()!r}, {statuses}"
        return "done" if good else "ended"

    def close(self):
        """What it leaves behind, if anything, goes."""

    def __str__(self):
        return f"{self.kind} {'-'.join(sorted(p.name for p in self.parts))}"


class HostJob(Job):
    """Two hosts."""

    def __init__(self, net, rnd, patience):
        self.a, self.b = rnd.sample(net.hosts, 2)
        super().__init__(net, [self.a, self.b], patience)


class Messages(HostJob):
    """Messages of all sizes, from memory, without copying or by a ring."""

    kind = "messages"

    def __init__(self, net, rnd, patience):
        super().__init__(net, rnd, patience)
        verb = rnd.choice(["send", "zsend", "rsend"])
        # With the base protocol a message is a segment, which RRDP_SO_MSGSIZE says.
        most = rnd.choice([64, 1400, 9000, 65536, 65536])
        options = rnd.choice([[], [], ["1"]])
        count = str(rnd.randrange(1, max(3, 600000 // (most + 300))))
        self.kind = f"{verb} {count} of {most}"
        port = str(self.port)
        # Of these few are sent at once.
        self.start(self.b, "rrdp-msg", "recv", port, count, *options)
        self.start(self.a, "rrdp-msg", verb, str(self.b.node), port, count, str(most), *options)


class Message(Job):
    """One message between two hosts."""

    kind = "message"

    def __init__(self, net, a, b, patience):
        super().__init__(net, [a, b], patience)
        self.start(b, "rrdp-msg", "recv", str(self.port), "1")
        self.start(a, "rrdp-msg", "send", str(b.node), str(self.port), "1")


class Ping(Job):
    """Echo between two guests."""

    kind = "ping"

    def __init__(self, net, a, b, patience):
        super().__init__(net, [a, b], patience)
        self.start(a, "icmp-echo", b.address, "5", "100", "200")

    def good(self):
        return re.match(r"\d+ [1-5] ", self.text())


class Stream(HostJob):
    """Octets both ways."""

    kind = "octets"

    def __init__(self, net, rnd, patience):
        super().__init__(net, rnd, patience)
        count, port = str(rnd.randrange(1, 1 << 20)), str(self.port)
        self.kind = f"{count} octets"
        self.start(self.b, "rrdp-octets", "serve", port, count)
        self.start(self.a, "rrdp-octets", "call", str(self.b.node), port, count)


class Kernel(HostJob):
    """Messages of one module to another and back; one at a time."""

    kind = "rrdp_send"
    running = False
    files = None

    @classmethod
    def copies(cls):
        """A module is loaded once: the other end has another name."""
        if not cls.files:
            module = os.environ["TEST_MODULES"] + "/rrdp_kapi_test.ko"
            cls.files = [module, tempfile.mkdtemp() + "/rrdp_kapi_send.ko"]
            with open(module, "rb") as file:
                data = file.read().replace(b"rrdp_kapi_test", b"rrdp_kapi_send")
            with open(cls.files[1], "wb") as file:
                file.write(data)
        return cls.files

    @classmethod
    def forget(cls):
        if cls.files:
            shutil.rmtree(os.path.dirname(cls.files[1]))

    def __init__(self, net, rnd, patience):
        super().__init__(net, rnd, patience)
        Kernel.running = True
        echo, sender = self.copies()
        self.start(self.b, "insmod", echo, f"port={self.port}").wait()
        self.start(self.a, "insmod", sender, f"node={self.b.node}", f"port={self.port}",
                   f"count={rnd.randrange(1, 1000)}")

    def stop(self, sig=signal.SIGTERM):
        """A module that is being loaded ends when its connection does."""
        if sig == signal.SIGKILL:
            super().stop(signal.SIGTERM)
            for process in self.processes:
                process.wait()

    def close(self):
        Kernel.running = False
        with open("/proc/modules", encoding="ascii") as file:
            loaded = file.read()
        # One that was told to end may have been loaded by then.
        for module in "rrdp_kapi_send", "rrdp_kapi_test":
            if re.search(f"^{module} ", loaded, re.M):
                fleet.run("rmmod", module)


class GuestJob(Job):
    """Two guests, and the hosts that they are on."""

    def __init__(self, net, rnd, patience):
        self.a, self.b = rnd.sample(net.guests, 2)
        super().__init__(net, [self.a, self.b, self.a.host, self.b.host], patience)


class Tcp(GuestJob):
    """A TCP stream."""

    kind = "tcp"

    def __init__(self, net, rnd, patience):
        super().__init__(net, rnd, patience)
        count = str(rnd.randrange(1, 1 << 19))
        self.kind = f"tcp {count}"
        self.ready(self.start(self.b, "stream", "recv", str(self.port), count))
        self.start(self.a, "stream", "send", self.b.address, str(self.port), count)


class Echo(GuestJob):
    """ICMP echo, of which some are lost."""

    kind = "echo"

    def __init__(self, net, rnd, patience):
        super().__init__(net, rnd, patience)
        # The address of the other guest may have to be asked for more than once.
        self.start(self.a, "icmp-echo", self.b.address, "20", str(rnd.randrange(28, 1400)), "500")

    def good(self):
        words = self.text().split()
        return len(words) >= 3 and int(words[-2]) >= 8


class Datagrams(GuestJob):
    """UDP: to one guest, to all or to a group. Some are lost."""

    kind = "udp"

    def __init__(self, net, rnd, patience):
        super().__init__(net, rnd, patience)
        self.count, self.sent = rnd.randrange(20, 300), None
        to = rnd.choice([self.b.address, "10.0.0.255", GROUP])
        if to != self.b.address:
            # Any host may be the one that forwards.
            self.parts |= set(net.hosts)
        self.kind = f"{self.count} datagrams to {to}"
        join = [GROUP] if to == GROUP else []
        self.ready(self.start(self.b, "datagram", "recv", str(self.port), *join))
        # Fragments of a large one are each lost.
        self.start(self.a, "datagram", "send", to, str(self.port), str(self.count),
                   rnd.choice(["200", "1400", "4000"]), str(Job.number))

    def poll(self):
        receiver, sender = self.processes
        if sender.poll() is not None and receiver.poll() is None:
            # A peer over RRDP may have to be sent much once more, and in order.
            self.sent = self.sent or time.monotonic()
            if time.monotonic() > self.sent + LATE:
                receiver.terminate()
        return super().poll()

    def good(self):
        found = re.search(r"received (\d+)", self.text())
        return super().good() and found and int(found[1]) * 2 >= self.count


KINDS = [Messages, Messages, Stream, Kernel, Tcp, Echo, Datagrams, Datagrams]


class Traffic:
    """Jobs that run."""

    def __init__(self, net, rnd, patience):
        self.net, self.rnd, self.patience = net, rnd, patience
        self.jobs = []
        self.counts = {"done": 0, "ended": 0}
        self.wrong = []
        # When things that happened to them are over.
        self.well = {}

    def begin(self, kind):
        if kind is not Kernel or not Kernel.running:
            self.jobs.append(kind(self.net, self.rnd, self.patience))
            self.jobs[-1].touched = any(time.monotonic() < self.well.get(part, 0)
                                        for part in self.jobs[-1].parts)

    def begin_all(self, kind, ends):
        """One from each to each."""
        self.jobs += [kind(self.net, a, b, self.patience) for a in ends for b in ends if a is not b]

    def keep(self, number):
        """So many jobs run."""
        self.reap()
        while len(self.jobs) < number:
            self.begin(self.rnd.choice(KINDS))

    def reap(self):
        for job in [job for job in self.jobs if job.poll()]:
            self.jobs.remove(job)
            job.close()
            verdict = job.verdict()
            if verdict in self.counts:
                self.counts[verdict] += 1
            else:
                self.wrong.append(verdict)

    def lose(self, parts):
        """They may be where others do not look for them: a connection that begins before
        these know better is to an address that nobody has, and times out.
        """
        self.touch(parts, MISSED)

    def touch(self, parts, seconds=AGAIN):
        """Something has happened to them, which may be felt for some time."""
        for job in self.jobs:
            job.touched = job.touched or bool(job.parts & parts)
        for part in parts:
            self.well[part] = max(self.well.get(part, 0), time.monotonic() + seconds)

    def kill(self, parts):
        """They are going."""
        self.lose(parts)
        for job in self.jobs:
            if job.parts & parts:
                job.stop(signal.SIGKILL)
        self.reap()

    def drain(self):
        """All that runs ends."""
        while self.jobs:
            self.reap()
            time.sleep(0.1)
