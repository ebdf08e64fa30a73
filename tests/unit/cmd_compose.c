/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the words on the command line to the document: data/compose.txt has, behind each line "$ kist run …", the lines by
 * which the document differs from that of the first case, or the sentence that says why there is none.
 * With BLESS=1 the file is written anew.
 */
#include <stdio.h>
#include <unistd.h>

#include "oci_data.h"
#include "base/text.h"
#include "cmd/create.h"
#include "instances/compose.h"

#define DATA "tests/unit/data/compose.txt"
enum { MOST_LINES = 2000 };

static struct arena arena;

static const char *const cases[] = {
	"IMAGE",
	"IMAGE sh -c true",
	"--entrypoint /bin/sh IMAGE",
	"--entrypoint '' IMAGE sh",
	"-e A=1 --env A=2 -e PATH=/bin -e HOME=/h IMAGE",
	"-u 1000 IMAGE",
	"-u 1000 --cap-add net_raw --cap-add CAP_SYS_TIME IMAGE",
	"--cap-drop ALL IMAGE",
	"--cap-drop all --cap-add kill IMAGE",
	"--cap-add ALL --cap-drop SYS_ADMIN IMAGE",
	"--cap-add FLY IMAGE",
	"--cap-drop CAP_ IMAGE",
	"--workdir /srv --hostname other --umask 027 IMAGE",
	"--workdir srv IMAGE",
	"--umask 1777 IMAGE",
	"--umask 8 IMAGE",
	"-t IMAGE",
	"--rm --label a=b --label c= --label a=d --annotation x.y=z --stop-signal INT IMAGE",
	"--label a IMAGE",
	"--stop-signal NOPE IMAGE",
	"--security-opt no-new-privileges=false --security-opt apparmor=web --security-opt label=system_u:system_r:x_t:s0 IMAGE",
	"--security-opt no-new-privileges --security-opt mask=/a:/b/ --security-opt unmask=/proc/kcore:/proc/sys IMAGE",
	"--security-opt unmask=ALL --security-opt mask=/a IMAGE",
	"--security-opt privileged IMAGE",
	"--security-opt seccomp IMAGE",
	"--security-opt mask=a IMAGE",
	"-m 64m IMAGE",
	"-m 64m --memory-swap 128m --memory-reservation 32m IMAGE",
	"--cpus 1.5 -c 512 --cpuset-cpus 0-3 --cpuset-mems 0 --pids-limit 10 IMAGE",
	"--cpus 0 IMAGE",
	"--cpus 1.x IMAGE",
	"--cpus .5 IMAGE",
	"--pids-limit -1 --shm-size 1g IMAGE",
	"--ulimit nofile=10 --ulimit core=0:unlimited --ulimit NPROC=5:6 IMAGE",
	"--ulimit nofile=7:6 IMAGE",
	"--ulimit files=7 IMAGE",
	"--sysctl net.ipv4.ip_forward=1 IMAGE",
	"--sysctl kernel.panic=1 IMAGE",
	"--network none IMAGE",
	"--network host IMAGE",
	"--network host --sysctl net.ipv4.ip_forward=1 IMAGE",
	"--network lan:ip=10.20.0.53 -p 53:53/udp IMAGE",
	"--network lan --network host IMAGE",
	"--ip 10.90.0.5 --ip6 fd00::5 --mac-address 02:00:00:00:00:05 IMAGE",
	"--network container:web IMAGE",
	"--network container:web --sysctl net.ipv4.ip_forward=1 IMAGE",
	"--network container:web -p 80 IMAGE",
	"--userns host IMAGE",
	"--userns host --pid host --ipc host --uts host IMAGE",
	"--pid host IMAGE",
	"--ipc host IMAGE",
	"--uts host --hostname x IMAGE",
	"--read-only IMAGE",
	"--read-only --tmpfs /run:size=1m -v data:/var/lib/data IMAGE",
	"-v /deep/er -v /data --mount type=volume,dst=/deep,ro IMAGE",
	"-v /srv:/srv:ro -v data:/data -v ./x:/srv/x:idmap --mount type=tmpfs,dst=/t IMAGE",
	"--userns host -v data:/data IMAGE",
	"--tmpfs /dev/shm:size=5m IMAGE",
};

static const struct oci_mapping ids = { 0, 1879048192, 65536 };

static const char *entrypoint[] = { "/bin/server", NULL }, *cmd[] = { "--foreground", NULL },
		  *env[] = { "A=image", "B=image", NULL }, *lower[] = { "/data/layers/b/fs", "/data/layers/a/fs", NULL },
		  *unconfined[] = { "seccomp=unconfined", NULL };
static struct oci_image_key volumes[] = { { "/var/lib/data" } };
/* Nothing that an image says of itself may steer kist. */
static struct pair labels[] = { { "io.kist.privileged", "true" }, { "PODMAN_SYSTEMD_UNIT", "ssh.service" } };
static const struct oci_image_run config = {
	.entrypoint = { entrypoint, 1 },
	.cmd = { cmd, 1 },
	.env = { env, 2 },
	.workdir = "/work",
	.volumes = { volumes, 1 },
	.labels = { labels, 2 },
	.stop_signal = "SIGTERM",
};
static const struct st_image image = { .name = "IMAGE", .digest = "sha256:0123", .config = { .config = &config } };

/* Splits a line at its spaces; "''" is an empty word. */
static struct args split(const char *line)
{
	struct strv v = { .arena = &arena };
	char *copy = arena_strdup(&arena, line), *save;

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		strv_add(&v, strcmp(w, "''") ? w : "");
	return (struct args){ (int)v.len, (char **)v.at };
}

static int compose(const char *line, struct oci_spec *out, struct err *e)
{
	struct create_opts o = { 0 };
	struct args args = split(line);
	struct inst_facts f = {
		.name = "web1", .image = &image, .ids = &ids, .pids = true, .nofile = 1 << 20,
		.lower = { lower, 2 },
		.user = { .home = "/root" },
	};
	int r = opts_parse(&arena, &verb_run, &args, &o, e);

	if (r < 0)
		return r;
	if (o.inst.user)
		f.user.ids.uid = f.user.ids.gid = 1000;
	if (o.inst.userns == INST_USERNS_HOST)
		f.ids = NULL;
	f.env = o.inst.env;
	f.command = (strings){ (const char **)args.at + 1, (size_t)args.n - 1 };
	if (!o.inst.security.len)
		o.inst.security = (strings){ unconfined, 1 };
	r = inst_mounts_parse(&arena, &o.inst, "/here", &f.mounts, e);
	if (!r && o.inst.read_only)
		inst_mounts_add_own(&arena, volumes[0].name, &f.mounts);
	if (!r)
		r = inst_network_parse(&arena, &o.inst, &f.network, e);
	return r ? r : inst_compose(&arena, &o.inst, &f, out, e);
}

static const char *document(const char *line)
{
	struct oci_spec s = { 0 };
	struct err e = { 0 };

	if (compose(line, &s, &e) < 0)
		return arena_printf(&arena, "! %s\n", e.msg);
	if (s.linux_->seccomp) { /* it has a test of its own */
		struct oci_linux *l = arena_alloc(&arena, sizeof(*l));

		*l = *s.linux_;
		l->seccomp = NULL;
		s.linux_ = l;
	}
	return oci_encode_text(&arena, &oci_spec_object, &s, JSON_PRETTY, NULL);
}

static size_t lines(const char *text, char **at)
{
	char *save, *copy = arena_strdup(&arena, text);
	size_t n = 0;

	for (char *l = strtok_r(copy, "\n", &save); l && n < MOST_LINES; l = strtok_r(NULL, "\n", &save))
		at[n++] = l;
	return n;
}

/* The longest common subsequence; what is not in it is printed. */
static void difference(const char *old, const char *new, struct text *t)
{
	static char *a[MOST_LINES], *b[MOST_LINES];
	static unsigned short best[MOST_LINES + 1][MOST_LINES + 1];
	size_t n = lines(old, a), m = lines(new, b), i = 0, j = 0;

	for (size_t x = n + 1; x-- > 0;)
		for (size_t y = m + 1; y-- > 0;)
			best[x][y] = x == n || y == m	      ? 0
				     : !strcmp(a[x], b[y]) ? (unsigned short)(best[x + 1][y + 1] + 1)
				     : best[x + 1][y] >= best[x][y + 1] ? best[x + 1][y]
									: best[x][y + 1];
	while (i < n || j < m) {
		if (i < n && j < m && !strcmp(a[i], b[j])) {
			i++;
			j++;
		} else if (i < n && (j == m || best[i + 1][j] >= best[i][j + 1])) {
			text_add(t, "-%s\n", a[i++]);
		} else {
			text_add(t, "+%s\n", b[j++]);
		}
	}
}

static void golden(void **state)
{
	struct text t = { .arena = &arena };
	const char *first = document(cases[0]);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *doc = document(cases[i]);

		text_add(&t, "$ kist run %s\n", cases[i]);
		if (!i || *doc == '!')
			text_add(&t, "%s", doc);
		else
			difference(first, doc, &t);
	}
	if (getenv("BLESS")) {
		FILE *out = fopen(data_path(&arena, DATA), "w");

		assert_non_null(out);
		assert_int_equal(fwrite(t.at, 1, t.len, out), t.len);
		fclose(out);
	}
	assert_string_equal(text_str(&t), data_read(&arena, DATA, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden) };
	int r = RUN(tests);

	arena_done(&arena);
	return r;
}
