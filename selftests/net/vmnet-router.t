#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# An appliance: a guest with a NIC in each of two networks routes between them, for
# guests of two hosts.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 12

# inner HOST NAME N: a guest of the second network, 10.0.1.N
inner() {
	ip netns add "$2"
	quiet "$2"
	ip -n "$1" -batch - <<- END
		link add w$3 type veth peer name eth0 netns $2
		link set w$3 master vmnet1 up
	END
	ip -n "$2" -batch - <<- END
		link set eth0 address 02:00:00:00:02:0$3
		addr add 10.0.1.$3/24 dev eth0
		link set eth0 up
		route add default via 10.0.1.254
	END
}

wire a b
for host in a b; do
	net $host
	on $host vmnetctl add-net vmnet1 vni 43
done
for vmnet in vmnet0 vmnet1; do
	on a vmnetctl add-peer $vmnet udp 192.0.2.2
	on b vmnetctl add-peer $vmnet udp 192.0.2.1
done
guest a 1
guest b 2
inner a i3 3
inner b i4 4
for guest in g1 g2; do
	ip -n $guest route add default via 10.0.0.254
done

# The router, on a
guest a 254 router
ip -n a -batch - <<- END
	link add w254 type veth peer name eth1 netns router
	link set w254 master vmnet1 up
END
ip -n router -batch - <<- END
	addr add 10.0.1.254/24 dev eth1
	link set eth1 up
END

ok 'without a router networks are apart' unanswered g1 10.0.1.3
on router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
ok 'beside it: from one network to the other' on g1 icmp-echo 10.0.1.3 5
ok 'to another host' on g1 icmp-echo 10.0.1.4 5
ok 'from another host' on g2 icmp-echo 10.0.1.3 5
ok 'from another host, and back to that host' on g2 icmp-echo 10.0.1.4 5
ok 'a stream from another host to another host' transfer g2 i4 10.0.1.4 2000000
ok 'and one from the second network to the first' transfer i4 g1 10.0.0.1 2000000
is 'each network knows the router by its NIC in it' \
	"$(for vmnet in vmnet0 vmnet1; do
		vmnetctl -n b show-fdb $vmnet
	done | awk -v one="$(guest_mac 254)" -v two="$(ip netns exec router \
		cat /sys/class/net/eth1/address)" \
		'$2 == one || $2 == two { print $1, $4 }' | xargs)" \
	'vmnet0 192.0.2.1:4789 vmnet1 192.0.2.1:4789'
is 'addresses of one network are not in the other' \
	"$(vmnetctl -n b show-fdb vmnet1 | grep -c ' 02:00:00:00:01:')" 0

# The router moves to the other host, NICs and all
ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/arp_notify'
for pair in 'v254 eth0 vmnet0' 'w254 eth1 vmnet1'; do
	read -r port nic vmnet <<< "$pair"
	ip -n a link set "$port" netns b
	ip -n b link set "$port" master "$vmnet" up
	ip -n router link set $nic down
	ip -n router link set $nic up
done
ok 'it moves to another host' on g1 icmp-echo 10.0.1.3 5
ok 'and both networks learn it' on g2 icmp-echo 10.0.1.4 5
is 'where it is now' "$(behind b 254)" 'port v254'
finish
