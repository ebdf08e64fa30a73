/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of the specification that need more than one branch of the document, but no look at the host. */
#include "oci/rules.h"

#include <errno.h>
#include <linux/sched.h>
#include <string.h>

#include "oci/tables.h"

enum { MAPPING_LINES = 340 }; /* UID_GID_MAP_MAX_EXTENTS since Linux 4.15 */

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t)b + b_size && b < (uint64_t)a + a_size;
}

static int check_mapping(const oci_mappings *m, size_t i, const struct json *v, const char *key,
			 struct err *e)
{
	const struct oci_mapping *x = &m->at[i];

	if (!x->size)
		return oci_bad_item(v, key, i, e, "size is 0");
	if ((uint64_t)x->container + x->size > UINT32_MAX || (uint64_t)x->host + x->size > UINT32_MAX)
		return oci_bad_item(v, key, i, e, "reaches beyond the last id, %u", OCI_ID_MAX);
	for (size_t j = 0; j < i; j++) {
		const struct oci_mapping *y = &m->at[j];

		if (overlap(x->container, x->size, y->container, y->size))
			return oci_bad_item(v, key, i, e, "its container ids overlap with those of %s[%zu]",
					    key, j);
		if (overlap(x->host, x->size, y->host, y->size))
			return oci_bad_item(v, key, i, e, "its host ids overlap with those of %s[%zu]", key,
					    j);
	}
	return 0;
}

int oci_check_mappings(const oci_mappings *m, const struct json *v, const char *key, struct err *e)
{
	int r = 0;

	if (m->len > MAPPING_LINES)
		return oci_bad_key(v, key, e, "%zu lines, but Linux takes at most %d", m->len, MAPPING_LINES);
	for (size_t i = 0; !r && i < m->len; i++)
		r = check_mapping(m, i, v, key, e);
	return r;
}

static size_t digits(const char **s)
{
	size_t n = strspn(*s, "0123456789");

	n = n && n < 10 && (n == 1 || **s != '0') ? n : 0;
	*s += n;
	return n;
}

static bool is_tag(const char **s)
{
	static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.";
	size_t n = strspn(*s, set);

	*s += n;
	return n > 0;
}

static bool is_semver(const char *s)
{
	for (int i = 0; i < 3; i++)
		if ((i && *s++ != '.') || !digits(&s))
			return false;
	if (*s == '-' && (s++, !is_tag(&s)))
		return false;
	if (*s == '+' && (s++, !is_tag(&s)))
		return false;
	return !*s;
}

static int check_version(const struct rules *r, struct err *e)
{
	const char *version = r->spec->version ? r->spec->version : "";
	char shown[JSON_SHOWN];

	if (!is_semver(version))
		return oci_bad_key(r->doc, "ociVersion", e,
				   "\"%s\" is not a version, expected a form like \"1.3.0\"",
				   json_shown(shown, version));
	if (strncmp(version, "1.", 2))
		return oci_bad_key(r->doc, "ociVersion", e, "\"%s\" is not supported, expected 1.x",
				   json_shown(shown, version));
	return 0;
}

static int check_top(const struct rules *r, struct err *e)
{
	const struct oci_spec *s = r->spec;

	if (!s->root)
		return oci_bad_key(r->doc, "root", e, "missing");
	if (s->process && !s->process->args.len)
		return err_path(
			e, oci_bad_key(json_get(r->doc, "process"), "args", e, "missing: what shall be run?"),
			".process");
	if (s->hostname && *s->hostname && !(r->namespaces & CLONE_NEWUTS))
		return oci_bad_key(r->doc, "hostname", e,
				   "needs a uts namespace, or it would rename the host");
	if (s->domainname && *s->domainname && !(r->namespaces & CLONE_NEWUTS))
		return oci_bad_key(r->doc, "domainname", e,
				   "needs a uts namespace, or it would rename the host's");
	return 0;
}

/* Properties of "linux" that mean nothing, or the host's own, without a namespace. */
static int check_needs(const struct rules *r, struct err *e)
{
	const struct oci_linux *l = r->spec->linux_;
	const struct {
		const char *key;
		bool given;
		unsigned namespace_;
		const char *words;
	} needs[] = {
		{ "uidMappings", l->uid_mappings.len, CLONE_NEWUSER, "a user" },
		{ "gidMappings", l->gid_mappings.len, CLONE_NEWUSER, "a user" },
		{ "timeOffsets", l->time_offsets != NULL, CLONE_NEWTIME, "a time" },
		{ "netDevices", l->net_devices.len, CLONE_NEWNET, "a network" },
		{ "maskedPaths", l->masked_paths.len, CLONE_NEWNS, "a mount" },
		{ "readonlyPaths", l->readonly_paths.len, CLONE_NEWNS, "a mount" },
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].given && !(r->namespaces & needs[i].namespace_))
			return err_path(e, oci_bad_key(json_get(r->doc, "linux"), needs[i].key, e,
						       "needs %s namespace", needs[i].words), ".linux");
	return 0;
}

/*
 * A joined user namespace has its mappings already; engines repeat them, or a made-up one, beside the path
 * (podman, containerd, CRI-O), so they are no error here: whoever joins ignores or compares them.
 */
static int check_user_namespace(const struct rules *r, struct err *e)
{
	const struct oci_linux *l = r->spec->linux_;
	const struct json *v = json_get(r->doc, "linux");

	for (size_t i = 0; i < l->namespaces.len; i++) {
		const struct oci_namespace *n = &l->namespaces.at[i];
		const char *lacks = !l->uid_mappings.len   ? "uidMappings"
				    : !l->gid_mappings.len ? "gidMappings"
							   : NULL;

		if (n->type != CLONE_NEWUSER || (n->path && *n->path) || !lacks)
			continue;
		return err_path(e,
				oci_bad_item(v, "namespaces", i, e, "a new user namespace needs %s", lacks),
				".linux");
	}
	return 0;
}

/* A root that is put together exists only in a mount namespace, and a map only in a user namespace, of the container's own. */
static int check_kist(const struct rules *r, struct err *e)
{
	const struct oci_kist *k = r->spec->kist;
	const struct json *v = json_get(json_get(r->doc, "kist"), "root");
	const char *key = NULL;

	if (k && k->root && k->root->lower.len && !(r->namespaces & CLONE_NEWNS))
		key = "lower";
	else if (k && k->root && k->root->idmap && !(r->namespaces & CLONE_NEWUSER))
		key = "idmap";
	return !key ? 0 : err_path(e, oci_bad_key(v, key, e, "needs a %s namespace", *key == 'l' ? "mount" : "user"), ".kist.root");
}

static int check_cross(const struct rules *r, struct err *e)
{
	int bad = check_version(r, e);

	if (!bad)
		bad = check_top(r, e);
	if (!bad)
		bad = check_kist(r, e);
	if (!bad && r->spec->linux_)
		bad = check_needs(r, e);
	if (!bad && r->spec->linux_)
		bad = check_user_namespace(r, e);
	return bad || !r->spec->linux_ ? bad : oci_check_sysctl(r, e);
}

int oci_check_spec(const struct oci_spec *s, const struct json *doc, struct err *e)
{
	struct rules r = { s, doc, 0 };

	for (size_t i = 0; s->linux_ && i < s->linux_->namespaces.len; i++)
		r.namespaces |= (unsigned)s->linux_->namespaces.at[i].type;
	return check_cross(&r, e);
}
