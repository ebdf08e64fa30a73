# SPDX-License-Identifier: GPL-2.0-or-later
# For the programs beside it that need several hosts with cables between them, and servers as instances: sourced in the place of
# net.sh, whose network namespace is the host that kist runs on.
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
: >"$work/nothing" && for f in /etc/subuid /etc/subgid; do [ ! -e $f ] || mount --bind "$work/nothing" $f; done
export TMPDIR=/var/tmp # a tmpfs cannot be idmapped before Linux 6.3

declare -A hosts=([kist]=$$)

needs() { # PROGRAM...: of this machine
	local p
	for p; do
		command -v "$p" >/dev/null || { echo "1..0 # SKIP needs $p"; exit 0; }
	done
}

host() { # NAME: a network namespace of its own
	unshare --net sleep 1000 &
	hosts[$1]=$!
	until_true grep -qs sleep "/proc/$!/comm"
	on "$1" ip link set lo up
	quick "$1"
}

net_of() { echo "${hosts[$1]-$(pid_of "$1")}"; } # HOST|INSTANCE: a process in its network
on() { # HOST|INSTANCE COMMAND...: in its network
	nsenter -t "$(net_of "$1")" -n "${@:2}"
}

# Nobody has another's address, and a router that still looks for that asks for no neighbour in its first second.
quick() { on "$1" sh -c 'for d in all default; do echo 0 >/proc/sys/net/ipv6/conf/$d/accept_dad; done'; } # HOST
quick kist

cable() { # HOST INTERFACE HOST INTERFACE
	ip link add "$2" netns "${hosts[$1]}" type veth peer name "$4" netns "${hosts[$3]}"
	on "$1" ip link set "$2" up
	on "$3" ip link set "$4" up
}

address() { # HOST INTERFACE ADDRESS/PREFIX...
	local a
	for a in "${@:3}"; do
		on "$1" ip addr add "$a" dev "$2" $([[ $a != *:* ]] || echo nodad)
	done
}

forwards() { # HOST: it is a router
	on "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

power_off() { # all of them
	unset 'hosts[kist]'
	kill "${hosts[@]}"
}

# An image with programs of this machine, the libraries they need, and what has been put into $work/fs/NAME before.
image_of() { # NAME PROGRAM...
	local name=$1 fs=$work/fs/$1 p lib
	shift
	mkdir -p "$fs"/{bin,etc,run,tmp,proc,sys,dev,var/run}
	printf '%s\n' root:x:0:0::/root:/bin/sh bind:x:53:53::/:/bin/sh nobody:x:65534:65534::/:/bin/sh dnsmasq:x:65534:65534::/:/bin/sh >"$fs/etc/passwd"
	printf '%s\n' root:x:0: bind:x:53: nogroup:x:65534: dip:x:30: >"$fs/etc/group"
	cp "$PAYLOAD" "$fs/bin/payload"
	for p; do
		cp "$(command -v "$p")" "$fs/bin/$p"
		for lib in $(ldd "$fs/bin/$p" | grep -o '/[^ ]*'); do
			mkdir -p "$fs${lib%/*}" && cp -Ln "$lib" "$fs$lib"
		done
	done
	"$KIST" --data "$data" image import --name "$name:1" --cmd 'payload wait' "$fs" >"$work/import" 2>&1 ||
		{ echo "Bail out! no image: $(tail -n 1 "$work/import")"; exit 1; }
}

log_of() { cat "$data/instances/$1/log" 2>/dev/null; } # INSTANCE
logs() { log_of "$1" | grep -q "$2"; } # INSTANCE REGEX

serve() { # INSTANCE READY OPTION… IMAGE COMMAND…: it runs when it has logged READY
	kist run -d --name "$1" "${@:3}"
	succeeds ''
	until_true logs "$1" "$2" || bad "$1 is not ready: $(log_of "$1" | tail -n 3)"
}
