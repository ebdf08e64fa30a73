/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/log.h"
#include "cmd/verbs.h"
#include "instances/carry.h"

struct cp_opts {
	bool archive, follow;
};

static const struct opt rows[] = {
	O_FLAG(struct cp_opts, archive, 'a', "archive",
	       "keep owners, by their numbers in the instance, set-id bits, capabilities and user attributes"),
	O_FLAG(struct cp_opts, follow, 'L', "follow-link", "copy what SOURCE leads to when it is a symbolic link"),
};

static int run(struct call *c, struct err *e)
{
	const struct cp_opts *o = c->opts;
	const char *from = c->args.at[0], *to = c->args.at[1];
	struct inst_carry job = { .archive = o->archive, .follow = o->follow };
	int r = spot_parse(c->ctx.arena, from, &job.from, e);

	log_for_people(); /* of what is left out */
	if (!r)
		r = spot_parse(c->ctx.arena, to, &job.to, e);
	if (!r && !job.from.instance && !job.to.instance)
		r = err_set(e, EINVAL, "neither is in an instance: one of them must be NAME:PATH");
	if (!r)
		r = inst_carry(&c->ctx, c->data, &job, e);
	return r < 0 ? err_in(e, r, "copy %s to %s", from, to) : 0;
}

const struct verb verb_cp = {
	.name = "cp",
	.summary = "copy files into an instance, or out of it",
	.detail = "One of SOURCE and DEST, or both, is NAME:PATH, a path in an instance or a container that runs; the other a path "
		  "of this host. Symbolic links inside end inside, and a PATH begins at the root there.\n\n"
		  "A DEST that is a directory gets SOURCE under its own name; else SOURCE gets the name DEST, whose directory "
		  "must exist. A file that has the name is replaced; a directory never is, but what is copied "
		  "comes to what it holds. \"SOURCE/.\" means what is in the directory SOURCE, and not the directory. \"DEST/\" "
		  "must be a directory that exists, or one that the copy makes.\n\n"
		  "Copies belong to the instance's root, on the host to who runs kist; modes and times are kept, and with --archive "
		  "the rest. A symbolic link is copied as one, or followed as SOURCE with --follow-link or a \"/\" behind it. "
		  "Holes and hard links stay what they are. Devices and sockets are left out, and what the kernel makes up in "
		  "/proc and /sys.\n\n"
		  "A running instance is seen as it sees itself, with its volumes and memory file systems. The root and volumes of "
		  "a stopped one are put together for the copy; where it has a memory file system while it runs nothing can be "
		  "written. An instance that changes what is being copied gets an odd copy or an error, and reaches nothing outside "
		  "of itself.",
	.operands = { { "SOURCE", COMPLETE_PLACE }, { "DEST", COMPLETE_PLACE } },
	.examples = {
		{ "kist cp zones.conf dns1:/etc/nsd/", "Into a directory of the instance." },
		{ "kist cp dns1:/var/log/. logs", "What the directory holds, into logs." },
		{ "kist cp -a old:/srv new:/srv/.", "From one instance to another, with owners." },
	},
	OPTS(struct cp_opts, rows),
	.run = run,
};
