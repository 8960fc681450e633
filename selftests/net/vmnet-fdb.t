#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# A large MAC database: filled, read at once, deleted.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"

plan 8
# With a million, what is printed of time is what the design asks for.
entries=100000
[ ! -e /proc/lockdep ] || entries=10000
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# now: milliseconds
now() {
	local up
	read -r up _ < /proc/uptime
	up=${up/./}
	echo $((10#$up * 10))
}

# took COMMAND...: how long it takes, in $ms
took() {
	local start
	start=$(now)
	"$@"
	ms=$(($(now) - start))
}

ip netns add a
net a limit $((entries + 1000)) ageing 0
guest a 1
ok 'no limit of the port' on a vmnetctl set-port vmnet0 v1 limit 0
own=$(on a cat /sys/class/net/vmnet0/address)
fill() {
	on g1 inject dev eth0 > "$dir/sent" <<< \
		"$(printf 'sources %d %s%s88b7%092d' $entries "${own//:/}" 0a0000000000 0)"
}
took fill
echo "# $entries addresses in $ms ms"
is 'all are learned' "$(vstat a fdb_learned)" "$(($(cat "$dir/sent") + 0))"
learned=$(vmnetctl -n a -j show-ports vmnet0 | sed -n 's/.*"port":"v1".*"macs":\([0-9]*\).*/\1/p')
ok 'and are there' test "$learned" -ge $entries

dump() {
	vmnetctl -n a -j show-fdb vmnet0 > "$dir/fdb"
}
took dump
echo "# read with vmnetctl -j show-fdb in $ms ms"
is 'each is shown once' "$(grep -o '"mac":"0a[^"]*"' "$dir/fdb" | sort -u | wc -l)" "$entries"
rm "$dir/fdb"
bridge_dump() {
	bridge -n a fdb show dev vmnet0 | wc -l > "$dir/lines"
}
took bridge_dump
echo "# read with bridge fdb show in $ms ms"
ok 'bridge fdb show has as many' test "$(cat "$dir/lines")" -ge $entries
took ip -n a link set v1 nomaster
echo "# forgotten with their port in $ms ms"
ok 'they go with their port' test "$(vmnetctl -n a show-fdb vmnet0 | wc -l)" -le 3
is 'none is left' "$(vmnetctl -n a -j show-nets | sed -n 's/.*"macs":\([0-9]*\).*/\1/p')" 0
ok 'the network is deleted' on a vmnetctl del-net vmnet0
finish
