# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the tests in which memory is not there now and then. Ends a test that runs
# on a kernel which injects no faults.

debug=/sys/kernel/debug
mountpoint -q $debug || mount -t debugfs debugfs $debug
if [ ! -d $debug/failslab ]; then
	echo '1..0 # SKIP this kernel injects no faults'
	exit 0
fi

# fault NAME VALUE: of allocations of slabs
fault() {
	echo "$2" > $debug/failslab/"$1"
}

# scarce PERCENT: from now on so many allocations fail, of those that cannot wait
scarce() {
	fault task-filter N
	fault ignore-gfp-wait Y
	fault times -1
	fault verbose "${FAULT_VERBOSE:-0}"
	fault verbose_ratelimit_interval_ms 0
	fault probability "$1"
}

plenty() {
	fault probability 0
}
