#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits hold, are changed live and say when they were hit: with both cgroup managers.
. "$(dirname "$0")/lib.sh"

group() { echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")"; }
value() { cat "$(group)/$1"; } # FILE
field() { sed -n "s/^$2 //p" "$(group)/$1"; } # FILE WORD

launch() { # JQ-FILTER PAYLOAD-ARGUMENT...
	config "$@"
	kist "${manager[@]}" run --detach --bundle "$b" "$id"
	voice=$said
	succeeds
}

box() { # as in lib.sh, with the manager
	config "$@"
	kist "${manager[@]}" run --bundle "$b" "$id"
}

update() { # OPTION...
	kist update "$@" "$id"
	succeeds ''
}

# --- memory

small='{ memory: { limit: 33554432, swap: 33554432 } }'

hog() {
	box ".linux.resources += $small" eat 256
	is "$code" 137 'exit code'
	has "$err" "container $id ran out of memory" 'the message'
}

# The command dies, the container lives; systemd does not stop a scope for it.
hog_in_exec() {
	launch ".linux.resources += $small" sleep 60
	inside eat 256
	is "$code" 137 'exit code'
	is "$(status_of) $(field memory.events oom_kill)" 'running 1' 'the container'
	kist stats --limits "$id"
	like "$out" 'memory +[0-9]+K +32M +32M +[0-9]+ \(1 killed\)' 'stats --limits'
	update --memory 128M --memory-swap 128M
	inside eat 64
	succeeds ok
	end
}

# systemd removes the cgroup of a scope as soon as it is empty, and what it counted with it.
oom_in_state() {
	[ ${#manager[@]} = 0 ] || { skip 'a scope that is empty is gone'; return; }
	launch ".linux.resources += $small" eat 256
	becomes stopped
	is "$(jq .oomKilled < <("$KIST" --root "$state" state "$id"))" true 'oomKilled'
	end
}

tiny() { # limits in KiB from above: 512 must do
	local k least=none
	for k in 512 384 256 192 160 128 96 64; do
		box ".linux.resources += { memory: { limit: ($k * 1024) } }" true
		[ "$code" = 0 ] || break
		least=$k
	done
	echo "# note: $1: the smallest memory limit that a container starts with is $least KiB"
	isnt "$least" none 'with 512 KiB'
}

# What is switched on by the document is switched off by an update, and then the kernel may kill.
checked() {
	launch '.linux.resources += { memory: { limit: 67108864, checkBeforeUpdate: true } }' sleep 60
	kist update --memory 4096 "$id"
	is "$code" 1 'a limit below what is used'
	has "$err" 'and checkBeforeUpdate is set' 'the sentence'
	is "$(value memory.max)" 67108864 'memory.max'
	kist update --resources - "$id" <<<'{ "memory": { "checkBeforeUpdate": false } }'
	succeeds ''
	# A scope that is killed meanwhile is gone before systemd is told.
	[ ${#manager[@]} != 0 ] || { update --memory 4096 && becomes stopped; }
	end
}

# --- pids

bomb() {
	launch '.linux.resources += { pids: { limit: 33 } }' sleep 60
	inside fork-bomb 5000
	is "$code:$err" 1: 'exec'
	like "$out" 'fork [0-9]+: EAGAIN' 'the bomb'
	yes 'pids.max was hit' test "$(sed -n 's/^max //p' "$(group)/pids.events")" -ge 1
	yes 'the host works' timeout 60 bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done'
	update --pids-limit 100
	inside fork-bomb 60
	succeeds 'forked 60'
	end
}

# --- cpu

share() { # MILLISECONDS: of one CPU that it used meanwhile, in thousandths
	local u0 u1 t0 t1
	u0=$(field cpu.stat usage_usec) t0=$(date +%s%N)
	sleep "$1"
	u1=$(field cpu.stat usage_usec) t1=$(date +%s%N)
	echo $(((u1 - u0) * 1000000 / (t1 - t0)))
}

within() { # GOT WANTED PERCENT WHAT
	yes "$4: $1 is within $3 % of $2" test $((($1 - $2) * 100)) -le $(($2 * $3)) -a $((($2 - $1) * 100)) -le $(($2 * $3))
}

burner() {
	launch '.linux.resources += { cpu: { quota: 40000, period: 100000 } }' burn 100
	sleep 0.3
	within "$(share 3)" 400 10 'of 40 %'
	yes 'it was throttled' test "$(field cpu.stat nr_throttled)" -ge 10
	update --cpu-quota 20000
	within "$(share 3)" 200 10 'of 20 %, updated'
	kist pause "$id" && is "$(share 0.5)" 0 'while it is paused'
	kist resume "$id"
	yes 'it goes on' test "$(share 0.5)" -gt 50
	end
}

pinned() {
	launch '.linux.resources += { cpu: { cpus: "1" } }' sleep 60
	inside affinity
	succeeds '1 '
	update --cpuset-cpus 0
	inside affinity
	succeeds '0 '
	is "$(sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$(pid_of)/status")" 0 'the init'
	end
}

weight() {
	launch '.linux.resources += { cpu: { shares: 512 } }' sleep 60
	is "$(value cpu.weight)" 59 'cpu.weight'
	update --cpu-share 2048
	is "$(value cpu.weight)" 174 'after update'
	end
}

idle() {
	launch '.linux.resources += { cpu: { idle: 1 } }' sleep 60
	is "$(value cpu.idle)" 1 'cpu.idle'
	kist update --resources - "$id" <<<'{ "cpu": { "idle": 0 } }'
	succeeds ''
	is "$(value cpu.idle)" 0 'after update'
	end
}

hugepages() {
	launch '.linux.resources += { hugepageLimits: [{ pageSize: "2MB", limit: 4194304 }] }' sleep 60
	is "$(value hugetlb.2MB.max)" 4194304 'hugetlb.2MB.max'
	kist stats --limits "$id"
	like "$out" 'hugetlb.2MB +0B +- +4M' 'stats --limits'
	end
}

# --- io: the disk itself, read beside the page cache

disk=$(stat -c %Hr:%Lr /dev/vda 2>/dev/null)
pull() { # KIB: what that takes, in ms
	inside pull /dev/disk "$1"
	is "$code" 0 'reading the disk'
}

throttled() {
	[ -n "$disk" ] || { skip 'no disk'; return; }
	launch '.linux.resources += { devices: [{ allow: true, type: "b", access: "rwm" }] }
		| .linux.devices = [{ path: "/dev/disk", type: "b", major: '"${disk%:*}"', minor: '"${disk#*:}"', fileMode: 420 }]
		| .linux.resources.blockIO = { throttleReadBpsDevice: [{ major: '"${disk%:*}"', minor: '"${disk#*:}"', rate: 2097152 }] }' sleep 60
	is "$(value io.max)" "$disk rbps=2097152 wbps=max riops=max wiops=max" 'io.max'
	systemctl daemon-reload
	is "$(value io.max)" "$disk rbps=2097152 wbps=max riops=max wiops=max" 'io.max after daemon-reload'
	pull 6144
	within "$out" 3000 20 'ms for 6 MiB at 2 MiB/s'
	kist update --resources - "$id" <<<'{ "blockIO": { "throttleReadBpsDevice":
		[{ "major": '"${disk%:*}"', "minor": '"${disk#*:}"', "rate": 6291456 }] } }'
	succeeds ''
	pull 12288
	within "$out" 2000 20 'ms for 12 MiB at 6 MiB/s, updated'
	end
}

# BFQ has a file of its own, and no number of its own for a device that another scheduler has.
bfq() {
	[ -n "$disk" ] && modprobe bfq 2>/dev/null || { skip 'no disk, or no scheduler BFQ'; return; }
	echo bfq >/sys/block/vda/queue/scheduler
	launch '.linux.resources.blockIO = { weight: 500, weightDevice: [{ major: '"${disk%:*}"', minor: '"${disk#*:}"', weight: 20 }] }' sleep 60
	is "$(value io.bfq.weight)" $'default 500\n'"$disk 20" 'io.bfq.weight'
	update --blkio-weight 300
	is "$(value io.bfq.weight | head -n 1)" 'default 300' 'after update'
	echo none >/sys/block/vda/queue/scheduler
	kist update --resources - "$id" <<<'{ "blockIO": { "weightDevice": [{ "major": '"${disk%:*}"', "minor": '"${disk#*:}"', "weight": 30 }] } }'
	succeeds ''
	end
}

both() { # NAME [OPTION]
	local name=$1
	shift
	manager=("$@")
	check "$name: a memory hog is killed and reported" hog
	check "$name: a memory hog in exec dies alone; the limit is updated" hog_in_exec
	check "$name: state says that memory ran out" oom_in_state
	check "$name: checkBeforeUpdate" checked
	check "$name: a container starts with 512 KiB" tiny "$name"
	check "$name: a fork bomb stops at pids.max" bomb
	check "$name: a burner is held to its quota, paused, resumed" burner
	check "$name: a cpuset pins" pinned
	check "$name: cpu.weight" weight
	check "$name: cpu.idle" idle
	check "$name: huge pages" hugepages
	check "$name: reads of the disk are throttled" throttled
	check "$name: the weight of BFQ" bfq
}
both cgroupfs
both systemd --systemd-cgroup
finish
