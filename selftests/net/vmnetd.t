#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# A board and three hosts whose agents join it: networks and peers come and go without
# a command, and whatever dies, frames go on.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/vmnetd.sh"

plan 59
TTL=6
settings='dhcp = no'

wire a b c
board_host

# peers HOST: the addresses of its peers
peers() {
	vmnetctl -n "$1" -j show-peers 2> /dev/null | sed -n 's/.*"address":"\([^"]*\)".*/\1/p' |
		sort | paste -sd ' '
}

# peers_are HOST PEERS
peers_are() {
	[ "$(peers "$1")" = "$2" ] || { peers "$1"; return 1; }
}

# table HOST: all that it has of networks and peers, but counters
table() {
	vmnetctl -n "$1" -j show-nets | sed 's/"macs":[0-9]*//; s/"groups":.*//'
	vmnetctl -n "$1" show-peers | awk '{ print $1, $2, $3, $5, $6, $7 }'
}

# lan_guest N HOST: guest N on the host, as of guest()
lan_guest() {
	plug_in "$1" "$2"
	ip -n "g$1" addr add "10.0.0.$1/24" dev eth0
}

lan a b c

# Three hosts join
for h in a b c; do
	ok "$h joins" join $h
	agent $h
done
for h in a b c; do
	ok "$h is registered" eventually 20 more $h 'is registered' 0
done
ok 'a has its peers' eventually 10 peers_are a '192.0.2.2 192.0.2.3'
ok 'b has its peers' eventually 10 peers_are b '192.0.2.1 192.0.2.3'
ok 'c has its peers' eventually 10 peers_are c '192.0.2.1 192.0.2.2'
ok 'they know where each other is' eventually 5 test "$(vmnetctl -n a show-peers | grep -c 3221225984)" = 2
is 'the network says whose it is' "$(ip -n a link show vmnet42 | sed -n 's/.*alias //p')" 'vmnetd lab/lan'
lan_guest 1 a; lan_guest 2 b; lan_guest 3 c
ok 'guests ping each other' ping g1 2 3
ok 'all of them' ping g3 1 3
vms() {
	[ "$(vmnetctl -n a show-vms config "$dir/a.conf" | grep -c " yes ")" = "$1" ]
}
ok 'the board knows the guests' eventually 20 vms 3
ok 'by their names and addresses' \
	grep -q "lan *b.v2 *b *yes *$(guest_mac 2)" <<< "$(vmnetctl -n a show-vms config "$dir/a.conf")"

# RRDP, where both want it
rrdp_is() {
	[ "$(vmnetctl -n "$1" show-peers vmnet42 | awk '$2 == "rrdp" && $5 == "up" { n++ } END { print n + 0 }')" = "$2" ]
}
watch() {
	while :; do
		vmnetctl -n "$1" status config "$dir/$1.conf"
		sleep 0.1
	done
}
watch a > "$dir/statuses" 2>&1 &
watcher=$!
join a transports udp,rrdp
join b transports udp,rrdp
ok 'a reaches b by RRDP' eventually 20 rrdp_is a 1
ok 'and b a' eventually 20 rrdp_is b 1
ok 'guests ping each other by it' ping g1 2 3
ok 'and others by UDP' ping g1 3 3
join a transports udp
ok 'both go back to UDP' eventually 20 peers_are b '192.0.2.1 192.0.2.3'
ok 'and so does a' eventually 20 peers_are a '192.0.2.2 192.0.2.3'
ok 'guests still ping each other' eventually 10 ping g1 2

kill $watcher
ok 'none was ever in the way of another' fails 1 '' grep 'cannot add peer' "$dir/statuses"

# A VM that is known before it is there
web=$(vmnetctl -n b add-vm lan web mac "$(guest_mac 4)" config "$dir/b.conf")
ok 'a VM gets an address' grep -q 'lan *web *b *yes.*10\.0\.0\.' <<< "$web"
on b vmnetctl add-vm lan web host none config "$dir/b.conf" > /dev/null
lan_guest 4 c
ping g4 1 > /dev/null
web_at() {
	vmnetctl -n a show-vms config "$dir/a.conf" | grep -q "lan *web *$1 *yes"
}
ok 'and is found where it appears' eventually 20 web_at c
ip -n c link del v4
gone() {
	! vmnetctl -n a show-vms config "$dir/a.conf" | grep -q "$1.* yes "
}
ok 'until it is there no more' eventually 20 gone web

# What others made stays
on a vmnetctl add-peer vmnet42 udp 192.0.2.77
on a vmnetctl add-net other vni 7
before=$(table a)
kill -KILL "${agents[a]}"
wait "${agents[a]}" 2> /dev/null
n=$(lines a 'is registered')
agent a
ok 'an agent that was killed is back' eventually 20 more a 'is registered' "$n"
sleep 1
is 'and has changed nothing' "$(table a | md5sum)" "$(md5sum <<< "$before")"
on a vmnetctl del-peer vmnet42 udp 192.0.2.77

# Somebody deletes what it made
on a vmnetctl del-peer vmnet42 udp 192.0.2.2
ok 'a peer that was deleted is made again' eventually 10 peers_are a '192.0.2.2 192.0.2.3'
on b vmnetctl del-net vmnet42
ok 'and a network' eventually 10 peers_are b '192.0.2.1 192.0.2.3'
ip -n b link set v2 master vmnet42
ok 'whose guests are there again' eventually 10 ping g2 1

# Traffic while the board is down
flood() {
	local i
	for ((i = 0; i < 300; i++)); do
		echo "$(guest_mac 2 | tr -d :)$(guest_mac 1 | tr -d :)9999$(printf '%092d' 0)"
		read -rt 0.05 -u "$never"
	done | on g1 inject dev eth0 > /dev/null
}
mkfifo "$dir/never"
exec {never}<> "$dir/never"
ip netns exec g2 capture eth0 > "$dir/heard" &
capture=$!
eventually 10 grep -q ready "$dir/heard"
declare -A errors answers
for h in a b c; do
	errors[$h]=$(lines $h 'cannot ') answers[$h]=$(lines $h ' answers')
done
kill -KILL $board
wait $board 2> /dev/null
flood &
stream=$!
for h in a b c; do
	ok "$h finds the board down" eventually 40 more $h 'cannot ' "${errors[$h]}"
done
ok 'and says so' grep -q unreachable <<< "$(vmnetctl -n a status config "$dir/a.conf")"
kill -KILL "${agents[b]}"
wait "${agents[b]}" 2> /dev/null
agent b
ok 'an agent that starts meanwhile has its peers' eventually 10 peers_are b '192.0.2.1 192.0.2.3'
wait $stream
got() {
	local n
	n=$(grep -c "^$(guest_mac 1) $(guest_mac 2) type 9999$" "$dir/heard")
	[ "$n" = 300 ] || { echo "$n"; return 1; }
}
ok 'no frame is lost' eventually 5 got
ok 'the board is back' board_starts
for h in a b c; do
	ok "$h asks it again" eventually 30 more $h ' answers' "${answers[$h]}"
done
ok 'the peers are as they were' peers_are a '192.0.2.2 192.0.2.3'
ok 'and so are the guests' eventually 20 vms 3

# The modules are loaded again
modules() {
	eventually 10 rmmod vmnet && insmod "$VMNET_KO"
}
ok 'the module is loaded again' modules
ok 'a has its peers again' eventually 20 peers_are a '192.0.2.2 192.0.2.3'
ok 'and so has b' eventually 20 peers_are b '192.0.2.1 192.0.2.3'
ok 'and c' eventually 20 peers_are c '192.0.2.1 192.0.2.2'
for h in a b c; do
	ip -n $h link set v$((36#$h - 9)) master vmnet42 2> /dev/null
done
ok 'guests ping each other again' eventually 20 ping g1 2

# A host dies
kill -KILL "${agents[c]}"
ip -n wire link set to-c down
died=$SECONDS
ok 'the others notice' eventually $((TTL + 1)) peers_are a '192.0.2.2'
ok 'all of them' eventually 1 peers_are b '192.0.2.1'
echo "# $((SECONDS - died)) s after its death, TTL $TTL s"

# A host leaves
ok 'b leaves' vmnetctl -n b leave config "$dir/b.conf"
nothing() {
	! ip -n "$1" link show vmnet42
}
ok 'its network is gone' eventually 10 nothing b
ok 'a has no peers' eventually 10 peers_are a ''
ok 'the agent stops' kill "${agents[a]}"
wait "${agents[a]}"
is 'with status' $? 0
ok 'its network is there' ip -n a link show vmnet42
kill "${agents[b]}" $board $capture
wait
finish
