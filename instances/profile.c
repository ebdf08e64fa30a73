/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/profile.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "oci/document.h"

struct condition {
	strings arches, caps;
	const char *min_kernel;
};

struct conditions {
	const struct condition *includes, *excludes;
};

struct arch_map {
	const char *arch;
	strings more;
};

/* What the engines add to the document; the rules are in the same order as the document's own. */
struct additions {
	LIST_OF(struct conditions) rules;
	LIST_OF(struct arch_map) arch_map;
};

struct inst_profile {
	struct oci_seccomp seccomp;
	struct additions added;
	unsigned kernel[2];
};

/* As the engines call this machine, and as the document does. */
#if defined(__x86_64__)
static const char machine[] = "amd64", machine_arch[] = "SCMP_ARCH_X86_64";
#elif defined(__aarch64__)
static const char machine[] = "arm64", machine_arch[] = "SCMP_ARCH_AARCH64";
#else
static const char machine[] = "", machine_arch[] = "";
#endif

static bool version(const char *text, unsigned out[2])
{
	return sscanf(text, "%u.%u", &out[0], &out[1]) == 2;
}

/* A condition that is not understood must not count as met. */
static int check_condition(const void *p, const struct json *v, struct err *e)
{
	static const char *const known[] = { "arches", "caps", "minKernel" };
	const struct condition *c = p;
	unsigned kernel[2];

	for (const struct json *m = v ? v->first : NULL; m; m = m->next) {
		bool found = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			found |= !strcmp(m->key, known[i]);
		if (!found)
			return oci_bad_key(v, m->key, e, "kist does not know this condition, only arches, caps and minKernel");
	}
	if (c->min_kernel && !version(c->min_kernel, kernel))
		return oci_bad_key(v, "minKernel", e, "\"%s\" is no version, expected one like \"4.8\"", c->min_kernel);
	return 0;
}

static const struct field condition_fields[] = {
	F_STRS(struct condition, arches, "arches", 0),
	F_STRS(struct condition, caps, "caps", 0),
	F_STR(struct condition, min_kernel, "minKernel", 0),
};
static const struct object condition = OBJECT(struct condition, condition_fields, check_condition);

static const struct field conditions_fields[] = {
	F_OBJ(struct conditions, includes, struct condition, "includes", 0, &condition),
	F_OBJ(struct conditions, excludes, struct condition, "excludes", 0, &condition),
};
static const struct object conditions = OBJECT(struct conditions, conditions_fields, NULL);

static const struct field arch_map_fields[] = {
	F_TOKEN(struct arch_map, arch, "architecture", REQUIRED, oci_seccomp_archs),
	F_TOKENS(struct arch_map, more, "subArchitectures", oci_seccomp_archs),
};
static const struct object arch_map = OBJECT(struct arch_map, arch_map_fields, NULL);

static const struct field additions_fields[] = {
	F_LIST(struct additions, rules, struct conditions, "syscalls", &conditions),
	F_LIST(struct additions, arch_map, struct arch_map, "archMap", &arch_map),
};
static const struct object additions = OBJECT(struct additions, additions_fields, NULL);

int inst_profile_read(struct arena *a, const char *path, const struct inst_profile **out, struct err *e)
{
	struct inst_profile *p = arena_alloc(a, sizeof(*p));
	struct utsname u = { 0 };
	const char *text;
	size_t len;
	int r = oci_read(a, path, &text, &len, e);

	if (!r)
		r = oci_decode_text(a, &oci_seccomp_object, path, text, len, &p->seccomp, e);
	if (!r)
		r = oci_decode_text(a, &additions, path, text, len, &p->added, e);
	(void)uname(&u);
	(void)version(u.release, p->kernel);
	*out = p;
	return r;
}

static bool has(const strings *list, const char *word)
{
	for (size_t i = 0; i < list->len; i++)
		if (!strcmp(list->at[i], word))
			return true;
	return false;
}

static size_t common(const strings *x, const strings *y)
{
	size_t n = 0;

	for (size_t i = 0; i < x->len; i++)
		n += has(y, x->at[i]);
	return n;
}

static bool kernel_is(const unsigned is[2], const char *least)
{
	unsigned want[2] = { 0, 0 };

	(void)version(least, want);
	return is[0] != want[0] ? is[0] > want[0] : is[1] >= want[1];
}

static bool holds(const struct inst_profile *p, const struct conditions *c, const strings *caps)
{
	const struct condition *in = c->includes, *out = c->excludes;

	if (in && in->arches.len && !has(&in->arches, machine))
		return false;
	if (in && (common(&in->caps, caps) < in->caps.len || (in->min_kernel && !kernel_is(p->kernel, in->min_kernel))))
		return false;
	if (out && (has(&out->arches, machine) || common(&out->caps, caps)))
		return false;
	return !out || !out->min_kernel || !kernel_is(p->kernel, out->min_kernel);
}

static void add_arches(struct arena *a, const struct inst_profile *p, strings *out)
{
	for (size_t i = 0; i < p->added.arch_map.len; i++) {
		const struct arch_map *m = &p->added.arch_map.at[i];

		if (strcmp(m->arch, machine_arch))
			continue;
		out->at = arena_array(a, m->more.len + 2, sizeof(*out->at));
		out->at[out->len++] = m->arch;
		for (size_t k = 0; k < m->more.len; k++)
			out->at[out->len++] = m->more.at[k];
		return;
	}
}

const struct oci_seccomp *inst_profile_for(struct arena *a, const struct inst_profile *p, const struct oci_capabilities *caps)
{
	static const struct oci_capabilities none;
	struct oci_seccomp *s = arena_alloc(a, sizeof(*s));

	*s = p->seccomp;
	s->syscalls.at = arena_array(a, p->seccomp.syscalls.len, sizeof(*s->syscalls.at));
	s->syscalls.len = 0;
	for (size_t i = 0; i < p->seccomp.syscalls.len; i++)
		if (holds(p, &p->added.rules.at[i], &(caps ? caps : &none)->bounding))
			s->syscalls.at[s->syscalls.len++] = p->seccomp.syscalls.at[i];
	if (!s->architectures.len)
		add_arches(a, p, &s->architectures);
	return s;
}
