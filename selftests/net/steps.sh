# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the tests of the first exchange of two guests on two hosts, from the
# ARP request to the ICMP echo reply: who floods, who learns what when, and that
# all after the first frame goes to one host alone. (Paper, section 4.1.)

# What the three hosts a, b and c and their guests saw is in files of $dir:
#
#	$dir/a $dir/b $dir/c		what "vmnetctl -j monitor" said
#	$dir/to-a $dir/to-b $dir/to-c	frames on each host's wire, as capture prints them
#	$dir/p1 $dir/p2 $dir/p3		frames on the port of each guest
#
# Host N has the number N and the address 192.0.2.N; guest N has 10.0.0.N.

STEPS=13

# seen_on FILE: the frames; of a tunnel only those that carry a frame
seen_on() {
	grep -vE '^ready| rrdp flags | rrdp again| arp .*192\.0\.2| type 86dd' "$dir/$1"
}

# learned HOST: "MAC port DEV" or "MAC TRANSPORT ADDRESS-OR-NODE", a line for each
learned() {
	sed -n 's/.*"event":"fdb-new".*"mac":"\([^"]*\)"/\1 /p' "$dir/$1" |
		sed 's/,"udp_port":[0-9]*//; s/,"port":"/ port /; s/,"static":[a-z]*//; s/["{}]//g;
		     s/,[a-z]*:/ /g; s/  */ /g; s/ *$//'
}

# remember FILE LINES: line N is ${line[FILE N]}; how many there are is ${lines[FILE]}
remember() {
	local n=0 text
	while IFS= read -r text; do
		[ -z "$text" ] || line["$1 $((++n))"]=$text
	done <<< "$2"
	lines[$1]=$n
}

declare -A line lines

# steps udp|rrdp HOST-MAC1 HOST-MAC2 HOST-MAC3 GUEST-MAC1 GUEST-MAC2 PORT1 PORT2
steps() {
	local via=$1 A=$2 B=$3 C=$4 m1=$5 m2=$6 port1=$7 port2=$8
	local all=ff:ff:ff:ff:ff:ff a b

	case $via in
	udp) a='udp 192.0.2.1' b='udp 192.0.2.2' ;;
	rrdp) a='rrdp 1' b='rrdp 2' ;;
	esac

	local request="arp request 10.0.0.1 > 10.0.0.2"
	local reply="arp reply 10.0.0.2 > 10.0.0.1"
	local echo="echo request 10.0.0.1 > 10.0.0.2"
	local answer="echo reply 10.0.0.2 > 10.0.0.1"
	local file i floods=() wire=()

	line=() lines=()
	for file in to-a to-b to-c p1 p2 p3; do
		remember $file "$(seen_on $file)"
	done
	for file in a b c; do
		remember $file "$(learned $file)"
	done
	# The copies are not in order; guest 2 may even have answered before the second.
	for ((i = 1; i <= ${lines[to-a]}; i++)); do
		case ${line[to-a $i]} in
		*" $all $request") floods+=("${line[to-a $i]}") ;;
		*) wire+=("${line[to-a $i]}") ;;
		esac
	done
	[[ ${floods[0]:-} < ${floods[1]:-} ]] || floods=("${floods[1]:-}" "${floods[0]:-}")

	is "$via 1: guest 1 asks for the MAC of guest 2" \
		"${line[p1 1]}" "$m1 $all $request"
	is "$via 2: its host learns it at the port" \
		"${line[a 1]}" "$m1 port $port1"
	is "$via 3: and floods, a copy to each peer" \
		"${floods[0]},${floods[1]:-}" \
		"$A $B $via 42 $m1 $all $request,$A $C $via 42 $m1 $all $request"
	is "$via 4: the other hosts learn it behind that host" \
		"${line[b 1]}, ${line[c 1]}" "$m1 $a, $m1 $a"
	is "$via 5: guest 2 gets the request" \
		"${line[p2 1]}" "$m1 $all $request"
	is "$via 6: guest 2 answers" "${line[p2 2]}" "$m2 $m1 $reply"
	is "$via 7: its host learns it at the port" \
		"${line[b 2]}" "$m2 port $port2"
	is "$via 8: and sends the answer to the one host" \
		"${wire[0]:-}" "$B $A $via 42 $m2 $m1 $reply"
	is "$via 9: which learns it behind the other" \
		"${line[a 2]}" "$m2 $b"
	is "$via 10: guest 1 gets the answer" "${line[p1 2]}" "$m2 $m1 $reply"
	is "$via 11: the echo goes straight there" \
		"${line[p1 3]}, ${wire[1]:-}, ${line[p2 3]}" \
		"$m1 $m2 $echo, $A $B $via 42 $m1 $m2 $echo, $m1 $m2 $echo"
	is "$via 12: and straight back" \
		"${line[p2 4]}, ${wire[2]:-}, ${line[p1 4]}" \
		"$m2 $m1 $answer, $B $A $via 42 $m2 $m1 $answer, $m2 $m1 $answer"
	is "$via: that was all, and the third host saw but the request" \
		"$(for file in to-a to-b to-c p1 p2 p3; do echo -n "${lines[$file]} "; done;
		   cat "$dir"/[abc] | grep -c fdb-)" '5 4 1 4 4 1 5'
}
