/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/shaped.h"

#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "base/sys.h"
#include "net/nft.h"

enum { SHAPED = 0x20000000, FIRST = -300, NAME = 16 /* IFNAMSIZ */ };

static const struct nft_set limited = { .name = "limited", .key = NFT_IFNAME, .key_len = NAME };

int net_shaped_load(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = SHAPED },
		{ .code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_2, .off = offsetof(struct __sk_buff, mark) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = TC_ACT_UNSPEC },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return sys_bpf_load(BPF_PROG_TYPE_SCHED_CLS, "kist_shaped", program, sizeof(program) / sizeof(program[0]));
}

static int ask(struct nl_msg *m)
{
	auto_nl n = NL_NONE;
	int r = nl_open(NETLINK_NETFILTER, -1, &n, NULL);

	nft_of_bridges(m);
	return r ? r : nl_talk(&n, m, NULL, NULL);
}

static int talk(struct nl_msg *m)
{
	nft_end(m);
	return ask(m);
}

static struct nft_element element(const char *host_end)
{
	struct nft_element x = { .after = false };

	strncpy((char *)x.key, host_end, NAME - 1);
	return x;
}

static int change(const char *host_end, int how)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct nft_element x = element(host_end);

	nft_begin(&m);
	nft_elements(&m, &limited, how, &x, 1);
	return talk(&m);
}

/* Asked first: to find it out by a change that is refused takes the kernel 15 ms. */
int net_shaped_add(const char *host_end)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	int r;

	nft_table_ask(&m);
	r = ask(&m);
	return r ? r : change(host_end, NFT_MSG_NEWSETELEM);
}

bool net_shaped_has(const char *host_end)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct nft_element x = element(host_end);

	nft_element_ask(&m, &limited, &x);
	return ask(&m) == 0;
}

void net_shaped_remove(const char *host_end)
{
	(void)change(host_end, NFT_MSG_DELSETELEM);
}

static struct nft_rule from_limited(struct nl_msg *m)
{
	struct nft_rule r = nft_rule(m, "arrive");

	nft_meta(m, NFT_META_IIFNAME, NFT_REG_1);
	nft_lookup(m, limited.name, NFT_REG_1, false);
	return r;
}

static void put_rules(struct nl_msg *m)
{
	const uint32_t mark = SHAPED;
	struct nft_rule r;

	nft_chain(m, "arrive", &(struct nft_hook){ "filter", NF_BR_PRE_ROUTING, FIRST });
	r = from_limited(m); /* iifname @limited meta mark != SHAPED drop */
	nft_meta(m, NFT_META_MARK, NFT_REG_1);
	nft_compare(m, NFT_CMP_NEQ, NFT_REG_1, &mark, sizeof(mark));
	nft_verdict(m, NF_DROP, NULL);
	nft_rule_end(m, r);
	r = from_limited(m); /* iifname @limited meta mark set meta mark & ~SHAPED: the rest of the host need not know */
	nft_mark_drop(m, SHAPED);
	nft_rule_end(m, r);
}

int net_shaped_make(const strings *host_ends)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct nft_element *all = arena_array(&a, host_ends->len, sizeof(*all));

	for (size_t i = 0; i < host_ends->len; i++)
		all[i] = element(host_ends->at[i]);
	nft_begin(&m);
	nft_table(&m, NULL); /* so that it is there to be deleted */
	nft_table_delete(&m);
	if (host_ends->len) {
		nft_table(&m, NULL);
		nft_set(&m, &limited);
		nft_elements(&m, &limited, NFT_MSG_NEWSETELEM, all, host_ends->len);
		put_rules(&m);
	}
	return talk(&m);
}
