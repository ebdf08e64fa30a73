/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroups/devices.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

/* Later rules win, so the program looks at them last to first. */
static const struct cg_device_rule always[] = {
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 1, 3 }, /* null */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 1, 5 }, /* zero */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 1, 7 }, /* full */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 1, 8 }, /* random */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 1, 9 }, /* urandom */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 5, 0 }, /* tty */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 5, 2 }, /* ptmx */
	{ true, CG_DEV_CHAR, CG_DEV_ALL, 136, -1 }, /* pts */
	{ true, CG_DEV_ANY, CG_DEV_MKNOD, -1, -1 },
};
enum { ALWAYS = sizeof(always) / sizeof(always[0]) };

static int one_rule(const struct oci_device_rule *in, struct cg_device_rule *out)
{
	static const char bits[] = "mrw";
	const char *access = in->access && *in->access ? in->access : "rwm";

	*out = (struct cg_device_rule){ in->allow, CG_DEV_ANY, 0, in->major ? *in->major : -1, in->minor ? *in->minor : -1 };
	if (in->type && *in->type && strcmp(in->type, "a"))
		out->type = !strcmp(in->type, "b") ? CG_DEV_BLOCK : !strcmp(in->type, "c") ? CG_DEV_CHAR : 0;
	for (; *access; access++) {
		const char *bit = strchr(bits, *access);

		if (!bit)
			return -EINVAL;
		out->access |= 1U << (bit - bits);
	}
	return out->type ? 0 : -EINVAL;
}

int cg_device_rules_of(struct arena *a, const struct oci_resources *r, cg_device_rules *out, struct err *e)
{
	size_t n = r ? r->devices.len : 0;

	*out = (cg_device_rules){ NULL, 0 };
	if (!n)
		return 0;
	if (n > CG_DEV_RULES)
		return err_set(e, E2BIG, "linux.resources.devices has %zu rules; kist takes at most %d", n, CG_DEV_RULES);
	out->at = arena_array(a, n + ALWAYS, sizeof(*out->at));
	for (size_t i = 0; i < n; i++)
		if (one_rule(&r->devices.at[i], &out->at[i]))
			return err_set(e, EINVAL, "linux.resources.devices[%zu]: type is one of a, b, c and access made of r, w, m", i);
	memcpy(out->at + n, always, sizeof(always));
	out->len = n + ALWAYS;
	return 0;
}

/* R1: context.  R2: type, R3: bits still undecided, R4: major, R5: minor. */
enum { TYPE = BPF_REG_2, BITS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };
enum { TO_ALLOW = -1, TO_DENY = -2 };

struct code {
	struct bpf_insn *at;
	size_t len;
};

static void emit(struct code *c, uint8_t op, unsigned dst, unsigned src, int16_t off, int32_t imm)
{
	c->at[c->len++] = (struct bpf_insn){ .code = op, .dst_reg = (uint8_t)(dst & 15), .src_reg = (uint8_t)(src & 15), .off = off, .imm = imm };
}

static void prelude(struct code *c)
{
	emit(c, BPF_LDX | BPF_MEM | BPF_W, BITS, BPF_REG_1, 0, 0); /* access << 16 | type */
	emit(c, BPF_ALU | BPF_MOV | BPF_X, TYPE, BITS, 0, 0);
	emit(c, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(c, BPF_ALU | BPF_RSH | BPF_K, BITS, 0, 0, 16);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, MAJOR, BPF_REG_1, 4, 0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, MINOR, BPF_REG_1, 8, 0);
}

/* A jump whose target comes later: off holds TO_ALLOW or TO_DENY, or 0 for "the end of this group". */
static void jump(struct code *c, uint8_t how, unsigned reg, int32_t value, int16_t to)
{
	emit(c, BPF_JMP | how | BPF_K, reg, 0, to, value);
}

static bool same_group(const struct cg_device_rule *x, const struct cg_device_rule *y)
{
	return x->type == y->type && x->major == y->major;
}

/* No request that gets as far as the rule gets past it. */
static bool decides_all(const struct cg_device_rule *r)
{
	return r->minor < 0 && r->access == CG_DEV_ALL;
}

/* The rule's own part, behind the shared tests of type and major. */
static void one_verdict(struct code *c, const struct cg_device_rule *r)
{
	size_t skip = 0;
	bool all = r->access == CG_DEV_ALL;

	if (r->minor >= 0 && all) {
		jump(c, BPF_JEQ, MINOR, (int32_t)r->minor, r->allow ? TO_ALLOW : TO_DENY);
		return;
	}
	if (r->minor >= 0) {
		skip = c->len;
		jump(c, BPF_JNE, MINOR, (int32_t)r->minor, 0);
	}
	if (all) {
		jump(c, BPF_JA, 0, 0, r->allow ? TO_ALLOW : TO_DENY);
	} else if (r->allow) {
		emit(c, BPF_ALU | BPF_AND | BPF_K, BITS, 0, 0, (int32_t)(CG_DEV_ALL & ~r->access));
		jump(c, BPF_JEQ, BITS, 0, TO_ALLOW);
	} else {
		jump(c, BPF_JSET, BITS, (int32_t)r->access, TO_DENY);
	}
	if (r->minor >= 0)
		c->at[skip].off = (int16_t)(c->len - skip - 1);
}

/*
 * Consecutive rules of one type and major share those tests: the kernel's time goes by the instruction.  What
 * stands before a rule that decides all is left out, because the kernel refuses instructions that cannot be
 * reached.  *left becomes the number of rules before the group; false: nothing gets past it.
 */
static bool group(struct code *c, const cg_device_rules *rules, size_t *left)
{
	const struct cg_device_rule *head = &rules->at[*left - 1];
	size_t by_type = 0, by_major = 0, n = *left;
	bool open = true;

	if (head->type != CG_DEV_ANY) {
		by_type = c->len;
		jump(c, BPF_JNE, TYPE, (int32_t)head->type, 0);
	}
	if (head->major >= 0) {
		by_major = c->len;
		jump(c, BPF_JNE, MAJOR, (int32_t)head->major, 0);
	}
	while (n && same_group(head, &rules->at[n - 1])) {
		n--;
		if (open)
			one_verdict(c, &rules->at[n]);
		open = open && !decides_all(&rules->at[n]);
	}
	if (head->type != CG_DEV_ANY)
		c->at[by_type].off = (int16_t)(c->len - by_type - 1);
	if (head->major >= 0)
		c->at[by_major].off = (int16_t)(c->len - by_major - 1);
	*left = n;
	return open || head->type != CG_DEV_ANY || head->major >= 0;
}

/* The end with this verdict, if the program can come to it: by a jump, or because nothing was decided. */
static void end(struct code *c, int16_t mark, bool open, int32_t verdict)
{
	bool reached = open;

	for (size_t i = 0; i < c->len; i++)
		if (BPF_CLASS(c->at[i].code) == BPF_JMP && c->at[i].off == mark) {
			c->at[i].off = (int16_t)(c->len - i - 1);
			reached = true;
		}
	if (!reached)
		return;
	emit(c, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, verdict);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

struct cg_program cg_device_program(struct arena *a, const cg_device_rules *rules)
{
	enum { MOST = 6 /* per rule, alone in its group */, REST = 16 };
	struct code c = { arena_array(a, rules->len * MOST + REST, sizeof(*c.at)), 0 };
	size_t left = rules->len;
	bool open = true;

	prelude(&c);
	while (left && open)
		open = group(&c, rules, &left);
	end(&c, TO_DENY, open, 0);
	end(&c, TO_ALLOW, false, 1);
	return (struct cg_program){ c.at, c.len };
}
