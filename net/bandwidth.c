/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/bandwidth.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "net/shaped.h"

enum { MARKS = 99, LEADS = 100 };

static void put_ifb(struct nl_msg *m, const char *name)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	size_t info;

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	nl_put_str(m, IFLA_IFNAME, name);
	info = nl_nest(m, IFLA_LINKINFO);
	nl_put_str(m, IFLA_INFO_KIND, "ifb");
	nl_end(m, info);
}

/* Before it is up: then it has got one. */
static void put_no_address(struct nl_msg *m, int index)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	size_t families, inet6;

	nl_begin(m, RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));
	families = nl_nest(m, IFLA_AF_SPEC);
	inet6 = nl_nest(m, AF_INET6);
	nl_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_end(m, inet6);
	nl_end(m, families);
}

struct limiting {
	struct nl *host;
	const char *host_end;
	const char *direction; /* the key of the document */
	uint64_t bits;	       /* 0: the limit is lifted */
	struct nl_msg m;
};

/* `fine` is no failure; `module` is what the kernel lacks when it does not know what is meant. */
static int talk(struct limiting *l, int fine, const char *module, struct err *e)
{
	int r = nl_talk(l->host, &l->m, NULL, NULL);

	l->m.bytes.len = l->m.start = 0;
	if (!r || r == fine)
		return 0;
	(void)nl_fail(l->host, r, e, "%s kist.bandwidth.%s%s%s on the interface %s", l->bits ? "set" : "lift", l->direction,
		      l->bits ? " to " : "", l->bits ? net_rate_text(l->m.bytes.arena, l->bits) : "", l->host_end);
	if (!l->bits || !module || (r != -ENOENT && r != -EOPNOTSUPP))
		return r;
	return err_hint(e, -ENOSYS, "this kernel has no module %s, which limiting the bandwidth needs", module);
}

static int find(struct limiting *l, const char *name, struct net_link *out, struct err *e)
{
	int r = net_link_find(l->host, name, out);

	return r ? nl_fail(l->host, r, e, "limit the bandwidth: look for the interface %s", name) : 0;
}

static int shape(struct limiting *l, const struct net_link *on, uint32_t mtu, struct err *e)
{
	struct net_shape s = net_limits_shape(l->bits, mtu);

	if (l->bits)
		net_tc_put_shaper(&l->m, on->index, &s);
	else
		net_tc_drop_shaper(&l->m, on->index);
	return talk(l, l->bits ? 0 : -ENOENT, "sch_tbf", e);
}

static int make_ifb(struct limiting *l, struct net_link *out, struct err *e)
{
	char name[NET_NAME];
	int r;

	net_shaper_name(name, l->host_end);
	put_ifb(&l->m, name);
	r = talk(l, -EEXIST, "ifb", e);
	if (!r)
		r = find(l, name, out, e);
	if (r)
		return r;
	put_no_address(&l->m, out->index);
	r = talk(l, -EAFNOSUPPORT, NULL, e); /* a kernel without IPv6 */
	if (r)
		return r;
	net_link_put_up(&l->m, out->index);
	return talk(l, 0, NULL, e);
}

/* One that has the first of the two filters alone is led nowhere; one that has both is not guarded yet. */
static int put_filters(struct limiting *l, const struct net_link *end, const struct net_link *ifb, struct err *e)
{
	static const struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, UINT32_MAX) };
	auto_fd marks = net_shaped_load();
	int r;

	if (marks < 0)
		return err_num(e, marks, "limit the bandwidth: load a BPF program that marks what is shaped");
	net_tc_put_hook(&l->m, end->index);
	r = talk(l, -EEXIST, "sch_ingress", e);
	if (r)
		return r;
	net_tc_put_filter(&l->m, end->index, &(struct net_filter){ .priority = MARKS, .loaded = marks });
	net_tc_put_filter(&l->m, end->index, &(struct net_filter){ .priority = LEADS, .program = all, .len = 1, .redirect = ifb->index });
	return talk(l, 0, "cls_bpf or act_mirred", e);
}

/* Shaped before anything is led there, and led there before anything else is dropped. */
static int lead_out(struct limiting *l, const struct net_link *end, struct err *e)
{
	struct net_link ifb;
	int r = make_ifb(l, &ifb, e);

	if (!r)
		r = shape(l, &ifb, end->mtu, e);
	if (!r)
		r = put_filters(l, end, &ifb, e);
	if (r)
		return r;
	r = net_shaped_add(l->host_end);
	if (r == -ENOENT)
		r = net_shapers_guard(l->host);
	return r ? err_num(e, r, "limit the bandwidth: drop what has not been shaped (needs nf_tables for bridges)") : 0;
}

/* A filter that leads to an interface that is gone drops, and what comes past both is no longer to be dropped: these go first. */
static int lead_back(struct limiting *l, const struct net_link *end, struct err *e)
{
	struct net_link ifb;
	char name[NET_NAME];
	int r;

	net_shaper_name(name, l->host_end);
	if (net_link_find(l->host, name, &ifb) == -ENODEV)
		return 0;
	net_shaped_remove(l->host_end);
	net_tc_drop_hook(&l->m, end->index);
	r = talk(l, -ENOENT, NULL, e);
	if (r)
		return r;
	r = net_shaper_remove(l->host, l->host_end);
	return r ? nl_fail(l->host, r, e, "remove what shaped the interface %s", l->host_end) : 0;
}

int net_limits_set(struct nl *host, const char *host_end, const struct net_limits *want, struct err *e)
{
	auto_arena a = { 0 };
	struct limiting in = { .host = host, .host_end = host_end, .direction = "in", .bits = want->in, .m = { .bytes.arena = &a } };
	struct limiting out = { .host = host, .host_end = host_end, .direction = "out", .bits = want->out, .m = { .bytes.arena = &a } };
	struct net_link end;
	int r = find(&in, host_end, &end, e);

	if (!r)
		r = shape(&in, &end, end.mtu, e);
	if (!r)
		r = want->out ? lead_out(&out, &end, e) : lead_back(&out, &end, e);
	return r;
}

int net_limits_fit(const struct net_record *r, struct err *e)
{
	for (size_t i = 0; i < r->networks.len; i++)
		if (!r->networks.at[i].host_interface)
			return err_set(e, EINVAL,
				       "kist.bandwidth: %s in the network %s has no end on the host where it could be limited; only bridges give one",
				       r->networks.at[i].interface, r->networks.at[i].network);
	return 0;
}
