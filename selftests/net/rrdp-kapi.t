#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# rrdp_send() between two modules' connections, over a good wire and a bad one.
set -u
. "${0%/*}/lib.sh"

plan 5
module=$TEST_MODULES/rrdp_kapi_test.ko

send() {
	# The same module is both ends: the sender's copy has another name.
	on a insmod "$sender" node=2 port=100 count="$1" && rmmod rrdp_kapi_send
}

wire a b
nodes a b
sender=$(mktemp -d)/rrdp_kapi_send.ko
sed 's/rrdp_kapi_test/rrdp_kapi_send/g' "$module" > "$sender"
ok 'listen in one namespace' on b insmod "$module" port=100
ok '20000 messages from the other come back' send 20000
on a tc qdisc add dev eth0 root netem loss 3% duplicate 3% delay 100us 50us
ok '3000 over a bad wire' send 3000
ok 'nobody listens on another port' \
	fails 1 'Connection refused' on a insmod "$sender" node=2 port=101 count=1
ok 'unload' rmmod rrdp_kapi_test
rm -r "${sender%/*}"
finish
