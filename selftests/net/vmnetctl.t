#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# vmnetctl against the modules: every verb, its refusals, its JSON, its events.
set -u
. "${0%/*}/lib.sh"

plan 74
events=$(mktemp) json_events=$(mktemp) json=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; rm -f "$events" "$json_events" "$json"' EXIT

# says STATUS TEXT COMMAND...: it ends with the status, and says that on
# standard error if the status is not 0
says() {
	local status=$1 text=$2 got err
	shift 2
	err=$("$@" 2>&1 >/dev/null)
	got=$?
	echo "status $got: $err"
	[ $got = "$status" ] && [[ $err == *"$text"* ]] && [[ $got = 0 || $err == 'vmnetctl: '* ]]
}

# refused NAME TEXT VERB ARGUMENT...: by the kernel, in host a
refused() {
	local name=$1 text=$2
	shift 2
	ok "$name" says 1 "$text" vmnetctl -n a "$@"
}

# granted NAME VERB ARGUMENT...: granted in silence, in host a
granted() {
	local name=$1
	shift
	ok "$name" says 0 '' vmnetctl -n a "$@"
}

# columns NUMBERS... VERB ARGUMENT...: these columns of a table in host a, rows on
# one line with comma between them
columns() {
	local list=$1
	shift
	vmnetctl -n a "$@" | awk -v list="$list" 'NR > 1 {
		n = split(list, c)
		line = $c[1]
		for (i = 2; i <= n; i++)
			line = line " " $c[i]
		print line
	}' | sort | paste -sd,
}

wire a b
vmnetctl -n a monitor >"$events" 2>&1 &
vmnetctl -n a --json monitor >"$json_events" 2>&1 &
ok 'monitors start' eventually 5 grep -q started "$events"
ok 'with JSON too' eventually 5 grep -q started "$json_events"

# Nodes
is 'no nodes yet' "$(vmnetctl -n a show-nodes | wc -l)" 1
granted 'add-node local' add-node 1 local dev eth0
granted 'add-node' add-node 2 dev eth0 lladdr "$(mac_of 2)"
is 'show-nodes' "$(columns '1 2 3 4' show-nodes)" \
	"1 yes eth0 $(mac_of 1),2 - eth0 $(mac_of 2)"
is '--netns' "$(on a vmnetctl show-nodes | md5sum)" "$(vmnetctl -n a show-nodes | md5sum)"
refused 'a device that is not there' 'there is no device "eth9" here' \
	add-node 3 dev eth9 lladdr "$(mac_of 3)"
ok 'node 0' says 2 'expected NODE, a number from 1' vmnetctl -n a add-node 0 local
refused 'a node that is there' 'Node 2 is in the table' add-node 2 dev eth0 lladdr "$(mac_of 3)"
refused 'a node that is not there' 'Node 77 is not in the table' del-node 77
granted 'del-node learned' del-node learned
granted 'del-node learned of a device' del-node learned dev eth0
is 'which leaves the others' "$(columns '1 5 6 7' show-nodes)" '1 - permanent -,2 - permanent -'
ok 'without the right to' says 1 'only root may do that' \
	on a "${unprivileged[@]}" vmnetctl del-node 2

# Networks
is 'no networks yet' "$(columns 1 show-nets)" ''
granted 'add-net' add-net lan vni 42 port 4790 ageing 60 limit 1000
is 'show-nets' \
	"$(columns '1 2 3 5 6 7 8' show-nets)" \
	'lan 42 4790 60 1000 0 0'
ok 'it is up' eventually 2 sh -c 'ip -n a link show lan | grep -q "[<,]UP[,>]"'
refused 'a network that is there' 'there is a device "lan" already' add-net lan vni 43
refused 'a VNI beyond 24 bits' '(attribute: vni)' add-net big vni 16777216
refused 'VNI 0' '(attribute: vni)' add-net zero vni 0
is 'nothing half made' "$(columns 1 show-nets)" lan
refused 'del-net of another kind of device' '"eth0" is not a network' del-net eth0
refused 'del-net of nothing' 'there is no device "none" here' del-net none

# Peers
granted 'add-peer rrdp' add-peer lan rrdp 2
granted 'add-peer udp' add-peer lan udp 192.0.2.7
granted 'add-peer udp with a port, plain' add-peer lan udp 192.0.2.8:4791 plain
is 'show-peers' "$(columns '1 2 3 4' show-peers lan)" \
	'lan rrdp 2 -,lan udp 192.0.2.7:4790 -,lan udp 192.0.2.8:4791 yes'
refused 'a peer twice' 'this network has that peer already' add-peer lan udp 192.0.2.7
granted 'a node that is not there yet' add-peer lan rrdp 99
granted 'and need not come' del-peer lan rrdp 99
refused 'itself' "this node number is this host's own" add-peer lan rrdp 1
refused 'itself over UDP' "this IP address is this host's own" add-peer lan udp 192.0.2.1
refused 'a group as a peer' 'a peer needs a unicast IP address' add-peer lan udp 239.0.0.1
refused 'a peer of what is no network' 'that device is not a vmnet' add-peer eth0 udp 192.0.2.9
refused 'no such peer' 'this network has no such peer' del-peer lan udp 192.0.2.9
granted 'del-peer with a port' del-peer lan udp 192.0.2.8 port 4791
granted 'a network with a subnet' add-net relayed vni 43 subnet 10
# What it would send nobody would answer.
ip -n a link set relayed down
is 'the node number is that of RRDP' "$(columns '1 10 11 12 13' show-nets | tr , '\n' | grep relayed)" \
	'relayed 1 10 1 forwarder'
granted 'add-peer with a subnet' add-peer relayed udp 192.0.2.7 node 7 subnet 20
is 'show-peers of it' "$(columns '2 3 6 7 8 9 10' show-peers relayed)" \
	'udp 192.0.2.7:4789 7 20 1 forwarder -'
refused 'a node number twice' 'has that node number' \
	add-peer relayed udp 192.0.2.6 node 7 subnet 20
refused "this host's node number" "this host's own" add-peer relayed udp 192.0.2.6 node 1
refused 'a peer of another number' 'no such peer' \
	set-peer relayed udp 192.0.2.8 leaving on
granted 'set-peer leaving' set-peer relayed udp 192.0.2.7 leaving on
granted 'another that forwards' add-peer relayed udp 192.0.2.6 node 6 subnet 20
is 'takes its place' "$(columns '3 9' show-peers relayed)" \
	'192.0.2.6:4789 forwarder,192.0.2.7:4789 leaving'
refused 'set-peer of one without a subnet' 'forwards for no subnet' \
	set-peer lan udp 192.0.2.7 leaving on
granted 'the network goes' del-net relayed
is 'it has gone' "$(columns 8 show-nets)" 2

# Ports and the MAC database
ip -n a link add vif0 type veth peer name vif0-guest
ip -n a link set vif0 up master lan
ip -n a link set vif0-guest up
is 'a port counts' "$(columns 7 show-nets)" 1
granted 'add-fdb port' add-fdb lan 02:00:00:00:aa:01 port vif0
granted 'add-fdb peer' add-fdb lan 02:00:00:00:aa:02 peer udp 192.0.2.7
granted 'add-fdb peer rrdp' add-fdb lan 02:00:00:00:aa:03 peer rrdp 2
is 'show-fdb' "$(columns '2 3 4 5' show-fdb lan | tr , '\n' | grep -F :aa:0 | paste -sd,)" \
	"$(paste -sd, <<'END'
02:00:00:00:aa:01 port vif0 yes
02:00:00:00:aa:02 udp 192.0.2.7:4790 yes
02:00:00:00:aa:03 rrdp 2 yes
END
)"
refused 'a group in the MAC database' 'only a unicast MAC address' add-fdb lan 01:00:5e:00:00:01 port vif0
refused 'behind what is no port' 'that device is not a port of this network' add-fdb lan 02:00:00:00:aa:04 port eth0
granted 'del-fdb' del-fdb lan 02:00:00:00:aa:01
refused 'del-fdb again' 'no such MAC address' del-fdb lan 02:00:00:00:aa:01
refused 'show-fdb of what is no network' 'that device is not a vmnet' show-fdb eth0

# Counters and connections
ok 'show-stats rrdp' test -n "$(columns 3 show-stats rrdp)"
ok 'show-stats of a network' test -n "$(columns 3 show-stats lan)"
is 'show-stats of all' "$(columns 1 show-stats | tr , '\n' | uniq | grep -cE '^(lan|rrdp)$')" 2
refused 'show-stats of what is no network' 'that device is not a vmnet' show-stats eth0
vmnetctl -n b add-node 2 local dev eth0
vmnetctl -n b add-node 1 dev eth0 lladdr "$(mac_of 1)"
vmnetctl -n b add-net lan vni 42
vmnetctl -n b add-peer lan rrdp 1
connected() {
	[ "$(columns '2 4' show-connections)" = '2 open' ]
}
ok 'show-connections' eventually 10 connected
ok 'the peer is up' eventually 10 sh -c \
	'vmnetctl -n a show-peers lan | grep -q "rrdp 2 .* up "'

for view in nodes nets peers fdb stats connections; do
	vmnetctl -n a -j show-$view
	echo ---
done >"$json"
ok 'all of it is JSON' python3 -c '
import json, sys
tables = [json.loads(text) for text in open(sys.argv[1]).read().split("---")[:-1]]
assert len(tables) == 6 and all(tables), tables
assert all(isinstance(row, dict) for table in tables for row in table)' "$json"

# Events
granted 'del-net' del-net lan
granted 'del-node' del-node 2
ok 'the monitor saw it all' eventually 5 grep -q 'rrdp node-del node 2 ' "$events"
saw() {
	local event
	for event in 'rrdp node-new node 1 local dev eth0' 'link changed dev lan kind vmnet' \
		'vmnet peer-new net lan peer rrdp 2 ' 'vmnet peer-del net lan peer udp 192.0.2.8:4791' \
		'vmnet port-new net lan port vif0' 'link deleted dev lan' \
		'vmnet fdb-new net lan mac 02:00:00:00:aa:01 port vif0 static' \
		'vmnet peer-state net lan peer rrdp 2 state up' 'rrdp conn-open '; do
		grep -q "$event" "$events" || { echo "not seen: $event"; cat "$events"; return 1; }
	done
}
ok 'each of them' saw
ok 'as JSON, an object a line' python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert all(r["time"].endswith("Z") and r["source"] and r["event"] for r in rows)
assert {"node-new", "peer-new", "port-new", "fdb-new"} <= {r["event"] for r in rows}' "$json_events"
ok 'the last network is gone' test -z "$(columns 1 show-nets)"
finish
