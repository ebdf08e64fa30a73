/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device program against the rule list: an interpreter of the few instructions that are used runs the
 * program for every request that the rules distinguish, and a plain reading of the rules says what is right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above. */
#include <cmocka.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "cgroups/devices.h"

enum { RUNS = 3000, STEPS = 100000 };

struct request {
	uint32_t access_type, major, minor;
};

static bool taken(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_JA: return true;
	case BPF_JEQ: return a == b;
	case BPF_JNE: return a != b;
	case BPF_JSET: return a & b;
	default: fail_msg("jump %u is not expected", op);
	}
	return false;
}

static uint32_t alu(uint8_t op, uint32_t a, uint32_t b)
{
	switch (op) {
	case BPF_MOV: return b;
	case BPF_AND: return a & b;
	case BPF_RSH: return a >> b;
	default: fail_msg("operation %u is not expected", op);
	}
	return 0;
}

static int run(const struct cg_program *p, const struct request *q)
{
	uint64_t reg[16] = { 0 };
	const uint32_t *words = &q->access_type;

	for (size_t pc = 0, steps = 0; steps < STEPS; steps++, pc++) {
		const struct bpf_insn *i = &p->at[pc];
		uint64_t with = i->code & BPF_X ? reg[i->src_reg] : (uint64_t)(int64_t)i->imm;

		assert_true(pc < p->len);
		switch (BPF_CLASS(i->code)) {
		case BPF_LDX: reg[i->dst_reg] = words[i->off / 4]; break;
		case BPF_ALU: reg[i->dst_reg] = alu(BPF_OP(i->code), (uint32_t)reg[i->dst_reg], (uint32_t)with); break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_EXIT)
				return (int)reg[0];
			if (taken(BPF_OP(i->code), reg[i->dst_reg], with))
				pc += (size_t)(int64_t)i->off;
			break;
		default: fail_msg("instruction class %u is not expected", BPF_CLASS(i->code));
		}
	}
	fail_msg("the program does not end");
	return -1;
}

/* Linux refuses a program with an instruction that no way leads to (kernel/bpf/verifier.c, check_cfg). */
static void all_reachable(const struct cg_program *p)
{
	bool *seen = calloc(p->len + 1, sizeof(*seen));

	seen[0] = true;
	for (size_t pc = 0; pc < p->len; pc++) { /* all jumps go forward, so one pass is enough */
		const struct bpf_insn *i = &p->at[pc];
		bool jump = BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_EXIT;

		assert_true(seen[pc]);
		assert_true(!jump || (i->off >= 0 && pc + 1 + (size_t)i->off < p->len));
		if (jump)
			seen[pc + 1 + (size_t)i->off] = true;
		if (BPF_CLASS(i->code) != BPF_JMP || (jump && BPF_OP(i->code) != BPF_JA))
			seen[pc + 1] = true;
	}
	assert_false(seen[p->len]);
	free(seen);
}

static bool names(const struct cg_device_rule *r, unsigned type, const struct request *q)
{
	return r->type & type && (r->major < 0 || (uint64_t)r->major == q->major) && (r->minor < 0 || (uint64_t)r->minor == q->minor);
}

/* The definition: each bit by the last rule that names device and bit; nothing named, nothing allowed. */
static bool right(const cg_device_rules *rules, unsigned type, unsigned access, const struct request *q)
{
	for (unsigned bit = 1; bit <= CG_DEV_WRITE; bit <<= 1) {
		bool allowed = false;

		for (size_t i = 0; i < rules->len; i++)
			if (rules->at[i].access & bit && names(&rules->at[i], type, q))
				allowed = rules->at[i].allow;
		if (access & bit && !allowed)
			return false;
	}
	return true;
}

static void compare(const cg_device_rules *rules, const struct cg_program *p)
{
	all_reachable(p);
	for (unsigned type = CG_DEV_BLOCK; type <= CG_DEV_CHAR; type++)
		for (unsigned access = 1; access <= CG_DEV_ALL; access++)
			for (uint32_t major = 0; major < 4; major++)
				for (uint32_t minor = 0; minor < 4; minor++) {
					struct request q = { access << 16 | type, major, minor };

					assert_int_equal(run(p, &q), right(rules, type, access, &q));
				}
}

static struct cg_device_rule random_rule(void)
{
	return (struct cg_device_rule){ .allow = rand() % 2,
					.type = 1 + (unsigned)rand() % 3,
					.access = 1 + (unsigned)rand() % 7,
					.major = rand() % 5 - 1,
					.minor = rand() % 5 - 1 };
}

static void random_rule_sets(void **state)
{
	(void)state;
	srand(20261120);
	for (int n = 0; n < RUNS; n++) {
		auto_arena a = { 0 };
		struct cg_device_rule at[12];
		cg_device_rules rules = { at, (size_t)rand() % 12 };
		struct cg_program p;

		for (size_t i = 0; i < rules.len; i++)
			at[i] = random_rule();
		p = cg_device_program(&a, &rules);
		compare(&rules, &p);
	}
}

/* What a rule decides completely, no rule before it can change; the rest of the random ones meet that seldom. */
static void rules_that_decide_all(void **state)
{
	(void)state;
	for (int n = 0; n < RUNS; n++) {
		auto_arena a = { 0 };
		struct cg_device_rule at[6];
		cg_device_rules rules = { at, 1 + (size_t)rand() % 6 };
		struct cg_program p;

		for (size_t i = 0; i < rules.len; i++) {
			at[i] = random_rule();
			at[i].minor = -1;
			at[i].access = rand() % 4 ? CG_DEV_ALL : at[i].access;
			at[i].type = rand() % 2 ? CG_DEV_ANY : CG_DEV_CHAR;
			at[i].major = rand() % 2 ? -1 : 1;
		}
		p = cg_device_program(&a, &rules);
		compare(&rules, &p);
	}
}

/* Numbers that no device can have must not match a small one by losing their upper half. */
static void large_numbers(void **state)
{
	auto_arena a = { 0 };
	struct cg_device_rule at[] = { { true, CG_DEV_CHAR, CG_DEV_ALL, 4294967295LL, 4294967295LL } };
	cg_device_rules rules = { at, 1 };
	struct cg_program p = cg_device_program(&a, &rules);
	struct request other = { CG_DEV_READ << 16 | CG_DEV_CHAR, 1, 1 };

	(void)state;
	assert_int_equal(run(&p, &other), 0);
}

static void the_document(void **state)
{
	auto_arena a = { 0 };
	int64_t major = 10, minor = 200;
	struct oci_device_rule in[] = { { false, NULL, NULL, NULL, "rwm" }, { true, "c", &major, &minor, "rw" } };
	struct oci_resources r = { .devices = { in, 2 } }, none = { 0 };
	struct oci_device_rule bad = { true, "c", NULL, NULL, "rx" };
	struct oci_resources wrong = { .devices = { &bad, 1 } };
	cg_device_rules rules;
	struct cg_program p;
	struct request tun = { (CG_DEV_READ | CG_DEV_WRITE) << 16 | CG_DEV_CHAR, 10, 200 };
	struct request fuse = { CG_DEV_READ << 16 | CG_DEV_CHAR, 10, 229 }, null = { CG_DEV_WRITE << 16 | CG_DEV_CHAR, 1, 3 };

	(void)state;
	assert_int_equal(cg_device_rules_of(&a, &none, &rules, NULL), 0);
	assert_int_equal(rules.len, 0);
	assert_true(cg_device_rules_of(&a, &wrong, &rules, NULL) < 0);
	assert_int_equal(cg_device_rules_of(&a, &r, &rules, NULL), 0);
	p = cg_device_program(&a, &rules);
	assert_int_equal(run(&p, &tun), 1);
	assert_int_equal(run(&p, &fuse), 0);
	assert_int_equal(run(&p, &null), 1);
	assert_true(p.len < 40); /* the kernel's time goes by the instruction */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_rule_sets),
		cmocka_unit_test(rules_that_decide_all),
		cmocka_unit_test(large_numbers),
		cmocka_unit_test(the_document),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
