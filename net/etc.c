/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/etc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "net/hosts.h"
#include "net/members.h"
#include "net/names.h"
#include "net/resolver.h"

enum { MOST_BYTES = 1 << 20 };

struct making {
	struct arena *a;
	int data, dir;
	const struct net_plan *p;
	const char *id;
	strings names;
};

/* Nobody reads them before they are bound: one that is written half by who is killed is written anew at the next start. */
static int put(const struct making *m, const char *file, const char *text, struct err *e)
{
	int r = file_make(m->dir, file, text, strlen(text), 0644, FILE_VOLATILE);

	return r < 0 ? err_num(e, r, "write %s of instance %s", file, m->id) : 0;
}

/* In the place of the last start's.  1: there is none to link to, or it lies in another file system. */
static int link_to(const struct making *m, int from, const char *path, const char *file)
{
	if (unlinkat(m->dir, file, 0) < 0 && errno != ENOENT)
		return 1;
	return linkat(from, path, m->dir, file, *path ? 0 : AT_EMPTY_PATH) < 0;
}

/* --- hosts */

static int given_lines(struct arena *a, const struct net_plan *p, const struct net_ip gateways[2], strings *out, struct err *e)
{
	static const strings no_more = { NULL, 0 };
	struct strv v = { .arena = a };

	for (size_t i = 0; i < p->etc.given.len; i++) {
		const struct net_given *g = &p->etc.given.at[i];
		const struct net_ip *ips = g->ip.family ? &g->ip : gateways;
		size_t before = v.len;

		for (size_t k = 0; k < (g->ip.family ? 1 : 2); k++)
			if (ips[k].family)
				net_names_lines(&v, net_ip_text(a, &ips[k]), &(strings){ (const char **)&g->name, 1 }, &no_more);
		if (v.len == before)
			return err_set(e, EINVAL, "kist.names.add: there is no gateway that \"%s\" could lead to", g->name);
	}
	*out = (strings){ v.at, v.len };
	return 0;
}

int net_etc_know(struct arena *a, int data, const struct net_plan *p, const net_joins *all, struct net_record *r, struct err *e)
{
	struct net_ip gateways[2] = { { 0 }, { 0 } };

	for (size_t i = all->len; i--;) {
		const struct net_network *n = &all->at[i].network;

		gateways[0] = n->v4.gateway.family ? n->v4.gateway : gateways[0];
		gateways[1] = n->v6.gateway.family ? n->v6.gateway : gateways[1];
	}
	r->hosts = p->etc.hosts;
	r->names = net_names_of(a, p->etc.name, r->id);
	net_members_look(a, data, r);
	return given_lines(a, p, gateways, &r->lines, e);
}

/* Without a network of its own nobody else has a name for it. */
static int write_alone(const struct making *m, struct err *e)
{
	static const struct net_ip none[2];
	struct text t = { .arena = m->a };
	struct strv v = { .arena = m->a };
	strings given;
	int r = given_lines(m->a, m->p, none, &given, e);

	if (r)
		return r;
	net_names_begin(&v, &given);
	net_names_alone(&v, &m->names);
	for (size_t i = 0; i < v.len; i++)
		text_add(&t, "%s\n", v.at[i]);
	return put(m, "hosts", text_str(&t), e);
}

/* The network's own file will do for an instance that has an address and whose names nobody else has. */
static int may_share(const struct making *m)
{
	const struct net_wish *w = m->p->wishes.at;
	struct net_network n;
	auto_hosts h = NET_HOSTS_NONE;

	if (m->p->wishes.len != 1 || m->p->etc.given.len)
		return -1;
	if (strcmp(w->network, NET_DEFAULT) && (net_network_read(m->a, m->data, w->network, &n, NULL) || (!n.subnet && !n.subnet6)))
		return -1;
	if (net_members_file(m->a, m->data, w->network, &h) < 0 || net_hosts_know(h.text.at, h.text.len, &m->names) ||
	    net_hosts_know(h.text.at, h.text.len, &w->aliases))
		return -1;
	return take_fd(&h.fd);
}

static int make_hosts(const struct making *m, struct err *e)
{
	const char *of = m->p->etc.of;
	auto_fd shared = -1;

	(void)unlinkat(m->dir, NET_HOSTS_BEFORE, 0);
	if (of && link_to(m, m->data, arena_printf(m->a, "instances/%s/hosts", of), "hosts") == 0)
		return 0;
	if (!m->p->wishes.len)
		return write_alone(m, e);
	shared = may_share(m);
	if (shared >= 0 && link_to(m, shared, "", "hosts") == 0)
		return 0;
	return put(m, "hosts", "", e);
}

/* --- hostname, resolv.conf */

static int make_hostname(const struct making *m, struct err *e)
{
	struct utsname host;

	if (!m->p->etc.name && uname(&host) < 0)
		return err_sys(e, "ask for the host's name");
	return put(m, "hostname", arena_printf(m->a, "%s\n", m->p->etc.name ? m->p->etc.name : host.nodename), e);
}

/* Over links: /etc/resolv.conf is one where systemd-resolved runs. */
static int read_host(struct arena *a, const char *path, bool loopback, struct net_resolver *out)
{
	auto_fd fd = fd_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text;
	size_t len;
	int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? fd_read_all(a, fd, MOST_BYTES, &text, &len) : -EINVAL;

	if (!r)
		net_resolver_read(a, text, len, loopback, out);
	return r;
}

static const char *resolver_text(const struct making *m)
{
	const struct net_etc *t = &m->p->etc;
	struct net_resolver host = { .local = false }, real;

	(void)read_host(m->a, "/etc/resolv.conf", t->loopback, &host);
	if (host.stub && read_host(m->a, "/run/systemd/resolve/resolv.conf", t->loopback, &real) == 0)
		host = real;
	host.alone = !m->p->wishes.len && !t->of && !t->loopback;
	if (!host.alone && !host.servers.len && host.local && !t->asked->servers.len)
		log_warn("instance %s has no nameserver: those in the host's /etc/resolv.conf are on its own loopback; --dns ADDRESS gives one", m->id);
	return net_resolver_text(m->a, &host, t->asked);
}

static int make_resolver(const struct making *m, struct err *e)
{
	const char *of = m->p->etc.of;

	if (of && link_to(m, m->data, arena_printf(m->a, "instances/%s/resolv.conf", of), "resolv.conf") == 0)
		return 0;
	return put(m, "resolv.conf", resolver_text(m), e);
}

/* In place, for it is bound: short enough for one write, which is what its readers read it in, too. */
static int rewrite(int fd, const char *text, size_t len)
{
	ssize_t n = pwrite(fd, text, len, 0);

	if (n < 0 || (size_t)n < len)
		return n < 0 ? -errno : -ENOSPC;
	return ftruncate(fd, (off_t)len) < 0 ? -errno : 0;
}

int net_etc_follow(struct arena *a, int dir, const struct net_plan *p, const char *id, struct err *e)
{
	struct making m = { .a = a, .dir = dir, .p = p, .id = id };
	auto_fd fd = p->etc.resolver ? fd_open(dir, "resolv.conf", O_RDWR | O_NOFOLLOW | O_NONBLOCK) : -1;
	const char *text;
	char *now;
	size_t len;
	int r;

	if (!p->etc.resolver)
		return 0;
	text = resolver_text(&m);
	r = fd < 0 ? fd : fd_read_all(a, fd, MOST_BYTES, &now, &len);
	if (!r && (len != strlen(text) || memcmp(now, text, len)))
		r = rewrite(fd, text, strlen(text));
	return r < 0 ? err_num(e, r, "write resolv.conf of instance %s", id) : 0;
}

int net_etc_make(struct arena *a, int data, int dir, const struct net_plan *p, const char *id, struct err *e)
{
	struct making m = { a, data, dir, p, id, net_names_of(a, p->etc.name, id) };
	mode_t was = umask(022); /* everybody inside reads them */
	int r = p->etc.hosts ? make_hosts(&m, e) : 0;

	if (!r && p->etc.hostname)
		r = make_hostname(&m, e);
	if (!r && p->etc.resolver)
		r = make_resolver(&m, e);
	umask(was);
	return r;
}
