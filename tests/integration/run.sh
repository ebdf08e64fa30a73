#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist run: what config.json says is what the program finds.
. "$(dirname "$0")/lib.sh"

# --- the program: its words, streams, exit

exit_codes() {
	local n
	for n in 0 1 7 125 126 127 255; do
		box . exit $n
		is "$code:$out:$err" "$n::" "exit $n"
	done
}

# The init of a pid namespace cannot kill itself; without that namespace it can.
signals_as_codes() {
	local sig
	for sig in TERM KILL SEGV; do
		box 'del(.linux.namespaces[] | select(.type == "pid"))' kill-self $sig
		is "$code" $((128 + $(kill -l $sig))) "SIG$sig"
	done
}

signals_are_forwarded() {
	local kist_pid
	config . trap USR1 HUP
	"$KIST" --root "$state" run --bundle "$b" "$id" >"$work/trap" &
	kist_pid=$!
	yes 'ready' until_true grep -qs ready "$work/trap"
	kill -USR1 $kist_pid && until_true grep -q USR1 "$work/trap"
	kill -HUP $kist_pid && until_true grep -q HUP "$work/trap"
	kill -TERM $kist_pid
	wait $kist_pid
	is "$?" 0 'exit code'
	is "$(tr '\n' ' ' <"$work/trap")" 'ready USR1 HUP TERM ' 'signals'
}

streams() {
	config . cat
	out=$(printf 'a\0b\nc' | "$KIST" --root "$state" run --bundle "$b" "$id" | od -An -c | tr -s ' ')
	is "$out" ' a \0 b \n c' 'bytes from stdin to stdout'
	box . nonsense
	is "$code" 125 'code' && has "$err" 'payload: nonsense' 'stderr' && is "$out" '' 'stdout'
	"$KIST" --root "$state" run --bundle "$b" "$id" <&- >&- 2>&-
	is $? 125 'code with closed streams'
}

big_output() { # more than any pipe holds, and to a reader that is slow
	head -c 5000000 /dev/urandom >"$b/rootfs/big"
	config . cat /big
	is "$("$KIST" --root "$state" run --bundle "$b" "$id" | (sleep 0.2 && sha256sum))" \
		"$(sha256sum <"$b/rootfs/big")" 'bytes'
	rm "$b/rootfs/big"
}

words_and_environment() {
	box '.process.args += ["", "a b", "*", "\u00fc\n"]' echo
	is "$code:$out" '0: a b * ü' 'args' # $out loses newlines at its end
	box '.process.env = ["A=1", "B=", "C=x=y z", "PATH=/bin", "A=2"]' env
	is "$(sort <<<"$out" | tr '\n' ';')" 'A=1;A=2;B=;C=x=y z;HOME=/;PATH=/bin;' 'environment as it stands'
	SECRET=1 box '.process.env = ["PATH=/bin"]' env
	lacks "$out" SECRET 'nothing of the caller'
}

home() {
	mkdir -p "$b/rootfs/etc"
	printf 'root:x:0:0::/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n' >"$b/rootfs/etc/passwd"
	box '.process.user.uid = 1000' env
	has "$out" 'HOME=/home/u' 'from passwd'
	box '.process.env += ["HOME=/x"]' env
	has "$out" 'HOME=/x' 'from the document'
	box '.process.user.uid = 7' env
	has "$out" 'HOME=/' 'of an unknown user'
	rm -r "$b/rootfs/etc"
}

path_lookup() {
	box '.process.args[0] = "/bin/payload"' echo abs
	succeeds abs
	box '.process.args[0] = "bin/payload"' echo rel
	succeeds rel
	box '.process.env = ["PATH=/none:/bin"] | .process.args[0] = "payload"' echo path
	succeeds path
}

working_directory() {
	mkdir -p "$b/rootfs/private" && chmod 700 "$b/rootfs/private"
	box '.process.cwd = "/bin"' cwd
	succeeds /bin
	box '.process.cwd = "/made/for/it"' cwd
	succeeds /made/for/it
	box '.process.cwd = "/private" | .process.user.uid = 1000' cwd
	is "$code" 0 'a directory that only root may enter'
	rm -r "$b/rootfs/private" "$b/rootfs/made"
}

config_elsewhere() {
	config . echo other
	mv "$b/config.json" "$work/other.json"
	config . echo own
	kist run --bundle "$b" --config "$work/other.json" "$id"
	succeeds other
	kist run -b "$b" -f "$work/other.json" "$id"
	succeeds other
	cd "$b" && kist run --bundle . "$id" && cd "$work"
	succeeds own
}

runc_document() {
	command -v runc >/dev/null || { skip 'runc is not installed'; return; }
	mkdir -p "$work/runc" && rm -f "$work/runc/config.json" && (cd "$work/runc" && runc spec)
	jq '.process.terminal = false | .process.args = ["payload", "seq", "--", "hostname", "--", "id"]' \
		"$work/runc/config.json" >"$b/config.json"
	kist run --bundle "$b" "$id"
	is "$code" 0 'code' && has "$out" $'runc\nuid=0' 'output'
}

# --- what is set of the process

users() {
	box '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 2000], umask: 63}' seq -- id -- status
	has "$out" 'uid=1000 euid=1000 gid=1001 egid=1001 groups=5,2000' 'id'
	like "$out" $'Umask:\t0077' 'umask'
	box . status
	like "$out" $'Umask:\t0022' 'default umask'
	like "$out" $'Groups:\t *\n' 'no groups of the caller'
	box '.process.user = {uid: 4294967294, gid: 4294967294}' id
	has "$out" 'uid=4294967294 euid=4294967294 gid=4294967294' 'the largest id'
}

cap_line() { sed -n "s/^$1:\t//p" <<<"$out"; }

caps_are() { # INH PRM EFF BND AMB
	is "$(cap_line CapInh) $(cap_line CapPrm) $(cap_line CapEff) $(cap_line CapBnd) $(cap_line CapAmb)" \
		"$(printf '%016x %016x %016x %016x %016x' "$@")" 'capabilities'
}

capabilities() { # CHOWN is 1, KILL 0x20, NET_RAW 0x2000
	box '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], permitted: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}' status
	# execve(2) of root gives what is in the bounding or inheritable set, whatever was asked.
	is "$(cap_line CapBnd)" 0000000000002021 'bounding'
	is "$(cap_line CapInh)" 0000000000000020 'inheritable'
	box '.process.user.uid = 1000 | .process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
		permitted: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN", "CAP_KILL"], inheritable: ["CAP_KILL"],
		ambient: ["CAP_KILL"]}' status
	caps_are 0x20 0x20 0x20 0x2021 0x20
	box '.process.user.uid = 1000' status
	caps_are 0 0 0 0x20000420 0
	box 'del(.process.capabilities)' status
	caps_are 0 0 0 0 0
}

no_new_privileges() {
	box '.process.noNewPrivileges = true' status
	like "$out" $'NoNewPrivs:\t1' 'on'
	box '.process.noNewPrivileges = false' status
	like "$out" $'NoNewPrivs:\t0' 'off'
	like "$out" $'SigBlk:\t0000000000000000' 'no signal is blocked'
	like "$out" $'SigIgn:\t0000000000000000' 'no signal is ignored'
}

limits() {
	box '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
		{type: "RLIMIT_STACK", soft: 1048576, hard: 2097152}]' \
		seq -- rlimit NOFILE -- rlimit CORE -- rlimit STACK
	succeeds $'100 200\n0 0\n1048576 2097152'
}

oom_score() {
	box '.process.oomScoreAdj = 500' oom
	succeeds 500
	box 'del(.process.oomScoreAdj)' oom
	succeeds "$(cat /proc/self/oom_score_adj)"
}

scheduling() {
	box '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}' sched
	succeeds 'policy=3 priority=0 nice=5'
	box '.process.scheduler = {policy: "SCHED_IDLE"}' sched
	like "$out" '^policy=5 ' 'idle'
	box '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' ioprio
	succeeds 'class=2 level=6'
	box '.process.execCPUAffinity = {initial: "0", final: "0"}' affinity
	is "$code" 0 'affinity'
}

personalities() {
	box '.linux.personality = {domain: "LINUX32"}' personality
	succeeds 00000008
	box . personality
	succeeds 00000000
}

keyring() {
	box . keyring
	has "$out" "_ses.$id" 'a session keyring of its own'
	config . keyring
	kist run --no-new-keyring --bundle "$b" "$id"
	lacks "$out" "_ses.$id" 'with --no-new-keyring'
}

# --- descriptors

only_the_three() {
	config . fds
	"$KIST" --root "$state" run --bundle "$b" "$id" 5</dev/zero 9</etc/passwd 77>"$work/x" >"$work/fds" </dev/null 2>&1
	is "$(cut -d' ' -f1 "$work/fds" | tr '\n' ' ')" '0 1 2 ' 'descriptors'
}

preserved() {
	config . seq -- fds -- cat /proc/self/fd/4
	echo four >"$work/four"
	"$KIST" --root "$state" run --preserve-fds 2 --bundle "$b" "$id" 3</dev/null 4<"$work/four" 5</etc/passwd >"$work/fds" 2>&1
	is "$(cut -d' ' -f1 "$work/fds" | tr '\n' ' ')" '0 1 2 3 4 four ' 'descriptors'
	kist run --preserve-fds 3 --bundle "$b" "$id" 3</dev/null 4</dev/null
	says 'descriptor 5'
}

listening() { # exec keeps the pid, which LISTEN_PID must name
	config '.process.env = ["PATH=/bin"]' seq -- env -- fds
	cat >"$work/activate" <<'END'
exec 3</dev/null 4</dev/null 5</dev/null
export LISTEN_FDS=2 LISTEN_FDNAMES=a:b
[ "$1" = own ] && export LISTEN_PID=$$ || export LISTEN_PID=1
shift
exec "$@"
END
	as=(sh "$work/activate" own)
	kist run --bundle "$b" "$id"
	has "$out" $'LISTEN_FDS=2\nLISTEN_FDNAMES=a:b\nLISTEN_PID=1' 'the variables'
	is "$(sed -n 's/^\([0-9]\) .*/\1/p' <<<"$out" | tr -d '\n')" 01234 'the descriptors'
	kist run --preserve-fds 1 --bundle "$b" "$id"
	is "$(sed -n 's/^\([0-9]\) .*/\1/p' <<<"$out" | tr -d '\n')" 012345 'and those that are preserved after them'
	as=(sh "$work/activate" other)
	kist run --bundle "$b" "$id"
	lacks "$out" LISTEN 'meant for another process'
	is "$(sed -n 's/^\([0-9]\) .*/\1/p' <<<"$out" | tr -d '\n')" 012 'so its descriptors are closed'
	config '.process.env = ["PATH=/bin", "LISTEN_FDS=2", "LISTEN_PID=1"]' seq -- env -- fds
	kist run --preserve-fds 2 --bundle "$b" "$id" # as podman does it
	as=(env)
	is "$(grep -c LISTEN <<<"$out")" 2 'variables of the document stand once'
}

# --- namespaces

own_namespaces() {
	box '.linux.namespaces += [{type: "time"}]' ns
	local line
	for line in $(grep -v user <<<"$out"); do
		lacks "$(ls -l /proc/self/ns)" "$line" 'of its own'
	done
	is "$(wc -l <<<"$out")" 8 'kinds'
	box '.linux.namespaces = [{type: "mount"}] | .hostname = "" | del(.hostname)
		| .mounts |= map(select(.type | IN("proc", "tmpfs")))' ns
	is "$(tr ' ' '\n' <<<"$out" | grep -vc mnt)" 7 'kinds' && for line in $(grep -v mnt <<<"$out"); do
		has "$(ls -l /proc/self/ns)" "$line" 'the host'"'"'s'
	done
}

pid_one() {
	box . pid
	succeeds 'pid=1 ppid=0 sid=1'
}

names() {
	box '.hostname = "h1" | .domainname = "d1.example"' seq -- hostname -- domainname
	succeeds $'h1\nd1.example'
	isnt "$(hostname)" h1 'the host'
}

loopback() {
	box . seq -- links -- lo
	succeeds $'lo\nup'
}

sysctls() {
	box '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1", "net.ipv4.conf.lo.forwarding": "1"}' \
		cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced
	succeeds $'1\n1'
	is "$(cat /proc/sys/kernel/shm_rmid_forced)" 0 'the host'
}

# --- what it sees of files

mount_options() { # MOUNT-POINT: of the container's table, in $out; options of the mount and of the file system
	awk -v m="$1" '$5 == m { o = $6; for (i = 7; $i != "-"; i++); s = $(i + 3) } END { print o "," s }' <<<"$out"
}

template_mounts() {
	box . mounts
	like "$(mount_options /)" '^ro,' 'root'
	like "$(mount_options /dev)" '^rw,nosuid.*mode=755' 'dev'
	like "$(mount_options /dev/pts)" 'nosuid,noexec.*gid=5,mode=620,ptmxmode=666' 'devpts'
	like "$(mount_options /dev/shm)" 'nosuid,nodev,noexec.*size=65536k' 'shm'
	like "$(mount_options /sys)" '^ro,nosuid,nodev,noexec' 'sys'
	like "$(mount_options /proc/sys)" '^ro,' 'read-only path'
	lacks "$(cut -d' ' -f5 <<<"$out")" "$work" 'mount points of the host'
}

read_only_root() {
	box . seq -- write /x 1 -- write /dev/shm/x 1 -- cat /dev/shm/x
	is "$code:$out" $'1:write /x: EROFS\n1' 'read-only'
	box '.root.readonly = false' write /x 1
	succeeds ''
	is "$(cat "$b/rootfs/x")" 1 'on the host'
	rm -f "$b/rootfs/x"
}

restricted_paths() {
	mkdir -p "$b/rootfs/m/dir" && echo secret >"$b/rootfs/m/file" && echo secret >"$b/rootfs/m/dir/x"
	box '.linux.maskedPaths += ["/m/file", "/m/dir", "/m/none"] | .linux.readonlyPaths += ["/m", "/none"] | .root.readonly = false' \
		seq -- cat /m/file -- ls /m/dir -- write /m/dir/y 1 -- write /m/z 1 -- stat /m/file \
		-- write /proc/sys/kernel/domainname x -- cat /proc/keys
	is "$out" $'write /m/dir/y: EROFS\nwrite /m/z: EROFS\nchar 0666 0 0 1:3\nwrite /proc/sys/kernel/domainname: EROFS' 'answers'
	rm -r "$b/rootfs/m"
}

devices() {
	local d want='char 0666 0 0'
	box . seq -- stat /dev/null -- stat /dev/zero -- stat /dev/full -- stat /dev/random -- stat /dev/urandom \
		-- stat /dev/tty -- readlink /dev/fd -- readlink /dev/stdin -- readlink /dev/stdout -- readlink /dev/stderr \
		-- readlink /dev/ptmx -- write /dev/null x -- cat /dev/null -- write /dev/full x
	is "$out" "$want 1:3
$want 1:5
$want 1:7
$want 1:8
$want 1:9
$want 5:0
/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx
write /dev/full: ENOSPC" 'answers'
	box '.linux.devices = [{path: "/dev/x", type: "c", major: 1, minor: 3, fileMode: 438, uid: 1, gid: 2},
		{path: "/dev/sub/dir/p", type: "p"}, {path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 420}]' \
		seq -- stat /dev/x -- stat /dev/sub/dir/p -- stat /dev/null -- write /dev/x hello
	succeeds $'char 0666 1 2 1:3\nfifo 0666 0 0 0:0\nchar 0644 0 0 1:3'
}

tmpfs_options() {
	box '.mounts += [{destination: "/t", type: "tmpfs", source: "t",
		options: ["ro", "nosuid", "nodev", "noexec", "noatime", "size=4k", "mode=1700", "uid=0", "gid=4"]}]' \
		seq -- mounts -- stat /t -- write /t/x 1
	like "$(mount_options /t)" '^ro,nosuid,nodev,noexec,noatime,.*size=4k,mode=1700,gid=4' 'options'
	has "$out" 'dir 1700 0 4' 'the directory' && has "$out" 'write /t/x: EROFS' 'ro'
	box '.mounts += [{destination: "/t", type: "tmpfs", source: "t", options: ["noexec"]},
		{destination: "/t/payload", type: "bind", source: "rootfs/bin/payload", options: ["bind", "noexec"]}]' exec /t/payload true
	like "$out" 'EACCES' 'noexec'
	rmdir "$b/rootfs/t"
}

copied_up() {
	mkdir -p "$b/rootfs/up/sub" && echo text >"$b/rootfs/up/sub/f" && ln -s f "$b/rootfs/up/sub/l" &&
		chown 0:6 "$b/rootfs/up/sub/f" && chmod 640 "$b/rootfs/up/sub/f" && chmod 2751 "$b/rootfs/up"
	box '.mounts += [{destination: "/up", type: "tmpfs", source: "t", options: ["tmpcopyup"]}]' \
		seq -- cat /up/sub/l -- stat /up/sub/f -- write /up/sub/f new -- cat /up/sub/f -- stat /up
	is "$out" $'text\nfile 0640 0 6 0:0\nnewdir 2751 0 0 0:0' 'copies'
	is "$(cat "$b/rootfs/up/sub/f")" text 'the image'
	box '.mounts += [{destination: "/up", type: "tmpfs", source: "t", options: ["tmpcopyup", "ro", "mode=700"]}]' \
		seq -- cat /up/sub/f -- write /up/sub/f new -- stat /up
	is "$out" $'text\nwrite /up/sub/f: EROFS\ndir 0700 0 0 0:0' 'read-only, with a mode of its own'
	rm -r "$b/rootfs/up"
}

binds() {
	mkdir -p "$work/src/sub" && echo one >"$work/src/f" && mount -t tmpfs -o size=4k bound "$work/src/sub" && echo two >"$work/src/sub/g"
	box '.mounts += [{destination: "/b", source: "'"$work"'/src", options: ["bind", "ro", "nosuid"]},
		{destination: "/r", type: "none", source: "'"$work"'/src", options: ["rbind", "rro"]},
		{destination: "/f/new", type: "bind", source: "'"$work"'/src/f", options: ["bind"]},
		{destination: "/rel", type: "bind", source: "rootfs/bin"}]' \
		seq -- cat /b/f -- ls /b/sub -- write /b/f x -- cat /r/sub/g -- write /r/sub/g x -- append /f/new three -- cat /f/new \
		-- ls /rel -- mounts
	is "$(grep -v ' - ' <<<"$out")" $'one\nwrite /b/f: EROFS\ntwo\nwrite /r/sub/g: EROFS\none\nthreepayload' 'answers'
	like "$(mount_options /b)" '^ro,nosuid' '/b' && like "$(mount_options /r/sub)" '^ro' '/r/sub'
	is "$(cat "$work/src/f")" $'one\nthree' 'the source'
	umount "$work/src/sub" && rm -r "$work/src"
	rm -r "$b/rootfs/"{b,r,f,rel}
}

remounts() {
	box '.mounts += [{destination: "/t", type: "tmpfs", source: "t", options: ["mode=777"]},
		{destination: "/t/x", type: "tmpfs", source: "t"}, {destination: "/t", type: "none", options: ["remount", "bind", "ro"]}]' \
		seq -- write /t/y 1 -- write /t/x/y 1 -- cat /t/x/y
	is "$out" $'write /t/y: EROFS\n1' 'only the mount itself'
	rm -r "$b/rootfs/t"
}

propagation_of_root() { # a mount that the container makes, and one that the host makes under a shared bind
	local word seen
	for word in private:none slave:master unbindable:none shared:shared; do
		box '.linux.rootfsPropagation = "'"${word%:*}"'"' mounts
		seen=$(awk '$5 == "/" { s = "none"; if ($0 ~ / master:/) s = "master"; if ($0 ~ / shared:/) s = "shared" } END { print s }' <<<"$out")
		is "$code:$seen" "0:${word#*:}" "$word"
	done
	box . mounts
	lacks "$(awk '$5 == "/"' <<<"$out")" shared: 'by default'
}

propagation_of_binds() {
	local word seen
	mkdir -p "$work/share" && mount --bind "$work/share" "$work/share" && mount --make-shared "$work/share"
	for word in rprivate:none rslave:master rshared:shared; do
		box '.linux.rootfsPropagation = "shared" | .mounts += [{destination: "/dev/shm", type: "bind",
			source: "'"$work"'/share", options: ["rbind", "'"${word%:*}"'"]}]' mounts
		seen=$(awk '$5 == "/dev/shm" { s = "none"; if ($0 ~ / master:/) s = "master"; if ($0 ~ / shared:/) s = "shared" } END { print s }' <<<"$out")
		is "$seen" "${word#*:}" "$word"
	done
	umount "$work/share" && rmdir "$work/share"
}

no_pivot() {
	config . seq -- ls / -- mounts
	kist run --no-pivot --bundle "$b" "$id"
	is "$code" 0 'code' && has "$out" $'bin\ndev\n' 'the root' && lacks "$(cut -d' ' -f5 <<<"$out")" "$work" 'mount points of the host'
}

group() {
	[ -n "$cgroups" ] || { skip 'no cgroup v2 here'; return; }
	config 'del(.linux.namespaces[] | select(.type == "cgroup")) | .linux.cgroupsPath = "/kist-'"$tag"'/sub/x"' \
		seq -- cat /proc/self/cgroup -- write /sys/fs/cgroup/x 1
	kist run --bundle "$b" "$id"
	has "$out" "0::/kist-$tag/sub/x" 'membership'
	box . seq -- cat /proc/self/cgroup -- write /sys/fs/cgroup/cgroup.procs 1
	has "$out" $'0::/\n' 'in its own namespace' && has "$out" EROFS 'read-only'
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))
		| .mounts |= map(select(.type != "cgroup"))' cat /proc/self/cgroup
	kist --cgroup-manager disabled run --bundle "$b" "$id"
	is "$(grep ^0:: <<<"$out")" "$(grep ^0:: /proc/self/cgroup)" 'none of its own'
}

# config-linux.md, "Cgroup ownership": what may be delegated, and nothing that limits
own_group() {
	[ -n "$cgroups" ] || { skip 'no cgroup v2 here'; return; }
	local rw='(.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "rw"]'
	local user='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	local at=$cgroups/kist-$tag-own
	config "$rw | $user | .linux.cgroupsPath = \"/kist-$tag-own\"" wait
	kist run -d --bundle "$b" "$id"
	is "$code" 0 'code'
	is "$(stat -c %u "$at" "$at/cgroup.procs" "$at/cgroup.subtree_control" "$at/cgroup.max.depth" | tr '\n' ' ')" \
		'100000 100000 100000 0 ' 'owners'
	kist exec "$id" payload seq -- mkdir /sys/fs/cgroup/below -- write /sys/fs/cgroup/below/cgroup.procs 0 \
		-- write /sys/fs/cgroup/cgroup.max.depth 1 -- chown /sys/fs/cgroup/cgroup.max.depth 0 0
	has "$out" 'write /sys/fs/cgroup/cgroup.max.depth: EACCES' 'the limits are not its own'
	lacks "$out" below 'a cgroup below, and a process in it'
	yes 'it is there' test -d "$at/below"
	kist delete --force "$id"
	yes 'all is gone' until_true test ! -e "$at"
	config "$user | .linux.cgroupsPath = \"/kist-$tag-own\"" wait
	kist run -d --bundle "$b" "$id"
	is "$(stat -c %u "$at")" 0 'mounted read-only, it stays ours'
	kist delete --force "$id"
}

# --- seccomp

call() { # NAME: its number on this machine
	case $(uname -m):$1 in
	x86_64:getpriority) echo 140 ;; x86_64:mkdir) echo 83 ;; x86_64:socket) echo 41 ;; x86_64:getpid) echo 39 ;;
	*:getpriority) echo 141 ;; *:mkdir) echo 34 ;; *:socket) echo 198 ;; *:getpid) echo 172 ;;
	esac
}

filter() { # RULES, as JSON
	echo '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: ['"$1"']}'
}

seccomp_errno() { # loaded late with no_new_privs, early without
	local nnp
	for nnp in true false; do
		config "$(filter '{names: ["getpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 38},
			{names: ["socket"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 4294967295, valueTwo: 16, op: "SCMP_CMP_MASKED_EQ"}]}')
			| .process.noNewPrivileges = $nnp" seq -- syscall "$(call getpriority)" 0 0 -- socket 16 3 0 -- socket 0x100000010 3 0 \
			-- socket 1 1 0 -- status
		kist run --bundle "$b" "$id"
		has "$out" $'ENOSYS\nEPERM\nEPERM\nok\n' "answers, no_new_privs $nnp"
		like "$out" $'Seccomp:\t2' 'filter mode'
	done
}

seccomp_kill() {
	box "$(filter '{names: ["getpriority"], action: "SCMP_ACT_KILL_PROCESS"}')" nice
	is "$code" 159 'killed by SIGSYS'
	box "$(filter '{names: ["getpriority"], action: "SCMP_ACT_TRAP"}')" nice
	is "$code" 159 'SIGSYS by trap'
}

seccomp_own_start() { # a filter that forbids what starts the program says so
	local nnp
	for nnp in true false; do
		config "$(filter '{names: ["execve"], action: "SCMP_ACT_ERRNO", errnoRet: 95}') | .process.noNewPrivileges = $nnp" true
		kist run --bundle "$b" "$id"
		says 'exec "/bin/payload": Operation not supported'
	done
}

seccomp_notify() {
	config "$(filter '{names: ["getpriority"], action: "SCMP_ACT_NOTIFY"}')
		| .linux.seccomp.listenerPath = \"$work/notify\" | .linux.seccomp.listenerMetadata = \"meta\"" \
		seq -- syscall "$(call getpriority)" 0 0 -- syscall "$(call getpriority)" 0 0 -- syscall "$(call getpriority)" 0 0
	"$helpers/receive" "$work/notify" notify >"$work/notified" &
	until_true test -S "$work/notify"
	kist run --bundle "$b" "$id"
	wait $!
	is "$out" $'EXDEV\nEXDEV\nEXDEV' 'answers of the supervisor'
	has "$(<"$work/notified")" "fds=1" 'one descriptor'
	has "$(<"$work/notified")" "call $(call getpriority)" 'the supervisor saw it'
	is "$(sed -n 's/.* text=//p' "$work/notified" | jq -r '.fds[0], .metadata, .state.id, .state.status, (.pid == .state.pid)' | tr '\n' ' ')" \
		"seccompFd meta $id creating true " 'the state beside it'
	rm -f "$work/notify"
	kist run --bundle "$b" "$id"
	says 'listenerPath'
}

# --- hooks

hook_script() { # what each hook of the test runs: notes its name, its place and its input
	mkdir -p "$work/hooks"
	cat >"$work/hooks/note" <<'END'
#!/bin/sh
read -r state
echo "$1 $(pwd) $(echo "$state" | sed 's/.*"status":"\([a-z]*\)".*/\1/') $WORD $(readlink /proc/self/ns/uts)" >>"$2"
echo "$state" >"$2.$1"
[ "$1" != "${FAIL-}" ] || { echo "no luck with $1" >&2; exit 3; }
END
	chmod +x "$work/hooks/note"
}

all_hooks() { # [ENVIRONMENT...]: a filter that sets one of every kind; startContainer runs inside
	local env='["WORD=w", "PATH=/usr/bin:/bin"]'
	[ $# = 0 ] || env='["WORD=w", "PATH=/usr/bin:/bin", "'"$1"'"]'
	echo '.hooks = ({} | reduce ("prestart", "createRuntime", "createContainer", "poststart", "poststop") as $k (.;
		.[$k] = [{path: "'"$work"'/hooks/note", args: ["note", $k, "'"$work"'/hooks/log"], env: '"$env"'}]))
		| .hooks.startContainer = [{path: "/bin/payload", args: ["payload", "write", "/dev/shm/hook", "inside"]}]'
}

hooks_in_order() {
	hook_script
	rm -f "$work/hooks/log"*
	box "$(all_hooks)" seq -- cat /dev/shm/hook -- ns -- hostname
	has "$out" inside 'startContainer ran inside'
	is "$(awk '{ print $1, $3, $4 }' "$work/hooks/log" | tr '\n' ';')" \
		'prestart creating w;createRuntime creating w;createContainer creating w;poststart running w;poststop stopped w;' 'order, status, environment'
	is "$(awk '$1 != "createContainer" { print $2 }' "$work/hooks/log" | sort -u)" "$b" 'where those of the host run'
	has "$out" "$(awk '$1 == "createContainer" { print $5 }' "$work/hooks/log")" 'namespace of createContainer'
	has "$(readlink /proc/self/ns/uts)" "$(awk '$1 == "prestart" { print $5 }' "$work/hooks/log")" 'namespace of prestart'
	is "$(jq -r '.ociVersion != null, .id, .bundle, (.pid > 0)' "$work/hooks/log.createRuntime" | tr '\n' ' ')" "true $id $b true " 'state'
	rm -r "$work/hooks"
}

hooks_failing() {
	local kind
	hook_script
	for kind in prestart createRuntime createContainer; do
		box "$(all_hooks "FAIL=$kind")" echo ran
		says "hooks.$kind[0]"
		has "$err" "no luck with $kind" 'what the hook said'
	done
	box "$(all_hooks FAIL=poststart)" sleep 5
	is "$code" 1 'poststart' && has "$err" 'hooks.poststart[0]' 'poststart'
	box '.hooks.startContainer = [{path: "/bin/payload", args: ["payload", "exit", "4"]}]' echo ran
	says 'hooks.startContainer[0]'
	config "$(all_hooks FAIL=poststop)" echo ran
	kist --log-level warning run --bundle "$b" "$id"
	is "$code:$out" 0:ran 'poststop does not fail' && has "$err" 'warning: hooks.poststop[0]' 'it warns'
	box '.hooks.prestart = [{path: "/none/hook"}]' true
	says '/none/hook'
	rm -r "$work/hooks"
}

hook_timeout() {
	local before=$SECONDS
	box '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "30"], timeout: 1}]' true
	says 'hooks.createRuntime[0]'
	yes 'in time' test $((SECONDS - before)) -lt 5
}

# --- terminals

on_terminal() { # INPUT ARGUMENT...: kist run on a terminal of 33 rows and 101 columns
	local input=$1
	shift
	config '.process.terminal = true' "$@"
	out=$("$helpers/pty" 33 101 "$input" "$KIST" --root "$state" run --bundle "$b" "$id" 2>"$work/pty")
	code=$? err=$(<"$work/pty") last="pty $*"
}

terminal() {
	on_terminal '' seq -- isatty -- winsize -- stat /dev/console -- readlink /proc/self/fd/0 -- pid -- sleep 1 -- exit 9
	is "$code" 9 'exit code'
	has "$out" $'0=yes 1=yes 2=yes ctty=yes\nrows=33 cols=101\nchar ' 'a terminal of that size'
	has "$out" $'/dev/pts/0\npid=1 ppid=0 sid=1' 'the first of its own, leading a session'
	has "$err" 'raw=yes' 'the caller'"'"'s is raw meanwhile' && has "$err" 'restored=yes' 'and as before afterwards'
}

terminal_input() {
	on_terminal $'hello\n\004' seq -- echo ready -- cat -- winsize
	is "$code" 0 'code' && has "$out" hello 'typed text' && has "$out" 'rows=34 cols=101' 'a new size'
	{ until_true is_status running && sleep 0.2 && "$KIST" --root "$state" kill "$id" TERM; } &
	on_terminal $'\003' trap INT # the container's own terminal makes the signal
	wait
	is "$(tr '\n' ' ' <<<"$out")" 'ready ^CINT TERM ' 'Ctrl-C'
}

terminal_size() {
	config '.process.terminal = true | .process.consoleSize = {height: 11, width: 22}' seq -- winsize -- stat /dev/console
	out=$("$helpers/pty" 33 101 '' "$KIST" --root "$state" run --bundle "$b" "$id" 2>/dev/null)
	has "$out" 'rows=11 cols=22' 'of the document'
	config '.process.terminal = true | .process.user = {uid: 1000, gid: 5}' seq -- stat /dev/pts/0 -- echo done
	out=$("$helpers/pty" 33 101 '' "$KIST" --root "$state" run --bundle "$b" "$id" 2>/dev/null)
	like "$out" 'char 06[02]0 1000 5 ' 'the user'"'"'s own'
}

terminal_without_one() { # kist itself has a pipe: the container has a terminal all the same
	config '.process.terminal = true' isatty
	kist run --bundle "$b" "$id" </dev/null
	is "$code" 0 'code' && has "$out" '0=yes 1=yes 2=yes' 'a terminal'
}

stdio_of_users() { # pipes become the user's, files and devices do not
	touch "$work/plain"
	config '.process.user = {uid: 1000, gid: 1000}' seq -- write /proc/self/fd/1 again
	out=$("$KIST" --root "$state" run --bundle "$b" "$id" | cat)
	is "$out" again 'a pipe can be opened again'
	"$KIST" --root "$state" run --bundle "$b" "$id" >"$work/plain"
	is "$(stat -c %u "$work/plain")" 0 'a file keeps its owner'
	rm "$work/plain"
}

check 'exit codes' exit_codes
check 'death by signal is 128 and its number' signals_as_codes
check 'signals are forwarded' signals_are_forwarded
check 'standard streams' streams
check 'five megabytes of output' big_output
check 'arguments and environment' words_and_environment
check 'HOME' home
check 'the program is found' path_lookup
check 'the working directory' working_directory
check '--config and the current directory' config_elsewhere
check 'a document of runc' runc_document
check 'user, groups, umask' users
check 'the five sets of capabilities' capabilities
check 'no_new_privs, and clean signals' no_new_privileges
check 'resource limits' limits
check 'oom score' oom_score
check 'scheduler, io priority, affinity' scheduling
check 'personality' personalities
check 'session keyring' keyring
check 'no descriptor but 0, 1, 2' only_the_three
check '--preserve-fds' preserved
check 'LISTEN_FDS' listening
check 'namespaces of its own, or not' own_namespaces
check 'pid 1' pid_one
check 'host name and domain name' names
check 'loopback' loopback
check 'sysctl' sysctls
check 'mounts of the template' template_mounts
check 'a read-only root' read_only_root
check 'masked and read-only paths' restricted_paths
check 'devices and links' devices
check 'options of a tmpfs' tmpfs_options
check 'tmpcopyup' copied_up
check 'bind mounts' binds
check 'remount' remounts
check 'propagation of the root' propagation_of_root
check 'propagation of bind mounts' propagation_of_binds
check '--no-pivot' no_pivot
check 'cgroup membership' group
check 'a writable cgroup mount: the container owns what may be delegated' own_group
check 'seccomp: errno, masked arguments' seccomp_errno
check 'seccomp: kill and trap' seccomp_kill
check 'seccomp: a filter against its own start' seccomp_own_start
check 'seccomp: notify' seccomp_notify
check 'hooks of all kinds, in order' hooks_in_order
check 'a failing hook undoes everything' hooks_failing
check 'the timeout of a hook' hook_timeout
check 'a terminal' terminal
check 'typing, and a new size' terminal_input
check 'the size and owner of the terminal' terminal_size
check 'a terminal for a caller without one' terminal_without_one
check 'standard streams of a user' stdio_of_users
finish
