#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Needs a network card: it moves into a container, and comes back as it was, whatever happens to that.
# kernels: 6.12
. "$(dirname "$0")/lib.sh"
mkdir -p "$data" && chmod 700 "$data"

has_card() { [ -e /sys/class/net/eth0/device ]; }
until_true has_card || { echo '1..0 # SKIP this host has no network card: the build directory must lie in the source directory'; exit 0; }
mac=$(</sys/class/net/eth0/address)
ip addr add 198.51.100.7/24 brd + dev eth0 && ip addr add 2001:db8:7::7/64 dev eth0 nodad && ip link set eth0 up

shown() { ip -o addr show dev eth0 scope global; ip -o link show dev eth0 | grep -o '[<,]UP[,>].*ether [0-9a-f:]*' | sed 's/.*ether//'; }
before=$(shown)
as_before() { [ "$(shown 2>/dev/null | sed 's/^[0-9]*//')" = "$(sed 's/^[0-9]*//' <<<"$before")" ]; }
ip_in() { nsenter -t "$(pid_of "$1")" -n ip "${@:2}"; }
up() { # NETWORK [PROGRAM ARGUMENT...]
	config ".kist.networks = [{name: \"$1\"}]" "${@:2}"
	kist run --detach --bundle "$b" "$id"
}

to_and_back() { # with the addresses that it has
	kist network create --driver phys --interface eth0 wire
	succeeds ''
	up wire sleep 100
	succeeds
	no 'the host has it' has_card
	has "$(ip_in "$id" -o addr show dev eth0)" 'inet 198.51.100.7/24' 'IPv4' && has "$(ip_in "$id" -o addr show dev eth0)" 2001:db8:7::7/64 'IPv6'
	has "$(ip_in "$id" link show dev eth0)" "$mac" 'MAC'
	kist network inspect wire
	is "$(jq -r '.members[0].mac' <<<"$out")" "$mac" 'who has it'
	config '.kist.networks = [{name: "wire"}]' true
	kist run --bundle "$b" "$id-2"
	says "container $id has the interface eth0, which is for one at a time"
	kist network remove wire
	says "container $id is in the network wire"
	kist delete --force "$id"
	succeeds ''
	yes 'as it was' as_before
}

changed_inside() { # by a container that may: another name, another MAC, no address
	up wire sleep 100
	ip_in "$id" link set eth0 down && ip_in "$id" link set eth0 name other0 && ip_in "$id" link set other0 address 02:00:00:00:00:99
	kist delete --force "$id"
	succeeds ''
	yes 'as it was' as_before
}

ends_by_itself() { # the kernel gives it back, and the next one, or a repair, makes it what it was
	up wire sleep 100
	kill -KILL "$(pid_of)"
	yes 'it comes back' until_true has_card
	no 'as it was' as_before
	kist network repair
	succeeds ''
	yes 'repaired' as_before
	kist delete --force "$id"
	up wire sleep 100
	kill -KILL "$(pid_of)"
	config '.kist.networks = [{name: "wire"}]' cat /proc/net/dev
	kist run --bundle "$b" "$id-2"
	has "$out" eth0 'the next one has it'
	kist delete --force "$id"
	yes 'as it was' as_before
}

# As long as another program keeps the namespace: nobody else waits for that, and what was is made again when it can be.
noted() { [ -n "$(ls -A "$data/away" 2>/dev/null)" ]; }
lock_is_free() { flock -n "$data/locks/networks" true; }
is_back_as() { [ -e "/sys/class/net/$1/device" ]; }
ends_but_is_kept() { # sets kept: a descriptor of its namespace, in which the card has another name
	up wire sleep 100
	ip_in "$id" link set eth0 down && ip_in "$id" link set eth0 name other0
	exec {kept}<"/proc/$(pid_of "$id")/ns/net"
	"$KIST" --root "$state" --data "$data" delete --force "$id" &
	deleting=$!
	yes 'it is written down' until_true noted
	yes 'the lock is free' until_true lock_is_free
	yes 'while the card is waited for' kill -0 $deleting
	wait $deleting
	is $? 0 'the end'
}
comes_back_late() {
	ends_but_is_kept
	config '.kist.networks = [{name: "wire"}]' true
	kist run --bundle "$b" "$id-2"
	says 'the interface eth0 has not come back'
	exec {kept}<&-
	yes 'it comes back' until_true is_back_as other0
	kist network repair
	succeeds ''
	yes 'repaired' as_before
	no 'nothing is left to do' noted
	ends_but_is_kept
	(sleep 1; exec {kept}<&-) & # the last one that keeps it
	exec {kept}<&-
	config '.kist.networks = [{name: "wire"}]' cat /proc/net/dev
	kist run --bundle "$b" "$id-2"
	has "$out" eth0 'the next one waits for it'
	wait $!
	kist delete --force "$id-2"
	yes 'as it was' as_before
	no 'nothing is left to do' noted
}

other_addresses() { # those of the network, and the default route
	kist network create --driver phys --interface eth0 --subnet 192.0.2.0/24 --gateway 192.0.2.1 uplink
	up uplink sleep 100
	config '.kist.networks = [{name: "wire"}]' true
	kist run --bundle "$b" "$id-2"
	says "container $id has the interface eth0" # by another network
	like "$(ip_in "$id" -o addr show dev eth0)" 'inet 192\.0\.2\.[0-9]+/24' 'an address'
	lacks "$(ip_in "$id" -o addr show dev eth0)" 198.51.100.7 'the old one'
	has "$(ip_in "$id" route show default)" 'via 192.0.2.1 dev eth0' 'the way out'
	kist delete --force "$id"
	yes 'as it was' as_before
	kist network remove uplink
}

connected() { # to one that runs, and disconnected; and out of a namespace that another shares
	config . sleep 100
	kist run --detach --bundle "$b" "$id"
	kist network connect wire "$id"
	succeeds ''
	has "$(ip_in "$id" -o addr show)" 'inet 198.51.100.7/24' 'connected'
	kist network disconnect wire "$id"
	succeeds ''
	yes 'as it was' as_before
	kist delete --force "$id"
	up wire sleep 100
	config '.kist.networkOf = "'"$id"'"' sleep 100
	kist run --detach --bundle "$b" "$id-2"
	kist delete --force "$id"
	succeeds ''
	yes 'out of what is shared' as_before
	kist delete --force "$id-2"
}

failed_start() {
	up wire sleep 100 && kist delete --force "$id"
	config '.kist.networks = [{name: "wire"}] | .process.args = ["nothing"]' true
	kist run --bundle "$b" "$id"
	isnt "$code" 0 'a program that is not there'
	yes 'as it was' as_before
}

refused() { # what the host needs, and what would not come back
	ip route add default via 198.51.100.1
	up wire true
	says 'has the default route of this host'
	ip route del default
	ip link add br0 type bridge && ip link set eth0 master br0
	up wire true
	says 'is part of a bridge'
	ip link del br0
	ip link add soft0 type veth peer name soft1
	kist network create --driver phys --interface soft0 soft
	up soft true
	says 'no hardware but made by software (veth)'
	kist network remove soft
	ip link del soft0
	kist network create --driver phys --interface eth0 --vlan 7 bad
	says 'neither mtu nor vlan'
	yes 'as it was' as_before
}

check 'a card moves to a container and back' to_and_back
check 'what the container did to it is undone' changed_inside
check 'a container that ends by itself' ends_by_itself
check 'a card that comes back late' comes_back_late
check 'addresses of the network' other_addresses
check 'connected, disconnected, shared' connected
check 'a start that fails' failed_start
check 'what is refused' refused
kist network remove wire
finish
