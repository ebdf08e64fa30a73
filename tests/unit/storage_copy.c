/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "storage/copy.h"
#include "unit.h"

/* An image of a few bytes must not fill the disk by being copied. */
static void holes_stay(void **state)
{
	auto_scratch s = scratch_make();
	struct st_entry from = { 0 };
	struct stat st;
	int dir, to;

	(void)state;
	assert_int_equal(mkdirat(s.fd, "from", 0755), 0);
	assert_int_equal(mkdirat(s.fd, "to", 0755), 0);
	scratch_write(&s, "from/file", "begins");
	assert_int_equal(truncate(scratch_path(&s, "from/file"), 64 << 20), 0);
	dir = openat(s.fd, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = openat(s.fd, "to", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	from.sub = (struct st_view){ 1, &dir };
	assert_int_equal(fstat(dir, &from.st), 0);
	assert_int_equal(st_copy_tree(&from, to), 0);
	assert_int_equal(fstatat(to, "file", &st, 0), 0);
	assert_int_equal(st.st_size, 64 << 20);
	assert_in_range(st.st_blocks, 0, 2048);
	close(dir);
	close(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holes_stay) };

	return RUN(tests);
}
