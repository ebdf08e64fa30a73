#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real name servers, asked from where clients really are:
#	client 203.0.113.9 --- .1 router .254 --- 192.0.2.1, .2 the host --- lan, dmz: instances
#	2001:db8:9::9 -------- ::1       ::fe --- 2001:db8:1::1, ::2
# Each question has a name of its own, by which the server's log tells who asked it.
. "$(dirname "$0")/hosts.sh"
needs dig dnsmasq named
dnsmasq=$tag-dnsmasq named=$tag-named

host client
host router
cable client c0 router r0
cable router r1 kist out0
address client c0 203.0.113.9/24 2001:db8:9::9/64
address router r0 203.0.113.1/24 2001:db8:9::1/64
address router r1 192.0.2.254/24 2001:db8:1::fe/64
address kist out0 192.0.2.1/24 192.0.2.2/24 2001:db8:1::1/64 2001:db8:1::2/64
for way in 203.0.113.1 2001:db8:9::1; do on client ip route add default via $way; done
for way in 192.0.2.254 2001:db8:1::fe; do ip route add default via $way; done
forwards router
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24", subnet6: "fd00:21::/64"}'

mkdir -p "$work/fs/named/etc" "$work/fs/named/var/cache/bind"
chown 53:53 "$work/fs/named/var/cache/bind"
cat >"$work/fs/named/etc/named.conf" <<'CONF'
options { directory "/var/cache/bind"; listen-on { any; }; listen-on-v6 { any; }; recursion no; querylog yes; pid-file none; session-keyfile none; };
controls { };
zone "kist.test" { type primary; file "/etc/kist.test"; };
CONF
printf '%s\n' '@ 60 SOA ns root 1 60 60 60 60' '@ 60 NS ns' 'ns 60 A 10.20.0.54' '* 60 A 192.0.2.77' >"$work/fs/named/etc/kist.test"
image_of dnsmasq dnsmasq
image_of named named

ports() { # ADDRESS…: options, the DNS port of each
	local a
	for a; do printf -- '-p %s:53:53/udp -p %s:53:53/tcp ' "$a" "$a"; done
}
begin_dnsmasq() { # OPTION…
	serve "$dnsmasq" started "$@" $(ports 192.0.2.1 '[2001:db8:1::1]') dnsmasq:1 \
		dnsmasq -k --no-resolv --no-hosts -u root --log-queries --log-facility=- --address=/kist.test/192.0.2.77
}
begin_named() { # OPTION…
	serve "$named" 'all zones loaded' "$@" $(ports 192.0.2.2 '[2001:db8:1::2]') named:1 named -g -c /etc/named.conf -u bind
}

ask() { # WHERE ADDRESS [+tcp]: one question
	on "$1" dig +short +tries=1 +time=1 "question-$questions.kist.test" "@$2" "${3:-+notcp}" 2>&1
}
questions=0
answered() { [ "$(ask "$@")" = 192.0.2.77 ]; }

reaches() { # WHERE SERVER ADDRESS SEEN-AS: by UDP and by TCP
	local transport
	for transport in +notcp +tcp; do
		questions=$((questions + 1))
		is "$(ask "$1" "$3" $transport)" 192.0.2.77 "$1 asks $3, $transport"
		until_true logs "$2" "question-$questions\."
		like "$(log_of "$2" | grep "question-$questions\.")" "(^|[^0-9a-f:.])$4([^0-9a-f:.]|\$)" "whom the server sees when $1 asks $3, $transport"
	done
}
cannot_reach() { # WHERE ADDRESS...: all at once, for each takes a second
	local ip transport asked=()
	: >"$work/reached"
	for ip in "${@:2}"; do
		for transport in +notcp +tcp; do
			{ ! answered "$1" "$ip" $transport || echo "$ip $transport" >>"$work/reached"; } &
			asked+=($!)
		done
	done
	wait "${asked[@]}"
	is "$(<"$work/reached")" '' "what $1 reaches"
}
begin() { # both servers
	begin_dnsmasq --network lan:ip=10.20.0.53,ip6=fd00:20::53
	begin_named --network lan:ip=10.20.0.54,ip6=fd00:20::54
}
end() {
	down "$dnsmasq" "$named"
	clean
}

# --- cases

passes_on() { # to the other host
	timeout 1 nsenter -t "$(net_of other)" -n nc -n -u -l 7 >"$work/heard" &
	until_true eval "on other ss -Hlnu 'sport = :7' | grep -q ."
	on client nc -n -u -w0 198.51.100.9 7 <<<question
	wait $!
	grep -q question "$work/heard"
}

# By interfaces that the administrator has chosen, not all of them: kist keeps closed only those that it opens itself.
forwarded_before() {
	local f=/proc/sys/net/ipv4/conf
	host other
	cable kist side0 other s0
	address kist side0 198.51.100.1/24
	address other s0 198.51.100.9/24
	on other ip route add default via 198.51.100.1
	on router ip route add 198.51.100.0/24 via 192.0.2.1
	echo 1 >$f/out0/forwarding
	yes 'the host passes on what comes by out0' passes_on
	begin
	is "$(cat $f/{all,out0,side0,br-lan}/forwarding | tr -d '\n')" 0111 'forwarding of all, out0, side0, br-lan'
	yes 'it does so with instances' passes_on
	echo 0 >$f/out0/forwarding
	kist network repair
	succeeds ''
	no 'what only kist has opened is open for instances alone' passes_on
	reaches client "$named" 192.0.2.2 203.0.113.9
	end
	ip link del side0
	kill "${hosts[other]}" && wait "${hosts[other]}"
	unset 'hosts[other]'
}

from_outside() {
	begin
	reaches client "$dnsmasq" 192.0.2.1 203.0.113.9
	reaches client "$dnsmasq" 2001:db8:1::1 2001:db8:9::9
	reaches client "$named" 192.0.2.2 203.0.113.9
	reaches client "$named" 2001:db8:1::2 2001:db8:9::9
	reaches router "$named" 192.0.2.2 192.0.2.254
	end
}

bridge_netfilter() { # 0|1: whether the firewall judges also what stays in a bridge
	local f
	for f in /proc/sys/net/bridge/bridge-nf-call-ip{,6}tables; do
		[ ! -e $f ] || echo "$1" >$f
	done
}

from_an_instance() {
	begin
	bridge_netfilter 0
	kist run -d --name "$tag-near" --network lan:ip=10.20.0.9,ip6=fd00:20::9 named:1 payload wait
	kist run -d --name "$tag-far" --network dmz:ip=10.21.0.9,ip6=fd00:21::9 named:1 payload wait
	reaches "$tag-near" "$dnsmasq" 10.20.0.53 10.20.0.9
	reaches "$tag-near" "$dnsmasq" fd00:20::53 fd00:20::9
	reaches "$tag-near" "$named" 10.20.0.54 10.20.0.9
	reaches "$tag-near" "$named" fd00:20::54 fd00:20::9
	reaches "$tag-far" "$named" 192.0.2.2 10.21.0.9
	reaches "$tag-far" "$dnsmasq" 2001:db8:1::1 fd00:21::9
	cannot_reach "$tag-far" 10.20.0.54
	# In one network by way of the host: an answer comes back this way only if it goes to the host, or the firewall sees it.
	reaches "$tag-near" "$named" 192.0.2.2 10.20.0.1
	reaches "$tag-near" "$dnsmasq" 2001:db8:1::1 fd00:20::1
	bridge_netfilter 1
	[ ! -e /proc/sys/net/bridge ] || reaches "$tag-near" "$named" 192.0.2.2 10.20.0.9
	[ ! -e /proc/sys/net/bridge ] || reaches "$tag-near" "$dnsmasq" 2001:db8:1::1 fd00:20::9
	bridge_netfilter 0
	down "$tag-near" "$tag-far"
	end
}

from_the_host() {
	begin
	reaches kist "$named" 10.20.0.54 10.20.0.1
	reaches kist "$named" fd00:20::54 fd00:20::1
	reaches kist "$dnsmasq" 192.0.2.1 192.0.2.1
	reaches kist "$dnsmasq" 2001:db8:1::1 2001:db8:1::1
	end
}

# The way to the instances' own addresses, which the router knows now, is closed: only what is published is open.
routed() {
	begin
	on router ip route add 10.20.0.0/24 via 192.0.2.1
	on router ip route add fd00:20::/64 via 2001:db8:1::1
	cannot_reach client 10.20.0.54 fd00:20::54
	nft flush chain inet kist forward
	reaches client "$named" 10.20.0.54 203.0.113.9 # it is the firewall that closes it
	reaches client "$named" fd00:20::54 2001:db8:9::9
	kist network repair
	succeeds ''
	cannot_reach client 10.20.0.54
	reaches client "$named" 192.0.2.2 203.0.113.9
	end
}

guard() { { ip rule && ip -6 rule; } | grep -E '^520[24]:' | sort; }
without_guard() { # COMMAND...
	local f p
	for f in -4 -6; do
		for p in 5202 5204; do
			while ip $f rule del pref $p 2>/dev/null; do :; done
		done
	done
	"$@"
}

keep_asking() { # until it is killed: a line in $work/answers for each answer
	while :; do
		! answered client 192.0.2.2 || echo answered >>"$work/answers"
		sleep 0.05
	done
}
count_answers() { grep -c . "$work/answers"; }
more_than() { [ "$(count_answers)" -gt "$1" ]; }

# A reload of a foreign firewall takes the table away while clients ask and one has a way to the instances.
flushed() {
	local asking n
	begin
	: >"$work/answers"
	keep_asking &
	asking=$!
	yes 'a client is answered' until_true more_than 3
	nft flush ruleset
	sleep 0.2 # what is under way
	n=$(count_answers)
	cannot_reach client 192.0.2.2 2001:db8:1::2 10.20.0.54 fd00:20::54
	is "$(count_answers)" "$n" 'answers to the client without the table'
	reaches kist "$named" 10.20.0.54 10.20.0.1
	without_guard reaches client "$named" 10.20.0.54 203.0.113.9 # it is the routing rules that close it
	reaches client "$named" fd00:20::54 2001:db8:9::9
	kist network repair
	succeeds ''
	yes 'the client is answered again' until_true more_than "$n"
	cannot_reach client 10.20.0.54 fd00:20::54
	reaches client "$named" 2001:db8:1::2 2001:db8:9::9
	kill "$asking" && wait "$asking"
	end
}

# A bridge of the administrator's, on a host that is a router: the instances are reached at their own addresses.
own_addresses() {
	kist network remove lan dmz
	succeeds ''
	is "$(cat /proc/sys/net/ipv4/conf/out0/forwarding /proc/sys/net/ipv6/conf/all/forwarding)" $'0\n0' 'forwarding'
	forwards kist
	ip link add br0 type bridge && ip link set br0 up
	address kist br0 10.40.0.1/24 fd00:40::1/64
	on router ip route add 10.40.0.0/24 via 192.0.2.1
	on router ip route add fd00:40::/64 via 2001:db8:1::1
	kist network create --existing --interface br0 --subnet 10.40.0.0/24 --gateway 10.40.0.1 --subnet6 fd00:40::/64 --gateway6 fd00:40::1 house
	succeeds ''
	serve "$named" 'all zones loaded' --network house:ip=10.40.0.54,ip6=fd00:40::54 named:1 named -g -c /etc/named.conf -u bind
	reaches client "$named" 10.40.0.54 203.0.113.9
	reaches client "$named" fd00:40::54 2001:db8:9::9
	no 'no table is needed' nft list table inet kist 2>/dev/null
	down "$named"
	clean
	is "$(ip -o addr show dev br0 | grep -c 'inet.* global')" 2 'addresses of the bridge'
}

check 'what the host forwards itself' forwarded_before
check 'asked from outside' from_outside
check 'asked by other instances' from_an_instance
check 'asked by the host' from_the_host
check 'closed to who has a way to it' routed
check 'a foreign flush closes it, also to who has a way, and repair opens it' flushed
check 'at its own address, behind a bridge of the host and a router' own_addresses
power_off
finish
