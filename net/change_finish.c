/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that were killed: change.c says what they leave. */
#include <errno.h>

#include "base/fd.h"
#include "net/change_parts.h"
#include "net/choose.h"

static net_ports leading(struct arena *a, const struct net_record *r)
{
	net_ports l = { arena_array(a, r->ports.len, sizeof(*l.at)), 0 };

	for (size_t i = 0; i < r->ports.len; i++)
		if (net_choose_leads(r, &r->ports.at[i]))
			l.at[l.len++] = r->ports.at[i];
	return l;
}

/* As if a change wanted what is finished; ports that have nowhere to lead any more lead nowhere. */
static int finish(struct arena *a, const struct net_record *r, const struct net_place *at, struct err *e)
{
	struct net_plan p = { 0 };
	struct net_change c;
	struct err said = { 0 };
	int rc;

	p.wishes.at = arena_array(a, r->networks.len, sizeof(*p.wishes.at));
	for (size_t i = 0; i < r->networks.len; i++)
		if (!r->networks.at[i].unfinished)
			p.wishes.at[p.wishes.len++] = (struct net_wish){ .network = r->networks.at[i].network };
	p.ports.at = r->ports.at;
	p.ports.len = r->ports.len;
	rc = net_change_start(a, &p, at, &c, &said);
	if (rc == -EINVAL && p.ports.len) {
		p.ports = leading(a, &c.after);
		rc = net_change_start(a, &p, at, &c, e);
	} else if (rc && e) {
		*e = said;
	}
	return rc ? rc : net_change_do(&c, e);
}

int net_change_begin(struct arena *a, const struct net_plan *p, const struct net_place *at, struct net_change *out, struct err *e)
{
	struct net_change look = { .a = a, .at = at };
	int r = net_change_look(&look, e);

	if (!r && net_change_is_unfinished(&look.before))
		r = finish(a, &look.before, at, e);
	return r ? r : net_change_start(a, p, at, out, e);
}

/* First the descriptor, then the proof that it is of the container's namespace. */
static int finish_one(struct arena *a, int data, const struct net_record *r, const char *boot, struct err *e)
{
	auto_fd netns = fd_open(AT_FDCWD, arena_printf(a, "/proc/%d/ns/net", (int)r->pid), O_RDONLY);
	struct net_place at = { .data = data, .id = r->id, .pid = (pid_t)r->pid, .start = r->start, .netns = netns };
	struct net_record own = *r;

	own.sharers.len = 0; /* who shares its network does not keep it alive */
	if (!net_record_lives(&own, boot))
		return 0;
	return netns < 0 ? err_num(e, netns, "open the network namespace of container %s", r->id) : finish(a, r, &at, e);
}

int net_change_finish(struct arena *a, int data, struct err *e)
{
	net_records all;
	const char *boot;
	int r = net_record_list(a, data, &all, e);

	if (!r)
		r = net_boot_id(a, &boot, e);
	for (size_t i = 0; i < all.len && !r; i++)
		if (net_change_is_unfinished(&all.at[i]))
			r = finish_one(a, data, &all.at[i], boot, e);
	return r;
}
