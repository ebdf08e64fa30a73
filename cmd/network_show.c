/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cmd/format.h"
#include "cmd/network.h"
#include "net/manage.h"
#include "storage/store.h"

struct member {
	const char *id, *interface, *mac, *address, *address6;
};
struct shown {
	struct net_network network;
	LIST_OF(struct member) members;
};

#define S struct member
static const struct field member_fields[] = {
	F_STR(S, id, "id", 0), F_STR(S, interface, "interface", 0), F_STR(S, mac, "mac", 0),
	F_STR(S, address, "address", 0), F_STR(S, address6, "address6", 0),
};
static const struct object member_object = OBJECT(S, member_fields, NULL);
#undef S

static void add_members(struct arena *a, const struct net_record *r, struct shown *s)
{
	for (size_t i = 0; i < r->networks.len; i++) {
		const struct net_attachment *t = &r->networks.at[i];

		if (t->unfinished || strcmp(t->network, s->network.name) != 0)
			continue;
		s->members.at = arena_grow(a, s->members.at, s->members.len, sizeof(*s->members.at));
		s->members.at[s->members.len++] = (struct member){ r->id, t->interface, t->mac, t->address, t->address6 };
	}
}

static struct shown shown_of(struct arena *a, const struct net_network *n, const net_records *living)
{
	struct shown s = { .network = *n };

	for (size_t i = 0; i < living->len; i++)
		add_members(a, &living->at[i], &s);
	return s;
}

static void encode(struct json_out *w, const struct shown *s)
{
	json_out_open(w, JSON_OBJECT);
	json_out_key(w, "network");
	oci_encode(&net_network_object, &s->network, w);
	json_out_key(w, "members");
	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < s->members.len; i++)
		oci_encode(&member_object, &s->members.at[i], w);
	json_out_close(w, JSON_ARRAY);
	json_out_close(w, JSON_OBJECT);
}

struct list_networks {
	int format;
	bool quiet;
};

static const struct opt list_rows[] = {
	O_WORD(struct list_networks, format, 'f', "format", "FORMAT", format_words, "what to print"),
	O_FLAG(struct list_networks, quiet, 'q', "quiet", "print the names alone"),
};

/* "ipvlan l3" */
static const char *kind_of(struct arena *a, const struct net_network *n)
{
	return arena_printf(a, "%s%s%s%s", word_name(net_kind_words, n->kind), n->mode ? " " : "", n->mode ? n->mode : "", n->internal ? " internal" : "");
}

/* "eth0.20", or "br0 vlan 20" */
static const char *interface_of(struct arena *a, const struct net_network *n)
{
	return n->vlan && n->kind == NET_BRIDGE ? arena_printf(a, "%s vlan %u", n->on, *n->vlan) : n->on;
}

static void add_row(struct table *t, const struct shown *s)
{
	const struct net_network *n = &s->network;
	struct text ids = { .arena = t->arena };

	for (size_t i = 0; i < s->members.len; i++)
		text_add(&ids, "%s%s", i ? ", " : "", s->members.at[i].id);
	table_add(t, (const char *[]){ n->name, kind_of(t->arena, n), interface_of(t->arena, n), n->subnet ? n->subnet : "-",
				       n->subnet6 ? n->subnet6 : "-", ids.len ? text_str(&ids) : "-" });
}

/* Readers need no lock: every file is replaced as a whole. */
static int list(struct call *c, struct err *e)
{
	const struct list_networks *o = c->opts;
	struct arena *a = c->ctx.arena;
	struct table t = { .arena = a, .columns = 6 };
	struct json_out *w = json_out_new(a, JSON_PRETTY);
	struct text names = { .arena = a };
	auto_store store = ST_NONE;
	net_networks all;
	net_records living;
	int r = st_open(a, c->data, true, &store, e);

	if (!r)
		r = net_network_list(a, store.dir, &all, e);
	if (!r)
		r = net_record_living(a, store.dir, &living, e);
	if (r)
		return r;
	table_add(&t, (const char *[]){ "NAME", "KIND", "INTERFACE", "SUBNET", "SUBNET6", "MEMBERS" });
	json_out_open(w, JSON_ARRAY);
	for (size_t i = 0; i < all.len; i++) {
		struct shown s = shown_of(a, &all.at[i], &living);

		text_add(&names, "%s\n", all.at[i].name);
		encode(w, &s);
		add_row(&t, &s);
	}
	json_out_close(w, JSON_ARRAY);
	return verb_print(o->quiet ? text_str(&names) : o->format == FORMAT_JSON ? json_out_text(w, NULL) : table_text(&t), e);
}

const struct verb verb_list_networks = {
	.name = "list",
	.group = "network",
	.summary = "list networks",
	.examples = { { "kist network list", "A table." }, { "kist network list --format json", "For programs." } },
	OPTS(struct list_networks, list_rows),
	.run = list,
};

static int inspect(struct call *c, struct err *e)
{
	struct arena *a = c->ctx.arena;
	struct json_out *w = json_out_new(a, JSON_PRETTY);
	auto_store store = ST_NONE;
	struct net_network n;
	net_records living;
	struct shown s;
	int r = st_open(a, c->data, true, &store, e);

	if (!r)
		r = net_network_read(a, store.dir, c->args.at[0], &n, e);
	if (!r)
		r = net_record_living(a, store.dir, &living, e);
	if (r)
		return r;
	s = shown_of(a, &n, &living);
	encode(w, &s);
	return verb_print(json_out_text(w, NULL), e);
}

const struct verb verb_inspect_networks = {
	.name = "inspect",
	.group = "network",
	.summary = "show a network and who is in it, as JSON",
	.operands = { { "NETWORK", COMPLETE_NETWORK } },
	.examples = { { "kist network inspect lan", "All of it." } },
	.run = inspect,
};
