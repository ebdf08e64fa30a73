/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/image_work.h"
#include "cmd/volume.h"
#include "images/sink.h"
#include "images/volume.h"

int volume_export(struct call *c, struct err *e)
{
	const struct export_volume *o = c->opts;
	auto_store s = ST_NONE;
	auto_sink sink = IMG_SINK_NONE;
	int fd, r = st_open(c->ctx.arena, c->data, true, &s, e);

	if (r)
		return r;
	fd = img_sink_open(&sink, c->ctx.arena, o->output, false, e);
	if (fd < 0)
		return fd;
	sink.private = true;
	r = img_volume_export(c->ctx.arena, &s, c->args.at[0], fd, e);
	return r < 0 ? r : img_sink_finish(&sink, e);
}

int volume_import(struct call *c, struct err *e)
{
	const struct import_volume *o = c->opts;
	const struct img_limits limits = img_limits_of(o->max_size);
	const char *volume = c->args.at[0], *from = c->args.at[1];
	bool standard = !strcmp(from, "-");
	auto_store s = ST_NONE;
	auto_fd file = standard ? -1 : fd_open(AT_FDCWD, from, O_RDONLY);
	auto_fd lock = -1;
	inst_uses uses;

	if (file < 0 && !standard)
		return err_num(e, file, "open %s", from);
	/* Another directory takes the place of the volume's: nobody may have it, or begin to use it meanwhile. */
	lock = volume_hold(c, &s, &uses, e);
	if (lock < 0)
		return lock;
	for (size_t i = 0; i < uses.len; i++)
		if (!strcmp(uses.at[i].volume, volume))
			return err_set(e, EBUSY, "volume %s is used by instance %s; import into another one", volume, uses.at[i].instance);
	return img_volume_import(c->ctx.arena, &s, volume, standard ? STDIN_FILENO : file, &limits, e);
}
