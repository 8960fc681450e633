#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
"""Modules that are loaded, and namespaces that are made, with one allocation after the
other failing: they are refused, and what had been done is undone."""

import errno
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import faults  # noqa: E402 # pylint: disable=wrong-import-position
from faults import LIBC, Sweep  # noqa: E402 # pylint: disable=wrong-import-position
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

FINIT_MODULE = 313
LOG_CHECK = pathlib.Path(__file__).resolve().parents[1] / "kernel/log-check"
SAMPLE = os.environ["SAMPLES"] + "/rrdp/rrdp_dvmm.ko"
MODULES = ("rrdp", os.environ["RRDP_KO"]), ("vmnet", os.environ["VMNET_KO"])


def loaded(name):
    return os.path.exists(f"/sys/module/{name}/initstate")


def remove(name):
    subprocess.run(["rmmod", name], check=True)


def each_load(tap, name, path, parameters=b""):
    module = os.open(path, os.O_RDONLY)

    def load():
        result = LIBC.syscall(FINIT_MODULE, module, parameters, 0)
        return faults.ctypes.get_errno() if result else 0

    def unload(error):
        if error and loaded(name):
            return "refused, but there"
        if not error:
            remove(name)
        return None

    Sweep().run(load, after=unload).report(tap, f"{name}.ko")
    os.close(module)


def namespace():
    return faults.ctypes.get_errno() if LIBC.unshare(faults.CLONE_NEWNET) else 0


def each_call(tap):
    """Of the sample, which serves itself."""
    subprocess.run(["insmod", SAMPLE, "peer=1"], check=True)
    calls = (("page", os.O_RDONLY, lambda fd: os.pread(fd, 4096, 4096)),
             ("io", os.O_RDONLY, lambda fd: os.pread(fd, 8, 8)),
             ("io", os.O_WRONLY, lambda fd: os.pwrite(fd, b"12345678", 8)),
             ("interrupt", os.O_WRONLY, lambda fd: os.write(fd, b"1 2")),
             ("measure", os.O_WRONLY, lambda fd: os.write(fd, b"page 3")))
    for name, mode, call in calls:
        fd = os.open(f"{faults.DEBUG}rrdp_dvmm/{name}", mode)
        sweep = Sweep().run(lambda call=call, fd=fd: faults.call(call, fd))
        # What a callback has no memory for ends the connection.
        wrong = sweep.errors - faults.NO_MEMORY - {errno.ECONNRESET}
        tap.result(not wrong and not sweep.why and not faults.call(call, fd),
                   f"the sample's {name}: {sweep.failed} of {sweep.runs} {sweep.names()}",
                   sweep.why)
        os.close(fd)
    remove("rrdp_dvmm")


def is_kernels_own(report):
    """Its tracing does not take it well that it has no memory for the events of a module;
    nor does a slab cache that has no object in sysfs, and puts it nevertheless."""
    return "WARNING: kernel/trace/" in report or \
        ("kobject_put+" in report and "kmem_cache_destroy+" in report)


def complaints():
    """Of the kernel about the modules. The log is read then."""
    log = subprocess.run(["dmesg", "-c"], check=True, stdout=subprocess.PIPE, text=True).stdout
    log = re.sub(r"^.*cut here.*\n(?:.*\n)*?.*end trace.*\n",
                 lambda found: "" if is_kernels_own(found[0]) else found[0], log, flags=re.M)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(log)
        file.flush()
        return subprocess.run([LOG_CHECK, file.name], check=False, stdout=subprocess.PIPE,
                              text=True).stdout.splitlines()


def main():
    faults.prepare()
    tap = Tap()
    subprocess.run(["rmmod", "vmnet"], check=True)
    subprocess.run(["rmmod", "rrdp"], check=True)
    for name, path in MODULES:
        each_load(tap, name, path)
        subprocess.run(["insmod", path], check=True)
    each_load(tap, "rrdp_dvmm", SAMPLE, b"pages=8")
    tap.flawless("no complaint", complaints())
    # Others who are asked first have other errors.
    sweep = Sweep().run(namespace)
    sweep.report(tap, "a network namespace", sweep.errors)
    tap.result(not subprocess.run(["vmnetctl", "add-node", "1", "local"], check=False).returncode,
               "afterwards all works")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    each_call(tap)
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
