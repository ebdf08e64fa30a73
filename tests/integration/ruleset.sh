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
	kist network repair
	succeeds ''
	down "$id" "$id-in"
	clean
}

check 'a ruleset that was saved can be loaded again' loads_again
kill "$client"
finish
