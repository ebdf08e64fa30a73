#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist-image is killed before each of its system calls: what was in the store still is, a repair finds nothing that
# it cannot repair, and the same import then succeeds. STEP=1 takes every call, not every third.
. "$(dirname "$0")/../integration/lib.sh"
at=$BUILDDIR/tests/fault/at
step=${STEP:-3}
[ -z "${STEP-}${ASAN_OPTIONS-}" ] || step=${STEP:-17}
data=$work/data

on() { timeout 30 "$at" kill 0 "$1" "$BUILDDIR/kist-image" --data "$data" "${@:2}" >"$work/said" 2>&1; }
store() { "$KIST" --data "$data" "$@" >"$work/said" 2>&1; }

sources() {
	mkdir -p "$work/tree/dir" && echo x >"$work/tree/dir/file" && ln "$work/tree/dir/file" "$work/tree/hard"
	mkdir -p "$work/old" && echo old >"$work/old/file"
	tar -C "$work/tree" -czf "$work/plain.tar.gz" .
	store image import --name made:1 "$work/plain.tar.gz"
	tar -C "$data/images" -cf "$work/oci.tar" oci-layout index.json blobs
	rm -rf --one-file-system "$data"
}

sound() { # WHEN
	store system check --repair || bad "$1: system check: $(<"$work/said")"
	[ "$(store image list --quiet && grep -c '^old:1$' "$work/said")" = 1 ] || bad "$1: the old image: $(<"$work/said")"
}

at_each() { # PREPARE VERB...
	local prepare=$1 n=0 result=0
	shift
	while [ $result != 99 ] && [ $wrong = 0 ]; do
		rm -rf --one-file-system "$data"
		store image import --name old:1 "$work/old" && "$prepare" || bad "prepare: $(<"$work/said")"
		n=$((n + step))
		on "$n" "$@"
		result=$?
		[ $result = 137 ] || [ $result = 99 ] || bad "call $n: ended with $result: $(<"$work/said")"
		sound "killed at call $n"
		[ "$1 $2" != 'image import' ] || store "$@" || bad "killed at call $n, then again: $(<"$work/said")"
		sound "again after call $n"
		! find "$data" -name '.new-*' | grep -q . || bad "leftovers after call $n"
	done
	yes "there were calls: $n" test "$n" -gt 100
}

nothing() { :; }
tree() { store image import --name new:1 "$work/plain.tar.gz"; }

plain() { at_each nothing image import --name new:1 "$work/plain.tar.gz"; }
layout() { at_each nothing image import --name new:1 "$work/oci.tar"; }
over() { at_each tree image import --name new:1 "$work/oci.tar"; }

same() { # whose blobs an image has already: that one is never without them
	local i n
	rm -rf --one-file-system "$data"
	store image import --name old:1 "$work/old" && store image import --name kept:1 "$work/oci.tar" || bad "prepare: $(<"$work/said")"
	"$at" list "$work/calls" "$BUILDDIR/kist-image" --data "$data" image import --name new:1 "$work/oci.tar" >"$work/said" 2>&1
	n=$(awk '$1 == 0 && $3 == "linkat:1" { print $2 }' "$work/calls")
	isnt "$n" '' 'a blob that was staged is linked'
	for i in 0 1 2 3; do
		on $((n + i)) image import --name new:1 "$work/oci.tar"
		is $? 137 "killed at call $n + $i"
		sound "killed at call $n + $i"
		yes "kept:1 is still there after call $n + $i" grep -q '^kept:1$' "$work/said"
	done
}

inventory() { (cd "$data" && find images layers | sort && cat images/index.json); }

trouble() { # in reading is no damage: a repair takes nothing away because of it
	local n=0 result=0 before
	rm -rf --one-file-system "$data"
	store image import --name old:1 "$work/old" || bad "prepare: $(<"$work/said")"
	before=$(inventory)
	while [ $result != 99 ] && [ $wrong = 0 ]; do
		n=$((n + 1))
		timeout 30 "$at" fail 0 "openat:$n" 24 "$BUILDDIR/kist-image" --data "$data" system check --repair >"$work/said" 2>&1
		result=$?
		is "$(inventory)" "$before" "EMFILE at openat $n: $(<"$work/said")"
	done
	yes "there were calls: $n" test "$n" -gt 20
}

removed() { at_each tree image remove new:1; }

sources
check 'a plain tar' plain
check 'an OCI archive' layout
check 'over an image of that name' over
check 'over the blobs of another image' same
check 'a repair that cannot read' trouble
check 'remove' removed
finish
