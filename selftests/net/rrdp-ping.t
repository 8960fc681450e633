#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# rrdp-ping shows round trips to a node, and says what keeps them from coming back.
set -u
. "${0%/*}/lib.sh"

plan 32

# pinged STATUS PATTERN ARGUMENT...: from a; the output has the pattern
pinged() {
	local status=$1 pattern=$2 got out
	shift 2
	out=$(ip netns exec a timeout 60 rrdp-ping "$@" 2>&1)
	got=$?
	echo "status $got: $out"
	[ $got = "$status" ] && [[ $out =~ $pattern ]]
}

# start COMMAND...: on b, in the background; it has begun when it says so
start() {
	: > "$log"
	ip netns exec b "$@" > "$log" 2>&1 &
	server=$!
	eventually 5 grep -q listening "$log"
}

stop() {
	kill "$1" 2> /dev/null
	wait "$1" 2> /dev/null
}

# summary SENT RECEIVED LOSS: the pattern
summary() {
	echo "$1 packets transmitted, $2 received, $3% packet loss, time [0-9]+ms"
}

rtt='rtt min/avg/max/mdev = [0-9]+\.[0-9]{3}/[0-9.]+/[0-9.]+/[0-9.]+ ms'
log=$(mktemp)

wire a b
refused 'this host has no number' 2 'vmnetctl add-node N local dev DEV' \
	on a rrdp-ping 2 -c 1
nodes a b
refused 'an unknown node' 1 '"vmnetctl add-node" adds it' on a rrdp-ping 7 -c 1
ok 'nobody listens' pinged 1 'seq=1 nobody listens on that port; run "rrdp-ping -l" there' \
	2 -c 1
ok 'which is an error, and a loss' \
	pinged 1 '2 packets transmitted, 0 received, \+2 errors, 100% packet loss' \
	2 -c 2 -i 0.01 -q

start rrdp-ping -l
nl=$'\n'
line='56 bytes from node 2: seq=%d time=[0-9]+\.[0-9]{3} ms'
# shellcheck disable=SC2059 # a format
lines=$(printf "$line\n$line\n$line" 1 2 3)
ok 'three messages come back' pinged 0 \
	"^PING node 2 port 5201: 56 bytes of data$nl$lines$nl$nl--- node 2 ping statistics ---$nl$(summary 3 3 0)$nl$rtt\$" \
	2 -c 3 -i 0.01 2> /dev/null
ok 'quiet' pinged 0 \
	"^PING [^$nl]*$nl$nl---[^$nl]*$nl$(summary 2 2 0)$nl$rtt\$" \
	2 -c 2 -i 0.01 -q
ok 'JSON' pinged 0 \
	'^\{"node":2,"port":5201,"bytes":56,"seq":1,"time_ns":[0-9]+\}
\{"node":2,"port":5201,"transmitted":1,"received":1,"errors":0,"loss_percent":0,"time_ns":[0-9]+,"rtt_ns":\{"min":[0-9]+,"avg":[0-9]+,"max":[0-9]+,"mdev":0\}\}$' \
	2 -c 1 -j
for size in 1 1400 65536; do
	ok "$size octets" pinged 0 "$(summary 5 5 0)" 2 -c 5 -i 0 -s $size -q
done
ok 'another client at the same time' bash -c '
	ip netns exec a rrdp-ping 2 -c 20 -i 0.1 -q > "$0" & other=$!
	ip netns exec a rrdp-ping 2 -c 5 -i 0.01 -q && kill -0 $other && wait $other' /dev/null
ok 'this host itself' bash -c '
	ip netns exec b timeout 10 rrdp-ping 2 -c 2 -i 0.01 -q'
refused 'the port is taken' 2 'another program listens there' on b rrdp-ping -l

ok 'the deadline' pinged 0 'packets transmitted' 2 -w 0.3 -i 0.1
ok 'COUNT by the deadline' pinged 0 ' 3 received, 0% packet loss' 2 -w 30 -c 3 -i 0.01 -q
ok 'not COUNT by the deadline' pinged 1 ' 0% packet loss' 2 -w 0.3 -c 100 -i 0.1 -q
: > "$log"
ip netns exec a rrdp-ping 2 -i 0.1 > "$log" & client=$!
eventually 10 grep -q 'seq=2' "$log"
kill -INT $client
wait $client
is 'a signal ends it' $? 0
ok 'with a summary' grep -qE "received, 0% packet loss" "$log"

# The other end falls silent, and comes back.
: > "$log"
ip netns exec a rrdp-ping 2 -i 0.1 > "$log" & client=$!
eventually 10 grep -q 'seq=2' "$log"
ip -n wire link set to-b down
ok 'a dead node is noticed' eventually 20 grep -q 'seq=[0-9]* no answer from the node' "$log"
ip -n wire link set to-b up
before=$(wc -l < "$log")
returned() {
	tail -n +$((before + 1)) "$log" | grep -q 'bytes from node 2'
}
ok 'and that it is back' eventually 20 returned
stop "$server"
ok 'the end of the echo is noticed' eventually 20 grep -q 'nobody listens' "$log"
kill -INT $client
wait $client
is 'some came back' $? 0
ok 'and the others are errors' grep -qE ' received, \+[0-9]+ errors, [0-9.]+% packet loss' "$log"

# A link without carrier takes nothing.
ip -n wire link set to-b down
ok 'no answer to the first' pinged 1 'seq=1 no answer from the node' 2 -c 1 -W 0.3
ip -n wire link set to-b up

start rrdp-msg recv 5201 1
ok 'no echo' pinged 1 'seq=1 no answer from the node' 2 -c 1 -W 0.5
stop "$server"
start rrdp-msg echo 5201
ok 'any echo will do' pinged 0 "$(summary 3 3 0)" 2 -c 3 -i 0.01
stop "$server"
start rrdp-msg echo 5201 1
ok 'a size that the other end does not take' \
	pinged 2 'node 2 takes messages of up to 1[0-9]* octets; give -s less' 2 -s 5000 -c 1
stop "$server"
start rrdp-msg echo 5201 0x3d spoil
ok 'an echo that alters what it sends back' pinged 1 'seq=1 came back altered' 2 -c 1
stop "$server"

ip netns exec b rrdp-perf server > /dev/null & server=$!
perf_answers() {
	on a rrdp-ping 2 -c 1 -q
}
ok 'rrdp-perf echoes, too' eventually 10 perf_answers
stop "$server"

rmmod vmnet
rmmod rrdp
refused 'no module' 2 '"modprobe rrdp" loads it' on a rrdp-ping 2 -c 1
insmod "$RRDP_KO" family=14
nodes a b
start rrdp-ping -l
ok 'another family number' pinged 0 "$(summary 2 2 0)" 2 -c 2 -i 0.01
refused 'a message that is too large' 2 'size "65537" is not from 1 to 65536' \
	on a rrdp-ping 2 -s 65537
stop "$server"
rm "$log"
finish
