/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/counters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"

enum { HEAD_LINES = 2, MOST_BYTES = 4 << 20 };

/* "  eth0: bytes packets errs drop fifo frame compressed multicast bytes packets errs drop …" */
static bool parse_line(struct arena *a, const char *line, struct net_interface *i)
{
	const char *name = line + strspn(line, " "), *colon = strchr(name, ':');

	if (!colon || colon == name)
		return false;
	i->name = arena_strndup(a, name, (size_t)(colon - name));
	return sscanf(colon + 1, "%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64 "%*u%*u%*u%*u%" SCNu64 "%" SCNu64 "%" SCNu64 "%" SCNu64,
		      &i->rx_bytes, &i->rx_packets, &i->rx_errors, &i->rx_dropped, &i->tx_bytes, &i->tx_packets, &i->tx_errors,
		      &i->tx_dropped) == 8;
}

bool net_parse_counters(struct arena *a, const char *text, net_counters *out)
{
	net_counters l = { NULL, 0 };
	int head = HEAD_LINES;

	for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		struct net_interface i = { 0 };

		if (head-- > 0)
			continue;
		if (!parse_line(a, arena_strndup(a, line, (size_t)(end - line)), &i))
			return false;
		if (!strcmp(i.name, "lo"))
			continue;
		l.at = arena_grow(a, l.at, l.len, sizeof(*l.at));
		l.at[l.len++] = i;
	}
	*out = l;
	return head <= 0;
}

int net_read_counters(struct arena *a, pid_t pid, net_counters *out)
{
	char path[40], *text;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/net/dev", (int)pid);
	r = file_read(a, AT_FDCWD, path, MOST_BYTES, &text, NULL);
	if (r < 0)
		return r;
	return net_parse_counters(a, text, out) ? 0 : -EPROTO;
}
