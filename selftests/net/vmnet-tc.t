#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# Who wants to see the traffic of a guest does it at its port, with the kernel's own
# tools: tc mirrors, samples and polices, counters count, softflowd exports NetFlow.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 22
dir=$(mktemp -d)
jobs=()
trap 'kill "${jobs[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

# send GUEST TO COUNT: frames of 60 octets from the guest to the guest with number TO
send() {
	local i line to from
	to=$(guest_mac "$2") from=$(guest_mac "${1#g}")
	printf -v line '%s%s88b6%092d' "${to//:/}" "${from//:/}" 0
	for ((i = 0; i < $3; i++)); do
		echo "$line"
	done | on "$1" inject dev eth0 > /dev/null
}

# filter PORT DIRECTION ACTION...: of all frames there
filter() {
	local port=$1 direction=$2
	shift 2
	on a tc filter add dev "$port" "$direction" matchall action "$@"
}

# lines N FILE: it has so many beside "ready"
lines() {
	[ "$(wc -l < "$dir/$2")" = $(($1 + 1)) ] || { cat "$dir/$2"; return 1; }
}

# background NAME COMMAND...: on host a; what it says is in the file NAME
background() {
	local name=$1
	shift
	ip netns exec a "$@" > "$dir/$name" 2>&1 &
	jobs+=($!)
	eventually 20 grep -q ready "$dir/$name"
}

wire a b
net a; net b
udp_peers a 2; udp_peers b 1
guest a 1; guest a 2; guest b 3
ok 'guests talk' ping g1 2
ok 'to the other host, too' ping g1 3
for port in v1 v2; do
	on a tc qdisc add dev $port clsact
done

# ---- mirror ----

ip netns add probe
quiet probe
ip -n a -batch - <<- END
	link add mirror type veth peer name eth0 netns probe
	link set mirror up
END
quiet a
ip -n probe link set eth0 up
watch probe g2 g3
# got WANTED: frames since "before", of probe, g2 and g3
got() {
	local -a now was
	read -ra now <<< "$(seen)"
	read -ra was <<< "$before"
	[ "$((now[0] - was[0])) $((now[1] - was[1])) $((now[2] - was[2]))" = "$1" ] ||
		{ echo "$before, $(seen)"; return 1; }
}

filter v1 ingress mirred egress mirror dev mirror
before=$(seen)
send g1 2 20
ok 'what a guest sends to another is mirrored' eventually 5 got '20 20 0'
send g1 3 20
ok 'and what it sends to another host' eventually 5 got '40 20 20'
send g2 1 20
on a tc filter del dev v1 ingress
filter v1 egress mirred egress mirror dev mirror
send g3 1 20
send g2 1 20
ok 'what it is sent, from both' eventually 5 got '80 20 20'
on a tc filter del dev v1 egress
send g3 1 20
ok 'nothing without the filter' eventually 5 got '80 20 20'

# ---- sample ----

modprobe -qa act_sample psample act_police cls_matchall
background samples "${0%/*}/flows.py" samples
filter v1 ingress sample rate 1 group 5
send g1 3 20
ok 'each frame is sampled at a rate of 1' eventually 10 lines 20 samples
is 'with group, port, rate and length' "$(sort -u "$dir/samples" | grep -v ready)" \
	"5 $(on a cat /sys/class/net/v1/ifindex) 1 60"
on a tc filter del dev v1 ingress
filter v1 egress sample rate 10 group 6
send g3 1 400
ok 'of those that it is sent one in ten, more or less' eventually 10 \
	sh -c "n=\$(grep -c '^6 ' '$dir/samples'); echo \$n; [ \$n -ge 10 ] && [ \$n -le 100 ]"
on a tc filter del dev v1 egress

# ---- police ----

if filter v1 ingress police rate 8kbit burst 1000 conform-exceed drop/pass 2> "$dir/why"; then
	before=$(seen)
	send g1 2 200
	sleep 0.5
	read -ra now <<< "$(seen)"
	read -ra was <<< "$before"
	passed=$((now[1] - was[1]))
	ok 'a guest that exceeds its rate is cut' test $passed -gt 0 -a $passed -lt 190
	is 'tc counts what it dropped' "$(on a tc -s filter show dev v1 ingress |
		sed -n 's/.*(dropped \([0-9]*\),.*/\1/p' | head -n 1)" $((200 - passed))
	on a tc filter del dev v1 ingress
else
	for result in 'a guest that exceeds its rate is cut' 'tc counts what it dropped'; do
		count=$((count + 1))
		echo "ok $count - $result # SKIP this kernel has no police"
	done
fi
ok 'without a rate all is as before' ping g1 2 5

# ---- counters ----

# cell VERB PATTERN KEY: a number of the row with the pattern, in JSON
cell() {
	local row
	row=$(vmnetctl -n a -j "$1" vmnet0 | tr '{' '\n' | grep "$2")
	[[ $row =~ \"$3\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
# moved FRAMES: of v1 and of the peer, from and to, since "was"
numbers() {
	cell show-ports '"port":"v1"' rx_frames
	cell show-ports '"port":"v1"' tx_frames
	cell show-peers 192.0.2.2 tx_frames
	cell show-peers 192.0.2.2 rx_frames
}
moved() {
	local -a now
	local i news=
	read -rd '' -a now <<< "$(numbers)"
	for i in "${!now[@]}"; do
		news+="${news:+ }$((now[i] - was[i]))"
	done
	[ "$news" = "$1" ] || { echo "$news"; return 1; }
}
read -rd '' -a was <<< "$(numbers)"
send g1 3 30
send g3 1 20
ok 'the counters of port and peer move' eventually 5 moved '30 20 30 20'
is 'ethtool has the counters of vmnetctl' \
	"$(on a ethtool -S vmnet0 | awk '/ tx_udp_frames:/ { print $2 }')" "$(vstat a tx_udp_frames)"

# ---- NetFlow ----

background netflow "${0%/*}/flows.py" netflow 9995
ip netns exec a softflowd -D -i v1 -n 127.0.0.1:9995 -v 5 -t maxlife=600 \
	-c "$dir/control" -p "$dir/pid" > "$dir/softflowd" 2>&1 &
jobs+=($!)
ok 'softflowd watches a port' eventually 20 test -S "$dir/control"
ok 'two guests talk' ping g1 3 25
ok 'a stream' transfer g1 g3 10.0.0.3 300000
ok 'it exports its flows' on a softflowctl -c "$dir/control" expire-all
flow() {
	awk -v from="$1" -v to="$2" -v protocol="$3" -v least="$4" '
		$1 == from && $2 == to && $3 == protocol { frames += $4; octets += $5 }
		END { print frames, octets; exit frames + 0 < least }' "$dir/netflow"
}
ok 'the requests are a flow' eventually 10 flow 10.0.0.1 10.0.0.3 1 25
is 'of as many frames' "$(flow 10.0.0.1 10.0.0.3 1 25 | cut -d ' ' -f 1)" 25
ok 'the answers are one' flow 10.0.0.3 10.0.0.1 1 25
ok 'and the stream is one' flow 10.0.0.1 10.0.0.3 6 3
finish
