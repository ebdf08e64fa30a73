#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each system call of kist and of the container's init fails once: either kist can do without, or it
# says one sentence, ends with an error, and leaves nothing. STEP=1 takes every errno for every call.
export TMPDIR=/var/tmp # a tmpfs cannot be idmapped before Linux 6.3
. "$(dirname "$0")/../integration/lib.sh"
at=$BUILDDIR/tests/fault/at
errnos=(1 38 12) # EPERM ENOSYS ENOMEM

judge() { # CODE NAME WHAT
	local n
	n=$(grep -c . "$work/said")
	if [ "$1" = 0 ] || [ "$1" = 99 ]; then # 99: this time there was no such call
		[ "$(<"$work/answer")" = "$answer" ] || bad "$3: success, but \"$(<"$work/answer")\""
	elif [ "$1" = 124 ]; then
		bad "$3: hangs"
	else
		[[ $n == 1 && $(<"$work/said") == kist:* ]] || bad "$3: code $1 and $n lines: $(<"$work/said")"
		[ "$(<"$work/answer")" != "$answer" ] || [[ $2 == removal || $2 == recvmsg* ]] || bad "$3: code $1 but it ran"
	fi
	good
}

# When what removes fails, something stays; then a delete must do it.
nothing_left() { # NAME WHAT
	local i
	for ((i = 0; i < 30; i++)); do
		unchanged && return
		sleep 0.02
	done
	if [ "$1" = removal ]; then
		"$KIST" --root "$state" delete --force "$id" 2>/dev/null
		until_true unchanged && return
	fi
	bad "$2 left: $(diff "$work/before" "$work/after" | grep '^[<>]' | head -n 5)"
	"$KIST" --root "$state" delete --force "$id" 2>/dev/null
}

fail_each() { # PROCESS VERB...: of what the unhindered run calls
	local process=$1 name e turn=0 kind
	shift
	"$KIST" --root "$state" "$@" >/dev/null 2>&1 # the first run makes mount points and directories
	"$at" list "$work/calls" "$KIST" --root "$state" "$@" >"$work/answer" 2>"$work/said"
	is "$(<"$work/said")" '' 'without a failure'
	answer=$(<"$work/answer")
	# Up to the last execve of the container's process, and without what happens before main().
	awk -v p="$process" '$1 == p { line[++n] = $3; if ($3 ~ /^execve:/) last = n }
		END { for (i = 1; i <= n; i++) if (line[i] != "-" && (!last || i <= last)) print line[i] }' "$work/calls" >"$work/mine"
	while read -r name; do
		[[ $process:$name != 0:prlimit64:* ]] || continue # of the C library, before main()
		kind=$name
		[[ $name != unlink* && $name != rmdir* && $name != flock:[3-9] ]] || kind=removal
		for e in "${errnos[@]}"; do
			[ -n "${STEP-}" ] || [ $((turn++ % 3)) = 0 ] || continue
			timeout 20 "$at" fail "$process" "$name" "$e" "$KIST" --root "$state" "$@" >"$work/answer" 2>"$work/said"
			judge $? "$kind" "$name of process $process fails with $e"
			nothing_left "$kind" "$name of process $process failing with $e"
		done
	done <"$work/mine"
}

rich='.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .domainname = "d" | .linux.devices = [{path: "/dev/x", type: "c", major: 1, minor: 3}]
	| .mounts += [{destination: "/t", type: "tmpfs", source: "t", options: ["size=4k"]}, {destination: "/e", type: "bind", source: "/etc", options: ["rbind", "ro"]}]
	| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["ptrace"], action: "SCMP_ACT_ERRNO"}]}
	| .process.user = {uid: 5, gid: 6, additionalGids: [7]} | .process.oomScoreAdj = 500
	| .hooks.createRuntime = [{path: "/bin/true"}]'

parent_of_run() {
	config "$rich" echo done
	fail_each 0 run --bundle "$b" "$id"
	rmdir "$b/rootfs/"{t,e} 2>/dev/null
}

init_of_run() {
	config "${rich%|*}" echo done
	fail_each 1 run --bundle "$b" "$id"
	rmdir "$b/rootfs/"{t,e} 2>/dev/null
}

shifted='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'

shifted_parent() {
	config "$shifted" echo done
	fail_each 0 run --bundle "$b" "$id"
}

shifted_init() {
	config "$shifted" echo done
	fail_each 1 run --bundle "$b" "$id"
}

# The root out of layers: by the init, and with a user namespace by the parent's helper, the third process.
layered() { # FILTER PROCESS
	local l=$work/layers
	mkdir -p "$l/"{a,b,upper,work} && cp -r "$b/rootfs/." "$l/b"
	config ".kist.root = {lower: [\"$l/a\", \"$l/b\"], upper: \"$l/upper\", work: \"$l/work\"} | $1" echo done
	fail_each "$2" run --bundle "$b" "$id"
	rm -rf "$l"
}

exec_both() {
	begin . wait
	snapshot >"$work/before.all" && cp "$work/before" "$work/kept" && cp "$work/before.all" "$work/before"
	fail_each 0 exec "$id" payload echo done
	fail_each 1 exec "$id" payload echo done
	cp "$work/kept" "$work/before"
	end
}

check 'run: the parent' parent_of_run
check 'run: the init' init_of_run
check 'run with a user namespace: the parent' shifted_parent
check 'run with a user namespace: the init' shifted_init
check 'run with layers: the init' layered . 1
check 'run with layers and a user namespace: the helper' layered "$shifted | .kist.root.idmap = true" 2
check 'exec: both' exec_both
finish
