# SPDX-License-Identifier: GPL-2.0
#
# Root filesystem and hypervisor of the lab's hosts; cache.sh reads this file.
#
#   rootfs		directory of a Debian 12 userland with Xen's tools
#   xen			directory of the hypervisor, as QEMU boots it: xen
#   initrd SUITE host	directory of the initial file system, initrd, that mounts
#			a host's root
#   initrd SUITE guest	the same for a guest, which has no other file system
#   initrd SUITE node	the same for a guest of samples/labs, and id, a key for ssh to it

ROOTFS_PACKAGES="bash coreutils dash diffutils findutils gawk grep sed mawk util-linux mount
	iproute2 kmod procps ethtool tcpdump iputils-ping netcat-openbsd jq
	libnl-3-200 libnl-genl-3-200 libjansson4 libmicrohttpd12 libsqlite3-0 libcurl4 libgnutls30 curl
	libyaml-0-2 dropbear-bin openssh-client busybox-static iperf3
	python3 python3-yaml perl-base xen-utils-4.17 xenstore-utils xen-utils-common"
# Nothing of these runs in the lab, and they are most of the size.
ROOTFS_WITHOUT="grub-xen-bin grub-common grub2-common debconf
	udev systemd libpam-modules libpam-runtime adduser init-system-helpers ucf
	tzdata media-types mailcap login passwd"

rootfs_make()
{
	deb_fetch -d -x "$ROOTFS_WITHOUT" bookworm debs $ROOTFS_PACKAGES
	deb_unpack debs
	rm -rf usr/share/{doc,man,locale,info,lintian,bug,bash-completion} usr/games

	# What maintainer scripts would have done.
	mkdir -p dev proc sys run tmp mnt root home usr/local/{bin,sbin} var/{log,run,lock,tmp} etc lib/modules
	printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:::/bin/sh\n' >etc/passwd
	printf 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n' >etc/group
	echo '127.0.0.1 localhost' >etc/hosts
	ln -sf mawk usr/bin/awk
	ln -sf which.debianutils usr/bin/which
	ln -sf /bin/nc.openbsd usr/bin/nc
	[ -e bin/sh ] || ln -s dash bin/sh
	ldconfig -r .
}

rootfs()
{
	local name

	name=$(cache_name rootfs "$ROOTFS_PACKAGES" "$ROOTFS_WITHOUT" "$(declare -f rootfs_make)")
	cache_build "$name" rootfs_make && echo "$CACHE/$name"
}

RIVALS="dbench openvpn openvswitch-switch wireguard-tools n2n vde2"

rivals_make()
{
	deb_fetch -d -x "$ROOTFS_WITHOUT" bookworm debs $RIVALS
	deb_unpack debs
}

rivals()
{
	local name

	name=$(cache_name rivals "$RIVALS" "$ROOTFS_WITHOUT" "$(declare -f rivals_make)")
	cache_build "$name" rivals_make && echo "$CACHE/$name"
}

emulator_make()
{
	deb_fetch -d -x "$ROOTFS_WITHOUT" bookworm debs qemu-system-x86
	deb_unpack debs
	deb_fix_links
}

emulator()
{
	local name

	name=$(cache_name emulator "$ROOTFS_WITHOUT" "$(declare -f emulator_make)")
	cache_build "$name" emulator_make && echo "$CACHE/$name"
}

xen_make()
{
	deb_fetch bookworm debs xen-hypervisor-4.17-amd64
	deb_unpack debs
	gunzip -c boot/xen-4.17-amd64.gz >xen
	rm -rf boot etc usr
}

xen()
{
	local name

	name=$(cache_name xen-4.17 "$(declare -f xen_make)")
	cache_build "$name" xen_make && echo "$CACHE/$name"
}

# Modules of each kind of machine, and the drivers that a host may choose from.
INITRD_host="virtio_pci virtio_console 9pnet_virtio 9p overlay"
INITRD_guest="xen-netfront"
INITRD_virtual="virtio_pci virtio_console virtio_net"
INITRD_node="xen-netfront virtio_pci virtio_net"
INITRD_nics="virtio_net e1000e e1000 igb vmxnet3"

# initrd_modules KERNEL NAME MODULE… - the modules, and the order to load them in NAME.order
initrd_modules()
{
	local kernel=$1 name=$2 module base
	shift 2

	modprobe -d "$kernel" -S "$(cat "$kernel/release")" -a --show-depends "$@" |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
		while read -r module; do
			base=$(basename "${module%.xz}")
			case $module in
			*.xz) xz -dc "$module" >"root/modules/$base" ;;
			*) cp "$module" "root/modules/$base" ;;
			esac
			echo "$base"
		done >"root/modules/$name.order"
}

# initrd_program PATH - a program of the root file system, with its libraries
initrd_program()
{
	local from path

	from=$(rootfs)
	[ -e "$from/$1" ] || set -- "${1#usr/}"
	for path in "$1" $("$from/lib64/ld-linux-x86-64.so.2" --inhibit-cache --library-path \
			"$from/lib/x86_64-linux-gnu:$from/usr/lib/x86_64-linux-gnu" --list \
			"$from/$1" | grep -o "$from/[^ ]*" | sed "s|^$from/||"); do
		install -D "$from/$path" "root/$path"
	done
	install -D "$from/lib64/ld-linux-x86-64.so.2" root/lib64/ld-linux-x86-64.so.2
}

# initrd_init KIND - its first process
initrd_init()
{
	case $1 in
	host) echo "$LAB_DIR/init-host" ;;
	node) echo "${LAB_DIR%/selftests/lab}/samples/labs/init" ;;
	*) echo "$LAB_DIR/init-guest" ;;
	esac
}

# initrd_ssh - a server and a client, whose key is the same in all of them, and in id
initrd_ssh()
{
	local from loader

	from=$(rootfs)
	loader="$from/lib64/ld-linux-x86-64.so.2 --library-path $from/lib/x86_64-linux-gnu:$from/usr/lib/x86_64-linux-gnu"
	initrd_program usr/sbin/dropbear
	initrd_program usr/bin/dbclient
	$loader "$from/usr/bin/dropbearkey" -t ed25519 -f id
	$loader "$from/usr/lib/dropbear/dropbearconvert" dropbear openssh id id_openssh
	mkdir -p root/root/.ssh root/etc
	$loader "$from/usr/bin/dropbearkey" -y -f id | grep '^ssh-' >root/root/.ssh/authorized_keys
	cp root/root/.ssh/authorized_keys id.pub
	cp id root/root/.ssh/id_dropbear
	echo 'root:x:0:0:root:/root:/bin/sh' >root/etc/passwd
}

initrd_make()
{
	local kernel=$1 kind=$2 modules=INITRD_$2 nic

	mkdir -p root/bin root/modules root/proc root/sys root/dev
	cp "$(rootfs)/bin/busybox" root/bin/busybox
	cp "$(initrd_init "$kind")" root/init
	cp "$LAB_DIR/agent" root/agent
	initrd_modules "$kernel" base ${!modules}
	[ "$kind" = host ] || initrd_program usr/sbin/ethtool
	[ "$kind" != node ] || initrd_ssh
	# A kernel that we made has its drivers built in, and not those of each card.
	[ "$kind" != host ] || for nic in $INITRD_nics; do
		modprobe -q -d "$kernel" -S "$(cat "$kernel/release")" --show-depends "$nic" || continue
		initrd_modules "$kernel" "$nic" "$nic"
	done
	# Not compressed: an emulated machine unpacks slowly.
	(cd root && find . | cpio --quiet -o -H newc -R 0:0) >initrd
	rm -rf root
}

initrd()
{
	local name kernel

	kernel=$(kernel "$1") || return 1
	rootfs >/dev/null || return 1
	name=$(cache_name "initrd-$1-$2" "$kernel" "$(rootfs)" "$(declare -f initrd_make initrd_modules initrd_program initrd_ssh)" \
		"$INITRD_host" "$INITRD_guest" "$INITRD_virtual" "$INITRD_node" "$INITRD_nics" \
		"$(cat "$(initrd_init "$2")" "$LAB_DIR/agent")")
	cache_build "$name" initrd_make "$kernel" "$2" && echo "$CACHE/$name"
}
