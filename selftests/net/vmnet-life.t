#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Objects: many
# Ports, networks, devices, modules and namespaces that go while guests talk to
# one host over UDP and to another over RRDP.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 20

join() {
	net a
	udp_peers a 2
	rrdp_peers a 3
}

# Host a as the wire and the other hosts know it
host_a() {
	ip netns add a
	ip -n wire link add to-a type veth peer name eth0 netns a
	ip -n wire link set to-a master br0 up
	ip -n a link set eth0 address "$(mac_of 1)" up
	ip -n a addr add 192.0.2.1/24 dev eth0
	on a vmnetctl add-node 1 local dev eth0
	on a vmnetctl add-node 3 dev eth0 lladdr "$(mac_of 3)"
}

# Echos from guest 1 to both others and back, without end
traffic() {
	local n
	pids=()
	for n in 2 3; do
		ip netns exec g1 icmp-echo 10.0.0.$n 60000 1000 50 > /dev/null 2>&1 &
		pids+=($!)
		ip netns exec g$n icmp-echo 10.0.0.1 60000 1000 50 > /dev/null 2>&1 &
		pids+=($!)
	done
}

no_traffic() {
	kill "${pids[@]}" 2> /dev/null
	wait "${pids[@]}" 2> /dev/null
	return 0
}

# Frames come to host a from both peers.
flowing() {
	[ "$(vstat a rx_udp_frames)" -gt $((${udp:-0} + 20)) ] &&
		[ "$(vstat a rx_rrdp_frames)" -gt $((${rrdp:-0} + 20)) ]
}

flow() {
	local udp rrdp
	udp=$(vstat a rx_udp_frames) rrdp=$(vstat a rx_rrdp_frames)
	eventually 20 flowing
}

ports() {
	on a vmnetctl show-nets | awk 'NR > 1 { print $7 }'
}

wire a b c
nodes a b c
net b; net c
udp_peers b 1; rrdp_peers c 1
join
guest a 1; guest b 2; guest c 3
ok 'peers are up' eventually 20 up a

traffic
ok 'traffic over UDP and RRDP' flow
ip -n a link del v1
is 'the port device is deleted: no port is left' "$(ports)" 0
is 'nor its address' "$(behind a 1)" ''
ip netns del g1
no_traffic
guest a 1
ok 'a new one takes its place' ping g1 2

traffic
ok 'traffic' flow
ok 'the network is deleted' on a vmnetctl del-net vmnet0
is 'its port is a free device' "$(ip -n a -o link show v1 | grep -c master)" 0
join
ip -n a link set v1 master vmnet0
ok 'made again, traffic goes on' flow
no_traffic

traffic
ok 'traffic' flow
# Processes first: they hold the namespace.
ip netns del a
ok 'the namespace of the host is deleted' bash -c '! ip netns list | grep -qx a'
no_traffic
ip netns del g1
eventually 10 bash -c '! ip -n wire link show to-a' > /dev/null
host_a
join
guest a 1
ok 'the host comes back' eventually 20 up a
traffic
ok 'its traffic, too' flow

ip -n a link del eth0
is 'the underlay device is deleted: the network stays' \
	"$(on a vmnetctl show-nets | wc -l)" 2
ok 'the RRDP peer is down' eventually 15 bash -c \
	'! ip netns exec a vmnetctl show-peers | grep "rrdp 3" | grep -q " up "'
ok 'what cannot be sent is counted' eventually 10 bash -c '
	ip netns exec a vmnetctl show-stats vmnet0 |
	awk "/drop_no_route|drop_peer_down/ && \$3 > 0 { n++ } END { exit n < 2 }"'
no_traffic

ip netns del a; ip netns del g1
eventually 10 bash -c '! ip -n wire link show to-a' > /dev/null
host_a
join
guest a 1
eventually 20 up a > /dev/null
traffic
ok 'traffic' flow
ok 'vmnet is removed' rmmod vmnet
is 'and with it its devices' \
	"$(for host in a b c; do ip -n $host -o link; done |
	grep -c 'vmnet0')" 0
no_traffic
ok 'rrdp, too' eventually 10 rmmod rrdp
finish
