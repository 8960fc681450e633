#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What happens to devices, clocks, processors and memory of a host while it sends and
# receives: messages and frames survive what is over in time, and end with an error
# what is not.
# Checkers: little
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/resolve.sh"
. "${0%/*}/vmnet.sh"

shopt -s nullglob
# A machine with one processor has none that could go.
cpus=(/sys/devices/system/cpu/cpu[1-9]*/online)
plan $((34 + (${#cpus[@]} > 0) * 3))

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
port=200

# The processes in $both are the ends of a connection that is in use until told: some
# messages at a time, so that the faults find a processor. They check all that arrives.
flow_begin() {
	port=$((port + 1))
	ip netns exec b rrdp-msg recv $port 0 > "$logs/recv" 2>&1 &
	both=($!)
	ip netns exec a rrdp-msg flow 2 $port 200 8000 > "$logs/send" 2>&1 &
	both+=($!)
	look_back
	eventually 10 flows
}

look_back() {
	received=$(stat_of b rx_messages)
}

# flows: some messages have come since look_back
flows() {
	alive && [ "$(stat_of b rx_messages)" -gt $((received + 20)) ]
}

alive() {
	kill -0 "${both[0]}" 2> /dev/null && kill -0 "${both[1]}" 2> /dev/null
}

dead() {
	! kill -0 "${both[0]}" 2> /dev/null && ! kill -0 "${both[1]}" 2> /dev/null
}

# how_it_ended: whether each end had an error, in $ends
how_it_ended() {
	local pid
	ends=
	eventually 15 dead
	kill -KILL "${both[@]}" 2> /dev/null
	for pid in "${both[@]}"; do
		wait "$pid" 2> /dev/null
		ends+=" $(($? > 0))"
	done
	sed 's/^/# /' "$logs/recv" "$logs/send"
}

# flow_end: it ends well, and as much has come as was sent
flow_end() {
	kill -TERM "${both[1]}"
	how_it_ended
	[ "$ends" = ' 0 0' ] &&
		[ "$(sed -n 's/^sent //p' "$logs/send")" = "$(sed -n 's/^received //p' "$logs/recv")" ]
}

# survives NAME FAULT...: the fault, three times while messages go over, has no
# consequences for them, nor in the end for frames
survives() {
	local name=$1
	shift
	flow_begin
	for _ in {1..3}; do
		"$@"
		sleep 0.1
	done
	look_back
	ok "$name: messages go on" eventually 10 flows
	ok "$name: none was lost" flow_end
	ok "$name: frames arrive" eventually 20 ping g1 2 3
}

flap() {
	ip -n "$1" link set "$2" down
	ip -n "$1" link set "$2" up
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
# all queues empty and another state of its offloads. Not for long: who is silent is
# dead in time.
reset() {
	on a ethtool -K eth0 tx off sg off > /dev/null
	flap a eth0
	on a ethtool -K eth0 tx on sg on > /dev/null
}

shrink() {
	ip -n a link set eth0 mtu 1300
	sleep 0.05
	ip -n a link set eth0 mtu 1500
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
	[ "$free" -gt 0 ] || return
	mkdir "$logs/ballast"
	mount -t tmpfs -o size=100% ballast "$logs/ballast"
	head -c "${free}M" /dev/zero > "$logs/ballast/all"
	sleep 0.2
	umount "$logs/ballast"
	rmdir "$logs/ballast"
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
net a; net b
guest a 1; guest b 2
rrdp_peers a 2; rrdp_peers b 1
ok 'peers are up' eventually 20 up a

survives 'a link flaps' flap a eth0
survives "the other's flaps" flap b eth0
survives 'a cable is pulled out and put in again' flap wire to-a
survives 'a device gets another name' rename
survives 'a queue is replaced' requeue
survives 'a device is reset' reset
survives 'a device takes smaller frames for a while' shrink
survives 'the clock leaps' leaps
survives 'memory is short' squeeze
if [ ${#cpus[@]} -gt 0 ]; then
	survives 'processors come and go' processors
fi

# The other host has another MAC: those that are connected to the old one learn so.
flow_begin
ip -n b link set eth0 address 02:00:00:00:00:22
how_it_ended
is 'a MAC changes: both ends end' "$ends" ' 1 1'
ok 'then messages go to the new one' eventually 30 talk a b 2 80
ok 'and frames' eventually 30 ping g1 2 3

# A device leaves with all that used it, and comes back as a stranger.
flow_begin
ip -n a link set eth0 netns c name moved
how_it_ended
is 'a device moves to another namespace: both ends end' "$ends" ' 1 1'
ip -n c link set moved netns a name eth0
ip -n a addr add 192.0.2.1/24 dev eth0
ip -n a link set eth0 up
on a vmnetctl add-node 1 local dev eth0
ok 'it is back: messages arrive' eventually 30 talk a b 2 80
ok 'and frames' eventually 30 ping g1 2 3
finish
