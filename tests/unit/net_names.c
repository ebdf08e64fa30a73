/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of hosts, and resolv.conf. */
#include "net/names.h"

#include "net/plan.h"
#include "net/resolver.h"
#include "unit.h"

static const char *joined(struct arena *a, const strings *l)
{
	struct text t = { .arena = a };

	for (size_t i = 0; i < l->len; i++)
		text_add(&t, "%s%s", i ? " " : "", l->at[i]);
	return text_str(&t);
}

static void names(void **state)
{
	static const struct {
		const char *hostname, *id, *wanted;
	} rows[] = {
		{ "web", "web", "web" },
		{ NULL, "web", "web" },
		{ "mail.kist.test", "m1", "mail.kist.test mail m1" },
		{ "Web", "web", "Web" },
		{ "a\n192.0.2.1 bank", "web", "web" },
		{ "web", "a+b", "web" },
		{ "x#y", "_x", "" },
		{ "localhost.localdomain", "web", "web" },
		{ "Localhost", "ip6-loopback", "" },
	};
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		strings got = net_names_of(&a, rows[i].hostname, rows[i].id);

		assert_string_equal(joined(&a, &got), rows[i].wanted);
	}
}

static void lines(void **state)
{
	auto_arena a = { 0 };
	struct strv v = { .arena = &a }, many = { .arena = &a }, out = { .arena = &a };
	size_t found = 0;

	(void)state;
	net_names_lines(&v, "10.20.0.5/24", &(strings){ (const char *[]){ "web", "w" }, 2 }, &(strings){ (const char *[]){ "WEB", "www" }, 2 });
	assert_int_equal(v.len, 1);
	assert_string_equal(v.at[0], "10.20.0.5\tweb w www");
	for (int i = 0; i < 100; i++)
		strv_add(&many, arena_printf(&a, "name-%d.of.a.long.domain.test", i));
	net_names_lines(&out, "fd00::5/64", &(strings){ many.at, many.len }, &(strings){ NULL, 0 });
	for (size_t i = 0; i < out.len; i++) {
		assert_true(strlen(out.at[i]) < 512 && !strncmp(out.at[i], "fd00::5\t", 8));
		for (const char *c = out.at[i]; (c = strstr(c, "name-")); c++)
			found++;
	}
	assert_int_equal(found, 100);
}

static const char *resolv(struct arena *a, const char *host, bool loopback, const struct oci_kist_names *asked, struct net_resolver *out)
{
	const char *text;

	net_resolver_read(a, host, strlen(host), loopback, out);
	text = net_resolver_text(a, out, asked);
	return strchr(text, '\n') + 1; /* the first line is for people */
}

static void resolver(void **state)
{
	static const struct oci_kist_names none;
	const struct oci_kist_names all = { .servers = { (const char *[]){ "192.0.2.1", "fd00::1" }, 2 }, .search = { (const char *[]){ "." }, 1 },
					    .options = { (const char *[]){ "rotate" }, 1 } };
	const char *host = "# c\nsearch old\n; c\nnameserver 192.0.2.53 # x\n nameserver\t2001:db8::53\nnameserver 127.0.0.53\n"
			   "nameserver fe80::1%eth0\nnameserver evil\nnameserver\nsearch a.test b.test bad/name\noptions ndots:2 EDNS0 edns0\nsortlist x";
	auto_arena a = { 0 };
	struct net_resolver r;

	(void)state;
	assert_string_equal(resolv(&a, host, false, &none, &r),
			    "nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.test b.test\noptions ndots:2 edns0\n");
	assert_true(r.local && r.stub);
	assert_non_null(strstr(resolv(&a, host, true, &none, &r), "nameserver 127.0.0.53\n"));
	assert_false(r.local || r.stub);
	assert_string_equal(resolv(&a, host, false, &all, &r), "nameserver 192.0.2.1\nnameserver fd00::1\nsearch .\noptions rotate\n");
	assert_non_null(strstr(resolv(&a, "domain x.test\nnameserver ::1\nnameserver 0.0.0.0\nnameserver ::ffff:127.0.0.1", false, &none, &r), "on its own loopback"));
	assert_true(r.local && !r.stub && !r.servers.len);
	assert_string_equal(resolv(&a, "", false, &none, &r), "# no nameserver: the host has none\n");
	net_resolver_read(&a, host, strlen(host), false, &r);
	r.alone = true;
	assert_null(strstr(net_resolver_text(&a, &r, &all), "\nnameserver"));
}

static void given(void **state)
{
	static const char *const bad[] = { "", "a", "a:", ":192.0.2.1", "a:b", "a b:192.0.2.1", "a#:192.0.2.1", "a:192.0.2.1 b", "a:192.0.2.0/24",
					   "a:host-gateway ", "a\nb:192.0.2.1" };
	auto_arena a = { 0 };
	struct net_given g;

	(void)state;
	assert_true(net_given_parse(&a, "a.test:2001:db8::1", &g));
	assert_string_equal(g.name, "a.test");
	assert_string_equal(net_ip_text(&a, &g.ip), "2001:db8::1");
	assert_true(net_given_parse(&a, "gate:host-gateway", &g));
	assert_int_equal(g.ip.family, 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(net_given_parse(&a, bad[i], &g));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(lines), cmocka_unit_test(resolver), cmocka_unit_test(given),
	};

	return RUN(tests);
}
