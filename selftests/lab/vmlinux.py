#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Unpack the ELF kernel of a bzImage: usage: vmlinux.py BZIMAGE VMLINUX

An emulated machine would take seconds to do this at every boot.
"""
import gzip
import lzma
import struct
import subprocess
import sys


def payload(image):
    """The compressed kernel; offsets are those of the x86 boot protocol, 2.08."""
    if image[0x202:0x206] != b"HdrS":
        sys.exit("vmlinux: not a bzImage")
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    # The last word is the unpacked size, which no format needs.
    return image[start:start + length - 4]


def unpack(data):
    if data[:6] == b"\xfd7zXZ\0":
        return lzma.decompress(data)
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE,
                              check=True).stdout
    sys.exit(f"vmlinux: unknown compression {data[:6].hex()}")


def main(source, target):
    with open(source, "rb") as file:
        kernel = unpack(payload(file.read()))
    if kernel[:4] != b"\x7fELF":
        sys.exit("vmlinux: the kernel is not ELF")
    with open(target, "wb") as file:
        file.write(kernel)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
