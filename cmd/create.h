/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CMD_CREATE_H
#define CMD_CREATE_H
/* What the verbs that make a container have in common: from a bundle, or from an image. */
#include "cmd/verbs.h"
#include "instances/life.h"

struct create_opts {
	struct ct_create oci;
	struct inst_options inst;
	bool print;
};

/* For both forms. */
#define CREATE_ROWS                                                                                     \
	O_STR(struct create_opts, oci.bundle, 'b', "bundle", "DIR", COMPLETE_DIR,                       \
	      "take config.json and the root filesystem from DIR, and no image: the operand is the container's id"), \
	O_STR(struct create_opts, oci.config, 'f', "config", "FILE", COMPLETE_FILE,                     \
	      "the same with FILE instead of config.json; DIR is then the current directory if not given"), \
	O_STR(struct create_opts, oci.console_socket, 0, "console-socket", "SOCKET", COMPLETE_FILE,     \
	      "send the master of the container's terminal to this UNIX socket"),                       \
	O_STR(struct create_opts, oci.pid_file, 0, "pid-file", "FILE", COMPLETE_FILE,                   \
	      "write the pid of the container's first process to FILE, without a newline"),             \
	O_STR(struct create_opts, oci.pidfd_socket, 0, "pidfd-socket", "SOCKET", COMPLETE_FILE,         \
	      "send a pidfd of the container's first process to this UNIX socket"),                     \
	O_U32(struct create_opts, oci.preserve_fds, 0, "preserve-fds", "N",                             \
	      "keep N more descriptors open in the container, from 3 on (after those of LISTEN_FDS)"),  \
	O_FLAG(struct create_opts, oci.no_pivot, 0, "no-pivot",                                         \
	       "do not use pivot_root(2), for a root filesystem on the initial ramdisk"),               \
	O_FLAG(struct create_opts, oci.no_new_keyring, 0, "no-new-keyring",                             \
	       "leave the container in the caller's session keyring"),                                  \
	O_FLAG(struct create_opts, oci.dry_run, 0, "dry-run", "print the plan as text and touch nothing"), \
	O_IGNORED("no-subreaper", NULL, "accepted for callers of runc")

enum { CREATE_FAILED = 125 }; /* kist itself, in the people's form */
extern const struct word create_userns_words[], create_space_words[];

/* For images and directories. */
#define INSTANCE_ROWS                                                                                  \
	O_STR(struct create_opts, inst.name, 0, "name", "NAME", COMPLETE_NONE,                                          \
	      "what the instance is called (default: the image's name and four letters)"),             \
	O_STR(struct create_opts, inst.rootfs, 0, "rootfs", "DIR", COMPLETE_DIR,                                        \
	      "take DIR in the place of an image; all operands are the command"),                      \
	O_FLAG(struct create_opts, inst.overlay, 0, "overlay",                                                          \
	       "with --rootfs: leave DIR as it is; what is written stays with the instance"),          \
	O_FLAG(struct create_opts, print, 0, "print", "print the composed document and make nothing"),                  \
	O_LIST(struct create_opts, inst.entrypoint, 0, "entrypoint", "PROGRAM",                                         \
	       "run PROGRAM instead of the image's own; empty: only COMMAND"),                         \
	O_LIST(struct create_opts, inst.env, 'e', "env", "NAME=VALUE",                                                  \
	       "set a variable; without =VALUE pass the caller's own on (any number of times)"),       \
	O_LIST(struct create_opts, inst.env_files, 0, "env-file", "FILE", "set what the lines of FILE say; # begins a comment"), \
	O_STR(struct create_opts, inst.user, 'u', "user", "USER[:GROUP]", COMPLETE_NONE,                                \
	      "run as this user and group, by name in the image or by number"),                        \
	O_LIST(struct create_opts, inst.groups, 0, "group-add", "GROUP", "one more group (any number of times)"),       \
	O_STR(struct create_opts, inst.umask, 0, "umask", "MASK", COMPLETE_NONE, "the process's file mode mask, octal"), \
	O_STR(struct create_opts, inst.workdir, 'w', "workdir", "DIR", COMPLETE_NONE, "start in DIR of the instance"),  \
	O_STR(struct create_opts, inst.hostname, 0, "hostname", "NAME", COMPLETE_NONE, "the host name inside (default: the instance's)"), \
	O_FLAG(struct create_opts, inst.interactive, 'i', "interactive", "pass standard input on, else it is empty"),   \
	O_FLAG(struct create_opts, inst.tty, 't', "tty", "give the instance a terminal"),                               \
	O_FLAG(struct create_opts, inst.init, 0, "init",                                                                \
	       "run the program under a small first process, which hands signals on to it and buries its orphans"), \
	O_FLAG(struct create_opts, inst.remove, 0, "rm", "remove the instance with all it has written when it ends"),   \
	O_LIST(struct create_opts, inst.volumes, 'v', "volume", "[SOURCE:]TARGET[:OPTION,...]",                         \
	       "show a host path (absolute or ./), a named volume or, without SOURCE, one that goes with the instance at TARGET; ro, rw, noexec, idmap (only ro, or where no other user can get to) ..."), \
	O_LIST(struct create_opts, inst.mounts, 0, "mount", "KEY=VALUE,...",                                            \
	       "the same in words: type=bind|volume|tmpfs, source, target, ro, tmpfs-size ..."),       \
	O_LIST(struct create_opts, inst.tmpfs, 0, "tmpfs", "TARGET[:OPTION,...]",                                       \
	       "memory as a directory, with what the image has there; size=1g (default: 64m), nr_inodes=N (64k), mode=1777, exec ..."), \
	O_FLAG(struct create_opts, inst.read_only, 0, "read-only",                                                      \
	       "nothing can be written but volumes, the image's own among them, and 64 MiB of memory each on /run, /tmp, /var/tmp"), \
	O_NUMBER_(struct create_opts, inst.shm_size, const int64_t *, OPT_SIZE, 0, "shm-size", "SIZE", "the size of /dev/shm (default: 64m)"), \
	O_LIST(struct create_opts, inst.devices, 0, "device", "PATH[:ACCESS]", "give a device of the host, with rwm or less"), \
	O_LIST(struct create_opts, inst.cap_add, 0, "cap-add", "CAPABILITY", "one capability more, or ALL"),            \
	O_LIST(struct create_opts, inst.cap_drop, 0, "cap-drop", "CAPABILITY", "one capability less, or ALL"),          \
	O_LIST(struct create_opts, inst.security, 0, "security-opt", "KEY=VALUE",                                       \
	       "no-new-privileges=false, seccomp=FILE|unconfined, apparmor=PROFILE, label=CONTEXT, mask=PATHS, unmask=PATHS|ALL"), \
	O_NUMBER_(struct create_opts, inst.memory.limit, const int64_t *, OPT_SIZE, 'm', "memory", "SIZE",              \
		  "the most memory, with a unit: k, m, g, t; swap is then off"),                       \
	O_SIZE(struct create_opts, inst.memory.swap, "memory-swap", "the most of memory and swap together; -1 is unlimited"), \
	O_SIZE(struct create_opts, inst.memory.reservation, "memory-reservation",                                       \
	       "memory that is not taken away while others have more"),                                \
	O_STR(struct create_opts, inst.cpus, 0, "cpus", "N", COMPLETE_NONE, "the most CPUs' worth of time, such as 1.5"), \
	O_NUMBER_(struct create_opts, inst.cpu.shares, const uint64_t *, OPT_U64, 'c', "cpu-shares", "N",               \
		  "weight beside others, 2 to 262144; 1024 is usual"),                                 \
	O_STR(struct create_opts, inst.cpu.cpus, 0, "cpuset-cpus", "LIST", COMPLETE_NONE, "the CPUs that may be used, such as 0-3,7"), \
	O_STR(struct create_opts, inst.cpu.mems, 0, "cpuset-mems", "LIST", COMPLETE_NONE, "the memory nodes that may be used"), \
	O_I64(struct create_opts, inst.pids.limit, "pids-limit", "N",                                                   \
	      "the most processes and threads (default: 2048 where the host can limit them); -1 is unlimited"), \
	O_LIST(struct create_opts, inst.ulimits, 0, "ulimit", "NAME=SOFT[:HARD]", "a limit of setrlimit(2), such as nofile=4096"), \
	O_LIST(struct create_opts, inst.sysctls, 0, "sysctl", "NAME=VALUE", "a kernel setting of the instance's own namespaces"), \
	O_LIST(struct create_opts, inst.networks, 0, "network", "NETWORK[:KEY=VALUE,...]",                              \
	       "a network of \"kist network\" (any number of times), with ip, ip6, mac, ifname and alias; container:NAME shares another's, host the host's; none is loopback alone (default: kist0, made on first use)"), \
	O_STR(struct create_opts, inst.ip, 0, "ip", "ADDRESS", COMPLETE_NONE, "this IPv4 address in the only network"),  \
	O_STR(struct create_opts, inst.ip6, 0, "ip6", "ADDRESS", COMPLETE_NONE, "this IPv6 address in the only network"), \
	O_STR(struct create_opts, inst.mac, 0, "mac-address", "MAC", COMPLETE_NONE, "this MAC address in the only network"), \
	O_STR(struct create_opts, inst.mac, 0, "mac", "MAC", COMPLETE_NONE, "the same"),                                \
	O_LIST(struct create_opts, inst.aliases, 0, "network-alias", "NAME",                                            \
	       "one more name for the other members of its networks (any number of times)"),           \
	O_LIST(struct create_opts, inst.hosts, 0, "add-host", "NAME:ADDRESS",                                           \
	       "one more line in /etc/hosts; host-gateway as ADDRESS is the network's gateway (any number of times)"), \
	O_LIST(struct create_opts, inst.servers, 0, "dns", "ADDRESS", "ask this name server and not the host's (any number of times)"), \
	O_LIST(struct create_opts, inst.search, 0, "dns-search", "DOMAIN", "look for short names in DOMAIN and not in the host's; \".\": nowhere"), \
	O_LIST(struct create_opts, inst.resolver, 0, "dns-option", "OPTION", "an option of resolv.conf, such as ndots:2, and not the host's"), \
	O_LIST(struct create_opts, inst.ports, 'p', "publish", "[ADDRESS:]HOST[-LAST][:PORT[-LAST]][/PROTOCOL]",               \
	       "lead a port of the host, or several, to the instance: tcp, udp or sctp, of all addresses, of one, of 0.0.0.0 (all of IPv4) or [::]; the service sees the client's address"), \
	O_STR(struct create_opts, inst.bandwidth.in, 0, "bandwidth-in", "RATE", COMPLETE_NONE,                          \
	      "the most that each of its networks brings it, such as 100mbit (bit, kbit, mbit or gbit a second)"),     \
	O_STR(struct create_opts, inst.bandwidth.out, 0, "bandwidth-out", "RATE", COMPLETE_NONE,                        \
	      "the most that it sends into each of its networks"),                                                     \
	O_WORD(struct create_opts, inst.userns, 0, "userns", "HOW", create_userns_words,                                \
	       "ids of its own for every instance, or root is the host's root"),                       \
	O_WORD(struct create_opts, inst.pid, 0, "pid", "WHOSE", create_space_words, "processes of its own, or the host's"), \
	O_WORD(struct create_opts, inst.ipc, 0, "ipc", "WHOSE", create_space_words, "System V memory and queues of its own, or the host's"), \
	O_WORD(struct create_opts, inst.uts, 0, "uts", "WHOSE", create_space_words, "a host name of its own, or the host's"), \
	O_STR(struct create_opts, inst.stop_signal, 0, "stop-signal", "SIGNAL", COMPLETE_SIGNAL, "what asks the program to end"), \
	O_SIZE(struct create_opts, inst.log_max, "log-max", "keep the last SIZE of what it says when detached (default: 64m); -1 keeps all"), \
	O_LIST(struct create_opts, inst.labels, 'l', "label", "KEY=VALUE", "a note for people and programs; kist does nothing with it"), \
	O_LIST(struct create_opts, inst.annotations, 0, "annotation", "KEY=VALUE", "an annotation of the document")

#define CREATE_OPERANDS { { "[IMAGE|ID]", COMPLETE_IMAGE }, { "[COMMAND [ARG...]]", COMPLETE_NONE } }

/*
 * Completes *o from the call and tells the forms apart.  1 when nothing is left to do: a plan or a document was asked
 * for, and printed.  *q has no options for a bundle.
 */
int create_begin(struct call *c, struct create_opts *o, struct inst_request *q, struct err *e);
/* The exit code of the people's form: 126 and 127 when the program could not be run, else 125. */
int create_failed(int r, const struct err *e);
#endif
