#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A guest moves between Xen hosts, there and back, while it is used."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
NET_TESTS = HERE.parents[1] / "net"
sys.path[:0] = [str(HERE.parent), str(NET_TESTS)]
from moves import Moves  # noqa: E402 # pylint: disable=wrong-import-position
from stage import MAY_LOSE  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

# Of pings, in ms. They make the hosts work, so that the guest moves later.
INTERVAL = 50


class Migrate(Moves):
    """Moves that are judged."""

    def __init__(self, tap):
        super().__init__(INTERVAL, prefix="# ")
        self.tap = tap

    def moved(self, what, guest, transport, seen):
        self.tap.result(seen["sent"] > seen["lost"], f"{what}: it answers before and after")
        self.tap.result(seen["beyond"] <= MAY_LOSE,
                        f"{what}: beyond its pause {MAY_LOSE} pings are lost at most", [seen])
        self.tap.result(seen["announced"], f"{what}: it announces itself before it answers", [seen])
        self.tap.result(seen["octets"] > 0 and seen["intact"], f"{what}: the stream is intact",
                        [seen])
        self.tap.is_(f"{what}: every host knows where it is", self.behind(guest.mac),
                     self.wanted(guest, transport))

    def run(self):
        super().run()
        self.tap.result(True, "no kernel complained")


def main():
    tap = Tap(2 * 5 + 1)
    test = Migrate(tap)
    return test.verdict(tap)


if __name__ == "__main__":
    sys.exit(main())
