#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# A flood of SYNs: a listener has a bounded number of half-open connections, they
# end by themselves, and others are let in meanwhile or know that they were not.
set -u
. "${0%/*}/lib.sh"

plan 16
log=$(mktemp)
trap 'kill $(jobs -p) 2> /dev/null; rm -f "$log"' EXIT

wire a b c
nodes a b c
# b's own kernel must not take part: it is only a wire end from here on.
for n in 1 2 3; do on b vmnetctl del-node $n; done

# flood NUMBER: SYNs to port 100 of a
flood() {
	on b rrdp-frame eth0 "$(mac_of 1)" 2 1 syns "$1"
}

# half_open NUMBER
half_open() {
	local n
	n=$(vmnetctl -n a show-connections | grep -c ' syn-rcvd ')
	[ "$n" = "$1" ] || { echo "$n half open"; return 1; }
}

# calls PORT: host c gets through
calls() {
	on c rrdp-msg send 1 "$1" 1
}

# let_in_or_told: as long as the flood goes on
let_in_or_told() {
	calls 100 > "$log" 2>&1 || grep 'timed out' "$log"
}

ip netns exec a rrdp-msg recv 100 1 > /dev/null 2>&1 &
ip netns exec a rrdp-msg recv 101 1 > /dev/null 2>&1 &
other=$!
sleep 0.5
look a
mark
rsts=$(stat_of a tx_rst) timeouts=$(stat_of a timeouts)
ok '4000 SYNs' flood 4000
ok '256 connections are half open' half_open 256
ok 'the others are dropped, and counted' news_of a 'rrdp drop_backlog_full 3744'
is 'without an answer, as there may be room again' "$(($(stat_of a tx_rst) - rsts))" 0
ok 'another port is not concerned' calls 101
ok 'to its end' wait $other
ok 'they end by themselves' eventually 15 half_open 0
is 'and are counted' "$(($(stat_of a timeouts) - timeouts))" 256
ok 'then there is room' flood 10
ok 'for as many as come' half_open 10

# As long as it goes on, who calls is let in or told.
while :; do flood 1000; sleep 0.1; done &
flooding=$!
ok 'the flood goes on: there is no room' eventually 10 half_open 256
ok 'who calls is let in, or told that it was not' let_in_or_told
kill $flooding; wait $flooding 2> /dev/null
ok 'after the flood' eventually 15 half_open 0
if ! grep -q 'timed out' "$log"; then
	ip netns exec a rrdp-msg recv 100 1 > /dev/null 2>&1 &
	sleep 0.5
fi
ok 'who calls gets through' calls 100

# The listener goes, and then all of it, while connections are half open.
ip netns exec a rrdp-msg recv 100 1 > /dev/null 2>&1 &
listener=$!
sleep 0.5
flood 1000
kill $listener; wait $listener 2> /dev/null
ok 'half-open connections may outlive their listener' half_open 256
for host in a b c wire; do ip netns del $host; done
rmmod vmnet
ok 'but not the module' eventually 10 rmmod rrdp
finish
