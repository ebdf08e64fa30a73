/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/life.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "instances/closed.h"
#include "instances/ids.h"
#include "instances/streams.h"
#include "runtime/guard.h"

static int remove_ended(const struct ct_ctx *c, struct inst *i, struct err *e)
{
	int r = ct_delete(c, i->name, true, e);

	return r ? r : inst_remove(i, e);
}

static void await_end(const struct ct_ctx *c, struct inst *i)
{
	auto_watch w = { -1, -1, 0 };
	struct err said = { 0 };
	int what = ct_watch(c, i->name, &w, NULL);

	while (what >= 0 && what != CT_EVENT_END)
		what = ct_wait_event(&w, -1, NULL);
	/* What could not be watched may still run. */
	if (what < 0 && what != -ESRCH)
		return;
	if (remove_ended(c, i, &said) < 0)
		log_warn("%s", said.msg);
}

/* Someone must stay to remove what is detached: this process's child, which holds nothing but the instance's lock. */
static int leave_waiter(const struct ct_ctx *c, struct inst *i, struct err *e)
{
	auto_fd null = fd_open(AT_FDCWD, "/dev/null", O_RDWR);
	pid_t pid = null < 0 ? -1 : fork();

	if (pid < 0)
		return err_sys(e, "leave a process that removes instance %s at its end", i->name);
	if (pid)
		return 0;
	(void)setsid();
	(void)!chdir("/");
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	(void)fd_close_from(3, (const int[]){ i->dir, i->store.dir }, 2);
	await_end(c, i);
	_exit(0);
}

/* After the container: the instance stays, or goes with it; one that still runs after a failure must stay. */
static int settle(const struct ct_ctx *c, struct inst *i, bool detached, int r, struct err *e)
{
	struct oci_state s;
	bool remove = i->spec.kist->remove;

	if (r) {
		i->kept = ct_state(c, i->name, &s, NULL) == 0;
		return r;
	}
	i->kept = true;
	if (!remove)
		return 0;
	return detached ? leave_waiter(c, i, e) : inst_remove(i, e);
}

static struct ct_create bundle(const struct inst *i, const struct ct_create *o)
{
	struct ct_create b = *o;

	b.id = i->name;
	b.bundle = i->path;
	b.text = i->text;
	b.text_len = i->len;
	b.guarded = true;
	return b;
}

int inst_run(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o, int *code,
	     struct err *e)
{
	auto_inst i = INST_NONE;
	auto_streams s = INST_STREAMS_OWN;
	struct ct_create b;
	int r = inst_make(c, data, q, &i, e);

	if (r)
		return r;
	b = bundle(&i, o);
	r = inst_divert(&i, o->detach, q->options->interactive || q->options->tty, &s, e);
	if (!r)
		r = ct_run(c, &b, code, e);
	inst_restore(&s);
	return settle(c, &i, o->detach, r, e);
}

int inst_create(const struct ct_ctx *c, const char *data, const struct inst_request *q, const struct ct_create *o, struct err *e)
{
	auto_inst i = INST_NONE;
	auto_streams s = INST_STREAMS_OWN;
	struct ct_create b;
	int r = inst_make(c, data, q, &i, e);

	if (r)
		return r;
	b = bundle(&i, o);
	r = inst_divert(&i, true, false, &s, e);
	if (!r)
		r = ct_create(c, &b, e);
	inst_restore(&s);
	return settle(c, &i, true, r, e);
}

/* Its ids and its place may have been lost with the last boot's state, but never given to another. */
static int prepare_again(const struct ct_ctx *c, struct inst *i, struct err *e)
{
	struct oci_state s;
	int r = inst_claim(c, i, e);

	if (!r)
		r = inst_reload(i, e);
	/* Its upper directory is not written back as a lasting one is (overlayfs, "volatile"). */
	if (!r && i->spec.kist->remove)
		return err_set(e, EINVAL, "instance %s was made with --rm and has ended, so it cannot be started again: delete it", i->name);
	if (!r && i->ids)
		r = inst_ids_check(i->a, &i->store, i->name, i->ids, e);
	if (r || ct_state(c, i->name, &s, NULL) < 0)
		return r;
	if (strcmp(s.status, "stopped"))
		return err_set(e, EBUSY, "cannot start instance %s: it is %s", i->name, s.status);
	return ct_delete(c, i->name, false, e);
}

static int run_again(const struct ct_ctx *c, struct inst *i, bool attach, int *code, struct err *e)
{
	static const struct ct_create none;
	static const struct oci_linux no_maps;
	const struct oci_linux *l = i->spec.linux_ ? i->spec.linux_ : &no_maps;
	auto_streams s = INST_STREAMS_OWN;
	struct ct_create b;
	int r = guard_exe(c, &l->uid_mappings, e);

	if (!r)
		r = prepare_again(c, i, e);
	if (!r)
		r = inst_check_closed(&i->spec, e);
	b = bundle(i, &none);
	b.detach = !attach;
	if (!r)
		r = inst_divert(i, b.detach, i->spec.process->terminal, &s, e);
	return r ? r : ct_run(c, &b, code, e);
}

int inst_start(const struct ct_ctx *c, const char *data, const char *id, bool attach, int *code, struct err *e)
{
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r = ct_start(c, id, &said), found;

	if (r != -ENOENT && r != -ESRCH) {
		if (e)
			*e = said;
		return r;
	}
	found = inst_open(c->arena, data, id, &i, e);
	if (found == -ENOENT && e)
		*e = said;
	return found == -ENOENT ? r : found ? found : run_again(c, &i, attach, code, e);
}

/* 1: the instance goes, too; 0: it stays, for the container of that id is another's, of a bundle elsewhere. */
static int check_delete(const struct ct_ctx *c, const struct inst *i, struct err *e)
{
	struct oci_state s;
	int r = ct_state(c, i->name, &s, NULL);

	if (!r)
		return !strcmp(s.bundle, i->path);
	r = r == -ENOENT ? inst_claim(c, i, e) : 0;
	return r ? r : 1;
}

int inst_delete(const struct ct_ctx *c, const char *data, const char *id, bool force, struct err *e)
{
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r = force ? inst_open_any(c->arena, data, id, &i, e) : inst_open(c->arena, data, id, &i, e);
	int goes = r == -ENOENT ? 0 : r ? r : check_delete(c, &i, e);

	if (goes < 0)
		return goes;
	r = ct_delete(c, id, force, &said);
	/* An instance without a container is what a stopped one is after the host's last boot. */
	if (goes && (!r || r == -ENOENT))
		return inst_remove(&i, e);
	if (r && e)
		*e = said;
	return r;
}

static const char *made_at(struct arena *a, int dir)
{
	char *text = arena_alloc(a, TEXT_TIME);
	struct stat st;

	if (fstatat(dir, "config.json", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	text_time(text, &st.st_mtim);
	return text;
}

static void describe(const struct inst *i, struct oci_state *out)
{
	static const int64_t none;

	*out = (struct oci_state){
		.version = "1.3.0", .id = i->name, .status = "stopped", .pid = &none, .bundle = i->path, .owner = "root",
		.created = made_at(i->a, i->dir), .annotations = i->spec.annotations,
	};
}

static const char *image_of(const struct inst *i)
{
	return i->spec.kist ? i->spec.kist->image : NULL;
}

int inst_state(const struct ct_ctx *c, const char *data, const char *id, struct oci_state *out, struct err *e)
{
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r = ct_state(c, id, out, &said), found = r && r != -ENOENT ? r : inst_open(c->arena, data, id, &i, NULL);

	if (r && !found)
		describe(&i, out);
	if (!found && (r || !strcmp(out->bundle, i.path)))
		out->image = image_of(&i);
	if (r && found && e)
		*e = said;
	return r && found ? r : 0;
}

static struct oci_state *find(ct_states *l, const struct inst *i)
{
	for (size_t k = 0; k < l->len; k++)
		if (!strcmp(l->at[k].id, i->name) && !strcmp(l->at[k].bundle, i->path))
			return &l->at[k];
	return NULL;
}

static void add(const struct ct_ctx *c, ct_states *l, const struct inst *i)
{
	struct oci_state *s = find(l, i);

	if (!s) {
		struct oci_state *at = arena_array(c->arena, l->len + 1, sizeof(*at));
		size_t k = l->len;

		for (; k && strcmp(l->at[k - 1].id, i->name) > 0; k--)
			;
		if (l->len) {
			memcpy(at, l->at, k * sizeof(*at));
			memcpy(at + k + 1, l->at + k, (l->len - k) * sizeof(*at));
		}
		l->at = at;
		l->len++;
		s = &l->at[k];
		describe(i, s);
	}
	s->image = image_of(i);
}

int inst_states(const struct ct_ctx *c, const char *data, ct_states *out, struct err *e)
{
	strings names;
	int r = ct_list(c, out, e);

	if (!r)
		r = inst_list(c->arena, data, &names, e);
	for (size_t k = 0; !r && k < names.len; k++) {
		auto_inst i = INST_NONE;
		struct err said = { 0 };

		/* One that cannot be read must neither hide the others nor be hidden. */
		if (inst_open(c->arena, data, names.at[k], &i, &said) == 0)
			add(c, out, &i);
		else if (said.code)
			log_line(LOG_ERROR, "%s", said.msg);
	}
	return r;
}

static bool was_left(const struct ct_ctx *c, const struct inst *i)
{
	struct oci_state s;
	int r;

	if (!i->spec.kist || !i->spec.kist->remove || !inst_is_of_root(c, i) || inst_is_locked(i))
		return false;
	r = ct_state(c, i->name, &s, NULL);
	return r < 0 ? r == -ENOENT : !strcmp(s.status, "stopped") && !strcmp(s.bundle, i->path);
}

int inst_sweep(const struct ct_ctx *c, const char *data, bool remove, strings *out, struct err *e)
{
	struct strv left = { .arena = c->arena };
	strings names;
	int r = inst_list(c->arena, data, &names, e);

	for (size_t k = 0; !r && k < names.len; k++) {
		auto_inst i = INST_NONE;

		if (inst_open(c->arena, data, names.at[k], &i, NULL) < 0 || !was_left(c, &i))
			continue;
		strv_add(&left, names.at[k]);
		if (remove)
			r = remove_ended(c, &i, e);
	}
	*out = (strings){ left.at, left.len };
	return r;
}
