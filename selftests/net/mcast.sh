# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the tests of IP multicast: who sends, who listens, and who hears it.

mcast=$(realpath "${0%/*}/mcast.py")
logs=$(mktemp -d)

# frame GUEST KIND ARGUMENT...: a frame of a guest. One process makes them all, as to
# start it takes longest. (Of a coproc itself bash closes both ends in a subshell.)
coproc maker { exec "$mcast" frames; }
exec {to_maker}>&"${maker[1]}" {of_maker}<&"${maker[0]}"
frame() {
	local made
	echo "${1#g} ${*:2}" >&"$to_maker"
	read -r made <&"$of_maker"
	echo "$made"
}

# mcast FROM KIND ARGUMENT...: a frame of a guest, out of its eth0
mcast() {
	frame "$@" | on "$1" inject dev eth0 > /dev/null
}

# repeated N: each line of standard input so often
repeated() {
	awk -v n="$1" '{ for (i = 0; i < n; i++) print }'
}

# new_frames: of each guest since $before, "?" if that may be anything
new_frames() {
	local i now all=''
	read -ra now <<< "$(seen)"
	for i in "${!now[@]}"; do
		[ $((now[i] - before[i])) -lt 100 ] || all+=" ${watched[i]}"
	done
	echo "${all# }"
}

# heard WANTED FROM KIND ARGUMENT...: a hundred of a frame are heard by the guests
# WANTED, and by no others
heard() {
	local wanted=$1 from=$2 made got='' look
	made=$(frame "${@:2}")
	read -ra before <<< "$(seen)"
	repeated 100 <<< "$made" | on "$from" inject dev eth0 > /dev/null
	# At least twice, as one who should not may hear it late.
	for look in {1..20}; do
		sleep 0.2
		got=$(new_frames)
		[ "$got" != "$wanted" ] || [ "$look" = 1 ] || break
	done
	echo "heard by: $got"
	[ "$got" = "$wanted" ]
}

# listen NAMESPACE DEV GROUP...: until "hush NAMESPACE"
listen() {
	ip netns exec "$1" "$mcast" join "${@:2}" > "$logs/$1" 2>&1 &
	listening[$1]=$!
	eventually 10 grep -q ready "$logs/$1"
}
declare -A listening

hush() {
	kill "${listening[$1]}"
	wait "${listening[$1]}" 2> /dev/null
}

# mdb HOST GROUP: who listens to it there, as show-mdb says it, in one line
mdb() {
	vmnetctl -n "$1" show-mdb vmnet0 | awk -v group="$2" '
		{ i = 2 + ($2 ~ /^[0-9]+$/ || $2 == "-") }
		$i == group { printf "%s%s", n++ ? "," : "", $(i + 1) " " $(i + 2) }'
}

is_mdb() {
	local got
	got=$(mdb "$1" "$2")
	echo "$got"
	[ "$got" = "$3" ]
}

# known HOST GROUP WANTED
known() {
	eventually 5 is_mdb "$@"
}
