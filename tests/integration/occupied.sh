#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ports that a program of the host listens at are not taken away from it; what only looks like it is not in the way.
. "$(dirname "$0")/net.sh"
nft list ruleset >/dev/null 2>&1 || { echo '1..0 # SKIP this kernel has no nf_tables'; exit 0; }
command -v nc >/dev/null || { echo '1..0 # SKIP needs nc'; exit 0; }

make_client
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
network four '{subnet: "10.21.0.0/24"}'
with() { echo "$(given "[{name: \"${2-lan}\"}]") | .kist.ports = [$1]"; } # PORT [NETWORK]: a filter

listens() { # NC-ARGUMENT...: on the host, until over
	nc -n -l "$@" >/dev/null 2>&1 &
	server=$!
	yes "nc listens: $*" until_true ss_knows
}
ss_knows() { ss -Hlntu 'sport = :8000 or sport = :8002' | grep -q .; }

is_refused() { # PORT WHAT [NETWORK]
	config "$(with "$1" "${3-lan}")" true
	kist run --bundle "$b" "$id"
	says "$2"
}
is_taken() { # PORT [NETWORK]
	config "$(with "$@")" true
	kist run --bundle "$b" "$id"
	succeeds ''
}

refuses() {
	listens 8000
	is_refused '{host: 8000, container: 80, protocol: "tcp"}' 'port 8000 (tcp, 0.0.0.0)'
	is_refused '{host: 7999, end: 8001, container: 80, protocol: "tcp"}' 'port 8000 (tcp, 0.0.0.0)'
	is_refused '{host: 8000, container: 80, protocol: "tcp", address: "192.0.2.1"}' 'port 8000 (tcp, 0.0.0.0)'
	over
	listens -6 8000 # and by IPv4, too
	is_refused '{host: 8000, container: 80, protocol: "tcp"}' 'port 8000 (tcp, ::)'
	is_refused '{host: 8000, container: 80, protocol: "tcp"}' 'port 8000 (tcp, ::)' four
	over
	listens 127.0.0.1 8000
	is_refused '{host: 8000, container: 80, protocol: "tcp"}' 'port 8000 (tcp, 127.0.0.1)'
	is_refused '{host: 8000, container: 80, protocol: "tcp", address: "0.0.0.0"}' 'port 8000 (tcp, 127.0.0.1)'
	over
	listens -u 192.0.2.1 8000
	is_refused '{host: 8000, container: 80, protocol: "udp"}' 'port 8000 (udp, 192.0.2.1)'
	over
	clean
}

takes() { # what is no other's
	listens -u 8000
	is_taken '{host: 8000, container: 80, protocol: "tcp"}'
	is_taken '{host: 8000, container: 80, protocol: "udp", address: "::"}'
	over
	listens 127.0.0.53 8000
	is_taken '{host: 8000, container: 80, protocol: "tcp"}'
	over
	listens ::1 8000
	is_taken '{host: 8000, container: 80, protocol: "tcp"}'
	over
	listens 192.0.2.1 8000
	is_taken '{host: 8000, container: 80, protocol: "tcp", address: "127.0.0.1"}'
	over
	sysctl -q net.ipv6.bindv6only=1
	listens -6 8000
	is_taken '{host: 8000, container: 80, protocol: "tcp"}' four
	over
	sysctl -q net.ipv6.bindv6only=0
	clean
}

# A connection that goes out has a port, too, and keeps it for a while when it has ended.
goes_out() {
	local far near
	enter client
	"${within[@]}" timeout 20 nc -n -d -l 99 >/dev/null 2>&1 &
	far=$!
	until_true listening client tcp 99
	timeout 20 nc -n -d -p 8000 192.0.2.9 99 >/dev/null 2>&1 &
	near=$!
	yes 'connected' until_true connected
	is_taken '{host: 8000, container: 80, protocol: "tcp"}'
	kill "$near" "$far" 2>/dev/null
	wait "$near" "$far" 2>/dev/null
	clean
}
connected() { ss -Hnt 'sport = :8000' | grep -q ESTAB; }

not_of_other_loopbacks() {
	config "$(with '{host: 8000, container: 80, protocol: "tcp", address: "127.0.0.53"}')" true
	kist run --bundle "$b" "$id"
	says 'ports can be published at 127.0.0.1, but not at 127.0.0.53'
	config "$(with '{host: 8000, container: 80, protocol: "tcp", address: "::1"}')" true
	kist run --bundle "$b" "$id"
	says 'not at ::1'
}

# SCTP's are on a list, which is asked for without loading SCTP.
sctp() { # ADDRESS PORT: listens until over
	python3 - "$@" <<-'LISTENER' &
		import socket, sys, time
		address, port = sys.argv[1:]
		s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
		s.bind((address, int(port)))
		s.listen(1)
		time.sleep(20)
	LISTENER
	server=$!
	yes "SCTP listens: $*" until_true grep -qs " $2 " /proc/net/sctp/eps
}
of_sctp() {
	modprobe -qn sctp 2>/dev/null && modprobe -qn sctp_diag || { skip 'this kernel has no SCTP, or no list of it'; return; }
	command -v python3 >/dev/null || { skip 'needs python3'; return; }
	local absent=
	[ -e /proc/net/sctp ] || absent=1
	is_taken '{host: 8000, end: 9000, container: 80, protocol: "sctp"}'
	[ -z "$absent" ] || no 'it has loaded SCTP' [ -e /proc/net/sctp ]
	sctp 192.0.2.1 8000
	is_refused '{host: 8000, container: 80, protocol: "sctp"}' 'port 8000 (sctp, 192.0.2.1)'
	is_refused '{host: 7000, end: 9000, container: 80, protocol: "sctp"}' 'port 8000 (sctp, 192.0.2.1)'
	is_taken '{host: 8001, end: 9000, container: 80, protocol: "sctp"}'
	is_taken '{host: 8000, container: 80, protocol: "sctp", address: "127.0.0.1"}'
	is_taken '{host: 8000, container: 80, protocol: "sctp", address: "::"}'
	is_taken '{host: 8000, container: 80, protocol: "tcp"}'
	over
	sctp :: 8000
	is_refused '{host: 8000, container: 80, protocol: "sctp"}' 'port 8000 (sctp, ::)' four
	over
	is_taken '{host: 8000, container: 80, protocol: "sctp"}'
	clean
}

live() { # only what is new is asked for
	up "$id" "$(with '{host: 8002, container: 80, protocol: "tcp"}')"
	listens 8000
	kist update --publish-add 8000:80 "$id"
	says 'port 8000 (tcp, 0.0.0.0)'
	over
	listens 8002
	kist update --publish-add 8000:80 "$id"
	succeeds
	over
	kist update --publish-add 0.0.0.0:8000:80 --publish-remove 8000 "$id"
	succeeds
	listens -6 8000
	kist update --publish-add 7999-8001:80 --publish-remove 0.0.0.0:8000 "$id"
	says 'port 8000 (tcp, ::)' # which was of IPv4 alone
	over
	down "$id"
	clean
}

check 'ports of the host' refuses
check 'ports of nobody' takes
check 'other loopback addresses' not_of_other_loopbacks
check 'of SCTP' of_sctp
check 'of an instance that lives' live
check 'a connection that goes out' goes_out # last: its port is taken for a minute
kill "$client"
finish
