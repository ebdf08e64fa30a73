/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink messages: what is built byte by byte, and answers as a kernel has given them. */
#include "net/nl.h"

#include <linux/rtnetlink.h>

#include "unit.h"

static void builds_nested_attributes(void **state)
{
	static const unsigned char want[] = {
		44, 0, 0, 0, 16, 0, 5, 4, 0, 0, 0, 0, 0, 0, 0, 0, /* length, type, flags, number, port */
		2, 0, 0, 0,					   /* the family's header */
		6, 0, 3, 0, 'x', 0, 0, 0,			   /* a name, padded */
		16, 0, 18, 0x80, 5, 0, 1, 0, 7, 0, 0, 0, 4, 0, 2, 0,	   /* in a nest: a byte, and nothing */
	};
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	size_t nest;

	(void)state;
	nl_begin(&m, 16, NLM_F_ACK | NLM_F_CREATE, "\2\0\0\0", 4);
	nl_put_str(&m, 3, "x");
	nest = nl_nest(&m, 18);
	nl_put_u8(&m, 1, 7);
	nl_put(&m, 2, NULL, 0);
	nl_end(&m, nest);
	assert_int_equal(m.bytes.len, sizeof(want));
	assert_memory_equal(m.bytes.at, want, sizeof(want));
}

static void numbers_in_network_order(void **state)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };

	(void)state;
	nl_begin(&m, 16, 0, NULL, 0);
	nl_put_be16(&m, 1, 0x1234);
	nl_put_be32(&m, 2, 0x12345678);
	assert_memory_equal(m.bytes.at + 16, "\6\0\1\0\x12\x34\0\0\10\0\2\0\x12\x34\x56\x78", 16);
}

static struct nl_span span(const char *at, size_t len)
{
	return (struct nl_span){ at, len };
}

static void attributes_end_where_they_stop_making_sense(void **state)
{
	static const struct {
		const char *bytes;
		size_t len, attrs;
	} rows[] = {
		{ "", 0, 0 },
		{ "\5\0\1\0x\0\0\0\4\0\2\0", 12, 2 },
		{ "\5\0\1\0x", 5, 1 },		   /* without its padding */
		{ "\3\0\1\0", 4, 0 },		   /* shorter than its own header */
		{ "\xff\0\1\0x\0\0\0", 8, 0 },	   /* longer than what is there */
		{ "\4\0\1\0\4\0", 6, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct nl_span rest = span(rows[i].bytes, rows[i].len);
		struct nl_attr attr;
		size_t n = 0;

		while (nl_next(&rest, &attr))
			n++;
		assert_int_equal(n, rows[i].attrs);
	}
}

static void values_are_what_they_are_asked_for(void **state)
{
	uint32_t v = 1;

	(void)state;
	assert_int_equal(nl_u32(span("\1\2\0\0", 4)), 0x201);
	assert_int_equal(nl_u32(span("\1\2\0", 3)), 0);
	assert_int_equal(nl_u32(span(NULL, 0)), 0);
	assert_false(nl_get(span("x", 1), &v, 4));
	assert_int_equal(v, 0);
	assert_string_equal(nl_str(span("eth0", 5)), "eth0");
	assert_null(nl_str(span("eth0", 4)));
	assert_null(nl_str(span("", 0)));
}

/* RTM_NEWLINK for a name that is taken, as Linux 6.18 answered it. */
#define REFUSED                                                                                              \
	"\x24\0\0\0\x02\0\0\1\7\0\0\0\x10\x20\0\0"  /* NLMSG_ERROR, NLM_F_CAPPED, number 7 */ \
	"\xef\xff\xff\xff\x34\0\0\0\x10\0\5\6\7\0\0\0\0\0\0\0"
#define WORDED                                                                                               \
	"\x40\0\0\0\x02\0\0\3\7\0\0\0\x10\x20\0\0" /* and NLM_F_ACK_TLVS */                            \
	"\xea\xff\xff\xff\x34\0\0\0\x10\0\5\6\7\0\0\0\0\0\0\0"                                               \
	"\x19\0\1\0Unknown device type.\0\0\0\0"
#define ACK(n) "\x24\0\0\0\x02\0\0\1" n "\0\0\0\x10\x20\0\0\0\0\0\0\x34\0\0\0\x10\0\5\6" n "\0\0\0\0\0\0\0"
#define BYTES(s) span(s, sizeof(s) - 1)

static void failures_have_the_kernels_words(void **state)
{
	struct nl n = { .fd = -1, .seq = 7, .awaits = 7 };
	struct err e;

	(void)state;
	assert_int_equal(nl_digest(&n, 7, BYTES(REFUSED), NULL, NULL), -EEXIST);
	assert_string_equal(n.words, "");
	assert_int_equal(nl_digest(&n, 7, BYTES(WORDED), NULL, NULL), -EINVAL);
	assert_string_equal(n.words, "Unknown device type.");
	assert_int_equal(nl_fail(&n, -EINVAL, &e, "make %s", "x0"), -EINVAL);
	assert_string_equal(e.msg, "make x0: Invalid argument; the kernel says: Unknown device type.");
}

static void a_batch_ends_with_the_last_answer_it_gets(void **state)
{
	struct nl n = { .fd = -1, .seq = 9, .awaits = 8 };

	(void)state;
	assert_int_equal(nl_digest(&n, 6, BYTES(ACK("\7")), NULL, NULL), 0);
	assert_int_equal(nl_digest(&n, 6, BYTES(ACK("\10")), NULL, NULL), 1);
	assert_int_equal(nl_digest(&n, 6, BYTES(ACK("\7") ACK("\10")), NULL, NULL), 1);
	assert_int_equal(nl_digest(&n, 6, BYTES(REFUSED), NULL, NULL), -EEXIST);
	assert_int_equal(nl_digest(&n, 8, BYTES(REFUSED), NULL, NULL), 0); /* of an earlier one */
}

static int count(void *data, unsigned type, struct nl_span body)
{
	assert_int_equal(type, RTM_NEWADDR);
	assert_int_equal(body.len, 4);
	return ++*(int *)data > 2 ? -E2BIG : 0;
}

static void lists_end_with_done(void **state)
{
	static const char item[] = "\x14\0\0\0\x14\0\2\0\7\0\0\0\x10\x20\0\0abcd", done[] = "\x14\0\0\0\3\0\2\0\7\0\0\0\x10\x20\0\0\0\0\0\0",
			  changed[] = "\x14\0\0\0\x14\0\x12\0\7\0\0\0\x10\x20\0\0abcd";
	struct nl n = { .fd = -1, .seq = 7, .awaits = 7 };
	int seen = 0;

	(void)state;
	assert_int_equal(nl_digest(&n, 7, BYTES(item), count, &seen), 0);
	assert_int_equal(nl_digest(&n, 7, BYTES(done), count, &seen), 1);
	assert_int_equal(seen, 1);
	assert_int_equal(nl_digest(&n, 7, BYTES(changed), count, &seen), 0); /* the rest has to be read all the same */
	assert_int_equal(nl_digest(&n, 7, BYTES(done), count, &seen), -EINTR);
	n.torn = false;
	seen = 2;
	assert_int_equal(nl_digest(&n, 7, BYTES(item), count, &seen), -E2BIG);
}

static void refuses_what_is_cut(void **state)
{
	struct nl n = { .fd = -1, .seq = 7, .awaits = 7 };

	(void)state;
	assert_int_equal(nl_digest(&n, 7, span(REFUSED, 35), NULL, NULL), -EPROTO);
	assert_int_equal(nl_digest(&n, 7, BYTES("\4\0\0\0\2\0\0\1\7\0\0\0\x10\x20\0\0"), NULL, NULL), -EPROTO);
	assert_int_equal(nl_digest(&n, 7, BYTES("\x14\0\0\0\2\0\0\1\7\0\0\0\x10\x20\0\0\xef\xff\xff\xff"), NULL, NULL), -EPROTO);
	assert_int_equal(nl_digest(&n, 7, BYTES("\x24\0\0\0\2\0\0\1\7\0\0\0\x10\x20\0\0\1\0\0\0\x34\0\0\0\x10\0\5\6\7\0\0\0\0\0\0\0"), NULL,
				   NULL),
			 -EPROTO); /* a positive errno */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_nested_attributes),
		cmocka_unit_test(numbers_in_network_order),
		cmocka_unit_test(attributes_end_where_they_stop_making_sense),
		cmocka_unit_test(values_are_what_they_are_asked_for),
		cmocka_unit_test(failures_have_the_kernels_words),
		cmocka_unit_test(a_batch_ends_with_the_last_answer_it_gets),
		cmocka_unit_test(lists_end_with_done),
		cmocka_unit_test(refuses_what_is_cut),
	};

	return RUN(tests);
}
