# SPDX-License-Identifier: GPL-2.0
"""The lab of two Xen hosts, set up the way a user would, each command shown."""
import contextlib
import subprocess
import sys
import threading
import time

from lab import TOP, Lab, LabError, cache

NET = "vmnet0"
VNI = 42


class Node:
    """A host and its guest, with the numbers and addresses they get."""

    def __init__(self, host, guest, number):
        self.host, self.guest, self.number = host, guest, number
        self.underlay = f"192.0.2.{number}"
        self.overlay = f"10.0.0.{number}"


class Stage:
    """Prints what it does, with the time since the start."""

    suite = "bookworm"

    def __init__(self):
        self.start = time.monotonic()
        self.lock = threading.Lock()
        self.lab = None
        self.nodes = []

    def say(self, text=""):
        with self.lock:
            print(text, flush=True)

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
        with self.lock:
            print("\n".join([f"{machine.name}# {command}", *(f"   {line}" for line in lines)]),
                  flush=True)
        return result

    def build(self):
        """Build modules and tools for the hosts' kernel: the directory of the modules."""
        self.title("Building the modules and tools")
        kdir = cache("kernel_headers", self.suite)
        command = ["make", "-s", "modules", "tools", f"KDIR={kdir}"]
        done = subprocess.run(command, cwd=TOP, stdout=sys.stderr, check=False)
        if done.returncode:
            raise LabError("the build failed: see make's message above")
        release = (cache("kernel", self.suite) / "release").read_text().strip()
        return TOP / f"out/build-{release}" / "kmod"

    def boot(self, topology):
        self.lab = Lab(topology)
        self.nodes = [Node(guest.host, guest, number)
                      for number, guest in enumerate(self.lab.guests.values(), 1)]
        names = " and ".join(self.lab.hosts)
        with self.waiting(f"Xen and Dom0 of {names} boot"):
            self.lab.up()
        self.say(f"   (emulated by {self.lab.accel.upper()})")

    def insert_modules(self, kmod):
        for node in self.nodes:
            node.host.run(f"ln -sf {kmod}/rrdp/rrdp.ko {kmod}/vmnet/vmnet.ko /root;"
                          f" ln -sf {TOP}/out/tools/vmnetctl /usr/local/bin/;"
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
            while "up" not in node.host.run(f"vmnetctl show-peers {NET}").out.split():
                if time.monotonic() > deadline:
                    raise LabError(f"{node.host.name}: the peer does not come up:\n"
                                   + node.host.run(f"vmnetctl show-peers {NET}").out)
                time.sleep(0.3)
            self.type(node.host, f"vmnetctl show-peers {NET}")

    def del_peers(self, transport):
        self.each_peer("del-peer", transport)

    def start_guests(self):
        for node in self.nodes:
            self.say(f"{node.host.name}# xl create {node.guest.name}.cfg"
                     f"   # vif = ['script=vif-vmnet,bridge={NET}']")
        names = " and ".join(node.guest.name for node in self.nodes)
        with self.waiting(f"guests {names} boot"):
            Lab.each([node.guest for node in self.nodes], lambda guest: guest.create(NET))
        for node in self.nodes:
            # Without offloads a guest counts frames as they are on the wire.
            vif = f"vif{node.host.run(f'xl domid {node.guest.name}').out.strip()}.0"
            self.type(node.host, f"ethtool -K {vif} tso off")
            self.type(node.guest, "ethtool -K eth0 tso off gso off gro off")
            self.type(node.guest, f"ip addr add {node.overlay}/24 dev eth0")

    def join(self, transport):
        """From nothing to guests that are neighbours in one LAN."""
        kmod = self.build()
        self.title("Two Xen hosts on one wire")
        self.boot("two-hosts.toml")
        self.title(f"The hosts join one network over {transport}")
        self.insert_modules(kmod)
        self.make_nets()
        self.add_peers(transport)
        self.title("A guest on each")
        self.start_guests()

    def set_mtu(self):
        """Give the guests the MTU that the network has."""
        for node in self.nodes:
            mtu = node.host.run(f"cat /sys/class/net/{NET}/mtu").out.strip()
            self.type(node.guest, f"ip link set eth0 mtu {mtu} up")


