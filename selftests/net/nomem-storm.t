#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: much
# Kernels: uml
# Frames of every kind, right and wrong, while memory is not there now and then: what the
# switch learns of hosts, groups and neighbours it may have to do without. Afterwards all
# works, and all of it goes.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/faults.sh"

plan 10
trap plenty EXIT

wire a b c
nodes a b c
for host in a b c; do
	net $host
	on $host vmnetctl set-net vmnet0 neigh-suppress on mcast-snooping on
done
guest a 1; guest b 2; guest c 3
rrdp_peers a 2; rrdp_peers b 1
udp_peers a 3; udp_peers c 1
ok 'peers are up' eventually 20 up a

was=$(vstat a drop_no_memory)
scarce 20
# Each of a MAC that is not known yet, to all.
ok 'frames of many guests' on g1 inject dev eth0 <<< \
	"sources 1000 ffffffffffff 020000020000 0806 0001080006040001 020000020000 0a000001 000000000000 0a000002"
scarce 50
ok 'frames of a guest' on g1 storm-frame 1 4 eth0
ok 'frames from the wire' on wire storm-frame 2 4 to-a
plenty
ok 'memory ran out' test "$(vstat a drop_no_memory)" -gt "$was"

for host in a b c; do
	on $host vmnetctl del-net vmnet0
	net $host
done
ip -n a link set v1 master vmnet0 up; ip -n b link set v2 master vmnet0 up
ip -n g1 neigh flush dev eth0; ip -n g2 neigh flush dev eth0
rrdp_peers a 2; rrdp_peers b 1
ok 'then peers come up' eventually 20 up a
ok 'and frames arrive' eventually 20 ping g1 2 5
for ns in g1 g2 g3 a b c wire; do ip netns del $ns; done
ok 'namespaces go' test -z "$(ip netns list)"
ok 'and modules' eventually 10 rmmod vmnet
ok 'both' eventually 10 rmmod rrdp
finish
