#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# VLANs of guests whose floods are relayed between subnets: each guest of the VLAN
# gets a frame once, with the tags that its port has, and no other guest gets it.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 14

# got NUMBERS COMMAND...: what the guests receive of it, numbers as of seen
got() {
	local wanted=$1 i news=''
	local -a was now
	shift
	read -ra was <<< "$(seen)"
	"$@" > /dev/null
	for _ in {1..10}; do
		sleep 0.3
		news=''
		read -ra now <<< "$(seen)"
		for i in "${!now[@]}"; do
			news+="${news:+ }$((now[i] - was[i]))"
		done
		[ "$news" != "$wanted" ] || break
	done
	echo "$news"
	[ "$news" = "$wanted" ]
}

# flood GUEST [TAGS]: 10 broadcasts
flood() {
	local i line mac
	mac=$(guest_mac "${1#g}")
	printf -v line 'ffffffffffff%s%s88b7%092d' "${mac//:/}" "${2:-}" 0
	for ((i = 0; i < 10; i++)); do
		echo "$line"
	done | on "$1" inject dev eth0
}

subnets 2 3
for host in "${hosts[@]}"; do
	eventually 20 hear "$host" 2
done
watch "${guests[@]}"
ok 'without VLANs all get it' got '0 10 10 10 10 10' flood g11
ok 'with a tag, too' got '0 10 10 10 10 10' flood g11 8100000a

for host in h11 h13 h21 h23; do
	on $host vmnetctl set-port vmnet0 "v${host#h}" pvid 10
done
on h12 vmnetctl set-port vmnet0 v12 pvid 20
ok 'an access port to others of the VLAN, and one in all' got '0 0 10 10 10 10' flood g11
ok 'from the other subnet' got '10 0 10 0 10 10' flood g21
ok 'from one in all, with the tag' got '10 0 10 10 0 10' flood g22 8100000a
ok 'and in none' got '0 0 0 0 0 0' flood g22
ok 'of another VLAN' got '0 0 0 0 10 0' flood g12
on h22 vmnetctl set-port vmnet0 v22 pvid 20
ok 'which is in one of both subnets' got '0 0 0 0 10 0' flood g12
ok 'and back' got '0 10 0 0 0 0' flood g22
relayed=0
for host in "${hosts[@]}"; do
	relayed=$((relayed + $(vstat "$host" rx_relay_frames)))
done
is 'each crossed between the subnets once' "$relayed" 90
ok 'unicast in the VLAN' ping g11 23
ok 'and in the other' ping g12 22
ok 'not between them' bash -c '! "$@"' bash ip netns exec g11 icmp-echo 10.0.0.22 1 64 200
ok 'super-frames' transfer g11 g21 10.0.0.21 $((1 << 20))
kill "${watchers[@]}"
finish
