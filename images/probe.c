/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/probe.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "images/unpack.h"

/* The part of the source that was read ahead, as a feed of its own that ends where that part ends. */
struct ahead {
	const char *data;
	size_t len;
};

static la_ssize_t read_ahead(struct archive *ar, void *p, const void **out)
{
	struct ahead *a = p;
	size_t n = a->len;

	(void)ar;
	*out = a->data;
	a->data += n;
	a->len = 0;
	return (la_ssize_t)n;
}

/* "blobs/…", "index.json", "HEX.tar", "HEX/layer.tar", "sha256:HEX": no root filesystem begins so. */
static bool is_of_image(const char *name)
{
	static const char *const known[] = { "oci-layout", "index.json", "manifest.json", "repositories", "blobs" };
	size_t n = strcspn(name, "/"), hex;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == n && !strncmp(known[i], name, n))
			return true;
	if (text_starts(name, OCI_SHA256))
		name += sizeof(OCI_SHA256) - 1;
	hex = strspn(name, "0123456789abcdef");
	return hex == 64 && (!name[hex] || name[hex] == '/' || name[hex] == '.');
}

static bool first_name(struct archive *ar, char name[PATH_MAX])
{
	struct archive_entry *en;

	*name = 0;
	while (!*name) { /* "./" says nothing */
		const char *p;
		int r = archive_read_next_header(ar, &en);

		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return false;
		p = archive_entry_pathname(en);
		if (!p || img_clean_name(p, name, NULL) < 0)
			return false;
	}
	return true;
}

/* By the magic numbers; all other sources are taken as not compressed, and fail later when they are. */
static enum img_coding coding_of(const char *data, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		enum img_coding coding;
	} magics[] = {
		{ "\x1f\x8b", 2, IMG_GZIP },
		{ "\x28\xb5\x2f\xfd", 4, IMG_ZSTD },
		{ "\xfd" "7zXZ", 6, IMG_XZ },
		{ "BZh", 3, IMG_BZIP2 },
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (len >= magics[i].len && !memcmp(data, magics[i].magic, magics[i].len))
			return magics[i].coding;
	return IMG_PLAIN;
}

int img_probe(struct img_feed *f, enum img_kind *kind, enum img_coding *coding, struct err *e)
{
	char name[PATH_MAX];
	struct ahead a = { NULL, 0 };
	struct archive *ar;
	int r = img_feed_peek(f, &a.data, &a.len, e);

	if (r < 0)
		return r;
	if (!a.len)
		return err_set(e, EINVAL, "is empty");
	*coding = coding_of(a.data, a.len);
	ar = archive_read_new();
	if (!ar)
		return err_set(e, ENOMEM, "libarchive has no memory");
	archive_read_support_filter_gzip(ar);
	archive_read_support_filter_zstd(ar);
	archive_read_support_filter_xz(ar);
	archive_read_support_filter_bzip2(ar);
	archive_read_support_format_tar(ar);
	*kind = IMG_ROOTFS;
	if (archive_read_open(ar, &a, NULL, read_ahead, NULL) == ARCHIVE_OK && first_name(ar, name) && is_of_image(name))
		*kind = IMG_OCI_ARCHIVE;
	archive_read_free(ar);
	return 0;
}
