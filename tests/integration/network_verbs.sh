#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist network: define, list, inspect, remove, repair, check.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }

# This machine may let packets inside of a bridge pass iptables, which is one of the things that check names.
[ ! -e /proc/sys/net/bridge ] || echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables
all_rules() { { ip rule && ip -6 rule; } | sort; }
forwarding() { grep -H . /proc/sys/net/ipv[46]/conf/*/forwarding /proc/sys/net/ipv4/conf/all/src_valid_mark | grep -E '/(all|default|lo|outer)/'; }
ip link add outer type veth peer name inner && ip link set outer up
rules_before=$(all_rules) forwarding_before=$(forwarding)

definitions() {
	kist network create --subnet 10.20.0.0/24 --subnet6 fd00:20::/64 --mtu 1400 --label of=test lan
	succeeds ''
	kist network create --internal back
	succeeds ''
	kist network list -q
	succeeds $'back\nlan'
	kist network list
	has "$out" 'br-lan' 'table' && has "$out" 10.20.0.0/24 'table'
	kist network list --format json
	is "$(jq -r '.[1].network | [.name, .gateway, .gateway6, .mtu, .labels.of] | join(" ")' <<<"$out")" 'lan 10.20.0.1 fd00:20::1 1400 test' 'JSON'
	is "$(jq -r '.[0].network | [.subnet, .internal] | join(" ")' <<<"$out")" '10.89.0.0/24 true' 'a subnet that is free'
	no 'no bridge before it is used' ip link show br-lan
	kist network check
	lacks "$out" 'the firewall table' 'nor a table that could be missed'
}

long_names() { # longer than the kernel's names of interfaces
	local bridge
	kist network create a-network-of-production
	succeeds ''
	kist network create a-network-of-production-2
	succeeds ''
	kist network list --format json
	bridge=$(jq -r '.[] | select(.network.name == "a-network-of-production").network.interface' <<<"$out")
	like "$bridge" '^br-[0-9a-f]{12}$' 'its bridge'
	up "$id" "$(given '[{name: "a-network-of-production"}]')"
	yes 'the bridge is made' ip link show "$bridge"
	down "$id"
	kist network remove a-network-of-production a-network-of-production-2
	succeeds ''
	no 'the bridge is removed' ip link show "$bridge"
}

refused() {
	local want
	ip link add taken type bridge && ip addr add 10.50.0.1/16 dev taken && ip link set taken up
	while IFS='|' read -r row want; do
		eval "kist network create $row"
		says "$want"
	done <<-'ROWS'
		lan|there is a network "lan" already
		../x|not a name for a network
		--subnet 10.20.0.128/25 other|overlaps that of the network lan
		--subnet 10.50.7.0/24 other|which this host has an address in
		--subnet 10.20.0.0 other|not an IPv4 subnet
		--interface br-lan other|is that of the network lan
		--interface taken other|not of kist's making: --existing
		--driver macvlan other|option --interface is missing
		--driver carrier-pigeon other|carrier-pigeon
		--gateway 10.20.0.1 other|has no subnet
		--mtu 500 other|expected 1280 to 65535
	ROWS
	kist network list -q
	succeeds $'back\nlan'
	ip link del taken
	kist network inspect nowhere
	says 'there is no network "nowhere"'
	kist network remove nowhere
	says 'there is no network "nowhere"'
}

routes() { # of a company, and of a VPN that leads everything its way
	ip route add 10.0.0.0/8 dev outer
	kist network create chosen
	succeeds ''
	kist network create --subnet 10.222.0.0/24 asked
	succeeds ''
	kist network create --subnet 10.0.0.0/8 all
	says 'overlaps'
	ip route add 10.230.1.0/24 dev outer
	kist network create --subnet 10.230.0.0/16 wide
	says 'overlaps 10.230.1.0/24, which this host has an address in or a route to'
	ip route del 10.230.1.0/24 && ip route del 10.0.0.0/8
	ip route add 0.0.0.0/1 dev outer && ip route add 128.0.0.0/1 dev outer
	kist network create beside
	succeeds ''
	ip route del 0.0.0.0/1 && ip route del 128.0.0.0/1
	kist network list --format json
	is "$(jq -r '[.[].network | select(.name | test("^(chosen|asked|beside)$")).subnet] | join(" ")' <<<"$out")" \
		'10.222.0.0/24 10.90.0.0/24 192.168.89.0/24' 'their subnets'
	kist network remove chosen asked beside
	succeeds ''
}

begins_likewise() { # as the names of kist's own interfaces do
	ip link add kvmbr0 type bridge && ip link set kvmbr0 up
	kist network create --interface kbr0 short
	up "$id" "$(given '[{name: "short"}]')"
	is "$(cat /proc/sys/net/ipv4/conf/{kvmbr0,kbr0}/forwarding)" $'1\n1' 'forwarding'
	ip link add kbx type ifb 2>/dev/null && kist network repair && yes 'the interface of somebody else' ip link del kbx
	down "$id"
	ip link del kvmbr0
	kist network remove short
	succeeds ''
}

without_ipv6() { # for new interfaces; the network was asked for all the same
	echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	up "$id" "$(given '[{name: "lan"}]')"
	echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	yes 'an answer from inside' answers "$(jq -r '.networks[0].address6 | split("/")[0]' "$data/attached/$id.json")"
	down "$id"
	ip link del br-lan
}

members() {
	up "$id" "$(given '[{name: "lan", address: "10.20.0.5"}]')"
	kist network inspect lan
	is "$(jq -r '.members[] | [.id, .interface, .address] | join(" ")' <<<"$out")" "$id eth0 10.20.0.5/24" 'member'
	kist network remove lan
	says "container $id is in the network lan"
	down "$id"
	kist network inspect lan
	is "$(jq -r '.members | length' <<<"$out")" 0 'members'
}

table() { nft list table inet kist | sed '/set talked/,/^\t}/d'; } # without what its rules note down
repairs() { # a flush, a foreign change, and what a crash has left
	local made rules
	up "$id" "$(given '[{name: "lan", address: "10.20.0.6"}] | .kist.ports = [{host: 53, container: 53, protocol: "udp"}]')"
	made=$(table) rules=$(all_rules)
	kist network check
	succeeds ''
	nft flush ruleset
	kist network check
	is "$code" 1 'code' && has "$out" 'kist network repair' 'what to do'
	ip rule del pref 5202 iif br-lan
	echo 0 >/proc/sys/net/ipv4/conf/br-lan/forwarding
	ln -s nobody "$data/leases/lan/10.20.0.250"
	kist network repair
	succeeds ''
	is "$(table)" "$made" 'the table'
	is "$(all_rules)" "$rules" 'the routing rules'
	is "$(</proc/sys/net/ipv4/conf/br-lan/forwarding)" 1 'forwarding'
	no 'the lease of nobody' test -L "$data/leases/lan/10.20.0.250"
	yes 'the lease of the living' test -L "$data/leases/lan/$(address_of "$id")"
	nft 'add element inet kist any4 { tcp . 80 : 10.20.0.99 . 80 }; delete chain inet kist forward' 2>/dev/null
	kist network repair
	is "$(table)" "$made" 'the table, as recorded'
	kill -KILL "$(pid_of "$id")"
	until_true no_pairs
	kist network repair
	succeeds ''
	lacks "$(table)" 'udp . 53' 'the port of the dead'
	clean
	down "$id"
}

found() { # PART...: check says one thing, with all of this in it
	kist network check
	is "$code" 1 'code'
	is "$(wc -l <<<"$out")" 1 "findings in: $out"
	local part
	for part; do has "$out" "$part" 'the finding'; done
}
all_well() {
	kist network check
	succeeds ''
}
drops() { # FAMILY TABLE CHAIN [POLICY]: as other firewalls have it
	nft "add table $1 $2; add chain $1 $2 $3 { type filter hook forward priority 0; policy ${4-drop}; }"
}

firewalls() { # rules that imitate ufw, docker, firewalld and iptables-legacy
	up "$id" "$(given '[{name: "lan"}]')"
	all_well
	drops ip filter FORWARD
	found '"FORWARD" of the table "filter" refuses' 'names br-lan' 'let pass there'
	nft add chain ip filter DOCKER-USER
	found 'with docker: iptables -I DOCKER-USER -j ACCEPT -i br-lan; iptables -I DOCKER-USER -j ACCEPT -o br-lan'
	nft add rule ip filter DOCKER-USER iifname br-lan accept
	all_well
	nft delete table ip filter
	drops ip6 filter FORWARD && nft add chain ip6 filter ufw6-before-forward
	found 'of IPv6' 'ufw route allow in on br-lan; ufw route allow out on br-lan'
	nft delete table ip6 filter
	drops inet firewalld filter_FORWARD accept
	found 'refuses what instances send out' 'firewall-cmd --permanent --zone=trusted --add-interface=br-lan; firewall-cmd --reload'
	nft delete table inet firewalld
	drops inet mine input accept && nft 'add chain inet mine in { type filter hook input priority 0; policy drop; }'
	all_well
	nft delete table inet mine
	if iptables-legacy -P FORWARD DROP 2>/dev/null; then
		found 'iptables-legacy drops' 'iptables-legacy -I FORWARD -j ACCEPT -i br-lan'
		iptables-legacy -I FORWARD -j ACCEPT -i br-lan
		all_well
		iptables-legacy -F FORWARD
		iptables-legacy -P FORWARD ACCEPT
	fi
	down "$id"
}

bridged() { # a bridge of the administrator's, with br_netfilter and without
	[ -e /proc/sys/net/bridge ] || { skip 'this host has no br_netfilter'; return; }
	ip link add br0 type bridge && ip link set br0 up
	kist network repair
	kist network create --existing --interface br0 street
	drops ip filter FORWARD && nft add rule ip filter FORWARD iifname br-lan accept
	all_well
	echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
	found 'the bridge of the network street' 'refuses even what stays inside' 'net.bridge.bridge-nf-call-iptables to 0'
	echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables
	nft delete table ip filter
	kist network remove street
	ip link del br0
}

settings() { # what is switched off, and what was plugged in later
	up "$id" "$(given '[{name: "lan"}]')"
	echo 0 >/proc/sys/net/ipv4/conf/br-lan/forwarding
	kist network check
	has "$out" 'forwarding is switched off for br-lan' 'the bridge'
	echo 1 >/proc/sys/net/ipv4/conf/br-lan/forwarding
	echo 0 >/proc/sys/net/ipv4/conf/all/src_valid_mark
	found 'src_valid_mark is 0'
	kist network repair
	all_well
	ip link add late type veth peer name later && ip link set late up
	echo 0 >/proc/sys/net/ipv4/conf/late/forwarding
	has "$(</proc/sys/net/ipv6/conf/late/accept_ra)" 1 'what the kernel gives to a new interface'
	kist network check
	has "$out" 'late' 'the new one' && has "$out" 'clients that come by there' 'forwarding' && has "$out" 'router advertisements' 'IPv6'
	kist network repair
	succeeds ''
	all_well
	is "$(</proc/sys/net/ipv6/conf/late/accept_ra)" 2 'router advertisements'
	ip link del late
	down "$id"
}

guards() { # the routing rules, which systemd-networkd takes for nobody's
	local made family pref
	up "$id" "$(given '[{name: "lan"}]')"
	all_well
	made=$(all_rules)
	ip -6 rule del pref 5202 iif br-lan
	found '1 of the routing rules 5200 to 5205 are missing' 'kist network repair'
	for family in -4 -6; do
		for pref in 5200 5201 5202 5204 5205; do
			while ip $family rule del pref $pref 2>/dev/null; do :; done
		done
	done
	found "$(grep -cE '^52[0-9]{2}:' <<<"$made") of the routing rules" 'ManageForeignRoutingPolicyRules=no'
	kist network repair
	succeeds ''
	is "$(all_rules | grep '^52')" "$(grep '^52' <<<"$made")" 'the routing rules'
	all_well
	down "$id"
}

is_answered() { [[ $(in_ns "$id" timeout 2 bash -c 'echo >/dev/tcp/10.20.0.1/9' 2>&1) == *refused* ]]; }
bridges() { # that somebody has tidied up
	local family
	up "$id" "$(given '[{name: "lan"}]')"
	ip addr flush dev br-lan
	found 'the bridge br-lan of the network lan is down or has lost an address: kist network repair mends it'
	no 'the bridge answers' is_answered
	kist network repair
	all_well
	yes 'the bridge answers' until_true is_answered
	has "$(ip -o -6 addr show dev br-lan)" fd00:20::1/64 'the other family'
	ip link set "$(jq -r '.networks[0].hostInterface' "$data/attached/$id.json")" nomaster
	found 'has lost the interfaces of containers, such as kv'
	kist network repair
	all_well
	yes 'the bridge answers' until_true is_answered
	ip link del br-lan
	kist network check
	has "$out" 'the bridge br-lan of the network lan is gone' 'what is missing'
	kist network repair
	all_well
	yes 'the bridge answers' until_true is_answered
	has "$(ip -o -6 addr show dev br-lan)" fd00:20::1/64 'the other family'
	down "$id"
	ip link del br-lan
	all_well
	ip link add br-lan type veth peer name br-x
	kist network check
	has "$out" 'br-lan of the network lan is another kind of interface' 'what is in the way'
	kist network repair
	succeeds ''
	ip link del br-lan
	all_well
}

interfaces() { # what networks are on that are not kist's
	ip link add nic type veth peer name far
	kist network create --driver macvlan --interface nic house
	found 'nic, which the network house is on, is down: ip link set nic up'
	ip link set nic up && ip link set far up
	kist network repair
	all_well
	ip link del nic
	found 'no interface nic, which the network house is on'
	kist network remove house
}

removed() {
	isnt "$(forwarding)" "$forwarding_before" 'kist has switched forwarding on'
	kist network remove lan
	succeeds ''
	no 'the bridge' ip link show br-lan
	lacks "$(ip rule; ip -6 rule)" br-lan 'routing rules'
	lacks "$(nft list table inet kist)" br-lan 'the table'
	kist network remove back
	succeeds ''
	is "$(all_rules)" "$rules_before" 'with the last network all rules go'
	is "$(forwarding)" "$forwarding_before" 'forwarding'
	no 'the table' nft list table inet kist
	is "$(ls -A "$data/leases" "$data/forwarding" 2>/dev/null | grep -v :)" '' 'nothing is kept of them'
	kist network list -q
	succeeds ''
}

forwards_since() { # an administrator who makes a router of the host after kist has switched interfaces on
	kist network create late
	up "$id" "$(given '[{name: "late"}]')"
	is "$(cat /proc/sys/net/ipv4/conf/{all,outer}/forwarding)" $'0\n1' 'by kist, for its networks'
	echo 1 >/proc/sys/net/ipv4/conf/all/forwarding
	down "$id"
	kist network remove late
	succeeds ''
	is "$(</proc/sys/net/ipv4/conf/outer/forwarding)" 1 'by the administrator'
	echo 0 >/proc/sys/net/ipv4/conf/all/forwarding
}

check 'forwarding that is the administrator'\''s by now' forwards_since
check 'definitions' definitions
check 'long names' long_names
check 'what is refused' refused
check 'routes of the host' routes
check 'names that begin likewise' begins_likewise
check 'IPv6 switched off for new interfaces' without_ipv6
check 'members' members
check 'repair' repairs
check 'what stands in the way: firewalls' firewalls
check 'what stands in the way: bridged packets' bridged
check 'what stands in the way: settings' settings
check 'what stands in the way: routing rules' guards
check 'what stands in the way: bridges' bridges
check 'what stands in the way: interfaces' interfaces
check 'removal' removed
finish
