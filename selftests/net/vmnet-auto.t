#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# Peers whose transport follows from the way to them: RRDP on a link, UDP beyond it.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 17

# chosen HOST: its peers
chosen() {
	vmnetctl -n "$1" -j show-peers vmnet0 | python3 -c '
import json, sys
peers = json.load(sys.stdin)
print(", ".join(" ".join(str(p[key]) for key in ("transport", "address", "node") if p.get(key))
                for p in peers))'
}

# becomes WHAT TRANSPORT ADDRESS: a peer of a, which is forgotten again
becomes() {
	local what=$1 want=$2 host=$3
	shift 3
	ok "$what" on a vmnetctl add-peer vmnet0 auto 2 "$host" "$@"
	is "is peer $want" "$(chosen a)" "$want"
	case $want in
	rrdp*) on a vmnetctl del-peer vmnet0 rrdp 2 ;;
	*) on a vmnetctl del-peer vmnet0 udp "$host" ;;
	esac
}

wire a b
net a; net b
guest a 1; guest b 2

becomes 'a host that has no number' 'udp 192.0.2.2 2' 192.0.2.2
nodes a b
becomes 'one on a link' 'rrdp 2' 192.0.2.2
on a sh -c 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'
on a ip addr add 2001:db8::1/64 dev eth0 nodad
becomes 'the same by its IPv6 address' 'rrdp 2' 2001:db8::2
on a ip route add 198.51.100.0/24 via 192.0.2.2
becomes 'one behind a router' 'udp 198.51.100.2 2' 198.51.100.2
on a ip link add elsewhere type dummy
on a ip link set elsewhere up
on a ip addr add 203.0.113.1/24 dev elsewhere
becomes 'one on a link without RRDP' 'udp 203.0.113.2 2' 203.0.113.2
becomes 'one that no route leads to' 'udp 100.64.0.2 2' 100.64.0.2

refused 'this host' 1 "this host's own" on a vmnetctl add-peer vmnet0 auto 1 192.0.2.1

on a vmnetctl add-peer vmnet0 auto 2 192.0.2.2
on b vmnetctl add-peer vmnet0 auto 1 192.0.2.1
is 'both ends choose alike' "$(chosen a), $(chosen b)" 'rrdp 2, rrdp 1'
ok 'and connect' eventually 15 up a
ok 'frames flow' ping g1 2 5
rmmod_all() {
	ip netns del a; ip netns del b
	eventually 10 bash -c 'rmmod vmnet; rmmod rrdp'
}
ok 'the end' rmmod_all
finish
