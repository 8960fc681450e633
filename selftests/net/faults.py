# SPDX-License-Identifier: GPL-2.0
"""Allocations that fail (Documentation/fault-injection of the kernel)."""

import ctypes
import errno
import os
import sys

DEBUG = "/sys/kernel/debug/"
CLONE_NEWNET = 0x40000000
NO_MEMORY = {errno.ENOMEM, errno.ENOBUFS}
LIBC = ctypes.CDLL(None, use_errno=True)
MOST = 5000


def prepare():
    """Faults are for every allocation there is. Ends a test that can have none."""
    if not os.path.exists(DEBUG + "failslab") or not os.path.exists(DEBUG + "fail_page_alloc"):
        print("1..0 # SKIP this kernel injects no faults")
        sys.exit(0)
    for kind in "failslab", "fail_page_alloc":
        write(kind, "ignore-gfp-wait", "N")
        write(kind, "probability", 0)
        # With 2 the kernel tells where, for alloc-sites.
        write(kind, "verbose", os.environ.get("FAULT_VERBOSE", "0"))
        write(kind, "verbose_ratelimit_interval_ms", 0)
    write("fail_page_alloc", "min-order", 0)


def write(kind, name, value):
    with open(f"{DEBUG}{kind}/{name}", "w", encoding="ascii") as file:
        file.write(str(value))


def call(function, *args):
    """The number of the error with which it ends, 0 if there is none."""
    try:
        function(*args)
    except BlockingIOError as error:
        # What would have to wait has done what it could.
        return 0 if error.errno in (errno.EAGAIN, errno.EINPROGRESS) else error.errno
    except OSError as error:
        return error.errno
    return 0


class Sweep:
    """A call with its first, second ... allocation failing, until it has no more."""

    def __init__(self):
        self.failed = self.runs = 0
        self.errors = set()
        self.why = []

    def run(self, action, before=lambda: None, after=lambda error: None):
        """@before and @after each run have memory; @after may complain of one."""
        nth = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        for n in range(1, MOST):
            before()
            os.pwrite(nth, f"{n}".encode(), 0)
            error = action()
            left = int(os.pread(nth, 20, 0))
            os.pwrite(nth, b"0", 0)
            self.runs = n
            if error:
                self.failed += 1
                self.errors.add(error)
            complaint = after(error)
            if complaint:
                self.why.append(f"{n}: {complaint}")
            # Nothing has failed: this was not less than the whole.
            if left:
                break
        else:
            self.why.append("no end of allocations")
        os.close(nth)
        return self

    def names(self):
        return ", ".join(sorted(errno.errorcode.get(e, str(e)) for e in self.errors))

    def report(self, tap, what, errors=NO_MEMORY):
        """Good if some were refused, with these errors only; others may do without."""
        tap.result(self.failed > 0 and self.errors <= errors and not self.why,
                   f"{what}: {self.failed} of {self.runs} {self.names()}", self.why[:10])
