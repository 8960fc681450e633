# SPDX-License-Identifier: GPL-2.0
"""TAP for the tests in Python."""


class Tap:
    """A TAP stream."""

    def __init__(self, plan=None):
        self.count = self.failed = 0
        if plan:
            print(f"1..{plan}", flush=True)

    def result(self, good, what, why=()):
        """One result, with reasons, a line each, if it is bad."""
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}")
        if not good:
            for reason in why:
                print("\n".join(f"# {line}" for line in str(reason).splitlines()))
        # The stream is read while the test runs.
        print(end="", flush=True)

    def is_(self, what, got, wanted):
        self.result(got == wanted, what, [f"got {got!r:.300}, wanted {wanted!r:.300}"])

    def flawless(self, what, faults):
        """Good if there are no faults; the first ten are shown."""
        faults = list(faults)
        self.result(not faults, what, faults[:10])
