/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/reap.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"

/* Socket activation names its process (sd_listen_fds(3)), which is not this one. */
static void pass_activation(const char *was)
{
	char now[16];

	if (!was || atoi(was) != getppid())
		return;
	snprintf(now, sizeof(now), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", now, 1);
}

/* In a group of its own, and that in front: a terminal's signals are for the program alone. */
static int run(char **argv)
{
	sigset_t none;
	int code;

	(void)setpgid(0, 0);
	if (isatty(STDIN_FILENO))
		(void)tcsetpgrp(STDIN_FILENO, getpid()); /* SIGTTOU is blocked as yet */
	pass_activation(getenv("LISTEN_PID"));
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	execv(argv[0], argv + 1);
	code = errno == ENOENT ? 127 : 126;
	fprintf(stderr, "kist: exec \"%s\": %s\n", argv[0], strerror(errno));
	return code;
}

/* Until the program is among them. */
static bool bury(pid_t program, int *code)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == program) {
			*code = proc_exit_code(status);
			return true;
		}
	return false;
}

int reap_main(char **argv)
{
	sigset_t all;
	pid_t program;
	int code = 0;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* without a pid namespace orphans go elsewhere */
	program = fork();
	if (program < 0) {
		fprintf(stderr, "kist: start the program: %s\n", strerror(errno));
		return 126;
	}
	if (!program)
		_exit(run(argv));
	while (!bury(program, &code)) {
		int sig = sigwaitinfo(&all, NULL);

		if (sig > 0 && sig != SIGCHLD)
			(void)kill(program, sig);
	}
	return code;
}
