#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# Memory that is not there now and then, where nobody can wait for it: in softirq, and
# in the worker of node resolution. What a connection has accepted arrives all the
# same, what is lost is counted, and afterwards all works.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/resolve.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/faults.sh"

plan 23

# starve PERCENT: the same of all that the workers of the kernel allocate
starve() {
	local comm
	# Those that will be are made by process 2, which gives it to them.
	for comm in /proc/[0-9]*/comm; do
		case $(< "$comm") in
		kthreadd|kworker/u*) echo 1 > "${comm%comm}make-it-fail" ;;
		esac
	done 2> /dev/null
	fault task-filter Y
	fault ignore-gfp-wait N
	fault times -1
	fault probability "$1"
}

# short HOST: it ran out of memory since "was"
short() {
	local now
	now=$(stat_of "$1" drop_no_memory)
	echo "drop_no_memory $now, was $was"
	[ "$now" -gt "$was" ]
}

# dvmm HOST FILE: of the sample that is loaded on the host
dvmm() {
	echo "$debug/rrdp_dvm$1/$2"
}

# services: calls by the sample of a until some have succeeded
services() {
	local n good=0
	for ((n = 0; n < 300 && good < 30; n++)); do
		dd if="$(dvmm a page)" of=/dev/null bs=4096 count=1 status=none 2> /dev/null &&
			good=$((good + 1))
		dd if="$(dvmm a io)" of=/dev/null bs=8 count=1 status=none 2> /dev/null
	done
	echo "$good of $n"
	[ $good = 30 ]
}

# echos FROM N: of 300, those that are answered
echos() {
	on "$1" icmp-echo "10.0.0.$2" 300 64 100
	return 0
}

wire a b
nodes a b
net a; net b
guest a 1; guest b 2
rrdp_peers a 2; rrdp_peers b 1
ok 'peers are up' eventually 20 up a
ok 'and of the other host' eventually 20 up b
copies=$(mktemp -d)
trap 'plenty; rm -rf "$copies"' EXIT
for host in a b; do
	sed "s/rrdp_dvmm/rrdp_dvm$host/g" "$SAMPLES/rrdp/rrdp_dvmm.ko" > "$copies/rrdp_dvm$host.ko"
done
on a insmod "$copies/rrdp_dvma.ko" peer=2
on b insmod "$copies/rrdp_dvmb.ko" peer=1

# ---- softirq ----

was=$(stat_of a drop_no_memory)
before=$(vstat a drop_no_memory)
scarce 2
ok 'messages' messages 150 send 2000 4000
ok 'messages of many segments' messages 150 send 200 65536
ok 'messages by reference' messages 150 zsend 500 20000
ok 'messages from a ring' messages 150 rsend 500 20000
ok 'services of the sample' services
ok 'frames of guests' echos g1 2
plenty
ok 'memory ran out' short a
ok 'as the sender was told, or the counter' test "$(vstat a drop_no_memory)" -ge "$before"
ok 'then messages' messages 150 send 200 65536
ok 'and services' services
ok 'and peers' eventually 20 up a
ok 'and frames' ping g1 2 5
rmmod rrdp_dvma; rmmod rrdp_dvmb

# ---- the worker of node resolution ----

# found: of 25 connects to a node that is not known, those that got through. If none did,
# which happens, go on until one does.
found() {
	local n
	good=0
	for ((n = 0; n < 25 || (good == 0 && n < 200); n++)); do
		on a vmnetctl del-node 2; on a vmnetctl del-node learned
		on b vmnetctl del-node 1; on b vmnetctl del-node learned
		ip netns exec b timeout 20 rrdp-msg recv $((200 + n)) 1 > /dev/null 2>&1 &
		# That it did not is told.
		on a rrdp-msg send 2 $((200 + n)) 1 2> "$copies/why" && good=$((good + 1))
		kill $! 2> /dev/null; wait $! 2> /dev/null
		[ ! -s "$copies/why" ] ||
			grep -q 'No route to host\|Cannot allocate memory\|timed out' "$copies/why" ||
			{ cat "$copies/why"; return 1; }
	done 2> /dev/null
	echo "$good of $n"
	[ $good -gt 0 ]
}
param node_retrans_ms 100
on a vmnetctl del-peer vmnet0 rrdp 2; on b vmnetctl del-peer vmnet0 rrdp 1
was=$(stat_of a drop_no_memory)
starve 30
ok 'nodes are found, or it is told that they were not' found
plenty
ok 'memory ran out' short a
ok 'then they are found' eval 'found && [ $good = 25 ]'

# ---- both at once, and the end ----

rrdp_peers a 2; rrdp_peers b 1
starve 30
ok 'peers that must be found' eventually 60 up a
plenty
ok 'frames flow' eventually 20 ping g1 2 5
scarce 20
ok 'many are lost' echos g1 2
for host in a b; do on $host vmnetctl del-net vmnet0; done
plenty
ok 'networks go' test -z "$(vmnetctl -n a show-nets | sed 1d)"
scarce 20
for ns in g1 g2 a b wire; do ip netns del $ns; done
plenty
ok 'and namespaces' eventually 10 rmmod vmnet
ok 'and modules' eventually 10 rmmod rrdp
finish
