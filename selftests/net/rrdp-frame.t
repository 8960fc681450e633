#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# Malformed frames: each is counted by its reason and dropped.
set -u
. "${0%/*}/lib.sh"

plan 42

send() {
	on b rrdp-frame eth0 "${to:-$(mac_of 1)}" 2 1 "$@"
}

# counts FORM REASON: the frame is dropped for this reason, and no other
counts() {
	mark
	send "$1" && eventually 3 news_of a "rrdp $2 1"
}

# lost_by HOST NUMBER
lost_by() {
	look "$1"
	[ $lost = "$2" ] || { echo "$news"; return 1; }
}

# all_dropped WHAT KIND: sends each bit altered, or each truncated form
all_dropped() {
	local sent
	mark
	sent=$(send "$1" "$2") && [ "$sent" -gt 0 ] && eventually 5 lost_by a "$sent"
}

wire a b
nodes a b
# b's own kernel must not take part: it is only a wire end from here on.
on b vmnetctl del-node 2
on b vmnetctl del-node 1
on a rrdp-msg recv 100 1 > /dev/null 2>&1 &
listener=$!

ok 'nothing is dropped yet' news_of a ''
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
ok 'ACK for no connection' counts ack drop_no_connection
ok 'NUL for no connection' counts nul drop_no_connection
is 'both are answered with RST' "$(stat_of a tx_rst)" 2
ok 'RST for no connection' counts rst drop_no_connection
is 'is not answered' "$(stat_of a tx_rst)" 2
ok 'SYN of a peer that takes nothing' counts syn-window-zero drop_state
to=ff:ff:ff:ff:ff:ff ok 'broadcast' counts syn drop_not_unicast
ip -n b link set eth0 address 02:00:00:00:00:77
ok 'a node that nobody knows' counts syn drop_unknown_node
ip -n b link set eth0 address "$(mac_of 2)"
ip -n a link set eth0 promisc on
to=02:00:00:00:00:66 ok "another host's" counts syn drop_other_host
ip -n a link set eth0 promisc off
on a vmnetctl del-node 1
ok 'a host without a number' counts syn drop_no_local_node
on a vmnetctl add-node 1 local dev eth0

for kind in syn syn-ack ack data eack nul rst; do
	ok "$kind with each bit altered: all dropped" all_dropped flips $kind
	ok "$kind truncated to each length: all dropped" all_dropped cuts $kind
done

# Rule 11 at the limit of what is answered: the rest is counted all the same.
# strangers NUMBER: SYNs of a MAC that nobody knows
strangers() {
	mark
	send syns "$1" && eventually 5 news_of a "rrdp drop_unknown_node $1"
}
ip -n b link set eth0 address 02:00:00:00:00:77
before=$(stat_of a tx_resolve) start=$SECONDS
ok '4000 SYNs of a stranger' strangers 4000
answers=$(($(stat_of a tx_resolve) - before))
ok 'he is told who we are' test $answers -gt 0
ok 'as often as a second allows' test $answers -le $((1000 * (SECONDS - start + 2)))
ip -n b link set eth0 address "$(mac_of 2)"

# Random frames may happen to open a connection; they must not do harm.
ok '20000 random frames' send random 20000 1
kill "$listener"; wait "$listener" 2> /dev/null
on b vmnetctl add-node 2 local dev eth0
on b vmnetctl add-node 1 dev eth0 lladdr "$(mac_of 1)"
on a rrdp-msg recv 101 100 > /dev/null 2>&1 &
ok 'and the protocol works as before' on b rrdp-msg send 1 101 100
wait
finish
