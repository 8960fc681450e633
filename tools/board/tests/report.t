#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What hosts say of themselves and what happened in a domain: vmnet-board keeps it
in memory, of bounded size, and refuses what is no report."""

import pathlib
import resource

from board import Board, eventually, main
from etcd import Cluster

D = "/v1/domains/lab"
R = f"{D}/hosts/h1/report"
FDB = [{"mac": f"02:00:00:00:{i >> 8:02x}:{i & 255:02x}", "vlan": 1, "via": "h2"}
       for i in range(1000)]
NET = {"segment": "red", "vni": 1, "device": "vmnet0",
       "subnets": [{"subnet": 1, "forwarder": "h2", "reason": "elected", "mode": "multicast"},
                   {"subnet": 2, "forwarder": None, "reason": "", "mode": "relay"}],
       "peers": [{"node": 2, "transport": "rrdp", "state": "up", "tx_frames": 1 << 40,
                  "rx_frames": 0}],
       "ports": [{"name": "vif1.0", "mac": "02:00:00:00:00:01", "rx_frames": 1, "tx_frames": 2}],
       "fdb": FDB, "fdb_total": 1234}
REPORT = {"versions": {"kernel": "6.1", "rrdp": "0.1", "vmnet": "0.1", "agent": "0.1"},
          "nets": [NET], "events": [{"time": 1700000000, "text": "began"}]}


def net(**more):
    return {"nets": [{**NET, **more}]}


def check_bad(tap, admin):
    for name, body, code in (
            ("nothing", None, "bad_json"), ("an array", [], "bad_json"),
            ("an unknown member", {"color": 1}, "bad_member"),
            ("one in a network", net(color=1), "bad_member"),
            ("one in an address", net(fdb=[{"mac": "x", "age": 1}]), "bad_member"),
            ("no list", {"nets": {}}, "bad_member"), ("no objects", {"nets": [1]}, "bad_member"),
            ("no object", {"versions": []}, "bad_member"),
            ("a version that is a number", {"versions": {"kernel": 6}}, "bad_member"),
            ("a long text", {"versions": {"kernel": "x" * 256}}, "bad_member"),
            ("a negative number", net(fdb_total=-1), "bad_member"),
            ("a fraction", net(vni=1.5), "bad_member"),
            ("a node that is none", net(peers=[{"node": []}]), "bad_member"),
            ("too many addresses", net(fdb=FDB + FDB[:1]), "bad_member"),
            ("what is too large", '{"a":"' + "x" * (256 << 10) + '"}', "too_large"),
            ("what is too deep", "[" * 100, "too_deep")):
        tap.same(admin.put(R, body).code, code, f"{name} is no report")
    tap.same(admin.get(R).code, "not_found", "and none is kept")
    tap.same(admin.put(f"{D}/segments/x", '{"a":"' + "x" * 70000 + '"}').code, "too_large",
             "other bodies may not be as large")


def check_report(tap, admin, host, read):
    tap.same(host.put(f"{D}/hosts/h2/report", REPORT).code, "forbidden",
             "a host reports of itself only")
    tap.same(read.put(R, REPORT).code, "forbidden", "who reads does not report")
    tap.same(admin.put(f"{D}/hosts/h9/report", REPORT).code, "not_found",
             "a host that is not there does not")
    before = admin.get(f"{D}/hosts/h1").json["revision"]
    made = host.put(R, REPORT)
    tap.same(made.status, 200, "a host reports")
    got = read.get(R).json
    tap.same(got["report"], REPORT, "which is shown as it was")
    tap.ok(got["received"] > 1 << 30, "with the time", got["received"])
    tap.same(admin.get(f"{D}/hosts").json["revision"], before, "and changes nothing")
    short = admin.get(f"{D}/reports").json["items"]
    tap.same([(s["name"], s["versions"]["agent"], s["nets"], s["ports"], s["macs"])
              for s in short], [("h1", "0.1", 1, 1, 1234)], "reports are listed in short")
    host.put(R, {})
    tap.same(read.get(R).json["report"], {}, "the next takes its place")
    admin.delete(f"{D}/hosts/h1")
    admin.put(f"{D}/hosts/h1", {"addresses": ["192.0.2.1/24"]})
    tap.same(read.get(R).code, "not_found", "it is forgotten with the host")


def check_memory(tap, admin, board):
    """Each of many hosts reports as much as it may."""
    names = [f"big{i:03d}" for i in range(200)]
    for i, name in enumerate(names):
        admin.put(f"{D}/hosts/{name}", {"ttl": 3600, "addresses": [f"10.9.{i >> 8}.{(i & 255) or 1}/16"]})
        nets = [{**NET, "segment": f"s{n}"} for n in range(4)]
        assert admin.put(f"{D}/hosts/{name}/report", {"nets": nets}).status == 200
    first, last = (admin.get(f"{D}/hosts/{name}/report").json["report"]["nets"][0]
                   for name in (names[0], names[-1]))
    tap.same(("fdb" in first, first["fdb_total"], "fdb" in last), (False, 1234, True),
             "if there are very many, those of old ones have no addresses")
    tap.same(len(admin.get(f"{D}/reports").json["items"]), len(names), "the rest is kept")
    page = admin.get(f"{D}/reports?limit=150").json
    rest = admin.get(f"{D}/reports?limit=150&after={page['next']}").json
    tap.same([s["name"] for s in page["items"] + rest["items"]], names, "a list comes in pages")
    status = pathlib.Path(f"/proc/{board.process.pid}/status").read_text(encoding="ascii")
    used = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    tap.ok(used < 64 << 10, "the board has at most 64 MiB", f"{used} KiB")


def check_events(tap, admin, read, board):
    admin.put(f"{D}/segments/red", {"vni": 1, "ipv4": "10.1.0.0/24"})
    admin.put(f"{D}/segments/red/vms/web", {"host": "h1"})
    admin.delete(f"{D}/segments/red/vms/web")
    admin.put(f"{D}/hosts/short", {"addresses": ["192.0.2.9/24"], "ttl": 1})
    admin.put(f"{D}/hosts/leaver", {"addresses": ["192.0.2.8/24"]})
    admin.delete(f"{D}/hosts/leaver")
    for _ in range(3):
        admin.put(f"{D}/segments/none/vms/v")
    eventually(lambda: admin.get(f"{D}/hosts/short").status == 404)
    items = read.get(f"{D}/events").json["items"]
    seen = [(e["type"], e["kind"], e.get("segment"), e["name"]) for e in items]
    for want in (("joined", "host", None, "h1"), ("left", "host", None, "h1"),
                 ("added", "segment", None, "red"), ("added", "vm", "red", "web"),
                 ("removed", "vm", "red", "web"), ("left", "host", None, "leaver"),
                 ("expired", "host", None, "short")):
        tap.ok(want in seen, f"the log has {want[0]} {want[1]} {want[3]}", *seen)
    problem = next(e for e in items if e["type"] == "problem" and e["name"] == "v")
    tap.same((problem["count"], problem["text"].partition(":")[0]), (3, "not_found"),
             "and what was refused, once")
    tap.same(items, sorted(items, key=lambda e: -e["time"]), "the newest is first")
    stranger = board.client(board.token("admin", "domain", "other"))
    eventually(lambda: stranger.put(f"{D}/hosts/h1").code == "forbidden")
    tap.ok("other" not in read.get(f"{D}/events").text, "who is of another domain is not in it")
    for i in range(300):
        admin.put(f"{D}/segments/red/vms/v{i % 200}", {})
        if i >= 200:
            admin.delete(f"{D}/segments/red/vms/v{i % 200}")
    tap.same(len(admin.get(f"{D}/events").json["items"]), 256, "there is an end to it")
    tap.same(admin.get("/v1/domains/none/events").code, "not_found", "only of what is there")


def check_others(tap, cluster):
    """A board that was not asked knows who left, and who was not heard of."""
    with Board(store=cluster.store()) as asked, Board(store=cluster.store()) as other:
        token = asked.token("admin")
        asked.start()
        other.start()
        admin, watcher = asked.client(token), other.client(token)
        admin.put(D)
        admin.put(f"{D}/hosts/short", {"addresses": ["192.0.2.9/24"], "ttl": 2})
        admin.put(f"{D}/hosts/leaver", {"addresses": ["192.0.2.8/24"]})
        admin.delete(f"{D}/hosts/leaver")
        tap.ok(eventually(lambda: {("left", "leaver"), ("expired", "short")} <= {
            (e["type"], e["name"]) for e in watcher.get(f"{D}/events").json.get("items", [])}),
            "another board tells who left and who expired",
            watcher.get(f"{D}/events"))


def test(tap):
    with Board(timeout=30) as board:
        admin_token = board.token("admin")
        host_token = board.token("host", "domain", "lab", "host", "h1")
        read_token = board.token("read", "domain", "lab")
        board.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        admin, host, read = (board.client(t) for t in (admin_token, host_token, read_token))
        admin.put(D)
        admin.put(f"{D}/hosts/h1", {"addresses": ["192.0.2.1/24"]})
        tap.same(host.get("/v1/token").json, {"role": "host", "domain": "lab", "host": "h1"},
                 "a token says what it allows")
        check_bad(tap, admin)
        check_report(tap, admin, host, read)
        check_events(tap, admin, read, board)
        check_memory(tap, admin, board)
        tap.same(board.stop(), 0, "the board ends")
    with Cluster(1) as cluster:
        check_others(tap, cluster)


main(test)
