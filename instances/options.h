/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_OPTIONS_H
#define INSTANCES_OPTIONS_H
/* What a person asks for on the command line, as the option tables fill it in.  Nothing here has been judged yet. */
#include "oci/spec.h"

enum inst_userns { INST_USERNS_AUTO, INST_USERNS_HOST };
enum inst_space { INST_PRIVATE, INST_HOST };

struct inst_options {
	const char *name;
	const char *rootfs; /* a directory in the place of an image */
	bool overlay;	    /* … that is not written to */
	strings env, env_files;
	const char *user, *workdir, *hostname;
	strings volumes, mounts, tmpfs;
	strings cap_add, cap_drop, security;
	struct oci_memory memory;
	struct oci_cpu cpu;
	struct oci_pids pids;
	const char *cpus; /* "1.5" */
	strings devices;
	bool read_only;
	strings entrypoint; /* the last counts, and may be empty */
	bool remove, init, interactive, tty;
	strings ulimits, sysctls, labels, annotations, groups;
	strings networks, ports;
	struct oci_kist_bandwidth bandwidth;
	strings aliases, hosts; /* --add-host */
	strings servers, search, resolver; /* --dns, --dns-search, --dns-option */
	const char *ip, *ip6, *mac; /* of the only network */
	int userns, pid, ipc, uts; /* of the enumerations above */
	const int64_t *shm_size;
	const char *stop_signal, *umask;
	const int64_t *log_max;
};
#endif
