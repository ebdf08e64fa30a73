#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Firewalls as Debian has them, really active: what passes beside them, that kist network check says so, and that its cures are cures.
# kernels: 6.12
. "$(dirname "$0")/lib.sh"
. "$SRCDIR/tests/integration/net.sh"
network lan '{subnet: "10.20.0.0/24", subnet6: "fd00:20::/64"}'
make_client

begin() {
	up "$id" "$(given '[{name: "lan"}]') | .kist.ports = [{host: 8000, container: 80, protocol: \"tcp\"}]"
}
finish_it() {
	down "$id"
	clean
}
come_in() { # COMMAND: reaches, or cannot_reach
	"$1" client tcp 192.0.2.1 8000 "$id" 80 192.0.2.9
	"$1" client tcp 2001:db8::1 8000 "$id" 80 2001:db8::9
}
go_out() {
	"$1" "$id" tcp 192.0.2.9 99 client 99 192.0.2.1
	"$1" "$id" tcp 2001:db8::9 99 client 99 2001:db8::1
}
all_passes() {
	kist network check
	succeeds ''
	come_in reaches
	go_out reaches
}
finds() { # PART...
	local part
	kist network check
	is "$code" 1 'code'
	for part; do has "$out" "$part" 'what it finds'; done
}
does_what_check_says() { # TOOL
	eval "$(sed -n "s/.*: with $1: //p" <<<"$out" | head -n 1)" >/dev/null
}

flushed() { # by /etc/nftables.conf, which begins so
	systemctl start nftables
	begin
	all_passes
	systemctl reload nftables
	come_in cannot_reach
	go_out cannot_reach
	finds 'the firewall table "inet kist" is not there' 'kist network repair'
	kist network repair
	succeeds ''
	all_passes
	systemctl stop nftables
	finish_it
}

by_ufw() {
	systemctl --quiet unmask ufw
	ufw --force enable >/dev/null
	begin
	come_in cannot_reach
	go_out cannot_reach
	finds 'refuses what is passed on, and no rule there names br-lan' 'of IPv6'
	does_what_check_says ufw
	all_passes
	ufw reload >/dev/null
	all_passes
	ufw --force disable >/dev/null
	finish_it
}

by_firewalld() { # which passes on what a published port has led
	systemctl --quiet unmask firewalld
	systemctl start firewalld
	begin
	come_in reaches
	go_out cannot_reach
	finds 'refuses what instances send out, and no rule there names br-lan'
	does_what_check_says firewalld
	all_passes
	systemctl stop firewalld
	finish_it
}

check 'nftables.service, which flushes all when it is reloaded' flushed
check 'ufw' by_ufw
check 'firewalld' by_firewalld
kill "$client"
finish
