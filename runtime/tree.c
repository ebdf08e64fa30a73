/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/tree.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/calls.h"
#include "runtime/match.h"

#define X32_FIRST 0x40000000U
#define NR_SKIPPED UINT32_MAX /* a tracer's way to skip a call: of no ABI */
#define FOREIGN SECCOMP_RET_KILL_THREAD

/* One rule's word about one call. */
struct entry {
	uint32_t nr, action;
	uint32_t order;			    /* in the document */
	bool wide;			    /* its arguments */
	uint8_t n_args;			    /* all must fit */
	const struct oci_seccomp_arg *args;
};

struct entries {
	struct arena *arena;
	struct entry *at;
	size_t len;
};

uint32_t tree_action(int action, const uint32_t *errno_ret)
{
	uint32_t data = (errno_ret ? *errno_ret : EPERM) & SECCOMP_RET_DATA;

	switch ((enum oci_seccomp_action)action) {
	case OCI_ACT_KILL:
	case OCI_ACT_KILL_THREAD: return SECCOMP_RET_KILL_THREAD;
	case OCI_ACT_KILL_PROCESS: return SECCOMP_RET_KILL_PROCESS;
	case OCI_ACT_TRAP: return SECCOMP_RET_TRAP;
	case OCI_ACT_ERRNO: return SECCOMP_RET_ERRNO | data;
	case OCI_ACT_TRACE: return SECCOMP_RET_TRACE | data;
	case OCI_ACT_ALLOW: return SECCOMP_RET_ALLOW;
	case OCI_ACT_LOG: return SECCOMP_RET_LOG;
	case OCI_ACT_NOTIFY: return SECCOMP_RET_USER_NOTIF;
	}
	return SECCOMP_RET_KILL_PROCESS;
}

static void add_entry(struct entries *l, struct entry e)
{
	e.order = (uint32_t)l->len;
	l->at = arena_grow(l->arena, l->at, l->len, sizeof(*l->at));
	l->at[l->len++] = e;
}

/* Each argument once per rule; engines mean "any of" when they name one twice (runc). */
static bool repeats_argument(const struct oci_seccomp_rule *r)
{
	unsigned seen = 0;

	for (size_t i = 0; i < r->args.len; i++) {
		if (seen & 1U << r->args.at[i].index)
			return true;
		seen |= 1U << r->args.at[i].index;
	}
	return false;
}

/* The rule's own arguments lie in memory then, where no filter sees them. */
static void add_part(struct entries *l, struct entry e, const struct call *c)
{
	struct oci_seccomp_arg *arg = arena_alloc(l->arena, sizeof(*arg));
	uint64_t *value = arena_alloc(l->arena, sizeof(*value));

	*value = c->part;
	*arg = (struct oci_seccomp_arg){ 0, c->mask, value, OCI_CMP_MASKED_EQ };
	e.args = arg;
	e.n_args = 1;
	add_entry(l, e);
}

static void add_call(struct entries *l, const struct abi *abi, const struct oci_seccomp_rule *r, const struct call *c)
{
	bool any = repeats_argument(r);
	struct entry e = { .nr = c->nr, .action = tree_action(r->action, r->errno_ret), .wide = abi->wide };

	if (c->mask) {
		add_part(l, e, c);
		return;
	}
	for (size_t i = 0; i < (any ? r->args.len : 1); i++) {
		e.args = r->args.at ? r->args.at + i : NULL;
		e.n_args = any ? 1 : (uint8_t)r->args.len;
		add_entry(l, e);
	}
}

static void add_rules(struct entries *l, const struct abi *abi, const struct oci_seccomp *s)
{
	for (size_t i = 0; i < s->syscalls.len; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.at[i];

		for (size_t k = 0; k < r->names.len; k++) {
			struct call calls[2];
			size_t n = calls_named(abi, r->names.at[k], calls);

			for (size_t c = 0; c < n; c++)
				add_call(l, abi, r, &calls[c]);
		}
	}
}

static int by_number(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	if (a->nr != b->nr)
		return a->nr < b->nr ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* A range of call numbers, up to where the next begins: one answer, or the rules of one call. */
struct leaf {
	uint32_t first, action;
	const struct entry *rules;
	size_t n;
};

struct leaves {
	struct arena *arena;
	struct leaf *at;
	size_t len;
};

static void add_leaf(struct leaves *l, struct leaf leaf)
{
	const struct leaf *last = l->len ? &l->at[l->len - 1] : NULL;

	if (last && last->first == leaf.first)
		l->len--; /* nothing lay between: the gap's leaf has no number */
	last = l->len ? &l->at[l->len - 1] : NULL;
	if (last && !last->n && !leaf.n && last->action == leaf.action)
		return;
	l->at = arena_grow(l->arena, l->at, l->len, sizeof(*l->at));
	l->at[l->len++] = leaf;
}

static struct leaf leaf_of(const struct entry *e, size_t n, uint32_t otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (!e[i].n_args)
			return (struct leaf){ .first = e->nr, .action = e[i].action };
	return (struct leaf){ e->nr, otherwise, e, n };
}

static struct leaves ranges(struct entries *l, uint32_t otherwise)
{
	struct leaves out = { .arena = l->arena };

	if (l->len)
		qsort(l->at, l->len, sizeof(*l->at), by_number);
	add_leaf(&out, (struct leaf){ .action = otherwise });
	for (size_t i = 0, n; i < l->len; i += n) {
		uint32_t nr = l->at[i].nr;

		for (n = 1; i + n < l->len && l->at[i + n].nr == nr;)
			n++;
		add_leaf(&out, leaf_of(&l->at[i], n, otherwise));
		if (nr != UINT32_MAX)
			add_leaf(&out, (struct leaf){ .first = nr + 1, .action = otherwise });
	}
	return out;
}

static size_t rules(struct code *c, const struct leaf *l)
{
	size_t no = code_return(c, l->action);

	for (size_t i = l->n; i-- > 0;) {
		size_t yes = code_return(c, l->rules[i].action);

		for (size_t k = l->rules[i].n_args; k-- > 0;)
			yes = match_arg(c, &l->rules[i].args[k], l->rules[i].wide, yes, no);
		no = yes;
	}
	return no;
}

static size_t tree(struct code *c, const struct leaf *l, size_t n)
{
	size_t half = n / 2, upper, lower;

	if (n == 1)
		return l->n ? rules(c, l) : code_return(c, l->action);
	upper = tree(c, l + half, n - half);
	lower = tree(c, l, half);
	return code_jump(c, BPF_JGE, l[half].first, upper, lower);
}

/* The calls of all ABIs that the kernel calls by this architecture's name. */
static size_t block(const struct oci_seccomp *s, const struct abi *abis, size_t n, uint32_t arch, struct code *c)
{
	const uint32_t otherwise = tree_action(s->default_action, s->default_errno);
	auto_arena scratch = { 0 };
	struct entries all = { .arena = &scratch };
	struct leaves l;
	bool x32 = false;
	size_t at;

	for (size_t i = 0; i < n; i++) {
		if (abis[i].arch != arch)
			continue;
		add_rules(&all, &abis[i], s);
		x32 |= abis[i].x32;
	}
	l = ranges(&all, otherwise);
	if (arch == AUDIT_ARCH_X86_64 && !x32) {
		add_leaf(&l, (struct leaf){ .first = X32_FIRST, .action = FOREIGN });
		add_leaf(&l, (struct leaf){ .first = NR_SKIPPED, .action = otherwise });
	}
	at = tree(c, l.at, l.len);
	return code_load(c, offsetof(struct seccomp_data, nr), at);
}

/* Among those before. */
static bool has_arch(const struct abi *abis, size_t n, uint32_t arch)
{
	for (size_t i = 0; i < n; i++)
		if (abis[i].arch == arch)
			return true;
	return false;
}

static bool has_token(const struct abi *abis, size_t n, uint32_t token)
{
	for (size_t i = 0; i < n; i++)
		if (abis[i].token == token)
			return true;
	return false;
}

void tree_build(const struct oci_seccomp *s, struct code *out)
{
	struct abi *abis = arena_array(out->arena, s->architectures.len + 1, sizeof(*abis));
	size_t n = 0, next;

	/* The machine's own is always meant.  One newer than this libseccomp: its calls are killed as foreign ones. */
	if (abi_find(NULL, &abis[0]))
		n++;
	for (size_t i = 0; i < s->architectures.len; i++)
		if (abi_find(s->architectures.at[i], &abis[n]) && !has_token(abis, n, abis[n].token))
			n++;
	next = code_return(out, FOREIGN);
	/* Written from the end: the machine's own architecture is asked for first. */
	for (size_t i = n; i-- > 0;)
		if (!has_arch(abis, i, abis[i].arch))
			next = code_jump(out, BPF_JEQ, abis[i].arch, block(s, abis, n, abis[i].arch, out), next);
	code_load(out, offsetof(struct seccomp_data, arch), next);
}
