/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RUNTIME_CODE_H
#define RUNTIME_CODE_H
/*
 * Classic BPF, written from its end to its beginning: jumps only go forward, so every target is there before the jump
 * to it.  A place is the number of instructions from the end of the program.
 */
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct code {
	struct arena *arena;
	struct sock_filter *at; /* the last instruction first */
	size_t len;
	struct code_return {
		uint32_t action;
		size_t place;
	} returns[8]; /* the latest, to be shared */
	unsigned next_return;
};

/* All return the place at which what they wrote begins. */
size_t code_return(struct code *c, uint32_t action);
/* op: BPF_JEQ, BPF_JGT or BPF_JGE, of the accumulator and k. */
size_t code_jump(struct code *c, uint16_t op, uint32_t k, size_t yes, size_t no);
size_t code_load(struct code *c, size_t offset, size_t then); /* of struct seccomp_data */
size_t code_and(struct code *c, uint32_t mask, size_t then);
/* The instructions from the first to the last. */
struct sock_filter *code_program(const struct code *c);
#endif
