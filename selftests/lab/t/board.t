#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Four hosts in two subnets, with the kernels of two releases, and a real board on one.

Nobody types add-peer: agents join, guests are registered and have addresses of the board, each host
finds the others, and one of each subnet forwards. Then the board is killed under
traffic and comes back, and a host dies. As long/board.t it is away for ten minutes.
"""
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).absolute().parent
LAB = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(LAB), str(LAB.parent / "net")]
from bulletin import Bulletin, eventually  # noqa: E402 # pylint: disable=wrong-import-position
from lab import Lab, LabError  # noqa: E402 # pylint: disable=wrong-import-position
from stage import Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

NET = "vmnet42"
TTL = 6
# Seconds without a board, and between pings.
AWAY = 600 if HERE.name == "long" else 20
INTERVAL = 0.2
BROADCASTS = 20
UNDERLAY = {"a": "192.0.2.1/25", "b": "192.0.2.2/25", "c": "192.0.2.131/25", "d": "192.0.2.132/25"}
ROUTER, FAR = "192.0.2.129/25", "192.0.2.128/25"
SEEN = "cat /sys/class/net/eth0/statistics/rx_packets"


def bare(prefix):
    return prefix.partition("/")[0]


class FourHosts(Stage):
    """What a board, agents and the kernel make of them."""

    TESTS = 21

    def __init__(self, tap):
        super().__init__("four-hosts.toml", prefix="# ")
        self.tap = tap
        self.board = None

    def underlay(self):
        """Addresses, and routes through the first host."""
        a, b, c, d = (node.host for node in self.nodes)
        for host in (a, b, c, d):
            host.run(f"ip addr add {UNDERLAY[host.name]} dev eth0 && ip link set eth0 up")
        # It has two addresses, and sends from that which the others know it by.
        a.run(f"ip addr add {ROUTER} dev eth1 noprefixroute && ip link set eth1 up &&"
              f" ip route add {FAR} dev eth1 src {bare(UNDERLAY['a'])} &&"
              " sysctl -qw net.ipv4.ip_forward=1")
        b.run(f"ip route add default via {bare(UNDERLAY['a'])}")
        for host in (c, d):
            host.run(f"ip route add default via {bare(ROUTER)}")

    def peers(self, host):
        return self.board.peers(host, NET)

    def known(self, host):
        return sorted((peer["transport"], peer["node"]) for peer in self.peers(host))

    def roles(self, host):
        """Who forwards, by number, as the host has it."""
        out = host.run("vmnetctl -j show-peers; vmnetctl -j show-nets").out
        found = re.findall(r'"node":(\d+),[^{]*?"role":"([a-z]*)"', out)
        return sorted(node for node, role in found if role == "forwarder")

    def same_roles(self):
        """Whether all hosts know the same two forwarders."""
        roles = [self.roles(node.host) for node in self.nodes]
        return len(roles[0]) == 2 and roles.count(roles[0]) == len(roles)

    def make_guests(self):
        """A guest on each host: a port, which the agent registers."""
        for node in self.nodes:
            node.guest.create(NET)
            self.say(f"{node.host.name}# ip link set {node.guest.port} master {NET}")
            # Who says nothing is not known; with IPv6 it asks for a router.
            node.guest.run("ip link set lo up; ip link set eth0 up")

    def address_guests(self):
        """Each gets what the board has given it."""
        vms = self.board.vms()
        if len(vms) != len(self.nodes):
            raise LabError(f"the board knows no guest of some hosts: {vms}")
        for node in self.nodes:
            vm = vms[node.host.name]
            self.tap.result(vm["mac"] == node.guest.mac, f"{node.guest.name} is known", [vm])
            node.overlay = vm["ipv4"]
            node.guest.run("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6;"
                           f" ip addr add {node.overlay}/24 dev eth0")

    def ping_all(self):
        """Each guest pings each other: the words of those that cannot."""
        failed = []
        for node in self.nodes:
            for other in self.nodes:
                if other is not node:
                    done = node.guest.run(f"ping -c 2 -i 0.2 -W 20 -q {other.overlay}", check=False)
                    if done.status:
                        failed.append(f"{node.guest.name}: {done.out}{done.err}")
        if failed:
            failed += [node.host.run("vmnetctl show-peers; vmnetctl show-fdb;"
                                     f" vmnetctl show-stats {NET} | grep -v ' 0$'").out
                       for node in self.nodes]
        return failed

    def count(self, node):
        """Have the host count the one-to-many frames that it sends."""
        node.host.run(
            "for dev in eth0 eth1; do [ ! -e /sys/class/net/$dev ] || {"
            " tc qdisc add dev $dev clsact; tc filter add dev $dev egress protocol ip prio 1 u32"
            f" match ip src {bare(UNDERLAY[node.host.name])}/32"
            " match ip protocol 17 0xff match ip dport 4789 0xffff"
            " match u8 0x48 0xff at 28 action pass; } || exit; done")

    def counted(self, node):
        out = node.host.run("for dev in eth0 eth1; do tc -s filter show dev $dev egress; done 2>&1",
                            check=False).out
        return sum(int(n) for n in re.findall(r"Sent \d+ bytes (\d+) pkt", out))

    def broadcast(self):
        """What the hosts sent by UDP, each guest having got what the second host's sent."""
        source = self.nodes[1]
        sent = [self.counted(node) for node in self.nodes]
        before = [int(node.guest.run(SEEN).out) for node in self.nodes]
        address = source.overlay.rpartition(".")[0] + ".255"
        source.guest.run(f"ping -b -c {BROADCASTS} -i 0.1 -W 1 -q {address} >/dev/null 2>&1; :")
        time.sleep(1)
        got = [int(node.guest.run(SEEN).out) - n for node, n in zip(self.nodes, before)]
        sent = [self.counted(node) - n for node, n in zip(self.nodes, sent)]
        self.say(f"sent {sent}, got {got}")
        self.tap.result(all(n == BROADCASTS for i, n in enumerate(got) if i != 1),
                        "each other guest gets a broadcast once", [got])
        return sent

    def away(self):
        """The board is killed and away for some time: frames go on."""
        before = [self.known(node.host) for node in self.nodes]
        count = int(AWAY / INTERVAL)
        pings = [(node, node.guest.start(f"ping -c {count} -i {INTERVAL} -W 20 -q {other.overlay}"))
                 for node, other in zip(self.nodes, self.nodes[2:] + self.nodes[:2])]
        self.board.kill()
        lost = []
        for node, job in pings:
            out = job.wait(AWAY * 4 + 120, check=False).out
            if f"{count} packets received" not in out and f"{count} received" not in out:
                lost += [f"{node.guest.name}: {out}"]
        self.tap.result(not lost, f"{AWAY} s without a board: no frame is lost", lost)
        self.board.start()
        self.tap.result(eventually(60, lambda: len(self.board.registered()) == 4),
                        "all rejoin by themselves", [self.board.registered()])
        after = [self.known(node.host) for node in self.nodes]
        self.tap.result(before == after, "peers are as they were", [before, after])

    def death(self):
        """A host is gone from one moment to the next."""
        a, b, c, d = (node.host for node in self.nodes)
        d.process.kill()
        d.ready = self.nodes[3].guest.ready = False
        died = time.monotonic()
        self.tap.result(eventually(60, self.board.all_up, (a, b, c), NET), "a host that dies is gone for all",
                        [self.peers(a)])
        self.say(f"{time.monotonic() - died:.1f} s after its death, TTL {TTL} s")
        self.tap.result("d" not in self.board.registered(), "and for the board",
                        [self.board.registered()])
        self.tap.result(eventually(20, lambda: len(self.roles(c)) == 2),
                        "somebody forwards in its subnet", [self.roles(c)])

    @staticmethod
    def words(host, transports="udp"):
        """How it joins."""
        return ("ttl", str(TTL), "address", UNDERLAY[host.name], "transports", transports)

    def kinds(self, host):
        return sorted(peer["transport"] for peer in self.peers(host) if peer["state"] == "up")

    def by_rrdp(self, hosts):
        """The same with RRDP, in each subnet."""
        self.title("RRDP in the subnets")
        for host in hosts:
            self.board.join(host, *self.words(host, "udp,rrdp"))
        mixed = ["rrdp", "udp", "udp"]
        self.tap.result(eventually(60, lambda: all(self.kinds(host) == mixed for host in hosts)),
                        "hosts of a subnet change to RRDP, by themselves",
                        [self.peers(host) for host in hosts])
        self.tap.result(eventually(30, self.same_roles), "and still elect the same",
                        [self.roles(host) for host in hosts])
        failed = self.ping_all()
        self.tap.result(not failed, "guests ping one another", failed)
        self.broadcast()

    def run(self):
        self.lab = Lab(self.topology)
        self.build()
        self.boot()
        self.insert_modules()
        self.underlay()
        hosts = [node.host for node in self.nodes]
        self.title("A board, and agents")
        self.board = Bulletin(self, hosts[0], bare(UNDERLAY["a"]))
        self.board.start()
        self.board.open()
        self.board.add_segment(42, "10.1.0.0/24")
        for host in hosts:
            self.board.join(host, *self.words(host))
        self.tap.result(eventually(60, self.board.all_up, hosts, NET), "all hosts know one another",
                        [self.peers(host) for host in hosts])
        self.tap.result(eventually(30, self.same_roles), "all elect the same forwarders",
                        [self.roles(host) for host in hosts])
        self.title("Guests")
        self.make_guests()
        self.tap.result(eventually(60, lambda: len(self.board.vms()) == 4),
                        "the board knows the guests", [self.board.vms()])
        self.address_guests()
        failed = self.ping_all()
        self.tap.result(not failed, "all ping one another", failed)
        self.title("One to many")
        for node in self.nodes:
            self.count(node)
        sent = self.broadcast()
        self.tap.result(sent[1] == 2 * BROADCASTS and sum(sent) == 3 * BROADCASTS,
                        "its host sends 2 frames for it, all hosts 3", [sent])
        self.by_rrdp(hosts)
        self.title("The board is killed")
        self.away()
        self.title("A host dies")
        self.death()
        self.title("The end")
        self.lab.check()
        self.tap.result(True, "no kernel complained")


def main():
    tap = Tap(FourHosts.TESTS)
    return FourHosts(tap).verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
