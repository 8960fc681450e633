#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The demonstration, as the README tells to start it.
set -u

cd "${0%/*}/../../.." || exit 1
. selftests/net/lib.sh

out=$(mktemp)
trap 'rm -f "$out"' EXIT

plan 7
make -s demo 2>&1 | tee "$out" | sed 's/^/# /'
ok 'make demo succeeds' test "${PIPESTATUS[0]}" = 0
for transport in RRDP UDP; do
	is "$transport: frames lost, by the guests' counters" \
		"$(awk -v t=$transport '$1 == t { print $NF }' "$out")" 0
done
ok 'both hosts show where the guests are' \
	test "$(grep -cE '00:16:3e:00:00:0[12] +(port vif|rrdp |udp )' "$out")" -ge 8
ok 'a broadcast in two subnets is 2 frames of its host, 3 of all' \
	grep -q ': its host sent 2 frames, all hosts 3, each other guest got 1$' "$out"
ok 'a board has the network make itself' \
	grep -q '^a board: 2 hosts joined, and of 2 guests it knows 2$' "$out"
ok 'a guest moves to the other host, live' \
	grep -qE '^a live migration: .* [0-2] beyond that$' "$out"
finish
