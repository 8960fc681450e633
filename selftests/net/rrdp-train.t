#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Messages of many segments cross the stack in trains where every device takes
# them, and in segments where one does not; either way they arrive as they were
# sent.
set -u
. "${0%/*}/lib.sh"

plan 20
# All options, and those but for the checksum over the header only.
ALL=0x3f SUMMED=0x3d
messages=400

# transfer MESSAGES OPTIONS [FROM TO NODE]
transfer() {
	local out
	out=$(mktemp)
	on "${4:-b}" timeout 200 rrdp-msg recv 80 "$1" "$2" > "$out" 2>&1 &
	timeout 200 ip netns exec "${3:-a}" rrdp-msg send "${5:-2}" 80 "$1" 65536 "$2" &&
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

wire a b c d
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

# tunnel HOST NUMBER PEER: a device that takes trains into a tunnel
tunnel() {
	ip -n "$1" link add vx0 type vxlan id 7 dstport 8472 udpcsum \
		local "192.0.2.$2" remote "192.0.2.$3" &&
		ip -n "$1" link set vx0 address "02:00:00:00:01:0$2" up &&
		on "$1" vmnetctl add-node "$2" local dev vx0 &&
		on "$1" vmnetctl add-node "$3" dev vx0 lladdr "02:00:00:00:01:0$3"
}

ok 'tunnel' tunnel c 3 4
ok 'its other end' tunnel d 4 3
ok 'through a tunnel' transfer $messages $ALL c d 4
on c tc qdisc add dev eth0 root tbf rate 2gbit burst 1600 latency 1s
ok 'through a tunnel, and cut behind it' transfer $messages $SUMMED c d 4
ok 'none was thrown away' grep -q 'dropped 0,' <<< "$(on c tc -s qdisc show dev eth0)"

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
