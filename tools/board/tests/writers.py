# SPDX-License-Identifier: GPL-2.0
"""Those who change VMs while something is killed, and what must be true after that."""

import http.client
import random
import threading

VMS = "/v1/domains/lab/segments/red/vms"


def make_segment(client, prefix="10.1.0.0/24"):
    """Where they write."""
    client.put("/v1/domains/lab")
    client.put("/v1/domains/lab/segments/red", {"vni": 1, "ipv4": prefix})


class Writer(threading.Thread):
    """Makes and deletes VMs of its own, at one board after the other, until all of them
    are gone or it is told to stop.

    What is known of each: the addresses it must have, None if it must not be there;
    "open" if the last request was not answered. What is deleted @again, as the board
    asks a store twice that did not answer, was not there the second time."""

    def __init__(self, clients, number, known, again=False):
        super().__init__()
        self.gone = (200, 404) if again else (200,)
        self.clients, self.number, self.known = list(clients), number, known
        self.acknowledged, self.unreachable, self.bad = 0, 0, []
        self.stopping = False

    def run(self):
        while self.clients and not self.stopping:
            try:
                self.change(f"w{self.number}-{random.randrange(40)}")
            except (OSError, http.client.HTTPException):
                self.clients.pop(0).close()
        for client in self.clients:
            client.close()

    def change(self, name):
        was = self.known.get(name)
        self.known[name] = "open"
        if was and was != "open":
            answer = self.clients[0].delete(f"{VMS}/{name}")
            now, good = None, self.gone
        else:
            answer = self.clients[0].put(f"{VMS}/{name}")
            now, good = (answer.json.get("ipv4"), answer.json.get("mac")), (200, 201)
        if answer.code == "store_unreachable":
            self.unreachable += 1
        elif answer.status in good:
            self.known[name] = now
            self.acknowledged += 1
        else:
            self.bad.append(str(answer))

    def stop(self):
        self.stopping = True
        self.join()


def read_all(client):
    """Names and addresses of the VMs that are there."""
    items, after = {}, ""
    while True:
        page = client.get(f"{VMS}?limit=100&after={after}").json
        items.update({v["name"]: (v["ipv4"], v["mac"]) for v in page["items"]})
        after = page.get("next")
        if not after:
            return items


def differences(known, there):
    """What was acknowledged and is not so."""
    return [f"{name}: {want}, not {there.get(name)}" for name, want in known.items()
            if want != "open" and there.get(name) != want]


def given_twice(there):
    """Addresses that two have."""
    return [a for a in zip(*there.values()) if len(set(a)) != len(a)]


def settle(known, there):
    """What is there is so."""
    known.update(there)
    for name in known.keys() - there.keys():
        known[name] = None
