/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The "hooks" branch: config.md, "POSIX-platform Hooks". */
#include <errno.h>

#include "oci/tables.h"

static int check_hook(const void *p, const struct json *v, struct err *e)
{
	const struct oci_hook *h = p;
	char shown[JSON_SHOWN];

	if (h->path[0] != '/')
		return oci_bad_key(v, "path", e, "\"%s\" is not an absolute path",
				   json_shown(shown, h->path));
	return oci_check_env(&h->env, v, e);
}

#define S struct oci_hook
static const struct field hook_fields[] = {
	F_STR(S, path, "path", REQUIRED),
	F_STRS(S, args, "args", 0),
	F_STRS(S, env, "env", 0),
	F_OPT_I64_IN(S, timeout, "timeout", 1, INT32_MAX),
};
static const struct object hook = OBJECT(S, hook_fields, check_hook);
#undef S

#define S struct oci_hooks
static const struct field hooks_fields[] = {
	F_LIST(S, prestart, struct oci_hook, "prestart", &hook),
	F_LIST(S, create_runtime, struct oci_hook, "createRuntime", &hook),
	F_LIST(S, create_container, struct oci_hook, "createContainer", &hook),
	F_LIST(S, start_container, struct oci_hook, "startContainer", &hook),
	F_LIST(S, poststart, struct oci_hook, "poststart", &hook),
	F_LIST(S, poststop, struct oci_hook, "poststop", &hook),
};
const struct object oci_hooks_object = OBJECT(S, hooks_fields, NULL);
#undef S
