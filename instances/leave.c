/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/leave.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/self.h"
#include "instances/await.h"
#include "instances/end.h"
#include "instances/log.h"

#define REMOVES "remove"

/* What the child says to who waits for it. */
struct report {
	int r;
	struct err said;
};

/* The pages of the program and of what it was told: whoever sleeps for months needs none of them. */
static int drop_pages(struct dl_phdr_info *info, size_t size, void *unused)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)unused;
	for (int k = 0; k < info->dlpi_phnum; k++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[k];
		uintptr_t at = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);

		if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
			(void)madvise((void *)at, info->dlpi_addr + h->p_vaddr + h->p_memsz - at, MADV_DONTNEED);
	}
	return 1; /* the first is the program itself */
}

static void shrink(struct arena *a)
{
	arena_done(a);
	(void)malloc_trim(0);
	(void)dl_iterate_phdr(drop_pages, NULL);
}

/* Of the caller nothing must be held: neither its terminal nor its directory nor its files. */
static void let_go(int lock, int sock)
{
	auto_fd null = fd_open(AT_FDCWD, "/dev/null", O_RDWR);

	(void)setsid();
	(void)!chdir("/");
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		(void)dup2(null, fd);
	(void)fd_close_from(3, (const int[]){ lock, sock }, 2);
	null = -1;
}

static void end_with(const struct ct_ctx *c, int dir, const char *name, bool remove, int status)
{
	const struct inst there = { .dir = dir };
	auto_inst i = INST_NONE;
	struct err said = { 0 };
	int r;

	if (remove)
		inst_end_tell(&there, proc_exit_code(status));
	r = inst_open(c->arena, c->data, name, &i, &said);
	if (!r)
		r = remove ? inst_remove_ended(c, &i, &said) : inst_end_write(&i, proc_exit_code(status), &said);
	if (r < 0 && r != -ENOENT)
		log_warn("%s", said.msg);
}

int inst_ended(struct arena *a, char **argv)
{
	const struct ct_ctx c = { .arena = a, .root = argv[2], .data = argv[3], .argv = argv };
	uint32_t lock, status;

	if (!text_u32(argv[6], &lock) || !text_u32(argv[7], &status))
		return EXIT_FAILURE;
	(void)fcntl((int)lock, F_SETFD, FD_CLOEXEC);
	end_with(&c, (int)lock, argv[4], !strcmp(argv[5], REMOVES), (int)status);
	return EXIT_SUCCESS;
}

/* The small program goes on here, and comes back when it is over by executing the one that runs now, whatever has been
 * installed in its place. */
static void run_waiter(const struct ct_ctx *c, const struct inst *i, int64_t log_max)
{
	const char *path = self_helper(c->arena, c->argv[0], "kist-waiter"), *lock = arena_printf(c->arena, "%d", i->dir);
	auto_fd exe = path ? fd_open(AT_FDCWD, "/proc/self/exe", O_PATH) : -1;
	char status[] = "0000000000"; /* room */
	const char *const argv[] = {
		"kist-waiter", lock, arena_printf(c->arena, "%d", exe), arena_printf(c->arena, "%lld", (long long)log_max), c->argv[0],
		INST_ENDED, c->root, i->store.path, i->name, i->spec.kist->remove ? REMOVES : "keep", lock, status, NULL,
	};

	if (exe < 0 || fcntl(i->dir, F_SETFD, 0) < 0 || fcntl(exe, F_SETFD, 0) < 0)
		return;
	execve(path, (char *const *)(uintptr_t)argv, environ);
	(void)fcntl(i->dir, F_SETFD, FD_CLOEXEC);
}

/* In a process of its own from here on, whose memory is what it needs at the end. */
static void stay(const struct ct_ctx *before, const struct inst *i)
{
	struct arena *old = before->arena, a = { 0 };
	struct ct_ctx c = *before;
	const char *name = arena_strdup(&a, i->name);
	bool remove = i->spec.kist->remove;
	int64_t log_max = i->spec.kist->log_max ? *i->spec.kist->log_max : INST_LOG_MAX;
	int status;

	c.data = i->store.path;
	run_waiter(&c, i, log_max);
	c.arena = &a;
	c.root = arena_strdup(&a, c.root);
	c.data = arena_strdup(&a, c.data);
	shrink(old);
	if (inst_await(i->dir, log_max, &status) < 0)
		_exit(EXIT_FAILURE);
	end_with(&c, i->dir, name, remove, status);
	_exit(EXIT_SUCCESS);
}

/* What was socket-activated by its number is it still. */
static void keep_activation(pid_t was)
{
	const char *pid = getenv("LISTEN_PID");
	char now[16];

	if (!pid || atoi(pid) != was)
		return;
	snprintf(now, sizeof(now), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", now, 1);
}

static void be_parent(const struct ct_ctx *c, const struct inst *i, inst_begin *begin, const struct ct_create *b, int sock)
{
	struct report end = { 0 };
	int code = 0;

	end.r = begin(c, b, &code, &end.said);
	if (!end.r)
		let_go(i->dir, sock);
	(void)!send(sock, &end, sizeof(end), MSG_NOSIGNAL);
	close(sock);
	if (end.r)
		_exit(EXIT_FAILURE);
	stay(c, i);
}

static int hear(int sock, pid_t pid, const char *name, struct err *e)
{
	struct report end;
	ssize_t n;

	do
		n = recv(sock, &end, sizeof(end), 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(end)) {
		(void)proc_wait(pid);
		return err_set(e, ECHILD, "the process that was to start instance %s was killed", name);
	}
	if (!end.r)
		return 0;
	(void)proc_wait(pid);
	if (e)
		*e = end.said;
	return end.r;
}

int inst_leave(const struct ct_ctx *c, const struct inst *i, inst_begin *begin, const struct ct_create *b, struct err *e)
{
	int pair[2];
	auto_fd ours = -1, theirs = -1;
	pid_t self = getpid(), pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "make a socket pair");
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return err_sys(e, "leave a process that waits for the end of instance %s", i->name);
	if (!pid) {
		fd_done(&ours);
		keep_activation(self);
		be_parent(c, i, begin, b, theirs);
	}
	fd_done(&theirs);
	return hear(ours, pid, i->name, e);
}
