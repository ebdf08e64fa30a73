#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Published ports, the way out, and isolation: client, host and containers are network namespaces, and real programs speak.
#	client 192.0.2.9, 2001:db8::9 --- out0 host 192.0.2.1, 2001:db8::1 --- br-lan, br-dmz, br-in
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }

make_client
echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter # as systemd has it: what comes from where no way leads is dropped
ip route add default via 192.0.2.9
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24"}'
network in '{subnet: "10.22.0.0/24", internal: true}'

published() { # [{…}…]: a filter; ports of the container on lan
	echo "$(given '[{name: "lan"}]') | .kist.ports = $1"
}
rules() { nft list table inet kist 2>/dev/null; }
no_ports() { ! rules | grep -q ' : 10\.'; }

# --- cases

from_outside() { # UDP and TCP, both families, ranges: the service sees the client
	up "$id" "$(published '[{host: 5300, container: 53, protocol: "udp"}, {host: 8000, end: 8003, container: 80, protocol: "tcp"}]')"
	reaches client udp 192.0.2.1 5300 "$id" 53 192.0.2.9
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches client tcp 192.0.2.1 8003 "$id" 83 192.0.2.9
	reaches client udp 2001:db8::1 5300 "$id" 53 2001:db8::9
	reaches client tcp 2001:db8::1 8001 "$id" 81 2001:db8::9
	cannot_reach client tcp 192.0.2.1 8004 "$id" 84
	cannot_reach client udp "$(address_of "$id")" 53 "$id" 53
	down "$id"
	yes 'the ports are gone' no_ports
	clean
}

from_the_host_and_others() {
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp"}]')"
	up "$id-same" "$(given '[{name: "lan"}]')"
	up "$id-other" "$(given '[{name: "dmz"}]')"
	reaches host tcp 192.0.2.1 8000 "$id" 80
	reaches host tcp "$(address_of "$id")" 80 "$id" 80 10.20.0.1
	reaches "$id-same" tcp "$(address_of "$id")" 80 "$id" 80 "$(address_of "$id-same")"
	reaches "$id-same" tcp 192.0.2.1 8000 "$id" 80
	reaches "$id-other" tcp 192.0.2.1 8000 "$id" 80 "$(address_of "$id-other")"
	down "$id" "$id-same" "$id-other"
	clean
}

of_one_address() { # and the other's of the same number
	ip addr add 192.0.2.2/24 dev out0
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp", address: "192.0.2.2"}]')"
	up "$id-2" "$(published '[{host: 8000, container: 80, protocol: "tcp"}]')"
	reaches client tcp 192.0.2.2 8000 "$id" 80 192.0.2.9
	reaches client tcp 192.0.2.1 8000 "$id-2" 80 192.0.2.9
	down "$id-2"
	cannot_reach client tcp 192.0.2.1 8000 "$id" 80
	down "$id"
	ip addr del 192.0.2.2/24 dev out0
	clean
}

of_one_family() { # and the other's of the same number; live, too
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp", address: "0.0.0.0"}, {host: 5300, container: 53, protocol: "udp", address: "0.0.0.0"}]')"
	up "$id-6" "$(published '[{host: 5300, container: 53, protocol: "udp", address: "::"}]')"
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches host tcp 127.0.0.1 8000 "$id" 80 10.20.0.1
	reaches "$id-6" tcp 10.20.0.1 8000 "$id" 80
	cannot_reach client tcp 2001:db8::1 8000 "$id" 80
	reaches client udp 192.0.2.1 5300 "$id" 53 192.0.2.9
	reaches client udp 2001:db8::1 5300 "$id-6" 53 2001:db8::9
	kist update --publish-add 8000:80 "$id-6"
	says "port 8000 of the host leads to container $id already"
	kist update --publish-add '[::]:8000-8001:80' "$id-6"
	succeeds ''
	is "$(jq -r '.kist.ports[-1].address' "$state/$id-6/config.json")" :: 'what is kept'
	reaches client tcp 2001:db8::1 8000 "$id-6" 80 2001:db8::9
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	kist update --publish-remove 8000 "$id"
	says 'tcp port 8000 of the host does not lead to it as one that was published so'
	kist update --publish-remove 0.0.0.0:8000 --publish-remove 0.0.0.0:5300/udp "$id"
	succeeds ''
	cannot_reach client tcp 192.0.2.1 8000 "$id" 80
	reaches client udp 2001:db8::1 5300 "$id-6" 53 2001:db8::9
	down "$id" "$id-6"
	yes 'the ports are gone' no_ports
	clean
}

# CVE-2025-67499: a packet that the host only passes on is not for us.
only_for_the_host() {
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp"}]')"
	up "$id-2" "$(given '[{name: "dmz"}]')"
	reaches "$id-2" tcp 192.0.2.9 8000 client 8000 192.0.2.1
	cannot_reach "$id-2" tcp 192.0.2.9 8000 "$id" 80
	down "$id" "$id-2"
	clean
}

apart() { # networks from each other, and the internal one from everything
	up "$id" "$(given '[{name: "lan"}]')"
	up "$id-other" "$(given '[{name: "dmz"}]')"
	up "$id-in" "$(given '[{name: "in"}]')"
	up "$id-in2" "$(given '[{name: "in"}]')"
	reaches "$id" tcp 192.0.2.9 99 client 99 192.0.2.1
	reaches "$id" tcp 2001:db8::9 99 client 99 2001:db8::1
	cannot_reach "$id-other" tcp "$(address_of "$id")" 99 "$id" 99
	cannot_reach client tcp "$(address_of "$id")" 99 "$id" 99
	reaches "$id-in" tcp "$(address_of "$id-in2")" 99 "$id-in2" 99 "$(address_of "$id-in")"
	# Even with a route of its own making.
	in_ns "$id-in" ip route add default via 10.22.0.1
	cannot_reach "$id-in" tcp 192.0.2.9 99 client 99
	cannot_reach "$id-in" udp 192.0.2.9 99 client 99
	cannot_reach "$id-in" tcp "$(address_of "$id")" 99 "$id" 99
	cannot_reach "$id" tcp "$(address_of "$id-in")" 99 "$id-in" 99
	down "$id" "$id-other" "$id-in" "$id-in2"
	clean
}

# What a reload of somebody else's firewall does: things are closed, not open, and the next start repairs them.
flushed() {
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp"}]')"
	up "$id-other" "$(given '[{name: "dmz"}]')"
	up "$id-in" "$(given '[{name: "in"}]')"
	in_ns "$id-in" ip route add default via 10.22.0.1
	nft flush ruleset
	cannot_reach client tcp 192.0.2.1 8000 "$id" 80
	cannot_reach client tcp "$(address_of "$id")" 80 "$id" 80
	cannot_reach client udp "$(address_of "$id")" 80 "$id" 80
	cannot_reach "$id-other" udp "$(address_of "$id")" 80 "$id" 80
	cannot_reach "$id-in" udp 192.0.2.9 80 client 80
	cannot_reach "$id" udp 192.0.2.9 80 client 80
	reaches host tcp "$(address_of "$id")" 80 "$id" 80
	up "$id-2" "$(given '[{name: "lan"}]')"
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches "$id" udp 192.0.2.9 80 client 80 192.0.2.1
	down "$id" "$id-other" "$id-in" "$id-2"
	clean
}

# The host's own rules decide, too.
host_rules_win() {
	up "$id" "$(published '[{host: 8000, container: 80, protocol: "tcp"}]')"
	reaches client tcp 192.0.2.1 8000 "$id" 80
	nft -f - <<-'RULES'
		table inet admin {
			chain forward { type filter hook forward priority filter; meta l4proto tcp ct original proto-dst 8000 drop; }
		}
	RULES
	cannot_reach client tcp 192.0.2.1 8000 "$id" 80
	nft delete table inet admin
	reaches client tcp 192.0.2.1 8000 "$id" 80
	down "$id"
	clean
}

nothing_else_is_forwarded() { # by a host that did not before
	is "$(</proc/sys/net/ipv4/conf/all/forwarding)" 0 'forwarding for all'
	ip link add far type veth peer name far0
	ip addr add 198.51.100.1/24 dev far && ip link set far up && ip link set far0 up
	echo 1 >/proc/sys/net/ipv4/conf/far/forwarding
	serve host udp 7 '' # only to have something to end
	from_client timeout 2 nc -n -u -w0 198.51.100.9 7 <<<question 2>/dev/null
	no 'the host asks for the far one' grep -q 198.51.100.9 <<<"$(ip neigh)"
	over
	ip link del far
}

knows_far6() { [[ $(ip -6 neigh) == *2001:db8:f::9* ]]; } # the host looks for who is there
asks_far6() { from_client timeout 2 nc -n -u -w0 2001:db8:f::9 7 <<<question 2>/dev/null; }
routes_if_told() { # IPv6, which the kernel lets kist switch on for all interfaces only: check says what it keeps from a router, and the cure
	ip link add far type veth peer name far0
	ip addr add 2001:db8:f::1/64 dev far nodad && ip link set far up && ip link set far0 up
	up "$id" "$(given '[{name: "lan"}]')"
	kist network check
	has "$out" 'what comes by out0, far it lets pass to networks alone' 'what is refused'
	has "$out" 'ip -6 rule add pref 5203 iif INTERFACE goto 5205' 'the cure'
	asks_far6
	sleep 0.2
	no 'the host asks for the far one' knows_far6
	ip -6 rule add pref 5203 iif out0 goto 5205
	kist network check
	has "$out" 'what comes by far it' 'what is left'
	ip -6 rule add pref 5203 iif far goto 5205
	kist network check
	lacks "$out" 'lets pass' 'nothing more'
	asks_far6
	yes 'the host passes it on' until_true knows_far6
	cannot_reach client udp "$(jq -r '.networks[0].address6 | split("/")[0]' "$data/attached/$id.json")" 53 "$id" 53
	ip -6 rule del pref 5203 iif out0
	ip -6 rule del pref 5203 iif far
	ip link del far
	down "$id"
	clean
}

refuses() {
	up "$id-holder" "$(published '[{host: 8000, end: 8010, container: 80, protocol: "tcp"}]')"
	config "$(published '[{host: 8005, container: 80, protocol: "tcp"}]')" true
	kist run --bundle "$b" "$id"
	says "port 8005 of the host leads to container $id-holder already"
	config "$(given '[{name: "dmz"}]') | .kist.ports = [{host: 1, container: 1, protocol: \"tcp\"}, {host: 2, container: 2, protocol: \"tcp\", address: \"2001:db8::1\"}]" true
	kist run --bundle "$b" "$id"
	says 'port 2 at 2001:db8::1 of the host cannot lead'
	config "$(given '[{name: "in"}]') | .kist.ports = [{host: 1, container: 1, protocol: \"tcp\"}]" true
	kist run --bundle "$b" "$id"
	says 'none of its networks is a bridge of kist'
	config "$(published '[{host: 8005, container: 80, protocol: "tcp", address: "::"}]')" true
	kist run --bundle "$b" "$id"
	says "port 8005 of the host leads to container $id-holder already"
	kill -KILL "$(pid_of "$id-holder")"
	until_true is_gone "$id-holder"
	up "$id" "$(published '[{host: 8005, container: 80, protocol: "tcp"}]')" # nobody lives who has it
	reaches client tcp 192.0.2.1 8005 "$id" 80
	down "$id-holder"
	reaches client tcp 192.0.2.1 8005 "$id" 80
	down "$id"
	yes 'the ports are gone' no_ports
	clean
}
# Who ended without notice has ports still; they must not lead to whoever has his address now.
ports_of_the_dead() {
	local ip=10.20.0.5
	up "$id-dead" "$(published '[{host: 8000, container: 80, protocol: "tcp"}]') | .kist.networks[0].address = \"$ip\""
	up "$id-other" "$(given '[{name: "lan"}]')"
	kill -KILL "$(pid_of "$id-dead")"
	until_true is_gone "$id-dead"
	kist update --publish-add 9000:90 "$id-other"
	succeeds ''
	up "$id" "$(given '[{name: "lan"}]') | .kist.networks[0].address = \"$ip\""
	reaches host tcp "$ip" 80 "$id" 80
	cannot_reach client tcp 192.0.2.1 8000 "$id" 80
	reaches client tcp 192.0.2.1 9000 "$id-other" 90
	down "$id" "$id-other" "$id-dead"
	clean
}
is_gone() { [ "$(status_of "$1")" = stopped ]; }

# A client that keeps its port: before anybody listens, and when another container has the port.
same_flow() { timeout 2 nsenter -t "$client" -n nc -n -u -w0 -p 40000 192.0.2.1 5300 <<<question; }
remembered() { ! command -v conntrack >/dev/null || conntrack -L -p udp --sport 40000 2>/dev/null | grep -q 'dport=5300'; }
keeps_asking() {
	local ip
	up "$id-other" "$(given '[{name: "lan"}]')" # the host remembers flows
	same_flow
	sleep 0.1
	same_flow
	yes 'the host remembers the flow' until_true remembered
	for ip in 10.20.0.11 10.20.0.12; do
		up "$id" "$(published '[{host: 5300, container: 53, protocol: "udp"}]') | .kist.networks[0].address = \"$ip\""
		serve "$id" udp 53 ''
		same_flow
		until_true grep -q question "$heard"
		has "$(<"$heard")" question "the container at $ip"
		has "$(<"$heard")" 'received on 192.0.2.9 40000' 'from the same port'
		over
		down "$id"
	done
	down "$id-other"
	clean
}

# What a client or a router says about an answer quotes the host's address; it must reach who sent the answer.
errors_in() { in_ns "$id" awk '/^Icmp: [0-9]/ { n += $5 } /^Icmp6InDestUnreachs/ { n += $2 } END { print n }' /proc/net/snmp /proc/net/snmp6; }
told() { [ "$(errors_in)" -gt "$before" ]; }
errors_come_back() {
	local address before
	from_client nft -f - <<-'RULES'
		table inet refuse {
			chain input { type filter hook input priority filter; udp sport { 5300, 5301 } reject; }
		}
	RULES
	from_client sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	up "$id" "$(published '[{host: 5300, container: 53, protocol: "udp"}, {host: 5301, container: 53, protocol: "udp", address: "192.0.2.1"}]')"
	for address in '192.0.2.1 5300' '2001:db8::1 5300' '192.0.2.1 5301'; do
		before=$(errors_in)
		enter "$id"
		"${within[@]}" timeout 20 nc -n -u $(family "$address") -l 53 <<<answer >/dev/null 2>&1 &
		server=$!
		until_true listening "$id" udp 53
		ask client udp $address
		yes "an error about an answer to $address" until_true told
		over
	done
	from_client nft delete table inet refuse
	down "$id"
	clean
}

# A VPN's: where it leads what is for its own addresses, such as tailscale at 5270.
rules_of_others() {
	local f p
	from_client ip addr add 198.51.100.1/32 dev lo
	up "$id" "$(given '[{name: "lan"}]')"
	yes 'a route in a table of its own' ip route add 198.51.100.0/24 via 192.0.2.9 table 52
	yes 'the same of IPv6' ip -6 route add 2001:db8:52::/64 via 2001:db8::9 table 52
	for p in 1000 5205 5210 5270; do
		for f in -4 -6; do ip $f rule add pref $p lookup 52; done
		has "$(ip route get 198.51.100.1)" 'table 52' "what the host sends, with a rule at $p"
		has "$(ip route get 2001:db8:52::1)" 'table 52' "the same by IPv6, with a rule at $p"
		reaches "$id" tcp 198.51.100.1 99 client 99 192.0.2.1
		for f in -4 -6; do ip $f rule del pref $p; done
	done
	down "$id"
	for f in -4 -6; do ip $f route flush table 52; done
	clean
}

many() { # more than one message holds
	up "$id" "$(published '[{host: 10000, end: 12999, container: 10000, protocol: "udp"}]')"
	is "$(rules | grep -cE '(udp|17) \. 1[0-2]')" 6000 'elements of both families'
	reaches client udp 192.0.2.1 12999 "$id" 12999 192.0.2.9
	down "$id"
	yes 'the ports are gone' no_ports
	clean
}

check 'from outside, with the client'\''s address' from_outside
check 'from the host and from other containers' from_the_host_and_others
check 'of one address of the host' of_one_address
check 'of one family' of_one_family
check 'only what is for the host itself' only_for_the_host
check 'networks are apart, internal ones closed' apart
check 'without the table everything is closed' flushed
check 'rules of the host decide, too' host_rules_win
check 'the host forwards nothing else' nothing_else_is_forwarded
check 'the host forwards IPv6 if told' routes_if_told
check 'ports that are taken' refuses
check 'ports of the dead' ports_of_the_dead
check 'a client that keeps its port' keeps_asking
check 'errors about answers' errors_come_back
check 'routing rules of others' rules_of_others
check 'thousands of ports' many
kill "$client"
finish
