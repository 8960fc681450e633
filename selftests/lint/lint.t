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

lint_checkpatch() {
	sources '*.c' '*.h' | xargs -r perl "$linux/scripts/checkpatch.pl" --no-tree \
		--strict --terse --show-types --quiet \
		--ignore LINUX_VERSION_CODE,FILE_PATH_CHANGES -f
}

# A build of its own, so that every file is compiled and its warnings seen.
compile() {
	local log=out/lint/$1.log kdir
	kdir=$(kernel_headers "$1") || return 1
	shift
	mkdir -p out/lint
	make -s modules TESTS=y KDIR="$kdir" BUILD="out/lint/${kdir##*/}" W=1 "$@" \
		>"$log" 2>&1 || { cat "$log"; return 1; }
	! grep -E 'warning:|error:' "$log"
}

lint_sparse() {
	rm -rf out/lint/*
	compile bookworm C=2 CF=-D__CHECK_ENDIAN__
}

lint_warnings() {
	local suite
	for suite in trixie forky; do
		compile $suite || return 1
	done
}

lint_cppcheck() {
	sources 'tools/*.c' 'selftests/*.c' | grep -v '^selftests/kmod/' |
		xargs -r cppcheck --quiet --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -I include/uapi -I tools/lib
}

lint_shellcheck() {
	scripts 'sh|bash' | xargs -r shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning
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
