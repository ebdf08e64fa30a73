/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as text or file ⇄ a struct, by its table. */
#include <errno.h>

#include "base/fd.h"
#include "oci/document.h"

int oci_read(struct arena *a, const char *path, const char **text, size_t *len, struct err *e)
{
	char *data;
	int r = file_read(a, AT_FDCWD, path, JSON_MAX_BYTES, &data, len);

	if (r == -EFBIG)
		return err_set(e, EFBIG, "%s: larger than %d MiB, the most a JSON document may have", path,
			       JSON_MAX_BYTES >> 20);
	if (r == -ELOOP)
		return err_set(e, ELOOP, "%s: is a symbolic link, expected a regular file", path);
	if (r == -EINVAL || r == -EISDIR)
		return err_set(e, -r, "%s: not a regular file", path);
	if (r < 0)
		return err_num(e, r, "read %s", path);
	*text = data;
	return 0;
}

int oci_tree(struct arena *a, const char *name, const char *text, size_t len, struct json **out,
	     struct err *e)
{
	int r = json_parse(a, text, len, out, e);

	return r < 0 ? err_in(e, r, "%s", name) : 0;
}

int oci_decode_text(struct arena *a, const struct object *o, const char *name, const char *text, size_t len,
		    void *out, struct err *e)
{
	struct json *v;
	int r = oci_tree(a, name, text, len, &v, e);

	if (r < 0)
		return r;
	r = oci_decode(a, o, v, out, e);
	return r < 0 ? err_path(e, r, "%s", name) : 0;
}

int oci_decode_file(struct arena *a, const struct object *o, const char *path, void *out, struct err *e)
{
	const char *text;
	size_t len;
	int r = oci_read(a, path, &text, &len, e);

	return r < 0 ? r : oci_decode_text(a, o, path, text, len, out, e);
}

const char *oci_encode_text(struct arena *a, const struct object *o, const void *in, enum json_style style,
			    size_t *len)
{
	struct json_out *w = json_out_new(a, style);

	oci_encode(o, in, w);
	return json_out_text(w, len);
}
