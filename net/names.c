/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/names.h"

#include <string.h>
#include <strings.h>

enum { LINE_LENGTH = 400 /* of musl's resolver: 512 */ };

void net_names_once(struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->len; i++)
		if (!strcasecmp(v->at[i], s))
			return;
	strv_add(v, s);
}

/* Of each member for itself: as a name of one they would lead the others there, where theirs does not answer. */
static bool is_loopbacks(const char *s)
{
	static const char *const names[] = { "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(s, names[i]))
			return true;
	return false;
}

strings net_names_of(struct arena *a, const char *hostname, const char *id)
{
	const char *const all[] = { hostname, hostname ? arena_strndup(a, hostname, strcspn(hostname, ".")) : NULL, id };
	struct strv v = { .arena = a };

	for (size_t i = 0; i < 3; i++)
		if (all[i] && oci_is_host_name(all[i]) && !is_loopbacks(all[i]))
			net_names_once(&v, all[i]);
	return (strings){ v.at, v.len };
}

void net_names_begin(struct strv *out, const strings *lines)
{
	strv_add(out, "127.0.0.1\tlocalhost");
	strv_add(out, "::1\tlocalhost ip6-localhost ip6-loopback");
	for (size_t i = 0; i < lines->len; i++)
		strv_add(out, lines->at[i]);
}

void net_names_lines(struct strv *out, const char *address, const strings *names, const strings *more)
{
	struct text line = { .arena = out->arena };
	struct strv all = { .arena = out->arena };

	for (size_t i = 0; i < names->len; i++)
		net_names_once(&all, names->at[i]);
	for (size_t i = 0; i < more->len; i++)
		net_names_once(&all, more->at[i]);
	for (size_t i = 0; i < all.len; i++) {
		if (line.len && line.len + strlen(all.at[i]) > LINE_LENGTH) {
			strv_add(out, line.at);
			line = (struct text){ .arena = out->arena };
		}
		if (!line.len)
			text_add(&line, "%.*s", (int)strcspn(address, "/"), address);
		text_add(&line, "%c%s", strchr(line.at, '\t') ? ' ' : '\t', all.at[i]);
	}
	if (line.len)
		strv_add(out, line.at);
}

void net_names_alone(struct strv *out, const strings *names)
{
	static const strings no_more = { NULL, 0 };

	net_names_lines(out, "127.0.0.1", names, &no_more);
	net_names_lines(out, "::1", names, &no_more);
}
