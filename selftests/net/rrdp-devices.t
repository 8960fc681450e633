#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# RRDP over devices that are no NICs: a VLAN, a bond that fails over; and over two wires
# at once, of which a connection is on one.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/resolve.sh"

plan 19

wire a b

# ---- a VLAN, whose driver makes the header ----

tagged() {
	ip netns exec "$1" cat /sys/class/net/eth0.7/statistics/rx_packets
}
for host in a b; do
	ip -n $host link add link eth0 name eth0.7 type vlan id 7
	ip -n $host link set eth0.7 up
done
on a vmnetctl add-node 1 local dev eth0.7
on b vmnetctl add-node 2 local dev eth0.7
ok 'hosts find each other in a VLAN' talk a b 2 80
ok 'there they are' entry_is a 2 "eth0.7 $(mac_of 2) yes *"
ok 'messages' messages 60 send 200 60000
ok 'without a copy' messages 60 zsend 50 60000
ok 'they came by the VLAN' test "$(tagged b)" -gt 100
ip -n a link del eth0.7
ok 'a node goes with its VLAN' entry_is a 2 none
is 'as does the own number' "$(vmnetctl -n a show-nodes | wc -l)" 1
on b vmnetctl del-node 2 dev eth0.7

# ---- a bond ----

# announced BEFORE: the host has told where it is
announced() {
	[ "$(stat_of a tx_resolve)" -gt "$1" ]
}
ip -n wire link add to-a2 type veth peer name eth1 netns a
ip -n wire link set to-a2 master br0 up
ip -n a -batch - <<- END
	link add bond0 type bond mode active-backup miimon 10
	link set eth0 down
	link set eth0 master bond0
	link set eth1 master bond0
	link set bond0 up
END
on a vmnetctl add-node 1 local dev bond0
on b vmnetctl add-node 2 local dev eth0
ok 'hosts find each other over a bond' eventually 5 talk a b 2 81
ip netns exec b rrdp-msg recv 82 0 > /dev/null 2>&1 &
receiver=$!
ip netns exec a rrdp-msg flow 2 82 100 3000 > /dev/null &
flow=$!
# open HOST: it has a connection that is
open() {
	vmnetctl -n "$1" -j show-connections | grep -q '"state":"open"'
}
ok 'a connection' eventually 5 open a
before=$(stat_of a tx_resolve)
ip -n a link set bond0 type bond active_slave eth1
ok 'who fails over says so' eventually 5 announced "$before"
sleep 0.5
kill $flow
ok 'a connection goes on' eval "wait $flow && wait $receiver"
ok 'the other host finds it' talk b a 1 83
ip -n a link del bond0

# ---- two wires ----

ip -n a link add eth2 type veth peer name eth2 netns b
for host in a b; do
	ip -n $host link set eth2 up
	ip -n $host link set eth0 nomaster up
done
for dev in eth0 eth2; do
	on a vmnetctl add-node 1 local dev $dev
done
on b vmnetctl add-node 2 local dev eth2
ok 'a connection on one of two wires' talk a b 2 84

# What it sends is sent again on the other wire, by somebody who has its MAC: he listens
# to the first as long as it takes. A message that came twice would not be right.
ip netns exec b rrdp-msg recv 85 0 > /dev/null 2>&1 &
receiver=$!
ip netns exec a rrdp-msg flow 2 85 200 100 > /dev/null &
flow=$!
read -r via _ <<< "$(entry a 2)"
other=eth2
[ "$via" = eth0 ] || other=eth0
mac=$(ip netns exec b cat /sys/class/net/$other/address)
dropped=$(stat_of b drop_no_connection)
ok 'copies on the other' on a python3 -c '
import socket, sys
via, other, mac = sys.argv[1:]
taken = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
taken.bind((via, 3))
taken.settimeout(30)
given = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
given.bind((other, 0))
sent = 0
while sent < 20:
    frame, where = taken.recvfrom(2000)
    # PACKET_OUTGOING
    if where[2] == 4 and frame[12:14] == b"\x88\xb5":
        given.send(bytes.fromhex(mac.replace(":", "")) + frame[6:])
        sent += 1
' "$via" $other "$mac"
counted() {
	[ $(($(stat_of b drop_no_connection) - dropped)) -ge 20 ]
}
ok 'are counted as of no connection' eventually 5 counted
kill $flow
ok 'and harm none' eval "wait $flow && wait $receiver"

# ---- more questions than all others should hear ----

before=$(stat_of a tx_resolve)
took=$(on a python3 -c '
import sys, time
sys.path.insert(0, sys.argv[1])
import rrdpsock
begin = time.monotonic()
for node in range(1000, 7000):
    sock = rrdpsock.Socket()
    sock.connect_to(node, 80)
    sock.close()
print(int(time.monotonic() - begin))
' "${0%/*}")
: "${took:?}"
# Each is two frames, and in no second that this has touched more than 1000.
sent=$(($(stat_of a tx_resolve) - before))
echo "# of 6000 in $took s, $sent frames"
ok 'so many are asked for a second, and no more' \
	test "$sent" -gt 0 -a "$sent" -le $((2000 * (took + 2)))
# Slower ones do not ask for as many.
if [ "$took" -lt 2 ]; then
	ok 'who asks for more is held back' test "$(stat_of a resolve_rate_limited)" -gt 0
else
	count=$((count + 1))
	echo "ok $count - who asks for more is held back # SKIP 6000 in $took s are not many"
fi
ok 'and then served' eventually 20 talk a b 2 86
finish
