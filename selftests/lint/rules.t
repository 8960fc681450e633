#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Rules and drops have tests: each rule of Documentation/rrdp.rst some that are named
after it, on both sides of the kernel's skin, and each counter of drops one that
provokes it."""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]


def text(*parts):
    return TOP.joinpath(*parts).read_text(encoding="utf-8")


def tests():
    """What is said in the tests that run in kernels."""
    here = TOP / "selftests/net"
    paths = sorted(here.glob("*.t")) + sorted(here.glob("rrdp-wire/*.wire"))
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def rules():
    """Numbers of the rules."""
    section = re.search(r"^Rules\n=+\n(.*?)\n\S+[^\n]*\n=+\n", text("Documentation/rrdp.rst"),
                        re.M | re.S).group(1)
    return [int(number) for number in re.findall(r"^(\d+) {2,}", section, re.M)]


def drops(stats, names):
    """Names of the counters of a module's drops."""
    return sorted(set(re.findall(names, text("kmod", *stats))))


def main():
    results = []
    core = text("kmod/rrdp/selftest/rules_list.h")
    said = "\n".join(tests().values())
    results.append(("there are rules", rules() == list(range(1, 12))))
    for rule in rules():
        results.append((f"rule {rule}: tests of the protocol",
                        f"RRDP_RULE(rule{rule}_" in core))
        results.append((f"rule {rule}: tests of the kernel",
                        bool(re.search(rf"\bcase rule {rule}: ", said))))
    for name in drops(("rrdp", "stats.c"), r'"(drop_\w+)"'):
        results.append((f"rule 11: a test of {name}", bool(re.search(rf"\b{name}\b", said))))
    print(f"1..{len(results)}")
    for number, (what, good) in enumerate(results, 1):
        print(f"{'' if good else 'not '}ok {number} - {what}")
    return not all(good for _, good in results)


if __name__ == "__main__":
    sys.exit(main())
