#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# User namespaces, and namespaces that are joined: as root, as a user, and as root of a namespace.
. "$(dirname "$0")/lib.sh"

maps() { # FIRST-HOST-ID SIZE: a filter
	echo '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: '"$1"', size: '"$2"'}]
		| .linux.gidMappings = .linux.uidMappings'
}
mapped=$(maps 100000 65536)

own() { chown -R "$1:$1" "$b/rootfs"; }

# --- root of the host

shifted() {
	own 100000
	box "$mapped | .root.readonly = false" seq -- id -- cat /proc/self/uid_map -- write /file x -- stat /file \
		-- stat /dev/null -- write /dev/null x -- hostname -- lo -- status
	has "$out" 'uid=0 euid=0 gid=0 egid=0' 'root inside' && has "$out" '0     100000      65536' 'map'
	has "$out" 'file 0644 0 0' 'its file' && has "$out" 'char 0666 65534 65534 1:3' 'device of the host'
	has "$out" $'kist\nup' 'host name and loopback' && has "$out" $'CapEff:\t0000000020000420' 'capabilities'
	is "$(stat -c %u:%g "$b/rootfs/file")" 100000:100000 'owner outside'
	box "$mapped | .process.user = {uid: 1000, gid: 1000, additionalGids: [7]}" id
	has "$out" 'uid=1000 euid=1000 gid=1000 egid=1000 groups=7' 'a user'
	begin "$mapped" wait
	is "$(stat -c %u:%g "/proc/$(pid_of)")" 100000:100000 'the process outside'
	inside id
	has "$out" 'uid=0 euid=0 gid=0' 'exec'
	kist exec -u 5:6 "$id" payload id
	has "$out" 'uid=5 euid=5 gid=6' 'exec -u'
	kist exec -u 70000 "$id" payload id
	says 'no place in the user namespace' 255
	end
	fresh_rootfs
}

private_bundle() { # nobody but root may enter the directory, and mapped root is somebody else
	mkdir -m 700 "$work/private" && mkdir "$work/private/b" && cp -r "$b/rootfs" "$work/private/b/"
	chown -R 100000:100000 "$work/private/b/rootfs" && mkdir -m 700 "$work/private/src" && echo text >"$work/private/src/file"
	chmod 755 "$work/private/src"
	config "$mapped"' | .mounts += [{destination: "/src", type: "bind", source: "'"$work"'/private/src", options: ["bind", "ro"]}]' \
		seq -- cat /src/file -- write /src/x 1
	cp "$b/config.json" "$work/private/b/"
	kist run --bundle "$work/private/b" "$id"
	is "$out" $'text\nwrite /src/x: EROFS' 'answers'
	rm -r "$work/private"
}

shifted_terminal() {
	own 100000
	config "$mapped | .process.terminal = true" seq -- isatty -- stat /dev/console -- id
	out=$("$helpers/pty" 9 9 '' "$KIST" --root "$state" run --bundle "$b" "$id" 2>/dev/null)
	has "$out" '0=yes 1=yes 2=yes ctty=yes' 'terminal' && like "$out" 'char 06[02]0 0 [05] ' 'its owner'
	fresh_rootfs
}

shifted_hooks_and_limits() {
	own 100000
	mkdir "$work/out" && chown 100000 "$work/out"
	box "$mapped"' | .hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "cat /proc/self/uid_map >'"$work"'/out/hook"]}]
		| .linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1"} | .process.oomScoreAdj = 300
		| .mounts += [{destination: "/t", type: "tmpfs", source: "t", options: ["size=1m", "mode=750"]}]' \
		seq -- cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced -- oom -- stat /t
	is "$out" $'1\n1\n300\ndir 0750 0 0 0:0' 'answers'
	has "$(<"$work/out/hook")" '0     100000      65536' 'the hook runs in the namespace'
	rm -r "$work/out"
	fresh_rootfs
}

idmapped() {
	local fs=$work/fs row
	mkdir "$fs" && mount -t tmpfs idmapped "$fs" && mkdir "$fs/d" && echo text >"$fs/d/f" && chown 5:6 "$fs/d/f"
	own 100000
	for row in '["bind", "idmap"]' '["rbind", "ridmap"]'; do
		box "$mapped"' | .mounts += [{destination: "/d", type: "bind", source: "'"$fs"'/d", options: '"$row"'}]' \
			seq -- stat /d -- stat /d/f -- write /d/new x
		[[ $err != *'cannot be idmapped'* ]] || { skip 'this kernel does not map ids of a tmpfs'; umount "$fs" && rmdir "$fs"; return; }
		is "$code:$out" $'0:dir 0755 0 0 0:0\nfile 0644 5 6 0:0' "$row"
		is "$(stat -c %u:%g "$fs/d/new")" 0:0 'owner outside'
		rm -f "$fs/d/new"
	done
	box '.mounts += [{destination: "/d", type: "bind", source: "'"$fs"'/d", options: ["bind"],
		uidMappings: [{containerID: 5, hostID: 1005, size: 1}], gidMappings: [{containerID: 6, hostID: 1006, size: 1}]}]' stat /d/f
	is "$code:$out" '0:file 0644 1005 1006 0:0' 'a map of its own, without a user namespace'
	umount "$fs" && rmdir "$fs"
	fresh_rootfs
}

# --- joining

hosts() { # runs the container to join as $id.host: its pid is in $host_pid
	config "$1" wait
	kist run -d --bundle "$b" "$id.host"
	succeeds ''
	host_pid=$(pid_of "$id.host")
}

join_by_path() { # KIND FILE: a filter
	echo '.linux.namespaces |= (map(select(.type != "'"$1"'")) + [{type: "'"$1"'", path: "/proc/'"$host_pid"'/ns/'"$2"'"}])'
}

joins_each() {
	local row kind file filter
	hosts '.linux.namespaces += [{type: "time"}]'
	for row in network:net ipc:ipc uts:uts cgroup:cgroup pid:pid time:time; do
		kind=${row%:*} file=${row#*:}
		filter=$(join_by_path $kind $file)
		[ $kind != uts ] || filter+=' | del(.hostname)'
		box "$filter" ns
		is "$code" 0 "$kind: $err"
		has "$out" "$(readlink "/proc/$host_pid/ns/$file")" "$kind"
		is "$(sort <<<"$out" | comm -12 - <(for f in net ipc uts cgroup pid mnt; do readlink "/proc/$host_pid/ns/$f"; done | sort) | wc -l)" \
			"$([ $kind = time ] && echo 0 || echo 1)" "only $kind"
		begin "$filter" wait
		inside ns
		has "$out" "$(readlink "/proc/$host_pid/ns/$file")" "exec, $kind"
		end
	done
	end "$id.host"
}

joins_mounts() {
	hosts .
	config "$(join_by_path mount mnt) | $(join_by_path pid pid)"' | .mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = [] | .root = {path: "/"}' ns
	kist run --bundle "$b" "$id"
	is "$code" 0 "$err"
	has "$out" "$(readlink "/proc/$host_pid/ns/mnt")" 'mount namespace'
	end "$id.host"
}

joins_pid() {
	hosts .
	begin "$(join_by_path pid pid)" wait
	inside pid
	lacks "$out" 'pid=1 ' 'not the first'
	kist state "$id"
	is "$(jq -r .status <<<"$out")" running 'state'
	kist exec "$id.host" payload ls /proc
	is "$(grep -c '^[0-9]*$' <<<"$out")" 3 'processes that the host container sees'
	kist kill "$id" KILL && succeeds '' && becomes stopped
	end
	end "$id.host"
}

joins_user() {
	own 100000
	hosts "$mapped"
	local filter='del(.linux.uidMappings, .linux.gidMappings)'
	begin "$(join_by_path user user) | $filter" wait
	inside seq -- id -- cat /proc/self/uid_map -- ns
	has "$out" 'uid=0 euid=0' 'root inside' && has "$out" '0     100000      65536' 'map'
	has "$out" "$(readlink "/proc/$host_pid/ns/user")" 'the namespace'
	end
	box "$(join_by_path user user) | $filter | $(join_by_path network net) | $(join_by_path ipc ipc)" ns
	has "$out" "$(readlink "/proc/$host_pid/ns/net")" 'and its network'
	box "$(join_by_path user user) | $filter | $(join_by_path pid pid)" seq -- ns -- pid
	has "$out" "$(readlink "/proc/$host_pid/ns/pid")" 'and its pids'
	end "$id.host"
	fresh_rootfs
}

new_user_beside_joined() { # a network of the host's user namespace, joined with the privilege outside
	local pid
	own 100000
	unshare --net sleep 60 &
	pid=$!
	until_true test "$(readlink /proc/self/ns/net)" != "$(readlink /proc/$pid/ns/net)"
	host_pid=$pid
	box "$mapped | $(join_by_path network net) | .mounts |= map(select(.type != \"sysfs\" and .type != \"cgroup\"))" seq -- ns -- id
	is "$code" 0 "$err" && has "$out" "$(readlink "/proc/$pid/ns/net")" 'network' && has "$out" uid=0 'root inside'
	kill $pid && wait $pid 2>/dev/null
	fresh_rootfs
}

clocks() {
	box '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 1000000}, boottime: {secs: 2000000, nanosecs: 5}}' clock
	local now
	now=$(awk '{ print int($1) }' /proc/uptime)
	like "$out" '^monotonic=[0-9]+ boottime=[0-9]+$' 'clocks'
	yes 'boottime' test "${out##*=}" -ge $((now + 1999990)) -a "${out##*=}" -le $((now + 2000010))
	begin "$mapped"' | .linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 5000000}}' wait
	inside clock
	yes 'exec' test "${out##*=}" -ge $((now + 4999990))
	end
}

# --- a user without privilege

nobody() { # COMMAND...: as the user, whose files are in $work/nobody
	setpriv --reuid 65534 --regid 65534 --clear-groups "${bare[@]}" PATH="$PATH" HOME=/ XDG_RUNTIME_DIR="$work/nobody/run" "$@"
}

users_bundle() { # FILTER ARGUMENT...
	mkdir -p "$work/nobody/b" "$work/nobody/run"
	[ -d "$work/nobody/b/rootfs" ] || cp -r "$b/rootfs" "$work/nobody/b/"
	chown -R 65534:65534 "$work/nobody"
	rm -f "$work/nobody/b/config.json"
	nobody "$KIST" spec --rootless --bundle "$work/nobody/b"
	jq '.process.terminal = false | .process.args = (["payload"] + $ARGS.positional) | '"$1" "$work/nobody/b/config.json" --args "${@:2}" \
		>"$work/nobody.json" && cat "$work/nobody.json" >"$work/nobody/b/config.json"
}

as_nobody() { # KIST-ARGUMENT...
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups "${bare[@]}" "PATH=$PATH" HOME=/ "XDG_RUNTIME_DIR=$work/nobody/run")
	kist --root "$work/nobody/state" "$@"
	as=(env)
}

one_id() {
	users_bundle . seq -- id -- cat /proc/self/uid_map -- stat /dev/null -- write /dev/null x -- hostname -- pid -- cat /proc/self/setgroups
	as_nobody run --bundle "$work/nobody/b" "$id"
	is "$code" 0 "$err"
	has "$out" 'uid=0 euid=0 gid=0 egid=0' 'root inside' && has "$out" '0      65534          1' 'map'
	has "$out" $'kist\npid=1' 'host name, pid' && has "$out" deny 'setgroups'
	users_bundle . wait
	as_nobody run -d --bundle "$work/nobody/b" "$id"
	succeeds ''
	as_nobody exec "$id" payload seq -- id -- pid -- ns
	has "$out" 'uid=0 euid=0' 'exec' && lacks "$out" 'pid=1 ' 'exec is not the first'
	as_nobody exec -t -d "$id" payload true
	says --console-socket
	as_nobody ps -f json "$id"
	is "$code" 0 'ps'
	as_nobody kill "$id" KILL
	succeeds ''
	as_nobody delete --force "$id"
	succeeds ''
	is "$(ls -A "$work/nobody/state")" '' 'state'
	users_bundle '.process.user.additionalGids = [1]' true
	as_nobody run --bundle "$work/nobody/b" "$id"
	says additionalGids
	rm -r "$work/nobody"
}

# CVE-2019-5736, where the program file is the user's own: the attacker gets copies, and reaches kist as an interpreter.
users_program_overwritten() {
	local real=$KIST bin=$work/nobody/bin sum i
	install_dynamic "$helpers/overwrite" overwrite && install_dynamic "$real" unused
	printf '#!/proc/self/exe\n' >"$b/rootfs/bin/entry" && chmod 755 "$b/rootfs/bin/entry"
	mkdir -p "$bin" && cp "$real" "$bin/kist" && cp /bin/sleep "$bin/victim"
	KIST=$bin/kist sum=$(sha256sum <"$bin/kist")
	users_bundle '.process.capabilities[] |= ["CAP_SYS_PTRACE"] | .process.args = ["overwrite", "'"$(stat -c %d:%i "$bin/kist")"'", "'"$(stat -c %d:%i "$bin/victim")"'"]'
	as_nobody run -d --bundle "$work/nobody/b" "$id"
	voice=$said
	yes 'the attacker is there' until_true grep -q ready "$voice"
	for i in {1..30}; do as_nobody exec "$id" /bin/entry; done
	i=$(jq .pid "$work/nobody/state/$id/record.json")
	nobody nsenter --target "$i" --user --pid --preserve-credentials -- "$bin/victim" 0.3
	yes 'control: the unprotected program is overwritten' until_true grep -q "$(stat -c %i "$bin/victim") overwritten" "$voice"
	is "$(sha256sum <"$KIST")" "$sum" 'sha256 of kist'
	KIST=$real
	as_nobody delete --force "$id"
	succeeds ''
	rm -r "$work/nobody"
	fresh_rootfs
}

users_terminal() {
	users_bundle '.process.terminal = true' seq -- isatty -- stat /dev/console
	out=$(nobody "$helpers/pty" 9 9 '' "$KIST" --root "$work/nobody/state" run --bundle "$work/nobody/b" "$id" 2>&1)
	has "$out" '0=yes 1=yes 2=yes ctty=yes' 'terminal'
	rm -r "$work/nobody"
}

range='.linux.uidMappings = [{containerID: 0, hostID: 65534, size: 1}, {containerID: 1, hostID: 300000, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings'

many_ids() { # the two files are only ours: this mount namespace has copies
	command -v newuidmap >/dev/null || { skip 'newuidmap is not installed'; return; }
	local f
	for f in subuid subgid; do
		{ cat "/etc/$f" 2>/dev/null; echo nobody:300000:65536; } >"$work/$f"
		[ -e "/etc/$f" ] || { skip "there is no /etc/$f"; return; }
		mount --bind "$work/$f" "/etc/$f"
	done
	users_bundle "$range | .process.user = {uid: 1000, gid: 1000, additionalGids: [5]}" seq -- id -- cat /proc/self/uid_map
	as_nobody run --bundle "$work/nobody/b" "$id"
	is "$code" 0 "$err" && has "$out" 'uid=1000 euid=1000 gid=1000 egid=1000 groups=5' 'a user of the range'
	users_bundle "$range" wait
	as_nobody run -d --bundle "$work/nobody/b" "$id"
	as_nobody exec -u 7:8 "$id" payload id
	has "$out" 'uid=7 euid=7 gid=8' 'exec'
	as_nobody delete --force "$id"
	succeeds ''
	users_bundle '.linux.uidMappings = [{containerID: 0, hostID: 500000, size: 65536}] | .linux.gidMappings = .linux.uidMappings' true
	as_nobody run --bundle "$work/nobody/b" "$id"
	says newuidmap
	umount /etc/subuid /etc/subgid
	rm -r "$work/nobody" "$work"/sub[ug]id
}

foreign_container() { # a user can do nothing to a container of root's
	begin . wait
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups "${bare[@]}" "PATH=$PATH")
	local verb
	for verb in state "kill" "delete --force" "exec"; do
		kist $verb "$id" $([ "$verb" = exec ] && echo payload true)
		isnt "$code" 0 "$verb"
	done
	as=(env)
	is_status running && good || bad 'still runs'
	end
}

# --- root of a user namespace

root_of_a_namespace() { # what containers and build services give: uid 0, and no power over the host
	mkdir -p "$work/inner"
	cat >"$work/inner/script" <<'END'
set -u
cd "$1" && rm -f config.json && "$KIST" spec --rootless
jq '.process.terminal = false | .process.args = ["payload", "seq", "--", "id", "--", "hostname", "--", "pid"]' config.json >c && cat c >config.json
"$KIST" --root "$2" run -b . one || exit 11
jq '.process.args = ["payload", "wait"]' c >config.json
"$KIST" --root "$2" run -b . -d two </dev/null >/dev/null 2>&1 || exit 12
"$KIST" --root "$2" exec two payload id || exit 13
"$KIST" --root "$2" delete --force two || exit 14
END
	cp -r "$b/rootfs" "$work/inner/"
	out=$(unshare --user --map-root-user --mount bash "$work/inner/script" "$work/inner" "$work/inner/state" 2>&1)
	is $? 0 "with a user namespace in it: $out"
	has "$out" $'uid=0 euid=0 gid=0 egid=0 groups=\nkist\npid=1' 'run'
	out=$(unshare --user --map-root-user --mount bash -c 'cd "$1" && rm config.json && "$KIST" spec &&
		jq ".process.terminal = false | .process.args = [\"payload\", \"seq\", \"--\", \"id\", \"--\", \"stat\", \"/dev/null\", \"--\", \"pid\"]
			| (.mounts[] | select(.destination == \"/dev/pts\") | .options) -= [\"gid=5\"]" config.json >c && cat c >config.json &&
		"$KIST" --root "$1/state" run -b . three' - "$work/inner" 2>&1)
	is $? 0 "without one: $out" && has "$out" pid=1 'run'
	rm -r "$work/inner"
}

check 'ids shifted by 100000' shifted
check 'a bundle below a private directory' private_bundle
check 'a terminal with shifted ids' shifted_terminal
check 'hooks, sysctls, tmpfs with shifted ids' shifted_hooks_and_limits
check 'idmapped mounts' idmapped
check 'joining a namespace of each kind' joins_each
check 'joining a mount namespace' joins_mounts
check 'joining a pid namespace' joins_pid
check 'joining a user namespace' joins_user
check 'a new user namespace beside a joined network' new_user_beside_joined
check 'clocks' clocks
check 'a user with one id' one_id
check 'a terminal for a user' users_terminal
check "a user's own kist under attack" users_program_overwritten
check 'a user with a range of ids' many_ids
check 'a container of somebody else' foreign_container
check 'root of a user namespace' root_of_a_namespace
finish
