/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances/end.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

#define STATUS "status.json"
#define ENDED "ended"
enum { MOST = 4096 };

#define S struct inst_end
static const struct field fields[] = {
	F_OPT_I64_IN(S, code, "exitCode", 0, 255),
	F_STR(S, finished, "finished", 0),
};
static const struct object end_object = OBJECT(S, fields, NULL);
#undef S

int inst_end_write(const struct inst *i, int code, struct err *e)
{
	const int64_t number = code;
	struct inst_end end = { .code = &number };
	char when[TEXT_TIME];
	struct timespec now;
	const char *text;
	size_t len;
	int r;

	clock_gettime(CLOCK_REALTIME, &now);
	text_time(when, &now);
	end.finished = when;
	text = oci_encode_text(i->a, &end_object, &end, JSON_PRETTY, &len);
	r = file_put(i->dir, STATUS, text, len, 0600, FILE_DURABLE);
	return r < 0 ? err_num(e, r, "keep how instance %s ended", i->name) : 0;
}

void inst_end_read(const struct inst *i, struct inst_end *out)
{
	struct inst_end end = { 0 };
	char *text;
	size_t len;

	*out = end;
	if (file_read(i->a, i->dir, STATUS, MOST, &text, &len) == 0 &&
	    oci_decode_text(i->a, &end_object, STATUS, text, len, &end, NULL) == 0)
		*out = end;
}

int inst_end_forget(const struct inst *i, struct err *e)
{
	if (unlinkat(i->dir, STATUS, 0) < 0 && errno != ENOENT)
		return err_sys(e, "forget how instance %s ended before", i->name);
	return 0;
}

int inst_end_listen(const struct inst *i, struct err *e)
{
	int fd = openat(i->dir, ENDED, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_sys(e, "listen for the end of instance %s", i->name) : fd;
}

void inst_end_tell(const struct inst *i, int code)
{
	auto_fd fd = openat(i->dir, ENDED, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[16];

	if (fd >= 0)
		(void)fd_write_all(fd, text, (size_t)snprintf(text, sizeof(text), "%d", code));
}

bool inst_end_hear(int fd, int64_t *code)
{
	char text[16] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 && text_i64(text, code);
}

int inst_remove_ended(const struct ct_ctx *c, struct inst *i, struct err *e)
{
	int r = ct_delete(c, i->name, true, e);

	return r ? r : inst_remove(i, e);
}
