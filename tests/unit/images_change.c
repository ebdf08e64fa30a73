/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/change.h"
#include "base/text.h"
#include "unit.h"

static struct arena arena;

static const char *encode(const struct oci_image_run *run)
{
	struct text t = { .arena = &arena };

	for (size_t i = 0; i < run->entrypoint.len; i++)
		text_add(&t, "<%s>", run->entrypoint.at[i]);
	for (size_t i = 0; i < run->cmd.len; i++)
		text_add(&t, "[%s]", run->cmd.at[i]);
	for (size_t i = 0; i < run->env.len; i++)
		text_add(&t, " %s", run->env.at[i]);
	for (size_t i = 0; i < run->labels.len; i++)
		text_add(&t, " %s:%s", run->labels.at[i].key, run->labels.at[i].value);
	for (size_t i = 0; i < run->ports.len; i++)
		text_add(&t, " %s", run->ports.at[i].name);
	for (size_t i = 0; i < run->volumes.len; i++)
		text_add(&t, " %s", run->volumes.at[i].name);
	text_add(&t, "|%s|%s|%s", run->user ? run->user : "", run->workdir ? run->workdir : "", run->stop_signal ? run->stop_signal : "");
	return text_str(&t);
}

/* An image that has a bit of all, changed; what it had is not touched. */
static const char *changed(const char *change)
{
	static const char *cmd[] = { "old" }, *env[] = { "A=1", "B=2" };
	static struct pair labels[] = { { "of", "base" } };
	static struct oci_image_key ports[] = { { "53/udp" } }, volumes[] = { { "/data" } };
	struct oci_image_run run = { .cmd = { cmd, 1 }, .env = { env, 2 }, .labels = { labels, 1 }, .user = "www" };
	struct err e = { 0 };

	run.ports.at = ports;
	run.volumes.at = volumes;
	run.ports.len = run.volumes.len = 1;
	if (img_change(&arena, change, &run, &e) < 0)
		return arena_strdup(&arena, e.msg);
	assert_string_equal(env[1], "B=2");
	assert_string_equal(labels[0].value, "base");
	return encode(&run);
}

static void changes(void **state)
{
	static const char *const rows[][2] = {
		{ "CMD=a  b\tc", "[a][b][c] A=1 B=2 of:base 53/udp /data|www||" },
		{ "CMD=[\"a  b\", \"\"]", "[a  b][] A=1 B=2 of:base 53/udp /data|www||" },
		{ "CMD=", " A=1 B=2 of:base 53/udp /data|www||" },
		{ "ENTRYPOINT x", "<x> A=1 B=2 of:base 53/udp /data|www||" },
		{ "env B=3=4", "[old] A=1 B=3=4 of:base 53/udp /data|www||" },
		{ "ENV=C=", "[old] A=1 B=2 C= of:base 53/udp /data|www||" },
		{ "USER=1:2", "[old] A=1 B=2 of:base 53/udp /data|1:2||" },
		{ "WORKDIR=/a/../b/", "[old] A=1 B=2 of:base 53/udp /data|www|/b|" },
		{ "LABEL=of=x", "[old] A=1 B=2 of:x 53/udp /data|www||" },
		{ "LABEL=new=y z", "[old] A=1 B=2 of:base new:y z 53/udp /data|www||" },
		{ "EXPOSE=53/udp", "[old] A=1 B=2 of:base 53/udp /data|www||" },
		{ "EXPOSE=53", "[old] A=1 B=2 of:base 53/udp 53/tcp /data|www||" },
		{ "VOLUME=/x/", "[old] A=1 B=2 of:base 53/udp /data /x|www||" },
		{ "STOPSIGNAL=INT", "[old] A=1 B=2 of:base 53/udp /data|www||INT" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(changed(rows[i][0]), rows[i][1]);
}

static void mistakes(void **state)
{
	static const char *const rows[] = { "", "CMD", "=x", "CMDS=x", "RUN=x", "CMD=[", "CMD=[1]", "ENV=A", "ENV==1", "LABEL=x", "LABEL==",
					    "USER=", "WORKDIR=x", "EXPOSE=", "EXPOSE=0", "EXPOSE=65536", "EXPOSE=1/x", "EXPOSE=-1",
					    "VOLUME=x", "VOLUME=/", "VOLUME=/a/..", "STOPSIGNAL=" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_non_null(strstr(changed(rows[i]), "option --change"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(changes), cmocka_unit_test(mistakes) };
	int r = RUN(tests);

	arena_done(&arena);
	return r;
}
