#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmnet-board is killed while many write: what it has acknowledged is there after
that, and no address is given twice."""

import http.client
import random
import signal
import threading
import time

from board import Board, eventually, main

VMS = "/v1/domains/lab/segments/red/vms"
KILLS = 20
WRITERS = 6


class Writer(threading.Thread):
    """Makes and deletes VMs of its own until the board is gone.

    What is known of each: the addresses it must have, None if it must not be there;
    "open" if the last request was not answered."""

    def __init__(self, client, number, known):
        super().__init__()
        self.client, self.number, self.known = client, number, known
        self.acknowledged, self.bad = 0, []

    def run(self):
        try:
            while True:
                self.change(f"w{self.number}-{random.randrange(40)}")
        except (OSError, http.client.HTTPException):
            self.client.close()

    def change(self, name):
        was = self.known.get(name)
        self.known[name] = "open"
        if was and was != "open":
            answer = self.client.delete(f"{VMS}/{name}")
            now = None
        else:
            answer = self.client.put(f"{VMS}/{name}")
            now = answer.json.get("ipv4"), answer.json.get("mac")
        if answer.status not in (200, 201):
            self.bad.append(str(answer))
            return
        self.known[name] = now
        self.acknowledged += 1


def read_all(client):
    items, after = {}, ""
    while True:
        page = client.get(f"{VMS}?limit=100&after={after}").json
        items.update({v["name"]: (v["ipv4"], v["mac"]) for v in page["items"]})
        after = page.get("next")
        if not after:
            return items


def one_life(board, token, known):
    """Lets them write, and kills the board. Returns what was acknowledged, and what
    was wrong."""
    writers = [Writer(board.client(token), n, known) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    enough = random.randrange(10, 100)
    eventually(lambda: sum(w.acknowledged for w in writers) >= enough)
    # Somewhere in the middle of the next.
    time.sleep(random.uniform(0, 0.02))
    board.stop(signal.SIGKILL)
    for writer in writers:
        writer.join()
    return sum(w.acknowledged for w in writers), [b for w in writers for b in w.bad]


def differences(known, there):
    """What was acknowledged and is not so."""
    return [f"{name}: {want}, not {there.get(name)}" for name, want in known.items()
            if want != "open" and there.get(name) != want]


def test(tap):
    known, total, lost, twice, bad, revisions = {}, 0, [], [], [], []
    with Board() as board:
        token = board.token("admin")
        board.start()
        client = board.client(token)
        client.put("/v1/domains/lab")
        client.put("/v1/domains/lab/segments/red", {"vni": 1, "ipv4": "10.1.0.0/24"})
        for _ in range(KILLS):
            client.close()
            acknowledged, wrong = one_life(board, token, known)
            total, bad = total + acknowledged, bad + wrong
            board.start()
            client = board.client(token)
            there = read_all(client)
            lost += differences(known, there)
            twice += [a for a in zip(*there.values()) if len(set(a)) != len(a)]
            revisions.append(client.get(VMS).json["revision"])
            known.update(there)
            for name in known.keys() - there.keys():
                known[name] = None
    tap.ok(total > KILLS, f"{total} changes were acknowledged in {KILLS} lives")
    tap.same(lost, [], "all of them are there")
    tap.same(twice, [], "no address was given twice")
    tap.same(bad, [], "nothing was refused")
    tap.same(revisions, sorted(revisions), "revisions only grow")


main(test)
