#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an instance, its neighbours and the world are called in it: /etc/hosts, /etc/hostname, /etc/resolv.conf, by real resolvers.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
command -v busybox >/dev/null || { echo '1..0 # SKIP needs busybox'; exit 0; }
: >"$work/nothing" && for f in /etc/subuid /etc/subgid; do [ ! -e $f ] || mount --bind "$work/nothing" $f; done
export TMPDIR=/var/tmp
fs=$work/fs
one=one-${tag,,} two=two-${tag,,} three=three-${tag,,}

network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24"}'
network back '{subnet: "10.22.0.0/24", internal: true}'
printf '%s\n' '# of the host' 'search kist.test example.org' 'nameserver 127.0.0.1' 'nameserver 192.0.2.53' 'options ndots:2 edns0' >"$work/resolv"
mount --bind "$work/resolv" /etc/resolv.conf

make_image() { # getent of this machine with its libraries, and busybox
	local lib
	mkdir -p "$fs"/{bin,etc,run,tmp,proc,sys,dev}
	cp "$PAYLOAD" "$fs/bin/payload"
	cp -L "$(command -v getent)" "$(command -v busybox)" "$fs/bin"
	ln -s busybox "$fs/bin/sh" && ln -s busybox "$fs/bin/cat"
	for lib in $(ldd "$fs/bin/getent" "$fs/bin/busybox" | grep -o '/[^ ]*' | grep -v :); do
		mkdir -p "$fs${lib%/*}" && cp -L "$lib" "$fs$lib"
	done
	echo root:x:0:0::/root:/bin/sh >"$fs/etc/passwd"
	echo 'hosts: files' >"$fs/etc/nsswitch.conf"
	echo multi on >"$fs/etc/host.conf" # all addresses of a name, as Debian has it
	"$KIST" --data "$data" image import --name box:1 --cmd 'payload wait' "$fs" >/dev/null || return
	ln -s ../run/systemd/resolve/stub-resolv.conf "$fs/etc/resolv.conf"
	echo 10.99.99.99 stranger >"$fs/etc/hosts"
	"$KIST" --data "$data" image import --name box:2 --cmd 'payload wait' "$fs" >/dev/null
}
make_image >"$work/image" 2>&1 || { echo "Bail out! no image: $(tail -n 1 "$work/image")"; exit 1; }

begin() { # NAME OPTION... [IMAGE]: in the background
	local name=$1
	shift
	kist run -d --name "$name" "$@" box:1
	succeeds ''
}
reads() { kist exec "$1" cat "$2"; } # NAME FILE: sets out
ask() { kist exec "$1" getent ahosts "$2" && sed -n 's/ *STREAM.*//p' <<<"$out" | sort -u | tr '\n' ' '; } # NAME WHOM: its addresses
knows() { is "$(ask "$1" "$2")" "$3 " "$1 asks for $2"; } # NAME WHOM ADDRESSES
ignores() { kist exec "$1" getent ahosts "$2"; is "$code" 2 "$1 asks for $2 and gets \"$out\""; }
lines() { grep -vc '^#' "$data/names/$1/hosts"; } # NETWORK: of members and the loopback
shares() { [ "$data/instances/$1/hosts" -ef "$data/names/$2/hosts" ]; } # NAME NETWORK

members() { # they come and go
	begin "$one" --network lan:ip=10.20.0.11,ip6=fd00:20::11
	knows "$one" "$one" '10.20.0.11 fd00:20::11'
	knows "$one" localhost '127.0.0.1 ::1'
	ignores "$one" "$two"
	begin "$two" --network lan:ip=10.20.0.12,ip6=fd00:20::12,alias=mail,alias=mail.kist.test --hostname two.kist.test --network-alias imap
	local name
	for name in "$two" mail mail.kist.test two.kist.test two imap; do
		knows "$one" "$name" '10.20.0.12 fd00:20::12'
		knows "$two" "$name" '10.20.0.12 fd00:20::12'
	done
	knows "$two" "$one" '10.20.0.11 fd00:20::11'
	kist exec "$two" busybox hostname -f
	is "$out" two.kist.test 'its full name'
	up "$id" "$(given '[{name: "lan", address: "10.20.0.13"}]')" # of a bundle
	is "$(ask "$one" "$id" | cut -d' ' -f1)" 10.20.0.13 'a container of a bundle'
	yes 'the network has one file for all' shares "$one" lan
	yes 'the network has one file for all' shares "$two" lan
	down "$two" "$id"
	ignores "$one" mail
	ignores "$one" "$id"
	knows "$one" "$one" '10.20.0.11 fd00:20::11'
	down "$one"
	is "$(lines lan)" 2 'lines that are left'
	clean
}

readable() { # to everybody inside, whoever has started it
	local file
	umask 077
	kist network create hidden
	begin "$one" --network hidden --user 1000
	begin "$two" --network hidden --network dmz --user 1000
	umask 022
	for file in hosts hostname resolv.conf; do
		reads "$one" /etc/$file
		succeeds "$out"
		reads "$two" /etc/$file
		succeeds "$out"
	done
	down "$one" "$two"
	kist network remove hidden
	clean
}

same_cost() { # of a start, whoever is there already
	local n calls=()
	command -v strace >/dev/null || { skip 'needs strace'; return; }
	for n in {1..24}; do
		begin "$one-$n" --network back
		[[ $n != 1 && $n != 24 ]] || {
			strace -f -qq -o "$work/trace" -e trace=openat,pwrite64,rename,renameat,linkat,unlinkat \
				"$KIST" --root "$state" --data "$data" run --rm --name "$two" --network back box:1 payload true
			calls+=("$(grep -c back "$work/trace") $(grep -c "pwrite64(" "$work/trace")")
		}
	done
	isnt "${calls[0]% *}" 0 'calls that have to do with the network'
	is "${calls[1]}" "${calls[0]}" 'of 24 members'
	for n in {1..24}; do down "$one-$n"; done
	clean
}

several() { # an instance in two networks is known in both, and leads from neither to the other
	begin "$one" --network lan:ip=10.20.0.11,ip6=fd00:20::11 --network back:ip=10.22.0.11,alias=db
	begin "$two" --network lan:ip=10.20.0.12,ip6=fd00:20::12
	begin "$three" --network back:ip=10.22.0.13
	knows "$one" "$two" '10.20.0.12 fd00:20::12'
	knows "$one" "$three" 10.22.0.13
	knows "$one" "$one" '10.20.0.11 10.22.0.11 fd00:20::11'
	knows "$two" "$one" '10.20.0.11 fd00:20::11'
	knows "$three" "$one" 10.22.0.11
	knows "$three" db 10.22.0.11
	ignores "$two" db
	ignores "$two" "$three"
	ignores "$three" "$two"
	down "$two" "$three"
	ignores "$one" "$two"
	ignores "$one" "$three"
	down "$one"
	is "$(find "$data/names" -path '*/own/*')" '' 'markers'
	clean
}

live() { # a network more, and one less, while it runs
	begin "$one" --network lan:ip=10.20.0.11,ip6=fd00:20::11 --hostname one.kist.test
	begin "$two" --network lan:ip=10.20.0.12,ip6=fd00:20::12
	begin "$three" --network back:ip=10.22.0.13
	kist --log-level warning network connect --ip 10.22.0.11 --alias db back "$one"
	succeeds ''
	knows "$one" "$three" 10.22.0.13
	knows "$one" "$two" '10.20.0.12 fd00:20::12'
	knows "$one" one.kist.test '10.20.0.11 10.22.0.11 fd00:20::11'
	knows "$three" db 10.22.0.11
	knows "$three" one.kist.test 10.22.0.11
	ignores "$two" db
	ignores "$two" "$three"
	kist exec "$one" sh -c 'echo 1.2.3.4 evil >>/etc/hosts'
	isnt "$code" 0 'writing to the file that came later'
	kist network disconnect lan "$one"
	succeeds ''
	knows "$one" "$one" 10.22.0.11
	ignores "$one" "$two"
	ignores "$two" "$one"
	knows "$one" "$three" 10.22.0.13
	kist network connect lan:ip=10.20.0.11,ip6=fd00:20::11 "$one"
	knows "$two" "$one" '10.20.0.11 fd00:20::11'
	down "$two"
	ignores "$one" "$two"
	is "$(grep -c /etc/hosts "/proc/$(pid_of "$one")/mountinfo")" 2 'mounts of hosts'
	kist kill "$one" KILL
	until_true is_stopped "$one"
	kist start "$one"
	knows "$one" one.kist.test '10.20.0.11 10.22.0.11 fd00:20::11'
	knows "$three" db 10.22.0.11
	kist network disconnect lan "$one"
	kist network disconnect back "$one"
	kist exec "$one" getent hosts one.kist.test
	like "$out" '^(::1|127\.0\.0\.1) ' 'without any network'
	kist network connect back "$one"
	is "$(ask "$three" "$one")" "$(ask "$one" "$one")" 'back again'
	down "$one" "$three"
	is "$(lines lan) $(lines back)" '2 2' 'lines that are left'
	clean
}

same_name() { # the own name leads to oneself, whoever else has it
	begin "$one" --network dmz:ip=10.21.0.11 --hostname web
	begin "$two" --network dmz:ip=10.21.0.12 --hostname web
	begin "$three" --network dmz:ip=10.21.0.13 --network-alias "$one"
	kist exec "$one" getent hosts web
	like "$out" '^10.21.0.11 ' 'the first'
	kist exec "$two" getent hosts web
	like "$out" '^10.21.0.12 ' 'the second'
	kist exec "$one" getent hosts "$one"
	like "$out" '^10.21.0.11 ' 'whose name another one takes'
	down "$one" "$two" "$three"
	clean
}

added() { # --add-host
	begin "$one" --network dmz:ip=10.21.0.11 --add-host ldap:192.0.2.7 --add-host six:2001:db8::7 --add-host gate:host-gateway
	knows "$one" ldap 192.0.2.7
	kist exec "$one" getent hosts six # ahosts leaves IPv6 out where there is none
	like "$out" "^2001:db8::7 " "an address of IPv6"
	knows "$one" gate 10.21.0.1
	begin "$two" --network dmz:ip=10.21.0.12
	ignores "$two" ldap
	knows "$one" "$two" 10.21.0.12
	down "$two"
	ignores "$one" "$two"
	down "$one"
	kist run --rm --network none --add-host gate:host-gateway box:1
	says 'no gateway that "gate" could lead to' 125
	clean
}

resolver() { # the host's, or what was asked for
	begin "$one" --network lan
	reads "$one" /etc/resolv.conf
	lacks "$out" 127.0.0.1 'a nameserver of the host'\''s loopback'
	has "$out" 'nameserver 192.0.2.53' 'the other one'
	has "$out" 'search kist.test example.org' 'domains'
	has "$out" 'options ndots:2 edns0' 'options'
	down "$one"
	begin "$one" --network lan --dns 10.20.0.53 --dns fd00:20::53 --dns-search . --dns-option rotate
	reads "$one" /etc/resolv.conf
	is "$(grep -v '^#' <<<"$out" | tr '\n' ';')" 'nameserver 10.20.0.53;nameserver fd00:20::53;search .;options rotate;' 'what was asked for'
	down "$one"
	echo 'nameserver 127.0.0.1' >"$work/resolv"
	kist --log-level warning run --rm --network lan box:1 cat /etc/resolv.conf
	has "$err" '--dns ADDRESS gives one' 'the warning'
	has "$out" '# no nameserver' 'the comment'
	echo 'nameserver 192.0.2.53' >"$work/resolv"
	clean
}

without() { # a network of its own
	local name
	kist run --rm --name "$one" --network none box:1 getent hosts "$one"
	like "$out" '^(::1|127\.0\.0\.1) ' 'its own name'
	begin "$one" --network none
	reads "$one" /etc/resolv.conf
	lacks "$out" $'\nnameserver' 'a resolver that nobody could ask'
	kist network connect lan "$one"
	reads "$one" /etc/resolv.conf
	has "$out" 'nameserver 192.0.2.53' 'once it can'
	knows "$one" "$one" "$(address_of "$one") $(jq -r '.networks[0].address6 | split("/")[0]' "$data/attached/$one.json")"
	kist network disconnect lan "$one"
	reads "$one" /etc/resolv.conf
	lacks "$out" $'\nnameserver' 'once it cannot any more'
	down "$one"
	kist run --rm --network host --hostname inner box:1 sh -c 'cat /etc/hostname /etc/hosts'
	is "$out" "inner"$'\n'"$(</etc/hosts)" 'with the host'\''s'
	kist run --rm --network host --uts host box:1 cat /etc/hostname
	is "$out" "$(uname -n)" 'the host'\''s name'
	kist run --rm --network host --dns 192.0.2.1 box:1 cat /etc/resolv.conf
	has "$out" 'nameserver 192.0.2.1' 'asked for'
	for name in --add-host=a:192.0.2.1 --network-alias=a; do
		kist run --rm --network host "$name" box:1
		says "option ${name%%=*}" 125
	done
	kist run --rm --network none --dns 192.0.2.1 box:1
	says 'nobody to ask' 125
	begin "$two" --network dmz:ip=10.21.0.12 --dns 192.0.2.9
	kist run --rm --network "container:$two" box:1 sh -c 'getent hosts '"$two"'; cat /etc/resolv.conf'
	has "$out" 10.21.0.12 'the names of the one whose network it has'
	has "$out" 192.0.2.9 'its resolver'
	down "$two"
	clean
}

images() { # whatever the image has there
	kist run --rm --name "$one" --network lan:ip=10.20.0.11 box:2 sh -c 'getent hosts '"$one"' && ! getent hosts stranger && cat /etc/resolv.conf'
	has "$out" 'nameserver 192.0.2.53' 'over a link'
	kist run --rm --name "$one" --network lan --read-only box:2 cat /etc/resolv.conf /etc/hostname
	has "$out" 'nameserver 192.0.2.53' 'over a link into memory'
	has "$out" "$one" 'its host name'
	kist run --rm --name "$one" --network lan --read-only box:1 cat /etc/resolv.conf
	has "$out" 'nameserver 192.0.2.53' 'where the image has none'
	echo '192.0.2.99 mine' >"$work/hosts"
	kist run --rm --network lan -v "$work/hosts:/etc/hosts:ro" box:1 cat /etc/hosts
	is "$out" '192.0.2.99 mine' 'what is mounted there wins'
	kist run --rm --name "$one" --network lan:ip=10.20.0.11 --tmpfs /etc box:1 cat /etc/hosts
	has "$out" "10.20.0.11"$'\t'"$one" 'over a whole /etc'
	mkdir -p "$work/etc" && kist run --rm --network lan -v "$work/etc:/etc:ro" box:1
	says 'make mount point /etc/hosts: it lies in a read-only file system' 125
	mkdir -p "$work/links/etc" "$work/links/bin" && cp "$PAYLOAD" "$work/links/bin" && ln -s "$work/marker" "$work/links/etc/hostname"
	ln -s /proc/sys/kernel/core_pattern "$work/links/etc/hosts"
	kist run --rm --network lan --rootfs "$work/links" --overlay payload true
	says 'leads into /proc over a symbolic link of the image' 125
	rm "$work/links/etc/hosts"
	kist run --rm --name "$one" --network lan --rootfs "$work/links" --overlay payload cat /etc/hostname
	is "$out" "$one" 'over a link to a file of the host'
	no 'the file of the host' test -e "$work/marker"
	kist run --rm --network lan box:1 sh -c 'echo 1.2.3.4 evil >>/etc/hosts'
	isnt "$code" 0 'writing to it'
	clean
}

again() { # stopped, killed, started
	begin "$one" --network lan:ip=10.20.0.11
	begin "$two" --network lan:ip=10.20.0.12 --network dmz
	kist kill "$two" KILL
	until_true is_stopped "$two"
	kist start "$two"
	succeeds ''
	is "$(ask "$one" "$two" | cut -d' ' -f1)" 10.20.0.12 'after a restart'
	is "$(ask "$two" "$one" | cut -d' ' -f1)" 10.20.0.11 'after a restart'
	kill -KILL "$(pid_of "$two")"
	until_true is_stopped "$two"
	kist network repair
	succeeds ''
	ignores "$one" "$two"
	mv "$data/instances/$one/hosts" "$data/instances/$one/hosts.before" # killed while it got one of its own
	kist network repair
	succeeds ''
	has "$(cat "$data/instances/$one/hosts")" "10.20.0.11	$one" 'a file of its own'
	printf '# nonsense\n10.20.0.66\tghost\n' >"$data/names/lan/hosts"
	kist network repair
	ignores "$one" ghost
	knows "$one" "$one" "10.20.0.11 $(jq -r '.networks[0].address6 | split("/")[0]' "$data/attached/$one.json")"
	down "$one" "$two"
	is "$(lines lan)" 2 'lines that are left'
	kist network create gone
	kist run --rm --network gone box:1 true
	kist network remove gone
	no 'its names' test -e "$data/names/gone"
	clean
}
is_stopped() { [ "$(status_of "$1")" = stopped ]; }

killing() { # N ARGUMENT...: kist, killed at its Nth call; 99: it had no such call
	timeout 20 "$BUILDDIR/tests/fault/at" kill 0 "$1" "$KIST" --root "$state" --data "$data" "${@:2}" >/dev/null 2>&1
}
mended() { # AFTER LINES...: every line is whole, and after a repair there are so many in lan and back
	is "$(cat "$data"/names/{lan,back}/hosts 2>/dev/null | grep -v '^#' | grep -cvE '^[0-9a-f.:]+\s[a-z0-9. -]+$')" 0 "lines $1"
	"$KIST" --root "$state" --data "$data" network repair || bad "repair $1"
	is "$(lines lan) $(lines back)" "${*:2}" "after the repair $1"
}

killed() { # at any call of the start: what is left is a whole file, and repaired
	local n result=0
	[ -x "$BUILDDIR/tests/fault/at" ] || { skip 'needs tests/fault/at'; return; }
	begin "$two" --network lan:ip=10.20.0.12 --network dmz
	for ((n = 300; n < 3000 && result != 99; n += 17)); do
		killing $n run -d --name "$one" --network lan:ip=10.20.0.11 box:1
		result=$?
		"$KIST" --root "$state" --data "$data" delete --force "$one" 2>/dev/null
		mended "after call $n" 4 2
		no "a name after call $n" grep -q "$one" "$data/instances/$two/hosts"
	done
	is $result 99 'the last call'
	down "$two"
	is "$(find "$data/names" -path '*/own/*')" '' 'markers'
	clean
}

killed_live() { # while it joins one network more
	local n result=0 there
	[ -x "$BUILDDIR/tests/fault/at" ] || { skip 'needs tests/fault/at'; return; }
	begin "$two" --network back:ip=10.22.0.12
	for ((n = 60; n < 2000 && result != 99; n += 19)); do
		begin "$one" --network lan:ip=10.20.0.11
		killing $n network connect back:ip=10.22.0.11 "$one"
		result=$?
		kist network repair
		there=$(jq '[.networks[] | select(.network == "back")] | length' "$data/attached/$one.json")
		mended "after call $n" 4 $((3 + there))
		[ "$there" = 1 ] || kist network connect back:ip=10.22.0.11 "$one"
		knows "$two" "$one" 10.22.0.11
		down "$one"
	done
	is $result 99 'the last call'
	down "$two"
	clean
}

carried() { # nothing of it: neither into an image nor into an archive
	local to=$work/out what
	begin "$one" --network lan
	kist exec "$one" sh -c 'echo mine >/etc/mine; : >/etc/empty'
	mkdir -p "$to"
	kist commit "$one" made:1
	is "$code" 0 'commit'
	kist image export -o "$to/image.tar" --type rootfs made:1
	succeeds ''
	kist export -o "$to/tree.tar" "$one"
	succeeds ''
	down "$one"
	for what in image tree; do
		is "$(tar -tf "$to/$what.tar" | grep '^etc/[a-z]' | sort | tr '\n' ' ')" 'etc/empty etc/host.conf etc/mine etc/nsswitch.conf etc/passwd ' "$what"
	done
	clean
}

forged() { # nothing that is said becomes a line of its own
	local evil=$'x\n192.0.2.66 bank'
	kist run --rm --hostname "$evil" box:1
	says 'option --hostname' 125
	kist run --rm --network-alias "$evil" box:1
	says 'option --network-alias' 125
	kist run --rm --network 'lan:alias=a b' box:1
	says 'option --network' 125
	kist run --rm --add-host "$evil:192.0.2.1" box:1
	says 'option --add-host' 125
	kist run --rm --add-host 'a:192.0.2.1 # x' box:1
	says 'option --add-host' 125
	kist run --rm --dns-search $'a\nnameserver 192.0.2.1' box:1
	says 'option --dns-search' 125
	kist run --rm --dns 'fe80::1 x' box:1
	says 'option --dns' 125
	config ".hostname = \"$(sed ':a;N;s/\n/\\n/' <<<"$evil")\" | .kist.networks = [{name: \"lan\"}]" payload true
	kist run --bundle "$b" "$id"
	no 'a line of a bundle' grep -q 192.0.2.66 "$data/names/lan/hosts"
	config ".kist.names = {hosts: true}" payload true
	kist run --bundle "$b" "$id"
	says 'only instances have files that kist makes'
	clean
}

check 'members come and go' members
check 'whoever has started it' readable
check 'a start costs the same' same_cost
check 'several networks' several
check 'while it runs' live
check 'the same name twice' same_name
check 'names that were given' added
served() { # a real name server on the bridge's address, which kist itself leaves free
	begin "$one" --network lan # the bridge is there
	dnsmasq -k --conf-file=/dev/null --pid-file= --no-resolv --no-hosts -u root --listen-address=10.20.0.1 --bind-interfaces \
		--no-dhcp-interface=br-lan --host-record=far.kist.test,192.0.2.77 >"$work/dnsmasq" 2>&1 &
	server=$!
	until_true eval 'ss -Hlun "sport = :53" | grep -q 10.20.0.1'
	kist run --rm --network lan --dns 10.20.0.1 --dns-search kist.test --dns-option ndots:1 box:1 getent -s dns hosts far
	has "$out" '192.0.2.77' 'a name that only the server knows'
	kill "$server" && wait "$server" 2>/dev/null
	down "$one"
	clean
}

check 'resolv.conf' resolver
! command -v dnsmasq >/dev/null || check 'a name server that was given' served
check 'without a network of its own' without
check 'whatever the image has there' images
check 'again, and after a crash' again
check 'killed at any call' killed
check 'killed while it joins' killed_live
check 'into images and archives' carried
check 'no line is forged' forged
finish
