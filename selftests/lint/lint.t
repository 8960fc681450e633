#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# usage: lint.t [NAME]...
# The house style: checkpatch, sparse, the compiler's warnings (those of other
# kernels' are for check-matrix), clang-tidy, cppcheck, shellcheck, Python,
# licences, sizes. "analyzer", "coccinelle" and "more_coccinelle" take minutes and run
# only if named.
set -u -o pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
cd "$top" || exit 1
# shellcheck source=../lab/cache.sh
. selftests/lab/cache.sh
toolbox_env
export KBUILD_EXTRA_WARN=1 KCFLAGS=-Werror
linux=$(selftests/kernel/build) || exit 1

# All that is ours: in git, or on its way there.
sources() {
	if [ -e .git ]; then
		git -c safe.directory="$top" ls-files --cached --others --exclude-standard -- "$@"
	else
		find . -path ./out -prune -o -type f -print | sed 's|^\./||' |
			while read -r file; do
				for glob; do
					# shellcheck disable=SC2053 # a pattern
					[[ $file == $glob ]] && echo "$file"
				done
			done
	fi | while read -r file; do
		[ ! -f "$file" ] || [ -L "$file" ] || echo "$file"
	done
}

# Scripts of an interpreter, whatever their names.
scripts() {
	sources '*' | xargs awk -v shebang="^#!.*[/ ]($1)( |\$)" \
		'FNR == 1 && $0 ~ shebang { print FILENAME } { nextfile }'
}

# checkpatch leaves a file where it runs, and is of a kernel that has allocators
# (kzalloc_obj()) which the oldest one lacks.
checkpatch() {
	local ignore=LINUX_VERSION_CODE,FILE_PATH_CHANGES,ALLOC_WITH_SIZEOF$1
	mkdir -p out
	sed 's|^|../|' | (
		cd out && xargs -r perl "$linux/scripts/checkpatch.pl" --no-tree --strict \
			--terse --show-types --no-summary --quiet --ignore "$ignore" -f
	)
}

# Version checks look like constants, and what fills a gap has the form of the
# gap. Programs have the C library's types, and names of other libraries, and
# the kernel's for KCSAN take pointers to volatile. A list that makes both an enum and
# its names is no expression, and a tracepoint is laid out by its parts.
lint_checkpatch() {
	local programs='^(tools|selftests)/|^kmod/rrdp/(core/types.h|selftest/)'
	local gaps=,CONSTANT_COMPARISON,NEW_TYPEDEFS,MACRO_WITH_FLOW_CONTROL
	gaps+=,MACRO_ARG_REUSE,MACRO_ARG_UNUSED,COMPLEX_MACRO,SPACING,CONST_STRUCT
	local lists='^kmod/vmnet/stats[.][ch]$' events='^kmod/rrdp/trace[.]h$'
	sources '*.c' '*.h' |
		grep -vE "$programs|$lists|$events|^kmod/compat/|^selftests/kmod/" |
		checkpatch '' &&
		sources 'kmod/compat/*.h' |
		checkpatch "$gaps" &&
		sources '*.c' '*.h' | grep -E "$programs" |
		checkpatch ,PREFER_KERNEL_TYPES,MACRO_ARG_REUSE,ARRAY_SIZE,MINMAX,CAMELCASE,VOLATILE &&
		sources '*.c' '*.h' | grep -E "$lists" |
		checkpatch ,COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_UNUSED,BRACKET_SPACE &&
		sources '*.h' | grep -E "$events" |
		checkpatch ,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE
}

# compile SUITE [ARGUMENT]...: the modules for its kernel; all it says is wrong
compile() {
	local kdir said
	kdir=$(kernel_headers "$1") || return 1
	shift
	said=$(make -s modules TESTS=y KDIR="$kdir" "$@" 2>&1 | grep -v 'Skipping BTF')
	[ -z "$said" ] || { echo "$said"; return 1; }
}

lint_compiler() {
	compile bookworm
}

# The kernel's own headers have arrays of structures that end in arrays.
lint_sparse() {
	compile bookworm C=2 CF='-D__CHECK_ENDIAN__ -Wno-flexible-array-array'
}

# How each file of the tools and of the protocol core is compiled, for clang.
compile_commands() {
	local core=(-std=gnu11 -Wall -Wextra -Wno-unused-parameter -I "$top/include/uapi"
		-I "$top/kmod/rrdp/core")
	mkdir -p "$1"
	{
		make -s -n -B -C tools OUT="$top/$1" CC=clang all unit board-unit \
			board-load agent-unit lab-unit fuzz | grep ' -c -o .*[.]c$' &&
			sources 'kmod/rrdp/core/*.c' 'selftests/core/*.c' \
				'selftests/fuzz/rrdp-*.c' 'selftests/fuzz/vmnet-encap.c' |
			sed "s|.*|clang ${core[*]} -c $top/&|"
	} | awk -v dir="$top/tools" '{
		gsub(/["\\]/, "\\\\&")
		printf "%s{ \"directory\": \"%s\", \"file\": \"%s\", \"command\": \"%s\" }\n",
			NR == 1 ? "[" : ",", dir, $NF, $0
	} END { print "]" }' >"$1/compile_commands.json"
}

# clang_tidy [OPTION]...: what is off says .clang-tidy
clang_tidy() {
	toolbox_add clang clang-tidy || return 1
	compile_commands out/lint || return 1
	sed -n 's/.*"file": "\([^"]*\)".*/\1/p' out/lint/compile_commands.json |
		xargs -P 2 -n 20 clang-tidy -p out/lint --quiet "$@" 2>out/lint/stderr || {
		grep -vE 'warnings? (and|generated|treated)' out/lint/stderr
		return 1
	}
}

# All that clang warns of, and more.
lint_tidy() {
	clang_tidy
}

# Every path through each function; takes minutes. It knows va_start() not in all
# versions, and snprintf() is what it would have us replace.
long_analyzer() {
	clang_tidy --checks='-*,clang-analyzer-*,-clang-analyzer-valist.*,-clang-analyzer-security.insecureAPI.*'
}

# coccinelle SCRIPT...: some of the kernel's
coccinelle() {
	local script said bad=0

	toolbox_add coccinelle || return 1
	COCCINELLE_HOME=$(dirname "$(command -v spatch)")/../lib/coccinelle
	export COCCINELLE_HOME
	for script; do
		script=$linux/scripts/coccinelle/$script.cocci
		said=$(sources 'kmod/*.c' 'samples/*.c' 'selftests/kmod/*.c' |
			grep -vE '_test[.]c$|/selftest/' |
			xargs timeout 300 spatch -D report --very-quiet --no-includes --cocci-file "$script" 2>&1) ||
			bad=1
		[ -z "$said" ] || { echo "$script:"; echo "$said"; bad=1; }
	done
	return $bad
}

# Those that find what the compiler, sparse and the tests may not: two seconds each.
long_coccinelle() {
	coccinelle iterators/{itnull,list_entry_update,use_after_iter} \
		locks/{call_kern,double_lock,flags,mini_lock} \
		misc/{cond_no_effect,newline_in_nl_msg} null/{eno,kmerr} \
		tests/{odd_ptr_err,unsigned_lesser_than_zero} api/{err_cast,kfree_mismatch}
}

# The others that have to do with code such as this.
long_more_coccinelle() {
	coccinelle free/{ifnullfree,kfree,kfreeaddr} null/badzero \
		tests/{doublebitand,doubletest} api/{atomic_as_refcounter,kfree_sensitive} \
		api/{memdup,memdup_user,string_choices,vma_pages} api/alloc/alloc_cast \
		misc/{array_size,badty,do_div,doubleinit,excluded_middle,flexible_array} \
		misc/{ifcol,minmax,noderef,ptr_err_to_pe,returnvar,secs_to_jiffies,semicolon} \
		misc/{struct_size,swap,uninitialized_var,warn}
}

lint_cppcheck() {
	sources 'tools/*.c' 'selftests/*.c' | grep -v '^selftests/kmod/' |
		xargs -r cppcheck --quiet --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -I include/uapi -I tools/lib
}

# busybox is no dash, and an empty value may look like an assignment.
lint_shellcheck() {
	scripts 'sh|bash' | xargs -r shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning \
		--exclude=SC1007,SC2187,SC3060
}

# Debian's own python3 sees what Debian's packages and the toolbox bring.
lint_python() {
	{ scripts python3 && sources '*.py'; } | sort -u | xargs /usr/bin/python3 -m pyflakes
}

lint_licences() {
	! sources '*' | grep -vE '^(COPYING|README.md|\.gitignore)$|\.(svg|png)$|^selftests/fuzz/corpus/' |
		xargs awk 'FNR == 1 { found = 0 } /SPDX-License-Identifier: GPL-2.0/ { found = 1 }
			FNR == 3 || found { if (!found) print FILENAME; nextfile }' |
		grep .
}

lint_sizes() {
	! sources '*.c' '*.h' | xargs -r wc -l | awk '$2 != "total" && $1 > 900' | grep .
}

# What others wrote gets into the portal's pages as text only, and nothing from elsewhere.
lint_portal() {
	! sources 'tools/board/portal/*.js' 'tools/board/portal/*.html' |
		xargs -r grep -nE '(inner|outer|Adjacent)HTML|document[.]write|\beval\b|Function\(|https?:|[^a-z]style=' |
		grep -v '"http://www.w3.org/2000/svg"' | grep .
}

# Nobody is told an address of the kernel's; that of a tracepoint is hashed.
lint_pointers() {
	! sources 'kmod/*.c' 'kmod/*.h' 'samples/*.c' 'samples/*.h' |
		xargs -r grep -nE '%p([^MI]|$)' | grep -v 'skbaddr=%p ' | grep .
}

lint_whitespace() {
	! sources '*.c' '*.h' '*.sh' '*.t' '*.md' '*.rst' '*.yaml' '*.lua' \
		'*.js' '*.css' '*.html' Makefile Kbuild |
		xargs -r grep -nE '[[:space:]]+$' | grep .
}

# Without any every test would pass.
[ -n "$(sources '*.c')" ] || { echo 'Bail out! found no sources'; exit 1; }
names=${*:-$(declare -F | sed -n 's/^declare -f lint_//p')}
echo "1..$(wc -w <<<"$names")"
number=0 failed=0
for name in $names; do
	number=$((number + 1))
	if said=$("$(declare -F "lint_$name" || echo "long_$name")" 2>&1); then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
		sed 's/^/# /' <<<"$said" >&2
	fi
done
exit $((failed > 0))
