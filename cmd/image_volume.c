/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/image_work.h"
#include "cmd/volume.h"
#include "images/volume.h"

int volume_export(struct call *c, struct err *e)
{
	const struct export_volume *o = c->opts;
	auto_store s = ST_NONE;
	auto_fd file = -1;
	int r = st_open(c->ctx.arena, c->data, true, &s, e);

	if (r)
		return r;
	if (!o->output && isatty(STDOUT_FILENO))
		return err_set(e, EINVAL, "standard output is a terminal; name a file with --output, or redirect it");
	if (!o->output)
		return img_volume_export(c->ctx.arena, &s, c->args.at[0], STDOUT_FILENO, e);
	file = open(o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return err_sys(e, "option --output: make %s", o->output);
	return img_volume_export(c->ctx.arena, &s, c->args.at[0], file, e);
}

int volume_import(struct call *c, struct err *e)
{
	const char *from = c->args.at[1];
	bool standard = !strcmp(from, "-");
	auto_store s = ST_NONE;
	auto_fd file = standard ? -1 : fd_open(AT_FDCWD, from, O_RDONLY);
	int r = st_open(c->ctx.arena, c->data, true, &s, e);

	if (r)
		return r;
	if (file < 0 && !standard)
		return err_num(e, file, "open %s", from);
	return img_volume_import(c->ctx.arena, &s, c->args.at[0], standard ? STDIN_FILENO : file, e);
}
