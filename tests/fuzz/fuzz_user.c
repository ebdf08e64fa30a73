/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * USER[:GROUP], /etc/passwd and /etc/group of an image, with lines "%%" between them: what is found is an id that can
 * be one, digits are their own number, and nobody becomes root but by being it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz.h"
#include "instances/user.h"

static struct arena kept;
static struct st_view root;
static char top[] = "/dev/shm/fuzz_user-XXXXXX";

static void remove_root(void)
{
	(void)unlinkat(root.at[0], "etc/passwd", 0);
	(void)unlinkat(root.at[0], "etc/group", 0);
	(void)unlinkat(root.at[0], "etc", AT_REMOVEDIR);
	(void)rmdir(top);
}

static void make_root(void)
{
	const char **layer = arena_alloc(&kept, sizeof(*layer));

	if (!mkdtemp(top) || mkdir(arena_printf(&kept, "%s/etc", top), 0755) < 0)
		abort();
	layer[0] = top;
	if (st_view_open(&kept, &(strings){ layer, 1 }, &root) < 0 || atexit(remove_root) != 0)
		abort();
}

static void put(const char *name, const char *text)
{
	int fd = openat(root.at[0], name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

/* The part up to the next separator. */
static char *part(char **rest)
{
	char *at = *rest, *end = strstr(at, "\n%%\n");

	*rest = at + strlen(at);
	if (end) {
		*end = 0;
		*rest = end + 4;
	}
	return at;
}

static void check(const char *user, const struct inst_user *u)
{
	size_t digits = strspn(user, "0123456789");
	uint32_t number;

	if (u->ids.uid == UINT32_MAX || u->ids.gid == UINT32_MAX || *u->home != '/')
		abort();
	for (size_t i = 0; i < u->ids.groups.len; i++)
		if (u->ids.groups.at[i] == UINT32_MAX)
			abort();
	if (digits && (!user[digits] || user[digits] == ':')) {
		auto_arena a = { 0 };

		if (!text_u32(arena_strndup(&a, user, digits), &number) || number != u->ids.uid)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	auto_arena a = { 0 };
	char *rest = arena_strndup(&a, (const char *)data, len), *user = part(&rest);
	static const strings none;
	struct inst_user u;
	struct err e = { 0 };

	if (!root.n)
		make_root();
	put("etc/passwd", part(&rest));
	put("etc/group", part(&rest));
	if (inst_user_find(&a, &root, user, &none, &u, &e) == 0)
		check(user, &u);
	else if (!*e.msg)
		abort();
	return 0;
}
