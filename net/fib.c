/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/fib.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void put_rule(struct nl_msg *m, bool add, const struct net_fib_rule *r)
{
	struct fib_rule_hdr head = { .family = (uint8_t)r->family, .src_len = (uint8_t)r->sender.prefix, .dst_len = (uint8_t)r->to.prefix,
				     .action = (uint8_t)r->action };

	nl_begin(m, add ? RTM_NEWRULE : RTM_DELRULE, NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_EXCL : 0), &head, sizeof(head));
	nl_put_u32(m, FRA_PRIORITY, r->priority);
	if (r->mark) {
		nl_put_u32(m, FRA_FWMARK, r->mark);
		nl_put_u32(m, FRA_FWMASK, r->mark);
	}
	if (r->target)
		nl_put_u32(m, FRA_GOTO, r->target);
	if (r->from)
		nl_put_str(m, FRA_IIFNAME, r->from);
	if (r->sender.ip.family)
		nl_put(m, FRA_SRC, r->sender.ip.at, net_ip_size(r->family));
	if (r->to.ip.family)
		nl_put(m, FRA_DST, r->to.ip.at, net_ip_size(r->family));
}

int net_fib_change(struct nl *n, bool add, const net_fib_rules *l)
{
	int r = 0;

	for (size_t i = 0; i < l->len && !r; i++) {
		auto_arena a = { 0 };
		struct nl_msg m = { .bytes.arena = &a };

		put_rule(&m, add, &l->at[i]);
		r = nl_talk(n, &m, NULL, NULL);
		if (r == (add ? -EEXIST : -ENOENT) || (r == -EAFNOSUPPORT && l->at[i].family == AF_INET6))
			r = 0;
	}
	return r;
}

static void read_cidr(struct nl_span address, int family, unsigned prefix, struct net_cidr *out)
{
	if ((family == AF_INET || family == AF_INET6) && nl_get(address, out->ip.at, net_ip_size(family))) {
		out->ip.family = family;
		out->prefix = prefix;
	}
}

bool net_fib_read(struct arena *a, struct nl_span body, struct net_fib_rule *out)
{
	struct nl_span by[FRA_FWMASK + 1];
	struct fib_rule_hdr head;
	const char *from;

	if (body.len < sizeof(head))
		return false;
	memcpy(&head, body.at, sizeof(head));
	nl_index(nl_after(body, sizeof(head)), by, FRA_FWMASK + 1);
	from = nl_str(by[FRA_IIFNAME]);
	*out = (struct net_fib_rule){ .family = head.family, .action = head.action, .priority = nl_u32(by[FRA_PRIORITY]),
				      .mark = nl_u32(by[FRA_FWMARK]), .target = nl_u32(by[FRA_GOTO]), .from = from ? arena_strdup(a, from) : NULL };
	read_cidr(by[FRA_SRC], head.family, head.src_len, &out->sender);
	read_cidr(by[FRA_DST], head.family, head.dst_len, &out->to);
	return true;
}

struct listing {
	struct arena *a;
	net_fib_rules found;
};

static int take_rule(void *data, unsigned type, struct nl_span body)
{
	struct listing *l = data;
	struct net_fib_rule r;

	if (type != RTM_NEWRULE || !net_fib_read(l->a, body, &r))
		return -EPROTO;
	l->found.at = arena_grow(l->a, l->found.at, l->found.len, sizeof(r));
	l->found.at[l->found.len++] = r;
	return 0;
}

int net_fib_list(struct arena *a, struct nl *n, net_fib_rules *out)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct listing l = { .a = a };
	int r = 0;

	for (size_t i = 0; i < 2 && !r; i++) {
		struct fib_rule_hdr head = { .family = (uint8_t)families[i] };
		struct nl_msg m = { .bytes.arena = a };

		nl_begin(&m, RTM_GETRULE, NLM_F_DUMP, &head, sizeof(head));
		r = nl_list(n, &m, take_rule, &l, &l.found.len);
		r = r == -EAFNOSUPPORT ? 0 : r;
	}
	*out = l.found;
	return r;
}

static bool same_cidr(const struct net_cidr *x, const struct net_cidr *y)
{
	return x->prefix == y->prefix && !memcmp(&x->ip, &y->ip, sizeof(x->ip));
}

static bool same(const struct net_fib_rule *x, const struct net_fib_rule *y)
{
	bool from = x->from && y->from ? !strcmp(x->from, y->from) : x->from == y->from;

	return from && x->family == y->family && x->action == y->action && x->priority == y->priority && x->mark == y->mark &&
	       x->target == y->target && same_cidr(&x->sender, &y->sender) && same_cidr(&x->to, &y->to);
}

bool net_fib_has(const net_fib_rules *l, const struct net_fib_rule *r)
{
	for (size_t i = 0; i < l->len; i++)
		if (same(&l->at[i], r))
			return true;
	return false;
}
