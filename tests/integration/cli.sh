#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line from outside: what a caller gets on standard output, standard error, in the log
# and as exit code. Starts no container and needs no root.
set -u
KIST=$(realpath "${KIST:?the kist to test}")
SRCDIR=${SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
export LC_ALL=C.UTF-8
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" && ln -s "$KIST" "$work/bin/kist" && export PATH=$work/bin:$PATH
umask 022
count=0

result() { # STATUS NAME: one line of TAP, and after a failure what the last command said
	local not='' status=$1
	shift
	[ "$status" = 0 ] || not='not '
	echo "${not}ok $((++count)) - $*"
	[ "$status" = 0 ] || sed 's/^/# /' <<<"code ${code-}, out: ${out-}, err: ${err-}"
}

check() { # NAME FUNCTION
	out='' err='' code=''
	"$2"
	result $? "$1"
}

skip() { echo "ok $((++count)) - $1 # SKIP $2"; }

run() { # ARGUMENT...: sets out, err, code
	out=$("$KIST" --root "$work/root" --data "$work/data" "$@" 2>"$work/err")
	code=$?
	err=$(<"$work/err")
}

# One sentence on standard error, nothing on standard output, exit code CODE (1), with TEXT in it.
says() { # TEXT [CODE]
	[ "$code" = "${2:-1}" ] && [ -z "$out" ] && [[ $err == kist:*"$1"* && $err != *$'\n'* ]]
}

is_json() { jq -e . >/dev/null <<<"$out"; }

verbs() { "$KIST" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'; }

version() {
	run --version
	local first=$out
	[[ $code == 0 && -z $err && $first =~ ^'kist version '[^$'\n']+$'\n''commit: '[^$'\n']+$'\n''spec: 1.3.0'$'\n'[+-] ]] &&
		[ "$(wc -l <<<"$first")" = 4 ] && run -v && [ "$out" = "$first" ] && run -V &&
		[ "$out" = "$first" ] && run -version --nonsense && [ "$out" = "$first" ]
}

unknown_words() {
	run && says 'usage: kist' && run nonsense && says 'usage: kist' && run crate && says 'did you mean create?' &&
		run --nonsense list && says 'usage: kist' && run list --nonsense && says 'usage: kist list' &&
		run create --bundel=x y && says 'did you mean --bundle?' && run help nonsense && says 'unknown command' && run help run x && says 'no commands of its own' &&
		run delete x --force && says 'options go before the operands' && run start && says 'usage: kist start'
}

every_help() {
	local v
	[ -n "$(verbs)" ] || return
	for v in $(verbs); do
		run "$v" --help
		[[ $code == 0 && -z $err && $out == "usage: kist $v "* && $out == *$'\nexamples:\n'*"kist $v"* ]] || return
		local first=$out
		run help "$v"
		[ "$out" = "$first" ] || return
		[ "$(wc -L <<<"$out")" -le 80 ] || return
	done
}

missing_argument() {
	run create --bundle && says 'requires an argument' && run list -f && says 'requires an argument' &&
		run --root && says 'requires an argument' && run exec -e && says 'requires an argument'
}

strict_values() {
	run create --preserve-fds 1x c && says 'not a whole number' && run list --format xml && says 'table, json' &&
		run --log-format xml list && says 'text, json' && run --cgroup-manager x list && says 'cgroupfs'
}

one_dash() {
	run create -no-subreaper -no-pivot -bundle "$work/none" c && says "$work/none"
}

globals_repeat() {
	run --root=/ --root "$work/a" --systemd-cgroup --root="$work/b" --systemd-cgroup --cgroup-manager=disabled \
		--rootless auto --rootless=true --criu /usr/sbin/criu --log-format json --log-format=text list -f json
	[[ $code == 0 && -z $err && $out == '[]' ]]
}

json_record() { # FILE: exactly one record in it
	[ "$(wc -l <"$1")" = 1 ] && grep -qE '^\{"level":"error","msg":".+","time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"\}$' "$1"
}

json_log() {
	local log=$work/log.json
	run --log "$log" --log-format json state nosuch
	says 'does not exist' && json_record "$log" && [ "$(stat -c %a "$log")" = 644 ] || return
	run --log "$log" --log-format json state nosuch
	[ "$(wc -l <"$log")" = 2 ]
}

log_of_usage() { # also what is wrong on the command line itself lands in the log
	run --log "$work/usage.json" --log-format json create --nonsense && says 'unknown option' &&
		json_record "$work/usage.json" || return
	run --log "$work/global.json" --log-format json --nonsense && says 'unknown option' &&
		json_record "$work/global.json"
}

log_silent_on_success() {
	run --log "$work/silent" list && [[ $code == 0 && -z $err && ! -s $work/silent ]]
}

log_text_and_refusals() {
	run --log "$work/text" state nosuch && grep -q '^error: .*does not exist' "$work/text" || return
	run --log "$work/none/x" list && says "$work/none/x: No such file or directory" &&
		run --log journald:x list && says 'files only' && [ ! -e journald:x ]
}

root_forms() {
	local form
	for form in / // /. /tmp/.. ../../../../../../../../../../..; do
		run --root "$form" list && says 'state directory' || return
	done
	run --data /../ list && says 'data directory' || return
	cd "$work" || return
	run --root relative list -q && [[ $code == 0 && -z $out$err ]] && run --root= --root "$work/x" list -q &&
		[ "$code" = 0 ]
}

systemd_manager() { # where systemd does not run; the other verbs do not care
	run --systemd-cgroup delete --force c && [[ $code == 0 && -z $out$err ]] &&
		run --cgroup-manager systemd state c && says 'does not exist' || return
	[ ! -d /run/systemd/system ] || return 0
	mkdir -p "$work/sd/rootfs" && cd "$work/sd" && run spec && sed -i 's/"terminal": true/"terminal": false/' config.json &&
		run --systemd-cgroup create -b . c && says '--cgroup-manager cgroupfs' &&
		run --cgroup-manager=systemd run -b . c && says '--cgroup-manager cgroupfs' && [ ! -e "$work/root/c" ]
}

empty_environment() {
	out=$(cd "$work" && env -i XDG_RUNTIME_DIR= "$KIST" --root "$work/root" --data "$work/data" list -f json 2>"$work/err")
	code=$? err=$(<"$work/err")
	[[ $code == 0 && -z $err && $out == '[]' ]]
}

lists() {
	run list && [[ $code == 0 && $out =~ ^ID\ +PID\ +STATUS\ +IMAGE\ +BUNDLE\ +CREATED\ +OWNER$ ]] && run list -q &&
		[[ $code == 0 && -z $out ]] && run list --format=json && [[ $out == '[]' ]]
}

no_container() {
	local verb
	for verb in start state kill delete ps pause resume events stats; do
		run "$verb" nosuch && says 'does not exist' || return
	done
	run delete --force nosuch && [[ $code == 0 && -z $out$err ]] && run kill --all nosuch KILL &&
		says 'does not exist'
}

exec_failures() {
	run exec nosuch true && says 'does not exist' 255 && run exec -d nosuch true && says 'does not exist' &&
		run exec nosuch && says 'COMMAND' && run exec -p "$work/none.json" nosuch && says none.json 255
}

updates() { # what is wrong before any container is looked for
	run update nosuch && says 'nothing to change' && run update --memory 64m nosuch && says 'does not exist' &&
		run update --memory 5x nosuch && says '512M or 1.5G' && run update --memory -2 nosuch && says 'unlimited' &&
		run update --cpu-quota 5 nosuch && says 'cpu.quota: 5 is below 1000' &&
		run update --cpuset-cpus x nosuch && says 'cpu.cpus' && run update --cpu-share 1x nosuch && says 'whole number' &&
		run update --memory 1g --memory-swap 512m nosuch && says 'memory.swap' &&
		run update --memory 1g -r - nosuch && says '--resources takes everything' &&
		run update --l3-cache-schema L3:0=f nosuch && says 'linux.intelRdt' &&
		run update -r "$work/none.json" nosuch && says none.json &&
		run update -r - nosuch <<<'{"memory": {"limit": -5}}' && says 'stdin.memory.limit (line 1)' &&
		run update --resources=- nosuch <<<'{' && says 'stdin: line 2' &&
		run update --resources - nosuch </dev/null && says 'empty' &&
		run update --resources - nosuch < <(head -c 20000000 /dev/zero) && says 'standard input: File too large' &&
		run update --memory 1.5G --memory-swap -1 --memory-reservation 1m --cpu-quota -1 --cpu-period 100000 \
			--cpu-burst 0 --cpu-share 512 --cpu-idle 0 --cpu-rt-period 0 --cpu-rt-runtime 0 --cpuset-cpus 0 \
			--cpuset-mems 0 --pids-limit -1 --blkio-weight 100 --kernel-memory 1m --kernel-memory-tcp -1 nosuch &&
		says 'does not exist'
}

measures() { # with no container to measure
	run stats && [[ $code == 0 && -z $err && $out == 'ID  CPU %  MEMORY  LIMIT'*'PRESSURE C/M/I' ]] &&
		run stats --limits && [[ $code == 0 && $out == 'ID  RESOURCE  HELD  PEAK  LIMIT  HITS' ]] &&
		run stats --limits --format json && [[ $out == '[]' ]] && run stats -f json && [[ $out == '[]' ]] &&
		run stats --all && says '--all belongs to --limits' && run stats --interval 0 && says '5s, 500ms' &&
		run events --stats --interval=1x nosuch && says '5s, 500ms' && run events && says 'ID is missing' &&
		run events --stats nosuch && says 'does not exist' && run stats --limits nosuch && says 'does not exist'
}

bad_ids() {
	local id
	for id in a/b .. . '' '-' 'a b'; do
		run state -- "$id"
		[[ $code == 1 && -z $out && $err == kist:* && $err != *$'\n'* ]] || return
	done
}

bad_signals() {
	local word
	for word in 0 65 SIGNOPE 15x ''; do
		run kill nosuch "$word"
		[[ $code == 1 && -z $out && $err != *$'\n'* && $err != *'does not exist'* ]] || return
	done
	run kill nosuch -9 && says 'does not exist' && run kill nosuch sigterm && says 'does not exist'
}

spec_file() {
	mkdir -p "$work/spec" && cd "$work/spec" && run spec && [[ $code == 0 && -z $out$err ]] || return
	out=$(<config.json)
	is_json && jq -e '.ociVersion and .process.args and .root.path' config.json >/dev/null || return
	echo changed >config.json
	run spec
	says 'config.json' && [ "$(cat config.json)" = changed ] && cd / &&
		mkdir "$work/other" && run spec --bundle "$work/other" && [ -s "$work/other/config.json" ] &&
		run spec -b "$work/none" && says "$work/none/config.json"
}

spec_rootless() {
	mkdir -p "$work/rootless" && run spec --rootless --bundle="$work/rootless" && [ "$code" = 0 ] &&
		jq -e '[.linux.namespaces[].type] | index("user")' "$work/rootless/config.json" >/dev/null
}

dry_run() {
	mkdir -p "$work/dry/rootfs" && run spec --bundle "$work/dry" &&
		jq '.process.terminal = false' "$work/dry/config.json" >"$work/dry/c.json" || return
	rm -rf "$work/root"
	run run --dry-run --bundle "$work/dry" -f "$work/dry/c.json" c &&
		[[ $code == 0 && -z $err && -n $out && ! -e $work/root/c ]]
}

features() {
	run features && [[ $code == 0 && -z $err ]] && is_json &&
		jq -e '.ociVersionMin and .ociVersionMax' <<<"$out" >/dev/null
}

full_device() {
	err=$("$KIST" --help 2>&1 >/dev/full)
	code=$?
	[[ $code == 1 && $err == *'No space left on device'* ]]
}

closed_streams() {
	mkdir -p "$work/closed" && "$KIST" spec --bundle "$work/closed" <&- >&- 2>&- &&
		jq -e .ociVersion "$work/closed/config.json" >/dev/null
}

documents_are_current() {
	"$KIST" docs "$work/docs" || return
	out=$(cd "$SRCDIR/docs" && diff -r . "$work/docs" | grep -vE '^Only in \.: (Makefile\.inc|.*\.md|guides?)$')
	[ -z "$out" ]
}

man_pages() {
	out=$(for page in "$SRCDIR"/docs/*.1; do groff -man -ww -z -Tutf8 "$page" 2>&1; done)
	[ -z "$out" ]
}

completes() { # WORDS... , the last one being typed: sets out to the answers, in one line
	COMP_WORDS=(kist "$@") COMP_CWORD=$#
	_kist
	out=$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')
}

bash_completes() {
	kist completion bash >"$work/kist.bash" && bash -n "$work/kist.bash" && . "$work/kist.bash" || return
	mkdir -p "$work/here/dir" && cd "$work/here" && touch file || return
	completes cr && [ "$out" = 'create ' ] &&
		completes --root /x --log-f && [ "$out" = '--log-format ' ] &&
		completes --log-format = j && [ "$out" = 'json ' ] &&
		completes --cgroup-manager '' && [ "$out" = 'cgroupfs disabled systemd ' ] &&
		completes --debug create --bundle '' && [ "$out" = 'dir ' ] &&
		completes create --config '' && [ "$out" = 'dir file ' ] &&
		completes list --format = '' && [ "$out" = 'json table ' ] &&
		completes exec --ti && [ "$out" = ' ' ] &&
		completes exec --tt && [ "$out" = '--tty ' ] &&
		completes exec dns1 --tt && [ "$out" = ' ' ] &&
		completes kill dns1 SIGHU && [ "$out" = 'SIGHUP ' ] &&
		completes help spe && [ "$out" = 'spec ' ] &&
		completes --debug volume re && [ "$out" = 'remove ' ] &&
		completes volume create --la && [ "$out" = '--label ' ] &&
		completes volume import x '' && [ "$out" = 'dir file ' ] &&
		completes volume list --format = t && [ "$out" = 'table ' ] &&
		completes run --userns = '' && [ "$out" = 'auto host ' ] && completes completion fi && [ "$out" = 'fish ' ]
}

other_shell() { # SHELL: its script parses
	local name="the completion for $1 parses"
	if command -v "$1" >/dev/null; then
		kist completion "$1" >"$work/kist.$1"
		out=$("$1" -n "$work/kist.$1" 2>&1)
		result $? "$name"
	else
		skip "$name" "no $1 here"
	fi
}

check 'the version, in four lines' version
check 'unknown words: one sentence with the usage' unknown_words
check 'every verb has a help with an example' every_help
check 'an option without its value' missing_argument
check 'numbers and words are strict' strict_values
check 'one dash is enough for a long option' one_dash
check 'global options repeat, the last wins' globals_repeat
check 'the JSON log: one record, RFC 3339 time' json_log
check 'a wrong command line is logged as well' log_of_usage
check 'success logs nothing' log_silent_on_success
check 'the text log, and logs that cannot be' log_text_and_refusals
check 'forms of --root' root_forms
check 'the systemd manager is refused where it matters' systemd_manager
check 'an empty environment' empty_environment
check 'list without containers' lists
check 'no such container' no_container
check 'exec that cannot be: 255, detached 1' exec_failures
check 'update: values that cannot be' updates
check 'stats and events without containers' measures
check 'ids that are none' bad_ids
check 'signals that are none' bad_signals
check 'spec writes, and does not overwrite' spec_file
check 'spec --rootless' spec_rootless
check '--dry-run prints a plan and leaves nothing' dry_run
check 'features: JSON, silent' features
check 'a full device is noticed' full_device
check 'closed standard streams' closed_streams
check 'docs/ is what the tables say' documents_are_current
if command -v groff >/dev/null; then
	check 'the man pages are good roff' man_pages
else
	skip 'the man pages are good roff' 'no groff here'
fi
check 'bash completes' bash_completes
other_shell zsh
other_shell fish
echo "1..$count"
