#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Objects: many
# Modules, devices, nodes and namespaces that go while RRDP is in use.
set -u
. "${0%/*}/lib.sh"

plan 12

# Endless traffic from a to b, by the processes in $pids. Not for ok, whose
# command runs in a subshell.
traffic() {
	pids=()
	ip netns exec b rrdp-msg recv "$1" 100000000 > /dev/null 2>&1 &
	pids+=($!)
	ip netns exec a rrdp-msg send 2 "$1" 100000000 4000 > /dev/null 2>&1 &
	pids+=($!)
}

flowing() {
	[ "$(stat_of b rx_messages)" -gt $((${before:-0} + 50)) ]
}

# Both ends notice by themselves, and that it was not meant to end.
# The caller of ok waits: a subshell cannot.
end_of_traffic() {
	local pid
	ends=
	for pid in "${pids[@]}"; do
		eventually 15 gone "$pid" || kill "$pid"
		wait "$pid"
		# Some write once more, and die of that.
		ends+=" $(($? > 0))"
	done
}

gone() {
	! kill -0 "$1"
}

fresh() {
	ip netns del a; ip netns del b; ip netns del wire
	wire a b
	nodes a b
	before=0
}

wire a b
nodes a b

traffic 80
ok 'traffic' eventually 10 flowing
rmmod vmnet
ok 'rmmod under traffic is refused' bash -c '! rmmod rrdp'
on a vmnetctl del-node 2
end_of_traffic
is 'the node is deleted: both ends end' "$ends" ' 1 1'

fresh
traffic 81
ok 'traffic' eventually 10 flowing
ip -n a link del eth0
end_of_traffic
is 'the device is deleted: both ends end' "$ends" ' 1 1'

fresh
traffic 82
ok 'traffic' eventually 10 flowing
ip -n wire link set to-b down
end_of_traffic
is 'the wire is cut: both ends end' "$ends" ' 1 1'

fresh
traffic 83
ok 'traffic' eventually 10 flowing
kill -KILL "${pids[1]}"; wait "${pids[1]}" 2> /dev/null
pids=("${pids[0]}")
# What the killed process had sent is delivered; then comes the end.
end_of_traffic
is 'the sender is killed: the receiver ends' "$ends" ' 1'

fresh
traffic 84
ok 'traffic' eventually 10 flowing
kill -KILL "${pids[@]}"; wait "${pids[@]}" 2> /dev/null
ip netns del a; ip netns del b; ip netns del wire
ok 'the namespaces are deleted at once' \
	eventually 10 bash -c '[ -z "$(ip netns list)" ]'
ok 'the module can be removed' eventually 10 bash -c 'rmmod vmnet; rmmod rrdp'
finish
