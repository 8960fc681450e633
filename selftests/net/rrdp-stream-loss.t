#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# Streams over a bad wire: every octet intact, in order, once, both ways at once.
set -u
. "${0%/*}/lib.sh"

plan 6

# exchange OCTETS [OPTIONS]
exchange() {
	local server
	on b timeout 120 rrdp-octets serve 80 "$1" &
	server=$!
	on a timeout 120 rrdp-octets call 2 80 "$@" && wait $server
}

wire a b
nodes a b
ok '8 MiB each way over a good wire' exchange $((8 << 20))
# Lost, repeated, late and altered in both directions.
ok 'make the wire bad' spoil loss 3% duplicate 3% corrupt 0.5% delay 100us 100us
ok '8 MiB each way over a bad wire' exchange $((8 << 20))
ok 'segments were sent again' test "$(stat_of a retransmitted)" -gt 100
ok 'altered ones were dropped' test "$(stat_of b drop_checksum)" -gt 0
# RRDP_OPT_SEQUENCED alone.
ok '1 MiB each way with the base protocol' exchange $((1 << 20)) 1
finish
