/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of kist-image, as kist runs them: by becoming kist-image, with the same arguments. */
#include <errno.h>
#include <unistd.h>

#include "base/self.h"
#include "cmd/image.h"

int image_run(struct call *c, struct err *e)
{
	char *const *argv = c->ctx.argv;
	const char *program = self_helper(c->ctx.arena, argv[0], "kist-image");

	if (!program)
		return err_set(e, ENOENT, "kist-image is not installed beside kist or in " LIBEXECDIR ": images need it");
	execv(program, argv);
	return err_sys(e, "execute %s", program);
}
