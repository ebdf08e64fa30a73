/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents that a rule refuses, each with its exact sentence: data/oci-bad.txt.  A line that starts with
 * '@' is a document, "@linux {…}" short for a whole one with that branch; the line below it is the sentence.
 */
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "oci/spec.h"
#include "oci_data.h"

static const struct {
	const char *name, *format;
} shorthands[] = {
	{ "@@ ", "%s" },
	{ "@top ", "{%s,\n\"root\":{\"path\":\"rootfs\"}}" },
	{ "@more ", "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\n%s}" },
	{ "@process ", "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\n\"process\":%s}" },
	{ "@linux ", "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\n\"linux\":%s}" },
	{ "@kist ", "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\n"
		    "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\n\"kist\":{\"root\":%s}}" },
};

static const char *expand(struct arena *a, const char *line)
{
	for (size_t i = 0; i < sizeof(shorthands) / sizeof(shorthands[0]); i++) {
		size_t n = strlen(shorthands[i].name);
		const char *mark = strstr(shorthands[i].format, "%s");

		if (!strncmp(line, shorthands[i].name, n))
			return arena_printf(a, "%.*s%s%s", (int)(mark - shorthands[i].format),
					    shorthands[i].format, line + n, mark + 2);
	}
	return NULL;
}

static void refused(void **state)
{
	auto_arena a = { 0 };
	char *save = NULL, *line = strtok_r(data_read(&a, "tests/unit/data/oci-bad.txt", NULL), "\n", &save);
	size_t n = 0, wrong = 0;

	(void)state;
	for (; line; line = strtok_r(NULL, "\n", &save)) {
		const char *text = expand(&a, line), *says;
		struct oci_spec s = { 0 };
		struct err e = { 0 };

		if (*line == '#')
			continue;
		assert_non_null(text);
		if (!oci_parse_spec(&a, "config.json", text, strlen(text), &s, &e))
			snprintf(e.msg, sizeof(e.msg), "accepted");
		says = strtok_r(NULL, "\n", &save);
		if (!says || strcmp(e.msg, says)) {
			print_message("# %s\n# says:     %s\n# expected: %s\n", line, e.msg,
				      says ? says : "");
			wrong++;
		}
		n++;
	}
	assert_int_equal(wrong, 0);
	assert_true(n > 150);
}

static void mapping_lines_are_limited(void **state)
{
	auto_arena a = { 0 };
	struct text t = { .arena = &a };
	struct oci_spec s = { 0 };
	struct err e;

	(void)state;
	text_add(
		&t,
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"namespaces\":[{\"type\":\"user\"}],"
		"\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],\"uidMappings\":[");
	for (int i = 0; i < 340; i++)
		text_add(&t, "%s{\"containerID\":%d,\"hostID\":%d,\"size\":1}", i ? "," : "", i, i);
	assert_int_equal(oci_parse_spec(&a, "c", arena_printf(&a, "%s]}}", t.at), t.len + 3, &s, &e), 0);
	text_add(&t, ",{\"containerID\":340,\"hostID\":340,\"size\":1}]}}");
	assert_true(oci_parse_spec(&a, "c", t.at, t.len, &s, &e) < 0);
	assert_string_equal(e.msg, "c.linux.uidMappings (line 1): 341 lines, but Linux takes at most 340");
}

static void layers_are_limited(void **state)
{
	auto_arena a = { 0 };
	struct oci_spec s = { 0 };
	struct err e;

	(void)state;
	for (int n = 500; n <= 501; n++) {
		struct text t = { .arena = &a };
		const char *text;
		int r;

		for (int i = 0; i < n; i++)
			text_add(&t, "%s\"/layers/%d\"", i ? "," : "", i);
		text = expand(&a, arena_printf(&a, "@kist {\"lower\":[%s]}", text_str(&t)));
		r = oci_parse_spec(&a, "c", text, strlen(text), &s, &e);
		assert_int_equal(r, n > 500 ? -EINVAL : 0);
	}
	assert_string_equal(e.msg, "c.kist.root.lower (line 3): 501 layers, but Linux takes at most 500");
}

static const char *const good[] = {
	"@top \"ociVersion\":\"1.0.0\"",
	"@top \"ociVersion\":\"1.9.0-rc.1+build.5\"",
	"@more \"mounts\":[{\"destination\":\"relative\",\"type\":\"tmpfs\"}]",
	"@more \"hostname\":\"\",\"annotations\":{\"a\":\"\"}",
	"@more \"hostname\":\"h\",\"linux\":{\"namespaces\":[{\"type\":\"uts\",\"path\":\"/proc/1/ns/uts\"}]}",
	"@linux {\"namespaces\":[{\"type\":\"pid\",\"path\":\"\"}]}",
	"@linux {\"namespaces\":[{\"type\":\"user\",\"path\":\"/proc/1/ns/user\"}],"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}]}",
	"@linux {\"namespaces\":[{\"type\":\"user\",\"path\":\"/proc/1/ns/user\"}]}",
	"@linux {\"namespaces\":[{\"type\":\"uts\"}],\"sysctl\":{\"kernel.domainname\":\"x\"}}",
	"@linux {\"devices\":[{\"type\":\"c\",\"path\":\"/dev/a\",\"major\":1,\"minor\":3,\"fileMode\":8630}]}",
	"@linux {\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":0,\"listenerPath\":\"ignored\"}}",
	"@linux {\"resources\":{\"memory\":{\"limit\":-1,\"swap\":-1},\"cpu\":{\"quota\":-1,\"period\":0},\"pids\":{},"
	"\"blockIO\":{\"weight\":0}}}",
	"@linux {\"rootfsPropagation\":\"rshared\"}",
	"@kist {}",
	"@kist {\"lower\":[\"/\"]}",
	"@kist {\"lower\":[\"/b/fs\",\"/a/fs\"],\"upper\":\"a/upper\",\"work\":\"a/work\",\"volatile\":true}",
	"@kist {\"lower\":[\"/..a/b..\"],\"upper\":\"/i/upper\",\"work\":\"/i/work\"}",
	"@process {\"args\":[\"a\"],\"cwd\":\"/\",\"user\":{}}",
};

static void accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		auto_arena a = { 0 };
		const char *text = expand(&a, good[i]);
		struct oci_spec s = { 0 };
		struct err e = { 0 };

		if (oci_parse_spec(&a, "config.json", text, strlen(text), &s, &e) < 0)
			fail_msg("%s: %s", good[i], e.msg);
	}
}

static void sysctl_files(void **state)
{
	static const struct {
		const char *name, *file;
	} names[] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
		{ "net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding" },
		{ "net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding" },
		{ "kernel", "kernel" },
		{ "net.ipv4.", NULL },
		{ "net//a", NULL },
		{ "./a", NULL },
		{ "a/..", NULL },
		{ "a/./b", NULL },
		{ "a.//.b", NULL },
		{ "a\tb", NULL },
	};
	char file[OCI_SYSCTL_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(oci_sysctl_file(names[i].name, file, sizeof(file)), names[i].file != NULL);
		if (names[i].file)
			assert_string_equal(file, names[i].file);
	}
	assert_false(oci_sysctl_file("kernel.sem", file, 10));
	assert_true(oci_sysctl_file("kernel.sem", file, 11));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(mapping_lines_are_limited),
		cmocka_unit_test(layers_are_limited),
		cmocka_unit_test(accepted),
		cmocka_unit_test(sysctl_files),
	};

	return RUN(tests);
}
