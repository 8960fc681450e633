#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration, as the README tells to start it.
set -u

cd "${0%/*}/../../.." || exit 1
. selftests/net/lib.sh

out=$(mktemp)
trap 'rm -f "$out"' EXIT

plan 4
make -s demo 2>&1 | tee "$out" | sed 's/^/# /'
ok 'make demo succeeds' test "${PIPESTATUS[0]}" = 0
for transport in RRDP UDP; do
	is "$transport: frames lost, by the guests' counters" \
		"$(awk -v t=$transport '$1 == t { print $NF }' "$out")" 0
done
ok 'both hosts show where the guests are' \
	test "$(grep -cE '00:16:3e:00:00:0[12] +(port vif|rrdp |udp )' "$out")" = 8
finish
