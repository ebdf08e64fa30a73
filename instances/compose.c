/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/compose.h"

#include <errno.h>
#include <string.h>

#include "instances/names.h"
#include "runtime/container.h"

enum { HOSTNAME_LENGTH = 64 }; /* __NEW_UTS_LEN */

int inst_pairs(struct arena *a, const char *option, const strings *words, pairs *out, struct err *e)
{
	pairs p = { arena_array(a, words->len, sizeof(*p.at)), 0 };

	for (size_t i = 0; i < words->len; i++) {
		const char *w = words->at[i], *key;
		size_t n = strcspn(w, "="), k = 0;

		if (!n || !w[n])
			return err_set(e, EINVAL, "option --%s \"%s\": expected KEY=VALUE", option, w);
		key = arena_strndup(a, w, n);
		while (k < p.len && strcmp(p.at[k].key, key) != 0)
			k++;
		p.at[k] = (struct pair){ key, w + n + 1 };
		p.len += k == p.len;
	}
	*out = p;
	return 0;
}

static bool is_taken(const struct inst_facts *f, const char *target)
{
	for (size_t i = 0; i < f->mounts.len; i++)
		if (!strcmp(f->mounts.at[i].target, target))
			return true;
	return false;
}

/* A volume's files keep their owners on disk, whatever range of ids the instance has. */
static struct oci_mount as_oci(struct arena *a, const struct inst_mount *m, const struct oci_mapping *ids)
{
	struct oci_mount out = { .destination = m->target, .source = m->source, .options = m->options, .type = "bind" };

	if (m->kind == INST_TMPFS)
		out.type = out.source = "tmpfs";
	if ((m->kind == INST_VOLUME || m->kind == INST_OWN) && ids) {
		struct strv v = { .arena = a };

		for (size_t i = 0; i < m->options.len; i++)
			strv_add(&v, m->options.at[i]);
		strv_add(&v, "idmap");
		out.options = (strings){ v.at, v.len };
	}
	return out;
}

struct mount_list {
	struct arena *a;
	struct oci_spec *s;
	const struct inst_facts *f;
};

static void add(struct mount_list *l, struct oci_mount m)
{
	struct oci_mount *at = arena_grow(l->a, l->s->mounts.at, l->s->mounts.len, sizeof(*at));

	at[l->s->mounts.len++] = m;
	l->s->mounts.at = at;
}

static void add_tmpfs(struct mount_list *l, const char *path)
{
	static const char *const words[] = { "nosuid", "nodev", "tmpcopyup", INST_TMPFS_SIZE, INST_TMPFS_FILES, NULL };

	if (!is_taken(l->f, path))
		add(l, (struct oci_mount){ .destination = path, .type = "tmpfs", .source = "tmpfs",
					   .options = { (const char **)words, 5 } });
}

/* What has to be writable over a root that is not, by custom. */
static void add_writable(struct mount_list *l)
{
	static const char *const custom[] = { "/run", "/tmp", "/var/tmp" };

	for (size_t i = 0; i < 3; i++)
		add_tmpfs(l, custom[i]);
}

/* Behind everything else: in the image they may be links into what is mounted, as from /etc/resolv.conf into /run. */
static void add_files(struct mount_list *l, const struct inst_options *o)
{
	static const char *const words[] = { "bind", "ro", "nosuid", "nodev", "noexec", NULL };
	inst_etc_files files = inst_names_files(l->a, o, &l->f->network);

	for (size_t i = 0; i < files.len; i++)
		if (!is_taken(l->f, files.at[i].target))
			add(l, (struct oci_mount){ .destination = files.at[i].target, .type = "bind", .source = files.at[i].source,
						   .options = { (const char **)words, 5 } });
}

static void compose_mounts(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *s)
{
	struct mount_list l = { a, s, f };
	const struct oci_mount *usual = s->mounts.at;
	size_t n = s->mounts.len;

	s->mounts.at = NULL;
	s->mounts.len = 0;
	for (size_t i = 0; i < n; i++) {
		struct oci_mount m = usual[i];

		if (is_taken(f, m.destination))
			continue;
		if (!strcmp(m.destination, "/dev/shm") && o->shm_size) {
			struct strv v = { .arena = a };

			for (size_t k = 0; k < m.options.len; k++)
				if (!text_starts(m.options.at[k], "size="))
					strv_add(&v, m.options.at[k]);
			strv_add(&v, arena_printf(a, "size=%lld", (long long)*o->shm_size));
			m.options = (strings){ v.at, v.len };
		}
		add(&l, m);
	}
	if (o->read_only)
		add_writable(&l);
	for (size_t i = 0; i < f->mounts.len; i++)
		add(&l, as_oci(a, &f->mounts.at[i], f->ids));
	add_files(&l, o);
}

static void compose_root(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *s,
			 struct oci_kist *k)
{
	struct oci_root *root = arena_alloc(a, sizeof(*root));
	struct oci_kist_root *layers = arena_alloc(a, sizeof(*layers));

	root->path = f->lower.len ? "rootfs" : f->rootfs;
	root->readonly = o->read_only;
	layers->idmap = f->ids != NULL;
	layers->lower = f->lower;
	/* A read-only root needs no upper directory, but a stack of one layer is not an overlay without it. */
	if (f->lower.len) {
		layers->upper = "upper";
		layers->work = "work";
		layers->volatile_ = o->remove;
	}
	k->root = layers;
	s->root = root;
}

static int compose_kist(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *s,
			struct err *e)
{
	const struct oci_image_run *run = f->image ? f->image->config.config : NULL;
	struct oci_kist *k = arena_alloc(a, sizeof(*k));
	int r;

	compose_root(a, o, f, s, k);
	k->image = f->image ? f->image->name ? f->image->name : f->image->digest : NULL;
	k->image_digest = f->image ? f->image->digest : NULL;
	k->remove = o->remove;
	k->init = o->init;
	k->state = f->state;
	k->volumes = f->volumes;
	k->networks.at = f->network.networks.at;
	k->networks.len = f->network.networks.len;
	k->ports.at = f->network.ports.at;
	k->ports.len = f->network.ports.len;
	k->bandwidth = f->network.bandwidth;
	k->network_of = f->network.of;
	k->log_max = o->log_max;
	k->names = inst_names_asked(a, o, &f->network);
	k->stop_signal = o->stop_signal ? o->stop_signal : run ? run->stop_signal : NULL;
	s->kist = k;
	if (k->stop_signal && *k->stop_signal) {
		r = ct_signal(k->stop_signal, e);
		if (r < 0)
			return err_in(e, r, o->stop_signal ? "option --stop-signal" : "the image's StopSignal");
	}
	return inst_pairs(a, "label", &o->labels, (pairs *)&k->labels, e);
}

static int compose_hostname(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *s,
			    struct err *e)
{
	if (o->hostname && !oci_is_host_name(o->hostname))
		return err_set(e, EINVAL, "option --hostname: \"%s\" is not the name of a host: letters, digits, - and .", o->hostname);
	s->hostname = o->hostname ? o->hostname : arena_strndup(a, f->name, strnlen(f->name, HOSTNAME_LENGTH));
	if (o->uts == INST_PRIVATE)
		return strlen(s->hostname) <= HOSTNAME_LENGTH
			       ? 0
			       : err_set(e, EINVAL, "option --hostname: longer than %d characters", HOSTNAME_LENGTH);
	s->hostname = NULL;
	return o->hostname ? err_set(e, EINVAL, "option --hostname: with --uts host the name is the host's own") : 0;
}

int inst_compose(struct arena *a, const struct inst_options *o, const struct inst_facts *f, struct oci_spec *out, struct err *e)
{
	struct oci_process *process;
	struct oci_spec s;
	int r;

	oci_template(a, false, 0, 0, &s);
	process = arena_alloc(a, sizeof(*process));
	*process = *s.process;
	s.process = process;
	r = inst_compose_process(a, o, f, process, e);
	if (!r)
		r = inst_compose_linux(a, o, f, &s, e);
	if (!r)
		r = compose_hostname(a, o, f, &s, e);
	if (!r)
		r = compose_kist(a, o, f, &s, e);
	if (!r)
		r = inst_pairs(a, "annotation", &o->annotations, &s.annotations, e);
	if (r)
		return r;
	compose_mounts(a, o, f, &s);
	r = oci_check_spec(&s, NULL, e);
	if (r)
		return err_path(e, r, "the document for %s", f->name);
	*out = s;
	return 0;
}
