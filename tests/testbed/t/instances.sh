#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Instances in a whole host: the limits that they have, and that one of them cannot take what is the others'.
# kernels: 6.12
. "$(dirname "$0")/lib.sh"

web=web-$id
fs=$work/fs
make_image() {
	mkdir -p "$fs/bin" && cp "$PAYLOAD" "$fs/bin/payload"
	"$KIST" --data "$data" image import --name web:1 "$fs" >/dev/null || { echo 'Bail out! no image'; exit 1; }
}
make_image
: >"$work/nothing" && mount --bind "$work/nothing" /etc/subuid && mount --bind "$work/nothing" /etc/subgid

usual_limits() {
	kist run --network none --rm web:1 payload seq -- cat /sys/fs/cgroup/pids.max -- cat /sys/fs/cgroup/memory.max
	succeeds $'2048\nmax'
}

limits() {
	kist run --network none --rm --memory 32m --pids-limit 20 --cpus 0.5 --cpu-shares 512 web:1 payload seq -- cat /sys/fs/cgroup/memory.max \
		-- cat /sys/fs/cgroup/memory.swap.max -- cat /sys/fs/cgroup/pids.max -- cat /sys/fs/cgroup/cpu.max
	succeeds $'33554432\n0\n20\n50000 100000'
	kist run --network none --rm --memory 32m web:1 payload eat 256
	is "$code" 137 'a hog of memory'
	kist run --network none --rm --pids-limit 20 web:1 payload fork-bomb 100
	is "$code" 1 'a fork bomb' && has "$out" EAGAIN 'its end'
}

not_its_own_to_change() { # the cgroup is shown read-only, and belongs to nobody inside
	kist run --network none --rm --pids-limit 20 web:1 payload write /sys/fs/cgroup/pids.max max
	is "$code" 1 'code' && like "$out" 'EROFS|EACCES' 'answer'
}

systemds() {
	kist --systemd-cgroup run --network none -d --name "$web" --memory 64m web:1 payload wait
	succeeds ''
	is "$(systemctl show -p MemoryMax --value "kist-$web.scope")" 67108864 'a scope of systemd'
	kist delete -f "$web"
	succeeds ''
}

hosts_own_tree() { # what is installed runs, isolated
	kist run --network none --rm --rootfs / --overlay --tmpfs /run sh -c 'id -u; cat /etc/shadow | wc -c; ls /root /home | wc -w; touch /etc/made'
	is "$code" 0 'code' && like "$out" '^0'$'\n''0'$'\n' 'answers'
	no 'made on the host' test -e /etc/made
}

check 'the usual limits' usual_limits
check 'limits of the command line' limits
check 'limits are not the instance'"'"'s to change' not_its_own_to_change
check 'in a scope of systemd' systemds
check 'the host'"'"'s own tree' hosts_own_tree
finish
