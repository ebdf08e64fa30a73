#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Networks that are no bridge of kist's own: macvlan and ipvlan in their modes, and VLANs.
#	client 192.0.2.9, 2001:db8::9 --- out0 host 192.0.2.1, 2001:db8::1
. "$(dirname "$0")/net.sh"
make_client

can() { # IP-LINK-ARGUMENT...: this kernel makes such an interface, and it is like REGEX
	local shown
	ip link add link out0 name probe "$@" 2>/dev/null || return 1
	shown=$(ip -d link show dev probe)
	ip link del probe
	[[ ${*: -2} != 'vlan_filtering 1' || $shown == *'vlan_filtering 1'* ]]
}
run_in() { # ID NETWORK [KEY=VALUE...]
	up "$1" "$(given "[{name: \"$2\"${3+, address: \"$3\"}${4+, address6: \"$4\"}}]")"
}
define() { # NETWORK OPTION...
	kist network create "${@:2}" "$1"
	succeeds ''
}
undefine() { # NETWORK...
	kist network remove "$@"
	succeeds ''
	clean
}
link_in() { ip_in "$1" -d link show dev eth0; }

macvlan() { # MODE: whether two instances reach each other is what the modes differ in
	define m --driver macvlan --interface out0 --mode "$1" --subnet 192.0.2.0/24 --gateway 192.0.2.9
	run_in "$id" m 192.0.2.20
	run_in "$id-2" m 192.0.2.21
	has "$(link_in "$id")" "macvlan mode $1 " 'the mode'
	yes 'from outside' responds client 192.0.2.20
	has "$(ip_in "$id" route show default)" 'via 192.0.2.9 dev eth0' 'the way out'
	if [ "$1" = bridge ]; then
		yes 'each other' responds "$id" 192.0.2.21
	else
		no 'each other' responds "$id" 192.0.2.21
	fi
	kist network list
	has "$out" "macvlan $1" 'the list'
	down "$id"
	run_in "$id" m # at once: with the MAC of the interface that is still going
	down "$id" "$id-2"
	undefine m
}

ipvlan_l2() {
	can type ipvlan mode l2 || { skip 'this kernel has no ipvlan'; return; }
	define v --driver ipvlan --interface out0 --subnet 192.0.2.0/24 --gateway 192.0.2.9
	run_in "$id" v 192.0.2.30
	has "$(link_in "$id")" 'ipvlan  mode l2 ' 'the mode'
	yes 'from outside' responds client 192.0.2.30
	down "$id"
	undefine v
}

ipvlan_routed() { # MODE: the host routes, which the client knows as the way to the subnet
	can type ipvlan mode "$1" || { skip "this kernel has no ipvlan in the mode $1"; return; }
	from_client ip route add 10.40.0.0/24 via 192.0.2.1 && from_client ip -6 route add fd00:40::/64 via 2001:db8::1
	define v --driver ipvlan --interface out0 --mode "$1" --subnet 10.40.0.0/24 --subnet6 fd00:40::/64
	run_in "$id" v 10.40.0.9 fd00:40::9
	run_in "$id-2" v
	has "$(link_in "$id")" "mode $1 " 'the mode'
	is "$(ip_in "$id" route show default)" 'default dev eth0 proto static scope link ' 'the way out'
	has "$(ip_in "$id" -6 route show default)" 'default dev eth0' 'and by IPv6'
	yes 'from outside' responds client 10.40.0.9
	yes 'from outside by IPv6' responds client fd00:40::9
	yes 'to outside' responds "$id" 192.0.2.9
	yes 'to outside by IPv6' responds "$id" 2001:db8::9
	yes 'each other' responds "$id-2" 10.40.0.9
	down "$id" "$id-2"
	undefine v
	from_client ip route del 10.40.0.0/24
	from_client ip -6 route del fd00:40::/64
}

internal_shared() { # no way out, also where one would be by the interface itself
	define m --driver macvlan --interface out0 --internal --subnet 192.0.2.0/24 --gateway 192.0.2.9
	run_in "$id" m
	is "$(ip_in "$id" route show default)" '' 'no default route'
	down "$id"
	undefine m
}

addresses_of_others() { # the host's own, and those that a DHCP server there gives away
	local i
	ip addr add 198.51.100.1/29 dev out0
	define m --driver macvlan --interface out0 --subnet 198.51.100.0/29 --gateway 198.51.100.6
	for i in 1 2 3 4; do
		up "$id-$i" "$(given '[{name: "m"}]')"
		isnt "$(address_of "$id-$i")" 198.51.100.1 'whose address it is'
	done
	config "$(given '[{name: "m"}]')" true
	kist run --bundle "$b" "$id"
	says 'the network m has no free address'
	config "$(given '[{name: "m", address: "198.51.100.1"}]')" true
	kist run --bundle "$b" "$id"
	says "the address 198.51.100.1 of the network m is the host's own"
	down "$id-1" "$id-2" "$id-3" "$id-4"
	undefine m
	define m --driver macvlan --interface out0 --subnet 198.51.100.0/24 --ip-range 198.51.100.192/30
	for i in 1 2; do
		up "$id-$i" "$(given '[{name: "m"}]')"
		like "$(address_of "$id-$i")" '^198\.51\.100\.19[2-5]$' 'its address'
	done
	down "$id-1" "$id-2"
	undefine m
	ip addr del 198.51.100.1/29 dev out0
}

vlan_of_an_interface() { # out0.20 is made, and goes with the last network on it; what an administrator made stays
	can type vlan id 5 || { skip 'this kernel has no VLANs'; return; }
	from_client ip link add link c0 name c0.20 type vlan id 20
	from_client sh -c 'ip addr add 198.51.100.9/24 dev c0.20; ip link set c0.20 up'
	define m --driver macvlan --interface out0 --vlan 20 --subnet 198.51.100.0/25
	define m2 --driver macvlan --interface out0 --vlan 20 --subnet 198.51.100.128/25
	run_in "$id" m 198.51.100.20
	has "$(ip -d link show dev out0.20)" 'vlan protocol 802.1Q id 20' 'the interface'
	yes 'from the VLAN' responds client 198.51.100.20
	down "$id"
	undefine m
	yes 'the other network is on it' test -e /proc/sys/net/ipv4/conf/out0.20
	undefine m2
	no 'it is gone' test -e /proc/sys/net/ipv4/conf/out0.20
	ip link add link out0 name out0.30 type vlan id 30
	define m --driver macvlan --interface out0 --vlan 30 --subnet 198.51.100.0/24
	ip link set out0.30 up
	run_in "$id" m
	down "$id"
	undefine m
	yes 'the host'"'"'s own stays' ip link del out0.30
	from_client ip link del c0.20
}

vlans_of_a_bridge() { # of the administrator's: two networks on it do not see each other, nor what has no tag
	can type bridge vlan_filtering 1 || { skip 'bridges of this kernel do not filter VLANs'; return; }
	ip link add br0 type bridge vlan_filtering 1 && ip link set br0 up
	ip link add up0 type veth peer name far0 netns "$client" && ip link set up0 master br0 up
	bridge vlan add dev up0 vid 20 && bridge vlan add dev up0 vid 30
	from_client sh -c 'ip link set far0 up; for v in 20 30; do ip link add link far0 name far0.$v type vlan id $v
		ip addr add 198.51.$v.9/24 dev far0.$v; ip link set far0.$v up; done; ip addr add 198.51.1.9/24 dev far0'
	define phones --existing --interface br0 --vlan 20 --subnet 198.51.20.0/24
	define guests --existing --interface br0 --vlan 30 --subnet 198.51.30.0/24
	kist network create --existing --interface br0 --vlan 30 --subnet 198.51.31.0/24 again
	says 'is that of the network guests'
	run_in "$id" phones 198.51.20.20
	run_in "$id-2" guests 198.51.30.20
	is "$(bridge -j vlan show | jq -c '[.[] | select(.ifname | startswith("kv")) | .vlans[] | [.vlan, .flags]]')" \
		'[[20,["PVID","Egress Untagged"]],[30,["PVID","Egress Untagged"]]]' 'the ports'
	yes 'from its VLAN' responds client 198.51.20.20
	yes 'from the other to the other' responds client 198.51.30.20
	ip_in "$id-2" addr add 198.51.20.30/24 dev eth0
	ip_in "$id-2" addr add 198.51.1.30/24 dev eth0
	no 'the other VLAN' responds "$id-2" 198.51.20.20
	no 'what has no tag' responds "$id-2" 198.51.1.9
	kist network list
	has "$out" 'br0 vlan 20' 'the list'
	down "$id" "$id-2"
	undefine phones guests
	ip link set br0 type bridge vlan_filtering 0
	define phones --existing --interface br0 --vlan 20 --subnet 198.51.20.0/24
	config "$(given '[{name: "phones"}]')" true
	kist run --bundle "$b" "$id"
	says 'does not keep VLANs apart'
	undefine phones
	ip link del up0
	ip link del br0
}

vlan_of_an_own_bridge() {
	define lan --vlan 20 --subnet 10.20.0.0/24
	if ! can type bridge vlan_filtering 1; then
		config "$(given '[{name: "lan"}]')" true
		kist run --bundle "$b" "$id"
		says 'CONFIG_BRIDGE_VLAN_FILTERING'
		no 'no bridge is left' test -e /proc/sys/net/ipv4/conf/br-lan
	else
		run_in "$id" lan 10.20.0.9
		is "$(bridge -j vlan show | jq -c '[.[].vlans[] | .vlan]')" '[20,20]' 'the bridge and its port'
		yes 'the host reaches it' responds host 10.20.0.9
		down "$id"
	fi
	undefine lan
}

refused() {
	local row want
	while IFS='|' read -r row want; do
		eval "kist network create $row x"
		says "$want"
	done <<-'ROWS'
		--mode l3|a network of the kind bridge has no mode "l3"
		--driver macvlan --interface out0 --mode l3|expected one of bridge, private, vepa
		--driver ipvlan --interface out0 --mode l3 --subnet 10.40.0.0/24 --gateway 10.40.0.1|there is no gateway
		--vlan 4095|expected 1 to 4094
		--vlan 0|expected 1 to 4094
		--driver macvlan --interface a-long-name0 --vlan 200|which is too long
	ROWS
	define v --driver ipvlan --interface out0 --mode l3
	kist network create --driver ipvlan --interface out0 x
	says 'the network v has the interface out0 in another way (ipvlan l3)'
	kist network create --driver macvlan --interface out0 x
	says 'in another way'
	define v20 --driver macvlan --interface out0 --vlan 20
	undefine v v20
	kist network create host
	says 'cannot be the name of a network'
	kist network list -q
	succeeds ''
}

for mode in bridge private vepa; do check "macvlan, $mode" macvlan $mode; done
check 'ipvlan, l2' ipvlan_l2
for mode in l3 l3s; do check "ipvlan, $mode" ipvlan_routed $mode; done
check 'a shared interface without a way out' internal_shared
check 'addresses of others' addresses_of_others
check 'the VLAN of an interface' vlan_of_an_interface
check 'VLANs of a bridge' vlans_of_a_bridge
check 'the VLAN of a bridge of kist'"'"'s' vlan_of_an_own_bridge
check 'what cannot be defined' refused
kill "$client"
finish
