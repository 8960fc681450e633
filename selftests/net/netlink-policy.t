#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""What the kernel checks of requests is what the specifications say it checks.

The kernel itself tells its policies (CTRL_CMD_GETPOLICY).
"""

import errno
import sys

sys.dont_write_bytecode = True

import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position

# enum netlink_attribute_type
TYPES = {"flag": (1,), "u8": (2,), "u16": (3,), "u32": (4,), "u64": (5,),
         "s32": (8,), "binary": (10,), "string": (11, 12), "nest": (13,)}
SCALARS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}
# enum netlink_policy_type_attr
TYPE, MIN, MAX, MIN_LEN, MAX_LEN, POLICY = 1, 4, 5, 6, 7, 8


def differences(spec, policies, index, wanted, path):
    """What policy @index has that @wanted, attributes by name, has not."""
    policy = policies.get(index, {})
    numbers = {attr["number"]: name for name, attr in wanted.items()}
    for number in policy.keys() - numbers.keys():
        yield f"{path}: takes attribute {number}"
    for name, attr in wanted.items():
        where = f"{path}: {name}"
        says = policy.get(attr["number"])
        if says is None:
            yield f"{where}: not taken"
            continue
        kind, checks = attr["type"], attr.get("checks", {})
        if says[TYPE] not in TYPES[kind]:
            yield f"{where}: type {says[TYPE]} is not {kind}"
            continue
        if kind in SCALARS:
            limits = (checks.get("min", 0),
                      checks.get("max", (1 << SCALARS[kind]) - 1))
            if (says.get(MIN, 0), says.get(MAX, limits[1])) != limits:
                yield f"{where}: {says.get(MIN)}..{says.get(MAX)} is not {limits}"
        elif kind == "binary" and "exact-len" in checks:
            if {says.get(MIN_LEN), says.get(MAX_LEN)} != {checks["exact-len"]}:
                yield f"{where}: length is not {checks['exact-len']}"
        elif kind in ("binary", "string") and "max-len" in checks:
            if says.get(MAX_LEN) != checks["max-len"]:
                yield f"{where}: length {says.get(MAX_LEN)} is not {checks['max-len']}"
        elif kind == "nest":
            inner = spec.sets[attr["nested-attributes"]].attrs
            allowed = {a["number"]: n for n, a in inner.items()}
            inside = policies.get(says.get(POLICY), {})
            # A request may take fewer of a set than a reply has.
            taken = {allowed[n]: inner[allowed[n]] for n in inside if n in allowed}
            yield from differences(spec, policies, says.get(POLICY), taken, where)
            if not taken:
                yield f"{where}: nothing of it is checked"


def nothing_taken(sock, family, number, mode):
    """Faults of a request that takes nothing: it says so to whoever gives it some."""
    answer = sock.ask(family, number, genl.attr(1, b"\1\0\0\0"),
                      genl.NLM_F_DUMP if mode == "dump" else 0)
    if answer.errno != errno.EINVAL or "takes no attributes" not in str(answer.msg):
        yield f"an attribute: {answer}"
    answer = sock.ask(family, number, genl.attr(200, b"\1\0\0\0"),
                      genl.NLM_F_DUMP if mode == "dump" else 0)
    if answer.errno != errno.EINVAL or not answer.msg:
        yield f"an unknown attribute: {answer}"


def check(spec, sock):
    """Name and faults of each test of a family."""
    family, groups = sock.family(spec.name)
    ops, policies = sock.policies(family)
    yield "multicast groups", [] if set(groups) == set(spec.groups) else [str(groups)]
    for name, op in spec.ops.items():
        for mode in ("do", "dump"):
            wanted = spec.request(name, mode)
            if wanted is None:
                faults = [f"{mode} exists"] if mode in ops.get(op["number"], {}) else []
                if "event" not in op or not faults:
                    continue
            elif mode not in ops.get(op["number"], {}):
                faults = ["is not checked"]
            else:
                faults = list(differences(spec, policies, ops[op["number"]][mode],
                                          wanted, name))
                if not wanted:
                    faults += nothing_taken(sock, family, op["number"], mode)
            yield f"{name} ({mode})", faults


if __name__ == "__main__":
    SOCK = genl.Genl()
    sys.exit(nlspec.tap(lambda spec: check(spec, SOCK)))
