/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes by which the firewall table says whose it is. */
#include "net/owner.h"

#include <string.h>

#include "unit.h"

static const uint64_t mark[2] = { 0xfe01, 4711 };

static struct net_owner again(struct arena *a, const char *home)
{
	struct nft_note n = { .len = 0 };
	struct net_owner o = { .there = false };

	net_owner_write(&n, home, mark);
	net_owner_read(a, n.at, n.len, &o);
	return o;
}

static void directories(void **state)
{
	auto_arena a = { 0 };
	char longest[NET_OWNER_TEXT - 12], longer[NET_OWNER_TEXT - 11];
	const struct {
		const char *home;
		bool fits;
	} rows[] = {
		{ "/var/lib/kist", true }, { "/srv/Äpfel und \\ Birnen", true }, { longest, true }, { longer, false },
		{ "/a\"; flush ruleset", false }, { "/a\nb", false }, { "/a\x7f", false }, { "relative", false }, { NULL, false },
	};

	(void)state;
	memset(longest, 'x', sizeof(longest));
	memset(longer, 'x', sizeof(longer));
	longest[0] = longer[0] = '/';
	longest[sizeof(longest) - 1] = longer[sizeof(longer) - 1] = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_owner o = again(&a, rows[i].home);

		assert_true(o.marked);
		assert_memory_equal(o.mark, mark, sizeof(mark));
		if (rows[i].fits)
			assert_string_equal(o.home, rows[i].home);
		else
			assert_null(o.home);
	}
}

/* As nft(8) loads it: the comment alone. */
static void loaded(void **state)
{
	auto_arena a = { 0 };
	static const char note[] = "\0\016kist --data /d";
	struct net_owner o;

	(void)state;
	net_owner_read(&a, note, sizeof(note) - 1, &o);
	assert_false(o.marked);
	assert_string_equal(o.home, "/d");
}

static void nonsense(void **state)
{
	auto_arena a = { 0 };
	static const struct {
		const char *note;
		size_t len;
	} rows[] = {
		{ "", 0 }, { "\0", 1 }, { "\0\377", 2 }, { "\0\016kist", 6 }, { "\0\0", 2 }, { "\0\013kist --data", 13 },
		{ "k\4abcd", 6 }, { "\0\4kist\0\200", 8 }, { "\0\015kist --data x", 15 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_owner o;

		net_owner_read(&a, rows[i].note, rows[i].len, &o);
		assert_false(o.marked);
		assert_null(o.home);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(directories), cmocka_unit_test(loaded), cmocka_unit_test(nonsense) };

	return RUN(tests);
}
