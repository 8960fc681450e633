#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Node resolution: hosts that know but their own numbers find each other, notice
# who moves and who is gone, and do not believe everything.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/resolve.sh"

plan 75

events=$(mktemp) wire=$(mktemp) out=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; rm -f "$events" "$wire" "$out"' EXIT
M1=$(mac_of 1) M2=$(mac_of 2) M3=$(mac_of 3)
m3=${M3//:/}

wire a b c
ip netns exec a vmnetctl monitor > "$events" 2>&1 &
eventually 5 grep -q started "$events"
# What a and b send to all.
ip netns exec c capture eth0 > "$wire" 2>&1 &
eventually 5 grep -q ready "$wire"
hush
all=ff:ff:ff:ff:ff:ff

# ---- who asks is answered ----

on a vmnetctl add-node 1 local dev eth0
ok 'an own number is announced' eventually 5 heard 1 "$M1 $all resolve announce 1 > 1"
on b vmnetctl add-node 2 local dev eth0
ok 'each announces its own' eventually 5 heard 1 "$M2 $all resolve announce 2 > 2"
ok 'who does not know a node learns nothing of that' entry_is a 2 none
ok 'connect finds the other host' talk a b 2 80
ok 'whose entry is learned' entry_is a 2 "eth0 $M2 yes reachable"
ok 'it has learned of who asked' entry_is b 1 "eth0 $M1 yes *"
ok 'all were asked once' heard 1 "$M1 $all resolve request 1 > 2"
is 'one answered' "$(stat_of b tx_resolve)" 2
ok 'the connection confirms both' eventually 5 entry_is b 1 '* reachable'
ok 'connect the other way' talk b a 1 81
is 'asks nobody' "$(stat_of b tx_resolve) $(stat_of a tx_resolve)" '2 2'
ok 'JSON has it all' python3 -c '
import json, sys
rows = {row["node"]: row for row in json.loads(sys.argv[1])}
assert rows[1]["local"] and not rows[1]["learned"] and rows[1]["state"] == "permanent"
assert "age_ms" not in rows[1]
assert rows[2]["learned"] and rows[2]["state"] == "reachable" and rows[2]["age_ms"] < 1000000
' "$(vmnetctl -n a -j show-nodes)"
ok 'and the monitor says so' grep -q \
	"rrdp node-new node 2 dev eth0 lladdr $M2 learned state reachable" "$events"

# ---- nobody answers ----

SECONDS=0
ok 'connect to a node that is not there fails' \
	fails 1 'No route to host' on a rrdp-msg send 9 80 1
ok 'after some time' test $SECONDS -ge 2
ok 'but not too long' test $SECONDS -lt 60
ok 'it has failed' entry_is a 9 '- - yes failed'
is 'and is counted' "$(stat_of a nodes_failed)" 1
is 'it has never been there: no age' "$(vmnetctl -n a -j show-nodes |
	python3 -c 'import json, sys
print([row.get("age_ms") for row in json.load(sys.stdin) if row["node"] == 9])')" '[None]'
ok 'all were asked three times' heard 3 "$M1 $all resolve request 1 > 9"
ok 'the monitor says so' grep -q 'rrdp node-failed node 9 learned state failed' "$events"
param node_retrans_ms 100
SECONDS=0
ok 'again, sooner' fails 1 'No route to host' on a rrdp-msg send 9 80 1
ok 'is as quick as it shall be' test $SECONDS -lt 20
on a vmnetctl add-node 1 local
on a vmnetctl del-node 1 dev eth0
ok 'no device to ask by: nothing was learned' entry_is a 2 none
ok 'and connect fails at once' fails 1 'No route to host' on a rrdp-msg send 2 80 1
ok 'nobody was asked' entry_is a 2 none
on a vmnetctl add-node 1 local dev eth0

# ---- one end has forgotten ----

# It announces itself to the stranger, which then asks, and so is known.
ok 'both know each other' talk a b 2 80
on b vmnetctl del-node learned
ok 'one forgets' entry_is b 1 none
ok 'and is still called' talk a b 2 80
ok 'it has learned again' entry_is b 1 "eth0 $M1 yes *"
on a vmnetctl add-node 2 dev eth0 lladdr "$M2"
on b vmnetctl del-node learned
ok 'the same with a static entry at the other end' talk a b 2 80

# ---- static entries win ----

ok 'a static entry has replaced the learned one' entry_is a 2 "eth0 $M2 - permanent"
before=$(stat_of a drop_resolve_conflict)
say "$m3" $ANNOUNCE 2 2 > /dev/null
ok 'another MAC is a conflict' eventually 5 grown a drop_resolve_conflict "$before" 1
ok 'which is not believed' entry_is a 2 "eth0 $M2 - permanent"
ok 'and told' eventually 5 grep -q "rrdp node-conflict node 2 dev eth0 lladdr $M3" "$events"
ip netns exec b rrdp-msg echo 82 > /dev/null 2>&1 &
on a vmnetctl del-node 2
ip netns exec a rrdp-msg ping 2 82 100000000 100 > /dev/null 2>&1 &
pinger=$!
ok 'learned' eventually 10 entry_is a 2 "eth0 $M2 yes reachable"
on a vmnetctl add-node 2 dev eth0 lladdr "$M2"
sleep 1
ok 'a static entry that says the same leaves connections alone' kill -0 $pinger
on a vmnetctl del-node 2
ok 'but they end with their node' eventually 10 bash -c "! kill -0 $pinger"

# ---- ageing ----

ok 'learned again' talk a b 2 80
param node_reachable_ms 200
param node_delay_ms 300
param node_stale_ms 100000
on a vmnetctl del-node learned
ok 'with short times' talk a b 2 80
ok 'without connections it is stale soon' eventually 10 entry_is a 2 '* stale'
ip netns exec b rrdp-msg echo 83 > /dev/null 2>&1 &
ip netns exec a rrdp-msg ping 2 83 100000000 100 > /dev/null 2>&1 &
pinger=$!
ok 'progress confirms it' eventually 10 entry_is a 2 '* reachable'
sleep 2
ok 'as long as it goes on' eventually 2 entry_is a 2 '* reachable'
kill $pinger
ok 'then no more' eventually 10 entry_is a 2 '* stale'
ip -n b link set eth0 down
ok 'use asks one that has gone' fails 1 '' on a rrdp-msg send 2 80 1
ok 'which does not answer' eventually 10 entry_is a 2 'eth0 - yes failed'
param node_stale_ms 100
on a vmnetctl del-node learned
ip -n b link set eth0 up
ok 'it is back' eventually 10 talk a b 2 80
ok 'what is not used is forgotten' eventually 10 entry_is a 2 none

# ---- MACs change ----

param node_stale_ms 100000
param node_reachable_ms 100
ok 'learned' talk a b 2 80
ok 'stale' eventually 10 entry_is a 2 '* stale'
param node_reachable_ms 100000
ip -n b link set eth0 address 02:00:00:00:00:22
ok 'a change is announced' eventually 10 entry_is a 2 'eth0 02:00:00:00:00:22 yes stale'
ok 'and told' grep -q 'rrdp node-changed node 2 dev eth0 lladdr 02:00:00:00:00:22' "$events"
ok 'connect goes there' talk a b 2 80
ok 'which confirms it' eventually 10 entry_is a 2 '* reachable'
before=$(stat_of a drop_resolve_conflict)
ip -n b link set eth0 address "$M2"
ok 'while it is reachable another MAC is a conflict' \
	eventually 10 grown a drop_resolve_conflict "$before" 1
ok 'the old one is asked, in vain' eventually 10 entry_is a 2 'eth0 - yes failed'
ok 'so that connect finds the new one' talk a b 2 80
ok 'by its MAC' entry_is a 2 "eth0 $M2 yes reachable"
on b tc qdisc add dev eth0 root netem loss 100%
before=$(stat_of b tx_resolve)
ip -n b link set eth0 address 02:00:00:00:00:33
ok 'a change is announced, but lost' eventually 10 grown b tx_resolve "$before" 1
on b tc qdisc del dev eth0 root
ok 'it is believed to be where it was' entry_is a 2 "eth0 $M2 yes reachable"
ok 'nobody answers there' fails 1 'timed out' on a rrdp-msg send 2 80 1
ok 'so it was asked, in vain' entry_is a 2 'eth0 - yes failed'
ok 'and connect finds the new one' talk a b 2 80

# ---- our number ----

hush
say "$m3" $ANNOUNCE 1 1 > /dev/null
ok 'another with our number is counted' eventually 5 grown a drop_resolve_own_number 0 1
ok 'and told' eventually 5 grep -q "rrdp node-conflict node 1 dev eth0 lladdr $M3" "$events"
ok 'and answered by an announce' eventually 5 heard 1 "$M1 $all resolve announce 1 > 1"
sleep 1.1
hush
for _ in {1..50}; do
	frame $ALL "$m3" $ANNOUNCE 1 1
done | ip netns exec c inject dev eth0 > /dev/null
ok 'each of many is counted' eventually 5 grown a drop_resolve_own_number 1 50
few() {
	local n
	n=$(tail -n +$((hushed + 1)) "$wire" | grep -c "$M1 $all resolve announce 1 ")
	echo "$n"
	[ "$n" -gt 0 ] && [ "$n" -lt 10 ]
}
ok 'few are answered' few

# ---- devices come and go ----

before=$(stat_of b tx_resolve)
ip -n b link set eth0 down
ip -n b link set eth0 up
# The bridge may not let it through yet. It may ask for somebody just now, too.
spoke() {
	[ "$(stat_of b tx_resolve)" -gt "$before" ]
}
ok 'a device that comes up announces' eventually 10 spoke
param node_retrans_ms 20000
ip netns exec a rrdp-msg send 9 80 1 > "$out" 2>&1 &
sender=$!
ok 'a connection waits' eventually 10 entry_is a 9 '- - yes incomplete'
ok 'and is shown' test "$(vmnetctl -n a show-connections | grep -c ' 9 .* syn-sent ')" = 1
ip -n wire link del to-a
wait $sender
ok 'it ends when the device goes' grep -q 'No route\|unreachable' "$out"
ip netns exec b rrdp-msg send 9 80 1 > /dev/null 2>&1 &
sender=$!
ok 'another waits' eventually 10 entry_is b 9 '- - yes incomplete'
kill $sender
wait $sender 2> /dev/null
ok 'its process may end' eventually 10 bash -c \
	'! vmnetctl -n b show-connections | grep -q " 9 "'

# ---- too many wait ----

on c vmnetctl add-node 3 local dev eth0
is 'those that wait for nodes have a limit' "$(ip netns exec c python3 - "${0%/*}" <<- 'END'
	import errno, resource, sys
	sys.path.insert(0, sys.argv[1])
	sys.dont_write_bytecode = True
	from rrdpsock import Socket
	resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))
	names = [errno.errorcode[s.connect_to(100000 + n, 80)]
	         for n, s in enumerate([Socket() for _ in range(1030)])]
	print(*sorted({(name, names.count(name)) for name in names}))
END
)" "('EINPROGRESS', 1024) ('ENOBUFS', 6)"

finish
