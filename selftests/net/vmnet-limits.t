#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# What a guest may not do to the others: talk to who is isolated as it is, fill the
# MAC database, flood without end, take another's address to and fro, close a loop.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 70
events=$(mktemp)
trap 'rm -f "$events"' EXIT

# frames COUNT DESTINATION SOURCE: sources count upwards
frames() {
	printf 'sources %d %s%s88b7%092d\n' "$1" "$2" "$3" 0
}

# again COUNT DESTINATION SOURCE: all from the same
again() {
	local i
	for ((i = 0; i < $1; i++)); do
		frames 1 "$2" "$3"
	done
}

# send NAMESPACE: the frames of standard input, out of its eth0
send() {
	on "$1" inject dev eth0
}

wire a b
net a; net b
udp_peers a 2; udp_peers b 1
guest a 1; guest a 2; guest a 3; guest b 4
vmnetctl -n a monitor > "$events" 2>&1 &
monitor=$!
eventually 5 grep -q started "$events"
ok 'all hear each other' ping g1 2
ok 'the other host, too' ping g1 4

# ---- isolation ----

ok 'isolated by vmnetctl' set_port v1 isolated on
ok 'isolated by bridge' bridge -n a link set dev v2 isolated on
is 'both are' "$(port_cell v1 isolated) $(port_cell v2 isolated) $(port_cell v3 isolated)" \
	'true true false'
is 'what one sends to the other is dropped' "$(new drop_isolated unanswered g1 10.0.0.2)" 1
is 'and counted for its port' "$(port_cell v1 rx_drops)" 1
ok 'others hear them' ping g1 3
ok 'of the other host, too' ping g2 4
ip -n a addr add 10.0.0.101/24 dev vmnet0
ok 'and the host' ping g1 101
flooded() {
	local before
	watch g2 g3
	sleep 0.2
	before=$(seen)
	frames 1 ffffffffffff 020000000101 | send g1 > /dev/null
	sleep 0.2
	echo "$before $(seen)" | awk '{ print $3 - $1, $4 - $2 }'
	kill "${watchers[@]}"
}
is 'a broadcast goes round them' "$(flooded)" '0 1'
set_port v1 isolated off
ok 'one that is not hears one that is' ping g1 2
bridge -n a link set dev v2 isolated off

# ---- confinement ----

ok 'confined' set_port v1 confined on
is 'it is' "$(port_cell v1 confined) $(port_cell v2 confined)" 'true false'
ok 'it hears others of its host' ping g1 2
ok 'and the host' ping g1 101
is 'what it sends to another host is dropped' "$(new drop_confined unanswered g1 10.0.0.4)" 1
is 'and counted for the port' "$(port_cell v1 rx_drops)" 2
is 'and what comes from there' "$(new drop_confined unanswered g4 10.0.0.1)" 1
# hear_of GUEST: by how much what guests 1, 2 and 4 have heard grows with its broadcast
hear_of() {
	local before
	watch g1 g2 g4
	sleep 0.2
	before=$(seen)
	frames 1 ffffffffffff "$(guest_mac "${1#g}" | tr -d :)" | send "$1" > /dev/null
	sleep 0.2
	echo "$before $(seen)" | awk '{ print $4 - $1, $5 - $2, $6 - $3 }'
	kill "${watchers[@]}"
}
is 'a broadcast of it stays here' "$(hear_of g1)" '0 1 0'
is 'and one from there goes round it' "$(hear_of g4)" '0 1 0'
refused 'the host NIC cannot be' 1 'only the VLANs' set_port vmnet0 confined on
set_port v1 confined off
ok 'until it is not any more' ping g1 4

# ---- learning ----

ok 'learning off' bridge -n a link set dev v3 learning off
is 'it is' "$(port_cell v3 learning)" false
on a vmnetctl del-fdb vmnet0 "$(guest_mac 3)"
ok 'the port works' ping g3 1
is 'unlearned' "$(behind a 3)" ''
own=$(on a cat /sys/class/net/vmnet0/address)
is "the host's address is not let in all the same" \
	"$(frames 1 ffffffffffff "${own//:/}" | new drop_own_source_address send g3)" 1
set_port v3 learning on
ok 'learning on' ping g3 1
is 'learned' "$(behind a 3)" 'port v3'

# ---- how many addresses ----

is 'there is a limit' "$(port_cell v1 limit)" 65536
ok 'a lower one' set_port v1 limit 10
is 'beyond it nothing is learned' \
	"$(frames 100 "${own//:/}" 020000010000 | new fdb_port_full send g1)" 91
is 'that is how many there are' "$(port_cell v1 macs)" 10
ok 'the guest itself is not cut off' ping g1 2
ok 'nor is a new one' test "$(frames 1 "${own//:/}" 020000020000 | new fdb_learned send g2)" = 1
is 'nor can it take what is learned' \
	"$(frames 1 "${own//:/}" 020000020000 | new fdb_port_full send g1)" 1
ok 'an address deleted makes room' on a vmnetctl del-fdb vmnet0 02:00:00:01:00:00
is 'for one' "$(frames 2 "${own//:/}" 020000010100 | new fdb_learned send g1)" 1
set_port v1 limit 0
is 'without a limit' "$(frames 100 "${own//:/}" 020000010200 | new fdb_learned send g1)" 100
ip -n a link set v1 nomaster
ip -n a link set v1 master vmnet0
is 'a port that comes anew has what all have at first' "$(port_cell v1 limit)" 65536

# ---- how much is flooded ----

ok 'a limit of flooding' set_port v1 storm 50
is 'is shown' "$(port_cell v1 storm)" 50
storm() {
	again 400 "$1" 020000000101 | new drop_storm send g1
}
sleep 0.5
dropped=$(storm ffffffffffff)
ok 'broadcasts' test "$dropped" -gt 300 -a "$dropped" -lt 400
ok 'are counted for the port' test "$(port_cell v1 rx_drops)" -ge "$dropped"
ok 'groups, too' test "$(storm 01005e010203)" -gt 300
ok 'and unknown addresses' test "$(storm 0200deadbeef)" -gt 300
mac2=$(guest_mac 2)
is 'not those that are known' "$(storm "${mac2//:/}")" 0
ok 'others flood as they please' \
	test "$(frames 100 ffffffffffff 020000000103 | new drop_storm send g3)" = 0
set_port v1 storm 0
is 'without a limit all goes' "$(storm ffffffffffff)" 0

# ---- addresses that move ----

# move N...: guest 2's address from these guests
move() {
	local n
	for n; do
		frames 1 "${own//:/}" 020000000102 | send "g$n" > /dev/null
	done
}
is 'five moves are believed' "$(new fdb_moved move 1 2 1 2 1)" 5
is 'to where they went' "$(behind a 2)" 'port v1'
is 'the sixth is not' "$(new fdb_damped move 3)" 1
is 'it is where it was before' "$(behind a 2)" 'port v2'
is 'and is marked' "$(vmnetctl -n a show-fdb vmnet0 | awk -v mac="$mac2" '$2 == mac { print $8 }')" yes
ok 'who watches is told' eventually 5 grep -q "fdb-damped net vmnet0 mac $mac2 port v2 damped" "$events"
is 'frames from elsewhere are dropped' "$(new drop_damped_address move 1 3 1)" 3
ok 'the guest is still reached' ping g1 2
ok 'its address may be deleted' on a vmnetctl del-fdb vmnet0 "$mac2"
is 'and moves again' "$(new fdb_learned move 1) $(new fdb_moved move 2)" '1 1'

# ---- a loop ----

ip netns add loop
quiet loop
ip -n loop link add br0 type bridge mcast_snooping 0
for n in 7 8; do
	ip -n a link add v$n type veth peer name l$n netns loop
	ip -n loop link set l$n master br0 up
	ip -n a link set v$n master vmnet0 up
done
before=$(vstat a rx_port_frames)
ip -n loop link set br0 up
ok 'a guest that bridges two ports' ping g1 3
on g1 icmp-echo 10.0.0.99 1 64 100 > /dev/null
frames 1 ffffffffffff 020000000101 | send g1 > /dev/null
frames 1 ffffffffffff 020000000103 | send g3 > /dev/null
sleep 1
ok 'the loop is broken' test $(($(vstat a rx_port_frames) - before)) -lt 500
before=$(vstat a rx_port_frames)
sleep 1
ok 'and stays so' test $(($(vstat a rx_port_frames) - before)) -lt 50
ok 'guests hear each other' ping g1 3
ok 'what came back was dropped' test "$(vstat a drop_damped_address)" -gt 3
ip netns del loop

# ---- counters ----

vmnetctl -n a show-stats vmnet0 | awk 'NR > 1 { print $2, $3 }' > "$events.a"
on a "$(realpath "${0%/*}")/nicstats.py" vmnet0 > "$events.b"
ok 'ethtool has all of them' diff "$events.a" "$events.b"
rm "$events.a" "$events.b"
ok 'per port' test "$(port_cell v2 tx_frames)" -gt 0 -a "$(port_cell v2 rx_bytes)" -gt 0

# ---- what nobody should configure ----

ok 'too high a rate' fails 1 'storm' set_port v1 storm 10000001
ok 'the host' fails 1 'the rest is for ports' set_port vmnet0 limit 4
ok 'no port' fails 1 'not a port of this network' set_port lo limit 4
kill $monitor
wait $monitor 2> /dev/null
finish
