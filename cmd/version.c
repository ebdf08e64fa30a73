/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/version.h"

#include "cmd/commit.h"
#include "runtime/container.h"

const char *version_text(struct arena *a)
{
	return arena_printf(a, "kist version %s\ncommit: %s\nspec: 1.3.0\n%s\n", PACKAGE_VERSION, KIST_COMMIT,
			    ct_built_in());
}
