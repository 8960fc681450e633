#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Messages of mixed sizes over a bad wire: intact, in order, once. The kernel
# with every checker gets fewer of them.
set -u
. "${0%/*}/lib.sh"

plan 8
messages=100000
if is_uml; then
	messages=10000
fi

transfer() {
	local out
	out=$(mktemp)
	on b timeout 280 rrdp-msg recv 80 "$1" ${3:+"$3"} > "$out" 2>&1 &
	timeout 280 ip netns exec a rrdp-msg send 2 80 "$1" "$2" ${3:+"$3"} &&
		wait $! && cat "$out" && rm "$out"
}

# Lost, repeated, late and altered in both directions.
spoil() {
	local host
	for host in a b; do
		on "$host" tc qdisc replace dev eth0 root netem limit 10000 \
			loss 5% duplicate 5% corrupt 0.5% delay 100us 100us ||
			return
	done
}

wire a b
nodes a b
ok "$((messages / 10)) messages over a good wire" transfer $((messages / 10)) 9000
ok 'make the wire bad' spoil
ok "$messages messages over a bad wire" transfer "$messages" 2000
ok 'segments were lost and sent again' test "$(stat_of a retransmitted)" -gt 100
ok 'repeated ones were noticed' test "$(stat_of b rx_duplicates)" -gt 100
ok 'out of order ones were kept' test "$(stat_of b rx_out_of_order)" -gt 100
ok 'altered ones were dropped' test "$(stat_of b drop_checksum)" -gt 0
ok 'the base protocol over a bad wire' transfer $((messages / 100)) 1000 1
finish
