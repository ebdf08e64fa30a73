#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist's tables among those of the host: what an administrator saves with nft(8), and loads again.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }

make_client
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network in '{subnet: "10.22.0.0/24", internal: true}'

port() { echo "{host: $1, container: $2, protocol: \"$3\"${4:+, address: \"$4\"}}"; } # HOST CONTAINER PROTOCOL [ADDRESS]
published() { # PORT...: of the container on lan
	local IFS=,
	echo "$(given '[{name: "lan"}]') | .kist.ports = [$*]"
}
can_limit() { unshare --net sh -c 'ip link add s type ifb && tc qdisc add dev s clsact && nft add table bridge t' >/dev/null 2>&1; }
saved=$work/saved
save() { nft list ruleset >"$saved"; }
load() { nft flush ruleset && nft -f "$saved" 2>"$work/diag.nft" && good || bad "nft: $(<"$work/diag.nft")"; } # as a boot does, and a reload
known() { nft list ruleset | sed '/set talked/,/^\t}/d'; } # without what its rules note down

# Everything that kist can say in a rule or an element.
loads_again() {
	local limits='' made
	can_limit && limits=', bandwidth: {in: "50mbit", out: "50mbit"}'
	up "$id" ".kist = {networks: [{name: \"lan\"}]$limits, ports: [$(port 8000 80 tcp), $(port 5300 53 udp), $(port 3868 3868 sctp),
		$(port 5301 53 udp 192.0.2.1), $(port 5301 53 udp 2001:db8::1), $(port 8001 80 tcp 127.0.0.1), {host: 9000, end: 9003, container: 90, protocol: \"tcp\"}]}"
	up "$id-in" "$(given '[{name: "in"}]')"
	[ -z "$limits" ] || has "$(nft list tables)" 'table bridge kist' 'the table that guards limits'
	save
	made=$(known)
	yes 'it would load' nft -c -f "$saved"
	sed 's/chain pass /chain mark /' "$saved" >"$work/wrong"
	no 'control: what nft does not take' nft -c -f "$work/wrong" 2>/dev/null
	load
	is "$(known)" "$made" 'what was loaded'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches client udp 192.0.2.1 5300 "$id" 53 192.0.2.9
	reaches client udp 2001:db8::1 5301 "$id" 53 2001:db8::9
	reaches "$id" tcp 192.0.2.9 99 client 99 192.0.2.1
	cannot_reach client tcp "$(address_of "$id")" 80 "$id" 80
	kist network check
	has "$out" 'was loaded from a file, and may be old: kist network repair' 'check'
	kist network repair
	succeeds ''
	kist network check
	lacks "$out" 'loaded' 'check, after the repair'
	down "$id" "$id-in"
	clean
}

older_is_replaced() { # what was loaded knows nothing of who has come since: whoever comes next puts that right, and a repair
	local how
	for how in 'up other' 'kist network repair' "down $id"; do
		up "$id" "$(published "$(port 8000 80 tcp)")"
		save
		up "$id-2" "$(published "$(port 9000 90 tcp)" "$(port 5300 53 udp)")"
		down "$id"
		up "$id" "$(published "$(port 8888 80 tcp)")"
		load
		cannot_reach client tcp 192.0.2.1 9000 "$id-2" 90 # control: it is old
		if [ "$how" = 'up other' ]; then up "$id-3" "$(given '[{name: "in"}]')"; else $how; fi
		reaches client tcp 192.0.2.1 9000 "$id-2" 90 192.0.2.9
		reaches client udp 192.0.2.1 5300 "$id-2" 53 192.0.2.9
		lacks "$(nft list table inet kist)" '. 8000 :' 'a port that was given back since'
		down $(find "$data/attached" -name '*.json' -printf '%f\n' | sed 's/\.json$//')
		clean
	done
}

# No more rules than of few, for every packet of the host passes by them; the kernel has their subnets in order.
rules_count() { nft -a list table inet kist | grep -c '# handle'; }
many_networks() {
	local i few
	kist network repair
	few=$(rules_count)
	for i in {1..40}; do network "n$i" "{subnet: \"10.50.$i.0/24\", subnet6: \"fd00:50:$i::/64\"}"; done
	network last '{subnet: "255.255.255.0/24"}' # none follows
	up "$id" "$(given '[{name: "n40"}]') | .kist.ports = [$(port 8000 80 tcp)]"
	up "$id-2" "$(given '[{name: "n39"}]')"
	yes "rules, chains and sets: $(rules_count), $few before" [ "$(rules_count)" -le "$few" ]
	is "$(nft list set inet kist subnets4 | grep -o '10\.50\.' | wc -l)" 40 'subnets'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches "$id" tcp 192.0.2.9 99 client 99 192.0.2.1
	reaches "$id-2" tcp 2001:db8::9 99 client 99 2001:db8::1
	cannot_reach "$id-2" tcp "$(address_of "$id")" 80 "$id" 80
	network big '{subnet: "10.50.0.0/16", internal: true}' # as nobody can define it but by hand
	kist network repair
	succeeds ''
	reaches "$id" tcp 192.0.2.9 99 client 99 192.0.2.1
	down "$id" "$id-2"
	for i in big last n{1..40}; do kist network remove "$i"; done
	succeeds ''
	is "$(nft list table inet kist | grep -c '10\.50\.')" 0 'with the networks all is gone'
	clean
}

# --- two data directories on one host

other() { data=$work/other kist "$@"; }
owner() { nft list table inet kist | sed -n 's/.*comment "\(.*\)"/\1/p'; }
begin_other() { # a data directory with a network of its own, and one that is named as the first one's
	rm -rf --one-file-system "$work/other"
	mkdir -m 700 "$work/other"
	data=$work/other network mine '{subnet: "10.30.0.0/24"}'
	data=$work/other network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
}
theirs="belongs to the data directory $data, which has networks or instances: use that (--data $data), or remove its networks first"

refuses_the_other() {
	local made rules
	up "$id" "$(published "$(port 8000 80 tcp)")"
	is "$(owner)" "kist --data $data" 'whose it is'
	has "$(ip link show br-lan)" "alias kist --data $data" 'whose the bridge is'
	begin_other
	made=$(known) rules=$(ip rule; ip -6 rule)
	other network repair
	says "the firewall table inet kist of this host $theirs"
	other network check
	has "$out" "the firewall table inet kist of this host $theirs" 'check'
	config "$(given '[{name: "mine"}]') | .kist.ports = [$(port 9000 90 tcp)]" true
	other run --bundle "$b" "$id-2"
	says "$theirs"
	config "$(given '[{name: "lan"}]')" true
	other run --bundle "$b" "$id-2"
	says "$theirs"
	config "$(given '[{name: "kist0"}]')" true
	other run --bundle "$b" "$id-2"
	says "$theirs"
	other network create more
	says "$theirs"
	other network remove lan
	succeeds ''
	other network remove mine
	succeeds ''
	other network repair
	succeeds ''
	is "$(known)" "$made" 'the table'
	is "$(ip rule; ip -6 rule)" "$rules" 'the routing rules'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	no 'a bridge of the other' ip link show br-mine 2>/dev/null
	# A flush takes the table; the bridges say it still.
	begin_other
	nft flush ruleset
	other network repair
	says "the bridge br-"
	has "$err" "$theirs" 'whose'
	kist network repair
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	down "$id"
	clean
}

by_another_name() { # it is the same
	up "$id" "$(published "$(port 8000 80 tcp)")"
	mkdir "$work/bound" && mount --bind "$data" "$work/bound"
	data=$work/bound kist network repair
	succeeds ''
	is "$(owner)" "kist --data $work/bound" 'as it was reached'
	up "$id-2" "$(published "$(port 9000 90 tcp)")"
	umount "$work/bound"
	is "$(owner)" "kist --data $work/bound" 'nothing was made anew'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches client tcp 192.0.2.1 9000 "$id-2" 90 192.0.2.9
	save
	load # without the mark, and the name leads nowhere
	up "$id-3" "$(published "$(port 9001 90 tcp)")"
	is "$(owner)" "kist --data $data" 'made anew'
	down "$id" "$id-2" "$id-3"
	clean
}

takes_over() { # what belongs to who is gone, or has no networks
	up "$id" "$(given '[{name: "lan"}]')"
	down "$id"
	begin_other
	other network repair
	says "$theirs"
	mv "$data/networks" "$work/kept"
	other network repair
	succeeds ''
	is "$(owner)" "kist --data $work/other" 'the heir'
	mv "$work/kept" "$data/networks"
	kist network repair
	says "belongs to the data directory $work/other"
	mv "$work/other" "$work/gone"
	kist network repair
	succeeds ''
	is "$(owner)" "kist --data $data" 'of who is gone'
	rm -rf --one-file-system "$work/gone"
}

at_once() { # two that begin where there is nothing: one has the table in the end, the other knows it
	local i d n=0 started codes
	for d in one two; do
		config "$(given "[{name: \"$d\"}]")" sleep 100
		cp -r "$b" "$work/bundle-$d"
	done
	for i in {1..8}; do
		started=()
		for d in one two; do
			mkdir -m 700 "$work/$d"
			data=$work/$d network $d "{subnet: \"10.4${#started[@]}.0.0/24\"}"
			started+=(0)
		done
		for d in one two; do
			"$KIST" --root "$state" --data "$work/$d" create --bundle "$work/bundle-$d" "$id-$d" >"$work/io/$d" 2>&1 &
			started[n++ % 2]=$!
		done
		wait "${started[0]}"; codes=$?
		wait "${started[1]}"; codes+=$?
		like "$codes" '^(01|10)$' 'who has it'
		has "$(cat "$work/io/one" "$work/io/two")" "belongs to the data directory $work/" 'the other'
		for d in one two; do
			"$KIST" --root "$state" --data "$work/$d" delete --force "$id-$d" 2>/dev/null
			"$KIST" --root "$state" --data "$work/$d" network remove $d
			rm -rf --one-file-system "$work/$d"
		done
		no 'the table' nft list table inet kist 2>/dev/null
	done
}

odd_names() { # that no comment can hold are refused all the same
	local odd
	for odd in "$work/o\"; flush" "$work/$(printf 'x%.0s' {1..120})"; do
		begin_other
		mv "$work/other" "$odd"
		kist network remove lan && kist network remove in
		data=$odd kist network repair
		succeeds ''
		is "$(owner)" kist 'no name'
		save
		yes 'it would load' nft -c -f "$saved"
		network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
		kist network repair
		says 'belongs to another data directory, whose name'
		data=$odd kist network remove lan
		data=$odd kist network remove mine
		succeeds ''
		kist network repair
		succeeds ''
		rm -rf --one-file-system "$odd"
	done
}

check 'a ruleset that was saved can be loaded again' loads_again
check 'one that is older than what is recorded is replaced' older_is_replaced
check 'many networks' many_networks
check 'the table of another data directory' refuses_the_other
check 'the same data directory by another name' by_another_name
check 'what nobody has any more is taken over' takes_over
kist network remove lan && kist network remove in
check 'two at once' at_once
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}' && network in '{subnet: "10.22.0.0/24", internal: true}'
check 'names that fit in no comment' odd_names
kill "$client"
finish
