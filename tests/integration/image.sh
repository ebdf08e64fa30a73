#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images come in from every kind of source, are what they were, and what is wrong with one is said in one sentence
# that leaves nothing behind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/trees.sh"
data=$work/data

image() { kist --data "$data" image "$@"; }

fresh() { rm -rf --one-file-system "$data"; }

layers() { # IMAGE: their directories, the top one first
	"$KIST" --data "$data" image inspect "$1" | jq -r '.layers[]'
}

is_whole() { # DIRECTORY: the image's only layer has the facts of the tree
	facts "$1" >"$work/wanted" && facts "$(layers "${2:-tree}")" >"$work/got"
	cmp -s "$work/wanted" "$work/got" && good || bad "differs: $(diff "$work/wanted" "$work/got" | head -n 6)"
}

no_junk() { is "$(find "$data" -name '.new-*' -o -name '.*.new')" '' 'leftovers'; }

directory() {
	make_tree "$work/tree"
	fresh
	image import "$work/tree"
	[[ $out == "tree:latest sha256:"* && $code = 0 ]] && good || bad "import: $out $err"
	is_whole "$work/tree"
	[ "$(stat -c %b "$(layers tree)/sparse")" -lt 100 ] && good || bad 'the hole was filled'
	no_junk
	is "$(stat -c %a "$data")" 700 'the data directory is closed'
}

coded() { # SUFFIX COMMAND...: a plain tar as tar(1) and a compressor make it
	local suffix=$1
	shift
	command -v "$1" >/dev/null || { skip "$1 is not installed"; return; }
	fresh
	tar -C "$work/tree" --format=pax --xattrs --xattrs-include='*' -Sc . | "$@" >"$work/t.tar$suffix"
	image import --name tree "$work/t.tar$suffix"
	is "$code" 0 "import: $err"
	is_whole "$work/tree"
	kist --data "$data" image import --name again - <"$work/t.tar$suffix"
	is "${out#* }" "$(image list --format json; jq -r '.[0].digest' <<<"$out")" 'the same bytes are the same image'
	is "$(ls "$data/layers" | wc -l)" 1 'one layer for both'
	rm "$work/t.tar$suffix"
}

gnu_names() { # raw bytes and long names in the old formats
	fresh
	tar -C "$work/tree" --format=gnu -Sc . >"$work/t.tar"
	image import --name tree "$work/t.tar"
	is "$code" 0 "import: $err"
	is "$(cd "$(layers tree)" && find . | LC_ALL=C sort | sha256sum)" "$(cd "$work/tree" && find . | LC_ALL=C sort | sha256sum)" names
}

settings() {
	fresh
	image import --name web:2 --cmd 'serve  --port 80' --entrypoint '["/bin/a b", "-x"]' --env A=1 --env B= --label k=v \
		--workdir /srv --user 33:33 --platform linux/arm64 "$b/rootfs"
	is "$code" 0 "import: $err"
	image inspect web:2
	is "$(jq -c '.config | [.config, .architecture, .os]' <<<"$out")" \
		'[{"User":"33:33","Env":["A=1","B="],"Entrypoint":["/bin/a b","-x"],"Cmd":["serve","--port","80"],"WorkingDir":"/srv","Labels":{"k":"v"}},"arm64","linux"]' \
		configuration
	image import --name x --env A "$b/rootfs"
	says 'option --env: "A" is not NAME=VALUE'
	image import --name x --workdir srv "$b/rootfs"
	says 'is not an absolute path'
	image import --name 'X Y' "$b/rootfs"
	says 'is not the name of an image'
	image import --name x --platform linux "$b/rootfs"
	says 'expected OS/ARCHITECTURE[/VARIANT]'
	kist --data "$data" image import - <"$PAYLOAD"
	says 'standard input'
}

names() {
	fresh
	image list
	is "$code$out" "0NAME  DIGEST  PLATFORM  LAYERS  SIZE" 'no data directory, no images'
	image import --name registry.example:5000/team/web:2 "$b/rootfs"
	image tag web:2 web:stable
	is "$code" 0 "tag: $err"
	image list --quiet
	is "$out" $'registry.example:5000/team/web:2\nweb:stable' 'both names'
	image inspect nothing
	says 'no image "nothing"'
	image tag nothing x
	says 'no image "nothing"'
	image tag web:2 'a@b'
	says 'is not the name of an image'
	mkdir -p "$work/other" && echo other >"$work/other/file"
	image import --name web:stable "$work/other"
	image list --format json
	is "$(jq 'map(.digest) | unique | length' <<<"$out")" 2 'the name moved on'
}

# Through another tool and back: the configuration is the same, and so is the tree.
through() { # TRANSPORT
	command -v skopeo >/dev/null || { skip 'skopeo is not installed'; return; }
	fresh
	image import --name tree:1 --cmd 'a b' "$work/tree"
	local before=$("$KIST" --data "$data" image inspect tree:1 | jq -c .config) to=$work/out
	rm -rf "$to"
	skopeo --insecure-policy copy -q "oci:$data/images:tree:1" "$1:$to:tree:1" >"$work/skopeo" 2>&1 || bad "$(<"$work/skopeo")"
	fresh
	image import --name tree:1 "$to"
	is "$code" 0 "import: $err"
	image inspect tree:1
	is "$(jq -c .config <<<"$out")" "$before" configuration
	is_whole "$work/tree" tree:1
	no_junk
}

# An OCI layout of one plain layer, made here so that it can be spoilt.
blob() { # TEXT-FILE: prints "DIGEST" SIZE
	local d=$(sha256sum "$1")
	cp "$1" "$work/layout/blobs/sha256/${d%% *}"
	echo "${d%% *} $(stat -c %s "$1")"
}

layout() { # [JQ FILTER OF THE MANIFEST [OF THE CONFIG]]
	local d s diff
	rm -rf "$work/layout" && mkdir -p "$work/layout/blobs/sha256" "$work/l"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
	echo content >"$work/l/file"
	tar -C "$work/l" --sort=name --mtime=@0 -cf "$work/layer.tar" .
	read -r diff s < <(blob "$work/layer.tar")
	layer=$work/layout/blobs/sha256/$diff
	jq -cn "{architecture:\"amd64\",os:\"linux\",rootfs:{type:\"layers\",diff_ids:[\"sha256:$diff\"]}} | ${2:-.}" >"$work/config"
	read -r d c < <(blob "$work/config")
	jq -cn "{schemaVersion:2,config:{mediaType:\"application/vnd.oci.image.config.v1+json\",digest:\"sha256:$d\",size:$c},
		layers:[{mediaType:\"application/vnd.oci.image.layer.v1.tar\",digest:\"sha256:$diff\",size:$s}]} | ${1:-.}" >"$work/manifest"
	index "$work/manifest"
}

index() { # MANIFEST-FILE [JQ-FILTER]
	local d s
	read -r d s < <(blob "$1")
	jq -cn "{schemaVersion:2,manifests:[{mediaType:\"application/vnd.oci.image.manifest.v1+json\",digest:\"sha256:$d\",size:$s,
		annotations:{\"org.opencontainers.image.ref.name\":\"x:1\"}}]} | ${2:-.}" >"$work/layout/index.json"
}

refuses() { # SENTENCE: of the layout as it is now; nothing comes into the store
	fresh
	image import "$work/layout"
	says "$1"
	is "$(ls -A "$data/layers" "$data/images/blobs/sha256" 2>/dev/null | grep -v :)" '' 'nothing is kept'
	no "no index" test -e "$data/images/index.json"
}

spoilt_layouts() {
	layout
	fresh
	image import "$work/layout"
	is "$code$out" "0x:1 sha256:$(sha256sum <"$work/manifest" | cut -d' ' -f1)" 'the good one is taken'
	sed -i 's/amd64/amd65/' "$work/layout/blobs/sha256/$(sha256sum <"$work/config" | cut -d' ' -f1)"
	refuses 'its content is not what its digest and size say'
	layout && printf x >>"$layer"
	refuses 'larger than the'
	layout && truncate -s -512 "$layer"
	refuses 'its digest is'
	layout && printf '\1' | dd of="$layer" bs=1 seek=520 conv=notrunc status=none
	refuses 'its digest is'
	layout . '.rootfs.diff_ids[0] = "sha256:" + ("0" * 64)'
	refuses 'its diff_id is'
	layout . '.rootfs.diff_ids += .rootfs.diff_ids'
	refuses 'the manifest has 1 layers and the configuration 2 diff_ids'
	layout '.layers[0].size += 1'
	refuses 'bytes, not'
	layout '.layers[0].mediaType = "application/x-tar"'
	refuses 'media type "application/x-tar"'
	layout '.manifests = []'
	refuses 'has no place in an image manifest'
	layout '.layers[0].digest = "sha256:../../../../etc/passwd"'
	refuses 'is not a digest that kist takes'
	layout '.layers[0].digest = "sha256:" + ("0" * 64)'
	refuses 'it has no file'
	layout && sed 's/"schemaVersion":2/&,&/' "$work/manifest" >"$work/m2" && index "$work/m2"
	refuses 'schemaVersion'
	layout && index "$work/manifest" '.manifests = []'
	refuses 'names no image'
	layout && rm "$layer" && ln -s /etc/passwd "$layer"
	refuses 'leads outside of the image'
	layout && rm "$layer" && mkfifo "$layer"
	refuses 'not a regular file'
	layout && index "$work/manifest" '.manifests[0].platform = {os: "linux", architecture: "vax"}'
	refuses 'only for linux/vax; choose with --platform'
	layout && head -c 5M /dev/zero | tr '\0' ' ' >>"$work/layout/index.json"
	refuses 'larger than 4 MiB'
}

choice() { # of several platforms in nested indexes
	layout && cp "$work/manifest" "$work/m1"
	local one=$(sha256sum <"$work/m1") d s
	read -r d s < <(blob "$work/m1")
	jq -cn "{schemaVersion:2,manifests:[
		{mediaType:\"application/vnd.oci.image.manifest.v1+json\",digest:\"sha256:$(printf '%064d' 0)\",size:1,platform:{os:\"linux\",architecture:\"s390x\"}},
		{mediaType:\"application/vnd.oci.image.manifest.v1+json\",digest:\"sha256:$d\",size:$s,platform:{os:\"linux\",architecture:\"amd64\"}},
		{mediaType:\"application/vnd.oci.image.manifest.v1+json\",digest:\"sha256:$(printf '%064d' 1)\",size:1,platform:{os:\"unknown\",architecture:\"unknown\"}}]}" >"$work/nested"
	index "$work/nested" '.manifests[0].mediaType = "application/vnd.oci.image.index.v1+json"'
	fresh
	image import --platform linux/amd64 "$work/layout"
	is "$code$out" "0x:1 sha256:${one%% *}" 'the right one'
	fresh
	image import --platform linux/riscv64 "$work/layout"
	says 'no image for linux/riscv64 in it, only for linux/s390x, linux/amd64, unknown/unknown'
}

behind() { # bytes behind the archive, or behind the compressed data
	command -v zstd >/dev/null || { skip 'zstd is not installed'; return; }
	mkdir -p "$work/l" && echo x >"$work/l/file"
	tar -C "$work/l" -cf "$work/good.tar" .
	gzip -nk "$work/good.tar" && zstd -qk "$work/good.tar" && xz -k "$work/good.tar"
	local f
	for f in good.tar good.tar.gz good.tar.zst good.tar.xz; do
		fresh
		image import --name x "$work/$f"
		is "$code" 0 "$f: $err"
		{ cat "$work/$f" && printf 'trailing bytes'; } >"$work/bad"
		fresh
		image import --name x "$work/bad"
		[[ $code = 1 && $err == kist:*bad:* && $err != *$'\n'* ]] && good || bad "$f with a tail: $code $out $err"
		is "$(ls -A "$data/layers")" '' 'nothing is kept'
		head -c -20 "$work/$f" >"$work/bad"
		[ "$f" = good.tar ] || { image import --name x "$work/bad"; is "$code" 1 "$f cut off"; }
	done
	cat "$work/good.tar.gz" "$work/good.tar.gz" >"$work/bad"
	image import --name x "$work/bad"
	says 'behind the end of the archive'
	gzip -n <"$work/good.tar.gz" >"$work/bad"
	image import --name x "$work/bad"
	says 'compressed more than once'
	rm "$work"/good.tar*
}

# A docker archive of three layers, in which the upper ones hide, replace and bring back.
layered() { # prints its path
	local d=$work/docker n
	rm -rf "$d" && mkdir -p "$d/1/a/keep" "$d/1/b/sub" "$d/1/c" "$d/1/e" "$d/2/a" "$d/2/b" "$d/2/e" "$d/3/a" "$d/3/f" "$d/3/e"
	echo 1 >"$d/1/a/gone" && echo 1 >"$d/1/a/keep/x" && echo 1 >"$d/1/b/sub/hidden" && echo 1 >"$d/1/c/file" && echo 1 >"$d/1/back"
	echo 1 >"$d/1/one" && ln "$d/1/one" "$d/1/two" && ln -s a "$d/1/link" && echo 1 >"$d/1/e/old"
	: >"$d/2/a/.wh.gone" && : >"$d/2/b/.wh..wh..opq" && echo 2 >"$d/2/b/new" && : >"$d/2/.wh.c" && : >"$d/2/.wh.back" && : >"$d/2/.wh.nothing"
	: >"$d/2/.wh.e" && echo 2 >"$d/2/e/new" && : >"$d/2/.wh..wh.plnk"
	echo 3 >"$d/3/back" && echo 3 >"$d/3/c" && echo 3 >"$d/3/link" && chmod 700 "$d/3/a" && echo 3 >"$d/3/e/.wh..wh..opq.not"
	for n in 1 2 3; do tar -C "$d/$n" --sort=name --mtime=@0 -cf "$d/$n.tar" .; done
	pack_docker
}

pack_docker() { # the three, as they are now
	local d=$work/docker n
	for n in 1 2 3; do sha256sum <"$d/$n.tar" | cut -d' ' -f1; done | jq -Rn \
		'{architecture: "amd64", os: "linux", rootfs: {type: "layers", diff_ids: [inputs | "sha256:" + .]}}' >"$d/config.json"
	echo '[{"Config":"config.json","RepoTags":["lay:1","lay:2"],"Layers":["1.tar","2.tar","3.tar"]}]' >"$d/manifest.json"
	tar -C "$d" -cf "$work/docker.tar" manifest.json config.json 1.tar 2.tar 3.tar
}

mounted() { # IMAGE: the facts of its layers as the kernel merges them
	local all i short=() # newer mount programs can hand over no more than 255 bytes
	mapfile -t all < <(layers "$1")
	for i in "${!all[@]}"; do
		ln -sfn "${all[i]}" "$work/_$i" && short+=("$work/_$i")
	done
	mkdir -p "$work/merged"
	mount -t overlay overlay -o "lowerdir=$(IFS=: && echo "${short[*]}")" "$work/merged" && facts "$work/merged" &&
		umount "$work/merged"
}

merging() {
	layered
	fresh
	image import "$work/docker.tar"
	is "$code" 0 "import: $err"
	image list --quiet
	is "$out" $'lay:1\nlay:2' 'both names'
	mounted lay:1 >"$work/wanted"
	has "$(<"$work/wanted")" './back f' 'the kernel shows a file'
	lacks "$(<"$work/wanted")" hidden 'and hides another'
	lacks "$(<"$work/wanted")" e/old 'a directory that was removed and made again is new'
	mkdir "$work/plain" && "$KIST" --data "$data" image export --type rootfs lay:1 | tar -C "$work/plain" -xp
	facts "$work/plain" >"$work/got"
	yes "the export is what the kernel shows: $(diff "$work/wanted" "$work/got" | head -n 5)" cmp -s "$work/wanted" "$work/got"
	umoci_agrees
}

foreign() { # said, but taken: it may be meant for another machine
	layered
	jq -c '.architecture = "s390x"' "$work/docker/config.json" >"$work/s390x" && mv "$work/s390x" "$work/docker/config.json"
	tar -C "$work/docker" -cf "$work/docker.tar" manifest.json config.json 1.tar 2.tar 3.tar
	fresh
	image import "$work/docker.tar"
	like "$code $err" '^0 kist: warning: lay:1 is for linux/s390x, not for linux/[a-z0-9/]+$' 'without --platform'
	image import --platform linux/s390x "$work/docker.tar"
	is "$code $err" '0 ' 'with --platform'
	"$KIST" --log-level error --data "$data" image import "$work/docker.tar" >/dev/null 2>"$work/said"
	is "$(<"$work/said")" '' 'who asks for errors alone'
}

undescribed() { # a directory that an upper layer uses and does not describe stays as the lower ones have it
	layered
	rm -rf "$work/docker/2" "$work/docker/3" && mkdir -p "$work/docker/2/a/keep" "$work/docker/3/f/g"
	chmod 1777 "$work/docker/1/a" && chown 12:34 "$work/docker/1/a/keep"
	echo 2 >"$work/docker/2/a/keep/y" && echo 3 >"$work/docker/3/f/g/z"
	tar -C "$work/docker/1" --mtime=@0 -cf "$work/docker/1.tar" . && tar -C "$work/docker/2" -cf "$work/docker/2.tar" a/keep/y
	tar -C "$work/docker/3" -cf "$work/docker/3.tar" f/g/z
	pack_docker
	fresh
	image import "$work/docker.tar"
	is "$code" 0 "import: $err"
	mounted lay:1 >"$work/got"
	is "$(awk '$2 == "d" && $1 ~ /^.\/[af]/ { print $1, $3, $4, $5 }' "$work/got")" \
		$'./a 1777 0 0\n./a/keep 755 12 34\n./f 755 0 0\n./f/g 755 0 0' 'owners and modes'
}

umoci_agrees() { # a third opinion
	command -v umoci >/dev/null || return
	image export --type oci-dir -o "$work/lay" lay:1
	is "$code" 0 "export: $err"
	mkdir "$work/bundle" && umoci raw unpack --image "$work/lay:lay:1" "$work/bundle/rootfs" >"$work/umoci" 2>&1 || bad "$(<"$work/umoci")"
	is "$(cd "$work/bundle/rootfs" && find . -type f -exec sha256sum {} + | LC_ALL=C sort)" \
		"$(cd "$work/plain" && find . -type f -exec sha256sum {} + | LC_ALL=C sort)" 'umoci unpacks the same files'
}

round() { # TYPE FILE: out and in again, the same image
	layered
	fresh
	image import "$work/docker.tar"
	local before=$("$KIST" --data "$data" image inspect lay:1 | jq -c 'del(.layers)')
	mounted lay:1 >"$work/wanted"
	rm -rf "$work/out"
	image export --type "$1" --output "$work/out" lay:1
	succeeds ''
	[ ! -f "$work/out" ] || is "$(stat -c %a "$work/out")" 644 'its mode'
	fresh
	image import "$work/out"
	is "$code" 0 "import: $err"
	is "$("$KIST" --data "$data" image inspect lay:1 | jq -c 'del(.layers)')" "$before" 'the same image'
	mounted lay:1 >"$work/got"
	yes 'the same files' cmp -s "$work/wanted" "$work/got"
	image export --type "$1" --output "$work/out" lay:1
	[ "$1" != oci-dir ] || says 'is there already'
	no_junk
}

out_of_kist() { # TRANSPORT TYPE: another tool reads what was exported
	command -v skopeo >/dev/null || { skip 'skopeo is not installed'; return; }
	layered
	fresh
	image import "$work/docker.tar"
	rm -rf "$work/out" "$work/copy"
	image export --type "$2" --output "$work/out" lay:1
	skopeo --insecure-policy copy -q "$1:$work/out:lay:1" "oci:$work/copy:lay:1" >"$work/skopeo" 2>&1
	is $? 0 "skopeo: $(<"$work/skopeo")"
	is "$(skopeo inspect --config "oci:$work/copy:lay:1" | jq -c .rootfs)" "$(jq -c .rootfs "$work/docker/config.json")" layers
}

many_chunks() { # more than one at a time can hold: what is hashed and copied beside the unpacking is all of it, in order
	local sum
	fresh
	mkdir -p "$work/big" && head -c 20000000 /dev/urandom >"$work/big/noise" && head -c 3000000 /dev/zero >"$work/big/zeros"
	tar -C "$work/big" -cf "$work/big.tar" . && sum=$(sha256sum <"$work/big.tar") && sum=${sum%% *}
	image import --name big:1 "$work/big.tar"
	is "$code" 0 "$err"
	yes 'the blob' cmp -s "$work/big.tar" "$data/images/blobs/sha256/$sum"
	yes 'the layer' cmp -s "$work/big/noise" "$data/layers/$sum/fs/noise"
	fresh && mkdir -m 700 -p "$work/small" && mount -t tmpfs -o size=38m,mode=700 none "$work/small"
	kist --data "$work/small" image import --name big:1 "$work/big.tar"
	like "$code $err" '^1 kist: .*No space left' 'a disk that is full'
	is "$(ls -A "$work/small/layers" "$work/small/images/blobs/sha256" | grep -v :)" '' 'nothing is left of it'
	umount "$work/small" && rm -r "$work/big" "$work/big.tar"
}

export_fails() {
	layered
	fresh
	image import "$work/docker.tar"
	image export --type oci-dir lay:1
	says 'needs --output'
	image export --output "$work/no/such/dir" lay:1
	says 'open the directory of'
	"$KIST" --data "$data" image export lay:1 >/dev/full 2>"$work/err"
	is "$?" 1 'a full disk'
	has "$(<"$work/err")" 'No space left' 'a full disk'
	(umask 077 && image export --output "$work/mine" lay:1)
	is "$(stat -c %a "$work/mine")" 600 'as the umask says'
	echo old >"$work/target"
	echo x >>"$data/images/blobs/sha256/$("$KIST" --data "$data" image inspect lay:1 | jq -r '.manifest.layers[1].digest[7:]')"
	image export --output "$work/target" lay:1
	says 'is damaged'
	is "$(<"$work/target")" old 'what was there stays'
	is "$(ls -A "$work" | grep -c '^\.new')" 0 'no leftovers'
}

on_a_terminal() {
	fresh
	out=$("$helpers/pty" 24 80 '' "$KIST" --data "$data" image import --name x - 2>/dev/null)
	has "$out" 'standard input: is a terminal' 'nobody types an archive'
	mkfifo "$work/slow"
	(tar -C "$b/rootfs" -c . && sleep 0.3 && head -c 10240 /dev/zero) >"$work/slow" &
	out=$("$helpers/pty" 24 80 '' "$KIST" --data "$data" image import --name x "$work/slow" 2>/dev/null)
	like "$out" "$work/slow [0-9.]+ [kM]?B"$'.*\e'"\[Kx:latest sha256:" 'progress comes and goes'
	out=$("$helpers/pty" 24 80 '' "$KIST" --data "$data" image export x 2>/dev/null)
	has "$out" 'standard output is a terminal' 'nobody reads an archive'
	kist --data "$data" image import --name y "$b/rootfs"
	is "$err" '' 'silent elsewhere'
}

check 'a directory' directory
check 'a plain tar' coded '' cat
check 'a gzip tar' coded .gz gzip
check 'a zstd tar' coded .zst zstd -q
check 'an xz tar' coded .xz xz -1
check 'a bzip2 tar' coded .bz2 bzip2 -1
check 'old formats of tar' gnu_names
check 'what a root filesystem runs' settings
check 'names' names
check 'through an OCI layout' through oci
check 'through an OCI archive' through oci-archive
check 'an image of another platform' foreign
check 'through a docker archive' through docker-archive
check 'layouts that are not what they say' spoilt_layouts
check 'one of several platforms' choice
check 'bytes behind the end' behind
check 'layers that hide' merging
check 'directories that a layer does not describe' undescribed
check 'out and in as an OCI archive' round oci-archive
check 'out and in as an OCI layout' round oci-dir
check 'out and in as a docker archive' round docker-archive
check 'an exported OCI archive in skopeo' out_of_kist oci-archive oci-archive
check 'an exported layout in skopeo' out_of_kist oci oci-dir
check 'an exported docker archive in skopeo' out_of_kist docker-archive docker-archive
check 'exports that fail' export_fails
check 'a layer of many chunks' many_chunks
check 'a terminal' on_a_terminal
finish
