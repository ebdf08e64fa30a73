/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NET_NOTE_H
#define NET_NOTE_H
/*
 * What nf_tables keeps with tables and sets for those who read them, and does not look at itself: rows of a type, a length and bytes,
 * which may be such rows again.  The types are nft(8)'s; of those that it does not know it takes no notice.
 */
#include <stddef.h>
#include <stdint.h>

enum { NFT_NOTE_MOST = 256 }; /* the kernel takes no more */
struct nft_note {
	unsigned char at[NFT_NOTE_MOST];
	size_t len;
};
void nft_note_put(struct nft_note *n, unsigned type, const void *data, size_t len);
/* The bytes of a row; NULL, and *len is 0: there is none.  Nothing is taken for granted of what is in it. */
const unsigned char *nft_note_find(const void *note, size_t note_len, unsigned type, size_t *len);

/* An expression as nft(8) numbers it: what the elements of a set are compared with, so that what it lists can be read again. */
struct nft_term {
	uint32_t kind, count, parts[5];
};
/* A field of a header that nft(8) knows, and bytes of the transport header that it does not. */
#define NFT_TERM_FIELD(header, field) { 7, 2, { header, field } }
#define NFT_TERM_BYTES(offset, bytes) { 7, 5, { 0, 0, 3, 8 * (offset), 8 * (bytes) } }
#define NFT_TERM_ZONE { 12, 2, { 17, UINT32_MAX } } /* ct zone */
/* Of a map: its keys, one or two (or NULL), and its values. */
void nft_note_terms(struct nft_note *n, const struct nft_term *const keys[2], const struct nft_term *value);
void nft_note_names(struct nft_note *n); /* of a set: names of interfaces */
#endif
