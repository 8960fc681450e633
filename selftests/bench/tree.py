# SPDX-License-Identifier: GPL-2.0
"""The tree, and what is made from it for the machines of the benchmarks."""
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]


def cache(*words):
    """What a function of the cache prints."""
    return subprocess.run(["selftests/lab/cache.sh", *words], cwd=TOP, check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


def rivals():
    """The directory of the programs that the benchmark compares with."""
    return cache("rivals")


def build():
    """The directory of the modules for the machine's kernel."""
    kdir = cache("kernel_headers", "bookworm")
    subprocess.run(["make", "-s", "modules", "tools", "testers", "TESTS=y", f"KDIR={kdir}"],
                   cwd=TOP, check=True, stdout=sys.stderr)
    # By itself make would say where it is if it was called by "make -C".
    return subprocess.run(["make", "-s", "--no-print-directory", "where", f"KDIR={kdir}"],
                          cwd=TOP, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
