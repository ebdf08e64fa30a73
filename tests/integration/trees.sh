# SPDX-License-Identifier: GPL-2.0-or-later
# Trees of files for the tests of images, and all that can be said of one.
# A root filesystem with something of everything that a layer may hold.
make_tree() { # DIRECTORY
	local t=$1
	mkdir -p "$t/etc" "$t/deep/a/b/c" "$t/var/empty"
	echo name >"$t/etc/hostname"
	ln -s hostname "$t/etc/link" && ln -s /nowhere/at/all "$t/etc/dangling"
	ln "$t/etc/hostname" "$t/etc/hard"
	mkfifo -m 620 "$t/fifo"
	mknod -m 640 "$t/device" c 1 3 && mknod "$t/block" b 7 200
	cp "$PAYLOAD" "$t/payload"
	chmod 6755 "$t/payload"
	install -d -m 1777 -o 12 -g 34 "$t/tmp"
	printf '%0300d' 0 >"$t/deep/a/b/c/$(printf 'long%.0s' {1..50})"
	echo caf >"$t/caf"$'\xc3\xa9' && echo raw >"$t/raw"$'\xff'
	chown -h 4000000:5000000 "$t/etc/link" "$t/deep"
	dd if=/dev/zero of="$t/sparse" bs=1 count=1 seek=$((64 << 20)) status=none && echo end >>"$t/sparse"
	if command -v setfattr >/dev/null; then
		setfattr -n user.note -v yes "$t/etc/hostname"
		setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 "$t/caf"$'\xc3\xa9'
	fi
	find "$t" -exec touch -hd '2001-02-03 04:05:06.789 UTC' {} +
}

# Everything that can be known of a tree without its inode numbers.
facts() { # DIRECTORY
	(cd "$1" && {
		find . -type d -printf '%p %y %m %U %G %T@\n' -o -printf '%p %y %m %U %G %T@ %n %l %s\n' | LC_ALL=C sort
		find . -type f -exec sha256sum {} + | LC_ALL=C sort
		find . \( -type c -o -type b \) -exec stat -c '%n %t:%T' {} + | LC_ALL=C sort
		getfattr -Rhd -m '^(user|security|trusted)' . 2>/dev/null
		find . -links +1 ! -type d -printf '%i %p\n' | LC_ALL=C sort -k2 | awk '{ print !seen[$1]++, $2 }'
	})
}
