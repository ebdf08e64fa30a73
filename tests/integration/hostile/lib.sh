# SPDX-License-Identifier: GPL-2.0-or-later
# For archives_*.sh: the corpus of hostile images, which `make` beside this file writes, and what every case of it must
# come to. Each is refused with one sentence, or does no harm; nothing outside of the store changes, and in the store
# there is afterwards nothing that was not there before. Time and memory are bounded. The twins, which lack only what is
# hostile, are taken; and what is to escape does so when a trusting extractor unpacks it.
. "$(dirname "$0")/lib.sh"
command -v getfattr python3 >/dev/null || { echo '1..0 # SKIP needs getfattr and python3'; exit 0; }
hostile=$(dirname "$(realpath "$0")")/hostile
corpus=$work/corpus fast=$work/fast
data=$fast/data
mkdir "$fast" && mount -t tmpfs -o mode=755 none "$fast" # hundreds of imports need not reach a disk
trap 'umount -l "$fast" && rm -rf --one-file-system "$work"' EXIT
shopt -s extglob
export OUTSIDE=$fast/outside
# A bomb that goes off ends in the limits; a sanitizer's shadow alone is larger than any.
bounds=(timeout --signal=KILL 60 prlimit --cpu=30)
is_sanitized && sanitized=1 || { sanitized='' && bounds+=(--as=$((400 << 20))); }
# The verbs here are all kist-image's, and kist would only become that: hundreds of starts less.
[ ! -x "$BUILDDIR/kist-image" ] || KIST=$BUILDDIR/kist-image

image() { kist --data "$data" image "$@"; }
attempt() { # SOURCE [OPTION...]: into the store, within bounds
	as=("${bounds[@]}")
	image import "$@"
	as=(env)
}

outside() { # the directory that must not change, as it is at first
	rm -rf --one-file-system "$OUTSIDE"
	mkdir -m 755 "$OUTSIDE" && echo precious >"$OUTSIDE/marker"
	cp -r "$corpus/outside-layout" "$OUTSIDE/layout"
	find "$OUTSIDE" -exec touch -d 2001-02-03 {} +
}

# Whoever changes a file changes its ctime. Locks stay for who comes later, and directories of the store have the time of
# what was tried.
all_is() {
	find "$OUTSIDE" "$data" -path "$data/locks/*" -o -path "$data*" -type d -printf '%p %y %m %U:%G\n' -o \
		-printf '%p %y %m %U:%G %s %n %i %T@ %C@\n' >"$1"
}

unchanged_since() { # FILE
	all_is "$work/all.now"
	cmp -s "$1" "$work/all.now" || cmp -s <(sort "$1") <(sort "$work/all.now")
}

prepare() { # a store with one image, as every case finds it and leaves it
	rm -rf --one-file-system "$data"
	image import --name mine:1 "$b/rootfs"
	is "$code" 0 "import of a good image: $err"
	outside
	all_is "$work/all"
}

harmless() { # CASE: after it nothing is different
	unchanged_since "$work/all" && good && return
	bad "$1 changed: $(diff <(sort "$work/all") <(sort "$work/all.now") | head -n 4)"
	prepare
}

refused() { # CASE SOURCE SENTENCE
	attempt "$2"
	[[ $code = 1 && -z $out && $err == kist:*"$3"* && $err != *[$'\x01'-$'\x1f\x7f']* ]] && good ||
		bad "$1: wanted a sentence with \"$3\", got $code, \"$out\", \"$err\""
	harmless "$1"
}

# All that are taken are in a store of their own, which is looked at when the group is through.
taken() { # CASE SOURCE FILE
	local sum
	as=("${bounds[@]}")
	kist --data "$fast/taken" image import "$2"
	as=(env)
	is "$code" 0 "$1: $err"
	harmless "$1"
	[[ -n $3 && ($1 == +([^.]).tar || $1 == *.twin.tar) ]] || return
	sum=$(sha256sum "$2") # of a plain archive it is the layer's name
	sum=$fast/taken/layers/${sum%% *}/fs/$3
	[[ -e $sum || -L $sum ]] && good || bad "$1: the layer has no $3"
}

# Only a layer's own whiteouts became metadata of overlayfs; and what is printed obeys nobody.
all_taken() { # GROUP
	local data=$fast/taken
	is "$(getfattr -Rhd -m - "$data/layers" 2>/dev/null | grep -aE '^(trusted|security|system|user\.overlay)' |
		grep -v '^trusted.overlay.opaque="y"$')" '' "$1: attributes"
	image list
	[[ $code = 0 && $out$err != *[$'\x01'-$'\x09\x0b'-$'\x1f\x7f']* ]] && good || bad "$1: list: $code \"$out\" \"$err\""
	check_store "$1"
}

check_store() { # CASE
	kist --data "$data" system check
	is "$code" 0 "$1: system check: $err"
}
"$KIST" system check --help >"$work/help" 2>&1 || check_store() { :; }

armed() { # CASE TAR: the trusting extractor changes what is outside
	rm -rf --one-file-system "$fast/trusting"
	mkdir -p "$fast/trusting/as/deep/fs"
	"$hostile/trusting" "$fast/trusting/as/deep/fs" "$2" 2>/dev/null
	no "$1 is not armed: nothing outside has changed" unchanged_since "$work/all"
	outside
	all_is "$work/all"
}

groups() { # KIND: checks all groups of it
	local name groups=()
	mapfile -t groups < <("$hostile/make" "$corpus" "$1")
	for name in "${groups[@]}"; do
		check "$name" group "$name"
	done
}

group() { # NAME
	local verdict name source sentence
	prepare
	while IFS=$'\x1f' read -r verdict name source sentence; do
		# Twins and traps are about the corpus, which is the same for every build.
		[[ -n $sanitized && ($verdict = armed || $name = *.twin.tar) ]] || "$verdict" "$name" "$source" "$sentence"
	done <"$corpus/${1// /-}.list"
	check_store "$1"
	[ ! -d "$fast/taken" ] || all_taken "$1"
	rm -rf --one-file-system "$fast"/*
}
