/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's resolv.conf: of it comes nothing but the four kinds of lines, and reading what was written gives the same.
 * A hosts file of anything at all: a line that is added is there, whole, and gone after it was dropped; all others stay.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz.h"
#include "net/hosts.h"
#include "net/plan.h"
#include "net/resolver.h"

#define LINE "192.0.2.1\tname.test name"

static void resolver(struct arena *a, const char *text, size_t len)
{
	static const struct oci_kist_names none;
	struct net_resolver first, second;
	const char *once, *twice;

	net_resolver_read(a, text, len, false, &first);
	once = net_resolver_text(a, &first, &none);
	net_resolver_read(a, once, strlen(once), false, &second);
	second.local = first.local;
	twice = net_resolver_text(a, &second, &none);
	if (strcmp(once, twice))
		abort();
	for (const char *line = once; *line; line = strchr(line, '\n') + 1)
		if (!text_starts(line, "# ") && !text_starts(line, "nameserver ") && !text_starts(line, "search ") && !text_starts(line, "options "))
			abort();
}

static size_t count(const struct net_hosts *h)
{
	struct strv v = { .arena = h->text.arena };

	net_hosts_lines(h, NULL, &v);
	return v.len;
}

static void hosts(struct arena *a, const char *text, size_t len)
{
	auto_hosts h = { .fd = memfd_create("hosts", MFD_CLOEXEC), .text = { .arena = a } };
	size_t before;

	while (len && text[len - 1] != '\n')
		len--;
	text_addn(&h.text, text, len);
	if (h.fd < 0 || pwrite(h.fd, text, len, 0) != (ssize_t)len || net_hosts_drop(&h, LINE))
		return;
	before = count(&h);
	if (net_hosts_add(&h, LINE) || count(&h) != before + 1 || !net_hosts_know(h.text.at, h.text.len, &(strings){ (const char *[]){ "name.test" }, 1 }))
		abort();
	if (net_hosts_drop(&h, LINE) || count(&h) != before)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	char *text = arena_strndup(&a, (const char *)data, len);
	struct net_given g;

	resolver(&a, text, strlen(text));
	hosts(&a, (const char *)data, len);
	if (net_given_parse(&a, text, &g) && !oci_is_host_name(g.name))
		abort();
	return 0;
}
