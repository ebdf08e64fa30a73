#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many instances on one bridge: the last start does no more than the second one, and after all of them, and kist with them, were
# killed, a repair leaves nothing of them in the kernel.
. "$(dirname "$0")/hosts.sh"
needs strace conntrack
total=200
! ldd "$KIST" 2>/dev/null | grep -q asan || total=50 # which makes each of them take several times as long
calls=() bytes=() times=() # of each start

make_client
links_before=$(ip -o link | cut -d: -f2)
all_rules() { ip rule && ip -6 rule; }
rules_before=$(all_rules)
kist network create --subnet 10.20.0.0/24 --subnet6 fd00:20::/64 lan
image_of idle

name_of() { echo "$tag-$1"; }
start() { # NUMBER [COMMAND…]: an instance with two published ports, started by COMMAND
	local n=$1
	shift
	"$@" "$KIST" --root "$state" --data "$data" run -d --name "$(name_of "$n")" --network lan -p $((10000 + n)):53/udp -p $((10000 + n)):53/tcp idle:1 \
		2>>"$work/start" || { echo "Bail out! instance $n: $(tail -n 3 "$work/start")"; exit 1; }
}

has_ended() { grep -qs '+++ exited' "$(printf '%s\n' "$1"/* | sort -V | head -n 1)"; } # DIRECTORY: the first of its processes

# Everything until the instance runs and kist is gone, each process in a file of its own.
traced_start() { # NUMBER
	local traces=$work/traces.$1 tracer
	mkdir "$traces"
	start "$1" strace -ff -s 0 -o "$traces/of" &
	tracer=$!
	until_true has_ended "$traces"
	sleep 0.2
	kill "$tracer"
	wait "$tracer"
	calls[$1]=$(cat "$traces"/* | grep -vc '^[+-]\{3\} ')
	bytes[$1]=$(cat "$traces"/* | sed -n 's/.*AF_NETLINK, nl_pid.* = //p' | awk '{ sum += $1 } END { print sum }')
}

start_all() {
	local i began
	for ((i = 1; i <= total; i++)); do
		began=${EPOCHREALTIME/./}
		case $i in
		2 | "$total") traced_start $i ;;
		*) start $i ;;
		esac
		times[i]=$((${EPOCHREALTIME/./} - began))
	done
}

median() { # NUMBER...
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

the_last_as_the_second() {
	local early late
	early=$(median "${times[@]:2:20}") late=$(median "${times[@]: -21:20}")
	echo "# note: $total instances: the 2nd start ${calls[2]} system calls and ${bytes[2]} bytes of netlink, the last ${calls[total]} and" \
		"${bytes[total]}; early $early us, late $late us"
	yes 'system calls' [ "${calls[total]}" -le $((calls[2] * 105 / 100)) ]
	yes 'bytes of netlink' [ "${bytes[total]}" -le $((bytes[2] * 105 / 100)) ]
	is "$(nft list table inet kist | grep -o ' : 10\.20\.' | wc -l)" $((2 * total)) 'published ports'
}

# What the table is of the definitions and the living; which addresses have spoken comes and goes with packets.
table() { nft list table inet kist | awk '/set talked/ { skip = 1 } !skip; /^\t}/ { skip = 0 }'; }
supervisors() { find /proc -maxdepth 2 -name exe \( -lname "$KIST" -o -lname "$BUILDDIR/kist-waiter" \) 2>/dev/null | cut -d/ -f3; }
inits() { jq .pid "$data"/attached/*.json; }
flows() { conntrack -L 2>/dev/null | grep '10\.20\.0\.' | grep -vc 'src=10.20.0.1 dst=224'; } # without those of the bridge to its neighbours
known_names() { # to a newcomer
	kist run --rm --network lan idle:1 payload cat /etc/hosts
	grep -c "$tag-" <<<"$out"
}
kill_everything() { # by SIGKILL: what kist could have tidied up stays
	for ((i = 1; i <= total; i += 10)); do
		from_client nc -n -u -w0 192.0.2.1 $((10000 + i)) <<<question
	done
	flows_before=$(flows) names_before=$(known_names)
	killed="$(supervisors | wc -l) $(inits | wc -l)"
	supervisors | xargs kill -KILL
	inits | xargs kill -KILL
	until_true no_pairs
}

repaired() { # as if none had been
	is "$killed" "$total $total" 'supervisors and first processes that were killed'
	isnt "$flows_before" 0 'flows to the instances before'
	kist network repair
	succeeds ''
	clean
	is "$(table)" "$table_before" 'the table'
	is "$(all_rules)" "$rules_with_lan" 'routing rules'
	is "$(flows)" 0 'flows that are remembered'
	is "$names_before $(known_names)" "$((2 * total)) 0" 'lines that a newcomer finds in /etc/hosts, before and after'
}

gone() {
	kist network remove lan
	succeeds ''
	is "$(ip -o link | cut -d: -f2)" "$links_before" 'interfaces'
	is "$(all_rules)" "$rules_before" 'routing rules'
	no 'the table' nft list table inet kist 2>/dev/null
}

kist run --rm --network lan idle:1 payload true # makes the bridge and the table
table_before=$(table) rules_with_lan=$(all_rules)
start_all
check 'the last start does what the second did' the_last_as_the_second
kill_everything
check 'all killed, a repair leaves nothing' repaired
names=$(seq -f "$tag-%.0f" $total)
"$KIST" --root "$state" --data "$data" delete $names
check 'with the network all is gone' gone
kill "$client"
finish
