#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input: each gets exactly one sentence that says what and where, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

both() { # TEXT: what create and run say of the bundle as it is
	kist create --bundle "$b" "$id"
	says "$1"
	kist run --bundle "$b" "$id"
	says "$1"
	no 'a state directory' test -e "$state/$id"
}

refused() { # JQ-FILTER TEXT
	config "$1" true
	both "$2"
}

text() { # TEXT-OF-CONFIG TEXT
	printf '%s' "$1" >"$b/config.json"
	both "$2"
}

invalid_json() {
	text '' config.json
	text '{' config.json
	text '[]' 'config.json'
	text '{"ociVersion": "1.0.0",}' config.json
	text $'{"ociVersion": "1.0.0"\n"root": {}}' 'line 2'
	text '{"ociVersion": "1.0.0", "ociVersion": "1.0.0"}' ociVersion
	text $'{"a": "\xff"}' config.json
	text "$(printf '[%.0s' {1..100000})" config.json
	text '{"ociVersion": "1.0.0"} x' config.json
	head -c 3000 /dev/urandom >"$b/config.json" && both config.json
	truncate -s 0 "$b/config.json"
}

wrong_types() {
	refused '.process.args = "payload"' process.args
	refused '.process.args = []' process.args
	refused '.process.args = [1]' 'process.args[0]'
	refused 'del(.process)' process
	refused '.process = []' 'process'
	refused '.process.user.uid = -1' process.user.uid
	refused '.process.user.uid = 4294967296' process.user.uid
	refused '.process.user.uid = "0"' process.user.uid
	refused '.process.user.uid = 1.5' process.user.uid
	refused '.process.terminal = "no"' process.terminal
	refused 'del(.root)' root
	refused '.root = null' 'root'
	refused '.root.path = ""' root.path
	refused '.mounts = {}' mounts
	refused '.mounts[0].destination = 7' 'mounts[0].destination'
	refused '.linux.namespaces[0].type = "pids"' 'linux.namespaces[0]'
	refused '.linux.namespaces += [{type: "pid"}]' 'pid'
	refused 'del(.ociVersion)' ociVersion
	refused '.ociVersion = "2.0.0"' 2.0.0
	refused '.process.cwd = "bin"' process.cwd
	refused '.hooks.prestart = [{path: "relative"}]' 'hooks.prestart[0]'
	refused '.process.args[0] = "a\u0000b"' 'NUL inside a string'
}

unknown_words() {
	refused '.process.capabilities.bounding += ["CAP_NONE"]' CAP_NONE
	refused '.process.capabilities.ambient = ["chown"]' chown
	refused '.process.rlimits = [{type: "RLIMIT_X", soft: 1, hard: 1}]' RLIMIT_X
	refused '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}]' 'process.rlimits[0]'
	refused '.process.rlimits += .process.rlimits' RLIMIT_NOFILE
	refused '.process.scheduler = {policy: "SCHED_X"}' SCHED_X
	refused '.linux.rootfsPropagation = "public"' public
	refused '.linux.personality = {domain: "WINDOWS"}' WINDOWS
	refused '.linux.seccomp = {defaultAction: "SCMP_ACT_MAYBE"}' SCMP_ACT_MAYBE
	refused '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["x"], action: "SCMP_ACT_NOTIFY"}]}' listenerPath
	refused '.linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 1}]' 'linux.devices[0]'
	refused '.mounts += [{destination: "/x", type: "none", source: "/", options: ["bind", "nonsense"]}]' nonsense
}

disagreement() { # each part is right, but not beside the other
	refused '.linux.namespaces |= map(select(.type != "uts"))' hostname
	refused '.linux.namespaces |= map(select(.type != "mount"))' mount
	refused '.linux.sysctl = {"kernel.core_pattern": "x"}' kernel.core_pattern
	refused '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.namespaces |= map(select(.type != "network"))' net.ipv4.ip_forward
	refused '.linux.namespaces += [{type: "user"}]' Mappings
	refused '.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]' uidMappings
	refused '.linux.namespaces += [{type: "user"}] | .process.user.uid = 5
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 5}] | .linux.gidMappings = .linux.uidMappings' process.user.uid
	refused '.linux.timeOffsets = {monotonic: {secs: 5}}' timeOffsets
	refused '.linux.namespaces |= map(if .type == "network" then .path = "/none/net" else . end)' /none/net
	refused '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)' /proc/self/ns/uts
	refused '.linux.cgroupsPath = "a/../../b"' cgroupsPath
	refused '.linux.cgroupsPath = "a:b:c"' cgroupsPath
}

missing_things() {
	refused '.root.path = "none"' "$b/none"
	refused '.root.path = "config.json"' "$b/config.json"
	refused '.process.args[0] = "/bin/none"' 'exec "/bin/none": No such file or directory'
	refused '.process.args[0] = "none"' 'executable file not found in $PATH'
	refused '.process.args[0] = "/bin"' 'exec "/bin": '
	refused '.process.env = [] | .process.args[0] = "payload"' PATH
	refused '.process.cwd = "/bin/payload"' 'process.cwd /bin/payload'
	touch "$b/rootfs/plain"
	refused '.process.args[0] = "/plain"' 'exec "/plain": Permission denied'
	rm "$b/rootfs/plain"
	refused '.mounts += [{destination: "/x", type: "bind", source: "/none/source", options: ["bind"]}]' /none/source
	refused '.mounts += [{destination: "/x", type: "nonefs", source: "x"}]' nonefs
	refused '.mounts += [{destination: "/x", source: "x"}]' 'mounts[7]'
	rmdir "$b/rootfs/x"
}

mounts_on_the_wrong_kind() {
	mkdir "$b/rootfs/dir" && touch "$b/rootfs/file"
	refused '.mounts += [{destination: "/file", type: "bind", source: "/etc", options: ["bind"]}]' 'a directory cannot be mounted on a file'
	refused '.mounts += [{destination: "/dir", type: "bind", source: "/etc/passwd", options: ["bind"]}]' 'a file cannot be mounted on a directory'
	refused '.mounts += [{destination: "/file", type: "tmpfs", source: "t"}]' /file
	refused '.mounts += [{destination: "/file/sub", type: "tmpfs", source: "t"}]' /file/sub
	refused '.mounts += [{destination: "/", type: "tmpfs", source: "t"}]' 'mounts[7]'
	refused '.mounts += [{destination: "/dir", type: "tmpfs", source: "t", options: ["size=lots"]}]' size=lots
	refused '.mounts += [{destination: "/dir", type: "tmpfs", source: "t", options: ["nonsense"]}]' nonsense
	refused '.mounts += [{destination: "/dir", type: "bind", source: "/etc", options: ["bind", "ro"]},
		{destination: "/dir/new", type: "tmpfs", source: "t"}]' read-only
	rm -r "$b/rootfs/dir" "$b/rootfs/file"
}

links_in_the_image() {
	local dir kind
	for dir in proc sys dev; do
		for kind in /tmp ../.. "$work" file; do
			fresh_rootfs
			if [ $kind = file ]; then touch "$b/rootfs/$dir"; else ln -s "$kind" "$b/rootfs/$dir"; fi
			refused . /$dir
		done
	done
	ln -s "$work" "$b/rootfs/dev2" && rm "$b/rootfs/dev" && mv "$b/rootfs/dev2" "$b/rootfs/dev"
	refused '.mounts |= map(select(.destination | startswith("/dev") | not))' '/dev of the image'
	fresh_rootfs
}

ids() {
	local bad_id
	config . true
	for bad_id in a/b ../a .. . '' .a - 'a b' $'a\nb' ü "$(printf 'x%.0s' {1..1025})"; do
		kist create --bundle "$b" "$bad_id"
		says 'invalid container id'
	done
	is "$(ls -A "$state" 2>/dev/null)" '' 'state directories'
	kist run --bundle "$b" "a.b_c-d+e"
	succeeds ''
}

bundles() {
	config . true
	kist run --bundle "$work/none" "$id"
	says "$work/none"
	kist run --bundle "$b/config.json" "$id"
	says config.json
	kist run --bundle "$b" --config "$work/none.json" "$id"
	says "$work/none.json"
	mkdir "$work/empty" && kist run --bundle "$work/empty" "$id"
	says "$work/empty/config.json"
	mkdir "$work/empty/config.json" && kist run --bundle "$work/empty" "$id"
	says 'not a regular file'
	rmdir "$work/empty/config.json" && mkfifo "$work/empty/config.json"
	local before=$SECONDS
	kist run --bundle "$work/empty" "$id"
	says config.json && yes 'at once' test $((SECONDS - before)) -lt 2
	rm "$work/empty/config.json" && ln -s "$b/config.json" "$work/empty/config.json"
	kist run --bundle "$work/empty" "$id"
	says config.json
	rm "$work/empty/config.json" && cp /dev/null "$work/empty/config.json" && truncate -s 20M "$work/empty/config.json"
	kist run --bundle "$work/empty" "$id"
	says '16 MiB'
	jq -c '.annotations.x = ("y" * 20971520)' "$b/config.json" >"$work/empty/config.json"
	kist run --bundle "$work/empty" "$id"
	says '16 MiB'
	rm -r "$work/empty"
}

bundle_that_disappears() { # config and root are held from create on
	mkdir "$work/gone" && cp -r "$b/rootfs" "$work/gone/" && config . echo here && cp "$b/config.json" "$work/gone/"
	kist create --bundle "$work/gone" "$id" && voice=$said
	mv "$work/gone" "$work/moved"
	kist start "$id"
	succeeds ''
	becomes stopped
	is "$(<"$voice")" here 'it ran'
	end
	kist create --bundle "$work/gone" "$id"
	says "$work/gone"
	kist create --bundle "$work/moved" "$id"
	rm -r "$work/moved"
	kist start "$id"
	says 'exec "/bin/payload": No such file or directory'
	kist state "$id"
	is "$code" 0 'state'
	end
	mkdir "$work/here" && cd "$work/here" && rmdir "$work/here" && kist create --config config.json "$id"
	says 'current directory' || true
	cd "$work" || return
}

unreadable_bundle() { # for a user
	mkdir -p "$work/shut" && cp "$b/config.json" "$work/shut/" && chmod 700 "$work/shut"
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/)
	mkdir -p "$work/nobody" && chown 65534 "$work/nobody"
	kist --root "$work/nobody" run --bundle "$work/shut" "$id"
	says 'Permission denied'
	as=(env)
	rm -r "$work/shut" "$work/nobody"
}

users_without_a_user_namespace() {
	config . true
	mkdir -p "$work/nobody" && chown 65534 "$work/nobody"
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/)
	kist --root "$work/nobody" run --bundle "$b" "$id"
	says 'without a user namespace'
	as=(env)
	rm -r "$work/nobody"
}

limits_without_a_controller() {
	local row words
	[ -n "$cgroups" ] || { skip 'no cgroup v2 here'; return; }
	words=$(<"$cgroups/cgroup.controllers")
	for row in memory:'{memory: {limit: 67108864}}' pids:'{pids: {limit: 5}}' cpu:'{cpu: {shares: 100}}' \
		cpuset:'{cpu: {cpus: "0"}}' io:'{blockIO: {weight: 100}}' rdma:'{rdma: {x: {hcaHandles: 1}}}' \
		memory:'{unified: {"memory.high": "1"}}'; do
		[[ " $words " != *" ${row%%:*} "* ]] || { skip "this host has ${row%%:*}"; continue; }
		refused ".linux.resources = ${row#*:}" "\"${row%%:*}\" controller"
	done
	config '.linux.resources = {memory: {limit: 67108864}}' true
	kist --cgroup-manager disabled run --bundle "$b" "$id"
	says '--cgroup-manager disabled'
	refused '.linux.resources = {unified: {"../x": "1"}}' ../x
	refused '.linux.resources = {unified: {"none.max": "1"}}' none
}

terminals() {
	config '.process.terminal = true' true
	kist create --bundle "$b" "$id"
	says --console-socket
	kist run -d --bundle "$b" "$id"
	says --console-socket
	kist create --bundle "$b" --console-socket "$work/none" "$id"
	says "--console-socket $work/none"
	kist run --bundle "$b" --console-socket "$work/none" "$id"
	says --console-socket
	config . true
	kist create --bundle "$b" --console-socket "$work/none" "$id"
	says --console-socket
	kist create --bundle "$b" --pidfd-socket "$work/none" "$id"
	says "--pidfd-socket $work/none"
	config '.process.terminal = true | .mounts |= map(select(.type != "devpts"))' true
	kist run --bundle "$b" "$id"
	says devpts
}

state_directories() {
	config . true
	touch "$work/plain"
	kist --root "$work/plain" run --bundle "$b" "$id"
	says "$work/plain"
	kist --root "$work/plain/x" run --bundle "$b" "$id"
	says "$work/plain"
	ln -s / "$work/link"
	mkdir -p "$state" && ln -s "$work" "$state/$id"
	kist run --bundle "$b" "$id"
	says 'already exists'
	kist delete --force "$id"
	is "$code" 1 'a link is no state'
	yes 'and what it points at stays' test -d "$work/io"
	rm "$state/$id" "$work/link" "$work/plain"
}

check 'invalid JSON' invalid_json
check 'wrong types and values' wrong_types
check 'unknown words' unknown_words
check 'parts that disagree' disagreement
check 'missing root, program, directory, source' missing_things
check 'mounts on the wrong kind' mounts_on_the_wrong_kind
check 'links in place of /proc, /sys, /dev' links_in_the_image
check 'ids' ids
check 'bundles' bundles
check 'a bundle that disappears' bundle_that_disappears
check 'a bundle that cannot be read' unreadable_bundle
check 'a user without a user namespace' users_without_a_user_namespace
check 'limits without their controller' limits_without_a_controller
check 'terminals that nobody holds' terminals
check 'state directories that are none' state_directories
finish
