#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Checkers: little
# TCP between guests, and between hosts on the network's own device, over each
# transport. The frames of a guest behind a veth are clones of what its TCP
# still holds: whatever the tunnel does to them, TCP must not see it.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 14
bytes=$((16 << 20))
# Octets of a frame, if they are super-frames; and of a hundred frames, how many are left
# if they are merged. What takes long has fewer under way.
whole=8000 left=50
if is_uml; then
	bytes=$((2 << 20))
elif [ -e /sys/kernel/debug/kcsan ]; then
	bytes=$((4 << 20)) whole=2500 left=75
fi

short_ones() {
	for _ in 1 2 3 4 5 6 7 8; do
		transfer g2 g1 10.0.0.1 100 || return
	done
}

# overtaken: how often TCP of a guest got a segment before the one that precedes it, of
# those that nobody sent anew
overtaken() {
	local n
	for n in 1 2; do
		on g$n nstat -asz TcpExtTCPOFOQueue TcpRetransSegs
	done | awk '/OFO/ { n += $2 } /Retrans/ { lost += $2 } END { print lost ? 0 : n }'
}

# merged: are segments that the wire carries one by one given to the guest as
# super-frames again?
merged() {
	local came gone
	came=$(vstat b rx_udp_frames)
	gone=$(vstat b tx_port_frames)
	transfer g1 g2 10.0.0.2 $bytes || return
	came=$(($(vstat b rx_udp_frames) - came))
	gone=$(($(vstat b tx_port_frames) - gone))
	echo "# $came frames came out of the tunnel, $gone went on"
	test $came -gt $((bytes / 1500)) -a $((gone * 100)) -lt $((came * left))
}

# How many come at once is for the machine to say.
merges() {
	local status
	on a ethtool -K eth0 tso off gso off
	merged || merged || merged
	status=$?
	on a ethtool -K eth0 tso on gso on
	return $status
}

wire a b
nodes a b
net a; net b
guest a 1; guest b 2
ip -n a addr add 10.0.0.101/24 dev vmnet0
ip -n b addr add 10.0.0.102/24 dev vmnet0

for via in udp rrdp; do
	"${via}_peers" a 2; "${via}_peers" b 1
	for host in a b; do eventually 15 up $host; done
	mtu=$(on a cat /sys/class/net/vmnet0/mtu)
	for n in 1 2; do ip -n g$n link set eth0 mtu "$mtu"; done
	before=$(vstat a tx_${via}_frames)
	early=$(overtaken)
	ok "$via: from guest to guest" transfer g1 g2 10.0.0.2 $bytes
	frames=$(($(vstat a tx_${via}_frames) - before))
	ok "$via: super-frames are sent whole ($frames)" test $frames -lt $((bytes / whole))
	ok "$via: eight short ones" short_ones
	ok "$via: from host to guest" transfer a g2 10.0.0.2 $bytes
	ok "$via: from guest to host" transfer g1 b 10.0.0.102 $bytes
	[ $via = rrdp ] || ok "$via: what the wire cut is merged" merges
	ok "$via: no segment overtakes another" test $(($(overtaken) - early)) = 0
	[ $via = rrdp ] || for pair in 'a 2' 'b 1'; do
		on "${pair% *}" vmnetctl del-peer vmnet0 udp "192.0.2.${pair#* }"
	done
done

# A super-frame of 64 KiB is a message of more segments than one buffer of RRDP's holds.
on a vmnetctl del-peer vmnet0 rrdp 2; on b vmnetctl del-peer vmnet0 rrdp 1
for host in a b; do ip -n $host link set eth0 mtu 600; done
for n in 1 2; do ip -n g$n link set eth0 mtu 1500; done
rrdp_peers a 2; rrdp_peers b 1
for host in a b; do eventually 15 up $host; done
ok 'rrdp: in small segments' transfer g1 g2 10.0.0.2 $((bytes / 4))
finish
