#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist is killed before each of its system calls while a container comes into a network or leaves it: a repair leaves nothing of it
# in the kernel and in the data directory, and the next one works. STEP=1 takes every call.
. "$(dirname "$0")/../integration/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
at=$BUILDDIR/tests/fault/at
step=${STEP:-31}
[ -z "${STEP-}${ASAN_OPTIONS-}" ] || step=${STEP:-83}
me=(--root "$state" --data "$data")
member='[{name: "lan"}] | .kist.ports = [{host: 53, container: 53, protocol: "udp"}, {host: 53, container: 53, protocol: "tcp"}] | .kist.bandwidth = {in: "10mbit"}'

host_state() { # what kist makes on the host; which addresses have spoken comes and goes with packets
	ip -o link | cut -d: -f2
	ip rule && ip -6 rule
	tc qdisc | grep -v noqueue
	nft list ruleset | awk '/set talked/ { skip = 1 } !skip; /^\t}/ { skip = 0 }'
	grep -sH . /proc/sys/net/ipv[46]/conf/*/forwarding | grep -vE '/(kv[0-9a-f]+|eth0)/'
	find "$data" \( -path "$data/locks" -o -name .seccomp \) -prune -o -type f -print | sort
	find "$data" -type l | sort
}
as_before() { host_state >"$work/host"; cmp -s "$work/host.before" "$work/host"; }

"$KIST" "${me[@]}" volume list >/dev/null # makes the data directory

quiet() { "$KIST" "${me[@]}" "$@" >"$work/said" 2>&1 || bad "$what: $1 $2: $(<"$work/said")"; }

tidy() { # what an administrator does after a crash
	quiet delete --force "$id"
	quiet network repair
	until_true as_before && good || bad "$what left: $(diff "$work/host.before" "$work/host" | grep '^[<>]' | head -n 5)"
}

at_each() { # PREPARE FINISH VERB...
	local prepare=$1 finish=$2 n result=0
	shift 2
	for ((n = 1; n < 5000 && wrong < 2 && result != 99; n += step)); do
		what="$* killed at call $n"
		host_state >"$work/host.before"
		"$prepare"
		timeout 20 "$at" kill 0 $n "$KIST" "${me[@]}" "$@" >/dev/null 2>&1
		result=$?
		[ $result != 124 ] || bad "$what: hangs"
		"$finish"
	done
	yes 'there were calls' test "$n" -gt $((50 / step))
}
nothing() { :; }
created() { quiet create --bundle "$b" "$id"; }
again() { # and another works
	tidy
	created
	tidy
}

first_use() { # of the network: the bridge, the table, routing rules and forwarding are made, too
	config "$(given "$member")" wait
	at_each defined undefined create --bundle "$b" "$id"
}
defined() { network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'; }
undefined() {
	quiet delete --force "$id"
	quiet network repair
	quiet network remove lan
	until_true as_before && good || bad "$what left: $(diff "$work/host.before" "$work/host" | grep '^[<>]' | head -n 5)"
}

beside_another() { # which stays as it is
	defined
	config "$(given '[{name: "lan", address: "10.20.0.5"}] | .kist.ports = [{host: 80, container: 80, protocol: "tcp"}]')" wait
	"$KIST" "${me[@]}" create --bundle "$b" "$id-other" >/dev/null
	config "$(given "$member")" wait
	"$@"
	down "$id-other"
	kist network remove lan
	succeeds ''
}

removal() {
	defined
	config "$(given "$member")" wait
	created && quiet delete --force "$id"
	at_each nothing undefined_or_not network remove lan
}
undefined_or_not() { # either way the rest works
	[ ! -e "$data/networks/lan.json" ] || quiet network remove lan
	defined
	created
	quiet delete --force "$id"
	until_true as_before && good || bad "$what left: $(diff "$work/host.before" "$work/host" | grep '^[<>]' | head -n 5)"
}

check 'the first of a network' first_use
check 'one more of a network' beside_another at_each nothing again create --bundle "$b" "$id"
check 'delete --force' beside_another at_each created tidy delete --force "$id"
check 'network remove' removal
finish
