#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""A large node table: dumps in the middle of changes, and the events of both.
Connections and their events, over the loopback device."""

import ctypes
import errno
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import genl  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLM_F_DUMP, NLM_F_DUMP_INTR, attr, attrs  # noqa: E402 # pylint: disable=wrong-import-position
from rrdpnl import ATTRS, CONN, EVENTS, OPS, Rrdp, u32  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWNET = 0x40000000
NODES = 3000


def number(i):
    """Numbers all over the range, not in order."""
    return i * 0x9e3779b1 & 0xffffffff


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def table(tap, rrdp, listener):
    ifindex = socket.if_nametoindex("veth0")
    wanted = sorted(number(i) for i in range(1, NODES + 1))
    errors = [rrdp.add(number(i), ifindex, struct.pack(">HI", 0x0200, i))
              for i in range(1, NODES + 1)]
    tap.is_(f"{NODES} nodes added", set(errors), {0})
    got = [u32(fields[ATTRS["node"]]) for event, fields in listener.events()
           if event == EVENTS["node-new"]]
    tap.is_("an event for each", sorted(got), wanted)

    got, answer = rrdp.nodes()
    tap.is_("a dump has each once, in order", got, wanted)
    tap.is_("and is not interrupted", answer.interrupted, False)
    got, _ = rrdp.nodes(attr(ATTRS["node"], struct.pack("=I", number(7))))
    tap.is_("a dump of one number", got, [number(7)])

    # The kernel has filled only the first buffers when the table changes.
    rrdp.send(rrdp.id, OPS["node-get"], b"", NLM_F_DUMP)
    got, interrupted, first, end = [], False, True, False
    other = Rrdp()
    while not end:
        for kind, flags, _, body in rrdp.messages():
            interrupted |= bool(flags & NLM_F_DUMP_INTR)
            if kind == genl.NLMSG_DONE:
                end = True
            elif kind != genl.NLMSG_ERROR:
                got.append(u32(dict(attrs(body[4:]))[ATTRS["node"]]))
        if first:
            gone = {got[0], got[-1], wanted[-1], wanted[-500]}
            for node in gone:
                other.delete(node)
            first = False
    tap.is_("a dump interrupted by a change says so", interrupted, True)
    tap.is_("it has what did not change, each once",
            [node for node in got if node not in gone],
            [node for node in wanted if node not in gone])
    tap.is_("the next dump is whole", rrdp.nodes()[0],
            [node for node in wanted if node not in gone])

    list(listener.events())
    ip("link", "del", "veth0")
    got = [u32(fields[ATTRS["node"]]) for event, fields in listener.events()
           if event == EVENTS["node-del"]]
    tap.is_("entries go with their device, each with an event", sorted(got),
            [node for node in wanted if node not in gone])
    tap.is_("nothing is left", rrdp.nodes()[0], [])


def slow_listener(tap, rrdp):
    ip("link", "add", "veth0", "type", "veth", "peer", "veth1")
    ifindex = socket.if_nametoindex("veth0")
    slow = Rrdp()
    slow.listen(2048)
    for i in range(1, 200):
        rrdp.add(i, ifindex, struct.pack(">HI", 0x0200, i))
    try:
        list(slow.events())
        got = "nothing"
    except OSError as error:
        got = error.errno
    tap.is_("who reads too slowly is told so", got, errno.ENOBUFS)


def connections(tap, rrdp, listener):
    rrdp.add_local(1000)
    list(listener.events())
    before = rrdp.stats()
    with subprocess.Popen(["rrdp-msg", "recv", "80", "1000000"],
                          stdout=subprocess.DEVNULL) as receiver:
        time.sleep(1)
        with subprocess.Popen(["rrdp-msg", "send", "1000", "80", "1000000", "100"],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as sender:
            time.sleep(1)
            answer = rrdp.ask(rrdp.id, OPS["conn-get"], b"", NLM_F_DUMP)
            conns = [dict(attrs(dict(attrs(r[4:]))[ATTRS["conn"]]))
                     for r in answer.replies]
            sender.kill()
        receiver.kill()
    tap.is_("a dump shows both ends",
            sorted(struct.unpack("=H", c[CONN["local-port"]])[0] == 80 for c in conns),
            [False, True])
    tap.is_("of this node", {u32(c[CONN["peer-node"]]) for c in conns}, {1000})
    tap.is_("everything is told of them",
            {frozenset(c) - {CONN["pad"]} for c in conns},
            {frozenset(CONN.values()) - {CONN["pad"]}})
    time.sleep(1)
    seen = [event for event, _ in listener.events()]
    tap.is_("an event as each end opens", seen.count(EVENTS["conn-open"]), 2)
    tap.is_("and as it closes", seen.count(EVENTS["conn-closed"]), 2)
    after = rrdp.stats()
    tap.is_("the counters have them",
            (after["connects"] - before["connects"], after["accepts"] - before["accepts"],
             after["rx_messages"] > before["rx_messages"]), (1, 1, True))


def main():
    if ctypes.CDLL(None).unshare(CLONE_NEWNET):
        sys.exit("this needs to be root")
    ip("link", "set", "lo", "up")
    ip("link", "add", "veth0", "type", "veth", "peer", "veth1")
    tap, rrdp, listener = Tap(), Rrdp(), Rrdp()
    listener.listen(1 << 24)
    table(tap, rrdp, listener)
    slow_listener(tap, rrdp)
    connections(tap, rrdp, listener)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
