# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The experiments of the paper: tbench between guests on four hosts; guest reads this
# file. All hosts share one processor, so that pairs at the same time are compared
# only where the links of the hosts, and not the processor, are the limit.

TBENCH_SECONDS=${TBENCH_SECONDS:-3}
TBENCH_PROCESSES=10
# Of each host, as in the paper
LINK=100mbit

# joined_KIND: the LAN of the guests, vmnet0 on each of four hosts, and $mtu, what
# it can carry there
joined_plain() {
	local n
	mtu=1500
	for n in 1 2 3 4; do
		quiet h$n
		ip -n h$n link add vmnet0 up type bridge
		ip -n h$n link set eth0 master vmnet0
	done
}

joined_udp() {
	local n m
	mtu=1450
	for n in 1 2 3 4; do
		net h$n
		for m in 1 2 3 4; do
			[ $m = $n ] || udp_peers h$n $m
		done
	done
}

# A hub, as OpenVPN's server is: what two clients have to say passes by host 1
joined_openvpn() {
	local n
	mtu=1380
	for n in 1 2 3 4; do
		quiet h$n
		ip -n h$n link add vmnet0 up type bridge
	done
	for n in 2 3 4; do
		vpn h1 tap$n $n $n 0
		vpn h$n tap0 1 $n 1
	done
}

# paced: no host has more than its link
paced() {
	local n
	for n in 1 2 3 4; do
		on h$n tc qdisc add dev eth0 root tbf rate $LINK burst 16k latency 50ms
		on wire tc qdisc add dev to-h$n root tbf rate $LINK burst 16k latency 50ms
	done
}

# pair NAME FROM TO: tbench from one guest to another
pair() {
	local mb
	mb=$(rival ip netns exec "g$2" timeout 60 /run/tbench -c /run/client.txt -t "$TBENCH_SECONDS" \
		$TBENCH_PROCESSES "10.0.0.$3" | sed -n 's/^Throughput \([0-9.]*\) MB.*/\1/p')
	[ "$mb" ] || { say "no result of tbench from guest $2 to $3"; return; }
	# In one piece: another pair may say something at the same time.
	printf '{"test":"tbench",%s,"from":%d,"to":%d,"mb_per_second":%s}\n' \
		"\"overlay\":\"$kind\",\"link\":\"$link\",\"pairs\":\"$1\"" "$2" "$3" "$mb"
}

# pairs KIND LINK PAIR...: each "FROM TO"; all at the same time
pairs() {
	local kind=$1 link=$2 mtu n one running=() servers=()
	local -A targets=()
	shift 2
	daemons=()
	say "tbench, link $link: $kind, $*"
	wire h1 h2 h3 h4
	[ "$link" = none ] || paced
	"joined_$kind"
	for n in 1 2 3 4; do
		guest h$n $n
		ip -n g$n link set eth0 mtu $mtu
	done
	for one; do
		targets[${one#* }]=y
	done
	for n in "${!targets[@]}"; do
		rival ip netns exec "g$n" /run/tbench_srv > /dev/null &
		servers+=($!)
	done
	for one; do
		eventually 30 on "g${one% *}" icmp-echo "10.0.0.${one#* }" 1
	done
	sleep 1
	for one; do
		pair "$*" "${one% *}" "${one#* }" &
		running+=($!)
	done
	wait "${running[@]}"
	stop "${servers[@]}" "${daemons[@]}"
	for n in 1 2 3 4; do
		ip netns del g$n
	done
	no_hosts
}

# tbench [KIND]...: one pair, as fast as the processor can, and as fast as the links are; then
# two pairs, and one server of three
tbench() {
	local kind
	[ $# != 0 ] || set -- plain udp openvpn
	modprobe -a tun bridge sch_tbf
	# What is read from afar while it runs would pass for time.
	cp "$RIVALS"/usr/bin/tbench "$RIVALS"/usr/bin/tbench_srv \
		"$RIVALS"/usr/share/dbench/client.txt /run
	for kind; do
		pairs $kind none '2 1'
		pairs $kind $LINK '2 1'
		# OpenVPN keeps the processor busy before the links are full.
		[ $kind != openvpn ] || continue
		pairs $kind $LINK '4 3'
		pairs $kind $LINK '2 1' '4 3'
		pairs $kind $LINK '2 1' '3 1' '4 1'
	done
}
