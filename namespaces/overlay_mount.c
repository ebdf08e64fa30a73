/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One overlay out of open directories, in the kernel's two ways. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "namespaces/overlay.h"
#include "namespaces/tree.h"

struct option {
	const char *key, *value; /* NULL: a flag */
	bool wanted;
};
enum { OPTIONS = 7 };

/*
 * Layers come from strangers: an attribute on a file must not name another one, neither as its place (redirect_dir) nor
 * as its contents (metacopy).  An index would tie upper to the layers' file handles, which an export and import changes.
 */
static void options_of(const struct mnt_overlay *o, struct option out[OPTIONS])
{
	const struct option all[OPTIONS] = {
		{ "redirect_dir", "nofollow", true }, { "metacopy", "off", true },	   { "index", "off", true },
		{ "xino", "auto", true },	      { "volatile", NULL, o->volatile_ },  { "userxattr", NULL, o->user_xattrs },
		{ "context", o->label, o->label },
	};

	memcpy(out, all, sizeof(all));
}

static int explain(const struct mnt_overlay *o, int r, const char *says, struct err *e)
{
	static const struct {
		int code;
		bool upper;
		const char *cause;
	} causes[] = {
		{ EINVAL, true, "the file system of upper may not be fit for it (another overlay, NFS, FAT), or upper was used volatile "
				"and not emptied (its work directory has work/incompat/volatile), or (idmapped) Linux is older than 5.19" },
		{ ELOOP, false, "two of the directories lie in one another" },
		{ EBUSY, true, "upper or work is used by another mount" },
		{ EPERM, false, "this kernel does not let users mount overlays" },
	};
	const char *cause = "";

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].code == -r && (!causes[i].upper || o->dir))
			cause = causes[i].cause;
	if (!o->dir)
		err_num(e, r, "put the root together from %zu layers, the top one %s", o->lower.len, o->lower.at[0]);
	else
		err_num(e, r, "put the root together from %s/%s on %zu layers, the top one %s", o->dir, o->upper, o->lower.len, o->lower.at[0]);
	if (*says)
		err_hint(e, r, "the kernel says: %s", says);
	return *cause ? err_hint(e, r, "%s", cause) : r;
}

static int give(int fs, const char *key, int fd)
{
	return fd < 0 ? 0 : sys_fsconfig(fs, FSCONFIG_SET_FD, key, NULL, fd);
}

static int give_options(int fs, const struct mnt_overlay *o)
{
	struct option options[OPTIONS];
	int r = 0;

	options_of(o, options);
	for (size_t i = 0; i < OPTIONS && !r; i++)
		if (options[i].wanted)
			r = sys_fsconfig(fs, options[i].value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[i].key, options[i].value, 0);
	return r ? r : sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", "overlay", 0);
}

static int give_rest(int fs, const struct mnt_overlay *o, const struct mnt_stack *s)
{
	int r = 0;

	for (size_t i = 1; i < s->n && !r; i++)
		r = give(fs, "lowerdir+", s->lower[i]);
	if (!r)
		r = give(fs, "lowerdir+", s->empty);
	if (!r)
		r = give(fs, "upperdir", s->upper);
	if (!r)
		r = give(fs, "workdir", s->work);
	if (!r)
		r = give_options(fs, o);
	return r ? r : sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int no_overlay(int r, struct err *e)
{
	if (r == -ENODEV)
		return err_set(e, ENODEV, "this kernel has no file system \"overlay\", which puts layers together (module overlay)");
	return err_num(e, r, "open the overlay file system");
}

int mnt_overlay_by_fds(const struct mnt_overlay *o, const struct mnt_stack *s, struct err *e)
{
	auto_fd fs = sys_fsopen("overlay");
	char buf[200];
	int r;

	if (fs < 0)
		return no_overlay(fs, e);
	/* EINVAL: no such parameter, or not as a descriptor (before 6.13); EBADF: not as one with O_PATH (before 6.15). */
	r = give(fs, "lowerdir+", s->lower[0]);
	if (r == -EINVAL || r == -EBADF)
		return -ENOTSUP;
	if (!r)
		r = give_rest(fs, o, s);
	if (!r)
		r = sys_fsmount(fs, o->no_devices ? MOUNT_ATTR_NODEV : 0);
	return r < 0 ? explain(o, r, mnt_fs_says(fs, buf, sizeof(buf)), e) : r;
}

static const char *data_of(struct arena *a, const struct mnt_overlay *o, const struct mnt_stack *s)
{
	struct text t = { .arena = a };
	struct option options[OPTIONS];

	for (size_t i = 0; i < s->n; i++)
		text_add(&t, "%s%d", i ? ":" : "lowerdir=", s->lower[i]);
	if (s->empty >= 0)
		text_add(&t, ":%d", s->empty);
	if (s->upper >= 0)
		text_add(&t, ",upperdir=%d,workdir=%d", s->upper, s->work);
	options_of(o, options);
	for (size_t i = 0; i < OPTIONS; i++) {
		const char *value = options[i].value, *quote = value && strchr(value, ',') ? "\"" : "";

		if (options[i].wanted)
			text_add(&t, ",%s%s%s%s%s", options[i].key, value ? "=" : "", quote, value ? value : "", quote);
	}
	return text_str(&t);
}

int mnt_overlay_by_names(const struct mnt_overlay *o, const struct mnt_stack *s, struct err *e)
{
	auto_arena a = { 0 };
	int r;

	if (chdir("/proc/self/fd") < 0)
		return err_sys(e, "enter /proc/self/fd, where layers have short names (is /proc mounted?)");
	r = sys_mount("overlay", "/", o->no_devices ? MS_NODEV : 0, data_of(&a, o, s));
	if (chdir("/") < 0 && !r)
		return err_sys(e, "enter /");
	if (r == -ENODEV)
		return no_overlay(r, e);
	/* ".." at the root leads to what is mounted over it; "/" would not. */
	return r < 0 ? explain(o, r, "", e) : fd_open(AT_FDCWD, "/..", O_PATH | O_DIRECTORY);
}

int mnt_take_top(struct err *e)
{
	auto_fd tree = sys_open_tree(AT_FDCWD, "/..", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int r = tree < 0 ? tree : sys_detach("/..");

	return r < 0 ? err_num(e, r, "take the root off its first place") : take_fd(&tree);
}
