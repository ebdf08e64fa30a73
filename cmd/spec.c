/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "cmd/verbs.h"
#include "instances/seccomp.h"

struct spec_opts {
	const char *bundle;
	bool rootless, seccomp;
};

static const struct opt rows[] = {
	O_STR(struct spec_opts, bundle, 'b', "bundle", "DIR", COMPLETE_DIR,
	      "write into DIR (default: the current one)"),
	O_FLAG(struct spec_opts, rootless, 0, "rootless",
	       "for a user other than root: with a user namespace"),
	O_FLAG(struct spec_opts, seccomp, 0, "seccomp",
	       "with the seccomp profile that instances have, for the capabilities of the document"),
};

static int write_new(const char *path, const char *text, size_t len, struct err *e)
{
	auto_fd fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0 && errno == EEXIST)
		return err_set(e, EEXIST, "%s is there already; kist spec does not overwrite it", path);
	if (fd < 0)
		return err_sys(e, "create %s", path);
	r = fd_write_all(fd, text, len);
	if (r < 0) {
		unlink(path);
		return err_num(e, r, "write %s", path);
	}
	return 0;
}

static void confine(struct arena *a, struct oci_spec *spec)
{
	struct oci_linux *l = arena_alloc(a, sizeof(*l));

	*l = *spec->linux_;
	l->seccomp = inst_seccomp(a, spec->process->capabilities);
	spec->linux_ = l;
}

static int run(struct call *c, struct err *e)
{
	const struct spec_opts *o = c->opts;
	struct arena *a = c->ctx.arena;
	struct oci_spec spec = { 0 };
	const char *text;
	size_t len;

	oci_template(a, o->rootless, geteuid(), getegid(), &spec);
	if (o->seccomp)
		confine(a, &spec);
	text = oci_encode_text(a, &oci_spec_object, &spec, JSON_PRETTY, &len);
	return write_new(o->bundle ? path_join(a, o->bundle, "config.json") : "config.json", text, len, e);
}

const struct verb verb_spec = {
	.name = "spec",
	.summary = "write a starter config.json",
	.detail = "The document runs \"sh\" on a terminal in the directory rootfs beside it, with "
		  "private namespaces, few capabilities and the usual mounts; edit it from there. An "
		  "existing config.json is not overwritten.\n\n"
		  "The seccomp profile allows what services do. What is known and refused answers \"Operation not "
		  "permitted\": namespaces and mounts, keys, io_uring, BPF, modules, looking into other processes, sockets "
		  "other than Unix, IP and netlink ones. What is newer than the profile answers \"Function not "
		  "implemented\". A capability in the bounding set of the document opens the calls that it is for. 32-bit programs "
		  "have to make sockets with socket(2): socketcall(2), which the C library of 32-bit x86 still takes, hides its "
		  "arguments from any filter and is refused.",
	.examples = { { "kist spec", "Write config.json into the current directory." },
		      { "kist spec --rootless --bundle ~/lab", "For a container of an ordinary user." } },
	OPTS(struct spec_opts, rows),
	.run = run,
};
