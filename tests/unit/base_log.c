/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <sys/mman.h>

#include "base/fd.h"
#include "unit.h"

/* What one line becomes in the log file and on stderr; both NUL-terminated. */
static void logged(enum log_level level, const char *msg, char *file, char *err, size_t size)
{
	int old = dup(STDERR_FILENO), out = memfd_create("stderr", MFD_CLOEXEC);
	ssize_t n;

	log_config.fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(old >= 0 && out >= 0 && log_config.fd >= 0);
	dup2(out, STDERR_FILENO);
	log_line(level, "%s", msg);
	dup2(old, STDERR_FILENO);
	n = pread(log_config.fd, file, size - 1, 0);
	file[n] = 0;
	n = pread(out, err, size - 1, 0);
	err[n] = 0;
	close(old);
	close(out);
	fd_done(&log_config.fd);
}

static void json_is_escaped(void **state)
{
	static const struct {
		const char *msg, *json;
	} rows[] = {
		{ "plain", "plain" },
		{ "a\"b\\c", "a\\\"b\\\\c" },
		{ "line\nbreak\ttab\x1b[1m", "line break tab?[1m" }, /* one line, and no command to a terminal */
		{ "ä€", "ä€" },
		{ "\xc2\x9b" "31m\xc2\x85|\xc2\xa0|\x9b" "1m|\xe2\x82", "??31m??|\xc2\xa0|?1m|??" }, /* C1, and what is no UTF-8 */
		{ "\",\"level\":\"x", "\\\",\\\"level\\\":\\\"x" },
	};
	char file[4096], err[4096], want[256];

	(void)state;
	log_config.json = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int n = snprintf(want, sizeof(want), "{\"level\":\"error\",\"msg\":\"%s\",\"time\":\"20", rows[i].json);

		logged(LOG_ERROR, rows[i].msg, file, err, sizeof(file));
		assert_memory_equal(file, want, (size_t)n);
		assert_string_equal(file + strlen(file) - 4, "Z\"}\n");
	}
	log_config.json = false;
}

static void errors_are_told_twice_and_the_rest_once(void **state)
{
	char file[4096], err[4096];

	(void)state;
	logged(LOG_ERROR, "x", file, err, sizeof(file));
	assert_string_equal(file, "error: x\n");
	assert_string_equal(err, "kist: x\n");
	logged(LOG_WARNING, "x", file, err, sizeof(file));
	assert_string_equal(file, "");
	assert_string_equal(err, "");
	log_config.level = LOG_WARNING;
	logged(LOG_WARNING, "x", file, err, sizeof(file));
	assert_string_equal(file, "warning: x\n");
	assert_string_equal(err, "");
	log_config.level = LOG_ERROR;
}

static void a_long_line_is_cut_and_stays_json(void **state)
{
	static char msg[5000], file[8192], err[8192];

	(void)state;
	log_config.json = true;
	for (int fill = 0; fill < 2; fill++) {
		memset(msg, fill ? '"' : 'x', sizeof(msg) - 1);
		logged(LOG_ERROR, msg, file, err, sizeof(file));
		assert_string_equal(file + strlen(file) - 4, "Z\"}\n");
		assert_ptr_equal(strchr(file, '\n'), file + strlen(file) - 1);
		assert_non_null(strstr(file, fill ? "\\\"\",\"time\"" : "x\",\"time\""));
	}
	log_config.json = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_escaped),
		cmocka_unit_test(errors_are_told_twice_and_the_rest_once),
		cmocka_unit_test(a_long_line_is_cut_and_stays_json),
	};

	return RUN(tests);
}
