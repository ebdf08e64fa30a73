# SPDX-License-Identifier: GPL-2.0-or-later
# For the programs beside it: the words of tests/integration/lib.sh in a whole host. They stay in the
# host's own namespaces, because systemd has to see what they start; the host is theirs alone.
[ -n "${KIST_TESTBED-}" ] || { echo '1..0 # SKIP runs in a test host: tests/testbed/run'; exit 0; }
export KIST_TEST_APART=1
. "$SRCDIR/tests/integration/lib.sh"

snapshot() { # of what a container could leave behind, in a host where systemd works as well
	ls -A "$state" 2>/dev/null | sed '/^\.seccomp$/d; s/^/state: /'
	find /sys/fs/cgroup -type d -name "*$tag*" | sed 's/^/cgroup: /'
	findmnt --noheadings --list --output TARGET,FSTYPE | sed 's/^/mount: /'
	pgrep -a 'kist|payload' | sed 's/^/process: /'
}

# As the unprivileged user, in a scope of its own systemd, which delegates the cgroup.
as_user() { as=(systemd-run --quiet --user --machine=kist@.host --pipe --wait --property=Delegate=yes
	--property=KillMode=process --); }
as_root() { as=(env); }
