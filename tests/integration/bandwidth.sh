#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of bandwidth: they hold, are changed live, cannot be changed from inside, and leave nothing behind.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
shapes() { # in a network namespace that goes with it
	unshare --net sh -c 'ip link add s type ifb && tc qdisc add dev s root tbf rate 1mbit burst 9k latency 50ms && tc qdisc add dev s clsact &&
		tc filter add dev s ingress protocol all bpf bytecode "1,6 0 0 1," action mirred egress redirect dev s' >/dev/null 2>&1
}
shapes || { echo '1..0 # SKIP this kernel lacks one of ifb, sch_tbf, sch_ingress, cls_bpf, act_mirred'; exit 0; }
: >"$work/nothing" && for f in /etc/subuid /etc/subgid; do [ ! -e $f ] || mount --bind "$work/nothing" $f; done

network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network back '{subnet: "10.21.0.0/24"}'

limited() { # FILTER: networks and limits of a container that sleeps
	up "$id" ".kist = $1"
	succeeds
}
near() { (($1 * 100 >= $2 * (100 - tolerance) && $1 * 100 <= $2 * (100 + tolerance))); } # GOT WANTED: in percent
# How well a limit holds is asked in both_ways; elsewhere, in emulated hosts and with the sanitizers, which one does.
tolerance=60 seconds=1 warm=0.6

# What a busy machine spoils is measured once more, and said.
holds() { # WHAT KBIT FROM TO ADDRESS: between the processes FROM and TO
	local got
	got=$("$helpers/flow" "$3" "$4" "$5" $seconds $warm)
	near "${got:-0}" "$2" || { echo "# note: $1, the first try: $got kbit/s" && got=$("$helpers/flow" "$3" "$4" "$5" $seconds $warm); }
	near "${got:-0}" "$2" && good || bad "$1: $got kbit/s, wanted $2"
}
exceeds() { # WHAT KBIT FROM TO ADDRESS: more than twice of it, in half a second
	local got
	got=$("$helpers/flow" "$3" "$4" "$5" 0.5 0.2)
	((${got:-0} > 2 * $2)) && good || bad "$1: $got kbit/s, wanted much more than $2"
}
shapers() { ip -o link show type ifb | grep -c ' kb'; } # how many there are
no_shapers() { [ "$(shapers)" = 0 ]; }
none_left() { # the pairs are gone, and what shaped them
	clean
	yes 'no ifb is left' no_shapers
	lacks "$(nft list tables)" bridge 'the table that guards'
}
host_end() { jq -r ".networks[$1].hostInterface" "$data/attached/$id.json"; } # NUMBER

both_ways() { # in and out, IPv4 and IPv6, by what a program gets
	local pid
	[ -n "${KIST_TESTBED-}" ] || is_sanitized || local tolerance=5 seconds=3 warm=2
	limited '{networks: [{name: "lan", address: "10.20.0.5", address6: "fd00:20::5"}], bandwidth: {in: "100mbit", out: "20mbit"}}'
	pid=$(pid_of "$id")
	holds 'in' 100000 $$ "$pid" 10.20.0.5
	holds 'out' 20000 "$pid" $$ 10.20.0.1
	holds 'in by IPv6' 100000 $$ "$pid" fd00:20::5
	holds 'out by IPv6' 20000 "$pid" $$ fd00:20::1
	lacks "$(ip -o addr)" "$(host_end 0 | sed s/kv/kb/)" 'the shaper has no address'
	down "$id"
	none_left
}

# From the first packet on, with the burst, by what is on the wire: what TCP loses of so little comes to a program late, and all at once.
sent() { # INTERFACE: sets bytes, and at: when that was, in microseconds
	local name rest
	while read -r name rest; do
		[ "$name" != "$1:" ] || { at=${EPOCHREALTIME/./} && read -r _ _ _ _ _ _ _ _ bytes _ <<<"$rest"; }
	done </proc/net/dev
}
passes() { # WHAT INTERFACE FROM ADDRESS: 1023 kbit/s of frames, which carry 1000
	local bytes at before since got
	sent "$2" && before=$bytes since=$at
	in_ns "$3" "$helpers/flood" "$4" 4 &
	sleep 3
	sent "$2" && got=$(((bytes - before) * 8000 / (at - since)))
	wait $!
	near "$got" 1023 && good || bad "$1: $got kbit/s, wanted 1023"
}
slow() {
	[ -n "${KIST_TESTBED-}" ] || is_sanitized || local tolerance=5
	limited '{networks: [{name: "lan", address: "10.20.0.5"}], bandwidth: {in: "1mbit", out: "1mbit"}}'
	passes 'in' "$(host_end 0)" host 10.20.0.5
	passes 'out' "$(host_end 0 | sed s/kv/kb/)" "$id" 10.20.0.1
	down "$id"
	none_left
}

one_way() { # the other is free, and nothing is made for it
	limited '{networks: [{name: "lan", address: "10.20.0.5"}], bandwidth: {in: "10mbit"}}'
	holds 'in' 10000 $$ "$(pid_of "$id")" 10.20.0.5
	exceeds 'out' 10000 "$(pid_of "$id")" $$ 10.20.0.1
	yes 'no ifb' no_shapers
	down "$id"
	none_left
}

each_network() { # has the whole limit; one without limits is as it was
	limited '{networks: [{name: "lan", address: "10.20.0.5"}, {name: "back", address: "10.21.0.5"}], bandwidth: {in: "10mbit", out: "10mbit"}}'
	is "$(shapers)" 2 'one for each'
	holds 'in by lan' 10000 $$ "$(pid_of "$id")" 10.20.0.5
	holds 'out by back' 10000 "$(pid_of "$id")" $$ 10.21.0.1
	up "$id-2" "$(given '[{name: "lan", address: "10.20.0.6"}]')"
	exceeds 'the other' 10000 $$ "$(pid_of "$id-2")" 10.20.0.6
	down "$id" "$id-2"
	none_left
}

live() { # set, changed, lifted; what is wrong changes nothing
	local pid
	limited '{networks: [{name: "lan", address: "10.20.0.5"}]}'
	pid=$(pid_of "$id")
	kist update --bandwidth-in 10mbit --bandwidth-out 50mbit "$id"
	succeeds ''
	holds 'in' 10000 $$ "$pid" 10.20.0.5
	kist network check
	lacks "$out" " $(host_end 0 | sed s/kv/kb/)" 'what stands in the way: the shaper need not forward'
	kist update --bandwidth-in 30mbit "$id"
	succeeds ''
	holds 'in, changed' 30000 $$ "$pid" 10.20.0.5
	holds 'out, as before' 50000 "$pid" $$ 10.20.0.1
	kist update --bandwidth-out 50mb "$id"
	says 'option --bandwidth-out "50mb": expected a whole number of bit, kbit, mbit or gbit'
	kist update --bandwidth-out none --bandwidth-in none "$id"
	succeeds ''
	exceeds 'in, lifted' 30000 $$ "$pid" 10.20.0.5
	exceeds 'out, lifted' 50000 "$pid" $$ 10.20.0.1
	is "$(tc qdisc show dev "$(host_end 0)")" 'qdisc noqueue 0: root refcnt 2 ' 'the pair is as it was made'
	yes 'no ifb' no_shapers
	down "$id"
	none_left
}

lasts() { # over an instance's next start, and changed while it is stopped
	kist run -d --name "$id" --rootfs "$b/rootfs" --overlay --network lan:ip=10.20.0.5 --bandwidth-in 5mbit payload wait
	succeeds ''
	kist update --bandwidth-in 10mbit --bandwidth-out 10mbit "$id"
	succeeds ''
	kist stop "$id"
	kist update --bandwidth-out none "$id"
	succeeds ''
	is "$(jq -c .kist.bandwidth "$data/instances/$id/config.json")" '{"in":"10mbit"}' 'the document'
	kist start "$id"
	succeeds ''
	holds 'in, at the next start' 10000 $$ "$(pid_of "$id")" 10.20.0.5
	yes 'no ifb' no_shapers
	down "$id"
	none_left
}

connected() { # a network that comes later has the limit, and none is left with it
	kist run -d --name "$id" --rootfs "$b/rootfs" --overlay --network lan --bandwidth-in 10mbit --bandwidth-out 10mbit payload wait
	succeeds ''
	kist network connect back:ip=10.21.0.5 "$id"
	succeeds ''
	is "$(shapers)" 2 'one for each'
	holds 'in by the later one' 10000 $$ "$(pid_of "$id")" 10.21.0.5
	kist network disconnect lan "$id"
	succeeds ''
	kist network disconnect back "$id"
	succeeds ''
	yes 'no ifb' no_shapers
	kist network connect lan "$id"
	succeeds ''
	is "$(shapers)" 1 'again'
	kist update --bandwidth-out none "$id"
	succeeds ''
	yes 'no ifb any more' no_shapers
	down "$id"
	none_left
}

from_inside() { # nsenter(1) as the container's root, with all capabilities in its user namespace
	nsenter -t "$(pid_of "$id")" --user --net "$@" 2>&1
}

closed() { # it can do what it likes to its own end, and the limit holds
	kist run -d --name "$id" --rootfs "$b/rootfs" --overlay --network lan:ip=10.20.0.5 --cap-add NET_ADMIN --bandwidth-in 10mbit --bandwidth-out 10mbit payload wait
	succeeds ''
	is "$(from_inside tc qdisc replace dev eth0 root tbf rate 900mbit burst 900k latency 50ms)" '' 'control: it can change its own queue'
	has "$(from_inside tc qdisc show dev eth0)" 'rate 900Mbit' 'control: it has changed'
	from_inside ip link set eth0 mtu 9000 txqueuelen 10000 >"$work/io/inside"
	has "$(from_inside tc qdisc del dev "$(host_end 0)" root)" 'Cannot find device' 'the host end from inside'
	holds 'out' 10000 "$(pid_of "$id")" $$ 10.20.0.1
	holds 'in' 10000 $$ "$(pid_of "$id")" 10.20.0.5
	from_inside ip link del eth0 >"$work/io/inside"
	down "$id"
	none_left
}

received() { ip -j -s link show br-lan | jq '.[0].stats64.rx.bytes'; }
flooded() { # kbit/s that arrive while the container sends what it can, for some three seconds
	local before=$(received)
	from_inside "$helpers/flood" 10.20.0.1 3
	echo $((($(received) - before) * 8 / 3000))
}

evaded() { # by an ifb of its own, whose frames no filter is asked about; what a filter has led there once it leads there half the time
	local got
	kist run -d --name "$id" --rootfs "$b/rootfs" --overlay --network lan:ip=10.20.0.5 --cap-add NET_ADMIN --bandwidth-out 10mbit payload wait
	succeeds ''
	from_inside sh -c 'ip link add ifb0 type ifb && ip link set ifb0 up && tc qdisc add dev eth0 clsact && tc filter add dev eth0 egress \
		protocol all bpf bytecode "4,32 0 0 4294963256,53 0 1 2147483648,6 0 0 0,6 0 0 4294967295," action mirred egress redirect dev ifb0' >"$work/io/inside"
	is "$(<"$work/io/inside")" '' 'the ifb inside'
	got=$(flooded)
	((got > 1000 && got < 12000)) && good || bad "what arrives: $got kbit/s"
	nft delete table bridge kist
	got=$(flooded)
	((got > 13000)) && good || bad "control: without the table it gets out, $got kbit/s"
	kist network check
	has "$out" '"bridge kist" is missing, or does not know 1 of 1 interfaces' 'check'
	kist network repair
	kist network check
	lacks "$out" 'bridge kist' 'check, after the repair'
	got=$(flooded)
	((got > 1000 && got < 12000)) && good || bad "what arrives after the repair: $got kbit/s"
	down "$id"
	none_left
}

killed() { # the init alone is killed, nobody cleans up: the repair does
	limited '{networks: [{name: "lan"}], bandwidth: {in: "10mbit", out: "10mbit"}}'
	kill -KILL "$(pid_of "$id")"
	yes 'the pair goes' until_true no_pairs
	is "$(shapers)" 1 'control: the ifb stays'
	kist network repair
	succeeds ''
	yes 'no ifb is left' no_shapers
	down "$id"
	limited '{networks: [{name: "lan"}], bandwidth: {in: "10mbit", out: "10mbit"}}'
	kist network repair
	is "$(shapers)" 1 'that of a container that lives stays'
	kill -KILL "$(pid_of "$id")"
	yes 'the pair goes again' until_true no_pairs
	kist network remove lan
	yes 'no ifb is left without its network' no_shapers
	down "$id"
	network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
	none_left
}

nothing_shapes() { no_shapers && no_pairs && ! nft list tables | grep -q bridge; }
interrupted() { # kist is killed while it makes and limits: what a caller does then leaves nothing
	local n result=0
	config '.kist = {networks: [{name: "lan"}], bandwidth: {in: "10mbit", out: "10mbit"}}' wait
	for ((n = 1; n < 2000 && result != 99 && wrong < 1; n += ${STEP:-11})); do
		timeout 20 "$BUILDDIR/tests/fault/at" kill 0 $n "$KIST" --root "$state" --data "$data" create --bundle "$b" "$id" >"$work/said" 2>&1
		result=$?
		[ $result != 124 ] || bad "hangs when killed at call $n"
		"$KIST" --root "$state" --data "$data" delete --force "$id" 2>"$work/said" || bad "killed at call $n: delete: $(<"$work/said")"
		until_true nothing_shapes && good || bad "killed at call $n left: $(ip -o link; nft list tables)"
	done
	yes "there were calls: $n" test "$n" -gt 150
}

refused() { # with a sentence, and nothing is left
	ip link add up0 type dummy 2>/dev/null || ip link add up0 type bridge
	network mac '{kind: "macvlan", interface: "up0"}'
	config '.kist = {networks: [{name: "lan"}, {name: "mac"}], bandwidth: {out: "10mbit"}}' true
	kist run --bundle "$b" "$id"
	says 'kist.bandwidth: eth1 in the network mac has no end on the host where it could be limited; only bridges give one'
	none_left
	limited '{networks: [{name: "mac"}]}'
	kist update --bandwidth-in 10mbit "$id"
	says 'has no end on the host'
	kist update --bandwidth-in none "$id"
	says 'has no end on the host'
	down "$id"
	config '.kist = {networks: [{name: "lan"}], bandwidth: {out: "1gb"}}' true
	kist run --bundle "$b" "$id"
	says 'kist.bandwidth.out "1gb": expected a whole number'
	limited '{}'
	kist update --bandwidth-in 10mbit "$id"
	says 'without a network of its own there is nothing to limit'
	down "$id"
	ip link del up0
	none_left
}

shown() { # in the table, the JSON and the limits
	limited '{networks: [{name: "lan", address: "10.20.0.5"}], bandwidth: {in: "10mbit"}}'
	"$helpers/flow" $$ "$(pid_of "$id")" 10.20.0.5 0.5 0.2 >"$work/io/flow"
	kist stats --no-stream "$id"
	like "$out" '10mbit +[0-9.]+[KM] +max' 'the table'
	kist stats --format json "$id"
	is "$(jq '.[0].network.bandwidth.in | .limit_bit == 10000000 and .bytes > 100000 and .packets > 10 and .delayed > 0' <<<"$out")" true 'JSON'
	is "$(jq -c '.[0].network.bandwidth.out' <<<"$out")" '{"limit_bit":null}' 'JSON, unlimited'
	kist stats --limits "$id"
	like "$out" 'bandwidth.in +- +- +10mbit +[1-9]' 'limits'
	down "$id"
	none_left
}

lacking() { # a module: what it is for, its name, and nothing is left
	local m
	[ -n "${KIST_TESTBED-}" ] || { skip 'this kernel has no modules'; return; }
	for m in ifb sch_tbf cls_bpf; do
		echo "install $m /bin/false" >/etc/modprobe.d/kist-test.conf
		until_true modprobe -r "$m"
		config '.kist = {networks: [{name: "lan"}], bandwidth: {out: "10mbit"}}' true
		kist run --bundle "$b" "$id"
		says "this kernel has no module $m"
		has "$err" 'kist.bandwidth.out to 10mbit' 'what it was for'
		rm /etc/modprobe.d/kist-test.conf
		none_left
	done
}

check 'a kernel without a module says which' lacking
check 'the limits hold in both directions and families' both_ways
check 'little, from the first packet on' slow
check 'one direction alone' one_way
check 'each network of a container has the limit' each_network
check 'limits are set, changed and lifted live' live
check 'an instance has its limits at its next start' lasts
check 'a network that is connected later has the limit' connected
check 'a limit cannot be changed from inside' closed
check 'a limit cannot be evaded by an ifb inside' evaded
check 'after a kill the repair leaves nothing behind' killed
check 'killed at any call nothing is left' interrupted
check 'what cannot be limited is refused' refused
check 'statistics show limits and what they did' shown
finish
