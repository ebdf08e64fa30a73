/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "images/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

int img_hash_begin(struct img_hash *h, struct err *e)
{
	h->state = EVP_MD_CTX_new();
	if (h->state && EVP_DigestInit_ex(h->state, EVP_sha256(), NULL) == 1)
		return 0;
	img_hash_done(h);
	return err_set(e, EIO, "libcrypto gives no SHA-256");
}

int img_hash_add(struct img_hash *h, const void *data, size_t len)
{
	return EVP_DigestUpdate(h->state, data, len) == 1 ? 0 : -EIO;
}

int img_hash_end(struct img_hash *h, img_digest out, struct err *e)
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *at = out + sizeof(OCI_SHA256) - 1;

	if (EVP_DigestFinal_ex(h->state, raw, &n) != 1 || n != 32)
		return err_set(e, EIO, "libcrypto gives no SHA-256");
	memcpy(out, OCI_SHA256, sizeof(OCI_SHA256));
	for (unsigned i = 0; i < n; i++)
		at += sprintf(at, "%02x", raw[i]);
	return 0;
}

void img_hash_done(struct img_hash *h)
{
	EVP_MD_CTX_free(h->state);
	h->state = NULL;
}

int img_hash_text(const char *data, size_t len, img_digest out, struct err *e)
{
	struct img_hash h = { NULL };
	int r = img_hash_begin(&h, e);

	if (!r)
		r = img_hash_add(&h, data, len);
	if (!r)
		r = img_hash_end(&h, out, e);
	img_hash_done(&h);
	return r;
}
