/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/members.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "net/hosts.h"
#include "net/names.h"

#define FOLDER "names"

static void member_lines(struct strv *out, const struct net_record *r, const struct net_attachment *t)
{
	if (t->address)
		net_names_lines(out, t->address, &r->names, &t->aliases);
	if (t->address6)
		net_names_lines(out, t->address6, &r->names, &t->aliases);
}

static strings lines_of(struct arena *a, const struct net_record *r, const struct net_attachment *t)
{
	struct strv v = { .arena = a };

	member_lines(&v, r, t);
	return (strings){ v.at, v.len };
}

static const char *path_of(struct arena *a, const char *network, const char *rest)
{
	return arena_printf(a, FOLDER "/%s%s", network, rest);
}

int net_members_file(struct arena *a, int data, const char *network, struct net_hosts *out)
{
	const char *path = path_of(a, network, "/hosts");
	int r = net_hosts_open(a, data, path, O_CREAT, out);

	if (r == -ENOENT && (mkdirat(data, FOLDER, 0700) == 0 || errno == EEXIST) &&
	    (mkdirat(data, path_of(a, network, ""), 0700) == 0 || errno == EEXIST))
		r = net_hosts_open(a, data, path, O_CREAT, out);
	return r;
}

/* Of a network that is only about to be joined or left it is none. */
static const struct net_attachment *member_of(const struct net_record *r, const char *network)
{
	for (size_t i = 0; i < r->networks.len; i++)
		if (!strcmp(r->networks.at[i].network, network))
			return r->networks.at[i].unfinished ? NULL : &r->networks.at[i];
	return NULL;
}

/* In the order in which they came, so that names which several have lead where they led. */
static int by_start(const void *x, const void *y)
{
	const struct net_record *a = x, *b = y;

	return (a->start > b->start) - (a->start < b->start);
}

static int living(struct arena *a, int data, net_records *out, struct err *e)
{
	int r = net_record_living(a, data, out, e);

	if (!r && out->len)
		qsort(out->at, out->len, sizeof(*out->at), by_start);
	return r;
}

static int settle_network(struct net_hosts *h, const char *network, const net_records *all)
{
	static const strings none = { NULL, 0 };
	struct strv v = { .arena = h->text.arena };

	net_names_begin(&v, &none);
	for (size_t i = 0; i < all->len; i++) {
		const struct net_attachment *t = member_of(&all->at[i], network);

		if (t)
			member_lines(&v, &all->at[i], t);
	}
	return net_hosts_settle(h, &(strings){ v.at, v.len });
}

static int bad_file(const char *what, int r, struct err *e)
{
	if (r != -EWOULDBLOCK)
		return err_num(e, r, "write the hosts file of %s", what);
	return err_set(e, EWOULDBLOCK, "write the hosts file of %s: a program holds a lease on it, which the kernel ends within a minute: try again", what);
}

/* What stands in it from before this boot is of nobody who lives. */
static int open_network(struct arena *a, int data, const char *network, const char *boot, struct net_hosts *out, struct err *e)
{
	net_records all;
	int r, same;

	r = net_members_file(a, data, network, out);
	same = r ? r : net_hosts_head(out, arena_printf(a, "the members of network %s, by kist (boot %s)", network, boot));
	if (same > 0)
		return 0;
	if (same < 0)
		return bad_file(network, same, e);
	r = living(a, data, &all, e);
	if (r)
		return r;
	r = settle_network(out, network, &all);
	return r ? bad_file(network, r, e) : 0;
}

static const char *own_path(struct arena *a, const char *id)
{
	return arena_printf(a, "instances/%s/hosts", id);
}

static int change(struct arena *a, int data, const char *id, const strings *gone, const strings *come)
{
	auto_hosts h = NET_HOSTS_NONE;
	int r = net_hosts_open(a, data, own_path(a, id), 0, &h);

	for (size_t i = 0; i < gone->len && !r; i++)
		r = net_hosts_drop(&h, gone->at[i]);
	for (size_t i = 0; i < come->len && !r; i++)
		r = net_hosts_add(&h, come->at[i]);
	return r;
}

/* A marker without a file is of an instance that was removed. */
static void change_others(struct arena *a, int data, const char *network, const char *id, const strings *gone, const strings *come)
{
	int fd = fd_open(data, path_of(a, network, "/own"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	for (const struct dirent *n = d ? readdir(d) : NULL; n; n = readdir(d)) {
		int r = *n->d_name == '.' || !strcmp(n->d_name, id) ? 0 : change(a, data, n->d_name, gone, come);

		if (r == -ENOENT)
			(void)unlinkat(fd, n->d_name, 0);
		else if (r)
			log_warn("write the hosts file of %s: %s", n->d_name, strerror(-r));
	}
	if (d)
		closedir(d);
}

static int mark(struct arena *a, int data, const char *network, const char *id)
{
	const char *own = path_of(a, network, "/own");
	auto_fd fd = -1;

	if (mkdirat(data, own, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(data, arena_printf(a, "%s/%s", own, id), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : 0;
}

static int settle_own(struct arena *a, int data, const struct net_record *r, struct err *e)
{
	struct strv v = { .arena = a }, once = { .arena = a };
	auto_hosts own = NET_HOSTS_NONE;
	int rc = 0;

	net_names_begin(&v, &r->lines);
	for (size_t i = 0; i < r->networks.len; i++)
		if (!r->networks.at[i].unfinished)
			member_lines(&v, r, &r->networks.at[i]);
	if (v.len == 2 + r->lines.len)
		net_names_alone(&v, &r->names);
	for (size_t i = 0; i < r->networks.len && !rc; i++) {
		auto_hosts h = NET_HOSTS_NONE;

		if (r->networks.at[i].unfinished)
			continue;
		rc = open_network(a, data, r->networks.at[i].network, r->boot, &h, e);
		if (rc)
			return rc;
		net_hosts_lines(&h, NULL, &v);
		rc = mark(a, data, r->networks.at[i].network, r->id);
	}
	for (size_t i = 0; i < v.len; i++)
		net_names_once(&once, v.at[i]);
	if (!rc)
		rc = net_hosts_open(a, data, own_path(a, r->id), 0, &own);
	if (!rc)
		rc = net_hosts_settle(&own, &(strings){ once.at, once.len });
	return rc ? bad_file(r->id, rc, e) : 0;
}

/* Its file is that of the one network that it is in. */
static bool has_networks(struct arena *a, int data, const struct net_record *r)
{
	struct stat network, own;
	const char *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->networks.len; i++)
		if (!r->networks.at[i].unfinished && ++n)
			only = r->networks.at[i].network;
	return n == 1 && fstatat(data, path_of(a, only, "/hosts"), &network, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(data, own_path(a, r->id), &own, AT_SYMLINK_NOFOLLOW) == 0 && network.st_dev == own.st_dev &&
	       network.st_ino == own.st_ino;
}

void net_members_look(struct arena *a, int data, struct net_record *r)
{
	r->shares = r->hosts && has_networks(a, data, r);
}

int net_members_join(struct arena *a, int data, const struct net_record *r, const struct net_attachment *t, struct err *e)
{
	const char *const addresses[] = { t->address, t->address6 };
	strings come = lines_of(a, r, t);
	struct strv gone = { .arena = a };
	auto_hosts h = NET_HOSTS_NONE;
	int rc = open_network(a, data, t->network, r->boot, &h, e);

	if (rc)
		return rc;
	/* The address may have been that of somebody who died without a word. */
	for (size_t i = 0; i < 2; i++)
		if (addresses[i])
			net_hosts_lines(&h, arena_strndup(a, addresses[i], strcspn(addresses[i], "/")), &gone);
	for (size_t i = 0; i < gone.len && !rc; i++)
		rc = net_hosts_drop(&h, gone.at[i]);
	for (size_t i = 0; i < come.len && !rc; i++)
		rc = net_hosts_add(&h, come.at[i]);
	change_others(a, data, t->network, r->id, &(strings){ gone.at, gone.len }, &come);
	return rc ? bad_file(t->network, rc, e) : 0;
}

void net_members_leave(struct arena *a, int data, const struct net_record *r, const struct net_attachment *t)
{
	static const strings none = { NULL, 0 };
	strings gone = lines_of(a, r, t);
	auto_hosts h = NET_HOSTS_NONE;
	struct err said = { 0 };
	const char *boot;
	int rc;

	if (faccessat(data, path_of(a, t->network, "/hosts"), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return; /* the network was removed meanwhile */
	rc = net_boot_id(a, &boot, &said);
	if (!rc)
		rc = open_network(a, data, t->network, boot, &h, &said);
	for (size_t i = 0; i < gone.len && !rc; i++)
		rc = net_hosts_drop(&h, gone.at[i]);
	if (rc && !said.code)
		(void)bad_file(t->network, rc, &said);
	if (rc)
		log_warn("%s", said.msg);
	(void)unlinkat(data, path_of(a, t->network, arena_printf(a, "/own/%s", r->id)), 0);
	change_others(a, data, t->network, r->id, &gone, &none);
}

int net_members_own(struct arena *a, int data, struct net_record *r, struct err *e)
{
	auto_fd dir = -1;
	int rc = 0;

	if (!r->hosts || (r->shares && has_networks(a, data, r)))
		return 0;
	if (r->shares) {
		r->shares = false;
		rc = dir = fd_open(data, arena_printf(a, "instances/%s", r->id), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		/* On what has no name any more nothing can be mounted. */
		/* Who was killed just here has done it already. */
		if (rc >= 0 && renameat(dir, "hosts", dir, NET_HOSTS_BEFORE) < 0 && errno != ENOENT)
			rc = -errno;
		if (rc >= 0)
			rc = file_put(dir, "hosts", "", 0, 0644, FILE_VOLATILE);
		rc = rc < 0 ? bad_file(r->id, rc, e) : net_record_write(a, data, r, e);
	}
	return rc ? rc : settle_own(a, data, r, e);
}

void net_members_change(struct arena *a, int data, const struct net_record *before, struct net_record *after)
{
	struct err said = { 0 };
	int r = 0;

	for (size_t i = 0; i < before->networks.len; i++)
		if (!before->networks.at[i].unfinished && !member_of(after, before->networks.at[i].network))
			net_members_leave(a, data, before, &before->networks.at[i]);
	for (size_t i = 0; i < after->networks.len && !r; i++)
		if (!after->networks.at[i].unfinished && !member_of(before, after->networks.at[i].network))
			r = net_members_join(a, data, after, &after->networks.at[i], &said);
	if (!r)
		r = net_members_own(a, data, after, &said);
	if (r)
		log_warn("%s; kist network repair tries again", said.msg);
}

static void sweep_markers(struct arena *a, int data, const char *network, const net_records *all)
{
	int fd = fd_open(data, path_of(a, network, "/own"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	for (const struct dirent *n = d ? readdir(d) : NULL; n; n = readdir(d)) {
		bool used = *n->d_name == '.';

		for (size_t i = 0; i < all->len && !used; i++)
			used = !strcmp(all->at[i].id, n->d_name) && !all->at[i].shares && member_of(&all->at[i], network);
		if (!used)
			(void)unlinkat(fd, n->d_name, 0);
	}
	if (d)
		closedir(d);
}

int net_members_repair(struct arena *a, int data, const net_networks *networks, struct err *e)
{
	const char *boot;
	net_records all;
	int r = net_boot_id(a, &boot, e);

	if (!r)
		r = living(a, data, &all, e);
	for (size_t i = 0; i < networks->len && !r; i++) {
		const char *name = networks->at[i].name;
		auto_hosts h = NET_HOSTS_NONE;

		r = open_network(a, data, name, boot, &h, e);
		if (!r && (r = settle_network(&h, name, &all)) != 0)
			r = bad_file(name, r, e);
		sweep_markers(a, data, name, &all);
	}
	for (size_t i = 0; i < all.len && !r; i++)
		r = net_members_own(a, data, &all.at[i], e);
	return r;
}

void net_members_forget(struct arena *a, int data, const char *network)
{
	static const net_records nobody = { NULL, 0 };

	sweep_markers(a, data, network, &nobody);
	(void)unlinkat(data, path_of(a, network, "/own"), AT_REMOVEDIR);
	(void)unlinkat(data, path_of(a, network, "/hosts"), 0);
	(void)unlinkat(data, path_of(a, network, ""), AT_REMOVEDIR);
}
