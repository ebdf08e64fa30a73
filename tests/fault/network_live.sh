#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist is killed before each of its system calls while it changes networks and ports of a container that runs: after a repair all
# that is recorded is there and nothing else, the container goes on, and the change can be made again. STEP=1 takes every call.
. "$(dirname "$0")/../integration/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
at=$BUILDDIR/tests/fault/at
step=${STEP:-13}
[ -z "${STEP-}${ASAN_OPTIONS-}" ] || step=${STEP:-29} # its own start has hundreds of calls

network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24"}'
network house '{kind: "macvlan", interface: "out0", subnet: "192.0.2.0/24"}'
ip link add out0 type veth peer name far && ip link set out0 up && ip link set far up
record=$data/attached/$id.json

k() { "$KIST" --root "$state" --data "$data" "$@" >/dev/null 2>"$work/err"; }
recorded() { jq -r "$1" "$record" | sort | tr '\n' ' '; } # FILTER

sound() { # WHAT: things are what the record says
	is "$(jq 'any(.networks[]; .unfinished)' "$record")" false "$1: nothing is unfinished"
	is "$(ip_in "$id" -o link | grep -v LOOPBACK | cut -d: -f2 | cut -d@ -f1 | tr -d ' ' | sort | tr '\n' ' ')" "$(recorded '.networks[].interface')" "$1: interfaces"
	is "$(ip -o link | grep -o ' kv[^@:]*' | tr -d ' ' | sort | tr '\n' ' ')" "$(recorded '.networks[] | .hostInterface // empty')" "$1: pairs"
	is "$(cd "$data/leases" && find . -type l | cut -d/ -f2- | sort | tr '\n' ' ')" \
		"$(recorded '.networks[] | .network as $n | (.address, .address6) // empty | "\($n)/\(split("/")[0])"')" "$1: leases"
	is "$(nft list map inet kist any4 2>/dev/null | grep -o 'tcp \. [0-9]* : [0-9.]* \. [0-9]*' | awk '{ print $3 }' | sort | tr '\n' ' ')" \
		"$(recorded '.ports // [] | .[].host')" "$1: ports"
	is "$(ip_in "$id" -4 route show default | wc -l)" 1 "$1: the way out"
	is "$(status_of "$id")" running "$1: it runs"
}

each() { # PREPARE ARGUMENT...: the changes that PREPARE makes possible, killed
	local prepare=$1 n result
	shift
	for ((n = 1; n < 5000 && wrong < 2; n += step)); do
		$prepare || bad "$prepare: $(<"$work/err")"
		timeout 20 "$at" kill 0 $n "$KIST" --root "$state" --data "$data" "$@" >/dev/null 2>&1
		result=$?
		[ $result != 124 ] || bad "$* hangs when it is killed at call $n"
		k network repair || bad "repair: $(<"$work/err")"
		sound "$* killed at call $n"
		[ $result != 99 ] || break
	done
	yes 'there were calls' test "$n" -gt $((60 / step))
}

wants() { # NETWORK...: in these and no others, whatever the last change has come to
	local n has
	has=" $(recorded '.networks[].network')"
	for n; do [[ $has == *" $n "* ]] || k network connect "$n" "$id" || return; done
	for n in $has; do [[ " $* " == *" $n "* ]] || k network disconnect "$n" "$id" || return; done
}
in_one() { wants lan; }
in_two() { # lan, which has the ports, is the first
	wants dmz && wants lan && wants lan dmz
}
not_at_home() { wants lan; }
at_first() {
	[ "$(recorded '.ports // [] | .[].host')" = '8000 ' ] || k update --publish-remove 8001 --publish-add 8000 "$id"
}

begin_it() {
	up "$id" "$(given '[{name: "lan"}]')"
}
end_it() {
	down "$id"
	clean
}

connect_killed() {
	begin_it
	each in_one network connect dmz "$id"
	end_it
}

disconnect_killed() { # also of the one with the default route and the ports
	begin_it
	k update --publish-add 8000 "$id"
	each in_two network disconnect lan "$id"
	end_it
}

shared_killed() {
	begin_it
	each not_at_home network connect --ip 192.0.2.77 house "$id"
	end_it
}

ports_killed() {
	begin_it
	k update --publish-add 8000 "$id"
	each at_first update --publish-add 8001 --publish-remove 8000 "$id"
	end_it
}

check 'connect' connect_killed
check 'disconnect' disconnect_killed
check 'connect to a shared interface' shared_killed
check 'ports' ports_killed
finish
