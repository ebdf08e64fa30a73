# fish completion for kist, made by "kist completion fish"
# SPDX-License-Identifier: GPL-2.0-or-later

set -g __kist_commands run create start exec kill pause resume update delete list state ps stats events spec features image help completion
set -g __kist_groups image

function __kist_in # [COMMAND [COMMAND]]: the words so far are those of this command, and no other
	set -l words (commandline -opc | string match -v -- '-*')
	set -e words[1]
	while set -q words[1]; and not contains -- $words[1] $__kist_commands
		set -e words[1]
	end
	if not contains -- "$words[1]" $__kist_groups
		set words $words[1]
	end
	test "$words[1..2]" = "$argv"
end

complete -c kist -f

complete -c kist -n '__kist_in' -l root -x -a '(__fish_complete_directories)' -d 'keep the state of containers in DIR (default: /run/kist, or $XDG_RUNTIME_DIR/kist for a user other than root)'
complete -c kist -n '__kist_in' -l data -x -a '(__fish_complete_directories)' -d 'keep images, volumes and instances in DIR (default: /var/lib/kist, or $XDG_DATA_HOME/kist for a user other than root)'
complete -c kist -n '__kist_in' -l log -r -F -d 'append errors and messages to FILE; errors still go to standard error as well'
complete -c kist -n '__kist_in' -l log-format -x -a 'text json' -d 'how messages are written to FILE'
complete -c kist -n '__kist_in' -l log-level -x -a 'error warning debug' -d 'write messages down to this level'
complete -c kist -n '__kist_in' -l debug -d 'the same as --log-level=debug'
complete -c kist -n '__kist_in' -l cgroup-manager -x -a 'cgroupfs systemd disabled' -d 'who makes the cgroup of a new container; it is kept with the container'
complete -c kist -n '__kist_in' -l systemd-cgroup -d 'the same as --cgroup-manager=systemd'
complete -c kist -n '__kist_in' -l rootless -x -d 'accepted for callers of runc; kist sees for itself'
complete -c kist -n '__kist_in' -l criu -x -d 'accepted for callers of runc'
complete -c kist -n '__kist_in' -s v -l version -d 'print the version, the specification\'s and what is built in'
complete -c kist -n '__kist_in' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a run -d 'create a container, start it, wait for its end and delete it'
complete -c kist -n '__kist_in run' -s b -l bundle -x -a '(__fish_complete_directories)' -d 'take config.json and the root filesystem from DIR (default: the current directory)'
complete -c kist -n '__kist_in run' -s f -l config -r -F -d 'read FILE instead of config.json in DIR'
complete -c kist -n '__kist_in run' -l console-socket -r -F -d 'send the master of the container\'s terminal to this UNIX socket'
complete -c kist -n '__kist_in run' -l pid-file -r -F -d 'write the pid of the container\'s first process to FILE, without a newline'
complete -c kist -n '__kist_in run' -l pidfd-socket -r -F -d 'send a pidfd of the container\'s first process to this UNIX socket'
complete -c kist -n '__kist_in run' -l preserve-fds -x -d 'keep N more descriptors open in the container, from 3 on (after those of LISTEN_FDS)'
complete -c kist -n '__kist_in run' -l no-pivot -d 'do not use pivot_root(2), for a root filesystem on the initial ramdisk'
complete -c kist -n '__kist_in run' -l no-new-keyring -d 'leave the container in the caller\'s session keyring'
complete -c kist -n '__kist_in run' -l dry-run -d 'print the plan as text and touch nothing'
complete -c kist -n '__kist_in run' -l no-subreaper -d 'accepted for callers of runc'
complete -c kist -n '__kist_in run' -s d -l detach -d 'return as soon as the program runs'
complete -c kist -n '__kist_in run' -l keep -d 'keep the stopped container until "kist delete"'
complete -c kist -n '__kist_in run' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a create -d 'set up a container that waits for "kist start"'
complete -c kist -n '__kist_in create' -s b -l bundle -x -a '(__fish_complete_directories)' -d 'take config.json and the root filesystem from DIR (default: the current directory)'
complete -c kist -n '__kist_in create' -s f -l config -r -F -d 'read FILE instead of config.json in DIR'
complete -c kist -n '__kist_in create' -l console-socket -r -F -d 'send the master of the container\'s terminal to this UNIX socket'
complete -c kist -n '__kist_in create' -l pid-file -r -F -d 'write the pid of the container\'s first process to FILE, without a newline'
complete -c kist -n '__kist_in create' -l pidfd-socket -r -F -d 'send a pidfd of the container\'s first process to this UNIX socket'
complete -c kist -n '__kist_in create' -l preserve-fds -x -d 'keep N more descriptors open in the container, from 3 on (after those of LISTEN_FDS)'
complete -c kist -n '__kist_in create' -l no-pivot -d 'do not use pivot_root(2), for a root filesystem on the initial ramdisk'
complete -c kist -n '__kist_in create' -l no-new-keyring -d 'leave the container in the caller\'s session keyring'
complete -c kist -n '__kist_in create' -l dry-run -d 'print the plan as text and touch nothing'
complete -c kist -n '__kist_in create' -l no-subreaper -d 'accepted for callers of runc'
complete -c kist -n '__kist_in create' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a start -d 'let a created container run its program'
complete -c kist -n '__kist_in start' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in start' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a exec -d 'run one more command in a container'
complete -c kist -n '__kist_in exec' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in exec' -s p -l process -r -F -d 'run the process that FILE describes, an OCI "process" object, instead of COMMAND'
complete -c kist -n '__kist_in exec' -s d -l detach -d 'return as soon as the command runs'
complete -c kist -n '__kist_in exec' -l pid-file -r -F -d 'write the pid of the command to FILE, without a newline'
complete -c kist -n '__kist_in exec' -s t -l tty -d 'give the command a terminal'
complete -c kist -n '__kist_in exec' -l console-socket -r -F -d 'send the master of the command\'s terminal to this UNIX socket'
complete -c kist -n '__kist_in exec' -l cwd -x -d 'start in DIR of the container'
complete -c kist -n '__kist_in exec' -s e -l env -x -d 'add to the container\'s environment (any number of times)'
complete -c kist -n '__kist_in exec' -s u -l user -x -d 'run as this user and group, numbers inside the container'
complete -c kist -n '__kist_in exec' -s g -l additional-gids -x -d 'one more group (any number of times)'
complete -c kist -n '__kist_in exec' -s c -l cap -x -d 'one more capability (any number of times)'
complete -c kist -n '__kist_in exec' -l no-new-privs -d 'programs cannot gain privileges by being executed'
complete -c kist -n '__kist_in exec' -l process-label -x -d 'run with this SELinux label'
complete -c kist -n '__kist_in exec' -l apparmor -x -d 'run under this AppArmor profile'
complete -c kist -n '__kist_in exec' -l cgroup -x -d 'run in this existing cgroup below the container\'s'
complete -c kist -n '__kist_in exec' -l ignore-paused -d 'do not refuse a paused container'
complete -c kist -n '__kist_in exec' -l preserve-fds -x -d 'keep N more descriptors open in the command, from 3 on'
complete -c kist -n '__kist_in exec' -l pidfd-socket -r -F -d 'send a pidfd of the command to this UNIX socket'
complete -c kist -n '__kist_in exec' -l no-subreaper -d 'accepted for callers of runc'
complete -c kist -n '__kist_in exec' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a kill -d 'send a signal to a container'
complete -c kist -n '__kist_in kill' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in kill' -a 'HUP INT QUIT ABRT KILL USR1 USR2 ALRM TERM CHLD CONT STOP TSTP WINCH'
complete -c kist -n '__kist_in kill' -s a -l all -d 'signal every process of the container, even when its first one is gone'
complete -c kist -n '__kist_in kill' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a pause -d 'stop all processes of a container where they are'
complete -c kist -n '__kist_in pause' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in pause' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a resume -d 'let a paused container go on'
complete -c kist -n '__kist_in resume' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in resume' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a update -d 'change the limits of a container'
complete -c kist -n '__kist_in update' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in update' -s r -l resources -r -F -d 'take everything from FILE, or from standard input when it is -: linux.resources as JSON'
complete -c kist -n '__kist_in update' -l memory -x -d 'the most memory in bytes, or with a unit: k, m, g, t; -1 is unlimited'
complete -c kist -n '__kist_in update' -l memory-reservation -x -d 'memory that is not taken away while others have more'
complete -c kist -n '__kist_in update' -l memory-swap -x -d 'the most of memory and swap together; -1 is unlimited'
complete -c kist -n '__kist_in update' -l cpu-quota -x -d 'microseconds of CPU time in each period; -1 is unlimited'
complete -c kist -n '__kist_in update' -l cpu-period -x -d 'the length of a period, 1000 to 1000000 microseconds'
complete -c kist -n '__kist_in update' -l cpu-burst -x -d 'unused CPU time that may be saved for later periods'
complete -c kist -n '__kist_in update' -l cpu-share -x -d 'weight beside other containers, 2 to 262144; 1024 is usual'
complete -c kist -n '__kist_in update' -l cpu-idle -x -d '1: run only when nothing else wants the CPU'
complete -c kist -n '__kist_in update' -l cpuset-cpus -x -d 'the CPUs that may be used, such as 0-3,7'
complete -c kist -n '__kist_in update' -l cpuset-mems -x -d 'the memory nodes that may be used'
complete -c kist -n '__kist_in update' -l pids-limit -x -d 'the most processes and threads; -1 is unlimited'
complete -c kist -n '__kist_in update' -l blkio-weight -x -d 'weight for block devices, 10 to 1000'
complete -c kist -n '__kist_in update' -l cpu-rt-runtime -x -d '0 only: cgroup v2 has no such limit'
complete -c kist -n '__kist_in update' -l cpu-rt-period -x -d '0 only: cgroup v2 has no such limit'
complete -c kist -n '__kist_in update' -l kernel-memory -x -d 'without effect: cgroup v2 counts it as memory'
complete -c kist -n '__kist_in update' -l kernel-memory-tcp -x -d 'without effect: cgroup v2 counts it as memory'
complete -c kist -n '__kist_in update' -l l3-cache-schema -x -d 'refused: see linux.intelRdt'
complete -c kist -n '__kist_in update' -l mem-bw-schema -x -d 'refused: see linux.intelRdt'
complete -c kist -n '__kist_in update' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a delete -d 'remove a stopped or merely created container'
complete -c kist -n '__kist_in delete' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in delete' -s f -l force -d 'kill what still runs; no container of that name is no error'
complete -c kist -n '__kist_in delete' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a list -d 'list containers'
complete -c kist -n '__kist_in list' -s f -l format -x -a 'table json' -d 'what to print'
complete -c kist -n '__kist_in list' -s q -l quiet -d 'print the ids alone'
complete -c kist -n '__kist_in list' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a state -d 'print the state of a container as JSON'
complete -c kist -n '__kist_in state' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in state' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a ps -d 'list the processes of a container'
complete -c kist -n '__kist_in ps' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in ps' -s f -l format -x -a 'table json' -d 'print what ps(1) says about the processes, or their pids as a JSON array'
complete -c kist -n '__kist_in ps' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a stats -d 'show what containers use, and which limits they hit'
complete -c kist -n '__kist_in stats' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in stats' -s f -l format -x -a 'table json' -d 'what to print'
complete -c kist -n '__kist_in stats' -s l -l limits -d 'what is held, was held at most, may be held, and was refused'
complete -c kist -n '__kist_in stats' -s a -l all -d 'with --limits, also what is unlimited'
complete -c kist -n '__kist_in stats' -l interval -x -d 'how long to measure (default: 1s)'
complete -c kist -n '__kist_in stats' -l no-stream -d 'print one table also on a terminal'
complete -c kist -n '__kist_in stats' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a events -d 'print statistics and out-of-memory kills of a container as JSON'
complete -c kist -n '__kist_in events' -a '(kist list -q 2>/dev/null)'
complete -c kist -n '__kist_in events' -l stats -d 'print the statistics once and end'
complete -c kist -n '__kist_in events' -l interval -x -d 'how long to wait between two (default: 5s)'
complete -c kist -n '__kist_in events' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a spec -d 'write a starter config.json'
complete -c kist -n '__kist_in spec' -s b -l bundle -x -a '(__fish_complete_directories)' -d 'write into DIR (default: the current one)'
complete -c kist -n '__kist_in spec' -l rootless -d 'for a user other than root: with a user namespace'
complete -c kist -n '__kist_in spec' -l seccomp -d 'with the seccomp profile that instances have, for the capabilities of the document'
complete -c kist -n '__kist_in spec' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a features -d 'print what this kist can do as JSON'
complete -c kist -n '__kist_in features' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a image -d 'import and list images'
complete -c kist -n '__kist_in image' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in image' -a import -d 'bring an image into the store'
complete -c kist -n '__kist_in image import' -F
complete -c kist -n '__kist_in image import' -s n -l name -x -d 'call the image so (default: as the source says, or the name of the file)'
complete -c kist -n '__kist_in image import' -l type -x -a 'auto oci-dir oci-archive docker-archive rootfs' -d 'what SOURCE is, when it does not show'
complete -c kist -n '__kist_in image import' -l platform -x -d 'which image of several to take (default: this machine\'s), or what a root filesystem is for'
complete -c kist -n '__kist_in image import' -l cmd -x -d 'what a root filesystem runs: words between blanks, or a JSON list of strings'
complete -c kist -n '__kist_in image import' -l entrypoint -x -d 'what comes before the command, in the same form'
complete -c kist -n '__kist_in image import' -s e -l env -x -d 'set a variable for what a root filesystem runs'
complete -c kist -n '__kist_in image import' -s l -l label -x -d 'give a root filesystem a label'
complete -c kist -n '__kist_in image import' -s w -l workdir -x -d 'where a root filesystem\'s command starts'
complete -c kist -n '__kist_in image import' -s u -l user -x -d 'whom a root filesystem\'s command runs as'
complete -c kist -n '__kist_in image import' -l max-size -x -d 'refuse a layer that is larger than this when unpacked (default: 64 GiB)'
complete -c kist -n '__kist_in image import' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in image' -a list -d 'list images'
complete -c kist -n '__kist_in image list' -s f -l format -x -a 'table json' -d 'what to print'
complete -c kist -n '__kist_in image list' -s q -l quiet -d 'print the names alone'
complete -c kist -n '__kist_in image list' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in image' -a inspect -d 'print an image\'s manifest and configuration'
complete -c kist -n '__kist_in image inspect' -a '(kist image list -q 2>/dev/null)'
complete -c kist -n '__kist_in image inspect' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in image' -a tag -d 'give an image another name'
complete -c kist -n '__kist_in image tag' -a '(kist image list -q 2>/dev/null)'
complete -c kist -n '__kist_in image tag' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a help -d 'print the help of kist or of one command'
complete -c kist -n '__kist_in help' -a "$__kist_commands"
complete -c kist -n '__kist_in help' -s h -l help -d 'print this help'

complete -c kist -n '__kist_in' -a completion -d 'print the completion script of a shell'
complete -c kist -n '__kist_in completion' -a 'bash zsh fish'
complete -c kist -n '__kist_in completion' -s h -l help -d 'print this help'
