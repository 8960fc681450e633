#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# Node resolution against frames that nobody should send, too many of them, and
# kernel users that come and go.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/resolve.sh"

plan 47

wire=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$wire" "$wire.requests" "${sender%/*}"' EXIT
M1=$(mac_of 1) M3=$(mac_of 3)
m1=${M1//:/} m3=${M3//:/}

wire a b c
on a vmnetctl add-node 1 local dev eth0
ip netns exec c capture eth0 > "$wire" 2>&1 &
eventually 5 grep -q ready "$wire"
hush

# counts NAME REASON FRAME: dropped for this reason and no other
counts() {
	mark
	echo "$3" | ip netns exec wire inject dev to-a > /dev/null
	ok "$1" eventually 5 news_of a "${2:+rrdp $2 1}"
}

counts 'nothing but a header' drop_resolve_too_short "$ALL${m3}88b6"
counts 'an octet too short' drop_resolve_too_short "$ALL${m3}88b6000100000003000000"
counts 'operation 0' drop_resolve_operation "$(frame $ALL "$m3" 0000 3 1)"
counts 'operation 4' drop_resolve_operation "$(frame $ALL "$m3" 0004 3 1)"
counts 'operation 256' drop_resolve_operation "$(frame $ALL "$m3" 0100 3 1)"
counts 'a request of node 0' drop_resolve_node_zero "$(frame $ALL "$m3" $REQUEST 0 1)"
counts 'a request for node 0' drop_resolve_node_zero "$(frame $ALL "$m3" $REQUEST 3 0)"
counts 'an announce of node 0' drop_resolve_node_zero "$(frame $ALL "$m3" $ANNOUNCE 0 0)"
counts 'a request for oneself' drop_resolve_target "$(frame $ALL "$m3" $REQUEST 3 3)"
counts 'an announce of another' drop_resolve_target "$(frame $ALL "$m3" $ANNOUNCE 3 4)"
counts 'a reply to another' drop_resolve_target "$(frame "$m1" "$m3" $REPLY 3 4)"
counts 'a reply to nobody' drop_resolve_unasked "$(frame "$m1" "$m3" $REPLY 3 1)"
counts "from a group's MAC" drop_resolve_bad_mac "$(frame "$m1" 030000000003 $REQUEST 3 1)"
counts 'from a MAC of zeros' drop_resolve_bad_mac "$(frame "$m1" 000000000000 $REQUEST 3 1)"
counts 'to a group' drop_not_unicast "$(frame 0180c2000010 "$m3" $REQUEST 3 1)"
counts 'a request for another' '' "$(frame $ALL "$m3" $REQUEST 3 7)"
counts 'an announce of a node unknown' '' "$(frame $ALL "$m3" $ANNOUNCE 3 3)"
ok 'nothing was learned of all that' entry_is a 3 none
ok 'nor answered' heard 0 "^$M1 .* resolve"

counts 'our own number' drop_resolve_own_number "$(frame $ALL "$m3" $REQUEST 1 7)"
ip -n a link add own type dummy
ip -n a link set own address 02:00:00:00:00:0a up
on a vmnetctl add-node 1 local dev own
counts 'our own MAC' drop_resolve_own_frame "$(frame $ALL 02000000000a $ANNOUNCE 1 1)"
ip -n a link del own

mark
say "$m3" $REQUEST 3 1 > /dev/null
ok 'a request is answered' eventually 5 heard 1 "$M1 $M3 resolve reply 1 > 3"
ok 'and learned of' entry_is a 3 "eth0 $M3 yes stale"
ok 'nothing is dropped' news_of a ''
frame "$m1" "$m3" $REQUEST 3 1 | cut -c -48 | ip netns exec c inject dev eth0 > /dev/null
ok 'one without padding as well' eventually 5 heard 2 "$M1 $M3 resolve reply 1 > 3"

# Who announces itself to us alone wants to be asked, but not too often.
hush
for _ in {1..20}; do
	frame "$m1" "$m3" $ANNOUNCE 3 3
done | ip netns exec c inject dev eth0 > /dev/null
ok 'a stranger that we know is asked' eventually 5 heard 1 "$M1 $M3 resolve request 1 > 3"

od -An -v -tx1 -w46 -N23000 /dev/urandom | sed "s/ //g; s/^.../$ALL${m3}88b6000/" |
	ip netns exec c inject dev eth0 > /dev/null
hush
say "$m3" $REQUEST 3 1 > /dev/null
ok 'random frames do no harm' eventually 5 heard 1 "$M1 $M3 resolve reply 1 > 3"

# ---- the table is full ----

# many FIRST LAST: requests of nodes that are one MAC each
many() {
	local i mac
	for ((i = $1; i <= $2; i++)); do
		printf -v mac '0200000010%02x' "$i"
		frame "$m1" "$mac" $REQUEST "$i" 1
	done | ip netns exec c inject dev eth0 > /dev/null
}
learned() {
	[ "$(vmnetctl -n a show-nodes | grep -c ' yes *stale')" = "$1" ]
}
on a vmnetctl del-node learned
param node_max 10
many 101 110
ok 'as many as there may be are learned' eventually 5 learned 10
many 111 115
ok 'then the oldest of those that are in doubt go' eventually 5 entry_is a 115 '* stale'
ok 'no more than need be' learned 10
ok 'in turn' entry_is a 105 none
ok 'not the others' entry_is a 106 '* stale'
param node_max 0
say "$m3" $REQUEST 3 1 > /dev/null
ok 'a table that takes nobody in' eventually 5 learned 0
param node_max 1
param node_retrans_ms 20000
ip netns exec a rrdp-msg send 9 80 1 > /dev/null 2>&1 &
waiting=$!
ok 'one that is asked for' eventually 5 entry_is a 9 '* incomplete'
look a
mark
hush
say "$m3" $REQUEST 3 1 > /dev/null
ok 'leaves no room: a request is dropped' \
	eventually 5 news_of a 'rrdp drop_resolve_table_full 1'
ok 'and not answered' heard 0 "$M1 .* reply"
ok 'nor can another be asked for' \
	fails 1 'No buffer space' on a rrdp-msg send 8 80 1
is 'which is counted' "$(stat_of a nodes_refused)" 1
kill $waiting; wait $waiting 2> /dev/null
param node_retrans_ms 1000
param node_max 1024

# More than are taken at once: they are dropped, or served.
many 1 250
many 1 250
ok 'a flood does not matter' eventually 10 entry_is a 250 '* stale'
on a vmnetctl del-node learned

# requests NUMBER [COMMAND]...: of one node, injected by way of COMMAND, all of which
# are answered or counted
requests() {
	local n=$1 i frame
	shift
	before=$(outcomes)
	frame=$(frame "$m1" "$m3" $REQUEST 3 1)
	for ((i = 0; i < n; i++)); do
		echo "$frame"
	done > "$wire.requests"
	ip netns exec c "$@" inject dev eth0 < "$wire.requests" > /dev/null
	eventually 15 accounted "$n"
}
outcomes() {
	echo $(($(stat_of a tx_resolve) + $(stat_of a drop_resolve_backlog) +
		$(stat_of a drop_resolve_rate)))
}
accounted() {
	echo "$(($(outcomes) - before)) answered or dropped"
	[ $(($(outcomes) - before)) = "$1" ]
}
# The worker has to wait for the only processor, and the sender for nothing. (No frame
# may be lost on the way to us.)
core=/proc/sys/net/core
read -r backlog_was < $core/netdev_max_backlog
read -r wmem_was < $core/wmem_default
echo 10000 > $core/netdev_max_backlog
echo 16000000 > $core/wmem_default
ok 'a burst of requests: answered or counted' requests 3000 chrt -f 1
ok 'as more than can wait' test "$(stat_of a drop_resolve_backlog)" -gt 0
ok 'one after the other: answered or counted' requests 6000
ok 'as more than are answered in a second' test "$(stat_of a drop_resolve_rate)" -gt 0
echo "$backlog_was" > $core/netdev_max_backlog
echo "$wmem_was" > $core/wmem_default

# ---- kernel users ----

sender=$(mktemp -d)/rrdp_kapi_send.ko
sed 's/rrdp_kapi_test/rrdp_kapi_send/g' "$TEST_MODULES/rrdp_kapi_test.ko" > "$sender"
on b vmnetctl add-node 2 local dev eth0
on b insmod "$TEST_MODULES/rrdp_kapi_test.ko" port=100
kernel_send() {
	on a insmod "$sender" "$@" && rmmod rrdp_kapi_send
}
ok 'a kernel user connects where it must not sleep' kernel_send node=2 port=100 count=100
ok 'or is told that nobody is there' \
	fails 1 'No route to host' on a insmod "$sender" node=9 port=100
param node_retrans_ms 20000
ok 'or gives up before' kernel_send node=8 port=100 count=0
rmmod rrdp_kapi_test

# ---- the end ----

ip netns exec a rrdp-msg send 7 80 1 > /dev/null 2>&1 &
waiting=$!
eventually 5 entry_is a 7 '* incomplete'
kill $waiting; wait $waiting 2> /dev/null
many 1 250
ip netns del a
rmmod vmnet
ok 'the module goes while nodes are asked for' eventually 10 rmmod rrdp
finish
