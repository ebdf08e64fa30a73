/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/log.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

enum { FARTHEST = 1 << 30, BLOCK = 4096, LINE = 4096, SLACK = 1 << 16 }; /* file systems free whole blocks */

void inst_log_cut(int dir, int64_t max)
{
	auto_fd log = max < 0 ? -1 : openat(dir, INST_LOG, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	off_t from;

	if (log < 0 || fstat(log, &st) < 0 || !S_ISREG(st.st_mode) || st.st_blocks * 512 <= max + max / 8 + SLACK)
		return;
	from = (st.st_size - max) & ~((off_t)BLOCK - 1);
	if (from > 0 && fallocate(log, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, from) < 0)
		(void)!ftruncate(log, 0);
}

void inst_log_skip(int log)
{
	struct stat st = { .st_size = 0 };
	bool known = fstat(log, &st) == 0; /* before the look for data: what comes in between is not skipped */
	off_t at = lseek(log, 0, SEEK_CUR), data = lseek(log, at, SEEK_DATA);
	char part[LINE];
	const char *end;
	ssize_t n;

	/* The program, whose file it is, has made it longer, or shorter, than what it has written. */
	if (data < 0 && errno == ENXIO && known)
		at = st.st_size;
	if (data <= at) {
		(void)lseek(log, at, SEEK_SET);
		return;
	}
	n = pread(log, part, sizeof(part), data);
	end = n > 0 ? memchr(part, '\n', (size_t)n) : NULL;
	(void)lseek(log, end ? data + (end - part) + 1 : data, SEEK_SET);
}

/* Where the line begins that has so many newlines behind it, in the part that ends at `end`; -1: not in this part. */
static off_t find_line(const char *part, size_t n, off_t end, uint64_t *lines)
{
	for (size_t k = n; k-- > 0;)
		if (part[k] == '\n' && !(*lines)--)
			return end - (off_t)(n - k) + 1;
	return -1;
}

void inst_log_tail(int log, uint64_t lines)
{
	char part[BLOCK], last = 0;
	off_t at = lseek(log, 0, SEEK_END), least = at > FARTHEST ? at - FARTHEST : 0, found = -1;

	if (at <= 0 || !lines)
		return;
	/* What ends no line is one, too. */
	if (pread(log, &last, 1, at - 1) == 1 && last != '\n')
		lines--;
	while (at > least && found < 0) {
		size_t n = at - least < BLOCK ? (size_t)(at - least) : BLOCK;

		if (pread(log, part, n, at - (off_t)n) != (ssize_t)n)
			break; /* became shorter */
		found = find_line(part, n, at, &lines);
		at -= (off_t)n;
	}
	(void)lseek(log, found < 0 ? at : found, SEEK_SET);
}
