/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/socket.h>

#include "instances/parcel.h"
#include "unit.h"

static char buf[PARCEL_BYTES];

static void pair(int sv[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
}

static void there_and_back(void **state)
{
	static char xattrs[PARCEL_XATTRS], text[PARCEL_TEXT];
	struct parcel p = { .kind = PARCEL_LINK, .mode = 0120777, .uid = 1, .gid = 2, .size = 3, .name = "name", .fd = -1 }, got;
	int sv[2];

	(void)state;
	pair(sv);
	memset(xattrs, 'x', sizeof(xattrs));
	memset(text, 't', sizeof(text) - 1);
	p.text = text;
	p.xattrs = xattrs;
	p.xattrs_len = sizeof(xattrs);
	assert_int_equal(parcel_send(sv[0], &p), 0);
	assert_int_equal(parcel_receive(sv[1], buf, &got), 0);
	assert_int_equal(got.kind, PARCEL_LINK);
	assert_int_equal(got.uid + 10 * got.gid + 100 * got.size, 321);
	assert_string_equal(got.name, "name");
	assert_string_equal(got.text, text);
	assert_int_equal(got.xattrs_len, sizeof(xattrs));
	assert_memory_equal(got.xattrs, xattrs, sizeof(xattrs));
	assert_int_equal(got.fd, -1);
	p.xattrs_len++;
	assert_int_equal(parcel_send(sv[0], &p), -E2BIG);
	close(sv[0]);
	assert_int_equal(parcel_receive(sv[1], buf, &got), -EPIPE);
	p.xattrs_len = 0;
	assert_int_equal(parcel_send(sv[1], &p), -EPIPE);
	close(sv[1]);
}

static void descriptors(void **state)
{
	unsigned before = open_fds();
	struct parcel p = { .kind = PARCEL_FILE, .name = "f" }, got;
	int sv[2];

	(void)state;
	pair(sv);
	p.fd = sv[0];
	assert_int_equal(parcel_send(sv[0], &p), 0);
	assert_int_equal(parcel_receive(sv[1], buf, &got), 0);
	assert_true(got.fd >= 0);
	close(got.fd);
	p.kind = PARCEL_DIR; /* one that has none to bring */
	assert_int_equal(parcel_send(sv[0], &p), 0);
	assert_int_equal(parcel_receive(sv[1], buf, &got), -EPROTO);
	p.kind = PARCEL_FILE;
	p.fd = -1;
	assert_int_equal(parcel_send(sv[0], &p), 0);
	assert_int_equal(parcel_receive(sv[1], buf, &got), -EPROTO);
	assert_int_equal(send(sv[0], "x", 1, 0), 1);
	assert_int_equal(parcel_receive(sv[1], buf, &got), -EPROTO);
	close(sv[0]);
	close(sv[1]);
	assert_int_equal(open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(descriptors) };

	return RUN(tests);
}
