#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who takes an address over is known at once to those who knew the address before.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }

make_client
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24", subnet6: "fd00:21::/64"}'

mac_of() { ip_in "$1" -o link show dev eth0 | grep -o 'ether [0-9a-f:]*' | cut -d' ' -f2; } # ID
known_as() { in_ns "$1" ip neigh show "$2" | grep -o 'lladdr [0-9a-f:]*' | cut -d' ' -f2; }  # WHERE ADDRESS
knows() { [ "$(known_as "$1" "$2")" = "$3" ]; }						     # WHERE ADDRESS MAC
learns() { in_ns "$1" ip neigh replace "$2" lladdr 02:00:00:00:00:aa dev "$3" nud stale && knows "$1" "$2" 02:00:00:00:00:aa; } # WHERE ADDRESS INTERFACE

by_the_address() { # another container with the address of one that has gone
	local mac
	up "$id-peer" "$(given '[{name: "lan"}]')"
	up "$id" "$(given '[{name: "lan", address: "10.20.0.9"}]')"
	mac=$(mac_of "$id")
	yes 'they speak' responds "$id-peer" 10.20.0.9
	is "$(known_as "$id-peer" 10.20.0.9)" "$mac" 'what the peer knows'
	down "$id"
	up "$id-2" "$(given '[{name: "lan", address: "10.20.0.9"}]')"
	is "$(mac_of "$id-2")" "$mac" 'the same MAC'
	yes 'they speak at once' responds "$id-peer" 10.20.0.9
	yes 'so does the host' responds host 10.20.0.9
	isnt "$(mac_of "$id-peer")" "$mac" 'that of another address'
	down "$id-2" "$id-peer"
	clean
}

outlived() { # by its namespace, which the kernel keeps for a connection to a client that is gone: it answers nobody
	local old speaker
	up "$id-peer" "$(given '[{name: "lan"}]')"
	up "$id" "$(given '[{name: "lan", address: "10.20.0.9"}]') | .kist.ports = [{host: 8000, container: 80, protocol: \"tcp\"}]"
	old=$(jq -r '.networks[0].hostInterface' "$data/attached/$id.json")
	serve "$id" tcp 80 ''
	(echo early && sleep 3) | in_ns client timeout 3 nc -n 192.0.2.1 8000 &
	speaker=$!
	yes 'they speak' until_true grep -q early "$heard"
	ip link set out0 down
	over
	down "$id"
	ip link set out0 up && ip route replace default via 192.0.2.9
	up "$id-2" "$(given '[{name: "lan", address: "10.20.0.9"}]')"
	yes 'the pair is still there' ip link show "$old"
	serve "$id-2" tcp 80 ''
	ask "$id-peer" tcp 10.20.0.9 80
	until_true grep -q question "$heard"
	has "$(<"$heard")" question 'the peer asks who has the address now'
	over
	reaches host tcp 10.20.0.9 81 "$id-2" 81
	down "$id-2" "$id-peer"
	ip link del "$old"
	wait $speaker
	clean
}

chosen() { # a MAC, an IPv6 address: told to all, without being asked
	up "$id-peer" "$(given '[{name: "lan"}]')"
	for w in "$id-peer" host; do
		dev=$([ $w = host ] && echo br-lan || echo eth0)
		yes 'a memory of before' learns $w 10.20.0.9 $dev
		yes 'a memory of before' learns $w fd00:20::9 $dev
	done
	up "$id" "$(given '[{name: "lan", address: "10.20.0.9", address6: "fd00:20::9", mac: "02:00:00:00:00:09"}]')"
	for w in "$id-peer" host; do
		yes "$w knows by ARP" until_true knows $w 10.20.0.9 02:00:00:00:00:09
		yes "$w knows by an advertisement" until_true knows $w fd00:20::9 02:00:00:00:00:09
	done
	down "$id"
	yes 'a memory of before' learns "$id-peer" fd00:20::9 eth0
	up "$id" "$(given '[{name: "lan", address6: "fd00:20::9"}]')"
	yes 'and only the address' until_true knows "$id-peer" fd00:20::9 "$(mac_of "$id")"
	down "$id" "$id-peer"
	clean
}

elsewhere() { # neighbours that are no containers, on an interface that is shared, and on somebody else's bridge
	network house '{kind: "macvlan", interface: "out0", subnet: "192.0.2.0/24", subnet6: "2001:db8::/64"}'
	yes 'a memory of before' learns client 192.0.2.77 c0
	yes 'a memory of before' learns client 2001:db8::77 c0
	up "$id" "$(given '[{name: "house", address: "192.0.2.77", address6: "2001:db8::77"}]')"
	yes 'ARP' until_true knows client 192.0.2.77 "$(mac_of "$id")"
	yes 'an advertisement' until_true knows client 2001:db8::77 "$(mac_of "$id")"
	down "$id"
	ip link add theirs type bridge && ip link set theirs up
	until_true ip link set out0 master theirs 2>/dev/null # once the macvlan of before is gone
	until_true eval 'bridge link show dev out0 | grep -q "state forwarding"'
	network office '{interface: "theirs", foreign: true, subnet: "192.0.2.0/24"}'
	rm "$data/networks/house.json"
	yes 'a memory of before' learns client 192.0.2.77 c0
	up "$id" "$(given '[{name: "office", address: "192.0.2.77"}]')"
	yes 'ARP' until_true knows client 192.0.2.77 "$(mac_of "$id")"
	down "$id"
	ip link set out0 nomaster && ip link del theirs
	clean
}

connected() { # while it runs
	up "$id-peer" "$(given '[{name: "lan"}]')"
	up "$id" "$(given '[]')"
	yes 'a memory of before' learns "$id-peer" 10.20.0.9 eth0
	kist network connect --ip 10.20.0.9 --mac-address 02:00:00:00:00:19 lan "$id"
	succeeds ''
	yes 'ARP' until_true knows "$id-peer" 10.20.0.9 02:00:00:00:00:19
	down "$id" "$id-peer"
	clean
}

# A neighbour with CAP_NET_RAW that says it is a router, twice, for the first may come too soon.
advertise() { # WHERE INTERFACE
	in_ns "$1" python3 - "$2" <<-'ADVERTISEMENT'
		import socket, struct, sys, time
		interface = sys.argv[1]
		router = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
		prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:bad::')
		s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
		s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
		for i in range(2):
		    s.sendto(router + prefix, ('ff02::1', 0, 0, socket.if_nametoindex(interface)))
		    time.sleep(0.1)
	ADVERTISEMENT
}
has_link_local() { in_ns "$1" ip -6 addr show scope link -tentative | grep -q fe80; }
advertised() { ip_in "$1" -6 route show default | grep -q 'via fe80' && ip_in "$1" -6 addr show | grep -q 2001:db8:bad; }
lied_to() { # ID NEIGHBOUR
	yes 'its neighbour can speak' until_true has_link_local "$2"
	advertise "$2" eth0
	until_true advertised "$1"
}
false_router() {
	command -v python3 >/dev/null || { skip 'needs python3'; return; }
	up "$id" "$(given '[{name: "lan"}]')"
	up "$id-2" "$(given '[{name: "lan"}]')"
	yes 'its neighbour can speak' until_true has_link_local "$id-2"
	advertise "$id-2" eth0
	sleep 0.2
	no 'it believes its neighbour' advertised "$id"
	is "$(ip_in "$id" -6 route show default | awk '{ print $3 }')" fd00:20::1 'the way out'
	in_ns "$id" sysctl -q net.ipv6.conf.eth0.accept_ra=1
	yes 'it is the sysctl that keeps it from that' lied_to "$id" "$id-2"
	kist network connect dmz "$id-2" && succeeds ''
	is "$(in_ns "$id-2" cat /proc/sys/net/ipv6/conf/eth{0,1}/accept_ra | tr -d '\n')" 00 'while it runs'
	down "$id" "$id-2"
	clean
}
real_router() { # on a bridge that is not kist's
	command -v python3 >/dev/null || { skip 'needs python3'; return; }
	network office '{interface: "theirs", foreign: true}'
	ip link add theirs type bridge && ip link set theirs up
	up "$id" "$(given '[{name: "office"}]')"
	up "$id-2" "$(given '[{name: "office"}]')"
	yes 'advertisements of the LAN' lied_to "$id" "$id-2"
	down "$id" "$id-2"
	ip link del theirs
	clean
}

check 'an address has its MAC' by_the_address
check 'an address whose last namespace lives on' outlived
check 'what was chosen is announced' chosen
check 'announced to those who are no containers' elsewhere
check 'announced by a container that runs' connected
check 'a neighbour that says it is a router' false_router
check 'a router of the LAN' real_router
kill "$client"
finish
