#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist run IMAGE is killed before each of its system calls, and each of them fails once: what is left can be named and
# removed, nothing of it is in the way of the next run, and what fails says so and leaves nothing.
# STEP=1 takes every call.
export TMPDIR=/var/tmp # a tmpfs cannot be idmapped before Linux 6.3
. "$(dirname "$0")/../integration/lib.sh"
at=$BUILDDIR/tests/fault/at
step=${STEP:-6}
[ -z "${STEP-}${ASAN_OPTIONS-}" ] || step=${STEP:-17}
: >"$work/nothing" && for f in /etc/subuid /etc/subgid; do [ ! -e $f ] || mount --bind "$work/nothing" $f; done
web=web-$tag

make_image() {
	mkdir -p "$work/fs/"{bin,srv/sub} && cp "$PAYLOAD" "$work/fs/bin/payload" && echo x >"$work/fs/srv/sub/file"
	"$KIST" --data "$data" image import --name web:1 "$work/fs" >/dev/null || { echo 'Bail out! no image'; exit 1; }
}
make_image

run_it=(run --network none --rm --name "$web" --volume "pages:/srv" web:1 payload echo done)
store() { "$KIST" --root "$state" --data "$data" "$@" >"$work/said" 2>&1; }
in_store() { (cd "$data" && find instances volumes $(ls -d ids 2>/dev/null) -mindepth 1 | sort | tr '\n' ' '); }

clean() { # WHAT: what an administrator does after a crash, and then the same run succeeds
	store delete --force "$web" || grep -q 'does not exist' "$work/said" || bad "$1: delete --force: $(<"$work/said")"
	store system check --repair || bad "$1: system check: $(<"$work/said")"
	[ -z "$(cd "$data" && find instances ids -mindepth 1)" ] || bad "$1 left: $(in_store)"
	! find "$data" -name '.new-*' | grep -q . || bad "$1 left: $(in_store)"
	store "${run_it[@]}" && [ "$(<"$work/said")" = done ] || bad "$1: again: $(<"$work/said")"
	[ "$(<"$data/volumes/pages/data/sub/file")" = x ] || bad "$1: the volume is not what the image has"
	store volume remove pages || bad "$1: $(<"$work/said")"
	until_true unchanged && good || bad "$1 left: $(diff "$work/before" "$work/after" | grep '^[<>]' | head -n 5)"
}

killed() {
	local n result=0
	for ((n = 1; n < 5000 && result != 99 && wrong < 1; n += step)); do
		timeout 20 "$at" kill 0 $n "$KIST" --root "$state" --data "$data" "${run_it[@]}" >"$work/said" 2>&1
		result=$?
		[ $result != 124 ] || bad "hangs when killed at call $n"
		clean "killed at call $n"
	done
	yes "there were calls: $n" test "$n" -gt 300
}

killed_detached() { # PROCESS: kist, or its child, which makes the container and waits for its end
	local n result=0 detached=(run --network none -d --name "$web" --volume "pages:/srv" web:1 payload wait)
	for ((n = 1; n < 5000 && result != 99 && wrong < 1; n += step)); do
		timeout 20 "$at" kill "$1" $n "$KIST" --root "$state" --data "$data" "${detached[@]}" >"$work/said" 2>&1
		result=$?
		case $1:$result in
		*:124) bad "hangs when process $1 is killed at call $n" ;;
		1:125) [ "$(grep -c '^kist: ' "$work/said")" = 1 ] || bad "says $(<"$work/said")"
			[ -z "$(cd "$data" && find instances ids -mindepth 1)" ] || [ "$(status_of "$web")" = running ] || bad "the child killed at call $n left $(in_store)" ;;
		esac
		clean "process $1 killed at call $n"
	done
	yes "there were calls: $n" test "$n" -gt 100
}

# A failure leaves nothing, but where it is the removal that fails.
judge() { # CODE CALL
	local lines
	lines=$(grep -c . "$work/said")
	case $1 in
	0 | 99) [ "$(<"$work/answer")" = done ] || bad "$2: success, but \"$(<"$work/answer")\"" ;;
	124) bad "$2: hangs" ;;
	*) [[ $lines == 1 && $(<"$work/said") == kist:* ]] || bad "$2: code $1 and $lines lines: $(<"$work/said")" ;;
	esac
	case $2 in
	unlink* | mkdirat* | rename* | rmdir* | flock* | openat* | getdents* | newfstatat* | faccessat*) ;;
	*) [[ $1 == 0 || $1 == 99 || $(in_store | sed 's,volumes/pages[^ ]* ,,g') == '' ]] || bad "$2: code $1 left $(in_store)" ;;
	esac
	good
}

failing() { # ERRNO...
	local e name
	store "${run_it[@]}"
	store volume remove pages
	"$at" list "$work/calls" "$KIST" --root "$state" --data "$data" "${run_it[@]}" >/dev/null 2>"$work/said"
	is "$(<"$work/said")" '' 'without a failure'
	store volume remove pages
	awk -v step="$step" '$1 == 0 && $3 != "-" && $3 !~ /^(execve|prlimit64):/ && n++ % step == 0 { print $3 }' "$work/calls" >"$work/mine"
	yes 'there are calls' test "$(wc -l <"$work/mine")" -gt $((120 / step))
	while read -r name && [ $wrong = 0 ]; do
		for e; do
			timeout 20 "$at" fail 0 "$name" "$e" "$KIST" --root "$state" --data "$data" "${run_it[@]}" >"$work/answer" 2>"$work/said"
			judge $? "$name with $e"
			clean "$name failing with $e"
		done
	done <"$work/mine"
}

check 'run IMAGE, killed' killed
check 'run -d IMAGE, killed' killed_detached 0
check 'run -d IMAGE, its child killed' killed_detached 1
check 'run IMAGE, failing' failing 12
finish
