# SPDX-License-Identifier: GPL-2.0-or-later
# For the programs beside it and in ../fault: TAP, bundles, and the proof that nothing is left.
# A program sources this, calls `check NAME FUNCTION` for each case, and `finish` at its end.
# Whatever a case asserts with is, like, has … counts; a case that asserts nothing fails.
#
# The program runs again in a mount, a pid and a network namespace of its own. There the lists of mounts
# and of processes hold nothing but what the tests made, so that a leak of one byte shows, and the
# work of others on the same machine does not; and no test touches the machine's interfaces, rules and settings. Mounts are shared, as systemd has them: a mount
# that kist lets out appears in the list.
set -u
if [ -z "${KIST_TEST_APART-}" ]; then
	[ "$(id -u)" = 0 ] || { echo '1..0 # SKIP needs root'; exit 0; }
	: "${KIST:?the kist to test}" "${PAYLOAD:?the program of the test root file system}"
	export KIST_TEST_APART=1 KIST PAYLOAD LC_ALL=C.UTF-8
	KIST=$(realpath "$KIST") PAYLOAD=$(realpath "$PAYLOAD")
	[[ -x $KIST && -x $PAYLOAD ]] || { echo "Bail out! $KIST or $PAYLOAD is not built"; exit 1; }
	exec unshare --mount --pid --net --fork --kill-child --propagation private --mount-proc bash "$0" "$@"
fi
mount --make-rshared /
ip link set lo up
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILDDIR=${BUILDDIR:-$(dirname "$KIST")}
helpers=$BUILDDIR/tests/integration
umask 022
unset LISTEN_FDS LISTEN_PID LISTEN_FDNAMES NOTIFY_SOCKET XDG_RUNTIME_DIR

work=$(mktemp -d) || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"
tag=${work##*.} # names this run in what all runs on the machine share
id=it-$tag
state=$work/state
data=$work/data # of images and instances
b=$work/b # the bundle
cgroups=$(awk '$0 ~ / - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
count=0 failures=0 commands=0
out='' err='' code='' said=''
mkdir -p "$b/rootfs/bin" "$work/io"
cp "$PAYLOAD" "$b/rootfs/bin/payload"
: >"$b/config.json"

# --- assertions: each says what is wrong after "not ok", and the case goes on

note() { printf '%s\n' "$@" >>"$work/diag"; }

bad() { # WHAT: the case fails
	asserted=1 wrong=1
	note "$*"
	return 1
}

good() { asserted=1; }

is() { # GOT WANTED WHAT
	[ "$1" = "$2" ] && good || bad "$3: got \"$1\", wanted \"$2\""
}

isnt() { # GOT UNWANTED WHAT
	[ "$1" != "$2" ] && good || bad "$3: got \"$1\""
}

like() { # TEXT REGEX WHAT
	[[ $1 =~ $2 ]] && good || bad "$3: \"$1\" is not like $2"
}

has() { # TEXT PART WHAT
	[[ $1 == *"$2"* ]] && good || bad "$3: no \"$2\" in \"$1\""
}

lacks() { # TEXT PART WHAT
	[[ $1 != *"$2"* ]] && good || bad "$3: \"$2\" in \"$1\""
}

yes() { # WHAT COMMAND...
	local what=$1
	shift
	"$@" && good || bad "$what: $* failed"
}

no() { # WHAT COMMAND...
	local what=$1
	shift
	! "$@" && good || bad "$what: $* succeeded"
}

# One sentence on standard error with TEXT in it, nothing on standard output, exit code CODE (1).
says() { # TEXT [CODE]
	[[ $code == "${2:-1}" && -z $out && $err == kist:*"$1"* && $err != *$'\n'* ]] && good ||
		bad "wanted code ${2:-1} and one line with \"$1\", got $code, \"$out\", \"$err\""
}

succeeds() { # [OUTPUT]
	[[ $code == 0 && -z $err ]] && [ "${1-$out}" = "$out" ] && good || bad "wanted success${1+, and \"$1\"}, got $code, \"$out\", \"$err\""
}

until_true() { # COMMAND...: for at most five seconds
	local i
	for ((i = 0; i < 250; i++)); do
		"$@" && return 0
		sleep 0.02
	done
	return 1
}

# --- cases

snapshot() { # of everything that a container could leave behind
	local p words
	ls -A "$state" 2>/dev/null | sed '/^\.seccomp$/d; s/^/state: /' # the compiled programs stay for the next start
	[ -z "$cgroups" ] || find "$cgroups" -maxdepth 3 -type d -name "*$tag*" | sed 's/^/cgroup: /'
	cut -d' ' -f4- /proc/self/mountinfo | sed 's/^/mount: /'
	ls -A "$b" | sed 's/^/bundle: /'
	for p in /proc/[0-9]*; do
		p=${p##*/}
		[[ $p = 1 || $p = "$BASHPID" ]] || ! mapfile -d '' -t words <"/proc/$p/cmdline" || [ ${#words[@]} = 0 ] ||
			echo "process: $p ${words[*]}"
	done 2>/dev/null
}

unchanged() { snapshot >"$work/after" && cmp -s "$work/before" "$work/after"; }

leftovers() { # compared with what was there before the case
	local i
	for ((i = 0; i < 40; i++)); do
		unchanged && return 0
		sleep 0.05
	done
	note "left behind: $(diff "$work/before" "$work/after" | grep '^[<>]' | head -n 20)"
	wrong=1
}

wipe() { # what a failed case left must not fail the next one
	local d p
	for d in "$state"/*; do
		[ ! -e "$d" ] || "$KIST" --root "$state" delete --force "${d##*/}" >/dev/null 2>&1
	done
	for p in $(sed -n 's/^> process: \([0-9]*\) .*/\1/p' <(diff "$work/before" "$work/after")); do
		kill -KILL "$p" 2>/dev/null
	done
	[ -z "$cgroups" ] || find "$cgroups" -depth -type d -name "*$tag*" -exec rmdir {} + 2>/dev/null
	rm -rf --one-file-system "$state"
}

result() { # NAME
	local not=''
	[ "$wrong" = 0 ] || not='not '
	[ "$wrong" = 0 ] || failures=$((failures + 1))
	echo "${not}ok $((++count)) - $1${skipped:+ # SKIP $skipped}"
	[ "$wrong" = 0 ] || {
		sed 's/^/# /' "$work/diag"
		sed 's/^/# /' <<<"last: $last: code $code, out: $out, err: $err"
	}
}

check() { # NAME FUNCTION [ARGUMENT...]
	local name=$1
	shift
	if [ -n "${ONLY-}" ] && [[ $name != *$ONLY* ]]; then return; fi
	out='' err='' code='' last='nothing' skipped='' asserted=0 wrong=0
	: >"$work/diag"
	cd "$work" || exit 1
	snapshot >"$work/before"
	"$@"
	[ "$asserted$skipped" != 0 ] || bad 'asserts nothing'
	leftovers
	result "$name"
	[ "$wrong" = 0 ] || wipe
}

skip() { skipped=$1; } # REASON: said inside of a case, which then returns

finish() {
	echo "1..$count"
	exit $((failures > 0))
}

# --- kist and its bundles

# Standard output and error go to files of their own, because a container that lasts keeps them.
# $said names the file: what the container says later is there.
kist() { # ARGUMENT...: sets out, err, code
	commands=$((commands + 1))
	said=$work/io/$commands last=$*
	"${as[@]}" "$KIST" --root "$state" --data "$data" "$@" >"$said" 2>"$said.err"
	code=$?
	out=$(tr -d '\0' <"$said") err=$(<"$said.err")
}
is_sanitized() { grep -q __asan_init "$KIST"; } # every start takes several times as long
as=(env) # what kist is started by
bare=(env -i ${ASAN_OPTIONS+"ASAN_OPTIONS=$ASAN_OPTIONS"}) # with nothing that a person's shell has

config() { # [JQ-FILTER [PROGRAM ARGUMENT...]]: config.json of the bundle, from kist's own template
	local filter=${1:-.}
	shift $(($# > 0))
	[ -s "$work/spec/config.json" ] || { mkdir -p "$work/spec" && "$KIST" spec --bundle "$work/spec"; }
	jq '.process.terminal = false | .process.args = (["payload"] + $ARGS.positional) | '"$filter" \
		"$work/spec/config.json" --args "$@" >"$b/config.json" || bad "the filter $filter"
}

box() { # JQ-FILTER PAYLOAD-ARGUMENT...: runs the payload in a container to its end
	config "$@"
	kist run --bundle "$b" "$id"
}

begin() { # JQ-FILTER PAYLOAD-ARGUMENT...: a container that is running
	config "$@"
	kist create --bundle "$b" "$id"
	voice=$said # what the container itself says is here
	kist start "$id"
	succeeds
}

inside() { # PAYLOAD-ARGUMENT...: one more process in it
	kist exec "$id" payload "$@"
}

end() { # removes it
	kist delete --force "${1:-$id}"
	succeeds ''
}

status_of() { jq -r .status < <("$KIST" --root "$state" state "${1:-$id}" 2>/dev/null); }
pid_of() { jq -r .pid < <("$KIST" --root "$state" state "${1:-$id}" 2>/dev/null); }
is_status() { [ "$(status_of)" = "$1" ]; }
becomes() { yes "becomes $1" until_true is_status "$1"; } # STATUS

fresh_rootfs() { # for cases that poison the image
	rm -rf --one-file-system "$b/rootfs"
	mkdir -p "$b/rootfs/bin"
	cp "$PAYLOAD" "$b/rootfs/bin/payload"
}

install_dynamic() { # FILE NAME: into the image, with the libraries it needs
	local lib
	cp "$1" "$b/rootfs/bin/$2"
	for lib in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*'); do
		mkdir -p "$b/rootfs${lib%/*}" && cp -L "$lib" "$b/rootfs$lib"
	done
}
