/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/update.h"

#include "base/self.h"
#include "cgroups/control.h"
#include "cgroups/scope.h"
#include "runtime/host.h"

static const int64_t *unless_zero(const int64_t *v)
{
	return v && *v ? v : NULL;
}

static const uint64_t *unless_none(const uint64_t *v)
{
	return v && *v ? v : NULL;
}

/* Engines write 0 for "not set" here: it changes nothing, and must not take the place of what is kept. */
static struct oci_resources without_zeros(struct arena *a, const struct oci_resources *asked)
{
	struct oci_resources r = *asked;

	if (r.memory) {
		struct oci_memory *m = arena_alloc(a, sizeof(*m));

		*m = *r.memory;
		m->limit = unless_zero(m->limit);
		m->swap = unless_zero(m->swap);
		r.memory = m;
	}
	if (r.cpu) {
		struct oci_cpu *c = arena_alloc(a, sizeof(*c));

		*c = *r.cpu;
		c->quota = unless_zero(c->quota);
		c->shares = unless_none(c->shares);
		c->period = unless_none(c->period);
		r.cpu = c;
	}
	return r;
}

/* cpu.max is one file of two values, an idle group has no weight, and swap is counted from the memory limit: these come
 * along. */
static struct oci_resources with_partners(struct arena *a, const struct oci_resources *asked, const struct oci_resources *merged)
{
	struct oci_resources r = *asked;

	if (r.cpu) {
		struct oci_cpu *cpu = arena_alloc(a, sizeof(*cpu));
		bool bandwidth = r.cpu->quota || r.cpu->period, weight = r.cpu->shares || r.cpu->idle;

		*cpu = *r.cpu;
		cpu->quota = bandwidth ? merged->cpu->quota : NULL;
		cpu->period = bandwidth ? merged->cpu->period : NULL;
		cpu->shares = weight ? merged->cpu->shares : NULL;
		cpu->idle = weight ? merged->cpu->idle : NULL;
		r.cpu = cpu;
	}
	if (r.memory && (r.memory->swap || r.memory->limit)) {
		struct oci_memory *memory = arena_alloc(a, sizeof(*memory));

		*memory = *r.memory;
		memory->swap = merged->memory->swap;
		memory->limit = merged->memory->limit;
		r.memory = memory;
	}
	return r;
}

void update_keep(struct arena *a, const struct update *u, struct oci_spec *spec)
{
	struct oci_linux *l = arena_alloc(a, sizeof(*l));
	struct oci_resources *r = arena_alloc(a, sizeof(*r));

	if (spec->linux_)
		*l = *spec->linux_;
	*r = u->merged;
	l->resources = r;
	spec->linux_ = l;
}

static int tell_systemd(const struct ct_ctx *c, const struct known *k, const struct oci_resources *r, struct err *e)
{
	struct cg_unit u = { .name = k->rec.unit, .user = k->rec.user_unit };

	cg_unit_limits(c->arena, r, &u);
	return cg_scope_set(c->arena, self_helper(c->arena, c->argv[0], "kist-systemd"), &u, e);
}

/*
 * systemd writes every file of a controller when one property of it changes, also those that it rounds or that are no
 * properties: all that is kept of these controllers comes again after it, and of no other, where an administrator may have
 * used systemctl set-property.
 */
static int apply_in_scope(const struct ct_ctx *c, const struct known *k, const struct oci_resources *whole, const struct oci_resources *merged,
			  const struct cg_plan *first, const struct cg_host *host, struct err *e)
{
	struct cg_where at = { k->rec.cgroup, true };
	struct oci_resources all = *merged;
	struct cg_plan again;
	int r;

	all.devices = whole->devices;
	r = cg_plan_update(c->arena, &all, &at, host, &again, e);
	if (!r)
		r = tell_systemd(c, k, whole, e);
	if (r)
		return r;
	cg_plan_keep(&again, first);
	return cg_update(c->arena, &again, &k->cgroup, e);
}

/* "memory: unlimited" alone would leave a limit of memory and swap together without the first: both go, as in runc. */
static const struct oci_resources *without_swap(struct arena *a, const struct oci_resources *asked, const struct oci_resources *kept)
{
	static const int64_t unlimited = -1;
	const struct oci_memory *m = asked->memory;
	struct oci_memory *memory;
	struct oci_resources *r;

	if (!m || !m->limit || *m->limit >= 0 || m->swap || !kept->memory || !kept->memory->swap)
		return asked;
	r = arena_alloc(a, sizeof(*r));
	memory = arena_alloc(a, sizeof(*memory));
	*r = *asked;
	*memory = *m;
	memory->swap = &unlimited;
	r->memory = memory;
	return r;
}

void update_plan(struct arena *a, const struct oci_resources *asked, const struct oci_spec *spec, struct update *out)
{
	struct oci_resources *plain = arena_alloc(a, sizeof(*plain));

	*plain = without_zeros(a, asked);
	*out = (struct update){ 0 };
	if (spec->linux_ && spec->linux_->resources)
		out->merged = *spec->linux_->resources;
	out->asked = without_swap(a, plain, &out->merged);
	oci_overlay(a, &oci_resources_object, &out->merged, out->asked);
}

int update_apply(const struct ct_ctx *c, const struct known *k, const struct update *u, struct err *e)
{
	const struct oci_resources *asked = u->asked, *merged = &u->merged;
	struct oci_resources whole = with_partners(c->arena, asked, merged);
	struct cg_where at = { k->rec.cgroup, k->rec.unit };
	struct host host;
	struct cg_host ch;
	struct cg_plan plan;
	int r = host_probe(c->arena, cg_wants_limits(&whole), &host, e);

	if (r)
		return r;
	ch = host_for_cg(&host);
	r = cg_plan_update(c->arena, &whole, &at, &ch, &plan, e);
	if (!r && asked->memory && asked->memory->limit && merged->memory->check_before_update && *merged->memory->check_before_update)
		r = cg_check_memory(&k->cgroup, *asked->memory->limit, e);
	if (!r)
		r = cg_update(c->arena, &plan, &k->cgroup, e);
	return r || !k->rec.unit ? r : apply_in_scope(c, k, &whole, merged, &plan, &ch, e);
}
