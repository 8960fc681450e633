#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Objects: many
# rrdp_send() between two modules' connections, over a good wire and a bad one.
set -u
. "${0%/*}/lib.sh"

plan 12
module=$TEST_MODULES/rrdp_kapi_test.ko

send() {
	# The same module is both ends: the sender's copy has another name.
	on a insmod "$sender" node=2 port=100 count="$1" && rmmod rrdp_kapi_send
}

# gone NAMESPACE: it has ended, and not only its name
gone() {
	! ip -n wire link show "to-$1" > /dev/null 2>&1
}

ended() {
	! kill -0 "$1" 2> /dev/null
}

wire a b c
nodes a b c
sender=$(mktemp -d)/rrdp_kapi_send.ko
sed 's/rrdp_kapi_test/rrdp_kapi_send/g' "$module" > "$sender"
ok 'listen in one namespace' on b insmod "$module" port=100
ok '20000 messages from the other come back' send 20000
on a tc qdisc add dev eth0 root netem loss 3% duplicate 3% delay 100us 50us
ok '3000 over a bad wire' send 3000
ok 'nobody listens on another port' \
	fails 1 'Connection refused' on a insmod "$sender" node=2 port=101 count=1
ok 'unload' rmmod rrdp_kapi_test
on a tc qdisc del dev eth0 root

# The namespace of a module that listens goes, with a caller connected.
on b insmod "$module" port=100
ip netns exec a rrdp-msg ping 2 100 100000000 10 > /dev/null 2>&1 &
pinger=$!
before=$(stat_of b rx_messages)
echoed() {
	[ "$(stat_of b rx_messages)" -gt $((before + 10)) ]
}
ok 'a caller' eventually 10 echoed
ip netns del b
ok 'the namespace of a module that listens goes' eventually 10 gone b
ok 'its caller is told' eventually 15 ended $pinger
wait $pinger 2> /dev/null
# What was the namespace's memory is freed after that, and used again.
sleep 1
for n in {1..5}; do ip netns add fresh$n; on fresh$n true; done
ok 'the port is free elsewhere' on c insmod "$sender" port=100
ok 'the module ends its listener' rmmod rrdp_kapi_test
ok 'which is no other' on a insmod "$module" node=3 port=100 count=10
rmmod rrdp_kapi_test
ok 'unload' rmmod rrdp_kapi_send
rm -r "${sender%/*}"
finish
