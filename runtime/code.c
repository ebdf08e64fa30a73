/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/code.h"

static size_t put(struct code *c, uint16_t op, uint8_t yes, uint8_t no, uint32_t k)
{
	c->at = arena_grow(c->arena, c->at, c->len, sizeof(*c->at));
	c->at[c->len] = (struct sock_filter){ op, yes, no, k };
	return c->len++;
}

size_t code_return(struct code *c, uint32_t action)
{
	const unsigned n = sizeof(c->returns) / sizeof(c->returns[0]);
	struct code_return *r;

	/* A far one would need a jump of its own: another return is as long and quicker. */
	for (unsigned i = 0; i < n; i++)
		if (c->returns[i].action == action && c->returns[i].place < c->len && c->len - c->returns[i].place < 200)
			return c->returns[i].place;
	r = &c->returns[c->next_return++ % n];
	*r = (struct code_return){ action, put(c, BPF_RET | BPF_K, 0, 0, action) };
	return r->place;
}

static size_t go(struct code *c, size_t to)
{
	return put(c, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(c->len - to - 1));
}

/* A conditional jump has eight bits for its distance; the jump that is written next may have another one before it. */
static size_t near(struct code *c, size_t to)
{
	return c->len - to <= UINT8_MAX ? to : go(c, to);
}

size_t code_jump(struct code *c, uint16_t op, uint32_t k, size_t yes, size_t no)
{
	if (yes == no)
		return yes;
	yes = near(c, yes);
	no = near(c, no);
	return put(c, BPF_JMP | BPF_K | op, (uint8_t)(c->len - yes - 1), (uint8_t)(c->len - no - 1), k);
}

/* What is no jump goes on at the instruction written before it. */
static size_t straight(struct code *c, uint16_t op, uint32_t k, size_t then)
{
	if (then != c->len - 1)
		go(c, then);
	return put(c, op, 0, 0, k);
}

size_t code_load(struct code *c, size_t offset, size_t then)
{
	return straight(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, then);
}

size_t code_and(struct code *c, uint32_t mask, size_t then)
{
	return straight(c, BPF_ALU | BPF_AND | BPF_K, mask, then);
}

struct sock_filter *code_program(const struct code *c)
{
	struct sock_filter *out = arena_array(c->arena, c->len, sizeof(*out));

	for (size_t i = 0; i < c->len; i++)
		out[i] = c->at[c->len - 1 - i];
	return out;
}
