# SPDX-License-Identifier: GPL-2.0
"""The lab of two Xen hosts, set up the way a user would, each command shown."""
import contextlib
import json
import os
import subprocess
import sys
import threading
import time

from lab import HERE, TOP, Lab, LabError, cache

NET = "vmnet0"
VNI = 42


MIGRATION_PORT = 8002
# Pings lost in a live migration beyond the guest's own pause, of those sent each 10 ms.
MAY_LOSE = 2


class Node:
    """A host and its first guest, if it has any, with the numbers and addresses they get."""

    def __init__(self, host, guest, number):
        self.host, self.guest, self.number = host, guest, number
        self.underlay = f"192.0.2.{number}"
        self.overlay = f"10.0.0.{number}"


class Stage:
    """Prints what it does, with the time since the start, each line after a prefix."""

    make_words = ()

    def __init__(self, topology="two-hosts.toml", prefix=""):
        self.topology, self.prefix = topology, prefix
        self.start = time.monotonic()
        self.lock = threading.Lock()
        self.lab = None
        self.nodes = []

    def say(self, text=""):
        with self.lock:
            print(self.prefix + text.replace("\n", f"\n{self.prefix}"), flush=True)

    def title(self, text):
        self.say(f"\n== {text} [{time.monotonic() - self.start:.0f} s]")

    @contextlib.contextmanager
    def waiting(self, what):
        """Show that something slow goes on."""
        begin = time.monotonic()
        done = threading.Event()

        def tick():
            while not done.wait(10):
                self.say(f"   … {what}: {time.monotonic() - begin:.0f} s")

        thread = threading.Thread(target=tick, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
        self.say(f"   {what}: {time.monotonic() - begin:.0f} s")

    def type(self, machine, command, timeout=60, show=True):
        """Show a command as a user types it, run it, show what it says."""
        try:
            result = machine.run(command, timeout=timeout)
        except LabError:
            self.say(f"{machine.name}# {command}")
            raise
        lines = result.out.rstrip().splitlines() if show else []
        self.say("\n".join([f"{machine.name}# {command}", *(f"   {line}" for line in lines)]))
        return result

    def build(self):
        """Build the modules for the hosts' kernels, and the tools."""
        self.title("Building the modules and tools")
        for suite in {host.suite for host in self.lab.hosts.values()}:
            command = ["make", "-s", f"-j{os.cpu_count()}", "modules", "tools", *self.make_words,
                       f"KDIR={cache('kernel_headers', suite)}"]
            done = subprocess.run(command, cwd=TOP, stdout=sys.stderr, check=False)
            if done.returncode:
                raise LabError("the build failed: see make's message above")

    @staticmethod
    def built(host):
        """The directory of the modules built for the host's kernel."""
        release = (cache("kernel", host.suite) / "release").read_text().strip()
        return TOP / f"out/build-{release}"

    def boot(self):
        first = {guest.host: guest for guest in reversed(self.lab.guests.values())}
        self.nodes = [Node(host, first.get(host), number)
                      for number, host in enumerate(self.lab.hosts.values(), 1)]
        with self.waiting(f"hosts {' '.join(self.lab.hosts)} boot"):
            self.lab.up()
        self.say(f"   (emulated by {self.lab.accel.upper()})")

    def insert_modules(self):
        for node in self.nodes:
            kmod = self.built(node.host) / "kmod"
            node.host.run(f"ln -sf {kmod}/rrdp/rrdp.ko {kmod}/vmnet/vmnet.ko /root;"
                          f" ln -sf {TOP}/out/tools/* /usr/local/bin/;"
                          # Only the guests shall speak on the LAN.
                          " sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
            self.type(node.host, "modprobe -a udp_tunnel ip6_udp_tunnel")
            self.type(node.host, "insmod rrdp.ko")
            self.type(node.host, "insmod vmnet.ko")

    def make_nets(self):
        for node in self.nodes:
            self.type(node.host, f"ip addr add {node.underlay}/24 dev eth0")
            self.type(node.host, "ip link set eth0 mtu 9000 up")
            self.type(node.host, f"vmnetctl add-net {NET} vni {VNI}")
            self.type(node.host, f"vmnetctl add-node {node.number} local dev eth0")
            for other in self.nodes:
                if other is not node:
                    self.type(node.host, f"vmnetctl add-node {other.number} dev eth0"
                                         f" lladdr {other.host.mac(0)}")

    def peer_words(self, other, transport):
        return f"rrdp {other.number}" if transport == "RRDP" else f"udp {other.underlay}"

    def each_peer(self, verb, transport):
        for node in self.nodes:
            for other in self.nodes:
                if other is not node:
                    self.type(node.host, f"vmnetctl {verb} {NET}"
                                         f" {self.peer_words(other, transport)}")

    def add_peers(self, transport):
        self.each_peer("add-peer", transport)
        deadline = time.monotonic() + 20
        for node in self.nodes:
            while not self.all_up(node):
                if time.monotonic() > deadline:
                    raise LabError(f"{node.host.name}: the peer does not come up:\n"
                                   + node.host.run(f"vmnetctl show-peers {NET}").out)
                time.sleep(0.3)
            self.type(node.host, f"vmnetctl show-peers {NET}")

    def all_up(self, node):
        out = node.host.run(f"vmnetctl -j show-peers {NET}").out
        return all(peer["state"] == "up" for peer in json.loads(out))

    def del_peers(self, transport):
        self.each_peer("del-peer", transport)

    def start_guests(self):
        nodes = [node for node in self.nodes if node.guest]
        for node in nodes:
            if node.host.xen:
                self.say(f"{node.host.name}# xl create {node.guest.name}.cfg"
                         f"   # vif = ['script=vif-vmnet,bridge={NET}']")
        names = " and ".join(node.guest.name for node in nodes)
        with self.waiting(f"guests {names} boot"):
            Lab.each([node.guest for node in nodes], lambda guest: guest.create(NET))
        for node in nodes:
            # Who says nothing unasked can be counted.
            node.guest.run("echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
            # Without offloads a guest counts frames as they are on the wire.
            self.type(node.host, f"ethtool -K {node.guest.port} tso off")
            self.type(node.guest, "ethtool -K eth0 tso off gso off gro off")
            self.type(node.guest, f"ip addr add {node.overlay}/24 dev eth0")

    def migrate(self, guest, node):
        """Move a guest to the host of the node, live, through the wire of the hosts."""
        origin, listen = guest.host, f"busybox nc -l -p {MIGRATION_PORT} -e xl migrate-receive"
        self.say(f"{node.host.name}# {listen} &")
        receiver = node.host.start(listen)
        node.host.run(f"until grep -qi ':{MIGRATION_PORT:04x} [0-9a-f:]* 0A' /proc/net/tcp*;"
                      " do sleep 0.1; done")
        with self.waiting(f"{guest.name} moves from {origin.name} to {node.host.name}"):
            self.type(origin, f"xl migrate -s '' {guest.name}"
                              f" 'nc {node.underlay} {MIGRATION_PORT}'", timeout=400)
        receiver.wait()
        guest.moved(node.host)

    def watch_move(self, eye, guest, node, words):
        """Migrate while somebody pings the guest as "follow" does: what that says."""
        name, (device, address, *_) = guest.name, words.split()
        # Who stands still for long is asked for its address: requests would be lost that
        # the network never saw.
        eye.run(f"ip neigh replace {address} lladdr {guest.mac} nud permanent dev {device}")
        self.say(f"{eye.name}# follow {words} &")
        job = eye.start(f"echo $$ >/tmp/follow.pid; exec {HERE}/follow {words}")
        eye.run(f"until test -s {job.path}.out; do sleep 0.1; done", timeout=90)
        self.migrate(guest, node)
        # Some more pings from where it is now.
        time.sleep(2)
        eye.run("kill $(cat /tmp/follow.pid)")
        seen = json.loads(job.wait(120).out.splitlines()[-1])
        self.say(f"   {seen['lost']} of {seen['sent']} pings were lost: {seen['pause']} while"
                 f" {name} stood still, {seen['beyond']} beyond that; no answer for"
                 f" {seen['silence']} ms")
        return seen

    def join(self, transport):
        """From nothing to guests that are neighbours in one LAN."""
        self.lab = Lab(self.topology)
        self.build()
        self.title("Hosts on one wire")
        self.boot()
        self.title(f"The hosts join one network over {transport}")
        self.insert_modules()
        self.make_nets()
        self.add_peers(transport)
        self.title("A guest on each")
        self.start_guests()

    def set_mtu(self):
        """Give the guests the MTU that the network has."""
        for node in self.nodes:
            if not node.guest:
                continue
            mtu = node.host.run(f"cat /sys/class/net/{NET}/mtu").out.strip()
            self.type(node.guest, f"ip link set eth0 mtu {mtu} up")

    def run(self):
        """What the stage is for."""
        raise NotImplementedError

    def verdict(self, tap):
        """Run a test, and end its lab: the exit status of its program."""
        try:
            self.run()
        except LabError as error:
            # The tests that follow are missed by who runs this one.
            print("\n".join(f"# {line}" for line in str(error).splitlines()), file=sys.stderr)
            if self.lab:
                self.lab.kill(collect=True)
            return 1
        finally:
            if self.lab:
                self.lab.kill()
        return tap.failed > 0
