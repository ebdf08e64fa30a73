/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/image.h"

#include "cmd/format.h"
#include "images/probe.h"

static const struct word types[] = {
	{ "auto", IMG_AUTO },
	{ "oci-dir", IMG_OCI_DIR },
	{ "oci-archive", IMG_OCI_ARCHIVE },
	{ "docker-archive", IMG_DOCKER_ARCHIVE },
	{ "rootfs", IMG_ROOTFS },
	{ NULL, 0 },
};

/* The first is what IMG_AUTO means to an export. */
static const struct word export_types[] = {
	{ "oci-archive", IMG_AUTO },
	{ "oci-dir", IMG_OCI_DIR },
	{ "docker-archive", IMG_DOCKER_ARCHIVE },
	{ "rootfs", IMG_ROOTFS },
	{ NULL, 0 },
};

#define S struct image_import_opts
static const struct opt import_rows[] = {
	O_STR(S, name, 'n', "name", "NAME[:TAG]", COMPLETE_NONE,
	      "call the image so (default: as the source says, or the name of the file)"),
	O_WORD(S, type, 0, "type", "TYPE", types, "what SOURCE is, when it does not show"),
	O_STR(S, platform, 0, "platform", "OS/ARCH[/VARIANT]", COMPLETE_NONE,
	      "which image of several to take (default: this machine's), or what a root filesystem is for"),
	O_STR(S, cmd, 0, "cmd", "COMMAND", COMPLETE_NONE,
	      "what a root filesystem runs: words between blanks, or a JSON list of strings"),
	O_STR(S, entrypoint, 0, "entrypoint", "COMMAND", COMPLETE_NONE,
	      "what comes before the command, in the same form"),
	O_LIST(S, env, 'e', "env", "NAME=VALUE", "set a variable for what a root filesystem runs"),
	O_LIST(S, labels, 'l', "label", "NAME=VALUE", "give a root filesystem a label"),
	O_STR(S, workdir, 'w', "workdir", "DIR", COMPLETE_NONE, "where a root filesystem's command starts"),
	O_STR(S, user, 'u', "user", "USER[:GROUP]", COMPLETE_NONE, "whom a root filesystem's command runs as"),
	O_SIZE(S, max_size, "max-size", "refuse a layer that is larger than this when unpacked (default: 64 GiB)"),
};
#undef S

const struct verb verb_image_import = {
	.name = "import",
	.group = "image",
	.summary = "bring an image into the store",
	.detail = "Takes a directory or archive (tar, plain or as gzip, zstd, xz or bzip2) from SOURCE, or from standard "
		  "input when SOURCE is \"-\". What it is shows by its content: an OCI image layout, an archive as "
		  "docker save, podman save, buildah and skopeo write it, or a plain root filesystem as mmdebstrap, "
		  "debootstrap and tar make one.\n\n"
		  "Every digest is checked before anything is parsed. Layers are unpacked once and shared by all images "
		  "and instances. An import that is interrupted, even by a power cut, leaves the images as they were.",
	.operands = { { "SOURCE", COMPLETE_FILE } },
	.examples = {
		{ "kist image import nginx.tar", "An archive of docker save, under the names it carries." },
		{ "mmdebstrap --include=dnsmasq trixie - | kist image import --name dns:1 --cmd 'dnsmasq -k' -",
		  "A root filesystem from standard input." },
		{ "kist image import --platform linux/arm64 --name web layout/", "One of several in an OCI layout." },
	},
	OPTS(struct image_import_opts, import_rows),
	.run = image_run,
};

static const struct opt list_rows[] = {
	O_WORD(struct image_list_opts, format, 'f', "format", "FORMAT", format_words, "what to print"),
	O_FLAG(struct image_list_opts, quiet, 'q', "quiet", "print the names alone"),
};

const struct verb verb_image_list = {
	.name = "list",
	.group = "image",
	.summary = "list images",
	.detail = "Lists the images of the store by name, with the size of their layers when unpacked. Layers that "
		  "images share are on the disk once; kist system df has the sums.",
	.examples = { { "kist image list", "A table." }, { "kist image list --format json", "For programs." } },
	OPTS(struct image_list_opts, list_rows),
	.run = image_run,
};

const struct verb verb_image_inspect = {
	.name = "inspect",
	.group = "image",
	.summary = "print an image's manifest and configuration",
	.detail = "Prints JSON: the name, the digest, the manifest and the configuration of IMAGE, and the directories of "
		  "its layers, the top one first.",
	.operands = { { "IMAGE", COMPLETE_IMAGE } },
	.examples = { { "kist image inspect dns:1", "Everything that is known of it." } },
	.run = image_run,
};

const struct verb verb_image_tag = {
	.name = "tag",
	.group = "image",
	.summary = "give an image another name",
	.detail = "NAME then means the same image as IMAGE. An image that had NAME before loses it.",
	.operands = { { "IMAGE", COMPLETE_IMAGE }, { "NAME[:TAG]", COMPLETE_NONE } },
	.examples = { { "kist image tag dns:1 dns:stable", "Both names mean it now." } },
	.run = image_run,
};

static const struct opt remove_rows[] = {
	O_FLAG(struct image_remove_opts, force, 'f', "force",
	       "remove the name even if an instance uses the image; its layers stay until the instance is gone"),
};

const struct verb verb_image_remove = {
	.name = "remove",
	.group = "image",
	.summary = "remove images",
	.detail = "Removes the name, and with the last name of an image what no other image and no instance uses. An image "
		  "that an instance uses is not removed.",
	.operands = { { "IMAGE...", COMPLETE_IMAGE } },
	.examples = { { "kist image remove dns:1", "Its layers go with it, unless they are shared." } },
	OPTS(struct image_remove_opts, remove_rows),
	.run = image_run,
};

const struct verb verb_image_prune = {
	.name = "prune",
	.group = "image",
	.summary = "remove what no image and no instance uses",
	.detail = "Removes blobs and layers that nothing names: of images that lost their name to another, or whose last "
		  "instance is gone. Waits for imports that are under way.",
	.examples = { { "kist image prune", "Prints what was gained." } },
	.run = image_run,
};


static const struct opt export_rows[] = {
	O_STR(struct image_export_opts, output, 'o', "output", "FILE", COMPLETE_FILE,
	      "write to FILE, or to a new directory for oci-dir (default: standard output)"),
	O_WORD(struct image_export_opts, type, 't', "type", "TYPE", export_types, "what to write"),
};

const struct verb verb_image_export = {
	.name = "export",
	.group = "image",
	.summary = "write an image for other tools",
	.detail = "An OCI archive or directory has the very blobs that were imported, with the same digests. A docker archive is "
		  "for docker load. A rootfs is a plain tar of what an instance would see: all layers merged.",
	.operands = { { "IMAGE", COMPLETE_IMAGE } },
	.examples = {
		{ "kist image export -o dns.tar dns:1", "For podman load, skopeo, or another kist." },
		{ "kist image export --type rootfs dns:1 | tar -C /srv/dns -x", "The plain files." },
	},
	OPTS(struct image_export_opts, export_rows),
	.run = image_run,
};

static const struct verb *const image_verbs[] = {
	&verb_image_import, &verb_image_list,  &verb_image_inspect, &verb_image_tag,
	&verb_image_export, &verb_image_remove, &verb_image_prune, NULL,
};

const struct verb verb_image = {
	.name = "image",
	.summary = "import, list, export and remove images",
	.detail = "Images are kept as an OCI image layout in the data directory (--data), their layers unpacked beside it. IMAGE "
		  "is a name with or without its tag (\"latest\" when left out), the last parts of a longer name, or the "
		  "beginning of a digest, 8 digits at least.",
	.operands = GROUP_OPERANDS,
	.examples = { { "kist image import --name dns:1 dns.tar", "From then on \"dns:1\" is an image." },
		      { "kist image list", "What there is." } },
	.subs = image_verbs,
};
