#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of vmnetd, built with the compiler's memory and behaviour
# checkers if it has them.

tools=$(cd "$(dirname "$0")/../.." && pwd -P)
out=${OUT:-$tools/../out/tools}/sanitized-agent
mkdir -p "$out" || exit 1

sanitize=1
echo 'int main(void) { return 0; }' |
	${CC:-cc} -fsanitize=address,undefined -x c -o "$out/probe" - 2>/dev/null &&
	"$out/probe" || sanitize=
make -s -C "$tools" OUT="$out" SANITIZE=$sanitize agent-unit >&2 || exit 1
exec "$out/agent-unit"
