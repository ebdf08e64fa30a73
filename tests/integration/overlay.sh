#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The root out of layers: for root and in a user namespace, up to the kernel's number of layers, with hostile ones.
export TMPDIR=/var/tmp # on a disk: a tmpfs cannot be idmapped before Linux 6.3
. "$(dirname "$0")/lib.sh"
at=$BUILDDIR/tests/fault/at
layers=$work/layers
i=$work/instance # holds upper and work
mkdir "$layers"

# --- layers and documents

layer() { # NAME: an empty one, and the directory
	mkdir -p "$layers/$1"
	chmod 755 "$layers/$1"
}

base() { # the lowest one: what a container needs
	layer base
	mkdir -p "$layers/base/"{bin,proc,sys,dev,etc,d,open}
	cp "$PAYLOAD" "$layers/base/bin/payload"
	echo base >"$layers/base/etc/name"
	echo www >"$layers/base/etc/www" && chown 33:33 "$layers/base/etc/www"
	echo 1 >"$layers/base/d/one"
	chmod 1777 "$layers/base/open"
}

fresh() { # NAME...: upper and work, and those layers empty
	local l
	rm -rf --one-file-system "$i"
	mkdir -p "$i/upper" "$i/work"
	for l; do rm -rf --one-file-system "${layers:?}/$l" && layer "$l"; done
}

on() { # NAME...: a filter; the top one first
	local l list=''
	for l; do list+=,\"$layers/$l\"; done
	echo ".root.readonly = false | .kist = {root: {lower: [${list#,}], upper: \"$i/upper\", work: \"$i/work\"}}"
}

maps() { # FIRST-HOST-ID: a filter
	echo '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: '"$1"', size: 65536}]
		| .linux.gidMappings = .linux.uidMappings | .kist.root.idmap = true'
}
mapped=$(maps 100000)
kinds=(. "$mapped")

powerful() { # CAPABILITY...: a filter
	local all
	all=$(printf ',"%s"' "$@")
	echo ".process.noNewPrivileges = false | .process.capabilities = {bounding: [${all:1}], permitted: [${all:1}], effective: [${all:1}]}"
}

owner() { stat -c %u:%g "$1"; }
xattr() { "$PAYLOAD" setxattr "$@"; } # PATH NAME VALUE

# --- how many

pile() { # N: layers 1 … N upon base, each with a file of its own and one that all have
	local n
	for ((n = 1; n <= $1; n++)); do
		[ ! -d "$layers/$n" ] || continue
		layer $n
		mkdir "$layers/$n/d" && echo $n >"$layers/$n/top" && : >"$layers/$n/d/file$n"
	done
}

this_many() { # N, and base
	local kind
	pile "$1"
	for kind in "${kinds[@]}"; do
		fresh
		box "$(on $(seq "$1" -1 1) base) | $kind" seq -- cat /top /etc/name -- ls /d -- write /top mine -- cat /top
		is "$code$err" 0 'result'
		is "$(head -n 2 <<<"$out" | paste -sd ' ')" "$1 base" 'the top one is on top'
		is "$(grep -c ^file <<<"$out")" "$1" 'files of all layers'
		has "$out" mine 'what it wrote' && is "$(<"$i/upper/top") $(<"$layers/$1/top")" "mine $1" 'upper and layer'
	done
}

only_base() {
	local kind
	for kind in "${kinds[@]}"; do
		fresh
		box "$(on base) | $kind" seq -- cat /etc/name -- write /etc/name x -- fds
		is "$code$err" 0 'result' && like "$out" $'^base\n0 [^\n]*\n1 [^\n]*\n2 [^\n]*$' 'no other descriptors'
		is "$(<"$layers/base/etc/name")" base 'the layer'
	done
}

too_many() {
	box "$(on base) | .kist.root.lower = [range(501) | \"/layers/\\(.)\"]" true
	says '501 layers, but Linux takes at most 500'
}

twice() { # an image may have the same layer more than once
	fresh a
	echo a >"$layers/a/etc-a"
	box "$(on a base a base)" seq -- cat /etc/name -- cat /etc-a
	succeeds $'base\na'
}

# --- what changes

hidden() {
	local kind
	for kind in "${kinds[@]}"; do
		fresh b
		mknod "$layers/b/etc" c 0 0
		mkdir "$layers/b/d" && xattr "$layers/b/d" trusted.overlay.opaque y && : >"$layers/b/d/two"
		box "$(on b base) | $kind" seq -- stat /etc -- ls /d
		is "$out" $'stat /etc: ENOENT\ntwo' 'a whiteout and an opaque directory'
	done
}

changes() {
	local kind own=0:0
	for kind in "${kinds[@]}"; do
		fresh
		box "$(on base) | $kind | $(powerful CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_MKNOD)" seq -- write /etc/new x -- rm /d/one -- rm /d -- mkdir /d \
			-- ls /d -- rename /etc/name /etc/renamed -- cat /etc/renamed -- chown /etc/www 7 8 -- stat /etc/www -- chmod /open 700 -- mknod /fifo p 0 0
		is "$code $out" $'0 base\nfile 0644 7 8 0:0\nok' 'answers'
		is "$(owner "$i/upper/etc/new")" 0:0 "root's file on disk"
		is "$(owner "$i/upper/etc/www") $(owner "$layers/base/etc/www")" '7:8 33:33' 'a changed owner'
		is "$(stat -c %F%t%T "$i/upper/etc/name")" 'character special file00' 'the whiteout of what was renamed'
		is "$(owner "$i/upper/fifo") $(stat -c '%F %a' "$i/upper/fifo" "$i/upper/open" | paste -sd,)" '0:0 fifo 644,directory 700' 'fifo and mode'
		box "$(on base) | $kind" seq -- ls /d -- stat /etc/name -- stat /etc/www -- stat /open
		is "$out" $'stat /etc/name: ENOENT\nfile 0644 7 8 0:0\ndir 0700 0 0 0:0' 'the second run'
	done
}

users_file() { # made by uid 33 inside, it is 33's on disk
	local kind
	for kind in "${kinds[@]}"; do
		fresh
		box "$(on base) | $kind | .process.user = {uid: 33, gid: 33}" seq -- write /open/f x -- stat /open/f -- write /etc/f x -- append /etc/www more
		is "$out" $'file 0644 33 33 0:0\nwrite /etc/f: EACCES' 'answers'
		is "$(owner "$i/upper/open/f") $(owner "$i/upper/etc/www")" '33:33 33:33' 'owners on disk'
	done
}

shared_layers() { # two containers at once, with different ids on the host
	local first=$id
	fresh
	begin "$(on base) | $mapped" wait
	mkdir -p "$i/two/upper" "$i/two/work"
	id=$id-b
	box "$(on base) | .kist.root.upper = \"$i/two/upper\" | .kist.root.work = \"$i/two/work\" | $(maps 300000)" \
		seq -- stat /etc/www -- cat /etc/www -- write /etc/two 2 -- cat /proc/self/uid_map
	like "$out" $'^file 0644 33 33 0:0\nwww\n +0 +300000 +65536' 'the second'
	is "$(owner "$i/two/upper/etc/two")" 0:0 'its file on disk'
	id=$first
	inside seq -- stat /etc/www -- write /etc/one 1 -- stat /etc/two
	is "$out" $'file 0644 33 33 0:0\nstat /etc/two: ENOENT' 'the first, by exec'
	is "$(owner "$i/upper/etc/one") $(owner "$layers/base/etc/www")" '0:0 33:33' 'owners on disk'
	end
}

# --- what does not change

readonly_root() {
	local kind
	fresh one
	mkdir -p "$layers/one/"{bin,proc,sys,dev} && cp "$PAYLOAD" "$layers/one/bin/payload" && : >"$layers/one/f"
	for kind in "${kinds[@]}"; do
		box "$(on base) | $kind | .root.readonly = true" seq -- write /etc/x 1 -- cat /etc/name
		is "$out" $'write /etc/x: EROFS\nbase' 'root.readonly'
		# Shared layers stay what they are even for who may remount: MS_REMOUNT, alone and with MS_BIND.
		box "$(on one) | $kind | del(.kist.root.upper, .kist.root.work) | $(powerful CAP_SYS_ADMIN CAP_DAC_OVERRIDE)" \
			seq -- append /f x -- mount none / none 32 -- mount none / none 4128 -- append /f x
		is "$(grep -c 'append /f: EROFS' <<<"$out")" 2 "no upper: $out"
		is "$(<"$layers/one/f")" '' 'the layer'
	done
}

no_mount_point() {
	fresh bare
	mkdir "$layers/bare/bin" && cp "$PAYLOAD" "$layers/bare/bin/payload"
	refused 'make mount point /proc: it lies in a read-only file system and does not exist there' \
		"$(on bare) | del(.kist.root.upper, .kist.root.work)"
}

table() { cut -d' ' -f4- /proc/self/mountinfo; }

unseen() { # in the host's list of mounts, at no time
	local kind before
	for kind in "${kinds[@]}"; do
		fresh
		before=$(table)
		begin "$(on base) | $kind" wait
		is "$(table)" "$before" 'while it runs'
		has "$(<"/proc/$(pid_of)/mountinfo")" ' / / ' 'its own list'
		kill -KILL "$(pid_of)"
		becomes stopped
		is "$(table)" "$before" 'after its death'
		end
		is "$(table)" "$before" 'after delete'
	done
}

while_starting() { # nor while it is being made: looked at before each call that mounts
	local kind n code
	for kind in "${kinds[@]}"; do
		for n in fsconfig:1 fsmount:1 mount_setattr:1 move_mount:1; do
			fresh
			config "$(on base) | $kind" true
			table >"$work/table"
			timeout 20 "$at" do $([ "$kind" = . ] && echo 1 || echo 2) $n "cut -d' ' -f4- /proc/self/mountinfo >$work/table.now" \
				"$KIST" --root "$state" run --bundle "$b" "$id" >/dev/null 2>&1
			code=$?
			[ $code = 99 ] && continue # no such call in that process
			is "$code" 0 "$n" && is "$(<"$work/table.now")" "$(<"$work/table")" "at $n"
		done
	done
}

# The way of kernels before 6.15, on any: the descriptor of the first layer is refused.  That it was the way shows in
# the list of layers: numbers, where the new way has paths.
older_way() {
	local process call kind
	while read -r process call kind; do
		fresh b
		config "$(on b base) | $kind" seq -- cat /etc/name -- stat /etc/www -- write /new x -- mounts
		out=$(timeout 20 "$at" fail "$process" "fsconfig:$call" 22 "$KIST" --root "$state" run --bundle "$b" "$id" 2>"$work/err")
		is "$(<"$work/err")" '' "$kind"
		has "$out" $'base\nfile 0644 33 33 0:0' 'what is in the layers'
		like "$out" $'/ / rw[^\n]* overlay overlay [^\n]*lowerdir=[0-9]+:[0-9]+' 'the way'
		[[ $kind == *del* ]] && has "$out" 'write /new: EROFS' 'no upper' || is "$(owner "$i/upper/new")" 0:0 'the new file'
	done <<-END
		1 1 .
		1 4 del(.kist.root.upper, .kist.root.work)
		2 1 $(tr '\n' ' ' <<<"$mapped")
		2 4 $(tr '\n' ' ' <<<"$mapped") | del(.kist.root.upper, .kist.root.work)
	END
}

# --- what is refused, in which words

refused() { # TEXT FILTER
	box "$2" true
	says "$1"
}

links() {
	local kind
	fresh
	for kind in "${kinds[@]}"; do
		rm -rf "$i/upper" && ln -s "$layers" "$i/upper"
		refused 'open upper directory upper: not a directory (a symbolic link is not followed there)' "$(on base) | $kind"
		rm "$i/upper" && mkdir "$i/upper" && rm -rf "$i/work" && ln -s "$layers" "$i/work"
		refused 'open work directory work: not a directory' "$(on base) | $kind"
		rm "$i/work" && mkdir "$i/work"
		ln -sfn base "$layers/link"
		refused "open layer $layers/link: not a directory" "$(on link base) | $kind"
		refused "open layer $layers/none: No such file or directory" "$(on none base) | $kind"
	done
	rm "$layers/link"
}

unfit() {
	fresh
	refused 'two of the directories lie in one another' "$(on base/etc base)"
	mkdir -p "$i/o/u" "$i/o/w" "$i/m"
	mount -t overlay -o "lowerdir=$layers/base,upperdir=$i/o/u,workdir=$i/o/w" overlay "$i/m"
	mkdir "$i/m/upper" "$i/m/work"
	refused 'upper may not be fit for it (another overlay' "$(on base) | .kist.root.upper = \"$i/m/upper\" | .kist.root.work = \"$i/m/work\""
	refused "idmap the directory of upper and work $i/m: its file system cannot be idmapped" \
		"$(on base) | $mapped | .kist.root.upper = \"$i/m/upper\" | .kist.root.work = \"$i/m/work\""
	umount "$i/m"
	fresh
	box "$(on base) | .kist.root.volatile = true" write /x 1
	succeeds ''
	refused 'upper was used volatile' "$(on base)"
	fresh
}

# --- layers of an attacker

pointing() { # an attribute that names another file: followed by an overlay that allows it, which is the control
	local kind
	fresh evil low
	mkdir -p "$layers/low/secret" "$layers/evil/alias" "$layers/evil/m" "$i/c"
	echo hidden >"$layers/low/secret/key"
	mknod "$layers/evil/secret" c 0 0
	xattr "$layers/evil/alias" trusted.overlay.redirect /secret
	truncate -s 7 "$layers/evil/copy" && xattr "$layers/evil/copy" trusted.overlay.metacopy ''
	xattr "$layers/evil/copy" trusted.overlay.redirect /secret/key
	mount -t overlay -o "redirect_dir=on,metacopy=on,lowerdir=$layers/evil:$layers/low:$layers/base" control "$i/c"
	is "$(cat "$i/c/alias/key" "$i/c/copy")" $'hidden\nhidden' 'control'
	umount "$i/c"
	for kind in "${kinds[@]}"; do
		fresh
		box "$(on evil low base) | $kind" seq -- cat /alias/key -- cat /copy -- cat /secret/key
		lacks "$out" hidden 'what it read'
		has "$out" 'open /alias/key: E' 'the directory'
	done
}

climbing() { # links and names in the layers that lead out of them
	local kind
	fresh evil
	echo precious >"$work/precious"
	ln -s "$work/precious" "$layers/evil/abs" && ln -s ../../../../../../../../..$work/precious "$layers/evil/rel"
	ln -s "$work" "$layers/evil/dir" && ln -s /proc/1/root "$layers/evil/magic"
	for kind in "${kinds[@]}"; do
		fresh
		box "$(on evil base) | $kind" seq -- write /abs x -- append /rel x -- write /dir/precious x -- cat "/magic$work/precious"
		is "$(<"$work/precious")" precious "the host's file" && is "$(grep -c ENOENT <<<"$out")" 4 "$out"
	done
	rm "$work/precious"
}

devices() { # a node in a layer is the device for the host's root, and nothing in a user namespace
	fresh nodes
	mknod -m 666 "$layers/nodes/full" c 1 7
	box "$(on nodes base)" write /full x
	is "$out" 'write /full: ENOSPC' 'control'
	box "$(on nodes base) | $mapped" seq -- write /full x -- write /dev/full x
	is "$out" $'write /full: EACCES\nwrite /dev/full: ENOSPC' 'with a user namespace'
}

names() { # that mean something to mount(8)
	local odd=$'a,b:c\\d "e" upperdir=x' kind
	fresh "$odd"
	: >"$layers/$odd/odd"
	mkdir -p "$i/$odd/upper" "$i/$odd/work"
	for kind in "${kinds[@]}"; do
		export ODD=$layers/$odd UPPER=$i/$odd
		box "$(on base) | $kind | .kist.root = .kist.root + {upper: (env.UPPER + \"/upper\"), work: (env.UPPER + \"/work\")}
			| .kist.root.lower = [env.ODD] + .kist.root.lower" seq -- stat /odd -- write /new x
		is "$code" 0 "$err" && yes 'upper' test -e "$UPPER/upper/new"
	done
	unset ODD UPPER
	rm -rf "${layers:?}/$odd"
}

# --- other roots

host_as_layer() { # "/" itself, upper inside of it or not; and nothing that is mounted on it
	local kind filter made
	for kind in "${kinds[@]}"; do
		fresh
		: >"/etc/$tag"
		filter="$(on base) | $kind | .kist.root.lower = [\"/\"] | .process.args = [\"/bin/sh\", \"-c\", \"rm /etc/$tag; echo made >/etc/$tag.new; ls -A /run; stat -c %u:%g /etc/passwd\"]"
		mkdir -p "$work/r" && mount --bind / "$work/r"
		made=$(ls -A "$work/r/run")
		umount "$work/r"
		box "$filter"
		is "$code" 0 "$err"
		is "$out" "$made${made:+$'\n'}0:0" 'what it saw'
		yes "the host's file" test -e "/etc/$tag" && no 'the new file' test -e "/etc/$tag.new"
		is "$(<"$i/upper/etc/$tag.new")" made 'upper'
	done
	rm "/etc/$tag"
	rmdir "$work/r"
}

other_ways_in() { # without pivot_root(2), and with mounts shared with the host
	local kind
	for kind in "${kinds[@]}"; do
		fresh
		config "$(on base) | $kind" seq -- cat /etc/name -- write /new x -- readlink /proc/1/root
		kist run --no-pivot --bundle "$b" "$id"
		is "$out" $'base\n/' "$err"
		fresh
		box "$(on base) | $kind | .linux.rootfsPropagation = \"shared\"" seq -- cat /etc/name -- write /new x
		is "$out" base "$err" && yes 'upper' test -e "$i/upper/new"
	done
}

upper_elsewhere() { # inside of a layer by its path, on a file system of its own
	local kind
	for kind in "${kinds[@]}"; do
		fresh
		mkdir -p "$layers/base/mnt" && mount --bind "$i" "$layers/base/mnt"
		box "$(on base) | $kind | .kist.root.upper = \"$layers/base/mnt/upper\" | .kist.root.work = \"$layers/base/mnt/work\"" seq -- write /new x -- ls /mnt
		is "$code$out" 0 "$err" && yes 'upper' test -e "$i/upper/new"
		umount "$layers/base/mnt"
		rmdir "$layers/base/mnt"
	done
}

plain_root_idmapped() {
	chown -R 0:0 "$b/rootfs" && : >"$b/rootfs/f" && chown 33:33 "$b/rootfs/f"
	box ".root.readonly = false | $mapped | .kist.root.lower = []" true
	says 'the list is empty'
	box ".root.readonly = false | $mapped" seq -- stat /f -- write /new x -- stat /bin
	is "$out" $'file 0644 33 33 0:0\ndir 0755 0 0 0:0' 'owners inside' && is "$(owner "$b/rootfs/new")" 0:0 'on disk'
	fresh_rootfs
}

users_own() { # without privilege: the layers are the user's, and attributes of the overlay have other names
	local u=$work/nobody
	mkdir -p "$u/b/upper" "$u/b/work" "$u/run"
	cp -r "$layers/base" "$u/base" && mkdir "$u/b/rootfs"
	chown -R 65534:65534 "$u"
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups "${bare[@]}" "PATH=$PATH" HOME=/ "XDG_RUNTIME_DIR=$u/run")
	"${as[@]}" "$KIST" spec --rootless --bundle "$u/b"
	jq '.process.terminal = false | .root.readonly = false | .process.args = ["payload", "seq", "--", "cat", "/etc/name", "--", "rm", "/etc/name", "--", "stat", "/etc/name",
		"--", "write", "/etc/new", "x"] | .kist.root = {lower: ["'"$u"'/base"], upper: "upper", work: "work"}' "$u/b/config.json" >"$work/config"
	cat "$work/config" >"$u/b/config.json"
	kist --root "$u/state" run --bundle "$u/b" "$id"
	is "$out" $'base\nstat /etc/name: ENOENT' "$err" && is "$(owner "$u/b/upper/etc/new")" 65534:65534 'owner on disk'
	jq '.kist.root.idmap = true' "$work/config" >"$u/b/config.json"
	kist --root "$u/state" run --bundle "$u/b" "$id"
	says 'only root can make idmapped mounts'
	as=(env)
	chmod -R u+rwx "$u" && rm -rf "$u"
}

base
check 'one layer' only_base
counts=(2 20 120 499)
[ -z "${KIST_TESTBED-}" ] || counts=(2 499) # an emulated host is slow
for n in "${counts[@]}"; do check "$n layers and one" this_many $n; done
check 'more than Linux takes' too_many
check 'the same layer twice' twice
check 'whiteouts and opaque directories' hidden
check 'changes, and a second run' changes
check "a user's file" users_file
check 'two containers on the same layers' shared_layers
check 'read-only' readonly_root
check 'read-only layers without mount points' no_mount_point
check "the host's list of mounts" unseen
check "the host's list of mounts on the way" while_starting
check 'the way of older kernels' older_way
check 'links and missing directories' links
check 'unfit directories' unfit
check 'layers that point at hidden files' pointing
check 'layers that climb' climbing
check 'device nodes in a layer' devices
check 'odd names' names
check 'the host as a layer' host_as_layer
check 'without pivot_root, and shared' other_ways_in
check 'upper on another file system' upper_elsewhere
check 'a plain root, idmapped' plain_root_idmapped
check "a user's own" users_own
finish
