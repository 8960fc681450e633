#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Checkers: much
# Kernels: uml
# A storm: random frames on the wire of a host and from its guest, random calls on the
# sockets of two hosts, random netlink of a third one, all at once and with traffic. Who
# has nothing to do with it notices nothing; who has gets an error in time, and works as
# before when it is over; and nothing is left of it. Its random numbers come from two
# seeds, one that is always the same. STORM_SECONDS says how long each lasts, STORM_SEED
# that there is but one, and its seed.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

seconds=${STORM_SECONDS:-5}
seeds=("${STORM_SEED:-1}")
[ "${STORM_SEED:-}" ] || seeds+=($((RANDOM << 15 | RANDOM)))
netlink=$(realpath "${0%/*}/storm-netlink")
plan $((8 * ${#seeds[@]} + 7))

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# bystanders: hosts x and y with a guest each, on a wire of their own
bystanders() {
	local host
	for host in x y; do
		ip netns add $host
		quiet $host
	done
	ip -n x link add eth0 address "$(mac_of 1)" type veth peer name eth0 \
		address "$(mac_of 2)" netns y
	ip -n x addr add 192.0.2.1/24 dev eth0
	ip -n y addr add 192.0.2.2/24 dev eth0
	for host in x y; do
		ip -n $host link set eth0 up
		ip -n $host link set lo up
	done
	nodes x y
	net x; net y
	guest x 4; guest y 5
	rrdp_peers x 2; rrdp_peers y 1
}

# victims: a and b are joined by RRDP and to c by UDP, each way a frame may go
victims() {
	net a node 1 subnet 1; net b node 2 subnet 1
	on a vmnetctl add-peer vmnet0 rrdp 2 subnet 1
	on b vmnetctl add-peer vmnet0 rrdp 1 subnet 1
	on a vmnetctl add-peer vmnet0 udp 192.0.2.3 node 3 subnet 2
	on b vmnetctl add-peer vmnet0 udp 192.0.2.3 node 3 subnet 2
	for host in a b; do
		on $host vmnetctl set-net vmnet0 neigh-suppress on mcast-snooping on
	done
}

# attackers_host: what c has besides, for netlink to change
attackers_host() {
	local dev
	net c node 3 subnet 2
	on c vmnetctl add-peer vmnet0 udp 192.0.2.1 node 1 subnet 1
	on c vmnetctl add-peer vmnet0 udp 192.0.2.2 node 2 subnet 1
	guest c 3
	for dev in d0 d1; do
		ip -n c link add $dev type dummy
		ip -n c link set $dev up
	done
}

# background NAME COMMAND...: a part of the storm
background() {
	local name=$1
	shift
	"$@" > "$logs/$name" 2>&1 &
	parts[$name]=$!
}

# endless NAMESPACE COMMAND...: again and again until the storm is over
endless() {
	while [ -e "$logs/blowing" ]; do
		ip netns exec "$@" > /dev/null 2>&1
		sleep 0.1
	done
}

# storm SEED: all of its parts begin
storm() {
	local seed=$1
	touch "$logs/blowing"
	background frames-wire ip netns exec wire storm-frame "$seed" "$seconds" to-a
	background frames-guest ip netns exec g1 storm-frame $((seed + 1)) "$seconds" eth0
	background sockets-a ip netns exec a storm-sock "$seed" "$seconds" 3 1 2
	background sockets-b ip netns exec b storm-sock $((seed + 1)) "$seconds" 2 2 1
	background netlink ip netns exec c "$netlink" "$seed" "$seconds"
	# What is attacked. A receiver may wait for a sender that never got through.
	endless b timeout 5 rrdp-msg recv 100 200 &
	traffic+=($!)
	endless a timeout 20 rrdp-msg send 2 100 200 20000 &
	traffic+=($!)
	endless g2 timeout 20 icmp-echo 10.0.0.1 20 1000 50 &
	traffic+=($!)
}

gone() {
	! kill -0 "$1" 2> /dev/null
}

# ends NAME: that part ends by itself, and well
ends() {
	if ! eventually $((seconds + 60)) gone "${parts[$1]}"; then
		kill -9 "${parts[$1]}"
		return 1
	fi
	! grep -A 20 -E 'wrong:|Traceback' "$logs/$1"
}

# undisturbed: what x sends arrives, by message and by frame, while it blows
undisturbed() {
	local out n
	out=$(mktemp)
	for ((n = 0; n < 3; n++)); do
		ip netns exec y timeout 120 rrdp-msg recv $((90 + n)) 300 > "$out" 2>&1 &
		ip netns exec x timeout 120 rrdp-msg send 2 $((90 + n)) 300 20000 &&
			wait $! || { cat "$out"; return 1; }
	done
	transfer g4 g5 10.0.0.5 30,0,0,0,0,
	rm "$out"
}

# silent HOST: it has no connection any more but those of its network
silent() {
	local left
	left=$(vmnetctl -n "$1" show-connections | sed 1d | grep -vc 4789)
	[ "$left" = 0 ] || { vmnetctl -n "$1" show-connections; return 1; }
}

# kept: KiB that the kernel itself has
kept() {
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { n += $2 } END { print n }' /proc/meminfo
}

blow() {
	local name status
	traffic=()
	storm "$1"
	ok "seed $1: who is not concerned notices nothing" undisturbed
	for name in frames-wire frames-guest sockets-a sockets-b netlink; do
		ok "$name ends" ends $name
		# A subshell, as that of ok, cannot.
		wait "${parts[$name]}"
		status=$?
		[ $status = 0 ] || echo "# $name: status $status"
		statuses+=$status,
		sed -n '/^#/p' "$logs/$name"
	done
	rm "$logs/blowing"
	is 'each of them well' "$statuses" 0,0,0,0,0,
	statuses=
	for name in "${traffic[@]}"; do wait "$name"; done
	ok 'their sockets leave no connection' eventually 60 silent a
}

declare -A parts
statuses=
start=$(kept)
echo "# seeds ${seeds[*]}, $seconds s each"
wire a b c
nodes a b c
bystanders
victims
guest a 1; guest b 2
attackers_host
ok 'peers are up' eventually 20 up x

for seed in "${seeds[@]}"; do
	blow "$seed"
done

for host in a b; do
	on $host vmnetctl del-net vmnet0
	net $host
	ip -n $host link set "v$([ $host = a ] && echo 1 || echo 2)" master vmnet0 up
done
for n in 1 2; do
	ip -n g$n neigh flush dev eth0
done
rrdp_peers a 2; rrdp_peers b 1
ok 'then messages arrive' messages 60 send 200 20000
ok 'and frames' eventually 20 ping g1 2 5
eventually 5 silent a > /dev/null

for host in $(ip netns list | cut -d ' ' -f 1); do
	ip netns del "$host"
done
ok 'namespaces go' eventually 30 bash -c '[ -z "$(ip netns list)" ]'
ok 'and the modules' eventually 30 rmmod vmnet
ok 'both' eventually 30 rmmod rrdp
more=$(($(kept) - start))
echo "# $more KiB more than before"
ok 'and what memory they had' test $more -lt 40000
finish
