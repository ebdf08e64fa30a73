/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leases: one container, one address; what nobody holds any more is free. */
#include "net/lease.h"

#include "base/proc.h"
#include "net/files.h"
#include "unit.h"

struct bed {
	struct arena a;
	struct net_network n;
	struct net_record me;
};

static void bed_make(struct bed *b, const char *subnet)
{
	*b = (struct bed){ .n = { .name = "lan", .interface = "x", .subnet = subnet }, .me = { .id = "me", .pid = getpid() } };
	assert_int_equal(net_network_judge(&b->a, &b->n, NULL), 0);
	assert_int_equal(net_boot_id(&b->a, &b->me.boot, NULL), 0);
	assert_int_equal(proc_start(getpid(), &b->me.start, NULL), 0);
}

static int take(struct bed *b, int data, const char *id, const char *wish, const char **got, struct err *e)
{
	struct net_record who = b->me;
	struct net_ip ip = { .family = 0 }, out;
	int r;

	if (wish)
		assert_true(net_ip_parse(wish, &ip));
	who.id = id;
	r = net_lease_take(&b->a, data, &b->n, &b->n.v4, &who, &ip, &out, e);
	if (r >= 0)
		*got = net_ip_text(&b->a, &out);
	return r;
}

/* As net_attach() does it after taking. */
static void write_down(struct bed *b, int data, const char *id, const char *address, struct net_record *out)
{
	struct net_attachment *t = arena_array(&b->a, 1, sizeof(*t));

	*t = (struct net_attachment){ .network = "lan", .interface = "eth0", .address = arena_printf(&b->a, "%s/29", address) };
	*out = b->me;
	out->id = id;
	out->networks.at = t;
	out->networks.len = 1;
	assert_int_equal(net_record_write(&b->a, data, out, NULL), 0);
}

static void every_address_once(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record kept;
	struct bed b;
	struct err e;
	const char *got[6], *more;

	(void)state;
	bed_make(&b, "10.20.0.0/29"); /* six addresses, of which one is the gateway's */
	for (int i = 0; i < 5; i++) {
		const char *id = arena_printf(&b.a, "c%d", i);

		assert_int_equal(take(&b, s.fd, id, NULL, &got[i], NULL), 0);
		write_down(&b, s.fd, id, got[i], &kept);
		assert_string_not_equal(got[i], "10.20.0.1");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(got[i], got[k]);
	}
	assert_int_equal(take(&b, s.fd, "c6", NULL, &more, &e), -EADDRNOTAVAIL);
	assert_non_null(strstr(e.msg, "has no free address"));
	net_lease_release(&b.a, s.fd, &kept);
	assert_int_equal(take(&b, s.fd, "c6", NULL, &more, NULL), 0);
	assert_string_equal(more, got[4]);
	arena_done(&b.a);
}

/* As long as there are others, an address waits for him who had it; then it goes to whoever comes. */
static void the_dead_come_last(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record dead;
	struct bed b;
	const char *had, *got;

	(void)state;
	bed_make(&b, "10.20.0.0/29");
	assert_int_equal(take(&b, s.fd, "crashed", NULL, &had, NULL), 0);
	write_down(&b, s.fd, "crashed", had, &dead);
	dead.boot = "of an earlier boot";
	assert_int_equal(net_record_write(&b.a, s.fd, &dead, NULL), 0);
	for (int i = 0; i < 4; i++) {
		const char *id = arena_printf(&b.a, "c%d", i);

		assert_int_equal(take(&b, s.fd, id, NULL, &got, NULL), 0);
		write_down(&b, s.fd, id, got, &dead);
		assert_string_not_equal(got, had);
	}
	assert_int_equal(take(&b, s.fd, "crashed", NULL, &got, NULL), 1);
	assert_string_equal(got, had);
	assert_int_equal(take(&b, s.fd, "next", NULL, &got, NULL), 1);
	assert_string_equal(got, had);
	arena_done(&b.a);
}

static void the_same_again(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record kept;
	struct bed b;
	const char *first, *second;

	(void)state;
	bed_make(&b, "10.20.0.0/16");
	assert_int_equal(take(&b, s.fd, "dns1", NULL, &first, NULL), 0);
	write_down(&b, s.fd, "dns1", first, &kept);
	net_lease_release(&b.a, s.fd, &kept);
	assert_int_equal(take(&b, s.fd, "dns1", NULL, &second, NULL), 0);
	assert_string_equal(first, second);
	arena_done(&b.a);
}

static void wishes(void **state)
{
	static const struct {
		const char *wish, *says;
		int code;
	} rows[] = {
		{ "10.20.0.1", "is the gateway", EINVAL },	{ "10.20.0.0", "is not an address for a container", EINVAL },
		{ "10.20.0.7", "is not an address for a container", EINVAL }, { "10.21.0.2", "is not an address for a container", EINVAL },
		{ "10.20.0.5", "belongs to container c1", EADDRINUSE },
	};
	auto_scratch s = scratch_make();
	struct net_record kept;
	struct bed b;
	struct err e;
	const char *got;

	(void)state;
	bed_make(&b, "10.20.0.0/29");
	assert_int_equal(take(&b, s.fd, "c1", "10.20.0.5", &got, NULL), 0);
	write_down(&b, s.fd, "c1", got, &kept);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(take(&b, s.fd, "c2", rows[i].wish, &got, &e), -rows[i].code);
		assert_non_null(strstr(e.msg, rows[i].says));
	}
	assert_int_equal(take(&b, s.fd, "c1", "10.20.0.5", &got, NULL), 1); /* its own from a run before */
	arena_done(&b.a);
}

static void what_is_stale_is_free(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record dead;
	struct bed b;
	const char *got;

	(void)state;
	bed_make(&b, "10.20.0.0/29");
	assert_int_equal(take(&b, s.fd, "crashed", "10.20.0.5", &got, NULL), 0);
	assert_int_equal(take(&b, s.fd, "next", "10.20.0.5", &got, NULL), 1); /* nobody wrote it down */
	write_down(&b, s.fd, "next", got, &dead);
	dead.boot = "of an earlier boot";
	assert_int_equal(net_record_write(&b.a, s.fd, &dead, NULL), 0);
	assert_int_equal(take(&b, s.fd, "third", "10.20.0.5", &got, NULL), 1);
	write_down(&b, s.fd, "third", got, &dead);
	dead.start++; /* the pid is another's by now */
	assert_int_equal(net_record_write(&b.a, s.fd, &dead, NULL), 0);
	assert_int_equal(take(&b, s.fd, "fourth", "10.20.0.5", &got, NULL), 1);
	write_down(&b, s.fd, "fourth", got, &dead);
	assert_int_equal(take(&b, s.fd, "fifth", "10.20.0.5", &got, NULL), -EADDRINUSE);
	arena_done(&b.a);
}

/* Who comes late gives nothing back that is another's by now. */
static void releases_only_its_own(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record old, now;
	struct bed b;
	const char *got;

	(void)state;
	bed_make(&b, "10.20.0.0/29");
	assert_int_equal(take(&b, s.fd, "old", "10.20.0.5", &got, NULL), 0);
	write_down(&b, s.fd, "old", got, &old);
	old.pid = 0;
	assert_int_equal(net_record_write(&b.a, s.fd, &old, NULL), 0);
	assert_int_equal(take(&b, s.fd, "new", "10.20.0.5", &got, NULL), 1);
	write_down(&b, s.fd, "new", got, &now);
	net_lease_release(&b.a, s.fd, &old);
	assert_int_equal(take(&b, s.fd, "third", "10.20.0.5", &got, NULL), -EADDRINUSE);
	arena_done(&b.a);
}

static void records_come_back(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record kept, back;
	net_records all;
	struct bed b;

	(void)state;
	bed_make(&b, "10.20.0.0/29");
	assert_int_equal(net_record_list(&b.a, s.fd, &all, NULL), 0);
	assert_int_equal(all.len, 0);
	assert_int_equal(net_record_read(&b.a, s.fd, "me", &back, NULL), -ENOENT);
	assert_int_equal(net_record_read(&b.a, s.fd, "../me", &back, NULL), -ENOENT);
	write_down(&b, s.fd, "me", "10.20.0.2", &kept);
	assert_int_equal(net_record_read(&b.a, s.fd, "me", &back, NULL), 0);
	assert_string_equal(back.networks.at[0].address, "10.20.0.2/29");
	assert_true(net_record_lives(&back, b.me.boot));
	assert_int_equal(net_record_list(&b.a, s.fd, &all, NULL), 0);
	assert_int_equal(all.len, 1);
	assert_int_equal(net_record_delete(&b.a, s.fd, "me", NULL), 0);
	assert_int_equal(net_record_delete(&b.a, s.fd, "me", NULL), 0);
	arena_done(&b.a);
}

static void of_a_part(void **state)
{
	auto_scratch s = scratch_make();
	struct net_ip own[1];
	struct bed b;
	struct err e;
	const char *one, *two;

	(void)state;
	bed_make(&b, "10.20.0.0/24");
	b.n.range = "10.20.0.64/30"; /* .64 and .67 are addresses like others */
	assert_int_equal(net_network_judge(&b.a, &b.n, NULL), 0);
	assert_true(net_ip_parse("10.20.0.66", &own[0]));
	b.n.v4.host.at = own;
	b.n.v4.host.len = 1;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(take(&b, s.fd, arena_printf(&b.a, "c%d", i), NULL, &one, NULL), 0);
		assert_non_null(strstr("10.20.0.64 10.20.0.65 10.20.0.67", one));
	}
	assert_int_equal(take(&b, s.fd, "asks", "10.20.0.5", &two, NULL), 0);
	assert_int_equal(take(&b, s.fd, "asks", "10.20.0.66", &two, &e), -EADDRINUSE);
	assert_non_null(strstr(e.msg, "is the host's own"));
	arena_done(&b.a);
}

/* After a power cut nobody has to clear anything away. */
static void what_is_torn_is_of_the_dead(void **state)
{
	auto_scratch s = scratch_make();
	struct net_record back;
	net_records all;
	struct bed b;
	const char *got;

	(void)state;
	bed_make(&b, "10.20.0.0/29");
	assert_int_equal(take(&b, s.fd, "torn", "10.20.0.5", &got, NULL), 0);
	assert_int_equal(net_file_put(&b.a, s.fd, "attached", "torn", "{\"id\"", 5, FILE_VOLATILE), 0);
	assert_int_equal(net_file_put(&b.a, s.fd, "attached", "empty", "", 0, FILE_VOLATILE), 0);
	assert_int_equal(net_record_read(&b.a, s.fd, "torn", &back, NULL), 0);
	assert_string_equal(back.id, "torn");
	assert_false(net_record_lives(&back, b.me.boot));
	assert_int_equal(net_record_list(&b.a, s.fd, &all, NULL), 0);
	assert_int_equal(all.len, 2);
	assert_int_equal(take(&b, s.fd, "next", "10.20.0.5", &got, NULL), 1);
	arena_done(&b.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_once),
		cmocka_unit_test(of_a_part),
		cmocka_unit_test(the_dead_come_last),
		cmocka_unit_test(the_same_again),
		cmocka_unit_test(wishes),
		cmocka_unit_test(what_is_stale_is_free),
		cmocka_unit_test(releases_only_its_own),
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(what_is_torn_is_of_the_dead),
	};

	return RUN(tests);
}
