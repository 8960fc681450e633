# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the tests of vmnet: networks, guests and what they know.

# Guests ask for an address once, when they need it.
echo 3600000 > /proc/sys/net/ipv4/neigh/default/base_reachable_time_ms
echo 3600 > /proc/sys/net/ipv4/neigh/default/delay_first_probe_time

# quiet NAMESPACE: devices made in it from now on have no IPv6, and so send
# nothing by themselves
quiet() {
	on "$1" sh 2> /dev/null <<- 'END'
		echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
	END
	return 0
}

guest_mac() {
	printf '02:00:00:00:01:%02x' "$1"
}

# net HOST [ARGUMENT]...: vmnet0, VNI 42
net() {
	local host=$1
	shift
	quiet "$host"
	on "$host" vmnetctl add-net vmnet0 vni 42 "$@"
}

# enslave HOST DEV: to vmnet0, and up
enslave() {
	ip -n "$1" link set "$2" master vmnet0 up
}

# guest HOST N [NAME]: guest N on the host, 10.0.0.N, with the MAC guest_mac N;
# its namespace is NAME or gN, its port vN, which $attach, if set, joins to the switch
guest() {
	local host=$1 n=$2 name=${3:-g$2}
	ip netns add "$name"
	quiet "$name"
	ip -n "$host" link add "v$n" type veth peer name eth0 netns "$name"
	"${attach:-enslave}" "$host" "v$n"
	ip -n "$name" -batch - <<- END
		link set lo up
		link set eth0 address $(guest_mac "$n")
		addr add 10.0.0.$n/24 dev eth0
		link set eth0 up
	END
}

# mangled FRAME: for "inject", in hexadecimal with each of its bits altered, and cut off
# anywhere behind its Ethernet header
mangled() {
	local n
	echo "flips $1"
	for ((n = 28; n < ${#1}; n += 2)); do
		echo "${1::n}"
	done
}

# watch NAMESPACE...: for seen
watch() {
	local ns
	watchers=()
	for ns; do
		ip netns exec "$ns" sleep 1000 &
		watchers+=($!)
	done
}

# seen: frames that eth0 of each watched namespace has received
seen() {
	local paths=("${watchers[@]/#//proc/}")
	awk '$1 == "eth0:" { printf "%s%d", n++ ? " " : "", $3 }' \
		"${paths[@]/%//net/dev}"
}

# udp_peers HOST N...: the hosts with these numbers
udp_peers() {
	local host=$1 n
	shift
	for n; do
		on "$host" vmnetctl add-peer vmnet0 udp "192.0.2.$n"
	done
}

rrdp_peers() {
	local host=$1 n
	shift
	for n; do
		on "$host" vmnetctl add-peer vmnet0 rrdp "$n"
	done
}

# transfer FROM TO ADDRESS BYTES: a TCP stream to ADDRESS in namespace TO, checked
transfer() {
	local log receiver status

	log=$(mktemp)
	on "$2" timeout 60 stream recv 5001 "$4" > "$log" &
	receiver=$!
	eventually 10 grep -q ready "$log"
	on "$1" timeout 60 stream send "$3" 5001 "$4" && wait $receiver
	status=$?
	rm "$log"
	return $status
}

# vstat HOST NAME: a counter of vmnet0
vstat() {
	counter "$1" vmnet0 "$2"
}

# unclaimed HOST NAME: a counter of messages that no network got
unclaimed() {
	counter "$1" vmnet "$2"
}

# behind HOST N: where the host believes guest N to be, as show-fdb says it
behind() {
	local fdb guest mac kind where
	printf -v guest 02:00:00:00:01:%02x "$2"
	fdb=$(vmnetctl -n "$1" show-fdb vmnet0)
	while read -r _ mac kind where _; do
		[ "$mac" = "$guest" ] && echo "$kind $where"
	done <<< "$fdb"
}

# states HOST: states of its peers
states() {
	local peers state all=
	peers=$(vmnetctl -n "$1" show-peers vmnet0)
	while read -r _ _ _ _ state _; do
		all+=${all:+,}$state
	done <<< "${peers#*$'\n'}"
	echo "$all"
}

# up HOST: all its peers are
up() {
	[[ $(states "$1") =~ ^up(,up)*$ ]]
}

# ping NAMESPACE N [COUNT [SIZE]]: each is answered, once
ping() {
	local from=$1 to=$2
	shift 2
	on "$from" icmp-echo "10.0.0.$to" "${@:-1}"
}

# subnets S H: namespaces hSN, H hosts in each of S subnets, numbers S times ten and
# N, with the address 172.16.S.N and a guest gSN each, in one network; a bridge for
# each subnet and a router between them in a namespace called "wire"
subnets() {
	local s n to
	hosts=() guests=()
	ip netns add wire
	on wire sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
	for ((s = 1; s <= $1; s++)); do
		ip -n wire -batch - <<- END
			link add br$s address 02:00:00:00:fe:0$s type bridge mcast_snooping 0
			addr add 172.16.$s.254/24 dev br$s
			link set br$s up
		END
		for ((n = 1; n <= $2; n++)); do
			subnet_host "$s" "$n"
		done
	done
	for to in "${hosts[@]}"; do
		subnet_peers "$to"
	done
}

subnet_host() {
	local host=h$1$2
	ip netns add "$host"
	ip -n wire -batch - <<- END
		link add to-$host type veth peer name eth0 netns $host
		link set to-$host master br$1 up
	END
	quiet "$host"
	ip -n "$host" -batch - <<- END
		link set lo up
		addr add 172.16.$1.$2/24 dev eth0
		link set eth0 up
		route add default via 172.16.$1.254
	END
	[ ! "${near:-}" ] || on "$host" vmnetctl add-node "$1$2" local dev eth0
	net "$host" node "$1$2" subnet "$1"
	guest "$host" "$1$2"
	hosts+=("$host") guests+=("g$1$2")
}

# address_of HOST: its address in the underlay
address_of() {
	echo "172.16.${1:1:1}.${1:2:1}"
}

# subnet_peers HOST: all others are its peers; by UDP, or those of its subnet as $near
# says
subnet_peers() {
	local peer
	for peer in "${hosts[@]}"; do
		if [ "$peer" = "$1" ]; then
			continue
		elif [ "${near:-}" ] && [ "${peer:1:1}" = "${1:1:1}" ]; then
			vmnetctl -n "$1" add-peer vmnet0 "$near" "${peer#h}" subnet "${peer:1:1}"
		else
			vmnetctl -n "$1" add-peer vmnet0 udp "$(address_of "$peer")" \
				node "${peer#h}" subnet "${peer:1:1}"
		fi
	done
}

# hear HOST N: so many peers hear its multicasts
hear() {
	local peers says='"hears":true' n
	peers=$(vmnetctl -n "$1" -j show-peers vmnet0)
	n=${peers//$says/}
	n=$(((${#peers} - ${#n}) / ${#says}))
	[ $n = "$2" ] || { echo "$n hear $1"; return 1; }
}

# roles HOST: "NUMBER ROLE" of all peers and itself, by number
roles() {
	{
		vmnetctl -n "$1" -j show-peers vmnet0
		vmnetctl -n "$1" -j show-nets
	} | tr '{' '\n' | sed -n 's/.*"node":\([0-9]*\),.*"role":"\([a-z]*\)".*/\1 \2/p' | sort
}

# same: all hosts have $first as the roles
same() {
	local host
	for host in "${hosts[@]}"; do
		[ "$(roles "$host")" = "$first" ] || { roles "$host"; return 1; }
	done
}

# sum HOST... NAME: of a counter
sum() {
	local host total=0
	for host in "${@:1:$#-1}"; do
		total=$((total + $(vstat "$host" "${*: -1}")))
	done
	echo $total
}

# unanswered NAMESPACE ADDRESS: nothing answers from there
unanswered() {
	! on "$1" icmp-echo "$2" 1 64 300
}

# set_port DEV ARGUMENT...: on host a
set_port() {
	on a vmnetctl set-port vmnet0 "$@"
}

# port_cell DEV KEY: of show-ports in JSON, on host a
port_cell() {
	local row
	row=$(vmnetctl -n a -j show-ports vmnet0 | grep "\"port\":\"$1\"")
	[[ $row =~ \"$2\":(\"([^\"]*)\"|([^,}]*)) ]] &&
		echo "${BASH_REMATCH[2]}${BASH_REMATCH[3]}"
}

# new NAME COMMAND...: by how much the counter of host a grows
new() {
	local name=$1 was
	shift
	was=$(vstat a "$name")
	"$@" > /dev/null 2>&1
	echo $(($(vstat a "$name") - was))
}
