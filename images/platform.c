/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/log.h"
#include "base/text.h"

static const struct {
	const char *machine, *architecture, *variant;
} machines[] = {
	{ "x86_64", "amd64", NULL },	{ "aarch64", "arm64", "v8" },	  { "armv7l", "arm", "v7" },
	{ "armv6l", "arm", "v6" },	{ "i686", "386", NULL },	  { "riscv64", "riscv64", NULL },
	{ "ppc64le", "ppc64le", NULL }, { "s390x", "s390x", NULL },	  { "loongarch64", "loong64", NULL },
};

static void this_machine(struct arena *a, struct oci_platform *out)
{
	struct utsname u;

	*out = (struct oci_platform){ .os = "linux", .architecture = "unknown" };
	if (uname(&u) < 0)
		return;
	out->architecture = arena_strdup(a, u.machine);
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (!strcmp(machines[i].machine, u.machine)) {
			out->architecture = machines[i].architecture;
			out->variant = machines[i].variant;
		}
}

int img_platform_parse(struct arena *a, const char *text, struct oci_platform *out, struct err *e)
{
	char *rest, *os, *architecture, *variant;

	if (!text) {
		this_machine(a, out);
		return 0;
	}
	rest = arena_strdup(a, text);
	os = strsep(&rest, "/");
	architecture = strsep(&rest, "/");
	variant = strsep(&rest, "/");
	if (rest || !architecture || !*os || !*architecture || (variant && !*variant))
		return err_set(e, EINVAL, "option --platform: \"%s\", expected OS/ARCHITECTURE[/VARIANT], as linux/arm64", text);
	*out = (struct oci_platform){ .os = os, .architecture = architecture, .variant = variant };
	return 0;
}

const char *img_platform_text(struct arena *a, const struct oci_platform *p)
{
	return arena_printf(a, "%s/%s%s%s", p->os, p->architecture, p->variant ? "/" : "", p->variant ? p->variant : "");
}

void img_platform_warn(struct arena *a, const char *name, const struct oci_platform *p, const struct oci_platform *host)
{
	if (img_platform_score(p, host) == 0)
		log_warn("%s is for %s, not for %s", name, img_platform_text(a, p), img_platform_text(a, host));
}

struct oci_platform img_platform_of(const struct oci_image_config *c)
{
	return (struct oci_platform){ .architecture = c->architecture, .os = c->os, .variant = c->variant };
}

const struct oci_platform *img_platform_copy(struct arena *a, struct oci_platform p)
{
	struct oci_platform *out = arena_alloc(a, sizeof(*out));

	out->architecture = arena_strdup(a, p.architecture);
	out->os = arena_strdup(a, p.os);
	out->variant = p.variant ? arena_strdup(a, p.variant) : NULL;
	return out;
}

/* "v7" runs "v6" and "v5"; a variant not named is the oldest one. */
static int variant_score(const char *have, const char *host)
{
	enum { EXACT = 100, BASE = 50 };

	if (!have || !*have)
		return BASE;
	if (host && !strcmp(have, host))
		return EXACT;
	if (*have != 'v' || (host && *host != 'v'))
		return 0;
	if (!host)
		return atoi(have + 1) <= 1 ? BASE - 1 : 0;
	return atoi(have + 1) < atoi(host + 1) ? BASE + 1 + atoi(have + 1) : 0;
}

int img_platform_score(const struct oci_platform *p, const struct oci_platform *host)
{
	int variant;

	if (!p)
		return 1;
	if (strcmp(p->os, host->os) != 0 || strcmp(p->architecture, host->architecture) != 0)
		return 0;
	variant = variant_score(p->variant, host->variant);
	return variant ? 1 + variant : 0;
}
