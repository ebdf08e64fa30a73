/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/volume.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "images/pack.h"
#include "images/unpack.h"

int img_volume_export(struct arena *a, const struct st_store *s, const char *name, int fd, struct err *e)
{
	struct st_volume v;
	int r = st_volume_read(a, s, name, &v, e);
	auto_fd dir = r < 0 ? r : fd_open(AT_FDCWD, st_volume_path(a, s, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	const struct st_view view = { 1, &dir };

	if (r < 0)
		return r;
	if (dir < 0)
		return err_num(e, dir, "open volume %s", name);
	r = img_pack(fd, &view, IMG_PACK_TREE, NULL, e);
	return r < 0 ? err_in(e, r, "export volume %s", name) : 0;
}

static int unpack(struct arena *a, int fd, int root, const struct img_limits *limits, struct err *e)
{
	auto_feed feed = { .fd = -1 };
	auto_stream s = IMG_STREAM_NONE;
	auto_tree t = { .parent = -1 };
	img_digest plain, packed;
	int r = img_feed_begin(&feed, a, fd, e);

	if (!r && fchmod(root, 0755) < 0) /* unless the archive says otherwise */
		r = err_sys(e, "open the volume to its users");
	if (!r)
		r = img_stream_open(&s, &feed, limits, e);
	if (r < 0)
		return r;
	img_tree_begin(&t, a, root, limits);
	t.literal = true;
	r = img_unpack(&t, &s, e);
	return r < 0 ? r : img_stream_finish(&s, plain, packed, e);
}

int img_volume_import(struct arena *a, const struct st_store *s, const char *name, int fd, const struct img_limits *limits,
		      struct err *e)
{
	static const pairs none = { NULL, 0 };
	auto_filling f = ST_FILLING_NONE;
	int made = st_volume_make(a, s, name, &none, e), r = made == -EEXIST ? 0 : made;

	if (!r)
		r = st_filling_begin(a, s, name, &f, e);
	if (!r && !f.wanted)
		r = err_set(e, EEXIST, "there are files in it already; import into an empty volume, or a new one");
	if (!r)
		r = unpack(a, fd, f.n.fd, limits, e);
	if (!r)
		r = st_filling_end(&f, e);
	if (r < 0 && !made)
		(void)st_volume_remove(a, s, name, NULL);
	return r < 0 ? err_in(e, r, "import into volume %s", name) : 0;
}
