#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rrdp-ping without a node: its help, and what it says of command lines that are
# wrong. Round trips are a matter of the namespace tests.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd -P)
out=${OUT:-$tools/../out/tools}
[ -x "$out/rrdp-ping" ] || make -s -C "$tools" OUT="$out" >&2 || exit 1
PATH=$out:$PATH
# shellcheck source=../../selftests/net/lib.sh
. "$tools/../selftests/net/lib.sh"

# Options of the help, of the manual page, and those offered for completion.
options_of_help() {
	rrdp-ping --help | grep -o '^  -., --[a-z]*' | sed 's/.*-//' | sort
}

options_of_page() {
	sed -n 's/^\.BR \\-.*\\-\\-\([a-z]*\).*/\1/p' \
		"$tools/../Documentation/man/rrdp-ping.8" | sort
}

complete_word() {
	. "$tools/bash-completion/rrdp-ping"
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_rrdp_ping
	printf '%s\n' "${COMPREPLY[@]}"
}

options_of_completion() {
	complete_word rrdp-ping -- | sed 's/^--//' | sort
}

full_disk() {
	fails 2 'cannot write: No space left on device' rrdp-ping --help > /dev/full
}

narrow() {
	! rrdp-ping --help | grep '.\{81\}'
}

plan 19
ok '--help' rrdp-ping --help
ok 'fits a terminal' narrow
ok '--version' rrdp-ping -V
ok 'the manual page has the options' diff <(options_of_help) <(options_of_page)
ok 'completion has the options' diff <(options_of_help) <(options_of_completion)
is 'completion of an option' "$(complete_word rrdp-ping --co)" --count
is 'no completion of a number' "$(complete_word rrdp-ping -c -)" ''
refused 'no node' 2 'expected a node number' rrdp-ping
refused 'node 0' 2 'node "0" is not from 1 to 4294967295' rrdp-ping 0
refused 'a name' 2 'node "host" is not from 1' rrdp-ping host
refused 'two nodes' 2 '"3" was not expected' rrdp-ping 2 3
refused 'a node to listen on' 2 '"2" was not expected' rrdp-ping -l 2
refused 'no messages' 2 'count "0" is not from 1' rrdp-ping -c 0 2
refused 'a negative interval' 2 'interval "-1" is no number of seconds from 0 to 86400' \
	rrdp-ping -i -1 2
refused 'an interval that is no number' 2 'interval "fast" is no number' rrdp-ping -i fast 2
refused 'no deadline' 2 'deadline "0" is no number' rrdp-ping -w 0 2
refused 'an empty message' 2 'size "0" is not from 1 to 65536' rrdp-ping -s 0 2
refused 'a wrong port' 2 'port "65536" is not from 1 to 65535' rrdp-ping -p 65536 2
refused 'an unknown option' 2 'see "rrdp-ping --help"' rrdp-ping --flood 2
finish
