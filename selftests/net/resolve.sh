# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the tests of node resolution.

ALL=ffffffffffff
# Operations
REQUEST=0001 REPLY=0002 ANNOUNCE=0003

# param NAME VALUE: of rrdp.ko
param() {
	echo "$2" > "/sys/module/rrdp/parameters/$1"
}

# entry HOST NODE: device, MAC, learned and state of a node, or "none"
entry() {
	local node dev lladdr learned state
	while read -r node _ dev lladdr learned state _; do
		[ "$node" = "$2" ] && { echo "$dev $lladdr $learned $state"; return; }
	done <<< "$(vmnetctl -n "$1" show-nodes)"
	echo none
}

# entry_is HOST NODE PATTERN
entry_is() {
	local is
	is=$(entry "$1" "$2")
	# shellcheck disable=SC2053 # a pattern
	[[ $is == $3 ]] || { echo "$is"; return 1; }
}

# grown HOST COUNTER BEFORE BY
grown() {
	local now
	now=$(stat_of "$1" "$2")
	[ $((now - $3)) = "$4" ] || { echo "$2 grew by $((now - $3))"; return 1; }
}

# talk FROM TO NODE PORT: three messages to a node that is host TO
talk() {
	local status
	ip netns exec "$2" rrdp-msg recv "$4" 3 &
	ip netns exec "$1" rrdp-msg send "$3" "$4" 3
	status=$?
	[ $status = 0 ] || kill $!
	wait $! && return $status
}

# frame TO FROM OPERATION SENDER TARGET: for "inject"; MACs without colons
frame() {
	printf '%s%s88b6%s%08x%08x%072d\n' "$1" "$2" "$3" "$4" "$5" 0
}

# heard NUMBER PATTERN: frames that "capture" has put into the file $wire since hush
heard() {
	local n
	n=$(tail -n +$((hushed + 1)) "$wire" | grep -c -- "$2")
	[ "$n" = "$1" ] || { echo "$n of $2"; return 1; }
}

# hush: what was on the wire is no news
hush() {
	hushed=$(wc -l < "$wire")
}

# say FROM-MAC OPERATION SENDER TARGET [TO-MAC]: host c sends a frame
say() {
	frame "${5:-$ALL}" "$1" "$2" "$3" "$4" | ip netns exec c inject dev eth0
}
