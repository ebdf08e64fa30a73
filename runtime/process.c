/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"

enum { MAX_PASSWD = 1 << 20 };

int process_stdio(const struct process_plan *p, struct err *e)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++) {
		if (fstat(fd, &st) < 0) {
			if (errno == EBADF)
				continue;
			return err_sys(e, "stat descriptor %d", fd);
		}
		/* Only what is a stream: a file of the host's keeps its owner, and so does /dev/null
		 * (CVE-2026-88265). */
		if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode) && !(S_ISCHR(st.st_mode) && isatty(fd)))
			continue;
		if (st.st_uid == p->uid || fchown(fd, p->uid, (gid_t)-1) == 0)
			continue;
		/* An unmapped or foreign stream stays as it is: it works, only reopening it may not. */
		if (errno != EPERM && errno != EINVAL && errno != EROFS && errno != EACCES)
			return err_sys(e, "give descriptor %d to user %u", fd, p->uid);
	}
	return 0;
}

int process_bounding(const struct process_plan *p, struct err *e)
{
	return caps_drop_bounding(&p->caps, e);
}

/* Real, effective and saved ids are root's since kist was executed, or since it became root of the user namespace. */
static bool is_already(const struct process_plan *p)
{
	return !p->uid && !p->gid && sys_is_all_root();
}

int process_user(const struct process_plan *p, struct err *e)
{
	int r;

	if (p->uid && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(e, "keep capabilities over the change of user");
	r = p->keep_groups ? 0 : sys_setgroups(p->groups.len, p->groups.at);
	if (r < 0)
		return err_num(e, r, "set %zu additional groups", p->groups.len);
	r = is_already(p) ? 0 : sys_setresgid(p->gid);
	if (r < 0)
		return err_num(e, r, "become group %u", p->gid);
	r = is_already(p) ? 0 : sys_setresuid(p->uid);
	if (r < 0)
		return err_num(e, r, "become user %u", p->uid);
	umask(p->umask ? (mode_t)*p->umask : 022);
	return 0;
}

int process_caps(const struct process_plan *p, struct err *e)
{
	return caps_set(&p->caps, e);
}

/* getcwd(2) of a directory outside of the root gives a path that does not start with "/". */
static int check_inside(const char *cwd, struct err *e)
{
	char buf[4096];

	if (!getcwd(buf, sizeof(buf)) || buf[0] != '/')
		return err_set(e, EINVAL, "process.cwd %s leads outside of the container's root file system", cwd);
	return 0;
}

int process_chdir(const struct process_plan *p, bool *done, bool last_try, struct err *e)
{
	if (*done)
		return 0;
	if (chdir(p->cwd) == 0) {
		*done = true;
		return check_inside(p->cwd, e);
	}
	if (errno == EACCES && !last_try)
		return 0;
	return err_sys(e, "change to process.cwd %s", p->cwd);
}

/* passwd(5): the sixth field of the first line with this uid. */
static const char *home_of(struct arena *a, char *text, uint32_t uid)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *f[7], *rest = line;
		uint32_t n;
		int i = 0;

		while (i < 7 && (f[i] = strsep(&rest, ":")))
			i++;
		if (i == 7 && text_u32(f[2], &n) && n == uid)
			return *f[5] == '/' ? arena_strdup(a, f[5]) : NULL;
	}
	return NULL;
}

void process_finish_env(struct process_plan *p)
{
	const char *home = NULL;
	char *text;

	if (p->listen)
		strv_setenv(&p->env, "LISTEN_PID", arena_printf(p->env.arena, "%d", (int)getpid()));
	if (strv_getenv(&p->env, "HOME"))
		return;
	if (file_read(p->env.arena, AT_FDCWD, "/etc/passwd", MAX_PASSWD, &text, NULL) == 0)
		home = home_of(p->env.arena, text, p->uid);
	strv_setenv(&p->env, "HOME", home ? home : "/");
}

static int try_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int in_path(const struct process_plan *p, const char **out, struct err *e)
{
	const char *name = p->args.at[0], *dirs = strv_getenv(&p->env, "PATH");
	int seen = -ENOENT;

	for (const char *d = dirs ? dirs : ""; *d; d += strcspn(d, ":"), d += *d == ':') {
		size_t n = strcspn(d, ":");
		const char *path = arena_printf(p->env.arena, "%.*s/%s", (int)(n ? n : 1), n ? d : ".", name);
		int r = try_program(path);

		if (!r) {
			*out = path;
			return 0;
		}
		if (r != -ENOENT && r != -ENOTDIR)
			seen = r;
	}
	if (seen != -ENOENT)
		return err_num(e, seen, "exec \"%s\": found in $PATH, but", name);
	return err_set(e, ENOENT, "exec \"%s\": executable file not found in $PATH%s", name,
		       dirs ? " of the container's process.env" : ": process.env has no PATH");
}

int process_find(const struct process_plan *p, const char **path, struct err *e)
{
	int r;

	if (!strchr(p->args.at[0], '/'))
		return in_path(p, path, e);
	*path = p->args.at[0];
	r = try_program(*path);
	return r < 0 ? err_num(e, r, "exec \"%s\"", *path) : 0;
}

int process_no_new_privs(const struct process_plan *p, struct err *e)
{
	if (p->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "set no_new_privs");
	return 0;
}

int process_close_others(const struct process_plan *p, const int keep[3], struct err *e)
{
	int r;

	for (unsigned fd = 3; fd < 3 + p->preserve_fds; fd++)
		if (fcntl((int)fd, F_SETFD, 0) < 0)
			return err_sys(e, "pass descriptor %u into the container", fd);
	r = fd_close_from(3 + p->preserve_fds, keep, 3);
	return r < 0 ? err_num(e, r, "close other descriptors") : 0;
}

int process_oom_score(const struct oci_process *p, pid_t pid, struct err *e)
{
	char path[48], value[24];
	int r;

	if (!p->oom_score_adj)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(value, sizeof(value), "%" PRId64, *p->oom_score_adj);
	r = file_poke(AT_FDCWD, path, value);
	if (r == -EACCES || r == -EPERM)
		return err_set(e, -r, "set process.oomScoreAdj to %s: only root with CAP_SYS_RESOURCE may lower it below kist's own", value);
	return r < 0 ? err_num(e, r, "set process.oomScoreAdj to %s", value) : 0;
}
