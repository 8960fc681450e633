#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Malformed frames: each is counted by its reason and dropped.
set -u
. "${0%/*}/lib.sh"

plan 24

send() {
	on b rrdp-frame eth0 "${to:-$(mac_of 1)}" 2 1 "$@"
}

drops() {
	on a vmnetctl -j show-stats rrdp |
		sed -n 's/.*"name":"drop_[a-z_]*","value":\([0-9]*\).*/\1/p' |
		awk '{ sum += $1 } END { print sum }'
}

counts() {
	local form=$1 reason=$2 before all
	before=$(stat_of a "$reason") all=$(drops)
	send "$form" || return
	eventually 3 test "$(stat_of a "$reason")" = $((before + 1)) ||
		{ on a vmnetctl show-stats rrdp | grep drop_; return 1; }
	# And by no other reason.
	[ "$(drops)" = $((all + 1)) ]
}

wire a b
nodes a b
# b's own kernel must not take part: it is only a wire end from here on.
on b vmnetctl del-node 2
on b vmnetctl del-node 1
on a rrdp-msg recv 100 1 > /dev/null 2>&1 &
listener=$!

ok 'nothing is dropped yet' test "$(drops)" = 0
ok 'shorter than a header' counts short drop_too_short
ok 'header cut off' counts truncated drop_header_length
ok 'another version' counts version drop_version
ok 'header length below the least' counts header-too-short drop_header_length
ok 'header length beyond the frame' counts header-too-long drop_header_length
ok 'SYN without its options' counts syn-without-options drop_header_length
ok 'SYN and RST' counts syn-rst drop_flags
ok 'no flag at all' counts no-flags drop_flags
ok 'EACK without ACK' counts eack-without-ack drop_flags
ok 'more data than the frame has' counts data-too-long drop_data_length
ok 'SYN with data' counts syn-with-data drop_data_length
ok 'wrong checksum' counts checksum drop_checksum
ok 'ACK for no connection' counts ack-for-nobody drop_no_connection
ok 'NUL for no connection' counts nul-for-nobody drop_no_connection
is 'both are answered with RST' "$(stat_of a tx_rst)" 2
ok 'RST for no connection' counts rst-for-nobody drop_no_connection
is 'is not answered' "$(stat_of a tx_rst)" 2
ok 'SYN of a peer that takes nothing' counts syn-window-zero drop_state
to=ff:ff:ff:ff:ff:ff ok 'broadcast' counts syn drop_not_unicast
ip -n b link set eth0 address 02:00:00:00:00:77
ok 'a node that nobody knows' counts syn drop_unknown_node
ip -n b link set eth0 address "$(mac_of 2)"

before=$(drops)
flips=$(send flips)
ok "each of the $flips bits of a SYN altered: all dropped" \
	eventually 5 test "$(drops)" = $((before + flips))

# Random frames may happen to open a connection; they must not do harm.
ok '20000 random frames' send random 20000 1
kill "$listener"; wait "$listener" 2> /dev/null
on b vmnetctl add-node 2 local dev eth0
on b vmnetctl add-node 1 dev eth0 lladdr "$(mac_of 1)"
on a rrdp-msg recv 101 100 > /dev/null 2>&1 &
ok 'and the protocol works as before' on b rrdp-msg send 1 101 100
wait
finish
