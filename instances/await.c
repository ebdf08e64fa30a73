/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/await.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

#include "instances/log.h"

/* Nothing wakes it but the end, and words in the log: those once a second.  A kernel without dnotify has it look now and
 * then. */
static void doze(int dir, bool listens)
{
	static const struct timespec second = { 1, 0 }, while_ = { 10, 0 };
	bool told = listens && fcntl(dir, F_NOTIFY, DN_MODIFY) == 0;
	sigset_t end, both;

	sigemptyset(&end);
	sigaddset(&end, SIGCHLD);
	both = end;
	sigaddset(&both, SIGIO);
	if (sigtimedwait(&both, NULL, listens && !told ? &while_ : NULL) == SIGIO)
		(void)sigtimedwait(&end, NULL, &second);
}

/* What is to be told no more must not end this process, once signals come again. */
static void hear_no_more(int dir)
{
	static const struct timespec now = { 0, 0 };
	sigset_t told;

	sigemptyset(&told);
	sigaddset(&told, SIGIO);
	(void)fcntl(dir, F_NOTIFY, 0);
	(void)sigtimedwait(&told, NULL, &now);
}

int inst_await(int dir, int64_t log_max, int *status)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	(void)sigdelset(&all, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	while ((pid = waitpid(-1, status, WNOHANG)) == 0) {
		inst_log_cut(dir, log_max);
		doze(dir, log_max >= 0);
	}
	if (pid < 0)
		return -1;
	inst_log_cut(dir, log_max);
	hear_no_more(dir);
	(void)sigprocmask(SIG_SETMASK, &before, NULL); /* hooks inherit it */
	return 0;
}
