#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# One to many where hosts of a subnet reach one another by RRDP, and others by UDP: who
# forwards is the same for all, and each guest gets what is for many once.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 23

near=rrdp
subnets 2 3

near_up() {
	[ "$(vmnetctl -n "$1" show-peers | awk '$2 == "rrdp" && $5 == "up" { n++ } END { print n + 0 }')" = 2 ]
}
for host in "${hosts[@]}"; do
	ok "$host has those of its subnet by RRDP" eventually 20 near_up "$host"
done

first=$(roles h11)
ok 'all hosts elect the same' same
is 'one in each subnet' "$(sed -n 's/^\(.\). forwarder$/\1/p' <<< "$first" | paste -sd ' ')" '1 2'
forwarder=(-)
for s in 1 2; do
	forwarder[s]=h$(sed -n "s/^\($s.\) forwarder$/\1/p" <<< "$first")
done

# frames GUEST COUNT: broadcasts
frames() {
	local i
	for ((i = 0; i < $2; i++)); do
		printf 'ffffffffffff%s88b6%092d\n' "$(guest_mac "${1#g}" | tr -d :)" 0
	done | on "$1" inject dev eth0 > /dev/null
}

# got COUNT GUEST: so many each since "before", but for that one, which sent them
got() {
	local -a now was
	local i want
	read -ra now <<< "$(seen)"
	read -ra was <<< "$before"
	for i in "${!now[@]}"; do
		want=$1
		[ "${guests[i]}" != "$2" ] || want=0
		[ $((now[i] - was[i])) = "$want" ] ||
			{ echo "${guests[i]}: $((now[i] - was[i]))"; return 1; }
	done
}

watch "${guests[@]}"
for guest in "${guests[@]}"; do
	before=$(seen)
	frames "$guest" 20
	ok "of $guest each guest gets it once" eventually 5 got 20 "$guest"
done

is 'nothing was received twice' "$(sum "${hosts[@]}" drop_duplicate)" 0
is 'or from where it should not be' "$(sum "${hosts[@]}" drop_unknown_origin)" 0
learned() {
	[ "$(behind h21 "${1#h}")" = "udp $(address_of "$1"):4789" ]
}
ok 'learned behind their hosts, not behind the forwarder' eval 'learned h11 && learned h12 && learned h13'
ok 'guests of two subnets' ping g11 23 3
ok 'guests of one subnet' ping g11 12 3

# The forwarder leaves
set_leaving() {
	local host peer=${forwarder[2]} words
	for host in "${hosts[@]}"; do
		words="udp $(address_of "$peer")"
		[ "${host:1:1}" != 2 ] || words="rrdp ${peer#h}"
		[ "$host" = "$peer" ] || vmnetctl -n "$host" set-peer vmnet0 $words leaving "$1"
	done
}
before=$(seen)
set_leaving on
frames g11 20
ok 'one that leaves forwards no more, another does' eventually 5 got 20 g11
neighbour=h21
[ "${forwarder[2]}" != h21 ] || neighbour=h22
is 'as its neighbour says' "$(roles $neighbour | grep -c "^${forwarder[2]#h} leaving$")" 1

# What cannot be
refused 'another subnet' 1 'in the subnet that its network has' \
	vmnetctl -n h11 add-peer vmnet0 rrdp 99 subnet 2
on h11 vmnetctl add-net vmnet1 vni 43 node 77 subnet 1
refused 'two numbers' 1 'they must be the same' vmnetctl -n h11 add-peer vmnet1 rrdp 12 subnet 1
kill "${watchers[@]}"
finish
