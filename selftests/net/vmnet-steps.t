#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The first exchange of two guests on two hosts, from the ARP request to the ICMP
# echo reply, frame by frame on the wire and on the guests' ports: who floods, who
# learns what when, and that all after the first frame goes to one host alone.
# A third host sees what is flooded.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 28
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# observe NAMESPACE DEV: frames that pass it go to $dir/DEV
observe() {
	ip netns exec "$1" capture "$2" > "$dir/$2" 2>&1 &
	observers+=($!)
	eventually 10 grep -q ready "$dir/$2"
}

# learning HOST: changes of its MAC database go to $dir/HOST
learning() {
	ip netns exec "$1" vmnetctl -j monitor > "$dir/$1" 2>&1 &
	observers+=($!)
	eventually 10 test -s "$dir/$1"
}

# seen_on DEV: the frames; of a tunnel only those that carry a frame
seen_on() {
	grep -vE '^ready| rrdp flags | rrdp again| arp .*192\.0\.2| type 86dd' "$dir/$1"
}

# learned HOST: "MAC port DEV" or "MAC TRANSPORT ADDRESS-OR-NODE", a line for each
learned() {
	sed -n 's/.*"event":"fdb-new".*"mac":"\([^"]*\)"/\1 /p' "$dir/$1" |
		sed 's/,"udp_port":[0-9]*//; s/,"port":"/ port /; s/,"static":[a-z]*//; s/["{}]//g;
		     s/,[a-z]*:/ /g; s/  */ /g; s/ *$//'
}

# line N COMMAND...: line N of what the command prints
line() {
	local n=$1
	shift
	"$@" | sed -n "${n}p"
}

steps() {
	local via=$1 a b
	local m1 m2 all=ff:ff:ff:ff:ff:ff
	local A B C
	m1=$(guest_mac 1) m2=$(guest_mac 2)
	A=$(mac_of 1) B=$(mac_of 2) C=$(mac_of 3)
	case $via in
	udp) a='udp 192.0.2.1' b='udp 192.0.2.2' ;;
	rrdp) a='rrdp 1' b='rrdp 2' ;;
	esac

	observers=()
	learning a; learning b; learning c
	observe wire to-a; observe wire to-b; observe wire to-c
	observe a v1; observe b v2; observe c v3
	ok "$via: one echo" ping g1 2
	sleep 0.5
	kill "${observers[@]}"
	wait "${observers[@]}" 2> /dev/null

	local request="arp request 10.0.0.1 > 10.0.0.2"
	local reply="arp reply 10.0.0.2 > 10.0.0.1"
	local echo="echo request 10.0.0.1 > 10.0.0.2"
	local answer="echo reply 10.0.0.2 > 10.0.0.1"

	is "$via 1: guest 1 asks for the MAC of guest 2" \
		"$(line 1 seen_on v1)" "$m1 $all $request"
	is "$via 2: its host learns it at the port" \
		"$(line 1 learned a)" "$m1 port v1"
	is "$via 3: and floods, a copy to each peer" \
		"$(seen_on to-a | head -n 2 | sort)" \
		"$A $B $via 42 $m1 $all $request
$A $C $via 42 $m1 $all $request"
	is "$via 4: the other hosts learn it behind that host" \
		"$(line 1 learned b), $(learned c)" "$m1 $a, $m1 $a"
	is "$via 5: guest 2 gets the request" \
		"$(line 1 seen_on v2)" "$m1 $all $request"
	is "$via 6: guest 2 answers" "$(line 2 seen_on v2)" "$m2 $m1 $reply"
	is "$via 7: its host learns it at the port" \
		"$(line 2 learned b)" "$m2 port v2"
	is "$via 8: and sends the answer to the one host" \
		"$(line 3 seen_on to-a)" "$B $A $via 42 $m2 $m1 $reply"
	is "$via 9: which learns it behind the other" \
		"$(line 2 learned a)" "$m2 $b"
	is "$via 10: guest 1 gets the answer" "$(line 2 seen_on v1)" "$m2 $m1 $reply"
	is "$via 11: the echo goes straight there" \
		"$(line 3 seen_on v1), $(line 4 seen_on to-a), $(line 3 seen_on v2)" \
		"$m1 $m2 $echo, $A $B $via 42 $m1 $m2 $echo, $m1 $m2 $echo"
	is "$via 12: and straight back" \
		"$(line 4 seen_on v2), $(line 5 seen_on to-a), $(line 4 seen_on v1)" \
		"$m2 $m1 $answer, $B $A $via 42 $m2 $m1 $answer, $m2 $m1 $answer"
	is "$via: that was all, and the third host saw but the request" \
		"$(for dev in to-a to-b to-c v1 v2 v3; do seen_on $dev | wc -l; done |
		   paste -sd' ') $(cat "$dir"/[abc] | grep -c fdb-)" '5 4 1 4 4 1 5'
}

wire a b c
nodes a b c
net a; net b; net c
guest a 1; guest b 2; guest c 3

udp_peers a 2 3; udp_peers b 1 3; udp_peers c 1 2
# The hosts know each other, and the wire knows them.
for n in 2 3; do on a icmp-echo 192.0.2.$n > /dev/null; done
on b icmp-echo 192.0.2.3 > /dev/null
steps udp

for host in a b c; do on $host vmnetctl del-net vmnet0; net $host; done
for n in 1 2 3; do
	host=abc; host=${host:n-1:1}
	ip -n "$host" link set v$n master vmnet0
	ip -n g$n neigh flush dev eth0
done
rrdp_peers a 2 3; rrdp_peers b 1 3; rrdp_peers c 1 2
for host in a b c; do eventually 10 up $host; done
steps rrdp
finish
