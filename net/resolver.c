/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/resolver.h"

#include <string.h>

#include "base/text.h"
#include "net/ip.h"

#define BLANKS " \t\r"

bool net_is_search(const char *s)
{
	return oci_is_host_name(s) || !strcmp(s, ".");
}

bool net_is_resolver_option(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789:-")];
}

/* "0.0.0.0" and "::" lead there, too. */
static bool is_loopback(const struct net_ip *ip)
{
	static const char *const there[] = { "127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128", "::ffff:127.0.0.0/104" };
	struct net_cidr c;

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		if (net_cidr_parse(there[i], &c) && net_cidr_has(&c, ip))
			return true;
	return false;
}

static bool is_stub(const char *server)
{
	return !strcmp(server, "127.0.0.53") || !strcmp(server, "127.0.0.54");
}

struct reading {
	bool loopback;
	struct strv servers, search, options;
	struct net_resolver *out;
};

static void take_server(struct reading *t, const char *word)
{
	struct net_ip ip;

	if (!net_ip_parse(word, &ip))
		return;
	if (!t->loopback && is_loopback(&ip)) {
		t->out->local = true;
		t->out->stub |= is_stub(word);
		return;
	}
	strv_add(&t->servers, net_ip_text(t->servers.arena, &ip));
}

static void take_line(struct reading *t, char *line)
{
	char *save = NULL, *key = strtok_r(line, BLANKS, &save), *word;
	bool search = key && (!strcmp(key, "search") || !strcmp(key, "domain"));

	if (!key)
		return;
	if (search) /* the last one counts */
		t->search.len = 0;
	while ((word = strtok_r(NULL, BLANKS, &save))) {
		if (!strcmp(key, "nameserver"))
			return take_server(t, word);
		if (search && net_is_search(word))
			strv_add(&t->search, word);
		else if (!strcmp(key, "options") && net_is_resolver_option(word))
			strv_add(&t->options, word);
	}
}

void net_resolver_read(struct arena *a, const char *text, size_t len, bool loopback, struct net_resolver *out)
{
	char *copy = arena_strndup(a, text, len), *save = NULL;
	struct reading t = { .loopback = loopback, .servers.arena = a, .search.arena = a, .options.arena = a, .out = out };

	*out = (struct net_resolver){ .local = false };
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		take_line(&t, line);
	out->servers = (strings){ t.servers.at, t.servers.len };
	out->search = (strings){ t.search.at, t.search.len };
	out->options = (strings){ t.options.at, t.options.len };
}

static void add_words(struct text *t, const char *key, const strings *asked, const strings *host)
{
	const strings *l = asked->len ? asked : host;

	for (size_t i = 0; i < l->len; i++)
		text_add(t, "%s%s%s", i ? "" : key, " ", l->at[i]);
	if (l->len)
		text_add(t, "\n");
}

const char *net_resolver_text(struct arena *a, const struct net_resolver *host, const struct oci_kist_names *asked)
{
	const strings none = { NULL, 0 }, *servers = host->alone ? &none : asked->servers.len ? &asked->servers : &host->servers;
	struct text t = { .arena = a };

	text_add(&t, "# made by kist at the start, from the host's\n");
	for (size_t i = 0; i < servers->len; i++)
		text_add(&t, "nameserver %s\n", servers->at[i]);
	if (!servers->len)
		text_add(&t, host->alone ? "# no nameserver: without a network there is nobody to ask\n"
			     : host->local ? "# no nameserver: those of the host are on its own loopback; kist run --dns ADDRESS gives one\n"
					   : "# no nameserver: the host has none\n");
	add_words(&t, "search", &asked->search, &host->search);
	add_words(&t, "options", &asked->options, &host->options);
	return text_str(&t);
}
