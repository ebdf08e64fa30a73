#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist is killed before each of its system calls, one after the other: `delete --force` removes what
# it left, and a container of the same id can be made. STEP=1 takes every call, not every second.
export TMPDIR=/var/tmp # a tmpfs cannot be idmapped before Linux 6.3
. "$(dirname "$0")/../integration/lib.sh"
at=$BUILDDIR/tests/fault/at
step=${STEP:-2}
[ -z "${STEP-}${ASAN_OPTIONS-}" ] || step=${STEP:-9} # its own start has hundreds of calls

nothing_left() { # WHAT
	until_true unchanged && good || bad "$1 left: $(diff "$work/before" "$work/after" | grep '^[<>]' | head -n 5)"
}

clean() { # WHAT: what a caller does after a failure, and then everything works again
	"$KIST" --root "$state" delete --force "$id" 2>"$work/err" || bad "$1: delete --force: $(<"$work/err")"
	nothing_left "$1"
	"$KIST" --root "$state" create --bundle "$b" "$id" >/dev/null 2>"$work/err" || bad "$1: create again: $(<"$work/err")"
	"$KIST" --root "$state" delete --force "$id" 2>"$work/err" || bad "$1: delete again: $(<"$work/err")"
}

# Until the number is past the last call, or the case has failed often enough to be understood.
at_each() { # PROCESS FUNCTION VERB...: FUNCTION prepares
	local process=$1 prepare=$2 n result
	shift 2
	for ((n = 1; n < 5000 && wrong < 2; n += step)); do
		"$prepare"
		timeout 20 "$at" kill "$process" $n "$KIST" --root "$state" "$@" >/dev/null 2>"$work/said"
		result=$?
		[ $result != 124 ] || bad "$* hangs when process $process is killed at call $n"
		[ "$process" = 0 ] || [ $result = 99 ] || one_sentence $result "$* with process $process killed at call $n: $(<"$work/said")"
		clean "$* killed at call $n"
		[ $result != 99 ] || break
	done
	yes 'there were calls' test "$n" -gt $((${least:-20} / step))
}

one_sentence() { # CODE WHAT: or success, when it was late
	[ "$1" = 0 ] || [ "$1" -ge 128 ] || [ "$(grep -c '^kist: ' "$work/said")" = 1 ] || bad "$2"
}

nothing() { :; }
created() { "$KIST" --root "$state" create --bundle "$b" "$id" >/dev/null 2>&1; }
running() { created && "$KIST" --root "$state" start "$id"; }

create_killed() {
	config . wait
	at_each 0 nothing create --bundle "$b" "$id"
}

run_killed() {
	config . true
	at_each 0 nothing run --bundle "$b" "$id"
}

shifted_killed() { # with id maps, trees from the parent, hooks
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .hooks.prestart = [{path: "/bin/true"}]' wait
	at_each 0 nothing create --bundle "$b" "$id"
}

init_killed() { # the other side: kist cleans up by itself and says why
	config . true
	at_each 1 nothing run --bundle "$b" "$id"
}

layers_killed() { # PROCESS: while the root is put together; 2 is the helper that does it
	local l=$work/layers
	mkdir -p "$l/"{a,b,upper,work} && cp -r "$b/rootfs/." "$l/b"
	config ".kist.root = {lower: [\"$l/a\", \"$l/b\"], upper: \"$l/upper\", work: \"$l/work\", idmap: true}
		| .linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings" true
	at_each "$1" nothing run --bundle "$b" "$id"
	rm -rf "$l"
}

start_killed() {
	config . wait
	at_each 0 created start "$id"
}

delete_killed() {
	config . wait
	at_each 0 running delete --force "$id"
}

exec_killed() {
	config . wait
	at_each 0 running exec "$id" payload true
}

exec_stage_killed() { # it joins and clones, and does little else
	local least=6
	config . wait
	at_each 1 running exec "$id" payload true
}

exec_child_killed() {
	config . wait
	at_each 2 running exec "$id" payload true
}

check 'create' create_killed
check 'run' run_killed
check 'create with a user namespace and a hook' shifted_killed
check 'the init of run' init_killed
check 'run with layers' layers_killed 0
check 'the helper that puts layers together' layers_killed 2
check 'start' start_killed
check 'delete --force' delete_killed
check 'exec' exec_killed
check 'the stage of exec' exec_stage_killed
check 'the process of exec' exec_child_killed
finish
