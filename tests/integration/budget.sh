#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The budget of design.md 11 in its steadiest measure: system calls of `kist run` in all processes together.
set -u
echo 1..1
if ! ldd "$KIST" 2>&1 | grep -Eq "statically linked|not a dynamic executable"; then
	echo "ok 1 # SKIP this build of kist is dynamic: the loader's calls would be counted too"
	exit 0
fi
calls=$("$SRCDIR/tests/bench/syscalls")
case $? in
0) ;;
77)
	echo "ok 1 # SKIP tests/bench/syscalls needs strace"
	exit 0
	;;
*)
	echo "not ok 1 - tests/bench/syscalls failed"
	exit 1
	;;
esac
echo "# note: kist run of a static true: $calls system calls"
if [ "$calls" -le 320 ]; then
	echo "ok 1 - kist run of a static true needs $calls system calls, at most 320"
else
	echo "not ok 1 - kist run of a static true needs $calls system calls, more than 320"
fi
