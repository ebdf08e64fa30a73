/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/nft.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

enum { ELEMENTS_AT_ONCE = 400 }; /* a nest has 64 KiB at most */
enum { MOST_ELEMENTS = 1 << 16 }; /* that rules add */
enum { SCRATCH = NFT_REG32_15 };

static void begin(struct nl_msg *m, int type, unsigned flags)
{
	struct nfgenmsg head = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };

	nl_begin(m, NFNL_SUBSYS_NFTABLES << 8 | (unsigned)type, flags, &head, sizeof(head));
}

static void bracket(struct nl_msg *m, unsigned type)
{
	struct nfgenmsg head = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	nl_begin(m, type, 0, &head, sizeof(head));
}

void nft_begin(struct nl_msg *m)
{
	bracket(m, NFNL_MSG_BATCH_BEGIN);
}

/* An answer to the last change says that all of them were made; older kernels answer the bracket itself never. */
void nft_end(struct nl_msg *m)
{
	uint16_t flags;
	char *at = m->bytes.at + m->start + offsetof(struct nlmsghdr, nlmsg_flags);

	memcpy(&flags, at, sizeof(flags));
	flags |= NLM_F_ACK;
	memcpy(at, &flags, sizeof(flags));
	bracket(m, NFNL_MSG_BATCH_END);
}

void nft_of_bridges(struct nl_msg *m)
{
	struct nlmsghdr h;

	for (size_t at = 0; at < m->bytes.len; at += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, m->bytes.at + at, sizeof(h));
		if (NFNL_SUBSYS_ID(h.nlmsg_type) == NFNL_SUBSYS_NFTABLES)
			m->bytes.at[at + NLMSG_HDRLEN + offsetof(struct nfgenmsg, nfgen_family)] = NFPROTO_BRIDGE;
	}
}

void nft_table_ask(struct nl_msg *m)
{
	begin(m, NFT_MSG_GETTABLE, NLM_F_ACK);
	nl_put_str(m, NFTA_TABLE_NAME, NFT_TABLE);
}

static void put_table(struct nl_msg *m, unsigned flags, const struct nft_note *note)
{
	begin(m, NFT_MSG_NEWTABLE, NLM_F_CREATE | flags);
	nl_put_str(m, NFTA_TABLE_NAME, NFT_TABLE);
	nl_put_be32(m, NFTA_TABLE_FLAGS, 0);
	if (note)
		nl_put(m, NFTA_TABLE_USERDATA, note->at, note->len);
}

void nft_table(struct nl_msg *m, const struct nft_note *note)
{
	put_table(m, 0, note);
}

void nft_table_new(struct nl_msg *m, const struct nft_note *note)
{
	put_table(m, NLM_F_EXCL, note);
}

void nft_table_delete(struct nl_msg *m)
{
	begin(m, NFT_MSG_DELTABLE, 0);
	nl_put_str(m, NFTA_TABLE_NAME, NFT_TABLE);
}

void nft_chain(struct nl_msg *m, const char *name, const struct nft_hook *hook)
{
	size_t nest;

	begin(m, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nl_put_str(m, NFTA_CHAIN_TABLE, NFT_TABLE);
	nl_put_str(m, NFTA_CHAIN_NAME, name);
	if (!hook)
		return;
	nest = nl_nest(m, NFTA_CHAIN_HOOK);
	nl_put_be32(m, NFTA_HOOK_HOOKNUM, hook->at);
	nl_put_be32(m, NFTA_HOOK_PRIORITY, (uint32_t)hook->priority);
	nl_end(m, nest);
	nl_put_be32(m, NFTA_CHAIN_POLICY, NF_ACCEPT);
	nl_put_str(m, NFTA_CHAIN_TYPE, hook->type);
}

/* Without a limit of its own the kernel lets nothing be added. */
static void put_size(struct nl_msg *m, uint32_t most)
{
	size_t nest = nl_nest(m, NFTA_SET_DESC);

	nl_put_be32(m, NFTA_SET_DESC_SIZE, most);
	nl_end(m, nest);
}

void nft_set(struct nl_msg *m, const struct nft_set *s)
{
	struct nft_note note = { .len = 0 };

	begin(m, NFT_MSG_NEWSET, NLM_F_CREATE);
	nl_put_str(m, NFTA_SET_TABLE, NFT_TABLE);
	nl_put_str(m, NFTA_SET_NAME, s->name);
	nl_put_be32(m, NFTA_SET_FLAGS, s->data_len ? NFT_SET_MAP : s->grows ? NFT_SET_EVAL : s->ranges ? NFT_SET_INTERVAL : 0);
	nl_put_be32(m, NFTA_SET_KEY_TYPE, s->key);
	nl_put_be32(m, NFTA_SET_KEY_LEN, s->key_len);
	if (s->data_len) {
		nl_put_be32(m, NFTA_SET_DATA_TYPE, s->data);
		nl_put_be32(m, NFTA_SET_DATA_LEN, s->data_len);
	}
	if (s->grows)
		put_size(m, MOST_ELEMENTS);
	nl_put_be32(m, NFTA_SET_ID, 1); /* the kernel wants one; rules find the set by its name */
	if (s->value)
		nft_note_terms(&note, s->keys, s->value);
	else if (s->key == NFT_IFNAME)
		nft_note_names(&note);
	if (note.len)
		nl_put(m, NFTA_SET_USERDATA, note.at, note.len);
}

static void put_data(struct nl_msg *m, unsigned attr, const void *data, size_t len)
{
	size_t nest = nl_nest(m, attr);

	nl_put(m, NFTA_DATA_VALUE, data, len);
	nl_end(m, nest);
}

static void put_elements(struct nl_msg *m, const struct nft_set *s, int change, unsigned flags, const struct nft_element *at, size_t n)
{
	size_t list;

	begin(m, change, flags);
	nl_put_str(m, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	nl_put_str(m, NFTA_SET_ELEM_LIST_SET, s->name);
	list = nl_nest(m, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (size_t i = 0; i < n; i++) {
		size_t element = nl_nest(m, NFTA_LIST_ELEM);

		put_data(m, NFTA_SET_ELEM_KEY, at[i].key, s->key_len);
		if (at[i].after)
			nl_put_be32(m, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
		if (s->data_len && change == NFT_MSG_NEWSETELEM)
			put_data(m, NFTA_SET_ELEM_DATA, at[i].data, s->data_len);
		nl_end(m, element);
	}
	nl_end(m, list);
}

void nft_elements(struct nl_msg *m, const struct nft_set *s, int change, const struct nft_element *at, size_t n)
{
	unsigned flags = change != NFT_MSG_NEWSETELEM ? 0 : s->data_len ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE;

	for (size_t i = 0; i < n; i += ELEMENTS_AT_ONCE)
		put_elements(m, s, change, flags, at + i, n - i < ELEMENTS_AT_ONCE ? n - i : ELEMENTS_AT_ONCE);
}

void nft_element_ask(struct nl_msg *m, const struct nft_set *s, const struct nft_element *x)
{
	put_elements(m, s, NFT_MSG_GETSETELEM, NLM_F_ACK, x, 1);
}

struct nft_rule nft_rule(struct nl_msg *m, const char *chain)
{
	begin(m, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	nl_put_str(m, NFTA_RULE_TABLE, NFT_TABLE);
	nl_put_str(m, NFTA_RULE_CHAIN, chain);
	return (struct nft_rule){ nl_nest(m, NFTA_RULE_EXPRESSIONS) };
}

void nft_rule_end(struct nl_msg *m, struct nft_rule r)
{
	nl_end(m, r.list);
}

struct expression {
	size_t element, data;
};

static struct expression open_expression(struct nl_msg *m, const char *name)
{
	struct expression x = { .element = nl_nest(m, NFTA_LIST_ELEM) };

	nl_put_str(m, NFTA_EXPR_NAME, name);
	x.data = nl_nest(m, NFTA_EXPR_DATA);
	return x;
}

static void close_expression(struct nl_msg *m, struct expression x)
{
	nl_end(m, x.data);
	nl_end(m, x.element);
}

struct number {
	unsigned attr;
	uint32_t value;
};

/* Most expressions are a few numbers. */
static void numbers(struct nl_msg *m, const char *name, const struct number *at, size_t n)
{
	struct expression x = open_expression(m, name);

	for (size_t i = 0; i < n; i++)
		nl_put_be32(m, at[i].attr, at[i].value);
	close_expression(m, x);
}
#define NUMBERS(m, name, ...) numbers(m, name, (const struct number[]){ __VA_ARGS__ }, \
				      sizeof((const struct number[]){ __VA_ARGS__ }) / sizeof(struct number))

void nft_meta(struct nl_msg *m, unsigned key, unsigned reg)
{
	NUMBERS(m, "meta", { NFTA_META_DREG, reg }, { NFTA_META_KEY, key });
}

void nft_payload(struct nl_msg *m, unsigned base, unsigned offset, unsigned len, unsigned reg)
{
	NUMBERS(m, "payload", { NFTA_PAYLOAD_DREG, reg }, { NFTA_PAYLOAD_BASE, base }, { NFTA_PAYLOAD_OFFSET, offset },
		{ NFTA_PAYLOAD_LEN, len });
}

void nft_compare(struct nl_msg *m, unsigned op, unsigned reg, const void *value, size_t len)
{
	struct expression x = open_expression(m, "cmp");

	nl_put_be32(m, NFTA_CMP_SREG, reg);
	nl_put_be32(m, NFTA_CMP_OP, op);
	put_data(m, NFTA_CMP_DATA, value, len);
	close_expression(m, x);
}

void nft_lookup(struct nl_msg *m, const char *set, unsigned reg, bool map)
{
	struct expression x = open_expression(m, "lookup");

	nl_put_str(m, NFTA_LOOKUP_SET, set);
	nl_put_be32(m, NFTA_LOOKUP_SREG, reg);
	if (map)
		nl_put_be32(m, NFTA_LOOKUP_DREG, reg);
	close_expression(m, x);
}

void nft_set_add(struct nl_msg *m, const char *set, unsigned reg)
{
	struct expression x = open_expression(m, "dynset");

	nl_put_str(m, NFTA_DYNSET_SET_NAME, set);
	nl_put_be32(m, NFTA_DYNSET_OP, NFT_DYNSET_OP_ADD);
	nl_put_be32(m, NFTA_DYNSET_SREG_KEY, reg);
	close_expression(m, x);
}

void nft_lookup_not(struct nl_msg *m, const char *set, unsigned reg)
{
	struct expression x = open_expression(m, "lookup");

	nl_put_str(m, NFTA_LOOKUP_SET, set);
	nl_put_be32(m, NFTA_LOOKUP_SREG, reg);
	nl_put_be32(m, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	close_expression(m, x);
}

/* reg = (reg & mask) ^ flip */
static void bitwise(struct nl_msg *m, unsigned reg, const void *mask, const void *flip, size_t len)
{
	struct expression x = open_expression(m, "bitwise");

	nl_put_be32(m, NFTA_BITWISE_SREG, reg);
	nl_put_be32(m, NFTA_BITWISE_DREG, reg);
	nl_put_be32(m, NFTA_BITWISE_LEN, (uint32_t)len);
	put_data(m, NFTA_BITWISE_MASK, mask, len);
	put_data(m, NFTA_BITWISE_XOR, flip, len);
	close_expression(m, x);
}

void nft_masked(struct nl_msg *m, unsigned reg, size_t len, unsigned prefix)
{
	unsigned char mask[16] = { 0 };
	static const unsigned char none[16] = { 0 };

	for (unsigned bit = 0; bit < prefix; bit++)
		mask[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	bitwise(m, reg, mask, none, len);
}

void nft_ct_has(struct nl_msg *m, unsigned key, uint32_t bits)
{
	uint32_t none = 0;

	NUMBERS(m, "ct", { NFTA_CT_DREG, NFT_REG32_00 }, { NFTA_CT_KEY, key });
	bitwise(m, NFT_REG32_00, &bits, &none, sizeof(bits));
	nft_compare(m, NFT_CMP_NEQ, NFT_REG32_00, &none, sizeof(none));
}

void nft_daddr_is_local(struct nl_msg *m)
{
	uint32_t local = 2; /* RTN_LOCAL */

	NUMBERS(m, "fib", { NFTA_FIB_DREG, SCRATCH }, { NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE }, { NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR });
	nft_compare(m, NFT_CMP_EQ, SCRATCH, &local, sizeof(local));
}

void nft_zone(struct nl_msg *m, unsigned reg)
{
	struct expression x = open_expression(m, "ct");

	nl_put_be32(m, NFTA_CT_KEY, NFT_CT_ZONE);
	nl_put_be32(m, NFTA_CT_SREG, reg);
	nl_put_u8(m, NFTA_CT_DIRECTION, IP_CT_DIR_ORIGINAL);
	close_expression(m, x);
}

/* mark & ~bits ^ add */
static void change_mark(struct nl_msg *m, uint32_t bits, uint32_t add)
{
	uint32_t others = ~bits;

	nft_meta(m, NFT_META_MARK, NFT_REG32_00);
	bitwise(m, NFT_REG32_00, &others, &add, sizeof(add));
	NUMBERS(m, "meta", { NFTA_META_KEY, NFT_META_MARK }, { NFTA_META_SREG, NFT_REG32_00 });
}

void nft_mark_add(struct nl_msg *m, uint32_t bits)
{
	change_mark(m, bits, bits);
}

void nft_mark_drop(struct nl_msg *m, uint32_t bits)
{
	change_mark(m, bits, 0);
}

void nft_dnat(struct nl_msg *m, int family, unsigned address, unsigned port)
{
	NUMBERS(m, "nat", { NFTA_NAT_TYPE, NFT_NAT_DNAT }, { NFTA_NAT_FAMILY, (uint32_t)family }, { NFTA_NAT_REG_ADDR_MIN, address },
		{ NFTA_NAT_REG_PROTO_MIN, port });
}

void nft_masquerade(struct nl_msg *m)
{
	struct expression x = open_expression(m, "masq");

	close_expression(m, x);
}

void nft_verdict(struct nl_msg *m, int code, const char *chain)
{
	struct expression x = open_expression(m, "immediate");
	size_t data, verdict;

	nl_put_be32(m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nl_nest(m, NFTA_IMMEDIATE_DATA);
	verdict = nl_nest(m, NFTA_DATA_VERDICT);
	nl_put_be32(m, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		nl_put_str(m, NFTA_VERDICT_CHAIN, chain);
	nl_end(m, verdict);
	nl_end(m, data);
	close_expression(m, x);
}
