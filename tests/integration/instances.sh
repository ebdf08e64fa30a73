#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Instances: kist run IMAGE and --rootfs, what is kept of them, volumes, names and ids.
. "$(dirname "$0")/lib.sh"

# The range of ids that nobody has said anything about, whatever this host says of a user of that name.
: >"$work/nothing" && for f in /etc/subuid /etc/subgid; do [ ! -e $f ] || mount --bind "$work/nothing" $f; done
web=web-$tag # tells its cgroup and its state from everybody else's
fs=$work/fs

make_image() {
	mkdir -p "$fs"/{bin,etc,srv,var/www} && cp "$PAYLOAD" "$fs/bin/payload"
	printf '%s\n' root:x:0:0::/root:/bin/sh www:x:33:34::/var/www:/bin/sh 77:x:0:0::/evil:/bin/sh >"$fs/etc/passwd"
	printf '%s\n' root:x:0: www:x:34: extra:x:50:www >"$fs/etc/group"
	echo first >"$fs/srv/page" && chown 33:34 "$fs/srv" "$fs/srv/page" && chmod 2750 "$fs/srv"
	ln -s page "$fs/srv/link" && mkfifo "$fs/srv/fifo" && mkdir "$fs/srv/sub" && echo deep >"$fs/srv/sub/file"
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.color", b"blue")' "$fs/srv/page"
	touch -d @1000000000 "$fs/srv/page" "$fs/srv/sub" && chmod 4711 "$fs/srv/sub/file" && mkdir "$fs/srv/gone"
	"$KIST" --data "$data" image import --name web:1 --cmd 'payload seq -- id -- echo default' --env FROM=image \
		--workdir /srv "$fs" >/dev/null || { echo 'Bail out! no image'; exit 1; }
}
make_image

kept() { # what the store has of instances and volumes
	(cd "$data" && find instances ids volumes -mindepth 1 2>/dev/null | sort | tr '\n' ' ')
}

nothing_kept() { is "$(kept)" '' 'what is left in the store'; }

web() { # OPTION... -- COMMAND...: runs to its end and leaves nothing
	local options=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1") && shift; done
	kist run --network none --rm "${options[@]}" web:1 "${@:2}"
}

begin_web() { # OPTION...: one that lasts
	kist run --network none -d --name "$web" "$@" web:1 payload wait
	succeeds ''
}

log_of() { cat "$data/instances/$web/log"; }

# --- what runs

image_says() {
	web
	succeeds $'uid=0 euid=0 gid=0 egid=0 groups=\ndefault'
	web -- payload seq -- cwd -- env
	has "$out" $'/srv\n' 'working directory'
	has "$out" FROM=image 'variable' && has "$out" HOME=/root 'home' && has "$out" container=kist 'container'
	has "$out" PATH=/usr/local/sbin: 'path'
	lacks "$out" SRCDIR 'variables of the caller'
	nothing_kept
}

options_say() {
	web -u www:34 -e FROM=option -e HERE=1 -w /etc --hostname other -- payload seq -- id -- env -- cwd -- hostname
	has "$out" 'uid=33 euid=33 gid=34 egid=34 groups=' 'user'
	has "$out" FROM=option 'variable' && has "$out" HERE=1 'variable' && has "$out" HOME=/var/www 'home'
	has "$out" $'\n/etc\nother' 'directory and host name'
	web -u www -- payload id
	succeeds 'uid=33 euid=33 gid=34 egid=34 groups=50'
	web -u 77 -- payload id # a name in the image, of root, that looks like a number
	succeeds 'uid=77 euid=77 gid=0 egid=0 groups='
	printf 'A=1\n# no\n  B=2\nSRCDIR\n' >"$work/env"
	web --env-file "$work/env" -e B=3 -- payload env
	has "$out" A=1 'file' && has "$out" B=3 'the option wins' && has "$out" "SRCDIR=$SRCDIR" 'a name alone'
	nothing_kept
}

exit_codes() {
	web -- payload exit 7
	is "$code" 7 'of the program'
	web -- nowhere
	says 'executable file not found' 127
	web -- /none/at/all
	says 'No such file' 127
	web -- /etc/passwd
	says 'Permission denied' 126
	kist run --network none --rm nothing:1
	says 'no image "nothing:1"' 125
	web -u nobody -- payload true
	says 'option --user: the image has no user "nobody"' 125
	web --cap-add FLY -- payload true
	says 'unknown capability' 125
	web --nonsense -- payload true
	says 'unknown option' 125
	web -v "$work/none:/srv" -- payload true
	says "$work/none" 125
	nothing_kept
}

isolated() {
	web -- payload seq -- status -- ls /sys/class/net -- pid -- cat /proc/self/uid_map -- hostname -- socket 17 3 3
	like "$out" $'CapEff:\t00000000800405fb' 'capabilities'
	like "$out" $'NoNewPrivs:\t1' 'no new privileges' && like "$out" $'Seccomp:\t2' 'filter'
	has "$out" $'\nlo\n' 'interfaces' && lacks "$out" eth 'interfaces'
	has "$out" $'\npid=1' 'first process'
	like "$out" '0 +[1-9][0-9]+ +65536' 'ids of its own'
	like "$out" 'EPERM|EACCES|EAFNOSUPPORT' 'packet socket'
	web -- payload seq -- cat /proc/kcore -- write /proc/sys/kernel/hostname x
	lacks "$out" ELF 'kcore'
}

standard_input() {
	out=$(echo typed | "$KIST" --root "$state" --data "$data" run --network none --rm web:1 payload cat)
	is "$out" '' 'without -i'
	out=$(echo typed | "$KIST" --root "$state" --data "$data" run --network none --rm -i web:1 payload cat)
	is "$out" typed 'with -i'
}

# --- what stays

lasting() {
	begin_web
	is "$(status_of "$web")" running 'status'
	kist list
	like "$out" "$web +[0-9]+ +running +web:1 " 'list'
	kist exec "$web" payload write /kept yes
	succeeds ''
	kist run --network none --name "$web" web:1 payload true
	says 'exists already' 125
	kist delete "$web"
	says 'it is running'
	kist kill "$web" KILL
	yes 'stopped' until_true is_stopped
	kist wait "$web" && kist list && like "$out" "$web +0 +exited \\(137\\) +web:1 " 'list of a stopped one'
	kist start "$web"
	succeeds ''
	kist exec "$web" payload cat /kept
	succeeds yes
	is "$(cat "$fs/kept" "$data"/layers/*/fs/kept 2>&1 | grep -c 'No such')" 2 'the layers are as they were'
	kist delete --force "$web"
	succeeds ''
	nothing_kept
}

is_stopped() {
	kist state "$web"
	[ "$(jq -r .status <<<"$out")" = stopped ]
}

after_the_host_ended() { # all that /run had is gone
	kist run --network none --name "$web" web:1 payload write /kept yes
	is "$code" 0 'run'
	no 'state' test -e "$state/$web"
	kist state "$web"
	is "$(jq -r '.status, .image, .pid' <<<"$out" | tr '\n' ' ')" 'stopped web:1 0 ' 'state'
	kist list -q
	has "$out" "$web" 'list'
	kist start --attach "$web"
	is "$code" 0 'the same again'
	jq '.process.args = ["payload", "cat", "/kept"]' "$data/instances/$web/config.json" >"$work/c" &&
		cat "$work/c" >"$data/instances/$web/config.json"
	kist start -a "$web"
	succeeds yes
	kist delete "$web"
	succeeds '' && nothing_kept
	kist start "$web"
	says 'does not exist'
	kist delete "$web"
	says 'does not exist'
}

created() {
	kist create --network none --name "$web" web:1 payload seq -- echo started -- wait
	succeeds '' && is "$(status_of "$web")" created 'status'
	kist start "$web"
	succeeds ''
	yes 'said so' until_true grep -q started "$data/instances/$web/log"
	kist delete -f "$web"
	succeeds '' && nothing_kept
}

logs() {
	kist run --network none -d --name "$web" web:1 payload seq -- echo one -- wait
	succeeds ''
	yes 'log' until_true grep -q one "$data/instances/$web/log"
	kist logs "$web"
	succeeds one
	("$KIST" --root "$state" --data "$data" logs -f "$web" >"$work/followed") &
	sleep 0.1
	kist kill "$web" KILL
	wait $!
	is "$?:$(<"$work/followed")" 0:one 'followed to the end'
	kist start "$web" && kist logs "$web"
	succeeds $'one\none'
	kist delete -f "$web"
	kist logs "$web"
	says 'no instance'
}

bounded_log() { # the last of it stays, whole lines; the program writes on, at the end
	local i
	for ((i = 0; i < 60000; i++)); do printf '%031d\n' "$i"; done >"$work/lines" # 1.8 MiB
	kist run --network none -d --name "$web" --log-max 1m -v "$work/lines:/lines" web:1 payload seq -- cat /lines -- sleep 3 -- echo last -- wait
	succeeds ''
	yes 'is cut' until_true is_cut
	yes 'goes on' until_true grep -qa last "$data/instances/$web/log"
	kist logs "$web"
	is "$code $(wc -l <<<"$out")" "0 $(grep -cE '^([0-9]{31}|last)$' <<<"$out")" 'whole lines'
	like "$(wc -l <<<"$out")" '^3[2-9][0-9]{3}$' 'as many as are to stay'
	is "$(tail -n 2 <<<"$out")" "$(printf '%031d\nlast' 59999)" 'the last'
	kist delete -f "$web"
	kist run --network none -d --name "$web" --log-max -1 -v "$work/lines:/lines" web:1 payload seq -- cat /lines -- wait
	sleep 1.5
	kist logs "$web"
	is "$(wc -l <<<"$out")" 60000 'without a bound'
	kist delete -f "$web"
	rm "$work/lines" && nothing_kept
}

last_lines() {
	local n
	kist run --network none -d --name "$web" web:1 payload seq -- echo one -- echo two -- echo three -- wait
	yes 'all three' until_true grep -q three "$data/instances/$web/log"
	for n in 0: 1:three 2:two,three 3:one,two,three 4:one,two,three 18446744073709551615:one,two,three; do
		kist logs --tail "${n%%:*}" "$web"
		is "$code:$(paste -sd, <<<"$out")" "0:${n#*:}" "the last ${n%%:*}"
	done
	printf 'half' >>"$data/instances/$web/log" && kist logs -n 2 "$web"
	is "$(paste -sd, <<<"$out")" three,half 'what ends no line is one'
	head -c 10000 /dev/zero | tr '\0' x >>"$data/instances/$web/log" && kist logs -n 1 "$web"
	is "${#out}" 10004 'a long one' && kist logs -n 2 "$web"
	is "$(head -n 1 <<<"$out")" three 'the one before it'
	kist delete -f "$web" && nothing_kept
}

holes_in_the_log() { # which the program can make as large as it likes
	kist run --network none -d --name "$web" web:1 payload seq -- echo one -- wait
	yes 'one' until_true grep -q one "$data/instances/$web/log"
	truncate -s 1T "$data/instances/$web/log"
	as=(timeout 20)
	kist logs "$web"
	as=(env)
	is "$code:$out" 0:one 'what it has said'
	(($(wc -c <"$said") <= 65536)) && good || bad 'the hole was printed'
	kist delete -f "$web" && nothing_kept
}

is_cut() { [ $(($(stat -c '%b * %B' "$data/instances/$web/log"))) -le $((1280 << 10)) ] && [ "$(stat -c %s "$data/instances/$web/log")" -gt 1800000 ]; }

streams_by_name() { # as services do that log to /dev/stdout: also in a user namespace, and of any user
	kist run --network none -d --name "$web" -u www web:1 payload seq -- append /dev/stdout one -- append /dev/stderr two -- wait
	succeeds ''
	yes 'both' until_true grep -q two "$data/instances/$web/log"
	is "$(log_of)" onetwo 'log' && kist delete -f "$web"
	out=$("$KIST" --root "$state" --data "$data" run --network none --rm -u www web:1 payload append /dev/stdout piped | cat)
	is "$out" piped 'a pipe'
	mkfifo "$work/named"
	cat "$work/named" >/dev/null &
	"$KIST" --root "$state" --data "$data" run --network none --rm web:1 payload echo >"$work/named"
	is "$(stat -c %u "$work/named")" 0 'a FIFO of the host keeps its owner'
	rm "$work/named"
	nothing_kept
}

removed_at_the_end() {
	local listener
	gone() { [ -z "$(kept)" ] && [ ! -e "$state/$web" ]; }
	begin_web --rm
	(until_true test -e "$data/instances/$web/ended" && "$KIST" --root "$state" --data "$data" kill "$web" KILL) &
	kist wait "$web"
	is "$code:$out:$err" 0:137: 'who waits hears how it ended'
	wait $!
	yes 'all of it is removed' until_true gone
	"$KIST" --root "$state" --data "$data" run --network none --rm --name "$web" web:1 payload seq -- sleep 0.3 -- exit 6 &
	listener=$!
	until_true test -e "$data/instances/$web"
	kist wait "$web"
	is "$code:$out" 0:6 'in the foreground'
	wait $listener
	is $? 6 'itself' && yes 'all of it is removed' gone
}

exec_as() { # a user of the instance, as kist run has it
	kist run --network none -d --name "$web" web:1 payload wait
	for who in www 33; do
		kist exec -u $who -w /etc "$web" payload seq -- id -- env -- cwd
		has "$out" 'uid=33 euid=33 gid=34 egid=34 groups=34,50' "$who: ids" && has "$out" HOME=/var/www "$who: home" && has "$out" $'\n/etc' "$who: where"
	done
	kist exec -u www:50 "$web" payload id
	succeeds 'uid=33 euid=33 gid=50 egid=50 groups=50' # and none of the first process
	export GIVEN=here && kist exec -e GIVEN -e NOT_GIVEN -e HOME=/there -u www "$web" payload env && unset GIVEN
	has "$out" GIVEN=here "the caller's own variable" && lacks "$out" NOT_GIVEN 'one that it has not' && has "$out" HOME=/there 'what is said counts'
	kist exec -u nobody "$web" payload id
	says 'no user "nobody"' 255
	kist exec "$web" payload rm /etc/passwd && kist exec "$web" payload mknod /etc/passwd p 0 0
	as=(timeout 5)
	kist exec -u www "$web" payload id
	as=(env) && says 'is not a regular file' 255
	kist stop -t 0 "$web" && kist exec -u www "$web" payload id
	says 'not running' 255
	kist delete "$web" && nothing_kept
}

said_wrong() { # and told what is right
	kist run --network none --no-such-option web:1
	says 'unknown option' 125
	kist run --network none web:7
	says 'no image "web:7" that is called so, only web:1;' 125
	kist run --network none web
	says 'only web:1;' 125
	kist run --network none we
	says 'no image "we";' 125
	kist rm "$web"
	says 'that is kist delete'
}

needs_own_init() { ! is_sanitized || ! skip 'the sanitized kist has libraries, which no image has'; }
zombies() { # of the instance's init: how many of its children are dead and not buried
	local p n=0
	for p in $(cat "/proc/$(pid_of "$web")/task/$(pid_of "$web")/children"); do
		[ "$(awk '/^State:/ { print $2 }' "/proc/$p/status" 2>/dev/null)" != Z ] || n=$((n + 1))
	done
	echo "$n"
}
orphans() { # OPTION...: three, who have died
	local p
	kist run --network none -d --name "$web" "$@" web:1 payload wait
	succeeds ''
	kist exec -d "$web" payload children 3
	p=$(pgrep -xf 'payload children 3' -o) # their parent, as this namespace numbers it
	until_true eval "[ \"\$(pgrep -cP $p)\" = 3 ]"
	kill -KILL "$p"
	only_orphans() { [ "$(pgrep -cxf 'payload children 3')" = 3 ]; }
	yes 'orphans' until_true only_orphans
	p=$(pgrep -xf 'payload children 3')
	kill -KILL $p
}

own_init() {
	local p
	needs_own_init || return
	kist run --network none --rm --init web:1 payload pid
	is "$code:$out" '0:pid=2 ppid=1 sid=1' 'the program is its child'
	kist run --network none --rm --init web:1 payload exit 9
	is "$code" 9 'exit code'
	kist run --network none --rm --init web:1 payload kill-self KILL
	is "$code" 137 'signal'
	kist run --network none --rm --init web:1 nothing
	says 'executable file not found' 127
	three_left() { [ "$(zombies)" = 3 ]; }
	orphans && yes 'without it they stay' until_true three_left && kist delete -f "$web"
	orphans --init
	none_left() { [ "$(zombies)" = 0 ]; }
	yes 'with it they are buried' until_true none_left
	p=$(pid_of "$web")
	is "$(tr '\0' ' ' <"/proc/$p/cmdline")" 'kist-init /bin/payload payload wait ' 'its words'
	kist delete -f "$web"
	kist run --network none -d --name "$web" --init web:1 payload trap USR1 TERM
	yes 'ready' until_true grep -q ready "$data/instances/$web/log"
	kist kill "$web" USR1 && yes 'signals reach the program' until_true grep -q USR1 "$data/instances/$web/log"
	kist stop "$web" && kist start "$web"
	succeeds '' && is "$(tr '\0' ' ' <"/proc/$(pid_of "$web")/cmdline")" 'kist-init /bin/payload payload trap USR1 TERM ' 'again'
	kist delete -f "$web" && nothing_kept
}

init_is_safe() { # /proc/1/exe is kist, and nobody inside can write to it: neither now, nor when nobody runs it
	local how p
	needs_own_init || return
	for how in auto host; do
		kist run --network none -d --name "$web" --init --userns $how web:1 payload wait
		p=$(pid_of "$web")
		is "$(sha256sum <"/proc/$p/exe")" "$(sha256sum <"$KIST")" "$how: it is kist"
		yes "$how: by a read-only mount" python3 -c 'import os, sys; sys.exit(not os.statvfs(sys.argv[1]).f_flag & os.ST_RDONLY)' "/proc/$p/exe"
		is "$(ls "/proc/$p/fd" | tr '\n' ' ')" '0 1 2 ' "$how: its descriptors"
		kist exec "$web" payload append /proc/1/exe x
		isnt "$code" 0 "$how: writing"
		kist delete -f "$web"
	done
	nothing_kept
}

free_again() { # once it is stopped or deleted, its name is, and how it ended is known
	local i
	for i in 1 2 3 4 5 6 7 8; do
		begin_web --rm
		kist stop -t 0 "$web"
		is "$code:$(kept)" 0: 'removed when stop returns'
	done
	for i in 1 2 3 4; do
		begin_web
		kist stop -t 0 "$web" && like "$(end_of)" '"stopped",[0-9]+,true' 'known when stop returns'
		kist delete "$web"
	done
	nothing_kept
}

one_of_many() { # fails: the others do not
	kist run --network none --name "$web" web:1 payload true
	begin_web2() { kist run --network none -d --name "$web-2" web:1 payload wait; }
	begin_web2
	kist stop -t 0 nothing "$web-2" none
	is "$code:$(status_of "$web-2")" 1:stopped 'stop'
	is "$(grep -c 'does not exist' <<<"$err"):$(wc -l <<<"$err")" 2:2 "each is told once: $err"
	kist delete nothing "$web" none "$web-2"
	is "$code:$(wc -l <<<"$err")" 1:2 "delete: $err"
	nothing_kept
	kist volume create one-"$tag" && kist volume remove none one-"$tag" nothing
	is "$code:$(wc -l <<<"$err"):$(kist volume list -q && echo "$out")" 1:2: "volume remove: $err"
}

# Its end is all that can be seen of a container without a cgroup.
without_cgroup() {
	kist --cgroup-manager disabled run --network none -d --rm --name "$web" web:1 payload wait
	is "$code" 0 'run'
	sleep 0.3
	is "$(status_of "$web")" running 'it runs'
	out=$(echo typed | "$KIST" --root "$state" --data "$data" exec -i "$web" payload cat)
	is "$out" typed 'exec -i'
	kist stop -t 100ms "$web"
	is "$code:$err" 0: 'stop'
	yes 'it goes with its end' until_true test ! -e "$data/instances/$web"
	kist run --network none --name "$web" web:1 payload true
	kist run --network none --name "$web-2" web:1 payload true
	kist delete "$web" "$web-2"
	is "$code:$err" 0: 'delete of two'
	is "$(ls "$data/instances")" '' 'nothing is left'
}

end_of() { jq -c '[.status, .exitCode, has("finished")]' < <("$KIST" --root "$state" --data "$data" state "$web"); }
ended() { kist wait "$web" && is "$code $out" "0 $1" "wait, $2" && is "$(end_of)" "[\"stopped\",$1,true]" "state, $2"; }

how_it_ended() { # whoever runs it
	kist run --network none -d --name "$web" web:1 payload seq -- sleep 0.2 -- exit 3
	is "$(end_of)" '["running",null,false]' 'as long as it runs'
	ended 3 'detached'
	kist list
	like "$out" "$web +0 +exited \(3\) +web:1" 'list'
	kist start "$web" && ended 3 'started again'
	kist start --attach "$web"
	is "$code" 3 'attached' && ended 3 'attached'
	kist delete "$web"
	begin_web && kist kill "$web" KILL && ended 137 'killed'
	kist start "$web" && is "$(end_of)" '["running",null,false]' 'what was is forgotten'
	kist delete -f "$web"
	kist create --network none --name "$web" web:1 payload exit 4
	kist start "$web" && ended 4 'created and started'
	kist delete "$web"
	kist run --network none --name "$web" web:1 payload exit 5
	is "$code" 5 'in the foreground' && ended 5 'in the foreground'
	kist delete "$web"
	kist wait "$web"
	says 'no instance'
	nothing_kept
}

waiter=$BUILDDIR/kist-waiter # which there is not for every architecture
watcher() { # who waits for the end of the detached instance
	local p
	for p in /proc/[0-9]*; do
		[[ -e $p/exe && ($p/exe -ef $KIST || $p/exe -ef $waiter) && $(tr '\0' ' ' <"$p/cmdline") == *" $web "* ]] && echo "${p#/proc/}"
	done
}

memory() { awk '$1 == "Pss:" { print $2 }' "/proc/$pid/smaps_rollup"; } # kB
is_small() { [ "$(memory)" -lt 48 ]; }
is_waiter() { [ "/proc/$pid/exe" -ef "$waiter" ]; }

watched() { # by a process that holds nothing of its caller's, and whose death ends nothing
	local pid
	exec 7<"$work" && begin_web && exec 7<&-
	pid=$(watcher)
	files_of() { readlink "/proc/$1/fd/"* | grep -vxF "$KIST" | sort -u | tr '\n' ' '; }
	holds_little() { [ "$(files_of "$pid")" = "/dev/null $data/instances/$web " ]; }
	yes "its files: $(files_of "$pid")" until_true holds_little
	is "$(readlink "/proc/$pid/cwd") $(cut -d' ' -f6 "/proc/$pid/stat")" "/ $pid" 'its directory and session'
	[ ! -e "$waiter" ] || yes 'its program' until_true is_waiter
	[ ! -e "$waiter" ] || yes "its memory: $(memory) kB" until_true is_small
	kill -KILL "$pid"
	until_true test ! -e "/proc/$pid"
	is "$(status_of "$web")" running 'without it'
	kist stop -t 0 "$web"
	succeeds '' && is "$(end_of)" '["stopped",null,false]' 'nobody saw it'
	kist wait "$web"
	says 'nobody saw how it ended'
	kist delete "$web"
	succeeds '' && nothing_kept
}

replaced() { # what begins an instance may be installed anew, or be kist alone
	local dir=$work/installed alone
	for alone in '' alone; do
		mkdir "$dir" && cp "$KIST" "$dir/"
		[ ! -e "$waiter" ] || [ "$alone" ] || cp "$waiter" "$dir/"
		"$dir/kist" --root "$state" --data "$data" run --network none -d --name "$web" web:1 payload seq -- sleep 0.5 -- exit 3
		rm -r "$dir"
		ended 3 "$alone"
		kist delete "$web"
		succeeds '' && nothing_kept
	done
}

begin_supervised() { # one with somebody who waits for its end
	"$KIST" --root "$state" --data "$data" run --network none --rm --name "$web" web:1 payload wait &
	yes 'runs' until_true is_running
}

killed_supervisor() { # the container goes on, and can be ended and removed
	local pid
	begin_supervised
	pid=$!
	kill -KILL $pid
	wait $pid 2>/dev/null
	is "$(status_of "$web")" running 'still'
	kist delete --force "$web"
	succeeds '' && nothing_kept
}

is_running() { [ "$(status_of "$web")" = running ]; }

left_behind() { # by a kist that died: seen, and removed by a repair; what runs is not touched
	local pid
	"$KIST" --root "$state" --data "$data" run --network none --rm --name "$web" web:1 payload wait &
	pid=$!
	yes 'runs' until_true is_running
	ln -s gone "$data/ids/1879900160" && mkdir "$data/instances/.new-abcdef" "$data/volumes/.new-abcdef"
	kist system check
	like "$out$err" 'finding' 'leftovers of makers' && lacks "$out" "$web" 'a running one'
	kill -KILL $pid
	wait $pid 2>/dev/null
	kist system check --repair
	is "$code" 0 'repaired' && lacks "$out" "$web" 'one that still runs'
	like "$(kept)" "instances/$web " 'it is there' && lacks "$(kept)" .new- 'leftovers' && lacks "$(kept)" 1879900160 'ids'
	kist kill "$web" KILL
	yes 'ends' until_true is_stopped
	kist start "$web"
	says 'was made with --rm and has ended'
	kist system check
	is "$code" 1 'finding' && has "$out" "instance $web: was to be removed" 'it is named'
	kist system check --repair
	is "$code" 0 'repaired' && nothing_kept && no 'state' test -e "$state/$web"
}

elsewhere() { # ARGUMENT...: as kist, with another state directory and the same data
	"$KIST" --root "$work/elsewhere" --data "$data" "$@" >"$work/said" 2>&1
}

state_elsewhere() { # as an OCI engine's, which knows nothing of a person's instances
	begin_web
	no 'delete' elsewhere delete --force "$web" && has "$(<"$work/said")" "--root $state" 'whose it is'
	no 'delete' elsewhere delete "$web"
	yes 'runs' is_running
	elsewhere list && like "$(<"$work/said")" "$web +$(pid_of "$web") +running " 'and is listed so'
	elsewhere state "$web" && is "$(jq -r .status "$work/said")" running 'and has that state'
	no 'start' elsewhere start "$web" && has "$(<"$work/said")" "--root $state" 'whose it is'
	config ".linux.cgroupsPath = \"/elsewhere-$tag\"" exit 0
	"$KIST" --root "$work/elsewhere" create --bundle "$b" "$web" >"$work/said" 2>&1 </dev/null
	is "$?:$(<"$work/said")" 0: 'a container of that name'
	yes 'is another' elsewhere delete --force "$web" && yes 'it stays' test -e "$data/instances/$web/config.json"
	kist delete -f "$web"
	succeeds ''
	begin_supervised
	kill -KILL $!
	wait $! 2>/dev/null
	elsewhere system check --repair
	yes 'runs' is_running && like "$(kept)" "instances/$web " 'what would be taken for a leftover'
	kist delete -f "$web"
	rm -rf "$work/elsewhere" && nothing_kept
}

locked_instance() { # somebody is about to run it: there is no record yet
	kist run --network none --name "$web" web:1 payload true
	no 'record' test -e "$state/$web"
	exec 9<"$data/instances/$web" && flock 9
	kist delete --force "$web"
	says 'is being made, run or removed' && yes 'it stays' test -e "$data/instances/$web/config.json"
	kist start "$web"
	says 'is being made, run or removed'
	exec 9<&-
	kist delete --force "$web"
	succeeds '' && nothing_kept
}

broken_document() { # as a power cut or a hand may leave it: in nobody's way, and removable
	begin_web
	cp "$data/instances/$web/config.json" "$work/whole" && echo '{' >"$data/instances/$web/config.json"
	no 'delete of one that runs' elsewhere delete --force "$web"
	has "$(<"$work/said")" 'another kist' 'why' && yes 'it runs' is_running
	cp "$work/whole" "$data/instances/$web/config.json"
	kist stop "$web"
	echo '{' >"$data/instances/$web/config.json"
	kist run --network none --rm web:1 payload echo fine
	succeeds fine
	kist list
	is "$code" 0 'list' && has "$err" "$web/config.json" 'says which'
	kist start "$web"
	says "$web/config.json"
	kist delete "$web"
	says "$web/config.json"
	kist delete --force "$web"
	succeeds ''
	kist system check --repair
	is "$code" 0 'its range of ids' && nothing_kept
}

on_a_terminal() {
	out=$("$helpers/pty" 33 101 '' "$KIST" --root "$state" --data "$data" run --network none --rm -it web:1 payload seq -- winsize -- env 2>/dev/null)
	has "$out" TERM=xterm 'variable' && has "$out" 'rows=33 cols=101' 'its size'
	kist run --network none -d -t --name "$web" web:1 payload true
	says '--detach and --tty' 125
	nothing_kept
}

ids_of_their_own() {
	local a b
	begin_web
	kist run --network none -d --name "$web-2" web:1 payload wait
	a=$(awk '{print $2}' "/proc/$(pid_of "$web")/uid_map") b=$(awk '{print $2}' "/proc/$(pid_of "$web-2")/uid_map")
	isnt "$a" "$b" 'ranges' && yes 'far enough apart' test $(((a > b ? a - b : b - a) >= 65536)) = 1
	isnt "$(stat -c %u "/proc/$(pid_of "$web")")" 0 'root inside is nobody outside'
	kist delete -f "$web" && kist delete -f "$web-2"
	web --userns host -- payload cat /proc/self/uid_map
	like "$out" '^ +0 +0 +4294967295' 'the ids of the host, if asked for'
	nothing_kept
}

stop_signal() {
	kist run --network none -d --name "$web" --stop-signal USR1 web:1 payload trap USR1 TERM
	succeeds ''
	yes 'ready' until_true grep -q ready "$data/instances/$web/log"
	kist kill "$web"
	yes 'the one asked for' until_true grep -q USR1 "$data/instances/$web/log"
	kist kill "$web" TERM
	yes 'another' until_true grep -q TERM "$data/instances/$web/log"
	kist delete -f "$web"
	succeeds '' && nothing_kept
}

stopped_in_time() {
	kist run --network none -d --name "$web" --stop-signal USR1 web:1 payload trap USR1 # which it survives
	yes 'ready' until_true grep -q ready "$data/instances/$web/log"
	kist run --network none -d --name "$web-2" web:1 payload sleep 60
	kist stop -t 100ms "$web" "$web-2"
	succeeds '' && yes 'asked first' grep -q USR1 "$data/instances/$web/log"
	is "$(status_of "$web")$(status_of "$web-2")" stoppedstopped 'both'
	kist stop "$web"
	succeeds ''
	kist start "$web" && kist stop -t 0 "$web"
	succeeds '' && is "$(status_of "$web")" stopped 'at once'
	kist stop nothing
	says 'does not exist'
	kist delete "$web" && kist delete "$web-2"
	nothing_kept
}

change_devices() { # MINOR
	kist update --resources - "$web" <<<"{\"devices\": [{\"allow\": true, \"type\": \"c\", \"major\": 1, \"minor\": $1, \"access\": \"r\"}]}"
	succeeds ''
}
minor_in() { jq -c '.linux.resources.devices | map(.minor)' "$1/$web/config.json"; } # DIRECTORY

changes_last() { # what is changed on one that runs, or does not, is so at its next start
	begin_web
	change_devices 3
	is "$(minor_in "$state")$(minor_in "$data/instances")" '[3][3]' 'for now and for later'
	kist update --resources - "$web" <<<'{"unified": {"no.such": "1"}}'
	isnt "$code" 0 'refused' && is "$(minor_in "$data/instances")" '[3]' 'not kept'
	is "$(jq -c .linux.resources.unified "$data/instances/$web/config.json")" null 'not kept'
	kist stop -t 0 "$web" && kist start "$web"
	succeeds '' && is "$(minor_in "$state")" '[3]' 'started again'
	kist stop -t 0 "$web"
	change_devices 7
	is "$(minor_in "$data/instances")" '[7]' 'changed while it was stopped'
	kist delete "$web" && succeeds ''
	kist run --name "$web" web:1 payload true # whose record is gone
	change_devices 5
	kist start "$web"
	succeeds '' && kist delete -f "$web"
	is "$(ls -A "$data/instances")" '' 'nothing is left beside'
	config . wait && kist run -d --bundle "$b" "$web" && succeeds ''
	change_devices 9
	is "$(minor_in "$state")" '[9]' 'a container that is no instance'
	kist kill "$web" KILL && yes 'stopped' until_true is_stopped
	kist update --pids-limit 1 "$web"
	says 'container not running'
	kist delete "$web"
	nothing_kept
}

device() {
	mknod "$work/own" c 1 3 && chmod 666 "$work/own"
	web --device "$work/own:rw" -- payload seq -- stat "$work/own" -- write "$work/own" x
	like "$out" '^char.* 1:3$' 'the device'
	chmod 600 "$work/own"
	web --device "$work/own" -- payload true
	says 'only its owner may use it' 125
	web --device "$work/fs" -- payload true
	says 'is not a device' 125
	web --device /dev/null:rx -- payload true
	says 'expected PATH' 125
	nothing_kept
}

made_names() {
	kist run --network none -d web:1 payload wait
	succeeds '' && kist list -q
	like "$out" '^web-[a-z0-9]{4}$' 'name'
	kist delete -f "$out"
	for n in ../x .x 'a b' "$(printf %0300d 1)"; do
		kist run --network none --name "$n" web:1 payload true
		is "$code" 125 'a bad name' && has "$err" --name 'why'
	done
	nothing_kept
}

nothing_is_made() {
	rm -rf "$state"
	kist run --network none --print --rm -v new:/srv web:1 payload true
	is "$code" 0 'print' && is "$(jq -r '.kist.image, .kist.remove, .process.args[0]' <<<"$out" | tr '\n' ' ')" \
		'web:1 true payload ' 'document'
	kist run --network none --dry-run -v new:/srv web:1 payload true
	is "$code" 0 'dry run' && has "$out" 'root: overlay' 'plan'
	nothing_kept && no 'state' test -e "$state"
}

# --- volumes

volume() { echo "$data/volumes/$1/data"; }

named_volume() {
	web -v pages:/srv -- payload seq -- cat /srv/page -- stat /srv/page -- write /srv/new x
	succeeds $'first\nfile 0644 33 34 0:0'
	is "$(cd "$(volume pages)" && stat -c '%n %u %g %a' . page new sub | tr '\n' ';')" \
		'. 33 34 2750;page 33 34 644;new 0 34 644;sub 0 34 2755;' 'owners on disk are those inside'
	is "$(python3 -c 'import os, sys; print(os.listxattr(sys.argv[1]), os.getxattr(sys.argv[1], "user.color"))' \
		"$(volume pages)/page")" "['user.color'] b'blue'" 'attributes'
	is "$(cd "$(volume pages)" && stat -c '%n %Y %a' page sub sub/file | tr '\n' ';')" \
		"page 1000000000 644;sub 1000000000 2755;sub/file $(stat -c %Y "$fs/srv/sub/file") 4711;" 'times and modes'
	is "$(cd "$(volume pages)" && cat sub/file && readlink link && [ -p fifo ] && echo fifo)" $'deep\npage\nfifo' 'copied'
	echo second >"$(volume pages)/page"
	web -v pages:/srv:ro -- payload seq -- cat /srv/page -- write /srv/page x
	has "$out" second 'not copied twice' && has "$out" EROFS 'read-only'
	web -v fresh:/srv:nocopy -v other:/none -- payload ls /srv
	is "$(ls "$(volume fresh)" "$(volume other)" | grep -c page)" 0 'not copied'
	kist delete -f nothing && rm -rf "$data/volumes"/*
	nothing_kept
}

volume_of_a_failure() { # goes with it, but not when it was there before
	web -v fresh:/srv --sysctl kernel.panic=1 -- payload true
	says 'would change the host' 125
	web -v fresh:/srv -- nowhere
	says 'not found' 127
	nothing_kept
	kist volume create older
	web -v older:/srv -- nowhere
	is "$code" 127 'code' && kist volume remove older
	succeeds '' && nothing_kept
}

volume_taken_up() { # by another instance, while the run that made it has yet to fail
	local pid
	mkdir -p "$data/locks"
	exec 9>"$data/locks/volume-slow" && flock 9
	"$KIST" --root "$state" --data "$data" run --network none --rm -v fresh:/srv -v slow:/etc web:1 nowhere 9>&- >"$work/said" 2>&1 &
	pid=$!
	yes 'made' until_true test -d "$data/volumes/slow"
	begin_web -v fresh:/srv
	exec 9>&-
	wait $pid
	is "$?" 127 "$(<"$work/said")"
	yes 'the one in use stays' test -d "$(volume fresh)" && no 'the other' test -e "$data/volumes/slow"
	kist exec "$web" payload cat /srv/page
	succeeds first
	kist delete -f "$web" && kist volume remove fresh
	nothing_kept
}

bound() {
	mkdir -p "$work/src" && echo host >"$work/src/f" && chown 33:34 "$work/src/f"
	web -v "$work/src:/srv" -- payload seq -- cat /srv/f -- stat /srv/f
	succeeds $'host\nfile 0644 65534 65534 0:0'
	cd "$work" && web --mount type=bind,src=./src,dst=/srv,idmap,ro -- payload seq -- stat /srv/f -- write /srv/f x
	has "$out" 'file 0644 33 34' 'through its ids' && has "$out" EROFS 'read-only'
	web --tmpfs /srv:size=1m,notmpcopyup -- payload seq -- ls /srv -- write /srv/x y -- cat /srv/x
	has "$out" y 'memory' && lacks "$out" page 'memory'
	rm -rf "$work/src"
	nothing_kept
}

own_volume() { # -v TARGET: outside of the root, with what the image has there, and gone with the instance
	local own=$data/instances/$web/volumes
	kist run --network none --name "$web" -v /srv --mount type=volume,dst=/etc,nocopy web:1 payload seq -- write /srv/new x -- ls /etc
	is "$code" 0 "run: $err"
	lacks "$out" passwd 'nocopy'
	is "$(stat -c '%u:%g %a' "$own/1") $(stat -c %u:%g "$own/1/page") $(<"$own/1/page")" '33:34 2750 33:34 first' 'as the image has it'
	is "$(<"$own/1/new")" x 'what is written' && no 'in the root' test -e "$data/instances/$web/upper/srv"
	kist start -a "$web" && kist cp "$web:/srv/new" "$work/new"
	is "$code:$(<"$work/new")" 0:x 'it lasts' && rm "$work/new"
	kist commit "$web" committed:1 && kist run --network none --rm committed:1 payload ls /srv
	lacks "$out" new 'a commit' && kist image remove committed:1
	kist volume list -q
	is "$out" '' 'it has no name'
	kist delete "$web"
	succeeds '' && nothing_kept
	web -v /srv -- payload write /srv/new x
	succeeds '' && nothing_kept
}

image_volumes() { # the image's own VOLUME: with --read-only they can be written to, and are not memory
	kist run --network none --name "$web" web:1 payload true
	kist commit --change 'VOLUME /srv' "$web" data:1
	is "$code" 0 "$err" && kist delete "$web"
	kist run --network none --rm --read-only data:1 payload seq -- write /srv/new x -- write /etc/new x -- mounts
	has "$out" EROFS 'the root' && is "$(grep -c ' /srv ' <<<"$out")" 1 'a mount'
	lacks "$(grep ' /srv ' <<<"$out")" tmpfs 'on a disk'
	kist run --network none --rm data:1 payload mounts
	lacks "$out" ' /srv ' 'elsewhere it is a directory'
	kist image remove data:1
	nothing_kept
}

memory_has_an_end() { # a tmpfs without a word of its size is no way to the host's memory
	web --read-only --tmpfs /memory -- payload seq -- cat /proc/self/mountinfo
	is "$code $(grep -cE ' /(run|tmp|var/tmp|memory) .* - tmpfs .*size=65536k,nr_inodes=65536' <<<"$out")" '0 4' "$out"
	web --tmpfs /srv:nr_inodes=1 -- payload true
	says 'too small for what the image has there' 125
	nothing_kept
}

bound_with_its_ids() { # what root inside makes set-user-ID is root's outside, too
	mkdir -p "$work/src"
	web -v "$work/src:/srv:idmap" -- payload true
	says 'other users of this host can reach' 125
	chmod 700 "$work/src" && web --mount "type=bind,src=$work/src,dst=/srv,ro,idmap,rw" -- payload true
	says 'other users of this host can reach' 125
	mkdir -p -m 700 "$work/closed" && mkdir "$work/closed/src"
	kist run --network none --name "$web" -v "$work/closed/src:/srv:idmap" web:1 payload write /srv/f x
	is "$code:$(stat -c %u "$work/closed/src/f")" 0:0 'where nobody else gets to'
	chmod 755 "$work/closed" && kist start -a "$web"
	says 'other users of this host can reach'
	kist delete "$web"
	rm -rf "$work/src" "$work/closed"
	nothing_kept
}

links_in_volumes() { # what a volume's links say is of no concern to the copy, nor to the host
	ln -s "$work/outside" "$fs/srv/escape" && mkdir -p "$work/outside" && echo secret >"$work/outside/f"
	ln -s srv/escape "$fs/way"
	"$KIST" --data "$data" image import --name links:1 "$fs" >/dev/null
	kist run --network none --rm -v hole:/way links:1 payload true
	is "$(find "$data/volumes" -name f)" '' 'nothing from outside'
	kist run --network none --rm -v hole2:/srv links:1 payload true
	is "$(readlink "$(volume hole2)/escape")" "$work/outside" 'a link stays a link'
	rm -rf "$data/volumes"/* "$fs/way" "$fs/srv/escape" "$work/outside"
	nothing_kept
}

# Filling and importing put another directory in the place of the volume's own.
volume_in_use() {
	begin_web -v empty:/data:nocopy
	kist run --network none --rm -v empty:/srv web:1 payload true
	succeeds ''
	kist exec "$web" payload write /data/mine x
	succeeds ''
	is "$(<"$(volume empty)/mine")" x 'it still has its volume'
	rm "$(volume empty)/mine"
	tar -C "$work" -cf "$work/any.tar" --files-from /dev/null
	kist volume import empty "$work/any.tar"
	says "used by instance $web"
	kist exec "$web" payload write /data/mine y
	is "$(<"$(volume empty)/mine")" y 'after an import, too'
	kist delete -f "$web" && kist volume remove empty
	nothing_kept
}

volume_verbs() {
	kist volume create --label a=b pages
	succeeds ''
	kist volume create pages
	says 'exists already'
	kist volume create a/b
	says 'invalid volume name'
	begin_web -v pages:/srv
	kist volume inspect pages
	is "$(jq -c '[.name, .labels, .path, .usedBy]' <<<"$out")" \
		"[\"pages\",{\"a\":\"b\"},\"$(volume pages)\",[\"$web\"]]" 'inspect'
	kist volume list
	like "$out" "pages +[0-9TZ:.-]+ +$web" 'list'
	kist volume remove pages
	says "used by instance $web"
	kist volume prune --force
	succeeds ''
	kist exec "$web" payload write /srv/page mine && kist delete -f "$web"
	kist volume prune
	succeeds pages && is "$(<"$(volume pages)/page")" mine 'only named'
	kist volume export -o "$work/pages.tar" pages
	succeeds '' && is "$(stat -c %a "$work/pages.tar")" 600 'for its maker alone'
	echo old >"$work/old.tar" && kist volume export -o "$work/old.tar" nowhere
	says 'no volume nowhere' && is "$(<"$work/old.tar")" old 'what was there stays'
	gzip -c "$work/pages.tar" >"$work/pages.tgz"
	kist volume import copy "$work/pages.tgz"
	succeeds '' && is "$(cd "$(volume pages)" && find . -printf '%p %U %G %m %l\n' | sort)" \
		"$(cd "$(volume copy)" && find . -printf '%p %U %G %m %l\n' | sort)" 'the same again'
	kist volume import copy "$work/pages.tgz"
	says 'there are files in it already'
	kist volume import --max-size 1k less "$work/pages.tgz"
	says '--max-size allows more' && no 'more than was allowed' test -e "$data/volumes/less"
	head -c 3000 "$work/pages.tgz" | head -c $(($(stat -c %s "$work/pages.tgz") / 2)) >"$work/half"
	kist volume import half "$work/half"
	is "$code" 1 'half an archive' && no 'half a volume' test -e "$data/volumes/half"
	kist volume remove copy pages
	succeeds ''
	kist volume remove pages
	says 'no volume pages'
	kist volume list -q
	succeeds '' && nothing_kept
}

hostile_archive() { # of a volume: nothing outside is touched
	mkdir -p "$work/evil" && ln -s "$work/evil" "$work/evil/out"
	(cd "$work/evil" && tar -cf "$work/evil.tar" out && rm out && mkdir out && echo x >out/file &&
		tar -rf "$work/evil.tar" out/file && rm -r out)
	kist volume import evil "$work/evil.tar"
	is "$code" 1 'through a link' && no 'outside' test -e "$work/evil/file"
	(cd "$work/evil" && echo x >f && tar -P -cf "$work/evil.tar" --transform 's,^,../../,' f)
	kist volume import evil "$work/evil.tar"
	is "$code" 1 'upwards' && nothing_kept
	rm -rf "$work/evil"
}

# --- directories

directory() {
	kist run --network none --rm --rootfs "$fs" --overlay payload write /made x
	is "$code" 0 'with an overlay' && no 'untouched' test -e "$fs/made"
	kist run --network none --rm --rootfs "$fs" payload true
	says 'other users of this host can reach' 125
	chmod 700 "$fs" && kist run --network none --rm --rootfs "$fs" payload true
	says 'other users of this host can reach' 125 # its root can open it again
	chmod 700 "$work"
	kist run --network none --rm --rootfs "$fs" payload write /made x
	is "$code:$(<"$fs/made")" 0:x 'without' && is "$(stat -c %u "$fs/made")" 0 'its owner'
	kist run --network none --rm --rootfs "$fs" --overlay --read-only payload seq -- write /made y -- write /run/x y
	has "$out" EROFS 'read-only' && lacks "$out" /run/x 'but /run'
	rm "$fs/made" && chmod 755 "$fs" "$work"
	kist run --network none --rm --rootfs "$work/none" payload true
	says "$work/none" 125
	nothing_kept
}

hosts_own_tree() {
	kist run --network none --rm --rootfs / payload true
	says 'add --overlay' 125
	[ "$(stat -f -c %T /)" != overlayfs ] || { skip 'the root of this machine is an overlay itself'; return; }
	mkdir -p "$work/lent" && cp "$PAYLOAD" "$work/lent/payload" # not in the image, on purpose: the tree is the host's
	lent=(-v "$work/lent:/mnt")
	kist run --network none --rm --rootfs / --overlay "${lent[@]}" /mnt/payload cat /etc/os-release
	is "$code:$out" "0:$(cat /etc/os-release)" 'its files'
	[ -s /etc/shadow ] && good || bad 'this host has no secrets'
	kist run --network none --rm --rootfs / --overlay "${lent[@]}" /mnt/payload seq -- cat /etc/shadow -- ls /root -- ls /home -- ls "$data"
	lacks "$out" root: 'shadow' && lacks "$out" instances 'the data of kist'
	is "$(grep -v ENOENT <<<"$out" | tr -d '\n ')" '' 'nothing of them'
	kist run --network none --rm --rootfs / --overlay "${lent[@]}" /mnt/payload write /etc/made x
	is "$code" 0 'writes' && no 'to itself' test -e /etc/made
	rm -rf "$work/lent"
	nothing_kept
}

# --- the two forms of run

forms() {
	mkdir -p "$work/empty" && cd "$work/empty" && config . echo bundle && cp "$b/config.json" .
	kist run nothing
	says 'kist run --bundle . nothing' 125
	kist run --bundle "$b" -e A=1 "$id"
	says 'do not go with --bundle'
	kist run --bundle "$b" "$id" more
	says 'unexpected "more"'
	kist run --bundle "$b"
	says 'id is missing'
	kist run
	says 'IMAGE is missing' 125
	kist run --overlay web:1
	says 'goes with --rootfs' 125
	kist run --bundle "$b" "$id"
	succeeds bundle
	kist create --bundle "$b" "$id" && succeeds '' && kist delete "$id" && succeeds ''
}

check 'an image says what runs' image_says
check 'options say more' options_say
check 'exit codes of people' exit_codes
check 'isolated by default' isolated
check 'standard input only when asked for' standard_input
check 'an instance lasts' lasting
check 'an instance without state in /run' after_the_host_ended
check 'create and start' created
check 'logs' logs
check 'the log has an end' bounded_log
check 'streams by name' streams_by_name
check 'the last lines of a log' last_lines
check 'holes in the log' holes_in_the_log
check '-d --rm' removed_at_the_end
check 'exec as a user' exec_as
check 'what people get wrong' said_wrong
check 'kist as init' own_init
check 'kist as init cannot be written to' init_is_safe
check 'what was stopped is free' free_again
check 'one operand of several' one_of_many
check 'how it ended' how_it_ended
check 'who waits for the end' watched
check 'the program is removed while an instance runs' replaced
check 'without a cgroup' without_cgroup
check 'a killed supervisor' killed_supervisor
check 'what a killed supervisor left' left_behind
check 'an instance of another state directory' state_elsewhere
check 'an instance that somebody is about to run' locked_instance
check 'a broken document' broken_document
check 'a terminal' on_a_terminal
check 'ids of their own' ids_of_their_own
check 'the stop signal' stop_signal
check 'stop' stopped_in_time
check 'what update has changed lasts' changes_last
check 'devices' device
check 'names' made_names
check '--print and --dry-run make nothing' nothing_is_made
check 'a named volume' named_volume
check 'a new volume of a run that fails' volume_of_a_failure
check 'a new volume that another has taken up' volume_taken_up
check 'bind mounts and memory' bound
check 'a volume of its own' own_volume
check 'volumes of the image' image_volumes
check 'memory as a directory has an end' memory_has_an_end
check 'bind mounts with the ids of the instance' bound_with_its_ids
check 'links in what is copied' links_in_volumes
check 'a volume that is in use is not filled' volume_in_use
check 'the verbs of volumes' volume_verbs
check 'a hostile archive of a volume' hostile_archive
check '--rootfs DIR' directory
check '--rootfs /' hosts_own_tree
check 'images and bundles' forms
finish
