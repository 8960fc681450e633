#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# A vxlan device of the kernel's as a peer: both know the same wire format.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 12
bytes=$((32 << 20))
if is_uml; then
	bytes=$((4 << 20))
fi
wire a b
net a
guest a 1
on a vmnetctl add-peer vmnet0 udp 192.0.2.2 plain

# Host b: a bridge, a vxlan device and a guest, as ever
quiet b
ip -n b link add br1 type bridge mcast_snooping 0
ip -n b link set br1 up
ip -n b link add vx0 type vxlan id 42 local 192.0.2.2 remote 192.0.2.1 dstport 4789
ip -n b link set vx0 master br1 up
ip netns add g2
quiet g2
ip -n b link add v2 type veth peer name eth0 netns g2
ip -n b link set v2 master br1 up
ip -n g2 link set eth0 address "$(guest_mac 2)" mtu 1450 up
ip -n g2 addr add 10.0.0.2/24 dev eth0
ip -n g1 link set eth0 mtu 1450

ok 'vmnet to vxlan' ping g1 2 5
ok 'vxlan to vmnet' ping g2 1 5
is 'vmnet has learned' "$(behind a 2)" 'udp 192.0.2.2:4789'
is 'vxlan has learned' "$(on b bridge fdb show br br1 |
	awk -v mac="$(guest_mac 1)" '$1 == mac { print $3; exit }')" vx0
ok 'as large as fits' ping g2 1 5 1450

rx() {
	on "$1" cat /sys/class/net/eth0/statistics/rx_packets
}
more() {
	[ "$(rx "$1")" = "$2" ]
}
broadcast() {
	printf 'ffffffffffff%s88b6%092d\n' "$(guest_mac "$1" | tr -d :)" 0
}
before=$(rx g2)
broadcast 1 | on g1 inject dev eth0 > /dev/null
ok 'broadcast to vxlan' eventually 3 more g2 $((before + 1))
before=$(rx g1)
broadcast 2 | on g2 inject dev eth0 > /dev/null
ok 'broadcast to vmnet' eventually 3 more g1 $((before + 1))

ok "$((bytes >> 20)) MiB by TCP to vxlan" transfer g1 g2 10.0.0.2 $bytes
ok "$((bytes >> 20)) MiB by TCP to vmnet" transfer g2 g1 10.0.0.1 $bytes
on a ip addr add 10.0.0.101/24 dev vmnet0
ok 'the host itself to vxlan' on a icmp-echo 10.0.0.2 5
is 'vmnet has dropped nothing' "$(on a vmnetctl show-stats vmnet0 |
	awk '$2 ~ /^drop_/ { n += $3 } END { print n }')" 0
is 'vxlan has no errors' "$(on b cat /sys/class/net/vx0/statistics/rx_errors)" 0
finish
