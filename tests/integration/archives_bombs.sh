#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Archives that are much of something, cut off, followed by something, or no archives at all.
. "$(dirname "$0")/hostile/lib.sh"
"$hostile/make" "$corpus" nothing
bomb() { # SENTENCE CODER BOMB...: is refused soon, and leaves nothing on the disk
	local began=$SECONDS sentence=$1 coder=$2
	shift 2
	attempt --name bomb "${options[@]}" - < <("$hostile/bomb" "$@" | $coder)
	[[ $code = 1 && $err == kist:*"$sentence"* && $err != *$'\n'* ]] && good ||
		bad "$*, $coder: wanted \"$sentence\", got $code, \"$err\""
	(($(du -sm "$data" | cut -f1) < 20)) && good || bad "$*, $coder: there is much in the store"
	((SECONDS - began < 60)) && good || bad "$*, $coder: took $((SECONDS - began)) s"
}

bombs() {
	local coder options=(--max-size 64m)
	rm -rf --one-file-system "$data"
	for coder in 'gzip -1' 'zstd -q' 'xz -0' 'bzip2 -1'; do
		bomb 'is larger than --max-size allows' "$coder" zeros 70
		bomb 'is larger than 67108864 bytes unpacked' "$coder" files 70
	done
	bomb 'is larger than the 67108864 bytes that it may have' cat files 70
	options=()
	bomb 'unpacks to more than 1100 times its size' 'zstd -q' zeros 1200
	rm -rf --one-file-system "$data"
}

many() { # entries; with ENTRIES=5000000 it takes many minutes
	local kind
	rm -rf --one-file-system "$data"
	for kind in "entries ${ENTRIES:-20000}" 'implied 10' 'directories 2000' 'lists 300'; do
		attempt --name "${kind% *}" - < <("$hostile/bomb" $kind)
		is "$code" 0 "$kind: $err"
	done
	check_store many
	rm -rf --one-file-system "$data"
}

cut_off() { # compressed streams that end early, or are followed by something
	local coder n size
	prepare
	"$hostile/bomb" entries 300 >"$work/whole"
	for coder in 'gzip -n' 'zstd -q' 'xz' 'bzip2'; do
		$coder <"$work/whole" >"$work/coded"
		size=$(stat -c %s "$work/coded")
		taken "whole $coder" "$work/coded" f299
		for n in 1 4 12 $((size / 2)) $((size - 20)); do
			head -c "$n" "$work/coded" >"$work/cut"
			refused "$n bytes of $coder" "$work/cut" ''
		done
		for tail in x "$(head -c 100 "$work/coded" | tr -d '\0')" '../../x'; do
			{ cat "$work/coded" && printf %s "$tail"; } >"$work/cut"
			refused "$coder with a tail" "$work/cut" ''
		done
		$coder <"$work/coded" >"$work/cut"
		refused "$coder twice" "$work/cut" 'compressed more than once'
	done
	for n in 100 511 513 1200; do
		head -c "$n" "$work/whole" >"$work/cut"
		refused "$n bytes of a tar" "$work/cut" ''
	done
	{ head -c 4096 "$work/whole" | gzip -n && tail -c +4097 "$work/whole" | gzip -n; } >"$work/parts"
	taken 'two members of gzip' "$work/parts" f299
}

# A block of xz that asks for a dictionary of 4 GiB, a frame of zstd that asks for a window of 2 GiB.
large_windows() {
	prepare
	echo x | xz --check=none >"$work/x.xz"
	python3 - "$work/x.xz" <<-'EOF'
		import sys, zlib
		path = sys.argv[1]
		data = bytearray(open(path, "rb").read())
		size = (data[12] + 1) * 4
		data[12 + 4] = 40
		data[12 + size - 4:12 + size] = zlib.crc32(data[12:12 + size - 4]).to_bytes(4, "little")
		open(path, "wb").write(data)
	EOF
	refused 'a dictionary of xz' "$work/x.xz" 'is damaged'
	printf '\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00' >"$work/x.zst"
	refused 'a window of zstd' "$work/x.zst" 'is damaged'
}

strange() { # files that are no image of any kind
	prepare
	printf '\x7fELF' >"$work/file" && head -c 4096 /dev/zero >>"$work/file"
	refused 'a program' "$work/file" ''
	: >"$work/file" && refused 'nothing' "$work/file" 'is empty'
	printf 'PK\3\4' >"$work/file" && head -c 1000 /dev/urandom >>"$work/file"
	refused 'a zip archive' "$work/file" ''
	printf '070701%0104d' 0 >"$work/file"
	refused 'a cpio archive' "$work/file" ''
	echo '{"schemaVersion":2}' >"$work/file"
	refused 'a document' "$work/file" ''
	attempt --name x /dev/null
	says 'is empty'
	attempt --type oci-archive "$OUTSIDE/layout"
	says 'is a directory'
	attempt "$work/nothing"
	says 'No such file'
	harmless 'strange files'
}

check 'bombs' bombs
check 'many of one kind' many
check 'streams that are cut off or go on' cut_off
check 'large windows' large_windows
check 'files of no kind' strange
finish
