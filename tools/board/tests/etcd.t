#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: etcd.t [PART]...
vmnet-board in front of a cluster of etcd: the same API, several boards, and members
and boards that are killed while many write and watch."""

import contextlib
import signal
import sys
import threading

from api import check_api
from board import Board, eventually, main, metric
from etcd import Cluster, octets
from writers import VMS, Writer, differences, given_twice, make_segment, read_all

D = "/v1/domains/lab"
WRITERS = 4


class Follower(threading.Thread):
    """Watches, at one board after the other, until it is told to stop; what it then
    knows must be what there is."""

    def __init__(self, clients, done):
        super().__init__()
        self.clients, self.done = list(clients), done
        self.known, self.since, self.gaps, self.disorder = {}, 0, [], []

    def run(self):
        while self.clients:
            last = self.done()
            try:
                self.poll()
            except OSError:
                self.clients.pop(0).close()
                continue
            if last:
                break
        for client in self.clients:
            client.close()

    def poll(self):
        answer = self.clients[0].get(f"{D}/watch?since={self.since}&wait=1&segment=red")
        if answer.status != 200:
            self.gaps.append(str(answer))
            self.since = 0
            return
        for event in answer.json["events"]:
            if not self.since < event["revision"] <= answer.json["revision"]:
                self.disorder.append(event)
            if event["kind"] != "vm":
                continue
            self.known.pop(event["name"], None)
            if event["type"] == "put":
                vm = event["object"]
                self.known[event["name"]] = (vm["ipv4"], vm["mac"])
        self.since = answer.json["revision"]


@contextlib.contextmanager
def boards(cluster, count, prefix, **settings):
    """Boards in front of the cluster, and a client of each, which may do all."""
    with contextlib.ExitStack() as stack:
        some = [stack.enter_context(Board(store=cluster.store(prefix), **settings))
                for _ in range(count)]
        token = some[0].token("admin")
        yield some, [board.start().client(token) for board in some]


def same_at_all(clients, path="/v1/domains/lab/segments/red/vms"):
    return eventually(lambda: len({str(read_all(c)) for c in clients}) == 1 and
                      [c.get(path).status for c in clients] == [200] * len(clients))


def check_two_boards(tap, cluster):
    with boards(cluster, 2, "two") as (some, (one, two)):
        make_segment(one)
        tap.ok(eventually(lambda: two.get(f"{D}/segments/red").status == 200),
               "what is written at one board is seen at the other")
        since = two.get(f"{D}/watch?since=0").json["revision"]
        one.put(f"{D}/hosts/h1", {"addresses": ["192.0.2.1/24"], "ttl": 2})
        answer = two.get(f"{D}/watch?since={since}&wait=60").json
        tap.same([(e["type"], e["name"]) for e in answer["events"]], [("put", "h1")],
                 "who watches there is told")
        gone = {}
        for name, client in (("one", one), ("two", two)):
            at = since
            while name not in gone:
                answer = client.get(f"{D}/watch?since={at}&wait=60").json
                at = answer["revision"]
                gone.update({name: e for e in answer["events"] if e["type"] == "delete"})
        tap.same({(e["kind"], e["name"]) for e in gone.values()}, {("host", "h1")},
                 "that a lease has ended is told at both")
        tap.same(gone["one"], gone["two"], "and is the same revision")
        tap.ok(metric(one, "leases_expired_total") == 1, "it is counted")
        told = []
        for number in range(20):
            revision = one.put(f"{D}/segments/red/vms/v{number}").json["revision"]
            told.append(two.get(f"{D}/watch?since={revision}").status)
        tap.same(told, [200] * 20, "who was told by one board goes on at the other")
        tap.same(two.get(f"{D}/watch?since=999999999").code, "revision_gone",
                 "but not from a revision that never was")
        token = some[0].token("read", "domain", "lab")
        tap.ok(eventually(lambda: some[1].client(token).get(D).status == 200),
               "a token is good at both")


def write_and_watch(tap, clients_of, disturb, what):
    """Lets many write and watch; then nothing must be lost. @clients_of gives somebody
    the boards in an order, @disturb does harm when it is called."""
    known, over = {}, threading.Event()
    writers = [Writer(clients_of(n), n, known, again=True) for n in range(WRITERS)]
    followers = [Follower(clients_of(n), over.is_set) for n in range(2)]
    for thread in writers + followers:
        thread.start()

    def more(count):
        goal = sum(w.acknowledged for w in writers) + count
        return eventually(lambda: sum(w.acknowledged for w in writers) >= goal)
    more(50)
    disturb()
    went_on = more(50)
    for writer in writers:
        writer.stop()
    reader = clients_of(1)[0]
    eventually(lambda: not differences(known, read_all(reader)))
    there = read_all(reader)
    over.set()
    for follower in followers:
        follower.join()
    tap.ok(went_on, f"{what}: writers go on")
    tap.same(differences(known, there), [], "what was acknowledged is there")
    tap.same(given_twice(there), [], "no address was given twice")
    tap.same([w.bad for w in writers], [[]] * WRITERS, "nothing was refused")
    tap.same([(f.gaps, f.disorder) for f in followers], [([], [])] * 2,
             "watchers go on without a gap")
    tap.same([f.known for f in followers], [there] * 2, "and know what there is")
    print(f"# {sum(w.unreachable for w in writers)} were told that etcd cannot be reached")


def check_leader_killed(tap, cluster):
    with boards(cluster, 2, "leader") as (some, clients):
        make_segment(clients[0])
        same_at_all(clients)
        killed = []

        def kill_leader():
            killed.append(int(eventually(cluster.leader)))
            cluster.kill(killed[0])
        write_and_watch(tap, lambda n: [some[n % 2].client(clients[0].token)], kill_leader,
                        "the leader of three members is killed")
        cluster.start(killed[0])
        tap.ok(eventually(cluster.leader), "it comes back")


def check_board_killed(tap, cluster):
    with boards(cluster, 2, "boards") as (some, clients):
        make_segment(clients[0])
        same_at_all(clients)

        def order(number):
            first = number % 2
            return [some[n].client(clients[0].token) for n in (first, 1 - first)]
        write_and_watch(tap, order, lambda: some[0].stop(signal.SIGKILL),
                        "a board of two is killed")


def check_no_majority(tap, cluster):
    with boards(cluster, 1, "lost") as (_, (client,)):
        make_segment(client)
        cluster.kill(0)
        cluster.kill(1)
        answer = client.put(f"{VMS}/v")
        tap.same((answer.status, answer.code), (503, "store_unreachable"),
                 "without a majority nothing is changed")
        tap.same(answer.headers["Retry-After"], "1", "the answer says to ask again")
        tap.same(client.get("/healthz").code, "store_unreachable", "/healthz says so, too")
        tap.same(client.get(f"{D}/segments/red").status, 200, "what was known is shown")
        cluster.start(0)
        cluster.start(1)
        tap.ok(eventually(lambda: client.put(f"{VMS}/v").status in (200, 201)),
               "with one it goes on by itself")
        tap.ok(eventually(lambda: client.get("/healthz").status == 200), "and is well")


def check_compacted(tap, cluster):
    """A board that was away when etcd forgot what happened."""
    with boards(cluster, 1, "gone") as (some, (one,)), \
            Board(store=cluster.store("gone", [2])) as late:
        make_segment(one)
        for name in "abc":
            one.put(f"{VMS}/{name}")
        two = late.start().client(one.token)
        since = two.get(f"{D}/watch?since=0").json["revision"]
        cluster.kill(2)
        one.delete(f"{VMS}/a")
        changed = one.put(f"{VMS}/b", {"ipv4": "10.1.0.99"}).json
        one.put(f"{VMS}/d")
        cluster.compact(0, "gone")
        cluster.start(2)
        tap.ok(eventually(lambda: read_all(two) == read_all(one)),
               "a board that missed what etcd has forgotten reads all again")
        events = two.get(f"{D}/watch?since={since}").json["events"]
        tap.same({(e["type"], e["name"]) for e in events},
                 {("delete", "a"), ("put", "b"), ("put", "d")}, "and tells what changed")
        tap.same(two.get(f"{VMS}/b").json, changed, "with the same revision")
        fresh = some[0].client(one.token)
        some[0].stop()
        some[0].start()
        tap.same(fresh.get(f"{D}/watch?since=1").code, "revision_gone",
                 "who asks for what is forgotten is told")


def check_limits(tap, cluster):
    with boards(cluster, 1, "limits", **{"body-max": 1 << 20}) as (_, (client,)):
        client.put(D)
        names = [f"s{n}" for n in range(140)]
        for vni, name in enumerate(names):
            client.put(f"{D}/segments/{name}", {"vni": vni + 1})
        host = {"addresses": ["192.0.2.1/24"]}
        tap.same(client.put(f"{D}/hosts/h", {**host, "segments": names[:100]}).status, 201,
                 "a host is in a hundred segments")
        tap.same(client.put(f"{D}/hosts/h", {**host, "segments": names}).code, "store_limit",
                 "etcd, as it is, does not take more than 128 conditions at once")
        client.put(f"{D}/segments/vms", {"vni": 999, "ipv4": "10.1.0.0/24", "ipv6": "fd00::/64"})
        for number in range(40):
            client.put(f"{D}/segments/vms/vms/v{number}", {"host": "h"})
        tap.same(client.delete(f"{D}/hosts/h").status, 200, "it leaves, with forty VMs")
        tap.same(client.get(f"{D}/vms").json["items"], [], "which are gone")


def check_access(tap):
    """A cluster that talks by TLS with those it knows, and asks who they are."""
    with Cluster(1, tls=True) as cluster:
        for name in ("root", "board"):
            cluster.ask(0, "auth/user/add", name=name, password=f"secret of {name}")
            cluster.ask(0, "auth/role/add", name=name)
            cluster.ask(0, "auth/user/grant", user=name, role=name)
        cluster.ask(0, "auth/role/grant", name="board",
                    perm={"permType": "READWRITE", "key": octets("vmnet/"),
                          "range_end": octets("vmnet0")})
        cluster.ask(0, "auth/enable")
        for name, secret, status, want in (("board", "another\n", 1, "cannot use etcd"),
                                           ("board", "secret of board\n", 0, "vmb_")):
            password = cluster.dir / "password"
            password.write_text(secret, encoding="utf-8")
            settings = {**cluster.tls_settings, "etcd-user": name, "etcd-password": password}
            with Board(store=cluster.store(), **settings) as board:
                done = board.run("token", "add", "admin")
                tap.ok(done.returncode == status and want in done.stdout + done.stderr,
                       f"a password that is {'wrong' if status else 'right'}", done)
                if status:
                    continue
                client = board.start().client(done.stdout.strip())
                make_segment(client)
                tap.same(client.put(f"{VMS}/v").status, 201, "with TLS and a user it works")
                cluster.kill(0)
                cluster.start(0)
                tap.ok(eventually(lambda: client.delete(f"{VMS}/v").status in (200, 404)),
                       "also when etcd does not know us any more")
        with Board(store=cluster.store(), **{"etcd-ca": cluster.tls_settings["etcd-ca"]}) as board:
            done = board.run("token", "add", "admin")
            tap.ok(done.returncode == 1, "without certificate it does not", done)


def check_start(tap):
    for store, status, want in (
            ("etcd://127.0.0.1:1", 1, "cannot use etcd"), ("etcd://", 2, "\"store\" must be"),
            ("etcd://a:b", 2, "\"store\" must be"), ("mysql://x", 2, "\"store\" must be"),
            ("etcd://x/../\"", 2, "\"store\" must be")):
        with Board(store=store) as board:
            done = board.run()
            tap.ok(done.returncode == status and want in done.stderr, f"store = {store}",
                   done.returncode, done.stderr)


PARTS = {"api": lambda tap, cluster: check_api(tap, store=cluster.store()),
         "two": check_two_boards, "leader": check_leader_killed, "board": check_board_killed,
         "majority": check_no_majority, "compacted": check_compacted, "limits": check_limits,
         "access": lambda tap, cluster: check_access(tap),
         "start": lambda tap, cluster: check_start(tap)}


def test(tap):
    with Cluster() as cluster:
        for part in sys.argv[1:] or PARTS:
            PARTS[part](tap, cluster)


main(test)
