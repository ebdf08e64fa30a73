/* SPDX-License-Identifier: GPL-2.0-or-later */
/* instance.h: the document of an instance, read and changed. */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "instances/instance.h"

#define CONFIG "config.json"

int inst_reload(struct inst *i, struct err *e)
{
	char *text;
	size_t len;
	int r = file_read(i->a, i->dir, CONFIG, OCI_MAX_BYTES, &text, &len);

	if (r < 0)
		return err_num(e, r, "read %s/" CONFIG, i->path);
	if (i->text && len == i->len && !memcmp(i->text, text, len))
		return 0;
	i->text = text;
	i->len = len;
	memset(&i->spec, 0, sizeof(i->spec));
	r = oci_parse_spec(i->a, arena_printf(i->a, "%s/" CONFIG, i->path), text, len, &i->spec, e);
	if (!r && i->spec.linux_ && i->spec.linux_->uid_mappings.len)
		i->ids = i->spec.linux_->uid_mappings.at[0].host;
	return r;
}

/* As durable as it was made: one that is removed at its end is not. */
int inst_rewrite(struct inst *i, struct err *e)
{
	enum file_durable how = i->spec.kist && i->spec.kist->remove ? FILE_VOLATILE : FILE_DURABLE;
	int r;

	i->text = oci_encode_text(i->a, &oci_spec_object, &i->spec, JSON_PRETTY, &i->len);
	r = file_prepare(i->dir, CONFIG, i->text, i->len, 0600, how);
	return r < 0 ? err_num(e, r, "write the changed %s/" CONFIG, i->path) : 0;
}

int inst_rewritten(const struct inst *i, struct err *e)
{
	int r = file_commit(i->dir, CONFIG);

	return r < 0 ? err_num(e, r, "replace %s/" CONFIG ": what was changed lasts until instance %s ends", i->path, i->name) : 0;
}

void inst_not_rewritten(const struct inst *i)
{
	file_abandon(i->dir, CONFIG);
}
