/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/forward.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"
#include "net/files.h"
#include "net/lease.h"

#define FOLDER "forwarding"
#define NAME "switched"

struct switched {
	const char *boot; /* sysctls die with it */
	strings interfaces;
	bool six;
};

#define S struct switched
static const struct field fields[] = {
	F_STR(S, boot, "boot", REQUIRED),
	F_STRS(S, interfaces, "interfaces", 0),
	F_BOOL(S, six, "all6", 0),
};
static const struct object object = OBJECT(S, fields, NULL);
#undef S

/* One that cannot be read or is of another boot says nothing. */
static int load(struct arena *a, int data, struct switched *out)
{
	struct switched s = { 0 };
	const char *boot;
	char *text;
	size_t len;
	int r = net_boot_id(a, &boot, NULL);

	*out = (struct switched){ .boot = r ? NULL : boot };
	if (!r && net_file_read(a, data, FOLDER, NAME, &text, &len) >= 0 && oci_decode_text(a, &object, NAME, text, len, &s, NULL) == 0 &&
	    !strcmp(s.boot, boot))
		*out = s;
	return r;
}

static int save(struct arena *a, int data, const struct switched *s)
{
	size_t len;
	const char *text = oci_encode_text(a, &object, s, JSON_COMPACT, &len);

	return net_file_put(a, data, FOLDER, NAME, text, len, FILE_VOLATILE);
}

static bool is_on(struct arena *a, const char *knob, const char *value)
{
	char *text;
	size_t len;

	return file_read(a, AT_FDCWD, knob, 64, &text, &len) >= 0 && !strncmp(text, value, strlen(value));
}

static const char *knob(struct arena *a, const char *family, const char *interface, const char *what)
{
	return arena_printf(a, "/proc/sys/net/%s/conf/%s/%s", family, interface, what);
}

static int set(struct arena *a, const char *family, const char *interface, const char *value)
{
	int r = file_poke(AT_FDCWD, knob(a, family, interface, "forwarding"), value);

	return r == -ENOENT ? 0 : r; /* gone meanwhile */
}

/* Its bridge must not pass anything on, nor need the far ends of pairs, which are ports of a bridge. */
static bool needs_none(const char *interface, const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (all->at[i].internal && net_is_own(&all->at[i]) && !strcmp(all->at[i].interface, interface))
			return true;
	return !strcmp(interface, "lo") || text_starts(interface, NET_PAIR);
}

static bool has(const strings *l, const char *s)
{
	for (size_t i = 0; i < l->len; i++)
		if (!strcmp(l->at[i], s))
			return true;
	return false;
}

/* Those that do not forward yet; the list of switched ones has them already when this returns. */
static strings find_off(struct arena *a, const net_networks *all, struct switched *s)
{
	struct if_nameindex *names = if_nameindex();
	struct strv off = { .arena = a }, known = { .arena = a };

	for (size_t i = 0; i < s->interfaces.len; i++)
		strv_add(&known, s->interfaces.at[i]);
	for (struct if_nameindex *i = names; i && i->if_index; i++) {
		if (needs_none(i->if_name, all) || !is_on(a, knob(a, "ipv4", i->if_name, "forwarding"), "0"))
			continue;
		strv_add(&off, arena_strdup(a, i->if_name));
		if (!has(&s->interfaces, i->if_name))
			strv_add(&known, arena_strdup(a, i->if_name));
	}
	if (names)
		if_freenameindex(names);
	s->interfaces = (strings){ known.at, known.len };
	return (strings){ off.at, off.len };
}

/* A host that forwards no longer listens to router advertisements, unless it is told to. */
static int keep_advertisements(struct arena *a)
{
	struct if_nameindex *names = if_nameindex();
	int r = 0;

	for (struct if_nameindex *i = names; i && i->if_index && !r; i++) {
		const char *file = knob(a, "ipv6", i->if_name, "accept_ra");

		if (is_on(a, file, "1"))
			r = file_poke(AT_FDCWD, file, "2");
	}
	if (names)
		if_freenameindex(names);
	return r;
}

static bool wants6(const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]) && !all->at[i].internal && all->at[i].v6.subnet.ip.family)
			return true;
	return false;
}

static int switch_on(struct arena *a, const strings *off, bool six)
{
	int r = 0;

	for (size_t i = 0; i < off->len && !r; i++)
		r = set(a, "ipv4", off->at[i], "1");
	if (!r && six)
		r = keep_advertisements(a);
	return r || !six ? r : set(a, "ipv6", "all", "1");
}

static bool all_forward(struct arena *a, const char *family)
{
	return is_on(a, knob(a, family, "all", "forwarding"), "1");
}

int net_forward_plan(struct arena *a, int data, const net_networks *all)
{
	struct switched s;
	int r = load(a, data, &s);
	bool six = s.six || (wants6(all) && !all_forward(a, "ipv6"));

	return r ? r : (all_forward(a, "ipv4") ? 0 : NET_FORWARDS_4) | (six ? NET_FORWARDS_6 : 0);
}

int net_forward(struct arena *a, int data, const net_networks *all)
{
	bool six = wants6(all) && !all_forward(a, "ipv6");
	strings off = { NULL, 0 };
	struct switched s;
	int r = load(a, data, &s);

	if (r)
		return r;
	if (!all_forward(a, "ipv4"))
		off = find_off(a, all, &s);
	s.six |= six;
	if (off.len || six)
		r = save(a, data, &s);
	return r ? r : switch_on(a, &off, six);
}

int net_forward_end(struct arena *a, int data)
{
	struct switched s;
	int r = load(a, data, &s);

	for (size_t i = 0; i < s.interfaces.len && !r; i++)
		r = set(a, "ipv4", s.interfaces.at[i], "0");
	if (!r && s.six)
		r = set(a, "ipv6", "all", "0");
	if (!r)
		r = net_file_remove(a, data, FOLDER, NAME);
	return r == -ENOENT ? 0 : r;
}
