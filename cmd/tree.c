/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commit and export, as tables; kist-image does them. */
#include "cmd/tree.h"

#include "cmd/image.h"

static const struct word pause_words[] = { { "true", false }, { "false", true }, { NULL, 0 } };
#define PAUSE(S) O_WORD(S, running, 0, "pause", "BOOLEAN", pause_words, "let an instance that runs stand still while its files are read")

#define S struct commit_opts
static const struct opt commit_rows[] = {
	O_STR(S, message, 'm', "message", "TEXT", COMPLETE_NONE, "what has changed, for the image's history"),
	O_STR(S, author, 'a', "author", "NAME", COMPLETE_NONE, "who has changed it"),
	O_LIST(S, changes, 'c', "change", "KEYWORD=VALUE",
	       "change the image's configuration: CMD=, ENTRYPOINT=, ENV=NAME=VALUE, USER=, WORKDIR=, LABEL=NAME=VALUE, "
	       "EXPOSE=PORT[/udp], VOLUME=DIR, STOPSIGNAL=; a command is words between blanks, or a JSON list of strings"),
	PAUSE(S),
};
#undef S

const struct verb verb_commit = {
	.name = "commit",
	.summary = "make an image of what an instance has changed",
	.detail = "The new image has the layers of the instance's own, and on top what the instance has written, changed and removed; "
		  "its configuration but for --change. What is in volumes and memory file systems is not in it, and what "
		  "the command line of the instance said is not either. An image that had the name IMAGE before loses it.\n\n"
		  "What is written while it is read may be in the image by halves; therefore an instance that runs stands still, "
		  "and so do the signals that would end kist.",
	.operands = { { "NAME", COMPLETE_CONTAINER }, { "IMAGE", COMPLETE_IMAGE } },
	.examples = {
		{ "kist commit -m 'zones of May' dns1 dns:2", "The next run can begin with these files." },
		{ "kist commit -c 'CMD=[\"nsd\", \"-d\"]' -c EXPOSE=53/udp lab dns:3", "With another command." },
	},
	OPTS(struct commit_opts, commit_rows),
	.run = image_run,
};

#define S struct export_opts
static const struct opt export_rows[] = {
	O_STR(S, output, 'o', "output", "FILE", COMPLETE_FILE, "write to FILE, which is replaced when all is written (default: standard output, also \"-\")"),
	PAUSE(S),
};
#undef S

const struct verb verb_export = {
	.name = "export",
	.summary = "write the files of an instance as a tar archive",
	.detail = "Its root as it is now, in one: the layers of its image and what it has written, with the owners that it sees. Volumes "
		  "(kist volume export) and memory file systems are not in it. kist image import makes an image of one layer of "
		  "it.",
	.operands = { { "NAME", COMPLETE_CONTAINER } },
	.examples = {
		{ "kist export -o dns1.tar dns1", "Into a file." },
		{ "kist export dns1 | kist image import --name dns:flat --cmd 'nsd -d' -", "An image without the history." },
	},
	OPTS(struct export_opts, export_rows),
	.run = image_run,
};
