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
	bool six, marks;
};

#define S struct switched
static const struct field fields[] = {
	F_STR(S, boot, "boot", REQUIRED),
	F_STRS(S, interfaces, "interfaces", 0),
	F_BOOL(S, six, "all6", 0),
	F_BOOL(S, marks, "srcValidMark", 0),
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

static bool all_forward(struct arena *a, const char *family)
{
	return is_on(a, knob(a, family, "all", "forwarding"), "1");
}

static int set(struct arena *a, const char *family, const char *interface, const char *what, const char *value)
{
	int r = file_poke(AT_FDCWD, knob(a, family, interface, what), value);

	return r == -ENOENT ? 0 : r; /* gone meanwhile */
}

/* The network whose bridge it is, if kist made it. */
static const struct net_network *owner_of(const char *interface, const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]) && !strcmp(all->at[i].interface, interface))
			return &all->at[i];
	return NULL;
}

/* The far end of a container's pair, which is a port of a bridge, or what shapes it: no address, nothing passed on. */
static bool is_part(const char *interface)
{
	return net_is_named(interface, NET_PAIR) || net_is_named(interface, NET_SHAPER);
}

/* The bridge of an internal network must not. */
static bool needs_none(const char *interface, const net_networks *all)
{
	const struct net_network *owner = owner_of(interface, all);

	return (owner && owner->internal) || !strcmp(interface, "lo") || is_part(interface);
}

static bool has(const strings *l, const char *s)
{
	for (size_t i = 0; i < l->len; i++)
		if (!strcmp(l->at[i], s))
			return true;
	return false;
}

strings net_forward_off(struct arena *a, const net_networks *all)
{
	struct if_nameindex *names = all_forward(a, "ipv4") ? NULL : if_nameindex();
	struct strv off = { .arena = a };

	for (struct if_nameindex *i = names; i && i->if_index; i++)
		if (!needs_none(i->if_name, all) && is_on(a, knob(a, "ipv4", i->if_name, "forwarding"), "0"))
			strv_add(&off, arena_strdup(a, i->if_name));
	if (names)
		if_freenameindex(names);
	return (strings){ off.at, off.len };
}

/* `known`, and what else of `off` stays when the networks go. */
static strings together(struct arena *a, const strings *known, const strings *off, const net_networks *all)
{
	struct strv v = { .arena = a };

	for (size_t i = 0; i < known->len; i++)
		strv_add(&v, known->at[i]);
	for (size_t i = 0; i < off->len; i++)
		if (!has(known, off->at[i]) && !owner_of(off->at[i], all))
			strv_add(&v, off->at[i]);
	return (strings){ v.at, v.len };
}

strings net_forward_deaf(struct arena *a, int data)
{
	struct switched s;
	struct if_nameindex *names = load(a, data, &s) == 0 && s.six ? if_nameindex() : NULL;
	struct strv deaf = { .arena = a };

	for (struct if_nameindex *i = names; i && i->if_index; i++)
		if (!is_part(i->if_name) && is_on(a, knob(a, "ipv6", i->if_name, "accept_ra"), "1"))
			strv_add(&deaf, arena_strdup(a, i->if_name));
	if (names)
		if_freenameindex(names);
	return (strings){ deaf.at, deaf.len };
}

static bool wants6(const net_networks *all)
{
	for (size_t i = 0; i < all->len; i++)
		if (net_is_own(&all->at[i]) && !all->at[i].internal && all->at[i].v6.subnet.ip.family)
			return true;
	return false;
}

/* First those that are deaf once it forwards are told to listen all the same. */
static int switch_on(struct arena *a, int data, const strings *off, bool six)
{
	strings deaf = net_forward_deaf(a, data);
	int r = 0;

	for (size_t i = 0; i < off->len && !r; i++)
		r = set(a, "ipv4", off->at[i], "forwarding", "1");
	for (size_t i = 0; i < deaf.len && !r; i++)
		r = set(a, "ipv6", deaf.at[i], "accept_ra", "2");
	return r || !six ? r : set(a, "ipv6", "all", "forwarding", "1");
}

int net_forward_plan(struct arena *a, int data, const net_networks *all, struct net_forwarding *out)
{
	strings off = net_forward_off(a, all);
	struct switched s;
	int r = load(a, data, &s);

	*out = (struct net_forwarding){ .interfaces = together(a, &s.interfaces, &off, all), .four = !all_forward(a, "ipv4"),
					.six = s.six || (wants6(all) && !all_forward(a, "ipv6")) };
	return r;
}

int net_forward_known(struct arena *a, int data, struct net_forwarding *out)
{
	struct switched s;
	int r = load(a, data, &s);

	*out = (struct net_forwarding){ .interfaces = s.interfaces, .four = !all_forward(a, "ipv4"), .six = s.six };
	return r;
}

int net_forward(struct arena *a, int data, const net_networks *all)
{
	bool six = wants6(all) && !all_forward(a, "ipv6"), marks = !is_on(a, knob(a, "ipv4", "all", "src_valid_mark"), "1");
	strings off = net_forward_off(a, all);
	struct switched s;
	int r = load(a, data, &s);

	if (r)
		return r;
	s.interfaces = together(a, &s.interfaces, &off, all);
	s.six |= six;
	s.marks |= marks;
	if (off.len || six || marks)
		r = save(a, data, &s);
	if (!r && marks)
		r = set(a, "ipv4", "all", "src_valid_mark", "1");
	return r ? r : switch_on(a, data, &off, six);
}

int net_forward_end(struct arena *a, int data)
{
	struct switched s;
	int r = load(a, data, &s);

	/* Who has switched all of them on meanwhile means these, too. */
	for (size_t i = 0; i < s.interfaces.len && !r && !all_forward(a, "ipv4"); i++)
		r = set(a, "ipv4", s.interfaces.at[i], "forwarding", "0");
	if (!r && s.six)
		r = set(a, "ipv6", "all", "forwarding", "0");
	if (!r && s.marks)
		r = set(a, "ipv4", "all", "src_valid_mark", "0");
	if (!r)
		r = net_file_remove(a, data, FOLDER, NAME);
	return r == -ENOENT ? 0 : r;
}
