#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# RRDP peers that nobody has told the MAC address of: they are found, now or later,
# and what is known of those that are not is why.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/resolve.sh"
. "${0%/*}/vmnet.sh"

plan 30
param node_retrans_ms 200

# why HOST NODE: why the peer is not up, "-" if it is
why() {
	vmnetctl -n "$1" show-peers vmnet0 | awk -v node="$2" \
		'$2 == "rrdp" && $3 == node { $1 = $2 = $3 = ""; for (i = 4; i < 17; i++) $i = ""; print }' |
		sed 's/^ *//'
}

# is_down HOST NODE REASON
is_down() {
	local is
	is="$(states "$1"): $(why "$1" "$2")"
	[[ $is == down:\ $3 || $is == connecting:\ $3 ]] || { echo "$is"; return 1; }
}

mtu() {
	on "$1" cat /sys/class/net/vmnet0/mtu
}

# asked HOST: somebody is being asked for
asked() {
	vmnetctl -n "$1" show-nodes | grep -q incomplete
}

wire a b c
on a vmnetctl add-node 1 local dev eth0
on b vmnetctl add-node 2 local dev eth0
net a; net b; net c
guest a 1; guest b 2; guest c 3

# ---- both are there ----

ok 'a peer that nobody knows yet' on a vmnetctl add-peer vmnet0 rrdp 2
is 'how large its packets may be is not known' "$(mtu a)" 1500
ok 'it is found, but wants nothing of this host' eventually 10 is_down a 2 'Connection refused'
ok 'the same the other way' on b vmnetctl add-peer vmnet0 rrdp 1
ok 'then it is up' eventually 15 up a
ok 'and this one' eventually 15 up b
ok 'as a node that was learned' entry_is a 2 "eth0 $(mac_of 2) yes reachable"
is 'there is nothing to complain of' "$(why a 2), $(why b 1)" '-, -'
ok 'frames flow' ping g1 2 5
is 'the MTU has followed' "$(mtu a), $(mtu b)" '1462, 1462'

# ---- one end learns of the other first ----

on a vmnetctl del-peer vmnet0 rrdp 2
on b vmnetctl del-peer vmnet0 rrdp 1
is 'without a peer' "$(mtu a)" 1500
on a vmnetctl del-node learned; on b vmnetctl del-node learned
ok 'who is to be connected to comes first' on b vmnetctl add-peer vmnet0 rrdp 1
is 'nothing has been tried' "$(states b): $(why b 1)" 'down: -'
on a vmnetctl add-peer vmnet0 rrdp 2
ok 'then the other' eventually 15 up b
ok 'frames flow' ping g2 1 5

# ---- one that does not answer ----

on a vmnetctl del-peer vmnet0 rrdp 2
on b vmnetctl del-peer vmnet0 rrdp 1
ok 'a node that is not there' on a vmnetctl add-peer vmnet0 rrdp 9
ok 'stays down, as nobody answers' eventually 15 is_down a 9 'No route to host'
ok 'JSON says so' grep -q '"error":"No route to host"' <<< "$(vmnetctl -n a -j show-peers)"
is 'the MTU is that of no peer' "$(mtu a)" 1500
before=$(vstat a drop_peer_down)
ok 'frames for it are dropped' bash -c '! "$@"' bash ip netns exec g1 icmp-echo 10.0.0.3 1 64 200
ok 'and counted' test "$(vstat a drop_peer_down)" -gt "$before"
on c vmnetctl add-node 9 local dev eth0
on c vmnetctl add-peer vmnet0 rrdp 1
ok 'until it comes' eventually 20 up a
# The guest has asked for the other one's MAC address in vain, and may be about to give up.
ip -n g1 neigh flush dev eth0
ok 'frames flow' ping g1 3 5
is 'the MTU has followed' "$(mtu a), $(mtu c)" '1462, 1462'
on a vmnetctl del-peer vmnet0 rrdp 9

# ---- numbers that are none, and the end ----

refused 'node 0' 2 'expected NODE, a number from 1' on a vmnetctl add-peer vmnet0 rrdp 0
refused 'own node' 1 "this host's own" on a vmnetctl add-peer vmnet0 rrdp 1

param node_retrans_ms 20000
add_and_del() {
	local i
	for i in {20..39}; do
		on a vmnetctl add-peer vmnet0 rrdp "$i" && eventually 5 asked a &&
			on a vmnetctl del-peer vmnet0 rrdp "$i" || return
	done
}
ok 'peers go while they are asked for' add_and_del
ok 'and all of a network' eval '
	on a vmnetctl add-peer vmnet0 rrdp 40 && eventually 5 asked a &&
	on a vmnetctl del-net vmnet0'
is 'nothing is left of them' "$(vmnetctl -n a show-connections | grep -c syn-sent)" 0
on b vmnetctl add-peer vmnet0 rrdp 50
eventually 5 asked b
ip netns del b
ok 'and of a namespace' eventually 10 bash -c 'rmmod vmnet; rmmod rrdp'
finish
