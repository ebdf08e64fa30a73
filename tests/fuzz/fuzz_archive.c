/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A layer's archive, compressed or not, unpacked into a directory: whatever it holds, nothing appears beside the
 * directory, no descriptor stays open, and the directory can be removed.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "fuzz.h"
#include "images/probe.h"
#include "images/unpack.h"
#include "storage/objects.h"

static char top[] = "/tmp/kist-fuzz-XXXXXX";
static int top_fd = -1;

static unsigned entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void sweep(void)
{
	st_remove_tree(AT_FDCWD, top);
}

static void begin(void)
{
	if (top_fd >= 0)
		return;
	if (!mkdtemp(top))
		abort();
	atexit(sweep);
	top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(top_fd, "beside", 0755) < 0)
		abort();
}

static void unpack(int fd, int root)
{
	static const struct img_limits limits = { 1 << 22, 500, 100 };
	auto_arena a = { 0 };
	auto_feed f = { 0 };
	auto_stream s = IMG_STREAM_NONE;
	auto_tree t = { .parent = -1 };
	img_digest plain, packed;
	enum img_coding coding;
	enum img_kind kind;
	struct err e;
	int r = img_feed_begin(&f, &a, fd, &e);

	memset(&e, 'x', sizeof(e));
	if (!r)
		r = img_probe(&f, &kind, &coding, &e);
	if (!r)
		r = img_stream_open(&s, &f, &limits, &e);
	img_tree_begin(&t, &a, root, &limits);
	if (!r)
		r = img_unpack(&t, &s, &e);
	if (!r)
		r = img_stream_finish(&s, plain, packed, &e);
	if (r && !memchr(e.msg, 0, sizeof(e.msg)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned before;
	int fd, root;

	begin();
	before = entries("/proc/self/fd");
	fd = memfd_create("archive", MFD_CLOEXEC);
	if (fd < 0 || fd_write_all(fd, (const char *)data, len) < 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    mkdirat(top_fd, "tree", 0755) < 0)
		abort();
	root = openat(top_fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unpack(fd, root);
	close(root);
	close(fd);
	if (st_remove_tree(top_fd, "tree") < 0 || entries(top) != 3 || entries("/proc/self/fd") != before)
		abort();
	return 0;
}
