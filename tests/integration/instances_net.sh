#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Instances in networks: run IMAGE with --network and --publish, and a real name server that logs who asks.
. "$(dirname "$0")/hosts.sh"
needs dnsmasq dig
dns=net-$tag

make_client
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter # strict: what comes by another way than it would be answered by is dropped
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
image_of dns dnsmasq

options() { # what the options become in the document
	kist run --print --network lan:ip=10.20.0.5,ip6=fd00:20::5,mac=02:00:00:00:00:05 --network kist0:ifname=up0 \
		-p 53:5353/udp -p 192.0.2.1:8000-8002:80 dns:1
	is "$(jq -c .kist.networks <<<"$out")" '[{"name":"lan","address":"10.20.0.5","address6":"fd00:20::5","mac":"02:00:00:00:00:05"},{"name":"kist0","interface":"up0"}]' 'networks'
	is "$(jq -c .kist.ports <<<"$out")" '[{"host":53,"container":5353,"protocol":"udp"},{"host":8000,"end":8002,"container":80,"protocol":"tcp","address":"192.0.2.1"}]' 'ports'
	kist run --print --ip 10.90.0.5 -p 80 dns:1
	is "$(jq -c '[.kist.networks, .kist.ports[0].host]' <<<"$out")" '[[{"name":"kist0","address":"10.90.0.5"}],80]' 'the default network'
	kist run --rm --network none -p 80 dns:1
	says 'no network of its own' 125
	kist run --rm --network nowhere dns:1
	says 'there is no network "nowhere"' 125
	kist run --rm --network lan --network host dns:1
	says 'exclude each other' 125
}

by_default() { # kist0, which is made by it
	kist run -d --name "$dns" --ip 10.89.0.7 --mac 02:00:00:00:00:07 dns:1 payload wait
	succeeds ''
	has "$(ip_in "$dns" -o addr show dev eth0)" 'inet 10.89.0.7/24' 'its address'
	has "$(ip_in "$dns" link show dev eth0)" 02:00:00:00:00:07 'its MAC'
	has "$(ip -o addr show dev kist0)" 'inet 10.89.0.1/24' 'the bridge'
	yes 'a way to it' answers 10.89.0.7
	kist run --rm --network none dns:1 payload cat /proc/net/dev
	lacks "$out" eth0 'without one'
	down "$dns"
	clean
}

not_here() { # where root may not make interfaces, the sentence has the cure
	as=(setpriv --bounding-set -net_admin --)
	kist run --rm dns:1 payload true
	says '"--network none" runs without them' 125
	kist run --rm --network none dns:1 payload echo fine
	as=(env)
	succeeds fine
	clean
}

shared() { # container:NAME: the same interfaces and ports, looked up anew at every start
	kist run -d --name "$dns" dns:1 payload wait
	succeeds ''
	kist run -d --name "$dns-2" --network "container:$dns" dns:1 payload wait
	succeeds ''
	is "$(readlink "/proc/$(pid_of "$dns-2")/ns/net")" "$(readlink "/proc/$(pid_of "$dns")/ns/net")" 'the namespace'
	isnt "$(readlink "/proc/$(pid_of "$dns-2")/ns/user")" "$(readlink "/proc/$(pid_of "$dns")/ns/user")" 'ids of its own'
	is "$(jq -r .kist.networkOf "$data/instances/$dns-2/config.json")" "$dns" 'the document has the name'
	lacks "$(<"$data/instances/$dns-2/config.json")" /proc/self/fd 'and no path'
	kist run --dry-run --network "container:$dns" dns:1
	has "$out" "namespace joined: network of container $dns" 'the plan'
	kist exec "$dns-2" payload cat /proc/net/dev
	has "$out" eth0 'what it sees'
	kist kill "$dns" KILL && kist kill "$dns-2" KILL
	until_true is_stopped "$dns" && until_true is_stopped "$dns-2"
	kist start "$dns-2"
	says "container $dns does not run"
	kist start "$dns" && succeeds ''
	kist start "$dns-2" && succeeds ''
	is "$(readlink "/proc/$(pid_of "$dns-2")/ns/net")" "$(readlink "/proc/$(pid_of "$dns")/ns/net")" 'the new namespace'
	down "$dns-2" "$dns"
	clean
}

shared_on() { # when the other ends, what is shared stays its own, until it is started again: no address is there twice
	local was
	kist run -d --name "$dns" dns:1 payload wait
	kist run -d --name "$dns-2" --network "container:$dns" dns:1 payload wait
	was=$(address_of "$dns")
	kist kill "$dns" KILL
	until_true is_stopped "$dns"
	kist run --rm --ip "$was" dns:1 payload true
	says "belongs to container $dns" 125
	kist network repair && succeeds ''
	has "$(ip_in "$dns-2" -o addr show dev eth0)" "inet $was/24" 'who shares it'
	kist start "$dns"
	succeeds ''
	is "$(address_of "$dns")" "$was" 'the address again'
	has "$(ip_in "$dns" -o addr show dev eth0)" "inet $was/24" 'who has it now'
	no 'who has shared it' ip_in "$dns-2" link show dev eth0
	down "$dns" "$dns-2"
	clean
}

shared_port() { # a service beside an instance, at the port of that
	local setting
	for setting in 1024 0; do
		kist run -d --name "$dns" --ip 10.89.0.9 -p 5300:53/udp --sysctl net.ipv4.ip_unprivileged_port_start=$setting dns:1 payload wait
		kist run -d --name "$dns-2" --network "container:$dns" dns:1 dnsmasq -k --no-resolv --no-hosts -u root --host-record=kist.test,192.0.2.77
		until_true eval 'answers_now || is_stopped "$dns-2"'
		like "$(dig_of dig kist.test @10.89.0.9)" "$([ $setting = 0 ] && echo ^192.0.2.77$ || echo refused)" "ports from $setting on are everybody's"
		down "$dns" "$dns-2"
	done
	clean
}

shared_not() {
	local row want
	kist run -d --name "$dns" --network host dns:1 payload wait
	while IFS='|' read -r row want; do
		eval "kist run --rm $row dns:1 payload true"
		says "$want" 125
	done <<-ROWS
		--network container:nobody-$tag|container does not exist: nobody-$tag
		--network container:$dns|has no network namespace but the host's
		--network container:$dns --network kist0|exclude each other
		--network container:$dns -p 80|no network of its own
		--network container:../x|option --network
	ROWS
	down "$dns"
}

dig_of() { # WHERE… -- ARGUMENT...
	"$@" +short +tries=1 +time=1 2>&1
}

name_server() { # asked over UDP and TCP, IPv4 and IPv6, by the host, from outside, from another instance
	local transport ip
	kist run -d --name "$dns" --network lan:ip=10.20.0.53,ip6=fd00:20::53 -p 53/udp -p 53/tcp dns:1 \
		dnsmasq -k --no-resolv --no-hosts -u root -i eth0 --bind-interfaces --log-queries --log-facility=- --host-record=kist.test,192.0.2.77
	succeeds ''
	until_true grep -qs started "$data/instances/$dns/log"
	for transport in +notcp +tcp; do
		is "$(dig_of dig kist.test @10.20.0.53 $transport)" 192.0.2.77 "the host at its address, $transport"
		is "$(dig_of dig kist.test @192.0.2.1 $transport)" 192.0.2.77 "the host at its port, $transport"
		is "$(dig_of from_client dig kist.test @192.0.2.1 $transport)" 192.0.2.77 "from outside, $transport"
		is "$(dig_of from_client dig kist.test @2001:db8::1 $transport)" 192.0.2.77 "from outside by IPv6, $transport"
	done
	kist run -d --name "$dns-2" --network lan:ip=10.20.0.9 dns:1 payload wait
	for ip in 10.20.0.53 fd00:20::53 192.0.2.1; do
		is "$(dig_of nsenter -t "$(pid_of "$dns-2")" -n dig kist.test @$ip)" 192.0.2.77 "another instance at $ip"
	done
	out=$(<"$data/instances/$dns/log")
	has "$out" 'from 192.0.2.9' 'the log has the client outside'
	has "$out" 'from 2001:db8::9' 'the log has it by IPv6'
	has "$out" 'from 10.20.0.9' 'the log has the other instance'
	down "$dns" "$dns-2"
	clean
}

again() { # stopped and started: the same address, the port leads there again
	local was
	kist run -d --name "$dns" --network lan -p 5300:53/udp dns:1 dnsmasq -k --no-resolv --no-hosts -u root --host-record=kist.test,192.0.2.77
	succeeds ''
	was=$(address_of "$dns")
	for _ in 1 2 3 4 5; do answers_now && break; sleep 0.2; done
	yes 'answers' answers_now
	kist kill "$dns" KILL
	until_true is_stopped "$dns"
	kist start "$dns"
	succeeds ''
	is "$(address_of "$dns")" "$was" 'address'
	for _ in 1 2 3 4 5; do answers_now && break; sleep 0.2; done
	is "$(dig_of from_client dig -p 5300 kist.test @192.0.2.1)" 192.0.2.77 'answers again'
	down "$dns"
	clean
}
is_stopped() { [ "$(status_of "$1")" = stopped ]; }
answers_now() { [ "$(dig_of from_client dig -p 5300 kist.test @192.0.2.1)" = 192.0.2.77 ]; }

stopped() { # is told at once that there is no such network
	kist run -d --name "$dns" --network none dns:1 payload wait
	kist stop --time 0 "$dns"
	succeeds ''
	kist network connect nowhere "$dns"
	says 'there is no network "nowhere"'
	kist network create there
	kist network connect there "$dns"
	succeeds ''
	kist network connect kist0 "$dns"
	succeeds ''
	kist delete "$dns"
	kist network remove there
	succeeds ''
	clean
}

check 'options become the document' options
check 'a network by default' by_default
check 'no network here' not_here
check 'a network that is not there' stopped
check 'the network of another' shared
check 'a service in the network of another' shared_port
check 'the network of another that ends' shared_on
check 'the network of another, refused' shared_not
check 'a name server sees who asks' name_server
check 'the same after a restart' again
kill "$client"
finish
