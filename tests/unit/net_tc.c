/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of traffic control, byte by byte, as Linux 6.18 took them. */
#include "net/tc.h"

#include <linux/pkt_cls.h>

#include "unit.h"

enum { HEAD = 16 };

/* Without the header of netlink but for the message's type and flags. */
static void same(struct nl_msg *m, unsigned type, unsigned flags, const void *want, size_t len)
{
	uint16_t got[2];

	memcpy(got, m->bytes.at + 4, sizeof(got));
	assert_int_equal(got[0], type);
	assert_int_equal(got[1], flags);
	assert_int_equal(m->bytes.len - HEAD, len);
	assert_memory_equal(m->bytes.at + HEAD, want, len);
	m->bytes.len = m->start = 0;
}
#define SAME(m, type, flags, bytes) same(m, type, flags, bytes, sizeof(bytes) - 1)

/* struct tcmsg: interface 7; its handle, its parent, its information */
#define TCM(handle, parent, info) "\0\0\0\0\7\0\0\0" handle parent info
#define NONE "\0\0\0\0"
#define ROOT "\xff\xff\xff\xff"
#define HOOK "\xf1\xff\xff\xff"
#define RATE(linklayer, bytes) "\0" linklayer "\0\0\0\0\0\0" bytes
#define TBF "\x08\0\1\0tbf\0"

static void shapers(void **state)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };

	(void)state;
	net_tc_put_shaper(&m, 7, &(struct net_shape){ 0x01020304, 0x11, 0x22 });
	SAME(&m, 36, 0x505, TCM(NONE, ROOT, NONE) TBF "\x34\0\2\x80\x28\0\1\0" RATE("\1", "\4\3\2\1") RATE("\0", NONE)
	     "\x22\0\0\0" NONE NONE "\x08\0\6\0\x11\0\0\0");
	net_tc_put_shaper(&m, 7, &(struct net_shape){ 0x100000002, 0x11, 0x22 });
	SAME(&m, 36, 0x505, TCM(NONE, ROOT, NONE) TBF "\x40\0\2\x80\x28\0\1\0" RATE("\1", "\xff\xff\xff\xff") RATE("\0", NONE)
	     "\x22\0\0\0" NONE NONE "\x08\0\6\0\x11\0\0\0" "\x0c\0\4\0\2\0\0\0\1\0\0\0");
	net_tc_ask_shaper(&m, 7);
	SAME(&m, 38, 0xd, TCM(NONE, ROOT, NONE));
	net_tc_drop_shaper(&m, 7);
	SAME(&m, 37, 5, TCM(NONE, ROOT, NONE));
}

static void hooks(void **state)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };

	(void)state;
	net_tc_put_hook(&m, 7);
	SAME(&m, 36, 0x605, TCM(NONE, HOOK, NONE) "\x0b\0\1\0clsact\0\0");
	net_tc_drop_hook(&m, 7);
	SAME(&m, 37, 5, TCM(NONE, HOOK, NONE));
}

static void filters(void **state)
{
	static const struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, TC_ACT_SHOT);
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };

	(void)state;
	net_tc_put_filter(&m, 7, &(struct net_filter){ .priority = 5, .program = &drop, .len = 1 });
	SAME(&m, 44, 0x405, TCM("\1\0\0\0", "\xf2\xff\xff\xff", "\0\3\5\0") "\x08\0\1\0bpf\0" "\x20\0\2\x80"
	     "\6\0\4\0\1\0\0\0" "\x0c\0\5\0\6\0\0\0\2\0\0\0" "\x08\0\x08\0\1\0\0\0");
	net_tc_put_filter(&m, 7, &(struct net_filter){ .priority = 5, .program = &drop, .len = 1, .redirect = 9 });
	SAME(&m, 44, 0x405, TCM("\1\0\0\0", "\xf2\xff\xff\xff", "\0\3\5\0") "\x08\0\1\0bpf\0" "\x50\0\2\x80"
	     "\6\0\4\0\1\0\0\0" "\x0c\0\5\0\6\0\0\0\2\0\0\0" "\x38\0\1\x80\x34\0\1\x80" "\x0b\0\1\0mirred\0\0"
	     "\x24\0\2\x80\x20\0\2\0" NONE NONE "\4\0\0\0" NONE NONE "\1\0\0\0\x09\0\0\0");
	net_tc_put_filter(&m, 7, &(struct net_filter){ .priority = 5, .loaded = 3 });
	SAME(&m, 44, 0x405, TCM("\1\0\0\0", "\xf2\xff\xff\xff", "\0\3\5\0") "\x08\0\1\0bpf\0" "\x14\0\2\x80"
	     "\x08\0\6\0\3\0\0\0" "\x08\0\x08\0\1\0\0\0");
}

/* RTM_NEWQDISC, as the kernel answers: of that kind, with numbers of these lengths. */
static struct nl_span answer(struct nl_msg *m, const char *kind, size_t basic, size_t queue, bool more_packets)
{
	static const uint64_t bytes_packets[] = { 0x100000002, 7 };
	static const uint32_t waiting[] = { 1, 2, 3, 4, 5, 6, 7 }; /* a kernel to come may say more */
	static const uint64_t packets = 0x200000007;
	size_t stats;

	m->bytes.len = m->start = 0;
	nl_begin(m, 36, 0, TCM(NONE, ROOT, NONE), 20);
	nl_put_str(m, 1, kind);
	stats = nl_nest(m, 7);
	nl_put(m, 1, bytes_packets, basic);
	nl_put(m, 3, waiting, queue);
	if (more_packets)
		nl_put(m, 8, &packets, sizeof(packets));
	nl_end(m, stats);
	return (struct nl_span){ m->bytes.at + HEAD, m->bytes.len - HEAD };
}

static void statistics(void **state)
{
	auto_arena a = { 0 };
	struct nl_msg m = { .bytes.arena = &a };
	struct net_flow f = { 0 };

	(void)state;
	assert_true(net_tc_read_shaper(36, answer(&m, "tbf", 12, 20, false), &f));
	assert_true(f.bytes == 0x100000002 && f.packets == 7 && f.dropped == 3 && f.delayed == 5);
	assert_true(net_tc_read_shaper(36, answer(&m, "tbf", 16, 28, true), &f));
	assert_true(f.packets == 0x200000007 && f.dropped == 3 && f.delayed == 5);
	assert_true(net_tc_read_shaper(36, answer(&m, "tbf", 4, 8, false), &f));
	assert_true(f.bytes == 2 && !f.packets && !f.dropped && !f.delayed);
	assert_false(net_tc_read_shaper(36, answer(&m, "noqueue", 12, 20, false), &f));
	assert_false(net_tc_read_shaper(16, answer(&m, "tbf", 12, 20, false), &f));
	assert_false(net_tc_read_shaper(36, (struct nl_span){ "x", 1 }, &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapers),
		cmocka_unit_test(hooks),
		cmocka_unit_test(filters),
		cmocka_unit_test(statistics),
	};

	return RUN(tests);
}
