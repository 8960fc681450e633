#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The sample labs on two Xen hosts that have joined a board: "vmnetctl lab".

A cluster of four nodes does a job over ssh; and of two networks with a router between
them each guest reaches the other through that only. The hosts reach each other by ssh.
"""
import json
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
NET_TESTS = HERE.parents[1] / "net"
sys.path[:0] = [str(HERE.parent), str(NET_TESTS)]
from bulletin import Bulletin, eventually  # noqa: E402 # pylint: disable=wrong-import-position
from lab import TOP, Lab, LabError, cache  # noqa: E402 # pylint: disable=wrong-import-position
from stage import Stage  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SAMPLES = TOP / "samples/labs"
LAST = 100000
NODES = 4
TOKEN = "token /root/admin"


class Labs(Stage):
    """Hosts, a board on the first, agents on all, and labs."""

    def __init__(self, tap):
        super().__init__("labs.toml", prefix="# ")
        self.tap = tap

    def prepare(self):
        node = cache("initrd", "bookworm", "node")
        self.lab = Lab(self.topology, shares=[("node", node, "/lab/node", False)])
        self.build()
        self.boot()
        self.insert_modules()
        names = "\\n".join(f"{node.underlay} {node.host.name}" for node in self.nodes)
        for node in self.nodes:
            node.host.run(
                f"ip addr add {node.underlay}/24 dev eth0; ip link set eth0 up;"
                " sysctl -qw net.ipv4.conf.all.arp_ignore=1;"
                f" printf '{names}\\n' >>/etc/hosts; echo /bin/bash >>/etc/shells;"
                # Where a remote shell looks.
                f" ln -s {TOP}/out/tools/* /usr/sbin; mkdir -p /etc/xen/scripts /srv/lab;"
                f" ln -s {TOP}/tools/xen/vif-vmnet /etc/xen/scripts;"
                " ln -s /lab/kernel/vmlinux /srv/lab/vmlinuz;"
                " ln -s /lab/node/initrd /srv/lab/initrd;"
                " mkdir -p -m 700 /root/.ssh /etc/dropbear; cp /lab/node/id /root/.ssh/id_dropbear;"
                " cp /lab/node/id_openssh /root/.ssh/id_ed25519; chmod 600 /root/.ssh/*;"
                " cp /lab/node/id.pub /root/.ssh/authorized_keys;"
                " echo 'StrictHostKeyChecking accept-new' >/root/.ssh/config;"
                " chmod 700 /root; dropbear -R -s")

    def domain(self):
        """A board, a domain, and both hosts in it."""
        a = self.nodes[0]
        board = Bulletin(self, a.host, a.underlay)
        board.start()
        board.open()
        a.host.put("/root/admin", board.token("admin domain lab") + "\n")
        for node in self.nodes:
            board.join(node.host, "address", f"{node.underlay}/24")
        if not eventually(60, lambda: len(board.registered()) == len(self.nodes)):
            raise LabError(f"not all hosts join: {board.registered()}")

    def up(self, name):
        host = self.nodes[0].host
        with self.waiting(f"lab {name}"):
            self.type(host, f"vmnetctl lab up {SAMPLES}/{name}.yaml {TOKEN}", timeout=400)

    def guests(self):
        """What status says of each guest."""
        said = json.loads(self.nodes[0].host.run("vmnetctl -j lab status").out)
        return {guest["guest"]: guest for guest in said}

    def down(self, what):
        self.type(self.nodes[0].host, f"vmnetctl lab down {what} {TOKEN}", timeout=120)

    def gone(self, what):
        """Nothing is left of a lab, on the board and on the hosts."""
        a = self.nodes[0].host
        left = [a.run("vmnetctl -j show-vms").out.strip(), a.run("vmnetctl -j lab status").out.strip()]
        left += [node.host.run("xl list | awk 'NR > 2 { print $1 }'").out for node in self.nodes]
        self.tap.is_(what, left, ["[]", "[]", "", ""])
        for node in self.nodes:
            self.eventually(node.host, f"no network is left on {node.host.name}",
                            "vmnetctl -j show-nets", "[]")

    def eventually(self, machine, what, command, wanted):
        deadline = time.monotonic() + 60
        while (got := machine.run(command).out.strip()) != wanted and time.monotonic() < deadline:
            time.sleep(0.5)
        self.tap.is_(what, got, wanted)

    def device(self, segment):
        """The first host's own NIC on a segment."""
        status = json.loads(self.nodes[0].host.run("vmnetctl -j status").out)
        return next(net["device"] for net in status["domains"][0]["nets"]
                    if net["segment"] == segment)

    def enter(self, segment, address):
        """The first host takes part in a segment."""
        device = self.device(segment)
        self.type(self.nodes[0].host, f"ip addr add {address} dev {device}")

    def ssh(self, address, command, timeout=120):
        """Run a command in a guest, once it can be reached."""
        host = self.nodes[0].host
        ssh = f"dbclient -y -y root@{address}"
        come = f"until {ssh} true 2>/dev/null; do sleep 0.5; done"
        try:
            host.run(come, timeout=timeout)
        except LabError:
            self.boot_again(address)
            host.run(come, timeout=timeout)
        self.say(f"{host.name}# {ssh} {command}")
        return host.run(f"{ssh} '{command}' 2>/tmp/ssh.err || {{ cat /tmp/ssh.err >&2; false; }}",
                        timeout=timeout).out

    def boot_again(self, address):
        """Now and then an emulated processor loses its way in a PV kernel under Xen."""
        self.create_again(next(
            guest for guest in self.guests().values()
            if address in [part.partition("=")[2] for part in guest["addresses"].split(",")]))

    def create_again(self, guest):
        """Boot a guest once more, as the lab has it."""
        host, name = self.lab[guest["host"]], f"{guest['lab']}:{guest['guest']}"
        self.type(host, "vmnetctl show-fdb; xl list; xl dmesg | tail -n 5")
        self.type(host, f"xl destroy {name} 2>/dev/null; xl create -q"
                        f" /var/lib/vmnetd/guests/{guest['lab']}.files/{guest['guest']}.cfg",
                  timeout=120)

    def booted(self):
        """The guests, after those that died while they booted have done so once more."""
        for guest in self.guests().values():
            if guest["state"] == "dead":
                self.create_again(guest)
        return self.guests()

    def cluster(self):
        a = self.nodes[0].host
        self.up("cluster")
        guests = self.booted()
        self.tap.is_("four nodes run, two on each host",
                     sorted((g["host"], g["state"]) for g in guests.values()),
                     [("a", "running")] * 2 + [("b", "running")] * 2)
        self.enter("cluster-lan", "10.20.0.250/24")
        addresses = [f"10.20.0.{number}" for number in range(1, NODES + 1)]
        for address in addresses:
            self.tap.is_(f"{address} is there", self.ssh(address, "hostname").strip(),
                         f"node{address[-1]}")
        self.type(a, f"dbclient -y -y root@10.20.0.1 'cat >/tmp/sum' <{SAMPLES}/sum")
        said = self.ssh("10.20.0.1", f"sh /tmp/sum {LAST} {' '.join(addresses)}").splitlines()
        self.tap.is_("each node does its part of the job", [line.split()[0] for line in said],
                     ["node1", "node2", "node3", "node4", "sum"])
        self.tap.is_("and the sum is right", said[-1], f"sum {LAST * (LAST + 1) // 2}")
        self.eventually(a, "the board knows all of them, live",
                        "vmnetctl -j show-vms | jq -c '[.[].live] | unique'", "[true]")
        a.run("xl destroy cluster:node1")
        self.tap.is_("one dies: status says so", [self.guests()[f"node{n}"]["state"] for n in (1, 2)],
                     ["dead", "running"])
        done = a.run(f"vmnetctl lab up {SAMPLES}/cluster.yaml {TOKEN}", check=False)
        self.tap.result(done.status == 1 and "already" in done.err, "it is not made twice", [done.err])
        self.down("cluster")
        self.gone("nothing is left of it")
        self.down(f"{SAMPLES}/cluster.yaml")
        self.tap.result(True, "what is not there is ended as well")

    def routed(self):
        self.up("router")
        guests = self.booted()
        addresses = {name: dict(part.split("=") for part in guest["addresses"].split(","))
                     for name, guest in guests.items()}
        alice, bob = addresses["alice"]["red"], addresses["bob"]["blue"]
        router = addresses["router"]
        self.enter("routed-red", "10.31.0.250/24")
        self.ssh(router["red"], "true")
        count = "awk \"/^Ip:/ { print \\$7 }\" /proc/net/snmp | tail -n 1"
        # Until bob has booted it does not answer.
        ping = self.ssh(alice, f"until ping -c 1 -W 2 {bob}; do sleep 0.5; done")
        self.tap.result("ttl=63" in ping, "a guest reaches that of the other network, one hop away",
                        [ping])
        trace = self.ssh(alice, f"traceroute -n -q 1 -w 5 {bob} 2>/dev/null")
        hops = [line.split()[1] for line in trace.splitlines() if line.split()[0].isdigit()]
        self.tap.is_("through the router", hops, [router["red"], bob])
        before = int(self.ssh(router["red"], count))
        self.ssh(alice, f"ping -c 5 -W 5 {bob}")
        self.tap.result(int(self.ssh(router["red"], count)) - before >= 10,
                        "which counts what it forwards")
        self.ssh(router["red"], "echo 0 >/proc/sys/net/ipv4/ip_forward")
        said = self.ssh(alice, f"ping -c 2 -W 2 {bob} >/dev/null; echo $?").strip()
        self.tap.is_("there is no other way", said, "1")
        self.down("routed")
        self.gone("nothing is left of it")

    def undone(self):
        """A host lacks what it needs: nothing stays of the others."""
        a, b = (node.host for node in self.nodes)
        b.run("rm /srv/lab/initrd")
        done = a.run(f"vmnetctl lab up {SAMPLES}/cluster.yaml {TOKEN}", timeout=200, check=False)
        self.tap.result(done.status == 1 and "host b: guest node2: initrd /srv/lab/initrd" in done.err
                        and "undone" in done.err, "what fails on one host", [done.err])
        self.gone("is undone on all")

    def run(self):
        self.prepare()
        self.domain()
        self.tap.result(True, "two hosts join a domain")
        self.cluster()
        self.routed()
        self.undone()
        self.lab.check()
        self.tap.result(True, "no kernel complained")


def main():
    tap = Tap(1 + (1 + NODES + 5 + 3 + 1) + (4 + 3) + (1 + 3) + 1)
    test = Labs(tap)
    return test.verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
