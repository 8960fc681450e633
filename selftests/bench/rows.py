# SPDX-License-Identifier: GPL-2.0
"""The table of the benchmark: what was measured, and what must be reached."""
import itertools
import json
import statistics


class Results:
    """What was measured, by test, transport, MTU and size."""

    def __init__(self, lines):
        self.all = [json.loads(line) for line in lines if line.startswith("{")]

    def some(self, **wanted):
        """The objects that have all these values, at least one."""
        found = [r for r in self.all if all(r.get(k) == v for k, v in wanted.items())]
        if not found:
            raise LookupError(f"no results for {wanted}")
        return found

    def one(self, **wanted):
        """The object that has all these values."""
        found = self.some(**wanted)
        if len(found) != 1:
            raise LookupError(f"{len(found)} results for {wanted}")
        return found[0]

    def median(self, of, **wanted):
        """Of the rounds of a test."""
        return statistics.median(r[of] for r in self.some(**wanted))

    def one_way(self, transport, size, mtu):
        """Nanoseconds between two sockets."""
        trips = self.one(test="latency", transport=transport, size=size, mtu=mtu)
        return trips["round_trip_ns"]["p50"] / 2

    def kernel(self, transport, reply, mtu, request=32):
        """Nanoseconds of a request and its reply between two kernels."""
        trips = self.one(test="kernel", transport=transport, request=request, reply=reply,
                         mtu=mtu)
        return trips["round_trip_ns"]["mean"]

    def rate(self, transport, size, mtu, batch=1):
        """Messages per second, one way, that many in a call."""
        return self.one(test="stream", transport=transport, size=size,
                        mtu=mtu, batch=batch)["messages_per_second"]

    def goodput(self, transport, percent):
        """Mb/s with so many frames lost."""
        return self.median("mbit_per_second", test="loss", transport=transport,
                           percent=percent)

    def tail_loss(self):
        """Nanoseconds of round trips in which the last segment was lost, and of others."""
        late, all_trips = [], []
        for tail in self.some(test="tail"):
            trips = sorted(tail["round_trip_ns"])
            all_trips += trips
            # What was lost delayed so many of them.
            late += trips[len(trips) - tail["lost"]:]
        return statistics.median(late), statistics.median(all_trips)


def row(name, what, ours, theirs, unit, better, must, aim):
    """An entry of the table: @ours as a multiple of @theirs, which may be a unit."""
    return {"id": name, "what": what, "ours": round(ours, 3), "theirs": round(theirs, 3),
            "unit": unit, "ratio": round(ours / theirs, 3), "better": better,
            "must": must, "aim": aim}


def per_byte(rate, size):
    return 1e9 / rate / size


def loss(r):
    kept = {transport: r.goodput(transport, 1) / r.goodput(transport, 0)
            for transport in ("rrdp", "tcp")}
    return row("loss-1", f"64 KiB messages, 1 % of the frames lost, of none lost; "
               f"TCP {kept['tcp']:.2f}", r.goodput("rrdp", 1), r.goodput("rrdp", 0),
               "Mb/s", "higher", 0.8, 0.95)


def tail_loss(r):
    late, usual = r.tail_loss()
    return row("tail-loss", f"until a message is back whose last segment was lost "
               f"(SRTT {usual / 1e6:.3f} ms), of 1 ms", late / 1e6, 1, "ms", "lower",
               5, round(3 * usual / 1e6, 3))


def nics(r):
    """Between machines, where nothing has to be reached: the NIC is emulated."""
    for nic, mtu in itertools.product(("virtio-net", "e1000e"), (1500, 9000)):
        where = {"nic": nic, "mtu": mtu}
        tcp = r.median("mbit_per_second", test="nic-stream", transport="tcp", **where)
        for kind in "rrdp", "rrdp ring", "rrdp MSG_ZEROCOPY":
            how = kind.replace("rrdp", "").strip()
            yield row("-".join(["nic", nic, str(mtu), *how.lower().replace("msg_", "").split()]),
                      f"64 KiB messages between machines, {nic}, MTU {mtu}{how and ', '}{how},"
                      " of TCP",
                      r.median("mbit_per_second", test="nic-stream", transport=kind, **where),
                      tcp, "Mb/s", "higher", None, None)
        trip = {kind: statistics.median(
            found["round_trip_ns"]["min"] for found in
            r.some(test="nic-latency", transport=kind, **where)) for kind in ("rrdp", "tcp")}
        yield row(f"nic-{nic}-{mtu}-lat", f"32 B there and back, {nic}, MTU {mtu}, the best of"
                  " each round, of TCP", trip["rrdp"] / 1000, trip["tcp"] / 1000, "us", "lower",
                  None, None)


# Of which nothing is asked
OTHERS = "openvswitch", "wireguard", "openvpn", "n2n", "vde"


def overlays(r):
    """Guests on two hosts, of what a bridge and vxlan, and others, make of the same."""
    wire = r.one_way("tcp", 32, 1500)

    def added(kind):
        """What a message between guests costs more than one between their hosts."""
        trips = r.one(test="latency", overlay=kind, transport="tcp", size=32)
        return trips["round_trip_ns"]["p50"] / 2 - wire

    def rate(kind, transport, size, of):
        return r.one(test="stream", overlay=kind, transport=transport, size=size)[of]

    for name, kind, must, aim in (("ovl-lat-32", "udp", 0.9, 0.7),
                                  ("ovl-lat-32-rrdp", "rrdp", None, None)):
        yield row(name, f"what 32 B one way by TCP cost more between guests, {kind}, of vxlan",
                  added(kind), added("vxlan"), "ns", "lower", must, aim)
    for kind, must, aim in (("udp", 1.05, 1.15), ("rrdp", 0.9, 1.1)):
        yield row(f"ovl-tcp-{kind}", f"TCP bulk between guests, {kind}, of vxlan",
                  *(rate(which, "tcp", 65536, "mbit_per_second") for which in (kind, "vxlan")),
                  "Mb/s", "higher", must, aim)
    for other in OTHERS:
        yield row(f"ovl-lat-32-{other}",
                  f"what 32 B one way by TCP cost more between guests, udp, of {other}",
                  added("udp"), added(other), "ns", "lower", None, None)
        yield row(f"ovl-tcp-{other}", f"TCP bulk between guests, udp, of {other}",
                  *(rate(which, "tcp", 65536, "mbit_per_second") for which in ("udp", other)),
                  "Mb/s", "higher", None, None)
    yield row("ovl-pps", "64 B datagrams between guests, udp, of vxlan",
              *(rate(which, "udp", 64, "messages_per_second") for which in ("udp", "vxlan")),
              "1/s", "higher", 1.1, 1.4)


def fdb(r, clock, suffix=""):
    """Frames among many addresses, without what it takes to make one."""
    made = r.one(test="fdb", clock=clock, kind="generator")
    made = made["ns"] / made["sent"]

    def rate(kind, macs):
        found = r.some(test="fdb", clock=clock, kind=kind, macs=macs)
        return 1e9 / (min(f["ns"] / f["arrived"] for f in found) - made)

    few, many = sorted({found["macs"] for found in
                        r.some(test="fdb", clock=clock, kind="ports")})
    yield row(("fdb-1m" if many == 1000000 else f"fdb-{many}") + suffix,
              f"frames between ports among {many} MACs, of {few}, by {clock}",
              rate("ports", many), rate("ports", few), "1/s", "higher", 0.85, 0.95)
    macs = r.one(test="fdb", clock=clock, kind="vxlan")["macs"]
    yield row("fdb-64k" + suffix,
              f"frames between hosts, {macs >> 11} Ki MACs behind each, udp, of vxlan, by {clock}",
              rate("udp", macs), rate("vxlan", macs), "1/s", "higher", 5, 5)


def broadcasts(r):
    """In networks of several sizes; of each row the worst."""
    found = r.some(test="broadcast")
    for name, what, of, wanted in (
            ("bcast-src", "leave its source", "source", lambda b: b["subnets"]),
            ("bcast-wire", "leave all hosts", "all", lambda b: 2 * b["subnets"] - 1)):
        worst = max(found, key=lambda b: (b[of] / wanted(b), b["hosts"]))
        yield row(name, f"frames that {what} for a broadcast, {worst['hosts']} hosts in "
                  f"{worst['subnets']} subnets, of {wanted(worst)}", worst[of], wanted(worst),
                  "1", "lower", 1, 1)
    for name, what, of in (("bcast-twice", "came twice", "twice"),
                           ("bcast-lost", "did not come", "missing")):
        yield row(name, f"broadcasts that {what}, of one", sum(b[of] for b in found), 1, "1",
                  "lower", 0, 0)


def relay(r):
    return row("relay-fail", "longest silence when a forwarder dies, worst of five times, of 1 s",
               max(killed["us"] for killed in r.some(test="relay")) / 1000, 1000, "ms", "lower",
               1, 0.2)


# The pairs of guests that tbench runs between, and both at the same time.
PAIRS = "2 1", "4 3"
TOGETHER = " ".join(PAIRS)
# Three clients of one server
MANY = "2 1 3 1 4 1"
LINK = "100mbit"


def tbench_of(r, kind, link, pairs, source):
    """MB/s of the pair whose client is guest @source."""
    return r.one(test="tbench", overlay=kind, link=link, pairs=pairs,
                 **{"from": source})["mb_per_second"]


def migrate(r):
    return row("migrate", "pings 10 ms apart lost in a live migration beyond the guest's own"
               " pause, worst of two, of 1",
               max(move["beyond"] for move in r.some(test="migrate")), 1, "1", "lower", 2, 0)


def tbench(r):
    alone = {kind: tbench_of(r, kind, "none", PAIRS[0], 2) for kind in ("plain", "udp", "openvpn")}
    for name, kind, of, must, aim in (("tbench-1", "plain", "the guests bridged onto the wire",
                                       0.85, 0.95), ("tbench-1-openvpn", "openvpn", "OpenVPN", 3, 3)):
        yield row(name, f"tbench, one pair, udp, of {of}", alone["udp"], alone[kind],
                  "MB/s", "higher", must, aim)
    both = [(tbench_of(r, "udp", LINK, TOGETHER, int(pair[0])),
             tbench_of(r, "udp", LINK, pair, int(pair[0]))) for pair in PAIRS]
    yield row("tbench-2", "tbench, the slower of two pairs on links of 100 Mb/s, udp, of it alone",
              *min(both, key=lambda pair: pair[0] / pair[1]), "MB/s", "higher", 0.95, 0.95)
    yield row("tbench-many", "tbench, three guests and one server on links of 100 Mb/s, udp, of the"
              " guests bridged onto the wire",
              *(sum(tbench_of(r, kind, LINK, MANY, source) for source in (2, 3, 4))
                for kind in ("udp", "plain")), "MB/s", "higher", None, None)


def memory(r):
    for held in r.some(test="memory"):
        number = held["connections"]
        yield row("conn-mem" if number == 10000 else f"conn-mem-{number}",
                  f"memory of one of {number} idle connections, of 1 KiB",
                  held["bytes"] / held["ends"], 1024, "B", "lower", 4, 2)


def rows(r):
    """The comparisons; what each must reach is in the design."""
    latency = [
        ("sock-lat-32", 32, 0.55, 0.50), ("sock-lat-512", 512, 0.62, 0.55),
        ("sock-lat-1400", 1400, 0.62, 0.55)]
    for name, size, must, aim in latency:
        yield row(name, f"{size} B one way between sockets, of TCP_NODELAY",
                  r.one_way("rrdp", size, 1500), r.one_way("tcp", size, 1500),
                  "ns", "lower", must, aim)
    yield row("kapi-lat-32", "32 B one way between kernels, of frames echoed in softirq",
              r.kernel("rrdp", 32, 1500) / 2, r.kernel("l2", 32, 1500) / 2,
              "ns", "lower", 1.6, 1.35)
    yield row("page-fetch", "page of 4 KiB fetched into the caller's, MTU 9000, of TCP",
              r.kernel("rrdp", 4096, 9000), r.kernel("tcp", 4096, 9000),
              "ns", "lower", 0.5, 0.35)
    for mtu, must, aim in ((9000, 1.0, 0.7), (1500, 1.1, 0.8)):
        yield row(f"bulk-{mtu}", f"64 KiB messages, MTU {mtu}, instructions per byte, of TCP",
                  per_byte(r.rate("rrdp", 65536, mtu), 65536),
                  per_byte(r.rate("tcp", 65536, mtu), 65536),
                  "ns/B", "lower", must, aim)
    yield row("msg-rate", "64 B messages one way, 32 in a call, of UDP with 1 or 32",
              r.rate("rrdp", 64, 1500, 32),
              max(r.rate("udp", 64, 1500, batch) for batch in (1, 32)),
              "1/s", "higher", 1.5, 3)
    yield loss(r)
    yield tail_loss(r)
    yield row("dead-peer", "until a dead peer is told, worst of ten times, of 1 s",
              max(dead["ns"] for dead in r.some(test="dead")) / 1e6, 1000, "ms", "lower",
              1, 1)
    yield from memory(r)
    yield from overlays(r)
    yield from fdb(r, "instructions")
    yield from fdb(r, "time", "-time")
    yield from broadcasts(r)
    yield relay(r)
    yield migrate(r)
    yield from tbench(r)
    yield from nics(r)


def met(entry, goal):
    if entry["better"] == "lower":
        return entry["ratio"] <= entry[goal]
    return entry["ratio"] >= entry[goal]


def verdict(entry):
    if entry["must"] is None:
        return ""
    return "aim met: " if met(entry, "aim") else "met: " if met(entry, "must") else "MISSED: "


def show(table):
    print(f"{'id':15} {'ours':>11} {'theirs':>11} {'unit':5} {'ratio':>6} {'must':>5} {'aim':>5}")
    for e in table:
        must, aim = ("-" if e[goal] is None else e[goal] for goal in ("must", "aim"))
        print(f"{e['id']:15} {e['ours']:11.2f} {e['theirs']:11.2f} {e['unit']:5} "
              f"{e['ratio']:6.3f} {must:>5} {aim:>5}  {verdict(e)}{e['what']}")
