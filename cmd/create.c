/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/create.h"

#include <errno.h>
#include <string.h>

const struct word create_userns_words[] = { { "auto", INST_USERNS_AUTO }, { "host", INST_USERNS_HOST }, { NULL, 0 } };
const struct word create_space_words[] = { { "private", INST_PRIVATE }, { "host", INST_HOST }, { NULL, 0 } };

static const struct opt rows[] = { CREATE_ROWS, INSTANCE_ROWS };

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

int create_failed(int r, const struct err *e)
{
	if (!e || !text_starts(e->msg, "exec \""))
		return CREATE_FAILED;
	return r == -ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
}

static bool is_given(const void *options, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((const char *)options)[i])
			return true;
	return false;
}

static int bundle_form(const struct call *c, struct create_opts *o, struct err *e)
{
	if (!c->args.n)
		return err_set(e, EINVAL, "with --bundle or --config the container's id is missing");
	if (c->args.n > 1)
		return err_set(e, EINVAL, "unexpected \"%s\": with --bundle or --config the document says what runs", c->args.at[1]);
	if (is_given(&o->inst, sizeof(o->inst)) || o->print)
		return err_set(e, EINVAL, "options of an image, such as --env or --volume, do not go with --bundle or --config: the document says it all");
	o->oci.id = c->args.at[0];
	return 0;
}

static int image_form(const struct call *c, struct create_opts *o, struct inst_request *q, struct err *e)
{
	int skip = o->inst.rootfs ? 0 : 1;

	if (!c->args.n && skip)
		return err_set(e, EINVAL, "IMAGE is missing: kist image list shows what there is; --rootfs DIR runs a directory, --bundle DIR ID a bundle");
	if (o->inst.overlay && !o->inst.rootfs)
		return err_set(e, EINVAL, "option --overlay goes with --rootfs: an image is never written to");
	if (o->oci.detach && o->inst.tty && !o->oci.console_socket)
		return err_set(e, EINVAL, "options --detach and --tty do not go together: nobody would hold the terminal; kist exec -t gives one later");
	*q = (struct inst_request){
		.options = &o->inst,
		.image = skip ? c->args.at[0] : NULL,
		.command = { (const char **)c->args.at + skip, (size_t)(c->args.n - skip) },
		.dry = o->print || o->oci.dry_run,
	};
	return 0;
}

static int show_plan(const struct call *c, const struct ct_create *o, struct err *e)
{
	struct text plan = { .arena = c->ctx.arena };
	int r = ct_explain(&c->ctx, o, &plan, e);

	if (r >= 0)
		r = verb_print(text_str(&plan), e);
	return r < 0 ? r : 1;
}

static int show_instance(const struct call *c, struct create_opts *o, const struct inst_request *q, struct err *e)
{
	auto_inst i = INST_NONE;
	int r = inst_make(&c->ctx, c->data, q, &i, e);

	i.kept = true;
	if (r)
		return r;
	if (o->print)
		r = verb_print(i.text, e);
	if (r < 0 || o->print)
		return r < 0 ? r : 1;
	o->oci.id = i.name;
	o->oci.bundle = arena_printf(c->ctx.arena, "%s/instances/%s", i.store.path, i.name);
	o->oci.text = i.text;
	o->oci.text_len = i.len;
	return show_plan(c, &o->oci, e);
}

int create_begin(struct call *c, struct create_opts *o, struct inst_request *q, struct err *e)
{
	bool bundle = o->oci.bundle || o->oci.config;
	int r;

	*q = (struct inst_request){ 0 };
	c->failed = bundle ? 1 : CREATE_FAILED;
	r = bundle ? bundle_form(c, o, e) : image_form(c, o, q, e);
	if (r)
		return r;
	if (q->dry)
		return show_instance(c, o, q, e);
	return o->oci.dry_run ? show_plan(c, &o->oci, e) : 0;
}

static int run(struct call *c, struct err *e)
{
	struct create_opts *o = c->opts;
	struct inst_request q;
	int r = create_begin(c, o, &q, e);

	if (r)
		return r;
	return q.options ? inst_create(&c->ctx, c->data, &q, &o->oci, e) : ct_create(&c->ctx, &o->oci, e);
}

const struct verb verb_create = {
	.name = "create",
	.summary = "set up a container that waits for \"kist start\"",
	.detail = "Of an image, or with --bundle of an OCI bundle, as \"kist run\" has it. Makes the namespaces, "
		  "the cgroup, the mounts and everything else, and leaves the container's first process waiting "
		  "just before its program. Whatever fails is undone.\n\n"
		  "With --bundle standard input, output and error of kist become those of the container; what an "
		  "instance says goes to the file \"log\" in its directory.",
	.operands = CREATE_OPERANDS,
	.examples = {
		{ "kist create --name dns1 dns:1", "Set up an instance of the image dns:1." },
		{ "kist create --bundle /srv/dns dns1", "Set up dns1 from /srv/dns/config.json." },
		{ "kist create --dry-run -b /srv/dns dns1", "Print what would be done." },
	},
	OPTS(struct create_opts, rows),
	.run = run,
};
