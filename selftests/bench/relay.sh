# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One to many when a forwarder dies; guest reads this file.

# forwards HOST SUBNET: whom it has chosen there
forwards() {
	roles "$1" | sed -n "s/^\($2.\) forwarder$/h\1/p"
}

all_hear() {
	local host
	for host in "${hosts[@]}"; do
		hear "$host" 2 || return 1
	done
}

# slowly GUEST: broadcasts, one each 10 ms, until /run/enough is there. No process is
# started meanwhile: time would leap while its program is read.
slowly() {
	local line never
	printf -v line 'ffffffffffff%s88b6%092d' "$(guest_mac "${1#g}" | tr -d :)" 0
	exec {never}<> /run/never
	until [ -e /run/enough ]; do
		echo "$line"
		read -rt 0.01 -u "$never"
	done | on "$1" inject dev eth0 > /dev/null
}

# gaps: the longest time without a frame, in microseconds, when all is read
gaps() {
	local now last=0 longest=0
	read -r _
	while read -r _; do
		now=${EPOCHREALTIME/./}
		[ $last = 0 ] || [ $((now - last)) -le $longest ] || longest=$((now - last))
		last=$now
	done
	echo $longest
}

# killed SOURCE: the forwarder of subnet 3 is gone from one moment to the next, while
# a guest of the source broadcasts
killed() {
	local dead witness host talker capture gaps
	dead=$(forwards "$1" 3)
	for host in "${hosts[@]:6:3}"; do
		[ "$host" = "$dead" ] || witness=g${host#h}
	done
	ip netns exec "$witness" capture eth0 > /run/heard &
	capture=$!
	gaps < /run/heard > /run/gap &
	gaps=$!
	sleep 0.5
	rm -f /run/enough
	slowly "g${1#h}" &
	talker=$!
	sleep 1
	ip -n wire link set "to-$dead" down
	sleep 1
	touch /run/enough
	wait $talker
	sleep 0.5
	stop $capture
	wait $gaps
	printf '{"test":"relay","us":%d}\n' "$(< /run/gap)"
	ip -n wire link set "to-$dead" up
	eventually 20 taken_back "$1" "$dead"
}

taken_back() {
	[ "$(forwards "$1" 3)" = "$2" ] && all_hear
}

# relay ROUNDS
relay() {
	local round
	say 'a forwarder dies'
	subnets 3 3
	mkfifo /run/heard /run/never
	eventually 20 all_hear
	for ((round = 0; round < $1; round++)); do
		killed "$(origin)"
	done
	for round in "${hosts[@]}" "${guests[@]}" wire; do
		ip netns del "$round"
	done
}

# origin: a host of the first subnet that does not forward there
origin() {
	local host
	for host in "${hosts[@]:0:3}"; do
		[ "$(forwards "$host" 1)" = "$host" ] || echo "$host"
	done | head -n 1
}
