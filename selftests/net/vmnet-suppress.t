#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who asks for a guest of another host is answered by its own, from what it has learned
# of ARP and ND, as long as that is sure; and never for who must find out himself.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 51
bad=$(mktemp)
trap 'rm -f "$bad"; kill $(jobs -p) 2> /dev/null' EXIT

# octets N: IP address 10.0.0.N in hexadecimal
octets() {
	printf '0a0000%02x' "$1"
}

# mac_octets N: of guest N
mac_octets() {
	printf '0200000001%02x' "$1"
}

# arp OP N SIP TIP [SHA]: from guest N, addresses by their last numbers, 0: none
arp() {
	local sip=00000000
	[ "$3" = 0 ] || sip=$(octets "$3")
	printf 'ffffffffffff%s08060001080006040%03x%s%s%012d%s\n' "$(mac_octets "$2")" "$1" \
		"${5:-$(mac_octets "$2")}" "$sip" 0 "$(octets "$4")"
}

# send N: the frames of standard input, from guest N
send() {
	on "g$1" inject dev eth0
}

# known HOST N WANTED: MAC address of guest N as the host knows it
known() {
	local got
	got=$(vmnetctl -n "$1" show-neighs vmnet0 | awk -v ip="10.0.0.$2" '{
		for (i = 2; i < NF; i++)
			if ($i == ip)
				print $(i + 1) }')
	echo "$got"
	[ "$got" = "$3" ]
}

# asked ANSWERED SENT COMMAND...: while it runs host a answers so often, and sends so
# many frames to its peer
asked() {
	local answered wire
	answered=$(vstat a neigh_answered) wire=$(vstat a tx_udp_frames)
	"${@:3}" > /dev/null 2>&1
	answered=$(($(vstat a neigh_answered) - answered))
	wire=$(($(vstat a tx_udp_frames) - wire))
	echo "$answered answered, $wire sent"
	[ "$answered $wire" = "$1 $2" ]
}

forget() {
	on "$1" ip neigh flush all
}

set_net() {
	on a vmnetctl set-net vmnet0 "$@" && on b vmnetctl set-net vmnet0 "$@"
}

wire a b
net a; net b
udp_peers a 2; udp_peers b 1
guest a 1; guest a 2; guest b 4; guest b 5
ok 'guests hear each other' ping g1 4
is 'off at first' "$(vmnetctl -n a show-neighs vmnet0 | wc -l)" 1
forget g1
ok 'what is asked all hosts hear' asked 0 2 ping g1 4
ok 'on' set_net neigh-suppress on
forget g1; forget g4
ok 'guests hear each other' ping g1 4
ok 'who asked is known' known a 1 "$(guest_mac 1)"
ok 'and who answered' known a 4 "$(guest_mac 4)"
ok 'on both hosts' known b 1 "$(guest_mac 1)"

# ---- answers ----

forget g1
ok 'who is known need not be asked' asked 1 1 ping g1 4
is 'the answer is right' "$(on g1 ip neigh show 10.0.0.4 | grep -c "$(guest_mac 4)")" 1
forget g1
ok 'guests of the same host answer themselves' ping g1 2
ok 'and are asked' asked 0 1 eval "arp 1 1 1 2 | send 1"
ok 'who is not known is asked, too' asked 0 1 eval "arp 1 1 1 9 | send 1"
ip -n a addr add 10.0.0.101/24 dev vmnet0
ok 'the host is answered' ping a 4
is 'by itself' "$(forget a; new neigh_answered ping a 4)" 1
is 'what comes from peers is not' \
	"$(arp 1 4 4 5 | send 4 > /dev/null; arp 1 4 4 1 | new neigh_answered send 4)" 0

# ---- never ----

ok 'a probe for its own address' asked 0 1 eval 'arp 1 1 0 4 | send 1'
ok 'a gratuitous request' asked 0 1 eval 'arp 1 1 4 4 020000000177 | send 1'
ok 'which names another MAC address, is not believed' known a 4 "$(guest_mac 4)"
ok 'an answer is passed on' asked 0 1 eval 'arp 2 1 1 4 | send 1'
ok 'a request in the name of another' asked 0 1 eval 'arp 1 1 1 4 020000000177 | send 1'
on a vmnetctl del-fdb vmnet0 "$(guest_mac 4)"
ok 'for who is no longer in the MAC database' asked 0 1 eval 'arp 1 1 1 4 | send 1'
ok 'until it is' ping g1 4
arp 1 2 4 4 | send 2 > /dev/null
ok 'an address that another takes' known a 4 "$(guest_mac 2)"
ok 'on the other host, too' known b 4 "$(guest_mac 2)"
ok 'is asked for, as it is here' asked 0 1 eval 'arp 1 1 1 4 | send 1'
arp 1 4 4 4 | send 4 > /dev/null
ok 'it is taken back' known a 4 "$(guest_mac 4)"
ok 'and answered for' asked 1 0 eval 'arp 1 1 1 4 | send 1'

# ---- a guest that moves to this host ----

arp 1 2 5 5 | sed "s/$(mac_octets 2)/$(mac_octets 5)/g" | send 2 > /dev/null
ok 'a MAC address that moved here' known a 5 "$(guest_mac 5)"
ok 'is asked for' asked 0 1 eval 'arp 1 1 1 5 | send 1'

# ---- what nobody should believe ----

arp 1 1 1 4 > "$bad"
ok 'requests altered and cut off' eval 'mangled "$(< "$bad")" | send 1'
set_net neigh-suppress off; set_net neigh-suppress on

# ---- ND ----

for n in 1 2 4; do
	on g$n sh -c 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
		echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
		echo 1 > /proc/sys/net/ipv6/conf/eth0/forwarding
		cd /proc/sys/net/ipv6/neigh/eth0
		echo 3600000 > base_reachable_time_ms
		echo 3600 > delay_first_probe_time'
	ip -n g$n addr add fd00::$n/64 dev eth0 nodad
done
# ask6 N ARGUMENT...: guest N asks for an address of IPv6
ask6() {
	on "g$1" "$(realpath "${0%/*}/nd.py")" "${@:2}"
}
ok 'an address of IPv6 is asked for' ask6 1 solicit eth0 fd00::1 fd00::4
neigh6() {
	vmnetctl -n a -j show-neighs vmnet0 | grep -q "\"ip\":\"$1\",\"mac\":\"$(guest_mac "$2")\"$3"
}
ok 'who answered is known, and that it is a router' \
	eventually 5 neigh6 fd00::4 4 '.*"router":true'
ok 'its host need not be asked again' eventually 10 asked 1 0 ask6 1 solicit eth0 fd00::1 fd00::4
ok 'who is not known is' eventually 10 asked 0 1 ask6 1 solicit eth0 fd00::1 fd00::9
ok 'nor is one answered who looks for a duplicate' eventually 10 asked 0 1 ask6 1 solicit eth0 :: fd00::4
ok 'a solicitation from its address' eventually 10 asked 0 1 \
	ask6 1 solicit eth0 fd00::4 fd00::9
ok 'made it unknown, as it came from elsewhere' eval '! neigh6 fd00::4 4 ""'
ok 'it is asked for' ask6 1 solicit eth0 fd00::1 fd00::4
ok 'and known again' eventually 5 neigh6 fd00::4 4 ''
ask6 4 host eth0 fd00::4 fd00::4
no_router() {
	neigh6 fd00::4 4 '' && ! neigh6 fd00::4 4 '.*"router":true'
}
ok 'that a guest no longer routes is noticed' eventually 5 no_router
ask6 1 hex eth0 fd00::1 fd00::4 > "$bad"
ok 'solicitations altered and cut off' eval 'mangled "$(< "$bad")" | send 1'
set_net neigh-suppress off; set_net neigh-suppress on
forget g1; forget g4
ok 'guests hear each other' ping g1 4

# ---- VLANs, limits, time ----

set_net neigh-suppress off; set_net neigh-suppress on
for n in 1 2; do set_port v$n pvid 10; done
on b vmnetctl set-port vmnet0 v4 pvid 10
forget g1; forget g4
ok 'in a VLAN' ping g1 4
forget g1
ok 'who is known need not be asked' asked 1 1 ping g1 4
is 'it is known there' "$(vmnetctl -n a -j show-neighs vmnet0 |
	grep -c '"vlan":10,"ip":"10.0.0.4"')" 1
ok 'a limit' on a vmnetctl set-net vmnet0 neigh-limit 1
is 'holds' "$(arp 1 1 55 4 | new neigh_full send 1)" 1
ok 'all is forgotten by switching it off' set_net neigh-suppress off
is 'it is' "$(vmnetctl -n a show-neighs vmnet0 | wc -l)" 1
on b vmnetctl del-net vmnet0
ok 'a network goes with it' on a vmnetctl del-net vmnet0
finish
