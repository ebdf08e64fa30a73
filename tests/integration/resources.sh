#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# pause, resume, update, events, stats. What needs a controller that this host has not given to
# cgroup v2 is skipped, except where the refusal is what is tested.
. "$(dirname "$0")/lib.sh"

[ -n "$cgroups" ] || { echo '1..0 # SKIP no cgroup v2 here'; exit 0; }
beat=$b/rootfs/beat

group() { echo "$cgroups$(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")"; }
value() { cat "$(group)/$1" 2>&1; } # FILE: what it holds
has_controller() { grep -qw "$1" "$cgroups/cgroup.controllers"; }
needs() { has_controller "$1" || ! skip "no $1 controller on cgroup v2 here"; }

counting() { # a container that appends a byte to /beat twenty times a second
	local i words=()
	for ((i = 0; i < 400; i++)); do words+=(append /beat . -- sleep 0.05 --); done
	: >"$beat"
	begin '.root.readonly = false' seq -- "${words[@]}"
	yes 'it counts' until_true counts
}

size() { stat -c %s "$beat"; }
counts() { # it did so within the last quarter of a second
	local before
	before=$(size)
	sleep 0.25
	[ "$(size)" -gt "$before" ]
}

update() { # JSON: of linux.resources
	kist update --resources - "$id" <<<"$1"
}

# --- pause and resume

pause_and_resume() {
	counting
	kist pause "$id"
	succeeds ''
	is "$(status_of)" paused 'status' && is "$(value cgroup.freeze)" 1 'cgroup.freeze'
	no 'it counts while it is paused' counts
	kist resume "$id"
	succeeds ''
	is "$(status_of)" running 'status' && yes 'it counts again' counts
	end
}

paused_twice() {
	begin . wait
	kist resume "$id"
	says 'not paused'
	kist pause "$id" && kist pause "$id"
	says 'it is paused'
	kist resume "$id" && succeeds '' && kist resume "$id" && says 'not paused'
	end
}

pause_created() {
	config . wait
	kist create --bundle "$b" "$id"
	kist pause "$id"
	succeeds ''
	is "$(value cgroup.freeze)" 1 'cgroup.freeze'
	kist resume "$id" && succeeds '' && is "$(status_of)" created 'status' && kist start "$id" && succeeds ''
	end
}

exec_in_paused() {
	counting
	kist pause "$id"
	kist exec "$id" payload true
	says 'it is paused' 255
	# The command is frozen with the rest as soon as it is born, and kist waits for it.
	"$KIST" --root "$state" exec --ignore-paused "$id" payload touch /late &
	sleep 0.3
	no 'it runs while paused' test -e "$b/rootfs/late"
	kist resume "$id"
	succeeds ''
	wait $!
	is $? 0 'the command' && yes 'it ran' test -e "$b/rootfs/late"
	rm -f "$b/rootfs/late"
	end
}

kill_paused() {
	counting
	kist pause "$id" && kist kill "$id" KILL
	succeeds ''
	becomes stopped
	kist delete "$id"
	succeeds ''
}

signal_paused() { # waits for the end of the pause
	config . trap USR1
	kist create --bundle "$b" "$id"
	voice=$said
	kist start "$id"
	yes 'ready' until_true grep -q ready "$voice"
	kist pause "$id" && kist kill "$id" USR1
	succeeds ''
	sleep 0.2
	no 'it arrives while paused' grep -q USR1 "$voice"
	kist resume "$id"
	yes 'it arrives then' until_true grep -q USR1 "$voice"
	end
}

delete_paused() {
	counting
	kist pause "$id" && kist delete "$id"
	says 'it is paused'
	kist delete --force "$id"
	succeeds ''
}

# --- update

huge_pages() {
	local two='.linux.resources.hugepageLimits = [{"pageSize": "2MB", "limit": 4194304}]'
	needs hugetlb || return
	begin "$two" wait
	is "$(value hugetlb.2MB.max)" 4194304 'at create'
	update '{"hugepageLimits": [{"pageSize": "2MB", "limit": 8388608}]}'
	succeeds '' && is "$(value hugetlb.2MB.max)" 8388608 'updated'
	is "$(jq -c .linux.resources.hugepageLimits "$state/$id/config.json")" '[{"pageSize":"2MB","limit":8388608}]' 'kept'
	update '{"devices": [{"allow": true, "access": "rwm"}]}'
	succeeds '' && is "$(value hugetlb.2MB.max)" 8388608 'after another update'
	is "$(jq -c .linux.resources.hugepageLimits "$state/$id/config.json")" '[{"pageSize":"2MB","limit":8388608}]' \
		'kept after another update'
	update '{"hugepageLimits": [{"pageSize": "3MB", "limit": 0}]}'
	says hugetlb.3MB.max
	is "$(jq -c .linux.resources.hugepageLimits[0].pageSize "$state/$id/config.json")" '"2MB"' 'a refused one is not kept'
	end
}

update_created_and_paused() {
	needs hugetlb || return
	config . wait
	kist create --bundle "$b" "$id"
	update '{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}]}'
	succeeds '' && is "$(value hugetlb.2MB.max)" 2097152 'created'
	kist start "$id" && kist pause "$id"
	update '{"unified": {"hugetlb.2MB.max": "6291456"}}'
	succeeds '' && is "$(value hugetlb.2MB.max)" 6291456 'paused' && is "$(status_of)" paused 'status'
	end
}

update_from_file() {
	needs hugetlb || return
	begin . wait
	echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}], "unknown": {"to": "kist"}}' >"$work/r.json"
	kist update -r "$work/r.json" "$id"
	succeeds '' && is "$(value hugetlb.2MB.max)" 2097152 'from a file'
	update '{}'
	succeeds '' && is "$(value hugetlb.2MB.max)" 2097152 'after an empty document'
	end
}

missing_controller() {
	has_controller memory && { skip 'memory is there'; return; }
	begin . wait
	kist update --memory 64m "$id"
	says 'memory'
	like "$err" 'controller' 'the sentence'
	is "$(jq '.linux.resources.memory' "$state/$id/config.json")" null 'not kept'
	kist update --pids-limit 10 "$id"
	says 'pids'
	kist update --kernel-memory 64m "$id"
	succeeds ''
	kist update --cpu-rt-runtime 5 "$id"
	says 'cgroup v1'
	end
}

memory_live() {
	needs memory || return
	begin . wait
	kist update --memory 64m --memory-swap 96m "$id"
	succeeds '' && is "$(value memory.max)" $((64 << 20)) 'memory.max'
	kist update --memory 128m "$id"
	says 'memory.swap'
	kist update --memory 128m --memory-swap 128m "$id"
	succeeds '' && is "$(value memory.max)" $((128 << 20)) 'memory.max' && is "$(value memory.swap.max)" 0 'no swap'
	kist update --memory -1 "$id"
	succeeds '' && is "$(value memory.max)$(value memory.swap.max)" maxmax 'unlimited'
	end
}

pids_live() {
	needs pids || return
	begin . wait
	kist update --pids-limit 4 "$id"
	succeeds '' && is "$(value pids.max)" 4 'pids.max'
	kist exec "$id" payload fork-bomb 20
	isnt "$code" 0 'a fork bomb'
	kist stats --limits --format json "$id"
	is "$(jq -c '.[0].limits[] | select(.resource == "pids") | [.limit, .hits > 0]' <<<"$out")" '[4,true]' 'hits'
	kist stats --limits "$id"
	like "$out" "$id +pids +[0-9]+ +[0-9]+ +4 +[1-9]" 'the table'
	kist update --pids-limit -1 "$id"
	succeeds '' && is "$(value pids.max)" max 'unlimited'
	end
}

cpu_live() {
	needs cpu || return
	begin . wait
	kist update --cpu-quota 20000 --cpu-period 100000 --cpu-share 2048 "$id"
	succeeds '' && is "$(value cpu.max)" '20000 100000' 'cpu.max' && is "$(value cpu.weight)" 174 'cpu.weight'
	kist update --cpu-quota 30000 "$id"
	succeeds '' && is "$(value cpu.max)" '30000 100000' 'the period stays'
	kist stats --limits "$id"
	like "$out" "$id +cpu +- +- +0\.30 CPU +[0-9]" 'the table'
	end
}

huge() { cat "$cgroups/kist-$id/hugetlb.2MB.$1"; }

huge_live() {
	needs hugetlb || return
	begin '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]' wait
	is "$(huge max) $(huge rsvd.max)" '4194304 4194304' 'both limits'
	update '{"hugepageLimits": [{"pageSize": "2MB", "limit": 8388608}, {"pageSize": "3MB", "limit": 1}]}'
	is "$code" 1 'exit code' && has "$err" 'hugetlb.3MB.max' 'error'
	is "$(huge max) $(huge rsvd.max)" '4194304 4194304' 'a failed update changes nothing'
	is "$(jq -c .linux.resources.hugepageLimits "$state/$id/config.json")" '[{"pageSize":"2MB","limit":4194304}]' 'nor is it kept'
	update '{"unified": {"hugetlb.2MB.max": "6291456"}}'
	update '{"unified": {"hugetlb.2MB.rsvd.max": "2097152"}}'
	succeeds '' && is "$(huge max) $(huge rsvd.max)" '6291456 2097152' 'unified'
	is "$(jq -c '.linux.resources.unified | length' "$state/$id/config.json")" 2 'both are kept'
	end
}

# An administrator's own cgroup is as free after a failed start as it was before.
failed_in_a_given_cgroup() {
	needs hugetlb || return
	mkdir "$cgroups/kist-$tag-given"
	config '.linux.cgroupsPath = "/kist-'"$tag"'-given" | .linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 1}]' true
	kist run --bundle "$b" "$id"
	has "$err" 'hugetlb.3MB.max' 'the first fails'
	config '.linux.cgroupsPath = "/kist-'"$tag"'-given"' true
	kist run --bundle "$b" "$id"
	succeeds ''
	yes 'it is gone' test ! -e "$cgroups/kist-$tag-given"
}

# Fewer descriptors than processes.
kill_many() {
	begin . children 200
	yes 'they are there' until_true grep -q '^children' "$voice"
	(ulimit -n 100 && exec "$KIST" --root "$state" kill --all "$id" TERM)
	is $? 0 'kill --all'
	yes 'all have got it' until_true deserted
	end
}
deserted() { [ "$("$KIST" --root "$state" ps --format json "$id" | jq length)" -le 1 ]; }

# It can freeze where exec has to go; whoever waits can give up.
exec_into_ice() {
	needs hugetlb || return
	begin '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]' wait
	local at=$cgroups/kist-$id waiter
	mkdir "$at/below" && pid_of >"$at/below/cgroup.procs" && echo +hugetlb >"$at/cgroup.subtree_control" && echo 1 >"$at/below/cgroup.freeze"
	"$KIST" --root "$state" exec --ignore-paused "$id" payload true </dev/null &>/dev/null &
	waiter=$!
	yes 'it waits in there' until_true grep -q . "$at/below/cgroup.procs"
	sleep 0.5
	yes 'still' kill -0 $waiter
	kill -TERM $waiter
	yes 'it ends' until_true gone_process $waiter
	wait $waiter 2>/dev/null
	echo 0 >"$at/below/cgroup.freeze"
	end
}
gone_process() { ! kill -0 "$1" 2>/dev/null || [ "$(awk '{ print $3 }' "/proc/$1/stat" 2>/dev/null)" = Z ]; }

# The tun driver was asked, or there is none: the rules let the container through.
reached() { like "$out$err" 'EBADFD|ENODEV|ENXIO' "$1"; }
open_node() { kist exec "$id" payload cat /dev/tun-node; }

device_rules() {
	local mknod='.process.capabilities |= map_values(. + ["CAP_MKNOD"] | unique)'
	local deny='.linux.resources.devices = [{"allow": false, "access": "rwm"}]'
	local tun='{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rwm"}'
	begin "$mknod | $deny" wait
	kist exec "$id" payload mknod /dev/tun-node c 10 200
	is "$code" 0 'mknod' # allowed always, so that images can be unpacked
	open_node
	has "$out$err" EPERM 'denied at create'
	update "{\"devices\": [{\"allow\": false, \"access\": \"rwm\"}, $tun]}"
	succeeds ''
	open_node
	reached 'allowed after update'
	kist exec "$id" payload cat /dev/null
	succeeds ''
	update '{"devices": [{"allow": false, "access": "rwm"}]}'
	open_node
	has "$out$err" EPERM 'denied again'
	is "$(jq -c '.linux.resources.devices | length' "$state/$id/config.json")" 1 'kept'
	end
}

every_device() { # as for privileged containers
	local mknod='.process.capabilities |= map_values(. + ["CAP_MKNOD"] | unique)'
	box "$mknod | "'.linux.resources.devices = [{"allow": true, "access": "rwm"}]' \
		seq -- mknod /dev/tun-node c 10 200 -- cat /dev/tun-node
	reached 'allowed'
	box "$mknod | "'.linux.resources.devices = [{"allow": true, "type": "c", "major": 10, "minor": 200},
		{"allow": false, "access": "rwm"}]' seq -- mknod /dev/tun-node c 10 200 -- cat /dev/tun-node
	has "$out$err" EPERM 'the last rule wins'
	box "$mknod | "'.linux.resources.devices = [{"allow": true, "type": "c", "major": 10, "minor": 200},
		{"allow": true, "type": "c", "major": 10}]' seq -- mknod /dev/tun-node c 10 200 -- cat /dev/tun-node
	reached 'a rule that covers another'
}

refused_updates() {
	begin . wait
	kist update --l3-cache-schema 'L3:0=f' "$id"
	says 'linux.intelRdt'
	kist update "$id"
	says 'nothing to change'
	update '{"memory": {"swappiness": 10}}'
	says 'cgroup v1'
	update '{"unified": {"cgroup.procs": "1"}}'
	says 'cgroup.procs'
	kist update --cpuset-cpus 99999-99998 "$id"
	says 'cpu'
	end
}

# --- statistics

event_keys='.type == "stats" and (.data | (.cpu.usage | has("total") and has("kernel") and has("user")) and
	(.cpu.throttling | has("periods") and has("throttledPeriods") and has("throttledTime")) and
	([.memory | .usage, .swap, .kernel, .kernelTCP | has("limit") and has("failcnt")] | all) and
	(.pids | has("current") and has("limit")) and
	(.blkio | has("ioServiceBytesRecursive") and has("ioServicedRecursive")) and has("hugetlb"))'

event_document() {
	counting
	kist events --stats "$id"
	is "$code:$err" 0: 'success' && is "$(wc -l <<<"$out")" 1 'lines'
	yes 'the keys' jq -e "$event_keys" <<<"$out" >/dev/null
	is "$(jq -r '.id, .data.pids.current' <<<"$out" | tr '\n' ' ')" "$id 1 " 'id and processes'
	yes 'CPU time in ns' jq -e '.data.cpu.usage | .total >= 1000 and .total < 60e9' <<<"$out" >/dev/null
	end
}

event_stream() { # until the container ends
	local events
	begin . wait
	: >"$work/stream"
	"$KIST" --root "$state" events --interval 100ms "$id" >"$work/stream" &
	events=$!
	yes 'several' until_true eval '[ "$(wc -l <"$work/stream")" -ge 3 ]'
	kist kill "$id" KILL
	wait $events
	is $? 0 'exit code' && is "$(jq -r .type "$work/stream" | sort -u)" stats 'what it said'
	kist delete "$id"
	begin . wait
	: >"$work/stream"
	"$KIST" --root "$state" events --interval 1h "$id" >"$work/stream" &
	events=$!
	yes 'the first at once' until_true test -s "$work/stream"
	kist kill "$id" KILL
	wait $events
	is $? 0 'exit code' && is "$(jq -r .type "$work/stream")" stats 'what it said'
	kist events --stats "$id"
	says 'container not running'
	kist delete "$id"
	succeeds ''
}

event_oom() {
	needs memory || return
	begin '.linux.resources.memory = {"limit": 16777216, "swap": 16777216}' wait
	: >"$work/stream"
	"$KIST" --root "$state" events --interval 1h "$id" >"$work/stream" &
	yes 'begins' until_true test -s "$work/stream"
	kist exec "$id" payload eat 64
	is "$code" 137 'killed'
	yes 'told' until_true grep -qF "{\"type\":\"oom\",\"id\":\"$id\"}" "$work/stream"
	kist stats --limits "$id"
	like "$out" "$id +memory +[^ ]+ +[^ ]+ +16M +[0-9]+ \([1-9][0-9]* killed\)" 'beancounters'
	kist kill "$id" KILL
	wait
	becomes stopped
	kist stats --limits --format json "$id"
	yes 'of the stopped container' jq -e '.[0].limits[0].oom_kills >= 1' <<<"$out" >/dev/null
	kist delete "$id"
	succeeds ''
}

event_oom_of_init() { # the last thing that it does
	needs memory || return
	begin '.linux.resources.memory = {"limit": 16777216, "swap": 16777216}' seq -- sleep 0.5 -- eat 64
	"$KIST" --root "$state" events --interval 1h "$id" >"$work/stream"
	is $? 0 'exit code' && is "$(jq -r .type "$work/stream" | tr '\n' ' ')" 'stats oom ' 'what it said'
	kist delete "$id"
	succeeds ''
}

stats_table() {
	counting
	kist stats --interval 100ms "$id"
	is "$code:$err" 0: 'success'
	is "$(head -n 1 <<<"$out" | tr -s ' ')" 'ID CPU % MEMORY LIMIT PEAK ANON FILE PIDS READ WRITTEN NET IN LIMIT IN NET OUT LIMIT OUT PRESSURE C/M/I' 'head'
	like "$(tail -n 1 <<<"$out")" "^$id +[0-9]+\.[0-9]{2} .* 1 " 'the container'
	kist stats --interval 100ms
	like "$out" "$id +[0-9]" 'without a name'
	kist stats --format json "$id"
	is "$(jq -r '.[] | .id, .pids.current' <<<"$out" | tr '\n' ' ')" "$id 1 " 'JSON'
	yes 'CPU time' jq -e '.[0].cpu.usage_usec > 0' <<<"$out" >/dev/null
	nsenter -t "$(pid_of)" -n ip link add one type veth peer name two
	nsenter -t "$(pid_of)" -n sh -c 'ip link set one up; ip link set two up; ip addr add 192.0.2.1/24 dev one' 2>/dev/null
	nsenter -t "$(pid_of)" -n bash -c 'echo x >/dev/udp/192.0.2.2/9'
	kist stats --format json "$id"
	is "$(jq -r '.[0].network.interfaces[] | select(.name == "one").tx_bytes > 0' <<<"$out")" true 'what its network sent'
	end
}

stats_limits() {
	needs hugetlb || return
	begin '.linux.resources.hugepageLimits = [{"pageSize": "2MB", "limit": 4194304}]' wait
	kist stats --limits "$id"
	is "$(tr -s ' ' <<<"$out")" "ID RESOURCE HELD PEAK LIMIT HITS"$'\n'"$id hugetlb.2MB 0B - 4M 0" 'table'
	kist stats --limits --format json "$id"
	is "$(jq -c '.[0].limits' <<<"$out")" '[{"resource":"hugetlb.2MB","held":0,"limit":4194304,"hits":0}]' 'JSON'
	kist update --resources - "$id" <<<'{"unified": {"hugetlb.2MB.max": "max"}}'
	kist stats --limits "$id"
	lacks "$out" hugetlb 'unlimited'
	kist stats --limits --all "$id"
	like "$out" 'hugetlb.2MB +0B +- +max +0' 'with --all'
	end
}

stats_of_several() {
	local other=$id-2
	begin . wait
	config . wait
	kist create --bundle "$b" "$other"
	kist stats --no-stream --interval 100ms "$id" "$other"
	is "$(cut -d' ' -f1 <<<"$out" | tr '\n' ' ')" "ID $id $other " 'named'
	kist stats --interval 100ms
	is "$(cut -d' ' -f1 <<<"$out" | tr '\n' ' ')" "ID $id $other " 'all'
	kist kill "$id" KILL && becomes stopped
	kist stats --interval 100ms
	is "$(cut -d' ' -f1 <<<"$out" | tr '\n' ' ')" "ID $other " 'a stopped one is passed over'
	kist stats "$other" "$id"
	says "cannot measure container $id"
	end "$other"
	end
}

stats_on_a_terminal() {
	begin . wait
	: >"$work/screen"
	"$helpers/pty" 10 40 '' "$KIST" --root "$state" stats --interval 100ms "$id" >"$work/screen" 2>/dev/null &
	yes 'refreshed' until_true eval '[ "$(grep -c "$id" "$work/screen")" -ge 3 ]'
	kist kill "$id" KILL
	wait
	has "$(head -c 12 "$work/screen" | od -An -c | tr -d ' ')" '033[2J033[H' 'the screen is cleared'
	is "$(sed 's/\x1b\[[0-9]*[A-Z]//g' "$work/screen" | wc -L)" 39 'longest line'
	kist delete "$id"
	succeeds ''
	rm "$work/screen"
}

# --- errors

errors() {
	local verb
	for verb in pause resume 'update --pids-limit 5' 'events --stats' stats 'stats --limits'; do
		# shellcheck disable=SC2086
		kist $verb "$id-none"
		says 'does not exist'
	done
	begin . wait
	kist kill "$id" KILL
	becomes stopped
	for verb in pause 'update --pids-limit 5' events 'events --stats' stats; do
		# shellcheck disable=SC2086
		kist $verb "$id"
		says 'container not running'
	done
	kist resume "$id"
	says 'not paused'
	kist stats --limits "$id"
	is "$code:$out" '0:ID  RESOURCE  HELD  PEAK  LIMIT  HITS' 'the limits of a stopped container'
	kist delete "$id"
	succeeds ''
}

no_cgroup() {
	local verb
	config . wait
	kist --cgroup-manager disabled create --bundle "$b" "$id"
	for verb in pause resume 'update --pids-limit 5' 'events --stats' stats; do
		# shellcheck disable=SC2086
		kist $verb "$id"
		says 'has no cgroup of its own'
	done
	kist stats
	is "$code:$(wc -l <<<"$out")" 0:1 'all'
	end
}

check 'pause stops everything, resume lets it go on' pause_and_resume
check 'paused twice, resumed twice' paused_twice
check 'a created container can be paused' pause_created
check 'exec in a paused container' exec_in_paused
check 'KILL reaches a paused container' kill_paused
check 'other signals wait for the end of the pause' signal_paused
check 'delete of a paused container' delete_paused
check 'huge pages: limit, update, and another update' huge_pages
check 'update of a created and of a paused container' update_created_and_paused
check 'update from a file' update_from_file
check 'a controller that is not there is named' missing_controller
check 'memory, live' memory_live
check 'pids, live' pids_live
check 'cpu, live' cpu_live
check 'huge pages: both limits, all or nothing, entry by entry' huge_live
check 'a start that fails in a cgroup that was given' failed_in_a_given_cgroup
check 'kill --all of more processes than descriptors' kill_many
check 'exec into a frozen cgroup can be ended' exec_into_ice
check 'device rules change' device_rules
check 'device rules that decide everything' every_device
check 'updates that are refused' refused_updates
check 'events --stats has the keys of runc' event_document
check 'events follow the container to its end' event_stream
check 'events tell of the OOM killer' event_oom
check 'events tell that the init was killed' event_oom_of_init
check 'stats: table and JSON' stats_table
check 'stats --limits' stats_limits
check 'stats of several containers' stats_of_several
check 'stats on a terminal' stats_on_a_terminal
check 'errors are one sentence' errors
check 'a container without a cgroup' no_cgroup
finish
