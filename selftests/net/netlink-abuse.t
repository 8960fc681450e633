#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Every netlink command with what it does not expect.

Made from the specifications: attributes missing, of wrong length, out of range,
foreign, nested garbage; messages cut short; without privilege; and at random.
Each must be refused for a reason that is told. The runner looks for what the
kernel has to say about it.
"""

import ctypes
import errno
import os
import random
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

import genl  # noqa: E402 # pylint: disable=wrong-import-position
import nlspec  # noqa: E402 # pylint: disable=wrong-import-position
from genl import NLA_F_NESTED, NLM_F_DUMP, attr, nest  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIZES = {"flag": 0, "u8": 1, "u16": 2, "u32": 4, "u64": 8, "s32": 4}
NOBODY = 65534
RANDOM_MESSAGES = 4000


def unshare(what):
    if ctypes.CDLL(None, use_errno=True).unshare(what):
        raise OSError(ctypes.get_errno(), "unshare")


def in_child(function):
    """Runs @function in a process of its own; whether it returned true."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if function() else 1
        finally:
            os._exit(status)  # pylint: disable=protected-access
    return os.waitpid(pid, 0)[1] == 0


class Abuse:
    """What can be done wrong to one operation."""

    def __init__(self, sock, spec, family, name, mode):
        self.sock, self.spec, self.family = sock, spec, family
        self.name, self.mode = name, mode
        self.op = spec.ops[name]
        self.flags = NLM_F_DUMP if mode == "dump" else 0
        self.changes = any("admin-perm" in flag for flag in self.op.get("flags", []))
        self.attrs = spec.request(name, mode)

    def ask(self, body=b"", cut=None):
        return self.sock.ask(self.family, self.op["number"], body, self.flags, cut)

    def good(self, spec_attr, depth=0):
        """An attribute that passes the policy. It names nothing that exists."""
        kind, checks = spec_attr["type"], spec_attr.get("checks", {})
        number = spec_attr["number"]
        if kind == "nest":
            inner = self.spec.sets[spec_attr["nested-attributes"]].attrs.values()
            return nest(number, *(self.good(a, depth + 1) for a in inner
                                  if a["type"] in SIZES and depth < 2))
        if kind == "binary":
            size = checks.get("exact-len", checks.get("max-len", 4))
            return attr(number, b"\x02" + b"\x01" * (size - 1))
        if kind == "string":
            return attr(number, b"x\0")
        value = checks.get("max", checks.get("min", 1) + 0x70)
        return attr(number, value.to_bytes(SIZES[kind], "little") if SIZES[kind] else b"")

    def refused(self, what, answer, *allowed):
        """Faults of an answer that had to be a refusal with a reason."""
        if not answer.errno:
            yield f"{what}: accepted"
        elif allowed and answer.errno not in allowed:
            yield f"{what}: {answer}"
        elif not answer.msg and answer.missing is None:
            yield f"{what}: no reason given, only {answer}"

    def empty(self):
        """Required attributes are missed, by all that change and by a "do"."""
        answer = self.ask()
        if self.changes or (self.mode == "do" and self.attrs):
            yield from self.refused("nothing", answer, errno.EINVAL)
        elif answer.errno:
            yield f"nothing: {answer}"

    def lengths(self):
        bad = (errno.EINVAL, errno.ERANGE)
        for name, spec_attr in self.attrs.items():
            number, kind = spec_attr["number"], spec_attr["type"]
            size = SIZES.get(kind, spec_attr.get("checks", {}).get("exact-len"))
            if size is None:
                continue
            for wrong in {0, 1, size - 1, size + 1, size * 2, 1000, 60000} - {size, -1}:
                answer = self.ask(attr(number, bytes(wrong)))
                yield from self.refused(f"{name} of {wrong} octets", answer, *bad)

    def ranges(self):
        for name, spec_attr in self.attrs.items():
            size = SIZES.get(spec_attr["type"])
            checks = spec_attr.get("checks", {})
            wrong = [checks["min"] - 1] if checks.get("min", 0) > 0 else []
            if "max" in checks and size:
                wrong += [checks["max"] + 1, (1 << 8 * size) - 1]
            for value in wrong:
                answer = self.ask(attr(spec_attr["number"],
                                       value.to_bytes(size, "little")))
                yield from self.refused(f"{name} = {value}", answer,
                                        errno.ERANGE, errno.EINVAL)

    def foreign(self):
        """What the operation does not take, along with all that it does."""
        known = {a["number"] for a in self.attrs.values()}
        all_good = b"".join(self.good(a) for a in self.attrs.values())
        for number in [*range(0, 40), 255, 0x1fff, 0x3fff]:
            if number not in known:
                yield from self.refused(f"attribute {number}",
                                        self.ask(all_good + attr(number, b"\1\0\0\0")),
                                        errno.EINVAL)

    def nests(self):
        deep = attr(1, b"\1\0\0\0")
        while len(deep) < 60000:
            deep = nest(1 + len(deep) % 9, deep)
        garbage = random.Random(1).randbytes(200)
        for name, spec_attr in self.attrs.items():
            number = spec_attr["number"]
            if spec_attr["type"] != "nest":
                answer = self.ask(attr(number | NLA_F_NESTED,
                                       bytes(SIZES.get(spec_attr["type"], 6))))
                yield from self.refused(f"{name} marked as a nest", answer, errno.EINVAL)
                continue
            for what, body in (("not marked as a nest", attr(number, attr(1, b"\1"))),
                               ("full of garbage", nest(number, garbage)),
                               ("of 60000 levels", nest(number, deep)),
                               ("whose inside is longer", nest(
                                   number, attr(1, b"\1\0\0\0", length=400)))):
                yield from self.refused(f"{name} {what}", self.ask(body))

    def cut(self):
        """A request that ends early: an error, or all of it was optional."""
        body = b"".join(self.good(a) for a in self.attrs.values())
        for end in range(4 + len(body)):
            answer = self.ask(body, cut=end)
            if end < 4 and answer.errno != errno.EINVAL:
                yield f"cut at {end}: {answer}"
            elif end % 4 and end > 4:
                yield from self.refused(f"cut at {end}", answer)
        for claim in 0, 1, 3, 5, 100, 0xffff:
            answer = self.ask(attr(1, b"\1\0\0\0", length=claim))
            yield from self.refused(f"attribute that claims {claim} octets", answer)

    def run(self, tap):
        for what in ("empty", "lengths", "ranges", "foreign", "nests", "cut"):
            tap.flawless(f"{self.spec.name} {self.name} ({self.mode}): {what}",
                     getattr(self, what)())


def no_such_command(sock, spec, family):
    """Numbers that are no commands, and modes that commands have not."""
    calls = [(number, flags) for number in (0, len(spec.ops) + 1, 100, 255)
             for flags in (0, NLM_F_DUMP)]
    for name, op in spec.ops.items():
        calls += [(op["number"], flags) for mode, flags in (("do", 0), ("dump", NLM_F_DUMP))
                  if spec.request(name, mode) is None]
    for number, flags in calls:
        answer = sock.ask(family, number, b"", flags)
        if answer.errno != errno.EOPNOTSUPP:
            yield f"command {number}, flags {flags:#x}: {answer}"


def random_body(rng, spec, depth=0):
    """Attributes with a preference for those that exist and values that work."""
    body = b""
    for _ in range(rng.randrange(6)):
        number = rng.randrange(16) if rng.random() < 0.95 else rng.randrange(0x4000)
        kind = rng.randrange(8)
        if kind == 0 and depth < 8:
            payload = random_body(rng, spec, depth + 1)
            number |= NLA_F_NESTED
        elif kind < 5:
            payload = struct.pack("=I", rng.choice((0, 1, 2, 3, 4, 7, 0x7fffffff, 0xffffffff)))
        elif kind == 5:
            payload = rng.randbytes(6)
        elif kind == 6:
            payload = b""
        else:
            payload = rng.randbytes(rng.randrange(40))
        length = len(payload) + 4 if rng.random() < 0.97 else rng.randrange(0x10000)
        body += attr(number, payload, length)
    return body


def fuzz(sock, specs, families):
    """Anything may come back, but it comes, and reading works afterwards."""
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    print(f"# seed {seed}")
    for i in range(RANDOM_MESSAGES):
        spec = rng.choice(specs)
        cmd = rng.choice(list(spec.ops.values()))["number"]
        body = random_body(rng, spec)
        try:
            sock.ask(families[spec.name], cmd, body, rng.choice((0, 0, NLM_F_DUMP)))
        except TimeoutError:
            yield f"seed {seed}, message {i}: no answer"
            return
    for spec in specs:
        for name, op in spec.ops.items():
            if spec.request(name, "dump") is not None:
                answer = sock.ask(families[spec.name], op["number"], b"", NLM_F_DUMP)
                if answer.errno:
                    yield f"seed {seed}, then {name}: {answer}"


def unprivileged(specs):
    """An ordinary user may look, not touch."""
    def child():
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        sock = genl.Genl()
        good = True
        for spec in specs:
            family, _ = sock.family(spec.name)
            for name, op in spec.ops.items():
                for mode, flags in (("do", 0), ("dump", NLM_F_DUMP)):
                    if spec.request(name, mode) is None:
                        continue
                    answer = sock.ask(family, op["number"], b"", flags)
                    if (answer.errno == errno.EPERM) != bool(op.get("flags")):
                        print(f"# {spec.name} {name} ({mode}): {answer}")
                        good = False
        sys.stdout.flush()
        return good

    return [] if in_child(child) else ["see above"]


def owner(spec):
    """Who made a user namespace configures RRDP in the networks it owns."""
    def child():
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        unshare(CLONE_NEWUSER | CLONE_NEWNET)
        sock = genl.Genl()
        family, _ = sock.family("rrdp")
        attrs = spec.sets["rrdp"].attrs
        body = (attr(attrs["node"]["number"], struct.pack("=I", 9)) +
                attr(attrs["local"]["number"]))
        first = sock.ask(family, spec.ops["node-new"]["number"], body)
        again = sock.ask(family, spec.ops["node-new"]["number"], body)
        print(f"# {first}, {again}")
        sys.stdout.flush()
        return first.errno == 0 and again.errno == errno.EEXIST

    return [] if in_child(child) else ["see above"]


def main():
    unshare(CLONE_NEWNET)
    for command in ("link set lo up", "link add veth0 type veth peer veth1",
                    "link set veth0 up", "link set veth1 up"):
        subprocess.run(["ip", *command.split()], check=True)
    # Devices are only there to be named.
    subprocess.run(["vmnetctl", "add-net", "vmnet0", "vni", "7"], check=True)

    tap, sock = Tap(), genl.Genl()
    specs = nlspec.families()
    families = {spec.name: sock.family(spec.name)[0] for spec in specs}
    for spec in specs:
        for name in spec.ops:
            for mode in ("do", "dump"):
                if spec.request(name, mode) is not None:
                    Abuse(sock, spec, families[spec.name], name, mode).run(tap)
        tap.flawless(f"{spec.name}: no such command",
                 no_such_command(sock, spec, families[spec.name]))
    tap.flawless("without privilege", unprivileged(specs))
    tap.flawless("owner of a namespace", owner(next(s for s in specs if s.name == "rrdp")))
    tap.flawless(f"{RANDOM_MESSAGES} random messages", fuzz(sock, specs, families))
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
