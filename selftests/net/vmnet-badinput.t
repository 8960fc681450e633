#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# What nobody should send and nobody should configure: each bad message is counted
# by its reason and dropped, each bad command fails, says why and changes nothing.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 107

# ---- configuration ----

wire a b
quiet a

add_net() {
	on a vmnetctl add-net "$@"
}
refused 'VNI 0' 1 'the VNI must be from 1 to 16777215 (attribute: vni)' add_net vmnet0 vni 0
refused 'VNI too large' 1 'the VNI must be from 1 to 16777215' add_net vmnet0 vni 16777216
refused 'VNI that is no number' 2 'VNI' add_net vmnet0 vni x
refused 'port 0' 1 'the UDP port must be from 1 to 65535 (attribute: port)' \
	add_net vmnet0 vni 42 port 0
refused 'port too large' 2 'PORT' add_net vmnet0 vni 42 port 65536
refused 'ageing too long' 1 'at most 1000000 seconds' add_net vmnet0 vni 42 ageing 1000001
refused 'a subnet without node number' 1 "needs this host's node number, too (attribute: subnet)" \
	add_net vmnet0 vni 42 subnet 1
refused 'name too long' 2 'NAME' add_net abcdefghijklmnop vni 42
refused 'name of another device' 1 'a device "eth0" already' add_net eth0 vni 42
is 'there is no network' "$(on a vmnetctl show-nets | wc -l)" 1

ok 'largest VNI' add_net vmnet1 vni 16777215
ok 'a network' add_net vmnet0 vni 42
refused 'VNI taken' 1 'vmnet0 has VNI 42 on UDP port 4789 already' add_net vmnet2 vni 42
refused 'no such network' 1 'vmnet7' on a vmnetctl del-net vmnet7
refused 'a device that is no network' 1 'not a network' on a vmnetctl del-net eth0

add_peer() {
	on a vmnetctl add-peer "$@"
}
refused 'peer of no network' 1 'vmnet7' add_peer vmnet7 udp 192.0.2.2
refused 'peer of a device that is no network' 1 'not a vmnet' add_peer eth0 udp 192.0.2.2
refused 'no address' 2 '' add_peer vmnet0 udp
refused 'address that is none' 2 '192.0.2.256' add_peer vmnet0 udp 192.0.2.256
refused "this host's own address" 1 "this host's own" add_peer vmnet0 udp 192.0.2.1
refused "this host's loopback address" 1 "this host's own" add_peer vmnet0 udp 127.0.0.1
refused 'multicast address' 1 'one host' add_peer vmnet0 udp 224.0.0.1
refused 'broadcast address' 1 'one host' add_peer vmnet0 udp 255.255.255.255
refused 'address of zeros' 1 'one host' add_peer vmnet0 udp 0.0.0.0
refused 'link-local address' 1 'link-local' add_peer vmnet0 udp fe80::1
refused 'IPv4 address as an IPv6 one' 1 'use the IPv4 address' \
	add_peer vmnet0 udp ::ffff:192.0.2.2
refused 'port 0 of a peer' 2 'PORT' add_peer vmnet0 udp 192.0.2.2 port 0
refused 'a plain peer with a subnet' 1 'give it neither node nor subnet' \
	add_peer vmnet0 udp 192.0.2.2 plain node 2 subnet 1
refused 'a peer with a subnet alone' 1 'needs its node number, too' \
	add_peer vmnet0 udp 192.0.2.2 subnet 1
refused 'unknown transport' 2 'expected "rrdp", "udp" or "auto"' add_peer vmnet0 tcp 192.0.2.2
refused 'RRDP without an own number' 1 'this host has no RRDP node number' \
	add_peer vmnet0 rrdp 2
on a vmnetctl add-node 2 local
refused 'unknown node, and no device to ask by' 1 'no such RRDP node' add_peer vmnet0 rrdp 1
on a vmnetctl add-node 2 local dev eth0
refused 'own node' 1 "this host's own" add_peer vmnet0 rrdp 2
refused 'node 0' 2 'expected NODE, a number from 1' add_peer vmnet0 rrdp 0
is 'there is no peer' "$(on a vmnetctl show-peers | wc -l)" 1
ok 'nor a socket' on a sh -c '! grep -q :12B5 /proc/net/udp'

# Of two hosts it is the one with the lower number that connects, here b.
on a vmnetctl add-node 1 dev eth0 lladdr "$(mac_of 2)"
ok 'a UDP peer' add_peer vmnet0 udp 192.0.2.2
ok 'an RRDP peer' add_peer vmnet1 rrdp 1
refused 'the same UDP peer' 1 'has that peer already' add_peer vmnet0 udp 192.0.2.2
refused 'at another port' 1 'has that peer already' add_peer vmnet0 udp 192.0.2.2 port 1
refused 'the same RRDP peer' 1 'has that peer already' add_peer vmnet1 rrdp 1
refused 'no such peer' 1 'no such peer' on a vmnetctl del-peer vmnet0 udp 192.0.2.3
is 'the peers are those two' "$(on a vmnetctl show-peers | wc -l)" 3

add_port() {
	ip -n a link set "$1" master vmnet0
}
ip -n a link add d0 type dummy
ip -n a link add d1 type dummy
ip -n a link add mac1 link d1 type macvlan
refused 'lo as a port' 2 'loopback device cannot be a port' add_port lo
refused 'a network as a port' 2 'cannot be a port of a vmnet' add_port vmnet1
refused 'a device that others live off as a port' 2 'something else takes the frames' \
	add_port d1
ip -n a link add link vmnet0 name vmnet0.7 type vlan id 7
refused 'a VLAN of the network as a port' 2 'on top of this network' add_port vmnet0.7
refused 'the device of the underlay as a port' 2 'a peer is reached through this device' \
	add_port eth0
ip -n a link add listener type nlmon
refused 'a device without Ethernet as a port' 2 'not an Ethernet device' add_port listener
is 'neither has a port' "$(on a vmnetctl -j show-nets | grep -c '"ports":0')" 2
ok 'a port' add_port d0
ip -n a addr add 198.51.100.1/24 dev d0
ip -n a link set d0 up
refused 'a peer behind a port' 1 'is a port of the network' add_peer vmnet0 udp 198.51.100.2
ip -n a addr del 198.51.100.1/24 dev d0
ip -n a link set d0 down
add_net vmnet4 vni 16777215 port 4790
refused 'a node that is a peer of another network with that VNI' 1 \
	'only the VNI tells them apart' add_peer vmnet4 rrdp 1
on a vmnetctl del-net vmnet4
refused 'as of a bridge, more than VLANs of the network itself' 255 'only the VLANs can be set' \
	on a bridge link set dev vmnet0 self learning off

fdb() {
	on a vmnetctl "$1-fdb" vmnet0 "${@:2}"
}
refused "a group's address" 1 'only a unicast MAC address' fdb add 01:00:5e:00:00:01 port d0
refused 'address of zeros' 1 'only a unicast MAC address' fdb add 00:00:00:00:00:00 port d0
refused 'behind a device that is no port' 1 'not a port of this network' \
	fdb add 02:00:00:00:0d:0d port d1
refused 'behind an unknown peer' 1 'no such peer' fdb add 02:00:00:00:0d:0d peer udp 192.0.2.9
refused 'address that is not there' 1 'no such MAC address' fdb del 02:00:00:00:0d:0d
fdb add 02:00:00:00:0d:0d port d0
refused 'one that is there' 1 'has a static entry already' fdb add 02:00:00:00:0d:0d port d0
refused "a static entry's address as the own" 2 'xists' \
	ip -n a link set vmnet0 address 02:00:00:00:0d:0d
ok 'the static entry is still there' fdb del 02:00:00:00:0d:0d
is 'the MAC database has but the own address' \
	"$(on a vmnetctl show-fdb vmnet0 | wc -l)" 2

# Who has but the namespace that the device was given to does not have its peers
on a vmnetctl add-net vmnet3 vni 43
ip netns exec a unshare -U -r -n sleep 1000 &
owner=$!
own_space() {
	[ "$(readlink /proc/$owner/ns/net)" != "$(on a readlink /proc/self/ns/net)" ] &&
		grep -q . /proc/$owner/uid_map
}
eventually 5 own_space
ip -n a link set vmnet3 netns $owner
refused 'administrator of another namespace' 1 'only an administrator of the namespace' \
	nsenter -t $owner -U -n vmnetctl add-peer vmnet3 udp 192.0.2.2
kill $owner
wait $owner 2> /dev/null
is 'all is as it was' "$(on a vmnetctl show-nets | awk 'NR > 1 { print $1, $7, $8 }' |
	sort | paste -sd,)" 'vmnet0 1 1,vmnet1 0 1'

# ---- messages ----

# counted NAME WANTED MESSAGE: what was dropped by it, and why
counted() {
	on b inject "${sink[@]}" > /dev/null <<< "$3"
	# What has crossed the wire has been counted, or almost.
	eventually 2 news_of a "$2" || true
	# A probe that crossed its ACK makes both ends say good-bye once more.
	news=${news#rrdp drop_no_connection [0-9]} news=${news#,}
	is "$1" "$news" "$2"
	mark
}

# messages NET VNI: VNI in hexadecimal
messages() {
	local net=$1 vni=$2 to=0200000000aa from=0200000000bb own
	local rest flips extension message kind=${sink[0]}
	rest=88b6$(printf '%092d' 0)
	own=$(on a cat "/sys/class/net/$net/address")
	# The extension is of a host that is not known. With each bit altered, of the
	# frame itself but one is wrong: that of a group as its source. One promises an
	# extension; over RRDP one makes it a super-frame, of no known kind.
	flips='vmnet drop_bad_header 32,vmnet drop_unknown_vni 24'
	flips+=",$net drop_unknown_origin 1,$net drop_source_address 1"
	extension="$net drop_unknown_origin"
	if [ "$kind" = rrdp ]; then
		# There are no messages without a frame.
		message='vmnet drop_bad_flags'
		flips="vmnet drop_bad_flags 6,$flips,$net drop_bad_header 1"
	else
		message=$extension
		flips="vmnet drop_bad_flags 7,$flips"
	fi

	counted "$kind: nothing wrong" '' "08000000 ${vni}00 $to $from $rest"
	counted "$kind: not even a header" 'vmnet drop_too_short 1' "08000000 ${vni}"
	counted "$kind: nothing behind it" 'vmnet drop_too_short 1' "08000000 ${vni}00"
	counted "$kind: inner header cut off" 'vmnet drop_too_short 1' \
		"08000000 ${vni}00 $to $from 88"
	counted "$kind: no VNI" 'vmnet drop_bad_flags 1' "00000000 ${vni}00 $to $from $rest"
	counted "$kind: unknown flag" 'vmnet drop_bad_flags 1' \
		"88000000 ${vni}00 $to $from $rest"
	counted "$kind: an extension" "$extension 1" "48000000 ${vni}00 $to $from $rest"
	counted "$kind: a message without a frame" "$message 1" \
		"68010000 ${vni}00 00000001 00000000"
	counted "$kind: reserved bits" 'vmnet drop_bad_header 1' \
		"08000100 ${vni}00 $to $from $rest"
	counted "$kind: unknown VNI" 'vmnet drop_unknown_vni 1' \
		"08000000 12345600 $to $from $rest"
	counted "$kind: from a group" "$net drop_source_address 1" \
		"08000000 ${vni}00 $to 0300000000bb $rest"
	counted "$kind: from zeros" "$net drop_source_address 1" \
		"08000000 ${vni}00 $to 000000000000 $rest"
	counted "$kind: from this host" "$net drop_own_source_address 1" \
		"08000000 ${vni}00 $to ${own//:/} $rest"
	counted "$kind: each bit altered" "$flips" \
		"flips 08000000 ${vni}00 $to $from $rest"
}

# supers NET VNI: super-frames, described as struct virtio_net_hdr has it: flags, kind,
# length of headers, of segments, where the checksum begins, and where it belongs
supers() {
	local net=$1 head="18000000 ${2}00" frame
	frame="0200000000aa 0200000000bb 0800 $(printf '4500%0300d' 0)"

	counted 'super-frame: no description' 'vmnet drop_too_short 1' "$head 0101"
	counted 'super-frame: no frame' 'vmnet drop_too_short 1' \
		"$head 01 01 0000 0064 0022 0010"
	counted 'super-frame: of datagrams' "$net drop_bad_header 1" \
		"$head 01 03 0000 0064 0022 0010 $frame"
	counted 'super-frame: of none' "$net drop_bad_header 1" \
		"$head 01 00 0000 0064 0022 0010 $frame"
	counted 'super-frame: with its checksum' "$net drop_bad_header 1" \
		"$head 00 01 0000 0064 0022 0010 $frame"
	counted 'super-frame: segments of nothing' "$net drop_bad_header 1" \
		"$head 01 01 0000 0000 0022 0010 $frame"
	counted 'super-frame: segments of what the kernel means otherwise' \
		"$net drop_bad_header 1" "$head 01 01 0000 ffff 0022 0010 $frame"
	counted 'super-frame: checksum behind its end' "$net drop_bad_header 1" \
		"$head 01 01 0000 0064 fff0 0010 $frame"
	counted 'super-frame: checksum that is not of TCP' "$net drop_bad_header 1" \
		"$head 01 01 0000 0064 0022 0006 $frame"
	counted 'super-frame: from a group' "$net drop_source_address 1" \
		"$head 01 01 0000 0064 0022 0010 ${frame/0200000000bb/0300000000bb}"
	# What is no TCP in it is the business of who has to cut it.
	counted 'super-frame: whose packet is none' '' "$head 01 01 0000 0064 0022 0010 $frame"
	counted 'super-frame: and tagged' '' \
		"$head 01 01 0000 0064 0026 0010 ${frame/ 0800/ 81000001 0800}"
}

ip -n a link set d0 up
look a
mark
sink=(udp 192.0.2.1 4789)
messages vmnet0 00002a
counted 'udp: VNI of a network without UDP' 'vmnet drop_unknown_vni 1' \
	"08000000 ffffff00 0200000000aa0200000000bb88b6$(printf '%092d' 0)"
on a vmnetctl add-peer vmnet0 udp 192.0.2.3
on a vmnetctl del-peer vmnet0 udp 192.0.2.2
counted 'udp: from a host that is no peer' 'vmnet0 drop_unknown_peer 1' \
	"08000000 00002a00 0200000000aa0200000000bb88b6$(printf '%092d' 0)"

on b vmnetctl add-node 1 local dev eth0
on b vmnetctl add-node 2 dev eth0 lladdr "$(mac_of 1)"
sink=(rrdp 2 4789)
look a
mark
messages vmnet1 ffffff
supers vmnet1 ffffff
finish
