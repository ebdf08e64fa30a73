/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/match.h"

#include <linux/seccomp.h>

enum half { LOW, HIGH };

static size_t load_half(struct code *c, unsigned index, enum half half, size_t then)
{
	bool second = (half == HIGH) == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	size_t argument = offsetof(struct seccomp_data, args) + index * sizeof(uint64_t);

	return code_load(c, argument + (second ? sizeof(uint32_t) : 0), then);
}

static size_t equal_half(struct code *c, const struct oci_seccomp_arg *a, enum half half, size_t yes, size_t no)
{
	const bool masked = a->op == OCI_CMP_MASKED_EQ;
	const uint64_t full = masked ? a->value : UINT64_MAX;
	const uint64_t value = masked ? (a->value_two ? *a->value_two : 0) & full : a->value;
	const uint32_t mask = (uint32_t)(half == HIGH ? full >> 32 : full);
	size_t at;

	if (!mask)
		return yes;
	at = code_jump(c, BPF_JEQ, (uint32_t)(half == HIGH ? value >> 32 : value), yes, no);
	if (mask != UINT32_MAX)
		at = code_and(c, mask, at);
	return load_half(c, a->index, half, at);
}

static size_t equal(struct code *c, const struct oci_seccomp_arg *a, bool wide, size_t yes, size_t no)
{
	size_t low = equal_half(c, a, LOW, yes, no);

	return wide ? equal_half(c, a, HIGH, low, no) : low;
}

/* op: BPF_JGT or BPF_JGE */
static size_t above(struct code *c, const struct oci_seccomp_arg *a, bool wide, uint16_t op, size_t yes, size_t no)
{
	const uint32_t high = (uint32_t)(a->value >> 32);
	size_t low;

	if (op == BPF_JGE && !a->value)
		return yes; /* always: kist's own profile says "all others" like that */
	low = load_half(c, a->index, LOW, code_jump(c, op, (uint32_t)a->value, yes, no));
	if (!wide)
		return low;
	low = code_jump(c, BPF_JEQ, high, low, no);
	return load_half(c, a->index, HIGH, code_jump(c, BPF_JGT, high, yes, low));
}

size_t match_arg(struct code *c, const struct oci_seccomp_arg *a, bool wide, size_t yes, size_t no)
{
	switch ((enum oci_seccomp_op)a->op) {
	case OCI_CMP_GT: return above(c, a, wide, BPF_JGT, yes, no);
	case OCI_CMP_GE: return above(c, a, wide, BPF_JGE, yes, no);
	case OCI_CMP_LE: return above(c, a, wide, BPF_JGT, no, yes);
	case OCI_CMP_LT: return above(c, a, wide, BPF_JGE, no, yes);
	case OCI_CMP_NE: return equal(c, a, wide, no, yes);
	case OCI_CMP_EQ:
	case OCI_CMP_MASKED_EQ: break;
	}
	return equal(c, a, wide, yes, no);
}
