#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# The node table through vmnetctl: what it shows, what it refuses and why, and
# what becomes of it when devices and namespaces go.
set -u
. "${0%/*}/lib.sh"

plan 39

# The entries of a host, comma between them: number, device, MAC, its own?
table() {
	on "$1" vmnetctl show-nodes | awk 'NR > 1 { print $1, $3, $4, $2 }' | paste -sd,
}

wire a b
far=02:00:00:00:00:99

is 'empty at first' "$(table a)" ''
nodes a b
is 'this host, then the others' "$(table a)" \
	"1 eth0 $(mac_of 1) yes,2 eth0 $(mac_of 2) -"
is 'each namespace has its own' "$(table b)" \
	"2 eth0 $(mac_of 2) yes,1 eth0 $(mac_of 1) -"

add() {
	on a vmnetctl add-node "$@"
}

refused 'number taken' 1 'Node 2 is in the table; delete it first (del-node 2)' \
	add 2 dev eth0 lladdr $far
refused 'own number' 1 'Node 1 is this host' add 1 dev eth0 lladdr $far
refused 'second own number' 1 'This host is node 1; delete that first' \
	add 9 local dev eth0
refused 'own number of another host' 1 'This host is node 1' add 2 local dev eth0
refused 'own number twice' 1 'This host is node 1 on eth0 already' \
	add 1 local dev eth0
refused 'MAC taken' 1 "$(mac_of 2) is node 2; delete that first" \
	add 3 dev eth0 lladdr "$(mac_of 2)"
refused 'own MAC' 1 "$(mac_of 1) is this host's own eth0" \
	add 3 dev eth0 lladdr "$(mac_of 1)"
refused "a group's MAC" 1 "is a group's MAC" add 3 dev eth0 lladdr 01:00:5e:00:00:01
refused 'MAC of zeros' 1 'all zero' add 3 dev eth0 lladdr 00:00:00:00:00:00
refused 'loopback' 1 'lo leads to no other host' add 3 dev lo lladdr $far
refused 'no such device' 1 'eth7' add 3 dev eth7 lladdr $far
refused 'no such node' 1 'Node 3 is not in the table' on a vmnetctl del-node 3
refused 'not on that device' 1 'Node 2 is not in the table for lo' \
	on a vmnetctl del-node 2 dev lo
refused 'number 0' 2 'a number from 1 to 4294967295' add 0 dev eth0 lladdr $far
refused 'number too large' 2 '' add 4294967296 dev eth0 lladdr $far
is 'nothing of it is left' "$(table a)" \
	"1 eth0 $(mac_of 1) yes,2 eth0 $(mac_of 2) -"

ip -n a tunnel add gre1 mode gre local 192.0.2.1 remote 192.0.2.2 2> /dev/null ||
	ip -n a tuntap add gre1 mode tun
refused 'no Ethernet device' 1 'gre1 is no Ethernet device' add 3 dev gre1 lladdr $far
ip -n a link add br0 type bridge
ip -n a link add port0 type dummy
ip -n a link set port0 master br0
refused 'port of a bridge' 1 'port0 is a port of a bridge' add 3 dev port0 lladdr $far
ok 'the bridge itself' add 3 dev br0 lladdr $far

ok 'largest number' add 4294967295 dev eth0 lladdr 02:00:00:00:01:00
ok 'own number on the loopback device too' add 1 local
is 'a local entry for each device' "$(table a)" \
	"1 eth0 $(mac_of 1) yes,1 lo 00:00:00:00:00:00 yes,2 eth0 $(mac_of 2) -,3 br0 $far -,4294967295 eth0 02:00:00:00:01:00 -"

# Devices change
ip -n a link set eth0 down
ip -n a link set eth0 address 02:00:00:00:02:01
ip -n a link set eth0 name wire0
ip -n a link set wire0 up
is 'new name and MAC of the device' "$(table a | cut -d , -f 1)" \
	'1 wire0 02:00:00:00:02:01 yes'

ip -n a link del br0
is 'entries go with their device' "$(table a | grep -c '3 br0')" 0
ip netns add c
ip -n a link set wire0 netns c
is 'entries do not follow it to another namespace' "$(table a)" \
	'1 lo 00:00:00:00:00:00 yes'
is 'nor appear there' "$(table c)" ''
ok 'and it is free there' on c vmnetctl add-node 5 local dev wire0
ok 'own number deleted' on a vmnetctl del-node 1
is 'empty again' "$(table a)" ''

# A host without privilege over its network may only look
refused 'nobody may not change' 1 'ermi' \
	on b "${unprivileged[@]}" vmnetctl del-node 1
is 'but may look' "$(on b "${unprivileged[@]}" vmnetctl show-nodes | wc -l)" "$(on b vmnetctl show-nodes | wc -l)"

# The module's parameters
ip netns del a; ip netns del b; ip netns del c; ip netns del wire
eventually 10 bash -c 'rmmod vmnet; rmmod rrdp' 2> /dev/null
refused 'family of another protocol' 1 '' insmod "$RRDP_KO" family=2
ok 'the kernel log says what to do' bash -c \
	'dmesg | grep "rrdp: address family 2 is taken; load with family="'
refused 'parameters out of range' 1 '' bash -c \
	"insmod '$RRDP_KO' family=46 || insmod '$RRDP_KO' family=0 ||
	 insmod '$RRDP_KO' ethertype=0x100 || insmod '$RRDP_KO' ethertype=0x10000 ||
	 insmod '$RRDP_KO' resolve_ethertype=0x5ff || insmod '$RRDP_KO' resolve_ethertype=0x10000"
refused 'one EtherType for both' 1 '' insmod "$RRDP_KO" ethertype=0x88b6
ok 'the kernel log says so' bash -c \
	'dmesg | grep "rrdp: ethertype= and resolve_ethertype= are both 0x88b6; give two"'
finish
