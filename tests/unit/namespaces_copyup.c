/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namespaces/tree.h"
#include "unit.h"

/* What a tmpfs takes of an image is memory of the host: not for what is not there. */
static void a_hole_takes_no_memory(void **state)
{
	auto_scratch image = scratch_make(), tmpfs = scratch_make();
	const struct mnt_op op = { 0 };
	struct err e = { 0 };
	struct stat st;
	char text[7] = "";
	int fd;

	(void)state;
	scratch_write(&image, "file", "");
	assert_int_equal(truncate(scratch_path(&image, "file"), 64 << 20), 0);
	fd = openat(image.fd, "file", O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "inside", 6, 32 << 20), 6);
	close(fd);
	assert_int_equal(mnt_copy_up(&op, image.fd, tmpfs.fd, &e), 0);
	fd = openat(tmpfs.fd, "file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 64 << 20);
	assert_in_range(st.st_blocks, 1, 2048);
	assert_int_equal(pread(fd, text, 6, 32 << 20), 6);
	assert_string_equal(text, "inside");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_hole_takes_no_memory) };

	return RUN(tests);
}
