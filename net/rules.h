/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_RULES_H
#define NET_RULES_H
/*
 * The firewall table `inet kist`: made as a whole from what is recorded, in one change, or given and taken the ports of one
 * container.  Its chains have the usual priorities, and accepting in it is no last word: the host's own filter chains judge every
 * packet as well, forwarded ones with the container's address and port, which are what the service has.
 *
 * What passes the host on its way between a container and anything else bears NET_MARK, which this table sets.  Routing rules
 * (guard.h) refuse what does not: without the table nothing passes.
 */
#include "net/lease.h"
#include "net/nl.h"

enum { NET_MARK = 0x10000000 };

/* Pure: the messages that make the whole table.  `note`: whose it is (owner.h); `loopback`: ports are published at 127.0.0.1, too (loopback.h). */
struct nft_note;
void net_rules_put(struct nl_msg *m, const struct nft_note *note, const net_networks *networks, const net_records *records, bool loopback);
void net_rules_end(struct nl_msg *m); /* Pure: those that take it away */
/* Pure: those that remove the ports of the one and add those of the other, in one change; NULL: none, else it has some. */
void net_rules_ports(struct nl_msg *m, const struct net_record *take, const struct net_record *give);

/* The table as it is found, to be changed. */
struct net_table {
	struct nl socket;
	bool there, ours; /* else it is to be made */
};
#define auto_table __attribute__((cleanup(net_table_done))) struct net_table
#define TABLE_NONE { .socket = NL_NONE }
void net_table_done(struct net_table *t);
/* -EBUSY with a sentence: it is another data directory's (owner.h).  Before anything is made that goes with it. */
int net_table_look(struct arena *a, int data, struct net_table *t, struct err *e);

/* Reads what is recorded, makes the table without what is stale, and gives that back. */
int net_rules_make(struct arena *a, int data, struct err *e);
/* The same where nothing is to be changed now, and this kernel need not have nf_tables. */
int net_rules_refuse(struct arena *a, int data, struct err *e);
/* After the record has been written; makes the whole table when it is not there or `whole` says so. */
int net_rules_give(struct arena *a, int data, struct net_table *t, const struct net_record *r, bool whole, struct err *e);
/* The same in exchange for what the container had. */
int net_rules_change(struct arena *a, int data, struct net_table *t, const struct net_record *had, const struct net_record *r, bool whole,
		     struct err *e);
/* -EADDRINUSE: another container that lives has one of r's ports. */
int net_rules_check(struct arena *a, int data, const struct net_record *r, struct err *e);
/* Before its addresses are given back: who leases them next must not have its ports. */
int net_rules_take(struct arena *a, int data, const struct net_record *r, struct err *e);
/* Those of the addresses that a flow has begun at or led to since the table was made; all, when there is none of ours.  They are
 * asked for, and struck off, before the table is made anew. */
net_ips net_rules_talked(struct arena *a, int data, const net_ips *all);
#endif
