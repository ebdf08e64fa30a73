/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

enum { MOST_BYTES = 4 << 20, MODE = 0644 };
#define BLANKS " \t"

struct span {
	const char *at;
	size_t len;
};

/* The first after `from`; all of them end with a newline. */
static bool next_line(const char *text, size_t len, size_t from, struct span *out)
{
	const char *end = from < len ? memchr(text + from, '\n', len - from) : NULL;

	if (!end)
		return false;
	*out = (struct span){ text + from, (size_t)(end - text) - from };
	return true;
}
#define EACH_LINE(all, size, l) \
	for (struct span l = { all, 0 }; next_line(all, size, (size_t)((l).at - (all)), &(l)); (l).at += (l).len + 1)

static bool is_blank(const char *at, size_t len)
{
	while (len && strchr(BLANKS, at[len - 1]))
		len--;
	return !len;
}

static bool says_something(const struct span *l)
{
	return l->len && *l->at != '#' && !is_blank(l->at, l->len);
}

/* "# text" is for people; "#0.0.0.1 name" and "#    " are what writing in two steps leaves. */
static bool is_room(const struct span *l)
{
	return l->len && *l->at == '#' && !(l->len > 2 && l->at[1] == ' ' && l->at[2] != ' ');
}

static bool is_same(const struct span *l, const char *line)
{
	size_t n = strlen(line);

	return l->len >= n && !memcmp(l->at, line, n) && is_blank(l->at + n, l->len - n);
}

static bool is_six(const struct span *l)
{
	return memchr(l->at, ':', l->len);
}

/* The next word; *l becomes what follows it. */
static struct span next_word(struct span *l)
{
	struct span w;

	while (l->len && strchr(BLANKS, *l->at))
		l->at++, l->len--;
	w = (struct span){ l->at, 0 };
	while (l->len && !strchr(BLANKS, *l->at))
		l->at++, l->len--, w.len++;
	return w;
}

static bool has_name(struct span line, const struct span *name)
{
	struct span w = next_word(&line); /* the address */

	for (w = next_word(&line); w.len; w = next_word(&line))
		if (w.len == name->len && !strncasecmp(w.at, name->at, w.len))
			return true;
	return false;
}

static bool shares_name(const struct span *l, struct span other)
{
	struct span w = next_word(&other);

	for (w = next_word(&other); w.len; w = next_word(&other))
		if (has_name(*l, &w))
			return true;
	return false;
}

bool net_hosts_know(const char *text, size_t len, const strings *names)
{
	EACH_LINE(text, len, l)
		for (size_t i = 0; says_something(&l) && i < names->len; i++)
			if (has_name(l, &(struct span){ names->at[i], strlen(names->at[i]) }))
				return true;
	return false;
}

void net_hosts_done(struct net_hosts *h)
{
	fd_done(&h->fd);
}

/* O_NONBLOCK: who has a lease on the file must not keep the lock for as long as the kernel would let him. */
int net_hosts_open(struct arena *a, int dir, const char *path, int more, struct net_hosts *out)
{
	auto_fd fd = openat(dir, path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | more, MODE);
	struct stat st;
	char *text;
	size_t len;
	int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? fd_read_all(a, fd, MOST_BYTES, &text, &len) : -EINVAL;

	/* Made with the umask of somebody who hides what is his: everybody inside reads it. */
	if (r >= 0 && (st.st_mode & 0777) != MODE && fchmod(fd, MODE) < 0)
		r = -errno;
	if (r < 0)
		return r;
	*out = (struct net_hosts){ .fd = -1, .text.arena = a };
	text_addn(&out->text, text, len);
	/* Who was killed while it grew; or it grows now, for who only reads has no lock. */
	while (len && text[len - 1] != '\n')
		len--;
	out->torn = len < out->text.len;
	out->text.len = len;
	out->fd = take_fd(&fd);
	return 0;
}

static int cut(struct net_hosts *h, size_t len)
{
	if (ftruncate(h->fd, (off_t)len) < 0)
		return -errno;
	h->text.len = len;
	h->torn = false;
	return 0;
}

static int put(struct net_hosts *h, size_t at, const char *bytes, size_t n)
{
	size_t inside = at < h->text.len ? h->text.len - at : 0;
	int r = h->torn ? cut(h, h->text.len) : 0;
	ssize_t wrote = r ? 0 : pwrite(h->fd, bytes, n, (off_t)at);

	if (r || wrote < 0)
		return r ? r : -errno;
	if ((size_t)wrote < n)
		return -ENOSPC;
	inside = inside < n ? inside : n;
	if (inside)
		memcpy(h->text.at + at, bytes, inside);
	text_addn(&h->text, bytes + inside, n - inside);
	return 0;
}

int net_hosts_head(struct net_hosts *h, const char *head)
{
	const char *line = arena_printf(h->text.arena, "# %s\n", head);
	size_t n = strlen(line);
	int r;

	if (h->text.len >= n && !memcmp(h->text.at, line, n))
		return 1;
	r = cut(h, 0);
	return r ? r : put(h, 0, line, n);
}

static size_t find(const struct net_hosts *h, const char *line)
{
	EACH_LINE(h->text.at, h->text.len, l)
		if (is_same(&l, line))
			return (size_t)(l.at - h->text.at);
	return h->text.len;
}

/* Where it goes, and how much there is: at the end nothing yet. */
static struct span choose_room(const struct net_hosts *h, const struct span *line)
{
	struct span end = { h->text.at + h->text.len, 0 }, room = end;

	EACH_LINE(h->text.at, h->text.len, l) {
		if (says_something(&l) && is_six(&l) == is_six(line) && shares_name(&l, *line))
			return end;
		if (!room.len && is_room(&l) && l.len >= line->len)
			room = l;
	}
	return room;
}

int net_hosts_add(struct net_hosts *h, const char *line)
{
	size_t n = strlen(line), at, size;
	struct span room;
	char *bytes;
	int r;

	if (find(h, line) < h->text.len)
		return 0;
	room = choose_room(h, &(struct span){ line, n });
	at = room.len ? (size_t)(room.at - h->text.at) : h->text.len;
	size = room.len ? room.len : n;
	bytes = arena_alloc(h->text.arena, size + 2);
	memset(bytes, ' ', size);
	memcpy(bytes, line, n);
	bytes[0] = '#';
	bytes[size] = '\n';
	r = put(h, at, bytes, size + 1);
	return r ? r : put(h, at, line, 1);
}

static int drop_at(struct net_hosts *h, size_t at, size_t n)
{
	char *blanks = arena_alloc(h->text.arena, n);
	int r = put(h, at, "#", 1);

	memset(blanks, ' ', n);
	return r || n == 1 ? r : put(h, at + 1, blanks, n - 1);
}

/* Room at the end is none that anybody misses. */
static int trim(struct net_hosts *h)
{
	size_t end = 0;

	EACH_LINE(h->text.at, h->text.len, l)
		if (!is_room(&l))
			end = (size_t)(l.at - h->text.at) + l.len + 1;
	return end < h->text.len ? cut(h, end) : 0;
}

int net_hosts_drop(struct net_hosts *h, const char *line)
{
	size_t at;
	int r = 0;

	while (!r && (at = find(h, line)) < h->text.len) {
		const char *end = memchr(h->text.at + at, '\n', h->text.len - at);

		r = drop_at(h, at, (size_t)(end - h->text.at) - at);
	}
	return r ? r : trim(h);
}

static bool is_among(const struct span *l, const strings *lines)
{
	for (size_t i = 0; i < lines->len; i++)
		if (is_same(l, lines->at[i]))
			return true;
	return false;
}

/* Of a new file nobody has anything yet: one write for all of them. */
static int fill(struct net_hosts *h, const strings *lines)
{
	struct text all = { .arena = h->text.arena };

	for (size_t i = 0; i < lines->len; i++)
		text_add(&all, "%s\n", lines->at[i]);
	return all.len ? put(h, h->text.len, all.at, all.len) : 0;
}

int net_hosts_settle(struct net_hosts *h, const strings *lines)
{
	bool any = false;
	int r = 0;

	EACH_LINE(h->text.at, h->text.len, l) {
		any |= says_something(&l);
		if (says_something(&l) && !is_among(&l, lines) && !r)
			r = drop_at(h, (size_t)(l.at - h->text.at), l.len);
	}
	if (!any)
		return r ? r : fill(h, lines);
	for (size_t i = 0; i < lines->len && !r; i++)
		r = net_hosts_add(h, lines->at[i]);
	return r ? r : trim(h);
}

void net_hosts_lines(const struct net_hosts *h, const char *address, struct strv *out)
{
	EACH_LINE(h->text.at, h->text.len, l) {
		struct span rest = l, w = next_word(&rest);
		size_t n = l.len;

		if (!says_something(&l) || (address && (strlen(address) != w.len || memcmp(address, w.at, w.len))))
			continue;
		while (strchr(BLANKS, l.at[n - 1]))
			n--;
		strv_add(out, arena_strndup(out->arena, l.at, n));
	}
}
