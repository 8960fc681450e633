#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# The sample module: two of it, each of which serves the other, and bad neighbours.
set -u
. "${0%/*}/lib.sh"

plan 51
here=$(cd "${0%/*}" && pwd)
debug=/sys/kernel/debug
mountpoint -q $debug || mount -t debugfs debugfs $debug
copies=$(mktemp -d)

# file HOST NAME
file() {
	echo "$debug/rrdp_dvm$1/$2"
}

# load NAME HOST PEER: a copy of the module, which has a name of its own
load() {
	local ko=$copies/rrdp_dvm$1.ko
	[ -e "$ko" ] || sed "s/rrdp_dvmm/rrdp_dvm$1/g" "$SAMPLES/rrdp/rrdp_dvmm.ko" > "$ko"
	on "$2" insmod "$ko" peer="$3"
}

# count_of HOST NAME: a counter
count_of() {
	awk -v name="$2" '$1 == name { print $2 }' "$(file "$1" stats)"
}

# interrupt HOST VCPU VECTOR
interrupt() {
	echo "$2 $3" > "$(file "$1" interrupt)"
}

# has_interrupts HOST LINES
has_interrupts() {
	echo "$2" | diff - "$(file "$1" interrupts)"
}

# read_io HOST ADDRESS SIZE: the octets of a register of the other host
read_io() {
	dd if="$(file "$1" io)" bs="$3" skip=$(($2 / $3)) count=1 status=none |
		od -An -v -tx1 | tr -d ' \n'
	return "${PIPESTATUS[0]}"
}

# write_io HOST ADDRESS OCTETS
write_io() {
	local size=$((${#3} / 2))
	# shellcheck disable=SC2001 # a byte is two digits
	printf '%b' "$(sed 's/../\\x&/g' <<< "$3")" |
		dd of="$(file "$1" io)" bs=$size seek=$(($2 / size)) conv=notrunc status=none
}

# fetch HOST COUNT [FIRST]: pages of the other host
fetch() {
	dd if="$(file "$1" page)" bs=4096 count="$2" skip="${3:-0}" status=none
}

# same_pages CALLER SERVER COUNT
same_pages() {
	fetch "$1" "$3" > "$copies/pages" && test "$(wc -c < "$copies/pages")" = $((4096 * $3)) &&
		cmp "$copies/pages" "$(file "$2" memory)"
}

# called HOST NUMBER: at least so often
called() {
	[ "$(count_of "$1" calls)" -ge "$2" ]
}

# wait_bell HOST NUMBER FILE: so many wait for the other host's doorbell
wait_bell() {
	local n before
	before=$(count_of "$1" calls)
	for ((n = 0; n < $2; n++)); do
		read_io "$1" 64 8 > "$3.$n" 2>&1 &
	done
	eventually 30 called "$1" $((before + $2))
}

# killed PROCESS CALLS: with a call under way that is one more than those of host a
killed() {
	eventually 30 called a $(($2 + 1)) && kill -KILL "$1" && eventually 30 gone "$1"
}

gone() {
	! kill -0 "$1"
}

# many HOST COUNT: calls at once
many() {
	local n
	for ((n = 0; n < $2; n++)); do
		read_io "$1" 8 8 &
	done | fold -w 16 | sort | uniq -c | xargs
}

wire a b
nodes a b

# ---- each serves the other ----

ok 'a serves b' load a a 2
refused 'nobody serves yet' 1 'Connection refused' interrupt a 1 65
ok 'b serves a' load b b 1

for end in 'a b' 'b a'; do
	read -r one other <<< "$end"
	ok "$one interrupts $other" interrupt "$one" 3 65
	ok 'and another vector, and the last one' eval \
		"interrupt $one 3 66; interrupt $one 3 65; interrupt $one 7 255"
	ok 'they are counted there' eventually 10 has_interrupts "$other" \
		$'3 65 2\n3 66 1\n7 255 1'
	ok "$one writes to a register of $other" write_io "$one" 8 0123456789abcdef
	ok 'and to half of it' write_io "$one" 12 cafe
	is 'reads it' "$(read_io "$one" 8 8)" 01234567cafecdef
	is 'or an octet of it' "$(read_io "$one" 12 1)" ca
	head -c 262144 /dev/urandom | dd of="$(file "$other" memory)" bs=4096 status=none
	ok "$one fetches 64 pages of $other" same_pages "$one" "$other" 64
done

refused 'a register that is not there' 1 'No such device or address' read_io a 72 8
refused 'an access of three octets' 1 'Invalid argument' \
	dd if="$(file a io)" bs=3 count=1
refused 'of a page' 1 'Invalid argument' dd if="$(file a io)" bs=4096 count=1
refused 'a page written' 1 'Invalid argument' dd if=/dev/zero of="$(file a io)" bs=4096 count=1
refused 'a page that is not there' 1 'No such device or address' fetch a 1 64
refused 'a vector that is not there' 1 'Invalid argument' interrupt a 1 256
is '100 calls at once' "$(many a 100)" '100 01234567cafecdef'

wait_bell a 10 "$copies/bell"
is 'others overtake calls that wait' "$(read_io a 8 8)" 01234567cafecdef
write_io a 64 1122334455667788
wait
is 'the doorbell wakes all of them' "$(cat "$copies"/bell.* | fold -w 16 | uniq -c | xargs)" \
	'10 1122334455667788'
calls=$(count_of a calls) unknown=$(count_of a unknown_id)
dd if="$(file a io)" bs=8 skip=8 count=1 status=none > /dev/null &
ok 'who waits can be killed' killed $! "$calls"
write_io a 64 0000000000000001
is 'the reply is for nobody then' $(($(count_of a unknown_id) - unknown)) 1
ok 'calls one after the other' eval "echo page 300 > $(file a measure)"

# ---- bad neighbours ----

before=$(count_of b malformed)
sent=$(on a "$here/dvmm-abuse" client 2 5203)
ok 'requests of every bad kind are refused' test -n "$sent"
is 'what is no request is counted' $(($(count_of b malformed) - before)) "$sent"
is 'it serves on' "$(read_io a 8 8)" 01234567cafecdef

# The server goes while it is wanted.
wait_bell a 5 "$copies/reset"
ok 'a server unloads while others wait for it' rmmod rrdp_dvmb
wait
is 'each is told' "$(grep -l 'Connection reset' "$copies"/reset.* | wc -l)" 5
refused 'then nobody serves' 1 'Connection refused' read_io a 8 8

coproc on b "$here/dvmm-abuse" server 5203
# shellcheck disable=SC2034 # what it prints
read -r ready <&"${COPROC[0]}"
server=$COPROC_PID
malformed=$(count_of a malformed) unknown=$(count_of a unknown_id)
is 'the right reply among wrong ones' "$(read_io a 8 1)" 2a
is 'one that comes twice' "$(read_io a 8 1)" 2b
protocol=0
for call in 'read_io a 8 8' 'read_io a 8 8' 'read_io a 8 8' \
	'fetch a 1' 'fetch a 1' 'fetch a 1' 'fetch a 1'; do
	fails 1 'Protocol error' $call > /dev/null && protocol=$((protocol + 1))
done
is 'bad replies are errors' $protocol 7
is 'then a good page' "$(fetch a 1 | tr -d p | wc -c)" 0
calls=$(count_of a calls)
echo 'io 5' > "$(file a measure)" &
ok 'a caller that waits in vain can be killed' killed $! "$calls"
refused 'no reply, but the end' 1 'Connection reset' read_io a 8 8
wait "$server"
is 'bad replies are counted' $(($(count_of a malformed) - malformed)) 10
is 'those to nothing as well' $(($(count_of a unknown_id) - unknown)) 2

# ---- the end ----

load b b 1
wait_bell a 3 "$copies/busy"
refused 'no unloading under a caller' 1 'in use' rmmod rrdp_dvma
write_io a 64 0000000000000001
wait
ok 'unload, connections open' eval 'interrupt a 0 1; rmmod rrdp_dvma'
ok 'and the other end' rmmod rrdp_dvmb
ok 'a server alone' load a a 0
refused 'a port that is taken' 1 'in use' load b a 0
refused 'it calls nobody' 1 'Destination address required' read_io a 8 8
rm -r "$copies"
finish
