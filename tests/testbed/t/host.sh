#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The test host is what it is meant to be: a modern Debian whose limits work.
. "$(dirname "$0")/lib.sh"

first_process() {
	is "$(systemctl is-system-running)" running "systemd: $(systemctl --failed --plain --no-legend)"
	is "$(cat /proc/1/comm)" systemd 'process 1'
}

kernel_version() {
	like "$(uname -r)" "^$KIST_TESTBED\\." 'uname -r'
}

only_cgroup2() {
	is "$(stat -f -c %T /sys/fs/cgroup)" cgroup2fs 'file system'
	lacks "$(awk '{ print $3 }' /proc/mounts)" $'cgroup\n' 'version 1'
}

every_controller() {
	local c
	for c in cpuset cpu io memory hugetlb pids rdma misc; do
		has " $(cat /sys/fs/cgroup/cgroup.controllers) " " $c " 'of the root'
	done
	for c in cpuset cpu io memory pids; do
		has " $(cat /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/cgroup.controllers) " \
			" $c " 'delegated to the user'
	done
}

user_session() {
	is "$(systemctl --user -M kist@.host is-system-running)" running 'the user manager'
	like "$(grep ^kist: /etc/subuid)" '^kist:[0-9]+:65536$' 'subordinate ids'
}

trees_are_read_only() {
	yes 'kist' test -x "$KIST"
	no 'writing' touch "$SRCDIR/x" 2>/dev/null
}

check 'systemd runs, and no unit failed' first_process
check 'the kernel is the one asked for' kernel_version
check 'cgroups are version 2 only' only_cgroup2
check 'every controller is there, and delegated to the user' every_controller
check 'an unprivileged user has a session and subordinate ids' user_session
check 'the source tree is shared and cannot be changed' trees_are_read_only
finish
