/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which namespaces are made where; the texts are golden tests, these are the rules behind them. */
#include "namespaces/plan.h"

#include "unit.h"

static const struct oci_mapping one[] = { { 0, 1000, 1 } };

struct wish {
	struct oci_namespace at[NS_KINDS];
	size_t len;
	struct oci_linux l;
	struct oci_spec spec;
};

static void want(struct wish *w, int type, const char *path)
{
	w->at[w->len++] = (struct oci_namespace){ type, path };
	w->l.namespaces.at = w->at;
	w->l.namespaces.len = w->len;
	w->spec.linux_ = &w->l;
	if (type != CLONE_NEWUSER || path)
		return;
	w->l.uid_mappings.at = w->l.gid_mappings.at = (struct oci_mapping *)(size_t)one;
	w->l.uid_mappings.len = w->l.gid_mappings.len = 1;
}

static void the_kinds(void **state)
{
	int all = 0;

	(void)state;
	for (size_t i = 0; i < NS_KINDS; i++) {
		char path[64];

		assert_ptr_equal(ns_kind_of(ns_kinds[i].flag), &ns_kinds[i]);
		assert_int_equal(all & ns_kinds[i].flag, 0);
		all |= ns_kinds[i].flag;
		assert_int_equal(word_find(oci_namespace_words, ns_kinds[i].word)->value, ns_kinds[i].flag);
		snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_kinds[i].proc);
		assert_int_equal(access(path, F_OK), 0);
	}
	assert_null(ns_kind_of(0));
	/* The user namespace gives the privilege for the rest; with the mount namespace the paths vanish. */
	assert_int_equal(ns_kinds[0].flag, CLONE_NEWUSER);
	assert_int_equal(ns_kinds[NS_KINDS - 1].flag, CLONE_NEWNS);
}

static void joins_have_the_kernels_order(void **state)
{
	static const int given[] = { CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUSER };
	static const int order[] = { CLONE_NEWUSER, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWNS };
	auto_arena a = { 0 };
	struct ns_host root = { .privileged = true };
	struct wish w = { 0 };
	struct ns_plan p;

	(void)state;
	for (size_t i = 0; i < COUNT(given); i++)
		want(&w, given[i], "/x");
	assert_int_equal(ns_plan(&a, &w.spec, &root, &p, NULL), 0);
	assert_int_equal(p.joins.len, COUNT(order));
	for (size_t i = 0; i < COUNT(order); i++)
		assert_int_equal(p.joins.at[i].kind->flag, order[i]);
	assert_int_equal(p.make, 0);
	assert_true(p.stage && !p.loopback);
}

/* Every pair of one kind made and one joined, as root and as a user: none is lost between processes. */
static void every_pair(void **state)
{
	(void)state;
	for (size_t m = 0; m < NS_KINDS; m++)
		for (size_t j = 0; j < NS_KINDS; j++)
			for (int root = 0; root < 2; root++) {
				auto_arena a = { 0 };
				struct ns_host host = { root ? 0 : 1000, root ? 0 : 1000, root, false };
				int made = ns_kinds[m].flag, joined = ns_kinds[j].flag;
				struct wish w = { 0 };
				struct ns_plan p;
				int r;

				if (m == j)
					continue;
				want(&w, made, NULL);
				want(&w, joined, "/x");
				r = ns_plan(&a, &w.spec, &host, &p, NULL);
				assert_int_equal(r, root || (made | joined) & CLONE_NEWUSER ? 0 : -EPERM);
				if (r)
					continue;
				assert_int_equal(p.has, made | joined);
				assert_int_equal(p.make | p.stage_make | p.stage_leave, made);
				assert_int_equal(p.make & (p.stage_make | p.stage_leave), 0);
				assert_int_equal(p.joins.len, 1);
				assert_int_equal(p.stage, !!((made & (CLONE_NEWTIME | CLONE_NEWUSER)) ||
							     ns_kinds[j].children_only));
				assert_int_equal(p.loopback, made == CLONE_NEWNET);
			}
}

static void maps(void **state)
{
	static const struct oci_mapping range[] = { { 0, 1000, 1 }, { 1, 100000, 65535 } };
	auto_arena a = { 0 };
	struct ns_host user = { 1000, 1000, false, false }, root = { 0, 0, true, false };
	struct wish w = { 0 };
	struct ns_plan p;
	struct err e;

	(void)state;
	want(&w, CLONE_NEWUSER, NULL);
	assert_int_equal(ns_plan(&a, &w.spec, &user, &p, NULL), 0);
	assert_true(p.map == NS_MAP_DIRECT && p.deny_setgroups);
	assert_int_equal(ns_plan(&a, &w.spec, &root, &p, NULL), 0);
	assert_true(p.map == NS_MAP_DIRECT && !p.deny_setgroups);
	user.gid = 1001;
	assert_int_equal(ns_plan(&a, &w.spec, &user, &p, NULL), 0);
	assert_true(p.map == NS_MAP_HELPER && !p.deny_setgroups);
	w.l.uid_mappings.at = (struct oci_mapping *)(size_t)range;
	w.l.uid_mappings.len = 2;
	assert_int_equal(ns_plan(&a, &w.spec, &root, &p, NULL), 0);
	assert_int_equal(p.map, NS_MAP_DIRECT);
	w.l.gid_mappings.len = 0;
	assert_int_equal(ns_plan(&a, &w.spec, &root, &p, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "linux.gidMappings is empty"));
}

static void ids_are_mapped(void **state)
{
	struct oci_mapping rows[] = { { 0, 1000, 1 }, { 1, 100000, 9 }, { 4294967290U, 5, 5 } };
	oci_mappings m = { rows, COUNT(rows) }, none = { NULL, 0 };
	static const struct {
		uint32_t in, out;
	} ids[] = {
		{ 0, 1000 }, { 1, 100000 }, { 9, 100008 }, { 10, UINT32_MAX }, { 4294967290U, 5 }, { 4294967294U, 9 },
		{ UINT32_MAX, UINT32_MAX }, { 4294967289U, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_int_equal(ns_map_id(&m, ids[i].in), ids[i].out);
	assert_int_equal(ns_map_id(&none, 0), UINT32_MAX);
}

/* What would reach the host's own name or clock. */
static void nothing_for_the_host(void **state)
{
	auto_arena a = { 0 };
	struct ns_host root = { .privileged = true };
	struct oci_time_offsets offsets = { 0 };
	struct wish w = { 0 };
	struct ns_plan p;

	(void)state;
	want(&w, CLONE_NEWPID, NULL);
	w.spec.hostname = w.spec.domainname = "";
	assert_int_equal(ns_plan(&a, &w.spec, &root, &p, NULL), 0);
	assert_null(p.hostname);
	assert_null(p.domainname);
	w.l.time_offsets = &offsets;
	want(&w, CLONE_NEWTIME, "/x");
	assert_int_equal(ns_plan(&a, &w.spec, &root, &p, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kinds),
		cmocka_unit_test(joins_have_the_kernels_order),
		cmocka_unit_test(every_pair),
		cmocka_unit_test(maps),
		cmocka_unit_test(ids_are_mapped),
		cmocka_unit_test(nothing_for_the_host),
	};

	return RUN(tests);
}
