/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan NAME.json: prints the plan of that document, or on stderr the sentence that refuses it (exit code 1).
 * The host is invented, so that the text is the same on every machine: root, cgroup v2 at /sys/fs/cgroup
 * with every controller.  NAME.opts beside the document changes that: lines KEY or KEY=VALUE from the table
 * below ("-": absent).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "runtime/plan.h"

struct facts {
	struct arena a;
	struct ct_ctx c;
	struct ct_create o;
	struct host host;
	struct plan_env env;
};

static int set_number(unsigned *to, const char *value)
{
	return text_u32(value, to) ? 0 : -EINVAL;
}

static int set(struct facts *f, const char *key, const char *value)
{
	const struct {
		const char *key;
		const char **text;
		bool *flag;
		unsigned *number;
	} keys[] = {
		{ "id", &f->o.id, NULL, NULL },
		{ "uid", NULL, NULL, &f->host.uid },
		{ "gid", NULL, NULL, &f->host.gid },
		{ "cgroup-mount", &f->host.cgroup_mount, NULL, NULL },
		{ "controllers", &f->host.controllers, NULL, NULL },
		{ "own-cgroup", &f->host.own_cgroup, NULL, NULL },
		{ "console-socket", &f->o.console_socket, NULL, NULL },
		{ "preserve-fds", NULL, NULL, &f->o.preserve_fds },
		{ "listen-fds", NULL, NULL, &f->env.listen_fds },
		{ "listen-names", &f->env.listen_names, NULL, NULL },
		{ "no-pivot", NULL, &f->o.no_pivot, NULL },
		{ "no-new-keyring", NULL, &f->o.no_new_keyring, NULL },
		{ "detach", NULL, &f->o.detach, NULL },
		{ "dry-run", NULL, &f->o.dry_run, NULL },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].key, key))
			continue;
		if (keys[i].text)
			*keys[i].text = strcmp(value, "-") ? value : NULL;
		else if (keys[i].flag)
			*keys[i].flag = true;
		else
			return set_number(keys[i].number, value);
		return 0;
	}
	if (strcmp(key, "cgroup-disabled") && strcmp(key, "cgroup-systemd"))
		return -EINVAL;
	f->c.manager = strcmp(key, "cgroup-systemd") ? CT_CGROUP_DISABLED : CT_SYSTEMD;
	return 0;
}

static int read_options(struct facts *f, const char *json)
{
	const char *file = arena_printf(&f->a, "%.*s.opts", (int)(strlen(json) - strlen(".json")), json);
	char *text, *save = NULL;
	int r = file_read(&f->a, AT_FDCWD, file, 4096, &text, NULL);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (char *line = strtok_r(text, "\n", &save); line && !r; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		if (value)
			*value++ = 0;
		r = set(f, line, value ? value : "");
		if (r)
			fprintf(stderr, "%s: %s: not an option, or not its value\n", file, line);
	}
	return r;
}

int main(int argc, char **argv)
{
	struct facts f = {
		.o = { .id = "c1", .bundle = "/bundle" },
		.host = { .cgroup_mount = "/sys/fs/cgroup",
			  .controllers = "cpuset cpu io memory hugetlb pids rdma misc\n", .own_cgroup = "/" },
	};
	struct oci_spec spec = { 0 };
	struct plan plan = { 0 };
	struct text out = { .arena = &f.a };
	struct err e = { 0 };
	char *text;
	size_t len;
	int r;

	if (argc != 2 || strlen(argv[1]) < sizeof(".json") || strcmp(strrchr(argv[1], '.'), ".json"))
		return fprintf(stderr, "plan NAME.json\n"), 2;
	f.c.arena = &f.a;
	if (read_options(&f, argv[1]) || file_read(&f.a, AT_FDCWD, argv[1], OCI_MAX_BYTES, &text, &len) < 0)
		return fprintf(stderr, "%s or its .opts cannot be read\n", argv[1]), 2;
	r = ct_check_id(f.o.id, &e);
	if (!r)
		r = oci_parse_spec(&f.a, "config.json", text, len, &spec, &e);
	if (!r)
		r = plan_build(&f.c, &f.o, &spec, &f.host, &f.env, &plan, &e);
	if (!r)
		plan_explain(&plan, &out);
	if (r)
		fprintf(stderr, "%s\n", e.msg);
	else
		fputs(text_str(&out), stdout);
	arena_done(&f.a);
	return r ? 1 : 0;
}
