# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Makes $program in $out, which $kind names, with the compiler's memory and behaviour
# checkers if it has them. $tools is the directory of the tools.

out=${OUT:-$tools/../out/tools}/$kind
mkdir -p "$out" || exit 1

sanitize=1
echo 'int main(void) { return 0; }' |
	${CC:-cc} -fsanitize=address,undefined -x c -o "$out/probe-$program" - 2>/dev/null &&
	"$out/probe-$program" || sanitize=
flock "$out" make -s -C "$tools" OUT="$out" SANITIZE=$sanitize "$program" >&2 || exit 1
