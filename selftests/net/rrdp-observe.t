#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# What RRDP lets be seen and set: tracepoints, connections, drop reasons, sysctls.
set -u
. "${0%/*}/lib.sh"

plan 42

# ---- tracepoints ----

tracefs=/sys/kernel/tracing
[ -e $tracefs/events ] || mount -t tracefs tracefs $tracefs
instance=$tracefs/instances/rrdp
traced=$(mktemp) pipe=$(mktemp -u)
mkfifo "$pipe"
mkdir $instance
echo 8192 > $instance/buffer_size_kb

# watch EVENT...: from here on, only these
watch() {
	local event
	echo 0 > $instance/events/enable
	echo > $instance/trace
	for event; do
		echo 1 > "$instance/events/$event/enable" || return
	done
	echo 1 > $instance/tracing_on
}

# look_back: what has been seen since, in $traced
look_back() {
	echo 0 > $instance/tracing_on
	cat $instance/trace > "$traced"
	! grep -q 'overrun: [1-9]' $instance/per_cpu/cpu*/stats
}

netns_of() {
	stat -L -c %i "/run/netns/$1"
}

# states HOST PORT: of the connection from or to that port
states() {
	sed -n "s/.*rrdp_state: netns=$(netns_of "$1") node=.*_port=$2 .*old=\([^ ]*\) new=\([^ ]*\)$/\1-\2/p" \
		"$traced" | paste -sd' '
}

# events EVENT HOST [REGEX]: how many were seen
events() {
	grep -c "rrdp_$1: netns=$(netns_of "$2") .*${3:-}" "$traced"
}

# segments HOST: that came in the buffers seen
segments() {
	sed -n "s/.*rrdp_rx_segment: netns=$(netns_of "$1") .*segs=//p" "$traced" |
		awk '{ n += $1 } END { print n + 0 }'
}

# Who connects before the other end listens tries again, which is to be seen.
transfer() {
	local out
	out=$(mktemp)
	on b timeout 200 rrdp-msg recv 80 "$1" > "$out" 2>&1 &
	eventually 20 grep -q listening "$out" &&
	timeout 200 ip netns exec a rrdp-msg send 2 80 "$1" "$2" &&
		wait $! && cat "$out" && rm "$out"
}

# Until both ends have forgotten the connection, nothing more is said of it.
at_rest() {
	[ -z "$(for host in a b; do vmnetctl -n $host show-connections | tail -n +2; done)" ]
}

wire a b
nodes a b

ok 'watch all' watch rrdp
ok 'messages' transfer 50 20000
ok 'the connection ends' eventually 10 at_rest
ok 'nothing seen is lost' look_back
is 'states of who connects' "$(states a 80)" \
	'closed-syn-sent syn-sent-open open-close-wait close-wait-closed'
is 'states of who accepts' "$(states b 80)" 'closed-syn-rcvd syn-rcvd-open open-closed'
is 'each segment sent' "$(events tx_segment a)" "$(stat_of a tx_segments)"
is 'and those of the other end' "$(events tx_segment b)" "$(stat_of b tx_segments)"
is 'each segment received' "$(segments b)" "$(stat_of b rx_segments)"
is 'and those of the other end' "$(segments a)" "$(stat_of a rx_segments)"
is 'the first of all, by field' \
	"$(sed -n "s/.*rrdp_tx_segment: netns=$(netns_of a) \(node=[0-9]*\) sport=[0-9]* \(.*\) seq=[0-9]*/\1 \2/p" "$traced" | head -n 1)" \
	'node=2 dport=80 flags=SYN ack=0 len=0 segs=1'
ok 'parts of messages are said to be' grep -q 'rrdp_tx_segment.* flags=ACK|MORE .* len=1' "$traced"

on a tc qdisc add dev eth0 root netem limit 10000 loss 10%
ok 'watch what is sent again' watch rrdp/rrdp_retransmit
before=$(stat_of a retransmitted)
ok 'messages over a bad wire' transfer 200 10000
ok 'nothing seen is lost' look_back
is 'each segment sent again' "$(events retransmit a)" \
	"$(($(stat_of a retransmitted) - before))"
ok 'some as later ones had arrived' grep -q 'node=2 .* tries=2 reason=loss$' "$traced"
is 'each for a reason' "$(events retransmit a 'reason=\(rto\|tlp\|loss\|credit\)$')" \
	"$(events retransmit a)"
on a tc qdisc del dev eth0 root

# ---- connections ----

# connect_and_wait: a connection of a to b, until "hang_up"
connect_and_wait() {
	on b rrdp-msg echo 81 > "$traced" 2>&1 &
	eventually 20 grep -q listening "$traced" || return
	on a inject rrdp 2 81 < "$pipe" > /dev/null &
	exec 7> "$pipe"
	eventually 20 field_is a 81 state open
}

hang_up() {
	exec 7>&-
	eventually 10 at_rest
}

# field HOST PORT NAME: of the connection to or from that port, an integer or a word
field() {
	vmnetctl -n "$1" -j show-connections | grep "_port\":$2," |
		grep -o "\"$3\":[^,}]*" | cut -d : -f 2 | tr -d '"'
}

# field_is HOST PORT NAME VALUE, field_above HOST PORT NAME VALUE
field_is() {
	[ "$(field "$1" "$2" "$3")" = "$4" ]
}

field_above() {
	[ "$(field "$1" "$2" "$3")" -gt "$4" ]
}

ok 'a connection' connect_and_wait
is 'it is shown with' "$(vmnetctl -n a -j show-connections | grep -o '"[a-z_]*":' | tr -d '":' | paste -sd' ')" \
	'local_port peer_node peer_port state srtt_us rttvar_us rto_us cwnd ssthresh credit inflight tx_segs rx_segs retrans spurious eacked out_of_order zc_sent zc_copied age_ms heard_ms options'
is 'options by name' "$(vmnetctl -n a show-connections | grep -o '[^ ]*$' | tail -n 1)" \
	'sequenced,xseq,credit,more,eackr'
age=$(field a 81 age_ms)
on a tc qdisc add dev eth0 root netem limit 10000 loss 20%
for _ in {1..300}; do
	echo 00112233445566778899aabbccddeeff
done >&7
ok 'what went astray there' eventually 10 field_above a 81 eacked 0
ok 'is known here' eventually 10 field_above b 81 out_of_order 0
ok 'and was sent again' eventually 10 field_above a 81 retrans 0
on a tc qdisc del dev eth0 root
ok 'it grows older' field_above a 81 age_ms "$age"
hang_up

# ---- sysctls ----

# rto_min HOST [VALUE]
rto_min() {
	if [ $# = 1 ]; then
		on "$1" cat /proc/sys/net/rrdp/rto_min_us
	else
		on "$1" bash -c "echo $2 > /proc/sys/net/rrdp/rto_min_us"
	fi
}

is 'floor of the RTO' "$(rto_min a) $(rto_min b)" '1000 1000'
ok 'another, of this namespace' rto_min a 300000
is 'only of this one' "$(rto_min a) $(rto_min b)" '300000 1000'
refused 'one that is too low' 1 'Invalid argument' rto_min a 99
refused 'one that is too high' 1 'Invalid argument' rto_min a 1000001
ok 'a connection' connect_and_wait
ok 'has it' test "$(field a 81 rto_us)" -ge 300000
hang_up
rto_min a 1000

# ---- drops ----

# both FORM: what our tracepoint and the kernel's say of the frame
both() {
	watch rrdp/rrdp_drop skb/kfree_skb || return
	on b rrdp-frame eth0 "$(mac_of 1)" 2 1 "$1"
	eventually 3 grep -q rrdp_drop $instance/trace
	look_back || return
	awk -v netns="netns=$(netns_of a)" '
		/ rrdp_drop: / && $0 ~ netns { match($0, /skbaddr=[^ ]*/); skb = substr($0, RSTART, RLENGTH)
			sub(/.*reason=/, ""); name = $0 }
		/ kfree_skb: / && skb && index($0, skb " ") { sub(/.*reason: /, ""); print name, $0; exit }
	' "$traced"
}

# all_seen: of what was dropped since the last "mark"
all_seen() {
	cat $instance/trace > "$traced"
	look a
	echo "$lost were dropped, $(events drop a) seen"
	[ "$lost" != 0 ] && [ "$(events drop a)" = "$lost" ]
}

# One of vmnet's, which has no tracepoint of its own.
too_short_for_vmnet() {
	echo 08 | on b inject udp 192.0.2.1 4789 &&
		eventually 3 grep 'kfree_skb: .*protocol=2048 .*reason: PKT_TOO_SMALL' $instance/trace
}

vmnetctl -n a add-net vmnet0 vni 42
vmnetctl -n a add-peer vmnet0 udp 192.0.2.2
watch skb/kfree_skb
ok 'a datagram that vmnet drops' too_short_for_vmnet
vmnetctl -n a del-net vmnet0

# b is only the end of a wire from here on.
on b vmnetctl del-node 2
on b vmnetctl del-node 1
is 'too short' "$(both short)" 'drop_too_short PKT_TOO_SMALL'
is 'header cut off' "$(both truncated)" 'drop_header_length HDR_TRUNC'
is 'another version' "$(both version)" 'drop_version UNHANDLED_PROTO'
is 'flags that exclude each other' "$(both syn-rst)" 'drop_flags INVALID_PROTO'
is 'wrong checksum' "$(both checksum)" 'drop_checksum SKB_CSUM'
is 'no connection' "$(both ack)" 'drop_no_connection NO_SOCKET'
ip -n b link set eth0 address 02:00:00:00:00:77
is 'one that the kernel has no word for' "$(both syn)" 'drop_unknown_node NOT_SPECIFIED'

watch rrdp/rrdp_drop
look a
mark
on b rrdp-frame eth0 "$(mac_of 1)" 2 1 random 2000 1
ok 'each that was dropped' eventually 5 all_seen

ip -n a link set eth0 down
watch rrdp/rrdp_drop
on a timeout 1 rrdp-msg ping 2 99 1 1 > /dev/null 2>&1
look_back
ok 'what a device does not take' test "$(events drop a 'reason=drop_transmit$')" -gt 0

rmdir $instance
rm -f "$traced" "$pipe"
finish
