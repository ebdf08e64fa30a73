/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_MEMBERS_H
#define NET_MEMBERS_H
/*
 * Who is called what in a network, as files in the data directory:
 *
 *	names/NETWORK/hosts	its members, as hosts(5) has them
 *	names/NETWORK/own/ID	empty: this member has a hosts file of its own, which has this network's members, too
 *	instances/ID/hosts	what the instance has as /etc/hosts; resolv.conf and hostname beside it
 *
 * The flow.  The document says which of the three files kist makes (kist.names).  Before the container is born
 * net_files_make() (net/made.h) makes them: they are what the mounts bind.  An instance in one network, with nothing to say
 * that the other members do not see, has that network's hosts file itself, by a hard link; every other one has its own.
 * When addresses are known, which is before the program runs, net_members_join() tells all members of the newcomer: one
 * line in the network's file, and one in each member's own.  So a start costs the same in a network of two hundred, unless
 * they all have files of their own.
 *
 * All of it can be made again from attached/ID.json: net_members_repair() does, and so does the first who comes after a
 * boot, which the first line of a network's file tells.  A container that is no instance has no files, but its names are
 * in those of the others.
 *
 * Whoever changes who is in a network calls join or leave for it, and then net_members_own() for that container; or
 * net_members_change() for all of it.  The caller holds the lock "networks".
 */
#include "net/hosts.h"
#include "net/lease.h"

#define NET_HOSTS_BEFORE "hosts.before" /* below instances/ID, until its next start: what net_members_own() has replaced */

/* r->shares: for a container with files that has just been born. */
void net_members_look(struct arena *a, int data, struct net_record *r);
/* `t`, of r->networks, is a new member of its network.  The record is of this boot, and written already. */
int net_members_join(struct arena *a, int data, const struct net_record *r, const struct net_attachment *t, struct err *e);
/* `t` is no member any more.  What cannot be written is only warned of: nobody has to stay because of it. */
void net_members_leave(struct arena *a, int data, const struct net_record *r, const struct net_attachment *t);
/*
 * The container's own file, once its networks have changed; r->networks are those that it has now.  When it had that of a
 * network and that will not do any more it is another one then (and the record is written again): who runs must have
 * instances/ID/hosts bound anew.
 */
int net_members_own(struct arena *a, int data, struct net_record *r, struct err *e);
/* All three for a container that runs, where `after` has other networks than `before`.  Failures are only warned of. */
void net_members_change(struct arena *a, int data, const struct net_record *before, struct net_record *after);

/* Files as the records of those who live say, and nothing of the others. */
int net_members_repair(struct arena *a, int data, const net_networks *all, struct err *e);
void net_members_forget(struct arena *a, int data, const char *network); /* a network that is removed */
/* names/NETWORK/hosts, which is there afterwards; -errno without a sentence. */
int net_members_file(struct arena *a, int data, const char *network, struct net_hosts *out);
#endif
