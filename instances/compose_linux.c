/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The "linux" branch of a composed document: namespaces, ids, devices, limits, masks, filter. */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "instances/compose.h"
#include "instances/seccomp.h"
#include "instances/security.h"

enum { PIDS = 2048, PERIOD = 100000 };

static void remove_namespace(struct oci_linux *l, int type)
{
	for (size_t i = 0; i < l->namespaces.len; i++)
		if (l->namespaces.at[i].type == type) {
			l->namespaces.len--;
			memmove(&l->namespaces.at[i], &l->namespaces.at[i + 1],
				(l->namespaces.len - i) * sizeof(*l->namespaces.at));
			return;
		}
}

/* The kernel mounts /proc and /dev/mqueue only for the owner of the namespace that they show. */
static int check_shared(const struct inst_options *o, const struct inst_facts *f, struct err *e)
{
	const char *what = o->pid == INST_HOST ? "pid" : o->ipc == INST_HOST ? "ipc" : NULL;

	if (!what || !f->ids)
		return 0;
	return err_set(e, EINVAL,
		       "option --%s host: an instance in a user namespace of its own cannot share that; add --userns host, "
		       "and trust what runs in it",
		       what);
}

static int compose_namespaces(struct arena *a, const struct inst_options *o, const struct inst_facts *f,
			      struct oci_linux *l, struct err *e)
{
	const struct {
		bool shared;
		int type;
	} spaces[] = {
		{ f->network.host, CLONE_NEWNET },
		{ o->pid == INST_HOST, CLONE_NEWPID },
		{ o->ipc == INST_HOST, CLONE_NEWIPC },
		{ o->uts == INST_HOST, CLONE_NEWUTS },
	};
	struct oci_namespace *more = arena_array(a, l->namespaces.len + 1, sizeof(*more));
	struct oci_mapping *map = arena_array(a, 1, sizeof(*map));

	memcpy(more, l->namespaces.at, l->namespaces.len * sizeof(*more));
	l->namespaces.at = more;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (spaces[i].shared)
			remove_namespace(l, spaces[i].type);
	if (f->ids) {
		*map = *f->ids;
		more[l->namespaces.len++].type = CLONE_NEWUSER;
		l->uid_mappings.at = l->gid_mappings.at = map;
		l->uid_mappings.len = l->gid_mappings.len = 1;
	}
	return check_shared(o, f, e);
}

/* "1.5" → 150000 of every 100000 microseconds. */
static int read_cpus(struct arena *a, const char *given, struct oci_cpu *cpu, struct err *e)
{
	uint64_t whole = 0, part = 0, unit = PERIOD / 10, *period = arena_alloc(a, sizeof(*period));
	int64_t *quota = arena_alloc(a, sizeof(*quota));
	const char *dot = strchrnul(given, '.');
	bool good = text_u64(arena_strndup(a, given, (size_t)(dot - given)), &whole) && whole < 1 << 20;

	for (const char *c = *dot ? dot + 1 : dot; *c; c++, unit /= 10) {
		good &= *c >= '0' && *c <= '9';
		part += unit * (uint64_t)(*c - '0');
	}
	*quota = (int64_t)(whole * PERIOD + part);
	*period = PERIOD;
	if (!good || *quota < 1000)
		return err_set(e, EINVAL, "option --cpus \"%s\": expected a number of CPUs such as 2 or 0.5, 0.01 at least", given);
	cpu->quota = quota;
	cpu->period = period;
	return 0;
}

static bool is_given(const void *group, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((const char *)group)[i])
			return true;
	return false;
}

static void compose_devices(struct arena *a, const struct inst_facts *f, struct oci_resources *r)
{
	static const struct oci_device_rule nothing = { .allow = false, .access = "rwm" };

	r->devices.at = arena_array(a, f->devices.len + 1, sizeof(*r->devices.at));
	r->devices.at[r->devices.len++] = nothing;
	for (size_t i = 0; i < f->devices.len; i++) {
		const struct inst_device *d = &f->devices.at[i];

		r->devices.at[r->devices.len++] = (struct oci_device_rule){
			.allow = true,
			.type = d->node.type == 'b' ? "b" : "c",
			.major = d->node.major,
			.minor = d->node.minor,
			.access = d->access,
		};
	}
}

/* A limit of memory that swap makes larger is none. */
static void compose_memory(struct arena *a, const struct inst_options *o, struct oci_resources *r)
{
	struct oci_memory *m = arena_alloc(a, sizeof(*m));

	*m = o->memory;
	if (m->limit && *m->limit > 0 && !m->swap)
		m->swap = m->limit;
	if (is_given(m, sizeof(*m)))
		r->memory = m;
}

int inst_compose_resources(struct arena *a, const struct inst_options *o, const struct inst_facts *f,
			   const struct oci_resources **out, struct err *e)
{
	struct oci_resources *r = arena_alloc(a, sizeof(*r));
	struct oci_cpu *cpu = arena_alloc(a, sizeof(*cpu));
	struct oci_pids *pids = arena_alloc(a, sizeof(*pids));
	static const int64_t usual = PIDS;
	int rc = 0;

	compose_devices(a, f, r);
	compose_memory(a, o, r);
	*cpu = o->cpu;
	if (o->cpus)
		rc = read_cpus(a, o->cpus, cpu, e);
	if (is_given(cpu, sizeof(*cpu)))
		r->cpu = cpu;
	pids->limit = o->pids.limit ? o->pids.limit : f->pids ? &usual : NULL;
	if (pids->limit)
		r->pids = pids;
	*out = r;
	return rc;
}

static bool listed(const strings *l, const char *path)
{
	for (size_t i = 0; i < l->len; i++)
		if (path_is_under(path, l->at[i]))
			return true;
	return false;
}

static void keep(struct strv *v, const strings *from, const strings *but)
{
	for (size_t i = 0; i < from->len; i++)
		if (!listed(but, from->at[i]))
			strv_add(v, from->at[i]);
}

/* What the person mounts there, or below, is meant to be seen. */
static bool is_given_back(const struct inst_facts *f, const char *path)
{
	for (size_t i = 0; i < f->mounts.len; i++)
		if (path_is_under(f->mounts.at[i].target, path))
			return true;
	return false;
}

/* The secrets of a host's tree stay masked whatever the options say of the kernel's files. */
static void compose_masks(struct arena *a, const struct inst_facts *f, const struct inst_security *s, struct oci_linux *l)
{
	static const strings none;
	struct strv masked = { .arena = a }, readonly = { .arena = a };

	if (!s->unmask_all) {
		keep(&masked, &l->masked_paths, &s->unmask);
		keep(&readonly, &l->readonly_paths, &s->unmask);
	}
	for (size_t i = 0; i < f->secrets.len; i++)
		if (!is_given_back(f, f->secrets.at[i]))
			strv_add(&masked, f->secrets.at[i]);
	keep(&masked, &s->mask, &none);
	l->masked_paths = (strings){ masked.at, masked.len };
	l->readonly_paths = (strings){ readonly.at, readonly.len };
}

/* They are settings of a network namespace, and that is another's. */
static int compose_sysctls(struct arena *a, const struct inst_options *o, const struct inst_facts *f, pairs *out, struct err *e)
{
	int r = inst_pairs(a, "sysctl", &o->sysctls, out, e);

	for (size_t i = 0; !r && f->network.of && i < out->len; i++)
		if (text_starts(out->at[i].key, "net.") || text_starts(out->at[i].key, "net/"))
			r = err_set(e, EINVAL, "option --sysctl %s: that is a setting of container %s, whose network is shared", out->at[i].key,
				    f->network.of);
	return r;
}

static void add_nodes(struct arena *a, const struct inst_facts *f, struct oci_linux *l)
{
	l->devices.at = arena_array(a, f->devices.len, sizeof(*l->devices.at));
	for (size_t i = 0; i < f->devices.len; i++)
		l->devices.at[l->devices.len++] = f->devices.at[i].node;
}

int inst_compose_linux(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *s,
		       struct err *e)
{
	struct oci_linux *l = arena_alloc(a, sizeof(*l));
	struct inst_security security;
	int r = inst_security_parse(a, o, &security, e);

	*l = *s->linux_;
	s->linux_ = l;
	if (!r)
		r = compose_namespaces(a, o, f, l, e);
	if (!r)
		r = inst_compose_resources(a, o, f, &l->resources, e);
	if (!r)
		r = compose_sysctls(a, o, f, &l->sysctl, e);
	if (r)
		return r;
	add_nodes(a, f, l);
	compose_masks(a, f, &security, l);
	if (security.no_seccomp)
		return 0;
	l->seccomp = f->seccomp ? inst_profile_for(a, f->seccomp, s->process->capabilities) :
				  inst_seccomp(a, s->process->capabilities);
	return 0;
}
