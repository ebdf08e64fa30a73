/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "instances/mounts.h"

static struct arena arena;

static const char *told(const struct inst_options *o)
{
	static const char *const kinds[] = { "bind", "volume", "tmpfs", "own" };
	struct text t = { .arena = &arena };
	struct err e = { 0 };
	inst_mounts l;

	if (inst_mounts_parse(&arena, o, "/here", &l, &e) < 0)
		return arena_strdup(&arena, e.msg);
	for (size_t i = 0; i < l.len; i++) {
		const struct inst_mount *m = &l.at[i];

		text_add(&t, "%s%s %s on %s", i ? "; " : "", kinds[m->kind], m->source ? m->source : "-", m->target);
		for (size_t k = 0; k < m->options.len; k++)
			text_add(&t, "%c%s", k ? ',' : ' ', m->options.at[k]);
		text_add(&t, "%s", m->nocopy ? " nocopy" : "");
	}
	return text_str(&t);
}

enum which { VOLUME, MOUNT, TMPFS };

static const char *one(enum which w, const char *value)
{
	const char *list[] = { value };
	strings l = { list, 1 };
	struct inst_options o = { 0 };

	*(w == VOLUME ? &o.volumes : w == MOUNT ? &o.mounts : &o.tmpfs) = l;
	return told(&o);
}

static const struct {
	enum which w;
	const char *value, *is;
} good[] = {
	{ VOLUME, "/srv/www:/var/www", "bind /srv/www on /var/www rbind,rprivate,nosuid,nodev" },
	{ VOLUME, "/srv//www/:/var/../www/:ro", "bind /srv/www on /www ro,rbind,rprivate,nosuid,nodev" },
	{ VOLUME, "./data:/d", "bind /here/data on /d rbind,rprivate,nosuid,nodev" },
	{ VOLUME, "../data:/d", "bind /data on /d rbind,rprivate,nosuid,nodev" },
	{ VOLUME, "dns-data:/d", "volume dns-data on /d bind,rprivate,nosuid,nodev" },
	{ VOLUME, "dns-data:/d:ro,nocopy,z,noexec", "volume dns-data on /d ro,noexec,bind,rprivate,nosuid,nodev nocopy" },
	{ VOLUME, "/a:/b:bind,suid,dev,rslave,idmap", "bind /a on /b bind,suid,dev,rslave,idmap" },
	{ VOLUME, "/only/", "own volumes/1 on /only bind,rprivate,nosuid,nodev" },
	{ MOUNT, "type=volume,dst=/b,noexec", "own volumes/1 on /b noexec,bind,rprivate,nosuid,nodev" },
	{ MOUNT, "dst=/b,nocopy", "own volumes/1 on /b bind,rprivate,nosuid,nodev nocopy" },
	{ TMPFS, "/run", "tmpfs - on /run nosuid,nodev,noexec,tmpcopyup,size=64m,nr_inodes=64k" },
	{ TMPFS, "/run:size=64m,mode=1777,exec,notmpcopyup", "tmpfs - on /run size=64m,mode=1777,exec,nosuid,nodev,nr_inodes=64k" },
	{ TMPFS, "/run:nr_inodes=9,size=10%", "tmpfs - on /run nr_inodes=9,size=10%,nosuid,nodev,noexec,tmpcopyup" },
	{ MOUNT, "type=bind,src=/a,dst=/b,ro", "bind /a on /b ro,rbind,rprivate,nosuid,nodev" },
	{ MOUNT, "target=/b,source=/a,readonly=true,type=bind", "bind /a on /b ro,rbind,rprivate,nosuid,nodev" },
	{ MOUNT, "type=bind,src=/a,dst=/b,ro=false,bind-propagation=shared,idmap", "bind /a on /b shared,idmap,rbind,nosuid,nodev" },
	{ MOUNT, "type=volume,src=v,destination=/b,nocopy", "volume v on /b bind,rprivate,nosuid,nodev nocopy" },
	{ MOUNT, "src=v,dst=/b", "volume v on /b bind,rprivate,nosuid,nodev" },
	{ MOUNT, "type=tmpfs,dst=/t,tmpfs-size=1g,tmpfs-mode=755", "tmpfs - on /t size=1g,mode=755,nosuid,nodev,noexec,tmpcopyup,nr_inodes=64k" },
};

static const struct {
	enum which w;
	const char *value, *says;
} bad[] = {
	{ VOLUME, "only", "expected SOURCE:TARGET" },
	{ VOLUME, "./only", "expected SOURCE:TARGET" },
	{ VOLUME, "", "expected SOURCE:TARGET" },
	{ VOLUME, "/", "the root itself" },
	{ VOLUME, ":/b", "expected SOURCE:TARGET" },
	{ VOLUME, "/a:b", "must be an absolute path" },
	{ VOLUME, "/a:/", "the root itself" },
	{ VOLUME, "/a:/x/..", "the root itself" },
	{ VOLUME, "/a:/b:wo", "unknown option wo" },
	{ VOLUME, "/a:/b:size=5", "unknown option size=5" },
	{ VOLUME, "/a:/b:U", "write idmap" },
	{ VOLUME, "v:/b:idmap", "unknown option idmap" },
	{ VOLUME, "a b:/b", "invalid volume name" },
	{ VOLUME, "-v:/b", "invalid volume name" },
	{ TMPFS, "run", "must be an absolute path" },
	{ TMPFS, "/run:huge=always", "unknown option huge=always" },
	{ TMPFS, "/run:size=", "unknown option size=" },
	{ TMPFS, "/run:rshared", "unknown option rshared" },
	{ MOUNT, "type=overlay,dst=/b", "bind, volume, tmpfs, not overlay" },
	{ MOUNT, "type=bind,src=/a", "target=PATH is missing" },
	{ MOUNT, "type=bind,dst=/b", "source= is missing" },
	{ MOUNT, "type=bind,src=/a,dst=/b,ro=maybe", "true or false" },
	{ MOUNT, "type=bind,src=/a,dst=/b,tmpfs-size=5", "unknown option size=5" },
	{ MOUNT, "type=bind,src=/a,dst=/b,lowerdir=/x", "unknown key lowerdir" },
};

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_string_equal(one(good[i].w, good[i].value), good[i].is);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *said = one(bad[i].w, bad[i].value);

		if (!text_starts(said, "option --") && !text_starts(said, "invalid volume name"))
			fail_msg("%s: %s", bad[i].value, said);
		if (!strstr(said, bad[i].says))
			fail_msg("%s: %s", bad[i].value, said);
	}
}

static void order(void **state)
{
	const char *volumes[] = { "/a:/x/y", "/b:/x", "/c:/z" }, *tmpfs[] = { "/x/w" };
	struct inst_options o = { .volumes = { volumes, 3 }, .tmpfs = { tmpfs, 1 } };
	const char *said = told(&o);

	(void)state;
	assert_true(text_starts(said, "bind /b on /x "));
	assert_true(strstr(said, " /c on /z ") < strstr(said, " /a on /x/y "));
	assert_true(strstr(said, " /a on /x/y ") < strstr(said, " on /x/w "));
	tmpfs[0] = "/z/";
	assert_string_equal(told(&o), "option --tmpfs \"/z/\": something else is mounted on /z");
}

/* A stranger's words: "VOLUME /", "VOLUME data" and what an option has already are none. */
static void of_an_image(void **state)
{
	const char *volumes[] = { "/data", "v:/named" }, *image[] = { "/", "data", "/named/", "/var//lib/x", "/data", "/a" };
	struct inst_options o = { .volumes = { volumes, 2 } };
	inst_mounts l;

	(void)state;
	assert_int_equal(inst_mounts_parse(&arena, &o, "/here", &l, NULL), 0);
	for (size_t i = 0; i < 6; i++)
		inst_mounts_add_own(&arena, image[i], &l);
	assert_int_equal(l.len, 4);
	assert_string_equal(l.at[0].source, "volumes/1");
	assert_string_equal(l.at[2].target, "/a");
	assert_string_equal(l.at[2].source, "volumes/3");
	assert_string_equal(l.at[3].target, "/var/lib/x");
	assert_string_equal(l.at[3].source, "volumes/2");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(values), cmocka_unit_test(order), cmocka_unit_test(of_an_image) };
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	arena_done(&arena);
	return r;
}
