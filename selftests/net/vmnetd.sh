# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the tests of vmnetd: a board, and agents that join it, with their files in
# $dir. TTL, and $settings for the configuration of all agents, are set by the test.

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TMPDIR=$dir
declare -A agents token

# board_host: where the board is, on the wire
board_host() {
	ip netns add board
	ip -n wire -batch - <<- 'END'
		link add to-board type veth peer name eth0 netns board
		link set to-board master br0 up
	END
	ip -n board -batch - <<- 'END'
		link set lo up
		addr add 192.0.2.100/24 dev eth0
		link set eth0 up
	END

	cat > "$dir/board.conf" <<- END
		listen = 192.0.2.100:8789
		state = $dir/board
	END
}

# board_starts: leaves its process in $board
board_starts() {
	ip netns exec board vmnet-board -c "$dir/board.conf" > "$dir/board.log" 2>&1 &
	board=$!
	eventually 10 grep -q listening "$dir/board.log"
}

# api METHOD PATH [BODY]: as administrator
api() {
	on board python3 - "$admin" "$@" <<- 'END'
		import ssl, sys, urllib.request
		token, method, path, *body = sys.argv[1:]
		context = ssl._create_unverified_context()
		request = urllib.request.Request(
		    "https://192.0.2.100:8789/v1" + path, method=method,
		    data=body[0].encode() if body else None,
		    headers={"Authorization": "Bearer " + token})
		print(urllib.request.urlopen(request, context=context, timeout=60).read().decode())
	END
}

# join HOST [ARGUMENT]...
join() {
	local host=$1
	shift
	[ -e "$dir/$host.conf" ] ||
		printf 'state = %s\nsocket = %s\n%s\n' "$dir/$host" "$dir/$host.sock" \
			"$settings" > "$dir/$host.conf"
	on "$host" vmnetctl join https://192.0.2.100:8789 lab fingerprint "$fingerprint" \
		token "${token[$host]}" host "$host" ttl $TTL config "$dir/$host.conf" "$@"
}

# agent HOST: starts its agent, with the rights that its unit gives it
unit=${0%/*}/../../tools/systemd/vmnetd.service
rights=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
agent() {
	ip netns exec "$1" setpriv --bounding-set="-all,$rights" vmnetd -c "$dir/$1.conf" >> "$dir/$1.log" 2>&1 &
	agents[$1]=$!
}

# lines HOST TEXT: how often its agent has said so
lines() {
	grep -c "$2" "$dir/$1.log"
}

# more HOST TEXT N: more than N times
more() {
	[ "$(lines "$1" "$2")" -gt "$3" ] || { cat "$dir/$1.log"; return 1; }
}

# plug_in N HOST: guest N, which has no address, on the host
plug_in() {
	ip netns add "g$1"
	quiet "g$1"
	ip -n "$2" link add "v$1" type veth peer name eth0 netns "g$1"
	ip -n "$2" link set "v$1" master vmnet42 up
	ip -n "g$1" -batch - <<- END
		link set lo up
		link set eth0 address $(guest_mac "$1")
		link set eth0 up
	END
}

# lan HOST...: a token for each; the board, with a domain that has a segment. Three results
lan() {
	local host
	for host; do
		token[$host]=$(on board vmnet-board -c "$dir/board.conf" \
			token add host domain lab host "$host")
		quiet "$host"
	done
	admin=$(on board vmnet-board -c "$dir/board.conf" token add admin)
	ok 'the board starts' board_starts
	fingerprint=$(sed -n 's/^fingerprint //p' "$dir/board.log")
	ok 'a domain' api PUT /domains/lab
	ok 'a segment' api PUT /domains/lab/segments/lan '{"vni": 42, "ipv4": "10.0.0.0/24"}'
}
