/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way back of an interface that a container had: phys.h. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "net/files.h"
#include "net/phys.h"

#define FOLDER "away"

/* away/HARDWARE.json */
struct away {
	const char *id, *boot; /* of the container that had it */
	const struct net_taken *taken;
};
#define S struct away
static const struct field fields[] = {
	F_STR(S, id, "id", REQUIRED),
	F_STR(S, boot, "boot", REQUIRED),
	F_OBJ(S, taken, struct net_taken, "taken", REQUIRED, &net_taken_object),
};
static const struct object object = OBJECT(S, fields, NULL);
#undef S

static int restore(struct nl *host, const struct net_taken *t, const struct net_link *l)
{
	unsigned char mac[NET_MAC];
	int r = strcmp(l->name, t->name) != 0 ? net_link_rename(host, l->index, t->name) : 0;

	if (!r && net_mac_parse(t->mac, mac) && memcmp(mac, l->mac, NET_MAC) != 0)
		r = net_link_set_mac(host, l->index, mac);
	for (size_t i = 0; i < t->addresses.len && !r; i++) {
		struct net_cidr c;
		struct net_addr addr;

		if (!net_cidr_parse(t->addresses.at[i], &c))
			continue;
		addr = net_addr_of(&c);
		r = net_addr_add(host, l->index, &addr);
		r = r == -EEXIST ? 0 : r;
	}
	return r || !t->up ? r : net_link_up(host, l->index);
}

int net_phys_take_back(struct nl *host, struct nl *inside, const struct net_taken *t)
{
	auto_fd own = fd_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY);
	unsigned char hardware[NET_MAC];
	struct net_link l;
	int r = net_mac_parse(t->hardware, hardware) ? net_link_by_hardware(inside, hardware, &l) : -ENODEV;

	if (!r)
		r = own < 0 ? own : net_link_move(inside, l.index, own, t->name);
	if (!r)
		r = net_link_find(host, t->name, &l);
	return r ? r : restore(host, t, &l);
}

static int write_down(struct arena *a, int data, const struct away *w, struct err *e)
{
	size_t len;
	const char *text = oci_encode_text(a, &object, w, JSON_COMPACT, &len);
	int r = net_file_put(a, data, FOLDER, w->taken->hardware, text, len, FILE_VOLATILE);

	return r < 0 ? err_num(e, r, "write down what the interface %s was before container %s had it", w->taken->name, w->id) : 0;
}

/* 1: it is not back.  One that is up was set right already; what the host has been booted with since needs nothing of this. */
static int settle_one(struct nl *host, const struct away *w, const char *boot, struct err *e)
{
	const struct net_taken *t = w->taken;
	unsigned char hardware[NET_MAC];
	struct net_link l;
	int r;

	if (strcmp(w->boot, boot) != 0 || !net_mac_parse(t->hardware, hardware))
		return 0;
	r = net_link_by_hardware(host, hardware, &l);
	if (r == -ENODEV)
		return 1;
	if (!r && !(l.flags & IFF_UP && !strcmp(l.name, t->name)))
		r = restore(host, t, &l);
	return r ? nl_fail(host, r, e, "make the interface %s what it was before container %s had it", t->name, w->id) : 0;
}

static int settle(struct arena *a, int data, const char *note, const struct away *w, struct err *e)
{
	auto_nl host = NL_NONE;
	const char *boot;
	int r = net_boot_id(a, &boot, e);

	if (!r)
		r = nl_open(NETLINK_ROUTE, -1, &host, e);
	if (!r)
		r = settle_one(&host, w, boot, e);
	if (r)
		return r;
	r = net_file_remove(a, data, FOLDER, note);
	return r ? err_num(e, r, "remove the note of the interface %s", w->taken->name) : 0;
}

int net_phys_settle(struct arena *a, int data, const char *id, const char *interface, struct err *e)
{
	strings notes;
	int away = 0, r = net_file_names(a, data, FOLDER, &notes);

	if (r)
		return err_num(e, r, "read the directory " FOLDER " of the data directory");
	for (size_t i = 0; i < notes.len; i++) {
		struct away w = { 0 };
		char *text;
		size_t len;

		r = net_file_read(a, data, FOLDER, notes.at[i], &text, &len);
		if (r < 0)
			return err_num(e, r, "read the note of an interface that a container had");
		r = oci_decode_text(a, &object, notes.at[i], text, len, &w, e);
		if (r < 0)
			return r;
		if ((id && strcmp(w.id, id) != 0) || (interface && strcmp(w.taken->name, interface) != 0))
			continue;
		r = settle(a, data, notes.at[i], &w, e);
		if (r < 0)
			return r;
		away += r;
	}
	return away;
}

int net_phys_return(struct arena *a, int data, const struct net_record *r, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < r->networks.len; i++) {
		const struct away w = { r->id, r->boot, r->networks.at[i].taken };
		int rc = w.taken ? write_down(a, data, &w, e) : 0;

		if (rc)
			return rc;
		any |= w.taken != NULL;
	}
	return any ? net_phys_settle(a, data, r->id, NULL, e) : 0;
}
