/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INSTANCES_SECURITY_H
#define INSTANCES_SECURITY_H
/* --security-opt, --cap-add and --cap-drop, judged. */
#include "instances/options.h"

struct inst_security {
	bool new_privs;	       /* no_new_privs is left off */
	bool no_seccomp;       /* seccomp=unconfined */
	const char *seccomp;   /* a file in the place of the default profile */
	const char *apparmor;  /* profile */
	const char *label;     /* the process's whole SELinux context */
	bool unmask_all;
	strings mask, unmask;
};
int inst_security_parse(struct arena *a, const struct inst_options *o, struct inst_security *out, struct err *e);

/* The sets of a process of user `uid`: what is added by name reaches a program of another user than root, too. */
int inst_capabilities(struct arena *a, const struct inst_options *o, uint32_t uid, struct oci_capabilities *out, struct err *e);
#endif
