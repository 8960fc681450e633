#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# The switch on three hosts with UDP between them: who learns what, which frames
# go where, and which stay.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 46

# Frames on their way arrive
settle() {
	sleep 0.3
}

# frame TO FROM: hexadecimal, of the local experimental EtherType 2
frame() {
	printf '%s %s 88b6 %092d\n' "${1//:/}" "${2//:/}" 0
}

# inject NAMESPACE TO FROM
inject() {
	frame "$2" "$3" | on "$1" inject dev eth0
}

# delta COMMAND...: how many frames each guest gets by it
delta() {
	local before
	before=$(seen)
	"$@" > /dev/null || return
	settle
	printf '%s\n%s\n' "$before" "$(seen)" |
		awk 'NR == 1 { split($0, was) }
		     NR == 2 { print $1 - was[1], $2 - was[2], $3 - was[3], $4 - was[4] }'
}

# Guests 1 and 4 on a, 2 on b, 3 on c
wire a b c
net a; net b; net c
udp_peers a 2 3; udp_peers b 1 3; udp_peers c 1 2
guest a 1; guest b 2; guest c 3; guest a 4
watch g1 g2 g3 g4

ok 'a to b' ping g1 2 5
ok 'b to c' ping g2 3 5
ok 'c to a' ping g3 1 5
ok 'a to a' ping g1 4 5
is 'what guests say to each other is not for the host' "$(new tx_host_frames ping g1 4 5)" 0
ip -n a link set vmnet0 promisc on
is 'but it can watch' "$(new tx_host_frames ping g1 4 5)" 10
ip -n a link set vmnet0 promisc off
ok 'a full Ethernet frame is too long for the underlay' \
	on a grep -qx 1450 /sys/class/net/vmnet0/mtu

is 'a knows its own guest' "$(behind a 1)" 'port v1'
is 'a knows that of b' "$(behind a 2)" 'udp 192.0.2.2:4789'
is 'a knows that of c' "$(behind a 3)" 'udp 192.0.2.3:4789'
is 'b knows that of a' "$(behind b 1)" 'udp 192.0.2.1:4789'
is 'c knows that of a' "$(behind c 1)" 'udp 192.0.2.1:4789'
is 'bridge fdb says the same' "$(on a bridge fdb show dev vmnet0 |
	awk -v mac="$(guest_mac 2)" '$1 == mac { print $2, $3 }')" 'dst 192.0.2.2'

# Known unicast goes to one
is 'unicast goes to its guest alone' \
	"$(delta inject g1 "$(guest_mac 2)" "$(guest_mac 1)")" '0 1 0 0'
before=$(vstat c rx_udp_frames)
ok '50 echos' ping g1 2 50 200 10
is 'and its host alone' "$(vstat c rx_udp_frames)" "$before"

# Unknown and group addresses go to all, once
is 'unknown unicast is flooded' \
	"$(delta inject g1 02:00:00:00:0f:0f "$(guest_mac 1)")" '0 1 1 1'
is 'broadcast is flooded' \
	"$(delta inject g2 ff:ff:ff:ff:ff:ff "$(guest_mac 2)")" '1 0 1 1'
is 'multicast is flooded' \
	"$(delta inject g3 01:00:5e:01:02:03 "$(guest_mac 3)")" '1 1 0 1'
is 'what bridges keep to themselves is not' \
	"$(delta inject g1 01:80:c2:00:00:0e "$(guest_mac 1)")" '0 0 0 0'
is 'and counted' "$(vstat a drop_reserved_group)" 1

# Split horizon: flooding above came to each guest once; here what only a
# switch with a wrong database would see
before=$(vstat a tx_udp_frames)
on a vmnetctl del-fdb vmnet0 "$(guest_mac 3)"
is 'unknown unicast from a peer goes to ports' \
	"$(delta inject g2 02:00:00:00:0f:0f "$(guest_mac 2)")" '1 0 1 1'
is 'and to no peer' "$(vstat a tx_udp_frames)" "$before"
on b vmnetctl add-fdb vmnet0 02:00:00:00:0e:0e peer udp 192.0.2.1
on a vmnetctl add-fdb vmnet0 02:00:00:00:0e:0e peer udp 192.0.2.3
is 'known unicast from a peer for a peer is dropped' \
	"$(delta inject g2 02:00:00:00:0e:0e "$(guest_mac 2)")" '0 0 0 0'
is 'and counted' "$(vstat a drop_split_horizon)" 1
ok 'c is known again' ping g3 1

# Local traffic
before=$(vstat a tx_udp_frames)
ok '50 echos from guest to guest on one host' ping g1 4 50 200 10
is 'none leaves it' "$(vstat a tx_udp_frames)" "$before"
is 'a frame back where it came from is dropped' \
	"$(delta inject g1 "$(guest_mac 1)" 02:00:00:00:01:01)" '0 0 0 0'

# Static entries
on a vmnetctl add-fdb vmnet0 02:00:00:00:0d:0d port v4
is 'static entry for a port' \
	"$(delta inject g1 02:00:00:00:0d:0d "$(guest_mac 1)")" '0 0 0 1'
on a vmnetctl del-fdb vmnet0 02:00:00:00:0d:0d
on a bridge fdb add 02:00:00:00:0d:0d dev vmnet0 self dst 192.0.2.3
is 'static entry for a peer, made with bridge fdb' \
	"$(delta inject g1 02:00:00:00:0d:0d "$(guest_mac 1)")" '0 0 1 0'
is 'the entry does not move' \
	"$(inject g2 ff:ff:ff:ff:ff:ff 02:00:00:00:0d:0d > /dev/null; settle
	on a vmnetctl show-fdb | awk '$2 == "02:00:00:00:0d:0d" { print $3, $4, $5 }' )" \
	'udp 192.0.2.3:4789 yes'
on c vmnetctl del-fdb vmnet0 02:00:00:00:0d:0d	# it did there
ok 'deleted with bridge fdb' on a bridge fdb del 02:00:00:00:0d:0d dev vmnet0 self
is 'and flooded again' \
	"$(delta inject g1 02:00:00:00:0d:0d "$(guest_mac 1)")" '0 1 1 1'

# A guest moves to another host: its first frame tells all
is 'a guest moves' "$(inject g3 ff:ff:ff:ff:ff:ff "$(guest_mac 2)" > /dev/null
	settle; behind a 2)" 'udp 192.0.2.3:4789'
ok 'and back' ping g2 1

# The host itself is on the network
on a ip addr add 10.0.0.101/24 dev vmnet0
on b ip addr add 10.0.0.102/24 dev vmnet0
ok 'a guest reaches its host' ping g1 101 3
ok 'a guest reaches another host' ping g3 101 3
ok 'a host reaches a guest' on a icmp-echo 10.0.0.2 3
ok 'a host reaches a host' on a icmp-echo 10.0.0.102 3
is "the host's own address" "$(on a vmnetctl -j show-fdb | grep -c '"port":"vmnet0"')" 1

# Ageing: from the last frame that came, not from what is sent to it
on a vmnetctl del-net vmnet0
net a ageing 1
udp_peers a 2 3
ip -n a link set v1 master vmnet0
ip -n a link set v4 master vmnet0
ok 'the network made again' ping g1 2
while frame "$(guest_mac 2)" "$(guest_mac 1)"; do sleep 0.1; done 2> /dev/null |
	ip netns exec g1 inject dev eth0 > /dev/null &
sender=$!
forgotten() {
	[ -z "$(behind a 2)" ]
}
ok 'a silent guest is forgotten, though sent to' eventually 10 forgotten
is 'one that sends is not' "$(behind a 1)" 'port v1'
kill $sender
wait $sender 2> /dev/null

# A port leaves
ip -n a link set v4 nomaster
is 'its addresses go with a port' "$(behind a 4)" ''
ok 'and nothing reaches it' bash -c '! "$@"' bash ip netns exec g1 icmp-echo 10.0.0.4 1 64 100
finish
