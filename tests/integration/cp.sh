#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist cp: what it copies, under which name, for whom, and that nothing inside leads it outside.
. "$(dirname "$0")/lib.sh"

at=$BUILDDIR/tests/fault/at
one=one-$tag two=two-$tag
fs=$work/fs h=$work/h

make_image() {
	mkdir -p "$fs"/{bin,etc,srv,run,tmp,var,data} && cp "$PAYLOAD" "$fs/bin/payload"
	printf 'root:x:0:0::/root:/bin/sh\nwww:x:33:34::/var/www:/bin/sh\n' >"$fs/etc/passwd"
	ln -s /run "$fs/var/run"
	"$KIST" --data "$data" image import --name web:1 --cmd 'payload wait' "$fs" >/dev/null || { echo 'Bail out! no image'; exit 1; }
}
: >"$work/nothing" && mount --bind "$work/nothing" /etc/subuid && mount --bind "$work/nothing" /etc/subgid # the usual range: several at once
make_image

up() { # NAME [OPTION...]: an instance that runs
	kist run --network none -d --name "$1" "${@:2}" web:1
	succeeds ''
}
halt() {
	kist kill "$1" KILL
	yes 'stopped' until_true is_stopped "$1"
}
is_stopped() { [ "$(jq -r .status < <("$KIST" --root "$state" --data "$data" state "$1"))" = stopped ]; }
gone() {
	local each
	for each; do kist delete -f "$each"; done
	fresh
}
inner() { # COMMAND...: of the host, on the instance's files, as its root
	local pid
	pid=$(pid_of "$one")
	if [ "/proc/$pid/ns/user" -ef /proc/self/ns/user ]; then
		"$@"
	else
		nsenter --target "$pid" --user --setuid 0 --setgid 0 -- "$@"
	fi
}
fresh() { rm -rf "$h" && mkdir "$h"; }
copies() { kist cp "$@"; succeeds ''; }
shows() { # NAME PATH TEXT: while it runs
	kist exec "$1" payload cat "$2"
	succeeds "$3"
}
inside_stat() { kist exec "$one" payload stat "$1"; }

# --- names

# Each row: what is copied to where, and where its content is then, or the error.  "d" holds f, "e" is an empty
# directory, "f" and "g" are files; links: "ld" to e, "lf" to g, "lx" to nowhere.
rows='
f      new        new
f      e          e/f
f      e/         e/f
f      e/.        e/f
f      g          g
f      new/       there is no such directory
f      no/new     does not exist
f      g/         there is no such directory
f      ld         e/f
f      ld/        e/f
f      lf         g
f      lx         nowhere
d      new        new/f
d      new/       new/f
d      e          e/d/f
d      e/.        e/d/f
d/     e          e/d/f
d/.    e          e/f
d/.    e/.        e/f
d/.    new        new/f
d/.    .          f
d      g          a directory cannot become a file
d      ld         e/d/f
f      ../../../e e/f
none   new        No such file or directory
f/     new        Not a directory
f/.    new        Not a directory
sub/f  d          d/f
'

plant() { # DIRECTORY: the files of the table
	mkdir -p "$1"/{d,e,sub} && echo text >"$1/f" && echo text >"$1/d/f" && echo other >"$1/g" && echo text >"$1/sub/f"
	ln -s e "$1/ld" && ln -s /t/g "$1/lf" && ln -s nowhere "$1/lx"
}

# The tree is made anew for each row by the kist under test; that it arrives is a test, too.
one_row() { # SOURCE DEST WANTED...
	local at
	rm -rf "$h" && plant "$h" && ln -sfn g "$h/lf"
	case $way in
	in)
		kist cp "$h/$1" "$one:/t/$2"
		at=$root/t ;;
	out)
		(cd "$h" && "$KIST" --root "$state" --data "$data" cp "$one:/t/$1" "${2#../../../}") >"$work/io/row" 2>&1
		code=$? err=$(<"$work/io/row") at=$h ;;
	esac
	[ "$2" != ../../../e ] || [ "$way" = out ] || at=$root
	if [ "$code" = 0 ]; then
		is "$(cat "$at/$3" 2>&1)" text "$way: $1 to $2"
	else
		has "$err" "${*:3}" "$way: $1 to $2"
		is "$(wc -l <<<"$err")" 1 "$way: $1 to $2: lines"
	fi
	inner rm -rf "$root/t" "$root/e"
}

table() { # in|out: of a running one, seen through its own root
	local way=$1 root source dest wanted
	up "$one"
	root=/proc/$(pid_of "$one")/root
	while read -r source dest wanted; do
		[ -n "$source" ] || continue
		inner mkdir -p "$root/e" && inner bash -c "$(declare -f plant); plant $root/t"
		one_row "$source" "$dest" $wanted
	done <<<"$rows"
	gone "$one"
}

# --- owners

whose() {
	up "$one"
	fresh && echo x >"$h/f" && chown 33:34 "$h/f" && chmod 4640 "$h/f"
	mkdir "$h/d" && chown 33:34 "$h/d" && chmod 2751 "$h/d" && touch -d '2001-02-03 04:05:06 UTC' "$h/f" "$h/d"
	copies "$h/f" "$one:/srv/" && copies "$h/d" "$one:/srv/"
	copies -a "$h/f" "$one:/srv/a" && copies -a "$h/d" "$one:/srv/ad"
	for state_of in running stopped; do
		[ $state_of = running ] || halt "$one"
		copies -a "$one:/srv" "$h/$state_of"
		is "$(cd "$h/$state_of" && stat -c '%n %u:%g %a %Y' f d a ad | tr '\n' ' ')" \
			'f 0:0 640 981173106 d 0:0 751 981173106 a 33:34 4640 981173106 ad 33:34 2751 981173106 ' $state_of
	done
	copies "$one:/srv/a" "$h/mine" # of a stopped one
	is "$(stat -c '%u:%g %a' "$h/mine")" '0:0 640' 'without --archive'
	chown 33:34 "$h/f" && chmod 640 "$h/f"
	copies -a "$h/f" "$one:/srv/late" && copies "$h/f" "$one:/srv/root's"
	chown 3000000:3000000 "$h/f"
	kist cp -a "$h/f" "$one:/srv/strange"
	says 'owner without a place'
	kist start "$one" && succeeds ''
	inside_stat /srv/late && has "$out" '640 33 34' 'of what was copied meanwhile'
	inside_stat "/srv/root's" && has "$out" '640 0 0' 'of what was copied meanwhile'
	is "$(stat -c %u "$data/instances/$one/upper/srv/late")" 33 'on the disk'
	gone "$one"
}

no_user_namespace() {
	up "$one" --userns host
	fresh && echo x >"$h/f" && chown 33:34 "$h/f"
	copies "$h/f" "$one:/srv/f" && copies -a "$h/f" "$one:/srv/a"
	is "$(stat -c %u:%g "$data/instances/$one/upper/srv/"{f,a} | tr '\n' ' ')" '0:0 33:34 ' 'owners'
	halt "$one"
	copies -a "$one:/srv/a" "$h/a" && is "$(stat -c %u:%g "$h/a")" 33:34 'stopped'
	gone "$one"
}

# --- kinds of files

everything() { # in, out, and between: the same again
	up "$one" && up "$two"
	fresh && mkdir "$h/src" && cd "$h/src" || return
	echo a >a && ln a b && mkdir -p sub/deep && ln a sub/deep/c && ln -s a link && ln -s /etc/passwd out && ln -s sub dirlink
	mkfifo fifo && truncate -s 100M hole && printf end >>hole &&
		"$PAYLOAD" setxattr a user.color blue >/dev/null && "$PAYLOAD" setxattr sub user.of dir >/dev/null
	cp "$PAYLOAD" caps && setcap cap_net_raw+ep caps && : >empty && echo x >'sub/ a "name"'$'\n'
	cd "$work" || return
	for pause in running stopped; do
		[ $pause = running ] || { halt "$one" && halt "$two"; }
		copies -a "$h/src" "$one:/srv/$pause" && copies -a "$one:/srv/$pause" "$two:/srv/$pause" && copies -a "$two:/srv/$pause" "$h/$pause"
		is "$(diff -r --no-dereference "$h/src" "$h/$pause" 2>&1 | grep -v fifo)" '' "$pause: contents"
		is "$(cd "$h/$pause" && stat -c %i a b sub/deep/c | sort -u | wc -l)" 1 "$pause: hard links"
		is "$(readlink "$h/$pause/out")" /etc/passwd "$pause: link" && yes "$pause: FIFO" test -p "$h/$pause/fifo"
		yes "$pause: hole" test "$(stat -c %b "$h/$pause/hole")" -lt 2000
		is "$(cd "$h/$pause" && "$PAYLOAD" xattrs b sub link)" $'b user.color=blue\nsub user.of=dir' "$pause: attributes"
		has "$(getcap "$h/$pause/caps")" cap_net_raw=ep "$pause: capabilities"
	done
	kist start "$two" && succeeds ''
	shows "$two" /srv/stopped/sub/deep/c a
	gone "$one" "$two"
}

no_attributes() { # without --archive nothing of the image becomes a power on the host
	up "$one"
	fresh && cp "$PAYLOAD" "$h/p" && chmod 6755 "$h/p" && setcap cap_net_raw+ep "$h/p" && "$PAYLOAD" setxattr "$h/p" user.x y >/dev/null
	copies -a "$h/p" "$one:/srv/p" && copies "$one:/srv/p" "$h/q"
	is "$(stat -c %a "$h/q")$(getcap "$h/q")$("$PAYLOAD" xattrs "$h/q")" 755 'out'
	gone "$one"
}

not_opened() {
	local started=$SECONDS
	up "$one" --userns host
	fresh
	kist exec "$one" payload seq -- mknod /srv/fifo p 0 0 -- mkdir /srv/d && succeeds
	mknod "$data/instances/$one/upper/srv/null" c 1 3 2>/dev/null
	copies "$one:/srv/fifo" "$h/" && yes 'FIFO' test -p "$h/fifo"
	kist cp "$one:/proc/kmsg" "$h/"
	says 'the kernel makes up'
	kist cp "$one:/proc/sys/kernel/hostname" "$h/"
	says 'the kernel makes up'
	kist cp "$one:/dev/zero" "$h/"
	says 'a device or a socket'
	kist cp "$one:/dev/." "$h/dev"
	is "$code" 0 'devices' && has "$err" 'warning: zero is left out: a device' 'which is said' && no 'devices' test -e "$h/dev/zero"
	kist --log-level error cp "$one:/." "$h/all"
	succeeds '' && is "$(ls -A "$h/all/proc" "$h/all/sys" | grep -vc :)" 1 'what the kernel makes up'
	is "$(cat "$h/all/etc/passwd")" "$(cat "$fs/etc/passwd")" 'all of it'
	echo x >"$h/f"
	for to in /proc/sys/kernel/hostname /sys/fs/cgroup/ /proc/ /sys/fs/cgroup/new; do
		kist cp "$h/f" "$one:$to"
		is "$code" 1 "to $to"
	done
	yes 'bounded time' test $((SECONDS - started)) -lt 20
	gone "$one"
}

# --- what is mounted

mounted() {
	mkdir -p "$work/bound" && chmod 777 "$work/bound" && echo host >"$work/bound/file"
	up "$one" -v "vol-$tag:/data" -v "$work/bound:/srv" --tmpfs /mem
	fresh && echo x >"$h/f" && chown 33:34 "$h/f"
	copies -a "$h/f" "$one:/data/f" && copies "$h/f" "$one:/mem/f" && copies "$h/f" "$one:/srv/f"
	is "$(stat -c %u "$data/volumes/vol-$tag/data/f")" 33 'volume'
	yes 'of the instance and nobody else' test "$(stat -c %u "$work/bound/f")" -gt 65535
	copies "$one:/mem/f" "$h/m" && is "$(cat "$h/m")" x 'memory'
	copies "$one:/srv/file" "$h/b" && is "$(cat "$h/b")" host 'bound'
	halt "$one"
	copies "$one:/data/f" "$h/v" && copies "$h/f" "$one:/data/g" && copies "$one:/srv/file" "$h/c"
	is "$(stat -c %u "$data/volumes/vol-$tag/data/g")" 0 'volume of a stopped one'
	kist cp "$h/f" "$one:/mem/g"
	says 'only while the instance runs'
	kist cp "$one:/mem/f" "$h/none"
	says 'No such file'
	gone "$one" && kist volume remove "vol-$tag"
	up "$one" --read-only
	fresh && echo x >"$h/f"
	kist cp "$h/f" "$one:/srv/f" && says 'read-only'
	copies "$h/f" "$one:/run/f"
	halt "$one"
	kist cp "$h/f" "$one:/srv/f" && says 'read-only'
	gone "$one"
}

# What is shown of the host without maps is the host's, whoever asks kist to copy: its root can do what the instance's can.
only_its_own_power() {
	mkdir -p "$work/host/private" && echo secret >"$work/host/private/key" && chmod 755 "$work/host" && chmod 700 "$work/host/private"
	up "$one" -v "$work/host:/srv"
	fresh && echo x >"$h/f"
	for pause in running stopped; do
		[ $pause = running ] || halt "$one"
		kist cp "$h/f" "$one:/srv/f" && says 'Permission denied'
		kist cp "$one:/srv/private/key" "$h/" && says 'Permission denied'
		kist cp "$one:/srv" "$h/$pause" && says 'Permission denied' && no "$pause" test -e "$h/$pause/private/key"
	done
	gone "$one"
	up "$one" --userns host -v "$work/host:/srv" # control
	echo x >"$h/f"
	copies "$h/f" "$one:/srv/f" && copies "$one:/srv/private/key" "$h/key"
	gone "$one"
}

rootless_root() { # a directory as root, without layers
	chmod 700 "$work"
	kist run --network none -d --name "$one" --rootfs "$fs" payload wait && succeeds ''
	fresh && echo x >"$h/f" && chown 33:34 "$h/f"
	copies -a "$h/f" "$one:/srv/f"
	halt "$one"
	copies -a "$h/f" "$one:/srv/g" && is "$(stat -c %u:%g "$fs/srv/"{f,g} | tr '\n' ' ')" '33:34 33:34 ' 'owners'
	copies "$one:/srv/g" "$h/g"
	rm -f "$fs/srv/"{f,g}
	gone "$one" && chmod 755 "$work"
}

hosts_own_tree() { # its secrets are covered, whether the instance runs or not
	kist run --network none -d --name "$one" --rootfs / --overlay sleep 60
	succeeds ''
	fresh && echo x >"$h/f"
	for pause in running stopped; do
		[ $pause = running ] || halt "$one"
		copies "$one:/etc/passwd" "$h/$pause" && is "$(cat "$h/$pause")" "$(cat /etc/passwd)" "$pause"
		kist cp "$one:/etc/shadow" "$h/shadow" && says 'a device or a socket'
		copies -a "$one:/root" "$h/root-$pause" && is "$(ls -A "$h/root-$pause")" '' "$pause: /root"
		copies "$h/f" "$one:/etc/it-$tag-$pause" && no "$pause: on the host" test -e "/etc/it-$tag-$pause"
		kist cp "$h/f" "$one:/root/" && is "$code" 1 "$pause: into what is covered"
	done
	gone "$one"
}

bundles() { # what another tool made, while it runs
	begin '.root.readonly = false' wait
	fresh && echo x >"$h/f"
	copies "$h/f" "$id:/f" && is "$(cat "$b/rootfs/f")" x 'there'
	copies "$id:/f" "$h/g" && rm "$b/rootfs/f"
	kist kill "$id" KILL && becomes stopped
	kist cp "$id:/f" "$h/h"
	says 'does not run'
	end
}

# --- what goes wrong

refused() {
	up "$one"
	fresh && echo x >"$h/f"
	for row in "$h/f $h/g neither is in an instance" "nobody-$tag:/f $h does not exist" "$one: $h expected NAME:PATH" \
		"$h/none $one:/srv No such file" "$one:/none $h No such file" "- $one:/srv tar stream" "$h/f $one:/bin/payload/x Not a directory" \
		"$h/f $one:/none/x does not exist" "/dev/null $one:/srv a device"; do
		read -r from to wanted <<<"$row"
		kist cp "$from" "$to"
		says "$wanted"
	done
	kist cp "$h/f"
	is "$code" 1 'one operand'
	mkdir "$h/d" "$h/d/f" && echo y >"$h/e"
	copies "$one:/srv/." "$one:/etc/srv" # within one
	copies "$h/d" "$one:/srv" && kist cp "$h/e" "$one:/srv/d/f/.." && succeeds ''
	kist cp "$h/f" "$one:/srv/d"
	says 'Is a directory'
	ln -s / "$h/root" && mkdir "$h/s" "$h/s/root" && echo bad >"$h/s/root/marker"
	kist cp "$h/s/." "$one:/srv/" && succeeds '' # control
	kist cp "$one:/srv/root" "$h"
	says 'is there already and is no directory' && no 'through the link' test -e /marker
	is "$(find "$data/instances/$one/upper" -name '.kist-cp*')" '' 'leftovers'
	gone "$one"
}

cannot_start_meanwhile() {
	up "$one" && halt "$one"
	fresh && mkfifo "$work/hold"
	exec 9<"$data/instances/$one" && flock 9
	kist cp "$one:/etc/passwd" "$h/"
	says 'try again'
	exec 9<&-
	copies "$one:/etc/passwd" "$h/"
	gone "$one"
}

# --- attacks

marker=$work/marker
fresh_marker() { rm -rf "$marker" && mkdir -p "$marker/etc" && echo secret >"$marker/file" && echo secret >"$marker/etc/passwd"; }
untouched() { is "$(cd "$marker" && find . | sort | tr '\n' ' '):$(cat "$marker/file")" '. ./etc ./etc/passwd ./file :secret' "the host's files, $1"; }

links_out() {
	local root
	up "$one"
	root=/proc/$(pid_of "$one")/root
	fresh && fresh_marker && echo x >"$h/f" && mkdir -p "$h/tree/sub" && echo x >"$h/tree/sub/f"
	for to in "$marker" "../../../../../../../..$marker"; do
		inner ln -sfn "$to" "$root/srv/link" && inner ln -sfn "$to/file" "$root/srv/flink"
		kist cp "$one:/srv/link/file" "$h/got" && says 'No such file'
		kist cp "$one:/srv/link/" "$h/got" && says 'No such file'
		kist cp "$h/f" "$one:/srv/link/new" && says 'does not exist'
		kist cp -L "$one:/srv/flink" "$h/got" && says 'No such file'
		kist cp "$h/tree/." "$one:/srv/link" && is "$code" 1 'a directory'
		copies "$one:/srv" "$h/srv" && yes 'a link, as it is' test -L "$h/srv/link" && rm -rf "$h/srv"
		untouched "links to $to"
	done
	inner ln -sfn /etc/passwd "$root/srv/link" && inner ln -sfn /proc/self/root "$root/srv/magic" && inner ln -sfn /proc/1/root "$root/srv/magic1"
	copies -L "$one:/srv/link" "$h/passwd" && is "$(cat "$h/passwd")" "$(cat "$fs/etc/passwd")" 'its own'
	for magic in magic magic1; do
		kist cp "$one:/srv/$magic$marker/file" "$h/got" && is "$code" 1 'magic links'
		kist cp "$h/f" "$one:/srv/$magic$marker/new" && is "$code" 1 'magic links'
	done
	untouched 'magic links'
	copies "$h/f" "$one:/var/run/f" && copies "$one:/run/f" "$h/run" # /var/run leads to /run
	gone "$one"
}

# A directory and a link to the host change places all the time, on the way and at the end of it.
racing() { # OPTION...: of the instance
	local i root racers=() leaked=0 r races=${RACES:-300}
	[ -n "${RACES-}" ] || ! is_sanitized || races=60 # the cases below find the same without luck
	up "$one" "$@"
	root=/proc/$(pid_of "$one")/root
	fresh && fresh_marker
	mkdir -p "$h/tree/etc" "$h/srv/dir/etc" && echo new | tee "$h/tree/file" >"$h/tree/etc/new"
	echo mine | tee "$h/srv/own" "$h/srv/dir/file" >"$h/srv/dir/etc/passwd"
	ln -s "$marker" "$h/srv/link" && ln -s "$marker/file" "$h/srv/flink"
	copies "$h/srv/." "$one:/srv"
	inner "$helpers/exchange" "$root/srv/dir" "$root/srv/link" 2>/dev/null & racers+=($!)
	inner "$helpers/exchange" "$root/srv/own" "$root/srv/flink" 2>/dev/null & racers+=($!)
	for ((i = 0; i < races; i++)); do
		rm -rf "$h/got" && mkdir "$h/got"
		case $((i % 6)) in
		0) r=("$one:/srv/dir/file" "$h/got/") ;;
		1) r=(-L "$one:/srv/own" "$h/got/") ;;
		2) r=("$one:/srv/dir/." "$h/got") ;;
		3) r=("$h/tree/file" "$one:/srv/dir/new") ;;
		4) r=("$h/tree" "$one:/srv/dir") ;;
		5) r=("$h/tree/file" "$one:/srv/own") ;;
		esac
		"$KIST" --root "$state" --data "$data" cp "${r[@]}" >"$work/io/race" 2>&1
		! grep -rqs secret "$h/got" || leaked=$((leaked + 1))
	done
	untouched "$i copies" && is "$leaked" 0 'what came out'
	# control: who resolves names as the host does is led outside
	for ((i = 0; i < 500; i++)); do
		cp -rL "$root/srv/dir/." "$h/naive" 2>/dev/null
		! grep -rqs secret "$h/naive" || break
	done
	yes 'control: the attack works' grep -rqs secret "$h/naive"
	kill "${racers[@]}" && wait "${racers[@]}" 2>/dev/null
	gone "$one"
}

# The same, but the exchange happens exactly before a call that one of the two processes makes. STEP=1 takes every call.
exchange_before_every_call() { # out|in
	local n last_call root half=1 r=("$one:/srv/dir" "$h/got")
	[ "$1" = out ] || half=2 r=("$h/tree/." "$one:/srv/dir/sub")
	up "$one" --userns host # so that nothing but the way in which names are resolved can help
	root=/proc/$(pid_of "$one")/root
	fresh_marker && mkdir "$marker/sub" "$marker/sub/more" && echo secret >"$marker/sub/file" && echo secret >"$marker/sub/more/file"
	mkdir -p "$h/tree/more" && echo new | tee "$h/tree/new" >"$h/tree/more/new"
	once() { # AT-ARGUMENT...
		rm -rf "$root/srv" "$h/got" && mkdir -p "$root/srv/dir/sub/more" && ln -s "$marker" "$root/srv/link"
		echo mine | tee "$root/srv/dir/file" "$root/srv/dir/sub/file" >"$root/srv/dir/sub/more/file"
		"$at" "$@" "$KIST" --root "$state" --data "$data" cp -a "${r[@]}" >"$work/io/at" 2>&1
	}
	before=$(find "$marker" | sort)
	once list "$work/calls" || bad "$(<"$work/io/at")"
	last_call=$(awk -v half=$half '$1 == half { n = $2 } END { print n }' "$work/calls")
	yes 'the process makes calls' test "${last_call:-0}" -gt 40
	for ((n = 1; n <= last_call; n += ${STEP:-2})); do
		once do $half $n "'$helpers/exchange' '$root/srv/dir' '$root/srv/link' 1"
		[ -z "$(find "$h/got" -type f -exec grep -l secret {} + 2>/dev/null)" ] || bad "at call $n something came out"
		[ "$(find "$marker" | sort)" = "$before" ] || bad "at call $n something came in"
	done
	is "$(grep -rl new "$marker")" '' "$last_call exchanges"
	gone "$one"
}

no_room() { # half of a file is not left under its name
	up "$one" --tmpfs /small:size=128k
	fresh && dd if=/dev/zero of="$h/large" bs=1M count=1 status=none && echo small >"$h/f"
	kist cp "$h/large" "$one:/small/"
	says 'No space left on device'
	inside_stat /small/large
	is "$code" 1 'it is not there'
	copies "$h/f" "$one:/small/large"
	kist cp "$h/large" "$one:/small/large"
	says 'No space left on device'
	shows "$one" /small/large small
	gone "$one"
}

poisoned() { # nothing of the image is loaded or run
	local root
	up "$one" --userns host
	root=/proc/$(pid_of "$one")/root
	mkdir -p "$root/lib/x86_64-linux-gnu" "$root/usr/bin" "$root/usr/lib" "$root/etc"
	echo /lib/evil.so >"$root/etc/ld.so.preload"
	for file in lib/evil.so lib/x86_64-linux-gnu/libnss_files.so.2 lib/x86_64-linux-gnu/libc.so.6 usr/bin/tar usr/bin/gzip bin/cp; do
		printf '#!/bin/payload\n' >"$root/$file" && chmod 755 "$root/$file"
	done
	fresh && mkdir "$h/in" && echo x >"$h/in/f"
	strace -f -qq -o "$work/trace" -e trace=execve,%file "$KIST" --root "$state" --data "$data" cp -a "$h/in" "$one:/srv/" || bad "cp in"
	strace -f -qq -o "$work/trace2" -e trace=execve,%file "$KIST" --root "$state" --data "$data" cp -a "$one:/etc/." "$h/etc" || bad "cp out"
	is "$(cat "$work/trace" "$work/trace2" | grep -c 'execve(')" 2 'programs that were executed'
	is "$(cat "$work/trace" "$work/trace2" | grep -cE '(evil|libnss|nsswitch)')" 0 'files that were loaded'
	gone "$one"
}

check 'where files go: into an instance' table in
check 'where files go: out of an instance' table out
check 'whose they are' whose
check 'without a user namespace' no_user_namespace
check 'every kind of file' everything
check 'no powers by the way' no_attributes
check 'what is not opened' not_opened
check 'volumes, memory, read-only roots' mounted
check 'no more power than its own' only_its_own_power
check 'a directory as root' rootless_root
check "the host's own tree" hosts_own_tree
check 'containers of other tools' bundles
check 'what is refused' refused
check 'an instance cannot start meanwhile' cannot_start_meanwhile
check 'links that lead out' links_out
check 'names that change all the time' racing
check 'names that change all the time, without a user namespace' racing --userns host
check 'names that change before each call, on the way out' exchange_before_every_call out
check 'names that change before each call, on the way in' exchange_before_every_call in
check 'a full file system' no_room
check 'poisoned programs' poisoned
finish
