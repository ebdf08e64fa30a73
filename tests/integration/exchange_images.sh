#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images from umoci, buildah and podman, whose second layer hides and replaces what the first one has: kist shows the tree
# that the tool itself unpacks, and the tool unpacks the same tree from what kist exports. No registry takes part.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trees.sh"
data=$work/data

image() { kist --data "$data" image "$@"; }

# The tools' own stores; they unmount what they mount, and nothing of theirs is in the machine's places.
stores=(--root "$work/tools/root" --runroot "$work/tools/run" --storage-driver vfs)
tool() { # NAME ARGUMENT...: prints what it prints
	local name=$1
	shift
	XDG_RUNTIME_DIR=$work/tools HOME=$work/tools TMPDIR=$work/tools "$name" "${stores[@]}" "$@" 2>>"$work/tool.err"
}

need() { # COMMAND...
	local c
	for c in "$@" getfattr setfattr; do
		command -v "$c" >/dev/null || { skip "$c is not installed"; return 1; }
	done
	mkdir -p "$work/tools"
	: >"$work/tool.err"
	rm -rf --one-file-system "$data"
}

first() { # DIRECTORY
	make_tree "$1"
	mkdir "$1/opaque" && echo old >"$1/opaque/old" && mkdir "$1/opaque/below"
	echo one >"$1/tmp/first"
	find "$1" -exec touch -hd '2001-02-03 04:05:06 UTC' {} +
}

# What the second layer does to the first. It changes nothing of /deep itself, which umoci and buildah then leave out.
change() { # DIRECTORY
	local t=$1
	rm "$t/etc/dangling" && rm -r "$t/deep/a/b"
	rm -r "$t/var/empty" && echo 'a file now' >"$t/var/empty"
	rm "$t/fifo" && mkdir -m 711 "$t/fifo" && echo inside >"$t/fifo/file"
	rm -r "$t/opaque" && mkdir -m 750 "$t/opaque" && echo new >"$t/opaque/new"
	rm "$t/etc/link" && ln -s hard "$t/etc/link"
	echo more >>"$t/etc/hostname"
	chmod 4711 "$t/payload"
	ln "$t/tmp/first" "$t/tmp/second"
	chown 77:88 "$t/tmp"
	mknod "$t/etc/null" c 1 3
	find "$t/fifo" "$t/opaque" "$t/etc/link" "$t/etc/null" "$t/var/empty" -exec touch -hd '2011-12-13 14:15:16 UTC' {} +
}

# The tree of an image as overlayfs shows its layers.
shown() { # IMAGE
	local lower
	mkdir -p "$work/shown"
	lower=$("$KIST" --data "$data" image inspect "$1" | jq -r '.layers | join(":")')
	[[ $lower == *:* ]] || lower+=:$work/shown
	mount -t overlay -o "ro,lowerdir=$lower" none "$work/shown" && facts "$work/shown"
	umount "$work/shown"
}

# Where the layers do not describe the root directory, each tool has its own idea of it.
same() { # WANTED GOT WHAT
	[ "$root" = told ] || sed -i '/^\. d /d' "$1" "$2"
	[ -s "$1" ] && cmp -s "$1" "$2" && good || bad "$3 differs: $(diff "$1" "$2" | head -n 8) $(tail -n 3 "$work/tool.err")"
}

# kist takes the source, shows the tree, and its plain export is the tree as well.
comes_in() { # SOURCE WANTED
	rm -rf --one-file-system "$data"
	image import --name x:1 "$1"
	is "$code" 0 "import of ${1##*/}: $err"
	shown x:1 >"$work/got"
	same "$2" "$work/got" "${1##*/} in kist"
	rm -rf --one-file-system "$work/plain" && mkdir "$work/plain"
	"$KIST" --data "$data" image export --type rootfs x:1 |
		tar -C "$work/plain" --warning=no-unknown-keyword --xattrs --xattrs-include='*' -xp
	facts "$work/plain" >"$work/got"
	same "$2" "$work/got" "${1##*/} as exported"
	kist --data "$data" system check
	is "$code" 0 "system check: $err"
}

goes_out() { # TYPE: to $work/out
	rm -rf --one-file-system "$work/out"
	image export --type "$1" --output "$work/out" x:1
	is "$code" 0 "export as $1: $err"
}

umoci_unpack() { # LAYOUT:TAG
	rm -rf --one-file-system "$work/bundle"
	umoci unpack --image "$1" "$work/bundle" >>"$work/tool.err" 2>&1
}

with_umoci() {
	need umoci || return
	local l=$work/umoci root=told step
	umoci init --layout "$l" && umoci new --image "$l:x"
	for step in first change; do
		umoci_unpack "$l:x"
		"$step" "$work/bundle/rootfs"
		umoci repack --image "$l:x" "$work/bundle" >>"$work/tool.err" 2>&1
	done
	umoci_unpack "$l:x" && facts "$work/bundle/rootfs" >"$work/wanted"
	comes_in "$l" "$work/wanted"
	goes_out oci-dir
	umoci_unpack "$work/out:$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$work/out/index.json")"
	facts "$work/bundle/rootfs" >"$work/got"
	same "$work/wanted" "$work/got" 'umoci, of what kist exported,'
}

# An image of two layers in the store of buildah and podman.
build() {
	local c
	c=$(tool buildah from scratch) && first "$(tool buildah mount "$c")"
	tool buildah commit --quiet "$c" localhost/one:1 >>"$work/tool.err"
	c=$(tool buildah from localhost/one:1) && change "$(tool buildah mount "$c")"
	tool buildah commit --quiet "$c" localhost/two:1 >>"$work/tool.err"
	tool buildah rm --all >>"$work/tool.err"
}

buildah_facts() { # IMAGE
	local c
	c=$(tool buildah from --pull-never "$1") && facts "$(tool buildah mount "$c")"
	tool buildah rm "$c" >>"$work/tool.err"
}

with_buildah() {
	need buildah || return
	local kind root=untold
	build
	buildah_facts localhost/two:1 >"$work/wanted"
	for kind in oci-archive docker-archive oci; do
		rm -rf --one-file-system "$work/image"
		tool buildah push --quiet localhost/two:1 "$kind:$work/image:localhost/two:1" >>"$work/tool.err"
		comes_in "$work/image" "$work/wanted"
	done
	for kind in oci-archive docker-archive; do
		goes_out "$kind"
		buildah_facts "$(tool buildah pull --quiet "$kind:$work/out")" >"$work/got"
		same "$work/wanted" "$work/got" "buildah, of kist's $kind,"
	done
}

podman_facts() { # IMAGE
	facts "$(tool podman image mount "$1")"
	tool podman image unmount "$1" >>"$work/tool.err"
}

with_podman() {
	need buildah podman || return
	local kind root=untold
	tool podman image exists localhost/two:1 || build
	podman_facts localhost/two:1 >"$work/wanted"
	for kind in oci-archive docker-archive oci-dir; do
		rm -rf --one-file-system "$work/image"
		tool podman save --format "$kind" -o "$work/image" localhost/two:1 >>"$work/tool.err"
		comes_in "$work/image" "$work/wanted"
	done
	tool podman rmi --force localhost/two:1 localhost/one:1 >>"$work/tool.err"
	for kind in oci-archive docker-archive; do
		goes_out "$kind"
		tool podman load --quiet --input "$work/out" >>"$work/tool.err"
		podman_facts localhost/x:1 >"$work/got"
		same "$work/wanted" "$work/got" "podman, of kist's $kind,"
		tool podman rmi --force localhost/x:1 >>"$work/tool.err"
	done
	first "$work/flat" && tar -C "$work/flat" --xattrs --xattrs-include='*' -cf "$work/flat.tar" .
	tool podman import --quiet "$work/flat.tar" localhost/flat:1 >>"$work/tool.err"
	podman_facts localhost/flat:1 >"$work/wanted"
	tool podman save --format docker-archive -o "$work/flat.docker" localhost/flat:1 >>"$work/tool.err"
	comes_in "$work/flat.docker" "$work/wanted"
}

check 'umoci' with_umoci
check 'buildah' with_buildah
check 'podman' with_podman
finish
