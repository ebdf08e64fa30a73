#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist commit and kist export: what an instance has made of its image, as an image and as an archive.
. "$(dirname "$0")/lib.sh"

one=one-$tag two=two-$tag
fs=$work/fs h=$work/h

make_image() { # of two layers, so that whiteouts have something to hide from more than one
	mkdir -p "$fs"/{bin,etc,srv,opaque/old,gone,moved/in,deep/a/b} && cp "$PAYLOAD" "$fs/bin/payload"
	echo root:x:0:0::/root:/bin/sh >"$fs/etc/passwd"
	echo low | tee "$fs/srv/kept" "$fs/srv/changed" "$fs/srv/removed" "$fs/srv/owned" "$fs/srv/moded" "$fs/gone/file" >"$fs/opaque/old/file"
	echo in | tee "$fs/moved/in/file" >"$fs/deep/a/b/file" && ln -s /srv/kept "$fs/srv/link"
	chown 7:8 "$fs/moved" && chmod 1777 "$fs/moved"
	"$KIST" --data "$data" image import --name web:1 --cmd 'payload wait' --env FROM=base --label of=base "$fs" >/dev/null ||
		{ echo 'Bail out! no image'; exit 1; }
}
: >"$work/nothing" && mount --bind "$work/nothing" /etc/subuid && mount --bind "$work/nothing" /etc/subgid # the usual range: several at once
make_image

other_words() { # in the image's configuration: kist has no use for them, and others have
	local d=$work/other sum was
	mkdir -p "$d/x" && tar -C "$fs" -cf "$d/1.tar" . && sum=$(sha256sum <"$d/1.tar")
	jq -n --arg d "sha256:${sum%% *}" --arg a "$(image web:1 .config.architecture)" '{architecture: $a, os: "linux", docker_version: "27.1",
		config: {Cmd: ["payload", "wait"], Healthcheck: {Test: ["CMD", "true"], Interval: 30000000000}, Shell: ["/bin/sh", "-c"],
		ArgsEscaped: true, OnBuild: null, MacAddress: ""}, rootfs: {type: "layers", diff_ids: [$d]}}' >"$d/config.json"
	echo '[{"Config":"config.json","RepoTags":["other:1"],"Layers":["1.tar"]}]' >"$d/manifest.json"
	tar -C "$d" -cf "$d/docker.tar" manifest.json config.json 1.tar
	kist image import "$d/docker.tar"
	is "$code" 0 "$err"
	up "$one" other:1
	kist commit -c USER=5 "$one" other:2
	is "$code" 0 "$err"
	was=$(jq -cS '.config.User = "5" | del(.rootfs, .config.OnBuild) | .config.OnBuild = null' "$d/config.json")
	is "$(jq -cS 'del(.rootfs, .history, .created)' "$data/images/blobs/sha256/$(config_of other:2)")" "$was" 'all of them'
	rm -r "$d" && gone "$one"
}
config_of() { jq -r '.config.digest[7:]' "$data/images/blobs/sha256/$(kist image list --format json && jq -r --arg n "$1" '.[] | select(.name == $n) | .digest[7:]' <<<"$out")"; }

up() { kist run --network none -d --name "$1" "${@:2}" && succeeds ''; }
halt() {
	kist kill "$1" KILL
	yes 'stopped' until_true is_stopped "$1"
}
is_stopped() { [ "$(jq -r .status < <("$KIST" --root "$state" --data "$data" state "$1"))" = stopped ]; }
inner() { # NAME COMMAND...: of the host, on the instance's files, as its root
	nsenter --target "$(pid_of "$1")" --user --setuid 0 --setgid 0 -- "${@:2}"
}
gone() {
	local each
	for each; do kist delete -f "$each"; done
	rm -rf "$h" && mkdir "$h"
}
mkdir -p "$h"
image() { kist image inspect "$1" && jq -r "$2" <<<"$out"; }

# Everything that can be done to files, with the tools of the host as the instance's own root.
change() { # NAME
	local root
	root=/proc/$(pid_of "$1")/root
	inner "$1" bash -e <<-end
		cd $root
		echo new >srv/new && echo new >srv/changed && rm srv/removed
		chown 33:34 srv/owned && chmod 4755 srv/moded
		rm -r gone && rm -r opaque && mkdir opaque && echo fresh >opaque/file
		rm -r moved/in && mkdir moved/out && echo in >moved/out/file
		rm -r deep/a && echo file >deep/a
		echo x >srv/a && ln srv/a srv/b && mkdir srv/dir && ln srv/a srv/dir/c
		ln -sfn /nowhere srv/link && ln -s /etc/passwd srv/out && mkfifo srv/fifo
		truncate -s 50M srv/hole && printf end >>srv/hole
		mkdir -p "srv/$(printf 'n%.0s' {1..200})" && touch "srv/$(printf 'n%.0s' {1..200})/$(printf 'm%.0s' {1..200})"
		cp bin/payload srv/caps && setcap cap_net_raw+ep srv/caps
		"$PAYLOAD" setxattr srv/new user.color blue >/dev/null
		mkdir srv/private && chmod 700 srv/private && touch -d '2001-02-03 04:05:06 UTC' srv/new
	end
	is $? 0 'the changes'
}

names='-o -path ./etc/hosts -o -path ./etc/hostname -o -path ./etc/resolv.conf'
tree_of() { # DIRECTORY: all that is known of its files, but for what a start makes in it
	(cd "$1" || exit
		find . \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run $names \) -prune -o ! -type d -printf '%p %y %m %U:%G %s %T@ %n %l\n' \
		-o -printf '%p %y %m %U:%G\n' | sort
		find . -type f ! \( -false $names \) -exec sha256sum {} + | sort -k2
		find . -type f -exec "$PAYLOAD" xattrs {} + | sort
		getcap -r . | sort)
}
seen_by() { # NAME DIRECTORY: as the instance sees it
	kist --log-level error cp -a "$1:/." "$2" && succeeds ''
}

round_trip() { # running|stopped
	up "$one" web:1
	change "$one"
	[ "$1" = running ] || halt "$one"
	kist commit -m 'a change' --author 'A. B.' "$one" new:2
	like "$out" '^new:2 sha256:[0-9a-f]{64}$' 'commit' && is "$err" '' 'commit'
	[ "$1" = stopped ] || is "$(status_of "$one")" running 'it goes on'
	seen_by "$one" "$h/was"
	up "$two" new:2
	seen_by "$two" "$h/is"
	is "$(diff <(tree_of "$h/was") <(tree_of "$h/is"))" '' 'the files'
	has "$(tree_of "$h/is")" './srv/owned f 644 33:34' 'control'
	no 'removed' test -e "$h/is/gone" -o -e "$h/is/opaque/old" -o -e "$h/is/moved/in" -o -e "$h/is/srv/removed"
	is "$(stat -c %i "$h/is/srv/a" "$h/is/srv/b" "$h/is/srv/dir/c" | sort -u | wc -l)" 1 'hard links'
	has "$(getcap "$h/is/srv/caps")" cap_net_raw=ep 'capabilities'
	is "$(image new:2 '.config.history[-1] | .created_by, .author, .comment' | tr '\n' '|')" 'kist commit|A. B.|a change|' 'history'
	is "$(image new:2 '.config.rootfs.diff_ids[0]')" "$(image web:1 '.config.rootfs.diff_ids[0]')" 'the base is shared'
	is "$(image new:2 '.config.config | .Cmd[0], .Env[0], .Labels.of' | tr '\n' ' ')" 'payload FROM=base base ' 'configuration'
	gone "$one" "$two"
	kist system check
	is "$code" 0 "the store: $err"
}

as_others_have_it() { # whiteouts as the specification has them, and nothing of overlayfs
	local blob
	up "$one" web:1
	change "$one"
	kist commit "$one" new:2
	blob=$(image new:2 '.manifest.layers[-1].digest')
	tar -tf "$data/images/blobs/sha256/${blob#*:}" >"$work/list" && good || bad 'tar does not read it'
	for entry in .wh.gone srv/.wh.removed moved/.wh.in; do yes "$entry" grep -qxF "$entry" "$work/list"; done
	yes 'opaque' grep -qxF opaque/.wh..wh..opq "$work/list"
	no 'attributes of overlayfs' grep -qa trusted.overlay "$data/images/blobs/sha256/${blob#*:}"
	is "$(image new:2 '.config.rootfs.diff_ids[-1]')" "sha256:$(sha256sum <"$data/images/blobs/sha256/${blob#*:}" | cut -d' ' -f1)" 'diff_id'
	kist image export -o "$h/new.tar" new:2
	succeeds ''
	if command -v skopeo >/dev/null; then
		yes 'skopeo' skopeo copy --quiet "oci-archive:$h/new.tar" "oci:$h/layout:x"
	fi
	kist --data "$work/other" image import --name new:3 "$h/new.tar" && is "$code" 0 'another store'
	rm -rf "$work/other"
	gone "$one"
}

again_and_again() { # on top of each other, with a whiteout of what an earlier commit added
	local i
	up "$one" web:1
	for i in 1 2 3 4; do
		inner "$one" bash -c "cd /proc/$(pid_of "$one")/root/srv && echo $i >only-$i && rm -f only-$((i - 1))"
		kist commit "$one" "chain:$i" && is "$code" 0 "commit $i"
		gone "$one"
		up "$one" "chain:$i"
	done
	kist exec "$one" payload ls /srv
	has "$out" only-4 'the last' && lacks "$out" only-3 'the others' && lacks "$out" only-1 'the others'
	is "$(image chain:4 '.manifest.layers | length')" 5 'layers'
	gone "$one"
}

changes() {
	up "$one" web:1
	kist commit -c CMD='["payload", "echo", "two  words"]' -c ENV=MORE=1 -c 'ENV FROM=here' -c USER=33:34 -c WORKDIR=/srv -c LABEL=of=it \
		-c EXPOSE=53/udp -c expose=80 -c VOLUME=/data -c STOPSIGNAL=SIGINT "$one" new:2
	is "$code" 0 "$err"
	is "$(image new:2 '.config.config | .Cmd[2], .Env[], .User, .WorkingDir, .Labels.of, (.ExposedPorts | keys[]), (.Volumes | keys[]), .StopSignal' |
		tr '\n' '|')" 'two  words|FROM=here|MORE=1|33:34|/srv|it|53/udp|80/tcp|/data|SIGINT|' 'configuration'
	kist run --network none --rm new:2
	succeeds 'two  words'
	for change in CMD NONE=1 ENV=x ENV==x WORKDIR=rel EXPOSE=0 EXPOSE=1/x EXPOSE=65536 VOLUME=/ USER= 'CMD=[1]' 'CMD=[' =x ''; do
		kist commit -c "$change" "$one" new:3
		says 'option --change' && no "$change" "$KIST" --data "$data" image inspect new:3 2>/dev/null
	done
	gone "$one"
}

stands_still() { # what writes all the time is caught at one moment
	local pid i
	up "$one" web:1 payload seq -- write /srv/count 0 -- wait
	pid=$(pid_of "$one")
	for ((i = 0; i < 20000; i++)); do echo $i; done >"$h/numbers"
	inner "$one" dd if=/dev/zero of="/proc/$pid/root/srv/large" bs=1M count=60 status=none
	(for i in {1..200}; do status_of "$one"; sleep 0.01; done | sort | uniq -c >"$work/statuses") &
	kist commit "$one" new:2
	is "$code" 0 "$err"
	wait $!
	has "$(<"$work/statuses")" paused 'meanwhile' && is "$(status_of "$one")" running 'afterwards'
	(for i in {1..100}; do status_of "$one"; sleep 0.01; done | sort | uniq -c >"$work/statuses") &
	kist commit --pause=false "$one" new:3
	is "$code" 0 "$err"
	wait $!
	lacks "$(<"$work/statuses")" paused 'with --pause=false'
	kist pause "$one" && kist commit "$one" new:4
	is "$code:$(status_of "$one")" 0:paused 'one that stood still already'
	kist resume "$one"
	gone "$one"
}

goes_on_without() { # the commit or export that was killed, by whatever means
	local pid verb
	up "$one" web:1
	inner "$one" dd if=/dev/zero of="/proc/$(pid_of "$one")/root/srv/large" bs=1M count=100 status=none
	mkfifo "$h/pipe" && exec 8<>"$h/pipe" # which nobody empties
	for verb in "commit $one new:9" "export -o $h/pipe $one"; do
		setsid "$KIST" --root "$state" --data "$data" $verb >/dev/null 2>&1 8<&- &
		pid=$!
		yes "$verb: it stands still" until_true is_paused
		kill -KILL -- -$pid # the whole group
		wait $pid 2>/dev/null
		yes "$verb: it goes on" until_true is_up
	done
	exec 8<&-
	gone "$one"
	kist system check --repair
	is "$code" 0 'what the commit had begun'
}

waits_for_the_guard() { # of one that was killed, which would let it go on under the next
	local pid guard
	up "$one" web:1
	inner "$one" dd if=/dev/zero of="/proc/$(pid_of "$one")/root/srv/large" bs=1M count=100 status=none
	"$KIST" --root "$state" --data "$data" commit "$one" late:1 >/dev/null 2>&1 &
	pid=$!
	yes 'it stands still' until_true is_paused
	guard=$(pgrep -P $pid | head -n 1)
	kill -STOP "$guard" && kill -KILL $pid
	wait $pid 2>/dev/null
	inner "$one" rm "/proc/$(pid_of "$one")/root/srv/large"
	("$KIST" --root "$state" --data "$data" commit "$one" late:1 >"$work/next" 2>&1; echo $? >>"$work/next") &
	pid=$!
	sleep 1
	is "$(<"$work/next")" '' 'the next one waits'
	kill -CONT "$guard"
	wait $pid
	is "$(tail -n 1 "$work/next")" 0 "the next one: $(<"$work/next")"
	yes 'it goes on' until_true is_up
	gone "$one"
	kist system check --repair
	is "$code" 0 'what the first had begun'
}
is_paused() { [ "$(status_of "$one")" = paused ]; }
is_up() { [ "$(status_of "$one")" = running ]; }

vast_holes() { # which anybody inside can make: nobody reads terabytes of them while the instance stands still
	up "$one" web:1
	inner "$one" truncate -s 2T "/proc/$(pid_of "$one")/root/srv/vast" || ! skip 'no such large files here' || return
	inner "$one" sh -c 'echo end >>"$0"' "/proc/$(pid_of "$one")/root/srv/vast"
	as=(timeout -s KILL 60)
	kist commit "$one" new:7
	is "$code" 0 "commit: $err"
	kist export -o "$h/tar" "$one"
	is "$code" 0 "export: $err"
	as=(env)
	gone "$one"
	kist run --rm --network none new:7 payload stat /srv/vast
	is "$code" 0 "$err"
	is "$(stat -c %s "$(top_of new:7)/srv/vast"):$(tail -c 4 "$(top_of new:7)/srv/vast")" $(((2 << 40) + 4)):end 'the file'
	(($(stat -c %b "$(top_of new:7)/srv/vast") < 100)) && good || bad 'the hole was filled'
	kist image remove new:7
}
top_of() { image "$1" '.layers[0]'; } # IMAGE: the directory of its top layer

waits_outside() { # for the store, while the instance goes on
	up "$one" web:1
	exec 9<"$data/locks/images"
	flock --exclusive 9
	"$KIST" --root "$state" --data "$data" commit "$one" new:5 >"$work/waits.out" 2>"$work/waits.err" 9<&- &
	local commit=$!
	yes 'it waits' until_true test -s "$work/waits.err"
	is "$(status_of "$one")" running 'meanwhile'
	exec 9<&-
	wait $commit
	is $? 0 "the commit: $(<"$work/waits.err")"
	gone "$one"
}

failing_leaves_nothing() { # neither a half image nor an instance that stands still
	up "$one" web:1
	kist commit "$one" 'Bad//name'
	is "$code:$(status_of "$one")" 1:running 'name'
	kist commit "$one" "x@sha256:$(printf 'a%.0s' {1..64})"
	says 'no digest yet'
	kist commit "none-$tag" new:9
	says 'no instance'
	mv "$data/images/blobs/sha256" "$data/images/blobs/away"
	kist commit "$one" new:9
	is "$code:$(status_of "$one")" 1:running 'no blobs'
	mv "$data/images/blobs/away" "$data/images/blobs/sha256"
	rm -rf "$fs/t" && mkdir "$fs/t"
	chmod 700 "$work"
	kist run --network none -d --name "$two" --rootfs "$fs" payload wait
	kist commit "$two" new:9
	says 'not made of an image'
	gone "$one" "$two" && chmod 755 "$work"
	kist image list && lacks "$out" new:9 'images'
	is "$(find "$data/layers" "$data/images" -name '.new-*')" '' 'leftovers'
}

base_removed() { # the name of its image is gone, not what the instance stands on
	up "$one" web:1
	kist image tag web:1 keep:1 && kist image remove --force web:1 && kist image remove --force keep:1
	kist image prune
	kist commit "$one" again:1
	is "$code" 0 "$err"
	kist image tag again:1 web:1 && kist image remove again:1
	gone "$one"
	kist run --network none --rm web:1 payload cat /srv/kept
	succeeds low
}

exports() { # running|stopped
	up "$one" -v "vol-$tag:/srv/data" web:1
	change "$one"
	inner "$one" touch "/proc/$(pid_of "$one")/root/srv/data/in-the-volume"
	[ "$1" = running ] || halt "$one"
	mkdir "$h/tar" "$h/pipe"
	kist export -o "$h/one.tar" "$one"
	succeeds '' && is "$(stat -c %a "$h/one.tar")" 600 'for its maker alone'
	yes 'tar' tar -C "$h/tar" --xattrs --xattrs-include='*' --numeric-owner -xf "$h/one.tar"
	for to in '' '-o -'; do # a pipe gets whole blocks of 10 KiB
		"$KIST" --root "$state" --data "$data" export $to "$one" | cmp -s -n "$(stat -c %s "$h/one.tar")" "$h/one.tar" && good || bad "a pipe, $to"
	done
	seen_by "$one" "$h/was"
	no 'volumes' test -e "$h/tar/srv/data/in-the-volume"
	rm -rf "$h/was/srv/data" "$h/tar/srv/data"
	is "$(diff <(tree_of "$h/was") <(tree_of "$h/tar"))" '' 'the files'
	kist image import --name flat:1 --cmd 'payload cat /srv/new' "$h/one.tar" && kist run --network none --rm flat:1
	succeeds new
	gone "$one" && kist volume remove "vol-$tag"
}

export_refused() {
	kist export "none-$tag"
	says 'no instance'
	kist export -o "$h/x.tar" "none-$tag"
	says 'no instance' && no 'file' test -e "$h/x.tar"
	kist run --network none -d --name "$one" --rootfs / --overlay sleep 60
	is "$code" 0 "$err"
	kist export -o "$h/x.tar" "$one"
	says 'secrets' && no 'file' test -e "$h/x.tar"
	gone "$one"
	chmod 700 "$work"
	kist run --network none -d --name "$one" --rootfs "$fs" payload wait
	kist export -o "$h/x.tar" "$one" && succeeds '' && yes 'a directory' grep -qx srv/kept <(tar -tf "$h/x.tar")
	gone "$one" && chmod 755 "$work"
}

# An instance that changes names all the time: nothing but its own files comes out.
racing() {
	local racer root i leaked=0
	mkdir -p "$work/marker/dir" && echo secret | tee "$work/marker/file" >"$work/marker/dir/file"
	up "$one" web:1
	root=/proc/$(pid_of "$one")/root
	mkdir "$h/dir" && echo mine >"$h/dir/file" && ln -s "$work/marker/dir" "$h/link"
	kist cp "$h/." "$one:/srv" && succeeds ''
	inner "$one" "$helpers/exchange" "$root/srv/dir" "$root/srv/link" 2>/dev/null & racer=$!
	for ((i = 0; i < ${RACES:-40}; i++)); do
		"$KIST" --root "$state" --data "$data" export --pause=false "$one" >"$h/x.tar" 2>/dev/null
		! grep -qa secret "$h/x.tar" || leaked=$((leaked + 1))
	done
	is "$leaked" 0 'what came out'
	for ((i = 0; i < 500; i++)); do
		tar -C "$root/srv" -chf "$h/naive.tar" dir 2>/dev/null
		! grep -qa secret "$h/naive.tar" || break
	done
	yes 'control: the attack works' grep -qa secret "$h/naive.tar"
	kill $racer && wait $racer 2>/dev/null
	gone "$one"
}

check 'a running instance becomes an image' round_trip running
check 'a stopped instance becomes an image' round_trip stopped
check 'as other tools have it' as_others_have_it
check 'commits on commits' again_and_again
check 'changes of the configuration' changes
check 'words of others in the configuration' other_words
check 'standing still' stands_still
check 'a commit that is killed' goes_on_without
check 'a commit after one that was killed' waits_for_the_guard
check 'vast holes' vast_holes
check 'waiting for the store' waits_outside
check 'failures' failing_leaves_nothing
check 'an image that was removed' base_removed
check 'export of a running instance' exports running
check 'export of a stopped instance' exports stopped
check 'exports that are refused' export_refused
check 'names that change all the time' racing
finish
