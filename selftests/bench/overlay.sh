# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Guests on two hosts in one LAN, made by vmnet and by what Linux has; guest reads
# this file.

# What carries it between h1 and h2, and the switch vmnet0 of each, whatever it is; those
# that are not ours are in others.sh.
lan_udp() {
	net h1
	net h2
	udp_peers h1 2
	udp_peers h2 1
}

lan_rrdp() {
	net h1
	net h2
	rrdp_peers h1 2
	rrdp_peers h2 1
	eventually 10 up h1
	eventually 10 up h2
}

# across KIND TEST TRANSPORT SIZE COUNT: between the guests
across() {
	on g1 rrdp-perf "$2" 10.0.0.2 -t "$3" -p $PORT -s "$4" -n "$5" -j |
		sed "s/{/{\"overlay\":\"$1\",/"
}

# guests KIND MTU: of the wire. They have the MTU that all of the kernel's kinds can carry.
guests() {
	local n mtu=$(($2 - 50)) attach=
	daemons=()
	say "guests, MTU $2: $1"
	two_hosts "$2"
	"lan_$1"
	for n in 1 2; do
		guest h$n $n
		ip -n g$n link set eth0 mtu $mtu
	done
}

no_guests() {
	stop "${daemons[@]}"
	ip netns del g1
	ip netns del g2
	no_hosts
}

# profile_guests KIND TEST TRANSPORT SIZE: messages go until somebody stops them
profile_guests() {
	guests "$1" 1500
	serve "$3" g2
	across "$1" "$2" "$3" "$4" 1000000
}

# overlay KIND MTU: its guests talk
overlay() {
	local transport server
	guests "$1" "$2"
	eventually 30 on g1 icmp-echo 10.0.0.2 1
	for transport in tcp udp; do
		serve $transport g2
		across "$1" latency $transport 32 300
		[ $transport = udp ] || across "$1" stream tcp 65536 300
		[ $transport = tcp ] || across "$1" stream udp 64 6400
		stop $server
	done
	no_guests
}

# overlays MTU
overlays() {
	local kind
	for kind in vxlan udp rrdp openvswitch wireguard openvpn n2n vde; do
		overlay $kind "$1"
	done
}
