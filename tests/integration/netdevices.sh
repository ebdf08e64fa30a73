#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# linux.netDevices: interfaces of the runtime's network namespace become the container's.
# The runtime's is one of this test's own: nothing here touches the machine's interfaces.
. "$(dirname "$0")/net.sh"

pair() { # NAME: an interface of the host, whose other end stays
	ip link add "$1" type veth peer name "$1-peer" && ip link set "$1-peer" up
}

unpair() { ip link del "$1-peer" 2>/dev/null; }

device() { echo ".linux.netDevices = $1"; } # JSON: a filter
ip_of() { nsenter -t "$(pid_of)" -n ip "$@"; }

keeps_what_it_has() {
	local shown
	pair p0
	ip link set p0 address 02:00:00:00:12:34 mtu 1400
	ip addr add 10.9.1.2/24 brd 10.9.1.255 dev p0
	ip addr add 10.9.7.1 peer 10.9.7.2/32 dev p0
	ip addr add 2001:db8:9::2/64 dev p0
	ip addr add 10.9.1.9/24 dev p0 valid_lft 500 preferred_lft 500
	begin "$(device '{p0: {name: "lan0"}}')" sleep 60
	no 'p0 is gone from the host' ip link show p0
	shown=$(ip_of -o addr show dev lan0)
	has "$shown" 'inet 10.9.1.2/24 brd 10.9.1.255 scope global' 'IPv4'
	has "$shown" 'inet 10.9.7.1 peer 10.9.7.2/32' 'point to point'
	has "$shown" 'inet6 2001:db8:9::2/64 scope global' 'IPv6'
	lacks "$shown" 10.9.1.9 'an address that expires'
	shown=$(ip_of link show dev lan0)
	has "$shown" 02:00:00:00:12:34 'MAC'
	has "$shown" 'mtu 1400' 'MTU'
	has "$shown" ',UP' 'up'
	end
	unpair p0
}

several_and_names() { # an empty name is the host's; the user namespace changes nothing
	pair p1
	pair p2
	begin '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings | '"$(device '{p1: {}, p2: {name: "wan"}}')" sleep 60
	is "$(ip_of -o link | grep -Eo '(p1|wan)@' | sort | tr -d '\n')" 'p1@wan@' 'interfaces'
	end
	unpair p1
	unpair p2
}

before_the_hooks() {
	pair p3
	begin "$(device '{p3: {}}') | .hooks.createRuntime = [{path: \"/bin/sh\",
		args: [\"sh\", \"-c\", \"nsenter -t \$(jq .pid) -n ip -o link >$work/seen\"]}]" sleep 60
	has "$(<"$work/seen")" p3 'what the hook saw'
	end
	unpair p3
}

into_a_joined_namespace() {
	local pid
	pair p4
	unshare --net sleep 60 &
	pid=$!
	until_true grep -qs sleep "/proc/$pid/comm"
	box '(.linux.namespaces[] | select(.type == "network")).path = "/proc/'$pid/ns/net'" | '"$(device '{p4: {name: "x0"}}')" true
	succeeds ''
	has "$(nsenter -t $pid -n ip -o link)" x0 'still there after the container'
	kill $pid
	wait $pid 2>/dev/null
	unpair p4
}

refuses() {
	local own
	pair p5
	box "$(device '{p5: {}, missing0: {}}')" true
	says 'the host has no network interface "missing0"'
	yes 'p5 stayed' ip link show p5
	box "$(device '{lo: {name: "lo1"}}')" true
	says '"lo" is the loopback'
	box "$(device '{p5: {name: "lo"}}')" true
	says 'has an interface "lo" already'
	yes 'p5 stayed' ip link show p5
	own=/proc/$$/ns/net
	box '(.linux.namespaces[] | select(.type == "network")).path = "'$own'" | '"$(device '{p5: {name: "x1"}}')" true
	says 'the one that kist itself is in'
	yes 'p5 kept its name' ip link show p5
	unpair p5
}

check 'keeps addresses, MAC and MTU, is up' keeps_what_it_has
check 'several, renamed or not, in a user namespace' several_and_names
check 'are there before the hooks' before_the_hooks
check 'into a joined namespace' into_a_joined_namespace
check 'refuses what cannot be moved, and then moves nothing' refuses
finish
