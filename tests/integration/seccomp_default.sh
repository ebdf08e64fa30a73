#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kist's default seccomp profile, call by call, as 64-bit, 32-bit and x32 programs meet it. Every call that the profile
# refuses is also made without the profile and with all capabilities: there the answer must be another one, or the
# refusal would prove nothing. The arguments are such that the kernel itself then finds them wrong and does nothing.
. "$(dirname "$0")/lib.sh"

profile=$("$KIST" spec --seccomp --bundle "$work" && jq -c .linux.seccomp "$work/config.json")
rm -f "$work/config.json"

# NAME, its number for 64 and for 32 bits ("-": has none), the answer of the profile, arguments. What makes namespaces
# comes last: without the profile it changes what the process may do.
refused() {
	cat <<-'END'
	mount 165 21 EPERM 0 0 0 0 0
	umount2 166 52 EPERM 0 0
	pivot_root 155 217 EPERM 0 0
	open_tree 428 428 EPERM -1 0 0
	move_mount 429 429 EPERM -1 0 -1 0 0
	fsopen 430 430 EPERM 0 0
	fsconfig 431 431 EPERM -1 99 0 0 0
	fsmount 432 432 EPERM -1 0 0
	fspick 433 433 EPERM -1 0 0
	mount_setattr 442 442 EPERM -1 0 0 0 0
	setns 308 346 EPERM -1 0
	sethostname 170 74 EPERM 0 -1
	setdomainname 171 121 EPERM 0 -1
	quotactl 179 131 EPERM -1 0 0 0
	fanotify_init 300 338 EPERM -1 0
	chroot 161 61 EPERM 1
	keyctl 250 288 EPERM 999
	add_key 248 286 EPERM 0 0 0 0 0
	request_key 249 287 EPERM 0 0 0 0
	bpf 321 357 EPERM 999 0 0
	perf_event_open 298 336 EPERM 0 0 -1 -1 0
	userfaultfd 323 374 EPERM 0x7fffffff
	io_uring_setup 425 425 EPERM 0 0
	io_uring_enter 426 426 EPERM -1 0 0 0 0
	io_uring_register 427 427 EPERM -1 0 0 0
	open_by_handle_at 304 342 EPERM -1 1 0
	ptrace 101 26 EPERM 16 0 0 0
	process_vm_readv 310 347 EPERM 0 0 0 0 0
	process_vm_writev 311 348 EPERM 0 0 0 0 0
	process_madvise 440 440 EPERM -1 0 0 0 99
	pidfd_getfd 438 438 EPERM -1 0 0
	kcmp 312 349 EPERM 0 0 99 0 0
	kexec_load 246 283 EPERM 0 999 0 0
	kexec_file_load 320 - EPERM -1 -1 0 0 0xffff
	init_module 175 128 EPERM 0 0 0
	finit_module 313 350 EPERM -1 0 0
	delete_module 176 129 EPERM 0 0
	swapon 167 87 EPERM 0 0
	swapoff 168 115 EPERM 0
	acct 163 51 EPERM 1
	settimeofday 164 79 EPERM 1 0
	clock_settime 227 264 EPERM 0 1
	clock_settime64 - 404 EPERM 0 1
	stime - 25 EPERM 1
	syslog 103 103 EPERM 99 0 0
	reboot 169 88 EPERM 0 0 0 0
	iopl 172 110 EPERM 4
	ioperm 173 101 EPERM -1 0 0
	vmsplice 278 316 EPERM -1 0 0 0
	modify_ldt 154 123 EPERM 99 0 0
	mbind 237 274 EPERM 0 0 99 0 0
	sysfs 139 135 ENOSYS 99
	clone3 435 435 ENOSYS 0 0
	socketcall - 102 EPERM 1 1
	socket-alg 41 359 EPERM 38 5 0
	socket-vsock 41 359 EPERM 40 1 0
	socket-packet 41 359 EPERM 17 3 0
	socket-bluetooth 41 359 EPERM 31 3 0
	socket-alg-high 41 - EPERM 0x100000026 5 0
	socket-packet-high 41 - EPERM 0xffffffff00000011 3 0
	tiocsti 16 54 EPERM -1 0x5412 0
	tiocsti-high 16 - EPERM -1 0x100005412 0
	tioclinux 16 54 EPERM -1 0x541c 0
	tioclinux-high 16 - EPERM -1 0x800000000000541c 0
	personality-no-randomness 135 136 EPERM 0x40000
	personality-no-randomness-high 135 - EPERM 0x100040000
	clone-user 56 120 EPERM 0x10000200 0 0 0 0
	clone-mount 56 120 EPERM 0x20200 0 0 0 0
	clone-user-high 56 - EPERM 0x110000200 0 0 0 0
	unshare-mount 272 310 EPERM 0x20000
	unshare-network 272 310 EPERM 0x40000000
	unshare-time 272 310 EPERM 0x80
	unshare-user-high 272 - EPERM 0x110000000
	unshare-user 272 310 EPERM 0x10000000
	END
}

# The same for what the profile lets through: the answer is the kernel's.
allowed() {
	cat <<-'END'
	ioctl-neighbour 16 54 EBADF -1 0x5413 0
	ioctl-neighbour-high 16 - EBADF -1 0x100005413 0
	ioctl-zero 16 54 EBADF -1 0 0
	personality-ask 135 136 0 0xffffffff
	personality-ask-signed 135 - 0 -1
	socketpair 53 360 EFAULT 1 1 0 1
	socket-inet-high 41 - EINVAL 0x100000002 99 0
	socket-unix 41 359 EINVAL 1 99 0
	socket-inet6 41 359 EINVAL 10 99 0
	socket-netlink 41 359 EINVAL 16 99 0
	clone-bad-pointer 56 120 EINVAL 0x800 0 0 0 0
	unshare-files 272 310 0 0x400
	bad-unshare 272 310 EINVAL 1
	mq_open 240 277 EFAULT 0 0 0 0
	shmat 30 397 EINVAL -1 0 0
	seccomp 317 354 EINVAL 99 0 0
	adjtimex 159 124 EFAULT 1
	chmod 90 15 EFAULT 0 0
	END
}

made() { # COLUMN COMMAND TABLE: the words for the payload's "seq"
	local name numbers answer args words=()
	while read -r name numbers[2] numbers[3] answer args; do
		[ "${numbers[$1]}" = - ] || words+=(-- "$2" "${numbers[$1]}" $args)
	done < <($3)
	printf '%s\n' "${words[@]}"
}

wanted() { # COLUMN TABLE: the names and the answers
	$2 | awk -v c="$1" '$c != "-" { print $1, $4 }'
}

call_all() { # JQ-FILTER COLUMN COMMAND TABLE: "NAME ANSWER" of each, in $answers
	local words
	mapfile -t words < <(made "$2" "$3" "$4")
	box "$1" seq "${words[@]}"
	answers=$(paste -d' ' <(wanted "$2" "$4" | cut -d' ' -f1) <(echo "$out"))
}

with=".linux.seccomp = $profile"
without='.process.capabilities[] = ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_TIME", "CAP_SYS_BOOT", "CAP_SYS_MODULE",
	"CAP_SYS_RAWIO", "CAP_SYS_PACCT", "CAP_SYSLOG", "CAP_SYS_NICE", "CAP_SYS_CHROOT", "CAP_DAC_READ_SEARCH", "CAP_NET_RAW",
	"CAP_BPF", "CAP_PERFMON"]'

refusals() { # COLUMN COMMAND
	local same
	call_all "$with" "$1" "$2" refused
	is "$(diff <(wanted "$1" refused) <(echo "$answers"))" '' 'with the profile'
	call_all "$without" "$1" "$2" refused
	same=$(comm -12 <(wanted "$1" refused | sort) <(echo "$answers" | sort))
	is "$same" '' 'the same without the profile'
}

permissions() { # COLUMN COMMAND
	call_all "$with" "$1" "$2" allowed
	is "$(diff <(wanted "$1" allowed) <(echo "$answers"))" '' 'what the kernel answers'
}

has_32() { # whether this kernel runs 32-bit programs
	box . syscall32 20
	[ "$code" = 0 ] || { skip 'no 32-bit system calls here' && return 1; }
}

refused_64() { refusals 2 syscall; }
allowed_64() { permissions 2 syscall; }
refused_32() { if has_32; then refusals 3 syscall32; fi; }
allowed_32() { if has_32; then permissions 3 syscall32; fi; }

x32() { # getpid of the third way to call: whoever tries it is killed
	box "$with" syscall 0x40000027
	is "$code" 159 'killed by SIGSYS'
	box . syscall 0x40000027
	isnt "$code" 159 'without the profile'
}

unknown() { # numbers that no kernel has yet
	box "$with" seq -- syscall 999 -- syscall 470 -- syscall 0x3fffffff -- syscall32 999
	is "$out" $'ENOSYS\nENOSYS\nENOSYS\nENOSYS' 'answers'
}

ordinary() { # what every program does, and threads and processes with it
	box "$with" seq -- fork-bomb 3 -- write /proc/self/comm x -- mkdir /dev/shm/d -- mknod /dev/shm/fifo p 0 0 -- socket 2 2 0 -- status
	has "$out" $'ok\n' 'a socket'
	like "$out" $'Seccomp:\t2' 'filter mode'
	like "$out" $'NoNewPrivs:\t1' 'no_new_privs'
}

kept_program() { # compiled once, then taken from the state directory; and by exec too
	local kept=$state/.seccomp file
	rm -rf "$kept"
	box . true
	no 'without a profile nothing is kept' test -e "$kept"
	config "$with" sleep 100
	kist run --detach --bundle "$b" "$id"
	succeeds
	file=$(echo "$kept"/*)
	is "$(stat -c '%a %F' "$kept" "$file")" $'700 directory\n600 regular file' 'what is kept'
	: >"$file" # damaged: written again
	kist exec "$id" /bin/payload syscall 250 999
	is "$out" EPERM 'exec'
	yes 'written again' test -s "$file"
	touch -d @1 "$file"
	kist exec "$id" /bin/payload syscall 250 999
	is "$out" EPERM 'exec by the kept program'
	is "$(stat -c %Y "$kept"/*)" 1 'not written again'
	kist delete --force "$id"
}

too_long() { # for the kernel: found out when the state is there already, which then goes again
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [range(6000) | {names: ["socket"], action: "SCMP_ACT_ERRNO",
		args: [{index: 0, value: ., op: "SCMP_CMP_EQ"}]}]}' true
	kist run --bundle "$b" "$id"
	says 'Linux takes at most 4096'
}

instance() { # OPTION...: answers of mount, keyctl, sockets (AF_ALG, audit) in an instance, and whether there is a filter
	kist run --network none --rm --rootfs "$b/rootfs" --overlay "$@" payload seq -- syscall 165 0 0 0 0 0 -- syscall 250 999 -- socket 38 5 0 \
		-- socket 0x100000010 3 0x100000009 -- status
	out=$(grep -E '^(E[A-Z]+|ok|[0-9]+|Seccomp:.*)$' <<<"$out" | tr '\n\t' '  ')
}

instances() { # have it, unless asked otherwise; a profile of the engines' form counts with its conditions
	local mine=$work/mine.json
	instance
	has "$out" 'EPERM EPERM EPERM EPROTONOSUPPORT Seccomp: 2' 'by default'
	instance --cap-add SYS_ADMIN
	has "$out" 'EFAULT EPERM EPERM EPROTONOSUPPORT Seccomp: 2' 'opened by a capability'
	instance --security-opt seccomp=unconfined
	has "$out" 'EFAULT EOPNOTSUPP' 'unconfined' && like "$out" '(ok|EPROTONOSUPPORT) Seccomp: 0' 'unconfined; not every kernel has an audit log'
	cat >"$mine" <<-'END'
	{ "defaultAction": "SCMP_ACT_ALLOW", "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [] } ], "syscalls": [
		{ "names": ["mount"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95, "excludes": { "caps": ["CAP_SYS_ADMIN"] } },
		{ "names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "includes": { "caps": ["CAP_SYS_ADMIN"] } } ] }
	END
	instance --security-opt seccomp="$mine"
	has "$out" 'EOPNOTSUPP EOPNOTSUPP' 'a profile with conditions'
	instance --security-opt seccomp="$mine" --cap-add SYS_ADMIN
	has "$out" 'EFAULT EACCES' 'the same with the capability'
	rm "$mine"
	rm -rf "$data"
}

[ "$(uname -m)" = x86_64 ] || { echo '1..0 # SKIP the numbers are those of x86-64'; exit 0; }
check 'what is refused' refused_64
check 'what is refused to 32-bit programs' refused_32
check 'what is allowed' allowed_64
check 'what is allowed to 32-bit programs' allowed_32
check 'x32' x32
check 'unknown calls' unknown
check 'ordinary work' ordinary
check 'the program is kept' kept_program
check 'a program that is too long' too_long
check 'instances' instances
finish
