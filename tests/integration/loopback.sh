#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports at the host's own 127.0.0.1, and that nobody else gets to what listens there.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
ip link add probe type bridge && tc qdisc add dev probe clsact && tc filter add dev probe ingress bpf da bytecode '1,6 0 0 0' 2>/dev/null ||
	{ echo '1..0 # SKIP this kernel has no filters by BPF programs (sch_ingress, cls_bpf)'; exit 0; }
ip link del probe
command -v python3 >/dev/null || { echo '1..0 # SKIP needs python3'; exit 0; }

make_client
ip route add default via 192.0.2.9
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network in '{subnet: "10.22.0.0/24", internal: true}'
published() { echo "$(given '[{name: "lan"}]') | .kist.ports = $1"; } # [{…}…]: a filter

forge() { # WHERE INTERFACE MAC FROM TO PORT [TAGS]: one frame with a UDP packet as one likes
	in_ns "$1" python3 - "${@:2}" <<-'FRAME'
		import socket, struct, sys
		interface, mac, source, target, port, tags = (sys.argv[1:] + [''])[:6]
		data = b'question\n'
		def header(check):
		    return struct.pack('!BBHHHBBH4s4s', 0x45, 0, 28 + len(data), 1, 0, 64, 17, check, socket.inet_aton(source), socket.inet_aton(target))
		total = sum(struct.unpack('!10H', header(0)))
		total = (total & 0xffff) + (total >> 16)
		packet = header(~(total + (total >> 16)) & 0xffff) + struct.pack('!HHHH', 40000, int(port), 8 + len(data), 0) + data
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind((interface, 0))
		s.send(bytes.fromhex(mac.replace(':', '')) + b'\2\0\0\0\0\x09' + bytes.fromhex(tags) + b'\x08\x00' + packet)
	FRAME
}
mac_of() { ip -j link show "$1" | jq -r '.[0].address'; }
forged() { # SERVER PORT WHERE INTERFACE MAC FROM TO PORT [TAGS]: what the server hears of it
	serve "$1" udp "$2" ''
	forge "${@:3}"
	sleep 0.2
	over
	grep -c question "$heard"
}

from_the_host() {
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp"}, {host: 5300, container: 53, protocol: "udp"}]')"
	reaches host tcp 127.0.0.1 8000 "$id" 80 10.20.0.1
	reaches host udp 127.0.0.1 5300 "$id" 53 10.20.0.1
	# The host's own, its resolver and the like; ::1 has no way out, and a client is told so at once.
	reaches host tcp ::1 8000 host 8000 ::1
	reaches host udp ::1 5300 host 5300 ::1
	reaches host tcp 127.0.0.53 8000 host 8000 127.0.0.1
	reaches host udp 127.0.0.53 5300 host 5300 127.0.0.1
	down "$id"
	reaches host tcp 127.0.0.1 8000 host 8000 127.0.0.1
	clean
}

for_the_host_alone() {
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp", address: "127.0.0.1"}]')"
	up "$id-2" "$(given '[{name: "lan"}]')"
	reaches host tcp 127.0.0.1 8000 "$id" 80
	cannot_reach client tcp 192.0.2.1 8000 "$id" 80
	cannot_reach host tcp 192.0.2.1 8000 "$id" 80
	cannot_reach "$id-2" tcp 10.20.0.1 8000 "$id" 80
	cannot_reach "$id-2" tcp 127.0.0.1 8000 "$id" 80
	down "$id" "$id-2"
	clean
}

# CVE-2020-8558: with route_localnet who is on the bridge could send to the host's 127.0.0.1, or in its name.
guarded() {
	local mac tags
	up "$id" "$(given '[{name: "lan"}]')"
	mac=$(mac_of br-lan)
	is "$(</proc/sys/net/ipv4/conf/br-lan/route_localnet)" 1 'route_localnet'
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 10.20.0.1 7)" 1 'the way is good'
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 127.0.0.1 7)" 0 'to the loopback'
	is "$(forged host 7 "$id" eth0 "$mac" 127.0.0.1 10.20.0.1 7)" 0 'in the name of the loopback'
	nft flush ruleset
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 10.20.0.1 7)" 1 'the way is good, without a firewall'
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 127.0.0.1 7)" 0 'to the loopback, without a firewall'
	is "$(forged host 7 "$id" eth0 "$mac" 127.0.0.1 10.20.0.1 7)" 0 'in the name of the loopback, without a firewall'
	for tags in 81000000 8100000081000000 88a8200081000000 810000008100000081000000; do # VLAN 0 is none: the kernel looks behind it
		is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 127.0.0.1 7 "$tags")" 0 "to the loopback, behind $tags"
	done
	tc qdisc del dev br-lan clsact
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 127.0.0.1 7)" 1 'it is the filter that keeps it away'
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 127.0.0.1 7 8100000081000000)" 1 'behind tags, too'
	kist network repair
	is "$(forged host 7 "$id" eth0 "$mac" 10.20.0.9 127.0.0.1 7)" 0 'after a repair'
	down "$id"
	clean
}

not_of_internal_ones() {
	up "$id" "$(given '[{name: "in"}]')"
	is "$(</proc/sys/net/ipv4/conf/br-in/route_localnet)" 0 'route_localnet'
	down "$id"
	clean
}

# The firewall sees what comes from outside before the kernel finds that it cannot be for this host.
not_from_outside() {
	local mac
	mac=$(mac_of out0)
	up "$id" "$(published '[{host: 5300, container: 53, protocol: "udp"}, {host: 5301, container: 53, protocol: "udp", address: "127.0.0.1"}]')"
	is "$(forged "$id" 53 client c0 "$mac" 192.0.2.9 192.0.2.1 5300)" 1 'the way is good'
	is "$(forged "$id" 53 client c0 "$mac" 192.0.2.9 127.0.0.1 5300)" 0 'of all addresses'
	is "$(forged "$id" 53 client c0 "$mac" 192.0.2.9 127.0.0.1 5301)" 0 'of the loopback alone'
	nft insert rule inet kist arrive jump publish
	is "$(forged "$id" 53 client c0 "$mac" 192.0.2.9 127.0.0.1 5301)" 1 'it is the rule that keeps it away'
	kist network repair
	down "$id"
	clean
}

for calls in 1 0; do
	[ ! -e /proc/sys/net/bridge ] || sysctl -q net.bridge.bridge-nf-call-{ip,ip6}tables=$calls
	check "the host's own clients ($calls)" from_the_host
	check "ports of the loopback alone ($calls)" for_the_host_alone
	check "who is on the bridge ($calls)" guarded
done
check 'an internal network' not_of_internal_ones
check 'who is outside' not_from_outside
kill "$client"
finish
