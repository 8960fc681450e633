#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Checkers: little
# Kernels: uml
# Guests ask for an address, and get that which the board gave their VM, from a server
# of their own host, wherever that is and whatever dies.
set -u
. "${0%/*}/lib.sh"
. "${0%/*}/vmnet.sh"
. "${0%/*}/vmnetd.sh"

plan 57
TTL=6
settings="dnsmasq = $dir/dnsmasq"

# It runs as somebody who may not be able to reach a cache, nor its libraries; and says
# what it answers, which vmnetd has it not say.
chmod 711 "$dir"
mkdir "$dir/lib"
program=$(command -v dnsmasq)
cp "$program" "$dir/lib"
ldd "$program" | sed -n 's|.*=> \(/[^ ]*\) .*|\1|p' | grep -v '^/lib\|^/usr' |
	xargs -r cp -L -t "$dir/lib"
cat > "$dir/dnsmasq" <<- END
	#!/bin/sh
	LD_LIBRARY_PATH=$dir/lib exec "$dir/lib/dnsmasq" --log-dhcp "\$@"
END
chmod +x "$dir/dnsmasq"

wire a b
board_host

# What a client calls: it says what it was told, and takes the address.
cat > "$dir/told" <<- 'END'
	#!/bin/sh
	echo "$1 ${ip:-} ${mask:-} mtu ${mtu:-} router ${router:-none} dns ${dns:-none}"
	case $1 in bound|renew) ip addr replace "$ip/$mask" dev "$interface" ;; esac
END
chmod +x "$dir/told"

# client N: leaves it in $client; what it says is in $dir/gN
client() {
	ip netns exec "g$1" busybox udhcpc -f -i eth0 -t 3 -T 1 -A 1 -O mtu -s "$dir/told" \
		> "$dir/g$1" 2>&1 &
	client=$!
}

# told N TEXT
told() {
	grep -q "$2" "$dir/g$1" || { cat "$dir/g$1"; return 1; }
}

# ask N COUNT: guest N asks so often, and then no more
ask() {
	on "g$1" busybox udhcpc -f -q -n -i eth0 -t "$2" -T 1 -O mtu -s "$dir/told"
}

# vm_cell HOST NAME KEY: what the board knows of a VM
vm_cell() {
	local row
	row=$(vmnetctl -n "$1" -j show-vms config "$dir/$1.conf" | grep "\"vm\":\"$2\"")
	[[ $row =~ \"$3\":\"([^\"]*)\" ]] && echo "${BASH_REMATCH[1]}"
}

vm_at() {
	[ "$(vm_cell a "$1" host)" = "$2" ]
}

# servers HOST: processes of those that its agent has
servers() {
	pgrep -P "${agents[$1]}" -x dnsmasq | paste -sd ' '
}

# runs_one HOST: one server with one port, and leaves it in $server
runs_one() {
	server=$(servers "$1")
	[[ $server =~ ^[0-9]+$ ]] && [ "$(ports_of "$1")" = 1 ] ||
		{ echo "$server"; ip -n "$1" link; return 1; }
}

ports_of() {
	ip -n "$1" -o link show | grep -c ': dhcp[0-9]*@'
}

runs_none() {
	[ -z "$(servers "$1")" ] && [ "$(ports_of "$1")" = 0 ]
}

# knows HOST N: its server knows guest N
knows() {
	tr '\0' '\n' < "/proc/$(servers "$1")/cmdline" | grep -q "$(guest_mac "$2")"
}

# of_server HOST FIELD: what the kernel says of its server
of_server() {
	sed -n "s/^$2:[[:blank:]]*//p" "/proc/$(servers "$1")/status"
}

is_nobody() {
	local user group
	user=$(id -u dnsmasq 2> /dev/null || echo 65534)
	group=$(id -g dnsmasq 2> /dev/null || echo 65534)
	[ "$(of_server "$1" Uid | xargs)" = "$user $user $user $user" ] &&
		[ "$(of_server "$1" Gid | xargs)" = "$group $group $group $group" ] &&
		[ -z "$(of_server "$1" Groups | xargs)" ] ||
		{ grep '^[UG]' "/proc/$(servers "$1")/status"; return 1; }
}

# shared HOST: sockets that both its agent and its server have
shared() {
	local server own=/proc/${agents[$1]}/fd
	server=/proc/$(servers "$1")/fd
	comm -12 <(readlink "$server"/* | sort) <(readlink "$own"/* | sort) | sort -u |
		grep '^socket:'
}

does_not() {
	! "$@"
}

status_says() {
	grep -q "$2" <<< "$(vmnetctl -n "$1" status config "$dir/$1.conf")"
}

lan a b
for h in a b; do
	ok "$h joins" join $h
	agent $h
done
has_peer() {
	vmnetctl -n "$1" show-peers vmnet42 | grep -q 192.0.2
}
ok 'a has its peer' eventually 20 has_peer a
ok 'and so has b' eventually 20 has_peer b
ok 'nobody has a server, as there are no VMs' runs_none a

# A VM that is known before it is there
row=$(vmnetctl -n a -j add-vm lan one mac "$(guest_mac 1)" ipv4 10.0.0.77 config "$dir/a.conf")
ok 'add-vm says the address' grep -q '"ipv4":"10.0.0.77"' <<< "$row"
ok 'its host has a server' eventually 20 runs_one a
ok 'which is not root' is_nobody a
# CAP_NET_BIND_SERVICE, CAP_NET_ADMIN and CAP_NET_RAW at most
is 'and has few rights' $((0x$(of_server a CapPrm) & ~0x3400)) 0
ok 'nor sockets of its agent' does_not shared a
ok 'behind a port that is confined' \
	grep -q '"port":"dhcp[0-9]*".*"confined":true' <<< "$(vmnetctl -n a -j show-ports vmnet42)"
ok 'the other has none' runs_none b
plug_in 1 a
client 1
first=$client
ok 'the guest gets it' eventually 20 told 1 'bound 10.0.0.77 24'
mtu=$(ip -n a -o link show vmnet42 | sed 's/.* mtu \([0-9]*\) .*/\1/')
ok 'with the MTU of the network, and no router' told 1 "mtu $mtu router none"
ok 'its host knows' grep -q "DHCPACK.* 10.0.0.77 $(guest_mac 1)" "$dir/a.log"

# One that nobody knew
plug_in 2 b
client 2
second=$client
ok 'a new guest gets an address, too' eventually 30 told 2 'bound 10.0.0.'
two=$(vm_cell a b.v2 ipv4)
ok 'that which the board gave it' told 2 "bound $two 24"
ok 'from its host' grep -q "DHCPACK.* $two $(guest_mac 2)" "$dir/b.log"
ok 'the other has not even heard of it' does_not grep -q "$(guest_mac 2).*ignored\|DHCP.*$(guest_mac 2)" "$dir/a.log"
ok 'guests ping each other' eventually 5 on g1 icmp-echo "$two" 1
ok 'status tells' status_says b 'DHCP .*segment lan: running, port dhcp.*, addresses 1'

# Someone else behind the port of a VM
kill $second
ip -n g2 link set eth0 address 02:00:00:00:02:02
ok 'a guest that is no VM gets nothing' fails 1 'no lease' ask 2 3
ok 'and fills no log' does_not grep -q '02:00:00:00:02:02' "$dir/b.log"
ip -n g2 link set eth0 address "$(guest_mac 2)"

# It moves
acks() {
	grep -c "DHCPACK.* 10.0.0.77" "$dir/$1.log"
}
renewed() {
	[ "$(acks "$1")" -gt "$2" ]
}
was=$(acks a)
kill -USR1 $first
ok 'a lease is renewed' eventually 20 told 1 'renew 10.0.0.77'
ok 'by the same host' renewed a "$was"
ok 'which was asked, and not all' told 1 'sending renew to server 169.254.0.67'
was=$(acks a)
ip -n a link set v1 netns b
ip -n b link set v1 master vmnet42 up
# Both may think they have it. Its next frame says where it is.
kill -USR1 $first
ok 'a guest that moved is asked for' eventually 20 vm_at one b
ok 'the new host gives it the same address' eventually 20 knows b 1
kill -USR1 $first
ok 'when it asks' eventually 20 renewed b 0
is 'the old one gave it none' "$(acks a)" "$was"
ok 'and has no server any more' eventually 20 runs_none a
others() {
	grep '^bound\|^renew' "$dir/g1" | grep -v ' 10.0.0.77 '
}
ok 'it was told no other' does_not others
ok 'guests ping each other again' eventually 5 on g1 icmp-echo "$two" 1
kill $first
ok 'it has the address also when it asks anew' ask 1 10
ok 'and so has the one beside it' ask 2 10

# The segment gets a router
ok 'a segment gets a gateway' api PUT /domains/lab/segments/lan \
	'{"vni": 42, "ipv4": "10.0.0.0/24", "gateway": "10.0.0.254", "dns": ["192.0.2.53"]}'
asked() {
	ask 1 10 | tee "$dir/asked"
	grep -q "$1" "$dir/asked"
}
ok 'guests are told of it' eventually 10 asked 'router 10.0.0.254 dns 192.0.2.53'

# What dies
ok 'one server for both' eventually 5 runs_one b
was=$server
kill -KILL "$server"
another() {
	runs_one b && [ "$server" != "$was" ]
}
ok 'a server that was killed is started again' eventually 20 another
ok 'and told of' grep -q 'no DHCP in segment lan: dnsmasq was killed by signal 9' "$dir/b.log"
ok 'it answers' ask 1 10
kill -KILL "${agents[b]}"
wait "${agents[b]}" 2> /dev/null
no_server() {
	! pgrep -x dnsmasq
}
ok 'none outlives its agent' eventually 10 no_server
agent b
ok 'which has one again' eventually 20 runs_one b
ok 'that answers' ask 2 10
kill "${agents[b]}"
wait "${agents[b]}"
ok 'none is left when an agent stops' no_server
is 'nor a port' "$(ports_of b)" 0

# There is none
sed -i 's|^dnsmasq = .*|dnsmasq = /nowhere/dnsmasq|' "$dir/b.conf"
agent b
ok 'without dnsmasq it says so' eventually 20 status_says b 'there is no /nowhere/dnsmasq: install dnsmasq-base'
ok 'and all else works' on g1 icmp-echo "$two" 1
sed -i 's|^dnsmasq = .*|dhcp = no|' "$dir/b.conf"
kill -HUP "${agents[b]}"
ok 'who wants none has none' eventually 10 runs_none b
is 'it was said once' "$(lines b 'there is no /nowhere')" 1
ok 'nor is it missed' does_not status_says b 'no DHCP'
sed -i "s|^dhcp = .*|$settings|" "$dir/b.conf"
kill -HUP "${agents[b]}"
ok 'who wants one has one' eventually 10 runs_one b

# They leave
ip -n b link del v2
ok 'who leaves gets nothing any more' eventually 20 does_not knows b 2
ip -n b link del v1
ok 'and nobody is left to be served' eventually 20 runs_none b

kill "${agents[a]}" "${agents[b]}" $board
wait
finish
