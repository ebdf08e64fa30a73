/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/user.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

enum {
	FILE_MAX = 1 << 20,
	GROUPS_MAX = 65536, /* NGROUPS_MAX */
	LAST_ID = UINT32_MAX - 1, /* (uid_t)-1 means "leave alone" to the kernel */
};

/* A file of lines of fields between colons, read as far as it is well formed. */
struct lines {
	struct arena *a;
	const char *file; /* what sentences call it */
	char *next;
};

struct passwd_line {
	const char *name, *home;
	uint32_t uid, gid;
};
struct group_line {
	const char *name;
	char *members; /* between commas */
	uint32_t gid;
};

static int open_lines(struct arena *a, const struct st_view *root, const char *file, struct lines *out, struct err *e)
{
	char *text = NULL;
	size_t len;
	int r = st_view_read(a, root, file, FILE_MAX, &text, &len);

	*out = (struct lines){ a, file, r == 0 ? text : NULL };
	if (r == 0 || r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r == -EINVAL)
		return err_set(e, EINVAL, "the image's %s is not a regular file", file);
	return r == -EFBIG ? err_set(e, EFBIG, "the image's %s is larger than 1 MiB", file)
			   : err_num(e, r, "read the image's %s", file);
}

/* Cuts the next line into n fields, the last of which takes what is left. */
static bool fields(struct lines *l, char **at, size_t n)
{
	while (l->next && *l->next) {
		char *line = l->next, *end = strchrnul(line, '\n');
		size_t i = 0;

		l->next = *end ? end + 1 : NULL;
		*end = 0;
		for (; i < n && line; i++) {
			char *colon = i + 1 < n ? strchr(line, ':') : NULL;

			at[i] = line;
			if (colon)
				*colon = 0;
			line = colon ? colon + 1 : NULL;
		}
		if (i == n)
			return true;
	}
	return false;
}

static bool id(const char *s, uint32_t *out)
{
	return text_u32(s, out) && *out <= LAST_ID;
}

static bool next_passwd(struct lines *l, struct passwd_line *out)
{
	char *f[7];

	while (fields(l, f, 7))
		if (*f[0] && id(f[2], &out->uid) && id(f[3], &out->gid)) {
			out->name = f[0];
			out->home = f[5];
			return true;
		}
	return false;
}

static bool next_group(struct lines *l, struct group_line *out)
{
	char *f[4];

	while (fields(l, f, 4))
		if (*f[0] && id(f[2], &out->gid)) {
			out->name = f[0];
			out->members = f[3];
			return true;
		}
	return false;
}

static bool all_digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static int number(const char *word, const char *what, uint32_t *out, struct err *e)
{
	if (id(word, out))
		return 0;
	return err_set(e, EINVAL, "%s %s: ids go from 0 to %u", what, word, LAST_ID);
}

static int group_named(struct arena *a, const struct st_view *root, const char *word, uint32_t *out, struct err *e)
{
	struct group_line g;
	struct lines l;
	int r;

	if (all_digits(word))
		return number(word, "group", out, e);
	r = open_lines(a, root, "/etc/group", &l, e);
	if (r < 0)
		return r;
	while (next_group(&l, &g))
		if (!strcmp(g.name, word)) {
			*out = g.gid;
			return 0;
		}
	return err_set(e, ENOENT, "the image has no group \"%s\" in /etc/group", word);
}

/* The line of a name or a number; of a number there need be none. */
static int find_user(struct arena *a, const struct st_view *root, const char *word, struct passwd_line *out, struct err *e)
{
	bool digits = all_digits(word);
	struct passwd_line p;
	struct lines l;
	int r;

	*out = (struct passwd_line){ .home = "" };
	if (digits && (r = number(word, "user", &out->uid, e)) < 0)
		return r;
	r = open_lines(a, root, "/etc/passwd", &l, e);
	if (r < 0)
		return r;
	while (next_passwd(&l, &p))
		if (digits ? p.uid == out->uid : !strcmp(p.name, word)) {
			*out = p;
			return 0;
		}
	if (digits || !strcmp(word, "root"))
		return 0;
	return err_set(e, ENOENT, "the image has no user \"%s\" in /etc/passwd", word);
}

static bool is_member(char *members, const char *name)
{
	char *save;

	for (char *m = strtok_r(members, ",", &save); m; m = strtok_r(NULL, ",", &save))
		if (!strcmp(m, name))
			return true;
	return false;
}

static void add_group(struct oci_user *u, size_t room, uint32_t gid)
{
	for (size_t i = 0; i < u->groups.len; i++)
		if (u->groups.at[i] == gid)
			return;
	if (u->groups.len < room)
		u->groups.at[u->groups.len++] = gid;
}

/* As initgroups(3) would: every group that names the user as a member. */
static int memberships(struct arena *a, const struct st_view *root, const char *name, struct oci_user *u, size_t room,
		       struct err *e)
{
	struct group_line g;
	struct lines l;
	int r = open_lines(a, root, "/etc/group", &l, e);

	while (r >= 0 && next_group(&l, &g))
		if (is_member(g.members, name))
			add_group(u, room, g.gid);
	return r;
}

static int supplementary(struct arena *a, const struct st_view *root, const strings *groups, struct oci_user *u,
			 size_t room, struct err *e)
{
	for (size_t i = 0; i < groups->len; i++) {
		uint32_t gid;
		int r = group_named(a, root, groups->at[i], &gid, e);

		if (r < 0)
			return err_in(e, r, "option --group-add");
		add_group(u, room, gid);
	}
	return 0;
}

int inst_user_find(struct arena *a, const struct st_view *root, const char *user, const strings *groups,
		   struct inst_user *out, struct err *e)
{
	const char *spec = user && *user ? user : "0", *colon = strchr(spec, ':');
	const char *name = colon ? arena_strndup(a, spec, (size_t)(colon - spec)) : spec;
	struct inst_user u = { .home = "/" };
	struct passwd_line line;
	int r;

	if (!*name || (colon && !colon[1]))
		return err_set(e, EINVAL, "user \"%s\": expected USER or USER:GROUP", spec);
	r = find_user(a, root, name, &line, e);
	if (r < 0)
		return r;
	u.ids.uid = line.uid;
	u.ids.gid = line.gid;
	u.ids.groups.at = arena_array(a, GROUPS_MAX, sizeof(uint32_t));
	if (line.name && *line.home == '/')
		u.home = line.home;
	if (colon)
		r = group_named(a, root, colon + 1, &u.ids.gid, e);
	else if (line.name)
		r = memberships(a, root, line.name, &u.ids, GROUPS_MAX, e);
	if (r >= 0)
		r = supplementary(a, root, groups, &u.ids, GROUPS_MAX, e);
	if (r >= 0)
		*out = u;
	return r;
}

int inst_user_inside(const struct ct_ctx *c, const char *id, const char *user, struct inst_user *out, struct err *e)
{
	static const strings none;
	auto_reach at = CT_REACH_NONE;
	int r = ct_reach(c, id, &at, e);
	const struct st_view root = { 1, &at.root };

	return r < 0 ? r : inst_user_find(c->arena, &root, user, &none, out, e);
}
