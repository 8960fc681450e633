# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Frames among many MAC addresses, made by the kernel's packet generator; guest reads
# this file.

# addresses N: the base of those that are behind guest N
addresses() {
	printf '0a:00:%02x:00:00:00' "$1"
}

# generate NAMESPACE FRAMES FROM COUNT TO COUNT [FLAG]...: frames of 60 octets leave
# its eth0, whose addresses are counted from these bases. Sets $took, nanoseconds.
generate() {
	local flag thread=/proc/net/pktgen/kpktgend_0 device=/proc/net/pktgen/eth0
	took=$({
		echo "echo rem_device_all > $thread && echo add_device eth0 > $thread"
		printf "echo '%s' > $device\n" 'pkt_size 60' 'delay 0' 'dst 10.0.0.9' "count $2" \
			"src_mac $3" "src_mac_count $4" "dst_mac $5" "dst_mac_count $6"
		for flag in "${@:7}"; do
			echo "echo 'flag $flag' > $device"
		done
		echo 'echo start > /proc/net/pktgen/pgctrl'
		echo "sed -n 's/.*Result: OK: \([0-9]*\)(.*/\1000/p' $device"
		echo "echo rem_device_all > $thread"
	} | ip netns exec "$1" sh -e)
	[ "$took" ]
}

# arrived NAMESPACE: frames
arrived() {
	on "$1" awk '$1 == "eth0:" { print $3 }' /proc/net/dev
}

# awaited NAMESPACE FRAMES: until it has got so many, or gets no more. Sets $got and,
# nanoseconds, $waited.
awaited() {
	local begin last=-1 beats=0
	begin=$(date +%s%N) waited=0
	while got=$(arrived "$1") && [ "$got" -lt "$2" ] && [ $beats -lt 50 ]; do
		beats=$((got == last ? beats + 1 : 0)) last=$got
		sleep 0.02
		waited=$(($(date +%s%N) - begin))
	done
}

# forwarded CLOCK KIND MACS FRAMES: from guest 1 to guest 2, with half of the addresses
# behind each. Nothing but the frames costs anything here, the generator included.
forwarded() {
	local half=$(($3 / 2)) was took got waited
	say "frames among $3 addresses: $2"
	generate g1 $half "$(addresses 1)" $half ff:ff:ff:ff:ff:ff 0 &&
	generate g2 $half "$(addresses 2)" $half "$(addresses 1)" 1 || return
	# Tables grow in their own time.
	sleep 2
	was=$(arrived g2)
	generate g1 "$4" "$(addresses 1)" $half "$(addresses 2)" $half MACSRC_RND MACDST_RND || return
	awaited g2 $((was + $4))
	printf '{"test":"fdb","clock":"%s","kind":"%s","macs":%d,"sent":%d,"arrived":%d,"ns":%d}\n' \
		"$1" "$2" "$3" "$4" $((got - was)) $((took + waited))
}

# generator CLOCK FRAMES: what they cost that go nowhere
generator() {
	local took
	ip netns add g1
	quiet g1
	ip -n g1 link add eth0 up type dummy
	generate g1 "$2" "$(addresses 1)" 1000 "$(addresses 2)" 1000 MACSRC_RND MACDST_RND &&
		printf '{"test":"fdb","clock":"%s","kind":"generator","sent":%d,"ns":%d}\n' \
			"$1" "$2" "$took"
	ip netns del g1
}

# switched CLOCK MACS FRAMES: between two ports of one network
switched() {
	local n
	ip netns add h1
	net h1 limit 0
	for n in 1 2; do
		guest h1 $n
		vmnetctl -n h1 set-port vmnet0 v$n limit 0
	done
	forwarded "$1" ports "$2" "$3"
	ip netns del g1
	ip netns del g2
	ip netns del h1
}

# tunnelled CLOCK KIND MACS FRAMES: between guests on two hosts
tunnelled() {
	local n
	guests "$2" 1500
	for n in 1 2; do
		[ "$2" = vxlan ] || vmnetctl -n h$n set-port vmnet0 v$n limit 0
	done
	forwarded "$@"
	no_guests
}

# fdb CLOCK: all of it. The clock is what time means in this machine: instructions, or
# time, in which it matters what the caches of the processor hold, and what else the
# machine does: the best of three rounds counts.
fdb() {
	local macs kind round rounds=1
	[ "$1" = instructions ] || rounds=3
	modprobe pktgen
	# All that is sent arrives, however slowly.
	echo 1000000 > /proc/sys/net/core/netdev_max_backlog
	generator "$1" $FDB_FRAMES
	for ((round = 0; round < rounds; round++)); do
		for macs in 1000 "$FDB_MACS"; do
			switched "$1" "$macs" $FDB_FRAMES
		done
	done
	# So many behind the other host.
	for kind in vxlan udp; do
		tunnelled "$1" $kind $((2 * 65536)) $FDB_FRAMES
	done
}
