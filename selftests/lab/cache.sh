#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The cache of everything slow: packages, kernels, images, tools.
#
#   . selftests/lab/cache.sh		# then call the functions below
#   selftests/lab/cache.sh FUNCTION ARG…	# or call one as a command
#
# An object of the cache is a directory $CACHE/NAME, where NAME ends in a hash
# of what it was made from. It is made in $CACHE/NAME.part under a lock and
# renamed when complete: whoever sees an object sees all of it. A second run
# needs neither the network nor root.
#
# Paths go to stdout, what is being done goes to stderr.

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/rrdp-vmnet
LAB_DIR=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# Programs live here, and an ordinary user's PATH may leave them out.
case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/sbin:/sbin ;; esac

die()
{
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# cache_name PREFIX WORD… - name of the object made from these words
cache_name()
{
	local prefix=$1
	shift
	printf '%s-%s\n' "$prefix" "$(printf '%s\n' "$@" | sha256sum | cut -c1-12)"
}

# Say every few seconds that the build goes on, and what it says last.
cache_progress()
{
	local name=$1 log=$2 start=$SECONDS step=20

	[ -t 2 ] && step=5
	# A sleep that outlives us would keep open what we write to.
	exec {never}<> <(:)
	while ! read -rt "$step" -u "$never"; do
		printf '  %s: %d s: %.80s\n' "$name" $((SECONDS - start)) \
			"$(tr '\r' '\n' <"$log" 2>/dev/null | grep -a . | tail -n 1)" >&2
	done
}

# cache_build NAME COMMAND… - make object NAME unless it is there
#
# COMMAND is a function of this file or a program. It runs in the new, empty
# directory with errexit on, and knows the object's final place as $OBJECT.
cache_build()
{
	local name=$1 log=$CACHE/logs/$1.log
	shift
	[ -d "$CACHE/$name" ] && return 0
	mkdir -p "$CACHE/locks" "$CACHE/logs" ||
		die "cannot write $CACHE: set XDG_CACHE_HOME to a directory you own"
	(
		flock -n 9 || {
			echo "cache: waiting for another run to make $name" >&2
			flock 9
		}
		[ -d "$CACHE/$name" ] && exit 0
		# Under the lock nobody else uses this directory: it is the
		# remains of an interrupted run.
		rm -rf "$CACHE/$name.part"
		mkdir "$CACHE/$name.part" || exit 1
		echo "cache: making $name" >&2
		start=$SECONDS
		: >"$log"
		cache_progress "$name" "$log" >/dev/null 9>&- &
		progress=$!
		trap 'kill $progress 2>/dev/null; rm -rf "$CACHE/$name.part"' EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM HUP
		# A process of its own: errexit does not work in a function
		# whose caller tests its status.
		OBJECT=$CACHE/$name bash -euo pipefail -c '
			. "$0/cache.sh"; cd "$OBJECT.part"; "$@"' "$LAB_DIR" "$@" \
			>"$log" 2>&1 9>&- || {
			tail -n 15 "$log" >&2
			die "cannot make $name; the whole story is in $log"
		}
		mv "$CACHE/$name.part" "$CACHE/$name" || exit 1
		rm -f "$log"
		echo "cache: $name made in $((SECONDS - start)) s" >&2
	) 9>"$CACHE/locks/$name"
}

# --------------------------------------------------------------- Debian

host_suite()
{
	(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
}

# The archive that this machine itself uses, as "URI KEYRING" of release $1.
# What a machine without sources is told to use is apt's own example.
apt_source()
{
	local release=$1 file

	for file in /etc/apt/sources.list.d/*.sources; do
		[ -r "$file" ] && awk -v want="$release" '
			function flush() {
				if (types ~ /(^| )deb( |$)/ && suites ~ want)
					print uri, key
				types = suites = uri = key = ""
			}
			/^[ \t]*#/ { next }
			/^[ \t]*$/ { flush(); next }
			{ field = tolower($1); sub(/^[^:]*:[ \t]*/, "") }
			field == "types:" { types = $0 }
			field == "suites:" { suites = " " $0 " " }
			field == "uris:" { uri = $1 }
			field == "signed-by:" && /^\// { key = $1 }
			END { flush() }' "$file"
	done
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		    /usr/share/doc/apt/examples/sources.list; do
		[ -r "$file" ] && awk -v want="$release" '
			$1 == "deb" && !/cdrom:/ {
				key = ""
				if (match($0, /signed-by=[^] ]*/))
					key = substr($0, RSTART + 10, RLENGTH - 10)
				sub(/\[[^]]*\] */, "")
				if (" " $3 " " ~ want)
					print $2, key
			}' "$file"
	done
}

# apt_line RELEASE WANT - one line of sources.list for RELEASE from the archive
# that the machine uses for the releases that match the expression WANT
apt_line()
{
	local uri key

	read -r uri key < <(apt_source "$2") || return 1
	: "${key:=/usr/share/keyrings/debian-archive-keyring.gpg}"
	[ -r "$key" ] && key=" signed-by=$key" || key=
	echo "deb [arch=amd64$key] $uri $1 main"
}

# apt_conf DIR - configuration of an apt that lives in DIR and needs no root
apt_conf()
{
	cat <<-END
	#clear APT::Architectures;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	Dir::State "$1/state";
	Dir::State::status "$1/status";
	Dir::Cache "$1/cache";
	Dir::Cache::pkgcache "";
	Dir::Cache::srcpkgcache "";
	Dir::Etc::sourcelist "$1/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	APT::Architecture "amd64";
	APT::Architectures { "amd64"; };
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Acquire::Languages "none";
	Acquire::Check-Valid-Until "false";
	Acquire::Retries "3";
	Debug::NoLocking "true";
	END
}

# Lists of one suite, and an apt that knows nothing but them.
apt_state_make()
{
	local suite=$1 host

	host=$(host_suite)
	mkdir -p state/lists/partial cache/archives/partial
	touch status
	apt_line "$suite" " (stable|$host) " >sources.list || {
		echo "apt names no Debian archive: put this machine's usual one into /etc/apt/sources.list"
		return 1
	}
	# Updates of a release that is still being made do not exist.
	[ "$suite" = forky ] || {
		apt_line "$suite-updates" " (stable|$host) "
		apt_line "$suite-security" " (stable|$host)(-security|/updates) " || :
	} >>sources.list
	apt_conf "$PWD" >apt.conf
	apt-get -c apt.conf -o APT::Update::Error-Mode=any update
	apt_conf "$OBJECT" >apt.conf
}

# apt_state SUITE - print the directory of the suite's apt state
apt_state()
{
	local name

	name=$(cache_name "apt-$1" "$(declare -f apt_state_make apt_conf apt_line apt_source)")
	cache_build "$name" apt_state_make "$1" && echo "$CACHE/$name"
}

# deb_closure CONF STATUS PACKAGE… - names of all that apt would install
deb_closure()
{
	local conf=$1 status=$2
	shift 2
	apt-get -c "$conf" -o Dir::State::status="$status" --simulate -y \
		install "$@" |
		awk '$1 == "Inst" {
			version = $3 ~ /^\[/ ? $4 : $3
			sub(/^\(/, "", version)
			print $2 "=" version
		}'
}

# deb_fetch [-d] [-h] [-x "NAME…"] SUITE DIR PACKAGE… - packages as files in DIR
#
# -d: with their dependencies; -h: those that this machine lacks only;
# -x: as if these names were installed. Nothing is asked of the network for a
# package that was fetched before.
deb_fetch()
{
	local deps= host= without= opt OPTIND=1 suite dir apt list item

	while getopts dhx: opt; do
		case $opt in
		d) deps=y ;;
		h) host=y ;;
		x) without=$OPTARG ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	suite=$1 dir=$2
	shift 2

	mkdir -p "$CACHE/debs" "$dir"
	apt=$(apt_state "$suite") || return 1
	list=$(deb_resolve "$apt" "$deps" "$host" "$without" "$@") || return 1
	deb_download "$apt" $list || {
		# A point release may have replaced what the lists name.
		echo "fetching the package lists of $suite again"
		apt-get -c "$apt/apt.conf" update || {
			echo "cannot reach the Debian archive: this first run needs the network"
			return 1
		}
		list=$(deb_resolve "$apt" "$deps" "$host" "$without" "$@") || return 1
		deb_download "$apt" $list || return 1
	}
	for item in $list; do
		# shellcheck disable=SC2046 # a pattern
		cp -l "$CACHE"/debs/$(deb_file "$item") "$dir"
	done
}

# The file's name but for the architecture: NAME_VERSION_*.deb, ':' as %3a.
deb_file()
{
	local version=${1#*=}

	echo "${1%%=*}_${version//:/%3a}_*.deb"
}

deb_resolve()
{
	local apt=$1 deps=$2 host=$3 without=$4 status name rc
	shift 4

	status=$(mktemp)
	[ -z "$host" ] || cat /var/lib/dpkg/status >"$status"
	for name in $without; do
		printf '%s\n' "Package: $name" "Status: install ok installed" \
			"Version: 9999" "Architecture: amd64" "Multi-Arch: foreign" \
			"Maintainer: none" "Description: not wanted" "" >>"$status"
	done
	if [ -n "$deps" ]; then
		deb_closure "$apt/apt.conf" "$status" "$@"
	else
		for name; do
			apt-cache -c "$apt/apt.conf" show --no-all-versions "$name" |
				awk '/^Package:/ { p = $2 } /^Version:/ { print p "=" $2 }'
		done
	fi
	rc=$?
	rm -f "$status"
	return $rc
}

deb_download()
{
	local apt=$1 item missing=
	shift
	(
		flock 8
		for item; do
			compgen -G "$CACHE/debs/$(deb_file "$item")" >/dev/null || missing+=" $item"
		done
		[ -n "$missing" ] || exit 0
		# What is only half fetched must not look like a package.
		rm -rf "$CACHE/debs/part"
		mkdir "$CACHE/debs/part" && cd "$CACHE/debs/part" &&
			apt-get -c "$apt/apt.conf" download $missing &&
			mv ./*.deb .. && rmdir "$CACHE/debs/part"
	) 8>"$CACHE/locks/debs"
}

# deb_unpack DIR - unpack every package of DIR here, running none of their scripts
deb_unpack()
{
	printf '%s\0' "$1"/*.deb | xargs -0 -n 1 -P "$(nproc)" sh -ec '
		dpkg-deb --fsys-tarfile "$0" | tar -x --no-same-owner --keep-directory-symlink \
			--exclude="./usr/share/doc/*" --exclude="./usr/share/man/*" \
			--exclude="./usr/share/locale/*" -f -'
	rm -rf "$1"
}

# Symbolic links with absolute targets lead into the unpacked tree, or to this
# machine where the tree lacks what its package left to a dependency.
deb_fix_links()
{
	local link target

	find . -type l -lname '/*' | while read -r link; do
		target=$(readlink "$link")
		if [ -e ".$target" ] || [ -L ".$target" ]; then
			ln -sfnr ".$target" "$link"
		fi
	done
	find . -xtype l | while read -r link; do
		target=$(realpath -ms "${link%/*}/$(readlink "$link")")
		target=${target#"$PWD"}
		if [ -e "$target" ]; then
			ln -sfn "$target" "$link"
		fi
	done
}

# ---------------------------------------------------------------- tools

# What a machine that builds software has. These are installed, not cached.
machine_tools()
{
	local missing= pair

	for pair in gcc:gcc make:make git:git prove:perl python3:python3 flock:util-linux; do
		command -v "${pair%:*}" >/dev/null || missing+=" ${pair#*:}"
	done
	echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1 || missing+=" libc6-dev"
	[ -n "$missing" ] || return 0
	[ "$(id -u)" = 0 ] ||
		die "tools are missing: let root run: apt-get install -y$missing"
	echo "installing$missing" >&2
	apt-get update -qq >&2 &&
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $missing >&2 ||
		die "cannot install$missing: see apt's message above"
}

TOOLBOX="qemu-system-x86 busybox-static cpio kmod bc bison flex cppcheck sparse
	libelf-dev libssl-dev libnl-3-dev libnl-genl-3-dev pkg-config xz-utils zstd
	libmicrohttpd-dev libjansson-dev libsqlite3-dev libgnutls28-dev libcurl4-openssl-dev
	libyaml-dev shellcheck iproute2 iputils-ping python3-yaml python3-pyflakes"

toolbox_make()
{
	local file

	deb_fetch -d -h "$(host_suite)" debs "$@"
	[ -d debs ] || mkdir debs
	compgen -G 'debs/*.deb' >/dev/null && deb_unpack debs
	mkdir -p usr/bin usr/share usr/lib/x86_64-linux-gnu usr/include
	deb_fix_links
	# shellcheck disable=SC2044 # names without blanks
	for file in $(find . -name '*.pc'); do
		sed -i -E "s|=/usr\b|=$OBJECT/usr|" "$file"
	done
	# cppcheck seeks its libraries beside itself.
	[ ! -d usr/share/cppcheck ] || ln -s ../share/cppcheck/cfg usr/bin/cfg
}

# toolbox_of NAME PACKAGES - print the directory of those programs that this machine
# lacks
toolbox_of()
{
	local name have

	have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $2 2>/dev/null | grep ' installed$')
	name=$(cache_name "$1" "$2" "$have" "$(declare -f toolbox_make deb_fix_links)")
	cache_build "$name" toolbox_make $2 && echo "$CACHE/$name"
}

# toolbox - the same of what all need
toolbox()
{
	toolbox_of toolbox "$TOOLBOX"
}

# toolbox_add PACKAGE… - let this shell and its children use programs that few need
toolbox_add()
{
	local box lib

	box=$(toolbox_of "toolbox-$1" "$*") || return 1
	lib=$box/usr/lib/x86_64-linux-gnu:$box/lib/x86_64-linux-gnu
	export PATH=$box/usr/bin:$box/usr/sbin:$box/sbin:$PATH
	export LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# toolbox_env - let this shell and its children use the toolbox
toolbox_env()
{
	local box lib

	machine_tools
	box=$(toolbox) || exit 1
	[ "${TOOLBOX_DIR:-}" = "$box" ] && return 0
	lib=$box/usr/lib/x86_64-linux-gnu:$box/lib/x86_64-linux-gnu
	export TOOLBOX_DIR=$box
	export PATH=$box/usr/bin:$box/bin:$box/usr/sbin:$box/sbin:$PATH
	export LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	export LIBRARY_PATH=$lib${LIBRARY_PATH:+:$LIBRARY_PATH}
	export C_INCLUDE_PATH=$box/usr/include:$box/usr/include/x86_64-linux-gnu${C_INCLUDE_PATH:+:$C_INCLUDE_PATH}
	export PKG_CONFIG_PATH=$box/usr/lib/x86_64-linux-gnu/pkgconfig:$box/usr/share/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
	export PYTHONPATH=$box/usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}
	export QEMU_MODULE_DIR=$box/usr/lib/x86_64-linux-gnu/qemu
	[ ! -d "$box/usr/share/bison" ] || export BISON_PKGDATADIR=$box/usr/share/bison
	[ ! -x "$box/usr/bin/m4" ] || export M4=$box/usr/bin/m4
}

. "$LAB_DIR/kernel.sh"
. "$LAB_DIR/rootfs.sh"

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0
[ $# -gt 0 ] || die "usage: cache.sh FUNCTION ARG…"
"$@"
