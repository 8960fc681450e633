# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the namespace tests: TAP, hosts (one namespace each) and waiting.

count=0 failed=0

# Processes are dear in the kernels that these tests run on: what can do without
# another one does.

# What the command of an "ok" says, for whoever wants to know.
said=$(mktemp)

# plan N: how many results follow
plan() {
	echo "1..$1"
}

# ok NAME COMMAND...: one result, with the command's output if it fails
ok() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@" > "$said" 2>&1; then
		echo "ok $count - $name"
	else
		failed=1
		echo "not ok $count - $name"
		echo "# $*"
		sed 's/^/# /' "$said"
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
	rm -f "$said"
	exit $failed
}

# eventually SECONDS COMMAND...: succeeds as soon as the command does, which may take
# as long as that, and several times as long where others want the processor as well
eventually() {
	local end=$((SECONDS + 4 * $1))
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
	if [ "$2" = vmnetctl ]; then
		vmnetctl -n "$1" "${@:3}"
	else
		ip netns exec "$@"
	fi
}

# Runs a command without the right to configure networks. Another user, who has none
# either, might not reach the libraries that the owner of a cache keeps there.
unprivileged=(setpriv --inh-caps=-net_admin --bounding-set=-net_admin)

mac_of() {
	printf '02:00:00:00:00:%02x' "$1"
}

# wire HOST1 HOST2...: namespaces joined by a bridge in one called "wire";
# host number N has eth0 with 192.0.2.N/24 and a MAC that ends in N
wire() {
	local host n=0
	ip netns add wire
	ip -n wire -batch - <<- END
		link add br0 type bridge mcast_snooping 0
		link set br0 up
	END
	for host; do
		n=$((n + 1))
		ip netns add "$host"
		ip -n wire -batch - <<- END
			link add to-$host type veth peer name eth0 netns $host
			link set to-$host master br0 up
		END
		ip -n "$host" -batch - <<- END
			link set lo up
			link set eth0 address 02:00:00:00:00:0$n
			addr add 192.0.2.$n/24 dev eth0
			link set eth0 up
		END
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
				on "$host" vmnetctl add-node $p dev eth0 lladdr 02:00:00:00:00:0$p
		done
	done
}

# messages SECONDS VERB COUNT MAX [OPTIONS]: a sends checked messages of up to MAX
# octets to b, by the VERB of rrdp-msg
messages() {
	local out receiver status=0
	out=$(mktemp)
	ip netns exec b timeout "$1" rrdp-msg recv 80 "$3" ${5:+"$5"} > "$out" 2>&1 &
	receiver=$!
	# The port is wanted again, even if nobody calls who was to.
	on a timeout "$1" rrdp-msg "$2" 2 80 "$3" "$4" ${5:+"$5"} ||
		{ status=1; kill $receiver; }
	wait $receiver || status=1
	cat "$out"
	rm "$out"
	return $status
}

# spoil NETEM...: what a and b send meets that fate
spoil() {
	local host
	for host in a b; do
		on "$host" tc qdisc replace dev eth0 root netem limit 10000 "$@" ||
			return
	done
}

# counter HOST OF NAME: of "rrdp", of a network, or of "vmnet", which is for those
# that belong to no network
counter() {
	local stats
	stats=$(vmnetctl -n "$1" -j show-stats)
	[[ $stats =~ \"of\":\"$2\",\"name\":\"$3\",\"value\":([0-9]+) ]] &&
		echo "${BASH_REMATCH[1]}"
}

# stat_of HOST NAME: a counter of RRDP
stat_of() {
	counter "$1" rrdp "$2"
}

# look HOST: what was dropped since the last "mark" is in $news, as "OF REASON
# NUMBER" with commas between them, and how many that are in $lost
look() {
	local of name value was stats
	stats=$(vmnetctl -n "$1" show-stats)
	news='' lost=0
	while read -r of name value; do
		[[ $name == drop_* ]] || continue
		was=${marked["$of $name"]:-0}
		seen["$of $name"]=$value
		[ "$value" = "$was" ] && continue
		news+="${news:+,}$of $name $((value - was))"
		lost=$((lost + value - was))
	done <<< "$stats"
}

# mark: what was found dropped when last looked is no news
mark() {
	local key
	for key in "${!seen[@]}"; do
		marked[$key]=${seen[$key]}
	done
}

# news_of HOST NEWS
news_of() {
	look "$1"
	[ "$news" = "$2" ] || { echo "$news"; return 1; }
}

declare -A seen marked
