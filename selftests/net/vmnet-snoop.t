#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# IP multicast of guests goes to those who listen: learned from reports of IGMP and MLD,
# on two hosts, in VLANs, forgotten in time, within limits, and never from bad messages.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/mcast.sh"

plan 91
events=$(mktemp)
trap 'rm -f "$events" "$logs"/*; rmdir "$logs"; kill $(jobs -p) 2> /dev/null' EXIT

set_net() {
	on a vmnetctl set-net vmnet0 "$@" && on b vmnetctl set-net vmnet0 "$@"
}

wire a b
net a; net b
udp_peers a 2; udp_peers b 1
guest a 1; guest a 2; guest a 3; guest b 4; guest b 5
watched=(g1 g2 g3 g4 g5)
watch "${watched[@]}"
vmnetctl -n a monitor > "$events" 2>&1 &
eventually 5 grep -q started "$events"
ok 'guests hear each other' ping g1 4

# ---- nobody asks ----

ok 'without a querier all hear a group' heard 'g2 g3 g4 g5' g1 data 239.1.1.1
ok 'a guest joins' listen g2 eth0 239.1.1.1
ok 'and one of the other host' listen g4 eth0 239.1.1.1
ok 'which its own host learns' known a 239.1.1.1 'port v2,udp 192.0.2.2:4789'
ok 'and the other' known b 239.1.1.1 'udp 192.0.2.1:4789,port v4'
ok 'all hear it all the same' heard 'g2 g3 g4 g5' g1 data 239.1.1.1

# ---- a bridge asks ----

ip netns add q
quiet q
ip -n b link add v9 type veth peer name eth0 netns q
ip -n b link set v9 master vmnet0 up
ip -n q link add br0 type bridge mcast_snooping 1 mcast_querier 1 \
	mcast_query_response_interval 100 mcast_startup_query_interval 200 \
	mcast_query_interval 200 mcast_last_member_interval 50 mcast_stats_enabled 1
ip -n q link set eth0 master br0 up
ip -n q link set br0 up
ok 'a guest that asks is known for a querier' known b 0.0.0.0 'port v9'
ok 'on the other host, too' known a 0.0.0.0 'udp 192.0.2.2:4789'
ok 'and marked' sh -c 'vmnetctl -n b show-mdb vmnet0 | grep -q "0\.0\.0\.0 .*v9 .* yes$"'
ok 'who listens is heard of again' known a 239.1.1.1 'port v2,udp 192.0.2.2:4789'
ok 'listeners hear it, nobody else' \
	eventually 10 heard 'g2 g4' g1 data 239.1.1.1
ok 'from the other host, too' heard 'g2 g4' g5 data 239.1.1.1
ok 'a listener does not hear itself' heard 'g4' g2 data 239.1.1.1
ok 'what nobody listens to nobody hears' heard '' g1 data 239.1.1.2
ok 'groups of the link all hear' heard 'g2 g3 g4 g5' g1 data 224.0.0.251
ok 'broadcasts too, and neighbours' ping g1 5
ok 'reports nobody hears' heard '' g1 report2 239.1.1.3
ok 'nor of IGMPv3' heard '' g1 records 4:239.1.1.3
ok 'but the querier, of the other host' \
	test "$(on q cat /sys/class/net/eth0/statistics/rx_packets)" -ge 300
ok 'it learned of it' known b 239.1.1.3 'udp 192.0.2.1:4789'
ok 'frames are counted' test "$(vstat a mcast_to_listeners)" -ge 500
ok 'reports, too' test "$(vstat a mcast_reports)" -ge 200
ok 'and queries' test "$(vstat b mcast_queries)" -ge 2
ok 'what is for one host of two goes there only' \
	test "$(new tx_udp_frames heard '' g1 data 239.1.1.7)" -ge 100
hush g2
ok 'a guest leaves' known a 239.1.1.1 'udp 192.0.2.2:4789'
ok 'which the other host learns' known b 239.1.1.1 'port v4'
ok 'and hears it no more' heard 'g4' g1 data 239.1.1.1
hush g4
ok 'the last one leaves' known a 239.1.1.1 ''
ok 'events told of it' grep -q 'mdb-new net vmnet0 group 239.1.1.1 port v2' "$events"
ok 'to the end' grep -q 'mdb-del net vmnet0 group 239.1.1.1 port v2' "$events"

# ---- MLD ----

for n in 2 4; do
	on g$n sh -c 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'
done
ok 'a guest joins a group of IPv6' listen g2 eth0 ff15::1
ok 'and is known' known b ff15::1 'udp 192.0.2.1:4789'
ok 'without a querier of IPv6 all hear it' heard 'g2 g3 g4 g5' g1 data ff15::1
mcast g5 query :: 200
ok 'who asks is known' known a :: 'udp 192.0.2.2:4789'
ok 'listeners hear it' eventually 5 heard 'g2 g5' g1 data ff15::1
ok 'to all nodes is for all' heard 'g2 g3 g4 g5' g1 data ff02::1
mcast g3 report1 ff15::2
ok 'a report of MLDv1' known b ff15::2 'udp 192.0.2.1:4789'
mcast g4 records 4:ff15::3 1:ff15::4/2 6:ff15::5/1 3:ff15::6
ok 'of MLDv2: to exclude' known a ff15::3 'udp 192.0.2.2:4789'
ok 'to include some' known a ff15::4 'udp 192.0.2.2:4789'
is 'none that says no' "$(mdb a ff15::5)$(mdb a ff15::6)" ''
mcast g3 leave ff15::2
mcast g5 query ff15::2 100
ok 'a done, and the last call' known a ff15::2 ''
hush g2

# ---- reports of all kinds ----

mcast g1 report1 239.2.0.1
mcast g1 records 2:239.2.0.2 5:239.2.0.3/1 4:224.0.0.9 9:239.2.0.9
ok 'a report of IGMPv1' known b 239.2.0.1 'udp 192.0.2.1:4789'
ok 'of IGMPv3' known b 239.2.0.3 'udp 192.0.2.1:4789'
is 'groups of the link are nothing to learn, nor records unknown' \
	"$(mdb b 224.0.0.9)$(mdb b 239.2.0.9)" ''
mcast g3 pim 4
ok 'a router is known by PIM' eventually 5 sh -c 'vmnetctl -n a show-mdb vmnet0 | grep -q " 0\.0\.0\.0 .*v3 "'
ok 'and given all groups' heard 'g3' g1 data 239.1.1.9
mcast g1 mrd 6
ok 'another by MRD' eventually 5 sh -c 'vmnetctl -n a show-mdb vmnet0 | grep -q " :: .*v1 "'
ip -n a addr add 10.0.0.101/24 dev vmnet0
ok 'the host listens, too' listen a vmnet0 239.1.1.4
ok 'and is known' known a 239.1.1.4 'port vmnet0'
ok 'what it listens to it hears' \
	test "$(new tx_host_frames heard g3 g4 data 239.1.1.4)" -ge 100
ok 'and nothing else' test "$(new tx_host_frames heard g3 g4 data 239.1.1.5)" -lt 100
hush a

# ---- what nobody should believe ----

is 'a wrong checksum' "$(frame 1 report2 239.3.0.1 | sed 's/..$/ff/' |
	new mcast_malformed on g1 inject dev eth0)" 1
is 'is believed by nobody' "$(mdb a 239.3.0.1)" ''
is 'more records than there are' "$(frame 1 records 4:239.3.0.2 |
	sed 's/2200\(....\)00000001/2200\100000002/' | new mcast_malformed on g1 inject dev eth0)" 1
for kind in 'query 0.0.0.0' 'query3 239.1.1.1 10 2' 'report2 239.1.1.1' 'leave 239.1.1.1' \
	'records 4:239.1.1.1 4:239.1.1.2/2' 'pim 4' 'mrd 4' 'query ::' 'query3 ff15::1 10 2' \
	'report1 ff15::1' 'leave ff15::1' 'records 4:ff15::1 4:ff15::2/2' 'pim 6' 'mrd 6'; do
	# shellcheck disable=SC2086 # words of a kind
	mangled "$(frame 1 $kind)"
done > "$events.bad"
ok 'each of their bits altered, each cut off anywhere' \
	on g1 inject dev eth0 < "$events.bad"
rm "$events.bad"
ok 'which many were not good for' test "$(vstat a mcast_malformed)" -gt 500
ok 'guests hear each other' ping g1 4

# ---- limits ----

ip -n q link set br0 down
ok 'all is forgotten by switching it off' set_net mcast-snooping off
is 'it is' "$(vmnetctl -n a show-mdb vmnet0 | wc -l)" 1
mcast g5 query 0.0.0.0 10
mcast g2 report2 239.1.1.1
is 'nothing is learned' "$(vmnetctl -n a show-mdb vmnet0 | wc -l)" 1
ok 'all hear all' heard 'g2 g3 g4 g5' g1 data 239.1.1.1
ok 'on again' set_net mcast-snooping on
ok 'a limit of a port' set_port v3 mcast-limit 2
mcast g5 query 0.0.0.0 1
is 'beyond it nothing is remembered' \
	"$(new mdb_port_full mcast g3 records 4:239.4.0.1 4:239.4.0.2 4:239.4.0.3 4:239.4.0.4)" 2
is 'groups of the port' "$(port_cell v3 groups) $(port_cell v3 mcast_limit)" '2 2'
mcast g2 records 4:239.4.0.1
ok 'but it is given all groups' eventually 5 heard 'g3 g5' g1 data 239.4.0.4
ok 'others only what they want' heard 'g2 g3 g5' g4 data 239.4.0.1
ok 'a limit of a network' on a vmnetctl set-net vmnet0 mcast-limit 2
is 'holds' "$(new mdb_full mcast g2 records 4:239.4.1.1 4:239.4.1.2)" 2
ok 'who is refused gets all groups' heard 'g2 g3 g5' g1 data 239.4.1.2

# ---- time ----

ok 'shorter times' set_net mcast-membership 2 mcast-querier 4 mcast-limit 0
is 'are shown' "$(vmnetctl -n a -j show-nets | grep vmnet0 |
	sed 's/.*"mcast_membership":\([0-9]*\),"mcast_querier":\([0-9]*\).*/\1 \2/')" '2 4'
mcast g4 report2 239.5.0.1
ok 'a report' known a 239.5.0.1 'udp 192.0.2.2:4789'
ok 'is forgotten' known a 239.5.0.1 ''
mcast g5 query 0.0.0.0 1
ok 'and a querier' eventually 10 sh -c '! vmnetctl -n a show-mdb vmnet0 | grep -q yes'
ok 'then all hear all' eventually 5 heard 'g2 g3 g4 g5' g1 data 239.5.0.1
refused 'no time at all' 1 'mcast-querier' on a vmnetctl set-net vmnet0 mcast-querier 0

# ---- VLANs ----

set_net mcast-snooping off; set_net mcast-snooping on mcast-membership 260 mcast-querier 255
set_port v1 pvid 10; set_port v2 pvid 10; set_port v3 pvid 20
on b vmnetctl set-port vmnet0 v4 pvid 10
on b vmnetctl set-port vmnet0 v5 pvid 20
mcast g1 query 0.0.0.0 1
mcast g2 records 4:239.6.0.1
mcast g3 records 4:239.6.0.1
ok 'listeners are learned for their VLAN' eventually 5 sh -c '
	vmnetctl -n b -j show-mdb vmnet0 | grep -q "\"vlan\":20,\"group\":\"239.6.0.1\""'
ok 'and hear it there' eventually 5 heard 'g1 g2' g4 data 239.6.0.1
ok 'where nobody asks all hear it' heard 'g3' g5 data 239.6.0.2

# ---- ports and peers that go ----

ok 'a port without a querier behind it is one of many' ip -n a link set v1 nomaster
ok 'with it goes what is known of it' known a 0.0.0.0 ''
on b vmnetctl del-peer vmnet0 udp 192.0.2.1
is 'as with a peer' "$(vmnetctl -n b show-mdb vmnet0 | grep -c 192.0.2.1)" 0
ok 'a network goes with all of it' on a vmnetctl del-net vmnet0
on b vmnetctl del-net vmnet0

# ---- RRDP ----

nodes a b
net a; net b
rrdp_peers a 2; rrdp_peers b 1
for n in 1 2 3; do
	ip -n a link set v$n master vmnet0
done
for n in 4 5; do
	ip -n b link set v$n master vmnet0
done
ok 'peers of RRDP' eventually 10 up a
mcast g5 query 0.0.0.0 1
mcast g2 report2 239.7.0.1
ok 'reports cross' known b 239.7.0.1 'rrdp 1'
ok 'queries, too' known a 0.0.0.0 'rrdp 2'
ok 'listeners hear it' eventually 5 heard 'g2 g5' g4 data 239.7.0.1
ok 'on their own host' heard 'g2 g5' g1 data 239.7.0.1
ok 'what nobody listens to stays here' heard 'g5' g4 data 239.7.0.2
finish
