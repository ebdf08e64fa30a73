/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_NFT_H
#define NET_NFT_H
/*
 * The messages of nf_tables for the one table that is kist's, `inet kist`: between nft_begin() and nft_end() they are one
 * change, that happens as a whole or not at all.  Every rule is what nft(8) would make of the line beside it.
 */
#include <linux/netfilter/nf_tables.h>

#include "net/nl.h"
#include "net/note.h"

#define NFT_TABLE "kist"

void nft_begin(struct nl_msg *m);
void nft_end(struct nl_msg *m);
void nft_of_bridges(struct nl_msg *m); /* all messages so far are of `bridge kist` instead, which sees frames inside of bridges */

void nft_table(struct nl_msg *m, const struct nft_note *note); /* NULL: without one; one that is there keeps what it has */
void nft_table_new(struct nl_msg *m, const struct nft_note *note);   /* -EEXIST: there is one */
void nft_table_ask(struct nl_msg *m); /* a question, not a change: -ENOENT when it is not there */
void nft_table_delete(struct nl_msg *m);
struct nft_hook {
	const char *type; /* "nat", "filter" */
	unsigned at;	  /* NF_INET_* */
	int priority;
};
void nft_chain(struct nl_msg *m, const char *name, const struct nft_hook *hook); /* NULL: one that is only jumped to */

/* What nft(8) calls the types, to show the elements; a concatenation has six bits for each. */
enum { NFT_INTEGER = 4, NFT_IPV4 = 7, NFT_IPV6 = 8, NFT_PROTOCOL = 12, NFT_SERVICE = 13, NFT_IFNAME = 41 };
#define NFT_PAIR(x, y) ((x) << 6 | (y))
#define NFT_TRIPLE(x, y, z) (NFT_PAIR(x, y) << 6 | (z))
struct nft_set {
	const char *name;
	unsigned key, key_len, data, data_len; /* data_len 0: a set; else a map */
	bool grows;			       /* rules add to it */
	bool ranges;			       /* each two elements are the first of a range, and the first after it */
	const struct nft_term *keys[2], *value; /* of a map whose types have no names: note.h */
};
void nft_set(struct nl_msg *m, const struct nft_set *s);
/* Elements: as many messages as they need.  `change`: NFT_MSG_NEWSETELEM (-EEXIST when the key is in the map), NFT_MSG_DELSETELEM. */
struct nft_element {
	unsigned char key[32], data[20];
	bool after; /* a range */
};
void nft_elements(struct nl_msg *m, const struct nft_set *s, int change, const struct nft_element *at, size_t n);
void nft_element_ask(struct nl_msg *m, const struct nft_set *s, const struct nft_element *x); /* a question: -ENOENT */

/* A rule: nft_rule(), its expressions in order, nft_rule_end(). */
struct nft_rule {
	size_t list;
};
struct nft_rule nft_rule(struct nl_msg *m, const char *chain);
void nft_rule_end(struct nl_msg *m, struct nft_rule r);
void nft_meta(struct nl_msg *m, unsigned key, unsigned reg);
void nft_payload(struct nl_msg *m, unsigned base, unsigned offset, unsigned len, unsigned reg);
void nft_compare(struct nl_msg *m, unsigned op, unsigned reg, const void *value, size_t len);
void nft_lookup(struct nl_msg *m, const char *set, unsigned reg, bool map); /* the map's value goes into the same register */
void nft_set_add(struct nl_msg *m, const char *set, unsigned reg); /* to one that grows */
void nft_lookup_not(struct nl_msg *m, const char *set, unsigned reg);
void nft_masked(struct nl_msg *m, unsigned reg, size_t len, unsigned prefix); /* keeps the first bits */
void nft_ct_has(struct nl_msg *m, unsigned key, uint32_t bits);		    /* at least one of them */
void nft_daddr_is_local(struct nl_msg *m);
/* ct original zone set: conntrack finds a flow that begins with this packet only by packets of the same zone; its answers are in no
 * zone.  For chains that come before conntrack (priority below -200). */
void nft_zone(struct nl_msg *m, unsigned reg);
void nft_mark_add(struct nl_msg *m, uint32_t bits);
void nft_mark_drop(struct nl_msg *m, uint32_t bits);
void nft_dnat(struct nl_msg *m, int family, unsigned address, unsigned port);
void nft_masquerade(struct nl_msg *m);
void nft_verdict(struct nl_msg *m, int code, const char *chain);
#endif
