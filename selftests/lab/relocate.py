#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Let the programs of an unpacked Debian tree run on a machine with another C library.

usage: relocate.py FINAL	in the tree, which will be renamed to FINAL

Every program that asks for the system's loader becomes PROGRAM.elf, and
PROGRAM a script that starts it with the loader and the libraries of the tree.
"""
import os
import stat
import struct
import sys

LOADER = "lib64/ld-linux-x86-64.so.2"
LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu")
SCRIPT = """#!/bin/sh
exec {root}/{loader} --argv0 "$0" --library-path {libs} {root}/{path}.elf "$@"
"""
PT_INTERP = 3


def wants_loader(path):
    """Whether the file is an ELF program with an interpreter."""
    with open(path, "rb") as file:
        head = file.read(64)
        if len(head) < 64 or head[:5] != b"\x7fELF\x02":
            return False
        offset, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        file.seek(offset)
        table = file.read(size * count)
    types = (struct.unpack_from("<I", table, i * size)[0] for i in range(count))
    return PT_INTERP in types


def programs(root):
    for where, _, names in os.walk(root):
        for name in names:
            path = os.path.join(where, name)
            mode = os.lstat(path).st_mode
            # Shared objects with an interpreter are the C library's own.
            if stat.S_ISREG(mode) and mode & 0o111 and ".so" not in name:
                if wants_loader(path):
                    yield os.path.relpath(path, root)


def main(final):
    loader = LOADER if os.path.exists(LOADER) else "usr/" + LOADER
    if not os.path.exists(loader):
        sys.exit(f"relocate: no {LOADER} in the tree")
    libs = ":".join(f"{final}/{lib}" for lib in LIBRARIES)
    for path in list(programs(".")):
        os.rename(path, path + ".elf")
        with open(path, "w", encoding="ascii") as script:
            script.write(SCRIPT.format(root=final, loader=loader, libs=libs, path=path))
        os.chmod(path, 0o755)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
