#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist in a whole host: as root with and without limits, and as an unprivileged user.
# kernels: 6.1
. "$(dirname "$0")/lib.sh"

no_limits() {
	box . seq -- hostname -- cat /sys/fs/cgroup/memory.max
	succeeds $'kist\nmax'
}

limit() { # FILE VALUE RESOURCES: the container reads what kist wrote
	box ".linux.resources += $3" cat "/sys/fs/cgroup/$1"
	succeeds "$2"
}

memory_hog() {
	box '.linux.resources += { memory: { limit: 33554432, swap: 33554432 } }' eat 256
	is "$code" 137 'exit code'
	like "$(dmesg)" "oom-kill:.*kist-$id" 'the kernel log'
}

cgroup_goes() {
	local there=/sys/fs/cgroup/kist-$id
	begin '.linux.resources += { pids: { limit: 9 } }' sleep 60
	is "$(cat "$there/pids.max")" 9 'pids.max'
	end
	no 'the cgroup' test -e "$there"
}

two_at_once() {
	local first=$id
	begin '.linux.resources += { pids: { limit: 9 } }' sleep 60
	id=$id-b
	box '.linux.resources += { pids: { limit: 11 } }' cat /sys/fs/cgroup/pids.max
	succeeds 11
	id=$first
	end
}

# --- as the user kist, who has newuidmap and a cgroup of their own

user_config() { # PAYLOAD-ARGUMENT...
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }, { containerID: 1, hostID: '"$subids"', size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings
		| del(.linux.resources)' "$@"
	chown -R kist: "$b"
}

user_run() {
	user_config seq -- id -- cat /proc/self/uid_map
	kist run --bundle "$b" "$id"
	is "$code:$err" 0: 'kist run'
	like "$out" "0 +1000 +1"$'\n'" +1 +$subids +65536" 'the map'
}

user_life() {
	user_config sleep 60
	kist create --bundle "$b" "$id" && kist start "$id"
	succeeds
	like "$(findmnt --noheadings --list --output TARGET)" '/sys/fs/cgroup' 'the host is as it was'
	end
}

check 'root: a container without limits' no_limits
check 'root: memory.max' limit memory.max 67108864 '{ memory: { limit: 67108864 } }'
check 'root: pids.max' limit pids.max 33 '{ pids: { limit: 33 } }'
check 'root: cpu.max' limit cpu.max '50000 100000' '{ cpu: { quota: 50000, period: 100000 } }'
check 'root: a memory hog is killed at its limit' memory_hog
check 'root: delete removes the cgroup' cgroup_goes
check 'root: two containers with limits of their own' two_at_once

subids=$(awk -F: '$1 == "kist" { print $2 }' /etc/subuid)
state=$work/user
mkdir "$state"
chown kist: "$state"
as_user
check 'user: a container with a range of ids from newuidmap' user_run
check 'user: create, start, delete' user_life
finish
