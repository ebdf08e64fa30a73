/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/tc.h"

#include <arpa/inet.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <string.h>

#define SHAPER "tbf"

static void begin(struct nl_msg *m, unsigned type, unsigned flags, int index, uint32_t parent)
{
	struct tcmsg head = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_parent = parent };

	nl_begin(m, type, NLM_F_ACK | flags, &head, sizeof(head));
}

void net_tc_put_shaper(struct nl_msg *m, int index, const struct net_shape *s)
{
	/* Without a link layer the kernel would look for a table of times, which it has not used for years. */
	struct tc_tbf_qopt q = { .rate = { .linklayer = TC_LINKLAYER_ETHERNET }, .limit = s->limit };
	size_t options;

	q.rate.rate = s->rate > UINT32_MAX ? UINT32_MAX : (uint32_t)s->rate;
	begin(m, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, index, TC_H_ROOT);
	nl_put_str(m, TCA_KIND, SHAPER);
	options = nl_nest(m, TCA_OPTIONS);
	nl_put(m, TCA_TBF_PARMS, &q, sizeof(q));
	nl_put_u32(m, TCA_TBF_BURST, s->burst);
	if (s->rate > UINT32_MAX)
		nl_put(m, TCA_TBF_RATE64, &s->rate, sizeof(s->rate));
	nl_end(m, options);
}

void net_tc_drop_shaper(struct nl_msg *m, int index)
{
	begin(m, RTM_DELQDISC, 0, index, TC_H_ROOT);
}

/* Without the echo older kernels tell everybody but who asked. */
void net_tc_ask_shaper(struct nl_msg *m, int index)
{
	begin(m, RTM_GETQDISC, NLM_F_ECHO, index, TC_H_ROOT);
}

/* The numbers have grown at their ends with kernels: what both know is at the beginning. */
static void read_head(struct nl_span s, void *out, size_t len)
{
	memset(out, 0, len);
	if (s.at)
		memcpy(out, s.at, s.len < len ? s.len : len);
}

bool net_tc_read_shaper(unsigned type, struct nl_span body, struct net_flow *out)
{
	struct nl_span by[TCA_STATS2 + 1], stats[TCA_STATS_PKT64 + 1];
	struct gnet_stats_queue queue;
	struct gnet_stats_basic basic;

	nl_index(nl_after(body, sizeof(struct tcmsg)), by, TCA_STATS2 + 1);
	if (type != RTM_NEWQDISC || !nl_str(by[TCA_KIND]) || strcmp(nl_str(by[TCA_KIND]), SHAPER) != 0)
		return false;
	nl_index(by[TCA_STATS2], stats, TCA_STATS_PKT64 + 1);
	read_head(stats[TCA_STATS_BASIC], &basic, sizeof(basic));
	read_head(stats[TCA_STATS_QUEUE], &queue, sizeof(queue));
	*out = (struct net_flow){ .bytes = basic.bytes, .packets = basic.packets, .delayed = queue.overlimits, .dropped = queue.drops };
	if (stats[TCA_STATS_PKT64].at)
		read_head(stats[TCA_STATS_PKT64], &out->packets, sizeof(out->packets));
	return true;
}

void net_tc_put_hook(struct nl_msg *m, int index)
{
	begin(m, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index, TC_H_CLSACT);
	nl_put_str(m, TCA_KIND, "clsact");
}

void net_tc_drop_hook(struct nl_msg *m, int index)
{
	begin(m, RTM_DELQDISC, 0, index, TC_H_CLSACT);
}

static void put_redirect(struct nl_msg *m, int to)
{
	struct tc_mirred q = { .action = TC_ACT_STOLEN, .eaction = TCA_EGRESS_REDIR, .ifindex = (uint32_t)to };
	size_t actions = nl_nest(m, TCA_BPF_ACT), first = nl_nest(m, 1), options;

	nl_put_str(m, TCA_ACT_KIND, "mirred");
	options = nl_nest(m, TCA_ACT_OPTIONS);
	nl_put(m, TCA_MIRRED_PARMS, &q, sizeof(q));
	nl_end(m, options);
	nl_end(m, first);
	nl_end(m, actions);
}

void net_tc_put_filter(struct nl_msg *m, int index, const struct net_filter *f)
{
	struct tcmsg head = { .tcm_family = AF_UNSPEC, .tcm_ifindex = index, .tcm_handle = 1,
			      .tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
			      .tcm_info = TC_H_MAKE((uint32_t)f->priority << 16, htons(ETH_P_ALL)) };
	size_t options;

	nl_begin(m, RTM_NEWTFILTER, NLM_F_ACK | NLM_F_CREATE, &head, sizeof(head));
	nl_put_str(m, TCA_KIND, "bpf");
	options = nl_nest(m, TCA_OPTIONS);
	if (f->loaded) {
		nl_put_u32(m, TCA_BPF_FD, (uint32_t)f->loaded);
	} else {
		nl_put_u16(m, TCA_BPF_OPS_LEN, f->len);
		nl_put(m, TCA_BPF_OPS, f->program, f->len * sizeof(*f->program));
	}
	if (f->redirect)
		put_redirect(m, f->redirect);
	else
		nl_put_u32(m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	nl_end(m, options);
}
