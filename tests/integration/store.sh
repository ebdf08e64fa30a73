#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is removed, what stays because something uses it, and what system check finds and repairs.
. "$(dirname "$0")/lib.sh"
data=$work/data
blobs=$data/images/blobs/sha256

image() { kist --data "$data" image "$@"; }
system() { kist --data "$data" system "$@"; }

two_images() { # that share a layer's bytes with nobody: a:1 and b:1
	rm -rf --one-file-system "$data"
	mkdir -p "$work/one" "$work/two"
	echo a >"$work/one/file" && echo b >"$work/two/file"
	image import --name a:1 "$work/one" && image import --name b:1 "$work/two"
	digest=$("$KIST" --data "$data" image inspect a:1 | jq -r .digest)
	fs=$("$KIST" --data "$data" image inspect a:1 | jq -r '.layers[0]')
	layer_blob=$blobs/$("$KIST" --data "$data" image inspect a:1 | jq -r '.manifest.layers[0].digest[7:]')
}

instance() { # NAME: as run leaves one, of the image a:1
	mkdir -p "$data/instances/$1/upper" "$data/instances/$1/work"
	jq -n --arg fs "$fs" --arg d "$digest" '{ociVersion: "1.3.0", kist: {root: {lower: [$fs], upper: "upper", work: "work"},
		image: "a:1", imageDigest: $d}}' >"$data/instances/$1/config.json"
}

count() { ls "$data/$1" | wc -l; }

removal() {
	two_images
	image tag a:1 a:2
	image remove a:1
	succeeds ''
	is "$(count layers) $(count images/blobs/sha256)" '2 6' 'another name keeps all of it'
	image remove a
	says 'no image "a"'
	image remove a:2 b:1
	succeeds ''
	is "$(count layers) $(count images/blobs/sha256)" '0 0' 'nothing is left'
	is "$(echo $(ls "$data/locks"))" 'images index' 'no locks of layers'
	image list
	is "$out" 'NAME  DIGEST  PLATFORM  LAYERS  SIZE' 'no image'
}

used() {
	two_images
	instance dns1
	image remove a:1
	says 'used by the instance dns1'
	yes 'still there' test -e "$fs/file"
	image remove --force a:1
	succeeds ''
	yes 'the layer stays' test -e "$fs/file"
	is "$(count images/blobs/sha256)" 6 'the blobs stay, for commit'
	system df --format json
	is "$(jq -c 'map(.unused)' <<<"$out")" '[0,0,0,0]' 'nothing is unused'
	rm -r "$data/instances/dns1"
	image prune
	like "$out" '^removed 3 blobs, 1 layers and 0 leftovers: ' 'what was gained'
	no 'the layer is gone' test -e "$fs"
}

unreadable_instance() { # nobody knows what it uses
	two_images
	instance dns1
	echo '{' >"$data/instances/dns1/config.json"
	image remove --force a:1
	says 'instances/dns1/config.json: line'
	yes 'the layer stays' test -e "$fs/file"
	system prune
	says 'nothing is removed while that is so'
}

clean() {
	system check
	like "$out" 'all whole$' 'system check'
	is "$code" 0 'system check'
}

finds() { # TEXT: and a repair, after which all is well
	system check
	[[ $code = 1 && $out == *"$1"* && $err == 'kist: '*'--repair repairs what can be' ]] && good || bad "wanted $1, got $code $out $err"
	system check --repair
	[[ $code = 0 && $out == *"$1"*": $2"* ]] && good || bad "repair: $code $out $err"
	clean
}

damage() {
	two_images
	clean
	echo x >>"$layer_blob"
	finds 'its content has another digest' removed
	image list --quiet
	is "$out" b:1 'the other image is still there'
	image import --name a:1 "$work/one"
	is "$code" 0 "again: $err"
	rm -r "${fs%/fs}"
	finds 'is missing' 'unpacked again'
	yes 'it is back' test -e "$fs/file"
	rm "${fs%/fs}/layer.json"
	finds 'is not whole' removed
	system check --repair
	yes 'it is back' test -e "$fs/file"
	rm "$blobs/${digest#*:}"
	finds 'image a:1' 'removed; import it again'
	mkdir -p "$data/layers/.new-abcdef/fs/deep" && echo x >"$blobs/.new-abcdeg"
	finds '2 leftovers' removed
}

index_damaged() { # the images are found again; only their names are lost, and not even those for good
	two_images
	cut -c1-200 <<<"$(tr -d '\n' <"$data/images/index.json")" >"$work/cut"
	cp "$work/cut" "$data/images/index.json"
	finds 'index.json: line' 'started anew with the 2 images that the blobs hold'
	yes 'the old index is kept' cmp "$work/cut" "$data/images/index.json.damaged"
	system prune
	yes 'the layers stay' test -e "$fs/file"
	image tag "$digest" a:1
	image inspect a:1
	is "$(jq -r '.digest' <<<"$out")" "$digest" 'it gets its name again'
	echo '{' >"$data/images/index.json"
	system check --repair
	yes 'the first copy is not replaced' cmp "$work/cut" "$data/images/index.json.damaged"
	is "$(<"$data/images/index.json.damaged.2")" '{' 'the second copy'
}

damaged_for_instance() {
	two_images
	instance dns1
	rm -r "${fs%/fs}" "$layer_blob"
	system check --repair
	has "$out" 'instance dns1: its layer' 'the instance is named'
	is "$code" 1 'not all could be repaired'
	image import --name a:1 "$work/one"
	clean
}

leftovers_at_work() { # of one that still works are no leftovers
	two_images
	mkdir "$data/layers/.new-aaaaaa" "$data/layers/.new-bbbbbb"
	exec 9<"$data/layers/.new-aaaaaa"
	flock 9
	system prune
	has "$out" 'and 1 leftovers' 'one of the two'
	yes 'the other one stays' test -d "$data/layers/.new-aaaaaa"
	exec 9<&-
	image import --name c:1 "$work/one"
	no 'the next import takes it' test -d "$data/layers/.new-aaaaaa"
}

waits() { # removal waits for an import, whose objects have no name yet
	two_images
	mkfifo "$work/slow"
	"$KIST" --data "$data" image import --name slow:1 - <"$work/slow" >"$work/slow.out" 2>&1 &
	local import=$!
	exec 9>"$work/slow"
	tar -C "$work/two" --mtime=@0 -cf - . | head -c 2000 >&9
	sleep 0.3
	"$KIST" --data "$data" image prune >"$work/prune.out" 2>&1 9>&- &
	local prune=$!
	sleep 0.3
	yes 'prune waits' kill -0 $prune
	tar -C "$work/two" --mtime=@0 -cf - . | tail -c +2001 >&9
	exec 9>&-
	wait $import
	is $? 0 "the import: $(<"$work/slow.out")"
	wait $prune
	is $? 0 "prune: $(<"$work/prune.out")"
	image list --quiet
	has "$out" slow:1 'the import is there'
	clean
}

without_folders() { # a data directory that a package made, or a kist that was killed
	local each
	for each in empty half; do
		rm -rf --one-file-system "$data" && mkdir -m 755 "$data"
		[ $each = empty ] || { chmod 700 "$data" && mkdir -m 700 "$data/images"; }
		system df
		succeeds && lacks "$out" ' [1-9]' "$each: df"
		system check
		succeeds '0 images, 0 layers, 0 blobs: all whole'
		system prune
		like "$code $out" '^0 removed 0 blobs' "$each: prune"
		is "$(stat -c %a "$data")" 700 'for root alone'
	done
}

volumes_unused() {
	two_images
	kist volume create one && kist volume create two
	mkdir -p "$work/one/bin" && cp "$PAYLOAD" "$work/one/bin" && image import --name run:1 "$work/one"
	kist run --network none --name "dns-$tag" -v two:/srv run:1 payload true
	is "$code" 0 "$err"
	system df --format json
	is "$(jq -c '.[2] | [.count, .unused]' <<<"$out")" '[2,1]' 'one of two'
	jq 'del(.root)' "$data/instances/dns-$tag/config.json" >"$work/c" && cat "$work/c" >"$data/instances/dns-$tag/config.json"
	system df --format json
	is "$(jq -c '.[2] | [.count, .unused]' <<<"$out")" '[2,0]' 'when it cannot be known'
	has "$err" "dns-$tag/config.json" 'why'
	kist delete -f "dns-$tag"
	rm -r "$work/one/bin"
}

beside() { # what only looks does not wait for who uses the store, and who waits says for what
	two_images
	exec 9<"$data/locks/images"
	flock --shared 9
	as=(timeout 5 env)
	system df
	succeeds
	clean
	as=(env)
	"$KIST" --data "$data" image prune >"$work/prune.out" 2>"$work/prune.err" 9<&- &
	local prune=$!
	yes 'it says that it waits' until_true test -s "$work/prune.err"
	exec 9<&-
	wait $prune
	is $? 0 'prune, after that'
	is "$(<"$work/prune.err")" "kist: waiting for the lock $data/locks/images, which another kist holds" 'for what it waits'
}

many() { # imports of the same and of different things at once
	two_images
	local i pids=()
	for i in 1 2 3 4 5 6; do
		echo $((i / 2)) >"$work/one/file"
		"$KIST" --data "$data" image import --name "m:$i" "$work/one" >"$work/many.$i" 2>&1 &
		pids+=($!)
		[ $((i % 2)) = 0 ] || wait $!
	done
	for i in "${pids[@]}"; do wait "$i" 2>/dev/null; done
	image list --quiet
	is "$(grep -c '^m:' <<<"$out")" 6 "all are there: $(cat "$work"/many.*)"
	clean
}

closed() {
	two_images
	chmod 755 "$data"
	image list
	says 'close it with chmod 0700'
	chmod 700 "$data"
	as=(setpriv --reuid 65534 --clear-groups env)
	kist --data "$work/x/y" image import --name a "$work/one"
	as=(env)
	says 'needs root'
	no 'nothing was made' test -e "$work/x"
}

check 'removal' removal
check 'an image in use' used
check 'an instance that cannot be read' unreadable_instance
check 'damage and repair' damage
check 'a damaged index' index_damaged
check 'damage under an instance' damaged_for_instance
check 'leftovers, and work in progress' leftovers_at_work
check 'prune waits for imports' waits
check 'looking waits for nobody' beside
check 'a data directory without folders' without_folders
check 'volumes that nobody uses' volumes_unused
check 'imports at once' many
check 'for root alone' closed
finish
