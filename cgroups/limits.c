/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cgroups/plan.h"

struct maker {
	struct arena *a;
	struct cg_plan *p;
};

static void put(struct maker *m, const char *from, const char *file, const char *value)
{
	struct cg_plan *p = m->p;

	p->limits.at = arena_grow(m->a, p->limits.at, p->limits.len, sizeof(*p->limits.at));
	p->limits.at[p->limits.len++] = (struct cg_limit){ from, file, value, 0 };
}

static void put_pardoned(struct maker *m, const char *from, const char *file, const char *value, int pardon)
{
	put(m, from, file, value);
	m->p->limits.at[m->p->limits.len - 1].pardon = pardon;
}

static const char *amount(struct arena *a, int64_t v)
{
	return v < 0 ? "max" : arena_printf(a, "%" PRId64, v);
}

static void put_i64(struct maker *m, const char *from, const char *file, const int64_t *v)
{
	if (v)
		put(m, from, file, amount(m->a, *v));
}

/* swap counts memory and swap together; the kernel's file counts swap alone. */
static int swap_limit(struct maker *m, const struct oci_memory *mem, struct err *e)
{
	int64_t limit = mem->limit && *mem->limit ? *mem->limit : -1;

	if (!mem->swap || !*mem->swap) /* engines write 0 for "not set", as the first memory cgroup had it */
		return 0;
	if (*mem->swap >= 0 && limit < 0)
		return err_set(e, EINVAL, "linux.resources.memory.swap is memory plus swap, so it needs memory.limit beside it");
	/* A document cannot say this, but an update of one of the two can make it so. */
	if (*mem->swap >= 0 && *mem->swap < limit)
		return err_set(e, EINVAL, "linux.resources.memory.swap (%" PRId64 ") is memory plus swap, so it cannot be below memory.limit (%"
			       PRId64 ")", *mem->swap, limit);
	limit = *mem->swap < 0 ? -1 : *mem->swap - limit;
	/* A kernel that does not count swap gives none, or all that there is: what was asked for at the ends of the scale. */
	put_pardoned(m, "linux.resources.memory.swap", "memory.swap.max", amount(m->a, limit), limit <= 0 ? ENOENT : 0);
	return 0;
}

static int memory_limits(struct maker *m, const struct oci_memory *mem, struct err *e)
{
	if (!mem)
		return 0;
	if (mem->swappiness)
		return err_set(e, ENOTSUP, "linux.resources.memory.swappiness exists only in cgroup v1");
	if (mem->disable_oom_killer)
		return err_set(e, ENOTSUP, "linux.resources.memory.disableOOMKiller exists only in cgroup v1");
	/* The kernel's own memory is always counted in cgroup v2: kernel and kernelTCP have no file, as in runc. */
	/* 0 means "not set" to every engine; -1 as a soft limit means none, which is no protection, not all of it. */
	if (mem->limit && *mem->limit)
		put_i64(m, "linux.resources.memory.limit", "memory.max", mem->limit);
	if (mem->reservation)
		put(m, "linux.resources.memory.reservation", "memory.low", *mem->reservation < 0 ? "0" : amount(m->a, *mem->reservation));
	return swap_limit(m, mem, e);
}

/* ceil(10^((l² + 125 l) / 612 − 7/34)) with l = log2(shares), as integers would have it: the exponent is
 * evaluated by squaring, without libm. */
static double log2_of(uint64_t v)
{
	double x = (double)v, l = 0, part = 0.5;

	for (; x >= 2; x /= 2)
		l++;
	for (int i = 0; i < 40; i++, part /= 2) {
		x *= x;
		if (x >= 2) {
			x /= 2;
			l += part;
		}
	}
	return l;
}

static double pow10_of(double y)
{
	double r = 1, term = 1, t;
	int whole = (int)y;

	y -= whole;
	if (y < 0) {
		y += 1;
		whole--;
	}
	t = y * 2.302585092994045684;
	for (int i = 1; i < 30; i++) {
		term *= t / i;
		r += term;
	}
	for (; whole > 0; whole--)
		r *= 10;
	for (; whole < 0; whole++)
		r /= 10;
	return r;
}

uint64_t cg_weight_of_shares(uint64_t shares)
{
	double l, w;
	uint64_t n;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_of(shares);
	w = pow10_of((l * l + 125 * l) / 612.0 - 7.0 / 34.0);
	n = (uint64_t)w;
	return w - (double)n > 1e-6 ? n + 1 : n; /* 1024 gives 100 and a rounding error, not 101 */
}

/* 0 is "not set" to every engine. */
static void cpu_bandwidth(struct maker *m, const struct oci_cpu *c)
{
	bool quota = c->quota && *c->quota, period = c->period && *c->period;
	const char *from = "linux.resources.cpu.burst", *burst = c->burst ? arena_printf(m->a, "%" PRIu64, *c->burst) : NULL;

	/* Burst may not be above quota at any moment: when both shrink it goes first, when both grow it comes last. */
	if (burst && quota)
		put_pardoned(m, from, "cpu.max.burst", burst, EINVAL);
	/* The kernel keeps the period when only the quota is written, but not the other way round. */
	if (quota || period) {
		const char *most = quota && *c->quota > 0 ? arena_printf(m->a, "%" PRId64, *c->quota) : "max";

		put(m, quota ? "linux.resources.cpu.quota" : "linux.resources.cpu.period", "cpu.max",
		    period ? arena_printf(m->a, "%s %" PRIu64, most, *c->period) : most);
	}
	if (burst)
		put(m, from, "cpu.max.burst", burst);
}

static int cpu_limits(struct maker *m, const struct oci_cpu *c, struct err *e)
{
	if (!c)
		return 0;
	if ((c->realtime_period && *c->realtime_period) || (c->realtime_runtime && *c->realtime_runtime))
		return err_set(e, ENOTSUP, "linux.resources.cpu.realtimeRuntime and realtimePeriod exist only in cgroup v1");
	put_i64(m, "linux.resources.cpu.idle", "cpu.idle", c->idle);
	/* The kernel takes no weight of an idle group. */
	if (c->shares && *c->shares && !(c->idle && *c->idle))
		put(m, "linux.resources.cpu.shares", "cpu.weight", arena_printf(m->a, "%" PRIu64, cg_weight_of_shares(*c->shares)));
	cpu_bandwidth(m, c);
	if (c->cpus && *c->cpus)
		put(m, "linux.resources.cpu.cpus", "cpuset.cpus", c->cpus);
	if (c->mems && *c->mems)
		put(m, "linux.resources.cpu.mems", "cpuset.mems", c->mems);
	return 0;
}

static void throttles(struct maker *m, const char *from, const char *word, const oci_throttles *t)
{
	for (size_t i = 0; i < t->len; i++) {
		uint64_t rate = t->at[i].rate ? *t->at[i].rate : 0;
		const char *head = arena_printf(m->a, "%" PRId64 ":%" PRId64 " %s=", t->at[i].major, t->at[i].minor, word);

		put(m, arena_printf(m->a, "linux.resources.blockIO.%s[%zu]", from, i), "io.max",
		    rate ? arena_printf(m->a, "%s%" PRIu64, head, rate) : arena_printf(m->a, "%smax", head));
	}
}

unsigned cg_io_weight(uint16_t w)
{
	return 1 + (unsigned)(w - 10) * 9999 / 990;
}

/* io.weight is for io.cost, and refuses a device that has none; the scheduler BFQ has a file of its own, which takes the numbers of the
 * document as they are and is there once its module is loaded (Documentation/block/bfq-iosched.rst). */
static void io_weight(struct maker *m, const char *from, const char *whose, const uint16_t *weight)
{
	if (!weight || !*weight)
		return;
	put_pardoned(m, from, "io.weight", arena_printf(m->a, "%s %u", whose, cg_io_weight(*weight)), EOPNOTSUPP);
	put_pardoned(m, from, "io.bfq.weight", arena_printf(m->a, "%s %u", whose, *weight), ENOENT);
}

static void io_limits(struct maker *m, const struct oci_block_io *b)
{
	if (!b)
		return;
	io_weight(m, "linux.resources.blockIO.weight", "default", b->weight);
	for (size_t i = 0; i < b->weight_device.len; i++) {
		const struct oci_device_weight *d = &b->weight_device.at[i];

		io_weight(m, arena_printf(m->a, "linux.resources.blockIO.weightDevice[%zu]", i),
			  arena_printf(m->a, "%" PRId64 ":%" PRId64, d->major, d->minor), d->weight);
	}
	throttles(m, "throttleReadBpsDevice", "rbps", &b->read_bps);
	throttles(m, "throttleWriteBpsDevice", "wbps", &b->write_bps);
	throttles(m, "throttleReadIOPSDevice", "riops", &b->read_iops);
	throttles(m, "throttleWriteIOPSDevice", "wiops", &b->write_iops);
}

/* Both: what is used, and what mmap(2) reserves, which without the second limit ends in SIGBUS instead of ENOMEM.  Linux 5.7
 * was the first to count reservations. */
static void hugepage_limits(struct maker *m, const struct oci_resources *r)
{
	for (size_t i = 0; i < r->hugepages.len; i++) {
		const struct oci_hugepage *h = &r->hugepages.at[i];
		const char *from = arena_printf(m->a, "linux.resources.hugepageLimits[%zu]", i), *v = arena_printf(m->a, "%" PRIu64, h->limit);

		put(m, from, arena_printf(m->a, "hugetlb.%s.max", h->page_size), v);
		put_pardoned(m, from, arena_printf(m->a, "hugetlb.%s.rsvd.max", h->page_size), v, ENOENT);
	}
}

static void rdma_limits(struct maker *m, const struct oci_resources *r)
{
	for (size_t i = 0; i < r->rdma.len; i++) {
		const struct oci_rdma *d = &r->rdma.at[i];
		struct text t = { .arena = m->a };

		text_add(&t, "%s", d->device);
		if (d->hca_handles)
			text_add(&t, " hca_handle=%u", *d->hca_handles);
		if (d->hca_objects)
			text_add(&t, " hca_object=%u", *d->hca_objects);
		put(m, arena_printf(m->a, "linux.resources.rdma.%s", d->device), "rdma.max", text_str(&t));
	}
}

/* Files with a line for each device take one line in one write(2). */
static void unified_lines(struct maker *m, const struct pair *p)
{
	const char *from = arena_printf(m->a, "linux.resources.unified.%s", p->key);

	for (const char *line = p->value; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (*line != '\n')
			put(m, from, p->key, arena_strndup(m->a, line, strcspn(line, "\n")));
}

static int unified_limits(struct maker *m, const struct oci_resources *r, struct err *e)
{
	for (size_t i = 0; i < r->unified.len; i++) {
		const char *file = r->unified.at[i].key;

		/* cgroup.* would move processes or thaw what is frozen; a path would leave the cgroup. */
		if (strchr(file, '/') || !strchr(file, '.') || *file == '.' || text_starts(file, "cgroup."))
			return err_set(e, EINVAL, "linux.resources.unified: \"%s\" is not a controller's file (such as memory.high)", file);
		unified_lines(m, &r->unified.at[i]);
	}
	return 0;
}

int cg_limits(struct arena *a, const struct oci_resources *r, struct cg_plan *out, struct err *e)
{
	struct maker m = { .a = a, .p = out };
	int rc;

	if (!r)
		return 0;
	if (r->network && (r->network->class_id || r->network->priorities.len))
		return err_set(e, ENOTSUP, "linux.resources.network exists only in cgroup v1 (net_cls, net_prio)");
	rc = memory_limits(&m, r->memory, e);
	if (!rc)
		rc = cpu_limits(&m, r->cpu, e);
	if (rc)
		return rc;
	/* With none the first process could not be born; it is the one that stays when nobody may fork. */
	if (r->pids && r->pids->limit)
		put(&m, "linux.resources.pids.limit", "pids.max", *r->pids->limit ? amount(a, *r->pids->limit) : "1");
	io_limits(&m, r->block_io);
	hugepage_limits(&m, r);
	rdma_limits(&m, r);
	return unified_limits(&m, r, e);
}
