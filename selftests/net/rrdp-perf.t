#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# rrdp-perf measures RRDP, and frames without it, between two hosts.
set -u
. "${0%/*}/lib.sh"

plan 13

# says PATTERN COMMAND...
says() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1)
	echo "$out"
	[[ $out =~ $pattern ]]
}

wire a b
nodes a b
refused 'nobody listens' 1 'Connection refused' on a rrdp-perf latency 2
refused 'an unknown node' 1 '"vmnetctl add-node" adds it' on a rrdp-perf latency 7

ip netns exec b rrdp-perf server &
server=$!
ok 'latency' eventually 5 on a rrdp-perf latency 2 -n 1
ok 'every round trip comes back' \
	says '"size":5000,"count":100,"lost":0' on a rrdp-perf latency 2 -s 5000 -n 100 -j
ok 'all of a stream arrives' \
	says '"sent":1000,"lost":0' on a rrdp-perf stream 2 -s 2000 -n 1000 -j
none='"sent":1000,"lost":0,.*"zerocopy":true,"copied":0}'
ok 'and with MSG_ZEROCOPY' says "$none" on a rrdp-perf stream 2 -s 20000 -n 1000 -z send -j
ok 'and from the ring' says "$none" on a rrdp-perf stream 2 -s 20000 -n 1000 -z ring -j
ok 'many frames at once' says "$none" on a rrdp-perf stream 2 -s 64 -b 64 -n 1000 -z ring -j
refused 'another way' 2 'only send and ring' on a rrdp-perf stream 2 -z magic
kill $server
wait $server 2> /dev/null

ip netns exec b rrdp-perf server -t rrdp-stream &
server=$!
ok 'latency of a stream' eventually 5 on a rrdp-perf latency 2 -t rrdp-stream -n 1
ok 'every octet comes back' says '"size":5000,"count":100,"lost":0' \
	on a rrdp-perf latency 2 -t rrdp-stream -s 5000 -n 100 -j
ok 'all octets arrive' says '"sent":1000,"lost":0' \
	on a rrdp-perf stream 2 -t rrdp-stream -s 2000 -n 1000 -j
kill $server
wait $server 2> /dev/null

ip netns exec b rrdp-perf server -t packet -i eth0 -p 24579 &
server=$!
ok 'frames' says '"count":[1-9]' \
	on a rrdp-perf latency 02:00:00:00:00:02 -t packet -i eth0 -p 24579 -n 20 -j
kill $server
wait $server 2> /dev/null
finish
