/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundle → spec. */
#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "oci/document.h"
#include "oci/spec.h"

/* Between "not there" and "not readable" stands the question which of the two, bundle or file, it is. */
static int explain(const char *bundle, const char *path, int r, struct err *e)
{
	struct stat st;

	if (r != -ENOENT && r != -ENOTDIR)
		return r;
	if (stat(bundle, &st) < 0)
		return err_set(e, -r, "bundle %s does not exist", bundle);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -r, "bundle %s is not a directory", bundle);
	return err_set(e, -r, "bundle %s has no config.json (%s); `kist spec --bundle %s` writes one", bundle,
		       path, bundle);
}

int oci_load_text(struct arena *a, const char *bundle, const char *file, const char **text, size_t *len, struct err *e)
{
	const char *path = file ? file : path_join(a, bundle, "config.json");
	int r = oci_read(a, path, text, len, e);

	return r < 0 && !file ? explain(bundle, path, r, e) : r;
}

int oci_load(struct arena *a, const char *bundle, const char *file, struct oci_spec *out, const char **text,
	     size_t *len, struct err *e)
{
	const char *data;
	size_t n;
	int r = oci_load_text(a, bundle, file, &data, &n, e);

	if (r >= 0)
		r = oci_parse_spec(a, file ? file : "config.json", data, n, out, e);
	if (r < 0)
		return r;
	if (text)
		*text = data;
	if (len)
		*len = n;
	return 0;
}

int oci_parse_spec(struct arena *a, const char *name, const char *text, size_t len, struct oci_spec *out,
		   struct err *e)
{
	struct json *v;
	int r = oci_tree(a, name, text, len, &v, e);

	if (r < 0)
		return r;
	r = oci_decode(a, &oci_spec_object, v, out, e);
	if (!r)
		r = oci_check_spec(out, v, e);
	return r < 0 ? err_path(e, r, "%s", name) : 0;
}

int oci_load_process(struct arena *a, const char *file, struct oci_process *out, struct err *e)
{
	int r = oci_decode_file(a, &oci_process_object, file, out, e);

	if (!r && !out->args.len)
		return err_set(e, EINVAL, "%s.args: missing: what shall be run?", file);
	return r;
}
