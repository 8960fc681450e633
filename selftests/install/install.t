#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make install puts everything in its place below DESTDIR, make uninstall takes
# all of it away, and what was installed is of use.
set -u

cd "${0%/*}/../.." || exit 1
. selftests/net/lib.sh

plan 11
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
release=$(make -s --no-print-directory where) && release=${release##*/build-}

files() {
	(cd "$root" && find . -type f | sort | grep -v '/modules\.[a-z.]*$')
}

wanted=$(sort <<- END
	./etc/xen/scripts/vif-vmnet
	./lib/modules/$release/updates/kmod/rrdp/rrdp.ko
	./lib/modules/$release/updates/kmod/vmnet/vmnet.ko
	./usr/include/linux/rrdp.h
	./usr/include/linux/vmnet.h
	./usr/include/net/rrdp.h
	./usr/lib/$(gcc -print-multiarch)/wireshark/plugins/rrdp.lua
	./usr/lib/systemd/system/vmnet-board.service
	./usr/lib/systemd/system/vmnetd.service
	./usr/libexec/vmnet/vmnetctl-board
	./usr/sbin/rrdp-perf
	./usr/sbin/rrdp-ping
	./usr/sbin/vmnet-board
	./usr/sbin/vmnetctl
	./usr/sbin/vmnetd
	./usr/share/bash-completion/completions/rrdp-ping
	./usr/share/bash-completion/completions/vmnetctl
	./usr/share/man/man4/vmnet.4
	./usr/share/man/man5/vmnet-lab.5
	./usr/share/man/man7/rrdp.7
	./usr/share/man/man8/rrdp-perf.8
	./usr/share/man/man8/rrdp-ping.8
	./usr/share/man/man8/vmnet-board.8
	./usr/share/man/man8/vmnetctl.8
	./usr/share/man/man8/vmnetd.8
END
)

ok 'make install' make -s install DESTDIR="$root" PREFIX=/usr
ok 'puts each file in its place' diff <(echo "$wanted") <(files)
ok 'vmnetctl runs' "$root/usr/sbin/vmnetctl" --version
ok 'the unit starts what was installed' grep -qx 'ExecStart=/usr/sbin/vmnet-board' \
	"$root/usr/lib/systemd/system/vmnet-board.service"
ok 'so does that of the agent' grep -qx 'ExecStart=/usr/sbin/vmnetd' \
	"$root/usr/lib/systemd/system/vmnetd.service"
ok 'vmnetctl finds what talks to boards' \
	fails 1 'is in no domain' "$root/usr/sbin/vmnetctl" show-hosts config /dev/null
ok 'a program compiles with the headers' \
	gcc -Wall -Werror -I"$root/usr/include" -fsyntax-only -x c - <<- 'END'
	#include <sys/socket.h>
	#include <linux/rrdp.h>
	#include <linux/vmnet.h>
	struct sockaddr_rrdp address;
END
depmod -b "$root" "$release" 2> /dev/null
ok 'modprobe vmnet will load rrdp' \
	grep -q '^updates/.*/vmnet.ko: .*rrdp.ko' "$root/lib/modules/$release/modules.dep"
ok 'the hotplug script is executable' test -x "$root/etc/xen/scripts/vif-vmnet"
ok 'make uninstall' make -s uninstall DESTDIR="$root" PREFIX=/usr
is 'leaves nothing' "$(files)" ''
finish
