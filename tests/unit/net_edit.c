/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks and ports of a document, changed. */
#include "net/edit.h"

#include <netinet/in.h>
#include <sched.h>

#include "net/lease.h"
#include "net/plan.h"
#include "unit.h"

struct bed {
	struct arena a;
	struct oci_kist kist;
	struct oci_linux linux_;
	struct oci_spec spec;
	struct oci_namespace own;
	struct net_plan plan;
	struct err e;
};

static void bed_make(struct bed *b, struct oci_kist_network *networks, size_t n, struct oci_kist_port *ports, size_t np)
{
	*b = (struct bed){ .own = { CLONE_NEWNET, NULL } };
	b->kist.image = "dns:1";
	b->kist.networks.at = networks;
	b->kist.networks.len = n;
	b->kist.ports.at = ports;
	b->kist.ports.len = np;
	b->linux_.namespaces.at = &b->own;
	b->linux_.namespaces.len = 1;
	b->spec.kist = &b->kist;
	b->spec.linux_ = &b->linux_;
}

static int edit(struct bed *b, const struct net_edit *x)
{
	return net_edit(&b->a, x, &b->spec, &b->plan, &b->e);
}

/* "lan=eth0 dmz=eth1" */
static const char *shown(struct bed *b)
{
	struct text t = { .arena = &b->a };

	for (size_t i = 0; i < b->spec.kist->networks.len; i++)
		text_add(&t, "%s%s=%s", i ? " " : "", b->spec.kist->networks.at[i].name, b->spec.kist->networks.at[i].interface);
	return text_str(&t);
}

static const char *shown_ports(struct bed *b)
{
	struct text t = { .arena = &b->a };

	for (size_t i = 0; i < b->spec.kist->ports.len; i++) {
		const struct oci_kist_port *p = &b->spec.kist->ports.at[i];

		text_add(&t, "%s%s%s%u:%u", i ? " " : "", p->address ? p->address : "", p->address ? "/" : "", p->host, p->container);
	}
	return text_str(&t);
}

static void interfaces_keep_their_names(void **state)
{
	struct oci_kist_network had[] = { { .name = "lan" }, { .name = "dmz" } }, more = { .name = "new" };
	struct bed b;

	(void)state;
	bed_make(&b, had, 2, NULL, 0);
	assert_int_equal(edit(&b, &(struct net_edit){ .disconnect = "lan" }), 0);
	assert_string_equal(shown(&b), "dmz=eth1");
	assert_int_equal(edit(&b, &(struct net_edit){ .connect = &more }), 0);
	assert_string_equal(shown(&b), "dmz=eth1 new=eth0");
	assert_int_equal(b.plan.wishes.len, 2);
	assert_string_equal(b.plan.wishes.at[1].interface, "eth0");
	assert_string_equal(b.spec.kist->image, "dns:1");
	assert_null(had[0].interface); /* the caller's */
	arena_done(&b.a);
}

static void from_none_and_to_none(void **state)
{
	struct oci_kist_network first = { .name = "lan", .interface = "web" };
	struct bed b;

	(void)state;
	bed_make(&b, NULL, 0, NULL, 0);
	b.spec.kist = NULL;
	assert_int_equal(edit(&b, &(struct net_edit){ .connect = &first }), 0);
	assert_string_equal(shown(&b), "lan=web");
	assert_int_equal(edit(&b, &(struct net_edit){ .disconnect = "lan" }), 0);
	assert_int_equal(b.spec.kist->networks.len + b.plan.wishes.len, 0);
	arena_done(&b.a);
}

static void ports_change(void **state)
{
	struct oci_kist_network lan = { .name = "lan" };
	struct oci_kist_port had[] = { { .host = 53, .container = 53, .protocol = IPPROTO_UDP },
				       { .host = 8000, .container = 80, .protocol = IPPROTO_TCP },
				       { .host = 8000, .container = 81, .protocol = IPPROTO_TCP, .address = "2001:db8::0:1" } };
	struct oci_kist_port other = { .host = 8000, .container = 8080, .protocol = IPPROTO_TCP };
	struct oci_kist_port there = { .host = 8000, .container = 8000, .protocol = IPPROTO_TCP, .address = "2001:DB8::1" };
	struct net_edit swap = { .publish = { &other, 1 }, .unpublish = { &had[1], 1 } };
	struct bed b;

	(void)state;
	bed_make(&b, &lan, 1, had, 3);
	assert_int_equal(edit(&b, &swap), 0);
	assert_string_equal(shown_ports(&b), "53:53 2001:db8::1/8000:81 8000:8080");
	assert_int_equal(edit(&b, &(struct net_edit){ .unpublish = { &there, 1 } }), 0);
	assert_string_equal(shown_ports(&b), "53:53 8000:8080");
	assert_int_equal(b.plan.ports.len, 2);
	arena_done(&b.a);
}

static void refused(void **state)
{
	struct oci_kist_network lan = { .name = "lan" }, same = { .name = "other", .interface = "eth0" };
	struct oci_kist_port had = { .host = 53, .container = 53, .protocol = IPPROTO_UDP };
	struct oci_kist_port tcp = { .host = 53, .container = 53, .protocol = IPPROTO_TCP };
	uint32_t end = 60;
	struct oci_kist_port range = { .host = 50, .end = &end, .container = 50, .protocol = IPPROTO_UDP };
	const struct {
		struct net_edit x;
		int r;
		const char *says;
	} cases[] = {
		{ { .connect = &lan }, -EEXIST, "in the network lan already" },
		{ { .connect = &same }, -EINVAL, "two interfaces named \"eth0\"" },
		{ { .disconnect = "dmz" }, -ENOENT, "not in the network dmz" },
		{ { .disconnect = "lan" }, -EINVAL, "without a network there is nothing that they could lead to" },
		{ { .unpublish = { &tcp, 1 } }, -ENOENT, "tcp port 53 of the host does not lead to it" },
		{ { .unpublish = { &range, 1 } }, -ENOENT, "udp port 50 of the host" },
		{ { .publish = { &range, 1 } }, -EINVAL, "port 50 of the host is given twice" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bed b;

		bed_make(&b, &lan, 1, &had, 1);
		assert_int_equal(edit(&b, &cases[i].x), cases[i].r);
		assert_non_null(strstr(b.e.msg, cases[i].says));
		assert_ptr_equal(b.spec.kist, &b.kist);
		arena_done(&b.a);
	}
}

static void networks_of_others(void **state)
{
	struct oci_kist_network lan = { .name = "lan" };
	struct bed b;

	(void)state;
	bed_make(&b, NULL, 0, NULL, 0);
	b.linux_.namespaces.len = 0;
	assert_int_equal(edit(&b, &(struct net_edit){ .connect = &lan }), -EINVAL);
	assert_non_null(strstr(b.e.msg, "has the host's network"));
	arena_done(&b.a);
	bed_make(&b, NULL, 0, NULL, 0);
	b.kist.network_of = "web1";
	assert_int_equal(edit(&b, &(struct net_edit){ .connect = &lan }), -EINVAL);
	assert_non_null(strstr(b.e.msg, "of container web1"));
	arena_done(&b.a);
}

/* What a change that was killed has come to stands in the record; whatever else the document says of a network stays. */
static void the_record_knows_better(void **state)
{
	struct oci_kist_network had[] = { { .name = "lan", .mac = "02:00:00:00:00:01" }, { .name = "gone" } };
	struct oci_kist_port old = { .host = 53, .container = 53, .protocol = IPPROTO_UDP }, led = { .host = 80, .container = 8080, .protocol = IPPROTO_TCP };
	struct net_attachment in[] = { { .network = "dmz", .interface = "eth1" }, { .network = "lan", .interface = "lan0" },
				       { .network = "gone", .interface = "eth0", .unfinished = true } };
	struct net_record r = { .id = "dns1", .networks = { in, 3 }, .ports = { &led, 1 } };
	struct bed b;

	(void)state;
	bed_make(&b, had, 2, &old, 1);
	net_edit_truth(&b.a, &r, &b.spec);
	assert_string_equal(shown(&b), "dmz=eth1 lan=lan0");
	assert_string_equal(b.spec.kist->networks.at[1].mac, "02:00:00:00:00:01");
	assert_string_equal(shown_ports(&b), "80:8080");
	assert_string_equal(b.spec.kist->image, "dns:1");
	assert_null(had[0].interface);
	b.spec.kist = NULL;
	net_edit_truth(&b.a, &r, &b.spec);
	assert_string_equal(shown(&b), "dmz=eth1 lan=lan0");
	arena_done(&b.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_keep_their_names), cmocka_unit_test(from_none_and_to_none), cmocka_unit_test(ports_change),
		cmocka_unit_test(refused), cmocka_unit_test(networks_of_others),
		cmocka_unit_test(the_record_knows_better),
	};

	return RUN(tests);
}
