#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The ways out that container runtimes have had, tried one by one. A case that could pass because
# its attack does not work has a control: the same attack on something unprotected, which must fall.
. "$(dirname "$0")/lib.sh"
at=$BUILDDIR/tests/fault/at
marker=$work/marker # a directory of the host that images point at
every_cap='["CAP_SYS_PTRACE", "CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_CHOWN", "CAP_KILL", "CAP_MKNOD"]'
privileged=".process.capabilities = {bounding: $every_cap, permitted: $every_cap, effective: $every_cap} | .process.noNewPrivileges = false"

fresh_marker() {
	rm -rf "$marker" && mkdir -p "$marker/sub" && echo precious >"$marker/ptmx" && echo precious >"$marker/file"
	print_marker >"$work/marker.before"
}

print_marker() { (cd "$marker" && find . -printf '%p %y %m %U %s\n' | sort && cat ptmx file && stat -c %i . ptmx file); }

untouched() { is "$(print_marker)" "$(<"$work/marker.before")" "the host's files after $1"; }

# --- CVE-2019-5736: the program file of the runtime

own_program_overwritten() { # FILTER NSENTER-OPTION...: the attacker is told which files are his, all of them copies
	local real=$KIST sum i filter=$1
	shift
	fresh_rootfs
	install_dynamic "$helpers/overwrite" overwrite
	install_dynamic "$real" unused
	printf '#!/proc/self/exe\n' >"$b/rootfs/bin/entry" && chmod 755 "$b/rootfs/bin/entry"
	cp "$real" "$work/kist" && cp /bin/sleep "$work/victim" && cp /usr/bin/nsenter "$work/joiner"
	KIST=$work/kist sum=$(sha256sum <"$work/kist")
	config "$privileged | $filter | .process.args = [\"overwrite\", \"$(stat -c %d:%i "$work/kist")\", \"$(stat -c %d:%i "$work/victim")\"]"
	kist create --bundle "$b" "$id" && voice=$said && kist start "$id"
	succeeds ''
	yes 'the attacker is there' until_true grep -q ready "$voice"
	for i in {1..30}; do kist exec "$id" payload true; done
	for i in {1..30}; do kist exec "$id" /bin/entry; done # kist once more, but as a process of the container
	"$work/joiner" --target "$(pid_of)" --pid "$@" -- "$work/victim" 0.3
	yes 'control: the unprotected program is overwritten' until_true grep -q "$(stat -c %i "$work/victim") overwritten" "$voice"
	end
	is "$(sha256sum <"$KIST")" "$sum" 'sha256 of kist'
	is "$(grep -c overwritten "$voice")" 1 'overwritten programs'
	like "$(grep "^$(stat -c %i "$KIST") " "$voice")" '(EROFS|EPERM|EACCES|)$' 'what the attacker got'
	KIST=$real
	rm "$work/kist" "$work/victim" "$work/joiner"
	fresh_rootfs
}

own_program_as_interpreter() {
	local sum how
	sum=$(sha256sum <"$KIST")
	printf '#!/proc/self/exe\n' >"$b/rootfs/bin/entry" && chmod 755 "$b/rootfs/bin/entry"
	config "$privileged | .process.args = [\"/bin/entry\"]"
	kist run --bundle "$b" "$id"
	isnt "$code" 0 'code'
	begin . wait
	kist exec "$id" /bin/entry
	isnt "$code" 0 'code of exec'
	end
	is "$(sha256sum <"$KIST")" "$sum" 'sha256 of kist'
	rm "$b/rootfs/bin/entry"
}

# --- CVE-2016-9962, 2017-5226: what a process inside can do to kist on its way in

hidden_init() {
	config . wait
	kist create --bundle "$b" "$id"
	inside seq -- readlink /proc/1/fd/0 -- cat /proc/1/environ -- readlink /proc/1/exe -- readlink /proc/1/cwd
	is "$(grep -c EACCES <<<"$out")" 4 'before the start'
	lacks "$(</proc/net/unix)" '@kist' 'abstract sockets'
	kist start "$id"
	inside readlink /proc/1/fd/0
	is "$code" 0 'control: afterwards'
	end
}

terminal_of_caller() {
	config . seq -- isatty -- tiocsti
	out=$("$helpers/pty" 9 9 '' "$KIST" --root "$state" run --bundle "$b" "$id" 2>/dev/null)
	like "$out" 'ctty=no
(EPERM|EIO)' 'run'
	begin . wait
	out=$("$helpers/pty" 9 9 '' "$KIST" --root "$state" exec "$id" payload seq -- isatty -- tiocsti 2>/dev/null)
	like "$out" 'ctty=no
(EPERM|EIO)' 'exec'
	end
}

# --- CVE-2019-16884, 2019-19921, 2023-27561, 2023-28642, 2025-52881: /proc that is not procfs

fake_proc() {
	local to
	mkdir -p "$work/fake/self/attr" "$b/rootfs/real" && touch "$work/fake/self/attr/exec"
	config '.mounts[0] = {destination: "/proc", type: "bind", source: "'"$work"'/fake", options: ["bind"]}
		| .process.apparmorProfile = "none" | .linux.sysctl = {"kernel.shm_rmid_forced": "1"}' true
	kist run --bundle "$b" "$id"
	is "$(cat "$work/fake/self/attr/exec"; ls -A "$work/fake")" self 'what was written to a bind mount'
	for to in /proc/self /proc/self/attr /proc/1 /proc/sys /proc/sys/kernel /proc/thread-self /proc/sysrq-trigger /proc/self/../self/attr; do
		config '.mounts += [{destination: "'$to'", type: "tmpfs", source: "t"}]' true
		kist run --bundle "$b" "$id"
		says 'mounts[7]'
	done
	for to in /proc/self/attr ../proc/sys/kernel /proc/../proc/self; do
		ln -sfn "$to" "$b/rootfs/link"
		config '.mounts += [{destination: "/link", type: "tmpfs", source: "t"}]' true
		kist run --bundle "$b" "$id"
		says 'leads into /proc'
	done
	config '.mounts += [{destination: "/proc/uptime", type: "bind", source: "rootfs/bin/payload", options: ["bind", "ro"]}]' stat /proc/uptime
	kist run --bundle "$b" "$id"
	has "$out" 'file 0755' 'control: what lxcfs mounts over is allowed'
	rm -r "$work/fake" "$b/rootfs/link" "$b/rootfs/real"
}

proc_and_sys_links() {
	local dir to
	fresh_marker
	for dir in proc sys; do
		for to in "$marker/sub" "../../../../../../../../../../../..$marker/sub" real; do
			fresh_rootfs && mkdir "$b/rootfs/real"
			ln -s "$to" "$b/rootfs/$dir"
			config . true
			kist run --bundle "$b" "$id"
			says 'must be mounted on ordinary directory'
		done
	done
	untouched 'all of them'
	fresh_rootfs
}

sysctls_stay_inside() {
	local key
	for key in kernel.core_pattern kernel.sysrq kernel/../vm.swappiness kernel.shm_rmid_forced/../core_pattern ../../x net.ipv4/../../kernel.sysrq vm.swappiness; do
		config '.linux.sysctl = {"'$key'": "1"}' true
		kist run --bundle "$b" "$id"
		is "$code" 1 "$key"
	done
	config '.linux.sysctl = {"kernel.shm_rmid_forced": "1+kernel.core_pattern=x"}' true
	kist run --bundle "$b" "$id"
	says shm_rmid_forced
	config '.linux.sysctl = {"kernel.shm_rmid_forced": "1\nkernel.core_pattern = x"}' true
	kist run --bundle "$b" "$id"
	is "$code" 1 'a value of two lines'
	mkdir -p "$b/rootfs/proc/sys/kernel" && echo 0 >"$b/rootfs/proc/sys/kernel/shm_rmid_forced"
	config '.linux.sysctl = {"kernel.shm_rmid_forced": "1"}' cat /proc/sys/kernel/shm_rmid_forced
	kist run --bundle "$b" "$id"
	succeeds 1
	is "$(<"$b/rootfs/proc/sys/kernel/shm_rmid_forced")" 0 'what the image has below its /proc'
	fresh_rootfs
}

# --- CVE-2024-21626: leaked descriptors as working directory

leaked_directories() {
	local n to with_dirs='exec 3</ 4</ 5</ 6</ 7</ 8</ 9</ 10</ 11</ 12</ 15</ 20</ 30</; exec "$@"'
	as=(bash -c "$with_dirs" -)
	for n in {3..40}; do
		config ".process.cwd = \"/proc/self/fd/$n\"" cwd
		kist run --bundle "$b" "$id"
		says process.cwd
		kist create --bundle "$b" "$id"
		says process.cwd
	done
	ln -s /proc/self/fd/7 "$b/rootfs/link"
	for to in /link /proc/self/fd/7/../../../.. /proc/1/cwd/../.. /proc/thread-self/fd/8; do
		config ".process.cwd = \"$to\"" cwd
		kist run --bundle "$b" "$id"
		if [ "$code" = 0 ]; then like "$out" '^/[a-z]*$' "$to"; else says process.cwd; fi
	done
	config '.process.cwd = "/proc/self/fd/3"' cwd
	kist run --preserve-fds 1 --bundle "$b" "$id"
	says 'leads outside'
	begin . wait
	for n in {3..40}; do
		kist exec --cwd "/proc/self/fd/$n" "$id" payload cwd
		says process.cwd 255
	done
	kist exec --preserve-fds 1 --cwd /proc/self/fd/3 "$id" payload cwd
	says 'leads outside' 255
	inside fds
	is "$(cut -d' ' -f1 <<<"$out" | tr '\n' ' ')" '0 1 2 ' 'descriptors'
	end
	as=(env)
	rm "$b/rootfs/link"
}

# --- CVE-2025-31133, 2026-41579, 2026-47766, 2026-88264, 2026-88265: a hostile /dev

no_dev='.mounts |= map(select(.destination | startswith("/dev") | not))'

dev_is_a_link() {
	local to readonly
	fresh_marker
	for to in "$marker" "../../../../../../../../../../../..$marker" /real; do
		for readonly in true false; do
			fresh_rootfs && mkdir "$b/rootfs/real" && ln -s "$to" "$b/rootfs/dev"
			config "$no_dev | .root.readonly = $readonly" true
			kist run --bundle "$b" "$id"
			says '/dev of the image'
			kist create --bundle "$b" "$id"
			says '/dev of the image'
			config . true
			kist run --bundle "$b" "$id"
			says /dev
			untouched "$to"
		done
	done
	fresh_rootfs
}

dev_null_is_a_link() {
	local to
	for to in "$marker/file" /proc/sys/kernel/core_pattern /masked; do
		fresh_marker && fresh_rootfs
		mkdir "$b/rootfs/dev" && ln -s "$to" "$b/rootfs/dev/null" && echo secret >"$b/rootfs/masked"
		config "$no_dev | .linux.maskedPaths = [\"/masked\", \"/proc/cpuinfo\"] | .process.user.uid = 1000" \
			seq -- cat /masked /proc/cpuinfo -- stat /dev/null -- stat /masked
		out=$("$KIST" --root "$state" run --bundle "$b" "$id" </dev/null | cat)
		is "$out" $'char 0666 0 0 1:3\nchar 0666 0 0 1:3' "$to"
		untouched "$to"
	done
	fresh_rootfs
}

dev_files_are_links() {
	local terminal
	for terminal in true false; do
		fresh_marker && fresh_rootfs
		mkdir "$b/rootfs/dev" && ln -s "$marker/new" "$b/rootfs/dev/console" && ln -s "$marker/ptmx" "$b/rootfs/dev/ptmx"
		ln -s "$marker/new" "$b/rootfs/dev/zero" && ln -s "$marker/sub" "$b/rootfs/dev/shm" && ln -s "$marker/new" "$b/rootfs/dev/fd"
		config ".process.terminal = $terminal | .root.readonly = false
			| .mounts |= map(select(.destination | IN(\"/dev\", \"/dev/shm\", \"/dev/mqueue\") | not))" readlink /dev/ptmx
		kist run --bundle "$b" "$id"
		like "$code:$out" '^0:pts/ptmx' "terminal $terminal"
		untouched "with terminal $terminal"
	done
	fresh_rootfs
	mkdir "$b/rootfs/dev" && mkdir -p "$b/rootfs/pts2" && ln -s /pts2 "$b/rootfs/dev/pts" && touch "$b/rootfs/pts2/ptmx"
	config '.process.terminal = true | .mounts |= map(select(.destination | startswith("/dev") | not))' true
	kist run --bundle "$b" "$id"
	is "$code" 1 'a ptmx that is a plain file'
	fresh_rootfs
}

streams_keep_their_owner() {
	fresh_marker
	mkdir -p "$b/rootfs/dev"
	config "$no_dev | .process.user = {uid: 1000, gid: 1000}
		| .mounts += [{destination: \"/dev/null\", type: \"bind\", source: \"$marker/file\", options: [\"bind\"]}]" true
	"$KIST" --root "$state" run --bundle "$b" "$id" </dev/null 2>&1 | cat >/dev/null
	untouched 'a bind mount on /dev/null'
	is "$(stat -c '%U %t:%T' /dev/null)" 'root 1:3' "the host's /dev/null"
	fresh_rootfs
}

# --- CVE-2021-30465, 2024-45310 and family: targets of mounts

links_on_the_way() {
	local to
	fresh_marker
	for to in "$marker" "$marker/sub" "../../../../../../../../../../..$marker" /; do
		fresh_rootfs && ln -s "$to" "$b/rootfs/link" && ln -s link "$b/rootfs/link2"
		config '.root.readonly = false | .mounts += [{destination: "/link/a/b", type: "tmpfs", source: "t"},
			{destination: "/link2/file", type: "bind", source: "/etc/passwd", options: ["bind"]},
			{destination: "/link2/dir/../../../../../../x", type: "tmpfs", source: "t"}]
			| .linux.devices = [{path: "/link/null", type: "c", major: 1, minor: 3}]
			| .linux.maskedPaths += ["/link/file"] | .process.cwd = "/link/work/dir"' ls /link
		kist run --bundle "$b" "$id"
		untouched "$to"
	done
	fresh_rootfs
	mkdir -p "$b/rootfs/run" "$b/rootfs/var" && ln -s /run "$b/rootfs/var/run"
	config '.mounts += [{destination: "/var/run/x", type: "tmpfs", source: "t"}]' seq -- write /run/x/y 1 -- cat /run/x/y
	kist run --bundle "$b" "$id"
	succeeds 1 # a link that stays inside is followed
	fresh_rootfs
}

volumes='.root.readonly = false | .mounts += ([range(8)] | map({destination: "/volume/dir/m\(.)", type: "tmpfs", source: "t"}))
	+ [{destination: "/volume/dir/file", type: "bind", source: "/etc/passwd", options: ["bind"]}]
	| .linux.devices = [{path: "/volume/dir/null", type: "c", major: 1, minor: 3}]
	| .linux.maskedPaths += ["/volume/dir/masked"] | .linux.readonlyPaths += ["/volume/dir"] | .process.cwd = "/volume/dir/cwd"'

racing_directory() { # a directory and a link to the host change places all the time
	local i racer
	fresh_marker
	mkdir -p "$b/rootfs/volume/dir" && ln -s "$marker" "$b/rootfs/volume/link"
	config "$volumes" true
	"$helpers/exchange" "$b/rootfs/volume/dir" "$b/rootfs/volume/link" 2>/dev/null &
	racer=$!
	for ((i = 0; i < 100; i++)); do kist run --bundle "$b" "$id"; done
	kill $racer && wait $racer 2>/dev/null
	untouched '100 runs'
	fresh_rootfs
}

# The same, but the exchange happens exactly before a call that the child makes: nothing is left to luck.
# STEP=1 takes every call.
exchange_before_every_call() {
	local n last_call failed=0 dir=$b/rootfs/volume/dir link=$b/rootfs/volume/link
	fresh_marker
	mkdir -p "$dir" && ln -s "$marker" "$link"
	config "$volumes" true
	"$at" list "$work/calls" "$KIST" --root "$state" run --bundle "$b" "$id" >/dev/null 2>&1
	last_call=$(awk '$1 == 1 { n = $2 } END { print n }' "$work/calls")
	yes 'the child makes calls' test "${last_call:-0}" -gt 50
	for ((n = 1; n <= last_call; n += ${STEP:-3})); do
		"$at" do 1 "$n" "'$helpers/exchange' '$dir' '$link' 1" "$KIST" --root "$state" run --bundle "$b" "$id" >"$work/exchanged" 2>&1 ||
			failed=$((failed + 1))
		rm -rf "$b/rootfs/volume" && mkdir -p "$dir" && ln -s "$marker" "$link"
	done
	untouched "$last_call exchanges"
	yes 'some runs notice, some are too late' test "$failed" -gt 10 -a "$failed" -lt "$last_call"
	fresh_rootfs
}

read_only_in_spite_of_fakes() { # CVE-2026-115521: a /proc of the image is not asked
	local n
	mkdir -p "$b/rootfs/proc/self/fd" "$b/rootfs/ro"
	for n in {3..30}; do ln -s "/dev/shm" "$b/rootfs/proc/self/fd/$n"; done
	config '.mounts |= map(select(.destination | startswith("/dev/") or IN("/dev")))
		| .mounts += [{destination: "/ro", type: "bind", source: "/etc", options: ["bind", "ro"]}]
		| .linux.maskedPaths = [] | .linux.readonlyPaths = ["/bin"]' \
		seq -- write /x 1 -- write /ro/x 1 -- write /bin/x 1
	kist run --bundle "$b" "$id"
	is "$out" $'write /x: EROFS\nwrite /ro/x: EROFS\nwrite /bin/x: EROFS' 'answers'
	fresh_rootfs
}

# --- the rest

cgroup_without_its_namespace() { # CVE-2023-25809
	[ -n "$cgroups" ] || { skip 'no cgroup v2 here'; return; }
	chmod 711 "$work" && config '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "user"}])
		| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}] | .linux.gidMappings = .linux.uidMappings
		| (.mounts[] | select(.type == "cgroup") | .options) = ["nosuid", "rw"]' \
		seq -- write /sys/fs/cgroup/cgroup.procs 0 -- mkdir /sys/fs/cgroup/x
	kist run --bundle "$b" "$id"
	like "$out" 'write /sys/fs/cgroup/cgroup.procs: EROFS
mkdir /sys/fs/cgroup/x: EROFS' 'read-only'
	chmod 755 "$work"
}

long_strings() { # CVE-2021-43784: no length wraps
	config '.mounts += [{destination: ("/" + "x" * 70000), type: "tmpfs", source: "t"}]' true
	kist run --bundle "$b" "$id"
	says 'mounts[7]: '
	config '.hostname = "x" * 70000' true
	kist run --bundle "$b" "$id"
	is "$code" 1 'hostname'
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [range(20000) | {containerID: ., hostID: ., size: 1}]
		| .linux.gidMappings = .linux.uidMappings' true
	kist run --bundle "$b" "$id"
	is "$code" 1 'twenty thousand mappings' && is "$(wc -l <<<"$err")" 1 'lines'
	config '.process.args += ["x" * 100000, "y" * 100000]' echo
	kist run --bundle "$b" "$id"
	is "$code:${#out}" 0:200001 'long arguments are fine'
}

# The gate for the whole class: before pivot_root the only path of the host that reaches the image is its root.
audit() { # FILTER
	local pivot
	config "$1" true
	strace -f -qq -s 300 -o "$work/trace" -e trace=%file,open_tree,move_mount,mount_setattr,fsconfig,fsmount,fsopen,mount,umount2,pivot_root,chdir,fchdir \
		"$KIST" --root "$state" run --bundle "$b" "$id" >"$work/io/trace" 2>&1
	is "$?" 0 "the run: $(<"$work/io/trace")"
	pivot=$(grep -n -m1 'pivot_root(' "$work/trace" | cut -d: -f1)
	yes 'pivot_root' test -n "$pivot"
	is "$(head -n "${pivot:-0}" "$work/trace" | grep -c "\"$b/rootfs")" 1 'calls with a path of the image'
	is "$(head -n "${pivot:-0}" "$work/trace" | grep -E 'mount\("|symlink\(|mknod\(|mkdir\("'"$b"'|\bchmod\("|link\("'"$b" | grep -v fsmount)" '' 'old calls'
	# Attributes come before the mount can be seen.
	is "$(grep -E 'mount_setattr\(AT_FDCWD' "$work/trace" | grep -vE 'AT_FDCWD, "[/.]"')" '' 'attributes by path'
}

auditor() {
	command -v strace >/dev/null || { skip 'strace is not installed'; return; }
	mkdir -p "$b/rootfs/a/b"
	audit .
	audit '.mounts += [{destination: "/a/b", type: "bind", source: "/etc", options: ["rbind", "ro"]}, {destination: "/new/dir", type: "tmpfs", source: "t"}]
		| .linux.devices = [{path: "/a/null", type: "c", major: 1, minor: 3}] | .linux.maskedPaths += ["/a/b"] | .process.cwd = "/a/b"'
	chmod 711 "$work"
	audit '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings'
	chmod 755 "$work"
	fresh_rootfs
}

settings() { cat /proc/sys/kernel/{core_pattern,sysrq,hostname,domainname,modprobe,randomize_va_space,shm_rmid_forced} /proc/sys/vm/swappiness; }

settings_of_the_host() { is "$(settings)" "$settings_before" 'sysctls of the host'; }

settings_before=$(settings)
check "kist's own program under attack" own_program_overwritten .
check "kist's own program under attack of its owner in a user namespace" own_program_overwritten '.linux.namespaces += [{type: "user"}]
	| .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings' --user
check "kist's own program as an interpreter" own_program_as_interpreter
check 'a hidden init' hidden_init
check 'the terminal of the caller' terminal_of_caller
check 'mounts in /proc' fake_proc
check '/proc and /sys as links' proc_and_sys_links
check 'sysctls' sysctls_stay_inside
check 'leaked directories' leaked_directories
check '/dev as a link' dev_is_a_link
check '/dev/null as a link' dev_null_is_a_link
check 'files of /dev as links' dev_files_are_links
check 'owners of standard streams' streams_keep_their_owner
check 'links on the way to a mount' links_on_the_way
check 'a directory that changes all the time' racing_directory
check 'a directory that changes before each call' exchange_before_every_call
check 'read-only in spite of a fake /proc' read_only_in_spite_of_fakes
check 'the cgroup tree without its namespace' cgroup_without_its_namespace
check 'very long strings' long_strings
check 'the auditor of paths' auditor
check 'settings of the host' settings_of_the_host
finish
