/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/format.h"
#include "cmd/image.h"

static const struct opt check_rows[] = {
	O_FLAG(struct system_check_opts, repair, 0, "repair",
	       "remove what is damaged or left over, and the names of images that are no longer whole"),
};

const struct verb verb_system_check = {
	.name = "check",
	.group = "system",
	.summary = "check the data directory, and repair it",
	.detail = "Reads every blob and compares its digest, sees that each image has its documents and layers, and finds what "
		  "an interrupted command left behind. Prints a line for each finding and fails when there is one that is "
		  "not repaired. A removed image is imported again; instances keep their own files. An index that "
		  "cannot be understood is kept as index.json.damaged, and a new one lists the images that there are, without "
		  "their names: kist image tag gives them new ones.",
	.examples = { { "kist system check", "Looks, changes nothing." },
		      { "kist system check --repair", "After a failing disk or a copied data directory." } },
	OPTS(struct system_check_opts, check_rows),
	.run = image_run,
};

static const struct opt df_rows[] = {
	O_WORD(struct system_df_opts, format, 'f', "format", "FORMAT", format_words, "what to print"),
};

const struct verb verb_system_df = {
	.name = "df",
	.group = "system",
	.summary = "show what takes space in the data directory",
	.detail = "Counts blobs, layers, volumes and instances, the bytes they take on the disk, and how many of them nothing "
		  "uses: kist system prune removes such blobs and layers, kist volume prune such volumes.",
	.examples = { { "kist system df", "A table." } },
	OPTS(struct system_df_opts, df_rows),
	.run = image_run,
};

const struct verb verb_system_prune = {
	.name = "prune",
	.group = "system",
	.summary = "remove what nothing uses from the data directory",
	.detail = "Removes blobs and layers that no image and no instance names, leftovers of interrupted commands, and "
		  "lock files. Volumes and instances stay.",
	.examples = { { "kist system prune", "Prints what was gained." } },
	.run = image_run,
};

static const struct verb *const system_verbs[] = { &verb_system_check, &verb_system_df, &verb_system_prune, NULL };

const struct verb verb_system = {
	.name = "system",
	.summary = "check, measure and tidy the data directory",
	.operands = GROUP_OPERANDS,
	.examples = { { "kist system df", "What takes space." }, { "kist system check", "Whether all of it is whole." } },
	.subs = system_verbs,
};
