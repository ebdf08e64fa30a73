#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a security review found, one case for each: the attack or the accident as it was, and what must happen now.
. "$(dirname "$0")/lib.sh"
at=$BUILDDIR/tests/fault/at
foreign=it-foreign-$tag # a cgroup that is not kist's
same_root='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'

needs_cgroups() { [ -n "$cgroups" ] || ! skip 'no cgroup v2 here'; }
group() { echo "$cgroups$(sed -n 's/^0:://p' "/proc/$(pid_of "$@")/cgroup")"; }
capable() { # NAME...: a filter
	local set
	set=$(printf '"CAP_%s", ' "$@")
	echo ".process.capabilities = {bounding: [${set%, }], permitted: [${set%, }], effective: [${set%, }]}"
}

bystander() { # [CGROUP]: a process of somebody else
	sleep 60 &
	bystander=$!
	[ -z "${1-}" ] || { mkdir -p "$1" && echo $bystander >"$1/cgroup.procs"; }
}

lives() { yes 'the foreign process lives' kill -0 "$bystander"; }

bystander_ends() { # [CGROUP...]
	kill "$bystander" && wait "$bystander" 2>/dev/null
	[ $# = 0 ] || until_true rmdir "$@"
}

# --- whose a cgroup is

inner_cgroup() {
	needs_cgroups || return
	bystander "$cgroups/$foreign/child"
	config ".linux.cgroupsPath = \"/$foreign\"" true
	kist run --bundle "$b" "$id"
	says 'has processes already'
	kist delete --force "$id"
	succeeds '' && lives
	bystander_ends "$cgroups/$foreign/child"
	kist run --bundle "$b" "$id"
	succeeds '' # control: nobody's
	rmdir "$cgroups/$foreign" 2>/dev/null
}

killed_before_taking() { # after the record was written, before the cgroup was looked at
	local n calls seen=0
	needs_cgroups || return
	bystander "$cgroups/$foreign"
	config ".linux.cgroupsPath = \"/$foreign\"" true
	"$at" list "$work/calls" "$KIST" --root "$state" create --bundle "$b" "$id" >"$work/io/at" 2>&1
	calls=$(awk '$1 == 0 { n = $2 } END { print n }' "$work/calls")
	for ((n = calls / 2; n <= calls; n++)); do
		"$at" kill 0 $n "$KIST" --root "$state" create --bundle "$b" "$id" >"$work/io/at" 2>&1
		[ "$(jq -r .cgroup "$state/$id/record.json" 2>/dev/null)" != "/$foreign" ] || seen=$((seen + 1))
		kist delete --force "$id"
		succeeds '' && lives || break
	done
	yes 'control: some records name the cgroup' test $seen -gt 2
	bystander_ends "$cgroups/$foreign"
}

cgroup_taken_by_another() {
	needs_cgroups || return
	config ".linux.cgroupsPath = \"/$foreign\"" true
	kist run -d --bundle "$b" "$id.old"
	yes 'stopped' until_true is_old_stopped
	rmdir "$cgroups/$foreign"
	begin ".linux.cgroupsPath = \"/$foreign\"" wait
	is "$(group)" "$cgroups/$foreign" 'the new one is where the old one was'
	kist delete "$id.old"
	succeeds '' && is "$(status_of)" running 'the new one'
	end
	no 'control: its own deletion removes it' test -e "$cgroups/$foreign"
}
is_old_stopped() { [ "$(status_of "$id.old")" = stopped ]; }

many_nested_cgroups() {
	local path i pid
	needs_cgroups || return
	begin . wait
	pid=$(pid_of) path=$(group)
	for ((i = 0; i < 120; i++)); do path+=/n; done
	mkdir -p "$path" && echo "$pid" >"$path/cgroup.procs"
	is "$(group)" "$path" 'the init is 120 levels below'
	kist ps "$id"
	is "$code" 0 'ps' && has "$out" "$pid" 'ps finds it'
	end
	no 'it lives' test -e "/proc/$pid"
}

no_record() { # FILTER: the mark on the cgroup tells
	local pid path
	needs_cgroups || return
	begin "$1" children 2
	pid=$(pid_of) path=$(group)
	yes 'its children' until_true test "$(wc -l <"$path/cgroup.procs")" = 3
	echo '{"id": 7' >"$state/$id/record.json"
	kist delete "$id"
	says record.json
	kist delete --force "$id"
	is "$code" 0 'delete --force'
	no 'the init lives' test -e "/proc/$pid"
	no 'its cgroup is there' test -e "$path"
}

foreign_pid_namespace() { # there cgroup.procs shows 0 for everybody, which kill(2) takes for the caller's own group
	needs_cgroups || return
	begin . wait
	out=$(setsid --wait unshare --pid --fork --mount-proc bash -c '"$@"; echo "survived $?"' - "$KIST" --root "$state" kill --all "$id" TERM 2>&1)
	is "$out" 'survived 0' 'the group of the caller'
	is "$(status_of)" running 'nobody there could be named'
	kist kill --all "$id" TERM
	succeeds '' && becomes stopped # control
	end
}

joined_pids() { # the death of the init ends nobody else
	local path
	needs_cgroups || return
	config . wait
	kist run -d --bundle "$b" "$id.host"
	begin '.linux.namespaces |= (map(select(.type != "pid")) + [{type: "pid", path: "/proc/'"$(pid_of "$id.host")"'/ns/pid"}])' children 3
	path=$(group)
	yes 'its children' until_true test "$(wc -l <"$path/cgroup.procs")" = 4
	kist kill "$id" KILL
	succeeds '' && yes 'all are gone' until_true grep -q 'populated 0' "$path/cgroup.events"
	is "$(status_of "$id.host")" running 'the other container'
	end
	end "$id.host"
}

# --- the state directory

forged_record() {
	local theirs=$work/theirs
	config '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo ran >>'"$work"'/hooked"]}]' true
	kist run -d --bundle "$b" "$id"
	becomes stopped
	mkdir "$theirs" && cp -r "$state/$id" "$theirs/" && chown -R 65534:65534 "$theirs"
	local verb
	for verb in "delete" "delete --force" state; do
		kist --root "$theirs" $verb "$id"
		says 'must be owned by user 0'
	done
	chown -R 0:0 "$theirs" && chmod 777 "$theirs"
	kist --root "$theirs" delete "$id"
	says 'writable by nobody else'
	no 'the forged hook ran' test -e "$work/hooked"
	end
	is "$(<"$work/hooked")" ran 'control: it runs from a directory of ours'
	rm -r "$theirs" "$work/hooked"
}

stopped_init() { # its queue of callers is full after a few
	local i pid
	config . wait
	kist create --bundle "$b" "$id"
	pid=$(pid_of)
	kill -STOP "$pid"
	as=(timeout 10)
	for ((i = 0; i < 20; i++)); do
		kist state "$id"
		is "$code $(jq -r .status <<<"$out")" '0 created' "state, $i" || break
		kist list -q
		is "$code $out" "0 $id" "list, $i" || break
	done
	kist delete --force "$id"
	succeeds ''
	as=(env)
}

poststop_after_failure() {
	local filter='.hooks.createRuntime = [{path: "/bin/true"}] | .hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "cat >>'"$work"'/hooked"]}]'
	config "$filter | .hooks.createContainer = [{path: \"/bin/false\"}]" true
	kist create --bundle "$b" "$id"
	says createContainer
	is "$(jq -r '.id + " " + .status' "$work/hooked")" "$id stopped" 'poststop after a hook that failed'
	rm "$work/hooked"
	config "$filter | .process.args = [\"missing\"]"
	kist run --bundle "$b" "$id"
	says missing && yes 'after a program that is missing' test -s "$work/hooked"
	rm "$work/hooked"
	config "$filter | .root.path = \"missing\"" true
	kist run --bundle "$b" "$id"
	is "$code" 1 'before the first hook' && no 'poststop without any other hook' test -e "$work/hooked"
}

hook_directory() {
	box '.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "pwd >'"$work"'/hooked"]}]' true
	succeeds '' && is "$(<"$work/hooked")" "$b" 'cwd of createContainer'
	rm "$work/hooked"
}

pid_file_after_failure() {
	printf '#!/missing\n' >"$b/rootfs/bin/entry" && chmod 755 "$b/rootfs/bin/entry"
	config '.process.args = ["/bin/entry"]'
	local how
	for how in '' -d; do
		kist run $how --pid-file "$work/pid" --bundle "$b" "$id"
		says 'interpreter' && no "run $how leaves it" test -e "$work/pid"
	done
	begin . wait
	kist exec --pid-file "$work/pid" "$id" /bin/entry
	says 'interpreter' 255 && no 'exec leaves it' test -e "$work/pid"
	kist exec --pid-file "$work/pid" "$id" payload true
	yes 'control' test -s "$work/pid"
	end
	rm "$b/rootfs/bin/entry" "$work/pid"
}

# --- what the caller was started with

ignored_sigchld() {
	as=(timeout --signal KILL 5 env --ignore-signal=CHLD)
	config '.hooks.createRuntime = [{path: "/bin/true"}]' exit 7
	kist run --bundle "$b" "$id"
	is "$code" 7 'code of run'
	as=(env)
}

ignored_signals() {
	as=(env --ignore-signal=HUP,INT,QUIT)
	is "$("${as[@]}" grep SigIgn /proc/self/status)" $'SigIgn:\t0000000000000007' 'control'
	begin . wait
	inside status
	has "$out" $'SigIgn:\t0000000000000000' 'exec'
	end
	box . status
	has "$out" $'SigIgn:\t0000000000000000' 'run'
	as=(env)
}

too_many_descriptors() {
	local verb
	config . wait
	as=(timeout 10)
	for verb in "run --bundle $b $id" "create --bundle $b $id"; do
		kist ${verb%% *} --preserve-fds 4294967293 ${verb#* }
		says '--preserve-fds 4294967293'
	done
	begin . wait
	kist exec --preserve-fds 4294967293 "$id" payload true
	says '--preserve-fds 4294967293' 255
	as=(env)
	end
}

reader_goes_away() { # the container's terminal is still read when nobody wants to have it
	local i words=() line
	line=$(printf 'x%.0s' {1..1000})
	for ((i = 0; i < 150; i++)); do words+=(echo "$line" --); done
	config '.process.terminal = true | .root.readonly = false' seq -- "${words[@]}" touch /done
	out=$(timeout --signal KILL 5 "$KIST" --root "$state" run --bundle "$b" "$id" </dev/null 2>/dev/null | head -n 2 | wc -l; echo "${PIPESTATUS[0]}")
	is "${out%%$'\n'*}" 2 'what was read'
	isnt "${out##*$'\n'}" 137 'run ends'
	yes 'the program came to its end' test -e "$b/rootfs/done"
	rm -f "$b/rootfs/done"
}

no_place_for_root() {
	config "$same_root"' | .linux.uidMappings[0].containerID = 1 | .linux.gidMappings[0].containerID = 1 | .process.user = {uid: 1, gid: 1}' true
	kist run --bundle "$b" "$id"
	says 'linux.uidMappings gives id 0 no place'
}

# --- seccomp

profile() { # NAMES ACTION
	echo '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ['"$1"'], action: "'"$2"'"}]}'
}

notify_of_sendmsg() {
	as=(timeout 10)
	config "$(profile '"read", "sendmsg"' SCMP_ACT_NOTIFY) | .linux.seccomp.listenerPath = \"$work/notify\"" true
	kist create --bundle "$b" "$id"
	says 'linux.seccomp.syscalls[0]: SCMP_ACT_NOTIFY for sendmsg'
	as=(env)
}

early_filter() { # without no_new_privs it is loaded before the last steps
	begin "$(profile '"close_range", "faccessat2", "statx", "newfstatat"' SCMP_ACT_ERRNO) | .process.noNewPrivileges = false" wait
	inside syscall 436 1000 1001 0
	is "$code:$out" 1:EPERM 'control: it works in exec'
	end
}

# --- mounts

no_mounts='.linux.namespaces |= map(select(.type != "mount")) | .mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = [] | .root.readonly = false'

exec_without_own_mounts() {
	fresh_rootfs
	begin "$no_mounts" wait
	inside seq -- ls / -- cwd
	is "$out" $'bin\n/' 'its root'
	kist exec --cwd /bin "$id" payload seq -- ls /bin -- cwd
	is "$out" $'payload\n/bin' 'another directory'
	kist exec "$id" /bin/sh -c true
	says '/bin/sh' 255
	end
}

locked_mounts() {
	local fs=$work/fs
	mkdir "$fs" && mount -t tmpfs locked "$fs" && mkdir "$fs/ro" "$fs/over" && echo secret >"$fs/over/hidden"
	mount -t tmpfs ro "$fs/ro" -o ro && mount -t tmpfs over "$fs/over"
	box "$same_root | $(capable SYS_ADMIN) | .mounts += [{destination: \"/a\", type: \"bind\", source: \"$fs/ro\", options: [\"bind\"]},
		{destination: \"/b\", type: \"bind\", source: \"$fs\", options: [\"rbind\"]}, {destination: \"/c\", type: \"tmpfs\", source: \"c\"}]" \
		seq -- mount none /a none 0x1020 -- write /a/x 1 -- umount /b/over -- ls /b/over -- mount own /c tmpfs -- umount /c
	is "$out" $'EPERM\nwrite /a/x: EROFS\nEINVAL\nok\nok' 'remount, write; umount, what is below; control: a mount of its own'
	umount -R "$fs" && rmdir "$fs"
}

masks_keep_their_mode() { # on a node of our own: never on the machine's
	local dev=$work/dev filter
	mkdir "$dev" && mount -t tmpfs dev "$dev" && mknod -m 666 "$dev/null" c 1 3 && mount --bind "$dev/null" /dev/null
	for filter in . "$same_root"; do
		box "$filter | $(capable FOWNER CHOWN) | .linux.maskedPaths = [\"/proc/keys\"]" \
			seq -- chmod /proc/keys 600 -- chown /proc/keys 1 1 -- stat /proc/keys -- write /proc/keys x
		is "$out" $'chmod /proc/keys: EROFS\nchown /proc/keys: EROFS\nchar 0666 0 0 1:3' "a mask with $filter"
		is "$(stat -c '%a %u' "$dev/null")" '666 0' "the host's /dev/null"
	done
	box "$same_root | $(capable FOWNER)" seq -- chmod /dev/null 600 -- write /dev/null x
	is "$out" 'chmod /dev/null: EROFS' 'a device that is bound from the host'
	is "$(stat -c '%a %u' "$dev/null")" '666 0' "the host's /dev/null"
	box "$(capable FOWNER)" seq -- chmod /dev/null 600 -- stat /dev/null
	is "$out" 'char 0600 0 0 1:3' 'control: a device of its own'
	umount /dev/null && umount "$dev" && rmdir "$dev"
}

masks_never_fail_open() {
	local make
	config '.linux.maskedPaths = ["/proc/keys"]' stat /proc/keys
	for make in : 'touch /dev/null' 'ln -s zero /dev/null' 'mknod /dev/null c 1 5'; do
		as=(unshare --mount bash -c "mount -t tmpfs empty /dev && $make && exec \"\$@\"" -)
		kist run --bundle "$b" "$id"
		says '/dev/null'
	done
	as=(unshare --mount bash -c 'mount -t tmpfs empty /dev && mknod /dev/null c 1 3 && exec "$@"' -)
	kist run --bundle "$b" "$id"
	like "$code $out" '^0 char' 'control: with the device'
	as=(env)
}

many_binds() {
	local n
	mkdir "$work/source" && echo text >"$work/source/file"
	for n in 600 1100; do
		box "$same_root"' | .mounts += [range('$n') | {destination: "/m/\(.)", type: "bind", source: "'"$work"'/source", options: ["bind", "ro"]}]' \
			seq -- cat "/m/$((n - 1))/file" -- cat /m/0/file
		succeeds $'text\ntext'
	done
	rm -r "$work/source"
}

clock_beside_joined_mounts() {
	config . wait
	kist run -d --bundle "$b" "$id.host"
	local pid
	pid=$(pid_of "$id.host")
	box '.linux.namespaces |= (map(select(.type | IN("mount", "pid") | not)) + [{type: "time"}, {type: "mount", path: "/proc/'"$pid"'/ns/mnt"},
		{type: "pid", path: "/proc/'"$pid"'/ns/pid"}]) | .linux.timeOffsets = {boottime: {secs: 5000000}}
		| .mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = [] | .root = {path: "/"}' seq -- clock -- ns
	is "$code" 0 "$err" && has "$out" "$(readlink "/proc/$pid/ns/mnt")" 'mount namespace'
	like "$out" 'boottime=50[0-9]{5}' 'its own clock'
	end "$id.host"
}

# --- exec

exec_is_hidden() {
	local i
	install_dynamic "$helpers/spy" spy
	begin "$(capable SYS_PTRACE SYS_ADMIN) | .process.args = [\"spy\"]"
	as=(bash -c 'exec 7<"$0" 9<"$0"; exec "$@"' "$work/io") # what a caller left open is not for the container either
	for ((i = 0; i < 200; i++)); do inside true; done
	is "$code" 0 'exec'
	as=(env)
	kist exec "$id" payload sleep 0.3 <"$b" # control: what is passed on purpose is seen
	kill -TERM "$(pid_of)" && becomes stopped
	like "$(tail -n 1 "$voice")" '^saw [0-9]{2,} processes$' 'the spy had something to see'
	is "$(grep -v '^saw' "$voice" | sort | uniq -c | sed 's/^ *[0-9]* //')" "fd 0 $b" 'what it saw'
	end
	fresh_rootfs
}

affinity() {
	local cpus last
	cpus=$(taskset -pc $$ | sed 's/.*[ ,-]//') # the last one that we may use
	begin ".process.execCPUAffinity = {initial: \"0-$cpus\", final: \"$cpus\"}" seq -- affinity -- wait
	yes 'the init has all' until_true grep -q '^0 ' "$voice"
	inside affinity
	is "${out% }" "$cpus" 'the final set'
	jq '.process | .args = ["payload", "affinity"] | .execCPUAffinity = {initial: " '"$cpus"' "}' "$b/config.json" >"$work/process.json"
	kist exec --process "$work/process.json" "$id"
	is "${out% }" "$cpus" 'the initial set, without a final one'
	jq '.execCPUAffinity = {final: "5-3"}' "$work/process.json" >"$work/bad.json"
	kist exec --process "$work/bad.json" "$id"
	says 'not a list of CPUs' 255
	jq '.execCPUAffinity = {final: "1023"}' "$work/process.json" >"$work/bad.json"
	kist exec --process "$work/bad.json" "$id"
	says 'set process.execCPUAffinity to "1023"' 255
	end
	rm "$work/process.json" "$work/bad.json"
}

check 'a cgroup with others below it' inner_cgroup
check 'killed before it takes a cgroup' killed_before_taking
check 'a cgroup that another container has now' cgroup_taken_by_another
check '120 cgroups in each other' many_nested_cgroups
check 'a damaged record' no_record .
check 'a damaged record and a chosen cgroup' no_record ".linux.cgroupsPath = \"/it-parent-$tag/deep/$tag\""
check 'kill --all from another pid namespace' foreign_pid_namespace
check 'kill in a joined pid namespace' joined_pids
check 'a state directory of somebody else' forged_record
check 'an init that is stopped' stopped_init
check 'poststop hooks after a failure' poststop_after_failure
check 'directory of createContainer hooks' hook_directory
check 'pid file after a failure' pid_file_after_failure
check 'SIGCHLD ignored' ignored_sigchld
check 'other signals ignored' ignored_signals
check 'preserved descriptors beyond all numbers' too_many_descriptors
check 'a terminal that nobody reads' reader_goes_away
check 'maps without root' no_place_for_root
check 'seccomp: notify of sendmsg' notify_of_sendmsg
check 'seccomp: a profile that is loaded early' early_filter
check 'exec without own mounts' exec_without_own_mounts
check 'mounts of the host are locked' locked_mounts
check 'the mode of what masks' masks_keep_their_mode
check 'masks without /dev/null' masks_never_fail_open
check '600 and 1100 mounts' many_binds
check 'a clock beside joined mounts' clock_beside_joined_mounts
check 'exec under the eyes of a tracer' exec_is_hidden
check 'CPUs of exec' affinity
finish
