#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# One to many in a subnet of IPv6: one multicast for all that hear it, copies for others.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 20
broadcast=ffffffffffff$(guest_mac 1 | tr -d :)88b6$(printf %092d 0)

# host HOST N: its address is 2001:db8::N
host() {
	net "$1" node "$2" subnet 1
	on "$1" sh -c 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'
	on "$1" ip addr add "2001:db8::$2/64" dev eth0 nodad
	guest "$1" "$2"
}

# meet HOST N...: others are its peers
meet() {
	local host=$1 n
	shift
	for n; do
		on "$host" vmnetctl add-peer vmnet0 udp "2001:db8::$n" node "$n" subnet 1
	done
}

in_group() {
	on "$1" ip maddr show dev eth0 | grep -q ' ff12::8000:2a\b'
}

# cast COUNT: g1 sends broadcasts
cast() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo "$broadcast"
	done | on g1 inject dev eth0 > /dev/null
}

# reach COUNT: so many frames have reached g2 and g3 since "before"
reach() {
	local -a now was
	local news
	read -ra now <<< "$(seen)"
	read -ra was <<< "$before"
	news="$((now[0] - was[0])) $((now[1] - was[1]))"
	[ "$news" = "$1 $1" ] || { echo "$news"; return 1; }
}

# multicasts COUNT: so many frames with the extension a has sent to the group since the
# last time
had=0
multicasts() {
	local now
	now=$(on wire tc -s filter show dev to-a ingress |
		sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p')
	set -- "$1" $((now - had))
	had=$now
	[ "$1" = "$2" ] || { echo "$2"; return 1; }
}

# copies: frames that a has sent to one host
copies() {
	vmnetctl -n a -j show-peers vmnet0 | tr , '\n' | sed -n 's/.*"tx_frames"://p' | paste -sd + | bc
}

wire a b c
host a 1; host b 2; host c 3
meet a 2 3; meet b 1 3; meet c 1 2
watch g2 g3
on wire tc qdisc add dev to-a clsact
on wire tc filter add dev to-a ingress protocol ipv6 prio 1 u32 match ip6 dst ff12::8000:2a/128 \
	match u8 0x48 0xff at 48 action pass

ok 'the hosts are in the group' eventually 10 in_group a
ok 'all of them' in_group c
ok 'and hear it' eventually 15 hear a 2
before=$(seen) sent=$(copies)
cast 10
ok 'ten broadcasts reach each guest once' eventually 10 reach 10
ok 'as one multicast each' multicasts 10
is 'and nothing else' "$(($(copies) - sent))" 0
is 'nothing comes back to who sent it' "$(vstat a drop_unknown_peer) $(unclaimed a drop_unknown_vni)" '0 0'
ok 'where the guest is, is known by its host' eventually 5 eval '[[ $(behind c 1) == *2001:db8::1* ]]'
ok 'the guests talk' ping g1 3 5

# ---- one that hears nothing ----

on c ip link set eth0 allmulticast off
ip -n wire link set to-c type bridge_slave mcast_flood off
ok 'one that hears no multicast is noticed' eventually 15 hear a 1
before=$(seen) sent=$(copies)
multicasts 0 > /dev/null
cast 10
ok 'it is sent copies' eventually 10 reach 10
ok 'the others the multicast' multicasts 10
is 'one copy each' "$(($(copies) - sent))" 10
ip -n wire link set to-c type bridge_slave mcast_flood on
ok 'until it hears again' eventually 15 hear a 2

# ---- the address, the device and the network go ----

on a ip addr add 2001:db8::9/64 dev eth0 nodad
on a ip addr del 2001:db8::1/64 dev eth0
on a ip addr add 2001:db8::1/64 dev eth0 nodad
ok 'after a change of addresses as before' eventually 15 hear a 2
on a ip link set eth0 mtu 1000
ok 'a device that loses IPv6 is in no group' eventually 10 fails 1 '' in_group a
on a ip link set eth0 mtu 1500
on a sh -c 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'
on a ip addr add 2001:db8::1/64 dev eth0 nodad 2> /dev/null
ok 'one that has it again is' eventually 15 in_group a
on b vmnetctl del-net vmnet0
ok 'without the network there is no group' fails 1 '' in_group b
ok 'a device goes' ip -n c link del eth0
remove() {
	ip netns del a; ip netns del b; ip netns del c
	eventually 10 bash -c 'rmmod vmnet; rmmod rrdp'
}
ok 'the end' remove
finish
