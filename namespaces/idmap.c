/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "namespaces/enter.h"

struct map_file {
	const char *name; /* in /proc/PID */
	const char *tool;
	const oci_mappings *maps;
};

static int poke(struct arena *a, pid_t pid, const char *file, const char *text)
{
	return file_poke(AT_FDCWD, arena_printf(a, "/proc/%d/%s", pid, file), text);
}

static int write_direct(struct arena *a, const struct map_file *f, pid_t pid, struct err *e)
{
	struct text t = { .arena = a };
	int r;

	for (size_t i = 0; i < f->maps->len; i++)
		text_add(&t, "%u %u %u\n", f->maps->at[i].container, f->maps->at[i].host, f->maps->at[i].size);
	r = poke(a, pid, f->name, text_str(&t));
	if (r == -EPERM)
		return err_set(e, EPERM,
			       "write %s: Operation not permitted; only root, or newuidmap with entries in /etc/subuid and "
			       "/etc/subgid, may map ids other than the caller's own",
			       f->name);
	return r < 0 ? err_num(e, r, "write %s", f->name) : 0;
}

/* Helpers come from fixed places, never from PATH or the image (CVE-2026-84042). */
static const char *find_tool(struct arena *a, const char *tool)
{
	static const char *const dirs[] = { "/usr/bin", "/bin", "/usr/local/bin" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		const char *path = arena_printf(a, "%s/%s", dirs[i], tool);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static int write_by_helper(struct arena *a, const struct map_file *f, pid_t pid, struct err *e)
{
	struct strv argv = { .arena = a };
	static const char *const envp[] = { NULL };
	char says[256] = "";
	struct proc_job job = { .envp = envp, .timeout_s = 30, .says = says, .says_size = sizeof(says) };

	job.path = find_tool(a, f->tool);
	if (!job.path)
		return err_set(e, ENOENT, "%s is not installed: an unprivileged user needs it (Debian: uidmap) to map more than one id",
			       f->tool);
	strv_add(&argv, f->tool);
	strv_add(&argv, arena_printf(a, "%d", pid));
	for (size_t i = 0; i < f->maps->len; i++) {
		strv_add(&argv, arena_printf(a, "%u", f->maps->at[i].container));
		strv_add(&argv, arena_printf(a, "%u", f->maps->at[i].host));
		strv_add(&argv, arena_printf(a, "%u", f->maps->at[i].size));
	}
	job.argv = argv.at;
	return proc_run(&job, e);
}

int ns_write_maps(struct arena *a, const struct ns_plan *p, pid_t pid, struct err *e)
{
	const struct map_file files[] = { { "uid_map", "newuidmap", &p->uids }, { "gid_map", "newgidmap", &p->gids } };
	int r = p->deny_setgroups ? poke(a, pid, "setgroups", "deny") : 0;

	if (r < 0)
		return err_num(e, r, "deny setgroups");
	for (size_t i = 0; i < 2 && !r; i++)
		r = p->map == NS_MAP_HELPER ? write_by_helper(a, &files[i], pid, e) : write_direct(a, &files[i], pid, e);
	return r;
}

int ns_map_fd(struct arena *a, const oci_mappings *uids, const oci_mappings *gids, struct err *e)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	struct ns_plan p = { .map = NS_MAP_DIRECT, .uids = *uids, .gids = *gids };
	pid_t pid = sys_clone3(&args);
	char path[40];
	int fd = -1, r;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody else would ever end it */
		for (;;)
			pause();
	}
	if (pid < 0)
		return err_num(e, pid, "make a user namespace for idmapped mounts");
	r = ns_write_maps(a, &p, pid, e);
	if (!r) {
		snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
		fd = fd_open(AT_FDCWD, path, O_RDONLY);
		r = fd < 0 ? err_num(e, fd, "open %s", path) : 0;
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r ? r : fd;
}
