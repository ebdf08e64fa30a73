/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spy: looks at every process that comes by, as one that may trace can, and says once for each what it finds that is
 * not its own: a root that is not ours ("root PID"), descriptors of directories and, above the standard ones, of
 * anything but a socket ("fd N TARGET").  Ends with SIGTERM and "saw N processes".
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t ended;
static struct stat own_root;
static long newest, processes;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static void look_at_root(long pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%ld/root/.", pid);
	if (stat(path, &st) < 0)
		return;
	if (pid > newest) {
		newest = pid;
		processes++;
	}
	if (st.st_dev != own_root.st_dev || st.st_ino != own_root.st_ino)
		printf("root %ld\n", pid);
}

static void look_at_fd(long pid, int fd)
{
	char path[64], target[4096];
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", pid, fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0 || stat(path, &st) < 0)
		return;
	target[n] = 0;
	if (S_ISDIR(st.st_mode) || (fd > 2 && !S_ISSOCK(st.st_mode)))
		printf("fd %d %s\n", fd, target);
}

static void look_at_all(void)
{
	DIR *d = opendir("/proc");

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		long pid = strtol(e->d_name, NULL, 10);

		if (pid <= 0 || pid == (long)getpid())
			continue;
		look_at_root(pid);
		for (int fd = 0; fd < 24; fd++)
			look_at_fd(pid, fd);
		look_at_root(pid);
	}
	if (d)
		closedir(d);
}

int main(void)
{
	signal(SIGTERM, end);
	if (stat("/", &own_root) < 0)
		return 125;
	while (!ended) {
		look_at_all();
		fflush(stdout);
	}
	printf("saw %ld processes\n", processes);
	return 0;
}
