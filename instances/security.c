/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/security.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "runtime/caps.h"

enum key { NEW_PRIVS, SECCOMP, APPARMOR, LABEL, MASK, UNMASK };
static const struct word keys[] = {
	{ "no-new-privileges", NEW_PRIVS }, { "seccomp", SECCOMP }, { "apparmor", APPARMOR },
	{ "label", LABEL },		    { "mask", MASK },	    { "unmask", UNMASK },
	{ NULL, 0 },
};

static int wrong(const char *given, const char *why, struct err *e)
{
	return err_set(e, EINVAL, "option --security-opt \"%s\": %s", given, why);
}

static int add_paths(struct arena *a, const char *given, const char *list, strings *out, struct err *e)
{
	char *save, *copy = arena_strdup(a, list);
	struct strv v = { .arena = a };

	for (size_t i = 0; i < out->len; i++)
		strv_add(&v, out->at[i]);
	for (char *p = strtok_r(copy, ":", &save); p; p = strtok_r(NULL, ":", &save)) {
		if (*p != '/')
			return wrong(given, "expected absolute paths, with colons between them", e);
		strv_add(&v, path_clean(a, p));
	}
	*out = (strings){ v.at, v.len };
	return 0;
}

static int take(struct arena *a, enum key k, const char *given, const char *value, struct inst_security *s, struct err *e)
{
	if (!*value && k != NEW_PRIVS)
		return wrong(given, "a value is missing", e);
	switch (k) {
	case NEW_PRIVS:
		s->new_privs = !strcmp(value, "false");
		return !*value || s->new_privs || !strcmp(value, "true") ? 0 : wrong(given, "expected true or false", e);
	case SECCOMP:
		s->no_seccomp = !strcmp(value, "unconfined");
		s->seccomp = s->no_seccomp ? NULL : value;
		return 0;
	case APPARMOR: s->apparmor = value; return 0;
	case LABEL: s->label = strcmp(value, "disable") ? value : NULL; return 0;
	case MASK: return add_paths(a, given, value, &s->mask, e);
	case UNMASK: break;
	}
	s->unmask_all |= !strcmp(value, "ALL");
	return strcmp(value, "ALL") ? add_paths(a, given, value, &s->unmask, e) : 0;
}

int inst_security_parse(struct arena *a, const struct inst_options *o, struct inst_security *out, struct err *e)
{
	struct inst_security s = { 0 };
	int r = 0;

	for (size_t i = 0; i < o->security.len && !r; i++) {
		const char *given = o->security.at[i];
		size_t n = strcspn(given, "=");
		const struct word *key = word_find(keys, arena_strndup(a, given, n));

		if (!key)
			return wrong(given, "expected one of no-new-privileges, seccomp, apparmor, label, mask, unmask", e);
		r = take(a, (enum key)key->value, given, given[n] ? given + n + 1 : "", &s, e);
	}
	if (!r)
		*out = s;
	return r;
}

/*
 * What services do: own and enter files of several users (CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP), change to a user
 * (SETUID, SETGID, SETPCAP), signal their children (KILL), bind low ports, and chroot as sshd does.  All of it counts
 * in the instance's own user namespace only.  Not here: NET_RAW (forged packets on a shared bridge; ping needs none),
 * MKNOD, AUDIT_WRITE, which a user namespace does not give anyway.
 */
static const char *const usual[] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
	"CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
};

/* "net_raw", "NET_RAW", "CAP_NET_RAW"; "ALL" is every one. */
static int mask_of(const char *option, const char *word, uint64_t *out, struct err *e)
{
	char upper[40];
	size_t at = strncasecmp(word, "CAP_", 4) ? 4 : 0, n = strlen(word);
	const struct word *w = NULL;

	memcpy(upper, "CAP_", 4);
	if (!strcasecmp(word, "ALL")) {
		*out = UINT64_MAX;
		return 0;
	}
	if (n + at < sizeof(upper)) {
		for (size_t i = 0; i <= n; i++)
			upper[at + i] = (char)toupper((unsigned char)word[i]);
		w = word_find(cap_words, upper);
	}
	if (!w)
		return err_set(e, EINVAL, "option --%s: unknown capability \"%s\"", option, word);
	*out = 1ULL << w->value;
	return 0;
}

static int masks(const char *option, const strings *words, uint64_t *out, struct err *e)
{
	*out = 0;
	for (size_t i = 0; i < words->len; i++) {
		uint64_t one = 0;
		int r = mask_of(option, words->at[i], &one, e);

		if (r)
			return r;
		*out |= one;
	}
	return 0;
}

static strings names(struct arena *a, uint64_t mask)
{
	struct strv v = { .arena = a };

	for (const struct word *w = cap_words; w->name; w++)
		if (mask & 1ULL << w->value)
			strv_add(&v, w->name);
	return (strings){ v.at, v.len };
}

int inst_capabilities(struct arena *a, const struct inst_options *o, uint32_t uid, struct oci_capabilities *out, struct err *e)
{
	uint64_t base = 0, add, drop, all;
	int r = masks("cap-add", &o->cap_add, &add, e);

	if (!r)
		r = masks("cap-drop", &o->cap_drop, &drop, e);
	if (r)
		return r;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		base |= 1ULL << word_find(cap_words, usual[i])->value;
	/* One name beats ALL: "--cap-drop ALL --cap-add KILL" and "--cap-add ALL --cap-drop KILL" mean what they say. */
	if (drop == UINT64_MAX)
		all = add;
	else
		all = (base | add) & ~drop;
	*out = (struct oci_capabilities){ .bounding = names(a, all), .permitted = names(a, all), .effective = names(a, all) };
	if (uid != 0 && add) { /* execve(2) would take from any other user what only root has */
		out->inheritable = names(a, add & all);
		out->ambient = out->inheritable;
	}
	return 0;
}
