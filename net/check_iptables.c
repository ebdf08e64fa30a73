/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of iptables-legacy, which nf_tables does not show. */
#include <arpa/inet.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "net/check.h"

enum { MOST_BYTES = 16 << 20 };

/* Without this the question itself would load the module and make the table. */
static bool is_there(struct arena *a)
{
	char *names;

	return file_read(a, AT_FDCWD, "/proc/net/ip_tables_names", 4096, &names, NULL) >= 0 && strstr(names, "filter\n");
}

/* A chain's policy is the last of its entries: a jump nowhere, with a verdict. */
static bool drops(const struct ipt_getinfo *info, const struct ipt_get_entries *table)
{
	struct ipt_entry entry;
	struct xt_standard_target policy;
	size_t at = info->underflow[NF_INET_FORWARD];

	if (at + sizeof(entry) > table->size)
		return false;
	memcpy(&entry, (const char *)table->entrytable + at, sizeof(entry));
	if (at + entry.target_offset + sizeof(policy) > table->size)
		return false;
	memcpy(&policy, (const char *)table->entrytable + at + entry.target_offset, sizeof(policy));
	return policy.verdict == -NF_DROP - 1;
}

static bool names(const struct ipt_get_entries *table, const char *interface)
{
	return memmem(table->entrytable, table->size, interface, strlen(interface) + 1);
}

static struct ipt_get_entries *read_table(struct arena *a, struct ipt_getinfo *info)
{
	auto_fd s = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	struct ipt_get_entries *table;
	socklen_t len = sizeof(*info);

	if (s < 0 || getsockopt(s, IPPROTO_IP, IPT_SO_GET_INFO, info, &len) < 0 || info->size > MOST_BYTES)
		return NULL;
	len = (socklen_t)(sizeof(*table) + info->size);
	table = arena_alloc(a, len);
	strcpy(table->name, info->name);
	table->size = info->size;
	return getsockopt(s, IPPROTO_IP, IPT_SO_GET_ENTRIES, table, &len) < 0 ? NULL : table;
}

void net_check_iptables(struct strv *v, const net_networks *all)
{
	struct ipt_getinfo info = { .name = "filter" };
	const struct ipt_get_entries *table = is_there(v->arena) ? read_table(v->arena, &info) : NULL;

	for (size_t i = 0; table && i < all->len; i++) {
		const struct net_network *n = &all->at[i];

		if (net_is_own(n) && !n->internal && drops(&info, table) && !names(table, n->interface))
			strv_add(v, arena_printf(v->arena,
						 "the chain FORWARD of iptables-legacy drops what is passed on, and no rule there names %s, the bridge of the "
						 "network %s: iptables-legacy -I FORWARD -j ACCEPT -i %s; iptables-legacy -I FORWARD -j ACCEPT -o %s",
						 n->interface, n->name, n->interface, n->interface));
	}
}
