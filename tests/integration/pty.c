/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pty ROWS COLS INPUT COMMAND...: runs COMMAND on a terminal of that size, as a person would.  When its
 * first output has come, INPUT is typed and the size becomes ROWS+1, if INPUT is not empty.  Copies the output, without carriage
 * returns, and ends with the exit code.  On standard error: whether the terminal was raw when the output
 * came, and whether it was as before at the end.
 */
#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

static int type(int master, const struct winsize *size, const char *input)
{
	struct winsize bigger = *size;

	bigger.ws_row++;
	(void)ioctl(master, TIOCSWINSZ, &bigger);
	return write(master, input, strlen(input)) < 0;
}

static void copy(int master, const struct winsize *size, const char *input)
{
	bool typed = false;
	struct termios t;
	char buf[4096];
	ssize_t n;

	while ((n = read(master, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != '\r')
				putchar(buf[i]);
		fflush(stdout);
		if (!typed && tcgetattr(master, &t) == 0)
			fprintf(stderr, "raw=%s\n", t.c_lflag & ICANON ? "no" : "yes");
		if (!typed && *input && type(master, size, input))
			return;
		typed = true;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	struct termios before, after;
	int master, slave, status = 0;
	pid_t pid;

	if (argc < 5)
		return 125;
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);
	if (openpty(&master, &slave, NULL, NULL, &size) < 0 || tcgetattr(slave, &before) < 0)
		return 125;
	pid = fork();
	if (pid == 0) {
		close(master);
		login_tty(slave);
		execvp(argv[4], argv + 4);
		_exit(125);
	}
	/* With our copy closed the end of the last program on it is the end of the output; its settings are
	 * read through the master, which shares them. */
	close(slave);
	copy(master, &size, argv[3]);
	waitpid(pid, &status, 0);
	if (tcgetattr(master, &after) == 0)
		fprintf(stderr, "restored=%s\n",
			before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag ? "yes" : "no");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
