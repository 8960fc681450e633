#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Messages of mixed sizes over a bad wire: intact, in order, once. The kernel
# with every checker gets fewer of them.
set -u
. "${0%/*}/lib.sh"

plan 8
messages=100000
if [ -e /proc/lockdep ]; then
	messages=10000
fi

transfer() {
	messages 280 send "$@"
}

wire a b
nodes a b
ok "$((messages / 10)) messages over a good wire" transfer $((messages / 10)) 9000
# Lost, repeated, late and altered in both directions.
ok 'make the wire bad' spoil loss 5% duplicate 5% corrupt 0.5% delay 100us 100us
ok "$messages messages over a bad wire" transfer "$messages" 2000
ok 'segments were lost and sent again' test "$(stat_of a retransmitted)" -gt 100
ok 'repeated ones were noticed' test "$(stat_of b rx_duplicates)" -gt 100
ok 'out of order ones were kept' test "$(stat_of b rx_out_of_order)" -gt 100
ok 'altered ones were dropped' test "$(stat_of b drop_checksum)" -gt 0
ok 'the base protocol over a bad wire' transfer $((messages / 100)) 1000 1
finish
