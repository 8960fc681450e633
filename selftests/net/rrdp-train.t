#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml bookworm
# Messages of many segments cross the stack in trains where every device takes
# them, and in segments where one does not; either way they arrive as they were
# sent.
set -u
. "${0%/*}/lib.sh"

plan 15
# All options, and those but for the checksum over the header only.
ALL=0x3f SUMMED=0x3d
messages=400

transfer() {
	local out
	out=$(mktemp)
	on b timeout 200 rrdp-msg recv 80 "$1" "$2" > "$out" 2>&1 &
	timeout 200 ip netns exec a rrdp-msg send 2 80 "$1" 65536 "$2" &&
		wait $! && cat "$out" && rm "$out"
}

packets() {
	on b cat /sys/class/net/eth0/statistics/rx_packets
}

# measure OPTIONS: a transfer; segments and packets that arrived at b
measure() {
	local segs packets
	segs=$(stat_of b rx_segments) packets=$(packets)
	transfer $messages "$1" || return
	segments=$(($(stat_of b rx_segments) - segs)) frames=$(($(packets) - packets))
	echo "$segments segments, $frames frames"
}

in_trains() {
	echo "$segments segments, $frames frames"
	[ "$segments" -gt $((frames + messages)) ]
}

in_segments() {
	echo "$segments segments, $frames frames"
	[ "$frames" -ge "$segments" ]
}

wire a b
nodes a b
ok 'over a wire for trains' measure $ALL
ok 'in trains' in_trains
ok 'the same with data summed' measure $SUMMED
ok 'in trains, too' in_trains

# It cuts what is larger than its burst.
ok 'a qdisc that takes no trains' \
	on a tc qdisc add dev eth0 root tbf rate 2gbit burst 1600 latency 1s
ok 'over a wire for segments' measure $ALL
ok 'in segments' in_segments
ok 'the same with data summed' measure $SUMMED
ok 'in segments, too' in_segments
ok 'no sum was wrong' test "$(stat_of b drop_checksum)" = 0

# Copies and holes: what cannot be taken at once is taken apart. What netem alters
# it cuts before; nobody would notice that in data that is not summed.
spoil() {
	on a tc qdisc replace dev eth0 root netem limit 10000 \
		loss 3% duplicate 5% delay 100us 100us "$@"
}

ok 'a bad wire' spoil
ok 'over a bad wire' transfer $messages $ALL
ok 'one that alters, too' spoil corrupt 1%
ok 'over it with data summed' transfer $messages $SUMMED
ok 'what was altered was dropped' test "$(stat_of b drop_checksum)" != 0
finish
