/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_OWNER_H
#define NET_OWNER_H
/*
 * Whose the firewall table is.  A network namespace has one, and one set of the routing rules that go with it (guard.h); of data
 * directories there may be several.  So the table names the one that it was made from, and the bridges do: when somebody has
 * flushed the table, they are still there.
 *
 *	the comment	"kist --data DIRECTORY", for people, and to find the directory again
 *	the mark	its device and inode, by whatever name it is reached.  nft(8) neither shows nor saves that: a table without it was
 *			loaded from a file, and may be older than what is recorded
 *
 * Who has networks or instances keeps what is his; what belongs to a directory that is gone, or has none, is anybody's.
 */
#include "net/network.h"
#include "net/nft.h"

enum { NET_OWNER_TEXT = 128 }; /* nft(8) takes no longer comment */

struct net_owner {
	bool there; /* a table */
	bool ours;  /* made from this data directory, and not loaded from a file since */
	bool marked;
	uint64_t mark[2];
	const char *home; /* the data directory that the comment names; NULL: none */
};
/* Pure: the note of the table; `home` may be one that has no room in a comment, `mark` NULL. */
void net_owner_write(struct nft_note *n, const char *home, const uint64_t mark[2]);
void net_owner_read(struct arena *a, const void *note, size_t len, struct net_owner *out);
/* "kist --data DIRECTORY"; "kist" when that has no room. */
void net_owner_text(char out[NET_OWNER_TEXT], const char *home);

int net_owner_note(struct arena *a, int data, struct nft_note *out); /* of this data directory; -errno */
/* Asks for the table, over a socket of nf_tables.  -errno */
int net_owner_look(struct arena *a, struct nl *n, int data, struct net_owner *out);
/* -EBUSY with a sentence: the table, or a bridge that a flush has left, is another's who still has something there. */
int net_owner_refuse(struct arena *a, int data, const struct net_owner *o, struct err *e);
/* Takes the name where there is no table, before anything is made: of two that begin at once one is told -EEXIST.  Without the mark, so
 * that whoever finds nothing but this makes the table. */
int net_owner_claim(struct arena *a, struct nl *n, int data);
/* Writes the data directory on the bridges of its networks, as far as they are there. */
void net_owner_sign(struct arena *a, int data, const net_networks *all);
#endif
