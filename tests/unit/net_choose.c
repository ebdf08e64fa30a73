/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of several networks: the default route of each family, and the addresses that ports lead to. */
#include "net/choose.h"

#include "unit.h"

struct given {
	const char *name, *subnet, *subnet6, *address, *address6;
	int kind;
	bool foreign, internal;
};

static net_joins joins_of(struct arena *a, const struct given *g, size_t n)
{
	net_joins all = { arena_array(a, n, sizeof(*all.at)), n };

	for (size_t i = 0; i < n; i++) {
		struct net_join *j = &all.at[i];

		j->network = (struct net_network){ .name = g[i].name, .interface = "x", .kind = g[i].kind, .foreign = g[i].foreign,
						   .internal = g[i].internal, .subnet = g[i].subnet, .subnet6 = g[i].subnet6 };
		assert_int_equal(net_network_judge(a, &j->network, NULL), 0);
		if (g[i].address)
			assert_true(net_cidr_parse(g[i].address, &j->inside.address));
		if (g[i].address6)
			assert_true(net_cidr_parse(g[i].address6, &j->inside.address6));
	}
	return all;
}

static const struct given lan = { "lan", "10.1.0.0/24", NULL, "10.1.0.9/24", NULL, NET_BRIDGE, false, false };
static const struct given dmz = { "dmz", "10.2.0.0/24", "fd02::/64", "10.2.0.9/24", "fd02::9/64", NET_BRIDGE, false, false };
static const struct given in = { "in", "10.3.0.0/24", "fd03::/64", "10.3.0.9/24", "fd03::9/64", NET_BRIDGE, false, true };
static const struct given house = { "house", "10.4.0.0/24", NULL, "10.4.0.9/24", NULL, NET_MACVLAN, false, false };

static void one_default_route_of_each_family(void **state)
{
	auto_arena a = { 0 };
	net_joins all = joins_of(&a, (struct given[]){ in, lan, dmz }, 3);

	(void)state;
	net_choose_routes(&all);
	assert_int_equal(all.at[0].inside.gateway.family, 0);
	assert_int_equal(all.at[0].inside.gateway6.family, 0);
	assert_string_equal(net_ip_text(&a, &all.at[1].inside.gateway), "10.1.0.1");
	assert_int_equal(all.at[2].inside.gateway.family, 0);
	assert_string_equal(net_ip_text(&a, &all.at[2].inside.gateway6), "fd02::1");
}

/* When the one that has it goes, the next one takes it over: what was chosen before does not count. */
static void chosen_anew(void **state)
{
	auto_arena a = { 0 };
	net_joins all = joins_of(&a, (struct given[]){ lan, dmz }, 2), rest = { all.at + 1, 1 };

	(void)state;
	net_choose_routes(&all);
	assert_int_equal(all.at[1].inside.gateway.family, 0);
	net_choose_routes(&rest);
	assert_string_equal(net_ip_text(&a, &all.at[1].inside.gateway), "10.2.0.1");
}

static void ports_lead_to_bridges_of_our_own(void **state)
{
	auto_arena a = { 0 };
	net_joins all = joins_of(&a, (struct given[]){ house, in, lan, dmz }, 4);
	struct net_record r = { .id = "dns1", .target = "192.0.2.1" };

	(void)state;
	assert_int_equal(net_choose_targets(&a, &all, &r, NULL), 0);
	assert_string_equal(r.target, "10.1.0.9");
	assert_string_equal(r.target6, "fd02::9");
}

static void ports_that_lead_nowhere(void **state)
{
	auto_arena a = { 0 };
	net_joins all = joins_of(&a, (struct given[]){ house, in }, 2);
	struct net_record r = { .id = "dns1" };
	struct oci_kist_port port = { .host = 53, .container = 53 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(net_choose_targets(&a, &all, &r, NULL), 0);
	r.ports.at = &port;
	r.ports.len = 1;
	assert_int_equal(net_choose_targets(&a, &all, &r, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "cannot lead to container dns1"));
}

static void ports_of_one_family(void **state)
{
	static const struct given six = { "six", NULL, "fd05::/64", NULL, "fd05::9/64", NET_BRIDGE, false, false };
	const struct {
		struct given in;
		const char *address, *says;
	} rows[] = {
		{ lan, "0.0.0.0", NULL },
		{ dmz, "::", NULL },
		{ six, "2001:db8::1", NULL },
		{ six, NULL, NULL },
		{ lan, "2001:db8::1", "port 53 at 2001:db8::1 of the host cannot lead to container dns1: none of its networks (lan, in) is a bridge of kist's with IPv6 " },
		{ lan, "::", "publish it at an IPv4 address, or bring it into a network that has IPv6" },
		{ six, "127.0.0.1", "none of its networks (six, in) is a bridge of kist's with IPv4 " },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		net_joins all = joins_of(&a, (struct given[]){ rows[i].in, in }, 2);
		struct oci_kist_port port = { .host = 53, .container = 53, .address = rows[i].address };
		struct net_record r = { .id = "dns1" };
		struct err e = { 0 };

		r.ports.at = &port;
		r.ports.len = 1;
		assert_int_equal(net_choose_targets(&a, &all, &r, &e), rows[i].says ? -EINVAL : 0);
		assert_true(!rows[i].says || strstr(e.msg, rows[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_default_route_of_each_family),
		cmocka_unit_test(chosen_anew),
		cmocka_unit_test(ports_lead_to_bridges_of_our_own),
		cmocka_unit_test(ports_that_lead_nowhere),
		cmocka_unit_test(ports_of_one_family),
	};

	return RUN(tests);
}
