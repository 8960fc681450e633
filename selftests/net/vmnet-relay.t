#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# One to many: three subnets of three hosts. What one guest sends to all gets to each
# other guest once, whatever becomes of IP multicast and of the hosts that forward.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 50
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# flows: counts in "wire" the frames with the extension that each host sends
flows() {
	local host
	for host in "${hosts[@]}"; do
		echo "qdisc add dev to-$host clsact"
		echo "filter add dev to-$host ingress protocol ip prio 1 u32" \
			'match ip protocol 17 0xff match ip dport 4789 0xffff' \
			'match u8 0x48 0xff at 28 action pass'
	done | on wire tc -batch -
}

# flow: their numbers since the last flow in $news, "HOST NUMBER" and a comma
declare -A flowed
flow() {
	local host now i=0
	news=
	local -a numbers
	for host in "${hosts[@]}"; do
		echo "filter show dev to-$host ingress"
	done | on wire tc -s -batch - |
		sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' > "$dir/flow"
	mapfile -t numbers < "$dir/flow"
	for host in "${hosts[@]}"; do
		now=${numbers[i++]}
		[ "$now" = "${flowed[$host]:-0}" ] ||
			news+="$host $((now - ${flowed[$host]:-0})),"
		flowed[$host]=$now
	done
}

# frame TO N [OCTETS]: hexadecimal of a frame of guest N
frame() {
	printf '%s%s88b6%0*d\n' "$1" "$(guest_mac "$2" | tr -d :)" "${3:-92}" 0
}

# many GUEST TO COUNT: it sends so many frames to the MAC address
many() {
	local i line
	line=$(frame "$2" "${1#g}")
	for ((i = 0; i < $3; i++)); do
		echo "$line"
	done | on "$1" inject dev eth0 > /dev/null
}

# slowly GUEST COUNT: broadcasts, one each 10 ms
slowly() {
	local i line
	line=$(frame ffffffffffff "${1#g}")
	for ((i = 0; i < $2; i++)); do
		echo "$line"
		read -rt 0.01 -u "$never"
	done | on "$1" inject dev eth0 > /dev/null
}
mkfifo "$dir/never"
exec {never}<> "$dir/never"

# got NUMBERS: what each guest has received since "before", numbers as of seen
got() {
	local -a now was
	local i news=
	read -ra now <<< "$(seen)"
	read -ra was <<< "$before"
	for i in "${!now[@]}"; do
		news+="${news:+ }$((now[i] - was[i]))"
	done
	[ "$news" = "$1" ] || { echo "$news"; return 1; }
}

# all COUNT [NONE]...: as got, with so many for all but these guests
all() {
	local guest want=
	for guest in "${guests[@]}"; do
		case " ${*:2} " in
		*" $guest "*) want+="${want:+ }0" ;;
		*) want+="${want:+ }$1" ;;
		esac
	done
	echo "$want"
}

ready() {
	local host
	for host in "${hosts[@]}"; do
		hear "$host" 2 || return 1
	done
}

subnets 3 3
flows
ok 'each hears the others of its subnet' eventually 15 ready

# All elect the same, one in each subnet
first=$(roles h11)
ok 'all hosts elect the same' same
is 'one in each subnet' "$(sed -n 's/^\(.\). forwarder$/\1/p' <<< "$first" | paste -sd ' ')" '1 2 3'
forwarder=(-) others=()
for s in 1 2 3; do
	for n in 1 2 3; do
		if grep -q "^$s$n forwarder$" <<< "$first"; then
			forwarder[s]=h$s$n
		else
			others[s]+=" h$s$n"
		fi
	done
done
# The source, which is no forwarder, and another of its subnet
read -r source sister <<< "${others[1]}"
g=g${source#h}
is 'the group is joined' \
	"$(on "$source" sh -c 'grep -c 2A0000EF /proc/net/igmp')" 1
is 'there is room for the extension' "$(on "$source" cat /sys/class/net/vmnet0/mtu)" 1442

# Once to each guest, 3 frames of the source, 5 in all
watch "${guests[@]}"
want="$source 60,${forwarder[2]} 20,${forwarder[3]} 20,"
# flood TO: 20 frames to so many guests
flood() {
	local twice
	twice=$(sum "${hosts[@]}" drop_duplicate)
	before=$(seen)
	flow
	many "$g" "$1" 20
	eventually 5 got "$(all 20 "$g")" || return
	flow
	echo "$news"
	[ "$news" = "$want" ] && [ "$(sum "${hosts[@]}" drop_duplicate)" = "$twice" ]
}
# undisturbed COMMAND...: succeeds, if need be after somebody was found silent: so is
# everybody if the machine had something else to do than to run this kernel for 150 ms
undisturbed() {
	local i was
	for i in 1 2 3 4 5; do
		was=$(sum "${hosts[@]}" forwarders_silent)
		"$@" && return
		[ "$(sum "${hosts[@]}" forwarders_silent)" != "$was" ] || return 1
		eventually 10 same
	done
	return 1
}
ok 'broadcasts get to each guest once, with 3 frames of the source, 5 of all' \
	undisturbed flood ffffffffffff
ok 'and so do multicasts' undisturbed flood 01005e010203

# Learned behind the source, not behind the forwarder
learned() {
	local host
	for host in "${hosts[@]}"; do
		[ "$host" = "$source" ] ||
			[ "$(behind "$host" "${source#h}")" = "udp $(address_of "$source"):4789" ] ||
			{ echo "$host: $(behind "$host" "${source#h}")"; return 1; }
	done
}
ok 'learned behind the source' learned
before=$(seen)
far=g${forwarder[3]#h}
many "$far" "$(guest_mac "${source#h}" | tr -d :)" 20
places=()
for i in "${!guests[@]}"; do
	places[i]=0
	[ "${guests[i]}" = "$g" ] && places[i]=20
done
ok 'answers go straight there' eventually 5 got "${places[*]}"
flow
is 'without any relay' "$news" ''
ok 'guests of two subnets' ping "$g" "${far#g}" 3

ok 'guests of one subnet' ping "$g" "${sister#h}" 3

# A subnet whose switch lets no multicast through
for host in "${hosts[@]:3:3}"; do
	ip -n wire link set "to-$host" type bridge_slave mcast_flood off
done
deaf() {
	local host
	for host in "${hosts[@]:3:3}"; do
		hear "$host" "$1" || return 1
	done
}
ok 'a subnet without multicast is found' eventually 10 deaf 0
before=$(seen)
many "$g" ffffffffffff 20
ok 'each guest still gets it once' eventually 5 got "$(all 20 "$g")"
ok 'by unicasts' test "$(vstat "${forwarder[2]}" tx_no_group_frames)" -ge 40
for host in "${hosts[@]:3:3}"; do
	ip -n wire link set "to-$host" type bridge_slave mcast_flood on
done
ok 'and found to have it again' eventually 10 deaf 2

# A device that has it no more
ip -n "${forwarder[3]}" link set eth0 multicast off
left() {
	on "${forwarder[3]}" sh -c '! grep -q 2A0000EF /proc/net/igmp'
}
ok 'a device without multicast leaves the group' eventually 5 left
ip -n "${forwarder[3]}" link set eth0 multicast on
ok 'and joins it again' eventually 10 ready
before=$(seen)
many "$g" ffffffffffff 20
ok 'after which all is as before' eventually 5 got "$(all 20 "$g")"

# Planned: the forwarder of subnet 2 leaves while guests talk
before=$(seen)
slowly "$g" 200 &
for host in "${hosts[@]}"; do
	[ "$host" = "${forwarder[2]}" ] ||
		vmnetctl -n "$host" set-peer vmnet0 udp "$(address_of "${forwarder[2]}")" leaving on
done
wait $!
ok 'a forwarder that leaves loses nothing' eventually 5 got "$(all 200 "$g")"
is 'it is said to' "$(roles "$source" | grep -c "^${forwarder[2]#h} leaving$")" 1
is 'and somebody else forwards' \
	"$(roles "$source" | grep -c '^2. forwarder$')" 1
for host in "${hosts[@]}"; do
	[ "$host" = "${forwarder[2]}" ] ||
		vmnetctl -n "$host" set-peer vmnet0 udp "$(address_of "${forwarder[2]}")" leaving off
done
ok 'and back' test "$(roles "$source")" = "$first"

# Deleted, by the source alone
before=$(seen)
slowly "$g" 100 &
sleep 0.3
vmnetctl -n "$source" del-peer vmnet0 udp "$(address_of "${forwarder[2]}")"
wait $!
ok 'nor does one that the source no longer knows' eventually 5 got "$(all 100 "$g")"
vmnetctl -n "$source" add-peer vmnet0 udp "$(address_of "${forwarder[2]}")" \
	node "${forwarder[2]#h}" subnet 2
ok 'until it does again' test "$(roles "$source")" = "$first"

# Killed: the forwarder of subnet 3 is gone from one moment to the next
dead=${forwarder[3]}
read -r witness _ <<< "${others[3]}"
before=$(seen)
silent=$(vstat "$source" forwarders_silent)
# gaps: the longest time without a frame, in microseconds
gaps() {
	local now last=0 longest=0
	read -r _
	while read -r _; do
		now=${EPOCHREALTIME/./}
		[ $last = 0 ] || [ $((now - last)) -le $longest ] || longest=$((now - last))
		last=$now
		echo $longest > "$dir/gap"
	done
}
mkfifo "$dir/heard"
ip netns exec "g${witness#h}" capture eth0 > "$dir/heard" &
capture=$!
gaps < "$dir/heard" &
sleep 0.5
slowly "$g" 200 &
stream=$!
sleep 0.5
ip -n wire link set "to-$dead" down
wait $stream
sleep 1
kill $capture
read -ra now <<< "$(seen)"
read -ra was <<< "$before"
lost=0 more=0
for i in "${!guests[@]}"; do
	case ${guests[i]} in
	"$g"|"g${dead#h}") continue ;;
	esac
	n=$((200 - now[i] + was[i]))
	[ $n -le 0 ] || [ $n -le $lost ] || lost=$n
	[ $n -ge 0 ] || more=$n
done
read -r gap < "$dir/gap"
echo "# when the forwarder died: lost $lost of 200, longest gap $((gap / 1000)) ms"
is 'nothing is lost when a forwarder dies' $lost 0
# How long that takes is measured by "make bench"; here others want the processor, too.
ok 'and it is replaced soon' test "$gap" -le 4000000
is 'nothing was delivered twice' $more 0
is 'it is said to be silent' "$(roles "$source" | grep -c "^${dead#h} silent$")" 1
ok 'and counted' test "$(vstat "$source" forwarders_silent)" -gt "$silent"
ip -n wire link set "to-$dead" up
back() {
	[ "$(roles "$source")" = "$first" ] && ready
}
ok 'it is taken back' eventually 10 back
before=$(seen)
many "$g" ffffffffffff 20
ok 'and forwards again' eventually 5 got "$(all 20 "$g")"

# A host that is not elected
victim=$source
read -r _ liar <<< "${others[2]}"
# hostile NAME WANTED FROM MESSAGE: what of it the victim counts
hostile() {
	look "$victim"
	mark
	on "$3" inject udp "$(address_of "$victim")" 4789 > /dev/null <<< "$4"
	eventually 2 news_of "$victim" "$2" || true
	is "$1" "$news" "$2"
}
inner=$(frame ffffffffffff 99)
node() {
	printf '%08x' "${1#h}"
}

before=$(seen)
unelected=$(vstat "$victim" rx_relay_unelected)
on "$liar" inject udp "$(address_of "$victim")" 4789 > /dev/null \
	<<< "4800000000002a00$(node "$liar")00000001$inner"
places=()
for i in "${!guests[@]}"; do
	places[i]=0
	[[ ${guests[i]} == g1? ]] && places[i]=1
done
ok 'a host that is not elected passes on what it gets' eventually 5 got "${places[*]}"
is 'and counts it' "$(vstat "$victim" rx_relay_unelected)" $((unelected + 1))
before=$(seen)
twice=$(vstat "$victim" drop_duplicate)
on "$liar" inject udp "$(address_of "$victim")" 4789 > /dev/null \
	<<< "4800000000002a00$(node "$liar")00000001$inner"
duplicate() {
	[ "$(vstat "$victim" drop_duplicate)" = $((twice + $1)) ]
}
ok 'but once' eventually 5 duplicate 1
ok 'and to nobody again' got "$(all 0)"

# What nobody should send
hostile 'a spoofed origin' 'vmnet0 drop_unknown_origin 1' "$liar" \
	"4800000000002a00$(node "${forwarder[2]}")00000001$inner"
hostile 'an origin that nobody knows' 'vmnet0 drop_unknown_origin 1' "$sister" \
	"4800000000002a000000270f00000001$inner"
hostile 'this host as the origin' 'vmnet0 drop_unknown_origin 1' "$sister" \
	"4800000000002a00$(node "$victim")00000001$inner"
hostile 'an extension cut off' 'vmnet drop_too_short 1' "$sister" \
	"4800000000002a00$(node "$sister")"
hostile 'a message of somebody else' 'vmnet0 drop_unknown_origin 1' "$liar" \
	"6803000000002a00$(node "$sister")00000000"
hostile 'a message from the wrong subnet' 'vmnet0 drop_wrong_subnet 1' "$liar" \
	"6802000000002a00$(node "$liar")00000000"

# A vxlan device among them gets copies, and no extension
ip netns add x
quiet x
ip -n wire link add to-x type veth peer name eth0 netns x
ip -n wire link set to-x master br1 up
ip -n x addr add 172.16.1.9/24 dev eth0
ip -n x link set eth0 up
ip -n x link add vx0 type vxlan id 42 dstport 4789 local 172.16.1.9 \
	remote "$(address_of "$source")"
ip -n x link set vx0 up
vmnetctl -n "$source" add-peer vmnet0 udp 172.16.1.9 plain
before=$(seen)
many "$g" ffffffffffff 20
ok 'with a plain peer, too, each guest gets it once' eventually 5 got "$(all 20 "$g")"
is 'and so does the plain peer' "$(on x cat /sys/class/net/vx0/statistics/rx_packets)" 20
is 'which finds nothing wrong' "$(on x cat /sys/class/net/vx0/statistics/rx_errors)" 0

# Peers, networks, devices and hosts go while all talk at once
talk() {
	local guest
	before=$(seen)
	talkers=()
	for guest in "${guests[@]}"; do
		many "$guest" ffffffffffff 600 &
		talkers+=($!)
	done
	ok 'all talk' eventually 20 heard
}
heard() {
	[ "$(seen)" != "$before" ]
}
talk
for i in 1 2; do
	for host in "${hosts[@]:1}"; do
		vmnetctl -n "$host" del-peer vmnet0 udp "$(address_of h11)"
	done
	for host in "${hosts[@]:1}"; do
		vmnetctl -n "$host" add-peer vmnet0 udp "$(address_of h11)" node 11 subnet 1
	done
done
ok 'peers deleted and added again' eventually 20 ready
wait "${talkers[@]}"
talk
ip -n h21 link set vmnet0 down
ip -n h21 link set vmnet0 up
ip -n h22 link del eth0
vmnetctl -n h31 del-net vmnet0
kill "${watchers[@]}"
ip netns del h32
wait "${talkers[@]}"
ok 'what is left works' ping g12 13 3
ok 'between subnets, too' ping g12 23 3
finish
