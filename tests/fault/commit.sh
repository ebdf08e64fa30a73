#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist commit is killed before each of its system calls: the store stays sound, the instance can go on, and the same
# commit then succeeds. STEP=1 takes every call.
. "$(dirname "$0")/../integration/lib.sh"
at=$BUILDDIR/tests/fault/at
step=${STEP:-9}
one=one-$tag

store() { "$KIST" --root "$state" --data "$data" "$@" >"$work/said" 2>&1; }
on() { timeout 30 "$at" "$@" "$BUILDDIR/kist-image" --root "$state" --data "$data" commit "$one" new:2 >"$work/said" 2>&1; }

begin_one() {
	mkdir -p "$work/fs/bin" "$work/fs/srv" && cp "$PAYLOAD" "$work/fs/bin/payload" && echo low >"$work/fs/srv/low"
	store image import --name web:1 --cmd 'payload wait' "$work/fs" && store run --network none -d --name "$one" web:1 &&
		store exec "$one" payload write /srv/new yes && good || bad "prepare: $(<"$work/said")"
}

sound() { # WHEN
	store resume "$one"
	is "$(status_of "$one")" running "$1: the instance"
	store system check --repair || bad "$1: system check: $(<"$work/said")"
	[ "$(store image list --quiet && grep -c '^web:1$' "$work/said")" = 1 ] || bad "$1: the image: $(<"$work/said")"
	! find "$data/layers" "$data/images" -name '.new-*' | grep -q . || bad "$1: leftovers"
}

killed() { # PROCESS
	local n=0 result=0
	while [ $result != 99 ] && [ $wrong = 0 ]; do
		store image remove --force new:2
		store image prune
		n=$((n + step))
		on kill "$1" "$n"
		result=$?
		[ $result = 137 ] || [ $result = 99 ] || bad "call $n: ended with $result: $(<"$work/said")"
		sound "killed at call $n"
		store commit "$one" new:2 || bad "killed at call $n, then again: $(<"$work/said")"
	done
	yes "there were calls: $n" test "$n" -gt 30
	store run --network none --rm new:2 payload cat /srv/new && is "$(<"$work/said")" yes 'what was committed'
}

cases() { # the program, the thread that unpacks, the thread that packs
	begin_one
	killed 0 && killed 1 && killed 2
	store delete -f "$one"
}

check 'commit, killed' cases
finish
