/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/lease.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

#define FOLDER "leases"

uint64_t net_hash(const char *network, const char *id)
{
	const char *words[] = { network, "/", id };
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < 3; i++)
		for (const char *c = words[i]; *c; c++)
			h = (h ^ (unsigned char)*c) * 0x100000001b3;
	/* Its low bits depend on the low bits of the input alone. */
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccd;
	return h ^ h >> 33;
}

static int open_folder(struct arena *a, int data, const char *network, struct err *e)
{
	const char *path = arena_printf(a, FOLDER "/%s", network);
	int fd = fd_open(data, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd == -ENOENT && (mkdirat(data, FOLDER, 0700) == 0 || errno == EEXIST) && (mkdirat(data, path, 0700) == 0 || errno == EEXIST))
		fd = fd_open(data, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return fd < 0 ? err_num(e, fd, "open the directory %s of the data directory", path) : fd;
}

/* Its owner, or NULL. */
static const char *owner_of(struct arena *a, int folder, const char *address)
{
	char id[PATH_MAX];
	ssize_t n = readlinkat(folder, address, id, sizeof(id));

	return n > 0 && (size_t)n < sizeof(id) ? arena_strndup(a, id, (size_t)n) : NULL;
}

struct taking {
	struct arena *a;
	int data, folder;
	const struct net_record *who;
	const char *network;
	const char *holder; /* of the address that was tried last */
};

/* A change that was killed may have taken it without writing it down. */
static bool lists(const struct net_record *r, const char *network, const char *address)
{
	size_t n = strlen(address);

	for (size_t i = 0; i < r->networks.len; i++) {
		const struct net_attachment *t = &r->networks.at[i];
		const char *all[] = { t->address, t->address6 };

		for (size_t k = 0; k < 2; k++)
			if (all[k] && !strcmp(t->network, network) && !strncmp(all[k], address, n) && all[k][n] == '/')
				return true;
	}
	return false;
}

static bool is_stale(struct taking *t, const char *owner, const char *address)
{
	struct net_record other;

	if (!strcmp(owner, t->who->id))
		return true;
	return net_record_read(t->a, t->data, owner, &other, NULL) < 0 || !net_record_lives(&other, t->who->boot) ||
	       !lists(&other, t->network, address);
}

/* 0, 1 of the dead, -EEXIST when somebody who lives has it, or another failure. */
static int take(struct taking *t, const struct net_ip *ip)
{
	const char *address = net_ip_text(t->a, ip);

	if (symlinkat(t->who->id, t->folder, address) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	t->holder = owner_of(t->a, t->folder, address);
	if (t->holder && !is_stale(t, t->holder, address))
		return -EEXIST;
	if (unlinkat(t->folder, address, 0) < 0 && errno != ENOENT)
		return -errno;
	return symlinkat(t->who->id, t->folder, address) < 0 ? -errno : 1;
}

static bool is_hosts(const struct net_range *range, const struct net_ip *ip)
{
	for (size_t i = 0; i < range->host.len; i++)
		if (net_ip_same(&range->host.at[i], ip))
			return true;
	return false;
}

static int take_wish(struct taking *t, const struct net_network *n, const struct net_range *range, const struct net_ip *ip, struct err *e)
{
	const char *text = net_ip_text(t->a, ip);
	int r;

	if (!net_cidr_is_host(&range->subnet, ip))
		return err_set(e, EINVAL, "%s is not an address for a container of the network %s, whose subnet is %s", text, n->name,
			       net_cidr_text(t->a, &range->subnet));
	if (net_ip_same(ip, &range->gateway))
		return err_set(e, EINVAL, "%s is the gateway of the network %s", text, n->name);
	if (is_hosts(range, ip))
		return err_set(e, EADDRINUSE, "the address %s of the network %s is the host's own", text, n->name);
	r = take(t, ip);
	if (r == -EEXIST)
		return err_set(e, EADDRINUSE, "the address %s of the network %s belongs to container %s", text, n->name, t->holder);
	return r < 0 ? err_num(e, r, "take the address %s of the network %s", text, n->name) : r;
}

/* The same, but whoever has it keeps it, alive or not: asking what became of him costs ten times as much. */
static int take_unused(struct taking *t, const struct net_ip *ip)
{
	const char *address = net_ip_text(t->a, ip), *owner;

	if (symlinkat(t->who->id, t->folder, address) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	owner = owner_of(t->a, t->folder, address);
	return owner && !strcmp(owner, t->who->id) ? 1 : -EEXIST;
}

/* In an order of the container's own, so that few try what others have, however full the subnet is. */
static int walk(struct taking *t, const struct net_network *n, const struct net_range *range, int (*how)(struct taking *, const struct net_ip *),
		struct net_ip *out)
{
	enum { TRIES = 1 << 16 };
	/* An odd step comes to each of 2^k addresses. */
	uint64_t count = net_cidr_count(&range->lease), at = net_hash(n->name, t->who->id), step = at >> 32 | 1;

	for (uint64_t i = 0; i < count && i < TRIES; i++) {
		int r = -EEXIST;

		*out = net_cidr_nth(&range->lease, (at + i * step) % count);
		if (net_cidr_is_host(&range->subnet, out) && !net_ip_same(out, &range->gateway) && !is_hosts(range, out))
			r = how(t, out);
		if (r != -EEXIST)
			return r;
	}
	return -EEXIST;
}

static int take_any(struct taking *t, const struct net_network *n, const struct net_range *range, struct net_ip *out, struct err *e)
{
	int r = walk(t, n, range, take_unused, out);

	if (r == -EEXIST)
		r = walk(t, n, range, take, out); /* of the dead */
	if (r == -EEXIST)
		return err_set(e, EADDRNOTAVAIL, "the network %s has no free address: containers get those of %s", n->name,
			       net_cidr_text(t->a, &range->lease));
	return r < 0 ? err_num(e, r, "take an address of the network %s", n->name) : r;
}

int net_lease_take(struct arena *a, int data, const struct net_network *n, const struct net_range *range, const struct net_record *who,
		   const struct net_ip *wish, struct net_ip *out, struct err *e)
{
	auto_fd folder = open_folder(a, data, n->name, e);
	struct taking t = { a, data, folder, who, n->name, NULL };

	if (folder < 0)
		return folder;
	if (!wish->family)
		return take_any(&t, n, range, out, e);
	*out = *wish;
	return take_wish(&t, n, range, wish, e);
}

static void release_one(struct arena *a, int data, const struct net_record *r, const char *network, const char *address)
{
	struct net_cidr c;
	auto_fd folder = -1;
	const char *name, *owner;

	if (!address || !net_cidr_parse(address, &c))
		return;
	folder = fd_open(data, arena_printf(a, FOLDER "/%s", network), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	name = net_ip_text(a, &c.ip);
	owner = folder < 0 ? NULL : owner_of(a, folder, name);
	if (owner && !strcmp(owner, r->id))
		(void)unlinkat(folder, name, 0);
}

void net_lease_release(struct arena *a, int data, const struct net_record *r)
{
	for (size_t i = 0; i < r->networks.len; i++) {
		const struct net_attachment *t = &r->networks.at[i];

		release_one(a, data, r, t->network, t->address);
		release_one(a, data, r, t->network, t->address6);
	}
}

static bool is_known(struct arena *a, int data, const char *network, const char *id, const char *address)
{
	struct net_record owner;
	int r = net_record_read(a, data, id, &owner, NULL);

	return r ? r != -ENOENT : lists(&owner, network, address);
}

void net_lease_sweep(struct arena *a, int data, const char *network)
{
	int folder = fd_open(data, arena_printf(a, FOLDER "/%s", network), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *d = folder < 0 ? NULL : fdopendir(folder);

	for (const struct dirent *n = d ? readdir(d) : NULL; n; n = readdir(d)) {
		const char *id = *n->d_name == '.' ? NULL : owner_of(a, folder, n->d_name);

		if (id && !is_known(a, data, network, id, n->d_name))
			(void)unlinkat(folder, n->d_name, 0);
	}
	if (d)
		closedir(d);
	(void)unlinkat(data, arena_printf(a, FOLDER "/%s", network), AT_REMOVEDIR); /* fails as long as one is left */
}
