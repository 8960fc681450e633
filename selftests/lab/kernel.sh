# SPDX-License-Identifier: GPL-2.0
#
# Debian's kernels in the cache; cache.sh reads this file.
#
#   kernel SUITE		directory of the newest kernel of bookworm, trixie or forky:
#			vmlinuz, vmlinux, release, lib/modules, and headers with their compiler;
#			or of smp or kcsan, which selftests/kernel/build makes
#   kernel_headers SUITE	its KDIR, for make -C KDIR M=…; needs no environment

# What the kernel's packages want of a machine that boots them, and we do not.
KERNEL_WITHOUT="linux-initramfs-tool initramfs-tools dracut kmod linux-base debconf"

kernel_make()
{
	local suite=$1 release kdir

	toolbox_env
	deb_fetch -d -x "$KERNEL_WITHOUT" "$suite" debs linux-image-amd64 linux-headers-amd64
	deb_unpack debs

	# Some suites put the image into /boot, some beside the modules.
	[ -d lib/modules ] || { mkdir -p lib && ln -s ../usr/lib/modules lib/modules; }
	release=$(cd lib/modules && echo *)
	echo "$release" >release
	ln -sfn "$(compgen -G "boot/vmlinuz-$release" || echo "lib/modules/$release/vmlinuz")" vmlinuz
	depmod -b . "$release"
	python3 "$LAB_DIR/vmlinux.py" vmlinuz vmlinux

	# An out-of-tree build finds everything by absolute paths: turn them to
	# where this tree will be.
	kdir=usr/src/linux-headers-$release
	ln -s "$kdir" headers
	deb_fix_links
	grep -rlI --include='Makefile*' --include='*.mk' --include=.kernelvariables \
		-e /usr/src -e /usr/lib/linux-kbuild usr/src/linux-headers-*/ |
		xargs -r sed -i -E "s#(^|[^.[:alnum:]_])(/usr/(src|lib)/linux-)#\1$OBJECT\2#g"
	python3 "$LAB_DIR/relocate.py" "$OBJECT"
	# The tools that built the kernel came with the headers; the compiler
	# would look for its assembler in PATH.
	cat >>"$kdir/.kernelvariables" <<-END
	override CROSS_COMPILE = $OBJECT/usr/bin/x86_64-linux-gnu-
	override CC += -B\$(CROSS_COMPILE)
	override PAHOLE = $OBJECT/usr/bin/pahole
	END
}

kernel()
{
	local name

	case $1 in smp|kcsan) "$LAB_DIR/../kernel/build" "$1"; return ;; esac
	name=$(cache_name "kernel-$1" "$(declare -f kernel_make deb_fix_links)" \
		"$(cat "$LAB_DIR/relocate.py" "$LAB_DIR/vmlinux.py")")
	cache_build "$name" kernel_make "$1" && echo "$CACHE/$name"
}

kernel_headers()
{
	local dir

	dir=$(kernel "$1") && realpath "$dir/headers"
}
