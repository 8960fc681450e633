#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""vmnet-board is killed while many write: what it has acknowledged is there after
that, and no address is given twice. KILLS is how many times."""

import os
import random
import signal
import time

from board import Board, eventually, main
from writers import VMS, Writer, differences, given_twice, make_segment, read_all, settle

KILLS = int(os.environ.get("KILLS", 10))
WRITERS = 6


def one_life(board, token, known):
    """Lets them write, and kills the board. Returns what was acknowledged, and what
    was wrong."""
    writers = [Writer([board.client(token)], n, known) for n in range(WRITERS)]
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


def test(tap):
    known, total, lost, twice, bad, revisions = {}, 0, [], [], [], []
    with Board() as board:
        token = board.token("admin")
        board.start()
        client = board.client(token)
        make_segment(client)
        for _ in range(KILLS):
            client.close()
            acknowledged, wrong = one_life(board, token, known)
            total, bad = total + acknowledged, bad + wrong
            board.start()
            client = board.client(token)
            there = read_all(client)
            lost += differences(known, there)
            twice += given_twice(there)
            revisions.append(client.get(VMS).json["revision"])
            settle(known, there)
    tap.ok(total > KILLS, f"{total} changes were acknowledged in {KILLS} lives")
    tap.same(lost, [], "all of them are there")
    tap.same(twice, [], "no address was given twice")
    tap.same(bad, [], "nothing was refused")
    tap.same(revisions, sorted(revisions), "revisions only grow")


main(test)
