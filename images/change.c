/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/change.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/text.h"
#include "oci/document.h"

int img_words(struct arena *a, const char *what, const char *text, strings *out, struct err *e)
{
	struct strv v = { .arena = a };
	char *rest = arena_strdup(a, text);
	struct json *list;
	int r;

	if (*text != '[') {
		for (char *w; (w = strsep(&rest, " \t"));)
			if (*w)
				strv_add(&v, w);
		*out = (strings){ v.at, v.len };
		return 0;
	}
	r = oci_tree(a, what, text, strlen(text), &list, e);
	if (r < 0)
		return r;
	for (const struct json *w = list->first; w; w = w->next) {
		if (w->type != JSON_STRING)
			return err_set(e, EINVAL, "%s: expected a list of strings", what);
		strv_add(&v, w->text);
	}
	*out = (strings){ v.at, v.len };
	return 0;
}

/* One change while it is made. */
struct change {
	struct arena *a;
	const char *text, *value;
	struct oci_image_run *run;
};

static int bad(const struct change *c, struct err *e, const char *wanted)
{
	return err_set(e, EINVAL, "option --change \"%s\": expected %s", c->text, wanted);
}

static int words(const struct change *c, strings *out, struct err *e)
{
	return img_words(c->a, arena_printf(c->a, "option --change \"%s\"", c->text), c->value, out, e);
}

static int change_cmd(const struct change *c, struct err *e)
{
	return words(c, &c->run->cmd, e);
}

/* As builders do: a command that was meant for another entry point goes with it. */
static int change_entrypoint(const struct change *c, struct err *e)
{
	c->run->cmd = (strings){ NULL, 0 };
	return words(c, &c->run->entrypoint, e);
}

static int change_env(const struct change *c, struct err *e)
{
	const char *eq = strchr(c->value, '=');
	struct strv v = { .arena = c->a };

	if (!eq || eq == c->value)
		return bad(c, e, "ENV=NAME=VALUE");
	for (size_t i = 0; i < c->run->env.len; i++)
		strv_add(&v, c->run->env.at[i]);
	strv_setenv(&v, arena_strndup(c->a, c->value, (size_t)(eq - c->value)), eq + 1);
	c->run->env = (strings){ v.at, v.len };
	return 0;
}

static int change_user(const struct change *c, struct err *e)
{
	c->run->user = c->value;
	return *c->value ? 0 : bad(c, e, "USER=NAME or USER=UID:GID");
}

static int change_workdir(const struct change *c, struct err *e)
{
	c->run->workdir = path_clean(c->a, c->value);
	return *c->value == '/' ? 0 : bad(c, e, "WORKDIR=DIR, an absolute path");
}

static int change_label(const struct change *c, struct err *e)
{
	const char *eq = strchr(c->value, '='), *key;
	const struct pair *was = c->run->labels.at;
	size_t n = c->run->labels.len, k = 0;
	struct pair *at = arena_array(c->a, n + 1, sizeof(*at));

	if (!eq || eq == c->value)
		return bad(c, e, "LABEL=NAME=VALUE");
	key = arena_strndup(c->a, c->value, (size_t)(eq - c->value));
	if (n)
		memcpy(at, was, n * sizeof(*at));
	while (k < n && strcmp(at[k].key, key) != 0)
		k++;
	at[k] = (struct pair){ key, eq + 1 };
	c->run->labels.at = at;
	c->run->labels.len = n + (k == n);
	return 0;
}

/* A key more, unless it is there. */
static struct oci_image_key *more_keys(struct arena *a, const struct oci_image_key *was, size_t *n, const char *name)
{
	struct oci_image_key *at = arena_array(a, *n + 1, sizeof(*at));
	size_t k = 0;

	if (*n)
		memcpy(at, was, *n * sizeof(*at));
	while (k < *n && strcmp(at[k].name, name) != 0)
		k++;
	at[k].name = name;
	*n += k == *n;
	return at;
}

static int change_expose(const struct change *c, struct err *e)
{
	const char *slash = strchrnul(c->value, '/');
	uint32_t port;

	if (!text_u32(arena_strndup(c->a, c->value, (size_t)(slash - c->value)), &port) || !port || port > 65535 ||
	    (*slash && strcmp(slash, "/tcp") != 0 && strcmp(slash, "/udp") != 0 && strcmp(slash, "/sctp") != 0))
		return bad(c, e, "EXPOSE=PORT, EXPOSE=PORT/tcp or EXPOSE=PORT/udp");
	c->run->ports.at = more_keys(c->a, c->run->ports.at, &c->run->ports.len, *slash ? c->value : arena_printf(c->a, "%s/tcp", c->value));
	return 0;
}

static int change_volume(const struct change *c, struct err *e)
{
	if (*c->value != '/' || !strcmp(path_clean(c->a, c->value), "/"))
		return bad(c, e, "VOLUME=DIR, an absolute path");
	c->run->volumes.at = more_keys(c->a, c->run->volumes.at, &c->run->volumes.len, path_clean(c->a, c->value));
	return 0;
}

static int change_stopsignal(const struct change *c, struct err *e)
{
	c->run->stop_signal = c->value;
	return *c->value ? 0 : bad(c, e, "STOPSIGNAL=SIGNAL");
}

int img_change(struct arena *a, const char *text, struct oci_image_run *run, struct err *e)
{
	static const struct {
		const char *word;
		int (*make)(const struct change *c, struct err *e);
	} kinds[] = {
		{ "CMD", change_cmd },	     { "ENTRYPOINT", change_entrypoint }, { "ENV", change_env },
		{ "USER", change_user },     { "WORKDIR", change_workdir },	  { "LABEL", change_label },
		{ "EXPOSE", change_expose }, { "VOLUME", change_volume },	  { "STOPSIGNAL", change_stopsignal },
	};
	size_t n = strcspn(text, "= ");
	const struct change c = { a, text, text + n + (text[n] != 0), run };

	for (size_t i = 0; text[n] && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].word) == n && !strncasecmp(kinds[i].word, text, n))
			return kinds[i].make(&c, e);
	return bad(&c, e, "CMD=, ENTRYPOINT=, ENV=, USER=, WORKDIR=, LABEL=, EXPOSE=, VOLUME= or STOPSIGNAL=, and a value");
}
