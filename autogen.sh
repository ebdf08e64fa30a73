#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes ./configure, and tests/Makefile.gen: one line per test program found under tests/, so
# that a new test is a new file and nothing else. Run it again after adding a test.
set -eu
cd "$(dirname "$0")"

program() { # LIST FILE LIBRARIES
	name=${2%.c}
	printf '%s += %s\n%s_LDADD = %s\n' "$1" "$name" "$(printf %s "$name" | tr -c 'a-zA-Z0-9_' _)" "$3"
}

found() { # KIND: the .c files there, sorted the same way on every machine
	for f in "tests/$1"/*.c; do
		[ ! -f "$f" ] || printf '%s\n' "$f"
	done | LC_ALL=C sort
}

tests() {
	echo '# Made by autogen.sh from the files under tests/. Do not edit.'
	for f in $(found unit); do
		folder=${f#tests/unit/}
		folder=${folder%%_*}
		case $folder in
		base | oci | namespaces | cgroups | net | storage | images | runtime | instances | cmd) ;;
		*) echo "$f: not named FOLDER_FILE.c" >&2 && exit 1 ;;
		esac
		program UNIT_TESTS "$f" "\$(LINK_$folder) \$(CMOCKA_LIBS)"
	done
	for f in $(found fuzz); do program FUZZ_TARGETS "$f" '$(LINK_cmd) $(LINK_images) $(FUZZ_LIBS)'; done
	for f in $(found fault) $(found golden) $(found integration); do
		program TEST_HELPERS "$f" '$(LINK_cmd)'
	done
	# The payload is the only file of a test root filesystem: no loader, no library, no sanitizer.
	if [ -f tests/payload.c ]; then
		echo "STATIC_HELPERS += tests/payload"
		echo "tests_payload_CFLAGS = \$(WARN_CFLAGS)"
		echo "tests_payload_LDFLAGS = -static"
	fi
}

tests >tests/Makefile.gen.new
if cmp -s tests/Makefile.gen.new tests/Makefile.gen; then
	rm tests/Makefile.gen.new
else
	mv tests/Makefile.gen.new tests/Makefile.gen
fi
exec autoreconf --install --warnings=all
