#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Engines with kist underneath: podman with both of its cgroup managers, and containerd with ctr.
# The image is made here. ctr has no command to update a container.
. "$(dirname "$0")/lib.sh"
image=localhost/box:latest

# podman's store is a mount of its own, which comes and goes.
eval "whole_$(declare -f snapshot)"
snapshot() { whole_snapshot | grep -v '^mount: /var/lib/containers/'; }

engine() { # ARGUMENT...: sets out, err, code
	last="${words[*]} $*"
	"${words[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
	out=$(<"$work/out") err=$(<"$work/err")
}

gives() { # CODE [OUTPUT]
	is "$code" "$1" "exit code, with \"$err\""
	[ $# = 1 ] || is "$out" "$2" 'output'
}

# --- podman

podman_groups() { find /sys/fs/cgroup -name 'libpod-[0-9a-f]*'; }

podman_short() {
	engine run --rm --network none "$image" payload echo hello
	gives 0 hello
	engine run --rm --network none "$image" payload exit 7
	gives 7 ''
	engine run --rm --network none "$image" nowhere
	gives 127 ''
	has "$err" 'executable file not found' 'the error'
	is "$(podman_groups)" '' 'cgroups'
}

podman_life() {
	local limits='/sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpu.max'
	engine run --detach --name one --network none --memory 64m --pids-limit 33 --cpus 0.5 "$image" payload trap TERM
	gives 0
	engine exec one payload cat $limits
	gives 0 $'67108864\n33\n50000 100000'
	engine exec one payload exit 9
	gives 9 ''
	engine update --memory 96m --cpus 0.25 one
	gives 0
	engine exec one payload cat $limits
	gives 0 $'100663296\n33\n25000 100000'
	engine pause one
	gives 0 && engine inspect --format '{{.State.Status}}' one && gives 0 paused
	engine unpause one
	gives 0
	engine stop --time 10 one
	gives 0
	engine inspect --format '{{.State.Status}} {{.State.OOMKilled}}' one
	gives 0 'exited false'
	engine logs one
	has "$out" TERM 'the log'
	engine rm one
	gives 0 && is "$(podman_groups)" '' 'cgroups'
}

# The conmon and the podman of Debian 12 do not tell of it, under crun and runc neither.
# conmon reads memory.events itself, and only where it is faster than systemd does podman know: that is theirs to race for.
podman_oom() {
	local shown='{{.State.ExitCode}} {{.State.OOMKilled}}' want='137 true'
	[ "$KIST_TESTBED" != 6.1 ] || want='137 false'
	[ "$manager" != systemd ] || shown='{{.State.ExitCode}}' want=137
	engine run --name hog --network none --memory 32m --memory-swap 32m "$image" payload eat 256
	gives 137
	engine inspect --format "$shown" hog
	gives 0 "$want"
	engine rm --force hog
	gives 0 && is "$(podman_groups)" '' 'cgroups'
}

podman_survives_reload() {
	engine run --detach --name one --network none --memory 64m "$image" payload sleep 60
	systemctl daemon-reload
	engine exec one payload cat /sys/fs/cgroup/memory.max
	gives 0 67108864
	engine rm --force --time 0 one
	gives 0 && is "$(podman_groups)" '' 'cgroups'
}

# --- containerd

containerd_starts() { # the service is masked: this is without the part for Kubernetes
	printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$work/containerd.toml"
	systemd-run --quiet --unit=engine --property=Delegate=yes --property=KillMode=process \
		containerd --config "$work/containerd.toml"
	until_true test -S /run/containerd/containerd.sock
	ctr images import "$work/image.tar" >/dev/null
}

ctr_run() { # OPTION... ID COMMAND...
	local options=()
	while [[ $1 = -* ]]; do options+=("$1") && shift; done
	engine run "${options[@]}" --runc-binary "$KIST" "${flags[@]}" "$image" "$@"
}

ctr_short() {
	ctr_run --rm "$tag-a" payload echo hello
	gives 0 hello
	ctr_run --rm "$tag-b" payload exit 7
	gives 7 ''
	ctr_run --rm "$tag-c" nowhere
	gives 1 ''
	has "$err" 'OCI runtime create failed: exec "nowhere": executable file not found' 'the error'
	engine containers rm "$tag-c"
}

ctr_life() {
	local there
	ctr_run --detach --memory-limit=67108864 --cpu-quota=50000 --cpu-period=100000 "$tag" payload sleep 60
	gives 0
	there=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(ctr tasks ls | awk "\$1 == \"$tag\" { print \$2 }")/cgroup")
	is "$(cat "$there/memory.max" "$there/cpu.max")" $'67108864\n50000 100000' 'limits'
	engine tasks exec --exec-id one "$tag" payload echo inside
	gives 0 inside
	engine tasks exec --exec-id two "$tag" payload exit 9
	gives 9 ''
	engine tasks pause "$tag"
	gives 0 && engine tasks ls && like "$out" "$tag +[0-9]+ +PAUSED" 'paused'
	engine tasks resume "$tag"
	gives 0
	engine tasks kill --signal KILL "$tag"
	gives 0 && yes 'stopped' until_true ctr_stopped
	engine tasks rm "$tag"
	gives 0
	engine containers rm "$tag"
	gives 0 && no 'the cgroup' test -e "$there"
}

ctr_stopped() { ctr tasks ls | grep -q "^$tag .*STOPPED"; }

ctr_oom() {
	ctr_run --rm --memory-limit=33554432 "$tag" payload eat 256
	gives 137 ''
}

tar -C "$b/rootfs" -cf "$work/layer.tar" .
podman import --quiet "$work/layer.tar" "$image" >/dev/null 2>&1
podman save --quiet --format oci-archive --output "$work/image.tar" "$image"
podman --runtime "$KIST" run --rm --network none "$image" payload true # what it keeps from then on is not left behind

for manager in cgroupfs systemd; do
	words=(podman --runtime "$KIST" --cgroup-manager "$manager")
	check "podman, $manager: run, exit codes" podman_short
	check "podman, $manager: limits, exec, update, pause, stop, logs, rm" podman_life
	check "podman, $manager: a memory hog" podman_oom
	check "podman, $manager: daemon-reload keeps the limits" podman_survives_reload
done

containerd_starts
words=(ctr)
flags=()
check 'containerd, cgroupfs: run, exit codes' ctr_short
check 'containerd, cgroupfs: limits, exec, pause, kill, rm' ctr_life
check 'containerd, cgroupfs: a memory hog' ctr_oom
flags=(--runc-systemd-cgroup --cgroup "machine.slice:box:$tag")
check 'containerd, systemd: run, exit codes' ctr_short
check 'containerd, systemd: limits, exec, pause, kill, rm' ctr_life
check 'containerd, systemd: a memory hog' ctr_oom
finish
