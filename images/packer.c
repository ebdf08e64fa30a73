/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packing by a thread: import reads a directory as it reads an archive. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/pack.h"

static void *run(void *data)
{
	struct img_packer *p = data;
	const struct st_view view = { 1, &p->root };

	(void)img_pack(p->to, &view, p->as, &p->omit, &p->err);
	fd_done(&p->to);
	return NULL;
}

int img_packer_start(struct img_packer *p, int root, enum img_pack_as as, struct err *e)
{
	int ends[2], code;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	p->from = ends[0];
	p->to = ends[1];
	p->root = root;
	p->as = as;
	code = pthread_create(&p->thread, NULL, run, p);
	if (code)
		return err_num(e, -code, "start a thread");
	p->running = true;
	return 0;
}

/* The end of reading ends the writing: SIGPIPE is ignored in this program. */
void img_packer_done(struct img_packer *p)
{
	fd_done(&p->from);
	if (p->running)
		pthread_join(p->thread, NULL);
	p->running = false;
	fd_done(&p->to);
}

int img_packer_finish(struct img_packer *p, int r, struct err *e)
{
	img_packer_done(p);
	if (!p->err.code || (p->err.code == EPIPE && r < 0))
		return r;
	if (e)
		*e = p->err;
	return -p->err.code;
}
