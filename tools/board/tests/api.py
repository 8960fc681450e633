# SPDX-License-Identifier: GPL-2.0
"""The API of vmnet-board: each verb, watching, leases, and that a restart keeps all; the
same for each kind of store."""

import json
import threading

from board import Board, Tap, eventually, metric

D = "/v1/domains/lab"
HOST = {"addresses": ["192.0.2.1/24"], "ttl": 60}


def other_host(number, **more):
    return {"addresses": [f"192.0.2.{number}/24"], "ttl": 60, **more}


def check_domains(tap, admin):
    made = admin.put(D, {"description": "a lab"})
    tap.same((made.status, made.json["name"]), (201, "lab"), "a domain is made")
    tap.same(admin.put(D).status, 200, "and made once")
    tap.same(admin.get(D).json["name"], "lab", "it is shown")
    tap.same([d["name"] for d in admin.get("/v1/domains").json["items"]], ["lab"],
             "it is listed")
    tap.same(admin.get("/v1/domains/none").code, "not_found", "another is not there")


def check_segments(tap, admin):
    made = admin.put(f"{D}/segments/red", {"vni": 42, "ipv4": "10.1.0.7/24", "ipv6": "fd00:1::/64"})
    tap.same((made.status, made.json["ipv4"], made.json["ipv6"]),
             (201, "10.1.0.0/24", "fd00:1::/64"), "a segment is made")
    tap.same(admin.put(f"{D}/segments/red",
                       {"vni": 42, "ipv4": "10.1.0.0/24", "ipv6": "fd00:1::/64"}).status, 200,
             "and made once")
    tap.same(admin.put(f"{D}/segments/blue", {"vni": 43, "ipv4": "10.1.0.128/25"}).code,
             "overlap", "none that overlaps it")
    tap.same(admin.put(f"{D}/segments/blue", {"vni": 43, "ipv6": "fd00::/16"}).code,
             "overlap", "nor by IPv6")
    tap.same(admin.put(f"{D}/segments/blue", {"vni": 42}).code, "vni_taken",
             "nor with its VNI")
    tap.same(admin.put(f"{D}/segments/blue", {"vni": 43, "ipv4": "10.2.0.0/30"}).status, 201,
             "another is made")
    tap.same(admin.put(f"{D}/segments/blue", {"vni": 44, "ipv4": "10.2.0.0/30"}).json["vni"],
             44, "an unused one may change")
    tap.same(admin.put(f"{D}/segments/green", {"vni": 43}).status, 201,
             "its old VNI is free again")
    tap.same(admin.delete(f"{D}/segments/green").status, 200, "one is deleted")
    page = admin.get(f"{D}/segments?limit=1").json
    rest = admin.get(f"{D}/segments?limit=1&after={page['next']}").json
    tap.same([s["name"] for s in page["items"] + rest["items"]], ["blue", "red"],
             "a list comes in pages")
    tap.ok("next" not in rest, "the last page says so", rest)


def check_hosts(tap, admin, host):
    made = host.put(f"{D}/hosts/h1", {**HOST, "segments": ["red"], "transports": ["udp", "rrdp"]})
    tap.same((made.status, made.json.get("node"), made.json.get("subnet")),
             (201, 1, 0xc0000200), "a host registers and gets a node number and a subnet")
    again = host.put(f"{D}/hosts/h1", {**HOST, "segments": ["red"],
                                       "transports": ["udp", "rrdp"]})
    tap.same((again.status, again.json["revision"]), (200, made.json["revision"]),
             "that it is there is no news")
    tap.same(host.ask("POST", f"{D}/hosts/h1/renew").status, 200, "it renews")
    tap.same(admin.put(f"{D}/hosts/h2", other_host(2, node=1)).code, "node_taken",
             "no two hosts have one number")
    tap.same(admin.put(f"{D}/hosts/h2", other_host(2, node=7)).json["node"], 7,
             "another number is taken")
    tap.same(admin.put(f"{D}/hosts/h2", other_host(2, segments=["none"])).code, "not_found",
             "a host is in no segment that is not there")
    tap.same(host.put(f"{D}/hosts/h2", other_host(2)).code, "forbidden",
             "a host writes its own record only")
    tap.same(admin.put(f"{D}/segments/red", {"vni": 9}).code, "in_use",
             "a segment with hosts does not change")
    admin.put(f"{D}/segments/brief", {"vni": 9})
    admin.put(f"{D}/hosts/h2", other_host(2, node=7, segments=["brief"]))
    tap.same(admin.delete(f"{D}/segments/brief").status, 200, "but it goes, if it has no VMs")
    tap.same(admin.put(f"{D}/hosts/h2", other_host(2, node=7)).json["segments"], [],
             "and its hosts then leave it")
    tap.same([h["name"] for h in admin.get(f"{D}/hosts").json["items"]], ["h1", "h2"],
             "hosts are listed")
    changed = host.put(f"{D}/hosts/h1", {**HOST, "ttl": 50, "segments": ["red"]})
    tap.same((changed.json["ttl"], changed.json["node"]), (50, 1),
             "a host changes and keeps its number")


def check_vms(tap, admin, host):
    vms = f"{D}/segments/red/vms"
    made = host.put(f"{vms}/web")
    tap.same((made.status, made.json.get("ipv4"), made.json.get("ipv6"), made.json.get("host"),
              made.json.get("live")), (201, "10.1.0.1", "fd00:1::1", "h1", True),
             "a VM gets addresses")
    tap.ok(made.json["mac"].startswith("02:"), "and a local MAC", made)
    again = host.put(f"{vms}/web")
    tap.same((again.status, again.json), (200, made.json), "it keeps them")
    tap.same(admin.put(f"{vms}/db", {"host": "h2", "ipv4": "10.1.0.1"}).code, "address_taken",
             "no two have one address")
    tap.same(admin.put(f"{vms}/db", {"host": "h2", "mac": made.json["mac"]}).code,
             "mac_taken", "nor one MAC")
    own = admin.put(f"{vms}/db", {"host": "h2", "ipv4": "10.1.0.99",
                                  "mac": "00:16:3E:00:00:01"}).json
    tap.same((own.get("ipv4"), own.get("mac")), ("10.1.0.99", "00:16:3e:00:00:01"),
             "one may choose")
    tap.same(host.put(f"{vms}/db").code, "vm_elsewhere", "a VM that runs is not taken")
    tap.same(host.delete(f"{vms}/db").code, "forbidden", "nor deleted by another host")
    tap.same(admin.put(f"{vms}/x", {"host": "h9"}).code, "host_unknown",
             "a host must be there")
    moved = admin.put(f"{vms}/db", {"host": "h1"}).json
    tap.same((moved["host"], moved["live"], moved["ipv4"]), ("h1", True, "10.1.0.99"),
             "a VM moves and keeps its address")
    given = host.put(f"{vms}/db", {"host": None}).json
    tap.same((given.get("host"), given["live"], given["ipv4"]), (None, False, "10.1.0.99"),
             "a host gives it away")
    tap.same(admin.put(f"{vms}/ahead").json.get("live"), False,
             "addresses are had before there is a host")
    tap.same([v["name"] for v in admin.get(f"{D}/vms?host=h1").json["items"]], ["web"],
             "VMs of a host are listed")
    tap.same(len(admin.get(f"{vms}").json["items"]), 3, "and of a segment")
    tap.same(admin.delete(f"{vms}/db").status, 200, "a VM is deleted")
    tap.same(admin.put(f"{vms}/db2", {"ipv4": "10.1.0.99"}).status, 201,
             "its address is free again")
    small = [admin.put(f"{D}/segments/blue/vms/v{i}") for i in range(3)]
    tap.same([a.status for a in small], [201, 201, 409], "a segment has so many addresses")
    tap.same(small[2].code, "segment_full", "and no more")
    admin.delete(f"{D}/segments/blue/vms/v0")
    tap.same(admin.put(f"{D}/segments/blue/vms/v2").json.get("ipv4"), small[0].json["ipv4"],
             "until one is returned")


def check_gateway(tap, admin):
    put, body = f"{D}/segments/routed", {"vni": 77, "ipv4": "10.7.0.0/30"}
    admin.put(put, body)
    first = admin.put(f"{put}/vms/first").json["ipv4"]
    other = {"10.7.0.1": "10.7.0.2", "10.7.0.2": "10.7.0.1"}[first]
    made = admin.put(put, body | {"gateway": other, "dns": ["192.0.2.53", other]})
    tap.same((made.status, made.json["gateway"], made.json["dns"]),
             (200, other, ["192.0.2.53", other]), "a segment with VMs gets a gateway")
    tap.same(admin.put(f"{put}/vms/second").code, "segment_full", "whose address is not free")
    tap.same(admin.put(f"{put}/vms/router", {"ipv4": other}).status, 201,
             "but for who asks for it")
    tap.same(admin.put(put, body | {"vni": 78, "gateway": other}).code, "in_use",
             "all else stays while there are VMs")
    made = admin.put(put, body)
    tap.same((made.status, "gateway" in made.json, "dns" in made.json), (200, False, False),
             "it has none any more")
    for name in ("first", "router"):
        admin.delete(f"{put}/vms/{name}")
    tap.same(admin.delete(put).status, 200, "and is deleted")


def check_leave(tap, admin, host):
    tap.same(host.delete(f"{D}/hosts/h1").status, 200, "a host leaves")
    tap.same(admin.get(f"{D}/segments/red/vms/web").code, "not_found", "with its VMs")
    tap.same(host.ask("POST", f"{D}/hosts/h1/renew").code, "not_found", "and cannot renew")


def events_of(answer):
    return [(e["type"], e["kind"], e["name"]) for e in answer.json["events"]]


def check_watch(tap, board, admin, reader):
    first = reader.get(f"{D}/watch?since=0")
    tap.ok(first.json["events"] and all(e["type"] == "put" for e in first.json["events"]),
           "who begins is told all", first)
    since = first.json["revision"]
    tap.same(events_of(reader.get(f"{D}/watch?since={since}")), [], "then nothing")
    got = []
    waiter = board.client(reader.token)
    thread = threading.Thread(
        target=lambda: got.append(waiter.get(f"{D}/watch?since={since}&wait=60")))
    thread.start()
    eventually(lambda: metric(admin, "watchers") == 1)
    admin.put(f"{D}/hosts/h3", other_host(3))
    thread.join()
    tap.same(events_of(got[0]), [("put", "host", "h3")], "who waits is told at once")
    tap.same(reader.get(f"{D}/watch?since=999999").code, "revision_gone",
             "a revision of another board is refused")
    only = reader.get(f"{D}/watch?since=0&segment=blue").json["events"]
    tap.ok(all(e.get("segment", "blue") == "blue" for e in only) and
           {"segment", "host", "vm"} == {e["kind"] for e in only},
           "one may watch one segment", only)


def read_events(response, want):
    """Reads a stream until @want says that it has seen enough."""
    event, seen = {}, []
    while True:
        line = response.readline().decode().rstrip("\n")
        if line.startswith(":"):
            continue
        if line:
            key, _, value = line.partition(": ")
            event[key] = value
            continue
        if event:
            seen.append(event)
            event = {}
            if want(seen):
                return seen


def check_stream(tap, board, admin, reader):
    since = reader.get(f"{D}/watch?since=0").json["revision"]
    client = board.client(reader.token)
    response = client.start("GET", f"{D}/watch", headers={
        "Accept": "text/event-stream", "Last-Event-ID": str(since)})
    tap.same(response.headers["Content-Type"], "text/event-stream", "a stream of events")
    read_events(response, lambda seen: seen[-1]["event"] == "sync")
    tap.ok(True, "says that it is complete")
    admin.delete(f"{D}/hosts/h3")
    seen = read_events(response, lambda seen: seen[-1]["event"] == "sync" and
                       seen[0]["event"] == "delete")
    tap.same(json.loads(seen[0]["data"])["name"], "h3", "and what is deleted")
    client.close()


class Writer(threading.Thread):
    """Changes VMs as long as it is wanted."""

    def __init__(self, client, number):
        super().__init__()
        self.client, self.number, self.bad = client, number, []

    def run(self):
        for i in range(60):
            path = f"{D}/segments/busy/vms/w{self.number}-{i % 7}"
            answer = self.client.delete(path) if i % 3 == 2 else self.client.put(path)
            if answer.status not in (200, 201, 404):
                self.bad.append(str(answer))
        self.client.close()


def follow(client, done):
    """Watches while others write; returns what it knows in the end, and if in order."""
    known, since, ordered = {}, 0, True
    while True:
        last = done()
        answer = client.get(f"{D}/watch?since={since}&wait=1&segment=busy").json
        for event in answer["events"]:
            ordered &= since < event["revision"] <= answer["revision"]
            key = (event["kind"], event["name"])
            known.pop(key, None)
            if event["type"] == "put":
                known[key] = event["object"]
        since = answer["revision"]
        if last:
            return known, ordered


def check_gaps(tap, board, admin):
    admin.put(f"{D}/segments/busy", {"vni": 99, "ipv4": "10.9.0.0/24"})
    writers = [Writer(board.client(admin.token), n) for n in range(4)]
    for writer in writers:
        writer.start()
    known, ordered = follow(admin, lambda: not any(w.is_alive() for w in writers))
    tap.same([w.bad for w in writers], [[]] * 4, "four write at a time")
    tap.ok(ordered, "who watches is told in order")
    there = {v["name"]: v for v in admin.get(f"{D}/segments/busy/vms").json["items"]}
    tap.same({name: o for (kind, name), o in known.items() if kind == "vm"}, there,
             "and in the end knows what there is")
    tap.same(len({v["ipv4"] for v in there.values()}), len(there), "no address was given twice")


def check_expiry(tap, board, admin):
    brief = board.client(board.token("host", "domain", "lab", "host", "brief"))
    eventually(lambda: brief.get(D).status == 200)
    brief.put(f"{D}/hosts/brief", {**HOST, "ttl": 1})
    vm = brief.put(f"{D}/segments/red/vms/stays").json
    since = admin.get(f"{D}/watch?since=0").json["revision"]
    gone = []
    while ("delete", "host", "brief") not in gone:
        answer = admin.get(f"{D}/watch?since={since}&wait=30")
        since = answer.json["revision"]
        gone += events_of(answer)
    tap.ok(True, "who is told of a host that does not renew")
    left = admin.get(f"{D}/segments/red/vms/stays").json
    tap.same((left["live"], left["ipv4"], left["mac"]), (False, vm["ipv4"], vm["mac"]),
             "its VM is not live, and keeps its addresses")
    brief.put(f"{D}/hosts/brief", {**HOST, "ttl": 60})
    tap.same(brief.put(f"{D}/segments/red/vms/stays").json["ipv4"], vm["ipv4"],
             "which it has when the host is back")
    brief.close()


def snapshot(client):
    answer = client.get(f"{D}/watch?since=0").json
    return sorted(answer["events"], key=lambda e: (e["kind"], e["name"])), answer["revision"]


def check_restart(tap, board, admin):
    before = snapshot(admin)
    fingerprint = board.fingerprint
    admin.close()
    tap.same(board.stop(), 0, "the board ends")
    board.start()
    tap.same(board.fingerprint, fingerprint, "it has the same certificate after that")
    tap.same(board.run("fingerprint").stdout.strip(), fingerprint,
             "which \"fingerprint\" shows")
    after = snapshot(admin)
    tap.same(after[0], before[0], "and has all that it had")
    tap.ok(after[1] >= before[1], "revisions only grow", before[1], after[1])
    answer = admin.get(f"{D}/watch?since={before[1] - 1}")
    tap.same(answer.status, 200, "watchers go on where they were")


def check_api(tap: Tap, **settings):
    """All of it, with a board of these settings."""
    with Board(**settings) as board:
        admin_token = board.token("admin")
        host_token = board.token("host", "domain", "lab", "host", "h1")
        read_token = board.token("read", "domain", "lab")
        board.start()
        admin, host, reader = map(board.client, (admin_token, host_token, read_token))
        tap.same(board.client().get("/healthz").json["status"], "ok", "the board is well")
        check_domains(tap, admin)
        check_segments(tap, admin)
        check_hosts(tap, admin, host)
        check_vms(tap, admin, host)
        check_watch(tap, board, admin, reader)
        check_stream(tap, board, admin, reader)
        check_gateway(tap, admin)
        check_leave(tap, admin, host)
        check_gaps(tap, board, admin)
        check_expiry(tap, board, admin)
        reader.close()
        check_restart(tap, board, admin)
        tap.ok("vmnet_board_revision" in reader.get("/metrics").text, "there are metrics")

