#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Networks and ports of a container that runs: connect, disconnect, update --publish-add and --publish-remove.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }

make_client
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network dmz '{subnet: "10.21.0.0/24", subnet6: "fd00:21::/64"}'
network in '{subnet: "10.22.0.0/24", internal: true}'

routes() { ip_in "$id" -4 route show default | awk '{ print $3, $5 }'; }
routes6() { ip_in "$id" -6 route show default | awk '{ print $3, $5 }'; }
members() { kist network inspect "$1" && jq -r '.members | map("\(.id) \(.address) \(.address6)") | join(",")' <<<"$out"; }
address_in() { jq -r --arg n "$2" '.networks[] | select(.network == $n).address | split("/")[0]' "$data/attached/$1.json"; } # ID NETWORK
kept() { jq -r '.kist.networks | map("\(.name)=\(.interface)") | join(" ")' "$1/config.json"; } # DIRECTORY
rules() { nft list table inet kist 2>/dev/null; }

comes_and_goes() { # into a container that had no network at all
	up "$id" "$(given '[]')"
	kist network connect lan "$id"
	succeeds ''
	is "$(routes)$(routes6)" '10.20.0.1 eth0fd00:20::1 eth0' 'default routes'
	is "$(members lan)" "$id $(address_in "$id" lan)/24 $(jq -r '.networks[0].address6' "$data/attached/$id.json")" 'a member'
	reaches host tcp "$(address_in "$id" lan)" 80 "$id" 80 10.20.0.1
	reaches "$id" udp 192.0.2.9 99 client 99 192.0.2.1
	is "$(kept "$state/$id")" lan=eth0 'what is kept beside it'
	kist network connect lan "$id"
	says 'in the network lan already'
	kist network disconnect lan "$id"
	succeeds ''
	is "$(ip_in "$id" -o link | grep -vc LOOPBACK)" 0 'its interface is gone' && is "$(members lan)" '' 'no member'
	is "$(ls "$data/leases/lan" 2>/dev/null)" '' 'no lease' && yes 'no pair' until_true no_pairs
	kist network disconnect lan "$id"
	says 'not in the network lan'
	kist network connect lan "$id" && succeeds ''
	down "$id"
	clean
}

in_the_foreground() { # whose kist remembers no network
	config "$(given '[]')" wait
	"$KIST" --root "$state" --data "$data" run --bundle "$b" "$id" &
	until_true is_running "$id"
	kist network connect lan "$id"
	succeeds '' && isnt "$(address_in "$id" lan)" '' 'an address'
	kist kill "$id" KILL
	wait $!
	clean
}
is_running() { [ "$(status_of "$1")" = running ]; }

talks_on() { # through the one network while the other comes and goes
	local i talk
	up "$id" "$(given '[{name: "lan"}]')"
	serve "$id" tcp 9 ''
	talk=$server
	mv "$heard" "$work/talk"
	(for i in {1..40}; do echo "line $i" && sleep 0.05; done) | timeout 20 nc -n -N "$(address_in "$id" lan)" 9 &
	for i in 1 2 3; do
		kist network connect dmz "$id"
		succeeds '' && reaches host udp "$(address_in "$id" dmz)" 53 "$id" 53 10.21.0.1
		kist network disconnect dmz "$id"
		succeeds ''
	done
	wait "$talk"
	is "$(grep -c ^line "$work/talk")" 40 'what was said in the first network'
	is "$(routes)" '10.20.0.1 eth0' 'the default route'
	down "$id"
	clean
}

takes_over() { # the default route, and what ports lead to
	up "$id" "$(given '[{name: "lan"}, {name: "dmz"}]') | .kist.ports = [{host: 8000, container: 80, protocol: \"tcp\"}]"
	is "$(routes)" '10.20.0.1 eth0' 'at first'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	kist network disconnect lan "$id"
	succeeds ''
	is "$(routes)$(routes6)" '10.21.0.1 eth1fd00:21::1 eth1' 'default routes'
	is "$(kept "$state/$id")" dmz=eth1 'its interface keeps the name'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches client tcp 2001:db8::1 8000 "$id" 80 2001:db8::9
	reaches "$id" udp 192.0.2.9 99 client 99 192.0.2.1
	kist network connect in "$id" && succeeds ''
	kist network disconnect dmz "$id"
	says 'ports of the host cannot lead'
	is "$(routes)" '10.21.0.1 eth1' 'as it was'
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	kist update --publish-remove 8000 "$id" && succeeds ''
	kist network disconnect dmz "$id"
	succeeds '' && is "$(routes)" '' 'no way out'
	down "$id"
	clean
}

own_route() { # of the container's own making stays
	up "$id" "$(given '[{name: "in"}]')"
	ip_in "$id" route add default via 10.22.0.7
	kist network connect lan "$id"
	succeeds '' && is "$(routes)" '10.22.0.7 eth0' 'its route'
	kist network disconnect lan "$id"
	succeeds '' && is "$(routes)" '10.22.0.7 eth0' 'its route'
	down "$id"
	clean
}

connections_end() { # with their port, and with no other
	local talk other speaker
	up "$id" "$(given '[{name: "lan"}]') | .kist.ports = [{host: 8000, container: 80, protocol: \"tcp\"}, {host: 8001, container: 81, protocol: \"tcp\"}]"
	serve "$id" tcp 81 ''
	other=$heard
	serve "$id" tcp 80 ''
	talk=$heard
	(echo early && sleep 1.5 && echo late) | in_ns client timeout 10 nc -n -N 192.0.2.1 8001 &
	(echo early && sleep 1.5 && echo late) | in_ns client timeout 4 nc -n -N 192.0.2.1 8000 &
	speaker=$!
	yes 'they speak' until_true grep -q early "$talk" "$other"
	kist update --publish-remove 8000 "$id"
	succeeds ''
	yes 'the other goes on' until_true grep -q late "$other"
	sleep 0.5
	lacks "$(<"$talk")" late 'what was said later'
	over
	down "$id"
	# Its end waits for an answer that nobody can give any more, and the kernel for that.
	ip -o link | grep -o ' kv[^@:]*' | while read -r pair; do ip link del "$pair"; done
	wait $speaker
	clean
}

nowhere_to_lead() { # a port of one family, where the container has none of it, and is to have none of it
	network four '{subnet: "10.24.0.0/24"}'
	up "$id" "$(given '[{name: "in"}]')"
	kist network connect four "$id" && succeeds ''
	kist update --publish-add '[2001:db8::1]:8000:80' "$id"
	says "port 8000 at 2001:db8::1 of the host cannot lead to container $id: none of its networks (in, four) is a bridge of kist's with IPv6"
	kist update --publish-add 8000:80 --publish-add '[::]:8001:81' "$id"
	says 'port 8001 at :: of the host cannot lead'
	is "$(jq '.ports | length' "$data/attached/$id.json")" 0 'nothing was changed'
	kist network connect lan "$id"
	kist update --publish-add 8000:80 --publish-add '[::]:8001:81' "$id"
	succeeds ''
	reaches client tcp 2001:db8::1 8001 "$id" 81 2001:db8::9
	kist network disconnect lan "$id"
	says 'port 8001 at :: of the host cannot lead'
	reaches client tcp 2001:db8::1 8001 "$id" 81 2001:db8::9
	kist update --publish-remove '[::]:8001' "$id"
	kist network disconnect lan "$id"
	succeeds ''
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	down "$id"
	clean
}

ports_change() {
	up "$id" "$(given '[{name: "lan"}]') | .kist.ports = [{host: 5300, container: 53, protocol: \"udp\"}]"
	up "$id-2" "$(given '[{name: "lan"}]') | .kist.ports = [{host: 9000, end: 9010, container: 80, protocol: \"tcp\"}]"
	reaches client udp 192.0.2.1 5300 "$id" 53 192.0.2.9
	kist update --publish-add 8000:80 --publish-add 5301-5303:53/udp --publish-remove 5300/udp "$id"
	succeeds ''
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	reaches client udp 2001:db8::1 5302 "$id" 54 2001:db8::9
	cannot_reach client udp 192.0.2.1 5300 "$id" 53
	kist update --publish-remove 8000 --publish-add 192.0.2.1:8000:81 "$id"
	succeeds ''
	reaches client tcp 192.0.2.1 8000 "$id" 81 192.0.2.9
	is "$(jq -c '.kist.ports | map([.host, .end, .container, .address])' "$state/$id/config.json")" \
		'[[5301,5303,53,null],[8000,null,81,"192.0.2.1"]]' 'what is kept'
	rules >"$work/rules"
	kist update --publish-add 1:1 --publish-add 9005:80 "$id"
	says "port 9005 of the host leads to container $id-2 already"
	kist update --publish-add 1:1 --publish-remove 7777 "$id"
	says "container $id: tcp port 7777 of the host does not lead to it"
	kist update --publish-add 5303/udp "$id"
	says 'given twice'
	kist update --publish-add 5303/ftp "$id"
	says 'option --publish-add'
	is "$(rules)" "$(<"$work/rules")" 'nothing was changed'
	is "$(jq '.ports | length' "$data/attached/$id.json")" 2 'nor written down'
	down "$id" "$id-2"
	clean
}

with_limits() { # all of it or nothing
	up "$id" "$(given '[{name: "lan"}]')"
	kist update --publish-add 8000:80 --kernel-memory 64m "$id"
	succeeds '' && reaches client tcp 192.0.2.1 8000 "$id" 80
	kist update --publish-add 8001:81 --publish-remove 8000 --cpu-rt-runtime 5 "$id"
	says 'cgroup v1'
	is "$(jq -c '.ports | map(.host)' "$data/attached/$id.json")" '[8000]' 'the ports'
	reaches client tcp 192.0.2.1 8000 "$id" 80
	cannot_reach client tcp 192.0.2.1 8001 "$id" 81
	down "$id"
	clean
}

# Who keeps asking from the same port is led nowhere once the port is removed, and to where it leads once it is added.
same_flow() { timeout 2 nsenter -t "$client" -n nc -n -u -w0 -p 40000 192.0.2.1 5300 <<<question; }
flows_end() {
	up "$id" "$(given '[{name: "lan"}]')"
	same_flow
	kist update --publish-add 5300:53/udp "$id" && succeeds ''
	serve "$id" udp 53 ''
	same_flow
	until_true grep -q question "$heard"
	has "$(<"$heard")" 'received on 192.0.2.9 40000' 'once it is added'
	over
	kist update --publish-remove 5300/udp "$id" && succeeds ''
	serve "$id" udp 53 ''
	same_flow
	sleep 0.2
	lacks "$(<"$heard")" question 'once it is removed'
	over
	down "$id"
	clean
}

chosen() { # addresses, names
	up "$id" "$(given '[{name: "lan"}]')"
	up "$id-2" "$(given '[{name: "dmz", address: "10.21.0.9"}]')"
	kist network connect --ip 10.21.0.9 dmz "$id"
	says "10.21.0.9 of the network dmz belongs to container $id-2"
	kist network connect --ip 10.99.0.9 dmz "$id"
	says 'whose subnet is 10.21.0.0/24'
	kist network connect dmz:ifname=eth0 "$id"
	says 'two interfaces named "eth0"'
	kist network connect nowhere "$id"
	says 'there is no network "nowhere"'
	kist network connect host "$id"
	says 'is no network'
	ip_in "$id" link add made type veth peer name made2
	kist network connect dmz:ifname=made "$id"
	says 'make the interface made' # by the container itself
	is "$(members dmz)" "$id-2 10.21.0.9/24 $(jq -r '.networks[0].address6' "$data/attached/$id-2.json")" 'only the other'
	is "$(ls "$data/leases/dmz" | grep -c '^10')" 1 'leases' && is "$(ip -o link | grep -c ' kv')" 2 'pairs'
	is "$(jq -c '.networks | map(.network)' "$data/attached/$id.json")" '["lan"]' 'its record'
	kist network connect --ip 10.21.0.10 --ip6 fd00:21::10 --mac-address 02:00:00:00:00:10 dmz:ifname=web "$id"
	succeeds ''
	has "$(ip_in "$id" addr show dev web)" 'inet 10.21.0.10/24' 'IPv4' && has "$out$(ip_in "$id" addr show dev web)" 'inet6 fd00:21::10/64' 'IPv6'
	has "$(ip_in "$id" link show dev web)" 02:00:00:00:00:10 'MAC'
	config 'del(.linux.namespaces[] | select(.type == "network"))' wait
	kist run --detach --bundle "$b" "$id-3" && succeeds ''
	kist network connect lan "$id-3"
	says "container $id-3: it has the host's network"
	down "$id" "$id-2" "$id-3"
	clean
}

shared_interface() { # which has no end on the host
	network house '{kind: "macvlan", interface: "out0", subnet: "192.0.2.0/24", gateway: "192.0.2.9"}'
	up "$id" "$(given '[{name: "in"}]')"
	kist network connect --ip 192.0.2.77 house:ifname=home "$id"
	succeeds ''
	reaches client udp 192.0.2.77 53 "$id" 53 192.0.2.9
	is "$(routes)" '192.0.2.9 home' 'the default route'
	ip_in "$id" link set home name hidden # which must not keep it there
	kist network disconnect house "$id"
	succeeds '' && is "$(ip_in "$id" -o link show type macvlan)" '' 'no interface'
	down "$id"
	clean
}

at_once() { # two of them, and two that want the same port
	up "$id" "$(given '[{name: "in"}]')"
	up "$id-2" "$(given '[{name: "in"}]')"
	"$KIST" --root "$state" --data "$data" network connect lan "$id" &
	first=$!
	"$KIST" --root "$state" --data "$data" network connect dmz "$id"
	wait $first
	is "$(jq -c '.networks | map(.network) | sort' "$data/attached/$id.json")" '["dmz","in","lan"]' 'both'
	is "$(kept "$state/$id" | tr ' ' '\n' | cut -d= -f2 | sort | tr '\n' ' ')" 'eth0 eth1 eth2 ' 'their interfaces'
	kist network connect lan "$id-2"
	"$KIST" --root "$state" --data "$data" update --publish-add 8000:80 "$id" 2>>"$work/first" &
	"$KIST" --root "$state" --data "$data" update --publish-add 8000:80 "$id-2" 2>>"$work/first"
	wait $!
	is "$(grep -c 'leads to container' "$work/first")" 1 'one of them was refused'
	down "$id" "$id-2"
	clean
}

while_it_ends() {
	local i
	for i in 1 2 3; do
		up "$id" "$(given '[{name: "in"}]')"
		"$KIST" --root "$state" --data "$data" network connect lan "$id" 2>/dev/null &
		first=$!
		"$KIST" --root "$state" --data "$data" update --publish-add 8000:80 "$id" 2>/dev/null &
		down "$id"
		wait $first $!
		clean
	done
	kist network connect lan "$id"
	says 'does not exist'
}

after_a_flush() { # of the whole firewall, changes repair it
	up "$id" "$(given '[{name: "lan"}]') | .kist.ports = [{host: 8000, container: 80, protocol: \"tcp\"}]"
	nft flush ruleset
	kist update --publish-add 8001:81 "$id"
	succeeds ''
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	nft flush ruleset
	kist update --publish-remove 8001 "$id"
	succeeds ''
	reaches client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	cannot_reach client tcp 192.0.2.1 8001 "$id" 81
	down "$id"
	clean
}

check 'a network comes and goes' comes_and_goes
check 'under a kist in the foreground' in_the_foreground
check 'the other network does not notice' talks_on
check 'the default route and the ports move' takes_over
check 'a route of its own' own_route
check 'ports come and go' ports_change
check 'ports and limits in one' with_limits
check 'flows end with their port' flows_end
check 'connections end with their port' connections_end
check 'a port that leads nowhere' nowhere_to_lead
check 'chosen, and refused' chosen
check 'an interface that is shared' shared_interface
check 'two at once' at_once
check 'while it ends' while_it_ends
check 'after a foreign flush' after_a_flush
kill "$client"
finish
