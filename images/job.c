/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/job.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

int img_job_begin(struct img_job *j, struct arena *a, const struct st_store *s, enum img_access how, struct err *e)
{
	*j = (struct img_job){ .arena = a, .store = s, .limits = &img_limits_default, .layers = -1, .blobs = -1 };
	j->lock = st_lock(s, "images", how == IMG_EXCLUSIVE, e);
	if (j->lock < 0)
		return j->lock;
	j->layers = st_subdir(s, "layers", e);
	if (j->layers < 0)
		return j->layers;
	j->blobs = st_subdir(s, "images/blobs/sha256", e);
	return j->blobs < 0 ? j->blobs : 0;
}

void img_job_done(struct img_job *j)
{
	fd_done(&j->layers);
	fd_done(&j->blobs);
	fd_done(&j->lock);
}

int img_put_blob(struct img_job *j, const char *data, size_t len, img_digest out, struct err *e)
{
	auto_new file = ST_NEW_NONE;
	int r = img_hash_text(data, len, out, e);

	if (!r)
		r = st_new_file(j->blobs, &file, e);
	if (r < 0)
		return r;
	r = fd_write_all(file.fd, data, len);
	if (!r && fsync(file.fd) < 0)
		r = -errno;
	if (r < 0)
		return err_num(e, r, "write a blob of %zu bytes", len);
	return st_new_keep(&file, st_hex(out), e);
}

int img_put_document(struct img_job *j, const struct object *o, const void *in, struct oci_descriptor *out, struct err *e)
{
	char *digest = arena_alloc(j->arena, sizeof(img_digest));
	size_t len;
	const char *text = oci_encode_text(j->arena, o, in, JSON_COMPACT, &len);

	out->digest = digest;
	out->size = len;
	return img_put_blob(j, text, len, digest, e);
}

strings img_layers_below(const struct img_job *j, const strings *diff_ids, size_t n)
{
	strings l = { arena_array(j->arena, n + 1, sizeof(char *)), 0 };

	while (n-- > 0)
		l.at[l.len++] = st_layer_path(j->arena, j->store, diff_ids->at[n]);
	return l;
}

int img_sync(struct img_job *j, struct err *e)
{
	return fsync(j->layers) < 0 || fsync(j->blobs) < 0 ? err_sys(e, "sync the data directory") : 0;
}
