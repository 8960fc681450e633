#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# The switch over RRDP: nothing lost on a bad wire, peers that go and come back,
# RRDP and UDP in one network, and how large frames may be.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 40
log=$(mktemp)
trap 'rm -f "$log"' EXIT

mtu_is() {
	on "$1" grep -qx "$2" /sys/class/net/vmnet0/mtu
}

# event TEXT: the monitor of a has told of it
event() {
	grep -q "$1" "$log"
}

down() {
	[[ $(states "$1") != *up* ]]
}

wire a b c
nodes a b c
net a; net b; net c
guest a 1; guest b 2; guest c 3
ip netns exec a vmnetctl -j monitor > "$log" &
monitor=$!
eventually 10 test -s "$log"

rrdp_peers a 2 3
is 'no peer is up before it knows this host' "$(states a | grep -c up)" 0
rrdp_peers b 1 3; rrdp_peers c 1 2
for host in a b c; do ok "peers of $host are up" eventually 15 up $host; done
ok 'events tell of the peer' event '"event":"peer-new".*"node":2'
ok 'and of its state' eventually 5 event '"event":"peer-state".*"node":2.*"state":"up"'

ok 'a to b' ping g1 2 5
ok 'b to c' ping g2 3 5
ok 'c to a' ping g3 1 5
is 'learned behind the node' "$(behind a 2), $(behind c 2)" 'rrdp 2, rrdp 2'
is 'MTU: 1500 less 38 octets of headers' "$(on a cat /sys/class/net/vmnet0/mtu)" 1462
ok 'but a guest need not know: 1500 octets' ping g1 2 5 1500
ok 'and as many in every way' ping g3 1 5 1500

# datagrams: of 1000 octets, many in one super-frame, which is none of TCP
datagrams() {
	local receiver status=0
	timeout 60 ip netns exec g2 python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("10.0.0.2", 9))
sock.settimeout(50)
for n in range(50):
    got = sock.recv(2000)
    assert got == bytes([n]) * 1000, (n, got[:4], len(got))
' &
	receiver=$!
	eventually 10 on g2 sh -c 'grep -q :0009 /proc/net/udp'
	on g1 python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# UDP_SEGMENT
sock.setsockopt(socket.IPPROTO_UDP, 103, 1000)
sock.sendto(b"".join(bytes([n]) * 1000 for n in range(50)), ("10.0.0.2", 9))
' || status=1
	wait $receiver && return $status
}
ok 'datagrams that the sender leaves to be cut' datagrams

# A bad wire
for host in a b; do
	on $host tc qdisc replace dev eth0 root netem limit 10000 \
		loss 10% duplicate 10% delay 500us 500us
done
ok '200 echos over a bad wire: none lost, none twice' ping g1 2 200 600 1000
ok 'the wire was bad' test "$(stat_of a retransmitted)" -gt 10
for host in a b; do on $host tc qdisc del dev eth0 root; done

# A peer forgets all it knows of RRDP, and learns it again
for n in 1 2 3; do on b vmnetctl del-node $n; done
ok 'a peer stops RRDP: it is down' eventually 15 event '"event":"peer-state".*"node":2.*"state":"\(down\|connecting\)"'
ok 'its own peers are down, too' eventually 15 down b
before=$(vstat a drop_peer_down)
ok 'no echo' bash -c '! "$@"' bash ip netns exec g1 icmp-echo 10.0.0.2 2 64 100
ok 'which is counted' test "$(vstat a drop_peer_down)" -gt "$before"
ok 'others do not mind' ping g1 3
on b vmnetctl add-node 2 local dev eth0
for n in 1 3; do on b vmnetctl add-node $n dev eth0 lladdr "$(mac_of $n)"; done
ok 'RRDP again: the peer is up' eventually 20 up a
ok 'and its own' eventually 20 up b
ok 'frames flow' ping g1 2 5

# The wire is cut
ip -n wire link set to-c down
ok 'the wire of a peer is cut: it is down' eventually 15 event '"event":"peer-state".*"node":3.*"state":"\(down\|connecting\)"'
ip -n wire link set to-c up
ok 'the wire is whole: the peer is up' eventually 20 up a
ok 'and its own' eventually 20 up c
ok 'frames flow' ping g3 1 5

# One peer over RRDP, one over UDP
on a vmnetctl del-peer vmnet0 rrdp 3; on c vmnetctl del-peer vmnet0 rrdp 1
is 'what was behind a peer goes with it' "$(behind a 3)" ''
udp_peers a 3; udp_peers c 1
ok 'over RRDP' ping g1 2 5
ok 'over UDP' ping g1 3 5
is 'each behind its own' "$(behind a 2), $(behind a 3)" 'rrdp 2, udp 192.0.2.3:4789'
ok 'MTU is that of the narrower' mtu_is a 1450
is 'a larger packet is answered' "$(on g1 icmp-echo 10.0.0.3 1 1500 300)" \
	'too-big 1450
1 0 0'
ok 'one that fits passes' ping g1 3 1 1450

# A node that takes but what a segment carries
ip netns del g3
on c vmnetctl del-net vmnet0
ip netns exec c python3 -c '
import sys, time
sys.path.insert(0, sys.argv[1])
import rrdpsock
sock = rrdpsock.Socket()
# Without RRDP_OPT_MORE.
sock.option(rrdpsock.SO_OPTIONS, 0x2d)
sock.bind_port(4789)
sock.listen(5)
time.sleep(1000)
' "${0%/*}" &
mute=$!
on a vmnetctl del-peer vmnet0 udp 192.0.2.3
rrdp_peers a 3
ok 'a node that knows no messages of several segments is a peer' eventually 15 up a
on a vmnetctl add-fdb vmnet0 "$(guest_mac 3)" peer rrdp 3
ip -n g1 neigh replace 10.0.0.3 lladdr "$(guest_mac 3)" dev eth0
is 'what no segment carries is answered' "$(on g1 icmp-echo 10.0.0.3 1 1500 300)" \
	'too-big 1462
1 0 0'
dropped=$(vstat a drop_too_big)
more_dropped() {
	[ "$(vstat a drop_too_big)" -gt "$dropped" ]
}
printf '%s%s88b6%03000d\n' "$(guest_mac 3)" "$(guest_mac 1)" 0 | tr -d : |
	ip netns exec g1 inject dev eth0 > /dev/null
ok 'and counted by who could not be told' eventually 5 more_dropped
on a vmnetctl del-peer vmnet0 rrdp 3
kill $mute
udp_peers a 3

# MTU follows the underlay
ip -n a link set eth0 mtu 1400
ok 'MTU follows the underlay' eventually 5 mtu_is a 1350
on a vmnetctl del-peer vmnet0 udp 192.0.2.3
ip -n a link set eth0 mtu 1500
on a sh -c 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'
ip -n a addr add 2001:db8::1/64 dev eth0 nodad
on a vmnetctl add-peer vmnet0 udp 2001:db8::2
ok 'over UDP and IPv6' eventually 5 mtu_is a 1430
kill $monitor
finish
