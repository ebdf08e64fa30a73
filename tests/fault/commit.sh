#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist commit is killed before each of its system calls: the store stays sound, the instance goes on, and the same
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
	yes "$1: the instance goes on" until_true is_running
	store system check --repair || bad "$1: system check: $(<"$work/said")"
	[ "$(store image list --quiet && grep -c '^web:1$' "$work/said")" = 1 ] || bad "$1: the image: $(<"$work/said")"
	! find "$data/layers" "$data/images" -name '.new-*' | grep -q . || bad "$1: leftovers"
}

is_running() { [ "$(status_of "$one")" = running ]; }

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

guard_killed() { # that is nothing to the commit
	on kill 1 1
	is $? 0 'the commit'
	sound 'the guard killed'
}

cases() { # the program, the thread that unpacks, the thread that packs; the first child is the guard
	begin_one
	guard_killed && killed 0 && killed 2 && killed 3
	store delete -f "$one"
}

check 'commit, killed' cases
finish
