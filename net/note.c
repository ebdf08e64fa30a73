/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/note.h"

#include <assert.h>
#include <string.h>

enum { KEY_ORDER, VALUE_ORDER, KEY_TERM = 3, VALUE_TERM }; /* of a set */
enum { KIND, PARTS };					    /* of a term */
enum { HOST_ORDER = 1, NET_ORDER };
enum { CONCATENATION = 13 };

static size_t open_row(struct nft_note *n, unsigned type)
{
	assert(n->len + 2 <= sizeof(n->at));
	n->at[n->len++] = (unsigned char)type;
	return n->len++;
}

static void close_row(struct nft_note *n, size_t row)
{
	assert(n->len - row - 1 <= UINT8_MAX);
	n->at[row] = (unsigned char)(n->len - row - 1);
}

void nft_note_put(struct nft_note *n, unsigned type, const void *data, size_t len)
{
	size_t row = open_row(n, type);

	assert(n->len + len <= sizeof(n->at));
	memcpy(n->at + n->len, data, len);
	n->len += len;
	close_row(n, row);
}

const unsigned char *nft_note_find(const void *note, size_t note_len, unsigned type, size_t *len)
{
	const unsigned char *at = note, *end = at + note_len;

	for (; end - at >= 2 && end - at - 2 >= at[1]; at += 2 + at[1])
		if (at[0] == type) {
			*len = at[1];
			return at + 2;
		}
	*len = 0;
	return NULL;
}

static void put_number(struct nft_note *n, unsigned type, uint32_t v)
{
	nft_note_put(n, type, &v, sizeof(v));
}

static void put_term(struct nft_note *n, unsigned type, const struct nft_term *t)
{
	size_t term = open_row(n, type), parts;

	put_number(n, KIND, t->kind);
	parts = open_row(n, PARTS);
	for (uint32_t i = 0; i < t->count; i++)
		put_number(n, i, t->parts[i]);
	close_row(n, parts);
	close_row(n, term);
}

static void put_pair(struct nft_note *n, unsigned type, const struct nft_term *const both[2])
{
	size_t term = open_row(n, type), parts;

	put_number(n, KIND, CONCATENATION);
	parts = open_row(n, PARTS);
	for (unsigned i = 0; i < 2; i++)
		put_term(n, i, both[i]);
	close_row(n, parts);
	close_row(n, term);
}

void nft_note_terms(struct nft_note *n, const struct nft_term *const keys[2], const struct nft_term *value)
{
	put_number(n, VALUE_ORDER, HOST_ORDER);
	if (keys[1]) {
		put_pair(n, KEY_TERM, keys);
	} else {
		put_number(n, KEY_ORDER, NET_ORDER);
		put_term(n, KEY_TERM, keys[0]);
	}
	put_term(n, VALUE_TERM, value);
}

/* Without it nft(8) shows them backwards: their byte order is the host's. */
void nft_note_names(struct nft_note *n)
{
	put_number(n, KEY_ORDER, HOST_ORDER);
}
