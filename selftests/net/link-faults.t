#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What happens to devices, clocks, processors and memory of a host while it sends and
# receives: messages and frames survive what is over in time, and end with an error
# what is not.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

shopt -s nullglob
# A machine with one processor has none that could go.
cpus=(/sys/devices/system/cpu/cpu[1-9]*/online)
plan $((24 + (${#cpus[@]} > 0) * 2))

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
port=200

# The processes in $both are the ends of a connection that is in use without end. They
# check all that arrives.
messages_begin() {
	port=$((port + 1))
	ip netns exec b rrdp-msg recv $port 100000000 > "$logs/recv" 2>&1 &
	both=($!)
	ip netns exec a rrdp-msg send 2 $port 100000000 8000 > "$logs/send" 2>&1 &
	both+=($!)
	received=$(stat_of b rx_messages)
	eventually 10 flow > /dev/null || true
}

alive() {
	kill -0 "${both[0]}" 2> /dev/null && kill -0 "${both[1]}" 2> /dev/null
}

dead() {
	! kill -0 "${both[0]}" 2> /dev/null && ! kill -0 "${both[1]}" 2> /dev/null
}

# flow: since $received was looked up
flow() {
	alive || { cat "$logs/recv" "$logs/send"; return 1; }
	[ "$(stat_of b rx_messages)" -gt $((received + 50)) ]
}

# how_it_ended: whether each end had an error, in $ends. The caller of ok waits: a
# subshell cannot.
how_it_ended() {
	local pid
	ends=
	eventually 15 dead
	kill "${both[@]}" 2> /dev/null
	for pid in "${both[@]}"; do
		wait "$pid" 2> /dev/null
		ends+=" $(($? > 0))"
	done
	sed 's/^/# /' "$logs/recv" "$logs/send"
}

# survives NAME FAULT...: the fault, five times while messages go over, has no
# consequences for them, nor in the end for frames
survives() {
	local name=$1
	shift
	messages_begin
	for _ in {1..5}; do
		"$@"
		sleep 0.1
	done
	received=$(stat_of b rx_messages)
	ok "$name: messages arrive" eventually 10 flow
	kill -KILL "${both[@]}" 2> /dev/null
	wait "${both[@]}" 2> /dev/null
	ok "$name: frames, too" eventually 20 ping g1 2 3
}

flap() {
	ip -n "$1" link set "$2" down
	ip -n "$1" link set "$2" up
}

# The carrier of the other end of the wire
unplug() {
	flap wire to-a
}

rename() {
	ip -n a -batch - <<- END
		link set eth0 down
		link set eth0 name wan0
		link set wan0 up
		link set wan0 down
		link set wan0 name eth0
		link set eth0 up
	END
}

# Packets that wait in the device are dropped with its queue.
requeue() {
	ip netns exec a tc qdisc replace dev eth0 root netem delay 2ms limit 1000
	sleep 0.05
	ip netns exec a tc qdisc del dev eth0 root
}

# As much as the driver of a real one does when it is reset: it goes, and is back with
# all queues empty and another state of its offloads.
reset() {
	ip -n a link set eth0 down
	on a ethtool -K eth0 tx off sg off > /dev/null
	ip -n a link set eth0 up
	on a ethtool -K eth0 tx on sg on > /dev/null
}

# leap SECONDS: of the clock that people read
leap() {
	date -s "@$(($(date +%s) + $1))" > /dev/null
}

leaps() {
	leap 100000; leap -200000; leap 100000
}

# Nothing can be allocated without somebody giving way.
squeeze() {
	local free
	free=$(awk '/^MemAvailable:/ { print int($2 / 1024) - 48 }' /proc/meminfo)
	[ "$free" -lt 0 ] || head -c "${free}M" /dev/zero > /dev/shm/ballast
	echo 3 > /proc/sys/vm/drop_caches
	sleep 0.2
	rm -f /dev/shm/ballast
}

processors() {
	local n
	for n in 0 1; do
		for cpu in "${cpus[@]}"; do
			echo $n > "$cpu"
		done
		sleep 0.05
	done
}

wire a b c
# b's MAC is to change, so that a has to ask for it.
on a vmnetctl add-node 1 local dev eth0
on b vmnetctl add-node 2 local dev eth0
on c vmnetctl add-node 3 local dev eth0
net a; net b
guest a 1; guest b 2
rrdp_peers a 2; rrdp_peers b 1
ok 'peers are up' eventually 20 up a

survives 'a link flaps' flap a eth0
survives "the other's flaps" flap b eth0
survives 'a cable is pulled out and put in again' unplug
survives 'a device gets another name' rename
survives 'a queue is replaced' requeue
survives 'a device is reset' reset
survives 'the clock leaps' leaps
survives 'memory is short' squeeze
if [ ${#cpus[@]} -gt 0 ]; then
	survives 'processors come and go' processors
fi

# mtu NUMBER: of the devices of the underlay
mtu() {
	ip -n a link set eth0 mtu "$1"
}
messages_begin
for size in 1400 1500 1300 1500; do mtu $size; sleep 0.1; done
received=$(stat_of b rx_messages)
settled() {
	flow || dead
}
ok 'a device takes smaller frames for a while: they arrive, or both ends know' eventually 15 settled
kill -KILL "${both[@]}" 2> /dev/null
wait "${both[@]}" 2> /dev/null

# The other host has another MAC: those that are connected to the old one learn so.
messages_begin
ip -n b link set eth0 address 02:00:00:00:00:22
how_it_ended
is 'a MAC changes: both ends end' "$ends" ' 1 1'
ok 'then messages go to the new one' eventually 30 messages 20 send 20 8000
ok 'and frames' eventually 30 ping g1 2 3
ip -n b link set eth0 address "$(mac_of 2)"
ok 'and back again' eventually 30 ping g1 2 3

# A device leaves with all that used it, and comes back as a stranger.
messages_begin
ip -n a link set eth0 netns c name moved
how_it_ended
is 'a device moves to another namespace: both ends end' "$ends" ' 1 1'
ip -n c link set moved netns a name eth0
ip -n a addr add 192.0.2.1/24 dev eth0
ip -n a link set eth0 up
on a vmnetctl add-node 1 local dev eth0
ok 'it is back: messages arrive' eventually 30 messages 20 send 20 8000
finish
