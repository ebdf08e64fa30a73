#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The systemd cgroup manager with a real systemd: scopes of the system's manager, and of the user's.
. "$(dirname "$0")/lib.sh"

limits='.linux.resources += { memory: { limit: 67108864, swap: 134217728 }, pids: { limit: 33 },
	cpu: { shares: 2048, quota: 50000, period: 100000, cpus: "0" } }'
scope=kist-$id.scope
manager=(systemctl)
there=/sys/fs/cgroup/system.slice/$scope
there() { cat "${@/#/$there/}" 2>&1 | tr '\n' ' '; } # FILE...: what the kernel says
shows() { "${manager[@]}" show --value -p "$1" "$scope"; }
gone() { [ "$(shows LoadState)" = not-found ] && [ ! -e "$there" ]; }

launch() { # JQ-FILTER PAYLOAD-ARGUMENT...
	config "$@"
	kist --systemd-cgroup run --detach --bundle "$b" "$id"
	succeeds
}

finish_scope() {
	end
	yes 'the scope is gone' until_true gone
}

whole_run() {
	config "$limits" cat /proc/self/cgroup
	kist --systemd-cgroup run --bundle "$b" "$id"
	succeeds 0::/
	yes 'the scope is gone' until_true gone
}

# Only create says which manager; the others know.
whole_life() {
	config . sleep 60
	kist --systemd-cgroup create --bundle "$b" "$id"
	succeeds
	"${bare[@]}" "$KIST" --root "$state" start "$id"
	is $? 0 'start with nothing in the environment'
	is "$(shows Slice) $(shows ControlGroup)" "system.slice /system.slice/$scope" 'slice and cgroup'
	is "$(cat "/proc/$(pid_of)/cgroup")" "0::/system.slice/$scope" 'the init is in it'
	is "$(there cgroup.procs)" "$(pid_of) " 'and nothing else is'
	inside cat /proc/self/cgroup
	succeeds 0::/
	kist pause "$id" && is "$(status_of)" paused 'paused' && kist resume "$id" && succeeds ''
	"${bare[@]}" "$KIST" --root "$state" delete --force "$id"
	is $? 0 'delete with nothing in the environment'
	yes 'the scope is gone' until_true gone
}

named() {
	config '.linux.cgroupsPath = "machine.slice:box:'"$tag"'"' cat /proc/self/cgroup
	scope=box-$tag.scope there=/sys/fs/cgroup/machine.slice/box-$tag.scope
	kist --systemd-cgroup run --detach --bundle "$b" "$id"
	succeeds
	end
	launch '.linux.cgroupsPath = "machine.slice:box:'"$tag"'"' sleep 60
	is "$(shows Slice) $(cat "/proc/$(pid_of)/cgroup")" "machine.slice 0::/machine.slice/$scope" 'slice and cgroup'
	kist --systemd-cgroup run --bundle "$b" "$id-b"
	says "start the scope $scope: Unit $scope was already loaded"
	is "$(status_of)" running 'the first'
	finish_scope
	scope=kist-$id.scope there=/sys/fs/cgroup/system.slice/$scope
}

properties='MemoryMax MemorySwapMax TasksMax CPUQuotaPerSecUSec CPUWeight AllowedCPUs Delegate'
files='memory.max memory.swap.max pids.max cpu.max cpu.weight cpuset.cpus'
all_properties() { local p; for p in $properties; do echo -n "$(shows $p) "; done; }

limits_twice() { # in the unit and in the kernel
	launch "$limits" sleep 60
	is "$(all_properties)" '67108864 67108864 33 500ms 174 0 yes ' 'properties'
	is "$(there $files)" '67108864 67108864 33 50000 100000 174 0 ' 'files'
	kist update --memory 32M --memory-swap 48M --pids-limit 44 --cpu-quota 25000 --cpu-share 512 --cpuset-cpus 1 "$id"
	succeeds ''
	is "$(all_properties)" '33554432 16777216 44 250ms 59 1 yes ' 'properties after update'
	is "$(there $files)" '33554432 16777216 44 25000 100000 59 1 ' 'files after update'
	systemctl daemon-reload
	is "$(there $files)" '33554432 16777216 44 25000 100000 59 1 ' 'files after daemon-reload'
	finish_scope
}

# What systemd has no property for is written by kist. An update of another value of the same
# controller lets systemd write all of its files, and so does a daemon-reload of systemd 252: then
# a quota is rounded up to a whole percent, which is all that systemd's own files can say.
beside_systemd() {
	launch '.linux.resources += { memory: { limit: 67108864 }, cpu: { quota: 12000, period: 100000, burst: 5000 },
		unified: { "memory.high": "50331648", "memory.min": "4096" } }' sleep 60
	is "$(there cpu.max cpu.max.burst memory.high memory.min)" '12000 100000 5000 50331648 4096 ' 'files'
	systemctl daemon-reload
	is "$(there cpu.max cpu.max.burst memory.high memory.min)" '12000 100000 5000 50331648 4096 ' 'after daemon-reload'
	kist update --memory 96M --cpu-share 512 "$id"
	succeeds ''
	is "$(there memory.max cpu.weight cpu.max cpu.max.burst memory.high memory.min)" \
		'100663296 59 12000 100000 5000 50331648 4096 ' 'after update'
	finish_scope
}

weights_stay() {
	launch '.linux.resources = { cpu: { idle: 1 }, blockIO: { weight: 500 }, unified: { "memory.high": "40M", "pids.max": "44" } }' sleep 60
	is "$(there cpu.idle io.weight memory.high pids.max)" '1 default 4950 41943040 44 ' 'files'
	systemctl daemon-reload
	is "$(there cpu.idle io.weight memory.high pids.max)" '1 default 4950 41943040 44 ' 'after daemon-reload'
	finish_scope
	launch '.linux.resources = { unified: { "cpu.max": "20000 100000", "memory.high": "40M" } }' sleep 60
	kist update --resources - "$id" <<<'{ "unified": { "memory.low": "4096" } }'
	succeeds ''
	systemctl daemon-reload
	is "$(there cpu.max memory.high memory.low)" '20000 100000 41943040 4096 ' 'after an update of another file'
	finish_scope
}

# What an update does not name is the administrator's.
update_alone() {
	launch '.linux.resources = { memory: { limit: 33554432 } }' sleep 60
	systemctl set-property --runtime "$scope" MemoryMax=256M
	kist update --pids-limit 50 "$id"
	succeeds ''
	is "$(there memory.max pids.max)" '268435456 50 ' 'files'
	finish_scope
}

update_whole_or_not() {
	launch '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 44 } }' sleep 60
	kist update --memory 32M --cpuset-cpus 77 "$id"
	is "$code" 1 'exit code'
	has "$err" 'linux.resources.cpu.cpus: write "77" to cpuset.cpus' 'error'
	is "$(there memory.max) $(shows MemoryMax) $(shows AllowedCPUs)" '67108864  67108864 ' 'nothing has changed'
	kist update --pids-limit 45 "$id"
	succeeds ''
	is "$(there memory.max pids.max)" '67108864 45 ' 'the next one'
	finish_scope
}

# The first has died, systemd forgot its scope, and another has the name.
name_again() {
	local scope=box-$tag.scope there=/sys/fs/cgroup/machine.slice/box-$tag.scope
	launch '.linux.cgroupsPath = "machine.slice:box:'"$tag"'"' sleep 60
	kill -KILL "$(pid_of)"
	yes 'the scope is gone' until_true gone
	kist --systemd-cgroup run --detach --bundle "$b" "$id-b"
	succeeds
	end
	is "$(status_of "$id-b") $(shows ActiveState)" 'running active' 'the other'
	end "$id-b"
	yes 'the scope is gone' until_true gone
}

# The helper would count among the processes, be frozen with them, and stand in the way of the end.
nobody_else() {
	config . sleep 60
	"$KIST" --root "$state" --systemd-cgroup run --bundle "$b" "$id" </dev/null >"$work/voice" 2>&1 &
	local run=$!
	yes 'it runs' until_true running
	yes 'the helper is gone' until_true helpers_gone
	is "$(there cgroup.procs)" "$(pid_of) " 'who is in it'
	kist pause "$id"
	kist kill "$id" KILL
	wait $run
	is $? 137 'run ends'
	kist delete --force "$id"
	yes 'the scope is gone' until_true gone
}
running() { [ "$(status_of)" = running ]; }

zero_is_not_set() {
	launch '.linux.resources += { memory: { limit: 0, reservation: -1 }, cpu: { shares: 0, quota: 0, period: 0 } }' sleep 60
	is "$(there memory.max memory.low cpu.weight cpu.max)" 'max 0 100 max 100000 ' 'files'
	systemctl daemon-reload
	is "$(there memory.max memory.low cpu.weight cpu.max)" 'max 0 100 max 100000 ' 'after daemon-reload'
	finish_scope
}

opens() { # DEVICE RESULT WHEN: from inside
	inside cat "$1"
	is "$code ${out%: *} ${out##*: }" "$2" "$1, $3"
}

devices_stay() {
	local when
	launch '.root.readonly = false | .linux.resources.devices = [{ allow: false, access: "rwm" }]
		| .process.capabilities |= with_entries(.value += ["CAP_MKNOD"])
		| .mounts |= map(if .destination == "/dev" then .options -= ["nodev"] else . end)
		| .linux.devices = [{ path: "/dev/disk", type: "b", major: 254, minor: 0, fileMode: 438 }]' sleep 60
	for when in 'at first' 'after daemon-reload'; do
		opens /dev/disk '1 open /dev/disk EPERM' "$when"
		inside cat /dev/null
		succeeds ''
		[ "$when" != 'at first' ] || systemctl daemon-reload
	done
	kist update --memory 64M "$id"
	opens /dev/disk '1 open /dev/disk EPERM' 'after update'
	finish_scope
}

annotations() {
	launch '.annotations += { "org.systemd.property.TimeoutStopUSec": "uint64 5000000",
		"org.systemd.property.KillSignal": "10", "org.systemd.property.After": "['"'dbus.service', 'one.service'"']" }' sleep 60
	is "$(shows TimeoutStopUSec) $(shows KillSignal)" '5s 10' 'TimeoutStopUSec and KillSignal'
	like "$(shows After)" '(dbus.service.*one.service|one.service.*dbus.service)' 'After'
	finish_scope
	config '.annotations += { "org.systemd.property.ExecStopPost": "'"'/bin/true'"'" }' true
	kist --systemd-cgroup run --bundle "$b" "$id"
	says 'annotation org.systemd.property.ExecStopPost: the unit property "ExecStopPost" is not one that a container may set'
	config '.annotations += { "org.systemd.property.TimeoutStopUSec": "soon" }' true
	kist --systemd-cgroup run --bundle "$b" "$id"
	says '"soon" is not a value of type t'
}

sentences() {
	local path
	for path in /kist/x nope a:b:c:d; do
		config '.linux.cgroupsPath = "'"$path"'"' true
		kist --systemd-cgroup run --bundle "$b" "$id"
		says "linux.cgroupsPath \"$path\" must have the form slice:prefix:name"
	done
	config '.linux.cgroupsPath = "nope:kist:x"' true
	kist --systemd-cgroup run --bundle "$b" "$id"
	says '"nope" is not the name of a unit that ends in .slice'
	config '.linux.cgroupsPath = "machine.slice:kist:x"' true
	kist run --bundle "$b" "$id"
	says 'has the form slice:prefix:name of the systemd cgroup manager, but the cgroupfs manager is in use'
	config . true
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere kist --systemd-cgroup run --bundle "$b" "$id"
	says 'systemd with its system bus does not run here; use --cgroup-manager cgroupfs'
}

failed_start() {
	config '.process.args = ["/nowhere"]' true
	kist --systemd-cgroup run --bundle "$b" "$id"
	says 'exec "/nowhere": No such file or directory'
	yes 'the scope is gone' until_true gone
}

# The moment is anywhere in the start; then delete --force finds whatever there is.
killed_at_start() {
	local pid after
	config . sleep 60
	for after in 0.05 0.1 0.15 0.2 0.25 0.3 0.4; do
		"$KIST" --root "$state" --systemd-cgroup create --bundle "$b" "$id" >/dev/null 2>&1 &
		pid=$!
		sleep "$after"
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		yes "no helper is left ($after s)" until_true helpers_gone
		end
		yes "no scope is left ($after s)" until_true gone
	done
}

helpers_gone() { ! pgrep -x kist-systemd >/dev/null; }

oom() {
	config '.linux.resources += { memory: { limit: 33554432, swap: 33554432 } }' eat 256
	kist --systemd-cgroup run --bundle "$b" "$id"
	is "$code" 137 'exit code'
	has "$err" "container $id ran out of memory" 'the message'
	yes 'the scope is gone' until_true gone
}

# --- the user's manager

user_config() { # JQ-FILTER PAYLOAD-ARGUMENT...
	local filter=$1
	shift
	config '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }, { containerID: 1, hostID: '"$subids"', size: 65536 }]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.resources) | '"$filter" "$@"
	chown -R kist: "$b"
}

user_scope() {
	user_config '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 33 } }' sleep 60
	kist --systemd-cgroup run --detach --bundle "$b" "$id"
	succeeds
	is "$(shows MemoryMax) $(shows TasksMax) $(shows ControlGroup)" "67108864 33 ${there#/sys/fs/cgroup}" 'properties'
	is "$(there memory.max pids.max)" '67108864 33 ' 'files'
	kist state "$id"
	is "$(cat "/proc/$(jq .pid <<<"$out")/cgroup")" "0::${there#/sys/fs/cgroup}" 'the init is in it'
	inside cat /proc/self/cgroup
	succeeds 0::/
	kist update --memory 32M "$id"
	succeeds ''
	is "$(shows MemoryMax) $(there memory.max)" '33554432 33554432 ' 'after update'
	systemctl --user -M kist@.host daemon-reload
	is "$(there memory.max pids.max)" '33554432 33 ' 'after daemon-reload'
	finish_scope
}

user_without_bus() {
	user_config . true
	kist --systemd-cgroup run --bundle "$b" "$id"
	is "$code" 1 'exit code'
	has "$err" 'XDG_RUNTIME_DIR and a login session (or lingering) are needed; or use --cgroup-manager cgroupfs' 'error'
}

check 'run: a scope that goes with the container' whole_run
check 'create, start, exec, pause, delete: the manager is remembered' whole_life
check 'the scope is named by linux.cgroupsPath' named
check 'limits are in the unit and in the kernel, and updated in both' limits_twice
check 'what is no property survives daemon-reload and update' beside_systemd
check 'weights, idle and the files of unified survive daemon-reload and updates' weights_stay
check 'an update leaves what it does not name' update_alone
check 'an update that fails changes nothing' update_whole_or_not
check 'delete leaves the scope that another has by now' name_again
check 'only the container is in the scope' nobody_else
check 'zero is no limit' zero_is_not_set
check 'devices stay denied after daemon-reload' devices_stay
check 'annotations: properties of the closed list only' annotations
check 'errors say what to do' sentences
check 'a container that cannot start leaves no scope' failed_start
check 'kist killed while it creates: the helper and the scope go' killed_at_start
check 'a memory hog is killed at its limit' oom

subids=$(awk -F: '$1 == "kist" { print $2 }' /etc/subuid)
state=$work/user
mkdir "$state"
chown kist: "$state"
manager=(systemctl --user -M kist@.host)
there=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/user.slice/$scope
as_user
check 'user: a scope of the user manager, with limits' user_scope
as=(su -s /bin/bash -c 'XDG_RUNTIME_DIR=/run/user/1000 exec "$0" "$@"' -- kist)
check 'user: the same from a login session' user_scope
as=(setpriv --reuid kist --regid kist --init-groups env -u XDG_RUNTIME_DIR)
check 'user: without a bus kist says what is missing' user_without_bus
finish
