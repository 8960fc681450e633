#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# IP multicast between subnets: copies to those who listen while they are few, and one
# relay copy for each subnet when they are many; nobody else hears it.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/mcast.sh"

plan 15
trap 'rm -f "$logs"/*; rmdir "$logs"; kill $(jobs -p) 2> /dev/null' EXIT

subnets 2 2
watched=("${guests[@]}")
watch "${watched[@]}"
for host in "${hosts[@]}"; do
	eventually 10 hear "$host" 1
done
mcast g12 query 0.0.0.0 1
ok 'a querier is known in its subnet' known h11 0.0.0.0 'udp 172.16.1.2:4789'
ok 'and in the other' known h22 0.0.0.0 'udp 172.16.1.2:4789'
mcast g21 report2 239.1.1.1
ok 'a report is known behind its origin' known h11 239.1.1.1 'udp 172.16.2.1:4789'
ok 'and in its own subnet' known h22 239.1.1.1 'udp 172.16.2.1:4789'
ok 'only listeners and routers hear it' eventually 5 heard 'g12 g21' g11 data 239.1.1.1
relayed() {
	local was
	was=$(vstat h11 tx_relay_frames)
	heard "$@" > /dev/null
	echo $(($(vstat h11 tx_relay_frames) - was))
}
is 'a few are sent copies' "$(relayed 'g12 g21' g11 data 239.1.1.1)" 0
mcast g22 report2 239.1.1.1
ok 'another listens' known h11 239.1.1.1 'udp 172.16.2.1:4789,udp 172.16.2.2:4789'
is 'many are sent one copy for each subnet' "$(relayed 'g12 g21 g22' g11 data 239.1.1.1)" 100
ok 'which all hear' heard 'g12 g21 g22' g11 data 239.1.1.1
ok 'in the own subnet, too' heard 'g12 g21' g22 data 239.1.1.1
mcast g11 report2 239.1.1.2
mcast g21 report2 239.1.1.2
mcast g12 report2 239.1.1.2
ok 'three of four' known h22 239.1.1.2 \
	'udp 172.16.1.1:4789,udp 172.16.2.1:4789,udp 172.16.1.2:4789'
ok 'hear it, where nobody listens nobody does' heard 'g11 g12 g21' g22 data 239.1.1.2
ok 'unknown groups go to the router' heard 'g12' g21 data 239.1.1.3
ok 'groups of the link to all' heard 'g11 g12 g22' g21 data 224.0.0.251
ok 'guests hear each other' ping g11 22
finish
