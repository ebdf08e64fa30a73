/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kist-image: images come in and go out.  A program of its own, because libarchive and what it draws in are large and
 * read what strangers wrote; kist itself stays small.  kist executes it with the command line it was given.
 */
#include <signal.h>
#include <sys/resource.h>

#include "base/log.h"
#include "cmd/cli.h"
#include "cmd/image_work.h"
#include "cmd/tree.h"
#include "cmd/volume.h"

const struct verb *const verbs[] = { &verb_image, &verb_volume, &verb_system, &verb_commit, &verb_export, NULL };

static const struct {
	const struct verb *verb;
	int (*run)(struct call *c, struct err *e);
} work[] = {
	{ &verb_image_import, image_import },
	{ &verb_image_list, image_list },
	{ &verb_image_inspect, image_inspect },
	{ &verb_image_tag, image_tag },
	{ &verb_image_export, image_export },
	{ &verb_image_remove, image_remove },
	{ &verb_image_prune, system_prune },
	{ &verb_system_prune, system_prune },
	{ &verb_system_check, system_check },
	{ &verb_system_df, system_df },
	{ &verb_commit, image_commit },
	{ &verb_export, instance_export },
	{ &verb_export_volume, volume_export },
	{ &verb_import_volume, volume_import },
};

int image_run(struct call *c, struct err *e)
{
	size_t i = 0;

	while (work[i].verb != c->verb)
		i++;
	return work[i].run(c, e);
}

/* The end of a pipe is an error to be told, and merged layers are many open directories. */
static void prepare(void)
{
	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv)
{
	static struct arena arena;
	struct err e = { 0 };
	int code;

	prepare();
	log_for_people();
	if (cli_run(&arena, argc, argv, &code, &e) < 0)
		log_line(LOG_ERROR, "%s", e.msg);
	return code;
}
