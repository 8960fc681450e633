#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vmnetctl without a kernel module: its help, and what it says of command lines
# that are wrong.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd -P)
out=${OUT:-$tools/../out/tools}
[ -x "$out/vmnetctl" ] || make -s -C "$tools" OUT="$out" >&2 || exit 1
PATH=$out:$PATH

number=0 failed=0

# ok NAME: reports the status of the command before it
ok() {
	local status=$?
	number=$((number + 1))
	if [ $status = 0 ]; then
		echo "ok $number - $1"
	else
		failed=$((failed + 1))
		echo "not ok $number - $1"
	fi
}

# run ARGUMENT...: leaves $status, $said (standard output) and $complaint
run() {
	local err
	err=$(mktemp)
	said=$(vmnetctl "$@" 2>"$err")
	status=$?
	complaint=$(cat "$err")
	rm -f "$err"
}

is() {
	[ "$1" = "$2" ] && return
	printf '# got  %s\n# want %s\n' "$1" "$2"
	return 1
}

# wrong MESSAGE ARGUMENT...: a usage error with this message, and nothing else
wrong() {
	local message=$1
	shift
	run "$@"
	is "$status|$said|$complaint" "2||vmnetctl: $message"
	ok "vmnetctl $*"
}

# bad MESSAGE VERB ARGUMENT...: the same, where the message names the verb
bad() {
	local message=$1
	shift
	wrong "$1: $message; see \"vmnetctl $1 --help\"" "$@"
}

run --help
[ "$status" = 0 ] && [ -z "$complaint" ]
ok '--help'
help=$said
run -h
is "$said" "$help"
ok '-h says the same'
run --version
[[ $status = 0 && $said =~ ^vmnetctl\ [0-9] ]]
ok '--version'

verbs=$(sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' <<<"$help")
is "$(xargs <<<"$verbs")" "add-node del-node show-nodes add-net set-net del-net show-nets\
 add-peer set-peer del-peer show-peers add-fdb del-fdb show-fdb set-port show-ports show-mdb show-neighs show-stats show-connections monitor\
 join leave show-domains show-hosts show-vms add-vm del-vm watch status lab"
ok 'the verbs'
for verb in $verbs; do
	run "$verb" --help
	[[ $status = 0 && -z $complaint && $said == "usage: vmnetctl $verb"* ]] &&
		grep -q '^examples\?:$' <<<"$said" && grep -q "^  vmnetctl.* $verb" <<<"$said" &&
		! grep -q '.\{81\}' <<<"$said"
	ok "$verb --help"
	run --help "$verb" -j
	[ "$status" = 0 ]
	ok "--help $verb"
done

wrong 'expected a verb; "vmnetctl --help" lists them'
wrong 'expected a verb; "vmnetctl --help" lists them' -j
wrong 'there is no verb "frob"; "vmnetctl --help" lists them' frob
run --frob show-nodes
is "$status|$said" '2|'
ok 'an unknown option'
run show-nodes --netns
is "$status|$said" '2|'
ok 'an option without its value'

number_of='expected NODE, a number from 1 to 4294967295, not'
bad 'expected NODE at the end' add-node
bad "$number_of \"x\"" add-node x local
bad "$number_of \"4294967296\"" add-node 4294967296 local
bad "$number_of \"\"" add-node ''
bad 'expected "dev DEV lladdr MAC", or "local"' add-node 2
bad 'expected "dev DEV lladdr MAC", or "local"' add-node 2 dev eth0
bad 'expected DEV at the end' add-node 2 dev
bad 'expected MAC at the end' add-node 2 dev eth0 lladdr
bad 'expected MAC such as 02:00:00:00:00:01, not "02:00"' add-node 2 dev eth0 lladdr 02:00
bad '"local" takes no "lladdr": it is that of the device' \
	add-node 1 local dev eth0 lladdr 02:00:00:00:00:01
bad 'expected "dev" or "lladdr" or "local", not "frob"' add-node 1 frob
bad '"local" is there twice' add-node 1 local local
bad 'expected NODE at the end' del-node
bad 'expected "dev", not "eth0"' del-node 1 eth0
bad 'expected "dev", not "2"' del-node learned 2
bad 'did not expect "all"' show-nodes all

bad 'expected NAME at the end' add-net
bad 'expected NAME of 1 to 15 characters, not ""' add-net ''
bad 'expected NAME of 1 to 15 characters, not "a-name-too-long0"' add-net a-name-too-long0
bad 'expected VNI, a number from 0 to 4294967295, not "-1"' add-net vmnet0 vni -- -1
bad 'expected PORT, a number from 0 to 65535, not "65536"' add-net vmnet0 port 65536
bad 'expected "vni" or "port" or "ageing" or "limit" or "node" or "subnet", not "mtu"' add-net vmnet0 mtu 9000
bad 'expected NAME at the end' del-net
bad 'did not expect "vmnet1"' del-net vmnet0 vmnet1
bad 'did not expect "vmnet0"' show-nets vmnet0

bad 'expected NET at the end' set-net
bad 'expected what to set at the end' set-net vmnet0
bad 'expected "on" or "off" after "mcast-snooping", not "1"' set-net vmnet0 mcast-snooping 1
bad 'expected SECONDS, a number from 0 to 4294967295, not "x"' set-net vmnet0 mcast-querier x
bad 'expected "mcast-snooping" or "neigh-suppress" or "mcast-limit" or "mcast-membership" or "mcast-querier" or "neigh-limit", not "x"' \
	set-net vmnet0 x
bad 'did not expect "x"' show-mdb vmnet0 x
bad 'did not expect "x"' show-neighs vmnet0 x

bad 'expected NET at the end' add-peer
bad 'expected "rrdp", "udp" or "auto" at the end' add-peer vmnet0
bad 'expected "rrdp", "udp" or "auto", not "tcp"' add-peer vmnet0 tcp
bad 'expected "rrdp" or "udp", not "auto"' del-peer vmnet0 auto 2 192.0.2.2
bad "$number_of \"192.0.2.2\"" add-peer vmnet0 auto 192.0.2.2
bad 'expected ADDR at the end' add-peer vmnet0 auto 2
bad 'the port is there twice' add-peer vmnet0 auto 2 192.0.2.1:1 port 1
bad 'expected ADDR such as 192.0.2.1, [2001:db8::1] or [2001:db8::1]:4789, not "host"' \
	add-peer vmnet0 udp host
bad 'the port is there twice' add-peer vmnet0 udp 192.0.2.1:1 port 1
bad 'expected "port", not "plain"' del-peer vmnet0 udp 192.0.2.1 plain
bad 'expected "rrdp" or "udp"' set-peer vmnet0 auto 2 leaving on
bad 'did not expect "subnet"' del-peer vmnet0 rrdp 2 subnet 1
bad 'expected "leaving on" or "leaving off"' set-peer vmnet0 udp 192.0.2.1 leaving
bad 'did not expect "plain"' set-peer vmnet0 udp 192.0.2.1 leaving on plain
bad 'did not expect "vmnet1"' show-peers vmnet0 vmnet1

bad 'expected MAC at the end' add-fdb vmnet0
bad 'expected MAC such as 02:00:00:00:00:01, not "1"' add-fdb vmnet0 1
bad 'expected "port" or "peer" after MAC [vlan VID]' add-fdb vmnet0 02:00:00:00:00:01
bad 'expected VID, a number from 1 to 4094, not "0"' \
	add-fdb vmnet0 02:00:00:00:00:01 vlan 0 port eth0
bad 'expected VID, a number from 1 to 4094, not "4095"' del-fdb vmnet0 02:00:00:00:00:01 vlan 4095
bad 'expected DEV at the end' add-fdb vmnet0 02:00:00:00:00:01 port
bad 'did not expect "plain"' add-fdb vmnet0 02:00:00:00:00:01 peer rrdp 1 plain
bad 'expected MAC at the end' del-fdb vmnet0
bad 'did not expect "x"' show-fdb vmnet0 x
bad 'expected NET at the end' set-port
bad 'expected DEV at the end' set-port vmnet0
bad 'expected what to set at the end' set-port vmnet0 eth0
bad 'expected "vlans" or "pvid" or "tagged" or "isolated" or "confined" or "learning" or "limit" or "storm" or "mcast-limit", not "x"' \
	set-port vmnet0 eth0 x
bad 'expected "all", not "10"' set-port vmnet0 eth0 vlans 10
bad 'in all VLANs or in some, not both' set-port vmnet0 eth0 vlans all pvid 10
bad 'expected VID, a number from 0 to 4094, not "4095"' set-port vmnet0 eth0 pvid 4095
bad 'expected VID, a number from 1 to 4094, not "0"' set-port vmnet0 eth0 pvid 0
for list in '' ',' 0 4095 '1,' ',1' 1-- 5-4 1-5000 x 1x 1-x 99999999999; do
	bad "expected LIST of VLANs from 1 to 4094 such as 10,20-29, not \"$list\"" \
		set-port vmnet0 eth0 tagged "$list"
done
bad 'VLAN 10 is the one without tags: leave it out of LIST' \
	set-port vmnet0 eth0 pvid 10 tagged 9-11
bad 'expected "on" or "off" after "isolated", not "yes"' set-port vmnet0 eth0 isolated yes
bad 'expected RATE, a number from 0 to 4294967295, not "1k"' set-port vmnet0 eth0 storm 1k
bad '"limit" is there twice' set-port vmnet0 eth0 limit 1 limit 2
bad 'did not expect "x"' show-ports vmnet0 x
bad 'did not expect "x"' show-stats rrdp x
bad 'did not expect "x"' show-connections x
bad 'did not expect "x"' monitor x

# Another program reads those of boards; it is not built without its libraries.
if [ -x "$out/vmnetctl-board" ]; then
	conf=$(mktemp)
	echo 'frob = 1' >"$conf"
	fp=$(printf 'AB%.0s' {1..32})
	lab=(join https://192.0.2.1:8789 lab)
	bad 'expected URL at the end' join
	bad 'expected URL such as https://192.0.2.1:8789, not "http://192.0.2.1"' \
		join http://192.0.2.1 lab
	bad 'expected DOMAIN at the end' join https://192.0.2.1:8789
	bad 'expected DOMAIN of up to 63 letters, digits, "-", "." and "_", not "a/b"' \
		join https://192.0.2.1:8789 a/b
	bad 'expected "fingerprint FINGERPRINT", as "vmnet-board fingerprint" prints it' \
		"${lab[@]}" config /dev/null
	bad 'expected "token TOKEN", as "vmnet-board token add" prints it' \
		"${lab[@]}" fingerprint "$fp" config /dev/null
	bad 'expected FINGERPRINT of 32 pairs of hexadecimal digits, not "AB"' \
		"${lab[@]}" fingerprint AB token x config /dev/null
	bad 'expected TOKEN on standard input' \
		"${lab[@]}" fingerprint "$fp" token - config /dev/null
	bad 'expected HOST of up to 63 letters, digits, "-", "." and "_", not "a/b"' \
		"${lab[@]}" fingerprint "$fp" token x host a/b config /dev/null
	bad 'expected ADDRESS such as 192.0.2.1/24, not "192.0.2.1"' \
		"${lab[@]}" fingerprint "$fp" token x host h address 192.0.2.1 config /dev/null
	bad 'expected "udp" or "udp,rrdp" after "transports", not "tcp"' \
		"${lab[@]}" fingerprint "$fp" token x host h transports tcp config /dev/null
	bad 'expected LIST of names of segments such as lan,dmz, not "a:b"' \
		"${lab[@]}" fingerprint "$fp" token x host h segments lan,a:b config /dev/null
	bad 'expected SECONDS, a number from 0 to 3600, not "3601"' \
		"${lab[@]}" fingerprint "$fp" token x ttl 3601 config /dev/null
	wrong "$conf:1: there is no setting \"frob\"; vmnetd(8) lists them" \
		"${lab[@]}" fingerprint "$fp" token x config "$conf"
	wrong "$conf:1: there is no setting \"frob\"; vmnetd(8) lists them" leave config "$conf"
	bad 'expected "domain" or "config", not "x"' leave x
	bad 'expected "domain" or "config", not "x"' show-domains x
	bad 'expected "domain" or "config", not "x"' show-hosts x
	bad 'expected "domain" or "config" or "segment", not "x"' show-vms x
	bad 'expected SEGMENT, a name, not "a/b"' show-vms segment a/b
	bad 'expected NAME at the end' add-vm lan
	bad 'expected "domain" or "config" or "mac" or "ipv4" or "ipv6" or "host", not "x"' \
		add-vm lan web x
	bad 'expected NAME at the end' del-vm lan
	bad 'expected "domain" or "config", not "x"' watch x
	bad 'expected "config", not "x"' status x
	bad 'expected "up", "down", "status" or "check" at the end' lab
	bad 'expected "up", "down", "status" or "check", not "x"' lab x
	bad 'expected FILE at the end' lab up
	bad 'expected FILE at the end' lab check
	bad 'did not expect "x"' lab check "$conf" x
	bad 'expected FILE or NAME at the end' lab down
	bad 'expected "domain" or "config" or "rsh" or "token" or "dry-run", not "x"' \
		lab up "$conf" x
	bad 'expected "domain" or "config" or "rsh" or "token", not "dry-run"' \
		lab down "$conf" dry-run
	bad 'expected "domain" or "config" or "rsh", not "x"' lab status name x
	bad 'expected NAME of up to 63 letters, digits, "-", "." and "_", not "a/b"' \
		lab status a/b
	bad 'expected COMMAND such as "ssh -p 2222"' lab up "$conf" rsh ' '
	wrong "$conf:1: a lab has to be a mapping, lines of \"NAME: VALUE\"" lab up "$conf"
	wrong 'cannot read /no/such/file: No such file or directory' lab check /no/such/file
	run lab check - <<<'guests: []'
	is "$status|$complaint" '2|vmnetctl: standard input:1: a lab needs "name"'
	ok 'vmnetctl lab check -'
	for file in "$tools"/../samples/labs/*.yaml; do
		run lab check "$file"
		is "$status|$said|$complaint" '0||'
		ok "vmnetctl lab check ${file##*/}"
	done
	run -j show-hosts config /dev/null
	[[ $status = 1 && $complaint == *'"vmnetctl join" joins one'* ]]
	ok 'no domain was joined'
	rm -f "$conf"
fi

run -n no-such-namespace show-nodes
[[ $status = 1 && $complaint == *'"no-such-namespace": No such file'*'"ip netns"'* ]]
ok 'a namespace that is not there'

[ "$(vmnetctl --help 2>&1 >/dev/full; echo $?)" = \
	$'vmnetctl: cannot write: No space left on device\n1' ]
ok 'a full disk'

echo "1..$number"
exit $((failed > 0))
