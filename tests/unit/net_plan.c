/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a document says of networks, for root and for others. */
#include "net/plan.h"

#include <errno.h>

#include "unit.h"

static int plan(struct oci_kist *k, bool privileged, bool made, struct err *e)
{
	const struct net_host host = { .privileged = privileged, .made = made };
	const struct oci_spec spec = { .kist = k };
	auto_arena a = { 0 };
	struct net_plan p;

	return net_plan(&a, &spec, &host, &p, e);
}

/* Whoever asks; nothing is looked up for those who may not. */
static void ports_need_a_network(void **state)
{
	struct oci_kist_port port = { .host = 80, .container = 80, .protocol = 6 };
	struct oci_kist_network lan = { .name = "lan" };
	struct oci_kist k = { .ports = { &port, 1 } };
	struct err e;

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(plan(&k, i & 1, i & 2, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "kist.ports: without a network"));
	}
	k.networks.at = &lan;
	k.networks.len = 1;
	assert_int_equal(plan(&k, true, true, &e), 0);
	assert_int_equal(plan(&k, false, true, &e), -EPERM);
	assert_non_null(strstr(e.msg, "only root of the host can put a container into the network \"lan\""));
	assert_int_equal(plan(&k, true, false, &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_need_a_network),
	};

	return RUN(tests);
}
