/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/reference.h"

#include <errno.h>
#include <string.h>

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum { TAG_MAX = 128, NAME_MAX_LEN = 255 };

static int bad(const char *text, struct err *e, const char *why)
{
	char shown[JSON_SHOWN];

	return err_set(e, EINVAL, "\"%s\" is not the name of an image: %s; expected NAME[:TAG][@sha256:DIGEST]",
		       json_shown(shown, text), why);
}

/* Letters and digits with single separators between them: "." or "_" or "__" or any number of "-". */
static bool is_component(const char *s, size_t n)
{
	size_t i = strspn(s, LOWER DIGITS);

	if (!i)
		return false;
	while (i < n) {
		size_t dashes = strspn(s + i, "-"), word;

		i += dashes ? dashes : !strncmp(s + i, "__", 2) ? 2 : strspn(s + i, "._") > 0;
		word = strspn(s + i, LOWER DIGITS);
		if (!word)
			return false;
		i += word;
	}
	return i == n;
}

/* Labels of letters, digits and "-", which neither begins nor ends one, with single dots between them; how long, 0: none. */
static size_t host_length(const char *s)
{
	for (size_t at = 0;; at++) {
		size_t label = strspn(s + at, LOWER UPPER DIGITS "-");

		if (!label || s[at] == '-' || s[at + label - 1] == '-')
			return 0;
		at += label;
		if (s[at] != '.')
			return at;
	}
}

/* The first component of several may be a registry: "host.example:5000", "localhost". */
static bool is_host(const char *s, size_t n)
{
	size_t host = host_length(s), port;

	if (!host)
		return false;
	if (host >= n || s[host] != ':')
		return host == n;
	port = strspn(s + host + 1, DIGITS);
	return port && port <= 5 && host + 1 + port == n;
}

static bool is_name(const char *s)
{
	bool first = true;

	if (strlen(s) > NAME_MAX_LEN)
		return false;
	for (;; first = false) {
		size_t n = strcspn(s, "/");

		if (!is_component(s, n) && !(first && s[n] && is_host(s, n)))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

static bool is_tag(const char *s)
{
	size_t n = strspn(s, LOWER UPPER DIGITS "_.-");

	return n && n <= TAG_MAX && !s[n] && *s != '.' && *s != '-';
}

int st_reference_parse(struct arena *a, const char *text, struct st_reference *out, struct err *e)
{
	char *name = arena_strdup(a, text), *at = strchr(name, '@'), *slash, *colon;
	struct st_reference r = { .name = name };

	if (at) {
		*at = 0;
		r.digest = at + 1;
	}
	slash = strrchr(name, '/');
	colon = strchr(slash ? slash : name, ':');
	if (colon) {
		*colon = 0;
		r.tag = colon + 1;
	}
	if (r.digest && !st_is_digest(r.digest))
		return bad(text, e, "behind @ stands sha256: and 64 lower-case hexadecimal digits");
	if (r.tag && !is_tag(r.tag))
		return bad(text, e, "a tag has letters, digits, and _ . - behind the first character");
	if (!is_name(name))
		return bad(text, e, "a name has lower-case letters and digits, with . _ - between them and / between parts");
	if (!r.tag && !r.digest)
		r.tag = "latest";
	*out = r;
	return 0;
}

const char *st_reference_text(struct arena *a, const struct st_reference *r)
{
	return arena_printf(a, "%s%s%s%s%s", r->name, r->tag ? ":" : "", r->tag ? r->tag : "", r->digest ? "@" : "",
			    r->digest ? r->digest : "");
}
