/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The making of an instance: name, image, ids, volumes, document, directory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "instances/closed.h"
#include "instances/ids.h"
#include "instances/instance.h"
#include "runtime/guard.h"
#include "storage/copy.h"
#include "storage/objects.h"
#include "storage/volume.h"

enum { NAME_LENGTH = 200 }; /* it is a file's name, and part of a cgroup's */

struct maker {
	const struct ct_ctx *c;
	struct arena *a;
	const struct inst_request *q;
	struct inst *i;
	struct inst_facts facts;
	struct st_view root;
	struct inst_pool pool;
	struct oci_mapping ids;
	int volumes; /* the lock, until the instance says which it uses */
};

static bool exists(const struct inst *i, const char *name)
{
	return faccessat(i->store.dir, arena_printf(i->a, "instances/%s", name), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int check_name(const struct inst *i, const char *name, struct err *e)
{
	int r = ct_check_id(name, e);

	if (r)
		return err_in(e, r, "option --name");
	if (strlen(name) > NAME_LENGTH)
		return err_set(e, EINVAL, "option --name: longer than %d characters", NAME_LENGTH);
	if (!exists(i, name))
		return 0;
	return err_set(e, EEXIST, "an instance named %s exists already: start it with kist start %s, remove it with kist delete %s, or take another --name",
		       name, name, name);
}

/* "nginx-k3x9" of "docker.io/library/nginx:latest" */
static const char *invent_name(const struct inst *i, const struct inst_request *q)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	const char *from = q->image ? q->image : q->options->rootfs, *slash = strrchr(from, '/');
	char base[24], tail[5] = "";
	size_t n = 0;

	for (from = slash ? slash + 1 : from; *from && n < sizeof(base) - 1; from++) {
		if (strchr("@:", *from))
			break;
		if ((*from >= 'a' && *from <= 'z') || (*from >= '0' && *from <= '9') || (n && *from == '-'))
			base[n++] = *from;
	}
	base[n] = 0;
	do {
		unsigned char random[4];

		(void)!getrandom(random, sizeof(random), 0);
		for (size_t k = 0; k < 4; k++)
			tail[k] = letters[random[k] % 32];
		from = arena_printf(i->a, "%s-%s", n ? base : "instance", tail);
	} while (exists(i, from));
	return from;
}

static int find_name(struct maker *m, struct err *e)
{
	const char *asked = m->q->options->name;

	m->i->name = asked ? asked : invent_name(m->i, m->q);
	m->facts.name = m->i->name;
	return asked ? check_name(m->i, asked, e) : 0;
}

/* Before anything is made, because it may execute the program again. */
static int guard(struct maker *m, struct err *e)
{
	struct oci_mapping all = { 0 };
	oci_mappings reach = { &all, 0 };

	if (m->q->options->userns == INST_USERNS_AUTO) {
		int r = inst_ids_read_pool(m->a, &m->pool, e);

		if (r)
			return r;
		all = (struct oci_mapping){ 0, m->pool.start, m->pool.count };
		reach.len = 1;
	}
	return m->q->dry ? 0 : guard_exe(m->c, &reach, e);
}

static int take_ids(struct maker *m, struct err *e)
{
	int r;

	if (m->q->options->userns == INST_USERNS_HOST)
		return 0;
	r = inst_ids_take(m->a, &m->i->store, &m->pool, m->i->name, m->q->dry, &m->ids, e);
	m->facts.ids = &m->ids;
	if (!r && !m->q->dry)
		m->i->ids = m->ids.host;
	return r;
}

/* A volume is filled by putting another directory in the place of its own: not under the feet of an instance that has it. */
static int is_used(const struct maker *m, const char *volume, struct err *e)
{
	inst_uses uses;
	int r = inst_volume_uses(m->a, m->i->store.path, &uses, e);

	for (size_t k = 0; !r && k < uses.len; k++)
		r = !strcmp(uses.at[k].volume, volume);
	return r;
}

static int make_volume(struct maker *m, struct inst_mount *mount, struct err *e)
{
	static const pairs none = { NULL, 0 };
	const struct st_store *s = &m->i->store;
	const char *name = mount->source;
	const char **made = (const char **)m->i->new_volumes.at;
	int r;

	if (m->q->dry)
		return 0;
	r = st_volume_make(m->a, s, name, &none, e);
	if (r < 0 && r != -EEXIST)
		return r;
	if (!r)
		made[m->i->new_volumes.len++] = name;
	else if (!mount->nocopy && (r = is_used(m, name, e)) != 0)
		return r < 0 ? r : 0;
	return mount->nocopy ? 0 : st_volume_fill(m->a, s, name, &m->root, mount->target, e);
}

static int make_volumes(struct maker *m, struct err *e)
{
	inst_mounts *l = &m->facts.mounts;
	struct strv names = { .arena = m->a };

	m->i->new_volumes.at = arena_array(m->a, l->len, sizeof(char *));
	for (size_t k = 0; k < l->len; k++) {
		int r = 0;

		if (l->at[k].kind != INST_VOLUME)
			continue;
		if (m->volumes < 0)
			r = m->volumes = st_lock(&m->i->store, INST_VOLUMES_LOCK, false, e);
		if (r >= 0)
			r = make_volume(m, &l->at[k], e);
		if (r)
			return r;
		strv_add(&names, l->at[k].source);
		l->at[k].source = st_volume_path(m->a, &m->i->store, l->at[k].source);
	}
	m->facts.volumes = (strings){ names.at, names.len };
	return 0;
}

/* What the instance sees of "/" itself is the upper directory's: it begins as the image's. */
static int make_upper(const struct maker *m, int dir, struct err *e)
{
	struct stat st = { .st_mode = 0755 };

	if (!m->facts.lower.len)
		return 0;
	if (m->root.n && fstat(m->root.at[0], &st) < 0)
		return err_sys(e, "look at the root of the image");
	if (mkdirat(dir, "work", 0700) < 0 || mkdirat(dir, "upper", 0700) < 0 ||
	    fchownat(dir, "upper", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(dir, "upper", st.st_mode & 07777, 0) < 0)
		return err_sys(e, "make the directories of instance %s", m->i->name);
	return 0;
}

/* Made and filled before anybody sees the instance, so that nothing else must be remembered of them. */
static int make_own(struct maker *m, int dir, const struct inst_mount *mount, struct err *e)
{
	auto_fd to = mkdirat(dir, mount->source, 0755) < 0 ? -errno : fd_open(dir, mount->source, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	auto_view parent = { 0 };
	struct st_entry found = { .part = 0 };
	const char *last;
	int r = to;

	if (r >= 0 && fchmod(to, 0755) < 0)
		r = -errno;
	if (r >= 0 && !mount->nocopy && st_view_walk(m->a, &m->root, mount->target, &parent, &last, &found) == 0)
		r = found.sub.n ? st_copy_tree(&found, to) : 0;
	st_view_done(&found.sub);
	return r < 0 ? err_num(e, r, "make the volume of instance %s on %s", m->i->name, mount->target) : 0;
}

static int make_owns(struct maker *m, int dir, enum file_durable how, struct err *e)
{
	const inst_mounts *l = &m->facts.mounts;
	int made = 0, r = 0;

	for (size_t k = 0; k < l->len && !r; k++) {
		if (l->at[k].kind != INST_OWN)
			continue;
		if (!made++ && mkdirat(dir, INST_OWN_VOLUMES, 0700) < 0)
			return err_sys(e, "make the volumes of instance %s", m->i->name);
		r = make_own(m, dir, &l->at[k], e);
	}
	if (!r && made && how == FILE_DURABLE && syncfs(dir) < 0)
		return err_sys(e, "write the volumes of instance %s", m->i->name);
	return r;
}

static int write_dir(struct maker *m, struct err *e)
{
	struct inst *i = m->i;
	auto_fd parent = st_subdir(&i->store, "instances", e);
	auto_new n = ST_NEW_NONE;
	enum file_durable how = m->q->options->remove ? FILE_VOLATILE : FILE_DURABLE;
	int r = parent < 0 ? parent : st_new_dir(parent, &n, e);

	if (!r)
		r = make_upper(m, n.fd, e);
	if (!r)
		r = make_owns(m, n.fd, how, e);
	if (r)
		return r;
	r = file_make(n.fd, "config.json", i->text, i->len, 0600, how);
	if (r < 0)
		return err_num(e, r, "write config.json of instance %s", i->name);
	r = st_new_keep(&n, i->name, e);
	if (r)
		return r < 0 ? r : err_set(e, EEXIST, "an instance named %s exists already", i->name);
	i->dir = take_fd(&n.fd);
	i->path = arena_printf(i->a, "%s/instances/%s", i->store.path, i->name);
	return how == FILE_DURABLE && fsync(parent) < 0 ? err_sys(e, "write %s/instances", i->store.path) : 0;
}

static int compose(struct maker *m, struct err *e)
{
	struct inst *i = m->i;
	int r = take_ids(m, e);

	if (!r)
		r = make_volumes(m, e);
	if (!r)
		r = inst_compose(m->a, m->q->options, &m->facts, &i->spec, e);
	if (!r)
		r = inst_check_closed(&i->spec, e);
	if (!r)
		i->text = oci_encode_text(m->a, &oci_spec_object, &i->spec, JSON_PRETTY, &i->len);
	return r || m->q->dry ? r : write_dir(m, e);
}

static int open_store(struct maker *m, const char *data, struct err *e)
{
	if (sys_euid() != 0)
		return err_set(e, EPERM,
			       "only root can run images: layers are mounted with ids of their own; as a user, run a bundle (kist spec --rootless)");
	/* Where no image has ever been there is none to run. */
	return inst_no_image(m->q, st_open(m->a, data, !m->q->image, &m->i->store, e), e);
}

int inst_make(const struct ct_ctx *c, const char *data, const struct inst_request *q, struct inst *out, struct err *e)
{
	auto_inst i = INST_NONE;
	struct maker m = { .c = c, .a = c->arena, .q = q, .i = &i, .volumes = -1 };
	auto_fd lock = -1;
	int r;

	i.a = c->arena;
	r = open_store(&m, data, e);
	if (!r)
		r = guard(&m, e);
	if (!r)
		r = lock = st_lock(&i.store, "images", false, e);
	if (r >= 0)
		r = find_name(&m, e);
	if (!r)
		r = inst_facts_find(c, &i.store, q, &m.facts, &m.root, e);
	if (!r)
		r = compose(&m, e);
	st_view_done(&m.root);
	fd_done(&m.volumes);
	if (r)
		return r;
	*out = i;
	i = (struct inst)INST_NONE;
	return 0;
}
