# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Guests on two hosts in one LAN, made by vmnet and by what Linux has; guest reads
# this file.

# What carries it between h1 and h2, and the switch vmnet0 of each, whatever it is.
lan_vxlan() {
	local n
	for n in 1 2; do
		quiet h$n
		ip -n h$n -batch - <<- END
			link add vmnet0 type bridge
			link add vx0 type vxlan id 42 dstport 4789 dev eth0 local 192.0.2.$n remote 192.0.2.$((3 - n))
			link set vx0 master vmnet0 up
			link set vmnet0 up
		END
	done
}

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

# guests KIND MTU: of the wire. They have the MTU that all kinds can carry.
guests() {
	local n
	say "guests, MTU $2: $1"
	two_hosts "$2"
	"lan_$1"
	for n in 1 2; do
		guest h$n $n
		ip -n g$n link set eth0 mtu $(($2 - 50))
	done
}

# profile_guests KIND TRANSPORT SIZE: a message goes back and forth until somebody
# stops it
profile_guests() {
	guests "$1" 1500
	serve "$2" g2
	across "$1" latency "$2" "$3" 1000000
}

# overlays MTU
overlays() {
	local kind transport server
	for kind in vxlan udp rrdp; do
		guests $kind "$1"
		for transport in tcp udp; do
			serve $transport g2
			across $kind latency $transport 32 300
			[ $transport = udp ] || across $kind stream tcp 65536 300
			[ $transport = tcp ] || across $kind stream udp 64 6400
			stop $server
		done
		ip netns del g1
		ip netns del g2
		no_hosts
	done
}
