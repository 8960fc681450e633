#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The house style: checkpatch, sparse, compilers' warnings on every kernel,
# cppcheck, shellcheck, Python, licences, sizes.
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
cd "$top" || exit 1
# shellcheck source=../lab/cache.sh
. selftests/lab/cache.sh
toolbox_env
export KBUILD_EXTRA_WARN=1 KCFLAGS=-Werror
linux=$(selftests/kernel/uml-build) || exit 1

# All that is ours: in git, or on its way there.
sources() {
	if [ -e .git ]; then
		git ls-files --cached --others --exclude-standard -- "$@"
	else
		find . -path ./out -prune -o -type f -print | sed 's|^\./||' |
			while read -r file; do
				for glob; do
					# shellcheck disable=SC2053 # a pattern
					[[ $file == $glob ]] && echo "$file"
				done
			done
	fi | while read -r file; do [ -f "$file" ] && [ ! -L "$file" ] && echo "$file"; done
}

# Scripts of an interpreter, whatever their names.
scripts() {
	sources '*' | while read -r file; do
		head -c 64 "$file" | head -n 1 | grep -aqE "^#!.*\b($1)\b" && echo "$file"
	done
}

# checkpatch leaves a file where it runs.
checkpatch() {
	local ignore=LINUX_VERSION_CODE,FILE_PATH_CHANGES$1
	mkdir -p out
	sed 's|^|../|' | (
		cd out && xargs -r perl "$linux/scripts/checkpatch.pl" --no-tree --strict \
			--terse --show-types --no-summary --quiet --ignore "$ignore" -f
	)
}

# Version checks look like constants, and what fills a gap has the form of the
# gap. Programs have the C library's types.
lint_checkpatch() {
	local programs='^(tools|selftests)/|^kmod/rrdp/(core/types.h|selftest/)'
	sources '*.c' '*.h' | grep -vE "$programs|^kmod/compat/|^selftests/kmod/" | checkpatch '' &&
		sources 'kmod/compat/*.h' |
		checkpatch ,CONSTANT_COMPARISON,NEW_TYPEDEFS,MACRO_WITH_FLOW_CONTROL &&
		sources '*.c' '*.h' | grep -E "$programs" | checkpatch ,PREFER_KERNEL_TYPES,MACRO_ARG_REUSE,ARRAY_SIZE,MINMAX
}

# compile SUITE [ARGUMENT]...: the modules for its kernel; all it says is wrong
compile() {
	local kdir said
	kdir=$(kernel_headers "$1") || return 1
	shift
	said=$(make -s modules TESTS=y KDIR="$kdir" "$@" 2>&1 | grep -v 'Skipping BTF')
	[ -z "$said" ] || { echo "$said"; return 1; }
}

lint_compilers() {
	compile bookworm && compile trixie && compile forky
}

lint_sparse() {
	compile bookworm C=2 CF=-D__CHECK_ENDIAN__
}

lint_cppcheck() {
	sources 'tools/*.c' 'selftests/*.c' | grep -v '^selftests/kmod/' |
		xargs -r cppcheck --quiet --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -I include/uapi -I tools/lib
}

lint_shellcheck() {
	scripts 'sh|bash' | xargs -r shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning \
		--exclude=SC1007,SC2187
}

lint_python() {
	local file
	scripts python3 | while read -r file; do
		python3 -c 'import sys; compile(open(sys.argv[1]).read(), *sys.argv[1:], "exec")' \
			"$file" || return 1
	done
	[ -z "$(scripts python3)" ] || ! python3 -c 'import pyflakes' 2>/dev/null ||
		scripts python3 | xargs python3 -m pyflakes
}

lint_licences() {
	! sources '*' | grep -vE '^(COPYING|README.md|\.gitignore)$|\.(svg|png)$' |
		while read -r file; do
			head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' ||
				echo "$file: no licence in its first lines"
		done | grep .
}

lint_sizes() {
	! sources '*.c' '*.h' | xargs -r wc -l | awk '$2 != "total" && $1 > 900' | grep .
}

lint_whitespace() {
	! sources '*.c' '*.h' '*.sh' '*.t' '*.md' '*.rst' '*.yaml' Makefile Kbuild |
		xargs -r grep -nE '[[:space:]]+$' | grep .
}

names=$(declare -F | sed -n 's/^declare -f lint_//p')
echo "1..$(wc -w <<<"$names")"
number=0 failed=0
for name in $names; do
	number=$((number + 1))
	if said=$("lint_$name" 2>&1); then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
		sed 's/^/# /' <<<"$said" >&2
	fi
done
exit $((failed > 0))
