# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the namespace tests: TAP, hosts (one namespace each) and waiting.

count=0 failed=0

# plan N: how many results follow
plan() {
	echo "1..$1"
}

# ok NAME COMMAND...: one result, with the command's output if it fails
ok() {
	local name=$1 out
	shift
	count=$((count + 1))
	if out=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		failed=1
		echo "not ok $count - $name"
		sed 's/^/# /' <<< "$* : $out"
	fi
}

# is NAME GOT WANTED
is() {
	ok "$1 ($3)" test "$2" = "$3"
}

# fails STATUS TEXT COMMAND...: the command fails with the status and says so
fails() {
	local status=$1 text=$2 out got
	shift 2
	out=$("$@" 2>&1)
	got=$?
	echo "status $got: $out"
	[ $got = "$status" ] && [[ $out == *"$text"* ]]
}

# refused NAME STATUS TEXT COMMAND...
refused() {
	local name=$1
	shift
	ok "$name" fails "$@"
}

finish() {
	exit $failed
}

# eventually SECONDS COMMAND...: succeeds as soon as the command does
eventually() {
	local end=$((SECONDS + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { "$@"; return; }
		sleep 0.1
	done
}

# The kernel with every checker, where all takes longer.
is_uml() {
	grep -qi 'user mode linux\|uml' /proc/cpuinfo
}

# on HOST COMMAND...
on() {
	ip netns exec "$@"
}

mac_of() {
	printf '02:00:00:00:00:%02x' "$1"
}

# wire HOST1 HOST2...: namespaces joined by a bridge in one called "wire";
# host number N has eth0 with 192.0.2.N/24 and a MAC that ends in N
wire() {
	local host n=0
	ip netns add wire
	ip -n wire link add br0 type bridge mcast_snooping 0
	ip -n wire link set br0 up
	for host; do
		n=$((n + 1))
		ip netns add "$host"
		ip -n "$host" link set lo up
		ip -n wire link add "to-$host" type veth peer name eth0 netns "$host"
		ip -n wire link set "to-$host" master br0 up
		ip -n "$host" link set eth0 address "$(mac_of $n)"
		ip -n "$host" addr add 192.0.2.$n/24 dev eth0
		ip -n "$host" link set eth0 up
	done
}

# nodes HOST1 HOST2...: RRDP between them, host number N is node N
nodes() {
	local host peer n=0 p
	for host; do
		n=$((n + 1)) p=0
		on "$host" vmnetctl add-node $n local dev eth0
		for peer; do
			p=$((p + 1))
			[ $p = $n ] ||
				on "$host" vmnetctl add-node $p dev eth0 lladdr "$(mac_of $p)"
		done
	done
}

# stat_of HOST NAME: a counter of RRDP
stat_of() {
	on "$1" vmnetctl -j show-stats rrdp |
		sed -n 's/.*"name":"'"$2"'","value":\([0-9]*\).*/\1/p'
}
