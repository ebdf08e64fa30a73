/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hosts file that is read while it changes. */
#include "net/hosts.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "unit.h"

static const char *read_file(struct arena *a, const struct scratch *s)
{
	char *text;

	assert_int_equal(file_read(a, s->fd, "hosts", 1 << 20, &text, NULL), 0);
	return text;
}

static void comes_and_goes(void **state)
{
	auto_scratch s = scratch_make();
	auto_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };

	(void)state;
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", O_CREAT, &h), 0);
	assert_int_equal(net_hosts_head(&h, "head"), 0);
	assert_int_equal(net_hosts_add(&h, "10.0.0.2\tone"), 0);
	assert_int_equal(net_hosts_add(&h, "10.0.0.3\ttwo"), 0);
	assert_int_equal(net_hosts_add(&h, "10.0.0.4\tlast"), 0);
	assert_int_equal(net_hosts_add(&h, "10.0.0.3\ttwo"), 0);
	assert_string_equal(read_file(&a, &s), "# head\n10.0.0.2\tone\n10.0.0.3\ttwo\n10.0.0.4\tlast\n");
	assert_int_equal(net_hosts_drop(&h, "10.0.0.2\tone"), 0);
	assert_int_equal(net_hosts_drop(&h, "10.0.0.3\tthree"), 0);
	assert_string_equal(read_file(&a, &s), "# head\n#           \n10.0.0.3\ttwo\n10.0.0.4\tlast\n");
	assert_int_equal(net_hosts_add(&h, "10.0.0.5\tlonger than that"), 0);
	assert_int_equal(net_hosts_add(&h, "10.0.0.6\ta"), 0);
	assert_string_equal(read_file(&a, &s), "# head\n10.0.0.6\ta  \n10.0.0.3\ttwo\n10.0.0.4\tlast\n10.0.0.5\tlonger than that\n");
	assert_int_equal(net_hosts_drop(&h, "10.0.0.4\tlast"), 0);
	assert_int_equal(net_hosts_drop(&h, "10.0.0.5\tlonger than that"), 0);
	assert_int_equal(net_hosts_drop(&h, "10.0.0.6\ta"), 0);
	assert_string_equal(read_file(&a, &s), "# head\n#           \n10.0.0.3\ttwo\n");
	assert_int_equal(net_hosts_drop(&h, "10.0.0.3\ttwo"), 0);
	assert_string_equal(read_file(&a, &s), "# head\n");
}

/* Behind the one that has the name, room or not; the other family's line of the same member does not count. */
static void same_names(void **state)
{
	auto_scratch s = scratch_make();
	auto_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };

	(void)state;
	scratch_write(&s, "hosts", "#                    \n10.0.0.2 one WEB\n");
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", 0, &h), 0);
	assert_int_equal(net_hosts_add(&h, "10.0.0.3\ttwo web"), 0);
	assert_int_equal(net_hosts_add(&h, "fd00::2\tone web"), 0);
	assert_string_equal(read_file(&a, &s), "fd00::2\tone web      \n10.0.0.2 one WEB\n10.0.0.3\ttwo web\n");
	assert_true(net_hosts_know(h.text.at, h.text.len, &(strings){ (const char *[]){ "x", "Two" }, 2 }));
	assert_false(net_hosts_know(h.text.at, h.text.len, &(strings){ (const char *[]){ "we", "10.0.0.2" }, 2 }));
}

/* Whatever a killed writer leaves is a comment, and room again. */
static void after_a_kill(void **state)
{
	static const char *const left[] = { "#0.0.0.2\tone\n", "#       \tone\n", "#\n10.0.0.9\tx\n#0.0.0.2\tone\n", "10.0.0.9\tx\n#0.0.0.2" };
	auto_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(left); i++) {
		auto_scratch s = scratch_make();
		auto_hosts h = NET_HOSTS_NONE;
		const char *text;

		scratch_write(&s, "hosts", left[i]);
		assert_int_equal(net_hosts_open(&a, s.fd, "hosts", 0, &h), 0);
		assert_int_equal(net_hosts_add(&h, "10.0.0.3\ttwo"), 0);
		text = read_file(&a, &s);
		assert_non_null(strstr(text, "10.0.0.3\ttwo\n"));
		assert_null(strstr(text, "one"));
		assert_null(strstr(text, "#0.0.0.2"));
	}
}

/* Who has no lock finds a line that is being written, and leaves it alone. */
static void while_it_grows(void **state)
{
	auto_scratch s = scratch_make();
	auto_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };

	(void)state;
	scratch_write(&s, "hosts", "10.0.0.9\tx\n#0.0.0.2\ton");
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", O_CREAT, &h), 0);
	assert_false(net_hosts_know(h.text.at, h.text.len, &(strings){ (const char *[]){ "on" }, 1 }));
	assert_string_equal(read_file(&a, &s), "10.0.0.9\tx\n#0.0.0.2\ton");
	assert_int_equal(net_hosts_drop(&h, "10.0.0.9\tx"), 0);
	assert_string_equal(read_file(&a, &s), "");
}

static void everybody_reads_it(void **state)
{
	auto_scratch s = scratch_make();
	auto_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };
	mode_t was = umask(077);
	struct stat st;

	(void)state;
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", O_CREAT, &h), 0);
	umask(was);
	assert_int_equal(fstatat(s.fd, "hosts", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void settles(void **state)
{
	const char *lines[] = { "127.0.0.1\tlocalhost", "10.0.0.2\tone", "10.0.0.3\ttwo" };
	auto_scratch s = scratch_make();
	auto_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };
	struct strv all = { .arena = &a }, some = { .arena = &a };

	(void)state;
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", O_CREAT, &h), 0);
	assert_int_equal(net_hosts_head(&h, "first"), 0);
	assert_int_equal(net_hosts_settle(&h, &(strings){ lines, 3 }), 0);
	assert_string_equal(read_file(&a, &s), "# first\n127.0.0.1\tlocalhost\n10.0.0.2\tone\n10.0.0.3\ttwo\n");
	assert_int_equal(net_hosts_settle(&h, &(strings){ lines, 2 }), 0);
	assert_string_equal(read_file(&a, &s), "# first\n127.0.0.1\tlocalhost\n10.0.0.2\tone\n");
	net_hosts_lines(&h, NULL, &all);
	assert_int_equal(all.len, 2);
	net_hosts_lines(&h, "10.0.0.2", &some);
	assert_int_equal(some.len, 1);
	assert_string_equal(some.at[0], "10.0.0.2\tone");
	assert_int_equal(net_hosts_head(&h, "first"), 1);
	assert_int_equal(net_hosts_head(&h, "second"), 0);
	assert_string_equal(read_file(&a, &s), "# second\n");
}

static void not_such_a_file(void **state)
{
	auto_scratch s = scratch_make();
	struct net_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };

	(void)state;
	assert_int_equal(symlinkat("/dev/null", s.fd, "link"), 0);
	assert_int_equal(mkfifoat(s.fd, "fifo", 0600), 0);
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", 0, &h), -ENOENT);
	assert_int_equal(net_hosts_open(&a, s.fd, "link", O_CREAT, &h), -ELOOP);
	assert_int_equal(net_hosts_open(&a, s.fd, "fifo", O_CREAT, &h), -EINVAL);
	assert_int_equal(h.fd, -1);
}

/* By which a program could keep who holds the lock for as long as the kernel lets it. */
static void leased(void **state)
{
	auto_scratch s = scratch_make();
	struct net_hosts h = NET_HOSTS_NONE;
	auto_arena a = { 0 };
	int fd;

	(void)state;
	scratch_write(&s, "hosts", "");
	fd = openat(s.fd, "hosts", O_RDONLY | O_CLOEXEC);
	assert_true(signal(SIGIO, SIG_IGN) != SIG_ERR);
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0) {
		close(fd);
		skip(); /* a file system that has none */
	}
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", 0, &h), -EWOULDBLOCK);
	close(fd);
	assert_int_equal(net_hosts_open(&a, s.fd, "hosts", 0, &h), 0);
	net_hosts_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_and_goes), cmocka_unit_test(same_names),	     cmocka_unit_test(after_a_kill),
		cmocka_unit_test(while_it_grows), cmocka_unit_test(everybody_reads_it), cmocka_unit_test(settles),	  cmocka_unit_test(not_such_a_file),
		cmocka_unit_test(leased),
	};

	return RUN(tests);
}
