/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PROPS = 64 };

static struct cg_property *add(struct arena *a, struct cg_unit *u, const char *name, const char *sig, size_t room)
{
	struct cg_property *p;

	if (!u->props.at)
		u->props.at = arena_array(a, MOST_PROPS, sizeof(*u->props.at));
	if (u->props.len == MOST_PROPS)
		abort(); /* every caller adds a known few */
	p = &u->props.at[u->props.len++];
	*p = (struct cg_property){ name, sig, { arena_array(a, room + 1, sizeof(char *)), 0 } };
	return p;
}

static void value(struct cg_property *p, const char *v)
{
	p->values.at[p->values.len++] = v;
}

static void add_one(struct arena *a, struct cg_unit *u, const char *name, const char *sig, const char *v)
{
	value(add(a, u, name, sig, 1), v);
}

static void add_u64(struct arena *a, struct cg_unit *u, const char *name, uint64_t v)
{
	add_one(a, u, name, "t", arena_printf(a, "%" PRIu64, v));
}

/* systemd says "infinity" as the largest number. */
static void add_limit(struct arena *a, struct cg_unit *u, const char *name, const int64_t *v)
{
	if (v)
		add_u64(a, u, name, *v < 0 ? UINT64_MAX : (uint64_t)*v);
}

static bool unit_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(":_.-\\@", c));
}

static int check_unit_name(const char *name, const char *suffix, struct err *e)
{
	size_t n = strlen(name), s = strlen(suffix);

	for (const char *c = name; *c; c++)
		if (!unit_char(*c))
			return err_set(e, EINVAL, "linux.cgroupsPath: \"%s\" is not a unit name", name);
	if (n <= s || n > 255 || strcmp(name + n - s, suffix))
		return err_set(e, EINVAL, "linux.cgroupsPath: \"%s\" is not the name of a unit that ends in %s", name, suffix);
	return 0;
}

int cg_unit_plan(struct arena *a, const char *asked, const char *id, bool user, struct cg_unit *out, struct err *e)
{
	const char *slice = asked && *asked ? asked : "::", *prefix = strchr(slice, ':'), *name = prefix ? strchr(prefix + 1, ':') : NULL;
	int r;

	if (!name || strchr(name + 1, ':') || *slice == '/')
		return err_set(e, EINVAL, "linux.cgroupsPath \"%s\" must have the form slice:prefix:name with the systemd cgroup manager", asked);
	*out = (struct cg_unit){ .user = user };
	out->slice = prefix > slice ? arena_strndup(a, slice, (size_t)(prefix - slice)) : user ? "user.slice" : "system.slice";
	prefix = arena_strndup(a, prefix + 1, (size_t)(name - prefix - 1));
	name = name[1] ? name + 1 : id;
	if (!asked || !*asked)
		prefix = "kist";
	out->name = arena_printf(a, "%s%s%s.scope", prefix, *prefix ? "-" : "", name);
	r = check_unit_name(out->slice, ".slice", e);
	if (!r)
		r = check_unit_name(out->name, ".scope", e);
	if (r)
		return r;
	add_one(a, out, "Description", "s", arena_printf(a, "kist container %s", id));
	add_one(a, out, "Slice", "s", out->slice);
	add_one(a, out, "Delegate", "b", "true");
	add_one(a, out, "DefaultDependencies", "b", "false");
	add_one(a, out, "CollectMode", "s", "inactive-or-failed");
	return 0;
}

static void memory(struct arena *a, const struct oci_memory *m, struct cg_unit *u)
{
	int64_t swap;

	if (!m)
		return;
	/* As in cg_limits(): 0 is no limit, and -1 as a soft limit is no protection. */
	if (m->limit && *m->limit)
		add_limit(a, u, "MemoryMax", m->limit);
	if (m->reservation)
		add_u64(a, u, "MemoryLow", *m->reservation < 0 ? 0 : (uint64_t)*m->reservation);
	if (!m->swap || !*m->swap) /* 0 is "not set", as in cg_limits() */
		return;
	swap = *m->swap < 0 || !m->limit || !*m->limit ? -1 : *m->swap - *m->limit;
	add_limit(a, u, "MemorySwapMax", &swap);
}

static unsigned byte_of(const unsigned long *bits, size_t i)
{
	return bits[i * 8 / TEXT_WORD] >> i * 8 % TEXT_WORD & 0xff;
}

/* "0-3,5" → the bytes of a mask, lowest first. */
static void mask(struct arena *a, struct cg_unit *u, const char *name, const char *list)
{
	unsigned long bits[TEXT_BITS / TEXT_WORD] = { 0 };
	size_t used = TEXT_BITS / 8;
	struct cg_property *p;

	if (!list || !*list)
		return;
	if (!text_bits(list, bits)) /* only of "unified": the kernel will say so */
		return;
	while (used && !byte_of(bits, used - 1))
		used--;
	p = add(a, u, name, "ay", used);
	for (size_t i = 0; i < used; i++)
		value(p, arena_printf(a, "%u", byte_of(bits, i)));
}

/* systemd keeps quotas per second of time and rounds to 10 ms: up, so that nothing gets less than asked. */
static void bandwidth(struct arena *a, struct cg_unit *u, uint64_t quota, uint64_t period)
{
	bool fits = quota < INT64_MAX / 1000000;

	add_u64(a, u, "CPUQuotaPerSecUSec", fits ? (quota * 1000000 / period + 9999) / 10000 * 10000 : UINT64_MAX);
	add_u64(a, u, "CPUQuotaPeriodUSec", period);
}

enum { DEFAULT_PERIOD = 100000, IDLE_WEIGHT = 0 /* since systemd 252 */ };

static void cpu(struct arena *a, const struct oci_cpu *c, struct cg_unit *u)
{
	bool quota, period;

	if (!c)
		return;
	quota = c->quota && *c->quota;
	period = c->period && *c->period;
	if (c->idle && *c->idle)
		add_u64(a, u, "CPUWeight", IDLE_WEIGHT);
	else if (c->shares && *c->shares)
		add_u64(a, u, "CPUWeight", cg_weight_of_shares(*c->shares));
	else if (c->idle)
		add_u64(a, u, "CPUWeight", UINT64_MAX);
	if (quota || period)
		bandwidth(a, u, quota && *c->quota > 0 ? (uint64_t)*c->quota : UINT64_MAX, period ? *c->period : DEFAULT_PERIOD);
	mask(a, u, "AllowedCPUs", c->cpus);
	mask(a, u, "AllowedMemoryNodes", c->mems);
}

/* As the kernel reads the files of the memory controller: a number with or without K, M, G, T. */
static bool read_bytes(struct arena *a, const char *text, uint64_t *out)
{
	static const char units[] = "KMGTkmgt";
	size_t n = strspn(text, "0123456789");
	const char *unit = text[n] ? strchr(units, text[n]) : NULL;

	if (!strcmp(text, "max")) {
		*out = UINT64_MAX;
		return true;
	}
	if (!text_u64(arena_strndup(a, text, n), out) || (text[n] && (!unit || text[n + 1])))
		return false;
	*out <<= unit ? 10 * ((unit - units) % 4 + 1) : 0;
	return true;
}

static void unified_bytes(struct arena *a, struct cg_unit *u, const char *name, const char *text)
{
	uint64_t v;

	if (read_bytes(a, text, &v))
		add_u64(a, u, name, v);
}

/* "max", "50000" or "50000 100000". */
static void unified_quota(struct arena *a, struct cg_unit *u, const char *name, const char *text)
{
	uint64_t quota, period = DEFAULT_PERIOD;
	const char *space = strchr(text, ' ');

	(void)name;
	if (read_bytes(a, space ? arena_strndup(a, text, (size_t)(space - text)) : text, &quota) && (!space || text_u64(space + 1, &period)) && period)
		bandwidth(a, u, quota, period);
}

/* "100" or "default 100"; a line for a device has no property that knows it by number. */
static void unified_weight(struct arena *a, struct cg_unit *u, const char *name, const char *text)
{
	unified_bytes(a, u, name, text_starts(text, "default ") ? text + strlen("default ") : text);
}

static void unified_idle(struct arena *a, struct cg_unit *u, const char *name, const char *text)
{
	add_u64(a, u, name, strcmp(text, "1") ? UINT64_MAX : IDLE_WEIGHT);
}

/* Of "unified", what systemd would write itself: without the property a daemon-reload sets the file back (systemd 252). */
static const struct {
	const char *file, *name;
	void (*give)(struct arena *a, struct cg_unit *u, const char *name, const char *text);
} unified_files[] = {
	{ "memory.min", "MemoryMin", unified_bytes },	{ "memory.low", "MemoryLow", unified_bytes },
	{ "memory.high", "MemoryHigh", unified_bytes }, { "memory.max", "MemoryMax", unified_bytes },
	{ "memory.swap.max", "MemorySwapMax", unified_bytes }, { "pids.max", "TasksMax", unified_bytes },
	{ "cpu.weight", "CPUWeight", unified_bytes },	{ "cpu.idle", "CPUWeight", unified_idle },
	{ "cpu.max", "CPUQuotaPerSecUSec", unified_quota },   { "cpuset.cpus", "AllowedCPUs", mask },
	{ "cpuset.mems", "AllowedMemoryNodes", mask },	{ "io.weight", "IOWeight", unified_weight },
};

static void unified(struct arena *a, const pairs *files, struct cg_unit *u)
{
	for (size_t i = 0; i < files->len; i++)
		for (size_t k = 0; k < sizeof(unified_files) / sizeof(unified_files[0]); k++)
			if (!strcmp(files->at[i].key, unified_files[k].file))
				unified_files[k].give(a, u, unified_files[k].name, files->at[i].value);
}

/*
 * Device rules have no property here: systemd knows nodes and names, not numbers.  Without DeviceAllow and with
 * DevicePolicy=auto it installs no program of its own, so that ours is the only one and a daemon-reload leaves it.
 */
void cg_unit_limits(struct arena *a, const struct oci_resources *r, struct cg_unit *u)
{
	if (!r)
		return;
	memory(a, r->memory, u);
	cpu(a, r->cpu, u);
	if (r->pids && r->pids->limit) /* as in cg_limits() */
		add_u64(a, u, "TasksMax", *r->pids->limit < 0 ? UINT64_MAX : *r->pids->limit ? (uint64_t)*r->pids->limit : 1);
	if (r->block_io && r->block_io->weight && *r->block_io->weight)
		add_u64(a, u, "IOWeight", cg_io_weight(*r->block_io->weight));
	unified(a, &r->unified, u);
}

static const struct {
	const char *name, *sig;
} allowed[] = {
	{ "CollectMode", "s" },	 { "TimeoutStopUSec", "t" }, { "RuntimeMaxUSec", "t" },
	{ "SendSIGHUP", "b" },	 { "OOMPolicy", "s" },	     { "ManagedOOMMemoryPressure", "s" },
	{ "ManagedOOMSwap", "s" }, { "KillSignal", "i" },     { "DefaultDependencies", "b" },
	{ "After", "as" },
};

static const char *word(struct arena *a, const char *text, size_t n)
{
	bool quoted = n > 2 && (*text == '\'' || *text == '"') && text[n - 1] == *text;

	text = quoted ? arena_strndup(a, text + 1, n - 2) : NULL;
	return text && !strpbrk(text, "\t\n\\'\"") ? text : NULL;
}

/* GVariant text of the basic kinds: 'word', true, uint64 5 or 5. */
static const char *gvariant(struct arena *a, const char *text, const char *sig)
{
	uint64_t number;

	if (*sig == 's')
		return word(a, text, strlen(text));
	if (*sig == 'b')
		return !strcmp(text, "true") || !strcmp(text, "false") ? text : NULL;
	if (text_starts(text, *sig == 'i' ? "int32 " : "uint64 "))
		text = strchr(text, ' ') + 1;
	return text_u64(text, &number) && (*sig == 't' || number <= INT32_MAX) ? text : NULL;
}

/* ['word', 'word'], or one value. */
static bool values(struct arena *a, struct cg_unit *u, const char *name, const char *sig, const char *text)
{
	size_t n = strlen(text), part;
	struct cg_property p = { name, sig, { arena_array(a, n + 1, sizeof(char *)), 0 } };
	bool list = *sig == 'a';

	if (list && (n < 2 || *text++ != '[' || text[n - 2] != ']'))
		return false;
	for (n -= list ? 2 : 0; n; text += part, n -= part) {
		const char *v;

		part = list ? strcspn(text, ",]") : n;
		v = list ? word(a, text, part) : gvariant(a, text, sig);
		if (!v)
			return false;
		value(&p, v);
		for (; part < n && strchr(", ", text[part]); part++)
			;
	}
	*add(a, u, name, sig, 0) = p;
	return true;
}

int cg_unit_annotations(struct arena *a, const pairs *annotations, struct cg_unit *u, struct err *e)
{
	static const char prefix[] = "org.systemd.property.";

	for (size_t i = 0; i < annotations->len; i++) {
		const struct pair *p = &annotations->at[i];
		const char *name = p->key + strlen(prefix);
		size_t k = 0;

		if (!text_starts(p->key, prefix))
			continue;
		while (k < sizeof(allowed) / sizeof(allowed[0]) && strcmp(allowed[k].name, name))
			k++;
		if (k == sizeof(allowed) / sizeof(allowed[0]))
			return err_set(e, EPERM, "annotation %s: the unit property \"%s\" is not one that a container may set", p->key, name);
		if (u->props.len < MOST_PROPS && !values(a, u, allowed[k].name, allowed[k].sig, p->value))
			return err_set(e, EINVAL, "annotation %s: \"%s\" is not a value of type %s", p->key, p->value, allowed[k].sig);
	}
	return 0;
}

void cg_unit_explain(const struct cg_unit *u, struct text *out)
{
	text_add(out, "scope: %s of the %s manager, in %s\n", u->name, u->user ? "user's" : "system's", u->slice);
	for (size_t i = 0; i < u->props.len; i++) {
		text_add(out, "scope property: %s =", u->props.at[i].name);
		for (size_t k = 0; k < u->props.at[i].values.len; k++)
			text_add(out, " %s", u->props.at[i].values.at[k]);
		text_add(out, "\n");
	}
}

const char *cg_unit_wire(struct arena *a, const struct cg_unit *u)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < u->props.len; i++) {
		const struct cg_property *p = &u->props.at[i];

		text_add(&t, "%s\t%s", p->name, p->sig);
		for (size_t k = 0; k < p->values.len; k++)
			text_add(&t, "\t%s", p->values.at[k]);
		text_add(&t, "\n");
	}
	text_add(&t, "\n");
	return text_str(&t);
}
