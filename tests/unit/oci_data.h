/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_OCI_DATA_H
#define TESTS_OCI_DATA_H
/* What the tests of oci/ share: cmocka, and files below the source tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/path.h"
#include "oci/bind.h"

static inline const char *data_path(struct arena *a, const char *name)
{
	const char *top = getenv("SRCDIR");

	return path_join(a, top ? top : ".", name);
}

static inline char *data_read(struct arena *a, const char *name, size_t *len)
{
	char *text = NULL;

	if (file_read(a, AT_FDCWD, data_path(a, name), 1 << 20, &text, len) < 0)
		fail_msg("cannot read %s; is SRCDIR set?", name);
	return text;
}

#define RUN(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, NULL, NULL))
#endif
