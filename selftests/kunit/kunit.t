#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: kunit.t [debug]
#
# Load both modules, built with their KUnit suites, into the UML kernel, or into the
# one with every checker (as if $CHECK_KERNEL is "debug"), and report each of their
# cases as TAP.
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)

cd "$top" || exit 1
# shellcheck disable=SC2086 # empty is nothing
[ $# != 0 ] || set -- ${CHECK_KERNEL:-}
kernel=$(selftests/kernel/build "$@") || exit 1
make -s modules KDIR="$kernel" >&2 || exit 1
mods=$(make -s --no-print-directory where KDIR="$kernel")/kmod

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
selftests/kernel/uml-run -q -t 300 -k "$kernel/vmlinux" -l "$log" \
	-m "$mods/rrdp/rrdp.ko" -m "$mods/vmnet/vmnet.ko" -- rmmod vmnet rrdp
status=$?
"$here/ktap" "$log" rrdp vmnet || status=1
exit $status
