#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The uapi headers say what the netlink specifications say.

A compiler judges values, so it does not matter how a header spells them.
"""

import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "selftests/net"))
sys.dont_write_bytecode = True

import nlspec  # noqa: E402 # pylint: disable=wrong-import-position


def wrong_values(spec):
    """What the compiler says of the constants that differ or do not exist."""
    source = "".join(f'#include "{header}"\n' for header in spec.headers) + "".join(
        f'_Static_assert({name} == {value}, "{name} is not {value}");\n'
        for name, value in spec.constants())
    done = subprocess.run(
        ["gcc", "-fsyntax-only", f"-I{TOP}/include/uapi", "-x", "c", "-"],
        input=source, capture_output=True, text=True, check=False)
    return re.findall(r"error: (.*)", done.stderr) or (
        [done.stderr] if done.returncode else [])


def unknown_names(spec):
    """Enumerators of the header that the specification does not have.

    IFLA_*, socket options and the like are not the family's.
    """
    text = (TOP / "include/uapi" / spec.uapi).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    known = {name for name, _ in spec.constants()}
    unspec = {prefix.rpartition("_")[0] + "_UNSPEC"
              for prefix in (name for name in known if name.endswith("_MAX"))}
    for body in re.findall(r"enum(?: \w+) \{(.*?)\}", text, flags=re.S):
        for name in re.findall(r"^\s*(\w+)", body, flags=re.M):
            if not name.startswith("__") and name not in known | unspec:
                yield f"{name} is not in the specification"


def check(spec):
    """Name and faults of each test of a family."""
    yield "constants are right", wrong_values(spec)
    yield "nothing is missing", list(unknown_names(spec))


if __name__ == "__main__":
    sys.exit(nlspec.tap(check))
