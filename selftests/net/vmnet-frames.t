#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# Frames that a switch can get wrong: with VLAN tags, with a tunnel in them, too
# large for a port, looped back by the host, for bridges alone, to itself.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 30
bytes=$((1 << 20))
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# vlan HOST DEV N: VLAN 7 on the device, 10.1.0.N
vlan() {
	ip -n "$1" link add link "$2" name "$2.7" type vlan id 7
	ip -n "$1" addr add "10.1.0.$3/24" dev "$2.7"
	ip -n "$1" link set "$2.7" up
}

wire a b
net a; net b
udp_peers a 2; udp_peers b 1
guest a 1; guest b 2
ok 'guests of two hosts' ping g1 2

# VLANs, of guests alone and of the host, too
vlan g1 eth0 1
vlan g2 eth0 2
ok 'tagged frames' on g1 icmp-echo 10.1.0.2 5
ip -n a link add link vmnet0 name vmnet0.9 type vlan id 9
ip -n a link set vmnet0.9 up
ok 'while the host has another VLAN' on g2 icmp-echo 10.1.0.1 5
vlan a vmnet0 101
ok 'while the host has that VLAN' on g2 icmp-echo 10.1.0.1 5
ok 'to the host on that VLAN' on g2 icmp-echo 10.1.0.101 5
ok 'and from it' on a icmp-echo 10.1.0.1 5
ok 'TCP in a VLAN' transfer g2 g1 10.1.0.1 $bytes
ok 'TCP in a VLAN of the host' transfer a g2 10.1.0.2 $bytes
before=$(vstat a tx_fragmented)
ip -n g1 link set eth0.7 mtu 1450
is 'a full packet leaves no room for the tag' \
	"$(on g1 icmp-echo 10.1.0.2 1 1450 | head -n 1)" 'too-big 1446'
ok 'a little less does' on g1 icmp-echo 10.1.0.2 1 1446
is 'nothing was fragmented' "$(vstat a tx_fragmented)" "$before"
ip -n a link del vmnet0.7

# A tunnel of the guests' in that of the hosts
tunnel() {
	ip -n "$1" link add vx0 type vxlan id 9 dstport 4799 \
		local "10.0.0.$2" remote "10.0.0.$3"
	ip -n "$1" addr add "10.2.0.$2/24" dev vx0
	ip -n "$1" link set vx0 mtu 1400 up
}
tunnel g1 1 2
tunnel g2 2 1
ok 'a tunnel of the guests' on g1 icmp-echo 10.2.0.2 5
# Long enough for segments to be put together, whose heads had to grow on the way:
# the kernel complains if their size was not kept true.
ok 'TCP in it' transfer g1 g2 10.2.0.2 $((8 * bytes))

# The host sends to a port that carries less than the network
on a ip addr add 10.0.0.101/24 dev vmnet0
ip -n a link set v1 mtu 1000
before=$(vstat a too_big_answered)
ok 'TCP of the host to a port of a smaller MTU' transfer a g1 10.0.0.1 $bytes
ok 'which the host was told' test "$(vstat a too_big_answered)" -gt "$before"
ip -n a link set v1 mtu 1500

# The host loops back to itself what it sends to a group it is in
own=$(on a cat /sys/class/net/vmnet0/address)
on a ip route add 224.0.0.0/4 dev vmnet0
on g1 capture eth0 > "$dir/capture" &
capture=$!
ok 'capture' eventually 5 grep -q ready "$dir/capture"
on a bash -c 'echo all > /dev/udp/224.0.0.1/9'
ok 'a guest sees a multicast of the host' \
	eventually 5 grep -q "^$own 01:00:5e:00:00:01 udp port 9$" "$dir/capture"
sleep 0.3
kill $capture
wait $capture 2> /dev/null
is 'once' "$(grep -c 'udp port 9$' "$dir/capture")" 1
is 'and nothing else than what the host sent' \
	"$(grep -vc "^ready$\|^$own " "$dir/capture")" 0

# Groups that bridges keep to themselves
captures=()
for guest in g1 g2; do
	ip netns exec $guest capture eth0 > "$dir/$guest" &
	captures+=($!)
	eventually 5 grep -q ready "$dir/$guest"
done
# reserved COMMAND...: whether a guest sees it, and how often a has dropped it
reserved() {
	local dropped
	dropped=$(vstat a drop_reserved_group)
	"$@" > /dev/null
	sleep 0.3
	! grep -q ' type 88cc$' "$dir/g1" "$dir/g2" || echo 'a guest saw it'
	echo $(($(vstat a drop_reserved_group) - dropped))
}
lldp=0180c200000e0200000000bb88cc$(printf '%092d' 0)
is 'LLDP of the host' "$(reserved on a inject dev vmnet0 <<< "$lldp")" 1
is 'LLDP of a peer' \
	"$(reserved on b inject udp 192.0.2.1 4789 <<< "0800000000002a00$lldp")" 1
kill "${captures[@]}"
wait "${captures[@]}" 2> /dev/null

# A peer whose address becomes this host's own
ok 'the peer before' ping g1 2
on a ip addr add 192.0.2.2/32 dev lo
before=$(vstat a rx_udp_frames)
ok 'is none while the host has its address' \
	bash -c '! "$@"' bash ip netns exec g1 icmp-echo 10.0.0.2 3 64 100
is 'nothing came back' "$(vstat a rx_udp_frames)" "$before"
is 'each frame was dropped as a loop' "$(vstat a drop_underlay_loop)" 3
on a ip addr del 192.0.2.2/32 dev lo
ok 'the peer again' ping g1 2

# nested LEVELS TAG: a frame for the host in a tunnel from its peer, in such a frame, and
# so on, each in that VLAN (0: none)
nested() {
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=${0%/*} python3 - "$own" "$1" "$2" <<- 'END'
		import struct, sys
		from mcast import checksum

		def datagram(data):
		    length = 28 + len(data)
		    header = [0x45, 0, length, 1, 0, 64, 17, 0, bytes((192, 0, 2, 2)), bytes((192, 0, 2, 1))]
		    form = "!BBHHHBBH4s4s"
		    header[7] = checksum(struct.pack(form, *header))
		    return struct.pack(form, *header) + struct.pack("!HHHH", 4789, 4789, length - 20, 0) + data

		mac, tag = bytes.fromhex(sys.argv[1].replace(":", "")), int(sys.argv[3])
		ether = mac + b"\2\0\0\0\0\1" + (struct.pack("!HH", 0x8100, tag) if tag else b"")
		frame = ether + b"\x88\xcc" + bytes(46)
		for _ in range(int(sys.argv[2])):
		    frame = ether + b"\x08\0" + datagram(b"\x08\0\0\0\0\0\x2a\0" + frame)
		print(frame.hex())
	END
}

# came: how many frames have come out of the tunnel since the step began
came() {
	echo $(($(vstat a rx_udp_frames) - before))
}

# A guest that sends as a peer does, to the host that it is on
before=$(vstat a rx_udp_frames) loops=$(vstat a drop_underlay_loop)
nested 1 0 | on g1 inject dev eth0 > /dev/null
looped() {
	[ "$(vstat a drop_underlay_loop)" = $((loops + 1)) ]
}
ok 'what a guest sends as a peer is dropped as a loop' eventually 5 looped
is 'nothing came' "$(came)" 0

# Behind a VLAN device nobody can tell. The stack is to last for each tunnel in another.
vlan a vmnet0 101
before=$(vstat a rx_udp_frames)
nested 24 7 | on g1 inject dev eth0 > /dev/null
all_came() {
	[ "$(came)" = 24 ]
}
ok 'tunnels in tunnels in a VLAN' eventually 10 all_came
ok 'and the host lives' ping g1 2
finish
