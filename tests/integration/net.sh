# SPDX-License-Identifier: GPL-2.0-or-later
# For the programs beside it that need networks: the host is the test's own network namespace. Sourced in the place of lib.sh.
declare -F check >/dev/null || . "$(dirname "${BASH_SOURCE[0]}")/lib.sh" # unless its words are there, as in a whole host
mkdir "$data" && chmod 700 "$data"

given() { echo ".kist.networks = $1"; } # JSON: a filter

network() { # NAME JSON-OBJECT: a definition
	mkdir -p "$data/networks"
	chmod 700 "$data/networks"
	jq -n "{name: \"$1\", kind: \"bridge\", interface: \"br-$1\"} + $2" >"$data/networks/$1.json"
}

up() { # ID FILTER: a container that sleeps in the background
	config "$2" sleep 1000
	kist run --detach --bundle "$b" "$1"
	succeeds
}

down() { # ID...
	local i
	for i; do
		kist delete --force "$i"
		succeeds ''
	done
}

ip_in() { # ID IP-ARGUMENT...
	local pid
	pid=$(pid_of "$1")
	shift
	nsenter -t "$pid" -n ip "$@"
}
address_of() { jq -r '.networks[0].address | split("/")[0]' "$data/attached/$1.json"; }
answers() { # ADDRESS: its neighbour entry becomes valid, so it has the address
	echo x >"/dev/udp/$1/9"
	until_true eval "ip neigh show '$1' | grep -q REACHABLE"
}
nothing_held() { [ -z "$(find "$data/leases" "$data/attached" ! -type d 2>/dev/null)" ]; }
no_pairs() { ! ip -o link | grep -q ' kv'; }
clean() { # what was taken is given back, and the bridge is without ports
	yes 'no lease and no record is left' nothing_held
	yes 'no pair is left' until_true no_pairs
}

# A host outside: 192.0.2.9 and 2001:db8::9, to which this one is 192.0.2.1 and 2001:db8::1.
make_client() {
	unshare --net sleep 1000 &
	client=$!
	until_true grep -qs sleep "/proc/$client/comm"
	ip link add out0 type veth peer name c0 netns "$client"
	ip addr add 192.0.2.1/24 dev out0 && ip addr add 2001:db8::1/64 dev out0 nodad && ip link set out0 up
	from_client sh -c 'ip link set lo up; ip addr add 192.0.2.9/24 dev c0; ip addr add 2001:db8::9/64 dev c0 nodad; ip link set c0 up
		ip route add default via 192.0.2.1; ip -6 route add default via 2001:db8::1'
}
from_client() { nsenter -t "$client" -n "$@"; }

enter() { # WHERE: host, client, or a container's id: sets $within
	case $1 in
	host) within=(env) ;;
	client) within=(nsenter -t "$client" -n) ;;
	*) within=(nsenter -t "$(pid_of "$1")" -n) ;;
	esac
}

in_ns() { # WHERE COMMAND...
	enter "$1"
	shift
	"${within[@]}" "$@"
}

responds() { # WHERE ADDRESS: the kernel there says that nothing listens, so packets go there and back
	[[ $(in_ns "$1" timeout 2 bash -c "echo >/dev/tcp/$2/9" 2>&1) == *refused* ]]
}

# --- services and questions

family() { [[ $1 == *:* ]] && echo -6; } # ADDRESS: an option of nc
listening() { in_ns "$1" ss -Hln"${2:0:1}" "sport = :$3" | grep -q .; } # WHERE tcp|udp PORT

serve() { # WHERE tcp|udp PORT FAMILY: one listener, which writes who came and what was said to $heard
	heard=$work/io/heard.$RANDOM
	enter "$1"
	"${within[@]}" timeout 20 nc -n -v $4 $([ "$2" = tcp ] || echo -u) -l "$3" >"$heard" 2>&1 &
	server=$!
	until_true listening "$1" "$2" "$3"
}

ask() { # WHERE tcp|udp ADDRESS PORT
	in_ns "$1" timeout 2 nc -n $([ "$2" = tcp ] && echo -N -w1 || echo -u -w0) "$3" "$4" <<<question >/dev/null 2>&1
}

over() { # the listener has done its work
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
}

reaches() { # WHERE tcp|udp ADDRESS PORT SERVER SERVER-PORT [SEEN-AS]
	serve "$5" "$2" "$6" "$(family "$3")"
	ask "$1" "$2" "$3" "$4"
	until_true grep -q question "$heard"
	has "$(<"$heard")" question "$1 asks $3:$4 by $2"
	[ -z "${7-}" ] || has "$(<"$heard")" "received on $7 " 'the client that the service sees'
	over
}

cannot_reach() { # the same
	serve "$5" "$2" "$6" "$(family "$3")"
	ask "$1" "$2" "$3" "$4"
	lacks "$(<"$heard")" question "$1 asks $3:$4 by $2"
	over
}
