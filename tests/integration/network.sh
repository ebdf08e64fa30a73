#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist.networks: containers on bridges, on a host that is a network namespace of this test's own.
. "$(dirname "$0")/net.sh"

the_default_network() { # is made on first use, on a subnet that collides with nothing
	ip link add taken type bridge
	ip addr add 10.89.0.200/16 dev taken
	ip link set taken up
	up "$id" "$(given '[{name: "kist0"}]')"
	is "$(jq -r .subnet "$data/networks/kist0.json")" 10.90.0.0/24 'subnet'
	has "$(ip -o addr show dev kist0)" 'inet 10.90.0.1/24 brd 10.90.0.255' 'the bridge'
	is "$(</proc/sys/net/ipv6/conf/kist0/accept_ra)" 0 'router advertisements'
	like "$(ip_in "$id" -o addr show dev eth0)" 'inet 10\.90\.0\.[0-9]+/24' 'the container'
	is "$(ip_in "$id" route show default)" 'default via 10.90.0.1 dev eth0 proto static ' 'its route'
	yes 'the address answers' answers "$(address_of "$id")"
	down "$id"
	clean
	ip link del taken
	ip link del kist0
	rm "$data/networks/kist0.json"
}

two_families_and_networks() {
	network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64", mtu: 1400}'
	network back '{subnet: "10.21.0.0/24", internal: true}'
	up "$id" "$(given '[{name: "back"}, {name: "lan", interface: "lan0", address: "10.20.0.53/24", address6: "fd00:20::53", mac: "02:00:00:00:00:53"}]')"
	has "$(ip_in "$id" -o addr show dev lan0)" 'inet 10.20.0.53/24' 'IPv4'
	has "$(ip_in "$id" -o addr show dev lan0)" 'inet6 fd00:20::53/64 scope global' 'IPv6'
	has "$(ip_in "$id" link show dev lan0)" 'link/ether 02:00:00:00:00:53' 'MAC'
	has "$(ip_in "$id" link show dev lan0)" 'mtu 1400' 'MTU'
	like "$(ip_in "$id" -o addr show dev eth0)" 'inet 10\.21\.0\.' 'the other network'
	is "$(ip_in "$id" route show default | tr -d '\n')" 'default via 10.20.0.1 dev lan0 proto static ' 'no way out through the internal one'
	has "$(ip_in "$id" -6 route show default)" 'via fd00:20::1 dev lan0' 'IPv6 route'
	has "$(ip -o addr show dev br-lan)" 'fd00:20::1/64' 'the gateway'
	down "$id"
	clean
}

half_made() { # a bridge whose making was interrupted is finished
	network half '{subnet: "10.23.0.0/24"}'
	ip link add br-half type bridge
	up "$id" "$(given '[{name: "half"}]')"
	has "$(ip -o addr show dev br-half)" 'inet 10.23.0.1/24' 'the gateway'
	yes 'the address answers' answers "$(address_of "$id")"
	down "$id"
	clean
	ip link del br-half
	rm "$data/networks/half.json"
}

stable_and_apart() { # the same container has the same address and MAC again; two have different ones
	local first mac
	up "$id" "$(given '[{name: "lan"}]')"
	up "$id-2" "$(given '[{name: "lan"}]')"
	first=$(address_of "$id")
	mac=$(ip_in "$id" -o link show dev eth0 | grep -o 'ether [0-9a-f:]*')
	isnt "$first" "$(address_of "$id-2")" 'addresses'
	isnt "$mac" "$(ip_in "$id-2" -o link show dev eth0 | grep -o 'ether [0-9a-f:]*')" 'MACs'
	yes 'the first answers' answers "$first"
	down "$id"
	up "$id" "$(given '[{name: "lan"}]')"
	is "$(address_of "$id")" "$first" 'address'
	is "$(ip_in "$id" -o link show dev eth0 | grep -o 'ether [0-9a-f:]*')" "$mac" 'MAC'
	down "$id" "$id-2"
	clean
}

shared_on() { # by one who shares: as long as anybody is in the namespace nobody else gets the address
	up "$id" "$(given '[{name: "lan", address: "10.20.0.5"}]')"
	up "$id-2" ".kist.networkOf = \"$id\""
	up "$id-3" ".kist.networkOf = \"$id-2\""
	has "$(ip_in "$id-3" -o addr show dev eth0)" 'inet 10.20.0.5/24' 'the address of the first'
	down "$id-2"
	kill -KILL "$(pid_of "$id")"
	until_true is_stopped "$id"
	config "$(given '[{name: "lan", address: "10.20.0.5"}]')" true
	kist run --bundle "$b" "$id-4"
	says "the address 10.20.0.5 of the network lan belongs to container $id"
	down "$id"
	no 'its interface is taken out' ip_in "$id-3" link show dev eth0
	up "$id-4" "$(given '[{name: "lan", address: "10.20.0.5"}]')"
	down "$id-3" "$id-4"
	clean
}
is_stopped() { [ "$(status_of "$1")" = stopped ]; }

held_from_outside() { # somebody keeps the namespace of a container that is gone: the repair takes the pair off the bridge
	local holder
	ip link add foreign type bridge && ip link add kv0123456789ab type veth peer name far master foreign && ip link set kv0123456789ab master foreign
	up "$id" "$(given '[{name: "lan"}]')"
	up "$id-2" "$(given '[{name: "lan"}]')"
	nsenter -t "$(pid_of "$id")" -n sleep 100 &
	holder=$!
	until_true grep -qs sleep "/proc/$holder/comm"
	down "$id"
	is "$(pairs_on br-lan)" 2 'the pair is there as long as the namespace'
	kist network repair
	succeeds ''
	is "$(pairs_on br-lan)" 1 'of the one that lives'
	yes 'it answers' answers "$(address_of "$id-2")"
	is "$(pairs_on foreign)" 1 'of somebody else'
	kill "$holder" && wait "$holder" 2>/dev/null
	down "$id-2"
	ip link del kv0123456789ab && ip link del foreign
	clean
}
pairs_on() { ip -o link show master "$1" | grep -c ' kv'; }

given_back_at_the_end() { # of a container in the foreground, in a user namespace
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings | '"$(given '[{name: "lan"}]')" cat /proc/net/dev
	kist run --bundle "$b" "$id"
	has "$out" eth0 'inside'
	clean
}

refuses() { # and leaves nothing behind
	local row want
	up "$id-holder" "$(given '[{name: "lan", address: "10.20.0.53"}]')"
	while IFS='|' read -r row want; do
		config "$(given "$row")" true
		kist run --bundle "$b" "$id"
		says "$want"
	done <<'ROWS'
[{name: "nowhere"}]|there is no network "nowhere"
[{name: "lan", address: "10.20.0.53"}]|the address 10.20.0.53 of the network lan belongs to container
[{name: "lan", address: "10.20.0.1"}]|10.20.0.1 is the gateway of the network lan
[{name: "lan", address: "10.20.0.9/16"}]|10.20.0.9/16 does not fit the network lan
[{name: "lan", address: "10.99.0.9"}]|10.99.0.9 is not an address for a container of the network lan
[{name: "back", address6: "fd00::1"}]|the network back has no subnet for the address fd00::1
ROWS
	down "$id-holder"
	clean
}

failed_start() { # after everything was made
	box "$(given '[{name: "lan"}]')" true
	config "$(given '[{name: "lan"}] | .process.args = ["nothing"]')" true
	kist run --bundle "$b" "$id"
	isnt "$code" 0 'a program that is not there'
	clean
}

after_a_crash() { # kist and the container are killed with SIGKILL: the address is free for the next
	up "$id" "$(given '[{name: "lan", address: "10.20.0.77"}]')"
	kill -KILL "$(pid_of "$id")"
	until_true no_pairs
	up "$id-2" "$(given '[{name: "lan", address: "10.20.0.77"}]')"
	down "$id"
	is "$(address_of "$id-2")" 10.20.0.77 'the heir keeps it'
	yes 'the lease is there' test -L "$data/leases/lan/10.20.0.77"
	down "$id-2"
	clean
}

full_disk() { # nothing is left of who came when it was full, and who is there goes as always
	mount -t tmpfs -o size=1m,mode=700 none "$data"
	network lan '{subnet: "10.20.0.0/24"}'
	up "$id" "$(given '[{name: "lan"}]')"
	dd if=/dev/zero of="$data/fill" bs=1k 2>"$work/dd"
	config "$(given '[{name: "lan"}]')" true
	kist run --bundle "$b" "$id-2"
	says "write down the addresses of container $id-2: No space left on device"
	is "$(ls "$data/leases/lan")" "$(address_of "$id")" 'leases'
	down "$id"
	yes 'no pair is left' until_true no_pairs
	yes 'no lease and no record is left' nothing_held
	umount "$data"
}

# Ids are unique in one --root, the data directory is one for all.
of_another_root() {
	local address
	network lan '{subnet: "10.20.0.0/24"}'
	up "$id" "$(given '[{name: "lan"}]')"
	address=$(address_of "$id")
	config "$(given '[{name: "lan"}]') | .linux.cgroupsPath = \"/other-$tag\"" true
	out=$("$KIST" --root "$work/state2" --data "$data" run --bundle "$b" "$id" 2>&1)
	has "$out" "another container $id, of another --root" 'who has the id already'
	jq '.linux.cgroupsPath = "/nowhere\u0001"' "$b/config.json" >"$work/config" && cp "$work/config" "$b/config.json"
	out=$("$KIST" --root "$work/state2" --data "$data" run --bundle "$b" "$id" 2>&1) # fails before it has come into a network
	"$KIST" --root "$work/state2" --data "$data" delete --force "$id" 2>/dev/null
	is "$(address_of "$id")" "$address" 'its record'
	yes 'the lease' test -L "$data/leases/lan/$address"
	yes 'its address' answers "$address"
	down "$id"
	config "$(given '[{name: "lan"}]')" true
	out=$("$KIST" --root "$work/state2" --data "$data" run --bundle "$b" "$id" 2>&1)
	is "$out" '' 'when the one is gone the other may come'
	clean
}

check 'the default network' the_default_network
check 'IPv4, IPv6, several networks' two_families_and_networks
check 'a bridge that was half made' half_made
check 'stable addresses and MACs' stable_and_apart
check 'shared by who shares' shared_on
check 'held from outside' held_from_outside
check 'a container of that id in another place' of_another_root
check 'a full disk' full_disk
check 'given back at the end' given_back_at_the_end
check 'what cannot be had is refused' refuses
check 'a start that fails' failed_start
check 'after a crash' after_a_crash
finish
