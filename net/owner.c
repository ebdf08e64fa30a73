/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/owner.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "net/lease.h"
#include "net/link.h"

#define WORDS "kist --data "
enum { COMMENT = 0, MARK = 'k' };

/* What would end the comment, or could not be read as one. */
static bool is_plain(const char *home)
{
	for (; *home; home++)
		if ((unsigned char)*home < ' ' || *home == '"' || *home == 0x7f)
			return false;
	return true;
}

void net_owner_text(char out[NET_OWNER_TEXT], const char *home)
{
	bool fits = home && *home == '/' && strlen(WORDS) + strlen(home) < NET_OWNER_TEXT && is_plain(home);

	snprintf(out, NET_OWNER_TEXT, "%s%s", fits ? WORDS : "kist", fits ? home : "");
}

static const char *home_in(struct arena *a, const char *text, size_t len)
{
	size_t words = strlen(WORDS);

	return len > words && !memcmp(text, WORDS, words) && text[words] == '/' ? arena_strndup(a, text + words, len - words) : NULL;
}

void net_owner_write(struct nft_note *n, const char *home, const uint64_t mark[2])
{
	char text[NET_OWNER_TEXT];

	net_owner_text(text, home);
	nft_note_put(n, COMMENT, text, strlen(text) + 1);
	if (mark)
		nft_note_put(n, MARK, mark, 2 * sizeof(*mark));
}

void net_owner_read(struct arena *a, const void *note, size_t len, struct net_owner *out)
{
	size_t comment_len, mark_len;
	const void *comment = nft_note_find(note, len, COMMENT, &comment_len), *mark = nft_note_find(note, len, MARK, &mark_len);

	out->home = comment ? home_in(a, comment, strnlen(comment, comment_len)) : NULL;
	out->marked = mark && mark_len == sizeof(out->mark);
	if (out->marked)
		memcpy(out->mark, mark, sizeof(out->mark));
}

static int mark_of(int data, uint64_t out[2])
{
	struct stat st;

	if (fstat(data, &st) < 0)
		return -errno;
	out[0] = st.st_dev;
	out[1] = st.st_ino;
	return 0;
}

static const char *name_of(struct arena *a, int data)
{
	char *name = arena_alloc(a, NET_OWNER_TEXT);
	ssize_t n = readlink(arena_printf(a, "/proc/self/fd/%d", data), name, NET_OWNER_TEXT - 1);

	return n > 0 && n < NET_OWNER_TEXT - 1 ? name : NULL;
}

int net_owner_note(struct arena *a, int data, struct nft_note *out)
{
	uint64_t mark[2];
	int r = mark_of(data, mark);

	*out = (struct nft_note){ .len = 0 };
	if (!r)
		net_owner_write(out, name_of(a, data), mark);
	return r;
}

struct looking {
	struct arena *a;
	struct net_owner *owner;
};

static int take_table(void *data, unsigned type, struct nl_span body)
{
	struct looking *l = data;
	struct nl_span by[NFTA_TABLE_USERDATA + 1];

	if ((type & 0xff) != NFT_MSG_NEWTABLE)
		return -EPROTO;
	nl_index(nl_after(body, sizeof(struct nfgenmsg)), by, NFTA_TABLE_USERDATA + 1);
	if (by[NFTA_TABLE_USERDATA].at)
		net_owner_read(l->a, by[NFTA_TABLE_USERDATA].at, by[NFTA_TABLE_USERDATA].len, l->owner);
	return 0;
}

int net_owner_look(struct arena *a, struct nl *n, int data, struct net_owner *out)
{
	struct nl_msg ask = { .bytes.arena = a };
	struct looking l = { a, out };
	uint64_t own[2];
	int r;

	*out = (struct net_owner){ .there = false };
	nft_table_ask(&ask);
	r = nl_talk(n, &ask, take_table, &l);
	if (r)
		return r == -ENOENT ? 0 : r;
	out->there = true;
	r = out->marked ? mark_of(data, own) : 0;
	out->ours = !r && out->marked && !memcmp(own, out->mark, sizeof(own));
	return r;
}

/* One that cannot be read is in nobody's favour but its owner's. */
static bool has_something(struct arena *a, int data)
{
	net_networks networks;
	net_records records;
	const char *boot;

	if (net_network_list(a, data, &networks, NULL) || net_any_own(&networks) || net_boot_id(a, &boot, NULL) ||
	    net_record_list(a, data, &records, NULL))
		return true;
	for (size_t i = 0; i < records.len; i++)
		if (net_record_lives(&records.at[i], boot))
			return true;
	return false;
}

/* Whether what o says is another data directory, which still has something. */
static bool is_anothers(struct arena *a, int data, const struct net_owner *o)
{
	uint64_t own[2], theirs[2];
	auto_fd dir = o->home ? fd_open(AT_FDCWD, o->home, O_RDONLY | O_DIRECTORY) : -ENOENT;
	struct stat st;

	if (!o->home)
		return o->marked;
	if (dir < 0 || mark_of(data, own) || mark_of(dir, theirs) || fstat(dir, &st) < 0)
		return dir != -ENOENT && dir != -ENOTDIR;
	if (!memcmp(own, theirs, sizeof(own)) || (o->marked && memcmp(o->mark, theirs, sizeof(theirs)) != 0) || st.st_uid != geteuid())
		return false;
	return has_something(a, dir);
}

static int refuse(const char *what, const struct net_owner *o, struct err *e)
{
	if (!o->home)
		return err_set(e, EBUSY, "%s belongs to another data directory, whose name is too long for a note: when its networks are removed it "
			       "may go (nft delete table inet kist)", what);
	return err_set(e, EBUSY, "%s belongs to the data directory %s, which has networks or instances: use that (--data %s), or remove its "
		       "networks first", what, o->home, o->home);
}

int net_owner_refuse(struct arena *a, int data, const struct net_owner *o, struct err *e)
{
	auto_nl host = NL_NONE;
	net_links links;
	int r;

	if (o->ours)
		return 0;
	if (o->there && is_anothers(a, data, o))
		return refuse("the firewall table inet kist of this host", o, e);
	r = nl_open(NETLINK_ROUTE, -1, &host, e);
	if (!r)
		r = net_link_list(a, &host, &links);
	if (r)
		return nl_fail(&host, r, e, "list the interfaces of the host");
	for (size_t i = 0; i < links.len; i++) {
		const struct net_link *l = &links.at[i];
		struct net_owner by = { .home = home_in(a, l->alias, strlen(l->alias)) };

		if (by.home && !strcmp(l->kind, "bridge") && is_anothers(a, data, &by))
			return refuse(arena_printf(a, "the bridge %s of this host", l->name), &by, e);
	}
	return 0;
}

int net_owner_claim(struct arena *a, struct nl *n, int data)
{
	struct nl_msg m = { .bytes.arena = a };
	struct nft_note note = { .len = 0 };

	net_owner_write(&note, name_of(a, data), NULL);
	nft_begin(&m);
	nft_table_new(&m, &note);
	nft_end(&m);
	return nl_talk(n, &m, NULL, NULL);
}

void net_owner_sign(struct arena *a, int data, const net_networks *all)
{
	char text[NET_OWNER_TEXT];
	auto_nl host = NL_NONE;
	int r = nl_open(NETLINK_ROUTE, -1, &host, NULL);

	net_owner_text(text, name_of(a, data));
	for (size_t i = 0; i < all->len && !r; i++) {
		struct net_link l;

		if (net_is_own(&all->at[i]) && !net_link_find(&host, all->at[i].interface, &l) && strcmp(l.alias, text) != 0)
			(void)net_link_set_alias(&host, l.index, text);
	}
}
