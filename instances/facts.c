/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/facts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "instances/names.h"
#include "instances/secrets.h"
#include "instances/security.h"
#include "runtime/host.h"

enum { ENV_FILE_MAX = 1 << 20 };

struct finder {
	const struct ct_ctx *c;
	struct arena *a;
	const struct st_store *s;
	const struct inst_request *q;
	const struct inst_options *o;
	struct inst_facts *f;
};

static int host_tree(struct finder *f, struct err *e)
{
	struct strv v = { .arena = f->a };

	if (strcmp(f->f->rootfs, "/"))
		return 0;
	if (!f->f->lower.len)
		return err_set(e, EINVAL, "option --rootfs /: the host's own tree is never written to; add --overlay");
	inst_secrets(&v);
	strv_add(&v, f->s->path);
	strv_add(&v, f->c->root);
	f->f->secrets = (strings){ v.at, v.len };
	return 0;
}

static int find_directory(struct finder *f, struct err *e)
{
	char real[PATH_MAX];
	const char **lower = arena_array(f->a, 1, sizeof(*lower));

	if (!realpath(f->o->rootfs, real))
		return err_sys(e, "option --rootfs: %s", f->o->rootfs);
	f->f->rootfs = lower[0] = arena_strdup(f->a, real);
	if (f->o->overlay)
		f->f->lower = (strings){ lower, 1 };
	return host_tree(f, e);
}

int inst_no_image(const struct inst_request *q, int r, struct err *e)
{
	if (r != -ENOENT || !q->image || access("config.json", R_OK) < 0)
		return r;
	return err_hint(e, r, "there is a config.json here: to run that, write kist run --bundle . %s", q->image);
}

static int find_image(struct finder *f, struct err *e)
{
	struct st_image *image = arena_alloc(f->a, sizeof(*image));
	int r = inst_no_image(f->q, st_find_image(f->a, f->s, f->q->image, image, e), e);

	if (r)
		return r;
	f->f->image = image;
	f->f->lower = image->layers;
	return 0;
}

static int find_root(struct finder *f, struct st_view *root, struct err *e)
{
	int r = f->q->image ? find_image(f, e) : find_directory(f, e);
	strings one = { &f->f->rootfs, 1 };

	if (r)
		return r;
	r = st_view_open(f->a, f->f->lower.len ? &f->f->lower : &one, root);
	return r < 0 ? err_num(e, r, "open the layers of %s", f->q->image ? f->q->image : f->f->rootfs) : 0;
}

static int find_user(struct finder *f, const struct st_view *root, struct err *e)
{
	const struct oci_image_run *run = f->f->image ? f->f->image->config.config : NULL;
	const char *asked = f->o->user ? f->o->user : run ? run->user : NULL;
	int r = inst_user_find(f->a, root, asked, &f->o->groups, &f->f->user, e);

	if (r < 0)
		return f->o->user ? err_in(e, r, "option --user") : r;
	return 0;
}

int inst_env_add(struct strv *v, const char *where, const char *word, struct err *e)
{
	const char *value;

	if (!*word || *word == '=')
		return err_set(e, EINVAL, "%s \"%s\": expected NAME=VALUE or NAME", where, word);
	if (strchr(word, '=')) {
		strv_add(v, word);
		return 0;
	}
	value = getenv(word);
	if (value)
		strv_add(v, arena_printf(v->arena, "%s=%s", word, value));
	return 0;
}

static int read_env_file(struct strv *v, const char *path, struct err *e)
{
	char *text, *save;
	size_t len;
	int r = file_read(v->arena, AT_FDCWD, path, ENV_FILE_MAX, &text, &len);

	if (r < 0)
		return err_num(e, r, "option --env-file: read %s", path);
	r = 0;
	for (char *line = strtok_r(text, "\n", &save); line && !r; line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t");
		if (*line && *line != '#')
			r = inst_env_add(v, path, line, e);
	}
	return r;
}

static int find_env(struct finder *f, struct err *e)
{
	struct strv v = { .arena = f->a };
	int r = 0;

	for (size_t i = 0; i < f->o->env_files.len && !r; i++)
		r = read_env_file(&v, f->o->env_files.at[i], e);
	for (size_t i = 0; i < f->o->env.len && !r; i++)
		r = inst_env_add(&v, "option --env", f->o->env.at[i], e);
	f->f->env = (strings){ v.at, v.len };
	return r;
}

static int bad_device(const char *given, const char *why, struct err *e)
{
	return err_set(e, EINVAL, "option --device \"%s\": %s", given, why);
}

static int describe_device(struct arena *a, const char *given, const char *path, struct oci_device *d, struct err *e)
{
	int64_t *numbers = arena_array(a, 2, sizeof(*numbers));
	uint32_t *mode = arena_alloc(a, sizeof(*mode));
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, "option --device \"%s\": look at it", given);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return bad_device(given, "is not a device", e);
	numbers[0] = major(st.st_rdev);
	numbers[1] = minor(st.st_rdev);
	*mode = st.st_mode & 0777;
	d->path = path;
	d->type = S_ISBLK(st.st_mode) ? 'b' : 'c';
	d->major = &numbers[0];
	d->minor = &numbers[1];
	d->file_mode = mode;
	return 0;
}

/* In a user namespace the host's node is shown as it is, and its owner is nobody there. */
static int check_reach(const char *given, const struct inst_device *d, struct err *e)
{
	uint32_t mode = *d->node.file_mode;

	if ((!strchr(d->access, 'r') || mode & 04) && (!strchr(d->access, 'w') || mode & 02))
		return 0;
	return err_set(e, EACCES,
		       "option --device \"%s\": only its owner may use it (mode %04o), and the instance's ids are others; open it to all, or "
		       "use --userns host",
		       given, mode);
}

/* PATH[:ACCESS] */
static int find_device(struct arena *a, const char *given, struct inst_device *out, struct err *e)
{
	char *path = arena_strdup(a, given), *access = strchr(path, ':');

	out->access = "rwm";
	if (access) {
		*access++ = 0;
		out->access = access;
	}
	if (*path != '/' || !*out->access || out->access[strspn(out->access, "rwm")])
		return bad_device(given, "expected PATH or PATH:ACCESS, with an ACCESS such as rw", e);
	return describe_device(a, given, path_clean(a, path), &out->node, e);
}

static int find_devices(struct finder *f, struct err *e)
{
	size_t n = f->o->devices.len;

	f->f->devices.at = arena_array(f->a, n, sizeof(*f->f->devices.at));
	for (size_t i = 0; i < n; i++) {
		const char *given = f->o->devices.at[i];
		struct inst_device *d = &f->f->devices.at[f->f->devices.len++];
		int r = find_device(f->a, given, d, e);

		if (!r && f->o->userns == INST_USERNS_AUTO)
			r = check_reach(given, d, e);
		if (r)
			return r;
	}
	return 0;
}

static int find_seccomp(struct finder *f, struct err *e)
{
	struct inst_security s;
	int r = inst_security_parse(f->a, f->o, &s, e);

	if (r || !s.seccomp)
		return r;
	r = inst_profile_read(f->a, s.seccomp, &f->f->seccomp, e);
	return r < 0 ? err_in(e, r, "option --security-opt seccomp") : 0;
}

static int find_host(struct finder *f, struct err *e)
{
	struct rlimit files;
	struct cg_host cg;
	struct host h;
	char here[PATH_MAX];
	int r = host_probe(f->a, true, &h, e);

	if (r)
		return r;
	if (!getcwd(here, sizeof(here)))
		return err_sys(e, "find the current directory");
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(e, "find the limit of open files");
	f->f->nofile = files.rlim_max;
	cg = host_for_cg(&h);
	f->f->pids = cg_has_controller(&cg, "pids") && f->c->manager != CT_CGROUP_DISABLED;
	r = inst_network_parse(f->a, f->o, &f->f->network, e);
	if (!r)
		r = inst_names_judge(f->a, f->o, &f->f->network, e);
	return r ? r : inst_mounts_parse(f->a, f->o, here, &f->f->mounts, e);
}

/* Where the image says that data comes to be; in a root that can be written to, that is where it comes to be. */
static void add_image_volumes(struct finder *f)
{
	const struct oci_image_run *run = f->f->image ? f->f->image->config.config : NULL;

	for (size_t i = 0; f->o->read_only && run && i < run->volumes.len; i++)
		inst_mounts_add_own(f->a, run->volumes.at[i].name, &f->f->mounts);
}

int inst_facts_find(const struct ct_ctx *c, const struct st_store *s, const struct inst_request *q, struct inst_facts *out,
		    struct st_view *root, struct err *e)
{
	struct finder f = { c, c->arena, s, q, q->options, out };
	int r = find_host(&f, e);

	out->command = q->command;
	out->state = c->root;
	if (!r)
		r = find_root(&f, root, e);
	if (!r)
		add_image_volumes(&f);
	if (!r)
		r = find_user(&f, root, e);
	if (!r)
		r = find_env(&f, e);
	if (!r)
		r = find_devices(&f, e);
	return r ? r : find_seccomp(&f, e);
}
