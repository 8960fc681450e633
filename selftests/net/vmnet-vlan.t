#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# VLANs: which ports, hosts and the host's own NIC hear each other, with which tags,
# and what is learned of them.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 86
bytes=$((1 << 20))
events=$(mktemp)
trap 'rm -f "$events"' EXIT

# tagged NAMESPACE DEV VID N [PROTOCOL]: a VLAN device, 10.VID.0.N
tagged() {
	ip -n "$1" link add link "$2" name "$2.$3" type vlan proto "${5:-802.1q}" id "$3"
	ip -n "$1" addr add "10.$3.0.$4/24" dev "$2.$3"
	ip -n "$1" link set "$2.$3" up
}

# frame N TAGS: a broadcast of guest N, in hexadecimal
frame() {
	printf 'ffffffffffff0200000001%02x%s88b7%092d\n' "$1" "$2" 0
}

# send NAMESPACE FRAME: out of its eth0
send() {
	on "$1" inject dev eth0 <<< "$2"
}

# where_in VID N: where host a believes guest N to be in that VLAN; - for none
where_in() {
	local mac
	printf -v mac 02:00:00:00:01:%02x "$2"
	vmnetctl -n a show-fdb vmnet0 |
		awk -v mac="$mac" -v vid="$1" '$2 == mac && $7 == vid { print $3, $4 }'
}

wire a b
net a; net b
udp_peers a 2; udp_peers b 1
guest a 1; guest a 2; guest b 3; guest b 4
tagged g2 eth0 10 2
tagged g4 eth0 10 4
vmnetctl -n a monitor > "$events" 2>&1 &
monitor=$!
eventually 5 grep -q started "$events"

# ---- nothing is configured ----

ok 'without VLANs all hear each other' ping g1 3
ok 'tags pass' on g2 icmp-echo 10.10.0.4 1
is 'a port is in all VLANs' "$(port_cell v1 tagged)" all
is 'and so is the host' "$(port_cell vmnet0 tagged)" all
is 'nothing is learned per VLAN' "$(where_in - 2)" 'port v2'

# ---- access ports ----

ok 'bridge vlan add' bridge -n a vlan add dev v1 vid 10 pvid untagged
is 'bridge vlan show' "$(bridge -n a vlan show dev v1 | awk 'NR == 2 { $1 = ""; print }')" \
	' 10 PVID Egress Untagged'
is 'show-ports' "$(port_cell v1 pvid) $(port_cell v1 untagged) $(port_cell v1 tagged)" '10 10 '
ok 'the monitor was told' eventually 5 grep -q 'port-changed net vmnet0 port v1' "$events"
ok 'the port is forgotten in no VLAN' test -z "$(where_in - 1)"
ok 'it does not hear who is in none' unanswered g2 10.0.0.1
ok 'nor is it heard' unanswered g1 10.0.0.2
on b vmnetctl set-port vmnet0 v3 pvid 10
ok 'two in the same VLAN, of two hosts' ping g1 3
ip -n g1 addr add 10.10.0.1/24 dev eth0
ip -n g3 addr add 10.10.0.3/24 dev eth0
ok 'with one that tags itself' on g2 icmp-echo 10.10.0.1 1
ok 'of the other host, too' on g4 icmp-echo 10.10.0.1 1
is 'a guest is learned in its VLAN' "$(where_in 10 1)" 'port v1'
is 'one of the other host, too' "$(where_in 10 3)" 'udp 192.0.2.2:4789'
is 'who tags itself in both' "$(where_in 10 2),$(where_in - 2)" 'port v2,port v2'
is 'a frame of another VLAN is dropped' \
	"$(new drop_vlan_ingress send g1 "$(frame 1 8100001e)")" 1
is 'and counted for the port' "$(port_cell v1 rx_drops)" 1
is 'one of its own is not' "$(new drop_vlan_ingress send g1 "$(frame 1 8100000a)")" 0
is 'nor one with a priority' "$(new drop_vlan_ingress send g1 "$(frame 1 8100e000)")" 0
ok 'TCP between hosts' transfer g1 g3 10.0.0.3 $bytes
is 'a full packet leaves no room for the tag' \
	"$(on g1 icmp-echo 10.0.0.3 1 1450 | head -n 1)" 'too-big 1446'
ok 'a little less does' on g1 icmp-echo 10.0.0.3 1 1446

# ---- trunk ports ----

guest a 5
set_port v5 pvid 20
ok 'set-port' set_port v2 pvid 20 tagged 10,40-42
is 'it is shown' "$(port_cell v2 pvid) $(port_cell v2 untagged) $(
	bridge -n a -compressvlans vlan show dev v2 |
		awk 'NR > 1 { sub("v2", ""); $1 = $1; print }' | paste -sd/)" \
	'20 20 10/20 PVID Egress Untagged/40-42'
ok 'without tag it is in the one VLAN' ping g2 5
ok 'with a tag in the other' on g2 icmp-echo 10.10.0.1 1
ok 'the two do not meet' unanswered g1 10.0.0.5
frames() {
	new rx_port_frames transfer g2 g1 10.10.0.1 $bytes
}
ok 'TCP from the one to an access port, in super-frames' test "$(frames)" -lt 400
set_port v2 tagged 10
is 'without a PVID frames without tag are dropped' \
	"$(new drop_vlan_ingress send g2 "$(frame 2 '')")" 1
ok 'those with a tag are not' on g2 icmp-echo 10.10.0.1 1

# The same address in two VLANs is two
guest a 6
ip -n g6 link set eth0 address "$(guest_mac 1)"
ip -n g6 addr add 10.40.0.1/24 dev eth0
set_port v6 pvid 40
set_port v2 tagged 10,40
tagged g2 eth0 40 2
ok 'an address in one VLAN' on g2 icmp-echo 10.10.0.1 1
ok 'and in another' on g2 icmp-echo 10.40.0.1 1
is 'is at two places' "$(where_in 10 1),$(where_in 40 1)" 'port v1,port v6'
is 'and has not moved' "$(grep -c "fdb-move.*$(guest_mac 1)" "$events")" 0

# Tags inside tags
tagged g1 eth0 7 1 802.1ad
tagged g3 eth0 7 3 802.1ad
ok '802.1ad on access ports' on g1 icmp-echo 10.7.0.3 1
ok 'TCP in it' transfer g1 g3 10.7.0.3 $bytes
ip -n g1 link del eth0.7
ip -n g3 link del eth0.7
ip -n g1 link add link eth0 name inner type vlan id 8
ip -n g1 link set inner up
ip netns exec g1 capture inner > "$events.c" &
capture=$!
eventually 5 grep -q ready "$events.c"
send g2 "$(frame 2 8100000a81000008)" > /dev/null
ok 'a tag behind that of the VLAN is left' eventually 5 grep -q 'type 88b7$' "$events.c"
kill $capture
wait $capture 2> /dev/null
rm -f "$events.c"
ip -n g1 link del inner

# ---- the host's own NIC ----

ip -n a addr add 10.0.0.101/24 dev vmnet0
ok 'the host is in no VLAN at first' unanswered g1 10.0.0.101
ok 'set-port of the host' set_port vmnet0 pvid 10 tagged 40
ok 'now a guest reaches it' on g1 icmp-echo 10.0.0.101 1
ok 'one of the other host, too' on g3 icmp-echo 10.0.0.101 1
ok 'and it them' on a icmp-echo 10.0.0.3 1
ok 'who is in none does not' unanswered g4 10.0.0.101
tagged a vmnet0 40 101
ok 'a VLAN of the host' on g2 icmp-echo 10.40.0.101 1
ok 'and back' on a icmp-echo 10.40.0.1 1
ok 'TCP to the host' transfer g3 a 10.0.0.101 $bytes
ok 'TCP from the host' transfer a g3 10.0.0.3 $bytes
ok 'TCP in a VLAN of the host' transfer a g2 10.40.0.2 $bytes
tagged a vmnet0 41 101
ip -n a link del vmnet0.40
is 'a VLAN that it is not in' \
	"$(new drop_vlan_ingress on a inject dev vmnet0 <<< "$(frame 9 81000029)")" 1
is 'a full packet of the host leaves no room for the tag' \
	"$(on a icmp-echo 10.0.0.3 1 1450 | head -n 1)" 'too-big 1446'
is 'the host has no limits' "$(port_cell vmnet0 limit)" ''
ok 'VLANs of the host by bridge vlan' bridge -n a vlan add dev vmnet0 vid 42 self
is 'are added' "$(port_cell vmnet0 tagged)" 40,42
ok 'or deleted' bridge -n a vlan del dev vmnet0 vid 40-42 self
is 'all of them' "$(port_cell vmnet0 tagged)" ''
ok 'vlans all' set_port vmnet0 vlans all
ok 'and it is deaf again' unanswered g1 10.0.0.101

# ---- over RRDP, which carries super-frames as they are ----

nodes a b
on a vmnetctl del-peer vmnet0 udp 192.0.2.2
on b vmnetctl del-peer vmnet0 udp 192.0.2.1
rrdp_peers a 2; rrdp_peers b 1
eventually 10 up a
eventually 10 up b
ok 'RRDP peers' ping g1 3
is 'a guest is learned in its VLAN' "$(where_in 10 3)" 'rrdp 2'
ok 'TCP over RRDP' transfer g1 g3 10.0.0.3 $bytes
ok 'with tags' transfer g3 g2 10.10.0.2 $bytes

# ---- static entries ----

fdb=(02:00:00:00:0f:01 dev vmnet0 vlan 10)
bridge -n a monitor fdb > "$events.fdb" 2>&1 &
fdb_monitor=$!
sleep 0.3
ok 'bridge fdb add' bridge -n a fdb add "${fdb[@]}" via v1
ok 'is shown with its VLAN' \
	test -n "$(bridge -n a fdb show dev vmnet0 | grep '^02:00:00:00:0f:01 .*vlan 10 .*via v1')"
ok 'and told' eventually 5 grep -q '^02:00:00:00:0f:01 .*vlan 10' "$events.fdb"
kill $fdb_monitor
rm "$events.fdb"
ok 'in another VLAN it is not there' \
	fails 1 'if it is in a VLAN, name that' on a vmnetctl del-fdb vmnet0 "${fdb[0]}"
ok 'it is where it was said' on a vmnetctl del-fdb vmnet0 "${fdb[0]}" vlan 10
ok 'add-fdb' on a vmnetctl add-fdb vmnet0 "${fdb[0]}" vlan 40 port v6
is 'in the database' "$(vmnetctl -n a show-fdb vmnet0 | awk '/0f:01/ { print $5, $7 }')" 'yes 40'
own=$(on a cat /sys/class/net/vmnet0/address)
ok "the host's own address is taken in all" \
	fails 1 "vmnet device's own" on a vmnetctl add-fdb vmnet0 "$own" vlan 10 port v1

# ---- away ----

bridge -n a vlan del dev v1 vid 10
ok 'what was learned in a VLAN goes with it' test -z "$(where_in 10 1)"
is 'a port in none hears nothing' "$(port_cell v1 tagged)" ''
ok 'and says nothing' unanswered g1 10.0.0.3

# ---- what nobody should configure ----

ok 'VLAN 0' fails 255 'from 1 to 4094' bridge -n a vlan add dev v1 vid 0
ok 'VLAN 4095' fails 255 'from 1 to 4094' bridge -n a vlan add dev v1 vid 4095
ok 'a range of PVIDs' fails 255 '' bridge -n a vlan add dev v1 vid 5-6 pvid
ok 'the state of spanning tree' fails 255 'isolated and learning' bridge -n a link set dev v1 state 3
ok 'a port of another' fails 1 'not a port of this network' set_port eth0 pvid 10
ok 'isolation of the host' fails 1 'only the VLANs' set_port vmnet0 isolated on
is 'nothing has changed' "$(port_cell v1 tagged)$(port_cell v1 pvid)" ''

for port in v1 v2 v5 v6; do
	set_port $port vlans all
done
ok 'one VLAN of a port in all' fails 255 '' bridge -n a vlan del dev v1 vid 10
on b vmnetctl set-port vmnet0 v3 vlans all
ok 'without VLANs all hear each other again' ping g1 3
ip -n a link set v1 nomaster
ip -n a link set v1 master vmnet0
ok 'also a port that left and came' ping g1 2
for vid in 10 20; do
	bridge -n a vlan add dev v2 vid $vid
done
ok 'a network is deleted with VLANs' on a vmnetctl del-net vmnet0
kill $monitor
wait $monitor 2> /dev/null
finish
