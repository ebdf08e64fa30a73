/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/repair.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "images/marks.h"
#include "images/platform.h"

bool img_is_damage(int r)
{
	static const int codes[] = { EINVAL, EBADMSG, ENOENT, EFBIG, E2BIG, EISDIR, ELOOP };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (r == -codes[i])
			return true;
	return false;
}

/* Names are nowhere else: no earlier copy is replaced, and index.json is there all the time. */
static int keep_damaged(struct img_job *j, const char **as, struct err *e)
{
	enum { MOST = 100 };
	auto_fd dir = st_subdir(j->store, "images", e);

	if (dir < 0)
		return dir;
	for (int i = 1; i <= MOST; i++) {
		*as = i > 1 ? arena_printf(j->arena, "index.json.damaged.%d", i) : "index.json.damaged";
		if (linkat(dir, "index.json", dir, *as, 0) == 0)
			return 0;
		if (errno != EEXIST)
			return err_sys(e, "keep %s/images/index.json as %s", j->store->path, *as);
	}
	return err_set(e, EEXIST, "%s/images holds %d damaged indexes already; take them away", j->store->path, MOST);
}

/* 1: the blob is the manifest of an image whose configuration is there as well. */
static int find_image(struct img_job *j, const char *hex, struct oci_descriptor *out, struct err *e)
{
	auto_arena a = { 0 };
	struct st_image i = { 0 };
	struct stat st;
	int r;

	if (fstatat(j->blobs, hex, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "look at the blob %s", hex);
	if (st.st_size > OCI_INDEX_BYTES)
		return 0;
	*out = (struct oci_descriptor){ .digest = arena_printf(j->arena, OCI_SHA256 "%s", hex), .size = (uint64_t)st.st_size };
	r = st_load_image(&a, j->store, out, &i, e);
	if (r < 0)
		return img_is_damage(r) ? 0 : r;
	out->platform = img_platform_copy(j->arena, img_platform_of(&i.config));
	out->media_type = i.manifest.media_type ? arena_strdup(j->arena, i.manifest.media_type) : oci_media_name(OCI_MEDIA_MANIFEST);
	return 1;
}

int img_renew_index(struct img_job *j, struct oci_image_index *out, const char **did, struct err *e)
{
	struct strv names = { .arena = j->arena };
	struct oci_image_index x = { .schema = 2 };
	const char *as;
	int r = img_list_hex(j->arena, j->blobs, &names, e);

	x.manifests.at = arena_array(j->arena, names.len + 1, sizeof(*x.manifests.at));
	for (size_t i = 0; r >= 0 && i < names.len && x.manifests.len < OCI_MAX_MANIFESTS; i++) {
		r = find_image(j, names.at[i], &x.manifests.at[x.manifests.len], e);
		x.manifests.len += r == 1;
	}
	if (r >= 0)
		r = keep_damaged(j, &as, e);
	if (!r)
		r = st_write_index(j->arena, j->store, &x, e);
	if (r < 0)
		return r;
	*out = x;
	*did = arena_printf(j->arena, "started anew with the %zu images that the blobs hold, without their names; the old one is images/%s",
			    x.manifests.len, as);
	return 0;
}
