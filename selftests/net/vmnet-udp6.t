#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# Peers that are reached through UDP over IPv6.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 12
bytes=$((1 << 20))

# address HOST N: 2001:db8::N for the underlay, though the network is quiet
address() {
	local dev
	for dev in eth0 lo; do
		on "$1" sh -c "echo 0 > /proc/sys/net/ipv6/conf/$dev/disable_ipv6"
	done
	ip -n "$1" addr add "2001:db8::$2/64" dev eth0 nodad
}

wire a b
net a; net b
address a 1; address b 2
guest a 1; guest b 2
ok 'a peer' on a vmnetctl add-peer vmnet0 udp 2001:db8::2
ok 'and the other way' on b vmnetctl add-peer vmnet0 udp 2001:db8::1
refused "this host's own address" 1 "this host's own" \
	on a vmnetctl add-peer vmnet0 udp 2001:db8::1
is 'IPv6 leaves that much' "$(on a cat /sys/class/net/vmnet0/mtu)" 1430

ok 'a to b' ping g1 2 5
ok 'as large as fits' ping g2 1 5 1430
is 'one more is answered' \
	"$(on g1 icmp-echo 10.0.0.2 1 1431 | head -n 1)" 'too-big 1430'
ok "$((bytes >> 20)) MiB by TCP" transfer g1 g2 10.0.0.2 $bytes

# No IP in it, so nobody can be told: it goes in fragments
rx() {
	on g2 cat /sys/class/net/eth0/statistics/rx_packets
}
more() {
	[ "$(rx)" = "$1" ]
}
before=$(rx) fragmented=$(vstat a tx_fragmented)
printf '%s%s88b6%02960d\n' "$(guest_mac 2 | tr -d :)" "$(guest_mac 1 | tr -d :)" 0 |
	on g1 inject dev eth0 > /dev/null
ok 'a frame that is too large gets through' eventually 5 more $((before + 1))
is 'in fragments' "$(vstat a tx_fragmented)" $((fragmented + 1))

# Its address becomes this host's own
before=$(vstat a drop_underlay_loop)
ip -n a addr add 2001:db8::2/128 dev lo nodad
ok 'a peer with the address of this host is none' \
	bash -c '! "$@"' bash ip netns exec g1 icmp-echo 10.0.0.2 1 64 100
is 'but a loop' "$(vstat a drop_underlay_loop)" $((before + 1))
finish
