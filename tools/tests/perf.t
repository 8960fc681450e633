#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rrdp-perf over the loopback device: what it prints adds up, and it fails as it
# says. RRDP itself is measured in the namespace tests.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd -P)
out=${OUT:-$tools/../out/tools}
[ -x "$out/rrdp-perf" ] || make -s -C "$tools" OUT="$out" >&2 || exit 1
PATH=$out:$PATH
# shellcheck source=../../selftests/net/lib.sh
. "$tools/../selftests/net/lib.sh"

port=$((20000 + $$ % 20000))

# client TRANSPORT TEST ARGUMENT...: with a server of its own
client() {
	local transport=$1 test=$2 server status
	shift 2
	timeout 20 rrdp-perf server -t "$transport" -p $port &
	server=$!
	eventually 5 listening "$transport"
	timeout 20 rrdp-perf "$test" 127.0.0.1 -t "$transport" -p $port "$@"
	status=$?
	kill $server
	wait $server 2> /dev/null
	return $status
}

# A socket that waits for its time to run out has the port, too: only one in the
# state of a server counts (TCP_LISTEN; an unconnected UDP socket's is TCP_CLOSE).
listening() {
	local state=0A

	[ "$1" = tcp ] || state=07
	cat "/proc/net/$1" "/proc/net/${1}6" 2> /dev/null |
		grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf %04X $port) [0-9A-F:]+ $state "
}

plan 12
for transport in tcp udp; do
	ok "latency over $transport" grep -qE \
		"^\{\"test\":\"latency\",\"transport\":\"$transport\",\"size\":100,\"count\":50,\"lost\":0,\"round_trip_ns\":\{\"mean\":[0-9]+,\"min\":[0-9]+,.*\"max\":[0-9]+\}\}$" \
		<<< "$(client $transport latency -s 100 -n 50 -j)"
	ok "a stream over $transport" grep -qE \
		'"size":4000,"sent":500,"lost":[0-9]+,"seconds":[0-9.]+,"messages_per_second":[0-9]+,' \
		<<< "$(client $transport stream -s 4000 -n 500 -j)"
done
ok 'all of a stream over TCP arrives' grep -q '"sent":300,"lost":0,' \
	<<< "$(client tcp stream -s 65536 -n 300 -j)"
ok 'several messages in a call' grep -qE '"sent":500,"lost":[0-9]+,.*"batch":32,' \
	<<< "$(client udp stream -s 64 -n 500 -b 32 -j)"
refused 'several of what are none' 2 'tcp has no messages' \
	rrdp-perf stream 127.0.0.1 -t tcp -b 2
refused 'a wrong size' 2 'is not from 1 to 65536' rrdp-perf latency 2 -s 0
refused 'a wrong transport' 2 'only rrdp, rrdp-stream, tcp, udp, packet or tipc' \
	rrdp-perf server -t carrier-pigeon
refused 'no address' 2 "expected the server's address" rrdp-perf latency
refused 'nobody listens' 1 'Connection refused' \
	rrdp-perf latency 127.0.0.1 -t tcp -p $port
refused 'nobody answers' 1 'the server does not answer' \
	rrdp-perf latency 127.0.0.1 -t udp -p $port -n 1
finish
