/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_LEASE_H
#define NET_LEASE_H
/*
 * Which container has which addresses and ports, so that everything else can be made from it again:
 *
 *	leases/NETWORK/ADDRESS	a symbolic link whose text is the container's id: making it is taking the address
 *	attached/ID.json	all that the container has, and the process by which one sees whether it still lives
 *
 * A lease counts as long as attached/ID.json names a process that lives since this boot, the container's or one that shares its network; what a crash or a power cut
 * leaves is taken over by whoever wants the address next.  The caller holds the lock "networks".
 */
#include "net/network.h"
#include "net/place.h"

/* An interface of the host that the container has for itself, as it was: phys.h. */
struct net_taken {
	const char *name, *hardware, *mac; /* `hardware`: the MAC that it was made with */
	bool up;
	strings addresses; /* ADDRESS/PREFIX */
};
extern const struct object net_taken_object;
struct net_attachment {
	const char *network, *interface;
	const char *host_interface; /* the other end of the pair; NULL: none */
	const char *mac, *address, *address6; /* ADDRESS/PREFIX */
	bool unfinished; /* of a change.h that is going on, or was killed: it is to be left */
	strings aliases;
	const struct net_taken *taken;	      /* NULL: it was made for the container */
};
/* A process that keeps the container's network namespace although it is another container's: networkOf. */
struct net_sharer {
	int64_t pid;
	uint64_t start;
};
struct net_record {
	const char *id, *boot;
	int64_t pid;
	uint64_t start;
	LIST_OF(struct net_attachment) networks;
	LIST_OF(struct oci_kist_port) ports;
	const struct oci_kist_bandwidth *bandwidth; /* NULL: it was never limited */
	LIST_OF(struct net_sharer) sharers;
	const char *target, *target6; /* the addresses that its ports lead to; NULL: none of that family */
	strings names;		      /* what it is called in all of its networks */
	bool hosts, shares;	      /* names.h: it has a file of names; that is its only network's */
	strings lines;		      /* … or its own, which has these, too */
};
typedef LIST_OF(struct net_record) net_records;

typedef LIST_OF(struct net_ip) net_ips;
net_ips net_record_ips(struct arena *a, const struct net_record *r); /* in all its networks */

int net_boot_id(struct arena *a, const char **out, struct err *e);
bool net_record_lives(const struct net_record *r, const char *boot);
bool net_sharer_lives(const struct net_sharer *s);
int net_record_write(struct arena *a, int data, const struct net_record *r, struct err *e);
int net_record_read(struct arena *a, int data, const char *id, struct net_record *out, struct err *e); /* -ENOENT: none, no sentence */
/* The same, but -EEXIST when it is that of another container, which lives: an id is unique in one --root alone. */
int net_record_of(struct arena *a, const struct net_place *who, struct net_record *out, struct err *e);
int net_record_list(struct arena *a, int data, net_records *out, struct err *e);
int net_record_living(struct arena *a, int data, net_records *out, struct err *e); /* those of them */
int net_record_delete(struct arena *a, int data, const char *id, struct err *e);

/* `wish`: just that address; else one that the same container gets again unless somebody else has it.  1: it was leased to one who
 * ended without notice, whose ports may still lead to it. */
int net_lease_take(struct arena *a, int data, const struct net_network *n, const struct net_range *range, const struct net_record *who,
		   const struct net_ip *wish, struct net_ip *out, struct err *e);
/* Those of its leases that are still its own. */
void net_lease_release(struct arena *a, int data, const struct net_record *r);

/* The leases of a network that stand in no record of their owners: of a start, or a change, that was killed. */
void net_lease_sweep(struct arena *a, int data, const char *network);

/* The same for the same words on the same host: a MAC, a place to begin to look for an address. */
uint64_t net_hash(const char *network, const char *id);
#endif
