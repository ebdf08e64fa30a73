/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sysctls a container may set: only those that belong to a namespace of its own.  The list is closed,
 * because whatever slips through is a setting of the host (CVE-2022-0811).
 */
#include <errno.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>

#include "oci/rules.h"

/* Whole names, or prefixes when they end with '/'. */
static const struct word homes[] = {
	{ "kernel/msgmax", CLONE_NEWIPC },
	{ "kernel/msgmnb", CLONE_NEWIPC },
	{ "kernel/msgmni", CLONE_NEWIPC },
	{ "kernel/sem", CLONE_NEWIPC },
	{ "kernel/shmall", CLONE_NEWIPC },
	{ "kernel/shmmax", CLONE_NEWIPC },
	{ "kernel/shmmni", CLONE_NEWIPC },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC },
	{ "fs/mqueue/", CLONE_NEWIPC },
	{ "net/", CLONE_NEWNET },
	{ "kernel/domainname", CLONE_NEWUTS },
	{ "kernel/hostname", CLONE_NEWUTS },
	{ NULL, 0 },
};

/* sysctl.d(5): the first separator decides; after a dot, '/' stands for a dot inside a component. */
bool oci_sysctl_file(const char *name, char *out, size_t size)
{
	size_t n = strlen(name), first = strcspn(name, "./"), start = 0;

	if (!n || n >= size)
		return false;
	for (size_t i = 0; i <= n; i++) {
		char c = name[i];

		if ((unsigned char)c < ' ' && c)
			return false;
		if (name[first] == '.' && (c == '.' || c == '/'))
			c = c == '.' ? '/' : '.';
		out[i] = c;
		if (c && c != '/')
			continue;
		if (i == start || (i - start == 1 && out[start] == '.') ||
		    (i - start == 2 && out[start] == '.' && out[start + 1] == '.'))
			return false;
		start = i + 1;
	}
	return true;
}

static int home_of(const char *file)
{
	for (const struct word *w = homes; w->name; w++) {
		size_t n = strlen(w->name);

		if (w->name[n - 1] == '/' ? !strncmp(file, w->name, n) : !strcmp(file, w->name))
			return w->value;
	}
	return 0;
}

/* One value, written by one write(2): nothing in it may look like a second setting. */
static bool is_plain_value(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f || *s == '=')
			return false;
	return true;
}

static int check_one(const struct pair *p, const struct rules *r, struct err *e)
{
	const struct json *v = json_get(r->doc, "linux");
	char file[OCI_SYSCTL_MAX];
	int home;

	if (!oci_sysctl_file(p->key, file, sizeof(file)))
		return oci_bad_entry(v, "sysctl", p->key, e, "not the name of a sysctl");
	home = home_of(file);
	if (!home)
		return oci_bad_entry(v, "sysctl", p->key, e,
				     "belongs to no namespace, so it would change the host");
	if (!(r->namespaces & (unsigned)home))
		return oci_bad_entry(v, "sysctl", p->key, e,
				     "needs %s namespace, or it would change the host's",
				     home == CLONE_NEWIPC   ? "an ipc"
				     : home == CLONE_NEWNET ? "a network"
							    : "a uts");
	if (!strcmp(file, "kernel/hostname"))
		return oci_bad_entry(v, "sysctl", p->key, e, "use the property \"hostname\"");
	if (!strcmp(file, "kernel/domainname") && r->spec->domainname)
		return oci_bad_entry(v, "sysctl", p->key, e, "conflicts with the property \"domainname\"");
	if (!is_plain_value(p->value))
		return oci_bad_entry(v, "sysctl", p->key, e, "the value has a control character or '='");
	return 0;
}

int oci_check_sysctl(const struct rules *r, struct err *e)
{
	const pairs *all = &r->spec->linux_->sysctl;

	for (size_t i = 0; i < all->len; i++) {
		int bad = check_one(&all->at[i], r, e);

		if (bad)
			return err_path(e, bad, ".linux");
	}
	return 0;
}
