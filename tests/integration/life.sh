#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of a container: create, start, state, exec, kill, delete, list, ps, run -d.
. "$(dirname "$0")/lib.sh"

document() { "$KIST" --root "$state" state "$id"; }

# --- from created to deleted

whole_life() {
	local first
	config '.annotations = {"a.b": "c"} | .hostname = "h"' trap USR1
	first=$(date -u +%s)
	kist create --bundle "$b" --pid-file "$work/pid" "$id"
	succeeds ''
	voice=$said
	is "$(document | jq -r '.status, .id, .bundle, .rootfs, .ociVersion, .owner, .annotations["a.b"]' | tr '\n' ' ')" \
		"created $id $b $b/rootfs 1.3.0 root c " 'state'
	like "$(document | jq -r .created)" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$' 'time of creation'
	yes 'the time is now' test $(($(date -u -d "$(document | jq -r .created)" +%s) - first)) -le 2
	is "$(document | jq -r .pid)" "$(<"$work/pid")" 'pid'
	kist start "$id"
	succeeds ''
	is_status running && good || bad 'runs'
	yes 'ready' until_true grep -q ready "$voice"
	kist kill "$id" USR1 && succeeds '' && yes 'signalled' until_true grep -q USR1 "$voice"
	kist delete "$id"
	says 'cannot delete container'
	kist kill "$id"
	becomes stopped
	is "$(document | jq -r .pid)" 0 'pid of a stopped container'
	kist kill "$id"
	says 'container not running'
	kist kill "$id" 0x9
	says 'unknown signal'
	kist start "$id"
	says 'has stopped'
	kist exec "$id" payload true
	says 'container not running' 255
	kist delete "$id" && succeeds '' && kist delete "$id" && says 'does not exist'
	kist delete --force "$id"
	succeeds ''
}

pid_file() {
	config . wait
	kist create --bundle "$b" --pid-file "$work/pid" "$id"
	is "$(od -An -c "$work/pid" | tr -d ' ')" "$(pid_of)" 'bytes'
	is "$(stat -c %a "$work/pid")" 644 'mode'
	kist start "$id"
	kist exec -d --pid-file "$work/pid" "$id" payload wait
	succeeds ''
	isnt "$(<"$work/pid")" "$(pid_of)" 'of exec'
	is "$(tr '\0' ' ' <"/proc/$(<"$work/pid")/cmdline")" 'payload wait ' 'the process behind it'
	rm "$work/pid"
	kist exec -d --pid-file "$work/pid" "$id" /none
	is "$code" 1 'exec that fails' && no 'a pid file then' test -e "$work/pid"
	kist exec --pid-file "$work/pid" "$id" payload true
	is "$code" 0 'attached exec' && yes 'its pid file' test -s "$work/pid"
	end
	kist create --bundle "$b" --pid-file "$work/none/pid" "$id"
	says "--pid-file $work/none/pid"
}

created_container() { # exec, ps, kill and delete of one that was never started
	config . wait
	kist create --bundle "$b" "$id"
	inside cwd
	succeeds /
	kist kill "$id" KILL
	becomes stopped
	kist delete "$id"
	succeeds ''
	kist create --bundle "$b" "$id" && kist delete "$id"
	succeeds ''
}

same_id() {
	begin . wait
	kist create --bundle "$b" "$id"
	says 'already exists'
	kist run --bundle "$b" "$id"
	says 'already exists'
	is_status running && good || bad 'the first one still runs'
	end
}

same_id_at_once() {
	local i won=0 pids=()
	config . wait
	for i in {1..10}; do
		"$KIST" --root "$state" create --bundle "$b" "$id" >/dev/null 2>"$work/race.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" && won=$((won + 1)); done
	is $won 1 'winners'
	is "$(cat "$work"/race.* | grep -vc 'already exists')" 0 'other sentences'
	kist start "$id"
	succeeds ''
	end
	rm "$work"/race.*
}

start_once() {
	local i won=0 pids=()
	config . wait
	kist create --bundle "$b" "$id"
	for i in {1..10}; do
		"$KIST" --root "$state" start "$id" 2>/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" && won=$((won + 1)); done
	is $won 1 'winners'
	end
}

delete_at_once() {
	local i lost=0 pids=()
	begin . children 5
	for i in {1..20}; do
		"$KIST" --root "$state" delete --force "$id" >/dev/null 2>>"$work/race" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || lost=$((lost + 1)); done
	is "$lost:$(<"$work/race")" 0: 'failures'
	rm "$work/race"
}

run_and_delete_at_once() { # the supervisor and a stranger clean up together
	local i
	config . wait
	for i in {1..5}; do
		"$KIST" --root "$state" run --bundle "$b" "$id" >/dev/null 2>&1 &
		until_true is_status running
		kist delete --force "$id"
		succeeds ''
		wait $!
		is $? 137 'the supervisor'"'"'s code'
	done
}

supervisor_killed() {
	config . wait
	"$KIST" --root "$state" run --bundle "$b" "$id" &
	yes 'runs' until_true is_status running
	kill -KILL $!
	wait $! 2>/dev/null
	is_status running && good || bad 'runs on'
	inside true
	is "$code" 0 'exec'
	end
}

detached() {
	config . wait
	kist run -d --bundle "$b" --pid-file "$work/pid" "$id"
	succeeds ''
	is "$(<"$work/pid")" "$(pid_of)" 'pid'
	is_status running && good || bad 'runs'
	is "$(awk '/^PPid/ { print $2 }' "/proc/$(pid_of)/status")" 1 'its parent is whoever adopts orphans'
	end
	config . exit 3
	kist run --keep --bundle "$b" "$id"
	is "$code:$(status_of)" '3:stopped' '--keep'
	kist delete "$id"
	succeeds ''
}

start_fails() { # what the start cannot do reaches start
	config . wait
	cp "$b/rootfs/bin/payload" "$b/rootfs/bin/gone"
	jq '.process.args = ["gone"]' "$b/config.json" >"$work/gone" && mv "$work/gone" "$b/config.json"
	kist create --bundle "$b" "$id" && rm "$b/rootfs/bin/gone" && kist start "$id"
	says 'exec "/bin/gone": No such file or directory'
	becomes stopped
	end
	printf '#!/none/interpreter\n' >"$b/rootfs/bin/script" && chmod 755 "$b/rootfs/bin/script"
	config '.process.args = ["script"]'
	kist create --bundle "$b" "$id" && kist start "$id"
	says 'interpreter'
	end
	printf 'nonsense' >"$b/rootfs/bin/script"
	kist create --bundle "$b" "$id" && kist start "$id"
	says 'Exec format error'
	end
	rm "$b/rootfs/bin/script"
}

init_dies_before_start() {
	config . wait
	kist create --bundle "$b" "$id" && kill -KILL "$(pid_of)"
	becomes stopped
	kist start "$id"
	says 'has stopped'
	end
}

# --- who is listed

lists() {
	begin . children 3
	kist list -q
	succeeds "$id"
	kist list -f json
	is "$(jq -r '.[0] | .id, .status, .bundle, (.pid > 0)' <<<"$out" | tr '\n' ' ')" "$id running $b true " 'json'
	kist list
	like "$out" "^ID +PID +STATUS.*
$id +[0-9]+ +running +- +$b " 'table'
	kist ps -f json "$id"
	is "$(jq length <<<"$out")" 4 'pids'
	is "$(jq -r '.[0]' <<<"$out")" "$(pid_of)" 'the first'
	kist ps "$id"
	is "$(wc -l <<<"$out")" 5 'lines of ps' && like "$out" 'PID.*payload children' 'ps'
	kist ps "$id" -o pid,comm
	like "$out" '^ *PID COMMAND' 'ps with its own options'
	end
	kist list -q
	succeeds ''
}

signals() {
	begin . trap HUP USR1 USR2 INT WINCH 40
	yes ready until_true grep -q ready "$voice"
	local word n=1
	for word in HUP:HUP SIGUSR1:USR1 usr2:USR2 sigint:INT 28:WINCH -1:HUP 40:40 RTMIN+6:40; do
		kist kill "$id" "${word%:*}" && succeeds ''
		n=$((n + 1))
		lines_are() { [ "$(wc -l <"$voice")" = $n ]; }
		until_true lines_are
		is "$(tail -n1 "$voice")" "${word#*:}" "kill ${word%:*}"
	done
	end
}

kill_all() { # without a pid namespace the rest of the family stays when the init is killed
	begin 'del(.linux.namespaces[] | select(.type == "pid"))' children 4
	kist kill --all "$id" KILL
	succeeds ''
	becomes stopped
	kist kill --all "$id" 9
	succeeds ''
	end
	begin 'del(.linux.namespaces[] | select(.type == "pid"))' children 4
	kill -KILL "$(pid_of)"
	becomes stopped
	kist ps -f json "$id"
	is "$(jq length <<<"$out")" 4 'orphans'
	kist kill --all "$id" KILL && succeeds ''
	end
}

reused_pid() { # a record that names a pid which is somebody else's now
	local record=$state/$id/record.json pid
	begin . wait
	pid=$(pid_of)
	jq '.start -= 1' "$record" >"$work/record" && cat "$work/record" >"$record"
	is_status stopped && good || bad 'another start time is another process'
	kist kill "$id" KILL
	says 'container not running'
	kist exec "$id" payload true
	says 'container not running' 255
	yes 'the process is left alone' test -d "/proc/$pid"
	jq '.start += 1' "$record" >"$work/record" && cat "$work/record" >"$record"
	is_status running && good || bad 'and this is ours again'
	end
	rm "$work/record"
}

damaged_record() {
	local pid
	begin . wait
	pid=$(pid_of)
	echo '{' >"$state/$id/record.json"
	kist state "$id"
	says record.json
	kist list -q
	is "$code$out" 0 'list'
	has "$err" "$id" 'list hides it without a word'
	kill -KILL "$pid" # what the record would have told
	kist delete --force "$id"
	is "$code" 0 'delete --force'
	[ -z "$cgroups" ] || rmdir "$cgroups/kist-$id" 2>/dev/null
}

paused() {
	[ -n "$cgroups" ] || { skip 'no cgroup v2 here'; return; }
	begin . wait
	echo 1 >"$cgroups/kist-$id/cgroup.freeze"
	is_status paused && good || bad 'paused'
	kist exec "$id" payload true
	says paused 255
	kist delete "$id"
	says paused
	kist kill "$id" KILL && succeeds '' && becomes stopped
	end
}

# --- exec

exec_words() {
	begin '.process.env += ["A=1"]' wait
	kist exec "$id" payload echo -c -- --help -x 'a b' ''
	succeeds '-c -- --help -x a b '
	kist exec -e A=2 --env B=3=4 -e C= "$id" payload env
	is "$(grep '^[ABC]=' <<<"$out" | tr '\n' ' ')" 'A=2 B=3=4 C= ' 'environment'
	kist exec -e A "$id" payload env
	says 'NAME=VALUE' 255
	kist exec --cwd /bin "$id" payload cwd
	succeeds /bin
	kist exec --cwd=bin "$id" payload cwd
	says absolute 255
	kist exec --cwd /none "$id" payload cwd
	says /none 255
	out=$(echo input | "$KIST" --root "$state" exec "$id" payload cat)
	is "$out" input 'stdin'
	end
}

exec_users() {
	local row
	begin '.process.user = {uid: 7, gid: 8, additionalGids: [9]}' wait
	inside id
	has "$out" 'uid=7 euid=7 gid=8 egid=8 groups=9' 'the container'"'"'s own'
	for row in 1=1:0 1:1=1:1 0=0:0 1000:5=1000:5 4294967294=4294967294:0; do
		kist exec -u "${row%=*}" "$id" payload id
		has "$out" "uid=$(cut -d: -f1 <<<"${row#*=}") euid=$(cut -d: -f1 <<<"${row#*=}") gid=${row##*:} " "-u ${row%=*}"
	done
	for row in 1: :1 : 0x1 ' 1' '1 ' -1 +1 4294967295 4294967296 1a 1:a root 1:1:1 99999999999999999999; do
		kist exec --user="$row" "$id" payload id
		says "--user \"$row\"" 255
	done
	kist exec -g 20 -g 21 "$id" payload id
	has "$out" 'groups=20,21' 'groups'
	kist exec -g x "$id" payload id
	says '--additional-gids' 255
	end
}

exec_privileges() {
	begin '.process.noNewPrivileges = false' wait
	kist exec --cap CAP_NET_RAW --cap CAP_CHOWN "$id" payload status
	has "$out" $'CapEff:\t0000000020002421' 'effective'
	has "$out" $'CapInh:\t0000000000000000' 'inheritable' && has "$out" $'CapAmb:\t0000000000000000' 'ambient'
	kist exec --cap CAP_NONE "$id" payload status
	says 'CAP_NONE' 255
	kist exec --no-new-privs "$id" payload status
	has "$out" $'NoNewPrivs:\t1' 'no_new_privs'
	inside status
	has "$out" $'NoNewPrivs:\t0' 'without' && has "$out" $'CapEff:\t0000000020000420' 'the container'"'"'s own'
	end
}

exec_codes() {
	begin . wait
	local n
	for n in 0 1 42 255; do
		inside exit $n
		is "$code" $n "exit $n"
	done
	inside kill-self KILL
	is "$code" 137 'killed'
	kist exec "$id" /none
	says 'No such file or directory' 255
	kist exec "$id" none
	says 'executable file not found in $PATH' 255
	kist exec "$id" /bin
	says 'exec "/bin"' 255
	kist exec -d "$id" /none
	says '/none' 1
	kist exec -d "$id" payload false
	succeeds ''
	end
}

exec_place() { # in every namespace, in the cgroup, and without our descriptors
	local pid
	begin . wait
	pid=$(pid_of)
	inside ns
	is "$out" "$(for n in cgroup ipc mnt net pid time user uts; do readlink "/proc/$pid/ns/$n"; done)" 'namespaces'
	"$KIST" --root "$state" exec "$id" payload fds 5</etc/passwd 9</dev/zero >"$work/fds"
	is "$(cut -d' ' -f1 "$work/fds" | tr '\n' ' ')" '0 1 2 ' 'descriptors'
	"$KIST" --root "$state" exec --preserve-fds 1 "$id" payload fds 3</dev/null 4</dev/zero >"$work/fds"
	is "$(cut -d' ' -f1 "$work/fds" | tr '\n' ' ')" '0 1 2 3 ' 'with --preserve-fds'
	kist exec -d --pid-file "$work/pid" "$id" payload wait
	is "$(grep ^0:: "/proc/$(<"$work/pid")/cgroup")" "$(grep ^0:: "/proc/$pid/cgroup")" 'cgroup'
	inside keyring
	has "$out" "_ses.$id" 'the session keyring is not the caller'"'"'s'
	end
}

exec_process_file() {
	begin . wait
	jq -n '{args: ["payload", "seq", "--", "id", "--", "cwd", "--", "env", "--", "status"], cwd: "/bin", env: ["X=1", "PATH=/bin"],
		user: {uid: 5, gid: 6}, noNewPrivileges: true, oomScoreAdj: 700, capabilities: {bounding: ["CAP_KILL"]}}' >"$work/process.json"
	kist exec --process "$work/process.json" "$id"
	has "$out" $'uid=5 euid=5 gid=6 egid=6 groups=\n/bin\nX=1\nPATH=/bin\nHOME=/' 'process'
	has "$out" $'CapBnd:\t0000000000000020' 'capabilities' && has "$out" $'NoNewPrivs:\t1' 'no_new_privs'
	kist exec -d -p "$work/process.json" "$id"
	is "$code" 0 'detached'
	echo '{"args": ["payload", "true"], "cwd": "/"' >"$work/process.json"
	kist exec -p "$work/process.json" "$id"
	says process.json 255
	echo '{"args": ["payload", "true"], "cwd": "/", "terminal": 3}' >"$work/process.json"
	kist exec -p "$work/process.json" "$id"
	says terminal 255
	end
	rm "$work/process.json"
}

exec_forwards_signals() {
	begin . wait
	"$KIST" --root "$state" exec "$id" payload trap USR1 >"$work/trap" &
	until_true grep -q ready "$work/trap"
	kill -USR1 $! && until_true grep -q USR1 "$work/trap"
	kill -TERM $!
	wait $!
	is "$?:$(tr '\n' ' ' <"$work/trap")" '0:ready USR1 TERM ' 'signals'
	end
}

exec_many() { # at once, from one container
	local i pids=() lost=0
	begin . wait
	for i in {1..20}; do
		"$KIST" --root "$state" exec "$id" payload exit "$i" &
		pids+=($!)
	done
	for i in {1..20}; do
		wait "${pids[i - 1]}"
		[ $? = "$i" ] || lost=$((lost + 1))
	done
	is $lost 0 'wrong codes'
	end
}

# --- terminals and other descriptors that are sent

receive() { # NAME [KIND]: in the background; what it says is in $work/NAME.said
	rm -f "$work/$1"
	"$helpers/receive" "$work/$1" "${@:2}" >"$work/$1.said" &
	receiver=$!
	until_true test -S "$work/$1"
}

console_socket() {
	config '.process.terminal = true | .process.consoleSize = {height: 9, width: 8}' seq -- isatty -- winsize
	receive console tty
	kist create --bundle "$b" --console-socket "$work/console" "$id"
	succeeds ''
	kist start "$id"
	wait $receiver
	like "$(<"$work/console.said")" '^bytes=[1-9][0-9]* fds=1 text=' 'one message with one descriptor'
	has "$(<"$work/console.said")" 'rows=9 cols=8' 'the size is set before the start'
	has "$(tr -d '\r' <"$work/console.said")" '0=yes 1=yes 2=yes ctty=yes' 'the terminal'
	becomes stopped
	end
}

console_socket_far_away() { # a path longer than sun_path
	local far=$work/$(printf 'x%.0s' {1..120})
	mkdir -p "$far"
	config '.process.terminal = true' isatty
	receive console tty
	mv "$work/console" "$far/console"
	kist run -d --bundle "$b" --console-socket "$far/console" "$id"
	succeeds ''
	wait $receiver
	has "$(<"$work/console.said")" '0=yes' 'the terminal'
	end
	rm -r "$far"
}

exec_terminal() {
	begin . wait
	out=$("$helpers/pty" 20 30 $'x\n\004' "$KIST" --root "$state" exec -t "$id" payload seq -- isatty -- winsize -- cat 2>"$work/pty")
	like "$out" $'^0=yes 1=yes 2=yes ctty=yes\n(x\n)?rows=2[01] cols=30\nx' 'exec -t'
	has "$(<"$work/pty")" 'restored=yes' 'the caller'"'"'s terminal'
	receive console tty
	kist exec -d -t --console-socket "$work/console" "$id" payload isatty
	succeeds ''
	wait $receiver
	has "$(<"$work/console.said")" '0=yes' 'exec -d -t'
	kist exec -d -t "$id" payload isatty
	says '--console-socket'
	kist exec -d --console-socket "$work/console" "$id" payload isatty
	says 'terminal'
	end
}

pidfd_socket() {
	config . wait
	receive pidfd pidfd
	kist create --bundle "$b" --pidfd-socket "$work/pidfd" "$id"
	succeeds ''
	like "$(<"$work/pidfd.said")" '^bytes=[1-9][0-9]* fds=1 ' 'one message with one descriptor'
	kist kill "$id" KILL
	wait $receiver
	has "$(<"$work/pidfd.said")" ended 'the init'"'"'s'
	end
	begin . wait
	receive pidfd pidfd
	kist exec --pidfd-socket "$work/pidfd" "$id" payload true
	wait $receiver
	has "$(<"$work/pidfd.said")" ended 'of exec'
	end
}

# --- callers

empty_environment() { # as podman and CRI-O call
	as=("${bare[@]}" XDG_RUNTIME_DIR=)
	begin . wait
	inside id
	is "$code" 0 'exec'
	kist state "$id"
	is "$code" 0 'state'
	kist ps "$id"
	is "$code" 0 'ps'
	kist kill "$id" 9 && becomes stopped && kist delete "$id"
	succeeds ''
	as=(env)
}

caller_waits() { # conmon and containerd wait for the pid as subreapers, and for the end of their pipe
	config . wait
	(exec 7> >(cat >/dev/null; echo closed >"$work/pipe")
	 "$KIST" --root "$state" create --bundle "$b" --pid-file "$work/pid" "$id" >/dev/null 2>&1 </dev/null)
	kist start "$id"
	yes 'the init holds no descriptor of the caller' until_true grep -qs closed "$work/pipe"
	is "$(awk '/^PPid/ { print $2 }' "/proc/$(<"$work/pid")/status")" 1 'the init is left to the caller'"'"'s subreaper'
	end
}

other_root() {
	config . wait
	kist --root "$work/a/b/c" create --bundle "$b" "$id"
	succeeds ''
	is "$(stat -c %a "$work/a/b/c/$id" "$work/a/b/c")" $'700\n700' 'modes'
	kist state "$id"
	says 'does not exist'
	kist --root "$work/a/b/c" delete --force "$id"
	succeeds ''
	rm -r "$work/a"
}

check 'the whole life' whole_life
check 'pid files' pid_file
check 'a created container' created_container
check 'an id that is used' same_id
check 'ten creates of one id' same_id_at_once
check 'ten starts at once' start_once
check 'twenty delete --force at once' delete_at_once
check 'run and delete --force at once' run_and_delete_at_once
check 'a killed supervisor' supervisor_killed
check 'run -d, --keep' detached
check 'a start that fails' start_fails
check 'an init that dies before the start' init_dies_before_start
check 'list and ps' lists
check 'signals by name and number' signals
check 'kill --all' kill_all
check 'a pid that is used again' reused_pid
check 'a damaged record' damaged_record
check 'a frozen container' paused
check 'exec: words, environment, cwd' exec_words
check 'exec: users' exec_users
check 'exec: capabilities' exec_privileges
check 'exec: exit codes' exec_codes
check 'exec: namespaces, cgroup, descriptors' exec_place
check 'exec --process' exec_process_file
check 'exec forwards signals' exec_forwards_signals
check 'twenty execs at once' exec_many
check '--console-socket' console_socket
check '--console-socket at a long path' console_socket_far_away
check 'exec with a terminal' exec_terminal
check '--pidfd-socket' pidfd_socket
check 'an empty environment' empty_environment
check 'a caller that waits' caller_waits
check 'another --root' other_root
finish
