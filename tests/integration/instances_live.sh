#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Instances whose networks and ports are changed: at once, and at every later start.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
: >"$work/nothing" && for f in /etc/subuid /etc/subgid; do [ ! -e $f ] || mount --bind "$work/nothing" $f; done
export TMPDIR=/var/tmp
web=live-$tag
fs=$work/fs

make_client
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24"}'
mkdir -p "$fs"/{bin,etc} && cp "$PAYLOAD" "$fs/bin/payload"
printf '%s\n' root:x:0:0::/root:/bin/sh >"$fs/etc/passwd"
"$KIST" --data "$data" image import --name web:1 --cmd 'payload wait' "$fs" >/dev/null || { echo 'Bail out! no image'; exit 1; }

document() { jq -c "$2" "$data/instances/$1/config.json"; }		 # NAME FILTER
networks_of() { jq -c '.networks | map([.network, .interface, .address])' "$data/attached/$1.json"; }
begin() { # NAME OPTION...
	local name=$1
	shift
	kist run -d --name "$name" "$@" web:1
	succeeds ''
}
again() { # NAME
	kist stop -t 0 "$1" && kist start "$1"
	succeeds ''
}

lasts() {
	local had
	begin "$web" --network lan -p 8000:80
	kist network connect dmz "$web" && succeeds ''
	kist update --publish-add 5300:53/udp --publish-remove 8000 "$web" && succeeds ''
	is "$(document "$web" '.kist.networks | map([.name, .interface])')" '[["lan","eth0"],["dmz","eth1"]]' 'the document'
	had=$(networks_of "$web")
	again "$web"
	is "$(networks_of "$web")" "$had" 'networks, interfaces and addresses'
	reaches client udp 192.0.2.1 5300 "$web" 53 192.0.2.9
	cannot_reach client tcp 192.0.2.1 8000 "$web" 80
	kist network disconnect lan "$web" && succeeds ''
	again "$web"
	is "$(jq -c '.networks | map(.interface)' "$data/attached/$web.json")" '["eth1"]' 'one network less, and its name'
	reaches client udp 192.0.2.1 5300 "$web" 53 192.0.2.9
	down "$web"
	clean
}

of_a_stopped_one() {
	begin "$web" --network none
	kist stop -t 0 "$web"
	kist network connect lan:ip=10.20.0.7 "$web"
	succeeds '' && no 'nothing is taken' test -e "$data/attached/$web.json"
	kist update --publish-add 8000:80 "$web"
	succeeds ''
	kist update --publish-add 8000:81 "$web"
	says 'given twice'
	kist network disconnect lan "$web"
	says 'without a network'
	kist start "$web"
	succeeds '' && reaches client tcp 192.0.2.1 8000 "$web" 80 192.0.2.9
	is "$(networks_of "$web")" '[["lan","eth0","10.20.0.7/24"]]' 'as asked'
	down "$web"
	clean
}

refused_and_kept() { # nothing that was refused is in the document
	local before
	begin "$web" --network lan
	before=$(<"$data/instances/$web/config.json")
	kist network connect nowhere "$web"
	says 'there is no network "nowhere"'
	kist update --publish-add 8000:80 --cpu-rt-runtime 5 "$web"
	says 'cgroup v1'
	is "$(<"$data/instances/$web/config.json")" "$before" 'the document'
	is "$(ls -A "$data/instances/$web" | grep -c new)" 0 'nothing beside it'
	down "$web"
	clean
}

knows() { # NAME TEXT: its hosts file says so
	kist exec "$1" payload cat /etc/hosts
	[[ $out == *"$2"* ]]
}
known_by_name() { # all members of a network know who comes and who goes, and so does he
	begin "$web" --network lan:ip=10.20.0.5
	begin "$web-lan" --network lan:ip=10.20.0.6
	begin "$web-dmz" --network dmz:ip=10.21.0.6
	yes 'a member' knows "$web" $'10.20.0.6\t'"$web-lan" || yes 'a member' knows "$web" "10.20.0.6 $web-lan"
	kist network connect --alias www dmz:ip=10.21.0.5 "$web"
	succeeds ''
	like "$(cat "$data/names/dmz/hosts")" "10\.21\.0\.5[[:space:]]+$web" 'the network'
	kist exec "$web-dmz" payload cat /etc/hosts
	like "$out" "10\.21\.0\.5[[:space:]]+$web.*www" 'the others'
	kist exec "$web" payload cat /etc/hosts
	like "$out" "10\.21\.0\.6[[:space:]]+$web-dmz" 'he knows them' && like "$out" "10\.20\.0\.6[[:space:]]+$web-lan" 'and those from before'
	kist network disconnect lan "$web"
	succeeds ''
	kist exec "$web-lan" payload cat /etc/hosts
	lacks "$out" 10.20.0.5 'he is forgotten'
	kist exec "$web" payload cat /etc/hosts
	lacks "$out" 10.20.0.6 'he forgets' && like "$out" "10\.21\.0\.6[[:space:]]+$web-dmz" 'but not the others'
	kist exec "$web" payload write /etc/hosts x
	like "$out$err" 'EROFS|Read-only' 'he cannot write it'
	begin "$web-new" --network dmz
	kist exec "$web" payload cat /etc/hosts
	has "$out" "$web-new" 'who comes later'
	down "$web" "$web-lan" "$web-dmz" "$web-new"
	clean
}

check 'what is changed lasts' lasts
check 'a stopped instance' of_a_stopped_one
check 'what is refused is not kept' refused_and_kept
check 'names follow' known_by_name
kill "$client"
finish
