# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Overlays that are not ours, between h1 and h2; overlay.sh reads this file. What each
# starts is in $daemons, $mtu is what its guests can use, $attach joins a port to it.

# rival PROGRAM [ARGUMENT]...: one of those that are compared with
rival() {
	LD_LIBRARY_PATH=$RIVALS/usr/lib/x86_64-linux-gnu:$RIVALS/lib/x86_64-linux-gnu "$@"
}

# rival_on HOST PROGRAM [ARGUMENT]...: in the background
rival_on() {
	rival ip netns exec "$1" "$RIVALS/usr/${@:2}" > "/run/rival.$1.${2##*/}" 2>&1 &
	daemons+=($!)
}

bridges() {
	local n
	for n in 1 2; do
		quiet h$n
		ip -n h$n link add vmnet0 up type bridge
	done
}

# What Linux has
lan_vxlan() {
	local n
	bridges
	for n in 1 2; do
		vxlan h$n eth0 192.0.2.$n 192.0.2.$((3 - n))
	done
}

# vxlan HOST DEV LOCAL REMOTE: a port of its bridge
vxlan() {
	ip -n "$1" link add vx0 type vxlan id 42 dstport 4789 dev "$2" local "$3" remote "$4"
	ip -n "$1" link set vx0 master vmnet0 up
}

# The same, through WireGuard, which has no Ethernet of its own
lan_wireguard() {
	local n key
	local -a keys=()
	mtu=1370
	bridges
	for n in 1 2; do
		ip -n h$n link add wg0 type wireguard
		key=$(rival "$RIVALS/usr/bin/wg" genkey)
		rival ip netns exec h$n "$RIVALS/usr/bin/wg" set wg0 listen-port 51820 \
			private-key /dev/stdin <<< "$key"
		keys[n]=$(rival "$RIVALS/usr/bin/wg" pubkey <<< "$key")
		ip -n h$n addr add 198.51.100.$n/24 dev wg0
		ip -n h$n link set wg0 up
	done
	for n in 1 2; do
		rival ip netns exec h$n "$RIVALS/usr/bin/wg" set wg0 peer "${keys[3 - n]}" \
			allowed-ips 198.51.100.$((3 - n))/32 endpoint 192.0.2.$((3 - n)):51820
		vxlan h$n wg0 198.51.100.$n 198.51.100.$((3 - n))
	done
}

# Open vSwitch: its kernel datapath, with VXLAN; a daemon and a database for each host
lan_openvswitch() {
	local n
	attach=ovs_port
	modprobe -a openvswitch vport-vxlan
	for n in 1 2; do
		quiet h$n
		mkdir -p /run/ovs.h$n
		rival "$RIVALS/usr/bin/ovsdb-tool" create /run/ovs.h$n/conf.db \
			"$RIVALS/usr/share/openvswitch/vswitch.ovsschema"
		OVS_RUNDIR=/run/ovs.h$n rival_on h$n sbin/ovsdb-server /run/ovs.h$n/conf.db \
			--remote=punix:/run/ovs.h$n/db.sock --unixctl=/run/ovs.h$n/db.ctl
		eventually 10 test -S /run/ovs.h$n/db.sock
		vsctl h$n init
		OVS_RUNDIR=/run/ovs.h$n rival_on h$n lib/openvswitch-switch/ovs-vswitchd unix:/run/ovs.h$n/db.sock \
			--unixctl=/run/ovs.h$n/switch.ctl
		vsctl h$n add-br vmnet0 -- add-port vmnet0 vx0 -- set interface vx0 type=vxlan \
			options:key=42 options:remote_ip=192.0.2.$((3 - n))
		eventually 10 ip -n h$n link show vmnet0
		ip -n h$n link set vmnet0 up
	done
}

# vsctl HOST COMMAND...: without the wait for a switch that may be slow
vsctl() {
	rival "$RIVALS/usr/bin/ovs-vsctl" --db="unix:/run/ovs.$1/db.sock" --no-wait "${@:2}"
}

ovs_port() {
	ip -n "$1" link set "$2" up
	vsctl "$1" add-port vmnet0 "$2"
}

# vpn HOST DEV PEER PORT DIRECTION: one end of a tunnel of OpenVPN
vpn() {
	[ -e /run/vpn.key ] || rival "$RIVALS/usr/sbin/openvpn" --genkey secret /run/vpn.key
	ip -n "$1" tuntap add dev "$2" mode tap
	ip -n "$1" link set "$2" master vmnet0 up
	rival_on "$1" sbin/openvpn --dev "$2" --dev-type tap \
		--proto udp --remote "192.0.2.$3" --port "$((1190 + $4))" \
		--secret /run/vpn.key "$5" --cipher AES-256-CBC --verb 1
}

lan_openvpn() {
	mtu=1380
	bridges
	modprobe tun
	vpn h1 tap0 2 1 0
	vpn h2 tap0 1 1 1
}

# n2n: a guest's NIC is the tap of an edge, as frames of others are not for it
lan_n2n() {
	local n
	mtu=1380
	attach=n2n_port
	modprobe tun
	rival_on h1 bin/supernode -f -l 7654
	# An edge asks it once, and then not for long.
	eventually 10 listening h1 u 7654
	for n in 1 2; do
		quiet h$n
		ip -n h$n tuntap add dev edge0 mode tap
		ip -n h$n link set edge0 address "$(guest_mac $n)"
		rival_on h$n sbin/edge -f -d edge0 -a 10.0.0.$n -c lan -k lan \
			-u 0 -g 0 -l 192.0.2.1:7654
		eventually 10 running h$n
	done
}

# running HOST: the tap has a process, which has looked at its address
running() {
	ip -n "$1" link show edge0 | grep -q 'LOWER_UP\|state UP' || ip -n "$1" link set edge0 up
	ip -n "$1" link show edge0 | grep -q LOWER_UP
}

n2n_port() {
	ip -n "$1" link del "$2"
	ip -n "$1" link set edge0 netns "g${2#v}" name eth0
}

# VDE: a switch of each host with a tap, and a cable of TCP between them
lan_vde() {
	local n
	bridges
	modprobe tun
	for n in 1 2; do
		ip -n h$n tuntap add dev tap0 mode tap
		ip -n h$n link set tap0 master vmnet0 up
		rival ip netns exec h$n "$RIVALS/usr/bin/vde_switch" --daemon --sock /run/vde.h$n \
			--tap tap0 --pidfile /run/vde.h$n.pid
		eventually 10 test -s /run/vde.h$n.pid
		daemons+=("$(cat /run/vde.h$n.pid)")
	done
	vde_cable h1 -l 192.0.2.1 5000
	eventually 10 listening h1 t 5000
	vde_cable h2 192.0.2.1 5000
}

# vde_cable HOST ARGUMENT...: of nc
vde_cable() {
	rival_on "$1" bin/dpipe "$RIVALS/usr/bin/vde_plug" "/run/vde.$1" = nc "${@:2}"
}

# listening HOST t|u PORT
listening() {
	on "$1" ss -Hln"$2" "sport = :$3" | grep -q .
}
