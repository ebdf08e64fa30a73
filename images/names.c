/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stranger's names may be. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "images/unpack.h"

static int bad(const char *name, struct err *e, const char *why)
{
	char shown[JSON_SHOWN];

	return err_set(e, EINVAL, "the entry \"%s\" %s", json_shown(shown, name), why);
}

int img_clean_name(const char *name, char out[PATH_MAX], struct err *e)
{
	const char *all = name;
	size_t len = 0;

	if (!*name)
		return bad(name, e, "has no name");
	for (;;) {
		size_t n;

		name += strspn(name, "/");
		n = strcspn(name, "/");
		if (!n)
			break;
		if (n == 2 && name[0] == '.' && name[1] == '.')
			return bad(all, e, "has \"..\" in its name");
		if (n > NAME_MAX || len + n + 2 > PATH_MAX)
			return bad(all, e, n > NAME_MAX ? "has a component of more than 255 bytes" : "has a name of more than 4095 bytes");
		if (n != 1 || *name != '.') {
			if (len)
				out[len++] = '/';
			memcpy(out + len, name, n);
			len += n;
		}
		name += n;
	}
	out[len] = 0;
	return 0;
}

bool img_xattr_allowed(const char *name)
{
	static const char *const whole[] = { "security.capability", "system.posix_acl_access", "system.posix_acl_default" };

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (!strcmp(name, whole[i]))
			return true;
	return text_starts(name, "user.") && !text_starts(name, "user.overlay.");
}
