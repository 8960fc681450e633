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

# forwarded KIND MACS FRAMES: from guest 1 to guest 2, with half of the addresses
# behind each. Nothing but the frames costs anything here, the generator included.
forwarded() {
	local half=$(($2 / 2)) was took
	say "frames among $2 addresses: $1"
	generate g1 $half "$(addresses 1)" $half ff:ff:ff:ff:ff:ff 0 &&
	generate g2 $half "$(addresses 2)" $half "$(addresses 1)" 1 || return
	# Tables grow in their own time.
	sleep 2
	was=$(arrived g2)
	generate g1 "$3" "$(addresses 1)" $half "$(addresses 2)" $half MACSRC_RND MACDST_RND || return
	sleep 1
	printf '{"test":"fdb","kind":"%s","macs":%d,"sent":%d,"arrived":%d,"ns":%d}\n' "$1" \
		"$2" "$3" $(($(arrived g2) - was)) "$took"
}

# generator FRAMES: what they cost that go nowhere
generator() {
	local took
	ip netns add g1
	quiet g1
	ip -n g1 link add eth0 up type dummy
	generate g1 "$1" "$(addresses 1)" 1000 "$(addresses 2)" 1000 MACSRC_RND MACDST_RND &&
		printf '{"test":"fdb","kind":"generator","sent":%d,"ns":%d}\n' "$1" "$took"
	ip netns del g1
}

# switched MACS FRAMES: between two ports of one network
switched() {
	local n
	ip netns add h1
	net h1 limit 0
	for n in 1 2; do
		guest h1 $n
		vmnetctl -n h1 set-port vmnet0 v$n limit 0
	done
	forwarded ports "$1" "$2"
	ip netns del g1
	ip netns del g2
	ip netns del h1
}

# tunnelled KIND MACS FRAMES: between guests on two hosts
tunnelled() {
	local n
	guests "$1" 1500
	for n in 1 2; do
		[ "$1" = vxlan ] || vmnetctl -n h$n set-port vmnet0 v$n limit 0
	done
	forwarded "$@"
	ip netns del g1
	ip netns del g2
	no_hosts
}

# fdb: all of it
fdb() {
	local macs kind
	modprobe pktgen
	# The generator is not slowed down by who falls behind.
	echo 100000 > /proc/sys/net/core/netdev_max_backlog
	generator $FDB_FRAMES
	for macs in 1000 "$FDB_MACS"; do
		switched "$macs" $FDB_FRAMES
	done
	# So many behind the other host.
	for kind in vxlan udp; do
		tunnelled $kind $((2 * 65536)) $FDB_FRAMES
	done
}
