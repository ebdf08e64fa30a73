#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The budget of design.md 11 in its steadiest measure: system calls of `kist run` in all processes together.
set -u
if ! ldd "$KIST" 2>&1 | grep -Eq "statically linked|not a dynamic executable"; then
	echo "1..0 # SKIP this build of kist is dynamic: the loader's calls would be counted too"
	exit 0
fi
export TMPDIR=/var/tmp # a tmpfs cannot be idmapped before Linux 6.3
count=0 failures=0

budget() { # MOST WHAT [ARGUMENT-OF-SYSCALLS...]
	local calls
	calls=$("$SRCDIR/tests/bench/syscalls" "${@:3}")
	case $? in
	0) ;;
	77)
		echo "1..0 # SKIP tests/bench/syscalls needs strace"
		exit 0
		;;
	*)
		echo "Bail out! tests/bench/syscalls failed"
		exit 1
		;;
	esac
	echo "# note: kist run of $2: $calls system calls"
	[ "$calls" -le "$1" ] || { failures=$((failures + 1)) && printf 'not '; }
	echo "ok $((++count)) - kist run of $2 needs $calls system calls, at most $1"
}

budget 318 'a static true'
budget 432 'a static true on 10 layers in a user namespace' 10
budget 611 'an image without a network' image --network none
budget 736 'an image in the default network' image
echo "1..$count"
exit $((failures > 0))
