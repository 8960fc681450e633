#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# The first exchange of two guests on two hosts, step by step, over each
# transport. A third host sees what is flooded.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/steps.sh"

plan $((2 * (1 + STEPS)))
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# observe FILE NAMESPACE DEV: frames that pass it go to $dir/FILE
observe() {
	ip netns exec "$2" capture "$3" > "$dir/$1" 2>&1 &
	observers+=($!)
	eventually 10 grep -q ready "$dir/$1"
}

# learning HOST: changes of its MAC database go to $dir/HOST
learning() {
	ip netns exec "$1" vmnetctl -j monitor > "$dir/$1" 2>&1 &
	observers+=($!)
	eventually 10 test -s "$dir/$1"
}

# exchange VIA: the echo, observed
exchange() {
	local host

	observers=()
	for host in a b c; do
		learning $host
		observe to-$host wire to-$host
	done
	observe p1 a v1; observe p2 b v2; observe p3 c v3
	ok "$1: one echo" ping g1 2
	sleep 0.5
	kill "${observers[@]}"
	wait "${observers[@]}" 2> /dev/null
	steps "$1" "$(mac_of 1)" "$(mac_of 2)" "$(mac_of 3)" \
		"$(guest_mac 1)" "$(guest_mac 2)" v1 v2
}

wire a b c
nodes a b c
net a; net b; net c
guest a 1; guest b 2; guest c 3

udp_peers a 2 3; udp_peers b 1 3; udp_peers c 1 2
# The hosts know each other, and the wire knows them.
for n in 2 3; do on a icmp-echo 192.0.2.$n > /dev/null; done
on b icmp-echo 192.0.2.3 > /dev/null
exchange udp

for host in a b c; do on $host vmnetctl del-net vmnet0; net $host; done
for n in 1 2 3; do
	host=abc; host=${host:n-1:1}
	ip -n "$host" link set v$n master vmnet0
	ip -n g$n neigh flush dev eth0
done
rrdp_peers a 2 3; rrdp_peers b 1 3; rrdp_peers c 1 2
for host in a b c; do eventually 10 up $host; done
exchange rrdp
finish
