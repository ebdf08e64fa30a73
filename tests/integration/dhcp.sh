#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real DHCP servers as instances, and real clients that get their addresses from them, near and behind a relay:
#	pc --- the host's bridge "house", with the instance 10.30.0.67 --- 10.30.0.254 router 10.31.0.1 --- far
. "$(dirname "$0")/hosts.sh"
needs dnsmasq udhcpc
server=$tag-dhcp

host pc
host router
host far
ip link add house type bridge && ip link set house up
cable pc p0 kist pc0 && ip link set pc0 master house
cable router r0 kist router0 && ip link set router0 master house
cable router r1 far f0
address router r0 10.30.0.254/24
address router r1 10.31.0.1/24
forwards router
kist network create --existing --interface house --subnet 10.30.0.0/24 --gateway 10.30.0.254 house
network lan '{subnet: "10.20.0.0/24"}'

image_of dnsmasq dnsmasq
begin_dnsmasq() { # OPTION…: leases 50 addresses of each of the networks
	serve "$server" 'DHCP, IP range' --cap-add NET_RAW --cap-add NET_ADMIN "$@" dnsmasq:1 dnsmasq -k -u root --port=0 --log-facility=- --log-dhcp \
		--dhcp-leasefile=/run/leases --no-ping --dhcp-range=10.20.0.100,10.20.0.149,255.255.255.0,1h \
		--dhcp-range=10.30.0.100,10.30.0.149,255.255.255.0,1h --dhcp-range=10.31.0.100,10.31.0.149,255.255.255.0,1h
}

# What kea needs of its package, and one range for each network. Debian 13's wants the numbers.
make_kea() {
	local fs=$work/fs/kea
	mkdir -p "$fs/etc" "$fs/run/kea" && chmod 750 "$fs/run/kea"
	cat >"$fs/etc/kea.json" <<'JSON'
{ "Dhcp4": {
	"interfaces-config": { "interfaces": [ "eth0" ] },
	"lease-database": { "type": "memfile", "persist": false },
	"subnet4": [
		{ "id": 1, "subnet": "10.30.0.0/24", "pools": [ { "pool": "10.30.0.100 - 10.30.0.149" } ] },
		{ "id": 2, "subnet": "10.31.0.0/24", "pools": [ { "pool": "10.31.0.100 - 10.31.0.149" } ],
		  "option-data": [ { "name": "routers", "data": "10.31.0.1" } ] }
	],
	"loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "stdout", "flush": true } ] } ]
} }
JSON
	image_of kea kea-dhcp4
}
begin_kea() { # OPTION…
	serve "$server" DHCP4_STARTED --cap-add NET_RAW -e KEA_LOCKFILE_DIR=/run/kea -e KEA_PIDFILE_DIR=/run/kea "$@" kea:1 kea-dhcp4 -c /etc/kea.json
}

# Both clients call it with what they were given.
cat >"$work/bound" <<'SH'
#!/bin/sh
[ "$1" = bound ] || [ "${reason-}" = BOUND ] || exit 0
echo "${ip:-$new_ip_address} from ${serverid:-$new_dhcp_server_identifier}" >"$0.$interface"
ip addr replace "${ip:-$new_ip_address}/${subnet:-$new_subnet_mask}" dev "$interface"
SH
chmod 755 "$work/bound"

declare -A clients=(
	[udhcpc]="udhcpc -f -q -n -t 6 -T 1 -s $work/bound -i"
	[dhclient]="dhclient -1 -d -cf /dev/null -lf $work/leases -pf $work/pid -sf $work/bound"
)

leases() { # CLIENT HOST INTERFACE WANTED: and what it has leased is what it has
	rm -f "$work/bound.$3"
	nsenter -t "$(net_of "$2")" -n ${clients[$1]} "$3" >"$work/client" 2>&1 &
	until_true test -s "$work/bound.$3"
	like "$(cat "$work/bound.$3" 2>&1)" "$4" "what $1 has leased on $2: $(tail -n 3 "$work/client")"
	has "$(on "$2" ip -o -4 addr show dev "$3")" " $(cut -d' ' -f1 "$work/bound.$3")/24" 'the address'
	kill $! 2>/dev/null # dhclient stays to renew it
	wait $!
	on "$2" ip addr flush dev "$3"
}

near='^10\.30\.0\.1[0-4][0-9] from 10\.30\.0\.67$'
relayed='^10\.31\.0\.1[0-4][0-9] from 10\.30\.0\.67$'
relay() { # COMMAND…: runs on the router as long as far asks
	nsenter -t "$(net_of router)" -n "$@" >"$work/relay" 2>&1 &
	relaying=$!
	until_true eval "on router ss -Hlnu 'sport = :67' | grep -q ." || bad "no relay: $(<"$work/relay")"
}
over() {
	kill "$relaying"
	wait "$relaying"
}

on_the_lan() { # SERVER CLIENT
	"begin_$1" --network house:ip=10.30.0.67
	leases "$2" pc p0 "$near"
	is "$(ss -Hlnu 'sport = :67')" '' 'who has port 67 on the host'
	down "$server"
	clean
}

through_relay() { # SERVER CLIENT RELAY...
	"begin_$1" --network house:ip=10.30.0.67
	relay "${@:3}"
	leases "$2" far f0 "$relayed"
	over
	down "$server"
	clean
}

on_a_bridge_of_kist() { # where the client is an instance, too
	begin_dnsmasq --network lan:ip=10.20.0.67
	kist run -d --name "$server-2" --network lan dnsmasq:1 payload wait
	on "$server-2" ip addr flush dev eth0
	leases udhcpc "$server-2" eth0 '^10\.20\.0\.1[0-4][0-9] from 10\.20\.0\.67$'
	down "$server" "$server-2"
	clean
}

on_macvlan() { # of an interface of the host: the client is at the other end of its cable
	cable pc m0 kist up0
	kist network create --driver macvlan --interface up0 --subnet 10.31.0.0/24 --gateway 10.31.0.1 floor
	succeeds ''
	begin_dnsmasq --network floor:ip=10.31.0.67
	leases udhcpc pc m0 '^10\.31\.0\.1[0-4][0-9] from 10\.31\.0\.67$'
	down "$server"
	kist network remove floor
	succeeds ''
	ip link del up0
	clean
}

not_without_asking() { # for the right to send what no socket sends
	kist run -d --name "$server" --network house:ip=10.30.0.67 dnsmasq:1 \
		dnsmasq -k -u root --port=0 --log-facility=- --dhcp-leasefile=/run/leases --dhcp-range=10.30.0.100,10.30.0.149,1h
	until_true logs "$server" 'missing required capability'
	has "$(log_of "$server")" 'missing required capability' 'dnsmasq'
	down "$server"
	clean
}

check_if() { # PROGRAM NAME FUNCTION…: which needs it
	command -v "$1" >/dev/null || set -- "$1" "$2" skip "needs $1"
	check "${@:2}"
}

check 'dnsmasq and udhcpc' on_the_lan dnsmasq udhcpc
check_if dhclient 'dnsmasq and dhclient' on_the_lan dnsmasq dhclient
check 'dnsmasq through the relay of dnsmasq' through_relay dnsmasq udhcpc dnsmasq -k -C /dev/null --port=0 --dhcp-relay=10.31.0.1,10.30.0.67
check_if dhcrelay 'dnsmasq through dhcrelay' through_relay dnsmasq udhcpc dhcrelay -4 -d -id r1 -iu r0 10.30.0.67
if command -v kea-dhcp4 >/dev/null; then make_kea; fi
check_if kea-dhcp4 'kea and udhcpc' on_the_lan kea udhcpc
check_if kea-dhcp4 'kea through a relay' through_relay kea udhcpc dhcrelay -4 -d -id r1 -iu r0 10.30.0.67
check 'on a bridge of kist' on_a_bridge_of_kist
check 'on a macvlan' on_macvlan
check 'not without --cap-add' not_without_asking
power_off
finish
