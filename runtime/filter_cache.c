/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/filter_cache.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/calls.h"

/* WRITTEN counts up whenever tree_build() writes another program for the same document. */
enum { WRITTEN = 1, MAX_KEY = 256 << 10, MAX_FILE = MAX_KEY + (64 << 10), MAX_FILES = 64 };

struct head {
	char magic[8];
	uint64_t sum; /* of all that follows the head */
	uint32_t key_len, instructions;
};
static const char magic[8] = "kist bpf";

/* FNV-1a: finds the file and notices damage; nobody else may write there, so it need not stand against intent. */
static uint64_t sum_of(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

static void add_strings(struct text *t, const strings *s)
{
	text_addn(t, (const char *)&s->len, sizeof(s->len));
	for (size_t i = 0; i < s->len; i++)
		text_addn(t, s->at[i], strlen(s->at[i]) + 1);
}

static void add_number(struct text *t, uint64_t v)
{
	text_addn(t, (const char *)&v, sizeof(v));
}

static void add_errno(struct text *t, const uint32_t *v)
{
	add_number(t, v ? 1 + (uint64_t)*v : 0);
}

static void add_rule(struct text *t, const struct oci_seccomp_rule *r)
{
	add_strings(t, &r->names);
	add_number(t, (uint64_t)r->action);
	add_errno(t, r->errno_ret);
	add_number(t, r->args.len);
	for (size_t i = 0; i < r->args.len; i++) {
		const struct oci_seccomp_arg *a = &r->args.at[i];

		add_number(t, (uint64_t)a->op << 32 | a->index);
		add_number(t, a->value);
		add_number(t, a->value_two ? *a->value_two : 0);
	}
}

/* Every part has its length before it or a NUL behind it, so that two documents never give the same text. */
struct filter_key filter_key(struct arena *a, const struct oci_seccomp *s)
{
	struct text t = { .arena = a };
	struct filter_key k;

	text_add(&t, "kist %s %d, %s", PACKAGE_VERSION, WRITTEN, calls_version(a));
	add_number(&t, 0);
	add_number(&t, (uint64_t)s->default_action);
	add_errno(&t, s->default_errno);
	add_strings(&t, &s->architectures);
	add_number(&t, s->syscalls.len);
	for (size_t i = 0; i < s->syscalls.len; i++)
		add_rule(&t, &s->syscalls.at[i]);
	k = (struct filter_key){ .text = t.at, .len = t.len };
	snprintf(k.name, sizeof(k.name), "%016" PRIx64, sum_of(k.text, k.len));
	return k;
}

/* The directory, as long as nobody but the caller could have written there; negative: none. */
static int open_dir(struct arena *a, const char *root)
{
	auto_fd dir = fd_open(AT_FDCWD, path_join(a, root, ".seccomp"), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	struct stat st;

	if (dir < 0 || fstat(dir, &st) < 0 || st.st_uid != sys_euid() || st.st_mode & 077)
		return dir == -ENOENT ? -ENOENT : -EPERM;
	return take_fd(&dir);
}

bool filter_cached(struct arena *a, const char *root, const struct filter_key *k, struct sock_fprog *out)
{
	auto_fd dir = open_dir(a, root);
	struct head h;
	size_t len, code;
	char *data;

	if (dir < 0 || file_read(a, dir, k->name, MAX_FILE, &data, &len) < 0 || len < sizeof(h))
		return false;
	memcpy(&h, data, sizeof(h));
	code = h.instructions * sizeof(struct sock_filter);
	data += sizeof(h);
	len -= sizeof(h);
	if (memcmp(h.magic, magic, sizeof(magic)) || !h.instructions || h.instructions > BPF_MAXINSNS || len != code + h.key_len)
		return false;
	if (h.sum != sum_of(data, len) || h.key_len != k->len || memcmp(data + code, k->text, k->len))
		return false;
	*out = (struct sock_fprog){ (unsigned short)h.instructions, (struct sock_filter *)(void *)data };
	return true;
}

/* Profiles come and go; which of them are still used is not worth knowing. */
static void make_room(int dir)
{
	DIR *d = fdopendir(fd_open(dir, ".", O_RDONLY | O_DIRECTORY));
	int n = 0;

	if (!d)
		return;
	while (readdir(d))
		n++;
	closedir(d);
	if (n >= MAX_FILES)
		(void)path_empty_dir(dir);
}

static int make_dir(struct arena *a, const char *root)
{
	int dir = open_dir(a, root);

	if (dir != -ENOENT || mkdir(path_join(a, root, ".seccomp"), 0700) < 0)
		return dir;
	return open_dir(a, root);
}

void filter_keep(struct arena *a, const char *root, const struct filter_key *k, const struct sock_fprog *p)
{
	struct head h = { .key_len = (uint32_t)k->len, .instructions = p->len };
	const size_t code = p->len * sizeof(*p->filter), len = sizeof(h) + code + k->len;
	auto_fd dir = k->len > MAX_KEY ? -1 : make_dir(a, root);
	char *data;

	/* Another kist is writing: this time it need not be us. */
	if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB) < 0)
		return;
	make_room(dir);
	data = arena_alloc(a, len);
	memcpy(data + sizeof(h), p->filter, code);
	memcpy(data + sizeof(h) + code, k->text, k->len);
	memcpy(h.magic, magic, sizeof(magic));
	h.sum = sum_of(data + sizeof(h), len - sizeof(h));
	memcpy(data, &h, sizeof(h));
	(void)file_put(dir, k->name, data, len, 0600, FILE_DURABLE);
}
